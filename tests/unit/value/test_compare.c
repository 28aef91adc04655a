/* SPDX-License-Identifier: MIT */
#include "fixture.h"

static const char *
verdict(v_fixture *fx, kida_status st, bool holds)
{
    return v_repr(fx, st, kida_bool(holds));
}

static void
equality(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        { "1", "1.0", true },
        { "true", "1", true },
        { "1", "\"1\"", false },
        { "9007199254740993", "9007199254740992.0", false },
        { "9223372036854775807", "9223372036854775808.0", false },
        { "9223372036854775808", "9223372036854775808.0", true },
        { "18446744073709551617", "18446744073709551616.0", false },
        { "100000000000000000000", "100000000000000000000", true },
        { "100000000000000000000", "-100000000000000000000", false },
        { "100000000000000000000", "Infinity", false },
        { "NaN", "NaN", false },
        { "[NaN]", "[NaN]", true },
        { "0.0", "-0.0", true },
        { "[1, 2]", "[1.0, 2.0]", true },
        { "([1]", "[1]", false },
        { "{\"a\": 1, \"b\": 2}", "{\"b\": 2, \"a\": 1}", true },
        { "{\"a\": 1}", "{\"a\": 2}", false },
        { "{\"a\": 1}", "{\"b\": 1}", false },
        { "s[1, 2]", "s[2, 1]", true },
        { "s[1]", "s[2]", false },
        { "null", "0", false },
        { "u", "null", false },
        { "u", "u", true },
        { "m\"<b>\"", "\"<b>\"", true },
        { "\"\"", "\"\"", true },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_value a = v_json(fx, cases[i].a), b = v_json(fx, cases[i].b);
        bool there, back;
        assert_int_equal(kd_equal(&fx->call, a, b, &there), KIDA_OK);
        assert_int_equal(kd_equal(&fx->call, b, a, &back), KIDA_OK);
        if (there != cases[i].same || back != cases[i].same)
            fail_msg("%s == %s: got %d and %d", cases[i].a, cases[i].b, there, back);
    }
}

static void
order(void **state)
{
    static const struct {
        const char *a;
        char op;
        const char *b, *want;
    } cases[] = {
        { "1", '<', "2", "True" },
        { "true", '<', "1.5", "True" },
        { "9007199254740993", '>', "9007199254740992.0", "True" },
        { "9223372036854775807", '<', "9223372036854775808.0", "True" },
        { "-9223372036854775808", 'g', "-9223372036854775808.0", "True" },
        { "100000000000000000001", '>', "1e20", "True" },
        { "-100000000000000000001", '<', "-1e20", "True" },
        { "100000000000000000001", '<', "Infinity", "True" },
        { "1", '<', "0.5", "False" },
        { "-1", '<', "-0.5", "True" },
        { "NaN", '<', "1", "False" },
        { "NaN", 'g', "1", "False" },
        { "\"Z\"", '<', "\"a\"", "True" },
        { "\"10\"", '<', "\"9\"", "True" },
        { "m\"a\"", 'l', "\"a\"", "True" },
        { "[1, 2]", '<', "[1, 2, 0]", "True" },
        { "[1, \"a\"]", '<', "[2]", "True" },
        { "[1, \"a\"]", '<', "[1, 2]", "K-RUN-012 TypeError" },
        { "[1, null]", '<', "[1, 2]", "K-RUN-005 TypeError" },
        { "[NaN]", 'l', "[NaN]", "True" },
        { "([1]", '<', "[2]", "K-RUN-012 TypeError" },
        { "s[1]", '<', "s[1, 2]", "True" },
        { "s[1]", '<', "s[1]", "False" },
        { "s[1]", 'l', "s[1]", "True" },
        { "s[3]", '>', "s[1]", "False" },
        { "{}", '<', "{}", "K-RUN-012 TypeError" },
        { "null", '<', "null", "K-RUN-005 TypeError" },
        { "\"a\"", '<', "1", "K-RUN-012 TypeError" },
        { "u", '<', "1", "K-RUN-012 TypeError" },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        char label[200];
        bool holds = false;
        (void)snprintf(label, sizeof(label), "%s %c %s", cases[i].a, cases[i].op, cases[i].b);
        kida_status st = kd_order(&fx->call, cases[i].op, v_json(fx, cases[i].a),
                                  v_json(fx, cases[i].b), &holds);
        v_expect(label, verdict(fx, st, holds), cases[i].want);
    }
    int way;
    assert_int_equal(kida_compare(&fx->call, kida_int(3), kida_float(2.5), &way), KIDA_OK);
    assert_true(way > 0);
    assert_int_equal(kida_compare(&fx->call, v_json(fx, "[1]"), v_json(fx, "[1]"), &way), KIDA_OK);
    assert_int_equal(way, 0);
    assert_int_equal(kida_compare(&fx->call, kida_none(), kida_int(1), &way), KIDA_E_NONE);
}

static void
membership(void **state)
{
    static const struct {
        const char *item, *container, *want;
    } cases[] = {
        { "1.0", "[1]", "True" },
        { "NaN", "[NaN]", "True" },
        { "2", "([1]", "False" },
        { "\"a\"", "{\"a\": 1}", "True" },
        { "[]", "{}", "K-RUN-012 TypeError" },
        { "[]", "[[]]", "True" },
        { "true", "s[1]", "True" },
        { "\"an\"", "\"banana\"", "True" },
        { "\"\"", "\"\"", "True" },
        { "1", "\"1\"", "K-RUN-012 TypeError" },
        { "null", "\"1\"", "K-RUN-005 TypeError" },
        { "1", "null", "K-RUN-005 TypeError" },
        { "1", "5", "K-RUN-012 TypeError" },
        { "1", "u", "False" },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        bool in = false;
        kida_status st = kd_contains(&fx->call, v_json(fx, cases[i].container),
                                     v_json(fx, cases[i].item), &in);
        v_expect(cases[i].container, verdict(fx, st, in), cases[i].want);
    }
}

static void
ranges_answer_by_arithmetic(void **state)
{
    static const struct {
        int64_t start, stop, step;
        const char *item;
        bool in;
    } cases[] = {
        { 0, 10, 3, "9", true },    { 0, 10, 3, "10", false },  { 0, 10, 3, "8", false },
        { 10, 0, -3, "1", true },   { 10, 0, -3, "0", false },  { 10, 0, -3, "2", false },
        { 0, 5, 1, "2.0", true },   { 0, 5, 1, "2.5", false },  { 0, 2, 1, "true", true },
        { 0, 3, 1, "null", false }, { 0, 3, 1, "\"1\"", false }, { 0, 3, 1, "NaN", false },
        { INT64_MIN, INT64_MAX, 2, "0", true }, { INT64_MIN, INT64_MAX, 2, "1", false },
        { INT64_MAX, INT64_MIN, INT64_MIN, "9223372036854775807", true },
        { 0, 3, 1, "100000000000000000000", false },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_value range =
            kd_range_make(&fx->call, cases[i].start, cases[i].stop, cases[i].step);
        bool in;
        assert_int_equal(kd_contains(&fx->call, range, v_json(fx, cases[i].item), &in), KIDA_OK);
        if (in != cases[i].in)
            fail_msg("case %zu: got %d", i, in);
    }
    bool same;
    kida_value a = kd_range_make(&fx->call, 0, 3, 2), b = kd_range_make(&fx->call, 0, 4, 2);
    assert_int_equal(kd_equal(&fx->call, a, b, &same), KIDA_OK);
    assert_true(same);
}

/* Holds: comparing what is nested without end, or shared into a tree of endless leaves, ends. */
static void
walks_are_bounded(void **state)
{
    v_fixture *fx = *state;
    kida_value a = v_json(fx, "[1]"), b = v_json(fx, "[1]");
    bool same;
    assert_int_equal(kida_list_push(a, a), KIDA_OK);
    assert_int_equal(kida_list_push(b, b), KIDA_OK);
    assert_int_equal(kd_equal(&fx->call, a, b, &same), KIDA_E_LIMIT_DEPTH);
    a = v_json(fx, "[]");
    b = v_json(fx, "[]");
    for (int i = 0; i < 60; i++) {
        kida_value x = v_json(fx, "[]"), y = v_json(fx, "[]");
        for (int k = 0; k < 2; k++) {
            assert_int_equal(kida_list_push(x, a), KIDA_OK);
            assert_int_equal(kida_list_push(y, b), KIDA_OK);
        }
        a = x;
        b = y;
    }
    fx->rt.steps_left = 100000;
    assert_int_equal(kd_equal(&fx->call, a, b, &same), KIDA_E_LIMIT_STEPS);
}

static void
identity(void **state)
{
    v_fixture *fx = *state;
    kida_value list = v_json(fx, "[]");
    assert_true(kd_identical(kida_none(), kida_none()));
    assert_false(kd_identical(kida_bool(true), kida_int(1)));
    assert_false(kd_identical(kida_int(1), kida_float(1)));
    assert_true(kd_identical(list, list));
    assert_false(kd_identical(list, v_json(fx, "[]")));
    assert_true(kd_identical(v_json(fx, "([]"), v_json(fx, "([]")));
    assert_true(kida_identical(v_json(fx, "\"a\""), v_json(fx, "\"a\"")));
    assert_false(kida_identical(v_json(fx, "m\"a\""), v_json(fx, "\"a\"")));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        v_test(equality),   v_test(order),
        v_test(membership), v_test(ranges_answer_by_arithmetic),
        v_test(walks_are_bounded), v_test(identity),
    };
    return cmocka_run_group_tests_name("value/compare", tests, NULL, NULL);
}
