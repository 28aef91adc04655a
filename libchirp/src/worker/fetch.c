/* SPDX-License-Identifier: MIT */
/* fetch.c - libcurl's multi interface on a worker's loop; the one file that sees its header.
 * libcurl says which sockets to watch and when to wake it; finished transfers wake their tasks,
 * which never happens inside one of its callbacks. */
#define _GNU_SOURCE
#include "fetch.h"

#include "config/alloc.h"
#include "config/fail.h"
#include "internal.h"

#if defined(CHIRP_WITH_CURL)
#include <curl/curl.h>
#include <pthread.h>
#include <string.h>

const bool ch_fetch_is_built = true;

#define IDLE_EASY_MAX 32

/* A socket that libcurl wants watched. */
typedef struct watch {
    uv_poll_t poll;
    ch_fetcher *fetcher;
    curl_socket_t socket;
} watch;

struct ch_fetcher {
    chirp_worker *worker;
    kida_allocator allocator;
    const chirp_http_config *config;
    CURLM *multi;
    uv_timer_t timer;
    unsigned handles; /* on the loop, until their close callbacks */
    bool is_closing;
    CURL *idle[IDLE_EASY_MAX];
    size_t idle_count;
};

/* A transfer under way; lives on the stack of its task. */
typedef struct flight {
    ch_wait wait; /* first, so that the wait is the flight */
    ch_task *task;
    ch_fetcher *fetcher;
    ch_transfer *transfer;
    CURL *easy;
    CURLcode code;
    bool is_flying;
    bool is_too_large;
    char message[CURL_ERROR_SIZE];
} flight;

/* ---- memory of the handles ----------------------------------------------------------------- */

static void
let_go(ch_fetcher *fetcher)
{
    if (--fetcher->handles > 0)
        return;
    kida_allocator allocator = fetcher->allocator;
    ch_free(&allocator, fetcher, sizeof(*fetcher));
}

static void
on_watch_closed(uv_handle_t *handle)
{
    watch *self = handle->data;
    ch_fetcher *fetcher = self->fetcher;
    ch_free(&fetcher->allocator, self, sizeof(*self));
    let_go(fetcher);
}

static void
on_timer_closed(uv_handle_t *handle)
{
    let_go(handle->data);
}

/* ---- finished transfers -------------------------------------------------------------------- */

static void
land(flight *self, CURLcode code)
{
    self->code = code;
    self->is_flying = false;
    curl_multi_remove_handle(self->fetcher->multi, self->easy);
}

/* Wakes the tasks of all that have ended; each may begin another transfer meanwhile. */
static void
wake_finished(ch_fetcher *fetcher)
{
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(fetcher->multi, &left)) != NULL) {
        flight *self = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result; /* gone once the handle is removed */
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&self);
        land(self, code);
        ch_task_wake(self->task, &self->wait);
    }
}

static void
cancel_flight(ch_task *task, ch_wait *wait)
{
    flight *self = (flight *)(void *)wait;
    if (self->is_flying) {
        land(self, CURLE_ABORTED_BY_CALLBACK);
        ch_task_wake(task, wait);
    }
}

/* ---- what libcurl asks for ----------------------------------------------------------------- */

static void
on_time(uv_timer_t *timer)
{
    ch_fetcher *fetcher = timer->data;
    int running;
    curl_multi_socket_action(fetcher->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    wake_finished(fetcher);
}

static int
set_timer(CURLM *multi, long milliseconds, void *user)
{
    (void)multi;
    ch_fetcher *fetcher = user;
    if (fetcher->is_closing || milliseconds < 0) {
        uv_timer_stop(&fetcher->timer);
        return 0;
    }
    uv_update_time(&fetcher->worker->loop);
    /* Not at once even for 0: this may be called from inside libcurl. */
    uv_timer_start(&fetcher->timer, on_time, (uint64_t)milliseconds, 0);
    return 0;
}

static void
on_socket(uv_poll_t *poll, int status, int events)
{
    watch *self = poll->data;
    ch_fetcher *fetcher = self->fetcher;
    int running;
    int flags = status < 0 ? CURL_CSELECT_ERR : 0;
    flags |= events & UV_READABLE ? CURL_CSELECT_IN : 0;
    flags |= events & UV_WRITABLE ? CURL_CSELECT_OUT : 0;
    curl_multi_socket_action(fetcher->multi, self->socket, flags, &running);
    wake_finished(fetcher);
}

static watch *
new_watch(ch_fetcher *fetcher, curl_socket_t socket)
{
    watch *self = ch_calloc(&fetcher->allocator, sizeof(*self));
    if (!self)
        return NULL;
    self->fetcher = fetcher;
    self->socket = socket;
    if (uv_poll_init_socket(&fetcher->worker->loop, &self->poll, socket) != 0) {
        ch_free(&fetcher->allocator, self, sizeof(*self));
        return NULL;
    }
    self->poll.data = self;
    fetcher->handles++;
    curl_multi_assign(fetcher->multi, socket, self);
    return self;
}

static int
set_socket(CURL *easy, curl_socket_t socket, int what, void *user, void *assigned)
{
    (void)easy;
    ch_fetcher *fetcher = user;
    watch *self = assigned;
    if (what == CURL_POLL_REMOVE) {
        if (self) {
            curl_multi_assign(fetcher->multi, socket, NULL);
            uv_poll_stop(&self->poll);
            uv_close((uv_handle_t *)&self->poll, on_watch_closed);
        }
        return 0;
    }
    if (!self)
        self = new_watch(fetcher, socket);
    if (!self)
        return -1; /* ends the transfers */
    int events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    return uv_poll_start(&self->poll, events, on_socket) == 0 ? 0 : -1;
}

/* ---- life ---------------------------------------------------------------------------------- */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool has_curl; /* set once */

static void
start_curl(void)
{
    has_curl = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

ch_fetcher *
ch_fetcher_new(chirp_worker *worker, const chirp_http_config *config)
{
    pthread_once(&once, start_curl);
    ch_fetcher *fetcher = has_curl ? ch_calloc(&worker->allocator, sizeof(*fetcher)) : NULL;
    if (!fetcher)
        return NULL;
    fetcher->worker = worker;
    fetcher->allocator = worker->allocator;
    fetcher->config = config;
    fetcher->multi = curl_multi_init();
    if (!fetcher->multi) {
        ch_free(&worker->allocator, fetcher, sizeof(*fetcher));
        return NULL;
    }
    uv_timer_init(&worker->loop, &fetcher->timer);
    fetcher->timer.data = fetcher;
    fetcher->handles = 1;
    curl_multi_setopt(fetcher->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl_multi_setopt(fetcher->multi, CURLMOPT_SOCKETDATA, fetcher);
    curl_multi_setopt(fetcher->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(fetcher->multi, CURLMOPT_TIMERDATA, fetcher);
    curl_multi_setopt(fetcher->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
                      (long)config->host_connections);
    curl_multi_setopt(fetcher->multi, CURLMOPT_MAXCONNECTS, (long)config->idle_connections);
    return fetcher;
}

void
ch_fetcher_close(ch_fetcher *fetcher)
{
    if (!fetcher)
        return;
    fetcher->is_closing = true;
    while (fetcher->idle_count > 0)
        curl_easy_cleanup(fetcher->idle[--fetcher->idle_count]);
    curl_multi_cleanup(fetcher->multi); /* has set_socket take all watches away */
    uv_timer_stop(&fetcher->timer);
    uv_close((uv_handle_t *)&fetcher->timer, on_timer_closed);
}

/* ---- one transfer -------------------------------------------------------------------------- */

static size_t
take_bytes(flight *self, kida_buf *buf, const char *bytes, size_t size)
{
    kida_buf_put(buf, (kida_str){ bytes, size });
    if (kida_buf_status(buf) == KIDA_OK)
        return size;
    self->is_too_large = true;
    return size == 0 ? 1 : 0; /* any other number ends the transfer */
}

static size_t
on_body(char *bytes, size_t one, size_t size, void *user)
{
    (void)one; /* always 1 */
    flight *self = user;
    return take_bytes(self, &self->transfer->answer, bytes, size);
}

/* A status line begins another answer: those before were redirects or 100. */
static size_t
on_header(char *bytes, size_t one, size_t size, void *user)
{
    (void)one;
    flight *self = user;
    if (size >= 5 && memcmp(bytes, "HTTP/", 5) == 0) {
        const kida_allocator allocator = self->fetcher->allocator;
        kida_buf_free(&self->transfer->head);
        kida_buf_init_heap(&self->transfer->head, &allocator, self->fetcher->config->max_head);
        return size;
    }
    return size == 2 ? size : take_bytes(self, &self->transfer->head, bytes, size);
}

static CURL *
take_easy(ch_fetcher *fetcher)
{
    if (fetcher->idle_count == 0)
        return curl_easy_init();
    CURL *easy = fetcher->idle[--fetcher->idle_count];
    curl_easy_reset(easy);
    return easy;
}

static void
give_easy(ch_fetcher *fetcher, CURL *easy)
{
    if (fetcher->idle_count < IDLE_EASY_MAX)
        fetcher->idle[fetcher->idle_count++] = easy;
    else
        curl_easy_cleanup(easy);
}

static bool
add_header(struct curl_slist **list, const char *name, const char *value)
{
    char line[8192];
    /* A value that is empty is sent as such only with a semicolon. */
    int len = snprintf(line, sizeof(line), value[0] ? "%s: %s" : "%s;", name, value);
    if (len < 0 || (size_t)len >= sizeof(line))
        return false;
    struct curl_slist *more = curl_slist_append(*list, line);
    if (more)
        *list = more;
    return more != NULL;
}

static bool
make_headers(const ch_transfer *transfer, struct curl_slist **list)
{
    *list = curl_slist_append(NULL, "Expect:"); /* takes it away: no wait for 100 */
    bool done = *list != NULL;
    if (done && transfer->has_body && transfer->content_type)
        done = add_header(list, "Content-Type", transfer->content_type);
    for (size_t i = 0; done && transfer->headers && transfer->headers[i]; i += 2)
        done = add_header(list, transfer->headers[i], transfer->headers[i + 1]);
    return done;
}

static void
set_options(flight *self, struct curl_slist *headers)
{
    CURL *easy = self->easy;
    const ch_transfer *transfer = self->transfer;
    const chirp_http_config *config = self->fetcher->config;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, self);
    curl_easy_setopt(easy, CURLOPT_URL, transfer->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, self->message);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)transfer->timeout);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)config->connect_timeout);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, config->user_agent);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, config->max_redirects > 0 ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)config->max_redirects);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, self);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, self);
    if (transfer->has_body) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->body.len);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer->body.ptr ? transfer->body.ptr : "");
    }
    if (strcmp(transfer->method, "HEAD") == 0)
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    else if (strcmp(transfer->method, transfer->has_body ? "POST" : "GET") != 0)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, transfer->method);
}

/* What libcurl says, as a status of ours. */
static kida_status
outcome(flight *self, kida_error *err)
{
    const chirp_http_config *config = self->fetcher->config;
    const char *why = self->message[0] ? self->message : curl_easy_strerror(self->code);
    ch_transfer *transfer = self->transfer;
    if (self->is_too_large)
        return ch_fail(err, KIDA_E_LIMIT_MEMORY,
                       "the answer of %.120s is larger than %zu bytes, or its head than %zu",
                       transfer->url, config->max_response, config->max_head);
    transfer->can_retry = true;
    switch ((int)self->code) {
    case CURLE_OK: transfer->can_retry = false; return KIDA_OK;
    case CURLE_OPERATION_TIMEDOUT:
        return ch_fail(err, KIDA_E_LIMIT_TIME, "no answer of %.120s in time: %.160s",
                       transfer->url, why);
    case CURLE_OUT_OF_MEMORY:
        transfer->can_retry = false;
        return ch_fail(err, KIDA_E_NOMEM, "no memory for a transfer");
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
        transfer->can_retry = false;
        return ch_fail(err, KIDA_E_USAGE, "%.120s is no URL that can be fetched: %.160s",
                       transfer->url, why);
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE: break;
    default: transfer->can_retry = false; break;
    }
    return ch_fail(err, KIDA_E_IO, "can't fetch %.120s: %.200s", transfer->url, why);
}

static kida_status
fly(flight *self, kida_error *err)
{
    CURLMcode code = curl_multi_add_handle(self->fetcher->multi, self->easy);
    if (code != CURLM_OK)
        return ch_fail(err, KIDA_E_NOMEM, "can't begin a transfer: %s", curl_multi_strerror(code));
    self->is_flying = true;
    kida_status st = ch_task_wait(self->task, &self->wait);
    if (st != KIDA_OK)
        return ch_fail(err, st, "the client has gone");
    long status = 0;
    curl_easy_getinfo(self->easy, CURLINFO_RESPONSE_CODE, &status);
    st = outcome(self, err);
    self->transfer->status = st == KIDA_OK ? (unsigned)status : 0;
    return st;
}

kida_status
ch_fetch(ch_fetcher *fetcher, ch_transfer *transfer, kida_error *err)
{
    transfer->status = 0;
    transfer->can_retry = false;
    kida_buf_init_heap(&transfer->head, &fetcher->allocator, fetcher->config->max_head);
    kida_buf_init_heap(&transfer->answer, &fetcher->allocator, fetcher->config->max_response);
    flight self = { .wait = { cancel_flight, false }, .task = ch_task_running(),
                    .fetcher = fetcher, .transfer = transfer };
    if (!self.task)
        return ch_fail(err, KIDA_E_USAGE, "only handlers and worker hooks can fetch");
    if (self.task->is_gone)
        return ch_fail(err, KIDA_E_STOPPED, "the client has gone");

    struct curl_slist *headers = NULL;
    kida_status st = KIDA_E_NOMEM;
    self.easy = take_easy(fetcher);
    if (self.easy && make_headers(transfer, &headers)) {
        set_options(&self, headers);
        st = fly(&self, err);
    } else {
        ch_fail(err, st, "no memory for a transfer, or a header that is too long");
    }
    if (self.easy)
        give_easy(fetcher, self.easy);
    curl_slist_free_all(headers);
    return st;
}

#else

const bool ch_fetch_is_built = false;

ch_fetcher *
ch_fetcher_new(chirp_worker *worker, const chirp_http_config *config)
{
    (void)worker;
    (void)config;
    return NULL;
}

void
ch_fetcher_close(ch_fetcher *fetcher)
{
    (void)fetcher;
}

kida_status
ch_fetch(ch_fetcher *fetcher, ch_transfer *transfer, kida_error *err)
{
    (void)fetcher;
    (void)transfer;
    return ch_fail(err, KIDA_E_UNSUPPORTED, "this build has no HTTP client");
}

#endif
