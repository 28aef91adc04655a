/* SPDX-License-Identifier: MIT */
/* news.c - two pages and live scores out of an upstream JSON API. Each worker has an HTTP client,
 * made and closed by hooks of chirp_use_http, and keeps the front page for a while, so no lock is
 * needed and upstream is asked no more often for a thousand readers than for one. */
#include "news.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- the front page of a worker ------------------------------------------------------------ */

typedef struct shelf {
    char *text; /* JSON as it came */
    size_t len;
    time_t until;
    uint64_t edition; /* grows with each new text */
} shelf;

static void
free_shelf(void *ptr)
{
    shelf *own = ptr;
    free(own->text);
    free(own);
}

static kida_status
make_shelf(chirp_worker *worker, void *user, kida_error *err)
{
    (void)user;
    (void)err;
    shelf *own = calloc(1, sizeof(*own));
    return own ? chirp_worker_set(worker, "shelf", own, free_shelf) : KIDA_E_NOMEM;
}

static void
put_on_shelf(shelf *own, kida_str text, unsigned fresh)
{
    char *copy = malloc(text.len + 1);
    if (!copy)
        return;
    memcpy(copy, text.ptr, text.len);
    free(own->text);
    *own = (shelf){ copy, text.len, time(NULL) + fresh, own->edition + 1 };
}

/* ---- upstream ------------------------------------------------------------------------------ */

static kida_status
fetch(chirp_request *req, const news_source *source, const char *path, kida_pool *pool,
      kida_str *text, kida_error *err)
{
    char url[512];
    chirp_http_request request = { .url = url, .pool = pool };
    chirp_http_answer answer;
    if (source->upstream)
        snprintf(url, sizeof(url), "%s%s", source->upstream, path);
    else
        snprintf(url, sizeof(url), "http://127.0.0.1:%u/demo%s", chirp_port(chirp_app_of(req)),
                 path);
    kida_status st = chirp_http_send(req, &request, &answer, err);
    if (st == KIDA_OK && answer.status == 404)
        return KIDA_E_NOT_FOUND;
    if (st == KIDA_OK && answer.status != 200) {
        snprintf(err->message, sizeof(err->message), "upstream answered %u", answer.status);
        return KIDA_E_IO;
    }
    if (st == KIDA_OK)
        *text = answer.body;
    return st;
}

/* The reader is told that the news are not to be had; the log is told why. */
static chirp_reply *
no_news(chirp_request *req, kida_status st, const kida_error *err)
{
    kida_value context;
    if (st == KIDA_E_NOT_FOUND)
        return chirp_reply_fail(req, 404, "There is no such story");
    if (st == KIDA_E_STOPPED)
        return chirp_reply_error(req, err);
    fprintf(stderr, "news: %s\n", err->message);
    if (kida_context(chirp_pool(req), &context, "slow", kida_bool(st == KIDA_E_LIMIT_TIME),
                     NULL) != KIDA_OK)
        return NULL;
    return chirp_reply_set_status(chirp_reply_template(req, "sorry.html", context), 502);
}

/* ---- pages --------------------------------------------------------------------------------- */

/* The stories of the front page, from the shelf or from upstream, as values in pool. */
static kida_status
front_stories(chirp_request *req, const news_source *source, kida_pool *pool, kida_value *out,
              kida_error *err)
{
    kida_str text = { NULL, 0 };
    kida_value front;
    shelf *own = chirp_worker_get(chirp_worker_of(req), "shelf");
    kida_status st = KIDA_OK;
    if (own && own->text && time(NULL) < own->until)
        text = (kida_str){ own->text, own->len };
    else
        st = fetch(req, source, "/search?tags=front_page&hitsPerPage=30", pool, &text, err);
    if (st == KIDA_OK)
        st = kida_json_parse(pool, text, &front, err);
    if (st != KIDA_OK)
        return st;
    if (own && text.ptr != own->text)
        put_on_shelf(own, text, source->fresh);
    *out = kida_dict_get(front, KIDA_S("hits"));
    return KIDA_OK;
}

static chirp_reply *
front_page(chirp_request *req, void *user)
{
    kida_error err = { 0 };
    kida_value stories;
    kida_value context;
    kida_status st = front_stories(req, user, chirp_pool(req), &stories, &err);
    if (st != KIDA_OK)
        return no_news(req, st, &err);
    if (kida_context(chirp_pool(req), &context, "stories", stories, NULL) != KIDA_OK)
        return NULL;
    return chirp_reply_page(req, "front.html", "stories", context);
}

/* ---- live scores --------------------------------------------------------------------------- */

/* Sends the scores of all stories, where there are new ones. */
static kida_status
send_scores(chirp_sse *sse, const news_source *source, uint64_t *edition)
{
    chirp_request *req = chirp_sse_request(sse);
    shelf *own = chirp_worker_get(chirp_worker_of(req), "shelf");
    kida_pool *pool = chirp_scratch(req); /* of this look alone: the stream may last for days */
    kida_error err = { 0 };
    kida_value stories;
    kida_value context;
    kida_status st = front_stories(req, source, pool, &stories, &err);
    bool is_new = own && own->edition != *edition;
    if (st == KIDA_OK && is_new)
        st = kida_context(pool, &context, "stories", stories, NULL);
    if (st == KIDA_OK && is_new) {
        *edition = own->edition;
        st = chirp_sse_fragment(sse, "scores.html", "scores", NULL, context);
    }
    /* Upstream may be back at the next look. */
    return st == KIDA_E_IO || st == KIDA_E_LIMIT_TIME || st == KIDA_E_JSON ? KIDA_OK : st;
}

static kida_status
follow_scores(chirp_sse *sse, void *user)
{
    const news_source *source = user;
    uint64_t edition = 0;
    kida_status st = KIDA_OK;
    while (st == KIDA_OK) {
        st = send_scores(sse, source, &edition);
        if (st == KIDA_OK)
            st = chirp_sleep(chirp_sse_request(sse), source->fresh * 1000);
    }
    return st;
}

static chirp_reply *
scores(chirp_request *req, void *user)
{
    return chirp_reply_sse(req, follow_scores, user, NULL);
}

/* ---- stories and what is not there --------------------------------------------------------- */

static chirp_reply *
story_page(chirp_request *req, void *user)
{
    char path[64];
    int64_t id = 0;
    kida_error err = { 0 };
    kida_str text;
    kida_value story;
    kida_value context;
    kida_status st = chirp_param_int(req, "id", &id);
    snprintf(path, sizeof(path), "/items/%lld", (long long)id);
    if (st == KIDA_OK)
        st = fetch(req, user, path, chirp_pool(req), &text, &err);
    if (st == KIDA_OK)
        st = kida_json_parse(chirp_pool(req), text, &story, &err);
    if (st != KIDA_OK)
        return no_news(req, st, &err);
    if (kida_context(chirp_pool(req), &context, "story", story, NULL) != KIDA_OK)
        return NULL;
    return chirp_reply_template(req, "story.html", context);
}

static chirp_reply *
not_found(chirp_request *req, const chirp_failure *failure, void *user)
{
    (void)user;
    kida_value context;
    if (kida_context(chirp_pool(req), &context, "detail", kida_string(failure->detail), NULL) !=
        KIDA_OK)
        return NULL;
    return chirp_reply_template(req, "missing.html", context);
}

void
news_add(chirp_app *app, news_source *source)
{
    chirp_http_config config;
    chirp_http_config_init(&config);
    config.timeout = 6000;
    chirp_use_http(app, &config, NULL); /* a failure stops chirp_run */
    plain_add(app);
    chirp_on_worker_startup(app, make_shelf, NULL);
    chirp_on_error(app, 404, not_found, NULL);
    chirp_route(app, "GET", "/", front_page, source);
    chirp_route(app, "GET", "/scores", scores, source);
    chirp_route(app, "GET", "/story/{id:int}", story_page, source);
}
