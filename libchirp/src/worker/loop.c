/* SPDX-License-Identifier: MIT */
/* loop.c - a worker: its loop, its hooks, its values, the tick that looks after time-outs. */
#define _GNU_SOURCE
#include "internal.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "config/alloc.h"
#include "config/fail.h"
#include "config/secret.h"

#define TICK_MS 100
#define TRIM_TICKS 10 /* idle connections give memory back once a second */
#define CORO_IDLE_MAX 64
#define SHUTDOWN_HOOK_MS 10000

/* ---- the tick ------------------------------------------------------------------------------ */

uint64_t
ch_worker_now(const chirp_worker *worker)
{
    return uv_now(&worker->loop);
}

uint64_t
ch_worker_clock(chirp_worker *worker)
{
    uv_update_time(&worker->loop);
    return uv_now(&worker->loop);
}

static ch_conn *
conn_of_timer(ch_timer *timer)
{
    size_t offset = timer->kind == CH_TIMER_WRITE ? offsetof(ch_conn, write_timer)
                                                  : offsetof(ch_conn, phase_timer);
    return (ch_conn *)(void *)((char *)timer - offset);
}

static void
trim_idle(chirp_worker *worker)
{
    ch_timer *ring = &worker->timers.lists[CH_TIMER_IDLE].ring;
    for (ch_timer *timer = ring->next; timer != ring; timer = timer->next)
        ch_conn_trim(conn_of_timer(timer));
}

static void
on_tick(uv_timer_t *tick)
{
    chirp_worker *worker = tick->data;
    uint64_t now = ch_worker_now(worker);
    for (ch_timer *timer; (timer = ch_timers_due(&worker->timers, now)) != NULL;) {
        ch_timer_kind kind = timer->kind;
        ch_conn *conn = conn_of_timer(timer);
        timer->kind = CH_TIMER_NONE;
        ch_conn_timeout(conn, kind);
    }
    if (now / TICK_MS % TRIM_TICKS == 0)
        trim_idle(worker);
    ch_log_sum_up(&worker->log, now);
    ch_log_flush(&worker->log);
    uint64_t dropped = atomic_load_explicit(&worker->metrics.log_dropped, memory_order_relaxed);
    ch_count(&worker->metrics.log_dropped, worker->log.dropped - dropped);
    ch_listener_room(worker); /* an accept that failed is tried again */
    if (worker->conn_count == 0 && !(worker->accept_paused && worker->has_listener)) {
        uv_timer_stop(tick);
        worker->is_ticking = false;
    }
}

void
ch_worker_tick_on(chirp_worker *worker)
{
    if (worker->is_ticking || worker->state == CH_WORKER_ENDED)
        return;
    worker->is_ticking = true;
    uv_timer_start(&worker->tick, on_tick, TICK_MS, TICK_MS);
}

/* ---- life ---------------------------------------------------------------------------------- */

/* Oldest first. A post may be gone once it has run. */
static void
run_posts(ch_post *newest)
{
    ch_post *first = NULL;
    while (newest) {
        ch_post *post = newest;
        newest = post->next;
        post->next = first;
        first = post;
    }
    while (first) {
        ch_post *post = first;
        first = post->next;
        post->run(post);
    }
}

static void
on_wake(uv_async_t *wake)
{
    chirp_worker *worker = wake->data;
    atomic_fetch_add_explicit(&worker->turns, 1, memory_order_relaxed);
    pthread_mutex_lock(&worker->wake_lock);
    int command = worker->command;
    ch_post *posts = worker->posts;
    worker->posts = NULL;
    pthread_mutex_unlock(&worker->wake_lock);
    run_posts(posts);
    if (command == CH_COMMAND_DRAIN)
        ch_worker_drain(worker);
    else if (command == CH_COMMAND_CUT)
        ch_worker_cut(worker);
}

static void
on_handle_closed(uv_handle_t *handle)
{
    chirp_worker *worker = handle->data;
    worker->open_handles--;
}

/* A worker may have ended by itself: its handle must not be used then. */
void
ch_worker_command(chirp_worker *worker, int command)
{
    pthread_mutex_lock(&worker->wake_lock);
    if (worker->can_wake) {
        worker->command = command;
        uv_async_send(&worker->wake);
    }
    pthread_mutex_unlock(&worker->wake_lock);
}

bool
ch_worker_ping(chirp_worker *worker)
{
    pthread_mutex_lock(&worker->wake_lock);
    bool can_wake = worker->can_wake;
    if (can_wake)
        uv_async_send(&worker->wake);
    pthread_mutex_unlock(&worker->wake_lock);
    return can_wake;
}

void
ch_worker_post(chirp_worker *worker, ch_post *post)
{
    pthread_mutex_lock(&worker->wake_lock);
    post->next = worker->posts;
    worker->posts = post;
    uv_async_send(&worker->wake);
    pthread_mutex_unlock(&worker->wake_lock);
}

static void
close_wake(chirp_worker *worker)
{
    pthread_mutex_lock(&worker->wake_lock);
    worker->can_wake = false;
    pthread_mutex_unlock(&worker->wake_lock);
    uv_close((uv_handle_t *)&worker->wake, on_handle_closed);
}

static void
set_lengths(chirp_worker *worker)
{
    const chirp_config *config = worker->config;
    uint32_t lengths[CH_TIMER_COUNT] = {
        [CH_TIMER_HEADER] = config->header_timeout, [CH_TIMER_IDLE] = config->keep_alive_timeout,
        [CH_TIMER_BODY] = config->body_timeout,     [CH_TIMER_HANDLER] = config->handler_timeout,
        [CH_TIMER_WRITE] = config->write_timeout,   [CH_TIMER_LINGER] = config->linger_timeout,
    };
    ch_timers_init(&worker->timers, lengths);
}

static bool
open_loop(chirp_worker *worker)
{
    if (uv_loop_init(&worker->loop) != 0)
        return false;
    worker->loop.data = worker;
    if (uv_async_init(&worker->loop, &worker->wake, on_wake) != 0) {
        uv_loop_close(&worker->loop);
        return false;
    }
    if (pthread_mutex_init(&worker->wake_lock, NULL) != 0) {
        uv_close((uv_handle_t *)&worker->wake, NULL);
        uv_run(&worker->loop, UV_RUN_DEFAULT);
        uv_loop_close(&worker->loop);
        return false;
    }
    worker->can_wake = true;
    uv_timer_init(&worker->loop, &worker->tick);
    uv_timer_init(&worker->loop, &worker->drain_timer);
    uv_timer_init(&worker->loop, &worker->hook_timer);
    worker->wake.data = worker->tick.data = worker->drain_timer.data = worker;
    worker->hook_timer.data = worker;
    worker->open_handles = 4;
    return true;
}

chirp_worker *
ch_worker_new(chirp_app *app, uint32_t index, uint32_t count, kida_error *err)
{
    const ch_frozen *frozen = ch_app_frozen(app, err);
    if (!frozen)
        return NULL;
    chirp_worker *worker = ch_calloc(&app->allocator, sizeof(*worker));
    if (!worker) {
        ch_fail(err, KIDA_E_NOMEM, "no memory for a worker");
        return NULL;
    }
    worker->app = app;
    worker->frozen = frozen;
    worker->config = frozen->config;
    worker->allocator = app->allocator;
    worker->index = index;
    worker->listen_fd = -1;
    uint32_t share = worker->config->max_connections / count;
    worker->conn_max = share > 0 ? share : 1;
    ch_random(worker->random, sizeof(worker->random));
    worker->random[1] |= 1; /* the generator must not start at zero */
    set_lengths(worker);
    ch_log_init(&worker->log, worker->config, STDERR_FILENO);
    ch_coro_pool_init(&worker->coros, &worker->allocator, worker->config->stack_size,
                      CORO_IDLE_MAX);
    ch_buffer_pool_init(&worker->buffers, &worker->allocator);
    ch_renderer_pool_init(&worker->renderers, &worker->allocator);
    if (open_loop(worker)) {
        ch_metrics_add(&app->metrics, &worker->metrics);
        return worker;
    }
    ch_fail(err, KIDA_E_IO, "can't make an event loop");
    ch_free(&app->allocator, worker, sizeof(*worker));
    return NULL;
}

void
ch_worker_turn(chirp_worker *worker)
{
    uv_run(&worker->loop, UV_RUN_ONCE);
}

/* ---- hooks --------------------------------------------------------------------------------- */

typedef struct hook_task {
    ch_task task; /* first, so that the task is the hook's */
    const ch_hook *hook;
    kida_status status;
    kida_error *err;
    bool is_late;
} hook_task;

static void
run_hook(ch_task *task)
{
    hook_task *self = (hook_task *)(void *)task;
    self->status = self->hook->worker(task->worker, self->hook->user, self->err);
}

static void
hook_ended(ch_task *task)
{
    (void)task;
}

/* What it waits for ends with KIDA_E_STOPPED, and so do all further waits. */
static void
on_hook_late(uv_timer_t *timer)
{
    chirp_worker *worker = timer->data;
    hook_task *self = (hook_task *)(void *)worker->hook;
    self->is_late = true;
    ch_task_cancel(&self->task);
}

/* Runs one hook on a coroutine, so that it may wait, and the loop until it has ended. A hook that
 * waits longer than limit milliseconds has failed. */
static kida_status
run_one_hook(chirp_worker *worker, const ch_hook *hook, uint32_t limit, kida_error *err)
{
    hook_task self = { .task = { .worker = worker, .run = run_hook, .ended = hook_ended },
                       .hook = hook,
                       .err = err };
    kida_error_init(err);
    uv_update_time(&worker->loop);
    uint64_t start = uv_now(&worker->loop);
    if (!ch_task_start(&self.task, &worker->coros))
        return ch_fail(err, KIDA_E_NOMEM, "no stack for a hook");
    worker->hook = &self.task;
    if (ch_task_is_busy(&self.task))
        uv_timer_start(&worker->hook_timer, on_hook_late, limit, 0);
    while (ch_task_is_busy(&self.task))
        ch_worker_turn(worker);
    uv_timer_stop(&worker->hook_timer);
    worker->hook = NULL;
    /* One that blocks the thread can't be stopped, but is late all the same. */
    uv_update_time(&worker->loop);
    if (self.is_late || uv_now(&worker->loop) - start > limit)
        return err->status = ch_fail(err, KIDA_E_LIMIT_TIME, "it took more than %u ms",
                                     (unsigned)limit);
    err->status = self.status;
    return self.status;
}

static kida_status
run_hooks(chirp_worker *worker, ch_hook_kind kind, kida_error *err)
{
    kida_status first = KIDA_OK;
    uint32_t limit = kind == CH_HOOK_WORKER_STARTUP ? worker->config->startup_timeout
                                                    : SHUTDOWN_HOOK_MS;
    for (const ch_hook *hook = worker->app->hooks[kind].first; hook; hook = hook->next) {
        kida_error local;
        kida_status st = run_one_hook(worker, hook, limit, &local);
        if (st == KIDA_OK)
            continue;
        const char *text = local.message[0] ? local.message : kida_status_text(st);
        ch_worker_log(worker, CHIRP_LEVEL_ERROR, "a hook of worker %u failed: %s",
                      (unsigned)worker->index, text);
        if (first == KIDA_OK) {
            first = st;
            if (err)
                *err = local;
        }
    }
    return first;
}

kida_status
ch_worker_begin(chirp_worker *worker, kida_error *err)
{
    worker->has_begun = true;
    kida_status st = run_hooks(worker, CH_HOOK_WORKER_STARTUP, err);
    ch_log_flush(&worker->log);
    return worker->config->worker_failure_stops ? st : KIDA_OK;
}

/* ---- end ----------------------------------------------------------------------------------- */

static void
free_values(chirp_worker *worker)
{
    while (worker->values) {
        ch_worker_value *value = worker->values;
        worker->values = value->next;
        if (value->destroy)
            value->destroy(value->ptr);
        ch_free(&worker->allocator, value, sizeof(*value) + value->name.len);
    }
}

void
ch_worker_end(chirp_worker *worker)
{
    ch_worker_cut(worker);
    while (worker->conn_count > 0)
        ch_worker_turn(worker);
    if (worker->has_begun)
        run_hooks(worker, CH_HOOK_WORKER_SHUTDOWN, NULL);
    free_values(worker);
    worker->state = CH_WORKER_ENDED;
    uv_close((uv_handle_t *)&worker->tick, on_handle_closed);
    uv_close((uv_handle_t *)&worker->drain_timer, on_handle_closed);
    uv_close((uv_handle_t *)&worker->hook_timer, on_handle_closed);
    close_wake(worker);
    while (worker->open_handles > 0)
        ch_worker_turn(worker);
    uv_run(&worker->loop, UV_RUN_DEFAULT); /* handles that an application left open */
    uv_loop_close(&worker->loop);
    ch_log_flush(&worker->log);
    ch_conn_free_all(worker);
    ch_coro_pool_clear(&worker->coros);
    ch_renderer_pool_clear(&worker->renderers);
    ch_buffer_pool_clear(&worker->buffers);
}

void
ch_worker_free(chirp_worker *worker)
{
    if (!worker)
        return;
    ch_metrics_remove(&worker->app->metrics, &worker->metrics);
    pthread_mutex_destroy(&worker->wake_lock);
    kida_allocator allocator = worker->allocator;
    ch_free(&allocator, worker, sizeof(*worker));
}

/* ---- what requests ask of it --------------------------------------------------------------- */

kida_str
ch_worker_date(chirp_worker *worker)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return ch_date_now(&worker->date, (int64_t)now.tv_sec);
}

/* xorshift128+: ids need to differ, not to be secret. */
static uint64_t
next_random(chirp_worker *worker)
{
    uint64_t a = worker->random[0];
    uint64_t b = worker->random[1];
    worker->random[0] = b;
    a ^= a << 23;
    worker->random[1] = a ^ b ^ (a >> 17) ^ (b >> 26);
    return worker->random[1] + b;
}

void
ch_worker_new_id(chirp_worker *worker, char out[32])
{
    static const char hex[] = "0123456789abcdef";
    for (size_t half = 0; half < 2; half++) {
        uint64_t bits = next_random(worker);
        for (size_t i = 0; i < 16; i++, bits >>= 4)
            out[half * 16 + i] = hex[bits & 15];
    }
    out[12] = '4';                    /* version 4, */
    out[16] = hex[8 | (out[16] & 3)]; /* variant 10 */
}

ch_renderer_pool *
ch_worker_renderers(chirp_worker *worker)
{
    return &worker->renderers;
}

void
ch_worker_log(chirp_worker *worker, chirp_log_level level, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    ch_log_line(&worker->log, level, "%s", text);
    ch_worker_tick_on(worker);
}

void
ch_worker_log_block(chirp_worker *worker, chirp_log_level level, kida_str text)
{
    ch_log_block(&worker->log, level, text);
    ch_worker_tick_on(worker);
}

/* ---- public -------------------------------------------------------------------------------- */

chirp_app *
chirp_app_of(const chirp_request *req)
{
    return req->app;
}

chirp_worker *
chirp_worker_of(const chirp_request *req)
{
    return req->worker;
}

uint32_t
chirp_worker_index(const chirp_worker *worker)
{
    return worker->index;
}

chirp_app *
chirp_worker_app(const chirp_worker *worker)
{
    return worker->app;
}

static ch_worker_value *
find_value(const chirp_worker *worker, kida_str name)
{
    for (ch_worker_value *value = worker->values; value; value = value->next) {
        if (kida_str_equal(value->name, name))
            return value;
    }
    return NULL;
}

kida_status
chirp_worker_set(chirp_worker *worker, const char *name, void *ptr, void (*destroy)(void *))
{
    kida_str key = kida_str_from(name);
    ch_worker_value *value = find_value(worker, key);
    if (value) {
        if (value->destroy && value->ptr != ptr)
            value->destroy(value->ptr);
        value->ptr = ptr;
        value->destroy = destroy;
        return KIDA_OK;
    }
    value = ch_calloc(&worker->allocator, sizeof(*value) + key.len);
    if (!value) {
        if (destroy)
            destroy(ptr);
        return KIDA_E_NOMEM;
    }
    char *copy = (char *)(value + 1);
    if (key.len > 0)
        memcpy(copy, key.ptr, key.len);
    *value = (ch_worker_value){ worker->values, { copy, key.len }, ptr, destroy };
    worker->values = value;
    return KIDA_OK;
}

void *
chirp_worker_get(const chirp_worker *worker, const char *name)
{
    const ch_worker_value *value = find_value(worker, kida_str_from(name));
    return value ? value->ptr : NULL;
}
