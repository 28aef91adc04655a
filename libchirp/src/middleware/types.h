/* SPDX-License-Identifier: MIT */
/* types.h - media types by file name (SF-12). */
#ifndef CH_MIDDLEWARE_TYPES_H
#define CH_MIDDLEWARE_TYPES_H

#include <kida/kida.h>

typedef struct ch_type {
    const char *extension;
    const char *type;
    bool is_dense;
} ch_type;

/* Type of a file by the end of its name, any case; application/octet-stream if it is not known. */
const ch_type *ch_type_find(kida_str name);

/* Whether bodies of a Content-Type get smaller by compressing them. */
bool ch_type_is_compressible(kida_str type);

#endif
