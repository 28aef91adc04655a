/* SPDX-License-Identifier: MIT */
/* beneath.h - opening files by a relative path that can't leave a directory. */
#ifndef KD_BENEATH_H
#define KD_BENEATH_H

#include <stdbool.h>

/*
 * Opens path below the directory handle root for reading, without waiting for anything (a pipe
 * without a writer opens at once). Links are followed while they stay below; absolute links and
 * links that climb out are refused. Returns a descriptor, or a negative errno: -EXDEV for a path
 * that leaves the directory.
 */
int kd_beneath_open(int root, const char *path, bool directory);

/* The same, component by component: for systems whose kernel can't do it in one call. */
int kd_beneath_walk(int root, const char *path, bool directory);

#endif
