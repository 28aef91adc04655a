/* SPDX-License-Identifier: MIT */
/* format_number.c - ints and floats by a format spec: sign, prefix, grouping, padding. */
#include <math.h>
#include <string.h>

#include "memory/num.h"
#include "value/big.h"
#include "value/format.h"
#include "value/ops.h"

/* Longest text of a double without its precision: 309 digits, point, exponent. */
#define FLOAT_ROOM 400

/* A number that is ready to be laid out. */
typedef struct layout {
    bool negative;
    kida_str prefix; /* 0x */
    kida_str digits; /* may be grouped */
    kida_str rest;   /* point, fraction, exponent, % */
    unsigned group;  /* digits to a group */
} layout;

static kida_status
fail_spec(kida_call *call, const char *what)
{
    return kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError", "bad format: %s", what);
}

/* Digits in groups, with zeros in front up to min_width. Written from the right. */
static void
put_grouped(kida_buf *buf, const layout *l, char separator, uint64_t min_width)
{
    size_t start = kida_buf_str(buf).len;
    size_t left = l->digits.len;
    uint64_t written = 0;
    unsigned in_group = 0;
    while (left > 0 || written < min_width) {
        if (in_group == l->group) {
            kida_buf_byte(buf, separator);
            in_group = 0;
            written++;
        }
        kida_buf_byte(buf, left > 0 ? l->digits.ptr[--left] : '0');
        in_group++;
        written++;
        if (kida_buf_status(buf) != KIDA_OK)
            return;
    }
    char *from = buf->data_ + start, *to = buf->data_ + buf->len_;
    while (to - from > 1) {
        char c = *from;
        *from++ = *--to;
        *to = c;
    }
}

static void
put_fill(kida_buf *buf, uint32_t fill, uint64_t count)
{
    if (fill < 128) {
        kida_buf_fill(buf, (char)fill, count);
        return;
    }
    while (count-- > 0 && kida_buf_status(buf) == KIDA_OK)
        kida_buf_code_point(buf, fill);
}

static uint64_t
grouped_length(const layout *l, const kd_spec *spec)
{
    if (!spec->grouping || l->digits.len == 0)
        return l->digits.len;
    return l->digits.len + (l->digits.len - 1) / l->group;
}

static void
put_number(kida_buf *buf, const layout *l, const kd_spec *spec)
{
    char sign = l->negative ? '-' : spec->sign == '+' ? '+' : spec->sign == ' ' ? ' ' : 0;
    char align = spec->align ? spec->align : '>';
    uint64_t around = (sign ? 1 : 0) + l->prefix.len + l->rest.len;
    uint64_t min_digits = 0;
    /* zeros in front of grouped digits are grouped as well */
    if (spec->grouping && spec->fill == '0' && align == '=' && spec->width > around &&
        l->digits.len > 0)
        min_digits = spec->width - around;
    uint64_t length = around + grouped_length(l, spec);
    uint64_t pad = !min_digits && spec->width > length ? spec->width - length : 0;
    uint64_t left = align == '>' ? pad : align == '^' ? pad / 2 : 0;

    put_fill(buf, spec->fill, left);
    if (sign)
        kida_buf_byte(buf, sign);
    kida_buf_put(buf, l->prefix);
    if (align == '=') {
        put_fill(buf, spec->fill, pad);
        left = pad;
    }
    if (spec->grouping && l->digits.len > 0)
        put_grouped(buf, l, spec->grouping, min_digits);
    else
        kida_buf_put(buf, l->digits);
    kida_buf_put(buf, l->rest);
    put_fill(buf, spec->fill, pad - left);
}

/* ---- ints ------------------------------------------------------------------------------------ */

static kida_status
format_character(kida_call *call, kida_buf *buf, kida_value v, const kd_spec *spec)
{
    if (spec->sign)
        return fail_spec(call, "no sign goes with 'c'");
    if (spec->alternate)
        return fail_spec(call, "no # goes with 'c'");
    if (kd_is(v, KIDA_BIGINT) || v.u_.i < 0 || v.u_.i > 0x10ffff ||
        (v.u_.i >= 0xd800 && v.u_.i < 0xe000))
        return kida_fail_kind(call, KIDA_E_RUNTIME, "OverflowError",
                              "the number is no code point");
    char text[4];
    kida_str s = { text, kd_utf8_put(text, (uint32_t)v.u_.i) };
    kd_spec padding = *spec;
    padding.has_precision = false;
    if (padding.align == '=')
        padding.align = '>';
    kd_format_padded(buf, s, &padding, '>');
    return kida_buf_status(buf);
}

static kida_status
int_as_float(kida_call *call, kida_buf *buf, kida_value v, const kd_spec *spec)
{
    double d = kd_big_double(v);
    if (isinf(d))
        return kida_fail_kind(call, KIDA_E_RUNTIME, "OverflowError",
                              "the integer is too large for a float");
    return kd_format_float(call, buf, d, spec);
}

kida_status
kd_format_int(kida_call *call, kida_buf *buf, kida_value v, const kd_spec *spec)
{
    static const struct {
        char type;
        uint8_t base, group;
        char prefix[3];
    } types[] = {
        { 'd', 10, 3, "" },   { 'n', 10, 3, "" },  { 'b', 2, 4, "0b" },
        { 'o', 8, 4, "0o" },  { 'x', 16, 4, "0x" }, { 'X', 16, 4, "0X" },
    };
    uint32_t type = spec->type ? spec->type : 'd';
    if (type < 128 && memchr("eEfFgG%", (int)type, 7))
        return int_as_float(call, buf, v, spec);
    if (spec->has_precision)
        return fail_spec(call, "integers take no precision");
    if (spec->positive_zero)
        return fail_spec(call, "z goes with floats only");
    if (spec->grouping && (type == 'c' || type == 'n' || (spec->grouping == ',' && type != 'd')))
        return fail_spec(call, "the grouping does not go with the type");
    if (type == 'c')
        return format_character(call, buf, v, spec);

    size_t row = 0;
    while (row < KD_COUNT(types) && (uint32_t)types[row].type != type)
        row++;
    if (row == KD_COUNT(types))
        return fail_spec(call, "unknown type for an integer");
    layout l = { .negative = kd_big_is_negative(v), .group = types[row].group };
    kida_status st = kd_int_digits(call, v, types[row].base, &l.digits);
    if (st != KIDA_OK)
        return st;
    if (type == 'X') {
        char *digits = kd_arena_alloc(call->rt->pool, l.digits.len);
        if (!digits)
            return kd_fail_memory(call);
        for (size_t i = 0; i < l.digits.len; i++) {
            char c = l.digits.ptr[i];
            digits[i] = (char)(c >= 'a' ? c - 32 : c);
        }
        l.digits.ptr = digits;
    }
    if (spec->alternate)
        l.prefix = (kida_str){ types[row].prefix, types[row].prefix[0] ? 2 : 0 };
    put_number(buf, &l, spec);
    return kida_buf_status(buf);
}

/* ---- floats ---------------------------------------------------------------------------------- */

static size_t
put_exponent(char *at, char letter, int exponent)
{
    unsigned size = (unsigned)(exponent < 0 ? -exponent : exponent);
    size_t len = 0;
    at[len++] = letter;
    at[len++] = exponent < 0 ? '-' : '+';
    if (size >= 100)
        at[len++] = (char)('0' + size / 100);
    at[len++] = (char)('0' + size / 10 % 10);
    at[len++] = (char)('0' + size % 10);
    return len;
}

static size_t
without_zeros(const char *digits, size_t count)
{
    while (count > 0 && digits[count - 1] == '0')
        count--;
    return count;
}

/* Type g: precision significant digits, scientific outside -4 <= exponent < limit. out holds
 * precision + FLOAT_ROOM. The mantissa's digits lie at its end before they are laid out. */
static size_t
general(double d, size_t precision, bool point_zero, bool alternate, char *out, size_t room)
{
    char *digits = out + room - precision - 2;
    size_t count;
    int exponent;
    (void)kd_float_exponent(d, precision - 1, digits, precision + 2, &count, &exponent);
    if (count > 1)
        memmove(digits + 1, digits + 2, count - 2); /* the point goes */
    count = precision;

    char *at = out;
    int limit = (int)(precision < 400 ? precision : 400) - (point_zero ? 1 : 0);
    bool scientific = exponent < -4 || exponent >= limit;
    size_t whole = scientific ? 1 : exponent >= 0 ? (size_t)exponent + 1 : 0;
    if (whole > count)
        whole = count;
    if (whole > 0) {
        memmove(at, digits, whole);
        at += whole;
    } else {
        *at++ = '0';
    }
    size_t zeros = !scientific && exponent < -1 ? (size_t)(-exponent - 1) : 0;
    size_t tail = count - whole;
    if (!alternate)
        tail = without_zeros(digits + whole, tail);
    if (tail > 0 || alternate) {
        *at++ = '.';
        memset(at, '0', tail > 0 ? zeros : 0);
        at += tail > 0 ? zeros : 0;
        memmove(at, digits + whole, tail);
        at += tail;
    } else if (point_zero && !scientific) {
        memcpy(at, ".0", 2);
        at += 2;
    }
    if (scientific)
        at += put_exponent(at, 'e', exponent);
    return (size_t)(at - out);
}

/* Without type and precision: the shortest text; # asks for a point in it. */
static size_t
shortest(double d, bool alternate, char *out)
{
    size_t len = kd_float_text(d, out);
    const char *e = memchr(out, 'e', len);
    if (alternate && e && !memchr(out, '.', len)) {
        size_t at = (size_t)(e - out);
        memmove(out + at + 1, out + at, len - at);
        out[at] = '.';
        len++;
    }
    return len;
}

static bool
has_nonzero_digit(const char *text, size_t len)
{
    for (size_t i = 0; i < len && text[i] != 'e'; i++) {
        if (text[i] >= '1' && text[i] <= '9')
            return true;
    }
    return false;
}

/* Text of d >= 0, finite, into out of room bytes (precision + FLOAT_ROOM + some). */
static size_t
finite_text(double d, const kd_spec *spec, char type, size_t precision, char *out, size_t room)
{
    size_t len = 0;
    int exponent;
    if (type == 'f') {
        (void)kd_float_fixed(d, precision, out, room, &len);
        if (spec->alternate && precision == 0)
            out[len++] = '.';
    } else if (type == 'e') {
        (void)kd_float_exponent(d, precision, out, room, &len, &exponent);
        if (spec->alternate && precision == 0)
            out[len++] = '.';
        len += put_exponent(out + len, 'e', exponent);
    } else if (type == 'r') {
        len = shortest(d, spec->alternate, out);
    } else {
        len = general(d, precision ? precision : 1, spec->type == 0, spec->alternate, out, room);
    }
    return len;
}

kida_status
kd_format_float(kida_call *call, kida_buf *buf, double d, const kd_spec *spec)
{
    uint32_t type = spec->type;
    if (type >= 128 || (type != 0 && !memchr("eEfFgGn%", (int)type, 8)))
        return fail_spec(call, "unknown type for a float");
    if (spec->grouping && type == 'n')
        return fail_spec(call, "the grouping does not go with the type");
    bool percent = type == '%', upper = type == 'E' || type == 'F' || type == 'G';
    char way = (char)(percent ? 'f' : type == 'n' ? 'g' : upper ? type | 32 : type);
    if (type == 0)
        way = spec->has_precision ? 'g' : 'r';
    uint64_t precision = spec->has_precision ? spec->precision : 6;
    if (precision > KD_FORMAT_SIZE_MAX ||
        (call->rt->max_text && precision > call->rt->max_text))
        return kd_fail_size(call);
    if (percent)
        d *= 100;

    size_t room = (size_t)precision * 2 + FLOAT_ROOM;
    char *text = kd_arena_alloc(call->rt->pool, room);
    if (!text)
        return kd_fail_memory(call);
    layout l = { .negative = signbit(d) && !isnan(d), .group = 3 };
    size_t len;
    if (isfinite(d)) {
        len = finite_text(fabs(d), spec, way, (size_t)precision, text, room - 1);
        if (spec->positive_zero && !has_nonzero_digit(text, len))
            l.negative = false;
        while (l.digits.len < len && text[l.digits.len] >= '0' && text[l.digits.len] <= '9')
            l.digits.len++;
    } else {
        len = kd_float_text(fabs(d), text);
    }
    for (size_t i = 0; upper && i < len; i++)
        text[i] = (char)(text[i] >= 'a' ? text[i] - 32 : text[i]);
    if (percent)
        text[len++] = '%';
    l.digits.ptr = text;
    l.rest = (kida_str){ text + l.digits.len, len - l.digits.len };
    put_number(buf, &l, spec);
    return kida_buf_status(buf);
}

/* ---- text ------------------------------------------------------------------------------------ */

void
kd_format_padded(kida_buf *buf, kida_str text, const kd_spec *spec, char align)
{
    if (spec->has_precision && spec->precision < text.len)
        text.len = kd_utf8_offset(text, (size_t)spec->precision);
    if (spec->align)
        align = spec->align;
    uint64_t count = spec->width ? kida_utf8_count(text) : 0;
    uint64_t pad = spec->width > count ? spec->width - count : 0;
    uint64_t left = align == '>' ? pad : align == '^' ? pad / 2 : 0;
    put_fill(buf, spec->fill, left);
    kida_buf_put(buf, text);
    put_fill(buf, spec->fill, pad - left);
}
