/* SPDX-License-Identifier: MIT */
/* json.c - values and C structs as JSON: compact, ASCII only. */
#define _GNU_SOURCE
#include "reply.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "config/text.h"

#define DEPTH_MAX 64

typedef struct writer {
    kida_buf *out;
    unsigned depth;
    kida_status status; /* KIDA_E_LIMIT_DEPTH once it is too deep */
} writer;

static void put_value(writer *w, kida_value value);
static void put_struct(writer *w, const kida_struct *description, const void *memory);

/* ---- texts and numbers --------------------------------------------------------------------- */

static void
put_unit(kida_buf *out, unsigned unit)
{
    static const char hex[] = "0123456789abcdef";
    char text[6] = {
        '\\', 'u', hex[unit >> 12 & 15], hex[unit >> 8 & 15], hex[unit >> 4 & 15], hex[unit & 15]
    };
    kida_buf_put(out, (kida_str){ text, sizeof(text) });
}

/* Reads one code point; bytes that are no UTF-8 count as U+FFFD. */
static uint32_t
next_code_point(kida_str text, size_t *at)
{
    unsigned char lead = (unsigned char)text.ptr[*at];
    size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc2 ? 1 : 0;
    uint32_t point = more == 3 ? lead & 7u : more == 2 ? lead & 15u : lead & 31u;
    if (more == 0 || lead > 0xf4 || text.len - *at <= more) {
        ++*at;
        return 0xfffd;
    }
    for (size_t i = 1; i <= more; i++) {
        unsigned char c = (unsigned char)text.ptr[*at + i];
        if ((c & 0xc0) != 0x80) {
            ++*at;
            return 0xfffd;
        }
        point = point << 6 | (c & 0x3fu);
    }
    *at += more + 1;
    return point;
}

static void
put_special(kida_buf *out, kida_str text, size_t *at)
{
    static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    char c = text.ptr[*at];
    for (size_t i = 0; i + 1 < sizeof(names); i += 2) {
        if (names[i] != c)
            continue;
        kida_buf_byte(out, '\\');
        kida_buf_byte(out, names[i + 1]);
        ++*at;
        return;
    }
    if ((unsigned char)c < 0x80) {
        put_unit(out, (unsigned char)c);
        ++*at;
        return;
    }
    uint32_t point = next_code_point(text, at);
    if (point < 0x10000) {
        put_unit(out, point);
        return;
    }
    put_unit(out, 0xd800 + ((point - 0x10000) >> 10));
    put_unit(out, 0xdc00 + ((point - 0x10000) & 0x3ff));
}

static bool
is_plain(char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void
put_string(kida_buf *out, kida_str text)
{
    kida_buf_byte(out, '"');
    size_t start = 0;
    for (size_t i = 0; i < text.len;) {
        if (is_plain(text.ptr[i])) {
            i++;
            continue;
        }
        kida_buf_put(out, ch_str_slice(text, start, i));
        put_special(out, text, &i);
        start = i;
    }
    kida_buf_put(out, ch_str_slice(text, start, text.len));
    kida_buf_byte(out, '"');
}

/* Shortest digits that read back as the same number. Reading and writing share the locale, so its
 * decimal sign does no harm but in the result, where it becomes a point. */
static void
put_double(kida_buf *out, double number)
{
    char text[40];
    int len = 0;
    if (!isfinite(number)) {
        kida_buf_put(out, KIDA_S("null"));
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        double back = 0;
        len = snprintf(text, sizeof(text), "%.*g", digits, number);
        if (sscanf(text, "%lf", &back) == 1 && !(back < number) && !(back > number))
            break;
    }
    bool whole = true;
    for (int i = 0; i < len; i++) {
        if (text[i] == ',')
            text[i] = '.';
        if (text[i] == '.' || text[i] == 'e')
            whole = false;
    }
    kida_buf_put(out, (kida_str){ text, (size_t)len });
    if (whole)
        kida_buf_put(out, KIDA_S(".0"));
}

/* ---- C structs ----------------------------------------------------------------------------- */

static int64_t
read_int(const char *at, size_t size)
{
    int8_t i8;
    int16_t i16;
    int32_t i32;
    int64_t i64;
    switch (size) {
    case 1:
        memcpy(&i8, at, 1);
        return i8;
    case 2:
        memcpy(&i16, at, 2);
        return i16;
    case 4:
        memcpy(&i32, at, 4);
        return i32;
    default:
        memcpy(&i64, at, 8);
        return i64;
    }
}

static uint64_t
read_uint(const char *at, size_t size)
{
    uint64_t value = (uint64_t)read_int(at, size);
    return size < 8 ? value & ((UINT64_C(1) << (size * 8)) - 1) : value;
}

static size_t
count_of(const kida_field *field, const char *memory)
{
    size_t count = 0;
    if (field->count_offset == KIDA_NOWHERE)
        return field->kind == KIDA_FIELD_ARRAY ? field->size : 0;
    memcpy(&count, memory + field->count_offset, sizeof(count));
    return count;
}

static bool
enter(writer *w)
{
    if (w->depth < DEPTH_MAX) {
        w->depth++;
        return true;
    }
    w->status = KIDA_E_LIMIT_DEPTH;
    return false;
}

static void
put_structs(writer *w, const kida_struct *of, const char *first, size_t count)
{
    if (!enter(w))
        return;
    kida_buf_byte(w->out, '[');
    for (size_t i = 0; i < count && w->status == KIDA_OK; i++) {
        if (i > 0)
            kida_buf_byte(w->out, ',');
        if (of)
            put_struct(w, of, first + i * of->size);
        else
            kida_buf_int(w->out, read_int(first + i * sizeof(int64_t), sizeof(int64_t)));
    }
    kida_buf_byte(w->out, ']');
    w->depth--;
}

static void
put_pointers(writer *w, const kida_struct *of, const void *const *first, size_t count)
{
    if (!enter(w))
        return;
    kida_buf_byte(w->out, '[');
    for (size_t i = 0; i < count && w->status == KIDA_OK; i++) {
        if (i > 0)
            kida_buf_byte(w->out, ',');
        put_struct(w, of, first[i]);
    }
    kida_buf_byte(w->out, ']');
    w->depth--;
}

static void
put_chars(writer *w, const char *at, size_t size)
{
    const char *end = memchr(at, 0, size);
    put_string(w->out, (kida_str){ at, end ? (size_t)(end - at) : size });
}

static void
put_enum(writer *w, const kida_field *field, const char *at)
{
    int64_t number = read_int(at, field->size);
    int64_t i = 0;
    while (field->names && field->names[i] && i < number)
        i++;
    if (number >= 0 && field->names && field->names[i] && i == number)
        put_string(w->out, kida_str_from(field->names[i]));
    else
        kida_buf_int(w->out, number);
}

static void
put_bool(writer *w, bool value)
{
    kida_buf_put(w->out, value ? KIDA_S("true") : KIDA_S("false"));
}

/* Long: one case for each kind of field. */
static void
put_field(writer *w, const kida_field *field, const char *memory)
{
    const char *at = memory + field->offset;
    const void *pointer = NULL;
    double number;
    float single;
    kida_str text;
    kida_value value;
    switch (field->kind) {
    case KIDA_FIELD_BOOL:
        put_bool(w, read_uint(at, 1) != 0);
        break;
    case KIDA_FIELD_INT:
    case KIDA_FIELD_TIME:
        kida_buf_int(w->out, read_int(at, field->size));
        break;
    case KIDA_FIELD_UINT:
        kida_buf_format(w->out, "%" PRIu64, read_uint(at, field->size));
        break;
    case KIDA_FIELD_DOUBLE:
        memcpy(&number, at, sizeof(number));
        put_double(w->out, number);
        break;
    case KIDA_FIELD_FLOAT:
        memcpy(&single, at, sizeof(single));
        put_double(w->out, (double)single);
        break;
    case KIDA_FIELD_CSTRING:
        memcpy(&pointer, at, sizeof(pointer));
        if (pointer)
            put_string(w->out, kida_str_from(pointer));
        else
            kida_buf_put(w->out, KIDA_S("null"));
        break;
    case KIDA_FIELD_CHARS:
        put_chars(w, at, field->size);
        break;
    case KIDA_FIELD_STR:
        memcpy(&text, at, sizeof(text));
        put_string(w->out, text);
        break;
    case KIDA_FIELD_VALUE:
        memcpy(&value, at, sizeof(value));
        put_value(w, value);
        break;
    case KIDA_FIELD_STRUCT:
        put_struct(w, field->of, at);
        break;
    case KIDA_FIELD_POINTER:
        memcpy(&pointer, at, sizeof(pointer));
        put_struct(w, field->of, pointer);
        break;
    case KIDA_FIELD_ARRAY:
        put_structs(w, field->of, at, count_of(field, memory));
        break;
    case KIDA_FIELD_SLICE:
        memcpy(&pointer, at, sizeof(pointer));
        put_structs(w, field->of, pointer, pointer ? count_of(field, memory) : 0);
        break;
    case KIDA_FIELD_POINTERS:
        memcpy(&pointer, at, sizeof(pointer));
        put_pointers(w, field->of, pointer, pointer ? count_of(field, memory) : 0);
        break;
    case KIDA_FIELD_ENUM:
        put_enum(w, field, at);
        break;
    case KIDA_FIELD_END:
        break;
    }
}

static bool
is_present(const kida_field *field, const char *memory)
{
    return field->present_offset == KIDA_NOWHERE || memory[field->present_offset] != 0;
}

static void
put_struct(writer *w, const kida_struct *description, const void *memory)
{
    if (!memory || !description) {
        kida_buf_put(w->out, KIDA_S("null"));
        return;
    }
    if (!enter(w))
        return;
    kida_buf_byte(w->out, '{');
    bool first = true;
    for (const kida_field *field = description->fields; field->name; field++) {
        if (!is_present(field, memory))
            continue;
        if (!first)
            kida_buf_byte(w->out, ',');
        first = false;
        put_string(w->out, kida_str_from(field->name));
        kida_buf_byte(w->out, ':');
        put_field(w, field, memory);
        if (w->status != KIDA_OK)
            return;
    }
    kida_buf_byte(w->out, '}');
    w->depth--;
}

/* ---- values -------------------------------------------------------------------------------- */

static void
put_list(writer *w, kida_value list)
{
    size_t count = kida_length(list);
    kida_buf_byte(w->out, '[');
    for (size_t i = 0; i < count && w->status == KIDA_OK; i++) {
        if (i > 0)
            kida_buf_byte(w->out, ',');
        put_value(w, kida_item_at(list, i));
    }
    kida_buf_byte(w->out, ']');
}

static void
put_key(writer *w, kida_value key)
{
    if (kida_kind_of(key) == KIDA_STRING) {
        put_string(w->out, kida_as_str(key));
        return;
    }
    kida_buf_byte(w->out, '"');
    put_value(w, key); /* numbers, true, false and null as their text */
    kida_buf_byte(w->out, '"');
}

static bool
can_be_key(kida_value key)
{
    kida_kind kind = kida_kind_of(key);
    return kind == KIDA_STRING || kind == KIDA_INT || kind == KIDA_BOOL || kind == KIDA_NONE ||
           kind == KIDA_FLOAT;
}

static void
put_dict(writer *w, kida_value dict)
{
    kida_value key;
    kida_value item;
    bool first = true;
    kida_buf_byte(w->out, '{');
    for (size_t i = 0; w->status == KIDA_OK && kida_dict_entry(dict, i, &key, &item); i++) {
        if (!can_be_key(key))
            continue;
        if (!first)
            kida_buf_byte(w->out, ',');
        first = false;
        put_key(w, key);
        kida_buf_byte(w->out, ':');
        put_value(w, item);
    }
    kida_buf_byte(w->out, '}');
}

/* The description behind a struct value: public interface has no call for it yet. */
static const kida_struct *
struct_of(kida_value value)
{
    if (!(value.head_ & KIDA_FLAG_STRUCT_))
        return NULL;
    return (const kida_struct *)(uintptr_t)(value.head_ >> 16);
}

static void
put_container(writer *w, kida_value value)
{
    if (!enter(w))
        return;
    if (kida_kind_of(value) == KIDA_DICT)
        put_dict(w, value);
    else
        put_list(w, value);
    w->depth--;
}

static void
put_value(writer *w, kida_value value)
{
    kida_kind kind = kida_kind_of(value);
    if (kind == KIDA_BOOL)
        put_bool(w, kida_as_int(value) != 0);
    else if (kind == KIDA_INT)
        kida_buf_int(w->out, kida_as_int(value));
    else if (kind == KIDA_FLOAT)
        put_double(w->out, kida_as_float(value));
    else if (kind == KIDA_STRING)
        put_string(w->out, kida_as_str(value));
    else if (kind == KIDA_LIST || kind == KIDA_TUPLE || kind == KIDA_DICT)
        put_container(w, value);
    else if (kind == KIDA_OBJECT)
        put_struct(w, struct_of(value), value.u_.p);
    else
        kida_buf_put(w->out, KIDA_S("null"));
}

static kida_status
finish(const writer *w)
{
    return w->status != KIDA_OK ? w->status : kida_buf_status(w->out);
}

kida_status
ch_json_write(kida_buf *out, kida_value value)
{
    writer w = { out, 0, KIDA_OK };
    put_value(&w, value);
    return finish(&w);
}

kida_status
ch_json_write_array(kida_buf *out, const kida_struct *description, const void *first, size_t count)
{
    writer w = { out, 0, KIDA_OK };
    put_structs(&w, description, first, count);
    return finish(&w);
}

kida_status
chirp_json_write(kida_buf *out, kida_value value)
{
    return ch_json_write(out, value);
}
