/* SPDX-License-Identifier: MIT */
/* text.c - bytes and numbers without locale. */
#include "config/text.h"

#include <string.h>

int
ch_hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char low = ch_lower(c);
    if (low >= 'a' && low <= 'f')
        return low - 'a' + 10;
    return -1;
}

bool
ch_str_iequal(kida_str a, kida_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (ch_lower(a.ptr[i]) != ch_lower(b.ptr[i]))
            return false;
    }
    return true;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

kida_str
ch_str_trim(kida_str text)
{
    size_t start = 0, end = text.len;
    while (start < end && is_blank(text.ptr[start]))
        start++;
    while (end > start && is_blank(text.ptr[end - 1]))
        end--;
    return start == 0 && end == text.len ? text : ch_str_slice(text, start, end);
}

size_t
ch_str_find(kida_str text, char byte, size_t from)
{
    if (from >= text.len)
        return text.len;
    const char *hit = memchr(text.ptr + from, byte, text.len - from);
    return hit == NULL ? text.len : (size_t)(hit - text.ptr);
}

size_t
ch_str_count(kida_str text, char byte)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == byte;
    return count;
}

bool
ch_str_next(kida_str list, char separator, size_t *pos, kida_str *item)
{
    if (list.len == 0 || *pos > list.len)
        return false;
    size_t end = ch_str_find(list, separator, *pos);
    *item = ch_str_trim(ch_str_slice(list, *pos, end));
    *pos = end + 1; /* one past the length when this was the last item */
    return true;
}

bool
ch_list_has(kida_str list, kida_str token)
{
    size_t pos = 0;
    kida_str item;
    while (ch_str_next(list, ',', &pos, &item)) {
        if (ch_str_iequal(item, token))
            return true;
    }
    return false;
}

bool
ch_parse_uint(kida_str text, uint64_t max, uint64_t *out)
{
    if (text.len == 0)
        return false;
    uint64_t number = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!ch_is_digit(text.ptr[i]))
            return false;
        uint64_t digit = (uint64_t)(text.ptr[i] - '0');
        if (number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    if (number > max)
        return false;
    *out = number;
    return true;
}

bool
ch_parse_int(kida_str text, int64_t *out)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';
    if (text.len > 0 && (negative || text.ptr[0] == '+'))
        text = ch_str_slice(text, 1, text.len);
    uint64_t magnitude;
    if (!ch_parse_uint(text, (uint64_t)INT64_MAX + (negative ? 1 : 0), &magnitude))
        return false;
    if (!negative)
        *out = (int64_t)magnitude;
    else
        *out = magnitude == 0 ? 0 : -(int64_t)(magnitude - 1) - 1;
    return true;
}

bool
ch_parse_float(kida_str text, double *out)
{
    static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    size_t point = ch_str_find(text, '.', 0);
    bool has_point = point < text.len;
    if (point == 0 || (has_point && point + 1 == text.len))
        return false;

    /* Up to 15 digits one division rounds correctly; longer texts may be off by an ulp. */
    double digits = 0;
    size_t decimals = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (i == point)
            continue;
        if (!ch_is_digit(text.ptr[i]))
            return false;
        if (i > point) {
            if (decimals == sizeof(powers) / sizeof(powers[0]) - 1)
                continue; /* beyond what a double can hold */
            decimals++;
        }
        digits = digits * 10 + (text.ptr[i] - '0');
    }
    if (text.len > 300)
        return false; /* infinity is no number that a path or query means */
    *out = digits / powers[decimals];
    return true;
}

bool
ch_parse_bool(kida_str text)
{
    return ch_str_iequal(text, KIDA_S("true")) || ch_str_iequal(text, KIDA_S("1")) ||
           ch_str_iequal(text, KIDA_S("yes")) || ch_str_iequal(text, KIDA_S("on"));
}

/* ---- times --------------------------------------------------------------------------------- */

static int64_t
days_before(int64_t year, int64_t month)
{
    static const int64_t days[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
    int64_t y = year - 1;
    int64_t leap = month > 2 && (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    return y * 365 + y / 4 - y / 100 + y / 400 + days[month - 1] + leap - 719162;
}

static bool
digits(kida_str text, size_t at, size_t count, int64_t min, int64_t max, int64_t *out)
{
    uint64_t number;
    if (at + count > text.len ||
        !ch_parse_uint(ch_str_slice(text, at, at + count), (uint64_t)max, &number))
        return false;
    *out = (int64_t)number;
    return *out >= min;
}

bool
ch_parse_time(kida_str text, int64_t *out)
{
    int64_t year, month, day, hour = 0, minute = 0, second = 0;
    if (!digits(text, 0, 4, 1, 9999, &year) || !digits(text, 5, 2, 1, 12, &month) ||
        !digits(text, 8, 2, 1, 31, &day) || text.ptr[4] != '-' || text.ptr[7] != '-')
        return false;
    if (text.len > 10 &&
        ((text.ptr[10] != ' ' && text.ptr[10] != 'T') || !digits(text, 11, 2, 0, 23, &hour) ||
         !digits(text, 14, 2, 0, 59, &minute) || text.ptr[13] != ':'))
        return false;
    if (text.len > 16 && text.ptr[16] == ':' && !digits(text, 17, 2, 0, 60, &second))
        return false;
    int64_t days = days_before(year, month) + day - 1;
    *out = days * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}
