/* SPDX-License-Identifier: MIT */
/* num.h - numbers to text and back, free of locale, equal to Python digit for digit. */
#ifndef KD_NUM_H
#define KD_NUM_H

#include <string.h>

#include <kida/base.h>

#include "memory/sizes.h"

#define KD_FLOAT_TEXT_MAX 32
#define KD_INT_TEXT_MAX 24

/* Shortest text that reads back to d, in Python's repr form; returns the length. */
size_t kd_float_text(double d, char out[KD_FLOAT_TEXT_MAX]);

/* Shortest round-trip digits of a finite d > 0: d = 0.d1d2… * 10^*exponent; returns their count,
 * 17 at most. */
size_t kd_float_digits(double d, char digits[KD_FLOAT_TEXT_MAX], int *exponent);

extern const char kd_digit_pairs[200]; /* "00" to "99" */

/* Digits of n < 10000; returns their end. */
KD_INLINE char *
kd_put_short_int(char *at, uint32_t n)
{
    uint32_t high = n / 100;
    uint32_t low = n - high * 100;
    if (n < 10) {
        *at = (char)('0' + n);
        return at + 1;
    }
    if (high >= 10) {
        memcpy(at, kd_digit_pairs + high * 2, 2);
        at += 2;
    } else if (high > 0) {
        *at++ = (char)('0' + high);
    }
    memcpy(at, kd_digit_pairs + low * 2, 2);
    return at + 2;
}

/* Just four digits of n < 10000. */
KD_INLINE char *
kd_put_four_digits(char *at, uint32_t n)
{
    uint32_t high = n / 100;
    memcpy(at, kd_digit_pairs + high * 2, 2);
    memcpy(at + 2, kd_digit_pairs + (n - high * 100) * 2, 2);
    return at + 4;
}

/* Digits of n < 10^8. */
KD_INLINE char *
kd_put_int(char *at, uint32_t n)
{
    if (n < 10000)
        return kd_put_short_int(at, n);
    uint32_t high = n / 10000;
    return kd_put_four_digits(kd_put_short_int(at, high), n - high * 10000);
}

/* Decimal digits of i; returns the length. */
size_t kd_int_text(int64_t i, char out[KD_INT_TEXT_MAX]);

/* Reads float text exactly (correctly rounded): digits [. digits] [e digits], no sign, no spaces,
 * whole text; false if malformed. Used by the lexer and by conversions. */
bool kd_float_parse(kida_str text, double *out);

/* Nearest double to bits * 2^exponent, ties to even; sticky: and a bit more. bits has 55 bits to
 * 64. */
double kd_binary_double(uint64_t bits, bool sticky, int exponent);

/* Correctly rounded decimal text of |d| (finite), point included: for 'f' precision digits behind
 * the point ("12.50"), for 'e' the mantissa with precision digits behind its first ("1.25", and
 * *exponent 1). Fails if it does not fit. */
bool kd_float_fixed(double d, size_t precision, char *out, size_t size, size_t *len);
bool kd_float_exponent(double d, size_t precision, char *out, size_t size, size_t *len,
                       int *exponent);

#endif
