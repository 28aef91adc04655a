/* SPDX-License-Identifier: MIT */
/* beneath.c - one call where the kernel can keep a path inside, else a walk that holds a handle of
 * every directory on the way, so that nothing is judged by name and opened by name later. */
#define _GNU_SOURCE
#include "beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <kida/kida.h>

#if defined(__linux__) && __has_include(<linux/openat2.h>)
#include <linux/openat2.h>
#include <sys/syscall.h>
#endif

#define PATH_ROOM 4096
#define DEPTH_MAX 64
#define LINKS_MAX 16
#define TRIES_MAX 8

/* O_NONBLOCK: a pipe without a writer must not hold the worker (SF-5). */
#define FILE_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* ---- component by component ------------------------------------------------------------------ */

typedef struct walk {
    int dirs[DEPTH_MAX]; /* entered so far; the root is not among them */
    size_t depth;
    int root;
    unsigned links;
    bool follow_links;
    size_t len;          /* of rest */
    char rest[PATH_ROOM];
} walk;

static int
current(const walk *self)
{
    return self->depth > 0 ? self->dirs[self->depth - 1] : self->root;
}

/* Takes the first component off the rest; its length, 0 at the end. */
static size_t
take_name(walk *self, char name[256])
{
    size_t start = 0;
    while (start < self->len && self->rest[start] == '/')
        start++;
    size_t end = start;
    while (end < self->len && self->rest[end] != '/')
        end++;
    size_t len = end - start;
    if (len > 0 && len < 256) {
        memcpy(name, self->rest + start, len);
        name[len] = '\0';
    }
    memmove(self->rest, self->rest + end, self->len - end);
    self->len -= end;
    return len;
}

/* Puts what a link says in front of the rest; 0 or a negative errno. */
static int
expand_link(walk *self, const char *name)
{
    char target[PATH_ROOM];
    ssize_t got = readlinkat(current(self), name, target, sizeof(target));
    if (got < 0)
        return errno == EINVAL ? -ENOTDIR : -errno; /* EINVAL: it is no link */
    if (!self->follow_links || ++self->links > LINKS_MAX)
        return -ELOOP;
    if (got == 0 || target[0] == '/')
        return -EXDEV;
    size_t len = (size_t)got;
    if (len + self->len >= sizeof(self->rest))
        return -ENAMETOOLONG;
    memmove(self->rest + len, self->rest, self->len);
    memcpy(self->rest, target, len);
    self->len += len;
    return 0;
}

/* One component: enters it, expands it, or opens it into *out if it is the last. */
static int
step(walk *self, const char *name, int *out)
{
    if (strcmp(name, ".") == 0)
        return 0;
    if (strcmp(name, "..") == 0) {
        if (self->depth == 0)
            return -EXDEV;
        (void)close(self->dirs[--self->depth]);
        return 0;
    }
    bool is_last = self->len == 0;
    int flags = is_last ? FILE_FLAGS : O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    int fd = openat(current(self), name, flags | O_NOFOLLOW);
    if (fd < 0 && (errno == ELOOP || errno == ENOTDIR || errno == EMLINK))
        return expand_link(self, name);
    if (fd < 0)
        return -errno;
    if (is_last) {
        *out = fd;
    } else if (self->depth == DEPTH_MAX) {
        (void)close(fd);
        return -ENAMETOOLONG;
    } else {
        self->dirs[self->depth++] = fd;
    }
    return 0;
}

int
ch_beneath_walk(int root, const char *path, bool follow_links)
{
    walk self = { .root = root, .follow_links = follow_links, .len = kida_str_from(path).len };
    if (path[0] == '/')
        return -EXDEV;
    if (self.len >= sizeof(self.rest))
        return -ENAMETOOLONG;
    memcpy(self.rest, path, self.len);

    char name[256];
    int st = 0, fd = -1;
    while (st == 0 && fd < 0) {
        size_t len = take_name(&self, name);
        if (len >= sizeof(name)) {
            st = -ENAMETOOLONG;
        } else if (len == 0) {
            fd = openat(current(&self), ".", FILE_FLAGS | O_DIRECTORY);
            st = fd < 0 ? -errno : 0;
        } else {
            st = step(&self, name, &fd);
        }
    }
    while (self.depth > 0)
        (void)close(self.dirs[--self.depth]);
    return st == 0 ? fd : st;
}

/* ---- in one call ----------------------------------------------------------------------------- */

#if defined(SYS_openat2) && defined(RESOLVE_BENEATH)

static int
open_in_one_call(int root, const char *path, bool follow_links)
{
    struct open_how how = { .flags = FILE_FLAGS,
                            .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS |
                                       (follow_links ? 0 : RESOLVE_NO_SYMLINKS) };
    long fd;
    int tries = 0;
    do {
        fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
    } while (fd < 0 && (errno == EINTR || errno == EAGAIN) && ++tries < TRIES_MAX);
    return fd < 0 ? -errno : (int)fd;
}

#else

static int
open_in_one_call(int root, const char *path, bool follow_links)
{
    (void)root;
    (void)path;
    (void)follow_links;
    return -ENOSYS;
}

#endif

int
ch_beneath_open(int root, const char *path, bool follow_links)
{
    int fd = open_in_one_call(root, path, follow_links);
    /* Old kernels lack the call, some containers forbid it, and a tree that is renamed all the
     * time makes it give up. */
    if (fd == -ENOSYS || fd == -EPERM || fd == -E2BIG || fd == -EINVAL || fd == -EAGAIN)
        return ch_beneath_walk(root, path, follow_links);
    return fd;
}
