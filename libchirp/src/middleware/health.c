/* SPDX-License-Identifier: MIT */
/* health.c - pages for machines: is it alive, can it serve, what has it done (rows 16.5, 17.9). */
#define _GNU_SOURCE
#include <chirp/app.h>

#include <string.h>
#include <time.h>

#include "config/fail.h"
#include "http/request.h"
#include "layer.h"
#include "metrics.h"
#include "proxies.h"

#define CHECKS_MAX 32

/* Who may see a page: listed networks, everybody, or this machine alone (SH-5). */
typedef struct audience {
    ch_network *networks;
    size_t count;
    bool is_everybody;
} audience;

static kida_status
fill_audience(audience *who, chirp_app *app, ch_arena *arena, const char *const *clients,
              kida_error *err)
{
    static const char *const loopback[] = { "127.0.0.0/8", "::1", NULL };
    kida_str env = kida_str_from(chirp_app_config(app)->env);
    who->is_everybody = !clients && !kida_str_equal(env, KIDA_S("production"));
    if (!clients)
        clients = loopback;
    size_t count = 0;
    while (clients[count])
        count++;
    who->networks = ch_arena_array(arena, count, sizeof(*who->networks));
    if (!who->networks)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for a list of clients");
    for (size_t i = 0; i < count; i++) {
        if (!ch_network_parse(kida_str_from(clients[i]), &who->networks[i]))
            return ch_fail(err, KIDA_E_USAGE, "clients: '%.60s' is no address or network",
                           clients[i]);
    }
    who->count = count;
    return KIDA_OK;
}

static bool
may_see(const audience *who, const chirp_request *req)
{
    ch_network client;
    if (who->is_everybody)
        return true;
    if (!ch_network_parse(chirp_client(req), &client))
        return false;
    for (size_t i = 0; i < who->count; i++) {
        if (ch_network_holds(&who->networks[i], &client))
            return true;
    }
    return false;
}

static chirp_reply *
uncached(chirp_reply *reply)
{
    return chirp_reply_set_header(reply, "cache-control", "no-cache, no-store");
}

/* ---- health ---------------------------------------------------------------------------------- */

typedef struct health_layer {
    ch_layer_memory memory;
    kida_str path;
    kida_str live;
    kida_str ready;
    audience who;
    chirp_app *app;
    int64_t started;
    chirp_health_check checks[CHECKS_MAX];
    size_t check_count;
} health_layer;

static int64_t
now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec;
}

/* Names of the checks that fail, as a JSON list; *ok tells whether there are none. */
static void
run_checks(const health_layer *layer, chirp_request *req, kida_buf *failures, bool *ok)
{
    kida_buf_byte(failures, '[');
    for (size_t i = 0; i < layer->check_count; i++) {
        const chirp_health_check *check = &layer->checks[i];
        if (check->check(req, check->user))
            continue;
        if (!*ok)
            kida_buf_byte(failures, ',');
        *ok = false;
        const char *text = ch_request_format(req, "%s: unhealthy", check->name);
        if (chirp_json_write(failures, kida_string(kida_str_from(text))) != KIDA_OK)
            return;
    }
    kida_buf_byte(failures, ']');
}

static chirp_reply *
answer_health(const health_layer *layer, chirp_request *req, bool with_checks)
{
    bool stopping = chirp_is_stopping(req), ok = true;
    kida_buf *out = chirp_buffer(req), *failures = chirp_buffer(req);
    if (!out || !failures)
        return NULL;
    if (with_checks)
        run_checks(layer, req, failures, &ok);
    bool is_good = ok && !(with_checks && stopping);
    kida_buf_format(out, "{\"status\":\"%s\"",
                    is_good ? "ok" : stopping ? "stopping" : "unavailable");
    if (may_see(&layer->who, req)) {
        kida_buf_format(out, ",\"uptime_seconds\":%lld,\"worker_id\":%u,"
                             "\"active_connections\":%llu",
                        (long long)(now_seconds() - layer->started),
                        chirp_worker_index(chirp_worker_of(req)),
                        (unsigned long long)ch_metrics_connections(ch_app_metrics(layer->app)));
        if (!ok) {
            kida_buf_put(out, KIDA_S(",\"failures\":"));
            kida_buf_put(out, kida_buf_str(failures));
        }
    }
    kida_buf_byte(out, '}');
    if (kida_buf_status(out) != KIDA_OK)
        return NULL;
    return uncached(chirp_reply_raw(req, is_good ? 200 : 503, "application/json",
                                    kida_buf_str(out)));
}

static chirp_reply *
apply_health(chirp_request *req, chirp_next *next, void *user)
{
    const health_layer *layer = user;
    kida_str path = chirp_path(req);
    if (!ch_is_read(req) || path.len < layer->path.len ||
        memcmp(path.ptr, layer->path.ptr, layer->path.len) != 0)
        return chirp_proceed(next, req);
    bool is_live = kida_str_equal(path, layer->live);
    if (!is_live && !kida_str_equal(path, layer->path) && !kida_str_equal(path, layer->ready))
        return chirp_proceed(next, req);
    req->is_unlogged = true;
    return answer_health(layer, req, !is_live);
}

void
chirp_health_options_init(chirp_health_options *options)
{
    *options = (chirp_health_options){ .size = sizeof(*options), .path = "/health" };
}

/* path with something behind it. */
static kida_str
longer_path(health_layer *layer, const char *path, const char *tail)
{
    ch_arena *arena = &layer->memory.arena;
    kida_str head = kida_str_from(path), end = kida_str_from(tail);
    char *text = ch_arena_alloc(arena, head.len + end.len);
    kida_str missing = { NULL, 0 };
    if (!text)
        return missing;
    memcpy(text, head.ptr, head.len);
    memcpy(text + head.len, end.ptr, end.len);
    return (kida_str){ text, head.len + end.len };
}

static kida_status
fill_health(health_layer *layer, chirp_app *app, const chirp_health_options *options,
            kida_error *err)
{
    if (!options->path || options->path[0] != '/')
        return ch_fail(err, KIDA_E_USAGE, "the path of health must begin with '/'");
    layer->app = app;
    layer->started = now_seconds();
    layer->path = ch_layer_text(layer, options->path);
    layer->live = longer_path(layer, options->path, "/live");
    layer->ready = longer_path(layer, options->path, "/ready");
    if (!layer->path.ptr || !layer->live.ptr || !layer->ready.ptr)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for health");
    for (const chirp_health_check *at = options->checks; at && at->name; at++) {
        if (layer->check_count == CHECKS_MAX)
            return ch_fail(err, KIDA_E_USAGE, "health takes at most %d checks", CHECKS_MAX);
        chirp_health_check *check = &layer->checks[layer->check_count++];
        *check = *at;
        check->name = ch_layer_text(layer, at->name).ptr;
        if (!check->name)
            return ch_fail(err, KIDA_E_NOMEM, "no memory for health");
    }
    return fill_audience(&layer->who, app, &layer->memory.arena, options->clients, err);
}

kida_status
chirp_use_health(chirp_app *app, const chirp_health_options *options, kida_error *err)
{
    kida_error local;
    err = ch_error_or(err, &local);
    chirp_health_options defaults;
    if (!options) {
        chirp_health_options_init(&defaults);
        options = &defaults;
    }
    kida_status st = ch_options_check(options->size, sizeof(*options), err);
    health_layer *layer = st == KIDA_OK ? ch_layer_new(app, sizeof(*layer)) : NULL;
    if (!layer)
        return ch_layer_failed(app, st, err);
    st = fill_health(layer, app, options, err);
    if (st != KIDA_OK) {
        ch_layer_free(layer);
        return ch_layer_failed(app, st, err);
    }
    return chirp_use(app, apply_health, layer, ch_layer_free);
}

/* ---- metrics --------------------------------------------------------------------------------- */

typedef struct metrics_layer {
    ch_layer_memory memory;
    kida_str path;
    audience who;
    chirp_app *app;
} metrics_layer;

static chirp_reply *
apply_metrics(chirp_request *req, chirp_next *next, void *user)
{
    const metrics_layer *layer = user;
    if (!kida_str_equal(chirp_path(req), layer->path) || !ch_is_read(req))
        return chirp_proceed(next, req);
    if (!may_see(&layer->who, req))
        return chirp_reply_fail(req, 404, "Not Found");
    kida_buf *out = chirp_buffer(req);
    if (!out)
        return NULL;
    ch_metrics_write(ch_app_metrics(layer->app), out);
    if (kida_buf_status(out) != KIDA_OK)
        return NULL;
    return uncached(chirp_reply_raw(req, 200, "text/plain; version=0.0.4; charset=utf-8",
                                    kida_buf_str(out)));
}

void
chirp_metrics_options_init(chirp_metrics_options *options)
{
    *options = (chirp_metrics_options){ .size = sizeof(*options), .path = "/metrics" };
}

kida_status
chirp_use_metrics(chirp_app *app, const chirp_metrics_options *options, kida_error *err)
{
    kida_error local;
    err = ch_error_or(err, &local);
    chirp_metrics_options defaults;
    if (!options) {
        chirp_metrics_options_init(&defaults);
        options = &defaults;
    }
    kida_status st = ch_options_check(options->size, sizeof(*options), err);
    if (st == KIDA_OK && (!options->path || options->path[0] != '/'))
        st = ch_fail(err, KIDA_E_USAGE, "the path of metrics must begin with '/'");
    metrics_layer *layer = st == KIDA_OK ? ch_layer_new(app, sizeof(*layer)) : NULL;
    if (!layer)
        return ch_layer_failed(app, st, err);
    layer->app = app;
    layer->path = ch_layer_text(layer, options->path);
    st = layer->path.ptr ? fill_audience(&layer->who, app, &layer->memory.arena, options->clients,
                                         err)
                         : ch_fail(err, KIDA_E_NOMEM, "no memory for metrics");
    if (st != KIDA_OK) {
        ch_layer_free(layer);
        return ch_layer_failed(app, st, err);
    }
    return chirp_use(app, apply_metrics, layer, ch_layer_free);
}
