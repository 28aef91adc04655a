/* SPDX-License-Identifier: MIT */
/* walk.c - going over the children of a node. */
#include "ast/node.h"

bool
kd_node_children(const kd_node *node, bool (*visit)(void *arg, kd_node *child), void *arg)
{
    kd_node *const lists[] = { node->a, node->b, node->c, node->d, node->e };
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        for (kd_node *child = lists[i]; child != NULL; child = child->next) {
            if (!visit(arg, child))
                return false;
        }
    }
    return true;
}
