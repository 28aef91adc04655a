/* SPDX-License-Identifier: MIT */
/* yardstick.h - the hand-written renders that every figure is a ratio to. */
#ifndef BENCH_YARDSTICK_H
#define BENCH_YARDSTICK_H

#include <stddef.h>

/** Reads dir/data/<workload>.json; from then on that workload is rendered. */
void yardstick_load(const char *workload, const char *dir);

/** Renders into a buffer that is used again; returns the length. */
size_t yardstick_render(const char **text);

#endif
