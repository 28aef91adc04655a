/* SPDX-License-Identifier: MIT */
/* keyword.h - the words that statement tags start with. */
#ifndef KD_PARSER_KEYWORD_H
#define KD_PARSER_KEYWORD_H

#include "ast/node.h"
#include "lexer/lexer.h"

struct kd_parser;

typedef enum kd_word {
#define KD_KEYWORD(word, text, role, parse, closer) KD_WORD_##word,
#include "parser/keyword.def"
#undef KD_KEYWORD
    KD_WORD_COUNT,
    KD_WORD_NONE = KD_WORD_COUNT
} kd_word;

/* What a word does; all but the first two divide bodies, and are bits of kd_open.middles. */
enum {
    KD_ROLE_STATEMENT = 0,
    KD_ROLE_CLOSER = 1 << 0,
    KD_ROLE_CASE = 1 << 1,
    KD_ROLE_ELIF = 1 << 2,
    KD_ROLE_ELSE = 1 << 3,
    KD_ROLE_EMPTY = 1 << 4,
    KD_ROLE_FALLBACK = 1 << 5,
    KD_ROLE_PLURAL = 1 << 6
};

/* Parses a statement whose tag opens at token tag; the next token is the one behind its word. */
typedef kd_node *kd_statement_fn(struct kd_parser *p, const kd_token *tag);

typedef struct kd_keyword {
    kida_str text;
    kd_statement_fn *parse;
    uint8_t role;
    uint8_t closer;
} kd_keyword;

extern const kd_keyword kd_keywords[KD_WORD_COUNT];

/* KD_WORD_COUNT: no keyword. */
kd_word kd_keyword_find(kida_str text);

/* What somebody probably meant by an unknown word, written to out; false: no idea. */
bool kd_keyword_hint(kida_str text, char *out, size_t size);

#endif
