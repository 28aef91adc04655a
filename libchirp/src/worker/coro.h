/* SPDX-License-Identifier: MIT */
/* coro.h - coroutines with pooled, guarded stacks. One thread makes, resumes and frees them; they
 * know nothing of requests or event loops. */
#ifndef CH_WORKER_CORO_H
#define CH_WORKER_CORO_H

#include <kida/kida.h>

typedef struct ch_coro ch_coro;
typedef void ch_coro_fn(void *arg);

/* Finished coroutines that wait for their next use. */
typedef struct ch_coro_pool {
    kida_allocator allocator;
    size_t stack_size; /* whole pages, the guard page not counted */
    ch_coro *idle;
    size_t idle_count;
    size_t idle_max;   /* more than these give their stacks back */
    size_t live_count;
} ch_coro_pool;

void ch_coro_pool_init(ch_coro_pool *pool, const kida_allocator *allocator, size_t stack_size,
                       size_t idle_max);
void ch_coro_pool_clear(ch_coro_pool *pool);

/* Starts fn(arg) on a coroutine and runs it until it parks or ends (*ended): then the coroutine
 * is back in the pool. Errors: NULL if there is no stack left, fn has not run then. */
ch_coro *ch_coro_start(ch_coro_pool *pool, ch_coro_fn *fn, void *arg, bool *ended);

/* Goes on where the coroutine parked; true if it ended. */
bool ch_coro_resume(ch_coro *coro);

/* Back to whoever started or resumed the running coroutine. */
void ch_coro_park(void);

/* The coroutine that runs on this thread, its argument; NULL outside of one. */
ch_coro *ch_coro_running(void);
void *ch_coro_arg(const ch_coro *coro);

/* Deepest use of a finished or parked coroutine's stack so far, in bytes: for tests and metrics. */
size_t ch_coro_stack_used(const ch_coro *coro);

#endif
