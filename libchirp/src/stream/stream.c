/* SPDX-License-Identifier: MIT */
/* stream.c - bodies of unknown length: their framing, their flow, and how they end. */
#define _GNU_SOURCE
#include "stream.h"

#include <stdio.h>

#include "config/text.h"
#include "middleware/codings.h"
#include "worker/conn.h"
#include "worker/worker.h"

#define FLUSH_AT ((size_t)16 << 10)
#define PIECE_TEXT_MAX ((size_t)1 << 20)
#define ENCODE_AT_ONCE ((size_t)32 << 10)
#define ENCODED_MAX ((size_t)4 << 20)

/* ---- head and pieces ------------------------------------------------------------------------ */

void
ch_stream_init(chirp_stream *stream, chirp_request *req, chirp_reply *reply)
{
    *stream = (chirp_stream){ .req = req, .reply = reply };
    stream->framing = req->is_http10 ? CH_FRAMING_CLOSE : CH_FRAMING_CHUNKED;
}

/* The coding is named in the head only once its encoder is there: without memory for one, the plain
 * body is as good. */
static void
begin_coding(chirp_stream *stream)
{
    chirp_reply *reply = stream->reply;
    if (!reply->coding || stream->req->method == CH_METHOD_HEAD ||
        ch_status_is_bodiless(reply->status))
        return;
    ch_encoders *encoders = ch_encoders_new(&stream->req->allocator);
    if (!encoders)
        return;
    if (ch_encode_begin(encoders, reply->coding->kind, reply->coding_level) != KIDA_OK) {
        ch_encoders_free(encoders);
        return;
    }
    chirp_reply_set_header(reply, "content-encoding", reply->coding->name);
    stream->coding = reply->coding;
    stream->encoders = encoders;
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
    if (st != KIDA_OK)
        return st;
    begin_coding(stream);
    st = ch_reply_put_head(stream->req, stream->reply, stream->framing);
    if (st != KIDA_OK && stream->coding) /* another reply will take the headers over */
        chirp_reply_remove_header(stream->reply, "content-encoding");
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
    stream->is_sending = true;
    kida_status st = ch_conn_send(conn, (kida_str){ size, (size_t)len });
    if (st == KIDA_OK)
        st = ch_conn_send(conn, piece);
    if (st == KIDA_OK)
        st = ch_conn_send(conn, KIDA_S("\r\n"));
    stream->is_sending = false;
    return st;
}

/* Encodes and sends what comes out; without waiting if is_late. */
static kida_status
send_encoded(chirp_stream *stream, kida_str bytes, ch_encode_until until, bool is_late)
{
    kida_buf out;
    kida_buf_init_heap(&out, &stream->req->allocator, ENCODED_MAX);
    kida_status st = ch_encode_piece(stream->encoders, stream->coding->kind, until, bytes, &out);
    kida_str packed = kida_buf_str(&out);
    stream->has_hidden = until == CH_ENCODE_MORE;
    if (st == KIDA_OK && packed.len > 0 && is_late) {
        ch_conn *conn = stream->req->conn;
        char size[24];
        int len = snprintf(size, sizeof(size), "%zx\r\n", packed.len);
        bool is_chunk = stream->framing == CH_FRAMING_CHUNKED;
        if (is_chunk)
            st = ch_conn_put(conn, (kida_str){ size, (size_t)len });
        if (st == KIDA_OK)
            st = ch_conn_put(conn, packed);
        if (st == KIDA_OK && is_chunk)
            st = ch_conn_put(conn, KIDA_S("\r\n"));
    } else if (st == KIDA_OK && packed.len > 0) {
        st = send_piece(stream, packed);
    }
    kida_buf_free(&out);
    return st;
}

/* Whoever waits has said all that he could say so far: nothing of it stays in the encoder. */
static void
send_hidden(void *arg)
{
    chirp_stream *stream = arg;
    if (stream->has_hidden && !stream->is_sending && stream->status == KIDA_OK &&
        !chirp_is_gone(stream->req))
        stream->status = send_encoded(stream, KIDA_S(""), CH_ENCODE_FLUSH, true);
}

static kida_status
send_bytes(chirp_stream *stream, kida_str bytes)
{
    if (!stream->coding)
        return send_piece(stream, bytes);
    kida_status st = KIDA_OK;
    while (bytes.len > 0 && st == KIDA_OK) {
        size_t part = bytes.len < ENCODE_AT_ONCE ? bytes.len : ENCODE_AT_ONCE;
        st = send_encoded(stream, ch_str_slice(bytes, 0, part), CH_ENCODE_MORE, false);
        bytes = ch_str_slice(bytes, part, bytes.len);
    }
    return st;
}

void
ch_stream_set_coding(chirp_reply *reply, const ch_coding *coding, unsigned level)
{
    reply->coding = coding;
    reply->coding_level = level;
}

static kida_status
flush_socket(chirp_stream *stream)
{
    stream->gathered = 0;
    ch_conn_flush(stream->req->conn);
    if (chirp_is_gone(stream->req))
        stream->status = KIDA_E_STOPPED;
    return stream->status;
}

kida_status
chirp_stream_write(chirp_stream *stream, kida_str piece)
{
    if (piece.len == 0 || stream->status != KIDA_OK)
        return stream->status;
    bool is_first = !stream->has_begun;
    stream->status = ch_stream_begin(stream);
    if (stream->status == KIDA_OK)
        stream->status = send_bytes(stream, piece);
    stream->gathered += piece.len;
    if (stream->status == KIDA_OK && is_first)
        return chirp_stream_flush(stream);
    if (stream->status == KIDA_OK && stream->gathered >= FLUSH_AT)
        return flush_socket(stream);
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
    if (stream->status == KIDA_OK && stream->has_hidden)
        stream->status = send_encoded(stream, KIDA_S(""), CH_ENCODE_FLUSH, false);
    return stream->status == KIDA_OK ? flush_socket(stream) : stream->status;
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

static void
end_coding(chirp_stream *stream)
{
    ch_conn_before_wait(stream->req->conn, NULL, NULL);
    ch_encoders_free(stream->encoders);
    stream->encoders = NULL;
    stream->coding = NULL;
    stream->has_hidden = false;
}

static void
end_body(chirp_stream *stream, kida_status st)
{
    ch_conn *conn = stream->req->conn;
    if (st != KIDA_OK) {
        log_break(stream, st);
        put_mark(stream, st);
        if (!stream->req->config->abort_failed_streams)
            st = stream->status; /* the mark is all that tells */
    }
    if (st == KIDA_OK && stream->coding)
        st = send_encoded(stream, KIDA_S(""), CH_ENCODE_END, false);
    if (st != KIDA_OK) {
        (void)chirp_stream_flush(stream);
        ch_conn_abort(conn);
    } else if (stream->framing == CH_FRAMING_CHUNKED) {
        if (ch_conn_send(conn, KIDA_S("0\r\n\r\n")) != KIDA_OK)
            ch_conn_close_after(conn);
    }
}

chirp_reply *
ch_stream_end(chirp_stream *stream, kida_status st)
{
    ch_conn *conn = stream->req->conn;
    chirp_reply *other = NULL;
    if (st == KIDA_OK)
        st = stream->status;
    if (st == KIDA_OK)
        st = ch_stream_begin(stream); /* an empty body */
    if (chirp_is_gone(stream->req)) {
        if (!stream->has_begun)
            ch_conn_set_status(conn, STATUS_CLIENT_GONE);
        ch_conn_close_after(conn);
    } else if (st != KIDA_OK && !stream->has_begun) {
        other = replace(stream, st);
    } else {
        end_body(stream, st);
    }
    end_coding(stream);
    return other;
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
    if (reply->coding)
        ch_conn_before_wait(req->conn, send_hidden, &stream);
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
