/* SPDX-License-Identifier: MIT */
/* test_page_scripts.c - what the config has put into pages: view transitions and speculation rules
 * (5.6), the order of the scripts (6.2, 6.6), their nonces (6.12). */
#define _GNU_SOURCE
#include "mw.h"

#include <sodium.h>

static chirp_reply *
page(chirp_request *req, void *user)
{
    return chirp_reply_html(req, kida_str_from(user ? user : "<head></head><body></body>"));
}

static void
route(mw *fx, const char *methods, const char *path)
{
    assert_int_equal(chirp_route(mw_app(fx), methods, path, page, NULL), KIDA_OK);
}

/* Position of a part in the body; fails if it is missing. */
static size_t
place(const mw *fx, const char *part)
{
    kida_str body = fx->answer.body;
    const char *at = memmem(body.ptr, body.len, part, strlen(part));
    if (!at)
        fail_msg("no [%s] in [%.*s]", part, (int)body.len, body.ptr);
    return (size_t)(at - body.ptr);
}

static bool
holds(const mw *fx, const char *part)
{
    return memmem(fx->answer.body.ptr, fx->answer.body.len, part, strlen(part)) != NULL;
}

/* ---- view transitions ----------------------------------------------------------------------- */

static void
row_5_6_view_transitions(void **state)
{
    mw *fx = *state;
    route(fx, "GET", "/");
    mw_get(fx, "/");
    assert_false(holds(fx, "view-transition"));

    mw_close(fx);
    fx->config.view_transitions = "htmx";
    route(fx, "GET", "/");
    mw_get(fx, "/");
    size_t script = place(fx, "<script data-chirp=\"view-transitions\">");
    assert_true(script > place(fx, "<body>"));
    place(fx, "window.__chirpViewTransitions");
    place(fx, "htmx.config.globalViewTransitions=true");
    assert_false(holds(fx, "<meta"));

    mw_close(fx);
    fx->config.view_transitions = "full";
    route(fx, "GET", "/");
    mw_get(fx, "/");
    place(fx, "<script data-chirp=\"view-transitions\">");
    place(fx, "<meta name=\"view-transition\" content=\"same-origin\">"
              "<style data-chirp=\"view-transitions\">@view-transition { navigation: auto; }");
    place(fx, "::view-transition-old(root) { animation: 0.15s ease-out both chirp-vt-out; }");
    place(fx, "::view-transition-new(root) { animation: 0.2s ease-in both chirp-vt-in; }"
              "</style></head>");
}

static void
row_5_6_other_words_are_refused(void **state)
{
    mw *fx = *state;
    fx->config.view_transitions = "some";
    assert_null(chirp_app_new(&fx->config, &fx->err));
    assert_non_null(strstr(fx->err.message, "view_transitions must be one of: off htmx full"));
    fx->config.view_transitions = "off";
    fx->config.speculation_rules = "";
    assert_null(chirp_app_new(&fx->config, &fx->err));
    assert_non_null(strstr(fx->err.message, "speculation_rules must be one of: off conser"));
}

/* Fragments, failures and what is no HTML stay as they are; a page without a head too. */
static void
row_5_6_pages_only(void **state)
{
    mw *fx = *state;
    fx->config.view_transitions = "full";
    route(fx, "GET", "/");
    chirp_route(mw_app(fx), "GET", "/part", page, (void *)(uintptr_t) "<p>a</p>");
    assert_true(CHIRP_CHECK_BODY(mw_get(fx, "/part"), "<p>a</p>"));
    mw_send(fx, "GET", "/", MW_HEADERS("HX-Request", "true"), "");
    assert_false(holds(fx, "view-transition"));
    mw_get(fx, "/nowhere");
    assert_false(holds(fx, "view-transition"));
}

/* Holds: the policies let the style pass by its hash, which is that of the style. */
static void
row_6_12_policies_let_the_style_pass(void **state)
{
    mw *fx = *state;
    fx->config.view_transitions = "full";
    fx->config.csp_nonce_enabled = true;
    route(fx, "GET", "/");
    mw_get(fx, "/");
    size_t start = place(fx, "<style data-chirp=\"view-transitions\">");
    start += strlen("<style data-chirp=\"view-transitions\">");
    size_t end = place(fx, "</style>");
    unsigned char hash[crypto_hash_sha256_BYTES];
    char text[64], want[128];
    crypto_hash_sha256(hash, (const unsigned char *)fx->answer.body.ptr + start, end - start);
    sodium_bin2base64(text, sizeof(text), hash, sizeof(hash), sodium_base64_VARIANT_ORIGINAL);
    snprintf(want, sizeof(want), "; style-src 'self' 'sha256-%s'", text);
    assert_non_null(strstr(mw_header(fx, "content-security-policy"), want));

    mw_close(fx);
    fx->config.csp_nonce_enabled = false;
    fx->config.env = "production";
    route(fx, "GET", "/");
    mw_get(fx, "/");
    assert_non_null(strstr(mw_header(fx, "content-security-policy"), want));
}

/* ---- speculation rules ---------------------------------------------------------------------- */


static void
row_5_6_speculation_rules(void **state)
{
    static const struct { const char *mode, *json; } cases[] = {
        { "conservative",
          "{\"prefetch\":[{\"source\":\"list\",\"urls\":[\"/\",\"/about\"],"
          "\"eagerness\":\"moderate\"},{\"source\":\"document\",\"where\":{\"or\":["
          "{\"href_matches\":\"/u/*\"}]},\"eagerness\":\"conservative\"}]}" },
        { "moderate",
          "{\"prefetch\":[{\"source\":\"list\",\"urls\":[\"/\",\"/about\"],"
          "\"eagerness\":\"eager\"},{\"source\":\"document\",\"where\":{\"or\":["
          "{\"href_matches\":\"/u/*\"}]},\"eagerness\":\"moderate\"}],"
          "\"prerender\":[{\"source\":\"list\",\"urls\":[\"/\",\"/about\"],"
          "\"eagerness\":\"moderate\"}]}" },
        { "eager",
          "{\"prerender\":[{\"source\":\"list\",\"urls\":[\"/\",\"/about\"],"
          "\"eagerness\":\"eager\"},{\"source\":\"document\",\"where\":{\"or\":["
          "{\"href_matches\":\"/u/*\"}]},\"eagerness\":\"moderate\"}]}" },
    };
    mw *fx = *state;
    fx->config.safe_target = fx->config.sse_lifecycle = false;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        char want[1024];
        mw_close(fx);
        fx->config.speculation_rules = cases[i].mode;
        route(fx, "GET", "/u/{id:int}");
        route(fx, "GET|POST", "/about/");
        route(fx, "GET", "/");
        route(fx, "POST", "/only-post");
        route(fx, "PUT", "/u/{id:int}");
        const chirp_route_def left_out = { .methods = "GET", .path = "/kept", .handler = page,
                                           .is_referenced = true };
        assert_int_equal(chirp_route_add(mw_app(fx), &left_out, &fx->err), KIDA_OK);
        snprintf(want, sizeof(want),
                 "<head><script type=\"speculationrules\" data-chirp=\"speculation-rules\">%s"
                 "</script></head><body></body>", cases[i].json);
        assert_true(CHIRP_CHECK_BODY(mw_get(fx, "/"), want));
    }
}

/* Holds: 5.6: no path can end the script, or mean something in a pattern. */
static void
row_5_6_speculation_rules_are_escaped(void **state)
{
    mw *fx = *state;
    fx->config.speculation_rules = "eager";
    route(fx, "GET", "/a<b&c");
    route(fx, "GET", "/x(y)&/{rest:path}");
    route(fx, "GET", "/z");
    mw_get(fx, "/z");
    place(fx, "\"/a%3Cb"); /* in URLs by percent signs */
    place(fx, "{\"href_matches\":\"/x\\\\(y\\\\)\\u0026/*\"}");
}

static void
row_5_6_no_routes_no_rules(void **state)
{
    mw *fx = *state;
    fx->config.speculation_rules = "moderate";
    route(fx, "POST", "/");
    mw_send(fx, "POST", "/", NULL, "");
    assert_false(holds(fx, "speculation"));

    mw_close(fx);
    route(fx, "GET", "/only/{one}");
    mw_get(fx, "/only/a");
    place(fx, "{\"prefetch\":[{\"source\":\"document\",\"where\":{\"or\":[{\"href_matches\":"
              "\"/only/*\"}]},\"eagerness\":\"moderate\"}]}");
}

/* ---- order and nonces ----------------------------------------------------------------------- */

/* Holds: 6.2: the innermost layer comes first in each place; 6.12: every script has the nonce. */
static void
row_6_2_order_of_the_scripts(void **state)
{
    static const char *const order[] = {
        "type=\"speculationrules\"", "<meta name=\"view-transition\"", "</head>",
        "data-chirp=\"view-transitions\">(function", "data-chirp=\"sse-lifecycle\"",
        "data-chirp=\"safe-target\"", "</body>",
    };
    mw *fx = *state;
    fx->config.view_transitions = "full";
    fx->config.speculation_rules = "moderate";
    fx->config.csp_nonce_enabled = true;
    route(fx, "GET", "/");
    mw_get(fx, "/");
    for (size_t i = 1; i < T_COUNT(order); i++)
        assert_true(place(fx, order[i - 1]) < place(fx, order[i]));

    const char *nonce = strstr(mw_header(fx, "content-security-policy"), "nonce-");
    char want[64];
    assert_non_null(nonce);
    snprintf(want, sizeof(want), "<script nonce=\"%.30s\"", nonce + 6);
    kida_str body = fx->answer.body;
    size_t scripts = 0, with_nonce = 0;
    for (size_t i = 0; i < body.len; i++) {
        scripts += body.len - i > 7 && memcmp(body.ptr + i, "<script", 7) == 0;
        with_nonce += body.len - i > strlen(want) && memcmp(body.ptr + i, want, strlen(want)) == 0;
    }
    assert_int_equal(scripts, 4);
    assert_int_equal(with_nonce, 4);
}

/* Holds: 6.6: each script sees to it that it runs once. */
static void
row_6_6_scripts_run_once(void **state)
{
    mw *fx = *state;
    fx->config.view_transitions = "htmx";
    route(fx, "GET", "/");
    mw_get(fx, "/");
    place(fx, "if(window.__chirpSafeTarget)return;window.__chirpSafeTarget=true;");
    place(fx, "if(window.__chirpSseLifecycle)return;window.__chirpSseLifecycle=true;");
    place(fx, "if(window.__chirpViewTransitions)return;window.__chirpViewTransitions=true;");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        mw_test(row_5_6_view_transitions),
        mw_test(row_5_6_other_words_are_refused),
        mw_test(row_5_6_pages_only),
        mw_test(row_6_12_policies_let_the_style_pass),
        mw_test(row_5_6_speculation_rules),
        mw_test(row_5_6_speculation_rules_are_escaped),
        mw_test(row_5_6_no_routes_no_rules),
        mw_test(row_6_2_order_of_the_scripts),
        mw_test(row_6_6_scripts_run_once),
    };
    return cmocka_run_group_tests_name("middleware/page_scripts", tests, NULL, NULL);
}
