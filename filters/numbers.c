/* SPDX-License-Identifier: MIT */
/* numbers.c - filters to and from numbers: conversion, rounding, formatting. sum, min and max walk
 * sequences and live there. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "builtins.h"
#include "text.h"

/* Digits behind the point that a double can have; all further ones are 0. */
#define EXACT_PLACES 1074

/* Precisions from which on rounding changes nothing, and below which nothing is left. */
#define ROUND_PLACES_MAX 323
#define ROUND_TENS_MAX 308

/* From here on every double is a whole number. */
#define WHOLE_FROM 0x1p52

/* A conversion with strict=true: not a failure of a kind of its own, but of the template. */
static kida_status
fail_strict(kida_call *call, const char *filter)
{
    return kida_fail_kind(call, KIDA_E_RUNTIME, "TemplateRuntimeError",
                          "%s() can't read the value as a number", filter);
}

/* What a filter with parameter strict answers to a value that is no number: its text. */
static kida_status
text_or_fail(kida_call *call, kida_value self, bool strict, const char *filter, kida_value *out)
{
    kida_str text;
    if (strict)
        return fail_strict(call, filter);
    kida_status st = kida_to_str(call, self, &text);
    if (st == KIDA_OK)
        *out = kida_string(text);
    return st;
}

/* ---- conversion ------------------------------------------------------------------------------ */

static kida_status
f_int(kida_call *call, kida_value self, kida_value *out)
{
    bool known;
    kida_status st = kida_to_int(call, self, out, &known);

    if (st != KIDA_OK || known)
        return st;
    if (kida_arg_bool(call, 1))
        return fail_strict(call, "int");
    *out = kida_arg(call, 0);
    return KIDA_OK;
}

static const kida_param int_params[] = {
    { "default", KIDA_IN_ANY, "0" },
    { "strict", KIDA_IN_BOOL, "false" },
    { 0 },
};

static kida_status
f_float(kida_call *call, kida_value self, kida_value *out)
{
    double d;
    bool known;
    kida_status st = kida_to_float(call, self, &d, &known);

    if (st != KIDA_OK)
        return st;
    if (!known && kida_arg_bool(call, 1))
        return fail_strict(call, "float");
    *out = known ? kida_float(d) : kida_arg(call, 0);
    return KIDA_OK;
}

static const kida_param float_params[] = {
    { "default", KIDA_IN_ANY, "0.0" },
    { "strict", KIDA_IN_BOOL, "false" },
    { 0 },
};

static bool
is_integer(kida_value v)
{
    kida_kind kind = kida_kind_of(v);
    return kind == KIDA_BOOL || kind == KIDA_INT || kind == KIDA_BIGINT;
}

static kida_status
f_abs(kida_call *call, kida_value self, kida_value *out)
{
    int order;

    if (kida_kind_of(self) == KIDA_FLOAT) {
        *out = kida_float(fabs(kida_as_float(self)));
        return KIDA_OK;
    }
    if (!is_integer(self))
        return kida_fail_type(call, self, "abs() wants a number");
    kida_status st = kida_compare(call, self, kida_int(0), &order);
    if (st != KIDA_OK)
        return st;
    /* Arithmetic makes an int of a bool, and a big one of the smallest 64-bit number. */
    return kida_arith(call, order < 0 ? '-' : '+', kida_int(0), self, out);
}

/* ---- fixed notation -------------------------------------------------------------------------- */

/* d with places digits behind the point, rounded half to even on its exact value. */
static kida_status
fixed(kida_call *call, double d, uint64_t places, bool grouped, kida_value *out)
{
    char spec[32];
    uint64_t exact = places < EXACT_PLACES ? places : EXACT_PLACES;
    int len = snprintf(spec, sizeof(spec), "%s.%" PRIu64 "f", grouped ? "," : "", exact);
    kida_status st = kida_format_spec(call, kida_float(d), (kida_str){ spec, (size_t)len }, out);

    if (st != KIDA_OK || places == exact || !isfinite(d))
        return st;
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_buf_put(&buf, kida_as_str(*out));
    kida_buf_fill(&buf, '0', places - exact);
    return kida_buf_finish(&buf, out);
}

/* A count of digits: a non-negative int or the digits of one. */
static bool
read_places(kida_value v, uint64_t *out)
{
    uint64_t places = 0;

    if (kida_kind_of(v) == KIDA_INT) {
        *out = (uint64_t)kida_as_int(v);
        return kida_as_int(v) >= 0 && *out <= INT32_MAX;
    }
    kida_str text = kida_as_str(v);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c < '0' || c > '9')
            return false;
        places = places * 10 + (uint64_t)(c - '0');
        if (places > INT32_MAX)
            return false;
    }
    *out = places;
    return text.len > 0;
}

/* decimal: fixed notation. */
static kida_status
f_decimal(kida_call *call, kida_value self, kida_value *out)
{
    uint64_t places;
    double d;
    bool known;
    kida_status st = kida_to_float(call, self, &d, &known);

    if (st != KIDA_OK)
        return st;
    if (!known || !read_places(kida_arg(call, 0), &places))
        return text_or_fail(call, self, kida_arg_bool(call, 1), "decimal", out);
    return fixed(call, d, places, false, out);
}

static const kida_param decimal_params[] = {
    { "places", KIDA_IN_ANY, "2" },
    { "strict", KIDA_IN_BOOL | KIDA_IN_KEYWORD, "false" },
    { 0 },
};

/* d cut to a whole number, its digits in groups of three; *known is false for NaN. */
static kida_status
grouped_whole(kida_call *call, double d, kida_value *out, bool *known)
{
    kida_value whole;
    kida_status st = kida_to_int(call, kida_float(d), &whole, known);

    if (st != KIDA_OK || !*known)
        return st;
    return kida_format_spec(call, whole, KIDA_S(","), out);
}

/* format_number: digits in groups of three; without places cut, not rounded. */
static kida_status
f_format_number(kida_call *call, kida_value self, kida_value *out)
{
    kida_value places = kida_arg(call, 0);
    int64_t count = is_integer(places) ? kida_arg_int(call, 0) : INT64_MAX;
    double d;
    bool known;
    kida_status st = kida_to_float(call, self, &d, &known);

    if (st != KIDA_OK)
        return st;
    /* What Python can't put into a format spec is no count: true, huge numbers, other kinds. */
    if (count > INT32_MAX || (count > 0 && kida_kind_of(places) == KIDA_BOOL))
        known = false;
    if (known && count > 0)
        return fixed(call, d, (uint64_t)count, true, out);
    if (known)
        st = grouped_whole(call, d, out, &known);
    if (st != KIDA_OK || known)
        return st;
    return text_or_fail(call, self, kida_arg_bool(call, 1), "format_number", out);
}

static const kida_param format_number_params[] = {
    { "decimal_places", KIDA_IN_ANY, "0" },
    { "strict", KIDA_IN_BOOL | KIDA_IN_KEYWORD, "false" },
    { 0 },
};

static kida_status
f_commas(kida_call *call, kida_value self, kida_value *out)
{
    double d;
    bool known;
    kida_status st = kida_to_float(call, self, &d, &known);

    if (st == KIDA_OK && known)
        st = grouped_whole(call, d, out, &known);
    if (st != KIDA_OK || known)
        return st;
    return text_or_fail(call, self, false, "commas", out);
}

/* ---- rounding -------------------------------------------------------------------------------- */

/* x to a multiple of 10 ** tens, half to even. Exact: by integers of any size. */
static kida_status
round_to_tens(kida_call *call, double x, int64_t tens, kida_value *out)
{
    kida_value whole, unit, quotient, rest, twice, parity;
    double floor_of = floor(fabs(x)), d = 0;
    bool known, odd = false;
    int order = 0;
    kida_status st = kida_to_int(call, kida_float(floor_of), &whole, &known);

    if (st == KIDA_OK)
        st = kida_arith(call, 'p', kida_int(10), kida_int(tens), &unit);
    if (st == KIDA_OK)
        st = kida_arith(call, 'f', whole, unit, &quotient);
    if (st == KIDA_OK)
        st = kida_arith(call, '%', whole, unit, &rest);
    if (st == KIDA_OK)
        st = kida_arith(call, '*', rest, kida_int(2), &twice);
    if (st == KIDA_OK)
        st = kida_compare(call, twice, unit, &order);
    if (st == KIDA_OK)
        st = kida_arith(call, '%', quotient, kida_int(2), &parity);
    if (st == KIDA_OK)
        st = kida_truth(call, parity, &odd);
    if (st != KIDA_OK)
        return st;
    /* unit is even: a fraction matters only where the whole part lies exactly halfway. */
    if (order > 0 || (order == 0 && (odd || floor_of < fabs(x))))
        st = kida_arith(call, '+', quotient, kida_int(1), &quotient);
    if (st == KIDA_OK)
        st = kida_arith(call, '*', quotient, unit, &whole);
    if (st == KIDA_OK)
        st = kida_to_float(call, whole, &d, &known);
    *out = kida_float(copysign(d, x));
    return st;
}

static kida_status
round_common(kida_call *call, double x, int64_t precision, kida_value *out)
{
    double d = x;
    bool known;
    kida_value text;
    kida_status st = KIDA_OK;

    if (isfinite(x) && precision < -ROUND_TENS_MAX)
        d = copysign(0.0, x);
    else if (isfinite(x) && precision < 0)
        return round_to_tens(call, x, -precision, out);
    else if (fabs(x) < WHOLE_FROM && precision <= ROUND_PLACES_MAX) {
        st = fixed(call, x, (uint64_t)precision, false, &text);
        if (st == KIDA_OK)
            st = kida_to_float(call, text, &d, &known);
    }
    *out = kida_float(d);
    return st;
}

/* precision none: the nearest int, half to even. */
static kida_status
round_to_int(kida_call *call, double x, kida_value *out)
{
    bool known;
    kida_status st = kida_to_int(call, kida_float(nearbyint(x)), out, &known);

    if (st == KIDA_OK && !known)
        return kd_fail_value(call, "round() can't make an int of NaN");
    return st;
}

/* Next multiple of 10 ** -precision above or below, with the error that doubles bring with them. */
static kida_status
round_directed(kida_call *call, double x, bool up, int64_t precision, kida_value *out)
{
    kida_value factor, scaled, whole;
    bool known = true;

    if (precision > ROUND_TENS_MAX)
        return kida_fail_kind(call, KIDA_E_RUNTIME, "OverflowError",
                              "round() got a precision too large for a float");
    if (precision < -ROUND_TENS_MAX * 2)
        precision = -ROUND_TENS_MAX * 2; /* 10 ** precision is 0.0 there too */
    kida_status st = kida_arith(call, 'p', kida_int(10), kida_int(precision), &factor);
    if (st == KIDA_OK)
        st = kida_arith(call, '*', kida_float(x), factor, &scaled);
    if (st != KIDA_OK)
        return st;
    double d = kida_as_float(scaled);
    st = kida_to_int(call, kida_float(up ? ceil(d) : floor(d)), &whole, &known);
    if (st == KIDA_OK && !known)
        return kd_fail_value(call, "round() can't make an int of NaN");
    return st == KIDA_OK ? kida_arith(call, '/', whole, factor, out) : st;
}

static kida_status
f_round(kida_call *call, kida_value self, kida_value *out)
{
    kida_str method = kida_as_str(kida_arg(call, 1));
    bool up = kida_str_equal(method, KIDA_S("ceil"));
    bool directed = up || kida_str_equal(method, KIDA_S("floor"));
    bool to_int = kida_kind_of(kida_arg(call, 0)) == KIDA_NONE;
    double x;
    bool known;
    kida_status st = kida_to_float(call, self, &x, &known);

    if (st != KIDA_OK)
        return st;
    if (!known && kida_arg_bool(call, 2))
        return fail_strict(call, "round");
    if (!known) {
        *out = kida_float(0.0);
        return KIDA_OK;
    }
    if (directed && to_int)
        return kida_fail_type(call, kida_none(), "round() wants an int as 'precision'");
    if (to_int)
        return round_to_int(call, x, out);
    int64_t precision = kida_arg_int(call, 0);
    return directed ? round_directed(call, x, up, precision, out)
                    : round_common(call, x, precision, out);
}

static const kida_param round_params[] = {
    { "precision", KIDA_IN_INT | KIDA_IN_NONE, "0" },
    { "method", KIDA_IN_ANY, "'common'" },
    { "strict", KIDA_IN_BOOL | KIDA_IN_KEYWORD, "false" },
    { 0 },
};

/* ---- sizes of files -------------------------------------------------------------------------- */

#define UNITS 4

/* filesizeformat: one decimal and a unit; a value below the base, negative ones too, in bytes. */
static kida_status
f_filesizeformat(kida_call *call, kida_value self, kida_value *out)
{
    static const char *const names[2][UNITS] = {
        { "kB", "MB", "GB", "TB" },
        { "KiB", "MiB", "GiB", "TiB" },
    };
    bool binary = kida_arg_bool(call, 0);
    double base = binary ? 1024 : 1000;
    double size, unit = base;
    size_t at = 0;
    bool known;
    kida_value number;
    kida_buf buf;
    kida_status st = kida_to_float(call, self, &size, &known);

    if (st != KIDA_OK)
        return st;
    if (!known)
        size = 0;
    const char *name = "Bytes";
    if (size < base) {
        st = kida_to_int(call, kida_float(size), &number, &known);
    } else {
        while (at + 1 < UNITS && !(size < unit * base)) {
            unit *= base;
            at++;
        }
        name = names[binary][at];
        st = fixed(call, size / unit, 1, false, &number);
    }
    if (st != KIDA_OK)
        return st;
    kida_buf_init(&buf, call);
    kida_buf_value(&buf, number);
    kida_buf_byte(&buf, ' ');
    kida_buf_put(&buf, kida_str_from(name));
    return kida_buf_finish(&buf, out);
}

static const kida_param filesizeformat_params[] = { { "binary", KIDA_IN_BOOL, "false" }, { 0 } };

const kida_filter kd_filters_numbers[] = {
    { "int", f_int, int_params, KIDA_PURE, "whole number, cut toward zero" },
    { "float", f_float, float_params, KIDA_PURE, "number with a fraction" },
    { "abs", f_abs, NULL, KIDA_PURE, "number without its sign" },
    { "round", f_round, round_params, KIDA_PURE, "rounded to a number of decimals, as a float" },
    { "decimal", f_decimal, decimal_params, 0, "text with a fixed number of decimals" },
    { "format_number", f_format_number, format_number_params, 0,
      "text with thousands separated by commas" },
    { "commas", f_commas, NULL, 0, "whole number with thousands separated by commas" },
    { "filesizeformat", f_filesizeformat, filesizeformat_params, KIDA_PURE,
      "number of bytes in a readable unit" },
};
const size_t kd_filters_numbers_count = sizeof(kd_filters_numbers) / sizeof(kd_filters_numbers[0]);
