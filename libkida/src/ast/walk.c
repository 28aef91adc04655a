/* SPDX-License-Identifier: MIT */
/* walk.c - going over the children of a node. Most nodes have none: that is seen at once. */
#include "ast/node.h"

typedef bool visitor(void *arg, kd_node *child);

KD_INLINE bool
each(kd_node *list, visitor *visit, void *arg)
{
    for (kd_node *child = list; child != NULL; child = child->next) {
        if (!visit(arg, child))
            return false;
    }
    return true;
}

bool
kd_node_children(const kd_node *node, bool (*visit)(void *arg, kd_node *child), void *arg)
{
    return each(node->a, visit, arg) && each(node->b, visit, arg) && each(node->c, visit, arg) &&
           each(node->d, visit, arg) && each(node->e, visit, arg);
}
