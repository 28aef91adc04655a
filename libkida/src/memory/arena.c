/* SPDX-License-Identifier: MIT */
/*
 * arena.c - blocks that values are cut from. Block sizes grow with what is in use, so that the
 * number of blocks stays small; a reset keeps one block that would have held everything.
 */
#include "memory/arena.h"

#include <string.h>

#include "memory/alloc.h"

#define BLOCK_FIRST ((size_t)16 << 10)
#define BLOCK_GROWTH_MAX ((size_t)1 << 20)
#define KEEP_MAX ((size_t)8 << 20)

struct kd_block {
    kd_block *older;
    size_t size; /* of the whole block, head included */
};

_Static_assert(sizeof(kd_block) % 16 == 0, "what follows the head is aligned to 16");

/* Where an arena without a block points: no room, but never NULL. */
static _Alignas(16) char no_room[16];

static char *
block_start(kd_block *block)
{
    return (char *)(block + 1);
}

static char *
block_end(kd_block *block)
{
    return (char *)block + block->size;
}

static void
stand_empty(kida_pool *a)
{
    a->at = no_room;
    a->end = no_room;
    a->blocks = NULL;
    a->used = 0;
}

/* Bytes given back are overwritten in debug builds, so that a stray pointer shows at once. */
static void
poison(char *from, const char *to)
{
#ifndef NDEBUG
    if (from < to)
        memset(from, 0xa5, (size_t)(to - from));
#else
    (void)from;
    (void)to;
#endif
}

static void
free_blocks_until(kida_pool *a, const kd_block *last)
{
    while (a->blocks != last) {
        kd_block *block = a->blocks;
        a->blocks = block->older;
        a->used -= block->size;
        kd_free(&a->allocator, block, block->size);
    }
}

/* A block of size bytes becomes the newest. */
static bool
add_block(kida_pool *a, size_t size)
{
    kd_block *block = kd_alloc(&a->allocator, size);
    if (!block)
        return false;
    block->older = a->blocks;
    block->size = size;
    a->blocks = block;
    a->used += size;
    a->at = block_start(block);
    a->end = block_end(block);
    return true;
}

void
kd_arena_init(kida_pool *a, const kida_allocator *allocator, size_t max)
{
    a->allocator = kd_allocator_or_default(allocator);
    a->max = max;
    a->sealed = false;
    a->starved = false;
    stand_empty(a);
}

void
kd_arena_clear(kida_pool *a)
{
    free_blocks_until(a, NULL);
    stand_empty(a);
    a->sealed = false;
}

void
kd_arena_reset(kida_pool *a)
{
    a->starved = false;
    a->sealed = false;
    if (!a->blocks)
        return;

    size_t wanted = a->used < KEEP_MAX ? a->used : KEEP_MAX;
    if (!a->blocks->older && a->blocks->size <= KEEP_MAX) {
        poison(block_start(a->blocks), a->at);
        a->at = block_start(a->blocks);
        return;
    }
    free_blocks_until(a, NULL);
    stand_empty(a);
    if (!add_block(a, wanted))
        stand_empty(a); /* no harm: the next allocation tries again */
}

void *
kd_arena_slow(kida_pool *a, size_t size)
{
    size_t need, least;
    if (!kd_size_add(size, 15, &need))
        return NULL;
    need &= ~(size_t)15;
    if (!kd_size_add(need, sizeof(kd_block), &least))
        return NULL;

    size_t left = SIZE_MAX;
    if (a->max) {
        if (a->used >= a->max || a->max - a->used < least)
            return NULL;
        left = (a->max - a->used) & ~(size_t)15;
        if (left < least)
            return NULL;
    }
    size_t wanted = a->used < BLOCK_FIRST ? BLOCK_FIRST : a->used;
    if (wanted > BLOCK_GROWTH_MAX)
        wanted = BLOCK_GROWTH_MAX;
    if (wanted < least)
        wanted = least;
    if (wanted > left)
        wanted = left;
    if (!add_block(a, wanted) && (wanted == least || !add_block(a, least))) {
        a->starved = true;
        return NULL;
    }

    void *got = a->at;
    a->at += need;
    return got;
}

void *
kd_arena_zero(kida_pool *a, size_t size)
{
    void *got = kd_arena_alloc(a, size);
    if (got)
        memset(got, 0, size);
    return got;
}

void *
kd_arena_array(kida_pool *a, size_t count, size_t item_size)
{
    size_t size;
    return kd_size_mul(count, item_size, &size) ? kd_arena_alloc(a, size) : NULL;
}

void *
kd_arena_resize(kida_pool *a, void *ptr, size_t old_size, size_t new_size)
{
    if (!ptr)
        return kd_arena_alloc(a, new_size);

    size_t had = (old_size + 15) & ~(size_t)15;
    if (new_size <= had)
        return ptr;
    if ((char *)ptr + had == a->at && new_size - had <= (size_t)(a->end - a->at)) {
        size_t more = (new_size - had + 15) & ~(size_t)15;
        a->at += more; /* blocks end on a multiple of 16, so the rounded size fits too */
        return ptr;
    }
    void *moved = kd_arena_alloc(a, new_size);
    if (moved && old_size)
        memcpy(moved, ptr, old_size);
    return moved;
}

kida_str
kd_arena_str(kida_pool *a, kida_str text)
{
    kida_str copy = { kd_arena_alloc(a, text.len), text.len };
    if (copy.ptr && text.len)
        memcpy((char *)(uintptr_t)copy.ptr, text.ptr, text.len);
    return copy;
}

kd_mark
kd_arena_mark(const kida_pool *a)
{
    kd_mark mark = { a->at, a->blocks, a->used };
    return mark;
}

void
kd_arena_release(kida_pool *a, kd_mark mark)
{
    free_blocks_until(a, mark.block);
    if (!a->blocks) {
        stand_empty(a);
        return;
    }
    KD_ASSERT(a->used == mark.used);
    a->end = block_end(a->blocks);
    poison(mark.at, a->at >= mark.at && a->at <= a->end ? a->at : a->end);
    a->at = mark.at;
}

kida_pool *
kida_pool_new(const kida_allocator *allocator, size_t max)
{
    kida_allocator a = kd_allocator_or_default(allocator);
    kida_pool *pool = kd_alloc(&a, sizeof(*pool));
    if (pool)
        kd_arena_init(pool, &a, max);
    return pool;
}

void
kida_pool_reset(kida_pool *pool)
{
    if (pool)
        kd_arena_reset(pool);
}

void
kida_pool_free(kida_pool *pool)
{
    if (!pool)
        return;
    kida_allocator a = pool->allocator;
    kd_arena_clear(pool);
    kd_free(&a, pool, sizeof(*pool));
}

void
kida_pool_seal(kida_pool *pool)
{
    if (pool)
        pool->sealed = true;
}

void *
kida_pool_alloc(kida_pool *pool, size_t size)
{
    return !pool || pool->sealed ? NULL : kd_arena_alloc(pool, size);
}
