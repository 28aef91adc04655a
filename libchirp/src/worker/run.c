/* SPDX-License-Identifier: MIT */
/* run.c - the main thread of a server: binds, starts the workers, waits for the end. */
#define _GNU_SOURCE
#include "internal.h"

#include "watchdog.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/alloc.h"
#include "config/fail.h"

#define THREAD_STACK ((size_t)1 << 20)

/* Everything of one chirp_run; lives on its stack. Main thread, but for the counts. */
typedef struct ch_run {
    chirp_app *app;
    const chirp_config *config;
    chirp_worker **workers;
    uint32_t count;
    uint32_t port;
    uv_loop_t loop;
    uv_async_t note; /* a worker is ready or has ended */
    uv_signal_t interrupt;
    uv_signal_t terminate;
    uv_poll_t stop; /* chirp_stop */
    uv_timer_t deadline;
    bool is_stopping;
    bool is_announced;
    kida_status status;
    kida_error *err;
    atomic_uint ready;  /* workers that accept: release, pairs with acquire in on_note */
    atomic_uint failed; /* that could not start; their failure is in worker->failure */
    atomic_uint ended;  /* that have ended */
    ch_peers peers;
    ch_watchdog watchdog;
    struct sigaction old_pipe;
    struct sigaction old_hangup;
} ch_run;

/* ---- the thread of a worker ---------------------------------------------------------------- */

static void
worker_main(void *arg)
{
    chirp_worker *worker = arg;
    ch_run *run = worker->run;
    kida_error_init(&worker->failure);
    kida_status st = ch_worker_begin(worker, &worker->failure);
    if (st == KIDA_OK) {
        int fd = worker->listen_fd;
        worker->listen_fd = -1;
        st = ch_listener_start(worker, fd, &worker->failure);
    }
    worker->failure.status = st;
    /* Release: the main thread reads the failure after it has seen the count. */
    atomic_fetch_add_explicit(st == KIDA_OK ? &run->ready : &run->failed, 1, memory_order_release);
    uv_async_send(&run->note);

    while (st == KIDA_OK && (worker->state == CH_WORKER_SERVING || worker->conn_count > 0))
        ch_worker_turn(worker);
    ch_worker_end(worker);
    atomic_fetch_add_explicit(&run->ended, 1, memory_order_release);
    uv_async_send(&run->note);
}

/* ---- stop ---------------------------------------------------------------------------------- */

static void
command(ch_run *run, int what)
{
    for (uint32_t i = 0; i < run->count; i++) {
        if (run->workers[i]->has_thread)
            ch_worker_command(run->workers[i], what);
    }
}

static void
on_deadline(uv_timer_t *timer)
{
    command(timer->data, CH_COMMAND_CUT);
}

static void
stop(ch_run *run)
{
    if (run->is_stopping)
        return;
    run->is_stopping = true;
    atomic_store_explicit(&run->app->port, 0, memory_order_relaxed);
    command(run, CH_COMMAND_DRAIN);
    uv_timer_start(&run->deadline, on_deadline, run->config->shutdown_timeout, 0);
}

static void
on_signal(uv_signal_t *handle, int number)
{
    ch_run *run = handle->data;
    (void)number;
    if (run->is_stopping)
        _exit(1); /* asked twice: at once (LC-1) */
    stop(run);
}

static void
on_stop_asked(uv_poll_t *handle, int status, int events)
{
    ch_run *run = handle->data;
    char drop[64];
    (void)status;
    (void)events;
    while (read(run->app->stop_pipe[0], drop, sizeof(drop)) > 0)
        continue;
    stop(run);
}

void
chirp_stop(chirp_app *app)
{
    /* A full pipe has the byte that counts already. */
    ssize_t done = write(app->stop_pipe[1], "s", 1);
    (void)done;
}

uint32_t
chirp_port(const chirp_app *app)
{
    return atomic_load_explicit(&app->port, memory_order_acquire);
}

/* ---- start --------------------------------------------------------------------------------- */

static void
announce(ch_run *run)
{
    run->is_announced = true;
    /* Release: who reads the port may connect and finds what start-up did. */
    atomic_store_explicit(&run->app->port, run->port, memory_order_release);
    fprintf(stderr, "chirp: listening on http://%s:%u with %u worker%s\n", run->config->host,
            (unsigned)run->port, (unsigned)run->count, run->count == 1 ? "" : "s");
    ch_app_run_hooks(run->app, CH_HOOK_READY, true, NULL);
    if (run->config->debug)
        return;
    run->watchdog.workers = run->workers;
    run->watchdog.count = run->count;
    run->watchdog.timeout = run->config->watchdog_timeout;
    ch_watchdog_start(&run->watchdog);
}

static void
take_failure(ch_run *run)
{
    for (uint32_t i = 0; i < run->count && run->status == KIDA_OK; i++) {
        const kida_error *failure = &run->workers[i]->failure;
        if (!run->workers[i]->has_thread || failure->status == KIDA_OK)
            continue;
        run->status = failure->status;
        if (run->err)
            *run->err = *failure;
    }
}

static void
close_handles(ch_run *run)
{
    uv_handle_t *const handles[] = {
        (uv_handle_t *)&run->note, (uv_handle_t *)&run->interrupt, (uv_handle_t *)&run->terminate,
        (uv_handle_t *)&run->stop, (uv_handle_t *)&run->deadline,
        (uv_handle_t *)&run->watchdog.timer,
    };
    for (size_t i = 0; i < sizeof(handles) / sizeof(handles[0]); i++) {
        if (!uv_is_closing(handles[i]))
            uv_close(handles[i], NULL);
    }
}

static void
on_note(uv_async_t *note)
{
    ch_run *run = note->data;
    unsigned ready = atomic_load_explicit(&run->ready, memory_order_acquire);
    unsigned failed = atomic_load_explicit(&run->failed, memory_order_acquire);
    unsigned ended = atomic_load_explicit(&run->ended, memory_order_acquire);
    if (failed > 0 && ready + failed == run->count) {
        take_failure(run);
        stop(run);
    }
    if (ready == run->count && !run->is_announced && !run->is_stopping)
        announce(run);
    if (ended == run->count)
        close_handles(run);
}

static void
close_handle(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static kida_status
open_main_loop(ch_run *run, kida_error *err)
{
    if (uv_loop_init(&run->loop) != 0)
        return ch_fail(err, KIDA_E_IO, "can't make an event loop");
    int status = uv_async_init(&run->loop, &run->note, on_note);
    if (status != 0) {
        uv_loop_close(&run->loop);
        return ch_fail(err, KIDA_E_IO, "can't make an event loop: %s", uv_strerror(status));
    }
    uv_signal_init(&run->loop, &run->interrupt);
    uv_signal_init(&run->loop, &run->terminate);
    uv_timer_init(&run->loop, &run->deadline);
    uv_timer_init(&run->loop, &run->watchdog.timer);
    run->note.data = run->interrupt.data = run->terminate.data = run;
    run->deadline.data = run->stop.data = run;
    if (uv_poll_init(&run->loop, &run->stop, run->app->stop_pipe[0]) == 0 &&
        uv_signal_start(&run->interrupt, on_signal, SIGINT) == 0 &&
        uv_signal_start(&run->terminate, on_signal, SIGTERM) == 0 &&
        uv_poll_start(&run->stop, UV_READABLE, on_stop_asked) == 0)
        return KIDA_OK;
    uv_walk(&run->loop, close_handle, NULL);
    uv_run(&run->loop, UV_RUN_DEFAULT);
    uv_loop_close(&run->loop);
    return ch_fail(err, KIDA_E_IO, "can't watch for the signal to stop");
}

static void
close_main_loop(ch_run *run)
{
    close_handles(run);
    uv_run(&run->loop, UV_RUN_DEFAULT);
    uv_loop_close(&run->loop);
}

/* Workers with their bound sockets; no thread yet. */
static kida_status
make_workers(ch_run *run, kida_error *err)
{
    for (uint32_t i = 0; i < run->count; i++) {
        int fd;
        kida_status st = ch_listen_bind(run->config, i == 0, &run->port, &fd, err);
        if (st != KIDA_OK)
            return st;
        run->workers[i] = ch_worker_new(run->app, i, run->count, err);
        if (!run->workers[i]) {
            close(fd);
            return err->status != KIDA_OK ? err->status : KIDA_E_NOMEM;
        }
        run->workers[i]->listen_fd = fd;
        run->workers[i]->run = run;
        if (run->config->max_client_connections < run->config->max_connections)
            run->workers[i]->peers = &run->peers;
    }
    return KIDA_OK;
}

/* A worker whose thread could not be made ends the others too (WC-4). */
static kida_status
start_threads(ch_run *run, kida_error *err)
{
    uv_thread_options_t options = { .flags = UV_THREAD_HAS_STACK_SIZE, .stack_size = THREAD_STACK };
    for (uint32_t i = 0; i < run->count; i++) {
        chirp_worker *worker = run->workers[i];
        int status = uv_thread_create_ex(&worker->thread, &options, worker_main, worker);
        if (status == 0) {
            worker->has_thread = true;
            continue;
        }
        /* Those that have no thread count as failed and ended. */
        atomic_fetch_add(&run->failed, run->count - i);
        atomic_fetch_add(&run->ended, run->count - i);
        run->status = ch_fail(err, KIDA_E_IO, "can't make a thread: %s", uv_strerror(status));
        uv_async_send(&run->note);
        return run->status;
    }
    return KIDA_OK;
}

static void
free_workers(ch_run *run)
{
    for (uint32_t i = 0; i < run->count; i++) {
        chirp_worker *worker = run->workers[i];
        if (!worker)
            continue;
        if (worker->has_thread)
            uv_thread_join(&worker->thread);
        else
            ch_worker_end(worker);
        if (worker->listen_fd >= 0)
            close(worker->listen_fd);
        ch_worker_free(worker);
    }
    ch_free(&run->app->allocator, run->workers, run->count * sizeof(chirp_worker *));
}

static void
ignore_signal(int number, struct sigaction *old)
{
    struct sigaction ignore;
    memset(&ignore, 0, sizeof(ignore));
    ignore.sa_handler = SIG_IGN;
    sigaction(number, NULL, old);
    if (old->sa_handler == SIG_DFL)
        sigaction(number, &ignore, NULL);
}

static void
drain_stop_pipe(chirp_app *app)
{
    char drop[64];
    while (read(app->stop_pipe[0], drop, sizeof(drop)) > 0)
        continue;
}

static kida_status
serve(ch_run *run, kida_error *err)
{
    kida_status st = make_workers(run, err);
    if (st == KIDA_OK)
        st = open_main_loop(run, err);
    if (st != KIDA_OK) {
        free_workers(run);
        return st;
    }
    st = start_threads(run, err);
    uv_run(&run->loop, UV_RUN_DEFAULT);
    free_workers(run);
    close_main_loop(run);
    return st != KIDA_OK ? st : run->status;
}

kida_status
chirp_run(chirp_app *app, kida_error *err)
{
    kida_error local;
    if (!err)
        err = &local;
    kida_error_init(err);
    kida_status st = ch_app_start(app, err);
    if (st != KIDA_OK)
        return st;

    ch_run run = { .app = app, .config = &app->config, .port = app->config.port, .err = err };
    run.count = app->config.workers > 0 ? app->config.workers : uv_available_parallelism();
    run.workers = ch_calloc(&app->allocator, run.count * sizeof(chirp_worker *));
    if (run.workers) {
        ignore_signal(SIGPIPE, &run.old_pipe);
        ignore_signal(SIGHUP, &run.old_hangup);
        st = ch_peers_init(&run.peers, &app->config, err);
        if (st == KIDA_OK) {
            st = serve(&run, err);
            ch_peers_clear(&run.peers);
        }
        sigaction(SIGHUP, &run.old_hangup, NULL);
        sigaction(SIGPIPE, &run.old_pipe, NULL);
    } else {
        st = ch_fail(err, KIDA_E_NOMEM, "no memory for the workers");
    }
    atomic_store_explicit(&app->port, 0, memory_order_relaxed);
    drain_stop_pipe(app);
    ch_app_stop(app);
    return st;
}
