/* SPDX-License-Identifier: MIT */
/* check.c - warnings of compiling and the checks on request: code, line, column, message. */
#include "t.h"

#define CARD "{% def card(title: str, n: int = 0, f: float | None = 1) %}{{ title }}{% end %}\n"

/* One source; what is found, as "CODE line:column" joined by blanks. */
typedef struct checked {
    const char *label;
    unsigned checks;
    const char *source, *expect;
} checked;

static void
note(void *arg, const kida_finding *f)
{
    char *out = arg;
    size_t len = strlen(out);
    snprintf(out + len, 1000 - len, "%s%s %u:%u", len > 0 ? " " : "", f->error.code,
             (unsigned)f->error.line, (unsigned)f->error.column);
    assert_true(f->rule != NULL && f->error.message[0] != '\0');
    assert_int_equal(f->error.excerpt_count > 0, 1);
    if (f->severity != KIDA_SEVERITY_INFO && f->error.hint[0] == '\0')
        fail_msg("%s has no hint", f->error.code);
}

/* The hints of the findings that are more than information, a line each. */
static void
note_hint(void *arg, const kida_finding *f)
{
    char *out = arg;
    size_t len = strlen(out);
    if (f->severity != KIDA_SEVERITY_INFO)
        snprintf(out + len, 1000 - len, "%s %s\n", f->error.code, f->error.hint);
}

static void
run_all(void **state, const checked *cases, size_t count)
{
    t_fixture *fx = *state;
    for (size_t i = 0; i < count; i++) {
        char found[1000] = "";
        t_reset(fx);
        t_add(fx, "sub/page.html", cases[i].source);
        t_add(fx, "defs.html", CARD);
        kida_status st =
            kida_check(t_env(fx), KIDA_S("sub/page.html"), cases[i].checks, note, found, &fx->err);
        if (st != KIDA_OK)
            fail_msg("%s: %s", cases[i].label, fx->err.message);
        if (strcmp(found, cases[i].expect) != 0)
            fail_msg("%s: got [%s], want [%s]", cases[i].label, found, cases[i].expect);
    }
}

/* Holds: section 12. Could break: what binds, what is outside of a branch. */
static void
warnings_are_found(void **state)
{
    static const checked cases[] = {
        { "filter behind ??", KIDA_CHECK_WARNINGS, "{{ xs ?? [] | length }}", "K-WARN-001 1:9" },
        { "optional filter", KIDA_CHECK_WARNINGS, "\n{{ xs ?? [] ?| length }}", "K-WARN-001 2:9" },
        { "in parentheses", KIDA_CHECK_WARNINGS, "{{ (xs ?? []) | length }}{{ x ?? (y | e) }}",
          "" },
        { "pipeline", KIDA_CHECK_WARNINGS, "{{ xs ?? [] |> length }}", "" },
        { "bound outside", KIDA_CHECK_WARNINGS, "{% set a = 1 %}{% if t %}{% set a = 2 %}{% end %}",
          "K-WARN-002 1:32" },
        { "let outside", KIDA_CHECK_WARNINGS, "{% let a = 1 %}{% if t %}{% set a = 2 %}{% end %}",
          "K-WARN-002 1:32" },
        { "loop target outside", KIDA_CHECK_WARNINGS,
          "{% for a in x %}{% if t %}{% set a = 2 %}{% end %}{% end %}", "K-WARN-002 1:33" },
        { "with outside", KIDA_CHECK_WARNINGS,
          "{% with a = 1 %}{% if t %}{% set a = 2 %}{% end %}{% end %}", "K-WARN-002 1:33" },
        { "read behind", KIDA_CHECK_WARNINGS, "{% if t %}{% set a = 2 %}{% end %}{{ a ?? 1 }}",
          "K-WARN-002 1:17" },
        { "else branch", KIDA_CHECK_WARNINGS,
          "{% if t %}x{% else %}{% set a = 2 %}{% end %}{{ a }}", "K-WARN-002 1:28" },
        { "read inside only", KIDA_CHECK_WARNINGS, "{% if t %}{% set a = 2 %}{{ a }}{% end %}",
          "" },
        { "both branches", KIDA_CHECK_WARNINGS,
          "{% if t %}{% set a = 1 %}{{ a }}{% else %}{% set a = 2 %}{{ a }}{% end %}", "" },
        { "loop alone", KIDA_CHECK_WARNINGS,
          "{% set a = 1 %}{% for x in y %}{% set a = 2 %}{% end %}{{ a }}", "" },
        { "let in a branch", KIDA_CHECK_WARNINGS,
          "{% let a = 1 %}{% if t %}{% let a = 2 %}{% end %}{{ a }}", "" },
        { "a def is its own", KIDA_CHECK_WARNINGS,
          "{% set a = 1 %}{% def f() %}{% if t %}{% set a = 2 %}{% end %}{% end %}{{ a }}", "" },
        { "read before", KIDA_CHECK_WARNINGS, "{{ a ?? 1 }}{% if t %}{% set a = 2 %}{% end %}",
          "" },
    };
    run_all(state, cases, T_COUNT(cases));
}

static void
calls_are_checked(void **state)
{
    static const checked cases[] = {
        { "fits", KIDA_CHECK_CALLS, CARD "{{ card('t') }}{{ card(title='t', n=1, f=2) }}", "" },
        { "missing", KIDA_CHECK_CALLS, CARD "{{ card(n=1) }}", "K-CMP-001 2:3" },
        { "unknown", KIDA_CHECK_CALLS, CARD "{{ card('t', m=1) }}", "K-CMP-001 2:3" },
        { "twice", KIDA_CHECK_CALLS, CARD "{{ card('t', title='t') }}", "K-CMP-001 2:3" },
        { "type", KIDA_CHECK_CALLS, CARD "{{ card('t', n='x') }}", "K-CMP-002 2:15" },
        { "by position", KIDA_CHECK_CALLS, CARD "{{ card(3) }}", "K-CMP-002 2:8" },
        { "union", KIDA_CHECK_CALLS, CARD "{{ card('t', 1, none) }}{{ card('t', f='x') }}",
          "K-CMP-002 2:39" },
        { "not a literal", KIDA_CHECK_CALLS, CARD "{{ card(x, n=y) }}", "" },
        { "too many", KIDA_CHECK_CALLS, CARD "{{ card('t', 1, 2, 3) }}", "" },
        { "call tag", KIDA_CHECK_CALLS, CARD "{% call card() %}x{% end %}", "K-CMP-001 2:8" },
        { "assigned", KIDA_CHECK_CALLS, CARD "{% set x = card() %}", "K-CMP-001 2:11" },
        { "imported", KIDA_CHECK_CALLS, "{% from 'defs.html' import card as c %}{{ c() }}",
          "K-CMP-001 1:42" },
        { "imported, relative", KIDA_CHECK_CALLS,
          "{% from '../defs.html' import card %}{{ card() }}", "K-CMP-001 1:40" },
        { "import that is not there", KIDA_CHECK_CALLS, "{% from 'no' import card %}{{ card() }}",
          "" },
        { "rest and keywords", KIDA_CHECK_CALLS,
          "{% def f(a, *r, **k) %}{% end %}{{ f() }}{{ f(1, x=2) }}", "" },
    };
    run_all(state, cases, T_COUNT(cases));
}

static void
the_other_checks(void **state)
{
    static const checked cases[] = {
        { "strict", KIDA_CHECK_STRICT, "{% if a %}x\n{% end %}{% if a %}{% endif %}",
          "K-PAR-007 2:0" },
        { "fragile path", KIDA_CHECK_PATHS, "{% include 'sub/b.html' %}{% include './b.html' %}",
          "K-PATH-001 1:0" },
        { "other folder", KIDA_CHECK_PATHS, "{% include 'other/b.html' %}{% include 'b.html' %}",
          "" },
        { "img", KIDA_CHECK_A11Y, "<p>\n<img src=\"a\"><img alt=''><img role=\"none\">",
          "K-A11Y-001 2:0" },
        { "headings", KIDA_CHECK_A11Y, "<h1>a</h1><h3>b</h3><h2>c</h2><h3>d</h3>",
          "K-A11Y-002 1:0" },
        { "html", KIDA_CHECK_A11Y, "<html><HTML lang=\"en\">", "K-A11Y-003 1:0" },
        { "inputs", KIDA_CHECK_A11Y,
          "<input name=\"q\"><input type=\"hidden\"><label for='i'></label><select id='i'>"
          "<textarea title=\"t\">",
          "K-A11Y-004 1:0" },
        { "inside of labels", KIDA_CHECK_A11Y,
          "<label>A <select>{% for x in xs %}<option>{% end %}</select></label>\n</label><input>"
          "<label>{% if x %}<input>{% end %}</label>",
          "K-A11Y-004 2:51" },
        { "an interrupted tag", KIDA_CHECK_A11Y, "<img src=\"{{ a }}\">", "" },
        { "typed", KIDA_CHECK_TYPED,
          "{% template title: str, n: int %}{{ titel }}{{ other }}{% for x in title %}{{ x }}{% "
          "end %}",
          "K-TYP-002 1:0 K-TYP-003 1:36 K-TYP-001 1:47" },
        { "not typed", KIDA_CHECK_TYPED, "{{ other }}", "" },
        { "escapes", KIDA_CHECK_ESCAPES, "{{ x | safe }}", "K-ESC-001 1:0 K-ESC-002 1:3" },
        { "safe filters", KIDA_CHECK_ESCAPES, "{{ x | tojson }}\n<p{{ x | xmlattr }}>",
          "K-ESC-001 1:0 K-ESC-004 1:3 K-ESC-001 2:2 K-ESC-005 2:5" },
        { "private path", KIDA_CHECK_PRIVACY, "{{ user.email }}{{ user.email }}", "K-PRI-001 1:3" },
        { "secret", KIDA_CHECK_PRIVACY, "{{ 'token=abcdef1' }}{{ 'token=abc' }}", "K-PRI-002 1:3" },
        { "safe secret", KIDA_CHECK_PRIVACY, "{{ user.token | safe }}",
          "K-PRI-001 1:3 K-PRI-003 1:3" },
        { "whole", KIDA_CHECK_PRIVACY, "{{ request }}", "K-PRI-004 1:0" },
        { "dynamic name", KIDA_CHECK_PRIVACY, "{% include name %}", "K-PRI-005 1:0" },
    };
    run_all(state, cases, T_COUNT(cases));
}

/* Holds: every warning says what to do; findings that only inform need not. */
static void
warnings_have_hints(void **state)
{
    t_fixture *fx = *state;
    static const struct {
        unsigned checks;
        const char *source, *hint; /* code, and how the hint begins */
    } cases[] = {
        { KIDA_CHECK_WARNINGS, "{{ xs ?? [] | length }}", "K-WARN-001 write (a ?? b) | filter" },
        { KIDA_CHECK_WARNINGS, "{% set a = 1 %}{% if t %}{% set a = 2 %}{% end %}",
          "K-WARN-002 {% let %} assigns for the whole" },
        { KIDA_CHECK_CALLS, "{% from 'defs.html' import card %}{{ card() }}",
          "K-CMP-001 compare the call with the parameters" },
        { KIDA_CHECK_CALLS, "{% from 'defs.html' import card %}{{ card(1) }}",
          "K-CMP-002 pass a value of that type" },
        { KIDA_CHECK_STRICT, "{% if a %}x{% end %}", "K-PAR-007 name what it closes" },
        { KIDA_CHECK_PATHS, "{% include 'sub/b.html' %}", "K-PATH-001 " },
        { KIDA_CHECK_A11Y, "<img>", "K-A11Y-001 describe the image in alt" },
        { KIDA_CHECK_A11Y, "<h1>a</h1><h3>b</h3>", "K-A11Y-002 go down one level" },
        { KIDA_CHECK_A11Y, "<html>", "K-A11Y-003 write <html lang=" },
        { KIDA_CHECK_A11Y, "<input>", "K-A11Y-004 give it a <label" },
        { KIDA_CHECK_TYPED, "{% template title: str %}{{ title }}{{ other }}",
          "K-TYP-001 add it to the {% template %}" },
        { KIDA_CHECK_TYPED, "{% template title: str %}", "K-TYP-002 take it out of" },
        { KIDA_CHECK_TYPED, "{% template title: str %}{{ titel }}{{ title }}",
          "K-TYP-003 correct the name, or declare" },
        { KIDA_CHECK_ESCAPES, "{{ x | safe }}", "K-ESC-002 say why: safe(reason=" },
        { KIDA_CHECK_ESCAPES, "{{ x | safe(reason='trusted') }}",
          "K-ESC-002 look whether the reason" },
        { KIDA_CHECK_PRIVACY, "{{ user.email }}", "K-PRI-001 look whether every reader" },
        { KIDA_CHECK_PRIVACY, "{{ 'token=abcdef1' }}", "K-PRI-002 keep secrets out" },
        { KIDA_CHECK_PRIVACY, "{% set token = x %}{{ token | safe }}",
          "K-PRI-003 leave 'safe' away" },
        { KIDA_CHECK_PRIVACY, "{{ request }}", "K-PRI-004 output the fields that" },
        { KIDA_CHECK_PRIVACY, "{% include name %}", "K-PRI-005 choose among literal" },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        char found[1000] = "";
        t_reset(fx);
        t_add(fx, "sub/page.html", cases[i].source);
        t_add(fx, "defs.html", CARD);
        assert_int_equal(kida_check(t_env(fx), KIDA_S("sub/page.html"), cases[i].checks, note_hint,
                                    found, &fx->err),
                         KIDA_OK);
        if (strstr(found, cases[i].hint) == NULL)
            fail_msg("%s: got [%s], want [%s]", cases[i].source, found, cases[i].hint);
    }
}

static void
an_output_without_escaping_is_found(void **state)
{
    t_fixture *fx = *state;
    char found[1000] = "";
    fx->config.autoescape = KIDA_ESCAPE_OFF;
    t_add(fx, "off.txt", "a\n{{ x }}");
    assert_int_equal(
        kida_check(t_env(fx), KIDA_S("off.txt"), KIDA_CHECK_ESCAPES, note, found, &fx->err),
        KIDA_OK);
    assert_string_equal(found, "K-ESC-003 2:0");
}

static void
count_warning(void *user, const kida_error *warning)
{
    char *out = user;
    snprintf(out, 1000, "%s %s:%u", warning->code, warning->template_name, (unsigned)warning->line);
}

static void
compiling_warns_and_the_template_keeps_it(void **state)
{
    t_fixture *fx = *state;
    char told[1000] = "";
    kida_error kept;
    fx->config.warn = count_warning;
    fx->config.warn_user = told;
    fx->config.validate_calls = true;
    t_add(fx, "w.html", "{{ xs ?? [] | length }}");
    t_add(fx, "c.html", CARD "{{ card() }}");
    t_add(fx, "bad.html", "{{ xs ?? [] | length }}{{ x | nosuch }}");
    kida_template *tpl = kida_env_get(fx->env, KIDA_S("w.html"), &fx->err);
    assert_string_equal(told, "K-WARN-001 w.html:1");
    assert_int_equal(kida_template_warning_count(tpl), 1);
    kida_template_warning(tpl, 0, &kept);
    assert_string_equal(kept.code, "K-WARN-001");
    assert_string_equal(kept.excerpt[0], "{{ xs ?? [] | length }}");
    kida_template_drop(tpl);
    kida_template_drop(kida_env_get(fx->env, KIDA_S("c.html"), &fx->err));
    assert_string_equal(told, "K-CMP-001 c.html:2");
    told[0] = '\0';
    assert_null(kida_env_get(fx->env, KIDA_S("bad.html"), &fx->err));
    assert_string_equal(told, "");
}

static void
what_does_not_parse_is_an_error(void **state)
{
    t_fixture *fx = *state;
    char found[1000] = "";
    t_add(fx, "bad.html", "\n{% if %}");
    assert_int_equal(kida_check(t_env(fx), KIDA_S("bad.html"), ~0u, note, found, &fx->err),
                     KIDA_E_EXPRESSION);
    assert_int_equal(fx->err.line, 2);
    assert_int_equal(kida_check(t_env(fx), KIDA_S("no"), ~0u, note, found, &fx->err),
                     KIDA_E_NOT_FOUND);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        t_test(warnings_are_found),
        t_test(calls_are_checked),
        t_test(the_other_checks),
        t_test(warnings_have_hints),
        t_test(an_output_without_escaping_is_found),
        t_test(compiling_warns_and_the_template_keeps_it),
        t_test(what_does_not_parse_is_an_error),
    };
    return cmocka_run_group_tests_name("api/check", tests, NULL, NULL);
}
