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

static const kd_method float_rows[] = {
    { "real", float_real, NULL, KD_METHOD_VALUE },
    { "imag", float_imag, NULL, KD_METHOD_VALUE },
    { "is_integer", float_is_integer, NULL, 0 },
    { "as_integer_ratio", float_ratio, NULL, 0 },
    { "hex", float_hex, NULL, 0 },
    { "conjugate", float_real, NULL, 0 },
};

const kd_method_table kd_float_methods = { float_rows, KD_COUNT(float_rows) };
