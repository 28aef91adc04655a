/* SPDX-License-Identifier: MIT */
/* text.h - slices of UTF-8 text that several filters cut alike. */
#ifndef KD_FILTERS_TEXT_H
#define KD_FILTERS_TEXT_H

#include <kida/filter.h>

/* Text of a string value; an empty one with a pointer that the C library accepts. */
static inline kida_str
kd_text(kida_value v)
{
    kida_str text = kida_as_str(v);
    return text.len > 0 ? text : KIDA_S("");
}

/* Bytes that the first count code points take; the length of text if it has fewer. */
size_t kd_text_offset(kida_str text, uint64_t count);

/* Text without the spaces at both ends, or at its end. */
kida_str kd_text_trim(kida_str text);
kida_str kd_text_trim_end(kida_str text);

/* Bytes of the line break that starts at p < end, "\r\n" being one; 0 if there is none. */
size_t kd_text_break(const char *p, const char *end);

/* The first line of text, its break included; text is moved behind it. */
kida_str kd_text_take_line(kida_str *text);

/* A line without the break at its end. */
kida_str kd_text_chomp(kida_str line);

/* Charges the render for a look at every byte of text. */
kida_status kd_text_spend(kida_call *call, kida_str text);

/* A failure of kind ValueError, K-RUN-007, with a fixed message. */
kida_status kd_fail_value(kida_call *call, const char *message);

#endif
