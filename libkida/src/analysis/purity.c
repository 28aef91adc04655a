/* SPDX-License-Identifier: MIT */
/* purity.c - whether the same input gives the same output, as far as can be told from a tree. */
#include "analysis/facts.h"

#define PURITY_DEPTH 1500 /* of defs that call defs, and nodes: deeper is unknown */

kida_purity
kd_purity_both(kida_purity a, kida_purity b)
{
    if (a == KIDA_PURITY_IMPURE || b == KIDA_PURITY_IMPURE)
        return KIDA_PURITY_IMPURE;
    return a == KIDA_PURITY_UNKNOWN || b == KIDA_PURITY_UNKNOWN ? KIDA_PURITY_UNKNOWN
                                                                : KIDA_PURITY_PURE;
}

typedef struct finder {
    kd_rows defs;
    kida_pool *pool;
    bool failed;
    unsigned depth;
} finder;

static bool
find_defs(void *arg, kd_node *n)
{
    finder *f = arg;
    if (n->kind == KD_NODE_DEF || n->kind == KD_NODE_REGION) {
        const kd_node **slot = kd_rows_add(&f->defs, f->pool, sizeof *slot);
        if (slot)
            *slot = n;
        f->failed = f->failed || !slot;
    }
    if (f->failed || f->depth >= KD_WALK_MAX)
        return !f->failed;
    f->depth++;
    kd_node_children(n, find_defs, f);
    f->depth--;
    return !f->failed;
}

bool
kd_purity_init(kd_purity_walk *w, const kd_tree *tree, const kd_known *known, kida_pool *scratch)
{
    finder f = { .pool = scratch };
    for (kd_node *n = tree->body; n && !f.failed; n = n->next)
        find_defs(&f, n);
    *w = (kd_purity_walk){ .known = known, .tree = tree };
    w->defs = f.defs.items;
    w->def_count = f.defs.count;
    w->states = f.failed ? NULL : kd_arena_zero(scratch, f.defs.count + 1);
    kida_value index = kd_dict_make(scratch, f.defs.count);
    if (!w->states || !kd_is(index, KIDA_DICT))
        return false;
    w->by_name = kd_dict_of(index);
    for (size_t i = 0; i < w->def_count; i++)
        if (!kd_dict_put_str(w->by_name, w->defs[i]->name, kida_int((int64_t)i)))
            return false;
    return true;
}

static void look(kd_purity_walk *w, const kd_node *n);

static bool
look_child(void *arg, kd_node *n)
{
    look(arg, n);
    return true;
}

static void
worsen(kd_purity_walk *w, kida_purity to)
{
    w->worst = kd_purity_both(w->worst, to);
}

static kida_purity
of_flags(unsigned flags)
{
    if (flags & KIDA_IMPURE)
        return KIDA_PURITY_IMPURE;
    return flags & KIDA_PURE ? KIDA_PURITY_PURE : KIDA_PURITY_UNKNOWN;
}

/* Standard filters that are not folded, for other reasons than their results. */
static kida_purity
of_filter(const kida_filter *row)
{
    static const char *const settled[] = { "attr",          "classes", "commas",  "compact",
                                           "decimal",       "default", "d",       "dictsort",
                                           "format_number", "get",     "require", "typeof",
                                           "xmlattr" };
    if (row && !(row->flags & KIDA_IMPURE) &&
        kd_is_among(kida_str_from(row->name), settled, KD_COUNT(settled)))
        return KIDA_PURITY_PURE;
    return row ? of_flags(row->flags) : KIDA_PURITY_UNKNOWN;
}

/* A def that calls itself adds nothing new: it counts as pure while it is looked at. */
static kida_purity
of_def(kd_purity_walk *w, size_t i)
{
    if (w->states[i] == 0) {
        kida_purity outer = w->worst;
        w->states[i] = 1 + KIDA_PURITY_PURE;
        w->worst = KIDA_PURITY_PURE;
        for (const kd_node *n = w->defs[i]->b; n; n = n->next)
            look(w, n);
        w->states[i] = (uint8_t)(1 + w->worst);
        w->worst = outer;
    }
    return (kida_purity)(w->states[i] - 1);
}

static kida_purity
of_call(kd_purity_walk *w, const kd_node *callee)
{
    static const char *const own[] = { "caller", "consume", "has_slot" };
    unsigned flags;
    if (callee->kind != KD_NODE_NAME)
        return KIDA_PURITY_UNKNOWN;
    kd_entry *e = kd_dict_find_hashed(w->by_name, callee->name, kd_hash_str(callee->name));
    if (e)
        return of_def(w, (size_t)kida_as_int(e->item));
    if (kd_is_among(callee->name, own, KD_COUNT(own)))
        return KIDA_PURITY_PURE;
    return w->known->global(w->known->user, callee->name, &flags) ? of_flags(flags)
                                                                  : KIDA_PURITY_UNKNOWN;
}

static void
look(kd_purity_walk *w, const kd_node *n)
{
    if (w->worst == KIDA_PURITY_IMPURE)
        return;
    if (w->depth >= PURITY_DEPTH) {
        worsen(w, KIDA_PURITY_UNKNOWN);
        return;
    }
    w->depth++;
    kida_str literal;
    if (n->kind == KD_NODE_FILTER) {
        worsen(w, of_filter(w->known->filter(w->known->user, n->name)));
    } else if (n->kind == KD_NODE_CALL) {
        worsen(w, of_call(w, n->a));
    } else if (n->kind == KD_NODE_TRANS) {
        worsen(w, KIDA_PURITY_IMPURE);
    } else if (n->kind == KD_NODE_EMBED || n->kind == KD_NODE_AWAIT ||
               (n->kind == KD_NODE_INCLUDE && !kd_literal(n->a, &literal))) {
        worsen(w, KIDA_PURITY_UNKNOWN);
    }
    kd_node_children(n, look_child, w);
    w->depth--;
}

kida_purity
kd_purity_of(kd_purity_walk *w, const kd_node *body)
{
    w->worst = KIDA_PURITY_PURE;
    w->depth = 0;
    for (const kd_node *n = body; n; n = n->next)
        look(w, n);
    return w->worst;
}
