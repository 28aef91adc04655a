/* SPDX-License-Identifier: MIT */
/* check.c - placement of definitions, and the walk that finds blocks. */
#include "analysis/check.h"

#define WALK_DEPTH_MAX 2000

/* ---- placement ------------------------------------------------------------------------------ */

typedef struct kd_placement {
    const kd_tree *tree;
    kida_error *err;
    kida_status status;
    const kd_node *inside; /* innermost control statement around, NULL: none */
    unsigned depth;
} kd_placement;

static bool
is_control(const kd_node *n)
{
    static const bool control[KD_NODE_COUNT] = {
        [KD_NODE_IF] = true,    [KD_NODE_FOR] = true,     [KD_NODE_WHILE] = true,
        [KD_NODE_WITH] = true,  [KD_NODE_WITH_IF] = true, [KD_NODE_PROVIDE] = true,
        [KD_NODE_TRY] = true,   [KD_NODE_MATCH] = true,   [KD_NODE_CACHE] = true,
        [KD_NODE_CAPTURE] = true, [KD_NODE_PUSH] = true,  [KD_NODE_SPACELESS] = true,
        [KD_NODE_FILTER_BLOCK] = true,
    };
    return control[n->kind];
}

static bool
visit_placement(void *arg, kd_node *n)
{
    kd_placement *p = arg;
    bool def = n->kind == KD_NODE_DEF || n->kind == KD_NODE_REGION;
    if (def && p->inside) {
        p->status = kd_error_set(p->err, KIDA_E_PLACEMENT, "%s '%.*s' can't be defined inside "
                                 "another statement", n->kind == KD_NODE_DEF ? "def" : "region",
                                 (int)n->name.len, n->name.ptr);
        kd_error_place(p->err, p->tree->name, p->tree->source, n->place);
        kd_error_hint(p->err, "move it to the top level or into a block");
        return false;
    }
    if (p->depth >= WALK_DEPTH_MAX)
        return true;
    const kd_node *outer = p->inside;
    if (is_control(n))
        p->inside = n;
    p->depth++;
    bool on = kd_node_children(n, visit_placement, p);
    p->depth--;
    p->inside = outer;
    return on;
}

kida_status
kd_check_placement(const kd_tree *tree, kida_error *err)
{
    kd_placement p = { .tree = tree, .err = err };
    for (kd_node *n = tree->body; n; n = n->next)
        if (!visit_placement(&p, n))
            break;
    return p.status;
}

/* ---- blocks --------------------------------------------------------------------------------- */

typedef struct kd_each {
    void (*each)(void *arg, kd_node *node);
    void *arg;
    unsigned depth;
} kd_each;

static bool
visit_block(void *arg, kd_node *n)
{
    kd_each *w = arg;
    if (n->kind == KD_NODE_BLOCK || n->kind == KD_NODE_REGION)
        w->each(w->arg, n);
    if (n->kind == KD_NODE_EMBED || w->depth >= WALK_DEPTH_MAX)
        return true;
    w->depth++;
    bool on = kd_node_children(n, visit_block, w);
    w->depth--;
    return on;
}

void
kd_each_block(kd_node *body, void (*each)(void *arg, kd_node *node), void *arg)
{
    kd_each w = { each, arg, 0 };
    for (kd_node *n = body; n; n = n->next)
        visit_block(&w, n);
}
