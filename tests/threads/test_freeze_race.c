/* SPDX-License-Identifier: MIT */
/* test_freeze_race.c - many threads race to the first request: one freeze, right answers, and a
 * registration that either counted or was refused. Meant for ThreadSanitizer. */
#define _GNU_SOURCE
#include "t.h"

#include <chirp/chirp.h>
#include <pthread.h>
#include <stdatomic.h>

/* libuv closes descriptors by a direct system call, which the thread sanitizer does not see: when
 * another thread then gets the same number, it takes the two for one. Nothing of our own is here.
 */
KIDA_API const char *__tsan_default_suppressions(void);

const char *
__tsan_default_suppressions(void)
{
    return "race:epoll_create1\nrace:eventfd\nrace:pipe2\n";
}

enum { THREADS = 64, ROUNDS = 3, REQUESTS = 5 };

static atomic_int freezes;
static atomic_int starts;
static atomic_int stops;

static chirp_reply *
hello(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_textf(req, "hello %u", (unsigned)chirp_query_int(req, "n", 0));
}

static chirp_reply *
late(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, KIDA_S("late"));
}

static chirp_reply *
page(chirp_request *req, void *user)
{
    (void)user;
    kida_value context;
    if (kida_context(chirp_pool(req), &context, "n", kida_int(chirp_query_int(req, "n", 0)),
                     NULL) != KIDA_OK)
        return NULL;
    return chirp_reply_template(req, "page.html", context);
}

static kida_status
count_start(chirp_app *app, void *user, kida_error *err)
{
    (void)app;
    (void)err;
    atomic_fetch_add((atomic_int *)user, 1);
    return KIDA_OK;
}

typedef struct racer {
    pthread_t thread;
    pthread_barrier_t *start;
    chirp_app *app;
    unsigned number;
    bool registers;
    kida_status registered;
    unsigned late_status;
    size_t wrong;
} racer;

static bool
answers(chirp_test_client *client, const char *path, unsigned number, const char *want)
{
    char target[64];
    chirp_answer got;
    snprintf(target, sizeof(target), "%s?n=%u", path, number);
    return chirp_test_get(client, target, &got) == KIDA_OK && CHIRP_CHECK_STATUS(&got, 200) &&
           CHIRP_CHECK_BODY(&got, want);
}

static void *
race(void *arg)
{
    racer *self = arg;
    char text[40];
    char html[40];
    kida_error err;
    chirp_answer got;
    snprintf(text, sizeof(text), "hello %u", self->number);
    snprintf(html, sizeof(html), "<p>%u</p>", self->number);

    pthread_barrier_wait(self->start);
    if (self->registers)
        self->registered = chirp_route(self->app, "GET", "/late", late, NULL);
    chirp_test_client *client = chirp_test_new(self->app, &err);
    if (!client) {
        self->wrong++;
        return NULL;
    }
    for (int i = 0; i < REQUESTS; i++) {
        self->wrong += !answers(client, "/", self->number, text);
        self->wrong += !answers(client, "/page", self->number, html);
    }
    if (self->registers && chirp_test_get(client, "/late", &got) == KIDA_OK)
        self->late_status = got.status;
    chirp_test_free(client);
    return NULL;
}

/* Freeze in debug mode lists the templates for its check: once for each time that it runs. */
static kida_status
count_listing(void *user, kida_status (*each)(void *arg, kida_str name), void *arg)
{
    (void)each;
    (void)arg;
    atomic_fetch_add((atomic_int *)user, 1);
    return KIDA_OK;
}

static kida_status
load_nothing(void *user, kida_str name, const kida_allocator *allocator, kida_source *out,
             kida_error *err)
{
    (void)user;
    (void)name;
    (void)allocator;
    (void)out;
    (void)err;
    return KIDA_E_NOT_FOUND;
}

static chirp_app *
new_app(void)
{
    chirp_config config;
    kida_error err;
    kida_loader counter = { .load = load_nothing, .list = count_listing, .user = &freezes };
    chirp_config_init(&config);
    config.access_log = false;
    config.debug = true;
    config.template_dir = "no such folder";
    chirp_app *app = chirp_app_new(&config, &err);
    assert_non_null(app);
    chirp_route(app, "GET", "/", hello, NULL);
    chirp_route(app, "GET", "/page", page, NULL);
    chirp_on_startup(app, count_start, &starts);
    chirp_on_shutdown(app, count_start, &stops);
    assert_int_equal(kida_env_add_source(chirp_app_templates(app), KIDA_S("page.html"),
                                         KIDA_S("<p>{{ n }}</p>"), &err),
                     KIDA_OK);
    assert_int_equal(kida_env_add_loader(chirp_app_templates(app), &counter, &err), KIDA_OK);
    return app;
}

static void
first_requests_race(bool one_registers)
{
    for (int round = 0; round < ROUNDS; round++) {
        pthread_barrier_t start;
        racer racers[THREADS] = { 0 };
        chirp_app *app = new_app();
        atomic_store(&freezes, 0);
        pthread_barrier_init(&start, NULL, THREADS);
        for (unsigned i = 0; i < THREADS; i++) {
            racers[i] = (racer){ .start = &start, .app = app, .number = i,
                                 .registers = one_registers && i == 3 };
            assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
        }
        for (unsigned i = 0; i < THREADS; i++)
            pthread_join(racers[i].thread, NULL);
        pthread_barrier_destroy(&start);
        for (unsigned i = 0; i < THREADS; i++)
            assert_int_equal(racers[i].wrong, 0);
        assert_int_equal(atomic_load(&freezes), 1);

        bool counted = racers[3].registered == KIDA_OK;
        assert_true(counted || racers[3].registered == KIDA_E_FROZEN);
        if (one_registers)
            assert_int_equal(racers[3].late_status, counted ? 200 : 404);
        chirp_app_free(app);
    }
    assert_true(atomic_load(&starts) >= ROUNDS);
    assert_int_equal(atomic_load(&starts), atomic_load(&stops));
}

/* Holds: TH-4: one freeze, right answers for all. */
static void
scenario_1_first_requests_freeze_once(void **state)
{
    (void)state;
    first_requests_race(false);
}

/* Holds: LC-5: a registration in the middle of it counts, or is refused. */
static void
scenario_2_a_registration_races_with_freeze(void **state)
{
    (void)state;
    first_requests_race(true);
}

static void *
only_freeze(void *arg)
{
    racer *self = arg;
    kida_error err;
    kida_error_init(&err);
    pthread_barrier_wait(self->start);
    self->registered = chirp_app_freeze(self->app, &err);
    self->wrong = err.message[0] == 0;
    return NULL;
}

/* A request to an app that can't be frozen: the same error for all. */
static void *
only_request(void *arg)
{
    racer *self = arg;
    kida_error err;
    kida_error_init(&err);
    pthread_barrier_wait(self->start);
    chirp_test_client *client = chirp_test_new(self->app, &err);
    self->registered = err.status;
    self->wrong = client != NULL || err.message[0] == 0;
    chirp_test_free(client);
    return NULL;
}

/* Holds: a freeze that fails has one outcome for all, and the server does not start. */
static void
scenario_4_a_failed_freeze_is_seen_by_all(void **state)
{
    (void)state;
    pthread_barrier_t start;
    racer racers[THREADS] = { 0 };
    chirp_app *app = new_app();
    chirp_route(app, "GET", "/", hello, NULL); /* twice */
    pthread_barrier_init(&start, NULL, THREADS);
    for (unsigned i = 0; i < THREADS; i++) {
        racers[i] = (racer){ .start = &start, .app = app, .number = i };
        assert_int_equal(pthread_create(&racers[i].thread, NULL, i % 2 ? only_freeze : only_request,
                                        &racers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(racers[i].thread, NULL);
    pthread_barrier_destroy(&start);
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(racers[i].registered, KIDA_E_USAGE);
        assert_int_equal(racers[i].wrong, 0);
    }
    kida_error err;
    kida_error_init(&err);
    assert_int_equal(chirp_run(app, &err), KIDA_E_USAGE);
    assert_string_equal(err.message, "two routes for GET '/'");
    chirp_app_free(app);
}

/* ---- a real server under load -------------------------------------------------------------- */

static void *
serve(void *arg)
{
    racer *self = arg;
    kida_error err;
    kida_error_init(&err);
    self->registered = chirp_run(self->app, &err);
    if (self->registered != KIDA_OK)
        print_error("%s\n", err.message);
    return NULL;
}

static kida_status
stop_at_once(chirp_app *app, void *user, kida_error *err)
{
    (void)user;
    (void)err;
    assert_true(chirp_port(app) > 0);
    chirp_stop(app);
    return KIDA_OK;
}

/* Holds: start and stop of several workers, many times: TH-6 without the load. */
static void
servers_start_and_stop(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        chirp_config config;
        kida_error err;
        chirp_config_init(&config);
        config.port = 0;
        config.workers = 4;
        config.access_log = false;
        racer self = { .app = chirp_app_new(&config, &err) };
        assert_non_null(self.app);
        chirp_route(self.app, "GET", "/", hello, NULL);
        chirp_on_ready(self.app, stop_at_once, NULL);
        assert_int_equal(pthread_create(&self.thread, NULL, serve, &self), 0);
        pthread_join(self.thread, NULL);
        assert_int_equal(self.registered, KIDA_OK);
        assert_int_equal(chirp_port(self.app), 0);
        chirp_app_free(self.app);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenario_1_first_requests_freeze_once),
        cmocka_unit_test(scenario_2_a_registration_races_with_freeze),
        cmocka_unit_test(scenario_4_a_failed_freeze_is_seen_by_all),
        cmocka_unit_test(servers_start_and_stop),
    };
    return cmocka_run_group_tests_name("threads/freeze_race", tests, NULL, NULL);
}
