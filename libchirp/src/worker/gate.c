/* SPDX-License-Identifier: MIT */
/* gate.c - see gate.h. A permit that is given back goes straight to the first who waits, so that
 * nobody can overtake; a parked handler is told through the mailbox of its worker. */
#define _GNU_SOURCE
#include "gate.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "config/alloc.h"
#include "internal.h"

/* Somebody who waits; lives on the stack of the one that does. */
typedef struct waiter {
    ch_wait wait; /* first, so that the wait is the waiter; of a handler */
    ch_post post;
    uv_timer_t timer;
    ch_task *task;   /* NULL: a plain thread */
    ch_gate *gate;
    struct waiter *next;
    bool is_queued;  /* guarded by the gate's lock */
    bool has_permit; /* guarded by the gate's lock */
} waiter;

struct ch_gate {
    kida_allocator allocator;
    pthread_mutex_t lock;
    pthread_cond_t granted; /* to plain threads */
    uint32_t permits;       /* free ones; guarded by lock */
    waiter *first;          /* guarded by lock */
    waiter **end;
};

ch_gate *
ch_gate_new(const kida_allocator *allocator, uint32_t permits)
{
    ch_gate *gate = ch_calloc(allocator, sizeof(*gate));
    if (!gate)
        return NULL;
    if (allocator)
        gate->allocator = *allocator;
    gate->permits = permits;
    gate->end = &gate->first;
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&gate->granted, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&gate->lock, NULL);
    return gate;
}

void
ch_gate_free(ch_gate *gate)
{
    if (!gate)
        return;
    pthread_cond_destroy(&gate->granted);
    pthread_mutex_destroy(&gate->lock);
    kida_allocator allocator = gate->allocator;
    ch_free(&allocator, gate, sizeof(*gate));
}

/* ---- the queue; with the lock held --------------------------------------------------------- */

/* Takes a permit or stands at the end of the queue. */
static bool
enter_or_queue(ch_gate *gate, waiter *self)
{
    if (gate->permits > 0) {
        gate->permits--;
        return true;
    }
    self->is_queued = true;
    self->next = NULL;
    *gate->end = self;
    gate->end = &self->next;
    return false;
}

static void
unqueue(ch_gate *gate, waiter *self)
{
    waiter **at = &gate->first;
    while (*at != self)
        at = &(*at)->next;
    *at = self->next;
    if (!self->next)
        gate->end = at;
    self->is_queued = false;
}

/* Leaves the queue; false if a permit is on its way already. */
static bool
give_up(waiter *self)
{
    pthread_mutex_lock(&self->gate->lock);
    bool was_queued = self->is_queued;
    if (was_queued)
        unqueue(self->gate, self);
    pthread_mutex_unlock(&self->gate->lock);
    return was_queued;
}

void
ch_gate_leave(ch_gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    waiter *next = gate->first;
    if (!next) {
        gate->permits++;
    } else {
        unqueue(gate, next);
        next->has_permit = true;
        if (next->task)
            ch_worker_post(next->task->worker, &next->post);
        else
            pthread_cond_broadcast(&gate->granted);
    }
    pthread_mutex_unlock(&gate->lock);
}

/* ---- a handler waits ----------------------------------------------------------------------- */

static void
on_timer_closed(uv_handle_t *handle)
{
    waiter *self = handle->data;
    ch_task_wake(self->task, &self->wait);
}

/* The timer lies on the handler's stack, so the handler goes on only when it is closed. */
static void
end_wait(waiter *self)
{
    if (!uv_is_closing((const uv_handle_t *)&self->timer))
        uv_close((uv_handle_t *)&self->timer, on_timer_closed);
}

static void
on_granted(ch_post *post)
{
    end_wait(post->data);
}

static void
on_time_is_up(uv_timer_t *timer)
{
    waiter *self = timer->data;
    if (give_up(self))
        end_wait(self);
}

static void
on_cancel(ch_task *task, ch_wait *wait)
{
    (void)task;
    waiter *self = (waiter *)(void *)wait;
    if (give_up(self))
        end_wait(self);
}

static kida_status
enter_parked(ch_gate *gate, ch_task *task, uint32_t milliseconds)
{
    if (task->is_gone)
        return KIDA_E_STOPPED;
    waiter self = { .wait = { on_cancel, false }, .task = task, .gate = gate };
    self.post = (ch_post){ .run = on_granted, .data = &self };
    pthread_mutex_lock(&gate->lock);
    bool entered = enter_or_queue(gate, &self);
    pthread_mutex_unlock(&gate->lock);
    if (entered)
        return KIDA_OK;

    uv_loop_t *loop = &task->worker->loop;
    uv_timer_init(loop, &self.timer); /* can't fail */
    self.timer.data = &self;
    uv_update_time(loop);
    uv_timer_start(&self.timer, on_time_is_up, milliseconds, 0);
    kida_status st = ch_task_wait(task, &self.wait);
    if (st == KIDA_OK)
        return self.has_permit ? KIDA_OK : KIDA_E_BUSY;
    if (self.has_permit)
        ch_gate_leave(gate);
    return st;
}

/* ---- a plain thread waits ------------------------------------------------------------------ */

static kida_status
enter_blocking(ch_gate *gate, uint32_t milliseconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += milliseconds / 1000;
    until.tv_nsec += (long)(milliseconds % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    waiter self = { .gate = gate };
    pthread_mutex_lock(&gate->lock);
    bool entered = enter_or_queue(gate, &self);
    int status = 0;
    while (!entered && !self.has_permit && status != ETIMEDOUT)
        status = pthread_cond_timedwait(&gate->granted, &gate->lock, &until);
    if (self.is_queued)
        unqueue(gate, &self);
    pthread_mutex_unlock(&gate->lock);
    return entered || self.has_permit ? KIDA_OK : KIDA_E_BUSY;
}

kida_status
ch_gate_enter(ch_gate *gate, uint32_t milliseconds)
{
    ch_task *task = ch_task_running();
    return task ? enter_parked(gate, task, milliseconds) : enter_blocking(gate, milliseconds);
}
