/* SPDX-License-Identifier: MIT */
/* store.c - compiled templates: found by name, compiled once, replaced when their source changed.
 * Renderers keep what they fetched until the generation changes, so a render takes no lock. */
#include "env/env.h"
#include "error/suggest.h"

#include <string.h>

/* ---- templates ------------------------------------------------------------------------------- */

kida_template *
kida_template_hold(kida_template *tpl)
{
    kd_count_up(&tpl->count);
    return tpl;
}

void
kida_template_drop(kida_template *tpl)
{
    if (!tpl || !kd_count_down(&tpl->count))
        return;
    kida_env *env = tpl->env;
    kida_allocator a = env->allocator;
    kd_arena_clear(&tpl->pool);
    kd_free(&a, tpl, sizeof *tpl);
    kd_env_drop(env);
}

/* HTML unless the name ends in .kida behind something that is no markup. */
kida_autoescape
kd_env_escape_of(const kida_env *env, kida_str name)
{
    const kida_config *c = &env->config;
    if (c->autoescape_for)
        return c->autoescape_for(c->autoescape_user, name) ? KIDA_ESCAPE_HTML : KIDA_ESCAPE_OFF;
    if (c->autoescape != KIDA_ESCAPE_HTML || !kd_str_ends(name, KIDA_S(".kida")))
        return c->autoescape;
    static const kida_str markup[] = { KD_STR(".html"), KD_STR(".htm"), KD_STR(".xhtml"),
                                       KD_STR(".xml"), KD_STR(".svg") };
    kida_str inner = kd_str_sub(name, 0, name.len - 5);
    for (size_t i = 0; i < KD_COUNT(markup); i++) {
        size_t n = markup[i].len;
        if (inner.len < n)
            continue;
        bool same = true;
        for (size_t k = 0; k < n && same; k++) {
            char ch = inner.ptr[inner.len - n + k];
            same = (ch >= 'A' && ch <= 'Z' ? ch + 32 : ch) == markup[i].ptr[k];
        }
        if (same)
            return KIDA_ESCAPE_HTML;
    }
    return KIDA_ESCAPE_OFF;
}

static kida_template *
compile(kida_env *env, kida_str name, kida_str filename, kida_str source, kida_error *err)
{
    kida_template *tpl = kd_alloc_zero(&env->allocator, sizeof *tpl);
    if (!tpl) {
        kd_error_set(err, KIDA_E_NOMEM, "out of memory");
        return NULL;
    }
    kd_count_init(&tpl->count);
    kd_arena_init(&tpl->pool, &env->allocator, 0);
    tpl->env = env;
    kd_env_hold(env);
    tpl->name = kd_arena_str(&tpl->pool, name);
    tpl->filename = kd_arena_str(&tpl->pool, filename);
    tpl->source = kd_arena_str(&tpl->pool, source);
    kida_status st = KIDA_E_NOMEM;
    if (!tpl->name.ptr || !tpl->filename.ptr || !tpl->source.ptr) {
        kd_error_set(err, KIDA_E_NOMEM, "out of memory");
    } else if (!kida_utf8_valid(source)) {
        st = kd_error_set(err, KIDA_E_UTF8, "template '%.*s' is not valid UTF-8", (int)name.len,
                          name.ptr);
    } else {
        kd_resolver resolver = env->resolver;
        resolver.escape = kd_env_escape_of(env, name);
        kida_pool scratch;
        kd_arena_init(&scratch, &env->allocator, 0);
        st = kd_compile(&resolver, tpl, &scratch, err);
        kd_arena_clear(&scratch);
    }
    if (st == KIDA_OK)
        return tpl;
    kida_template_drop(tpl);
    return NULL;
}

/* ---- loading --------------------------------------------------------------------------------- */

void
kd_env_free_source(kida_env *env, kida_source *s)
{
    kd_free(&env->allocator, (void *)(uintptr_t)s->text.ptr, s->text.len);
    kd_free(&env->allocator, (void *)(uintptr_t)s->filename.ptr, s->filename.len);
    memset(s, 0, sizeof *s);
}

kida_status
kd_env_load(kida_env *env, kida_str name, kida_source *out, kida_error *err)
{
    if (env->loader_count == 0)
        return kd_error_set(err, KIDA_E_NO_LOADER, "the environment has no loader to find '%.*s'",
                            (int)name.len, name.ptr);
    kida_error_init(err);
    for (size_t i = 0; i < env->loader_count; i++) {
        kida_loader *l = &env->loaders[i];
        memset(out, 0, sizeof *out);
        kida_status st = l->load(l->user, name, &env->allocator, out, err);
        if (st != KIDA_E_NOT_FOUND)
            return st;
    }
    if (err->status != KIDA_E_NOT_FOUND)
        kd_error_set(err, KIDA_E_NOT_FOUND, "template '%.*s' not found", (int)name.len, name.ptr);
    return KIDA_E_NOT_FOUND;
}

/* ---- the store ------------------------------------------------------------------------------- */

static kd_stored *
find(kida_env *env, kida_str name)
{
    for (size_t i = 0; i < env->stored_count; i++)
        if (kida_str_equal(env->stored[i].name, name))
            return &env->stored[i];
    return NULL;
}

static void
remove_stored(kida_env *env, size_t at)
{
    kd_stored s = env->stored[at];
    env->stored[at] = env->stored[--env->stored_count];
    kd_free(&env->allocator, (void *)(uintptr_t)s.name.ptr, s.name.len);
    /* Pairs with the acquire load in kd_env_generation. */
    atomic_fetch_add_explicit(&env->generation, 1, memory_order_release);
    kida_template_drop(s.tpl);
}

static void
make_room(kida_env *env)
{
    while (env->stored_count > 0 && env->stored_count >= env->config.cache_size) {
        size_t oldest = 0;
        for (size_t i = 1; i < env->stored_count; i++)
            if (env->stored[i].used < env->stored[oldest].used)
                oldest = i;
        remove_stored(env, oldest);
    }
}

/* Publishes tpl under name unless another thread was first; returns the one in force, held. */
static kida_template *
publish(kida_env *env, kida_str name, kida_template *tpl, bool replace)
{
    pthread_mutex_lock(&env->store_lock);
    kd_stored *old = find(env, name);
    if (old && !replace) {
        kida_template *theirs = kida_template_hold(old->tpl);
        pthread_mutex_unlock(&env->store_lock);
        kida_template_drop(tpl);
        return theirs;
    }
    if (old)
        remove_stored(env, (size_t)(old - env->stored));
    make_room(env);
    char *copy = kd_alloc(&env->allocator, name.len ? name.len : 1);
    if (copy && kd_grow(&env->allocator, (void **)&env->stored, &env->stored_room,
                        env->stored_count, sizeof *env->stored)) {
        memcpy(copy, name.ptr, name.len);
        kd_stored made = { { copy, name.len }, kida_template_hold(tpl), ++env->clock };
        env->stored[env->stored_count++] = made;
    } else {
        kd_free(&env->allocator, copy, name.len ? name.len : 1);
    }
    pthread_mutex_unlock(&env->store_lock);
    return tpl;
}

static bool
has_changed(kida_env *env, kida_str name, uint64_t version)
{
    for (size_t i = 0; i < env->loader_count; i++) {
        kida_loader *l = &env->loaders[i];
        uint64_t now;
        if (l->version && l->version(l->user, name, &now) == KIDA_OK)
            return now != version;
    }
    return false;
}

static kida_template *
stored_template(kida_env *env, kida_str name)
{
    pthread_mutex_lock(&env->store_lock);
    kd_stored *s = find(env, name);
    kida_template *tpl = s ? kida_template_hold(s->tpl) : NULL;
    if (s)
        s->used = ++env->clock;
    pthread_mutex_unlock(&env->store_lock);
    return tpl;
}

static kida_template *
fetch_resolved(kida_env *env, kida_str name, kida_str logical, kida_error *err)
{
    kida_template *tpl = stored_template(env, name);
    bool stale = tpl && env->config.auto_reload && has_changed(env, name, tpl->version);
    if (tpl && !stale)
        return tpl;
    kida_source source;
    kida_status st = kd_env_load(env, name, &source, err);
    if (st != KIDA_OK) {
        kida_template_drop(tpl);
        return NULL;
    }
    kida_template *made = compile(env, logical, source.filename, source.text, err);
    if (made)
        made->version = source.version;
    kd_env_free_source(env, &source);
    kida_template_drop(tpl);
    return made ? publish(env, name, made, stale) : NULL;
}

kida_status
kd_env_fetch(kida_env *env, kida_str name, const kida_template *referrer, kida_template **out,
             kida_error *err)
{
    kida_pool pool;
    kida_str resolved, logical;
    kd_arena_init(&pool, &env->allocator, 0);
    kida_status st = kd_resolve_name(env, name, referrer, &pool, &resolved, &logical, err);
    if (st == KIDA_OK) {
        *out = fetch_resolved(env, resolved, logical, err);
        st = *out ? KIDA_OK : err->status;
    }
    kd_arena_clear(&pool);
    return st;
}

uint64_t
kd_env_generation(kida_env *env)
{
    return atomic_load_explicit(&env->generation, memory_order_acquire);
}

void
kd_store_free(kida_env *env)
{
    while (env->stored_count > 0)
        remove_stored(env, env->stored_count - 1);
    kd_free(&env->allocator, env->stored, env->stored_room * sizeof *env->stored);
    env->stored = NULL;
    env->stored_room = 0;
}

/* ---- a name that was perhaps meant ----------------------------------------------------------- */

enum { OFFERED_MAX = 500 };

typedef struct offers {
    kd_suggest suggest;
    char best[160];
    size_t count;
} offers;

/* Names live during the call only, so the nearest one is copied. */
static kida_status
offer_template(void *arg, kida_str name)
{
    offers *o = arg;
    double before = o->suggest.ratio;
    if (name.len >= sizeof o->best)
        return KIDA_OK;
    kd_suggest_offer(&o->suggest, name);
    if (o->suggest.best.len > 0 && o->suggest.ratio > before) {
        memcpy(o->best, name.ptr, name.len);
        o->suggest.best.ptr = o->best;
    }
    return ++o->count < OFFERED_MAX ? KIDA_OK : KIDA_E_STOPPED;
}

void
kd_env_suggest_template(kida_env *env, kida_str name, kida_error *err)
{
    if (err->status != KIDA_E_NOT_FOUND || err->hint[0] != '\0')
        return;
    offers o = { 0 };
    kd_suggest_init(&o.suggest, name);
    for (size_t i = 0; i < env->loader_count; i++) {
        const kida_loader *l = &env->loaders[i];
        if (l->list && l->list(l->user, offer_template, &o) != KIDA_OK)
            break;
    }
    if (o.suggest.best.len > 0)
        kd_error_hint(err, "did you mean '%.*s'?", (int)o.suggest.best.len, o.best);
}

/* ---- public ---------------------------------------------------------------------------------- */

kida_template *
kida_env_get(kida_env *env, kida_str name, kida_error *err)
{
    kida_error own;
    kida_error *e = err ? err : &own;
    kida_template *tpl = NULL;
    kida_error_init(e);
    if (kida_env_freeze(env, e) != KIDA_OK)
        return NULL;
    if (kd_env_fetch(env, name, NULL, &tpl, e) != KIDA_OK) {
        kd_env_suggest_template(env, name, e);
        return NULL;
    }
    return tpl;
}

kida_template *
kida_env_from_source(kida_env *env, kida_str name, kida_str source, kida_error *err)
{
    kida_error own;
    kida_error *e = err ? err : &own;
    kida_error_init(e);
    if (kida_env_freeze(env, e) != KIDA_OK)
        return NULL;
    return compile(env, name, KIDA_S(""), source, e);
}

void
kida_env_clear_templates(kida_env *env)
{
    pthread_mutex_lock(&env->store_lock);
    while (env->stored_count > 0)
        remove_stored(env, env->stored_count - 1);
    pthread_mutex_unlock(&env->store_lock);
}
