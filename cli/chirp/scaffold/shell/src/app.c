/* SPDX-License-Identifier: MIT */
/* Pages are folders of pages/; this file adds code to them. */
#include <chirp/chirp.h>

/* Every page below / sees app_name. */
static chirp_reply *
site_context(chirp_request *req, kida_value context, void *user)
{
    (void)user;
    return kida_dict_set(context, kida_string(KIDA_S("app_name")),
                         kida_string(KIDA_S("@NAME@"))) == KIDA_OK
               ? NULL
               : chirp_reply_fail(req, 500, "no memory");
}

static chirp_reply *
items_context(chirp_request *req, kida_value context, void *user)
{
    kida_value items;
    kida_error err;
    kida_error_init(&err);
    (void)user;
    kida_status st = kida_json_parse(chirp_pool(req), KIDA_S("[\"Milk\", \"Bread\", \"Tea\"]"),
                                     &items, &err);
    if (st == KIDA_OK)
        st = kida_dict_set(context, kida_string(KIDA_S("items")), items);
    return st == KIDA_OK ? NULL : chirp_reply_error(req, &err);
}

static const chirp_page_def pages[] = {
    { .path = "/", .context = site_context, .name = "home", .title = "Home" },
    { .path = "/items", .viewmodel = items_context, .name = "items", .title = "Items" },
};

static chirp_app *
create(const chirp_config *config, kida_error *err)
{
    chirp_app *app = chirp_app_new(config, err);
    if (app == NULL)
        return NULL;
    /* A registration that fails is reported when the app starts. */
    (void)chirp_mount_pages(app, "pages", NULL);
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
        (void)chirp_page_add(app, &pages[i], NULL);
    return app;
}

CHIRP_MODULE(create)
