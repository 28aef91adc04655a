/* SPDX-License-Identifier: MIT */
/* test_coro.c - coroutines, their pool, and time-out lists. */
#include "t.h"

#include "worker/coro.h"
#include "worker/timer.h"

enum { STACK = 64 << 10, MANY = 20 };

static void
count_and_park(void *arg)
{
    int *count = arg;
    char text[64];
    snprintf(text, sizeof(text), "%f", 1.5); /* wants an aligned stack */
    ++*count;
    ch_coro_park();
    ++*count;
}

static void
count_only(void *arg)
{
    ++*(int *)arg;
}

/* Holds: many are parked at once and each goes on where it stopped. */
static void
parked_coroutines_go_on(void **state)
{
    (void)state;
    ch_coro_pool pool;
    ch_coro *coros[MANY];
    int count = 0;
    bool ended;
    ch_coro_pool_init(&pool, NULL, STACK, 4);
    for (size_t i = 0; i < MANY; i++) {
        coros[i] = ch_coro_start(&pool, count_and_park, &count, &ended);
        assert_non_null(coros[i]);
        assert_false(ended);
    }
    assert_int_equal(count, MANY);
    assert_int_equal(pool.live_count, MANY);
    assert_null(ch_coro_running());
    for (size_t i = 0; i < MANY; i++)
        assert_true(ch_coro_resume(coros[i]));
    assert_int_equal(count, 2 * MANY);
    assert_int_equal(pool.live_count, 4); /* the others gave their stacks back */
    ch_coro_pool_clear(&pool);
    assert_int_equal(pool.live_count, 0);
}

/* Holds: stacks are used again. Could break: a coroutine that is not returned to the pool. */
static void
stacks_are_pooled(void **state)
{
    (void)state;
    ch_coro_pool pool;
    int count = 0;
    bool ended;
    ch_coro_pool_init(&pool, NULL, STACK, 4);
    for (int i = 0; i < 1000; i++) {
        ch_coro *coro = ch_coro_start(&pool, count_only, &count, &ended);
        assert_non_null(coro);
        assert_true(ended);
    }
    assert_int_equal(count, 1000);
    assert_int_equal(pool.live_count, 1);
    assert_true(ch_coro_stack_used(pool.idle) > 0);
    assert_true(ch_coro_stack_used(pool.idle) < STACK);
    ch_coro_pool_clear(&pool);
}

/* Holds: entries come out when due, in order, and one that was set again comes later. */
static void
timers_come_in_order(void **state)
{
    (void)state;
    static const uint32_t lengths[CH_TIMER_COUNT] = { [CH_TIMER_HEADER] = 10, [CH_TIMER_IDLE] = 5 };
    ch_timers timers;
    ch_timer a = { 0 };
    ch_timer b = { 0 };
    ch_timer c = { 0 };
    ch_timers_init(&timers, lengths);
    ch_timer_set(&timers, &a, CH_TIMER_HEADER, 0);
    ch_timer_set(&timers, &b, CH_TIMER_HEADER, 1);
    ch_timer_set(&timers, &c, CH_TIMER_IDLE, 2);
    assert_null(ch_timers_due(&timers, 6));
    assert_ptr_equal(ch_timers_due(&timers, 7), &c);
    ch_timer_set(&timers, &a, CH_TIMER_HEADER, 8);
    assert_ptr_equal(ch_timers_due(&timers, 11), &b);
    assert_null(ch_timers_due(&timers, 17));
    ch_timer_stop(&timers, &a);
    assert_null(ch_timers_due(&timers, 100));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parked_coroutines_go_on),
        cmocka_unit_test(stacks_are_pooled),
        cmocka_unit_test(timers_come_in_order),
    };
    return cmocka_run_group_tests_name("worker/coro", tests, NULL, NULL);
}
