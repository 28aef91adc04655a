/* SPDX-License-Identifier: MIT */
/* sse.c - the event stream of one client, from its head to its goodbye. */
#define _GNU_SOURCE
#include <stdio.h>

#include "app/app.h"
#include "config/text.h"
#include "sse.h"
#include "stream/stream.h"
#include "worker/conn.h"
#include "worker/worker.h"

#define LAST_ID_MAX 1024
#define RETRY_MS 3000        /* where a stream names none, told when the server stops */
#define EVENT_MAX ((size_t)16 << 20)

struct chirp_sse {
    chirp_stream stream;
    chirp_request *req;
    const chirp_sse_options *options;
    ch_beat *beat;
};

typedef struct sse_source {
    chirp_sse_fn *fn;
    void *user;
    chirp_sse_options options;
} sse_source;

/* ---- sending -------------------------------------------------------------------------------- */

chirp_request *
chirp_sse_request(const chirp_sse *sse)
{
    return sse->req;
}

kida_status
ch_sse_put(chirp_sse *sse, kida_str bytes)
{
    ch_beat_touch(sse->beat);
    kida_status st = chirp_stream_write(&sse->stream, bytes);
    return st == KIDA_OK ? chirp_stream_flush(&sse->stream) : st;
}

/* A short-lived text of its own: streams live too long for the memory of the request. */
static void
begin_text(const chirp_sse *sse, kida_buf *text)
{
    kida_buf_init_heap(text, &sse->req->allocator, EVENT_MAX);
}

kida_status
chirp_sse_send(chirp_sse *sse, const chirp_event *event)
{
    kida_buf text;
    begin_text(sse, &text);
    kida_status st = ch_event_write(&text, event);
    if (st == KIDA_OK)
        st = ch_sse_put(sse, kida_buf_str(&text));
    kida_buf_free(&text);
    return st;
}

kida_status
chirp_sse_data(chirp_sse *sse, kida_str data)
{
    chirp_event event = { .data = data };
    return chirp_sse_send(sse, &event);
}

kida_status
chirp_sse_json(chirp_sse *sse, const char *event, kida_value value)
{
    kida_buf text;
    begin_text(sse, &text);
    kida_status st = ch_json_write(&text, value);
    chirp_event made = { .event = kida_str_from(event), .data = kida_buf_str(&text) };
    if (st == KIDA_OK)
        st = chirp_sse_send(sse, &made);
    kida_buf_free(&text);
    return st;
}

kida_status
chirp_sse_comment(chirp_sse *sse, kida_str comment)
{
    kida_buf text;
    begin_text(sse, &text);
    kida_buf_put(&text, KIDA_S(": "));
    for (size_t i = 0; i < comment.len; i++) {
        char c = comment.ptr[i];
        kida_buf_byte(&text, c == '\r' || c == '\n' ? ' ' : c);
    }
    kida_buf_put(&text, KIDA_S("\n\n"));
    kida_status st = kida_buf_status(&text);
    if (st == KIDA_OK)
        st = ch_sse_put(sse, kida_buf_str(&text));
    kida_buf_free(&text);
    return st;
}

/* ---- fragments ------------------------------------------------------------------------------ */

static kida_status
into(void *user, const char *data, size_t len)
{
    kida_buf_put(user, (kida_str){ data, len });
    return kida_buf_status(user);
}

static void
put_failure(const chirp_sse *sse, kida_buf *html, kida_str block, kida_error *err)
{
    char text[900];
    if (!err->message[0])
        err->code = kida_status_code(err->status);
    kida_error_format(err, KIDA_FORMAT_COMPACT, text, sizeof(text));
    ch_worker_log(sse->req->worker, CHIRP_LEVEL_ERROR, "a fragment of an event stream failed: %s",
                  text);
    if (!sse->req->config->debug)
        return;
    kida_buf_put(html, KIDA_S("<div class=\"chirp-block-error\" data-block=\""));
    kida_buf_html(html, block);
    kida_buf_put(html, KIDA_S("\">"));
    kida_buf_html(html, kida_str_from(text));
    kida_buf_put(html, KIDA_S("</div>"));
}

kida_status
ch_sse_fragment(chirp_sse *sse, kida_str name, kida_str block, kida_str event, kida_str target,
                kida_value context)
{
    kida_buf html, wrapped;
    kida_error err;
    begin_text(sse, &html);
    begin_text(sse, &wrapped);
    ch_render what = { .name = name, .block = block, .context = context, .sink = into,
                       .user = &html };
    kida_status made_st = ch_render_to(sse->req, &what, &err);
    bool is_made = made_st == KIDA_OK;
    if (!is_made) {
        err.status = made_st;
        kida_buf_free(&html);
        begin_text(sse, &html);
        put_failure(sse, &html, block, &err);
    }
    chirp_event made = { .event = KIDA_S("fragment"), .data = ch_str_trim(kida_buf_str(&html)) };
    if (!is_made && !target.ptr)
        made.event = KIDA_S("error");
    if (target.ptr) {
        ch_event_wrap(&wrapped, target, kida_buf_str(&html));
        made.event = event;
        made.data = kida_buf_str(&wrapped);
    }
    kida_status st = is_made || sse->req->config->debug ? chirp_sse_send(sse, &made)
                                                        : sse->stream.status;
    kida_buf_free(&wrapped);
    kida_buf_free(&html);
    return st;
}

kida_status
chirp_sse_fragment(chirp_sse *sse, const char *name, const char *block, const char *target,
                   kida_value context)
{
    kida_str place = target ? kida_str_from(target) : (kida_str){ NULL, 0 };
    return ch_sse_fragment(sse, kida_str_from(name), kida_str_from(block), place, place, context);
}

/* ---- beginning and end ---------------------------------------------------------------------- */

static kida_str
heartbeat_bytes(const chirp_sse *sse)
{
    return sse->stream.framing == CH_FRAMING_CHUNKED ? KIDA_S("d\r\n: heartbeat\n\n\r\n")
                                                     : KIDA_S(": heartbeat\n\n");
}

static kida_status
begin(chirp_sse *sse)
{
    kida_status st = ch_stream_begin(&sse->stream);
    if (st == KIDA_OK)
        st = chirp_stream_flush(&sse->stream);
    if (st == KIDA_OK)
        st = ch_beat_start(sse->req->conn, sse->options->heartbeat, heartbeat_bytes(sse),
                           &sse->beat);
    if (st == KIDA_OK && sse->options->retry > 0) {
        chirp_event first = { .event = KIDA_S("chirp:sse:meta"), .retry = sse->options->retry,
                              .data = KIDA_S("sse-retry") };
        st = chirp_sse_send(sse, &first);
    }
    return st;
}

/* The clients of a server that stops come back spread over a second time their delay (ES-10). */
static void
say_when_to_return(chirp_sse *sse)
{
    char id[32];
    char text[64];
    uint32_t base = sse->options->retry ? sse->options->retry : RETRY_MS;
    uint32_t spread = 0;
    ch_worker_new_id(sse->req->worker, id);
    for (size_t i = 0; i < 8; i++)
        spread = spread * 16 + (uint32_t)ch_hex_value(id[i]);
    int len = snprintf(text, sizeof(text), ": server stops\nretry: %u\n\n",
                       (unsigned)(base + spread % base));
    (void)ch_sse_put(sse, (kida_str){ text, (size_t)len });
}

static void
say_error(chirp_sse *sse, kida_status st)
{
    char text[900];
    kida_str path = chirp_path(sse->req);
    snprintf(text, sizeof(text), "%s", kida_status_text(st));
    if (sse->stream.error)
        kida_error_format(sse->stream.error, KIDA_FORMAT_COMPACT, text, sizeof(text));
    ch_worker_log(sse->req->worker, CHIRP_LEVEL_ERROR, "an event stream failed, %.*s: %s",
                  (int)(path.len < 200 ? path.len : 200), path.ptr, text);
    chirp_event event = { .event = KIDA_S("error"), .data = KIDA_S("Internal server error") };
    if (sse->req->config->debug)
        event.data = kida_str_from(text);
    (void)chirp_sse_send(sse, &event);
}

static void
say_goodbye(chirp_sse *sse, kida_status st)
{
    bool is_ending = ch_conn_is_ending(sse->req->conn);
    if (is_ending && ch_conn_revive(sse->req->conn))
        sse->stream.status = KIDA_OK;
    if (sse->stream.status != KIDA_OK)
        return;
    if (is_ending)
        say_when_to_return(sse);
    else if (st != KIDA_OK && st != KIDA_E_STOPPED)
        say_error(sse, st);
    if (sse->options->close_event) {
        chirp_event last = { .event = kida_str_from(sse->options->close_event),
                             .data = KIDA_S("complete") };
        (void)chirp_sse_send(sse, &last);
    }
}

static chirp_reply *
send_sse(chirp_request *req, chirp_reply *reply)
{
    const sse_source *source = reply->source;
    chirp_sse sse = { .req = req, .options = &source->options };
    reply->status = 200;
    reply->coding = NULL; /* whoever asked for it: an encoder would hold events back */
    reply->content_type = KIDA_S("text/event-stream; charset=utf-8");
    ch_stream_init(&sse.stream, req, reply);
    if (req->method == CH_METHOD_HEAD) {
        (void)ch_stream_begin(&sse.stream);
        return NULL;
    }
    if (!ch_conn_go_live(req->conn, true)) {
        chirp_reply *busy = chirp_reply_fail(req, 503, "Too many event streams");
        return ch_reply_settle(req, chirp_reply_set_header(busy, "retry-after", "5"));
    }
    kida_status st = begin(&sse);
    if (st == KIDA_OK)
        st = source->fn(&sse, source->user);
    ch_beat_end(sse.beat);
    sse.beat = NULL;
    if (sse.stream.has_begun)
        say_goodbye(&sse, st);
    return ch_stream_end(&sse.stream, sse.stream.has_begun ? KIDA_OK : st);
}

/* ---- the reply ------------------------------------------------------------------------------ */

static bool
is_wanted(kida_str range)
{
    size_t pos = 0;
    kida_str type, parameter;
    if (!ch_str_next(range, ';', &pos, &type))
        return false;
    bool fits = ch_str_iequal(type, KIDA_S("text/event-stream")) ||
                ch_str_iequal(type, KIDA_S("text/*")) || kida_str_equal(type, KIDA_S("*/*"));
    while (ch_str_next(range, ';', &pos, &parameter)) {
        double quality;
        if (parameter.len > 2 && ch_lower(parameter.ptr[0]) == 'q' && parameter.ptr[1] == '=' &&
            ch_parse_float(ch_str_slice(parameter, 2, parameter.len), &quality) && quality <= 0)
            fits = false;
    }
    return fits;
}

static bool
accepts_events(const chirp_request *req)
{
    kida_str accept = ch_headers_get(&req->headers, KIDA_S("accept"), 0);
    for (size_t i = 0; accept.ptr; accept = ch_headers_get(&req->headers, KIDA_S("accept"), ++i)) {
        size_t pos = 0;
        kida_str range;
        while (ch_str_next(accept, ',', &pos, &range)) {
            if (is_wanted(range))
                return true;
        }
    }
    return ch_headers_count(&req->headers, KIDA_S("accept")) == 0;
}

/* What a stream leaves open comes from the config. */
static void
complete(chirp_sse_options *options, const chirp_config *config)
{
    if (options->heartbeat == 0)
        options->heartbeat = config->sse_heartbeat_interval;
    if (options->retry == 0)
        options->retry = config->sse_retry_ms;
    if (!options->close_event)
        options->close_event = config->sse_close_event;
    if (options->close_event[0] == '\0')
        options->close_event = NULL;
}

chirp_reply *
chirp_reply_sse(chirp_request *req, chirp_sse_fn *fn, void *user, const chirp_sse_options *options)
{
    if (!accepts_events(req))
        return chirp_reply_fail(req, 406, "This is an event stream");
    chirp_reply *reply = ch_reply_new(req, CH_REPLY_STREAM,
                                      KIDA_S("text/event-stream; charset=utf-8"));
    sse_source *source = chirp_alloc(req, sizeof(*source));
    if (!reply || !source)
        return NULL;
    *source = (sse_source){ .fn = fn, .user = user };
    if (options)
        source->options = *options;
    complete(&source->options, req->config);
    reply->stream = send_sse;
    reply->source = source;
    reply->without_id = true;
    chirp_reply_set_header(reply, "cache-control", "no-cache");
    return chirp_reply_set_header(reply, "x-accel-buffering", "no");
}

kida_str
chirp_last_event_id(const chirp_request *req)
{
    kida_str id = ch_headers_get(&req->headers, KIDA_S("last-event-id"), 0);
    return id.len <= LAST_ID_MAX ? id : (kida_str){ NULL, 0 };
}
