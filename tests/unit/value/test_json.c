/* SPDX-License-Identifier: MIT */
#include "fixture.h"

/* Holds: every kind of JSON value. Could break: numbers that look alike are told apart by their
 * form only. */
static void
json_reads_like_python(void **state)
{
    static const struct {
        const char *json, *expect;
    } cases[] = {
        { "null", "None" },
        { " [true , false]\n", "[True, False]" },
        { "0", "0" },
        { "-0", "0" },
        { "-0.0", "-0.0" },
        { "12", "12" },
        { "999999999999999999", "999999999999999999" },
        { "9223372036854775807", "9223372036854775807" },
        { "9223372036854775808", "9223372036854775808" },
        { "-9223372036854775809", "-9223372036854775809" },
        { "123456789012345678901234567890", "123456789012345678901234567890" },
        { "1.0", "1.0" },
        { "0.1", "0.1" },
        { "1e2", "100.0" },
        { "1E+2", "100.0" },
        { "-2.5e-3", "-0.0025" },
        { "1e400", "inf" },
        { "123456789.123456789", "123456789.12345679" },
        { "NaN", "nan" },
        { "Infinity", "inf" },
        { "-Infinity", "-inf" },
        { "\"\"", "''" },
        { "\"a\\n\\u00e9\\ud83d\\ude00\"", "'a\\n\xc3\xa9\xf0\x9f\x98\x80'" },
        { "\"\\\"\\\\\\/\\b\\f\\r\\t\"", "'\"\\\\/\\x08\\x0c\\r\\t'" },
        { "\"a long text without any escape in it \xc3\xa9\"",
          "'a long text without any escape in it \xc3\xa9'" },
        { "\"\\u0000\"", "'\\x00'" },
        { "[]", "[]" },
        { "{}", "{}" },
        { "[[],[[1]]]", "[[], [[1]]]" },
        { "{\"b\":1,\"a\":{\"c\":[]}}", "{'b': 1, 'a': {'c': []}}" },
        { "{\"a\":1,\"b\":2,\"a\":3}", "{'a': 3, 'b': 2}" },
        { "[{\"k\":1},{\"k\":2},{\"\\u006b\":3}]", "[{'k': 1}, {'k': 2}, {'k': 3}]" },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++)
        v_expect(cases[i].json, v_repr(fx, KIDA_OK, v_json(fx, cases[i].json)), cases[i].expect);
}

/* Holds: what is no JSON is refused with its place. Could break: a lenient number or string. */
static void
json_refuses_with_place(void **state)
{
    static const struct {
        const char *json;
        uint32_t line, column;
    } cases[] = {
        { "", 1, 0 },
        { "  ", 1, 2 },
        { "nul", 1, 0 },
        { "[1,]", 1, 3 },
        { "[1 2]", 1, 3 },
        { "[1", 1, 2 },
        { "{\"a\" 1}", 1, 5 },
        { "{\"a\":}", 1, 5 },
        { "{\"a\":1,}", 1, 7 },
        { "{a:1}", 1, 1 },
        { "{1:1}", 1, 1 },
        { "[\n1,\n  x]", 3, 2 },
        { "\"abc", 1, 0 },
        { "\"a\nb\"", 1, 2 },
        { "\"\xc3\xa9\\x\"", 1, 2 },
        { "\"\\u12g4\"", 1, 1 },
        { "\"\\ud800\"", 1, 1 },
        { "\"\\udc00\"", 1, 1 },
        { "\"\\ud800\\u0041\"", 1, 1 },
        { "\"\\", 1, 1 },
        { "01", 1, 0 },
        { "-", 1, 1 },
        { "-x", 1, 1 },
        { "1.", 1, 2 },
        { "1e", 1, 2 },
        { "1e+", 1, 3 },
        { ".5", 1, 0 },
        { "+1", 1, 0 },
        { "1 2", 1, 2 },
        { "[1]]", 1, 3 },
        { "[}", 1, 1 },
        { "{]", 1, 1 },
        { "'a'", 1, 0 },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_value v = kida_int(7);
        kida_error_init(&fx->err);
        kida_status st = kida_json_parse(fx->pool, kida_str_from(cases[i].json), &v, &fx->err);
        assert_int_equal(v.u_.i, 7);
        if (st != KIDA_E_JSON || fx->err.line != cases[i].line
            || fx->err.column != cases[i].column)
            fail_msg("%s: got %d at %u:%u (%s), want %u:%u", cases[i].json, st, fx->err.line,
                     fx->err.column, fx->err.message, cases[i].line, cases[i].column);
    }
}

/* Holds: depth and length are bounded, without recursion. */
static void
json_is_bounded(void **state)
{
    v_fixture *fx = *state;
    static char text[200001];
    kida_value v;
    memset(text, '[', sizeof(text));
    assert_int_equal(kida_json_parse(fx->pool, (kida_str){ text, sizeof(text) }, &v, &fx->err),
                     KIDA_E_JSON);
    memset(text, '1', sizeof(text));
    assert_int_equal(kida_json_parse(fx->pool, (kida_str){ text, sizeof(text) }, &v, &fx->err),
                     KIDA_E_JSON);
    assert_int_equal(kida_json_parse(fx->pool, (kida_str){ text, 4300 }, &v, &fx->err), KIDA_OK);
    assert_int_equal(kida_kind_of(v), KIDA_BIGINT);
    assert_int_equal(kida_json_parse(fx->pool, KIDA_S("\"\xff\""), &v, &fx->err), KIDA_E_JSON);
    assert_int_equal(kida_json_parse(fx->pool, (kida_str){ NULL, 0 }, &v, NULL), KIDA_E_JSON);
}

/* Holds: no memory is an error, not a crash, wherever it runs out. */
static void
json_survives_little_memory(void **state)
{
    (void)state;
    static const char json[] = "{\"a\":[1,2,3,{\"b\":\"some text that needs room\"}],"
                               "\"c\":123456789012345678901234567890,\"d\":\"\\u00e9\"}";
    for (size_t max = 16; max < 8192; max += 48) {
        kida_pool *pool = kida_pool_new(NULL, max);
        if (pool == NULL)
            continue;
        kida_value v;
        kida_status st = kida_json_parse(pool, KIDA_S(json), &v, NULL);
        assert_true(st == KIDA_OK || st == KIDA_E_NOMEM);
        kida_pool_free(pool);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        v_test(json_reads_like_python),
        v_test(json_refuses_with_place),
        v_test(json_is_bounded),
        v_test(json_survives_little_memory),
    };
    return cmocka_run_group_tests_name("value/json", tests, NULL, NULL);
}
