/* SPDX-License-Identifier: MIT */
/*
 * num.c - numbers to text: integers, and the shortest digits of a double that read back to it.
 *
 * The shortest digits come from one 192-bit product with a table of powers of ten; the method is
 * the one R. Giulietti published as "The Schubfach way to render doubles".
 */
#include "memory/num.h"

#include <string.h>

#include "memory/pow10.h"
#include "memory/sizes.h"

const char kd_digit_pairs[200] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

/* Writes the digits of n so that they end before end; returns their start. */
static char *
digits_before(char *end, uint64_t n)
{
    while (n >= 100) {
        uint64_t rest = n / 100;
        end -= 2;
        memcpy(end, kd_digit_pairs + (n - rest * 100) * 2, 2);
        n = rest;
    }
    if (n >= 10) {
        end -= 2;
        memcpy(end, kd_digit_pairs + n * 2, 2);
    } else {
        *--end = (char)('0' + n);
    }
    return end;
}

static char *
put_digits(char *at, uint64_t n)
{
    if (n < 100000000)
        return kd_put_int(at, (uint32_t)n);
    char text[KD_INT_TEXT_MAX];
    char *end = text + sizeof(text);
    char *start = digits_before(end, n);
    memcpy(at, start, (size_t)(end - start));
    return at + (end - start);
}

size_t
kd_int_text(int64_t i, char out[KD_INT_TEXT_MAX])
{
    char *at = out;
    if (i < 0)
        *at++ = '-';
    at = put_digits(at, i < 0 ? 0 - (uint64_t)i : (uint64_t)i);
    return (size_t)(at - out);
}

/* floor(x * 2^-shift) also for negative x */
static int
floor_shift(int64_t x, unsigned shift)
{
    int64_t unit = (int64_t)1 << shift;
    return (int)((x >= 0 ? x : x - (unit - 1)) / unit);
}

/* power * c / 2^128, with the lowest bit set if any bit was lost. */
static uint64_t
product_high(int k, uint64_t c)
{
    uint64_t high = kd_pow10[k - KD_POW10_FIRST].high, low = kd_pow10[k - KD_POW10_FIRST].low;
    unsigned __int128 lower = (unsigned __int128)low * c;
    unsigned __int128 upper = (unsigned __int128)high * c + (uint64_t)(lower >> 64);
    return (uint64_t)(upper >> 64) | ((uint64_t)upper > 1);
}

/* The shortest decimal c10 * 10^*k10 within the rounding interval of c * 2^q; narrow: the interval
 * reaches only half as far down, as it does at powers of two. */
static uint64_t
shortest(uint64_t c, int q, bool narrow, int *k10)
{
    bool ends_included = (c & 1) == 0; /* ties read back to the even significand */
    /* 1262611 / 2^22 is log10(2), 524031 / 2^22 is -log10(3/4), 1741647 / 2^19 is log2(10) */
    int k = floor_shift((int64_t)q * 1262611 - (narrow ? 524031 : 0), 22);
    int h = q + floor_shift((int64_t)-k * 1741647, 19) + 1;

    /* all four times as large as their names say */
    uint64_t middle = product_high(-k, (4 * c) << h);
    uint64_t low = product_high(-k, (4 * c - (narrow ? 1 : 2)) << h) + (ends_included ? 0 : 1);
    uint64_t high = product_high(-k, (4 * c + 2) << h) - (ends_included ? 0 : 1);

    uint64_t s = middle / 4;
    if (s >= 10) { /* one digit fewer, if just one such number lies inside */
        uint64_t tens = s / 10;
        bool below = low <= 40 * tens;
        bool above = 40 * tens + 40 <= high;
        if (below != above) {
            *k10 = k + 1;
            return tens + (above ? 1 : 0);
        }
    }
    *k10 = k;
    bool below = low <= 4 * s;
    bool above = 4 * s + 4 <= high;
    if (below != above)
        return s + (above ? 1 : 0);
    uint64_t half = 4 * s + 2;
    return s + (middle > half || (middle == half && (s & 1)) ? 1 : 0);
}

size_t
kd_float_digits(double d, char digits[KD_FLOAT_TEXT_MAX], int *exponent)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof(bits));
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    int biased = (int)(bits >> 52 & 0x7ff);

    uint64_t c = fraction;
    int q = -1074, k = 0;
    if (biased > 0) {
        c |= UINT64_C(1) << 52;
        q = biased - 1075;
    }
    uint64_t decimal;
    if (q <= 0 && q > -53 && (c & ((UINT64_C(1) << -q) - 1)) == 0)
        decimal = c >> -q; /* an integer below 2^53: its own digits are the shortest */
    else
        decimal = shortest(c, q, fraction == 0 && biased > 1, &k);

    char text[KD_FLOAT_TEXT_MAX];
    char *end = text + sizeof(text);
    char *start = digits_before(end, decimal);
    size_t count = (size_t)(end - start);
    *exponent = (int)count + k;
    while (count > 1 && start[count - 1] == '0')
        count--;
    memcpy(digits, start, count);
    return count;
}

/* Scientific form: d.ddde+XX. */
static size_t
put_scientific(char *out, const char *digits, size_t count, int exponent)
{
    char *at = out;
    *at++ = digits[0];
    if (count > 1) {
        *at++ = '.';
        memcpy(at, digits + 1, count - 1);
        at += count - 1;
    }
    unsigned size = (unsigned)(exponent < 0 ? -exponent : exponent);
    *at++ = 'e';
    *at++ = exponent < 0 ? '-' : '+';
    if (size >= 100) {
        *at++ = (char)('0' + size / 100);
        size %= 100;
    }
    memcpy(at, kd_digit_pairs + (size_t)size * 2, 2);
    return (size_t)(at + 2 - out);
}

/* Positional form of 0.digits * 10^point with at least one digit on both sides of the point. */
static size_t
put_positional(char *out, const char *digits, size_t count, int point)
{
    char *at = out;
    if (point <= 0) {
        size_t zeros = (size_t)-point;
        memcpy(at, "0.", 2);
        memset(at + 2, '0', zeros);
        memcpy(at + 2 + zeros, digits, count);
        return 2 + zeros + count;
    }
    size_t whole = (size_t)point;
    if (whole >= count) {
        memcpy(at, digits, count);
        memset(at + count, '0', whole - count);
        memcpy(at + whole, ".0", 2);
        return whole + 2;
    }
    memcpy(at, digits, whole);
    at[whole] = '.';
    memcpy(at + whole + 1, digits + whole, count - whole);
    return count + 1;
}

size_t
kd_float_text(double d, char out[KD_FLOAT_TEXT_MAX])
{
    if (d != d) {
        memcpy(out, "nan", 3);
        return 3;
    }
    char *at = out;
    if (__builtin_signbit(d)) {
        *at++ = '-';
        d = -d;
    }
    size_t head = (size_t)(at - out);
    if (d == 0) {
        memcpy(at, "0.0", 3);
        return head + 3;
    }
    if (__builtin_isinf(d)) {
        memcpy(at, "inf", 3);
        return head + 3;
    }
    char digits[KD_FLOAT_TEXT_MAX];
    int exponent;
    size_t count = kd_float_digits(d, digits, &exponent);
    if (exponent > -4 && exponent <= 16)
        return head + put_positional(at, digits, count, exponent);
    return head + put_scientific(at, digits, count, exponent - 1);
}
