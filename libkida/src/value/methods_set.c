/* SPDX-License-Identifier: MIT */
/* methods_set.c - methods of sets and frozensets, and the one of dict views. */
#include "value/dict.h"
#include "value/methods.h"

static const kida_param one_params[] = { { "value", KIDA_IN_POSITION, NULL }, { 0 } };
static const kida_param rest_params[] = { { "*others", 0, NULL }, { 0 } };

/* ---- shared ---------------------------------------------------------------------------------- */

static kida_status
add_kept(kida_call *call, kd_dict *set, kida_value item)
{
    kida_status st = kd_keep(call, set->pool, &item);
    return st == KIDA_OK ? kd_dict_put(call, set, item, kd_absent()) : st;
}

/* Keys of the dict behind a set, a dict or a view of keys; NULL for anything else. */
static const kd_dict *
table_of(kida_value v)
{
    if (kd_is(v, KIDA_SET) || kd_is(v, KIDA_DICT))
        return kd_dict_of(v);
    if (kd_is(v, KIDA_VIEW) && ((kd_view *)v.u_.p)->kind == KD_VIEW_KEYS)
        return ((kd_view *)v.u_.p)->dict;
    return NULL;
}

kida_status
kd_set_update(kida_call *call, kd_dict *set, kida_value from)
{
    const kd_dict *table = table_of(from);
    if (table == set)
        return KIDA_OK;
    kida_iter iter;
    kida_status st = kd_iter_init(call, &iter, from);
    while (st == KIDA_OK) {
        kida_value item;
        st = kd_iter_next(call, &iter, &item);
        if (st != KIDA_OK || kd_is_absent(item))
            break;
        st = add_kept(call, set, item);
    }
    return st;
}

/* A table to look items up in: the one behind v, or one made of its items. */
static kida_status
as_table(kida_call *call, kida_value v, const kd_dict **out)
{
    *out = table_of(v);
    if (*out != NULL)
        return KIDA_OK;
    kida_value made = kd_set_make(call->rt->pool, 0, false);
    if (kd_is_absent(made))
        return kd_fail_memory(call);
    *out = kd_dict_of(made);
    return kd_set_update(call, kd_dict_of(made), v);
}

static kida_status
make_set(kida_call *call, kida_value like, size_t room, kida_value *out)
{
    bool frozen = kd_is(like, KIDA_SET) && (like.head_ & KIDA_FLAG_FROZEN_) != 0;
    *out = kd_set_make(call->rt->pool, room, frozen);
    return kd_is_absent(*out) ? kd_fail_memory(call) : KIDA_OK;
}

static kida_status
copy_set(kida_call *call, kida_value self, kida_value *out)
{
    kida_status st = make_set(call, self, kd_dict_of(self)->count, out);
    return st == KIDA_OK ? kd_dict_merge(call, kd_dict_of(*out), kd_dict_of(self)) : st;
}

/* Drops what is in other (if_there) or what is not. */
static kida_status
filter_set(kida_call *call, kd_dict *set, kida_value other, bool if_there)
{
    const kd_dict *table;
    kida_status st = as_table(call, other, &table);
    if (st == KIDA_OK)
        st = kida_spend(call, set->count);
    if (st == KIDA_OK && table == set) {
        if (if_there)
            kd_dict_clear(set);
        return KIDA_OK;
    }
    size_t at = 0;
    for (kd_entry *e; st == KIDA_OK && (e = kd_dict_entry_at(set, &at)) != NULL;) {
        kd_entry *same;
        st = kd_dict_find_value(call, table, e->key, e->hash, &same);
        if (st == KIDA_OK && (same != NULL) == if_there)
            kd_dict_drop(set, e);
    }
    return st;
}

/* Drops what is in both, adds what is in other only. */
static kida_status
toggle_set(kida_call *call, kd_dict *set, kida_value other)
{
    const kd_dict *table;
    kida_status st = as_table(call, other, &table);
    if (st == KIDA_OK)
        st = kida_spend(call, table->count);
    if (st == KIDA_OK && table == set) {
        kd_dict_clear(set);
        return KIDA_OK;
    }
    size_t at = 0;
    for (kd_entry *e; st == KIDA_OK && (e = kd_dict_entry_at(table, &at)) != NULL;) {
        kd_entry *same;
        st = kd_dict_find_value(call, set, e->key, e->hash, &same);
        if (st == KIDA_OK && same != NULL)
            kd_dict_drop(set, same);
        else if (st == KIDA_OK)
            st = add_kept(call, set, e->key);
    }
    return st;
}

/* ---- changing the receiver ------------------------------------------------------------------- */

static kida_status
set_add(kida_call *call, kida_value self, kida_value *out)
{
    (void)out;
    return add_kept(call, kd_dict_of(self), kida_arg(call, 0));
}

static kida_status
set_clear(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    (void)out;
    kd_dict_clear(kd_dict_of(self));
    return KIDA_OK;
}

static kida_status
set_discard(kida_call *call, kida_value self, kida_value *out)
{
    (void)out;
    kida_value old;
    return kd_dict_delete(call, kd_dict_of(self), kida_arg(call, 0), &old);
}

static kida_status
set_remove(kida_call *call, kida_value self, kida_value *out)
{
    (void)out;
    kida_value old;
    kida_status st = kd_dict_delete(call, kd_dict_of(self), kida_arg(call, 0), &old);
    if (st == KIDA_OK && kd_is_absent(old))
        return kida_fail(call, KIDA_E_KEY, "remove() finds no such item in the set");
    return st;
}

static kida_status
set_pop(kida_call *call, kida_value self, kida_value *out)
{
    kd_dict *set = kd_dict_of(self);
    if (set->count == 0)
        return kida_fail(call, KIDA_E_KEY, "pop() from an empty set");
    kd_entry *last = &set->entries[set->used - 1]; /* any will do; the last leaves no hole */
    *out = last->key;
    kd_dict_drop(set, last);
    return KIDA_OK;
}

static kida_status
set_update(kida_call *call, kida_value self, kida_value *out)
{
    (void)out;
    kida_status st = KIDA_OK;
    for (size_t i = 0; st == KIDA_OK && i < kida_rest_count(call); i++)
        st = kd_set_update(call, kd_dict_of(self), kida_rest(call, i));
    return st;
}

static kida_status
filter_by_all(kida_call *call, kd_dict *set, bool if_there)
{
    kida_status st = KIDA_OK;
    for (size_t i = 0; st == KIDA_OK && i < kida_rest_count(call); i++)
        st = filter_set(call, set, kida_rest(call, i), if_there);
    return st;
}

static kida_status
set_difference_update(kida_call *call, kida_value self, kida_value *out)
{
    (void)out;
    return filter_by_all(call, kd_dict_of(self), true);
}

static kida_status
set_intersection_update(kida_call *call, kida_value self, kida_value *out)
{
    (void)out;
    return filter_by_all(call, kd_dict_of(self), false);
}

static kida_status
set_symmetric_difference_update(kida_call *call, kida_value self, kida_value *out)
{
    (void)out;
    return toggle_set(call, kd_dict_of(self), kida_arg(call, 0));
}

/* ---- making another -------------------------------------------------------------------------- */

static kida_status
set_difference(kida_call *call, kida_value self, kida_value *out)
{
    kida_status st = copy_set(call, self, out);
    return st == KIDA_OK ? filter_by_all(call, kd_dict_of(*out), true) : st;
}

static kida_status
set_intersection(kida_call *call, kida_value self, kida_value *out)
{
    kida_status st = copy_set(call, self, out);
    return st == KIDA_OK ? filter_by_all(call, kd_dict_of(*out), false) : st;
}

static kida_status
set_symmetric_difference(kida_call *call, kida_value self, kida_value *out)
{
    kida_status st = copy_set(call, self, out);
    return st == KIDA_OK ? toggle_set(call, kd_dict_of(*out), kida_arg(call, 0)) : st;
}

static kida_status
set_union(kida_call *call, kida_value self, kida_value *out)
{
    kida_status st = copy_set(call, self, out);
    return st == KIDA_OK ? set_update(call, *out, NULL) : st;
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* Number of members of a that are in b. */
static kida_status
count_common(kida_call *call, const kd_dict *a, const kd_dict *b, size_t *out)
{
    kida_status st = kida_spend(call, a->count);
    size_t at = 0;
    *out = 0;
    for (kd_entry *e; st == KIDA_OK && (e = kd_dict_entry_at(a, &at)) != NULL;) {
        kd_entry *same;
        st = kd_dict_find_value(call, b, e->key, e->hash, &same);
        *out += st == KIDA_OK && same != NULL;
    }
    return st;
}

static kida_status
set_isdisjoint(kida_call *call, kida_value self, kida_value *out)
{
    const kd_dict *mine;
    const kd_dict *other;
    size_t common = 0;
    kida_status st = as_table(call, self, &mine);
    if (st == KIDA_OK)
        st = as_table(call, kida_arg(call, 0), &other);
    if (st == KIDA_OK)
        st = count_common(call, mine, other, &common);
    *out = kida_bool(common == 0);
    return st;
}

static kida_status
set_issubset(kida_call *call, kida_value self, kida_value *out)
{
    const kd_dict *other;
    size_t common = 0;
    kida_status st = as_table(call, kida_arg(call, 0), &other);
    if (st == KIDA_OK)
        st = count_common(call, kd_dict_of(self), other, &common);
    *out = kida_bool(common == kd_dict_of(self)->count);
    return st;
}

static kida_status
set_issuperset(kida_call *call, kida_value self, kida_value *out)
{
    const kd_dict *other;
    size_t common = 0;
    kida_status st = as_table(call, kida_arg(call, 0), &other);
    if (st != KIDA_OK)
        return st;
    st = count_common(call, other, kd_dict_of(self), &common);
    *out = kida_bool(common == other->count);
    return st;
}

/* Methods that a frozenset has too. */
#define ASKING(row) \
    row("copy", copy_set, NULL) \
    row("difference", set_difference, rest_params) \
    row("intersection", set_intersection, rest_params) \
    row("isdisjoint", set_isdisjoint, one_params) \
    row("issubset", set_issubset, one_params) \
    row("issuperset", set_issuperset, one_params) \
    row("symmetric_difference", set_symmetric_difference, one_params) \
    row("union", set_union, rest_params)
#define ROW(name, body, params) { name, body, params, 0 },

static const kd_method set_rows[] = {
    ASKING(ROW)
    { "add", set_add, one_params, KD_METHOD_MUTATES },
    { "clear", set_clear, NULL, KD_METHOD_MUTATES },
    { "difference_update", set_difference_update, rest_params, KD_METHOD_MUTATES },
    { "discard", set_discard, one_params, KD_METHOD_MUTATES },
    { "intersection_update", set_intersection_update, rest_params, KD_METHOD_MUTATES },
    { "pop", set_pop, NULL, KD_METHOD_MUTATES },
    { "remove", set_remove, one_params, KD_METHOD_MUTATES },
    { "symmetric_difference_update", set_symmetric_difference_update, one_params,
      KD_METHOD_MUTATES },
    { "update", set_update, rest_params, KD_METHOD_MUTATES },
};

static const kd_method frozenset_rows[] = { ASKING(ROW) };

static const kd_method view_rows[] = { { "isdisjoint", set_isdisjoint, one_params, 0 } };

const kd_method_table kd_set_methods = { set_rows, KD_COUNT(set_rows) };
const kd_method_table kd_frozenset_methods = { frozenset_rows, KD_COUNT(frozenset_rows) };
const kd_method_table kd_view_methods = { view_rows, KD_COUNT(view_rows) };
