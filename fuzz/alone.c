/* SPDX-License-Identifier: MIT */
/*
 * alone.c - a main for fuzz targets without a fuzzer: runs every file of the folders given, so
 * that seeds and regressions are an ordinary test. Also runs single files, to look at a crash.
 */
#define _GNU_SOURCE
#include "fuzz.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char current[4096];

/* Named on a crash, too: the sanitizers' reports do not know the input. */
static void
name_input(const char *path)
{
    snprintf(current, sizeof(current), "%s", path);
    if (getenv("FUZZ_VERBOSE") != NULL)
        fprintf(stderr, "%s\n", path);
}

static int
run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = NULL;
    struct stat info;
    int count = -1;

    if (file == NULL || fstat(fileno(file), &info) != 0)
        goto done;
    /* Of just the file's size, so that a read behind the end is found. */
    data = malloc(info.st_size > 0 ? (size_t)info.st_size : 1);
    if (data == NULL)
        goto done;
    size_t size = fread(data, 1, (size_t)info.st_size, file);
    name_input(path);
    LLVMFuzzerTestOneInput(data, size);
    count = 1;
done:
    if (count < 0)
        perror(path);
    free(data);
    if (file != NULL)
        fclose(file);
    return count;
}

/* Number of inputs run, -1 on failure. */
static int
run_path(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    int count = 0;

    if (dir == NULL)
        return run_file(path);
    while (count >= 0 && (entry = readdir(dir)) != NULL) {
        char file[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
        count = run_file(file) < 0 ? -1 : count + 1;
    }
    closedir(dir);
    return count;
}

extern void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void
name_culprit(void)
{
    fprintf(stderr, "the input was %s\n", current);
}

int
main(int argc, char **argv)
{
    int total = 0;

    if (__sanitizer_set_death_callback != NULL)
        __sanitizer_set_death_callback(name_culprit);
    for (int i = 1; i < argc; i++) {
        int count = access(argv[i], F_OK) == 0 ? run_path(argv[i]) : 0;
        if (count < 0)
            return 1;
        total += count;
    }
    printf("[  PASSED  ] %d test(s).\n", total);
    return 0;
}
