/* SPDX-License-Identifier: MIT */
/* wire.h - feeds bytes to a parser at chosen cuts and writes down what it made of them. */
#ifndef TEST_WIRE_H
#define TEST_WIRE_H

#include "t.h"

#include "http/parse.h"

#define TRACE_MAX 65536

/* What a parser said about a stream: one line for each message, the last one a refusal, the wish
 * for more ("more", "idle") or the end of the stream ("cut"). */
typedef struct wire {
    chirp_config config;
    chirp_request req;
    ch_parser *parser;
    char trace[TRACE_MAX];
    size_t len;
    bool is_over; /* refused */
} wire;

static inline void
wire_note(wire *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline void
wire_note(wire *w, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(w->trace + w->len, TRACE_MAX - w->len, format, args);
    va_end(args);
    assert_true(len >= 0 && (size_t)len < TRACE_MAX - w->len);
    w->len += (size_t)len;
}

static inline void
wire_open(wire *w, const chirp_config *config)
{
    w->config = *config;
    w->len = 0;
    w->trace[0] = '\0';
    w->is_over = false;
    ch_request_init(&w->req, &w->config);
    w->parser = ch_parser_new(&w->config);
    assert_non_null(w->parser);
    ch_parser_begin(w->parser, &w->req);
    assert_int_equal(ch_parser_lenient_flags(w->parser), 0);
}

static inline void
wire_close(wire *w)
{
    ch_parser_free(w->parser);
    ch_request_clear(&w->req);
}

static inline void
wire_head(wire *w)
{
    const chirp_request *req = &w->req;
    kida_str method = chirp_method(req), url = chirp_url(req), host = chirp_host(req);
    wire_note(w, "%.*s %.*s %.*s %s%s%s", (int)method.len, method.ptr, (int)url.len, url.ptr,
              (int)host.len, host.ptr, req->is_http10 ? "1.0" : "1.1",
              req->keep_alive ? " K" : " C", req->expects_continue ? " expect" : "");
}

static inline void
wire_complete(wire *w)
{
    kida_str body = chirp_body(&w->req);
    if (body.len > 0)
        wire_note(w, " [%.*s]", (int)body.len, body.ptr);
    for (size_t i = 0; i < w->req.trailers.count; i++) {
        const ch_pair *field = &w->req.trailers.items[i];
        wire_note(w, " %.*s=%.*s", (int)field->name.len, field->name.ptr, (int)field->value.len,
                  field->value.ptr);
    }
    wire_note(w, "\n");
}

/* Feeds one piece; messages follow each other as they would on a connection. */
static inline void
wire_feed(wire *w, const char *data, size_t len)
{
    size_t at = 0;
    while (!w->is_over) {
        size_t used;
        ch_event event = ch_parser_feed(w->parser, data + at, len - at, &used);
        assert_true(used <= len - at);
        at += used;
        if (event == CH_EVENT_MORE) {
            assert_int_equal(at, len);
            return;
        }
        if (event == CH_EVENT_HEAD) {
            wire_head(w);
        } else if (event == CH_EVENT_BODY) {
            assert_int_equal(ch_request_add_body(&w->req, ch_parser_body(w->parser)), KIDA_OK);
        } else if (event == CH_EVENT_COMPLETE) {
            wire_complete(w);
            ch_request_reset(&w->req);
            ch_parser_begin(w->parser, &w->req);
        } else {
            ch_reject reason = ch_parser_reason(w->parser);
            wire_note(w, "%s%u %s", w->len > 0 && w->trace[w->len - 1] != '\n' ? " " : "",
                      ch_reject_status(reason), ch_reject_token(reason).ptr);
            w->is_over = true;
        }
    }
}

/* Copy of a piece in memory of just its size, so that a read behind the end is found. */
static inline void
wire_piece(wire *w, const char *data, size_t len)
{
    char *copy = test_malloc(len + (len == 0));
    memcpy(copy, data, len);
    wire_feed(w, copy, len);
    memset(copy, 'X', len);
    test_free(copy);
}

static inline void
wire_end(wire *w)
{
    if (w->is_over)
        return;
    bool idle = ch_parser_is_idle(w->parser);
    ch_event event = ch_parser_finish(w->parser);
    wire_note(w, "%s", idle ? "idle" : event == CH_EVENT_MORE ? "more" : " cut");
}

#endif
