/* SPDX-License-Identifier: MIT */
/* test_security.c - hosts (6.3, HO-6), CORS (6.4, CR-*), security headers and nonces (6.11, 6.12,
 * SH-*), trusted proxies and request ids (17.8, PX-*). */
#define _GNU_SOURCE
#include "mw.h"

#include "middleware/proxies.h"

static chirp_reply *
page(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_html(req, KIDA_S("<p>page</p>"));
}

static chirp_reply *
text(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_vary(chirp_reply_text(req, KIDA_S("text")), "HX-Request");
}

static chirp_reply *
who(chirp_request *req, void *user)
{
    (void)user;
    kida_str client = chirp_client(req), scheme = chirp_scheme(req), host = chirp_host(req);
    kida_str seen = chirp_header(req, "x-forwarded-for");
    return chirp_reply_textf(req, "%.*s %.*s %.*s %s", (int)client.len, client.ptr,
                             (int)scheme.len, scheme.ptr, (int)host.len, host.ptr,
                             chirp_given(seen) ? "seen" : "unseen");
}

static void
add_routes(mw *fx)
{
    chirp_route(mw_app(fx), "GET", "/", page, NULL);
    chirp_route(mw_app(fx), "GET", "/text", text, NULL);
    chirp_route(mw_app(fx), "GET", "/who", who, NULL);
}

/* ---- hosts ----------------------------------------------------------------------------------- */

static void
row_6_3_and_ho_6_hosts(void **state)
{
    static const char *const hosts[] = { "example.com", ".example.org", "[::1]", NULL };
    static const struct { const char *host; unsigned status; } cases[] = {
        { "example.com", 200 }, { "EXAMPLE.com:80", 200 }, { "example.org", 200 },
        { "a.b.example.org", 200 }, { "[::1]:8000", 200 }, { "evilexample.org", 400 },
        { "example.com.evil", 400 }, { "other", 400 },
    };
    mw *fx = *state;
    fx->config.allowed_hosts = hosts;
    add_routes(fx);
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        chirp_answer *got = mw_send(fx, "GET", "/", MW_HEADERS("Host", cases[i].host), "");
        if (!CHIRP_CHECK_STATUS(got, cases[i].status))
            fail_msg("%s", cases[i].host);
        if (got->status == 400)
            assert_true(CHIRP_CHECK_BODY(got, "Invalid HTTP_HOST header"));
    }
}

static void
row_6_3_debug_tells_the_host(void **state)
{
    static const char *const hosts[] = { "example.com", NULL };
    mw *fx = *state;
    fx->config.allowed_hosts = hosts;
    fx->config.debug = true;
    add_routes(fx);
    chirp_answer *got = mw_send(fx, "GET", "/", MW_HEADERS("Host", "other"), "");
    assert_true(CHIRP_CHECK_BODY(got, "Invalid HTTP_HOST header: 'other' is not one of "
                                      "'example.com'"));
}

/* ---- CORS ------------------------------------------------------------------------------------ */

static const char *const origins[] = { "https://example.com", NULL };

static void
use_cors(mw *fx, const char *const *list, bool credentials)
{
    static const char *const headers[] = { "X-One", "X-Two", NULL };
    chirp_cors_options options;
    chirp_cors_options_init(&options);
    options.allow_origins = list;
    options.allow_credentials = credentials;
    options.allow_headers = headers;
    options.expose_headers = headers;
    assert_int_equal(chirp_use_cors(mw_app(fx), &options, &fx->err), KIDA_OK);
    add_routes(fx);
}

static void
cr_1_origins_are_compared_exactly(void **state)
{
    static const char *const others[] = {
        "https://example.com.evil", "https://evilexample.com", "http://example.com", "null",
        "https://example.com:8443", "HTTPS://EXAMPLE.COM", "https://example.com/", "",
    };
    mw *fx = *state;
    use_cors(fx, origins, true);
    for (size_t i = 0; i < T_COUNT(others); i++) {
        chirp_answer *got = mw_send(fx, "GET", "/text", MW_HEADERS("Origin", others[i]), "");
        assert_true(CHIRP_CHECK_STATUS(got, 200));
        assert_true(CHIRP_CHECK_HEADER(got, "access-control-allow-origin", NULL));
        assert_true(CHIRP_CHECK_HEADER(got, "access-control-allow-credentials", NULL));
        assert_true(CHIRP_CHECK_HEADER(got, "vary", "HX-Request, Origin"));
    }
    assert_true(CHIRP_CHECK_HEADER(mw_get(fx, "/text"), "vary", "HX-Request, Origin"));
}

static void
row_6_4_an_allowed_origin(void **state)
{
    mw *fx = *state;
    use_cors(fx, origins, true);
    const char *const *headers = MW_HEADERS("Origin", "https://example.com");
    chirp_answer *got = mw_send(fx, "GET", "/text", headers, "");
    assert_true(CHIRP_CHECK_HEADER(got, "access-control-allow-origin", "https://example.com"));
    assert_true(CHIRP_CHECK_HEADER(got, "access-control-allow-credentials", "true"));
    assert_true(CHIRP_CHECK_HEADER(got, "access-control-expose-headers", "X-One, X-Two"));
    assert_true(CHIRP_CHECK_HEADER(got, "vary", "HX-Request, Origin"));
    assert_int_equal(mw_header_count(fx, "vary"), 1);
    got = mw_send(fx, "GET", "/nothing", MW_HEADERS("Origin", "https://example.com"), "");
    assert_true(CHIRP_CHECK_STATUS(got, 404));
    assert_true(CHIRP_CHECK_HEADER(got, "access-control-allow-origin", "https://example.com"));
}

static void
cr_2_every_origin_with_credentials_is_refused(void **state)
{
    static const char *const any[] = { "*", NULL };
    mw *fx = *state;
    chirp_cors_options options;
    chirp_cors_options_init(&options);
    options.allow_origins = any;
    options.allow_credentials = true;
    assert_int_equal(chirp_use_cors(mw_app(fx), &options, NULL), KIDA_E_USAGE);
    assert_int_equal(chirp_app_freeze(mw_app(fx), &fx->err), KIDA_E_USAGE);
}

static void
row_6_4_every_origin(void **state)
{
    static const char *const any[] = { "*", NULL };
    mw *fx = *state;
    use_cors(fx, any, false);
    chirp_answer *got = mw_send(fx, "GET", "/text", MW_HEADERS("Origin", "null"), "");
    assert_true(CHIRP_CHECK_HEADER(got, "access-control-allow-origin", "*"));
    assert_true(CHIRP_CHECK_HEADER(got, "vary", "HX-Request"));
}

static void
cr_3_preflight(void **state)
{
    mw *fx = *state;
    use_cors(fx, origins, false);
    chirp_answer *got = mw_send(fx, "OPTIONS", "/text",
                                MW_HEADERS("Origin", "https://example.com",
                                           "Access-Control-Request-Method", "GET"), "");
    assert_true(CHIRP_CHECK_STATUS(got, 204));
    assert_true(CHIRP_CHECK_HEADER(got, "access-control-allow-origin", "https://example.com"));
    assert_true(CHIRP_CHECK_HEADER(got, "access-control-allow-methods", "GET, HEAD, OPTIONS"));
    assert_true(CHIRP_CHECK_HEADER(got, "access-control-allow-headers", "X-One, X-Two"));
    assert_true(CHIRP_CHECK_HEADER(got, "access-control-max-age", "600"));
    assert_true(CHIRP_CHECK_HEADER(got, "vary", "Origin, Access-Control-Request-Method, "
                                                "Access-Control-Request-Headers"));
    assert_true(CHIRP_CHECK_HEADER(got, "content-length", NULL));
    got = mw_send(fx, "OPTIONS", "/anything", MW_HEADERS("Origin", "https://example.com"), "");
    assert_true(CHIRP_CHECK_STATUS(got, 204));
    assert_true(CHIRP_CHECK_HEADER(got, "access-control-allow-methods", NULL));
    got = mw_send(fx, "OPTIONS", "/text", MW_HEADERS("Origin", "https://evil.com"), "");
    assert_true(CHIRP_CHECK_HEADER(got, "allow", "GET, HEAD, OPTIONS"));
    assert_true(CHIRP_CHECK_HEADER(got, "access-control-allow-methods", NULL));
}

/* ---- headers and nonces ---------------------------------------------------------------------- */

static void
sh_1_security_headers(void **state)
{
    mw *fx = *state;
    chirp_security_options options;
    chirp_security_options_init(&options);
    assert_int_equal(chirp_use_security_headers(mw_app(fx), &options, NULL), KIDA_OK);
    add_routes(fx);
    for (size_t i = 0; i < 2; i++) {
        chirp_answer *got = mw_get(fx, i == 0 ? "/" : "/nothing");
        assert_true(CHIRP_CHECK_HEADER(got, "x-frame-options", "DENY"));
        assert_true(CHIRP_CHECK_HEADER(got, "x-content-type-options", "nosniff"));
        assert_true(CHIRP_CHECK_HEADER(got, "referrer-policy", "strict-origin-when-cross-origin"));
        assert_non_null(strstr(mw_header(fx, "content-security-policy"), "object-src 'none'"));
        assert_true(CHIRP_CHECK_HEADER(got, "strict-transport-security", NULL));
    }
    chirp_answer *got = mw_get(fx, "/text");
    assert_true(CHIRP_CHECK_HEADER(got, "x-content-type-options", "nosniff"));
    assert_true(CHIRP_CHECK_HEADER(got, "x-frame-options", NULL));
}

static chirp_reply *
framed(chirp_request *req, void *user)
{
    (void)user;
    chirp_reply *reply = chirp_reply_html(req, KIDA_S("x"));
    chirp_reply_set_header(reply, "Content-Security-Policy", "default-src 'none'");
    return chirp_reply_set_header(reply, "X-Frame-Options", "SAMEORIGIN");
}

static void
row_6_11_fields_of_the_handler_stay(void **state)
{
    mw *fx = *state;
    chirp_security_options options;
    chirp_security_options_init(&options);
    chirp_use_security_headers(mw_app(fx), &options, NULL);
    chirp_route(mw_app(fx), "GET", "/", framed, NULL);
    chirp_answer *got = mw_get(fx, "/");
    assert_true(CHIRP_CHECK_HEADER(got, "x-frame-options", "SAMEORIGIN"));
    assert_int_equal(mw_header_count(fx, "content-security-policy"), 1);
}

static void
sh_2_hsts_only_over_tls(void **state)
{
    static const char *const proxies[] = { "127.0.0.1", NULL };
    mw *fx = *state;
    fx->config.env = "production";
    fx->config.trusted_proxies = proxies;
    add_routes(fx);
    chirp_answer *got = mw_get(fx, "/");
    assert_true(CHIRP_CHECK_HEADER(got, "x-frame-options", "DENY"));
    assert_true(CHIRP_CHECK_HEADER(got, "strict-transport-security", NULL));
    got = mw_send(fx, "GET", "/", MW_HEADERS("X-Forwarded-Proto", "https"), "");
    assert_true(CHIRP_CHECK_HEADER(got, "strict-transport-security",
                                   "max-age=63072000; includeSubDomains"));
}

static chirp_reply *
shows_nonce(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_template(req, "nonce.html", kida_none());
}

static void
row_6_12_the_nonce_is_fresh_and_the_same_in_header_and_page(void **state)
{
    mw *fx = *state;
    fx->config.csp_nonce_enabled = true;
    char folder[64];
    mw_folder(folder);
    mw_write(folder, "nonce.html", "{{ csp_nonce() }}", 17);
    fx->config.template_dir = folder;
    chirp_route(mw_app(fx), "GET", "/", shows_nonce, NULL);
    chirp_route(mw_app(fx), "GET", "/text", text, NULL);
    char first[64];
    chirp_answer *got = mw_get(fx, "/");
    assert_int_equal(got->body.len, 30);
    snprintf(first, sizeof(first), "'nonce-%.*s'", (int)got->body.len, got->body.ptr);
    assert_non_null(strstr(mw_header(fx, "content-security-policy"), first));
    assert_non_null(strstr(mw_header(fx, "content-security-policy"), "default-src 'self'; base"));
    assert_int_equal(mw_header_count(fx, "content-security-policy"), 1);
    mw_get(fx, "/");
    assert_null(strstr(mw_header(fx, "content-security-policy"), first));
    got = mw_send(fx, "GET", "/", MW_HEADERS("HX-Request", "true"), "");
    assert_int_equal(got->body.len, 30);
    mw_get(fx, "/text");
    assert_non_null(strstr(mw_header(fx, "content-security-policy"), "'nonce-"));
    mw_close(fx);
    char name[100];
    snprintf(name, sizeof(name), "%s/nonce.html", folder);
    unlink(name);
    rmdir(folder);
}

/* ---- proxies --------------------------------------------------------------------------------- */

static void
check_who(mw *fx, const char *const *headers, const char *want)
{
    chirp_answer *got = mw_send(fx, "GET", "/who", headers, "");
    if (!CHIRP_CHECK_BODY(got, want))
        fail_msg("want %s", want);
}

static void
px_1_fields_of_strangers_are_removed(void **state)
{
    static const char *const proxies[] = { "10.0.0.0/8", NULL };
    mw *fx = *state;
    fx->config.trusted_proxies = proxies;
    add_routes(fx);
    check_who(fx, MW_HEADERS("X-Forwarded-For", "9.9.9.9", "X-Forwarded-Proto", "https",
                             "X-Forwarded-Host", "evil", "X-Real-IP", "9.9.9.9", "Forwarded",
                             "for=9.9.9.9"), "127.0.0.1 http testserver unseen");
    mw_send(fx, "GET", "/who", MW_HEADERS("X-Request-ID", "mine"), "");
    assert_string_not_equal(mw_header(fx, "x-request-id"), "mine");
    assert_int_equal(chirp_answer_header(&fx->answer, "x-request-id").len, 32);
}

static void
px_2_the_nth_address_from_the_right(void **state)
{
    static const char *const proxies[] = { "127.0.0.0/8", NULL };
    mw *fx = *state;
    fx->config.trusted_proxies = proxies;
    fx->config.forwarded_hops = 2;
    add_routes(fx);
    check_who(fx, MW_HEADERS("X-Forwarded-For", "6.6.6.6, 1.2.3.4, 10.0.0.1"),
              "1.2.3.4 http testserver seen");
    check_who(fx, MW_HEADERS("X-Forwarded-For", "1.2.3.4", "X-Forwarded-For", "10.0.0.1:443"),
              "1.2.3.4 http testserver seen");
    check_who(fx, MW_HEADERS("X-Forwarded-For", "1.2.3.4, junk, 10.0.0.1"),
              "10.0.0.1 http testserver seen");
    check_who(fx, MW_HEADERS("X-Forwarded-For", "junk"), "127.0.0.1 http testserver seen");
    check_who(fx, MW_HEADERS("X-Forwarded-For", "[2001:db8::1]:80, ::1"),
              "2001:db8::1 http testserver seen");
    check_who(fx, MW_HEADERS("X-Forwarded-For", "1.1.1.1", "X-Forwarded-Proto", "https",
                             "X-Forwarded-Host", "Shop.Example:8443"),
              "1.1.1.1 https shop.example seen");
    check_who(fx, MW_HEADERS("X-Forwarded-Host", "a/b", "X-Forwarded-Proto", "ftp"),
              "127.0.0.1 http testserver unseen");
    mw_send(fx, "GET", "/who", MW_HEADERS("X-Request-ID", "from-edge_1.2"), "");
    assert_string_equal(mw_header(fx, "x-request-id"), "from-edge_1.2");
    mw_send(fx, "GET", "/who", MW_HEADERS("X-Request-ID", "bad id"), "");
    assert_int_equal(chirp_answer_header(&fx->answer, "x-request-id").len, 32);
}

static void
row_17_8_forwarded(void **state)
{
    static const char *const proxies[] = { "*", NULL };
    mw *fx = *state;
    fx->config.trusted_proxies = proxies;
    fx->config.forwarded_header = "forwarded";
    add_routes(fx);
    check_who(fx, MW_HEADERS("Forwarded", "for=6.6.6.6, For=\"[2001:db8::2]:4711\";Proto=https;"
                                          "host=shop.example"),
              "2001:db8::2 https shop.example unseen");
    check_who(fx, MW_HEADERS("Forwarded", "for=_hidden", "X-Forwarded-For", "6.6.6.6"),
              "127.0.0.1 http testserver seen");
}

static void
px_2_networks(void **state)
{
    static const struct { const char *text; bool ok; } cases[] = {
        { "10.0.0.0/8", true }, { "10.0.0.0/33", false }, { "::/0", true }, { "::1/128", true },
        { "::1/129", false }, { "10.0.0.0/", false }, { "10.0.0.0/-1", false }, { "x", false },
        { "", false }, { "1.2.3", false },
    };
    (void)state;
    ch_network network;
    for (size_t i = 0; i < T_COUNT(cases); i++)
        if (ch_network_parse(kida_str_from(cases[i].text), &network) != cases[i].ok)
            fail_msg("%s", cases[i].text);
}

static void
px_1_a_bad_entry_fails_the_freeze(void **state)
{
    static const char *const proxies[] = { "10.0.0.0/8", "nginx", NULL };
    mw *fx = *state;
    fx->config.trusted_proxies = proxies;
    assert_int_equal(chirp_app_freeze(mw_app(fx), &fx->err), KIDA_E_USAGE);
    assert_non_null(strstr(fx->err.message, "nginx"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        mw_test(row_6_3_and_ho_6_hosts),
        mw_test(row_6_3_debug_tells_the_host),
        mw_test(cr_1_origins_are_compared_exactly),
        mw_test(row_6_4_an_allowed_origin),
        mw_test(cr_2_every_origin_with_credentials_is_refused),
        mw_test(row_6_4_every_origin),
        mw_test(cr_3_preflight),
        mw_test(sh_1_security_headers),
        mw_test(row_6_11_fields_of_the_handler_stay),
        mw_test(sh_2_hsts_only_over_tls),
        mw_test(row_6_12_the_nonce_is_fresh_and_the_same_in_header_and_page),
        mw_test(px_1_fields_of_strangers_are_removed),
        mw_test(px_2_the_nth_address_from_the_right),
        mw_test(row_17_8_forwarded),
        mw_test(px_2_networks),
        mw_test(px_1_a_bad_entry_fails_the_freeze),
    };
    return cmocka_run_group_tests_name("middleware/security", tests, NULL, NULL);
}
