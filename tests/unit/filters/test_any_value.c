/* SPDX-License-Identifier: MIT */
/*
 * Every filter, test and function, with values of every kind in every place: the outcome is a value
 * or a clean error, within the limits of the render, and soon.
 */
#include "t.h"

#include <stdlib.h>
#include <time.h>

#include "zoo.h"

enum { OUTPUT_MAX = 1 << 20, SUBJECTS_MAX = 512, PARAMS_MAX = 6, SECONDS_MAX = 20 };

/* What is called: a row of one of the three tables. */
typedef struct subject {
    char kind; /* 'f' filter, 't' test, 'g' function */
    const char *name;
    const kida_param *params;
} subject;

typedef struct lab {
    kida_env *env;
    kida_renderer *renderer;
    t_zoo zoo;
    subject subjects[SUBJECTS_MAX];
    size_t count;
    size_t renders, failures;
} lab;

static void
add_subject(lab *l, char kind, const char *name, const kida_param *params)
{
    assert_true(l->count < SUBJECTS_MAX);
    l->subjects[l->count++] = (subject){ kind, name, params };
}

static void
add_filter(void *arg, const kida_filter *row)
{
    if (strcmp(row->name, "debug") != 0) /* writes on the standard error stream */
        add_subject(arg, 'f', row->name, row->params);
}

static void
add_test(void *arg, const kida_test *row)
{
    add_subject(arg, 't', row->name, row->params);
}

static void
add_function(void *arg, const kida_function *row)
{
    add_subject(arg, 'g', row->name, row->params);
}

static int
open_lab(void **state)
{
    lab *l = calloc(1, sizeof(*l));
    kida_config config;
    kida_error err;
    kida_config_init(&config);
    config.hash_seed = 1;
    config.limits.steps = 30000;
    config.limits.arena = 8u << 20;
    config.limits.output = OUTPUT_MAX;
    kida_error_init(&err);
    l->env = kida_env_new_std(&config, &err);
    if (l->env == NULL || kida_env_freeze(l->env, &err) != KIDA_OK)
        return -1;
    l->renderer = kida_renderer_new(l->env);
    t_zoo_open(&l->zoo);
    kida_env_each_filter(l->env, add_filter, l);
    kida_env_each_test(l->env, add_test, l);
    kida_env_each_function(l->env, add_function, l);
    *state = l;
    return l->renderer != NULL ? 0 : -1;
}

static int
close_lab(void **state)
{
    lab *l = *state;
    t_zoo_close(&l->zoo);
    kida_renderer_free(l->renderer);
    kida_env_free(l->env);
    free(l);
    return 0;
}

/* ---- one render
 * ---------------------------------------------------------------------------------- */

static kida_status
measure(void *user, const char *data, size_t len)
{
    size_t *total = user;
    (void)data;
    *total += len;
    return KIDA_OK;
}

static void
check_error(const kida_error *err, kida_status st, const char *what, const char *where)
{
    if (err->status != st || err->code == NULL || err->code[0] != 'K')
        fail_msg("%s, %s: a failure without a record", what, where);
    if (err->message[0] == '\0' || !kida_utf8_valid(kida_str_from(err->message)))
        fail_msg("%s, %s: %s without a message", what, where, err->code);
    kida_error_class class = kida_status_class(st);
    if (class == KIDA_CLASS_HOST && st != KIDA_E_NOMEM && st != KIDA_E_UTF8)
        fail_msg("%s, %s: %s %s", what, where, err->code, err->message);
    if (class == KIDA_CLASS_SYNTAX && st != KIDA_E_FILTER_NAME && st != KIDA_E_TEST_NAME)
        fail_msg("%s, %s: %s %s", what, where, err->code, err->message);
}

static void
render(lab *l, kida_template *tpl, kida_value context, const char *what, const char *where)
{
    kida_error err;
    size_t total = 0;
    struct timespec from, to;
    kida_error_init(&err);
    timespec_get(&from, TIME_UTC);
    kida_status st = kida_render_with(l->renderer, tpl, context, NULL, measure, &total, &err);
    timespec_get(&to, TIME_UTC);
    l->renders++;
    l->failures += st != KIDA_OK;
    if (st != KIDA_OK)
        check_error(&err, st, what, where);
    if (total > OUTPUT_MAX)
        fail_msg("%s, %s: %zu bytes of output", what, where, total);
    if (to.tv_sec - from.tv_sec > SECONDS_MAX)
        fail_msg("%s, %s: took %d seconds", what, where, (int)(to.tv_sec - from.tv_sec));
}

/* ---- templates
 * ------------------------------------------------------------------------------------- */

static kida_template *
compile(lab *l, const char *source)
{
    kida_error err;
    kida_error_init(&err);
    kida_template *tpl =
        kida_env_from_source(l->env, KIDA_S("any.html"), kida_str_from(source), &err);
    if (tpl == NULL)
        fail_msg("%s: %s", source, err.message);
    return tpl;
}

static void
append(char *out, size_t size, const char *text)
{
    size_t len = strlen(out);
    snprintf(out + len, size - len, "%s", text);
}

/* "{{ x | name(p0, p1) }}", with as many arguments as asked for; operand stands in for x. */
static void
write_use(const subject *s, const char *operand, size_t args, char *out, size_t size)
{
    snprintf(out, size,
             s->kind == 'f'   ? "{{ %s | %s("
             : s->kind == 't' ? "{{ %s is %s("
                              : "{{ %s%s(",
             s->kind == 'g' ? "" : operand, s->name);
    for (size_t i = 0; i < args; i++) {
        const kida_param *p = &s->params[i];
        char arg[64];
        bool starred = p->name[0] == '*';
        bool keyword = (p->accepts & KIDA_IN_KEYWORD) != 0 || strncmp(p->name, "**", 2) == 0;
        snprintf(arg, sizeof(arg), "%s%s%sp%zu", i > 0 ? ", " : "",
                 keyword ? starred ? "kw" : p->name : "", keyword ? "=" : "", i);
        append(out, size, arg);
    }
    append(out, size, ") }}");
    if (args == 0 && s->kind != 'g') /* without the parentheses */
        snprintf(out, size, s->kind == 'f' ? "{{ %s | %s }}" : "{{ %s is %s }}", operand, s->name);
}

static size_t
param_count(const subject *s)
{
    size_t count = 0;
    while (s->params != NULL && s->params[count].name != NULL && count < PARAMS_MAX)
        count++;
    return count;
}

static size_t
required_count(const subject *s)
{
    size_t count = 0;
    for (size_t i = 0; i < param_count(s); i++)
        if (s->params[i].fallback == NULL && s->params[i].name[0] != '*')
            count = i + 1;
    return count;
}

static const char *const names[] = { "p0", "p1", "p2", "p3", "p4", "p5" };

/* An argument that the table accepts. */
static kida_value
fitting(const lab *l, const kida_param *p)
{
    if (p->accepts & KIDA_IN_STR)
        return kida_string(KIDA_S("a"));
    if (p->accepts & KIDA_IN_INT)
        return kida_int(2);
    if (p->accepts & KIDA_IN_FLOAT)
        return kida_float(1.5);
    for (size_t i = 0; i < l->zoo.count; i++) {
        kida_kind kind = kida_kind_of(l->zoo.animals[i].value);
        if ((p->accepts & KIDA_IN_LIST && kind == KIDA_LIST) ||
            (p->accepts & KIDA_IN_DICT && kind == KIDA_DICT) ||
            (p->accepts & KIDA_IN_CALLABLE && kind == KIDA_CALLABLE))
            return l->zoo.animals[i].value;
    }
    return kida_string(KIDA_S("a"));
}

/* A value by number: those of the zoo, then those made for each render. */
static kida_value
value_number(lab *l, size_t number, const char **label)
{
    if (number >= l->zoo.count)
        return t_zoo_fresh(number - l->zoo.count, kida_renderer_pool(l->renderer), label);
    *label = l->zoo.animals[number].label;
    return l->zoo.animals[number].value;
}

static size_t
value_count(const lab *l)
{
    return l->zoo.count + t_zoo_fresh_count();
}

/* Renders with self and one argument of any kind, the other arguments fitting. */
static void
try_one(lab *l, const subject *s, kida_template *tpl, size_t self, size_t at, size_t arg,
        size_t args, const char *source)
{
    const char *self_label = "-", *arg_label = "-";
    char where[200];
    kida_value context;
    assert_int_equal(kida_dict_new(kida_renderer_pool(l->renderer), 8, &context), KIDA_OK);
    kida_value x = value_number(l, self, &self_label);
    assert_int_equal(kida_dict_set(context, kida_string(KIDA_S("x")), x), KIDA_OK);
    for (size_t i = 0; i < args; i++) {
        kida_value v = i == at ? value_number(l, arg, &arg_label) : fitting(l, &s->params[i]);
        assert_int_equal(kida_dict_set(context, kida_string(kida_str_from(names[i])), v), KIDA_OK);
    }
    snprintf(where, sizeof(where), "x = %.60s, argument %zu = %.60s", self_label, at, arg_label);
    render(l, tpl, context, source, where);
}

/* ---- the properties
 * ---------------------------------------------------------------------------------- */

static void
any_value_as_self(void **state)
{
    lab *l = *state;
    for (size_t i = 0; i < l->count; i++) {
        const subject *s = &l->subjects[i];
        char source[400];
        if (s->kind == 'g')
            continue;
        for (size_t args = required_count(s); args <= param_count(s); args++) {
            write_use(s, "x", args, source, sizeof(source));
            kida_template *tpl = compile(l, source);
            for (size_t v = 0; v < value_count(l); v++)
                try_one(l, s, tpl, v, PARAMS_MAX, 0, args, source);
            kida_template_drop(tpl);
        }
    }
    print_message("%zu renders, %zu of them ended in a clean error\n", l->renders, l->failures);
}

static void
any_value_as_argument(void **state)
{
    lab *l = *state;
    for (size_t i = 0; i < l->count; i++) {
        const subject *s = &l->subjects[i];
        char source[400];
        size_t step = s->kind == 'g' ? value_count(l) : 5; /* some values as self */
        for (size_t at = 0; at < param_count(s); at++) {
            size_t args = at + 1 > required_count(s) ? at + 1 : required_count(s);
            write_use(s, "x", args, source, sizeof(source));
            kida_template *tpl = compile(l, source);
            for (size_t self = at % step; self < value_count(l); self += step)
                for (size_t v = 0; v < value_count(l); v++)
                    try_one(l, s, tpl, self, at, v, args, source);
            kida_template_drop(tpl);
        }
    }
    print_message("%zu renders, %zu of them ended in a clean error\n", l->renders, l->failures);
}

/* What only an expression makes: views, ranges, methods, defs, regions, loops. */
static void
any_expression_as_self(void **state)
{
    static const char *const operands[] = {
        "d.keys()",
        "d.items()",
        "d.values()",
        "range(5)",
        "range(10000000000)",
        "1..9",
        "'a'.upper",
        "[].append",
        "card",
        "side",
        "zip([1], 'a')",
        "loop",
        "dict",
        "namespace ?? 1",
        "{1, 2} ?? 1",
        "(1, [2])",
        "card()",
        "nope ?? d",
        "d.items",
        "range",
        "[x for x in 'ab']",
        "2 ** 900",
    };
    static const char head[] = "{% def card(n=1) %}<b>{{ n }}</b>{% end %}{% region side(n=1) %}r"
                               "{% end %}{% set d = {'a': 1, 'b': 2} %}{% for i in [1, 2] %}";
    lab *l = *state;
    for (size_t i = 0; i < l->count; i++) {
        const subject *s = &l->subjects[i];
        for (size_t k = 0; k < T_COUNT(operands); k++) {
            char source[800], use[400], operand[80];
            kida_error err;
            size_t args = s->kind == 'g' ? 0 : required_count(s);
            kida_error_init(&err);
            snprintf(operand, sizeof(operand), "(%s)", operands[k]);
            write_use(s, operand, args, use, sizeof(use));
            snprintf(source, sizeof(source), "%s%s{%% end %%}", head, use);
            kida_template *tpl =
                kida_env_from_source(l->env, KIDA_S("e.html"), kida_str_from(source), &err);
            if (tpl != NULL)
                try_one(l, s, tpl, 0, PARAMS_MAX, 0, args, source);
            kida_template_drop(tpl);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_value_as_self, open_lab, close_lab),
        cmocka_unit_test_setup_teardown(any_value_as_argument, open_lab, close_lab),
        cmocka_unit_test_setup_teardown(any_expression_as_self, open_lab, close_lab),
    };
    return cmocka_run_group_tests_name("filters/any_value", tests, NULL, NULL);
}
