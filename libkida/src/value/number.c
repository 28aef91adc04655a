/* SPDX-License-Identifier: MIT */
/* number.c - reading numbers out of text and other values: what int() and float() take. */
#include <math.h>
#include <string.h>

#include "memory/num.h"
#include "memory/unicode.h"
#include "value/big.h"
#include "value/ops.h"

#define FLOAT_TEXT_MAX 2048 /* with underscores or digits of other scripts; plain text: any */

/* Takes one sign off; true for a minus. */
static bool
take_sign(kida_str *text)
{
    bool negative = text->len > 0 && text->ptr[0] == '-';
    if (negative || (text->len > 0 && text->ptr[0] == '+')) {
        text->ptr++;
        text->len--;
    }
    return negative;
}

/* Copies text with digits of any script as ASCII and without the underscores, which may only stand
 * between digits. Other characters are kept if they are ASCII. false: not a number, or too long. */
static bool
plain_digits(kida_str text, char *out, size_t room, size_t *len)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    bool after_digit = false, after_underscore = false;
    *len = 0;
    while (at < end) {
        uint32_t cp = kd_utf8_next(&at, end);
        int digit = 0;
        bool is_digit = kd_unicode_is_decimal(cp, &digit);
        if (after_underscore && !is_digit)
            return false;
        after_underscore = cp == '_';
        if (after_underscore && !after_digit)
            return false;
        after_digit = is_digit;
        if (after_underscore)
            continue;
        if (*len == room || (!is_digit && cp >= 128))
            return false;
        out[(*len)++] = is_digit ? (char)('0' + digit) : (char)cp;
    }
    return !after_underscore;
}

kida_status
kd_text_to_int(kida_call *call, kida_str text, kida_value *out, bool *ok)
{
    char digits[KD_INT_DIGITS_MAX];
    size_t len;
    text = kd_str_strip(text, true, true);
    bool negative = take_sign(&text);
    *ok = plain_digits(text, digits, sizeof(digits), &len) && len > 0;
    for (size_t i = 0; *ok && i < len; i++)
        *ok = digits[i] >= '0' && digits[i] <= '9';
    if (!*ok)
        return KIDA_OK;
    return kd_int_from_digits(call, NULL, (kida_str){ digits, len }, negative, out);
}

static bool
equals_lower(kida_str text, const char *word, size_t len)
{
    if (text.len != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        if ((text.ptr[i] | 32) != word[i])
            return false;
    }
    return true;
}

bool
kd_text_to_float(kida_str text, double *out)
{
    text = kd_str_strip(text, true, true);
    bool negative = take_sign(&text);
    double size;
    if (equals_lower(text, "inf", 3) || equals_lower(text, "infinity", 8)) {
        size = HUGE_VAL;
    } else if (equals_lower(text, "nan", 3)) {
        size = (double)NAN;
    } else if (!kd_float_parse(text, &size)) {
        char plain[FLOAT_TEXT_MAX];
        size_t len;
        if (!plain_digits(text, plain, sizeof(plain), &len) ||
            !kd_float_parse((kida_str){ plain, len }, &size))
            return false;
    }
    *out = negative ? -size : size;
    return true;
}

kida_status
kida_to_int(kida_call *call, kida_value v, kida_value *out, bool *known)
{
    *known = true;
    if (kd_is_int(v)) {
        *out = kd_is(v, KIDA_BOOL) ? kida_int(v.u_.i) : v;
        return KIDA_OK;
    }
    if (kd_is(v, KIDA_STRING))
        return kd_text_to_int(call, kida_as_str(v), out, known);
    if (kd_is(v, KIDA_FLOAT) && !isnan(v.u_.d)) {
        if (isinf(v.u_.d))
            return kida_fail_kind(call, KIDA_E_RUNTIME, "OverflowError",
                                  "an infinity has no integer");
        return kd_int_from_double(call, v.u_.d, out);
    }
    *known = false;
    return KIDA_OK;
}

kida_status
kida_to_float(kida_call *call, kida_value v, double *out, bool *known)
{
    *known = true;
    if (kd_is(v, KIDA_STRING)) {
        *known = kd_text_to_float(kida_as_str(v), out);
        return KIDA_OK;
    }
    if (kd_is(v, KIDA_BIGINT)) {
        *out = kd_big_double(v);
        if (isinf(*out))
            return kida_fail_kind(call, KIDA_E_RUNTIME, "OverflowError",
                                  "the integer is too large for a float");
        return KIDA_OK;
    }
    *known = kd_is_number(v);
    if (*known)
        *out = kida_as_float(v);
    return KIDA_OK;
}

kida_status
kd_coerce(kida_call *call, kida_value a, kida_value *out)
{
    if (kd_is(a, KIDA_INT) || kd_is(a, KIDA_FLOAT) || kd_is(a, KIDA_BIGINT)) {
        *out = a;
        return KIDA_OK;
    }
    *out = kida_int(0);
    if (kd_tag(a) < KIDA_INT) /* nothing, and bools: their text is no number */
        return KIDA_OK;

    kida_str text;
    bool ok;
    double d;
    kida_status st = kd_to_str(call, a, &text);
    if (st == KIDA_OK)
        st = kd_text_to_int(call, text, out, &ok);
    if (st != KIDA_OK || ok)
        return st;
    *out = kd_text_to_float(text, &d) ? kida_float(d) : kida_int(0);
    return KIDA_OK;
}
