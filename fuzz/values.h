/* SPDX-License-Identifier: MIT */
/* values.h - bytes of an input turned into choices, values of every kind and contexts; and what a
 * render gave, summed up. */
#ifndef FUZZ_VALUES_H
#define FUZZ_VALUES_H

#include "fuzz.h"

#include <kida/kida.h>

#define FUZZ_OUT_MAX (1u << 20)

/** Bytes of an input that are still to be used; all zero behind the end. */
typedef struct fuzz_input {
    const uint8_t *data;
    size_t size;
} fuzz_input;

uint8_t fuzz_byte(fuzz_input *in);
size_t fuzz_below(fuzz_input *in, size_t below);

/** Up to max bytes as they are: the first byte tells how many. */
kida_str fuzz_bytes(fuzz_input *in, size_t max);

/** Everything before the first byte `mark`, which is skipped; all of it without one. */
kida_str fuzz_until(fuzz_input *in, uint8_t mark);

/** A value of any kind: nested, shared, cyclic, one-shot, or of a host object that misbehaves. */
kida_value fuzz_value(fuzz_input *in, kida_pool *pool, unsigned depth);

/** A dict with values of any kind under the names that seeds and dictionary use. */
kida_value fuzz_context(fuzz_input in, kida_pool *pool);

/** Small limits, so that each run ends; a fixed seed. */
void fuzz_config(kida_config *cfg);

/** A standard environment with part.html, base.html, defs.html and the template fuzz.html; NULL if
 *  that one is no valid UTF-8. */
kida_env *fuzz_env(const kida_config *cfg, kida_str source);

/** What came of one render: place and code, length and hash (FNV-1a). */
typedef struct fuzz_outcome {
    kida_status status;
    uint32_t line;
    size_t total;
    uint64_t hash;
    kida_error err;
} fuzz_outcome;

/** A kida_sink_fn for a fuzz_outcome. */
kida_status fuzz_sink(void *user, const char *data, size_t len);

/** Renders fuzz.html of env with a context made anew from `values`; options may be NULL. The bound
 *  of the output and the shape of a failure are checked. */
void fuzz_render(kida_env *env, fuzz_input values, const kida_render_options *options,
                 fuzz_outcome *out);

/** Whether the failure may depend on how the work was done: limits and memory. */
bool fuzz_is_limit(kida_status status);

/** Whether text holds the word. */
bool fuzz_holds(kida_str text, const char *word);

#endif
