/* SPDX-License-Identifier: MIT */
/* paths.h - which dotted paths a part of a template reads from its context. */
#ifndef KD_PATHS_H
#define KD_PATHS_H

#include <kida/inspect.h>

#include "analysis/known.h"

/* A collection under way. */
typedef struct kd_paths {
    kida_pool *scratch;
    const kd_known *known;
    kd_dict *found;          /* keys: the paths */
    kd_rows hidden;         /* kida_str: names that loops, with and parameters bind here */
    kd_dict *hides;         /* name → how often it is among them */
    bool skip_blocks;
    bool failed;            /* out of memory */
    unsigned depth;
} kd_paths;

void kd_paths_init(kd_paths *p, const kd_known *known, kida_pool *scratch);
/* Names in node or below it are not read from the context from here on. */
void kd_paths_hide(kd_paths *p, const kd_node *target);
void kd_paths_node(kd_paths *p, const kd_node *node);
void kd_paths_list(kd_paths *p, const kd_node *list);
/* All paths in order, in pool but for plain names, which stay in the source. */
kida_names kd_paths_finish(kd_paths *p, kida_pool *pool);

/* Path of a chain of attributes and constant subscripts over a name, which is *root. pool gets its
 * text. Empty: the node is no such chain. */
kida_str kd_path_of(const kd_node *node, kida_pool *pool, const kd_node **root);

/* Sorts texts by code point. */
void kd_names_sort(kida_str *items, size_t count);

#endif
