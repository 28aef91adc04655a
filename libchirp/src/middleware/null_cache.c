/* SPDX-License-Identifier: MIT */
/* null_cache.c - a cache that keeps nothing, for tests and for turning a cache off. */
#include <chirp/cache.h>

static kida_status
get(chirp_cache *cache, kida_str key, kida_buf *out)
{
    (void)cache;
    (void)key;
    (void)out;
    return KIDA_E_NOT_FOUND;
}

static kida_status
set(chirp_cache *cache, kida_str key, kida_str bytes, uint32_t ttl)
{
    (void)cache;
    (void)key;
    (void)bytes;
    (void)ttl;
    return KIDA_OK;
}

static void
remove_key(chirp_cache *cache, kida_str key)
{
    (void)cache;
    (void)key;
}

static void
do_nothing(chirp_cache *cache)
{
    (void)cache;
}

chirp_cache *
chirp_cache_null(void)
{
    static chirp_cache nothing = { get, set, remove_key, do_nothing, do_nothing };
    return &nothing;
}
