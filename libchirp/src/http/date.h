/* SPDX-License-Identifier: MIT */
/* date.h - IMF-fixdate, made once a second by each worker. */
#ifndef CH_HTTP_DATE_H
#define CH_HTTP_DATE_H

#include <kida/kida.h>

#define CH_DATE_LEN 29

/* Text of the newest second; one for each worker, starts zeroed. */
typedef struct ch_date_cache {
    int64_t second;
    char text[CH_DATE_LEN + 1];
} ch_date_cache;

/* Writes "Sun, 06 Nov 1994 08:49:37 GMT"; seconds since 1970, years 1970 to 9999. */
void ch_date_format(int64_t seconds, char out[CH_DATE_LEN + 1]);

/* The date of now; valid until the next call. */
kida_str ch_date_now(ch_date_cache *cache, int64_t now);

/* Reads an IMF-fixdate; false for any other text. */
bool ch_date_parse(kida_str text, int64_t *out);

#endif
