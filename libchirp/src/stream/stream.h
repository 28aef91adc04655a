/* SPDX-License-Identifier: MIT */
/* stream.h - a streamed answer from inside. */
#ifndef CH_STREAM_STREAM_H
#define CH_STREAM_STREAM_H

#include <chirp/stream.h>

#include "reply/reply.h"

struct chirp_stream {
    chirp_request *req;
    chirp_reply *reply;
    ch_framing framing;
    bool has_begun;          /* the head is in the output */
    kida_status status;      /* first failure to write */
    size_t gathered;         /* bytes since the last flush */
    const kida_error *error; /* of chirp_stream_fail */
    const struct ch_coding *coding; /* NULL: the body goes as it is */
    struct ch_encoders *encoders;   /* its own, with coding */
    bool has_hidden;         /* the encoder keeps bytes back */
    bool is_sending;         /* a chunk is under way */
};

void ch_stream_init(chirp_stream *stream, chirp_request *req, chirp_reply *reply);

/* Sends the head, once. Errors: KIDA_E_STOPPED, KIDA_E_NOMEM. Thread: waits */
kida_status ch_stream_begin(chirp_stream *stream);

/* Ends the body as st demands: with the last chunk, a broken connection, or another reply, which is
 * returned. */
chirp_reply *ch_stream_end(chirp_stream *stream, kida_status st);

/* chirp_stream_render for slices. */
kida_status ch_stream_render(chirp_stream *stream, kida_str name, kida_str block,
                             kida_value context, bool with_path);

#endif
