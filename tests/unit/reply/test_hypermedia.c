/* SPDX-License-Identifier: MIT */
/* test_hypermedia.c - chirp.md 5.1 to 5.5, 5.7, robustness HX-1, HX-3 to HX-5, SH-6: swaps, plans,
 * headers for htmx, entity tags, files. */
#define _GNU_SOURCE
#include "app.h"

#include <stdlib.h>
#include <unistd.h>

static const chirp_layout layouts[] = { { "root.html", "body" }, { "inner.html", "items" } };

static chirp_reply *
composed(chirp_request *req, void *user)
{
    chirp_page what = { .name = "page.html", .layouts = layouts, .layout_count = 2,
                        .context = kida_none() };
    if (user)
        what.block = user;
    return chirp_reply_compose(req, &what);
}

static chirp_reply *
page(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_page(req, "page.html", "page_content", kida_none());
}

static chirp_reply *
with_swaps(chirp_request *req, void *user)
{
    (void)user;
    const chirp_fragment fragments[] = {
        { "page.html", "count", kida_none(), NULL, NULL },
        { "page.html", "note_oob", kida_none(), NULL, NULL },
        { "page.html", "count", kida_none(), "a\"<b", "beforeend:#x" },
        { "page.html", "own_oob", kida_none(), NULL, NULL },
    };
    chirp_reply *first = chirp_reply_fragment(req, "page.html", "page_content", kida_none());
    chirp_reply_set_status(chirp_reply_vary(first, "Cookie"), 201);
    return chirp_reply_oob(req, first, fragments, T_COUNT(fragments));
}

static chirp_reply *
broken_swap(chirp_request *req, void *user)
{
    (void)user;
    const chirp_fragment fragment = { "page.html", "broken", kida_none(), NULL, NULL };
    chirp_reply *first = chirp_reply_fragment(req, "page.html", "page_content", kida_none());
    return chirp_reply_oob(req, first, &fragment, 1);
}

/* The texts of a block, of a whole template and of a failure, in one answer. */
static chirp_reply *
as_text(chirp_request *req, void *user)
{
    (void)user;
    kida_error err;
    kida_str block = KIDA_S(""), whole = KIDA_S(""), none = KIDA_S("untouched");
    assert_int_equal(chirp_render(req, "page.html", "count", kida_none(), &block, &err), KIDA_OK);
    assert_int_equal(chirp_render(req, "inner.html", NULL, kida_none(), &whole, &err), KIDA_OK);
    assert_int_not_equal(chirp_render(req, "page.html", "broken", kida_none(), &none, &err),
                         KIDA_OK);
    assert_int_not_equal(err.status, KIDA_OK);
    return chirp_reply_textf(req, "%.*s %.*s %.*s", (int)block.len, block.ptr, (int)whole.len,
                             whole.ptr, (int)none.len, none.ptr);
}

static chirp_reply *
mutate(chirp_request *req, void *user)
{
    const chirp_fragment fragments[] = {
        { "page.html", "page_content", kida_none(), NULL, NULL },
        { "page.html", "count", kida_none(), NULL, NULL },
    };
    return chirp_reply_mutation(req, "/items", "itemAdded", fragments, user ? 0 : 2);
}

static chirp_reply *
act(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_action(req, "saved", true);
}

static chirp_reply *
events(chirp_request *req, void *user)
{
    (void)user;
    chirp_reply *reply = chirp_reply_html(req, KIDA_S("x"));
    chirp_reply_hx_trigger(reply, CHIRP_HX_NOW, "one", kida_none());
    chirp_reply_hx_trigger(reply, CHIRP_HX_NOW, "two", kida_int(1));
    chirp_reply_hx_trigger(reply, CHIRP_HX_NOW, "\xc3\xa9\"", kida_string(KIDA_S("\xe2\x82\xac")));
    chirp_reply_hx_trigger(reply, CHIRP_HX_AFTER_SWAP, "late", kida_none());
    chirp_hx_location location = { .path = "/x?a=1", .target = "#main" };
    if (kida_context(chirp_pool(req), &location.values, "id", kida_int(5), NULL) != KIDA_OK ||
        kida_context(chirp_pool(req), &location.headers, "X-A", kida_bool(true), NULL) != KIDA_OK)
        return NULL;
    chirp_reply_hx_location(reply, &location);
    chirp_reply_hx_push_url(reply, "/y");
    chirp_reply_hx_replace_url(reply, "false");
    chirp_reply_hx_reswap(reply, "outerHTML");
    chirp_reply_hx_reselect(reply, "#a");
    return chirp_reply_hx_stop_polling(chirp_reply_hx_refresh(reply));
}

static chirp_reply *
huge_event(chirp_request *req, void *user)
{
    (void)user;
    char *text = chirp_alloc(req, 5000);
    memset(text, 'x', 5000);
    return chirp_reply_hx_trigger(chirp_reply_html(req, KIDA_S("x")), CHIRP_HX_NOW, "e",
                                  kida_string((kida_str){ text, 5000 }));
}

static chirp_reply *
off_site(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_hx_redirect(chirp_reply_html(req, KIDA_S("x")), "//evil");
}

static chirp_reply *
go(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_redirect_local(req, chirp_query(req, "to"));
}

static chirp_reply *
fresh(chirp_request *req, void *user)
{
    return chirp_reply_fresh(composed(req, user));
}

static chirp_reply *
file(chirp_request *req, void *user)
{
    return chirp_reply_file(req, user, "text/plain; charset=utf-8");
}

static char path[64];

static int
setup(void **state)
{
    static t_app fx;
    t_app_init(&fx);
    t_app_open(&fx);
    t_app_template(&fx, "page.html",
                   "{% block page_root %}[root {% block page_content %}content{% end %}]{% end %}"
                   "{% block count %}<b>3</b>{% end %}{% block note_oob %}note{% end %}"
                   "{% block own_oob %}<i hx-swap-oob=\"true\" id=\"own\"></i>{% end %}"
                   "{% block broken %}<p>{{ 1 // 0 }}</p>{% end %}");
    t_app_template(&fx, "root.html", "<root>{% block content %}{% end %}</root>"
                                     "{% block bar_oob %}<bar/>{{ page ?? '' }}{% end %}"
                                     "{% block title_oob %}{{ page_title ?? '' }}{% end %}");
    t_app_template(&fx, "inner.html", "<inner>{% block content %}{% end %}</inner>");
    const chirp_region own = { .block = "own_oob", .bare = true };
    const chirp_region bar = { .block = "bar_oob", .target = "the-bar", .swap = "innerHTML" };
    const chirp_fragment_target list = { .id = "list", .block = "count", .updates_shell = true };
    chirp_add_region(fx.app, &own);
    chirp_add_region(fx.app, &bar);
    chirp_add_fragment_target(fx.app, &list);
    chirp_route(fx.app, "GET", "/composed", composed, NULL);
    chirp_route(fx.app, "GET", "/named", composed, (void *)(uintptr_t) "page_content");
    chirp_route(fx.app, "GET", "/page", page, NULL);
    chirp_route(fx.app, "GET", "/swaps", with_swaps, NULL);
    chirp_route(fx.app, "GET", "/broken", broken_swap, NULL);
    chirp_route(fx.app, "GET", "/text", as_text, NULL);
    chirp_route(fx.app, "POST", "/items", mutate, NULL);
    chirp_route(fx.app, "POST", "/plain", mutate, (void *)(uintptr_t) "none");
    chirp_route(fx.app, "POST", "/act", act, NULL);
    chirp_route(fx.app, "GET", "/events", events, NULL);
    chirp_route(fx.app, "GET", "/huge", huge_event, NULL);
    chirp_route(fx.app, "GET", "/off-site", off_site, NULL);
    chirp_route(fx.app, "GET", "/go", go, NULL);
    chirp_route(fx.app, "GET", "/fresh", fresh, (void *)(uintptr_t) "page_content");
    chirp_route(fx.app, "GET", "/file", file, path);
    chirp_route(fx.app, "GET", "/folder", file, (void *)(uintptr_t) "/tmp");
    chirp_route(fx.app, "GET", "/nowhere", file, (void *)(uintptr_t) "/tmp/no/such/file");
    *state = &fx;
    return 0;
}

static int
teardown(void **state)
{
    t_app_close(*state);
    return 0;
}

#define HX "HX-Request", "true"
#define BOOSTED "HX-Boosted", "true"
#define ACTIONS "\n<div id=\"chirp-shell-actions\" hx-swap-oob=\"innerHTML\"></div>"
#define BAR "\n<div id=\"the-bar\" hx-swap-oob=\"innerHTML\"><bar/></div>"

/* Holds: 5.5: which part of a page each kind of request gets, as in its table of examples. */
static void
row_5_5_render_plan(void **state)
{
    static const struct {
        const char *label, *target;
        const char *headers[9];
        const char *body, *intent;
    } cases[] = {
        { "browser", "/named", { NULL }, "<root><inner>content</inner></root>", "full_page" },
        { "browser, no blocks named", "/composed", { NULL },
          "<root><inner>[root content]</inner></root>", "full_page" },
        { "htmx", "/named", { HX, NULL }, "content", "fragment" },
        { "htmx with target", "/named", { HX, "HX-Target", "items", NULL }, "content",
          "fragment" },
        { "boosted into a layout", "/named", { HX, BOOSTED, "HX-Target", "#items", NULL },
          "<inner>content</inner>" ACTIONS BAR, "fragment" },
        { "boosted into no layout", "/named", { HX, BOOSTED, "HX-Target", "main", NULL },
          "content" ACTIONS BAR, "fragment" },
        { "boosted without target", "/named", { HX, BOOSTED, NULL },
          "<root><inner>content</inner></root><bar/>" ACTIONS BAR, "fragment" },
        { "history", "/named",
          { HX, BOOSTED, "HX-History-Restore-Request", "true", NULL },
          "<root><inner>content</inner></root>", "full_page" },
        { "registered target", "/composed", { HX, "HX-Target", "list", NULL },
          "<b>3</b>" ACTIONS BAR, "fragment" },
        { "registered partial", "/composed", { HX, "HX-Partial", "list", NULL }, "<b>3</b>",
          "fragment" },
        { "simple page, boosted", "/page", { HX, BOOSTED, "HX-Target", "main", NULL },
          "content" ACTIONS, "fragment" },
        { "simple page, htmx", "/page", { HX, NULL }, "content", "fragment" },
    };
    t_app *fx = *state;
    chirp_answer answer;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        assert_int_equal(chirp_test_request(t_client(fx), "GET", cases[i].target,
                                            cases[i].headers, KIDA_S(""), &answer),
                         KIDA_OK);
        kida_str intent = chirp_answer_header(&answer, "x-chirp-render-intent");
        if (!kida_str_equal(answer.body, kida_str_from(cases[i].body)) ||
            !kida_str_equal(intent, kida_str_from(cases[i].intent)))
            fail_msg("%s: [%.*s], want [%s]", cases[i].label, (int)answer.body.len,
                     answer.body.ptr, cases[i].body);
        assert_true(CHIRP_CHECK_HEADER(&answer, "vary",
                                       "HX-Request, HX-Boosted, HX-History-Restore-Request"));
    }
}

/* Holds: 5.5: a block that is missing is an error, which in debug mode says which there are. */
static void
row_5_5_missing_blocks(void **state)
{
    (void)state;
    static t_app own;
    chirp_answer answer;
    t_app_init(&own);
    own.config.debug = true;
    own.config.skip_contract_checks = true;
    t_app_open(&own);
    t_app_template(&own, "page.html", "{% block one %}{% end %}{% block other %}{% end %}");
    chirp_route(own.app, "GET", "/named", composed, (void *)(uintptr_t) "missing");
    static const char *const htmx[] = { HX, NULL };
    assert_int_equal(chirp_test_request(t_client(&own), "GET", "/named", htmx, KIDA_S(""),
                                        &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 500));
    assert_true(CHIRP_CHECK_CONTAINS(&answer, "missing"));
    assert_true(CHIRP_CHECK_CONTAINS(&answer, "one, other"));
    t_app_close(&own);
}

/* Holds: 5.3, HX-5: how blocks are wrapped; target and swap are escaped; main's head stays. */
static void
row_5_3_out_of_band(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    assert_int_equal(chirp_test_get(t_client(fx), "/swaps", &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 201));
    assert_true(CHIRP_CHECK_HEADER(&answer, "vary", "Cookie"));
    T_BODY(&answer, "content\n<div id=\"count\" hx-swap-oob=\"true\"><b>3</b></div>"
                    "\n<div id=\"note\" hx-swap-oob=\"true\">note</div>"
                    "\n<div id=\"a&quot;&lt;b\" hx-swap-oob=\"beforeend:#x\"><b>3</b></div>"
                    "\n<i hx-swap-oob=\"true\" id=\"own\"></i>");
    assert_int_equal(chirp_test_get(t_client(fx), "/broken", &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 500));
    assert_false(t_holds(answer.body, "<p>"));
    assert_false(t_holds(answer.body, "content"));
}

/* Holds: templates as text, for what is no reply; a failure leaves the text alone. */
static void
templates_as_text(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    assert_int_equal(chirp_test_get(t_client(fx), "/text", &answer), KIDA_OK);
    T_BODY(&answer, "<b>3</b> <inner></inner> untouched");
}

/* Holds: 5.1, 5.7: a change as htmx and as a browser see it. */
static void
row_5_1_mutation_and_action(void **state)
{
    static const char *const hx[] = { HX, NULL };
    t_app *fx = *state;
    chirp_answer answer;
    assert_int_equal(chirp_test_request(t_client(fx), "POST", "/items", hx, KIDA_S(""), &answer),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 200));
    assert_true(CHIRP_CHECK_HEADER(&answer, "hx-trigger", "itemAdded"));
    T_BODY(&answer, "content\n<div id=\"count\" hx-swap-oob=\"true\"><b>3</b></div>");
    assert_int_equal(chirp_test_request(t_client(fx), "POST", "/items", NULL, KIDA_S(""), &answer),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 303));
    assert_true(CHIRP_CHECK_HEADER(&answer, "location", "/items"));
    assert_true(CHIRP_CHECK_HEADER(&answer, "hx-trigger", NULL));
    assert_int_equal(chirp_test_request(t_client(fx), "POST", "/plain", hx, KIDA_S(""), &answer),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 200));
    assert_true(CHIRP_CHECK_HEADER(&answer, "hx-redirect", "/items"));
    assert_int_equal(chirp_test_request(t_client(fx), "POST", "/act", hx, KIDA_S(""), &answer),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 204));
    assert_true(CHIRP_CHECK_HEADER(&answer, "hx-trigger", "saved"));
    assert_true(CHIRP_CHECK_HEADER(&answer, "hx-refresh", "true"));
}

/* Holds: 5.2, HX-3, HX-4: the headers for htmx; JSON in ASCII; off-site addresses are refused. */
static void
row_5_2_headers_for_htmx(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    assert_int_equal(chirp_test_get(t_client(fx), "/events", &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 286));
    assert_true(CHIRP_CHECK_HEADER(&answer, "hx-trigger",
                                   "{\"one\": true, \"two\": 1, \"\\u00e9\\\"\": \"\\u20ac\"}"));
    assert_true(CHIRP_CHECK_HEADER(&answer, "hx-trigger-after-swap", "late"));
    assert_true(CHIRP_CHECK_HEADER(&answer, "hx-location",
                                   "{\"path\": \"/x?a=1\", \"target\": \"#main\", "
                                   "\"values\": {\"id\":5}, \"headers\": {\"X-A\":true}}"));
    assert_true(CHIRP_CHECK_HEADER(&answer, "hx-push-url", "/y"));
    assert_true(CHIRP_CHECK_HEADER(&answer, "hx-replace-url", "false"));
    assert_true(CHIRP_CHECK_HEADER(&answer, "hx-reswap", "outerHTML"));
    assert_true(CHIRP_CHECK_HEADER(&answer, "hx-reselect", "#a"));
    assert_true(CHIRP_CHECK_HEADER(&answer, "hx-refresh", "true"));
    assert_int_equal(chirp_test_get(t_client(fx), "/huge", &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 500));
    assert_int_equal(chirp_test_get(t_client(fx), "/off-site", &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 500));
    assert_true(CHIRP_CHECK_HEADER(&answer, "hx-redirect", NULL));
}

/* Holds: SH-6: addresses from data stay on the site, however browsers read them. */
static void
sh_6_local_addresses(void **state)
{
    static const struct {
        const char *url;
        bool is_local;
    } cases[] = {
        { "/", true },           { "/a/b?c=d#e", true },     { "/a//b", true },
        { "/%41", true },        { "", false },              { "a", false },
        { "//evil", false },     { "/\\evil", false },       { "/\t/evil", false },
        { "/%09/evil", false },  { "/%2fevil", false },      { "/%5Cevil", false },
        { "https:evil", false }, { "https://evil", false },  { "javascript:alert(1)", false },
        { " /a", false },        { "\\\\evil", false },      { "/a\r\nX: y", false },
        { "/a\x7f", false },     { "/%", true },
    };
    t_app *fx = *state;
    chirp_answer answer;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        if (chirp_url_is_local(kida_str_from(cases[i].url)) != cases[i].is_local)
            fail_msg("%s", cases[i].url);
    }
    assert_int_equal(chirp_test_get(t_client(fx), "/go?to=/a", &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_HEADER(&answer, "location", "/a"));
    assert_int_equal(chirp_test_get(t_client(fx), "/go?to=//evil", &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 400));
    assert_int_equal(chirp_test_get(t_client(fx), "/go", &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 400));
}

/* Holds: entity tags of generated answers: the same body, the same tag, and 304 for who has it. */
static void
generated_answers_have_tags(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    char tag[64];
    assert_int_equal(chirp_test_get(t_client(fx), "/fresh", &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 200));
    kida_str value = chirp_answer_header(&answer, "etag");
    assert_int_equal(value.len, 36);
    snprintf(tag, sizeof(tag), "%.*s", (int)value.len, value.ptr);
    const char *headers[] = { "If-None-Match", tag, NULL, NULL, NULL };
    assert_int_equal(chirp_test_request(t_client(fx), "GET", "/fresh", headers, KIDA_S(""),
                                        &answer),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 304));
    assert_true(CHIRP_CHECK_HEADER(&answer, "etag", tag));
    assert_true(CHIRP_CHECK_HEADER(&answer, "vary",
                                   "HX-Request, HX-Boosted, HX-History-Restore-Request"));
    headers[2] = "HX-Request";
    headers[3] = "true";
    assert_int_equal(chirp_test_request(t_client(fx), "GET", "/fresh", headers, KIDA_S(""),
                                        &answer),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 200));
}

/* Holds: a single file: tag, date, range, conditional; only regular files. */
static void
files_by_path(void **state)
{
    t_app *fx = *state;
    chirp_answer answer;
    char tag[64];
    snprintf(path, sizeof(path), "/tmp/chirp-file-%ld", (long)getpid());
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs("0123456789", out);
    fclose(out);
    assert_int_equal(chirp_test_get(t_client(fx), "/file", &answer), KIDA_OK);
    T_BODY(&answer, "0123456789");
    kida_str value = chirp_answer_header(&answer, "etag");
    snprintf(tag, sizeof(tag), "%.*s", (int)value.len, value.ptr);
    const char *range[] = { "Range", "bytes=2-4", NULL };
    assert_int_equal(chirp_test_request(t_client(fx), "GET", "/file", range, KIDA_S(""), &answer),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 206));
    assert_true(CHIRP_CHECK_HEADER(&answer, "content-range", "bytes 2-4/10"));
    T_BODY(&answer, "234");
    const char *match[] = { "If-None-Match", tag, NULL };
    assert_int_equal(chirp_test_request(t_client(fx), "GET", "/file", match, KIDA_S(""), &answer),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 304));
    unlink(path);
    static const char *const missing[] = { "/file", "/folder", "/nowhere" };
    for (size_t i = 0; i < T_COUNT(missing); i++) {
        assert_int_equal(chirp_test_get(t_client(fx), missing[i], &answer), KIDA_OK);
        assert_true(CHIRP_CHECK_STATUS(&answer, 404));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(row_5_5_render_plan, setup, teardown),
        cmocka_unit_test_setup_teardown(row_5_5_missing_blocks, setup, teardown),
        cmocka_unit_test_setup_teardown(row_5_3_out_of_band, setup, teardown),
        cmocka_unit_test_setup_teardown(templates_as_text, setup, teardown),
        cmocka_unit_test_setup_teardown(row_5_1_mutation_and_action, setup, teardown),
        cmocka_unit_test_setup_teardown(row_5_2_headers_for_htmx, setup, teardown),
        cmocka_unit_test_setup_teardown(sh_6_local_addresses, setup, teardown),
        cmocka_unit_test_setup_teardown(generated_answers_have_tags, setup, teardown),
        cmocka_unit_test_setup_teardown(files_by_path, setup, teardown),
    };
    return cmocka_run_group_tests_name("reply/hypermedia", tests, NULL, NULL);
}
