/* SPDX-License-Identifier: MIT */
/* convert.c - truth and text of values. Quoted text is repr.c's, reading numbers number.c's. */
#include <string.h>

#include "memory/num.h"
#include "value/big.h"
#include "value/host.h"
#include "value/ops.h"

/* ---- truth ----------------------------------------------------------------------------------- */

static kida_status
truth_of_object(kida_call *call, kida_value v, bool *out)
{
    const kida_object_type *type = kd_host_type(v);
    *out = true;
    if (!type || (!type->truth && !type->length))
        return KIDA_OK;
    kida_status st = kd_host_enter(call);
    if (st != KIDA_OK)
        return st;
    size_t length = 0;
    bool truth = false;
    if (type->truth)
        st = type->truth(call, v.u_.p, &truth);
    else
        st = type->length(call, v.u_.p, &length);
    kd_host_leave(call);
    if (st == KIDA_OK)
        *out = truth || length > 0;
    return st;
}

kida_status
kd_truth(kida_call *call, kida_value v, bool *out)
{
    switch (kida_kind_of(v)) {
    case KIDA_ABSENT:
    case KIDA_UNDEFINED:
    case KIDA_NONE:
        *out = false;
        return KIDA_OK;
    case KIDA_BOOL:
    case KIDA_INT:
        *out = v.u_.i != 0;
        return KIDA_OK;
    case KIDA_FLOAT:
        *out = v.u_.d != 0; /* NaN is true */
        return KIDA_OK;
    case KIDA_STRING:
    case KIDA_TUPLE:
        *out = v.head_ >> 16 != 0;
        return KIDA_OK;
    case KIDA_LIST:
        *out = kd_list_of(v)->count != 0;
        return KIDA_OK;
    case KIDA_DICT:
    case KIDA_SET:
        *out = kd_dict_of(v)->count != 0;
        return KIDA_OK;
    case KIDA_RANGE:
        *out = kd_range_of(v)->count != 0;
        return KIDA_OK;
    case KIDA_VIEW:
        *out = ((const kd_view *)v.u_.p)->dict->count != 0;
        return KIDA_OK;
    case KIDA_OBJECT:
        return truth_of_object(call, v, out);
    case KIDA_BIGINT:
    case KIDA_ITERATOR:
    case KIDA_CALLABLE:
        break;
    }
    *out = true;
    return KIDA_OK;
}

kida_status
kida_truth(kida_call *call, kida_value v, bool *out)
{
    return kd_truth(call, v, out);
}

/* ---- text ------------------------------------------------------------------------------------ */

static void
put(kida_buf *buf, const char *text)
{
    kida_buf_put(buf, kida_str_from(text));
}

static void
append_float(kida_buf *buf, double d)
{
    char text[KD_FLOAT_TEXT_MAX];
    kida_buf_put(buf, (kida_str){ text, kd_float_text(d, text) });
}

static kida_status
append_big(kida_call *call, kida_buf *buf, kida_value v)
{
    kida_str digits;
    kida_status st = kd_int_digits(call, v, 10, &digits);
    if (st != KIDA_OK)
        return st;
    if (kd_big_is_negative(v))
        kida_buf_byte(buf, '-');
    kida_buf_put(buf, digits);
    return kida_buf_status(buf);
}

static void
append_range(kida_buf *buf, const kd_range *range)
{
    put(buf, "range(");
    kida_buf_int(buf, range->start);
    put(buf, ", ");
    kida_buf_int(buf, range->stop);
    if (range->step != 1) {
        put(buf, ", ");
        kida_buf_int(buf, range->step);
    }
    kida_buf_byte(buf, ')');
}

static void
append_callable(kida_buf *buf, const kd_callable *callable)
{
    bool type = callable->kind == KD_CALL_TYPE;
    put(buf, type ? "<class '" : callable->kind == KD_CALL_METHOD ? "<method " : "<function ");
    kida_buf_put(buf, callable->name);
    put(buf, type ? "'>" : ">");
}

/* Text that the host gives; where it gives none, its kind in angle brackets. */
static kida_status
append_object(kida_call *call, kida_buf *buf, kida_value v)
{
    const kida_object_type *type = kd_host_type(v);
    const char *field =
        type ? NULL : ((const kida_struct *)(uintptr_t)(v.head_ >> 16))->text_field;
    if (!field && (!type || !type->text)) {
        kida_buf_byte(buf, '<');
        put(buf, kida_kind_name(v));
        kida_buf_byte(buf, '>');
        return kida_buf_status(buf);
    }
    kida_value text = kd_absent();
    kida_status st = kd_host_enter(call);
    if (st != KIDA_OK)
        return st;
    if (field)
        st = kd_get_attr(call, v, kida_str_from(field), kd_hash_str(kida_str_from(field)), &text);
    else
        st = type->text(call, v.u_.p, &text);
    if (st == KIDA_OK)
        st = kd_append_str(call, buf, text);
    kd_host_leave(call);
    return st;
}

kida_status
kd_append_str(kida_call *call, kida_buf *buf, kida_value v)
{
    switch (kida_kind_of(v)) {
    case KIDA_STRING:
        kida_buf_put(buf, kida_as_str(v));
        break;
    case KIDA_INT:
        kida_buf_int(buf, v.u_.i);
        break;
    case KIDA_ABSENT:
    case KIDA_UNDEFINED:
        break;
    case KIDA_NONE:
        kida_buf_put(buf, KIDA_S("None"));
        break;
    case KIDA_BOOL:
        kida_buf_put(buf, v.u_.i ? KIDA_S("True") : KIDA_S("False"));
        break;
    case KIDA_FLOAT:
        append_float(buf, v.u_.d);
        break;
    case KIDA_BIGINT:
        return append_big(call, buf, v);
    case KIDA_RANGE:
        append_range(buf, v.u_.p);
        break;
    case KIDA_ITERATOR:
        kida_buf_byte(buf, '<');
        put(buf, kida_kind_name(v));
        put(buf, " object>");
        break;
    case KIDA_CALLABLE:
        append_callable(buf, v.u_.p);
        break;
    case KIDA_OBJECT:
        return append_object(call, buf, v);
    case KIDA_LIST:
    case KIDA_TUPLE:
    case KIDA_DICT:
    case KIDA_SET:
    case KIDA_VIEW:
        return kd_append_repr(call, buf, v, 0);
    }
    return kida_buf_status(buf);
}

kida_status
kd_to_str(kida_call *call, kida_value v, kida_str *out)
{
    if (KD_LIKELY(kd_is(v, KIDA_STRING))) {
        *out = kida_as_str(v);
        return KIDA_OK;
    }
    if (kd_is(v, KIDA_INT)) {
        char *text = kd_arena_alloc(call->rt->pool, KD_INT_TEXT_MAX);
        if (!text)
            return kd_fail_memory(call);
        *out = (kida_str){ text, kd_int_text(v.u_.i, text) };
        return KIDA_OK;
    }
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_status st = kd_append_str(call, &buf, v);
    if (st == KIDA_OK)
        st = kida_buf_status(&buf);
    if (st == KIDA_OK)
        *out = kida_buf_str(&buf);
    return st;
}

kida_status
kida_to_str(kida_call *call, kida_value v, kida_str *out)
{
    return kd_to_str(call, v, out);
}

static kida_status
html_of_object(kida_call *call, kida_value v, kida_value *out)
{
    kida_value html = kd_absent();
    kida_str text;
    kida_status st = kd_host_enter(call);
    if (st != KIDA_OK)
        return st;
    st = kd_host_type(v)->html(call, v.u_.p, &html);
    if (st == KIDA_OK)
        st = kd_to_str(call, html, &text);
    kd_host_leave(call);
    if (st == KIDA_OK)
        *out = kida_safe(text);
    return st;
}

kida_status
kida_to_html(kida_call *call, kida_value v, kida_value *out)
{
    const kida_object_type *type = kd_host_type(v);
    kida_str text;
    if (kida_is_safe(v)) {
        *out = v;
        return KIDA_OK;
    }
    if (type && type->html)
        return html_of_object(call, v, out);
    kida_status st = kd_to_str(call, v, &text);
    if (st != KIDA_OK)
        return st;
    if (!kd_needs_escape(text)) {
        *out = kida_safe(text);
        return KIDA_OK;
    }
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_buf_html(&buf, text);
    return kida_buf_finish_safe(&buf, out);
}
