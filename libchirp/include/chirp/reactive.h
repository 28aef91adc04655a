/* SPDX-License-Identifier: MIT */
/* reactive.h - pages that follow their data: what has changed is told to a bus, an index knows
 * which blocks show it, and each open page gets those blocks anew. */
#ifndef CHIRP_REACTIVE_H
#define CHIRP_REACTIVE_H

#include "sse.h"

KIDA_BEGIN_DECLS

#define CHIRP_PATHS_MAX 64
#define CHIRP_DERIVED_MAX 64

/** What has changed. Texts are borrowed; where one is handed out, until the next call. */
typedef struct chirp_change {
    kida_str scope;        /* whom it concerns: a document, a room; empty: everybody */
    const kida_str *paths; /* as templates read it: "doc.title"; at most CHIRP_PATHS_MAX */
    size_t path_count;
    kida_str origin;       /* who has changed it and knows already; empty: nobody */
} chirp_change;

/* ---- the bus --------------------------------------------------------------------------------- */

/** Takes changes from any thread to those who listen, on all workers, in order. */
typedef struct chirp_bus chirp_bus;

/** Makes a bus; allocator NULL: the C library's. Owner: free it after the app. Errors: NULL when
 *  out of memory. Thread: any */
CHIRP_API CHIRP_MUST_USE chirp_bus *chirp_bus_new(const kida_allocator *allocator);

/** Frees a bus that nobody uses any more; NULL is fine. Thread: owner */
CHIRP_API void chirp_bus_free(chirp_bus *bus);

/**
 * Tells those who listen to the scope. Never waits; everything is copied.
 *
 * Errors: KIDA_E_USAGE for too many paths or line ends in paths or origin, KIDA_E_NOMEM,
 *         KIDA_E_LIMIT_MEMORY for more than 256 KiB of text.
 * Limits: 256 changes wait for one listener; further ones are not told to it.
 * Thread: any
 */
CHIRP_API kida_status chirp_bus_emit(chirp_bus *bus, const chirp_change *change);

/** Ends those who listen to a scope (empty: all), behind what was told so far.
 *  Errors: KIDA_E_NOMEM. Thread: any */
CHIRP_API kida_status chirp_bus_close(chirp_bus *bus, kida_str scope);

/** How many listen. Thread: any */
CHIRP_API size_t chirp_bus_count(chirp_bus *bus);

/** One who listens, for the time of a request. */
typedef struct chirp_listener chirp_listener;

/** Listens from now on, at the latest until the response has ended. Owner: scope (empty:
 *  everything) is copied. Errors: NULL when out of memory. Thread: owner */
CHIRP_API CHIRP_MUST_USE chirp_listener *chirp_bus_join(chirp_request *req, chirp_bus *bus,
                                                        kida_str scope);

/** Ends it early; NULL is fine. Thread: owner */
CHIRP_API void chirp_bus_leave(chirp_listener *listener);

/** Waits for the next change. Errors: KIDA_E_STOPPED: the client has gone, the server stops, or the
 *  scope was closed. Thread: waits */
CHIRP_API CHIRP_MUST_USE kida_status chirp_bus_next(chirp_listener *listener,
                                                    const chirp_change **change);

/* ---- the index ------------------------------------------------------------------------------- */

/** Which blocks of which templates show what. Filled in one thread, for example by a start-up hook;
 *  then read by any. */
typedef struct chirp_deps chirp_deps;

/** One block that has to be rendered anew. Texts live as long as the index. */
typedef struct chirp_affected {
    kida_str name;   /* of the template */
    kida_str block;
    kida_str target; /* id of its element */
    kida_str event;  /* that the element waits for */
} chirp_affected;

/** Makes an index; allocator NULL: the C library's. Owner: chirp_deps_free. Errors: NULL when out
 *  of memory. Thread: any */
CHIRP_API CHIRP_MUST_USE chirp_deps *chirp_deps_new(const kida_allocator *allocator);

/** Frees it; NULL is fine. Thread: owner */
CHIRP_API void chirp_deps_free(chirp_deps *deps);

/**
 * Adds all blocks of a template that read anything; the id of each is the block's name.
 *
 * Errors: those of the template; KIDA_E_USAGE before the app is frozen; KIDA_E_NOMEM.
 * Thread: owner
 */
CHIRP_API kida_status chirp_deps_add(chirp_deps *deps, chirp_app *app, const char *name,
                                     kida_error *err);

/**
 * Adds only the blocks inside of elements with `sse-swap`. The id is that of the element, or else
 * the event it waits for. source is the text of the template; ptr NULL: that of its file.
 *
 * Errors: as chirp_deps_add, and KIDA_E_IO if the file can't be read.
 * Thread: owner
 */
CHIRP_API kida_status chirp_deps_add_swaps(chirp_deps *deps, chirp_app *app, const char *name,
                                           kida_str source, kida_error *err);

/** Says that path is worked out of others (ended by NULL), so it changes when they do; they may be
 *  derived themselves. Errors: KIDA_E_USAGE beyond CHIRP_DERIVED_MAX, KIDA_E_NOMEM.
 *  Thread: owner */
CHIRP_API kida_status chirp_deps_derive(chirp_deps *deps, const char *path,
                                        const char *const *from);

/**
 * Calls each for every block that shows one of the paths, in the order they were added: a path that
 * is the same, lies above a changed one, or below. Returns what each returns unless KIDA_OK.
 *
 * Thread: any
 */
CHIRP_API kida_status chirp_deps_affected(const chirp_deps *deps, const kida_str *paths,
                                          size_t count,
                                          kida_status (*each)(void *arg,
                                                              const chirp_affected *block),
                                          void *arg);

/* ---- the stream ------------------------------------------------------------------------------ */

/**
 * Makes the context (a dict) for the blocks that a change concerns.
 *
 * Owner:  it lives in pool, which is freed when the blocks were sent.
 * Errors: logged, and the change is passed over.
 * Thread: waits
 */
typedef kida_status chirp_reactive_fn(chirp_request *req, const chirp_change *change,
                                      kida_pool *pool, kida_value *context, void *user,
                                      kida_error *err);

/** A page that follows its data. Bus and index outlive the response; the texts are copied. */
typedef struct chirp_reactive {
    chirp_bus *bus;
    const chirp_deps *deps;
    kida_str scope;             /* empty: everything */
    kida_str origin;            /* changes of this origin are passed over; empty: none */
    chirp_reactive_fn *context;
    void *user;
    chirp_sse_options options;
} chirp_reactive;

/**
 * An event stream that sends every block concerned, as chirp_sse_fragment does, after each change
 * that comes from now on.
 *
 * Errors and limits: as chirp_reply_sse.
 * Thread: owner
 */
CHIRP_API chirp_reply *chirp_reply_reactive(chirp_request *req, const chirp_reactive *reactive);

KIDA_END_DECLS

#endif
