/* SPDX-License-Identifier: MIT */
/*
 * unicode.c - properties of code points by utf8proc, which this file alone includes; what it does
 * not know comes from generated tables. ASCII is answered without asking either.
 */
#include "memory/unicode.h"

#include <utf8proc.h>

#include "memory/sizes.h"
#include "memory/unicode_tables.h"

static bool
in_ranges(const code_range *ranges, size_t count, uint32_t cp)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (cp > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && cp >= ranges[low].first;
}

#define IN(table, cp) in_ranges(table, KD_COUNT(table), cp)

static size_t
expand(const expansion *table, size_t count, uint32_t cp, uint32_t out[3])
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (cp > table[middle].from)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == count || table[low].from != cp)
        return 0;
    size_t n = 0;
    while (n < 3 && table[low].to[n] != 0) {
        out[n] = table[low].to[n];
        n++;
    }
    return n;
}

static bool
is_ascii_lower(uint32_t cp)
{
    return cp - 'a' < 26;
}

static bool
is_ascii_upper(uint32_t cp)
{
    return cp - 'A' < 26;
}

static utf8proc_category_t
category(uint32_t cp)
{
    return utf8proc_category((utf8proc_int32_t)cp);
}

/* A set of categories as bits. */
static bool
in_category(uint32_t cp, uint32_t set)
{
    return (set >> (unsigned)category(cp) & 1) != 0;
}

#define BIT(name) (UINT32_C(1) << UTF8PROC_CATEGORY_##name)
#define LETTERS (BIT(LU) | BIT(LL) | BIT(LT) | BIT(LM) | BIT(LO))
#define NUMBERS (BIT(ND) | BIT(NL) | BIT(NO))
#define START (LETTERS | BIT(NL))
#define PART (START | BIT(MN) | BIT(MC) | BIT(ND) | BIT(PC))

/* ---- case ------------------------------------------------------------------------------------ */

size_t
kd_unicode_upper(uint32_t cp, uint32_t out[3])
{
    if (cp < 128) {
        out[0] = is_ascii_lower(cp) ? cp - 32 : cp;
        return 1;
    }
    size_t n = expand(upper_expansions, KD_COUNT(upper_expansions), cp, out);
    if (n > 0)
        return n;
    out[0] = (uint32_t)utf8proc_toupper((utf8proc_int32_t)cp);
    return 1;
}

size_t
kd_unicode_lower(uint32_t cp, uint32_t out[3])
{
    if (cp < 128) {
        out[0] = is_ascii_upper(cp) ? cp + 32 : cp;
        return 1;
    }
    if (cp == 0x130) { /* the one lower case that is longer: i and a dot above */
        out[0] = 'i';
        out[1] = 0x307;
        return 2;
    }
    out[0] = (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp);
    return 1;
}

size_t
kd_unicode_title(uint32_t cp, uint32_t out[3])
{
    if (cp < 128)
        return kd_unicode_upper(cp, out);
    size_t n = expand(title_expansions, KD_COUNT(title_expansions), cp, out);
    if (n > 0)
        return n;
    out[0] = (uint32_t)utf8proc_totitle((utf8proc_int32_t)cp);
    return 1;
}

size_t
kd_unicode_fold(uint32_t cp, uint32_t out[3])
{
    if (cp < 128)
        return kd_unicode_lower(cp, out);
    utf8proc_int32_t folded[3];
    int last = 0;
    utf8proc_ssize_t n =
        utf8proc_decompose_char((utf8proc_int32_t)cp, folded, 3, UTF8PROC_CASEFOLD, &last);
    if (n < 1 || n > 3) {
        out[0] = cp;
        return 1;
    }
    for (utf8proc_ssize_t i = 0; i < n; i++)
        out[i] = (uint32_t)folded[i];
    return (size_t)n;
}

bool
kd_unicode_is_upper(uint32_t cp)
{
    if (cp < 128)
        return is_ascii_upper(cp);
    return in_category(cp, BIT(LU)) || IN(other_upper, cp);
}

bool
kd_unicode_is_lower(uint32_t cp)
{
    if (cp < 128)
        return is_ascii_lower(cp);
    return in_category(cp, BIT(LL)) || IN(other_lower, cp);
}

bool
kd_unicode_is_title(uint32_t cp)
{
    return cp >= 128 && in_category(cp, BIT(LT));
}

bool
kd_unicode_is_cased(uint32_t cp)
{
    return kd_unicode_is_lower(cp) || kd_unicode_is_upper(cp) || kd_unicode_is_title(cp);
}

bool
kd_unicode_is_case_ignorable(uint32_t cp)
{
    return in_category(cp, BIT(MN) | BIT(ME) | BIT(CF) | BIT(LM) | BIT(SK)) ||
           IN(ignorable_marks, cp);
}

/* ---- classes --------------------------------------------------------------------------------- */

bool
kd_unicode_is_space(uint32_t cp)
{
    if (cp < 128)
        return cp == ' ' || (cp >= 0x09 && cp <= 0x0d) || (cp >= 0x1c && cp <= 0x1f);
    return cp == 0x85 || cp == 0xa0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) ||
           cp == 0x2028 || cp == 0x2029 || cp == 0x202f || cp == 0x205f || cp == 0x3000;
}

bool
kd_unicode_is_break(uint32_t cp)
{
    return (cp >= 0x0a && cp <= 0x0d) || (cp >= 0x1c && cp <= 0x1e) || cp == 0x85 ||
           cp == 0x2028 || cp == 0x2029;
}

bool
kd_unicode_is_printable(uint32_t cp)
{
    if (cp < 127)
        return cp >= ' ';
    return !in_category(cp, BIT(CC) | BIT(CF) | BIT(CS) | BIT(CO) | BIT(CN) | BIT(ZL) | BIT(ZP) |
                                BIT(ZS));
}

bool
kd_unicode_is_alpha(uint32_t cp)
{
    if (cp < 128)
        return is_ascii_lower(cp | 32);
    return in_category(cp, LETTERS);
}

bool
kd_unicode_is_decimal(uint32_t cp, int *digit)
{
    if (cp < 128) {
        if (cp < '0' || cp > '9')
            return false;
        if (digit)
            *digit = (int)(cp - '0');
        return true;
    }
    if (!in_category(cp, BIT(ND)))
        return false;
    /* Decimal digits come in runs that start with a zero and hold a multiple of ten. */
    uint32_t first = cp;
    while (first > 128 && in_category(first - 1, BIT(ND)))
        first--;
    if (digit)
        *digit = (int)((cp - first) % 10);
    return true;
}

bool
kd_unicode_is_digit(uint32_t cp)
{
    return kd_unicode_is_decimal(cp, NULL) || IN(digits_not_decimal, cp);
}

bool
kd_unicode_is_numeric(uint32_t cp)
{
    if (cp < 128)
        return cp >= '0' && cp <= '9';
    return in_category(cp, NUMBERS) || IN(numeric_ideographs, cp);
}

bool
kd_unicode_is_id_start(uint32_t cp)
{
    if (cp < 128)
        return is_ascii_lower(cp | 32) || cp == '_';
    return (in_category(cp, START) && !IN(start_never, cp)) || IN(start_also, cp);
}

bool
kd_unicode_is_id_part(uint32_t cp)
{
    if (cp < 128)
        return kd_unicode_is_id_start(cp) || (cp >= '0' && cp <= '9');
    return (in_category(cp, PART) && !IN(part_never, cp)) || IN(part_also, cp);
}

int
kd_unicode_width(uint32_t cp)
{
    if (cp < 127)
        return cp >= ' ';
    int width = utf8proc_charwidth((utf8proc_int32_t)cp);
    return width < 0 ? 0 : width > 2 ? 2 : width;
}
