/* SPDX-License-Identifier: MIT */
/* methods_num.c - attributes and methods of ints (bools too) and floats. */
#include <math.h>
#include <string.h>

#include "memory/num.h"
#include "value/big.h"
#include "value/methods.h"

/* ---- ints ------------------------------------------------------------------------------------ */

/* The number itself; a bool becomes an int. */
static kida_status
int_real(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    *out = kd_is(self, KIDA_BOOL) ? kida_int(self.u_.i) : self;
    return KIDA_OK;
}

static kida_status
int_zero(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    (void)self;
    *out = kida_int(0);
    return KIDA_OK;
}

static kida_status
int_one(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    (void)self;
    *out = kida_int(1);
    return KIDA_OK;
}

static kida_status
always_true(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    (void)self;
    *out = kida_bool(true);
    return KIDA_OK;
}

static uint64_t
magnitude(kida_value v)
{
    return v.u_.i < 0 ? 0 - (uint64_t)v.u_.i : (uint64_t)v.u_.i;
}

static int
bit_width(uint64_t n)
{
    return n == 0 ? 0 : 64 - __builtin_clzll(n);
}

static kida_status
int_bit_length(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    if (kd_is(self, KIDA_BIGINT)) {
        const kd_big *big = self.u_.p;
        *out = kida_int((int64_t)(big->count - 1) * 64 + bit_width(big->limbs[big->count - 1]));
        return KIDA_OK;
    }
    *out = kida_int(bit_width(magnitude(self)));
    return KIDA_OK;
}

static kida_status
int_bit_count(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    int64_t count = 0;
    if (kd_is(self, KIDA_BIGINT)) {
        const kd_big *big = self.u_.p;
        for (uint32_t i = 0; i < big->count; i++)
            count += __builtin_popcountll(big->limbs[i]);
    } else {
        count = __builtin_popcountll(magnitude(self));
    }
    *out = kida_int(count);
    return KIDA_OK;
}

static kida_status
make_pair(kida_call *call, kida_value a, kida_value b, kida_value *out)
{
    kida_value pair[2] = { a, b };
    *out = kd_tuple_make(call->rt->pool, pair, 2);
    return kd_is_absent(*out) ? kd_fail_memory(call) : KIDA_OK;
}

static kida_status
int_ratio(kida_call *call, kida_value self, kida_value *out)
{
    kida_value number;
    (void)int_real(call, self, &number);
    return make_pair(call, number, kida_int(1), out);
}

static const kd_method int_rows[] = {
    { "real", int_real, NULL, KD_METHOD_VALUE },
    { "imag", int_zero, NULL, KD_METHOD_VALUE },
    { "numerator", int_real, NULL, KD_METHOD_VALUE },
    { "denominator", int_one, NULL, KD_METHOD_VALUE },
    { "bit_length", int_bit_length, NULL, 0 },
    { "bit_count", int_bit_count, NULL, 0 },
    { "conjugate", int_real, NULL, 0 },
    { "is_integer", always_true, NULL, 0 },
    { "as_integer_ratio", int_ratio, NULL, 0 },
};

const kd_method_table kd_int_methods = { int_rows, KD_COUNT(int_rows) };

/* ---- floats ---------------------------------------------------------------------------------- */

static kida_status
float_real(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    *out = self;
    return KIDA_OK;
}

static kida_status
float_imag(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    (void)self;
    *out = kida_float(0.0);
    return KIDA_OK;
}

static kida_status
float_is_integer(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    *out = kida_bool(isfinite(self.u_.d) && floor(self.u_.d) == self.u_.d);
    return KIDA_OK;
}

/* The fraction in lowest terms: 53 bits of mantissa, times or over a power of two. */
static kida_status
float_ratio(kida_call *call, kida_value self, kida_value *out)
{
    double d = self.u_.d;
    if (!isfinite(d))
        return kida_fail_kind(call, KIDA_E_RUNTIME, isnan(d) ? "ValueError" : "OverflowError",
                              "an infinity or NaN is no ratio");
    int exponent;
    double mantissa = frexp(d, &exponent);
    for (int i = 0; i < 1100 && floor(mantissa) != mantissa; i++) {
        mantissa *= 2.0;
        exponent--;
    }
    kida_value number = kida_int((int64_t)mantissa);
    kida_value power;
    kida_value under = kida_int(1);
    kida_status st = kd_pow(call, kida_int(2), kida_int(exponent < 0 ? -exponent : exponent),
                            &power);
    if (st != KIDA_OK)
        return st;
    if (exponent < 0)
        under = power;
    else
        st = kd_mul(call, number, power, &number);
    return st == KIDA_OK ? make_pair(call, number, under, out) : st;
}

/* Python's float.hex: 0x1.8000000000000p+1 */
static kida_status
float_hex(kida_call *call, kida_value self, kida_value *out)
{
    double d = self.u_.d;
    kida_buf buf;
    kida_buf_init(&buf, call);
    if (!isfinite(d)) {
        kida_buf_put(&buf, isnan(d) ? KIDA_S("nan") : d < 0 ? KIDA_S("-inf") : KIDA_S("inf"));
        return kida_buf_finish(&buf, out);
    }
    uint64_t bits;
    memcpy(&bits, &d, sizeof(bits));
    uint64_t fraction = bits & 0xfffffffffffffu;
    int exponent = (int)(bits >> 52 & 0x7ff);
    if (bits >> 63)
        kida_buf_byte(&buf, '-');
    if (fraction == 0 && exponent == 0) {
        kida_buf_put(&buf, KIDA_S("0x0.0p+0"));
        return kida_buf_finish(&buf, out);
    }
    kida_buf_put(&buf, exponent != 0 ? KIDA_S("0x1.") : KIDA_S("0x0."));
    for (int shift = 48; shift >= 0; shift -= 4)
        kida_buf_byte(&buf, "0123456789abcdef"[fraction >> shift & 15]);
    int power = exponent != 0 ? exponent - 1023 : -1022;
    kida_buf_put(&buf, power < 0 ? KIDA_S("p-") : KIDA_S("p+"));
    kida_buf_int(&buf, power < 0 ? -power : power);
    return kida_buf_finish(&buf, out);
}

static int
hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Digits and point of a number in base 16, moved over: bits * 2^exponent, sticky where bits does
 * not hold all of it. */
typedef struct hex_number {
    uint64_t bits;
    bool sticky;
    bool any;
    int64_t exponent;
} hex_number;

static void
read_hex_digits(kida_str *text, hex_number *h)
{
    bool behind = false;
    for (; text->len > 0; text->ptr++, text->len--) {
        int digit = hex_value(text->ptr[0]);
        if (text->ptr[0] == '.' && !behind) {
            behind = true;
            continue;
        }
        if (digit < 0)
            break;
        h->any = true;
        if (h->bits >> 60 != 0) { /* no room: the digit only counts for rounding */
            h->sticky = h->sticky || digit != 0;
            h->exponent += behind ? 0 : 4;
        } else {
            h->bits = h->bits << 4 | (unsigned)digit;
            h->exponent -= behind ? 4 : 0;
        }
    }
}

/* An exponent behind 'p', clamped far beyond what floats reach; false: there is none to read. */
static bool
read_hex_exponent(kida_str *text, int64_t *exponent)
{
    if (text->len == 0 || (text->ptr[0] | 0x20) != 'p')
        return true;
    bool negative = text->len > 1 && text->ptr[1] == '-';
    size_t at = negative || (text->len > 1 && text->ptr[1] == '+') ? 2 : 1;
    size_t start = at;
    int64_t value = 0;
    for (; at < text->len && text->ptr[at] >= '0' && text->ptr[at] <= '9'; at++)
        value = value < 1000000 ? value * 10 + (text->ptr[at] - '0') : value;
    *exponent += negative ? -value : value;
    *text = kd_str_sub(*text, at, text->len);
    return at > start;
}

static bool
is_word(kida_str text, const char *word)
{
    size_t i = 0;
    while (i < text.len && word[i] != '\0' && (text.ptr[i] | 0x20) == word[i])
        i++;
    return i == text.len && word[i] == '\0';
}

static bool
parse_hex(kida_str text, double *out)
{
    hex_number h = { 0, false, false, 0 };
    if (is_word(text, "inf") || is_word(text, "infinity") || is_word(text, "nan")) {
        *out = is_word(text, "nan") ? (double)NAN : (double)INFINITY;
        return true;
    }
    if (text.len >= 2 && text.ptr[0] == '0' && (text.ptr[1] | 0x20) == 'x')
        text = kd_str_sub(text, 2, text.len);
    read_hex_digits(&text, &h);
    if (!h.any || !read_hex_exponent(&text, &h.exponent) || text.len > 0)
        return false;
    *out = 0.0;
    if (h.bits == 0)
        return true;
    while (h.bits >> 63 == 0) {
        h.bits <<= 1;
        h.exponent--;
    }
    int64_t exponent = h.exponent < -5000 ? -5000 : h.exponent > 5000 ? 5000 : h.exponent;
    *out = kd_binary_double(h.bits, h.sticky, (int)exponent);
    return true;
}

static const kida_param fromhex_params[] = { { "text", KIDA_IN_POSITION, NULL }, { 0 } };

/* float.fromhex: the number that hex() wrote. */
static kida_status
float_fromhex(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text;
    double d;
    (void)self;
    kida_status st = kd_text_arg(call, kida_arg(call, 0), "the argument of fromhex()", true, &text);
    if (st != KIDA_OK)
        return st;
    text = kd_str_strip(text, true, true);
    bool negative = text.len > 0 && text.ptr[0] == '-';
    if (negative || (text.len > 0 && text.ptr[0] == '+'))
        text = kd_str_sub(text, 1, text.len);
    if (!parse_hex(text, &d))
        return kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError",
                              "fromhex() can't read the text");
    if (isinf(d) && (text.ptr[0] | 0x20) != 'i')
        return kida_fail_kind(call, KIDA_E_RUNTIME, "OverflowError",
                              "the number is too large for a float");
    *out = kida_float(negative ? -d : d);
    return KIDA_OK;
}

static const kd_method float_rows[] = {
    { "real", float_real, NULL, KD_METHOD_VALUE },
    { "imag", float_imag, NULL, KD_METHOD_VALUE },
    { "is_integer", float_is_integer, NULL, 0 },
    { "as_integer_ratio", float_ratio, NULL, 0 },
    { "hex", float_hex, NULL, 0 },
    { "fromhex", float_fromhex, fromhex_params, 0 },
    { "conjugate", float_real, NULL, 0 },
};

const kd_method_table kd_float_methods = { float_rows, KD_COUNT(float_rows) };
