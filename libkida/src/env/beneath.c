/* SPDX-License-Identifier: MIT */
/* beneath.c - opening files by a relative path that can't leave a directory: in one call where the
 * kernel knows how, else by walking with a handle per component. Nothing is looked at by name and
 * then opened by name. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* O_PATH, syscall */
#endif
#include "kida/env.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "memory/str.h"

#if defined(__linux__) && __has_include(<linux/openat2.h>)
#include <linux/openat2.h>
#include <sys/syscall.h>
#endif

#define PATH_ROOM 4096
#define DEPTH_MAX 64 /* directories below the root; also open handles of a walk */
#define LINKS_MAX 16
#define TRIES_MAX 8

#ifndef O_PATH
#define O_PATH O_RDONLY
#endif

/* Without O_NONBLOCK a pipe that nobody writes to would hold the caller. */
static int
open_flags(unsigned flags)
{
    return O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC |
           (flags & KIDA_BENEATH_DIRECTORY ? O_DIRECTORY : 0);
}

/* ---- component by component ------------------------------------------------------------------ */

typedef struct walk {
    int handles[DEPTH_MAX]; /* directories entered, outermost first; the root is not among them */
    size_t depth;
    int root;
    unsigned flags;
    unsigned links;       /* followed so far */
    char rest[PATH_ROOM]; /* still to go */
} walk;

static int
here(const walk *w)
{
    return w->depth > 0 ? w->handles[w->depth - 1] : w->root;
}

static void
climb(walk *w)
{
    (void)close(w->handles[--w->depth]);
}

/* Puts the target of the link called name in front of the rest; 0 or a negative errno. */
static int
follow(walk *w, const char *name)
{
    char target[PATH_ROOM];
    ssize_t got = readlinkat(here(w), name, target, sizeof(target));
    if (got < 0)
        return errno == EINVAL ? -ENOTDIR : -errno; /* EINVAL: no link */
    if (got == 0 || target[0] == '/')
        return got == 0 ? -ENOENT : -EXDEV;
    if (w->flags & KIDA_BENEATH_NO_LINKS || ++w->links > LINKS_MAX)
        return -ELOOP;

    size_t len = (size_t)got, rest = kida_str_from(w->rest).len;
    if (len + 1 + rest + 1 > sizeof(w->rest))
        return -ENAMETOOLONG;
    memmove(w->rest + len + 1, w->rest, rest + 1);
    memcpy(w->rest, target, len);
    w->rest[len] = rest > 0 ? '/' : '\0';
    return 0;
}

/* Cuts the first component off the rest; false at the end. */
static bool
next_component(walk *w, char name[256], bool *too_long)
{
    const char *at = w->rest;
    while (*at == '/')
        at++;
    const char *stop = at;
    while (*stop != '\0' && *stop != '/')
        stop++;
    size_t len = (size_t)(stop - at);
    *too_long = len > 255;
    if (len == 0 || *too_long)
        return false;
    memcpy(name, at, len);
    name[len] = '\0';
    memmove(w->rest, stop, kida_str_from(stop).len + 1);
    return true;
}

/* One step: enters a directory, follows a link, or opens the last component (*out). */
static int
step(walk *w, const char *name, int *out)
{
    if (strcmp(name, ".") == 0)
        return 0;
    if (strcmp(name, "..") == 0) {
        if (w->depth == 0)
            return -EXDEV;
        climb(w);
        return 0;
    }
    bool last = w->rest[0] == '\0';
    int flags = last ? open_flags(w->flags) : (O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = openat(here(w), name, flags | O_NOFOLLOW);
    if (fd < 0) {
        /* What a link that is not followed gives differs between systems and flags. */
        if (errno == ELOOP || errno == ENOTDIR || errno == EMLINK)
            return follow(w, name);
        return -errno;
    }
    if (last) {
        *out = fd;
    } else if (w->depth == DEPTH_MAX) {
        (void)close(fd);
        return -ENAMETOOLONG;
    } else {
        w->handles[w->depth++] = fd;
    }
    return 0;
}

static int
open_by_walk(int root, const char *path, unsigned flags)
{
    walk w = { .root = root, .flags = flags };
    size_t len = kida_str_from(path).len;
    char name[256];
    bool too_long = false;
    int st = 0, fd = -1;

    if (path[0] == '/')
        return -EXDEV;
    if (len == 0 || len >= sizeof(w.rest))
        return len == 0 ? -ENOENT : -ENAMETOOLONG;
    memcpy(w.rest, path, len + 1);

    while (st == 0 && fd < 0 && next_component(&w, name, &too_long))
        st = step(&w, name, &fd);
    if (st == 0 && fd < 0) {
        /* The path ended in "." or "..", or in a slash behind a directory. */
        if (too_long)
            st = -ENAMETOOLONG;
        else if ((fd = openat(here(&w), ".", open_flags(KIDA_BENEATH_DIRECTORY))) < 0)
            st = -errno;
    }
    while (w.depth > 0)
        climb(&w);
    return st == 0 ? fd : st;
}

/* ---- in one call ----------------------------------------------------------------------------- */

#if defined(SYS_openat2) && defined(RESOLVE_BENEATH)

static int
open_in_one_call(int root, const char *path, unsigned flags)
{
    struct open_how how = { .flags = (unsigned)open_flags(flags),
                            .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS |
                                       (flags & KIDA_BENEATH_NO_LINKS ? RESOLVE_NO_SYMLINKS : 0) };
    int tries = 0;
    long fd;
    do {
        fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
    } while (fd < 0 && (errno == EINTR || errno == EAGAIN) && ++tries < TRIES_MAX);
    return fd < 0 ? -errno : (int)fd;
}

#else

static int
open_in_one_call(int root, const char *path, unsigned flags)
{
    (void)root;
    (void)path;
    (void)flags;
    return -ENOSYS;
}

#endif

int
kida_open_beneath(int root, const char *path, unsigned flags)
{
    int fd = flags & KIDA_BENEATH_WALK ? -ENOSYS : open_in_one_call(root, path, flags);
    /* Old kernels lack the call; some containers forbid it; a tree that is being renamed all the
     * time makes it give up. */
    if (fd == -ENOSYS || fd == -EPERM || fd == -E2BIG || fd == -EINVAL || fd == -EAGAIN)
        return open_by_walk(root, path, flags);
    return fd;
}
