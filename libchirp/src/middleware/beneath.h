/* SPDX-License-Identifier: MIT */
/* beneath.h - opens served files without ever leaving their directory (SF-3, SF-4). */
#ifndef CH_MIDDLEWARE_BENEATH_H
#define CH_MIDDLEWARE_BENEATH_H

#include <stdbool.h>

/* Opens path, relative to the directory handle root, for reading and without blocking. Links are
 * followed as long as they stay inside, or not at all. Returns a descriptor or a negative errno:
 * -EXDEV for what leaves the directory, -ELOOP for a link that is not followed. */
int ch_beneath_open(int root, const char *path, bool follow_links);

/* The same without the help of the kernel, for tests and old kernels. */
int ch_beneath_walk(int root, const char *path, bool follow_links);

#endif
