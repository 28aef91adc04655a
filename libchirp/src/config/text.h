/* SPDX-License-Identifier: MIT */
/* text.h - small questions about bytes, without locale. */
#ifndef CH_CONFIG_TEXT_H
#define CH_CONFIG_TEXT_H

#include <kida/kida.h>

static inline char
ch_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline char
ch_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

static inline bool
ch_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Value of a hex digit, -1 for another byte. */
int ch_hex_value(char c);

/* Equal but for the case of ASCII letters. */
bool ch_str_iequal(kida_str a, kida_str b);

/* Without spaces and tabs at both ends. */
kida_str ch_str_trim(kida_str text);

/* The bytes from start up to end. Of a missing text: a missing one, as nothing may be added to a
 * NULL pointer, not even zero. */
static inline kida_str
ch_str_slice(kida_str text, size_t start, size_t end)
{
    kida_str out = { start > 0 ? text.ptr + start : text.ptr, end - start };
    return out;
}

/* Index of the first such byte at or after from; text.len if there is none. */
size_t ch_str_find(kida_str text, char byte, size_t from);

/* Number of bytes equal to byte. */
size_t ch_str_count(kida_str text, char byte);

/* Next item of a list split at separator, trimmed; false at the end. Start with *pos = 0. */
bool ch_str_next(kida_str list, char separator, size_t *pos, kida_str *item);

/* Whether a header's comma list holds the token, any case. */
bool ch_list_has(kida_str list, kida_str token);

/* Decimal digits only, at most max; false otherwise, out untouched. */
bool ch_parse_uint(kida_str text, uint64_t max, uint64_t *out);

/* Optional sign and digits within 64 bits; false otherwise, out untouched. */
bool ch_parse_int(kida_str text, int64_t *out);

/* digits[.digits] as a double, no sign, no exponent; false otherwise. */
bool ch_parse_float(kida_str text, double *out);

/* "2026-01-31", "2026-01-31 12:00", "2026-01-31T12:00:00Z" and the like, UTC, fractions cut, as
 * seconds since 1970-01-01. */
bool ch_parse_time(kida_str text, int64_t *out);

/* true, 1, yes, on in any case. */
bool ch_parse_bool(kida_str text);

#endif
