/* SPDX-License-Identifier: MIT */
/* middleware.h - layers around every handler. */
#ifndef CHIRP_MIDDLEWARE_H
#define CHIRP_MIDDLEWARE_H

#include "reply.h"

KIDA_BEGIN_DECLS

struct chirp_app;

/** The rest of the chain, as one layer sees it; lives during that layer's call. */
typedef struct chirp_next chirp_next;

/**
 * One layer: answers by itself, or returns what chirp_proceed gave it, perhaps changed.
 *
 * Owner:  user as given to chirp_use; one layer runs on all workers at once.
 * Thread: waits
 */
typedef chirp_reply *chirp_middleware_fn(chirp_request *req, chirp_next *next, void *user);

/**
 * Runs the layers further in and the handler. Failures come back as replies too.
 *
 * Errors: a second call from the same layer returns a reply with status 500.
 * Thread: waits
 */
CHIRP_API chirp_reply *chirp_proceed(chirp_next *next, chirp_request *req);

/**
 * Adds a layer inside those added before.
 *
 * Owner:  free_user (NULL: nothing) is called once: with the app, or at once on failure.
 * Errors: KIDA_E_FROZEN after freeze; others are also reported by chirp_app_freeze.
 * Thread: setup
 */
CHIRP_API kida_status chirp_use(struct chirp_app *app, chirp_middleware_fn *layer, void *user,
                                void (*free_user)(void *));

/** Whether a layer was added already, for those that need another. Thread: setup */
CHIRP_API bool chirp_uses(struct chirp_app *app, chirp_middleware_fn *layer);

/*
 * The layers that come with the library. Each has an option struct, filled by its init function and
 * then changed where it differs; texts and lists in it are copied. A function that adds a layer
 * answers KIDA_E_FROZEN after freeze, KIDA_E_USAGE for options out of range, KIDA_E_NOMEM; with err
 * (may be NULL), and the failure is also reported by chirp_app_freeze.  Thread: setup
 */

/* ---- static files -------------------------------------------------------------------------- */

/** Files of a directory under a path. */
typedef struct chirp_static_options {
    size_t size;                /* of this struct */
    const char *directory;      /* must exist */
    const char *prefix;         /* "/static"; "/": every path that is a file */
    const char *index;          /* file that stands for its directory, "index.html"; "": none */
    const char *not_found_page; /* file for 404s of the inner layers; NULL: none */
    const char *cache_control;  /* "public, max-age=3600"; "": not sent */
    bool follow_links;          /* symbolic links that stay inside, true */
    bool precompressed;         /* file.br, file.zst, file.gz beside file, true */
    bool download;              /* all as attachments: for what users have uploaded */
} chirp_static_options;

CHIRP_API void chirp_static_options_init(chirp_static_options *options);

/**
 * Serves files by GET and HEAD, with entity tags, dates, conditional requests, one range,
 * precompressed variants and types by name. What is no file goes on to the inner layers. Files
 * whose name or directory begins with a dot are not served, except below `.well-known`.
 *
 * Errors: also KIDA_E_IO if the directory can't be opened.
 */
CHIRP_API kida_status chirp_use_static(struct chirp_app *app, const chirp_static_options *options,
                                       kida_error *err);

KIDA_END_DECLS

#endif
