/* SPDX-License-Identifier: MIT */
/* chain.c - runs the layers around a handler. */
#include "chain.h"

struct chirp_next {
    const ch_chain *chain;
    size_t at;    /* index of the layer that chirp_proceed enters */
    bool is_used; /* a layer may proceed once */
};

static chirp_reply *
enter(const ch_chain *chain, size_t at, chirp_request *req)
{
    if (at == chain->count)
        return chain->end->answer(req);

    struct chirp_next next = { chain, at + 1, false };
    const ch_link *link = &chain->links[at];
    chirp_reply *reply = link->layer(req, &next, link->user);

    /* A layer may have answered by itself with a template or a failure: those outside of it see
     * bytes and a status, as they do for handlers. */
    return chain->end->settle(req, reply);
}

chirp_reply *
ch_chain_run(const ch_chain *chain, chirp_request *req)
{
    return enter(chain, 0, req);
}

chirp_reply *
chirp_proceed(chirp_next *next, chirp_request *req)
{
    if (next->is_used)
        return chirp_reply_fail(req, 500, "a middleware went on twice");
    next->is_used = true;
    return enter(next->chain, next->at, req);
}
