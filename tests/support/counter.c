/* SPDX-License-Identifier: MIT */
/* counter.c - an allocator that counts, and that can be told to run out of memory. */
#include "t.h"

#include <stdlib.h>

static void
add(size_t *counter, size_t amount)
{
    __atomic_fetch_add(counter, amount, __ATOMIC_RELAXED); /* statistics only */
}

static void
take(size_t *counter, size_t amount)
{
    __atomic_fetch_sub(counter, amount, __ATOMIC_RELAXED);
}

static void *
counted(void *user, void *ptr, size_t old_size, size_t new_size)
{
    t_counter *counter = user;

    if (new_size == 0) {
        if (ptr != NULL) {
            take(&counter->live_bytes, old_size);
            take(&counter->live_blocks, 1);
            free(ptr);
        }
        return NULL;
    }

    size_t number = __atomic_add_fetch(&counter->requests, 1, __ATOMIC_RELAXED);
    size_t fail_at = __atomic_load_n(&counter->fail_at, __ATOMIC_RELAXED);
    if (fail_at != 0 && number >= fail_at)
        return NULL;

    void *fresh = realloc(ptr, new_size);
    if (fresh == NULL)
        return NULL;
    if (ptr == NULL)
        add(&counter->live_blocks, 1);
    else
        take(&counter->live_bytes, old_size);
    add(&counter->live_bytes, new_size);
    return fresh;
}

kida_allocator
t_counting_allocator(t_counter *counter)
{
    kida_allocator allocator = { counted, counter };
    return allocator;
}
