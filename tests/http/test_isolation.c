/* SPDX-License-Identifier: MIT */
/* test_isolation.c - many requests that wait for this and that, several at once on each worker:
 * what belongs to one of them is seen by no other (acceptance scenario 10). For ThreadSanitizer. */
#define _GNU_SOURCE
#include "served.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { REQUESTS = 3000 };
#else
enum { REQUESTS = 10000 };
#endif
enum { WORKERS = 2, CLIENTS = 10 };

/* Holds nothing of our own: descriptors that libuv closes by a direct system call are taken for
 * those that get the same number. */
KIDA_API const char *__tsan_default_suppressions(void);

const char *
__tsan_default_suppressions(void)
{
    return "race:epoll_create1\nrace:eventfd\nrace:pipe2\n";
}

/* ---- tokens ---------------------------------------------------------------------------------- */

/* Keeps its token in three places, lets others run, and says what it finds there. */
static chirp_reply *
answer_token(chirp_request *req, kida_status (*wait)(chirp_request *req))
{
    kida_str token = chirp_copy(req, chirp_query(req, "token"));
    if (!token.ptr || chirp_g_set(req, "token", (void *)(uintptr_t)token.ptr, NULL) != KIDA_OK)
        return NULL;
    kida_str before = chirp_session_text(req, "user");
    kida_str user = before.ptr ? chirp_copy(req, before) : KIDA_S("-");
    if (chirp_session_set(req, "user", kida_string(token)) != KIDA_OK ||
        (wait && wait(req) != KIDA_OK))
        return chirp_reply_fail(req, 503, "gone");
    kida_str now = chirp_session_text(req, "user");
    bool is_own = chirp_current_request() == req && chirp_g_get(req, "token") == token.ptr &&
                  kida_str_equal(now, token) && kida_str_equal(chirp_query(req, "token"), token);
    return chirp_reply_textf(req, "%s %.*s after %.*s;;", is_own ? "own" : "foreign",
                             (int)token.len, token.ptr, (int)user.len, user.ptr);
}

static kida_status
doze(chirp_request *req)
{
    return chirp_sleep(req, 1);
}

static void
work(void *arg)
{
    ++*(unsigned *)arg;
}

static kida_status
lend(chirp_request *req)
{
    unsigned done = 0;
    kida_status st = chirp_offload(req, work, &done);
    return st == KIDA_OK && done != 1 ? KIDA_E_USAGE : st;
}

static chirp_reply *
plain(chirp_request *req, void *user)
{
    (void)user;
    return answer_token(req, NULL);
}

static chirp_reply *
deferred(chirp_request *req, void *user)
{
    (void)user;
    return answer_token(req, doze);
}

static chirp_reply *
blocking(chirp_request *req, void *user)
{
    (void)user;
    return answer_token(req, lend);
}

/* ---- clients --------------------------------------------------------------------------------- */

typedef struct browser {
    pthread_t thread;
    const t_served *served;
    unsigned number;
    unsigned wrong;
} browser;

/* Takes "name=value" of the answer's cookie. */
static void
take_cookie(const char *answer, char *cookie, size_t room)
{
    const char *at = strstr(answer, "set-cookie: ");
    if (!at)
        return;
    at += sizeof("set-cookie: ") - 1;
    size_t len = strcspn(at, ";\r");
    if (len < room) {
        memcpy(cookie, at, len);
        cookie[len] = '\0';
    }
}

/* A browser with one session: each answer names the token of the request before. */
static void *
browse(void *arg)
{
    static const char *const paths[] = { "/plain", "/deferred", "/blocking" };
    browser *self = arg;
    char last[32] = "-", token[32], request[1500], want[100], text[4000], cookie[1000] = "a=b";
    int fd = t_connect(self->served, 0);
    for (unsigned i = 0; i < REQUESTS / CLIENTS && self->wrong == 0; i++) {
        snprintf(token, sizeof(token), "t%u-%u.", self->number, i);
        snprintf(request, sizeof(request),
                 "GET %s?token=%s HTTP/1.1\r\nHost: a\r\nCookie: %s\r\n\r\n",
                 paths[(i + self->number) % T_COUNT(paths)], token, cookie);
        snprintf(want, sizeof(want), "own %s after %s;", token, last);
        t_send(fd, request);
        t_read(fd, ";;", text, sizeof(text));
        take_cookie(text, cookie, sizeof(cookie));
        if (!strstr(text, want)) {
            print_error("wanted [%s], got [%s]\n", want, text);
            self->wrong++;
        }
        memcpy(last, token, sizeof(last));
    }
    close(fd);
    return NULL;
}

/* Holds: what one request keeps in g and in its session is never seen by another, also while it
 * waits for a timer or a helper thread. */
static void
scenario_10_no_token_is_seen_by_others(void **state)
{
    (void)state;
    static t_served served;
    browser browsers[CLIENTS];
    chirp_session_options sessions;
    memset(&served, 0, sizeof(served));
    t_app_init(&served.base);
    served.base.config.port = 0;
    served.base.config.workers = WORKERS;
    t_app_open(&served.base);
    chirp_session_options_init(&sessions);
    sessions.secret_key = "thirty-two bytes that nobody knows";
    assert_int_equal(chirp_use_sessions(served.base.app, &sessions, NULL), KIDA_OK);
    chirp_route(served.base.app, "GET", "/plain", plain, NULL);
    chirp_route(served.base.app, "GET", "/deferred", deferred, NULL);
    chirp_route(served.base.app, "GET", "/blocking", blocking, NULL);
    t_serve(&served);
    for (unsigned i = 0; i < CLIENTS; i++) {
        browsers[i] = (browser){ .served = &served, .number = i };
        assert_int_equal(pthread_create(&browsers[i].thread, NULL, browse, &browsers[i]), 0);
    }
    for (unsigned i = 0; i < CLIENTS; i++)
        pthread_join(browsers[i].thread, NULL);
    t_serve_end(&served);
    for (unsigned i = 0; i < CLIENTS; i++)
        assert_int_equal(browsers[i].wrong, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenario_10_no_token_is_seen_by_others),
    };
    return cmocka_run_group_tests_name("http/isolation", tests, NULL, NULL);
}
