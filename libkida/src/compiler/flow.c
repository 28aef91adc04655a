/* SPDX-License-Identifier: MIT */
/* flow.c - if, for, while, match, try, break and continue. */
#include "compiler/unit.h"

#include <string.h>

void
kd_leave_push(kd_unit *u, kd_leave leave)
{
    kd_leave *slot = kd_vec_add(u->c, &u->leaves, sizeof *slot);
    if (slot)
        *slot = leave;
}

void
kd_leave_pop(kd_unit *u)
{
    if (u->leaves.count)
        u->leaves.count--;
}

/* A body that opens a scope: names set in it are gone at its end. */
static void
scoped_body(kd_unit *u, kd_node *body)
{
    kd_scope_open(u);
    kd_leave leave = { .kind = KD_LEAVE_SCOPE, .count = (uint32_t)u->fn->scopes.count };
    kd_leave_push(u, leave);
    kd_body(u, body);
    kd_leave_pop(u);
    kd_scope_close(u);
}

/* ---- if, unless ------------------------------------------------------------------------------ */

void
kd_st_if(kd_unit *u, kd_node *node)
{
    kd_label end;
    kd_label_init(&end);
    for (kd_node *branch = node->a; branch; branch = branch->next) {
        kd_label next;
        kd_label_init(&next);
        u->place = branch;
        kd_expr(u, branch->a);
        bool unless = (branch->flags & KD_F_NOT) != 0;
        kd_jump(u, unless ? KD_OP_JUMP_TRUE : KD_OP_JUMP_FALSE, 0, 0, &next);
        scoped_body(u, branch->b);
        if (branch->next || node->b)
            kd_jump(u, KD_OP_JUMP, 0, 0, &end);
        kd_place_label(u, &next);
    }
    if (node->b)
        scoped_body(u, node->b);
    kd_place_label(u, &end);
}

/* ---- loops ----------------------------------------------------------------------------------- */

/* Emits what every statement between here and the innermost loop does at its end. */
static kd_leave *
leave_to_loop(kd_unit *u)
{
    for (size_t i = u->leaves.count; i > 0; i--) {
        kd_leave *l = KD_VEC_AT(kd_leave, u->leaves, i - 1);
        switch (l->kind) {
        case KD_LEAVE_LOOP:
            return l;
        case KD_LEAVE_SCOPE:
            kd_scope_clear(u, l->count);
            break;
        case KD_LEAVE_WITH:
            kd_emit(u, KD_OP_WITH_POP, 0, 0, l->count);
            break;
        case KD_LEAVE_TRY:
            kd_emit(u, KD_OP_TRY_END, 0, 0, 0);
            break;
        case KD_LEAVE_PROVIDE:
            kd_emit(u, KD_OP_PROVIDE_END, 0, 0, 0);
            break;
        case KD_LEAVE_CAPTURE:
            kd_end_capture(u, l->node);
            break;
        case KD_LEAVE_FILTER:
            kd_end_filter(u, l->node);
            break;
        case KD_LEAVE_SPACELESS:
            kd_emit(u, KD_OP_CAPTURE_END, 0, 0, 0);
            kd_emit(u, KD_OP_SPACELESS, 0, 0, 0);
            kd_emit(u, KD_OP_EMIT_RAW, 0, 0, 0);
            break;
        case KD_LEAVE_PUSH:
            kd_end_push(u, l->node);
            break;
        case KD_LEAVE_CACHE:
            kd_emit(u, KD_OP_CACHE_END, KD_C_LEFT, 0, 0);
            break;
        }
    }
    return NULL;
}

void
kd_st_jump(kd_unit *u, kd_node *node)
{
    kd_leave *loop = leave_to_loop(u);
    if (!loop) {
        kd_compile_fail(u->c, KIDA_E_PARSE, node, "%s is only possible inside a loop",
                        node->kind == KD_NODE_BREAK ? "break" : "continue");
        return;
    }
    kd_jump(u, KD_OP_JUMP, 0, 0, node->kind == KD_NODE_BREAK ? loop->breaks : loop->continues);
}

/* Fetches the next item into the targets; a single name has its local right behind the loop's. */
static void
for_next(kd_unit *u, kd_node *target, uint16_t loop, kd_label *done)
{
    if (target->kind == KD_NODE_NAME) {
        uint16_t local = kd_new_local(u); /* loop + 1 */
        kd_jump(u, KD_OP_FOR_NEXT_LOCAL, 0, loop, done);
        kd_bind_local(u, target->name, local, KD_BIND_LOCAL);
        return;
    }
    kd_jump(u, KD_OP_FOR_NEXT, 0, loop, done);
    kd_unpack_targets(u, target);
}

/* Search for the name `loop`. A loop whose body mentions it makes a list of what it walks first.
 * Every loop that the search passes notes its own answer in its mark, so that a template is walked
 * once, however deep its loops are nested. */
typedef struct kd_mention {
    bool found;
    unsigned depth;
} kd_mention;

enum { LOOP_UNUSED = 1, LOOP_USED = 2 };

static bool find_loop(void *arg, kd_node *n);

static void
find_in_list(kd_mention *m, kd_node *list)
{
    for (kd_node *n = list; n; n = n->next)
        find_loop(m, n);
}

static void
note_loop(kd_mention *m, kd_node *loop)
{
    bool before = m->found;
    m->found = false;
    find_in_list(m, loop->d);
    find_in_list(m, loop->c);
    loop->mark = m->found ? LOOP_USED : LOOP_UNUSED;
    m->found = m->found || before;
}

static bool
find_loop(void *arg, kd_node *n)
{
    kd_mention *m = arg;
    if (n->kind == KD_NODE_NAME && kd_str_equal(n->name, KIDA_S("loop")))
        m->found = true;
    if (m->depth > 2000) { /* deeper than compiles: a list is never wrong */
        m->found = true;
        return true;
    }
    m->depth++;
    if (n->kind == KD_NODE_FOR) {
        note_loop(m, n);
        find_in_list(m, n->b);
        find_in_list(m, n->e);
    } else {
        kd_node_children(n, find_loop, arg);
    }
    m->depth--;
    return true;
}

static bool
uses_loop(kd_node *loop)
{
    kd_mention m = { false, 0 };
    if (loop->mark == 0)
        note_loop(&m, loop);
    return loop->mark == LOOP_USED;
}

void
kd_st_for(kd_unit *u, kd_node *node)
{
    kd_label next, again, done, broke, end;
    kd_label_init(&next);
    kd_label_init(&again);
    kd_label_init(&done);
    kd_label_init(&broke);
    kd_label_init(&end);
    size_t mark = kd_locals_mark(u);

    kd_expr(u, node->b);
    uint16_t loop = kd_new_local(u);
    unsigned flags = node->flags & KD_F_ASYNC ? KD_C_ASYNC : 0;
    if (uses_loop(node))
        flags |= KD_C_MATERIAL;
    kd_emit(u, KD_OP_FOR_BEGIN, flags, loop, 0);
    kd_place_label(u, &next);
    for_next(u, node->a, loop, &done);
    kd_bind_local(u, KIDA_S("loop"), loop, KD_BIND_LOOP);
    if (node->c) {
        kd_expr(u, node->c);
        kd_jump(u, KD_OP_JUMP_FALSE, 0, 0, &again);
    }
    kd_leave leave = { .kind = KD_LEAVE_LOOP, .breaks = &broke, .continues = &again };
    kd_leave_push(u, leave);
    scoped_body(u, node->d);
    kd_leave_pop(u);
    kd_place_label(u, &again);
    if (node->a->kind == KD_NODE_NAME && u->c->resolver->optimize)
        kd_emit(u, KD_OP_FOR_AGAIN, 0, loop, next.at + 1); /* behind FOR_NEXT_LOCAL */
    else
        kd_jump(u, KD_OP_LOOP_BACK, 0, 0, &next);
    kd_locals_release(u, mark);

    kd_place_label(u, &done);
    if (node->e) {
        kd_jump(u, KD_OP_FOR_ELSE, 0, loop, &end);
        scoped_body(u, node->e);
        kd_jump(u, KD_OP_JUMP, 0, 0, &end);
    }
    kd_place_label(u, &broke);
    kd_emit(u, KD_OP_FOR_END, 0, loop, 0);
    kd_place_label(u, &end);
}

void
kd_st_while(kd_unit *u, kd_node *node)
{
    kd_label again, end;
    kd_label_init(&again);
    kd_label_init(&end);
    kd_place_label(u, &again);
    kd_expr(u, node->a);
    kd_jump(u, KD_OP_JUMP_FALSE, 0, 0, &end);
    kd_label next;
    kd_label_init(&next);
    kd_leave leave = { .kind = KD_LEAVE_LOOP, .breaks = &end, .continues = &next };
    kd_leave_push(u, leave);
    scoped_body(u, node->b);
    kd_leave_pop(u);
    kd_place_label(u, &next);
    kd_jump(u, KD_OP_LOOP_BACK, 0, 0, &again);
    kd_place_label(u, &end);
}

/* ---- match ----------------------------------------------------------------------------------- */

static bool
is_wildcard(const kd_node *p)
{
    return p->kind == KD_NODE_NAME && kida_str_equal(p->name, KIDA_S("_"));
}

static void match_pattern(kd_unit *u, kd_node *pattern, uint16_t subject, kd_label *fail);

static void
match_tuple(kd_unit *u, kd_node *pattern, uint16_t subject, kd_label *fail)
{
    uint32_t count = 0;
    for (kd_node *n = pattern->a; n; n = n->next)
        count++;
    uint16_t first = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint16_t local = kd_new_local(u);
        if (i == 0)
            first = local;
    }
    kd_emit(u, KD_OP_LOCAL, 0, subject, 0);
    kd_jump(u, KD_OP_MATCH_SEQ, 0, count, fail);
    for (uint32_t i = 0; i < count; i++)
        kd_emit(u, KD_OP_STORE, 0, first + i, 0);
    uint16_t at = first;
    for (kd_node *n = pattern->a; n; n = n->next)
        match_pattern(u, n, at++, fail);
}

static void
match_pattern(kd_unit *u, kd_node *pattern, uint16_t subject, kd_label *fail)
{
    if (is_wildcard(pattern))
        return;
    if (pattern->kind == KD_NODE_NAME) {
        uint16_t local = kd_new_local(u);
        kd_emit(u, KD_OP_LOCAL, 0, subject, 0);
        kd_emit(u, KD_OP_STORE, 0, local, 0);
        kd_bind_local(u, pattern->name, local, KD_BIND_LOCAL);
        return;
    }
    if (pattern->kind == KD_NODE_TUPLE) {
        if (++u->c->depth < 500)
            match_tuple(u, pattern, subject, fail);
        u->c->depth--;
        return;
    }
    kd_emit(u, KD_OP_LOCAL, 0, subject, 0);
    kd_expr(u, pattern);
    kd_emit(u, KD_OP_COMPARE, 0, 0, '=');
    kd_jump(u, KD_OP_JUMP_FALSE, 0, 0, fail);
}

void
kd_st_match(kd_unit *u, kd_node *node)
{
    kd_label end;
    kd_label_init(&end);
    uint16_t subject = kd_new_local(u);
    if (node->a) {
        kd_expr(u, node->a);
        kd_emit(u, KD_OP_STORE, 0, subject, 0);
    }
    for (kd_node *cas = node->b; cas; cas = cas->next) {
        kd_label fail;
        kd_label_init(&fail);
        size_t mark = kd_locals_mark(u);
        u->place = cas;
        if (!node->a && !is_wildcard(cas->a))
            kd_compile_fail(u->c, KIDA_E_SYNTAX, cas,
                            "a match without a subject takes only '_' patterns");
        match_pattern(u, cas->a, subject, &fail);
        if (cas->b) {
            kd_expr(u, cas->b);
            kd_jump(u, KD_OP_JUMP_FALSE, 0, 0, &fail);
        }
        kd_body(u, cas->c);
        kd_jump(u, KD_OP_JUMP, 0, 0, &end);
        kd_locals_release(u, mark);
        kd_place_label(u, &fail);
    }
    kd_place_label(u, &end);
}

/* ---- try ------------------------------------------------------------------------------------- */

static void
forget_scoped(kd_unit *u, uint16_t local)
{
    kd_vec *v = &u->fn->scoped;
    for (size_t i = 0; i < v->count; i++) {
        kd_binding *b = KD_VEC_AT(kd_binding, *v, i);
        if (b->local == local) {
            memmove(b, b + 1, (v->count - i - 1) * sizeof *b);
            v->count--;
            return;
        }
    }
}

void
kd_st_try(kd_unit *u, kd_node *node)
{
    kd_label fallback, end;
    kd_label_init(&fallback);
    kd_label_init(&end);
    uint32_t first = u->fn->next_local;
    kd_jump(u, KD_OP_TRY, 0, 0, &fallback);
    kd_leave leave = { .kind = KD_LEAVE_TRY };
    kd_leave_push(u, leave);
    kd_body(u, node->a);
    kd_leave_pop(u);
    kd_emit(u, KD_OP_TRY_END, 0, 0, 0);
    kd_jump(u, KD_OP_JUMP, 0, 0, &end);
    kd_place_label(u, &fallback);
    /* Scopes that the error left open are closed: but names of scopes that stay open are kept. */
    size_t kept = u->fn->scoped.count;
    for (uint32_t local = first; local < u->fn->next_local; local++) {
        bool open = false;
        for (size_t i = 0; i < kept && !open; i++)
            open = KD_VEC_AT(kd_binding, u->fn->scoped, i)->local == local;
        if (!open)
            kd_emit(u, KD_OP_CLEAR, 0, local, 1);
    }
    kd_emit(u, KD_OP_TRY_ERROR, 0, 0, 0);
    if (node->name.len == 0) {
        kd_emit(u, KD_OP_POP, 0, 0, 0);
        kd_body(u, node->b);
    } else {
        uint16_t local = kd_bind_scoped(u, node->name);
        kd_emit(u, KD_OP_STORE, 0, local, 0);
        kd_body(u, node->b);
        kd_emit(u, KD_OP_CLEAR, 0, local, 1);
        forget_scoped(u, local);
    }
    kd_place_label(u, &end);
}
