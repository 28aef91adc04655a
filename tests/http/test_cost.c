/* SPDX-License-Identifier: MIT */
/* test_cost.c - what a plain request on a kept-alive connection costs once all is warm: no memory
 * from the allocator, no lock, one read and one write (acceptance scenario 5).
 *
 * The calls are counted by taking the place of the C library's functions, for libuv too, on the
 * thread of the worker alone. Sanitizers do the same for themselves, so these tests rest there. */
#define _GNU_SOURCE
#include "served.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WITH_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define WITH_SANITIZER 1
#endif
#endif

enum { ROUNDS = 40, REQUESTS = 50 };

typedef struct costs {
    unsigned mallocs, locks, reads, writes;
} costs;

static _Thread_local bool is_counted;
static atomic_uint mallocs, locks, reads, writes;

/* ---- the places of the C library's functions ------------------------------------------------ */

#if !defined(WITH_SANITIZER) && defined(__GLIBC__)
#define COUNTS_CALLS 1

static void
count(atomic_uint *number)
{
    if (is_counted)
        atomic_fetch_add_explicit(number, 1, memory_order_relaxed);
}

/* Visible to the shared libraries of the program, which call them too. */
#define SEEN __attribute__((visibility("default")))

SEEN void *malloc(size_t size);
SEEN void *calloc(size_t number, size_t size);
SEEN void *realloc(void *old, size_t size);
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t number, size_t size);
void *__libc_realloc(void *old, size_t size);

void *
malloc(size_t size)
{
    count(&mallocs);
    return __libc_malloc(size);
}

void *
calloc(size_t number, size_t size)
{
    count(&mallocs);
    return __libc_calloc(number, size);
}

void *
realloc(void *old, size_t size)
{
    count(&mallocs);
    return __libc_realloc(old, size);
}

SEEN ssize_t
read(int fd, void *data, size_t size)
{
    count(&reads);
    return syscall(SYS_read, fd, data, size);
}

SEEN ssize_t
recv(int fd, void *data, size_t size, int flags)
{
    count(&reads);
    return syscall(SYS_recvfrom, fd, data, size, flags, NULL, NULL);
}

SEEN ssize_t
recvmsg(int fd, struct msghdr *message, int flags)
{
    count(&reads);
    return syscall(SYS_recvmsg, fd, message, flags);
}

SEEN ssize_t
readv(int fd, const struct iovec *parts, int number)
{
    count(&reads);
    return syscall(SYS_readv, fd, parts, number);
}

SEEN ssize_t
write(int fd, const void *data, size_t size)
{
    count(&writes);
    return syscall(SYS_write, fd, data, size);
}

SEEN ssize_t
send(int fd, const void *data, size_t size, int flags)
{
    count(&writes);
    return syscall(SYS_sendto, fd, data, size, flags, NULL, 0);
}

SEEN ssize_t
sendmsg(int fd, const struct msghdr *message, int flags)
{
    count(&writes);
    return syscall(SYS_sendmsg, fd, message, flags);
}

SEEN ssize_t
writev(int fd, const struct iovec *parts, int number)
{
    count(&writes);
    return syscall(SYS_writev, fd, parts, number);
}

typedef int lock_fn(pthread_mutex_t *lock);
static lock_fn *real_lock;

static void
find_real(void)
{
    void *found = dlsym(RTLD_NEXT, "pthread_mutex_lock");
    memcpy(&real_lock, &found, sizeof(real_lock));
}

/* The first call comes before main, on its thread. */
SEEN int
pthread_mutex_lock(pthread_mutex_t *lock)
{
    count(&locks);
    if (!real_lock)
        find_real();
    return real_lock(lock);
}
#endif

/* ---- the server ----------------------------------------------------------------------------- */

static kida_status
begin_counting(chirp_worker *worker, void *user, kida_error *err)
{
    (void)worker;
    (void)user;
    (void)err;
    is_counted = true;
    return KIDA_OK;
}

static chirp_reply *
hello(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, KIDA_S("hello"));
}

static chirp_reply *
user_page(chirp_request *req, void *user)
{
    int64_t id;
    kida_value context;
    (void)user;
    if (chirp_param_int(req, "id", &id) != KIDA_OK ||
        kida_context(chirp_pool(req), &context, "id", kida_int(id), NULL) != KIDA_OK)
        return NULL;
    return chirp_reply_template(req, "user.html", context);
}

static t_served served;

static int
setup(void **state)
{
    memset(&served, 0, sizeof(served));
    *state = &served;
    t_app_init(&served.base);
    served.base.config.port = 0;
    served.base.config.workers = 1;
    t_app_open(&served.base);
    t_app_template(&served.base, "user.html", "<p>{{ id }}</p>");
    chirp_on_worker_startup(served.base.app, begin_counting, NULL);
    chirp_route(served.base.app, "GET", "/", hello, NULL);
    chirp_route(served.base.app, "GET", "/users/{id:int}", user_page, NULL);
    t_serve(&served);
    return 0;
}

static int
teardown(void **state)
{
    t_serve_end(*state);
    return 0;
}

/* ---- counting ------------------------------------------------------------------------------- */

static costs
now(void)
{
    return (costs){ atomic_load(&mallocs), atomic_load(&locks), atomic_load(&reads),
                    atomic_load(&writes) };
}

static costs
since(costs before)
{
    costs after = now();
    return (costs){ after.mallocs - before.mallocs, after.locks - before.locks,
                    after.reads - before.reads, after.writes - before.writes };
}

/* The least of each over some rounds: once a second an idle connection gives memory back, which the
 * next request takes again, and a round may fall on that. */
static costs
least_costs(const char *request, const char *end)
{
    char text[4000];
    costs least = { UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX };
    int fd = t_connect(&served, 0);
    for (int round = 0; round < ROUNDS; round++) {
        costs before = now();
        for (int i = 0; i < REQUESTS; i++) {
            t_send(fd, request);
            t_read(fd, end, text, sizeof(text));
            if (!strstr(text, "HTTP/1.1 200 OK") || !strstr(text, end))
                fail_msg("got [%s]", text);
        }
        costs cost = since(before);
        least.mallocs = cost.mallocs < least.mallocs ? cost.mallocs : least.mallocs;
        least.locks = cost.locks < least.locks ? cost.locks : least.locks;
        least.reads = cost.reads < least.reads ? cost.reads : least.reads;
        least.writes = cost.writes < least.writes ? cost.writes : least.writes;
    }
    close(fd);
    return least;
}

/* The write of an answer may be seen before it is counted, so a round may count one of the next. */
static costs
expect_lean(const char *request, const char *end)
{
    costs cost = least_costs(request, end);
    print_message("%d requests: %u allocations, %u locks, %u reads, %u writes\n", REQUESTS,
                  cost.mallocs, cost.locks, cost.reads, cost.writes);
#if !defined(COUNTS_CALLS)
    skip();
#endif
    assert_int_equal(cost.mallocs, 0);
    assert_in_range(cost.reads, 1, REQUESTS);
    assert_in_range(cost.writes, 1, REQUESTS);
    return cost;
}

/* Holds: scenario 5, and no allocation, one read and one write of a plain request. */
static void
scenario_5_a_plain_request_takes_no_lock_and_no_memory(void **state)
{
    (void)state;
    costs cost = expect_lean("GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: test\r\n\r\n",
                             "\r\n\r\nhello");
    assert_int_equal(cost.locks, 0);
}

/* Holds: the same for a parameter and a template: renderers keep what they have found. */
static void
scenario_5_a_rendered_page_takes_no_memory(void **state)
{
    (void)state;
    costs cost = expect_lean("GET /users/42?x=1 HTTP/1.1\r\nHost: a\r\nCookie: a=b\r\n\r\n",
                             "<p>42</p>");
    assert_int_equal(cost.locks, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(scenario_5_a_plain_request_takes_no_lock_and_no_memory,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(scenario_5_a_rendered_page_takes_no_memory, setup,
                                        teardown),
    };
    return cmocka_run_group_tests_name("http/cost", tests, NULL, NULL);
}
