/* SPDX-License-Identifier: MIT */
/* test_db.c - handlers of several workers share a database with fewer connections than requests:
 * every count is right, nobody starves, those who wait in vain are told. For ThreadSanitizer. */
#define _GNU_SOURCE
#include "t.h"

#include <chirp/chirp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* As in test_freeze_race.c: libuv closes descriptors behind the sanitizer's back. */
KIDA_API const char *__tsan_default_suppressions(void);

const char *
__tsan_default_suppressions(void)
{
    return "race:epoll_create1\nrace:eventfd\nrace:pipe2\n";
}

enum { THREADS = 6, REQUESTS = 15 };

static kida_status
add_one(chirp_db *db, void *user, kida_error *err)
{
    int64_t now = 0;
    chirp_request *req = user;
    kida_status st = chirp_db_int(db, "SELECT n FROM counts WHERE id = 1", CHIRP_NO_ARGS, &now,
                                  err);
    if (st == KIDA_OK)
        st = chirp_sleep(req, 1); /* others get their chance to disturb */
    if (st == KIDA_OK)
        st = chirp_db_exec(db, "UPDATE counts SET n = ? WHERE id = 1",
                           CHIRP_ARGS(kida_int(now + 1)), NULL, err);
    return st;
}

static chirp_reply *
count_up(chirp_request *req, void *user)
{
    (void)user;
    kida_error err;
    kida_error_init(&err);
    kida_status st = chirp_db_transaction(chirp_db_of(req), add_one, req, &err);
    return st == KIDA_OK ? chirp_reply_text(req, KIDA_S("ok")) : chirp_reply_error(req, &err);
}

static chirp_reply *
rows(chirp_request *req, void *user)
{
    (void)user;
    kida_error err;
    kida_value list;
    kida_status st = chirp_db_list(chirp_db_of(req), NULL, "SELECT * FROM counts", CHIRP_NO_ARGS,
                                   &list, &err);
    return st == KIDA_OK ? chirp_reply_textf(req, "%zu", kida_length(list))
                         : chirp_reply_error(req, &err);
}

/* Keeps a connection to itself for a while. */
static chirp_reply *
sit(chirp_request *req, void *user)
{
    (void)user;
    kida_error err;
    if (chirp_db_begin(chirp_db_of(req), &err) != KIDA_OK)
        return chirp_reply_error(req, &err);
    atomic_store((atomic_int *)user, 1);
    chirp_sleep(req, 300);
    return chirp_reply_text(req, KIDA_S("sat"));
}

typedef struct guest {
    pthread_t thread;
    chirp_app *app;
    size_t wrong;
} guest;

static void *
visit(void *arg)
{
    guest *self = arg;
    kida_error err;
    chirp_answer got;
    chirp_test_client *client = chirp_test_new(self->app, &err);
    if (!client) {
        self->wrong = 999;
        return NULL;
    }
    for (int i = 0; i < REQUESTS; i++) {
        self->wrong += chirp_test_post(client, "/up", "", &got) != KIDA_OK ||
                       !CHIRP_CHECK_STATUS(&got, 200);
        self->wrong += chirp_test_get(client, "/rows", &got) != KIDA_OK ||
                       !CHIRP_CHECK_BODY(&got, "1");
    }
    chirp_test_free(client);
    return NULL;
}

static chirp_app *
new_app(const char *url, uint32_t pool_size, uint32_t pool_timeout, atomic_int *flag)
{
    chirp_config config;
    chirp_db_config db;
    kida_error err;
    chirp_config_init(&config);
    config.access_log = false;
    config.lifecycle_logging = false;
    config.template_dir = "";
    chirp_app *app = chirp_app_new(&config, &err);
    assert_non_null(app);
    chirp_db_config_init(&db);
    db.url = url;
    db.pool_size = pool_size;
    db.pool_timeout = pool_timeout;
    db.busy_timeout = 20000;
    assert_int_equal(chirp_use_db(app, &db, &err), KIDA_OK);
    chirp_route(app, "POST", "/up", count_up, NULL);
    chirp_route(app, "GET", "/rows", rows, NULL);
    chirp_route(app, "GET", "/sit", sit, flag);
    return app;
}

static void
run_guests(const char *url, uint32_t pool_size)
{
    guest guests[THREADS];
    kida_error err;
    int64_t total = 0;
    chirp_app *app = new_app(url, pool_size, 20000, NULL);
    chirp_test_client *first = chirp_test_new(app, &err); /* keeps the database open */
    assert_non_null(first);
    assert_int_equal(chirp_db_script(chirp_app_db(app),
                                     "CREATE TABLE counts (id INTEGER PRIMARY KEY, n INTEGER);"
                                     "INSERT INTO counts VALUES (1, 0)",
                                     &err),
                     KIDA_OK);
    for (size_t i = 0; i < THREADS; i++) {
        guests[i] = (guest){ .app = app };
        assert_int_equal(pthread_create(&guests[i].thread, NULL, visit, &guests[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(guests[i].thread, NULL);
        assert_int_equal(guests[i].wrong, 0);
    }
    assert_int_equal(chirp_db_int(chirp_app_db(app), "SELECT n FROM counts", CHIRP_NO_ARGS, &total,
                                  &err),
                     KIDA_OK);
    assert_int_equal(total, THREADS * REQUESTS);
    chirp_test_free(first);
    chirp_app_free(app);
}

static void
counts_are_right_in_memory(void **state)
{
    (void)state;
    run_guests("sqlite:///:memory:", 5);
}

static void
counts_are_right_in_a_file(void **state)
{
    (void)state;
    char folder[] = "/tmp/chirp-threads-XXXXXX";
    char text[128];
    assert_non_null(mkdtemp(folder));
    snprintf(text, sizeof(text), "sqlite:///%s/test.db", folder);
    run_guests(text, 3);
    snprintf(text, sizeof(text), "rm -r %s", folder);
    assert_int_equal(system(text), 0);
}

typedef struct sitter {
    chirp_app *app;
    unsigned status;
} sitter;

static void *
sit_down(void *arg)
{
    sitter *self = arg;
    kida_error err;
    chirp_answer got;
    chirp_test_client *client = chirp_test_new(self->app, &err);
    if (client && chirp_test_get(client, "/sit", &got) == KIDA_OK)
        self->status = got.status;
    chirp_test_free(client);
    return NULL;
}

/* Holds: whoever gets no connection in time is told so, and those after are served again. */
static void
waiting_has_an_end(void **state)
{
    (void)state;
    atomic_int is_sitting = 0;
    kida_error err;
    pthread_t thread;
    chirp_answer got;
    chirp_app *app = new_app("sqlite:///:memory:", 1, 50, &is_sitting);
    sitter other = { app, 0 };
    chirp_test_client *client = chirp_test_new(app, &err);
    assert_non_null(client);
    assert_int_equal(pthread_create(&thread, NULL, sit_down, &other), 0);
    while (!atomic_load(&is_sitting))
        sched_yield();
    int64_t one = 0;
    assert_int_equal(chirp_test_get(client, "/rows", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, 503));
    assert_int_equal(chirp_db_int(chirp_app_db(app), "SELECT 1", CHIRP_NO_ARGS, &one, &err),
                     KIDA_E_BUSY);
    pthread_join(thread, NULL);
    assert_int_equal(other.status, 200);
    assert_int_equal(chirp_db_int(chirp_app_db(app), "SELECT 1", CHIRP_NO_ARGS, &one, &err),
                     KIDA_OK);
    chirp_test_free(client);
    chirp_app_free(app);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_right_in_memory),
        cmocka_unit_test(counts_are_right_in_a_file),
        cmocka_unit_test(waiting_has_an_end),
    };
    return cmocka_run_group_tests_name("threads/db", tests, NULL, NULL);
}
