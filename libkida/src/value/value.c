/* SPDX-License-Identifier: MIT */
/* value.c - what kinds are called. */
#include "value/value.h"

static const char *const names[] = {
    [KIDA_ABSENT] = "_Undefined", [KIDA_UNDEFINED] = "_Undefined",
    [KIDA_NONE] = "none",         [KIDA_BOOL] = "bool",
    [KIDA_INT] = "int",           [KIDA_BIGINT] = "int",
    [KIDA_FLOAT] = "float",       [KIDA_STRING] = "str",
    [KIDA_LIST] = "list",         [KIDA_TUPLE] = "tuple",
    [KIDA_DICT] = "dict",         [KIDA_SET] = "set",
    [KIDA_RANGE] = "range",       [KIDA_VIEW] = "dict_keys",
    [KIDA_ITERATOR] = "iterator", [KIDA_CALLABLE] = "function",
    [KIDA_OBJECT] = "object",
};

static const char *
view_name(const kd_view *view)
{
    static const char *const view_names[] = { "dict_keys", "dict_values", "dict_items" };
    return view_names[view->kind];
}

static const char *
callable_name(const kd_callable *callable)
{
    switch (callable->kind) {
    case KD_CALL_METHOD:
        return "builtin_function_or_method";
    case KD_CALL_TYPE:
        return "type";
    case KD_CALL_FUNCTION:
    case KD_CALL_DEF:
    case KD_CALL_REGION:
    case KD_CALL_CALLER:
    case KD_CALL_OTHER:
        break;
    }
    return "function";
}

static const char *
object_name(kida_value v)
{
    const void *type = (const void *)(uintptr_t)(v.head_ >> 16);
    if (v.head_ & KIDA_FLAG_STRUCT_)
        return ((const kida_struct *)type)->name;
    return ((const kida_object_type *)type)->name;
}

const char *
kida_kind_name(kida_value v)
{
    const char *name = NULL;
    unsigned tag = kd_tag(v);
    if (tag == KIDA_SET && (v.head_ & KIDA_FLAG_FROZEN_))
        return "frozenset";
    if (tag == KIDA_VIEW)
        return view_name(v.u_.p);
    if (tag == KIDA_ITERATOR)
        name = ((const kd_iterator *)v.u_.p)->name;
    if (tag == KIDA_CALLABLE)
        return callable_name(v.u_.p);
    if (tag == KIDA_OBJECT)
        name = object_name(v);
    if (name)
        return name;
    return tag < KD_COUNT(names) ? names[tag] : "object";
}
