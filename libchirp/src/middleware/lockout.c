/* SPDX-License-Identifier: MIT */
/* lockout.c - failed logins by account, in a table of a fixed size (row 14). */
#define _GNU_SOURCE
#include <chirp/password.h>

#include <time.h>

#include "config/alloc.h"
#include "config/fail.h"
#include "layer.h"
#include "slots.h"

#define BLOCK ((size_t)1024)
#define MEMORY_MAX ((size_t)64 << 20)
#define SECOND INT64_C(1000000000)

struct chirp_lockout {
    ch_arena arena; /* this struct and the table */
    ch_slots slots; /* when: first failure; until: end of the lock; count: failures */
    chirp_lockout_options options;
};

static int64_t
now_nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

static uint32_t
seconds_left(const ch_slot *slot, int64_t now)
{
    return slot->until > now ? (uint32_t)((slot->until - now + SECOND - 1) / SECOND) : 0;
}

void
chirp_lockout_options_init(chirp_lockout_options *options)
{
    *options = (chirp_lockout_options){
        .size = sizeof(*options), .max_failures = 5, .window = 900,        .lock = 300,
        .backoff = 1,             .max_lock = 3600,  .max_keys = 100000,
    };
}

static kida_status
check(const chirp_lockout_options *options, kida_error *err)
{
    kida_status st = ch_options_check(options->size, sizeof(*options), err);
    if (st == KIDA_OK && (options->max_failures == 0 || options->window == 0 ||
                          options->lock == 0 || options->max_lock < options->lock ||
                          !(options->backoff >= 1 && options->backoff <= 100) ||
                          options->max_keys == 0 || options->max_keys > 1000000))
        st = ch_fail(err, KIDA_E_USAGE,
                     "a lockout needs max_failures, window, lock up to max_lock, backoff from 1 to "
                     "100, and 1 to 1000000 keys");
    return st;
}

chirp_lockout *
chirp_lockout_new(const kida_allocator *allocator, const chirp_lockout_options *options,
                  kida_error *err)
{
    kida_error local;
    err = ch_error_or(err, &local);
    chirp_lockout_options defaults;
    if (!options) {
        chirp_lockout_options_init(&defaults);
        options = &defaults;
    }
    if (check(options, err) != KIDA_OK)
        return NULL;
    ch_arena arena;
    ch_arena_init(&arena, allocator, BLOCK, MEMORY_MAX);
    chirp_lockout *self = ch_arena_array(&arena, 1, sizeof(*self));
    if (!self) {
        ch_fail(err, KIDA_E_NOMEM, "no memory for a lockout");
        return NULL;
    }
    self->options = *options;
    kida_status st = ch_slots_init(&self->slots, &arena, options->max_keys, err);
    self->arena = arena;
    if (st == KIDA_OK)
        return self;
    chirp_lockout_free(self);
    return NULL;
}

void
chirp_lockout_free(chirp_lockout *lockout)
{
    if (!lockout)
        return;
    ch_slots_clear(&lockout->slots);
    ch_arena arena = lockout->arena; /* the lockout lies in it */
    ch_arena_clear(&arena);
}

uint32_t
chirp_lockout_wait(chirp_lockout *lockout, kida_str key)
{
    pthread_mutex_t *lock;
    const ch_slot *slot = ch_slots_find_key(&lockout->slots, key, &lock);
    uint32_t left = slot ? seconds_left(slot, now_nanoseconds()) : 0;
    ch_slots_give(lock);
    return left;
}

/* How long the failure that brought the count to this locks, in seconds. */
static uint32_t
lock_seconds(const chirp_lockout_options *options, uint32_t count)
{
    double seconds = options->lock;
    for (uint32_t i = options->max_failures; i < count && seconds < options->max_lock &&
                                             options->backoff > 1;
         i++)
        seconds *= options->backoff;
    return seconds < options->max_lock ? (uint32_t)seconds : options->max_lock;
}

uint32_t
chirp_lockout_failed(chirp_lockout *lockout, kida_str key)
{
    const chirp_lockout_options *options = &lockout->options;
    pthread_mutex_t *lock;
    ch_slot *slot = ch_slots_take_key(&lockout->slots, key, &lock);
    int64_t now = now_nanoseconds();
    if (slot->until <= now) {
        if (slot->count == 0 || now - slot->when > (int64_t)options->window * SECOND) {
            slot->when = now;
            slot->count = 0;
        }
        if (slot->count < UINT32_MAX)
            slot->count++;
        if (slot->count >= options->max_failures)
            slot->until = now + (int64_t)lock_seconds(options, slot->count) * SECOND;
    }
    uint32_t left = seconds_left(slot, now);
    ch_slots_give(lock);
    return left;
}

void
chirp_lockout_passed(chirp_lockout *lockout, kida_str key)
{
    pthread_mutex_t *lock;
    ch_slot *slot = ch_slots_find_key(&lockout->slots, key, &lock);
    if (slot)
        *slot = (ch_slot){ .hash = 0 };
    ch_slots_give(lock);
}
