/* SPDX-License-Identifier: MIT */
/* state.h - what the files of the parser share: the tokens, open statements, nodes, errors. */
#ifndef KD_PARSER_STATE_H
#define KD_PARSER_STATE_H

#include <string.h>

#include "memory/arena.h"
#include "memory/str.h"
#include "parser/keyword.h"
#include "parser/parser.h"

/* A statement whose body is being parsed. Lives on the C stack of its parse function. */
typedef struct kd_open {
    struct kd_open *outer;
    kd_word word;
    bool in_else;      /* of a loop: break and continue mean an outer one */
    unsigned middles;  /* KD_ROLE_* of the tags that may divide its body */
    kd_place place;
} kd_open;

typedef struct kd_parser {
    const kd_token *at;    /* next token; the last one is END */
    kida_pool *pool;
    kida_str source;
    kida_error *err;
    kida_status status;    /* of the first failure */
    kd_tree *tree;
    kd_open *open;         /* innermost open statement, NULL at the top level */
    kd_word word;          /* of the statement tag looked at last */
    uint32_t tag_line;     /* line where the tag opens that is being parsed */
    uint16_t open_depth;
    uint16_t expr_depth;
    uint16_t comprehension; /* how many are around */
    /* an error that parse errors further down go before */
    kida_status late_status;
    kd_place late_place;
    const char *late_message;
    const char *late_hint;
} kd_parser;

/* A list of nodes being built. */
typedef struct kd_nodes {
    kd_node *first;
    kd_node *last;
    size_t count;
} kd_nodes;

static inline void
kd_append(kd_nodes *list, kd_node *node)
{
    if (list->last != NULL)
        list->last->next = node;
    else
        list->first = node;
    list->last = node;
    list->count++;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static inline bool
kd_peek(const kd_parser *p, kd_token_kind kind)
{
    return p->at->kind == kind;
}

static inline bool
kd_is_word(const kd_token *token, kida_str word)
{
    return token->kind == KD_TOK_NAME && token->text.len == word.len &&
           memcmp(token->text.ptr, word.ptr, word.len) == 0;
}

static inline bool
kd_peek_word(const kd_parser *p, kida_str word)
{
    return kd_is_word(p->at, word);
}

static inline bool
kd_accept(kd_parser *p, kd_token_kind kind)
{
    if (p->at->kind != kind)
        return false;
    p->at++;
    return true;
}

static inline bool
kd_accept_word(kd_parser *p, kida_str word)
{
    if (!kd_is_word(p->at, word))
        return false;
    p->at++;
    return true;
}

/* The token must be of this kind, else K-PAR-001. what: "')' behind the arguments". */
bool kd_expect(kd_parser *p, kd_token_kind kind, const char *what);
/* A name; *out is its token. */
bool kd_expect_name(kd_parser *p, const char *what, const kd_token **out);
/* The end of the statement tag that node opens; its place is completed. */
bool kd_expect_tag_end(kd_parser *p, kd_node *node);

kd_place kd_token_place(const kd_token *token);
/* How messages call a token: "'else'", "a string". */
const char *kd_describe(const kd_token *token, char out[64]);

/* ---- nodes ----------------------------------------------------------------------------------- */

/* A node that starts at place; NULL: out of memory, reported. */
kd_node *kd_make(kd_parser *p, kd_node_kind kind, kd_place place);
/* A statement node whose tag opens at token tag. */
kd_node *kd_make_statement(kd_parser *p, kd_node_kind kind, const kd_token *tag);
/* An expression node is complete: its place ends at the last token, its height is known.
 * NULL: too high, reported. */
kd_node *kd_complete(kd_parser *p, kd_node *node);
/* As kd_make for a node that consists of one token, with its text as name. */
kd_node *kd_make_name(kd_parser *p, kd_node_kind kind, const kd_token *token);

/* ---- open statements ------------------------------------------------------------------------- */

/* Opens the body of node, the statement p->word. */
bool kd_enter(kd_parser *p, kd_open *open, const kd_node *node, unsigned middles);
/* Statements up to a tag that belongs to the innermost open statement, whose word p->word is. */
bool kd_parse_body(kd_parser *p, kd_node **body);
/* Whether that tag is a dividing one of this role; if so it is consumed up to its word. */
bool kd_divider(kd_parser *p, unsigned role, const kd_token **tag);
/* Consumes the closing tag and leaves the statement. */
bool kd_leave(kd_parser *p, kd_node *node);
/* Body without dividing tags, closing tag included: the common case. */
bool kd_parse_simple_body(kd_parser *p, kd_node *node, kd_node **body);
/* K-PAR-002 for the end of the source inside the innermost open statement. */
bool kd_fail_unclosed(kd_parser *p);
/* K-PAR-001 for a dividing or closing tag at the wrong place. */
bool kd_fail_stray_tag(kd_parser *p, kd_word word);
/* Word of the tag at p->at; KD_WORD_COUNT: reported. */
kd_word kd_tag_word(kd_parser *p);

/* ---- errors ---------------------------------------------------------------------------------- */

/* All report once, with place, and return NULL or false. */
void *kd_syntax(kd_parser *p, kida_status status, kd_place place, const char *format, ...)
    KIDA_PRINTF(4, 5);
void *kd_no_memory(kd_parser *p);
void kd_hint(kd_parser *p, const char *format, ...) KIDA_PRINTF(2, 3);
/* "unexpected 'x', expected …"; K-PAR-001. */
void *kd_unexpected(kd_parser *p, const char *expected);
/* A place that would be an expression; K-PAR-003. */
void *kd_no_expression(kd_parser *p, const char *expected);
/* Remembers an error that is reported if no parse error follows. */
void kd_late(kd_parser *p, kida_status status, kd_place place, const char *message,
             const char *hint);

/* Whether name is already in the list; fails with status and message then, or if it is full. */
bool kd_check_new_name(kd_parser *p, const kd_nodes *list, const kd_token *name,
                       kida_status status, const char *what);

/* One level down into nested expressions; K-PAR-001 if too deep. */
bool kd_descend(kd_parser *p);

static inline void
kd_ascend(kd_parser *p)
{
    p->expr_depth--;
}

#endif
