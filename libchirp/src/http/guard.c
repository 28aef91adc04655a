/* SPDX-License-Identifier: MIT */
/* guard.c - the octets of request lines, field sections and chunk lines. */
#include "http/guard.h"

#include <string.h>

#include "config/alloc.h"
#include "config/text.h"
#include "http/method.h"

#define METHOD_LEN_MAX 32
#define VERSION_LEN_MAX 16

/* ---- collecting ------------------------------------------------------------------------------ */

void
ch_collect_init(ch_collect *bytes, ch_arena *arena)
{
    memset(bytes, 0, sizeof(*bytes));
    bytes->arena = arena;
}

/* Appends; false when out of memory. Callers have checked their limit before. */
static bool
collect(ch_collect *bytes, const char *data, size_t len)
{
    if (bytes->room - bytes->len < len) {
        size_t need, room = bytes->room == 0 ? 512 : bytes->room;
        if (!ch_size_add(bytes->len, len, &need))
            return false;
        while (room < need) {
            if (!ch_size_mul(room, 2, &room))
                return false;
        }
        char *grown = ch_arena_grow(bytes->arena, bytes->data, bytes->room, room);
        if (grown == NULL)
            return false;
        bytes->data = grown;
        bytes->room = room;
    }
    memcpy(bytes->data + bytes->len, data, len);
    bytes->len += len;
    return true;
}

/* Bytes up to and with the first LF, or all; *has_end tells which. */
static size_t
line_piece(const char *data, size_t len, bool *has_end)
{
    const char *end = memchr(data, '\n', len);
    *has_end = end != NULL;
    return end == NULL ? len : (size_t)(end - data) + 1;
}

/* ---- request line ---------------------------------------------------------------------------- */

void
ch_line_init(ch_line *line, ch_arena *arena, size_t max_target)
{
    memset(line, 0, sizeof(*line));
    ch_collect_init(&line->bytes, arena);
    line->max_target = max_target;
}

/* Judges one byte of a request line; the part it belongs to is known by the spaces before it. */
static ch_reject
line_byte(ch_line *line, char c)
{
    static const ch_reject odd_byte[] = { CH_REJECT_REQUEST_LINE, CH_REJECT_TARGET,
                                          CH_REJECT_REQUEST_LINE };
    if (line->bytes.after_cr)
        return c == '\n' ? CH_REJECT_NONE : CH_REJECT_LINE_END;
    if (c == '\n')
        return CH_REJECT_LINE_END;
    if (c == '\r') {
        line->bytes.after_cr = true;
        return CH_REJECT_NONE;
    }
    if (c == ' ') {
        if (line->part == 0 || line->spaces == 2)
            return CH_REJECT_REQUEST_LINE;
        line->spaces++;
        line->part = 0;
        return CH_REJECT_NONE;
    }
    line->part++;
    if (line->spaces == 0 && line->part > METHOD_LEN_MAX)
        return CH_REJECT_METHOD;
    if (line->spaces == 1 && line->part > line->max_target)
        return CH_REJECT_TARGET_SIZE;
    if (line->spaces == 2 && line->part > VERSION_LEN_MAX)
        return CH_REJECT_VERSION;
    if ((unsigned char)c < 0x21 || (unsigned char)c > 0x7e)
        return odd_byte[line->spaces];
    return CH_REJECT_NONE;
}

ch_reject
ch_line_feed(ch_line *line, const char *data, size_t len, size_t *used, bool *done)
{
    size_t count = line_piece(data, len, done);
    *used = count;
    for (size_t i = 0; i < count; i++) {
        ch_reject reason = line_byte(line, data[i]);
        if (reason != CH_REJECT_NONE)
            return reason;
    }
    return collect(&line->bytes, data, count) ? CH_REJECT_NONE : CH_REJECT_MEMORY;
}

ch_reject
ch_line_split(const ch_line *line, kida_str *method, kida_str *target, bool *is_http10)
{
    kida_str text = { line->bytes.data, line->bytes.len - 2 };
    size_t first = ch_str_find(text, ' ', 0);
    *method = ch_str_slice(text, 0, first);
    if (first == text.len)
        return CH_REJECT_REQUEST_LINE;
    size_t second = ch_str_find(text, ' ', first + 1);
    *target = ch_str_slice(text, first + 1, second);
    ch_method known;
    if (second == text.len) {
        /* `GET /`: the oldest HTTP, which has no version. */
        return ch_method_find(*method, &known) && target->len > 0 ? CH_REJECT_VERSION
                                                                  : CH_REJECT_REQUEST_LINE;
    }
    kida_str version = ch_str_slice(text, second + 1, text.len);
    if (version.len == 0)
        return CH_REJECT_REQUEST_LINE;
    if (!ch_method_find(*method, &known))
        return CH_REJECT_METHOD;
    *is_http10 = kida_str_equal(version, KIDA_S("HTTP/1.0"));
    if (!*is_http10 && !kida_str_equal(version, KIDA_S("HTTP/1.1")))
        return CH_REJECT_VERSION;
    return CH_REJECT_NONE;
}

/* ---- field sections -------------------------------------------------------------------------- */

/* Control bytes but HTAB, and DEL. CR and LF are told apart by the caller. */
static bool
is_control(char c)
{
    unsigned char byte = (unsigned char)c;
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

/* Length of the part of piece from `from` on, in steps of eight bytes, that has no control byte for
 * certain: most of a header is passed over here. */
static size_t
skip_plain(const char *piece, size_t from, size_t count)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    size_t at = from;
    while (count - at >= 8) {
        uint64_t word;
        memcpy(&word, piece + at, 8);
        uint64_t dels = word ^ (ones * 0x7f);
        uint64_t below_space = (word - ones * 0x20) & ~word & tops;
        if ((below_space | ((dels - ones) & ~dels & tops)) != 0)
            break;
        at += 8;
    }
    return at - from;
}

/* Whether the line being collected, continued by count bytes of piece, has its colon yet. */
static bool
has_colon(const ch_section *section, const char *piece, size_t count)
{
    size_t before = section->bytes.len - section->line_start;
    return (before > 0 &&
            memchr(section->bytes.data + section->line_start, ':', before) != NULL) ||
           memchr(piece, ':', count) != NULL;
}

static ch_reject
scan_piece(ch_section *section, const char *piece, size_t count)
{
    if (count > 0 && section->bytes.len == section->line_start &&
        (piece[0] == ' ' || piece[0] == '\t'))
        return CH_REJECT_FOLD;
    for (size_t i = 0; i < count; i++) {
        if (!section->bytes.after_cr)
            i += skip_plain(piece, i, count);
        if (i == count)
            break;
        char c = piece[i];
        if (!is_control(c) && !section->bytes.after_cr)
            continue;
        if (section->bytes.after_cr != (c == '\n'))
            return CH_REJECT_LINE_END;
        if (c == '\n')
            section->bytes.after_cr = false;
        else if (c == '\r')
            section->bytes.after_cr = true;
        else
            return has_colon(section, piece, i) ? CH_REJECT_FIELD_VALUE : CH_REJECT_FIELD_NAME;
    }
    return CH_REJECT_NONE;
}

/* Appends a piece and moves the fields' slices along if the bytes have moved. */
static bool
append(ch_section *section, const char *piece, size_t count)
{
    const char *old = section->bytes.data;
    if (!collect(&section->bytes, piece, count))
        return false;
    const char *now = section->bytes.data;
    if (old == NULL || old == now)
        return true;
    for (size_t i = 0; i < section->fields->count; i++) {
        ch_pair *field = &section->fields->items[i];
        field->name.ptr = now + (field->name.ptr - old);
        field->value.ptr = now + (field->value.ptr - old);
    }
    return true;
}

/* Turns the tabs around a value into spaces: llhttp 8 takes a coding or `close` with a tab beside
 * it for another word (PA-1). */
static void
blank_tabs(ch_section *section, kida_str line, size_t colon, kida_str value)
{
    char *bytes = section->bytes.data + (line.ptr - section->bytes.data);
    size_t start = (size_t)(value.ptr - line.ptr), end = start + value.len;
    memset(bytes + colon + 1, ' ', start - colon - 1);
    memset(bytes + end, ' ', line.len - end);
}

/* Reads the line just completed; *done if it is the empty one. */
static ch_reject
end_line(ch_section *section, bool *done)
{
    kida_str line = { section->bytes.data + section->line_start,
                      section->bytes.len - section->line_start - 2 };
    section->line_start = section->bytes.len;
    if (line.len == 0) {
        *done = true;
        return CH_REJECT_NONE;
    }
    size_t colon = ch_str_find(line, ':', 0);
    kida_str name = ch_str_slice(line, 0, colon);
    if (colon == line.len || !ch_token_is_valid(name))
        return CH_REJECT_FIELD_NAME;
    kida_str value = ch_str_trim(ch_str_slice(line, colon + 1, line.len));
    blank_tabs(section, line, colon, value);
    kida_status st = ch_headers_push(section->fields, name, value);
    if (st == KIDA_E_LIMIT_MEMORY)
        return section->count_reason;
    return st == KIDA_OK ? CH_REJECT_NONE : CH_REJECT_MEMORY;
}

ch_reject
ch_section_feed(ch_section *section, const char *data, size_t len, size_t *used, bool *done)
{
    size_t at = 0;
    *done = false;
    while (at < len && !*done) {
        bool has_end;
        size_t count = line_piece(data + at, len - at, &has_end);
        size_t in_line = section->bytes.len - section->line_start;
        size_t line_room = section->max_line + 2 - in_line;
        size_t room = section->max_size - section->bytes.len;
        if (line_room < room)
            room = line_room;
        bool is_over = count > room;
        if (is_over)
            count = room;

        ch_reject reason = scan_piece(section, data + at, count);
        if (reason != CH_REJECT_NONE)
            return reason;
        if (is_over)
            return section->size_reason;
        if (!append(section, data + at, count))
            return CH_REJECT_MEMORY;
        at += count;
        reason = has_end ? end_line(section, done) : CH_REJECT_NONE;
        if (reason != CH_REJECT_NONE)
            return reason;
    }
    *used = at;
    return CH_REJECT_NONE;
}

bool
ch_trailer_is_allowed(kida_str name)
{
    static const kida_str forbidden[] = {
        KIDA_S_INIT("authorization"),    KIDA_S_INIT("cache-control"),
        KIDA_S_INIT("connection"),       KIDA_S_INIT("content-encoding"),
        KIDA_S_INIT("content-length"),   KIDA_S_INIT("content-range"),
        KIDA_S_INIT("content-type"),     KIDA_S_INIT("cookie"),
        KIDA_S_INIT("expect"),           KIDA_S_INIT("forwarded"),
        KIDA_S_INIT("host"),             KIDA_S_INIT("keep-alive"),
        KIDA_S_INIT("max-forwards"),     KIDA_S_INIT("origin"),
        KIDA_S_INIT("pragma"),           KIDA_S_INIT("proxy-authorization"),
        KIDA_S_INIT("proxy-connection"), KIDA_S_INIT("range"),
        KIDA_S_INIT("referer"),          KIDA_S_INIT("set-cookie"),
        KIDA_S_INIT("te"),               KIDA_S_INIT("trailer"),
        KIDA_S_INIT("transfer-encoding"), KIDA_S_INIT("upgrade"),
    };
    for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
        if (ch_str_iequal(name, forbidden[i]))
            return false;
    }
    return true;
}

/* ---- chunk lines ----------------------------------------------------------------------------- */

ch_reject
ch_chunk_feed(ch_collect *bytes, const char *data, size_t len, size_t *used, bool *done)
{
    size_t count = line_piece(data, len, done);
    *used = count;
    for (size_t i = 0; i < count; i++) {
        char c = data[i];
        if (bytes->after_cr != (c == '\n'))
            return CH_REJECT_CHUNK;
        if (c == '\r')
            bytes->after_cr = true;
        else if (c != '\n' && bytes->len + i >= CH_CHUNK_LINE_MAX)
            return CH_REJECT_CHUNK_EXT;
        else if (c != '\n' && is_control(c))
            return CH_REJECT_CHUNK;
    }
    return collect(bytes, data, count) ? CH_REJECT_NONE : CH_REJECT_MEMORY;
}

/* End of the token that starts at from; from if there is none. */
static size_t
skip_token(kida_str line, size_t from)
{
    while (from < line.len && ch_token_char(line.ptr[from]))
        from++;
    return from;
}

/* End of the quoted text that starts at from; 0 if it is never closed. */
static size_t
skip_quoted(kida_str line, size_t from)
{
    for (size_t i = from + 1; i < line.len; i++) {
        if (line.ptr[i] == '"')
            return i + 1;
        if (line.ptr[i] == '\\')
            i++;
    }
    return 0;
}

/* Whether text from `at` on is any number of ;name, ;name=token, ;name="text". */
static bool
extensions_are_valid(kida_str line, size_t at)
{
    while (at < line.len) {
        size_t end = skip_token(line, at + 1);
        if (line.ptr[at] != ';' || end == at + 1)
            return false;
        at = end;
        if (at == line.len || line.ptr[at] != '=')
            continue;
        size_t start = at + 1;
        bool is_quoted = start < line.len && line.ptr[start] == '"';
        at = is_quoted ? skip_quoted(line, start) : skip_token(line, start);
        if (at <= start)
            return false;
    }
    return true;
}

ch_reject
ch_chunk_parse(kida_str line, uint64_t *size, size_t *ext_len)
{
    size_t at = 0, digits = 0;
    uint64_t number = 0;
    for (; at < line.len && ch_hex_value(line.ptr[at]) >= 0; at++) {
        number = number * 16 + (uint64_t)ch_hex_value(line.ptr[at]);
        if (digits > 0 || number > 0)
            digits++; /* leading zeros do not count (CK-3) */
        if (digits > 15)
            return CH_REJECT_CHUNK;
    }
    if (at == 0 || !extensions_are_valid(line, at))
        return CH_REJECT_CHUNK;
    *size = number;
    *ext_len = line.len - at;
    return CH_REJECT_NONE;
}
