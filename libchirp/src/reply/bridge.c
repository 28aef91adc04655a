/* SPDX-License-Identifier: MIT */
/* bridge.c - the one file that renders. */
#define _GNU_SOURCE
#include "reply.h"

#include <chirp/security.h>

#include "app/app.h"
#include "worker/conn.h"
#include "worker/worker.h"

/* What hx_request() and friends answer; none for a plain browser request. */
static kida_value
request_meta(chirp_request *req)
{
    kida_value meta = kida_none();
    kida_str nonce = chirp_csp_nonce(req);
    bool is_htmx = chirp_is_fragment(req) || chirp_is_boosted(req);
    if (!is_htmx && nonce.len == 0)
        return meta;
    kida_pool *pool = chirp_pool(req);
    if (!is_htmx)
        return pool && kida_context(pool, &meta, "csp_nonce", kida_string(nonce), NULL) == KIDA_OK
                   ? meta : kida_none();
    kida_str target = chirp_hx_target(req);
    kida_str trigger = chirp_hx_trigger(req);
    if (!pool || kida_context(pool, &meta, "hx_request", kida_bool(chirp_is_fragment(req)),
                              "hx_boosted", kida_bool(chirp_is_boosted(req)), "hx_target",
                              chirp_given(target) ? kida_string(target) : kida_none(),
                              "hx_trigger",
                              chirp_given(trigger) ? kida_string(trigger) : kida_none(),
                              "csp_nonce", kida_string(nonce), NULL) != KIDA_OK)
        return kida_none();
    return meta;
}

/* Adds current_path to a context that can take it. */
static kida_status
add_path(chirp_request *req, kida_value *context)
{
    static const kida_str name = KIDA_S_INIT("current_path");
    kida_value path = kida_string(chirp_path(req));
    kida_kind kind = kida_kind_of(*context);
    if (kind == KIDA_NONE || kind == KIDA_ABSENT) {
        kida_pool *pool = chirp_pool(req);
        return pool ? kida_context(pool, context, "current_path", path, NULL) : KIDA_E_NOMEM;
    }
    if (kind != KIDA_DICT || kida_kind_of(kida_dict_get(*context, name)) != KIDA_ABSENT)
        return KIDA_OK;
    kida_status st = kida_dict_set(*context, kida_string(name), path);
    return st == KIDA_E_NOMEM ? st : KIDA_OK; /* a sealed context just goes without */
}

static kida_status
render(chirp_request *req, chirp_reply *reply, kida_template *tpl, kida_buf *out, kida_error *err)
{
    kida_render_options options;
    kida_render_options_init(&options);
    options.block = reply->block;
    options.meta = request_meta(req);
    options.host = req;

    ch_renderer_pool *pool = ch_worker_renderers(req->worker);
    ch_renderer *renderer = ch_renderer_take(pool, req->frozen->env);
    if (!renderer) {
        err->status = KIDA_E_NOMEM;
        return KIDA_E_NOMEM;
    }
    kida_status st = kida_render_buf(renderer->renderer, tpl, reply->context, &options, out, err);
    ch_renderer_give(pool, renderer);
    return st;
}

kida_status
ch_reply_render(chirp_request *req, chirp_reply *reply, kida_error *err)
{
    kida_error_init(err);
    err->status = KIDA_E_NOMEM;
    kida_buf *out = ch_conn_body(req->conn);
    if (!out || (reply->with_path && add_path(req, &reply->context) != KIDA_OK))
        return KIDA_E_NOMEM;

    kida_error_init(err);
    kida_template *tpl = kida_env_get(req->frozen->env, reply->name, err);
    if (!tpl)
        return err->status != KIDA_OK ? err->status : KIDA_E_NOT_FOUND;
    kida_status st = render(req, reply, tpl, out, err);
    kida_template_drop(tpl);
    if (st == KIDA_OK)
        reply->body = kida_buf_str(out);
    return st;
}
