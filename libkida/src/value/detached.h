/* SPDX-License-Identifier: MIT */
/* detached.h - a call outside every render, for public functions that have none of their own. */
#ifndef KD_DETACHED_H
#define KD_DETACHED_H

#include "value/call.h"

typedef struct kd_detached {
    kida_call call;
    kd_runtime rt;
    kida_error err;
} kd_detached;

/* Prepares d for calls that build in pool; large, so keep it out of hot functions. */
kida_call *kd_detach(kd_detached *d, kida_pool *pool);

/* As kd_arena_str, but an empty text is never taken for a failure. */
kida_str kd_keep_str(kida_pool *pool, kida_str text);

#endif
