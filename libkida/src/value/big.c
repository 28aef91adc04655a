/* SPDX-License-Identifier: MIT */
/*
 * big.c - integers beyond 64 bits: the one file that knows libtommath. Results are checked for
 * size before they are computed, and their limbs are copied into the pool.
 */
#include "value/big.h"

#include <math.h>
#include <string.h>
#include <tommath.h>

#include "memory/num.h"
#include "value/ops.h"

/* Larger integers than this are refused: nothing a page shows needs them, and their arithmetic
 * takes more time than a render has. */
#define BITS_MAX 131072
/* Limb products that cost about as much as one step of a render. */
#define PRODUCTS_PER_STEP 64

static const kd_big *
big_of(kida_value v)
{
    return v.u_.p;
}

bool
kd_big_is_negative(kida_value v)
{
    return kd_is(v, KIDA_BIGINT) ? big_of(v)->negative != 0 : v.u_.i < 0;
}

static size_t
bits_of(kida_value v)
{
    if (kd_is(v, KIDA_BIGINT)) {
        const kd_big *b = big_of(v);
        return (size_t)b->count * 64 - (size_t)__builtin_clzll(b->limbs[b->count - 1]);
    }
    uint64_t size = v.u_.i < 0 ? 0 - (uint64_t)v.u_.i : (uint64_t)v.u_.i;
    return size ? 64 - (size_t)__builtin_clzll(size) : 0;
}

double
kd_big_double(kida_value v)
{
    if (!kd_is(v, KIDA_BIGINT))
        return (double)v.u_.i;
    const kd_big *b = big_of(v);
    size_t bits = bits_of(v);
    if (bits > 1024)
        return b->negative ? -HUGE_VAL : HUGE_VAL;
    /* the highest 64 bits, and whether any bit below them is set */
    unsigned shift = (unsigned)(bits % 64);
    uint64_t top = b->limbs[b->count - 1];
    bool sticky = false;
    size_t below = b->count - 1;
    if (shift != 0 && below > 0) {
        uint64_t next = b->limbs[--below];
        top = top << (64 - shift) | next >> shift;
        sticky = (next & ((UINT64_C(1) << shift) - 1)) != 0;
    } else if (shift != 0) {
        top <<= 64 - shift;
    }
    while (below > 0 && !sticky)
        sticky = b->limbs[--below] != 0;
    double d = kd_binary_double(top, sticky, (int)bits - 64);
    return b->negative ? -d : d;
}

/* ---- comparison ------------------------------------------------------------------------------ */

int
kd_int_compare(kida_value a, kida_value b)
{
    bool a_big = kd_is(a, KIDA_BIGINT), b_big = kd_is(b, KIDA_BIGINT);
    if (!a_big && !b_big)
        return a.u_.i < b.u_.i ? -1 : a.u_.i > b.u_.i;
    if (!a_big)
        return big_of(b)->negative ? 1 : -1;
    int sign = big_of(a)->negative ? -1 : 1;
    if (!b_big || big_of(a)->negative != big_of(b)->negative)
        return sign;
    const kd_big *x = big_of(a), *y = big_of(b);
    if (x->count != y->count)
        return x->count < y->count ? -sign : sign;
    for (size_t i = x->count; i-- > 0;) {
        if (x->limbs[i] != y->limbs[i])
            return x->limbs[i] < y->limbs[i] ? -sign : sign;
    }
    return 0;
}

/* |v| against a double >= 2^63: by length first, then bit by bit of the 53 that the double has. */
static int
compare_big_double(const kd_big *b, size_t bits, double d)
{
    int exponent;
    double fraction = frexp(d, &exponent); /* d = fraction * 2^exponent, 0.5 <= fraction < 1 */
    if (bits != (size_t)exponent)
        return bits < (size_t)exponent ? -1 : 1;
    uint64_t m = (uint64_t)ldexp(fraction, 53);
    size_t shift = bits - 53; /* m stands this far up */
    for (size_t i = b->count; i-- > 0;) {
        uint64_t limb = 0; /* of m << shift */
        size_t base = i * 64;
        if (base + 64 > shift && base < shift)
            limb = m << (shift - base);
        else if (base >= shift && base - shift < 64)
            limb = m >> (base - shift);
        if (b->limbs[i] != limb)
            return b->limbs[i] < limb ? -1 : 1;
    }
    return 0;
}

int
kd_int_compare_double(kida_value a, double d)
{
    if (kd_is(a, KIDA_BIGINT)) {
        const kd_big *b = big_of(a);
        int sign = b->negative ? -1 : 1;
        double size = b->negative ? -d : d;
        if (size < 9223372036854775808.0)
            return sign;
        if (isinf(size))
            return -sign;
        return sign * compare_big_double(b, bits_of(a), size);
    }
    if (d >= 9223372036854775808.0)
        return -1;
    if (d < -9223372036854775808.0)
        return 1;
    int64_t whole = (int64_t)d;
    if (a.u_.i != whole)
        return a.u_.i < whole ? -1 : 1;
    double rest = d - (double)whole;
    return rest > 0 ? -1 : rest < 0;
}

/* ---- to and from libtommath ------------------------------------------------------------------ */

static kida_status
fail_too_large(kida_call *call)
{
    if (!call)
        return KIDA_E_RUNTIME;
    return kida_fail_kind(call, KIDA_E_RUNTIME, "OverflowError",
                          "the result is an integer of more than %d bits", BITS_MAX);
}

static kida_status
fail_tommath(kida_call *call)
{
    /* memory is all that can run out in there */
    return call ? kida_fail(call, KIDA_E_NOMEM, "out of memory") : KIDA_E_NOMEM;
}

static mp_err
load(mp_int *m, kida_value v)
{
    if (!kd_is(v, KIDA_BIGINT)) {
        mp_set_i64(m, v.u_.i);
        return MP_OKAY;
    }
    const kd_big *b = big_of(v);
    mp_err e = mp_unpack(m, b->count, MP_LSB_FIRST, 8, MP_NATIVE_ENDIAN, 0, b->limbs);
    if (e == MP_OKAY && b->negative)
        e = mp_neg(m, m);
    return e;
}

static kida_status
store(kida_call *call, kida_pool *pool, const mp_int *m, kida_value *out)
{
    int bits = mp_count_bits(m);
    if (bits > BITS_MAX)
        return fail_too_large(call);
    if (bits <= 63) {
        *out = kida_int(mp_get_i64(m));
        return KIDA_OK;
    }
    size_t count = ((size_t)bits + 63) / 64;
    kd_big *b = kd_arena_alloc(pool, sizeof(*b) + count * sizeof(b->limbs[0]));
    if (!b)
        return call ? kd_fail_memory(call) : KIDA_E_NOMEM;
    size_t written = 0;
    if (mp_pack(b->limbs, count, &written, MP_LSB_FIRST, 8, MP_NATIVE_ENDIAN, 0, m) != MP_OKAY)
        return fail_tommath(call);
    while (written > 0 && b->limbs[written - 1] == 0)
        written--;
    b->count = (uint32_t)written;
    b->negative = mp_isneg(m);
    if (b->negative && written == 1 && b->limbs[0] == UINT64_C(1) << 63) {
        *out = kida_int(INT64_MIN); /* the one 64-bit number that still fits */
        return KIDA_OK;
    }
    *out = kd_pointer(KIDA_BIGINT, b, 0, 0);
    return KIDA_OK;
}

/* Quotient toward minus infinity and remainder of the divisor's sign. */
static mp_err
divide_floor(const mp_int *a, const mp_int *b, mp_int *quotient, mp_int *rest)
{
    mp_err e = mp_div(a, b, quotient, rest);
    if (e != MP_OKAY || mp_iszero(rest) || mp_isneg(rest) == mp_isneg(b))
        return e;
    e = mp_add(rest, b, rest);
    return e == MP_OKAY ? mp_decr(quotient) : e;
}

/* x = x op y. */
static mp_err
compute(char op, mp_int *x, mp_int *y, mp_int *z)
{
    switch (op) {
    case '+':
        return mp_add(x, y, x);
    case '-':
        return mp_sub(x, y, x);
    case '*':
        return mp_mul(x, y, x);
    case 'f':
    case '%': {
        mp_err e = divide_floor(x, y, z, x); /* the rest takes the place of x */
        if (op == 'f')
            mp_exch(x, z);
        return e;
    }
    default:
        break;
    }
    mp_err e = mp_expt_u32(x, mp_get_u32(y), z);
    mp_exch(x, z);
    return e;
}

/* Bits of the result at most; SIZE_MAX: far too many. */
static size_t
bits_of_result(char op, kida_value a, kida_value b)
{
    size_t x = bits_of(a), y = bits_of(b);
    if (op == '*')
        return x + y;
    if (op == 'p') {
        size_t bits;
        if (x <= 1 && !(x == 1 && kd_is(a, KIDA_BIGINT)))
            return 1;
        if (kd_is(b, KIDA_BIGINT) || !kd_size_mul(x - 1, (size_t)b.u_.i, &bits))
            return SIZE_MAX;
        return bits + 1; /* at least: the exact size is checked when it is stored */
    }
    return (x > y ? x : y) + 1;
}

static kida_status
charge(kida_call *call, size_t bits_a, size_t bits_b)
{
    uint64_t products = (uint64_t)(bits_a / 64 + 1) * (bits_b / 64 + 1);
    return kida_spend(call, products / PRODUCTS_PER_STEP);
}

/* 0, 1 and -1 to any power. */
static bool
power_of_unit(kida_value a, kida_value b, kida_value *out)
{
    if (kd_is(a, KIDA_BIGINT) || a.u_.i < -1 || a.u_.i > 1)
        return false;
    bool odd = kd_is(b, KIDA_BIGINT) ? (big_of(b)->limbs[0] & 1) != 0 : (b.u_.i & 1) != 0;
    bool is_zero = !kd_is(b, KIDA_BIGINT) && b.u_.i == 0;
    *out = kida_int(is_zero ? 1 : a.u_.i < 0 && !odd ? 1 : a.u_.i);
    return true;
}

kida_status
kd_int_arith(kida_call *call, char op, kida_value a, kida_value b, kida_value *out)
{
    if (op == 'p' && power_of_unit(a, b, out))
        return KIDA_OK;
    size_t bits = bits_of_result(op, a, b);
    if (bits > BITS_MAX)
        return fail_too_large(call);
    size_t other = bits_of(b);
    kida_status st = op == 'p' ? charge(call, bits, bits) : charge(call, bits_of(a), other);
    if (st != KIDA_OK)
        return st;

    mp_int x, y, z;
    if (mp_init_multi(&x, &y, &z, NULL) != MP_OKAY)
        return fail_tommath(call);
    mp_err e = load(&x, a);
    if (e == MP_OKAY)
        e = load(&y, b);
    if (e == MP_OKAY)
        e = compute(op, &x, &y, &z);
    st = e == MP_OKAY ? store(call, call->rt->pool, &x, out) : fail_tommath(call);
    mp_clear_multi(&x, &y, &z, NULL);
    return st;
}

kida_status
kd_int_negate(kida_call *call, kida_value a, kida_value *out)
{
    if (!kd_is(a, KIDA_BIGINT) && a.u_.i != INT64_MIN) {
        *out = kida_int(-a.u_.i);
        return KIDA_OK;
    }
    return kd_int_arith(call, '-', kida_int(0), a, out);
}

kida_status
kd_int_divide(kida_call *call, kida_value a, kida_value b, double *out)
{
    size_t x = bits_of(a), y = bits_of(b);
    if (x <= 53 && y <= 53) {
        *out = (double)a.u_.i / (double)b.u_.i;
        return KIDA_OK;
    }
    if (x > y + 1030)
        return kida_fail_kind(call, KIDA_E_RUNTIME, "OverflowError",
                              "the quotient of the integers is too large for a float");
    bool negative = kd_big_is_negative(a) != kd_big_is_negative(b);
    *out = negative ? -0.0 : 0.0;
    if (y > x + 1100 || x == 0)
        return KIDA_OK;
    kida_status st = charge(call, x, y);
    if (st != KIDA_OK)
        return st;

    mp_int p, q, rest;
    if (mp_init_multi(&p, &q, &rest, NULL) != MP_OKAY)
        return fail_tommath(call);
    int shift = 63 - ((int)x - (int)y); /* makes a quotient of 63 or 64 bits */
    mp_err e = load(&p, a);
    if (e == MP_OKAY)
        e = load(&q, b);
    if (e == MP_OKAY)
        e = mp_abs(&p, &p);
    if (e == MP_OKAY)
        e = mp_abs(&q, &q);
    if (e == MP_OKAY)
        e = shift > 0 ? mp_mul_2d(&p, shift, &p) : mp_mul_2d(&q, -shift, &q);
    if (e == MP_OKAY)
        e = mp_div(&p, &q, &p, &rest);
    double size = e == MP_OKAY ? kd_binary_double(mp_get_mag_u64(&p), !mp_iszero(&rest), -shift)
                               : 0.0;
    mp_clear_multi(&p, &q, &rest, NULL);
    if (e != MP_OKAY)
        return fail_tommath(call);
    if (isinf(size))
        return kida_fail_kind(call, KIDA_E_RUNTIME, "OverflowError",
                              "the quotient of the integers is too large for a float");
    *out = negative ? -size : size;
    return KIDA_OK;
}

kida_status
kd_int_from_double(kida_call *call, double d, kida_value *out)
{
    if (d >= -9223372036854775808.0 && d < 9223372036854775808.0) {
        *out = kida_int((int64_t)d);
        return KIDA_OK;
    }
    int exponent;
    double fraction = frexp(fabs(d), &exponent);
    mp_int m;
    if (mp_init(&m) != MP_OKAY)
        return fail_tommath(call);
    mp_set_u64(&m, (uint64_t)ldexp(fraction, 53));
    mp_err e = mp_mul_2d(&m, exponent - 53, &m);
    if (e == MP_OKAY && d < 0)
        e = mp_neg(&m, &m);
    kida_status st = e == MP_OKAY ? store(call, call->rt->pool, &m, out) : fail_tommath(call);
    mp_clear(&m);
    return st;
}

/* ---- text ------------------------------------------------------------------------------------ */

static kida_status
fail_digits(kida_call *call)
{
    if (!call)
        return KIDA_E_RUNTIME;
    return kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError",
                          "an integer of more than %d digits has no text", KD_INT_DIGITS_MAX);
}

/* Digits of an int that fits 64 bits, in a base of 2, 8, 10 or 16. */
static kida_status
small_digits(kida_call *call, uint64_t n, unsigned base, kida_str *out)
{
    char *data = kd_arena_alloc(call->rt->pool, 64);
    if (!data)
        return kd_fail_memory(call);
    char *at = data + 64;
    do {
        *--at = "0123456789abcdef"[n % base];
        n /= base;
    } while (n > 0);
    *out = (kida_str){ at, (size_t)(data + 64 - at) };
    return KIDA_OK;
}

kida_status
kd_int_digits(kida_call *call, kida_value v, unsigned base, kida_str *out)
{
    if (!kd_is(v, KIDA_BIGINT)) {
        uint64_t n = v.u_.i < 0 ? 0 - (uint64_t)v.u_.i : (uint64_t)v.u_.i;
        return small_digits(call, n, base, out);
    }
    size_t bits = bits_of(v);
    /* 10^4300 has 14285 bits; the exact count of digits is looked at below */
    if (base == 10 && bits > 14286)
        return fail_digits(call);
    kida_status st = charge(call, bits, bits);
    if (st != KIDA_OK)
        return st;
    size_t room = (base == 2 ? bits : base == 10 ? bits * 4 / 13 : bits / 3) + 16;
    char *data = kd_arena_alloc(call->rt->pool, room);
    if (!data)
        return kd_fail_memory(call);
    mp_int m;
    if (mp_init(&m) != MP_OKAY)
        return fail_tommath(call);
    size_t written = 0;
    mp_err e = load(&m, v);
    if (e == MP_OKAY)
        e = mp_abs(&m, &m);
    if (e == MP_OKAY)
        e = mp_to_radix(&m, data, room, &written, (int)base);
    mp_clear(&m);
    if (e != MP_OKAY || written == 0)
        return fail_tommath(call);
    written--; /* the NUL */
    if (base == 10 && written > KD_INT_DIGITS_MAX)
        return fail_digits(call);
    for (size_t i = 0; base == 16 && i < written; i++) {
        if (data[i] >= 'A' && data[i] <= 'F')
            data[i] = (char)(data[i] | 32);
    }
    *out = (kida_str){ data, written };
    return KIDA_OK;
}

kida_status
kd_int_from_digits(kida_call *call, kida_pool *pool, kida_str digits, bool negative,
                   kida_value *out)
{
    while (digits.len > 0 && digits.ptr[0] == '0') {
        digits.ptr++;
        digits.len--;
    }
    if (digits.len > KD_INT_DIGITS_MAX)
        return fail_digits(call);
    if (digits.len <= 18) {
        int64_t n = 0;
        for (size_t i = 0; i < digits.len; i++)
            n = n * 10 + (digits.ptr[i] - '0');
        *out = kida_int(negative ? -n : n);
        return KIDA_OK;
    }
    char text[KD_INT_DIGITS_MAX + 2]; /* libtommath wants a NUL */
    memcpy(text, digits.ptr, digits.len);
    text[digits.len] = '\0';
    mp_int m;
    if (mp_init(&m) != MP_OKAY)
        return fail_tommath(call);
    mp_err e = mp_read_radix(&m, text, 10);
    if (e == MP_OKAY && negative)
        e = mp_neg(&m, &m);
    kida_status st = e == MP_OKAY ? store(call, pool ? pool : call->rt->pool, &m, out)
                                  : fail_tommath(call);
    mp_clear(&m);
    return st;
}
