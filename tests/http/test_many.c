/* SPDX-License-Identifier: MIT */
/* test_many.c - chirp.md 18, scenarios 11 to 13 at their size, over real sockets and four workers:
 * a thousand event streams, jobs whose clients leave, late values in any order. Meant for
 * ThreadSanitizer, too. */
#define _GNU_SOURCE
#include "served.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>

/* libuv closes descriptors by a direct system call, which the thread sanitizer does not see: when
 * another thread then gets the same number, it takes the two for one. Nothing of our own is here.
 */
KIDA_API const char *__tsan_default_suppressions(void);

const char *
__tsan_default_suppressions(void)
{
    return "race:epoll_create1\nrace:eventfd\nrace:pipe2\n";
}

enum {
    STREAMS = 1000,
    EVENTS = 200,    /* fewer than a queue holds: none may be lost, however slow the reader */
    LEAVERS = 400,   /* of the streams, while events come */
    JOBS = 300,
    PAGES = 200,
    LATE = 5         /* values of a page */
};

static t_served served;
static chirp_hub *hub;
static atomic_uint running;  /* event streams */
static atomic_uint cleanups;
static atomic_uint begun;    /* jobs */
static atomic_uint finished;
static atomic_uint dropped;

/* Whether a number becomes want within 20 s. */
static bool
becomes(atomic_uint *number, unsigned want)
{
    const struct timespec nap = { 0, 2000000 };
    for (int i = 0; i < 10000 && atomic_load(number) != want; i++)
        nanosleep(&nap, NULL);
    return atomic_load(number) == want;
}

/* The same on every machine. */
static uint32_t
next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void
count_cleanup(void *ptr)
{
    (void)ptr;
    atomic_fetch_add(&cleanups, 1);
}

/* ---- routes ---------------------------------------------------------------------------------- */

static kida_status
follow(chirp_sse *sse, void *user)
{
    (void)user;
    chirp_subscription *sub = chirp_hub_join(chirp_sse_request(sse), hub, KIDA_S(""));
    if (!sub)
        return KIDA_E_NOMEM;
    kida_status st = chirp_sse_comment(sse, KIDA_S("joined"));
    atomic_fetch_add(&running, 1);
    const chirp_event *event;
    while (st == KIDA_OK && (st = chirp_hub_next(sub, &event)) == KIDA_OK)
        st = chirp_sse_send(sse, event);
    atomic_fetch_sub(&running, 1);
    return st;
}

static chirp_reply *
events(chirp_request *req, void *user)
{
    if (chirp_g_set(req, "mine", req, count_cleanup) != KIDA_OK)
        return NULL;
    return chirp_reply_sse(req, follow, user, NULL);
}

typedef struct job {
    uint32_t wait;
    uint32_t answer;
} job;

static void
work_slowly(void *arg)
{
    job *self = arg;
    atomic_fetch_add(&begun, 1);
    usleep(self->wait);
    self->answer = self->wait + 1;
    atomic_fetch_add(&finished, 1);
}

/* The job lives on the stack of the handler: it must be left alone until it has ended. */
static chirp_reply *
slow(chirp_request *req, void *user)
{
    (void)user;
    job own = { .wait = (uint32_t)chirp_query_int(req, "wait", 0) };
    if (chirp_g_set(req, "mine", req, count_cleanup) != KIDA_OK)
        return NULL;
    kida_status st = chirp_offload(req, work_slowly, &own);
    if (st != KIDA_OK) {
        atomic_fetch_add(&dropped, 1);
        return st == KIDA_E_LIMIT_TIME ? chirp_reply_fail(req, 503, "busy") : NULL;
    }
    return chirp_reply_textf(req, "answer %u.", (unsigned)own.answer);
}

/* What arg points to: microseconds, and whether it fails. */
static kida_status
work_late(void *arg, kida_pool *pool, kida_value *out, kida_error *err)
{
    uint32_t wait = *(const uint32_t *)arg;
    usleep(wait & 0xffff);
    if (wait >> 31) {
        snprintf(err->message, sizeof(err->message), "on purpose");
        return KIDA_E_IO;
    }
    return kida_context(pool, out, "n", kida_int(wait & 0xffff), NULL);
}

static chirp_reply *
late(chirp_request *req, void *user)
{
    static const char *const names[LATE] = { "a", "b", "c", "d", "e" };
    (void)user;
    uint32_t seed = (uint32_t)chirp_query_int(req, "seed", 1);
    uint32_t *waits = chirp_alloc(req, LATE * sizeof(*waits));
    chirp_deferred deferred[LATE];
    if (!waits)
        return NULL;
    for (size_t i = 0; i < LATE; i++) {
        waits[i] = next_random(&seed) % 3000;
        deferred[i] = (chirp_deferred){ .name = names[i], .work = work_late, .arg = &waits[i] };
    }
    waits[next_random(&seed) % LATE] |= (uint32_t)1 << 31;
    return chirp_reply_suspense(req, "late.html", kida_none(), deferred, LATE);
}

static int
setup(void **state)
{
    (void)state;
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < 2 * STREAMS + 200) {
        files.rlim_cur = files.rlim_max < 8192 ? files.rlim_max : 8192;
        (void)setrlimit(RLIMIT_NOFILE, &files);
        if (files.rlim_cur < 2 * STREAMS + 200)
            skip();
    }
    t_app_init(&served.base);
    served.base.config.port = 0;
    served.base.config.workers = 4;
    served.base.config.max_connections = 16000; /* however the kernel shares the streams out */
    served.base.config.log_level = CHIRP_LEVEL_ERROR;
    t_app_open(&served.base);
    t_app_template(&served.base, "late.html",
                   "<html>shell"
                   "{% block ba %}{% if a %}[a{{ a.n }}]{% end %}{% end %}"
                   "{% block bb %}{% if b %}[b{{ b.n }}]{% end %}{% end %}"
                   "{% block bc %}{% if c %}[c{{ c.n }}]{% end %}{% end %}"
                   "{% block bd %}{% if d %}[d{{ d.n }}]{% end %}{% end %}"
                   "{% block be %}{% if e %}[e{{ e.n }}]{% end %}{% end %}</html>");
    hub = chirp_hub_new(NULL);
    assert_non_null(hub);
    chirp_route(served.base.app, "GET", "/events", events, NULL);
    chirp_route(served.base.app, "GET", "/slow", slow, NULL);
    chirp_route(served.base.app, "GET", "/late", late, NULL);
    running = cleanups = begun = finished = dropped = 0;
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

static void
leave(int fd, bool hard)
{
    struct linger reset = { 1, 0 };
    if (hard)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    close(fd);
}

/* ---- scenario 12 ----------------------------------------------------------------------------- */

/* One client: what it has of the event that is coming, and the number that is due. */
typedef struct reader {
    int fd;
    char text[512];
    size_t len;
    unsigned due;
    bool is_over;
} reader;

static void *
produce(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < EVENTS; i++) {
        char text[16];
        int len = snprintf(text, sizeof(text), "%u.", i);
        chirp_event event = { .data = { text, (size_t)len } };
        (void)chirp_hub_publish(hub, KIDA_S(""), &event);
    }
    return NULL;
}

/* Takes numbers out of what has come; each must be the one that is due. */
static void
take_events(reader *r)
{
    char *at;
    while ((at = strstr(r->text, "data: ")) != NULL) {
        char *end = strchr(at, '.');
        if (!end)
            break;
        unsigned got = (unsigned)strtoul(at + 6, NULL, 10);
        if (got != r->due)
            fail_msg("event %u where %u is due", got, r->due);
        r->due++;
        r->len -= (size_t)(end + 1 - r->text);
        memmove(r->text, end + 1, r->len + 1);
    }
    if (r->len > sizeof(r->text) / 2) { /* framing without an event */
        memmove(r->text, r->text + r->len - 64, 65);
        r->len = 64;
    }
}

static void
read_some(reader *r)
{
    ssize_t got = recv(r->fd, r->text + r->len, sizeof(r->text) - 1 - r->len, MSG_DONTWAIT);
    if (got <= 0)
        return;
    r->len += (size_t)got;
    r->text[r->len] = '\0';
    take_events(r);
    r->is_over = r->due == EVENTS;
}

/* Reads from all until nobody waits for anything, and has some leave meanwhile. */
static void
read_all(reader *readers, unsigned leavers)
{
    static struct pollfd polls[STREAMS];
    uint32_t seed = 12;
    unsigned open = STREAMS;
    for (unsigned turns = 0; open > 0 && turns < 20000; turns++) {
        for (size_t i = 0; i < STREAMS; i++)
            polls[i] = (struct pollfd){ .fd = readers[i].is_over ? -1 : readers[i].fd,
                                        .events = POLLIN };
        if (poll(polls, STREAMS, 10) < 0)
            fail_msg("poll failed");
        for (size_t i = 0; i < STREAMS; i++) {
            if ((polls[i].revents & (POLLIN | POLLHUP | POLLERR)) == 0)
                continue;
            read_some(&readers[i]);
            bool leaves = leavers > 0 && next_random(&seed) % 100 == 0 && !readers[i].is_over;
            if (leaves) {
                leavers--;
                leave(readers[i].fd, next_random(&seed) % 2 == 0);
                readers[i].fd = -1;
                readers[i].is_over = true;
            }
            open -= readers[i].is_over;
        }
    }
    if (open > 0)
        fail_msg("%u streams lack events", open);
}

/* Holds: a thousand streams on four workers, a foreign thread that publishes, clients that leave at
 * any moment: order is kept, nothing is lost for those that stay, each is cleaned up once. */
static void
scenario_12_a_thousand_streams(void **state)
{
    static reader readers[STREAMS];
    (void)state;
    pthread_t producer;
    memset(readers, 0, sizeof(readers));
    for (size_t i = 0; i < STREAMS; i++) {
        readers[i].fd = t_connect(&served, 0);
        t_send(readers[i].fd, "GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    assert_true(becomes(&running, STREAMS));
    assert_int_equal(chirp_hub_count(hub), STREAMS);
    assert_int_equal(pthread_create(&producer, NULL, produce, NULL), 0);
    read_all(readers, LEAVERS);
    pthread_join(producer, NULL);
    unsigned stayed = 0;
    for (size_t i = 0; i < STREAMS; i++) {
        stayed += readers[i].fd >= 0;
        if (readers[i].fd >= 0)
            leave(readers[i].fd, i % 2 == 0);
    }
    assert_true(stayed >= STREAMS - LEAVERS && stayed < STREAMS);
    assert_true(becomes(&running, 0));
    assert_true(becomes(&cleanups, STREAMS));
    assert_int_equal(chirp_hub_count(hub), 0);
}

/* ---- scenario 11 ----------------------------------------------------------------------------- */

/* Holds: clients leave before, while and after their jobs run: results of the others come, those of
 * the leavers are dropped, everything is given back once. */
static void
scenario_11_jobs_whose_clients_leave(void **state)
{
    enum { BATCH = 30 };
    (void)state;
    uint32_t seed = 11;
    unsigned requests = 0;
    while (requests < JOBS) {
        int fds[BATCH];
        bool leaves[BATCH];
        unsigned waits[BATCH];
        for (size_t i = 0; i < BATCH; i++) {
            char text[128];
            waits[i] = next_random(&seed) % 4000;
            leaves[i] = next_random(&seed) % 2 == 0;
            snprintf(text, sizeof(text),
                     "GET /slow?wait=%u HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                     waits[i]);
            fds[i] = t_connect(&served, 0);
            t_send(fds[i], text);
            if (leaves[i] && next_random(&seed) % 3 == 0)
                leave(fds[i], true), fds[i] = -1;
        }
        for (size_t i = 0; i < BATCH; i++) {
            char text[1024], want[32];
            if (fds[i] >= 0 && !leaves[i]) {
                t_read(fds[i], NULL, text, sizeof(text));
                snprintf(want, sizeof(want), "answer %u.", waits[i] + 1);
                if (!strstr(text, want))
                    fail_msg("no [%s] in [%s]", want, text);
            }
            if (fds[i] >= 0)
                leave(fds[i], i % 2 == 0);
        }
        requests += BATCH;
    }
    /* A client that was gone before its request was read has never had a handler. */
    const struct timespec nap = { 0, 5000000 };
    unsigned before;
    do {
        before = atomic_load(&cleanups);
        for (int i = 0; i < 20; i++)
            nanosleep(&nap, NULL);
    } while (atomic_load(&begun) != atomic_load(&finished) || before != atomic_load(&cleanups));
    assert_true(atomic_load(&cleanups) <= JOBS);
    assert_true(atomic_load(&cleanups) >= atomic_load(&begun));
}

/* ---- scenario 13 ----------------------------------------------------------------------------- */

/* The body of a chunked answer, without its framing. */
static void
join_chunks(char *text)
{
    char *from = strstr(text, "\r\n\r\n"), *to = text;
    assert_non_null(from);
    from += 4;
    unsigned long size;
    while ((size = strtoul(from, &from, 16)) > 0) {
        memmove(to, from + 2, size);
        to += size;
        from += 2 + size + 2;
    }
    *to = '\0';
}

/* Holds: five late values in any order, one of which fails: the shell first, then four blocks and a
 * comment, and an orderly end; page after page, many at once. */
static void
scenario_13_late_values_in_any_order(void **state)
{
    enum { BATCH = 20 };
    (void)state;
    for (unsigned page = 0; page < PAGES; page += BATCH) {
        int fds[BATCH];
        for (unsigned i = 0; i < BATCH; i++) {
            char text[128];
            snprintf(text, sizeof(text), "GET /late?seed=%u HTTP/1.1\r\nHost: a\r\n"
                     "HX-Request: true\r\nConnection: close\r\n\r\n", page + i + 1);
            fds[i] = t_connect(&served, 0);
            t_send(fds[i], text);
        }
        for (unsigned i = 0; i < BATCH; i++) {
            char text[8192];
            unsigned blocks = 0, comments = 0;
            t_read(fds[i], NULL, text, sizeof(text));
            close(fds[i]);
            assert_non_null(strstr(text, "\r\n0\r\n\r\n"));
            join_chunks(text);
            assert_int_equal(strncmp(text, "<html>shell</html>", 18), 0);
            for (char name = 'a'; name <= 'e'; name++) {
                char block[64], comment[80];
                snprintf(block, sizeof(block), "<div id=\"b%c\" hx-swap-oob=\"true\">[%c", name,
                         name);
                snprintf(comment, sizeof(comment),
                         "<!-- chirp:suspense error in block b%c -->", name);
                blocks += strstr(text, block) != NULL;
                comments += strstr(text, comment) != NULL;
            }
            if (blocks != LATE - 1 || comments != 1)
                fail_msg("seed %u: %u blocks, %u comments: %s", page + i + 1, blocks, comments,
                         text);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(scenario_12_a_thousand_streams, setup, teardown),
        cmocka_unit_test_setup_teardown(scenario_11_jobs_whose_clients_leave, setup, teardown),
        cmocka_unit_test_setup_teardown(scenario_13_late_values_in_any_order, setup, teardown),
    };
    return cmocka_run_group_tests_name("http/many", tests, NULL, NULL);
}
