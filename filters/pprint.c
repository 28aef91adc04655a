/* SPDX-License-Identifier: MIT */
/* pprint.c - values laid out for reading: on one line where they fit, else one item a line. */
#include <string.h>

#include <kida/unicode.h>

#include "builtins.h"
#include "text.h"

#define WIDTH 80

/* Containers nested more deeply are printed on one line, whatever its length. */
#define DEPTH_MAX 64

typedef struct entry {
    kida_value key;  /* of a dict, or an item of a sequence or set */
    kida_value item; /* of a dict */
} entry;

/* A container being printed and those around it. */
typedef struct level {
    const struct level *up;
    kida_value v;
    unsigned depth; /* 1 for the value itself */
} level;

typedef struct printer {
    kida_call *call;
    kida_buf buf;
} printer;

/* A line on trial: what would be printed, as long as there is room. */
typedef struct trial {
    kida_call *call;
    kida_buf buf;
    size_t room; /* code points left */
    bool fits;
} trial;

static bool
is_list_like(kida_value v)
{
    return kida_kind_of(v) == KIDA_LIST || kida_kind_of(v) == KIDA_TUPLE;
}

/* What stands for a container inside itself; NULL if v is not one of those around. */
static const char *
ellipsis(kida_value v, const level *up)
{
    for (; up != NULL; up = up->up) {
        if (kida_identical(up->v, v))
            return kida_kind_of(v) == KIDA_DICT    ? "{...}"
                   : kida_kind_of(v) == KIDA_TUPLE ? "(...)"
                                                   : "[...]";
    }
    return NULL;
}

/* ---- order of keys --------------------------------------------------------------------------- */

/* Python's name of a key's class: what orders keys that can't be compared. */
static kida_str
class_name(kida_value v)
{
    return kida_kind_of(v) == KIDA_NONE ? KIDA_S("NoneType") : kida_str_from(kida_kind_name(v));
}

static bool
is_number(kida_value v)
{
    kida_kind kind = kida_kind_of(v);
    return kind == KIDA_BOOL || kind == KIDA_INT || kind == KIDA_BIGINT || kind == KIDA_FLOAT;
}

static int
compare_text(kida_str a, kida_str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;
    return order != 0 ? order : a.len < b.len ? -1 : a.len > b.len;
}

/* Natural order where there is one, else by the name of the class: never fails. */
static kida_status
key_order(kida_call *call, kida_value a, kida_value b, unsigned depth, int *out)
{
    *out = 0;
    if (is_number(a) && is_number(b))
        return kida_compare(call, a, b, out);
    if (kida_kind_of(a) == KIDA_STRING && kida_kind_of(b) == KIDA_STRING) {
        *out = compare_text(kida_as_str(a), kida_as_str(b));
        return KIDA_OK;
    }
    if (kida_kind_of(a) == KIDA_TUPLE && kida_kind_of(b) == KIDA_TUPLE && depth < DEPTH_MAX) {
        size_t count_a = kida_length(a), count_b = kida_length(b);
        kida_status st = kida_spend(call, 1); /* tuples that share parts can take for ever */
        for (size_t i = 0; i < count_a && i < count_b && st == KIDA_OK && *out == 0; i++)
            st = key_order(call, kida_item_at(a, i), kida_item_at(b, i), depth + 1, out);
        if (*out == 0)
            *out = count_a < count_b ? -1 : count_a > count_b;
        return st;
    }
    *out = compare_text(class_name(a), class_name(b));
    return KIDA_OK;
}

/* Merges the sorted runs [from, mid) and [mid, to) of in. */
static kida_status
merge(kida_call *call, const entry *in, size_t from, size_t mid, size_t to, entry *out)
{
    size_t left = from, right = mid;

    for (size_t at = from; at < to; at++) {
        int order = left < mid ? 0 : 1;
        if (left < mid && right < to) {
            kida_status st = key_order(call, in[left].key, in[right].key, 0, &order);
            if (st != KIDA_OK)
                return st;
        }
        out[at] = left < mid && (right == to || order <= 0) ? in[left++] : in[right++];
    }
    return KIDA_OK;
}

/* Sorts by key, stable. spare is as long as entries; the result is in either. */
static kida_status
sort_entries(kida_call *call, entry **entries, entry *spare, size_t count)
{
    entry *in = *entries, *out = spare;

    for (size_t run = 1; run < count; run *= 2) {
        kida_status st = kida_spend(call, count);
        for (size_t from = 0; from < count && st == KIDA_OK;) {
            size_t mid = count - from > run ? from + run : count;
            size_t to = count - mid > run ? mid + run : count;
            st = merge(call, in, from, mid, to, out);
            from = to;
        }
        if (st != KIDA_OK)
            return st;
        entry *done = out;
        out = in;
        in = done;
        if (run > count / 2)
            break;
    }
    *entries = in;
    return KIDA_OK;
}

/* Entries of a dict or items of a set, sorted. NULL for a list or tuple, which is read in place. */
static kida_status
collect(kida_call *call, kida_value v, entry **out, size_t *out_count)
{
    size_t count = kida_length(v);
    kida_value list;
    kida_status st = kida_spend(call, count);

    *out = NULL;
    *out_count = count;
    if (st != KIDA_OK || count == 0 || is_list_like(v))
        return st;
    if (kida_kind_of(v) == KIDA_SET) {
        st = kida_to_list(call, v, &list);
        if (st != KIDA_OK)
            return st;
    }
    entry *entries = count <= SIZE_MAX / (2 * sizeof(entry))
                         ? kida_pool_alloc(kida_call_pool(call), 2 * count * sizeof(entry))
                         : NULL;
    if (entries == NULL)
        return kida_fail(call, KIDA_E_LIMIT_MEMORY, "the render needs too much memory");

    for (size_t i = 0; i < count; i++) {
        entries[i].item = kida_none();
        if (kida_kind_of(v) == KIDA_SET)
            entries[i].key = kida_item_at(list, i);
        else if (!kida_dict_entry(v, i, &entries[i].key, &entries[i].item))
            count = i;
    }
    *out = entries;
    *out_count = count;
    return sort_entries(call, out, entries + count, count);
}

static entry
entry_at(kida_value v, const entry *entries, size_t index)
{
    return entries != NULL ? entries[index] : (entry){ kida_item_at(v, index), kida_none() };
}

/* ---- one line -------------------------------------------------------------------------------- */

static void
try_put(trial *t, kida_str text)
{
    size_t count = kida_utf8_count(text);
    if (count > t->room) {
        t->fits = false;
        return;
    }
    t->room -= count;
    kida_buf_put(&t->buf, text);
}

static kida_status try_value(trial *t, kida_value v, const level *up);

static kida_status
try_items(trial *t, kida_value v, const level *up)
{
    entry *entries;
    size_t count = kida_length(v);
    bool dict = kida_kind_of(v) == KIDA_DICT;
    kida_status st = KIDA_OK;

    /* An item takes three characters at least, so what does not fit is not even sorted. */
    if (count > t->room / 3 + 1) {
        t->fits = false;
        return KIDA_OK;
    }
    try_put(t, dict ? KIDA_S("{") : kida_kind_of(v) == KIDA_TUPLE ? KIDA_S("(") : KIDA_S("["));
    st = collect(t->call, v, &entries, &count);
    for (size_t i = 0; i < count && st == KIDA_OK && t->fits; i++) {
        entry e = entry_at(v, entries, i);
        if (i > 0)
            try_put(t, KIDA_S(", "));
        st = try_value(t, e.key, up);
        if (!dict || st != KIDA_OK)
            continue;
        try_put(t, KIDA_S(": "));
        st = try_value(t, e.item, up);
    }
    try_put(t, dict                            ? KIDA_S("}")
               : kida_kind_of(v) != KIDA_TUPLE ? KIDA_S("]")
               : count == 1                    ? KIDA_S(",)")
                                               : KIDA_S(")"));
    return st;
}

/* Puts v on the line; leaves t->fits false, and the rest unwritten, as soon as it gets too long. */
static kida_status
try_value(trial *t, kida_value v, const level *up)
{
    kida_kind kind = kida_kind_of(v);
    kida_str text;
    level here = { up, v, up != NULL ? up->depth + 1 : 1 };

    if (!t->fits)
        return KIDA_OK;
    if ((kind == KIDA_DICT || is_list_like(v)) && here.depth <= DEPTH_MAX) {
        const char *again = ellipsis(v, up);
        if (again == NULL)
            return try_items(t, v, &here);
        try_put(t, kida_str_from(again));
        return KIDA_OK;
    }
    /* No quoted text is shorter than its text, and no set shorter than three columns an item. */
    if ((kind == KIDA_STRING && kida_utf8_count(kida_as_str(v)) > t->room) ||
        (kind == KIDA_SET && kida_length(v) > t->room / 3 + 1)) {
        t->fits = false;
        return KIDA_OK;
    }
    kida_status st = kida_to_repr(t->call, v, &text);
    if (st == KIDA_OK)
        try_put(t, text);
    return st;
}

/* ---- long texts ------------------------------------------------------------------------------ */

/* Lays out the pieces of a long text; the first is held back until it is known whether it is the
 * only one. */
typedef struct pieces {
    printer *p;
    size_t column;
    bool top; /* in parentheses if there are several */
    size_t count;
    kida_str first;
} pieces;

static void
put_piece(pieces *all, kida_str quoted)
{
    kida_buf *buf = &all->p->buf;
    if (all->count++ == 0) {
        all->first = quoted;
        return;
    }
    if (all->count == 2) {
        if (all->top)
            kida_buf_byte(buf, '(');
        kida_buf_put(buf, all->first);
    }
    kida_buf_byte(buf, '\n');
    kida_buf_fill(buf, ' ', all->column);
    kida_buf_put(buf, quoted);
}

static void
end_pieces(pieces *all)
{
    if (all->count == 1)
        kida_buf_put(&all->p->buf, all->first);
    else if (all->top)
        kida_buf_byte(&all->p->buf, ')');
}

/* Code points that a text takes when quoted, kept so that texts can be joined: which quotes are
 * used, and so which are escaped, depends on the whole. */
typedef struct quoted_width {
    size_t base; /* without the quotes around, and none inside escaped */
    size_t single_quotes;
    size_t double_quotes;
} quoted_width;

static size_t
total_width(quoted_width w)
{
    bool both = w.single_quotes > 0 && w.double_quotes > 0;
    return w.base + 2 + (both ? w.single_quotes : 0);
}

static kida_status
measure_quoted(kida_call *call, kida_str text, quoted_width *out)
{
    kida_str quoted;
    kida_status st = kida_to_repr(call, kida_string(text), &quoted);

    *out = (quoted_width){ 0 };
    if (st != KIDA_OK)
        return st;
    for (size_t i = 0; i < text.len; i++) {
        out->single_quotes += text.ptr[i] == '\'';
        out->double_quotes += text.ptr[i] == '"';
    }
    out->base = kida_utf8_count(quoted) - total_width(*out);
    return KIDA_OK;
}

/* A word with the spaces behind it, at the start of text. */
static kida_str
take_word(kida_str *text)
{
    kida_str word = *text;
    const char *p = text->ptr;
    const char *end = p + text->len;
    bool spaces = false;

    while (p < end) {
        const char *next = p;
        bool space = kida_unicode_is_space(kida_utf8_next(&next, end));
        if (spaces && !space)
            break;
        spaces = space;
        p = next;
    }
    word.len = (size_t)(p - word.ptr);
    text->ptr = p;
    text->len = (size_t)(end - p);
    return word;
}

static kida_status
flush_piece(pieces *all, kida_str piece)
{
    kida_str quoted;
    if (piece.len == 0)
        return KIDA_OK;
    kida_status st = kida_to_repr(all->p->call, kida_string(piece), &quoted);
    if (st == KIDA_OK)
        put_piece(all, quoted);
    return st;
}

/* One line of a long text, itself too long: as many words as fit to a piece. less is what the last
 * piece must leave free. */
static kida_status
layout_words(pieces *all, kida_str line, size_t width, size_t less)
{
    kida_str piece = { line.ptr, 0 };
    quoted_width have = { 0 };
    kida_status st = KIDA_OK;

    while (line.len > 0 && st == KIDA_OK) {
        quoted_width word_width;
        kida_str word = take_word(&line);
        if (line.len == 0)
            width = width > less ? width - less : 0;
        st = measure_quoted(all->p->call, word, &word_width);
        if (st != KIDA_OK)
            break;
        quoted_width both = { have.base + word_width.base,
                              have.single_quotes + word_width.single_quotes,
                              have.double_quotes + word_width.double_quotes };
        if (total_width(both) > width) {
            st = flush_piece(all, piece);
            piece = word;
            have = word_width;
        } else {
            piece.len += word.len;
            have = both;
        }
    }
    return st == KIDA_OK ? flush_piece(all, piece) : st;
}

/* A text that does not fit: cut behind its line breaks and, where need be, into words. */
static kida_status
layout_text(printer *p, kida_str text, size_t column, size_t after, bool top)
{
    pieces all = { p, column + (top ? 1 : 0), top, 0, KIDA_S("") };
    kida_str rest = text;
    kida_str quoted;
    kida_status st = KIDA_OK;

    after += top ? 1 : 0;
    size_t width = all.column < WIDTH ? WIDTH - all.column : 0;
    while (rest.len > 0 && st == KIDA_OK && kida_buf_status(&p->buf) == KIDA_OK) {
        kida_str line = kd_text_take_line(&rest);
        size_t less = rest.len == 0 ? after : 0;
        st = kida_to_repr(p->call, kida_string(line), &quoted);
        if (st != KIDA_OK)
            break;
        if (kida_utf8_count(quoted) + less <= width)
            put_piece(&all, quoted);
        else
            st = layout_words(&all, line, width, less);
    }
    end_pieces(&all);
    return st;
}

/* ---- layout ---------------------------------------------------------------------------------- */

static kida_status layout(printer *p, kida_value v, size_t column, size_t after, const level *up);

static kida_status
layout_entry(printer *p, const entry *e, bool dict, size_t column, size_t after, const level *up)
{
    kida_str key;
    if (!dict)
        return layout(p, e->key, column, after, up);
    kida_status st = kida_to_repr(p->call, e->key, &key);
    if (st != KIDA_OK)
        return st;
    kida_buf_put(&p->buf, key);
    kida_buf_put(&p->buf, KIDA_S(": "));
    return layout(p, e->item, column + kida_utf8_count(key) + 2, after, up);
}

/* A container over several lines. column is where it starts, after what follows its end. */
static kida_status
layout_items(printer *p, kida_value v, size_t column, size_t after, const level *up)
{
    kida_kind kind = kida_kind_of(v);
    bool frozen = kind == KIDA_SET && kida_str_equal(class_name(v), KIDA_S("frozenset"));
    kida_str open = kind == KIDA_LIST    ? KIDA_S("[")
                    : kind == KIDA_TUPLE ? KIDA_S("(")
                    : frozen             ? KIDA_S("frozenset({")
                                         : KIDA_S("{");
    kida_str close = kind == KIDA_LIST    ? KIDA_S("]")
                     : kind == KIDA_TUPLE ? (kida_length(v) == 1 ? KIDA_S(",)") : KIDA_S(")"))
                     : frozen             ? KIDA_S("})")
                                          : KIDA_S("}");
    entry *entries;
    size_t count;
    kida_status st = collect(p->call, v, &entries, &count);

    column += open.len;
    kida_buf_put(&p->buf, open);
    for (size_t i = 0; st == KIDA_OK && i < count; i++) {
        if (kida_buf_status(&p->buf) != KIDA_OK)
            return KIDA_OK; /* reported at the end */
        if (i > 0) {
            kida_buf_put(&p->buf, KIDA_S(",\n"));
            kida_buf_fill(&p->buf, ' ', column);
        }
        entry e = entry_at(v, entries, i);
        st = layout_entry(p, &e, kind == KIDA_DICT, column, i + 1 < count ? 1 : after + close.len,
                          up);
    }
    kida_buf_put(&p->buf, close);
    return st;
}

/* Writes a list, tuple or dict on one line if that fits. */
static kida_status
layout_line(printer *p, kida_value v, size_t room, const level *up, bool *fits)
{
    trial t = { .call = p->call, .room = room, .fits = true };
    kida_buf_init(&t.buf, p->call);
    kida_status st = try_value(&t, v, up);

    *fits = t.fits;
    if (st != KIDA_OK || !t.fits)
        return st;
    if (kida_buf_status(&t.buf) != KIDA_OK)
        return kida_buf_finish(&t.buf, &v);
    kida_buf_put(&p->buf, kida_buf_str(&t.buf));
    return KIDA_OK;
}

/* Writes v at a column, with room for what comes after it on its last line. */
static kida_status
layout(printer *p, kida_value v, size_t column, size_t after, const level *up)
{
    kida_kind kind = kida_kind_of(v);
    level here = { up, v, up != NULL ? up->depth + 1 : 1 };
    size_t room = column + after < WIDTH ? WIDTH - column - after : 0;
    bool split = here.depth <= DEPTH_MAX && kida_length(v) > 0 && ellipsis(v, up) == NULL;
    bool fits = false;
    kida_str text;
    kida_status st;

    if (kind == KIDA_DICT || is_list_like(v)) {
        st = layout_line(p, v, room, up, &fits);
        if (st != KIDA_OK || fits)
            return st;
        if (split)
            return layout_items(p, v, column, after, &here);
    }
    st = kida_to_repr(p->call, v, &text);
    if (st != KIDA_OK)
        return st;
    if (kida_utf8_count(text) > room) {
        if (kind == KIDA_STRING && !kida_is_safe(v) && kida_as_str(v).len > 0)
            return layout_text(p, kida_as_str(v), column, after, up == NULL);
        if (kind == KIDA_SET && split)
            return layout_items(p, v, column, after, &here);
    }
    kida_buf_put(&p->buf, text);
    return KIDA_OK;
}

static kida_status
f_pprint(kida_call *call, kida_value self, kida_value *out)
{
    printer p = { .call = call };
    kida_buf_init(&p.buf, call);
    kida_status st = layout(&p, self, 0, 0, NULL);
    return st == KIDA_OK ? kida_buf_finish(&p.buf, out) : st;
}

const kida_filter kd_filters_pprint[] = {
    { "pprint", f_pprint, NULL, KIDA_PURE, "the value laid out for reading, at most 80 wide" },
};
const size_t kd_filters_pprint_count = sizeof(kd_filters_pprint) / sizeof(kd_filters_pprint[0]);
