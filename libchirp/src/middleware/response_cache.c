/* SPDX-License-Identifier: MIT */
/* response_cache.c - answers kept for others who ask for the same. The key holds all that an answer
 * may depend on; what may be personal is not kept (row 15). */
#define _GNU_SOURCE
#include <chirp/cache.h>
#include <chirp/security.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config/fail.h"
#include "config/text.h"
#include "chain.h"
#include "http/request.h"
#include "layer.h"

#define PAIRS_MAX 64
#define VERSION "chirp1"

/* Request headers that every answer may depend on. */
static const kida_str always[] = {
    KIDA_S_INIT("hx-request"),
    KIDA_S_INIT("hx-boosted"),
    KIDA_S_INIT("hx-target"),
    KIDA_S_INIT("hx-history-restore-request"),
};

#define ALWAYS (sizeof(always) / sizeof(always[0]))

typedef struct cache_layer {
    ch_layer_memory memory;
    chirp_cache *cache;
    uint32_t ttl;
    size_t max_body;
    const kida_str *vary;
    size_t vary_count;
    bool with_cookies;
} cache_layer;

/* ---- the key --------------------------------------------------------------------------------- */

static int
compare_pairs(const void *a, const void *b)
{
    const kida_str *one = a, *two = b;
    size_t len = one->len < two->len ? one->len : two->len;
    int order = len > 0 ? memcmp(one->ptr, two->ptr, len) : 0;
    if (order != 0)
        return order;
    return one->len < two->len ? -1 : one->len > two->len;
}

/* The query with its pairs in order; false if there are too many to sort. */
static bool
put_query(kida_buf *key, kida_str query)
{
    kida_str pairs[PAIRS_MAX];
    size_t count = 0, pos = 0;
    while (ch_str_next(query, '&', &pos, &pairs[count])) {
        if (++count == PAIRS_MAX)
            return false;
    }
    if (count > 1)
        qsort(pairs, count, sizeof(pairs[0]), compare_pairs);
    for (size_t i = 0; i < count; i++) {
        kida_buf_byte(key, '&');
        kida_buf_put(key, pairs[i]);
    }
    return true;
}

/* No value can hold a line end, so no two requests give the same key by their parts. */
static void
put_header(kida_buf *key, const chirp_request *req, kida_str name)
{
    kida_str value = ch_headers_get(&req->headers, name, 0);
    kida_buf_byte(key, '\n');
    if (chirp_given(value)) {
        kida_buf_byte(key, '=');
        kida_buf_put(key, value);
    }
}

/* Key of a request; ptr NULL: it is not to be answered from the cache. */
static kida_str
make_key(const cache_layer *layer, chirp_request *req)
{
    kida_str missing = { NULL, 0 };
    if (!ch_is_read(req) || chirp_given(chirp_header(req, "authorization")) ||
        (!layer->with_cookies && chirp_given(chirp_header(req, "cookie"))))
        return missing;
    kida_buf *key = chirp_buffer(req);
    if (!key)
        return missing;
    kida_buf_put(key, KIDA_S("answer:"));
    kida_buf_put(key, chirp_scheme(req));
    kida_buf_put(key, KIDA_S("://"));
    kida_buf_put(key, chirp_host(req));
    kida_buf_format(key, ":%u", req->port);
    kida_buf_put(key, req->raw_path);
    kida_buf_byte(key, '?');
    if (!put_query(key, chirp_query_string(req)))
        return missing;
    for (size_t i = 0; i < ALWAYS; i++)
        put_header(key, req, always[i]);
    for (size_t i = 0; i < layer->vary_count; i++)
        put_header(key, req, layer->vary[i]);
    return kida_buf_status(key) == KIDA_OK ? kida_buf_str(key) : missing;
}

/* ---- entries: two lines, the header lines, an empty line, the body ------------------------- */

static int64_t
now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec;
}

static bool
next_line(kida_str *text, kida_str *line)
{
    size_t end = ch_str_find(*text, '\n', 0);
    if (end == text->len)
        return false;
    *line = ch_str_slice(*text, 0, end);
    *text = ch_str_slice(*text, end + 1, text->len);
    return true;
}

static chirp_reply *
add_line(chirp_request *req, chirp_reply *reply, kida_str line)
{
    size_t colon = ch_str_find(line, ':', 0);
    if (colon == line.len)
        return reply;
    const char *name = ch_request_text(req, ch_str_slice(line, 0, colon));
    const char *value = ch_request_text(req, ch_str_slice(line, colon + 1, line.len));
    return name && value ? chirp_reply_add_header(reply, name, value) : NULL;
}

/* The answer in an entry; NULL if it is none of ours. */
static chirp_reply *
read_entry(chirp_request *req, kida_str text)
{
    kida_str line;
    uint64_t stored;
    if (!next_line(&text, &line) || !kida_str_equal(line, KIDA_S(VERSION)) ||
        !next_line(&text, &line) || !ch_parse_uint(line, INT64_MAX, &stored))
        return NULL;
    chirp_reply *reply = chirp_reply_empty(req, 200);
    while (next_line(&text, &line) && line.len > 0)
        reply = add_line(req, reply, line);
    int64_t age = now_seconds() - (int64_t)stored;
    const char *value = ch_request_format(req, "%lld", (long long)(age > 0 ? age : 0));
    if (!value)
        return NULL;
    chirp_reply_set_body(reply, text);
    return chirp_reply_set_header(reply, "age", value);
}

static void
put_line(kida_buf *out, kida_str name, kida_str value)
{
    kida_buf_put(out, name);
    kida_buf_byte(out, ':');
    kida_buf_put(out, value);
    kida_buf_byte(out, '\n');
}

static void
write_entry(kida_buf *out, const chirp_reply *reply)
{
    kida_str name, value;
    kida_buf_put(out, KIDA_S(VERSION "\n"));
    kida_buf_int(out, now_seconds());
    kida_buf_byte(out, '\n');
    kida_str type = chirp_reply_header(reply, "content-type");
    if (type.len > 0)
        put_line(out, KIDA_S("content-type"), type);
    for (size_t i = 0; chirp_reply_header_at(reply, i, &name, &value); i++)
        put_line(out, name, value);
    kida_buf_byte(out, '\n');
    kida_buf_put(out, chirp_reply_body(reply));
}

/* ---- what may be kept ------------------------------------------------------------------------ */

static bool
is_covered(const cache_layer *layer, kida_str field)
{
    for (size_t i = 0; i < ALWAYS; i++) {
        if (ch_str_iequal(field, always[i]))
            return true;
    }
    for (size_t i = 0; i < layer->vary_count; i++) {
        if (ch_str_iequal(field, layer->vary[i]))
            return true;
    }
    return false;
}

/* Whether the key tells apart all that the answer depends on, as it says or as layers further out
 * will say. Requests with a cookie have no key, unless the layer is told that none counts. */
static bool
vary_is_covered(const cache_layer *layer, const chirp_request *req, const chirp_reply *reply)
{
    if (req->asked_session || (req->asked_locale_cookie && layer->with_cookies) ||
        (req->asked_locale_header && !is_covered(layer, KIDA_S("accept-language"))))
        return false;
    kida_str list = chirp_reply_header(reply, "vary"), field;
    size_t pos = 0;
    while (ch_str_next(list, ',', &pos, &field)) {
        if (field.len > 0 && !is_covered(layer, field))
            return false;
    }
    return true;
}

/* Seconds an answer may be kept; 0: not at all. */
static uint32_t
time_to_live(const cache_layer *layer, const chirp_reply *reply)
{
    kida_str list = chirp_reply_header(reply, "cache-control"), item;
    uint32_t ttl = layer->ttl;
    size_t pos = 0;
    while (ch_str_next(list, ',', &pos, &item)) {
        kida_str lead = KIDA_S("s-maxage=");
        uint64_t seconds;
        if (ch_str_iequal(item, KIDA_S("no-store")) || ch_str_iequal(item, KIDA_S("no-cache")) ||
            (item.len >= 7 && ch_str_iequal(ch_str_slice(item, 0, 7), KIDA_S("private"))))
            return 0;
        if (item.len > lead.len && ch_str_iequal(ch_str_slice(item, 0, lead.len), lead))
            ttl = ch_parse_uint(ch_str_slice(item, lead.len, item.len), UINT32_MAX, &seconds)
                      ? (uint32_t)seconds : 0;
    }
    return ttl;
}

static void
keep(const cache_layer *layer, chirp_request *req, kida_str key, const chirp_reply *reply)
{
    /* A nonce is for one answer only. */
    if (!chirp_reply_is_whole(reply) || chirp_reply_status(reply) != 200 ||
        chirp_reply_is_failure(reply) || chirp_reply_body(reply).len > layer->max_body ||
        chirp_given(chirp_reply_header(reply, "set-cookie")) ||
        chirp_csp_nonce(req).len > 0 || !vary_is_covered(layer, req, reply))
        return;
    uint32_t ttl = time_to_live(layer, reply);
    kida_buf *entry = ttl > 0 ? chirp_buffer(req) : NULL;
    if (!entry)
        return;
    write_entry(entry, reply);
    if (kida_buf_status(entry) == KIDA_OK)
        (void)layer->cache->set(layer->cache, key, kida_buf_str(entry), ttl);
}

/* What is kept for a request; else what inner answers, which is kept if it may be. */
static chirp_reply *
kept_or(const cache_layer *layer, chirp_request *req,
        chirp_reply *(*inner)(chirp_request *req, void *arg), void *arg)
{
    kida_str key = make_key(layer, req);
    if (!chirp_given(key))
        return inner(req, arg);
    kida_buf *entry = chirp_buffer(req);
    if (entry && layer->cache->get(layer->cache, key, entry) == KIDA_OK) {
        chirp_reply *kept = read_entry(req, kida_buf_str(entry));
        if (kept)
            return kept;
    }
    chirp_reply *reply = inner(req, arg);
    if (reply)
        keep(layer, req, key, reply);
    return reply;
}

static chirp_reply *
go_on(chirp_request *req, void *next)
{
    return chirp_proceed(next, req);
}

static chirp_reply *
apply_cache(chirp_request *req, chirp_next *next, void *user)
{
    return kept_or(user, req, go_on, next);
}

void
chirp_cache_options_init(chirp_cache_options *options)
{
    *options = (chirp_cache_options){
        .size = sizeof(*options), .ttl = 300, .max_body = (size_t)1 << 20,
    };
}

/* A layer, or the head of a larger struct, as options say; NULL with err filled in and the app
 * told. */
static cache_layer *
make_layer(chirp_app *app, size_t size, const chirp_cache_options *options, kida_error *err)
{
    kida_status st = ch_options_check(options->size, sizeof(*options), err);
    if (st == KIDA_OK && (!options->cache || options->ttl == 0))
        st = ch_fail(err, KIDA_E_USAGE, "the cache layer needs a cache and a time to live");
    cache_layer *layer = st == KIDA_OK ? ch_layer_new(app, size) : NULL;
    if (!layer) {
        (void)ch_layer_failed(app, st, err);
        return NULL;
    }
    layer->cache = options->cache;
    layer->ttl = options->ttl;
    layer->max_body = options->max_body;
    layer->with_cookies = options->with_cookies;
    if (ch_layer_list(layer, options->vary, &layer->vary, &layer->vary_count))
        return layer;
    ch_layer_free(layer);
    (void)ch_layer_failed(app, KIDA_OK, err);
    return NULL;
}

kida_status
chirp_use_cache(chirp_app *app, const chirp_cache_options *options, kida_error *err)
{
    kida_error local;
    err = ch_error_or(err, &local);
    chirp_cache_options defaults;
    if (!options) {
        chirp_cache_options_init(&defaults);
        options = &defaults;
    }
    cache_layer *layer = make_layer(app, sizeof(*layer), options, err);
    return layer ? chirp_use(app, apply_cache, layer, ch_layer_free) : err->status;
}

/* ---- one route ------------------------------------------------------------------------------- */

typedef struct cached_route {
    cache_layer layer; /* first, for its memory */
    chirp_handler_fn *handler;
    void *user;
    void (*free_user)(void *);
} cached_route;

static chirp_reply *
handle(chirp_request *req, void *arg)
{
    const cached_route *self = arg;
    return ch_request_settle(req, self->handler(req, self->user));
}

static chirp_reply *
answer(chirp_request *req, void *user)
{
    cached_route *self = user;
    return kept_or(&self->layer, req, handle, self);
}

static void
free_cached(void *user)
{
    cached_route *self = user;
    if (self->free_user)
        self->free_user(self->user);
    ch_layer_free(self);
}

kida_status
chirp_route_cached(chirp_app *app, const chirp_route_def *route, const chirp_cache_options *options,
                   kida_error *err)
{
    kida_error local;
    err = ch_error_or(err, &local);
    if (!route->handler)
        return chirp_route_add(app, route, err); /* reports what is wrong */
    chirp_cache_options own;
    chirp_cache_options_init(&own);
    if (options)
        own = *options;
    if (!own.cache)
        own.cache = chirp_app_cache(app);
    cached_route *self = (cached_route *)(void *)make_layer(app, sizeof(*self), &own, err);
    if (!self) {
        if (route->free_user)
            route->free_user(route->user);
        return err->status;
    }
    self->handler = route->handler;
    self->user = route->user;
    self->free_user = route->free_user;
    chirp_route_def def = *route;
    def.handler = answer;
    def.user = self;
    def.free_user = free_cached;
    return chirp_route_add(app, &def, err);
}
