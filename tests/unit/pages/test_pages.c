/* SPDX-License-Identifier: MIT */
/* test_pages.c - a directory of templates as routes, with layouts, contexts, actions, sections. */
#define _GNU_SOURCE
#include "t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chirp/chirp.h>

/* Files below the directory of one test, in the order in which they must be removed backwards. */
static const struct {
    const char *path;
    const char *text; /* NULL: a folder */
} files[] = {
    { "_layout.html", "{# target: main #}<html><title>{{ page_title ?? '-' }}</title>"
                      "<main id=\"main\">{% block content %}{% end %}</main></html>" },
    { "page.html", "home {{ current_path }}" },
    { "_note.html", "no page" },
    { "items", NULL },
    { "items/_layout.html", "{# target: items #}<div id=\"items\">"
                            "{% for t in tab_items %}[{{ t.label }}{{ '*' if t.active else '' }}]"
                            "{% end %}{% block content %}{% end %}</div>" },
    { "items/page.html", "list {{ owner }}" },
    { "items/new.html", "{% block page_root %}<h1>New</h1>{% block page_content %}form{% end %}"
                        "{% end %}" },
    { "items/{id}", NULL },
    { "items/{id}/page.html", "item {{ item }} of {{ owner }}"
                              "{% for b in breadcrumb_items %}/{{ b.label }}{% end %}" },
};

static chirp_reply *
owner_context(chirp_request *req, kida_value context, void *user)
{
    (void)req;
    (void)user;
    return kida_dict_set(context, kida_string(KIDA_S("owner")), kida_string(KIDA_S("ann"))) ==
                   KIDA_OK ? NULL : chirp_reply_fail(req, 500, "no memory");
}

static chirp_reply *
item_context(chirp_request *req, kida_value context, void *user)
{
    (void)user;
    kida_str id = chirp_param(req, "id");
    if (kida_str_equal(id, KIDA_S("13")))
        return chirp_reply_fail(req, 404, "no such item");
    return kida_dict_set(context, kida_string(KIDA_S("item")), kida_string(id)) == KIDA_OK
               ? NULL : chirp_reply_fail(req, 500, "no memory");
}

static chirp_reply *
rename_item(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_textf(req, "renamed to %.*s", (int)chirp_form(req, "to").len,
                             chirp_form(req, "to").ptr);
}

static chirp_reply *
delete_item(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, KIDA_S("deleted"));
}

static const chirp_page_action actions[] = { { "rename", rename_item }, { NULL, NULL } };
static const chirp_page_def items_page = { .path = "/items", .context = owner_context,
                                           .title = "Items", .section = "shop", .name = "items" };
static const chirp_page_def item_page = { .path = "/items/{id}", .context = item_context,
                                          .actions = actions, .del = delete_item,
                                          .breadcrumb = "This", .section = "shop" };
static const chirp_page_def ping_page = { .path = "/items/ping", .post = delete_item };
static const chirp_tab tabs[] = { { "All", "/items", true, "list", NULL },
                                  { "Home", "/", true, NULL, NULL },
                                  { NULL, NULL, false, NULL, NULL } };
static const chirp_section shop = { .id = "shop", .label = "Shop", .href = "/items", .tabs = tabs };

typedef struct fixture {
    char root[64];
    t_counter counter;
    chirp_app *app;
    chirp_test_client *client;
} fixture;

static bool
write_files(const char *root)
{
    char path[256];
    for (size_t i = 0; i < T_COUNT(files); i++) {
        snprintf(path, sizeof(path), "%s/%s", root, files[i].path);
        if (!files[i].text) {
            if (mkdir(path, 0700) != 0)
                return false;
            continue;
        }
        FILE *file = fopen(path, "w");
        if (!file || fputs(files[i].text, file) < 0 || fclose(file) != 0)
            return false;
    }
    return true;
}

static bool
open_app(fixture *fx, bool debug)
{
    chirp_config config;
    chirp_config_init(&config);
    config.access_log = false;
    config.debug = debug;
    config.skip_contract_checks = true;
    config.log_level = CHIRP_LEVEL_ERROR;
    config.template_dir = "";
    config.allocator = t_counting_allocator(&fx->counter);
    fx->app = chirp_app_new(&config, NULL);
    return fx->app != NULL;
}

static int
setup(void **state)
{
    static fixture fx;
    memset(&fx, 0, sizeof(fx));
    *state = &fx;
    strncpy(fx.root, "/tmp/chirp-pages-XXXXXX", sizeof(fx.root) - 1);
    if (!mkdtemp(fx.root) || !write_files(fx.root))
        return -1;
    return open_app(&fx, false) ? 0 : -1;
}

static void
open_client(fixture *fx)
{
    kida_error err;
    assert_int_equal(chirp_page_add(fx->app, &items_page, NULL), KIDA_OK);
    assert_int_equal(chirp_mount_pages(fx->app, fx->root, &err), KIDA_OK);
    assert_int_equal(chirp_page_add(fx->app, &item_page, NULL), KIDA_OK);
    assert_int_equal(chirp_page_add(fx->app, &ping_page, NULL), KIDA_OK);
    assert_int_equal(chirp_page_section(fx->app, &shop, NULL), KIDA_OK);
    fx->client = chirp_test_new(fx->app, &err);
    assert_non_null(fx->client);
}

static int
teardown(void **state)
{
    fixture *fx = *state;
    char path[256];
    chirp_test_free(fx->client);
    chirp_app_free(fx->app);
    for (size_t i = T_COUNT(files); i-- > 0;) {
        snprintf(path, sizeof(path), "%s/%s", fx->root, files[i].path);
        remove(path);
    }
    rmdir(fx->root);
    return fx->counter.live_blocks == 0 ? 0 : -1;
}

/* What goes along with boosted answers where a page has no shell actions. */
#define EMPTY_SHELL "\n<div id=\"chirp-shell-actions\" hx-swap-oob=\"innerHTML\"></div>"

static void
expect(fixture *fx, const char *target, unsigned status, const char *body)
{
    chirp_answer got;
    assert_int_equal(chirp_test_get(fx->client, target, &got), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, status));
    assert_true(CHIRP_CHECK_BODY(&got, body));
}

/* Holds: 3.8: folders are segments, {name} is a parameter, layouts nest, contexts add up. */
static void
folders_become_routes_in_their_layouts(void **state)
{
    fixture *fx = *state;
    open_client(fx);
    expect(fx, "/", 200, "<html><title>-</title><main id=\"main\">home /</main></html>");
    expect(fx, "/items", 200,
           "<html><title>Items</title><main id=\"main\"><div id=\"items\">[All*][Home]list ann"
           "</div></main></html>");
    expect(fx, "/items/7", 200,
           "<html><title>-</title><main id=\"main\"><div id=\"items\">[All*][Home]item 7 of ann"
           "/Shop/This</div></main></html>");
    expect(fx, "/items/13", 404, "no such item");
    expect(fx, "/_note", 404, "No route matches GET &#39;/_note&#39;");
}

/* Holds: 5.5: htmx gets the block, a boosted link the layouts from its target inwards. */
static void
htmx_gets_as_much_as_it_needs(void **state)
{
    fixture *fx = *state;
    chirp_answer got;
    kida_str none = { NULL, 0 };
    open_client(fx);
    expect(fx, "/items/new", 200,
           "<html><title>-</title><main id=\"main\"><div id=\"items\"><h1>New</h1>form</div>"
           "</main></html>");
    assert_int_equal(chirp_test_fragment(fx->client, "/items/new", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_BODY(&got, "form"));
    assert_true(CHIRP_CHECK_HEADER(&got, "Vary",
                                   "HX-Request, HX-Boosted, HX-History-Restore-Request"));
    const char *inner[] = { "HX-Request", "true", "HX-Boosted", "true", "HX-Target", "items",
                            NULL };
    assert_int_equal(chirp_test_request(fx->client, "GET", "/items/new", inner, none, &got),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_BODY(&got, "<div id=\"items\">form</div>" EMPTY_SHELL));
    inner[5] = "elsewhere";
    assert_int_equal(chirp_test_request(fx->client, "GET", "/items/new", inner, none, &got),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_BODY(&got, "form" EMPTY_SHELL));
}

/* Holds: 3.8: a form's _action names the function; POST is there when actions are. */
static void
actions_and_methods_are_called(void **state)
{
    fixture *fx = *state;
    chirp_answer got;
    kida_str none = { NULL, 0 };
    open_client(fx);
    assert_int_equal(chirp_test_post(fx->client, "/items/7", "_action=rename&to=x", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_BODY(&got, "renamed to x"));
    assert_int_equal(chirp_test_post(fx->client, "/items/7", "_action=no", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, 400));
    assert_int_equal(chirp_test_post(fx->client, "/items/13", "_action=rename", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, 404));
    assert_int_equal(chirp_test_request(fx->client, "DELETE", "/items/7", NULL, none, &got),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_BODY(&got, "deleted"));
    assert_int_equal(chirp_test_post(fx->client, "/items/ping", "", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_BODY(&got, "deleted"));
    assert_int_equal(chirp_test_post(fx->client, "/items", "", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, 405));
}

/* Base64 to text, for headers. */
static void
decode(kida_str text, char *out, size_t room)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned bits = 0, count = 0;
    size_t len = 0;
    for (size_t i = 0; i < text.len && text.ptr[i] != '=' && len + 1 < room; i++) {
        const char *at = strchr(letters, text.ptr[i]);
        assert_non_null(at);
        bits = bits << 6 | (unsigned)(at - letters);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out[len++] = (char)(bits >> count & 0xff);
        }
    }
    out[len] = '\0';
}

/* Holds: 3.9: in debug mode a page tells its layouts, files, context and plan; else nothing. */
static void
row_3_9_debug_headers(void **state)
{
    static const char *const boosted[] = { "HX-Request", "true", "HX-Boosted", "true",
                                           "HX-Target", "items", NULL };
    fixture *fx = *state;
    chirp_answer got;
    char plan[2000];
    chirp_app_free(fx->app);
    assert_true(open_app(fx, true));
    open_client(fx);
    static const char *const whole[][2] = {
        { "x-chirp-layout-chain", "main(0) > items(1)" },
        { "x-chirp-layout-match", "target=none, start=0, rendered=2" },
        { "x-chirp-layout-mode", "full" },
        { "x-chirp-route-kind", "detail" },
        { "x-chirp-route-files",
          "pages/items/{id}/page.html,pages/_layout.html,pages/items/_layout.html" },
        { "x-chirp-route-section", "shop" },
        { "x-chirp-route-meta",
          "{\"title\":null,\"section\":\"shop\",\"breadcrumb_label\":\"This\"}" },
        { "x-chirp-context-chain", "/items > /items/{id}" },
        { "x-chirp-shell-context", "current_path,tab_items,breadcrumb_items" },
    };
    assert_int_equal(chirp_test_get(fx->client, "/items/7", &got), KIDA_OK);
    for (size_t i = 0; i < T_COUNT(whole); i++)
        assert_true(CHIRP_CHECK_HEADER(&got, whole[i][0], whole[i][1]));
    decode(chirp_answer_header(&got, "x-chirp-render-plan"), plan, sizeof(plan));
    if (!strstr(plan, "{\"intent\":\"full_page\",\"template\":\"pages/items/{id}/page.html\"") ||
        !strstr(plan, "{\"key\":\"item\",\"type\":\"str\"}"))
        fail_msg("plan [%s]", plan);
    assert_int_equal(chirp_test_request(fx->client, "GET", "/items/7", boosted, KIDA_S(""), &got),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_HEADER(&got, "x-chirp-layout-match",
                                   "target=items, start=1, rendered=1"));
    assert_true(CHIRP_CHECK_HEADER(&got, "x-chirp-layout-mode", "partial"));
    assert_int_equal(chirp_test_fragment(fx->client, "/items/7", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_HEADER(&got, "x-chirp-layout-mode", "fragment"));
}

static void
expect_failure(fixture *fx, const char *part)
{
    kida_error err;
    assert_int_not_equal(chirp_app_freeze(fx->app, &err), KIDA_OK);
    if (!strstr(err.message, part))
        fail_msg("says '%s', not '%s'", err.message, part);
}

/* Holds: freeze names what code was written for and is not there. */
static void
a_path_without_templates_fails_at_freeze(void **state)
{
    fixture *fx = *state;
    static const chirp_page_def lost = { .path = "/itms", .context = owner_context };
    assert_int_equal(chirp_mount_pages(fx->app, fx->root, NULL), KIDA_OK);
    assert_int_equal(chirp_page_add(fx->app, &lost, NULL), KIDA_OK);
    expect_failure(fx, "'/itms' is neither a folder nor a template");
}

/* ---- what a page adds ----------------------------------------------------------------------- */

static chirp_reply *
add_json(chirp_request *req, kida_value context, const char *name, const char *json)
{
    kida_value value;
    kida_error err;
    kida_error_init(&err);
    kida_status st = kida_json_parse(chirp_pool(req), kida_str_from(json), &value, &err);
    if (st == KIDA_OK)
        st = kida_dict_set(context, kida_string(kida_str_from(name)), value);
    return st == KIDA_OK ? NULL : chirp_reply_error(req, &err);
}

static chirp_reply *
shop_actions(chirp_request *req, kida_value context, void *user)
{
    add_json(req, context, "owner", "\"ann\"");
    return add_json(req, context, "shell_actions", user);
}

static chirp_reply *
item_model(chirp_request *req, kida_value context, void *user)
{
    (void)user;
    if (kida_kind_of(kida_dict_get(context, KIDA_S("tab_items"))) != KIDA_LIST)
        return chirp_reply_fail(req, 500, "the model runs before the shell's names are there");
    return add_json(req, context, "item", "\"modelled\"");
}

static chirp_reply *
explicit_page(chirp_request *req, void *user)
{
    kida_value own;
    (void)user;
    if (kida_context(chirp_pool(req), &own, "item", kida_string(KIDA_S("own")), NULL) != KIDA_OK)
        return NULL;
    return chirp_reply_page(req, "pages/items/new.html", "page_content", own);
}

static void
boosted(fixture *fx, const char *target, const char *where, chirp_answer *got)
{
    const char *const headers[] = { "HX-Request", "true", "HX-Boosted", "true", "HX-Target", where,
                                    NULL };
    assert_int_equal(chirp_test_request(fx->client, "GET", target, headers, (kida_str){ NULL, 0 },
                                        got), KIDA_OK);
}

/* Holds: 3.8: the model of a page runs last and is its own; a reply of chirp_reply_page gets the
 * layouts and the context of the folders. */
static void
row_3_8_pages_of_handlers_get_their_layouts(void **state)
{
    fixture *fx = *state;
    chirp_answer got;
    static const chirp_page_def list = { .path = "/items", .context = owner_context };
    static const chirp_page_def item = { .path = "/items/{id}", .viewmodel = item_model };
    static const chirp_page_def new_page = { .path = "/items/new", .get = explicit_page };
    chirp_page_add(fx->app, &list, NULL);
    chirp_page_add(fx->app, &item, NULL);
    chirp_page_add(fx->app, &new_page, NULL);
    chirp_mount_pages(fx->app, fx->root, NULL);
    fx->client = chirp_test_new(fx->app, NULL);
    assert_non_null(fx->client);
    expect(fx, "/items/7", 200, "<html><title>-</title><main id=\"main\"><div id=\"items\">"
                                "item modelled of ann</div></main></html>");
    expect(fx, "/items/new", 200, "<html><title>-</title><main id=\"main\"><div id=\"items\">"
                                  "form</div></main></html>");
    boosted(fx, "/items/new", "items", &got);
    assert_true(CHIRP_CHECK_BODY(&got, "<div id=\"items\">form</div>" EMPTY_SHELL));
}

/* Holds: 3.8, 5.5: shell actions of a folder are put over those above by id and mode, and go along
 * with boosted answers. */
static void
row_3_8_shell_actions_are_merged(void **state)
{
    fixture *fx = *state;
    chirp_answer got;
    static const char above[] =
        "{\"primary\": {\"items\": [{\"id\": \"a\", \"label\": \"A\", \"href\": \"/a\"},"
        " {\"id\": \"b\", \"label\": \"B\", \"href\": \"/b\"}]},"
        " \"controls\": {\"items\": [{\"id\": \"c\", \"label\": \"C\", \"href\": \"/c\"}]}}";
    static const char below[] =
        "{\"primary\": {\"items\": [{\"id\": \"b\", \"label\": \"B2\", \"href\": \"/b\"}],"
        " \"remove\": [\"a\"]}, \"controls\": {\"items\": [], \"mode\": \"replace\"}}";
    const chirp_page_def list = { .path = "/items", .context = shop_actions,
                                  .user = (void *)(uintptr_t)above };
    const chirp_page_def new_page = { .path = "/items/new", .context = shop_actions,
                                      .user = (void *)(uintptr_t)below };
    chirp_page_add(fx->app, &list, NULL);
    chirp_page_add(fx->app, &new_page, NULL);
    chirp_mount_pages(fx->app, fx->root, NULL);
    fx->client = chirp_test_new(fx->app, NULL);
    assert_non_null(fx->client);
    boosted(fx, "/items", "main", &got);
    assert_true(CHIRP_CHECK_CONTAINS(&got, ">A</a>"));
    assert_true(CHIRP_CHECK_CONTAINS(&got, ">C</a>"));
    boosted(fx, "/items/new", "items", &got);
    assert_true(CHIRP_CHECK_CONTAINS(&got, ">B2</a>"));
    assert_null(memmem(got.body.ptr, got.body.len, ">A</a>", 6));
    assert_null(memmem(got.body.ptr, got.body.len, ">C</a>", 6));
}

/* Holds: 3.8: what is no action is refused with its name, and not shown. */
static void
row_3_8_wrong_shell_actions_are_refused(void **state)
{
    static const struct {
        const char *label, *json;
    } cases[] = {
        { "no dict", "[]" },
        { "no id", "{\"primary\": {\"items\": [{\"label\": \"A\"}]}}" },
        { "no label", "{\"primary\": {\"items\": [{\"id\": \"a\"}]}}" },
        { "kind", "{\"primary\": {\"items\": [{\"id\": \"a\", \"label\": \"A\", "
                  "\"kind\": \"x\"}]}}" },
        { "twice", "{\"primary\": {\"items\": [{\"id\": \"a\", \"label\": \"A\"}, "
                   "{\"id\": \"a\", \"label\": \"A\"}]}}" },
        { "a form in overflow", "{\"overflow\": {\"items\": [{\"id\": \"a\", \"label\": \"A\", "
                                "\"kind\": \"form\", \"form_action\": \"/\"}]}}" },
        { "a form without action", "{\"primary\": {\"items\": [{\"id\": \"a\", \"label\": "
                                   "\"A\", \"kind\": \"form\"}]}}" },
        { "members of forms", "{\"primary\": {\"items\": [{\"id\": \"a\", \"label\": \"A\", "
                              "\"form_action\": \"/\"}]}}" },
        { "get", "{\"primary\": {\"items\": [{\"id\": \"a\", \"label\": \"A\", \"kind\": "
                 "\"form\", \"form_action\": \"/\", \"form_method\": \"get\"}]}}" },
        { "mode", "{\"primary\": {\"mode\": \"add\"}}" },
        { "replace and remove", "{\"primary\": {\"mode\": \"replace\", \"remove\": [\"a\"]}}" },
    };
    fixture *fx = *state;
    static const char *json;
    chirp_answer got;
    chirp_page_def list = { .path = "/items", .context = shop_actions };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        json = cases[i].json;
        list.user = (void *)(uintptr_t)json;
        if (i == 0) {
            chirp_page_add(fx->app, &list, NULL);
            chirp_mount_pages(fx->app, fx->root, NULL);
            fx->client = chirp_test_new(fx->app, NULL);
        }
        assert_int_equal(chirp_test_get(fx->client, "/items", &got), KIDA_OK);
        if (got.status != 500)
            fail_msg("%s: status %u", cases[i].label, got.status);
    }
}

/* ---- scenario 17 ----------------------------------------------------------------------------- */

typedef struct seen {
    char text[4096];
    size_t len;
} seen;

static void
note(void *arg, const chirp_issue *issue)
{
    seen *s = arg;
    int len = snprintf(s->text + s->len, sizeof(s->text) - s->len, "%d %s %.*s: %s\n",
                       (int)issue->severity, issue->rule, (int)issue->route.len,
                       issue->route.ptr ? issue->route.ptr : "", issue->message);
    if (len > 0 && (size_t)len < sizeof(s->text) - s->len)
        s->len += (size_t)len;
}

/* Holds: a section may come after the mount; one that does not is no failure of freeze but an
 * issue, as are tabs that lead nowhere or twice to one place, and pages outside of a section. */
static void
scenario_17_sections_are_checked(void **state)
{
    static const char *const issues[] = {
        "1 route_contract /items/{id}: the page is in section \"ops\", which is not registered",
        "1 route_contract /itms: tab \"Lost\" of section \"shop\" leads to no route",
        "1 route_contract /items: section \"shop\" has two tabs for \"/items\"",
        "1 route_contract /: the page is outside of the prefixes of its section \"shop\"",
        "2 route_contract /items/new: the path is one of section \"shop\", but the page is in none",
    };
    static const chirp_tab wrong[] = { { "All", "/items", false, NULL, NULL },
                                       { "Lost", "/itms", true, NULL, NULL },
                                       { "Again", "/items", false, NULL, NULL },
                                       { NULL, NULL, false, NULL, NULL } };
    static const char *const prefixes[] = { "/items", NULL };
    static const chirp_section section = { .id = "shop", .label = "Shop", .tabs = wrong,
                                           .prefixes = prefixes };
    static const chirp_page_def pages[] = {
        { .path = "/", .section = "shop" },
        { .path = "/items", .section = "shop", .context = owner_context },
        { .path = "/items/new", .title = "New" },
        { .path = "/items/{id}", .section = "ops" },
    };
    fixture *fx = *state;
    kida_error err;
    seen got = { "", 0 };
    assert_int_equal(chirp_mount_pages(fx->app, fx->root, NULL), KIDA_OK);
    assert_int_equal(chirp_page_section(fx->app, &section, NULL), KIDA_OK);
    for (size_t i = 0; i < T_COUNT(pages); i++)
        assert_int_equal(chirp_page_add(fx->app, &pages[i], NULL), KIDA_OK);
    assert_int_equal(chirp_check(fx->app, note, &got, NULL, &err), KIDA_OK);
    for (size_t i = 0; i < T_COUNT(issues); i++) {
        if (!strstr(got.text, issues[i]))
            fail_msg("no '%s' in:\n%s", issues[i], got.text);
    }
}

/* ---- who may see a page, and who may keep it ----------------------------------------------- */

static kida_status
load_user(chirp_request *req, kida_str id, void *user, chirp_user *out, kida_error *err)
{
    (void)req, (void)user, (void)err;
    out->id = id;
    return KIDA_OK;
}

static chirp_reply *
log_in(chirp_request *req, void *user)
{
    (void)user;
    chirp_user ann = { .id = KIDA_S("ann") };
    return chirp_login(req, &ann) == KIDA_OK ? chirp_reply_text(req, KIDA_S("in")) : NULL;
}

/* Holds: 3.8, 6.9: a guard is asked first, so strangers are not told by the context of item 13 that
 * there is no such item; guard and Cache-Control are those of one page, not of the pages below. */
static void
row_3_8_pages_have_guards_and_cache_rules(void **state)
{
    fixture *fx = *state;
    static const chirp_guard members = { .permissions = NULL };
    static const char *const wanted[] = { "write", NULL };
    static const chirp_guard writers = { .permissions = wanted };
    static const chirp_page_def list = { .path = "/items", .context = owner_context,
                                         .guard = &members, .cache = "no-store" };
    static const chirp_page_def item = { .path = "/items/{id}", .context = item_context,
                                         .post = delete_item, .guard = &writers };
    static const chirp_page_def new_page = { .path = "/items/new", .cache = "public, max-age=60" };
    chirp_session_options sessions;
    chirp_auth_options auth;
    chirp_answer got;
    chirp_session_options_init(&sessions);
    sessions.secret_key = "a key for tests alone, and no other use";
    chirp_auth_options_init(&auth);
    auth.load_user = load_user;
    assert_int_equal(chirp_use_sessions(fx->app, &sessions, NULL), KIDA_OK);
    assert_int_equal(chirp_use_auth(fx->app, &auth, NULL), KIDA_OK);
    assert_int_equal(chirp_page_add(fx->app, &list, NULL), KIDA_OK);
    assert_int_equal(chirp_page_add(fx->app, &item, NULL), KIDA_OK);
    assert_int_equal(chirp_page_add(fx->app, &new_page, NULL), KIDA_OK);
    assert_int_equal(chirp_route(fx->app, "GET", "/in", log_in, NULL), KIDA_OK);
    assert_int_equal(chirp_mount_pages(fx->app, fx->root, NULL), KIDA_OK);
    fx->client = chirp_test_new(fx->app, NULL);
    assert_non_null(fx->client);
    chirp_test_keep_cookies(fx->client, true);

    assert_int_equal(chirp_test_get(fx->client, "/items", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, 302));
    assert_true(CHIRP_CHECK_HEADER(&got, "Location", "/login?next=%2Fitems"));
    assert_int_equal(chirp_test_get(fx->client, "/items/13", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, 302));
    assert_int_equal(chirp_test_get(fx->client, "/items/new", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, 200));
    assert_true(CHIRP_CHECK_HEADER(&got, "Cache-Control", "public, max-age=60"));

    assert_int_equal(chirp_test_get(fx->client, "/in", &got), KIDA_OK);
    assert_int_equal(chirp_test_get(fx->client, "/items", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, 200));
    assert_true(CHIRP_CHECK_HEADER(&got, "Cache-Control", "no-store"));
    assert_int_equal(chirp_test_get(fx->client, "/items/13", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, 403));
    assert_int_equal(chirp_test_post(fx->client, "/items/7", "", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, 403));
}

static void
a_directory_that_is_not_there_fails(void **state)
{
    fixture *fx = *state;
    assert_int_equal(chirp_mount_pages(fx->app, "/no/pages", NULL), KIDA_E_IO);
    expect_failure(fx, "no directory '/no/pages'");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(folders_become_routes_in_their_layouts), TEST(htmx_gets_as_much_as_it_needs),
        TEST(actions_and_methods_are_called), TEST(a_path_without_templates_fails_at_freeze),
        TEST(row_3_9_debug_headers),
        TEST(row_3_8_pages_of_handlers_get_their_layouts), TEST(row_3_8_shell_actions_are_merged),
        TEST(row_3_8_wrong_shell_actions_are_refused), TEST(scenario_17_sections_are_checked),
        TEST(a_directory_that_is_not_there_fails),
        TEST(row_3_8_pages_have_guards_and_cache_rules),
    };
    return cmocka_run_group_tests_name("pages/pages", tests, NULL, NULL);
}
