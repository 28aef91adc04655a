/* SPDX-License-Identifier: MIT */
/* runner.c - the conformance program: options, the loop over the cases, the counts. */
#define _GNU_SOURCE
#include "runner.h"

#include <fnmatch.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

static const char usage[] =
    "usage: conformance [option…] FILE.jsonl|DIR…\n"
    "  --only PATTERN            only ids that contain PATTERN or match it (*, ?)\n"
    "  --verbose                 show failing cases whole\n"
    "  --list-failures           print the ids of failing cases and nothing about them\n"
    "  --expected-failures FILE  ids that fail for now, one a line; one that passes must go\n"
    "  --no-optimize             compile without folding, merging and fusing\n"
    "  --modes                   not what is expected, but that page, stream and blocks agree,\n"
    "                            optimised and not\n"
    "  --isolate, --no-isolate   a process per case, or one for all (default with sanitizers)\n";

/* Ids that may fail; sorted. */
typedef struct id_list {
    char *text;
    char **ids;
    size_t count;
} id_list;

typedef struct tally {
    size_t total;
    size_t passed;
} tally;

typedef struct counts {
    tally all;
    tally lang;
    tally lib;
    size_t failed;     /* what the exit status is about */
    size_t expected;   /* failed as the list says */
} counts;

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
load_ids(id_list *list, const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t room = 0;
    char *line = NULL;
    size_t line_room = 0;
    ssize_t len;

    if (file == NULL) {
        perror(path);
        return false;
    }
    while ((len = getline(&line, &line_room, file)) > 0) {
        line[strcspn(line, " \t\r\n")] = '\0';
        if (line[0] == '\0' || line[0] == '#')
            continue;
        if (list->count == room) {
            room = room != 0 ? 2 * room : 1024;
            list->ids = realloc(list->ids, room * sizeof(*list->ids));
        }
        list->ids[list->count++] = strdup(line);
    }
    free(line);
    fclose(file);
    if (list->count > 0)
        qsort(list->ids, list->count, sizeof(*list->ids), by_text);
    return true;
}

static void
free_ids(id_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->ids[i]);
    free(list->ids);
}

static bool
listed(const id_list *list, const char *id)
{
    return list->count > 0 &&
           bsearch(&id, list->ids, list->count, sizeof(*list->ids), by_text) != NULL;
}

static bool
wanted(const conf_options *options, const char *id)
{
    return options->only == NULL || strstr(id, options->only) != NULL ||
           fnmatch(options->only, id, 0) == 0;
}

static void
count_in(counts *sum, const conf_case *item, bool passed)
{
    tally *part = strncmp(item->file, "lib-", 4) == 0 ? &sum->lib : &sum->lang;
    sum->all.total++;
    part->total++;
    if (passed) {
        sum->all.passed++;
        part->passed++;
    }
}

static void
report(const conf_options *options, const conf_case *item, const char *id, const char *detail)
{
    if (options->list_failures)
        printf("%s\n", id);
    else
        printf("FAIL %s (%s:%zu)\n%s", id, item->file, item->line, detail);
}

static void
run_one(const conf_options *options, const id_list *expected, const conf_case *item, counts *sum)
{
    static conf_result result;
    char id[512];
    snprintf(id, sizeof(id), "%.*s", (int)item->id.len, item->id.ptr);
    if (!wanted(options, id))
        return;

    conf_announce(item);
    if (options->isolate)
        conf_run_isolated(item, options, &result);
    else
        conf_run(item, options, &result);

    count_in(sum, item, result.passed);
    bool is_expected = listed(expected, id);
    if (result.passed && is_expected) {
        sum->failed++;
        report(options, item, id, "    passes: remove it from the list of expected failures\n");
    } else if (!result.passed && is_expected) {
        sum->expected++;
    } else if (!result.passed) {
        sum->failed++;
        report(options, item, id, result.detail);
    }
}

static unsigned
percent(tally part)
{
    return part.total > 0 ? (unsigned)(part.passed * 100 / part.total) : 0;
}

static bool
parse_options(int argc, char **argv, conf_options *options)
{
    static const struct option names[] = {
        { "only", required_argument, NULL, 'o' },
        { "verbose", no_argument, NULL, 'v' },
        { "list-failures", no_argument, NULL, 'l' },
        { "expected-failures", required_argument, NULL, 'e' },
        { "no-optimize", no_argument, NULL, 'n' },
        { "modes", no_argument, NULL, 'm' },
        { "isolate", no_argument, NULL, 'i' },
        { "no-isolate", no_argument, NULL, 'I' },
        { NULL, 0, NULL, 0 },
    };
    int letter;

    while ((letter = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (letter == 'o')
            options->only = optarg;
        else if (letter == 'e')
            options->expected_failures = optarg;
        else if (letter == 'v')
            options->verbose = true;
        else if (letter == 'l')
            options->list_failures = true;
        else if (letter == 'n')
            options->no_optimize = true;
        else if (letter == 'm')
            options->modes = true;
        else if (letter == 'i' || letter == 'I')
            options->isolate = letter == 'i';
        else
            return false;
    }
    return optind < argc;
}

int
main(int argc, char **argv)
{
    conf_options options = { .isolate = !SANITIZED };
    static conf_cases cases;
    id_list expected = { NULL, NULL, 0 };
    counts sum = { .failed = 0 };

    if (!parse_options(argc, argv, &options)) {
        fputs(usage, stderr);
        return 2;
    }
    setenv("TZ", "UTC", 1);
    tzset();
    if (options.expected_failures != NULL && !load_ids(&expected, options.expected_failures))
        return 2;
    for (int i = optind; i < argc; i++) {
        if (!conf_load(&cases, argv[i]))
            return 2;
    }
    for (size_t i = 0; i < cases.count; i++)
        run_one(&options, &expected, &cases.items[i], &sum);

    if (sum.expected > 0)
        printf("%zu more fail as %s says\n", sum.expected, options.expected_failures);
    printf("Conformance: %zu of %zu cases pass (language %u %%, library %u %%).\n", sum.all.passed,
           sum.all.total, percent(sum.lang), percent(sum.lib));
    printf("%zu passed, %zu failed\n", sum.all.passed, sum.failed);
    free_ids(&expected);
    conf_free(&cases);
    return sum.failed == 0 ? 0 : 1;
}
