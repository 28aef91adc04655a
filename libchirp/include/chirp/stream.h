/* SPDX-License-Identifier: MIT */
/* stream.h - answers that are sent piece by piece: bytes and templates as they come, pages whose
 * slow parts follow their shell. */
#ifndef CHIRP_STREAM_H
#define CHIRP_STREAM_H

#include "hypermedia.h"

KIDA_BEGIN_DECLS

/** The body of a streamed answer, while its function runs. */
typedef struct chirp_stream chirp_stream;

/**
 * Writes a body. Runs after the handler and all middleware have returned, on the coroutine of the
 * request, from top to bottom: it releases what it owns before it returns.
 *
 * Owner:  user as given to chirp_reply_stream. A request that wants no body (HEAD, a reply that
 *         middleware has replaced) never calls it, so what must be freed in any case goes to
 *         chirp_g_set.
 * Errors: before the first piece a failure is answered as that of a handler (500). Later the status
 *         has left: HTML gets a comment (a box with config.debug), then the connection is broken
 *         off, so that nobody takes the body for a whole one.
 * Thread: waits
 */
typedef kida_status chirp_stream_fn(chirp_stream *stream, void *user);

/**
 * 200 with a body that fn writes: chunked for HTTP/1.1, up to the end of the connection for 1.0.
 * Status, headers and cookies may be set as on any reply.
 *
 * Owner:  content_type (NULL: text/html) and user are borrowed until the response has ended; use
 *         chirp_alloc.
 * Thread: owner
 */
CHIRP_API chirp_reply *chirp_reply_stream(chirp_request *req, const char *content_type,
                                          chirp_stream_fn *fn, void *user);

/**
 * A whole template, sent while it renders; `flush` in the template sends what there is. Iterators
 * and attributes of host objects may wait.
 *
 * Owner:  as chirp_reply_template.
 * Errors: as for chirp_stream_fn.
 * Thread: owner
 */
CHIRP_API chirp_reply *chirp_reply_template_stream(chirp_request *req, const char *name,
                                                   kida_value context);

/** Whether the body is written piece by piece: chirp_reply_body is empty then. Thread: owner */
CHIRP_API bool chirp_reply_is_stream(const chirp_reply *reply);

/** The request that is being answered. Thread: owner */
CHIRP_API chirp_request *chirp_stream_request(const chirp_stream *stream);

/**
 * Sends a piece; an empty one does nothing. Pieces leave when the handler waits, when 16 KiB are
 * there, and at chirp_stream_flush.
 *
 * Owner:  the bytes are free again on return.
 * Errors: KIDA_E_STOPPED when the client has gone: return it. The end of the client's input counts
 *         as leaving, and is seen in every call that waits. KIDA_E_NOMEM.
 * Limits: waits while config.max_queued_output bytes are unsent, until a quarter is left.
 * Thread: waits
 */
CHIRP_API kida_status chirp_stream_write(chirp_stream *stream, kida_str piece);

/** Sends a formatted piece. Errors: as chirp_stream_write. Thread: waits */
CHIRP_API kida_status chirp_stream_writef(chirp_stream *stream, const char *format, ...)
    KIDA_PRINTF(2, 3);

/** Hands all pieces so far to the socket. Errors: KIDA_E_STOPPED. Thread: owner */
CHIRP_API kida_status chirp_stream_flush(chirp_stream *stream);

/**
 * Renders a template (block NULL) or one block of it into the stream, piece by piece.
 *
 * Errors: those of the template, kept for the log and the debug box: return the status.
 * Thread: waits
 */
CHIRP_API kida_status chirp_stream_render(chirp_stream *stream, const char *name,
                                          const char *block, kida_value context);

/** Says why the function is about to fail; copied. Returns error->status. Thread: owner */
CHIRP_API kida_status chirp_stream_fail(chirp_stream *stream, const kida_error *error);

/* ---- suspense ------------------------------------------------------------------------------ */

/**
 * Works out a late value on a helper thread.
 *
 * Owner:  *out and what it points to live in pool, which belongs to this call until it returns.
 * Errors: fill err in and return its status: the blocks of this value become a comment.
 * Thread: any; it may use neither the request nor what other threads change.
 */
typedef kida_status chirp_defer_fn(void *arg, kida_pool *pool, kida_value *out, kida_error *err);

/** One value that a page need not wait for. */
typedef struct chirp_deferred {
    const char *name;     /* variable of the template; none in the shell */
    chirp_defer_fn *work;
    void *arg;
    const char *blocks;   /* that show it: "stats" or "stats, chart"; NULL: all that read it */
} chirp_deferred;

/**
 * A page whose shell leaves at once, with the deferred variables none, followed by each block as
 * soon as all of its values are there, in any order: out-of-band elements for htmx, `<template>`
 * and a small script for browsers. A block replaces, or fills, the element of the shell whose id is
 * the block's name.
 *
 * The scripts carry the nonce of chirp_use_csp_nonce.
 *
 * Owner:  the array is copied; texts and args are borrowed until the response has ended. context is
 *         a dict or none.
 * Errors: a value or block that fails leaves a comment in its place, the others go on.
 * Limits: CHIRP_DEFERRED_MAX values and as many blocks; beyond: 500.
 * Thread: owner
 */
CHIRP_API chirp_reply *chirp_reply_suspense(chirp_request *req, const char *name,
                                            kida_value context, const chirp_deferred *deferred,
                                            size_t count);

/**
 * The same for a page with layouts: the shell is what chirp_reply_compose gives this client, the
 * late blocks are those of page->name.
 *
 * Owner:  everything that page points to is borrowed until the response has ended.
 * Errors and limits: as chirp_reply_suspense.
 * Thread: owner
 */
CHIRP_API chirp_reply *chirp_reply_suspense_page(chirp_request *req, const chirp_page *page,
                                                 const chirp_deferred *deferred, size_t count);

#define CHIRP_DEFERRED_MAX 32

KIDA_END_DECLS

#endif
