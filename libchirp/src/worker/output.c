/* SPDX-License-Identifier: MIT */
/* output.c - bytes on their way out: gathered, sent with one write where possible, bounded.
 *
 * Answers of pipelined requests gather in one buffer and leave together. When the socket takes no
 * more, what is left waits in `sending`; a handler that offers more than the high-water mark is
 * parked until the peer has read (BP-1). */
#define _GNU_SOURCE
#include "internal.h"

/* Below this share of the high-water mark a parked handler goes on. */
#define LOW_WATER_SHARE 4

static size_t
queued(const ch_conn *conn)
{
    size_t bytes = conn->out ? kida_buf_str(&conn->out->text).len : 0;
    return bytes + (conn->sending ? conn->wire->waiting(conn) : 0);
}

bool
ch_output_is_empty(const ch_conn *conn)
{
    return !conn->out && !conn->sending;
}

static ch_buffer *
out_buffer(ch_conn *conn)
{
    if (!conn->out)
        conn->out = ch_buffer_take(&conn->worker->buffers);
    return conn->out;
}

kida_buf *
ch_conn_head(ch_conn *conn)
{
    ch_buffer *buffer = out_buffer(conn);
    conn->answer_begun = true;
    return buffer ? &buffer->text : NULL;
}

kida_status
ch_output_put(ch_conn *conn, kida_str bytes)
{
    ch_buffer *buffer = out_buffer(conn);
    if (!buffer)
        return KIDA_E_NOMEM;
    kida_buf_put(&buffer->text, bytes);
    return kida_buf_status(&buffer->text);
}

kida_status
ch_conn_put(ch_conn *conn, kida_str bytes)
{
    conn->sent_bytes += bytes.len;
    return ch_output_put(conn, bytes);
}

void
ch_output_drop(ch_conn *conn)
{
    ch_buffer_give(&conn->worker->buffers, conn->out);
    conn->out = NULL;
}

static void
watch_write(ch_conn *conn)
{
    conn->waiting_seen = conn->wire->waiting(conn);
    ch_timer_set(&conn->worker->timers, &conn->write_timer, CH_TIMER_WRITE,
                 ch_worker_now(conn->worker));
    ch_worker_tick_on(conn->worker);
}

/* Leaves what is in out, from `done` on, to the wire. */
static void
send_rest(ch_conn *conn, size_t done)
{
    kida_str text = kida_buf_str(&conn->out->text);
    conn->sending = conn->out;
    conn->out = NULL;
    kida_str rest = { text.ptr + done, text.len - done };
    if (conn->wire->send_later(conn, rest)) {
        watch_write(conn);
        return;
    }
    ch_buffer_give(&conn->worker->buffers, conn->sending);
    conn->sending = NULL;
    ch_conn_lost(conn);
}

/* Sends out, then tail, without waiting. *taken: bytes of tail that are sent. */
static void
flush_with(ch_conn *conn, kida_str tail, size_t *taken)
{
    *taken = 0;
    kida_str parts[2];
    size_t count = 0;
    size_t head = 0;
    if (conn->out) {
        parts[count] = kida_buf_str(&conn->out->text);
        head = parts[count].len;
        count += head > 0;
    }
    if (tail.len > 0)
        parts[count++] = tail;

    ptrdiff_t sent = count > 0 ? conn->wire->send(conn, parts, count) : 0;
    if (sent < 0) {
        ch_conn_lost(conn);
        return;
    }
    if ((size_t)sent >= head) {
        *taken = (size_t)sent - head;
        ch_output_drop(conn);
    } else {
        send_rest(conn, (size_t)sent);
    }
}

void
ch_output_flush(ch_conn *conn)
{
    if (!conn->out || conn->sending || conn->phase == CH_PHASE_CLOSED)
        return;
    size_t taken;
    flush_with(conn, (kida_str){ NULL, 0 }, &taken);
}

void
ch_conn_flush(ch_conn *conn)
{
    ch_output_flush(conn);
}

void
ch_output_timeout(ch_conn *conn)
{
    if (!conn->sending)
        return;
    /* Some of it went since the timer was set: the peer reads, if slowly (TM-5). */
    if (conn->wire->waiting(conn) < conn->waiting_seen)
        watch_write(conn);
    else
        ch_conn_close(conn, true);
}

/* ---- waiting for room ---------------------------------------------------------------------- */

static void
cancel_output_wait(ch_task *task, ch_wait *wait)
{
    ch_task_wake(task, wait);
}

static kida_status
wait_for_room(ch_conn *conn)
{
    ch_wait wait = { cancel_output_wait, false };
    conn->output_wait = &wait;
    ch_output_flush(conn);
    kida_status st = ch_task_wait(&conn->task, &wait);
    conn->output_wait = NULL;
    return st;
}

void
ch_conn_sent(ch_conn *conn, bool ok)
{
    ch_buffer_give(&conn->worker->buffers, conn->sending);
    conn->sending = NULL;
    ch_timer_stop(&conn->worker->timers, &conn->write_timer);
    if (conn->phase == CH_PHASE_CLOSED)
        return;
    if (!ok) {
        ch_conn_lost(conn);
        return;
    }
    ch_output_flush(conn);
    size_t low = conn->worker->config->max_queued_output / LOW_WATER_SHARE;
    ch_wait *wait = conn->output_wait;
    if (wait && !wait->is_done && conn->phase != CH_PHASE_CLOSED && queued(conn) <= low)
        ch_task_wake(&conn->task, wait);
    ch_conn_pump(conn);
}

kida_status
ch_conn_room(ch_conn *conn)
{
    size_t high = conn->worker->config->max_queued_output;
    while (!conn->task.is_gone && queued(conn) >= high) {
        ch_output_flush(conn);
        if (!conn->task.is_gone && queued(conn) >= high && wait_for_room(conn) != KIDA_OK)
            break;
    }
    return conn->task.is_gone ? KIDA_E_STOPPED : KIDA_OK;
}

/* Long bodies go straight from where they lie as far as the socket takes them. */
static void
send_direct(ch_conn *conn, kida_str *bytes)
{
    size_t taken;
    flush_with(conn, *bytes, &taken);
    bytes->ptr += taken;
    bytes->len -= taken;
}

kida_status
ch_conn_send(ch_conn *conn, kida_str bytes)
{
    conn->sent_bytes += bytes.len;
    if (bytes.len >= CH_SEND_DIRECT && !conn->sending && !conn->task.is_gone)
        send_direct(conn, &bytes);
    kida_status st = KIDA_OK;
    while (bytes.len > 0 && st == KIDA_OK) {
        st = ch_conn_room(conn);
        if (st != KIDA_OK)
            break;
        size_t room = conn->worker->config->max_queued_output - queued(conn);
        size_t part = bytes.len < room ? bytes.len : room;
        st = ch_output_put(conn, (kida_str){ bytes.ptr, part });
        bytes.ptr += part;
        bytes.len -= part;
    }
    return st == KIDA_OK && conn->task.is_gone ? KIDA_E_STOPPED : st;
}
