/* SPDX-License-Identifier: MIT */
/* report.c - making a finding; the checks that look at one node at a time. */
#include "analysis/report.h"

#include <stdarg.h>
#include <stdio.h>

void
kd_find(kd_report *r, kida_status status, kida_severity severity, const char *rule, kd_place place,
        const char *hint, const char *format, ...)
{
    if (r->failed || r->notes.count >= r->max)
        return;
    kida_error cut; /* cuts the message to fit */
    va_list args;
    va_start(args, format);
    kd_error_setv(&cut, status, format, args);
    va_end(args);
    kd_note *note = kd_rows_add(&r->notes, r->scratch, sizeof *note);
    if (note) {
        *note = (kd_note){ .status = status, .severity = severity, .rule = rule, .place = place };
        note->message = kd_arena_str(r->pool, kida_str_from(cut.message));
        note->hint = kd_arena_str(r->pool, kida_str_from(hint));
    }
    r->failed = !note || !note->message.ptr || !note->hint.ptr;
}

static bool
is_behind(const kd_note *a, const kd_note *b)
{
    return a->place.line > b->place.line ||
           (a->place.line == b->place.line && a->place.column > b->place.column);
}

void
kd_report_sort(kd_report *r, size_t from)
{
    kd_note *notes = r->notes.items;
    for (size_t i = from + 1; i < r->notes.count; i++) { /* nearly sorted, and at most max */
        kd_note one = notes[i];
        size_t at = i;
        for (; at > from && is_behind(&notes[at - 1], &one); at--)
            notes[at] = notes[at - 1];
        notes[at] = one;
    }
}

void
kd_note_fill(const kd_note *note, kida_str name, kida_str source, kida_error *out)
{
    kd_error_set(out, note->status, "%.*s", (int)note->message.len, note->message.ptr);
    kd_error_place(out, name, source, note->place);
    if (note->hint.len)
        kd_error_hint(out, "%.*s", (int)note->hint.len, note->hint.ptr);
}

kd_place
kd_place_of(const kd_tree *tree, const char *at)
{
    const char *start = tree->source.ptr, *line = start;
    kd_place place = { 1, 0, 0 };
    if (at < start || at > start + tree->source.len)
        return (kd_place){ 0, 0, 0 };
    for (const char *p = start; p < at; p++) {
        if (*p == '\n') {
            place.line++;
            line = p + 1;
        }
    }
    kida_str before = { line, (size_t)(at - line) };
    place.column = (uint32_t)kida_utf8_count(before);
    return place;
}

/* ---- a walk that shows every node once ------------------------------------------------------ */

typedef struct shown {
    kd_report *r;
    void (*look)(kd_report *r, const kd_node *n);
    unsigned depth;
} shown;

static bool
show(void *arg, kd_node *n)
{
    shown *s = arg;
    s->look(s->r, n);
    if (s->depth >= KD_WALK_MAX)
        return true;
    s->depth++;
    kd_node_children(n, show, s);
    s->depth--;
    return true;
}

static void
show_all(kd_report *r, void (*look)(kd_report *r, const kd_node *n))
{
    shown s = { r, look, 0 };
    for (kd_node *n = r->tree->body; n; n = n->next)
        show(&s, n);
}

/* ---- K-WARN-001 ----------------------------------------------------------------------------- */

static void
look_coalesce(kd_report *r, const kd_node *n)
{
    const kd_node *right = n->kind == KD_NODE_COALESCE ? n->b : NULL;
    if (!right || right->kind != KD_NODE_FILTER || right->flags & (KD_F_PAREN | KD_F_ARROW))
        return;
    kd_find(r, KIDA_E_WARN_COALESCE, KIDA_SEVERITY_WARNING, "K-WARN-001", right->place,
            "write (a ?? b) | filter to filter either value, or a ?? (b | filter) to keep this",
            "'| %.*s' applies to the fallback of '?\?' only", (int)right->name.len,
            right->name.ptr);
}

void
kd_check_coalesce(kd_report *r)
{
    show_all(r, look_coalesce);
}

/* ---- K-PAR-007: {% end %} ------------------------------------------------------------------- */

/* Word that opens the statement; NULL: it has no closer. */
static const char *
word_of(const kd_node *n)
{
    static const char *const words[KD_NODE_COUNT] = {
        [KD_NODE_FOR] = "for",         [KD_NODE_WHILE] = "while",
        [KD_NODE_WITH] = "with",       [KD_NODE_WITH_IF] = "with",
        [KD_NODE_MATCH] = "match",     [KD_NODE_TRY] = "try",
        [KD_NODE_DEF] = "def",         [KD_NODE_REGION] = "region",
        [KD_NODE_CALL_BLOCK] = "call", [KD_NODE_SLOT_BODY] = "slot",
        [KD_NODE_SLOT] = "slot",       [KD_NODE_EMBED] = "embed",
        [KD_NODE_CAPTURE] = "capture", [KD_NODE_FILTER_BLOCK] = "filter",
        [KD_NODE_SPACELESS] = "spaceless", [KD_NODE_CACHE] = "cache",
        [KD_NODE_PUSH] = "push",       [KD_NODE_PROVIDE] = "provide",
        [KD_NODE_TRANS] = "trans",     [KD_NODE_GLOBALS] = "globals",
        [KD_NODE_IMPORTS] = "imports",
    };
    if (n->kind == KD_NODE_IF)
        return n->a && n->a->flags & KD_F_NOT ? "unless" : "if";
    if (n->kind == KD_NODE_BLOCK)
        return n->flags & KD_F_FRAGMENT ? "fragment" : "block";
    return words[n->kind];
}

static void
look_strict(kd_report *r, const kd_node *n)
{
    const char *word = word_of(n);
    if (!word || !(n->flags & KD_F_UNIFIED_END))
        return;
    kd_place place = { n->end_line, 0, 0 };
    kd_find(r, KIDA_E_UNSUPPORTED, KIDA_SEVERITY_WARNING, "strict", place,
            "name what it closes, or check without strict",
            "unified {%% end %%} closes '%s' \xe2\x80\x94 prefer {%% end%s %%}", word, word);
}

void
kd_check_strict(kd_report *r)
{
    show_all(r, look_strict);
}

/* ---- K-PATH-001 ----------------------------------------------------------------------------- */

static void
look_fragile(kd_report *r, const kd_node *n)
{
    kida_str name, own = r->tree->name;
    if ((n->kind != KD_NODE_INCLUDE && n->kind != KD_NODE_EXTENDS && n->kind != KD_NODE_EMBED &&
         n->kind != KD_NODE_IMPORT && n->kind != KD_NODE_FROM) ||
        !kd_literal(n->a, &name))
        return;
    if (name.len == 0 || name.ptr[0] == '@' || kd_str_starts(name, KIDA_S("./")) ||
        kd_str_starts(name, KIDA_S("../")))
        return;
    size_t folder = own.len;
    while (folder > 0 && own.ptr[folder - 1] != '/')
        folder--;
    kida_str head = { own.ptr, folder };
    if (folder == 0 || name.len == folder || !kd_str_starts(name, head))
        return;
    kida_str rest = kd_str_sub(name, folder, name.len);
    char hint[KIDA_ERROR_TEXT_MAX];
    snprintf(hint, sizeof hint, "write './%.*s'", (int)(rest.len < 300 ? rest.len : 300), rest.ptr);
    kd_find(r, KIDA_E_FRAGILE_PATH, KIDA_SEVERITY_WARNING, "lint/fragile-path", n->place, hint,
            "'%.*s' names the template's own folder from the root: it breaks when the folder moves",
            (int)name.len, name.ptr);
}

void
kd_check_fragile(kd_report *r)
{
    show_all(r, look_fragile);
}
