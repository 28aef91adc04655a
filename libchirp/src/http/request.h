/* SPDX-License-Identifier: MIT */
/* request.h - the request as the rest of libchirp sees it. */
#ifndef CH_HTTP_REQUEST_H
#define CH_HTTP_REQUEST_H

#include <chirp/request.h>

#include "config/arena.h"
#include "headers.h"
#include "method.h"
#include "spool.h"
#include "target.h"

#define CH_PARAMS_MAX 16
#define CH_CLIENT_MAX 64

struct ch_conn;
struct chirp_worker;
struct ch_frozen;
struct chirp_app;
struct chirp_reply;
struct ch_g_entry;

/* One per connection, reset between its requests. Members are read by all of libchirp; each group
 * says who writes them. All of it: worker thread. */
struct chirp_request {
    /* ---- kept from request to request ---- */

    /* set by ch_request_init */
    ch_arena arena;              /* memory of the request */
    const chirp_config *config;
    kida_allocator allocator;
    kida_pool *pool;             /* made on first use, emptied by reset */
    kida_pool *scratch;          /* the same, emptied by each chirp_scratch as well */

    /* written by the worker or the test client */
    char client[CH_CLIENT_MAX];
    size_t client_len;
    uint32_t client_port;
    bool is_tls;
    struct ch_conn *conn;
    struct chirp_worker *worker;
    struct chirp_app *app;
    const struct ch_frozen *frozen;

    /* ---- forgotten by reset, from here on ---- */

    /* written by the parser, complete at CH_EVENT_HEAD */
    ch_method method;
    bool is_http10;
    bool keep_alive;             /* what the client wants; the server may still close */
    bool expects_continue;       /* wants 100 before it sends the body (EX-1) */
    bool has_body;               /* chunked or a length above 0 */
    bool is_chunked;
    bool has_length;
    bool is_asterisk;            /* `OPTIONS *` (RL-13) */
    uint64_t content_length;
    kida_str target;             /* as sent */
    kida_str url;                /* path and query as sent */
    kida_str raw_path;
    kida_str raw_query;          /* ptr NULL if there is none */
    ch_path path;
    kida_str host;               /* lower case, no port */
    uint32_t port;               /* 0: not given */
    ch_headers headers;
    ch_headers trailers;         /* complete at CH_EVENT_COMPLETE (PA-4) */

    /* written by the worker or the test client, for each request */
    kida_str request_id;
    kida_str forwarded_client;   /* as a trusted proxy said; ptr NULL: as seen on the socket */
    kida_str forwarded_scheme;
    struct chirp_reply *reply;
    bool is_unlogged;            /* a probe: not in the access log */
    uint64_t started;            /* monotonic, nanoseconds */

    /* made on first use */
    size_t body_max;             /* config->max_body or ch_parser_set_body_limit */
    kida_buf body;
    bool body_started;
    bool body_was_read;          /* by chirp_body_read */
    ch_spool spool;              /* instead of body, once that is large (LM-6) */
    bool query_done;
    bool cookies_done;
    bool form_done;
    kida_status form_status;
    ch_headers query;
    ch_headers cookies;
    ch_headers form;
    struct ch_uploads *uploads;  /* files of the form */
    const char *form_problem;    /* why it can't be read */
    struct ch_g_entry *g;        /* newest first */

    /* written after routing, by ch_request_set_match */
    const void *route;           /* target of the matched route */
    size_t param_count;
    ch_pair params[CH_PARAMS_MAX]; /* the first param_count; not cleared */
};

/* Logs and counts what a layer refuses of a request; defined by the worker. */
void ch_request_note(chirp_request *req, ch_reject reason);

/* Whether the body is compressed: nothing here undoes that, so that a small body stays small. */
bool ch_request_is_coded(const chirp_request *req);

/* Prepares a request object; config must outlive it. The body, pool and arena have maxima of
 * config. Takes no memory. */
void ch_request_init(chirp_request *req, const chirp_config *config);

/* Ends a request: runs the destructors of g (newest first), forgets headers, parameters and body.
 * Client, conn, worker, app, frozen and config stay. Keeps a little memory for the next one. */
void ch_request_reset(chirp_request *req);

/* As reset, and gives all memory back: for idle connections and at the end. */
void ch_request_clear(chirp_request *req);

/* Appends to the body. Errors: KIDA_E_LIMIT_MEMORY beyond body_max, KIDA_E_NOMEM; KIDA_E_IO when a
 * large one can't be put into a file. */
kida_status ch_request_add_body(chirp_request *req, kida_str piece);

/* The body is complete: readable from now on. Errors: KIDA_E_IO for a file that can't be mapped. */
kida_status ch_request_end_body(chirp_request *req);

/* Sets the address of the peer, cut to fit. */
void ch_request_set_client(chirp_request *req, kida_str address, uint32_t port);

/* Remembers what the router found; values are slices of req->path. Cut at CH_PARAMS_MAX. */
void ch_request_set_match(chirp_request *req, const void *route, const kida_str *names,
                          const kida_str *values, size_t count);

#endif
