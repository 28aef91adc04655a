/* SPDX-License-Identifier: MIT */
/* alloc.h - the one door to memory of libchirp, and sizes that can't wrap. */
#ifndef CH_CONFIG_ALLOC_H
#define CH_CONFIG_ALLOC_H

#include <kida/kida.h>

/* Resizes ptr from old_size to new_size bytes; new_size 0 frees. allocator may be NULL. */
void *ch_realloc(const kida_allocator *allocator, void *ptr, size_t old_size, size_t new_size);

/* Zeroed memory; NULL when out. */
void *ch_calloc(const kida_allocator *allocator, size_t size);

/* Frees; ptr may be NULL. */
void ch_free(const kida_allocator *allocator, void *ptr, size_t size);

/* *out = a + b or a * b; false if that wraps. */
static inline bool
ch_size_add(size_t a, size_t b, size_t *out)
{
    *out = a + b;
    return *out >= a;
}

static inline bool
ch_size_mul(size_t a, size_t b, size_t *out)
{
    *out = a * b;
    return a == 0 || *out / a == b;
}

#endif
