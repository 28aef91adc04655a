/* SPDX-License-Identifier: MIT */
/* offload.c - what a handler can wait for: a time, and work on a helper thread. */
#define _GNU_SOURCE
#include "internal.h"

/* Task that calls: that of a request, or the hook that is running. NULL outside of both. */
static ch_task *
calling_task(const chirp_request *req)
{
    ch_task *task = ch_task_running();
    return task && (!req || task->req == req) ? task : NULL;
}

chirp_request *
chirp_current_request(void)
{
    const ch_task *task = ch_task_running();
    return task ? task->req : NULL;
}

bool
chirp_is_gone(const chirp_request *req)
{
    return req->conn->task.is_gone || req->conn->phase == CH_PHASE_CLOSED;
}

/* ---- time ---------------------------------------------------------------------------------- */

typedef struct nap {
    ch_wait wait; /* first, so that the wait is the nap */
    ch_task *task;
    uv_timer_t timer;
} nap;

static void
on_nap_closed(uv_handle_t *handle)
{
    nap *self = handle->data;
    ch_task_wake(self->task, &self->wait);
}

/* The handle lies on the handler's stack, so the handler goes on only when it is closed. */
static void
end_nap(nap *self)
{
    if (!uv_is_closing((const uv_handle_t *)&self->timer))
        uv_close((uv_handle_t *)&self->timer, on_nap_closed);
}

static void
on_nap_over(uv_timer_t *timer)
{
    end_nap(timer->data);
}

static void
cancel_nap(ch_task *task, ch_wait *wait)
{
    (void)task;
    end_nap((nap *)(void *)wait);
}

kida_status
chirp_sleep(chirp_request *req, uint32_t milliseconds)
{
    ch_task *task = calling_task(req);
    if (!task)
        return KIDA_E_USAGE;
    if (task->is_gone)
        return KIDA_E_STOPPED;
    nap self = { .wait = { cancel_nap, false }, .task = task };
    if (uv_timer_init(&task->worker->loop, &self.timer) != 0)
        return KIDA_E_NOMEM;
    self.timer.data = &self;
    uv_update_time(&task->worker->loop);
    uv_timer_start(&self.timer, on_nap_over, milliseconds, 0);
    return ch_task_wait(task, &self.wait);
}

/* ---- helper threads ------------------------------------------------------------------------ */

typedef struct job {
    ch_wait wait; /* first, so that the wait is the job */
    ch_task *task;
    void (*work)(void *arg);
    void *arg;
    uv_work_t uv;
} job;

static void
on_work(uv_work_t *uv)
{
    job *self = uv->data;
    self->work(self->arg);
}

static void
on_work_done(uv_work_t *uv, int status)
{
    (void)status; /* cancelled: the task is gone, and knows it */
    job *self = uv->data;
    self->task->worker->offloads--;
    ch_task_wake(self->task, &self->wait);
}

/* A job that runs already goes on to its end, as it may use the handler's stack. */
static void
cancel_job(ch_task *task, ch_wait *wait)
{
    (void)task;
    job *self = (job *)(void *)wait;
    uv_cancel((uv_req_t *)&self->uv);
}

kida_status
chirp_offload(chirp_request *req, void (*work)(void *arg), void *arg)
{
    ch_task *task = calling_task(req);
    if (!task)
        return KIDA_E_USAGE;
    if (task->is_gone)
        return KIDA_E_STOPPED;
    chirp_worker *worker = task->worker;
    if (worker->offloads >= CH_OFFLOAD_MAX)
        return KIDA_E_LIMIT_TIME;

    job self = { .wait = { cancel_job, false }, .task = task, .work = work, .arg = arg };
    self.uv.data = &self;
    if (uv_queue_work(&worker->loop, &self.uv, on_work, on_work_done) != 0)
        return KIDA_E_NOMEM;
    worker->offloads++;
    return ch_task_wait(task, &self.wait);
}
