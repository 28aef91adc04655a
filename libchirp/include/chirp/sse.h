/* SPDX-License-Identifier: MIT */
/* sse.h - Server-Sent Events: event streams of one client, and hubs that send the same events to
 * many clients of all workers. */
#ifndef CHIRP_SSE_H
#define CHIRP_SSE_H

#include "stream.h"

KIDA_BEGIN_DECLS

/** The event stream of one client, while its function runs. */
typedef struct chirp_sse chirp_sse;

/** One event. Zeroed members are left out; an event without data is `data:` with nothing. */
typedef struct chirp_event {
    kida_str event;  /* no CR, LF */
    kida_str id;     /* no CR, LF, NUL; ptr NULL: none */
    kida_str data;   /* any text: every CR, LF and CRLF starts a new data line */
    uint32_t retry;  /* milliseconds until the client comes back; 0: not said */
} chirp_event;

/** How a stream behaves; what is zero comes from the config. Texts are borrowed until the response
 *  has ended. */
typedef struct chirp_sse_options {
    uint32_t heartbeat;      /* milliseconds without an event until a comment is sent */
    uint32_t retry;          /* told to the client first */
    const char *close_event; /* sent when the stream ends; "": none */
} chirp_sse_options;

/**
 * Sends events until it returns; it is called after all middleware, as chirp_stream_fn is.
 *
 * Errors: a failure is logged and sent as event `error`; then the stream ends.
 * Thread: waits
 */
typedef kida_status chirp_sse_fn(chirp_sse *sse, void *user);

/**
 * An event stream: 200 text/event-stream, not cached, not compressed, its head sent at once. Status
 * and content type can't be changed. HEAD, and an Accept header without event streams (406), never
 * call fn.
 *
 * While fn waits, in whichever call, heartbeats are sent and the client's leaving is noticed. When
 * the server stops, the waiting ends with KIDA_E_STOPPED and the client is told to come back later,
 * each after another time.
 *
 * Owner:  user and options (NULL: the defaults) are borrowed until the response has ended.
 * Limits: event streams are half of the connections of a worker at most; beyond: 503.
 * Thread: owner
 */
CHIRP_API chirp_reply *chirp_reply_sse(chirp_request *req, chirp_sse_fn *fn, void *user,
                                       const chirp_sse_options *options);

/**
 * Last-Event-ID as the client sent it: any bytes; missing if it is not there or over 1 KiB.
 * Thread: owner
 */
CHIRP_API kida_str chirp_last_event_id(const chirp_request *req);

/** The request that is being answered. Thread: owner */
CHIRP_API chirp_request *chirp_sse_request(const chirp_sse *sse);

/**
 * Sends one event at once.
 *
 * Errors: KIDA_E_STOPPED: the client has gone or the server stops; return it. KIDA_E_USAGE for a
 *         name or id that must not be sent; nothing was sent then.
 * Limits: waits while config.max_queued_output bytes are unsent.
 * Thread: waits
 */
CHIRP_API kida_status chirp_sse_send(chirp_sse *sse, const chirp_event *event);

/** Sends data alone. Errors: as chirp_sse_send. Thread: waits */
CHIRP_API kida_status chirp_sse_data(chirp_sse *sse, kida_str data);

/** Sends a value as JSON under an event name (NULL: none). Errors: as chirp_sse_send. */
CHIRP_API kida_status chirp_sse_json(chirp_sse *sse, const char *event, kida_value value);

/** Sends a comment, which clients skip. Errors: as chirp_sse_send. Thread: waits */
CHIRP_API kida_status chirp_sse_comment(chirp_sse *sse, kida_str text);

/**
 * Renders one block and sends it: as event `fragment`, or with a target as event of that name whose
 * data is an out-of-band element for the id.
 *
 * Errors: as chirp_sse_send. A block that fails is logged and left out (KIDA_OK), with config.debug
 *         shown in its place.
 * Thread: waits
 */
CHIRP_API kida_status chirp_sse_fragment(chirp_sse *sse, const char *name, const char *block,
                                         const char *target, kida_value context);

/* ---- hubs ---------------------------------------------------------------------------------- */

/** A channel: what any thread publishes reaches every subscription of every worker, in order. */
typedef struct chirp_hub chirp_hub;

/** What becomes of a subscriber whose queue is full. */
typedef enum chirp_slow_policy {
    CHIRP_SLOW_DROP = 0, /* its oldest event goes */
    CHIRP_SLOW_CLOSE,    /* its subscription ends: the client comes back by itself */
    CHIRP_SLOW_SKIP      /* the new event is not for it */
} chirp_slow_policy;

/** How a hub behaves; zeroed: the defaults. */
typedef struct chirp_hub_options {
    uint32_t max_events;    /* waiting for one subscriber; 0: 256 */
    size_t max_bytes;       /* of them; 0: 256 KiB */
    chirp_slow_policy slow;
    uint32_t history;    /* events kept for clients that come back; 0: none */
    size_t history_bytes; /* of them; 0: 1 MiB */
    kida_allocator allocator; /* zeroed: the C library's */
} chirp_hub_options;

/** Makes a hub; options NULL: the defaults. Owner: free it after the app. Errors: NULL when out of
 *  memory, or without a source of randomness for a history. Thread: any */
CHIRP_API CHIRP_MUST_USE chirp_hub *chirp_hub_new(const chirp_hub_options *options);

/** Frees a hub that nobody uses any more; NULL is fine. Thread: owner */
CHIRP_API void chirp_hub_free(chirp_hub *hub);

/**
 * Sends an event to those that subscribe to topic, and to those without a topic; an empty topic
 * reaches all. Never waits for a subscriber. Everything is copied. With a history, an event without
 * an id gets one.
 *
 * Errors: KIDA_E_USAGE as chirp_sse_send, KIDA_E_NOMEM. An event larger than max_bytes reaches
 *         nobody: KIDA_E_LIMIT_MEMORY.
 * Thread: any
 */
CHIRP_API kida_status chirp_hub_publish(chirp_hub *hub, kida_str topic, const chirp_event *event);

/**
 * Publishes a rendered block in the form of chirp_sse_fragment; rendered once for all clients.
 *
 * Errors: those of the template; KIDA_E_USAGE before the app is frozen; as chirp_hub_publish.
 * Thread: any
 */
CHIRP_API kida_status chirp_hub_publish_fragment(chirp_hub *hub, chirp_app *app, kida_str topic,
                                                 const char *name, const char *block,
                                                 const char *target, kida_value context,
                                                 kida_error *err);

/**
 * Ends the subscriptions of a topic (empty: all) behind what was published so far; those without a
 * topic go on. Errors: KIDA_E_NOMEM. Thread: any
 */
CHIRP_API kida_status chirp_hub_close(chirp_hub *hub, kida_str topic);

/** How many subscriptions there are. Thread: any */
CHIRP_API size_t chirp_hub_count(chirp_hub *hub);

/** One subscription of a request. */
typedef struct chirp_subscription chirp_subscription;

/**
 * Takes part from now on; ends with the response at the latest.
 *
 * Owner:  topic (empty: everything) is copied. Errors: NULL when out of memory.
 * Thread: owner
 */
CHIRP_API CHIRP_MUST_USE chirp_subscription *chirp_hub_join(chirp_request *req, chirp_hub *hub,
                                                            kida_str topic);

/**
 * The same, but first come the events of the history that were published behind the one with
 * last_id, nothing twice and nothing left out in between. An id that is not there any more (too
 * old, or of another run of the server) stands for the beginning of the history; a missing one for
 * its end.
 *
 * Owner and errors: as chirp_hub_join. Limits: the queue of the subscriber holds only new events.
 * Thread: owner
 */
CHIRP_API CHIRP_MUST_USE chirp_subscription *
chirp_hub_join_after(chirp_request *req, chirp_hub *hub, kida_str topic, kida_str last_id);

/** Ends a subscription early; NULL is fine. Thread: owner */
CHIRP_API void chirp_hub_leave(chirp_subscription *subscription);

/**
 * Waits for the next event.
 *
 * Owner:  *event is valid until the next call for the same subscription.
 * Errors: KIDA_E_STOPPED: the client has gone, the server stops, or the subscription was closed
 *         because its queue was full, or by chirp_hub_close.
 * Thread: waits
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_hub_next(chirp_subscription *subscription,
                                                    const chirp_event **event);

/** How many events were dropped since the last call. Thread: owner */
CHIRP_API uint64_t chirp_hub_dropped(chirp_subscription *subscription);

/** Joins, and sends all events to the client until it leaves; what it has missed since its
 *  Last-Event-ID comes first, if the hub has a history. Errors: as chirp_hub_next. Thread: waits */
CHIRP_API kida_status chirp_sse_follow(chirp_sse *sse, chirp_hub *hub, kida_str topic);

KIDA_END_DECLS

#endif
