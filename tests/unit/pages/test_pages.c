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
static const chirp_tab tabs[] = { { "All", "/items", true }, { "Home", "/", true },
                                  { NULL, NULL, false } };
static const chirp_section shop = { "shop", "Shop", "/items", tabs };

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

static int
setup(void **state)
{
    static fixture fx;
    memset(&fx, 0, sizeof(fx));
    *state = &fx;
    strncpy(fx.root, "/tmp/chirp-pages-XXXXXX", sizeof(fx.root) - 1);
    if (!mkdtemp(fx.root) || !write_files(fx.root))
        return -1;
    chirp_config config;
    chirp_config_init(&config);
    config.access_log = false;
    config.log_level = CHIRP_LEVEL_ERROR;
    config.template_dir = "";
    config.allocator = t_counting_allocator(&fx.counter);
    kida_error err;
    fx.app = chirp_app_new(&config, &err);
    return fx.app ? 0 : -1;
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
    expect(fx, "/_note", 404, "Not Found");
}

#define ACTIONS "\n<div id=\"chirp-shell-actions\" hx-swap-oob=\"innerHTML\"></div>"

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
    assert_true(CHIRP_CHECK_BODY(&got, "<div id=\"items\">form</div>" ACTIONS));
    inner[5] = "elsewhere";
    assert_int_equal(chirp_test_request(fx->client, "GET", "/items/new", inner, none, &got),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_BODY(&got, "form" ACTIONS));
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

static void
a_section_that_is_not_there_fails_at_freeze(void **state)
{
    fixture *fx = *state;
    assert_int_equal(chirp_mount_pages(fx->app, fx->root, NULL), KIDA_OK);
    assert_int_equal(chirp_page_add(fx->app, &items_page, NULL), KIDA_OK);
    expect_failure(fx, "section 'shop', which is not registered");
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
        TEST(a_section_that_is_not_there_fails_at_freeze),
        TEST(a_directory_that_is_not_there_fails),
    };
    return cmocka_run_group_tests_name("pages/pages", tests, NULL, NULL);
}
