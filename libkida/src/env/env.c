/* SPDX-License-Identifier: MIT */
/* env.c - settings, making, freezing and freeing an environment. */
#include "env/env.h"
#include "value/dict.h"
#include "value/methods.h"

#include <string.h>

void
kida_config_init(kida_config *config)
{
    memset(config, 0, sizeof *config);
    config->size = sizeof *config;
    config->strict_undefined = true;
    config->variable_start = KIDA_S("{{");
    config->variable_end = KIDA_S("}}");
    config->block_start = KIDA_S("{%");
    config->block_end = KIDA_S("%}");
    config->comment_start = KIDA_S("{#");
    config->comment_end = KIDA_S("#}");
    config->limits.steps = 50000000;
    config->limits.output = 64u << 20;
    config->limits.arena = (size_t)256 << 20;
    config->limits.depth = 200;
    config->limits.include_depth = 50;
    config->limits.extends_depth = 50;
    config->htmx_helpers = true;
    config->jinja_warnings = true;
    config->optimize = true;
    config->cache_size = 400;
    config->fragment_cache_size = 1000;
    config->fragment_ttl = 300.0;
    config->terminal_width = 80;
    config->terminal_height = 24;
    config->terminal_unicode = true;
    config->terminal_ambiguous_width = 1;
}

/* ---- copying settings ------------------------------------------------------------------------ */

static bool
keep(kida_env *env, kida_str *text)
{
    kida_str kept = kd_arena_str(&env->pool, *text);
    *text = kept;
    return kept.ptr != NULL;
}

static bool
keep_names(kida_env *env, const char *const **list)
{
    if (!*list)
        return true;
    size_t count = 0;
    while ((*list)[count])
        count++;
    const char **copy = kd_arena_array(&env->pool, count + 1, sizeof *copy);
    if (!copy)
        return false;
    for (size_t i = 0; i < count; i++) {
        kida_str text = kida_str_from((*list)[i]);
        char *kept = kd_arena_zero(&env->pool, text.len + 1);
        if (!kept)
            return false;
        memcpy(kept, text.ptr, text.len);
        copy[i] = kept;
    }
    copy[count] = NULL;
    *list = copy;
    return true;
}

static bool
keep_aliases(kida_env *env)
{
    const kida_alias *from = env->config.aliases;
    if (!from)
        return true;
    size_t count = 0;
    while (from[count].name)
        count++;
    kida_alias *copy = kd_arena_array(&env->pool, count + 1, sizeof *copy);
    if (!copy)
        return false;
    memset(copy, 0, (count + 1) * sizeof *copy);
    for (size_t i = 0; i < count; i++) {
        const char *const pair[] = { from[i].name, from[i].root, NULL };
        const char *const *list = pair;
        if (!keep_names(env, &list))
            return false;
        copy[i].name = list[0];
        copy[i].root = list[1] ? list[1] : "";
    }
    env->config.aliases = copy;
    return true;
}

static bool
keep_config(kida_env *env)
{
    kida_config *c = &env->config;
    kida_str *texts[] = { &c->variable_start, &c->variable_end, &c->block_start, &c->block_end,
                          &c->comment_start, &c->comment_end };
    for (size_t i = 0; i < KD_COUNT(texts); i++)
        if (!keep(env, texts[i]))
            return false;
    if (c->sandbox) {
        env->sandbox = *c->sandbox;
        env->has_sandbox = true;
        if (env->sandbox.max_range == 0)
            env->sandbox.max_range = 10000;
        c->sandbox = &env->sandbox;
        if (!keep_names(env, &env->sandbox.allowed_attributes) ||
            !keep_names(env, &env->sandbox.blocked_attributes) ||
            !keep_names(env, &env->sandbox.blocked_kinds) ||
            !keep_names(env, &env->sandbox.allowed_calls))
            return false;
    }
    return keep_aliases(env);
}

static void
default_limits(kida_limits *l)
{
    kida_config defaults;
    kida_config_init(&defaults);
    if (!l->steps)
        l->steps = defaults.limits.steps;
    if (!l->output)
        l->output = defaults.limits.output;
    if (!l->arena)
        l->arena = defaults.limits.arena;
    if (!l->depth)
        l->depth = defaults.limits.depth;
    if (!l->include_depth)
        l->include_depth = defaults.limits.include_depth;
    if (!l->extends_depth)
        l->extends_depth = defaults.limits.extends_depth;
}

static kida_status
check_config(const kida_config *c, kida_error *err)
{
    if (c->size != sizeof *c)
        return kd_error_set(err, KIDA_E_USAGE, "the settings were not filled in by "
                            "kida_config_init");
    if (c->variable_start.len == 0 || c->variable_end.len == 0 || c->block_start.len == 0 ||
        c->block_end.len == 0 || c->comment_start.len == 0 || c->comment_end.len == 0)
        return kd_error_set(err, KIDA_E_USAGE, "a delimiter is empty");
    return KIDA_OK;
}

/* ---- making and freeing ---------------------------------------------------------------------- */

kida_env *
kida_env_new(const kida_config *config, kida_error *err)
{
    kida_config defaults;
    kida_config_init(&defaults);
    const kida_config *c = config ? config : &defaults;
    if (check_config(c, err) != KIDA_OK)
        return NULL;
    if (c->hash_seed && !kd_hash_seed_fix(c->hash_seed)) {
        kd_error_set(err, KIDA_E_USAGE, "the hash seed of this process is fixed already");
        return NULL;
    }
    kd_methods_prepare();
    kida_allocator allocator = kd_allocator_or_default(&c->allocator);
    kida_env *env = kd_alloc_zero(&allocator, sizeof *env);
    if (!env) {
        kd_error_set(err, KIDA_E_NOMEM, "out of memory");
        return NULL;
    }
    kd_count_init(&env->count);
    env->allocator = allocator;
    env->config = *c;
    kd_arena_init(&env->pool, &allocator, 0);
    pthread_mutex_init(&env->freeze_lock, NULL);
    pthread_mutex_init(&env->store_lock, NULL);
    pthread_mutex_init(&env->fragment_lock, NULL);
    default_limits(&env->config.limits);
    kida_value globals = kd_dict_make(&env->pool, 64);
    if (!keep_config(env) || !kd_is(globals, KIDA_DICT)) {
        kd_error_set(err, KIDA_E_NOMEM, "out of memory");
        kida_env_free(env);
        return NULL;
    }
    env->globals = kd_dict_of(globals);
    if (kd_env_add_core(env, err) != KIDA_OK) {
        kida_env_free(env);
        return NULL;
    }
    return env;
}

void
kd_env_hold(kida_env *env)
{
    kd_count_up(&env->count);
}

void
kd_env_drop(kida_env *env)
{
    if (!kd_count_down(&env->count))
        return;
    for (size_t i = 0; i < env->loader_count; i++)
        if (env->loaders[i].free_user)
            env->loaders[i].free_user(env->loaders[i].user);
    kida_allocator a = env->allocator;
    kd_free(&a, env->loaders, env->loader_room * sizeof *env->loaders);
    kd_registry_free(env, &env->filters);
    kd_registry_free(env, &env->tests);
    kd_registry_free(env, &env->functions);
    kd_fragments_free(env);
    for (size_t i = env->kept_count; i > 0; i--)
        env->kept[i - 1].release(env->kept[i - 1].what);
    kd_free(&a, env->kept, env->kept_room * sizeof *env->kept);
    pthread_mutex_destroy(&env->freeze_lock);
    pthread_mutex_destroy(&env->store_lock);
    pthread_mutex_destroy(&env->fragment_lock);
    kd_arena_clear(&env->pool);
    kd_free(&a, env, sizeof *env);
}

void
kida_env_free(kida_env *env)
{
    if (!env)
        return;
    kd_store_free(env);
    kd_env_drop(env);
}

const kida_allocator *
kd_env_allocator(const kida_env *env)
{
    return &env->allocator;
}

kida_pool *
kida_env_pool(kida_env *env)
{
    return &env->pool;
}

/* ---- set-up ---------------------------------------------------------------------------------- */

kida_status
kd_env_check_setup(kida_env *env, kida_error *err)
{
    if (atomic_load_explicit(&env->frozen, memory_order_acquire) == 0)
        return KIDA_OK;
    kd_error_set(err, KIDA_E_FROZEN, "the environment is frozen: set it up before the first "
                 "template is loaded");
    return KIDA_E_FROZEN;
}

kida_status
kd_env_keep(kida_env *env, void *what, void (*release)(void *what), kida_error *err)
{
    if (!kd_grow(&env->allocator, (void **)&env->kept, &env->kept_room, env->kept_count,
                 sizeof *env->kept)) {
        release(what);
        return kd_error_set(err, KIDA_E_NOMEM, "out of memory");
    }
    env->kept[env->kept_count].what = what;
    env->kept[env->kept_count++].release = release;
    return KIDA_OK;
}

/* Puts a loader before the `behind` last ones. */
static kida_status
insert_loader(kida_env *env, const kida_loader *loader, size_t behind, kida_error *err)
{
    kida_status st = kd_env_check_setup(env, err);
    if (st == KIDA_OK && !kd_grow(&env->allocator, (void **)&env->loaders, &env->loader_room,
                                  env->loader_count, sizeof *loader))
        st = kd_error_set(err, KIDA_E_NOMEM, "out of memory");
    if (st != KIDA_OK) {
        if (loader->free_user)
            loader->free_user(loader->user);
        return st;
    }
    size_t at = env->loader_count - behind;
    for (size_t i = env->loader_count; i > at; i--)
        env->loaders[i] = env->loaders[i - 1];
    env->loaders[at] = *loader;
    env->loader_count++;
    return KIDA_OK;
}

kida_status
kida_env_add_loader(kida_env *env, const kida_loader *loader, kida_error *err)
{
    return insert_loader(env, loader, env->last_loaders, err);
}

kida_status
kida_env_add_last_loader(kida_env *env, const kida_loader *loader, kida_error *err)
{
    kida_status st = insert_loader(env, loader, 0, err);
    if (st == KIDA_OK)
        env->last_loaders++;
    return st;
}

kida_status
kida_env_set_catalog(kida_env *env, const kida_catalog *catalog, kida_error *err)
{
    kida_status st = kd_env_check_setup(env, err);
    if (st != KIDA_OK)
        return st;
    env->catalog = *catalog;
    env->has_catalog = true;
    return KIDA_OK;
}

static kida_status
put_named(kida_env *env, kd_dict *dict, kida_str name, kida_value value, kida_error *err)
{
    kida_str kept = kd_arena_str(&env->pool, name);
    if (!kept.ptr || !kd_dict_put_str(dict, kept, value))
        return kd_error_set(err, KIDA_E_NOMEM, "out of memory");
    return KIDA_OK;
}

kida_status
kida_env_add_global(kida_env *env, kida_str name, kida_value value, kida_error *err)
{
    kida_status st = kd_env_check_setup(env, err);
    return st == KIDA_OK ? put_named(env, env->globals, name, value, err) : st;
}

kida_status
kida_env_add_static(kida_env *env, kida_str name, kida_value value, kida_error *err)
{
    kida_status st = kd_env_check_setup(env, err);
    if (st != KIDA_OK)
        return st;
    if (!env->statics) {
        kida_value dict = kd_dict_make(&env->pool, 8);
        if (!kd_is(dict, KIDA_DICT))
            return kd_error_set(err, KIDA_E_NOMEM, "out of memory");
        env->statics = kd_dict_of(dict);
    }
    return put_named(env, env->statics, name, value, err);
}

const kida_config *
kida_env_config(const kida_env *env)
{
    return &env->config;
}
