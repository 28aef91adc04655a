/* SPDX-License-Identifier: MIT */
/* target.c - targets, paths and hosts; percent-coding. Strict: what is doubtful is refused. */
#include "http/target.h"

#include <arpa/inet.h>
#include <string.h>

#include "config/alloc.h"
#include "config/text.h"

#define HOST_LEN_MAX 255
#define PORT_MAX 65535

static const kida_str missing = { NULL, 0 };

bool
ch_escapes_are_valid(kida_str text)
{
    for (size_t i = ch_str_find(text, '%', 0); i < text.len; i = ch_str_find(text, '%', i + 1)) {
        if (text.len - i < 3 || ch_hex_value(text.ptr[i + 1]) < 0 ||
            ch_hex_value(text.ptr[i + 2]) < 0)
            return false;
    }
    return true;
}

/* ---- target ---------------------------------------------------------------------------------- */

/* Whether text begins with lead, any case. */
static bool
begins_with(kida_str text, kida_str lead)
{
    return text.len >= lead.len && ch_str_iequal(ch_str_slice(text, 0, lead.len), lead);
}

/* Bytes that may stand nowhere in a target, and the backslash that may not stand in a path. */
static bool
bytes_are_valid(kida_str target)
{
    bool in_query = false;
    for (size_t i = 0; i < target.len; i++) {
        unsigned char c = (unsigned char)target.ptr[i];
        if (c <= 0x20 || c >= 0x7f || c == '"' || c == '<' || c == '>' || c == '#')
            return false;
        if (c == '\\' && !in_query)
            return false;
        in_query = in_query || c == '?';
    }
    return true;
}

ch_reject
ch_target_parse(kida_str target, bool is_options, ch_target *out)
{
    memset(out, 0, sizeof(*out));
    if (target.len == 0 || !bytes_are_valid(target))
        return CH_REJECT_TARGET;
    if (kida_str_equal(target, KIDA_S("*"))) {
        out->is_asterisk = true;
        out->path = target;
        return is_options ? CH_REJECT_NONE : CH_REJECT_TARGET;
    }

    kida_str rest = target;
    if (target.ptr[0] != '/') {
        size_t lead = begins_with(target, KIDA_S("http://")) ? 7 : 0;
        if (begins_with(target, KIDA_S("https://")))
            lead = 8;
        if (lead == 0)
            return CH_REJECT_TARGET;
        size_t end = lead;
        while (end < target.len && target.ptr[end] != '/' && target.ptr[end] != '?')
            end++;
        out->authority = ch_str_slice(target, lead, end);
        if (end == lead || ch_str_find(out->authority, '@', 0) < out->authority.len)
            return CH_REJECT_TARGET;
        rest = ch_str_slice(target, end, target.len);
    }

    size_t mark = ch_str_find(rest, '?', 0);
    out->path = mark == 0 ? KIDA_S("/") : ch_str_slice(rest, 0, mark);
    if (mark < rest.len)
        out->query = ch_str_slice(rest, mark + 1, rest.len);
    if (!ch_escapes_are_valid(rest))
        return CH_REJECT_ESCAPE;
    return CH_REJECT_NONE;
}

/* ---- path ------------------------------------------------------------------------------------ */

/* Writes text decoded; the number of bytes. Escapes must be valid. */
static size_t
decode_into(char *out, kida_str text, bool plus_is_space)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '%' && text.len - i > 2) {
            int high = ch_hex_value(text.ptr[i + 1]), low = ch_hex_value(text.ptr[i + 2]);
            if (high >= 0 && low >= 0) {
                c = (char)(unsigned char)(high * 16 + low);
                i += 2;
            }
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        out[len++] = c;
    }
    return len;
}

/* Whether a decoded text has a segment `.` or `..`, escaped slashes counted as slashes too. */
static bool
has_dot_segment(kida_str text)
{
    size_t start = 0;
    while (start <= text.len) {
        size_t end = ch_str_find(text, '/', start);
        if ((end - start == 1 && text.ptr[start] == '.') ||
            (end - start == 2 && text.ptr[start] == '.' && text.ptr[start + 1] == '.'))
            return true;
        start = end + 1;
    }
    return false;
}

/* Number of segments that are not empty. */
static size_t
count_segments(kida_str raw)
{
    size_t count = 0;
    for (size_t i = 0; i < raw.len; i++)
        count += raw.ptr[i] != '/' && (i == 0 || raw.ptr[i - 1] == '/');
    return count;
}

/* Splits raw at its slashes and decodes each segment into bytes, joined by one slash each, so that
 * a catch-all parameter is one slice over several segments. */
static void
split_segments(kida_str raw, char *bytes, kida_str *segments)
{
    size_t count = 0, len = 0, start = 0;
    while (start < raw.len) {
        size_t end = ch_str_find(raw, '/', start);
        if (end > start) {
            if (len > 0)
                bytes[len++] = '/';
            segments[count].ptr = bytes + len;
            segments[count].len = decode_into(bytes + len, ch_str_slice(raw, start, end), false);
            len += segments[count++].len;
        }
        start = end + 1;
    }
}

ch_reject
ch_path_parse(ch_arena *arena, kida_str raw, ch_path *out)
{
    size_t count = count_segments(raw);
    if (count > CH_SEGMENTS_MAX)
        return CH_REJECT_TARGET;
    char *text = ch_arena_alloc(arena, raw.len);
    char *bytes = ch_arena_alloc(arena, raw.len);
    kida_str *segments = ch_arena_array(arena, count, sizeof(*segments));
    if (text == NULL || bytes == NULL || segments == NULL)
        return CH_REJECT_MEMORY;

    out->text.ptr = text;
    out->text.len = decode_into(text, raw, false);
    if (ch_str_find(out->text, '\0', 0) < out->text.len || !kida_utf8_valid(out->text))
        return CH_REJECT_ESCAPE;
    if (has_dot_segment(out->text))
        return CH_REJECT_TARGET;
    split_segments(raw, bytes, segments);
    out->segments = segments;
    out->count = count;
    return CH_REJECT_NONE;
}

/* ---- host ------------------------------------------------------------------------------------ */

static bool
ipv6_is_valid(kida_str address)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr parsed;
    if (address.len == 0 || address.len >= sizeof(text))
        return false;
    memcpy(text, address.ptr, address.len);
    text[address.len] = '\0';
    return inet_pton(AF_INET6, text, &parsed) == 1;
}

/* Letters, digits, hyphen and underscore in labels of one byte or more. */
static bool
name_is_valid(kida_str name)
{
    bool label_empty = true;
    for (size_t i = 0; i < name.len; i++) {
        char c = ch_lower(name.ptr[i]);
        if (c == '.') {
            if (label_empty)
                return false;
            label_empty = true;
        } else if ((c >= 'a' && c <= 'z') || ch_is_digit(c) || c == '-' || c == '_') {
            label_empty = false;
        } else {
            return false;
        }
    }
    return !label_empty;
}

ch_reject
ch_host_parse(ch_arena *arena, kida_str authority, kida_str *host, uint32_t *port)
{
    bool is_ipv6 = authority.len > 0 && authority.ptr[0] == '[';
    size_t end = is_ipv6 ? ch_str_find(authority, ']', 0) + 1 : ch_str_find(authority, ':', 0);
    if (end > authority.len || end > HOST_LEN_MAX)
        return CH_REJECT_HOST;

    kida_str name = ch_str_slice(authority, 0, end);
    kida_str after = ch_str_slice(authority, end, authority.len);
    uint64_t number = 0;
    if (after.len > 1 && !ch_parse_uint(ch_str_slice(after, 1, after.len), PORT_MAX, &number))
        return CH_REJECT_HOST;
    if (after.len > 0 && after.ptr[0] != ':')
        return CH_REJECT_HOST;
    if (is_ipv6) {
        if (!ipv6_is_valid(ch_str_slice(name, 1, name.len - 1)))
            return CH_REJECT_HOST;
    } else {
        if (name.len > 1 && name.ptr[name.len - 1] == '.')
            name.len--;
        if (!name_is_valid(name))
            return CH_REJECT_HOST;
    }

    char *low = ch_arena_alloc(arena, name.len);
    if (low == NULL)
        return CH_REJECT_MEMORY;
    for (size_t i = 0; i < name.len; i++)
        low[i] = ch_lower(name.ptr[i]);
    host->ptr = low;
    host->len = name.len;
    *port = (uint32_t)number;
    return CH_REJECT_NONE;
}

/* ---- percent-coding -------------------------------------------------------------------------- */

/* Length of the well-formed UTF-8 sequence at the start of text; if there is none, *bad is set and
 * the length is that of the part to replace (Unicode 3.9, maximal subparts). */
static size_t
utf8_step(kida_str text, bool *bad)
{
    unsigned char c = (unsigned char)text.ptr[0];
    *bad = false;
    if (c < 0x80)
        return 1;
    size_t need = 0;
    if (c >= 0xc2 && c <= 0xf4)
        need = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
    unsigned char low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    unsigned char high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    size_t len = 1;
    for (; len <= need && len < text.len; len++) {
        unsigned char next = (unsigned char)text.ptr[len];
        if (next < low || next > high)
            break;
        low = 0x80;
        high = 0xbf;
    }
    *bad = need == 0 || len <= need;
    return len;
}

/* Copy of text with what is no UTF-8 replaced by U+FFFD. */
static kida_str
replace_bad_utf8(ch_arena *arena, kida_str text)
{
    size_t room;
    if (!ch_size_mul(text.len, 3, &room))
        return missing;
    char *bytes = ch_arena_alloc(arena, room);
    if (bytes == NULL)
        return missing;
    kida_str out = { bytes, 0 };
    while (text.len > 0) {
        bool bad;
        size_t step = utf8_step(text, &bad);
        memcpy(bytes + out.len, bad ? "\xef\xbf\xbd" : text.ptr, bad ? 3 : step);
        out.len += bad ? 3 : step;
        text = ch_str_slice(text, step, text.len);
    }
    return out;
}

kida_str
ch_utf8_clean(ch_arena *arena, kida_str text)
{
    return kida_utf8_valid(text) ? text : replace_bad_utf8(arena, text);
}

kida_str
ch_percent_decode(ch_arena *arena, kida_str text, bool plus_is_space)
{
    bool has_code = false;
    for (size_t i = 0; i < text.len && !has_code; i++)
        has_code = text.ptr[i] == '%' || (text.ptr[i] == '+' && plus_is_space);
    kida_str out = text;
    if (has_code) {
        char *bytes = ch_arena_alloc(arena, text.len);
        if (bytes == NULL)
            return missing;
        out.ptr = bytes;
        out.len = decode_into(bytes, text, plus_is_space);
    }
    return ch_utf8_clean(arena, out);
}

void
ch_percent_encode(kida_buf *out, kida_str text, bool keep_slash)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i], low = ch_lower(c);
        if ((low >= 'a' && low <= 'z') || ch_is_digit(c) || c == '-' || c == '.' || c == '_' ||
            c == '~' || (c == '/' && keep_slash)) {
            kida_buf_byte(out, c);
        } else {
            unsigned char byte = (unsigned char)c;
            kida_buf_byte(out, '%');
            kida_buf_byte(out, digits[byte >> 4]);
            kida_buf_byte(out, digits[byte & 15]);
        }
    }
}
