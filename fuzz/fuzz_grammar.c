/* SPDX-License-Identifier: MIT */
/*
 * fuzz_grammar.c - templates that always parse, made statement by statement from the input, so that
 * it is the compiler's and the loop's turn: optimised, not optimised and as a stream they give the
 * same bytes, or fail with the same code.
 *
 * Input: bytes that choose up to a byte 0xfe, bytes for the context.
 */
#include "values.h"

#include <string.h>

enum { SOURCE_MAX = 6000, DEPTH_MAX = 5 };

typedef struct writer {
    fuzz_input in;
    size_t len;
    char source[SOURCE_MAX + 64];
} writer;

/* In a form, E is an expression, B a body of statements, N a name, D a name of its own; all else
 * stands for itself. */
static const char *const expressions[] = {
    "N",
    "N",
    "1",
    "0",
    "'a'",
    "'<b>'",
    "none",
    "true",
    "2.5",
    "[1, 'b', none]",
    "{'a': 1, 'b': E}",
    "N.a",
    "N['a']",
    "N?.a",
    "N[E]",
    "N[0]",
    "N[1:E]",
    "E + E",
    "E - E",
    "E * E",
    "E ~ E",
    "E / E",
    "E // 2",
    "E % 3",
    "2 ** 3",
    "E == E",
    "E < E",
    "E in E",
    "not E",
    "-E",
    "E and E",
    "E or E",
    "E if E else E",
    "E ?? E",
    "E is defined",
    "E is none",
    "E is odd",
    "E | upper",
    "E | default(E)",
    "E | length",
    "E | join(',')",
    "E | list",
    "E | safe",
    "E | string",
    "(E)",
    "[E, E]",
    "(E, E)",
    "[a for a in E]",
    "[a for a in E if a]",
    "range(3)",
    "1..3",
    "E | map('string') | list",
    "E |> trim",
    "E ?| upper",
    "g(E)",
    "card(E, b=E)",
    "'%s' % E",
    "'{}'.format(E)",
    "E.upper()",
    "E.items()",
    "loop.index",
    "loop.last",
    "E | first",
    "E | sort",
    "E | escape",
    "E < 2 < E",
    "caller()",
};
static const char *const statements[] = {
    "text <i> &",
    "{{ E }}",
    "{{ E }}",
    "{{ E | e }}",
    "\n  ",
    "{%- if E -%} B {%- end %}",
    "{% if E %}B{% else %}B{% end %}",
    "{% if E %}B{% elif E %}B{% end %}",
    "{% unless E %}B{% end %}",
    "{% for N in E %}B{% end %}",
    "{% for N in E %}B{% empty %}B{% end %}",
    "{% for N in E if N %}{{ loop.index }}B{% end %}",
    "{% for a, N in E %}B{% end %}",
    "{% set N = E %}",
    "{% let N = E %}",
    "{% export N = E %}",
    "{% set a, N = E %}",
    ("{% let N ?"
     "?= E %}"),
    "{% with N=E %}B{% end %}",
    "{% capture N %}B{% end %}",
    "{% try %}B{% fallback e %}[{{ e.type }}]{% end %}",
    "{% filter upper %}B{% end %}",
    "{% match E %}{% case 1 %}B{% case 'a' | 'b' %}B{% case _ %}B{% end %}",
    "{% match E %}{% case N if E %}B{% end %}",
    "{% spaceless %}B{% end %}",
    "{% flush %}",
    "{% call card(E) %}B{% end %}",
    "{% include 'part.html' %}",
    "{% raw %}{{ x }}{% endraw %}",
    "{% push 's' %}B{% end %}",
    "{% stack 's' %}",
    "{% provide N = E %}B{% end %}",
    "{% block D %}B{% end %}",
    "{% def D(a, b=E) %}{{ a }}B{% end %}",
    "{# note #}",
    "{% cache 'D' %}B{% end %}",
    "{% for N in E %}B{% if E %}{% break %}{% end %}B{% end %}",
    "{% for N in 1..4 %}{% if E %}{% continue %}{% end %}{{ N }}{% end %}",
};
static const char *const names[] = { "x", "s", "n", "d", "xs", "rows", "items", "user", "a", "b" };

static void
put(writer *w, const char *text, size_t len)
{
    if (w->len + len <= SOURCE_MAX) {
        memcpy(w->source + w->len, text, len);
        w->len += len;
    }
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Writes a form; once the input is used up or too much is nested, what is open ends with
 * the plainest of each kind. */
static void
write_form(writer *w, const char *form, unsigned depth)
{
    bool is_over = depth > DEPTH_MAX || w->in.size == 0 || w->len > SOURCE_MAX / 2;
    char own[16];
    for (; *form; form++) {
        if (*form == 'E') {
            write_form(w, expressions[is_over ? 0 : fuzz_below(&w->in, COUNT(expressions))],
                       depth + 1);
        } else if (*form == 'B') {
            size_t count = is_over ? 0 : 1 + fuzz_below(&w->in, 3);
            for (size_t i = 0; i < count; i++)
                write_form(w, statements[fuzz_below(&w->in, COUNT(statements))], depth + 1);
        } else if (*form == 'N') {
            const char *name = names[fuzz_below(&w->in, COUNT(names))];
            put(w, name, strlen(name));
        } else if (*form == 'D') {
            int len = snprintf(own, sizeof(own), "d%zu", w->len);
            put(w, own, (size_t)len);
        } else {
            put(w, form, 1);
        }
    }
}

static void
render(const writer *w, fuzz_input values, bool optimize, bool stream, fuzz_outcome *out)
{
    kida_config cfg;
    kida_render_options options;
    kida_render_options_init(&options);
    options.stream = stream;
    fuzz_config(&cfg);
    cfg.strict_undefined = (w->source[w->len - 1] & 1) == 0;
    cfg.optimize = optimize;
    kida_env *env = fuzz_env(&cfg, (kida_str){ w->source, w->len });
    FUZZ_CHECK(env != NULL);
    fuzz_render(env, values, &options, out);
    kida_env_free(env);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char head[] = "{% from 'defs.html' import card %}{% def g(a=1) %}{{ a }}{% end %}";
    fuzz_input in = { data, size };
    fuzz_outcome plain, fast, stream;
    kida_str choices = fuzz_until(&in, 0xfe);
    writer w = { .in = { (const uint8_t *)choices.ptr, choices.len } };
    put(&w, head, sizeof(head) - 1);
    /* Most statements fail with values of any kind, and the next ones shall still be reached. */
    while (w.in.size > 0 && w.len < SOURCE_MAX / 2)
        write_form(&w, fuzz_below(&w.in, 4) == 0 ? "B" : "{% try %}B{% fallback e %}!{% end %}", 0);
    render(&w, in, false, false, &plain);
    render(&w, in, true, false, &fast);
    render(&w, in, true, true, &stream);
    bool same = plain.status == fast.status && plain.line == fast.line &&
                fast.status == stream.status && fast.line == stream.line;
    bool equal = plain.hash == fast.hash && fast.hash == stream.hash;
    if (fuzz_is_limit(plain.status) || fuzz_is_limit(fast.status))
        return 0;
    if (!same || (plain.status == KIDA_OK && !equal))
        fprintf(stderr, "%.*s\n%s\n%s\n%s\n", (int)w.len, w.source, plain.err.message,
                fast.err.message, stream.err.message);
    FUZZ_CHECK(same && (plain.status != KIDA_OK || equal));
    return 0;
}
