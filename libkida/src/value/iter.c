/* SPDX-License-Identifier: MIT */
/* iter.c - walking any value that can be walked, measuring it, turning it into a list. */
#include "memory/str.h"
#include "value/methods.h"
#include "value/object.h"

/* ---- start ----------------------------------------------------------------------------------- */

static kida_status
fail_iterate(kida_call *call, kida_value over)
{
    if (kd_is(over, KIDA_NONE))
        return kida_fail(call, KIDA_E_NONE, "none can't be iterated");
    if (kd_is(over, KIDA_CALLABLE) && ((kd_callable *)over.u_.p)->kind == KD_CALL_DEF) {
        kida_str name = ((kd_callable *)over.u_.p)->name;
        kida_status st = kida_fail(call, KIDA_E_ITERATE_DEF, "the def '%.*s' can't be iterated",
                                   (int)(name.len < 60 ? name.len : 60), name.ptr);
        (void)kida_fail_hint(call, "call it: a def's result is text");
        return st;
    }
    return kida_fail(call, KIDA_E_TYPE, "a value of type %s can't be iterated",
                     kida_kind_name(over));
}

/* Objects walk by functions of their own, or by index up to their length. */
static bool
can_walk(const kida_object_type *type)
{
    if (type == NULL)
        return false;
    if (type->iterate != NULL || type->next != NULL)
        return true;
    return type->item != NULL && type->length != NULL && (type->flags & KIDA_OBJECT_MAPPING) == 0;
}

static kida_status
start_object(kida_call *call, kida_iter *iter, kida_value over)
{
    const kida_object_type *type = kd_host_type(over);
    if (!can_walk(type))
        return fail_iterate(call, over);
    return type->iterate != NULL ? type->iterate(call, over.u_.p, iter) : KIDA_OK;
}

kida_status
kd_iter_init(kida_call *call, kida_iter *iter, kida_value over)
{
    iter->over_ = over;
    iter->extra_ = kd_absent();
    iter->at_ = 0;
    iter->end_ = 0;
    iter->state_ = NULL;
    switch (kida_kind_of(over)) {
    case KIDA_LIST:
    case KIDA_UNDEFINED:
    case KIDA_ITERATOR:
        return KIDA_OK;
    case KIDA_STRING:
    case KIDA_TUPLE:
        iter->end_ = over.head_ >> 16;
        return KIDA_OK;
    case KIDA_DICT:
    case KIDA_SET:
        iter->state_ = over.u_.p;
        iter->end_ = kd_dict_of(over)->count;
        return KIDA_OK;
    case KIDA_VIEW:
        iter->state_ = ((kd_view *)over.u_.p)->dict;
        iter->end_ = ((kd_view *)over.u_.p)->dict->count;
        return KIDA_OK;
    case KIDA_RANGE:
        iter->end_ = kd_range_of(over)->count;
        return KIDA_OK;
    case KIDA_OBJECT:
        return start_object(call, iter, over);
    case KIDA_ABSENT:
    case KIDA_NONE:
    case KIDA_BOOL:
    case KIDA_INT:
    case KIDA_BIGINT:
    case KIDA_FLOAT:
    case KIDA_CALLABLE:
        break;
    }
    return fail_iterate(call, over);
}

/* ---- step ------------------------------------------------------------------------------------ */

static kida_value
next_text(kida_iter *iter)
{
    const char *from = iter->over_.u_.s + iter->at_;
    const char *at = from;
    (void)kd_utf8_next(&at, iter->over_.u_.s + iter->end_);
    size_t len = (size_t)(at - from);
    iter->at_ += len;
    kida_value v = kida_string((kida_str){ from, len });
    if (len == 1)
        v.head_ |= KIDA_FLAG_ASCII_;
    return v;
}

/* Next entry of a dict or set, whose number of entries must not have changed. */
static kida_status
next_entry(kida_call *call, kida_iter *iter, kd_entry **out)
{
    const kd_dict *dict = iter->state_;
    if (KD_UNLIKELY(dict->count != iter->end_))
        return kida_fail_kind(call, KIDA_E_RUNTIME, "RuntimeError",
                              "the %s changed its size while it was iterated",
                              kd_is(iter->over_, KIDA_SET) ? "set" : "dict");
    size_t at = (size_t)iter->at_;
    *out = kd_dict_entry_at(dict, &at);
    iter->at_ = at;
    return KIDA_OK;
}

static kida_status
next_view(kida_call *call, kida_iter *iter, kida_value *out)
{
    kd_entry *e = NULL;
    kida_status st = next_entry(call, iter, &e);
    if (st != KIDA_OK || e == NULL)
        return st;
    kd_view_kind kind = ((kd_view *)iter->over_.u_.p)->kind;
    if (kind != KD_VIEW_ITEMS) {
        *out = kind == KD_VIEW_KEYS ? e->key : e->item;
        return KIDA_OK;
    }
    kida_value pair[2] = { e->key, e->item };
    *out = kd_tuple_make(call->rt->pool, pair, 2);
    return kd_is_absent(*out) ? kd_fail_memory(call) : KIDA_OK;
}

/* One-shot iterators may stand on each other without end, so each counts as a nested call. */
static kida_status
next_iterator(kida_call *call, kd_iterator *it, kida_value *out)
{
    kd_runtime *rt = call->rt;
    if (it->done)
        return KIDA_OK;
    if (rt->depth >= rt->max_depth)
        return kida_fail(call, KIDA_E_LIMIT_DEPTH, "iterators are nested more than %u deep",
                         (unsigned)rt->max_depth);
    rt->depth++;
    kida_status st = it->next(call, it->state, out);
    rt->depth--;
    if (st != KIDA_OK || kd_is_absent(*out))
        it->done = true;
    return st;
}

static kida_status
next_object(kida_call *call, kida_iter *iter, kida_value *out)
{
    const kida_object_type *type = kd_host_type(iter->over_);
    void *self = iter->over_.u_.p;
    if (type->next != NULL)
        return type->next(call, self, iter, out);
    size_t count = 0;
    if (type->item == NULL || type->length == NULL)
        return fail_iterate(call, iter->over_);
    kida_status st = type->length(call, self, &count);
    if (st != KIDA_OK || iter->at_ >= count)
        return st;
    st = type->item(call, self, kida_int((int64_t)iter->at_++), out);
    if (st == KIDA_OK && kd_is_absent(*out)) /* a hole does not end the walk */
        *out = kida_none();
    return st;
}

static kida_status
next_other(kida_call *call, kida_iter *iter, kida_value *out)
{
    kida_value over = iter->over_;
    if (kd_is(over, KIDA_VIEW))
        return next_view(call, iter, out);
    if (kd_is(over, KIDA_ITERATOR))
        return next_iterator(call, over.u_.p, out);
    if (kd_is(over, KIDA_OBJECT))
        return next_object(call, iter, out);
    if (kd_is(over, KIDA_DICT) || kd_is(over, KIDA_SET)) {
        kd_entry *e = NULL;
        kida_status st = next_entry(call, iter, &e);
        if (st == KIDA_OK && e != NULL)
            *out = e->key;
        return st;
    }
    if (iter->at_ >= iter->end_)
        return KIDA_OK;
    if (kd_is(over, KIDA_STRING)) {
        *out = next_text(iter);
    } else if (kd_is(over, KIDA_TUPLE)) {
        *out = kd_tuple_items(over)[iter->at_++];
    } else if (kd_is(over, KIDA_RANGE)) {
        const kd_range *r = kd_range_of(over);
        /* in unsigned arithmetic, where it can't overflow; every item itself fits */
        *out = kida_int((int64_t)((uint64_t)r->start + iter->at_++ * (uint64_t)r->step));
    }
    return KIDA_OK;
}

kida_status
kd_iter_next(kida_call *call, kida_iter *iter, kida_value *out)
{
    *out = kd_absent();
    if (KD_LIKELY(kd_is(iter->over_, KIDA_LIST))) {
        const kd_list *list = kd_list_of(iter->over_);
        if (iter->at_ >= list->count) /* live: what the body appends is seen */
            return KIDA_OK;
        *out = list->items[iter->at_++];
    } else {
        kida_status st = next_other(call, iter, out);
        if (st != KIDA_OK || kd_is_absent(*out))
            return st;
    }
    if (KD_LIKELY(call->rt->steps_left > 0)) {
        call->rt->steps_left--;
        return KIDA_OK;
    }
    return kida_spend(call, 1);
}

/* ---- whole ----------------------------------------------------------------------------------- */

static kida_status
copy_items(kida_call *call, const kida_value *items, size_t count, kida_value *out)
{
    kida_status st = kida_spend(call, count);
    if (st != KIDA_OK)
        return st;
    kida_value list = kd_list_make(call->rt->pool, count);
    if (kd_is_absent(list))
        return kd_fail_memory(call);
    for (size_t i = 0; i < count; i++)
        kd_list_of(list)->items[i] = items[i];
    kd_list_of(list)->count = count;
    *out = list;
    return KIDA_OK;
}

kida_status
kd_to_list(kida_call *call, kida_value over, kida_value *out)
{
    if (kd_is(over, KIDA_LIST))
        return copy_items(call, kd_list_of(over)->items, kd_list_of(over)->count, out);
    if (kd_is(over, KIDA_TUPLE))
        return copy_items(call, kd_tuple_items(over), kd_tuple_count(over), out);

    kida_iter iter;
    kida_status st = kd_iter_init(call, &iter, over);
    if (st != KIDA_OK)
        return st;
    kida_value list = kd_list_make(call->rt->pool, 0);
    if (kd_is_absent(list))
        return kd_fail_memory(call);
    for (;;) {
        kida_value item;
        st = kd_iter_next(call, &iter, &item);
        if (st != KIDA_OK)
            return st;
        if (kd_is_absent(item))
            break;
        if (!kd_list_push(kd_list_of(list), item))
            return kd_fail_memory(call);
    }
    *out = list;
    return KIDA_OK;
}

kida_status
kd_measure(kida_call *call, kida_value v, size_t *out, bool *known)
{
    *known = true;
    *out = 0;
    switch (kida_kind_of(v)) {
    case KIDA_STRING:
        *out = kd_text_count(v);
        return KIDA_OK;
    case KIDA_LIST:
    case KIDA_TUPLE:
    case KIDA_DICT:
    case KIDA_SET:
    case KIDA_VIEW:
        *out = kida_length(v);
        return KIDA_OK;
    case KIDA_RANGE:
        if (kd_range_of(v)->count > (size_t)INT64_MAX)
            return kida_fail_kind(call, KIDA_E_RUNTIME, "OverflowError",
                                  "the range is too long to be counted");
        *out = kd_range_of(v)->count;
        return KIDA_OK;
    case KIDA_UNDEFINED:
        return KIDA_OK;
    case KIDA_OBJECT: {
        const kida_object_type *type = kd_host_type(v);
        *known = type != NULL && type->length != NULL;
        return *known ? type->length(call, v.u_.p, out) : KIDA_OK;
    }
    case KIDA_ABSENT:
    case KIDA_NONE:
    case KIDA_BOOL:
    case KIDA_INT:
    case KIDA_BIGINT:
    case KIDA_FLOAT:
    case KIDA_ITERATOR:
    case KIDA_CALLABLE:
        break;
    }
    *known = false;
    return KIDA_OK;
}

/* ---- public ---------------------------------------------------------------------------------- */

bool
kida_is_iterable(kida_value v)
{
    switch (kida_kind_of(v)) {
    case KIDA_UNDEFINED:
    case KIDA_STRING:
    case KIDA_LIST:
    case KIDA_TUPLE:
    case KIDA_DICT:
    case KIDA_SET:
    case KIDA_RANGE:
    case KIDA_VIEW:
    case KIDA_ITERATOR:
        return true;
    case KIDA_OBJECT:
        return can_walk(kd_host_type(v));
    case KIDA_ABSENT:
    case KIDA_NONE:
    case KIDA_BOOL:
    case KIDA_INT:
    case KIDA_BIGINT:
    case KIDA_FLOAT:
    case KIDA_CALLABLE:
        break;
    }
    return false;
}

kida_status
kida_iter_init(kida_call *call, kida_iter *iter, kida_value over)
{
    return kd_iter_init(call, iter, over);
}

kida_status
kida_iter_next(kida_call *call, kida_iter *iter, kida_value *out)
{
    return kd_iter_next(call, iter, out);
}

kida_status
kida_to_list(kida_call *call, kida_value over, kida_value *out)
{
    return kd_to_list(call, over, out);
}

kida_status
kida_measure(kida_call *call, kida_value v, size_t *out, bool *known)
{
    return kd_measure(call, v, out, known);
}
