/* SPDX-License-Identifier: MIT */
/* scaffold.h - the files of scaffold/ as bytes inside the command; made by the build. */
#ifndef CHIRP_SCAFFOLD_H
#define CHIRP_SCAFFOLD_H

#include <stddef.h>

typedef struct scaffold_file {
    const char *name; /* "minimal/src/app.c" */
    const unsigned char *bytes;
    size_t len;
} scaffold_file;

/* Ended by a NULL name. */
extern const scaffold_file scaffold_files[];

#endif
