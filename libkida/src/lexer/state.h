/* SPDX-License-Identifier: MIT */
/* state.h - what the files of the lexer share: where it stands, how it emits and fails. */
#ifndef KD_LEXER_STATE_H
#define KD_LEXER_STATE_H

#include "lexer/lexer.h"
#include "memory/arena.h"

/* One of the three opening delimiters. */
typedef struct kd_opener {
    kida_str text;
    uint8_t start;   /* token kind; COMMENT for comments */
} kd_opener;

typedef struct kd_lexer {
    const kd_lexer_config *config;
    kida_pool *pool;
    kida_str name;
    kida_str source;
    kida_error *err;
    kida_status status;     /* of the failure, once there is one */
    const char *at;
    const char *end;
    uint32_t line;          /* of at */
    uint32_t column;
    kd_token *items;
    size_t count;
    size_t room;
    size_t comments;        /* among them; each counts twice against KD_TOKENS_MAX */
    bool trim;              /* a right trim waits for the next text */
    bool behind_block;      /* at stands directly behind a statement tag */
    kd_opener openers[3];   /* longest first */
    char leads[3];          /* their different first bytes */
    const char *lead_at[3]; /* next place of each, looked for once it lies behind */
    size_t lead_count;
    bool plain_delimiters;  /* those of tags are ASCII on one line */
} kd_lexer;

/* Goes forward to `to`, counting lines and code points. */
void kd_lexer_move(kd_lexer *lx, const char *to);

/* Appends a token that starts at place and whose text is given; false: failed. */
bool kd_lexer_emit(kd_lexer *lx, kd_token_kind kind, kd_place place, kida_str text);

/* Place of the next `width` code points, for errors and tokens. */
static inline kd_place
kd_lexer_here(const kd_lexer *lx, uint32_t width)
{
    kd_place place = { lx->line, lx->column, lx->column + width };
    return place;
}

/* Reports and returns false, which callers pass on. */
bool kd_lexer_fail(kd_lexer *lx, kida_status status, kd_place place, const char *format, ...)
    KIDA_PRINTF(4, 5);
bool kd_lexer_fail_memory(kd_lexer *lx);

/* What a byte can be inside of a tag: a table, because the lexer asks for each. */
enum { KD_BYTE_LETTER = 1, KD_BYTE_DIGIT = 2, KD_BYTE_BLANK = 4 };
extern const uint8_t kd_byte_classes[256];

static inline bool
kd_byte_is(char c, unsigned classes)
{
    return (kd_byte_classes[(unsigned char)c] & classes) != 0;
}

/* literal.c: at stands on a quote or on a digit. */
bool kd_lexer_string(kd_lexer *lx);
bool kd_lexer_number(kd_lexer *lx);

/* stray.c: at stands on a character that no token starts with. */
bool kd_lexer_stray(kd_lexer *lx);

#endif
