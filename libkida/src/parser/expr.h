/* SPDX-License-Identifier: MIT */
/* expr.h - expressions, targets and what follows them. Functions return NULL after a failure. */
#ifndef KD_PARSER_EXPR_H
#define KD_PARSER_EXPR_H

#include "parser/state.h"

/* ---- expr.c ---------------------------------------------------------------------------------- */

kd_node *kd_parse_expr(kd_parser *p);       /* all of it */
kd_node *kd_parse_no_ternary(kd_parser *p); /* without 'a if b else c' outside parentheses */
kd_node *kd_parse_or(kd_parser *p);         /* without '??' either */
kd_node *kd_parse_sum(kd_parser *p);        /* operand of a comparison */
kd_node *kd_parse_unary(kd_parser *p);      /* operand of a product */

/* One expression, or a tuple of several with commas between and perhaps one at the end. */
kd_node *kd_parse_expr_or_tuple(kd_parser *p);
/* Several with commas between; false after a failure. */
bool kd_parse_expr_list(kd_parser *p, kd_nodes *list);

/* ---- primary.c ------------------------------------------------------------------------------- */

kd_node *kd_parse_primary(kd_parser *p);
/* Whether the token is a literal; *out is its value. */
bool kd_literal_value(const kd_token *token, kida_value *out);
/* Whether the token can be the first of a primary expression. */
bool kd_starts_primary(const kd_token *token);

/* Names or tuples of names that a loop binds: up to 'in'. */
kd_node *kd_parse_target(kd_parser *p);
/* One name or parenthesised tuple of names. lenient: a literal counts as a nameless name. */
kd_node *kd_parse_target_item(kd_parser *p, bool lenient);

/* ---- postfix.c ------------------------------------------------------------------------------- */

/* .name ?.name [i] ?[i] (args) a..b behind node. */
kd_node *kd_parse_postfix(kd_parser *p, kd_node *node);
/* Filters behind a product, as long as they are of one kind. */
kd_node *kd_parse_chain(kd_parser *p, kd_node *input);
/* name or name(args) as a FILTER without input. */
kd_node *kd_parse_filter_name(kd_parser *p, kd_place place);
/* The test behind `is` or `is not`. */
kd_node *kd_parse_test(kd_parser *p, kd_node *input, bool negated);
/* Arguments up to and with the closing parenthesis; the opening one is consumed. */
bool kd_parse_args(kd_parser *p, kd_node **args);

#endif
