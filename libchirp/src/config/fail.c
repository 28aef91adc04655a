/* SPDX-License-Identifier: MIT */
/* fail.c - error records. */
#include "config/fail.h"

#include <stdarg.h>
#include <stdio.h>

kida_status
ch_fail(kida_error *err, kida_status status, const char *format, ...)
{
    if (err == NULL)
        return status;
    kida_error_init(err);
    err->status = status;
    err->code = kida_status_code(status);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(err->message, sizeof(err->message), format, args);
    va_end(args);
    return status;
}

kida_status
ch_fail_hint(kida_error *err, kida_status status, const char *format, ...)
{
    if (err == NULL)
        return status;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(err->hint, sizeof(err->hint), format, args);
    va_end(args);
    return status;
}
