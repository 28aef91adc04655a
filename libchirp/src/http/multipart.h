/* SPDX-License-Identifier: MIT */
/* multipart.h - multipart/form-data piece by piece: linear time, the same result wherever the
 * pieces are cut, nothing of a part's content kept. Stricter than RFC 2046: no folded headers, no
 * padding behind boundaries, nothing behind the last one (FM-6). */
#ifndef CH_HTTP_MULTIPART_H
#define CH_HTTP_MULTIPART_H

#include "config/arena.h"

#define CH_BOUNDARY_MAX 70
#define CH_PART_HEAD_MAX ((size_t)8 << 10)
#define CH_PART_LINES_MAX 16
#define CH_PART_NAME_MAX 256
#define CH_PART_FILE_MAX 1024

/* What a part says of itself. Valid during the call that hands it over; bytes as sent. */
typedef struct ch_part {
    kida_str name;
    kida_str filename;     /* ptr NULL: a field; filename* is ignored */
    kida_str content_type; /* ptr NULL: not given */
} ch_part;

/* Called in order: part, data any number of times, end. What they return ends the reading. */
typedef struct ch_multipart_calls {
    kida_status (*part)(void *user, const ch_part *part);
    kida_status (*data)(void *user, kida_str piece);
    kida_status (*end)(void *user);
} ch_multipart_calls;

typedef enum ch_multipart_state {
    CH_MULTIPART_PREAMBLE,
    CH_MULTIPART_BOUNDARY, /* behind a boundary: CR LF or two dashes */
    CH_MULTIPART_HEAD,
    CH_MULTIPART_CONTENT,
    CH_MULTIPART_LAST,     /* behind the last boundary: nothing, or CR LF */
    CH_MULTIPART_BAD
} ch_multipart_state;

typedef struct ch_multipart {
    const ch_multipart_calls *calls;
    void *user;
    ch_multipart_state state;
    char delimiter[CH_BOUNDARY_MAX + 4]; /* CR LF - - boundary */
    size_t delimiter_len;
    size_t matched;        /* bytes of the delimiter that the input ends with */
    char tail[2];          /* behind a boundary */
    size_t tail_len;
    size_t parts;
    size_t parts_max;
    uint64_t at;           /* bytes read; exact inside of part and end */
    const char *problem;   /* why it is bad */
    size_t head_len;
    char head[CH_PART_HEAD_MAX];
} ch_multipart;

/* Finds the boundary of a Content-Type: KIDA_E_UNSUPPORTED if it is another type, KIDA_E_PARSE if
 * the boundary is missing, given twice or not allowed (FM-3). */
kida_status ch_multipart_boundary(kida_str content_type, kida_str *boundary);

/* boundary as ch_multipart_boundary gives it. */
void ch_multipart_init(ch_multipart *m, kida_str boundary, size_t parts_max,
                       const ch_multipart_calls *calls, void *user);

/* Errors: KIDA_E_PARSE with m->problem, KIDA_E_LIMIT_MEMORY for too many parts or
 * too large heads; or what a call returned. */
kida_status ch_multipart_feed(ch_multipart *m, kida_str piece);

/* The end of the body. Errors: KIDA_E_PARSE if the last boundary is missing. */
kida_status ch_multipart_finish(ch_multipart *m);

#endif
