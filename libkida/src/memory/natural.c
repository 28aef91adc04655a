/* SPDX-License-Identifier: MIT */
/* natural.c - exact arithmetic on naturals of fixed room, on the stack of the caller. */
#include "memory/natural.h"

#include <string.h>

#define POW5_STEP 13 /* 5^13 is the largest power of 5 in 32 bits */

void
kd_natural_set(kd_natural *n, uint64_t value)
{
    n->limb[0] = (uint32_t)value;
    n->limb[1] = (uint32_t)(value >> 32);
    n->count = n->limb[1] ? 2 : n->limb[0] ? 1 : 0;
}

bool
kd_natural_multiply(kd_natural *n, uint32_t factor, uint32_t plus)
{
    uint64_t carry = plus;
    for (size_t i = 0; i < n->count; i++) {
        carry += (uint64_t)n->limb[i] * factor;
        n->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry) {
        if (n->count == KD_NATURAL_LIMBS)
            return false;
        n->limb[n->count++] = (uint32_t)carry;
    }
    return true;
}

bool
kd_natural_multiply_pow5(kd_natural *n, unsigned power)
{
    for (; power >= POW5_STEP; power -= POW5_STEP) {
        if (!kd_natural_multiply(n, 1220703125u, 0))
            return false;
    }
    uint32_t rest = 1;
    while (power-- > 0)
        rest *= 5;
    return kd_natural_multiply(n, rest, 0);
}

bool
kd_natural_shift(kd_natural *n, unsigned bits)
{
    if (n->count == 0)
        return true;
    size_t whole = bits / 32;
    unsigned part = bits % 32;
    if (whole >= KD_NATURAL_LIMBS - n->count)
        return false;
    memmove(n->limb + whole, n->limb, n->count * sizeof(n->limb[0]));
    memset(n->limb, 0, whole * sizeof(n->limb[0]));
    n->count += whole;
    if (part == 0)
        return true;
    uint32_t carry = 0;
    for (size_t i = whole; i < n->count; i++) {
        uint32_t limb = n->limb[i];
        n->limb[i] = limb << part | carry;
        carry = limb >> (32 - part);
    }
    if (carry)
        n->limb[n->count++] = carry;
    return true;
}

uint32_t
kd_natural_divide(kd_natural *n, uint32_t divisor)
{
    uint64_t rest = 0;
    for (size_t i = n->count; i-- > 0;) {
        rest = rest << 32 | n->limb[i];
        n->limb[i] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
    while (n->count > 0 && n->limb[n->count - 1] == 0)
        n->count--;
    return (uint32_t)rest;
}

int
kd_natural_compare(const kd_natural *a, const kd_natural *b)
{
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    for (size_t i = a->count; i-- > 0;) {
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    }
    return 0;
}

void
kd_natural_subtract(kd_natural *a, const kd_natural *b)
{
    uint64_t borrow = 0;
    for (size_t i = 0; i < a->count; i++) {
        uint64_t taken = (i < b->count ? b->limb[i] : 0) + borrow;
        borrow = a->limb[i] < taken;
        a->limb[i] = (uint32_t)(a->limb[i] - taken);
    }
    while (a->count > 0 && a->limb[a->count - 1] == 0)
        a->count--;
}

size_t
kd_natural_bits(const kd_natural *n)
{
    if (n->count == 0)
        return 0;
    return n->count * 32 - (size_t)__builtin_clz(n->limb[n->count - 1]);
}
