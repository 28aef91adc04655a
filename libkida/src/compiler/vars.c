/* SPDX-License-Identifier: MIT */
/* vars.c - set, let, export, with, and the statements that collect text: capture, filter,
 * spaceless, cache, push, provide, trans. */
#include "compiler/unit.h"

#include <string.h>

/* ---- assignments ----------------------------------------------------------------------------- */

static void
store(kd_unit *u, char op, const kd_node *target)
{
    if (op == 's')
        kd_store_set(u, target->name);
    else
        kd_store_context(u, target->name);
}

/* Value on the stack → the names of a tuple, by index: surplus items are ignored. */
static void
store_tuple(kd_unit *u, char op, const kd_node *target)
{
    if (target->kind == KD_NODE_NAME) {
        store(u, op, target);
        return;
    }
    if (target->kind != KD_NODE_TUPLE) {
        kd_emit(u, KD_OP_POP, 0, 0, 0);
        return;
    }
    uint32_t count = 0;
    for (const kd_node *n = target->a; n; n = n->next)
        count++;
    kd_emit(u, KD_OP_UNPACK_INDEX, 0, 0, count);
    for (const kd_node *n = target->a; n; n = n->next)
        store_tuple(u, op, n);
}

/* name ??= value: only where the name is not there or none. */
static void
store_if_missing(kd_unit *u, char op, kd_node *assign)
{
    kd_label end, keep;
    kd_label_init(&end);
    kd_label_init(&keep);
    kd_load_name(u, assign->a, true);
    kd_emit(u, KD_OP_DEFINED, 0, 0, 0);
    kd_jump(u, KD_OP_JUMP_TRUE, 0, 0, &keep);
    kd_expr(u, assign->b);
    store(u, op, assign->a);
    kd_place_label(u, &keep);
}

void
kd_st_set(kd_unit *u, kd_node *node)
{
    for (kd_node *assign = node->a; assign; assign = assign->next) {
        if (assign->flags & KD_F_COALESCE && assign->a->kind == KD_NODE_NAME) {
            store_if_missing(u, node->op, assign);
            continue;
        }
        kd_expr(u, assign->b);
        store_tuple(u, node->op, assign->a);
    }
}

/* ---- with ------------------------------------------------------------------------------------ */

static void
with_body(kd_unit *u, kd_node *body, uint32_t count)
{
    kd_leave leave = { .kind = KD_LEAVE_WITH, .count = count };
    kd_leave_push(u, leave);
    kd_body(u, body);
    kd_leave_pop(u);
    if (count)
        kd_emit(u, KD_OP_WITH_POP, 0, 0, count);
}

static void
with_push(kd_unit *u, kida_str name)
{
    u->fn->own_context = true;
    kd_emit(u, KD_OP_WITH_PUSH, 0, 0, kd_name_number(u->c, name));
}

void
kd_st_with(kd_unit *u, kd_node *node)
{
    uint32_t count = 0;
    for (kd_node *assign = node->a; assign; assign = assign->next) {
        kd_expr(u, assign->b);
        with_push(u, assign->a->name);
        count++;
    }
    with_body(u, node->b, count);
}

/* Binds one conditional target to the value on the stack; returns how many names that took. */
static uint32_t
with_target(kd_unit *u, const kd_node *target)
{
    if (target->kind == KD_NODE_NAME) {
        with_push(u, target->name);
        return 1;
    }
    if (target->kind == KD_NODE_TUPLE && ++u->c->depth < 500) {
        uint32_t items = 0, count = 0;
        for (const kd_node *n = target->a; n; n = n->next)
            items++;
        kd_emit(u, KD_OP_UNPACK, 0, 0, items);
        for (const kd_node *n = target->a; n; n = n->next)
            count += with_target(u, n);
        u->c->depth--;
        return count;
    }
    kd_emit(u, KD_OP_POP, 0, 0, 0);
    return 0;
}

void
kd_st_with_if(kd_unit *u, kd_node *node)
{
    kd_label other, end;
    kd_label_init(&other);
    kd_label_init(&end);
    uint16_t value = kd_new_local(u);
    uint32_t values = 0;
    for (kd_node *n = node->a; n; n = n->next, values++)
        kd_expr(u, n);
    if (values > 1)
        kd_emit(u, KD_OP_TUPLE, 0, 0, values);
    kd_emit(u, KD_OP_STORE, 0, value, 0);
    for (uint32_t i = 0; i < values; i++) {
        kd_emit(u, KD_OP_LOCAL, 0, value, 0);
        if (values > 1) {
            kd_emit_const(u, kida_int(i));
            kd_emit(u, KD_OP_ITEM, 0, 0, 0);
        }
        kd_jump(u, KD_OP_JUMP_FALSE, 0, 0, &other);
    }
    kd_emit(u, KD_OP_LOCAL, 0, value, 0);
    uint32_t count = 0, targets = 0;
    for (kd_node *n = node->b; n; n = n->next)
        targets++;
    if (targets == 0) {
        with_push(u, KIDA_S("it"));
        count = 1;
    } else {
        if (targets > 1)
            kd_emit(u, KD_OP_UNPACK, 0, 0, targets);
        for (kd_node *n = node->b; n; n = n->next)
            count += with_target(u, n);
    }
    with_body(u, node->c, count);
    kd_jump(u, KD_OP_JUMP, 0, 0, &end);
    kd_place_label(u, &other);
    kd_body(u, node->d);
    kd_place_label(u, &end);
}

/* ---- collected text -------------------------------------------------------------------------- */

static void
collected_body(kd_unit *u, kd_leave_kind kind, const kd_node *node, kd_node *body)
{
    kd_emit(u, KD_OP_CAPTURE, 0, 0, 0);
    kd_leave leave = { .kind = kind, .node = node };
    kd_leave_push(u, leave);
    kd_body(u, body);
    kd_leave_pop(u);
}

void
kd_end_capture(kd_unit *u, const kd_node *node)
{
    kd_emit(u, KD_OP_CAPTURE_END, 0, 0, 0);
    if (node->a)
        kd_filter_call(u, node->a);
    kd_store_context(u, node->name);
}

void
kd_st_capture(kd_unit *u, kd_node *node)
{
    collected_body(u, KD_LEAVE_CAPTURE, node, node->b);
    u->place = node;
    kd_end_capture(u, node);
}

void
kd_end_filter(kd_unit *u, const kd_node *node)
{
    kd_emit(u, KD_OP_CAPTURE_END, 0, 0, 0);
    kd_filter_call(u, node->a);
    kd_emit(u, KD_OP_EMIT_RAW, 0, 0, 0);
}

void
kd_st_filter(kd_unit *u, kd_node *node)
{
    collected_body(u, KD_LEAVE_FILTER, node, node->b);
    u->place = node;
    kd_end_filter(u, node);
}

void
kd_st_spaceless(kd_unit *u, kd_node *node)
{
    collected_body(u, KD_LEAVE_SPACELESS, node, node->a);
    kd_emit(u, KD_OP_CAPTURE_END, 0, 0, 0);
    kd_emit(u, KD_OP_SPACELESS, 0, 0, 0);
    kd_emit(u, KD_OP_EMIT_RAW, 0, 0, 0);
}

void
kd_end_push(kd_unit *u, const kd_node *node)
{
    kd_emit(u, KD_OP_CAPTURE_END, 0, 0, 0);
    kd_emit(u, KD_OP_PUSH_STACK, 0, 0, kd_const_number(u->c, kida_string(node->name)));
}

void
kd_st_push(kd_unit *u, kd_node *node)
{
    collected_body(u, KD_LEAVE_PUSH, node, node->a);
    kd_end_push(u, node);
}

void
kd_st_stack(kd_unit *u, kd_node *node)
{
    kd_emit(u, KD_OP_STACK, 0, 0, kd_const_number(u->c, kida_string(node->name)));
}

void
kd_st_cache(kd_unit *u, kd_node *node)
{
    kd_label hit;
    kd_label_init(&hit);
    kd_node *ttl = NULL;
    for (kd_node *n = node->b; n; n = n->next) {
        if (kida_str_equal(n->name, KIDA_S("ttl"))) {
            ttl = n->a;
        } else {
            kd_expr(u, n->a);
            kd_emit(u, KD_OP_POP, 0, 0, 0);
        }
    }
    kd_expr(u, node->a);
    if (ttl)
        kd_expr(u, ttl);
    else
        kd_emit_const(u, kida_none());
    kd_jump(u, KD_OP_CACHE_BEGIN, 0, 0, &hit);
    kd_leave leave = { .kind = KD_LEAVE_CACHE };
    kd_leave_push(u, leave);
    kd_body(u, node->c);
    kd_leave_pop(u);
    kd_emit(u, KD_OP_CACHE_END, 0, 0, 0);
    kd_place_label(u, &hit);
}

void
kd_st_provide(kd_unit *u, kd_node *node)
{
    kd_expr(u, node->a);
    kd_emit(u, KD_OP_PROVIDE, 0, 0, kd_const_number(u->c, kida_string(node->name)));
    kd_leave leave = { .kind = KD_LEAVE_PROVIDE };
    kd_leave_push(u, leave);
    kd_body(u, node->b);
    kd_leave_pop(u);
    kd_emit(u, KD_OP_PROVIDE_END, 0, 0, 0);
}

/* ---- trans ----------------------------------------------------------------------------------- */

static kida_str
message_at(kd_compiler *c, kida_value pair, size_t index, bool *given)
{
    kida_value v = kida_item_at(pair, index);
    *given = kd_is(v, KIDA_STRING);
    return *given ? kd_copy_str(c, kida_as_str(v)) : KIDA_S("");
}

void
kd_st_trans(kd_unit *u, kd_node *node)
{
    kd_compiler *c = u->c;
    kd_trans_site site = { .count_at = UINT32_MAX };
    kd_vec names = { 0 };
    for (kd_node *n = node->a; n; n = n->next) {
        kd_expr(u, n->b);
        kida_str *name = kd_vec_add(c, &names, sizeof *name);
        if (name)
            *name = kd_copy_str(c, n->a->name);
        if (kida_str_equal(n->a->name, KIDA_S("count")))
            site.count_at = site.count;
        site.count++;
    }
    bool given;
    site.names = kd_copy_items(c, names.items, names.count, sizeof(kida_str));
    site.singular = message_at(c, node->value, 0, &given);
    site.plural = message_at(c, node->value, 1, &site.has_plural);
    kd_trans_site *slot = kd_vec_add(c, &c->transs, sizeof *slot);
    if (slot)
        *slot = site;
    u->fn->reads_names = true; /* _ and _n */
    kd_emit(u, KD_OP_TRANS, 0, site.count, (uint32_t)(c->transs.count - 1));
}
