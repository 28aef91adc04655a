/* SPDX-License-Identifier: MIT */
/* shutdown.c - how a worker stops: no new connections, running requests end, the rest is cut. */
#define _GNU_SOURCE
#include "internal.h"

/* Time in which requests that are on their way on idle connections still arrive. */
#define IDLE_GRACE_MS 50

static void
each_conn(chirp_worker *worker, void (*visit)(ch_conn *conn))
{
    ch_conn *next;
    for (ch_conn *conn = worker->conns; conn; conn = next) {
        next = conn->next;
        visit(conn);
    }
}

static void
on_grace_over(uv_timer_t *timer)
{
    each_conn(timer->data, ch_conn_drain);
}

void
ch_worker_drain(chirp_worker *worker)
{
    if (worker->state != CH_WORKER_SERVING)
        return;
    worker->state = CH_WORKER_DRAINING;
    ch_listener_stop(worker);
    each_conn(worker, ch_live_drain);
    uv_update_time(&worker->loop); /* a handler may have held the thread */
    /* Repeats: a connection may turn idle after its last request began before the stop. */
    uv_timer_start(&worker->drain_timer, on_grace_over, IDLE_GRACE_MS, IDLE_GRACE_MS);
}

void
ch_worker_cut(chirp_worker *worker)
{
    if (worker->state >= CH_WORKER_CUTTING)
        return;
    worker->state = CH_WORKER_CUTTING;
    ch_listener_stop(worker);
    each_conn(worker, ch_conn_cut);
}

bool
chirp_is_stopping(const chirp_request *req)
{
    return ch_worker_is_draining(req->worker);
}

bool
ch_worker_is_draining(const chirp_worker *worker)
{
    return worker->state != CH_WORKER_SERVING;
}
