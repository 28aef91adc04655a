/* SPDX-License-Identifier: MIT */
/* methods_split.c - methods of texts that take them apart: strip, split, lines, partition. Parts
 * share the bytes of the whole, and are safe where it was. */
#include "memory/str.h"
#include "memory/unicode.h"
#include "value/methods.h"

#define MARKS (KIDA_FLAG_SAFE_ | KIDA_FLAG_ASCII_)

static kida_value
piece(kida_value self, size_t from, size_t to)
{
    kida_value v = kida_string(kd_str_sub(kida_as_str(self), from, to));
    v.head_ |= self.head_ & MARKS;
    return v;
}

static kida_status
fail_empty(kida_call *call)
{
    return kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError", "the separator is empty");
}

/* ---- strip ----------------------------------------------------------------------------------- */

/* Whether the code point in text[from, to) is one of chars. UTF-8 finds whole code points only. */
static bool
is_one_of(kida_str chars, const char *from, const char *to)
{
    kida_str cp = { from, (size_t)(to - from) };
    return kd_str_find(chars, cp, 0) != SIZE_MAX;
}

static kida_str
strip_chars(kida_str text, kida_str chars, bool left, bool right)
{
    const char *start = text.ptr;
    const char *end = text.ptr + text.len;
    while (left && start < end) {
        const char *next = start;
        (void)kd_utf8_next(&next, end);
        if (!is_one_of(chars, start, next))
            break;
        start = next;
    }
    while (right && start < end) {
        const char *last = end;
        (void)kd_utf8_prev(&last, start);
        if (!is_one_of(chars, last, end))
            break;
        end = last;
    }
    return (kida_str){ start, (size_t)(end - start) };
}

static kida_status
strip(kida_call *call, kida_value self, bool left, bool right, kida_value *out)
{
    kida_value given = kida_arg(call, 0);
    kida_str text = kida_as_str(self);
    kida_str chars;
    if (kd_is(given, KIDA_NONE)) {
        text = kd_str_strip(text, left, right);
    } else {
        kida_status st = kd_text_arg(call, given, "the characters to strip", true, &chars);
        if (st != KIDA_OK)
            return st;
        text = strip_chars(text, chars, left, right);
    }
    *out = kida_string(text);
    out->head_ |= self.head_ & MARKS;
    return KIDA_OK;
}

static kida_status
str_strip(kida_call *call, kida_value self, kida_value *out)
{
    return strip(call, self, true, true, out);
}

static kida_status
str_lstrip(kida_call *call, kida_value self, kida_value *out)
{
    return strip(call, self, true, false, out);
}

static kida_status
str_rstrip(kida_call *call, kida_value self, kida_value *out)
{
    return strip(call, self, false, true, out);
}

/* ---- split ----------------------------------------------------------------------------------- */

/* A split in the making. */
typedef struct splitting {
    kida_call *call;
    kida_value self;
    kd_list *list;
    uint64_t left; /* splits that may still be made */
} splitting;

static kida_status
add(splitting *s, size_t from, size_t to)
{
    if (!kd_list_push(s->list, piece(s->self, from, to)))
        return kd_fail_memory(s->call);
    return KIDA_OK;
}

static void
reverse(kd_list *list)
{
    for (size_t i = 0; i < list->count / 2; i++) {
        kida_value swap = list->items[i];
        list->items[i] = list->items[list->count - 1 - i];
        list->items[list->count - 1 - i] = swap;
    }
}

/* Offset of the first code point at or behind from that is, or is not, a space. */
static size_t
find_space(kida_str text, size_t from, bool wanted)
{
    const char *end = text.ptr + text.len;
    for (const char *at = text.ptr + from; at < end;) {
        const char *start = at;
        if (kd_unicode_is_space(kd_utf8_next(&at, end)) == wanted)
            return (size_t)(start - text.ptr);
    }
    return text.len;
}

/* End of the last code point before to that is, or is not, a space. */
static size_t
find_space_back(kida_str text, size_t to, bool wanted)
{
    const char *at = text.ptr + to;
    while (at > text.ptr) {
        const char *end = at;
        if (kd_unicode_is_space(kd_utf8_prev(&at, text.ptr)) == wanted)
            return (size_t)(end - text.ptr);
    }
    return 0;
}

static kida_status
split_spaces(splitting *s)
{
    kida_str text = kida_as_str(s->self);
    kida_status st = KIDA_OK;
    for (size_t at = find_space(text, 0, false); st == KIDA_OK && at < text.len;) {
        if (s->left-- == 0)
            return add(s, at, text.len);
        size_t end = find_space(text, at, true);
        st = add(s, at, end);
        at = find_space(text, end, false);
    }
    return st;
}

static kida_status
split_spaces_back(splitting *s)
{
    kida_str text = kida_as_str(s->self);
    kida_status st = KIDA_OK;
    for (size_t at = find_space_back(text, text.len, false); st == KIDA_OK && at > 0;) {
        if (s->left-- == 0)
            return add(s, 0, at);
        size_t start = find_space_back(text, at, true);
        st = add(s, start, at);
        at = find_space_back(text, start, false);
    }
    return st;
}

static kida_status
split_at(splitting *s, kida_str sep)
{
    kida_str text = kida_as_str(s->self);
    size_t from = 0;
    while (s->left-- > 0) {
        size_t at = kd_str_find(text, sep, from);
        if (at == SIZE_MAX)
            break;
        kida_status st = add(s, from, at);
        if (st != KIDA_OK)
            return st;
        from = at + sep.len;
    }
    return add(s, from, text.len);
}

static kida_status
split_at_back(splitting *s, kida_str sep)
{
    kida_str text = kida_as_str(s->self);
    while (s->left-- > 0) {
        size_t at = kd_str_rfind(text, sep);
        if (at == SIZE_MAX)
            break;
        kida_status st = add(s, at + sep.len, text.len);
        if (st != KIDA_OK)
            return st;
        text.len = at;
    }
    return add(s, 0, text.len);
}

static const kida_param split_params[] = {
    { "sep", 0, "none" },
    { "maxsplit", 0, "-1" },
    { 0 },
};

static kida_status
split(kida_call *call, kida_value self, bool back, kida_value *out)
{
    kida_value given = kida_arg(call, 0);
    kida_str sep = { "", 0 };
    int64_t most;
    kida_status st = kd_index_arg(call, kida_arg(call, 1), "maxsplit", &most);
    if (st == KIDA_OK && !kd_is(given, KIDA_NONE)) {
        st = kd_text_arg(call, given, "the separator", true, &sep);
        if (st == KIDA_OK && sep.len == 0)
            st = fail_empty(call);
    }
    if (st != KIDA_OK)
        return st;
    *out = kd_list_make(call->rt->pool, 0);
    if (kd_is_absent(*out))
        return kd_fail_memory(call);
    splitting s = { call, self, kd_list_of(*out), most < 0 ? UINT64_MAX : (uint64_t)most };
    if (sep.len > 0)
        st = back ? split_at_back(&s, sep) : split_at(&s, sep);
    else
        st = back ? split_spaces_back(&s) : split_spaces(&s);
    if (back)
        reverse(s.list);
    return st;
}

static kida_status
str_split(kida_call *call, kida_value self, kida_value *out)
{
    return split(call, self, false, out);
}

static kida_status
str_rsplit(kida_call *call, kida_value self, kida_value *out)
{
    return split(call, self, true, out);
}

/* ---- lines, partition ------------------------------------------------------------------------ */

static const kida_param splitlines_params[] = { { "keepends", KIDA_IN_BOOL, "false" }, { 0 } };

static kida_status
str_splitlines(kida_call *call, kida_value self, kida_value *out)
{
    kida_str text = kida_as_str(self);
    bool keep = kida_arg_bool(call, 0);
    *out = kd_list_make(call->rt->pool, 0);
    if (kd_is_absent(*out))
        return kd_fail_memory(call);
    splitting s = { call, self, kd_list_of(*out), 0 };
    kida_status st = KIDA_OK;
    const char *end = text.ptr + text.len;
    const char *line = text.ptr;
    for (const char *at = text.ptr; st == KIDA_OK && at < end;) {
        const char *stop = at;
        uint32_t cp = kd_utf8_next(&at, end);
        if (!kd_unicode_is_break(cp))
            continue;
        if (cp == '\r' && at < end && *at == '\n')
            at++;
        st = add(&s, (size_t)(line - text.ptr), (size_t)((keep ? at : stop) - text.ptr));
        line = at;
    }
    if (st == KIDA_OK && line < end)
        st = add(&s, (size_t)(line - text.ptr), text.len);
    return st;
}

static const kida_param sep_params[] = { { "sep", KIDA_IN_POSITION, NULL }, { 0 } };

static kida_status
partition(kida_call *call, kida_value self, bool back, kida_value *out)
{
    kida_str text = kida_as_str(self);
    kida_str sep;
    kida_status st = kd_text_arg(call, kida_arg(call, 0), "the separator", false, &sep);
    if (st == KIDA_OK && sep.len == 0)
        st = fail_empty(call);
    if (st != KIDA_OK)
        return st;
    size_t at = back ? kd_str_rfind(text, sep) : kd_str_find(text, sep, 0);
    size_t from = at;
    size_t to = at + sep.len;
    if (at == SIZE_MAX) {
        from = back ? 0 : text.len;
        to = from;
    }
    kida_value parts[3] = { piece(self, 0, from), piece(self, from, to),
                            piece(self, to, text.len) };
    *out = kd_tuple_make(call->rt->pool, parts, 3);
    return kd_is_absent(*out) ? kd_fail_memory(call) : KIDA_OK;
}

static kida_status
str_partition(kida_call *call, kida_value self, kida_value *out)
{
    return partition(call, self, false, out);
}

static kida_status
str_rpartition(kida_call *call, kida_value self, kida_value *out)
{
    return partition(call, self, true, out);
}

static const kida_param strip_params[] = { { "chars", KIDA_IN_POSITION, "none" }, { 0 } };

static const kd_method rows[] = {
    { "strip", str_strip, strip_params, 0 },
    { "lstrip", str_lstrip, strip_params, 0 },
    { "rstrip", str_rstrip, strip_params, 0 },
    { "split", str_split, split_params, 0 },
    { "rsplit", str_rsplit, split_params, 0 },
    { "splitlines", str_splitlines, splitlines_params, 0 },
    { "partition", str_partition, sep_params, 0 },
    { "rpartition", str_rpartition, sep_params, 0 },
};

const kd_method_table kd_str_split_methods = { rows, KD_COUNT(rows) };
