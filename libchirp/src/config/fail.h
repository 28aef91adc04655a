/* SPDX-License-Identifier: MIT */
/* fail.h - fills the caller's error record. */
#ifndef CH_CONFIG_FAIL_H
#define CH_CONFIG_FAIL_H

#include <kida/kida.h>

/* Sets status, code and message (err may be NULL) and returns status. */
kida_status ch_fail(kida_error *err, kida_status status, const char *format, ...)
    KIDA_PRINTF(3, 4);

/* Adds what to do about it; returns err's status. */
kida_status ch_fail_hint(kida_error *err, kida_status status, const char *format, ...)
    KIDA_PRINTF(3, 4);

#endif
