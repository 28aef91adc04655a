/* SPDX-License-Identifier: MIT */
/* internal.h - workers and connections from inside; the only header that shows libuv. */
#ifndef CH_WORKER_INTERNAL_H
#define CH_WORKER_INTERNAL_H

#include <uv.h>

#include "conn.h"
#include "coro.h"
#include "http/date.h"
#include "http/parse.h"
#include "log.h"
#include "peers.h"
#include "timer.h"
#include "worker.h"

#define CH_READ_SIZE ((size_t)64 << 10)  /* one read; shared by all connections of a worker */
#define CH_PENDING_MAX ((size_t)64 << 10) /* bytes read ahead of a running handler */
#define CH_SEND_DIRECT ((size_t)16 << 10) /* bodies from here on go out without a copy */
#define CH_OFFLOAD_MAX 256                /* jobs of one worker on helper threads (BP-5) */

/* A value that hooks keep in a worker. */
typedef struct ch_worker_value {
    struct ch_worker_value *next;
    kida_str name;
    void *ptr;
    void (*destroy)(void *);
} ch_worker_value;

/* A call from any thread that is to run on a worker's thread. */
typedef struct ch_post {
    struct ch_post *next;
    void (*run)(struct ch_post *post);
    void *data;
} ch_post;

typedef enum ch_phase {
    CH_PHASE_OPEN,    /* requests and answers */
    CH_PHASE_CLOSING, /* sends what is left, answers nothing more */
    CH_PHASE_LINGER,  /* all sent and shut; reads and drops (CN-9) */
    CH_PHASE_CLOSED   /* the wire is being closed */
} ch_phase;

struct ch_conn {
    chirp_worker *worker;
    ch_conn *next;            /* in the worker's list of open or of free ones */
    ch_conn *prev;
    const ch_wire *wire;
    void *wire_data;
    uv_tcp_t tcp;             /* of wire.c */
    uv_write_t write;
    uv_shutdown_t shutdown;

    ch_peer *peer;            /* counts it; NULL: nothing does */
    ch_parser *parser;        /* kept while the object waits in the pool */
    chirp_request req;
    ch_match match;
    ch_task task;             /* the running handler */
    ch_timer phase_timer;     /* header, idle, body, handler or linger */
    ch_timer write_timer;
    ch_phase phase;

    bool is_pumping;          /* parsing is under way further up the stack */
    bool is_closed;           /* the wire has closed */
    bool input_ended;
    bool reading_off;         /* told the wire to stop */
    bool close_after;         /* the running answer is the last */
    bool answer_begun;        /* bytes of the running answer were sent */
    bool has_read_full;       /* as much as one turn of the loop allows (BP-4) */
    bool got_bytes;           /* since the phase timer was last set */
    bool body_unread;         /* an early answer: the rest of the request is dropped */
    bool streams_body;        /* the handler runs while its body comes */
    bool body_done;           /* all of it is there */
    bool owes_continue;       /* 100 is sent when the handler wants the body (EX-1) */
    bool is_live;             /* the running answer is a stream */
    bool is_events;           /* an event stream, counted by the worker */
    bool is_ending;           /* an event stream that the stopping worker ends */

    ch_buffer *pending;       /* bytes not parsed yet; NULL: none */
    size_t pending_at;
    ch_buffer *out;           /* to be sent; NULL: nothing */
    ch_buffer *sending;       /* being sent by the wire */
    size_t waiting_seen;      /* unsent bytes when the write timer was set */
    ch_wait *output_wait;     /* a handler that waits for room */
    ch_buffer *bodies;        /* lent to the running answer */
    ch_buffer *body_next;     /* came, not yet read by the handler */
    ch_buffer *body_given;    /* being read by the handler */
    ch_wait *body_wait;       /* a handler that waits for its body */

    uint64_t body_began;      /* monotonic milliseconds (TM-4) */
    uint64_t body_bytes;
    uint64_t lingered;
    uint32_t requests;        /* begun on this connection */
    uint32_t timed_requests;  /* requests when the phase timer was looked at last */
    unsigned status;          /* of the running answer */
    uint64_t sent_bytes;
    char request_id[32];
};

typedef enum ch_worker_state {
    CH_WORKER_SERVING,
    CH_WORKER_DRAINING,
    CH_WORKER_CUTTING,
    CH_WORKER_ENDED
} ch_worker_state;

/* Commands of the main thread; taken by the worker when its wake handle fires. */
enum { CH_COMMAND_NONE, CH_COMMAND_DRAIN, CH_COMMAND_CUT };

struct chirp_worker {
    chirp_app *app;
    const ch_frozen *frozen;
    const chirp_config *config;
    kida_allocator allocator;
    uint32_t index;
    ch_worker_state state;

    uv_loop_t loop;
    uv_timer_t tick;          /* looks after time-outs and the log */
    uv_async_t wake;
    uv_timer_t drain_timer;
    uv_timer_t hook_timer;    /* of the hook that runs */
    uv_poll_t listener;       /* watches socket_fd */
    int socket_fd;
    int waiting_fd;           /* accepted without memory for a connection; -1: none */
    bool has_listener;
    bool accept_paused;       /* at the cap, or out of memory or descriptors: not watched */
    bool is_ticking;
    bool has_begun;           /* its start-up hooks were called */
    ch_task *hook;            /* that runs; NULL: none */
    unsigned open_handles;    /* of those above, until their close callbacks */

    atomic_uint_least64_t turns; /* of the loop after a wake-up; relaxed, for watchdog.c */
    _Atomic(const void *) route; /* last one dispatched: release, pairs with acquire in tell */
    uint64_t turns_seen;      /* main thread, as the next */
    uint32_t looks;           /* how often in a row that many were seen */

    uv_thread_t thread;       /* of run.c */
    bool has_thread;
    int listen_fd;
    pthread_mutex_t wake_lock;
    bool can_wake;            /* the wake handle is open; guarded by wake_lock */
    int command;              /* of the main thread, CH_COMMAND_*; guarded by wake_lock */
    ch_post *posts;           /* newest first; guarded by wake_lock */
    struct ch_run *run;
    ch_peers *peers;          /* of the server; NULL: clients are not counted */
    kida_error failure;

    ch_coro_pool coros;
    ch_timers timers;
    ch_buffer_pool buffers;
    ch_renderer_pool renderers;
    ch_conn *conns;           /* open ones */
    ch_conn *free_conns;
    size_t conn_count;
    size_t conn_max;
    size_t free_count;
    size_t event_streams;     /* running ones (ES-11) */
    unsigned offloads;
    ch_date_cache date;
    uint64_t random[2];
    ch_worker_value *values;
    ch_log log;
    ch_metrics metrics;
    char read_data[CH_READ_SIZE];
};

/* ---- between the files of this folder ------------------------------------------------------ */

/* loop.c */
/* Has post->run called on the worker's thread; the post stays where it is until then, and the
 * worker has not ended. Thread: any */
void ch_worker_post(chirp_worker *worker, ch_post *post);

/* conn.c */
void ch_conn_pump(ch_conn *conn);
void ch_conn_timeout(ch_conn *conn, ch_timer_kind kind);
void ch_conn_drain(ch_conn *conn); /* closes it if it is idle */
void ch_conn_trim(ch_conn *conn);  /* gives memory back while idle */
void ch_conn_free_all(chirp_worker *worker);

/* output.c */
void ch_output_flush(ch_conn *conn);
bool ch_output_is_empty(const ch_conn *conn);
void ch_output_drop(ch_conn *conn);
kida_status ch_output_put(ch_conn *conn, kida_str bytes);
void ch_output_timeout(ch_conn *conn);

/* Answers 503 before any request was read. */
void ch_conn_refuse_client(ch_conn *conn);

/* end of a connection, conn.c: once all is sent, or at once */
void ch_conn_finish(ch_conn *conn);
void ch_conn_close(ch_conn *conn, bool hard);

/* body.c */
void ch_body_begin(ch_conn *conn, bool owes_continue);
bool ch_body_is_wanted(const ch_conn *conn); /* parsing goes on while the handler runs */
kida_status ch_body_put(ch_conn *conn, kida_str piece);
bool ch_body_wake(ch_conn *conn);            /* true if the handler went on */
void ch_body_end(ch_conn *conn);             /* the handler has ended */

/* live.c */
void ch_live_end(ch_conn *conn);     /* the handler has ended */
void ch_live_parked(ch_conn *conn);  /* the handler waits */
void ch_live_drain(ch_conn *conn);   /* the worker stops: event streams end */

/* listener.c */
kida_status ch_listen_bind(const chirp_config *config, bool is_first, uint32_t *port, int *fd,
                           kida_error *err);
kida_status ch_listener_start(chirp_worker *worker, int fd, kida_error *err);
void ch_listener_stop(chirp_worker *worker);
void ch_listener_room(chirp_worker *worker); /* a connection has ended */

/* watch.c */
/* Has the kernel make room for watching a descriptor. libuv does that when it next waits, and ends
 * the process if the kernel refuses; asked here, the refusal is an error. False with errno. */
bool ch_loop_can_watch(uv_loop_t *loop, int fd);

/* wire.c */
extern const ch_wire ch_wire_tcp;
bool ch_wire_adopt(chirp_worker *worker, int fd);

/* loop.c */
uint64_t ch_worker_now(const chirp_worker *worker);
void ch_worker_tick_on(chirp_worker *worker);
void ch_worker_command(chirp_worker *worker, int command); /* any thread */
bool ch_worker_ping(chirp_worker *worker); /* any thread; false: it has ended */

/* shutdown.c */
void ch_worker_cut(chirp_worker *worker);

#endif
