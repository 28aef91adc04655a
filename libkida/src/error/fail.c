/* SPDX-License-Identifier: MIT */
/* fail.c - filling in an error record: cause first, then place and stack on the way up. */
#include "error/fail.h"

#include <stdio.h>
#include <string.h>

#include "memory/sizes.h"
#include "memory/str.h"

/* Length of text cut to room bytes, back to the end of a whole code point. */
static size_t
cut_length(const char *text, size_t len, size_t room)
{
    if (len <= room)
        return len;
    size_t cut = room;
    while (cut > 0 && ((unsigned char)text[cut] & 0xc0) == 0x80)
        cut--;
    return cut;
}

void
kd_copy_text(char *out, size_t size, kida_str text)
{
    if (size == 0)
        return;
    size_t len = cut_length(text.ptr, text.len, size - 1);
    if (len > 0)
        memcpy(out, text.ptr, len);
    out[len] = '\0';
}

/* vsnprintf may cut inside a code point: take the broken rest away. */
static void
write_text(char *out, size_t size, const char *format, va_list args)
{
    int wanted = vsnprintf(out, size, format, args);
    if (wanted < 0) {
        out[0] = '\0';
        return;
    }
    if ((size_t)wanted < size)
        return;
    size_t len = size - 1, start = len;
    while (start > 0 && len - start < 4 && ((unsigned char)out[start - 1] & 0xc0) == 0x80)
        start--;
    if (start > 0 && (unsigned char)out[start - 1] >= 0xc0)
        start--;
    kida_str last = { out + start, len - start };
    if (!kida_utf8_valid(last))
        out[start] = '\0';
}

kida_status
kd_error_setv(kida_error *err, kida_status status, const char *format, va_list args)
{
    if (!err)
        return status;
    kida_error_init(err);
    err->status = status;
    err->code = kida_status_code(status);
    err->kind = kd_status_kind(status);
    if (format)
        write_text(err->message, sizeof(err->message), format, args);
    else
        kd_copy_text(err->message, sizeof(err->message),
                     kida_str_from(kida_status_text(status)));
    return status;
}

kida_status
kd_error_set(kida_error *err, kida_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    kida_status st = kd_error_setv(err, status, format, args);
    va_end(args);
    return st;
}

void
kd_error_hint(kida_error *err, const char *format, ...)
{
    if (!err)
        return;
    va_list args;
    va_start(args, format);
    write_text(err->hint, sizeof(err->hint), format, args);
    va_end(args);
}

void
kd_error_kind(kida_error *err, const char *kind)
{
    if (err)
        err->kind = kind;
}

void
kd_error_push(kida_error *err, const char *what, kida_str name, kida_str template_name,
              uint32_t line)
{
    if (!err)
        return;
    err->stack_total++;
    if (err->stack_count == KIDA_ERROR_STACK_MAX)
        return;
    kida_error_frame *frame = &err->stack[err->stack_count++];
    kd_copy_text(frame->what, sizeof(frame->what), kida_str_from(what));
    kd_copy_text(frame->name, sizeof(frame->name), name);
    kd_copy_text(frame->template_name, sizeof(frame->template_name), template_name);
    frame->line = line;
}
