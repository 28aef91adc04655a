/* SPDX-License-Identifier: MIT */
/* served.h - an app that really listens, on a loopback port of its own, and sockets that talk to
 * it. All waiting is bounded. */
#ifndef T_HTTP_SERVED_H
#define T_HTTP_SERVED_H

#include "app.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef struct t_served {
    t_app base;
    pthread_t thread;
    kida_status status;
} t_served;

static void *
t_serve_thread(void *arg)
{
    t_served *served = arg;
    served->status = chirp_run(served->base.app, &served->base.err);
    return NULL;
}

/* Call t_app_init and t_app_open for base first. */
static inline void
t_serve(t_served *served)
{
    const struct timespec nap = { 0, 2000000 };
    served->status = KIDA_OK;
    assert_int_equal(pthread_create(&served->thread, NULL, t_serve_thread, served), 0);
    for (int i = 0; i < 2000 && chirp_port(served->base.app) == 0; i++)
        nanosleep(&nap, NULL);
    if (chirp_port(served->base.app) == 0)
        fail_msg("the server does not listen: %s", served->base.err.message);
}

static inline void
t_serve_end(t_served *served)
{
    chirp_stop(served->base.app);
    pthread_join(served->thread, NULL);
    assert_int_equal(served->status, KIDA_OK);
    t_app_close(&served->base);
}

/* receive_buffer 0: as the system likes. */
static inline int
t_connect(const t_served *served, int receive_buffer)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)chirp_port(served->base.app)) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    if (receive_buffer > 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static inline void
t_send(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* Reads until text holds part (NULL: until the end of the stream), at most 5 s. Returns the number
 * of bytes; text is NUL-ended and cut at room. */
static inline size_t
t_read(int fd, const char *part, char *text, size_t room)
{
    size_t len = 0;
    for (int turns = 0; turns < 500; turns++) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        if (poll(&p, 1, 10) == 0)
            continue;
        char drop[4096];
        bool full = len + 1 >= room;
        ssize_t got = full ? recv(fd, drop, sizeof(drop), 0)
                           : recv(fd, text + len, room - 1 - len, 0);
        if (got <= 0)
            break;
        len += full ? 0 : (size_t)got;
        text[len] = 0;
        turns = 0;
        if (part && strstr(text, part))
            break;
    }
    text[len] = 0;
    return len;
}

/* Whether *number becomes want within 5 s. */
static inline bool
t_becomes(const volatile unsigned *number, unsigned want)
{
    const struct timespec nap = { 0, 2000000 };
    for (int i = 0; i < 2500 && __atomic_load_n(number, __ATOMIC_ACQUIRE) != want; i++)
        nanosleep(&nap, NULL);
    return __atomic_load_n(number, __ATOMIC_ACQUIRE) == want;
}

/* Resident memory of this process in KiB; 0 where a sanitizer keeps freed memory. */
static inline long
t_resident(void)
{
    long pages = 0;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return pages;
#endif
    FILE *file = fopen("/proc/self/statm", "r");
    if (file) {
        if (fscanf(file, "%*s %ld", &pages) != 1)
            pages = 0;
        fclose(file);
    }
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

#endif
