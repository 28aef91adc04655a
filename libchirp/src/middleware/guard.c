/* SPDX-License-Identifier: MIT */
/* guard.c - routes that want a login, permissions, or more (row 6.9). */
#include "guard.h"

#include <chirp/hypermedia.h>
#include <chirp/log.h>

#include "config/fail.h"
#include "config/text.h"
#include "layer.h"

#define NEXT_MAX ((size_t)2048) /* longer ways back are left out */

/* ---- nobody ---------------------------------------------------------------------------------- */

/* Whether one of the types of an Accept field is this one. */
static bool
accepts(kida_str accept, kida_str type)
{
    kida_str item;
    size_t at = 0;
    while (ch_str_next(accept, ',', &at, &item)) {
        if (ch_str_iequal(ch_str_trim(ch_str_slice(item, 0, ch_str_find(item, ';', 0))), type))
            return true;
    }
    return false;
}

static bool
is_api_client(const chirp_request *req)
{
    if (chirp_given(chirp_header(req, "authorization")))
        return true;
    kida_str accept = chirp_header(req, "accept");
    return accept.len > 0 && accepts(accept, KIDA_S("application/json")) &&
           !accepts(accept, KIDA_S("text/html"));
}

/* Where to come back to: for htmx the page, not the fragment that was asked for. */
static kida_str
way_back(chirp_request *req)
{
    kida_str page = chirp_is_fragment(req) ? chirp_hx_current_path(req) : chirp_url(req);
    return chirp_given(page) && page.len <= NEXT_MAX && chirp_url_is_local(page) ? page
                                                                               : KIDA_S("");
}

static void
put_encoded(kida_buf *out, kida_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i], low = ch_lower(c);
        if ((low >= 'a' && low <= 'z') || ch_is_digit(c) || c == '-' || c == '_' || c == '.' ||
            c == '~')
            kida_buf_byte(out, c);
        else
            kida_buf_format(out, "%%%02X", (unsigned)(unsigned char)c);
    }
}

/* URL of the login page with the way back; NULL when out of memory. */
static const char *
login_url(chirp_request *req, const char *page)
{
    kida_str base = kida_str_from(page), next = way_back(req);
    kida_buf *url = chirp_buffer(req);
    if (!url)
        return NULL;
    kida_buf_put(url, base);
    if (next.len > 0) {
        bool has_query = ch_str_find(base, '?', 0) < base.len;
        kida_buf_put(url, has_query ? KIDA_S("&next=") : KIDA_S("?next="));
        put_encoded(url, next);
    }
    kida_buf_byte(url, '\0');
    return kida_buf_status(url) == KIDA_OK ? kida_buf_str(url).ptr : NULL;
}

static chirp_reply *
refuse_nobody(chirp_request *req, const ch_auth_view *view)
{
    chirp_audit(req, "auth.require.unauthenticated", KIDA_S(""), KIDA_S(""));
    if (!view->login_url || is_api_client(req)) {
        chirp_reply *reply = chirp_reply_fail(req, 401, "Authentication required");
        return view->scheme ? chirp_reply_set_header(reply, "www-authenticate", view->scheme)
                            : reply;
    }
    const char *url = login_url(req, view->login_url);
    if (!url)
        return NULL;
    chirp_reply *reply;
    if (chirp_is_fragment(req))
        reply = chirp_reply_set_header(chirp_reply_empty(req, 200), "hx-redirect", url);
    else
        reply = chirp_reply_set_header(
            chirp_reply_set_status(chirp_reply_text(req, KIDA_S("Login required")), 302),
            "location", url);
    reply = chirp_reply_vary(chirp_reply_vary(reply, "Accept"), "HX-Request");
    return chirp_reply_set_header(reply, "cache-control", "no-store");
}

/* ---- somebody -------------------------------------------------------------------------------- */

static chirp_reply *
forbid(chirp_request *req, const chirp_user *user, const char *event, const char *detail)
{
    chirp_audit(req, event, user->id, kida_str_from(detail));
    return chirp_reply_fail(req, 403, "Forbidden");
}

chirp_reply *
chirp_require(chirp_request *req, const chirp_guard *guard)
{
    ch_auth_view view;
    if (!ch_auth_state(req, &view)) {
        kida_error err;
        kida_error_init(&err);
        ch_fail(&err, KIDA_E_USAGE, "a guard needs the auth layer: call chirp_use_auth");
        return chirp_reply_error(req, &err);
    }
    if (view.error)
        return chirp_reply_error(req, view.error);
    if (!chirp_user_is_known(view.user))
        return refuse_nobody(req, &view);
    for (const char *const *at = guard ? guard->permissions : NULL; at && *at; at++) {
        if (!chirp_user_can(view.user, *at))
            return forbid(req, view.user, "authz.permission.denied", *at);
    }
    if (guard && guard->policy && !guard->policy(req, view.user, guard->arg))
        return forbid(req, view.user, "authz.policy.denied", "");
    return NULL;
}

chirp_reply *
chirp_require_permission(chirp_request *req, const char *permission)
{
    const char *const permissions[] = { permission, NULL };
    chirp_guard guard = { permissions, NULL, NULL };
    return chirp_require(req, &guard);
}

/* ---- guarded routes -------------------------------------------------------------------------- */

typedef struct guarded {
    ch_layer_memory memory;
    chirp_guard guard;
    chirp_handler_fn *handler;
    void *user;
    void (*free_user)(void *);
} guarded;

static chirp_reply *
answer(chirp_request *req, void *user)
{
    const guarded *self = user;
    chirp_reply *refusal = chirp_require(req, &self->guard);
    return refusal ? refusal : self->handler(req, self->user);
}

static void
free_guarded(void *user)
{
    guarded *self = user;
    if (self->free_user)
        self->free_user(self->user);
    ch_layer_free(self);
}

kida_status
chirp_route_guarded(chirp_app *app, const chirp_route_def *route, const chirp_guard *guard,
                    kida_error *err)
{
    kida_error local;
    err = ch_error_or(err, &local);
    if (!route->handler)
        return chirp_route_add(app, route, err); /* reports what is wrong */
    guarded *self = ch_layer_new(app, sizeof(*self));
    if (!self) {
        if (route->free_user)
            route->free_user(route->user);
        return ch_layer_failed(app, KIDA_OK, err);
    }
    if (guard)
        self->guard = *guard;
    self->handler = route->handler;
    self->user = route->user;
    self->free_user = route->free_user;
    chirp_route_def def = *route;
    def.handler = answer;
    def.user = self;
    def.free_user = free_guarded;
    return chirp_route_add(app, &def, err);
}
