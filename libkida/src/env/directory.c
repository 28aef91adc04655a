/* SPDX-License-Identifier: MIT */
/* directory.c - templates as files of a directory: names checked, files opened beneath the
 * directory's handle, sizes bounded, text checked. Nothing that a file can be (pipe, directory,
 * link, growing or huge file) blocks, escapes or gives a mixture of two versions. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* O_PATH, nanoseconds in struct stat */
#endif
#include "env/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error/fail.h"
#include "lexer/lexer.h"
#include "memory/alloc.h"
#include "memory/str.h"

#define NAME_ROOM 4096
#define READ_TRIES 4
#define LIST_DEPTH_MAX 32
#define LIST_MAX 100000 /* names; a directory with more is not a template directory */
#define SHOWN_MAX 200   /* bytes of a name in a message */

#ifndef O_PATH
#define O_PATH O_RDONLY
#endif

struct kd_directory {
    kida_allocator allocator;
    int handle;      /* fixed */
    kida_str path;   /* as given, for messages; fixed */
    kida_str prefix; /* without slashes around it; fixed */
};

/* ---- failures -------------------------------------------------------------------------------- */

static int
shown(kida_str text)
{
    return (int)(text.len < SHOWN_MAX ? text.len : SHOWN_MAX);
}

static const char *
reason_of(int error)
{
    static const struct {
        int error;
        const char *text;
    } reasons[] = {
        { ENOENT, "no such file or directory" },
        { ENOTDIR, "not a directory" },
        { EACCES, "permission denied" },
        { EPERM, "permission denied" },
        { EMFILE, "too many open files" },
        { ENFILE, "too many open files" },
        { ELOOP, "too many links" },
        { ENAMETOOLONG, "the name is too long" },
        { EIO, "the device failed" },
    };
    for (size_t i = 0; i < KD_COUNT(reasons); i++) {
        if (reasons[i].error == error)
            return reasons[i].text;
    }
    return "the system refused it";
}

static kida_status
not_found(kida_error *err, kida_str name, const char *hint)
{
    kida_status st =
        kd_error_set(err, KIDA_E_NOT_FOUND, "template '%.*s' not found", shown(name), name.ptr);
    if (hint)
        kd_error_hint(err, "%s", hint);
    return st;
}

/* What a failed open means for the template of that name. */
static kida_status
open_failed(kida_error *err, kida_str name, int error)
{
    switch (error) {
    case EXDEV:
        return not_found(err, name, "a link in its path leads out of the template directory");
    case ELOOP:
        return not_found(err, name, "its path has too many links");
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
    case ENXIO:   /* a socket */
    case EISDIR:
    case EINVAL:
    case EILSEQ:
        return not_found(err, name, NULL);
    case ENOMEM:
        return kd_error_set(err, KIDA_E_NOMEM, NULL);
    default:
        return kd_error_set(err, KIDA_E_IO, "template '%.*s' can't be opened: %s", shown(name),
                            name.ptr, reason_of(error));
    }
}

/* ---- names ----------------------------------------------------------------------------------- */

/* Whether some segment of the path is "..". */
static bool
has_parent_segment(kida_str path)
{
    size_t start = 0;
    for (size_t i = 0; i <= path.len; i++) {
        if (i < path.len && path.ptr[i] != '/')
            continue;
        if (i - start == 2 && path.ptr[start] == '.' && path.ptr[start + 1] == '.')
            return true;
        start = i + 1;
    }
    return false;
}

/* The path below the directory that a template name stands for; false: no name of ours. */
static bool
path_of(const kd_directory *d, kida_str name, char out[NAME_ROOM])
{
    if (d->prefix.len > 0) {
        size_t skip = d->prefix.len + 1;
        if (name.len <= skip || !kd_str_starts(name, d->prefix) || name.ptr[skip - 1] != '/')
            return false;
        name = kd_str_sub(name, skip, name.len);
    }
    if (name.len == 0 || name.len >= NAME_ROOM || name.ptr[0] == '/')
        return false;
    if (memchr(name.ptr, '\0', name.len) || memchr(name.ptr, '\\', name.len) ||
        has_parent_segment(name))
        return false;
    memcpy(out, name.ptr, name.len);
    out[name.len] = '\0';
    return true;
}

/* ---- reading --------------------------------------------------------------------------------- */

static uint64_t
mix(uint64_t hash, uint64_t part)
{
    hash ^= part + 0x9e3779b97f4a7c15u + (hash << 6) + (hash >> 2);
    hash *= 0xff51afd7ed558ccdu;
    return hash ^ (hash >> 32);
}

/* Differs when a file was changed or replaced; never 0. */
static uint64_t
version_of(const struct stat *st)
{
    uint64_t hash = mix(0, (uint64_t)st->st_ino);
    hash = mix(hash, (uint64_t)st->st_dev);
    hash = mix(hash, (uint64_t)st->st_size);
    hash = mix(hash, (uint64_t)st->st_mtim.tv_sec);
    hash = mix(hash, (uint64_t)st->st_mtim.tv_nsec);
    return hash != 0 ? hash : 1;
}

/* Opens the file of a template: only a regular one will do. */
static kida_status
open_regular(const kd_directory *d, kida_str name, int *out, struct stat *st, kida_error *err)
{
    char path[NAME_ROOM];
    if (!path_of(d, name, path))
        return not_found(err, name, NULL);
    int fd = kida_open_beneath(d->handle, path, 0);
    if (fd < 0)
        return open_failed(err, name, -fd);
    if (fstat(fd, st) != 0) {
        int error = errno;
        (void)close(fd);
        return open_failed(err, name, error);
    }
    if (!S_ISREG(st->st_mode)) {
        (void)close(fd);
        return not_found(err, name,
                         S_ISDIR(st->st_mode) ? "there is a directory of that name"
                                              : "what is there is not a regular file");
    }
    *out = fd;
    return KIDA_OK;
}

typedef enum outcome { READ_DONE, READ_AGAIN, READ_FAILED } outcome;

/* Reads exactly len bytes and makes sure that the file ends there and did not change meanwhile. */
static outcome
read_all(int fd, char *data, size_t len, const struct stat *before, int *error)
{
    size_t got = 0;
    char beyond;
    for (;;) {
        ssize_t n = got < len ? read(fd, data + got, len - got) : read(fd, &beyond, 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            *error = errno;
            return READ_FAILED;
        }
        if (n == 0)
            break;
        if (got == len)
            return READ_AGAIN; /* it grew */
        got += (size_t)n;
    }
    struct stat after;
    if (fstat(fd, &after) != 0) {
        *error = errno;
        return READ_FAILED;
    }
    return got == len && version_of(&after) == version_of(before) ? READ_DONE : READ_AGAIN;
}

/* One attempt: *out is text of one moment, or the file changed under our eyes (*again). */
static kida_status
read_once(const kd_directory *d, kida_str name, const kida_allocator *allocator, kida_source *out,
          bool *again, kida_error *err)
{
    struct stat before;
    int fd = -1, error = 0;
    kida_status st = open_regular(d, name, &fd, &before, err);
    if (st != KIDA_OK)
        return st;

    size_t len = (size_t)before.st_size;
    char *data = NULL;
    *again = false;
    if (before.st_size < 0 || (uint64_t)before.st_size > KD_SOURCE_MAX) {
        st = kd_error_set(err, KIDA_E_LEX_TOKENS,
                          "template '%.*s' is too large: %lld bytes, at most %u", shown(name),
                          name.ptr, (long long)before.st_size, (unsigned)KD_SOURCE_MAX);
        goto done;
    }
    data = kd_alloc(allocator, len);
    if (!data && len > 0) {
        st = kd_error_set(err, KIDA_E_NOMEM, NULL);
        goto done;
    }
    switch (read_all(fd, data, len, &before, &error)) {
    case READ_DONE:
        out->text.ptr = data;
        out->text.len = len;
        out->version = version_of(&before);
        data = NULL;
        break;
    case READ_AGAIN:
        *again = true;
        break;
    case READ_FAILED:
        st = kd_error_set(err, KIDA_E_IO, "template '%.*s' can't be read: %s", shown(name),
                          name.ptr, reason_of(error));
        break;
    }
done:
    kd_free(allocator, data, len);
    (void)close(fd);
    return st;
}

/* Refuses text that is not UTF-8, and says where: lines never cut a code point. */
static kida_status
check_utf8(kida_str name, kida_str text, kida_error *err)
{
    if (text.len == 0 || kida_utf8_valid(text))
        return KIDA_OK;

    kd_place place = { 1, 0, 0 };
    const char *at = text.ptr, *end = text.ptr + text.len;
    for (;;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        kida_str line = { at, (size_t)((stop ? stop : end) - at) };
        if (!stop || !kida_utf8_valid(line))
            break;
        place.line++;
        at = stop + 1;
    }
    kida_str none = { "", 0 };
    kida_status st = kd_error_set(err, KIDA_E_UTF8, "template '%.*s' is not valid UTF-8",
                                  shown(name), name.ptr);
    kd_error_hint(err, "line %u holds bytes that are no UTF-8: save the file in that encoding",
                  (unsigned)place.line);
    kd_error_place(err, name, none, place);
    return st;
}

/* The file's name for messages: the directory as it was given, and the path below it. */
static kida_status
set_filename(const kd_directory *d, kida_str name, const kida_allocator *allocator,
             kida_source *out, kida_error *err)
{
    if (!kida_utf8_valid(d->path))
        return KIDA_OK; /* messages are UTF-8: better none than a broken one */
    kida_str path = d->prefix.len > 0 ? kd_str_sub(name, d->prefix.len + 1, name.len) : name;
    bool slash = d->path.ptr[d->path.len - 1] != '/';
    size_t head = d->path.len + (slash ? 1 : 0), len = head + path.len;
    char *copy = kd_alloc(allocator, len);
    if (!copy)
        return kd_error_set(err, KIDA_E_NOMEM, NULL);
    memcpy(copy, d->path.ptr, d->path.len);
    if (slash)
        copy[head - 1] = '/';
    memcpy(copy + head, path.ptr, path.len);
    out->filename.ptr = copy;
    out->filename.len = len;
    return KIDA_OK;
}

kida_status
kd_directory_load(void *user, kida_str name, const kida_allocator *allocator, kida_source *out,
                  kida_error *err)
{
    const kd_directory *d = user;
    kida_source source = { { NULL, 0 }, { NULL, 0 }, 0 };
    bool again = true;
    kida_status st = KIDA_OK;

    for (int tries = 0; again && st == KIDA_OK; tries++) {
        if (tries == READ_TRIES)
            return kd_error_set(err, KIDA_E_IO, "template '%.*s' changes while it is read",
                                shown(name), name.ptr);
        st = read_once(d, name, allocator, &source, &again, err);
    }
    if (st != KIDA_OK)
        return st;
    st = check_utf8(name, source.text, err);
    if (st == KIDA_OK)
        st = set_filename(d, name, allocator, &source, err);
    if (st != KIDA_OK) {
        kd_free(allocator, (void *)(uintptr_t)source.text.ptr, source.text.len);
        return st;
    }
    *out = source;
    return KIDA_OK;
}

kida_status
kd_directory_version(void *user, kida_str name, uint64_t *out)
{
    struct stat st;
    int fd = -1;
    kida_status status = open_regular(user, name, &fd, &st, NULL);
    if (status != KIDA_OK)
        return status;
    (void)close(fd);
    *out = version_of(&st);
    return KIDA_OK;
}

/* ---- listing --------------------------------------------------------------------------------- */

typedef struct listing {
    const kd_directory *directory;
    kida_str *names;
    size_t count;
    size_t room;
} listing;

/* What the reference's loader lists: pages, not the texts they are made of. */
static bool
is_listed(kida_str name)
{
    return kd_str_ends(name, KIDA_S(".html")) || kd_str_ends(name, KIDA_S(".xml"));
}

static kida_status
listing_add(listing *l, kida_str path)
{
    const kida_allocator *a = &l->directory->allocator;
    kida_str prefix = l->directory->prefix;
    size_t head = prefix.len > 0 ? prefix.len + 1 : 0, len = head + path.len;
    void *names = l->names;

    if (l->count == LIST_MAX)
        return KIDA_E_IO;
    if (!kd_grow(a, &names, &l->room, l->count, sizeof(*l->names)))
        return KIDA_E_NOMEM;
    l->names = names;
    char *copy = kd_alloc(a, len);
    if (!copy)
        return KIDA_E_NOMEM;
    if (head > 0) {
        memcpy(copy, prefix.ptr, prefix.len);
        copy[head - 1] = '/';
    }
    memcpy(copy + head, path.ptr, path.len);
    l->names[l->count].ptr = copy;
    l->names[l->count++].len = len;
    return KIDA_OK;
}

static void
listing_clear(listing *l)
{
    const kida_allocator *a = &l->directory->allocator;
    for (size_t i = 0; i < l->count; i++)
        kd_free(a, (void *)(uintptr_t)l->names[i].ptr, l->names[i].len);
    kd_free(a, l->names, l->room * sizeof(*l->names));
}

/* What an entry is, links to files included: those that lead out of the directory are nothing. */
static mode_t
kind_of(const listing *l, int folder, const char *entry, const char *path)
{
    struct stat st;
    if (fstatat(folder, entry, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return 0;
    if (!S_ISLNK(st.st_mode))
        return st.st_mode & S_IFMT;
    int fd = kida_open_beneath(l->directory->handle, path, 0);
    if (fd < 0)
        return 0;
    bool regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    (void)close(fd);
    return regular ? S_IFREG : 0;
}

static kida_status list_folder(listing *l, int fd, char path[NAME_ROOM], size_t len,
                               unsigned depth);

/* One entry; path holds the folder's path in len bytes and takes the entry's behind it. */
static kida_status
list_entry(listing *l, int folder, const char *entry, char path[NAME_ROOM], size_t len,
           unsigned depth)
{
    kida_str name = kida_str_from(entry);
    if (strcmp(entry, ".") == 0 || strcmp(entry, "..") == 0 || name.len + 2 > NAME_ROOM - len)
        return KIDA_OK;
    if (len > 0)
        path[len++] = '/';
    memcpy(path + len, entry, name.len + 1);
    kida_str whole = { path, len + name.len };

    mode_t kind = kind_of(l, folder, entry, path);
    if (S_ISREG(kind) && is_listed(name) && kida_utf8_valid(whole) &&
        !memchr(entry, '\\', name.len))
        return listing_add(l, whole);
    if (!S_ISDIR(kind) || depth == LIST_DEPTH_MAX)
        return KIDA_OK;
    int fd = openat(folder, entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? KIDA_OK : list_folder(l, fd, path, whole.len, depth + 1);
}

/* Takes fd over. Folders that can't be read have no templates. */
static kida_status
list_folder(listing *l, int fd, char path[NAME_ROOM], size_t len, unsigned depth)
{
    kida_status st = KIDA_OK;
    DIR *folder = fdopendir(fd);
    if (!folder) {
        (void)close(fd);
        return KIDA_OK;
    }
    const struct dirent *entry;
    while (st == KIDA_OK && (entry = readdir(folder)) != NULL)
        st = list_entry(l, dirfd(folder), entry->d_name, path, len, depth);
    (void)closedir(folder);
    return st;
}

static int
by_name(const void *a, const void *b)
{
    return kd_str_compare(*(const kida_str *)a, *(const kida_str *)b);
}

kida_status
kd_directory_list(void *user, kida_status (*each)(void *arg, kida_str name), void *arg)
{
    listing l = { user, NULL, 0, 0 };
    char path[NAME_ROOM];
    int fd = openat(l.directory->handle, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return KIDA_E_IO;

    kida_status st = list_folder(&l, fd, path, 0, 0);
    if (l.count > 1)
        qsort(l.names, l.count, sizeof(*l.names), by_name);
    for (size_t i = 0; i < l.count && st == KIDA_OK; i++)
        st = each(arg, l.names[i]);
    listing_clear(&l);
    return st;
}

/* ---- making ---------------------------------------------------------------------------------- */

static bool
copy_text(const kida_allocator *a, kida_str text, kida_str *out)
{
    char *copy = kd_alloc(a, text.len);
    if (!copy && text.len > 0)
        return false;
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    out->ptr = copy;
    out->len = text.len;
    return true;
}

static kida_str
without_slashes(kida_str prefix)
{
    while (prefix.len > 0 && prefix.ptr[0] == '/')
        prefix = kd_str_sub(prefix, 1, prefix.len);
    while (prefix.len > 0 && prefix.ptr[prefix.len - 1] == '/')
        prefix.len--;
    return prefix;
}

kd_directory *
kd_directory_new(const kida_allocator *allocator, kida_str path, kida_str prefix, kida_error *err)
{
    kida_allocator a = kd_allocator_or_default(allocator);
    prefix = without_slashes(prefix);
    if (path.len == 0 || !kida_utf8_valid(prefix) || has_parent_segment(prefix)) {
        (void)kd_error_set(err, KIDA_E_USAGE, "%s",
                           path.len == 0 ? "the path of a template directory is empty"
                                         : "the prefix of a directory is no template name");
        return NULL;
    }
    kd_directory *d = kd_alloc_zero(&a, sizeof(*d));
    if (!d) {
        (void)kd_error_set(err, KIDA_E_NOMEM, NULL);
        return NULL;
    }
    d->allocator = a;
    d->handle = open(path.ptr, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (d->handle < 0) {
        (void)kd_error_set(err, KIDA_E_IO, "the template directory '%.*s' can't be opened: %s",
                           shown(path), path.ptr, reason_of(errno));
        kd_directory_free(d);
        return NULL;
    }
    if (!copy_text(&a, path, &d->path) || !copy_text(&a, prefix, &d->prefix)) {
        (void)kd_error_set(err, KIDA_E_NOMEM, NULL);
        kd_directory_free(d);
        return NULL;
    }
    return d;
}

void
kd_directory_free(void *user)
{
    kd_directory *d = user;
    if (!d)
        return;
    kida_allocator a = d->allocator;
    if (d->handle >= 0)
        (void)close(d->handle);
    kd_free(&a, (void *)(uintptr_t)d->path.ptr, d->path.len);
    kd_free(&a, (void *)(uintptr_t)d->prefix.ptr, d->prefix.len);
    kd_free(&a, d, sizeof(*d));
}
