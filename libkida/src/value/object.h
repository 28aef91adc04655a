/* SPDX-License-Identifier: MIT */
/* object.h - C structs, rows of them, and points in time from the inside. */
#ifndef KD_OBJECT_H
#define KD_OBJECT_H

#include "value/call.h"

/* Structs in a row, or pointers to them, or 64-bit integers (of NULL). */
typedef struct kd_span {
    const kida_struct *of;
    const char *first;
    size_t count;
    bool pointers;
} kd_span;

extern const kida_object_type kd_span_type;
extern const kida_object_type kd_time_type; /* memory: int64_t, seconds since 1970-01-01 UTC */

KD_INLINE bool
kd_is_struct(kida_value v)
{
    return (v.head_ & (0xff | KIDA_FLAG_STRUCT_)) == (KIDA_OBJECT | KIDA_FLAG_STRUCT_);
}

KD_INLINE const kida_struct *
kd_struct_of(kida_value v)
{
    return (const kida_struct *)(uintptr_t)(v.head_ >> 16);
}

/* The field of that name; NULL: there is none. */
const kida_field *kd_struct_find(const kida_struct *description, kida_str name);

/* What a field of a struct value holds; absent: it is marked as not there. */
kida_status kd_struct_read(kida_call *call, kida_value v, const kida_field *field, kida_value *out);

/* Both; absent: there is none of that name, or it is marked as not there. */
kida_status kd_struct_field(kida_call *call, kida_value v, kida_str name, kida_value *out);

/* Item of an array, which must be there; a NULL pointer is none. */
kida_value kd_span_at(const kd_span *array, size_t index);

/* Text of a point in time by an strftime pattern, in UTC, with English names. */
void kd_time_format(kida_buf *buf, int64_t seconds, kida_str pattern);

#endif
