/* SPDX-License-Identifier: MIT */
/*
 * num_parse.c - float text to the nearest double. Few digits and a small exponent need one exact
 * operation; anything else is decided by exact division of naturals.
 */
#include "memory/num.h"

#include <math.h>

#include "memory/natural.h"

/* No double and no half-way point between two has more significant digits than 767. */
#define DIGITS_MAX 780
#define EXPONENT_CLAMP 100000

/* What was read: 0.d1d2d3… * 10^point. */
typedef struct decimal {
    uint8_t digits[DIGITS_MAX];
    size_t count;  /* kept digits, the first not 0 */
    bool inexact;  /* some digit that is not 0 was dropped */
    int64_t point;
} decimal;

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void
take_digit(decimal *n, char c)
{
    if (n->count == 0 && c == '0')
        return;
    if (n->count < DIGITS_MAX)
        n->digits[n->count++] = (uint8_t)(c - '0');
    else if (c != '0')
        n->inexact = true;
}

/* Reads the whole text; false if malformed. */
static bool
read_decimal(kida_str text, decimal *n)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    size_t seen = 0;
    int64_t exponent = 0;

    n->count = 0;
    n->inexact = false;
    n->point = 0;
    for (; at < end && is_digit(*at); at++, seen++) {
        take_digit(n, *at);
        if (n->count > 0)
            n->point++;
    }
    if (at < end && *at == '.') {
        for (at++; at < end && is_digit(*at); at++, seen++) {
            take_digit(n, *at);
            if (n->count == 0)
                n->point--;
        }
    }
    if (seen == 0)
        return false;
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        bool negative = at < end && *at == '-';
        if (at < end && (*at == '-' || *at == '+'))
            at++;
        if (at == end || !is_digit(*at))
            return false;
        for (; at < end && is_digit(*at); at++) {
            if (exponent < (INT64_C(1) << 59) / 10)
                exponent = exponent * 10 + (*at - '0');
        }
        exponent = negative ? -exponent : exponent;
    }
    if (at != end)
        return false;
    n->point += exponent; /* both are far below the range of 64 bits */
    while (n->count > 0 && n->digits[n->count - 1] == 0 && !n->inexact)
        n->count--;
    return true;
}

/* digits as an integer below 10^15 times an exact power of ten: one rounding, so correct. */
static bool
try_exact(const decimal *n, double *out)
{
    static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    int64_t exponent = n->point - (int64_t)n->count;
    if (n->count > 15 || n->inexact || exponent < -22 || exponent > 22)
        return false;
    uint64_t whole = 0;
    for (size_t i = 0; i < n->count; i++)
        whole = whole * 10 + n->digits[i];
    *out = exponent < 0 ? (double)whole / powers[-exponent] : (double)whole * powers[exponent];
    return true;
}

double
kd_binary_double(uint64_t quotient, bool sticky, int exponent)
{
    int bits = 64 - __builtin_clzll(quotient);
    int drop = bits - 53;
    if (exponent + drop < -1074) /* subnormal: fewer bits are kept */
        drop = -1074 - exponent;
    if (drop > 64)
        return 0.0;
    uint64_t kept = drop == 64 ? 0 : quotient >> drop;
    uint64_t lost = drop == 64 ? quotient : quotient & ((UINT64_C(1) << drop) - 1);
    uint64_t half = UINT64_C(1) << (drop - 1);
    if (lost > half || (lost == half && (sticky || (kept & 1))))
        kept++;
    return ldexp((double)kept, exponent + drop);
}

/* above / below * 2^exponent, where the quotient is made to have 62 to 64 bits. */
static bool
divide(kd_natural *above, kd_natural *below, bool inexact, int exponent, double *out)
{
    long gap = (long)kd_natural_bits(above) - (long)kd_natural_bits(below);
    long shift = 62 - gap;
    if (shift > 0 ? !kd_natural_shift(above, (unsigned)shift)
                  : !kd_natural_shift(below, (unsigned)-shift))
        return false;
    uint64_t quotient = 0;
    /* one bit of the quotient at a time, from the highest: below is shifted once, then above
     * doubles, which costs less than shifting below down */
    kd_natural unit = *below;
    if (!kd_natural_shift(&unit, 63))
        return false;
    for (int bit = 63; bit >= 0; bit--) {
        quotient <<= 1;
        if (kd_natural_compare(above, &unit) >= 0) {
            kd_natural_subtract(above, &unit);
            quotient |= 1;
        }
        if (bit > 0 && !kd_natural_shift(above, 1))
            return false;
    }
    *out = kd_binary_double(quotient, inexact || above->count > 0, exponent - (int)shift);
    return true;
}

bool
kd_float_parse(kida_str text, double *out)
{
    decimal n;
    if (!read_decimal(text, &n))
        return false;
    if (n.count == 0 || n.point < -330) {
        *out = 0.0;
        return true;
    }
    if (n.point > 310) {
        *out = HUGE_VAL;
        return true;
    }
    if (try_exact(&n, out))
        return true;

    kd_natural above, below;
    kd_natural_set(&above, 0);
    kd_natural_set(&below, 1);
    for (size_t i = 0; i < n.count; i++) {
        if (above.count == 0 && n.digits[i]) {
            kd_natural_set(&above, n.digits[i]);
            continue;
        }
        if (!kd_natural_multiply(&above, 10, n.digits[i]))
            return false;
    }
    /* 10^e is 5^e * 2^e; the power of two goes into the exponent of the result */
    int exponent = (int)n.point - (int)n.count;
    bool fits = exponent >= 0 ? kd_natural_multiply_pow5(&above, (unsigned)exponent)
                              : kd_natural_multiply_pow5(&below, (unsigned)-exponent);
    return fits && divide(&above, &below, n.inexact, exponent, out);
}
