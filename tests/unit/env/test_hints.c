/* SPDX-License-Identifier: MIT */
/* test_hints.c - what the engine advises those who make the usual mistakes. */
#include "t.h"

typedef struct mistake {
    const char *source;
    const char *json;
    const char *code;
    unsigned line, column; /* column from 0 */
    const char *hint;      /* a part of it */
} mistake;

static const mistake mistakes[] = {
    { "{{ tilte }}", "{\"title\": 1}", "K-RUN-001", 1, 3, "did you mean 'title'?" },
    { "\n{{ zork }}", NULL, "K-RUN-001", 2, 3, "{{ zork | default('') }}" },
    { "{{ super() }}", NULL, "K-RUN-001", 1, 3, "split the block" },
    { "{{ loop.index }}", NULL, "K-RUN-001", 1, 3, "in the body of a for" },
    { "{{ f() }}{% def f() %}{% end %}", NULL, "K-RUN-001", 1, 3, "move it in front" },
    { "{{ u.emial }}", "{\"u\": {\"email\": 1}}", "K-RUN-001", 1, 3, "did you mean 'email'?" },
    { "{{ u.x }}", "{\"u\": {\"email\": 1}}", "K-RUN-001", 1, 3, "it has: email;" },
    { "{{ u.x }}", "{\"u\": {\"e\\nf\": 1}}", "K-RUN-001", 1, 3, "default('')" },
    { "{{ u.a.b }}", "{\"u\": {\"a\": null}}", "K-RUN-001", 1, 3, "write ?.b" },
    { "{{ xs.first }}", "{\"xs\": []}", "K-RUN-001", 1, 3, "write | first" },
    { "{{ xs[3] }}", "{\"xs\": [1]}", "K-RUN-007", 1, 3, "it has 1 item," },
    { "{{ d['nmae'] }}", "{\"d\": {\"name\": 1}}", "K-RUN-009", 1, 3, "did you mean 'name'?" },
    { "{{ d['q'] }}", "{\"d\": {\"name\": 1}}", "K-RUN-009", 1, 3, "for an optional key" },
    { "{{ '5' - 2 }}", NULL, "K-RUN-012", 1, 3, "| int or | float" },
    { "{{ none + 1 }}", NULL, "K-RUN-005", 1, 3, "give a default with ??" },
    { "{{ '5' > 2 }}", NULL, "K-RUN-012", 1, 3, "| int or | float" },
    { "{{ none < 2 }}", NULL, "K-RUN-005", 1, 3, "give a default with ??" },
    { "{% for i in 5 %}{% end %}", NULL, "K-RUN-012", 1, 0, "1..n" },
    { "{{ 'a' | truncate(len=3) }}", NULL, "K-RUN-012", 1, 3, "length, killwords, end, leeway" },
    { "{% def f(title) %}{% end %}{{ f(titel=1) }}", NULL, "K-RUN-012", 1, 30, "'title'" },
    { "{% def f(a, b) %}{% end %}{{ f(zork=1) }}", NULL, "K-RUN-012", 1, 29, "are: a, b" },
    { "{% def f() %}{% end %}{% call f %}{% end %}", NULL, "K-RUN-012", 1, 22, "call name(" },
    { "{% from 'ui' import feild %}", NULL, "K-RUN-008", 1, 0, "did you mean 'field'?" },
    { "{% include 'iu' %}", NULL, "K-TPL-001", 1, 0, "" },
    { "{% include 'header.htm' %}", NULL, "K-TPL-001", 1, 0, "did you mean 'header.html'?" },
    { "{{ x is emty }}", NULL, "K-PAR-005", 1, 3, "`kida tests`" },
    { "{% else %}", NULL, "K-PAR-001", 1, 3, "if, unless, for or with" },
    { "{% if 1 %}{% else %}{% elif 2 %}{% end %}", NULL, "K-PAR-001", 1, 23, "the last branch" },
    { "{% for x of xs %}{% end %}", NULL, "K-PAR-001", 1, 9, "for x in xs" },
    { "{% def f %}{% end %}", NULL, "K-PAR-001", 1, 9, "name()" },
    { "{% set x += 1 %}", NULL, "K-PAR-001", 1, 9, "set x = x + 1" },
    { "{% if {{ x }} %}{% end %}", NULL, "K-PAR-001", 1, 11, "without braces" },
    { "{{ f'a' }}", NULL, "K-PAR-001", 1, 4, "no prefix" },
    { "{{ a b }}", NULL, "K-PAR-001", 1, 5, "an operator" },
    { "{{ xs | map(lambda x: x) }}", NULL, "K-PAR-001", 1, 19, "no lambdas" },
    { "{{ f(1,) }}", NULL, "K-PAR-003", 1, 7, "no comma" },
    { "{{ (1 + 2 }}", NULL, "K-PAR-001", 1, 10, "before all brackets" },
};

/* Fails if a hint gets lost, or its error gets another code or place. */
static void
mistakes_get_their_hint(void **state)
{
    t_fixture *fx = *state;
    t_add(fx, "ui", "{% def field(name) %}{% end %}");
    t_add(fx, "header.html", "");
    for (size_t i = 0; i < T_COUNT(mistakes); i++) {
        const mistake *m = &mistakes[i];
        const char *got = t_render(fx, m->source, m->json);
        if (strcmp(got, m->code) != 0)
            fail_msg("%s: got %s", m->source, got);
        if (fx->err.line != m->line || fx->err.column != m->column)
            fail_msg("%s: at %u:%u", m->source, (unsigned)fx->err.line, (unsigned)fx->err.column);
        if (strstr(fx->err.hint, m->hint) == NULL)
            fail_msg("%s: the hint is [%s]", m->source, fx->err.hint);
    }
}

/* A place where a template may be missing must not pay for, nor leave behind, a search for it. */
static void
optional_templates_leave_no_hint(void **state)
{
    t_fixture *fx = *state;
    t_add(fx, "header.html", "H");
    assert_string_equal(t_render(fx, "{% include 'header.htm' ignore missing %}.", NULL), ".");
    assert_string_equal(t_render(fx, "{% include ['header.htm', 'header.html'] %}", NULL), "H");
    assert_string_equal(fx->err.hint, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        t_test(mistakes_get_their_hint),
        t_test(optional_templates_leave_no_hint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
