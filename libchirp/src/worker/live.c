/* SPDX-License-Identifier: MIT */
/* live.c - what answers need that go on for long: noticing that the client has left, a sign of life
 * while there is nothing to say, an orderly end when the worker stops. */
#define _GNU_SOURCE
#include "internal.h"

#include <string.h>

/* Of a worker's connections, event streams take one in this many at most (ES-11). */
#define EVENTS_SHARE 2

/* ---- life ---------------------------------------------------------------------------------- */

bool
ch_conn_go_live(ch_conn *conn, bool is_events)
{
    chirp_worker *worker = conn->worker;
    if (is_events) {
        size_t most = worker->conn_max / EVENTS_SHARE;
        if (worker->event_streams >= (most > 0 ? most : 1) || ch_worker_is_draining(worker))
            return false;
        worker->event_streams++;
    }
    conn->is_live = true;
    conn->is_events = is_events;
    return true;
}

void
ch_live_end(ch_conn *conn)
{
    if (conn->is_events)
        conn->worker->event_streams--;
    conn->is_live = conn->is_events = conn->is_ending = false;
}

/* No bytes come behind the end of the input, and nobody but a client that has left ends it before
 * its stream is over. Whoever still reads is seen by the room that it makes. */
void
ch_live_parked(ch_conn *conn)
{
    bool idle = conn->is_live && conn->task.wait != NULL && !conn->output_wait;
    if (idle && conn->input_ended && conn->phase == CH_PHASE_OPEN)
        ch_conn_close(conn, false);
}

ch_task *
ch_task_of(chirp_request *req)
{
    return &req->conn->task;
}

/* ---- the end ------------------------------------------------------------------------------- */

void
ch_live_drain(ch_conn *conn)
{
    if (!conn->is_events || conn->phase != CH_PHASE_OPEN || conn->is_ending)
        return;
    conn->is_ending = true;
    conn->close_after = true;
    ch_task_cancel(&conn->task);
}

bool
ch_conn_is_ending(const ch_conn *conn)
{
    return conn->is_ending;
}

bool
ch_conn_revive(ch_conn *conn)
{
    if (conn->phase != CH_PHASE_OPEN)
        return false;
    conn->task.is_gone = false;
    return true;
}

const volatile bool *
ch_conn_stop_flag(const ch_conn *conn)
{
    return &conn->task.is_gone;
}

void
ch_conn_abort(ch_conn *conn)
{
    ch_count(&conn->worker->metrics.aborted, 1);
    conn->close_after = true;
    /* Without chunks the end of the connection would look like that of the answer. */
    if (conn->req.is_http10 && conn->phase == CH_PHASE_OPEN) {
        ch_output_flush(conn);
        ch_conn_close(conn, true);
    }
}

void
ch_conn_before_wait(ch_conn *conn, void (*fn)(void *arg), void *arg)
{
    conn->task.before_wait = fn;
    conn->task.before_wait_arg = arg;
}

/* ---- signs of life ------------------------------------------------------------------------- */

struct ch_beat {
    ch_wait wait; /* for the end */
    ch_conn *conn;
    kida_str bytes;
    uint32_t interval;
    uint64_t touched;
    uv_timer_t timer;
};

static void
on_beat(uv_timer_t *timer)
{
    ch_beat *beat = timer->data;
    ch_conn *conn = beat->conn;
    uint64_t idle = ch_worker_now(conn->worker) - beat->touched;
    if (idle < beat->interval) {
        uv_timer_start(timer, on_beat, beat->interval - idle, 0);
        return;
    }
    beat->touched += idle;
    uv_timer_start(timer, on_beat, beat->interval, 0);
    /* A peer that takes nothing is the business of the write time-out; and no piece is cut. */
    if (conn->phase != CH_PHASE_OPEN || conn->output_wait || !ch_output_is_empty(conn))
        return;
    if (ch_output_put(conn, beat->bytes) != KIDA_OK)
        ch_conn_lost(conn);
    else
        ch_conn_pump(conn);
}

kida_status
ch_beat_start(ch_conn *conn, uint32_t interval, kida_str bytes, ch_beat **out)
{
    ch_beat *beat = ch_arena_array(&conn->req.arena, 1, sizeof(*beat));
    if (!beat || uv_timer_init(&conn->worker->loop, &beat->timer) != 0)
        return KIDA_E_NOMEM;
    beat->conn = conn;
    beat->bytes = bytes;
    beat->interval = interval;
    beat->timer.data = beat;
    beat->touched = ch_worker_now(conn->worker);
    uv_timer_start(&beat->timer, on_beat, interval, 0);
    *out = beat;
    return KIDA_OK;
}

void
ch_beat_touch(ch_beat *beat)
{
    if (beat)
        beat->touched = ch_worker_now(beat->conn->worker);
}

static void
on_beat_closed(uv_handle_t *handle)
{
    ch_beat *beat = handle->data;
    ch_task_wake(&beat->conn->task, &beat->wait);
}

void
ch_beat_end(ch_beat *beat)
{
    if (!beat)
        return;
    uv_close((uv_handle_t *)&beat->timer, on_beat_closed);
    (void)ch_task_wait(&beat->conn->task, &beat->wait);
}
