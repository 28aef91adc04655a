/* SPDX-License-Identifier: MIT */
/* body.c - bodies that a handler reads while they come. The parser fills one buffer while the
 * handler reads another; it stops when the first is full, and with it the reading. */
#define _GNU_SOURCE
#include "internal.h"

#define BODY_AHEAD ((size_t)64 << 10)

void
ch_body_begin(ch_conn *conn, bool owes_continue)
{
    conn->streams_body = true;
    conn->body_done = false;
    conn->owes_continue = owes_continue;
}

static size_t
unread(const ch_conn *conn)
{
    return conn->body_next ? kida_buf_str(&conn->body_next->text).len : 0;
}

bool
ch_body_is_wanted(const ch_conn *conn)
{
    return conn->streams_body && !conn->body_done && unread(conn) < BODY_AHEAD;
}

kida_status
ch_body_put(ch_conn *conn, kida_str piece)
{
    if (!conn->body_next)
        conn->body_next = ch_buffer_take(&conn->worker->buffers);
    if (!conn->body_next)
        return KIDA_E_NOMEM;
    kida_buf_put(&conn->body_next->text, piece);
    return kida_buf_status(&conn->body_next->text);
}

bool
ch_body_wake(ch_conn *conn)
{
    ch_wait *wait = conn->body_wait;
    if (!wait || wait->is_done || (!conn->body_done && unread(conn) == 0))
        return false;
    ch_task_wake(&conn->task, wait);
    return true;
}

void
ch_body_end(ch_conn *conn)
{
    ch_buffer_give(&conn->worker->buffers, conn->body_next);
    ch_buffer_give(&conn->worker->buffers, conn->body_given);
    conn->body_next = conn->body_given = NULL;
    if (conn->streams_body && !conn->body_done)
        conn->close_after = true;
    conn->streams_body = conn->owes_continue = false;
}

static void
cancel_body_wait(ch_task *task, ch_wait *wait)
{
    ch_task_wake(task, wait);
}

static kida_status
wait_for_body(ch_conn *conn)
{
    if (conn->owes_continue) {
        conn->owes_continue = false;
        if (ch_output_put(conn, KIDA_S("HTTP/1.1 100 Continue\r\n\r\n")) != KIDA_OK)
            return KIDA_E_NOMEM;
        ch_conn_flush(conn);
    }
    if (conn->task.is_gone)
        return KIDA_E_STOPPED;
    ch_wait wait = { cancel_body_wait, false };
    conn->body_wait = &wait;
    kida_status st = ch_task_wait(&conn->task, &wait);
    conn->body_wait = NULL;
    return st;
}

static kida_status
whole_body(chirp_request *req, kida_str *piece)
{
    bool is_first = !req->body_was_read;
    req->body_was_read = true;
    *piece = is_first ? chirp_body(req) : KIDA_S("");
    return piece->ptr ? KIDA_OK : KIDA_E_IO;
}

kida_status
chirp_body_read(chirp_request *req, kida_str *piece)
{
    ch_conn *conn = req->conn;
    *piece = KIDA_S("");
    if (ch_task_running() != &conn->task)
        return KIDA_E_USAGE;
    if (!conn->streams_body)
        return whole_body(req, piece);
    while (unread(conn) == 0 && !conn->body_done) {
        kida_status st = wait_for_body(conn);
        if (st != KIDA_OK)
            return st;
    }
    if (conn->task.is_gone)
        return KIDA_E_STOPPED;
    if (unread(conn) >= BODY_AHEAD) { /* the client had to wait: its time begins anew (TM-4) */
        conn->body_began = ch_worker_now(conn->worker);
        conn->body_bytes = 0;
    }
    ch_buffer_give(&conn->worker->buffers, conn->body_given);
    conn->body_given = conn->body_next;
    conn->body_next = NULL;
    if (conn->body_given)
        *piece = kida_buf_str(&conn->body_given->text);
    return KIDA_OK;
}
