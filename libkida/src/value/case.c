/* SPDX-License-Identifier: MIT */
/* case.c - letter case of whole texts by the full mappings of Unicode; texts of ASCII alone, which
 * most are, go byte by byte into a place of known size. */
#include "value/case.h"

#include "memory/str.h"
#include "memory/unicode.h"
#include "value/ops.h"

#define SIGMA 0x3a3
#define SMALL_SIGMA 0x3c3
#define FINAL_SIGMA 0x3c2

typedef size_t mapping(uint32_t cp, uint32_t out[3]);

static bool
is_upper_ascii(uint32_t cp)
{
    return cp - 'A' < 26;
}

static bool
is_lower_ascii(uint32_t cp)
{
    return cp - 'a' < 26;
}

/* ---- ASCII ----------------------------------------------------------------------------------- */

static char
upper_ascii(char c)
{
    return (char)(c - (is_lower_ascii((unsigned char)c) ? 32 : 0));
}

static char
lower_ascii(char c)
{
    return (char)(c + (is_upper_ascii((unsigned char)c) ? 32 : 0));
}

/* Where the ASCII text goes; NULL: it is empty, or not ASCII, or there is no room (and the general
 * way finds that, too). */
static char *
ascii_place(kida_buf *buf, kida_str text)
{
    return kd_str_is_ascii(text) ? kd_buf_extend(buf, text.len) : NULL;
}

/* ---- any text -------------------------------------------------------------------------------- */

static void
put_mapped(kida_buf *buf, uint32_t cp, mapping *map)
{
    uint32_t to[3];
    size_t count = map(cp, to);
    for (size_t i = 0; i < count; i++)
        kida_buf_code_point(buf, to[i]);
}

/* Whether a cased letter stands next to at, case-ignorable characters skipped. */
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

/* Lowers the code point that ends at behind. A capital sigma at the end of a word has a form of
 * its own (library specification, 1.7). */
static void
put_lower(kida_buf *buf, kida_str text, uint32_t cp, const char *behind)
{
    if (is_upper_ascii(cp)) {
        kida_buf_byte(buf, (char)(cp + 32));
    } else if (cp < 0x80) {
        kida_buf_byte(buf, (char)cp);
    } else if (cp == SIGMA) {
        bool is_final = cased_before(behind - 2, text.ptr)
                        && !cased_behind(behind, text.ptr + text.len);
        kida_buf_code_point(buf, is_final ? FINAL_SIGMA : SMALL_SIGMA);
    } else {
        put_mapped(buf, cp, kd_unicode_lower);
    }
}

static void
put_upper(kida_buf *buf, uint32_t cp)
{
    if (is_lower_ascii(cp))
        kida_buf_byte(buf, (char)(cp - 32));
    else if (cp < 0x80)
        kida_buf_byte(buf, (char)cp);
    else
        put_mapped(buf, cp, kd_unicode_upper);
}

void
kd_case_upper(kida_buf *buf, kida_str text)
{
    char *out = ascii_place(buf, text);
    if (out) {
        for (size_t i = 0; i < text.len; i++)
            out[i] = upper_ascii(text.ptr[i]);
        return;
    }
    const char *end = text.ptr + text.len;
    for (const char *at = text.ptr; at < end;)
        put_upper(buf, kd_utf8_next(&at, end));
}

void
kd_case_lower(kida_buf *buf, kida_str text)
{
    char *out = ascii_place(buf, text);
    if (out) {
        for (size_t i = 0; i < text.len; i++)
            out[i] = lower_ascii(text.ptr[i]);
        return;
    }
    const char *end = text.ptr + text.len;
    for (const char *at = text.ptr; at < end;) {
        uint32_t cp = kd_utf8_next(&at, end);
        put_lower(buf, text, cp, at);
    }
}

void
kd_case_title(kida_buf *buf, kida_str text)
{
    bool inside = false; /* behind a cased letter */
    char *out = ascii_place(buf, text);
    if (out) {
        for (size_t i = 0; i < text.len; i++) {
            char c = text.ptr[i];
            out[i] = inside ? lower_ascii(c) : upper_ascii(c);
            inside = is_lower_ascii((unsigned char)c | 32u);
        }
        return;
    }
    const char *end = text.ptr + text.len;
    for (const char *at = text.ptr; at < end;) {
        uint32_t cp = kd_utf8_next(&at, end);
        if (inside)
            put_lower(buf, text, cp, at);
        else
            put_mapped(buf, cp, kd_unicode_title);
        inside = kd_unicode_is_cased(cp);
    }
}

void
kd_case_capitalize(kida_buf *buf, kida_str text)
{
    char *out = ascii_place(buf, text);
    if (out) {
        out[0] = upper_ascii(text.ptr[0]);
        for (size_t i = 1; i < text.len; i++)
            out[i] = lower_ascii(text.ptr[i]);
        return;
    }
    const char *end = text.ptr + text.len;
    const char *at = text.ptr;
    if (at < end)
        put_mapped(buf, kd_utf8_next(&at, end), kd_unicode_title);
    while (at < end) {
        uint32_t cp = kd_utf8_next(&at, end);
        put_lower(buf, text, cp, at);
    }
}

void
kd_case_fold(kida_buf *buf, kida_str text)
{
    const char *end = text.ptr + text.len;
    for (const char *at = text.ptr; at < end;)
        put_mapped(buf, kd_utf8_next(&at, end), kd_unicode_fold);
}

void
kd_case_swap(kida_buf *buf, kida_str text)
{
    const char *end = text.ptr + text.len;
    for (const char *at = text.ptr; at < end;) {
        uint32_t cp = kd_utf8_next(&at, end);
        if (kd_unicode_is_upper(cp))
            put_lower(buf, text, cp, at);
        else if (kd_unicode_is_lower(cp))
            put_upper(buf, cp);
        else
            kida_buf_code_point(buf, cp);
    }
}
