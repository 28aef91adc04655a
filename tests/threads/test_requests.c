/* SPDX-License-Identifier: MIT */
/* test_requests.c - many workers at once: templates are swapped whole, and what an app shares it
 * guards (acceptance scenarios 14 and 18). Meant for ThreadSanitizer. */
#define _GNU_SOURCE
#include "t.h"

#include <chirp/chirp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CLIENTS = 4, SWAPS = 60 };

/* libuv closes descriptors by a direct system call, which the thread sanitizer does not see: when
 * another thread then gets the same number, it takes the two for one. */
KIDA_API const char *__tsan_default_suppressions(void);

const char *
__tsan_default_suppressions(void)
{
    return "race:epoll_create1\nrace:eventfd\nrace:pipe2\n";
}

static chirp_app *
new_app(bool debug, const char *template_dir)
{
    chirp_config config;
    kida_error err;
    chirp_config_init(&config);
    config.access_log = false;
    config.log_level = CHIRP_LEVEL_ERROR;
    config.debug = debug;
    config.template_dir = template_dir;
    chirp_app *app = chirp_app_new(&config, &err);
    if (!app)
        fail_msg("%s", err.message);
    return app;
}

typedef struct client_thread {
    pthread_t thread;
    chirp_app *app;
    unsigned number;
    unsigned wrong;
    unsigned seen[2]; /* answers of each text */
} client_thread;

/* Clients end when none opens files any more: see the suppressions. */
static pthread_barrier_t all_done;

static void
run_all(client_thread *users, chirp_app *app, void *(*fn)(void *))
{
    pthread_barrier_init(&all_done, NULL, CLIENTS);
    for (unsigned i = 0; i < CLIENTS; i++) {
        users[i] = (client_thread){ .app = app, .number = i };
        assert_int_equal(pthread_create(&users[i].thread, NULL, fn, &users[i]), 0);
    }
}

static void
join_all(client_thread *users)
{
    for (unsigned i = 0; i < CLIENTS; i++)
        pthread_join(users[i].thread, NULL);
    pthread_barrier_destroy(&all_done);
}

/* ---- templates that are swapped -------------------------------------------------------------- */

static char root[] = "/tmp/chirp-swap-XXXXXX";
static atomic_bool is_swapped;

static chirp_reply *
page(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_template(req, "page.html", kida_none());
}

/* Each text is the same all through, so that a mixture shows. */
static void
write_page(const char *mark)
{
    char path[100], next[100];
    snprintf(path, sizeof(path), "%s/page.html", root);
    snprintf(next, sizeof(next), "%s/next", root);
    FILE *file = fopen(next, "w");
    assert_non_null(file);
    fprintf(file, "%s{%% for i in range(20) %%}%s{%% end %%}%s", mark, mark, mark);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(rename(next, path), 0);
}

static void *
use_page(void *arg)
{
    client_thread *self = arg;
    kida_error err;
    chirp_answer got;
    chirp_test_client *client = chirp_test_new(self->app, &err);
    while (client && (!atomic_load(&is_swapped) || self->seen[0] + self->seen[1] == 0)) {
        if (chirp_test_get(client, "/", &got) != KIDA_OK || got.body.len == 0) {
            self->wrong++;
            continue;
        }
        bool is_new = got.body.ptr[0] == 'n';
        const char *mark = is_new ? "new" : "older";
        size_t len = is_new ? 3 : 5;
        bool is_whole = got.body.len == 22 * len;
        for (size_t at = 0; is_whole && at < got.body.len; at += len)
            is_whole = memcmp(got.body.ptr + at, mark, len) == 0;
        self->wrong += !is_whole;
        self->seen[is_new]++;
    }
    self->wrong += client == NULL;
    pthread_barrier_wait(&all_done);
    chirp_test_free(client);
    return NULL;
}

/* Holds: a render sees the old text or the new one, never both. */
static void
scenario_14_templates_are_swapped_whole(void **state)
{
    (void)state;
    client_thread users[CLIENTS];
    char path[100];
    kida_error err;
    assert_non_null(mkdtemp(root));
    write_page("older");
    chirp_app *app = new_app(true, root);
    chirp_route(app, "GET", "/", page, NULL);
    assert_int_equal(chirp_app_freeze(app, &err), KIDA_OK);
    atomic_store(&is_swapped, false);
    run_all(users, app, use_page);
    for (int i = 0; i < SWAPS; i++) {
        const struct timespec nap = { 0, 1000000 };
        write_page(i % 2 ? "older" : "new");
        nanosleep(&nap, NULL);
    }
    atomic_store(&is_swapped, true);
    join_all(users);
    for (unsigned i = 0; i < CLIENTS; i++)
        assert_int_equal(users[i].wrong, 0);
    chirp_app_free(app);
    snprintf(path, sizeof(path), "%s/page.html", root);
    remove(path);
    rmdir(root);
}

/* ---- what an app shares ---------------------------------------------------------------------- */

/* The pattern of docs/requests.md: compute outside, lock to look and to store. */
typedef struct squares {
    pthread_mutex_t lock;
    uint64_t known[64];  /* guarded by lock; 0: not known */
    unsigned computed;   /* guarded by lock */
} squares;

static chirp_reply *
square(chirp_request *req, void *user)
{
    squares *shared = user;
    size_t n = (size_t)chirp_query_int(req, "n", 1) % T_COUNT(shared->known);
    pthread_mutex_lock(&shared->lock);
    uint64_t result = shared->known[n];
    pthread_mutex_unlock(&shared->lock);
    if (result == 0) {
        if (chirp_sleep(req, 0) != KIDA_OK) /* the slow part, without the lock */
            return chirp_reply_fail(req, 503, "gone");
        result = n * n + 1;
        pthread_mutex_lock(&shared->lock);
        shared->known[n] = result;
        shared->computed++;
        pthread_mutex_unlock(&shared->lock);
    }
    return chirp_reply_textf(req, "%llu", (unsigned long long)result);
}

static void *
use_squares(void *arg)
{
    client_thread *self = arg;
    kida_error err;
    chirp_answer got;
    char target[32], want[32];
    chirp_test_client *client = chirp_test_new(self->app, &err);
    for (unsigned i = 0; client && i < 640; i++) {
        unsigned n = (i * 7 + self->number) % 64;
        snprintf(target, sizeof(target), "/?n=%u", n);
        snprintf(want, sizeof(want), "%u", n * n + 1);
        self->wrong += chirp_test_get(client, target, &got) != KIDA_OK ||
                       !CHIRP_CHECK_BODY(&got, want);
    }
    self->wrong += client == NULL;
    pthread_barrier_wait(&all_done);
    chirp_test_free(client);
    return NULL;
}

/* Holds: all answers are right, and nothing is computed by each client for itself. */
static void
scenario_18_a_cache_of_the_app(void **state)
{
    (void)state;
    client_thread users[CLIENTS];
    static squares shared = { .lock = PTHREAD_MUTEX_INITIALIZER };
    chirp_app *app = new_app(false, "");
    chirp_route(app, "GET", "/", square, &shared);
    run_all(users, app, use_squares);
    join_all(users);
    for (unsigned i = 0; i < CLIENTS; i++)
        assert_int_equal(users[i].wrong, 0);
    assert_in_range(shared.computed, 64, 64 * CLIENTS);
    chirp_app_free(app);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenario_14_templates_are_swapped_whole),
        cmocka_unit_test(scenario_18_a_cache_of_the_app),
    };
    return cmocka_run_group_tests_name("threads/requests", tests, NULL, NULL);
}
