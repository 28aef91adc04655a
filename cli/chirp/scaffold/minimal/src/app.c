/* SPDX-License-Identifier: MIT */
#include <chirp/chirp.h>

static chirp_reply *
home(chirp_request *req, void *user)
{
    kida_value context;
    kida_str name = chirp_query(req, "name");
    (void)user;
    if (kida_context(chirp_pool(req), &context, "name",
                     kida_string(name.len > 0 ? name : KIDA_S("world")), NULL) != KIDA_OK)
        return NULL;
    return chirp_reply_template(req, "index.html", context);
}

static chirp_app *
create(const chirp_config *config, kida_error *err)
{
    chirp_app *app = chirp_app_new(config, err);
    if (app == NULL)
        return NULL;
    /* A registration that fails is reported when the app starts. */
    (void)chirp_route_add(app, &(chirp_route_def){ .path = "/", .handler = home, .name = "home",
                                                   .template_name = "index.html" }, err);
    return app;
}

CHIRP_MODULE(create)
