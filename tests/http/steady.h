/* SPDX-License-Identifier: MIT */
/* steady.h - a mixed load of any length against a server in this process, and what it leaves
 * (robustness ME-1): requests on one connection, on many, wrong ones, uploads, resets. A test runs
 * some thousands of them, bench/steady a million. Included by one file each. */
#ifndef T_HTTP_STEADY_H
#define T_HTTP_STEADY_H

#include <arpa/inet.h>
#include <chirp/chirp.h>
#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define STEADY_HOST "Host: h\r\n"

enum { STEADY_UPLOAD = 20000, STEADY_CLIENTS = 4 };

typedef struct steady_level {
    long kib;           /* resident memory; 0: not known */
    long descriptors;
} steady_level;

typedef struct steady {
    unsigned long requests; /* in: how many; of which the first tenth warms up */
    steady_level first;     /* out: after the first tenth */
    steady_level last;      /* out: at the end */
    unsigned long wrong;    /* out: answers that are not as they should be */
    chirp_app *app;
    unsigned long done;     /* atomic */
} steady;

static chirp_reply *
steady_plain(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, KIDA_S("plain"));
}

static chirp_reply *
steady_size(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_textf(req, "<%zu>", chirp_body(req).len);
}

static steady_level
steady_measure(void)
{
    steady_level level = { 0, 0 };
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    FILE *file = fopen("/proc/self/statm", "r");
    long pages;
    if (file && fscanf(file, "%*s %ld", &pages) == 1)
        level.kib = pages * (sysconf(_SC_PAGESIZE) / 1024);
    if (file)
        fclose(file);
#endif
    DIR *dir = opendir("/proc/self/fd");
    while (dir && readdir(dir))
        level.descriptors++;
    if (dir)
        closedir(dir);
    return level;
}

static int
steady_connect(const steady *self)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)chirp_port(self->app)) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Ends with a reset instead of in order. */
static void
steady_reset(int fd)
{
    struct linger now = { 1, 0 };
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(fd);
}

/* Sends bytes and reads until part has come; false if the connection ends before. */
static bool
steady_ask(int fd, const char *bytes, size_t len, const char *part)
{
    char text[8192];
    size_t have = 0;
    if (send(fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len)
        return false;
    for (;;) {
        ssize_t got = recv(fd, text + have, sizeof(text) - 1 - have, 0);
        if (got <= 0)
            return false;
        have += (size_t)got;
        text[have] = '\0';
        if (strstr(text, part))
            return true;
        if (have == sizeof(text) - 1)
            return false;
    }
}

static bool
steady_alone(const steady *self, const char *bytes, size_t len, const char *part)
{
    int fd = steady_connect(self);
    bool fits = fd >= 0 && steady_ask(fd, bytes, len, part);
    if (fd >= 0)
        close(fd);
    return fits;
}

#define STEADY_TEXT(text) text, sizeof(text) - 1

/* The n-th request of the mix; kept is the connection of those that keep one. */
static bool
steady_one(const steady *self, unsigned long n, int *kept, const char *upload, size_t upload_len)
{
    static const char get[] = "GET / HTTP/1.1\r\n" STEADY_HOST "\r\n";
    int fd;
    switch (n % 16) {
    case 0: /* an upload that goes to a file */
        return steady_alone(self, upload, upload_len, "<20000>");
    case 1:
        return steady_alone(self, STEADY_TEXT("GET / HTTP/1.1\r\n" STEADY_HOST
                                              "Connection: close\r\n\r\n"), "plain");
    case 2:
        return steady_alone(self, STEADY_TEXT("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), " 400 ");
    case 3: /* leaves in the middle of its body */
        if ((fd = steady_connect(self)) < 0)
            return false;
        (void)!send(fd, upload, upload_len / 2, MSG_NOSIGNAL);
        steady_reset(fd);
        return true;
    case 4: /* leaves without reading its answer */
        if ((fd = steady_connect(self)) < 0)
            return false;
        (void)!send(fd, get, sizeof(get) - 1, MSG_NOSIGNAL);
        steady_reset(fd);
        return true;
    default:
        break;
    }
    if (*kept < 0)
        *kept = steady_connect(self);
    bool fits = *kept >= 0;
    if (n % 16 == 5)
        fits = fits && steady_ask(*kept, STEADY_TEXT("GET /none HTTP/1.1\r\n" STEADY_HOST "\r\n"),
                                  "\r\n\r\n");
    else if (n % 16 == 6)
        fits = fits && steady_ask(*kept, STEADY_TEXT("POST /size HTTP/1.1\r\n" STEADY_HOST
                                                     "Transfer-Encoding: chunked\r\n\r\n"
                                                     "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), "<5>");
    else
        fits = fits && steady_ask(*kept, get, sizeof(get) - 1, "plain");
    if (!fits || n % 1600 == 15) { /* a 404 may come in two pieces: what is left of it goes too */
        if (*kept >= 0)
            close(*kept);
        *kept = -1;
    }
    return fits;
}

static void *
steady_client(void *arg)
{
    steady *self = arg;
    char upload[STEADY_UPLOAD + 128];
    int len = snprintf(upload, sizeof(upload), "POST /size HTTP/1.1\r\n" STEADY_HOST
                       "Connection: close\r\nContent-Length: %d\r\n\r\n", STEADY_UPLOAD);
    memset(upload + len, 'x', STEADY_UPLOAD);
    int kept = -1;
    for (;;) {
        unsigned long n = __atomic_fetch_add(&self->done, 1, __ATOMIC_ACQ_REL);
        if (n >= self->requests)
            break;
        if (!steady_one(self, n, &kept, upload, (size_t)len + STEADY_UPLOAD))
            __atomic_fetch_add(&self->wrong, 1, __ATOMIC_ACQ_REL);
    }
    if (kept >= 0)
        close(kept);
    return NULL;
}

/* Makes so many requests and waits until the server has seen its clients leave. */
static steady_level
steady_phase(steady *self, unsigned long requests)
{
    const struct timespec nap = { 0, 500000000 };
    pthread_t clients[STEADY_CLIENTS];
    unsigned long all = self->requests;
    self->requests = requests;
    self->done = 0;
    for (int i = 0; i < STEADY_CLIENTS; i++)
        pthread_create(&clients[i], NULL, steady_client, self);
    for (int i = 0; i < STEADY_CLIENTS; i++)
        pthread_join(clients[i], NULL);
    self->requests = all;
    nanosleep(&nap, NULL);
    return steady_measure();
}

static void *
steady_server(void *arg)
{
    steady *self = arg;
    kida_error err;
    if (chirp_run(self->app, &err) != KIDA_OK)
        fprintf(stderr, "%s\n", err.message);
    return NULL;
}

/* The whole run. False if there is no server. */
static bool
steady_run(steady *self)
{
    const struct timespec nap = { 0, 2000000 };
    chirp_config config;
    kida_error err;
    pthread_t server;
    chirp_config_init(&config);
    config.port = 0;
    config.workers = 2;
    config.access_log = false;
    config.log_level = CHIRP_LEVEL_ERROR;
    config.static_dir = config.template_dir = "";
    config.max_body_memory = 1000;
    config.max_connection_requests = 1000000;
    self->app = chirp_app_new(&config, &err);
    if (!self->app)
        return false;
    chirp_route(self->app, "GET", "/", steady_plain, NULL);
    chirp_route(self->app, "POST", "/size", steady_size, NULL);
    bool runs = pthread_create(&server, NULL, steady_server, self) == 0;
    for (int i = 0; runs && i < 2000 && chirp_port(self->app) == 0; i++)
        nanosleep(&nap, NULL);
    if (runs) {
        self->first = steady_phase(self, self->requests / 10);
        self->last = steady_phase(self, self->requests - self->requests / 10);
        chirp_stop(self->app);
        pthread_join(server, NULL);
    }
    chirp_app_free(self->app);
    return runs;
}

#endif
