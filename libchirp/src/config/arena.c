/* SPDX-License-Identifier: MIT */
/* arena.c - blocks of memory that are filled by bumping an offset. */
#include "config/arena.h"

#include <stdalign.h>
#include <string.h>

#include "config/alloc.h"

#define ALIGN alignof(max_align_t)

struct ch_block {
    ch_block *next;
    size_t room; /* bytes behind the header */
    size_t used;
};

#define HEADER ((sizeof(ch_block) + ALIGN - 1) / ALIGN * ALIGN)

static char *
block_data(ch_block *block)
{
    return (char *)block + HEADER;
}

static bool
round_up(size_t size, size_t *out)
{
    if (!ch_size_add(size, ALIGN - 1, out))
        return false;
    *out = *out / ALIGN * ALIGN;
    return true;
}

void
ch_arena_init(ch_arena *arena, const kida_allocator *allocator, size_t block_size, size_t max)
{
    memset(arena, 0, sizeof(*arena));
    if (allocator != NULL)
        arena->allocator = *allocator;
    arena->block_size = block_size;
    arena->max = max;
}

static void
free_blocks(ch_arena *arena, ch_block *block)
{
    while (block != NULL) {
        ch_block *next = block->next;
        arena->used -= HEADER + block->room;
        ch_free(&arena->allocator, block, HEADER + block->room);
        block = next;
    }
}

void
ch_arena_reset(ch_arena *arena)
{
    ch_block *first = arena->first;
    if (first == NULL)
        return;
    if (first->room > arena->block_size) {
        ch_arena_clear(arena);
        return;
    }
    free_blocks(arena, first->next);
    first->next = NULL;
#ifndef NDEBUG
    memset(block_data(first), 0xdb, first->used); /* stray pointers show at once */
#endif
    first->used = 0;
    arena->last = first;
}

void
ch_arena_clear(ch_arena *arena)
{
    free_blocks(arena, arena->first);
    arena->first = NULL;
    arena->last = NULL;
}

/* A new last block with at least size bytes of room. */
static ch_block *
add_block(ch_arena *arena, size_t size)
{
    size_t room = size > arena->block_size ? size : arena->block_size;
    size_t whole, used;
    if (!ch_size_add(room, HEADER, &whole) || !ch_size_add(arena->used, whole, &used))
        return NULL;
    if (used > arena->max) {
        /* Near the maximum an ordinary block may not fit where the bytes asked for do. */
        room = size;
        if (!ch_size_add(room, HEADER, &whole) || !ch_size_add(arena->used, whole, &used) ||
            used > arena->max)
            return NULL;
    }

    ch_block *block = ch_realloc(&arena->allocator, NULL, 0, whole);
    if (block == NULL)
        return NULL;
    block->next = NULL;
    block->room = room;
    block->used = 0;
    if (arena->last != NULL)
        arena->last->next = block;
    else
        arena->first = block;
    arena->last = block;
    arena->used = used;
    return block;
}

void *
ch_arena_alloc(ch_arena *arena, size_t size)
{
    size_t rounded;
    if (!round_up(size == 0 ? 1 : size, &rounded))
        return NULL;
    ch_block *block = arena->last;
    if (block == NULL || block->room - block->used < rounded)
        block = add_block(arena, rounded);
    if (block == NULL)
        return NULL;
    char *out = block_data(block) + block->used;
    block->used += rounded;
    return out;
}

void *
ch_arena_array(ch_arena *arena, size_t count, size_t item_size)
{
    size_t size;
    if (!ch_size_mul(count, item_size, &size))
        return NULL;
    void *out = ch_arena_alloc(arena, size);
    if (out != NULL)
        memset(out, 0, size);
    return out;
}

void *
ch_arena_grow(ch_arena *arena, void *ptr, size_t old_size, size_t new_size)
{
    size_t old_rounded, new_rounded;
    if (!round_up(old_size == 0 ? 1 : old_size, &old_rounded) ||
        !round_up(new_size == 0 ? 1 : new_size, &new_rounded))
        return NULL;
    if (ptr != NULL && new_rounded <= old_rounded)
        return ptr;

    ch_block *block = arena->last;
    if (ptr != NULL && block != NULL &&
        (char *)ptr + old_rounded == block_data(block) + block->used &&
        block->room - block->used >= new_rounded - old_rounded) {
        block->used += new_rounded - old_rounded;
        return ptr;
    }

    void *out = ch_arena_alloc(arena, new_size);
    if (out != NULL && ptr != NULL && old_size > 0)
        memcpy(out, ptr, old_size);
    return out;
}

kida_str
ch_arena_copy(ch_arena *arena, kida_str text)
{
    kida_str out = { NULL, 0 };
    size_t size;
    if (!ch_size_add(text.len, 1, &size))
        return out;
    char *bytes = ch_arena_alloc(arena, size);
    if (bytes == NULL)
        return out;
    if (text.len > 0)
        memcpy(bytes, text.ptr, text.len);
    bytes[text.len] = '\0';
    out.ptr = bytes;
    out.len = text.len;
    return out;
}
