/* SPDX-License-Identifier: MIT */
/*
 * fuzz_response.c - whatever an app puts into headers, cookies and events is refused or stays where
 * it was put: no line more than asked for, no control byte on the wire.
 *
 * Input: a status byte, then texts, each a length byte with that many bytes.
 */
#define _GNU_SOURCE
#include "values.h"

#include <string.h>

#include "http/cookie.h"
#include "http/head.h"
#include "sse/sse.h"

/* Lines of a head, each ended by CR LF and free of other controls, up to the empty one. */
static size_t
count_lines(kida_str head)
{
    size_t lines = 0, start = 0;
    FUZZ_CHECK(head.len >= 4 && memcmp(head.ptr + head.len - 4, "\r\n\r\n", 4) == 0);
    for (size_t i = 0; i < head.len; i++) {
        unsigned char c = (unsigned char)head.ptr[i];
        FUZZ_CHECK(c >= 0x20 || c == '\t' || c == '\r' || c == '\n');
        FUZZ_CHECK(c != 0x7f && (c == '\n') == (i > 0 && head.ptr[i - 1] == '\r'));
        if (c != '\n')
            continue;
        FUZZ_CHECK(i - start > 1 || i + 1 == head.len);
        FUZZ_CHECK(lines == 0 || i - start == 1 ||
                   memchr(head.ptr + start, ':', i - start) != NULL);
        lines += i - start > 1;
        start = i + 1;
    }
    return lines;
}

static void
write_head(fuzz_input *in, ch_headers *own)
{
    kida_error err;
    kida_buf out;
    ch_head head = { .status = 100u + fuzz_byte(in) * 3u,
                     .keep_alive = true,
                     .headers = own,
                     .framing = (ch_framing)fuzz_below(in, 3),
                     .is_http10 = fuzz_byte(in) & 1 };
    head.content_type = fuzz_bytes(in, 64);
    head.request_id = fuzz_bytes(in, 64);
    head.intent = fuzz_bytes(in, 16);
    kida_error_init(&err);
    kida_buf_init_heap(&out, NULL, FUZZ_OUT_MAX);
    kida_status st = ch_head_write(&out, &head, &err);
    FUZZ_CHECK(st == KIDA_OK || kida_buf_str(&out).len == 0);
    /* Status line, three of its own, framing, connection. */
    FUZZ_CHECK(st != KIDA_OK || count_lines(kida_buf_str(&out)) <= own->count + 6);
    kida_buf_free(&out);
}

/* One event: a parser of event streams finds one, with as many lines of data as the text has. */
static void
write_event(fuzz_input *in)
{
    kida_buf out;
    chirp_event event = { .event = fuzz_bytes(in, 32),
                          .id = fuzz_bytes(in, 32),
                          .data = fuzz_bytes(in, 255) };
    kida_buf_init_heap(&out, NULL, FUZZ_OUT_MAX);
    if (ch_event_write(&out, &event) == KIDA_OK) {
        kida_str text = kida_buf_str(&out);
        size_t lines = 0;
        for (size_t i = 0; i < event.data.len; i++)
            lines += event.data.ptr[i] == '\r' ||
                     (event.data.ptr[i] == '\n' && (i == 0 || event.data.ptr[i - 1] != '\r'));
        size_t want = lines + 2 + (event.event.len > 0) + (event.id.ptr != NULL), ends = 0;
        for (size_t i = 0; i < text.len; i++)
            ends += text.ptr[i] == '\n';
        FUZZ_CHECK(ends == want && memchr(text.ptr, '\r', text.len) == NULL);
        FUZZ_CHECK(text.len >= 2 && memcmp(text.ptr + text.len - 2, "\n\n", 2) == 0);
        FUZZ_CHECK(memmem(text.ptr, text.len - 1, "\n\n", 2) == NULL);
    }
    kida_buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = { data, size };
    kida_error err;
    ch_arena arena;
    ch_headers own;
    kida_error_init(&err);
    ch_arena_init(&arena, NULL, 1024, 1u << 20);
    ch_headers_init(&own, &arena, 8);
    for (size_t i = 0; i < 3; i++) {
        kida_str name = fuzz_bytes(&in, 32), value = fuzz_bytes(&in, 64);
        kida_status st = i == 1 ? ch_headers_set(&own, name, value, &err)
                                : ch_headers_add(&own, name, value, &err);
        FUZZ_CHECK(st == KIDA_OK || st == KIDA_E_USAGE);
    }
    kida_buf cookie;
    kida_buf_init_heap(&cookie, NULL, FUZZ_OUT_MAX);
    ch_cookie set = { .name = fuzz_bytes(&in, 32),
                      .value = fuzz_bytes(&in, 64),
                      .path = fuzz_bytes(&in, 32),
                      .domain = fuzz_bytes(&in, 32) };
    if (ch_cookie_write(&cookie, &set, &err) == KIDA_OK) {
        kida_str text = kida_buf_str(&cookie);
        size_t parts = 0;
        for (size_t i = 0; i < text.len; i++)
            parts += text.ptr[i] == ';';
        FUZZ_CHECK(parts == 3u + (set.domain.len > 0));
        FUZZ_CHECK(ch_headers_add(&own, KIDA_S("set-cookie"), text, &err) == KIDA_OK);
    }
    write_head(&in, &own);
    write_event(&in);
    kida_buf_free(&cookie);
    ch_arena_clear(&arena);
    return 0;
}
