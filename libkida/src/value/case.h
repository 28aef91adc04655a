/* SPDX-License-Identifier: MIT */
/* case.h - letter case of whole texts by the full mappings of Unicode. */
#ifndef KD_CASE_H
#define KD_CASE_H

#include "value/call.h"

/* Each appends the text in another case to buf. */
void kd_case_upper(kida_buf *buf, kida_str text);
void kd_case_lower(kida_buf *buf, kida_str text); /* with the final sigma of Greek */
void kd_case_title(kida_buf *buf, kida_str text);
void kd_case_capitalize(kida_buf *buf, kida_str text);
void kd_case_fold(kida_buf *buf, kida_str text);
void kd_case_swap(kida_buf *buf, kida_str text);

#endif
