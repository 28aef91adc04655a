/* SPDX-License-Identifier: MIT */
/* test_diagnostics.c - what a failure says: code, line, column, hint; and its whole layout. */
#include "t.h"

typedef struct diagnostic {
    const char *source;
    const char *code;
    uint32_t line, column, end_column;
    const char *hint; /* how it begins */
} diagnostic;

static const char context[] =
    "{\"user\": {\"name\": \"n\"}, \"items\": [1], \"none_\": null, \"big\": 9}";

static const diagnostic plain[] = {
    { "a\n{% if x", "K-LEX-001", 2, 0, 2, "close it with %}" },
    { "a\n  {# x", "K-LEX-002", 2, 2, 4, "close it with #}" },
    { "a {{ x", "K-LEX-003", 1, 2, 4, "close it with }}" },
    { "{{ $ }}", "K-TPL-002", 1, 3, 4, "variables are written without '$'" },
    { "{{ 'abc }}", "K-TPL-002", 1, 3, 4, "add the closing '" },
    { "{{ 'a\\q' }}", "K-TPL-002", 1, 5, 7, "escapes are \\n \\r \\t \\\\ \\' \\\" \\u00e9" },
    { "{% zork %}", "K-PAR-001", 1, 3, 7, "compare the tag with its form in the" },
    { "{% iff x %}", "K-PAR-001", 1, 3, 6, "did you mean 'if'?" },
    { "{% end %}", "K-PAR-001", 1, 3, 6, "tags without a body have no closer: set," },
    { "{% endmacro %}", "K-PAR-001", 1, 3, 11, "components are written {% def name(args) %}" },
    { "{% if user %}\n{% for x in items %}", "K-PAR-002", 2, 20, 20,
      "still open: 'for' (line 2), 'if' (line 1);" },
    { "{{ 1 + }}", "K-PAR-003", 1, 7, 9, "look for a missing or surplus operand," },
    { "{{ f(a=1, 2) }}", "K-PAR-003", 1, 10, 11, "give it a name too, or move it to the front" },
    { "{{ user | uper }}", "K-PAR-004", 1, 3, 14, "did you mean 'upper'?" },
    { "{{ user | zzzz }}", "K-PAR-004", 1, 3, 14, "`kida filters` lists those that there are" },
    { "{{ user is define }}", "K-PAR-005", 1, 3, 17, "did you mean 'defined'?" },
    { "{% block a-b %}{% end %}", "K-PAR-006", 1, 10, 11, "write it with '_'" },
    { "{% region r() %}{% end %}{% block r %}{% end %}", "K-PAR-006", 1, 25, 38,
      "give one of them another name" },
    { "{% set x %}", "K-PAR-007", 1, 9, 11, "write {% capture name %} … {% end %}, or" },
    { "{% block b scoped %}{% end %}", "K-PAR-007", 1, 11, 17,
      "write name=value; blocks take no 'scoped'" },
    { "{% macro f() %}", "K-PAR-001", 1, 3, 8, "components are written {% def name(args) %}" },
    { "{% do x %}", "K-PAR-001", 1, 3, 5, "evaluate with an assignment: {% set _ =" },
    { "{% include 'mian' %}", "K-TPL-001", 1, 0, 20, "did you mean 'main'?" },
    { "{% include 'zz' %}", "K-TPL-001", 1, 0, 18, "look at the name and at the roots of the" },
    { "{% if user %}{% extends 'p' %}{% end %}", "K-TPL-002", 1, 13, 30,
      "choose the parent by an expression: {%" },
    { "{% match %}{% case 1 %}{% end %}", "K-TPL-002", 1, 19, 20,
      "write {% case _ if condition %}, or give" },
    { "{% import 'main' as m %}", "K-TPL-003", 1, 0, 24,
      "move what both need into a third template" },
    { "{% if user %}\n  {% def f() %}{% end %}{% end %}", "K-TPL-004", 2, 2, 15,
      "move it to the top level or into a block" },
    { "a {{ usr.name }}", "K-RUN-001", 1, 5, 13, "did you mean 'user'? For an optional value" },
    { "a {{ user.nam }}", "K-RUN-001", 1, 5, 13, "did you mean 'name'?" },
    { "{{ zzz }}", "K-RUN-001", 1, 3, 6, "pass it to the render, or write {{ zzz |" },
    { "{{ user.zzz }}", "K-RUN-001", 1, 3, 11, "it has: name; for what may be missing wr" },
    { "{{ none_ | require }}", "K-RUN-004", 1, 3, 18, "pass the value to the render, or use" },
    { "{{ none_ + 1 }}", "K-RUN-005", 1, 3, 12, "the value is none: give a default with ?" },
    { "{{ none_.x }}", "K-RUN-001", 1, 3, 10, "the value is none: ?.x gives none instead" },
    { "{% include 'main' %}", "K-RUN-006", 1, 0, 20,
      "look for templates that include each other," },
    { "{{ items[5] }}", "K-RUN-007", 1, 3, 11, "it has 1 item, counted from 0" },
    { "{{ int('zz') }}", "K-RUN-007", 1, 3, 12, "check the value in the marked expression" },
    { "{% for a, b in items %}{% end %}", "K-RUN-012", 1, 0, 23,
      "look at the kinds of the values here: {{" },
    { "{% for a, b in [items] %}{% end %}", "K-RUN-007", 1, 0, 25,
      "check the value in the marked expression" },
    { "{% from 'p' import f %}", "K-RUN-008", 1, 0, 23, "only defs, regions and functions can be" },
    { "{{ user['nam'] }}", "K-RUN-009", 1, 3, 14, "did you mean 'name'?" },
    { "{{ user['zzz'] }}", "K-RUN-009", 1, 3, 14, "for an optional key write {{ d['key'] ??" },
    { "{% include 5 %}", "K-RUN-010", 1, 0, 15, "check the expression that names the" },
    { "a\n{{ 1 }}{{ big / 0 }}", "K-RUN-011", 2, 10, 17,
      "test the divisor first: {{ a / b if b else" },
    { "{{ big + [] }}", "K-RUN-012", 1, 3, 11, "look at the kinds of the values here: {{" },
    { "{{ len(1, 2) }}", "K-RUN-012", 1, 3, 12, "look at the kinds of the values here: {{" },
    { "{{ big() }}", "K-RUN-012", 1, 3, 8, "look at the kinds of the values here: {{" },
    { "{{ 'x' | replace(1) }}", "K-RUN-012", 1, 3, 19, "look at the kinds of the values here: {{" },
    { "{% def f(a) %}{% end %}{{ f() }}", "K-RUN-012", 1, 26, 29,
      "look at the kinds of the values here: {{" },
    { "{% def f(a) %}{% end %}{{ f(1, 2) }}", "K-RUN-012", 1, 26, 33,
      "look at the kinds of the values here: {{" },
    { "{% def f(a) %}{% end %}{{ f(b=2) }}", "K-RUN-012", 1, 26, 32, "its parameters are: a" },
    { "{% def f() %}{% end %}{% for x in f %}{% end %}", "K-RUN-013", 1, 22, 38,
      "call it: a def's result is text" },
    { "{% def f(title) %}{% end %}{{ f(titel=2) }}", "K-RUN-012", 1, 30, 40,
      "did you mean 'title'?" },
    { "{{ f() }}{% def f() %}{% end %}", "K-RUN-001", 1, 3, 4,
      "the def 'f' of this template is made when" },
    { "{% while true %}{% end %}", "K-LIM-001", 1, 0, 16,
      "look for a loop that never ends, or raise" },
    { "{% def f() %}{{ f() }}{% end %}{{ f() }}", "K-LIM-005", 1, 16, 19,
      "look for a def or block that calls itself" },
    { "{% set a.b = 1 %}", "K-PAR-001", 1, 8, 9, "attributes and items can't be assigned; {%" },
    { "{% for 1 in items %}{% end %}", "K-PAR-003", 1, 7, 8,
      "look for a missing or surplus operand," },
    { "{% break %}", "K-PAR-001", 1, 9, 11, "it works directly in a loop's body, not" },
    { "{% def f(a, a) %}{% end %}", "K-PAR-001", 1, 12, 13,
      "compare the tag with its form in the" },
    { "{% else %}", "K-PAR-001", 1, 3, 7, "it divides the body of if, unless, for o" },
    { "{{ a b }}", "K-PAR-001", 1, 5, 6, "between two values stands an operator, a" },
    { "{{ a = 1 }}", "K-PAR-001", 1, 5, 6, "'=' assigns; '==' compares" },
    { "{{ [1, 2 }}", "K-PAR-001", 1, 9, 11, "the tag ends before all brackets are clo" },
    { "{{ user.name | upper * 2 }}", "K-PAR-001", 1, 21, 22,
      "to go on behind a filter or a test, put it" },
    { "{% include 'p' with x=1 %}", "K-PAR-001", 1, 20, 21,
      "an include takes no variables: it sees" },
    { "{% try %}x{% end %}", "K-PAR-001", 1, 13, 16, "write {% try %} … {% fallback %} … {% end" },
    { "{% extends 'main' %}", "K-TPL-003", 1, 0, 20, "move what both need into a third template" },
    { "{% set a, b = items %}", "K-RUN-007", 1, 0, 22, "it has 1 item, counted from 0" },
    { "{{ 1 < 'a' }}", "K-RUN-012", 1, 3, 10, "to compare a text as a number write | in" },
    { "{{ a | trim |> upper }}", "K-PAR-004", 1, 12, 14,
      "use one kind of pipe, or put the first part" },
    { "{{ 1..5 by 0 }}", "K-RUN-007", 1, 3, 12, "check the value in the marked expression" },
    { "{{ super() }}", "K-RUN-001", 1, 3, 8, "there is no super(): split the block in " },
    { "{% filter nosuch %}{% end %}", "K-PAR-004", 1, 10, 16,
      "`kida filters` lists those that there are" },
    { "{% raw %}x", "K-PAR-002", 1, 0, 2, "close it with {% endraw %}" },
    { "{% endfor %}", "K-PAR-001", 1, 3, 9, "tags without a body have no closer: set," },
    { "{% if user %}{% endfor %}", "K-PAR-001", 1, 16, 22,
      "close it with {% endif %} or {% end %}" },
    { "{{ }}", "K-PAR-003", 1, 3, 5, "look for a missing or surplus operand," },
    { "{% async for x in items %}{% end %}", "K-RUN-007", 1, 0, 26,
      "check the value in the marked expression" },
    { "{% for x in big %}{% end %}", "K-RUN-012", 1, 0, 18, "to count, write a range: 1..n" },
};

static const diagnostic sandboxed[] = {
    { "{{ user.__class__ }}", "K-SEC-001", 1, 3, 17,
      "templates that are trusted render without a" },
    { "{{ range(100) | list }}", "K-SEC-003", 1, 3, 13,
      "use a shorter range, or raise max_range of" },
    { "{{ 'x' * 50 }}", "K-SEC-005", 0, 0, 0, "print less, or raise max_output of the" },
    { "{{ items.append(1) }}", "K-SEC-001", 1, 3, 18,
      "templates that are trusted render without a" },
    { "{{ len.__name__ }}", "K-SEC-001", 1, 3, 15, "templates that are trusted render without a" },
    { "{{ len.foo }}", "K-SEC-002", 1, 3, 10, "templates that are trusted render without a" },
};

/* With limits that are soon reached. */
static const diagnostic limited[] = {
    { "a\n{% for a in 1..100000 %}\n 0123456789{{ a }}{% end %}", "K-LIM-003", 3, 14, 15,
      "look for a loop" },
    { "a\n{{ 'x' * 200000 }}", "K-LIM-003", 2, 3, 15, "look for a loop" },
    { "a\n{{ (1..1000000 | list) }}", "K-LIM-004", 2, 3, 22, "look for values" },
    { "a\n{% let s = 'x' %}{% while true %}{% let s = s ~ s %}{% end %}", "K-LIM-004", 2, 44, 49,
      "look for values" },
    { "a\n {{ 1..100000000000 | sum }}", "K-LIM-002", 2, 4, 25, "look for a loop" },
};

/* Renders template `main`; p and list are there too. */
static const char *
render(t_fixture *fx, const char *source)
{
    kida_value values = kida_none();

    t_reset(fx);
    t_add(fx, "main", source);
    t_add(fx, "p", "x");
    if (kida_json_parse(kida_env_pool(fx->env), kida_str_from(context), &values, &fx->err) !=
        KIDA_OK)
        fail_msg("bad context: %s", fx->err.message);
    return t_render_named(fx, "main", values);
}

static void
check(t_fixture *fx, const diagnostic *want)
{
    const char *got = render(fx, want->source);
    const kida_error *err = &fx->err;

    if (strcmp(got, want->code) != 0 || strcmp(err->code, want->code) != 0)
        fail_msg("%s: got %s, want %s", want->source, got, want->code);
    if (err->line != want->line || err->column != want->column ||
        err->end_column != want->end_column)
        fail_msg("%s: at %u:%u-%u, want %u:%u-%u", want->source, err->line, err->column,
                 err->end_column, want->line, want->column, want->end_column);
    if (err->hint[0] == '\0' || strncmp(err->hint, want->hint, strlen(want->hint)) != 0)
        fail_msg("%s: hint [%s], want [%s…]", want->source, err->hint, want->hint);
    if (err->message[0] == '\0')
        fail_msg("%s: no message", want->source);
}

/* Holds: the place and the advice of every code. Could break: a new way to fail forgets them. */
static void
a_failure_says_where_and_what_to_do(void **state)
{
    for (size_t i = 0; i < T_COUNT(plain); i++)
        check(*state, &plain[i]);
}

static void
a_refusal_of_the_sandbox_does_too(void **state)
{
    t_fixture *fx = *state;
    static const kida_sandbox sandbox = { .max_range = 10, .max_output = 20 };

    fx->config.sandbox = &sandbox;
    for (size_t i = 0; i < T_COUNT(sandboxed); i++)
        check(fx, &sandboxed[i]);
}

static void
a_limit_says_where_it_was_reached(void **state)
{
    t_fixture *fx = *state;

    fx->config.limits.output = 100000;
    fx->config.limits.arena = 1u << 20;
    fx->config.limits.time_ms = 20;
    fx->config.limits.steps = UINT64_MAX / 2;
    for (size_t i = 0; i < T_COUNT(limited); i++)
        check(fx, &limited[i]);
}

/* ---- layouts -------------------------------------------------------- */

static void
check_layout(t_fixture *fx, unsigned flags, const char *want)
{
    char got[4096];

    size_t len = kida_error_format(&fx->err, flags, got, sizeof(got));
    assert_int_equal(len, strlen(got));
    if (strcmp(got, want) != 0)
        fail_msg("got\n%s\nwant\n%s", got, want);
}

static void
layout_marks_the_span_and_suggests(void **state)
{
    t_fixture *fx = *state;

    render(fx, "<h1>\n  {{ usr.name }}\n</h1>\n");
    check_layout(fx, KIDA_FORMAT_PLAIN,
                 "error[K-RUN-001]: undefined variable 'usr'\n"
                 " --> main:2:6\n"
                 "  |\n"
                 "1 | <h1>\n"
                 "2 |   {{ usr.name }}\n"
                 "  |      ^^^^^^^^\n"
                 "3 | </h1>\n"
                 "hint: did you mean 'user'? For an optional value write "
                 "{{ usr | default('') }}\n");
    check_layout(fx, KIDA_FORMAT_COMPACT, "main:2:6: error[K-RUN-001]: undefined variable 'usr'");
}

static void
layout_of_a_syntax_error_lists_open_statements(void **state)
{
    t_fixture *fx = *state;

    render(fx, "{% if user %}\n  {% for x in items %}\n    {{ x }}\n");
    check_layout(fx, KIDA_FORMAT_PLAIN,
                 "error[K-PAR-002]: 'for', which opens at line 2, is never closed\n"
                 " --> main:4\n"
                 "  |\n"
                 "2 |   {% for x in items %}\n"
                 "3 |     {{ x }}\n"
                 "4 |\n"
                 "hint: still open: 'for' (line 2), 'if' (line 1); close each with {% end %}\n");
}

/* Includes, blocks and calls on the way to a failure, innermost first. */
static void
layout_shows_how_the_place_was_reached(void **state)
{
    t_fixture *fx = *state;

    t_add(fx, "page", "{% extends 'base' %}\n{% block body %}\n{% include 'part' %}{% end %}");
    t_add(fx, "base", "<body>\n{% block body %}{% end %}\n</body>");
    t_add(fx, "part", "{% from 'ui' import card %}\n\n{% call card('T') %}x{% end %}");
    t_add(fx, "ui",
          "{% def row(n) %}{{ n.size }}{% end %}\n"
          "{% def card(title) %}<p>{{ row({'sise': 1}) }}</p>{% end %}");
    assert_string_equal(t_render_named(fx, "page", kida_none()), "K-RUN-001");
    check_layout(fx, KIDA_FORMAT_PLAIN,
                 "error[K-RUN-001]: undefined attribute or key 'dict.size'\n"
                 " --> ui:1:20\n"
                 "  |\n"
                 "1 | {% def row(n) %}{{ n.size }}{% end %}\n"
                 "  |                    ^^^^^^\n"
                 "2 | {% def card(title) %}<p>{{ row({'sise': 1}) }}</p>{% end %}\n"
                 "  in call 'row' at ui:2\n"
                 "  in call 'card' at part:3\n"
                 "  in include at page:3\n"
                 "  in block 'body' at base:2\n"
                 "  in extends at page:1\n"
                 "hint: did you mean 'sise'?\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        t_test(a_failure_says_where_and_what_to_do),
        t_test(a_refusal_of_the_sandbox_does_too),
        t_test(a_limit_says_where_it_was_reached),
        t_test(layout_marks_the_span_and_suggests),
        t_test(layout_of_a_syntax_error_lists_open_statements),
        t_test(layout_shows_how_the_place_was_reached),
    };
    return cmocka_run_group_tests_name("render/diagnostics", tests, NULL, NULL);
}
