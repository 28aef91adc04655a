/* SPDX-License-Identifier: MIT */
/* session.h - what a client keeps from request to request, and the proof that its forms are ours.
 * Rules for options and errors are those of middleware.h. */
#ifndef CHIRP_SESSION_H
#define CHIRP_SESSION_H

#include "cache.h"

KIDA_BEGIN_DECLS

/* ---- sessions ------------------------------------------------------------------------------ */

/** When the session cookie is marked Secure. */
typedef enum chirp_secure {
    CHIRP_SECURE_AUTO = 0, /* over TLS and in production */
    CHIRP_SECURE_ALWAYS,
    CHIRP_SECURE_NEVER
} chirp_secure;

/** A session in a signed cookie, or in a store with a random id in the cookie. */
typedef struct chirp_session_options {
    size_t size;                 /* of this struct */
    const char *secret_key;      /* at least 32 bytes; NULL: that of the config */
    const char *const *old_keys; /* keys that are still accepted, ended by NULL; NULL: none */
    const char *cookie_name;     /* "chirp_session" */
    const char *path;            /* "/" */
    const char *domain;          /* NULL: none */
    chirp_secure secure;
    bool script_visible;         /* without HttpOnly */
    chirp_same_site same_site;   /* lax */
    uint32_t max_age;            /* seconds, 86400 */
    uint32_t idle_timeout;       /* seconds without a request; 0: none */
    uint32_t absolute_timeout;   /* seconds since its beginning; 0: none */
    chirp_cache *store;          /* where sessions are kept; NULL: in the cookie, readable */
} chirp_session_options;

CHIRP_API void chirp_session_options_init(chirp_session_options *options);

/**
 * Gives each request a session. It is read on first use and its cookie is written when something
 * has changed or half of its life is over; then the answer gets Vary: Cookie and, unless it has a
 * Cache-Control, `private`.
 *
 * Owner:  store must outlive the app.
 * Errors: KIDA_E_USAGE for a key under 32 bytes.
 * Limits: a cookie of 4093 bytes; a larger session is answered by 500 and logged.
 */
CHIRP_API kida_status chirp_use_sessions(struct chirp_app *app,
                                         const chirp_session_options *options, kida_error *err);

/** Value kept under a name; of kind KIDA_ABSENT if there is none. Thread: owner */
CHIRP_API kida_value chirp_session_get(chirp_request *req, const char *name);

/** Text kept under a name; may be missing. Thread: owner */
CHIRP_API kida_str chirp_session_text(chirp_request *req, const char *name);

/**
 * Keeps a value: text, number, bool, none, and lists and dicts of them.
 *
 * Owner:  the name and a text are copied; lists and dicts must live in chirp_pool.
 * Errors: KIDA_E_USAGE without a session layer, KIDA_E_LIMIT_MEMORY for more than 128 names.
 * Thread: owner
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_session_set(chirp_request *req, const char *name,
                                                       kida_value value);

/** Forgets a name; forgets all. Thread: owner */
CHIRP_API void chirp_session_delete(chirp_request *req, const char *name);
CHIRP_API void chirp_session_clear(chirp_request *req);

/** Empties the session and gives it a new id: at login, logout and when rights change. */
CHIRP_API void chirp_session_renew(chirp_request *req);

/* ---- cross-site request forgery ------------------------------------------------------------ */

/** How requests that change something prove that they come from our pages. */
typedef struct chirp_csrf_options {
    size_t size;                        /* of this struct */
    const char *field_name;             /* "_csrf_token" */
    const char *header_name;            /* "X-CSRF-Token" */
    const char *session_key;            /* "_csrf_token" */
    const char *const *exempt_paths;    /* exact; NULL: none */
    const char *const *trusted_origins; /* other origins that may send forms; NULL: none */
} chirp_csrf_options;

CHIRP_API void chirp_csrf_options_init(chirp_csrf_options *options);

/**
 * Answers 403 to POST, PUT, PATCH and DELETE without the token of the session in the header or
 * form field, and to those from another site. Templates get csrf_token(), the text, and
 * csrf_field(), the hidden field.
 *
 * Errors: KIDA_E_USAGE unless chirp_use_sessions was called before.
 */
CHIRP_API kida_status chirp_use_csrf(struct chirp_app *app, const chirp_csrf_options *options,
                                     kida_error *err);

/** Token of the session, made on first use; missing without the layer. Thread: owner */
CHIRP_API kida_str chirp_csrf_token(chirp_request *req);

KIDA_END_DECLS

#endif
