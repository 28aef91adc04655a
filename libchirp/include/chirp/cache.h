/* SPDX-License-Identifier: MIT */
/* cache.h - a place for bytes with a time to live, and a layer that keeps answers in it. */
#ifndef CHIRP_CACHE_H
#define CHIRP_CACHE_H

#include "app.h"
#include "middleware.h"

KIDA_BEGIN_DECLS

/** A place for bytes under keys. Any implementation fills in the functions; all may be called from
 *  any thread. */
typedef struct chirp_cache chirp_cache;
struct chirp_cache {
    /* Appends the bytes kept under key to out. Errors: KIDA_E_NOT_FOUND, KIDA_E_IO, KIDA_E_NOMEM */
    kida_status (*get)(chirp_cache *cache, kida_str key, kida_buf *out);
    /* Keeps a copy; ttl in seconds, 0: until it is pushed out. Errors: KIDA_E_IO, KIDA_E_NOMEM */
    kida_status (*set)(chirp_cache *cache, kida_str key, kida_str bytes, uint32_t ttl);
    /* Forgets one key; all keys. */
    void (*remove)(chirp_cache *cache, kida_str key);
    void (*clear)(chirp_cache *cache);
    void (*destroy)(chirp_cache *cache);
};

/**
 * A cache in the memory of this process.
 *
 * Owner:  end it with chirp_cache_free; allocator is copied, NULL: the C library's.
 * Limits: max_bytes for keys, values and bookkeeping; what was used least recently goes first.
 * Errors: NULL when out of memory.
 * Thread: any
 */
CHIRP_API CHIRP_MUST_USE chirp_cache *chirp_cache_memory(const kida_allocator *allocator,
                                                         size_t max_bytes);

/**
 * A cache that keeps nothing: get never finds, set always succeeds.
 *
 * Owner:  chirp_cache_free may be called, and does nothing.
 * Thread: any
 */
CHIRP_API CHIRP_MUST_USE chirp_cache *chirp_cache_null(void);

/**
 * The cache of the config, made when first asked for: config.cache_backend "memory" with
 * cache_max_bytes, or "null". The layer of cache_middleware_enabled keeps its answers there too;
 * its keys begin with `answer:`.
 *
 * Owner:  the app.
 * Errors: NULL when out of memory, or if nobody asked for it before freeze.
 * Thread: setup makes it; any afterwards
 */
CHIRP_API chirp_cache *chirp_app_cache(struct chirp_app *app);

/** Calls destroy; NULL is fine. Thread: owner */
CHIRP_API void chirp_cache_free(chirp_cache *cache);

/* ---- answers ------------------------------------------------------------------------------- */

/** Which answers are kept. */
typedef struct chirp_cache_options {
    size_t size;              /* of this struct */
    chirp_cache *cache;       /* must outlive the app */
    uint32_t ttl;             /* seconds where the answer does not say it by s-maxage, 300 */
    size_t max_body;          /* larger ones are not kept, 1 MiB */
    const char *const *vary;  /* request headers besides the HX-… ones that tell answers apart */
    bool with_cookies;        /* also for requests with Cookie: where no answer depends on it */
} chirp_cache_options;

CHIRP_API void chirp_cache_options_init(chirp_cache_options *options);

/**
 * Answers GET and HEAD from the cache. The key is scheme, host, path, sorted query, HX-Request,
 * HX-Boosted, HX-Target, HX-History-Restore-Request and the vary headers. Not kept: other
 * statuses than 200, answers with Set-Cookie, with Cache-Control private, no-store or no-cache,
 * with a Vary that the key does not cover, files, streams; nor those to requests with Authorization
 * or Cookie. Failures of the cache count as misses.
 */
CHIRP_API kida_status chirp_use_cache(struct chirp_app *app, const chirp_cache_options *options,
                                      kida_error *err);

/**
 * chirp_route_add with a cache before the handler: chirp_use_cache for one route, with the same
 * keys and the same rules of what is kept. Layers still run, so what they refuse stays refused.
 *
 * Owner:  options are copied; their cache must outlive the app. NULL: that of the config.
 * Errors: as chirp_route_add; KIDA_E_USAGE for wrong options.
 * Thread: setup
 */
CHIRP_API kida_status chirp_route_cached(struct chirp_app *app, const chirp_route_def *route,
                                         const chirp_cache_options *options, kida_error *err);

KIDA_END_DECLS

#endif
