/* SPDX-License-Identifier: MIT */
/* methods_list.c - methods of lists, tuples and ranges. */
#include <math.h>
#include <string.h>

#include "value/methods.h"

static const kida_param one_params[] = { { "value", KIDA_IN_POSITION, NULL }, { 0 } };

static kida_status
fail_value(kida_call *call, const char *what)
{
    return kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError", "%s", what);
}

kida_status
kd_same(kida_call *call, kida_value a, kida_value b, bool *out)
{
    if (kd_identical(a, b)) {
        *out = true;
        return KIDA_OK;
    }
    return kd_equal(call, a, b, out);
}

/* ---- lists: changing ------------------------------------------------------------------------- */

static kida_status
list_append(kida_call *call, kida_value self, kida_value *out)
{
    (void)out;
    kd_list *list = kd_list_of(self);
    kida_value item = kida_arg(call, 0);
    kida_status st = kd_keep(call, list->pool, &item);
    if (st != KIDA_OK)
        return st;
    return kd_list_push(list, item) ? KIDA_OK : kd_fail_memory(call);
}

static kida_status
list_extend(kida_call *call, kida_value self, kida_value *out)
{
    (void)out;
    kd_list *list = kd_list_of(self);
    kida_value all; /* a copy first: the list may be extended by itself */
    kida_status st = kd_to_list(call, kida_arg(call, 0), &all);
    if (st == KIDA_OK)
        st = kd_keep(call, list->pool, &all);
    for (size_t i = 0; st == KIDA_OK && i < kd_list_of(all)->count; i++) {
        if (!kd_list_push(list, kd_list_of(all)->items[i]))
            return kd_fail_memory(call);
    }
    return st;
}

static const kida_param insert_params[] = {
    { "index", KIDA_IN_POSITION, NULL },
    { "value", KIDA_IN_POSITION, NULL },
    { 0 },
};

static kida_status
list_insert(kida_call *call, kida_value self, kida_value *out)
{
    (void)out;
    kd_list *list = kd_list_of(self);
    kida_value item = kida_arg(call, 1);
    int64_t at;
    int64_t count = (int64_t)list->count;
    kida_status st = kd_index_arg(call, kida_arg(call, 0), "the index of insert()", &at);
    if (st == KIDA_OK)
        st = kd_keep(call, list->pool, &item);
    if (st != KIDA_OK)
        return st;
    if (at < 0)
        at = at < -count ? 0 : at + count;
    if (at > count)
        at = count;
    return kd_list_insert(list, (size_t)at, item) ? KIDA_OK : kd_fail_memory(call);
}

static void
remove_at(kd_list *list, size_t at)
{
    list->count--;
    memmove(list->items + at, list->items + at + 1, (list->count - at) * sizeof(kida_value));
}

static const kida_param pop_params[] = { { "index", KIDA_IN_POSITION, "-1" }, { 0 } };

static kida_status
list_pop(kida_call *call, kida_value self, kida_value *out)
{
    kd_list *list = kd_list_of(self);
    int64_t at;
    kida_status st = kd_index_arg(call, kida_arg(call, 0), "the index of pop()", &at);
    if (st != KIDA_OK)
        return st;
    int64_t count = (int64_t)list->count;
    if (at < -count || at >= count)
        return kida_fail_kind(call, KIDA_E_RUNTIME, "IndexError",
                              count == 0 ? "pop() from an empty list"
                                         : "the index of pop() is out of range");
    size_t slot = (size_t)(at < 0 ? at + count : at);
    *out = list->items[slot];
    remove_at(list, slot);
    return KIDA_OK;
}

static kida_status
list_remove(kida_call *call, kida_value self, kida_value *out)
{
    (void)out;
    kd_list *list = kd_list_of(self);
    kida_status st = kida_spend(call, list->count);
    for (size_t i = 0; st == KIDA_OK && i < list->count; i++) {
        bool same;
        st = kd_same(call, list->items[i], kida_arg(call, 0), &same);
        if (st == KIDA_OK && same) {
            remove_at(list, i);
            return KIDA_OK;
        }
    }
    return st != KIDA_OK ? st : fail_value(call, "remove() finds no such item in the list");
}

static kida_status
list_clear(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    (void)out;
    kd_list_of(self)->count = 0;
    return KIDA_OK;
}

static kida_status
list_reverse(kida_call *call, kida_value self, kida_value *out)
{
    (void)out;
    kd_list *list = kd_list_of(self);
    for (size_t i = 0; i < list->count / 2; i++) {
        kida_value swap = list->items[i];
        list->items[i] = list->items[list->count - 1 - i];
        list->items[list->count - 1 - i] = swap;
    }
    return kida_spend(call, list->count);
}

static const kida_param sort_params[] = {
    { "key", KIDA_IN_KEYWORD, "none" },
    { "reverse", KIDA_IN_KEYWORD | KIDA_IN_BOOL, "false" },
    { 0 },
};

static kida_status
list_sort(kida_call *call, kida_value self, kida_value *out)
{
    (void)out;
    kd_list *list = kd_list_of(self);
    kida_value copy; /* the key function may look at the list, or even change it */
    kida_status st = kd_to_list(call, self, &copy);
    if (st == KIDA_OK)
        st = kd_sort(call, kd_list_of(copy)->items, kd_list_of(copy)->count, kida_arg(call, 0),
                     kida_arg_bool(call, 1));
    if (st != KIDA_OK)
        return st;
    if (list->count != kd_list_of(copy)->count)
        return fail_value(call, "the list was changed while it was sorted");
    if (list->count > 0)
        memcpy(list->items, kd_list_of(copy)->items, list->count * sizeof(kida_value));
    return KIDA_OK;
}

/* ---- lists and tuples: looking --------------------------------------------------------------- */

static kida_status
list_copy(kida_call *call, kida_value self, kida_value *out)
{
    return kd_to_list(call, self, out);
}

static size_t
count_of(kida_value self)
{
    return kd_is(self, KIDA_LIST) ? kd_list_of(self)->count : kd_tuple_count(self);
}

static kida_value
item_of(kida_value self, size_t i)
{
    return kd_is(self, KIDA_LIST) ? kd_list_of(self)->items[i] : kd_tuple_items(self)[i];
}

static kida_status
seq_count(kida_call *call, kida_value self, kida_value *out)
{
    int64_t found = 0;
    kida_status st = kida_spend(call, count_of(self));
    for (size_t i = 0; st == KIDA_OK && i < count_of(self); i++) {
        bool same = false;
        st = kd_same(call, item_of(self, i), kida_arg(call, 0), &same);
        found += same;
    }
    *out = kida_int(found);
    return st;
}

static const kida_param index_params[] = {
    { "value", KIDA_IN_POSITION, NULL },
    { "start", KIDA_IN_POSITION, "0" },
    { "stop", KIDA_IN_POSITION, "9223372036854775807" },
    { 0 },
};

static kida_status
seq_index(kida_call *call, kida_value self, kida_value *out)
{
    size_t from, to;
    /* none is no bound here: lists ask for integers where texts do not */
    for (size_t i = 1; i <= 2; i++) {
        if (kd_is(kida_arg(call, i), KIDA_NONE))
            return kida_fail(call, KIDA_E_TYPE, "the bounds of index() must be integers");
    }
    kida_status st = kd_bounds(call, count_of(self), kida_arg(call, 1), kida_arg(call, 2),
                               "a bound of index()", &from, &to);
    if (st == KIDA_OK && from < to)
        st = kida_spend(call, to - from);
    for (size_t i = from; st == KIDA_OK && i < to && i < count_of(self); i++) {
        bool same;
        st = kd_same(call, item_of(self, i), kida_arg(call, 0), &same);
        if (st == KIDA_OK && same) {
            *out = kida_int((int64_t)i);
            return KIDA_OK;
        }
    }
    return st != KIDA_OK ? st : fail_value(call, "index() finds no such item");
}

static const kd_method list_rows[] = {
    { "append", list_append, one_params, KD_METHOD_MUTATES },
    { "extend", list_extend, one_params, KD_METHOD_MUTATES },
    { "insert", list_insert, insert_params, KD_METHOD_MUTATES },
    { "pop", list_pop, pop_params, KD_METHOD_MUTATES },
    { "remove", list_remove, one_params, KD_METHOD_MUTATES },
    { "clear", list_clear, NULL, KD_METHOD_MUTATES },
    { "reverse", list_reverse, NULL, KD_METHOD_MUTATES },
    { "sort", list_sort, sort_params, KD_METHOD_MUTATES },
    { "copy", list_copy, NULL, 0 },
    { "count", seq_count, one_params, 0 },
    { "index", seq_index, index_params, 0 },
};

static const kd_method tuple_rows[] = {
    { "count", seq_count, one_params, 0 },
    { "index", seq_index, index_params, 0 },
};

const kd_method_table kd_list_methods = { list_rows, KD_COUNT(list_rows) };
const kd_method_table kd_tuple_methods = { tuple_rows, KD_COUNT(tuple_rows) };

/* ---- ranges ---------------------------------------------------------------------------------- */

/* Place of v in the range; false: it is not in it. */
static bool
find_in_range(const kd_range *r, kida_value v, uint64_t *out)
{
    int64_t n = v.u_.i;
    if (kd_is(v, KIDA_FLOAT)) {
        double d = v.u_.d;
        if (!(d >= -9223372036854775808.0 && d < 9223372036854775808.0) || d != floor(d))
            return false;
        n = (int64_t)d;
    } else if (!kd_is(v, KIDA_INT) && !kd_is(v, KIDA_BOOL)) {
        return false;
    }
    if (r->step > 0 ? n < r->start : n > r->start)
        return false;
    uint64_t gap = (uint64_t)n - (uint64_t)r->start;
    uint64_t step = (uint64_t)r->step;
    if (r->step < 0) {
        gap = 0 - gap;
        step = 0 - step;
    }
    *out = gap / step;
    return gap % step == 0 && *out < r->count;
}

static kida_status
range_count(kida_call *call, kida_value self, kida_value *out)
{
    uint64_t at;
    *out = kida_int(find_in_range(kd_range_of(self), kida_arg(call, 0), &at));
    return KIDA_OK;
}

static kida_status
range_index(kida_call *call, kida_value self, kida_value *out)
{
    uint64_t at;
    if (!find_in_range(kd_range_of(self), kida_arg(call, 0), &at))
        return fail_value(call, "index() finds no such number in the range");
    *out = kida_int((int64_t)at);
    return KIDA_OK;
}

static kida_status
range_start(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    *out = kida_int(kd_range_of(self)->start);
    return KIDA_OK;
}

static kida_status
range_stop(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    *out = kida_int(kd_range_of(self)->stop);
    return KIDA_OK;
}

static kida_status
range_step(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    *out = kida_int(kd_range_of(self)->step);
    return KIDA_OK;
}

static const kd_method range_rows[] = {
    { "count", range_count, one_params, 0 },
    { "index", range_index, one_params, 0 },
    { "start", range_start, NULL, KD_METHOD_VALUE },
    { "stop", range_stop, NULL, KD_METHOD_VALUE },
    { "step", range_step, NULL, KD_METHOD_VALUE },
};

const kd_method_table kd_range_methods = { range_rows, KD_COUNT(range_rows) };
