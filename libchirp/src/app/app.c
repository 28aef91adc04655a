/* SPDX-License-Identifier: MIT */
/* app.c - making an application and registering its parts. */
#define _GNU_SOURCE
#include "app.h"

#include <fcntl.h>
#include <unistd.h>

#include "config/alloc.h"
#include "config/fail.h"

#define APP_ARENA_MAX ((size_t)64 << 20)
#define APP_ARENA_BLOCK ((size_t)4096)

/* ---- life ---------------------------------------------------------------------------------- */

static kida_env *
make_env(const chirp_config *config, kida_error *err)
{
    kida_config settings;
    kida_config_init(&settings);
    settings.allocator = config->allocator;
    settings.autoescape = config->autoescape ? KIDA_ESCAPE_HTML : KIDA_ESCAPE_OFF;
    settings.trim_blocks = config->trim_blocks;
    settings.lstrip_blocks = config->lstrip_blocks;
    settings.auto_reload = config->debug;
    return kida_env_new_std(&settings, err);
}

static void
init_lists(chirp_app *app)
{
    app->routes_end = &app->routes;
    app->layers_end = &app->layers;
    for (size_t i = 0; i < CH_HOOK_COUNT; i++)
        app->hooks[i].end = &app->hooks[i].first;
}

/* Freeze adds the layers that the config asks for while it holds the lock: it is recursive. */
static bool
init_lock(pthread_mutex_t *lock)
{
    pthread_mutexattr_t attributes;
    if (pthread_mutexattr_init(&attributes) != 0)
        return false;
    bool ok = pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE) == 0 &&
              pthread_mutex_init(lock, &attributes) == 0;
    pthread_mutexattr_destroy(&attributes);
    return ok;
}

static bool
init_locks(chirp_app *app)
{
    if (!init_lock(&app->lock))
        return false;
    if (pthread_mutex_init(&app->metrics.lock, NULL) == 0)
        return true;
    pthread_mutex_destroy(&app->lock);
    return false;
}

ch_metrics_list *
ch_app_metrics(chirp_app *app)
{
    return &app->metrics;
}

chirp_app *
chirp_app_new(const chirp_config *config, kida_error *err)
{
    chirp_config defaults;
    if (!config) {
        chirp_config_init(&defaults);
        config = &defaults;
    }
    if (chirp_config_check(config, err) != KIDA_OK)
        return NULL;

    chirp_app *app = ch_calloc(&config->allocator, sizeof(*app));
    if (!app) {
        ch_fail(err, KIDA_E_NOMEM, "no memory for an app");
        return NULL;
    }
    app->allocator = config->allocator;
    app->stop_pipe[0] = app->stop_pipe[1] = -1;
    ch_arena_init(&app->arena, &app->allocator, APP_ARENA_BLOCK, APP_ARENA_MAX);
    init_lists(app);
    kida_error_init(&app->failure);
    if (!init_locks(app)) {
        ch_fail(err, KIDA_E_NOMEM, "no lock for an app");
        ch_free(&config->allocator, app, sizeof(*app));
        return NULL;
    }
    if (ch_config_copy(&app->arena, config, &app->config) != KIDA_OK) {
        ch_fail(err, KIDA_E_NOMEM, "no memory for the settings");
        goto failed;
    }
    if (pipe2(app->stop_pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        ch_fail(err, KIDA_E_IO, "can't make a pipe");
        goto failed;
    }
    app->env = make_env(&app->config, err);
    if (app->env && ch_app_add_functions(app, err) == KIDA_OK)
        return app;
failed:
    chirp_app_free(app);
    return NULL;
}

static void
free_users(chirp_app *app)
{
    for (ch_route *route = app->routes; route; route = route->next) {
        if (route->free_user)
            route->free_user(route->user);
    }
    for (ch_layer *layer = app->layers; layer; layer = layer->next) {
        if (layer->free_user)
            layer->free_user(layer->link.user);
    }
    if (app->audit.free_user)
        app->audit.free_user(app->audit.user);
}

void
chirp_app_free(chirp_app *app)
{
    if (!app)
        return;
    free_users(app);
    ch_router_free(app->frozen.router);
    kida_env_free(app->env);
    for (size_t i = 0; i < 2; i++) {
        if (app->stop_pipe[i] >= 0)
            close(app->stop_pipe[i]);
    }
    chirp_cache_free(app->cache);
    pthread_mutex_destroy(&app->metrics.lock);
    pthread_mutex_destroy(&app->lock);
    ch_arena_clear(&app->arena);
    kida_allocator allocator = app->allocator;
    ch_free(&allocator, app, sizeof(*app));
}

const chirp_config *
chirp_app_config(const chirp_app *app)
{
    return &app->config;
}

kida_env *
chirp_app_templates(chirp_app *app)
{
    return app->env;
}

/* ---- registration -------------------------------------------------------------------------- */

/* Opens a registration: takes the lock unless set-up is over. */
static kida_status
begin(chirp_app *app, kida_error *err)
{
    /* Looked at without the lock first: start-up hooks run while it is held. */
    if (atomic_load_explicit(&app->state, memory_order_acquire) == CH_APP_SETUP) {
        pthread_mutex_lock(&app->lock);
        if (atomic_load_explicit(&app->state, memory_order_relaxed) == CH_APP_SETUP)
            return KIDA_OK;
        pthread_mutex_unlock(&app->lock);
    }
    return ch_fail(err, KIDA_E_FROZEN, "the app is frozen: register before the first request");
}

/* Closes a registration; the first failure is kept for freeze to report. */
static kida_status
end(chirp_app *app, kida_status st, const kida_error *err)
{
    if (st != KIDA_OK && app->failure.status == KIDA_OK) {
        app->failure = *err;
        app->failure.status = st;
    }
    pthread_mutex_unlock(&app->lock);
    return st;
}

void
chirp_app_fail(chirp_app *app, const kida_error *error)
{
    if (begin(app, NULL) == KIDA_OK)
        (void)end(app, error->status != KIDA_OK ? error->status : KIDA_E_USAGE, error);
}

static kida_status
no_memory(kida_error *err)
{
    return ch_fail(err, KIDA_E_NOMEM, "no memory to register");
}

/* A list that NULL ends, copied; false when out of memory. */
static bool
copy_list(chirp_app *app, const char *const *list, const kida_str **out, size_t *count)
{
    while (list && list[*count])
        ++*count;
    kida_str *items = ch_arena_array(&app->arena, *count, sizeof(*items));
    for (size_t i = 0; items && i < *count; i++) {
        items[i] = ch_arena_copy(&app->arena, kida_str_from(list[i]));
        if (!items[i].ptr)
            return false;
    }
    *out = items;
    return items != NULL;
}

/* Copies what chirp_check compares with the templates. */
static kida_status
declare(chirp_app *app, const chirp_route_def *def, ch_route *route)
{
    route->template_name = ch_arena_copy(&app->arena, kida_str_from(def->template_name));
    route->block = ch_arena_copy(&app->arena, kida_str_from(def->block));
    route->is_referenced = def->is_referenced;
    route->form = def->form;
    if (!route->template_name.ptr || !route->block.ptr ||
        !copy_list(app, def->events, &route->events, &route->event_count) ||
        !copy_list(app, def->fragments, &route->fragments, &route->fragment_count))
        return KIDA_E_NOMEM;
    return KIDA_OK;
}

static kida_status
add_route(chirp_app *app, const chirp_route_def *def, kida_error *err)
{
    if (!def->path || !def->handler)
        return ch_fail(err, KIDA_E_USAGE, "a route needs a path and a handler");

    ch_method_set methods = ch_method_bit(CH_METHOD_GET);
    if (def->methods) {
        kida_status st = ch_method_set_parse(kida_str_from(def->methods), &methods, err);
        if (st != KIDA_OK)
            return st;
    }
    ch_route *route = ch_arena_array(&app->arena, 1, sizeof(*route));
    kida_str path = ch_arena_copy(&app->arena, kida_str_from(def->path));
    kida_str name = ch_arena_copy(&app->arena, kida_str_from(def->name));
    if (!route || !path.ptr || !name.ptr || declare(app, def, route) != KIDA_OK)
        return no_memory(err);
    route->path = path;
    route->name = name;
    route->methods = methods;
    route->handler = def->handler;
    route->user = def->user;
    route->free_user = def->free_user;
    route->max_body = def->max_body;
    route->stream_body = def->stream_body;
    *app->routes_end = route;
    app->routes_end = &route->next;
    app->route_count++;
    return KIDA_OK;
}

kida_status
chirp_route_add(chirp_app *app, const chirp_route_def *route, kida_error *err)
{
    kida_error local;
    if (!err)
        err = &local;
    kida_error_init(err);
    kida_status st = begin(app, err);
    if (st == KIDA_OK)
        st = end(app, add_route(app, route, err), err);
    if (st != KIDA_OK && route->free_user)
        route->free_user(route->user);
    return st;
}

kida_status
chirp_route(chirp_app *app, const char *methods, const char *path, chirp_handler_fn *handler,
            void *user)
{
    chirp_route_def def = { .methods = methods, .path = path, .handler = handler, .user = user };
    return chirp_route_add(app, &def, NULL);
}

static kida_status
add_layer(chirp_app *app, chirp_middleware_fn *fn, void *user, void (*free_user)(void *),
          kida_error *err)
{
    if (!fn)
        return ch_fail(err, KIDA_E_USAGE, "a middleware needs a function");
    ch_layer *layer = ch_arena_array(&app->arena, 1, sizeof(*layer));
    if (!layer)
        return no_memory(err);
    layer->link.layer = fn;
    layer->link.user = user;
    layer->free_user = free_user;
    *app->layers_end = layer;
    app->layers_end = &layer->next;
    app->layer_count++;
    return KIDA_OK;
}

kida_status
chirp_use(chirp_app *app, chirp_middleware_fn *layer, void *user, void (*free_user)(void *))
{
    kida_error err;
    kida_error_init(&err);
    kida_status st = begin(app, &err);
    if (st == KIDA_OK)
        st = end(app, add_layer(app, layer, user, free_user, &err), &err);
    if (st != KIDA_OK && free_user)
        free_user(user);
    return st;
}

bool
chirp_uses(chirp_app *app, chirp_middleware_fn *layer)
{
    bool found = false;
    pthread_mutex_lock(&app->lock);
    for (const ch_layer *at = app->layers; at && !found; at = at->next)
        found = at->link.layer == layer;
    pthread_mutex_unlock(&app->lock);
    return found;
}

kida_status
chirp_template_filter(chirp_app *app, const kida_filter *row, void *user, void (*free_user)(void *))
{
    kida_error err;
    kida_error_init(&err);
    kida_status st = begin(app, &err);
    if (st == KIDA_OK)
        return end(app, kida_env_add_filter(app->env, row, user, free_user, &err), &err);
    if (free_user)
        free_user(user);
    return st;
}

kida_status
chirp_template_global(chirp_app *app, const char *name, kida_value value)
{
    kida_error err;
    kida_error_init(&err);
    kida_status st = begin(app, &err);
    if (st == KIDA_OK)
        st = end(app, kida_env_add_global(app->env, kida_str_from(name), value, &err), &err);
    return st;
}

/* ---- hooks and error handlers -------------------------------------------------------------- */

static kida_status
add_hook(chirp_app *app, ch_hook_kind kind, const ch_hook *hook)
{
    kida_error err;
    kida_error_init(&err);
    kida_status st = begin(app, &err);
    if (st != KIDA_OK)
        return st;
    ch_hook *copy = ch_arena_alloc(&app->arena, sizeof(*copy));
    if (!copy)
        return end(app, no_memory(&err), &err);
    *copy = *hook;
    copy->next = NULL;
    *app->hooks[kind].end = copy;
    app->hooks[kind].end = &copy->next;
    return end(app, KIDA_OK, &err);
}

kida_status
chirp_on_startup(chirp_app *app, chirp_hook_fn *hook, void *user)
{
    return add_hook(app, CH_HOOK_STARTUP, &(ch_hook){ .app = hook, .user = user });
}

kida_status
chirp_on_shutdown(chirp_app *app, chirp_hook_fn *hook, void *user)
{
    return add_hook(app, CH_HOOK_SHUTDOWN, &(ch_hook){ .app = hook, .user = user });
}

kida_status
chirp_on_ready(chirp_app *app, chirp_hook_fn *hook, void *user)
{
    return add_hook(app, CH_HOOK_READY, &(ch_hook){ .app = hook, .user = user });
}

kida_status
chirp_on_freeze(chirp_app *app, chirp_hook_fn *hook, void *user)
{
    return add_hook(app, CH_HOOK_FREEZE, &(ch_hook){ .app = hook, .user = user });
}

kida_status
chirp_mount(chirp_app *app, const char *prefix, chirp_plugin_fn *plugin, void *user,
            kida_error *err)
{
    kida_error local;
    if (!err)
        err = &local;
    kida_error_init(err);
    kida_status st = begin(app, err);
    if (st != KIDA_OK)
        return st;
    if (!prefix || prefix[0] != '/' || !plugin)
        st = ch_fail(err, KIDA_E_USAGE, "a plugin needs a function and a prefix that begins with "
                                        "'/'");
    else
        st = plugin(app, prefix, user, err); /* the lock is recursive */
    if (st != KIDA_OK && err->message[0] == '\0')
        ch_fail(err, st, "the plugin at '%.60s' failed: %s", prefix, kida_status_text(st));
    return end(app, st, err);
}

kida_status
chirp_on_worker_startup(chirp_app *app, chirp_worker_hook_fn *hook, void *user)
{
    return add_hook(app, CH_HOOK_WORKER_STARTUP, &(ch_hook){ .worker = hook, .user = user });
}

kida_status
chirp_on_worker_shutdown(chirp_app *app, chirp_worker_hook_fn *hook, void *user)
{
    return add_hook(app, CH_HOOK_WORKER_SHUTDOWN, &(ch_hook){ .worker = hook, .user = user });
}

kida_status
chirp_on_error(chirp_app *app, unsigned status, chirp_error_fn *handler, void *user)
{
    kida_error err;
    kida_error_init(&err);
    kida_status st = begin(app, &err);
    if (st != KIDA_OK)
        return st;
    if (status < 400 || status > 599 || !handler)
        return end(app,
                   ch_fail(&err, KIDA_E_USAGE,
                           "an error handler is for a status from 400 to "
                           "599, not %u",
                           status),
                   &err);
    ch_error_handler *entry = ch_arena_alloc(&app->arena, sizeof(*entry));
    if (!entry)
        return end(app, no_memory(&err), &err);
    *entry = (ch_error_handler){ app->error_handlers, status, KIDA_OK, handler, user };
    app->error_handlers = entry;
    return end(app, KIDA_OK, &err);
}

kida_status
chirp_audit_to(chirp_app *app, chirp_audit_fn *sink, void *user, void (*free_user)(void *))
{
    kida_error err;
    kida_error_init(&err);
    kida_status st = begin(app, &err);
    if (st == KIDA_OK && (!sink || app->audit.sink))
        st = end(app, ch_fail(&err, KIDA_E_USAGE, "an app has one sink of audit events"), &err);
    if (st != KIDA_OK) {
        if (free_user)
            free_user(user);
        return st;
    }
    app->audit.sink = sink;
    app->audit.user = user;
    app->audit.free_user = free_user;
    return end(app, KIDA_OK, &err);
}

kida_status
chirp_on_error_code(chirp_app *app, kida_status code, chirp_error_fn *handler, void *user)
{
    kida_error err;
    kida_error_init(&err);
    kida_status st = begin(app, &err);
    if (st != KIDA_OK)
        return st;
    if (code == KIDA_OK || !handler)
        return end(app, ch_fail(&err, KIDA_E_USAGE, "an error handler needs a code and a function"),
                   &err);
    ch_error_handler *entry = ch_arena_alloc(&app->arena, sizeof(*entry));
    if (!entry)
        return end(app, no_memory(&err), &err);
    *entry = (ch_error_handler){ app->error_handlers, 0, code, handler, user };
    app->error_handlers = entry;
    return end(app, KIDA_OK, &err);
}

/* ---- services -------------------------------------------------------------------------------- */

static kida_status
add_provider(chirp_app *app, const ch_provider *provider, kida_error *err)
{
    if (provider->name.len == 0 || provider->name.len > 100 || !provider->factory)
        return ch_fail(err, KIDA_E_USAGE,
                       "a service needs a name of 1 to 100 bytes and a factory");
    for (const ch_provider *at = app->providers; at; at = at->next) {
        if (kida_str_equal(at->name, provider->name))
            return ch_fail(err, KIDA_E_USAGE, "two factories for service '%.60s'",
                           provider->name.ptr);
    }
    ch_provider *entry = ch_arena_array(&app->arena, 1, sizeof(*entry));
    kida_str name = ch_arena_copy(&app->arena, provider->name);
    if (!entry || !name.ptr)
        return no_memory(err);
    *entry = *provider;
    entry->name = name;
    entry->next = app->providers;
    app->providers = entry;
    return KIDA_OK;
}

kida_status
chirp_provide(chirp_app *app, const char *name, chirp_factory_fn *factory, void *user,
              void (*destroy)(void *service))
{
    kida_error err;
    kida_error_init(&err);
    kida_status st = begin(app, &err);
    ch_provider provider = { NULL, kida_str_from(name), factory, user, destroy };
    return st == KIDA_OK ? end(app, add_provider(app, &provider, &err), &err) : st;
}

/* ---- registries ----------------------------------------------------------------------------- */

/* Copy of a text in the app's memory; NULL stays NULL. False when out of memory. */
static bool
keep(chirp_app *app, const char *text, const char **out)
{
    *out = text ? ch_arena_copy(&app->arena, kida_str_from(text)).ptr : NULL;
    return !text || *out;
}

static kida_status
add_region(chirp_app *app, const chirp_region *region, kida_error *err)
{
    if (!region->block)
        return ch_fail(err, KIDA_E_USAGE, "a region needs a block");
    ch_region *entry = ch_arena_array(&app->arena, 1, sizeof(*entry));
    if (!entry || !keep(app, region->block, &entry->region.block) ||
        !keep(app, region->target, &entry->region.target) ||
        !keep(app, region->swap, &entry->region.swap))
        return no_memory(err);
    entry->region.bare = region->bare;
    entry->next = app->regions;
    app->regions = entry;
    return KIDA_OK;
}

kida_status
chirp_add_region(chirp_app *app, const chirp_region *region)
{
    kida_error err;
    kida_error_init(&err);
    kida_status st = begin(app, &err);
    return st == KIDA_OK ? end(app, add_region(app, region, &err), &err) : st;
}

static kida_status
add_target(chirp_app *app, const chirp_fragment_target *target, kida_error *err)
{
    if (!target->id || !target->block)
        return ch_fail(err, KIDA_E_USAGE, "a fragment target needs an id and a block");
    ch_fragment_entry *entry = ch_arena_array(&app->arena, 1, sizeof(*entry));
    if (!entry || !keep(app, target->id, &entry->target.id) ||
        !keep(app, target->block, &entry->target.block))
        return no_memory(err);
    entry->target.updates_shell = target->updates_shell;
    entry->target.required = target->required;
    entry->next = app->targets;
    app->targets = entry;
    return KIDA_OK;
}

kida_status
chirp_add_fragment_target(chirp_app *app, const chirp_fragment_target *target)
{
    kida_error err;
    kida_error_init(&err);
    kida_status st = begin(app, &err);
    return st == KIDA_OK ? end(app, add_target(app, target, &err), &err) : st;
}
