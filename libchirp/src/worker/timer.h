/* SPDX-License-Identifier: MIT */
/* timer.h - time-outs of connections. There are few different lengths and each list holds one
 * length, so new entries go to the end, the list stays in order, and all is done in a step. */
#ifndef CH_WORKER_TIMER_H
#define CH_WORKER_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ch_timer_kind {
    CH_TIMER_NONE = 0,
    CH_TIMER_HEADER,  /* a request has begun */
    CH_TIMER_IDLE,    /* between requests */
    CH_TIMER_BODY,    /* no byte of a body */
    CH_TIMER_HANDLER, /* no byte of an answer */
    CH_TIMER_WRITE,   /* the peer takes nothing */
    CH_TIMER_LINGER,  /* reading on after the last answer */
    CH_TIMER_COUNT
} ch_timer_kind;

/* An entry, inside of what it is for; zeroed: not set. */
typedef struct ch_timer {
    struct ch_timer *next;
    struct ch_timer *prev;
    uint64_t due; /* monotonic milliseconds */
    ch_timer_kind kind;
} ch_timer;

typedef struct ch_timer_list {
    ch_timer ring; /* sentinel */
    uint64_t length;
} ch_timer_list;

typedef struct ch_timers {
    ch_timer_list lists[CH_TIMER_COUNT];
} ch_timers;

void ch_timers_init(ch_timers *timers, const uint32_t lengths[CH_TIMER_COUNT]);

/* Sets, or sets again from now on; kind NONE stops it. */
void ch_timer_set(ch_timers *timers, ch_timer *timer, ch_timer_kind kind, uint64_t now);

static inline void
ch_timer_stop(ch_timers *timers, ch_timer *timer)
{
    ch_timer_set(timers, timer, CH_TIMER_NONE, 0);
}

/* Takes out and returns one entry that is due, its kind still set; NULL if there is none. */
ch_timer *ch_timers_due(ch_timers *timers, uint64_t now);

#endif
