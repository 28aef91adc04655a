/* SPDX-License-Identifier: MIT */
/* keep.c - storing what a render made in containers of the host. Such a container may outlive the
 * render, so what goes in is copied into the container's own pool, all the way down. */
#include "value/detached.h"
#include "value/methods.h"
#include "value/object.h"

#define MAX_DEPTH 100

static kida_status copy(kida_call *call, kida_pool *pool, kida_value *v, unsigned depth);

static kida_status
copy_items(kida_call *call, kida_pool *pool, kida_value *items, size_t count, unsigned depth)
{
    kida_status st = kida_spend(call, count);
    for (size_t i = 0; st == KIDA_OK && i < count; i++)
        st = copy(call, pool, &items[i], depth + 1);
    return st;
}

static kida_status
copy_tuple(kida_call *call, kida_pool *pool, kida_value *v, unsigned depth)
{
    kida_value made = kd_tuple_make(pool, kd_tuple_items(*v), kd_tuple_count(*v));
    if (kd_is_absent(made))
        return kd_fail_memory(call);
    *v = made;
    return copy_items(call, pool, kd_tuple_items(made), kd_tuple_count(made), depth);
}

static kida_status
copy_list(kida_call *call, kida_pool *pool, kida_value *v, unsigned depth)
{
    const kd_list *from = kd_list_of(*v);
    kida_value made = kd_list_make(pool, from->count);
    if (kd_is_absent(made))
        return kd_fail_memory(call);
    for (size_t i = 0; i < from->count; i++)
        kd_list_of(made)->items[i] = from->items[i];
    kd_list_of(made)->count = from->count;
    *v = made;
    return copy_items(call, pool, kd_list_of(made)->items, from->count, depth);
}

static kida_status
copy_dict(kida_call *call, kida_pool *pool, kida_value *v, unsigned depth)
{
    const kd_dict *from = kd_dict_of(*v);
    kida_value made = kd_is(*v, KIDA_SET)
                          ? kd_set_make(pool, from->count, v->head_ & KIDA_FLAG_FROZEN_)
                          : kd_dict_make(pool, from->count);
    if (kd_is_absent(made))
        return kd_fail_memory(call);
    kida_status st = kida_spend(call, from->count);
    size_t at = 0;
    for (kd_entry *e; st == KIDA_OK && (e = kd_dict_entry_at(from, &at)) != NULL;) {
        kida_value key = e->key;
        kida_value item = e->item;
        st = copy(call, pool, &key, depth + 1);
        if (st == KIDA_OK)
            st = copy(call, pool, &item, depth + 1);
        if (st == KIDA_OK)
            st = kd_dict_put(call, kd_dict_of(made), key, item);
    }
    *v = made;
    return st;
}

static kida_status
copy_text(kida_call *call, kida_pool *pool, kida_value *v)
{
    kida_str text = kd_keep_str(pool, kida_as_str(*v));
    if (text.ptr == NULL)
        return kd_fail_memory(call);
    v->u_.s = text.ptr;
    return KIDA_OK;
}

static kida_status
copy_big(kida_call *call, kida_pool *pool, kida_value *v)
{
    kida_str text;
    kida_status st = kd_to_str(call, *v, &text);
    if (st != KIDA_OK)
        return st;
    bool negative = text.len > 0 && text.ptr[0] == '-';
    return kd_int_from_digits(call, pool, kd_str_sub(text, negative, text.len), negative, v);
}

static kida_status
copy_range(kida_call *call, kida_pool *pool, kida_value *v)
{
    kd_range *range = kd_arena_alloc(pool, sizeof(*range));
    if (range == NULL)
        return kd_fail_memory(call);
    *range = *kd_range_of(*v);
    v->u_.p = range;
    return KIDA_OK;
}

static kida_status
refuse(kida_call *call, kida_value v)
{
    kida_status st = kida_fail(call, KIDA_E_TYPE, "a %s can't be stored in a value of the host",
                               kida_kind_name(v));
    (void)kida_fail_hint(call, "build the context in the pool of the renderer, or copy it first");
    return st;
}

static kida_status
copy(kida_call *call, kida_pool *pool, kida_value *v, unsigned depth)
{
    if (depth > MAX_DEPTH)
        return kida_fail(call, KIDA_E_LIMIT_DEPTH, "the value is nested too deeply to be stored");
    switch (kida_kind_of(*v)) {
    case KIDA_ABSENT:
    case KIDA_UNDEFINED:
    case KIDA_NONE:
    case KIDA_BOOL:
    case KIDA_INT:
    case KIDA_FLOAT:
        return KIDA_OK;
    case KIDA_STRING:
        return copy_text(call, pool, v);
    case KIDA_BIGINT:
        return copy_big(call, pool, v);
    case KIDA_LIST:
        return kd_list_of(*v)->pool == pool ? KIDA_OK : copy_list(call, pool, v, depth);
    case KIDA_TUPLE:
        return copy_tuple(call, pool, v, depth);
    case KIDA_DICT:
    case KIDA_SET:
        return kd_dict_of(*v)->pool == pool ? KIDA_OK : copy_dict(call, pool, v, depth);
    case KIDA_RANGE:
        return copy_range(call, pool, v);
    case KIDA_OBJECT: {
        const int64_t *seconds = kida_object_memory(*v, &kd_time_type);
        if (seconds != NULL)
            return kida_from_time(pool, *seconds, v) == KIDA_OK ? KIDA_OK : kd_fail_memory(call);
        break;
    }
    case KIDA_VIEW:
    case KIDA_ITERATOR:
    case KIDA_CALLABLE:
        break;
    }
    return refuse(call, *v);
}

kida_status
kd_keep(kida_call *call, kida_pool *pool, kida_value *v)
{
    return KD_LIKELY(pool == call->rt->pool) ? KIDA_OK : copy(call, pool, v, 0);
}
