/* SPDX-License-Identifier: MIT */
/* casing.c - case of whole texts, and the public view of code points. */
#include <kida/unicode.h>

#include "memory/unicode.h"
#include "value/value.h"

#define CAPITAL_SIGMA 0x3a3u
#define SMALL_SIGMA 0x3c3u
#define FINAL_SIGMA 0x3c2u

typedef size_t mapping(uint32_t cp, uint32_t out[3]);

static void
put_mapped(kida_buf *buf, mapping *map, uint32_t cp)
{
    uint32_t to[3];
    size_t count = map(cp, to);
    for (size_t i = 0; i < count; i++)
        kida_buf_code_point(buf, to[i]);
}

/* Whether the nearest code point that is not case-ignorable has case, looking left or right. */
static bool
cased_before(const char *at, const char *start)
{
    while (at > start) {
        uint32_t cp = kd_utf8_prev(&at, start);
        if (!kd_unicode_is_case_ignorable(cp))
            return kd_unicode_is_cased(cp);
    }
    return false;
}

static bool
cased_behind(const char *at, const char *end)
{
    while (at < end) {
        uint32_t cp = kd_utf8_next(&at, end);
        if (!kd_unicode_is_case_ignorable(cp))
            return kd_unicode_is_cased(cp);
    }
    return false;
}

/* Lower case of cp, which stands before at in text: a sigma at the end of a word has its own. */
static void
put_lower(kida_buf *buf, kida_str text, uint32_t cp, const char *start, const char *at)
{
    if (cp != CAPITAL_SIGMA) {
        put_mapped(buf, kd_unicode_lower, cp);
        return;
    }
    bool last = cased_before(start, text.ptr) && !cased_behind(at, text.ptr + text.len);
    kida_buf_code_point(buf, last ? FINAL_SIGMA : SMALL_SIGMA);
}

/* ASCII bytes are mapped in pieces; true if the piece at *at was all ASCII and is done. */
static bool
put_ascii(kida_buf *buf, const char **at, const char *end, char first, char change)
{
    char piece[64];
    size_t len = 0;
    while (len < sizeof(piece) && *at + len < end && (unsigned char)(*at)[len] < 128) {
        char c = (*at)[len];
        piece[len++] = (unsigned char)(c - first) < 26 ? (char)(c + change) : c;
    }
    kida_buf_put(buf, (kida_str){ piece, len });
    *at += len;
    return len > 0;
}

void
kida_unicode_upper(kida_buf *buf, kida_str text)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    while (at < end) {
        if (!put_ascii(buf, &at, end, 'a', 'A' - 'a'))
            put_mapped(buf, kd_unicode_upper, kd_utf8_next(&at, end));
    }
}

void
kida_unicode_lower(kida_buf *buf, kida_str text)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    while (at < end) {
        if (put_ascii(buf, &at, end, 'A', 'a' - 'A'))
            continue;
        const char *start = at;
        uint32_t cp = kd_utf8_next(&at, end);
        put_lower(buf, text, cp, start, at);
    }
}

void
kida_unicode_casefold(kida_buf *buf, kida_str text)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    while (at < end) {
        if (!put_ascii(buf, &at, end, 'A', 'a' - 'A'))
            put_mapped(buf, kd_unicode_fold, kd_utf8_next(&at, end));
    }
}

/* every: each word begins anew; else only the first character of all. */
static void
put_titled(kida_buf *buf, kida_str text, bool every)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    bool inside = false;
    while (at < end) {
        const char *start = at;
        uint32_t cp = kd_utf8_next(&at, end);
        if (inside)
            put_lower(buf, text, cp, start, at);
        else
            put_mapped(buf, kd_unicode_title, cp);
        inside = !every || kd_unicode_is_cased(cp);
    }
}

void
kida_unicode_title(kida_buf *buf, kida_str text)
{
    put_titled(buf, text, true);
}

void
kida_unicode_capitalize(kida_buf *buf, kida_str text)
{
    put_titled(buf, text, false);
}

uint32_t
kida_utf8_next(const char **p, const char *end)
{
    return kd_utf8_next(p, end);
}

bool
kida_unicode_is_space(uint32_t cp)
{
    return kd_unicode_is_space(cp);
}

bool
kida_unicode_is_word(uint32_t cp)
{
    return cp == '_' || kd_unicode_is_alpha(cp) || kd_unicode_is_digit(cp) ||
           kd_unicode_is_numeric(cp);
}

int
kida_unicode_decimal(uint32_t cp)
{
    int digit;
    return kd_unicode_is_decimal(cp, &digit) ? digit : -1;
}

uint32_t
kida_unicode_width(uint32_t cp)
{
    return (uint32_t)kd_unicode_width(cp);
}
