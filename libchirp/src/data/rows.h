/* SPDX-License-Identifier: MIT */
/* rows.h - where the rows of one statement go. */
#ifndef CH_DATA_ROWS_H
#define CH_DATA_ROWS_H

#include "driver.h"

typedef enum ch_result_shape {
    CH_RESULT_STRUCTS,
    CH_RESULT_DICTS,
    CH_RESULT_SCALAR
} ch_result_shape;

typedef struct ch_result {
    ch_row_sink sink; /* first, so that the sink is the result */
    kida_pool *pool;
    uint32_t max_rows;
    size_t max_bytes;
    size_t bytes_left;
    bool first_only;
    size_t count;     /* of rows */

    const kida_struct *type; /* STRUCTS: of each row */
    const kida_field **fields; /* of each column; NULL: none */
    char *structs;
    size_t room;

    kida_str *names;  /* DICTS, SCALAR */
    kida_value value; /* DICTS: a list made before, or the first row; SCALAR: the value, or none */
} ch_result;

/* Prepares a result; type, first_only and the list in value are the caller's to set. */
void ch_result_init(ch_result *self, ch_result_shape shape, const chirp_db_config *limits,
                    kida_pool *pool);

#endif
