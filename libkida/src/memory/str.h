/* SPDX-License-Identifier: MIT */
/* str.h - text slices and UTF-8: counting, indexing by code point, searching. */
#ifndef KD_STR_H
#define KD_STR_H

#include <string.h>

#include <kida/base.h>

#include "memory/sizes.h"

/* A NUL-ended constant as a slice, for tables. */
#define KD_STR(literal) { (literal), sizeof(literal) - 1 }

bool kd_str_is_ascii(kida_str s);

/* Bytes at the start of s that are valid UTF-8. */
size_t kd_utf8_valid_run(kida_str s);

/* Code point at *at, which moves behind it; text must be valid and *at < end. */
uint32_t kd_utf8_next(const char **at, const char *end);
/* Code point before *at, which moves onto its first byte. */
uint32_t kd_utf8_prev(const char **at, const char *start);
/* Bytes written to out (at most 4). Surrogates are written in the three-byte form. */
size_t kd_utf8_put(char *out, uint32_t code_point);
/* Byte offset of code point number index; len if past the end. */
size_t kd_utf8_offset(kida_str s, size_t index);

/* Byte offset of needle in s at or behind from, or SIZE_MAX. */
size_t kd_str_find(kida_str s, kida_str needle, size_t from);
size_t kd_str_rfind(kida_str s, kida_str needle);
bool kd_str_starts(kida_str s, kida_str head);
bool kd_str_ends(kida_str s, kida_str tail);
int kd_str_compare(kida_str a, kida_str b); /* by code point */

/* Names are short: two words that may overlap cover 4 to 16 bytes, and no call is made. */
KD_INLINE bool
kd_same_bytes(const char *a, const char *b, size_t len)
{
    if (len >= 8) {
        uint64_t a_first, b_first, a_last, b_last;
        if (len > 16)
            return memcmp(a, b, len) == 0;
        memcpy(&a_first, a, 8);
        memcpy(&b_first, b, 8);
        memcpy(&a_last, a + len - 8, 8);
        memcpy(&b_last, b + len - 8, 8);
        return ((a_first ^ b_first) | (a_last ^ b_last)) == 0;
    }
    if (len >= 4) {
        uint32_t a_first, b_first, a_last, b_last;
        memcpy(&a_first, a, 4);
        memcpy(&b_first, b, 4);
        memcpy(&a_last, a + len - 4, 4);
        memcpy(&b_last, b + len - 4, 4);
        return ((a_first ^ b_first) | (a_last ^ b_last)) == 0;
    }
    return len == 0 ||
           (a[0] == b[0] && a[len / 2] == b[len / 2] && a[len - 1] == b[len - 1]);
}

/* kida_str_equal, inline. */
KD_INLINE bool
kd_str_equal(kida_str a, kida_str b)
{
    return a.len == b.len && kd_same_bytes(a.ptr, b.ptr, a.len);
}

/* Without white space (the set W of the library specification) on the sides asked for. */
kida_str kd_str_strip(kida_str s, bool left, bool right);

static inline kida_str
kd_str_sub(kida_str s, size_t from, size_t to)
{
    kida_str part = { s.ptr + from, to - from };
    return part;
}

/* Keyed hash of bytes; seed is drawn per environment. Never 0. */
uint32_t kd_hash_bytes(const char *data, size_t len, uint64_t seed);

#endif
