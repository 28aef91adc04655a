/* SPDX-License-Identifier: MIT */
/* client.c - the HTTP client of a worker: settings, retries, answers. */
#include <chirp/http_client.h>

#include <string.h>

#include "app/app.h"
#include "config/alloc.h"
#include "config/fail.h"
#include "config/text.h"
#include "http/request.h"
#include "worker/fetch.h"

#define CLIENT_NAME "chirp.http_client"
#define URL_MAX 8192

/* ---- settings ------------------------------------------------------------------------------ */

void
chirp_http_config_init(chirp_http_config *config)
{
    *config = (chirp_http_config){
        .size = sizeof(*config),
        .user_agent = "chirp/" KIDA_VERSION,
        .timeout = 10000,
        .connect_timeout = 3000,
        .retries = 2,
        .backoff = 100,
        .max_redirects = 5,
        .host_connections = 16,
        .idle_connections = 32,
        .max_response = (size_t)8 << 20,
        .max_head = (size_t)64 << 10,
    };
}

static bool
is_web(kida_str url)
{
    static const kida_str schemes[] = { KIDA_S_INIT("http://"), KIDA_S_INIT("https://") };
    for (size_t i = 0; i < 2; i++) {
        if (url.len > schemes[i].len &&
            ch_str_iequal(ch_str_slice(url, 0, schemes[i].len), schemes[i]))
            return true;
    }
    return false;
}

static kida_status
check_config(const chirp_http_config *config, kida_error *err)
{
    if (config->size != sizeof(*config))
        return ch_fail(err, KIDA_E_USAGE, "the config was not filled by chirp_http_config_init");
    if (config->base_url && !is_web(kida_str_from(config->base_url)))
        return ch_fail(err, KIDA_E_USAGE, "base_url must begin with http:// or https://");
    const uint32_t hour = 3600000;
    const struct {
        const char *name;
        uint64_t value, min, max;
    } rows[] = {
        { "timeout", config->timeout, 1, hour },
        { "connect_timeout", config->connect_timeout, 1, hour },
        { "retries", config->retries, 0, 10 },
        { "backoff", config->backoff, 1, hour },
        { "max_redirects", config->max_redirects, 0, 20 },
        { "host_connections", config->host_connections, 1, 1000 },
        { "idle_connections", config->idle_connections, 1, 1000 },
        { "max_response", config->max_response, 1, SIZE_MAX / 2 },
        { "max_head", config->max_head, 1024, SIZE_MAX / 2 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].value < rows[i].min || rows[i].value > rows[i].max)
            return ch_fail(err, KIDA_E_USAGE, "%s must be from %llu to %llu", rows[i].name,
                           (unsigned long long)rows[i].min, (unsigned long long)rows[i].max);
    }
    return KIDA_OK;
}

/* ---- hooks --------------------------------------------------------------------------------- */

/* What a worker keeps. */
typedef struct client {
    ch_fetcher *fetcher;
    const chirp_http_config *config;
    kida_allocator allocator;
} client;

static void
close_client(void *arg)
{
    client *self = arg;
    ch_fetcher_close(self->fetcher);
    kida_allocator allocator = self->allocator;
    ch_free(&allocator, self, sizeof(*self));
}

static kida_status
open_hook(chirp_worker *worker, void *user, kida_error *err)
{
    const chirp_http_config *config = user;
    const kida_allocator *allocator = &chirp_worker_app(worker)->allocator;
    client *self = ch_calloc(allocator, sizeof(*self));
    ch_fetcher *fetcher = self ? ch_fetcher_new(worker, config) : NULL;
    if (!fetcher) {
        ch_free(allocator, self, sizeof(*self));
        return ch_fail(err, KIDA_E_NOMEM, "can't make an HTTP client");
    }
    *self = (client){ fetcher, config, *allocator };
    return chirp_worker_set(worker, CLIENT_NAME, self, close_client);
}

/* In the hook, so that hooks of the app that were added earlier have had their use of it. */
static kida_status
close_hook(chirp_worker *worker, void *user, kida_error *err)
{
    (void)user;
    (void)err;
    return chirp_worker_get(worker, CLIENT_NAME)
               ? chirp_worker_set(worker, CLIENT_NAME, NULL, NULL)
               : KIDA_OK;
}

/* A copy in the app's memory. */
static chirp_http_config *
copy_config(chirp_app *app, const chirp_http_config *config)
{
    pthread_mutex_lock(&app->lock);
    chirp_http_config *copy = ch_arena_alloc(&app->arena, sizeof(*copy));
    kida_str agent = ch_arena_copy(&app->arena, kida_str_from(config->user_agent));
    kida_str base = ch_arena_copy(&app->arena, kida_str_from(config->base_url));
    pthread_mutex_unlock(&app->lock);
    if (!copy || !agent.ptr || !base.ptr)
        return NULL;
    *copy = *config;
    copy->user_agent = agent.ptr;
    copy->base_url = base.ptr;
    /* A slash at its end would be doubled. */
    if (base.len > 0 && base.ptr[base.len - 1] == '/')
        ((char *)(uintptr_t)base.ptr)[base.len - 1] = '\0';
    return copy;
}

static kida_status
use(chirp_app *app, const chirp_http_config *config, kida_error *err)
{
    chirp_http_config defaults;
    if (!config) {
        chirp_http_config_init(&defaults);
        config = &defaults;
    }
    if (chirp_app_is_frozen(app))
        return ch_fail(err, KIDA_E_FROZEN, "the app is frozen");
    if (!ch_fetch_is_built)
        return ch_fail(err, KIDA_E_UNSUPPORTED, "this build has no HTTP client: it needs libcurl");
    kida_status st = check_config(config, err);
    if (st != KIDA_OK)
        return st;
    chirp_http_config *copy = copy_config(app, config);
    if (!copy)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for the settings of an HTTP client");
    st = chirp_on_worker_startup(app, open_hook, copy);
    if (st == KIDA_OK)
        st = chirp_on_worker_shutdown(app, close_hook, copy);
    return st == KIDA_OK ? st : ch_fail(err, st, "the HTTP client could not be registered");
}

kida_status
chirp_use_http(chirp_app *app, const chirp_http_config *config, kida_error *err)
{
    kida_error room;
    if (!err)
        err = &room;
    kida_error_init(err);
    kida_status st = use(app, config, err);
    if (st == KIDA_OK || st == KIDA_E_FROZEN)
        return st;
    pthread_mutex_lock(&app->lock); /* for freeze to report */
    if (app->failure.status == KIDA_OK)
        app->failure = *err;
    pthread_mutex_unlock(&app->lock);
    return st;
}

/* ---- a request ----------------------------------------------------------------------------- */

static bool
is_token(const char *text)
{
    if (!text[0])
        return false;
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c <= ' ' || c >= 0x7f || memchr("()<>@,;:\\\"/[]?={}", c, 17))
            return false;
    }
    return true;
}

static bool
is_value(const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static kida_status
check_request(const chirp_http_request *request, const char *method, kida_error *err)
{
    if (!request->url)
        return ch_fail(err, KIDA_E_USAGE, "a request needs a URL");
    if (!is_token(method))
        return ch_fail(err, KIDA_E_USAGE, "'%.40s' is no method", method);
    if (request->content_type && !is_value(request->content_type))
        return ch_fail(err, KIDA_E_USAGE, "the content type holds control bytes");
    for (size_t i = 0; request->headers && request->headers[i]; i += 2) {
        const char *value = request->headers[i + 1];
        if (!is_token(request->headers[i]) || !value || !is_value(value))
            return ch_fail(err, KIDA_E_USAGE, "the header '%.40s' must not be sent so",
                           request->headers[i]);
    }
    return KIDA_OK;
}

/* The URL with what stands before it; NULL when it is none. */
static const char *
full_url(const char *url, const char *base, char room[URL_MAX])
{
    kida_str path = kida_str_from(url);
    kida_str lead = kida_str_from(base);
    if (path.len > 0 && path.ptr[0] == '/' && lead.len > 0) {
        if (lead.len + path.len >= URL_MAX)
            return NULL;
        memcpy(room, lead.ptr, lead.len);
        memcpy(room + lead.len, path.ptr, path.len + 1);
        path = (kida_str){ room, lead.len + path.len };
    }
    for (size_t i = 0; i < path.len; i++) {
        if ((unsigned char)path.ptr[i] <= ' ' || path.ptr[i] == 0x7f)
            return NULL;
    }
    return is_web(path) ? path.ptr : NULL;
}

static bool
is_idempotent(const char *method)
{
    static const char *const names[] = { "GET", "HEAD", "OPTIONS", "PUT", "DELETE" };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (kida_str_equal(kida_str_from(names[i]), kida_str_from(method)))
            return true;
    }
    return false;
}

/* Waits before another try: doubled each time, up to half a second more by chance, so that many who
 * failed together do not come back together. */
static kida_status
back_off(chirp_request *req, const chirp_http_config *config, unsigned tries, kida_error *err)
{
    uint64_t wait = (uint64_t)config->backoff << (tries - 1);
    uint64_t spread = wait / 2 + 1;
    wait += ((uint64_t)(uintptr_t)req * 0x9e3779b97f4a7c15u >> 32) * tries % spread;
    kida_status st = chirp_sleep(req, wait < 60000 ? (uint32_t)wait : 60000);
    return st == KIDA_OK ? st : ch_fail(err, st, "the client has gone");
}

static bool
is_passing(unsigned status)
{
    return status == 502 || status == 503 || status == 504;
}

/* The answer's bytes into a pool; not the arena: they may be more than a request gets otherwise. */
static kida_status
keep(kida_pool *pool, ch_transfer *transfer, chirp_http_answer *out, kida_error *err)
{
    kida_value head, body;
    if (!pool || kida_string_copy(pool, kida_buf_str(&transfer->head), &head) != KIDA_OK ||
        kida_string_copy(pool, kida_buf_str(&transfer->answer), &body) != KIDA_OK)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for an answer: see request_memory");
    out->status = transfer->status;
    out->head = kida_as_str(head);
    out->body = kida_as_str(body);
    return KIDA_OK;
}

static kida_status
try_once(kida_pool *pool, client *self, ch_transfer *transfer, chirp_http_answer *out,
         kida_error *err)
{
    kida_status st = ch_fetch(self->fetcher, transfer, err);
    if (st == KIDA_OK && !is_passing(transfer->status))
        st = keep(pool, transfer, out, err);
    return st;
}

kida_status
chirp_http_send(chirp_request *req, const chirp_http_request *request, chirp_http_answer *out,
                kida_error *err)
{
    client *self = chirp_worker_get(req->worker, CLIENT_NAME);
    if (!self)
        return ch_fail(err, KIDA_E_USAGE, "the app has no HTTP client: see chirp_use_http");
    bool has_body = request->body.ptr != NULL;
    const char *method = request->method ? request->method : has_body ? "POST" : "GET";
    kida_status st = check_request(request, method, err);
    if (st != KIDA_OK)
        return st;
    char room[URL_MAX];
    const char *url = full_url(request->url, self->config->base_url, room);
    if (!url)
        return ch_fail(err, KIDA_E_USAGE, "'%.120s' is no http or https URL", request->url);

    kida_pool *pool = request->pool ? request->pool : chirp_pool(req);
    unsigned most = 1;
    if (!request->no_retry && is_idempotent(method))
        most += self->config->retries;
    for (unsigned tries = 1;; tries++) {
        ch_transfer transfer = {
            .method = method,
            .url = url,
            .headers = request->headers,
            .content_type = request->content_type ? request->content_type
                                                  : "application/octet-stream",
            .body = request->body,
            .has_body = has_body,
            .timeout = request->timeout ? request->timeout : self->config->timeout,
        };
        out->tries = tries;
        st = try_once(pool, self, &transfer, out, err);
        bool passes = st == KIDA_OK && is_passing(transfer.status);
        bool again = tries < most && (passes || transfer.can_retry);
        if (passes && !again)
            st = keep(pool, &transfer, out, err);
        kida_buf_free(&transfer.head);
        kida_buf_free(&transfer.answer);
        if (!again)
            return st;
        st = back_off(req, self->config, tries, err);
        if (st != KIDA_OK)
            return st;
    }
}

kida_status
chirp_http_get(chirp_request *req, const char *url, chirp_http_answer *out, kida_error *err)
{
    chirp_http_request request = { .url = url };
    return chirp_http_send(req, &request, out, err);
}

kida_status
chirp_http_post(chirp_request *req, const char *url, const char *content_type, kida_str body,
                chirp_http_answer *out, kida_error *err)
{
    chirp_http_request request = { .method = "POST", .url = url, .body = body,
                                   .content_type = content_type };
    if (!body.ptr)
        request.body = KIDA_S("");
    return chirp_http_send(req, &request, out, err);
}

kida_status
chirp_http_json(chirp_request *req, const char *url, kida_value *out, kida_error *err)
{
    static const char *const headers[] = { "Accept", "application/json", NULL };
    chirp_http_request request = { .url = url, .headers = headers };
    chirp_http_answer answer;
    kida_status st = chirp_http_send(req, &request, &answer, err);
    if (st != KIDA_OK)
        return st;
    if (answer.status < 200 || answer.status > 299)
        return ch_fail(err, KIDA_E_IO, "%.120s answered with status %u", url, answer.status);
    return kida_json_parse(chirp_pool(req), answer.body, out, err);
}

kida_str
chirp_http_header(const chirp_http_answer *answer, const char *name)
{
    kida_str wanted = kida_str_from(name);
    size_t at = 0;
    while (at < answer->head.len) {
        size_t end = ch_str_find(answer->head, '\n', at);
        kida_str line = ch_str_slice(answer->head, at, end);
        size_t colon = ch_str_find(line, ':', 0);
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        if (colon < line.len && ch_str_iequal(ch_str_slice(line, 0, colon), wanted))
            return ch_str_trim(ch_str_slice(line, colon + 1, line.len));
        at = end + 1;
    }
    return (kida_str){ NULL, 0 };
}
