/* SPDX-License-Identifier: MIT */
/* listener.c - one listening socket for each worker, all on the same port (SO_REUSEPORT). */
#define _GNU_SOURCE
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "config/fail.h"

#if defined(__linux__)
#include <linux/filter.h>
#endif

/* How many sockets one turn of the loop accepts at most. */
#define ACCEPT_BURST 64

/* ---- bind ---------------------------------------------------------------------------------- */

static bool
parse_address(const char *host, uint32_t port, struct sockaddr_storage *out, socklen_t *len)
{
    memset(out, 0, sizeof(*out));
    void *raw = out;
    if (uv_ip4_addr(host, (int)port, raw) == 0) {
        *len = sizeof(struct sockaddr_in);
        return true;
    }
    *len = sizeof(struct sockaddr_in6);
    return uv_ip6_addr(host, (int)port, raw) == 0;
}

/* A bound socket; -1 with errno. */
static int
bind_socket(const struct sockaddr_storage *address, socklen_t len, bool shared)
{
    int one = 1;
    int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    const void *raw = address;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
        (!shared || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)) == 0) &&
        bind(fd, raw, len) == 0)
        return fd;
    int reason = errno;
    close(fd);
    errno = reason;
    return -1;
}

/* Tells about errno, and closes the socket if there is one. */
static kida_status
bind_failed(const chirp_config *config, uint32_t port, int *fd, kida_error *err)
{
    int reason = errno;
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    kida_status st = ch_fail(err, KIDA_E_IO, "can't listen on %s:%u: %s", config->host,
                             (unsigned)port, uv_strerror(uv_translate_sys_error(reason)));
    if (reason == EADDRINUSE)
        return ch_fail_hint(err, st, "end the other process or choose another port");
    if (reason == EACCES)
        return ch_fail_hint(err, st, "choose a port above 1024, or run with more rights");
    return st;
}

/* 0 with errno if the system does not say. */
static uint32_t
bound_port(int fd)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    void *raw = &address;
    if (getsockname(fd, raw, &len) != 0)
        return 0;
    const struct sockaddr_in *four = raw;
    const struct sockaddr_in6 *six = raw;
    return ntohs(address.ss_family == AF_INET6 ? six->sin6_port : four->sin_port);
}

/* Workers share a socket that was bound before; each has a descriptor of its own to close. */
static kida_status
take_bound(const chirp_config *config, uint32_t *port, int *fd, kida_error *err)
{
    *fd = fcntl(config->listen_fd, F_DUPFD_CLOEXEC, 3);
    if (*fd < 0)
        return ch_fail(err, KIDA_E_IO, "listen_fd %d is no open socket", config->listen_fd);
    *port = bound_port(*fd);
    return *port > 0 ? KIDA_OK : bind_failed(config, *port, fd, err);
}

kida_status
ch_listen_bind(const chirp_config *config, bool is_first, uint32_t *port, int *fd, kida_error *err)
{
    struct sockaddr_storage address;
    socklen_t len;
    if (config->listen_fd >= 0)
        return take_bound(config, port, fd, err);
    const char *host = strcmp(config->host, "localhost") == 0 ? "127.0.0.1" : config->host;
    if (!parse_address(host, *port, &address, &len))
        return ch_fail(err, KIDA_E_USAGE, "'%s' is no IP address to listen on", config->host);

    /* Shared ports would let a second server bind too: a bind without sharing finds it (LC-4). */
    if (is_first && *port != 0) {
        int probe = bind_socket(&address, len, false);
        if (probe < 0)
            return bind_failed(config, *port, &probe, err);
        close(probe);
    }
    *fd = bind_socket(&address, len, true);
    if (*fd < 0)
        return bind_failed(config, *port, fd, err);
    uint32_t bound = bound_port(*fd);
    if (bound == 0)
        return bind_failed(config, *port, fd, err);
    *port = bound;
    return KIDA_OK;
}

/* ---- accept -------------------------------------------------------------------------------- */

static void
pause_accept(chirp_worker *worker)
{
    worker->accept_paused = true;
    uv_poll_stop(&worker->listener);
    ch_worker_tick_on(worker); /* there may be no connection whose end would go on with it */
}

/* Adopts one accepted socket; without memory for it, it waits. */
static bool
adopt(chirp_worker *worker, int fd)
{
    bool adopted = ch_wire_adopt(worker, fd);
    worker->waiting_fd = adopted ? -1 : fd;
    return adopted;
}

/* At the cap sockets wait in the kernel's queue (LM-8), as they do without descriptors (BP-3). That
 * is why the socket is only watched here and accepted from by our own hand: libuv's listening
 * streams spin for as long as accept fails. */
static void
accept_waiting(chirp_worker *worker, bool is_last_call)
{
    for (int i = 0; i < ACCEPT_BURST || is_last_call; i++) {
        if (worker->conn_count >= worker->conn_max) {
            pause_accept(worker);
            return;
        }
        int fd = accept4(worker->socket_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (fd < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (fd < 0 || !adopt(worker, fd)) {
            pause_accept(worker);
            return;
        }
    }
}

static void
on_readable(uv_poll_t *listener, int status, int events)
{
    (void)status;
    (void)events;
    accept_waiting(listener->data, false);
}

void
ch_listener_room(chirp_worker *worker)
{
    if (!worker->accept_paused || !worker->has_listener || worker->conn_count >= worker->conn_max)
        return;
    if (worker->waiting_fd >= 0 && !adopt(worker, worker->waiting_fd))
        return;
    worker->accept_paused = !ch_loop_can_watch(&worker->loop, worker->socket_fd) ||
                            uv_poll_start(&worker->listener, UV_READABLE, on_readable) != 0;
}

kida_status
ch_listener_start(chirp_worker *worker, int fd, kida_error *err)
{
    worker->waiting_fd = -1;
    worker->socket_fd = fd;
    int status = listen(fd, (int)worker->config->backlog) == 0 ? 0 : uv_translate_sys_error(errno);
    if (status == 0)
        status = uv_poll_init(&worker->loop, &worker->listener, fd); /* makes it non-blocking */
    if (status != 0) {
        close(fd);
        return ch_fail(err, KIDA_E_IO, "can't listen: %s", uv_strerror(status));
    }
    worker->listener.data = worker;
    worker->has_listener = true;
    worker->open_handles++;
    status = ch_loop_can_watch(&worker->loop, fd)
                 ? uv_poll_start(&worker->listener, UV_READABLE, on_readable)
                 : uv_translate_sys_error(errno);
    if (status != 0)
        return ch_fail(err, KIDA_E_IO, "can't listen: %s", uv_strerror(status));
    return KIDA_OK;
}

/* ---- stop ---------------------------------------------------------------------------------- */

static void
on_listener_closed(uv_handle_t *handle)
{
    chirp_worker *worker = handle->data;
    close(worker->socket_fd);
    worker->open_handles--;
}

/* From here on the kernel drops what begins a connection, so that none comes to be between the last
 * accept and the close; clients try again and find another server, or none. A socket that was bound
 * by somebody else stays open for the next to listen on it. */
static void
refuse_new(const chirp_worker *worker)
{
#if defined(__linux__)
    static struct sock_filter drop_syn[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13), /* flags of the TCP header */
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x02, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
    };
    struct sock_fprog program = { sizeof(drop_syn) / sizeof(drop_syn[0]), drop_syn };
    if (worker->config->listen_fd < 0)
        (void)setsockopt(worker->socket_fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                         sizeof(program));
#else
    (void)worker;
#endif
}

void
ch_listener_stop(chirp_worker *worker)
{
    if (!worker->has_listener)
        return;
    /* What the kernel has accepted already would be reset by the close: it is served too. */
    if (worker->state == CH_WORKER_DRAINING)
        refuse_new(worker);
    if (worker->waiting_fd >= 0 && !adopt(worker, worker->waiting_fd))
        close(worker->waiting_fd);
    worker->waiting_fd = -1;
    if (worker->state == CH_WORKER_DRAINING)
        accept_waiting(worker, true);
    if (worker->waiting_fd >= 0)
        close(worker->waiting_fd);
    worker->waiting_fd = -1;
    worker->has_listener = false;
    uv_close((uv_handle_t *)&worker->listener, on_listener_closed);
}
