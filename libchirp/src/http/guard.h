/* SPDX-License-Identifier: MIT */
/* guard.h - collects and scans what llhttp then gets to see: request line, field sections, chunk
 * lines (PA-2, PA-3). Bytes are judged in order, so any split of the input gives one result. */
#ifndef CH_HTTP_GUARD_H
#define CH_HTTP_GUARD_H

#include "headers.h"
#include "reject.h"

/* Bytes of one line or section as collected so far. */
typedef struct ch_collect {
    ch_arena *arena;
    char *data;
    size_t len;
    size_t room;
    bool after_cr; /* the last byte was a CR, so an LF must follow */
} ch_collect;

void ch_collect_init(ch_collect *bytes, ch_arena *arena);

/* A request line that is arriving. */
typedef struct ch_line {
    ch_collect bytes;
    size_t spaces;   /* seen so far */
    size_t part;     /* bytes since the last one */
    size_t max_target;
} ch_line;

void ch_line_init(ch_line *line, ch_arena *arena, size_t max_target);

/* Takes bytes up to the end of the line; *done once it is complete. */
ch_reject ch_line_feed(ch_line *line, const char *data, size_t len, size_t *used, bool *done);

/* Splits a complete line, without its CRLF, in three. Only grammar, known method and version. */
ch_reject ch_line_split(const ch_line *line, kida_str *method, kida_str *target, bool *is_http10);

/* A section of fields that is arriving: headers or trailers. */
typedef struct ch_section {
    ch_collect bytes;
    ch_headers *fields;    /* slices of bytes; the list's max is the limit of fields */
    size_t line_start;
    size_t max_line;       /* without CRLF */
    size_t max_size;       /* all bytes */
    ch_reject size_reason;
    ch_reject count_reason;
} ch_section;

/* Takes bytes up to the empty line; *done once it was seen. */
ch_reject ch_section_feed(ch_section *section, const char *data, size_t len, size_t *used,
                          bool *done);

/* Longest chunk line, and extensions of one request in sum (CK-6). */
#define CH_CHUNK_LINE_MAX 1024
#define CH_CHUNK_EXT_MAX 16384

/* Takes bytes of a chunk line up to its end; *done once it is complete. */
ch_reject ch_chunk_feed(ch_collect *bytes, const char *data, size_t len, size_t *used, bool *done);

/* Reads a complete chunk line without its CRLF: size in hex, strict extensions (CK-1 to CK-7). */
ch_reject ch_chunk_parse(kida_str line, uint64_t *size, size_t *ext_len);

/* Whether a trailer may have that name (CK-8). */
bool ch_trailer_is_allowed(kida_str name);

#endif
