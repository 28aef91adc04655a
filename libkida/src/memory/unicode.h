/* SPDX-License-Identifier: MIT */
/* unicode.h - glue to utf8proc: case, categories, width; the one file that includes it. */
#ifndef KD_UNICODE_H
#define KD_UNICODE_H

#include <kida/base.h>

/* Full mapping of one code point: up to 3 results in out, returns how many. */
size_t kd_unicode_upper(uint32_t cp, uint32_t out[3]);
size_t kd_unicode_lower(uint32_t cp, uint32_t out[3]);
size_t kd_unicode_title(uint32_t cp, uint32_t out[3]);
size_t kd_unicode_fold(uint32_t cp, uint32_t out[3]);

bool kd_unicode_is_space(uint32_t cp);     /* the set W */
bool kd_unicode_is_break(uint32_t cp);     /* the set L */
bool kd_unicode_is_printable(uint32_t cp); /* Python's isprintable */
bool kd_unicode_is_alpha(uint32_t cp);
bool kd_unicode_is_decimal(uint32_t cp, int *digit);
bool kd_unicode_is_digit(uint32_t cp);
bool kd_unicode_is_numeric(uint32_t cp);
bool kd_unicode_is_upper(uint32_t cp);     /* Lu or Other_Uppercase */
bool kd_unicode_is_lower(uint32_t cp);
bool kd_unicode_is_title(uint32_t cp);     /* Lt */
bool kd_unicode_is_cased(uint32_t cp);
bool kd_unicode_is_case_ignorable(uint32_t cp);
bool kd_unicode_is_id_start(uint32_t cp);
bool kd_unicode_is_id_part(uint32_t cp);
int kd_unicode_width(uint32_t cp);         /* terminal columns: 0, 1, 2 */

#endif
