/* SPDX-License-Identifier: MIT */
/* parse.c - the only file that sees llhttp. The guard collects and judges the bytes first; llhttp
 * gets them whole and must come to the same message. */
#include "http/parse.h"

#include <llhttp.h>
#include <stdio.h>
#include <string.h>

#include "config/alloc.h"
#include "http/frame.h"
#include "http/guard.h"

/* PA-1: 8.1.0 tolerates too much in its default build. */
#if LLHTTP_VERSION_MAJOR < 9 && !LLHTTP_STRICT_MODE
#error "llhttp 8 must be compiled with LLHTTP_STRICT_MODE=1"
#endif

#define EMPTY_LINES_MAX 8
#define TRAILER_SIZE_MAX 8192
#define TRAILERS_MAX 32

typedef enum state {
    STATE_START,      /* nothing yet but empty lines */
    STATE_LINE,
    STATE_FIELDS,
    STATE_BODY_START, /* head told, body limit still open */
    STATE_LENGTH,
    STATE_CHUNK_LINE,
    STATE_CHUNK_DATA,
    STATE_CHUNK_END,  /* CR LF behind a chunk's data */
    STATE_TRAILERS,
    STATE_DONE,       /* complete, not yet told */
    STATE_OVER,       /* complete and told: ch_parser_begin comes next */
    STATE_REJECTED
} state;

struct ch_parser {
    llhttp_t llhttp;
    llhttp_settings_t settings;
    const chirp_config *config;
    chirp_request *req;
    state state;
    ch_reject reason;
    size_t empty_lines;
    bool after_cr;         /* in an empty line, or behind a chunk */
    ch_line line;
    kida_str target;       /* of the request line */
    ch_section section;
    ch_collect chunk;
    uint64_t body_limit;
    uint64_t body_seen;    /* bytes of the body so far, announced chunks included */
    uint64_t left;         /* of the length or the chunk */
    size_t ext_seen;
    kida_str body;
    /* what llhttp has said about this message */
    size_t llhttp_body;    /* bytes since the last look */
    bool llhttp_head;
    bool llhttp_complete;
    char seen[CH_SEEN_MAX];
    size_t seen_len;
};

/* ---- llhttp ---------------------------------------------------------------------------------- */

static int
on_headers_complete(llhttp_t *llhttp)
{
    ch_parser *parser = llhttp->data;
    parser->llhttp_head = true;
    llhttp->upgrade = 0; /* PA-5: no protocol to change to */
    return 0;
}

static int
on_body(llhttp_t *llhttp, const char *at, size_t len)
{
    (void)at;
    ch_parser *parser = llhttp->data;
    parser->llhttp_body += len;
    return 0;
}

static int
on_message_complete(llhttp_t *llhttp)
{
    ch_parser *parser = llhttp->data;
    parser->llhttp_complete = true;
    return 0;
}

/* Lets llhttp see bytes that the guard has let through, and holds its view of them against ours. */
static bool
llhttp_agrees(ch_parser *parser, const char *data, size_t len, size_t body, bool complete)
{
    parser->llhttp_body = 0;
    if (llhttp_execute(&parser->llhttp, data, len) != HPE_OK)
        return false;
    return parser->llhttp_body == body && parser->llhttp_complete == complete;
}

static bool
head_agrees(ch_parser *parser)
{
    const chirp_request *req = parser->req;
    const ch_collect *line = &parser->line.bytes, *fields = &parser->section.bytes;
    if (!llhttp_agrees(parser, line->data, line->len, 0, false) || parser->llhttp_head)
        return false;
    if (!llhttp_agrees(parser, fields->data, fields->len, 0, !req->has_body))
        return false;
    return parser->llhttp_head && llhttp_get_http_major(&parser->llhttp) == 1 &&
           llhttp_get_http_minor(&parser->llhttp) == (req->is_http10 ? 0 : 1);
}

/* ---- life ------------------------------------------------------------------------------------ */

ch_parser *
ch_parser_new(const chirp_config *config)
{
    ch_parser *parser = ch_calloc(&config->allocator, sizeof(*parser));
    if (parser == NULL)
        return NULL;
    parser->config = config;
    parser->state = STATE_OVER;
    llhttp_settings_init(&parser->settings);
    parser->settings.on_headers_complete = on_headers_complete;
    parser->settings.on_body = on_body;
    parser->settings.on_message_complete = on_message_complete;
    llhttp_init(&parser->llhttp, HTTP_REQUEST, &parser->settings);
    parser->llhttp.data = parser;
    return parser;
}

void
ch_parser_free(ch_parser *parser)
{
    if (parser != NULL) {
        kida_allocator allocator = parser->config->allocator;
        ch_free(&allocator, parser, sizeof(*parser));
    }
}

static void
begin_section(ch_parser *parser, ch_headers *fields, size_t max_fields, size_t max_size,
              ch_reject size_reason, ch_reject count_reason)
{
    ch_section *section = &parser->section;
    ch_headers_init(fields, &parser->req->arena, max_fields);
    ch_collect_init(&section->bytes, &parser->req->arena);
    section->fields = fields;
    section->line_start = 0;
    section->max_line = parser->config->max_header_line;
    section->max_size = max_size;
    section->size_reason = size_reason;
    section->count_reason = count_reason;
}

void
ch_parser_begin(ch_parser *parser, chirp_request *req)
{
    parser->req = req;
    parser->state = STATE_START;
    parser->reason = CH_REJECT_NONE;
    parser->empty_lines = 0;
    parser->after_cr = false;
    parser->body_limit = parser->config->max_body;
    parser->body_seen = 0;
    parser->left = 0;
    parser->ext_seen = 0;
    parser->seen_len = 0;
    parser->body = KIDA_S("");
    parser->llhttp_head = false;
    parser->llhttp_complete = false;
    llhttp_reset(&parser->llhttp);
    ch_line_init(&parser->line, &req->arena, parser->config->max_target);
    begin_section(parser, &req->headers, parser->config->max_headers,
                  parser->config->max_header_size, CH_REJECT_HEADER_SIZE, CH_REJECT_HEADER_COUNT);
}

static ch_event
reject(ch_parser *parser, ch_reject reason)
{
    parser->reason = reason;
    parser->state = STATE_REJECTED;
    return CH_EVENT_REJECT;
}

/* ---- head ------------------------------------------------------------------------------------ */

/* Empty lines before the request line (RL-1). Takes one byte. */
static ch_reject
skip_empty_line(ch_parser *parser, char c)
{
    if (parser->after_cr != (c == '\n'))
        return CH_REJECT_LINE_END;
    if (c == '\r' && parser->empty_lines == EMPTY_LINES_MAX)
        return CH_REJECT_EMPTY_LINES;
    parser->after_cr = c == '\r';
    parser->empty_lines += c == '\n';
    return CH_REJECT_NONE;
}

/* Keeps the beginning of a request line, of which a refused one leaves nothing else. */
static void
look_on(ch_parser *parser, const char *data, size_t len)
{
    size_t room = CH_SEEN_MAX - parser->seen_len;
    for (size_t i = 0; i < len && i < room && data[i] != '\r' && data[i] != '\n'; i++)
        parser->seen[parser->seen_len++] = data[i];
}

/* Looks at a request line as soon as it is there: a bad one is refused without its fields. */
static ch_reject
accept_line(ch_parser *parser)
{
    kida_str method;
    chirp_request *req = parser->req;
    ch_reject reason =
        ch_line_split(&parser->line, &method, &parser->target, &req->is_http10);
    if (reason == CH_REJECT_NONE)
        (void)ch_method_find(method, &req->method);
    return reason;
}

static ch_event
accept_head(ch_parser *parser)
{
    ch_reject reason = ch_frame_decide(parser->req, parser->target);
    if (reason == CH_REJECT_NONE && !head_agrees(parser))
        reason = CH_REJECT_PARSER;
    if (reason != CH_REJECT_NONE)
        return reject(parser, reason);
    parser->state = STATE_BODY_START;
    return CH_EVENT_HEAD;
}

/* ---- body ------------------------------------------------------------------------------------ */

static void
begin_chunk(ch_parser *parser)
{
    ch_collect_init(&parser->chunk, &parser->req->arena);
    parser->state = STATE_CHUNK_LINE;
}

static ch_reject
start_body(ch_parser *parser)
{
    const chirp_request *req = parser->req;
    if (!req->has_body) {
        parser->state = STATE_DONE;
    } else if (req->is_chunked) {
        begin_chunk(parser);
    } else {
        if (req->content_length > parser->body_limit)
            return CH_REJECT_BODY_SIZE;
        parser->left = req->content_length;
        parser->state = STATE_LENGTH;
    }
    return CH_REJECT_NONE;
}

/* Passes on what has come of a body or chunk. */
static ch_event
take_body(ch_parser *parser, const char *data, size_t len, size_t *used)
{
    size_t count = parser->left < len ? (size_t)parser->left : len;
    bool is_length = parser->state == STATE_LENGTH;
    parser->left -= count;
    if (!llhttp_agrees(parser, data, count, count, is_length && parser->left == 0))
        return reject(parser, CH_REJECT_PARSER);
    if (parser->left == 0) {
        parser->state = is_length ? STATE_DONE : STATE_CHUNK_END;
        parser->after_cr = false;
    }
    *used += count;
    parser->body.ptr = data;
    parser->body.len = count;
    return CH_EVENT_BODY;
}

/* Judges a complete chunk line. llhttp gets the size alone, without zeros and extensions, which
 * its releases read differently. */
static ch_reject
accept_chunk(ch_parser *parser)
{
    kida_str line = { parser->chunk.data, parser->chunk.len - 2 };
    uint64_t size;
    size_t ext_len;
    ch_reject reason = ch_chunk_parse(line, &size, &ext_len);
    if (reason != CH_REJECT_NONE)
        return reason;
    parser->ext_seen += ext_len;
    if (parser->ext_seen > CH_CHUNK_EXT_MAX)
        return CH_REJECT_CHUNK_EXT;
    if (parser->body_seen > parser->body_limit || size > parser->body_limit - parser->body_seen)
        return CH_REJECT_BODY_SIZE;
    parser->body_seen += size;

    char text[24];
    int text_len = snprintf(text, sizeof(text), "%llx\r\n", (unsigned long long)size);
    if (text_len < 0 || !llhttp_agrees(parser, text, (size_t)text_len, 0, false))
        return CH_REJECT_PARSER;
    parser->left = size;
    parser->state = STATE_CHUNK_DATA;
    if (size == 0) {
        begin_section(parser, &parser->req->trailers, TRAILERS_MAX, TRAILER_SIZE_MAX,
                      CH_REJECT_TRAILER_SIZE, CH_REJECT_TRAILER_SIZE);
        parser->state = STATE_TRAILERS;
    }
    return CH_REJECT_NONE;
}

/* One byte of the CR LF behind a chunk's data. */
static ch_reject
end_chunk(ch_parser *parser, char c)
{
    if (c != (parser->after_cr ? '\n' : '\r'))
        return CH_REJECT_CHUNK;
    parser->after_cr = c == '\r';
    if (c == '\r')
        return CH_REJECT_NONE;
    if (!llhttp_agrees(parser, "\r\n", 2, 0, false))
        return CH_REJECT_PARSER;
    parser->chunk.len = 0; /* the same room serves every chunk line */
    parser->chunk.after_cr = false;
    parser->state = STATE_CHUNK_LINE;
    return CH_REJECT_NONE;
}

static ch_reject
accept_trailers(ch_parser *parser)
{
    const ch_headers *trailers = &parser->req->trailers;
    for (size_t i = 0; i < trailers->count; i++) {
        if (!ch_trailer_is_allowed(trailers->items[i].name))
            return CH_REJECT_TRAILER;
    }
    const ch_collect *bytes = &parser->section.bytes;
    if (!llhttp_agrees(parser, bytes->data, bytes->len, 0, true))
        return CH_REJECT_PARSER;
    parser->state = STATE_DONE;
    return CH_REJECT_NONE;
}

/* ---- feeding --------------------------------------------------------------------------------- */

/* One step that makes no event of its own; takes at least one byte of data. */
static ch_reject
step(ch_parser *parser, const char *data, size_t len, size_t *used)
{
    bool done = false;
    size_t count = 1;
    ch_reject reason = CH_REJECT_NONE;
    if (parser->state == STATE_START) {
        if (parser->after_cr || data[0] == '\r' || data[0] == '\n') {
            reason = skip_empty_line(parser, data[0]);
        } else {
            parser->state = STATE_LINE;
            count = 0;
        }
    } else if (parser->state == STATE_LINE) {
        look_on(parser, data, len);
        reason = ch_line_feed(&parser->line, data, len, &count, &done);
        if (reason == CH_REJECT_NONE && done) {
            reason = accept_line(parser);
            parser->state = STATE_FIELDS;
        }
    } else if (parser->state == STATE_CHUNK_LINE) {
        reason = ch_chunk_feed(&parser->chunk, data, len, &count, &done);
        if (reason == CH_REJECT_NONE && done)
            reason = accept_chunk(parser);
    } else if (parser->state == STATE_CHUNK_END) {
        reason = end_chunk(parser, data[0]);
    } else {
        reason = ch_section_feed(&parser->section, data, len, &count, &done);
        if (reason == CH_REJECT_NONE && done)
            reason = accept_trailers(parser);
    }
    *used += count;
    return reason;
}

ch_event
ch_parser_feed(ch_parser *parser, const char *data, size_t len, size_t *consumed)
{
    ch_reject reason;
    size_t *used = consumed;
    *used = 0;
    for (;;) {
        if (parser->state == STATE_REJECTED || parser->state == STATE_OVER)
            return parser->state == STATE_OVER ? CH_EVENT_COMPLETE : CH_EVENT_REJECT;
        if (parser->state == STATE_DONE) {
            parser->state = STATE_OVER;
            return CH_EVENT_COMPLETE;
        }
        if (parser->state == STATE_BODY_START) {
            reason = start_body(parser);
            if (reason != CH_REJECT_NONE)
                return reject(parser, reason);
            continue;
        }
        if (*used == len)
            return CH_EVENT_MORE;
        if (parser->state == STATE_LENGTH || parser->state == STATE_CHUNK_DATA)
            return take_body(parser, data + *used, len - *used, used);
        if (parser->state == STATE_FIELDS) {
            bool done;
            size_t count = 0;
            reason = ch_section_feed(&parser->section, data + *used, len - *used, &count, &done);
            *used += count;
            if (reason == CH_REJECT_NONE && done)
                return accept_head(parser);
        } else {
            reason = step(parser, data + *used, len - *used, used);
        }
        if (reason != CH_REJECT_NONE)
            return reject(parser, reason);
    }
}

ch_event
ch_parser_finish(ch_parser *parser)
{
    if (ch_parser_is_idle(parser) || parser->state == STATE_OVER || parser->state == STATE_DONE)
        return CH_EVENT_MORE;
    if (parser->state != STATE_REJECTED) {
        (void)llhttp_finish(&parser->llhttp);
        return reject(parser, CH_REJECT_CUT);
    }
    return CH_EVENT_REJECT;
}

kida_str
ch_parser_body(const ch_parser *parser)
{
    return parser->body;
}

kida_str
ch_parser_seen(const ch_parser *parser)
{
    return (kida_str){ parser->seen, parser->seen_len };
}

ch_reject
ch_parser_reason(const ch_parser *parser)
{
    return parser->reason;
}

void
ch_parser_set_body_limit(ch_parser *parser, uint64_t max)
{
    if (parser->state != STATE_BODY_START)
        return;
    parser->body_limit = max;
    parser->req->body_max = max < SIZE_MAX ? (size_t)max : SIZE_MAX;
}

bool
ch_parser_is_idle(const ch_parser *parser)
{
    return parser->state == STATE_START;
}

bool
ch_parser_in_body(const ch_parser *parser)
{
    return parser->state >= STATE_BODY_START && parser->state <= STATE_TRAILERS;
}

unsigned
ch_parser_lenient_flags(const ch_parser *parser)
{
    return parser->llhttp.lenient_flags;
}
