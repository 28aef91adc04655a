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

/* What to do, where the place of failure has nothing better to say. */
static const struct {
    kida_status status;
    const char *hint;
} default_hints[] = {
    { KIDA_E_LIMIT_TIME, "look for a loop that never ends, or raise limits.time_ms" },
    { KIDA_E_LIMIT_OUTPUT, "look for a loop that never ends, or raise limits.output" },
    { KIDA_E_LIMIT_MEMORY, "look for values that grow in a loop, or raise limits.arena" },
    { KIDA_E_LIMIT_DEPTH, "look for a def or block that calls itself without an end" },
    { KIDA_E_LEX_TOKENS, "split the template: include or import parts of it" },
    { KIDA_E_PARSE, "compare the tag with its form in the language reference" },
    { KIDA_E_EXPRESSION, "look for a missing or surplus operand, comma or bracket before it" },
    { KIDA_E_BLOCK_NAME, "give one of them another name" },
    { KIDA_E_NOT_FOUND, "look at the name and at the roots of the loader" },
    { KIDA_E_CIRCULAR, "move what both need into a third template" },
    { KIDA_E_REQUIRED, "pass the value to the render, or use default('…') in place of require" },
    { KIDA_E_NONE, "the value is none: give a default with ?? or test it with 'is none' before" },
    { KIDA_E_INCLUDE_DEPTH, "look for templates that include each other, or raise "
                            "limits.include_depth" },
    { KIDA_E_RUNTIME, "check the value in the marked expression" },
    { KIDA_E_IMPORT_NAME, "only defs, regions and functions can be imported by name" },
    { KIDA_E_KEY, "for an optional key write {{ d['key'] ?? '' }} or {{ d.get('key') }}" },
    { KIDA_E_ZERO_DIVISION, "test the divisor first: {{ a / b if b else 0 }}" },
    { KIDA_E_TYPE, "look at the kinds of the values here: {{ value | typeof }} prints one" },
    { KIDA_E_SEC_TYPE, "templates that are trusted render without a sandbox" },
    { KIDA_E_SEC_RANGE, "use a shorter range, or raise max_range of the sandbox" },
    { KIDA_E_SEC_CALL, "only defs and registered functions can be called in the sandbox" },
    { KIDA_E_SEC_OUTPUT, "print less, or raise max_output of the sandbox" },
};

void
kd_error_default_hint(kida_error *err)
{
    for (size_t i = 0; i < KD_COUNT(default_hints) && err->hint[0] == '\0'; i++)
        if (default_hints[i].status == err->status)
            kd_copy_text(err->hint, sizeof(err->hint), kida_str_from(default_hints[i].hint));
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
