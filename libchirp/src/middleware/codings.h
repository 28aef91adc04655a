/* SPDX-License-Identifier: MIT */
/* codings.h - gzip, brotli, zstd: whichever the build has. */
#ifndef CH_MIDDLEWARE_CODINGS_H
#define CH_MIDDLEWARE_CODINGS_H

#include <kida/kida.h>

typedef enum ch_coding_kind { CH_CODING_BROTLI, CH_CODING_ZSTD, CH_CODING_GZIP } ch_coding_kind;

/* One coding, best first. */
typedef struct ch_coding {
    ch_coding_kind kind;
    const char *name;
} ch_coding;

/* Those of this build; ended by a name of NULL. */
extern const ch_coding ch_codings[];

/* Encoders that one thread uses again and again. */
typedef struct ch_encoders ch_encoders;

ch_encoders *ch_encoders_new(const kida_allocator *allocator);
void ch_encoders_free(void *encoders);

/* Appends the encoded bytes to out. Errors: KIDA_E_NOMEM; out may then hold a part. */
kida_status ch_encode(ch_encoders *encoders, ch_coding_kind kind, unsigned level, kida_str bytes,
                      kida_buf *out);

#endif
