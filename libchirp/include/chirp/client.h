/* SPDX-License-Identifier: MIT */
/* client.h - requests without a socket, for tests: the same parser, chain and replies as in a
 * server, on a worker of its own inside the calling thread. */
#ifndef CHIRP_CLIENT_H
#define CHIRP_CLIENT_H

#include "app.h"

KIDA_BEGIN_DECLS

/** One kept-alive connection to an app. Several may be open, each on its own thread. */
typedef struct chirp_test_client chirp_test_client;

/** What came back. Valid until the client's next request. */
typedef struct chirp_answer {
    unsigned status;
    kida_str head;  /* status line and header lines, as on the wire */
    kida_str body;  /* without chunk framing */
    kida_str raw;   /* everything received */
    bool closed;    /* the server ended the connection; the next request opens another */
} chirp_answer;

/**
 * Opens a client: freezes the app, runs the start-up hooks (the first client only) and the worker
 * hooks.
 *
 * Errors: NULL, with err.
 * Thread: any
 */
CHIRP_API CHIRP_MUST_USE chirp_test_client *chirp_test_new(chirp_app *app, kida_error *err);

/** Closes it, runs the shutdown hooks (those of the app with the last client). Thread: owner */
CHIRP_API void chirp_test_free(chirp_test_client *client);

/**
 * Sends one request and runs the worker until it is answered. headers are "Name", "value" pairs
 * ended by NULL, or NULL; Host and Content-Length are added.
 *
 * Errors: KIDA_E_IO if the connection ended without a whole answer, KIDA_E_NOMEM.
 * Thread: owner
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_test_request(chirp_test_client *client,
                                                        const char *method,
                                                          const char *target,
                                                          const char *const *headers,
                                                          kida_str body, chirp_answer *out);

/* Shorter forms. post sends an urlencoded form; fragment says HX-Request: true.  Thread: owner */
CHIRP_API CHIRP_MUST_USE kida_status chirp_test_get(chirp_test_client *client, const char *target,
                                                      chirp_answer *out);
CHIRP_API CHIRP_MUST_USE kida_status chirp_test_post(chirp_test_client *client, const char *target,
                                                       const char *form, chirp_answer *out);
CHIRP_API CHIRP_MUST_USE kida_status chirp_test_fragment(chirp_test_client *client,
                                                           const char *target, chirp_answer *out);

/** Sends a JSON text. Thread: owner */
CHIRP_API CHIRP_MUST_USE kida_status chirp_test_json(chirp_test_client *client, const char *target,
                                                     const char *json, chirp_answer *out);

/** A request in all its parts; zeroed members are left out. */
typedef struct chirp_test_call {
    const char *method;         /* NULL: GET, or POST with a body */
    const char *target;
    const char *const *headers; /* further ones, pairs ended by NULL */
    kida_str body;
    const char *form;           /* instead of body: urlencoded */
    const char *json;           /* instead of body */
    bool is_fragment;           /* HX-Request: true */
    bool is_history_restore;    /* HX-History-Restore-Request: true */
    const char *hx_target, *hx_trigger;
} chirp_test_call;

/** Sends it, as chirp_test_request. Limits: 24 headers of its own. Thread: owner */
CHIRP_API CHIRP_MUST_USE kida_status chirp_test_send(chirp_test_client *client,
                                                     const chirp_test_call *call,
                                                     chirp_answer *out);

/** Keeps cookies and sends them back with every request, whatever path and site they are for, until
 *  they are deleted. Off at first. Thread: owner */
CHIRP_API void chirp_test_keep_cookies(chirp_test_client *client, bool on);

/** Follows up to max redirects to paths of this server; 0, as at first: none. Thread: owner */
CHIRP_API void chirp_test_follow(chirp_test_client *client, unsigned max);

/** Sends bytes as they stand; raw and closed say what came back once the server is quiet. */
CHIRP_API CHIRP_MUST_USE kida_status chirp_test_raw(chirp_test_client *client, kida_str bytes,
                                                      chirp_answer *out);

/*
 * Answers that go on: streams and event streams.
 */

/** Sends a request as chirp_test_request does and returns once its head is there. Errors: KIDA_E_IO
 *  if none came. Thread: owner */
CHIRP_API CHIRP_MUST_USE kida_status chirp_test_open(chirp_test_client *client, const char *method,
                                                     const char *target,
                                                     const char *const *headers, kida_str body,
                                                     chirp_answer *out);

/**
 * Runs the worker until the body so far holds part (NULL: until the answer has ended).
 *
 * Errors: KIDA_E_IO if it ended without, KIDA_E_LIMIT_TIME after milliseconds; out is filled in.
 * Thread: owner
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_test_wait(chirp_test_client *client, const char *part,
                                                     uint32_t milliseconds, chirp_answer *out);

/** One event, as a browser reads it. Missing texts are empty. */
typedef struct chirp_test_event {
    kida_str event, id, data;
    uint32_t retry; /* milliseconds; 0: not told */
} chirp_test_event;

/** What an event stream sent. Valid until the client's next chirp_test_sse. */
typedef struct chirp_test_events {
    unsigned status;
    const chirp_test_event *items;
    size_t count;      /* events with data */
    size_t heartbeats; /* comments */
    bool has_ended;    /* the server ended it */
} chirp_test_events;

/**
 * Asks for an event stream and leaves it after max events, the time, or its end.
 *
 * Errors: KIDA_E_IO if no head came, KIDA_E_NOMEM. Another status than 200 is none.
 * Thread: owner
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_test_sse(chirp_test_client *client, const char *target,
                                                    size_t max, uint32_t milliseconds,
                                                    chirp_test_events *out);

/** Runs the worker for some time. Thread: owner */
CHIRP_API void chirp_test_run(chirp_test_client *client, uint32_t milliseconds);

/** The client closes its side, or resets the connection. Thread: owner */
CHIRP_API void chirp_test_leave(chirp_test_client *client, bool reset);

/** The worker stops as at the end of chirp_run: it drains. Thread: owner */
CHIRP_API void chirp_test_stop(chirp_test_client *client);

/** First value of a header of the answer, any case; may be missing. Thread: owner */
CHIRP_API kida_str chirp_answer_header(const chirp_answer *answer, const char *name);

/*
 * Checks: true if it holds; else false, after a line on stderr with the place and what was found.
 * Use them in any test frame: assert_true(CHIRP_CHECK_STATUS(&answer, 200)).
 */
#define CHIRP_CHECK_STATUS(answer, want) chirp_check_status(answer, want, __FILE__, __LINE__)
#define CHIRP_CHECK_HEADER(answer, name, want) \
    chirp_check_header(answer, name, want, __FILE__, __LINE__)
#define CHIRP_CHECK_BODY(answer, want) chirp_check_body(answer, want, __FILE__, __LINE__)
#define CHIRP_CHECK_CONTAINS(answer, part) chirp_check_contains(answer, part, __FILE__, __LINE__)
#define CHIRP_CHECK_LACKS(answer, part) chirp_check_lacks(answer, part, __FILE__, __LINE__)
#define CHIRP_CHECK_TRIGGER(answer, name, event) \
    chirp_check_trigger(answer, name, event, __FILE__, __LINE__)
#define CHIRP_CHECK_FRAGMENT(answer) chirp_check_fragment(answer, __FILE__, __LINE__)
#define CHIRP_CHECK_ERROR_FRAGMENT(answer, status) \
    chirp_check_error_fragment(answer, status, __FILE__, __LINE__)

CHIRP_API bool chirp_check_status(const chirp_answer *answer, unsigned want, const char *file,
                                  int line);
/* want NULL: the header must be missing */
CHIRP_API bool chirp_check_header(const chirp_answer *answer, const char *name, const char *want,
                                  const char *file, int line);
CHIRP_API bool chirp_check_body(const chirp_answer *answer, const char *want, const char *file,
                                int line);
CHIRP_API bool chirp_check_contains(const chirp_answer *answer, const char *part, const char *file,
                                    int line);
CHIRP_API bool chirp_check_lacks(const chirp_answer *answer, const char *part, const char *file,
                                 int line);
/* whether header name (HX-Trigger, HX-Trigger-After-Settle, HX-Trigger-After-Swap) is this event,
   or JSON with a member of its name */
CHIRP_API bool chirp_check_trigger(const chirp_answer *answer, const char *name, const char *event,
                                   const char *file, int line);
/* status 200, not empty, no <html> */
CHIRP_API bool chirp_check_fragment(const chirp_answer *answer, const char *file, int line);
/* that status, class chirp-error and its data-status */
CHIRP_API bool chirp_check_error_fragment(const chirp_answer *answer, unsigned status,
                                          const char *file, int line);

KIDA_END_DECLS

#endif
