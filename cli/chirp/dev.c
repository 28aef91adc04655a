/* SPDX-License-Identifier: MIT */
/* dev.c - what development adds to an app: pages that reload when something has changed. */
#define _GNU_SOURCE
#include "chirp_cli.h"

#include <string.h>

#define DEV_PATH "/__chirp__/dev-reload"
#define DEV_PAUSE 100 /* milliseconds between two looks */

static unsigned
now(const unsigned *generation)
{
    return __atomic_load_n(generation, __ATOMIC_ACQUIRE);
}

/* ---- the stream ------------------------------------------------------------------------------ */

static kida_status
tell(chirp_sse *sse, void *user)
{
    const unsigned *generation = user;
    chirp_request *req = chirp_sse_request(sse);
    unsigned told = now(generation) + 1; /* something else, so that it is told at once */
    for (;;) {
        unsigned current = now(generation);
        if (current != told) {
            char text[16];
            int len = snprintf(text, sizeof(text), "%u", current);
            kida_status st = chirp_sse_data(sse, (kida_str){ text, len > 0 ? (size_t)len : 0 });
            if (st != KIDA_OK)
                return st;
            told = current;
        }
        kida_status st = chirp_sleep(req, DEV_PAUSE);
        if (st != KIDA_OK)
            return st;
    }
}

static chirp_reply *
stream(chirp_request *req, void *user)
{
    static const chirp_sse_options options = { .retry = 200 };
    return chirp_reply_sse(req, tell, user, &options);
}

/* ---- the snippet ----------------------------------------------------------------------------- */

/* Comes back by itself: a new server process must be found quicker than browsers would. */
static const char snippet[] =
    "(function(g){function go(){var s=new EventSource('" DEV_PATH "');"
    "s.onmessage=function(e){if(e.data!==g){s.close();location.reload()}};"
    "s.onerror=function(){s.close();setTimeout(go,200)};"
    "addEventListener('pagehide',function(){s.close()},{once:true})}go()})";

/* Where the last "</body>" begins, or the length. */
static size_t
find_end(kida_str body)
{
    static const char wanted[] = "</body>";
    size_t len = sizeof(wanted) - 1;
    for (size_t at = body.len; at-- > 0;) {
        if (body.len - at >= len && memcmp(body.ptr + at, wanted, len) == 0)
            return at;
    }
    return body.len;
}

static bool
is_page(const chirp_reply *reply)
{
    kida_str body = chirp_reply_body(reply);
    size_t at = 0;
    while (at < body.len && (body.ptr[at] == ' ' || body.ptr[at] == '\n' || body.ptr[at] == '\r'))
        at++;
    return chirp_reply_is_whole(reply) && at < body.len && body.ptr[at] == '<';
}

static chirp_reply *
inject(chirp_request *req, chirp_next *next, void *user)
{
    chirp_reply *reply = chirp_proceed(next, req);
    if (reply == NULL || !is_page(reply))
        return reply;
    kida_str body = chirp_reply_body(reply), nonce = chirp_csp_nonce(req);
    size_t end = find_end(body);
    kida_buf *out = end < body.len ? chirp_buffer(req) : NULL;
    if (out == NULL)
        return reply;
    kida_buf_put(out, (kida_str){ body.ptr, end });
    kida_buf_put(out, KIDA_S("<script"));
    if (nonce.len > 0) {
        kida_buf_put(out, KIDA_S(" nonce=\""));
        kida_buf_html(out, nonce);
        kida_buf_byte(out, '"');
    }
    kida_buf_format(out, ">%s('%u')</script>", snippet, now(user));
    kida_buf_put(out, (kida_str){ body.ptr + end, body.len - end });
    return kida_buf_status(out) == KIDA_OK ? chirp_reply_set_body(reply, kida_buf_str(out)) : reply;
}

bool
dev_attach(cli *c, chirp_app *app, const unsigned *generation)
{
    kida_error err;
    kida_error_init(&err);
    void *user = (void *)(uintptr_t)generation;
    chirp_route_def route = { .path = DEV_PATH, .handler = stream, .user = user,
                              .is_referenced = true };
    if (chirp_use(app, inject, user, NULL) == KIDA_OK &&
        chirp_route_add(app, &route, &err) == KIDA_OK)
        return true;
    cli_say(c, "the app can't be prepared for --reload: %s",
            err.message[0] ? err.message : "it is frozen already");
    return false;
}
