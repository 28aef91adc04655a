/* SPDX-License-Identifier: MIT */
/* watch.c - room in the kernel's set of watched descriptors, before libuv needs it. Where libuv
 * waits by other means there is nothing to do. */
#define _GNU_SOURCE
#include "internal.h"

#ifdef __linux__

#include <errno.h>
#include <sys/epoll.h>

bool
ch_loop_can_watch(uv_loop_t *loop, int fd)
{
    struct epoll_event none = { .events = 0, .data.fd = fd };
    return epoll_ctl(uv_backend_fd(loop), EPOLL_CTL_ADD, fd, &none) == 0 || errno == EEXIST;
}

#else

bool
ch_loop_can_watch(uv_loop_t *loop, int fd)
{
    (void)loop;
    (void)fd;
    return true;
}

#endif
