/* SPDX-License-Identifier: MIT */
/*
 * num_exact.c - a double's exact decimal digits, rounded half to even where they are cut. Every
 * double is m * 2^e, so for e < 0 its digits are those of m * 5^-e: at most 767 of them.
 */
#include <string.h>

#include "memory/natural.h"
#include "memory/num.h"
#include "memory/sizes.h"

#define EXACT_MAX 800

/* |d| = 0.d1d2d3… * 10^point; no digits for zero. */
typedef struct exact {
    char digits[EXACT_MAX + 16];
    size_t count;
    int point;
} exact;

static void
take_digits(exact *x, kd_natural *n)
{
    char *end = x->digits + sizeof(x->digits);
    char *start = end;
    while (n->count > 0) {
        uint32_t part = kd_natural_divide(n, 1000000000);
        for (int i = 0; i < 9 && (n->count > 0 || part > 0); i++) {
            *--start = (char)('0' + part % 10);
            part /= 10;
        }
    }
    x->count = (size_t)(end - start);
    memmove(x->digits, start, x->count);
}

static void
expand(double d, exact *x)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof(bits));
    uint64_t m = bits & ((UINT64_C(1) << 52) - 1);
    int biased = (int)(bits >> 52 & 0x7ff);
    int e = -1074;
    if (biased > 0) {
        m |= UINT64_C(1) << 52;
        e = biased - 1075;
    }
    x->count = 0;
    x->point = 0;
    if (m == 0)
        return;
    int zeros = __builtin_ctzll(m);
    m >>= zeros;
    e += zeros;

    kd_natural n;
    kd_natural_set(&n, m);
    bool fits = e < 0 ? kd_natural_multiply_pow5(&n, (unsigned)-e)
                      : kd_natural_shift(&n, (unsigned)e);
    KD_ASSERT(fits);
    (void)fits;
    take_digits(x, &n);
    x->point = (int)x->count + (e < 0 ? e : 0);
}

/* Keeps the first keep digits, rounded half to even; a carry out of the first adds a digit in
 * front, and then *point grows. keep may be negative: then nothing is left. */
static void
round_to(exact *x, int64_t keep)
{
    if (keep >= (int64_t)x->count)
        return;
    if (keep < 0) {
        x->count = 0;
        return;
    }
    size_t at = (size_t)keep;
    bool up = x->digits[at] > '5';
    if (x->digits[at] == '5') {
        up = at + 1 < x->count; /* exact digits end with one that is not 0, unless they are whole */
        for (size_t i = at + 1; up && i < x->count && x->digits[i] == '0'; i++)
            up = i + 1 < x->count;
        up = up || (at > 0 && ((x->digits[at - 1] - '0') & 1));
    }
    x->count = at;
    if (!up)
        return;
    while (at > 0 && x->digits[at - 1] == '9')
        x->digits[--at] = '0';
    if (at > 0) {
        x->digits[at - 1]++;
        return;
    }
    memmove(x->digits + 1, x->digits, x->count);
    x->digits[0] = '1';
    x->count++;
    x->point++;
}

/* Digit number i behind 0., any i: zero outside those there are. */
static char
digit_at(const exact *x, int64_t i)
{
    return i >= 0 && i < (int64_t)x->count ? x->digits[i] : '0';
}

bool
kd_float_fixed(double d, size_t precision, char *out, size_t size, size_t *len)
{
    exact x;
    expand(d, &x);
    if (precision < EXACT_MAX * 2)
        round_to(&x, (int64_t)x.point + (int64_t)precision);

    size_t whole = x.count > 0 && x.point > 0 ? (size_t)x.point : 1;
    size_t wanted;
    if (!kd_size_add(precision, whole + (precision > 0 ? 1 : 0), &wanted) || wanted > size)
        return false;

    char *at = out;
    if (x.count == 0 || x.point <= 0) {
        *at++ = '0';
    } else {
        for (int i = 0; i < x.point; i++)
            *at++ = digit_at(&x, i);
    }
    if (precision > 0)
        *at++ = '.';
    for (size_t i = 0; i < precision; i++)
        *at++ = x.count == 0 ? '0' : digit_at(&x, (int64_t)i + x.point);
    *len = (size_t)(at - out);
    return true;
}

bool
kd_float_exponent(double d, size_t precision, char *out, size_t size, size_t *len, int *exponent)
{
    exact x;
    expand(d, &x);
    if (precision < EXACT_MAX)
        round_to(&x, (int64_t)precision + 1);

    size_t wanted;
    if (!kd_size_add(precision, precision > 0 ? 2 : 1, &wanted) || wanted > size)
        return false;
    char *at = out;
    *at++ = digit_at(&x, 0);
    if (precision > 0)
        *at++ = '.';
    for (size_t i = 1; i <= precision; i++)
        *at++ = digit_at(&x, (int64_t)i);
    *len = (size_t)(at - out);
    *exponent = x.count == 0 ? 0 : x.point - 1;
    return true;
}
