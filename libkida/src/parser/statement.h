/* SPDX-License-Identifier: MIT */
/* statement.h - the parse functions of keyword.def. */
#ifndef KD_PARSER_STATEMENT_H
#define KD_PARSER_STATEMENT_H

#include "parser/keyword.h"

/* flow.c */
kd_statement_fn kd_parse_if, kd_parse_for, kd_parse_async, kd_parse_while, kd_parse_jump;
/* branch.c */
kd_statement_fn kd_parse_match, kd_parse_try;
/* vars.c */
kd_statement_fn kd_parse_set, kd_parse_export, kd_parse_with, kd_parse_capture, kd_parse_provide;
/* def.c */
kd_statement_fn kd_parse_def, kd_parse_call, kd_parse_slot, kd_parse_yield, kd_parse_template;
/* structure.c */
kd_statement_fn kd_parse_block, kd_parse_extends, kd_parse_include, kd_parse_import, kd_parse_from,
    kd_parse_embed, kd_parse_setup;
/* misc.c */
kd_statement_fn kd_parse_raw, kd_parse_filter_block, kd_parse_spaceless, kd_parse_cache,
    kd_parse_push, kd_parse_stack, kd_parse_flush;
/* trans.c */
kd_statement_fn kd_parse_trans;

#endif
