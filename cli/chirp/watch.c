/* SPDX-License-Identifier: MIT */
/* watch.c - notices changed files by names, times and sizes, without keeping a list of them. */
#define _GNU_SOURCE
#include "chirp_cli.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#define ROOTS_MAX 64
#define DEPTH_MAX 12
#define PATH_ROOM 4096

typedef struct root {
    const char *path;
    int kind;
    uint64_t mark;
} root;

struct watch {
    root roots[ROOTS_MAX];
    size_t count;
};

static bool
ends_with(const char *name, const char *tail)
{
    size_t len = strlen(name), tail_len = strlen(tail);
    return len >= tail_len && strcmp(name + len - tail_len, tail) == 0;
}

static bool
is_code(const char *name)
{
    static const char *const tails[] = { ".c", ".h", ".cc", ".cpp", ".hpp", ".S",
                                         "CMakeLists.txt", "Makefile" };
    for (size_t i = 0; i < CLI_COUNT(tails); i++) {
        if (ends_with(name, tails[i]))
            return true;
    }
    return false;
}

static bool
is_skipped(const char *name)
{
    return name[0] == '.' || strcmp(name, "build") == 0 || strcmp(name, "node_modules") == 0 ||
           ends_with(name, "~");
}

/* FNV-1a over one file's name, time and size. */
static uint64_t
mark_of(const char *path, const struct stat *info)
{
    uint64_t mark = 14695981039346656037u;
    const uint64_t numbers[] = { (uint64_t)info->st_mtim.tv_sec, (uint64_t)info->st_mtim.tv_nsec,
                                 (uint64_t)info->st_size, (uint64_t)info->st_ino };
    for (; *path != '\0'; path++)
        mark = (mark ^ (unsigned char)*path) * 1099511628211u;
    for (size_t i = 0; i < CLI_COUNT(numbers); i++)
        mark = (mark ^ numbers[i]) * 1099511628211u;
    return mark;
}

/* The sum of all marks: the order of the files is of no matter. */
static uint64_t
look(const char *path, const char *name, int kind, unsigned depth)
{
    struct stat info;
    uint64_t sum = 0;
    if (stat(path, &info) != 0)
        return 0;
    if (!S_ISDIR(info.st_mode))
        return kind == WATCH_CODE && !is_code(name) ? 0 : mark_of(path, &info);
    DIR *dir = depth < DEPTH_MAX ? opendir(path) : NULL;
    for (const struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        char below[PATH_ROOM];
        int len = snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
        if (!is_skipped(entry->d_name) && len > 0 && (size_t)len < sizeof(below))
            sum += look(below, entry->d_name, kind, depth + 1);
    }
    if (dir != NULL)
        closedir(dir);
    return sum;
}

watch *
watch_new(cli *c)
{
    watch *w = cli_alloc(c, sizeof(*w));
    memset(w, 0, sizeof(*w));
    return w;
}

void
watch_add(watch *w, const char *path, int kind)
{
    if (w->count < ROOTS_MAX && path != NULL && path[0] != '\0') {
        w->roots[w->count] = (root){ path, kind, look(path, path, kind, 0) };
        w->count++;
    }
}

int
watch_poll(watch *w)
{
    int changed = WATCH_NONE;
    for (size_t i = 0; i < w->count; i++) {
        root *r = &w->roots[i];
        uint64_t mark = look(r->path, r->path, r->kind, 0);
        if (mark != r->mark)
            changed |= r->kind;
        r->mark = mark;
    }
    return changed;
}
