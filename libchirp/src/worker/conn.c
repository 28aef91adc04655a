/* SPDX-License-Identifier: MIT */
/* conn.c - one connection: bytes in, requests out to handlers, one at a time and in order.
 *
 * Bytes are parsed where the read put them. Only while a handler waits are the bytes behind its
 * request kept (pending), and reading stops when there are too many. How answers leave is in
 * output.c, how bytes come and go on a socket in wire.c. */
#define _GNU_SOURCE
#include "internal.h"

#include "app/responder.h"
#include "config/alloc.h"
#include "middleware/hosts.h"

#define DISCARD_MAX ((uint64_t)64 << 10) /* body of a request that nobody handles (CN-5) */
#define LINGER_MAX ((uint64_t)256 << 10) /* read and dropped after the last answer (CN-9) */
#define FREE_CONNS_MAX 128

static void run_handler(ch_task *task);
static void handler_ended(ch_task *task);
static void handler_parked(ch_task *task);

/* ---- life ---------------------------------------------------------------------------------- */

static ch_conn *
make_conn(chirp_worker *worker)
{
    ch_conn *conn = ch_calloc(&worker->allocator, sizeof(*conn));
    if (!conn)
        return NULL;
    conn->parser = ch_parser_new(worker->config);
    if (!conn->parser) {
        ch_free(&worker->allocator, conn, sizeof(*conn));
        return NULL;
    }
    return conn;
}

static void
destroy_conn(chirp_worker *worker, ch_conn *conn)
{
    ch_parser_free(conn->parser);
    ch_free(&worker->allocator, conn, sizeof(*conn));
}

static void
link_conn(chirp_worker *worker, ch_conn *conn)
{
    conn->prev = NULL;
    conn->next = worker->conns;
    if (worker->conns)
        worker->conns->prev = conn;
    worker->conns = conn;
    worker->conn_count++;
    ch_count(&worker->metrics.connections, 1);
}

static void
unlink_conn(chirp_worker *worker, ch_conn *conn)
{
    if (conn->prev)
        conn->prev->next = conn->next;
    else
        worker->conns = conn->next;
    if (conn->next)
        conn->next->prev = conn->prev;
    worker->conn_count--;
    ch_uncount(&worker->metrics.connections);
}

ch_conn *
ch_conn_open(chirp_worker *worker, const ch_wire *wire, void *wire_data)
{
    ch_conn *conn = worker->free_conns;
    if (conn) {
        worker->free_conns = conn->next;
        worker->free_count--;
    } else {
        conn = make_conn(worker);
        if (!conn)
            return NULL;
    }
    ch_parser *parser = conn->parser;
    *conn = (ch_conn){ .worker = worker, .wire = wire, .wire_data = wire_data, .parser = parser };
    ch_request_init(&conn->req, worker->config);
    conn->req.conn = conn;
    conn->req.worker = worker;
    conn->req.app = worker->app;
    conn->req.frozen = worker->frozen;
    conn->task.worker = worker;
    conn->task.req = &conn->req;
    conn->task.run = run_handler;
    conn->task.ended = handler_ended;
    conn->task.parked = handler_parked;
    ch_parser_begin(parser, &conn->req);
    link_conn(worker, conn);
    ch_timer_set(&worker->timers, &conn->phase_timer, CH_TIMER_HEADER, ch_worker_now(worker));
    ch_worker_tick_on(worker);
    return conn;
}

/* Gives a closed connection, whose handler has ended, back to the pool. */
static void
release_conn(ch_conn *conn)
{
    chirp_worker *worker = conn->worker;
    ch_request_clear(&conn->req);
    if (conn->peer)
        ch_peers_leave(worker->peers, conn->peer);
    unlink_conn(worker, conn);
    if (worker->free_count < FREE_CONNS_MAX) {
        conn->next = worker->free_conns;
        worker->free_conns = conn;
        worker->free_count++;
    } else {
        destroy_conn(worker, conn);
    }
    ch_listener_room(worker);
}

void
ch_conn_free_all(chirp_worker *worker)
{
    while (worker->free_conns) {
        ch_conn *conn = worker->free_conns;
        worker->free_conns = conn->next;
        destroy_conn(worker, conn);
    }
    worker->free_count = 0;
}

void *
ch_conn_wire_data(ch_conn *conn)
{
    return conn->wire_data;
}

chirp_request *
ch_conn_request(ch_conn *conn)
{
    return &conn->req;
}

static void
drop_pending(ch_conn *conn)
{
    ch_buffer_give(&conn->worker->buffers, conn->pending);
    conn->pending = NULL;
    conn->pending_at = 0;
}

void
ch_conn_closed(ch_conn *conn)
{
    conn->is_closed = true;
    if (!ch_task_is_busy(&conn->task) && !conn->is_pumping)
        release_conn(conn);
}

void
ch_conn_close(ch_conn *conn, bool hard)
{
    if (conn->phase == CH_PHASE_CLOSED)
        return;
    conn->phase = CH_PHASE_CLOSED;
    ch_timer_stop(&conn->worker->timers, &conn->phase_timer);
    ch_timer_stop(&conn->worker->timers, &conn->write_timer);
    ch_output_drop(conn);
    if (!conn->is_pumping)
        drop_pending(conn);
    conn->wire->close(conn, hard);
    ch_task_cancel(&conn->task);
}

void
ch_conn_lost(ch_conn *conn)
{
    ch_conn_close(conn, true);
}

void
ch_conn_finish(ch_conn *conn)
{
    if (conn->phase == CH_PHASE_OPEN)
        conn->phase = CH_PHASE_CLOSING;
}

bool
ch_conn_is_settled(const ch_conn *conn)
{
    return !ch_task_is_busy(&conn->task) && ch_output_is_empty(conn) && !conn->pending;
}

bool
ch_conn_is_quiet(const ch_conn *conn)
{
    return ch_conn_is_settled(conn) && ch_parser_is_idle(conn->parser);
}

void
ch_conn_drain(ch_conn *conn)
{
    if (conn->phase == CH_PHASE_OPEN && ch_conn_is_quiet(conn))
        ch_conn_close(conn, false);
}

void
ch_conn_cut(ch_conn *conn)
{
    ch_conn_close(conn, true);
}

void
ch_conn_trim(ch_conn *conn)
{
    if (conn->phase == CH_PHASE_OPEN && ch_conn_is_quiet(conn) && conn->requests > 0) {
        ch_request_clear(&conn->req);
        ch_parser_begin(conn->parser, &conn->req);
    }
}

/* ---- refusing ------------------------------------------------------------------------------ */

static void
answer_text(ch_conn *conn, unsigned status, kida_str text)
{
    kida_buf *out = ch_conn_head(conn);
    if (!out || ch_respond.refuse(conn->worker->config, status, text, ch_worker_date(conn->worker),
                                  conn->req.is_http10, out) != KIDA_OK)
        ch_conn_close(conn, true);
    else
        ch_conn_finish(conn);
}

static void
answer_status(ch_conn *conn, unsigned status)
{
    answer_text(conn, status, (kida_str){ NULL, 0 });
}

void
ch_request_note(chirp_request *req, ch_reject reason)
{
    chirp_worker *worker = req->conn->worker;
    ch_count(&worker->metrics.rejects[reason], 1);
    ch_log_reject(&worker->log, req, ch_parser_seen(req->conn->parser), reason,
                  ch_worker_now(worker));
}

static void
refuse(ch_conn *conn, ch_reject reason)
{
    ch_request_note(&conn->req, reason);
    if (ch_task_is_busy(&conn->task) && conn->answer_begun) {
        ch_conn_close(conn, true); /* the handler has answered by halves */
        return;
    }
    answer_status(conn, ch_reject_status(reason));
    conn->close_after = true;
    ch_task_cancel(&conn->task); /* one that reads its body: the answer is given */
}

void
ch_conn_refuse_client(ch_conn *conn)
{
    refuse(conn, CH_REJECT_CLIENT_CONNECTIONS);
    ch_conn_pump(conn);
}

/* ---- one request --------------------------------------------------------------------------- */

static void
dispatch(ch_conn *conn)
{
    conn->answer_begun = false;
    conn->status = 0;
    conn->sent_bytes = 0;
    ch_count(&conn->worker->metrics.in_flight, 1);
    atomic_store_explicit(&conn->worker->route, conn->match.target, memory_order_release);
    if (ch_task_start(&conn->task, &conn->worker->coros))
        return;
    ch_uncount(&conn->worker->metrics.in_flight);
    refuse(conn, CH_REJECT_MEMORY);
}

/* The answer does not depend on the body, so it is not waited for; the connection ends (EX-3). */
static void
answer_early(ch_conn *conn)
{
    conn->close_after = true;
    conn->body_unread = true;
    dispatch(conn);
}

static void
find_route(ch_conn *conn)
{
    chirp_request *req = &conn->req;
    ch_match *match = &conn->match;
    if (req->is_asterisk) {
        match->kind = CH_MATCH_OPTIONS;
        match->allowed = ch_method_set_plain();
        match->target = NULL;
        return;
    }
    ch_router_match(conn->worker->frozen->router, req->method, &req->path, match);
    if (match->kind != CH_MATCH_ROUTE)
        return;
    ch_request_set_match(req, match->target, match->names, match->values, match->param_count);
    const ch_route *route = match->target;
    if (route->max_body > 0) {
        req->body_max = route->max_body;
        ch_parser_set_body_limit(conn->parser, route->max_body);
    }
}

/* A body that is announced too large is refused before any handler sees it (CL-6), and before the
 * client is told to go on (EX-3). */
static bool
is_body_welcome(const chirp_request *req)
{
    return req->has_body && (req->is_chunked || req->content_length <= req->body_max);
}

static bool
streams_body(const ch_conn *conn)
{
    const ch_route *route = conn->match.target;
    return route->stream_body && is_body_welcome(&conn->req);
}

/* more: bytes behind the head have come with it, so the client does not wait for a 100 (EX-1). */
static void
take_head(ch_conn *conn, bool more)
{
    chirp_request *req = &conn->req;
    conn->requests++;
    conn->body_began = ch_worker_now(conn->worker);
    conn->body_bytes = 0;
    req->started = uv_hrtime();
    ch_worker_new_id(conn->worker, conn->request_id);
    req->request_id = (kida_str){ conn->request_id, sizeof(conn->request_id) };
    ch_proxies_apply(&conn->worker->frozen->proxies, req);

    if (!ch_config_allows_host(conn->worker->config, req->host)) {
        ch_request_note(&conn->req, CH_REJECT_HOST_NOT_ALLOWED);
        answer_text(conn, 400, ch_hosts_refusal(conn->worker->config, req));
        return;
    }
    find_route(conn);
    bool is_handled = conn->match.kind == CH_MATCH_ROUTE;
    bool waits = req->expects_continue && req->has_body && !req->is_http10;
    if (is_handled && streams_body(conn)) {
        ch_body_begin(conn, waits && !more);
        dispatch(conn);
        return;
    }
    if (!is_handled && (waits || req->content_length > DISCARD_MAX))
        answer_early(conn);
    else if (waits && !more && is_body_welcome(req) &&
             ch_output_put(conn, KIDA_S("HTTP/1.1 100 Continue\r\n\r\n")))
        ch_conn_close(conn, true);
}

static void
take_body(ch_conn *conn)
{
    kida_str piece = ch_parser_body(conn->parser);
    conn->body_bytes += piece.len;
    if (conn->match.kind != CH_MATCH_ROUTE) {
        if (conn->body_bytes > DISCARD_MAX)
            answer_early(conn);
        return;
    }
    kida_status st = conn->streams_body ? ch_body_put(conn, piece)
                                        : ch_request_add_body(&conn->req, piece);
    /* A full buffer stops the parsing, and no byte may follow that would go on with it. */
    if (conn->streams_body && !ch_parser_in_body(conn->parser))
        conn->body_done = true;
    if (st != KIDA_OK)
        refuse(conn, st == KIDA_E_NOMEM ? CH_REJECT_MEMORY
                     : st == KIDA_E_IO  ? CH_REJECT_SPOOL
                                        : CH_REJECT_BODY_SIZE);
}

static void
run_handler(ch_task *task)
{
    ch_respond.serve(task->req);
}

/* Counts and logs what was answered. */
static void
note_answer(ch_conn *conn)
{
    chirp_worker *worker = conn->worker;
    ch_uncount(&worker->metrics.in_flight);
    if (conn->status == 0)
        return;
    uint64_t took = uv_hrtime() - conn->req.started;
    ch_metrics_request(&worker->metrics, conn->req.method, conn->status, conn->sent_bytes, took);
    if (worker->config->access_log && !conn->req.is_unlogged)
        ch_log_access(&worker->log, &conn->req, conn->status, conn->sent_bytes, took);
}

/* What it has written leaves while it waits. */
static void
handler_parked(ch_task *task)
{
    ch_conn *conn = task->req->conn;
    ch_conn_pump(conn);
    ch_live_parked(conn);
}

/* The answer was handed to the output, or its client is gone. */
static void
handler_ended(ch_task *task)
{
    ch_conn *conn = task->req->conn;
    chirp_worker *worker = conn->worker;
    note_answer(conn);
    while (conn->bodies) {
        ch_buffer *body = conn->bodies;
        conn->bodies = body->next;
        ch_buffer_give(&worker->buffers, body);
    }

    ch_live_end(conn);
    ch_body_end(conn);
    bool keeps = !conn->close_after && conn->answer_begun;
    ch_request_reset(&conn->req);
    if (conn->is_closed) {
        if (!conn->is_pumping)
            release_conn(conn);
        return;
    }
    if (conn->phase == CH_PHASE_OPEN && !conn->answer_begun)
        ch_conn_close(conn, true); /* not even a head could be made */
    else if (keeps)
        ch_parser_begin(conn->parser, &conn->req);
    else
        ch_conn_finish(conn);
    ch_conn_pump(conn);
}

/* ---- bytes --------------------------------------------------------------------------------- */

static bool
can_parse(const ch_conn *conn)
{
    return conn->phase == CH_PHASE_OPEN &&
           (!ch_task_is_busy(&conn->task) || ch_body_is_wanted(conn));
}

/* Looked at for every piece of input, so that what is no byte of a body counts against it too:
 * chunk sizes, extensions, trailers (TM-4). */
static bool
is_body_too_slow(const ch_conn *conn)
{
    const chirp_config *config = conn->worker->config;
    if (!ch_parser_in_body(conn->parser))
        return false;
    uint64_t elapsed = ch_worker_now(conn->worker) - conn->body_began;
    return elapsed > config->body_rate_after &&
           conn->body_bytes * 1000 / elapsed < config->body_rate;
}

/* Takes bytes until they are used up, a handler waits, or the connection is ending. */
static size_t
parse(ch_conn *conn, const char *data, size_t len)
{
    size_t at = 0;
    while (can_parse(conn)) {
        size_t used;
        ch_event event = ch_parser_feed(conn->parser, data + at, len - at, &used);
        at += used;
        switch (event) {
        case CH_EVENT_MORE:
            if (is_body_too_slow(conn))
                refuse(conn, CH_REJECT_RATE);
            return at;
        case CH_EVENT_HEAD:
            take_head(conn, at < len);
            break;
        case CH_EVENT_BODY:
            take_body(conn);
            break;
        case CH_EVENT_COMPLETE:
            if (conn->streams_body)
                conn->body_done = true;
            else if (ch_request_end_body(&conn->req) != KIDA_OK)
                refuse(conn, CH_REJECT_SPOOL);
            else
                dispatch(conn);
            break;
        case CH_EVENT_REJECT:
            refuse(conn, ch_parser_reason(conn->parser));
            break;
        }
    }
    return at;
}

static void
keep_pending(ch_conn *conn, const char *data, size_t len)
{
    if (len == 0 || conn->phase != CH_PHASE_OPEN)
        return;
    if (!conn->pending)
        conn->pending = ch_buffer_take(&conn->worker->buffers);
    if (!conn->pending) {
        ch_conn_lost(conn);
        return;
    }
    kida_buf_put(&conn->pending->text, (kida_str){ data, len });
    if (kida_buf_status(&conn->pending->text) != KIDA_OK) {
        ch_conn_lost(conn);
        return;
    }
    if (kida_buf_str(&conn->pending->text).len - conn->pending_at >= CH_PENDING_MAX) {
        conn->reading_off = true;
        conn->wire->read(conn, false);
    }
}

static void
drop_input(ch_conn *conn, size_t len)
{
    conn->lingered += len;
    if (conn->lingered > LINGER_MAX && conn->phase == CH_PHASE_LINGER)
        ch_conn_close(conn, false);
    else if (conn->lingered > LINGER_MAX && !conn->reading_off) {
        conn->reading_off = true;
        conn->wire->read(conn, false);
    }
}

void
ch_conn_input(ch_conn *conn, const char *data, size_t len)
{
    conn->got_bytes = true;
    if (conn->phase != CH_PHASE_OPEN) {
        drop_input(conn, len);
        return;
    }
    if (!can_parse(conn) || conn->pending) {
        keep_pending(conn, data, len);
        if (can_parse(conn))
            ch_conn_pump(conn);
        return;
    }
    conn->is_pumping = true;
    size_t used = parse(conn, data, len);
    keep_pending(conn, data + used, len - used);
    conn->is_pumping = false;
    ch_conn_pump(conn);
}

/* The peer sends no more: what is complete is still answered (CN-8). */
void
ch_conn_input_end(ch_conn *conn)
{
    conn->input_ended = true;
    if (conn->phase == CH_PHASE_LINGER)
        ch_conn_close(conn, false);
    else
        ch_conn_pump(conn);
    ch_live_parked(conn);
}

static void
end_of_input(ch_conn *conn)
{
    if (ch_parser_finish(conn->parser) == CH_EVENT_REJECT)
        refuse(conn, ch_parser_reason(conn->parser));
    else
        ch_conn_finish(conn);
}

static void
pump_pending(ch_conn *conn)
{
    while (conn->pending && can_parse(conn)) {
        kida_str text = kida_buf_str(&conn->pending->text);
        conn->pending_at += parse(conn, text.ptr + conn->pending_at, text.len - conn->pending_at);
        if (conn->pending_at == text.len)
            drop_pending(conn);
    }
    if (conn->pending && conn->phase != CH_PHASE_OPEN)
        drop_pending(conn);
    if (conn->reading_off && !conn->pending && conn->phase == CH_PHASE_OPEN) {
        conn->reading_off = false;
        conn->wire->read(conn, true);
    }
}

/* ---- time-outs ----------------------------------------------------------------------------- */

static ch_timer_kind
kind_of_phase(const ch_conn *conn)
{
    if (conn->phase == CH_PHASE_LINGER)
        return CH_TIMER_LINGER;
    if (conn->phase != CH_PHASE_OPEN)
        return CH_TIMER_NONE;
    if (ch_task_is_busy(&conn->task) && conn->body_wait)
        return CH_TIMER_BODY;
    if (ch_task_is_busy(&conn->task))
        return conn->answer_begun ? CH_TIMER_NONE : CH_TIMER_HANDLER;
    if (ch_parser_in_body(conn->parser))
        return CH_TIMER_BODY;
    if (conn->requests == 0 || !ch_parser_is_idle(conn->parser))
        return CH_TIMER_HEADER;
    return CH_TIMER_IDLE;
}

static void
set_phase_timer(ch_conn *conn)
{
    ch_timer_kind kind = kind_of_phase(conn);
    /* A new request starts its time anew; within one only bytes of a body do (TM-1, TM-3). */
    bool anew = kind != conn->phase_timer.kind || conn->requests != conn->timed_requests ||
                (kind == CH_TIMER_BODY && conn->got_bytes);
    conn->got_bytes = false;
    conn->timed_requests = conn->requests;
    if (!anew)
        return;
    ch_timer_set(&conn->worker->timers, &conn->phase_timer, kind, ch_worker_now(conn->worker));
    ch_worker_tick_on(conn->worker);
}

static void
handler_timeout(ch_conn *conn)
{
    ch_worker_log(conn->worker, CHIRP_LEVEL_WARNING, "a handler gave no answer in time");
    conn->answer_begun = true; /* whatever it still answers is dropped */
    conn->close_after = true;
    answer_status(conn, 503);
    ch_task_cancel(&conn->task);
}

void
ch_conn_timeout(ch_conn *conn, ch_timer_kind kind)
{
    bool was_pumping = conn->is_pumping;
    conn->is_pumping = true; /* the object stays until the end of this function */
    if (kind == CH_TIMER_WRITE)
        ch_output_timeout(conn);
    else if (kind == CH_TIMER_HEADER && !ch_parser_is_idle(conn->parser))
        refuse(conn, CH_REJECT_TIMEOUT_HEADER);
    else if (kind == CH_TIMER_BODY)
        refuse(conn, CH_REJECT_TIMEOUT_BODY);
    else if (kind == CH_TIMER_HANDLER)
        handler_timeout(conn);
    else
        ch_conn_close(conn, false);
    conn->is_pumping = was_pumping;
    ch_conn_pump(conn);
}

/* ---- moving on ----------------------------------------------------------------------------- */

static void
begin_linger(ch_conn *conn)
{
    if (conn->input_ended) {
        ch_conn_close(conn, false);
        return;
    }
    conn->phase = CH_PHASE_LINGER;
    conn->wire->shut(conn);
    if (conn->reading_off && conn->phase == CH_PHASE_LINGER) {
        conn->reading_off = false;
        conn->wire->read(conn, true);
    }
}

/* Does whatever can be done now: parse, send, end. Called on the thread's own stack after each
 * change from outside. */
void
ch_conn_pump(ch_conn *conn)
{
    if (conn->is_pumping)
        return;
    conn->is_pumping = true;
    do
        pump_pending(conn);
    while (ch_body_wake(conn));
    bool busy = ch_task_is_busy(&conn->task);
    bool is_cut = ch_body_is_wanted(conn) && !conn->pending;
    if (conn->input_ended && (!busy || is_cut) && conn->phase == CH_PHASE_OPEN)
        end_of_input(conn);
    ch_output_flush(conn);
    if (conn->phase == CH_PHASE_CLOSING && ch_output_is_empty(conn))
        begin_linger(conn);
    if (conn->phase != CH_PHASE_CLOSED)
        set_phase_timer(conn);
    conn->is_pumping = false;
    if (conn->phase == CH_PHASE_CLOSED)
        drop_pending(conn);
    if (conn->is_closed && !ch_task_is_busy(&conn->task))
        release_conn(conn);
}

/* ---- for the reply ------------------------------------------------------------------------- */

const ch_match *
ch_conn_match(const ch_conn *conn)
{
    return &conn->match;
}

bool
ch_conn_keeps_alive(ch_conn *conn)
{
    const chirp_worker *worker = conn->worker;
    if (!conn->req.keep_alive || ch_worker_is_draining(worker) ||
        (conn->streams_body && !conn->body_done) || /* nobody will read the rest (CN-5) */
        conn->requests >= worker->config->max_connection_requests)
        conn->close_after = true;
    return !conn->close_after;
}

void
ch_conn_close_after(ch_conn *conn)
{
    conn->close_after = true;
}

void
ch_conn_set_status(ch_conn *conn, unsigned status)
{
    conn->status = status;
}

kida_buf *
ch_conn_body(ch_conn *conn)
{
    ch_buffer *body = ch_buffer_take(&conn->worker->buffers);
    if (!body)
        return NULL;
    body->next = conn->bodies;
    conn->bodies = body;
    return &body->text;
}

kida_buf *
chirp_buffer(chirp_request *req)
{
    return ch_conn_body(req->conn);
}
