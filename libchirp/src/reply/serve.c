/* SPDX-License-Identifier: MIT */
/* serve.c - one request from the chain to the last byte handed to its connection. */
#define _GNU_SOURCE
#include "app/responder.h"
#include "reply.h"

#include "app/app.h"
#include "http/head.h"
#include "worker/conn.h"
#include "worker/worker.h"

#define STATUS_CLIENT_GONE 499 /* for the log only */

static const kida_str intents[] = {
    [CH_INTENT_UNKNOWN] = KIDA_S_INIT("unknown"),
    [CH_INTENT_FULL_PAGE] = KIDA_S_INIT("full_page"),
    [CH_INTENT_FRAGMENT] = KIDA_S_INIT("fragment"),
};

#define PATH_SHOWN_MAX ((size_t)200)

/* ---- the inner end of the chain ------------------------------------------------------------ */

static chirp_reply *
with_allow(chirp_reply *reply, ch_method_set allowed)
{
    char text[CH_ALLOW_MAX + 1];
    text[ch_method_set_text(allowed, text)] = 0;
    return chirp_reply_set_header(reply, "allow", text);
}

/* No longer than a reader wants it; cut between two characters. */
static kida_str
shown_path(const chirp_request *req)
{
    kida_str path = chirp_path(req);
    if (path.len > PATH_SHOWN_MAX) {
        path.len = PATH_SHOWN_MAX;
        while (path.len > 0 && ((unsigned char)path.ptr[path.len] & 0xc0) == 0x80)
            path.len--;
    }
    return path;
}

static chirp_reply *
no_route(chirp_request *req)
{
    kida_str method = chirp_method(req), path = shown_path(req);
    return chirp_reply_fail(req, 404, "No route matches %.*s '%.*s'", (int)method.len, method.ptr,
                            (int)path.len, path.ptr);
}

static chirp_reply *
wrong_method(chirp_request *req, ch_method_set allowed)
{
    char text[CH_ALLOW_MAX + 1];
    text[ch_method_set_text(allowed, text)] = 0;
    return with_allow(chirp_reply_fail(req, 405, "Method not allowed. Allowed methods: %s", text),
                      allowed);
}

static chirp_reply *
answer(chirp_request *req)
{
    const ch_match *match = ch_conn_match(req->conn);
    chirp_reply *reply = NULL;
    if (match->kind == CH_MATCH_ROUTE) {
        const ch_route *route = match->target;
        reply = route->handler(req, route->user);
    } else if (match->kind == CH_MATCH_OPTIONS) {
        reply = with_allow(chirp_reply_empty(req, 204), match->allowed);
    } else if (match->kind == CH_MATCH_METHOD) {
        reply = wrong_method(req, match->allowed);
    } else {
        reply = no_route(req);
    }
    return ch_reply_settle(req, reply);
}

/* ---- to the connection --------------------------------------------------------------------- */

static kida_status
refuse(const chirp_config *config, unsigned status, kida_str text, kida_str date, bool is_http10,
       kida_buf *out)
{
    if (!text.ptr)
        text = ch_status_text(status);
    ch_arena none;
    ch_headers headers;
    ch_arena_init(&none, &config->allocator, 256, 4096);
    ch_headers_init(&headers, &none, 2);
    if (status == 503)
        (void)ch_headers_push(&headers, KIDA_S("retry-after"), KIDA_S("5"));
    ch_head head = {
        .status = status,
        .is_http10 = is_http10,
        .keep_alive = false,
        .length = text.len,
        .server = kida_str_from(config->server_header),
        .date = date,
        .content_type = KIDA_S("text/plain; charset=utf-8"),
        .headers = &headers,
    };
    kida_status st = ch_head_write(out, &head, NULL);
    if (st == KIDA_OK)
        kida_buf_put(out, text);
    ch_arena_clear(&none);
    return st == KIDA_OK ? kida_buf_status(out) : st;
}

/* Memory is out: the least that can be said. */
static void
send_nothing(chirp_request *req)
{
    kida_buf *out = ch_conn_head(req->conn);
    ch_conn_close_after(req->conn);
    kida_str date = ch_worker_date(req->worker);
    if (out && refuse(req->config, 500, ch_status_text(500), date, req->is_http10, out) == KIDA_OK)
        ch_conn_set_status(req->conn, 500);
}

kida_status
ch_reply_put_head(chirp_request *req, const chirp_reply *reply, ch_framing framing)
{
    kida_buf *out = ch_conn_head(req->conn);
    if (!out)
        return KIDA_E_NOMEM;
    ch_head head = {
        .status = reply->status,
        .is_http10 = req->is_http10,
        .keep_alive = ch_conn_keeps_alive(req->conn),
        .framing = framing,
        .length = reply->has_file ? reply->file_length : reply->body.len,
        .server = kida_str_from(req->config->server_header),
        .date = ch_worker_date(req->worker),
        .content_type = reply->content_type,
        .headers = &reply->headers,
        .request_id = reply->without_id ? KIDA_S("") : req->request_id,
        .intent = reply->kind == CH_REPLY_STREAM ? KIDA_S("") : intents[reply->intent],
    };
    return ch_head_write(out, &head, NULL);
}

static void
send_reply(chirp_request *req, const chirp_reply *reply)
{
    if (ch_conn_room(req->conn) != KIDA_OK) {
        ch_conn_set_status(req->conn, STATUS_CLIENT_GONE);
        return;
    }
    if (!reply || ch_reply_put_head(req, reply, CH_FRAMING_LENGTH) != KIDA_OK) {
        send_nothing(req);
        return;
    }
    ch_conn_set_status(req->conn, reply->status);
    if (req->method == CH_METHOD_HEAD || ch_status_is_bodiless(reply->status))
        return;
    kida_status st = reply->has_file ? ch_conn_send_file(req->conn, reply->file, reply->file_at,
                                                         reply->file_length)
                                     : ch_conn_send(req->conn, reply->body);
    if (st != KIDA_OK)
        ch_conn_close_after(req->conn);
}

static void
serve(chirp_request *req)
{
    chirp_reply *reply = ch_chain_run(&req->frozen->chain, req);
    if (reply && reply->kind == CH_REPLY_STREAM) {
        reply = reply->stream(req, reply);
        if (!reply)
            return;
    }
    send_reply(req, reply);
}

const ch_responder ch_respond = {
    .serve = serve,
    .refuse = refuse,
    .chain_end = { answer, ch_reply_settle },
};
