/* SPDX-License-Identifier: MIT */
/* layout.c - the formatter of `kida fmt`: tidies the blanks inside tags, then indents line by line
 * after the statements. It cuts tags as the lexer does (strings may hold closers, raw text is no
 * tag) but parses nothing: what does not compile is laid out as well as it can be. */
#include "layout.h"

#include <string.h>

#define DEPTH_SHOWN 100 /* deeper lines stay at this depth: output must not grow without bound */
#define NEST_MAX 100000
#define SIZE_MAX_OUT ((size_t)256 << 20)

/* ---- tags ------------------------------------------------------------------------------------ */

typedef enum tag_kind { TAG_NONE, TAG_OUTPUT, TAG_STATEMENT, TAG_COMMENT } tag_kind;

/* A tag of the text: [start, end), with what stands between the delimiters and the trim markers. */
typedef struct tag {
    tag_kind kind;
    size_t start, end;
    size_t inner, inner_end;
} tag;

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
starts_at(kida_str text, size_t at, const char *what)
{
    size_t len = strlen(what);
    return at <= text.len && text.len - at >= len && memcmp(text.ptr + at, what, len) == 0;
}

/* Behind the string that opens at `at`, or the end of the text if it is never closed. */
static size_t
skip_string(kida_str text, size_t at)
{
    char quote = text.ptr[at++];
    while (at < text.len && text.ptr[at] != quote)
        at += text.ptr[at] == '\\' && at + 1 < text.len ? 2 : 1;
    return at < text.len ? at + 1 : text.len;
}

/* Where the closing delimiter of a tag stands, or text.len. */
static size_t
find_closer(kida_str text, size_t at, tag_kind kind)
{
    const char *closer = kind == TAG_OUTPUT ? "}}" : kind == TAG_STATEMENT ? "%}" : "#}";
    while (at < text.len && !starts_at(text, at, closer)) {
        bool quoted = kind != TAG_COMMENT && (text.ptr[at] == '\'' || text.ptr[at] == '"');
        at = quoted ? skip_string(text, at) : at + 1;
    }
    return at;
}

/* The first tag at or behind `at`; one that is never closed counts as text. */
static tag
next_tag(kida_str text, size_t at)
{
    tag t = { TAG_NONE, text.len, text.len, text.len, text.len };
    for (; at + 1 < text.len; at++) {
        if (text.ptr[at] != '{')
            continue;
        char second = text.ptr[at + 1];
        tag_kind kind = second == '{'   ? TAG_OUTPUT
                        : second == '%' ? TAG_STATEMENT
                        : second == '#' ? TAG_COMMENT
                                        : TAG_NONE;
        if (kind == TAG_NONE)
            continue;
        size_t inner = at + 2;
        if (inner < text.len && text.ptr[inner] == '-')
            inner++;
        size_t closer = find_closer(text, inner, kind);
        if (closer >= text.len)
            return t;
        size_t inner_end = closer;
        if (inner_end > inner && text.ptr[inner_end - 1] == '-')
            inner_end--;
        return (tag){ kind, at, closer + 2, inner, inner_end };
    }
    return t;
}

/* The first word of a statement. */
static kida_str
word_of(kida_str text, const tag *t)
{
    size_t at = t->inner;
    while (at < t->inner_end && is_blank(text.ptr[at]))
        at++;
    size_t end = at;
    while (end < t->inner_end && is_letter(text.ptr[end]))
        end++;
    return (kida_str){ text.ptr + at, end - at };
}

static bool
is_word(kida_str word, const char *name)
{
    return word.len == strlen(name) && memcmp(word.ptr, name, word.len) == 0;
}

/* The endraw tag that opens at `at`, if there is one. */
static bool
endraw_at(kida_str text, size_t at, tag *out)
{
    static const char name[] = "endraw";
    size_t inner = at + 2;
    if (inner < text.len && text.ptr[inner] == '-')
        inner++;
    size_t end = inner;
    while (end < text.len && is_blank(text.ptr[end]))
        end++;
    if (!starts_at(text, end, name))
        return false;
    end += sizeof(name) - 1;
    while (end < text.len && is_blank(text.ptr[end]))
        end++;
    size_t closer = end < text.len && text.ptr[end] == '-' ? end + 1 : end;
    if (!starts_at(text, closer, "%}"))
        return false;
    *out = (tag){ TAG_STATEMENT, at, closer + 2, inner, end };
    return true;
}

/* The tag behind t; what stands in a raw statement holds none. */
static tag
tag_behind(kida_str text, const tag *t)
{
    if (t->kind != TAG_STATEMENT || !is_word(word_of(text, t), "raw"))
        return next_tag(text, t->end);
    tag closer = { TAG_NONE, text.len, text.len, text.len, text.len };
    for (size_t at = t->end; at + 1 < text.len; at++) {
        if (text.ptr[at] == '{' && text.ptr[at + 1] == '%' && endraw_at(text, at, &closer))
            break;
    }
    return closer;
}

/* ---- step one: blanks inside tags ------------------------------------------------------------ */

static void
put_part(kida_buf *out, kida_str text, size_t from, size_t to)
{
    if (to > from)
        kida_buf_put(out, (kida_str){ text.ptr + from, to - from });
}

/* Blanks beside a delimiter become one; those that hold a line break are a layout of their own. */
static void
put_gap(kida_buf *out, kida_str text, size_t from, size_t to)
{
    if (to > from && memchr(text.ptr + from, '\n', to - from) != NULL)
        put_part(out, text, from, to);
    else
        kida_buf_byte(out, ' ');
}

static void
put_tag(kida_buf *out, kida_str text, const tag *t)
{
    size_t from = t->inner, to = t->inner_end;
    while (from < to && is_blank(text.ptr[from]))
        from++;
    while (to > from && is_blank(text.ptr[to - 1]))
        to--;
    bool drawn = t->kind == TAG_COMMENT && to > from &&
                 (text.ptr[from] == '#' || text.ptr[to - 1] == '#'); /* a line of ##### */
    if (drawn) {
        put_part(out, text, t->start, t->end);
        return;
    }
    put_part(out, text, t->start, t->inner);
    put_gap(out, text, t->inner, from);
    put_part(out, text, from, to);
    if (to > from)
        put_gap(out, text, to, t->inner_end);
    put_part(out, text, t->inner_end, t->end);
}

static void
tidy_tags(kida_str text, kida_buf *out)
{
    size_t at = 0;
    tag t = next_tag(text, 0);
    while (t.kind != TAG_NONE) {
        put_part(out, text, at, t.start);
        put_tag(out, text, &t);
        at = t.end;
        t = tag_behind(text, &t);
    }
    put_part(out, text, at, text.len);
}

/* ---- step two: indentation ------------------------------------------------------------------- */

/* Statements with a body; those marked 1 indent it. */
static const struct {
    const char *word;
    unsigned char grows;
} openers[] = {
    { "if", 1 },     { "for", 1 },      { "block", 1 },   { "while", 1 },   { "with", 1 },
    { "def", 1 },    { "region", 1 },   { "call", 1 },    { "capture", 1 }, { "cache", 1 },
    { "filter", 1 }, { "match", 1 },    { "spaceless", 1 }, { "embed", 1 }, { "raw", 1 },
    { "push", 1 },   { "globals", 1 },  { "imports", 1 }, { "unless", 1 },  { "fragment", 1 },
    { "async", 1 },  { "try", 0 },      { "slot", 0 },    { "provide", 0 }, { "trans", 0 },
};

/* One open statement: a letter each, in a text that grows. */
enum { NEST_FLAT = 'f', NEST_GROWS = 'g', NEST_CALL_FLAT = 'c', NEST_CALL_GROWS = 'C' };

typedef struct layouter {
    kida_str text;
    kida_buf *out;
    size_t step;
    char *nest; /* what is open, outermost first */
    size_t nest_count;
    size_t depth;
    tag tag;         /* the first that does not end before the current line */
    size_t scanned;  /* inside tag: up to where quotes were followed */
    char quote;      /* the string that is open at scanned, or 0 */
    bool gap;        /* blank lines were left out before this one */
} layouter;

static bool
has_body(const layouter *l, kida_str word, const tag *t, bool *grows)
{
    for (size_t i = 0; i < sizeof(openers) / sizeof(openers[0]); i++) {
        if (!is_word(word, openers[i].word))
            continue;
        *grows = openers[i].grows != 0;
        if (!is_word(word, "slot"))
            return true;
        /* A slot has a body directly in a call, or with bindings (language, section 3.10). */
        char top = l->nest_count > 0 ? l->nest[l->nest_count - 1] : 0;
        if (top == NEST_CALL_FLAT || top == NEST_CALL_GROWS)
            return true;
        for (size_t at = t->inner; at + 4 <= t->inner_end; at++) {
            if (starts_at(l->text, at, "let:"))
                return true;
        }
        return false;
    }
    return false;
}

static bool
nest_grows(const layouter *l)
{
    char top = l->nest_count > 0 ? l->nest[l->nest_count - 1] : 0;
    return top == NEST_GROWS || top == NEST_CALL_GROWS;
}

static bool
is_middle(kida_str word)
{
    return is_word(word, "else") || is_word(word, "elif") || is_word(word, "empty") ||
           is_word(word, "case");
}

/* How the statements of one line move it and the lines behind it. */
typedef struct effect {
    size_t depth_here;
    size_t tags;     /* statements seen on this line */
    bool leading;    /* nothing but closers so far */
} effect;

static void
apply_statement(layouter *l, const tag *t, effect *e)
{
    kida_str word = word_of(l->text, t);
    bool is_first = e->tags++ == 0, grows = false;

    if (word.len >= 3 && memcmp(word.ptr, "end", 3) == 0) {
        if (l->nest_count > 0) {
            if (nest_grows(l) && l->depth > 0)
                l->depth--;
            l->nest_count--;
        }
        if (e->leading)
            e->depth_here = l->depth;
        return;
    }
    if (is_middle(word)) {
        if (e->leading && is_first && nest_grows(l) && l->depth > 0)
            e->depth_here = l->depth - 1;
    } else if (has_body(l, word, t, &grows) && l->nest_count < NEST_MAX) {
        bool indents = grows && is_first;
        bool is_call = is_word(word, "call");
        l->nest[l->nest_count++] = indents ? (is_call ? NEST_CALL_GROWS : NEST_GROWS)
                                           : (is_call ? NEST_CALL_FLAT : NEST_FLAT);
        l->depth += indents ? 1 : 0;
    }
    e->leading = false;
}

/* Follows the quotes of the current tag up to `to`; true: a string is open there. */
static bool
in_string_at(layouter *l, size_t to)
{
    if (l->tag.kind == TAG_NONE || l->tag.kind == TAG_COMMENT || to <= l->tag.start ||
        to >= l->tag.end)
        return false;
    if (l->scanned < l->tag.inner) {
        l->scanned = l->tag.inner;
        l->quote = 0;
    }
    for (; l->scanned < to; l->scanned++) {
        char c = l->text.ptr[l->scanned];
        if (l->quote != 0 && c == '\\')
            l->scanned++;
        else if (l->quote != 0)
            l->quote = c == l->quote ? 0 : l->quote;
        else if (c == '\'' || c == '"')
            l->quote = c;
    }
    return l->quote != 0;
}

static void
put_line(layouter *l, size_t from, size_t to, size_t depth)
{
    if (l->gap)
        kida_buf_byte(l->out, '\n');
    l->gap = false;
    kida_buf_fill(l->out, ' ', (depth < DEPTH_SHOWN ? depth : DEPTH_SHOWN) * l->step);
    put_part(l->out, l->text, from, to);
    kida_buf_byte(l->out, '\n');
}

static void
lay_line(layouter *l, size_t start, size_t end)
{
    size_t from = start, to = end;
    bool inside = in_string_at(l, start); /* the line begins in a string: it stays as it is */
    while (!inside && from < to && is_blank(l->text.ptr[from]))
        from++;

    effect e = { l->depth, 0, l->tag.start >= start };
    size_t plain = from; /* behind the tags that lead the line */
    while (l->tag.kind != TAG_NONE && l->tag.start < end) {
        if (l->tag.start >= start && l->tag.kind == TAG_STATEMENT) {
            while (plain < l->tag.start && is_blank(l->text.ptr[plain]))
                plain++;
            e.leading = e.leading && plain == l->tag.start;
            apply_statement(l, &l->tag, &e);
            plain = l->tag.end;
        }
        if (l->tag.end > end)
            break; /* it goes on in the next line */
        l->tag = tag_behind(l->text, &l->tag);
        l->scanned = 0;
    }
    bool open = in_string_at(l, end); /* blanks at the end belong to a string */
    while (!open && to > from && is_blank(l->text.ptr[to - 1]))
        to--;
    if (from == to && !inside && !open)
        l->gap = true;
    else
        put_line(l, from, to, inside ? 0 : e.depth_here);
}

static void
indent(kida_str text, size_t step, char *nest, kida_buf *out)
{
    layouter l = { .text = text, .out = out, .step = step, .nest = nest };
    l.tag = next_tag(text, 0);
    for (size_t at = 0; at < text.len;) {
        const char *stop = memchr(text.ptr + at, '\n', text.len - at);
        size_t end = stop != NULL ? (size_t)(stop - text.ptr) : text.len;
        lay_line(&l, at, end);
        at = end + 1;
    }
}

kida_status
layout(kida_str text, size_t step, kida_buf *out)
{
    kida_buf tidy;
    kida_pool *pool = kida_pool_new(NULL, 0);
    char *nest = pool != NULL ? kida_pool_alloc(pool, NEST_MAX) : NULL;
    kida_status st = KIDA_E_NOMEM;

    kida_buf_init_heap(&tidy, NULL, SIZE_MAX_OUT);
    if (nest != NULL) {
        tidy_tags(text, &tidy);
        st = kida_buf_status(&tidy);
    }
    if (st == KIDA_OK) {
        indent(kida_buf_str(&tidy), step, nest, out);
        st = kida_buf_status(out);
    }
    kida_buf_free(&tidy);
    kida_pool_free(pool);
    return st;
}
