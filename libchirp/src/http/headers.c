/* SPDX-License-Identifier: MIT */
/* headers.c - ordered lists of fields. */
#include "http/headers.h"

#include <string.h>

#include "config/alloc.h"
#include "config/fail.h"
#include "config/text.h"

static const kida_str missing = { NULL, 0 };

bool
ch_token_char(char c)
{
    /* RFC 9110 5.6.2; bit n of word w stands for byte 32 w + n. */
    static const uint32_t token[4] = { 0, 0x03ff6cfa, 0xc7fffffe, 0x57ffffff };
    unsigned char byte = (unsigned char)c;
    return byte < 128 && (token[byte >> 5] >> (byte & 31) & 1) != 0;
}

bool
ch_token_is_valid(kida_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (!ch_token_char(name.ptr[i]))
            return false;
    }
    return name.len > 0;
}

/* Whether one of eight bytes is below 0x20 or 0x7f; a tab is too. */
static bool
has_control(const char *at)
{
    const uint64_t ones = UINT64_MAX / 255, high = ones * 0x80;
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    uint64_t del = word ^ ones * 0x7f;
    return (((word - ones * 0x20) & ~word) | ((del - ones) & ~del)) & high;
}

bool
ch_field_value_is_valid(kida_str value)
{
    size_t i = 0;
    while (i + 8 <= value.len && !has_control(value.ptr + i))
        i += 8;
    for (; i < value.len; i++) {
        unsigned char byte = (unsigned char)value.ptr[i];
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            return false;
    }
    return true;
}

void
ch_headers_init(ch_headers *list, ch_arena *arena, size_t max)
{
    list->arena = arena;
    list->items = NULL;
    list->count = 0;
    list->room = 0;
    list->max = max;
}

kida_status
ch_headers_push(ch_headers *list, kida_str name, kida_str value)
{
    if (list->count >= list->max)
        return KIDA_E_LIMIT_MEMORY;
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 16 : list->room * 2;
        size_t size;
        if (!ch_size_mul(room, sizeof(ch_pair), &size))
            return KIDA_E_NOMEM;
        ch_pair *items = ch_arena_grow(list->arena, list->items,
                                       list->room * sizeof(ch_pair), size);
        if (items == NULL)
            return KIDA_E_NOMEM;
        list->items = items;
        list->room = room;
    }
    list->items[list->count].name = name;
    list->items[list->count].value = value;
    list->count++;
    return KIDA_OK;
}

/* Checks a field for a response and copies it. */
static kida_status
make_field(ch_headers *list, kida_str name, kida_str value, ch_pair *out, kida_error *err)
{
    if (!ch_token_is_valid(name))
        return ch_fail(err, KIDA_E_USAGE, "the header name is no token");
    if (!ch_field_value_is_valid(value))
        return ch_fail(err, KIDA_E_USAGE, "the value of header '%.*s' holds a control byte",
                       (int)(name.len < 60 ? name.len : 60), name.ptr);
    char *low = ch_arena_alloc(list->arena, name.len);
    out->value = ch_arena_copy(list->arena, ch_str_trim(value));
    if (low == NULL || out->value.ptr == NULL)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for header '%.*s'",
                       (int)(name.len < 60 ? name.len : 60), name.ptr);
    for (size_t i = 0; i < name.len; i++)
        low[i] = ch_lower(name.ptr[i]);
    out->name.ptr = low;
    out->name.len = name.len;
    return KIDA_OK;
}

kida_status
ch_headers_add(ch_headers *list, kida_str name, kida_str value, kida_error *err)
{
    ch_pair field = { missing, missing };
    kida_status st = make_field(list, name, value, &field, err);
    if (st != KIDA_OK)
        return st;
    st = ch_headers_push(list, field.name, field.value);
    if (st != KIDA_OK)
        return ch_fail(err, st, "no room for header '%.*s'",
                       (int)(field.name.len < 60 ? field.name.len : 60), field.name.ptr);
    return KIDA_OK;
}

/* Removes fields of that name from index from on. */
static void
remove_from(ch_headers *list, kida_str name, size_t from)
{
    size_t kept = from;
    for (size_t i = from; i < list->count; i++) {
        if (!ch_str_iequal(list->items[i].name, name))
            list->items[kept++] = list->items[i];
    }
    if (list->count > from)
        list->count = kept;
}

kida_status
ch_headers_set(ch_headers *list, kida_str name, kida_str value, kida_error *err)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!ch_str_iequal(list->items[i].name, name))
            continue;
        ch_pair field = { missing, missing };
        kida_status st = make_field(list, name, value, &field, err);
        if (st != KIDA_OK)
            return st;
        list->items[i] = field;
        remove_from(list, field.name, i + 1);
        return KIDA_OK;
    }
    return ch_headers_add(list, name, value, err);
}

void
ch_headers_remove(ch_headers *list, kida_str name)
{
    remove_from(list, name, 0);
}

kida_str
ch_headers_get(const ch_headers *list, kida_str name, size_t index)
{
    for (size_t i = 0; i < list->count; i++) {
        if (ch_str_iequal(list->items[i].name, name) && index-- == 0)
            return list->items[i].value;
    }
    return missing;
}

kida_str
ch_pairs_get(const ch_headers *list, kida_str name, size_t index)
{
    for (size_t i = 0; i < list->count; i++) {
        if (kida_str_equal(list->items[i].name, name) && index-- == 0)
            return list->items[i].value;
    }
    return missing;
}

size_t
ch_headers_count(const ch_headers *list, kida_str name)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += ch_str_iequal(list->items[i].name, name);
    return count;
}

bool
ch_headers_have_token(const ch_headers *list, kida_str name, kida_str token)
{
    for (size_t i = 0; i < list->count; i++) {
        if (ch_str_iequal(list->items[i].name, name) && ch_list_has(list->items[i].value, token))
            return true;
    }
    return false;
}
