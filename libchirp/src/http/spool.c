/* SPDX-License-Identifier: MIT */
/* spool.c - see spool.h. */
#define _GNU_SOURCE
#include "http/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIX "X" "X" "X" "X" "X" "X" /* places that mkostemp fills in */

/* Where the file system knows no files without a name: a name that is gone at once. */
static int
open_named(const char *directory)
{
    char name[PATH_MAX];
    int len = snprintf(name, sizeof(name), "%s/chirp-" SIX, directory);
    if (len < 0 || (size_t)len >= sizeof(name))
        return -1;
    int fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0)
        (void)unlink(name);
    return fd;
}

kida_status
ch_spool_open(ch_spool *spool, const char *directory)
{
    if (!directory || !*directory)
        directory = getenv("TMPDIR");
    if (!directory || !*directory)
        directory = "/tmp";
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        fd = open_named(directory);
    if (fd < 0)
        return KIDA_E_IO;
    *spool = (ch_spool){ .is_open = true, .fd = fd };
    return KIDA_OK;
}

kida_status
ch_spool_add(ch_spool *spool, kida_str piece)
{
    while (piece.len > 0) {
        ssize_t done = write(spool->fd, piece.ptr, piece.len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return KIDA_E_IO;
        piece.ptr += done;
        piece.len -= (size_t)done;
        spool->len += (uint64_t)done;
    }
    return KIDA_OK;
}

kida_str
ch_spool_text(ch_spool *spool)
{
    kida_str none = { NULL, 0 };
    if (spool->len == 0)
        return KIDA_S("");
    if (!spool->map) {
        if (spool->len > SIZE_MAX)
            return none;
        /* Nobody else has the file, so it can't shrink under the mapping. */
        void *map = mmap(NULL, (size_t)spool->len, PROT_READ, MAP_SHARED, spool->fd, 0);
        if (map == MAP_FAILED)
            return none;
        spool->map = map;
        spool->map_len = (size_t)spool->len;
    }
    return (kida_str){ spool->map, spool->map_len };
}

void
ch_spool_close(ch_spool *spool)
{
    if (!spool->is_open)
        return;
    if (spool->map)
        munmap(spool->map, spool->map_len);
    close(spool->fd);
    *spool = (ch_spool){ 0 };
}
