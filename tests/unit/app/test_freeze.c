/* SPDX-License-Identifier: MIT */
/* test_freeze.c - set-up, freeze and hooks of an application. */
#define _GNU_SOURCE
#include "t.h"

#include <chirp/chirp.h>
#include <unistd.h>

static chirp_reply *
hello(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, KIDA_S("hello"));
}

static chirp_reply *
pass_on(chirp_request *req, chirp_next *next, void *user)
{
    (void)user;
    return chirp_proceed(next, req);
}

static chirp_reply *
any_error(chirp_request *req, const chirp_failure *failure, void *user)
{
    (void)user;
    (void)failure;
    return chirp_reply_text(req, KIDA_S("x"));
}

static kida_status
quiet_hook(chirp_app *app, void *user, kida_error *err)
{
    (void)app;
    (void)user;
    (void)err;
    return KIDA_OK;
}

static kida_status
quiet_worker_hook(chirp_worker *worker, void *user, kida_error *err)
{
    (void)worker;
    (void)user;
    (void)err;
    return KIDA_OK;
}

static kida_status
same(kida_call *call, kida_value self, kida_value *out)
{
    (void)call;
    *out = self;
    return KIDA_OK;
}

static kida_status
no_service(chirp_request *req, void *user, void **out, kida_error *err)
{
    (void)req;
    (void)user;
    (void)out;
    (void)err;
    return KIDA_E_IO;
}

static const kida_filter same_row = { "same", same, NULL, 0, "" };
static int freed;

static void
count_free(void *user)
{
    (void)user;
    freed++;
}

static chirp_app *
new_app(void)
{
    kida_error err;
    kida_error_init(&err);
    chirp_app *app = chirp_app_new(NULL, &err);
    assert_non_null(app);
    return app;
}

/* Holds: LC-5, every registration answers frozen. Could break: a new call without the check. */
static void
scenario_3_registration_after_freeze(void **state)
{
    (void)state;
    chirp_app *app = new_app();
    assert_int_equal(chirp_route(app, "GET", "/", hello, NULL), KIDA_OK);
    assert_false(chirp_app_is_frozen(app));
    assert_int_equal(chirp_app_freeze(app, NULL), KIDA_OK);
    assert_true(chirp_app_is_frozen(app));

    freed = 0;
    chirp_route_def def = { .path = "/x", .handler = hello, .free_user = count_free };
    assert_int_equal(chirp_route(app, "GET", "/late", hello, NULL), KIDA_E_FROZEN);
    assert_int_equal(chirp_route_add(app, &def, NULL), KIDA_E_FROZEN);
    assert_int_equal(chirp_use(app, pass_on, NULL, count_free), KIDA_E_FROZEN);
    assert_int_equal(chirp_template_filter(app, &same_row, NULL, count_free), KIDA_E_FROZEN);
    assert_int_equal(chirp_template_global(app, "g", kida_int(1)), KIDA_E_FROZEN);
    assert_int_equal(chirp_on_startup(app, quiet_hook, NULL), KIDA_E_FROZEN);
    assert_int_equal(chirp_on_shutdown(app, quiet_hook, NULL), KIDA_E_FROZEN);
    assert_int_equal(chirp_on_ready(app, quiet_hook, NULL), KIDA_E_FROZEN);
    assert_int_equal(chirp_on_worker_startup(app, quiet_worker_hook, NULL), KIDA_E_FROZEN);
    assert_int_equal(chirp_on_worker_shutdown(app, quiet_worker_hook, NULL), KIDA_E_FROZEN);
    assert_int_equal(chirp_on_error(app, 404, any_error, NULL), KIDA_E_FROZEN);
    assert_int_equal(chirp_on_error_code(app, KIDA_E_UNDEFINED, any_error, NULL), KIDA_E_FROZEN);
    assert_int_equal(chirp_provide(app, "s", no_service, NULL, NULL), KIDA_E_FROZEN);
    assert_int_equal(chirp_add_region(app, &(chirp_region){ .block = "b" }), KIDA_E_FROZEN);
    assert_int_equal(chirp_add_fragment_target(app, &(chirp_fragment_target){ .id = "i",
                                                                              .block = "b" }),
                     KIDA_E_FROZEN);
    assert_int_equal(chirp_mount_pages(app, "/", NULL), KIDA_E_FROZEN);
    assert_int_equal(chirp_page_add(app, &(chirp_page_def){ .path = "/" }, NULL), KIDA_E_FROZEN);
    assert_int_equal(chirp_page_section(app, &(chirp_section){ .id = "s", .label = "S" }, NULL),
                     KIDA_E_FROZEN);
    chirp_static_options files;
    chirp_static_options_init(&files);
    files.directory = "/";
    assert_int_equal(chirp_use_static(app, &files, NULL), KIDA_E_FROZEN);
    assert_int_equal(kida_env_add_global(chirp_app_templates(app), KIDA_S("g"), kida_int(1), NULL),
                     KIDA_E_FROZEN);
    chirp_app_fail(app, &(kida_error){ .status = KIDA_E_USAGE });
    assert_int_equal(chirp_app_freeze(app, NULL), KIDA_OK);
    assert_int_equal(freed, 3);

    kida_error err;
    chirp_test_client *client = chirp_test_new(app, &err);
    chirp_answer answer;
    assert_non_null(client);
    assert_int_equal(chirp_test_get(client, "/late", &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 404));
    chirp_test_free(client);
    chirp_app_free(app);
}

/* Holds: a freeze that failed stays failed, with the same words. */
static void
row_1_1_a_failed_freeze_is_sticky(void **state)
{
    (void)state;
    static const struct {
        const char *label, *path, *other;
    } cases[] = {
        { "conflict", "/a/{x}", "/a/{y}" },
        { "bad converter", "/a/{x:no}", "/b" },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        chirp_app *app = new_app();
        chirp_route(app, "GET", cases[i].path, hello, NULL);
        chirp_route(app, "GET", cases[i].other, hello, NULL);
        kida_error first;
        kida_error again;
        kida_status st = chirp_app_freeze(app, &first);
        if (st == KIDA_OK)
            fail_msg("%s: freeze went well", cases[i].label);
        assert_int_equal(chirp_app_freeze(app, &again), st);
        assert_string_equal(first.message, again.message);
        assert_int_equal(chirp_route(app, "GET", "/c", hello, NULL), KIDA_E_FROZEN);
        assert_int_equal(chirp_run(app, &again), st);
        chirp_app_free(app);
    }
}

/* Holds: a registration that failed is reported by freeze, though nobody looked at it. */
static void
row_1_2_freeze_reports_failed_registration(void **state)
{
    (void)state;
    chirp_app *app = new_app();
    assert_int_equal(chirp_route(app, "FETCH", "/", hello, NULL), KIDA_E_USAGE);
    assert_int_equal(chirp_on_error(app, 200, any_error, NULL), KIDA_E_USAGE);
    kida_error err;
    assert_int_equal(chirp_app_freeze(app, &err), KIDA_E_USAGE);
    assert_non_null(strstr(err.message, "FETCH"));
    chirp_app_free(app);
}

/* Holds: user pointers are freed once with the app. */
static void
row_1_2_users_are_freed_once(void **state)
{
    (void)state;
    freed = 0;
    chirp_app *app = new_app();
    chirp_route_def def = { .path = "/x", .handler = hello, .free_user = count_free };
    assert_int_equal(chirp_route_add(app, &def, NULL), KIDA_OK);
    assert_int_equal(chirp_use(app, pass_on, NULL, count_free), KIDA_OK);
    assert_int_equal(freed, 0);
    chirp_app_free(app);
    assert_int_equal(freed, 2);
}

static char order[64];

static void
mark(const char *what)
{
    size_t used = strnlen(order, sizeof(order));
    snprintf(order + used, sizeof(order) - used, "%s ", what);
}

static kida_status
mark_hook(chirp_app *app, void *user, kida_error *err)
{
    (void)app;
    (void)err;
    mark(user);
    return KIDA_OK;
}

/* A worker hook may wait: it runs on a coroutine of its own. */
static kida_status
mark_worker_hook(chirp_worker *worker, void *user, kida_error *err)
{
    (void)err;
    assert_int_equal(chirp_sleep(NULL, 1), KIDA_OK);
    assert_null(chirp_current_request());
    mark(user);
    return chirp_worker_set(worker, "name", user, NULL);
}

static kida_status
failing_hook(chirp_app *app, void *user, kida_error *err)
{
    (void)app;
    (void)user;
    snprintf(err->message, sizeof(err->message), "no database");
    return KIDA_E_IO;
}

/* Holds: the order of 1.4 and 1.5: start-up, worker, worker's end, shutdown. */
static void
row_1_4_hooks_run_in_order(void **state)
{
    (void)state;
    order[0] = 0;
    chirp_app *app = new_app();
    chirp_on_startup(app, mark_hook, "s1");
    chirp_on_startup(app, mark_hook, "s2");
    chirp_on_worker_startup(app, mark_worker_hook, "w1");
    chirp_on_worker_shutdown(app, mark_worker_hook, "w2");
    chirp_on_shutdown(app, mark_hook, "e1");
    chirp_on_shutdown(app, mark_hook, "e2");
    kida_error err;
    chirp_test_client *client = chirp_test_new(app, &err);
    assert_non_null(client);
    chirp_test_free(client);
    chirp_app_free(app);
    assert_string_equal(order, "s1 s2 w1 w2 e1 e2 ");
}

/* Holds: a start-up hook that fails refuses the start, and its cause is told. */
static void
row_1_4_failing_startup_refuses_the_start(void **state)
{
    (void)state;
    chirp_app *app = new_app();
    chirp_on_startup(app, failing_hook, NULL);
    kida_error err;
    kida_error_init(&err);
    assert_null(chirp_test_new(app, &err));
    assert_string_equal(err.message, "no database");
    assert_int_equal(chirp_run(app, &err), KIDA_E_IO);
    chirp_app_free(app);
}

/* ---- plugins --------------------------------------------------------------------------------- */

static kida_status
shop_plugin(chirp_app *app, const char *prefix, void *user, kida_error *err)
{
    char path[100];
    (void)user;
    (void)err;
    snprintf(path, sizeof(path), "%s/cart", prefix);
    chirp_use(app, pass_on, NULL, NULL);
    return chirp_route(app, "GET", path, hello, NULL);
}

static kida_status
broken_plugin(chirp_app *app, const char *prefix, void *user, kida_error *err)
{
    (void)app;
    (void)prefix;
    (void)user;
    (void)err;
    return KIDA_E_IO;
}

static kida_status
late_domain(chirp_app *app, void *user, kida_error *err)
{
    (void)err;
    chirp_on_error(app, 404, any_error, NULL);
    return chirp_route(app, "GET", user, hello, NULL);
}

/* Holds: plugins register under their prefix, at once; what waits for freeze can register too. */
static void
row_1_8_plugins_and_domains(void **state)
{
    (void)state;
    static char path[] = "/domain", twice[] = "/shop/cart";
    chirp_app *app = new_app();
    chirp_answer got;
    kida_error err;
    assert_int_equal(chirp_on_freeze(app, late_domain, path), KIDA_OK);
    assert_int_equal(chirp_mount(app, "/shop", shop_plugin, NULL, &err), KIDA_OK);
    chirp_test_client *client = chirp_test_new(app, &err);
    assert_non_null(client);
    static const char *const paths[] = { "/shop/cart", "/domain" };
    for (size_t i = 0; i < T_COUNT(paths); i++) {
        assert_int_equal(chirp_test_get(client, paths[i], &got), KIDA_OK);
        assert_true(CHIRP_CHECK_BODY(&got, "hello"));
    }
    assert_int_equal(chirp_test_get(client, "/none", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_BODY(&got, "x"));
    assert_int_equal(chirp_mount(app, "/late", shop_plugin, NULL, NULL), KIDA_E_FROZEN);
    assert_int_equal(chirp_on_freeze(app, late_domain, path), KIDA_E_FROZEN);
    chirp_test_free(client);
    chirp_app_free(app);

    app = new_app();
    assert_int_equal(chirp_mount(app, "shop", shop_plugin, NULL, NULL), KIDA_E_USAGE);
    chirp_app_free(app);
    app = new_app();
    assert_int_equal(chirp_mount(app, "/b", broken_plugin, NULL, &err), KIDA_E_IO);
    assert_int_equal(chirp_app_freeze(app, &err), KIDA_E_IO);
    assert_non_null(strstr(err.message, "the plugin at '/b' failed"));
    chirp_app_free(app);
    app = new_app();
    chirp_mount(app, "/shop", shop_plugin, NULL, &err);
    chirp_on_freeze(app, late_domain, twice);
    assert_int_equal(chirp_app_freeze(app, &err), KIDA_E_USAGE);
    chirp_app_free(app);
}

/* ---- the check at freeze --------------------------------------------------------------------- */

static chirp_app *
new_checked_app(bool skips)
{
    kida_error err;
    chirp_config config;
    chirp_config_init(&config);
    config.debug = true;
    config.skip_contract_checks = skips;
    config.template_dir = "";
    config.access_log = false;
    chirp_app *app = chirp_app_new(&config, &err);
    assert_non_null(app);
    chirp_route_def route = { .path = "/", .handler = hello, .template_name = "lost.html" };
    assert_int_equal(chirp_route_add(app, &route, &err), KIDA_OK);
    return app;
}

/* Holds: scenario 16: in debug mode freeze fails with the report on stderr; told to, it serves. */
static void
scenario_16_contract_errors_in_debug_mode(void **state)
{
    (void)state;
    char text[2000];
    kida_error err;
    chirp_app *app = new_checked_app(false);
    fflush(stderr);
    FILE *file = tmpfile();
    int old = dup(STDERR_FILENO);
    assert_non_null(file);
    dup2(fileno(file), STDERR_FILENO);
    kida_status st = chirp_app_freeze(app, &err);
    kida_status again = st == KIDA_OK ? st : chirp_run(app, NULL);
    fflush(stderr);
    dup2(old, STDERR_FILENO);
    close(old);
    rewind(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    assert_int_equal(st, KIDA_E_USAGE);
    assert_int_equal(again, KIDA_E_USAGE);
    assert_string_equal(err.message, "the routes and templates of the app have 1 error");
    if (!strstr(text, "chirp: error [fragment] /: the route declares template \"lost.html\""))
        fail_msg("reported [%s]", text);
    chirp_app_free(app);

    app = new_checked_app(true);
    chirp_test_client *client = chirp_test_new(app, &err);
    chirp_answer got;
    assert_non_null(client);
    assert_int_equal(chirp_test_get(client, "/", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_BODY(&got, "hello"));
    chirp_test_free(client);
    chirp_app_free(app);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenario_3_registration_after_freeze),
        cmocka_unit_test(row_1_1_a_failed_freeze_is_sticky),
        cmocka_unit_test(row_1_2_freeze_reports_failed_registration),
        cmocka_unit_test(row_1_2_users_are_freed_once),
        cmocka_unit_test(row_1_4_hooks_run_in_order),
        cmocka_unit_test(row_1_4_failing_startup_refuses_the_start),
        cmocka_unit_test(row_1_8_plugins_and_domains),
        cmocka_unit_test(scenario_16_contract_errors_in_debug_mode),
    };
    return cmocka_run_group_tests_name("app/freeze", tests, NULL, NULL);
}
