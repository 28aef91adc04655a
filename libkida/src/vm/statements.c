/* SPDX-License-Identifier: MIT */
/* statements.c - what statements do beyond one instruction: unpacking, with, trans, cache, the
 * error record of try, the step budget. */
#define _GNU_SOURCE
#include "vm/vm.h"

#include <string.h>
#include <time.h>

#define STEPS_AT_ONCE 8192

void *
kd_array_add(kd_vm *vm, kd_array *a, size_t item_size)
{
    if (!kd_grow(&vm->allocator, &a->items, &a->room, a->count, item_size)) {
        kida_fail(&vm->call, KIDA_E_NOMEM, "out of memory");
        return NULL;
    }
    void *item = (char *)a->items + a->count++ * item_size;
    memset(item, 0, item_size);
    return item;
}

/* ---- budget ---------------------------------------------------------------------------------- */

static uint64_t
now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

kida_status
kd_vm_more_steps(kida_call *call, uint64_t count)
{
    kd_vm *vm = kd_vm_of(call);
    if (vm->options && vm->options->stop && *vm->options->stop)
        return kida_fail(call, KIDA_E_STOPPED, "the render was stopped by the host");
    if (vm->deadline && now_ns() > vm->deadline)
        return kida_fail(call, KIDA_E_LIMIT_TIME, "the render took longer than its time limit");
    uint64_t at_hand = vm->rt.steps_left;
    uint64_t missing = count > at_hand ? count - at_hand : 0;
    if (missing > vm->budget) {
        vm->rt.steps_left = 0;
        vm->budget = 0;
        kida_fail(call, KIDA_E_LIMIT_STEPS, "the render took too many steps");
        return kida_fail_hint(call, "look for a loop that never ends, or raise limits.steps");
    }
    uint64_t take = missing + STEPS_AT_ONCE;
    if (take > vm->budget)
        take = vm->budget;
    vm->budget -= take;
    vm->rt.steps_left = at_hand + take - count;
    return KIDA_OK;
}

/* ---- unpacking ------------------------------------------------------------------------------- */

kida_status
kd_vm_unpack(kd_vm *vm, kida_value v, uint32_t count, kida_value *out)
{
    kida_iter iter;
    kida_status st = kd_iter_init(&vm->call, &iter, v);
    if (st != KIDA_OK)
        return st;
    for (uint32_t i = 0;; i++) {
        kida_value item;
        st = kd_iter_next(&vm->call, &iter, &item);
        if (st != KIDA_OK)
            return st;
        if (kd_is_absent(item) != (i == count))
            return kida_fail_kind(&vm->call, KIDA_E_RUNTIME, "ValueError",
                                  "expected %u values to unpack, got %s", count,
                                  i == count ? "more" : "fewer");
        if (i == count)
            return KIDA_OK;
        out[count - 1 - i] = item;
    }
}

kida_status
kd_vm_unpack_index(kd_vm *vm, kida_value v, uint32_t count, kida_value *out)
{
    for (uint32_t i = 0; i < count; i++) {
        kida_status st = kd_get_item(&vm->call, v, kida_int(i), &out[count - 1 - i]);
        if (st != KIDA_OK)
            return st;
    }
    return KIDA_OK;
}

/* ---- with ------------------------------------------------------------------------------------ */

kida_status
kd_vm_with_push(kd_vm *vm, kd_ctx *ctx, const kd_name *name, kida_value v)
{
    kd_cell *cell = kd_ctx_cell(vm, ctx, name->text, name->hash);
    kd_undo *undo = cell ? kd_array_add(vm, &vm->undo, sizeof *undo) : NULL;
    if (!undo)
        return vm->rt.err->status;
    undo->ctx = ctx;
    undo->name = name->text;
    undo->hash = name->hash;
    undo->old = cell->v;
    return kd_ctx_store(vm, ctx, name->text, name->hash, v);
}

void
kd_vm_with_pop(kd_vm *vm, size_t count)
{
    kd_undo *undo = vm->undo.items;
    for (; count > 0 && vm->undo.count > 0; count--) {
        kd_undo *u = &undo[--vm->undo.count];
        /* The cell exists, so this writes in place and can't fail. */
        kida_status st = kd_ctx_store(vm, u->ctx, u->name, u->hash, u->old);
        (void)st;
    }
}

/* ---- trans ----------------------------------------------------------------------------------- */

static kida_str
translate(kd_vm *vm, const kd_trans_site *site, int64_t count)
{
    const kida_catalog *cat = vm->host->catalog;
    bool many = site->has_plural && count != 1;
    kida_str text = { NULL, 0 };
    if (cat && site->has_plural && cat->plural)
        text = cat->plural(cat->user, &vm->call, site->singular, site->plural, count);
    else if (cat && !site->has_plural && cat->text)
        text = cat->text(cat->user, &vm->call, site->singular);
    if (text.len == 0)
        text = many ? site->plural : site->singular;
    return text;
}

kida_status
kd_vm_trans(kd_vm *vm, const kd_trans_site *site, const kida_value *values)
{
    int64_t count = 1;
    if (site->count_at != UINT32_MAX) {
        kida_value v = values[site->count_at];
        count = kd_is(v, KIDA_FLOAT) ? (v.u_.d == 1.0 ? 1 : 2) : kida_as_int(v);
    }
    kida_str text = translate(vm, site, count);
    if (site->count == 0)
        return kd_out_value(vm, vm->frame->tpl, kida_string(text));
    kida_value named = kd_dict_make(&vm->pool, site->count);
    if (!kd_is(named, KIDA_DICT))
        return kd_fail_memory(&vm->call);
    for (uint32_t i = 0; i < site->count; i++)
        if (!kd_dict_put_str(kd_dict_of(named), site->names[i], values[i]))
            return kd_fail_memory(&vm->call);
    kida_value out;
    kida_status st = kida_format_percent(&vm->call, kida_safe(text), named, &out);
    return st == KIDA_OK ? kd_out_raw(vm, out) : st;
}

/* ---- cache ----------------------------------------------------------------------------------- */

/* Seconds of "30", "30s", "5m", "2h", "1d" or a number; anything else: the default. */
static double
ttl_seconds(kd_vm *vm, kida_value ttl)
{
    double fallback = vm->host->fragment_ttl;
    if (kd_is(ttl, KIDA_INT) || kd_is(ttl, KIDA_FLOAT)) {
        double seconds = kida_as_float(ttl);
        return seconds >= 0 ? seconds : fallback;
    }
    if (!kd_is(ttl, KIDA_STRING))
        return fallback;
    kida_str text = kd_str_strip(kida_as_str(ttl), true, true);
    double unit = 1;
    if (text.len > 1) {
        char last = text.ptr[text.len - 1];
        unit = last == 's' ? 1 : last == 'm' ? 60 : last == 'h' ? 3600 : last == 'd' ? 86400 : 0;
        if (unit > 0)
            text.len--;
        else
            unit = 1;
    }
    double seconds = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || i > 12)
            return fallback;
        seconds = seconds * 10 + (text.ptr[i] - '0');
    }
    return text.len ? seconds * unit : fallback;
}

kida_status
kd_vm_cache_begin(kd_vm *vm, kida_value key, kida_value ttl, bool *hit)
{
    kida_str text, found;
    kida_status st = kd_to_str(&vm->call, key, &text);
    if (st != KIDA_OK)
        return st;
    *hit = vm->host->cache_get(vm->host->env, text, &vm->pool, &found);
    if (*hit)
        return kd_out_put(vm, found);
    kd_capture *c = kd_array_add(vm, &vm->captures, sizeof *c);
    if (!c)
        return KIDA_E_NOMEM;
    c->cache_key = text;
    c->ttl = ttl_seconds(vm, ttl);
    c->mark = kd_capture_begin(vm);
    return KIDA_OK;
}

kida_status
kd_vm_cache_end(kd_vm *vm, bool store)
{
    if (vm->captures.count == 0)
        return KIDA_OK;
    kd_capture c = ((kd_capture *)vm->captures.items)[--vm->captures.count];
    kida_value text;
    kida_status st = kd_capture_end(vm, c.mark, false, &text);
    if (st != KIDA_OK)
        return st;
    if (store)
        vm->host->cache_put(vm->host->env, c.cache_key, kida_as_str(text), c.ttl);
    return kd_out_put(vm, kida_as_str(text));
}

/* ---- try ------------------------------------------------------------------------------------- */

static bool
is_own_error(const kida_error *err)
{
    if (err->status == KIDA_E_UNDEFINED || !err->kind)
        return true;
    kida_str kind = kida_str_from(err->kind);
    return kd_str_starts(kind, KIDA_S("Template")) || kd_str_starts(kind, KIDA_S("Required")) ||
           kd_str_starts(kind, KIDA_S("Undefined"));
}

static kida_status
put(kd_vm *vm, kida_value dict, kida_str key, kida_value v)
{
    return kd_dict_put_str(kd_dict_of(dict), key, v) ? KIDA_OK : kd_fail_memory(&vm->call);
}

kida_status
kd_vm_error_record(kd_vm *vm)
{
    kida_error *err = vm->rt.err;
    kida_value dict = kd_dict_make(&vm->pool, 4), message, name;
    if (!kd_is(dict, KIDA_DICT))
        return kd_fail_memory(&vm->call);
    const char *kind = err->kind ? err->kind : kd_status_kind(err->status);
    bool own = is_own_error(err);
    kida_status st = kd_text_copy(&vm->call, kida_str_from(err->message), false, &message);
    if (st == KIDA_OK)
        st = kd_text_copy(&vm->call, kida_str_from(err->template_name), false, &name);
    if (st == KIDA_OK)
        st = put(vm, dict, KIDA_S("type"), kida_string(kida_str_from(kind)));
    if (st == KIDA_OK)
        st = put(vm, dict, KIDA_S("message"), message);
    if (st == KIDA_OK)
        st = put(vm, dict, KIDA_S("template"), own ? name : kida_none());
    if (st == KIDA_OK)
        st = put(vm, dict, KIDA_S("line"), own ? kida_int(err->line) : kida_none());
    vm->caught = dict;
    if (st == KIDA_OK)
        kida_error_init(err);
    return st;
}
