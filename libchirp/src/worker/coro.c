/* SPDX-License-Identifier: MIT */
/* coro.c - coroutines: a stack, a place to go on, and what the sanitizers want to know. */
#define _GNU_SOURCE
#include "coro.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/alloc.h"
#include "switch.h"

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define WITH_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WITH_TSAN 1
#endif
#endif

#if defined(WITH_ASAN)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(WITH_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

struct ch_coro {
    ch_coro *next; /* in the pool's list of idle ones */
    ch_coro_pool *pool;
    ch_context here;      /* where it goes on */
    ch_context caller;    /* where resume was called */
    ch_coro *caller_coro; /* that was running then; NULL: the thread itself */
    char *stack;          /* lowest usable byte; the guard page lies below */
    ch_coro_fn *fn;
    void *arg;
    bool is_ended;
    /* for the sanitizers */
    void *fake_stack;
    void *caller_fake_stack;
    const void *caller_bottom;
    size_t caller_size;
    void *fiber;
    void *caller_fiber;
};

static _Thread_local ch_coro *running;

/* Inlined in every build: a call that ends on another stack than it began on would unbalance the
 * shadow stacks of the thread sanitizer. */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* ---- what the sanitizers are told ---------------------------------------------------------- */

#if defined(WITH_ASAN)

ALWAYS_INLINE void
asan_enter(ch_coro *coro)
{
    __sanitizer_start_switch_fiber(&coro->caller_fake_stack, coro->stack, coro->pool->stack_size);
}

ALWAYS_INLINE void
asan_entered(ch_coro *coro)
{
    __sanitizer_finish_switch_fiber(coro->fake_stack, &coro->caller_bottom, &coro->caller_size);
}

ALWAYS_INLINE void
asan_leave(ch_coro *coro)
{
    __sanitizer_start_switch_fiber(&coro->fake_stack, coro->caller_bottom, coro->caller_size);
}

ALWAYS_INLINE void
asan_left(ch_coro *coro)
{
    __sanitizer_finish_switch_fiber(coro->caller_fake_stack, NULL, NULL);
}

#else

ALWAYS_INLINE void
asan_enter(ch_coro *coro)
{
    (void)coro;
}

ALWAYS_INLINE void
asan_entered(ch_coro *coro)
{
    (void)coro;
}

ALWAYS_INLINE void
asan_leave(ch_coro *coro)
{
    (void)coro;
}

ALWAYS_INLINE void
asan_left(ch_coro *coro)
{
    (void)coro;
}

#endif

#if defined(WITH_TSAN)

ALWAYS_INLINE void
tsan_make(ch_coro *coro)
{
    coro->fiber = __tsan_create_fiber(0);
}

ALWAYS_INLINE void
tsan_free(ch_coro *coro)
{
    __tsan_destroy_fiber(coro->fiber);
}

ALWAYS_INLINE void
tsan_enter(ch_coro *coro)
{
    coro->caller_fiber = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(coro->fiber, 0);
}

ALWAYS_INLINE void
tsan_leave(ch_coro *coro)
{
    __tsan_switch_to_fiber(coro->caller_fiber, 0);
}

#else

ALWAYS_INLINE void
tsan_make(ch_coro *coro)
{
    (void)coro;
}

ALWAYS_INLINE void
tsan_free(ch_coro *coro)
{
    (void)coro;
}

ALWAYS_INLINE void
tsan_enter(ch_coro *coro)
{
    (void)coro;
}

ALWAYS_INLINE void
tsan_leave(ch_coro *coro)
{
    (void)coro;
}

#endif

/* ---- switching ----------------------------------------------------------------------------- */

static void
enter(ch_coro *coro)
{
    coro->caller_coro = running;
    running = coro;
    asan_enter(coro);
    tsan_enter(coro);
    ch_context_switch(&coro->caller, &coro->here);
    asan_left(coro);
    running = coro->caller_coro;
}

static void
leave(ch_coro *coro)
{
    asan_leave(coro);
    tsan_leave(coro);
    ch_context_switch(&coro->here, &coro->caller);
    asan_entered(coro);
}

/* First frame of every stack. One use after the other runs in it, so that a pooled stack need not
 * be prepared again. */
static void
run_forever(void)
{
    ch_coro *coro = running;
    asan_entered(coro);
    for (;;) {
        coro->fn(coro->arg);
        coro->is_ended = true;
        leave(coro);
    }
}

/* ---- stacks -------------------------------------------------------------------------------- */

static size_t
page_size(void)
{
    long size = sysconf(_SC_PAGESIZE);
    return size > 0 ? (size_t)size : 4096;
}

static ch_coro *
make(ch_coro_pool *pool)
{
    ch_coro *coro = ch_calloc(&pool->allocator, sizeof(*coro));
    if (!coro)
        return NULL;

    size_t guard = page_size();
    char *memory = mmap(NULL, guard + pool->stack_size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) {
        ch_free(&pool->allocator, coro, sizeof(*coro));
        return NULL;
    }
    if (mprotect(memory, guard, PROT_NONE) != 0) {
        munmap(memory, guard + pool->stack_size);
        ch_free(&pool->allocator, coro, sizeof(*coro));
        return NULL;
    }
    coro->pool = pool;
    coro->stack = memory + guard;
    ch_context_make(&coro->here, coro->stack, pool->stack_size, run_forever);
    tsan_make(coro);
    pool->live_count++;
    return coro;
}

static void
destroy(ch_coro *coro)
{
    ch_coro_pool *pool = coro->pool;
    tsan_free(coro);
#if defined(WITH_ASAN)
    __asan_unpoison_memory_region(coro->stack, pool->stack_size);
#endif
    size_t guard = page_size();
    munmap(coro->stack - guard, guard + pool->stack_size);
    ch_free(&pool->allocator, coro, sizeof(*coro));
    pool->live_count--;
}

void
ch_coro_pool_init(ch_coro_pool *pool, const kida_allocator *allocator, size_t stack_size,
                  size_t idle_max)
{
    size_t page = page_size();
    *pool = (ch_coro_pool){ .idle_max = idle_max };
    if (allocator)
        pool->allocator = *allocator;
    pool->stack_size = (stack_size + page - 1) / page * page;
}

void
ch_coro_pool_clear(ch_coro_pool *pool)
{
    while (pool->idle) {
        ch_coro *coro = pool->idle;
        pool->idle = coro->next;
        destroy(coro);
    }
    pool->idle_count = 0;
}

/* ---- use ----------------------------------------------------------------------------------- */

static void
give_back(ch_coro *coro)
{
    ch_coro_pool *pool = coro->pool;
    if (pool->idle_count >= pool->idle_max) {
        destroy(coro);
        return;
    }
    coro->next = pool->idle;
    pool->idle = coro;
    pool->idle_count++;
}

bool
ch_coro_resume(ch_coro *coro)
{
    enter(coro);
    if (!coro->is_ended)
        return false;
    give_back(coro);
    return true;
}

ch_coro *
ch_coro_start(ch_coro_pool *pool, ch_coro_fn *fn, void *arg, bool *ended)
{
    ch_coro *coro = pool->idle;
    if (coro) {
        pool->idle = coro->next;
        pool->idle_count--;
    } else {
        coro = make(pool);
        if (!coro)
            return NULL;
    }
    coro->fn = fn;
    coro->arg = arg;
    coro->is_ended = false;
    *ended = ch_coro_resume(coro);
    return coro;
}

void
ch_coro_park(void)
{
    leave(running);
}

ch_coro *
ch_coro_running(void)
{
    return running;
}

void *
ch_coro_arg(const ch_coro *coro)
{
    return coro->arg;
}

#if defined(__clang__) || defined(__GNUC__)
#define NO_SANITIZE __attribute__((no_sanitize("address"), no_sanitize("thread")))
#else
#define NO_SANITIZE
#endif

/* Fresh stacks are zero, so the lowest other byte marks how deep it went. Reads memory that the
 * sanitizers take for unused. */
NO_SANITIZE size_t
ch_coro_stack_used(const ch_coro *coro)
{
    const volatile char *at = coro->stack;
    size_t unused = 0;
    while (unused < coro->pool->stack_size && at[unused] == 0)
        unused++;
    return coro->pool->stack_size - unused;
}
