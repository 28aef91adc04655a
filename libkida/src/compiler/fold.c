/* SPDX-License-Identifier: MIT */
/* fold.c - operators over constants are worked out once. What fails stays and fails at run time. */
#include "compiler/unit.h"
#include "value/ops.h"

#include <string.h>

/* Text built while compiling is kept short: templates should not grow by it. */
#define FOLDED_TEXT_MAX 4096

static bool
small_enough(kida_value v)
{
    switch (kida_kind_of(v)) {
    case KIDA_STRING:
        return kida_as_str(v).len <= FOLDED_TEXT_MAX;
    case KIDA_NONE:
    case KIDA_BOOL:
    case KIDA_INT:
    case KIDA_FLOAT:
        return true;
    case KIDA_ABSENT:
    case KIDA_UNDEFINED:
    case KIDA_BIGINT:
    case KIDA_LIST:
    case KIDA_TUPLE:
    case KIDA_DICT:
    case KIDA_SET:
    case KIDA_RANGE:
    case KIDA_VIEW:
    case KIDA_ITERATOR:
    case KIDA_CALLABLE:
    case KIDA_OBJECT:
        return false;
    }
    return false;
}

static void
become_const(kd_node *node, kida_value v)
{
    node->kind = KD_NODE_CONST;
    node->value = v;
    node->a = node->b = node->c = NULL;
}

static void
fold_unary(kd_compiler *c, kd_node *node)
{
    kd_fold(c, node->a);
    if (node->a->kind != KD_NODE_CONST)
        return;
    kida_call call = { .rt = &c->rt };
    kida_value out;
    bool truth;
    kida_status st;
    if (node->op == '!') {
        st = kd_truth(&call, node->a->value, &truth);
        out = kida_bool(!truth);
    } else {
        st = node->op == '-' ? kd_neg(&call, node->a->value, &out)
                             : kd_pos(&call, node->a->value, &out);
    }
    if (st == KIDA_OK && small_enough(out))
        become_const(node, out);
}

static void
fold_binary(kd_compiler *c, kd_node *node)
{
    kd_fold(c, node->a);
    kd_fold(c, node->b);
    if (node->a->kind != KD_NODE_CONST || node->b->kind != KD_NODE_CONST)
        return;
    kida_call call = { .rt = &c->rt };
    kida_value out;
    kida_status st = node->op == '~'
                         ? kd_concat(&call, node->a->value, node->b->value, &out)
                         : kida_arith(&call, node->op, node->a->value, node->b->value, &out);
    if (st == KIDA_OK && small_enough(out))
        become_const(node, out);
}

void
kd_fold(kd_compiler *c, kd_node *node)
{
    if (!c->resolver->optimize || c->depth > 1000)
        return;
    c->depth++;
    if (node->kind == KD_NODE_UNARY)
        fold_unary(c, node);
    else if (node->kind == KD_NODE_BINARY)
        fold_binary(c, node);
    c->depth--;
}
