/* SPDX-License-Identifier: MIT */
/* freeze.c - from the lists of set-up to the immutable record that requests read; the start and the
 * end of an app's service. */
#define _GNU_SOURCE
#include "app.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "responder.h"
#include "share.h"
#include "config/fail.h"

/* ---- compile ------------------------------------------------------------------------------- */

static kida_status
compile_router(chirp_app *app, kida_error *err)
{
    ch_route_def *defs = ch_arena_array(&app->arena, app->route_count, sizeof(*defs));
    if (!defs)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for the routes");
    size_t count = 0;
    for (const ch_route *route = app->routes; route; route = route->next)
        defs[count++] = (ch_route_def){ route->path, route->methods, route->name, route };

    ch_router_options options = { app->config.auto_head, app->config.auto_options };
    return ch_router_build(defs, count, options, &app->allocator, &app->frozen.router, err);
}

static kida_status
compile_chain(chirp_app *app, kida_error *err)
{
    ch_link *links = ch_arena_array(&app->arena, app->layer_count, sizeof(*links));
    if (!links)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for the middleware");
    size_t count = 0;
    for (const ch_layer *layer = app->layers; layer; layer = layer->next)
        links[count++] = layer->link;
    app->frozen.chain = (ch_chain){ links, count, &ch_respond.chain_end };
    return KIDA_OK;
}

bool
ch_is_directory(const char *path)
{
    struct stat info;
    return path && *path && stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* A directory that is not there is no error: many apps have no templates, or other loaders. */
static kida_status
compile_templates(chirp_app *app, kida_error *err)
{
    const chirp_config *config = &app->config;
    kida_status st = KIDA_OK;
    if (ch_is_directory(config->template_dir))
        st = kida_env_add_directory(app->env, config->template_dir, NULL, err);
    const char *const *dir = config->component_dirs;
    for (; st == KIDA_OK && dir && *dir; dir++)
        st = kida_env_add_directory(app->env, *dir, NULL, err);
    if (st == KIDA_OK)
        st = ch_share_add(app->env, err);
    if (st == KIDA_OK)
        st = kida_env_freeze(app->env, err);
    return st;
}

static void
take_lists(chirp_app *app)
{
    app->frozen.config = &app->config;
    app->frozen.env = app->env;
    app->frozen.error_handlers = app->error_handlers;
    app->frozen.regions = app->regions;
    app->frozen.targets = app->targets;
    app->frozen.providers = app->providers;
}

kida_status
ch_app_compile(chirp_app *app, kida_error *err)
{
    kida_status st = ch_app_run_hooks(app, CH_HOOK_FREEZE, false, err);
    if (st != KIDA_OK)
        return st;
    st = app->failure.status; /* a registration that failed */
    if (st != KIDA_OK) {
        *err = app->failure;
        return st;
    }
    if (app->compile_pages)
        st = app->compile_pages(app, err);
    if (st == KIDA_OK)
        st = ch_app_add_builtins(app, err);
    if (st == KIDA_OK)
        st = ch_proxies_init(&app->frozen.proxies, &app->config, &app->arena, err);
    take_lists(app);
    if (st == KIDA_OK)
        st = compile_router(app, err);
    if (st == KIDA_OK)
        st = compile_chain(app, err);
    if (st == KIDA_OK)
        st = compile_templates(app, err);
    if (st == KIDA_OK)
        st = ch_app_check_at_freeze(app, err);
    return st;
}

/* ---- freeze -------------------------------------------------------------------------------- */

/* Called with the lock held, in state SETUP: the one thread that does the work. */
static void
freeze_locked(chirp_app *app)
{
    kida_error err;
    kida_error_init(&err);
    kida_status st = ch_app_compile(app, &err);
    if (st != KIDA_OK) {
        app->failure = err;
        app->failure.status = st;
    }
    /* Release: whoever sees the new state sees all that was written above. */
    atomic_store_explicit(&app->state, st == KIDA_OK ? CH_APP_FROZEN : CH_APP_FAILED,
                          memory_order_release);
}

kida_status
chirp_app_freeze(chirp_app *app, kida_error *err)
{
    /* Acquire: pairs with the release store in freeze_locked. */
    int state = atomic_load_explicit(&app->state, memory_order_acquire);
    if (state == CH_APP_SETUP) {
        pthread_mutex_lock(&app->lock);
        if (atomic_load_explicit(&app->state, memory_order_relaxed) == CH_APP_SETUP)
            freeze_locked(app);
        state = atomic_load_explicit(&app->state, memory_order_relaxed);
        pthread_mutex_unlock(&app->lock);
    }
    if (state == CH_APP_FROZEN)
        return KIDA_OK;
    if (err)
        *err = app->failure; /* fixed since the state was published */
    return app->failure.status;
}

bool
chirp_app_is_frozen(const chirp_app *app)
{
    return atomic_load_explicit(&app->state, memory_order_acquire) == CH_APP_FROZEN;
}

const ch_frozen *
ch_app_frozen(chirp_app *app, kida_error *err)
{
    return chirp_app_freeze(app, err) == KIDA_OK ? &app->frozen : NULL;
}

kida_status
chirp_url_for(const chirp_app *app, const char *name, const char *const *params, kida_buf *out,
              kida_error *err)
{
    if (!chirp_app_is_frozen(app))
        return ch_fail(err, KIDA_E_USAGE, "URLs can be made once the app is frozen");
    ch_pair pairs[CH_PATTERN_PARAMS_MAX * 2];
    size_t count = 0;
    for (; params && params[0]; params += 2) {
        if (count == sizeof(pairs) / sizeof(pairs[0]) || !params[1])
            return ch_fail(err, KIDA_E_USAGE, "url_for takes at most %zu pairs of name and value",
                           sizeof(pairs) / sizeof(pairs[0]));
        pairs[count].name = kida_str_from(params[0]);
        pairs[count++].value = kida_str_from(params[1]);
    }
    return ch_router_url(app->frozen.router, kida_str_from(name), pairs, count, out, err);
}

/* ---- start and stop ------------------------------------------------------------------------ */

static uint64_t
now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

kida_status
ch_app_run_hooks(chirp_app *app, ch_hook_kind kind, bool keep_going, kida_error *err)
{
    kida_status first = KIDA_OK;
    for (const ch_hook *hook = app->hooks[kind].first; hook; hook = hook->next) {
        kida_error local;
        kida_error_init(&local);
        uint64_t start = now_ms();
        kida_status st = hook->app(app, hook->user, &local);
        if (st == KIDA_OK && kind == CH_HOOK_STARTUP &&
            now_ms() - start > app->config.startup_timeout)
            st = ch_fail(&local, KIDA_E_LIMIT_TIME, "a start-up hook took more than %u ms",
                         (unsigned)app->config.startup_timeout);
        if (st == KIDA_OK)
            continue;
        local.status = st;
        if (keep_going)
            fprintf(stderr, "chirp: a hook failed: %s\n",
                    local.message[0] ? local.message : kida_status_text(st));
        if (first == KIDA_OK) {
            first = st;
            if (err)
                *err = local;
        }
        if (!keep_going)
            break;
    }
    return first;
}

kida_status
ch_app_start(chirp_app *app, kida_error *err)
{
    kida_status st = chirp_app_freeze(app, err);
    if (st != KIDA_OK)
        return st;
    pthread_mutex_lock(&app->lock);
    if (app->started == 0)
        st = ch_app_run_hooks(app, CH_HOOK_STARTUP, false, err);
    if (st == KIDA_OK)
        app->started++;
    pthread_mutex_unlock(&app->lock);
    return st;
}

void
ch_app_stop(chirp_app *app)
{
    pthread_mutex_lock(&app->lock);
    if (--app->started == 0)
        ch_app_run_hooks(app, CH_HOOK_SHUTDOWN, true, NULL);
    pthread_mutex_unlock(&app->lock);
}
