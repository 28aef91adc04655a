/* SPDX-License-Identifier: MIT */
/* known.h - what the analysis asks the environment about names, so that it needs not know it. */
#ifndef KD_KNOWN_H
#define KD_KNOWN_H

#include "ast/node.h"

typedef struct kd_known {
    void *user;
    /* NULL: unknown */
    const kida_filter *(*filter)(void *user, kida_str name);
    /* whether it is a global; *flags: those of a function, 0 for variables */
    bool (*global)(void *user, kida_str name, unsigned *flags);
    /* tree of another template, in pool, or NULL: not there, or it does not parse. May be NULL */
    const kd_tree *(*tree)(void *user, kida_str name, kida_str referrer, kida_pool *pool);
} kd_known;

/* A growing array in a pool. */
typedef struct kd_rows {
    void *items;
    size_t count, room;
} kd_rows;

/* A new zeroed item at its end; NULL: no memory. */
void *kd_rows_add(kd_rows *rows, kida_pool *pool, size_t item_size);

/* Whether one of the count names is name. */
bool kd_is_among(kida_str name, const char *const *names, size_t count);

/* Literal text of an expression; false: it is no constant text. */
bool kd_literal(const kd_node *n, kida_str *out);

/* Deepest nesting that walks follow: the parser allows less. */
#define KD_WALK_MAX 2000

#endif
