/* SPDX-License-Identifier: MIT */
/* test_mixture.c - everything at once on four workers: routes, sessions, templates, files, events
 * to many clients, a cache, limits, metrics, logs. Robustness TH-1; meant for ThreadSanitizer. */
#define _GNU_SOURCE
#include "../http/served.h"

#include <chirp/chirp.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { CLIENTS = 8, ROUNDS = 200, LISTENERS = 2, EVENTS = 40, TEXT_MAX = 16384 };

static t_served served;
static chirp_hub *hub;
static char root[64];
static atomic_uint wrong;

static chirp_reply *
plain(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, KIDA_S("plain;"));
}

static chirp_reply *
page(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_template(req, "page.html", kida_none());
}

static chirp_reply *
count(chirp_request *req, void *user)
{
    (void)user;
    kida_value kept = chirp_session_get(req, "n");
    int64_t number = kida_kind_of(kept) == KIDA_INT ? kida_as_int(kept) : 0;
    if (chirp_session_set(req, "n", kida_int(number + 1)) != KIDA_OK)
        return NULL;
    return chirp_reply_textf(req, "count %d;", (int)number + 1);
}

static void
work(void *arg)
{
    ++*(int *)arg;
}

static chirp_reply *
helped(chirp_request *req, void *user)
{
    int done = 0;
    (void)user;
    kida_status st = chirp_offload(req, work, &done);
    return chirp_reply_textf(req, "helped %d;", st == KIDA_OK ? done : -1);
}

static chirp_reply *
publish(chirp_request *req, void *user)
{
    chirp_event event = { .data = KIDA_S("news") };
    (void)user;
    (void)chirp_hub_publish(hub, KIDA_S(""), &event);
    return chirp_reply_text(req, KIDA_S("told;"));
}

static kida_status
follow(chirp_sse *sse, void *user)
{
    (void)user;
    return chirp_sse_follow(sse, hub, KIDA_S(""));
}

static chirp_reply *
events(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_sse(req, follow, NULL, NULL);
}

static bool
is_logged(kida_str method, kida_str path, unsigned status, void *user)
{
    (void)method;
    (void)path;
    (void)status;
    atomic_fetch_add((atomic_uint *)user, 1);
    return false;
}

static void
put_file(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", root, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* One request on a connection; false if its answer lacks part. The text of the answer stays. */
static bool
ask(int fd, const char *path, const char *cookie, const char *part, char text[TEXT_MAX])
{
    char request[2000];
    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: a\r\n%s%s%s\r\n", path,
             cookie[0] ? "Cookie: " : "", cookie, cookie[0] ? "\r\n" : "");
    t_send(fd, request);
    t_read(fd, part, text, TEXT_MAX);
    return strstr(text, part) != NULL;
}

static void
take_cookie(const char *text, char cookie[1000])
{
    const char *at = strstr(text, "set-cookie: ");
    if (at)
        snprintf(cookie, 1000, "%.*s", (int)strcspn(at + 12, ";\r"), at + 12);
}

static void *
client(void *arg)
{
    static const char *const asked[][2] = {
        { "/", "plain;" }, { "/page", "made of 3 parts." }, { "/static/a.txt", "a file of bytes" },
        { "/kept", "plain;" }, { "/helped", "helped 1;" }, { "/tell", "told;" },
        { "/metrics", "http_requests_in_flight" }, { "/none", "\r\n\r\n" },
    };
    char text[TEXT_MAX], cookie[1000] = "", want[40];
    (void)arg;
    int fd = t_connect(&served, 0);
    for (int round = 1; round <= ROUNDS; round++) {
        size_t at = (size_t)round % T_COUNT(asked);
        bool fits = ask(fd, asked[at][0], "", asked[at][1], text);
        if (at == T_COUNT(asked) - 1 || at == T_COUNT(asked) - 2) { /* more may be on its way */
            close(fd);
            fd = t_connect(&served, 0);
        }
        snprintf(want, sizeof(want), "count %d;", round);
        fits = ask(fd, "/count", cookie, want, text) && fits;
        take_cookie(text, cookie);
        if (!fits)
            atomic_fetch_add(&wrong, 1);
    }
    close(fd);
    return NULL;
}

/* Reads until so many events have come. */
static void *
listener(void *arg)
{
    char text[TEXT_MAX];
    int seen = 0;
    (void)arg;
    int fd = t_connect(&served, 0);
    t_send(fd, "GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
    while (seen < EVENTS) {
        size_t len = t_read(fd, "news\n\n", text, sizeof(text));
        if (len == 0)
            break;
        for (const char *at = text; (at = strstr(at, "data: news\n")) != NULL; at++)
            seen++;
    }
    if (seen < EVENTS)
        atomic_fetch_add(&wrong, 1);
    close(fd);
    return NULL;
}

/* Holds: TH-1: nobody gets a wrong answer, and the thread sanitizer finds nothing to report. */
static void
th_1_everything_at_once(void **state)
{
    pthread_t clients[CLIENTS], listeners[LISTENERS];
    atomic_uint logged = 0;
    (void)state;
    snprintf(root, sizeof(root), "/tmp/chirp-mixture-XXXXXX");
    assert_non_null(mkdtemp(root));
    put_file("a.txt", "a file of bytes");
    put_file("page.html", "made of {{ [1, 2, 3]|length }} parts.");
    t_app_init(&served.base);
    chirp_config *config = &served.base.config;
    config->port = 0;
    config->workers = 4;
    config->template_dir = config->static_dir = root;
    config->secret_key = "0123456789abcdef0123456789abcdef";
    config->metrics_enabled = true;
    config->access_log = true;
    config->rate_limit_enabled = true;
    config->rate_limit_requests_per_second = config->rate_limit_burst = 1000000;
    config->request_queue_enabled = true;
    config->keep_alive_timeout = 3600000;
    t_app_open(&served.base);
    chirp_app *app = served.base.app;
    hub = chirp_hub_new(NULL);
    assert_non_null(hub);
    assert_int_equal(chirp_use_sessions(app, NULL, NULL), KIDA_OK);
    assert_int_equal(chirp_log_filter(app, is_logged, &logged, NULL), KIDA_OK);
    chirp_route(app, "GET", "/", plain, NULL);
    chirp_route(app, "GET", "/page", page, NULL);
    chirp_route(app, "GET", "/count", count, NULL);
    chirp_route(app, "GET", "/helped", helped, NULL);
    chirp_route(app, "GET", "/tell", publish, NULL);
    chirp_route(app, "GET", "/events", events, NULL);
    chirp_route_def kept = { .path = "/kept", .handler = plain };
    assert_int_equal(chirp_route_cached(app, &kept, NULL, NULL), KIDA_OK);
    t_serve(&served);

    for (int i = 0; i < LISTENERS; i++)
        assert_int_equal(pthread_create(&listeners[i], NULL, listener, NULL), 0);
    for (int i = 0; i < 15000 && chirp_hub_count(hub) < LISTENERS; i++)
        usleep(2000);
    for (int i = 0; i < CLIENTS; i++)
        assert_int_equal(pthread_create(&clients[i], NULL, client, NULL), 0);
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(clients[i], NULL);
    for (int i = 0; i < LISTENERS; i++)
        pthread_join(listeners[i], NULL);
    t_serve_end(&served);
    chirp_hub_free(hub);
    assert_int_equal(atomic_load(&wrong), 0);
    assert_true(atomic_load(&logged) >= CLIENTS * ROUNDS * 2);
    char path[128];
    snprintf(path, sizeof(path), "%s/a.txt", root);
    unlink(path);
    snprintf(path, sizeof(path), "%s/page.html", root);
    unlink(path);
    rmdir(root);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(th_1_everything_at_once),
    };
    return cmocka_run_group_tests_name("threads/mixture", tests, NULL, NULL);
}
