/* SPDX-License-Identifier: MIT */
/* wire.c - connections over TCP sockets. */
#define _GNU_SOURCE
#include "internal.h"

#include <sys/socket.h>

#include "life.h"

/* ---- out ----------------------------------------------------------------------------------- */

static ptrdiff_t
tcp_send(ch_conn *conn, const kida_str *parts, size_t count)
{
    uv_buf_t bufs[2];
    for (size_t i = 0; i < count; i++)
        bufs[i] = (uv_buf_t){ .base = (char *)(uintptr_t)parts[i].ptr, .len = parts[i].len };
    int sent = uv_try_write((uv_stream_t *)&conn->tcp, bufs, (unsigned)count);
    if (sent == UV_EAGAIN)
        return 0;
    return sent < 0 ? -1 : sent;
}

static void
on_written(uv_write_t *write, int status)
{
    ch_conn_sent(write->data, status == 0);
}

static bool
tcp_send_later(ch_conn *conn, kida_str rest)
{
    uv_buf_t buf = { .base = (char *)(uintptr_t)rest.ptr, .len = rest.len };
    conn->write.data = conn;
    return uv_write(&conn->write, (uv_stream_t *)&conn->tcp, &buf, 1, on_written) == 0;
}

static size_t
tcp_waiting(const ch_conn *conn)
{
    return uv_stream_get_write_queue_size((const uv_stream_t *)&conn->tcp);
}

/* ---- in ------------------------------------------------------------------------------------ */

/* All connections of a worker read into the same memory: what is not parsed at once is copied. */
static void
on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)suggested;
    ch_conn *conn = handle->data;
    chirp_worker *worker = conn->worker;
    *buf = (uv_buf_t){ .base = worker->read_data, .len = sizeof(worker->read_data) };
    /* libuv would read on as long as every read is full: without room it lets the others go first,
     * and comes back in the next turn (BP-4). */
    if (conn->has_read_full)
        buf->len = 0;
    conn->has_read_full = false;
}

static void
on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
    ch_conn *conn = stream->data;
    conn->has_read_full = len == (ssize_t)sizeof(conn->worker->read_data);
    if (len > 0)
        ch_conn_input(conn, buf->base, (size_t)len);
    else if (len == UV_EOF)
        ch_conn_input_end(conn);
    else if (len < 0 && len != UV_ENOBUFS)
        ch_conn_lost(conn);
}

static void
tcp_read(ch_conn *conn, bool on)
{
    if (!on)
        uv_read_stop((uv_stream_t *)&conn->tcp);
    else if (uv_read_start((uv_stream_t *)&conn->tcp, on_alloc, on_read) != 0)
        ch_conn_lost(conn);
}

static bool
tcp_has_input(ch_conn *conn)
{
    char byte;
    uv_os_fd_t fd;
    return uv_fileno((uv_handle_t *)&conn->tcp, &fd) == 0 &&
           recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* ---- the end ------------------------------------------------------------------------------- */

static void
on_shutdown(uv_shutdown_t *shutdown, int status)
{
    /* The peer would never see the end: it is not waited for. */
    if (status < 0 && status != UV_ECANCELED)
        ch_conn_close(shutdown->data, false);
}

static void
tcp_shut(ch_conn *conn)
{
    conn->shutdown.data = conn;
    if (uv_shutdown(&conn->shutdown, (uv_stream_t *)&conn->tcp, on_shutdown) != 0)
        ch_conn_lost(conn);
}

static void
on_closed(uv_handle_t *handle)
{
    ch_conn_closed(handle->data);
}

#ifdef __SANITIZE_THREAD__
void __sanitizer_syscall_pre_impl_close(long fd);
void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);

/* libuv closes by a bare system call, which the thread sanitizer does not see: it would take the
 * next owner of the number, on another thread, for one that races with this one. It is told that
 * the number is free, and to overlook what libuv still does with it. */
static void
begin_unseen_close(const uv_tcp_t *tcp)
{
    uv_os_fd_t fd;
    if (uv_fileno((const uv_handle_t *)tcp, &fd) == 0)
        __sanitizer_syscall_pre_impl_close(fd);
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
}

static void
end_unseen_close(void)
{
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
}
#else
static void
begin_unseen_close(const uv_tcp_t *tcp)
{
    (void)tcp;
}

static void
end_unseen_close(void)
{
}
#endif

static void
tcp_close(ch_conn *conn, bool hard)
{
    begin_unseen_close(&conn->tcp);
    if (!hard || uv_tcp_close_reset(&conn->tcp, on_closed) != 0)
        uv_close((uv_handle_t *)&conn->tcp, on_closed);
    end_unseen_close();
}

const ch_wire ch_wire_tcp = {
    .send = tcp_send,
    .send_later = tcp_send_later,
    .waiting = tcp_waiting,
    .read = tcp_read,
    .has_input = tcp_has_input,
    .shut = tcp_shut,
    .close = tcp_close,
};

/* ---- the beginning ------------------------------------------------------------------------- */

static void
set_peer(ch_conn *conn)
{
    struct sockaddr_storage address;
    int len = sizeof(address);
    char name[CH_CLIENT_MAX] = "";
    uint32_t port = 0;
    if (uv_tcp_getpeername(&conn->tcp, (struct sockaddr *)&address, &len) == 0) {
        const void *raw = &address;
        if (address.ss_family == AF_INET6) {
            const struct sockaddr_in6 *six = raw;
            uv_ip6_name(six, name, sizeof(name));
            port = ntohs(six->sin6_port);
        } else {
            const struct sockaddr_in *four = raw;
            uv_ip4_name(four, name, sizeof(name));
            port = ntohs(four->sin_port);
        }
    }
    ch_request_set_client(&conn->req, kida_str_from(name), port);
}

/* A connection with a fresh handle, without a socket yet. */
static ch_conn *
open_conn(chirp_worker *worker)
{
    ch_conn *conn = ch_conn_open(worker, &ch_wire_tcp, NULL);
    if (!conn)
        return NULL;
    if (uv_tcp_init(&worker->loop, &conn->tcp) != 0) {
        conn->phase = CH_PHASE_CLOSED;
        ch_timer_stop(&worker->timers, &conn->phase_timer);
        ch_conn_closed(conn);
        return NULL;
    }
    conn->tcp.data = conn;
    return conn;
}

/* All clients of a proxy come from its address, so that is not counted. */
static ch_admission
admit(ch_conn *conn)
{
    ch_peers *peers = conn->worker->peers;
    if (!peers || ch_proxies_trust(&conn->worker->frozen->proxies, &conn->req))
        return CH_ADMITTED;
    return ch_peers_enter(peers, chirp_client(&conn->req), &conn->peer);
}

static void
start_conn(ch_conn *conn)
{
    uv_tcp_nodelay(&conn->tcp, 1);
    set_peer(conn);
    ch_life_opened(conn);
    ch_admission admission = admit(conn);
    if (admission == CH_ADMITTED_DROP) {
        ch_conn_close(conn, true);
        return;
    }
    tcp_read(conn, true);
    if (admission == CH_ADMITTED_NOT)
        ch_conn_refuse_client(conn);
}

bool
ch_wire_adopt(chirp_worker *worker, int fd)
{
    if (!ch_loop_can_watch(&worker->loop, fd))
        return false;
    ch_conn *conn = open_conn(worker);
    if (!conn)
        return false;
    if (uv_tcp_open(&conn->tcp, fd) != 0) {
        ch_conn_close(conn, false);
        return false;
    }
    start_conn(conn);
    return true;
}
