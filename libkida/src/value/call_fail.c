/* SPDX-License-Identifier: MIT */
/* call_fail.c - failures of bodies: written once into the error record of the render. */
#include <stdio.h>

#include "value/call.h"

kida_status
kida_fail(kida_call *call, kida_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    kida_status st = kd_error_setv(call->rt->err, status, format, args);
    va_end(args);
    return st;
}

kida_status
kida_fail_kind(kida_call *call, kida_status status, const char *kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    kida_status st = kd_error_setv(call->rt->err, status, format, args);
    va_end(args);
    kd_error_kind(call->rt->err, kind);
    return st;
}

kida_status
kida_fail_hint(kida_call *call, const char *format, ...)
{
    kida_error *err = call->rt->err;
    if (!err)
        return KIDA_E_USAGE; /* nobody listens, and the status is not known here */
    va_list args;
    va_start(args, format);
    (void)vsnprintf(err->hint, sizeof(err->hint), format, args);
    va_end(args);
    return err->status;
}

kida_status
kida_fail_type(kida_call *call, kida_value v, const char *what)
{
    if (kd_is(v, KIDA_NONE))
        return kida_fail(call, KIDA_E_NONE, "%s, not none", what);
    return kida_fail(call, KIDA_E_TYPE, "%s, not '%s'", what, kida_kind_name(v));
}

kida_status
kd_fail_memory(kida_call *call)
{
    return kida_fail(call, KIDA_E_LIMIT_MEMORY, "the render needs more memory than it may use");
}

kida_status
kd_fail_size(kida_call *call)
{
    return kida_fail_kind(call, KIDA_E_RUNTIME, "OverflowError",
                          "the result would be larger than a render may build");
}

kida_status
kida_return_str(kida_call *call, kida_str text, kida_value *out)
{
    kida_str copy = kd_arena_str(call->rt->pool, text);
    if (!copy.ptr)
        return kd_fail_memory(call);
    *out = kida_string(copy);
    return KIDA_OK;
}
