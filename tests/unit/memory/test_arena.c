/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "memory/alloc.h"
#include "memory/arena.h"

/* An allocator that counts what is out, and fails when told to. */
typedef struct counter {
    size_t bytes;
    size_t calls;
    size_t fail_at; /* 0: never */
} counter;

static void *
count_alloc(void *user, void *ptr, size_t old_size, size_t new_size)
{
    counter *c = user;
    if (new_size > 0 && ++c->calls == c->fail_at)
        return NULL;
    c->bytes += new_size;
    c->bytes -= ptr ? old_size : 0;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

/* Holds: every pointer is aligned to 16, apart from the others, and freed with the pool. */
static void
allocations_are_aligned_and_apart(void **state)
{
    (void)state;
    counter c = { 0, 0, 0 };
    kida_allocator allocator = { count_alloc, &c };
    kida_pool *pool = kida_pool_new(&allocator, 0);
    assert_non_null(pool);
    char *last = NULL;
    size_t last_size = 0;
    for (size_t size = 0; size < 3000; size += 7) {
        char *got = kida_pool_alloc(pool, size);
        assert_non_null(got);
        assert_int_equal((uintptr_t)got % 16, 0);
        memset(got, 1, size);
        assert_true(!last || got >= last + last_size || got + size <= last);
        last = got;
        last_size = size;
    }
    kida_pool_free(pool);
    assert_int_equal(c.bytes, 0);
}

/* Holds: a pool never takes more than its maximum. Could break: a block rounded up past it. */
static void
maximum_is_kept(void **state)
{
    (void)state;
    static const size_t maxima[] = { 1, 16, 64, 1000, 16384, 20000, 100000 };
    for (size_t i = 0; i < sizeof(maxima) / sizeof(maxima[0]); i++) {
        counter c = { 0, 0, 0 };
        kida_allocator allocator = { count_alloc, &c };
        kida_pool pool;
        kd_arena_init(&pool, &allocator, maxima[i]);
        size_t got = 0;
        while (kd_arena_alloc(&pool, 48))
            got += 48;
        assert_true(got <= maxima[i]);
        assert_true(c.bytes <= maxima[i]);
        assert_true(got + 256 > maxima[i] || maxima[i] < 128);
        kd_arena_clear(&pool);
        assert_int_equal(c.bytes, 0);
    }
}

static void
huge_sizes_fail_without_wrapping(void **state)
{
    (void)state;
    kida_pool pool;
    kd_arena_init(&pool, NULL, 1 << 20);
    assert_null(kd_arena_alloc(&pool, SIZE_MAX));
    assert_null(kd_arena_alloc(&pool, SIZE_MAX - 15));
    assert_null(kd_arena_array(&pool, SIZE_MAX / 8, 16));
    assert_non_null(kd_arena_alloc(&pool, 100));
    kd_arena_clear(&pool);
}

/* Holds: a second round of the same size needs no new memory. */
static void
reset_keeps_one_block_that_suffices(void **state)
{
    (void)state;
    counter c = { 0, 0, 0 };
    kida_allocator allocator = { count_alloc, &c };
    kida_pool pool;
    kd_arena_init(&pool, &allocator, 0);
    for (int round = 0; round < 3; round++) {
        size_t calls = c.calls;
        for (int i = 0; i < 1000; i++)
            assert_non_null(kd_arena_alloc(&pool, 200));
        if (round > 0)
            assert_int_equal(c.calls, calls);
        kd_arena_reset(&pool);
    }
    kd_arena_clear(&pool);
    assert_int_equal(c.bytes, 0);
}

static void
newest_allocation_grows_in_place(void **state)
{
    (void)state;
    kida_pool pool;
    kd_arena_init(&pool, NULL, 0);
    char *a = kd_arena_alloc(&pool, 10);
    memcpy(a, "0123456789", 10);
    assert_ptr_equal(kd_arena_resize(&pool, a, 10, 100), a);
    char *b = kd_arena_alloc(&pool, 10);
    char *moved = kd_arena_resize(&pool, a, 100, 300);
    assert_ptr_not_equal(moved, a);
    assert_memory_equal(moved, "0123456789", 10);
    assert_ptr_equal(kd_arena_resize(&pool, b, 10, 5), b);
    kd_arena_clear(&pool);
}

static void
marks_give_back_whole_blocks(void **state)
{
    (void)state;
    counter c = { 0, 0, 0 };
    kida_allocator allocator = { count_alloc, &c };
    kida_pool pool;
    kd_arena_init(&pool, &allocator, 0);
    kd_mark empty = kd_arena_mark(&pool);
    char *kept = kd_arena_alloc(&pool, 32);
    memset(kept, 7, 32);
    size_t bytes = c.bytes;
    kd_mark mark = kd_arena_mark(&pool);
    for (int i = 0; i < 100; i++)
        assert_non_null(kd_arena_alloc(&pool, 5000));
    assert_true(c.bytes > bytes);
    kd_arena_release(&pool, mark);
    assert_int_equal(c.bytes, bytes);
    assert_int_equal(kept[31], 7);
    kd_arena_release(&pool, empty);
    assert_int_equal(c.bytes, 0);
    assert_non_null(kd_arena_alloc(&pool, 8));
    kd_arena_clear(&pool);
}

static void
failing_allocator_is_survived(void **state)
{
    (void)state;
    for (size_t fail_at = 1; fail_at < 8; fail_at++) {
        counter c = { 0, 0, fail_at };
        kida_allocator allocator = { count_alloc, &c };
        kida_pool *pool = kida_pool_new(&allocator, 0);
        for (int i = 0; pool && i < 40; i++)
            (void)kd_arena_alloc(pool, 3000);
        if (pool)
            kida_pool_reset(pool);
        kida_pool_free(pool);
        assert_int_equal(c.bytes, 0);
    }
}

static void
sealed_pools_give_nothing(void **state)
{
    (void)state;
    kida_pool *pool = kida_pool_new(NULL, 0);
    kida_pool_seal(pool);
    assert_null(kida_pool_alloc(pool, 8));
    kida_pool_reset(pool);
    assert_non_null(kida_pool_alloc(pool, 8));
    kida_pool_free(pool);
}

static void
arrays_double(void **state)
{
    (void)state;
    kida_allocator a = kd_allocator_or_default(NULL);
    void *items = NULL;
    size_t room = 0;
    for (size_t count = 0; count < 100; count++) {
        assert_true(kd_grow(&a, &items, &room, count, sizeof(int)));
        ((int *)items)[count] = (int)count;
    }
    assert_int_equal(((int *)items)[99], 99);
    assert_int_equal(room, 128);
    size_t full = SIZE_MAX / 2 + 1;
    assert_false(kd_grow(&a, &items, &full, full, 1));
    kd_free(&a, items, room * sizeof(int));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_aligned_and_apart),
        cmocka_unit_test(maximum_is_kept),
        cmocka_unit_test(huge_sizes_fail_without_wrapping),
        cmocka_unit_test(reset_keeps_one_block_that_suffices),
        cmocka_unit_test(newest_allocation_grows_in_place),
        cmocka_unit_test(marks_give_back_whole_blocks),
        cmocka_unit_test(failing_allocator_is_survived),
        cmocka_unit_test(sealed_pools_give_nothing),
        cmocka_unit_test(arrays_double),
    };
    return cmocka_run_group_tests_name("memory/arena", tests, NULL, NULL);
}
