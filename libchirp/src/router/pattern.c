/* SPDX-License-Identifier: MIT */
/* pattern.c - reading path patterns, and what each converter takes. */
#include "router/pattern.h"

#include "config/fail.h"
#include "config/text.h"

static const kida_str convert_names[CH_CONVERT_COUNT] = {
    [CH_CONVERT_STATIC] = KIDA_S_INIT(""),   [CH_CONVERT_INT] = KIDA_S_INIT("int"),
    [CH_CONVERT_FLOAT] = KIDA_S_INIT("float"), [CH_CONVERT_UUID] = KIDA_S_INIT("uuid"),
    [CH_CONVERT_STR] = KIDA_S_INIT("str"),   [CH_CONVERT_PATH] = KIDA_S_INIT("path"),
};

kida_str
ch_convert_name(ch_convert convert)
{
    return convert_names[convert];
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Cut for messages. */
static int
shown(kida_str text)
{
    return (int)(text.len < 100 ? text.len : 100);
}

static bool
name_is_valid(kida_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = ch_lower(name.ptr[i]);
        if (!((c >= 'a' && c <= 'z') || c == '_' || (i > 0 && ch_is_digit(c))))
            return false;
    }
    return name.len > 0;
}

/* Reads {name} or {name:converter}. */
static kida_status
read_parameter(kida_str pattern, kida_str text, ch_segment *out, kida_error *err)
{
    kida_str inside = ch_str_slice(text, 1, text.len - 1);
    size_t colon = ch_str_find(inside, ':', 0);
    out->text = ch_str_slice(inside, 0, colon);
    if (!name_is_valid(out->text))
        return ch_fail(err, KIDA_E_USAGE, "bad parameter name '%.*s' in path '%.*s'",
                       shown(out->text), out->text.ptr, shown(pattern), pattern.ptr);
    out->convert = CH_CONVERT_STR;
    if (colon == inside.len)
        return KIDA_OK;
    kida_str wanted = ch_str_slice(inside, colon + 1, inside.len);
    for (size_t i = CH_CONVERT_INT; i < CH_CONVERT_COUNT; i++) {
        if (kida_str_equal(convert_names[i], wanted)) {
            out->convert = (ch_convert)i;
            return KIDA_OK;
        }
    }
    ch_fail(err, KIDA_E_USAGE, "unknown converter '%.*s' in path '%.*s'", shown(wanted), wanted.ptr,
            shown(pattern), pattern.ptr);
    return ch_fail_hint(err, KIDA_E_USAGE, "use str, int, float, uuid or path");
}

static kida_status
read_segment(kida_str pattern, kida_str text, ch_segment *out, kida_error *err)
{
    bool opens = text.ptr[0] == '{', closes = text.ptr[text.len - 1] == '}';
    if (opens && closes && text.len > 2)
        return read_parameter(pattern, text, out, err);
    if (text.ptr[0] == '<' && text.ptr[text.len - 1] == '>') {
        ch_fail(err, KIDA_E_USAGE, "path '%.*s' has a parameter in angle brackets", shown(pattern),
                pattern.ptr);
        return ch_fail_hint(err, KIDA_E_USAGE, "write {name} or {name:int}");
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '{' || c == '}')
            return ch_fail(err, KIDA_E_USAGE,
                           "in path '%.*s' a parameter must fill its whole segment", shown(pattern),
                           pattern.ptr);
        if ((unsigned char)c < 0x20 || c == 0x7f || c == '?' || c == '#')
            return ch_fail(err, KIDA_E_USAGE, "path '%.*s' holds a byte that no path can have",
                           shown(pattern), pattern.ptr);
    }
    out->convert = CH_CONVERT_STATIC;
    out->text = text;
    return KIDA_OK;
}

/* Refuses a name used twice, and anything behind a catch-all. */
static kida_status
check_order(kida_str text, const ch_pattern *pattern, kida_error *err)
{
    for (size_t i = 0; i < pattern->count; i++) {
        const ch_segment *segment = &pattern->segments[i];
        if (segment->convert == CH_CONVERT_PATH && i + 1 < pattern->count)
            return ch_fail(err, KIDA_E_USAGE, "path '%.*s' goes on behind its path parameter",
                           shown(text), text.ptr);
        for (size_t k = 0; segment->convert != CH_CONVERT_STATIC && k < i; k++) {
            if (pattern->segments[k].convert != CH_CONVERT_STATIC &&
                kida_str_equal(pattern->segments[k].text, segment->text))
                return ch_fail(err, KIDA_E_USAGE, "path '%.*s' has two parameters '%.*s'",
                               shown(text), text.ptr, shown(segment->text), segment->text.ptr);
        }
    }
    return KIDA_OK;
}

kida_status
ch_pattern_parse(kida_str text, ch_pattern *out, kida_error *err)
{
    size_t pos = 0;
    out->count = 0;
    out->param_count = 0;
    if (text.len == 0 || text.ptr[0] != '/')
        return ch_fail(err, KIDA_E_USAGE, "path '%.*s' must begin with '/'", shown(text), text.ptr);
    if (!kida_utf8_valid(text))
        return ch_fail(err, KIDA_E_USAGE, "a path is not valid UTF-8");
    while (pos < text.len) {
        size_t end = ch_str_find(text, '/', pos);
        kida_str part = ch_str_slice(text, pos, end);
        pos = end + 1;
        if (part.len == 0)
            continue;
        if (out->count == CH_PATTERN_SEGMENTS_MAX)
            return ch_fail(err, KIDA_E_USAGE, "path '%.*s' has more than %d segments", shown(text),
                           text.ptr, CH_PATTERN_SEGMENTS_MAX);
        kida_status st = read_segment(text, part, &out->segments[out->count], err);
        if (st != KIDA_OK)
            return st;
        if (out->segments[out->count++].convert != CH_CONVERT_STATIC &&
            ++out->param_count > CH_PATTERN_PARAMS_MAX)
            return ch_fail(err, KIDA_E_USAGE, "path '%.*s' has more than %d parameters",
                           shown(text), text.ptr, CH_PATTERN_PARAMS_MAX);
    }
    return check_order(text, out, err);
}

/* ---- converters ------------------------------------------------------------------------------ */

static bool
is_digits(kida_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!ch_is_digit(text.ptr[i]))
            return false;
    }
    return text.len > 0;
}

static bool
is_float(kida_str text)
{
    size_t point = ch_str_find(text, '.', 0);
    return is_digits(ch_str_slice(text, 0, point)) &&
           (point == text.len || is_digits(ch_str_slice(text, point + 1, text.len)));
}

static bool
is_uuid(kida_str text)
{
    if (text.len != 36)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_hyphen ? text.ptr[i] != '-' : ch_hex_value(text.ptr[i]) < 0)
            return false;
    }
    return true;
}

bool
ch_convert_accepts(ch_convert convert, kida_str segment)
{
    switch (convert) {
    case CH_CONVERT_INT:
        return is_digits(segment);
    case CH_CONVERT_FLOAT:
        return is_float(segment);
    case CH_CONVERT_UUID:
        return is_uuid(segment);
    case CH_CONVERT_STR:
    case CH_CONVERT_PATH:
        return segment.len > 0;
    case CH_CONVERT_STATIC:
    case CH_CONVERT_COUNT:
        break;
    }
    return false;
}
