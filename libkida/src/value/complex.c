/* SPDX-License-Identifier: MIT */
/* complex.c - complex numbers, as far as templates meet them: the result of a power whose base is
 * negative. They can be printed, compared for equality and taken apart; nothing computes on. */
#include "value/complex.h"

#include <math.h>

#include "memory/num.h"
#include "value/value.h"

#define PI 3.14159265358979323846 /* atan2 of 0 and a negative number */

typedef struct complex_number {
    double real, imag;
} complex_number;

/* A part without the ".0" that a float alone would have. */
static void
put_part(kida_buf *buf, double part, bool sign)
{
    char digits[KD_FLOAT_TEXT_MAX];
    size_t len = kd_float_text(part, digits);

    if (len > 2 && digits[len - 1] == '0' && digits[len - 2] == '.')
        len -= 2;
    if (sign && digits[0] != '-')
        kida_buf_byte(buf, '+');
    kida_buf_put(buf, (kida_str){ digits, len });
}

static kida_status
complex_text(kida_call *call, void *self, kida_value *out)
{
    const complex_number *c = self;
    bool pure = c->real == 0 && !signbit(c->real); /* is written without the real part */
    kida_buf buf;

    kida_buf_init(&buf, call);
    if (!pure) {
        kida_buf_byte(&buf, '(');
        put_part(&buf, c->real, false);
    }
    put_part(&buf, c->imag, !pure);
    kida_buf_put(&buf, pure ? KIDA_S("j") : KIDA_S("j)"));
    return kida_buf_finish(&buf, out);
}

static kida_status
complex_truth(kida_call *call, void *self, bool *out)
{
    const complex_number *c = self;
    (void)call;
    *out = c->real != 0 || c->imag != 0;
    return KIDA_OK;
}

static kida_status
complex_attribute(kida_call *call, void *self, kida_str name, kida_value *out)
{
    const complex_number *c = self;
    (void)call;
    if (kida_str_equal(name, KIDA_S("real")))
        *out = kida_float(c->real);
    else if (kida_str_equal(name, KIDA_S("imag")))
        *out = kida_float(c->imag);
    return KIDA_OK;
}

static kida_status complex_equal(kida_call *call, void *self, kida_value other, bool *out);

static const kida_object_type complex_type = {
    .size = sizeof(kida_object_type),
    .name = "complex",
    .attribute = complex_attribute,
    .text = complex_text,
    .repr = complex_text,
    .truth = complex_truth,
    .equal = complex_equal,
};

static kida_status
complex_equal(kida_call *call, void *self, kida_value other, bool *out)
{
    const complex_number *c = self;
    const complex_number *d = kida_object_memory(other, &complex_type);

    *out = false;
    if (d != NULL)
        *out = c->real == d->real && c->imag == d->imag;
    else if (c->imag == 0 && kida_kind_of(other) != KIDA_OBJECT)
        return kida_equal(call, kida_float(c->real), other, out);
    return KIDA_OK;
}

kida_status
kd_complex_pow(kida_call *call, double base, double exponent, kida_value *out)
{
    double size = pow(fabs(base), exponent);
    double phase = PI * exponent;
    complex_number *c = kida_pool_alloc(kida_call_pool(call), sizeof(*c));

    if (c == NULL)
        return kd_fail_memory(call);
    *c = (complex_number){ size * cos(phase), size * sin(phase) };
    if (isinf(c->real) || isinf(c->imag))
        return kida_fail_kind(call, KIDA_E_RUNTIME, "OverflowError",
                              "the power is too large for a number");
    *out = kida_object(&complex_type, c);
    return KIDA_OK;
}
