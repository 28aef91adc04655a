/* SPDX-License-Identifier: MIT */
/* lexer.h - source text to tokens: delimiters, white space control, names, numbers, strings. */
#ifndef KD_LEXER_H
#define KD_LEXER_H

#include "error/fail.h"
#include "value/value.h"

#define KD_TOKENS_MAX 100000
#define KD_SOURCE_MAX (1u << 20)

typedef enum kd_token_kind {
#define KD_TOKEN(kind, text) KD_TOK_##kind,
#include "lexer/token.def"
#undef KD_TOKEN
    KD_TOK_COUNT
} kd_token_kind;

typedef struct kd_token {
    uint8_t kind;       /* kd_token_kind */
    uint32_t line;      /* from 1 */
    uint32_t column;    /* code points, from 0 */
    uint32_t end;       /* column one behind, if on the same line */
    kida_str text;      /* TEXT: after white space control; STRING: unescaped; else the source */
    kida_value value;   /* INT, FLOAT */
} kd_token;

/* Settings that decide how a source is cut up. */
typedef struct kd_lexer_config {
    kida_str variable_start, variable_end;
    kida_str block_start, block_end;
    kida_str comment_start, comment_end;
    bool trim_blocks;
    bool lstrip_blocks;
} kd_lexer_config;

/* The delimiters of the language, for static initialisers. */
#define KD_LEXER_DEFAULTS                                                                         \
    {                                                                                             \
        .variable_start = KIDA_S_INIT("{{"), .variable_end = KIDA_S_INIT("}}"),                   \
        .block_start = KIDA_S_INIT("{%"), .block_end = KIDA_S_INIT("%}"),                         \
        .comment_start = KIDA_S_INIT("{#"), .comment_end = KIDA_S_INIT("#}")                      \
    }

typedef struct kd_tokens {
    kd_token *items; /* ended by one of kind END */
    size_t count;
} kd_tokens;

/* Cuts the whole source up. Strings and numbers live in pool; texts point into the source or pool.
 * Errors: K-LEX-001…004, K-TPL-002 with place; KIDA_E_UTF8 with line; KIDA_E_NOMEM. */
kida_status kd_lex(const kd_lexer_config *config, kida_str name, kida_str source, kida_pool *pool,
                   kd_tokens *out, kida_error *err);

/* The integer that digits stand for, of any size the lexer lets through; false: out of memory. */
bool kd_int_literal(kida_pool *pool, kida_str digits, bool negative, kida_value *out);

#endif
