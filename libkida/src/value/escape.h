/* SPDX-License-Identifier: MIT */
/* escape.h - escaping of short texts in place, without a call: most of what templates show. */
#ifndef KD_ESCAPE_H
#define KD_ESCAPE_H

#include "value/value.h"

#define KD_PLAIN_MAX 32    /* longest text that kd_copy_plain takes */
/* Room with which kd_escape_some takes all of a short text, or a good piece of a long one. Half of
 * the output buffer: what is escaped is then still in the first cache when it is given out. */
#define KD_ESCAPE_ROOM ((size_t)8 << 10)


/* Escapes from *s on as far as fits between out and out_end; *s moves behind what was taken. Up to
 * 32 bytes behind the returned end are scratch. */
char *kd_escape_some(char *out, const char *out_end, const char **s, const char *end);

#if defined(__x86_64__)
#include <emmintrin.h>

/* Bytes that do not stay as they are: 0 " & ' < > have all bits set. & is 26 hex and ' is 27: one
 * test finds both; < is 3c and > is 3e: so does another. */
KD_INLINE __m128i
kd_special_bytes(__m128i v)
{
    __m128i hits = _mm_cmpeq_epi8(v, _mm_setzero_si128());
    hits = _mm_or_si128(hits, _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
    hits = _mm_or_si128(hits, _mm_cmpeq_epi8(_mm_or_si128(v, _mm_set1_epi8(1)),
                                             _mm_set1_epi8('\'')));
    return _mm_or_si128(hits, _mm_cmpeq_epi8(_mm_or_si128(v, _mm_set1_epi8(2)),
                                             _mm_set1_epi8('>')));
}

/* Copies a text of at most 32 bytes if nothing in it is special. Two loads that may overlap cover
 * it: nothing behind its end is read or written. */
KD_INLINE bool
kd_copy_plain(char *out, const char *s, size_t len)
{
    if (len >= 16) {
        __m128i low = _mm_loadu_si128((const __m128i *)(const void *)s);
        __m128i high = _mm_loadu_si128((const __m128i *)(const void *)(s + len - 16));
        __m128i hits = _mm_or_si128(kd_special_bytes(low), kd_special_bytes(high));
        if (KD_UNLIKELY(_mm_movemask_epi8(hits) != 0))
            return false;
        _mm_storeu_si128((__m128i *)(void *)out, low);
        _mm_storeu_si128((__m128i *)(void *)(out + len - 16), high);
        return true;
    }
    if (len >= 8) {
        __m128i low = _mm_loadl_epi64((const __m128i *)(const void *)s);
        __m128i high = _mm_loadl_epi64((const __m128i *)(const void *)(s + len - 8));
        __m128i hits = kd_special_bytes(_mm_unpacklo_epi64(low, high));
        if (KD_UNLIKELY(_mm_movemask_epi8(hits) != 0))
            return false;
        _mm_storel_epi64((__m128i *)(void *)out, low);
        _mm_storel_epi64((__m128i *)(void *)(out + len - 8), high);
        return true;
    }
    if (len < 4) {
        if (len == 0)
            return true;
        char first = s[0], middle = s[len / 2], last = s[len - 1];
        __m128i all = _mm_set1_epi32((uint8_t)first | (uint8_t)middle << 8 | (uint8_t)last << 16 |
                                     (int)((unsigned)(uint8_t)last << 24));
        if (KD_UNLIKELY(_mm_movemask_epi8(kd_special_bytes(all)) != 0))
            return false;
        out[0] = first;
        out[len / 2] = middle;
        out[len - 1] = last;
        return true;
    }
    int32_t low, high;
    memcpy(&low, s, 4);
    memcpy(&high, s + len - 4, 4);
    __m128i both = _mm_unpacklo_epi32(_mm_cvtsi32_si128(low), _mm_cvtsi32_si128(high));
    __m128i hits = kd_special_bytes(_mm_unpacklo_epi64(both, both));
    if (KD_UNLIKELY(_mm_movemask_epi8(hits) != 0))
        return false;
    memcpy(out, &low, 4);
    memcpy(out + len - 4, &high, 4);
    return true;
}

#else

KD_INLINE bool
kd_copy_plain(char *out, const char *s, size_t len)
{
    (void)out;
    (void)s;
    (void)len;
    return false;
}

#endif
#endif
