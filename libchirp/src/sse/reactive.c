/* SPDX-License-Identifier: MIT */
/* reactive.c - an event stream that sends the blocks which a change concerns. */
#include <chirp/reactive.h>

#include "http/request.h"
#include "sse.h"
#include "worker/worker.h"

typedef struct follower {
    chirp_reactive reactive;
    chirp_listener *listener;
} follower;

/* One change on its way; the context is made when the first block wants it. */
typedef struct turn {
    chirp_sse *sse;
    const follower *follower;
    const chirp_change *change;
    kida_pool *pool;
    kida_value context;
} turn;

static kida_status
make_context(turn *t)
{
    const chirp_reactive *reactive = &t->follower->reactive;
    chirp_request *req = chirp_sse_request(t->sse);
    kida_error err;
    kida_error_init(&err);
    t->pool = kida_pool_new(&req->allocator, req->config->request_memory);
    kida_status st = t->pool ? KIDA_OK : KIDA_E_NOMEM;
    if (st == KIDA_OK)
        st = reactive->context(req, t->change, t->pool, &t->context, reactive->user, &err);
    if (st == KIDA_OK && kida_kind_of(t->context) != KIDA_DICT)
        st = KIDA_E_TYPE;
    if (st != KIDA_OK && !chirp_is_gone(req)) {
        const char *why = err.message[0] ? err.message : kida_status_text(st);
        ch_worker_log(req->worker, CHIRP_LEVEL_ERROR, "a change is passed over: %s", why);
    }
    return st;
}

static kida_status
send_block(void *arg, const chirp_affected *block)
{
    turn *t = arg;
    if (!t->pool) {
        kida_status st = make_context(t);
        if (st != KIDA_OK)
            return chirp_is_gone(chirp_sse_request(t->sse)) ? KIDA_E_STOPPED : st;
    }
    return ch_sse_fragment(t->sse, block->name, block->block, block->event, block->target,
                           t->context);
}

static kida_status
run(chirp_sse *sse, void *user)
{
    const follower *f = user;
    const chirp_reactive *reactive = &f->reactive;
    kida_status st = KIDA_OK;
    while (st == KIDA_OK) {
        turn t = { .sse = sse, .follower = f };
        st = chirp_bus_next(f->listener, &t.change);
        if (st != KIDA_OK)
            break;
        if (reactive->origin.len > 0 && kida_str_equal(reactive->origin, t.change->origin))
            continue;
        st = chirp_deps_affected(reactive->deps, t.change->paths, t.change->path_count, send_block,
                                 &t);
        kida_pool_free(t.pool);
        if (st != KIDA_E_STOPPED)
            st = KIDA_OK; /* it was logged; the next change may fare better */
    }
    chirp_bus_leave(f->listener);
    return st;
}

chirp_reply *
chirp_reply_reactive(chirp_request *req, const chirp_reactive *reactive)
{
    follower *f = chirp_alloc(req, sizeof(*f));
    if (!f)
        return NULL;
    f->reactive = *reactive;
    f->reactive.scope = chirp_copy(req, reactive->scope);
    f->reactive.origin = chirp_copy(req, reactive->origin);
    if (!f->reactive.scope.ptr || !f->reactive.origin.ptr)
        return NULL;
    chirp_reply *reply = chirp_reply_sse(req, run, f, &reactive->options);
    if (!reply || chirp_reply_is_failure(reply) || !chirp_reply_is_stream(reply))
        return reply;
    /* From now on: the client may have read its page an instant ago. */
    f->listener = chirp_bus_join(req, reactive->bus, f->reactive.scope);
    return f->listener ? reply : NULL;
}
