/* SPDX-License-Identifier: MIT */
/* head.h - the head of a response as bytes. */
#ifndef CH_HTTP_HEAD_H
#define CH_HTTP_HEAD_H

#include "headers.h"

typedef enum ch_framing {
    CH_FRAMING_LENGTH = 0, /* content-length */
    CH_FRAMING_CHUNKED,    /* HTTP/1.1 only */
    CH_FRAMING_CLOSE       /* ends with the connection: HTTP/1.0 only */
} ch_framing;

/* Everything that a head says. Empty texts leave their line out. */
typedef struct ch_head {
    unsigned status;
    bool is_http10;            /* version of the request */
    bool keep_alive;
    ch_framing framing;
    uint64_t length;           /* of the body, also for HEAD */
    kida_str server;
    kida_str date;
    kida_str content_type;
    const ch_headers *headers; /* own ones in order, set-cookie among them; may be NULL */
    kida_str request_id;
    kida_str intent;           /* written only where content_type begins with text/html */
} ch_head;

/* Appends the head with its empty line. Order: server, date, content-type, own headers, cookies,
 * x-request-id, x-chirp-render-intent, then framing and connection. Own headers that name the
 * framing or the connection are dropped (RS-1), as is a length where there is no body (RS-2).
 * Errors: KIDA_E_USAGE for a status outside 200 to 599 or a value that must not be sent. */
kida_status ch_head_write(kida_buf *out, const ch_head *head, kida_error *err);

/* Whether chunked framing is right for this answer: 1.1 and a status that has a body. */
bool ch_head_can_chunk(const ch_head *head);

/* Appends `size in hex CRLF` and the end of a chunk, or of the body. */
void ch_chunk_begin(kida_buf *out, size_t len);
void ch_chunk_end(kida_buf *out);
void ch_chunk_last(kida_buf *out);

#endif
