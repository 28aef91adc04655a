/* SPDX-License-Identifier: MIT */
#include "fixture.h"

/* Holds: Python's dialect, matched at the start. Could break: escapes that mean something else. */
static void
patterns_mean_what_python_means(void **state)
{
    static const struct {
        const char *pattern, *text, *want;
    } cases[] = {
        { "abc", "abcd", "True" },
        { "bc", "abcd", "False" },
        { "", "", "True" },
        { "a$", "a\n", "True" },
        { "a\\Z", "a\n", "False" },
        { "a\\Z", "a", "True" },
        { ".b", "\u00e9b", "True" },
        { ".", "\n", "False" },
        { "\\w+$", "\u00e9\u0663_", "True" },
        { "\\d", "\u0663", "True" },
        { "\\s\\S", "\x1f.", "True" },
        { "[\\s]", "\u3000", "True" },
        { "\\v", "\x0b", "True" },
        { "\\v", "\n", "False" },
        { "a{,2}$", "aa", "True" },
        { "a{,2}$", "aaa", "False" },
        { "[]a]", "]", "True" },
        { "[^]a]", "b", "True" },
        { "[[:alpha:]]", ":]", "True" },
        { "\\u00e9", "\u00e9", "True" },
        { "[\\U0001f600]", "\U0001f600", "True" },
        { "(?P<x>a)(?P=x)", "aa", "True" },
        { "(?i)abc", "ABC", "True" },
        { "(?=a)a(?!b)", "ac", "True" },
        { "(a|b)\\1", "bb", "True" },
        { "\\.", ".", "True" },
        { "(", "x", "K-RUN-007 PatternError" },
        { "[a", "a", "K-RUN-007 PatternError" },
        { "*", "x", "K-RUN-007 PatternError" },
        { "\\", "x", "K-RUN-007 PatternError" },
        { "\\C", "x", "K-RUN-007 PatternError" },
        { "\\K", "x", "K-RUN-007 PatternError" },
        { "\\x1", "x", "K-RUN-007 PatternError" },
        { "(*UTF)a", "a", "K-RUN-007 PatternError" },
        { "(?R)", "a", "K-RUN-007 PatternError" },
        { "(?1)(a)", "a", "K-RUN-007 PatternError" },
        { "(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "K-RUN-007 PatternError" },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        bool found = false;
        kida_status st = kd_regex_match(&fx->call, kida_str_from(cases[i].pattern),
                                        kida_str_from(cases[i].text), &found);
        v_expect(cases[i].pattern, v_repr(fx, st, kida_bool(found)), cases[i].want);
    }
}

static void
sizes_are_bounded(void **state)
{
    v_fixture *fx = *state;
    static char text[100000];
    bool found;
    memset(text, 'a', sizeof(text));
    kida_str all = { text, sizeof(text) };
    assert_int_equal(kd_regex_match(&fx->call, all, all, &found), KIDA_E_RUNTIME);
    assert_int_equal(kd_regex_match(&fx->call, KIDA_S("a*$"), all, &found), KIDA_OK);
    assert_true(found);
    kida_str some = { text, 5000 };
    assert_int_equal(kd_regex_match(&fx->call, KIDA_S("(a|aa)+$"), some, &found), KIDA_OK);
    text[sizeof(text) - 1] = 'b';
    assert_int_equal(kd_regex_match(&fx->call, KIDA_S("(?:a|aa)+$"), all, &found), KIDA_E_RUNTIME);
    memset(text, '(', 1000);
    all.len = 1000;
    assert_int_equal(kd_regex_match(&fx->call, all, KIDA_S("x"), &found), KIDA_E_RUNTIME);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        v_test(patterns_mean_what_python_means),
        v_test(sizes_are_bounded),
    };
    return cmocka_run_group_tests_name("value/regex", tests, NULL, NULL);
}
