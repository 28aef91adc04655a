/* SPDX-License-Identifier: MIT */
/* hub.c - one event to many clients on all workers.
 *
 * A hub has a side in every worker that has subscriptions. Publishing puts a counted message into
 * the inbox of each side and rings; the worker's thread hands it on to its subscriptions, which
 * nobody else touches. Every queue is bounded: no reader holds up another, or the publisher. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "config/alloc.h"
#include "config/fail.h"
#include "config/secret.h"
#include "config/text.h"
#include "http/request.h"
#include "sse.h"
#include "worker/mailbox.h"
#include "worker/task.h"

#define EVENTS_MAX 256
#define BYTES_MAX ((size_t)256 << 10)
#define INBOX_TIMES 8      /* an inbox holds this many times the queue of a subscriber */
#define QUEUE_FIRST 8
#define EVENT_MAX ((size_t)16 << 20)
#define HISTORY_BYTES ((size_t)1 << 20)

/* Ids of a hub's own: which hub it was, and the number of the event. A client that comes back after
 * a restart has an id of another hub. */
#define SERIES_LEN 8
#define DIGITS_LEN 16
#define ID_LEN (SERIES_LEN + 1 + DIGITS_LEN)

/* An event that several queues hold. Fixed once published, but for refs. */
typedef struct message {
    atomic_uint refs;    /* up relaxed, down acquire-release */
    size_t size;         /* of this block */
    kida_allocator allocator;
    uint64_t number;     /* in the order of publishing */
    bool is_close;       /* nothing to send: subscriptions end here */
    kida_str topic;
    chirp_event event;
    kida_str wire;
    char bytes[];
} message;

typedef struct queue {
    message **items;     /* a ring */
    size_t room;
    size_t first;
    size_t count;
    size_t bytes;
} queue;

/* The part of a hub that belongs to one worker. */
typedef struct side {
    struct side *next;   /* guarded by hub->lock, as is prev */
    struct side *prev;
    chirp_hub *hub;
    ch_mailbox *mailbox;
    queue inbox;         /* guarded by hub->lock */
    uint64_t lost;       /* guarded by hub->lock: messages that the inbox had no room for */
    bool lost_close;     /* guarded by hub->lock: an end was among them */
    chirp_subscription *subscriptions; /* worker thread, as is ready */
    chirp_subscription *ready;         /* to be woken */
} side;

struct chirp_hub {
    pthread_mutex_t lock;
    kida_allocator allocator;
    uint32_t max_events;
    size_t max_bytes;
    chirp_slow_policy slow;
    side *sides;          /* guarded by lock */
    unsigned users;       /* guarded by lock: the maker and the sides */
    uint64_t number;      /* guarded by lock: of the newest message */
    queue history;        /* guarded by lock */
    uint32_t history_events; /* 0: no history */
    size_t history_bytes;
    char series[SERIES_LEN + 1];
    atomic_size_t count;  /* subscriptions; relaxed: a number for people */
};

/* Worker thread; lives in the memory of its request. */
struct chirp_subscription {
    chirp_subscription *next;
    chirp_subscription *prev;
    chirp_subscription *next_ready;
    chirp_request *req;
    side *side;           /* NULL: left */
    kida_str topic;
    uint64_t seen;        /* number of the last message before it began */
    queue replay;         /* what its client has missed; handed out first */
    queue queue;
    message *current;     /* returned last */
    ch_wait *wait;        /* set while the handler waits */
    bool is_ready;        /* in the list of those to be woken */
    bool is_closed;       /* was too slow */
    uint64_t dropped;
    char name[32];        /* under which the request keeps it */
};

/* ---- messages ------------------------------------------------------------------------------- */

static void
drop_message(message *m)
{
    if (m && atomic_fetch_sub_explicit(&m->refs, 1, memory_order_acq_rel) == 1) {
        kida_allocator allocator = m->allocator;
        ch_free(&allocator, m, m->size);
    }
}

static kida_str
keep_text(char **at, kida_str text)
{
    kida_str kept = { text.ptr ? *at : NULL, text.len };
    if (text.len > 0)
        memcpy(*at, text.ptr, text.len);
    *at += text.len;
    return kept;
}

static message *
make_message(const chirp_hub *hub, kida_str topic, const chirp_event *event, kida_str wire)
{
    size_t size = sizeof(message);
    if (!ch_size_add(size, topic.len, &size) || !ch_size_add(size, event->event.len, &size) ||
        !ch_size_add(size, event->id.len, &size) || !ch_size_add(size, event->data.len, &size) ||
        !ch_size_add(size, wire.len, &size))
        return NULL;
    message *m = ch_calloc(&hub->allocator, size);
    if (!m)
        return NULL;
    char *at = m->bytes;
    atomic_init(&m->refs, 1);
    m->size = size;
    m->allocator = hub->allocator;
    m->topic = keep_text(&at, topic);
    m->event.event = keep_text(&at, event->event);
    m->event.id = keep_text(&at, event->id);
    m->event.data = keep_text(&at, event->data);
    m->event.retry = event->retry;
    m->wire = keep_text(&at, wire);
    return m;
}

/* ---- queues --------------------------------------------------------------------------------- */

static message *
queue_pop(queue *q)
{
    if (q->count == 0)
        return NULL;
    message *m = q->items[q->first];
    q->first = (q->first + 1) % q->room;
    q->count--;
    q->bytes -= m->wire.len;
    return m;
}

static bool
queue_grow(const kida_allocator *allocator, queue *q)
{
    size_t room = q->room ? q->room * 2 : QUEUE_FIRST;
    message **items = ch_calloc(allocator, room * sizeof(*items));
    if (!items)
        return false;
    for (size_t i = 0; i < q->count; i++)
        items[i] = q->items[(q->first + i) % q->room];
    ch_free(allocator, q->items, q->room * sizeof(*items));
    q->items = items;
    q->room = room;
    q->first = 0;
    return true;
}

/* Counts the message once more. False if there is no memory. */
static bool
queue_push(const kida_allocator *allocator, queue *q, message *m)
{
    if (q->count == q->room && !queue_grow(allocator, q))
        return false;
    atomic_fetch_add_explicit(&m->refs, 1, memory_order_relaxed);
    q->items[(q->first + q->count) % q->room] = m;
    q->count++;
    q->bytes += m->wire.len;
    return true;
}

static void
queue_clear(const kida_allocator *allocator, queue *q)
{
    for (message *m; (m = queue_pop(q)) != NULL;)
        drop_message(m);
    ch_free(allocator, q->items, q->room * sizeof(message *));
    *q = (queue){ 0 };
}

/* ---- hubs ----------------------------------------------------------------------------------- */

static bool
begin_history(chirp_hub *hub, const chirp_hub_options *options)
{
    unsigned char bytes[SERIES_LEN / 2];
    kida_error err;
    kida_error_init(&err);
    hub->history_events = options->history;
    hub->history_bytes = options->history_bytes ? options->history_bytes : HISTORY_BYTES;
    if (hub->history_events == 0)
        return true;
    if (ch_secret_init(&err) != KIDA_OK)
        return false;
    ch_random(bytes, sizeof(bytes));
    ch_hex_write(bytes, sizeof(bytes), hub->series);
    return true;
}

chirp_hub *
chirp_hub_new(const chirp_hub_options *options)
{
    static const chirp_hub_options defaults = { 0 };
    if (!options)
        options = &defaults;
    chirp_hub *hub = ch_calloc(&options->allocator, sizeof(*hub));
    if (!hub)
        return NULL;
    if (!begin_history(hub, options)) {
        ch_free(&options->allocator, hub, sizeof(*hub));
        return NULL;
    }
    pthread_mutex_init(&hub->lock, NULL);
    hub->allocator = options->allocator;
    hub->max_events = options->max_events ? options->max_events : EVENTS_MAX;
    hub->max_bytes = options->max_bytes ? options->max_bytes : BYTES_MAX;
    hub->slow = options->slow;
    hub->users = 1;
    return hub;
}

static void
drop_hub(chirp_hub *hub)
{
    pthread_mutex_lock(&hub->lock);
    bool is_last = --hub->users == 0;
    pthread_mutex_unlock(&hub->lock);
    if (!is_last)
        return;
    pthread_mutex_destroy(&hub->lock);
    queue_clear(&hub->allocator, &hub->history);
    kida_allocator allocator = hub->allocator;
    ch_free(&allocator, hub, sizeof(*hub));
}

void
chirp_hub_free(chirp_hub *hub)
{
    if (hub)
        drop_hub(hub);
}

size_t
chirp_hub_count(chirp_hub *hub)
{
    return atomic_load_explicit(&hub->count, memory_order_relaxed);
}

/* ---- publishing ----------------------------------------------------------------------------- */

/* Called with the lock held. */
static bool
post(chirp_hub *hub, side *to, message *m)
{
    queue *inbox = &to->inbox;
    while (inbox->count >= (size_t)hub->max_events * INBOX_TIMES ||
           (inbox->count > 0 && inbox->bytes + m->wire.len > hub->max_bytes * INBOX_TIMES)) {
        message *lost = queue_pop(inbox);
        to->lost_close = to->lost_close || lost->is_close;
        to->lost++;
        drop_message(lost);
    }
    if (!queue_push(&hub->allocator, inbox, m))
        return false;
    ch_mailbox_ring(to->mailbox);
    return true;
}

/* Called with the lock held. */
static bool
keep(chirp_hub *hub, message *m)
{
    queue *history = &hub->history;
    if (hub->history_events == 0 || m->is_close)
        return true;
    while (history->count >= hub->history_events ||
           (history->count > 0 && history->bytes + m->wire.len > hub->history_bytes))
        drop_message(queue_pop(history));
    return queue_push(&hub->allocator, history, m);
}

static void
put_digits(const message *m, kida_str text, size_t at)
{
    char *digits = (char *)(uintptr_t)text.ptr + at;
    for (size_t i = 0; i < DIGITS_LEN; i++)
        digits[i] = "0123456789abcdef"[(m->number >> (4 * (DIGITS_LEN - 1 - i))) & 15];
}

/* Numbers a message and hands it to all workers; drops it. digits_at: where the number of its own
 * id stands on the wire; 0: nowhere. */
static kida_status
send_out(chirp_hub *hub, message *m, size_t digits_at)
{
    kida_status st = KIDA_OK;
    pthread_mutex_lock(&hub->lock);
    m->number = ++hub->number;
    if (digits_at > 0) {
        put_digits(m, m->wire, digits_at);
        put_digits(m, m->event.id, SERIES_LEN + 1);
    }
    if (!keep(hub, m))
        st = KIDA_E_NOMEM;
    for (side *to = hub->sides; to; to = to->next) {
        if (!post(hub, to, m))
            st = KIDA_E_NOMEM;
    }
    pthread_mutex_unlock(&hub->lock);
    drop_message(m);
    return st;
}

static kida_status
publish(chirp_hub *hub, kida_str topic, const chirp_event *event, kida_buf *wire)
{
    char id[ID_LEN + 1];
    chirp_event made = *event;
    size_t digits_at = 0;
    if (hub->history_events > 0 && !event->id.ptr) {
        snprintf(id, sizeof(id), "%s-%0*d", hub->series, DIGITS_LEN, 0);
        made.id = (kida_str){ id, ID_LEN };
        digits_at = sizeof("id: ") - 1 + SERIES_LEN + 1;
        if (event->event.len > 0)
            digits_at += sizeof("event: ") - 1 + event->event.len + 1;
    }
    kida_status st = ch_event_write(wire, &made);
    kida_str bytes = kida_buf_str(wire);
    if (st == KIDA_OK && bytes.len > hub->max_bytes)
        st = KIDA_E_LIMIT_MEMORY;
    if (st != KIDA_OK)
        return st;
    message *m = make_message(hub, topic, &made, bytes);
    return m ? send_out(hub, m, digits_at) : KIDA_E_NOMEM;
}

kida_status
chirp_hub_publish(chirp_hub *hub, kida_str topic, const chirp_event *event)
{
    kida_buf wire;
    kida_buf_init_heap(&wire, &hub->allocator, EVENT_MAX);
    kida_status st = publish(hub, topic, event, &wire);
    kida_buf_free(&wire);
    return st;
}

kida_status
chirp_hub_close(chirp_hub *hub, kida_str topic)
{
    const chirp_event nothing = { 0 };
    message *m = make_message(hub, topic, &nothing, KIDA_S(""));
    if (!m)
        return KIDA_E_NOMEM;
    m->is_close = true;
    return send_out(hub, m, 0);
}

static kida_status
into(void *user, const char *data, size_t len)
{
    kida_buf_put(user, (kida_str){ data, len });
    return kida_buf_status(user);
}

static kida_status
render_event(const chirp_app *app, const char *name, const char *block, kida_value context,
             kida_buf *html, kida_error *err)
{
    kida_render_options options;
    kida_render_options_init(&options);
    options.block = kida_str_from(block);
    kida_template *tpl = kida_env_get(app->frozen.env, kida_str_from(name), err);
    if (!tpl)
        return err && err->status != KIDA_OK ? err->status : KIDA_E_NOT_FOUND;
    kida_status st = kida_render(tpl, context, &options, into, html, err);
    kida_template_drop(tpl);
    return st;
}

kida_status
chirp_hub_publish_fragment(chirp_hub *hub, chirp_app *app, kida_str topic, const char *name,
                           const char *block, const char *target, kida_value context,
                           kida_error *err)
{
    kida_error local;
    if (!err)
        err = &local;
    kida_error_init(err);
    if (!chirp_app_is_frozen(app))
        return ch_fail(err, KIDA_E_USAGE, "fragments can be made once the app is frozen");
    kida_buf html, wrapped;
    kida_buf_init_heap(&html, &hub->allocator, EVENT_MAX);
    kida_buf_init_heap(&wrapped, &hub->allocator, EVENT_MAX);
    kida_status st = render_event(app, name, block, context, &html, err);
    chirp_event event = { .event = KIDA_S("fragment"), .data = ch_str_trim(kida_buf_str(&html)) };
    if (target) {
        ch_event_wrap(&wrapped, kida_str_from(target), kida_buf_str(&html));
        event.event = kida_str_from(target);
        event.data = kida_buf_str(&wrapped);
    }
    if (st == KIDA_OK && target)
        st = kida_buf_status(&wrapped);
    if (st == KIDA_OK)
        st = chirp_hub_publish(hub, topic, &event);
    kida_buf_free(&wrapped);
    kida_buf_free(&html);
    return st;
}

/* ---- handing on, on the worker's thread ----------------------------------------------------- */

static void
make_ready(chirp_subscription *sub)
{
    if (sub->is_ready)
        return;
    sub->is_ready = true;
    sub->next_ready = sub->side->ready;
    sub->side->ready = sub;
}

static void
close_slow(chirp_subscription *sub)
{
    sub->is_closed = true;
    queue_clear(&sub->side->hub->allocator, &sub->queue);
    make_ready(sub);
}

static bool
is_for(const chirp_subscription *sub, const message *m)
{
    if (m->topic.len == 0 || kida_str_equal(sub->topic, m->topic))
        return true;
    return sub->topic.len == 0 && !m->is_close;
}

static void
give(chirp_subscription *sub, message *m)
{
    const chirp_hub *hub = sub->side->hub;
    if (sub->is_closed || m->number <= sub->seen || !is_for(sub, m))
        return;
    if (m->is_close) {
        sub->is_closed = true; /* what it has still comes */
        make_ready(sub);
        return;
    }
    queue *q = &sub->queue;
    while (q->count > 0 &&
           (q->count >= hub->max_events || q->bytes + m->wire.len > hub->max_bytes)) {
        if (hub->slow == CHIRP_SLOW_CLOSE) {
            close_slow(sub);
            return;
        }
        if (hub->slow == CHIRP_SLOW_SKIP) {
            sub->dropped++;
            return;
        }
        drop_message(queue_pop(q));
        sub->dropped++;
    }
    if (!queue_push(&hub->allocator, q, m))
        sub->dropped++;
    make_ready(sub);
}

/* A woken handler may leave, and end others: the list is looked at anew each time. */
static void
wake_ready(side *at)
{
    while (at->ready) {
        chirp_subscription *sub = at->ready;
        at->ready = sub->next_ready;
        sub->is_ready = false;
        if (sub->wait && !sub->wait->is_done)
            ch_task_wake(ch_task_of(sub->req), sub->wait);
    }
}

/* Nobody knows any more whom a lost end was for: clients of the others come back. */
static void
tell_lost(side *at, uint64_t lost, bool lost_close)
{
    for (chirp_subscription *sub = at->subscriptions; sub; sub = sub->next) {
        sub->dropped += lost;
        if ((at->hub->slow == CHIRP_SLOW_CLOSE || lost_close) && !sub->is_closed)
            close_slow(sub);
    }
}

static void
on_mail(void *user)
{
    side *at = user;
    chirp_hub *hub = at->hub;
    pthread_mutex_lock(&hub->lock);
    queue mail = at->inbox;
    uint64_t lost = at->lost;
    at->inbox = (queue){ 0 };
    bool lost_close = at->lost_close;
    at->lost = 0;
    at->lost_close = false;
    pthread_mutex_unlock(&hub->lock);
    if (lost > 0)
        tell_lost(at, lost, lost_close);
    for (message *m; (m = queue_pop(&mail)) != NULL;) {
        for (chirp_subscription *sub = at->subscriptions; sub; sub = sub->next)
            give(sub, m);
        wake_ready(at);
        drop_message(m);
    }
    wake_ready(at);
    queue_clear(&hub->allocator, &mail);
}

/* ---- sides ---------------------------------------------------------------------------------- */

static void
free_side(void *user)
{
    side *at = user;
    chirp_hub *hub = at->hub;
    ch_free(&hub->allocator, at, sizeof(*at));
    drop_hub(hub);
}

/* The worker ends; it has no connections any more. */
static void
close_side(void *ptr)
{
    side *at = ptr;
    chirp_hub *hub = at->hub;
    pthread_mutex_lock(&hub->lock);
    if (at->prev)
        at->prev->next = at->next;
    else
        hub->sides = at->next;
    if (at->next)
        at->next->prev = at->prev;
    queue_clear(&hub->allocator, &at->inbox);
    pthread_mutex_unlock(&hub->lock);
    ch_mailbox_close(at->mailbox, free_side);
}

static side *
open_side(chirp_worker *worker, chirp_hub *hub, const char *name)
{
    side *at = ch_calloc(&hub->allocator, sizeof(*at));
    if (!at)
        return NULL;
    at->hub = hub;
    at->mailbox = ch_mailbox_open(worker, on_mail, at);
    if (!at->mailbox) {
        ch_free(&hub->allocator, at, sizeof(*at));
        return NULL;
    }
    pthread_mutex_lock(&hub->lock);
    hub->users++;
    at->next = hub->sides;
    if (at->next)
        at->next->prev = at;
    hub->sides = at;
    pthread_mutex_unlock(&hub->lock);
    return chirp_worker_set(worker, name, at, close_side) == KIDA_OK ? at : NULL;
}

static side *
side_of(chirp_worker *worker, chirp_hub *hub)
{
    char name[40];
    snprintf(name, sizeof(name), "chirp:hub:%p", (void *)hub);
    side *at = chirp_worker_get(worker, name);
    return at ? at : open_side(worker, hub, name);
}

/* ---- subscriptions -------------------------------------------------------------------------- */

static void
forget_ready(chirp_subscription *sub)
{
    chirp_subscription **at = &sub->side->ready;
    while (*at && *at != sub)
        at = &(*at)->next_ready;
    if (*at)
        *at = sub->next_ready;
}

static void
end_subscription(void *ptr)
{
    chirp_subscription *sub = ptr;
    side *at = sub->side;
    if (!at)
        return;
    if (sub->is_ready)
        forget_ready(sub);
    if (sub->prev)
        sub->prev->next = sub->next;
    else
        at->subscriptions = sub->next;
    if (sub->next)
        sub->next->prev = sub->prev;
    queue_clear(&at->hub->allocator, &sub->replay);
    queue_clear(&at->hub->allocator, &sub->queue);
    drop_message(sub->current);
    sub->current = NULL;
    sub->side = NULL;
    atomic_fetch_sub_explicit(&at->hub->count, 1, memory_order_relaxed);
}

/* Takes what came after the event of that id out of the history, or all of it if the id is none of
 * those kept. Called with the lock held. */
static bool
fill_replay(chirp_subscription *sub, chirp_hub *hub, kida_str last_id)
{
    const queue *history = &hub->history;
    size_t start = history->count;
    while (start > 0 && !kida_str_equal(
               history->items[(history->first + start - 1) % history->room]->event.id, last_id))
        start--;
    for (size_t i = start; i < history->count; i++) {
        message *m = history->items[(history->first + i) % history->room];
        if (is_for(sub, m) && !queue_push(&hub->allocator, &sub->replay, m))
            return false;
    }
    return true;
}

chirp_subscription *
chirp_hub_join_after(chirp_request *req, chirp_hub *hub, kida_str topic, kida_str last_id)
{
    side *at = side_of(req->worker, hub);
    chirp_subscription *sub = ch_arena_array(&req->arena, 1, sizeof(*sub));
    if (!at || !sub)
        return NULL;
    sub->req = req;
    sub->topic = ch_arena_copy(&req->arena, topic);
    if (!sub->topic.ptr)
        return NULL;
    snprintf(sub->name, sizeof(sub->name), "chirp:join:%p", (void *)sub);
    pthread_mutex_lock(&hub->lock);
    sub->seen = hub->number;
    bool is_filled = !last_id.ptr || fill_replay(sub, hub, last_id);
    pthread_mutex_unlock(&hub->lock);
    sub->side = at;
    sub->next = at->subscriptions;
    if (sub->next)
        sub->next->prev = sub;
    at->subscriptions = sub;
    atomic_fetch_add_explicit(&hub->count, 1, memory_order_relaxed);
    return chirp_g_set(req, sub->name, sub, end_subscription) == KIDA_OK && is_filled ? sub : NULL;
}

chirp_subscription *
chirp_hub_join(chirp_request *req, chirp_hub *hub, kida_str topic)
{
    return chirp_hub_join_after(req, hub, topic, (kida_str){ NULL, 0 });
}

void
chirp_hub_leave(chirp_subscription *sub)
{
    if (sub && sub->side)
        chirp_g_delete(sub->req, sub->name);
}

static void
cancel_next(ch_task *task, ch_wait *wait)
{
    ch_task_wake(task, wait);
}

static bool
wait_for_event(chirp_subscription *sub, ch_task *task)
{
    ch_wait wait = { cancel_next, false };
    sub->wait = &wait;
    kida_status st = ch_task_wait(task, &wait);
    sub->wait = NULL;
    return st == KIDA_OK;
}

kida_status
chirp_hub_next(chirp_subscription *sub, const chirp_event **event)
{
    ch_task *task = ch_task_running();
    drop_message(sub->current);
    sub->current = NULL;
    if (!task || task->req != sub->req || !sub->side)
        return KIDA_E_USAGE;
    queue *from = &sub->replay;
    while (sub->replay.count == 0 && sub->queue.count == 0) {
        if (task->is_gone || sub->is_closed || !wait_for_event(sub, task))
            return KIDA_E_STOPPED;
    }
    if (task->is_gone)
        return KIDA_E_STOPPED;
    if (from->count == 0)
        from = &sub->queue;
    sub->current = queue_pop(from);
    *event = &sub->current->event;
    return KIDA_OK;
}

kida_str
ch_hub_topic(const chirp_subscription *sub)
{
    return sub->current ? sub->current->topic : KIDA_S("");
}

kida_str
ch_hub_bytes(const chirp_subscription *sub)
{
    return sub->current ? sub->current->wire : KIDA_S("");
}

uint64_t
chirp_hub_dropped(chirp_subscription *sub)
{
    uint64_t dropped = sub->dropped;
    sub->dropped = 0;
    return dropped;
}

kida_status
chirp_sse_follow(chirp_sse *sse, chirp_hub *hub, kida_str topic)
{
    chirp_request *req = chirp_sse_request(sse);
    chirp_subscription *sub = chirp_hub_join_after(req, hub, topic, chirp_last_event_id(req));
    if (!sub)
        return KIDA_E_NOMEM;
    kida_status st = KIDA_OK;
    while (st == KIDA_OK) {
        const chirp_event *event;
        st = chirp_hub_next(sub, &event);
        if (st == KIDA_OK)
            st = ch_sse_put(sse, ch_hub_bytes(sub));
    }
    chirp_hub_leave(sub);
    return st;
}
