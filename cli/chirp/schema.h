/* SPDX-License-Identifier: MIT */
/* schema.h - what must happen to a database so that it has the tables of another. */
#ifndef CHIRP_SCHEMA_H
#define CHIRP_SCHEMA_H

#include "chirp_cli.h"

typedef struct schema_changes {
    const char *sql;  /* statements, each ended by ";\n"; in the pool */
    const char *slug; /* "create_users_add_notes_title_and_more" */
    size_t count;     /* of the statements */
} schema_changes;

/* Both databases are SQLite's: it reads the SQL, this compares what it has understood. False, with
 * a message, for what can't be reached by statements. */
bool schema_compare(cli *c, chirp_db *now, chirp_db *wanted, schema_changes *out);

/* Runs the statements in trial, an empty database that gets the tables of now; false, with the
 * error, if they fail. */
bool schema_try(cli *c, chirp_db *now, chirp_db *trial, const schema_changes *changes);

#endif
