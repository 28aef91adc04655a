/* SPDX-License-Identifier: MIT */
/* text.c - slices of UTF-8 text that several filters cut alike. */
#include <kida/unicode.h>

#include "text.h"

/* A step of the budget stands for an instruction, which takes as long as this many bytes. */
#define BYTES_PER_STEP 64

static bool
is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* A printable ASCII character is no space: what most texts begin and end with. */
static bool
is_graph(char byte)
{
    return byte > ' ' && (unsigned char)byte < 0x7f;
}

size_t
kd_text_offset(kida_str text, uint64_t count)
{
    size_t at = 0;
    while (at < text.len && count > 0) {
        at++;
        while (at < text.len && is_continuation(text.ptr[at]))
            at++;
        count--;
    }
    return at;
}

kida_str
kd_text_trim_end(kida_str text)
{
    while (text.len > 0 && !is_graph(text.ptr[text.len - 1])) {
        size_t start = text.len - 1;
        while (start > 0 && is_continuation(text.ptr[start]))
            start--;
        const char *p = text.ptr + start;
        if (!kida_unicode_is_space(kida_utf8_next(&p, text.ptr + text.len)))
            break;
        text.len = start;
    }
    return text;
}

kida_str
kd_text_trim(kida_str text)
{
    const char *end = text.ptr + text.len;
    while (text.ptr < end && !is_graph(text.ptr[0])) {
        const char *p = text.ptr;
        if (!kida_unicode_is_space(kida_utf8_next(&p, end)))
            break;
        text.ptr = p;
    }
    text.len = (size_t)(end - text.ptr);
    return kd_text_trim_end(text);
}

size_t
kd_text_break(const char *p, const char *end)
{
    unsigned char first = (unsigned char)p[0];
    if (first == '\r')
        return end - p > 1 && p[1] == '\n' ? 2 : 1;
    if ((first >= '\n' && first <= '\f') || (first >= 0x1c && first <= 0x1e))
        return 1;
    if (first == 0xc2) /* U+0085 */
        return (unsigned char)p[1] == 0x85 ? 2 : 0;
    if (first == 0xe2 && (unsigned char)p[1] == 0x80) /* U+2028, U+2029 */
        return ((unsigned char)p[2] & 0xfe) == 0xa8 ? 3 : 0;
    return 0;
}

kida_str
kd_text_take_line(kida_str *text)
{
    kida_str line = *text;
    const char *p = text->ptr;
    const char *end = p + text->len;
    size_t mark = 0;

    while (p < end && mark == 0) {
        mark = kd_text_break(p, end);
        p += mark > 0 ? mark : 1;
    }
    line.len = (size_t)(p - line.ptr);
    text->ptr = p;
    text->len = (size_t)(end - p);
    return line;
}

kida_str
kd_text_chomp(kida_str line)
{
    const char *end = line.ptr + line.len;

    for (size_t i = line.len > 3 ? line.len - 3 : 0; i < line.len; i++) {
        size_t mark = kd_text_break(line.ptr + i, end);
        if (mark > 0 && i + mark == line.len)
            line.len = i;
    }
    return line;
}

kida_status
kd_text_spend(kida_call *call, kida_str text)
{
    return text.len < BYTES_PER_STEP ? KIDA_OK : kida_spend(call, text.len / BYTES_PER_STEP);
}

kida_status
kd_fail_value(kida_call *call, const char *message)
{
    return kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError", "%s", message);
}
