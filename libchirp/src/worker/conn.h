/* SPDX-License-Identifier: MIT */
/* conn.h - connections, as reply/ and client/ see them. Worker thread only. */
#ifndef CH_WORKER_CONN_H
#define CH_WORKER_CONN_H

#include <chirp/app.h>

#include "http/request.h"
#include "router/tree.h"

typedef struct ch_conn ch_conn;

/* How bytes leave a connection: a socket, or the buffer of a test client. */
typedef struct ch_wire {
    /* Sends what is taken at once; returns the number of bytes, or -1 when the peer is lost. */
    ptrdiff_t (*send)(ch_conn *conn, const kida_str *parts, size_t count);
    /* Sends the rest of a text later and calls ch_conn_sent; the bytes stay until then. */
    bool (*send_later)(ch_conn *conn, kida_str rest);
    /* How many bytes of send_later wait. */
    size_t (*waiting)(const ch_conn *conn);
    /* Starts or stops reading. */
    void (*read)(ch_conn *conn, bool on);
    /* Whether bytes have come that were not read yet; NULL: they never wait. */
    bool (*has_input)(ch_conn *conn);
    /* Ends the sending side. */
    void (*shut)(ch_conn *conn);
    /* Ends all; calls ch_conn_closed later. hard: with a reset. */
    void (*close)(ch_conn *conn, bool hard);
} ch_wire;

/* ---- from the wire ------------------------------------------------------------------------- */

/* A connection at rest, counted by its worker; NULL when out of memory. */
ch_conn *ch_conn_open(chirp_worker *worker, const ch_wire *wire, void *wire_data);
void *ch_conn_wire_data(ch_conn *conn);

/* Bytes have come; the end of the stream has come; the peer is lost. */
void ch_conn_input(ch_conn *conn, const char *data, size_t len);
void ch_conn_input_end(ch_conn *conn);
void ch_conn_lost(ch_conn *conn);

/* The outcome of send_later. */
void ch_conn_sent(ch_conn *conn, bool ok);

/* The wire is closed: nothing will come from it. */
void ch_conn_closed(ch_conn *conn);

/* The request object, for the peer's address. */
chirp_request *ch_conn_request(ch_conn *conn);

/* Nothing is being parsed, answered or sent. */
bool ch_conn_is_quiet(const ch_conn *conn);

/* Nothing will happen until more bytes or time-outs come. */
bool ch_conn_is_settled(const ch_conn *conn);

/* Ends it at once. */
void ch_conn_cut(ch_conn *conn);

/* ---- for the reply ------------------------------------------------------------------------- */

/* What the router found for the running request. */
const ch_match *ch_conn_match(const ch_conn *conn);

/* Whether the connection can stay open after this answer; asked once, for the head. */
bool ch_conn_keeps_alive(ch_conn *conn);

/* The connection ends with this answer. */
void ch_conn_close_after(ch_conn *conn);

/* Waits until there is room for an answer. Errors: KIDA_E_STOPPED when the client is gone.
 * Thread: waits */
kida_status ch_conn_room(ch_conn *conn);

/* Buffer that a head is appended to, before the first ch_conn_send; NULL when out of memory. */
kida_buf *ch_conn_head(ch_conn *conn);

/* Sends bytes, waiting while too many are unsent. Errors: KIDA_E_STOPPED when the client is gone,
 * KIDA_E_NOMEM. Thread: waits */
kida_status ch_conn_send(ch_conn *conn, kida_str bytes);

/* Has bytes sent later, however many are unsent. Errors: KIDA_E_NOMEM. */
kida_status ch_conn_put(ch_conn *conn, kida_str bytes);

/* Sends part of a file as ch_conn_send does, in pieces: memory stays flat. A file that is shorter
 * than promised cuts the connection (SF-17). The caller keeps fd. Thread: waits */
kida_status ch_conn_send_file(ch_conn *conn, int fd, uint64_t offset, uint64_t length);

/* What the log says of the running answer. */
void ch_conn_set_status(ch_conn *conn, unsigned status);

/* Sends what is there without waiting. Thread: owner, also inside a handler */
void ch_conn_flush(ch_conn *conn);

/* ---- for streams: live.c ------------------------------------------------------------------- */

/* The running answer is a stream: from now on the end of the input counts as a client that has
 * gone, unless the stream waits for room only. False for an event stream beyond the cap (ES-11). */
bool ch_conn_go_live(ch_conn *conn, bool is_events);

/* The worker stops and has told the event stream to end, though the client is still there. */
bool ch_conn_is_ending(const ch_conn *conn);

/* Lets an ending stream write its goodbye. False if the client has gone meanwhile. */
bool ch_conn_revive(ch_conn *conn);

/* The answer broke off: the client must not take it for a whole one (RS-7). */
void ch_conn_abort(ch_conn *conn);

/* Becomes true when nobody reads the running answer any more. */
const volatile bool *ch_conn_stop_flag(const ch_conn *conn);

/* Has fn called whenever the running handler is about to wait; NULL: no more. fn must not wait. */
void ch_conn_before_wait(ch_conn *conn, void (*fn)(void *arg), void *arg);

/* Has `bytes` sent whenever nothing was for interval milliseconds. Errors: KIDA_E_NOMEM. */
typedef struct ch_beat ch_beat;
kida_status ch_beat_start(ch_conn *conn, uint32_t interval, kida_str bytes, ch_beat **out);

/* Something was sent. beat may be NULL. */
void ch_beat_touch(ch_beat *beat);

/* Stops it and waits until that is done; beat may be NULL. Thread: waits */
void ch_beat_end(ch_beat *beat);

/* ---- memory -------------------------------------------------------------------------------- */

/* A fresh buffer that is given back when the response has ended; NULL when out of memory. */
kida_buf *ch_conn_body(ch_conn *conn);

#endif
