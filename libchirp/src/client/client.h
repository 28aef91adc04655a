/* SPDX-License-Identifier: MIT */
/* client.h - the test client from inside. */
#ifndef CH_CLIENT_CLIENT_H
#define CH_CLIENT_CLIENT_H

#include <chirp/client.h>

#include "config/arena.h"
#include "worker/conn.h"
#include "worker/worker.h"

#define CH_RECEIVED_MAX ((size_t)256 << 20)

/* A cookie that a server has set. */
typedef struct ch_jar_entry {
    struct ch_jar_entry *next;
    kida_str name;
    kida_str value;
} ch_jar_entry;

struct chirp_test_client {
    chirp_app *app;
    kida_allocator allocator;
    chirp_worker *worker;
    ch_conn *conn;     /* NULL: the next request opens one */
    kida_buf sent;     /* the request in the making */
    kida_buf received; /* all that came back for it */
    kida_buf body;     /* of a chunked answer */
    bool is_head;      /* the running request wants no body */
    bool is_shut;      /* the server sends no more */
    bool is_closing;
    bool keeps_cookies;
    unsigned redirects; /* that are followed */
    ch_jar_entry *jar;  /* newest first */
    ch_arena events;    /* of chirp_test_sse */
};

/* calls.c: takes the cookies of an answer; adds them to a request; forgets them. */
void ch_jar_take(chirp_test_client *client, const chirp_answer *answer);
void ch_jar_put(const chirp_test_client *client, kida_buf *out);
void ch_jar_clear(chirp_test_client *client);

#endif
