/* SPDX-License-Identifier: MIT */
/* headers.c - fields that keep browsers from guessing, framing and leaking (SH-1, SH-2). */
#include <chirp/security.h>

#include "config/fail.h"
#include "layer.h"

typedef struct headers_layer {
    ch_layer_memory memory;
    const char *frame_options; /* empty texts are not sent */
    const char *referrer_policy;
    const char *content_policy;
    const char *transport_security;
    bool no_sniff;
} headers_layer;

static void
add(chirp_reply *reply, const char *name, const char *value)
{
    if (value[0] != '\0' && !chirp_given(chirp_reply_header(reply, name)))
        chirp_reply_add_header(reply, name, value);
}

static chirp_reply *
apply_headers(chirp_request *req, chirp_next *next, void *user)
{
    const headers_layer *layer = user;
    chirp_reply *reply = chirp_proceed(next, req);
    bool is_html = ch_reply_type_is(reply, KIDA_S("text/html"));
    if (is_html)
        add(reply, "x-frame-options", layer->frame_options);
    if (layer->no_sniff)
        add(reply, "x-content-type-options", "nosniff");
    if (is_html) {
        add(reply, "referrer-policy", layer->referrer_policy);
        /* Two policies would both hold: the one with the nonce comes from further out. */
        if (chirp_csp_nonce(req).len == 0)
            add(reply, "content-security-policy", layer->content_policy);
    }
    if (kida_str_equal(chirp_scheme(req), KIDA_S("https")))
        add(reply, "strict-transport-security", layer->transport_security);
    return reply;
}

void
chirp_security_options_init(chirp_security_options *options)
{
    *options = (chirp_security_options){
        .size = sizeof(*options),
        .frame_options = "DENY",
        .referrer_policy = "strict-origin-when-cross-origin",
        .content_policy = "default-src 'self'; script-src 'self' 'unsafe-inline' "
                          "https://unpkg.com https://cdn.jsdelivr.net; base-uri 'self'; "
                          "frame-ancestors 'none'; object-src 'none'",
        .no_sniff = true,
    };
}

static bool
fill(headers_layer *layer, const chirp_security_options *options)
{
    layer->frame_options = ch_layer_text(layer, options->frame_options).ptr;
    layer->referrer_policy = ch_layer_text(layer, options->referrer_policy).ptr;
    layer->content_policy = ch_layer_text(layer, options->content_policy).ptr;
    layer->transport_security = ch_layer_text(layer, options->transport_security).ptr;
    layer->no_sniff = options->no_sniff;
    return layer->frame_options && layer->referrer_policy && layer->content_policy &&
           layer->transport_security;
}

kida_status
chirp_use_security_headers(chirp_app *app, const chirp_security_options *options, kida_error *err)
{
    kida_error local;
    err = ch_error_or(err, &local);
    chirp_security_options defaults;
    if (!options) {
        chirp_security_options_init(&defaults);
        options = &defaults;
    }
    kida_status st = ch_options_check(options->size, sizeof(*options), err);
    headers_layer *layer = st == KIDA_OK ? ch_layer_new(app, sizeof(*layer)) : NULL;
    if (!layer || !fill(layer, options)) {
        ch_layer_free(layer);
        return ch_layer_failed(app, st, err);
    }
    return chirp_use(app, apply_headers, layer, ch_layer_free);
}
