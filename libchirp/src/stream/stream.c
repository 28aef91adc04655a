/* SPDX-License-Identifier: MIT */
/* stream.c - bodies of unknown length: their framing, their flow, and how they end. */
#define _GNU_SOURCE
#include "stream.h"

#include <stdio.h>

#include "config/text.h"
#include "worker/conn.h"
#include "worker/worker.h"

#define FLUSH_AT ((size_t)16 << 10)
#define PIECE_TEXT_MAX ((size_t)1 << 20)

/* ---- head and pieces ------------------------------------------------------------------------ */

void
ch_stream_init(chirp_stream *stream, chirp_request *req, chirp_reply *reply)
{
    *stream = (chirp_stream){ .req = req, .reply = reply };
    stream->framing = req->is_http10 ? CH_FRAMING_CLOSE : CH_FRAMING_CHUNKED;
}

kida_status
ch_stream_begin(chirp_stream *stream)
{
    ch_conn *conn = stream->req->conn;
    if (stream->has_begun)
        return KIDA_OK;
    kida_status st = ch_conn_room(conn);
    if (stream->framing == CH_FRAMING_CLOSE)
        ch_conn_close_after(conn);
    if (st == KIDA_OK)
        st = ch_reply_put_head(stream->req, stream->reply, stream->framing);
    if (st != KIDA_OK)
        return st;
    stream->has_begun = true;
    ch_conn_set_status(conn, stream->reply->status);
    return KIDA_OK;
}

static kida_status
send_piece(chirp_stream *stream, kida_str piece)
{
    ch_conn *conn = stream->req->conn;
    if (stream->framing != CH_FRAMING_CHUNKED)
        return ch_conn_send(conn, piece);
    char size[24];
    int len = snprintf(size, sizeof(size), "%zx\r\n", piece.len);
    kida_status st = ch_conn_send(conn, (kida_str){ size, (size_t)len });
    if (st == KIDA_OK)
        st = ch_conn_send(conn, piece);
    if (st == KIDA_OK)
        st = ch_conn_send(conn, KIDA_S("\r\n"));
    return st;
}

kida_status
chirp_stream_write(chirp_stream *stream, kida_str piece)
{
    if (piece.len == 0 || stream->status != KIDA_OK)
        return stream->status;
    bool is_first = !stream->has_begun;
    stream->status = ch_stream_begin(stream);
    if (stream->status == KIDA_OK)
        stream->status = send_piece(stream, piece);
    stream->gathered += piece.len;
    if (stream->status == KIDA_OK && (is_first || stream->gathered >= FLUSH_AT))
        return chirp_stream_flush(stream);
    return stream->status;
}

kida_status
chirp_stream_writef(chirp_stream *stream, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= PIECE_TEXT_MAX)
        return KIDA_E_USAGE;
    if ((size_t)len < sizeof(text))
        return chirp_stream_write(stream, (kida_str){ text, (size_t)len });
    char *longer = chirp_alloc(stream->req, (size_t)len + 1);
    if (!longer)
        return KIDA_E_NOMEM;
    va_start(args, format);
    vsnprintf(longer, (size_t)len + 1, format, args);
    va_end(args);
    return chirp_stream_write(stream, (kida_str){ longer, (size_t)len });
}

kida_status
chirp_stream_flush(chirp_stream *stream)
{
    stream->gathered = 0;
    if (stream->status != KIDA_OK)
        return stream->status;
    ch_conn_flush(stream->req->conn);
    if (chirp_is_gone(stream->req))
        stream->status = KIDA_E_STOPPED;
    return stream->status;
}

chirp_request *
chirp_stream_request(const chirp_stream *stream)
{
    return stream->req;
}

/* ---- templates ------------------------------------------------------------------------------ */

static kida_status
sink(void *user, const char *data, size_t len)
{
    return chirp_stream_write(user, (kida_str){ data, len });
}

static kida_status
flush(void *user)
{
    return chirp_stream_flush(user);
}

kida_status
ch_stream_render(chirp_stream *stream, kida_str name, kida_str block, kida_value context,
                 bool with_path)
{
    ch_render what = { .name = name, .block = block, .context = context, .with_path = with_path,
                       .in_pieces = true, .sink = sink, .user = stream, .flush = flush,
                       .stop = ch_conn_stop_flag(stream->req->conn) };
    kida_error err;
    kida_status st = ch_render_to(stream->req, &what, &err);
    if (st == KIDA_OK)
        return KIDA_OK;
    if (stream->status != KIDA_OK)
        return stream->status; /* the template broke off because nobody reads */
    err.status = st;
    return chirp_stream_fail(stream, &err);
}

kida_status
chirp_stream_render(chirp_stream *stream, const char *name, const char *block, kida_value context)
{
    return ch_stream_render(stream, kida_str_from(name), kida_str_from(block), context, false);
}

/* ---- the end -------------------------------------------------------------------------------- */

kida_status
chirp_stream_fail(chirp_stream *stream, const kida_error *error)
{
    kida_error *copy = chirp_alloc(stream->req, sizeof(*copy));
    if (copy)
        *copy = *error;
    stream->error = copy;
    return error->status;
}

static void
log_break(const chirp_stream *stream, kida_status st)
{
    char text[900];
    const chirp_request *req = stream->req;
    kida_str path = chirp_path(req);
    snprintf(text, sizeof(text), "%s", kida_status_text(st));
    if (stream->error)
        kida_error_format(stream->error, KIDA_FORMAT_COMPACT, text, sizeof(text));
    ch_worker_log(req->worker, CHIRP_LEVEL_ERROR, "a stream broke off, %.*s: %s",
                  (int)(path.len < 200 ? path.len : 200), path.ptr, text);
}

static void
put_mark(chirp_stream *stream, kida_status st)
{
    kida_str type = stream->reply->content_type;
    if (type.len < 9 || !ch_str_iequal(ch_str_slice(type, 0, 9), KIDA_S("text/html")))
        return;
    if (!stream->req->config->debug) {
        chirp_stream_write(stream, KIDA_S("<!-- chirp: render error -->"));
        return;
    }
    kida_buf *out = ch_conn_body(stream->req->conn);
    if (!out)
        return;
    char text[1200];
    snprintf(text, sizeof(text), "%s", kida_status_text(st));
    if (stream->error)
        kida_error_format(stream->error, KIDA_FORMAT_COMPACT, text, sizeof(text));
    kida_buf_put(out, KIDA_S("<div class=\"chirp-error\" data-status=\"500\" style=\"border:2px "
                             "solid #b00020;padding:1em;white-space:pre-wrap\">"));
    kida_buf_html(out, kida_str_from(text));
    kida_buf_put(out, KIDA_S("</div>"));
    chirp_stream_write(stream, kida_buf_str(out));
}

static chirp_reply *
replace(chirp_stream *stream, kida_status st)
{
    kida_error err;
    kida_error_init(&err);
    err.status = st;
    err.code = kida_status_code(st);
    snprintf(err.message, sizeof(err.message), "a stream failed: %s", kida_status_text(st));
    return ch_reply_replace(stream->req, stream->reply, stream->error ? stream->error : &err);
}

/* The status for the log of a client that left before anything was sent. */
#define STATUS_CLIENT_GONE 499

chirp_reply *
ch_stream_end(chirp_stream *stream, kida_status st)
{
    ch_conn *conn = stream->req->conn;
    if (st == KIDA_OK)
        st = stream->status;
    if (st == KIDA_OK)
        st = ch_stream_begin(stream); /* an empty body */
    if (chirp_is_gone(stream->req)) {
        if (!stream->has_begun)
            ch_conn_set_status(conn, STATUS_CLIENT_GONE);
        ch_conn_close_after(conn);
        return NULL;
    }
    if (st != KIDA_OK && !stream->has_begun)
        return replace(stream, st);
    if (st != KIDA_OK) {
        log_break(stream, st);
        put_mark(stream, st);
        ch_conn_abort(conn);
    } else if (stream->framing == CH_FRAMING_CHUNKED) {
        if (ch_conn_send(conn, KIDA_S("0\r\n\r\n")) != KIDA_OK)
            ch_conn_close_after(conn);
    }
    return NULL;
}

/* ---- replies -------------------------------------------------------------------------------- */

typedef struct plain_source {
    chirp_stream_fn *fn;
    void *user;
} plain_source;

static chirp_reply *
send_plain(chirp_request *req, chirp_reply *reply)
{
    const plain_source *source = reply->source;
    chirp_stream stream;
    ch_stream_init(&stream, req, reply);
    if (req->method == CH_METHOD_HEAD || ch_status_is_bodiless(reply->status)) {
        kida_status st = ch_stream_begin(&stream);
        return st == KIDA_OK || chirp_is_gone(req) ? NULL : replace(&stream, st);
    }
    (void)ch_conn_go_live(req->conn, false);
    return ch_stream_end(&stream, source->fn(&stream, source->user));
}

chirp_reply *
chirp_reply_stream(chirp_request *req, const char *content_type, chirp_stream_fn *fn, void *user)
{
    kida_str type = content_type ? kida_str_from(content_type) : ch_type_html;
    chirp_reply *reply = ch_reply_new(req, CH_REPLY_STREAM, type);
    plain_source *source = chirp_alloc(req, sizeof(*source));
    if (!reply || !source)
        return NULL;
    *source = (plain_source){ fn, user };
    reply->stream = send_plain;
    reply->source = source;
    return reply;
}

static kida_status
write_template(chirp_stream *stream, void *user)
{
    const chirp_reply *reply = user;
    return ch_stream_render(stream, reply->name, KIDA_S(""), reply->context, true);
}

chirp_reply *
chirp_reply_template_stream(chirp_request *req, const char *name, kida_value context)
{
    chirp_reply *reply = chirp_reply_stream(req, NULL, write_template, NULL);
    if (!reply)
        return NULL;
    plain_source *source = (plain_source *)(uintptr_t)reply->source;
    source->user = reply;
    reply->name = kida_str_from(name);
    reply->context = context;
    return reply;
}

bool
chirp_reply_is_stream(const chirp_reply *reply)
{
    return reply && reply->kind == CH_REPLY_STREAM;
}
