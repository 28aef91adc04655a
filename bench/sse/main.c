/* SPDX-License-Identifier: MIT */
/* sse - opens many idle event streams to one worker and prints what each costs in memory, and how
 * long an event takes to reach all of them.
 *
 *     sse [clients]        10000 unless given
 *
 * The server is a process of its own, so that the memory of the clients does not count. */
#define _GNU_SOURCE
#include <chirp/chirp.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_PER_ADDRESS 20000

/* ---- the server ----------------------------------------------------------------------------- */

static chirp_hub *hub;
static int port_pipe;

static kida_status
follow(chirp_sse *sse, void *user)
{
    (void)user;
    return chirp_sse_follow(sse, hub, KIDA_S(""));
}

static chirp_reply *
events(chirp_request *req, void *user)
{
    static const chirp_sse_options options = { .heartbeat = 600000 };
    (void)user;
    return chirp_reply_sse(req, follow, NULL, &options);
}

static chirp_reply *
publish(chirp_request *req, void *user)
{
    (void)user;
    chirp_event event = { .event = KIDA_S("tick"), .data = chirp_body(req) };
    if (chirp_hub_publish(hub, KIDA_S(""), &event) != KIDA_OK)
        return NULL;
    return chirp_reply_empty(req, 204);
}

static kida_status
ready(chirp_app *app, void *user, kida_error *err)
{
    uint32_t port = chirp_port(app);
    (void)user;
    (void)err;
    return write(port_pipe, &port, sizeof(port)) == sizeof(port) ? KIDA_OK : KIDA_E_IO;
}

static int
serve(uint32_t clients)
{
    kida_error err;
    chirp_config config;
    chirp_config_init(&config);
    config.port = 0;
    config.workers = 1;
    config.max_connections = clients * 2 + 100;
    config.access_log = false;
    config.template_dir = "";
    chirp_app *app = chirp_app_new(&config, &err);
    hub = chirp_hub_new(NULL);
    if (!app || !hub)
        return 1;
    chirp_route(app, "GET", "/events", events, NULL);
    chirp_route(app, "POST", "/publish", publish, NULL);
    chirp_on_ready(app, ready, NULL);
    kida_status st = chirp_run(app, &err);
    if (st != KIDA_OK)
        fprintf(stderr, "%s\n", err.message);
    chirp_app_free(app);
    chirp_hub_free(hub);
    return st == KIDA_OK ? 0 : 1;
}

/* ---- the clients ---------------------------------------------------------------------------- */

static double
now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Resident KiB of a process. */
static long
resident(pid_t pid)
{
    char path[64];
    long pages = 0;
    snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
    FILE *file = fopen(path, "r");
    if (file) {
        if (fscanf(file, "%*s %ld", &pages) != 1)
            pages = 0;
        fclose(file);
    }
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static int
connect_one(uint32_t port, uint32_t number)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    struct sockaddr_in own = { .sin_family = AF_INET };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK + number / CLIENTS_PER_ADDRESS);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof(own)) != 0 ||
        connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        perror("connect");
        exit(1);
    }
    return fd;
}

/* Reads until something has come; false at the end of the stream or after 10 s. */
static bool
read_some(int fd)
{
    char text[4096];
    struct pollfd p = { .fd = fd, .events = POLLIN };
    return poll(&p, 1, 10000) == 1 && recv(fd, text, sizeof(text), 0) > 0;
}

static void
say(int fd, const char *text)
{
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) != (ssize_t)strlen(text)) {
        perror("send");
        exit(1);
    }
}

static void
measure(pid_t server, uint32_t port, uint32_t clients)
{
    int *fds = malloc(clients * sizeof(*fds));
    if (!fds)
        exit(1);
    int control = connect_one(port, 0);
    long before = resident(server);
    double begun = now();
    for (uint32_t i = 0; i < clients; i++) {
        fds[i] = connect_one(port, i);
        say(fds[i], "GET /events HTTP/1.1\r\nHost: bench\r\n\r\n");
        if (!read_some(fds[i])) {
            fprintf(stderr, "client %u got no stream\n", (unsigned)i);
            exit(1);
        }
    }
    printf("%u event streams on one worker, opened in %.2f s\n", (unsigned)clients, now() - begun);
    long opened = resident(server);
    printf("memory per client: %.2f KiB (server: %ld KiB before, %ld KiB with all)\n",
           (double)(opened - before) / clients, before, opened);
    sleep(2);
    printf("after 2 s at rest: %.2f KiB per client\n",
           (double)(resident(server) - before) / clients);

    begun = now();
    say(control, "POST /publish HTTP/1.1\r\nHost: bench\r\nContent-Length: 5\r\n\r\nhello");
    for (uint32_t i = 0; i < clients; i++) {
        if (!read_some(fds[i]))
            fprintf(stderr, "client %u got no event\n", (unsigned)i);
    }
    printf("one event to all of them: %.1f ms\n", (now() - begun) * 1000);
    for (uint32_t i = 0; i < clients; i++)
        close(fds[i]);
    sleep(1);
    printf("after all have left: %ld KiB\n", resident(server));
    close(control);
    free(fds);
}

int
main(int argc, char **argv)
{
    long clients = argc > 1 ? strtol(argv[1], NULL, 10) : 10000;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (clients < 1 || (uint64_t)clients + 100 > files.rlim_cur) {
        fprintf(stderr, "clients: 1 to %llu, the limit of open files\n",
                (unsigned long long)files.rlim_cur - 100);
        return 2;
    }
    int pipes[2];
    if (pipe(pipes) != 0)
        return 1;
    port_pipe = pipes[1];
    pid_t server = fork();
    if (server == 0)
        _exit(serve((uint32_t)clients));
    uint32_t port;
    if (server < 0 || read(pipes[0], &port, sizeof(port)) != sizeof(port))
        return 1;
    measure(server, port, (uint32_t)clients);
    kill(server, SIGTERM);
    waitpid(server, NULL, 0);
    return 0;
}
