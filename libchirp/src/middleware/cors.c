/* SPDX-License-Identifier: MIT */
/* cors.c - which other origins may read answers (CR-1 to CR-3). */
#include <chirp/security.h>

#include <stdio.h>

#include "config/fail.h"
#include "http/request.h"
#include "layer.h"

typedef struct cors_layer {
    ch_layer_memory memory;
    const kida_str *origins;
    size_t origin_count;
    bool has_any;          /* "*" */
    bool with_credentials;
    const char *methods;   /* joined; "": not sent */
    const char *headers;
    const char *exposed;
    char max_age[16];      /* "": not sent */
} cors_layer;

static bool
is_allowed(const cors_layer *layer, kida_str origin)
{
    return chirp_given(origin) &&
           (layer->has_any || ch_listed(layer->origins, layer->origin_count, origin));
}

/* Fields of every answer to an allowed origin. */
static chirp_reply *
add_fields(const cors_layer *layer, chirp_request *req, chirp_reply *reply, kida_str origin)
{
    const char *value = layer->has_any ? "*" : ch_request_text(req, origin);
    if (!value)
        return NULL;
    chirp_reply_set_header(reply, "access-control-allow-origin", value);
    if (!layer->has_any)
        chirp_reply_vary(reply, "Origin");
    if (layer->with_credentials)
        chirp_reply_set_header(reply, "access-control-allow-credentials", "true");
    if (layer->exposed[0] != '\0')
        chirp_reply_set_header(reply, "access-control-expose-headers", layer->exposed);
    return reply;
}

static chirp_reply *
answer_preflight(const cors_layer *layer, chirp_request *req, kida_str origin)
{
    chirp_reply *reply = add_fields(layer, req, chirp_reply_empty(req, 204), origin);
    if (chirp_given(chirp_header(req, "access-control-request-method")) && layer->methods[0])
        chirp_reply_set_header(reply, "access-control-allow-methods", layer->methods);
    if (layer->headers[0] != '\0')
        chirp_reply_set_header(reply, "access-control-allow-headers", layer->headers);
    if (layer->max_age[0] != '\0')
        chirp_reply_set_header(reply, "access-control-max-age", layer->max_age);
    if (!layer->has_any)
        chirp_reply_vary(reply, "Origin");
    chirp_reply_vary(reply, "Access-Control-Request-Method");
    return chirp_reply_vary(reply, "Access-Control-Request-Headers");
}

static chirp_reply *
apply_cors(chirp_request *req, chirp_next *next, void *user)
{
    const cors_layer *layer = user;
    kida_str origin = chirp_header(req, "origin");
    bool allowed = is_allowed(layer, origin);
    if (allowed && req->method == CH_METHOD_OPTIONS)
        return answer_preflight(layer, req, origin);

    chirp_reply *reply = chirp_proceed(next, req);
    if (allowed)
        return add_fields(layer, req, reply, origin);
    /* A cache must not give this answer to an allowed origin (CR-3). */
    return layer->has_any ? reply : chirp_reply_vary(reply, "Origin");
}

void
chirp_cors_options_init(chirp_cors_options *options)
{
    static const char *const methods[] = { "GET", "HEAD", "OPTIONS", NULL };
    *options = (chirp_cors_options){
        .size = sizeof(*options),
        .allow_methods = methods,
        .max_age = 600,
    };
}

/* A list as one header value; false when out of memory. */
static bool
join(cors_layer *layer, const char *const *list, const char **out)
{
    const kida_str *items;
    size_t count;
    if (!ch_layer_list(layer, list, &items, &count))
        return false;
    *out = ch_layer_join(layer, items, count);
    return *out != NULL;
}

static kida_status
fill(cors_layer *layer, const chirp_cors_options *options, kida_error *err)
{
    if (!ch_layer_list(layer, options->allow_origins, &layer->origins, &layer->origin_count) ||
        !join(layer, options->allow_methods, &layer->methods) ||
        !join(layer, options->allow_headers, &layer->headers) ||
        !join(layer, options->expose_headers, &layer->exposed))
        return ch_fail(err, KIDA_E_NOMEM, "no memory for CORS");
    layer->has_any = ch_listed(layer->origins, layer->origin_count, KIDA_S("*"));
    layer->with_credentials = options->allow_credentials;
    if (layer->has_any && layer->with_credentials)
        return ch_fail(err, KIDA_E_USAGE, "CORS for every origin can't go with credentials: list "
                                          "the origins");
    if (options->max_age > 0)
        snprintf(layer->max_age, sizeof(layer->max_age), "%u", options->max_age);
    return KIDA_OK;
}

kida_status
chirp_use_cors(chirp_app *app, const chirp_cors_options *options, kida_error *err)
{
    kida_error local;
    err = ch_error_or(err, &local);
    chirp_cors_options defaults;
    if (!options) {
        chirp_cors_options_init(&defaults);
        options = &defaults;
    }
    kida_status st = ch_options_check(options->size, sizeof(*options), err);
    cors_layer *layer = st == KIDA_OK ? ch_layer_new(app, sizeof(*layer)) : NULL;
    if (!layer)
        return ch_layer_failed(app, st, err);
    st = fill(layer, options, err);
    if (st != KIDA_OK) {
        ch_layer_free(layer);
        return ch_layer_failed(app, st, err);
    }
    return chirp_use(app, apply_cors, layer, ch_layer_free);
}
