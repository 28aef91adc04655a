/* SPDX-License-Identifier: MIT */
/* memory_cache.c - a cache in this process: shards with a lock each, the least recently used entry
 * goes first. Copies are made under the lock of one shard only. */
#define _GNU_SOURCE
#include <chirp/cache.h>

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "config/alloc.h"
#include "config/secret.h"

#define SHARDS ((size_t)16)
#define BUCKETS ((size_t)256) /* chains of one shard; entries of a usual size stay short in them */

typedef struct item {
    struct item *next_in_bucket;
    struct item *newer; /* in the order of use */
    struct item *older;
    uint64_t hash;
    int64_t expires;    /* monotonic seconds; 0: never */
    size_t key_len;
    size_t len;
    char data[];        /* key, then bytes */
} item;

typedef struct shard {
    pthread_mutex_t lock;
    item *buckets[BUCKETS]; /* guarded by lock, as all below */
    item *newest;
    item *oldest;
    size_t used;
} shard;

typedef struct memory_cache {
    chirp_cache base; /* first, so that the cache is the base */
    kida_allocator allocator;
    unsigned char hash_key[16]; /* clients choose paths, so the hash is keyed (FM-12) */
    size_t shard_max;
    size_t ready; /* shards whose lock exists */
    shard shards[SHARDS];
} memory_cache;

static int64_t
now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec;
}

static size_t
size_of(const item *entry)
{
    return sizeof(*entry) + entry->key_len + entry->len;
}

/* ---- lists, under the lock ------------------------------------------------------------------- */

static void
unlink_use(shard *part, item *entry)
{
    if (entry->newer)
        entry->newer->older = entry->older;
    else
        part->newest = entry->older;
    if (entry->older)
        entry->older->newer = entry->newer;
    else
        part->oldest = entry->newer;
}

static void
link_newest(shard *part, item *entry)
{
    entry->newer = NULL;
    entry->older = part->newest;
    if (part->newest)
        part->newest->newer = entry;
    else
        part->oldest = entry;
    part->newest = entry;
}

static item **
bucket_of(shard *part, uint64_t hash)
{
    return &part->buckets[(hash >> 8) % BUCKETS];
}

static void
drop(memory_cache *self, shard *part, item *entry)
{
    item **at = bucket_of(part, entry->hash);
    while (*at != entry)
        at = &(*at)->next_in_bucket;
    *at = entry->next_in_bucket;
    unlink_use(part, entry);
    part->used -= size_of(entry);
    ch_free(&self->allocator, entry, size_of(entry));
}

static item *
find(shard *part, uint64_t hash, kida_str key)
{
    item *entry = *bucket_of(part, hash);
    while (entry && (entry->hash != hash ||
                     !kida_str_equal(key, (kida_str){ entry->data, entry->key_len })))
        entry = entry->next_in_bucket;
    return entry;
}

/* ---- the cache ------------------------------------------------------------------------------- */

static shard *
shard_of(memory_cache *self, kida_str key, uint64_t *hash)
{
    *hash = ch_hash(self->hash_key, key);
    return &self->shards[*hash % SHARDS];
}

static kida_status
get(chirp_cache *cache, kida_str key, kida_buf *out)
{
    memory_cache *self = (memory_cache *)(void *)cache;
    uint64_t hash;
    shard *part = shard_of(self, key, &hash);
    kida_status st = KIDA_E_NOT_FOUND;
    pthread_mutex_lock(&part->lock);
    item *entry = find(part, hash, key);
    if (entry && entry->expires != 0 && entry->expires <= now_seconds()) {
        drop(self, part, entry);
    } else if (entry) {
        unlink_use(part, entry);
        link_newest(part, entry);
        kida_buf_put(out, (kida_str){ entry->data + entry->key_len, entry->len });
        st = kida_buf_status(out);
    }
    pthread_mutex_unlock(&part->lock);
    return st;
}

/* An entry that is in no list yet; NULL when out of memory or if it could never fit. */
static item *
make_item(memory_cache *self, uint64_t hash, kida_str key, kida_str bytes, uint32_t ttl)
{
    size_t size;
    if (!ch_size_add(sizeof(item) + key.len, bytes.len, &size) || size > self->shard_max)
        return NULL;
    item *entry = ch_realloc(&self->allocator, NULL, 0, size);
    if (!entry)
        return NULL;
    *entry = (item){ .hash = hash, .key_len = key.len, .len = bytes.len };
    entry->expires = ttl > 0 ? now_seconds() + (int64_t)ttl : 0;
    if (key.len > 0)
        memcpy(entry->data, key.ptr, key.len);
    if (bytes.len > 0)
        memcpy(entry->data + key.len, bytes.ptr, bytes.len);
    return entry;
}

static kida_status
set(chirp_cache *cache, kida_str key, kida_str bytes, uint32_t ttl)
{
    memory_cache *self = (memory_cache *)(void *)cache;
    uint64_t hash;
    shard *part = shard_of(self, key, &hash);
    item *entry = make_item(self, hash, key, bytes, ttl);
    pthread_mutex_lock(&part->lock);
    item *before = find(part, hash, key);
    if (before)
        drop(self, part, before);
    while (entry && part->oldest && part->used + size_of(entry) > self->shard_max)
        drop(self, part, part->oldest);
    if (entry) {
        item **bucket = bucket_of(part, hash);
        entry->next_in_bucket = *bucket;
        *bucket = entry;
        link_newest(part, entry);
        part->used += size_of(entry);
    }
    pthread_mutex_unlock(&part->lock);
    return entry ? KIDA_OK : KIDA_E_NOMEM;
}

static void
remove_key(chirp_cache *cache, kida_str key)
{
    memory_cache *self = (memory_cache *)(void *)cache;
    uint64_t hash;
    shard *part = shard_of(self, key, &hash);
    pthread_mutex_lock(&part->lock);
    item *entry = find(part, hash, key);
    if (entry)
        drop(self, part, entry);
    pthread_mutex_unlock(&part->lock);
}

static void
clear(chirp_cache *cache)
{
    memory_cache *self = (memory_cache *)(void *)cache;
    for (size_t i = 0; i < SHARDS; i++) {
        shard *part = &self->shards[i];
        pthread_mutex_lock(&part->lock);
        while (part->oldest)
            drop(self, part, part->oldest);
        pthread_mutex_unlock(&part->lock);
    }
}

static void
destroy(chirp_cache *cache)
{
    memory_cache *self = (memory_cache *)(void *)cache;
    if (self->ready == SHARDS)
        clear(cache);
    while (self->ready > 0)
        pthread_mutex_destroy(&self->shards[--self->ready].lock);
    kida_allocator allocator = self->allocator;
    ch_free(&allocator, self, sizeof(*self));
}

chirp_cache *
chirp_cache_memory(const kida_allocator *allocator, size_t max_bytes)
{
    static const kida_allocator library = { 0 };
    if (!allocator)
        allocator = &library;
    if (ch_secret_init(NULL) != KIDA_OK)
        return NULL;
    memory_cache *self = ch_calloc(allocator, sizeof(*self));
    if (!self)
        return NULL;
    self->base = (chirp_cache){ get, set, remove_key, clear, destroy };
    self->allocator = *allocator;
    self->shard_max = max_bytes / SHARDS;
    ch_random(self->hash_key, sizeof(self->hash_key));
    while (self->ready < SHARDS &&
           pthread_mutex_init(&self->shards[self->ready].lock, NULL) == 0)
        self->ready++;
    if (self->ready == SHARDS)
        return &self->base;
    destroy(&self->base);
    return NULL;
}

void
chirp_cache_free(chirp_cache *cache)
{
    if (cache)
        cache->destroy(cache);
}
