/* SPDX-License-Identifier: MIT */
/* registry.c - filters, tests and functions by name. */
#include "env/env.h"

#include <string.h>

static kida_status
no_memory(kida_error *err)
{
    return kd_error_set(err, KIDA_E_NOMEM, "out of memory");
}

static kida_status
add(kida_env *env, kd_registry *r, const char *name, void *entry, void *user,
    void (*free_user)(void *), kida_error *err)
{
    if (!r->index) {
        kida_value dict = kd_dict_make(&env->pool, 64);
        if (!kd_is(dict, KIDA_DICT))
            return no_memory(err);
        r->index = kd_dict_of(dict);
    }
    kida_str text = kd_arena_str(&env->pool, kida_str_from(name));
    if (!text.ptr || !kd_grow(&env->allocator, (void **)&r->items, &r->room, r->count,
                              sizeof *r->items))
        return no_memory(err);
    kd_entry *old = kd_dict_find_hashed(r->index, text, kd_hash_str(text));
    size_t number = old ? (size_t)old->item.u_.i : SIZE_MAX;
    if (!kd_dict_put_str(r->index, text, kida_int((int64_t)r->count)))
        return no_memory(err);
    if (number != SIZE_MAX && r->items[number].free_user) {
        r->items[number].free_user(r->items[number].user);
        r->items[number].free_user = NULL;
    }
    kd_registered item = { text, entry, user, free_user };
    r->items[r->count++] = item;
    return KIDA_OK;
}

void
kd_registry_free(kida_env *env, kd_registry *r)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->items[i].free_user)
            r->items[i].free_user(r->items[i].user);
    kd_free(&env->allocator, r->items, r->room * sizeof *r->items);
}

static void *
find(const kd_registry *r, kida_str name)
{
    kd_entry *e = r->index ? kd_dict_find_hashed(r->index, name, kd_hash_str(name)) : NULL;
    return e ? r->items[e->item.u_.i].entry : NULL;
}

const kd_filter_entry *
kd_env_filter(void *env, kida_str name)
{
    return find(&((kida_env *)env)->filters, name);
}

const kd_test_entry *
kd_env_test(void *env, kida_str name)
{
    return find(&((kida_env *)env)->tests, name);
}

const kida_filter *
kd_env_filter_row(void *env, kida_str name)
{
    const kd_filter_entry *e = kd_env_filter(env, name);
    return e ? e->row : NULL;
}

bool
kd_env_is_global(void *env, kida_str name, unsigned *flags)
{
    const kida_env *v = env;
    kd_entry *e = kd_dict_find_hashed(v->globals, name, kd_hash_str(name));
    *flags = 0;
    if (e && kd_is(e->item, KIDA_CALLABLE)) {
        const kd_callable *head = e->item.u_.p;
        if (head->kind == KD_CALL_FUNCTION || head->kind == KD_CALL_TYPE)
            *flags = ((const kd_function *)e->item.u_.p)->row->flags;
    }
    return e != NULL || (v->statics && kd_dict_find_hashed(v->statics, name, kd_hash_str(name)));
}

static void
offer_all(const kd_registry *r, void (*offer)(void *arg, kida_str name), void *arg)
{
    for (size_t i = 0; i < r->count; i++)
        offer(arg, r->items[i].name);
}

void
kd_env_offer_filters(void *env, void (*offer)(void *arg, kida_str name), void *arg)
{
    offer_all(&((kida_env *)env)->filters, offer, arg);
}

void
kd_env_offer_tests(void *env, void (*offer)(void *arg, kida_str name), void *arg)
{
    offer_all(&((kida_env *)env)->tests, offer, arg);
}

/* ---- adding one ------------------------------------------------------------------------------ */

static kida_status
finish(kida_status st, void *user, void (*free_user)(void *))
{
    if (st != KIDA_OK && free_user)
        free_user(user);
    return st;
}

kida_status
kida_env_add_filter(kida_env *env, const kida_filter *row, void *user, void (*free_user)(void *),
                    kida_error *err)
{
    kida_status st = kd_env_check_setup(env, err);
    kd_filter_entry *e = st == KIDA_OK ? kd_arena_zero(&env->pool, sizeof *e) : NULL;
    if (st == KIDA_OK)
        st = e ? kd_signature_init(&e->signature, row->params, &env->pool, err) : no_memory(err);
    if (st == KIDA_OK) {
        e->row = row;
        e->user = user;
        st = add(env, &env->filters, row->name, e, user, free_user, err);
    }
    return finish(st, user, free_user);
}

kida_status
kida_env_add_test(kida_env *env, const kida_test *row, void *user, void (*free_user)(void *),
                  kida_error *err)
{
    kida_status st = kd_env_check_setup(env, err);
    kd_test_entry *e = st == KIDA_OK ? kd_arena_zero(&env->pool, sizeof *e) : NULL;
    if (st == KIDA_OK)
        st = e ? kd_signature_init(&e->signature, row->params, &env->pool, err) : no_memory(err);
    if (st == KIDA_OK) {
        e->row = row;
        e->user = user;
        st = add(env, &env->tests, row->name, e, user, free_user, err);
    }
    return finish(st, user, free_user);
}

kida_status
kida_env_add_function(kida_env *env, const kida_function *row, void *user,
                      void (*free_user)(void *), kida_error *err)
{
    kida_status st = kd_env_check_setup(env, err);
    kd_function *f = st == KIDA_OK ? kd_arena_zero(&env->pool, sizeof *f) : NULL;
    if (st == KIDA_OK)
        st = f ? kd_signature_init(&f->signature, row->params, &env->pool, err) : no_memory(err);
    if (st == KIDA_OK) {
        f->head.kind = row->flags & KIDA_TYPE ? KD_CALL_TYPE : KD_CALL_FUNCTION;
        f->head.name = kida_str_from(row->name);
        f->row = row;
        f->user = user;
        f->trusted = true;
        st = add(env, &env->functions, row->name, f, user, free_user, err);
    }
    if (st != KIDA_OK)
        return finish(st, user, free_user);
    return kida_env_add_global(env, kida_str_from(row->name),
                               kd_pointer(KIDA_CALLABLE, f, 0, 0), err);
}

/* ---- adding tables --------------------------------------------------------------------------- */

kida_status
kida_env_add_filters(kida_env *env, const kida_filter *table, size_t count, kida_error *err)
{
    kida_status st = kd_env_check_setup(env, err);
    for (size_t i = 0; i < count && st == KIDA_OK; i++)
        st = kida_env_add_filter(env, &table[i], NULL, NULL, err);
    return st;
}

kida_status
kida_env_add_tests(kida_env *env, const kida_test *table, size_t count, kida_error *err)
{
    kida_status st = kd_env_check_setup(env, err);
    for (size_t i = 0; i < count && st == KIDA_OK; i++)
        st = kida_env_add_test(env, &table[i], NULL, NULL, err);
    return st;
}

kida_status
kida_env_add_functions(kida_env *env, const kida_function *table, size_t count, kida_error *err)
{
    kida_status st = kd_env_check_setup(env, err);
    for (size_t i = 0; i < count && st == KIDA_OK; i++)
        st = kida_env_add_function(env, &table[i], NULL, NULL, err);
    return st;
}

/* ---- what the language itself needs ---------------------------------------------------------- */

/* consume(key, default=none): the innermost `provide` of that key. */
static kida_status
consume(kida_call *call, kida_value *out)
{
    kd_vm *vm = kd_vm_of(call);
    kida_str key = kida_arg_str(call, 0);
    const kd_provided *p = vm->provided.items;
    for (size_t i = vm->provided.count; i > 0; i--) {
        if (kida_str_equal(p[i - 1].key, key)) {
            *out = p[i - 1].v;
            return KIDA_OK;
        }
    }
    *out = kida_arg(call, 1);
    return KIDA_OK;
}

static const kida_param consume_params[] = {
    { "key", KIDA_IN_ANY, NULL }, { "default", KIDA_IN_ANY, "none" }, { NULL, 0, NULL }
};
/* value | default(x): part of the language, so that it can't be replaced. The value was read under
 * a guard: what is missing comes as undefined. */
static kida_status
default_of(kida_call *call, kida_value self, kida_value *out)
{
    bool present = !kd_is_nothing(self), by_truth = false;
    kida_status st = present ? kd_truth(call, kida_arg(call, 1), &by_truth) : KIDA_OK;
    if (st == KIDA_OK && by_truth)
        st = kd_truth(call, self, &present);
    if (st == KIDA_OK)
        *out = present ? self : kida_arg(call, 0);
    return st;
}

static const kida_param default_params[] = {
    { "default_value", KIDA_IN_ANY, "''" }, { "boolean", KIDA_IN_ANY, "false" }, { NULL, 0, NULL }
};
static const kida_filter core_filters[] = {
    { "|default", default_of, default_params, KIDA_PURE, "what to use if a value is missing" },
};

static const kida_function core_functions[] = {
    { "consume", consume, consume_params, 0, "value of the innermost provide of a key" },
};

kida_status
kd_env_add_core(kida_env *env, kida_error *err)
{
    kida_status st = kida_env_add_filters(env, core_filters, KD_COUNT(core_filters), err);
    if (st != KIDA_OK)
        return st;
    return kida_env_add_functions(env, core_functions, KD_COUNT(core_functions), err);
}
