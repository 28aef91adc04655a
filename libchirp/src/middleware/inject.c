/* SPDX-License-Identifier: MIT */
/* inject.c - markup put into whole pages (row 6.6). */
#define _GNU_SOURCE
#include <chirp/security.h>

#include <string.h>

#include "config/fail.h"
#include "config/text.h"
#include "http/request.h"
#include "layer.h"

#define SCRIPTS_MAX 8

typedef struct inject_layer {
    ch_layer_memory memory;
    kida_str parts[SCRIPTS_MAX + 1]; /* the snippet, cut behind each `<script` */
    size_t count;
    kida_str before;
    bool full_page_only;
} inject_layer;

static bool
is_eligible(const chirp_request *req, const chirp_reply *reply)
{
    if (!chirp_reply_is_whole(reply) || chirp_reply_is_failure(reply) ||
        chirp_reply_is_partial(reply) || ch_status_is_bodiless(chirp_reply_status(reply)) ||
        !ch_reply_type_is(reply, KIDA_S("text/html")) ||
        chirp_given(chirp_reply_header(reply, "content-encoding")))
        return false;
    return chirp_reply_is_page(reply) || !chirp_is_fragment(req);
}

static void
put_snippet(const inject_layer *layer, kida_buf *out, kida_str nonce)
{
    for (size_t i = 0; i < layer->count; i++) {
        if (i > 0 && nonce.len > 0) {
            kida_buf_put(out, KIDA_S(" nonce=\""));
            kida_buf_put(out, nonce);
            kida_buf_byte(out, '"');
        }
        kida_buf_put(out, layer->parts[i]);
    }
}

static chirp_reply *
apply_inject(chirp_request *req, chirp_next *next, void *user)
{
    const inject_layer *layer = user;
    chirp_reply *reply = chirp_proceed(next, req);
    if (!is_eligible(req, reply))
        return reply;
    kida_str body = chirp_reply_body(reply);
    const char *mark = body.len > 0 ? memmem(body.ptr, body.len, layer->before.ptr,
                                             layer->before.len) : NULL;
    if (!mark && (layer->full_page_only || body.len == 0))
        return reply;
    size_t at = mark ? (size_t)(mark - body.ptr) : body.len;
    kida_buf *out = chirp_buffer(req);
    if (!out)
        return NULL;
    kida_buf_put(out, ch_str_slice(body, 0, at));
    put_snippet(layer, out, chirp_csp_nonce(req));
    kida_buf_put(out, ch_str_slice(body, at, body.len));
    return kida_buf_status(out) == KIDA_OK ? chirp_reply_set_body(reply, kida_buf_str(out)) : NULL;
}

void
chirp_inject_options_init(chirp_inject_options *options)
{
    *options = (chirp_inject_options){ .size = sizeof(*options), .before = "</body>" };
}

static kida_status
fill(inject_layer *layer, const chirp_inject_options *options, kida_error *err)
{
    static const char script[] = "<script";
    kida_str text = ch_layer_text(layer, options->snippet);
    layer->before = ch_layer_text(layer, options->before);
    layer->full_page_only = options->full_page_only;
    if (!text.ptr || !layer->before.ptr)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for a snippet");
    if (text.len == 0 || layer->before.len == 0)
        return ch_fail(err, KIDA_E_USAGE, "an injection needs a snippet and a mark");
    while (layer->count < SCRIPTS_MAX && text.len > 0) {
        const char *tag = memmem(text.ptr, text.len, script, sizeof(script) - 1);
        size_t end = tag ? (size_t)(tag - text.ptr) + sizeof(script) - 1 : text.len;
        layer->parts[layer->count++] = ch_str_slice(text, 0, end);
        text = ch_str_slice(text, end, text.len);
        if (!tag)
            break;
    }
    if (text.len > 0 && layer->count == SCRIPTS_MAX)
        return ch_fail(err, KIDA_E_USAGE, "a snippet may hold at most %d scripts", SCRIPTS_MAX - 1);
    return KIDA_OK;
}

kida_status
chirp_use_inject(chirp_app *app, const chirp_inject_options *options, kida_error *err)
{
    kida_error local;
    err = ch_error_or(err, &local);
    chirp_inject_options defaults;
    if (!options) {
        chirp_inject_options_init(&defaults);
        options = &defaults;
    }
    kida_status st = ch_options_check(options->size, sizeof(*options), err);
    inject_layer *layer = st == KIDA_OK ? ch_layer_new(app, sizeof(*layer)) : NULL;
    if (!layer)
        return ch_layer_failed(app, st, err);
    st = fill(layer, options, err);
    if (st != KIDA_OK) {
        ch_layer_free(layer);
        return ch_layer_failed(app, st, err);
    }
    return chirp_use(app, apply_inject, layer, ch_layer_free);
}
