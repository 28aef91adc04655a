/* SPDX-License-Identifier: MIT */
/* node.h - the syntax tree: one node type whose members node.def explains kind by kind. */
#ifndef KD_NODE_H
#define KD_NODE_H

#include "error/fail.h"
#include "value/value.h"

typedef enum kd_node_kind {
#define KD_NODE(kind, name, a, b, c, d) KD_NODE_##kind,
#include "ast/node.def"
#undef KD_NODE
    KD_NODE_COUNT
} kd_node_kind;

enum {
    KD_F_SAFE = 1 << 0,
    KD_F_ARROW = 1 << 1,
    KD_F_PAREN = 1 << 2,
    KD_F_NOT = 1 << 3,
    KD_F_INCLUSIVE = 1 << 4,
    KD_F_ASYNC = 1 << 5,
    KD_F_COALESCE = 1 << 6,
    KD_F_STAR = 1 << 7,
    KD_F_STARS = 1 << 8,
    KD_F_YIELD = 1 << 9,
    KD_F_FRAGMENT = 1 << 10,
    KD_F_IGNORE_MISSING = 1 << 11,
    KD_F_WITHOUT_CONTEXT = 1 << 12,
    KD_F_WITH_CONTEXT = 1 << 13,
    KD_F_UNIFIED_END = 1 << 14, /* closed by {% end %}: for `check --strict` */
    KD_F_LET = 1 << 15          /* a SLOT that was written with let: bindings */
};

typedef struct kd_node kd_node;

struct kd_node {
    uint8_t kind;   /* kd_node_kind */
    char op;
    uint16_t flags; /* KD_F_* */
    kd_place place; /* of an expression: its first token to its last; of a statement: its tag */
    kd_node *next;  /* in the list that it belongs to */
    kida_str name;  /* points into the source */
    kd_node *a, *b, *c, *d, *e;
    kida_value value;
    uint32_t tag_line; /* line where the tag opens that holds this node: run-time errors name it */
    uint32_t mark;     /* free for the analysis */
    uint32_t height;   /* of an expression: levels below it and itself; bounded by the parser */
    uint32_t end_line; /* of a statement with a body: line of the tag that closes it */
};

/* What the parser makes of one source. All of it lives in one arena. */
typedef struct kd_tree {
    kida_str name;     /* template name, may be empty */
    kida_str source;
    kd_node *body;
    kd_node *extends;  /* first EXTENDS, or NULL */
    kd_node *declaration; /* TEMPLATE_DECL, or NULL */
    size_t node_count;
    bool is_async;     /* has `async for` or `await` */
} kd_tree;

const char *kd_node_name(kd_node_kind kind); /* "FOR" */

/* A zeroed node; NULL when out of memory. */
kd_node *kd_node_new(kida_pool *pool, kd_node_kind kind, kd_place place);

/* Calls visit for each child of node in order (a, b, c, d, e and what follows each by next);
 * stops and returns false when visit does. Not recursive: visitors go down themselves. */
bool kd_node_children(const kd_node *node, bool (*visit)(void *arg, kd_node *child), void *arg);

/* Readable, indented dump, for tests. */
void kd_tree_dump(const kd_tree *tree, kida_buf *out);

#endif
