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

/* An event that several queues hold. Fixed once published, but for refs. */
typedef struct message {
    atomic_uint refs;    /* up relaxed, down acquire-release */
    size_t size;         /* of this block */
    kida_allocator allocator;
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

chirp_hub *
chirp_hub_new(const chirp_hub_options *options)
{
    static const chirp_hub_options defaults = { 0 };
    if (!options)
        options = &defaults;
    chirp_hub *hub = ch_calloc(&options->allocator, sizeof(*hub));
    if (!hub)
        return NULL;
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
        drop_message(queue_pop(inbox));
        to->lost++;
    }
    if (!queue_push(&hub->allocator, inbox, m))
        return false;
    ch_mailbox_ring(to->mailbox);
    return true;
}

static kida_status
publish(chirp_hub *hub, kida_str topic, const chirp_event *event, kida_buf *wire)
{
    kida_status st = ch_event_write(wire, event);
    kida_str bytes = kida_buf_str(wire);
    if (st == KIDA_OK && bytes.len > hub->max_bytes)
        st = KIDA_E_LIMIT_MEMORY;
    if (st != KIDA_OK)
        return st;
    message *m = make_message(hub, topic, event, bytes);
    if (!m)
        return KIDA_E_NOMEM;
    pthread_mutex_lock(&hub->lock);
    for (side *to = hub->sides; to; to = to->next) {
        if (!post(hub, to, m))
            st = KIDA_E_NOMEM;
    }
    pthread_mutex_unlock(&hub->lock);
    drop_message(m);
    return st;
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

static void
give(chirp_subscription *sub, message *m)
{
    const chirp_hub *hub = sub->side->hub;
    bool fits = sub->topic.len == 0 || m->topic.len == 0 || kida_str_equal(sub->topic, m->topic);
    if (!fits || sub->is_closed)
        return;
    queue *q = &sub->queue;
    while (q->count > 0 &&
           (q->count >= hub->max_events || q->bytes + m->wire.len > hub->max_bytes)) {
        if (hub->slow == CHIRP_SLOW_CLOSE) {
            close_slow(sub);
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

static void
tell_lost(side *at, uint64_t lost)
{
    for (chirp_subscription *sub = at->subscriptions; sub; sub = sub->next) {
        sub->dropped += lost;
        if (at->hub->slow == CHIRP_SLOW_CLOSE && !sub->is_closed)
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
    at->lost = 0;
    pthread_mutex_unlock(&hub->lock);
    if (lost > 0)
        tell_lost(at, lost);
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
    queue_clear(&at->hub->allocator, &sub->queue);
    drop_message(sub->current);
    sub->current = NULL;
    sub->side = NULL;
    atomic_fetch_sub_explicit(&at->hub->count, 1, memory_order_relaxed);
}

chirp_subscription *
chirp_hub_join(chirp_request *req, chirp_hub *hub, kida_str topic)
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
    sub->side = at;
    sub->next = at->subscriptions;
    if (sub->next)
        sub->next->prev = sub;
    at->subscriptions = sub;
    atomic_fetch_add_explicit(&hub->count, 1, memory_order_relaxed);
    return chirp_g_set(req, sub->name, sub, end_subscription) == KIDA_OK ? sub : NULL;
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
    while (sub->queue.count == 0) {
        if (task->is_gone || sub->is_closed || !wait_for_event(sub, task))
            return KIDA_E_STOPPED;
    }
    if (task->is_gone)
        return KIDA_E_STOPPED;
    sub->current = queue_pop(&sub->queue);
    *event = &sub->current->event;
    return KIDA_OK;
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
    chirp_subscription *sub = chirp_hub_join(chirp_sse_request(sse), hub, topic);
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
