/* SPDX-License-Identifier: MIT */
/* env.h - an environment from the inside. Fields say who may touch them and when. */
#ifndef KD_ENV_H
#define KD_ENV_H

#include <kida/render.h>

#include "code/code.h"
#include "compiler/compiler.h"
#include "memory/alloc.h"
#include "memory/sync.h"
#include "render/render.h"

/* A registered filter, test or function with its user pointer. */
typedef struct kd_registered {
    kida_str name;
    void *entry;               /* kd_filter_entry, kd_test_entry or kd_function */
    void *user;
    void (*free_user)(void *);
} kd_registered;

typedef struct kd_registry {
    kd_registered *items;
    size_t count, room;
    kd_dict *index;            /* name → number of the one in force */
} kd_registry;

/* Something whose end is the environment's. */
typedef struct kd_kept {
    void *what;
    void (*release)(void *what);
} kd_kept;

/* A compiled template under its resolved name. */
typedef struct kd_stored {
    kida_str name;
    kida_template *tpl;        /* held */
    uint64_t used;             /* clock of the last fetch: the oldest goes first */
} kd_stored;

typedef struct kd_fragment {
    kida_str key;
    kida_str text;
    uint64_t expires_ns;
    uint64_t used;
} kd_fragment;

struct kida_env {
    kd_count count;            /* the owner, renderers and templates */
    kida_allocator allocator;
    kida_config config;        /* fixed at freeze; texts live in pool */
    kida_pool pool;            /* fixed at freeze */
    kd_registry filters, tests, functions; /* fixed at freeze */
    kida_loader *loaders;      /* fixed at freeze */
    size_t loader_count, loader_room;
    size_t last_loaders;       /* how many of them, at the end, are asked behind all others */
    kd_dict *globals;          /* fixed at freeze */
    kd_dict *statics;          /* fixed at freeze; NULL: none */
    kd_kept *kept;             /* fixed at freeze: what goes when the environment goes */
    size_t kept_count, kept_room;
    kida_catalog catalog;
    bool has_catalog;
    kida_sandbox sandbox;
    bool has_sandbox;
    kd_resolver resolver;      /* fixed at freeze */
    kd_host host;              /* fixed at freeze */

    pthread_mutex_t freeze_lock;
    _Atomic int frozen;        /* 0 no, 1 yes, 2 failed; released after all fields above are set */
    kida_error freeze_error;   /* guarded by freeze_lock until frozen */

    pthread_mutex_t store_lock;
    kd_stored *stored;         /* guarded by store_lock */
    size_t stored_count, stored_room;
    uint64_t clock;            /* guarded by store_lock */
    _Atomic uint64_t generation; /* released after a stored template was replaced or dropped */

    pthread_mutex_t fragment_lock;
    kd_fragment *fragments;    /* guarded by fragment_lock */
    size_t fragment_count, fragment_room;
    uint64_t fragment_clock;
};

void kd_env_hold(kida_env *env);
void kd_env_drop(kida_env *env); /* the last one frees all */

/* KIDA_E_FROZEN, reported, once frozen. */
kida_status kd_env_check_setup(kida_env *env, kida_error *err);

/* release(what) runs when the environment goes, or at once on failure. */
kida_status kd_env_keep(kida_env *env, void *what, void (*release)(void *what), kida_error *err);

const kida_allocator *kd_env_allocator(const kida_env *env);

/* ---- registry.c ------------------------------------------------------------------------------ */
void kd_registry_free(kida_env *env, kd_registry *registry);
const kd_filter_entry *kd_env_filter(void *env, kida_str name);
const kd_test_entry *kd_env_test(void *env, kida_str name);
void kd_env_offer_filters(void *env, void (*offer)(void *arg, kida_str name), void *arg);
void kd_env_offer_tests(void *env, void (*offer)(void *arg, kida_str name), void *arg);
/* What the analysis asks: kd_known. */
const kida_filter *kd_env_filter_row(void *env, kida_str name);
bool kd_env_is_global(void *env, kida_str name, unsigned *flags);
/* `consume` and what else the language itself needs. */
kida_status kd_env_add_core(kida_env *env, kida_error *err);

/* ---- names.c --------------------------------------------------------------------------------- */
/* The loader's name of a template as written in a tag of referrer (may be NULL); logical keeps an
 * alias. Both live in pool. Errors: K-TPL-001. */
kida_status kd_resolve_name(const kida_env *env, kida_str name, const kida_template *referrer,
                            kida_pool *pool, kida_str *resolved, kida_str *logical,
                            kida_error *err);

/* ---- store.c --------------------------------------------------------------------------------- */
/* Adds the nearest name that a loader lists to a "not found" that has no hint. Any thread. */
void kd_env_suggest_template(kida_env *env, kida_str name, kida_error *err);
kida_status kd_env_fetch(kida_env *env, kida_str name, const kida_template *referrer,
                         kida_template **out, kida_error *err);
uint64_t kd_env_generation(kida_env *env);
/* Source of a template, asked of the loaders; give it back with kd_env_free_source. */
kida_status kd_env_load(kida_env *env, kida_str name, kida_source *out, kida_error *err);
void kd_env_free_source(kida_env *env, kida_source *s);
kida_autoescape kd_env_escape_of(const kida_env *env, kida_str name);
/* Tree of a template as a tag of referrer names it; all of it in pool. NULL: no such tree. */
const kd_tree *kd_env_tree(void *env, kida_str name, kida_str referrer, kida_pool *pool);
void kd_store_free(kida_env *env);

/* ---- fragments.c ----------------------------------------------------------------------------- */
bool kd_fragment_get(kida_env *env, kida_str key, kida_pool *pool, kida_str *out);
void kd_fragment_put(kida_env *env, kida_str key, kida_str text, double ttl);
void kd_fragments_free(kida_env *env);

#endif
