/* SPDX-License-Identifier: MIT */
/* context.c - the variables of a render. Names become cells once per context; code then reads
 * cells. A copy of a context is a layer on top of it: what is written below while the layer lives
 * is first handed up to it, so that the layer keeps seeing the state at its making. */
#include "vm/vm.h"

#include <string.h>

static kd_ctx *
ctx_init(kd_ctx *ctx, kd_ctx_kind kind, kd_ctx *base, kd_cell **buckets, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        buckets[i] = NULL;
    ctx->kind = kind;
    ctx->base = base;
    ctx->buckets = buckets;
    ctx->mask = count - 1;
    ctx->values = kd_absent();
    ctx->has_values = false;
    ctx->links = NULL;
    ctx->children = NULL;
    ctx->sibling = NULL;
    return ctx;
}

/* Context and buckets in one piece. */
static kd_ctx *
ctx_new(kd_vm *vm, kd_ctx_kind kind, kd_ctx *base, uint32_t count)
{
    kd_ctx *ctx = kd_arena_alloc(&vm->pool, sizeof *ctx + count * sizeof *ctx->buckets);
    if (!ctx) {
        kd_fail_memory(&vm->call);
        return NULL;
    }
    return ctx_init(ctx, kind, base, (kd_cell **)(void *)(ctx + 1), count);
}

kd_ctx *
kd_ctx_root(kd_vm *vm)
{
    return ctx_new(vm, KD_CTX_ROOT, NULL, KD_ROOT_BUCKETS);
}

kd_ctx *
kd_ctx_first(kd_vm *vm, kida_value values)
{
    kd_ctx *ctx = ctx_init(&vm->root, KD_CTX_ROOT, NULL, vm->root_buckets, KD_ROOT_BUCKETS);
    ctx->values = values;
    ctx->has_values = true;
    return ctx;
}

kd_ctx *
kd_ctx_push(kd_vm *vm, kd_ctx *base, kd_ctx_kind kind)
{
    kd_ctx *ctx = ctx_new(vm, kind, base, KD_LAYER_BUCKETS);
    if (ctx) {
        ctx->sibling = base->children;
        base->children = ctx;
    }
    return ctx;
}

void
kd_ctx_pop(kd_ctx *ctx)
{
    for (kd_ctx **at = &ctx->base->children; *at; at = &(*at)->sibling) {
        if (*at == ctx) {
            *at = ctx->sibling;
            return;
        }
    }
}

kd_cell **
kd_ctx_links(kd_vm *vm, kd_ctx *ctx, const kida_template *tpl)
{
    for (kd_links *l = ctx->links; l; l = l->next)
        if (l->tpl == tpl)
            return l->cells;
    size_t count = tpl->name_count;
    kd_links *l = kd_arena_alloc(&vm->pool, sizeof *l + count * sizeof *l->cells);
    if (!l) {
        kd_fail_memory(&vm->call);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        l->cells[i] = NULL;
    l->tpl = tpl;
    l->next = ctx->links;
    ctx->links = l;
    return l->cells;
}

/* ---- cells ----------------------------------------------------------------------------------- */

static kd_cell *
own_cell(const kd_ctx *ctx, kida_str name, uint32_t hash)
{
    for (kd_cell *c = ctx->buckets[hash & ctx->mask]; c; c = c->next)
        if (c->hash == hash && kd_str_equal(c->name, name))
            return c;
    return NULL;
}

static kd_cell *
add_cell(kd_vm *vm, kd_ctx *ctx, kida_str name, uint32_t hash, kida_value v)
{
    kd_cell *c = kd_arena_alloc(&vm->pool, sizeof *c);
    if (!c) {
        kd_fail_memory(&vm->call);
        return NULL;
    }
    c->v = v;
    c->name = name;
    c->hash = hash;
    c->next = ctx->buckets[hash & ctx->mask];
    ctx->buckets[hash & ctx->mask] = c;
    return c;
}

/* What the render's values and the environment say about a name: static values win. */
static kida_status
root_value(kd_vm *vm, const kd_ctx *ctx, kida_str name, uint32_t hash, kida_value *out)
{
    const kd_host *host = vm->host;
    *out = kd_absent();
    kd_entry *found = NULL;
    if (ctx->has_values) {
        if (host->statics && (found = kd_dict_find_hashed(host->statics, name, hash))) {
            *out = found->item;
            return KIDA_OK;
        }
        if (kd_is(ctx->values, KIDA_DICT)) {
            found = kd_dict_find_hinted(kd_dict_of(ctx->values), name, hash,
                                        &vm->hints[hash % KD_HINTS]);
            if (found) {
                *out = found->item;
                return KIDA_OK;
            }
        } else if (kd_is(ctx->values, KIDA_OBJECT)) {
            kida_status st = kd_get_attr(&vm->call, ctx->values, name, hash, out);
            if (st != KIDA_OK || !kd_is_absent(*out))
                return st;
        }
    }
    found = kd_dict_find_hashed(host->globals, name, hash);
    if (found)
        *out = found->item;
    return KIDA_OK;
}

kd_cell *
kd_ctx_cell(kd_vm *vm, kd_ctx *ctx, kida_str name, uint32_t hash)
{
    kd_ctx *at = ctx;
    for (;; at = at->base) {
        kd_cell *c = own_cell(at, name, hash);
        if (c)
            return c;
        if (!at->base)
            break;
    }
    kida_value v;
    if (root_value(vm, at, name, hash, &v) != KIDA_OK)
        return NULL;
    return add_cell(vm, at, name, hash, v);
}

/* Links of a context and of the layers on it may reach a cell that is now hidden: resolve anew. */
static void
relink(kd_ctx *ctx)
{
    for (kd_links *l = ctx->links; l; l = l->next)
        memset(l->cells, 0, l->tpl->name_count * sizeof *l->cells);
    for (kd_ctx *child = ctx->children; child; child = child->sibling)
        relink(child);
}

/* Gives the layers on ctx the old value, before ctx gets a new one. */
static kida_status
hand_up(kd_vm *vm, kd_ctx *ctx, kida_str name, uint32_t hash, kida_value old)
{
    for (kd_ctx *child = ctx->children; child; child = child->sibling) {
        if (own_cell(child, name, hash))
            continue;
        if (child->kind == KD_CTX_THROUGH) {
            kida_status st = hand_up(vm, child, name, hash, old);
            if (st != KIDA_OK)
                return st;
            continue;
        }
        if (!add_cell(vm, child, name, hash, old))
            return vm->rt.err->status;
        relink(child);
    }
    return KIDA_OK;
}

kida_status
kd_ctx_store(kd_vm *vm, kd_ctx *ctx, kida_str name, uint32_t hash, kida_value v)
{
    while (ctx->kind == KD_CTX_THROUGH)
        ctx = ctx->base;
    kd_cell *cell = own_cell(ctx, name, hash);
    if (ctx->children) {
        kd_cell *seen = cell ? cell : kd_ctx_cell(vm, ctx, name, hash);
        if (!seen)
            return vm->rt.err->status;
        kida_status st = hand_up(vm, ctx, name, hash, seen->v);
        if (st != KIDA_OK)
            return st;
        cell = own_cell(ctx, name, hash);
    }
    if (cell) {
        cell->v = v;
        return KIDA_OK;
    }
    if (!add_cell(vm, ctx, name, hash, v))
        return vm->rt.err->status;
    if (ctx->base)
        relink(ctx);
    return KIDA_OK;
}

kida_status
kd_ctx_shadow(kd_vm *vm, kd_ctx *ctx, kida_str name, uint32_t hash, kida_value v)
{
    kd_cell *cell = own_cell(ctx, name, hash);
    if (cell) {
        cell->v = v;
        return KIDA_OK;
    }
    if (!add_cell(vm, ctx, name, hash, v))
        return vm->rt.err->status;
    relink(ctx);
    return KIDA_OK;
}

/* ---- as a whole ------------------------------------------------------------------------------ */

static kida_status
put_new(kd_dict *out, kida_str name, uint32_t hash, kida_value v)
{
    if (kd_is_absent(v) || kd_dict_find_hashed(out, name, hash))
        return KIDA_OK;
    return kd_dict_put_str(out, name, v) ? KIDA_OK : KIDA_E_NOMEM; /* the caller says which */
}

static kida_status
put_dict(kd_dict *out, const kd_dict *from, const kd_ctx *hidden_by)
{
    size_t at = 0;
    for (kd_entry *e; (e = kd_dict_entry_at(from, &at));) {
        if (!kd_is(e->key, KIDA_STRING))
            continue;
        kida_str name = kida_as_str(e->key);
        uint32_t hash = kd_hash_str(name);
        if (hidden_by && own_cell(hidden_by, name, hash))
            continue;
        kida_status st = put_new(out, name, hash, e->item);
        if (st != KIDA_OK)
            return st;
    }
    return KIDA_OK;
}

kida_status
kd_ctx_dict(kd_vm *vm, kd_ctx *ctx, kida_value *out)
{
    *out = kd_dict_make(&vm->pool, 32);
    if (!kd_is(*out, KIDA_DICT))
        return kd_fail_memory(&vm->call);
    kd_dict *dict = kd_dict_of(*out);
    for (kd_ctx *at = ctx; at; at = at->base) {
        for (uint32_t i = 0; i <= at->mask; i++) {
            for (kd_cell *c = at->buckets[i]; c; c = c->next) {
                if (put_new(dict, c->name, c->hash, c->v) != KIDA_OK)
                    return kd_fail_memory(&vm->call);
            }
        }
        if (at->base)
            continue;
        kida_status st = KIDA_OK;
        if (at->has_values && kd_is(at->values, KIDA_DICT))
            st = put_dict(dict, kd_dict_of(at->values), at);
        if (st == KIDA_OK)
            st = put_dict(dict, vm->host->globals, at);
        if (st != KIDA_OK)
            return kd_fail_memory(&vm->call);
    }
    return KIDA_OK;
}

static void
offer_dict(const kd_dict *dict, void (*offer)(void *arg, kida_str name), void *arg)
{
    size_t at = 0;
    for (kd_entry *e; dict && (e = kd_dict_entry_at(dict, &at));)
        if (kd_is(e->key, KIDA_STRING))
            offer(arg, kida_as_str(e->key));
}

void
kd_ctx_each(kd_ctx *ctx, const kd_host *host, void (*offer)(void *arg, kida_str name), void *arg)
{
    for (kd_ctx *at = ctx; at; at = at->base) {
        for (uint32_t i = 0; i <= at->mask; i++)
            for (kd_cell *c = at->buckets[i]; c; c = c->next)
                if (!kd_is_absent(c->v))
                    offer(arg, c->name);
        if (at->has_values && kd_is(at->values, KIDA_DICT))
            offer_dict(kd_dict_of(at->values), offer, arg);
    }
    offer_dict(host->globals, offer, arg);
}
