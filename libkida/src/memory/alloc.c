/* SPDX-License-Identifier: MIT */
/* alloc.c - the one file that knows malloc: everything else goes through a kida_allocator. */
#include "memory/alloc.h"

#include <stdlib.h>
#include <string.h>

#include "memory/sizes.h"

static void *
libc_alloc(void *user, void *ptr, size_t old_size, size_t new_size)
{
    (void)user;
    (void)old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return ptr ? realloc(ptr, new_size) : malloc(new_size);
}

kida_allocator
kd_allocator_or_default(const kida_allocator *from)
{
    kida_allocator a = { libc_alloc, NULL };
    return from && from->alloc ? *from : a;
}

void *
kd_alloc(const kida_allocator *a, size_t size)
{
    return size ? a->alloc(a->user, NULL, 0, size) : NULL;
}

void *
kd_alloc_zero(const kida_allocator *a, size_t size)
{
    void *ptr = kd_alloc(a, size);
    if (ptr)
        memset(ptr, 0, size);
    return ptr;
}

void *
kd_realloc(const kida_allocator *a, void *ptr, size_t old_size, size_t new_size)
{
    if (new_size == 0) {
        kd_free(a, ptr, old_size);
        return NULL;
    }
    return a->alloc(a->user, ptr, ptr ? old_size : 0, new_size);
}

void
kd_free(const kida_allocator *a, void *ptr, size_t size)
{
    if (ptr)
        a->alloc(a->user, ptr, size, 0);
}

bool
kd_grow(const kida_allocator *a, void **items, size_t *room, size_t count, size_t item_size)
{
    if (count < *room)
        return true;

    size_t wanted, old_size, new_size;
    if (!kd_size_mul(*room, 2, &wanted))
        return false;
    if (wanted < 8)
        wanted = 8;
    if (!kd_size_mul(*room, item_size, &old_size) || !kd_size_mul(wanted, item_size, &new_size))
        return false;

    void *grown = kd_realloc(a, *items, old_size, new_size);
    if (!grown)
        return false;
    *items = grown;
    *room = wanted;
    return true;
}
