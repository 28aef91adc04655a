/* SPDX-License-Identifier: MIT */
/* a11y.c - K-A11Y: accessibility of the HTML in a template's text. Each run of text is looked at
 * by itself, so a tag that an output interrupts is not seen: section 12.1. */
#include "analysis/report.h"

#include <string.h>

typedef struct a11y {
    kd_report *r;
    int heading;       /* level of the last one; 0: none yet */
    kd_dict *labelled; /* ids that a <label for> names */
    bool collecting;   /* first round: labels only */
    unsigned labels;   /* open at this place: what stands in a label is labelled */
    unsigned depth;
} a11y;

/* A tag in a text: its name and what stands between name and '>'. */
typedef struct tag {
    kida_str name;
    kida_str inside;
    const char *at;
    bool closes;
} tag;

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool
is_letter(char c)
{
    c = lower(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool
same_word(kida_str a, const char *b)
{
    kida_str word = kida_str_from(b);
    for (size_t i = 0; i < a.len && a.len == word.len; i++)
        if (lower(a.ptr[i]) != word.ptr[i])
            return false;
    return a.len == word.len;
}

/* Next tag of text from *at on. */
static bool
next_tag(kida_str text, size_t *at, tag *out)
{
    for (size_t i = *at; i < text.len; i++) {
        if (text.ptr[i] != '<')
            continue;
        bool closes = i + 1 < text.len && text.ptr[i + 1] == '/';
        size_t start = i + 1 + closes, end = start;
        if (start >= text.len || !is_letter(text.ptr[start]))
            continue;
        while (end < text.len && is_letter(text.ptr[end]))
            end++;
        const char *close = memchr(text.ptr + end, '>', text.len - end);
        if (!close)
            break;
        out->name = kd_str_sub(text, start, end);
        out->closes = closes;
        out->inside = kd_str_sub(text, end, (size_t)(close - text.ptr));
        out->at = text.ptr + i;
        *at = (size_t)(close - text.ptr) + 1;
        return true;
    }
    *at = text.len;
    return false;
}

/* Value of name="…" or name='…'; false: not there. */
static bool
attribute(const tag *t, const char *name, kida_str *value)
{
    kida_str in = t->inside, word = kida_str_from(name);
    for (size_t i = 0; i + word.len + 2 <= in.len; i++) {
        if (i > 0 && (is_letter(in.ptr[i - 1]) || in.ptr[i - 1] == '-' || in.ptr[i - 1] == '_'))
            continue;
        if (!same_word(kd_str_sub(in, i, i + word.len), name))
            continue;
        size_t at = i + word.len;
        while (at < in.len && (in.ptr[at] == ' ' || in.ptr[at] == '\n' || in.ptr[at] == '\t'))
            at++;
        if (at + 1 >= in.len || in.ptr[at] != '=')
            continue;
        at++;
        while (at < in.len && (in.ptr[at] == ' ' || in.ptr[at] == '\n' || in.ptr[at] == '\t'))
            at++;
        char quote = at < in.len ? in.ptr[at] : ' ';
        if (quote != '"' && quote != '\'')
            continue;
        const char *end = memchr(in.ptr + at + 1, quote, in.len - at - 1);
        if (!end)
            continue;
        *value = kd_str_sub(in, at + 1, (size_t)(end - in.ptr));
        return true;
    }
    return false;
}

static bool
has(const tag *t, const char *name)
{
    kida_str value;
    return attribute(t, name, &value);
}

/* ---- the rules ------------------------------------------------------------------------------ */

static void
check_image(a11y *a, const tag *t, kd_place place)
{
    kida_str role;
    if (has(t, "alt") || (attribute(t, "role", &role) &&
                          (same_word(role, "presentation") || same_word(role, "none"))))
        return;
    kd_find(a->r, KIDA_E_A11Y_ALT, KIDA_SEVERITY_ERROR, "a11y/img-alt", place,
            "describe the image in alt=\"\xe2\x80\xa6\", or write alt=\"\" if it is decoration",
            "<img> has no alt attribute");
}

static void
check_heading(a11y *a, int level, kd_place place)
{
    if (a->heading > 0 && level > a->heading + 1)
        kd_find(a->r, KIDA_E_A11Y_HEADING, KIDA_SEVERITY_WARNING, "a11y/heading-order", place,
                "go down one level at a time; style the size by CSS",
                "<h%d> follows <h%d>: a level is skipped", level, a->heading);
    a->heading = level;
}

static bool
is_labelled(a11y *a, const tag *t)
{
    static const char *const ways[] = { "aria-label", "aria-labelledby", "title" };
    kida_str id;
    if (a->labels > 0)
        return true;
    for (size_t i = 0; i < KD_COUNT(ways); i++)
        if (has(t, ways[i]))
            return true;
    return attribute(t, "id", &id) && kd_dict_find_hashed(a->labelled, id, kd_hash_str(id));
}

static void
check_input(a11y *a, const tag *t, kd_place place)
{
    kida_str type;
    if (attribute(t, "type", &type) && same_word(type, "hidden"))
        return;
    if (!is_labelled(a, t))
        kd_find(a->r, KIDA_E_A11Y_LABEL, KIDA_SEVERITY_WARNING, "a11y/input-label", place,
                "give it a <label for=\"\xe2\x80\xa6\"> with its id, or aria-label",
                "<%.*s> has no label", (int)t->name.len, t->name.ptr);
}

static void
check_tag(a11y *a, const tag *t, kd_place place)
{
    if (same_word(t->name, "img"))
        check_image(a, t, place);
    else if (same_word(t->name, "html") && !has(t, "lang"))
        kd_find(a->r, KIDA_E_A11Y_LANG, KIDA_SEVERITY_WARNING, "a11y/html-lang", place,
                "write <html lang=\"en\"> with the language of the page",
                "<html> has no lang attribute");
    else if (same_word(t->name, "input") || same_word(t->name, "select") ||
             same_word(t->name, "textarea"))
        check_input(a, t, place);
    else if (t->name.len == 2 && lower(t->name.ptr[0]) == 'h' && t->name.ptr[1] >= '1' &&
             t->name.ptr[1] <= '6')
        check_heading(a, t->name.ptr[1] - '0', place);
}

/* ---- the walk ------------------------------------------------------------------------------- */

static void
check_text(a11y *a, const kd_node *n)
{
    kida_str text = kida_as_str(n->value);
    const char *counted = text.ptr;
    kd_place place = kd_place_of(a->r->tree, text.ptr);
    tag t;
    if (place.line == 0)
        place = n->place;
    for (size_t at = 0; next_tag(text, &at, &t);) {
        for (; counted < t.at; counted++)
            place.line += *counted == '\n';
        kida_str id;
        bool is_label = same_word(t.name, "label");
        if (is_label && !a->collecting)
            a->labels = !t.closes ? a->labels + 1 : a->labels > 0 ? a->labels - 1 : 0;
        if (t.closes)
            continue;
        if (!a->collecting)
            check_tag(a, &t, place);
        else if (is_label && attribute(&t, "for", &id) &&
                 !kd_dict_put_str(a->labelled, id, kida_none()))
            a->r->failed = true;
    }
}

static bool
visit(void *arg, kd_node *n)
{
    a11y *a = arg;
    if (n->kind == KD_NODE_TEXT)
        check_text(a, n);
    if (a->r->failed || a->depth >= KD_WALK_MAX)
        return false;
    a->depth++;
    kd_node_children(n, visit, a);
    a->depth--;
    return !a->r->failed;
}

void
kd_check_a11y(kd_report *r)
{
    kida_value ids = kd_dict_make(r->scratch, 0);
    if (!kd_is(ids, KIDA_DICT)) {
        r->failed = true;
        return;
    }
    a11y a = { .r = r, .labelled = kd_dict_of(ids), .collecting = true };
    for (int round = 0; round < 2; round++, a.collecting = false)
        for (kd_node *n = r->tree->body; n && !r->failed; n = n->next)
            visit(&a, n);
}
