/* SPDX-License-Identifier: MIT */
/* extend.c - registering filters, tests and functions: arguments, user data, errors, freezing. */
#include "t.h"

static void
count_free(void *user)
{
    ++*(int *)user;
}

static kida_status
f_add(kida_call *call, kida_value self, kida_value *out)
{
    int *seen = kida_call_user(call);
    if (seen != NULL)
        ++*seen;
    *out = kida_int(kida_as_int(self) + kida_arg_int(call, 0));
    return KIDA_OK;
}

static kida_status
f_refuse(kida_call *call, kida_value self, kida_value *out)
{
    (void)out;
    kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError", "'%s' is refused", kida_kind_name(self));
    return kida_fail_hint(call, "send something else");
}

static kida_status
t_small(kida_call *call, kida_value self, bool *out)
{
    *out = kida_as_int(self) < kida_arg_int(call, 0);
    return KIDA_OK;
}

/* Calls its first argument with the rest, and shows the keywords. */
static kida_status
g_apply(kida_call *call, kida_value *out)
{
    kida_value args[4], made;
    size_t count = kida_rest_count(call);
    kida_buf buf;
    for (size_t i = 0; i < count && i < 4; i++)
        args[i] = kida_rest(call, i);
    kida_status st = kida_invoke(call, kida_arg(call, 0), args, count < 4 ? count : 4, &made);
    if (st != KIDA_OK)
        return st;
    kida_buf_init(&buf, call);
    kida_buf_value(&buf, made);
    for (size_t i = 0; i < kida_keyword_count(call); i++) {
        kida_str name;
        kida_value v = kida_keyword(call, i, &name);
        kida_buf_byte(&buf, ' ');
        kida_buf_put(&buf, name);
        kida_buf_byte(&buf, '=');
        kida_buf_value(&buf, v);
    }
    return kida_buf_finish_safe(&buf, out);
}

static const kida_param add_params[] = { { "by", KIDA_IN_INT, "10" }, { NULL, 0, NULL } };
static const kida_param small_params[] = { { "limit", KIDA_IN_INT, NULL }, { NULL, 0, NULL } };
static const kida_param apply_params[] = { { "def", KIDA_IN_CALLABLE, NULL },
                                           { "*args", KIDA_IN_ANY, NULL },
                                           { "**names", KIDA_IN_ANY, NULL },
                                           { NULL, 0, NULL } };
static const kida_filter add_row = { "add", f_add, add_params, KIDA_PURE, "sum" };
static const kida_filter refuse_row = { "refuse", f_refuse, NULL, 0, "fails" };
static const kida_test small_row = { "small", t_small, small_params, KIDA_PURE, "below" };
static const kida_function apply_row = { "apply", g_apply, apply_params, 0, "calls" };

static void
register_all(t_fixture *fx)
{
    kida_env *env = t_env(fx);
    assert_int_equal(kida_env_add_filters(env, &add_row, 1, &fx->err), KIDA_OK);
    assert_int_equal(kida_env_add_filters(env, &refuse_row, 1, &fx->err), KIDA_OK);
    assert_int_equal(kida_env_add_tests(env, &small_row, 1, &fx->err), KIDA_OK);
    assert_int_equal(kida_env_add_functions(env, &apply_row, 1, &fx->err), KIDA_OK);
}

static void
arguments_are_bound_by_the_table(void **state)
{
    static const struct {
        const char *source, *expect;
    } cases[] = {
        { "{{ 1 | add }}{{ 1 | add(2) }}{{ 1 | add(by=3) }}", "1134" },
        { "{{ 1 | add('x') }}", "K-RUN-012" },
        { "{{ 1 | add(none) }}", "K-RUN-005" },
        { "{{ 1 | add(1, 2) }}", "K-RUN-012" },
        { "{{ 1 | add(to=2) }}", "K-RUN-012" },
        { "{{ 1 is small(2) }}{{ 3 is not small(limit=2) }}", "TrueTrue" },
        { "{{ 1 is small }}", "K-RUN-012" },
        { "{% def d(a, b) %}<b>{{ a }}{{ b }}</b>{% end %}{{ apply(d, 1, '<', x=2, y='&') }}",
          "<b>1&lt;</b> x=2 y=&" },
        { "{% def o() %}{{ apply(caller) }}{% end %}{% call o() %}body{% end %}", "body" },
        { "{{ apply(1) }}", "K-RUN-012" },
        { "{% def d() %}{{ nope }}{% end %}{{ apply(d) }}", "K-RUN-001" },
        { "{% try %}{{ 1 | refuse }}{% fallback e %}{{ e.type }}: {{ e.message }}{% end %}",
          "ValueError: &#39;int&#39; is refused" },
    };
    t_fixture *fx = *state;
    register_all(fx);
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        const char *got = t_render(fx, cases[i].source, NULL);
        if (strcmp(got, cases[i].expect) != 0)
            fail_msg("%s: got [%s] %s, want [%s]", cases[i].source, got, fx->err.message,
                     cases[i].expect);
    }
}

static void
an_error_has_place_kind_and_hint(void **state)
{
    t_fixture *fx = *state;
    register_all(fx);
    assert_string_equal(t_render(fx, "a\n{{ [] | refuse }}", NULL), "K-RUN-007");
    assert_string_equal(fx->err.message, "'list' is refused");
    assert_string_equal(fx->err.hint, "send something else");
    assert_string_equal(fx->err.kind, "ValueError");
    assert_int_equal(fx->err.line, 2);
}

/* Holds: free_user runs exactly once. Could break: failures, replacing, the end. */
static void
user_data_ends_once(void **state)
{
    t_fixture *fx = *state;
    kida_env *env = t_env(fx);
    int first = 0, second = 0, refused = 0, late = 0;
    static const kida_param bad_params[] = { { "x", KIDA_IN_ANY, "((" }, { NULL, 0, NULL } };
    static const kida_filter bad = { "bad", f_add, bad_params, 0, "" };
    assert_int_equal(kida_env_add_filter(env, &add_row, &first, count_free, &fx->err), KIDA_OK);
    assert_int_equal(kida_env_add_filter(env, &add_row, &second, count_free, &fx->err), KIDA_OK);
    assert_int_equal(kida_env_add_filter(env, &bad, &refused, count_free, &fx->err), KIDA_E_PARSE);
    assert_int_equal(refused, 1);
    assert_string_equal(t_render(fx, "{{ x | add }}", "{\"x\":1}"), "11");
    assert_int_equal(kida_env_add_filter(env, &add_row, &late, count_free, &fx->err),
                     KIDA_E_FROZEN);
    assert_int_equal(late, 1);
    t_reset(fx);
    assert_int_equal(first, 1);
    assert_int_equal(second, 2); /* used once, freed once */
}

static void
a_frozen_environment_refuses_set_up(void **state)
{
    t_fixture *fx = *state;
    kida_env *env = t_env(fx);
    kida_catalog catalog = { NULL, NULL, NULL };
    assert_int_equal(kida_env_freeze(env, &fx->err), KIDA_OK);
    assert_int_equal(kida_env_add_filters(env, &add_row, 1, &fx->err), KIDA_E_FROZEN);
    assert_int_equal(kida_env_add_tests(env, &small_row, 1, &fx->err), KIDA_E_FROZEN);
    assert_int_equal(kida_env_add_functions(env, &apply_row, 1, &fx->err), KIDA_E_FROZEN);
    assert_int_equal(kida_env_add_global(env, KIDA_S("g"), kida_int(1), &fx->err), KIDA_E_FROZEN);
    assert_int_equal(kida_env_add_static(env, KIDA_S("s"), kida_int(1), &fx->err), KIDA_E_FROZEN);
    assert_int_equal(kida_env_add_source(env, KIDA_S("t"), KIDA_S(""), &fx->err), KIDA_E_FROZEN);
    assert_int_equal(kida_env_add_directory(env, "/", NULL, &fx->err), KIDA_E_FROZEN);
    assert_int_equal(kida_env_load_module(env, "x.so", &fx->err), KIDA_E_FROZEN);
    assert_int_equal(kida_env_set_catalog(env, &catalog, &fx->err), KIDA_E_FROZEN);
    assert_string_equal(fx->err.code, "K-USE-002");
}

static void
globals_and_statics(void **state)
{
    t_fixture *fx = *state;
    kida_env *env = t_env(fx);
    assert_int_equal(kida_env_add_global(env, KIDA_S("g"), kida_int(1), &fx->err), KIDA_OK);
    assert_int_equal(kida_env_add_static(env, KIDA_S("s"), kida_int(2), &fx->err), KIDA_OK);
    assert_string_equal(t_render(fx, "{{ g }}{{ s }}", NULL), "12");
    assert_string_equal(t_render(fx, "{{ g }}{{ s }}", "{\"g\":3,\"s\":4}"), "32");
}

static void
a_module_that_is_none(void **state)
{
    t_fixture *fx = *state;
    assert_int_equal(kida_env_load_module(t_env(fx), "/no/such.so", &fx->err), KIDA_E_MODULE);
    assert_string_equal(fx->err.code, "K-USE-005");
}

static int rows;

static void
count_filter(void *arg, const kida_filter *row)
{
    (void)arg;
    rows += row->name != NULL && row->body != NULL && row->help != NULL && row->help[0] != '\0';
    rows += 1000;
}

static void
count_test(void *arg, const kida_test *row)
{
    (void)arg;
    rows += row->name != NULL && row->body != NULL && row->help != NULL && row->help[0] != '\0';
    rows += 1000;
}

static void
count_function(void *arg, const kida_function *row)
{
    (void)arg;
    rows += row->name != NULL && row->body != NULL && row->help != NULL && row->help[0] != '\0';
    rows += 1000;
}

static void
every_row_has_its_help(void **state)
{
    t_fixture *fx = *state;
    rows = 0;
    kida_env_each_filter(t_env(fx), count_filter, NULL);
    kida_env_each_test(t_env(fx), count_test, NULL);
    kida_env_each_function(t_env(fx), count_function, NULL);
    assert_int_equal(rows % 1000, rows / 1000);
    assert_true(rows / 1000 > 100);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        t_test(arguments_are_bound_by_the_table),
        t_test(an_error_has_place_kind_and_hint),
        t_test(user_data_ends_once),
        t_test(a_frozen_environment_refuses_set_up),
        t_test(globals_and_statics),
        t_test(a_module_that_is_none),
        t_test(every_row_has_its_help),
    };
    return cmocka_run_group_tests_name("api/extend", tests, NULL, NULL);
}
