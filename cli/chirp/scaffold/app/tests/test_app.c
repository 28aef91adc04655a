/* SPDX-License-Identifier: MIT */
/* Requests to the app without a socket. */
#include <chirp/chirp.h>
#include <stdio.h>

extern const chirp_module chirp_module_entry; /* of src/app.c */

/* Each test has a client of its own, which keeps cookies as a browser does. */
typedef bool test_fn(chirp_test_client *client);

static bool
get(chirp_test_client *client, const char *target, chirp_answer *got)
{
    return chirp_test_get(client, target, got) == KIDA_OK;
}

/* Sends a form with the token that the login page has. */
static bool
post(chirp_test_client *client, const char *target, const char *form, chirp_answer *got)
{
    static const char mark[] = "name=\"_csrf_token\" value=\"";
    const size_t mark_len = sizeof(mark) - 1;
    char body[1024];
    if (!get(client, "/login", got))
        return false;
    for (size_t at = 0; at + mark_len < got->body.len; at++) {
        kida_str here = { got->body.ptr + at, mark_len };
        if (!kida_str_equal(here, KIDA_S(mark)))
            continue;
        const char *token = here.ptr + mark_len;
        size_t len = 0, rest = got->body.len - at - mark_len;
        while (len < rest && token[len] != '"')
            len++;
        snprintf(body, sizeof(body), "_csrf_token=%.*s&%s", (int)len, token, form);
        return chirp_test_post(client, target, body, got) == KIDA_OK;
    }
    fputs("the login page has no token\n", stderr);
    return false;
}

static bool
log_in(chirp_test_client *client, chirp_answer *got)
{
    return post(client, "/login", "name=admin&password=password", got) &&
           CHIRP_CHECK_STATUS(got, 303) && CHIRP_CHECK_HEADER(got, "Location", "/dashboard");
}

static bool
everybody_sees_the_first_page(chirp_test_client *client)
{
    chirp_answer got;
    return get(client, "/", &got) && CHIRP_CHECK_STATUS(&got, 200) &&
           CHIRP_CHECK_CONTAINS(&got, "It works") && CHIRP_CHECK_CONTAINS(&got, "Log in") &&
           CHIRP_CHECK_HEADER(&got, "X-Frame-Options", "DENY");
}

static bool
strangers_are_sent_to_the_login(chirp_test_client *client)
{
    chirp_answer got;
    return get(client, "/dashboard", &got) && CHIRP_CHECK_STATUS(&got, 302) &&
           CHIRP_CHECK_HEADER(&got, "Location", "/login?next=%2Fdashboard") &&
           get(client, "/login?next=%2Fdashboard", &got) && CHIRP_CHECK_STATUS(&got, 200) &&
           CHIRP_CHECK_CONTAINS(&got, "name=\"next\" value=\"/dashboard\"");
}

static bool
a_login_opens_the_dashboard(chirp_test_client *client)
{
    chirp_answer got;
    return log_in(client, &got) && get(client, "/dashboard", &got) &&
           CHIRP_CHECK_STATUS(&got, 200) && CHIRP_CHECK_CONTAINS(&got, "Welcome, admin") &&
           CHIRP_CHECK_HEADER(&got, "Cache-Control", "no-store") && get(client, "/", &got) &&
           CHIRP_CHECK_CONTAINS(&got, "Log out");
}

static bool
a_wrong_login_is_told(chirp_test_client *client)
{
    static const char *const forms[] = { "name=admin&password=wrong", "name=nobody&password=x",
                                         "name=&password=", "name=admin" };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        chirp_answer got;
        if (!post(client, "/login", forms[i], &got) || !CHIRP_CHECK_STATUS(&got, 422) ||
            !CHIRP_CHECK_CONTAINS(&got, "Wrong name or password") ||
            !get(client, "/dashboard", &got) || !CHIRP_CHECK_STATUS(&got, 302))
            return false;
    }
    return true;
}

static bool
next_stays_on_this_site(chirp_test_client *client)
{
    chirp_answer got;
    return post(client, "/login", "name=admin&password=password&next=//evil.example", &got) &&
           CHIRP_CHECK_HEADER(&got, "Location", "/dashboard") &&
           post(client, "/login", "name=admin&password=password&next=/", &got) &&
           CHIRP_CHECK_HEADER(&got, "Location", "/");
}

static bool
a_logout_closes_the_dashboard(chirp_test_client *client)
{
    chirp_answer got;
    return log_in(client, &got) && post(client, "/logout", "", &got) &&
           CHIRP_CHECK_STATUS(&got, 303) && get(client, "/dashboard", &got) &&
           CHIRP_CHECK_STATUS(&got, 302);
}

static bool
forms_of_others_are_refused(chirp_test_client *client)
{
    chirp_answer got;
    return chirp_test_post(client, "/login", "name=admin&password=password", &got) == KIDA_OK &&
           CHIRP_CHECK_STATUS(&got, 403) &&
           chirp_test_post(client, "/logout", "", &got) == KIDA_OK &&
           CHIRP_CHECK_STATUS(&got, 403);
}

static const struct {
    const char *name;
    test_fn *run;
} tests[] = {
    { "everybody sees the first page", everybody_sees_the_first_page },
    { "strangers are sent to the login", strangers_are_sent_to_the_login },
    { "a login opens the dashboard", a_login_opens_the_dashboard },
    { "a wrong login is told", a_wrong_login_is_told },
    { "next stays on this site", next_stays_on_this_site },
    { "a logout closes the dashboard", a_logout_closes_the_dashboard },
    { "forms of others are refused", forms_of_others_are_refused },
};

static bool
run_all(chirp_app *app)
{
    bool good = true;
    kida_error err;
    kida_error_init(&err);
    /* Open all the time, so that the app starts and ends once. */
    chirp_test_client *first = chirp_test_new(app, &err);
    for (size_t i = 0; first != NULL && i < sizeof(tests) / sizeof(tests[0]); i++) {
        chirp_test_client *client = chirp_test_new(app, &err);
        if (client != NULL)
            chirp_test_keep_cookies(client, true);
        bool passed = client != NULL && tests[i].run(client);
        printf("%s %s\n", passed ? "ok  " : "FAIL", tests[i].name);
        good &= passed;
        chirp_test_free(client);
    }
    if (first == NULL)
        fprintf(stderr, "the app does not start: %s\n", err.message);
    chirp_test_free(first);
    return good && first != NULL;
}

/* Without debug mode the app must refuse to start as long as its key is the placeholder. */
static bool
refuses_the_placeholder(chirp_config config)
{
    kida_error err;
    kida_error_init(&err);
    config.debug = false;
    config.secret_key = "";
    chirp_app *app = chirp_module_entry.create(&config, &err);
    chirp_test_client *client = app != NULL ? chirp_test_new(app, &err) : NULL;
    bool refused = app != NULL && client == NULL;
    printf("%s the placeholder is refused\n", refused ? "ok  " : "FAIL");
    chirp_test_free(client);
    chirp_app_free(app);
    return refused;
}

int
main(void)
{
    kida_error err;
    chirp_config config;
    kida_error_init(&err);
    chirp_config_init(&config);
    config.access_log = false;
    config.log_level = CHIRP_LEVEL_ERROR;
    config.debug = true;
    chirp_app *app = chirp_module_entry.create(&config, &err);
    bool good = app != NULL && run_all(app);
    chirp_app_free(app);
    return refuses_the_placeholder(config) && good ? 0 : 1;
}
