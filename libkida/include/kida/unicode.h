/* SPDX-License-Identifier: MIT */
/* unicode.h - code points and their properties, for filters that work on text. */
#ifndef KIDA_UNICODE_H
#define KIDA_UNICODE_H

#include "filter.h"

KIDA_BEGIN_DECLS

/**
 * The code point at *p, which is moved behind it. The text must be valid UTF-8 with *p < end, as
 * the text of every value is. Thread: any
 */
KIDA_API uint32_t kida_utf8_next(const char **p, const char *end);

/* Append text to buf in another case, by the full mappings of Unicode: the result may be longer.
 * title starts a word behind every character that has no case; capitalize changes the first
 * character only and lowers the rest.  Thread: owner of buf */
KIDA_API void kida_unicode_upper(kida_buf *buf, kida_str text);
KIDA_API void kida_unicode_lower(kida_buf *buf, kida_str text);
KIDA_API void kida_unicode_title(kida_buf *buf, kida_str text);
KIDA_API void kida_unicode_capitalize(kida_buf *buf, kida_str text);
KIDA_API void kida_unicode_casefold(kida_buf *buf, kida_str text);

/** Whether trimming and splitting take it for a space. Thread: any */
KIDA_API bool kida_unicode_is_space(uint32_t cp);

/** Whether it belongs to a word: letters, digits and other numbers of any script, underscore. */
KIDA_API bool kida_unicode_is_word(uint32_t cp);

/** Value of a decimal digit of any script, or -1. Thread: any */
KIDA_API int kida_unicode_decimal(uint32_t cp);

/** Terminal columns that it takes: 0, 1 or 2. Thread: any */
KIDA_API uint32_t kida_unicode_width(uint32_t cp);

/** 1 if text has letters with case and all of them are capital, -1 if all are small, else 0: what
 *  str.isupper and str.islower say. Thread: any */
KIDA_API int kida_unicode_case(kida_str text);

KIDA_END_DECLS

#endif
