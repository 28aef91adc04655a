/* SPDX-License-Identifier: MIT */
/* codepoint.c - the public view of code points and of case. */
#include <kida/unicode.h>

#include "memory/unicode.h"
#include "value/case.h"

void
kida_unicode_upper(kida_buf *buf, kida_str text)
{
    kd_case_upper(buf, text);
}

void
kida_unicode_lower(kida_buf *buf, kida_str text)
{
    kd_case_lower(buf, text);
}

void
kida_unicode_title(kida_buf *buf, kida_str text)
{
    kd_case_title(buf, text);
}

void
kida_unicode_capitalize(kida_buf *buf, kida_str text)
{
    kd_case_capitalize(buf, text);
}

void
kida_unicode_casefold(kida_buf *buf, kida_str text)
{
    kd_case_fold(buf, text);
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
