/* SPDX-License-Identifier: MIT */
/* paths.c - the dotted paths that expressions read, without the names that constructs bind. */
#include "analysis/paths.h"

#include <stdio.h>
#include <string.h>

void
kd_paths_init(kd_paths *p, const kd_known *known, kida_pool *scratch)
{
    memset(p, 0, sizeof *p);
    p->scratch = scratch;
    p->known = known;
    kida_value found = kd_dict_make(scratch, 16), hides = kd_dict_make(scratch, 0);
    p->failed = !kd_is(found, KIDA_DICT) || !kd_is(hides, KIDA_DICT);
    p->found = p->failed ? NULL : kd_dict_of(found);
    p->hides = p->failed ? NULL : kd_dict_of(hides);
}

/* ---- names that are bound ------------------------------------------------------------------- */

static void
hide(kd_paths *p, kida_str name)
{
    kida_str *slot = kd_rows_add(&p->hidden, p->scratch, sizeof *slot);
    kd_entry *e = kd_dict_find_hashed(p->hides, name, kd_hash_str(name));
    int64_t times = e ? kida_as_int(e->item) : 0;
    if (slot && kd_dict_put_str(p->hides, name, kida_int(times + 1)))
        *slot = name;
    else
        p->failed = true;
}

static void
show_again(kd_paths *p, size_t mark)
{
    for (; p->hidden.count > mark && !p->failed; p->hidden.count--) {
        kida_str name = ((kida_str *)p->hidden.items)[p->hidden.count - 1];
        kd_entry *e = kd_dict_find_hashed(p->hides, name, kd_hash_str(name));
        if (e)
            e->item = kida_int(kida_as_int(e->item) - 1);
    }
}

void
kd_paths_hide(kd_paths *p, const kd_node *target)
{
    for (; target; target = target->next) {
        if (target->kind == KD_NODE_NAME || target->kind == KD_NODE_PARAM)
            hide(p, target->name);
        else if (target->kind == KD_NODE_TUPLE || target->kind == KD_NODE_ASSIGN)
            kd_paths_hide(p, target->a); /* targets nest no deeper than the parser allows */
    }
}

static bool
is_hidden(const kd_paths *p, kida_str name)
{
    static const char *const special[] = { "loop", "caller" };
    unsigned flags;
    kd_entry *e = kd_dict_find_hashed(p->hides, name, kd_hash_str(name));
    if (e && kida_as_int(e->item) > 0)
        return true;
    return kd_is_among(name, special, KD_COUNT(special)) ||
           p->known->global(p->known->user, name, &flags);
}

/* ---- chains --------------------------------------------------------------------------------- */

/* Text of a constant subscript: a key, or the number of an item. */
static bool
subscript(const kd_node *n, char room[24], kida_str *out)
{
    if (kd_literal(n, out))
        return true;
    if (!n || n->kind != KD_NODE_CONST || !kd_is(n->value, KIDA_INT))
        return false;
    out->len = (size_t)snprintf(room, 24, "%lld", (long long)kida_as_int(n->value));
    out->ptr = room;
    return true;
}

/* The next link inwards, and its own text; NULL: node is no link. */
static const kd_node *
link_of(const kd_node *node, char room[24], kida_str *text)
{
    *text = node->name;
    if (node->kind == KD_NODE_ATTR)
        return node->a;
    return node->kind == KD_NODE_ITEM && subscript(node->b, room, text) ? node->a : NULL;
}

kida_str
kd_path_of(const kd_node *node, kida_pool *pool, const kd_node **root)
{
    char room[24];
    kida_str text, none = { "", 0 };
    size_t len = 0;
    const kd_node *n = node;
    for (const kd_node *in; (in = link_of(n, room, &text)) != NULL; n = in)
        len += text.len + 1;
    *root = n;
    if (n->kind != KD_NODE_NAME)
        return none;
    if (len == 0)
        return n->name;
    len += n->name.len;
    char *out = kd_arena_alloc(pool, len);
    if (!out)
        return none;
    size_t at = len;
    n = node;
    for (const kd_node *in; (in = link_of(n, room, &text)) != NULL; n = in) {
        at -= text.len + 1;
        out[at] = '.';
        if (text.len)
            memcpy(out + at + 1, text.ptr, text.len);
    }
    memcpy(out, n->name.ptr, n->name.len);
    kida_str path = { out, len };
    return path;
}

static void
add_chain(kd_paths *p, const kd_node *node)
{
    const kd_node *root;
    kida_str path = kd_path_of(node, p->scratch, &root);
    if (root->kind != KD_NODE_NAME)
        kd_paths_node(p, root);
    else if (!is_hidden(p, root->name) &&
             (path.len == 0 || !kd_dict_put_str(p->found, path, kida_none())))
        p->failed = true;
}

/* ---- the walk ------------------------------------------------------------------------------- */

static bool
visit(void *arg, kd_node *child)
{
    kd_paths_node(arg, child);
    return !((kd_paths *)arg)->failed;
}

/* What a construct binds is hidden in its inner parts only. */
static void
inside(kd_paths *p, const kd_node *targets, const kd_node *inner, const kd_node *more)
{
    size_t mark = p->hidden.count;
    kd_paths_hide(p, targets);
    kd_paths_list(p, inner);
    kd_paths_list(p, more);
    show_again(p, mark);
}

static void
values_of(kd_paths *p, const kd_node *assigns)
{
    for (; assigns; assigns = assigns->next)
        if (assigns->b)
            kd_paths_node(p, assigns->b);
}

static void
with_if(kd_paths *p, const kd_node *n)
{
    size_t mark = p->hidden.count;
    kd_paths_list(p, n->a);
    if (n->b)
        kd_paths_hide(p, n->b);
    else
        hide(p, KIDA_S("it"));
    kd_paths_list(p, n->c);
    show_again(p, mark);
    kd_paths_list(p, n->d);
}

/* Names in a pattern bind; everything else in it is read. */
static void
match_case(kd_paths *p, const kd_node *n)
{
    const kd_node *pattern = n->a;
    if (pattern && pattern->kind == KD_NODE_TUPLE) {
        for (const kd_node *item = pattern->a; item; item = item->next)
            if (item->kind != KD_NODE_NAME)
                kd_paths_node(p, item);
    } else if (pattern && pattern->kind != KD_NODE_NAME) {
        kd_paths_node(p, pattern);
    }
    if (n->b)
        kd_paths_node(p, n->b);
    kd_paths_list(p, n->c);
}

static void
params(kd_paths *p, const kd_node *list)
{
    for (; list; list = list->next)
        if (list->a)
            kd_paths_node(p, list->a);
}

/* Constructs that bind names; false: the node is none of them. */
static bool
binding_node(kd_paths *p, const kd_node *n)
{
    if (n->kind == KD_NODE_FOR) {
        kd_paths_list(p, n->b);
        inside(p, n->a, n->c, n->d);
        kd_paths_list(p, n->e);
    } else if (n->kind == KD_NODE_COMPREHENSION) {
        kd_paths_list(p, n->c);
        inside(p, n->b, n->a, n->d);
    } else if (n->kind == KD_NODE_WITH) {
        values_of(p, n->a);
        inside(p, n->a, n->b, NULL);
    } else if (n->kind == KD_NODE_WITH_IF) {
        with_if(p, n);
    } else if (n->kind == KD_NODE_CASE) {
        match_case(p, n);
    } else if (n->kind == KD_NODE_DEF) {
        params(p, n->a);
        inside(p, n->a, n->b, NULL);
    } else if (n->kind == KD_NODE_REGION) { /* its parameters count as read: section 8.4 */
        params(p, n->a);
        kd_paths_list(p, n->b);
    } else if (n->kind == KD_NODE_SLOT_BODY) {
        inside(p, n->a, n->b, NULL);
    } else if (n->kind == KD_NODE_SET || n->kind == KD_NODE_TRANS) {
        values_of(p, n->a);
    } else if (n->kind == KD_NODE_EMBED) { /* its overrides are no blocks of this template */
        kd_paths_list(p, n->a);
        for (const kd_node *b = n->b; b; b = b->next) {
            kd_paths_list(p, b->b);
            kd_paths_list(p, b->c);
        }
    } else if (n->kind == KD_NODE_SLOT) {
        values_of(p, n->a);
        kd_paths_list(p, n->b);
    } else {
        return false;
    }
    return true;
}

void
kd_paths_node(kd_paths *p, const kd_node *n)
{
    if (p->failed || p->depth >= KD_WALK_MAX || n->kind == KD_NODE_TEMPLATE_DECL ||
        n->kind == KD_NODE_ANNOTATION)
        return;
    if (p->skip_blocks && (n->kind == KD_NODE_BLOCK || n->kind == KD_NODE_REGION))
        return;
    p->depth++;
    if (n->kind == KD_NODE_ITEM && n->b && n->b->kind != KD_NODE_CONST) {
        add_chain(p, n->a);
        kd_paths_node(p, n->b);
    } else if (n->kind == KD_NODE_NAME || n->kind == KD_NODE_ATTR || n->kind == KD_NODE_ITEM) {
        const kd_node *root;
        char room[24];
        kida_str text;
        root = n->kind == KD_NODE_NAME ? n : link_of(n, room, &text);
        add_chain(p, root ? n : n->a);
    } else if (!binding_node(p, n)) {
        kd_node_children(n, visit, p);
    }
    p->depth--;
}

void
kd_paths_list(kd_paths *p, const kd_node *list)
{
    for (; list && !p->failed; list = list->next)
        kd_paths_node(p, list);
}

/* ---- the result ----------------------------------------------------------------------------- */

/* Lets items[at] sink to its place in the heap of the first count. */
static void
sink(kida_str *items, size_t at, size_t count)
{
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && kd_str_compare(items[child], items[child + 1]) < 0)
            child++;
        if (kd_str_compare(items[at], items[child]) >= 0)
            return;
        kida_str swap = items[at];
        items[at] = items[child];
        items[child] = swap;
    }
}

/* By a heap: in place, and n log n for any input. */
void
kd_names_sort(kida_str *items, size_t count)
{
    for (size_t i = count / 2; i > 0; i--)
        sink(items, i - 1, count);
    for (size_t end = count; end > 1; end--) {
        kida_str last = items[end - 1];
        items[end - 1] = items[0];
        items[0] = last;
        sink(items, 0, end - 1);
    }
}

static kida_str
kept_path(kd_paths *p, kida_str path, kida_pool *pool)
{
    if (path.len == 0 || memchr(path.ptr, '.', path.len) == NULL)
        return path;
    kida_str copy = kd_arena_str(pool, path);
    p->failed = p->failed || !copy.ptr;
    return copy;
}

kida_names
kd_paths_finish(kd_paths *p, kida_pool *pool)
{
    kida_names names = { NULL, 0 };
    if (p->failed || p->found->count == 0)
        return names;
    kida_str *items = kd_arena_array(pool, p->found->count, sizeof *items);
    if (!items) {
        p->failed = true;
        return names;
    }
    size_t at = 0;
    for (kd_entry *e; (e = kd_dict_entry_at(p->found, &at)) != NULL;)
        items[names.count++] = kept_path(p, kida_as_str(e->key), pool);
    if (p->failed)
        names.count = 0;
    names.items = items;
    kd_names_sort(items, names.count);
    return names;
}
