/* SPDX-License-Identifier: MIT */
/* test_process.c - servers in processes of their own: how they end, and what they outlive.
 * Robustness LC-1 to LC-4, WC-1 to WC-3, ME-2, TH-6. */
#define _GNU_SOURCE
#include "served.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define HOST "Host: h\r\n"

/* A server in a child process. */
typedef struct child {
    pid_t pid;
    uint16_t port;
    int log; /* its standard error */
} child;

typedef struct settings {
    uint32_t watchdog_timeout;
    uint32_t shutdown_timeout;
    uint32_t port; /* 0: any */
    bool blocks_at_start;
} settings;

/* ---- the child ------------------------------------------------------------------------------ */

static chirp_reply *
plain(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, KIDA_S("plain"));
}

static chirp_reply *
echo(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, chirp_body(req));
}

static chirp_reply *
slow(chirp_request *req, void *user)
{
    (void)user;
    return chirp_sleep(req, 400) == KIDA_OK ? chirp_reply_text(req, KIDA_S("slept")) : NULL;
}

static chirp_reply *
endless(chirp_request *req, void *user)
{
    (void)user;
    return chirp_sleep(req, 3600000) == KIDA_OK ? chirp_reply_text(req, KIDA_S("slept")) : NULL;
}

static chirp_reply *
fails(chirp_request *req, void *user)
{
    (void)req;
    (void)user;
    return NULL;
}

static chirp_reply *
spins(chirp_request *req, void *user)
{
    (void)user;
    for (int i = 0; i < 20000; i++) /* 20 s, the watchdog is quicker */
        usleep(1000);
    return chirp_reply_text(req, KIDA_S("never"));
}

static chirp_reply *
crashes(chirp_request *req, void *user)
{
    (void)user;
    raise(SIGSEGV);
    return chirp_reply_text(req, KIDA_S("never"));
}

static kida_status
tell_port(chirp_app *app, void *user, kida_error *err)
{
    uint16_t port = (uint16_t)chirp_port(app);
    (void)err;
    return write(*(int *)user, &port, sizeof(port)) == sizeof(port) ? KIDA_OK : KIDA_E_IO;
}

static kida_status
block(chirp_worker *worker, void *user, kida_error *err)
{
    (void)worker;
    (void)err;
    uint16_t none = 0;
    (void)!write(*(int *)user, &none, sizeof(none)); /* it has come here */
    usleep(300000);
    return KIDA_OK;
}

static int
serve(const settings *how, int told)
{
    t_app fx;
    const struct rlimit no_core = { 0, 0 };
    setrlimit(RLIMIT_CORE, &no_core);
    t_app_init(&fx);
    fx.config.port = how->port;
    fx.config.workers = 2;
    fx.config.static_dir = "";
    fx.config.log_level = CHIRP_LEVEL_INFO;
    if (how->watchdog_timeout > 0)
        fx.config.watchdog_timeout = how->watchdog_timeout;
    if (how->shutdown_timeout > 0)
        fx.config.shutdown_timeout = how->shutdown_timeout;
    fx.app = chirp_app_new(&fx.config, &fx.err);
    chirp_route(fx.app, "GET", "/", plain, NULL);
    chirp_route(fx.app, "POST", "/echo", echo, NULL);
    chirp_route(fx.app, "GET", "/slow", slow, NULL);
    chirp_route(fx.app, "GET", "/endless", endless, NULL);
    chirp_route(fx.app, "GET", "/fails", fails, NULL);
    chirp_route(fx.app, "GET", "/spins", spins, NULL);
    chirp_route(fx.app, "GET", "/crashes", crashes, NULL);
    chirp_on_ready(fx.app, tell_port, &told);
    if (how->blocks_at_start)
        chirp_on_worker_startup(fx.app, block, &told);
    kida_status st = chirp_run(fx.app, &fx.err);
    if (st != KIDA_OK)
        fprintf(stderr, "%s\n", fx.err.message);
    chirp_app_free(fx.app);
    if (fx.counter.live_bytes != 0)
        return 9; /* ME-2 */
    return st == KIDA_OK ? 0 : 3;
}

static child
start(const settings *how)
{
    int told[2], log[2];
    child made = { 0 };
    assert_int_equal(pipe(told), 0);
    assert_int_equal(pipe(log), 0);
    fflush(NULL);
    made.pid = fork();
    assert_true(made.pid >= 0);
    if (made.pid == 0) {
        close(told[0]);
        close(log[0]);
        dup2(log[1], STDERR_FILENO);
        exit(serve(how, told[1])); /* runs the leak check too */
    }
    close(told[1]);
    close(log[1]);
    (void)!read(told[0], &made.port, sizeof(made.port));
    close(told[0]);
    made.log = log[0];
    return made;
}

/* How it has ended: the exit status, or 128 and the signal. Its log goes to text. */
static int
end_of(const child *one, char *text, size_t room)
{
    int status = 0;
    size_t len = 0;
    ssize_t got;
    while (len + 1 < room && (got = read(one->log, text + len, room - 1 - len)) > 0)
        len += (size_t)got;
    text[len] = '\0';
    close(one->log);
    assert_int_equal(waitpid(one->pid, &status, 0), one->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int
dial(const child *one)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(one->port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

static int
dial_and_send(const child *one, const char *bytes)
{
    int fd = dial(one);
    assert_true(fd >= 0);
    t_send(fd, bytes);
    return fd;
}

/* ---- ends ----------------------------------------------------------------------------------- */

/* Holds: LC-1, CN-8: what runs is finished and told to be the last, idle ones go, new ones are not
 * let in, and the process ends with 0. */
static void
lc_1_running_requests_are_finished(void **state)
{
    char text[8192];
    (void)state;
    child one = start(&(settings){ 0 });
    int idle = dial_and_send(&one, "GET / HTTP/1.1\r\n" HOST "\r\n");
    t_read(idle, "plain", text, sizeof(text));
    int running = dial_and_send(&one, "GET /slow HTTP/1.1\r\n" HOST "\r\n");
    int upload = dial_and_send(&one, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 6\r\n\r\nabc");
    usleep(100000);
    kill(one.pid, SIGTERM);
    assert_int_equal(t_read(idle, NULL, text, sizeof(text)), 0);
    for (int i = 0, fd; i < 500 && (fd = dial(&one)) >= 0; i++) {
        close(fd);
        usleep(5000);
    }
    assert_int_equal(dial(&one), -1);
    t_send(upload, "def");
    t_read(upload, NULL, text, sizeof(text));
    assert_non_null(strstr(text, "abcdef"));
    assert_non_null(strstr(text, "connection: close"));
    t_read(running, NULL, text, sizeof(text));
    assert_non_null(strstr(text, "slept"));
    assert_non_null(strstr(text, "connection: close"));
    close(idle);
    close(running);
    close(upload);
    assert_int_equal(end_of(&one, text, sizeof(text)), 0);
}

/* Holds: LC-1: what does not end in time is cut, and the process still ends with 0. */
static void
lc_1_the_time_is_bounded(void **state)
{
    char text[8192];
    (void)state;
    child one = start(&(settings){ .shutdown_timeout = 200 });
    int fd = dial_and_send(&one, "GET /endless HTTP/1.1\r\n" HOST "\r\n");
    usleep(50000);
    kill(one.pid, SIGTERM);
    assert_int_equal(t_read(fd, NULL, text, sizeof(text)), 0);
    close(fd);
    assert_int_equal(end_of(&one, text, sizeof(text)), 0);
}

/* Holds: LC-1: asked twice, it ends at once. */
static void
lc_1_the_second_signal(void **state)
{
    char text[8192];
    (void)state;
    child one = start(&(settings){ 0 });
    int fd = dial_and_send(&one, "GET /endless HTTP/1.1\r\n" HOST "\r\n");
    usleep(50000);
    kill(one.pid, SIGTERM);
    usleep(50000);
    kill(one.pid, SIGTERM);
    assert_int_equal(end_of(&one, text, sizeof(text)), 1);
    close(fd);
}

/* Holds: LC-2: a signal while it starts is no hang. */
static void
lc_2_a_signal_during_start(void **state)
{
    char text[8192];
    (void)state;
    child one = start(&(settings){ .blocks_at_start = true });
    assert_int_equal(one.port, 0);
    kill(one.pid, SIGTERM);
    int status = end_of(&one, text, sizeof(text));
    assert_true(status == 0 || status == 3 || status == 128 + SIGTERM);
}

/* Holds: LC-3, FI-11: no signal but those that ask for it ends a server. */
static void
lc_3_other_signals(void **state)
{
    static const int signals[] = { SIGPIPE, SIGHUP, SIGCHLD, SIGWINCH, SIGURG, SIGCONT };
    char text[8192];
    (void)state;
    child one = start(&(settings){ 0 });
    for (int i = 0; i < 60; i++) {
        kill(one.pid, signals[i % (int)T_COUNT(signals)]);
        int fd = dial_and_send(&one, "GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
        t_read(fd, NULL, text, sizeof(text));
        assert_non_null(strstr(text, "plain"));
        close(fd);
    }
    kill(one.pid, SIGINT);
    assert_int_equal(end_of(&one, text, sizeof(text)), 0);
}

/* Holds: LC-4: a port that is taken is told of, and nothing is served. */
static void
lc_4_the_port_is_taken(void **state)
{
    char text[8192];
    (void)state;
    child one = start(&(settings){ 0 });
    child two = start(&(settings){ .port = one.port });
    assert_int_equal(two.port, 0);
    assert_int_equal(end_of(&two, text, sizeof(text)), 3);
    assert_non_null(strstr(text, "can't listen on"));
    kill(one.pid, SIGTERM);
    assert_int_equal(end_of(&one, text, sizeof(text)), 0);
}

/* Holds: TH-6, ME-2: stopped under load, over and over. */
static void
th_6_stopped_under_load(void **state)
{
    enum { TIMES = 12, CLIENTS = 30 };
    char text[8192];
    (void)state;
    for (int i = 0; i < TIMES; i++) {
        int fds[CLIENTS];
        child one = start(&(settings){ .shutdown_timeout = 1000 });
        for (int k = 0; k < CLIENTS; k++)
            fds[k] = dial_and_send(&one, k % 3 == 0   ? "GET /slow HTTP/1.1\r\n" HOST "\r\n"
                                         : k % 3 == 1 ? "GET / HTTP/1.1\r\n" HOST "\r\n"
                                                      : "POST /echo HTTP/1.1\r\n" HOST
                                                        "Content-Length: 99\r\n\r\nx");
        usleep((useconds_t)(i * 5000));
        kill(one.pid, SIGTERM);
        for (int k = 0; k < CLIENTS; k++)
            close(fds[k]);
        assert_int_equal(end_of(&one, text, sizeof(text)), 0);
    }
}

/* ---- failures -------------------------------------------------------------------------------- */

/* Holds: WC-1: a handler that fails answers 500, and the connection stays usable. */
static void
wc_1_a_failed_handler(void **state)
{
    char text[8192];
    (void)state;
    child one = start(&(settings){ 0 });
    int fd = dial_and_send(&one, "GET /fails HTTP/1.1\r\n" HOST "\r\n"
                                 "GET / HTTP/1.1\r\n" HOST "\r\n");
    t_read(fd, "plain", text, sizeof(text));
    close(fd);
    assert_true(strncmp(text, "HTTP/1.1 500 ", 13) == 0);
    assert_non_null(strstr(text, "plain"));
    kill(one.pid, SIGTERM);
    assert_int_equal(end_of(&one, text, sizeof(text)), 0);
}

/* Holds: WC-2: a memory fault ends the process; no handler of the signal goes on. */
static void
wc_2_a_fault_ends_the_process(void **state)
{
    char text[65536];
    (void)state;
    child one = start(&(settings){ 0 });
    int fd = dial_and_send(&one, "GET /crashes HTTP/1.1\r\n" HOST "\r\n");
    assert_true(end_of(&one, text, sizeof(text)) != 0);
    close(fd);
}

/* Holds: WC-3: a loop that makes no turn is told of with its route, and ends the process. */
static void
wc_3_the_watchdog_bites(void **state)
{
    char text[65536];
    (void)state;
    child one = start(&(settings){ .watchdog_timeout = 1500 });
    int fd = dial_and_send(&one, "GET /spins HTTP/1.1\r\n" HOST "\r\n");
    assert_true(end_of(&one, text, sizeof(text)) != 0);
    close(fd);
    assert_non_null(strstr(text, "has made no turn for 250 ms, last route /spins\n"));
    assert_non_null(strstr(text, "the process ends"));
}

/* Holds: WC-3: waiting is no standing still. */
static void
wc_3_waiting_is_no_fault(void **state)
{
    char text[8192];
    (void)state;
    child one = start(&(settings){ .watchdog_timeout = 2000 });
    int fd = dial_and_send(&one, "GET /slow HTTP/1.1\r\n" HOST "\r\n");
    t_read(fd, "slept", text, sizeof(text));
    assert_non_null(strstr(text, "slept"));
    close(fd);
    usleep(2500000); /* nothing at all happens */
    kill(one.pid, SIGTERM);
    assert_int_equal(end_of(&one, text, sizeof(text)), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lc_1_running_requests_are_finished),
        cmocka_unit_test(lc_1_the_time_is_bounded),
        cmocka_unit_test(lc_1_the_second_signal),
        cmocka_unit_test(lc_2_a_signal_during_start),
        cmocka_unit_test(lc_3_other_signals),
        cmocka_unit_test(lc_4_the_port_is_taken),
        cmocka_unit_test(th_6_stopped_under_load),
        cmocka_unit_test(wc_1_a_failed_handler),
        cmocka_unit_test(wc_2_a_fault_ends_the_process),
        cmocka_unit_test(wc_3_the_watchdog_bites),
        cmocka_unit_test(wc_3_waiting_is_no_fault),
    };
    return cmocka_run_group_tests_name("http/process", tests, NULL, NULL);
}
