/* SPDX-License-Identifier: MIT */
/* globals.c - the functions that templates know without being given any: constructors of the
 * built-in kinds, len, abs, range, and the list of all of them. */
#include <kida/unicode.h>
#include <math.h>

#include "build.h"
#include "builtins.h"
#include "iterators.h"
#include "sorting.h"
#include "text.h"
#include "totals.h"

/* Longest number that int() reads, in digits of any base. */
#define DIGITS_MAX 4300

/* ---- range, len, abs ------------------------------------------------------------------------- */

/* One bound of a range, which must fit 64 bits. */
static kida_status
range_bound(kida_call *call, size_t index, int64_t *out)
{
    kida_value v = kida_rest(call, index);
    kida_kind kind = kida_kind_of(v);

    if (kind == KIDA_BIGINT)
        return kida_fail_kind(call, KIDA_E_RUNTIME, "OverflowError",
                              "the bounds of range() must fit 64 bits");
    if (kind != KIDA_INT && kind != KIDA_BOOL)
        return kida_fail_type(call, v, "range() wants integers");
    *out = kida_as_int(v);
    return KIDA_OK;
}

static kida_status
g_range(kida_call *call, kida_value *out)
{
    size_t count = kida_rest_count(call);
    int64_t bounds[3] = { 0, 0, 1 }; /* start, stop, step */
    kida_status st = KIDA_OK;

    if (count < 1 || count > 3)
        return kida_fail(call, KIDA_E_TYPE, "range() wants 1 to 3 arguments, %zu given", count);
    for (size_t i = 0; i < count && st == KIDA_OK; i++)
        st = range_bound(call, i, &bounds[count == 1 ? 1 : i]);
    if (st != KIDA_OK)
        return st;
    return kida_range_new(call, bounds[0], bounds[1], bounds[2], out);
}

static const kida_param range_params[] = { { "*bounds", KIDA_IN_ANY, NULL }, { 0 } };

static kida_status
g_len(kida_call *call, kida_value *out)
{
    size_t length;
    bool known;
    kida_status st = kida_measure(call, kida_arg(call, 0), &length, &known);

    if (st != KIDA_OK)
        return st;
    if (!known)
        return kida_fail_type(call, kida_arg(call, 0), "len() wants a value that has a length");
    if (length > (size_t)INT64_MAX)
        return kida_fail_kind(call, KIDA_E_RUNTIME, "OverflowError", "the length is too large");
    *out = kida_int((int64_t)length);
    return KIDA_OK;
}

static kida_status
g_abs(kida_call *call, kida_value *out)
{
    kida_value v = kida_arg(call, 0);
    kida_kind kind = kida_kind_of(v);
    bool negative;

    if (kind == KIDA_FLOAT) {
        *out = kida_float(fabs(kida_as_float(v)));
        return KIDA_OK;
    }
    if (kind != KIDA_BOOL && kind != KIDA_INT && kind != KIDA_BIGINT)
        return kida_fail_type(call, v, "abs() wants a number");
    kida_status st = kida_order(call, '<', v, kida_int(0), &negative);
    if (st != KIDA_OK)
        return st;
    /* Arithmetic makes an int of a bool, and a big one of the smallest 64-bit number. */
    return kida_arith(call, negative ? '-' : '+', kida_int(0), v, out);
}

static const kida_param one_params[] = {
    { "x", KIDA_IN_ANY | KIDA_IN_POSITION, NULL },
    { 0 },
};

/* ---- str, bool, float ------------------------------------------------------------------------ */

static kida_status
g_str(kida_call *call, kida_value *out)
{
    kida_str text;
    kida_status st = kida_to_str(call, kida_arg(call, 0), &text);

    if (st == KIDA_OK)
        *out = kida_string(text);
    return st;
}

static const kida_param str_params[] = { { "object", KIDA_IN_ANY, "''" }, { 0 } };

static kida_status
g_bool(kida_call *call, kida_value *out)
{
    bool truth;
    kida_status st = kida_truth(call, kida_arg(call, 0), &truth);

    if (st == KIDA_OK)
        *out = kida_bool(truth);
    return st;
}

static const kida_param bool_params[] = {
    { "x", KIDA_IN_ANY | KIDA_IN_POSITION, "false" },
    { 0 },
};

/* A value that int() or float() can't read: a text or NaN has a bad value, all else a bad kind. */
static kida_status
fail_number(kida_call *call, kida_value v, const char *what)
{
    kida_kind kind = kida_kind_of(v);

    if (kind == KIDA_STRING || kind == KIDA_FLOAT)
        return kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError", "%s", what);
    return kida_fail_type(call, v, what);
}

static kida_status
g_float(kida_call *call, kida_value *out)
{
    double d;
    bool known;
    kida_status st = kida_to_float(call, kida_arg(call, 0), &d, &known);

    if (st != KIDA_OK)
        return st;
    if (!known)
        return fail_number(call, kida_arg(call, 0), "float() wants a number or the text of one");
    *out = kida_float(d);
    return KIDA_OK;
}

static const kida_param float_params[] = {
    { "x", KIDA_IN_ANY | KIDA_IN_POSITION, "0.0" },
    { 0 },
};

/* ---- int ------------------------------------------------------------------------------------- */

/* Number in digits of some base under way: whole is what was read before the digits in part. */
typedef struct reading {
    kida_value whole;
    int64_t part;
    int64_t weight; /* base to the power of the digits in part */
    int base;
    size_t digits;
} reading;

/* Takes the digits of part over into whole. */
static kida_status
flush_part(kida_call *call, reading *r)
{
    kida_status st = kida_arith(call, '*', r->whole, kida_int(r->weight), &r->whole);

    if (st == KIDA_OK)
        st = kida_arith(call, '+', r->whole, kida_int(r->part), &r->whole);
    r->part = 0;
    r->weight = 1;
    return st;
}

/* Value of a character as a digit: of any script up to 9, then ASCII letters; 99 if it is none. */
static int
digit_value(uint32_t cp)
{
    if (cp >= 'a' && cp <= 'z')
        return (int)(cp - 'a') + 10;
    if (cp >= 'A' && cp <= 'Z')
        return (int)(cp - 'A') + 10;
    int digit = kida_unicode_decimal(cp);
    return digit >= 0 ? digit : 99;
}

/* Reads digits with single underscores between them; *ok is false for anything else. */
static kida_status
read_digits(kida_call *call, kida_str text, reading *r, bool *ok)
{
    const char *p = text.ptr;
    const char *end = p + text.len;
    bool after_digit = false;
    kida_status st = KIDA_OK;

    *ok = true;
    while (p < end && *ok && st == KIDA_OK) {
        if (*p == '_') {
            *ok = after_digit;
            after_digit = false;
            p++;
            continue;
        }
        int digit = digit_value(kida_utf8_next(&p, end));
        *ok = digit < r->base && ++r->digits <= DIGITS_MAX;
        if (!*ok)
            break;
        r->part = r->part * r->base + digit;
        r->weight *= r->base;
        if (r->weight > INT64_MAX / 36 / 2)
            st = flush_part(call, r);
        after_digit = true;
    }
    *ok = *ok && after_digit;
    return st == KIDA_OK ? flush_part(call, r) : st;
}

/* Base that a prefix such as "0x" stands for, 0 if there is none. */
static int
prefix_base(kida_str text)
{
    if (text.len < 2 || text.ptr[0] != '0')
        return 0;
    switch (text.ptr[1]) {
    case 'x':
    case 'X':
        return 16;
    case 'o':
    case 'O':
        return 8;
    case 'b':
    case 'B':
        return 2;
    default:
        return 0;
    }
}

/* Cuts a prefix off that fits the base, and finds the base where it is 0. */
static int
take_prefix(kida_str *text, int base)
{
    int named = prefix_base(*text);

    if (named == 0 || (base != 0 && base != named))
        return base != 0 ? base : 10;
    text->ptr += 2;
    text->len -= 2;
    if (text->len > 0 && text->ptr[0] == '_') { /* one may stand behind the prefix */
        text->ptr++;
        text->len--;
    }
    return named;
}

static kida_status
int_in_base(kida_call *call, kida_str given, int base, kida_value *out)
{
    kida_str text = kd_text_trim(given);
    bool negative = text.len > 0 && text.ptr[0] == '-';
    bool positive = text.len > 0 && text.ptr[0] == '+';
    bool ok = false;

    if (negative || positive) {
        text.ptr++;
        text.len--;
    }
    reading r = { kida_int(0), 0, 1, 0, 0 };
    bool leading_zero = text.len > 0 && text.ptr[0] == '0' && prefix_base(text) == 0;
    r.base = take_prefix(&text, base);
    kida_status st = read_digits(call, text, &r, &ok);
    bool zero = false;
    if (st == KIDA_OK)
        st = kida_equal(call, r.whole, kida_int(0), &zero);
    if (st != KIDA_OK)
        return st;
    if (!ok || (base == 0 && leading_zero && !zero))
        return kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError",
                              "int() can't read the text in base %d", base);
    return kida_arith(call, negative ? '-' : '+', kida_int(0), r.whole, out);
}

static kida_status
g_int(kida_call *call, kida_value *out)
{
    kida_value v = kida_arg(call, 0);
    int64_t base = kida_arg_int(call, 1);
    bool known;

    if (!kida_arg_given(call, 1)) {
        kida_status st = kida_to_int(call, v, out, &known);
        if (st != KIDA_OK || known)
            return st;
        return fail_number(call, v, "int() wants a number or the text of an integer");
    }
    if (!kida_arg_given(call, 0) || kida_kind_of(v) != KIDA_STRING)
        return kida_fail(call, KIDA_E_TYPE, "int() with a base wants a text");
    if (base != 0 && (base < 2 || base > 36))
        return kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError",
                              "the base of int() must be 0 or from 2 to 36");
    return int_in_base(call, kd_text(v), (int)base, out);
}

static const kida_param int_params[] = {
    { "x", KIDA_IN_ANY | KIDA_IN_POSITION, "0" },
    { "base", KIDA_IN_INT, "10" },
    { 0 },
};

/* ---- list, tuple, set ------------------------------------------------------------------------ */

static kida_status
g_list(kida_call *call, kida_value *out)
{
    return kida_to_list(call, kida_arg(call, 0), out);
}

static kida_status
g_tuple(kida_call *call, kida_value *out)
{
    kida_value *items;
    size_t count;

    if (kida_kind_of(kida_arg(call, 0)) == KIDA_TUPLE) {
        *out = kida_arg(call, 0);
        return KIDA_OK;
    }
    kida_status st = kd_to_array(call, kida_arg(call, 0), &items, &count);
    return st == KIDA_OK ? kd_new_tuple(call, items, count, out) : st;
}

static kida_status
g_set(kida_call *call, kida_value *out)
{
    kida_value item;
    kida_iter iter;

    kida_status st = kida_iter_init(call, &iter, kida_arg(call, 0));
    if (st == KIDA_OK)
        st = kd_new_set(call, out);
    while (st == KIDA_OK) {
        st = kida_iter_next(call, &iter, &item);
        if (st != KIDA_OK || kd_is_end(item))
            break;
        st = kida_set_put(call, *out, item);
    }
    return st;
}

static const kida_param items_params[] = {
    { "iterable", KIDA_IN_ANY | KIDA_IN_POSITION, "()" },
    { 0 },
};

/* ---- dict ------------------------------------------------------------------------------------ */

static kida_status
put_all_keys(kida_call *call, kida_value dict, kida_value from)
{
    kida_iter iter;
    kida_value key;
    kida_value item;
    kida_status st = kida_iter_init(call, &iter, from);

    while (st == KIDA_OK) {
        st = kida_iter_next(call, &iter, &key);
        if (st != KIDA_OK || kd_is_end(key))
            break;
        st = kida_get_item(call, from, key, &item);
        if (st == KIDA_OK)
            st = kida_dict_put(call, dict, key, item);
    }
    return st;
}

/* Puts a pair: anything that gives just two items. */
static kida_status
put_pair(kida_call *call, kida_value dict, kida_value pair)
{
    kida_iter iter;
    kida_value parts[3];
    size_t count = 0;

    if (!kida_is_iterable(pair)) /* none is no exception here */
        return kida_fail(call, KIDA_E_TYPE, "dict() wants pairs, not values of type %s",
                         kida_kind_name(pair));
    kida_status st = kida_iter_init(call, &iter, pair);
    while (st == KIDA_OK && count < 3) {
        st = kida_iter_next(call, &iter, &parts[count]);
        if (st != KIDA_OK || kd_is_end(parts[count]))
            break;
        count++;
    }
    if (st != KIDA_OK)
        return st;
    if (count != 2)
        return kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError",
                              "dict() wants pairs of a key and a value");
    return kida_dict_put(call, dict, parts[0], parts[1]);
}

static kida_status
put_all_pairs(kida_call *call, kida_value dict, kida_value from)
{
    kida_iter iter;
    kida_value pair;
    kida_status st = kida_iter_init(call, &iter, from);

    while (st == KIDA_OK) {
        st = kida_iter_next(call, &iter, &pair);
        if (st != KIDA_OK || kd_is_end(pair))
            break;
        st = put_pair(call, dict, pair);
    }
    return st;
}

static kida_status
g_dict(kida_call *call, kida_value *out)
{
    kida_value from = kida_arg(call, 0);
    size_t count = kida_keyword_count(call);

    kida_status st = kd_new_dict(call, kida_length(from), out);
    if (st == KIDA_OK && kida_is_mapping(from))
        st = put_all_keys(call, *out, from);
    else if (st == KIDA_OK)
        st = put_all_pairs(call, *out, from);
    for (size_t i = 0; i < count && st == KIDA_OK; i++) {
        kida_str name;
        kida_value item = kida_keyword(call, i, &name);
        st = kida_dict_put(call, *out, kida_string(name), item);
    }
    return st;
}

static const kida_param dict_params[] = {
    { "mapping", KIDA_IN_ANY | KIDA_IN_POSITION, "()" },
    { "**items", KIDA_IN_ANY, NULL },
    { 0 },
};

/* ---- table ----------------------------------------------------------------------------------- */

/* consume() reads what `provide` set up and belongs to the engine. */
const kida_function kd_functions_builtin[] = {
    { "range", g_range, range_params, KIDA_PURE | KIDA_TYPE, "integers from start up to stop" },
    { "len", g_len, one_params, KIDA_PURE, "number of items or characters" },
    { "str", g_str, str_params, KIDA_PURE | KIDA_TYPE, "the text of a value" },
    { "int", g_int, int_params, KIDA_PURE | KIDA_TYPE, "a number or text as an integer" },
    { "float", g_float, float_params, KIDA_PURE | KIDA_TYPE, "a number or text as a float" },
    { "bool", g_bool, bool_params, KIDA_PURE | KIDA_TYPE, "the truth of a value" },
    { "list", g_list, items_params, KIDA_TYPE, "all items as a new list" },
    { "tuple", g_tuple, items_params, KIDA_TYPE, "all items as a tuple" },
    { "set", g_set, items_params, KIDA_TYPE, "all items, each once" },
    { "dict", g_dict, dict_params, KIDA_TYPE, "a new dict from a dict, pairs and keywords" },
    { "abs", g_abs, one_params, KIDA_PURE, "a number without its sign" },
    { "min", kd_g_min, kd_g_extreme_params, 0, "the least of the items or arguments" },
    { "max", kd_g_max, kd_g_extreme_params, 0, "the greatest of the items or arguments" },
    { "sum", kd_g_sum, kd_g_sum_params, 0, "all items added up" },
    { "sorted", kd_g_sorted, kd_sorted_params, 0, "the items in order as a new list" },
    { "reversed", kd_g_reversed, kd_reversed_params, KIDA_TYPE, "from the last item to the first" },
    { "enumerate", kd_g_enumerate, kd_enumerate_params, KIDA_TYPE, "pairs of number and item" },
    { "zip", kd_g_zip, kd_zip_params, KIDA_TYPE, "tuples of items that stand side by side" },
    { "map", kd_g_map, kd_map_params, KIDA_TYPE, "what a function gives for each item" },
    { "filter", kd_g_filter, kd_filter_params, KIDA_TYPE, "items that a function says yes to" },
};
const size_t kd_functions_builtin_count =
    sizeof(kd_functions_builtin) / sizeof(kd_functions_builtin[0]);
