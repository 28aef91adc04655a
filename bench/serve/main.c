/* SPDX-License-Identifier: MIT */
/*
 * main.c - requests per second and CPU per request of a libchirp server, as ratios to a raw epoll
 * loop that sends the same bytes (fortunes: rendered by hand for every request), and to nginx
 * sending them from a file where nginx is installed. Loopback only, bounded in count.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"
#include "servers.h"

#define ROUNDS 3

typedef struct server {
    pid_t pid;
    uint16_t port;
} server;

static const workload workloads[] = {
    { "plaintext", "/plaintext" }, { "json", "/json" }, { "fortunes", "/fortunes" },
};

typedef enum which { CHIRP, RAW, NGINX, SERVERS } which;

static const char *const server_names[SERVERS] = { "libchirp", "raw epoll", "nginx (file)" };

/* ---- starting and stopping ------------------------------------------------------------------- */

static server
start(int kind, const char *response, size_t len, bool by_hand)
{
    int ends[2];
    server s = { 0, 0 };
    uint32_t port = 0;
    if (pipe(ends) != 0)
        return s;
    fflush(stdout);
    s.pid = fork();
    if (s.pid == 0) {
        close(ends[0]);
        if (kind == CHIRP)
            serve_chirp(ends[1], BENCH_RENDER_DIR);
        serve_raw(ends[1], response, len, BENCH_RENDER_DIR, by_hand);
    }
    close(ends[1]);
    if (s.pid < 0 || read(ends[0], &port, sizeof(port)) != sizeof(port))
        fprintf(stderr, "%s did not start\n", server_names[kind]);
    close(ends[0]);
    s.port = (uint16_t)port;
    return s;
}

static void
stop(server s)
{
    if (s.pid <= 0)
        return;
    kill(s.pid, SIGTERM);
    waitpid(s.pid, NULL, 0);
}

/* nginx with one worker in the foreground, sending the body from a file. */
static server
start_nginx(const char *dir, const char *response, const char *path)
{
    char name[600], conf[4096];
    server s = { 0, 18099 };
    if (access("/usr/sbin/nginx", X_OK) != 0)
        return s;
    const char *body = strstr(response, "\r\n\r\n");
    snprintf(name, sizeof(name), "%s%s", dir, path);
    FILE *f = fopen(name, "w");
    if (!f || !body)
        return s;
    fputs(body + 4, f);
    fclose(f);
    snprintf(name, sizeof(name), "%s/nginx.conf", dir);
    snprintf(conf, sizeof(conf),
             "daemon off; master_process off; worker_processes 1; pid %s/pid; error_log %s/error;\n"
             "events { worker_connections 512; }\n"
             "http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000;\n"
             "open_file_cache max=10; server { listen 127.0.0.1:%u; root %s; } }\n",
             dir, dir, s.port, dir);
    f = fopen(name, "w");
    if (!f)
        return s;
    fputs(conf, f);
    fclose(f);
    s.pid = fork();
    if (s.pid == 0) {
        execl("/usr/sbin/nginx", "nginx", "-p", dir, "-c", name, (char *)NULL);
        _exit(1);
    }
    for (int i = 0; i < 100; i++) {
        size_t len;
        char *got = load_once(s.port, path, &len);
        free(got);
        if (got)
            return s;
        usleep(20000);
    }
    stop(s);
    s.pid = 0;
    return s;
}

/* ---- measuring ------------------------------------------------------------------------------- */

static double
total(const load_result *r)
{
    return r->server_user_us + r->server_system_us;
}

static int
by_cpu(const void *a, const void *b)
{
    double x = total(a), y = total(b);
    return (x > y) - (x < y);
}

static void
report(const char *name, load_result *rounds, double raw)
{
    qsort(rounds, ROUNDS, sizeof(*rounds), by_cpu);
    const load_result *r = &rounds[ROUNDS / 2];
    printf("  %-14s %9.0f req/s   %6.2f us user  %6.2f us system  %6.2f us CPU   ratio %.2f\n",
           name, (double)r->requests / r->seconds, r->server_user_us, r->server_system_us, total(r),
           raw > 0 ? total(r) / raw : 0);
}

/* A B C A B C …: each round measures every server, so that noise hits all alike. */
static bool
measure(const workload *w, uint64_t count, const char *dir)
{
    size_t len = 0;
    server servers[SERVERS] = { 0 };
    load_result results[SERVERS][ROUNDS] = { 0 };
    servers[CHIRP] = start(CHIRP, NULL, 0, false);
    char *response = servers[CHIRP].port ? load_once(servers[CHIRP].port, w->path, &len) : NULL;
    bool good = response && strncmp(response, "HTTP/1.1 200", 12) == 0;
    if (good) {
        bool by_hand = strcmp(w->name, "fortunes") == 0;
        servers[RAW] = start(RAW, response, len, by_hand);
        servers[NGINX] = start_nginx(dir, response, w->path);
    }
    for (int round = 0; round < ROUNDS && good; round++) {
        for (int kind = 0; kind < SERVERS && good; kind++)
            if (servers[kind].pid > 0)
                good = load_run(servers[kind].port, w->path, 32, count, servers[kind].pid,
                                &results[kind][round]);
    }
    printf("%s, %zu bytes\n", w->name, len);
    if (!good)
        fprintf(stderr, "a server did not answer, or with another length than libchirp\n");
    load_result raw[ROUNDS];
    memcpy(raw, results[RAW], sizeof(raw));
    qsort(raw, ROUNDS, sizeof(*raw), by_cpu);
    for (int kind = 0; kind < SERVERS && good; kind++)
        if (servers[kind].pid > 0)
            report(server_names[kind], results[kind], total(&raw[ROUNDS / 2]));
    for (int kind = 0; kind < SERVERS; kind++)
        stop(servers[kind]);
    free(response);
    return good;
}

int
main(int argc, char **argv)
{
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 200000;
    char dir[] = "/tmp/chirp-bench-XXXXXX";
    if (count == 0 || count > 100000000 || !mkdtemp(dir)) {
        fprintf(stderr, "usage: serve [requests per round, default 200000]\n");
        return 2;
    }
    chmod(dir, 0755);
    signal(SIGPIPE, SIG_IGN);
    printf("32 keep-alive connections, %llu requests a round, %d rounds, medians; ratio: CPU "
           "against the raw loop\n", (unsigned long long)count, ROUNDS);
    bool good = true;
    for (size_t i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++)
        good = measure(&workloads[i], count, dir) && good;
    return good ? 0 : 1;
}
