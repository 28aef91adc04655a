/* SPDX-License-Identifier: MIT */
/* main.c - a million mixed requests, or as many as the argument says: resident memory at the end
 * is within 2 % of that after the first tenth, and as many descriptors are open (robustness
 * ME-1). */
#define _GNU_SOURCE
#include "../../tests/http/steady.h"

#include <chirp/chirp.h>

#include <stdlib.h>

int
main(int argc, char **argv)
{
    steady run = { .requests = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000 };
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    if (run.requests < 100 || !steady_run(&run)) {
        fprintf(stderr, "usage: steady [number of requests, 100 or more]\n");
        return 2;
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%lu requests in %lld s, %lu wrong\n", run.requests,
           (long long)(end.tv_sec - begin.tv_sec), run.wrong);
    printf("after the first tenth %ld KiB, %ld descriptors\n", run.first.kib,
           run.first.descriptors);
    printf("at the end            %ld KiB, %ld descriptors\n", run.last.kib, run.last.descriptors);
    bool holds = run.wrong == 0 && run.last.descriptors == run.first.descriptors &&
                 run.last.kib <= run.first.kib + run.first.kib / 50;
    puts(holds ? "steady" : "not steady");
    return holds ? 0 : 1;
}
