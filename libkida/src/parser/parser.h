/* SPDX-License-Identifier: MIT */
/* parser.h - tokens to syntax tree. */
#ifndef KD_PARSER_H
#define KD_PARSER_H

#include "ast/node.h"
#include "lexer/lexer.h"

#define KD_BLOCK_DEPTH_MAX 100
#define KD_EXPR_DEPTH_MAX 200
#define KD_FILTER_CHAIN_MAX 200

/* Levels of an expression's tree, so that later stages may walk it recursively: a chain like
 * a ~ b ~ c leans to the left, one level per operator, without being nested in the source. */
#define KD_EXPR_HEIGHT_MAX 400

/* Names in one list that must differ: parameters, keyword arguments, modifiers. */
#define KD_NAMES_MAX 255

/* Lexes and parses. The tree lives in pool and points into name and source, which must stay.
 * Errors: every K-LEX and K-PAR code, K-TPL-002, with place, excerpt and hint. */
kida_status kd_parse(const kd_lexer_config *config, kida_str name, kida_str source, kida_pool *pool,
                     kd_tree *out, kida_error *err);

#endif
