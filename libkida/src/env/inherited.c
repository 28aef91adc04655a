/* SPDX-License-Identifier: MIT */
/* inherited.c - introspection across templates: blocks and paths of literal parents. */
#include "env/env.h"

#include <string.h>

#include "analysis/facts.h"
#include "analysis/paths.h"

/* ---- up the chain --------------------------------------------------------------------------- */

/* Calls each for tpl and its literal parents, leaf first. */
static kida_status
each_level(kida_template *tpl, kida_status (*each)(void *arg, kida_template *level), void *arg,
           kida_error *err)
{
    kida_template *level = kida_template_hold(tpl);
    kida_status st = KIDA_OK;
    for (uint32_t depth = 0; level && st == KIDA_OK; depth++) {
        kida_template *parent = NULL;
        kida_str up = level->facts.info.extends;
        st = each(arg, level);
        if (st == KIDA_OK && up.len && depth >= tpl->env->config.limits.extends_depth)
            st = kd_error_set(err, KIDA_E_CIRCULAR, "'%.*s' extends itself, or its parents are too "
                              "many", (int)tpl->name.len, tpl->name.ptr);
        else if (st == KIDA_OK && up.len)
            st = kd_env_fetch(tpl->env, up, level, &parent, err);
        kida_template_drop(level);
        level = st == KIDA_OK ? parent : NULL;
    }
    return st;
}

/* ---- purity through includes ---------------------------------------------------------------- */

/* A stack of what is being followed, so that circles end. */
typedef struct follow {
    const kida_template *tpl;
    const struct follow *outer;
    unsigned depth;
} follow;

#define FOLLOW_MAX 8 /* includes of includes: deeper is unknown */
#define FOLLOW_ALL 200 /* templates looked at for one block */

static kida_purity
of_includes(kida_template *tpl, kida_names names, const follow *outer, unsigned *left)
{
    kida_purity worst = KIDA_PURITY_PURE;
    for (size_t i = 0; i < names.count && worst != KIDA_PURITY_IMPURE; i++) {
        kida_template *part = NULL;
        kida_error ignored;
        kida_error_init(&ignored);
        if (*left == 0 || outer->depth >= FOLLOW_MAX)
            return kd_purity_both(worst, KIDA_PURITY_UNKNOWN);
        --*left;
        if (kd_env_fetch(tpl->env, names.items[i], tpl, &part, &ignored) != KIDA_OK)
            return kd_purity_both(worst, KIDA_PURITY_UNKNOWN);
        follow here = { part, outer, outer->depth + 1 };
        for (const follow *f = outer; f; f = f->outer)
            if (f->tpl == part)
                worst = kd_purity_both(worst, KIDA_PURITY_UNKNOWN);
        kida_purity own = part->facts.purity;
        if (own != KIDA_PURITY_IMPURE && part->facts.info.includes.count)
            own = kd_purity_both(own, of_includes(part, part->facts.info.includes, &here, left));
        if (part->has_extends)
            own = kd_purity_both(own, KIDA_PURITY_UNKNOWN);
        worst = kd_purity_both(worst, own);
        kida_template_drop(part);
    }
    return worst;
}

static void
settle_purity(kida_template *tpl, size_t index, kida_block_info *b)
{
    unsigned left = FOLLOW_ALL;
    follow here = { tpl, NULL, 0 };
    if (b->includes.count == 0)
        return;
    b->purity = kd_purity_both(tpl->facts.block_purity[index],
                               of_includes(tpl, b->includes, &here, &left));
    b->cache_scope = kd_cache_scope(b->purity, &b->depends_on);
}

/* ---- blocks --------------------------------------------------------------------------------- */

typedef struct block_walk {
    kida_status (*each)(void *arg, const kida_block_info *info);
    void *arg;
    kida_pool pool;
    kd_dict *seen;
    bool inherited;
} block_walk;

static kida_status
blocks_of(void *arg, kida_template *level)
{
    block_walk *w = arg;
    kida_status st = KIDA_OK;
    for (size_t i = 0; i < level->facts.block_count && st == KIDA_OK; i++) {
        kida_block_info info = level->facts.blocks[i];
        if (kd_dict_find_hashed(w->seen, info.name, kd_hash_str(info.name)))
            continue;
        kida_str name = kd_arena_str(&w->pool, info.name);
        if (!name.ptr || !kd_dict_put_str(w->seen, name, kida_none()))
            return KIDA_E_NOMEM;
        settle_purity(level, i, &info);
        info.is_inherited = w->inherited;
        st = w->each(w->arg, &info);
    }
    w->inherited = true;
    return st;
}

kida_status
kida_template_each_block(kida_template *tpl,
                         kida_status (*each)(void *arg, const kida_block_info *info), void *arg,
                         kida_error *err)
{
    kida_error own;
    block_walk w = { .each = each, .arg = arg };
    err = err ? err : &own;
    kida_error_init(err);
    kd_arena_init(&w.pool, &tpl->env->allocator, 0);
    kida_value seen = kd_dict_make(&w.pool, 0);
    kida_status st = kd_is(seen, KIDA_DICT) ? KIDA_OK : KIDA_E_NOMEM;
    w.seen = st == KIDA_OK ? kd_dict_of(seen) : NULL;
    if (st == KIDA_OK)
        st = each_level(tpl, blocks_of, &w, err);
    kd_arena_clear(&w.pool);
    if (st != KIDA_OK && err->status == KIDA_OK)
        kd_error_set(err, st, "%s", kida_status_text(st));
    return st;
}

/* ---- paths ---------------------------------------------------------------------------------- */

typedef struct path_walk {
    kida_pool *pool;
    kd_dict *paths;
    bool roots;           /* only the part before the first dot */
    bool inherited;
} path_walk;

static bool
add_paths(path_walk *w, kida_names names)
{
    for (size_t i = 0; i < names.count; i++) {
        kida_str path = names.items[i];
        size_t dot = w->roots ? kd_str_find(path, KIDA_S("."), 0) : SIZE_MAX;
        path.len = dot != SIZE_MAX ? dot : path.len;
        if (kd_dict_find_hashed(w->paths, path, kd_hash_str(path)))
            continue;
        kida_str copy = kd_arena_str(w->pool, path);
        if (!copy.ptr || !kd_dict_put_str(w->paths, copy, kida_none()))
            return false;
    }
    return true;
}

/* Of parents only the blocks count. */
static kida_status
paths_of(void *arg, kida_template *level)
{
    path_walk *w = arg;
    bool done = w->inherited || add_paths(w, level->facts.info.depends_on);
    for (size_t i = 0; w->inherited && done && i < level->facts.block_count; i++)
        done = add_paths(w, level->facts.blocks[i].depends_on);
    w->inherited = true;
    return done ? KIDA_OK : KIDA_E_NOMEM;
}

/* *out = the sorted keys of the walk's dict, those of except left out. */
static kida_status
sorted_list(path_walk *w, const kd_dict *except, kida_value *out)
{
    size_t count = 0, at = 0;
    kida_str *items = kd_arena_array(w->pool, w->paths->count + 1, sizeof *items);
    if (!items)
        return KIDA_E_NOMEM;
    for (kd_entry *e; (e = kd_dict_entry_at(w->paths, &at)) != NULL;) {
        kida_str name = kida_as_str(e->key);
        if (!except || !kd_dict_find_hashed(except, name, kd_hash_str(name)))
            items[count++] = name;
    }
    kd_names_sort(items, count);
    kida_value list;
    kida_status st = kida_list_new(w->pool, count, &list);
    for (size_t i = 0; i < count && st == KIDA_OK; i++)
        st = kida_list_push(list, kida_string(items[i]));
    if (st == KIDA_OK)
        *out = list;
    return st;
}

static kida_status
collect(kida_template *tpl, bool roots, const kd_dict *except, kida_pool *pool, kida_value *out,
        kida_error *err)
{
    kida_error own;
    kida_value paths = kd_dict_make(pool, 0);
    err = err ? err : &own;
    kida_error_init(err);
    path_walk w = { .pool = pool, .roots = roots };
    kida_status st = kd_is(paths, KIDA_DICT) ? KIDA_OK : KIDA_E_NOMEM;
    if (st == KIDA_OK) {
        w.paths = kd_dict_of(paths);
        st = each_level(tpl, paths_of, &w, err);
    }
    if (st == KIDA_OK)
        st = sorted_list(&w, except, out);
    if (st != KIDA_OK && err->status == KIDA_OK)
        kd_error_set(err, st, "%s", kida_status_text(st));
    return st;
}

kida_status
kida_template_depends_on(kida_template *tpl, kida_pool *pool, kida_value *out, kida_error *err)
{
    return collect(tpl, false, NULL, pool, out, err);
}

kida_status
kida_template_required(kida_template *tpl, kida_pool *pool, kida_value *out, kida_error *err)
{
    return collect(tpl, true, NULL, pool, out, err);
}

kida_status
kida_template_missing(kida_template *tpl, kida_value context, kida_pool *pool, kida_value *out,
                      kida_error *err)
{
    const kd_dict *given = kd_is(context, KIDA_DICT) ? kd_dict_of(context) : NULL;
    if (!given && !kd_is_nothing(context))
        return kd_error_set(err, KIDA_E_USAGE, "the context to compare with must be a dict");
    return collect(tpl, true, given, pool, out, err);
}
