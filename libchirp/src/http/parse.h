/* SPDX-License-Identifier: MIT */
/* parse.h - bytes of a connection to requests: guard and llhttp.
 *
 * The guard collects and scans the head, chunk lines and trailers itself, under the limits of the
 * config, and llhttp must then agree with it (PA-2, PA-3). Time-outs belong to the worker.
 *
 *     ch_parser_begin(parser, req);
 *     for (;;) {
 *         size_t used;
 *         ch_event event = ch_parser_feed(parser, data + at, len - at, &used);
 *         at += used;
 *         MORE:     read more from the socket
 *         HEAD:     req is filled in: route, decide early; then feed again, also without bytes
 *         BODY:     ch_request_add_body(req, ch_parser_body(parser)), or drop it
 *         COMPLETE: dispatch; bytes from at on belong to the next request
 *         REJECT:   answer ch_reject_status(ch_parser_reason(parser)), linger, close
 *     }
 */
#ifndef CH_HTTP_PARSE_H
#define CH_HTTP_PARSE_H

#include "reject.h"
#include "request.h"

typedef enum ch_event {
    CH_EVENT_MORE,     /* every byte was taken, and it was not enough */
    CH_EVENT_HEAD,     /* the head is complete and accepted */
    CH_EVENT_BODY,     /* some bytes of the body: ch_parser_body */
    CH_EVENT_COMPLETE, /* the message has ended; what was not consumed is the next one's */
    CH_EVENT_REJECT    /* refused; never feed this parser again (PA-7) */
} ch_event;

typedef struct ch_parser ch_parser;

/* One for each connection. Errors: NULL when out of memory. */
ch_parser *ch_parser_new(const chirp_config *config);
void ch_parser_free(ch_parser *parser);

/* Starts on the next message; req must be reset, and stays valid until its end. */
void ch_parser_begin(ch_parser *parser, chirp_request *req);

/* Takes bytes up to the next event. data may be NULL if len is 0. */
ch_event ch_parser_feed(ch_parser *parser, const char *data, size_t len, size_t *consumed);

/* End of stream: CH_EVENT_MORE if it came between messages (CN-11), else CH_EVENT_REJECT with
 * CH_REJECT_CUT (CN-7). */
ch_event ch_parser_finish(ch_parser *parser);

/* The bytes of the last CH_EVENT_BODY, inside the data that was fed. */
kida_str ch_parser_body(const ch_parser *parser);

/* Why the message was refused. */
ch_reject ch_parser_reason(const ch_parser *parser);

/* How the request line begins, as far as it came: for logs (R0). */
#define CH_SEEN_MAX 64
kida_str ch_parser_seen(const ch_parser *parser);

/* Other limit for the body of this message than config->max_body, also for what req keeps of it; at
 * CH_EVENT_HEAD only. */
void ch_parser_set_body_limit(ch_parser *parser, uint64_t max);

/* Whether nothing of a request has arrived yet, empty lines apart: idle, not slow (TM-1, TM-2). */
bool ch_parser_is_idle(const ch_parser *parser);

/* Whether the head is complete and the message is not. */
bool ch_parser_in_body(const ch_parser *parser);

/* Flags word of the live llhttp parser: must be 0 (PA-1). For tests. */
unsigned ch_parser_lenient_flags(const ch_parser *parser);

#endif
