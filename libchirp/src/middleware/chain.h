/* SPDX-License-Identifier: MIT */
/* chain.h - the layers around the handlers, as an array made at freeze. */
#ifndef CH_MIDDLEWARE_CHAIN_H
#define CH_MIDDLEWARE_CHAIN_H

#include <chirp/middleware.h>

typedef struct ch_link {
    chirp_middleware_fn *layer;
    void *user;
} ch_link;

/* What stands inside and between the layers; given by reply/. */
typedef struct ch_chain_end {
    chirp_reply *(*answer)(chirp_request *req);                     /* route, handler */
    chirp_reply *(*settle)(chirp_request *req, chirp_reply *reply); /* to bytes */
} ch_chain_end;

/* Immutable after freeze. */
typedef struct ch_chain {
    const ch_link *links; /* outermost first */
    size_t count;
    const ch_chain_end *end;
} ch_chain;

/* Sends a request through all layers; NULL: memory is out. */
chirp_reply *ch_chain_run(const ch_chain *chain, chirp_request *req);

/* What the innermost end of the chain does to a handler's reply: templates become bytes, failures
 * their page. A layer that calls a handler itself needs it; app/app.c. */
chirp_reply *ch_request_settle(chirp_request *req, chirp_reply *reply);

#endif
