/* SPDX-License-Identifier: MIT */
/* big.h - integers beyond 64 bits. All functions take ints and bools beside big ones. */
#ifndef KD_BIG_H
#define KD_BIG_H

#include "value/call.h"

/* Longest decimal text of an int, in both directions. */
#define KD_INT_DIGITS_MAX 4300

/* What a KIDA_BIGINT value points at. Its value is never within 64 bits. */
typedef struct kd_big {
    uint32_t count;
    uint32_t negative;
    uint64_t limbs[]; /* lowest first; the highest is not 0 */
} kd_big;

KD_INLINE bool
kd_is_int(kida_value v) /* bool, int, big */
{
    return kd_tag(v) - KIDA_BOOL <= KIDA_BIGINT - KIDA_BOOL;
}

KD_INLINE bool
kd_is_number(kida_value v)
{
    return kd_tag(v) - KIDA_BOOL <= KIDA_FLOAT - KIDA_BOOL;
}

bool kd_big_is_negative(kida_value v);

/* Nearest double; an infinity where it is too large. */
double kd_big_double(kida_value v);

/* Exact order of two ints: below, at or above 0. */
int kd_int_compare(kida_value a, kida_value b);
/* Exact order of an int and a double that is no NaN. */
int kd_int_compare_double(kida_value a, double d);

/* op: + - * f (floor) % p (power, b >= 0). Errors: K-RUN-011, OverflowError beyond the bound. */
kida_status kd_int_arith(kida_call *call, char op, kida_value a, kida_value b, kida_value *out);
kida_status kd_int_negate(kida_call *call, kida_value a, kida_value *out);
/* The quotient, correctly rounded. b is not 0. Errors: OverflowError. */
kida_status kd_int_divide(kida_call *call, kida_value a, kida_value b, double *out);
/* Integer part of a finite double. */
kida_status kd_int_from_double(kida_call *call, double d, kida_value *out);

/* Digits of |v| in base 2, 8, 10 or 16 (lower case). Errors: ValueError beyond the longest text. */
kida_status kd_int_digits(kida_call *call, kida_value v, unsigned base, kida_str *out);

#endif
