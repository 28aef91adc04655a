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

KIDA_END_DECLS

#endif
