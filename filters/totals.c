/* SPDX-License-Identifier: MIT */
/* totals.c - sum, min and max over anything that can be walked. */
#include <math.h>

#include "build.h"
#include "lookup.h"
#include "totals.h"

/* ---- sum ------------------------------------------------------------------------------------- */

/* A sum under way. Sequences are joined in a list of its own, so that a long sum of lists does not
 * copy its beginning again and again. */
typedef struct running {
    kida_value total;  /* what was added up so far, or the list that is being joined */
    kida_kind joining; /* KIDA_LIST or KIDA_TUPLE once total is a list of our own, else ABSENT */
    double lost;       /* what rounding took from a float total */
} running;

/* Kind of sequence that total stands for, ABSENT if it is none. */
static kida_kind
sequence_kind(const running *sum)
{
    kida_kind kind = sum->joining != KIDA_ABSENT ? sum->joining : kida_kind_of(sum->total);
    return kind == KIDA_LIST || kind == KIDA_TUPLE ? kind : KIDA_ABSENT;
}

static kida_status
append_all(kida_call *call, kida_value list, kida_value items)
{
    size_t count = kida_length(items);
    kida_status st = kida_spend(call, count);

    for (size_t i = 0; i < count && st == KIDA_OK; i++)
        st = kd_push(call, list, kida_item_at(items, i));
    return st;
}

static kida_status
join_sequence(kida_call *call, running *sum, kida_value item)
{
    kida_status st = KIDA_OK;

    if (sum->joining == KIDA_ABSENT) {
        kida_value own;
        st = kd_new_list(call, kida_length(sum->total), &own);
        if (st == KIDA_OK)
            st = append_all(call, own, sum->total);
        if (st != KIDA_OK)
            return st;
        sum->joining = kida_kind_of(sum->total);
        sum->total = own;
    }
    return append_all(call, sum->total, item);
}

/* Adds a float to a float total and keeps what rounding loses (Neumaier's method). */
static void
add_float(running *sum, double x)
{
    double total = kida_as_float(sum->total);
    double t = total + x;

    if (fabs(total) >= fabs(x))
        sum->lost += (total - t) + x;
    else
        sum->lost += (x - t) + total;
    sum->total = kida_float(t);
}

static kida_status
fail_text(kida_call *call)
{
    kida_status st = kida_fail(call, KIDA_E_TYPE, "sum() can't add texts");
    (void)kida_fail_hint(call, "use join to put texts together");
    return st;
}

static kida_status
add_item(kida_call *call, running *sum, kida_value item)
{
    kida_kind kind = kida_kind_of(item);
    kida_kind sequence = sequence_kind(sum);

    if (kind == KIDA_STRING)
        return fail_text(call);
    if (sequence != KIDA_ABSENT && sequence == kind)
        return join_sequence(call, sum, item);
    if (sequence == KIDA_TUPLE) /* say so of the tuple, not of the list that stands for it */
        return kida_fail_type(call, item, "sum() of tuples wants tuples");
    if (kida_kind_of(sum->total) == KIDA_FLOAT && kind == KIDA_FLOAT) {
        add_float(sum, kida_as_float(item));
        return KIDA_OK;
    }
    return kida_arith(call, '+', sum->total, item, &sum->total);
}

static kida_status
finish_sum(kida_call *call, running *sum, kida_value *out)
{
    *out = sum->total;
    if (kida_kind_of(sum->total) == KIDA_FLOAT && sum->lost != 0.0 && isfinite(sum->lost))
        *out = kida_float(kida_as_float(sum->total) + sum->lost);
    if (sum->joining != KIDA_TUPLE)
        return KIDA_OK;
    kida_value *items;
    size_t count;
    kida_status st = kd_to_array(call, sum->total, &items, &count);
    return st == KIDA_OK ? kd_new_tuple(call, items, count, out) : st;
}

/* start + all items, or their attribute of that name (absent: none asked for). */
static kida_status
sum_of(kida_call *call, kida_value over, kida_value attribute, kida_value start, kida_value *out)
{
    running sum = { start, KIDA_ABSENT, 0.0 };
    kida_iter iter;
    kida_value item;

    if (kida_kind_of(start) == KIDA_STRING)
        return fail_text(call);
    kida_status st = kida_iter_init(call, &iter, over);
    while (st == KIDA_OK) {
        st = kida_iter_next(call, &iter, &item);
        if (st != KIDA_OK || kd_is_end(item))
            break;
        if (!kd_is_end(attribute)) {
            kida_value whole = item;
            st = kd_read_attribute(call, whole, attribute, &item);
            if (kd_is_end(item))
                item = kida_int(0);
        }
        if (st == KIDA_OK)
            st = add_item(call, &sum, item);
    }
    return st == KIDA_OK ? finish_sum(call, &sum, out) : st;
}

/* The argument that names an attribute; absent where it is falsy, which asks for none. */
static kida_status
attribute_arg(kida_call *call, kida_value *out)
{
    bool wanted;
    kida_status st = kida_truth(call, kida_arg(call, 0), &wanted);

    *out = st == KIDA_OK && wanted ? kida_arg(call, 0) : kd_nothing();
    return st;
}

kida_status
kd_f_sum(kida_call *call, kida_value self, kida_value *out)
{
    kida_value attribute;
    kida_status st = attribute_arg(call, &attribute);
    return st == KIDA_OK ? sum_of(call, self, attribute, kida_arg(call, 1), out) : st;
}

const kida_param kd_f_sum_params[] = {
    { "attribute", KIDA_IN_ANY, "none" },
    { "start", KIDA_IN_ANY, "0" },
    { 0 },
};

kida_status
kd_g_sum(kida_call *call, kida_value *out)
{
    return sum_of(call, kida_arg(call, 0), kd_nothing(), kida_arg(call, 1), out);
}

const kida_param kd_g_sum_params[] = {
    { "iterable", KIDA_IN_ANY | KIDA_IN_POSITION, NULL },
    { "start", KIDA_IN_ANY, "0" },
    { 0 },
};

/* ---- min, max -------------------------------------------------------------------------------- */

/* By what items are compared: an attribute or a function, or themselves if both are absent. */
typedef struct measure {
    kida_value attribute;
    kida_value function;
} measure;

static kida_status
measure_item(kida_call *call, const measure *by, kida_value item, kida_value *out)
{
    bool truthy = true;
    kida_status st = KIDA_OK;

    *out = item;
    if (!kd_is_end(by->function))
        return kida_invoke(call, by->function, &item, 1, out);
    if (kd_is_end(by->attribute))
        return KIDA_OK;
    st = kd_read_attribute(call, item, by->attribute, out);
    if (st == KIDA_OK && !kd_is_end(*out))
        st = kida_truth(call, *out, &truthy);
    if (st == KIDA_OK && (kd_is_end(*out) || !truthy))
        *out = kida_int(0);
    return st;
}

/* First of the items that no other beats; op is '<' for the least, '>' for the greatest. *out is
 * absent if there are no items. */
static kida_status
extreme_of(kida_call *call, kida_value over, char op, const measure *by, kida_value *out)
{
    kida_iter iter;
    kida_value item;
    kida_value size;
    kida_value best = kd_nothing(); /* size of *out */
    kida_status st = kida_iter_init(call, &iter, over);

    *out = kd_nothing();
    while (st == KIDA_OK) {
        bool better = kd_is_end(*out);
        st = kida_iter_next(call, &iter, &item);
        if (st != KIDA_OK || kd_is_end(item))
            break;
        st = measure_item(call, by, item, &size);
        if (st == KIDA_OK && !better)
            st = kida_order(call, op, size, best, &better);
        if (st == KIDA_OK && better) {
            *out = item;
            best = size;
        }
    }
    return st;
}

static kida_status
fail_empty(kida_call *call, char op)
{
    return kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError", "%s() of nothing has no result",
                          op == '<' ? "min" : "max");
}

static kida_status
filter_extreme(kida_call *call, kida_value self, char op, kida_value *out)
{
    measure by = { kd_nothing(), kd_nothing() };
    kida_status st = attribute_arg(call, &by.attribute);

    if (st == KIDA_OK)
        st = extreme_of(call, self, op, &by, out);
    return st == KIDA_OK && kd_is_end(*out) ? fail_empty(call, op) : st;
}

kida_status
kd_f_min(kida_call *call, kida_value self, kida_value *out)
{
    return filter_extreme(call, self, '<', out);
}

kida_status
kd_f_max(kida_call *call, kida_value self, kida_value *out)
{
    return filter_extreme(call, self, '>', out);
}

const kida_param kd_f_extreme_params[] = { { "attribute", KIDA_IN_ANY, "none" }, { 0 } };

/* Of one argument the items count, of several the arguments themselves. */
static kida_status
global_extreme(kida_call *call, char op, kida_value *out)
{
    bool has_fallback = kida_arg_given(call, 2);
    size_t count = kida_rest_count(call);
    kida_value over = kida_rest(call, 0);
    measure by = { kd_nothing(), kd_nothing() };
    kida_status st = KIDA_OK;

    if (count == 0)
        return kida_fail(call, KIDA_E_TYPE, "%s() wants at least one argument",
                         op == '<' ? "min" : "max");
    if (count > 1 && has_fallback)
        return kida_fail(call, KIDA_E_TYPE, "a default needs a single iterable argument");
    if (kida_kind_of(kida_arg(call, 1)) != KIDA_NONE)
        by.function = kida_arg(call, 1);
    if (count > 1)
        st = kd_rest_tuple(call, &over);
    if (st == KIDA_OK)
        st = extreme_of(call, over, op, &by, out);
    if (st != KIDA_OK || !kd_is_end(*out))
        return st;
    if (!has_fallback)
        return fail_empty(call, op);
    *out = kida_arg(call, 2);
    return KIDA_OK;
}

kida_status
kd_g_min(kida_call *call, kida_value *out)
{
    return global_extreme(call, '<', out);
}

kida_status
kd_g_max(kida_call *call, kida_value *out)
{
    return global_extreme(call, '>', out);
}

const kida_param kd_g_extreme_params[] = {
    { "*args", KIDA_IN_ANY, NULL },
    { "key", KIDA_IN_ANY | KIDA_IN_KEYWORD, "none" },
    { "default", KIDA_IN_ANY | KIDA_IN_KEYWORD, "none" },
    { 0 },
};
