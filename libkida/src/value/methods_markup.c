/* SPDX-License-Identifier: MIT */
/* methods_markup.c - methods of texts that fill in patterns, and the ones only safe texts have. */
#include <string.h>

#include "memory/str.h"
#include "value/format.h"
#include "value/methods.h"

/* ---- format ---------------------------------------------------------------------------------- */

static const kida_param any_params[] = { { "*args", 0, NULL }, { "**keywords", 0, NULL }, { 0 } };
static const kida_param one_params[] = { { "value", KIDA_IN_POSITION, NULL }, { 0 } };

static kida_status
str_format(kida_call *call, kida_value self, kida_value *out)
{
    return kd_format_text(call, self, kd_absent(), out);
}

static kida_status
str_format_map(kida_call *call, kida_value self, kida_value *out)
{
    return kd_format_text(call, self, kida_arg(call, 0), out);
}

/* ---- safe texts ------------------------------------------------------------------------------ */

/* Deletes from each < to the next >; without one the < stays. Entities are left alone. */
static kida_status
str_striptags(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text = kida_as_str(self);
    kida_buf buf;
    kida_buf_init(&buf, call);
    size_t from = 0;
    for (;;) {
        size_t open = kd_str_find(text, KIDA_S("<"), from);
        size_t close = open == SIZE_MAX ? SIZE_MAX : kd_str_find(text, KIDA_S(">"), open);
        if (close == SIZE_MAX)
            break;
        kida_buf_put(&buf, kd_str_sub(text, from, open));
        from = close + 1;
    }
    kida_buf_put(&buf, kd_str_sub(text, from, text.len));
    return kida_buf_finish_safe(&buf, out);
}

typedef struct entity {
    kida_str name;
    uint32_t cp;
    bool bare; /* known without its semicolon */
} entity;

static const entity entities[] = {
#define KD_ENTITY(name, cp, bare) { KD_STR(name), cp, bare },
#include "value/entities.def"
#undef KD_ENTITY
};

static const entity *
find_entity(kida_str name)
{
    size_t low = 0;
    size_t high = KD_COUNT(entities);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = kd_str_compare(entities[middle].name, name);
        if (order == 0)
            return &entities[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Code point of a numeric reference behind its "#"; *len: bytes it took, 0: none. */
static uint32_t
read_numeric(kida_str rest, size_t *len)
{
    bool hex = rest.len > 0 && (rest.ptr[0] | 0x20) == 'x';
    uint32_t base = hex ? 16 : 10;
    uint32_t n = 0;
    size_t at = hex;
    for (; at < rest.len; at++) {
        char c = rest.ptr[at];
        char low = (char)(c | 0x20);
        uint32_t digit = c >= '0' && c <= '9' ? (uint32_t)(c - '0')
                         : hex && low >= 'a' && low <= 'f' ? (uint32_t)(low - 'a' + 10)
                                                           : base;
        if (digit >= base)
            break;
        n = n > 0x10ffff ? n : n * base + digit;
    }
    *len = at > hex ? at : 0;
    if (*len > 0 && at < rest.len && rest.ptr[at] == ';')
        ++*len;
    return n;
}

static bool
is_name_byte(unsigned c)
{
    return (c | 0x20) - 'a' < 26 || c - '0' < 10;
}

/* Appends what the reference behind an "&" stands for; returns the bytes it took, 0: none. */
static size_t
put_reference(kida_buf *buf, kida_str rest)
{
    if (rest.len > 0 && rest.ptr[0] == '#') {
        size_t len;
        uint32_t cp = read_numeric(kd_str_sub(rest, 1, rest.len), &len);
        if (len == 0)
            return 0;
        bool bad = cp == 0 || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000);
        kida_buf_code_point(buf, bad ? 0xfffd : cp);
        return len + 1;
    }
    size_t len = 0;
    while (len < rest.len && len < 10 && is_name_byte((unsigned char)rest.ptr[len]))
        len++;
    bool closed = len < rest.len && rest.ptr[len] == ';';
    const entity *found = closed ? find_entity(kd_str_sub(rest, 0, len)) : NULL;
    if (found != NULL) {
        kida_buf_code_point(buf, found->cp);
        return len + 1;
    }
    for (; len > 1; len--) { /* the longest name that needs no semicolon */
        found = find_entity(kd_str_sub(rest, 0, len));
        if (found != NULL && found->bare) {
            kida_buf_code_point(buf, found->cp);
            return len;
        }
    }
    return 0;
}

static kida_status
str_unescape(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text = kida_as_str(self);
    kida_buf buf;
    kida_buf_init(&buf, call);
    size_t from = 0;
    while (from < text.len) {
        size_t at = kd_str_find(text, KIDA_S("&"), from);
        if (at == SIZE_MAX)
            break;
        kida_buf_put(&buf, kd_str_sub(text, from, at));
        size_t took = put_reference(&buf, kd_str_sub(text, at + 1, text.len));
        if (took == 0)
            kida_buf_byte(&buf, '&');
        from = at + 1 + took;
    }
    kida_buf_put(&buf, kd_str_sub(text, from, text.len));
    return kida_buf_finish(&buf, out);
}

static kida_status
str_escape(kida_call *call, kida_value self, kida_value *out)
{
    (void)self;
    return kida_to_html(call, kida_arg(call, 0), out);
}

static const kd_method rows[] = {
    { "format", str_format, any_params, 0 },
    { "format_map", str_format_map, one_params, 0 },
    { "striptags", str_striptags, NULL, KD_METHOD_MARKUP },
    { "unescape", str_unescape, NULL, KD_METHOD_MARKUP },
    { "escape", str_escape, one_params, KD_METHOD_MARKUP },
};

const kd_method_table kd_str_markup_methods = { rows, KD_COUNT(rows) };

/* ---- every container ------------------------------------------------------------------------- */

/* The few names with underscores that a sandbox lets through (library specification, 2.10). */

static kida_status
any_len(kida_call *call, kida_value self, kida_value *out)
{
    size_t count;
    bool known;
    kida_status st = kd_measure(call, self, &count, &known);
    if (st == KIDA_OK)
        *out = kida_int((int64_t)count); /* every container has one */
    return st;
}

static kida_status
any_contains(kida_call *call, kida_value self, kida_value *out)
{
    bool there;
    kida_status st = kd_contains(call, self, kida_arg(call, 0), &there);
    if (st == KIDA_OK)
        *out = kida_bool(there);
    return st;
}

static kida_status
any_getitem(kida_call *call, kida_value self, kida_value *out)
{
    return kd_get_item(call, self, kida_arg(call, 0), out);
}

static kida_status
any_str(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text;
    kida_status st = kd_to_str(call, self, &text);
    if (st == KIDA_OK)
        *out = kida_string(text);
    return st;
}

static kida_status
any_repr(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text;
    kida_status st = kida_to_repr(call, self, &text);
    if (st == KIDA_OK)
        *out = kida_string(text);
    return st;
}

static const kd_method any_rows[] = {
    { "__len__", any_len, NULL, 0 },
    { "__contains__", any_contains, one_params, 0 },
    { "__getitem__", any_getitem, one_params, 0 },
    { "__str__", any_str, NULL, 0 },
    { "__repr__", any_repr, NULL, 0 },
};

const kd_method_table kd_container_methods = { any_rows, KD_COUNT(any_rows) };
