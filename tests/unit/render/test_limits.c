/* SPDX-License-Identifier: MIT */
/* test_limits.c - hostile sources, data and loops end with a code, on a small stack. */
#define _GNU_SOURCE
#include "t.h"

#include <pthread.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK_SIZE (4u << 20) /* frames are several times as large there */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define STACK_SIZE (4u << 20)
#endif
#endif
#ifndef STACK_SIZE
#if defined(__OPTIMIZE__)
#define STACK_SIZE (512u << 10)
#else
#define STACK_SIZE (2u << 20)
#endif
#endif

/* ---- rendering on a small stack -------------------------------------------------------- */

typedef struct job {
    t_fixture *fx;
    const char *source;
    const char *context;
    const char *got;
} job;

static void *
work(void *arg)
{
    job *j = arg;
    j->got = t_render(j->fx, j->source, j->context);
    return NULL;
}

/* As t_render, on a thread with a small stack. */
static const char *
render_small(t_fixture *fx, const char *source, const char *context)
{
    job j = { .fx = fx, .source = source, .context = context };
    pthread_attr_t attr;
    pthread_t thread;

    (void)t_env(fx);
    assert_int_equal(pthread_attr_init(&attr), 0);
    assert_int_equal(pthread_attr_setstacksize(&attr, STACK_SIZE), 0);
    assert_int_equal(pthread_create(&thread, &attr, work, &j), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&attr);
    return j.got;
}

static char *
append(char *at, const char *text)
{
    size_t len = strnlen(text, 1000);
    memcpy(at, text, len);
    return at + len;
}

/* before + count × open + middle + count × close + after */
typedef struct shape {
    const char *label;
    const char *before, *open;
    size_t count;
    const char *middle, *close, *after;
    const char *code; /* NULL: any outcome but a crash; "": renders */
} shape;

static char *
build(const shape *s)
{
    size_t size = strnlen(s->before, 1000) + strnlen(s->middle, 1000) + strnlen(s->after, 1000) +
                  s->count * (strnlen(s->open, 1000) + strnlen(s->close, 1000)) + 1;
    char *text = malloc(size);
    if (text == NULL)
        fail_msg("out of memory");
    char *at = append(text, s->before);
    for (size_t i = 0; i < s->count; i++)
        at = append(at, s->open);
    at = append(at, s->middle);
    for (size_t i = 0; i < s->count; i++)
        at = append(at, s->close);
    at = append(at, s->after);
    *at = '\0';
    return text;
}

static void
check_shape(t_fixture *fx, const shape *s)
{
    char *source = build(s);
    const char *got = render_small(fx, source, "{\"a\": 1, \"t\": true, \"xs\": [1, 2]}");
    bool failed = fx->status != KIDA_OK;

    free(source);
    if (s->code != NULL && failed != (s->code[0] != '\0'))
        fail_msg("%s: got %.60s, want %s", s->label, got, s->code);
    if (s->code != NULL && failed && strcmp(got, s->code) != 0)
        fail_msg("%s: got %s, want %s", s->label, got, s->code);
    if (failed && (fx->err.code == NULL || fx->err.line == 0))
        fail_msg("%s: an error without a code or a line", s->label);
}

static const shape expressions[] = {
    { "parentheses", "{{ ", "(", 20000, "1", ")", " }}", "K-PAR-001" },
    { "parentheses that fit", "{{ ", "(", 100, "1", ")", " }}", "" },
    { "lists", "{{ ", "[", 20000, "1", "]", " }}", "K-PAR-001" },
    { "maps", "{{ ", "{'a': ", 20000, "1", "} ", " }}", "K-PAR-001" },
    { "not", "{{ ", "not ", 60000, "a", "", " }}", NULL },
    { "minus", "{{ ", "- ", 60000, "a", "", " }}", NULL },
    { "plus", "{{ 1", "+ 1 ", 40000, "", "", " }}", NULL },
    { "tilde", "{{ 1", " ~ a", 40000, "", "", " }}", NULL },
    { "product", "{{ 1", " * 1", 40000, "", "", " }}", NULL },
    { "power", "{{ 1", " ** 1", 40000, "", "", " }}", NULL },
    { "and", "{{ a", " and a", 40000, "", "", " }}", NULL },
    { "or", "{{ 0", " or 0", 40000, "", "", " }}", NULL },
    { "coalesce", "{{ a", " ?? a", 40000, "", "", " }}", NULL },
    { "compare", "{{ 1", " == 1", 40000, "", "", " }}", NULL },
    { "ternary", "{{ ", "1 if t else ", 30000, "2", "", " }}", NULL },
    { "ternary in parentheses", "{{ ", "(1 if t else ", 10000, "2", ")", " }}", "K-PAR-001" },
    { "subscripts", "{{ a", "[0]", 30000, "", "", " }}", NULL },
    { "nested subscripts", "{{ ", "a[", 20000, "0", "]", " }}", "K-PAR-001" },
    { "attributes", "{{ a", ".b", 40000, "", "", " }}", NULL },
    { "safe attributes", "{{ a", "?.b", 40000, "", "", " }}", NULL },
    { "guarded attributes", "{{ a", ".b", 40000, " ?? 1", "", " }}", NULL },
    { "calls", "{{ a", "()", 30000, "", "", " }}", NULL },
    { "nested calls", "{{ ", "a(", 20000, "1", ")", " }}", "K-PAR-001" },
    { "named arguments", "{{ a(", "b=a(", 15000, "1", ")", ") }}", "K-PAR-001" },
    { "filters", "{{ a", " | upper", 201, "", "", " }}", "K-PAR-004" },
    { "filter arguments", "{{ a", " | default(a", 8000, "", ")", " }}", "K-PAR-001" },
    { "tests", "{{ a", " is eq(a", 8000, "", ")", " }}", "K-PAR-001" },
    { "ranges", "{{ 1", "..2", 30000, "", "", " }}", NULL },
    { "comprehensions", "{{ ", "[x for x in ", 8000, "xs", "]", " }}", "K-PAR-001" },
    { "tuple targets", "{% for ", "(", 20000, "a", ",)", " in xs %}{% end %}", "K-PAR-001" },
    { "unpacking", "{% set ", "(", 20000, "a", ",)", " = xs %}", "K-PAR-001" },
    { "patterns", "{% match a %}{% case ", "(", 20000, "1", ",)", " %}{% end %}", "K-PAR-001" },
    { "annotations", "{% def f(a: ", "list[", 20000, "int", "]", ") %}{% end %}", NULL },
    { "await", "{{ ", "await ", 50000, "a", "", " }}", NULL },
    { "digits", "{{ 1", "0", 1000000, "", "", " }}", NULL },
    { "long name", "{{ a", "a", 1000000, "", "", " ?? 1 }}", "" },
    { "tokens", "", "{{ 1 }}", 50000, "", "", "", "K-LEX-004" },
    { "list of many", "{{ [1", ", 1", 45000, "", "", "] | length }}", "" },
    { "arguments", "{{ a(1", ", 1", 45000, "", "", ") }}", NULL },
    { "parameters", "{% def f(a", "", 0, "", "", ") %}{% end %}", "" },
};

static const shape statements[] = {
    { "if", "", "{% if t %}", 8000, "", "{% end %}", "", "K-PAR-001" },
    { "for", "", "{% for x in xs %}", 8000, "", "{% end %}", "", "K-PAR-001" },
    { "while", "", "{% while a %}", 8000, "", "{% end %}", "", "K-PAR-001" },
    { "with", "", "{% with a = 1 %}", 8000, "", "{% end %}", "", "K-PAR-001" },
    { "match", "", "{% match 1 %}{% case 1 %}", 8000, "", "{% end %}", "", "K-PAR-001" },
    { "try", "", "{% try %}", 8000, "", "{% fallback %}{% end %}", "", "K-PAR-001" },
    { "capture", "", "{% capture c %}", 8000, "", "{% end %}", "", "K-PAR-001" },
    { "filter", "", "{% filter upper %}", 8000, "", "{% end %}", "", "K-PAR-001" },
    { "spaceless", "", "{% spaceless %}", 8000, "", "{% end %}", "", "K-PAR-001" },
    { "cache", "", "{% cache 1 %}", 8000, "", "{% end %}", "", "K-PAR-001" },
    { "push", "", "{% push 's' %}", 8000, "", "{% end %}", "", "K-PAR-001" },
    { "provide", "", "{% provide k = 1 %}", 8000, "", "{% end %}", "", "K-PAR-001" },
    { "block", "", "{% block b %}", 8000, "", "{% end %}", "", "K-PAR-001" },
    { "def", "", "{% def f() %}", 8000, "", "{% end %}", "", "K-PAR-001" },
    { "call", "", "{% call f() %}", 8000, "", "{% end %}", "", "K-PAR-001" },
    { "embed", "", "{% embed 'k' %}{% block b %}", 8000, "", "{% end %}{% end %}", "",
      "K-LEX-004" },
    { "slot", "", "{% slot s let:a=1 %}", 8000, "", "{% end %}", "", "K-PAR-001" },
    { "globals", "", "{% globals %}", 8000, "", "{% end %}", "", "K-PAR-001" },
    { "else", "", "{% if t %}{% else %}", 8000, "", "{% end %}", "", "K-PAR-001" },
    { "region", "", "{% region r() %}", 8000, "", "{% end %}", "", "K-PAR-001" },
    { "fragment", "", "{% fragment f %}", 8000, "", "{% end %}", "", "K-PAR-001" },
    { "elif", "{% if 0 %}", "{% elif 0 %}", 20000, "", "", "{% end %}", "" },
    { "cases", "{% match 1 %}", "{% case 2 %}", 15000, "", "", "{% end %}", "" },
    { "open ifs", "", "{% if t %}", 20000, "", "", "", NULL },
    { "set", "", "{% set a = 1 %}", 12000, "", "", "", "" },
    { "let names", "", "{% let a, b = xs %}", 9000, "", "", "", "" },
    { "text", "", "abcdefghij", 100000, "", "", "", "" },
    { "comments", "", "{# #}", 30000, "", "", "", "" },
    { "blocks", "", "{% block b %}{% end %}", 9000, "", "", "", "" },
    { "defs", "", "{% def f() %}{% end %}", 9000, "", "", "", "" },
    { "raw", "", "{% raw %}x{% endraw %}", 8000, "", "", "", NULL },
    { "loop of loops", "", "{% for x in xs %}", 90, "", "{% end %}", "", NULL },
};

/* Holds: no recursion without a bound, in parser, compiler and render. */
static void
deep_expressions_end_with_a_code(void **state)
{
    for (size_t i = 0; i < T_COUNT(expressions); i++)
        check_shape(*state, &expressions[i]);
}

static void
deep_statements_end_with_a_code(void **state)
{
    for (size_t i = 0; i < T_COUNT(statements); i++)
        check_shape(*state, &statements[i]);
}

/* ---- limits of a render -------------------------------------------------------- */

typedef struct limit_case {
    const char *label;
    const char *source;
    const char *want; /* code or output; NULL: any outcome but a crash */
    kida_limits limits;
} limit_case;

static const limit_case limit_cases[] = {
    { "endless loop", "{% while t %}{% end %}", "K-LIM-001", { .steps = 100000 } },
    { "nested loops", "{% for a in 1..10000 %}{% for b in 1..10000 %}{% end %}{% end %}",
      "K-LIM-001", { .steps = 1000000 } },
    { "long range", "{% for a in 1..1000000000 %}{% end %}", "K-LIM-001", { .steps = 1000000 } },
    { "range into list", "{{ 1..1000000000 | list | length }}", "K-LIM-001", { .steps = 1000000 } },
    { "range as list, memory", "{{ 1..100000000 | list | length }}", "K-LIM-004",
      { .arena = 1u << 20 } },
    { "sum", "{{ sum(1..1000000000) }}", "K-LIM-001", { .steps = 1000000 } },
    { "comprehension", "{{ [x for x in 1..1000000000] }}", "K-LIM-001", { .steps = 1000000 } },
    { "time", "{% while t %}{% end %}", "K-LIM-002", { .time_ms = 20, .steps = UINT64_MAX / 2 } },
    { "time in a filter", "{{ 1..100000000000 | sum }}", "K-LIM-002",
      { .time_ms = 20, .steps = UINT64_MAX / 2 } },
    { "output", "{% for a in 1..1000 %}0123456789{% end %}", "K-LIM-003", { .output = 5000 } },
    { "output in capture", "{% capture c %}{% for a in 1..1000 %}0123456789{% end %}{% end %}",
      "K-LIM-003", { .output = 5000 } },
    { "output in def",
      "{% def f() %}{% for a in 1..1000 %}0123456789{% end %}{% end %}{% set x = f() %}",
      "K-LIM-003", { .output = 5000 } },
    { "output in filter", "{% filter length %}{% for a in 1..1000 %}0123456789{% end %}{% end %}",
      "K-LIM-003", { .output = 5000 } },
    { "output many captures", "{% for a in 1..1000 %}{% capture c %}0123456789{% end %}{% end %}",
      "K-LIM-003", { .output = 5000 } },
    { "output in push", "{% for a in 1..1000 %}{% push 's' %}0123456789{% end %}{% end %}",
      "K-LIM-003", { .output = 5000 } },
    { "output of one value", "{{ 'x' * 10000 }}", "K-LIM-003", { .output = 5000 } },
    { "stack repeated",
      "{% push 's' %}{{ 'x' * 1000 }}{% end %}{% for a in 1..1000 %}{% stack 's' %}{% end %}",
      "K-LIM-003", { .output = 5000 } },
    { "recursion", "{% def f() %}{{ f() }}{% end %}{{ f() }}", "K-LIM-005", { 0 } },
    { "mutual recursion", "{% def f() %}{{ g() }}{% end %}{% def g() %}{{ f() }}{% end %}{{ f() }}",
      "K-LIM-005", { 0 } },
    { "recursion by call",
      "{% def f() %}{% call f() %}{% slot %}x{% end %}{% end %}{% end %}{{ f() }}", "K-LIM-005",
      { 0 } },
    { "recursion by slot",
      "{% def f() %}{% slot %}{% end %}{% def g() %}{% call f() %}{{ g() }}{% end %}{% end %}{{"
      " g() }}", "K-LIM-005", { 0 } },
    { "block in itself", "{% block b %}{% block b %}x{% end %}{% end %}", "x", { 0 } },
    { "region recursion", "{% region r() %}{{ r() }}{% end %}{{ r() }}", "K-LIM-005", { 0 } },
    { "recursion by map", "{% def f(x) %}{{ map(f, [1]) | list }}{% end %}{{ f(1) }}", "K-LIM-005",
      { 0 } },
    { "depth", "{% def f(n) %}{% if n %}{{ f(n - 1) }}{% end %}{% end %}{{ f(20) }}", "K-LIM-005",
      { .depth = 10 } },
    { "long text", "{{ ('x' * 1000000000) | length }}", "K-RUN-007", { 0 } },
    { "longer text", "{{ 'x' * 10000000000000 }}", "K-RUN-007", { 0 } },
    { "doubling", "{% let s = 'x' %}{% while t %}{% let s = s ~ s %}{% end %}", "K-LIM-004",
      { 0 } },
    { "doubling list", "{% let s = [1] %}{% while t %}{% let s = s + s %}{% end %}", "K-LIM-004",
      { .arena = 16u << 20 } },
    { "append", "{% let s = [] %}{% while t %}{% set z = s.append(1) %}{% end %}", "K-LIM-004",
      { .arena = 4u << 20 } },
    { "center", "{{ ('x' | center(1000000000)) | length }}", "K-RUN-007", { 0 } },
    { "indent", "{{ ('x\\ny' | indent(1000000000)) | length }}", "K-RUN-007", { 0 } },
    { "ljust", "{{ 'x'.ljust(1000000000) | length }}", "K-RUN-007", { 0 } },
    { "format width", "{{ ('%1000000000d' % one) | length }}", NULL, { 0 } },
    { "format", "{{ '{:1000000000}'.format(1) | length }}", NULL, { 0 } },
    { "list times", "{{ ([1] * 1000000000) | length }}", "K-RUN-007", { 0 } },
    { "power tower", "{{ 10 ** 10 ** 10 }}", NULL, { 0 } },
    { "power", "{{ 10 ** 1000000000 }}", NULL, { 0 } },
    { "big products", "{% let n = 10 %}{% while t %}{% let n = n * n %}{% end %}", NULL, { 0 } },
    { "int of digits", "{{ int('1' * 1000000) }}", NULL, { 0 } },
    { "batch", "{{ [1] | batch(1000000000) | list | length }}", NULL, { 0 } },
    { "slice", "{{ [1] | slice(1000000000) | list | length }}", NULL, { 0 } },
    { "least divided",
      "{{ (-9223372036854775807 - 1) // -1 }}{{ (-9223372036854775807 - 1) % -1 }}",
      "92233720368547758080", { 0 } },
    { "division by zero", "{{ one // 0 }}", "K-RUN-011", { 0 } },
    { "negative of least", "{{ -(-9223372036854775807 - 1) }}", "9223372036854775808", { 0 } },
    { "nan", "{{ float('nan') == float('nan') }}{{ [float('nan'), 1] | sort | length }}", "False2",
      { 0 } },
    { "infinity", "{{ int(float('inf')) }}", NULL, { 0 } },
    { "round infinity", "{{ float('inf') | round }}", NULL, { 0 } },
    { "index of big", "{{ [1][99999999999999999999] }}", "K-RUN-007", { 0 } },
    { "range of big", "{{ 1..99999999999999999999 | length }}", NULL, { 0 } },
    { "self-holding list",
      "{% let s = [1] %}{% set z = s.append(s) %}{{ s }}{{ s == s }}{{ s | tojson }}", NULL,
      { 0 } },
    { "self-holding map", "{% let d = {'a': 1} %}{% set z = d.update({'d': d}) %}{{ d }}", NULL,
      { 0 } },
    { "deep list",
      "{% let s = [] %}{% for i in 1..10000 %}{% let s = [s] %}{% end %}{{ s | string | length "
      "}}{{ s == [s] }}", NULL, { 0 } },
    { "deep markup",
      "{% let s = '' %}{% for i in 1..2000 %}{% let s = s ~ ('<' | escape) %}{% end %}{{ s | le"
      "ngth }}", "8000", { 0 } },
};

static void
a_limit_ends_the_render_with_its_code(void **state)
{
    t_fixture *fx = *state;

    for (size_t i = 0; i < T_COUNT(limit_cases); i++) {
        const limit_case *c = &limit_cases[i];
        t_reset(fx);
        kida_config_init(&fx->config);
        fx->config.hash_seed = 1;
        fx->config.allocator = t_counting_allocator(&fx->counter);
        if (c->limits.steps)
            fx->config.limits.steps = c->limits.steps;
        if (c->limits.output)
            fx->config.limits.output = c->limits.output;
        if (c->limits.arena)
            fx->config.limits.arena = c->limits.arena;
        if (c->limits.depth)
            fx->config.limits.depth = c->limits.depth;
        if (c->limits.time_ms)
            fx->config.limits.time_ms = c->limits.time_ms;
        const char *got = render_small(fx, c->source, "{\"t\": true, \"one\": 1}");
        if (c->want != NULL && strcmp(got, c->want) != 0)
            fail_msg("%s: got %.60s, want %s", c->label, got, c->want);
        if (fx->status != KIDA_OK && fx->err.hint[0] == '\0')
            fail_msg("%s: no hint", c->label);
    }
}

/* ---- templates that reach templates -------------------------------------------------------- */

static const char *
chain(t_fixture *fx, unsigned count, const char *format, const char *last)
{
    char name[16], source[256];

    t_reset(fx);
    for (unsigned i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "t%u", i);
        snprintf(source, sizeof(source), format, i + 1, i + 1);
        t_add(fx, name, i + 1 < count ? source : last);
    }
    return render_small(fx, "{% include 't0' %}", NULL);
}

static void
includes_and_extends_have_a_depth(void **state)
{
    t_fixture *fx = *state;

    assert_string_equal(chain(fx, 50, "{%% include 't%u' %%}", "x"), "x");
    assert_string_equal(chain(fx, 51, "{%% include 't%u' %%}", "x"), "K-RUN-006");
    assert_string_equal(chain(fx, 51, "{%% embed 't%u' %%}{%% end %%}", "x"), "K-RUN-006");
    assert_string_equal(chain(fx, 50, "{%% extends 't%u' %%}", "x"), "x");
    assert_string_equal(chain(fx, 60, "{%% extends 't%u' %%}", "x"), "K-RUN-007");
    assert_string_equal(chain(fx, 400, "{%% import 't%u' as m %%}", "x"), "K-LIM-005");
    assert_string_equal(chain(fx, 3, "{%% extends 't0' %%}", "{% extends 't1' %}"), "K-TPL-003");
    assert_string_equal(chain(fx, 3, "{%% import 't%u' as m %%}", "{% import 't0' as m %}"),
                        "K-TPL-003");
}

/* Each of 30 templates includes the next one twice: 2^30 includes. */
static void
wide_includes_end_by_the_budget(void **state)
{
    t_fixture *fx = *state;

    fx->config.limits.steps = 100000;
    assert_string_equal(chain(fx, 30, "{%% include 't%u' %%}{%% include 't%u' %%}", "x"),
                        "K-LIM-001");
}

/* A render's own limits come before those of the environment. */
static void
a_render_may_have_limits_of_its_own(void **state)
{
    t_fixture *fx = *state;
    kida_limits limits = { .include_depth = 2, .extends_depth = 1, .arena = 64u << 10 };
    kida_render_options options;
    kida_buf out;
    bool good = true;

    t_add(fx, "a", "{% include 'b' %}");
    t_add(fx, "b", "{% include 'c' %}");
    t_add(fx, "c", "{% include 'd' %}");
    t_add(fx, "d", "d");
    t_add(fx, "x", "{% extends 'y' %}");
    t_add(fx, "y", "{% extends 'd' %}");
    t_add(fx, "big", "{% let s = [1] %}{% for i in 1..20 %}{% let s = s + s %}{% end %}");
    static const struct {
        const char *name;
        kida_status want;
    } rows[] = {
        { "b", KIDA_OK },
        { "a", KIDA_E_INCLUDE_DEPTH },
        { "x", KIDA_E_RUNTIME },
        { "big", KIDA_E_LIMIT_MEMORY },
    };
    kida_render_options_init(&options);
    options.limits = &limits;
    kida_renderer *renderer = kida_renderer_new(fx->env);
    kida_buf_init_heap(&out, NULL, 1u << 20);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        kida_template *tpl = kida_env_get(fx->env, kida_str_from(rows[i].name), &fx->err);
        kida_status st = kida_render_buf(renderer, tpl, kida_none(), &options, &out, &fx->err);
        kida_template_drop(tpl);
        if (st != rows[i].want)
            print_error("%s: %s\n", rows[i].name, kida_status_code(st));
        good = good && st == rows[i].want;
    }
    options.limits = NULL;
    kida_template *tpl = kida_env_get(fx->env, KIDA_S("a"), &fx->err);
    kida_status st = kida_render_buf(renderer, tpl, kida_none(), &options, &out, &fx->err);
    kida_template_drop(tpl);
    kida_buf_free(&out);
    kida_renderer_free(renderer);
    assert_true(good);
    assert_int_equal(st, KIDA_OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        t_test(deep_expressions_end_with_a_code),
        t_test(deep_statements_end_with_a_code),
        t_test(a_limit_ends_the_render_with_its_code),
        t_test(includes_and_extends_have_a_depth),
        t_test(wide_includes_end_by_the_budget),
        t_test(a_render_may_have_limits_of_its_own),
    };
    return cmocka_run_group_tests_name("render/limits", tests, NULL, NULL);
}
