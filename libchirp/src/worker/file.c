/* SPDX-License-Identifier: MIT */
/* file.c - files as bodies: read piece by piece as the peer takes them, never mapped, so that a
 * file which shrinks meanwhile is an error and no fault (SF-17). What lies in the page cache is
 * read at once; what does not is read by a helper thread. */
#define _GNU_SOURCE
#include "internal.h"

#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

#define PIECE ((size_t)64 << 10)

typedef struct piece {
    int fd;
    char *into;
    size_t len;
    uint64_t offset;
    ssize_t got;
} piece;

static void
read_waiting(void *arg)
{
    piece *self = arg;
    do {
        self->got = pread(self->fd, self->into, self->len, (off_t)self->offset);
    } while (self->got < 0 && errno == EINTR);
}

#ifdef RWF_NOWAIT
/* Reads what needs no disk. False: a helper thread has to. */
static bool
read_cached(piece *self)
{
    struct iovec part = { self->into, self->len };
    self->got = preadv2(self->fd, &part, 1, (off_t)self->offset, RWF_NOWAIT);
    if (self->got >= 0)
        return true;
    if (errno == EAGAIN)
        return false;
    read_waiting(self); /* a file system that does not know the question */
    return true;
}
#else
static bool
read_cached(piece *self)
{
    (void)self;
    return false;
}
#endif

/* Number of bytes read; 0: the file is shorter than it was, or can't be read. */
static size_t
read_piece(ch_conn *conn, piece *self)
{
    if (!read_cached(self)) {
        kida_status st = chirp_offload(&conn->req, read_waiting, self);
        if (st == KIDA_E_STOPPED)
            return 0;
        if (st != KIDA_OK)
            read_waiting(self); /* all helpers are busy: slow is better than cut */
    }
    return self->got > 0 ? (size_t)self->got : 0;
}

/* A short file leaves in one write with its head. False: it was not read whole. */
static bool
put_short(ch_conn *conn, int fd, uint64_t offset, size_t len)
{
    if (ch_output_put(conn, KIDA_S("")) != KIDA_OK)
        return false;
    ch_buffer *out = conn->out;
    size_t before = kida_buf_str(&out->text).len;
    char *room = ch_buffer_room(out, len);
    piece all = { fd, room, len, offset, 0 };
    /* No helper thread here: the output may not move while one writes into it. */
    if (room && read_cached(&all) && all.got == (ssize_t)len) {
        conn->sent_bytes += len;
        return true;
    }
    ch_buffer_cut(out, before);
    return false;
}

static kida_status
send_pieces(ch_conn *conn, ch_buffer *buffer, int fd, uint64_t offset, uint64_t length)
{
    kida_status st = KIDA_OK;
    char *room = ch_buffer_room(buffer, length < PIECE ? (size_t)length : PIECE);
    if (!room)
        return KIDA_E_NOMEM;
    while (length > 0 && st == KIDA_OK) {
        piece next = { fd, room, length < PIECE ? (size_t)length : PIECE, offset, 0 };
        size_t got = read_piece(conn, &next);
        if (conn->task.is_gone)
            return KIDA_E_STOPPED;
        if (got == 0) {
            ch_worker_log(conn->worker, CHIRP_LEVEL_WARNING, "a file shrank while it was sent");
            ch_conn_cut(conn);
            return KIDA_E_IO;
        }
        st = ch_conn_send(conn, (kida_str){ room, got });
        offset += got;
        length -= got;
    }
    return st;
}

kida_status
ch_conn_send_file(ch_conn *conn, int fd, uint64_t offset, uint64_t length)
{
    if (length == 0 || (length < CH_SEND_DIRECT && put_short(conn, fd, offset, (size_t)length)))
        return conn->task.is_gone ? KIDA_E_STOPPED : KIDA_OK;
    ch_buffer *buffer = ch_buffer_take(&conn->worker->buffers);
    if (!buffer)
        return KIDA_E_NOMEM;
    kida_status st = send_pieces(conn, buffer, fd, offset, length);
    ch_buffer_give(&conn->worker->buffers, buffer);
    return st;
}
