/* SPDX-License-Identifier: MIT */
/* methods_is.c - methods of texts that ask what they consist of: isalpha(), isdigit(), … */
#include "memory/str.h"
#include "memory/unicode.h"
#include "value/methods.h"

/* Whether all code points pass; empty is what an empty text gives. */
static kida_status
all_are(kida_value self, bool (*test)(uint32_t cp), bool empty, kida_value *out)
{
    kida_str text = kida_as_str(self);
    const char *end = text.ptr + text.len;
    bool all = text.len > 0 || empty;
    for (const char *at = text.ptr; all && at < end;)
        all = test(kd_utf8_next(&at, end));
    *out = kida_bool(all);
    return KIDA_OK;
}

static bool
is_decimal(uint32_t cp)
{
    int digit;
    return kd_unicode_is_decimal(cp, &digit);
}

static bool
is_alnum(uint32_t cp)
{
    return kd_unicode_is_alpha(cp) || is_decimal(cp) || kd_unicode_is_digit(cp)
           || kd_unicode_is_numeric(cp);
}

static bool
is_ascii(uint32_t cp)
{
    return cp < 0x80;
}

static kida_status
str_isalpha(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    return all_are(self, kd_unicode_is_alpha, false, out);
}

static kida_status
str_isdecimal(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    return all_are(self, is_decimal, false, out);
}

static kida_status
str_isdigit(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    return all_are(self, kd_unicode_is_digit, false, out);
}

static kida_status
str_isnumeric(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    return all_are(self, kd_unicode_is_numeric, false, out);
}

static kida_status
str_isalnum(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    return all_are(self, is_alnum, false, out);
}

static kida_status
str_isspace(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    return all_are(self, kd_unicode_is_space, false, out);
}

static kida_status
str_isascii(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    return all_are(self, is_ascii, true, out);
}

static kida_status
str_isprintable(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    return all_are(self, kd_unicode_is_printable, true, out);
}

static kida_status
str_isidentifier(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    kida_str text = kida_as_str(self);
    const char *end = text.ptr + text.len;
    const char *at = text.ptr;
    bool all = false;
    if (at < end) {
        uint32_t cp = kd_utf8_next(&at, end);
        all = cp == '_' || kd_unicode_is_id_start(cp);
    }
    while (all && at < end)
        all = kd_unicode_is_id_part(kd_utf8_next(&at, end));
    *out = kida_bool(all);
    return KIDA_OK;
}

/* All cased letters are of the one case, and there is at least one; title case is neither. */
static kida_status
is_case(kida_value self, bool (*wanted)(uint32_t cp), bool (*other)(uint32_t cp), kida_value *out)
{
    kida_str text = kida_as_str(self);
    const char *end = text.ptr + text.len;
    bool any = false;
    *out = kida_bool(false);
    for (const char *at = text.ptr; at < end;) {
        uint32_t cp = kd_utf8_next(&at, end);
        if (other(cp) || kd_unicode_is_title(cp))
            return KIDA_OK;
        any = any || wanted(cp);
    }
    *out = kida_bool(any);
    return KIDA_OK;
}

static kida_status
str_islower(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    return is_case(self, kd_unicode_is_lower, kd_unicode_is_upper, out);
}

static kida_status
str_isupper(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    return is_case(self, kd_unicode_is_upper, kd_unicode_is_lower, out);
}

static kida_status
str_istitle(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    kida_str text = kida_as_str(self);
    const char *end = text.ptr + text.len;
    bool any = false;
    bool inside = false; /* behind a cased letter */
    *out = kida_bool(false);
    for (const char *at = text.ptr; at < end;) {
        uint32_t cp = kd_utf8_next(&at, end);
        bool begins = kd_unicode_is_upper(cp) || kd_unicode_is_title(cp);
        bool goes_on = !begins && kd_unicode_is_lower(cp);
        if ((begins && inside) || (goes_on && !inside))
            return KIDA_OK;
        inside = begins || goes_on;
        any = any || inside;
    }
    *out = kida_bool(any);
    return KIDA_OK;
}

static const kd_method rows[] = {
    { "isalnum", str_isalnum, NULL, 0 },
    { "isalpha", str_isalpha, NULL, 0 },
    { "isascii", str_isascii, NULL, 0 },
    { "isdecimal", str_isdecimal, NULL, 0 },
    { "isdigit", str_isdigit, NULL, 0 },
    { "isidentifier", str_isidentifier, NULL, 0 },
    { "islower", str_islower, NULL, 0 },
    { "isnumeric", str_isnumeric, NULL, 0 },
    { "isprintable", str_isprintable, NULL, 0 },
    { "isspace", str_isspace, NULL, 0 },
    { "istitle", str_istitle, NULL, 0 },
    { "isupper", str_isupper, NULL, 0 },
};

const kd_method_table kd_str_is_methods = { rows, KD_COUNT(rows) };
