/* SPDX-License-Identifier: MIT */
/* inspect.c - the routes of an app, for tools. */
#include <chirp/inspect.h>

#include "app.h"

void
chirp_app_each_route(const chirp_app *app, void (*each)(void *arg, const chirp_route_info *route),
                     void *arg)
{
    for (const ch_route *route = app->routes; route; route = route->next) {
        char methods[CH_ALLOW_MAX + 1];
        methods[ch_method_set_text(route->methods, methods)] = '\0';
        chirp_route_info info = { route->path, methods, route->name, route->template_name,
                                  route->block, route->is_referenced };
        each(arg, &info);
    }
}
