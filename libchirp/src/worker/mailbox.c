/* SPDX-License-Identifier: MIT */
/* mailbox.c - see mailbox.h. */
#define _GNU_SOURCE
#include "mailbox.h"

#include "config/alloc.h"
#include "internal.h"

struct ch_mailbox {
    uv_async_t async;
    kida_allocator allocator;
    void (*on_mail)(void *user);
    void (*closed)(void *user);
    void *user;
};

static void
on_ring(uv_async_t *async)
{
    ch_mailbox *mailbox = async->data;
    if (!uv_is_closing((const uv_handle_t *)async))
        mailbox->on_mail(mailbox->user);
}

ch_mailbox *
ch_mailbox_open(chirp_worker *worker, void (*on_mail)(void *user), void *user)
{
    ch_mailbox *mailbox = ch_calloc(&worker->allocator, sizeof(*mailbox));
    if (!mailbox)
        return NULL;
    mailbox->allocator = worker->allocator;
    mailbox->on_mail = on_mail;
    mailbox->user = user;
    if (uv_async_init(&worker->loop, &mailbox->async, on_ring) != 0) {
        ch_free(&worker->allocator, mailbox, sizeof(*mailbox));
        return NULL;
    }
    mailbox->async.data = mailbox;
    uv_unref((uv_handle_t *)&mailbox->async);
    return mailbox;
}

void
ch_mailbox_ring(ch_mailbox *mailbox)
{
    uv_async_send(&mailbox->async);
}

static void
on_closed(uv_handle_t *handle)
{
    ch_mailbox *mailbox = handle->data;
    if (mailbox->closed)
        mailbox->closed(mailbox->user);
    kida_allocator allocator = mailbox->allocator;
    ch_free(&allocator, mailbox, sizeof(*mailbox));
}

void
ch_mailbox_close(ch_mailbox *mailbox, void (*closed)(void *user))
{
    mailbox->closed = closed;
    uv_close((uv_handle_t *)&mailbox->async, on_closed);
}
