/* SPDX-License-Identifier: MIT */
/* files.c - reading, replacing and finding files for the commands. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* realpath, mkstemp */
#endif
#include "common.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX_BYTES ((size_t)256 << 20)
#define DEPTH_MAX 64
#define FOUND_MAX 100000

bool
cli_is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool
cli_is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

const char *
cli_join(cli *c, const char *folder, const char *name)
{
    size_t len = strlen(folder);
    return cli_format(c, "%s%s%s", folder, len > 0 && folder[len - 1] != '/' ? "/" : "", name);
}

/* ---- reading --------------------------------------------------------------------------------- */

bool
cli_read(cli *c, const char *path, kida_str *out)
{
    bool standard = strcmp(path, "-") == 0, fine = false;
    const char *shown = standard ? "standard input" : path;
    if (!standard && cli_is_folder(path)) {
        cli_say(c, "%s is a folder", shown);
        return false;
    }
    FILE *file = standard ? stdin : fopen(path, "rb");
    if (file == NULL) {
        cli_say(c, "%s can't be opened: %s", shown, strerror(errno));
        return false;
    }
    kida_buf buf;
    kida_buf_init_heap(&buf, NULL, FILE_MAX_BYTES);
    char chunk[8192];
    size_t got;
    while (kida_buf_status(&buf) == KIDA_OK && (got = fread(chunk, 1, sizeof(chunk), file)) > 0)
        kida_buf_put(&buf, (kida_str){ chunk, got });

    if (ferror(file)) {
        cli_say(c, "%s can't be read: %s", shown, strerror(errno));
    } else if (kida_buf_status(&buf) != KIDA_OK) {
        cli_say(c, "%s is too large", shown);
    } else {
        kida_str text = kida_buf_str(&buf);
        char *copy = cli_alloc(c, text.len + 1);
        if (text.len > 0)
            memcpy(copy, text.ptr, text.len);
        copy[text.len] = '\0';
        out->ptr = copy;
        out->len = text.len;
        fine = true;
    }
    kida_buf_free(&buf);
    if (!standard)
        (void)fclose(file);
    return fine;
}

/* ---- writing --------------------------------------------------------------------------------- */

static bool
put_all(FILE *file, kida_str text)
{
    return text.len == 0 || fwrite(text.ptr, 1, text.len, file) == text.len;
}

static bool
write_direct(cli *c, const char *path, kida_str text)
{
    FILE *file = fopen(path, "wb");
    bool fine = file != NULL && put_all(file, text);
    int error = errno;
    if (file != NULL && fclose(file) != 0) {
        error = errno;
        fine = false;
    }
    if (!fine)
        cli_say(c, "%s can't be written: %s", path, strerror(error));
    return fine;
}

/* Permissions of the file that is replaced, or those of a new one. */
static mode_t
mode_for(const struct stat *old, bool exists)
{
    if (exists)
        return old->st_mode & 07777;
    mode_t mask = umask(0);
    (void)umask(mask);
    return 0666 & ~mask;
}

bool
cli_write(cli *c, const char *path, kida_str text)
{
    if (path == NULL || strcmp(path, "-") == 0) {
        if (put_all(stdout, text) && fflush(stdout) == 0)
            return true;
        return false; /* main says so */
    }
    struct stat old;
    bool exists = stat(path, &old) == 0;
    if (exists && !S_ISREG(old.st_mode))
        return write_direct(c, path, text);

    /* Through a link, the file that it names is replaced, not the link. */
    char *real = exists ? realpath(path, NULL) : NULL;
    const char *target = real != NULL ? real : path;
    size_t size = strlen(target) + sizeof(".123456");
    char *name = cli_alloc(c, size);
    (void)snprintf(name, size, "%s.XX" "XX" "XX", target);
    int fd = mkstemp(name);
    FILE *file = fd >= 0 ? fdopen(fd, "wb") : NULL;
    bool fine = file != NULL && fchmod(fd, mode_for(&old, exists)) == 0 && put_all(file, text);
    int error = errno;
    if (file != NULL && fclose(file) != 0) {
        error = errno;
        fine = false;
    }
    if (fine && rename(name, target) != 0) {
        error = errno;
        fine = false;
    }
    if (!fine) {
        if (fd >= 0)
            (void)unlink(name);
        cli_say(c, "%s can't be written: %s", path, strerror(error));
    }
    free(real);
    return fine;
}

/* ---- finding --------------------------------------------------------------------------------- */

typedef struct search {
    cli *c;
    const char *root;
    cli_list *out;
    size_t room;
} search;

static bool
ends_with(const char *text, const char *tail)
{
    size_t len = strlen(text), tail_len = strlen(tail);
    return len >= tail_len && memcmp(text + len - tail_len, tail, tail_len) == 0;
}

static void
add_found(search *s, const char *path)
{
    cli_list *list = s->out;
    if (list->count == s->room) {
        size_t room = s->room > 0 ? s->room * 2 : 64;
        const char **items = cli_alloc(s->c, room * sizeof(*items));
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof(*items));
        list->items = items;
        s->room = room;
    }
    list->items[list->count++] = path;
}

/* folder: relative to the root, "" for the root itself. Links to folders are not entered. */
static bool
search_folder(search *s, const char *folder, unsigned depth)
{
    const char *path = folder[0] != '\0' ? cli_join(s->c, s->root, folder) : s->root;
    DIR *handle = opendir(path);
    if (handle == NULL) {
        cli_say(s->c, "%s can't be opened: %s", path, strerror(errno));
        return false;
    }
    bool fine = true;
    const struct dirent *entry;
    while (fine && (entry = readdir(handle)) != NULL) {
        struct stat st;
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        const char *inner = folder[0] != '\0' ? cli_join(s->c, folder, name)
                                              : cli_format(s->c, "%s", name);
        if (lstat(cli_join(s->c, s->root, inner), &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode)) {
            if (depth < DEPTH_MAX)
                fine = search_folder(s, inner, depth + 1);
        } else if ((ends_with(name, ".html") || ends_with(name, ".kida")) &&
                   stat(cli_join(s->c, s->root, inner), &st) == 0 && S_ISREG(st.st_mode)) {
            if (s->out->count < FOUND_MAX)
                add_found(s, inner);
        }
    }
    (void)closedir(handle);
    return fine;
}

static int
by_path(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool
cli_find_templates(cli *c, const char *folder, cli_list *out)
{
    search s = { c, folder, out, 0 };
    if (!search_folder(&s, "", 0))
        return false;
    if (out->count > 1)
        qsort(out->items, out->count, sizeof(*out->items), by_path);
    return true;
}
