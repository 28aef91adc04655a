/* SPDX-License-Identifier: MIT */
/* builtin.c - layers that the config asks for, in their fixed places (row 6.2). */
#include "app.h"

#include <chirp/security.h>

#include "config/text.h"

typedef kida_status add_fn(chirp_app *app, kida_error *err);

static bool
is_production(const chirp_app *app)
{
    return kida_str_equal(kida_str_from(app->config.env), KIDA_S("production"));
}

static kida_status
add_nonce(chirp_app *app, kida_error *err)
{
    chirp_csp_options options;
    chirp_csp_options_init(&options);
    return app->config.csp_nonce_enabled ? chirp_use_csp_nonce(app, &options, err) : KIDA_OK;
}

static kida_status
add_headers(chirp_app *app, kida_error *err)
{
    chirp_security_options options;
    const char *policy = app->config.strict_transport_security;
    if (!is_production(app) && policy[0] == '\0')
        return KIDA_OK;
    chirp_security_options_init(&options);
    options.transport_security = policy[0] ? policy : "max-age=63072000; includeSubDomains";
    return chirp_use_security_headers(app, &options, err);
}

static kida_status
add_static(chirp_app *app, kida_error *err)
{
    chirp_static_options options;
    if (!ch_is_directory(app->config.static_dir))
        return KIDA_OK;
    chirp_static_options_init(&options);
    options.directory = app->config.static_dir;
    options.prefix = app->config.static_url;
    if (app->config.debug)
        options.cache_control = "no-cache"; /* a changed file shows at once */
    return chirp_use_static(app, &options, err);
}

static kida_status
add_all(chirp_app *app, add_fn *const *adders, kida_error *err)
{
    kida_status st = KIDA_OK;
    for (; *adders && st == KIDA_OK; adders++)
        st = (*adders)(app, err);
    return st;
}

kida_status
ch_app_add_builtins(chirp_app *app, kida_error *err)
{
    static add_fn *const outer[] = { NULL };
    static add_fn *const inner[] = { add_nonce, add_headers, add_static, NULL };

    /* Those outside of the user's go to the front of the list. */
    ch_layer *own = app->layers, **own_end = app->layers_end;
    app->layers = NULL;
    app->layers_end = &app->layers;
    kida_status st = add_all(app, outer, err);
    *app->layers_end = own;
    if (own)
        app->layers_end = own_end;
    return st == KIDA_OK ? add_all(app, inner, err) : st;
}
