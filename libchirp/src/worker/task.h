/* SPDX-License-Identifier: MIT */
/* task.h - work on a coroutine that may wait: a request's handler, or a worker hook. */
#ifndef CH_WORKER_TASK_H
#define CH_WORKER_TASK_H

#include <chirp/app.h>

#include "coro.h"

struct ch_task;

/* What a parked task waits for; lives on the stack of its coroutine. */
typedef struct ch_wait {
    /* Has the waiting end early: calls ch_task_wake, at once or later. NULL: it goes on to its
     * natural end. */
    void (*cancel)(struct ch_task *task, struct ch_wait *wait);
    bool is_done;
} ch_wait;

/* Worker thread only. Between ended and the next start it is at rest. */
typedef struct ch_task {
    chirp_worker *worker;
    chirp_request *req;               /* NULL: a hook */
    ch_coro *coro;                    /* NULL: at rest */
    ch_wait *wait;                    /* set while parked */
    bool is_gone;                     /* nobody wants the outcome: waits end at once */
    void (*run)(struct ch_task *task);
    void (*ended)(struct ch_task *task); /* on the thread's own stack */
    /* It waits again after it went on; on the thread's own stack, may be NULL. */
    void (*parked)(struct ch_task *task);
    /* It is about to wait; on its own stack, must not wait. NULL at the start of each run. */
    void (*before_wait)(void *arg);
    void *before_wait_arg;
} ch_task;

/* Runs task->run until it ends or waits; false if there is no stack for it. */
bool ch_task_start(ch_task *task, ch_coro_pool *pool);

/* Parks the running task until wait->is_done. Errors: KIDA_E_STOPPED once the task is gone. */
kida_status ch_task_wait(ch_task *task, ch_wait *wait);

/* Marks a wait as done and goes on with the task; never called from inside a coroutine. */
void ch_task_wake(ch_task *task, ch_wait *wait);

/* Nobody wants the outcome any more: ends the waiting, if it can be ended. */
void ch_task_cancel(ch_task *task);

/* The task that answers a request. */
ch_task *ch_task_of(chirp_request *req);

/* The task that runs on this thread; NULL outside of one. */
ch_task *ch_task_running(void);

static inline bool
ch_task_is_busy(const ch_task *task)
{
    return task->coro != NULL;
}

#endif
