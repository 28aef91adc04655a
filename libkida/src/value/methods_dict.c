/* SPDX-License-Identifier: MIT */
/* methods_dict.c - methods of dicts, and the four of the undefined value. */
#include "value/dict.h"
#include "value/methods.h"

static const kida_param key_params[] = {
    { "key", KIDA_IN_POSITION, NULL },
    { "default", KIDA_IN_POSITION, "none" },
    { 0 },
};

/* ---- updating -------------------------------------------------------------------------------- */

static kida_status
put_kept(kida_call *call, kd_dict *dict, kida_value key, kida_value item)
{
    kida_status st = kd_keep(call, dict->pool, &key);
    if (st == KIDA_OK)
        st = kd_keep(call, dict->pool, &item);
    return st == KIDA_OK ? kd_dict_put(call, dict, key, item) : st;
}

static kida_status
update_from_dict(kida_call *call, kd_dict *dict, const kd_dict *from)
{
    if (dict == from)
        return KIDA_OK;
    if (dict->pool == call->rt->pool)
        return kd_dict_merge(call, dict, from);
    size_t at = 0;
    kida_status st = KIDA_OK;
    for (kd_entry *e; st == KIDA_OK && (e = kd_dict_entry_at(from, &at)) != NULL;)
        st = put_kept(call, dict, e->key, e->item);
    return st;
}

static kida_status
put_pair(kida_call *call, kd_dict *dict, kida_value pair)
{
    kida_value both;
    /* Python does not name the type of such an element, so none is no null operand here */
    if (kd_is(pair, KIDA_NONE))
        return kida_fail(call, KIDA_E_TYPE, "none is no pair of key and value");
    kida_status st = kd_to_list(call, pair, &both);
    if (st != KIDA_OK)
        return st;
    const kd_list *list = kd_list_of(both);
    if (list->count != 2)
        return kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError",
                              "a pair of key and value has 2 items, not %zu", list->count);
    return put_kept(call, dict, list->items[0], list->items[1]);
}

kida_status
kd_dict_update(kida_call *call, kd_dict *dict, kida_value from)
{
    if (kd_is(from, KIDA_DICT))
        return update_from_dict(call, dict, kd_dict_of(from));
    const kida_object_type *type = kd_host_type(from);
    bool is_mapping = type != NULL && (type->flags & KIDA_OBJECT_MAPPING) != 0;
    kida_iter iter;
    kida_status st = kd_iter_init(call, &iter, from);
    while (st == KIDA_OK) {
        kida_value each;
        st = kd_iter_next(call, &iter, &each);
        if (st != KIDA_OK || kd_is_absent(each))
            break;
        if (is_mapping) {
            kida_value item;
            st = kd_get_item(call, from, each, &item);
            if (st == KIDA_OK)
                st = put_kept(call, dict, each, item);
        } else {
            st = put_pair(call, dict, each);
        }
    }
    return st;
}

static const kida_param update_params[] = {
    { "other", KIDA_IN_POSITION, "none" },
    { "**keywords", 0, NULL },
    { 0 },
};

static kida_status
dict_update(kida_call *call, kida_value self, kida_value *out)
{
    (void)out;
    kd_dict *dict = kd_dict_of(self);
    kida_status st = KIDA_OK;
    if (kida_arg_given(call, 0))
        st = kd_dict_update(call, dict, kida_arg(call, 0));
    for (size_t i = 0; st == KIDA_OK && i < kida_keyword_count(call); i++) {
        kida_str name;
        kida_value item = kida_keyword(call, i, &name);
        st = put_kept(call, dict, kida_string(name), item);
    }
    return st;
}

/* ---- the rest -------------------------------------------------------------------------------- */

static kida_status
make_view(kida_call *call, kida_value self, kd_view_kind kind, kida_value *out)
{
    *out = kd_view_make(call->rt->pool, kd_dict_of(self), kind);
    return kd_is_absent(*out) ? kd_fail_memory(call) : KIDA_OK;
}

static kida_status
dict_items(kida_call *call, kida_value self, kida_value *out)
{
    return make_view(call, self, KD_VIEW_ITEMS, out);
}

static kida_status
dict_keys(kida_call *call, kida_value self, kida_value *out)
{
    return make_view(call, self, KD_VIEW_KEYS, out);
}

static kida_status
dict_values(kida_call *call, kida_value self, kida_value *out)
{
    return make_view(call, self, KD_VIEW_VALUES, out);
}

static kida_status
dict_get(kida_call *call, kida_value self, kida_value *out)
{
    kd_entry *e;
    kida_status st = kd_dict_find(call, kd_dict_of(self), kida_arg(call, 0), &e);
    if (st == KIDA_OK)
        *out = e != NULL ? e->item : kida_arg(call, 1);
    return st;
}

static kida_status
dict_pop(kida_call *call, kida_value self, kida_value *out)
{
    kida_status st = kd_dict_delete(call, kd_dict_of(self), kida_arg(call, 0), out);
    if (st != KIDA_OK || !kd_is_absent(*out))
        return st;
    if (!kida_arg_given(call, 1))
        return kida_fail(call, KIDA_E_KEY, "pop() finds no such key");
    *out = kida_arg(call, 1);
    return KIDA_OK;
}

static kida_status
dict_popitem(kida_call *call, kida_value self, kida_value *out)
{
    kd_dict *dict = kd_dict_of(self);
    if (dict->count == 0)
        return kida_fail(call, KIDA_E_KEY, "popitem() from an empty dict");
    kd_entry *last = &dict->entries[dict->used - 1]; /* always a live one */
    kida_value pair[2] = { last->key, last->item };
    *out = kd_tuple_make(call->rt->pool, pair, 2);
    if (kd_is_absent(*out))
        return kd_fail_memory(call);
    kd_dict_drop(dict, last);
    return KIDA_OK;
}

static kida_status
dict_setdefault(kida_call *call, kida_value self, kida_value *out)
{
    kd_dict *dict = kd_dict_of(self);
    kd_entry *e;
    kida_status st = kd_dict_find(call, dict, kida_arg(call, 0), &e);
    if (st != KIDA_OK)
        return st;
    if (e != NULL) {
        *out = e->item;
        return KIDA_OK;
    }
    kida_value item = kida_arg(call, 1);
    st = kd_keep(call, dict->pool, &item); /* once, so that the caller holds what is stored */
    *out = item;
    return st == KIDA_OK ? put_kept(call, dict, kida_arg(call, 0), item) : st;
}

static kida_status
dict_copy(kida_call *call, kida_value self, kida_value *out)
{
    *out = kd_dict_make(call->rt->pool, kd_dict_of(self)->count);
    if (kd_is_absent(*out))
        return kd_fail_memory(call);
    return kd_dict_merge(call, kd_dict_of(*out), kd_dict_of(self));
}

static kida_status
dict_clear(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    (void)out;
    kd_dict_clear(kd_dict_of(self));
    return KIDA_OK;
}

static const kida_param fromkeys_params[] = {
    { "iterable", KIDA_IN_POSITION, NULL },
    { "value", KIDA_IN_POSITION, "none" },
    { 0 },
};

static kida_status
dict_fromkeys(kida_call *call, kida_value self, kida_value *out)
{
    (void)self;
    kida_value made = kd_dict_make(call->rt->pool, 0);
    if (kd_is_absent(made))
        return kd_fail_memory(call);
    kida_iter iter;
    kida_status st = kd_iter_init(call, &iter, kida_arg(call, 0));
    while (st == KIDA_OK) {
        kida_value key;
        st = kd_iter_next(call, &iter, &key);
        if (st != KIDA_OK || kd_is_absent(key))
            break;
        st = kd_dict_put(call, kd_dict_of(made), key, kida_arg(call, 1));
    }
    *out = made;
    return st;
}

static const kd_method dict_rows[] = {
    { "items", dict_items, NULL, 0 },
    { "keys", dict_keys, NULL, 0 },
    { "values", dict_values, NULL, 0 },
    { "get", dict_get, key_params, 0 },
    { "pop", dict_pop, key_params, KD_METHOD_MUTATES },
    { "popitem", dict_popitem, NULL, KD_METHOD_MUTATES },
    { "setdefault", dict_setdefault, key_params, KD_METHOD_MUTATES },
    { "update", dict_update, update_params, KD_METHOD_MUTATES },
    { "copy", dict_copy, NULL, 0 },
    { "clear", dict_clear, NULL, KD_METHOD_MUTATES },
    { "fromkeys", dict_fromkeys, fromkeys_params, 0 },
};

const kd_method_table kd_dict_methods = { dict_rows, KD_COUNT(dict_rows) };

/* ---- the undefined value --------------------------------------------------------------------- */

static kida_status
undefined_get(kida_call *call, kida_value self, kida_value *out)
{
    *out = kida_arg_given(call, 1) ? kida_arg(call, 1) : self;
    return KIDA_OK;
}

static kida_status
undefined_list(kida_call *call, kida_value self, kida_value *out)
{
    (void)self;
    *out = kd_list_make(call->rt->pool, 0);
    return kd_is_absent(*out) ? kd_fail_memory(call) : KIDA_OK;
}

static const kd_method undefined_rows[] = {
    { "get", undefined_get, key_params, 0 },
    { "keys", undefined_list, NULL, 0 },
    { "values", undefined_list, NULL, 0 },
    { "items", undefined_list, NULL, 0 },
};

const kd_method_table kd_undefined_methods = { undefined_rows, KD_COUNT(undefined_rows) };
