/* SPDX-License-Identifier: MIT */
/* methods_case.c - methods of texts that change letter case. */
#include "memory/str.h"
#include "value/case.h"
#include "value/methods.h"

/* Ends a text in the making; it is safe where the receiver was (library specification, 1.10). */
kida_status
kd_finish_like(kida_buf *buf, kida_value self, kida_value *out)
{
    return kida_is_safe(self) ? kida_buf_finish_safe(buf, out) : kida_buf_finish(buf, out);
}

/* ASCII text keeps its length: one allocation, and none where nothing changes. */
static kida_status
change_ascii(kida_call *call, kida_value self, char first, char last, kida_value *out)
{
    kida_str text = kida_as_str(self);
    size_t same = 0;
    *out = kd_unmarked(self);
    while (same < text.len && (text.ptr[same] < first || text.ptr[same] > last))
        same++;
    if (same == text.len)
        return KIDA_OK;
    char *copy = kd_arena_alloc(call->rt->pool, text.len);
    if (copy == NULL)
        return kd_fail_memory(call);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        copy[i] = c >= first && c <= last ? (char)(c ^ 0x20) : c;
    }
    out->u_.s = copy;
    out->head_ |= KIDA_FLAG_ASCII_;
    return KIDA_OK;
}

static kida_status
change(kida_call *call, kida_value self, void (*to)(kida_buf *, kida_str), kida_value *out)
{
    kida_buf buf;
    kida_buf_init(&buf, call);
    to(&buf, kida_as_str(self));
    return kd_finish_like(&buf, self, out);
}

static kida_status
str_upper(kida_call *call, kida_value self, kida_value *out)
{
    if (kd_str_is_ascii(kida_as_str(self)))
        return change_ascii(call, self, 'a', 'z', out);
    return change(call, self, kd_case_upper, out);
}

static kida_status
str_lower(kida_call *call, kida_value self, kida_value *out)
{
    if (kd_str_is_ascii(kida_as_str(self)))
        return change_ascii(call, self, 'A', 'Z', out);
    return change(call, self, kd_case_lower, out);
}

static kida_status
str_casefold(kida_call *call, kida_value self, kida_value *out)
{
    if (kd_str_is_ascii(kida_as_str(self)))
        return change_ascii(call, self, 'A', 'Z', out);
    return change(call, self, kd_case_fold, out);
}

static kida_status
str_title(kida_call *call, kida_value self, kida_value *out)
{
    return change(call, self, kd_case_title, out);
}

static kida_status
str_capitalize(kida_call *call, kida_value self, kida_value *out)
{
    return change(call, self, kd_case_capitalize, out);
}

static kida_status
str_swapcase(kida_call *call, kida_value self, kida_value *out)
{
    return change(call, self, kd_case_swap, out);
}

static const kd_method rows[] = {
    { "upper", str_upper, NULL, 0 },           { "lower", str_lower, NULL, 0 },
    { "title", str_title, NULL, 0 },           { "capitalize", str_capitalize, NULL, 0 },
    { "casefold", str_casefold, NULL, 0 },     { "swapcase", str_swapcase, NULL, 0 },
};

const kd_method_table kd_str_case_methods = { rows, KD_COUNT(rows) };
