/* SPDX-License-Identifier: MIT */
/* reject.h - reasons for refusing a request; see reject.def. */
#ifndef CH_HTTP_REJECT_H
#define CH_HTTP_REJECT_H

#include <kida/kida.h>

typedef enum ch_reject {
#define CH_REJECT(name, status, token) CH_REJECT_##name,
#include "reject.def"
#undef CH_REJECT
    CH_REJECT_COUNT
} ch_reject;

/* Status to answer. */
unsigned ch_reject_status(ch_reject reason);

/* Token for logs and metrics. */
kida_str ch_reject_token(ch_reject reason);

#endif
