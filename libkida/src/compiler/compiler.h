/* SPDX-License-Identifier: MIT */
/* compiler.h - syntax tree to bytecode: what the environment calls. */
#ifndef KD_COMPILER_H
#define KD_COMPILER_H

#include "analysis/known.h"
#include "code/code.h"
#include "lexer/lexer.h"

/* What the compiler asks the environment for, so that it needs not know it. */
typedef struct kd_resolver {
    void *user;
    const kd_filter_entry *(*filter)(void *user, kida_str name);
    const kd_test_entry *(*test)(void *user, kida_str name);
    /* offers every name known, for suggestions */
    void (*each_filter)(void *user, void (*offer)(void *arg, kida_str name), void *arg);
    void (*each_test)(void *user, void (*offer)(void *arg, kida_str name), void *arg);
    void (*warn)(void *user, const kida_error *warning); /* may be NULL; gets warn_user */
    void *warn_user;
    kd_known known;      /* what the analysis asks */
    kd_lexer_config lexer;
    kida_autoescape escape;
    bool optimize;
    bool jinja_warnings;
    bool validate_calls;
} kd_resolver;

/* Compiles tpl->source into tpl, whose name, source and pool are set. scratch is emptied by the
 * caller. Errors: every syntax code, with place; KIDA_E_NOMEM. On failure tpl holds nothing. */
kida_status kd_compile(const kd_resolver *resolver, kida_template *tpl, kida_pool *scratch,
                       kida_error *err);

#endif
