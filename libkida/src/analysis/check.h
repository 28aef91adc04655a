/* SPDX-License-Identifier: MIT */
/* check.h - rules about where things may stand, and walks over the definitions of a tree. */
#ifndef KD_CHECK_H
#define KD_CHECK_H

#include "ast/node.h"

/* K-TPL-004: a def or region inside a control statement. */
kida_status kd_check_placement(const kd_tree *tree, kida_error *err);

/* Calls each for every BLOCK and REGION of a body, at any depth, in source order; those of embed
 * overrides belong to the embed and are left out. */
void kd_each_block(kd_node *body, void (*each)(void *arg, kd_node *node), void *arg);

#endif
