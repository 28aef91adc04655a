/* SPDX-License-Identifier: MIT */
/* test_auth.c - users by session and token, guards, audit events (rows 6.9, 14). */
#define _GNU_SOURCE
#include "mw.h"

#define KEY "0123456789abcdef0123456789abcdef"
#define EVENTS_MAX 64

/* ---- an application with three users --------------------------------------------------------- */

typedef struct account {
    const char *id, *name, *token;
    const char *permissions[3];
} account;

static const account accounts[] = {
    { "1", "Ann <b>", "tok-ann", { "read", "write" } },
    { "2", "Bob", "tok-bob", { "read" } },
    { "3", "Eve", "tok-eve", { NULL } },
};

static const kida_field account_fields[] = {
    KIDA_CSTRING_FIELD(account, name),
    KIDA_FIELDS_END,
};
static const kida_struct account_struct = { "account", sizeof(account), account_fields, NULL };

/* What the tests change and look at. */
static struct {
    const char *version;
    kida_status failure;
    size_t loads;
    size_t event_count;
    char events[EVENTS_MAX][64]; /* name and user id */
} world;

static void
note_event(const chirp_audit_event *event, void *user)
{
    (void)user;
    if (world.event_count < EVENTS_MAX)
        snprintf(world.events[world.event_count++], sizeof(world.events[0]), "%s %.*s %.*s",
                 event->name, (int)event->user_id.len, event->user_id.ptr, (int)event->detail.len,
                 event->detail.ptr);
}

static const char *
last_event(void)
{
    return world.event_count ? world.events[world.event_count - 1] : "";
}

static void
fill_user(const account *found, chirp_user *out)
{
    out->id = kida_str_from(found->id);
    out->permissions = found->permissions;
    out->profile = kida_from_struct(&account_struct, found);
    if (world.version)
        out->session_version = kida_str_from(world.version);
}

static kida_status
load_user(chirp_request *req, kida_str key, void *user, chirp_user *out, kida_error *err)
{
    (void)req;
    assert_ptr_equal(user, &world);
    world.loads++;
    if (world.failure != KIDA_OK) {
        snprintf(err->message, sizeof(err->message), "the database is gone");
        return world.failure;
    }
    for (size_t i = 0; i < T_COUNT(accounts); i++) {
        if (kida_str_equal(key, kida_str_from(accounts[i].id))) {
            fill_user(&accounts[i], out);
            return KIDA_OK;
        }
    }
    return KIDA_E_NOT_FOUND;
}

static kida_status
verify_token(chirp_request *req, kida_str key, void *user, chirp_user *out, kida_error *err)
{
    (void)req, (void)user, (void)err;
    world.loads++;
    for (size_t i = 0; i < T_COUNT(accounts); i++) {
        if (kida_str_equal(key, kida_str_from(accounts[i].token))) {
            fill_user(&accounts[i], out);
            return KIDA_OK;
        }
    }
    return world.failure != KIDA_OK ? world.failure : KIDA_E_NOT_FOUND;
}

static chirp_reply *
who(chirp_request *req, void *user)
{
    (void)user;
    kida_str id = chirp_current_user(req)->id;
    return chirp_reply_text(req, id.len > 0 ? id : KIDA_S("nobody"));
}

static chirp_reply *
log_in(chirp_request *req, void *user)
{
    (void)user;
    kida_error err;
    chirp_user found = { .id = { NULL, 0 } };
    if (chirp_session_set(req, "before", kida_bool(true)) != KIDA_OK ||
        load_user(req, chirp_query(req, "id"), &world, &found, &err) != KIDA_OK ||
        chirp_login(req, &found) != KIDA_OK)
        return chirp_reply_fail(req, 400, "no such user");
    assert_int_equal(kida_kind_of(chirp_session_get(req, "before")), KIDA_ABSENT);
    assert_true(kida_str_equal(chirp_current_user(req)->id, found.id));
    return chirp_reply_done(req, chirp_login_next(req, "/"));
}

static chirp_reply *
log_out(chirp_request *req, void *user)
{
    (void)user;
    chirp_logout(req);
    assert_false(chirp_user_is_known(chirp_current_user(req)));
    return chirp_reply_text(req, KIDA_S("bye"));
}

static chirp_reply *
private_page(chirp_request *req, void *user)
{
    (void)user;
    chirp_reply *refusal = chirp_require(req, NULL);
    return refusal ? refusal : chirp_reply_text(req, KIDA_S("inside"));
}

static chirp_reply *
editor(chirp_request *req, void *user)
{
    (void)user;
    chirp_reply *refusal = chirp_require_permission(req, "write");
    return refusal ? refusal : chirp_reply_text(req, KIDA_S("edit"));
}

static chirp_reply *
page(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_template(req, "user.html", kida_none());
}

static chirp_reply *
plain(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, KIDA_S("plain"));
}

static bool
is_own(chirp_request *req, const chirp_user *user, void *arg)
{
    assert_ptr_equal(arg, &world);
    return kida_str_equal(chirp_param(req, "id"), user->id);
}

static chirp_auth_options
usual(void)
{
    chirp_auth_options options;
    chirp_auth_options_init(&options);
    options.load_user = load_user;
    options.verify_token = verify_token;
    options.user = &world;
    return options;
}

static void
use_auth(mw *fx, const chirp_auth_options *options)
{
    static const char *const both[] = { "read", "write", NULL };
    static const chirp_guard all = { both, NULL, NULL };
    static const chirp_guard own = { NULL, is_own, &world };
    chirp_session_options sessions;
    chirp_session_options_init(&sessions);
    sessions.secret_key = KEY;
    memset(&world, 0, sizeof(world));
    chirp_app *app = mw_app(fx);
    assert_int_equal(chirp_audit_to(app, note_event, NULL, NULL), KIDA_OK);
    assert_int_equal(chirp_use_sessions(app, &sessions, &fx->err), KIDA_OK);
    assert_int_equal(chirp_use_auth(app, options, &fx->err), KIDA_OK);
    assert_int_equal(kida_env_add_source(chirp_app_templates(app), KIDA_S("user.html"),
                                         KIDA_S("{% set u = current_user() %}{% if u %}{{ u.id }} "
                                                "{{ u.name }} {{ u.permissions | join('+') }} {{ u "
                                                "}}{% else %}stranger{% end %} "
                                                "{{ u.is_authenticated }}"),
                                         &fx->err),
                     KIDA_OK);
    chirp_route(app, "GET", "/who", who, NULL);
    chirp_route(app, "GET", "/login", log_in, NULL);
    chirp_route(app, "GET", "/logout", log_out, NULL);
    chirp_route(app, "GET", "/private", private_page, NULL);
    chirp_route(app, "GET|POST", "/edit", editor, NULL);
    chirp_route(app, "GET", "/page", page, NULL);
    chirp_route(app, "GET", "/plain", plain, NULL);
    chirp_route_def def = { .path = "/all", .handler = plain };
    assert_int_equal(chirp_route_guarded(app, &def, &all, &fx->err), KIDA_OK);
    def.path = "/users/{id}";
    assert_int_equal(chirp_route_guarded(app, &def, &own, &fx->err), KIDA_OK);
}

static void
take_cookie(const mw *fx, char out[2000])
{
    const char *cookie = mw_header(fx, "set-cookie");
    size_t len = strcspn(cookie, ";");
    assert_true(len < 2000);
    memcpy(out, cookie, len);
    out[len] = '\0';
}

/* Cookie of a session of that user. */
static void
cookie_of(mw *fx, const char *id, char out[2000])
{
    char target[64];
    snprintf(target, sizeof(target), "/login?id=%s", id);
    assert_true(CHIRP_CHECK_STATUS(mw_get(fx, target), 303));
    take_cookie(fx, out);
}

static const char *
body_of(mw *fx, const char *target, const char *header, const char *value)
{
    static char body[256];
    const char *headers[] = { header, value, NULL };
    chirp_answer *got = mw_send(fx, "GET", target, header ? headers : NULL, "");
    snprintf(body, sizeof(body), "%.*s", (int)got->body.len, got->body.len ? got->body.ptr : "");
    return body;
}

/* ---- whose a request is ---------------------------------------------------------------------- */

static void
row_6_9_login_and_logout(void **state)
{
    mw *fx = *state;
    chirp_auth_options options = usual();
    use_auth(fx, &options);
    assert_string_equal(body_of(fx, "/who", NULL, NULL), "nobody");
    char cookie[2000];
    cookie_of(fx, "1", cookie);
    assert_string_equal(last_event(), "auth.login.success 1 ");
    assert_string_equal(mw_header(fx, "location"), "/");
    assert_string_equal(body_of(fx, "/who", "Cookie", cookie), "1");
    assert_true(CHIRP_CHECK_HEADER(&fx->answer, "cache-control", "private"));
    assert_string_equal(mw_header(fx, "vary"), "Authorization, Cookie");
    assert_string_equal(body_of(fx, "/logout", "Cookie", cookie), "bye");
    assert_string_equal(last_event(), "auth.logout.success 1 ");
    assert_non_null(strstr(mw_header(fx, "set-cookie"), "Max-Age=0"));
}

/* Holds: nobody looks a user up for answers that do not depend on one, and once for the others. */
static void
row_6_9_a_user_is_loaded_when_asked_for(void **state)
{
    mw *fx = *state;
    chirp_auth_options options = usual();
    use_auth(fx, &options);
    char cookie[2000];
    cookie_of(fx, "1", cookie);
    world.loads = 0;
    assert_string_equal(body_of(fx, "/plain", "Cookie", cookie), "plain");
    assert_int_equal(world.loads, 0);
    assert_true(CHIRP_CHECK_HEADER(&fx->answer, "vary", NULL));
    assert_string_equal(body_of(fx, "/all", "Cookie", cookie), "plain");
    assert_int_equal(world.loads, 1);
}

static void
row_6_9_bearer_tokens(void **state)
{
    mw *fx = *state;
    chirp_auth_options options = usual();
    use_auth(fx, &options);
    char cookie[2000];
    cookie_of(fx, "2", cookie);
    static const struct {
        const char *label, *value, *want;
    } cases[] = {
        { "a token", "Bearer tok-ann", "1" },
        { "unknown", "Bearer tok", "nobody" },
        { "two blanks", "Bearer  tok-ann", "nobody" },
        { "another case", "bearer tok-ann", "nobody" },
        { "another scheme", "Basic tok-ann", "nobody" },
        { "nothing", "Bearer", "nobody" },
        { "bare", "tok-ann", "nobody" },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        const char *got = body_of(fx, "/who", "Authorization", cases[i].value);
        if (strcmp(got, cases[i].want) != 0)
            fail_msg("%s: %s", cases[i].label, got);
    }
    (void)body_of(fx, "/who", "Authorization", "Bearer tok");
    assert_string_equal(last_event(), "auth.token.invalid  ");
    (void)body_of(fx, "/who", "Authorization", "Bearer tok-ann");
    assert_true(CHIRP_CHECK_HEADER(&fx->answer, "cache-control", "private"));
    /* The token goes before the session; one that is no good leaves it to the session. */
    (void)mw_send(fx, "GET", "/who",
                  MW_HEADERS("Authorization", "Bearer tok-ann", "Cookie", cookie), "");
    assert_true(CHIRP_CHECK_BODY(&fx->answer, "1"));
    (void)mw_send(fx, "GET", "/who", MW_HEADERS("Authorization", "Bearer x", "Cookie", cookie), "");
    assert_true(CHIRP_CHECK_BODY(&fx->answer, "2"));
}

static void
row_6_9_sessions_of_another_version(void **state)
{
    mw *fx = *state;
    chirp_auth_options options = usual();
    use_auth(fx, &options);
    world.version = "7";
    char cookie[2000];
    cookie_of(fx, "1", cookie);
    assert_string_equal(body_of(fx, "/who", "Cookie", cookie), "1");
    world.version = "8";
    assert_string_equal(body_of(fx, "/who", "Cookie", cookie), "nobody");
    assert_string_equal(last_event(), "auth.session.version_mismatch 1 ");
    world.version = NULL;
    assert_string_equal(body_of(fx, "/who", "Cookie", cookie), "1");
    cookie_of(fx, "1", cookie); /* without one */
    world.version = "8";
    assert_string_equal(body_of(fx, "/who", "Cookie", cookie), "nobody");
}

static void
row_6_9_excluded_paths(void **state)
{
    static const char *const paths[] = { "/who", NULL };
    mw *fx = *state;
    chirp_auth_options options = usual();
    options.exclude_paths = paths;
    use_auth(fx, &options);
    assert_string_equal(body_of(fx, "/who", "Authorization", "Bearer tok-ann"), "nobody");
    assert_string_equal(body_of(fx, "/all", "Authorization", "Bearer tok-ann"), "plain");
}

/* Holds: a user who can't be looked up is not treated as a stranger. */
static void
row_6_9_a_failed_look_up_fails_the_request(void **state)
{
    mw *fx = *state;
    chirp_auth_options options = usual();
    use_auth(fx, &options);
    char cookie[2000];
    cookie_of(fx, "1", cookie);
    world.failure = KIDA_E_IO;
    (void)body_of(fx, "/who", "Cookie", cookie);
    assert_true(CHIRP_CHECK_STATUS(&fx->answer, 500));
    (void)body_of(fx, "/private", "Cookie", cookie);
    assert_true(CHIRP_CHECK_STATUS(&fx->answer, 500));
    world.failure = KIDA_E_BUSY;
    (void)body_of(fx, "/private", "Authorization", "Bearer x");
    assert_true(CHIRP_CHECK_STATUS(&fx->answer, 503));
    assert_string_equal(body_of(fx, "/plain", "Cookie", cookie), "plain");
}

static void
row_6_9_templates_know_the_user(void **state)
{
    mw *fx = *state;
    chirp_auth_options options = usual();
    use_auth(fx, &options);
    assert_string_equal(body_of(fx, "/page", NULL, NULL), "stranger False");
    assert_string_equal(body_of(fx, "/page", "Authorization", "Bearer tok-ann"),
                        "1 Ann &lt;b&gt; read+write 1 True");
}

/* ---- guards ---------------------------------------------------------------------------------- */

static void
row_6_9_guards(void **state)
{
    mw *fx = *state;
    chirp_auth_options options = usual();
    use_auth(fx, &options);
    static const struct {
        const char *label, *target, *name, *value, *body, *location, *event;
        unsigned status;
    } cases[] = {
        { "a browser", "/private?x=1", "Accept", "text/html,*/*", "Login required",
          "/login?next=%2Fprivate%3Fx%3D1", "auth.require.unauthenticated  ", 302 },
        { "no Accept", "/private", "X-A", "b", "Login required", "/login?next=%2Fprivate",
          "auth.require.unauthenticated  ", 302 },
        { "an API client", "/private", "Accept", "application/json", "Authentication required", "",
          "auth.require.unauthenticated  ", 401 },
        { "JSON or HTML", "/private", "Accept", "application/json, text/html;q=0.5",
          "Login required", "/login?next=%2Fprivate", "auth.require.unauthenticated  ", 302 },
        { "a bad token", "/private", "Authorization", "Bearer x", "Authentication required", "",
          "auth.require.unauthenticated  ", 401 },
        { "a user", "/private", "Authorization", "Bearer tok-eve", "inside", "", "", 200 },
        { "nobody, a permission", "/edit", "Accept", "application/json", "Authentication required",
          "", "auth.require.unauthenticated  ", 401 },
        { "lacks it", "/edit", "Authorization", "Bearer tok-bob", "Forbidden", "",
          "authz.permission.denied 2 write", 403 },
        { "has it", "/edit", "Authorization", "Bearer tok-ann", "edit", "", "", 200 },
        { "lacks one of two", "/all", "Authorization", "Bearer tok-bob", "Forbidden", "",
          "authz.permission.denied 2 write", 403 },
        { "policy holds", "/users/2", "Authorization", "Bearer tok-bob", "plain", "", "", 200 },
        { "policy does not", "/users/1", "Authorization", "Bearer tok-bob", "Forbidden", "",
          "authz.policy.denied 2 ", 403 },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        world.event_count = 0;
        const char *headers[] = { cases[i].name, cases[i].value, NULL };
        chirp_answer *got = mw_send(fx, "GET", cases[i].target, headers, "");
        if (got->status != cases[i].status ||
            strcmp(mw_header(fx, "location"), cases[i].location) != 0 ||
            !CHIRP_CHECK_CONTAINS(got, cases[i].body) || strcmp(last_event(), cases[i].event) != 0)
            fail_msg("%s: %u [%s] [%s]", cases[i].label, got->status, mw_header(fx, "location"),
                     last_event());
    }
    (void)mw_send(fx, "GET", "/private", MW_HEADERS("Accept", "application/json"), "");
    assert_string_equal(mw_header(fx, "www-authenticate"), "Bearer");
    (void)mw_get(fx, "/private");
    assert_string_equal(mw_header(fx, "cache-control"), "no-store");
}

/* Holds: htmx is sent to the login page as a whole, and comes back to the page it was on. */
static void
row_6_9_guards_and_htmx(void **state)
{
    mw *fx = *state;
    chirp_auth_options options = usual();
    use_auth(fx, &options);
    chirp_answer *got = mw_send(fx, "POST", "/edit",
                                MW_HEADERS("HX-Request", "true", "HX-Current-URL",
                                           "http://localhost/notes?page=2", "Host", "localhost"),
                                "");
    assert_true(CHIRP_CHECK_STATUS(got, 200));
    assert_int_equal(got->body.len, 0);
    assert_string_equal(mw_header(fx, "hx-redirect"), "/login?next=%2Fnotes%3Fpage%3D2");
    (void)mw_send(fx, "GET", "/edit",
                  MW_HEADERS("HX-Request", "true", "HX-Current-URL", "http://evil.test/x"), "");
    assert_string_equal(mw_header(fx, "hx-redirect"), "/login");
}

static void
row_6_9_other_login_pages(void **state)
{
    static const struct {
        const char *url, *location;
        unsigned status;
    } cases[] = {
        { NULL, "", 401 },
        { "/enter?from=app", "/enter?from=app&next=%2Fprivate", 302 },
        { "https://id.example.com/", "https://id.example.com/?next=%2Fprivate", 302 },
    };
    mw *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        chirp_auth_options options = usual();
        options.login_url = cases[i].url;
        use_auth(fx, &options);
        assert_true(CHIRP_CHECK_STATUS(mw_get(fx, "/private"), cases[i].status));
        assert_string_equal(mw_header(fx, "location"), cases[i].location);
        mw_close(fx);
    }
}

/* Holds: a login goes nowhere but to this site (SH-6). */
static void
sh_6_the_way_back_stays_here(void **state)
{
    static const struct {
        const char *query, *location;
    } cases[] = {
        { "next=%2Fprivate%3Fx%3D1", "/private?x=1" },
        { "next=", "/" },
        { "next=https%3A%2F%2Fevil.test", "/" },
        { "next=%2F%2Fevil.test", "/" },
        { "next=%2F%5Cevil.test", "/" },
        { "next=%5C%5Cevil.test", "/" },
        { "next=%2F%09%2Fevil.test", "/" },
        { "next=%2F%250a%2Fevil.test", "/" },
        { "next=+%2Fx", "/" },
        { "next=javascript%3Aalert(1)", "/" },
        { "next=private", "/" },
        { "next=%2Fa%0d%0aset-cookie%3Ax", "/" },
    };
    mw *fx = *state;
    chirp_auth_options options = usual();
    use_auth(fx, &options);
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        char target[128];
        snprintf(target, sizeof(target), "/login?id=1&%s", cases[i].query);
        assert_true(CHIRP_CHECK_STATUS(mw_get(fx, target), 303));
        if (strcmp(mw_header(fx, "location"), cases[i].location) != 0)
            fail_msg("%s: %s", cases[i].query, mw_header(fx, "location"));
    }
}

/* ---- mistakes of set-up ---------------------------------------------------------------------- */

static void
row_6_9_set_up(void **state)
{
    mw *fx = *state;
    chirp_auth_options options;
    chirp_auth_options_init(&options);
    assert_int_equal(chirp_use_auth(mw_app(fx), &options, &fx->err), KIDA_E_USAGE);
    assert_non_null(strstr(fx->err.message, "load_user or verify_token"));
    assert_int_equal(chirp_app_freeze(mw_app(fx), &fx->err), KIDA_E_USAGE);
    mw_close(fx);

    options.load_user = load_user;
    assert_int_equal(chirp_use_auth(mw_app(fx), &options, &fx->err), KIDA_E_USAGE);
    assert_non_null(strstr(fx->err.message, "chirp_use_sessions before"));
    mw_close(fx);

    /* Tokens need no session. */
    memset(&world, 0, sizeof(world));
    options.load_user = NULL;
    options.verify_token = verify_token;
    assert_int_equal(chirp_use_auth(mw_app(fx), &options, &fx->err), KIDA_OK);
    chirp_route(mw_app(fx), "GET", "/who", who, NULL);
    assert_string_equal(body_of(fx, "/who", "Authorization", "Bearer tok-bob"), "2");
    mw_close(fx);

    options.token_header = "X-Key";
    options.token_scheme = "";
    assert_int_equal(chirp_use_auth(mw_app(fx), &options, &fx->err), KIDA_OK);
    chirp_route(mw_app(fx), "GET", "/who", who, NULL);
    assert_string_equal(body_of(fx, "/who", "X-Key", "tok-bob"), "2");
}

static void
row_6_9_a_guard_without_the_layer_refuses(void **state)
{
    mw *fx = *state;
    chirp_route(mw_app(fx), "GET", "/private", private_page, NULL);
    assert_true(CHIRP_CHECK_STATUS(mw_get(fx, "/private"), 500));
}

static size_t freed;

static void
count_free(void *user)
{
    (void)user;
    freed++;
}

static void
row_14_audit_sinks(void **state)
{
    mw *fx = *state;
    freed = 0;
    assert_int_equal(chirp_audit_to(mw_app(fx), note_event, NULL, count_free), KIDA_OK);
    assert_int_equal(chirp_audit_to(mw_app(fx), note_event, NULL, count_free), KIDA_E_USAGE);
    assert_int_equal(freed, 1);
    mw_close(fx);
    assert_int_equal(freed, 2);
    assert_int_equal(chirp_app_freeze(mw_app(fx), &fx->err), KIDA_OK);
    assert_int_equal(chirp_audit_to(mw_app(fx), note_event, NULL, count_free), KIDA_E_FROZEN);
    assert_int_equal(freed, 3);
}

static void
row_14_csrf_events(void **state)
{
    mw *fx = *state;
    chirp_auth_options options = usual();
    use_auth(fx, &options);
    assert_int_equal(chirp_use_csrf(mw_app(fx), NULL, &fx->err), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(mw_send(fx, "POST", "/edit", NULL, ""), 403));
    assert_string_equal(last_event(), "csrf.reject.missing  ");
    (void)mw_send(fx, "POST", "/edit", MW_HEADERS("X-CSRF-Token", "x"), "");
    assert_string_equal(last_event(), "csrf.reject.invalid  ");
    (void)mw_send(fx, "POST", "/edit", MW_HEADERS("Origin", "https://evil.test"), "");
    assert_string_equal(last_event(), "csrf.reject.origin  ");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        mw_test(row_6_9_login_and_logout),
        mw_test(row_6_9_a_user_is_loaded_when_asked_for),
        mw_test(row_6_9_bearer_tokens),
        mw_test(row_6_9_sessions_of_another_version),
        mw_test(row_6_9_excluded_paths),
        mw_test(row_6_9_a_failed_look_up_fails_the_request),
        mw_test(row_6_9_templates_know_the_user),
        mw_test(row_6_9_guards),
        mw_test(row_6_9_guards_and_htmx),
        mw_test(row_6_9_other_login_pages),
        mw_test(sh_6_the_way_back_stays_here),
        mw_test(row_6_9_set_up),
        mw_test(row_6_9_a_guard_without_the_layer_refuses),
        mw_test(row_14_audit_sinks),
        mw_test(row_14_csrf_events),
    };
    return cmocka_run_group_tests_name("middleware/auth", tests, NULL, NULL);
}
