/* SPDX-License-Identifier: MIT */
/*
 * arith.c - the arithmetic operators: 64-bit integers with a check, doubles, and what + - * do to
 * other kinds. Integers that do not fit go to big.c, percent formatting to percent.c.
 */
#include <math.h>
#include <string.h>

#include "value/big.h"
#include "value/complex.h"
#include "value/ops.h"

static kida_status
fail_operands(kida_call *call, const char *op, kida_value a, kida_value b)
{
    bool none = kd_is(a, KIDA_NONE) || kd_is(b, KIDA_NONE);
    bool text = kd_is(a, KIDA_STRING) || kd_is(b, KIDA_STRING);
    kida_status st = kida_fail(call, none ? KIDA_E_NONE : KIDA_E_TYPE,
                               "unsupported operands of %s: '%s' and '%s'", op, kida_kind_name(a),
                               kida_kind_name(b));
    if (text && !none)
        (void)kida_fail_hint(call, "one side is a text: make it a number with | int or | float");
    return st;
}

static kida_status
fail_zero(kida_call *call, const char *what)
{
    return kida_fail(call, KIDA_E_ZERO_DIVISION, "%s", what);
}

static kida_status
fail_overflow(kida_call *call, const char *what)
{
    return kida_fail_kind(call, KIDA_E_RUNTIME, "OverflowError", "%s", what);
}

KD_INLINE bool
both(kida_value a, kida_value b, kida_kind kind)
{
    return kd_is(a, kind) && kd_is(b, kind);
}

KD_INLINE bool
both_small(kida_value a, kida_value b) /* ints of 64 bits, or bools */
{
    return kd_tag(a) - KIDA_BOOL <= KIDA_INT - KIDA_BOOL &&
           kd_tag(b) - KIDA_BOOL <= KIDA_INT - KIDA_BOOL;
}

/* The two as doubles; an int that does not fit is an error. */
static kida_status
to_doubles(kida_call *call, kida_value a, kida_value b, double *x, double *y)
{
    *x = kd_is(a, KIDA_BIGINT) ? kd_big_double(a) : kida_as_float(a);
    *y = kd_is(b, KIDA_BIGINT) ? kd_big_double(b) : kida_as_float(b);
    if ((kd_is(a, KIDA_BIGINT) && isinf(*x)) || (kd_is(b, KIDA_BIGINT) && isinf(*y)))
        return fail_overflow(call, "the integer is too large for a float");
    return KIDA_OK;
}

/* ---- joining and repeating ------------------------------------------------------------------- */

/* An array of a's items and then b's. */
static kida_status
join_items(kida_call *call, const kida_value *a, size_t a_count, const kida_value *b,
           size_t b_count, kida_value **out)
{
    size_t count;
    if (!kd_size_add(a_count, b_count, &count))
        return kd_fail_size(call);
    kida_value *items = kd_arena_array(call->rt->pool, count, sizeof(*items));
    if (!items)
        return kd_fail_memory(call);
    if (a_count)
        memcpy(items, a, a_count * sizeof(*items));
    if (b_count)
        memcpy(items + a_count, b, b_count * sizeof(*items));
    *out = items;
    return KIDA_OK;
}

/* A list that takes over items of the pool. */
static kida_status
list_over(kida_call *call, kida_value *items, size_t count, kida_value *out)
{
    kida_value list = kd_list_make(call->rt->pool, 0);
    if (kd_is_absent(list))
        return kd_fail_memory(call);
    kd_list *l = kd_list_of(list);
    l->items = items;
    l->count = count;
    l->room = count;
    *out = list;
    return KIDA_OK;
}

static kida_status
add_lists(kida_call *call, kida_value a, kida_value b, kida_value *out)
{
    kida_value *items = NULL;
    const kd_list *x = kd_list_of(a), *y = kd_list_of(b);
    size_t count = x->count + y->count;
    kida_status st = join_items(call, x->items, x->count, y->items, y->count, &items);
    return st == KIDA_OK ? list_over(call, items, count, out) : st;
}

static kida_status
add_tuples(kida_call *call, kida_value a, kida_value b, kida_value *out)
{
    kida_value *items = NULL;
    size_t x = kd_tuple_count(a), y = kd_tuple_count(b);
    kida_status st = join_items(call, kd_tuple_items(a), x, kd_tuple_items(b), y, &items);
    if (st == KIDA_OK)
        *out = kd_pointer(KIDA_TUPLE, items, x + y, 0);
    return st;
}

/* unit bytes at from, count times, into the pool. */
static kida_status
repeat_bytes(kida_call *call, const void *from, size_t unit, size_t count, void **out)
{
    const kd_runtime *rt = call->rt;
    size_t size;
    if (!kd_size_mul(unit, count, &size) || size > (size_t)PTRDIFF_MAX ||
        (rt->max_text && size > rt->max_text))
        return kd_fail_size(call);
    char *data = kd_arena_alloc(rt->pool, size);
    if (!data)
        return kd_fail_memory(call);
    *out = data;
    if (size == 0)
        return KIDA_OK;
    memcpy(data, from, unit);
    for (size_t done = unit; done < size;) { /* doubles what is there */
        size_t part = done < size - done ? done : size - done;
        memcpy(data + done, data, part);
        done += part;
    }
    return KIDA_OK;
}

static kida_status
repeat(kida_call *call, kida_value sequence, kida_value times, kida_value *out)
{
    size_t count = 0;
    bool huge = kd_is(times, KIDA_BIGINT) && !kd_big_is_negative(times);
    if (!kd_is(times, KIDA_BIGINT) && times.u_.i > 0)
        count = (size_t)times.u_.i;

    const void *from;
    size_t unit;
    if (kd_is(sequence, KIDA_LIST)) {
        from = kd_list_of(sequence)->items;
        unit = kd_list_of(sequence)->count;
    } else {
        from = sequence.u_.p;
        unit = (size_t)(sequence.head_ >> 16);
    }
    if (huge)
        return kd_fail_size(call);
    size_t size = kd_is(sequence, KIDA_STRING) ? 1 : sizeof(kida_value);
    void *data = NULL;
    kida_status st = repeat_bytes(call, from, unit * size, count, &data);
    if (st != KIDA_OK)
        return st;
    if (kd_is(sequence, KIDA_LIST))
        return list_over(call, data, unit * count, out);
    *out = sequence; /* keeps the mark of safe text */
    out->head_ = (sequence.head_ & 0xffff) | (uint64_t)(unit * count) << 16;
    out->u_.p = data;
    return KIDA_OK;
}

/* The items of a that are not in b. */
static kida_status
subtract_sets(kida_call *call, kida_value a, kida_value b, kida_value *out)
{
    bool frozen = kd_is(a, KIDA_SET) && (a.head_ & KIDA_FLAG_FROZEN_);
    kida_value set = kd_set_make(call->rt->pool, 0, frozen);
    if (kd_is_absent(set))
        return kd_fail_memory(call);
    kida_iter iter;
    kida_value item;
    kida_status st = kd_iter_init(call, &iter, a);
    while (st == KIDA_OK && (st = kd_iter_next(call, &iter, &item)) == KIDA_OK &&
           !kd_is_absent(item)) {
        bool in;
        st = kd_contains(call, b, item, &in);
        if (st == KIDA_OK && !in)
            st = kd_dict_put(call, kd_dict_of(set), item, kd_absent());
    }
    if (st == KIDA_OK)
        *out = set;
    return st;
}

static bool
is_set(kida_value v) /* sets, and the views that work like sets */
{
    return kd_is(v, KIDA_SET) ||
           (kd_is(v, KIDA_VIEW) && ((const kd_view *)v.u_.p)->kind != KD_VIEW_VALUES);
}

static bool
is_repeatable(kida_value v)
{
    return kd_is(v, KIDA_STRING) || kd_is(v, KIDA_LIST) || kd_is(v, KIDA_TUPLE);
}

/* ---- + - * ----------------------------------------------------------------------------------- */

/* Two numbers of which one is a float, or ints whose 64-bit result did not fit. */
static kida_status
slow_numbers(kida_call *call, char op, kida_value a, kida_value b, kida_value *out)
{
    if (kd_is_int(a) && kd_is_int(b))
        return kd_int_arith(call, op, a, b, out);
    double x, y;
    kida_status st = to_doubles(call, a, b, &x, &y);
    if (st == KIDA_OK)
        *out = kida_float(op == '+' ? x + y : op == '-' ? x - y : x * y);
    return st;
}

kida_status
kd_add(kida_call *call, kida_value a, kida_value b, kida_value *out)
{
    int64_t sum;
    if (KD_LIKELY(both_small(a, b)) && !__builtin_add_overflow(a.u_.i, b.u_.i, &sum)) {
        *out = kida_int(sum);
        return KIDA_OK;
    }
    if (both(a, b, KIDA_FLOAT)) {
        *out = kida_float(a.u_.d + b.u_.d);
        return KIDA_OK;
    }
    if (kd_is_number(a) && kd_is_number(b))
        return slow_numbers(call, '+', a, b, out);
    if (kd_is(a, KIDA_STRING) || kd_is(b, KIDA_STRING))
        return kd_concat(call, a, b, out);
    if (both(a, b, KIDA_LIST))
        return add_lists(call, a, b, out);
    if (both(a, b, KIDA_TUPLE))
        return add_tuples(call, a, b, out);
    return fail_operands(call, "+", a, b);
}

kida_status
kd_sub(kida_call *call, kida_value a, kida_value b, kida_value *out)
{
    int64_t difference;
    if (KD_LIKELY(both_small(a, b)) && !__builtin_sub_overflow(a.u_.i, b.u_.i, &difference)) {
        *out = kida_int(difference);
        return KIDA_OK;
    }
    if (kd_is_number(a) && kd_is_number(b))
        return slow_numbers(call, '-', a, b, out);
    if (is_set(a) && is_set(b))
        return subtract_sets(call, a, b, out);
    return fail_operands(call, "-", a, b);
}

kida_status
kd_mul(kida_call *call, kida_value a, kida_value b, kida_value *out)
{
    int64_t product;
    if (KD_LIKELY(both_small(a, b)) && !__builtin_mul_overflow(a.u_.i, b.u_.i, &product)) {
        *out = kida_int(product);
        return KIDA_OK;
    }
    if (kd_is_number(a) && kd_is_number(b))
        return slow_numbers(call, '*', a, b, out);
    if (is_repeatable(a) && kd_is_int(b))
        return repeat(call, a, b, out);
    if (is_repeatable(b) && kd_is_int(a))
        return repeat(call, b, a, out);
    return fail_operands(call, "*", a, b);
}

/* ---- / // % ---------------------------------------------------------------------------------- */

kida_status
kd_div(kida_call *call, kida_value a, kida_value b, kida_value *out)
{
    double x, y;
    if (!kd_is_number(a) || !kd_is_number(b))
        return fail_operands(call, "/", a, b);
    if (kd_is_int(a) && kd_is_int(b)) {
        if (!kd_is(b, KIDA_BIGINT) && b.u_.i == 0)
            return fail_zero(call, "division by zero");
        kida_status st = kd_int_divide(call, a, b, &x);
        if (st == KIDA_OK)
            *out = kida_float(x);
        return st;
    }
    kida_status st = to_doubles(call, a, b, &x, &y);
    if (st != KIDA_OK)
        return st;
    if (y == 0)
        return fail_zero(call, "division by zero");
    *out = kida_float(x / y);
    return KIDA_OK;
}

/* Remainder with the sign of y, and the quotient rounded down that belongs to it. */
static void
divide_floats(double x, double y, double *quotient, double *rest)
{
    double r = fmod(x, y);
    double q = (x - r) / y;
    if (r != 0) {
        if ((y < 0) != (r < 0)) {
            r += y;
            q -= 1;
        }
    } else {
        r = copysign(0.0, y);
    }
    if (q != 0) { /* q is near an integer; which one is the question */
        double down = floor(q);
        q = q - down > 0.5 ? down + 1 : down;
    } else {
        q = copysign(0.0, x / y);
    }
    *quotient = q;
    *rest = r;
}

static kida_status
floor_op(kida_call *call, char op, kida_value a, kida_value b, kida_value *out)
{
    double x, y, quotient, rest;
    if (kd_is_int(a) && kd_is_int(b)) {
        if (!kd_is(b, KIDA_BIGINT) && b.u_.i == 0)
            return fail_zero(call, op == '%' ? "modulo by zero" : "division by zero");
        if (both_small(a, b) && !(b.u_.i == -1 && a.u_.i == INT64_MIN)) {
            int64_t q = a.u_.i / b.u_.i, r = a.u_.i % b.u_.i;
            if (r != 0 && (r < 0) != (b.u_.i < 0)) {
                q--;
                r += b.u_.i;
            }
            *out = kida_int(op == '%' ? r : q);
            return KIDA_OK;
        }
        return kd_int_arith(call, op, a, b, out);
    }
    kida_status st = to_doubles(call, a, b, &x, &y);
    if (st != KIDA_OK)
        return st;
    if (y == 0)
        return fail_zero(call, op == '%' ? "modulo by zero" : "division by zero");
    divide_floats(x, y, &quotient, &rest);
    *out = kida_float(op == '%' ? rest : quotient);
    return KIDA_OK;
}

kida_status
kd_floordiv(kida_call *call, kida_value a, kida_value b, kida_value *out)
{
    if (kd_is_number(a) && kd_is_number(b))
        return floor_op(call, 'f', a, b, out);
    return fail_operands(call, "//", a, b);
}

kida_status
kd_mod(kida_call *call, kida_value a, kida_value b, kida_value *out)
{
    if (kd_is_number(a) && kd_is_number(b))
        return floor_op(call, '%', a, b, out);
    if (kd_is(a, KIDA_STRING))
        return kida_format_percent(call, a, b, out);
    return fail_operands(call, "%", a, b);
}

/* ---- ** - + ---------------------------------------------------------------------------------- */

static kida_status
pow_floats(kida_call *call, kida_value a, kida_value b, kida_value *out)
{
    double x, y;
    kida_status st = to_doubles(call, a, b, &x, &y);
    if (st != KIDA_OK)
        return st;
    if (x == 0 && y < 0)
        return fail_zero(call, "zero can't be raised to a negative power");
    if (x < 0 && isfinite(x) && isfinite(y) && y != floor(y))
        return kd_complex_pow(call, x, y, out);
    double power = pow(x, y);
    if (isinf(power) && isfinite(x) && isfinite(y))
        return fail_overflow(call, "the power is too large for a float");
    *out = kida_float(power);
    return KIDA_OK;
}

/* By squaring; false when 64 bits do not suffice. */
static bool
pow_small(int64_t base, int64_t exponent, int64_t *out)
{
    int64_t power = 1;
    for (;;) {
        if ((exponent & 1) && __builtin_mul_overflow(power, base, &power))
            return false;
        exponent >>= 1;
        if (exponent == 0)
            break;
        if (__builtin_mul_overflow(base, base, &base))
            return false;
    }
    *out = power;
    return true;
}

kida_status
kd_pow(kida_call *call, kida_value a, kida_value b, kida_value *out)
{
    if (!kd_is_number(a) || !kd_is_number(b))
        return fail_operands(call, "**", a, b);
    if (!kd_is_int(a) || !kd_is_int(b) || kd_big_is_negative(b))
        return pow_floats(call, a, b, out);
    int64_t power;
    if (both_small(a, b) && pow_small(a.u_.i, b.u_.i, &power)) {
        *out = kida_int(power);
        return KIDA_OK;
    }
    return kd_int_arith(call, 'p', a, b, out);
}

kida_status
kd_neg(kida_call *call, kida_value a, kida_value *out)
{
    if (kd_is_int(a))
        return kd_int_negate(call, a, out);
    if (!kd_is(a, KIDA_FLOAT))
        return kida_fail_type(call, a, "unary - wants a number");
    *out = kida_float(-a.u_.d);
    return KIDA_OK;
}

kida_status
kd_pos(kida_call *call, kida_value a, kida_value *out)
{
    if (!kd_is_number(a))
        return kida_fail_type(call, a, "unary + wants a number");
    *out = kd_is(a, KIDA_BOOL) ? kida_int(a.u_.i) : a;
    return KIDA_OK;
}

/* ---- ranges, and the public door ------------------------------------------------------------- */

static kida_status
range_part(kida_call *call, kida_value v, int64_t *out)
{
    if (kd_is(v, KIDA_BIGINT))
        return fail_overflow(call, "the bound of a range is too large");
    if (!kd_is_int(v))
        return kida_fail_type(call, v, "a range wants integers");
    *out = v.u_.i;
    return KIDA_OK;
}

kida_status
kd_make_range(kida_call *call, kida_value a, kida_value b, kida_value step, bool inclusive,
              kida_value *out)
{
    int64_t start = 0, stop = 0, by = 1;
    kida_status st = range_part(call, a, &start);
    if (st == KIDA_OK)
        st = range_part(call, b, &stop);
    if (st == KIDA_OK && !kd_is_nothing(step))
        st = range_part(call, step, &by);
    if (st != KIDA_OK)
        return st;
    if (inclusive && __builtin_add_overflow(stop, by < 0 ? -1 : 1, &stop))
        return fail_overflow(call, "the bound of a range is too large");
    kida_value range = kd_range_make(call, start, stop, by);
    if (kd_is_absent(range))
        return call->rt->err && call->rt->err->status != KIDA_OK ? call->rt->err->status
                                                                 : kd_fail_memory(call);
    *out = range;
    return KIDA_OK;
}

kida_status
kida_arith(kida_call *call, char op, kida_value a, kida_value b, kida_value *out)
{
    static const struct {
        char op;
        kida_status (*apply)(kida_call *, kida_value, kida_value, kida_value *);
    } table[] = {
        { '+', kd_add }, { '-', kd_sub },      { '*', kd_mul }, { '/', kd_div },
        { '%', kd_mod }, { 'f', kd_floordiv }, { 'p', kd_pow }, { '~', kd_concat },
    };
    for (size_t i = 0; i < KD_COUNT(table); i++) {
        if (table[i].op == op)
            return table[i].apply(call, a, b, out);
    }
    return kida_fail(call, KIDA_E_USAGE, "there is no arithmetic operator '%c'", op);
}
