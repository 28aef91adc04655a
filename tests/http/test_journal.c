/* SPDX-License-Identifier: MIT */
/* test_journal.c - what a server writes into its log, and the bound on its requests: rows 17.4 and
 * 17.12. */
#define _GNU_SOURCE
#include "served.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>

static struct {
    t_served served;
    FILE *file;
    int old_stderr;
    char text[1 << 16];
    atomic_int inside; /* handlers that wait */
    atomic_bool open;  /* they go on */
} fx;

static chirp_reply *
plain(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, KIDA_S("here"));
}

static chirp_reply *
nap(chirp_request *req, void *user)
{
    (void)user;
    (void)chirp_sleep(req, 20);
    return chirp_reply_text(req, KIDA_S("rested"));
}

static chirp_reply *
wait_at_the_door(chirp_request *req, void *user)
{
    (void)user;
    atomic_fetch_add(&fx.inside, 1);
    while (!atomic_load(&fx.open) && chirp_sleep(req, 2) == KIDA_OK)
        continue;
    atomic_fetch_sub(&fx.inside, 1);
    return chirp_reply_text(req, KIDA_S("through"));
}

static chirp_reply *
read_all(chirp_request *req, void *user)
{
    kida_str piece;
    (void)user;
    while (chirp_body_read(req, &piece) == KIDA_OK && piece.len > 0)
        continue;
    return chirp_reply_text(req, KIDA_S("read"));
}

static kida_status
drip(chirp_stream *stream, void *user)
{
    (void)user;
    kida_status st = chirp_stream_write(stream, KIDA_S("a"));
    if (st == KIDA_OK)
        st = chirp_sleep(chirp_stream_request(stream), 20);
    return st;
}

static chirp_reply *
stream(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_stream(req, "text/plain", drip, NULL);
}

static bool
is_loud(kida_str method, kida_str path, unsigned status, void *user)
{
    (void)user;
    return kida_str_equal(method, KIDA_S("GET")) &&
           (status >= 400 || !kida_str_equal(path, KIDA_S("/quiet")));
}

static void
prepare(void)
{
    memset(&fx.served, 0, sizeof(fx.served));
    atomic_store(&fx.inside, 0);
    atomic_store(&fx.open, false);
    t_app_init(&fx.served.base);
    chirp_config *config = &fx.served.base.config;
    config->port = 0;
    config->workers = 1;
    config->static_dir = "";
    config->log_format = CHIRP_LOG_JSON;
    config->slow_request_time = 0;
}

static void
start(void)
{
    chirp_app *app = fx.served.base.app;
    chirp_route(app, "GET", "/", plain, NULL);
    chirp_route(app, "GET", "/quiet", plain, NULL);
    chirp_route(app, "GET", "/nap", nap, NULL);
    chirp_route(app, "GET", "/door", wait_at_the_door, NULL);
    chirp_route(app, "GET", "/stream", stream, NULL);
    chirp_route_def upload = { .methods = "POST", .path = "/upload", .handler = read_all,
                               .stream_body = true };
    assert_int_equal(chirp_route_add(app, &upload, NULL), KIDA_OK);
    fflush(stderr);
    fx.file = tmpfile();
    assert_non_null(fx.file);
    fx.old_stderr = dup(STDERR_FILENO);
    dup2(fileno(fx.file), STDERR_FILENO);
    t_serve(&fx.served);
}

/* Everything that was logged until the server ended. */
static const char *
finish(void)
{
    t_serve_end(&fx.served);
    fflush(stderr);
    dup2(fx.old_stderr, STDERR_FILENO);
    close(fx.old_stderr);
    rewind(fx.file);
    fx.text[fread(fx.text, 1, sizeof(fx.text) - 1, fx.file)] = '\0';
    fclose(fx.file);
    return fx.text;
}

/* One request on a connection of its own, up to its end. */
static void
ask(const char *path, char *text, size_t room)
{
    char request[200];
    int fd = t_connect(&fx.served, 0);
    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
             path);
    t_send(fd, request);
    t_read(fd, NULL, text, room);
    close(fd);
}

/* ---- 17.12 ----------------------------------------------------------------------------------- */

/* Holds: 17.12: each event of a connection once, in order, with the reason of its end. */
static void
row_17_12_life_of_a_connection(void **state)
{
    static const char *const events[] = {
        "\"connection_opened\",\"client\":\"127.0.0.1:",
        "\"request_started\",\"method\":\"GET\",\"path\":\"/\",\"client\":\"127.0.0.1:",
        "\"response_completed\",\"status\":\"200\",\"bytes_sent\":\"4\",\"duration_ms\":\"",
        "\"connection_completed\",\"client\":\"127.0.0.1:",
        "\"reason\":\"answered\",\"requests\":\"1\"",
    };
    char text[1000];
    (void)state;
    for (int on = 0; on < 2; on++) {
        prepare();
        fx.served.base.config.log_level = CHIRP_LEVEL_DEBUG;
        fx.served.base.config.lifecycle_logging = on == 1;
        t_app_open(&fx.served.base);
        start();
        ask("/", text, sizeof(text));
        assert_non_null(strstr(text, "here"));
        const char *log = finish(), *at = log;
        for (size_t i = 0; i < T_COUNT(events); i++) {
            at = strstr(at, events[i]);
            if (on && !at)
                fail_msg("no %s in %s", events[i], log);
            if (!on) {
                assert_null(at);
                at = log;
            }
        }
    }
}

/* Holds: 17.12: why a connection ended: its client, a refusal, the server's end. */
static void
row_17_12_reasons(void **state)
{
    char text[1000];
    (void)state;
    prepare();
    fx.served.base.config.log_level = CHIRP_LEVEL_DEBUG;
    t_app_open(&fx.served.base);
    start();
    int fd = t_connect(&fx.served, 0);
    t_send(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    t_read(fd, "here", text, sizeof(text));
    close(fd);
    fd = t_connect(&fx.served, 0);
    t_send(fd, "GET / HTTP/7.1\r\nHost: a\r\n\r\n");
    t_read(fd, NULL, text, sizeof(text));
    close(fd);
    fd = t_connect(&fx.served, 0);
    t_send(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    t_read(fd, "here", text, sizeof(text));
    const char *log = finish();
    close(fd);
    assert_non_null(strstr(log, "\"reason\":\"client_closed\",\"requests\":\"1\""));
    assert_non_null(strstr(log, "\"reason\":\"version\",\"requests\":\"0\""));
    assert_non_null(strstr(log, "\"reason\":\"shutdown\",\"requests\":\"1\""));
}

/* Holds: 17.12: what took long is warned of, once; streams are not, nor anything if it is off. */
static void
row_17_12_slow_requests(void **state)
{
    char text[1000];
    (void)state;
    for (uint32_t limit = 0; limit < 2; limit++) {
        prepare();
        fx.served.base.config.log_level = CHIRP_LEVEL_WARNING;
        fx.served.base.config.slow_request_time = limit * 10;
        t_app_open(&fx.served.base);
        start();
        ask("/nap?secret=1", text, sizeof(text));
        assert_non_null(strstr(text, "rested"));
        ask("/stream", text, sizeof(text));
        const char *log = finish(), *found = strstr(log, "\"slow request\"");
        assert_int_equal(found != NULL, limit);
        assert_null(strstr(log, "secret"));
        assert_null(strstr(log, "/stream"));
        if (found) {
            assert_non_null(strstr(found, "\"path\":\"/nap\",\"status\":\"200\""));
            assert_null(strstr(found, "\"duration_ms\":\"0\""));
            assert_null(strstr(found + 1, "\"slow request\""));
        }
    }
}

static void
count_end(void *user)
{
    ++*(int *)user;
}

/* Holds: 17.12: the application decides what the access log shows. */
static void
row_17_12_filter(void **state)
{
    static int ended;
    char text[1000];
    (void)state;
    ended = 0;
    prepare();
    fx.served.base.config.log_level = CHIRP_LEVEL_INFO;
    fx.served.base.config.access_log = true;
    t_app_open(&fx.served.base);
    chirp_app *app = fx.served.base.app;
    assert_int_equal(chirp_log_filter(app, is_loud, &ended, count_end), KIDA_OK);
    start();
    assert_int_equal(chirp_log_filter(app, is_loud, &ended, count_end), KIDA_E_FROZEN);
    assert_int_equal(ended, 1);
    ask("/", text, sizeof(text));
    ask("/quiet", text, sizeof(text));
    ask("/nowhere", text, sizeof(text));
    const char *log = finish();
    assert_int_equal(ended, 2);
    assert_non_null(strstr(log, "\"path\":\"/\",\"http_version\":\"1.1\",\"status\":200"));
    assert_non_null(strstr(log, "\"path\":\"/nowhere\""));
    assert_null(strstr(log, "quiet"));
}

/* ---- 17.4 ------------------------------------------------------------------------------------ */

/* Holds: 17.4: beyond the bound requests are answered 503 at once, and when there is room again
 * they are served. */
static void
row_17_4_request_queue(void **state)
{
    char text[1000];
    (void)state;
    prepare();
    fx.served.base.config.log_level = CHIRP_LEVEL_INFO;
    fx.served.base.config.request_queue_enabled = true;
    fx.served.base.config.request_queue_max_depth = 2;
    t_app_open(&fx.served.base);
    start();
    int fds[2];
    for (int i = 0; i < 2; i++) {
        fds[i] = t_connect(&fx.served, 0);
        t_send(fds[i], "GET /door HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    for (int i = 0; i < 15000 && atomic_load(&fx.inside) < 2; i++)
        usleep(2000);
    assert_int_equal(atomic_load(&fx.inside), 2);
    for (int i = 0; i < 3; i++) {
        ask("/", text, sizeof(text));
        assert_memory_equal(text, "HTTP/1.1 503 ", 13);
        assert_non_null(strstr(text, "\r\nretry-after: 5\r\n"));
        assert_non_null(strstr(text, "\r\nconnection: close\r\n"));
        assert_non_null(strstr(text, "\r\n\r\nService Unavailable - Server Overloaded"));
    }
    static const char *const uploads[] = {
        "Content-Length: 3\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "Content-Length: 9\r\n\r\nabc", "Content-Length: 9\r\nExpect: 100-continue\r\n\r\n",
    };
    for (size_t i = 0; i < T_COUNT(uploads); i++) {
        int fd = t_connect(&fx.served, 0);
        t_send(fd, "POST /upload HTTP/1.1\r\nHost: a\r\n");
        t_send(fd, uploads[i]);
        t_read(fd, "Overloaded", text, sizeof(text));
        close(fd);
        assert_memory_equal(text, "HTTP/1.1 503 ", 13);
    }
    atomic_store(&fx.open, true);
    for (int i = 0; i < 2; i++) {
        t_read(fds[i], "through", text, sizeof(text));
        assert_non_null(strstr(text, "through"));
        close(fds[i]);
    }
    ask("/", text, sizeof(text));
    assert_non_null(strstr(text, "here"));
    assert_non_null(strstr(finish(), " 503 overload GET / HTTP"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_17_12_life_of_a_connection),
        cmocka_unit_test(row_17_12_reasons),
        cmocka_unit_test(row_17_12_slow_requests),
        cmocka_unit_test(row_17_12_filter),
        cmocka_unit_test(row_17_4_request_queue),
    };
    return cmocka_run_group_tests_name("http/journal", tests, NULL, NULL);
}
