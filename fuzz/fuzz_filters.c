/* SPDX-License-Identifier: MIT */
/*
 * fuzz_filters.c - random chains of filters, tests, functions and methods over values of every
 * kind: a value or a failure with a code, within the limits, and the same a second time.
 *
 * Input: bytes that choose the chains up to a byte 0xfe, bytes for the context.
 */
#include "values.h"

#include <string.h>

enum { SOURCE_MAX = 4000, NAMES_MAX = 400 };

typedef struct writer {
    fuzz_input in;
    char source[SOURCE_MAX + 200];
    size_t len;
    const char *names[NAMES_MAX]; /* filters, then functions, then tests */
    size_t filters, functions, count;
} writer;

static const char *const values[] = {
    "none",
    "true",
    "0",
    "-1",
    "7",
    "9223372036854775807",
    "10 ** 40",
    "0.0",
    "-2.5",
    "10.0 ** 308",
    "''",
    "'a'",
    "'<b>x</b>'",
    "'%s {0.a}'",
    "'(a+)+$'",
    "('<i>' | safe)",
    "[]",
    "[3, 1, 2]",
    "[none, 'a', 1]",
    "[[1, 2], {'a': 1}]",
    "{}",
    "{'a': 1, 'b': [2]}",
    "(1, 'x')",
    "range(5)",
    "range(10 ** 12)",
    "d",
    "x",
    "x.rows",
    "d.items()",
    "zip([1, 2], 'ab')",
    "card",
    "card()",
    "nope",
    "set([1, 2])",
    "dict",
    "str",
    "'a' * 5000",
    "[0] * 3000",
    "x.big",
    "x.e",
    "'\\u00df\\n\\t \\u4e2d'",
    "loop",
    "1..4",
    "x.s",
    "str.upper",
    "s",
    "n",
    "xs",
    "rows",
    "items",
    "user",
    "f",
};
static const char *const methods[] = {
    "upper()",
    "split()",
    "join(['a', 'b'])",
    "format(1, a=2)",
    "replace('a', 'bb')",
    "center(9)",
    "append(1)",
    "pop()",
    "sort()",
    "keys()",
    "get('a')",
    "items()",
    "union([1])",
    "encode()",
    "zfill(5)",
    "count('a')",
    "index(1)",
    "copy()",
    "real",
    "is_integer()",
    "__class__",
    "a.b",
    "strip()",
};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
put(writer *w, const char *text)
{
    size_t len = strlen(text);
    if (w->len + len < SOURCE_MAX) {
        memcpy(w->source + w->len, text, len);
        w->len += len;
    }
}

static void
put_args(writer *w)
{
    size_t count = fuzz_below(&w->in, 4);
    put(w, "(");
    for (size_t i = 0; i < count; i++) {
        put(w, i > 0 ? ", " : "");
        put(w, values[fuzz_below(&w->in, COUNT(values))]);
    }
    put(w, ")");
}

/* {{ value | filter(…) … }}, where a link may be a method or a test instead. */
static void
put_chain(writer *w)
{
    size_t links = 1 + fuzz_below(&w->in, 4);
    put(w, "{% try %}{{ (");
    for (size_t i = 0; i < links; i++)
        put(w, "(");
    if (fuzz_below(&w->in, 4) == 0) {
        put(w, w->names[w->filters + fuzz_below(&w->in, w->functions)]);
        put_args(w);
    } else {
        put(w, values[fuzz_below(&w->in, COUNT(values))]);
    }
    put(w, ")");
    for (size_t i = 0; i < links; i++) {
        size_t kind = fuzz_below(&w->in, 6);
        put(w, kind == 0 ? "." : kind == 1 ? " is " : " | ");
        if (kind == 0) {
            put(w, methods[fuzz_below(&w->in, COUNT(methods))]);
        } else {
            size_t from = kind == 1 ? w->filters + w->functions : 0;
            size_t below = kind == 1 ? w->count - from : w->filters;
            put(w, w->names[from + fuzz_below(&w->in, below)]);
            put_args(w);
        }
        put(w, ")");
    }
    put(w, " }}{% fallback e %}{{ e.type }}{% end %}");
}

static void
name_filter(void *arg, const kida_filter *row)
{
    writer *w = arg;
    if (strcmp(row->name, "debug") != 0 && w->count < NAMES_MAX) /* writes to stderr */
        w->names[w->count++] = row->name;
    w->filters = w->count;
}

static void
name_function(void *arg, const kida_function *row)
{
    writer *w = arg;
    if (w->count < NAMES_MAX)
        w->names[w->count++] = row->name;
    w->functions = w->count - w->filters;
}

static void
name_test(void *arg, const kida_test *row)
{
    writer *w = arg;
    if (w->count < NAMES_MAX)
        w->names[w->count++] = row->name;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    kida_config cfg;
    kida_error err;
    fuzz_input in = { data, size };
    kida_str choices = fuzz_until(&in, 0xfe);
    writer w = { .in = { (const uint8_t *)choices.ptr, choices.len } };
    fuzz_config(&cfg);
    cfg.strict_undefined = fuzz_below(&w.in, 2) == 0;
    kida_error_init(&err);
    kida_env *names = kida_env_new_std(&cfg, &err);
    FUZZ_CHECK(names != NULL);
    kida_env_each_filter(names, name_filter, &w);
    kida_env_each_function(names, name_function, &w);
    kida_env_each_test(names, name_test, &w);
    put(&w, "{% def card(n=1) %}<b>{{ n }}</b>{% end %}{% set d = {'a': 1} %}{% for i in [1] %}");
    while (w.in.size > 0 && w.len < SOURCE_MAX / 2)
        put_chain(&w);
    put(&w, "{% end %}");

    kida_str source = { w.source, w.len };
    kida_env *env = fuzz_env(&cfg, source);
    FUZZ_CHECK(env != NULL);
    fuzz_outcome a, b;
    fuzz_render(env, in, NULL, &a);
    fuzz_render(env, in, NULL, &b);
    if (!fuzz_holds(source, "random") && !fuzz_holds(source, "shuffle") &&
        !fuzz_holds(source, "nonce"))
        FUZZ_CHECK(a.status == b.status && a.total == b.total && a.hash == b.hash);
    kida_env_free(env);
    kida_env_free(names);
    return 0;
}
