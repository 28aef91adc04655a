/* SPDX-License-Identifier: MIT */
/* limit.c - how much one client may ask for: in general, and of logins (row 6.13). */
#define _GNU_SOURCE
#include <chirp/middleware.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "config/fail.h"
#include "layer.h"
#include "slots.h"

#define SECOND INT64_C(1000000000)

static int64_t
now_nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

static chirp_reply *
too_many(chirp_request *req, int64_t wait)
{
    char seconds[32];
    int64_t whole = (wait + SECOND - 1) / SECOND;
    snprintf(seconds, sizeof(seconds), "%lld", (long long)(whole > 0 ? whole : 1));
    ch_request_note(req, CH_REJECT_RATE_LIMIT);
    return chirp_reply_set_header(chirp_reply_fail(req, 429, "Too Many Requests"), "retry-after",
                                  seconds);
}

/* ---- so many a second ------------------------------------------------------------------------ */

typedef struct limit_layer {
    ch_layer_memory memory;
    ch_slots slots;
    int64_t interval;  /* nanoseconds between requests at the steady rate */
    int64_t tolerance; /* how far ahead of it a client may be */
} limit_layer;

/* A bucket kept as one time: when it would be full again if nothing more came (slot->when).
 * Returns how long to wait, 0: go on. */
static int64_t
take_token(const limit_layer *layer, ch_slot *slot, int64_t now)
{
    int64_t full = slot->when > now ? slot->when : now;
    if (full - now > layer->tolerance)
        return full - now - layer->tolerance;
    slot->when = full + layer->interval;
    return 0;
}

static chirp_reply *
apply_limit(chirp_request *req, chirp_next *next, void *user)
{
    limit_layer *layer = user;
    pthread_mutex_t *lock;
    int64_t now = now_nanoseconds();
    ch_slot *slot = ch_slots_take(&layer->slots, req, &lock);
    int64_t wait = take_token(layer, slot, now);
    ch_slots_give(lock);
    return wait > 0 ? too_many(req, wait) : chirp_proceed(next, req);
}

static void
free_limit(void *user)
{
    limit_layer *layer = user;
    ch_slots_clear(&layer->slots);
    ch_layer_free(layer);
}

void
chirp_limit_options_init(chirp_limit_options *options)
{
    *options = (chirp_limit_options){
        .size = sizeof(*options), .requests_per_second = 100, .burst = 200, .max_clients = 100000,
    };
}

kida_status
chirp_use_limit(chirp_app *app, const chirp_limit_options *options, kida_error *err)
{
    kida_error local;
    err = ch_error_or(err, &local);
    chirp_limit_options defaults;
    if (!options) {
        chirp_limit_options_init(&defaults);
        options = &defaults;
    }
    kida_status st = ch_options_check(options->size, sizeof(*options), err);
    if (st == KIDA_OK && (options->requests_per_second == 0 || options->burst == 0 ||
                          options->requests_per_second > 1000000 || options->burst > 1000000 ||
                          options->max_clients > 1000000))
        st = ch_fail(err, KIDA_E_USAGE, "a rate limit takes 1 to 1000000 requests and bursts, and "
                                        "at most 1000000 clients");
    limit_layer *layer = st == KIDA_OK ? ch_layer_new(app, sizeof(*layer)) : NULL;
    if (!layer)
        return ch_layer_failed(app, st, err);
    layer->interval = SECOND / options->requests_per_second;
    layer->tolerance = layer->interval * (options->burst - 1);
    st = ch_slots_init(&layer->slots, &layer->memory.arena, options->max_clients, err);
    if (st != KIDA_OK) {
        free_limit(layer);
        return ch_layer_failed(app, st, err);
    }
    return chirp_use(app, apply_limit, layer, free_limit);
}

/* ---- so many tries, then a block ------------------------------------------------------------- */

typedef struct auth_layer {
    ch_layer_memory memory;
    ch_slots slots;
    const kida_str *methods;
    size_t method_count;
    const kida_str *paths;
    size_t path_count;
    uint32_t requests;
    int64_t window;
    int64_t block;
} auth_layer;

/* Whether a path is one of those, or below one. */
static bool
is_guarded(const auth_layer *layer, kida_str path)
{
    for (size_t i = 0; i < layer->path_count; i++) {
        kida_str guarded = layer->paths[i];
        if (path.len >= guarded.len && memcmp(path.ptr, guarded.ptr, guarded.len) == 0 &&
            (path.len == guarded.len || path.ptr[guarded.len] == '/'))
            return true;
    }
    return false;
}

/* Counts a try; how long to wait, 0: go on. `when` is the start of the window. */
static int64_t
count_try(const auth_layer *layer, ch_slot *slot, int64_t now)
{
    if (slot->until > now)
        return slot->until - now;
    if (slot->count == 0 || now - slot->when >= layer->window) {
        slot->when = now;
        slot->count = 0;
    }
    slot->count++;
    if (slot->count <= layer->requests)
        return 0;
    slot->until = now + layer->block;
    slot->count = 0;
    return layer->block;
}

static chirp_reply *
apply_auth_limit(chirp_request *req, chirp_next *next, void *user)
{
    auth_layer *layer = user;
    if (!ch_listed(layer->methods, layer->method_count, chirp_method(req)) ||
        !is_guarded(layer, chirp_path(req)))
        return chirp_proceed(next, req);
    pthread_mutex_t *lock;
    int64_t now = now_nanoseconds();
    ch_slot *slot = ch_slots_take(&layer->slots, req, &lock);
    int64_t wait = count_try(layer, slot, now);
    ch_slots_give(lock);
    return wait > 0 ? too_many(req, wait) : chirp_proceed(next, req);
}

static void
free_auth_limit(void *user)
{
    auth_layer *layer = user;
    ch_slots_clear(&layer->slots);
    ch_layer_free(layer);
}

void
chirp_auth_limit_options_init(chirp_auth_limit_options *options)
{
    static const char *const methods[] = { "POST", NULL };
    static const char *const paths[] = { "/login", "/signup", "/register", "/password-reset",
                                         NULL };
    *options = (chirp_auth_limit_options){
        .size = sizeof(*options), .requests = 10,   .window = 60,          .block = 300,
        .methods = methods,       .paths = paths,   .max_clients = 100000,
    };
}

static kida_status
fill(auth_layer *layer, const chirp_auth_limit_options *options, kida_error *err)
{
    if (options->requests == 0 || options->window == 0 || options->block == 0 ||
        options->max_clients > 1000000)
        return ch_fail(err, KIDA_E_USAGE, "an auth limit needs requests, window and block");
    if (!ch_layer_list(layer, options->methods, &layer->methods, &layer->method_count) ||
        !ch_layer_list(layer, options->paths, &layer->paths, &layer->path_count))
        return ch_fail(err, KIDA_E_NOMEM, "no memory for a limit");
    layer->requests = options->requests;
    layer->window = (int64_t)options->window * SECOND;
    layer->block = (int64_t)options->block * SECOND;
    return ch_slots_init(&layer->slots, &layer->memory.arena, options->max_clients, err);
}

kida_status
chirp_use_auth_limit(chirp_app *app, const chirp_auth_limit_options *options, kida_error *err)
{
    kida_error local;
    err = ch_error_or(err, &local);
    chirp_auth_limit_options defaults;
    if (!options) {
        chirp_auth_limit_options_init(&defaults);
        options = &defaults;
    }
    kida_status st = ch_options_check(options->size, sizeof(*options), err);
    auth_layer *layer = st == KIDA_OK ? ch_layer_new(app, sizeof(*layer)) : NULL;
    if (!layer)
        return ch_layer_failed(app, st, err);
    st = fill(layer, options, err);
    if (st != KIDA_OK) {
        free_auth_limit(layer);
        return ch_layer_failed(app, st, err);
    }
    return chirp_use(app, apply_auth_limit, layer, free_auth_limit);
}
