/* SPDX-License-Identifier: MIT */
/* app.c - an application without a mistake; mistakes.tsv seeds one at a time. */
#include <chirp/chirp.h>

typedef struct item {
    kida_str title;
    int64_t count;
} item;

static const kida_field fields[] = { KIDA_STR_FIELD(item, title), KIDA_INT_FIELD(item, count),
                                     KIDA_FIELDS_END };
static const kida_struct record = { "item", sizeof(item), fields, NULL };
static const chirp_rule rules[] = { CHIRP_RULE("title", CHIRP_REQUIRED),
                                    CHIRP_RULE("count", CHIRP_OPTIONAL), CHIRP_RULES_END };
static const chirp_form_type form = { &record, rules };

static chirp_reply *
answer(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_empty(req, 204);
}

static const char *const events[] = { "score", NULL };
static const char *const fragments[] = { "card.html#card", NULL };
static const chirp_route_def routes[] = {
    { .path = "/", .handler = answer, .name = "home", .template_name = "page.html",
      .block = "content" },
    { .methods = "GET|POST", .path = "/items", .handler = answer, .name = "items",
      .template_name = "page.html", .form = &form },
    { .methods = "DELETE", .path = "/items/{id:int}", .handler = answer, .name = "item" },
    { .path = "/live", .handler = answer, .events = events, .fragments = fragments },
    { .path = "/search", .handler = answer, .is_referenced = true },
    { .path = "/about", .handler = answer, .template_name = "about.html" },
};

static const chirp_tab tabs[] = { { "All", "/shop", true, NULL, NULL },
                                  { NULL, NULL, false, NULL, NULL } };
static const char *const prefixes[] = { "/shop", NULL };
static const chirp_section section = { .id = "shop", .label = "Shop", .href = "/shop",
                                       .tabs = tabs, .prefixes = prefixes };
static const chirp_page_def pages[] = {
    { .path = "/shop", .section = "shop", .title = "Shop", .shell_mode = "tabbed" },
    { .path = "/shop/{id}", .section = "shop", .title = "One" },
};

static chirp_app *
create(const chirp_config *config, kida_error *err)
{
    chirp_app *app = chirp_app_new(config, err);
    if (!app)
        return NULL;
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
        (void)chirp_route_add(app, &routes[i], NULL);
    (void)chirp_mount_pages(app, "pages", NULL);
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
        (void)chirp_page_add(app, &pages[i], NULL);
    (void)chirp_page_section(app, &section, NULL);
    const chirp_fragment_target target = { .id = "shop", .block = "page_content",
                                           .required = true };
    (void)chirp_add_fragment_target(app, &target);
    return app;
}

CHIRP_MODULE(create)
