/* SPDX-License-Identifier: MIT */
/*
 * fuzz_filters.c - random chains of filters, tests, functions and methods over values of every
 * kind: a value or a failure with a code, within the limits, and the same a second time.
 */
#include "fuzz.h"

#include <string.h>

#include <kida/kida.h>

enum { SOURCE_MAX = 4000, NAMES_MAX = 400, OUT_MAX = 1 << 20 };

typedef struct writer {
    const uint8_t *data;
    size_t size;
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

static size_t
take(writer *w, size_t below)
{
    if (w->size == 0)
        return 0;
    w->size--;
    return *w->data++ % below;
}

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
    size_t count = take(w, 4);
    put(w, "(");
    for (size_t i = 0; i < count; i++) {
        put(w, i > 0 ? ", " : "");
        put(w, values[take(w, COUNT(values))]);
    }
    put(w, ")");
}

/* {{ value | filter(…) … }}, where a link may be a method or a test instead. */
static void
put_chain(writer *w)
{
    size_t links = 1 + take(w, 4);
    put(w, "{% try %}{{ (");
    for (size_t i = 0; i < links; i++)
        put(w, "(");
    if (take(w, 4) == 0) {
        put(w, w->names[w->filters + take(w, w->functions)]);
        put_args(w);
    } else {
        put(w, values[take(w, COUNT(values))]);
    }
    put(w, ")");
    for (size_t i = 0; i < links; i++) {
        size_t kind = take(w, 6);
        put(w, kind == 0 ? "." : kind == 1 ? " is " : " | ");
        if (kind == 0) {
            put(w, methods[take(w, COUNT(methods))]);
        } else {
            size_t from = kind == 1 ? w->filters + w->functions : 0;
            size_t below = kind == 1 ? w->count - from : w->filters;
            put(w, w->names[from + take(w, below)]);
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

/* Length and hash (FNV-1a) of an output. */
typedef struct digest {
    size_t total;
    uint64_t hash;
} digest;

static kida_status
swallow(void *user, const char *data, size_t len)
{
    digest *sum = user;
    sum->total += len;
    for (size_t i = 0; i < len; i++)
        sum->hash = (sum->hash ^ (unsigned char)data[i]) * 0x100000001b3u;
    return KIDA_OK;
}

static void
render(kida_template *tpl, bool same)
{
    static const char context[] =
        "{\"x\":{\"s\":\"a & b\",\"e\":{},\"rows\":[{\"a\":1},{\"a\":\"z\"}],"
        "\"big\":-123456789012345678901234567890}}";
    digest sum[2] = { { 0, 1 }, { 0, 1 } };
    kida_status st[2];
    for (int i = 0; i < 2; i++) {
        kida_error err;
        kida_error_init(&err);
        st[i] = kida_render_json(tpl, kida_str_from(context), swallow, &sum[i], &err);
        FUZZ_CHECK(sum[i].total <= OUT_MAX);
        FUZZ_CHECK(st[i] == KIDA_OK || (err.status == st[i] && err.code != NULL && err.message[0]));
        FUZZ_CHECK(kida_utf8_valid(kida_str_from(err.message)));
    }
    FUZZ_CHECK(!same || (st[0] == st[1] && sum[0].hash == sum[1].hash));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    kida_config cfg;
    kida_error err;
    writer w = { .data = data, .size = size };
    kida_config_init(&cfg);
    cfg.hash_seed = 1;
    cfg.strict_undefined = take(&w, 2) == 0;
    cfg.limits.steps = 20000;
    cfg.limits.arena = 8u << 20;
    cfg.limits.output = OUT_MAX;
    kida_error_init(&err);
    kida_env *env = kida_env_new_std(&cfg, &err);
    FUZZ_CHECK(env != NULL);
    kida_env_each_filter(env, name_filter, &w);
    kida_env_each_function(env, name_function, &w);
    kida_env_each_test(env, name_test, &w);
    put(&w, "{% def card(n=1) %}<b>{{ n }}</b>{% end %}{% set d = {'a': 1} %}{% for i in [1] %}");
    while (w.size > 0 && w.len < SOURCE_MAX / 2)
        put_chain(&w);
    put(&w, "{% end %}");
    kida_str source = { w.source, w.len };
    kida_template *tpl = kida_env_from_source(env, KIDA_S("f.html"), source, &err);
    FUZZ_CHECK(tpl != NULL || (err.status != KIDA_OK && err.message[0]));
    bool random = strstr(w.source, "random") != NULL || strstr(w.source, "shuffle") != NULL;
    if (tpl != NULL)
        render(tpl, !random && strstr(w.source, "nonce") == NULL);
    kida_template_drop(tpl);
    kida_env_free(env);
    return 0;
}
