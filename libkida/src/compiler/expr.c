/* SPDX-License-Identifier: MIT */
/* expr.c - expressions to instructions, one function per family. */
#include "compiler/unit.h"
#include "value/ops.h"

#include <string.h>

#define COMPILE_DEPTH_MAX 1500

/* ---- small ones ------------------------------------------------------------------------------ */

static void
list_items(kd_unit *u, kd_node *list, kd_op op)
{
    uint32_t count = 0;
    for (kd_node *n = list; n; n = n->next, count++)
        kd_expr(u, n);
    kd_emit(u, op, 0, 0, op == KD_OP_DICT ? count / 2 : count);
}

static void
expr_slice(kd_unit *u, kd_node *slice)
{
    kd_node *parts[3] = { slice->a, slice->b, slice->c };
    for (int i = 0; i < 3; i++) {
        if (parts[i])
            kd_expr(u, parts[i]);
        else
            kd_emit_const(u, kida_none());
    }
    kd_emit(u, KD_OP_SLICE, 0, 0, 0);
}

static void
expr_item(kd_unit *u, kd_node *node)
{
    kd_expr(u, node->a);
    bool safe = node->flags & KD_F_SAFE;
    if (node->b->kind == KD_NODE_SLICE) {
        kd_label end;
        kd_label_init(&end);
        if (safe)
            kd_jump(u, KD_OP_NONE_SKIP, 0, 0, &end);
        expr_slice(u, node->b);
        kd_place_label(u, &end);
        return;
    }
    if (!safe) {
        kd_expr(u, node->b);
        kd_emit(u, KD_OP_ITEM, u->guards ? KD_C_GUARDED : 0, 0, 0);
        return;
    }
    kd_label end;
    kd_label_init(&end);
    kd_jump(u, KD_OP_NONE_SKIP, 0, 0, &end);
    kd_expr(u, node->b);
    kd_emit(u, KD_OP_ITEM_SAFE, 0, 0, 0);
    kd_place_label(u, &end);
}

static void
expr_attr(kd_unit *u, kd_node *node)
{
    uint32_t attr = kd_attr_number(u->c, node->name);
    if (node->flags & KD_F_SAFE) {
        kd_expr(u, node->a);
        kd_emit(u, KD_OP_ATTR_SAFE, 0, 0, attr);
        return;
    }
    if (node->a->kind == KD_NODE_NAME) {
        const kd_binding *loop = NULL;
        for (size_t i = u->fn->locals.count; i > 0; i--) {
            const kd_binding *b = KD_VEC_AT(kd_binding, u->fn->locals, i - 1);
            if (kida_str_equal(b->name, node->a->name)) {
                loop = b->kind == KD_BIND_LOOP ? b : NULL;
                break;
            }
        }
        int32_t local = kd_sure_local(u, node->a->name);
        if (local >= 0) {
            kd_emit(u, KD_OP_LOCAL_ATTR, 0, (uint32_t)local, attr);
            return;
        }
        if (loop && !u->is_slot) {
            kd_emit(u, KD_OP_LOOP_ATTR, 0, loop->local, attr);
            return;
        }
    }
    kd_expr(u, node->a);
    kd_emit(u, KD_OP_ATTR, 0, 0, attr);
}

/* ---- operators ------------------------------------------------------------------------------- */

/* Whether the numeric coercion applies: the operand is, or holds, a call or a filter. */
static bool
needs_coercion(const kd_node *n, unsigned depth)
{
    if (!n || depth > 200)
        return false;
    if (n->kind == KD_NODE_CALL || n->kind == KD_NODE_FILTER)
        return true;
    if (n->kind == KD_NODE_BINARY)
        return needs_coercion(n->a, depth + 1) || needs_coercion(n->b, depth + 1);
    if (n->kind == KD_NODE_UNARY)
        return needs_coercion(n->a, depth + 1);
    if (n->kind == KD_NODE_TERNARY)
        return needs_coercion(n->b, depth + 1) || needs_coercion(n->c, depth + 1);
    return false;
}

static void
operand(kd_unit *u, kd_node *n, char op)
{
    kd_expr(u, n);
    if (op != '+' && op != '~' && needs_coercion(n, 0))
        kd_emit(u, KD_OP_COERCE, 0, 0, 0);
}

static void
expr_binary(kd_unit *u, kd_node *node)
{
    operand(u, node->a, node->op);
    operand(u, node->b, node->op);
    kd_emit(u, KD_OP_BINARY, 0, 0, (uint8_t)node->op);
}

static void
expr_unary(kd_unit *u, kd_node *node)
{
    kd_expr(u, node->a);
    kd_emit(u, node->op == '-' ? KD_OP_NEGATE : node->op == '+' ? KD_OP_PLUS : KD_OP_NOT, 0, 0, 0);
}

static void
expr_compare(kd_unit *u, kd_node *node)
{
    kd_label end;
    kd_label_init(&end);
    kd_expr(u, node->a);
    for (kd_node *link = node->b; link; link = link->next) {
        kd_expr(u, link->a);
        if (link->next)
            kd_jump(u, KD_OP_COMPARE_CHAIN, 0, (uint8_t)link->op, &end);
        else
            kd_emit(u, KD_OP_COMPARE, 0, 0, (uint8_t)link->op);
    }
    kd_place_label(u, &end);
}

static void
expr_shortcut(kd_unit *u, kd_node *node)
{
    kd_label end;
    kd_label_init(&end);
    if (node->kind == KD_NODE_COALESCE)
        kd_expr_guarded(u, node->a);
    else
        kd_expr(u, node->a);
    kd_jump(u, node->kind == KD_NODE_AND ? KD_OP_AND
               : node->kind == KD_NODE_OR ? KD_OP_OR : KD_OP_COALESCE, 0, 0, &end);
    kd_expr(u, node->b);
    kd_place_label(u, &end);
}

static void
expr_ternary(kd_unit *u, kd_node *node)
{
    kd_label other, end;
    kd_label_init(&other);
    kd_label_init(&end);
    kd_expr(u, node->a);
    kd_jump(u, KD_OP_JUMP_FALSE, 0, 0, &other);
    kd_expr(u, node->b);
    kd_jump(u, KD_OP_JUMP, 0, 0, &end);
    kd_place_label(u, &other);
    if (node->c)
        kd_expr(u, node->c);
    else
        kd_emit_const(u, kida_string(KIDA_S("")));
    kd_place_label(u, &end);
}

static void
expr_range(kd_unit *u, kd_node *node)
{
    kd_expr(u, node->a);
    kd_expr(u, node->b);
    if (node->c)
        kd_expr(u, node->c);
    else
        kd_emit_const(u, kida_int(1));
    kd_emit(u, KD_OP_RANGE, node->flags & KD_F_INCLUSIVE ? KD_C_INCLUSIVE : 0, 0, 0);
}

/* ---- guarded expressions --------------------------------------------------------------------- */

/* Chains of names, attributes and subscripts need no handler: they have soft instructions. */
static bool
is_soft_chain(const kd_node *n)
{
    while (n->kind == KD_NODE_ATTR || n->kind == KD_NODE_ITEM) {
        if (n->flags & KD_F_SAFE)
            return false;
        if (n->kind == KD_NODE_ITEM && n->b->kind != KD_NODE_CONST)
            return false;
        n = n->a;
    }
    return n->kind == KD_NODE_NAME;
}

static void
soft_chain(kd_unit *u, kd_node *node)
{
    kd_node *chain[256];
    size_t count = 0;
    kd_node *n = node;
    for (; n->kind != KD_NODE_NAME && count < KD_COUNT(chain); n = n->a)
        chain[count++] = n;
    if (n->kind != KD_NODE_NAME) { /* longer than anybody writes */
        kd_compile_fail(u->c, KIDA_E_PARSE, node, "the chain of attributes is too long");
        return;
    }
    kd_load_name(u, n, true);
    while (count > 0) {
        kd_node *step = chain[--count];
        if (step->kind == KD_NODE_ATTR) {
            kd_emit(u, KD_OP_ATTR_SOFT, 0, 0, kd_attr_number(u->c, step->name));
        } else {
            kd_expr(u, step->b);
            kd_emit(u, KD_OP_ITEM_SOFT, 0, 0, 0);
        }
    }
}

void
kd_expr_guarded(kd_unit *u, kd_node *node)
{
    if (node->kind == KD_NODE_CONST) {
        kd_expr(u, node);
        return;
    }
    if (is_soft_chain(node)) {
        kd_node *place = u->place;
        u->place = node;
        soft_chain(u, node);
        u->place = place;
        return;
    }
    kd_label end;
    kd_label_init(&end);
    kd_jump(u, KD_OP_GUARD, 0, 0, &end);
    u->guards++;
    kd_expr(u, node);
    u->guards--;
    kd_emit(u, KD_OP_GUARD_END, 0, 0, 0);
    kd_place_label(u, &end);
}

/* ---- filters and tests ----------------------------------------------------------------------- */

static bool
is_name(kida_str name, const char *text)
{
    return kida_str_equal(name, kida_str_from(text));
}

static void
expr_filter(kd_unit *u, kd_node *node)
{
    bool plain = !(node->flags & (KD_F_SAFE | KD_F_ARROW));
    kd_node builtin = *node;
    if (plain && (is_name(node->name, "default") || is_name(node->name, "d"))) {
        kd_expr_guarded(u, node->a);
        builtin.name = KIDA_S("|default"); /* not the filter of that name: see registry.c */
    } else {
        kd_expr(u, node->a);
    }
    u->place = node;
    kd_label end;
    kd_label_init(&end);
    if (node->flags & KD_F_SAFE)
        kd_jump(u, KD_OP_NONE_SKIP, 0, 0, &end);
    kd_filter_call(u, &builtin);
    kd_place_label(u, &end);
}

static void
expr_test(kd_unit *u, kd_node *node)
{
    bool defined = is_name(node->name, "defined");
    if ((defined || is_name(node->name, "undefined")) && !node->b) {
        kd_expr_guarded(u, node->a);
        bool negate = (node->flags & KD_F_NOT) != 0;
        kd_emit(u, KD_OP_DEFINED, negate == defined ? KD_C_NOT : 0, 0, 0);
        return;
    }
    kd_expr(u, node->a);
    u->place = node;
    kd_test_call(u, node);
}

static void
expr_is(kd_unit *u, kd_node *node)
{
    kd_expr(u, node->a);
    kd_expr(u, node->b);
    kd_emit(u, KD_OP_COMPARE, 0, 0, node->flags & KD_F_NOT ? 't' : 's');
}

/* ---- comprehensions -------------------------------------------------------------------------- */

void
kd_unpack_targets(kd_unit *u, kd_node *target)
{
    if (target->kind == KD_NODE_NAME) {
        uint16_t local = kd_new_local(u);
        kd_emit(u, KD_OP_STORE, 0, local, 0);
        kd_bind_local(u, target->name, local, KD_BIND_LOCAL);
        return;
    }
    uint32_t count = 0;
    for (kd_node *n = target->a; n; n = n->next)
        count++;
    kd_emit(u, KD_OP_UNPACK, 0, 0, count);
    for (kd_node *n = target->a; n; n = n->next)
        kd_unpack_targets(u, n);
}

static void
expr_comprehension(kd_unit *u, kd_node *node)
{
    kd_label next, done;
    kd_label_init(&next);
    kd_label_init(&done);
    size_t mark = kd_locals_mark(u);
    uint16_t list = kd_new_local(u);
    kd_emit(u, KD_OP_LIST, 0, 0, 0);
    kd_emit(u, KD_OP_STORE, 0, list, 0);
    kd_expr(u, node->c);
    uint16_t loop = kd_new_local(u);
    kd_emit(u, KD_OP_FOR_BEGIN, 0, loop, 0);
    kd_place_label(u, &next);
    kd_jump(u, KD_OP_FOR_NEXT, 0, loop, &done);
    kd_unpack_targets(u, node->b);
    if (node->d) {
        kd_label keep;
        kd_label_init(&keep);
        kd_expr(u, node->d);
        kd_jump(u, KD_OP_JUMP_TRUE, 0, 0, &keep);
        kd_jump(u, KD_OP_LOOP_BACK, 0, 0, &next);
        kd_place_label(u, &keep);
    }
    kd_expr(u, node->a);
    kd_emit(u, KD_OP_APPEND, 0, list, 0);
    kd_jump(u, KD_OP_LOOP_BACK, 0, 0, &next);
    kd_place_label(u, &done);
    kd_emit(u, KD_OP_FOR_END, 0, loop, 0);
    kd_emit(u, KD_OP_LOCAL, 0, list, 0);
    kd_locals_release(u, mark);
}

/* ---- dispatch -------------------------------------------------------------------------------- */

static void
expr_const(kd_unit *u, kd_node *node)
{
    kd_emit_const(u, node->value);
}

static void
expr_name(kd_unit *u, kd_node *node)
{
    kd_load_name(u, node, false);
}

static void
expr_list(kd_unit *u, kd_node *node)
{
    list_items(u, node->a, node->kind == KD_NODE_LIST ? KD_OP_LIST
                           : node->kind == KD_NODE_TUPLE ? KD_OP_TUPLE : KD_OP_DICT);
}

static void
expr_await(kd_unit *u, kd_node *node)
{
    kd_expr(u, node->a);
    kd_emit(u, KD_OP_AWAIT, 0, 0, 0);
}

typedef void expr_fn(kd_unit *u, kd_node *node);

static expr_fn *const expr_table[KD_NODE_COUNT] = {
    [KD_NODE_CONST] = expr_const,       [KD_NODE_NAME] = expr_name,
    [KD_NODE_LIST] = expr_list,         [KD_NODE_TUPLE] = expr_list,
    [KD_NODE_DICT] = expr_list,         [KD_NODE_ATTR] = expr_attr,
    [KD_NODE_ITEM] = expr_item,         [KD_NODE_CALL] = kd_call,
    [KD_NODE_FILTER] = expr_filter,     [KD_NODE_TEST] = expr_test,
    [KD_NODE_IS] = expr_is,             [KD_NODE_UNARY] = expr_unary,
    [KD_NODE_BINARY] = expr_binary,     [KD_NODE_COMPARE] = expr_compare,
    [KD_NODE_AND] = expr_shortcut,      [KD_NODE_OR] = expr_shortcut,
    [KD_NODE_COALESCE] = expr_shortcut, [KD_NODE_TERNARY] = expr_ternary,
    [KD_NODE_RANGE] = expr_range,       [KD_NODE_COMPREHENSION] = expr_comprehension,
    [KD_NODE_AWAIT] = expr_await,
};

void
kd_expr(kd_unit *u, kd_node *node)
{
    kd_compiler *c = u->c;
    if (c->status != KIDA_OK)
        return;
    expr_fn *fn = expr_table[node->kind];
    if (!fn || ++c->depth > COMPILE_DEPTH_MAX) {
        kd_compile_fail(c, KIDA_E_EXPRESSION, node, "the expression is nested too deeply");
        return;
    }
    kd_node *place = u->place;
    u->place = node;
    fn(u, node);
    u->place = place;
    c->depth--;
}
