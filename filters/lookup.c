/* SPDX-License-Identifier: MIT */
/* lookup.c - reading an attribute whose name comes from an argument. */
#include "build.h"
#include "lookup.h"

kida_status
kd_read_attribute(kida_call *call, kida_value item, kida_value name, kida_value *out)
{
    *out = kd_nothing();
    if (kida_kind_of(name) != KIDA_STRING)
        return kida_fail_type(call, name, "the name of an attribute must be a text");
    if (kida_kind_of(item) == KIDA_NONE) /* has none at all, whatever the sandbox says of them */
        return KIDA_OK;
    return kida_get_attr(call, item, kida_as_str(name), out);
}

kida_status
kd_lookup(kida_call *call, kida_value item, kida_value name, kida_value *out)
{
    bool is_text = kida_kind_of(name) == KIDA_STRING;

    *out = kd_nothing();
    if (kida_kind_of(item) == KIDA_NONE)
        return KIDA_OK;
    if (kida_kind_of(item) != KIDA_DICT)
        return is_text ? kida_get_attr(call, item, kida_as_str(name), out) : KIDA_OK;

    kida_status st = is_text ? kida_check_attr(call, item, kida_as_str(name)) : KIDA_OK;
    return st == KIDA_OK ? kida_dict_find(call, item, name, out) : st;
}

kida_status
kd_attr(kida_call *call, kida_value item, kida_value name, kida_value *out)
{
    kida_status st = kd_lookup(call, item, name, out);

    if (st == KIDA_OK && (kd_is_end(*out) || kida_kind_of(*out) == KIDA_NONE))
        *out = kida_string(KIDA_S(""));
    return st;
}
