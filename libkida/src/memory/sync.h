/* SPDX-License-Identifier: MIT */
/* sync.h - mutexes and reference counts, thin over C11 atomics and pthreads. */
#ifndef KD_SYNC_H
#define KD_SYNC_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct kd_count {
    _Atomic size_t n; /* relaxed up, acquire-release down */
} kd_count;

static inline void
kd_count_init(kd_count *c)
{
    atomic_init(&c->n, 1);
}

static inline void
kd_count_up(kd_count *c)
{
    atomic_fetch_add_explicit(&c->n, 1, memory_order_relaxed);
}

/* True for the last one, who frees. */
static inline bool
kd_count_down(kd_count *c)
{
    return atomic_fetch_sub_explicit(&c->n, 1, memory_order_acq_rel) == 1;
}

#endif
