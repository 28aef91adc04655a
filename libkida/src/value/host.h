/* SPDX-License-Identifier: MIT */
/* host.h - asking host objects: every call into the host counts as one level of nesting. */
#ifndef KD_HOST_H
#define KD_HOST_H

#include "value/call.h"

/* How deep containers may be nested where they are printed, compared or copied. */
#define KD_NESTING_MAX 100

/* Functions of a host object; NULL for a C struct and for any other value. */
KD_INLINE const kida_object_type *
kd_host_type(kida_value v)
{
    if ((v.head_ & (0xff | KIDA_FLAG_STRUCT_)) != KIDA_OBJECT)
        return NULL;
    return (const kida_object_type *)(uintptr_t)(v.head_ >> 16);
}

KD_INLINE kida_status
kd_host_enter(kida_call *call)
{
    kd_runtime *rt = call->rt;
    if (KD_UNLIKELY(rt->depth >= rt->max_depth))
        return kida_fail(call, KIDA_E_LIMIT_DEPTH, "calls are nested more than %u deep",
                         (unsigned)rt->max_depth);
    rt->depth++;
    return KIDA_OK;
}

KD_INLINE void
kd_host_leave(kida_call *call)
{
    call->rt->depth--;
}

#endif
