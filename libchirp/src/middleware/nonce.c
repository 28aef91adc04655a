/* SPDX-License-Identifier: MIT */
/* nonce.c - a Content-Security-Policy whose nonce is fresh for each answer (SH-1, row 6.12). */
#include <chirp/security.h>

#include "config/fail.h"
#include "config/secret.h"
#include "http/request.h"
#include "layer.h"

#define NONCE_BYTES 22
#define STATE_NAME "chirp.csp_nonce"

typedef struct nonce_layer {
    ch_layer_memory memory;
    const char *base;
    const char *script_hosts;
    bool unsafe_eval;
} nonce_layer;

/* Makes the nonce of a request and keeps it; NULL when out of memory. */
static const char *
make_nonce(chirp_request *req)
{
    unsigned char bytes[NONCE_BYTES];
    char *text = chirp_alloc(req, CH_BASE64_ROOM(NONCE_BYTES));
    if (!text)
        return NULL;
    ch_random(bytes, sizeof(bytes));
    (void)ch_base64_write(bytes, sizeof(bytes), text, CH_BASE64_ROOM(NONCE_BYTES));
    return chirp_g_set(req, STATE_NAME, text, NULL) == KIDA_OK ? text : NULL;
}

kida_str
chirp_csp_nonce(const chirp_request *req)
{
    return kida_str_from(chirp_g_get(req, STATE_NAME));
}

static chirp_reply *
apply_nonce(chirp_request *req, chirp_next *next, void *user)
{
    const nonce_layer *layer = user;
    const char *nonce = make_nonce(req);
    if (!nonce)
        return NULL;
    chirp_reply *reply = chirp_proceed(next, req);
    if (!reply || chirp_given(chirp_reply_header(reply, "content-security-policy")))
        return reply;
    const char *policy = ch_request_format(
        req, "%s%sscript-src 'self'%s 'nonce-%s'%s%s", layer->base, layer->base[0] ? "; " : "",
        layer->unsafe_eval ? " 'unsafe-eval'" : "", nonce, layer->script_hosts[0] ? " " : "",
        layer->script_hosts);
    return policy ? chirp_reply_add_header(reply, "content-security-policy", policy) : NULL;
}

void
chirp_csp_options_init(chirp_csp_options *options)
{
    *options = (chirp_csp_options){
        .size = sizeof(*options),
        .base = "default-src 'self'; base-uri 'self'; frame-ancestors 'none'; object-src 'none'",
        .script_hosts = "https://unpkg.com https://cdn.jsdelivr.net",
    };
}

static kida_status
fill(nonce_layer *layer, const chirp_csp_options *options, kida_error *err)
{
    layer->base = ch_layer_text(layer, options->base).ptr;
    layer->script_hosts = ch_layer_text(layer, options->script_hosts).ptr;
    layer->unsafe_eval = options->unsafe_eval;
    if (!layer->base || !layer->script_hosts)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for the nonce layer");
    return ch_secret_init(err);
}

kida_status
chirp_use_csp_nonce(chirp_app *app, const chirp_csp_options *options, kida_error *err)
{
    kida_error local;
    err = ch_error_or(err, &local);
    chirp_csp_options defaults;
    if (!options) {
        chirp_csp_options_init(&defaults);
        options = &defaults;
    }
    kida_status st = ch_options_check(options->size, sizeof(*options), err);
    nonce_layer *layer = st == KIDA_OK ? ch_layer_new(app, sizeof(*layer)) : NULL;
    if (!layer)
        return ch_layer_failed(app, st, err);
    st = fill(layer, options, err);
    if (st != KIDA_OK) {
        ch_layer_free(layer);
        return ch_layer_failed(app, st, err);
    }
    return chirp_use(app, apply_nonce, layer, ch_layer_free);
}
