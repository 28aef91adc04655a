/* SPDX-License-Identifier: MIT */
/* access.c - x.name and x[key] of every kind; slices are in slice.c. What is missing comes back
 * absent from attributes and as an error from subscripts; the vm decides what that means. */
#include "error/suggest.h"
#include "memory/str.h"
#include "value/big.h"
#include "value/methods.h"
#include "value/object.h"

enum { SUGGEST_MAX = 1000 }; /* keys that are compared with a missing one */

/* ---- attributes ------------------------------------------------------------------------------ */

static kida_status
check_name(kida_call *call, kida_value v, kida_str name)
{
    const kd_upcalls *up = call->rt->up;
    if (KD_LIKELY(up == NULL || up->check_attribute == NULL))
        return KIDA_OK;
    return up->check_attribute(call, v, name);
}

/* Turns a failure of a host's look-up that means "missing" into absent. */
static kida_status
forgive(kida_call *call, kida_status st, bool is_miss, kida_value *out)
{
    if (!is_miss)
        return st;
    if (call->rt->err != NULL)
        kida_error_init(call->rt->err);
    *out = kd_absent();
    return KIDA_OK;
}

static kida_status
object_attribute(kida_call *call, kida_value v, kida_str name, kida_value *out)
{
    if (kd_is_struct(v))
        return kd_struct_field(call, v, name, out);
    const kida_object_type *type = kd_host_type(v);
    if (type->attribute != NULL) {
        kida_status st = type->attribute(call, v.u_.p, name, out);
        st = forgive(call, st, st == KIDA_E_ATTRIBUTE, out);
        if (st != KIDA_OK || !kd_is_absent(*out))
            return st;
    }
    if (type->item == NULL)
        return KIDA_OK;
    kida_status st = type->item(call, v.u_.p, kida_string(name), out);
    return forgive(call, st, st == KIDA_E_KEY || st == KIDA_E_TYPE || st == KIDA_E_NONE, out);
}

static kida_status
method_attribute(kida_call *call, kida_value v, kida_str name, kida_value *out)
{
    const kd_signature *signature;
    const kd_method *method = kd_method_find(v, name, &signature);
    if (method == NULL)
        return KIDA_OK;
    if (method->flags & KD_METHOD_VALUE)
        return method->body(call, v, out);
    return kd_bind_method(call, v, method, signature, out);
}

static kida_status
callable_attribute(kida_call *call, kida_value v, kida_str name, kida_value *out)
{
    kd_callable *callee = v.u_.p;
    const kd_upcalls *up = call->rt->up;
    if (callee->kind == KD_CALL_TYPE) {
        kida_status st = kd_type_attribute(call, callee->name, name, out);
        if (st != KIDA_OK || !kd_is_absent(*out))
            return st;
    }
    if (up == NULL || up->callable_attribute == NULL)
        return KIDA_OK;
    return up->callable_attribute(call, callee, name, out);
}

kida_status
kd_get_attr(kida_call *call, kida_value v, kida_str name, uint32_t hash, kida_value *out)
{
    kida_status st = check_name(call, v, name);
    if (KD_UNLIKELY(st != KIDA_OK))
        return st;
    *out = kd_absent();
    if (KD_LIKELY(kd_is(v, KIDA_DICT))) {
        const kd_dict *dict = kd_dict_of(v);
        if (hash == 0)
            hash = kd_hash_bytes(name.ptr, name.len, dict->seed);
        kd_entry *e = kd_dict_find_hashed(dict, name, hash);
        if (KD_LIKELY(e != NULL)) {
            *out = e->item;
            return KIDA_OK;
        }
        return method_attribute(call, v, name, out);
    }
    if (kd_is(v, KIDA_OBJECT))
        return object_attribute(call, v, name, out);
    if (kd_is(v, KIDA_CALLABLE))
        return callable_attribute(call, v, name, out);
    return kd_is(v, KIDA_NONE) ? KIDA_OK : method_attribute(call, v, name, out);
}

/* ---- items ----------------------------------------------------------------------------------- */

static kida_status
fail_index(kida_call *call, kida_value v)
{
    kida_status st = kida_fail_kind(call, KIDA_E_RUNTIME, "IndexError",
                                    "the index is out of range of the %s", kida_kind_name(v));
    if (kd_is(v, KIDA_LIST) || kd_is(v, KIDA_TUPLE))
        (void)kida_fail_hint(call, "it has %zu item%s, counted from 0", kida_length(v),
                             kida_length(v) == 1 ? "" : "s");
    return st;
}

static kida_status
fail_subscript(kida_call *call, kida_value v)
{
    if (kd_is(v, KIDA_NONE))
        return kida_fail(call, KIDA_E_NONE, "none has no items");
    return kida_fail(call, KIDA_E_TYPE, "a value of type %s has no items", kida_kind_name(v));
}

static kida_status
fail_key(kida_call *call, const kd_dict *dict, kida_value key)
{
    kida_str text;
    kida_status st = kida_to_repr(call, key, &text);
    if (st != KIDA_OK)
        return st;
    st = kida_fail(call, KIDA_E_KEY, "there is no key %.*s",
                   (int)(text.len < 80 ? text.len : 80), text.ptr);
    if (dict == NULL || dict->count > SUGGEST_MAX || !kd_is(key, KIDA_STRING))
        return st;
    kd_suggest s;
    size_t at = 0;
    kd_suggest_init(&s, kida_as_str(key));
    for (kd_entry *e; (e = kd_dict_entry_at(dict, &at));)
        if (kd_is(e->key, KIDA_STRING))
            kd_suggest_offer(&s, kida_as_str(e->key));
    if (s.best.len)
        kida_fail_hint(call, "did you mean '%.*s'?", (int)s.best.len, s.best.ptr);
    return st;
}

kida_status
kd_index_arg(kida_call *call, kida_value v, const char *what, int64_t *out)
{
    if (KD_LIKELY(kd_is(v, KIDA_INT) || kd_is(v, KIDA_BOOL))) {
        *out = v.u_.i;
        return KIDA_OK;
    }
    if (kd_is(v, KIDA_BIGINT)) {
        *out = kd_big_is_negative(v) ? INT64_MIN : INT64_MAX;
        return KIDA_OK;
    }
    if (kd_is(v, KIDA_NONE))
        return kida_fail(call, KIDA_E_NONE, "%s must be an integer, not none", what);
    return kida_fail(call, KIDA_E_TYPE, "%s must be an integer, not %s", what, kida_kind_name(v));
}

/* Index into count items, negative ones counted from the end. */
static kida_status
find_index(kida_call *call, kida_value v, kida_value key, size_t count, size_t *out)
{
    int64_t i = 0;
    kida_status st = kd_index_arg(call, key, "an index", &i);
    if (st != KIDA_OK)
        return st;
    uint64_t at = i >= 0 ? (uint64_t)i : (uint64_t)count + (uint64_t)i;
    if (at >= count || (i < 0 && 0 - (uint64_t)i > count))
        return fail_index(call, v);
    *out = (size_t)at;
    return KIDA_OK;
}

kida_str
kd_text_part(kida_value text, size_t from, size_t to)
{
    kida_str s = kida_as_str(text);
    if (text.head_ & KIDA_FLAG_ASCII_)
        return kd_str_sub(s, from, to);
    size_t start = kd_utf8_offset(s, from);
    kida_str rest = kd_str_sub(s, start, s.len);
    return kd_str_sub(rest, 0, kd_utf8_offset(rest, to - from));
}

static kida_status
text_item(kida_call *call, kida_value v, kida_value key, kida_value *out)
{
    size_t at;
    if (kd_str_is_ascii(kida_as_str(v)))
        v.head_ |= KIDA_FLAG_ASCII_;
    kida_status st = find_index(call, v, key, kd_text_count(v), &at);
    if (st != KIDA_OK)
        return st;
    *out = kida_string(kd_text_part(v, at, at + 1));
    out->head_ |= v.head_ & KIDA_FLAG_ASCII_;
    return KIDA_OK;
}

static kida_status
dict_item(kida_call *call, const kd_dict *dict, kida_value key, kida_value *out)
{
    kd_entry *e;
    kida_status st = kd_dict_find(call, dict, key, &e);
    if (st != KIDA_OK)
        return st;
    if (e == NULL)
        return fail_key(call, dict, key);
    *out = e->item;
    return KIDA_OK;
}

static kida_status
object_item(kida_call *call, kida_value v, kida_value key, kida_value *out)
{
    if (kd_is_struct(v)) {
        if (!kd_is(key, KIDA_STRING))
            return fail_key(call, NULL, key);
        /* Here a subscript names an attribute, so it goes through the gate of attributes. */
        kida_status st = check_name(call, v, kida_as_str(key));
        if (st == KIDA_OK)
            st = kd_struct_field(call, v, kida_as_str(key), out);
        return st == KIDA_OK && kd_is_absent(*out) ? fail_key(call, NULL, key) : st;
    }
    const kida_object_type *type = kd_host_type(v);
    if (type->item == NULL)
        return fail_subscript(call, v);
    if (type == &kd_span_type) {
        size_t at;
        const kd_span *array = v.u_.p;
        kida_status st = find_index(call, v, key, array->count, &at);
        if (st == KIDA_OK)
            *out = kd_span_at(array, at);
        return st;
    }
    kida_status st = type->item(call, v.u_.p, key, out);
    return st == KIDA_OK && kd_is_absent(*out) ? fail_key(call, NULL, key) : st;
}

kida_status
kd_get_item(kida_call *call, kida_value v, kida_value key, kida_value *out)
{
    size_t at;
    kida_status st;
    *out = kd_absent();
    switch (kida_kind_of(v)) {
    case KIDA_DICT:
        return dict_item(call, kd_dict_of(v), key, out);
    case KIDA_LIST:
        st = find_index(call, v, key, kd_list_of(v)->count, &at);
        if (st == KIDA_OK)
            *out = kd_list_of(v)->items[at];
        return st;
    case KIDA_TUPLE:
        st = find_index(call, v, key, kd_tuple_count(v), &at);
        if (st == KIDA_OK)
            *out = kd_tuple_items(v)[at];
        return st;
    case KIDA_STRING:
        return text_item(call, v, key, out);
    case KIDA_RANGE: {
        const kd_range *r = kd_range_of(v);
        st = find_index(call, v, key, r->count, &at);
        if (st == KIDA_OK)
            *out = kida_int((int64_t)((uint64_t)r->start + at * (uint64_t)r->step));
        return st;
    }
    case KIDA_OBJECT:
        return object_item(call, v, key, out);
    case KIDA_ABSENT:
    case KIDA_UNDEFINED:
    case KIDA_NONE:
    case KIDA_BOOL:
    case KIDA_INT:
    case KIDA_BIGINT:
    case KIDA_FLOAT:
    case KIDA_SET:
    case KIDA_VIEW:
    case KIDA_ITERATOR:
    case KIDA_CALLABLE:
        break;
    }
    return fail_subscript(call, v);
}

/* ---- public ---------------------------------------------------------------------------------- */

kida_status
kida_get_attr(kida_call *call, kida_value v, kida_str name, kida_value *out)
{
    return kd_get_attr(call, v, name, 0, out);
}

kida_status
kida_get_item(kida_call *call, kida_value v, kida_value key, kida_value *out)
{
    return kd_get_item(call, v, key, out);
}

kida_status
kida_check_attr(kida_call *call, kida_value v, kida_str name)
{
    return check_name(call, v, name);
}
