/* SPDX-License-Identifier: MIT */
/* freeze.c - the end of set-up: exactly one thread does it, all others wait or see it done. */
#include "env/env.h"

static void
prepare_resolver(kida_env *env)
{
    const kida_config *c = &env->config;
    kd_resolver *r = &env->resolver;
    r->user = env;
    r->filter = kd_env_filter;
    r->test = kd_env_test;
    r->each_filter = kd_env_offer_filters;
    r->each_test = kd_env_offer_tests;
    r->lexer.variable_start = c->variable_start;
    r->lexer.variable_end = c->variable_end;
    r->lexer.block_start = c->block_start;
    r->lexer.block_end = c->block_end;
    r->lexer.comment_start = c->comment_start;
    r->lexer.comment_end = c->comment_end;
    r->lexer.trim_blocks = c->trim_blocks;
    r->lexer.lstrip_blocks = c->lstrip_blocks;
    r->optimize = c->optimize;
    r->jinja_warnings = c->jinja_warnings;
    r->validate_calls = c->validate_calls;
    r->warn = c->warn;
    r->warn_user = c->warn_user;
    r->known.user = env;
    r->known.filter = kd_env_filter_row;
    r->known.global = kd_env_is_global;
    r->known.tree = kd_env_tree;
}

static void
prepare_host(kida_env *env)
{
    kd_host *h = &env->host;
    h->env = env;
    h->fetch = kd_env_fetch;
    h->suggest_template = kd_env_suggest_template;
    h->filter = kd_env_filter;
    h->test = kd_env_test;
    h->generation = kd_env_generation;
    h->cache_get = kd_fragment_get;
    h->cache_put = kd_fragment_put;
    h->catalog = env->has_catalog ? &env->catalog : NULL;
    h->globals = env->globals;
    h->statics = env->statics;
    h->sandbox = env->has_sandbox ? &env->sandbox : NULL;
    h->upcalls = env->has_sandbox ? &kd_sandbox_upcalls : &kd_render_upcalls;
    h->limits = &env->config.limits;
    h->random_seed = env->config.hash_seed; /* fixed together, for tests */
    h->fragment_ttl = env->config.fragment_ttl;
    h->strict_undefined = env->config.strict_undefined;
    h->auto_reload = env->config.auto_reload;
    h->strict_none = env->config.strict_none;
}

static void
freeze_locked(kida_env *env)
{
    if (atomic_load_explicit(&env->frozen, memory_order_relaxed) != 0)
        return;
    prepare_resolver(env);
    prepare_host(env);
    kida_pool_seal(&env->pool);
    /* Pairs with the acquire load in kida_env_freeze and kd_env_check_setup. */
    atomic_store_explicit(&env->frozen, 1, memory_order_release);
}

kida_status
kida_env_freeze(kida_env *env, kida_error *err)
{
    (void)err;
    if (KD_LIKELY(atomic_load_explicit(&env->frozen, memory_order_acquire) == 1))
        return KIDA_OK;
    pthread_mutex_lock(&env->freeze_lock);
    freeze_locked(env);
    pthread_mutex_unlock(&env->freeze_lock);
    return KIDA_OK;
}
