/* SPDX-License-Identifier: MIT */
/* object.c - host memory as values: C structs by field table, rows of them, host objects.
 * Fields are read where they lie at each access; nothing is built ahead. Times are in time.c. */
#include "value/object.h"

#include <string.h>

#include "memory/str.h"
#include "value/host.h"
#include "value/ops.h"

kida_value
kida_object(const kida_object_type *type, void *memory)
{
    return kd_pointer(KIDA_OBJECT, memory, (uint64_t)(uintptr_t)type, 0);
}

void *
kida_object_memory(kida_value v, const kida_object_type *type)
{
    uint64_t head = kd_pointer(KIDA_OBJECT, NULL, (uint64_t)(uintptr_t)type, 0).head_;
    return v.head_ == head ? v.u_.p : NULL;
}

kida_value
kida_from_struct(const kida_struct *description, const void *memory)
{
    return kd_pointer(KIDA_OBJECT, memory, (uint64_t)(uintptr_t)description, KIDA_FLAG_STRUCT_);
}

bool
kida_is_mapping(kida_value v)
{
    const kida_object_type *type = kd_host_type(v);
    return kd_is(v, KIDA_DICT) || (type != NULL && (type->flags & KIDA_OBJECT_MAPPING) != 0);
}

bool
kida_is_callable(kida_value v)
{
    const kida_object_type *type = kd_host_type(v);
    return kd_is(v, KIDA_CALLABLE) || (type != NULL && type->invoke != NULL);
}

/* ---- arrays ---------------------------------------------------------------------------------- */

kida_value
kd_span_at(const kd_span *array, size_t index)
{
    if (array->of == NULL) {
        int64_t n;
        memcpy(&n, array->first + index * sizeof(n), sizeof(n));
        return kida_int(n);
    }
    const void *memory = array->first + index * array->of->size;
    if (array->pointers) {
        memcpy(&memory, array->first + index * sizeof(void *), sizeof(void *));
        if (memory == NULL)
            return kida_none();
    }
    return kida_from_struct(array->of, memory);
}

static kida_status
array_length(kida_call *call, void *self, size_t *out)
{
    (void)call;
    *out = ((kd_span *)self)->count;
    return KIDA_OK;
}

/* Indexes come checked and counted from 0: see kd_get_item. */
static kida_status
array_item(kida_call *call, void *self, kida_value key, kida_value *out)
{
    (void)call;
    const kd_span *array = self;
    if (kd_is(key, KIDA_INT) && key.u_.i >= 0 && (uint64_t)key.u_.i < array->count)
        *out = kd_span_at(array, (size_t)key.u_.i);
    return KIDA_OK;
}

static kida_status
array_next(kida_call *call, void *self, kida_iter *iter, kida_value *out)
{
    (void)call;
    const kd_span *array = self;
    if (iter->at_ < array->count)
        *out = kd_span_at(array, (size_t)iter->at_++);
    return KIDA_OK;
}

const kida_object_type kd_span_type = {
    .size = sizeof(kida_object_type),
    .name = "list",
    .length = array_length,
    .item = array_item,
    .next = array_next,
};

static kida_status
make_array(kida_pool *pool, kd_span made, kida_value *out)
{
    kd_span *array = kd_arena_alloc(pool, sizeof(*array));
    if (array == NULL)
        return KIDA_E_NOMEM;
    *array = made;
    *out = kida_object(&kd_span_type, array);
    return KIDA_OK;
}

kida_status
kida_from_array(kida_pool *pool, const kida_struct *description, const void *first, size_t count,
                kida_value *out)
{
    if (pool == NULL)
        return KIDA_E_NOMEM;
    return make_array(pool, (kd_span){ description, first, first != NULL ? count : 0, false },
                      out);
}

/* ---- fields ---------------------------------------------------------------------------------- */

static kida_status
read_int(const char *at, const kida_field *field, kida_value *out)
{
    bool is_signed = field->kind == KIDA_FIELD_INT;
    union {
        int8_t i8;
        int16_t i16;
        int32_t i32;
        int64_t i64;
        uint8_t u8;
        uint16_t u16;
        uint32_t u32;
        uint64_t u64;
    } n = { .u64 = 0 };
    if (field->size > sizeof(n))
        return KIDA_E_USAGE;
    memcpy(&n, at, field->size);
    if (field->size == 1)
        *out = kida_int(is_signed ? n.i8 : n.u8);
    else if (field->size == 2)
        *out = kida_int(is_signed ? n.i16 : n.u16);
    else if (field->size == 4)
        *out = kida_int(is_signed ? (int64_t)n.i32 : (int64_t)n.u32);
    else if (field->size == 8)
        *out = kida_int(n.i64);
    else
        return KIDA_E_USAGE;
    return KIDA_OK;
}

/* Unsigned numbers beyond the signed range become big integers by way of their digits. */
static kida_status
read_uint(kida_call *call, const char *at, const kida_field *field, kida_value *out)
{
    kida_status st = read_int(at, field, out);
    if (st != KIDA_OK || field->size < 8 || out->u_.i >= 0)
        return st;
    char digits[20];
    size_t from = sizeof(digits);
    for (uint64_t n = (uint64_t)out->u_.i; n != 0; n /= 10)
        digits[--from] = (char)('0' + n % 10);
    return kd_int_from_digits(call, call->rt->pool,
                              (kida_str){ digits + from, sizeof(digits) - from }, false, out);
}

/* Text of the host: checked, because all text inside must be valid UTF-8. */
static kida_status
read_text(kida_call *call, kida_str text, const kida_field *field, kida_value *out)
{
    if (text.len == 0)
        text = KIDA_S("");
    *out = kida_string(text);
    if (kd_str_is_ascii(text))
        out->head_ |= KIDA_FLAG_ASCII_;
    else if (!kida_utf8_valid(text))
        return kida_fail(call, KIDA_E_UTF8, "the field '%s' holds text that is not valid UTF-8",
                         field->name);
    return KIDA_OK;
}

static kida_status
read_chars(kida_call *call, const char *at, const kida_field *field, kida_value *out)
{
    const char *nul = field->size > 0 ? memchr(at, '\0', field->size) : NULL;
    size_t len = nul != NULL ? (size_t)(nul - at) : field->size;
    return read_text(call, (kida_str){ at, len }, field, out);
}

static kida_status
read_enum(const char *at, const kida_field *field, kida_value *out)
{
    int n;
    memcpy(&n, at, sizeof(n));
    *out = kida_int(n);
    for (int i = 0; field->names != NULL && field->names[i] != NULL && n >= 0; i++) {
        if (i == n)
            *out = kida_string(kida_str_from(field->names[i]));
    }
    return KIDA_OK;
}

static kida_status
read_array(kida_call *call, const char *memory, const kida_field *field, kida_value *out)
{
    kd_span array = { field->of, memory + field->offset, 0, field->kind == KIDA_FIELD_POINTERS };
    if (field->kind != KIDA_FIELD_ARRAY)
        memcpy(&array.first, memory + field->offset, sizeof(array.first));
    if (field->count_offset != KIDA_NOWHERE)
        memcpy(&array.count, memory + field->count_offset, sizeof(array.count));
    else if (field->kind == KIDA_FIELD_ARRAY)
        array.count = field->size;
    if (field->kind == KIDA_FIELD_ARRAY && array.count > field->size)
        array.count = field->size; /* a count field may not reach past the member */
    if (array.first == NULL || (array.pointers && array.of == NULL))
        array.count = 0;
    return make_array(call->rt->pool, array, out) == KIDA_OK ? KIDA_OK : kd_fail_memory(call);
}

/* Fields of a fixed layout that are copied out of memory. */
static kida_status
read_plain(kida_call *call, const char *at, const kida_field *field, kida_value *out)
{
    union {
        bool b;
        double d;
        float f;
        const char *s;
        kida_str text;
        kida_value v;
    } m;
    switch (field->kind) {
    case KIDA_FIELD_BOOL: {
        unsigned char byte; /* any other byte than 0 counts as true */
        memcpy(&byte, at, sizeof(byte));
        *out = kida_bool(byte != 0);
        return KIDA_OK;
    }
    case KIDA_FIELD_DOUBLE:
        memcpy(&m.d, at, sizeof(m.d));
        *out = kida_float(m.d);
        return KIDA_OK;
    case KIDA_FIELD_FLOAT:
        memcpy(&m.f, at, sizeof(m.f));
        *out = kida_float((double)m.f);
        return KIDA_OK;
    case KIDA_FIELD_CSTRING:
        memcpy(&m.s, at, sizeof(m.s));
        *out = kida_none();
        return m.s != NULL ? read_text(call, kida_str_from(m.s), field, out) : KIDA_OK;
    case KIDA_FIELD_STR:
        memcpy(&m.text, at, sizeof(m.text));
        return read_text(call, m.text, field, out);
    case KIDA_FIELD_VALUE:
        memcpy(&m.v, at, sizeof(m.v));
        *out = m.v;
        return KIDA_OK;
    case KIDA_FIELD_POINTER:
        memcpy(&m.s, at, sizeof(m.s));
        *out = m.s != NULL ? kida_from_struct(field->of, m.s) : kida_none();
        return KIDA_OK;
    case KIDA_FIELD_END:
    case KIDA_FIELD_INT:
    case KIDA_FIELD_UINT:
    case KIDA_FIELD_CHARS:
    case KIDA_FIELD_STRUCT:
    case KIDA_FIELD_ARRAY:
    case KIDA_FIELD_SLICE:
    case KIDA_FIELD_POINTERS:
    case KIDA_FIELD_ENUM:
    case KIDA_FIELD_TIME:
        break;
    }
    return KIDA_E_USAGE;
}

static kida_status
read_field(kida_call *call, const char *memory, const kida_field *field, kida_value *out)
{
    const char *at = memory + field->offset;
    switch (field->kind) {
    case KIDA_FIELD_INT:
        return read_int(at, field, out);
    case KIDA_FIELD_UINT:
        return read_uint(call, at, field, out);
    case KIDA_FIELD_CHARS:
        return read_chars(call, at, field, out);
    case KIDA_FIELD_STRUCT:
        *out = kida_from_struct(field->of, at);
        return KIDA_OK;
    case KIDA_FIELD_ARRAY:
    case KIDA_FIELD_SLICE:
    case KIDA_FIELD_POINTERS:
        return read_array(call, memory, field, out);
    case KIDA_FIELD_ENUM:
        return read_enum(at, field, out);
    case KIDA_FIELD_TIME:
        *out = kida_object(&kd_time_type, (void *)(uintptr_t)at);
        return KIDA_OK;
    case KIDA_FIELD_BOOL:
    case KIDA_FIELD_DOUBLE:
    case KIDA_FIELD_FLOAT:
    case KIDA_FIELD_CSTRING:
    case KIDA_FIELD_STR:
    case KIDA_FIELD_VALUE:
    case KIDA_FIELD_POINTER:
        return read_plain(call, at, field, out);
    case KIDA_FIELD_END:
        break;
    }
    return KIDA_E_USAGE;
}

static bool
is_named(const kida_field *field, kida_str name)
{
    const char *have = field->name;
    for (size_t i = 0; i < name.len; i++) {
        if (have[i] == '\0' || have[i] != name.ptr[i])
            return false;
    }
    return have[name.len] == '\0';
}

const kida_field *
kd_struct_find(const kida_struct *description, kida_str name)
{
    for (const kida_field *field = description->fields; field->name != NULL; field++) {
        if (is_named(field, name))
            return field;
    }
    return NULL;
}

kida_status
kd_struct_read(kida_call *call, kida_value v, const kida_field *field, kida_value *out)
{
    const char *memory = v.u_.p;
    *out = kd_absent();
    if (field->present_offset != KIDA_NOWHERE && memory[field->present_offset] == 0)
        return KIDA_OK;
    kida_status st = read_field(call, memory, field, out);
    if (st == KIDA_E_USAGE)
        return kida_fail(call, st, "the field '%s' of '%s' is described wrongly", field->name,
                         kd_struct_of(v)->name);
    return st;
}

kida_status
kd_struct_field(kida_call *call, kida_value v, kida_str name, kida_value *out)
{
    const kida_field *field = kd_struct_find(kd_struct_of(v), name);
    *out = kd_absent();
    return field != NULL ? kd_struct_read(call, v, field, out) : KIDA_OK;
}
