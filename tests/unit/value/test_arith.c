/* SPDX-License-Identifier: MIT */
#include "fixture.h"

/* Long: one table. */
static void
operators_are_pythons(void **state)
{
    static const struct {
        const char *a;
        char op;
        const char *b, *want;
    } cases[] = {
        { "1", '+', "2", "3" },
        { "true", '+', "true", "2" },
        { "9223372036854775807", '+', "1", "9223372036854775808" },
        { "-9223372036854775808", '-', "1", "-9223372036854775809" },
        { "9223372036854775808", '-', "1", "9223372036854775807" },
        { "4294967296", '*', "4294967296", "18446744073709551616" },
        { "-9223372036854775808", '*', "-1", "9223372036854775808" },
        { "1", '-', "0.9", "0.09999999999999998" },
        { "7", '/', "7", "1.0" },
        { "1", '/', "3", "0.3333333333333333" },
        { "1", '/', "0", "K-RUN-011 ZeroDivisionError" },
        { "1.0", '/', "0.0", "K-RUN-011 ZeroDivisionError" },
        { "9007199254740993", '/', "1", "9007199254740992.0" },
        { "9007199254740995", '/', "1", "9007199254740996.0" },
        { "100000000000000000000000", '/', "100000000000000000000000", "1.0" },
        { "-7", 'f', "2", "-4" },
        { "7", 'f', "-2", "-4" },
        { "-9223372036854775808", 'f', "-1", "9223372036854775808" },
        { "-7.5", 'f', "2", "-4.0" },
        { "-1", 'f', "Infinity", "-1.0" },
        { "Infinity", 'f', "1", "nan" },
        { "-5", 'f', "18446744073709551616", "-1" },
        { "-7", '%', "3", "2" },
        { "7", '%', "-3", "-2" },
        { "-9223372036854775808", '%', "-1", "0" },
        { "-2", '%', "18446744073709551616", "18446744073709551614" },
        { "18446744073709551616", '%', "-10", "-4" },
        { "-7.5", '%', "2", "0.5" },
        { "5.5", '%', "-2", "-0.5" },
        { "-0.0", '%', "3", "0.0" },
        { "-1", '%', "Infinity", "inf" },
        { "5", '%', "0.0", "K-RUN-011 ZeroDivisionError" },
        { "2", 'p', "10", "1024" },
        { "2", 'p', "100", "1267650600228229401496703205376" },
        { "-3", 'p', "41", "-36472996377170786403" },
        { "0", 'p', "0", "1" },
        { "0.0", 'p', "0", "1.0" },
        { "2", 'p', "-2", "0.25" },
        { "10", 'p', "-400", "0.0" },
        { "0", 'p', "-1", "K-RUN-011 ZeroDivisionError" },
        { "2.0", 'p', "1024", "K-RUN-007 OverflowError" },
        { "-8", 'p', "0.5", "(1.7319121124709868e-16+2.8284271247461903j)" },
        { "-1", 'p', "10000000000000000000001", "-1" },
        { "1", 'p', "10000000000000000000000", "1" },
        { "10", 'p', "10000000000", "K-RUN-007 OverflowError" },
        { "10", 'p', "100000000000000000000000", "K-RUN-007 OverflowError" },
        { "\"ab\"", '*', "3", "'ababab'" },
        { "3", '*', "[1]", "[1, 1, 1]" },
        { "([1, 2]", '*', "2", "(1, 2, 1, 2)" },
        { "\"ab\"", '*', "-1", "''" },
        { "\"ab\"", '*', "true", "'ab'" },
        { "m\"<b>\"", '*', "2", "Markup('<b><b>')" },
        { "\"ab\"", '*', "4611686018427387904", "K-RUN-007 OverflowError" },
        { "[1]", '*', "100000000000000000000", "K-RUN-007 OverflowError" },
        { "\"5\"", '*', "\"5\"", "K-RUN-012 TypeError" },
        { "[1]", '+', "[2]", "[1, 2]" },
        { "([1]", '+', "([2]", "(1, 2)" },
        { "[1]", '+', "([2]", "K-RUN-012 TypeError" },
        { "[1]", '+', "\"a\"", "'[1]a'" },
        { "null", '+', "\"s\"", "'Nones'" },
        { "1", '+', "null", "K-RUN-005 TypeError" },
        { "{}", '+', "{}", "K-RUN-012 TypeError" },
        { "u", '+', "1", "K-RUN-012 TypeError" },
        { "s[1, 2, 3]", '-', "s[2]", "{1, 3}" },
        { "\"a\"", '-', "1", "K-RUN-012 TypeError" },
        { "null", 'p', "1", "K-RUN-005 TypeError" },
        { "\"%s-%03d\"", '%', "([\"a\", 7]", "'a-007'" },
        { "1", '?', "1", "K-USE-001 TemplateRuntimeError" },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        char label[200];
        kida_value out = kd_absent();
        (void)snprintf(label, sizeof(label), "%s %c %s", cases[i].a, cases[i].op, cases[i].b);
        kida_status st = kida_arith(&fx->call, cases[i].op, v_json(fx, cases[i].a),
                                    v_json(fx, cases[i].b), &out);
        v_expect(label, v_repr(fx, st, out), cases[i].want);
    }
}

static void
signs(void **state)
{
    static const struct {
        const char *json, *negated, *kept;
    } cases[] = {
        { "5", "-5", "5" },
        { "true", "-1", "1" },
        { "-9223372036854775808", "9223372036854775808", "-9223372036854775808" },
        { "9223372036854775808", "-9223372036854775808", "9223372036854775808" },
        { "0.0", "-0.0", "0.0" },
        { "\"3\"", "K-RUN-012 TypeError", "K-RUN-012 TypeError" },
        { "null", "K-RUN-005 TypeError", "K-RUN-005 TypeError" },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_value out;
        kida_status st = kd_neg(&fx->call, v_json(fx, cases[i].json), &out);
        v_expect(cases[i].json, v_repr(fx, st, out), cases[i].negated);
        st = kd_pos(&fx->call, v_json(fx, cases[i].json), &out);
        v_expect(cases[i].json, v_repr(fx, st, out), cases[i].kept);
    }
}

/* Holds: big numbers stay between the bounds of text and of size, quickly. */
static void
sizes_of_integers_are_bounded(void **state)
{
    v_fixture *fx = *state;
    kida_value big, bigger, out;
    assert_int_equal(kd_pow(&fx->call, kida_int(10), kida_int(4299), &big), KIDA_OK);
    kida_str text;
    assert_int_equal(kd_to_str(&fx->call, big, &text), KIDA_OK);
    assert_int_equal(text.len, 4300);
    assert_int_equal(kd_pow(&fx->call, kida_int(10), kida_int(4300), &big), KIDA_OK);
    v_expect("text", v_repr(fx, KIDA_OK, big), "K-RUN-007 ValueError");
    assert_int_equal(kd_div(&fx->call, big, kida_int(2), &out), KIDA_E_RUNTIME);
    assert_int_equal(kd_div(&fx->call, big, big, &out), KIDA_OK);
    assert_true(out.u_.d == 1.0);
    assert_int_equal(kd_add(&fx->call, big, kida_float(1), &out), KIDA_E_RUNTIME);
    bigger = big;
    kida_status st = KIDA_OK;
    for (int i = 0; st == KIDA_OK && i < 10; i++)
        st = kd_mul(&fx->call, bigger, bigger, &bigger);
    v_expect("squares", v_repr(fx, st, bigger), "K-RUN-007 OverflowError");
    char digits[5000];
    memset(digits, '9', sizeof(digits));
    bool ok;
    kida_str shown = { digits, 4300 };
    assert_int_equal(kd_text_to_int(&fx->call, shown, &out, &ok), KIDA_OK);
    assert_true(ok);
    shown.len = 4301;
    assert_int_equal(kd_text_to_int(&fx->call, shown, &out, &ok), KIDA_OK);
    assert_false(ok);
    assert_int_equal(kd_int_from_digits(NULL, fx->pool, shown, false, &out), KIDA_E_RUNTIME);
    shown.len = 30;
    assert_int_equal(kd_int_from_digits(NULL, fx->pool, shown, true, &out), KIDA_OK);
    v_expect("detached", v_repr(fx, KIDA_OK, out), "-999999999999999999999999999999");
}

/* Holds: an inclusive end is included whatever the sign of the step. */
static void
range_ends(void **state)
{
    static const struct {
        const char *a, *b, *step;
        bool inclusive;
        const char *want;
    } cases[] = {
        { "1", "5", "null", true, "[1, 2, 3, 4, 5]" },
        { "1", "5", "null", false, "[1, 2, 3, 4]" },
        { "5", "1", "-1", true, "[5, 4, 3, 2, 1]" },
        { "5", "1", "-1", false, "[5, 4, 3, 2]" },
        { "5", "1", "null", true, "[]" },
        { "0", "true", "u", true, "[0, 1]" },
        { "0", "5", "0", true, "K-RUN-007 ValueError" },
        { "0", "1.0", "null", true, "K-RUN-012 TypeError" },
        { "0", "null", "null", true, "K-RUN-005 TypeError" },
        { "0", "9223372036854775807", "null", true, "K-RUN-007 OverflowError" },
        { "0", "9223372036854775808", "null", false, "K-RUN-007 OverflowError" },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_value out, list = kd_absent();
        kida_status st = kd_make_range(&fx->call, v_json(fx, cases[i].a), v_json(fx, cases[i].b),
                                       v_json(fx, cases[i].step), cases[i].inclusive, &out);
        if (st == KIDA_OK)
            st = kd_to_list(&fx->call, out, &list);
        v_expect(cases[i].a, v_repr(fx, st, list), cases[i].want);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        v_test(operators_are_pythons),
        v_test(signs),
        v_test(sizes_of_integers_are_bounded),
        v_test(range_ends),
    };
    return cmocka_run_group_tests_name("value/arith", tests, NULL, NULL);
}
