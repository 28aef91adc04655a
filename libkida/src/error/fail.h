/* SPDX-License-Identifier: MIT */
/* fail.h - filling in a kida_error: the first cause stays, later callers only add context. */
#ifndef KD_FAIL_H
#define KD_FAIL_H

#include <kida/error.h>

/* Place in a source: what a syntax error or a run-time error points at. */
typedef struct kd_place {
    uint32_t line;   /* from 1; 0: not known */
    uint32_t column; /* code points, from 0 */
    uint32_t end;    /* column one behind, on the same line; 0: not known */
} kd_place;

/* Writes status, code, kind (by status) and message; err may be NULL. Returns status. */
kida_status kd_error_set(kida_error *err, kida_status status, const char *format, ...)
    KIDA_PRINTF(3, 4);
kida_status kd_error_setv(kida_error *err, kida_status status, const char *format, va_list args);
void kd_error_hint(kida_error *err, const char *format, ...) KIDA_PRINTF(2, 3);
/* Says what to do about this status, if there is no hint yet. */
void kd_error_default_hint(kida_error *err);
void kd_error_kind(kida_error *err, const char *kind);

/* Adds the place if there is none yet, with up to two lines of source before and after it. */
void kd_error_place(kida_error *err, kida_str template_name, kida_str source, kd_place place);

/* Adds one entry of the include/component stack. */
void kd_error_push(kida_error *err, const char *what, kida_str name, kida_str template_name,
                   uint32_t line);

/* Host kind of a status where nothing finer was said: "TypeError", "KeyError", … */
const char *kd_status_kind(kida_status status);

/* Copies text into a fixed field, cut at a code point boundary, NUL-ended. */
void kd_copy_text(char *out, size_t size, kida_str text);

#endif
