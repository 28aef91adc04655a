/* SPDX-License-Identifier: MIT */
/*
 * escape.c - HTML escaping. Runs without a special byte are copied with wide stores that may write
 * up to 32 bytes too far (the caller leaves that room) and never read past the text.
 */
#include "value/escape.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define HAVE_X86 1
#endif

#define SIX_FOLD 6 /* "&quot;" for one byte */

typedef struct entity {
    char text[7];
    uint8_t len;
} entity;

/* By the low four bits of a special byte, which all differ. */
static const entity entities[16] = {
    [0x0] = { "", 0 },        [0x2] = { "&quot;", 6 }, [0x6] = { "&amp;", 5 },
    [0x7] = { "&#39;", 5 },   [0xc] = { "&lt;", 4 },   [0xe] = { "&gt;", 4 },
};

/* 1 for the bytes that do not stay as they are. */
static const uint8_t special[256] = {
    [0] = 1, ['"'] = 1, ['&'] = 1, ['\''] = 1, ['<'] = 1, ['>'] = 1,
};

size_t
kd_escape_size(kida_str s)
{
    return s.len * SIX_FOLD; /* texts are shorter than 2^48 */
}

/* Writes 8 bytes at out of which the entity's own length counts. */
KD_INLINE char *
put_entity(char *out, char byte)
{
    const entity *e = &entities[(unsigned char)byte & 15];
    memcpy(out, e, 8);
    return out + e->len;
}

#define LOW_ONES UINT64_C(0x0101010101010101)
#define HIGH_BITS UINT64_C(0x8080808080808080)

/* High bit set in bytes that are 0. */
KD_INLINE uint64_t
zero_bytes(uint64_t word)
{
    uint64_t low = (word & ~HIGH_BITS) + ~HIGH_BITS;
    return ~(low | word | ~HIGH_BITS);
}

KD_INLINE uint64_t
special_bytes(uint64_t word)
{
    /* & is 26 hex and ' is 27: one test finds both; < is 3c and > is 3e: so does another */
    return zero_bytes(word) | zero_bytes(word ^ LOW_ONES * '"') |
           zero_bytes((word | LOW_ONES) ^ LOW_ONES * '\'') |
           zero_bytes((word | LOW_ONES * 2) ^ LOW_ONES * '>');
}

/* Any length, eight bytes at a time; also the end of what the vector loops leave. */
static char *
escape_words(char *out, const char *s, size_t len)
{
    while (len >= 8) {
        uint64_t word;
        memcpy(&word, s, 8);
        memcpy(out, &word, 8);
        if (special_bytes(word) == 0) {
            s += 8;
            out += 8;
            len -= 8;
            continue;
        }
        size_t at = 0;
        while (!special[(unsigned char)s[at]])
            at++;
        out = put_entity(out + at, s[at]);
        s += at + 1;
        len -= at + 1;
    }
    for (; len > 0; len--, s++) {
        if (KD_UNLIKELY(special[(unsigned char)*s]))
            out = put_entity(out, *s);
        else
            *out++ = *s;
    }
    return out;
}

static bool
find_words(const char *s, size_t len)
{
    for (; len >= 8; len -= 8, s += 8) {
        uint64_t word;
        memcpy(&word, s, 8);
        if (special_bytes(word) != 0)
            return true;
    }
    for (; len > 0; len--, s++) {
        if (special[(unsigned char)*s])
            return true;
    }
    return false;
}

#ifdef HAVE_X86

KD_INLINE unsigned
special_mask16(__m128i v)
{
    return (unsigned)_mm_movemask_epi8(kd_special_bytes(v));
}

/* While 16 bytes are left; *from moves on. */
static char *
escape_sse2(char *out, const char **from, const char *end)
{
    const char *s = *from;
    while (end - s >= 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)s);
        _mm_storeu_si128((__m128i *)(void *)out, v);
        unsigned mask = special_mask16(v);
        if (KD_LIKELY(mask == 0)) {
            s += 16;
            out += 16;
            continue;
        }
        size_t at = (size_t)__builtin_ctz(mask);
        out = put_entity(out + at, s[at]);
        s += at + 1;
    }
    *from = s;
    return out;
}

/* The byte of the table at each byte's low four bits is the only special one with those bits. */
#define SPECIAL_TABLE 0, -1, '"', -1, -1, -1, '&', '\'', -1, -1, -1, -1, '<', -1, '>', -1

/* As escape_sse2, 32 bytes at a time; 32 are left at least. */
__attribute__((target("avx2"))) static char *
escape_avx2(char *out, const char **from, const char *end)
{
    const __m256i table = _mm256_setr_epi8(SPECIAL_TABLE, SPECIAL_TABLE);
    const char *s = *from;
    const char *last = end - 32; /* where the last step may begin */
    while (s <= last) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)s);
        _mm256_storeu_si256((__m256i *)(void *)out, v);
        unsigned mask = (unsigned)_mm256_movemask_epi8(
            _mm256_cmpeq_epi8(_mm256_shuffle_epi8(table, v), v));
        if (KD_LIKELY(mask == 0)) {
            s += 32;
            out += 32;
            continue;
        }
        size_t at = (size_t)__builtin_ctz(mask);
        out = put_entity(out + at, s[at]);
        s += at + 1;
    }
    *from = s;
    return out;
}

static bool
find_sse2(const char *s, size_t len)
{
    for (; len >= 16; len -= 16, s += 16) {
        if (special_mask16(_mm_loadu_si128((const __m128i *)(const void *)s)) != 0)
            return true;
    }
    return find_words(s, len);
}

char *
kd_escape_some(char *out, const char *out_end, const char **s, const char *end)
{
    size_t most = ((size_t)(out_end - out) - 64) / SIX_FOLD; /* whatever is in it, it fits */
    const char *stop = (size_t)(end - *s) > most ? *s + most : end;
    if (stop - *s >= 32 && __builtin_cpu_supports("avx2"))
        out = escape_avx2(out, s, stop);
    out = escape_sse2(out, s, stop);
    if (stop != end)
        return out; /* the rest of the piece goes with the next one */
    size_t left = (size_t)(end - *s);
    const char *tail = *s;
    *s = end;
    return KD_LIKELY(kd_copy_plain(out, tail, left)) ? out + left
                                                     : escape_words(out, tail, left);
}

bool
kd_needs_escape(kida_str s)
{
    return find_sse2(s.ptr, s.len);
}

#else

char *
kd_escape_some(char *out, const char *out_end, const char **s, const char *end)
{
    size_t room = (size_t)(out_end - out);
    size_t len = (size_t)(end - *s);
    if (len > (room - 8) / SIX_FOLD)
        len = (room - 8) / SIX_FOLD;
    out = escape_words(out, *s, len);
    *s += len;
    return out;
}

bool
kd_needs_escape(kida_str s)
{
    return find_words(s.ptr, s.len);
}

#endif

size_t
kd_escape_html(char *out, kida_str s)
{
    if (s.len <= KD_PLAIN_MAX && kd_copy_plain(out, s.ptr, s.len))
        return s.len;
    const char *at = s.ptr;
    const char *far = out + kd_escape_size(s) + 96; /* there is room for all: never met */
    return (size_t)(kd_escape_some(out, far, &at, s.ptr + s.len) - out);
}
