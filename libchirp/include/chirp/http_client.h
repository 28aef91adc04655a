/* SPDX-License-Identifier: MIT */
/* http_client.h - requests to other servers, awaited in straight-line code: the handler parks, its
 * worker goes on. Connections are kept per worker.
 *
 *     chirp_http_answer answer;
 *     kida_error err;
 *     st = chirp_http_get(req, "https://example.org/items.json", &answer, &err);
 */
#ifndef CHIRP_HTTP_CLIENT_H
#define CHIRP_HTTP_CLIENT_H

#include "app.h"

KIDA_BEGIN_DECLS

/** Settings of the client; fill with chirp_http_config_init. Times are milliseconds. */
typedef struct chirp_http_config {
    size_t size;
    const char *base_url;         /* put before URLs that begin with '/'; NULL: none */
    const char *user_agent;       /* "chirp/<version>" */
    uint32_t timeout;             /* one try, from begin to end; 10 000 */
    uint32_t connect_timeout;     /* 3000 */
    uint32_t retries;             /* further tries of idempotent requests, 0 to 10; 2 */
    uint32_t backoff;             /* before the first retry, doubled for each further one; 100 */
    uint32_t max_redirects;       /* followed, 0 to 20; 5; only from http(s) to http(s) */
    uint32_t host_connections;    /* per worker and server, 1 to 1000; 16 */
    uint32_t idle_connections;    /* kept open per worker, 1 to 1000; 32 */
    size_t max_response;          /* bytes of a body after decompression; 8 MiB */
    size_t max_head;              /* bytes of all header lines; 64 KiB */
} chirp_http_config;

/** Fills in the defaults. Thread: any */
CHIRP_API void chirp_http_config_init(chirp_http_config *config);

/**
 * Gives each worker of the app a client: made when it starts, closed when it ends. config (NULL:
 * the defaults) and its texts are copied.
 *
 * Errors: KIDA_E_FROZEN; KIDA_E_USAGE; KIDA_E_UNSUPPORTED in a build without libcurl; KIDA_E_NOMEM.
 * Thread: setup
 */
CHIRP_API kida_status chirp_use_http(chirp_app *app, const chirp_http_config *config,
                                     kida_error *err);

/** What to send; zeroed: a GET. Everything is borrowed until the call returns. */
typedef struct chirp_http_request {
    const char *method;         /* NULL: GET, or POST with a body */
    const char *url;
    const char *const *headers; /* "Name", "value" pairs ended by NULL; NULL: none */
    kida_str body;
    const char *content_type;   /* of the body; NULL: application/octet-stream */
    uint32_t timeout;           /* 0: that of the config */
    bool no_retry;
    kida_pool *pool;            /* for the answer; NULL: chirp_pool. Streams give chirp_scratch */
} chirp_http_request;

/** What came back; lives as long as its pool. */
typedef struct chirp_http_answer {
    unsigned status;
    kida_str head; /* header lines of the last answer, each ended by CR LF */
    kida_str body; /* decompressed */
    unsigned tries;
} chirp_http_answer;

/**
 * Sends a request and waits for its answer, whatever its status. Idempotent requests (GET, HEAD,
 * OPTIONS, PUT, DELETE) are tried again when the connection failed or the answer was 502, 503 or
 * 504; the last answer counts.
 *
 * Errors: KIDA_E_STOPPED the client of this request has gone: the transfer was cut
 *         KIDA_E_LIMIT_TIME timeout, connect_timeout
 *         KIDA_E_LIMIT_MEMORY more than max_response or max_head
 *         KIDA_E_IO no connection, no valid answer; KIDA_E_USAGE no client, a URL that is not
 *         http(s), a header that must not be sent; KIDA_E_NOMEM
 * Thread: waits
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_http_send(chirp_request *req,
                                                     const chirp_http_request *request,
                                                     chirp_http_answer *out, kida_error *err);

/** Shorter forms. Errors, Thread: as chirp_http_send */
CHIRP_API CHIRP_MUST_USE kida_status chirp_http_get(chirp_request *req, const char *url,
                                                    chirp_http_answer *out, kida_error *err);
CHIRP_API CHIRP_MUST_USE kida_status chirp_http_post(chirp_request *req, const char *url,
                                                     const char *content_type, kida_str body,
                                                     chirp_http_answer *out, kida_error *err);

/**
 * Gets a URL and reads its answer as JSON into chirp_pool.
 *
 * Errors: as chirp_http_send; KIDA_E_IO for a status other than 200 to 299; KIDA_E_JSON.
 * Thread: waits
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_http_json(chirp_request *req, const char *url,
                                                     kida_value *out, kida_error *err);

/** First value of a header of an answer, any case; may be missing. Thread: any */
CHIRP_API kida_str chirp_http_header(const chirp_http_answer *answer, const char *name);

KIDA_END_DECLS

#endif
