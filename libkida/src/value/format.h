/* SPDX-License-Identifier: MIT */
/* format.h - the parts of formatting that str.format, format specs and percent share. */
#ifndef KD_FORMAT_H
#define KD_FORMAT_H

#include "value/call.h"

/* [[fill]align][sign][z][#][0][width][grouping][.precision][type] */
typedef struct kd_spec {
    uint32_t fill;      /* code point */
    char align;         /* < > ^ =, or 0: by kind */
    char sign;          /* + - space, or 0 */
    bool positive_zero; /* z */
    bool alternate;     /* # */
    char grouping;      /* , _ or 0 */
    bool has_precision;
    uint32_t type;      /* code point, 0: none */
    uint64_t width;
    uint64_t precision;
} kd_spec;

/* Wider fields and longer precisions than this are refused before anything is built. */
#define KD_FORMAT_SIZE_MAX 2147483647u

/* Numbers: v is an int, a bool or a float and the type fits it. */
kida_status kd_format_int(kida_call *call, kida_buf *buf, kida_value v, const kd_spec *spec);
kida_status kd_format_float(kida_call *call, kida_buf *buf, double d, const kd_spec *spec);
/* Text, cut to the precision and padded to the width. */
void kd_format_padded(kida_buf *buf, kida_str text, const kd_spec *spec, char align);

/* Any value by the text of a spec. */
kida_status kd_format_value(kida_call *call, kida_buf *buf, kida_value v, kida_str spec);
/* Quoted text with all that is not ASCII escaped. */
kida_status kd_append_ascii(kida_call *call, kida_buf *buf, kida_value v);
/* A safe pattern escapes strings that are not: v, or its escaped text as a plain string. */
kida_status kd_format_argument(kida_call *call, bool safe, kida_value v, kida_value *out);

/* str.format of a plain or safe pattern: fields come from the further arguments and keywords of
 * the call; where mapping is not absent (str.format_map), named fields come from it. */
kida_status kd_format_text(kida_call *call, kida_value pattern, kida_value mapping,
                           kida_value *out);

#endif
