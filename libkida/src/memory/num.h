/* SPDX-License-Identifier: MIT */
/* num.h - numbers to text and back, free of locale, equal to Python digit for digit. */
#ifndef KD_NUM_H
#define KD_NUM_H

#include <kida/base.h>

#define KD_FLOAT_TEXT_MAX 32
#define KD_INT_TEXT_MAX 24

/* Shortest text that reads back to d, in Python's repr form; returns the length. */
size_t kd_float_text(double d, char out[KD_FLOAT_TEXT_MAX]);

/* Shortest round-trip digits of a finite d > 0: d = 0.d1d2… * 10^*exponent; returns their count,
 * 17 at most. */
size_t kd_float_digits(double d, char digits[KD_FLOAT_TEXT_MAX], int *exponent);

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
