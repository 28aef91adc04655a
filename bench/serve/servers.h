/* SPDX-License-Identifier: MIT */
/* servers.h - what is measured, each in a process of its own: libchirp, a raw epoll loop, nginx. */
#ifndef BENCH_SERVERS_H
#define BENCH_SERVERS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct workload {
    const char *name;
    const char *path;
} workload;

/** Serves with libchirp, one worker, until killed; writes its port to fd. Does not return. */
void serve_chirp(int fd, const char *bench_dir);

/** Answers every request with the same bytes, or, for fortunes, with a page rendered by hand
 *  behind the same head; writes its port to fd. Does not return. */
void serve_raw(int fd, const char *response, size_t len, const char *bench_dir, int by_hand);

#endif
