/* SPDX-License-Identifier: MIT */
/* compare.c - equality, order, membership and identity; exact between ints and floats. */
#include <math.h>
#include <string.h>

#include "value/big.h"
#include "value/host.h"
#include "value/ops.h"

static kida_status equal_at(kida_call *call, kida_value a, kida_value b, unsigned depth, bool *out);

bool
kd_identical(kida_value a, kida_value b)
{
    if (kd_tag(a) != kd_tag(b))
        return false;
    switch (kida_kind_of(a)) {
    case KIDA_ABSENT:
    case KIDA_UNDEFINED:
    case KIDA_NONE:
        return true;
    case KIDA_STRING:
        return kida_is_safe(a) == kida_is_safe(b) &&
               kida_str_equal(kida_as_str(a), kida_as_str(b));
    case KIDA_BIGINT:
        return kd_int_compare(a, b) == 0;
    case KIDA_FLOAT:
        return memcmp(&a.u_.d, &b.u_.d, sizeof(a.u_.d)) == 0;
    case KIDA_TUPLE:
        if (kd_tuple_count(a) == 0)
            return kd_tuple_count(b) == 0;
        break;
    case KIDA_BOOL:
    case KIDA_INT:
    case KIDA_LIST:
    case KIDA_DICT:
    case KIDA_SET:
    case KIDA_RANGE:
    case KIDA_VIEW:
    case KIDA_ITERATOR:
    case KIDA_CALLABLE:
    case KIDA_OBJECT:
        break;
    }
    return a.head_ == b.head_ && a.u_.i == b.u_.i;
}

bool
kida_identical(kida_value a, kida_value b)
{
    return kd_identical(a, b);
}

/* Items of containers: the very same value counts as equal, which lets a NaN equal itself. */
static kida_status
item_equal(kida_call *call, kida_value a, kida_value b, unsigned depth, bool *out)
{
    if (kd_tag(a) == kd_tag(b) && a.head_ == b.head_ && a.u_.i == b.u_.i) {
        *out = true;
        return KIDA_OK;
    }
    return equal_at(call, a, b, depth, out);
}

static kida_status
enter(kida_call *call, unsigned depth, size_t count)
{
    if (depth > KD_NESTING_MAX)
        return kida_fail(call, KIDA_E_LIMIT_DEPTH, "containers are nested more than %d deep",
                         KD_NESTING_MAX);
    return kida_spend(call, count); /* shared parts could otherwise be walked without end */
}

static void
items_of(kida_value v, const kida_value **items, size_t *count)
{
    bool list = kd_is(v, KIDA_LIST);
    *items = list ? kd_list_of(v)->items : kd_tuple_items(v);
    *count = list ? kd_list_of(v)->count : kd_tuple_count(v);
}

/* ---- equality -------------------------------------------------------------------------------- */

static bool
numbers_equal(kida_value a, kida_value b)
{
    if (kd_is(a, KIDA_FLOAT) && kd_is(b, KIDA_FLOAT))
        return a.u_.d == b.u_.d;
    if (kd_is(a, KIDA_FLOAT))
        return a.u_.d == a.u_.d && kd_int_compare_double(b, a.u_.d) == 0;
    if (kd_is(b, KIDA_FLOAT))
        return b.u_.d == b.u_.d && kd_int_compare_double(a, b.u_.d) == 0;
    return kd_int_compare(a, b) == 0;
}

static kida_status
sequences_equal(kida_call *call, kida_value a, kida_value b, unsigned depth, bool *out)
{
    const kida_value *x, *y;
    size_t count, other;
    items_of(a, &x, &count);
    items_of(b, &y, &other);
    *out = count == other;
    kida_status st = *out ? enter(call, depth, count) : KIDA_OK;
    for (size_t i = 0; st == KIDA_OK && *out && i < count; i++)
        st = item_equal(call, x[i], y[i], depth + 1, out);
    return st;
}

static kida_status
dicts_equal(kida_call *call, const kd_dict *a, const kd_dict *b, unsigned depth, bool *out)
{
    *out = a->count == b->count;
    kida_status st = *out ? enter(call, depth, a->count) : KIDA_OK;
    size_t at = 0;
    kd_entry *entry, *other;
    while (st == KIDA_OK && *out && (entry = kd_dict_entry_at(a, &at)) != NULL) {
        kida_value item = entry->item;
        st = kd_dict_find(call, b, entry->key, &other);
        if (st == KIDA_OK && other)
            st = item_equal(call, item, other->item, depth + 1, out);
        else
            *out = false;
    }
    return st;
}

/* Sets, and the views of keys and items, which compare like sets. */
static bool
is_set(kida_value v)
{
    return kd_is(v, KIDA_SET) ||
           (kd_is(v, KIDA_VIEW) && ((const kd_view *)v.u_.p)->kind != KD_VIEW_VALUES);
}

static size_t
set_count(kida_value v)
{
    return kd_is(v, KIDA_SET) ? kd_dict_of(v)->count : ((const kd_view *)v.u_.p)->dict->count;
}

static kida_status
is_subset(kida_call *call, kida_value a, kida_value b, bool *out)
{
    kida_iter iter;
    kida_value item;
    kida_status st = kd_iter_init(call, &iter, a);
    *out = true;
    while (st == KIDA_OK && *out && (st = kd_iter_next(call, &iter, &item)) == KIDA_OK &&
           !kd_is_absent(item))
        st = kd_contains(call, b, item, out);
    return st;
}

static bool
ranges_equal(const kd_range *a, const kd_range *b)
{
    if (a->count != b->count)
        return false;
    return a->count == 0 || (a->start == b->start && (a->count == 1 || a->step == b->step));
}

static kida_status
objects_equal(kida_call *call, kida_value a, kida_value b, bool *out)
{
    const kida_object_type *type = kd_host_type(a);
    kida_value self = a, other = b;
    if (!type || !type->equal) {
        type = kd_host_type(b);
        self = b;
        other = a;
    }
    *out = kd_identical(a, b);
    if (!type || !type->equal)
        return KIDA_OK;
    kida_status st = kd_host_enter(call);
    if (st != KIDA_OK)
        return st;
    st = type->equal(call, self.u_.p, other, out);
    kd_host_leave(call);
    return st;
}

static kida_status
equal_at(kida_call *call, kida_value a, kida_value b, unsigned depth, bool *out)
{
    unsigned tag = kd_tag(a);
    *out = false;
    if (kd_is_number(a) && kd_is_number(b)) {
        *out = numbers_equal(a, b);
        return KIDA_OK;
    }
    if (tag == KIDA_OBJECT || kd_is(b, KIDA_OBJECT))
        return objects_equal(call, a, b, out);
    if (is_set(a) && is_set(b))
        return set_count(a) == set_count(b) ? is_subset(call, a, b, out) : KIDA_OK;
    if (tag != kd_tag(b))
        return KIDA_OK;
    if (tag == KIDA_STRING)
        *out = kida_str_equal(kida_as_str(a), kida_as_str(b));
    else if (tag == KIDA_LIST || tag == KIDA_TUPLE)
        return sequences_equal(call, a, b, depth, out);
    else if (tag == KIDA_DICT)
        return dicts_equal(call, kd_dict_of(a), kd_dict_of(b), depth, out);
    else if (tag == KIDA_RANGE)
        *out = ranges_equal(a.u_.p, b.u_.p);
    else
        *out = kd_identical(a, b);
    return KIDA_OK;
}

kida_status
kd_equal(kida_call *call, kida_value a, kida_value b, bool *out)
{
    return equal_at(call, a, b, 0, out);
}

kida_status
kida_equal(kida_call *call, kida_value a, kida_value b, bool *out)
{
    return equal_at(call, a, b, 0, out);
}

/* ---- order ----------------------------------------------------------------------------------- */

static bool
holds(char op, int order) /* order: below, at or above 0 */
{
    return op == '<' ? order < 0 : op == '>' ? order > 0 : op == 'l' ? order <= 0 : order >= 0;
}

static bool
numbers_ordered(char op, kida_value a, kida_value b)
{
    bool a_float = kd_is(a, KIDA_FLOAT), b_float = kd_is(b, KIDA_FLOAT);
    if ((a_float && isnan(a.u_.d)) || (b_float && isnan(b.u_.d)))
        return false;
    if (a_float && b_float)
        return holds(op, a.u_.d < b.u_.d ? -1 : a.u_.d > b.u_.d);
    if (a_float)
        return holds(op, -kd_int_compare_double(b, a.u_.d));
    if (b_float)
        return holds(op, kd_int_compare_double(a, b.u_.d));
    return holds(op, kd_int_compare(a, b));
}

static kida_status
fail_order(kida_call *call, char op, kida_value a, kida_value b)
{
    bool none = kd_is(a, KIDA_NONE) || kd_is(b, KIDA_NONE);
    kida_status st = kida_fail(call, none ? KIDA_E_NONE : KIDA_E_TYPE,
                               "'%s' and '%s' have no order: %s%s can't compare them",
                               kida_kind_name(a), kida_kind_name(b),
                               op == 'l' || op == '<' ? "<" : ">",
                               op == 'l' || op == 'g' ? "=" : "");
    if (!none && (kd_is(a, KIDA_STRING) || kd_is(b, KIDA_STRING)))
        (void)kida_fail_hint(call, "to compare a text as a number write | int or | float "
                                   "behind it");
    return st;
}

/* Subset relations: a partial order. */
static kida_status
sets_ordered(kida_call *call, char op, kida_value a, kida_value b, bool *out)
{
    if (op == '>' || op == 'g')
        return sets_ordered(call, op == '>' ? '<' : 'l', b, a, out);
    size_t x = set_count(a), y = set_count(b);
    *out = op == '<' ? x < y : x <= y;
    return *out ? is_subset(call, a, b, out) : KIDA_OK;
}

static kida_status
objects_ordered(kida_call *call, char op, kida_value a, kida_value b, bool *out)
{
    const kida_object_type *type = kd_host_type(a);
    bool swapped = !type || !type->compare;
    if (swapped)
        type = kd_host_type(b);
    if (!type || !type->compare)
        return fail_order(call, op, a, b);
    kida_status st = kd_host_enter(call);
    if (st != KIDA_OK)
        return st;
    int order = 0;
    st = type->compare(call, swapped ? b.u_.p : a.u_.p, swapped ? a : b, &order);
    kd_host_leave(call);
    int way = order < 0 ? -1 : order > 0;
    *out = holds(op, swapped ? -way : way);
    return st;
}

static kida_status
order_at(kida_call *call, char op, kida_value a, kida_value b, unsigned depth, bool *out)
{
    if (kd_is_number(a) && kd_is_number(b)) {
        *out = numbers_ordered(op, a, b);
        return KIDA_OK;
    }
    if (kd_is(a, KIDA_STRING) && kd_is(b, KIDA_STRING)) {
        *out = holds(op, kd_str_compare(kida_as_str(a), kida_as_str(b)));
        return KIDA_OK;
    }
    if (kd_is(a, KIDA_OBJECT) || kd_is(b, KIDA_OBJECT))
        return objects_ordered(call, op, a, b, out);
    if (is_set(a) && is_set(b))
        return sets_ordered(call, op, a, b, out);
    if (kd_tag(a) != kd_tag(b) || !(kd_is(a, KIDA_LIST) || kd_is(a, KIDA_TUPLE)))
        return fail_order(call, op, a, b);

    const kida_value *x, *y;
    size_t x_count, y_count;
    items_of(a, &x, &x_count);
    items_of(b, &y, &y_count);
    size_t shared = x_count < y_count ? x_count : y_count;
    kida_status st = enter(call, depth, shared);
    for (size_t i = 0; st == KIDA_OK && i < shared; i++) {
        bool same;
        st = item_equal(call, x[i], y[i], depth + 1, &same);
        if (st == KIDA_OK && !same) /* the first that differ decide */
            return order_at(call, op, x[i], y[i], depth + 1, out);
    }
    *out = holds(op, x_count < y_count ? -1 : x_count > y_count);
    return st;
}

kida_status
kd_order(kida_call *call, char op, kida_value a, kida_value b, bool *out)
{
    return order_at(call, op, a, b, 0, out);
}

kida_status
kida_compare(kida_call *call, kida_value a, kida_value b, int *out)
{
    bool below, above = false;
    if (kd_is(a, KIDA_STRING) && kd_is(b, KIDA_STRING)) {
        *out = kd_str_compare(kida_as_str(a), kida_as_str(b));
        return KIDA_OK;
    }
    kida_status st = order_at(call, '<', a, b, 0, &below);
    if (st == KIDA_OK && !below)
        st = order_at(call, '<', b, a, 0, &above);
    if (st == KIDA_OK)
        *out = below ? -1 : above;
    return st;
}

/* ---- membership ------------------------------------------------------------------------------ */

static kida_status
in_items(kida_call *call, kida_value container, kida_value item, bool *out)
{
    const kida_value *items;
    size_t count;
    items_of(container, &items, &count);
    *out = false;
    kida_status st = kida_spend(call, count);
    for (size_t i = 0; st == KIDA_OK && !*out && i < count; i++)
        st = item_equal(call, item, items[i], 1, out);
    return st;
}

static kida_status
in_text(kida_call *call, kida_value container, kida_value item, bool *out)
{
    if (!kd_is(item, KIDA_STRING))
        return kida_fail_type(call, item, "'in' wants a text to look for in a text");
    *out = kd_str_find(kida_as_str(container), kida_as_str(item), 0) != SIZE_MAX;
    return KIDA_OK;
}

static bool
in_range(const kd_range *range, kida_value item)
{
    int64_t i;
    if (kd_is(item, KIDA_INT) || kd_is(item, KIDA_BOOL)) {
        i = item.u_.i;
    } else if (kd_is(item, KIDA_FLOAT) && item.u_.d == floor(item.u_.d) &&
               item.u_.d >= -9223372036854775808.0 && item.u_.d < 9223372036854775808.0) {
        i = (int64_t)item.u_.d;
    } else {
        return false;
    }
    bool up = range->step > 0;
    if (up ? i < range->start || i >= range->stop : i > range->start || i <= range->stop)
        return false;
    uint64_t gap = up ? (uint64_t)i - (uint64_t)range->start : (uint64_t)range->start - (uint64_t)i;
    uint64_t step = up ? (uint64_t)range->step : 0 - (uint64_t)range->step;
    return gap % step == 0;
}

static kida_status
in_view(kida_call *call, const kd_view *view, kida_value item, bool *out)
{
    kd_entry *entry;
    *out = false;
    if (view->kind == KD_VIEW_KEYS) {
        kida_status st = kd_dict_find(call, view->dict, item, &entry);
        *out = st == KIDA_OK && entry;
        return st;
    }
    if (view->kind == KD_VIEW_ITEMS) {
        if (!kd_is(item, KIDA_TUPLE) || kd_tuple_count(item) != 2)
            return KIDA_OK;
        const kida_value *pair = kd_tuple_items(item);
        kida_status st = kd_dict_find(call, view->dict, pair[0], &entry);
        if (st == KIDA_OK && entry)
            st = item_equal(call, pair[1], entry->item, 1, out);
        return st;
    }
    size_t at = 0;
    kida_status st = kida_spend(call, view->dict->count);
    while (st == KIDA_OK && !*out && (entry = kd_dict_entry_at(view->dict, &at)) != NULL)
        st = item_equal(call, item, entry->item, 1, out);
    return st;
}

static kida_status
in_walk(kida_call *call, kida_value container, kida_value item, bool *out)
{
    kida_iter iter;
    kida_value each;
    kida_status st = kd_iter_init(call, &iter, container);
    *out = false;
    while (st == KIDA_OK && !*out && (st = kd_iter_next(call, &iter, &each)) == KIDA_OK &&
           !kd_is_absent(each))
        st = item_equal(call, item, each, 1, out);
    return st;
}

static kida_status
in_object(kida_call *call, kida_value container, kida_value item, bool *out)
{
    const kida_object_type *type = kd_host_type(container);
    if (!type || !type->contains)
        return in_walk(call, container, item, out);
    kida_status st = kd_host_enter(call);
    if (st != KIDA_OK)
        return st;
    st = type->contains(call, container.u_.p, item, out);
    kd_host_leave(call);
    return st;
}

kida_status
kd_contains(kida_call *call, kida_value container, kida_value item, bool *out)
{
    kd_entry *entry = NULL;
    kida_status st;
    switch (kida_kind_of(container)) {
    case KIDA_STRING:
        return in_text(call, container, item, out);
    case KIDA_LIST:
    case KIDA_TUPLE:
        return in_items(call, container, item, out);
    case KIDA_DICT:
    case KIDA_SET:
        st = kd_dict_find(call, kd_dict_of(container), item, &entry);
        *out = st == KIDA_OK && entry;
        return st;
    case KIDA_RANGE:
        *out = in_range(container.u_.p, item);
        return KIDA_OK;
    case KIDA_VIEW:
        return in_view(call, container.u_.p, item, out);
    case KIDA_ITERATOR:
        return in_walk(call, container, item, out);
    case KIDA_OBJECT:
        return in_object(call, container, item, out);
    case KIDA_ABSENT:
    case KIDA_UNDEFINED:
        *out = false; /* iterates as empty */
        return KIDA_OK;
    case KIDA_NONE:
    case KIDA_BOOL:
    case KIDA_INT:
    case KIDA_BIGINT:
    case KIDA_FLOAT:
    case KIDA_CALLABLE:
        break;
    }
    return kida_fail_type(call, container, "'in' wants something that can be walked");
}

kida_status
kida_contains(kida_call *call, kida_value container, kida_value item, bool *out)
{
    return kd_contains(call, container, item, out);
}
