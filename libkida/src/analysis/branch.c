/* SPDX-License-Identifier: MIT */
/* branch.c - K-WARN-002: a set inside an if that somebody may expect to reach the outside. */
#include "analysis/report.h"

/* A set inside a branch, until it is known whether somebody reads the name behind the if. */
typedef struct pending {
    const kd_node *target;
    struct pending *same; /* an earlier one of that name, closed too */
    bool reported;
} pending;

typedef struct walk {
    kd_report *r;
    kd_rows bound;        /* kida_str: names bound around, innermost last */
    kd_dict *firsts;      /* name → its first place in bound; -1: none now */
    size_t outside;       /* how many of them were there before the innermost if */
    kd_rows sets;         /* pending *, of this function */
    kd_dict *closed;      /* name → newest pending whose if has ended */
    bool in_if;
    unsigned depth;
} walk;

static void visit_list(walk *w, const kd_node *list);

static void
warn(walk *w, pending *p)
{
    kida_str name = p->target->name;
    if (p->reported)
        return;
    p->reported = true;
    kd_find(w->r, KIDA_E_WARN_SCOPE, KIDA_SEVERITY_WARNING, "K-WARN-002", p->target->place,
            "{% let %} assigns for the whole template, {% export %} for the scope around",
            "'set %.*s' ends with the branch it stands in: the outer '%.*s' stays as it is",
            (int)name.len, name.ptr, (int)name.len, name.ptr);
}

/* A walk for a function; without memory it finds nothing. */
static bool
start(walk *w, kd_report *r, unsigned depth)
{
    kida_value firsts = kd_dict_make(r->scratch, 0), closed = kd_dict_make(r->scratch, 0);
    *w = (walk){ .r = r, .depth = depth };
    if (!kd_is(firsts, KIDA_DICT) || !kd_is(closed, KIDA_DICT)) {
        r->failed = true;
        return false;
    }
    w->firsts = kd_dict_of(firsts);
    w->closed = kd_dict_of(closed);
    return true;
}

static int64_t
first_of(const walk *w, kida_str name)
{
    kd_entry *e = kd_dict_find_hashed(w->firsts, name, kd_hash_str(name));
    return e ? kida_as_int(e->item) : -1;
}

static void
bind_name(walk *w, kida_str name)
{
    bool is_new = first_of(w, name) < 0;
    kida_str *slot = kd_rows_add(&w->bound, w->r->scratch, sizeof *slot);
    if (!slot || (is_new && !kd_dict_put_str(w->firsts, name,
                                             kida_int((int64_t)w->bound.count - 1)))) {
        w->r->failed = true;
        return;
    }
    *slot = name;
}

static void
bind(walk *w, const kd_node *target)
{
    for (; target && !w->r->failed; target = target->next) {
        if (target->kind == KD_NODE_TUPLE || target->kind == KD_NODE_ASSIGN)
            bind(w, target->a);
        else if (target->kind == KD_NODE_NAME)
            bind_name(w, target->name);
    }
}

static void
unbind(walk *w, size_t mark)
{
    for (; w->bound.count > mark; w->bound.count--) {
        kida_str name = ((kida_str *)w->bound.items)[w->bound.count - 1];
        if (first_of(w, name) == (int64_t)w->bound.count - 1 &&
            !kd_dict_put_str(w->firsts, name, kida_int(-1)))
            w->r->failed = true;
    }
}

static void
note_set(walk *w, const kd_node *target)
{
    if (target->kind == KD_NODE_TUPLE) {
        for (const kd_node *t = target->a; t; t = t->next)
            note_set(w, t);
        return;
    }
    if (target->kind != KD_NODE_NAME)
        return;
    pending **slot = kd_rows_add(&w->sets, w->r->scratch, sizeof *slot);
    pending *p = slot ? kd_arena_zero(w->r->scratch, sizeof *p) : NULL;
    if (!p) {
        w->r->failed = true;
        return;
    }
    *slot = p;
    p->target = target;
    int64_t first = first_of(w, target->name);
    if (first >= 0 && (size_t)first < w->outside)
        warn(w, p);
}

/* The if has ended: who reads one of the names from here on does not get what was set. */
static void
close_sets(walk *w, size_t from)
{
    for (size_t i = from; i < w->sets.count && !w->r->failed; i++) {
        pending *p = ((pending **)w->sets.items)[i];
        kida_str name = p->target->name;
        kd_entry *e = kd_dict_find_hashed(w->closed, name, kd_hash_str(name));
        p->same = e ? e->item.u_.p : NULL;
        if (p->reported)
            continue;
        kida_value item = { KIDA_ABSENT, { 0 } };
        item.u_.p = p;
        w->r->failed = !kd_dict_put_str(w->closed, name, item);
    }
    w->sets.count = from;
}

static void
note_read(walk *w, kida_str name)
{
    kd_entry *e = kd_dict_find_hashed(w->closed, name, kd_hash_str(name));
    if (!e)
        return;
    for (pending *p = e->item.u_.p; p; p = p->same)
        warn(w, p);
    e->item.u_.p = NULL;
}

static bool
visit_any(void *arg, kd_node *n)
{
    kd_node one = *n;
    one.next = NULL;
    visit_list(arg, &one);
    return true;
}

static void
visit_set(walk *w, const kd_node *n)
{
    for (const kd_node *a = n->a; a; a = a->next) {
        if (a->b)
            visit_any(w, a->b);
        if (n->op == 's' && w->in_if)
            note_set(w, a->a);
        bind(w, a->a);
    }
}

static void
visit_branch(walk *w, const kd_node *body)
{
    size_t mark = w->bound.count, outside = w->outside;
    bool in_if = w->in_if;
    w->in_if = true;
    w->outside = mark;
    visit_list(w, body);
    unbind(w, mark);
    w->in_if = in_if;
    w->outside = outside;
}

static void
visit_if(walk *w, const kd_node *n)
{
    size_t sets = w->sets.count;
    for (const kd_node *b = n->a; b; b = b->next) {
        if (b->a)
            visit_any(w, b->a);
        visit_branch(w, b->b);
    }
    visit_branch(w, n->b);
    close_sets(w, sets);
}

/* Loops and with bind for their body only. */
static void
visit_bound(walk *w, const kd_node *before, const kd_node *targets, const kd_node *body,
            const kd_node *rest)
{
    size_t mark = w->bound.count;
    visit_list(w, before);
    bind(w, targets);
    visit_list(w, body);
    unbind(w, mark);
    visit_list(w, rest);
}

/* A def is a function of its own: what is bound around it is not its to set. */
static void
visit_def(walk *w, const kd_node *n)
{
    walk inner;
    for (const kd_node *p = n->a; p; p = p->next)
        if (p->a)
            visit_any(w, p->a);
    if (start(&inner, w->r, w->depth))
        visit_list(&inner, n->b);
}

static void
visit_one(walk *w, const kd_node *n)
{
    if (n->kind == KD_NODE_NAME) {
        note_read(w, n->name);
    } else if (n->kind == KD_NODE_SET) {
        visit_set(w, n);
    } else if (n->kind == KD_NODE_IF) {
        visit_if(w, n);
    } else if (n->kind == KD_NODE_FOR) {
        visit_list(w, n->b);
        visit_bound(w, NULL, n->a, n->c, NULL);
        visit_bound(w, NULL, n->a, n->d, n->e);
    } else if (n->kind == KD_NODE_WITH) {
        for (const kd_node *a = n->a; a; a = a->next)
            if (a->b)
                visit_any(w, a->b);
        visit_bound(w, NULL, n->a, n->b, NULL);
    } else if (n->kind == KD_NODE_WITH_IF) {
        visit_bound(w, n->a, n->b, n->c, n->d);
    } else if (n->kind == KD_NODE_DEF || n->kind == KD_NODE_REGION) {
        visit_def(w, n);
    } else if (n->kind == KD_NODE_ASSIGN || n->kind == KD_NODE_SLOT_BODY) {
        visit_list(w, n->b); /* what is bound is not read */
    } else if (n->kind == KD_NODE_CASE) {
        if (n->a && n->a->kind != KD_NODE_NAME)
            visit_any(w, n->a);
        visit_list(w, n->b);
        visit_list(w, n->c);
    } else if (n->kind == KD_NODE_COMPREHENSION) {
        visit_list(w, n->c);
        visit_list(w, n->a);
        visit_list(w, n->d);
    } else if (n->kind != KD_NODE_ANNOTATION && n->kind != KD_NODE_TEMPLATE_DECL) {
        kd_node_children(n, visit_any, w);
    }
}

static void
visit_list(walk *w, const kd_node *list)
{
    if (w->depth >= KD_WALK_MAX || w->r->failed)
        return;
    w->depth++;
    for (; list; list = list->next)
        visit_one(w, list);
    w->depth--;
}

void
kd_check_branch_set(kd_report *r)
{
    walk w;
    if (start(&w, r, 0))
        visit_list(&w, r->tree->body);
}
