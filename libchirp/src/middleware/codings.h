/* SPDX-License-Identifier: MIT */
/* codings.h - gzip, brotli, zstd: whichever the build has. */
#ifndef CH_MIDDLEWARE_CODINGS_H
#define CH_MIDDLEWARE_CODINGS_H

#include <chirp/reply.h>

typedef enum ch_coding_kind { CH_CODING_BROTLI, CH_CODING_ZSTD, CH_CODING_GZIP } ch_coding_kind;

/* One coding, best first. */
typedef struct ch_coding {
    ch_coding_kind kind;
    const char *name;
} ch_coding;

/* Those of this build; ended by a name of NULL. */
extern const ch_coding ch_codings[];

/* Encoders that one thread uses again and again, for one text at a time. */
typedef struct ch_encoders ch_encoders;

ch_encoders *ch_encoders_new(const kida_allocator *allocator);
void ch_encoders_free(void *encoders);

/* Appends the encoded bytes to out. Errors: KIDA_E_NOMEM; out may then hold a part. */
kida_status ch_encode(ch_encoders *encoders, ch_coding_kind kind, unsigned level, kida_str bytes,
                      kida_buf *out);

/* How much of what was given must come out. */
typedef enum ch_encode_until {
    CH_ENCODE_MORE,  /* whatever there is */
    CH_ENCODE_FLUSH, /* all so far */
    CH_ENCODE_END    /* all, and the end of the text */
} ch_encode_until;

/* Begins a text whose length nobody knows, within little memory. Its encoders are for nothing else.
 * Errors: KIDA_E_NOMEM, KIDA_E_UNSUPPORTED. */
kida_status ch_encode_begin(ch_encoders *encoders, ch_coding_kind kind, unsigned level);

/* Gives bytes to it and appends what comes out. Errors: as ch_encode. */
kida_status ch_encode_piece(ch_encoders *encoders, ch_coding_kind kind, ch_encode_until until,
                            kida_str bytes, kida_buf *out);

/* Has a streamed answer encoded when it is sent. Defined by stream/. */
void ch_stream_set_coding(chirp_reply *reply, const ch_coding *coding, unsigned level);

#endif
