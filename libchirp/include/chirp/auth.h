/* SPDX-License-Identifier: MIT */
/* auth.h - who asks: users, login and logout, guards of routes. Passwords and what hinders guessing
 * them are in password.h. Rules for options and errors are those of middleware.h. */
#ifndef CHIRP_AUTH_H
#define CHIRP_AUTH_H

#include "app.h"
#include "session.h"

KIDA_BEGIN_DECLS

/* ---- users --------------------------------------------------------------------------------- */

/** A user of the application. All that it points to lives as long as the request, or longer. */
typedef struct chirp_user {
    kida_str id;                    /* "": nobody is logged in */
    const char *const *permissions; /* ended by NULL; NULL: none */
    kida_str session_version;       /* sessions of another version are void: change it with the
                                       password; missing: there are no versions */
    kida_value profile;             /* dict or struct: what templates read of current_user();
                                       absent: nothing but the id */
    void *data;                     /* the application's own */
} chirp_user;

/** Whether somebody is logged in. Thread: any */
static inline bool
chirp_user_is_known(const chirp_user *user)
{
    return user->id.len > 0;
}

/** Whether a user has a permission, bytes compared. Thread: any */
CHIRP_API bool chirp_user_can(const chirp_user *user, const char *permission);

/**
 * Finds a user: by the id that a session holds, or by a token. out is zeroed.
 *
 * Errors: KIDA_E_NOT_FOUND: there is none, the request is nobody's; any other, with err, ends the
 *         request with 500 or 503 rather than treat a user as a stranger.
 * Thread: waits
 */
typedef kida_status chirp_find_user_fn(chirp_request *req, kida_str key, void *user,
                                       chirp_user *out, kida_error *err);

/* ---- the layer ----------------------------------------------------------------------------- */

/** How requests show whose they are. */
typedef struct chirp_auth_options {
    size_t size;                       /* of this struct */
    chirp_find_user_fn *load_user;     /* by the id in the session; NULL: no sessions */
    chirp_find_user_fn *verify_token;  /* by a bearer token; NULL: no tokens */
    void *user;                        /* of both; must outlive the app */
    const char *session_key;           /* "user_id" */
    const char *session_version_key;   /* "_session_version" */
    const char *token_header;          /* "Authorization" */
    const char *token_scheme;          /* "Bearer", this spelling, and one blank; "": bare tokens */
    const char *login_url;             /* where guards send browsers, "/login"; NULL: nowhere, they
                                          get 401 */
    const char *const *exclude_paths;  /* exact: all are nobody there; NULL: none */
} chirp_auth_options;

CHIRP_API void chirp_auth_options_init(chirp_auth_options *options);

/**
 * Tells whose a request is: by its token, else by its session. The user is looked for when first
 * asked for; answers for which that happened are `private` and vary by what was looked at.
 * Templates get current_user(), which is false for nobody and has id, is_authenticated,
 * permissions and what the profile has.
 *
 * Errors: KIDA_E_USAGE with neither load_user nor verify_token, and for load_user unless
 *         chirp_use_sessions was called before.
 */
CHIRP_API kida_status chirp_use_auth(struct chirp_app *app, const chirp_auth_options *options,
                                     kida_error *err);

/** The user of a request; never NULL, nobody without the layer. Thread: waits */
CHIRP_API const chirp_user *chirp_current_user(chirp_request *req);

/**
 * Logs a user in: a new session that holds id and version, and nothing of the old one. id,
 * permissions and version are copied.
 *
 * Errors: KIDA_E_USAGE without the layer or sessions, or for nobody; KIDA_E_NOMEM.
 * Thread: owner
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_login(chirp_request *req, const chirp_user *user);

/** Logs out: empties the session; the request is nobody's from here on. Thread: waits */
CHIRP_API void chirp_logout(chirp_request *req);

/**
 * Where to go after a login: `next` of the form or the query if it is an address of this site
 * (chirp_url_is_local), else fallback. NUL-ended; lives as long as the request. Thread: owner
 */
CHIRP_API const char *chirp_login_next(chirp_request *req, const char *fallback);

/* ---- guards -------------------------------------------------------------------------------- */

/** Whether a known user may go on; arg as in the guard. Thread: waits */
typedef bool chirp_policy_fn(chirp_request *req, const chirp_user *user, void *arg);

/** What a route asks of its users. */
typedef struct chirp_guard {
    const char *const *permissions; /* all of them, ended by NULL; NULL: a login is enough */
    chirp_policy_fn *policy;        /* NULL: none */
    void *arg;
} chirp_guard;

/**
 * NULL if the user of a request passes, else the answer. guard NULL: a login is enough.
 *
 * Nobody: 401 for API clients (those with an Authorization field, and those that accept
 * application/json and not text/html); htmx is sent to the login page by HX-Redirect, a browser by
 * 302, with the way back in `next`. A user who lacks something: 403.
 *
 *     chirp_reply *refusal = chirp_require(req, NULL);
 *     if (refusal)
 *         return refusal;
 *
 * Errors: without the auth layer every request is refused, with 500.
 * Thread: waits
 */
CHIRP_API chirp_reply *chirp_require(chirp_request *req, const chirp_guard *guard);

/** chirp_require for one permission. Thread: waits */
CHIRP_API chirp_reply *chirp_require_permission(chirp_request *req, const char *permission);

/**
 * chirp_route_add with a guard before the handler.
 *
 * Owner:  guard is copied; its permissions and arg must outlive the app.
 * Errors: as chirp_route_add.
 * Thread: setup
 */
CHIRP_API kida_status chirp_route_guarded(chirp_app *app, const chirp_route_def *route,
                                          const chirp_guard *guard, kida_error *err);

KIDA_END_DECLS

#endif
