/* SPDX-License-Identifier: MIT */
#include "fixture.h"

static void
repr_is_pythons(void **state)
{
    static const struct {
        const char *json, *want;
    } cases[] = {
        { "[1, \"a\", null, 1.0, true]", "[1, 'a', None, 1.0, True]" },
        { "([1]", "(1,)" },
        { "([]", "()" },
        { "([1, 2]", "(1, 2)" },
        { "{\"a\": [], \"b\": {}}", "{'a': [], 'b': {}}" },
        { "s[]", "set()" },
        { "s[1]", "{1}" },
        { "\"it's\"", "\"it's\"" },
        { "\"say \\\"hi\\\"\"", "'say \"hi\"'" },
        { "\"a'b\\\"c\"", "'a\\'b\"c'" },
        { "\"tab\\t\\n\\r\\\\\"", "'tab\\t\\n\\r\\\\'" },
        { "\"\\u00e9\\u00a0\\u200b\\u0001\\ue000\"", "'\u00e9\\xa0\\u200b\\x01\\ue000'" },
        { "\"\\udb40\\udc01\"", "'\\U000e0001'" },
        { "m\"<b>\"", "Markup('<b>')" },
        { "u", "Undefined" },
        { "100000000000000000000", "100000000000000000000" },
        { "-100000000000000000000", "-100000000000000000000" },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++)
        v_expect(cases[i].json, v_repr(fx, KIDA_OK, v_json(fx, cases[i].json)), cases[i].want);
}

static void
views_ranges_and_iterators_have_texts(void **state)
{
    v_fixture *fx = *state;
    kida_value dict = v_json(fx, "{\"a\": 1}");
    kida_value view = kd_view_make(fx->pool, kd_dict_of(dict), KD_VIEW_KEYS);
    v_expect("keys", v_repr(fx, KIDA_OK, view), "dict_keys(['a'])");
    view = kd_view_make(fx->pool, kd_dict_of(dict), KD_VIEW_VALUES);
    v_expect("values", v_repr(fx, KIDA_OK, view), "dict_values([1])");
    view = kd_view_make(fx->pool, kd_dict_of(dict), KD_VIEW_ITEMS);
    v_expect("items", v_repr(fx, KIDA_OK, view), "dict_items([('a', 1)])");
    v_expect("range", v_repr(fx, KIDA_OK, kd_range_make(&fx->call, 0, 5, 1)), "range(0, 5)");
    v_expect("range", v_repr(fx, KIDA_OK, kd_range_make(&fx->call, 9, 0, -2)), "range(9, 0, -2)");
    kida_value walk = kd_iterator_make(fx->pool, "zip", NULL, NULL);
    v_expect("iterator", v_repr(fx, KIDA_OK, walk), "<zip object>");
    kida_value frozen = kd_set_make(fx->pool, 0, true);
    v_expect("frozenset", v_repr(fx, KIDA_OK, frozen), "frozenset()");
    assert_string_equal(kida_kind_name(frozen), "frozenset");
    assert_string_equal(kida_kind_name(view), "dict_items");
    assert_string_equal(kida_kind_name(walk), "zip");
    assert_string_equal(kida_kind_name(kida_undefined()), "_Undefined");
}

/* Holds: a container inside itself prints dots, and deep nesting is an error, no crash. */
static void
cycles_and_depth_are_bounded(void **state)
{
    v_fixture *fx = *state;
    kida_value list = v_json(fx, "[1]"), dict = v_json(fx, "{}");
    assert_int_equal(kida_list_push(list, list), KIDA_OK);
    v_expect("list", v_repr(fx, KIDA_OK, list), "[1, [...]]");
    assert_int_equal(kida_dict_set(dict, kida_int(1), dict), KIDA_OK);
    v_expect("dict", v_repr(fx, KIDA_OK, dict), "{1: {...}}");
    kida_value shared = v_json(fx, "[]"), twice = v_json(fx, "[]");
    assert_int_equal(kida_list_push(twice, shared), KIDA_OK);
    assert_int_equal(kida_list_push(twice, shared), KIDA_OK);
    v_expect("shared", v_repr(fx, KIDA_OK, twice), "[[], []]");
    kida_value deep = v_json(fx, "[]");
    for (int i = 0; i < 5000; i++) {
        kida_value outer = v_json(fx, "[]");
        assert_int_equal(kida_list_push(outer, deep), KIDA_OK);
        deep = outer;
    }
    v_expect("deep", v_repr(fx, KIDA_OK, deep), "K-LIM-005 TemplateRuntimeError");
}

static void
truth_is_pythons(void **state)
{
    static const struct {
        const char *json;
        bool want;
    } cases[] = {
        { "null", false }, { "u", false },    { "true", true },  { "false", false },
        { "0", false },    { "-0.0", false }, { "NaN", true },   { "0.1", true },
        { "\"\"", false }, { "\" \"", true }, { "[]", false },   { "[0]", true },
        { "([]", false },  { "([0]", true },  { "{}", false },   { "s[]", false },
        { "s[0]", true },  { "m\"\"", false }, { "99999999999999999999", true },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        bool got;
        assert_int_equal(kd_truth(&fx->call, v_json(fx, cases[i].json), &got), KIDA_OK);
        if (got != cases[i].want)
            fail_msg("%s", cases[i].json);
    }
}

/* Holds: markup rules of ~ (library specification, 1.10). */
static void
joining_escapes_beside_markup(void **state)
{
    static const struct {
        const char *a, *b, *want;
    } cases[] = {
        { "\"a\"", "\"<\"", "'a<'" },
        { "m\"<b>\"", "\"<i>\"", "Markup('<b>&lt;i&gt;')" },
        { "\"<i>\"", "m\"<b>\"", "Markup('&lt;i&gt;<b>')" },
        { "m\"<b>\"", "m\"<i>\"", "Markup('<b><i>')" },
        { "m\"<b>\"", "[\"a\"]", "Markup('<b>[&#39;a&#39;]')" },
        { "m\"<b>\"", "null", "Markup('<b>None')" },
        { "1", "2.0", "'12.0'" },
        { "u", "\"x\"", "'x'" },
        { "null", "true", "'NoneTrue'" },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_value out;
        kida_status st = kd_concat(&fx->call, v_json(fx, cases[i].a), v_json(fx, cases[i].b), &out);
        v_expect(cases[i].a, v_repr(fx, st, out), cases[i].want);
    }
    kida_value html;
    assert_int_equal(kida_to_html(&fx->call, v_json(fx, "\"a<\\u0000b\""), &html), KIDA_OK);
    v_expect("html", v_repr(fx, KIDA_OK, html), "Markup('a&lt;b')");
    assert_int_equal(kida_to_html(&fx->call, v_json(fx, "m\"<\""), &html), KIDA_OK);
    v_expect("safe html", v_repr(fx, KIDA_OK, html), "Markup('<')");
}

/* Holds: numeric text (library specification, 1.6). */
static void
numeric_text(void **state)
{
    static const struct {
        const char *json, *as_int, *as_float;
    } cases[] = {
        { "\" 4_2 \"", "42", "42.0" },
        { "\"+7\"", "7", "7.0" },
        { "\"-007\"", "-7", "-7.0" },
        { "\"\\u0663\"", "3", "3.0" },
        { "\"3.7\"", "none", "3.7" },
        { "\"1__0\"", "none", "none" },
        { "\"_1\"", "none", "none" },
        { "\"1_\"", "none", "none" },
        { "\"0x1f\"", "none", "none" },
        { "\"\"", "none", "none" },
        { "\"+-1\"", "none", "none" },
        { "\"1\\u0000\"", "none", "none" },
        { "\" -.5e1 \"", "none", "-5.0" },
        { "\"1_000.5\"", "none", "1000.5" },
        { "\"1_.5\"", "none", "none" },
        { "\"Infinity\"", "none", "inf" },
        { "\"-inf\"", "none", "-inf" },
        { "\"NaN\"", "none", "nan" },
        { "\"1,5\"", "none", "none" },
        { "\"1e999\"", "none", "inf" },
        { "\"99999999999999999999\"", "99999999999999999999", "1e+20" },
        { "true", "1", "1.0" },
        { "2.9", "2", "2.9" },
        { "-2.9", "-2", "-2.9" },
        { "1e20", "100000000000000000000", "1e+20" },
        { "-9223372036854775808.0", "-9223372036854775808", "-9.223372036854776e+18" },
        { "NaN", "none", "nan" },
        { "Infinity", "K-RUN-007 OverflowError", "inf" },
        { "null", "none", "none" },
        { "[]", "none", "none" },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_value v = v_json(fx, cases[i].json), out = kida_none();
        bool known;
        double d = 0;
        kida_status st = kida_to_int(&fx->call, v, &out, &known);
        v_expect(cases[i].json, st == KIDA_OK && !known ? "none" : v_repr(fx, st, out),
                 cases[i].as_int);
        st = kida_to_float(&fx->call, v, &d, &known);
        v_expect(cases[i].json, known ? v_repr(fx, st, kida_float(d)) : "none", cases[i].as_float);
    }
}

/* Holds: what operands that are calls or filters become (library specification, 1.13). */
static void
coercion_gives_numbers(void **state)
{
    static const struct {
        const char *json, *want;
    } cases[] = {
        { "u", "0" },      { "null", "0" },      { "true", "0" },        { "5", "5" },
        { "1.5", "1.5" },  { "\" 3 \"", "3" },   { "\"5.5\"", "5.5" },   { "\"x\"", "0" },
        { "[1]", "0" },    { "\"inf\"", "inf" }, { "m\"7\"", "7" },      { "s[]", "0" },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_value out;
        kida_status st = kd_coerce(&fx->call, v_json(fx, cases[i].json), &out);
        v_expect(cases[i].json, v_repr(fx, st, out), cases[i].want);
    }
}

/* Holds: the host is asked for text, truth and HTML; without an answer its kind shows. */
static kida_status
host_text(kida_call *call, void *self, kida_value *out)
{
    (void)call;
    (void)self;
    *out = kida_string(KIDA_S("<text>"));
    return KIDA_OK;
}

static kida_status
host_length(kida_call *call, void *self, size_t *out)
{
    (void)call;
    *out = *(size_t *)self;
    return KIDA_OK;
}

static void
hosts_are_asked(void **state)
{
    static const kida_object_type silent = { .size = sizeof(silent), .name = "silent" };
    static const kida_object_type full = { .size = sizeof(full), .name = "full",
                                           .text = host_text, .html = host_text,
                                           .length = host_length };
    v_fixture *fx = *state;
    size_t length = 0;
    kida_value v = kida_object(&silent, &length), html;
    bool truth;
    v_expect("silent", v_repr(fx, KIDA_OK, v), "<silent>");
    assert_int_equal(kd_truth(&fx->call, v, &truth), KIDA_OK);
    assert_true(truth);
    v = kida_object(&full, &length);
    v_expect("full", v_repr(fx, KIDA_OK, v), "<text>");
    assert_int_equal(kd_truth(&fx->call, v, &truth), KIDA_OK);
    assert_false(truth);
    assert_int_equal(kida_to_html(&fx->call, v, &html), KIDA_OK);
    v_expect("html", v_repr(fx, KIDA_OK, html), "Markup('<text>')");
    fx->rt.max_depth = 0;
    assert_int_equal(kd_truth(&fx->call, v, &truth), KIDA_E_LIMIT_DEPTH);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        v_test(repr_is_pythons),
        v_test(views_ranges_and_iterators_have_texts),
        v_test(cycles_and_depth_are_bounded),
        v_test(truth_is_pythons),
        v_test(joining_escapes_beside_markup),
        v_test(numeric_text),
        v_test(coercion_gives_numbers),
        v_test(hosts_are_asked),
    };
    return cmocka_run_group_tests_name("value/convert", tests, NULL, NULL);
}
