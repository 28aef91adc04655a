/* SPDX-License-Identifier: MIT */
/* report.c - the words of a failure. */
#include "runner.h"

#include <stdio.h>
#include <string.h>

enum { BEFORE = 24, AFTER = 48 };

void
conf_note(conf_result *result, const char *format, ...)
{
    size_t room = sizeof(result->detail) - result->len;
    va_list args;

    va_start(args, format);
    int wanted = vsnprintf(result->detail + result->len, room, format, args);
    va_end(args);
    if (wanted > 0)
        result->len += (size_t)wanted < room ? (size_t)wanted : room - 1;
}

void
conf_note_text(conf_result *result, kida_str text, size_t max)
{
    size_t len = text.len < max ? text.len : max;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '\n')
            conf_note(result, "\\n");
        else if (c < 0x20 || c == 0x7f)
            conf_note(result, "\\x%02x", c);
        else
            conf_note(result, "%c", c);
    }
    if (len < text.len)
        conf_note(result, "… (%zu bytes)", text.len);
}

/* A little of text around position at; never cuts a code point in two. */
static void
note_window(conf_result *result, const char *label, kida_str text, size_t at)
{
    size_t from = at > BEFORE ? at - BEFORE : 0;
    size_t to = text.len - at > AFTER ? at + AFTER : text.len;
    while (from > 0 && ((unsigned char)text.ptr[from] & 0xc0) == 0x80)
        from--;
    while (to < text.len && ((unsigned char)text.ptr[to] & 0xc0) == 0x80)
        to++;
    kida_str window = { text.ptr + from, to - from };
    conf_note(result, "    %s %s[", label, from > 0 ? "…" : "");
    conf_note_text(result, window, window.len);
    conf_note(result, "]%s\n", to < text.len ? "…" : "");
}

void
conf_note_difference(conf_result *result, kida_str want, kida_str got)
{
    size_t shorter = want.len < got.len ? want.len : got.len;
    size_t at = 0;
    size_t line = 1;

    while (at < shorter && want.ptr[at] == got.ptr[at]) {
        if (want.ptr[at] == '\n')
            line++;
        at++;
    }
    if (line > 1)
        conf_note(result, "    outputs part at byte %zu, in line %zu of the output\n", at, line);
    note_window(result, "want", want, at);
    note_window(result, "got ", got, at);
}
