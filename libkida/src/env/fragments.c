/* SPDX-License-Identifier: MIT */
/* fragments.c - texts of `cache` statements, shared by all renders of an environment: bounded,
 * oldest use goes first, each with its time to live. */
#define _GNU_SOURCE
#include "env/env.h"

#include <string.h>
#include <time.h>

static uint64_t
now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void
drop(kida_env *env, size_t at)
{
    kd_fragment *f = &env->fragments[at];
    kd_free(&env->allocator, (void *)(uintptr_t)f->key.ptr, f->key.len + f->text.len + 1);
    *f = env->fragments[--env->fragment_count];
}

static size_t
find(const kida_env *env, kida_str key)
{
    size_t i = 0;
    while (i < env->fragment_count && !kida_str_equal(env->fragments[i].key, key))
        i++;
    return i;
}

bool
kd_fragment_get(kida_env *env, kida_str key, kida_pool *pool, kida_str *out)
{
    bool hit = false;
    pthread_mutex_lock(&env->fragment_lock);
    size_t at = find(env, key);
    if (at < env->fragment_count) {
        kd_fragment *f = &env->fragments[at];
        if (now_ns() >= f->expires_ns) {
            drop(env, at);
        } else {
            *out = kd_arena_str(pool, f->text);
            f->used = ++env->fragment_clock;
            hit = out->ptr != NULL;
        }
    }
    pthread_mutex_unlock(&env->fragment_lock);
    return hit;
}

static void
make_room(kida_env *env)
{
    while (env->fragment_count > 0 && env->fragment_count >= env->config.fragment_cache_size) {
        size_t oldest = 0;
        for (size_t i = 1; i < env->fragment_count; i++)
            if (env->fragments[i].used < env->fragments[oldest].used)
                oldest = i;
        drop(env, oldest);
    }
}

void
kd_fragment_put(kida_env *env, kida_str key, kida_str text, double ttl)
{
    if (env->config.fragment_cache_size == 0 || ttl <= 0)
        return;
    double most = 1e9; /* thirty years: keeps the product in range */
    uint64_t expires = now_ns() + (uint64_t)((ttl < most ? ttl : most) * 1e9);
    char *copy = kd_alloc(&env->allocator, key.len + text.len + 1);
    if (!copy)
        return; /* a cache may always decline */
    memcpy(copy, key.ptr, key.len);
    memcpy(copy + key.len, text.ptr, text.len);
    kd_fragment made = { { copy, key.len }, { copy + key.len, text.len }, expires, 0 };
    pthread_mutex_lock(&env->fragment_lock);
    size_t at = find(env, key);
    if (at < env->fragment_count)
        drop(env, at);
    make_room(env);
    if (kd_grow(&env->allocator, (void **)&env->fragments, &env->fragment_room,
                env->fragment_count, sizeof made)) {
        made.used = ++env->fragment_clock;
        env->fragments[env->fragment_count++] = made;
        copy = NULL;
    }
    pthread_mutex_unlock(&env->fragment_lock);
    kd_free(&env->allocator, copy, key.len + text.len + 1);
}

void
kida_env_clear_fragments(kida_env *env)
{
    pthread_mutex_lock(&env->fragment_lock);
    while (env->fragment_count > 0)
        drop(env, env->fragment_count - 1);
    pthread_mutex_unlock(&env->fragment_lock);
}

void
kd_fragments_free(kida_env *env)
{
    while (env->fragment_count > 0)
        drop(env, env->fragment_count - 1);
    kd_free(&env->allocator, env->fragments, env->fragment_room * sizeof *env->fragments);
}
