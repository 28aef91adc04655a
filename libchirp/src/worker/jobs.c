/* SPDX-License-Identifier: MIT */
/* jobs.c - see jobs.h. */
#define _GNU_SOURCE
#include "jobs.h"

#include "internal.h"

typedef struct job {
    uv_work_t uv;
    ch_jobs *jobs;
    void (*work)(void *arg);
    void *arg;
    bool is_running;  /* handed to the loop and not back yet */
    struct job *next; /* of those that have ended */
} job;

struct ch_jobs {
    ch_task *task;
    ch_wait *wait;   /* set while the handler waits for one of them */
    size_t count;
    size_t max;
    size_t running;
    job *ended;      /* in the order of their end */
    job **ended_end;
    job items[];
};

ch_jobs *
ch_jobs_new(chirp_request *req, size_t max)
{
    ch_task *task = ch_task_running();
    size_t size = sizeof(ch_jobs) + max * sizeof(job);
    ch_jobs *jobs = ch_arena_array(&req->arena, 1, size);
    if (!jobs || !task || task->req != req)
        return NULL;
    jobs->task = task;
    jobs->max = max;
    jobs->ended_end = &jobs->ended;
    return jobs;
}

static void
on_job(uv_work_t *uv)
{
    job *self = uv->data;
    self->work(self->arg);
}

static void
on_job_done(uv_work_t *uv, int status)
{
    job *self = uv->data;
    ch_jobs *jobs = self->jobs;
    jobs->task->worker->offloads--;
    jobs->running--;
    self->is_running = false;
    if (status == 0) {
        *jobs->ended_end = self;
        jobs->ended_end = &self->next;
    }
    if (jobs->wait && !jobs->wait->is_done)
        ch_task_wake(jobs->task, jobs->wait);
}

kida_status
ch_jobs_start(ch_jobs *jobs, void (*work)(void *arg), void *arg)
{
    chirp_worker *worker = jobs->task->worker;
    if (worker->offloads >= CH_OFFLOAD_MAX || jobs->count >= jobs->max)
        return KIDA_E_LIMIT_TIME;
    job *self = &jobs->items[jobs->count];
    *self = (job){ .jobs = jobs, .work = work, .arg = arg };
    self->uv.data = self;
    if (uv_queue_work(&worker->loop, &self->uv, on_job, on_job_done) != 0)
        return KIDA_E_NOMEM;
    self->is_running = true;
    jobs->count++;
    jobs->running++;
    worker->offloads++;
    return KIDA_OK;
}

static void
cancel_wait(ch_task *task, ch_wait *wait)
{
    ch_task_wake(task, wait);
}

static kida_status
wait_for_one(ch_jobs *jobs, bool can_stop)
{
    ch_wait wait = { can_stop ? cancel_wait : NULL, false };
    jobs->wait = &wait;
    kida_status st = ch_task_wait(jobs->task, &wait);
    jobs->wait = NULL;
    return st;
}

kida_status
ch_jobs_next(ch_jobs *jobs, void **arg)
{
    *arg = NULL;
    while (!jobs->ended && jobs->running > 0) {
        if (jobs->task->is_gone || wait_for_one(jobs, true) != KIDA_OK)
            return KIDA_E_STOPPED;
    }
    if (jobs->task->is_gone)
        return KIDA_E_STOPPED;
    job *self = jobs->ended;
    if (!self)
        return KIDA_OK;
    jobs->ended = self->next;
    if (!jobs->ended)
        jobs->ended_end = &jobs->ended;
    *arg = self->arg;
    return KIDA_OK;
}

void
ch_jobs_end(ch_jobs *jobs)
{
    for (size_t i = 0; i < jobs->count; i++) {
        if (jobs->items[i].is_running)
            uv_cancel((uv_req_t *)&jobs->items[i].uv);
    }
    while (jobs->running > 0)
        (void)wait_for_one(jobs, false);
}
