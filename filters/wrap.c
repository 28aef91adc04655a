/* SPDX-License-Identifier: MIT */
/* wrap.c - wordwrap: text cut into chunks between which lines may break, chunks filled into lines.
 * One byte of classes stands for each character, so that looking around is cheap. */
#include <math.h>
#include <string.h>

#include <kida/unicode.h>

#include "builtins.h"
#include "text.h"
#include "wrap.h"

#define TAB_COLUMNS 8

/* What a character is to the rules of breaking. */
enum {
    SPACE = 1 << 0, /* a space, or what is turned into one: lines break here */
    BLANK = 1 << 1, /* any character that trimming takes for a space */
    HYPHEN = 1 << 2,
    LETTER = 1 << 3, /* of a word, but no decimal digit */
    WORD = 1 << 4,   /* letter, digit, underscore */
    EDGE = 1 << 5    /* a dash may follow: WORD and some punctuation */
};

typedef struct wrapper {
    const char *classes; /* one for each character */
    size_t count;
    const char *cursor; /* text of the first character that was neither written nor dropped */
    const char *end;
    size_t solid; /* nothing but blanks between the place last asked for and here */
    kida_buf *out;
    uint64_t width;
    bool fraction; /* width is no whole number: words can't be cut */
    bool cut_words;
    bool any_line;
} wrapper;

static unsigned
class_at(const wrapper *w, size_t at)
{
    return at < w->count ? (unsigned char)w->classes[at] : 0;
}

static unsigned
class_of(uint32_t cp)
{
    if (cp == ' ')
        return SPACE | BLANK;
    if (cp == '-')
        return HYPHEN;
    if (kida_unicode_is_word(cp))
        return WORD | EDGE | (kida_unicode_decimal(cp) < 0 ? LETTER : 0u);
    if (cp < 0x80 && memchr("!\"'&.,?", (int)cp, 7) != NULL)
        return EDGE;
    return kida_unicode_is_space(cp) ? BLANK : 0u;
}

/* Spreads tabs and turns the ASCII line breaks into spaces. */
static void
flatten(kida_buf *flat, kida_buf *classes, kida_str text)
{
    const char *p = text.ptr;
    const char *end = p + text.len;
    size_t column = 0;

    while (p < end) {
        const char *start = p;
        uint32_t cp = kida_utf8_next(&p, end);
        if (cp == '\t') {
            uint64_t width = TAB_COLUMNS - column % TAB_COLUMNS;
            kida_buf_fill(flat, ' ', width);
            kida_buf_fill(classes, SPACE | BLANK, width);
            column = 0;
        } else if (cp >= '\n' && cp <= '\r') {
            kida_buf_byte(flat, ' ');
            kida_buf_byte(classes, SPACE | BLANK);
            column = cp == '\n' || cp == '\r' ? 0 : column + 1;
        } else {
            kida_buf_put(flat, (kida_str){ start, (size_t)(p - start) });
            kida_buf_byte(classes, (char)class_of(cp));
            column++;
        }
    }
}

/* ---- chunks ---------------------------------------------------------------------------------- */

/* End of a dash of two or more hyphens at `at` that stands between words; `at` if there is none. */
static size_t
dash_end(const wrapper *w, size_t at)
{
    size_t end = at;
    if (at == 0 || !(class_at(w, at - 1) & EDGE))
        return at;
    while (class_at(w, end) & HYPHEN)
        end++;
    return end - at >= 2 && (class_at(w, end) & WORD) ? end : at;
}

/* Whether the hyphen at `at` joins two parts of a word that are long enough to be torn apart. */
static bool
is_joint(const wrapper *w, size_t at)
{
    if (!(class_at(w, at) & HYPHEN) || at < 2 || !(class_at(w, at - 1) & LETTER))
        return false;
    if (!(class_at(w, at - 2) & LETTER) &&
        !(at >= 3 && (class_at(w, at - 2) & HYPHEN) && (class_at(w, at - 3) & LETTER)))
        return false;
    if (!(class_at(w, at + 1) & LETTER))
        return false;
    return (class_at(w, at + 2) & LETTER) ||
           ((class_at(w, at + 2) & HYPHEN) && (class_at(w, at + 3) & LETTER));
}

/* End of the chunk that begins at `at`: a run of spaces, a dash, or a word or part of one. */
static size_t
chunk_end(const wrapper *w, size_t at)
{
    size_t end = at;

    if (class_at(w, at) & SPACE) {
        while (class_at(w, end) & SPACE)
            end++;
        return end;
    }
    end = dash_end(w, at);
    if (end > at)
        return end;
    for (end = at + 1; end < w->count && !(class_at(w, end) & SPACE); end++) {
        if (is_joint(w, end))
            return end + 1;
        if (dash_end(w, end) > end)
            break;
    }
    return end;
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* Whether [from, to) is blank. from only grows from call to call, so nothing is looked at twice. */
static bool
is_blank(wrapper *w, size_t from, size_t to)
{
    if (w->solid < from)
        w->solid = from;
    while (w->solid < to && (class_at(w, w->solid) & BLANK))
        w->solid++;
    return w->solid >= to;
}

/* Moves the cursor over count characters and gives their text. */
static kida_str
take(wrapper *w, size_t count)
{
    kida_str text = { w->cursor, (size_t)(w->end - w->cursor) };
    text.len = kd_text_offset(text, count);
    w->cursor += text.len;
    return text;
}

/* Where to cut a chunk that is longer than a line: behind its last hyphen that still fits, unless
 * only hyphens stand before that one. */
static size_t
cut_at(const wrapper *w, size_t from, size_t room)
{
    for (size_t hyphen = from + room; hyphen > from + 1; hyphen--) {
        if (!(class_at(w, hyphen - 1) & HYPHEN))
            continue;
        for (size_t i = from; i + 1 < hyphen; i++) {
            if (!(class_at(w, i) & HYPHEN))
                return hyphen;
        }
        break;
    }
    return from + room;
}

/* The line that starts with the chunk [start, chunk): last_* tell its last piece. */
typedef struct line {
    size_t start;
    size_t end;
    size_t last_start;
} line;

static void
put_line(wrapper *w, const line *l, size_t next)
{
    size_t end = l->end;
    if (l->last_start < end && is_blank(w, l->last_start, end))
        end = l->last_start;
    if (end > l->start) {
        if (w->any_line)
            kida_buf_byte(w->out, '\n');
        w->any_line = true;
        kida_buf_put(w->out, take(w, end - l->start));
        take(w, next - end);
    } else {
        take(w, next - l->start);
    }
}

static kida_status
fill_lines(kida_call *call, wrapper *w)
{
    size_t at = 0;
    size_t stop = chunk_end(w, 0); /* the chunk that comes next is [at, stop) */

    while (at < w->count && kida_buf_status(w->out) == KIDA_OK) {
        if (w->any_line && is_blank(w, at, stop)) {
            take(w, stop - at);
            at = stop;
            stop = at < w->count ? chunk_end(w, at) : at;
        }
        line l = { at, at, at };
        while (at < w->count && stop - l.start <= w->width) {
            l.last_start = at;
            at = l.end = stop;
            stop = at < w->count ? chunk_end(w, at) : at;
        }
        if (at < w->count && stop - at > w->width) {
            if (w->cut_words && w->fraction)
                return kida_fail_kind(call, KIDA_E_TYPE, "TypeError",
                                      "wordwrap() can't cut words at a fraction of a character");
            if (w->cut_words) {
                size_t room = (size_t)w->width - (at - l.start);
                l.last_start = at; /* an empty piece when the line is full: blanks before it stay */
                at = l.end = cut_at(w, at, room);
            } else if (at == l.start) {
                at = l.end = stop;
                stop = at < w->count ? chunk_end(w, at) : at;
            }
        }
        put_line(w, &l, at);
    }
    return KIDA_OK;
}

/* The width as a whole number, and whether it was one. */
static kida_status
read_width(kida_call *call, wrapper *w)
{
    kida_value v = kida_arg(call, 0);
    double width = 0;

    if (kida_kind_of(v) != KIDA_FLOAT) {
        int64_t whole = kida_arg_int(call, 0);
        w->width = whole > 0 ? (uint64_t)whole : 0;
    } else {
        width = kida_as_float(v);
        w->fraction = width != floor(width) || isnan(width);
        w->width = width >= 0x1p63 ? UINT64_MAX : width > 0 ? (uint64_t)width : 0;
    }
    if (w->width == 0 && !w->fraction)
        return kd_fail_value(call, "wordwrap() wants a width above 0");
    if (w->fraction && width <= 0)
        return kd_fail_value(call, "wordwrap() wants a width above 0");
    return KIDA_OK;
}

/* wordwrap: the whole text as lines of at most width characters. */
kida_status
kd_f_wordwrap(kida_call *call, kida_value self, kida_value *out)
{
    kida_buf flat, classes, lines;
    wrapper w = { .out = &lines, .cut_words = kida_arg_bool(call, 1) };
    kida_status st = read_width(call, &w);

    if (st == KIDA_OK)
        st = kd_text_spend(call, kd_text(self));
    if (st != KIDA_OK)
        return st;
    kida_buf_init(&flat, call);
    kida_buf_init(&classes, call);
    kida_buf_init(&lines, call);
    flatten(&flat, &classes, kd_text(self));
    if (kida_buf_status(&flat) != KIDA_OK)
        return kida_buf_finish(&flat, out);
    if (kida_buf_status(&classes) != KIDA_OK)
        return kida_buf_finish(&classes, out);

    w.classes = kida_buf_str(&classes).ptr;
    w.count = kida_buf_str(&classes).len;
    w.cursor = kida_buf_str(&flat).ptr;
    w.end = w.cursor + kida_buf_str(&flat).len;
    if (w.count > 0)
        st = fill_lines(call, &w);
    return st == KIDA_OK ? kida_buf_finish(&lines, out) : st;
}

const kida_param kd_wordwrap_params[] = {
    { "width", KIDA_IN_FLOAT, "79" },
    { "break_long_words", KIDA_IN_BOOL, "true" },
    { 0 },
};

const kida_filter kd_filters_wrap[] = {
    { "wordwrap", kd_f_wordwrap, kd_wordwrap_params, KIDA_PURE | KIDA_TEXT_IN,
      "text in lines of a width" },
};
const size_t kd_filters_wrap_count = sizeof(kd_filters_wrap) / sizeof(kd_filters_wrap[0]);
