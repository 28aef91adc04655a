/* SPDX-License-Identifier: MIT */
/* text.c - strings as values: counting, copying, joining by the rules of markup. */
#include <string.h>

#include "value/ops.h"

size_t
kd_text_count(kida_value v)
{
    kida_str s = kida_as_str(v);
    return v.head_ & KIDA_FLAG_ASCII_ ? s.len : kida_utf8_count(s);
}

kida_status
kd_text_copy(kida_call *call, kida_str s, bool safe, kida_value *out)
{
    kida_str copy = kd_arena_str(call->rt->pool, s);
    if (!copy.ptr)
        return kd_fail_memory(call);
    *out = safe ? kida_safe(copy) : kida_string(copy);
    return KIDA_OK;
}

/* Two strings that are taken as they stand. */
static kida_status
join(kida_call *call, kida_str a, kida_str b, bool safe, kida_value *out)
{
    const kd_runtime *rt = call->rt;
    size_t len;
    if (!kd_size_add(a.len, b.len, &len) || (rt->max_text && len > rt->max_text))
        return kd_fail_size(call);
    char *data = kd_arena_alloc(rt->pool, len);
    if (!data)
        return kd_fail_memory(call);
    if (a.len)
        memcpy(data, a.ptr, a.len);
    if (b.len)
        memcpy(data + a.len, b.ptr, b.len);
    kida_str text = { data, len };
    *out = safe ? kida_safe(text) : kida_string(text);
    return KIDA_OK;
}

kida_status
kd_concat(kida_call *call, kida_value a, kida_value b, kida_value *out)
{
    bool safe = kida_is_safe(a) || kida_is_safe(b);
    kida_str left, right;
    kida_status st = kd_to_str(call, a, &left);
    if (st == KIDA_OK)
        st = kd_to_str(call, b, &right);
    if (st != KIDA_OK)
        return st;

    bool escape_left = safe && !kida_is_safe(a) && kd_needs_escape(left);
    bool escape_right = safe && !kida_is_safe(b) && kd_needs_escape(right);
    if (!escape_left && !escape_right)
        return join(call, left, right, safe, out);

    kida_buf buf;
    kida_buf_init(&buf, call);
    if (escape_left)
        kida_buf_html(&buf, left);
    else
        kida_buf_put(&buf, left);
    if (escape_right)
        kida_buf_html(&buf, right);
    else
        kida_buf_put(&buf, right);
    return kida_buf_finish_safe(&buf, out);
}
