/* SPDX-License-Identifier: MIT */
/* arena.h - memory of one request or one app: bumped, given back all at once, never beyond a
 * maximum. Reset keeps the first block, so a kept-alive connection stops allocating. */
#ifndef CH_CONFIG_ARENA_H
#define CH_CONFIG_ARENA_H

#include <kida/kida.h>

typedef struct ch_block ch_block;

typedef struct ch_arena {
    kida_allocator allocator;
    ch_block *first;  /* kept by reset */
    ch_block *last;   /* the one in use */
    size_t used;      /* bytes of all blocks, charged against max */
    size_t max;
    size_t block_size; /* of an ordinary block */
} ch_arena;

/* An empty arena: no memory until the first use. allocator is copied, NULL: the C library's. */
void ch_arena_init(ch_arena *arena, const kida_allocator *allocator, size_t block_size, size_t max);

/* Forgets everything; keeps the first block unless it is larger than an ordinary one. */
void ch_arena_reset(ch_arena *arena);

/* Gives all memory back, for idle connections and at the end; the arena can be used again. */
void ch_arena_clear(ch_arena *arena);

/* Bytes aligned for any type, not zeroed; size 0 gives a valid pointer; NULL at max or when out. */
void *ch_arena_alloc(ch_arena *arena, size_t size);

/* Zeroed array of count items; NULL also if the size wraps. */
void *ch_arena_array(ch_arena *arena, size_t count, size_t item_size);

/* A larger copy of a block of the arena, in place if it is the newest; NULL as ch_arena_alloc. */
void *ch_arena_grow(ch_arena *arena, void *ptr, size_t old_size, size_t new_size);

/* Copy of a text, ended by a NUL that len does not count; ptr NULL when out. */
kida_str ch_arena_copy(ch_arena *arena, kida_str text);

#endif
