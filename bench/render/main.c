/* SPDX-License-Identifier: MIT */
/*
 * main.c - time of one render, as a ratio to the hand-written one, for six workloads. Templates
 * are compiled once and contexts built once; a workload whose bytes are not exactly the expected
 * ones is not timed. See README.md for how to read the figures.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <kida/kida.h>
#include <sodium.h>

#ifdef BENCH_HAND
#include "yardstick.h"
#endif

enum { ROUNDS_MAX = 32, SLICES_MAX = 64 };

static const char *const workloads[] = { "hello",      "fortunes", "bigtable",
                                         "components", "page",     "escape" };

typedef struct options {
    const char *dir;
    const char *only;
    double seconds; /* per workload and side */
    unsigned rounds;
    bool instructions;
} options;

/* Memory and output of one workload. */
typedef struct bench {
    kida_env *env;
    kida_template *tpl;
    kida_pool *pool;
    kida_renderer *renderer;
    kida_value context;
    size_t allocations; /* requests to the allocator so far */
    char *out;
    size_t len;
    size_t room;
} bench;

static void *
counted_alloc(void *user, void *ptr, size_t old_size, size_t new_size)
{
    size_t *count = user;
    (void)old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    ++*count;
    return realloc(ptr, new_size);
}

static double
now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec * 1e9 + (double)at.tv_nsec;
}

static char *
read_file(const char *dir, const char *folder, const char *name, const char *ending, size_t *len)
{
    char path[4096];
    char *text = NULL;
    long size = 0;

    snprintf(path, sizeof(path), "%s/%s/%s.%s", dir, folder, name, ending);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 &&
        fseek(file, 0, SEEK_SET) == 0 && (text = malloc((size_t)size + 1)) != NULL) {
        *len = fread(text, 1, (size_t)size, file);
        text[*len] = '\0';
    }
    fclose(file);
    return text;
}

/* The sink: a buffer that is used again, as the hand-written renders have one. */
static kida_status
collect(void *user, const char *data, size_t len)
{
    bench *b = user;
    if (b->room - b->len < len) {
        size_t room = 2 * (b->len + len);
        char *out = realloc(b->out, room);
        if (out == NULL)
            return KIDA_E_NOMEM;
        b->out = out;
        b->room = room;
    }
    memcpy(b->out + b->len, data, len);
    b->len += len;
    return KIDA_OK;
}

static kida_status
render(bench *b, kida_error *err)
{
    b->len = 0;
    return kida_render_with(b->renderer, b->tpl, b->context, NULL, collect, b, err);
}

/* One warm render; not inlined, so that callgrind can be told to count it alone. */
kida_status bench_measured(bench *b, kida_error *err);

__attribute__((noinline)) kida_status
bench_measured(bench *b, kida_error *err)
{
    return render(b, err);
}

static bool
set_up(bench *b, const options *opt, const char *name, kida_error *err)
{
    char path[4096];
    char file[64];
    kida_config config;
    size_t len = 0;
    bool ok = false;

    kida_config_init(&config);
    config.trim_blocks = true;
    config.lstrip_blocks = true;
    config.allocator.alloc = counted_alloc;
    config.allocator.user = &b->allocations;
    snprintf(path, sizeof(path), "%s/templates", opt->dir);
    snprintf(file, sizeof(file), "%s.html", name);

    char *json = read_file(opt->dir, "data", name, "json", &len);
    kida_str text = { json, len };
    b->pool = kida_pool_new(NULL, 0);
    b->env = kida_env_new_std(&config, err);
    if (json == NULL || b->pool == NULL || b->env == NULL)
        goto done;
    if (kida_json_parse(b->pool, text, &b->context, err) != KIDA_OK)
        goto done;
    kida_pool_seal(b->pool);
    if (kida_env_add_directory(b->env, path, NULL, err) != KIDA_OK)
        goto done;
    b->tpl = kida_env_get(b->env, kida_str_from(file), err);
    b->renderer = b->tpl != NULL ? kida_renderer_new(b->env) : NULL;
    ok = b->renderer != NULL;
done:
    free(json);
    return ok;
}

static void
tear_down(bench *b)
{
    kida_renderer_free(b->renderer);
    kida_template_drop(b->tpl);
    kida_env_free(b->env);
    kida_pool_free(b->pool);
    free(b->out);
}

/* Whether text is just the expected file, or has the expected hash. */
static bool
is_expected(const options *opt, const char *name, const char *text, size_t len)
{
    size_t want_len = 0;
    char *want = read_file(opt->dir, "expected", name, "html", &want_len);
    if (want != NULL) {
        bool same = want_len == len && memcmp(want, text, len) == 0;
        free(want);
        return same;
    }
    unsigned char hash[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof(hash) + 1];
    want = read_file(opt->dir, "expected", name, "sha256", &want_len);
    crypto_hash_sha256(hash, (const unsigned char *)text, len);
    sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
    bool same = want != NULL && want_len >= 64 && memcmp(want, hex, 64) == 0;
    free(want);
    return same;
}

static void
run_ours(void *user, size_t count)
{
    bench *b = user;
    kida_error err;
    for (size_t i = 0; i < count; i++) {
        if (render(b, &err) != KIDA_OK)
            abort();
    }
}

#ifdef BENCH_HAND
static void
run_hand(void *user, size_t count)
{
    size_t *total = user;
    const char *text;
    for (size_t i = 0; i < count; i++) {
        *total += yardstick_render(&text);
        __asm__ volatile("" ::"r"(text) : "memory");
    }
}
#endif

static int
by_number(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Renders that fill about a twentieth of seconds. */
static size_t
calibrate(void (*run)(void *, size_t), void *user, double seconds)
{
    for (size_t count = 1;; count *= 2) {
        double start = now();
        run(user, count);
        if (now() - start > seconds * 1e9 / 20)
            return count;
    }
}

/* Median time of one render over a slice of time. */
static double
measure(void (*run)(void *, size_t), void *user, size_t count, double seconds)
{
    double times[SLICES_MAX];
    size_t n = 0;
    double end = now() + seconds * 1e9;

    while (n < SLICES_MAX && (now() < end || n < 3)) {
        double start = now();
        run(user, count);
        times[n++] = (now() - start) / (double)count;
    }
    qsort(times, n, sizeof(times[0]), by_number);
    return times[n / 2];
}

static double
median(double *times, unsigned count)
{
    qsort(times, count, sizeof(times[0]), by_number);
    return times[count / 2];
}

/* A B A B: both sides see the same machine. */
static void
compare(bench *b, const options *opt, const char *name)
{
    double ours[ROUNDS_MAX];
    double hand[ROUNDS_MAX];
    double slice = opt->seconds / opt->rounds;
    size_t our_count = calibrate(run_ours, b, slice);
    size_t before = b->allocations;
    run_ours(b, 1);
    size_t allocations = b->allocations - before;
#ifdef BENCH_HAND
    size_t total = 0;
    size_t hand_count = calibrate(run_hand, &total, slice);
#endif

    for (unsigned i = 0; i < opt->rounds; i++) {
        ours[i] = measure(run_ours, b, our_count, slice);
#ifdef BENCH_HAND
        hand[i] = measure(run_hand, &total, hand_count, slice);
#else
        hand[i] = 0;
#endif
    }
    double ns = median(ours, opt->rounds);
    double hand_ns = median(hand, opt->rounds);
    if (hand_ns > 0) {
        /* After median() the rounds are sorted: the yardstick's own spread tells a noisy run. */
        bool noisy = hand[opt->rounds - 1] > 1.3 * hand[0];
        printf("%-11s %12.1f %12.1f %8.2f %7zu%s\n", name, ns, hand_ns, ns / hand_ns, allocations,
               noisy ? "  noisy: run again" : "");
    } else {
        printf("%-11s %12.1f %12s %8s %7zu\n", name, ns, "-", "-", allocations);
    }
    fflush(stdout);
}

static bool
run_workload(const options *opt, const char *name)
{
    bench b = { .env = NULL };
    kida_error err;
    char text[4096];
    bool ok = false;

    kida_error_init(&err);
    if (!set_up(&b, opt, name, &err) || render(&b, &err) != KIDA_OK) {
        kida_error_format(&err, KIDA_FORMAT_PLAIN, text, sizeof(text));
        printf("%-11s fails\n%s\n", name, text);
        goto done;
    }
    if (!is_expected(opt, name, b.out, b.len)) {
        printf("%-11s gives other bytes than expected/%s (%zu bytes)\n", name, name, b.len);
        goto done;
    }
    ok = true;
    if (opt->instructions) {
        ok = bench_measured(&b, &err) == KIDA_OK;
        goto done;
    }
#ifdef BENCH_HAND
    const char *hand;
    yardstick_load(name, opt->dir);
    size_t len = yardstick_render(&hand);
    if (!is_expected(opt, name, hand, len)) {
        printf("%-11s the yardstick gives other bytes than expected\n", name);
        ok = false;
        goto done;
    }
#endif
    compare(&b, opt, name);
done:
    tear_down(&b);
    return ok;
}

static bool
parse_options(int argc, char **argv, options *opt)
{
    static const struct option names[] = {
        { "only", required_argument, NULL, 'o' },    { "seconds", required_argument, NULL, 's' },
        { "rounds", required_argument, NULL, 'r' },  { "dir", required_argument, NULL, 'd' },
        { "instructions", no_argument, NULL, 'i' },  { NULL, 0, NULL, 0 },
    };
    int letter;

    while ((letter = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (letter == 'o')
            opt->only = optarg;
        else if (letter == 's')
            opt->seconds = strtod(optarg, NULL);
        else if (letter == 'r')
            opt->rounds = (unsigned)strtoul(optarg, NULL, 10);
        else if (letter == 'd')
            opt->dir = optarg;
        else if (letter == 'i')
            opt->instructions = true;
        else
            return false;
    }
    return opt->seconds > 0 && opt->rounds > 0 && opt->rounds <= ROUNDS_MAX && optind == argc;
}

int
main(int argc, char **argv)
{
    options opt = { .dir = BENCH_DIR, .seconds = 2, .rounds = 5 };
    bool ok = true;

    if (!parse_options(argc, argv, &opt)) {
        fputs("usage: render [--only WORKLOAD] [--seconds S] [--rounds N] [--dir DIR]\n"
              "              [--instructions]\n",
              stderr);
        return 2;
    }
#ifndef BENCH_HAND
    puts("built without libcjson-dev: there is no yardstick to compare with");
#endif
    if (!opt.instructions)
        printf("%-11s %12s %12s %8s %7s\n", "workload", "ns/render", "hand ns", "ratio", "allocs");
    for (size_t i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++) {
        if (opt.only == NULL || strcmp(opt.only, workloads[i]) == 0)
            ok = run_workload(&opt, workloads[i]) && ok;
    }
    return ok ? 0 : 1;
}
