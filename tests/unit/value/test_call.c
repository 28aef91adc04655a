/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#define TYPE "K-RUN-012 TypeError"
#define NONE "K-RUN-005 TypeError"

/* Answers with all that was bound, as text: the parameters, the rest, the keywords. */
static kida_status
show(kida_call *call, kida_value *out)
{
    kida_buf buf;
    kida_buf_init(&buf, call);
    for (uint32_t i = 0; i < call->signature->count; i++) {
        kida_value v = kida_arg(call, i);
        if (i > 0)
            kida_buf_byte(&buf, ' ');
        if (kd_is_absent(v))
            kida_buf_byte(&buf, '-');
        else
            kida_buf_value(&buf, v);
        if (kida_arg_given(call, i))
            kida_buf_byte(&buf, '!');
    }
    for (size_t i = 0; i < kida_rest_count(call); i++) {
        kida_buf_put(&buf, KIDA_S(" *"));
        kida_buf_value(&buf, kida_rest(call, i));
    }
    for (size_t i = 0; i < kida_keyword_count(call); i++) {
        kida_str name;
        kida_value v = kida_keyword(call, i, &name);
        kida_buf_byte(&buf, ' ');
        kida_buf_put(&buf, name);
        kida_buf_byte(&buf, '=');
        kida_buf_value(&buf, v);
    }
    return kida_buf_finish(&buf, out);
}

static const kida_param two[] = { { "a", 0, NULL }, { "b", 0, "'x'" }, { 0 } };
static const kida_param checked[] = {
    { "n", KIDA_IN_INT, NULL },
    { "s", KIDA_IN_STR | KIDA_IN_NONE, "none" },
    { 0 },
};
static const kida_param starred[] = {
    { "*values", 0, NULL },
    { "key", 0, "none" },
    { "must", 0, NULL },
    { 0 },
};
static const kida_param open[] = { { "a", KIDA_IN_POSITION, "1" }, { "**rest", 0, NULL }, { 0 } };
static const kida_param only[] = { { "k", KIDA_IN_KEYWORD, "2.5" }, { 0 } };

static void
arguments_bind_like_python(void **state)
{
    static const struct {
        const char *label;
        const kida_param *params;
        const char *args, *named, *expect;
    } cases[] = {
        { "by position", two, "[1, 2]", NULL, "'1! 2!'" },
        { "fallback", two, "[1]", NULL, "'1! x'" },
        { "by name", two, "[]", "{\"b\": 2, \"a\": 1}", "'1! 2!'" },
        { "mixed", two, "[1]", "{\"b\": 2}", "'1! 2!'" },
        { "missing", two, "[]", NULL, TYPE },
        { "missing by name", two, "[]", "{\"b\": 1}", TYPE },
        { "too many", two, "[1, 2, 3]", NULL, TYPE },
        { "twice", two, "[1]", "{\"a\": 1}", TYPE },
        { "unknown name", two, "[1]", "{\"c\": 1}", TYPE },
        { "empty name", two, "[1]", "{\"\": 1}", TYPE },
        { "name with a NUL", two, "[1]", "{\"b\\u0000\": 1}", TYPE },
        { "int", checked, "[true]", NULL, "'True! None'" },
        { "big int", checked, "[100000000000000000000]", NULL, "'100000000000000000000! None'" },
        { "float for int", checked, "[1.0]", NULL, TYPE },
        { "none for int", checked, "[null]", NULL, NONE },
        { "none where it may be", checked, "[1, null]", NULL, "'1! None!'" },
        { "list for text", checked, "[1, []]", NULL, TYPE },
        { "wrong kind by name", checked, "[1]", "{\"s\": 1}", TYPE },
        { "rest", starred, "[1, 2]", "{\"must\": 3}", "'- None 3! *1 *2'" },
        { "rest empty", starred, "[]", "{\"key\": 1, \"must\": 3}", "'- 1! 3!'" },
        { "required keyword", starred, "[1]", NULL, TYPE },
        { "star by name", starred, "[]", "{\"must\": 1, \"*values\": 2}", TYPE },
        { "keywords", open, "[]", "{\"x\": 1, \"y\": 2}", "'1 x=1 y=2'" },
        { "positional only goes to keywords", open, "[5]", "{\"a\": 6}", "'5! a=6'" },
        { "keyword only", only, "[]", "{\"k\": 1}", "'1!'" },
        { "keyword only by position", only, "[1]", NULL, TYPE },
        { "keyword only left out", only, "[]", NULL, "'2.5'" },
        { "no parameters", NULL, "[]", NULL, "''" },
        { "no parameters, one given", NULL, "[1]", NULL, TYPE },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_function row = { "show", show, cases[i].params, 0, "" };
        kida_value fn, out = kd_absent(), key;
        kida_str names[8];
        kida_value named[8];
        size_t count = 0;
        kida_value args = v_json(fx, cases[i].args);
        kida_value dict = v_json(fx, cases[i].named != NULL ? cases[i].named : "{}");
        while (kida_dict_entry(dict, count, &key, &named[count]))
            names[count++] = kida_as_str(key);
        kida_error_init(&fx->err);
        assert_int_equal(kida_function_value(fx->pool, &row, NULL, &fn), KIDA_OK);
        kida_status st = kd_invoke(&fx->call, fn, kd_list_of(args)->items, kida_length(args), names,
                                   named, count, &out);
        v_expect(cases[i].label, v_repr(fx, st, out), cases[i].expect);
        assert_int_equal(fx->rt.depth, 0);
    }
}

static void
fallbacks_are_literals(void **state)
{
    static const struct {
        const char *text, *expect;
    } cases[] = {
        { "80", "80" },       { "-1", "-1" },           { "2.5", "2.5" },
        { "-1e3", "-1000.0" },{ "none", "None" },       { "true", "True" },
        { "False", "False" }, { "''", "''" },           { "\"a'b\"", "\"a'b\"" },
        { "'a\\'b\\n'", "\"a'b\\n\"" },                 { "()", "()" },
        { "9223372036854775807", "9223372036854775807" },
        { "", "K-PAR-001" },  { "x", "K-PAR-001" },     { "'a", "K-PAR-001" },
        { "'a'b'", "K-PAR-001" }, { "'\\q'", "K-PAR-001" }, { "1x", "K-PAR-001" },
        { "-", "K-PAR-001" }, { "[]", "K-PAR-001" },
    };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_param params[] = { { "a", 0, cases[i].text }, { 0 } };
        kd_signature signature;
        kida_status st = kd_signature_init(&signature, params, fx->pool, &fx->err);
        v_expect(cases[i].text,
                 st == KIDA_OK ? v_repr(fx, st, signature.fallbacks[0]) : kida_status_code(st),
                 cases[i].expect);
    }
}

static void
only_callables_can_be_called(void **state)
{
    static const struct {
        const char *value, *expect;
    } cases[] = { { "null", NONE }, { "5", TYPE }, { "\"f\"", TYPE }, { "u", TYPE } };
    v_fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_value out = kd_absent();
        kida_error_init(&fx->err);
        kida_status st = kida_invoke(&fx->call, v_json(fx, cases[i].value), NULL, 0, &out);
        v_expect(cases[i].value, v_repr(fx, st, out), cases[i].expect);
    }
}

static kida_status
call_itself(kida_call *call, kida_value *out)
{
    return kida_invoke(call, *(kida_value *)kida_call_user(call), NULL, 0, out);
}

static void
calls_are_bounded_in_depth(void **state)
{
    static const kida_function row = { "again", call_itself, NULL, 0, "" };
    v_fixture *fx = *state;
    kida_value fn, out;
    assert_int_equal(kida_function_value(fx->pool, &row, &fn, &fn), KIDA_OK);
    assert_int_equal(kida_invoke(&fx->call, fn, NULL, 0, &out), KIDA_E_LIMIT_DEPTH);
    assert_int_equal(fx->rt.depth, 0);
}

static void
types_lend_their_methods(void **state)
{
    static const kida_function row = { "str", show, NULL, KIDA_TYPE, "" };
    v_fixture *fx = *state;
    kida_value type, method, out;
    kida_value args[] = { kida_string(KIDA_S("a-b")), kida_string(KIDA_S("-")) };
    assert_int_equal(kida_function_value(fx->pool, &row, NULL, &type), KIDA_OK);
    assert_int_equal(kida_get_attr(&fx->call, type, KIDA_S("split"), &method), KIDA_OK);
    assert_int_equal(kida_invoke(&fx->call, method, args, 2, &out), KIDA_OK);
    v_expect("split", v_repr(fx, KIDA_OK, out), "['a', 'b']");
    args[0] = kida_int(5);
    assert_int_equal(kida_invoke(&fx->call, method, args, 2, &out), KIDA_E_TYPE);
    assert_int_equal(kida_invoke(&fx->call, method, args, 0, &out), KIDA_E_TYPE);
    assert_int_equal(kida_get_attr(&fx->call, type, KIDA_S("nope"), &method), KIDA_OK);
    assert_true(kd_is_absent(method));
}

static void
random_numbers_stay_below(void **state)
{
    v_fixture *fx = *state;
    bool seen[7] = { false };
    fx->rt.random = 42;
    for (int i = 0; i < 1000; i++) {
        uint64_t n = kida_random(&fx->call, 7);
        assert_true(n < 7);
        seen[n] = true;
    }
    for (int i = 0; i < 7; i++)
        assert_true(seen[i]);
    assert_int_equal(kida_random(&fx->call, 0), 0);
    assert_int_equal(kida_random(&fx->call, 1), 0);
    (void)kida_random(&fx->call, UINT64_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        v_test(arguments_bind_like_python),
        v_test(fallbacks_are_literals),
        v_test(only_callables_can_be_called),
        v_test(calls_are_bounded_in_depth),
        v_test(types_lend_their_methods),
        v_test(random_numbers_stay_below),
    };
    return cmocka_run_group_tests_name("value/call", tests, NULL, NULL);
}
