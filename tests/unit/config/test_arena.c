/* SPDX-License-Identifier: MIT */
/* The arena: alignment, growth in place, the maximum, what reset keeps. */
#include "t.h"

#include "config/alloc.h"
#include "config/arena.h"

static void
blocks_are_aligned_and_apart(void **state)
{
    (void)state;
    ch_arena arena;
    ch_arena_init(&arena, NULL, 256, 1 << 16);
    char *last = NULL;
    for (size_t size = 0; size < 300; size++) {
        char *bytes = ch_arena_alloc(&arena, size);
        assert_non_null(bytes);
        assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
        memset(bytes, 1, size);
        assert_ptr_not_equal(bytes, last);
        last = bytes;
    }
    ch_arena_clear(&arena);
    assert_int_equal(arena.used, 0);
}

static void
the_newest_block_grows_in_place(void **state)
{
    (void)state;
    ch_arena arena;
    ch_arena_init(&arena, NULL, 256, 1 << 16);
    char *bytes = ch_arena_grow(&arena, NULL, 0, 20);
    memset(bytes, 'a', 20);
    assert_ptr_equal(ch_arena_grow(&arena, bytes, 20, 100), bytes);
    (void)ch_arena_alloc(&arena, 1);
    char *moved = ch_arena_grow(&arena, bytes, 100, 120);
    assert_ptr_not_equal(moved, bytes);
    assert_memory_equal(moved, "aaaaaaaaaaaaaaaaaaaa", 20);
    char *large = ch_arena_grow(&arena, moved, 20, 5000);
    assert_memory_equal(large, "aaaaaaaaaaaaaaaaaaaa", 20);
    assert_ptr_equal(ch_arena_grow(&arena, large, 5000, 10), large);
    ch_arena_clear(&arena);
}

static void
the_maximum_holds(void **state)
{
    (void)state;
    t_counter counter = { 0 };
    kida_allocator allocator = t_counting_allocator(&counter);
    ch_arena arena;
    ch_arena_init(&arena, &allocator, 1000, 4000);
    while (ch_arena_alloc(&arena, 100) != NULL) {
    }
    assert_true(counter.live_bytes <= 4000 && counter.live_bytes > 3000);
    assert_null(ch_arena_alloc(&arena, SIZE_MAX));
    assert_null(ch_arena_alloc(&arena, SIZE_MAX - 100));
    assert_null(ch_arena_array(&arena, SIZE_MAX / 2, 3));
    ch_arena_reset(&arena);
    assert_true(counter.live_blocks == 1);
    assert_non_null(ch_arena_alloc(&arena, 100));
    ch_arena_clear(&arena);
    assert_int_equal(counter.live_bytes, 0);
}

static void
sizes_do_not_wrap(void **state)
{
    (void)state;
    size_t out;
    assert_true(ch_size_add(1, 2, &out) && out == 3);
    assert_false(ch_size_add(SIZE_MAX, 1, &out));
    assert_true(ch_size_mul(0, SIZE_MAX, &out) && out == 0);
    assert_true(ch_size_mul(3, 4, &out) && out == 12);
    assert_false(ch_size_mul(SIZE_MAX / 2, 3, &out));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_aligned_and_apart),
        cmocka_unit_test(the_newest_block_grows_in_place),
        cmocka_unit_test(the_maximum_holds),
        cmocka_unit_test(sizes_do_not_wrap),
    };
    return cmocka_run_group_tests_name("config/arena", tests, NULL, NULL);
}
