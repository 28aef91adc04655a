/* SPDX-License-Identifier: MIT */
/* watchdog.c - finds a worker whose loop makes no turn: a handler that computes for ever, or waits
 * by other means than chirp's. It is told of, and ended in the end, for all clients of that worker
 * wait (WC-3). Every worker is woken at times and counts its turns; turns are compared, not times,
 * so a process that was stopped is not taken for it. */
#define _GNU_SOURCE
#include "watchdog.h"

#include <signal.h>
#include <stdio.h>

#include "app/app.h"

#define LOOKS 30      /* in the whole time */
#define LOOKS_TOLD 5  /* until it is told of */
#define LOOK_MIN_MS 10

static void
tell(const chirp_worker *worker, const char *what, uint64_t milliseconds)
{
    const void *target = atomic_load_explicit(&worker->route, memory_order_acquire);
    const ch_route *route = target;
    kida_str path = route ? route->path : KIDA_S("none");
    fprintf(stderr, "chirp: error: worker %u has made no turn for %llu ms, last route %.*s%s\n",
            (unsigned)worker->index, (unsigned long long)milliseconds, (int)path.len, path.ptr,
            what);
}

static void
look_at(chirp_worker *worker, uint64_t interval)
{
    uint64_t turns = atomic_load_explicit(&worker->turns, memory_order_relaxed);
    bool is_waited_for = ch_worker_ping(worker); /* false: it has ended */
    worker->looks = is_waited_for && turns == worker->turns_seen ? worker->looks + 1 : 0;
    worker->turns_seen = turns;
    if (worker->looks == LOOKS_TOLD)
        tell(worker, "", interval * LOOKS_TOLD);
    if (worker->looks < LOOKS)
        return;
    tell(worker, ": the process ends", interval * LOOKS);
    raise(SIGABRT); /* leaves a core with the stacks of all threads */
}

static uint64_t
interval_of(const ch_watchdog *dog)
{
    uint64_t interval = dog->timeout / LOOKS;
    return interval < LOOK_MIN_MS ? LOOK_MIN_MS : interval;
}

static void
on_look(uv_timer_t *timer)
{
    ch_watchdog *dog = timer->data;
    for (uint32_t i = 0; i < dog->count; i++)
        look_at(dog->workers[i], interval_of(dog));
}

void
ch_watchdog_start(ch_watchdog *dog)
{
    dog->timer.data = dog;
    uv_timer_start(&dog->timer, on_look, interval_of(dog), interval_of(dog));
}
