/* SPDX-License-Identifier: MIT */
/* load.c - the load generator: one thread, epoll, every connection has one request in flight. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

#define CONNECTIONS_MAX 256

typedef struct connection {
    int fd;
    size_t left; /* bytes of the response still to come */
} connection;

static int
dial(uint16_t port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int one = 1;
    struct timeval patience = { .tv_sec = 5 }; /* a server that never answers ends the run */
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

static size_t
request_text(char *out, size_t size, const char *path)
{
    int n = snprintf(out, size, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n", path);
    return n > 0 ? (size_t)n : 0;
}

char *
load_once(uint16_t port, const char *path, size_t *len)
{
    int fd = dial(port);
    char request[256];
    size_t size = request_text(request, sizeof(request), path);
    char *out = calloc(1, 1 << 20);
    if (fd < 0 || !out || write(fd, request, size) != (ssize_t)size) {
        free(out);
        return NULL;
    }
    size_t used = 0, whole = SIZE_MAX;
    while (used < whole && used < (1u << 20) - 1) {
        ssize_t n = read(fd, out + used, (1u << 20) - 1 - used);
        if (n <= 0)
            break;
        used += (size_t)n;
        char *end = strstr(out, "\r\n\r\n");
        char *length = strcasestr(out, "\r\ncontent-length: ");
        if (end && length)
            whole = (size_t)(end + 4 - out) + strtoul(length + 18, NULL, 10);
    }
    close(fd);
    *len = used;
    return out;
}

static double
now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* User and system time of a process in microseconds, as the kernel has accounted it. */
static void
cpu_time(pid_t pid, double *user, double *system)
{
    char path[64], line[1024] = "";
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "r");
    if (f) {
        if (!fgets(line, sizeof(line), f))
            line[0] = '\0';
        fclose(f);
    }
    unsigned long ticks[2] = { 0, 0 };
    char *behind = strrchr(line, ')');
    if (behind)
        sscanf(behind + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &ticks[0],
               &ticks[1]);
    double tick = 1e6 / (double)sysconf(_SC_CLK_TCK);
    *user = (double)ticks[0] * tick;
    *system = (double)ticks[1] * tick;
}

static bool
answer(connection *c, size_t size, uint64_t *done, load_result *out)
{
    char buf[64 << 10];
    ssize_t n = read(c->fd, buf, sizeof(buf));
    if (n <= 0 || (size_t)n > c->left)
        return false;
    out->bytes += (uint64_t)n;
    c->left -= (size_t)n;
    if (c->left == 0) {
        c->left = size;
        (*done)++;
    }
    return true;
}

bool
load_run(uint16_t port, const char *path, unsigned connections, uint64_t count, pid_t server,
         load_result *out)
{
    char request[256];
    size_t request_size = request_text(request, sizeof(request), path);
    size_t size = 0;
    free(load_once(port, path, &size));
    static connection all[CONNECTIONS_MAX];
    int poll = epoll_create1(EPOLL_CLOEXEC);
    bool good = size > 0 && poll >= 0 && connections <= CONNECTIONS_MAX;
    memset(out, 0, sizeof(*out));
    for (unsigned i = 0; i < connections && good; i++) {
        all[i] = (connection){ dial(port), size };
        struct epoll_event ev = { .events = EPOLLIN, .data.ptr = &all[i] };
        good = all[i].fd >= 0 && epoll_ctl(poll, EPOLL_CTL_ADD, all[i].fd, &ev) == 0;
    }
    double user[2], system[2];
    cpu_time(server, &user[0], &system[0]);
    double start = now();
    uint64_t sent = 0, done = 0;
    for (unsigned i = 0; i < connections && good; i++, sent++)
        good = write(all[i].fd, request, request_size) == (ssize_t)request_size;
    while (good && done < count) {
        struct epoll_event ready[CONNECTIONS_MAX];
        int n = epoll_wait(poll, ready, CONNECTIONS_MAX, 5000);
        good = n > 0;
        for (int i = 0; i < n && good; i++) {
            connection *c = ready[i].data.ptr;
            uint64_t before = done;
            good = answer(c, size, &done, out);
            if (good && done > before && sent < count) {
                good = write(c->fd, request, request_size) == (ssize_t)request_size;
                sent++;
            }
        }
    }
    out->seconds = now() - start;
    cpu_time(server, &user[1], &system[1]);
    out->requests = done;
    out->server_user_us = done ? (user[1] - user[0]) / (double)done : 0;
    out->server_system_us = done ? (system[1] - system[0]) / (double)done : 0;
    for (unsigned i = 0; i < connections; i++)
        if (all[i].fd > 0)
            close(all[i].fd);
    if (poll >= 0)
        close(poll);
    return good;
}
