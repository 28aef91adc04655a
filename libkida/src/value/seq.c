/* SPDX-License-Identifier: MIT */
/* seq.c - lists, tuples, ranges, views and one-shot iterators: making and growing them.
 * What templates do with them is in methods_list.c, access.c and iter.c. */
#include <string.h>

#include "value/ops.h"

/* ---- lists ----------------------------------------------------------------------------------- */

kida_value
kd_list_make(kida_pool *pool, size_t room)
{
    kd_list *list = kd_arena_alloc(pool, sizeof(*list));
    if (list == NULL)
        return kd_absent();
    list->items = NULL;
    list->count = 0;
    list->room = room;
    list->pool = pool;
    if (room > 0) {
        list->items = kd_arena_array(pool, room, sizeof(kida_value));
        if (list->items == NULL)
            return kd_absent();
    }
    return kd_pointer(KIDA_LIST, list, 0, 0);
}

static bool
list_grow(kd_list *list)
{
    size_t room = list->room == 0 ? 4 : list->room;
    size_t bytes;
    if (list->room != 0 && !kd_size_mul(list->room, 2, &room))
        return false;
    if (!kd_size_mul(room, sizeof(kida_value), &bytes))
        return false;
    kida_value *items = list->items == NULL
                            ? kd_arena_alloc(list->pool, bytes)
                            : kd_arena_resize(list->pool, list->items,
                                              list->room * sizeof(kida_value), bytes);
    if (items == NULL)
        return false;
    list->items = items;
    list->room = room;
    return true;
}

bool
kd_list_push(kd_list *list, kida_value item)
{
    if (KD_UNLIKELY(list->count == list->room) && !list_grow(list))
        return false;
    list->items[list->count++] = item;
    return true;
}

bool
kd_list_insert(kd_list *list, size_t at, kida_value item)
{
    KD_ASSERT(at <= list->count);
    if (list->count == list->room && !list_grow(list))
        return false;
    memmove(list->items + at + 1, list->items + at, (list->count - at) * sizeof(kida_value));
    list->items[at] = item;
    list->count++;
    return true;
}

/* ---- tuples, ranges, views, iterators -------------------------------------------------------- */

kida_value
kd_tuple_make(kida_pool *pool, const kida_value *items, size_t count)
{
    kida_value *copy = NULL;
    if (count > 0) {
        copy = kd_arena_array(pool, count, sizeof(kida_value));
        if (copy == NULL)
            return kd_absent();
        memcpy(copy, items, count * sizeof(kida_value));
    }
    return kd_pointer(KIDA_TUPLE, copy, count, 0);
}

/* Number of steps from start that stay before stop. */
static uint64_t
range_count(int64_t start, int64_t stop, int64_t step)
{
    if (step > 0)
        return start < stop ? ((uint64_t)stop - (uint64_t)start - 1) / (uint64_t)step + 1 : 0;
    return start > stop ? ((uint64_t)start - (uint64_t)stop - 1) / (0 - (uint64_t)step) + 1 : 0;
}

kida_value
kd_range_make(kida_call *call, int64_t start, int64_t stop, int64_t step)
{
    if (step == 0) {
        (void)kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError", "the step of a range can't be 0");
        return kd_absent();
    }
    uint64_t count = range_count(start, stop, step);
    kd_runtime *rt = call->rt;
    if (rt->max_range != 0 && count > rt->max_range) {
        (void)kida_fail(call, KIDA_E_SEC_RANGE, "a range of %llu items is longer than the %llu "
                        "allowed", (unsigned long long)count, (unsigned long long)rt->max_range);
        return kd_absent();
    }
    kd_range *range = kd_arena_alloc(rt->pool, sizeof(*range));
    if (range == NULL) {
        (void)kd_fail_memory(call);
        return kd_absent();
    }
    *range = (kd_range){ start, stop, step, (size_t)count };
    return kd_pointer(KIDA_RANGE, range, 0, 0);
}

kida_value
kd_view_make(kida_pool *pool, kd_dict *dict, kd_view_kind kind)
{
    kd_view *view = kd_arena_alloc(pool, sizeof(*view));
    if (view == NULL)
        return kd_absent();
    *view = (kd_view){ dict, kind };
    return kd_pointer(KIDA_VIEW, view, 0, 0);
}

kida_value
kd_iterator_make(kida_pool *pool, const char *name,
                 kida_status (*next)(kida_call *, void *, kida_value *), void *state)
{
    kd_iterator *it = kd_arena_alloc(pool, sizeof(*it));
    if (it == NULL)
        return kd_absent();
    *it = (kd_iterator){ name, next, state, false };
    return kd_pointer(KIDA_ITERATOR, it, 0, 0);
}

kida_status
kd_check_mutable(kida_call *call, const kida_pool *pool, const char *what)
{
    if (KD_LIKELY(!pool->sealed))
        return KIDA_OK;
    kida_status st = kida_fail(call, KIDA_E_TYPE, "%s() would change a value that is read-only",
                               what);
    (void)kida_fail_hint(call, "copy it first: the host shares it between renders");
    return st;
}

/* ---- public ---------------------------------------------------------------------------------- */

kida_status
kida_list_new(kida_pool *pool, size_t capacity, kida_value *out)
{
    if (pool == NULL)
        return KIDA_E_NOMEM;
    kida_value list = kd_list_make(pool, capacity);
    if (kd_is_absent(list))
        return KIDA_E_NOMEM;
    *out = list;
    return KIDA_OK;
}

kida_status
kida_list_push(kida_value list, kida_value item)
{
    if (!kd_is(list, KIDA_LIST) || kd_list_of(list)->pool->sealed)
        return KIDA_E_USAGE;
    return kd_list_push(kd_list_of(list), item) ? KIDA_OK : KIDA_E_NOMEM;
}

kida_status
kida_tuple_new(kida_pool *pool, const kida_value *items, size_t count, kida_value *out)
{
    if (pool == NULL)
        return KIDA_E_NOMEM;
    kida_value tuple = kd_tuple_make(pool, items, count);
    if (kd_is_absent(tuple))
        return KIDA_E_NOMEM;
    *out = tuple;
    return KIDA_OK;
}

size_t
kida_length(kida_value v)
{
    if (kd_is(v, KIDA_LIST))
        return kd_list_of(v)->count;
    if (kd_is(v, KIDA_TUPLE))
        return kd_tuple_count(v);
    if (kd_is(v, KIDA_DICT) || kd_is(v, KIDA_SET))
        return kd_dict_of(v)->count;
    if (kd_is(v, KIDA_RANGE))
        return kd_range_of(v)->count;
    if (kd_is(v, KIDA_VIEW))
        return ((kd_view *)v.u_.p)->dict->count;
    return 0;
}

kida_value
kida_item_at(kida_value v, size_t index)
{
    if (kd_is(v, KIDA_LIST) && index < kd_list_of(v)->count)
        return kd_list_of(v)->items[index];
    if (kd_is(v, KIDA_TUPLE) && index < kd_tuple_count(v))
        return kd_tuple_items(v)[index];
    return kd_absent();
}

kida_status
kida_iterator_new(kida_pool *pool, const char *name, kida_next_fn *next, void *state,
                  kida_value *out)
{
    if (pool == NULL)
        return KIDA_E_NOMEM;
    kida_value it = kd_iterator_make(pool, name, next, state);
    if (kd_is_absent(it))
        return KIDA_E_NOMEM;
    *out = it;
    return KIDA_OK;
}

kida_status
kida_range_new(kida_call *call, int64_t start, int64_t stop, int64_t step, kida_value *out)
{
    kida_value range = kd_range_make(call, start, stop, step);
    if (kd_is_absent(range))
        return call->rt->err->status;
    *out = range;
    return KIDA_OK;
}
