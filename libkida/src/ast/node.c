/* SPDX-License-Identifier: MIT */
/* node.c - making nodes, and what their kinds are called. */
#include "ast/node.h"

#include "memory/arena.h"

static const char *const names[KD_NODE_COUNT] = {
#define KD_NODE(kind, name, a, b, c, d) #kind,
#include "ast/node.def"
#undef KD_NODE
};

const char *
kd_node_name(kd_node_kind kind)
{
    return names[kind];
}

kd_node *
kd_node_new(kida_pool *pool, kd_node_kind kind, kd_place place)
{
    kd_node *node = kd_arena_zero(pool, sizeof(kd_node));
    if (node == NULL)
        return NULL;
    node->kind = (uint8_t)kind;
    node->place = place;
    node->tag_line = place.line;
    return node;
}
