/* SPDX-License-Identifier: MIT */
/* terminal_text.c - text on a terminal: which escape sequences output lets through, and how many
 * columns a text takes. */
#include <string.h>

#include <kida/unicode.h>

#include "terminal.h"
#include "text.h"
#include "width_tables.h"

#define ESC '\x1b'
#define BEL '\x07'

/* ---- sanitising ---------------------------------------------------------------------------- */

static bool
is_between(char byte, char first, char last)
{
    return byte >= first && byte <= last;
}

/* Bytes of the control sequence at p, which starts with ESC and '['; 0 if it is none. *sgr tells
 * whether it only sets colours and the like. */
static size_t
control_sequence(const char *p, const char *end, bool *sgr)
{
    const char *at = p + 2;
    bool plain = true;

    while (at < end && is_between(*at, 0x30, 0x3f)) {
        plain = plain && (is_between(*at, '0', '9') || *at == ';');
        at++;
    }
    while (at < end && is_between(*at, 0x20, 0x2f)) {
        plain = false;
        at++;
    }
    if (at == end || !is_between(*at, 0x40, 0x7e))
        return 0;
    *sgr = plain && *at == 'm';
    return (size_t)(at + 1 - p);
}

/* Bytes of the operating system command at p, be it closed or not. */
static size_t
system_command(const char *p, const char *end)
{
    const char *at = p + 2;

    while (at < end && *at != BEL && *at != ESC)
        at++;
    if (at < end && *at == BEL)
        at++;
    else if (end - at >= 2 && at[1] == '\\')
        at += 2;
    return (size_t)(at - p);
}

/* Bytes at p, an ESC, that must not reach a terminal; 0: they may. */
static size_t
harmful(const char *p, const char *end)
{
    bool sgr = false;
    size_t len = 0;

    if (end - p < 2)
        return 0;
    if (p[1] == '[')
        len = control_sequence(p, end, &sgr);
    else if (p[1] == ']')
        len = system_command(p, end);
    if (len == 0 && is_between(p[1], 0x40, 0x5f))
        len = 2;
    return sgr ? 0 : len;
}

void
kd_put_sanitised(kida_buf *buf, kida_str text)
{
    const char *p = text.len > 0 ? text.ptr : "";
    const char *end = p + text.len;
    const char *done = p;

    while (p < end && (p = memchr(p, ESC, (size_t)(end - p))) != NULL) {
        size_t len = harmful(p, end);
        if (len == 0) {
            p++;
            continue;
        }
        kida_buf_put(buf, (kida_str){ done, (size_t)(p - done) });
        p += len;
        done = p;
    }
    kida_buf_put(buf, (kida_str){ done, (size_t)(end - done) });
}

kida_status
kd_put_shown(kida_call *call, kida_buf *buf, kida_value v)
{
    kida_str text;
    kida_status st = kida_to_str(call, v, &text);

    if (st == KIDA_OK)
        st = kd_text_spend(call, text);
    if (st != KIDA_OK)
        return st;
    if (kida_is_styled(v))
        kida_buf_put(buf, text);
    else
        kd_put_sanitised(buf, text);
    return kida_buf_status(buf);
}

kida_status
kd_shown(kida_call *call, kida_value v, kida_str *out)
{
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_status st = kd_put_shown(call, &buf, v);
    if (st == KIDA_OK)
        *out = kida_buf_str(&buf);
    return st;
}

/* ---- widths -------------------------------------------------------------------------------- */

static bool
is_in(const code_range *ranges, size_t count, uint32_t cp)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ranges[middle].last < cp)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && ranges[low].first <= cp;
}

#define IS_IN(ranges, cp) is_in(ranges, sizeof(ranges) / sizeof((ranges)[0]), cp)

static size_t
width_of(const kd_terminal *terminal, uint32_t cp)
{
    if (cp < 0x7f)
        return 1;
    if ((cp >= 0xfe00 && cp <= 0xfe0f) || (cp >= 0xe0100 && cp <= 0xe01ef))
        return 0;
    if (IS_IN(wide, cp))
        return 2;
    return terminal->ambiguous != 1 && IS_IN(ambiguous, cp) ? terminal->ambiguous : 1;
}

void
kd_pieces_start(kd_pieces *pieces, const kd_terminal *terminal, kida_str text)
{
    const char *start = text.len > 0 ? text.ptr : "";
    *pieces = (kd_pieces){ .at = start, .end = start + text.len, .terminal = terminal };
}

/* First 'm' from p on, or the end. */
static const char *
find_m(kd_pieces *pieces, const char *p)
{
    if (pieces->next_m == NULL || pieces->next_m < p) {
        const char *m = memchr(p, 'm', (size_t)(pieces->end - p));
        pieces->next_m = m != NULL ? m : pieces->end;
    }
    return pieces->next_m;
}

/* First end of an operating system command from p on, or the end of the text. */
static const char *
find_stop(kd_pieces *pieces, const char *p)
{
    if (pieces->next_stop == NULL || pieces->next_stop < p) {
        while (p < pieces->end && *p != BEL &&
               !(*p == ESC && pieces->end - p >= 2 && p[1] == '\\'))
            p++;
        pieces->next_stop = p;
    }
    return pieces->next_stop;
}

/* Behind the first letter from p on; NULL if there is none. */
static const char *
behind_letter(kd_pieces *pieces, const char *p)
{
    if (pieces->no_letter)
        return NULL;
    while (p < pieces->end && !is_between((char)(*p | 0x20), 'a', 'z'))
        p++;
    pieces->no_letter = p == pieces->end;
    return p < pieces->end ? p + 1 : NULL;
}

/* Bytes of the sequence at the place of the walk, an ESC; 0 if it is none. What has no width is
 * drawn wider than what output lets through. */
static size_t
sequence_length(kd_pieces *pieces)
{
    const char *p = pieces->at;
    const char *stop = NULL;

    if (pieces->end - p < 2)
        return 0;
    if (p[1] == ']') {
        stop = find_stop(pieces, p + 2);
        stop = stop < pieces->end ? stop + (*stop == BEL ? 1 : 2) : NULL;
    } else if (p[1] == '[') {
        stop = find_m(pieces, p + 2);
        stop = stop < pieces->end ? stop + 1 : behind_letter(pieces, p + 2);
    }
    return stop != NULL ? (size_t)(stop - p) : 0;
}

bool
kd_pieces_next(kd_pieces *pieces, kd_piece *piece)
{
    static const char text_form[] = "\xef\xb8\x8e"; /* U+FE0E: the glyph before it is narrow */
    const char *start = pieces->at;

    if (start >= pieces->end)
        return false;
    size_t len = *start == ESC ? sequence_length(pieces) : 0;
    piece->sequence = len > 0;
    piece->width = 0;
    if (len > 0) {
        pieces->at += len;
    } else {
        piece->width = width_of(pieces->terminal, kida_utf8_next(&pieces->at, pieces->end));
        if (pieces->end - pieces->at >= 3 && memcmp(pieces->at, text_form, 3) == 0) {
            pieces->at += 3;
            piece->width = 1;
        }
    }
    piece->text = (kida_str){ start, (size_t)(pieces->at - start) };
    return true;
}

size_t
kd_display_width(const kd_terminal *terminal, kida_str text)
{
    kd_pieces pieces;
    kd_piece piece;
    size_t width = 0;

    kd_pieces_start(&pieces, terminal, text);
    while (kd_pieces_next(&pieces, &piece))
        width += piece.width;
    return width;
}

kida_str
kd_display_cut(const kd_terminal *terminal, kida_str text, size_t width)
{
    kd_pieces pieces;
    kd_piece piece;
    size_t used = 0;

    kd_pieces_start(&pieces, terminal, text);
    while (kd_pieces_next(&pieces, &piece)) {
        if (used + piece.width > width) {
            text.len = (size_t)(piece.text.ptr - text.ptr);
            break;
        }
        used += piece.width;
    }
    return text;
}

/* ---- building ------------------------------------------------------------------------------ */

void
kd_put_times(kida_buf *buf, kida_str text, int64_t count)
{
    if (text.len == 1) {
        kida_buf_fill(buf, text.ptr[0], count > 0 ? (uint64_t)count : 0);
        return;
    }
    for (; count > 0 && text.len > 0 && kida_buf_status(buf) == KIDA_OK; count--)
        kida_buf_put(buf, text);
}

kd_align
kd_align_of(kida_value v)
{
    kida_str name = kida_as_str(v);
    if (kida_str_equal(name, KIDA_S("right")))
        return KD_RIGHT;
    return kida_str_equal(name, KIDA_S("center")) ? KD_CENTER : KD_LEFT;
}

void
kd_put_padded(const kd_terminal *terminal, kida_buf *buf, kida_str text, int64_t width,
              kd_align align, kida_str fill)
{
    int64_t used = (int64_t)kd_display_width(terminal, text);
    int64_t missing = width > used ? width - used : 0;
    int64_t left = align == KD_RIGHT ? missing : align == KD_CENTER ? missing / 2 : 0;

    kd_put_times(buf, fill, left);
    kida_buf_put(buf, text);
    kd_put_times(buf, fill, missing - left);
}

kida_status
kd_finish_styled(kida_status st, kida_buf *buf, kida_value *out)
{
    if (st == KIDA_OK)
        st = kida_buf_finish(buf, out);
    if (st == KIDA_OK)
        *out = kida_styled(kida_as_str(*out));
    return st;
}
