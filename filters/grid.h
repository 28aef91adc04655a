/* SPDX-License-Identifier: MIT */
/* grid.h - rows for the table filters: dicts or sequences, cut into columns. */
#ifndef KD_FILTERS_GRID_H
#define KD_FILTERS_GRID_H

#include <kida/filter.h>

typedef struct kd_grid_row {
    kida_value *cells;
    size_t count; /* differs from the number of columns where rows are sequences */
} kd_grid_row;

typedef struct kd_grid {
    kida_value *columns; /* names: the headers given, the keys, or col0, col1, … */
    size_t column_count;
    kd_grid_row *rows;
    size_t row_count;
} kd_grid;

/* The first row decides whether all are dicts. headers may be none. An entry that a dict does not
 * have is the empty text. No rows: no columns either. */
kida_status kd_grid_make(kida_call *call, kida_value data, kida_value headers, kd_grid *grid);

#endif
