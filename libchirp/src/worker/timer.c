/* SPDX-License-Identifier: MIT */
/* timer.c - lists of time-outs, one for each length. */
#include "timer.h"

void
ch_timers_init(ch_timers *timers, const uint32_t lengths[CH_TIMER_COUNT])
{
    for (size_t i = 0; i < CH_TIMER_COUNT; i++) {
        ch_timer_list *list = &timers->lists[i];
        list->ring.next = list->ring.prev = &list->ring;
        list->length = lengths[i];
    }
}

static void
unlink_timer(ch_timer *timer)
{
    timer->prev->next = timer->next;
    timer->next->prev = timer->prev;
    timer->next = timer->prev = NULL;
}

void
ch_timer_set(ch_timers *timers, ch_timer *timer, ch_timer_kind kind, uint64_t now)
{
    if (timer->next)
        unlink_timer(timer);
    timer->kind = kind;
    if (kind == CH_TIMER_NONE)
        return;
    ch_timer_list *list = &timers->lists[kind];
    timer->due = now + list->length;
    timer->prev = list->ring.prev;
    timer->next = &list->ring;
    list->ring.prev->next = timer;
    list->ring.prev = timer;
}

ch_timer *
ch_timers_due(ch_timers *timers, uint64_t now)
{
    for (size_t i = 0; i < CH_TIMER_COUNT; i++) {
        ch_timer *first = timers->lists[i].ring.next;
        if (first == &timers->lists[i].ring || first->due > now)
            continue;
        unlink_timer(first);
        return first;
    }
    return NULL;
}
