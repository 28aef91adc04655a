/* SPDX-License-Identifier: MIT */
/* alloc.c - the only file of libchirp that calls the C library's allocator. */
#include "config/alloc.h"

#include <stdlib.h>
#include <string.h>

void *
ch_realloc(const kida_allocator *allocator, void *ptr, size_t old_size, size_t new_size)
{
    if (allocator != NULL && allocator->alloc != NULL)
        return allocator->alloc(allocator->user, ptr, old_size, new_size);
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

void *
ch_calloc(const kida_allocator *allocator, size_t size)
{
    void *ptr = ch_realloc(allocator, NULL, 0, size);
    if (ptr != NULL)
        memset(ptr, 0, size);
    return ptr;
}

void
ch_free(const kida_allocator *allocator, void *ptr, size_t size)
{
    if (ptr != NULL)
        (void)ch_realloc(allocator, ptr, size, 0);
}
