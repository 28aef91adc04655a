/* SPDX-License-Identifier: MIT */
/* rows.c - rows into C structs by their field tables, and into values. */
#include "rows.h"

#include <string.h>

#include "config/alloc.h"
#include "config/fail.h"
#include "config/text.h"

#define FIRST_ROWS 16
#define TEXT_SHOWN 40

/* ---- small parts --------------------------------------------------------------------------- */

/* Copy of bytes, ended by a NUL that does not count; ptr NULL when out. */
static kida_str
copy_bytes(kida_pool *pool, kida_str from)
{
    char *copy = kida_pool_alloc(pool, from.len + 1);
    if (copy) {
        if (from.len > 0)
            memcpy(copy, from.ptr, from.len);
        copy[from.len] = '\0';
    }
    return (kida_str){ copy, from.len };
}

static kida_status
no_memory(kida_error *err)
{
    return ch_fail(err, KIDA_E_NOMEM, "no memory for the rows of a result");
}

static const char *
kind_text(const ch_cell *cell)
{
    static const char *const names[] = { "null", "a whole number", "a number", "text", "bytes" };
    return names[cell->kind];
}

static kida_status
does_not_fit(const kida_field *field, const ch_cell *cell, kida_error *err)
{
    return ch_fail(err, KIDA_E_TYPE, "column '%s' holds %s that its field can't take", field->name,
                   kind_text(cell));
}

/* ---- one field ----------------------------------------------------------------------------- */

static bool
store_integer(void *at, const kida_field *field, int64_t number)
{
    bool is_signed = field->kind != KIDA_FIELD_UINT;
    unsigned bits = (unsigned)field->size * 8;
    if (!is_signed && number < 0)
        return false;
    if (bits < 64) {
        int64_t top = (int64_t)1 << (is_signed ? bits - 1 : bits);
        if (number >= top || (is_signed && number < -top))
            return false;
    }
    switch (field->size) {
    case 1: memcpy(at, &(uint8_t){ (uint8_t)number }, 1); return true;
    case 2: memcpy(at, &(uint16_t){ (uint16_t)number }, 2); return true;
    case 4: memcpy(at, &(uint32_t){ (uint32_t)number }, 4); return true;
    case 8: memcpy(at, &number, 8); return true;
    default: return false;
    }
}

/* The number that an enum's text stands for. */
static bool
find_enum(const kida_field *field, kida_str text, int64_t *out)
{
    for (size_t i = 0; field->names && field->names[i]; i++) {
        if (kida_str_equal(kida_str_from(field->names[i]), text)) {
            *out = (int64_t)i;
            return true;
        }
    }
    return false;
}

static kida_status
store_whole(void *at, const kida_field *field, const ch_cell *cell, kida_error *err)
{
    int64_t number = cell->integer;
    bool has = cell->kind == CH_CELL_INT;
    if (cell->kind == CH_CELL_FLOAT && cell->number > -9e15 && cell->number < 9e15) {
        number = (int64_t)cell->number;
        has = (double)number == cell->number;
    } else if (cell->kind == CH_CELL_TEXT) {
        if (field->kind == KIDA_FIELD_TIME)
            has = ch_parse_time(cell->bytes, &number);
        else if (field->kind == KIDA_FIELD_ENUM)
            has = find_enum(field, cell->bytes, &number);
        else
            has = ch_parse_int(cell->bytes, &number);
    }
    return has && store_integer(at, field, number) ? KIDA_OK : does_not_fit(field, cell, err);
}

static kida_status
store_float(void *at, const kida_field *field, const ch_cell *cell, kida_error *err)
{
    double number = cell->kind == CH_CELL_INT ? (double)cell->integer : cell->number;
    if (cell->kind != CH_CELL_INT && cell->kind != CH_CELL_FLOAT)
        return does_not_fit(field, cell, err);
    if (field->kind == KIDA_FIELD_FLOAT)
        memcpy(at, &(float){ (float)number }, sizeof(float));
    else
        memcpy(at, &number, sizeof(number));
    return KIDA_OK;
}

static kida_status
store_text(void *at, const kida_field *field, const ch_cell *cell, kida_pool *pool,
           kida_error *err)
{
    char room[40];
    kida_str text = cell->bytes;
    if (cell->kind == CH_CELL_INT) {
        kida_buf number;
        kida_buf_init_heap(&number, NULL, sizeof(room));
        kida_buf_int(&number, cell->integer);
        text = kida_buf_str(&number);
        size_t len = text.len < sizeof(room) ? text.len : sizeof(room);
        if (len > 0)
            memcpy(room, text.ptr, len);
        kida_buf_free(&number);
        text = (kida_str){ room, len };
    } else if (cell->kind == CH_CELL_FLOAT) {
        return does_not_fit(field, cell, err);
    }
    if (field->kind == KIDA_FIELD_CHARS) {
        if (text.len > field->size)
            return ch_fail(err, KIDA_E_TYPE, "column '%s' holds %zu bytes, its field has room for "
                                             "%zu", field->name, text.len, field->size);
        memset(at, 0, field->size);
        if (text.len > 0)
            memcpy(at, text.ptr, text.len);
        return KIDA_OK;
    }
    if (field->kind == KIDA_FIELD_CSTRING && ch_str_find(text, '\0', 0) < text.len)
        return ch_fail(err, KIDA_E_TYPE, "column '%s' holds a NUL byte", field->name);
    kida_str copy = copy_bytes(pool, text);
    if (!copy.ptr)
        return no_memory(err);
    if (field->kind == KIDA_FIELD_CSTRING)
        memcpy(at, &copy.ptr, sizeof(copy.ptr));
    else
        memcpy(at, &copy, sizeof(copy));
    return KIDA_OK;
}

static kida_status
make_value(kida_pool *pool, const ch_cell *cell, kida_str name, kida_value *out, kida_error *err)
{
    switch (cell->kind) {
    case CH_CELL_NULL: *out = kida_none(); return KIDA_OK;
    case CH_CELL_INT: *out = kida_int(cell->integer); return KIDA_OK;
    case CH_CELL_FLOAT: *out = kida_float(cell->number); return KIDA_OK;
    case CH_CELL_BLOB:
        if (!kida_utf8_valid(cell->bytes)) {
            ch_fail(err, KIDA_E_TYPE, "column '%.*s' holds bytes that are no text",
                    (int)(name.len < TEXT_SHOWN ? name.len : TEXT_SHOWN), name.ptr);
            return ch_fail_hint(err, KIDA_E_TYPE, "read it into a struct with a kida_str field");
        }
        break;
    case CH_CELL_TEXT: break;
    }
    return kida_string_copy(pool, cell->bytes, out) == KIDA_OK ? KIDA_OK : no_memory(err);
}

/* The value of a field that NULL was stored for. */
static void
store_null(void *at, const kida_field *field)
{
    if (field->kind == KIDA_FIELD_STR)
        memcpy(at, &(kida_str){ "", 0 }, sizeof(kida_str));
    else if (field->kind == KIDA_FIELD_VALUE)
        memcpy(at, &(kida_value[]){ kida_none() }, sizeof(kida_value));
}

static kida_status
store_cell(char *memory, const kida_field *field, const ch_cell *cell, kida_pool *pool,
           kida_error *err)
{
    void *at = memory + field->offset;
    bool is_null = cell->kind == CH_CELL_NULL;
    if (field->present_offset != KIDA_NOWHERE)
        memcpy(memory + field->present_offset, &(bool){ !is_null }, sizeof(bool));
    if (is_null) {
        store_null(at, field);
        return KIDA_OK;
    }
    switch (field->kind) {
    case KIDA_FIELD_BOOL:
        if (cell->kind != CH_CELL_INT)
            return does_not_fit(field, cell, err);
        memcpy(at, &(bool){ cell->integer != 0 }, sizeof(bool));
        return KIDA_OK;
    case KIDA_FIELD_INT:
    case KIDA_FIELD_UINT:
    case KIDA_FIELD_ENUM:
    case KIDA_FIELD_TIME: return store_whole(at, field, cell, err);
    case KIDA_FIELD_DOUBLE:
    case KIDA_FIELD_FLOAT: return store_float(at, field, cell, err);
    case KIDA_FIELD_CSTRING:
    case KIDA_FIELD_CHARS:
    case KIDA_FIELD_STR: return store_text(at, field, cell, pool, err);
    case KIDA_FIELD_VALUE: {
        kida_value value;
        kida_status st = make_value(pool, cell, kida_str_from(field->name), &value, err);
        if (st == KIDA_OK)
            memcpy(at, &value, sizeof(value));
        return st;
    }
    case KIDA_FIELD_END:
    case KIDA_FIELD_STRUCT:
    case KIDA_FIELD_POINTER:
    case KIDA_FIELD_ARRAY:
    case KIDA_FIELD_SLICE:
    case KIDA_FIELD_POINTERS: break;
    }
    return does_not_fit(field, cell, err);
}

/* ---- results ------------------------------------------------------------------------------- */

/* Counts a row against the limits. */
static kida_status
charge(ch_result *self, const ch_cell *cells, size_t count, size_t own, kida_error *err)
{
    size_t bytes = own;
    for (size_t i = 0; i < count; i++)
        bytes += cells[i].bytes.len;
    if (self->count >= self->max_rows)
        return ch_fail(err, KIDA_E_LIMIT_MEMORY, "the result has more than %u rows",
                       self->max_rows);
    if (bytes > self->bytes_left)
        return ch_fail(err, KIDA_E_LIMIT_MEMORY, "the result has more than %zu bytes",
                       self->max_bytes);
    self->bytes_left -= bytes;
    return KIDA_OK;
}

static const kida_field *
find_field(const kida_struct *type, kida_str name)
{
    for (const kida_field *field = type->fields; field->name; field++) {
        if (kida_str_equal(kida_str_from(field->name), name))
            return field;
    }
    return NULL;
}

static kida_status
struct_columns(ch_row_sink *sink, const kida_str *names, size_t count, kida_error *err)
{
    ch_result *self = (ch_result *)(void *)sink;
    self->fields = kida_pool_alloc(self->pool, (count + 1) * sizeof(*self->fields));
    if (!self->fields)
        return no_memory(err);
    for (size_t i = 0; i < count; i++)
        self->fields[i] = find_field(self->type, names[i]);
    return KIDA_OK;
}

/* Room for one more struct; the array doubles, what it leaves behind goes with the pool. */
static char *
next_struct(ch_result *self)
{
    size_t size = self->type->size;
    if (self->count == self->room) {
        size_t room = self->first_only ? 1 : self->room ? self->room * 2 : FIRST_ROWS;
        size_t bytes;
        char *more = ch_size_mul(room, size, &bytes) ? kida_pool_alloc(self->pool, bytes) : NULL;
        if (!more)
            return NULL;
        if (self->count > 0)
            memcpy(more, self->structs, self->count * size);
        self->structs = more;
        self->room = room;
    }
    char *at = self->structs + self->count * size;
    memset(at, 0, size);
    return at;
}

static kida_status
struct_row(ch_row_sink *sink, const ch_cell *cells, size_t count, bool *stop, kida_error *err)
{
    ch_result *self = (ch_result *)(void *)sink;
    kida_status st = charge(self, cells, count, self->type->size, err);
    if (st != KIDA_OK)
        return st;
    char *memory = next_struct(self);
    if (!memory)
        return no_memory(err);
    for (const kida_field *field = self->type->fields; field->name; field++)
        store_null(memory + field->offset, field);
    for (size_t i = 0; st == KIDA_OK && i < count; i++) {
        if (self->fields[i])
            st = store_cell(memory, self->fields[i], &cells[i], self->pool, err);
    }
    self->count++;
    *stop = self->first_only;
    return st;
}

static kida_status
value_columns(ch_row_sink *sink, const kida_str *names, size_t count, kida_error *err)
{
    ch_result *self = (ch_result *)(void *)sink;
    self->names = kida_pool_alloc(self->pool, (count + 1) * sizeof(*self->names));
    if (!self->names)
        return no_memory(err);
    for (size_t i = 0; i < count; i++) {
        self->names[i] = copy_bytes(self->pool, names[i]);
        if (!self->names[i].ptr)
            return no_memory(err);
    }
    return KIDA_OK;
}

static kida_status
dict_row(ch_row_sink *sink, const ch_cell *cells, size_t count, bool *stop, kida_error *err)
{
    ch_result *self = (ch_result *)(void *)sink;
    kida_status st = charge(self, cells, count, count * 2 * sizeof(kida_value), err);
    kida_value row;
    if (st == KIDA_OK && kida_dict_new(self->pool, count, &row) != KIDA_OK)
        st = no_memory(err);
    for (size_t i = 0; st == KIDA_OK && i < count; i++) {
        kida_value value;
        st = make_value(self->pool, &cells[i], self->names[i], &value, err);
        if (st == KIDA_OK && kida_dict_set(row, kida_string(self->names[i]), value) != KIDA_OK)
            st = no_memory(err);
    }
    if (st != KIDA_OK)
        return st;
    self->count++;
    *stop = self->first_only;
    if (self->first_only)
        self->value = row;
    else if (kida_list_push(self->value, row) != KIDA_OK)
        st = no_memory(err);
    return st;
}

static kida_status
scalar_row(ch_row_sink *sink, const ch_cell *cells, size_t count, bool *stop, kida_error *err)
{
    ch_result *self = (ch_result *)(void *)sink;
    *stop = true;
    if (count == 0)
        return KIDA_OK;
    kida_status st = charge(self, cells, 1, 0, err);
    self->count = 1;
    return st == KIDA_OK ? make_value(self->pool, &cells[0], self->names[0], &self->value, err)
                         : st;
}

void
ch_result_init(ch_result *self, ch_result_shape shape, const chirp_db_config *limits,
               kida_pool *pool)
{
    static const ch_row_sink sinks[] = {
        [CH_RESULT_STRUCTS] = { struct_columns, struct_row },
        [CH_RESULT_DICTS] = { value_columns, dict_row },
        [CH_RESULT_SCALAR] = { value_columns, scalar_row },
    };
    *self = (ch_result){
        .sink = sinks[shape],
        .pool = pool,
        .max_rows = limits->max_rows,
        .max_bytes = limits->max_bytes,
        .bytes_left = limits->max_bytes,
        .value = kida_none(),
    };
}
