/* SPDX-License-Identifier: MIT */
/* main.c - a dashboard of sensor readings: one template serves the page and its htmx fragments. */
#define _GNU_SOURCE
#include <chirp/chirp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "assets.h"
#include "filters.h"
#include "store.h"

/* ---- what a worker keeps for itself -------------------------------------------------------- */

/* One for each worker, so no lock: made by a worker hook, found by handlers. */
typedef struct meter {
    uint64_t random;
    int64_t pages;
} meter;

static kida_status
make_meter(chirp_worker *worker, void *user, kida_error *err)
{
    (void)user;
    (void)err;
    meter *own = calloc(1, sizeof(*own));
    if (!own)
        return KIDA_E_NOMEM;
    own->random = 0x9e3779b97f4a7c15u * (chirp_worker_index(worker) + 1u);
    return chirp_worker_set(worker, "meter", own, free);
}

/* ---- what the template sees ---------------------------------------------------------------- */

typedef struct dashboard {
    sensor sensors[STORE_SENSORS];
    size_t sensor_count;
    int64_t alarms;
    int64_t worker;
    int64_t pages;
    char clock[16];
    /* the form, as it was sent */
    int64_t chosen;
    kida_str entered;
    const char *problem; /* NULL: none */
    const char *notice;  /* NULL: none */
} dashboard;

static const kida_field dashboard_fields[] = {
    { "sensors", KIDA_FIELD_ARRAY, offsetof(dashboard, sensors), STORE_SENSORS, &sensor_type,
      offsetof(dashboard, sensor_count), KIDA_NOWHERE, NULL },
    KIDA_INT_FIELD(dashboard, alarms),
    KIDA_INT_FIELD(dashboard, worker),
    KIDA_INT_FIELD(dashboard, pages),
    KIDA_CHARS_FIELD(dashboard, clock),
    KIDA_INT_FIELD(dashboard, chosen),
    KIDA_STR_FIELD(dashboard, entered),
    KIDA_CSTRING_FIELD(dashboard, problem),
    KIDA_CSTRING_FIELD(dashboard, notice),
    KIDA_FIELDS_END,
};
static const kida_struct dashboard_type = { "dashboard", sizeof(dashboard), dashboard_fields,
                                            NULL };

/* A picture of now, in the memory of the request; NULL when that is out. */
static dashboard *
look(chirp_request *req, store *shared)
{
    dashboard *view = chirp_alloc(req, sizeof(*view));
    if (!view)
        return NULL;
    memset(view, 0, sizeof(*view));
    meter *own = chirp_worker_get(chirp_worker_of(req), "meter");
    time_t now = time(NULL);
    struct tm parts;
    if (own) {
        store_measure(shared, &own->random, (int64_t)now);
        view->pages = ++own->pages;
    }
    store_read(shared, view->sensors);
    view->sensor_count = STORE_SENSORS;
    view->worker = chirp_worker_index(chirp_worker_of(req)) + 1;
    view->chosen = 1;
    view->entered = KIDA_S("");
    if (gmtime_r(&now, &parts))
        strftime(view->clock, sizeof(view->clock), "%H:%M:%S", &parts);
    for (size_t i = 0; i < STORE_SENSORS; i++)
        view->alarms += view->sensors[i].is_alarm;
    return view;
}

/* ---- handlers ------------------------------------------------------------------------------ */

static chirp_reply *
index_page(chirp_request *req, void *user)
{
    dashboard *view = look(req, user);
    if (!view)
        return NULL;
    return chirp_reply_page(req, "index.html", "readings", kida_from_struct(&dashboard_type, view));
}

/* A number such as 21.5 or -3; false for anything else. */
static bool
parse_reading(kida_str text, double *out)
{
    double value = 0;
    double scale = 1;
    size_t at = text.len > 0 && text.ptr[0] == '-' ? 1 : 0;
    size_t digits = 0;
    bool fraction = false;
    for (; at < text.len && digits < 9; at++) {
        char c = text.ptr[at];
        if ((c == '.' || c == ',') && !fraction) {
            fraction = true;
            continue;
        }
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
        scale = fraction ? scale * 10 : scale;
        digits++;
    }
    *out = value / scale * (text.len > 0 && text.ptr[0] == '-' ? -1 : 1);
    return digits > 0 && at == text.len;
}

/* What is wrong with the form; NULL: nothing, and the reading is stored. */
static const char *
take_form(chirp_request *req, store *shared, dashboard *view)
{
    double value = 0;
    kida_str chosen = chirp_form(req, "sensor");
    view->entered = chirp_form(req, "value");
    if (!chirp_given(view->entered))
        view->entered = KIDA_S("");
    view->chosen = chosen.len == 1 ? chosen.ptr[0] - '0' : 0;
    if (view->chosen < 1 || view->chosen > STORE_SENSORS)
        return "Choose one of the sensors.";
    if (view->entered.len == 0)
        return "Enter a reading.";
    if (!kida_utf8_valid(view->entered) || !parse_reading(view->entered, &value))
        return "A reading is a number, such as 21.5.";
    if (value < -1000 || value > 10000)
        return "That is out of range: enter -1000 to 10000.";
    store_add(shared, view->chosen, value, (int64_t)time(NULL));
    return NULL;
}

static chirp_reply *
add_reading(chirp_request *req, void *user)
{
    store *shared = user;
    dashboard *view = look(req, shared);
    if (!view)
        return NULL;
    if (chirp_form_read(req, NULL) != KIDA_OK)
        return chirp_reply_fail(req, 415, "Send this form as a form");

    view->problem = take_form(req, shared, view);
    kida_value context = kida_from_struct(&dashboard_type, view);
    if (view->problem)
        return chirp_reply_set_status(chirp_reply_page(req, "index.html", "entry", context), 422);
    if (!chirp_is_fragment(req))
        return chirp_reply_done(req, "/");
    view->entered = KIDA_S("");
    view->notice = "Saved.";
    return chirp_reply_trigger(chirp_reply_fragment(req, "index.html", "entry", context),
                               "reading-added");
}

static chirp_reply *
sensor_page(chirp_request *req, void *user)
{
    int64_t id = 0;
    sensor *one = chirp_alloc(req, sizeof(*one));
    if (!one)
        return NULL;
    if (chirp_param_int(req, "id", &id) != KIDA_OK || !store_find(user, id, one))
        return chirp_reply_fail(req, 404, "There is no such sensor");
    kida_value context;
    if (kida_context(chirp_pool(req), &context, "sensor", kida_from_struct(&sensor_type, one),
                     NULL) != KIDA_OK)
        return NULL;
    return chirp_reply_template(req, "sensor.html", context);
}

static chirp_reply *
all_as_json(chirp_request *req, void *user)
{
    dashboard *view = look(req, user);
    if (!view)
        return NULL;
    return chirp_reply_json_array(req, &sensor_type, view->sensors, view->sensor_count);
}

static chirp_reply *
not_found(chirp_request *req, const chirp_failure *failure, void *user)
{
    (void)user;
    kida_value context;
    if (kida_context(chirp_pool(req), &context, "detail", kida_string(failure->detail), NULL) !=
        KIDA_OK)
        return NULL;
    return chirp_reply_page(req, "missing.html", "message", context);
}

/* A layer around all of them: answers say how they may be used. */
static chirp_reply *
careful(chirp_request *req, chirp_next *next, void *user)
{
    (void)user;
    chirp_reply *reply = chirp_proceed(next, req);
    chirp_reply_set_header(reply, "X-Content-Type-Options", "nosniff");
    return chirp_reply_set_header(reply, "Referrer-Policy", "same-origin");
}

/* ---- start --------------------------------------------------------------------------------- */

typedef struct options {
    uint32_t port;
    uint32_t workers;
    const char *folder;
    const char *htmx;
    bool debug;
} options;

/* The folder with templates/ and static/: here, or beside the build folder of the program. */
static const char *
find_folder(char *room, size_t size)
{
    static const char *const places[] = { "examples/readings", "." };
    char probe[1100];
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        snprintf(probe, sizeof(probe), "%s/templates/index.html", places[i]);
        if (access(probe, R_OK) == 0)
            return places[i];
    }
    ssize_t len = readlink("/proc/self/exe", room, size - 64);
    while (len > 0 && room[len - 1] != '/')
        len--;
    if (len <= 0)
        return ".";
    snprintf(room + len, size - (size_t)len, "../../../examples/readings");
    return room;
}

static bool
parse_options(int argc, char **argv, options *out)
{
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i];
        if (strcmp(name, "--debug") == 0) {
            out->debug = true;
            continue;
        }
        if (i + 1 == argc)
            return false;
        const char *value = argv[++i];
        if (strcmp(name, "--port") == 0)
            out->port = (uint32_t)strtoul(value, NULL, 10);
        else if (strcmp(name, "--workers") == 0)
            out->workers = (uint32_t)strtoul(value, NULL, 10);
        else if (strcmp(name, "--dir") == 0)
            out->folder = value;
        else if (strcmp(name, "--htmx") == 0)
            out->htmx = value;
        else
            return false;
    }
    return true;
}

static void
add_routes(chirp_app *app, store *shared, assets *files)
{
    filters_add(app);
    chirp_use(app, careful, NULL, NULL);
    chirp_on_worker_startup(app, make_meter, NULL);
    chirp_on_error(app, 404, not_found, NULL);
    chirp_route(app, "GET", "/", index_page, shared);
    chirp_route(app, "POST", "/readings", add_reading, shared);
    chirp_route(app, "GET", "/sensors/{id:int}", sensor_page, shared);
    chirp_route(app, "GET", "/api/readings", all_as_json, shared);
    chirp_route(app, "GET", "/static/{name}", assets_serve, files);
}

static int
report(const kida_error *err)
{
    fprintf(stderr, "readings: %s\n", err->message);
    if (err->hint[0])
        fprintf(stderr, "  %s\n", err->hint);
    return 1;
}

int
main(int argc, char **argv)
{
    char room[1024];
    char templates[1100];
    options opts = { .port = 8000, .workers = 0, .folder = find_folder(room, sizeof(room)) };
    if (!parse_options(argc, argv, &opts)) {
        fprintf(stderr, "usage: readings [--port N] [--workers N] [--dir FOLDER] [--htmx FILE] "
                        "[--debug]\n");
        return 2;
    }
    snprintf(templates, sizeof(templates), "%s/templates", opts.folder);

    chirp_config config;
    kida_error err;
    chirp_config_init(&config);
    kida_error_init(&err);
    if (chirp_config_from_env(&config, NULL, &err) != KIDA_OK)
        return report(&err);
    config.port = opts.port;
    config.workers = opts.workers;
    config.debug = opts.debug;
    config.template_dir = templates;

    store *shared = store_new();
    assets *files = assets_load(opts.folder, opts.htmx);
    chirp_app *app = chirp_app_new(&config, &err);
    kida_status st = err.status;
    if (app && shared && files) {
        add_routes(app, shared, files);
        st = chirp_run(app, &err);
    }
    chirp_app_free(app);
    assets_free(files);
    store_free(shared);
    return st == KIDA_OK ? 0 : report(&err);
}
