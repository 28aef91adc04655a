/* SPDX-License-Identifier: MIT */
/* is_tests.c - the tests behind `is`. select and its kin have a list of their own: by_name.c. */
#include <kida/unicode.h>

#include "build.h"
#include "builtins.h"
#include "by_name.h"

/* ---- kind ------------------------------------------------------------------------------------ */

/* defined, undefined: mostly done by the compiler, which also sees names that don't exist. */
static kida_status
t_defined(kida_call *call, kida_value self, bool *out)
{
    (void)call;
    *out = kida_kind_of(self) != KIDA_NONE && kida_kind_of(self) != KIDA_UNDEFINED;
    return KIDA_OK;
}

static kida_status
t_undefined(kida_call *call, kida_value self, bool *out)
{
    kida_status st = t_defined(call, self, out);
    *out = !*out;
    return st;
}

static kida_status
t_none(kida_call *call, kida_value self, bool *out)
{
    (void)call;
    *out = kida_kind_of(self) == KIDA_NONE;
    return KIDA_OK;
}

static kida_status
t_true(kida_call *call, kida_value self, bool *out)
{
    (void)call;
    *out = kida_kind_of(self) == KIDA_BOOL && kida_as_int(self) != 0;
    return KIDA_OK;
}

static kida_status
t_false(kida_call *call, kida_value self, bool *out)
{
    (void)call;
    *out = kida_kind_of(self) == KIDA_BOOL && kida_as_int(self) == 0;
    return KIDA_OK;
}

static kida_status
t_string(kida_call *call, kida_value self, bool *out)
{
    (void)call;
    *out = kida_kind_of(self) == KIDA_STRING;
    return KIDA_OK;
}

static kida_status
t_number(kida_call *call, kida_value self, bool *out)
{
    kida_kind kind = kida_kind_of(self);

    (void)call;
    *out = kind == KIDA_INT || kind == KIDA_BIGINT || kind == KIDA_FLOAT;
    return KIDA_OK;
}

static kida_status
t_sequence(kida_call *call, kida_value self, bool *out)
{
    kida_kind kind = kida_kind_of(self);

    (void)call;
    *out = kind == KIDA_LIST || kind == KIDA_TUPLE || kind == KIDA_STRING;
    return KIDA_OK;
}

static kida_status
t_mapping(kida_call *call, kida_value self, bool *out)
{
    (void)call;
    *out = kida_is_mapping(self);
    return KIDA_OK;
}

static kida_status
t_iterable(kida_call *call, kida_value self, bool *out)
{
    (void)call;
    *out = kida_is_iterable(self);
    return KIDA_OK;
}

static kida_status
t_callable(kida_call *call, kida_value self, bool *out)
{
    (void)call;
    *out = kida_is_callable(self);
    return KIDA_OK;
}

/* ---- numbers --------------------------------------------------------------------------------- */

static kida_status
t_odd(kida_call *call, kida_value self, bool *out)
{
    return kd_has_remainder(call, self, kida_int(2), 1, out);
}

static kida_status
t_even(kida_call *call, kida_value self, bool *out)
{
    return kd_has_remainder(call, self, kida_int(2), 0, out);
}

static kida_status
t_divisibleby(kida_call *call, kida_value self, bool *out)
{
    return kd_has_remainder(call, self, kida_arg(call, 0), 0, out);
}

static const kida_param divisibleby_params[] = { { "num", KIDA_IN_ANY, NULL }, { 0 } };

/* ---- comparison ------------------------------------------------------------------------------ */

static kida_status
t_eq(kida_call *call, kida_value self, bool *out)
{
    return kida_equal(call, self, kida_arg(call, 0), out);
}

static kida_status
t_ne(kida_call *call, kida_value self, bool *out)
{
    kida_status st = kida_equal(call, self, kida_arg(call, 0), out);
    *out = !*out;
    return st;
}

static kida_status
t_lt(kida_call *call, kida_value self, bool *out)
{
    return kida_order(call, '<', self, kida_arg(call, 0), out);
}

static kida_status
t_le(kida_call *call, kida_value self, bool *out)
{
    return kida_order(call, 'l', self, kida_arg(call, 0), out);
}

static kida_status
t_gt(kida_call *call, kida_value self, bool *out)
{
    return kida_order(call, '>', self, kida_arg(call, 0), out);
}

static kida_status
t_ge(kida_call *call, kida_value self, bool *out)
{
    return kida_order(call, 'g', self, kida_arg(call, 0), out);
}

static kida_status
t_sameas(kida_call *call, kida_value self, bool *out)
{
    *out = kida_identical(self, kida_arg(call, 0));
    return KIDA_OK;
}

static const kida_param other_params[] = { { "other", KIDA_IN_ANY, NULL }, { 0 } };

static kida_status
t_in(kida_call *call, kida_value self, bool *out)
{
    return kida_contains(call, kida_arg(call, 0), self, out);
}

static const kida_param in_params[] = { { "seq", KIDA_IN_ANY, NULL }, { 0 } };

/* ---- text ------------------------------------------------------------------------------------ */

static kida_status
has_case(kida_call *call, kida_value self, int wanted, bool *out)
{
    kida_str text;
    kida_status st = kida_to_str(call, self, &text);

    *out = st == KIDA_OK && kida_unicode_case(text) == wanted;
    return st;
}

static kida_status
t_lower(kida_call *call, kida_value self, bool *out)
{
    return has_case(call, self, -1, out);
}

static kida_status
t_upper(kida_call *call, kida_value self, bool *out)
{
    return has_case(call, self, 1, out);
}

static kida_status
t_match(kida_call *call, kida_value self, bool *out)
{
    return kd_match(call, self, kida_arg(call, 0), out);
}

static const kida_param match_params[] = { { "pattern", KIDA_IN_ANY, NULL }, { 0 } };

/* ---- requests -------------------------------------------------------------------------------- */

/* A header of a request: *found is false for values that have no headers, *out empty for requests
 * that have no such header. A dict is no request, even with a key headers. */
static kida_status
find_header(kida_call *call, kida_value v, kida_str name, kida_value *out, bool *found)
{
    kida_value headers = kd_nothing();
    kida_value get = kd_nothing();

    *found = false;
    *out = kida_string(KIDA_S(""));
    if (kida_kind_of(v) != KIDA_OBJECT)
        return KIDA_OK;
    kida_status st = kida_get_attr(call, v, KIDA_S("headers"), &headers);
    if (st != KIDA_OK || kd_is_end(headers))
        return st;
    *found = true;
    if (kida_kind_of(headers) == KIDA_DICT) {
        kida_value value = kida_dict_get(headers, name);
        *out = kd_is_end(value) ? *out : value;
        return KIDA_OK;
    }
    st = kida_get_attr(call, headers, KIDA_S("get"), &get);
    if (st != KIDA_OK || !kida_is_callable(get))
        return st;
    kida_value args[2] = { kida_string(name), *out };
    return kida_invoke(call, get, args, 2, out);
}

/* Whether the text is "true" in letters of any size. */
static bool
says_true(kida_str text)
{
    static const char word[] = "true";
    bool same = text.len == sizeof(word) - 1;

    for (size_t i = 0; same && i < text.len; i++)
        same = (text.ptr[i] | 0x20) == word[i];
    return same;
}

static kida_status
has_true_header(kida_call *call, kida_value self, kida_str name, bool *out)
{
    kida_value value;
    bool found;
    kida_status st = find_header(call, self, name, &value, &found);

    if (st != KIDA_OK)
        return st;
    if (!found)
        return kida_truth(call, self, out);
    if (kida_kind_of(value) != KIDA_STRING)
        return kida_fail(call, KIDA_E_ATTRIBUTE, "the header %.*s is no text", (int)name.len,
                         name.ptr);
    *out = says_true(kida_as_str(value));
    return KIDA_OK;
}

static kida_status
t_hx_request(kida_call *call, kida_value self, bool *out)
{
    return has_true_header(call, self, KIDA_S("HX-Request"), out);
}

static kida_status
t_hx_boosted(kida_call *call, kida_value self, bool *out)
{
    return has_true_header(call, self, KIDA_S("HX-Boosted"), out);
}

static kida_status
t_hx_target(kida_call *call, kida_value self, bool *out)
{
    kida_value value;
    kida_str text;
    bool found;
    kida_status st = find_header(call, self, KIDA_S("HX-Target"), &value, &found);

    if (st == KIDA_OK && !found) {
        st = kida_to_str(call, self, &text);
        if (st == KIDA_OK)
            value = kida_string(text);
    }
    return st == KIDA_OK ? kida_equal(call, value, kida_arg(call, 0), out) : st;
}

static const kida_param hx_target_params[] = { { "target", KIDA_IN_ANY, NULL }, { 0 } };

/* ---- table ----------------------------------------------------------------------------------- */

static const kida_param any_params[] = { { "*args", KIDA_IN_ANY, NULL }, { 0 } };

const kida_test kd_tests_builtin[] = {
    { "defined", t_defined, any_params, KIDA_PURE, "exists and is not none" },
    { "undefined", t_undefined, any_params, KIDA_PURE, "does not exist or is none" },
    { "none", t_none, NULL, KIDA_PURE, "is none" },
    { "true", t_true, NULL, KIDA_PURE, "is the bool true" },
    { "false", t_false, NULL, KIDA_PURE, "is the bool false" },
    { "string", t_string, NULL, KIDA_PURE, "is a text" },
    { "number", t_number, NULL, KIDA_PURE, "is a number and no bool" },
    { "sequence", t_sequence, NULL, KIDA_PURE, "is a list, tuple or text" },
    { "mapping", t_mapping, NULL, KIDA_PURE, "is a dict" },
    { "iterable", t_iterable, NULL, KIDA_PURE, "can be walked by for" },
    { "callable", t_callable, NULL, KIDA_PURE, "can be called" },
    { "odd", t_odd, NULL, KIDA_PURE, "leaves 1 when divided by 2" },
    { "even", t_even, NULL, KIDA_PURE, "leaves 0 when divided by 2" },
    { "divisibleby", t_divisibleby, divisibleby_params, KIDA_PURE, "leaves 0 when divided" },
    { "eq", t_eq, other_params, KIDA_PURE, "is equal to the argument" },
    { "equalto", t_eq, other_params, KIDA_PURE, "same as eq" },
    { "ne", t_ne, other_params, KIDA_PURE, "is not equal to the argument" },
    { "lt", t_lt, other_params, KIDA_PURE, "is less than the argument" },
    { "lessthan", t_lt, other_params, KIDA_PURE, "same as lt" },
    { "le", t_le, other_params, KIDA_PURE, "is less than or equal to the argument" },
    { "gt", t_gt, other_params, KIDA_PURE, "is greater than the argument" },
    { "greaterthan", t_gt, other_params, KIDA_PURE, "same as gt" },
    { "ge", t_ge, other_params, KIDA_PURE, "is greater than or equal to the argument" },
    { "sameas", t_sameas, other_params, KIDA_PURE, "is the very same value as the argument" },
    { "in", t_in, in_params, KIDA_PURE, "is among the items of the argument" },
    { "lower", t_lower, NULL, KIDA_PURE, "has letters, all of them small" },
    { "upper", t_upper, NULL, KIDA_PURE, "has letters, all of them capital" },
    { "match", t_match, match_params, KIDA_PURE, "begins as a regular expression says" },
    { "hx_request", t_hx_request, NULL, 0, "is a request that htmx sent" },
    { "hx_boosted", t_hx_boosted, NULL, 0, "is a request that a boosted link sent" },
    { "hx_target", t_hx_target, hx_target_params, 0, "is a request for that element" },
};
const size_t kd_tests_builtin_count = sizeof(kd_tests_builtin) / sizeof(kd_tests_builtin[0]);
