/* SPDX-License-Identifier: MIT */
/* test_session.c - sessions (6.8, SE-1 to SE-6, CO-3, SH-4) and CSRF (6.10, XF-1 to XF-4). */
#define _GNU_SOURCE
#include "mw.h"

#include "config/secret.h"
#include "config/text.h"
#include "middleware/signed.h"

#include <time.h>

#define KEY "0123456789abcdef0123456789abcdef"
#define OTHER_KEY "fedcba9876543210fedcba9876543210"

static chirp_reply *
set_user(chirp_request *req, void *user)
{
    (void)user;
    assert_int_equal(chirp_session_set(req, "user", kida_string(chirp_query(req, "name"))),
                     KIDA_OK);
    return chirp_reply_text(req, KIDA_S("set"));
}

static chirp_reply *
get_user(chirp_request *req, void *user)
{
    (void)user;
    kida_str name = chirp_session_text(req, "user");
    return chirp_reply_text(req, chirp_given(name) ? name : KIDA_S("nobody"));
}

static chirp_reply *
untouched(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, KIDA_S("plain"));
}

static chirp_reply *
renew(chirp_request *req, void *user)
{
    (void)user;
    chirp_session_renew(req);
    assert_int_equal(chirp_session_set(req, "user", kida_string(KIDA_S("root"))), KIDA_OK);
    return chirp_reply_text(req, KIDA_S("renewed"));
}

static chirp_reply *
leave(chirp_request *req, void *user)
{
    (void)user;
    chirp_session_renew(req);
    return chirp_reply_text(req, KIDA_S("bye"));
}

static chirp_reply *
fill_up(chirp_request *req, void *user)
{
    (void)user;
    char *text = chirp_alloc(req, 4000);
    memset(text, 'x', 4000);
    assert_int_equal(chirp_session_set(req, "a", kida_string((kida_str){ text, 4000 })), KIDA_OK);
    return chirp_reply_text(req, KIDA_S("full"));
}

static chirp_reply *
fails_after(chirp_request *req, void *user)
{
    (void)user;
    assert_int_equal(chirp_session_set(req, "user", kida_string(KIDA_S("kept"))), KIDA_OK);
    return chirp_reply_fail(req, 404, "nothing");
}

static void
use_sessions(mw *fx, const chirp_session_options *options)
{
    assert_int_equal(chirp_use_sessions(mw_app(fx), options, &fx->err), KIDA_OK);
    chirp_route(mw_app(fx), "GET", "/set", set_user, NULL);
    chirp_route(mw_app(fx), "GET", "/get", get_user, NULL);
    chirp_route(mw_app(fx), "GET", "/plain", untouched, NULL);
    chirp_route(mw_app(fx), "GET", "/renew", renew, NULL);
    chirp_route(mw_app(fx), "GET", "/leave", leave, NULL);
    chirp_route(mw_app(fx), "GET", "/full", fill_up, NULL);
    chirp_route(mw_app(fx), "GET", "/fails", fails_after, NULL);
}

static chirp_session_options
defaults(void)
{
    chirp_session_options options;
    chirp_session_options_init(&options);
    options.secret_key = KEY;
    return options;
}

/* "name=value" of the answer's cookie; "" without one. */
static void
take_cookie(const mw *fx, char out[4400])
{
    snprintf(out, 4400, "%s", mw_header(fx, "set-cookie"));
    out[strcspn(out, ";")] = '\0';
}

static const char *
user_of(mw *fx, const char *cookie)
{
    static char body[100];
    chirp_answer *got = mw_send(fx, "GET", "/get", MW_HEADERS("Cookie", cookie), "");
    snprintf(body, sizeof(body), "%.*s", (int)got->body.len, got->body.ptr);
    return body;
}

static void
row_6_8_a_session_comes_back(void **state)
{
    mw *fx = *state;
    chirp_session_options options = defaults();
    use_sessions(fx, &options);
    char cookie[4400];
    chirp_answer *got = mw_get(fx, "/set?name=ann%C3%A9");
    take_cookie(fx, cookie);
    assert_non_null(strstr(mw_header(fx, "set-cookie"),
                           "; Max-Age=86400; Path=/; HttpOnly; SameSite=lax"));
    assert_null(strstr(mw_header(fx, "set-cookie"), "Secure"));
    assert_true(CHIRP_CHECK_HEADER(got, "vary", "Cookie"));
    assert_true(CHIRP_CHECK_HEADER(got, "cache-control", "private"));
    assert_string_equal(user_of(fx, cookie), "ann\xc3\xa9");
    /* Read only: nothing to write, but the answer is personal (SH-4). */
    assert_true(CHIRP_CHECK_HEADER(&fx->answer, "set-cookie", NULL));
    assert_true(CHIRP_CHECK_HEADER(&fx->answer, "vary", "Cookie"));
    got = mw_send(fx, "GET", "/plain", MW_HEADERS("Cookie", cookie), "");
    assert_true(CHIRP_CHECK_HEADER(got, "vary", NULL));
    assert_true(CHIRP_CHECK_HEADER(got, "cache-control", NULL));
    assert_string_equal(user_of(fx, "chirp_session="), "nobody");
}

static void
row_6_8_a_failed_request_keeps_its_changes(void **state)
{
    mw *fx = *state;
    chirp_session_options options = defaults();
    use_sessions(fx, &options);
    char cookie[4400];
    assert_true(CHIRP_CHECK_STATUS(mw_get(fx, "/fails"), 404));
    take_cookie(fx, cookie);
    assert_string_equal(user_of(fx, cookie), "kept");
}

static void
co_3_secure_in_production(void **state)
{
    mw *fx = *state;
    fx->config.env = "production";
    chirp_session_options options = defaults();
    use_sessions(fx, &options);
    mw_get(fx, "/set?name=a");
    assert_non_null(strstr(mw_header(fx, "set-cookie"), "; Secure"));
}

static void
se_1_every_changed_bit_makes_it_worthless(void **state)
{
    mw *fx = *state;
    chirp_session_options options = defaults();
    use_sessions(fx, &options);
    char cookie[4400], bad[9000];
    mw_get(fx, "/set?name=ann");
    take_cookie(fx, cookie);
    size_t start = strlen("chirp_session=");
    for (size_t i = start; i < strlen(cookie); i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            snprintf(bad, sizeof(bad), "%s", cookie);
            bad[i] = (char)((unsigned char)bad[i] ^ (1u << bit));
            /* What ends the cookie or the header cuts it. */
            if ((unsigned char)bad[i] < 0x21 || bad[i] == 0x7f)
                continue;
            if (strcmp(user_of(fx, bad), "nobody") != 0)
                fail_msg("bit %u of byte %zu", bit, i);
        }
    }
    for (size_t len = start; len < strlen(cookie); len++) {
        memcpy(bad, cookie, len);
        bad[len] = '\0';
        assert_string_equal(user_of(fx, bad), "nobody");
    }
    snprintf(bad, sizeof(bad), "%s%s", cookie, cookie + start);
    assert_string_equal(user_of(fx, bad), "nobody");
    snprintf(bad, sizeof(bad), "%s=", cookie);
    assert_string_equal(user_of(fx, bad), "nobody");
}

static void
se_1_another_key_or_another_cookie(void **state)
{
    mw *fx = *state;
    ch_arena arena;
    ch_signer signers[3] = { { .count = 0 } };
    static const char *const keys[] = { KEY, OTHER_KEY, KEY };
    static const char *const names[] = { "chirp_session", "chirp_session", "other" };
    kida_allocator none = { 0 };
    ch_arena_init(&arena, &none, 1024, 65536);
    chirp_session_options options = defaults();
    use_sessions(fx, &options);
    for (size_t i = 0; i < 3; i++) {
        char cookie[600];
        assert_true(ch_signer_add(&signers[i], kida_str_from(keys[i]), kida_str_from(names[i])));
        kida_str value = ch_sign(&signers[i], &arena, KIDA_S("{\"user\":\"ann\"}"), time(NULL));
        snprintf(cookie, sizeof(cookie), "chirp_session=%s", value.ptr);
        assert_string_equal(user_of(fx, cookie), i == 0 ? "ann" : "nobody");
    }
    ch_arena_clear(&arena);
}

static void
check_signed(mw *fx, const char *json, int64_t age, const char *want)
{
    ch_arena arena;
    ch_signer signer = { .count = 0 };
    kida_allocator none = { 0 };
    char cookie[900];
    ch_arena_init(&arena, &none, 1024, 65536);
    assert_true(ch_signer_add(&signer, KIDA_S(KEY), KIDA_S("chirp_session")));
    kida_str value = ch_sign(&signer, &arena, kida_str_from(json), (int64_t)time(NULL) - age);
    snprintf(cookie, sizeof(cookie), "chirp_session=%s", value.ptr);
    if (strcmp(user_of(fx, cookie), want) != 0)
        fail_msg("%s of age %ld", json, (long)age);
    ch_arena_clear(&arena);
}

static void
se_2_out_of_time(void **state)
{
    mw *fx = *state;
    chirp_session_options options = defaults();
    options.max_age = 1000;
    use_sessions(fx, &options);
    check_signed(fx, "{\"user\":\"ann\"}", 10, "ann");
    assert_true(CHIRP_CHECK_HEADER(&fx->answer, "set-cookie", NULL));
    /* Half of its life is over: it is written again. */
    check_signed(fx, "{\"user\":\"ann\"}", 600, "ann");
    assert_non_null(strstr(mw_header(fx, "set-cookie"), "chirp_session=v1."));
    check_signed(fx, "{\"user\":\"ann\"}", 1010, "nobody");
    check_signed(fx, "{\"user\":\"ann\"}", -10, "nobody");
    check_signed(fx, "[1]", 1, "nobody");
    check_signed(fx, "{\"user\":", 1, "nobody");
    check_signed(fx, "", 1, "nobody");
}

static void
se_2_idle_and_absolute_age(void **state)
{
    mw *fx = *state;
    char json[200];
    long now = (long)time(NULL);
    chirp_session_options options = defaults();
    options.idle_timeout = 100;
    options.absolute_timeout = 1000;
    use_sessions(fx, &options);
    const struct { long created, seen; const char *want; } cases[] = {
        { now - 500, now - 50, "ann" }, { now - 500, now - 150, "nobody" },
        { now - 1500, now - 1, "nobody" }, { now + 50, now, "nobody" },
        { now - 5, now + 50, "nobody" },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        snprintf(json, sizeof(json),
                 "{\"user\":\"ann\",\"__created_at\":%ld,\"__last_seen_at\":%ld}",
                 cases[i].created, cases[i].seen);
        check_signed(fx, json, 1, cases[i].want);
    }
    check_signed(fx, "{\"user\":\"ann\"}", 1, "nobody");
    char cookie[4400];
    mw_get(fx, "/set?name=ann");
    take_cookie(fx, cookie);
    assert_string_equal(user_of(fx, cookie), "ann");
}

static void
se_3_keys_rotate(void **state)
{
    mw *fx = *state;
    chirp_session_options options = defaults();
    use_sessions(fx, &options);
    char cookie[4400];
    mw_get(fx, "/set?name=ann");
    take_cookie(fx, cookie);
    static const char *const old[] = { KEY, NULL };
    options.secret_key = OTHER_KEY;
    options.old_keys = old;
    mw_close(fx);
    use_sessions(fx, &options);
    assert_string_equal(user_of(fx, cookie), "ann");
    options.old_keys = NULL;
    mw_close(fx);
    use_sessions(fx, &options);
    assert_string_equal(user_of(fx, cookie), "nobody");
}

static void
se_4_a_stored_session_gets_a_new_id(void **state)
{
    mw *fx = *state;
    kida_allocator allocator = t_counting_allocator(&fx->counter);
    chirp_cache *store = chirp_cache_memory(&allocator, 1 << 20);
    chirp_session_options options = defaults();
    options.store = store;
    use_sessions(fx, &options);
    char first[4400], second[4400];
    mw_get(fx, "/set?name=ann");
    take_cookie(fx, first);
    assert_string_equal(user_of(fx, first), "ann");
    mw_send(fx, "GET", "/renew", MW_HEADERS("Cookie", first), "");
    take_cookie(fx, second);
    assert_string_not_equal(first, second);
    assert_string_equal(user_of(fx, second), "root");
    assert_string_equal(user_of(fx, first), "nobody");
    /* An id of the client's own making is never taken over. */
    const char *made_up = "chirp_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    mw_send(fx, "GET", "/set?name=eve", MW_HEADERS("Cookie", made_up), "");
    char third[4400];
    take_cookie(fx, third);
    assert_string_not_equal(third, made_up);
    assert_string_equal(user_of(fx, made_up), "nobody");
    /* Logout: the cookie and the entry go. */
    mw_send(fx, "GET", "/leave", MW_HEADERS("Cookie", second), "");
    assert_non_null(strstr(mw_header(fx, "set-cookie"), "chirp_session=; Max-Age=0"));
    assert_string_equal(user_of(fx, second), "nobody");
    mw_close(fx);
    chirp_cache_free(store);
}

static void
se_5_too_large_for_a_cookie(void **state)
{
    mw *fx = *state;
    chirp_session_options options = defaults();
    use_sessions(fx, &options);
    assert_true(CHIRP_CHECK_STATUS(mw_get(fx, "/full"), 500));
    assert_true(CHIRP_CHECK_HEADER(&fx->answer, "set-cookie", NULL));
}

static void
se_6_short_keys_are_refused(void **state)
{
    static const char *const keys[] = { "", "change-me", "0123456789abcdef0123456789abcde" };
    mw *fx = *state;
    for (size_t i = 0; i < T_COUNT(keys); i++) {
        chirp_session_options options = defaults();
        options.secret_key = keys[i];
        assert_int_equal(chirp_use_sessions(mw_app(fx), &options, NULL), KIDA_E_USAGE);
        assert_int_equal(chirp_app_freeze(mw_app(fx), &fx->err), KIDA_E_USAGE);
        mw_close(fx);
    }
}

/* ---- CSRF ------------------------------------------------------------------------------------ */

static unsigned ran;

static chirp_reply *
token(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, chirp_csrf_token(req));
}

static chirp_reply *
change(chirp_request *req, void *user)
{
    (void)user;
    ran++;
    return chirp_reply_text(req, KIDA_S("changed"));
}

static chirp_reply *
form_page(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_template(req, "form.html", kida_none());
}

static void
use_csrf(mw *fx, const char *const *origins)
{
    static const char *const exempt[] = { "/hook", NULL };
    chirp_session_options sessions = defaults();
    chirp_csrf_options options;
    chirp_csrf_options_init(&options);
    options.exempt_paths = exempt;
    options.trusted_origins = origins;
    use_sessions(fx, &sessions);
    assert_int_equal(chirp_use_csrf(mw_app(fx), &options, &fx->err), KIDA_OK);
    chirp_route(mw_app(fx), "GET", "/token", token, NULL);
    chirp_route(mw_app(fx), "GET", "/form", form_page, NULL);
    chirp_route(mw_app(fx), "GET|POST|PUT|PATCH|DELETE", "/change", change, NULL);
    chirp_route(mw_app(fx), "POST", "/hook", change, NULL);
    chirp_route(mw_app(fx), "POST", "/hook/more", change, NULL);
    ran = 0;
}

/* A session with its token. */
static void
take_token(mw *fx, char cookie[4400], char out[65])
{
    chirp_answer *got = mw_get(fx, "/token");
    assert_int_equal(got->body.len, 64);
    snprintf(out, 65, "%.*s", 64, got->body.ptr);
    take_cookie(fx, cookie);
}

static void
check_change(mw *fx, const char *method, const char *const *headers, const char *body,
             unsigned status, const char *text)
{
    unsigned before = ran;
    chirp_answer *got = mw_send(fx, method, "/change", headers, body);
    assert_true(CHIRP_CHECK_STATUS(got, status));
    assert_true(CHIRP_CHECK_CONTAINS(got, text));
    assert_int_equal(ran - before, status == 200 ? 1 : 0);
}

static void
xf_1_and_3_the_token_is_asked_for(void **state)
{
    static const char *const methods[] = { "POST", "PUT", "PATCH", "DELETE" };
    mw *fx = *state;
    use_csrf(fx, NULL);
    char cookie[4400], other_cookie[4400], right[65], other[65], form[200];
    take_token(fx, cookie, right);
    take_token(fx, other_cookie, other);
    for (size_t i = 0; i < T_COUNT(methods); i++) {
        check_change(fx, methods[i], MW_HEADERS("Cookie", cookie), "", 403, "CSRF token missing");
        check_change(fx, methods[i], MW_HEADERS("Cookie", cookie, "X-CSRF-Token", other), "", 403,
                     "CSRF token invalid");
        check_change(fx, methods[i], MW_HEADERS("X-CSRF-Token", right), "", 403,
                     "CSRF token invalid");
        check_change(fx, methods[i], MW_HEADERS("Cookie", cookie, "X-CSRF-Token", right), "", 200,
                     "changed");
    }
    snprintf(form, sizeof(form), "a=1&_csrf_token=%s", right);
    check_change(fx, "POST", MW_HEADERS("Cookie", cookie, "Content-Type",
                                        "application/x-www-form-urlencoded"), form, 200, "changed");
    char parts[300];
    snprintf(parts, sizeof(parts),
             "--b\r\nContent-Disposition: form-data; name=\"_csrf_token\"\r\n\r\n%s\r\n--b--\r\n",
             right);
    check_change(fx, "POST", MW_HEADERS("Cookie", cookie, "Content-Type",
                                        "multipart/form-data; boundary=b"), parts, 200, "changed");
    snprintf(form, sizeof(form), "/change?_csrf_token=%s", right);
    chirp_answer *got = mw_send(fx, "POST", form, MW_HEADERS("Cookie", cookie), "");
    assert_true(CHIRP_CHECK_STATUS(got, 403));
    got = mw_send(fx, "POST", "/change", MW_HEADERS("Cookie", cookie, "HX-Request", "true"), "");
    assert_true(CHIRP_CHECK_ERROR_FRAGMENT(got, 403));
}

static void
xf_2_other_sites_are_refused_even_with_a_token(void **state)
{
    static const char *const listed[] = { "https://app.example", NULL };
    mw *fx = *state;
    use_csrf(fx, listed);
    char cookie[4400], right[65];
    take_token(fx, cookie, right);
    const struct { const char *name, *value; unsigned status; } cases[] = {
        { "Sec-Fetch-Site", "cross-site", 403 }, { "Sec-Fetch-Site", "same-origin", 200 },
        { "Sec-Fetch-Site", "none", 200 }, { "Origin", "https://evil.example", 403 },
        { "Origin", "null", 403 }, { "Origin", "http://testserver.evil", 403 },
        { "Origin", "http://testserver:81", 403 }, { "Origin", "http://testserver", 200 },
        { "Origin", "http://testserver:80", 200 }, { "Origin", "https://app.example", 200 },
        { "Origin", "ftp://testserver", 403 },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        check_change(fx, "POST", MW_HEADERS("Cookie", cookie, "X-CSRF-Token", right,
                                            cases[i].name, cases[i].value), "", cases[i].status,
                     cases[i].status == 200 ? "changed" : "CSRF origin not allowed");
    }
}

static void
xf_4_safe_methods_and_exact_exemptions(void **state)
{
    mw *fx = *state;
    use_csrf(fx, NULL);
    assert_true(CHIRP_CHECK_STATUS(mw_get(fx, "/change"), 200));
    assert_true(CHIRP_CHECK_STATUS(mw_send(fx, "POST", "/hook", NULL, ""), 200));
    assert_true(CHIRP_CHECK_STATUS(mw_send(fx, "POST", "/hook/more", NULL, ""), 403));
    assert_true(CHIRP_CHECK_STATUS(mw_send(fx, "POST", "/hook/", NULL, ""), 403));
}

static void
row_6_10_templates(void **state)
{
    mw *fx = *state;
    char folder[64];
    mw_folder(folder);
    static const char source[] = "{{ csrf_token() }}|{{ csrf_field() }}";
    mw_write(folder, "form.html", source, sizeof(source) - 1);
    fx->config.template_dir = folder;
    use_csrf(fx, NULL);
    char cookie[4400], right[65], want[300];
    take_token(fx, cookie, right);
    chirp_answer *got = mw_send(fx, "GET", "/form", MW_HEADERS("Cookie", cookie), "");
    snprintf(want, sizeof(want),
             "%s|<input type=\"hidden\" name=\"_csrf_token\" value=\"%s\">", right, right);
    assert_true(CHIRP_CHECK_BODY(got, want));
    mw_close(fx);
    char name[100];
    snprintf(name, sizeof(name), "%s/form.html", folder);
    unlink(name);
    rmdir(folder);
}

static void
row_6_10_needs_sessions(void **state)
{
    mw *fx = *state;
    chirp_csrf_options options;
    chirp_csrf_options_init(&options);
    assert_int_equal(chirp_use_csrf(mw_app(fx), &options, &fx->err), KIDA_E_USAGE);
    assert_non_null(strstr(fx->err.message, "sessions"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        mw_test(row_6_8_a_session_comes_back),
        mw_test(row_6_8_a_failed_request_keeps_its_changes),
        mw_test(co_3_secure_in_production),
        mw_test(se_1_every_changed_bit_makes_it_worthless),
        mw_test(se_1_another_key_or_another_cookie),
        mw_test(se_2_out_of_time),
        mw_test(se_2_idle_and_absolute_age),
        mw_test(se_3_keys_rotate),
        mw_test(se_4_a_stored_session_gets_a_new_id),
        mw_test(se_5_too_large_for_a_cookie),
        mw_test(se_6_short_keys_are_refused),
        mw_test(xf_1_and_3_the_token_is_asked_for),
        mw_test(xf_2_other_sites_are_refused_even_with_a_token),
        mw_test(xf_4_safe_methods_and_exact_exemptions),
        mw_test(row_6_10_templates),
        mw_test(row_6_10_needs_sessions),
    };
    return cmocka_run_group_tests_name("middleware/session", tests, NULL, NULL);
}
