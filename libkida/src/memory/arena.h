/* SPDX-License-Identifier: MIT */
/* arena.h - the pool of values from the inside: bump allocation in blocks, reset as a whole. */
#ifndef KD_ARENA_H
#define KD_ARENA_H

#include <kida/value.h>

#include "memory/sizes.h"

typedef struct kd_block kd_block;

/* A kida_pool is an arena. Thread: owner; readable by any once sealed. */
struct kida_pool {
    char *at;               /* next free byte, aligned to 16 */
    char *end;
    kd_block *blocks;       /* newest first */
    size_t used;            /* bytes of all blocks, charged against max */
    size_t max;             /* 0: no bound */
    kida_allocator allocator;
    bool sealed;            /* containers made here are read-only */
    bool starved;           /* the allocator said no, not the maximum; until the next reset */
};

/* Start/end of a pool in the caller's storage; kida_pool_new/_free do the same on the heap. */
void kd_arena_init(kida_pool *a, const kida_allocator *allocator, size_t max);
void kd_arena_clear(kida_pool *a);

/* Forgets all but keeps one block (grown to the size last needed, within reason). */
void kd_arena_reset(kida_pool *a);

void *kd_arena_slow(kida_pool *a, size_t size);

/* size bytes aligned to 16; NULL when out of memory or over the maximum. */
KD_INLINE void *
kd_arena_alloc(kida_pool *a, size_t size)
{
    size_t need = (size + 15) & ~(size_t)15;
    if (KD_LIKELY(need >= size && (size_t)(a->end - a->at) >= need)) {
        void *got = a->at;
        a->at += need;
        return got;
    }
    return kd_arena_slow(a, size);
}

void *kd_arena_zero(kida_pool *a, size_t size);

/* Array of count items; NULL also on overflow of the product. */
void *kd_arena_array(kida_pool *a, size_t count, size_t item_size);

/* Grows the newest allocation in place where possible, else moves it. */
void *kd_arena_resize(kida_pool *a, void *ptr, size_t old_size, size_t new_size);

/* Copy of text; ptr NULL when out of memory. */
kida_str kd_arena_str(kida_pool *a, kida_str text);

/* Marks: give back what was allocated since, if nothing of it escaped. */
typedef struct kd_mark {
    char *at;
    kd_block *block;
    size_t used;
} kd_mark;

kd_mark kd_arena_mark(const kida_pool *a);
void kd_arena_release(kida_pool *a, kd_mark mark);

#endif
