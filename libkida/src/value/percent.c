/* SPDX-License-Identifier: MIT */
/* percent.c - text % value: conversions in the manner of printf, as Python has them. */
#include <math.h>
#include <string.h>

#include "value/big.h"
#include "value/format.h"
#include "value/host.h"
#include "value/ops.h"

typedef struct percenter {
    kida_call *call;
    const kida_value *args;
    size_t count, used;
    kida_value whole; /* the right side, for %(key) */
    kida_value found; /* what the last key named: from then on the only value */
    bool safe;
} percenter;

/* One conversion: what stands between % and its letter. */
typedef struct conversion {
    kd_spec spec;
    bool left, zero;
    char type;
} conversion;

static kida_status
fail_value(kida_call *call, const char *what)
{
    return kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError", "bad format: %s", what);
}

static kida_status
next_argument(percenter *p, kida_value *out)
{
    if (p->used == p->count)
        return kida_fail(p->call, KIDA_E_TYPE, "the format wants more values than there are");
    return kd_format_argument(p->call, p->safe, p->args[p->used++], out);
}

static kida_status
find_key(percenter *p, kida_str key)
{
    const kida_object_type *type = kd_host_type(p->whole);
    if (!kd_is(p->whole, KIDA_DICT) && !(type && type->item))
        return kida_fail(p->call, KIDA_E_TYPE, "%%(name) wants a dict on the right");
    p->args = &p->found;
    p->count = 1;
    p->used = 0;
    return kd_get_item(p->call, p->whole, kida_string(key), &p->found);
}

/* Width or precision: digits, or * for the next value. */
static kida_status
read_size(percenter *p, const char **at, const char *end, int64_t *out)
{
    *out = 0;
    if (*at < end && **at == '*') {
        kida_value v = kida_none();
        (*at)++;
        kida_status st = next_argument(p, &v);
        if (st != KIDA_OK)
            return st;
        if (!kd_is_int(v))
            return kida_fail(p->call, KIDA_E_TYPE, "* in a format wants an integer");
        *out = kd_is(v, KIDA_BIGINT) ? INT64_MAX : v.u_.i;
        if (*out < -(int64_t)KD_FORMAT_SIZE_MAX || *out > (int64_t)KD_FORMAT_SIZE_MAX)
            return fail_value(p->call, "the width is too large");
        return KIDA_OK;
    }
    for (; *at < end && **at >= '0' && **at <= '9'; (*at)++) {
        *out = *out * 10 + (**at - '0');
        if (*out > (int64_t)KD_FORMAT_SIZE_MAX)
            return fail_value(p->call, "the width is too large");
    }
    return KIDA_OK;
}

static kida_status
read_key(percenter *p, const char **at, const char *end)
{
    if (*at == end || **at != '(')
        return KIDA_OK;
    const char *start = ++*at;
    for (unsigned depth = 1; *at < end; (*at)++) {
        if (**at == '(') {
            depth++;
        } else if (**at == ')' && --depth == 0) {
            kida_str key = { start, (size_t)(*at - start) };
            (*at)++;
            return find_key(p, key);
        }
    }
    return fail_value(p->call, "the name behind '%(' is never closed");
}

static void
read_flags(const char **at, const char *end, conversion *c)
{
    for (; *at < end; (*at)++) {
        switch (**at) {
        case '-':
            c->left = true;
            continue;
        case '0':
            c->zero = true;
            continue;
        case '#':
            c->spec.alternate = true;
            continue;
        case '+':
            c->spec.sign = '+';
            continue;
        case ' ':
            if (c->spec.sign == 0)
                c->spec.sign = ' ';
            continue;
        default:
            return;
        }
    }
}

/* Reads all of a conversion, from behind its %. */
static kida_status
read_conversion(percenter *p, const char **at, const char *end, conversion *c)
{
    int64_t size;
    *c = (conversion){ .spec = { .fill = ' ' } };
    kida_status st = read_key(p, at, end);
    if (st != KIDA_OK)
        return st;
    read_flags(at, end, c);
    st = read_size(p, at, end, &size);
    if (st != KIDA_OK)
        return st;
    c->left = c->left || size < 0;
    c->spec.width = (uint64_t)(size < 0 ? -size : size);
    if (*at < end && **at == '.') {
        (*at)++;
        st = read_size(p, at, end, &size);
        if (st != KIDA_OK)
            return st;
        c->spec.has_precision = true;
        c->spec.precision = (uint64_t)(size < 0 ? 0 : size);
    }
    if (*at < end && (**at == 'h' || **at == 'l' || **at == 'L'))
        (*at)++;
    if (*at == end)
        return fail_value(p->call, "the format ends inside a conversion");
    c->type = *(*at)++;
    c->spec.align = c->left ? '<' : '>';
    return KIDA_OK;
}

/* Zeros pad numbers behind the sign; text never. */
static void
pad_with_zeros(conversion *c)
{
    if (c->zero && !c->left) {
        c->spec.fill = '0';
        c->spec.align = '=';
    }
}

static kida_status
put_int(percenter *p, kida_buf *buf, conversion *c, kida_value v)
{
    kida_call *call = p->call;
    bool decimal = c->type == 'd' || c->type == 'i' || c->type == 'u';
    kida_status st = KIDA_OK;
    if (decimal && kd_is(v, KIDA_FLOAT)) {
        if (!isfinite(v.u_.d))
            return kida_fail_kind(call, KIDA_E_RUNTIME,
                                  isnan(v.u_.d) ? "ValueError" : "OverflowError",
                                  "%%%c wants a finite number", c->type);
        st = kd_int_from_double(call, v.u_.d, &v);
    } else if (!kd_is_int(v)) {
        return kida_fail_type(call, v, decimal ? "%d wants a number" : "%x wants an integer");
    }
    if (st != KIDA_OK)
        return st;
    c->spec.type = decimal ? 'd' : (uint32_t)(unsigned char)c->type;
    pad_with_zeros(c);
    if (!c->spec.has_precision)
        return kd_format_int(call, buf, v, &c->spec);

    /* at least precision digits: that is, zeros up to their width with sign and prefix */
    kd_spec inner = { .fill = '0', .align = '=', .sign = c->spec.sign,
                      .alternate = c->spec.alternate, .type = c->spec.type };
    bool prefix = inner.alternate && !decimal;
    inner.width = c->spec.precision + (kd_big_is_negative(v) || inner.sign ? 1 : 0) +
                  (prefix ? 2 : 0);
    if (c->spec.fill == '0' && c->spec.width > inner.width)
        inner.width = c->spec.width;
    kida_buf digits;
    kida_buf_init(&digits, call);
    st = kd_format_int(call, &digits, v, &inner);
    if (st != KIDA_OK)
        return st;
    c->spec.has_precision = false;
    kd_format_padded(buf, kida_buf_str(&digits), &c->spec, '>');
    return kida_buf_status(buf);
}

static kida_status
put_float(percenter *p, kida_buf *buf, conversion *c, kida_value v)
{
    double d;
    bool known;
    if (!kd_is_number(v))
        return kida_fail_type(p->call, v, "%f wants a number");
    kida_status st = kida_to_float(p->call, v, &d, &known);
    if (st != KIDA_OK)
        return st;
    c->spec.type = (uint32_t)(unsigned char)c->type;
    pad_with_zeros(c);
    return kd_format_float(p->call, buf, d, &c->spec);
}

static kida_status
put_character(percenter *p, kida_buf *buf, conversion *c, kida_value v)
{
    char text[4];
    kida_str s = kida_as_str(v);
    c->spec.has_precision = false;
    if (kd_is(v, KIDA_STRING) && kida_utf8_count(s) == 1) {
        kd_format_padded(buf, s, &c->spec, '>');
        return kida_buf_status(buf);
    }
    if (!kd_is_int(v))
        return kida_fail(p->call, KIDA_E_TYPE, "%%c wants an integer or one character");
    if (kd_is(v, KIDA_BIGINT) || v.u_.i < 0 || v.u_.i > 0x10ffff ||
        (v.u_.i >= 0xd800 && v.u_.i < 0xe000))
        return kida_fail_kind(p->call, KIDA_E_RUNTIME, "OverflowError",
                              "the number is no code point");
    s = (kida_str){ text, kd_utf8_put(text, (uint32_t)v.u_.i) };
    kd_format_padded(buf, s, &c->spec, '>');
    return kida_buf_status(buf);
}

static kida_status
put_text(percenter *p, kida_buf *buf, conversion *c, kida_value v)
{
    kida_buf text;
    kida_buf_init(&text, p->call);
    kida_status st = c->type == 's'   ? kd_append_str(p->call, &text, v)
                     : c->type == 'r' ? kd_append_repr(p->call, &text, v, 0)
                                      : kd_append_ascii(p->call, &text, v);
    if (st == KIDA_OK)
        st = kida_buf_status(&text);
    if (st != KIDA_OK)
        return st;
    kd_format_padded(buf, kida_buf_str(&text), &c->spec, '>');
    return kida_buf_status(buf);
}

static kida_status
put_conversion(percenter *p, kida_buf *buf, conversion *c)
{
    static const struct {
        const char *types;
        kida_status (*put)(percenter *, kida_buf *, conversion *, kida_value);
    } table[] = {
        { "sra", put_text }, { "diuoxX", put_int }, { "eEfFgG", put_float }, { "c", put_character },
    };
    kida_value v = kida_none();
    kida_status st = next_argument(p, &v);
    if (st != KIDA_OK)
        return st;
    for (size_t i = 0; i < KD_COUNT(table); i++) {
        if (c->type != '\0' && strchr(table[i].types, c->type))
            return table[i].put(p, buf, c, v);
    }
    return fail_value(p->call, "unknown conversion behind '%'");
}

/* Values that may be left over: what can be asked for items is taken for a mapping. */
static bool
may_be_left(kida_value v)
{
    const kida_object_type *type = kd_host_type(v);
    return kd_is(v, KIDA_DICT) || kd_is(v, KIDA_LIST) || kd_is(v, KIDA_RANGE) ||
           (type && type->item);
}

kida_status
kida_format_percent(kida_call *call, kida_value pattern, kida_value args, kida_value *out)
{
    kida_str text = kida_as_str(pattern);
    bool tuple = kd_is(args, KIDA_TUPLE);
    percenter p = { call, tuple ? kd_tuple_items(args) : &args, tuple ? kd_tuple_count(args) : 1, 0,
                    args, kida_none(), kida_is_safe(pattern) };
    kida_buf buf;
    kida_buf_init(&buf, call);

    const char *at = text.ptr, *end = text.ptr + text.len;
    while (at < end) {
        const char *stop = memchr(at, '%', (size_t)(end - at));
        kida_buf_put(&buf, (kida_str){ at, (size_t)((stop ? stop : end) - at) });
        if (!stop)
            break;
        at = stop + 1;
        if (at < end && *at == '%') { /* only doubled it stands for itself */
            kida_buf_byte(&buf, *at++);
            continue;
        }
        conversion c;
        kida_status st = read_conversion(&p, &at, end, &c);
        if (st == KIDA_OK)
            st = put_conversion(&p, &buf, &c);
        if (st != KIDA_OK)
            return st;
    }
    if (p.used < p.count && !may_be_left(args))
        return kida_fail(call, KIDA_E_TYPE, "the format wants fewer values than there are");
    return p.safe ? kida_buf_finish_safe(&buf, out) : kida_buf_finish(&buf, out);
}
