/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include "value/object.h"

#define INDEX "K-RUN-007 IndexError"
#define TYPE "K-RUN-012 TypeError"
#define NONE "K-RUN-005 TypeError"
#define KEY "K-RUN-009 KeyError"

static void
subscripts_follow_the_table(void **state)
{
    static const struct {
        const char *value, *key, *expect;
    } cases[] = {
        { "\"h\xc3\xa9llo\"", "1", "'\xc3\xa9'" },
        { "\"h\xc3\xa9llo\"", "-1", "'o'" },
        { "\"abc\"", "3", INDEX },
        { "\"abc\"", "-4", INDEX },
        { "\"abc\"", "true", "'b'" },
        { "\"abc\"", "\"x\"", TYPE },
        { "\"abc\"", "null", NONE },
        { "\"abc\"", "100000000000000000000", INDEX },
        { "\"abc\"", "-9223372036854775808", INDEX },
        { "m\"<b>\"", "0", "'<'" },
        { "[1, 2]", "-2", "1" },
        { "[1, 2]", "1.0", TYPE },
        { "[]", "0", INDEX },
        { "([1, 2]", "1", "2" },
        { "{\"a\": null}", "\"a\"", "None" },
        { "{\"a\": 1}", "\"b\"", KEY },
        { "{\"a\": 1}", "[1]", TYPE },
        { "null", "0", NONE },
        { "5", "0", TYPE },
        { "s[1]", "0", TYPE },
        { "u", "\"k\"", TYPE },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_value out = kd_absent();
        kida_error_init(&fx->err);
        kida_status st = kd_get_item(&fx->call, v_json(fx, cases[i].value),
                                     v_json(fx, cases[i].key), &out);
        char label[128];
        (void)snprintf(label, sizeof(label), "%s[%s]", cases[i].value, cases[i].key);
        v_expect(label, v_repr(fx, st, out), cases[i].expect);
    }
}

static void
slices_follow_python(void **state)
{
    static const struct {
        const char *value, *from, *to, *step, *expect;
    } cases[] = {
        { "\"abcdef\"", "1", "5", "2", "'bd'" },
        { "\"abc\"", "null", "null", "-1", "'cba'" },
        { "\"a\xc3\xa9\xe2\x82\xacz\"", "null", "null", "-1", "'z\xe2\x82\xac\xc3\xa9" "a'" },
        { "\"a\xc3\xa9\xe2\x82\xacz\"", "1", "3", "null", "'\xc3\xa9\xe2\x82\xac'" },
        { "\"a\xc3\xa9\xe2\x82\xacz\"", "null", "null", "2", "'a\xe2\x82\xac'" },
        { "\"abc\"", "9", "null", "null", "''" },
        { "\"abc\"", "-2", "null", "null", "'bc'" },
        { "\"abc\"", "null", "null", "0", "K-RUN-007 ValueError" },
        { "\"abc\"", "\"x\"", "null", "null", TYPE },
        { "m\"<b>\"", "0", "1", "null", "'<'" },
        { "[1, 2, 3, 4]", "-3", "-1", "null", "[2, 3]" },
        { "[1, 2, 3, 4]", "3", "0", "-2", "[4, 2]" },
        { "[1, 2]", "null", "null", "9223372036854775807", "[1]" },
        { "[1, 2]", "null", "null", "-9223372036854775808", "[2]" },
        { "[1, 2]", "-100000000000000000000", "100000000000000000000", "null", "[1, 2]" },
        { "([1, 2, 3]", "1", "null", "null", "(2, 3)" },
        { "([1]", "5", "null", "null", "()" },
        { "{}", "1", "null", "null", KEY },
        { "null", "1", "null", "null", NONE },
        { "5", "1", "null", "null", TYPE },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_value out = kd_absent();
        kida_error_init(&fx->err);
        kida_status st = kd_slice(&fx->call, v_json(fx, cases[i].value), v_json(fx, cases[i].from),
                                  v_json(fx, cases[i].to), v_json(fx, cases[i].step), &out);
        char label[128];
        (void)snprintf(label, sizeof(label), "%s[%s:%s:%s]", cases[i].value, cases[i].from,
                       cases[i].to, cases[i].step);
        v_expect(label, v_repr(fx, st, out), cases[i].expect);
    }
    kida_value range = kd_range_make(&fx->call, 0, 20, 5);
    kida_value out;
    kida_value none = kida_none();
    assert_int_equal(kd_slice(&fx->call, range, none, none, kida_int(-1), &out), KIDA_OK);
    v_expect("reversed", v_repr(fx, KIDA_OK, out), "range(15, -5, -5)");
    range = kd_range_make(&fx->call, 0, 10, 1);
    assert_int_equal(kd_slice(&fx->call, range, kida_int(2), kida_int(5), none, &out), KIDA_OK);
    v_expect("middle", v_repr(fx, KIDA_OK, out), "range(2, 5)");
}

static void
ranges_reach_the_ends_of_64_bits(void **state)
{
    v_fixture *fx = *state;
    kida_value out;
    size_t count;
    bool known;
    kida_value r = kd_range_make(&fx->call, INT64_MIN, INT64_MAX, 1);
    assert_int_equal(kd_measure(&fx->call, r, &count, &known), KIDA_E_RUNTIME);
    assert_int_equal(kd_get_item(&fx->call, r, kida_int(-1), &out), KIDA_OK);
    assert_true(out.u_.i == INT64_MAX - 1);
    r = kd_range_make(&fx->call, INT64_MAX, INT64_MIN, INT64_MIN);
    assert_int_equal(kida_length(r), 2);
    r = kd_range_make(&fx->call, 5, 5, -1);
    assert_int_equal(kida_length(r), 0);
    assert_true(kd_is_absent(kd_range_make(&fx->call, 1, 2, 0)));
    fx->rt.max_range = 10;
    assert_true(kd_is_absent(kd_range_make(&fx->call, 0, 11, 1)));
    assert_int_equal(fx->err.status, KIDA_E_SEC_RANGE);
}

static void
attributes_find_keys_before_methods(void **state)
{
    static const struct {
        const char *value, *name, *expect;
    } cases[] = {
        { "{\"items\": 1}", "items", "1" },
        { "{\"a\": null}", "a", "None" },
        { "{}", "nope", "absent" },
        { "null", "x", "absent" },
        { "[1]", "length", "absent" },
        { "5", "real", "5" },
        { "true", "numerator", "1" },
        { "1.5", "imag", "0.0" },
        { "u", "nope", "absent" },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_value out;
        kida_status st = kida_get_attr(&fx->call, v_json(fx, cases[i].value),
                                       kida_str_from(cases[i].name), &out);
        v_expect(cases[i].name, v_repr(fx, st, out), cases[i].expect);
    }
    kida_value method, out, sep = kida_string(KIDA_S(","));
    assert_int_equal(kida_get_attr(&fx->call, kida_string(KIDA_S("a,b")), KIDA_S("split"), &method),
                     KIDA_OK);
    assert_int_equal(kida_invoke(&fx->call, method, &sep, 1, &out), KIDA_OK);
    v_expect("bound", v_repr(fx, KIDA_OK, out), "['a', 'b']");
    kida_value self = v_json(fx, "{\"keys\": 1}");
    assert_int_equal(kida_invoke_method(&fx->call, self, KIDA_S("keys"), NULL, 0, &out), KIDA_OK);
    v_expect("hidden", v_repr(fx, KIDA_OK, out), "dict_keys(['keys'])");
    assert_int_equal(kida_invoke_method(&fx->call, self, KIDA_S("nope"), NULL, 0, &out),
                     KIDA_E_ATTRIBUTE);
}

/* ---- iteration ------------------------------------------------------------------------------ */

static void
everything_that_walks_walks(void **state)
{
    static const struct {
        const char *value, *expect;
    } cases[] = {
        { "\"a\xc3\xa9\"", "['a', '\xc3\xa9']" }, { "m\"<b\"", "['<', 'b']" },
        { "[1, [2]]", "[1, [2]]" },               { "([1]", "[1]" },
        { "{\"b\": 1, \"a\": 2}", "['b', 'a']" }, { "s[3, 1]", "[3, 1]" },
        { "u", "[]" },                            { "null", NONE },
        { "5", TYPE },                            { "1.5", TYPE },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_value out = kd_absent();
        kida_error_init(&fx->err);
        kida_status st = kd_to_list(&fx->call, v_json(fx, cases[i].value), &out);
        v_expect(cases[i].value, v_repr(fx, st, out), cases[i].expect);
    }
    kd_callable def = { KD_CALL_DEF, KIDA_S("card") };
    kida_value out;
    assert_int_equal(kd_to_list(&fx->call, kd_pointer(KIDA_CALLABLE, &def, 0, 0), &out),
                     KIDA_E_ITERATE_DEF);
}

/* Holds: lists may grow while they are walked, dicts and sets may not. */
static void
walks_see_changes(void **state)
{
    v_fixture *fx = *state;
    kida_iter iter;
    kida_value item;
    kida_value list = v_json(fx, "[1, 2]");
    size_t count = 0;
    assert_int_equal(kd_iter_init(&fx->call, &iter, list), KIDA_OK);
    while (kd_iter_next(&fx->call, &iter, &item) == KIDA_OK && !kd_is_absent(item)) {
        if (++count < 5)
            assert_int_equal(kida_list_push(list, item), KIDA_OK);
    }
    assert_int_equal(count, 6);

    kida_value dict = v_json(fx, "{\"a\": 1, \"b\": 2}");
    assert_int_equal(kd_iter_init(&fx->call, &iter, dict), KIDA_OK);
    assert_int_equal(kd_iter_next(&fx->call, &iter, &item), KIDA_OK);
    v_expect("pop", v_method(fx, dict, "pop", "[\"b\"]", NULL), "2");
    assert_int_equal(kd_iter_next(&fx->call, &iter, &item), KIDA_E_RUNTIME);
    assert_string_equal(fx->err.kind, "RuntimeError");
}

static kida_status
next_of_next(kida_call *call, void *state, kida_value *out)
{
    kida_iter iter;
    kida_status st = kd_iter_init(call, &iter, *(kida_value *)state);
    return st == KIDA_OK ? kd_iter_next(call, &iter, out) : st;
}

/* Holds: iterators over iterators over … end with an error, not with the C stack. */
static void
iterator_towers_are_bounded(void **state)
{
    v_fixture *fx = *state;
    kida_value v = kd_range_make(&fx->call, 0, 5, 1);
    for (int i = 0; i < 100000; i++) {
        kida_value *state_of = kd_arena_alloc(fx->pool, sizeof(*state_of));
        *state_of = v;
        assert_int_equal(kida_iterator_new(fx->pool, "map", next_of_next, state_of, &v), KIDA_OK);
    }
    kida_value out;
    assert_int_equal(kd_to_list(&fx->call, v, &out), KIDA_E_LIMIT_DEPTH);
    assert_int_equal(fx->rt.depth, 0);
}

static void
walks_use_up_the_budget(void **state)
{
    v_fixture *fx = *state;
    kida_value out;
    fx->rt.steps_left = 100;
    kida_value r = kd_range_make(&fx->call, 0, 1000000000, 1);
    assert_int_equal(kd_to_list(&fx->call, r, &out), KIDA_E_LIMIT_STEPS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        v_test(subscripts_follow_the_table),
        v_test(slices_follow_python),
        v_test(ranges_reach_the_ends_of_64_bits),
        v_test(attributes_find_keys_before_methods),
        v_test(everything_that_walks_walks),
        v_test(walks_see_changes),
        v_test(iterator_towers_are_bounded),
        v_test(walks_use_up_the_budget),
    };
    return cmocka_run_group_tests_name("value/access", tests, NULL, NULL);
}
