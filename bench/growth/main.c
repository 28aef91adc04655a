/* SPDX-License-Identifier: MIT */
/*
 * main.c - how the cost of each filter grows with its input: renders every filter of the standard
 * library on 10, 1000 and 100000 elements, or on texts of as many words, and prints the time and
 * how it grew from the second to the third, divided by 100: about 1 is linear, 1.7 is n log n, 100
 * would be quadratic. Prints only; nothing is asserted.
 */
#define _GNU_SOURCE
#include <kida/kida.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SIZES 3

static const size_t sizes[SIZES] = { 10, 1000, 100000 };

/* Arguments of filters that need some. */
static const struct {
    const char *name;
    const char *args;
} arguments[] = {
    { "replace", "('w', 'v')" },     { "batch", "(3)" },
    { "slice", "(3)" },              { "map", "(attribute='id')" },
    { "attr", "('id')" },            { "get", "('id')" },
    { "groupby", "('id')" },         { "selectattr", "('id')" },
    { "rejectattr", "('id')" },      { "select", "('odd')" },
    { "reject", "('odd')" },         { "take", "(50)" },
    { "skip", "(50)" },              { "center", "(20)" },
    { "join", "(', ')" },            { "min", "" },
    { "format", "(1)" },             { "truncate", "(1000000)" },
    { "unique", "" },                { "sum", "" },
};

/* What a filter is tried on, until one does: in this order. */
static const char *const kinds[] = { "numbers", "rows", "words", "text" };
enum { KINDS = 4 };

static const char *
arguments_of(const char *filter)
{
    for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++)
        if (strcmp(arguments[i].name, filter) == 0)
            return arguments[i].args;
    return "";
}

static void
must(bool good)
{
    if (!good) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
}

static kida_value
item(kida_pool *pool, int kind, size_t i)
{
    char word[32];
    kida_value v, text;
    int64_t number = (int64_t)((i * 7919) % 100003);
    if (kind == 0)
        return kida_int(number);
    int len = snprintf(word, sizeof(word), "w%lld", (long long)number);
    kida_str bytes = { word, (size_t)len };
    must(kida_string_copy(pool, bytes, &text) == KIDA_OK);
    if (kind == 2)
        return text;
    must(kida_context(pool, &v, "id", kida_int(number), "name", text, NULL) == KIDA_OK);
    return v;
}

static kida_value
input(kida_pool *pool, int kind, size_t n)
{
    kida_value v;
    if (kind < 3) {
        must(kida_list_new(pool, n, &v) == KIDA_OK);
        for (size_t i = 0; i < n; i++)
            must(kida_list_push(v, item(pool, kind, i)) == KIDA_OK);
        return v;
    }
    char *text = kida_pool_alloc(pool, n * 5);
    must(text != NULL);
    for (size_t i = 0; i < n; i++)
        memcpy(text + i * 5, i % 12 == 11 ? "wor\n " : "word ", 5);
    kida_str all = { text, n * 5 };
    return kida_string(all);
}

static kida_status
swallow(void *user, const char *data, size_t len)
{
    (void)data;
    *(size_t *)user += len;
    return KIDA_OK;
}

static double
now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Microseconds of one render, the best of three; negative: the filter refuses this input. */
static double
measure(kida_env *env, kida_template *tpl, int kind, size_t n)
{
    kida_renderer *renderer = kida_renderer_new(env);
    must(renderer != NULL);
    double best = -1;
    for (int round = 0; round < 3; round++) {
        kida_pool *pool = kida_renderer_pool(renderer);
        kida_value context;
        size_t total = 0;
        must(kida_context(pool, &context, "x", input(pool, kind, n), NULL) == KIDA_OK);
        double start = now_us();
        if (kida_render_with(renderer, tpl, context, NULL, swallow, &total, NULL) != KIDA_OK) {
            best = -1;
            break;
        }
        double took = now_us() - start;
        if (best < 0 || took < best)
            best = took;
    }
    kida_renderer_free(renderer);
    return best;
}

static void
report(kida_env *env, const char *filter)
{
    char source[128];
    int len = snprintf(source, sizeof(source), "{{ x | %s%s }}", filter, arguments_of(filter));
    kida_str text = { source, (size_t)len };
    kida_template *tpl = kida_env_from_source(env, KIDA_S("growth.html"), text, NULL);
    double us[SIZES] = { -1, -1, -1 };
    int kind = 0;
    for (; tpl && kind < KINDS; kind++) {
        for (size_t i = 0; i < SIZES; i++)
            us[i] = measure(env, tpl, kind, sizes[i]);
        if (us[0] >= 0 && us[1] >= 0 && us[2] >= 0)
            break;
    }
    kida_template_drop(tpl);
    if (!tpl || kind == KINDS)
        printf("%-16s takes no sequence and no text\n", filter);
    else
        printf("%-16s %-8s %10.1f %10.1f %12.1f   %8.2f\n", filter, kinds[kind], us[0], us[1],
               us[2], us[2] / us[1] / 100);
}

typedef struct names {
    const char *all[256];
    size_t count;
} names;

static void
collect(void *arg, const kida_filter *row)
{
    names *n = arg;
    if (n->count < 256)
        n->all[n->count++] = row->name;
}

int
main(void)
{
    kida_config config;
    kida_config_init(&config);
    config.limits.output = (uint64_t)1 << 30;
    config.limits.steps = (uint64_t)1 << 40;
    config.limits.arena = (size_t)2 << 30;
    kida_error err;
    kida_error_init(&err);
    kida_env *env = kida_env_new_std(&config, &err);
    must(env != NULL);
    names n = { .count = 0 };
    kida_env_each_filter(env, collect, &n);
    printf("%-16s %-8s %10s %10s %12s   %8s\n", "filter", "input", "us at 10", "at 1000",
           "at 100000", "growth");
    for (size_t i = 0; i < n.count; i++)
        if (strcmp(n.all[i], "debug") != 0) /* writes to stderr */
            report(env, n.all[i]);
    kida_env_free(env);
    return 0;
}
