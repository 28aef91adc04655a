/* SPDX-License-Identifier: MIT */
/* demo.c - an upstream of two stories, in the same process: the reader can be tried, and tested,
 * without a network. A handler that asks its own server parks, so even one worker is enough. */
#include "news.h"

#include <stdatomic.h>

/* A format: the number of votes for the first story is filled in. */
static const char front[] =
    "{\"hits\": ["
    "{\"objectID\": \"1\", \"title\": \"Hypermedia <still> works\", \"points\": %d,"
    " \"author\": \"ada\", \"url\": \"https://example.org/hypermedia\", \"num_comments\": 4},"
    "{\"objectID\": \"2\", \"title\": \"Ask: what do you render on the server?\", \"points\": 64,"
    " \"author\": \"grace\", \"url\": null, \"num_comments\": 0}]}";

static const char first[] =
    "{\"id\": 1, \"title\": \"Hypermedia <still> works\", \"points\": 128, \"author\": \"ada\","
    " \"url\": \"https://example.org/hypermedia\", \"text\": null, \"children\": ["
    "{\"id\": 11, \"author\": \"alan\", \"text\": \"<p>It never stopped.<script>x()</script>\","
    " \"children\": [{\"id\": 12, \"author\": \"ada\", \"text\": \"Quite so.\", \"children\": ["
    "{\"id\": 13, \"author\": \"alan\", \"text\": \"And it is fast &amp; small.\","
    " \"children\": []}]}]},"
    "{\"id\": 14, \"author\": null, \"text\": null, \"children\": []},"
    "{\"id\": 15, \"author\": \"edsger\", \"text\": \"Show me the code.\", \"children\": []}]}";

static const char second[] =
    "{\"id\": 2, \"title\": \"Ask: what do you render on the server?\", \"points\": 64,"
    " \"author\": \"grace\", \"url\": null, \"text\": \"Everything, or just the shell?\","
    " \"children\": []}";

static chirp_reply *
demo_front(chirp_request *req, void *user)
{
    static atomic_int votes; /* somebody likes the first one each time it is looked at */
    (void)user;
    return chirp_reply_set_type(chirp_reply_textf(req, front, 128 + atomic_fetch_add(&votes, 1)),
                                "application/json");
}

static chirp_reply *
demo_item(chirp_request *req, void *user)
{
    (void)user;
    int64_t id = 0;
    if (chirp_param_int(req, "id", &id) != KIDA_OK || id < 1 || id > 2)
        return chirp_reply_fail(req, 404, "no such item");
    return chirp_reply_bytes(req, id == 1 ? KIDA_S(first) : KIDA_S(second), "application/json");
}

void
demo_add(chirp_app *app)
{
    chirp_route(app, "GET", "/demo/search", demo_front, NULL);
    chirp_route(app, "GET", "/demo/items/{id:int}", demo_item, NULL);
}
