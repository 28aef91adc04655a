/* SPDX-License-Identifier: MIT */
/* test_clock.c - a clock on the wall that is set while a server runs: robustness TH-9, FI-10. */
#define _GNU_SOURCE
#include "served.h"

#include <sys/syscall.h>

static int64_t shift; /* seconds by which the time of day is wrong; atomic */

/* These stand before those of the C library, for libuv too. */
int
clock_gettime(clockid_t id, struct timespec *out)
{
    long status = syscall(SYS_clock_gettime, id, out);
    if (status == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        out->tv_sec += __atomic_load_n(&shift, __ATOMIC_RELAXED);
    return (int)status;
}

time_t
time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}

static t_served served;
static int waiting; /* handlers; atomic */
static int runs;

static chirp_reply *
plain(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, KIDA_S("plain"));
}

static chirp_reply *
doze(chirp_request *req, void *user)
{
    (void)user;
    __atomic_fetch_add(&waiting, 1, __ATOMIC_RELEASE);
    kida_status st = chirp_sleep(req, 300);
    return chirp_reply_text(req, st == KIDA_OK ? KIDA_S("rested") : KIDA_S("woken"));
}

static chirp_reply *
kept(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_textf(req, "run %d;", ++runs);
}

static void
ask(int fd, const char *path, const char *want)
{
    char request[200], text[1000];
    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
    t_send(fd, request);
    t_read(fd, want, text, sizeof(text));
    if (!strstr(text, want))
        fail_msg("%s: [%s]", path, text);
}

/* Holds: TH-9: neither an idle connection, nor half a request, nor a handler that waits, nor what
 * is in a cache ends or stays because the time of day jumps by a day, there or back. */
static void
th_9_the_clock_jumps(void **state)
{
    static const int64_t jumps[] = { 86400, -86400, 400 * 86400, 0 };
    char text[1000];
    (void)state;
    t_app_init(&served.base);
    served.base.config.port = 0;
    served.base.config.workers = 1;
    served.base.config.static_dir = "";
    served.base.config.keep_alive_timeout = 3600000;
    served.base.config.header_timeout = 3600000;
    served.base.config.cache_default_ttl = 3600;
    t_app_open(&served.base);
    chirp_app *app = served.base.app;
    chirp_route(app, "GET", "/", plain, NULL);
    chirp_route(app, "GET", "/doze", doze, NULL);
    chirp_route_def def = { .path = "/kept", .handler = kept };
    assert_int_equal(chirp_route_cached(app, &def, NULL, NULL), KIDA_OK);
    t_serve(&served);
    int idle = t_connect(&served, 0), half = t_connect(&served, 0), busy = t_connect(&served, 0);
    ask(idle, "/kept", "run 1;");
    for (size_t i = 0; i < T_COUNT(jumps); i++) {
        int before = __atomic_load_n(&waiting, __ATOMIC_ACQUIRE);
        t_send(half, "GET / HTTP/1.1\r\nHo");
        t_send(busy, "GET /doze HTTP/1.1\r\nHost: a\r\n\r\n");
        for (int k = 0; k < 15000 && __atomic_load_n(&waiting, __ATOMIC_ACQUIRE) == before; k++)
            usleep(2000);
        __atomic_store_n(&shift, jumps[i], __ATOMIC_RELAXED);
        t_read(busy, "rested", text, sizeof(text));
        assert_non_null(strstr(text, "rested"));
        ask(idle, "/", "plain");
        ask(idle, "/kept", "run 1;");
        t_send(half, "st: a\r\n\r\n");
        t_read(half, "plain", text, sizeof(text));
        assert_non_null(strstr(text, "plain"));
    }
    close(idle);
    close(half);
    close(busy);
    t_serve_end(&served);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(th_9_the_clock_jumps),
    };
    return cmocka_run_group_tests_name("http/clock", tests, NULL, NULL);
}
