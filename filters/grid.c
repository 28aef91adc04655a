/* SPDX-License-Identifier: MIT */
/* grid.c - rows for the table filters: dicts or sequences, cut into columns. */
#include "grid.h"

#include "build.h"

/* Keys of all rows in the order in which they first appear. */
static kida_status
collect_keys(kida_call *call, const kida_value *rows, size_t count, kida_value *out)
{
    kida_value key, item;
    kida_status st = kd_new_dict(call, 0, out);

    for (size_t r = 0; r < count && st == KIDA_OK; r++) {
        for (size_t i = 0; st == KIDA_OK && kida_dict_entry(rows[r], i, &key, &item); i++)
            st = kida_dict_put(call, *out, key, kida_none());
        if (st == KIDA_OK)
            st = kida_spend(call, kida_length(rows[r]));
    }
    return st;
}

/* col0, col1, … for as many columns as the first row has. */
static kida_status
number_columns(kida_call *call, size_t count, kd_grid *grid)
{
    kida_status st = KIDA_OK;

    grid->columns = kd_new_array(call, count, sizeof(*grid->columns));
    if (grid->columns == NULL)
        return KIDA_E_LIMIT_MEMORY;
    for (size_t i = 0; i < count && st == KIDA_OK; i++) {
        kida_buf name;
        kida_buf_init(&name, call);
        kida_buf_put(&name, KIDA_S("col"));
        kida_buf_int(&name, (int64_t)i);
        st = kida_buf_finish(&name, &grid->columns[i]);
    }
    grid->column_count = count;
    return st;
}

static kida_status
row_of_dict(kida_call *call, const kd_grid *grid, kida_value from, kd_grid_row *row)
{
    kida_status st = kida_spend(call, grid->column_count);

    if (kida_kind_of(from) != KIDA_DICT)
        return kida_fail_kind(call, KIDA_E_ATTRIBUTE, "AttributeError",
                              "table() wants dicts only, behind a first one, not %s",
                              kida_kind_name(from));
    row->count = grid->column_count;
    row->cells = kd_new_array(call, row->count, sizeof(*row->cells));
    if (row->cells == NULL)
        return KIDA_E_LIMIT_MEMORY;
    for (size_t i = 0; i < row->count && st == KIDA_OK; i++) {
        row->cells[i] = kd_nothing();
        st = kida_dict_find(call, from, grid->columns[i], &row->cells[i]);
        if (kd_is_end(row->cells[i]))
            row->cells[i] = kida_string(KIDA_S(""));
    }
    return st;
}

static kida_status
columns_of(kida_call *call, const kida_value *rows, kida_value headers, bool dicts, kd_grid *grid)
{
    kida_value keys;
    kida_status st;

    if (kida_length(headers) > 0 || kida_kind_of(headers) == KIDA_ITERATOR)
        return kd_to_array(call, headers, &grid->columns, &grid->column_count);
    if (!dicts)
        return number_columns(call, grid->rows[0].count, grid);
    st = collect_keys(call, rows, grid->row_count, &keys);
    return st == KIDA_OK ? kd_to_array(call, keys, &grid->columns, &grid->column_count) : st;
}

kida_status
kd_grid_make(kida_call *call, kida_value data, kida_value headers, kd_grid *grid)
{
    kida_value *rows;
    kida_status st = kd_to_array(call, data, &rows, &grid->row_count);

    grid->column_count = 0;
    if (st != KIDA_OK || grid->row_count == 0)
        return st;
    grid->rows = kd_new_array(call, grid->row_count, sizeof(*grid->rows));
    if (grid->rows == NULL)
        return KIDA_E_LIMIT_MEMORY;
    bool dicts = kida_kind_of(rows[0]) == KIDA_DICT;
    for (size_t i = 0; i < grid->row_count && st == KIDA_OK && !dicts; i++)
        st = kd_to_array(call, rows[i], &grid->rows[i].cells, &grid->rows[i].count);
    if (st == KIDA_OK)
        st = columns_of(call, rows, headers, dicts, grid);
    for (size_t i = 0; i < grid->row_count && st == KIDA_OK && dicts; i++)
        st = row_of_dict(call, grid, rows[i], &grid->rows[i]);
    return st;
}
