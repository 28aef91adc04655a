/* SPDX-License-Identifier: MIT */
#include "fixture.h"

typedef struct method_case {
    const char *self, *name, *args, *named, *expect;
} method_case;

static void
run_cases(v_fixture *fx, const method_case *cases, size_t count)
{
    char label[256];
    for (size_t i = 0; i < count; i++) {
        const method_case *c = &cases[i];
        (void)snprintf(label, sizeof(label), "%s.%s(%s)", c->self, c->name, c->args);
        kida_error_init(&fx->err);
        v_expect(label, v_method(fx, v_json(fx, c->self), c->name, c->args, c->named), c->expect);
    }
}

#define INDEX "K-RUN-007 IndexError"
#define VALUE "K-RUN-007 ValueError"
#define TYPE "K-RUN-012 TypeError"
#define NONE "K-RUN-005 TypeError"
#define KEY "K-RUN-009 KeyError"

static void
text_case_follows_unicode(void **state)
{
    static const method_case cases[] = {
        { "\"aB1\"", "upper", "[]", NULL, "'AB1'" },
        { "\"stra\xc3\x9f" "e\"", "upper", "[]", NULL, "'STRASSE'" },
        { "\"AB\"", "lower", "[]", NULL, "'ab'" },
        { "\"\xce\x91\xce\xa3\"", "lower", "[]", NULL, "'\xce\xb1\xcf\x82'" },
        { "\"\xce\xa3\"", "lower", "[]", NULL, "'\xcf\x83'" },
        { "\"they're 3rd\"", "title", "[]", NULL, "\"They'Re 3Rd\"" },
        { "\"\xc3\x9f" "A\"", "capitalize", "[]", NULL, "'Ssa'" },
        { "\"aB\"", "swapcase", "[]", NULL, "'Ab'" },
        { "\"stra\xc3\x9f" "e\"", "casefold", "[]", NULL, "'strasse'" },
        { "m\"<b>\"", "upper", "[]", NULL, "Markup('<B>')" },
        { "m\"<1>\"", "lower", "[]", NULL, "Markup('<1>')" },
        { "\"a\"", "upper", "[1]", NULL, TYPE },
        { "\"1\"", "islower", "[]", NULL, "False" },
        { "\"AB1\"", "isupper", "[]", NULL, "True" },
        { "\"Abc Def\"", "istitle", "[]", NULL, "True" },
        { "\"Abc def\"", "istitle", "[]", NULL, "False" },
        { "\"\"", "isascii", "[]", NULL, "True" },
        { "\"\"", "isalpha", "[]", NULL, "False" },
        { "\"\xc2\xb2\"", "isdigit", "[]", NULL, "True" },
        { "\"\xc2\xbd\"", "isnumeric", "[]", NULL, "True" },
        { "\"\xc2\xbd\"", "isdecimal", "[]", NULL, "False" },
        { "\"_x1\"", "isidentifier", "[]", NULL, "True" },
        { "\"1x\"", "isidentifier", "[]", NULL, "False" },
        { "\"\\u200b\"", "isspace", "[]", NULL, "False" },
        { "\"\\u00a0\"", "isprintable", "[]", NULL, "False" },
    };
    run_cases(*state, cases, T_COUNT(cases));
}

static void
text_search_counts_code_points(void **state)
{
    static const method_case cases[] = {
        { "\"banana\"", "count", "[\"ana\"]", NULL, "1" },
        { "\"banana\"", "count", "[\"\"]", NULL, "7" },
        { "\"abc\"", "count", "[\"\", 4]", NULL, "0" },
        { "\"banana\"", "count", "[\"a\", 2, 4]", NULL, "1" },
        { "\"banana\"", "find", "[\"n\", -2]", NULL, "4" },
        { "\"\xc3\xa9\xc3\xa9x\"", "find", "[\"x\"]", NULL, "2" },
        { "\"\xc3\xa9x\xc3\xa9x\"", "find", "[\"x\", 2]", NULL, "3" },
        { "\"banana\"", "rfind", "[\"a\", 0, -1]", NULL, "3" },
        { "\"abc\"", "find", "[\"\", 3]", NULL, "3" },
        { "\"abc\"", "find", "[\"\", 4]", NULL, "-1" },
        { "\"abc\"", "rfind", "[\"\"]", NULL, "3" },
        { "\"abc\"", "find", "[null]", NULL, TYPE },
        { "\"abc\"", "find", "[\"a\", \"b\"]", NULL, TYPE },
        { "\"banana\"", "index", "[\"x\"]", NULL, VALUE },
        { "\"banana\"", "rindex", "[\"a\"]", NULL, "5" },
        { "\"abc\"", "startswith", "[\"b\", 1]", NULL, "True" },
        { "\"abc\"", "startswith", "[[\"a\"]]", NULL, TYPE },
        { "\"abc\"", "startswith", "[null]", NULL, NONE },
        { "\"abc\"", "endswith", "[\"b\", 0, 2]", NULL, "True" },
        { "\"abc\"", "startswith", "[\"\", 4]", NULL, "False" },
        { "\"aa\"", "removesuffix", "[\"\"]", NULL, "'aa'" },
        { "\"unhappy\"", "removeprefix", "[\"un\"]", NULL, "'happy'" },
        { "m\"<b>\"", "removeprefix", "[\"<\"]", NULL, "'b>'" },
    };
    v_fixture *fx = *state;
    run_cases(fx, cases, T_COUNT(cases));
    kida_value args[] = { v_json(fx, "([\"x\", \"a\"]") };
    kida_value out;
    bool found;
    assert_int_equal(kd_call_method(&fx->call, v_json(fx, "\"abc\""), KIDA_S("startswith"), 0, args,
                                    1, NULL, NULL, 0, &out, &found), KIDA_OK);
    v_expect("tuple", v_repr(fx, KIDA_OK, out), "True");
}

static void
text_splits_like_python(void **state)
{
    static const method_case cases[] = {
        { "\"  a  b \"", "split", "[]", NULL, "['a', 'b']" },
        { "\" a b c \"", "split", "[null, 1]", NULL, "['a', 'b c ']" },
        { "\" a b c \"", "rsplit", "[null, 1]", NULL, "[' a b', 'c']" },
        { "\"a b\"", "split", "[]", "{\"maxsplit\": 0}", "['a b']" },
        { "\"  a b\"", "split", "[null, 0]", NULL, "['a b']" },
        { "\"a-b-c\"", "split", "[]", "{\"sep\": \"-\", \"maxsplit\": 1}", "['a', 'b-c']" },
        { "\"a,b,,c\"", "split", "[\",\"]", NULL, "['a', 'b', '', 'c']" },
        { "\"a,b,c\"", "rsplit", "[\",\", 1]", NULL, "['a,b', 'c']" },
        { "\"a,b,c\"", "split", "[\",\", 0]", NULL, "['a,b,c']" },
        { "\"\"", "split", "[]", NULL, "[]" },
        { "\"\"", "split", "[\",\"]", NULL, "['']" },
        { "\"abc\"", "split", "[\"\"]", NULL, VALUE },
        { "\"abc\"", "split", "[1]", NULL, TYPE },
        { "\"abc\"", "split", "[\"a\", null]", NULL, NONE },
        { "\"a\\u00a0b\"", "split", "[]", NULL, "['a', 'b']" },
        { "m\"a b\"", "split", "[]", NULL, "[Markup('a'), Markup('b')]" },
        { "\"a\\nb\\r\\n\"", "splitlines", "[]", NULL, "['a', 'b']" },
        { "\"a\\n\\nb\"", "splitlines", "[true]", NULL, "['a\\n', '\\n', 'b']" },
        { "\"\"", "splitlines", "[]", NULL, "[]" },
        { "\"a\\u2028b\"", "splitlines", "[]", NULL, "['a', 'b']" },
        { "\"abc\"", "partition", "[\"-\"]", NULL, "('abc', '', '')" },
        { "\"abc\"", "rpartition", "[\"-\"]", NULL, "('', '', 'abc')" },
        { "\"a-b-c\"", "rpartition", "[\"-\"]", NULL, "('a-b', '-', 'c')" },
        { "\"abc\"", "partition", "[null]", NULL, NONE },
        { "\" \\t mid \\n\"", "strip", "[]", NULL, "'mid'" },
        { "\"www.a.com\"", "lstrip", "[\"w.\"]", NULL, "'a.com'" },
        { "\"\xc3\xa9x\xc3\xa9\"", "strip", "[\"\xc3\xa9\"]", NULL, "'x'" },
        { "\"abc\"", "strip", "[\"\"]", NULL, "'abc'" },
        { "\"abc\"", "strip", "[1]", NULL, TYPE },
        { "\"abc\"", "strip", "[]", "{\"chars\": \"a\"}", TYPE },
        { "\"-\"", "join", "[[\"a\", \"b\"]]", NULL, "'a-b'" },
        { "\"-\"", "join", "[\"xyz\"]", NULL, "'x-y-z'" },
        { "\"-\"", "join", "[[1]]", NULL, TYPE },
        { "\"-\"", "join", "[[null]]", NULL, NONE },
        { "\"-\"", "join", "[null]", NULL, TYPE },
        { "\"-\"", "join", "[5]", NULL, TYPE },
        { "m\"<br>\"", "join", "[[\"<\", \"b\"]]", NULL, "Markup('&lt;<br>b')" },
    };
    run_cases(*state, cases, T_COUNT(cases));
}

static void
text_pads_and_replaces(void **state)
{
    static const method_case cases[] = {
        { "\"ab\"", "center", "[5]", NULL, "'  ab '" },
        { "\"abc\"", "center", "[6]", NULL, "' abc  '" },
        { "\"abc\"", "center", "[2]", NULL, "'abc'" },
        { "\"ab\"", "center", "[5, \"xx\"]", NULL, TYPE },
        { "\"ab\"", "ljust", "[4, \"\xc3\xa9\"]", NULL, "'ab\xc3\xa9\xc3\xa9'" },
        { "\"ab\"", "rjust", "[4]", NULL, "'  ab'" },
        { "\"ab\"", "rjust", "[9223372036854775807]", NULL, "K-RUN-007 OverflowError" },
        { "\"ab\"", "rjust", "[null]", NULL, NONE },
        { "\"-5\"", "zfill", "[4]", NULL, "'-005'" },
        { "\"\"", "zfill", "[3]", NULL, "'000'" },
        { "\"a\\tbc\\td\\ne\\tf\"", "expandtabs", "[4]", NULL, "'a   bc  d\\ne   f'" },
        { "\"a\\tb\"", "expandtabs", "[]", "{\"tabsize\": 0}", "'ab'" },
        { "\"\xc3\xa9\\tb\"", "expandtabs", "[4]", NULL, "'\xc3\xa9   b'" },
        { "\"one one\"", "replace", "[\"one\", \"two\"]", NULL, "'two two'" },
        { "\"aaa\"", "replace", "[\"a\", \"b\", 2]", NULL, "'bba'" },
        { "\"aaa\"", "replace", "[\"a\", \"b\"]", "{\"count\": 1}", "'baa'" },
        { "\"aaa\"", "replace", "[\"a\", \"b\", 0]", NULL, "'aaa'" },
        { "\"abc\"", "replace", "[\"\", \"-\"]", NULL, "'-a-b-c-'" },
        { "\"abc\"", "replace", "[\"\", \"-\", 2]", NULL, "'-a-bc'" },
        { "\"abc\"", "replace", "[\"a\", null]", NULL, TYPE },
        { "m\"<b>\"", "replace", "[\"b\", \"<\"]", NULL, "Markup('<<>')" },
        { "\"abc\"", "maketrans", "[\"ab\", \"xy\", \"c\"]", NULL,
          "{97: 120, 98: 121, 99: None}" },
        { "\"abc\"", "maketrans", "[{\"a\": \"A\"}]", NULL, "{97: 'A'}" },
        { "\"abc\"", "maketrans", "[\"ab\", \"x\"]", NULL, VALUE },
        { "\"abc\"", "translate", "[{}]", NULL, "'abc'" },
        { "\"abc\"", "translate", "[null]", NULL, NONE },
        { "\"abc\"", "nope", "[]", NULL, "no method" },
        { "\"abc\"", "unescape", "[]", NULL, "no method" },
    };
    run_cases(*state, cases, T_COUNT(cases));
}

static void
lists_change_in_place(void **state)
{
    static const struct {
        const char *name, *args, *named, *result, *list;
    } cases[] = {
        { "append", "[4]", NULL, "None", "[3, 1, 2, 4]" },
        { "extend", "[\"ab\"]", NULL, "None", "[3, 1, 2, 'a', 'b']" },
        { "extend", "[5]", NULL, TYPE, "[3, 1, 2]" },
        { "extend", "[null]", NULL, NONE, "[3, 1, 2]" },
        { "insert", "[1, 9]", NULL, "None", "[3, 9, 1, 2]" },
        { "insert", "[-1, 9]", NULL, "None", "[3, 1, 9, 2]" },
        { "insert", "[99, 9]", NULL, "None", "[3, 1, 2, 9]" },
        { "insert", "[-99, 9]", NULL, "None", "[9, 3, 1, 2]" },
        { "insert", "[null, 9]", NULL, NONE, "[3, 1, 2]" },
        { "pop", "[]", NULL, "2", "[3, 1]" },
        { "pop", "[0]", NULL, "3", "[1, 2]" },
        { "pop", "[-3]", NULL, "3", "[1, 2]" },
        { "pop", "[3]", NULL, INDEX, "[3, 1, 2]" },
        { "pop", "[\"x\"]", NULL, TYPE, "[3, 1, 2]" },
        { "remove", "[1.0]", NULL, "None", "[3, 2]" },
        { "remove", "[9]", NULL, VALUE, "[3, 1, 2]" },
        { "reverse", "[]", NULL, "None", "[2, 1, 3]" },
        { "clear", "[]", NULL, "None", "[]" },
        { "sort", "[]", NULL, "None", "[1, 2, 3]" },
        { "sort", "[]", "{\"reverse\": true}", "None", "[3, 2, 1]" },
        { "sort", "[null]", NULL, TYPE, "[3, 1, 2]" },
        { "count", "[true]", NULL, "1", "[3, 1, 2]" },
        { "index", "[2]", NULL, "2", "[3, 1, 2]" },
        { "index", "[3, 1]", NULL, VALUE, "[3, 1, 2]" },
        { "index", "[3, -9, 1]", NULL, "0", "[3, 1, 2]" },
        { "copy", "[]", NULL, "[3, 1, 2]", "[3, 1, 2]" },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_value list = v_json(fx, "[3, 1, 2]");
        kida_error_init(&fx->err);
        v_expect(cases[i].name, v_method(fx, list, cases[i].name, cases[i].args, cases[i].named),
                 cases[i].result);
        v_expect(cases[i].name, v_repr(fx, KIDA_OK, list), cases[i].list);
    }
    kida_value self = v_json(fx, "[1, 2]");
    assert_int_equal(kida_list_push(self, self), KIDA_OK);
    v_expect("a list in itself", v_repr(fx, KIDA_OK, self), "[1, 2, [...]]");
}

static void
sorting_is_stable_and_strict(void **state)
{
    static const method_case cases[] = {
        { "[1, \"a\"]", "sort", "[]", NULL, TYPE },
        { "[1, null]", "sort", "[]", NULL, NONE },
        { "([1]", "append", "[2]", NULL, "no method" },
        { "([1, 2, 1]", "count", "[1]", NULL, "2" },
        { "([1]", "index", "[5]", NULL, VALUE },
    };
    v_fixture *fx = *state;
    run_cases(fx, cases, T_COUNT(cases));
    for (int reverse = 0; reverse < 2; reverse++) {
        kida_value list = kd_list_make(fx->pool, 0);
        uint32_t random = 7;
        for (int i = 0; i < 1000; i++) { /* equal as numbers, told apart by their fraction */
            random = random * 1103515245u + 12345u;
            kida_value pair[] = { kida_int(random >> 16 & 15), kida_int(i) };
            assert_true(kd_list_push(kd_list_of(list), kd_tuple_make(fx->pool, pair, 1)));
            kd_tuple_items(kd_list_of(list)->items[i])[0] = pair[0];
            kida_value *item = &kd_list_of(list)->items[i];
            *item = kd_tuple_make(fx->pool, pair, 2);
        }
        kida_value keys = kd_list_make(fx->pool, 1000);
        for (size_t i = 0; i < 1000; i++)
            (void)kd_list_push(kd_list_of(keys), kd_list_of(list)->items[i]);
        assert_int_equal(kd_sort(&fx->call, kd_list_of(keys)->items, 1000, kida_none(), reverse),
                         KIDA_OK);
        for (size_t i = 1; i < 1000; i++) {
            kida_value *a = kd_tuple_items(kd_list_of(keys)->items[i - 1]);
            kida_value *b = kd_tuple_items(kd_list_of(keys)->items[i]);
            int64_t step = a[0].u_.i != b[0].u_.i ? b[0].u_.i - a[0].u_.i : b[1].u_.i - a[1].u_.i;
            assert_true(reverse ? step < 0 : step > 0);
        }
    }
}

static void
dicts_and_sets_have_their_methods(void **state)
{
    static const method_case cases[] = {
        { "{\"a\": 1}", "get", "[\"a\"]", NULL, "1" },
        { "{\"a\": 1}", "get", "[\"z\"]", NULL, "None" },
        { "{\"a\": 1}", "get", "[\"z\", 5]", NULL, "5" },
        { "{\"a\": 1}", "get", "[[]]", NULL, TYPE },
        { "{\"a\": 1}", "get", "[]", NULL, TYPE },
        { "{\"get\": 1}", "get", "[\"a\"]", NULL, "no method" },
        { "{\"b\": 1, \"a\": [2]}", "keys", "[]", NULL, "dict_keys(['b', 'a'])" },
        { "{\"b\": 1, \"a\": [2]}", "values", "[]", NULL, "dict_values([1, [2]])" },
        { "{\"b\": 1, \"a\": [2]}", "items", "[]", NULL, "dict_items([('b', 1), ('a', [2])])" },
        { "{\"a\": 1}", "pop", "[\"a\"]", NULL, "1" },
        { "{\"a\": 1}", "pop", "[\"z\"]", NULL, KEY },
        { "{\"a\": 1}", "pop", "[\"z\", null]", NULL, "None" },
        { "{\"a\": 1, \"b\": 2}", "popitem", "[]", NULL, "('b', 2)" },
        { "{}", "popitem", "[]", NULL, KEY },
        { "{\"a\": 1}", "setdefault", "[\"a\", 9]", NULL, "1" },
        { "{\"a\": 1}", "setdefault", "[\"c\"]", NULL, "None" },
        { "{}", "update", "[[1]]", NULL, TYPE },
        { "{}", "update", "[[[1]]]", NULL, VALUE },
        { "{}", "update", "[null]", NULL, NONE },
        { "{}", "update", "[[\"ab\"]]", "{\"c\": 1}", "None" },
        { "{}", "fromkeys", "[\"xy\"]", NULL, "{'x': None, 'y': None}" },
        { "{\"a\": 1}", "copy", "[]", NULL, "{'a': 1}" },
        { "s[1, 2]", "union", "[[2, 3], \"x\"]", NULL, "{1, 2, 3, 'x'}" },
        { "s[1, 2, 3]", "intersection", "[[2, 3], [3]]", NULL, "{3}" },
        { "s[1, 2]", "intersection", "[]", NULL, "{1, 2}" },
        { "s[1, 2, 3]", "difference", "[[2], [9]]", NULL, "{1, 3}" },
        { "s[1, 2]", "symmetric_difference", "[[2, 3]]", NULL, "{1, 3}" },
        { "s[1, 2]", "isdisjoint", "[[3]]", NULL, "True" },
        { "s[1, 2]", "issubset", "[[3, 2, 1]]", NULL, "True" },
        { "s[1, 2]", "issuperset", "[[2, 3]]", NULL, "False" },
        { "s[1]", "union", "[null]", NULL, NONE },
        { "s[1]", "remove", "[9]", NULL, KEY },
        { "s[1]", "discard", "[9]", NULL, "None" },
        { "s[]", "pop", "[]", NULL, KEY },
        { "s[1]", "add", "[[]]", NULL, TYPE },
        { "u", "get", "[\"k\"]", NULL, "Undefined" },
        { "u", "get", "[\"k\", \"v\"]", NULL, "'v'" },
        { "u", "items", "[]", NULL, "[]" },
        { "5", "bit_length", "[]", NULL, "3" },
        { "-8", "bit_length", "[]", NULL, "4" },
        { "18446744073709551616", "bit_length", "[]", NULL, "65" },
        { "true", "conjugate", "[]", NULL, "1" },
        { "0.1", "as_integer_ratio", "[]", NULL, "(3602879701896397, 36028797018963968)" },
        { "1e300", "is_integer", "[]", NULL, "True" },
        { "Infinity", "as_integer_ratio", "[]", NULL, "K-RUN-007 OverflowError" },
        { "0.5", "hex", "[]", NULL, "'0x1.0000000000000p-1'" },
        { "-1.75", "hex", "[]", NULL, "'-0x1.c000000000000p+0'" },
    };
    v_fixture *fx = *state;
    run_cases(fx, cases, T_COUNT(cases));

    static const struct {
        const char *name, *args, *set;
    } changes[] = {
        { "update", "[[3], [4]]", "{1, 2, 3, 4}" },
        { "difference_update", "[[1]]", "{2}" },
        { "intersection_update", "[[1]]", "{1}" },
        { "symmetric_difference_update", "[[2, 3]]", "{1, 3}" },
        { "clear", "[]", "set()" },
        { "remove", "[1.0]", "{2}" },
    };
    for (size_t i = 0; i < T_COUNT(changes); i++) {
        kida_value set = v_json(fx, "s[1, 2]");
        v_expect(changes[i].name, v_method(fx, set, changes[i].name, changes[i].args, NULL),
                 "None");
        v_expect(changes[i].name, v_repr(fx, KIDA_OK, set), changes[i].set);
    }
}

static void
patterns_markup_and_bytes(void **state)
{
    static const method_case cases[] = {
        { "\"{} {k}\"", "format", "[1]", "{\"k\": \"a\"}", "'1 a'" },
        { "\"{\"", "format", "[]", NULL, VALUE },
        { "\"{a}-{b}\"", "format_map", "[{\"a\": 1, \"b\": \"x\"}]", NULL, "'1-x'" },
        { "m\"<b>{}</b>\"", "format", "[\"<x>\"]", NULL, "Markup('<b>&lt;x&gt;</b>')" },
        { "m\"<b>1 &lt; 2</b>\"", "striptags", "[]", NULL, "Markup('1 &lt; 2')" },
        { "m\"a<b\"", "striptags", "[]", NULL, "Markup('a<b')" },
        { "m\"&copy;&#233;&#x41;&quot;&nosuch;&amp;lt;&lt\"", "unescape", "[]", NULL,
          "'\xc2\xa9\xc3\xa9" "A\"&nosuch;&lt;<'" },
        { "m\"&#;&#x;&#xd800;&\"", "unescape", "[]", NULL, "'&#;&#x;\xef\xbf\xbd&'" },
        { "m\"\"", "escape", "[\"<x>\"]", NULL, "Markup('&lt;x&gt;')" },
        { "\"n\xc3\xa9\"", "encode", "[]", NULL, "b'n\\xc3\\xa9'" },
        { "\"\xc3\xa9\"", "encode", "[\"Latin_1\"]", NULL, "b'\\xe9'" },
        { "\"\xc3\xa9\"", "encode", "[\"ascii\"]", NULL, "K-RUN-007 UnicodeEncodeError" },
        { "\"\xc3\xa9\"", "encode", "[\"ascii\", \"replace\"]", NULL, "b'?'" },
        { "\"a\"", "encode", "[\"klingon\"]", NULL, "K-RUN-007 LookupError" },
        { "\"it's\"", "encode", "[]", NULL, "b\"it's\"" },
        { "1024", "to_bytes", "[2, \"big\"]", NULL, "b'\\x04\\x00'" },
        { "1024", "to_bytes", "[2, \"little\"]", NULL, "b'\\x00\\x04'" },
        { "1024", "to_bytes", "[1]", NULL, "K-RUN-007 OverflowError" },
        { "-1", "to_bytes", "[2]", NULL, "K-RUN-007 OverflowError" },
        { "-2", "to_bytes", "[2]", "{\"signed\": true}", "b'\\xff\\xfe'" },
        { "128", "to_bytes", "[1]", "{\"signed\": true}", "K-RUN-007 OverflowError" },
        { "18446744073709551616", "to_bytes", "[9]", NULL,
          "b'\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00'" },
        { "[1, 2]", "__len__", "[]", NULL, "2" },
        { "\"abc\"", "__contains__", "[\"b\"]", NULL, "True" },
        { "5", "__len__", "[]", NULL, "no method" },
    };
    run_cases(*state, cases, T_COUNT(cases));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        v_test(text_case_follows_unicode),
        v_test(text_search_counts_code_points),
        v_test(text_splits_like_python),
        v_test(text_pads_and_replaces),
        v_test(lists_change_in_place),
        v_test(sorting_is_stable_and_strict),
        v_test(dicts_and_sets_have_their_methods),
        v_test(patterns_markup_and_bytes),
    };
    return cmocka_run_group_tests_name("value/methods", tests, NULL, NULL);
}
