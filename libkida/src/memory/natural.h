/* SPDX-License-Identifier: MIT */
/* natural.h - small exact arithmetic on naturals of fixed room: enough for any double's digits. */
#ifndef KD_NATURAL_H
#define KD_NATURAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 2^1024, 5^1074 * 2^53 and 10^(800 + 310) all fit. */
#define KD_NATURAL_LIMBS 128

typedef struct kd_natural {
    size_t count; /* limbs in use; the highest is not 0 */
    uint32_t limb[KD_NATURAL_LIMBS]; /* lowest first */
} kd_natural;

void kd_natural_set(kd_natural *n, uint64_t value);
/* n = n * factor + plus; false if it would not fit. */
bool kd_natural_multiply(kd_natural *n, uint32_t factor, uint32_t plus);
bool kd_natural_multiply_pow5(kd_natural *n, unsigned power);
bool kd_natural_shift(kd_natural *n, unsigned bits);
/* n = n / divisor, returns the remainder. */
uint32_t kd_natural_divide(kd_natural *n, uint32_t divisor);
int kd_natural_compare(const kd_natural *a, const kd_natural *b);
/* a = a - b, where a >= b. */
void kd_natural_subtract(kd_natural *a, const kd_natural *b);
size_t kd_natural_bits(const kd_natural *n);

#endif
