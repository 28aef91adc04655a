/* SPDX-License-Identifier: MIT */
/* test_steady.c - memory and descriptors stay where they are, and no client sees another's bytes.
 * Robustness ME-1 (bench/steady makes a million requests), ME-5, TH-5. */
#define _GNU_SOURCE
#include "served.h"

#include "steady.h"

#define HOST "Host: h\r\n"

/* Holds: ME-1: after the warm-up nothing grows any more. Could break: anything that is kept for
 * each request, each connection, each error. */
static void
me_1_nothing_grows(void **state)
{
    steady run = { .requests = 16000 };
    (void)state;
    assert_true(steady_run(&run));
    assert_int_equal(run.wrong, 0);
    assert_int_equal(run.last.descriptors, run.first.descriptors);
    /* 2 % of so small a process is less than what the allocator wavers by. */
    if (run.last.kib > run.first.kib + run.first.kib / 50 + 512)
        fail_msg("%ld KiB, then %ld KiB", run.first.kib, run.last.kib);
}

static t_served served;

static chirp_reply *
echo(chirp_request *req, void *user)
{
    (void)user;
    kida_str n = chirp_header(req, "x-number"), body = chirp_body(req);
    return chirp_reply_textf(req, "%.*s|%.*s;", (int)n.len, n.ptr ? n.ptr : "", (int)body.len,
                             body.ptr);
}

static int
setup(void **state)
{
    (void)state;
    t_app_init(&served.base);
    served.base.config.port = 0;
    served.base.config.workers = 4;
    served.base.config.static_dir = "";
    served.base.config.max_connections = 4000;
    served.base.config.keep_alive_timeout = 60000;
    t_app_open(&served.base);
    chirp_route(served.base.app, "POST", "/echo", echo, NULL);
    t_serve(&served);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    t_serve_end(&served);
    return 0;
}

/* Sends requests in bursts, each with a body of its own, and compares every byte. */
static void *
distinct(void *arg)
{
    enum { BURST = 8, ROUNDS = 60 };
    static _Thread_local char bytes[65536], want[32768], text[65536];
    unsigned self = *(unsigned *)arg;
    size_t bad = 0;
    int fd = t_connect(&served, 0);
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t len = 0, from = 0;
        for (unsigned i = 0; i < BURST; i++) {
            char body[1200], fill = (char)('a' + (self + round + i) % 26);
            size_t body_len = 1 + (self * 131 + round * 17 + i * 7) % 1000;
            memset(body, fill, body_len);
            len += (size_t)snprintf(bytes + len, sizeof(bytes) - len,
                                    "POST /echo HTTP/1.1\r\n" HOST "X-Number: %u-%u-%u\r\n"
                                    "Content-Length: %zu\r\n\r\n%.*s",
                                    self, round, i, body_len, (int)body_len, body);
            from += (size_t)snprintf(want + from, sizeof(want) - from, "%u-%u-%u|%.*s;", self,
                                     round, i, (int)body_len, body);
        }
        (void)!send(fd, bytes, len, MSG_NOSIGNAL);
        size_t have = 0, seen = 0;
        const char *at = text;
        for (unsigned i = 0; i < BURST;) { /* bodies of one answer after another */
            text[have] = '\0';
            const char *end = strstr(at, "\r\n\r\n"), *last = end ? strchr(end, ';') : NULL;
            if (end && last && strncmp(at, "HTTP/1.1 200", 12) == 0) {
                last = strchr(end + 4, ';');
            }
            if (!end || !last) {
                ssize_t got = recv(fd, text + have, sizeof(text) - 1 - have, 0);
                if (got <= 0)
                    break;
                have += (size_t)got;
                continue;
            }
            size_t body_len = (size_t)(last + 1 - (end + 4));
            bad += memcmp(want + seen, end + 4, body_len) != 0;
            seen += body_len;
            at = last + 1;
            i++;
        }
        bad += seen != from;
    }
    close(fd);
    return bad == 0 ? NULL : arg;
}

/* Holds: TH-5: many clients at once, each gets its own bytes back and nothing else. */
static void
th_5_nobody_sees_anothers_bytes(void **state)
{
    enum { CLIENTS = 16 };
    pthread_t threads[CLIENTS];
    unsigned numbers[CLIENTS];
    (void)state;
    for (unsigned i = 0; i < CLIENTS; i++) {
        numbers[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, distinct, &numbers[i]), 0);
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        void *bad;
        pthread_join(threads[i], &bad);
        if (bad)
            fail_msg("client %u got other bytes than its own", i);
    }
}

/* Holds: ME-5: what an idle connection costs, buffers given back. */
static void
me_5_idle_connections_are_small(void **state)
{
    enum { COUNT = 200, MAX_EACH = 4096 };
    static const char one[] = "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\nx";
    static int fds[COUNT];
    char text[1024];
    (void)state;
    size_t before = __atomic_load_n(&served.base.counter.live_bytes, __ATOMIC_ACQUIRE);
    for (int i = 0; i < COUNT; i++) {
        fds[i] = t_connect(&served, 0);
        t_send(fds[i], one);
        t_read(fds[i], ";", text, sizeof(text));
    }
    size_t each = 0;
    for (int i = 0; i < 500; i++) { /* memory is given back within some seconds */
        size_t now = __atomic_load_n(&served.base.counter.live_bytes, __ATOMIC_ACQUIRE);
        each = now > before ? (now - before) / COUNT : 0;
        if (each < MAX_EACH)
            break;
        usleep(10000);
    }
    for (int i = 0; i < COUNT; i++)
        close(fds[i]);
    if (each >= MAX_EACH)
        fail_msg("%zu bytes for each", each);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(me_1_nothing_grows),
        cmocka_unit_test_setup_teardown(th_5_nobody_sees_anothers_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(me_5_idle_connections_are_small, setup, teardown),
    };
    return cmocka_run_group_tests_name("http/steady", tests, NULL, NULL);
}
