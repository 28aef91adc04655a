/* SPDX-License-Identifier: MIT */
/* sandbox.c - the one gate for every path that turns a text into an attribute, and for calls. */
#include "vm/vm.h"

static bool
in_list(const char *const *list, kida_str name)
{
    for (; list && *list; list++)
        if (kida_str_equal(kida_str_from(*list), name))
            return true;
    return false;
}

static const char *const always_blocked[] = {
    "gi_frame", "gi_code", "gi_yieldfrom", "cr_frame", "cr_code", "cr_await", "cr_origin",
    "ag_frame", "ag_code", "ag_await", "f_locals", "f_globals", "f_builtins", "f_code", "f_back",
    "f_trace", "tb_frame", "tb_next", "tb_lasti", "tb_lineno", "func_globals", "func_code",
    "func_closure", "func_defaults", "im_class", "im_func", "im_self", "co_code", "co_consts",
    "co_names", "mro", NULL
};

static const char *const harmless_dunder[] = {
    "__len__", "__iter__", "__contains__", "__getitem__", "__str__", "__repr__", NULL
};

static const char *const mutating[] = {
    "append", "extend", "insert", "pop", "remove", "sort", "reverse", "clear", "update", "add",
    "discard", "setdefault", "popitem", "intersection_update", "difference_update",
    "symmetric_difference_update", NULL
};

static const char *const always_safe[] = {
    "items", "keys", "values", "get", "copy", "count", "index", "union", "intersection",
    "difference", "issubset", "issuperset", "symmetric_difference", "startswith", "endswith",
    "strip", "lstrip", "rstrip", "split", "rsplit", "join", "replace", "lower", "upper", "title",
    "capitalize", "format", "encode", "decode", "find", "rfind", "removeprefix", "removesuffix",
    NULL
};

static kida_status
blocked(kida_call *call, kida_str name)
{
    kida_status st = kida_fail(call, KIDA_E_SEC_ATTRIBUTE,
                               "the sandbox blocks the attribute '%.*s'", (int)name.len, name.ptr);
    kida_fail_hint(call, "templates that are trusted render without a sandbox");
    return st;
}

static bool
is_dunder(kida_str name)
{
    return kd_str_starts(name, KIDA_S("__")) && kd_str_ends(name, KIDA_S("__"));
}

static kida_status
check_kind(kida_call *call, const kida_sandbox *box, kida_value v)
{
    bool function = false;
    if (kd_is(v, KIDA_CALLABLE)) {
        kd_callable *c = v.u_.p;
        function = c->kind == KD_CALL_FUNCTION || c->kind == KD_CALL_TYPE;
    }
    if (function || in_list(box->blocked_kinds, kida_str_from(kida_kind_name(v))))
        return kida_fail(call, KIDA_E_SEC_TYPE, "the sandbox blocks attributes of a %s",
                         kida_kind_name(v));
    return KIDA_OK;
}

kida_status
kd_sandbox_attribute(kida_call *call, kida_value v, kida_str name)
{
    const kida_sandbox *box = kd_vm_of(call)->host->sandbox;
    if (kd_is(v, KIDA_NONE))
        return KIDA_OK; /* nothing is there to be reached */
    if (in_list(always_blocked, name) || in_list(box->blocked_attributes, name))
        return blocked(call, name);
    if (is_dunder(name) && !in_list(harmless_dunder, name))
        return blocked(call, name);
    if (in_list(mutating, name))
        return box->allow_mutation ? KIDA_OK : blocked(call, name);
    kida_status st = check_kind(call, box, v);
    if (st != KIDA_OK)
        return st;
    if (box->allowed_attributes && !in_list(box->allowed_attributes, name) &&
        !in_list(always_safe, name))
        return blocked(call, name);
    return KIDA_OK;
}

kida_status
kd_sandbox_call(kida_call *call, kida_value callee)
{
    const kida_sandbox *box = kd_vm_of(call)->host->sandbox;
    bool trusted = true;
    kida_str name = KIDA_S("object");
    if (kd_is(callee, KIDA_CALLABLE)) {
        kd_callable *c = callee.u_.p;
        name = c->name;
        if (c->kind == KD_CALL_FUNCTION || c->kind == KD_CALL_TYPE)
            trusted = ((kd_function *)(void *)c)->trusted;
    } else if (kd_is(callee, KIDA_OBJECT)) {
        trusted = false;
    }
    if (box->allowed_calls)
        trusted = in_list(box->allowed_calls, name) ||
                  in_list(box->allowed_calls, kida_str_from(kida_kind_name(callee)));
    if (!trusted)
        return kida_fail(call, KIDA_E_SEC_CALL, "the sandbox blocks calling '%.*s'",
                         (int)name.len, name.ptr);
    return KIDA_OK;
}
