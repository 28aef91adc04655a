/* SPDX-License-Identifier: MIT */
/* alloc.h - the one door to memory: all of libkida allocates through a kida_allocator. */
#ifndef KD_ALLOC_H
#define KD_ALLOC_H

#include <kida/base.h>

/* Copies *from, or the C library's functions where it or its function is NULL. */
kida_allocator kd_allocator_or_default(const kida_allocator *from);

/* NULL when out of memory or size is 0. */
void *kd_alloc(const kida_allocator *a, size_t size);
void *kd_alloc_zero(const kida_allocator *a, size_t size);
void *kd_realloc(const kida_allocator *a, void *ptr, size_t old_size, size_t new_size);
void kd_free(const kida_allocator *a, void *ptr, size_t size);

/* Room for one more item: doubles *items (of item_size bytes each) when *room == count. */
bool kd_grow(const kida_allocator *a, void **items, size_t *room, size_t count, size_t item_size);

#endif
