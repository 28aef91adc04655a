/* SPDX-License-Identifier: MIT */
/* by_name.c - the tests that select, reject and their kin know by name. */
#include "build.h"
#include "by_name.h"
#include "text.h"

kida_status
kd_match(kida_call *call, kida_value v, kida_value pattern, bool *out)
{
    kida_str text;

    *out = false;
    if (kida_kind_of(v) == KIDA_NONE)
        return KIDA_OK;
    if (kida_kind_of(pattern) != KIDA_STRING) /* none is no exception here */
        return kida_fail(call, KIDA_E_TYPE, "match() wants a text as pattern, not a %s",
                         kida_kind_name(pattern));
    kida_status st = kida_to_str(call, v, &text);
    if (st == KIDA_OK)
        st = kd_text_spend(call, text);
    return st == KIDA_OK ? kida_regex_match(call, kd_text(pattern), text, out) : st;
}

kida_status
kd_has_remainder(kida_call *call, kida_value v, kida_value by, int64_t remainder, bool *out)
{
    kida_value rest;
    kida_status st = kida_arith(call, '%', v, by, &rest);
    return st == KIDA_OK ? kida_equal(call, rest, kida_int(remainder), out) : st;
}

/* ---- tests of kind --------------------------------------------------------------------------- */

static bool
is_whole(kida_value v)
{
    kida_kind kind = kida_kind_of(v);
    return kind == KIDA_BOOL || kind == KIDA_INT || kind == KIDA_BIGINT;
}

static kida_status
n_truthy(kida_call *call, const kd_named_test *test, kida_value v, bool *out)
{
    (void)test;
    return kida_truth(call, v, out);
}

static kida_status
n_kind(kida_call *call, const kd_named_test *test, kida_value v, bool *out)
{
    (void)call;
    *out = (test->kinds >> kida_kind_of(v) & 1u) != 0;
    return KIDA_OK;
}

static kida_status
n_true(kida_call *call, const kd_named_test *test, kida_value v, bool *out)
{
    (void)call;
    (void)test;
    *out = kida_kind_of(v) == KIDA_BOOL && kida_as_int(v) != 0;
    return KIDA_OK;
}

static kida_status
n_false(kida_call *call, const kd_named_test *test, kida_value v, bool *out)
{
    (void)call;
    (void)test;
    *out = kida_kind_of(v) == KIDA_BOOL && kida_as_int(v) == 0;
    return KIDA_OK;
}

static kida_status
n_mapping(kida_call *call, const kd_named_test *test, kida_value v, bool *out)
{
    (void)call;
    (void)test;
    *out = kida_is_mapping(v);
    return KIDA_OK;
}

static kida_status
n_iterable(kida_call *call, const kd_named_test *test, kida_value v, bool *out)
{
    (void)call;
    (void)test;
    *out = kida_is_iterable(v);
    return KIDA_OK;
}

/* ---- tests of value -------------------------------------------------------------------------- */

/* v % by == remainder for whole numbers; all else does not pass. */
static kida_status
whole_remainder(kida_call *call, kida_value v, kida_value by, int64_t remainder, bool *out)
{
    *out = false;
    if (!is_whole(v) || kd_is_end(by))
        return KIDA_OK;
    return kd_has_remainder(call, v, by, remainder, out);
}

static kida_status
n_odd(kida_call *call, const kd_named_test *test, kida_value v, bool *out)
{
    (void)test;
    return whole_remainder(call, v, kida_int(2), 1, out);
}

static kida_status
n_even(kida_call *call, const kd_named_test *test, kida_value v, bool *out)
{
    (void)test;
    return whole_remainder(call, v, kida_int(2), 0, out);
}

static kida_status
n_divisibleby(kida_call *call, const kd_named_test *test, kida_value v, bool *out)
{
    return whole_remainder(call, v, test->arg, 0, out);
}

static kida_status
n_eq(kida_call *call, const kd_named_test *test, kida_value v, bool *out)
{
    *out = false;
    return kd_is_end(test->arg) ? KIDA_OK : kida_equal(call, v, test->arg, out);
}

static kida_status
n_match(kida_call *call, const kd_named_test *test, kida_value v, bool *out)
{
    *out = false;
    return kd_is_end(test->arg) ? KIDA_OK : kd_match(call, v, test->arg, out);
}

/* ---- table ----------------------------------------------------------------------------------- */

#define BIT(kind) (1u << (kind))
#define NOTHING (BIT(KIDA_NONE) | BIT(KIDA_UNDEFINED))
#define NUMBERS (BIT(KIDA_BOOL) | BIT(KIDA_INT) | BIT(KIDA_BIGINT) | BIT(KIDA_FLOAT))
#define SEQUENCES (BIT(KIDA_LIST) | BIT(KIDA_TUPLE) | BIT(KIDA_STRING))

static const struct {
    kida_str name;
    kd_named_fn *passes;
    uint32_t kinds;
} named_tests[] = {
    { KIDA_S_INIT("defined"), n_kind, ~NOTHING },
    { KIDA_S_INIT("undefined"), n_kind, NOTHING },
    { KIDA_S_INIT("none"), n_kind, BIT(KIDA_NONE) },
    { KIDA_S_INIT("true"), n_true, 0 },
    { KIDA_S_INIT("false"), n_false, 0 },
    { KIDA_S_INIT("string"), n_kind, BIT(KIDA_STRING) },
    { KIDA_S_INIT("number"), n_kind, NUMBERS }, /* bools too */
    { KIDA_S_INIT("sequence"), n_kind, SEQUENCES },
    { KIDA_S_INIT("mapping"), n_mapping, 0 },
    { KIDA_S_INIT("iterable"), n_iterable, 0 },
    { KIDA_S_INIT("odd"), n_odd, 0 }, /* whole numbers only, no failures */
    { KIDA_S_INIT("even"), n_even, 0 },
    { KIDA_S_INIT("divisibleby"), n_divisibleby, 0 },
    { KIDA_S_INIT("eq"), n_eq, 0 },
    { KIDA_S_INIT("equalto"), n_eq, 0 },
    { KIDA_S_INIT("sameas"), n_eq, 0 }, /* equality, not identity */
    { KIDA_S_INIT("match"), n_match, 0 },
};

kd_named_test
kd_find_named_test(kida_value name, kida_value arg)
{
    kd_named_test found = { n_truthy, 0, arg };

    for (size_t i = 0; i < sizeof(named_tests) / sizeof(named_tests[0]); i++) {
        if (kida_kind_of(name) == KIDA_STRING &&
            kida_str_equal(named_tests[i].name, kida_as_str(name))) {
            found.passes = named_tests[i].passes;
            found.kinds = named_tests[i].kinds;
        }
    }
    return found;
}
