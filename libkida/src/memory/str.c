/* SPDX-License-Identifier: MIT */
/* str.c - UTF-8 slices: validity, counting, stepping, searching, hashing. */
#define _GNU_SOURCE /* memmem, memrchr */
#include "memory/str.h"

#include <string.h>

#include "memory/unicode.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)

static uint64_t
load64(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    return word;
}

static uint64_t
load32(const char *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof(word));
    return word;
}

/* Bytes at the start of text that are below 128, at least; exact at the end of text. */
static size_t
ascii_run(const char *text, size_t len)
{
    size_t at = 0;
    while (len - at >= 8 && (load64(text + at) & HIGH_BITS) == 0)
        at += 8;
    while (at < len && (unsigned char)text[at] < 128)
        at++;
    return at;
}

bool
kd_str_is_ascii(kida_str s)
{
    return ascii_run(s.ptr, s.len) == s.len;
}

size_t
kida_utf8_count(kida_str text)
{
    size_t continued = 0, at = 0;
    /* continuation bytes have bit 7 set and bit 6 clear; 8 bytes are judged at once */
    for (; text.len - at >= 8; at += 8) {
        uint64_t word = load64(text.ptr + at);
        uint64_t marks = (word & HIGH_BITS) & ~(word << 1);
        continued += (size_t)__builtin_popcountll(marks & HIGH_BITS);
    }
    for (; at < text.len; at++)
        continued += ((unsigned char)text.ptr[at] & 0xc0) == 0x80;
    return text.len - continued;
}

/* Length of the well-formed sequence at s (RFC 3629), 0 if there is none. */
static size_t
sequence_length(const unsigned char *s, size_t len)
{
    unsigned char a = s[0];
    if (a < 0x80)
        return 1;
    if (a < 0xc2)
        return 0;
    if (a < 0xe0)
        return len >= 2 && (s[1] & 0xc0) == 0x80 ? 2 : 0;
    if (a < 0xf0) {
        if (len < 3 || (s[1] & 0xc0) != 0x80 || (s[2] & 0xc0) != 0x80)
            return 0;
        if ((a == 0xe0 && s[1] < 0xa0) || (a == 0xed && s[1] >= 0xa0))
            return 0;
        return 3;
    }
    if (a > 0xf4 || len < 4)
        return 0;
    if ((s[1] & 0xc0) != 0x80 || (s[2] & 0xc0) != 0x80 || (s[3] & 0xc0) != 0x80)
        return 0;
    if ((a == 0xf0 && s[1] < 0x90) || (a == 0xf4 && s[1] >= 0x90))
        return 0;
    return 4;
}

size_t
kd_utf8_valid_run(kida_str text)
{
    size_t at = 0;
    while (at < text.len) {
        at += ascii_run(text.ptr + at, text.len - at);
        while (at < text.len && (unsigned char)text.ptr[at] >= 128) {
            size_t n = sequence_length((const unsigned char *)text.ptr + at, text.len - at);
            if (n == 0)
                return at;
            at += n;
        }
    }
    return at;
}

bool
kida_utf8_valid(kida_str text)
{
    return kd_utf8_valid_run(text) == text.len;
}

bool
kida_str_equal(kida_str a, kida_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

kida_str
kida_str_from(const char *text)
{
    kida_str s = { "", 0 };
    if (text) {
        s.ptr = text;
        s.len = strlen(text);
    }
    return s;
}

uint32_t
kd_utf8_next(const char **at, const char *end)
{
    const unsigned char *s = (const unsigned char *)*at;
    size_t left = (size_t)(end - *at);
    uint32_t a = s[0];

    /* The text is valid; the checks of left only keep a broken host from being read past. */
    if (a < 0x80 || left < 2) {
        *at += 1;
        return a;
    }
    if (a < 0xe0) {
        *at += 2;
        return (a & 0x1f) << 6 | (s[1] & 0x3fu);
    }
    if (a < 0xf0 && left >= 3) {
        *at += 3;
        return (a & 0x0f) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu);
    }
    if (left >= 4) {
        *at += 4;
        return (a & 0x07) << 18 | (s[1] & 0x3fu) << 12 | (s[2] & 0x3fu) << 6 | (s[3] & 0x3fu);
    }
    *at = end;
    return 0xfffd;
}

uint32_t
kd_utf8_prev(const char **at, const char *start)
{
    const char *end = *at;
    const char *s = end - 1;
    while (s > start && end - s < 4 && ((unsigned char)*s & 0xc0) == 0x80)
        s--;
    *at = s;
    return kd_utf8_next(&s, end);
}

size_t
kd_utf8_put(char *out, uint32_t code_point)
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xc0 | code_point >> 6);
        out[1] = (char)(0x80 | (code_point & 0x3f));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (char)(0xe0 | code_point >> 12);
        out[1] = (char)(0x80 | (code_point >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code_point & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | (code_point >> 18 & 0x07));
    out[1] = (char)(0x80 | (code_point >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code_point >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code_point & 0x3f));
    return 4;
}

size_t
kd_utf8_offset(kida_str s, size_t index)
{
    size_t at = 0;
    while (s.len - at >= 8) {
        uint64_t word = load64(s.ptr + at);
        uint64_t marks = (word & HIGH_BITS) & ~(word << 1);
        size_t starts = 8 - (size_t)__builtin_popcountll(marks & HIGH_BITS);
        if (starts > index)
            break;
        index -= starts;
        at += 8;
    }
    for (; at < s.len; at++) {
        if (((unsigned char)s.ptr[at] & 0xc0) == 0x80)
            continue;
        if (index == 0)
            return at;
        index--;
    }
    return s.len;
}

size_t
kd_str_find(kida_str s, kida_str needle, size_t from)
{
    if (from > s.len || needle.len > s.len - from)
        return SIZE_MAX;
    if (needle.len == 0)
        return from;
    const char *hit = memmem(s.ptr + from, s.len - from, needle.ptr, needle.len);
    return hit ? (size_t)(hit - s.ptr) : SIZE_MAX;
}

size_t
kd_str_rfind(kida_str s, kida_str needle)
{
    if (needle.len > s.len)
        return SIZE_MAX;
    if (needle.len == 0)
        return s.len;
    size_t at = s.len - needle.len + 1;
    while (at > 0) {
        const char *hit = memrchr(s.ptr, needle.ptr[0], at);
        if (!hit)
            return SIZE_MAX;
        at = (size_t)(hit - s.ptr);
        if (memcmp(hit, needle.ptr, needle.len) == 0)
            return at;
    }
    return SIZE_MAX;
}

bool
kd_str_starts(kida_str s, kida_str head)
{
    return head.len <= s.len && (head.len == 0 || memcmp(s.ptr, head.ptr, head.len) == 0);
}

bool
kd_str_ends(kida_str s, kida_str tail)
{
    return tail.len <= s.len &&
           (tail.len == 0 || memcmp(s.ptr + (s.len - tail.len), tail.ptr, tail.len) == 0);
}

int
kd_str_compare(kida_str a, kida_str b)
{
    /* bytes of UTF-8 sort as their code points do */
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared ? memcmp(a.ptr, b.ptr, shared) : 0;
    if (order != 0)
        return order < 0 ? -1 : 1;
    return a.len < b.len ? -1 : a.len > b.len;
}

kida_str
kd_str_strip(kida_str s, bool left, bool right)
{
    const char *start = s.ptr, *end = s.ptr + s.len;
    while (left && start < end) {
        const char *next = start;
        if (!kd_unicode_is_space(kd_utf8_next(&next, end)))
            break;
        start = next;
    }
    while (right && start < end) {
        const char *before = end;
        if (!kd_unicode_is_space(kd_utf8_prev(&before, start)))
            break;
        end = before;
    }
    kida_str stripped = { start, (size_t)(end - start) };
    return stripped;
}

/* ---- hashing: products of 64 by 64 bits whose halves are folded together --------------------- */

#define MIX_A UINT64_C(0x9ae16a3b2f90404f)
#define MIX_B UINT64_C(0xc3a5c85c97cb3127)
#define MIX_C UINT64_C(0xd6e8feb86659fd93)

static uint64_t
fold_product(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint32_t
kd_hash_bytes(const char *data, size_t len, uint64_t seed)
{
    uint64_t state = fold_product(seed ^ MIX_A, (uint64_t)len ^ MIX_B);
    uint64_t low = 0, high = 0;
    size_t left = len;

    for (; left > 16; left -= 16, data += 16)
        state = fold_product(load64(data) ^ state, load64(data + 8) ^ seed ^ MIX_C);
    if (left >= 8) { /* two words that may overlap cover all of 8 to 16 bytes */
        low = load64(data);
        high = load64(data + left - 8);
    } else if (left >= 4) {
        low = load32(data);
        high = load32(data + left - 4);
    } else if (left > 0) {
        low = (uint64_t)(unsigned char)data[0] << 16 |
              (uint64_t)(unsigned char)data[left / 2] << 8 | (unsigned char)data[left - 1];
    }
    state = fold_product(low ^ state ^ MIX_B, high ^ seed ^ MIX_C);
    state = fold_product(state ^ MIX_A, state ^ seed);
    uint32_t hash = (uint32_t)(state ^ state >> 32);
    return hash ? hash : 1;
}
