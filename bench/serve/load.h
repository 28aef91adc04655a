/* SPDX-License-Identifier: MIT */
/* load.h - a load of keep-alive requests on loopback, bounded in count. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct load_result {
    double seconds;
    double server_user_us;   /* CPU of the server per request, microseconds */
    double server_system_us;
    uint64_t requests;
    uint64_t bytes;
} load_result;

/** Sends count GET requests for path over connections, one at a time on each; server is the process
 *  whose CPU is charged. False: the server did not answer as expected. */
bool load_run(uint16_t port, const char *path, unsigned connections, uint64_t count, pid_t server,
              load_result *out);

/** One request; the whole response, NUL-ended, in memory that the caller frees. NULL: no answer. */
char *load_once(uint16_t port, const char *path, size_t *len);

#endif
