/* SPDX-License-Identifier: MIT */
/* security.h - layers that tell browsers what to allow: other origins, frames, scripts. Rules for
 * options and errors are those of middleware.h. */
#ifndef CHIRP_SECURITY_H
#define CHIRP_SECURITY_H

#include "middleware.h"

KIDA_BEGIN_DECLS

/* ---- other origins ------------------------------------------------------------------------- */

/** Who may read answers from another origin. Lists are arrays ended by NULL; NULL: empty. */
typedef struct chirp_cors_options {
    size_t size;                      /* of this struct */
    const char *const *allow_origins; /* exact: "https://app.example.com"; "null"; "*" */
    const char *const *allow_methods; /* GET, HEAD, OPTIONS */
    const char *const *allow_headers;
    const char *const *expose_headers;
    bool allow_credentials;           /* not together with "*" */
    uint32_t max_age;                 /* seconds that a preflight is remembered, 600; 0: not sent */
} chirp_cors_options;

CHIRP_API void chirp_cors_options_init(chirp_cors_options *options);

/**
 * Adds the CORS fields for allowed origins and answers their OPTIONS with 204; others pass without
 * any field. Origins are compared byte by byte.
 *
 * Errors: KIDA_E_USAGE for "*" together with credentials.
 * Compat: the reference reflects any origin there.
 */
CHIRP_API kida_status chirp_use_cors(struct chirp_app *app, const chirp_cors_options *options,
                                     kida_error *err);

/* ---- security headers ---------------------------------------------------------------------- */

/** Fields that are added where the answer does not have them; NULL or "": not added. */
typedef struct chirp_security_options {
    size_t size;                     /* of this struct */
    const char *frame_options;       /* "DENY" */
    const char *referrer_policy;     /* "strict-origin-when-cross-origin" */
    const char *content_policy;      /* Content-Security-Policy; left out where a nonce policy is */
    const char *transport_security;  /* over TLS only; NULL */
    bool no_sniff;                   /* X-Content-Type-Options on every type, true */
} chirp_security_options;

CHIRP_API void chirp_security_options_init(chirp_security_options *options);

/** Adds the fields to HTML (nosniff: to all) answers. Added by itself with env "production". */
CHIRP_API kida_status chirp_use_security_headers(struct chirp_app *app,
                                                 const chirp_security_options *options,
                                                 kida_error *err);

/* ---- nonces -------------------------------------------------------------------------------- */

/** A Content-Security-Policy with a fresh nonce for each answer. */
typedef struct chirp_csp_options {
    size_t size;              /* of this struct */
    const char *base;         /* directives besides script-src */
    const char *script_hosts; /* sources after 'self' and the nonce; the two usual CDNs */
    bool unsafe_eval;         /* for Alpine's usual build */
} chirp_csp_options;

CHIRP_API void chirp_csp_options_init(chirp_csp_options *options);

/** Adds the policy to every answer that has none. Templates read the nonce by csp_nonce(). Added by
 *  itself where the config says csp_nonce. */
CHIRP_API kida_status chirp_use_csp_nonce(struct chirp_app *app, const chirp_csp_options *options,
                                          kida_error *err);

/** Nonce of the running request, for `<script nonce="…">`; empty without the layer. */
CHIRP_API kida_str chirp_csp_nonce(const chirp_request *req);

KIDA_END_DECLS

#endif
