/* SPDX-License-Identifier: MIT */
/* builtin.c - layers that the config asks for, in their fixed places (row 6.2). */
#include "app.h"

#include <chirp/i18n.h>
#include <chirp/security.h>
#include <stdio.h>
#include <string.h>

#include "config/fail.h"
#include "config/text.h"
#include "middleware/snippets.h"

typedef kida_status add_fn(chirp_app *app, kida_error *err);

static bool
is_production(const chirp_app *app)
{
    return kida_str_equal(kida_str_from(app->config.env), KIDA_S("production"));
}

/* ---- outside of the user's layers ------------------------------------------------------------ */

static kida_status
add_compression(chirp_app *app, kida_error *err)
{
    chirp_compress_options options;
    chirp_compress_options_init(&options);
    options.min_size = app->config.compression_min_size;
    return app->config.compression ? chirp_use_compression(app, &options, err) : KIDA_OK;
}

static kida_status
add_health(chirp_app *app, kida_error *err)
{
    chirp_health_options options;
    chirp_health_options_init(&options);
    options.path = app->config.health_check_path;
    return options.path[0] != '\0' ? chirp_use_health(app, &options, err) : KIDA_OK;
}

static kida_status
add_metrics(chirp_app *app, kida_error *err)
{
    chirp_metrics_options options;
    chirp_metrics_options_init(&options);
    options.path = app->config.metrics_path;
    return app->config.metrics_enabled ? chirp_use_metrics(app, &options, err) : KIDA_OK;
}

static kida_status
add_limit(chirp_app *app, kida_error *err)
{
    chirp_limit_options options;
    chirp_limit_options_init(&options);
    options.requests_per_second = app->config.rate_limit_requests_per_second;
    options.burst = app->config.rate_limit_burst;
    options.max_clients = app->config.rate_limit_max_tracked_ips;
    return app->config.rate_limit_enabled ? chirp_use_limit(app, &options, err) : KIDA_OK;
}

/* ---- inside of them -------------------------------------------------------------------------- */

static kida_status
add_cache(chirp_app *app, kida_error *err)
{
    chirp_cache_options options;
    if (!app->config.cache_middleware_enabled)
        return KIDA_OK;
    chirp_cache_options_init(&options);
    options.cache = chirp_app_cache(app);
    if (!options.cache)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for the cache");
    options.ttl = app->config.cache_default_ttl;
    return chirp_use_cache(app, &options, err);
}

static kida_status
add_i18n(chirp_app *app, kida_error *err)
{
    const chirp_config *config = &app->config;
    const char *const directories[] = { config->i18n_directory, NULL };
    chirp_i18n_options options;
    if (!config->i18n_enabled)
        return KIDA_OK;
    chirp_i18n_options_init(&options);
    options.default_locale = config->i18n_default_locale;
    options.locales = config->i18n_supported_locales;
    options.directories = directories;
    options.cookie_name = config->i18n_cookie_name;
    options.url_prefix = config->i18n_url_prefix;
    return chirp_use_i18n(app, &options, err);
}

/* A policy that lets the style of view transitions pass; NULL when out of memory. */
static const char *
with_own_styles(chirp_app *app, const char *policy)
{
    static const char directive[] = "; style-src 'self' ";
    if (strcmp(app->config.view_transitions, "full") != 0)
        return policy;
    size_t room = kida_str_from(policy).len + sizeof(directive) +
                  kida_str_from(ch_snippet_transition_source).len;
    char *text = ch_arena_alloc(&app->arena, room);
    if (text)
        snprintf(text, room, "%s%s%s", policy, directive, ch_snippet_transition_source);
    return text;
}

static kida_status
add_nonce(chirp_app *app, kida_error *err)
{
    chirp_csp_options options;
    chirp_csp_options_init(&options);
    if (!app->config.csp_nonce_enabled)
        return KIDA_OK;
    options.base = with_own_styles(app, options.base);
    if (!options.base)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for a policy");
    return chirp_use_csp_nonce(app, &options, err);
}

static kida_status
add_headers(chirp_app *app, kida_error *err)
{
    chirp_security_options options;
    const char *policy = app->config.strict_transport_security;
    if (!is_production(app) && policy[0] == '\0')
        return KIDA_OK;
    chirp_security_options_init(&options);
    options.content_policy = with_own_styles(app, options.content_policy);
    if (!options.content_policy)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for a policy");
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
    static add_fn *const outer[] = { add_compression, add_health, add_metrics, add_limit, NULL };
    static add_fn *const inner[] = { add_cache, add_i18n, add_nonce, add_headers, add_static,
                                     ch_app_add_snippets, NULL };

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
