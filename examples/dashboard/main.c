/* SPDX-License-Identifier: MIT */
/* main.c - dashboard: a page that is there at once, slow parts that follow, numbers that live.
 *
 * Shows: late blocks (chirp_reply_suspense), whose values are worked out on helper threads at the
 * same time and appear in the order in which they are ready; an event stream that sends a block
 * again every second, from a C struct, so that it costs no memory however long it lasts.
 *
 * Build and run, in this folder: cmake -B build && cmake --build build && build/dashboard
 */
#define _DEFAULT_SOURCE /* getloadavg */
#include <chirp/chirp.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Read and written by all workers. */
typedef struct state {
    time_t started;
    atomic_llong pages;   /* relaxed: statistics only */
    atomic_llong viewers; /* likewise */
} state;

/* ---- live numbers -------------------------------------------------------------------------- */

typedef struct numbers {
    double load;
    int64_t viewers;
    int64_t pages;
    int64_t uptime; /* seconds */
} numbers;

static const kida_field number_fields[] = {
    KIDA_DOUBLE_FIELD(numbers, load),
    KIDA_INT_FIELD(numbers, viewers),
    KIDA_INT_FIELD(numbers, pages),
    KIDA_INT_FIELD(numbers, uptime),
    KIDA_FIELDS_END,
};
static const kida_struct numbers_type = { "numbers", sizeof(numbers), number_fields, NULL };

static numbers
look(state *s)
{
    numbers now = { .viewers = atomic_load(&s->viewers), .pages = atomic_load(&s->pages),
                    .uptime = time(NULL) - s->started };
    if (getloadavg(&now.load, 1) < 1)
        now.load = 0;
    return now;
}

static kida_status
send_numbers(chirp_sse *sse, void *user)
{
    state *s = user;
    kida_status st = KIDA_OK;
    atomic_fetch_add(&s->viewers, 1);
    while (st == KIDA_OK) {
        numbers now = look(s);
        st = chirp_sse_fragment(sse, "index.html", "live", NULL,
                                kida_from_struct(&numbers_type, &now));
        if (st == KIDA_OK)
            st = chirp_sleep(chirp_sse_request(sse), 1000); /* this request, not its thread */
    }
    atomic_fetch_sub(&s->viewers, 1);
    return st;
}

static chirp_reply *
live(chirp_request *req, void *user)
{
    return chirp_reply_sse(req, send_numbers, user, NULL);
}

/* ---- slow numbers, on helper threads ------------------------------------------------------- */

/* Stands for a query that takes its time. */
static void
take_time(long milliseconds)
{
    struct timespec wait = { milliseconds / 1000, milliseconds % 1000 * 1000000 };
    nanosleep(&wait, NULL);
}

static kida_status
count_visits(void *arg, kida_pool *pool, kida_value *out, kida_error *err)
{
    static const int visits[] = { 14, 9,   6,   4,   5,   11,  38,  84,  132, 151, 148, 140,
                                  163, 171, 158, 149, 152, 161, 178, 190, 167, 121, 74,  33 };
    (void)arg;
    (void)err;
    take_time(900);
    kida_status st = kida_list_new(pool, 24, out);
    for (size_t i = 0; i < sizeof(visits) / sizeof(visits[0]) && st == KIDA_OK; i++)
        st = kida_list_push(*out, kida_int(visits[i]));
    return st;
}

static kida_status
count_sales(void *arg, kida_pool *pool, kida_value *out, kida_error *err)
{
    static const char sold[] = "[{\"name\": \"Coffee\", \"count\": 1840},"
                               " {\"name\": \"Rolls\", \"count\": 1212},"
                               " {\"name\": \"Cake <of the day>\", \"count\": 390},"
                               " {\"name\": \"Tea\", \"count\": 274}]";
    (void)arg;
    take_time(300);
    return kida_json_parse(pool, KIDA_S(sold), out, err);
}

static chirp_reply *
dashboard(chirp_request *req, void *user)
{
    static const chirp_deferred late[] = {
        { .name = "visit_counts", .work = count_visits },
        { .name = "sold", .work = count_sales },
    };
    state *s = user;
    kida_value context;
    atomic_fetch_add(&s->pages, 1);
    numbers now = look(s);
    if (kida_context(chirp_pool(req), &context, "load", kida_float(now.load), "viewers",
                     kida_int(now.viewers), "pages", kida_int(now.pages), "uptime",
                     kida_int(now.uptime), NULL) != KIDA_OK)
        return NULL;
    return chirp_reply_suspense(req, "index.html", context, late, 2);
}

int
main(void)
{
    static state shared;
    kida_error err;
    chirp_config config;
    chirp_app *app = NULL;
    shared.started = time(NULL);
    kida_error_init(&err);
    chirp_config_init(&config);
    if (chirp_config_from_env(&config, NULL, &err) == KIDA_OK)
        app = chirp_app_new(&config, &err);
    if (app) {
        chirp_route(app, "GET", "/", dashboard, &shared);
        chirp_route(app, "GET", "/live", live, &shared);
    }
    if (!app || chirp_run(app, &err) != KIDA_OK)
        fprintf(stderr, "dashboard: %s\n", err.message);
    chirp_app_free(app);
    return err.status == KIDA_OK ? 0 : 1;
}
