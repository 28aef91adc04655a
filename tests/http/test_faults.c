/* SPDX-License-Identifier: MIT */
/* test_faults.c - a server whose system calls fail: each call, at each occurrence, with each
 * plausible reason. Robustness ME-4, FI-1 to FI-5, BP-3. A failure may cost the request that met
 * it, never another one, never the server, never a byte of memory or a descriptor, and what looks
 * like a whole answer is the right one. */
#define _GNU_SOURCE
#include "faults.h"

#include "served.h"

#include <dirent.h>
#include <stdlib.h>

enum { LARGE = 150000, TEXT_MAX = LARGE + 4096, OCCURRENCES_MAX = 60 };

#define HOST "Host: h\r\nConnection: close\r\n"
#define SIX "X" "X" "X" "X" "X" "X"

static t_served served;
static char directory[64];
static char large[LARGE + 1];

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
waiting(chirp_request *req, void *user)
{
    (void)user;
    return chirp_sleep(req, 1) == KIDA_OK ? chirp_reply_text(req, KIDA_S("waited")) : NULL;
}

static kida_status
pieces(chirp_stream *stream, void *user)
{
    (void)user;
    kida_status st = KIDA_OK;
    for (int i = 0; i < 5 && st == KIDA_OK; i++)
        st = chirp_stream_write(stream, KIDA_S("piece"));
    return st;
}

static chirp_reply *
streamed(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_stream(req, NULL, pieces, NULL);
}

static void
open_app(void)
{
    t_app_init(&served.base);
    chirp_config *config = &served.base.config;
    config->port = 0;
    config->workers = 1;
    config->static_dir = directory;
    config->spool_dir = directory;
    config->max_body_memory = 1000;
    config->lifecycle_logging = false;
    config->debug = false;
    t_app_open(&served.base);
    chirp_route(served.base.app, "GET", "/", plain, NULL);
    chirp_route(served.base.app, "POST", "/echo", echo, NULL);
    chirp_route(served.base.app, "GET", "/wait", waiting, NULL);
    chirp_route(served.base.app, "GET", "/stream", streamed, NULL);
}

static int
make_directory(void **state)
{
    char path[96];
    (void)state;
    snprintf(directory, sizeof(directory), "/tmp/chirp-faults-" SIX);
    if (!mkdtemp(directory))
        return -1;
    memset(large, 'x', LARGE);
    snprintf(path, sizeof(path), "%s/large.txt", directory);
    FILE *file = fopen(path, "w");
    fwrite(large, 1, LARGE, file);
    fclose(file);
    snprintf(path, sizeof(path), "%s/small.txt", directory);
    file = fopen(path, "w");
    fputs("small", file);
    fclose(file);
    return 0;
}

static int
remove_directory(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof(command), "rm -r %s", directory);
    return system(command) == 0 ? 0 : -1;
}

static size_t
open_descriptors(void)
{
    size_t count = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

/* ---- requests ------------------------------------------------------------------------------ */

static const struct request {
    const char *bytes;
    size_t fill;      /* bytes of x behind them */
    const char *body; /* NULL: that many x */
} requests[] = {
    { "GET / HTTP/1.1\r\n" HOST "\r\n", 0, "plain" },
    { "GET /wait HTTP/1.1\r\n" HOST "\r\n", 0, "waited" },
    { "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc", 0, "abc" },
    { "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 150000\r\n\r\n", LARGE, NULL },
    { "GET /static/small.txt HTTP/1.1\r\n" HOST "\r\n", 0, "small" },
    { "GET /static/large.txt HTTP/1.1\r\n" HOST "\r\n", 0, NULL },
    { "GET /stream HTTP/1.1\r\n" HOST "\r\n", 0,
      "5\r\npiece\r\n5\r\npiece\r\n5\r\npiece\r\n5\r\npiece\r\n5\r\npiece\r\n0\r\n\r\n" },
};

/* Whether an answer is the right one, whole; *is_success: it looks like one. */
static bool
is_right(const struct request *request, const char *text, size_t len, bool *is_success)
{
    const char *body = strstr(text, "\r\n\r\n");
    const char *want = request->body ? request->body : large;
    size_t got = body ? len - (size_t)(body + 4 - text) : 0, want_len = strlen(want);
    const char *length = strstr(text, "\r\ncontent-length: ");
    *is_success = body && strncmp(text, "HTTP/1.1 200 ", 13) == 0;
    if (*is_success && length && got < strtoul(length + 18, NULL, 10))
        *is_success = false; /* cut, and the client can see that */
    if (*is_success && strstr(text, "chunked") && !strstr(body, "0\r\n\r\n"))
        *is_success = false;
    return *is_success && got == want_len && memcmp(body + 4, want, got) == 0;
}

/* Whether it is answered as it should be, or not at all. */
static bool
ask(const struct request *request, bool must_succeed)
{
    static char text[TEXT_MAX];
    int fd = t_connect(&served, 0);
    bool is_success;
    (void)!send(fd, request->bytes, strlen(request->bytes), MSG_NOSIGNAL);
    for (size_t at = 0; at < request->fill;) {
        ssize_t sent = send(fd, large, request->fill - at, MSG_NOSIGNAL);
        if (sent <= 0)
            break;
        at += (size_t)sent;
    }
    size_t len = t_read(fd, NULL, text, sizeof(text));
    close(fd);
    bool fits = is_right(request, text, len, &is_success) || (!must_succeed && !is_success);
    if (!fits)
        print_error("%.60s: %zu bytes, %.300s\n", request->bytes, len, text);
    return fits;
}

/* ---- while serving ------------------------------------------------------------------------- */

#define ERRORS(...) { __VA_ARGS__, -1 }

/* Reasons that the kernel may have while requests are served. harmless: no request may suffer. */
static const struct fault {
    t_call call;
    bool is_harmless;
    int errors[10]; /* 0: takes one byte; -1 ends the list */
} serving[] = {
    { T_CALL_accept4, true, ERRORS(EINTR, ECONNABORTED, EMFILE, ENFILE, ENOBUFS, ENOMEM, EPROTO,
                                   EAGAIN, EPERM) },
    { T_CALL_read_socket, true, ERRORS(0, EINTR, EAGAIN) },
    { T_CALL_read_socket, false, ERRORS(ECONNRESET, ETIMEDOUT, ENOTCONN, EIO, ENOMEM) },
    { T_CALL_write_socket, true, ERRORS(0, EINTR, EAGAIN) },
    { T_CALL_write_socket, false, ERRORS(ECONNRESET, EPIPE, ETIMEDOUT, ENOTCONN, ENOMEM) },
    { T_CALL_writev, true, ERRORS(0, EINTR, EAGAIN) },
    { T_CALL_writev, false, ERRORS(ECONNRESET, EPIPE, ENOMEM) },
    { T_CALL_shutdown, false, ERRORS(ENOTCONN, ENOBUFS) },
    { T_CALL_epoll_wait, true, ERRORS(EINTR) },
    { T_CALL_getpeername, false, ERRORS(ENOTCONN, ENOBUFS) },
    { T_CALL_setsockopt, false, ERRORS(EINVAL, ENOPROTOOPT) },
    { T_CALL_open, false, ERRORS(EIO, EACCES, ENOENT, EMFILE, ENOSPC, EINTR) },
    { T_CALL_openat, false, ERRORS(EIO, EACCES, ENOENT, ELOOP, EMFILE, EINTR) },
    { T_CALL_openat2, true, ERRORS(ENOSYS) },
    { T_CALL_openat2, false, ERRORS(EIO, EACCES, ENOENT, ELOOP, EMFILE, EINTR, EAGAIN, EXDEV) },
    { T_CALL_fstat, false, ERRORS(EIO, ESTALE) },
    { T_CALL_write_file, true, ERRORS(0, EINTR) },
    { T_CALL_write_file, false, ERRORS(ENOSPC, EDQUOT, EIO) },
    { T_CALL_pread, true, ERRORS(0, EINTR) },
    { T_CALL_pread, false, ERRORS(EIO, ESTALE) },
    { T_CALL_preadv2, true, ERRORS(0, EAGAIN, EOPNOTSUPP, EINTR) },
    { T_CALL_preadv2, false, ERRORS(EIO) },
    { T_CALL_mmap, false, ERRORS(ENOMEM) },
    { T_CALL_mprotect, false, ERRORS(ENOMEM) },
    { T_CALL_epoll_ctl, false, ERRORS(ENOMEM, ENOSPC) },
};

/* The n-th call fails while all kinds of requests are made one after another. True once the call is
 * not made that often. */
static bool
fault_at(const struct fault *fault, int error, long at)
{
    t_fault(fault->call, error, at, false);
    bool fits = true;
    for (size_t i = 0; i < T_COUNT(requests) && fits; i++)
        fits = ask(&requests[i], fault->is_harmless);
    bool was_hit = t_fault_end();
    for (size_t i = 0; i < T_COUNT(requests) && fits && was_hit; i += 3)
        fits = ask(&requests[i], true); /* as if nothing had been */
    if (!fits)
        fail_msg("%s %ld: %s", t_call_names[fault->call], at, error ? strerror(error) : "short");
    return !was_hit;
}

/* Holds: ME-4, FI-1 to FI-5. Could break: an error that is not looked at, a retry that spins, a
 * path that gives back too little, or twice. */
static void
me_4_each_call_fails_once(void **state)
{
    (void)state;
    open_app();
    t_serve(&served);
    unsigned hits = 0;
    for (size_t i = 0; i < T_COUNT(serving); i++) {
        for (const int *error = serving[i].errors; *error >= 0; error++) {
            for (long at = 1; at < OCCURRENCES_MAX && !fault_at(&serving[i], *error, at); at++)
                hits++;
        }
    }
    t_serve_end(&served); /* fails when a byte is left */
    assert_true(hits > 300); /* were the calls wrapped at all? */
}

/* Holds: FI-1: every read and write of a socket takes one byte, and the same bytes arrive. */
static void
fi_1_everything_byte_by_byte(void **state)
{
    static const t_call calls[] = { T_CALL_read_socket, T_CALL_write_socket, T_CALL_writev,
                                    T_CALL_write_file, T_CALL_pread, T_CALL_preadv2 };
    (void)state;
    open_app();
    t_serve(&served);
    for (size_t i = 0; i < T_COUNT(calls); i++) {
        t_fault(calls[i], 0, 1, true);
        for (size_t k = 0; k < T_COUNT(requests); k++)
            assert_true(requests[k].body == NULL || ask(&requests[k], true));
        t_fault_end();
    }
    t_serve_end(&served);
}

/* Holds: BP-3, ME-4: a call that goes on failing stops what needs it, and nothing for good. */
static void
me_4_calls_that_go_on_failing(void **state)
{
    static const struct {
        t_call call;
        int error;
    } lasting[] = {
        { T_CALL_accept4, EMFILE },      { T_CALL_accept4, ENOMEM }, { T_CALL_openat, EMFILE },
        { T_CALL_mmap, ENOMEM },         { T_CALL_open, EMFILE },    { T_CALL_epoll_ctl, ENOSPC },
        { T_CALL_write_socket, ENOBUFS }, { T_CALL_fstat, EIO },     { T_CALL_preadv2, EIO },
    };
    (void)state;
    open_app();
    t_serve(&served);
    for (size_t i = 0; i < T_COUNT(lasting); i++) {
        int fds[4];
        t_fault(lasting[i].call, lasting[i].error, 1, true);
        for (size_t k = 0; k < T_COUNT(fds); k++) {
            fds[k] = t_connect(&served, 0);
            t_send(fds[k], requests[k].bytes);
        }
        usleep(50000);
        t_fault_end();
        for (size_t k = 0; k < T_COUNT(fds); k++)
            close(fds[k]);
        for (size_t k = 0; k < T_COUNT(requests); k++) {
            if (!ask(&requests[k], true))
                fail_msg("%s: %s", t_call_names[lasting[i].call], strerror(lasting[i].error));
        }
    }
    t_serve_end(&served);
}

/* ---- at start ------------------------------------------------------------------------------ */

static const struct fault starting[] = {
    { T_CALL_socket, false, ERRORS(EMFILE, ENOBUFS) },
    { T_CALL_setsockopt, false, ERRORS(ENOPROTOOPT) },
    { T_CALL_bind, false, ERRORS(EADDRINUSE, EACCES) },
    { T_CALL_listen, false, ERRORS(EADDRINUSE, ENOMEM) },
    { T_CALL_getsockname, false, ERRORS(ENOBUFS) },
    { T_CALL_epoll_create1, false, ERRORS(EMFILE, ENOMEM) },
    { T_CALL_eventfd, false, ERRORS(EMFILE) },
    { T_CALL_pthread_create, false, ERRORS(EAGAIN) },
    { T_CALL_open, false, ERRORS(EMFILE, EACCES) },
    { T_CALL_mmap, false, ERRORS(ENOMEM) },
};

static volatile bool has_ended;

static void *
run(void *arg)
{
    served.status = chirp_run(served.base.app, arg);
    __atomic_store_n(&has_ended, true, __ATOMIC_RELEASE);
    return NULL;
}

/* Starts and stops; true once the call is not made that often. */
static bool
start_at(const struct fault *fault, int error, long at)
{
    const struct timespec nap = { 0, 1000000 };
    kida_error_init(&served.base.err);
    has_ended = false;
    t_fault(fault->call, error, at, false);
    t_is_spared = false; /* the thread of the test prepares the app too */
    open_app();
    t_is_spared = true;
    assert_int_equal(pthread_create(&served.thread, NULL, run, &served.base.err), 0);
    while (!__atomic_load_n(&has_ended, __ATOMIC_ACQUIRE) && chirp_port(served.base.app) == 0)
        nanosleep(&nap, NULL);
    bool serves = !__atomic_load_n(&has_ended, __ATOMIC_ACQUIRE);
    bool was_hit = t_fault_end();
    bool fits = !serves || ask(&requests[0], true);
    chirp_stop(served.base.app);
    pthread_join(served.thread, NULL);
    fits = fits && (served.status == KIDA_OK) == serves &&
           (serves || served.base.err.message[0] != '\0');
    if (!fits)
        fail_msg("%s %ld: %s: %d '%s'", t_call_names[fault->call], at, strerror(error),
                 (int)served.status, served.base.err.message);
    t_app_close(&served.base);
    return !was_hit;
}

/* Holds: ME-4, FI-8, LC-4, WC-4: a start that fails says why, and leaves nothing behind. */
static void
me_4_start_fails_cleanly(void **state)
{
    (void)state;
    (void)start_at(&starting[0], EMFILE, 100000); /* what libuv sets up once for all */
    unsigned hits = 0;
    for (size_t i = 0; i < T_COUNT(starting); i++) {
        size_t before = open_descriptors();
        for (const int *error = starting[i].errors; *error >= 0; error++) {
            for (long at = 1; at < OCCURRENCES_MAX && !start_at(&starting[i], *error, at); at++)
                hits++;
        }
        /* libuv 1.44 does not give back what it waits with when it can't make its events. */
        if (starting[i].call != T_CALL_eventfd && open_descriptors() != before)
            fail_msg("%s: descriptors are left", t_call_names[starting[i].call]);
    }
    assert_true(hits > 10);
}

int
main(void)
{
    t_is_spared = true;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(me_4_start_fails_cleanly),
        cmocka_unit_test(me_4_each_call_fails_once),
        cmocka_unit_test(fi_1_everything_byte_by_byte),
        cmocka_unit_test(me_4_calls_that_go_on_failing),
    };
    return cmocka_run_group_tests_name("http/faults", tests, make_directory, remove_directory);
}
