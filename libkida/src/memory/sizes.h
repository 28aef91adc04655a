/* SPDX-License-Identifier: MIT */
/* sizes.h - sums and products of sizes that fail instead of wrapping; branch hints; assertions. */
#ifndef KD_SIZES_H
#define KD_SIZES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KD_LIKELY(x) __builtin_expect(!!(x), 1)
#define KD_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define KD_INLINE static inline __attribute__((always_inline))
#define KD_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* States what our own code guarantees; never checks input. */
#ifdef NDEBUG
#define KD_ASSERT(claim) ((void)sizeof(claim))
#else
#define KD_ASSERT(claim) ((claim) ? (void)0 : __builtin_trap())
#endif

static inline bool
kd_size_add(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

static inline bool
kd_size_mul(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

#endif
