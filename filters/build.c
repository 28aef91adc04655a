/* SPDX-License-Identifier: MIT */
/* build.c - building lists, tuples and arrays inside a call. A pool that is full is a limit of the
 * render, and reported as such. */
#include <kida/unicode.h>

#include "build.h"
#include "text.h"

static kida_status
checked(kida_call *call, kida_status st)
{
    if (st != KIDA_E_NOMEM)
        return st;
    return kida_fail(call, KIDA_E_LIMIT_MEMORY, "the render needs too much memory");
}

void *
kd_new_array(kida_call *call, size_t count, size_t size)
{
    size_t wanted = count > 0 ? count : 1;
    void *array = NULL;

    if (wanted <= SIZE_MAX / size)
        array = kida_pool_alloc(kida_call_pool(call), wanted * size);
    if (array == NULL)
        (void)checked(call, KIDA_E_NOMEM);
    return array;
}

kida_status
kd_new_list(kida_call *call, size_t room, kida_value *out)
{
    return checked(call, kida_list_new(kida_call_pool(call), room, out));
}

kida_status
kd_new_dict(kida_call *call, size_t room, kida_value *out)
{
    return checked(call, kida_dict_new(kida_call_pool(call), room, out));
}

kida_status
kd_new_set(kida_call *call, kida_value *out)
{
    return checked(call, kida_set_new(kida_call_pool(call), 0, out));
}

kida_status
kd_push(kida_call *call, kida_value list, kida_value item)
{
    return checked(call, kida_list_push(list, item));
}

kida_status
kd_new_tuple(kida_call *call, const kida_value *items, size_t count, kida_value *out)
{
    return checked(call, kida_tuple_new(kida_call_pool(call), items, count, out));
}

kida_status
kd_to_array(kida_call *call, kida_value over, kida_value **items, size_t *count)
{
    kida_value list;
    kida_status st = kida_to_list(call, over, &list);
    if (st != KIDA_OK)
        return st;

    size_t length = kida_length(list);
    kida_value *array = kd_new_array(call, length, sizeof(*array));
    if (array == NULL)
        return KIDA_E_LIMIT_MEMORY;
    for (size_t i = 0; i < length; i++)
        array[i] = kida_item_at(list, i);
    *items = array;
    *count = length;
    return KIDA_OK;
}

kida_status
kd_list_of_array(kida_call *call, const kida_value *items, size_t count, kida_value *out)
{
    kida_status st = kd_new_list(call, count, out);

    for (size_t i = 0; i < count && st == KIDA_OK; i++)
        st = kd_push(call, *out, items[i]);
    return st;
}

kida_status
kd_rest_tuple(kida_call *call, kida_value *out)
{
    size_t count = kida_rest_count(call);
    kida_value *items = kd_new_array(call, count, sizeof(*items));
    if (items == NULL)
        return KIDA_E_LIMIT_MEMORY;
    for (size_t i = 0; i < count; i++)
        items[i] = kida_rest(call, i);
    return kd_new_tuple(call, items, count, out);
}

kida_status
kd_is_reversible(kida_call *call, kida_value v, bool *out)
{
    kida_kind kind = kida_kind_of(v);
    size_t length;

    *out = kind == KIDA_LIST || kind == KIDA_TUPLE || kind == KIDA_STRING || kind == KIDA_DICT ||
           kind == KIDA_RANGE || kind == KIDA_VIEW;
    if (kind != KIDA_OBJECT || kida_is_mapping(v) || !kida_is_iterable(v))
        return KIDA_OK;
    return kida_measure(call, v, &length, out);
}

kida_status
kd_small_letters(kida_call *call, kida_str text, kida_value *out)
{
    bool same = true;
    kida_status st = kd_text_spend(call, text);

    for (size_t i = 0; i < text.len && same; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        same = byte < 0x80 && (byte < 'A' || byte > 'Z');
    }
    if (same || st != KIDA_OK) {
        *out = kida_string(text);
        return st;
    }
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_unicode_lower(&buf, text);
    return kida_buf_finish(&buf, out);
}
