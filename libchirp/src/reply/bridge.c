/* SPDX-License-Identifier: MIT */
/* bridge.c - the one file that renders. */
#define _GNU_SOURCE
#include "reply.h"

#include <chirp/security.h>

#include "app/app.h"
#include "worker/conn.h"
#include "worker/worker.h"

static kida_value
make_meta(chirp_request *req, bool is_htmx, kida_str nonce)
{
    kida_value meta = kida_none();
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

/* What hx_request() and friends answer; none for a plain browser request. Made once: streams render
 * for hours. */
static kida_value
request_meta(chirp_request *req)
{
    static const char key[] = "chirp.meta";
    kida_str nonce = chirp_csp_nonce(req);
    bool is_htmx = chirp_is_fragment(req) || chirp_is_boosted(req);
    if (!is_htmx && nonce.len == 0)
        return kida_none();
    kida_value meta = chirp_g_get_value(req, key);
    if (kida_kind_of(meta) == KIDA_DICT)
        return meta;
    meta = make_meta(req, is_htmx, nonce);
    if (kida_kind_of(meta) == KIDA_DICT && chirp_g_set_value(req, key, meta) != KIDA_OK)
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

/* tpl or, where that is NULL, the template called what->name. */
static kida_status
render(chirp_request *req, const ch_render *what, kida_template *tpl, kida_error *err)
{
    kida_render_options options;
    kida_render_options_init(&options);
    options.block = what->block;
    options.meta = request_meta(req);
    options.host = req;
    options.blocks = what->blocks;
    options.block_count = what->block_count;
    options.stream = what->in_pieces;
    options.flush = what->flush;
    options.stop = what->stop;

    ch_renderer_pool *pool = ch_worker_renderers(req->worker);
    ch_renderer *renderer = ch_renderer_take(pool, req->frozen->env);
    if (!renderer) {
        err->status = KIDA_E_NOMEM;
        return KIDA_E_NOMEM;
    }
    kida_status st = tpl ? kida_render_with(renderer->renderer, tpl, what->context, &options,
                                            what->sink, what->user, err)
                         : kida_render_named(renderer->renderer, what->name, what->context,
                                             &options, what->sink, what->user, err);
    ch_renderer_give(pool, renderer);
    return st;
}

kida_status
ch_render_to(chirp_request *req, const ch_render *what, kida_error *err)
{
    ch_render own = *what;
    kida_error_init(err);
    if (own.with_path && add_path(req, &own.context) != KIDA_OK) {
        err->status = KIDA_E_NOMEM;
        return KIDA_E_NOMEM;
    }
    if (!own.source.ptr)
        return render(req, &own, NULL, err);
    kida_template *tpl = kida_env_from_source(req->frozen->env, own.name, own.source, err);
    if (!tpl)
        return err->status != KIDA_OK ? err->status : KIDA_E_NOMEM;
    kida_status st = render(req, &own, tpl, err);
    kida_template_drop(tpl);
    return st;
}

static kida_status
to_buffer(void *user, const char *data, size_t len)
{
    kida_buf *out = user;
    kida_buf_put(out, (kida_str){ data, len });
    return kida_buf_status(out);
}

kida_status
ch_render_part(chirp_request *req, ch_render *what, kida_str *out, kida_error *err)
{
    kida_error_init(err);
    err->status = KIDA_E_NOMEM;
    kida_buf *buf = ch_conn_body(req->conn);
    if (!buf)
        return KIDA_E_NOMEM;
    what->sink = to_buffer;
    what->user = buf;
    kida_status st = ch_render_to(req, what, err);
    if (st == KIDA_OK)
        *out = kida_buf_str(buf);
    return st;
}

kida_status
ch_render_text(chirp_request *req, kida_str name, kida_str block, kida_value context,
               kida_str *out, kida_error *err)
{
    ch_render what = { .name = name, .block = block, .context = context };
    return ch_render_part(req, &what, out, err);
}

kida_status
chirp_render(chirp_request *req, const char *name, const char *block, kida_value context,
             kida_str *out, kida_error *err)
{
    return ch_render_text(req, kida_str_from(name), kida_str_from(block), context, out, err);
}

kida_status
ch_render_page(chirp_request *req, kida_str name, kida_str block, const kida_block_html *content,
               kida_value context, kida_str *out, kida_error *err)
{
    ch_render what = { .name = name, .block = block, .context = context, .blocks = content,
                       .block_count = content ? 1 : 0 };
    return ch_render_part(req, &what, out, err);
}

kida_status
ch_reply_render(chirp_request *req, chirp_reply *reply, kida_error *err)
{
    ch_render what = { .name = reply->name, .source = reply->inline_text, .block = reply->block,
                       .context = reply->context, .with_path = reply->with_path };
    return ch_render_part(req, &what, &reply->body, err);
}
