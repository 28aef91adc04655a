/* SPDX-License-Identifier: MIT */
/* test_live.c - streams and event streams over real sockets: robustness BP-1, ES-5, ES-6, ES-10,
 * ES-11, CN-8, RS-7. */
#define _GNU_SOURCE
#include "served.h"

#include <sys/types.h>

static volatile unsigned running;
static volatile unsigned ended;
static volatile uint64_t offered;
static chirp_hub *hub;

static void
add(volatile unsigned *number, int by)
{
    __atomic_fetch_add(number, (unsigned)by, __ATOMIC_ACQ_REL);
}

/* 1 GiB, in pieces. */
static kida_status
huge(chirp_stream *stream, void *user)
{
    static const char piece[8192];
    (void)user;
    kida_status st = KIDA_OK;
    add(&running, 1);
    for (int i = 0; i < 131072 && st == KIDA_OK; i++) {
        st = chirp_stream_write(stream, (kida_str){ piece, sizeof(piece) });
        __atomic_fetch_add(&offered, sizeof(piece), __ATOMIC_RELAXED);
    }
    add(&running, -1);
    add(&ended, 1);
    return st;
}

static kida_status
patient(chirp_stream *stream, void *user)
{
    (void)user;
    add(&running, 1);
    chirp_stream_write(stream, KIDA_S("begun"));
    kida_status st = chirp_sleep(chirp_stream_request(stream), 60000);
    add(&running, -1);
    add(&ended, 1);
    return st;
}

static kida_status
broken(chirp_stream *stream, void *user)
{
    (void)user;
    chirp_stream_write(stream, KIDA_S("half"));
    return KIDA_E_IO;
}

static kida_status
follow(chirp_sse *sse, void *user)
{
    (void)user;
    add(&running, 1);
    kida_status st = chirp_sse_follow(sse, hub, KIDA_S(""));
    add(&running, -1);
    add(&ended, 1);
    return st;
}

static chirp_reply *
streamed(chirp_request *req, void *user)
{
    chirp_stream_fn *fn = NULL;
    memcpy(&fn, &user, sizeof(fn));
    return chirp_reply_stream(req, NULL, fn, NULL);
}

static chirp_reply *
events(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_sse(req, follow, NULL, NULL);
}

static chirp_reply *
plain(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, KIDA_S("plain"));
}

static void
route(t_served *served, const char *path, chirp_stream_fn *fn)
{
    void *user = NULL;
    memcpy(&user, &fn, sizeof(fn));
    chirp_route(served->base.app, "GET", path, streamed, user);
}

static t_served served;

static int
setup(void **state)
{
    (void)state;
    t_app_init(&served.base);
    served.base.config.port = 0;
    served.base.config.workers = 2;
    served.base.config.max_connections = 200;
    served.base.config.shutdown_timeout = 5000;
    t_app_open(&served.base);
    hub = chirp_hub_new(NULL);
    route(&served, "/huge", huge);
    route(&served, "/patient", patient);
    route(&served, "/broken", broken);
    chirp_route(served.base.app, "GET", "/events", events, NULL);
    chirp_route(served.base.app, "GET", "/plain", plain, NULL);
    running = ended = 0;
    offered = 0;
    t_serve(&served);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    t_serve_end(&served);
    chirp_hub_free(hub);
    return 0;
}

/* Holds: BP-1: a peer that reads nothing holds up its own handler, and no memory. */
static void
bp_1_a_peer_that_reads_nothing(void **state)
{
    (void)state;
    char text[512];
    int other = t_connect(&served, 0);
    t_send(other, "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n");
    t_read(other, "plain", text, sizeof(text));
    long before = t_resident();
    int fd = t_connect(&served, 4096);
    t_send(fd, "GET /huge HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(t_becomes(&running, 1));
    usleep(300000);
    uint64_t first = __atomic_load_n(&offered, __ATOMIC_RELAXED);
    usleep(100000);
    assert_true(first == __atomic_load_n(&offered, __ATOMIC_RELAXED));
    assert_true(first < ((uint64_t)16 << 20)); /* the system's buffers and ours */
    assert_true(t_resident() - before < 1024);
    t_send(other, "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(t_read(other, "plain", text, sizeof(text)) > 0);
    close(fd);
    assert_true(t_becomes(&ended, 1));
    close(other);
}

/* Holds: BP-1: once it reads, all of it comes. */
static void
bp_1_a_slow_peer_gets_everything(void **state)
{
    (void)state;
    static char text[65536];
    int fd = t_connect(&served, 4096);
    t_send(fd, "GET /huge HTTP/1.0\r\nHost: a\r\n\r\n");
    usleep(50000);
    uint64_t total = 0;
    ssize_t got;
    while (total < ((uint64_t)64 << 20) && (got = recv(fd, text, sizeof(text), 0)) > 0)
        total += (uint64_t)got;
    assert_true(total >= ((uint64_t)64 << 20));
    close(fd);
    assert_true(t_becomes(&ended, 1));
}

/* Holds: ES-5, 8.1: a client that leaves or resets ends the handler within a second. */
static void
es_5_leaving_is_noticed(void **state)
{
    static const char *const paths[] = { "/patient", "/events" };
    (void)state;
    char text[512], request[128];
    for (unsigned i = 0; i < 60; i++) {
        int fd = t_connect(&served, 0);
        snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", paths[i % 2]);
        t_send(fd, request);
        t_read(fd, "\r\n\r\n", text, sizeof(text));
        assert_true(t_becomes(&running, 1));
        struct linger reset = { 1, 0 };
        if (i % 4 < 2)
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
        close(fd);
        assert_true(t_becomes(&ended, i + 1));
        assert_true(t_becomes(&running, 0));
    }
    assert_int_equal(chirp_hub_count(hub), 0);
}

/* Holds: RS-7 on the wire: no last chunk for 1.1, a reset for 1.0. */
static void
rs_7_broken_streams_do_not_look_whole(void **state)
{
    (void)state;
    char text[1024];
    int fd = t_connect(&served, 0);
    t_send(fd, "GET /broken HTTP/1.1\r\nHost: a\r\n\r\n");
    t_read(fd, NULL, text, sizeof(text));
    assert_non_null(strstr(text, "4\r\nhalf\r\n"));
    assert_null(strstr(text, "\r\n0\r\n\r\n"));
    close(fd);
    fd = t_connect(&served, 0);
    t_send(fd, "GET /broken HTTP/1.0\r\n\r\n");
    ssize_t got;
    while ((got = recv(fd, text, sizeof(text), 0)) > 0)
        continue;
    assert_int_equal(got, -1);
    close(fd);
}

/* Holds: ES-6: one reader that does not read; the other gets every event. */
static void
es_6_one_slow_reader_among_others(void **state)
{
    (void)state;
    static char text[1 << 18], data[1025];
    int slow = t_connect(&served, 4096), fast = t_connect(&served, 0);
    t_send(slow, "GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
    t_send(fast, "GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(t_becomes(&running, 2));
    t_read(fast, "\r\n\r\n", text, sizeof(text));
    memset(data, 'x', sizeof(data) - 1);
    long before = t_resident();
    for (int i = 0; i < 20000; i++) {
        char id[16];
        int len = snprintf(id, sizeof(id), "%d", i);
        chirp_event event = { .id = { id, (size_t)len }, .data = { data, sizeof(data) - 1 } };
        assert_int_equal(chirp_hub_publish(hub, KIDA_S(""), &event), KIDA_OK);
        if (i % 100 == 99) { /* in step with the fast one */
            char want[32];
            snprintf(want, sizeof(want), "id: %d\n", i);
            t_read(fast, want, text, sizeof(text));
            if (!strstr(text, want))
                fail_msg("event %d did not come", i);
        }
    }
    assert_true(t_resident() - before < 4096);
    close(slow);
    close(fast);
    assert_true(t_becomes(&ended, 2));
}

/* Holds: ES-11: of 100 connections for each worker 50 may be event streams. */
static void
es_11_event_streams_are_capped(void **state)
{
    (void)state;
    enum { COUNT = 150 };
    static int fds[COUNT];
    char text[1024];
    unsigned refused = 0;
    for (size_t i = 0; i < COUNT; i++) {
        fds[i] = t_connect(&served, 0);
        t_send(fds[i], "GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
        t_read(fds[i], "\r\n\r\n", text, sizeof(text));
        if (strstr(text, " 503 ")) {
            assert_non_null(strstr(text, "retry-after: "));
            refused++;
        }
    }
    assert_true(refused >= 50);
    for (size_t i = 0; i < COUNT; i++)
        close(fds[i]);
    assert_true(t_becomes(&running, 0));
}

/* Holds: ES-10: shutdown ends event streams in order, long before the time-out. */
static void
es_10_shutdown_says_goodbye(void **state)
{
    (void)state;
    char text[1024];
    int fd = t_connect(&served, 0);
    t_send(fd, "GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
    t_read(fd, "\r\n\r\n", text, sizeof(text));
    assert_true(t_becomes(&running, 1));
    chirp_stop(served.base.app);
    t_read(fd, NULL, text, sizeof(text));
    assert_non_null(strstr(text, "retry: "));
    assert_non_null(strstr(text, "\r\n0\r\n\r\n"));
    assert_true(t_becomes(&ended, 1));
    close(fd);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bp_1_a_peer_that_reads_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(bp_1_a_slow_peer_gets_everything, setup, teardown),
        cmocka_unit_test_setup_teardown(es_5_leaving_is_noticed, setup, teardown),
        cmocka_unit_test_setup_teardown(rs_7_broken_streams_do_not_look_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(es_6_one_slow_reader_among_others, setup, teardown),
        cmocka_unit_test_setup_teardown(es_11_event_streams_are_capped, setup, teardown),
        cmocka_unit_test_setup_teardown(es_10_shutdown_says_goodbye, setup, teardown),
    };
    return cmocka_run_group_tests_name("http/live", tests, NULL, NULL);
}
