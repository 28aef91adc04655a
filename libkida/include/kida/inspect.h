/* SPDX-License-Identifier: MIT */
/* inspect.h - what a template consists of, without rendering it; the readable bytecode listing. */
#ifndef KIDA_INSPECT_H
#define KIDA_INSPECT_H

#include "env.h"

KIDA_BEGIN_DECLS

/** Name of the template, as it was asked for. Owner: the template. Thread: any */
KIDA_API kida_str kida_template_name(const kida_template *tpl);

/** File that the source came from; empty if none. Owner: the template. Thread: any */
KIDA_API kida_str kida_template_filename(const kida_template *tpl);

/** Number of blocks (regions and fragments included), and their names in source order. Thread: any
 */
KIDA_API size_t kida_template_block_count(const kida_template *tpl);
KIDA_API kida_str kida_template_block_name(const kida_template *tpl, size_t index);
KIDA_API bool kida_template_has_block(const kida_template *tpl, kida_str name);

/** Appends the bytecode listing (`kida compile --dump`). Thread: any */
KIDA_API KIDA_MUST_USE kida_status kida_template_dump(const kida_template *tpl, kida_buf *out);

/** Calls each for every filter, test or function of an environment, by name. Thread: any */
KIDA_API void kida_env_each_filter(const kida_env *env,
                                   void (*each)(void *arg, const kida_filter *row), void *arg);
KIDA_API void kida_env_each_test(const kida_env *env, void (*each)(void *arg, const kida_test *row),
                                 void *arg);
KIDA_API void kida_env_each_function(const kida_env *env,
                                     void (*each)(void *arg, const kida_function *row), void *arg);

/** Calls each for every template name that the loaders list; stops at the first failure. Thread:
 * any */
KIDA_API KIDA_MUST_USE kida_status kida_env_list(kida_env *env,
                                                 kida_status (*each)(void *arg, kida_str name),
                                                 void *arg);

KIDA_END_DECLS

#endif
