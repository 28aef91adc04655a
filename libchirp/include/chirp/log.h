/* SPDX-License-Identifier: MIT */
/* log.h - lines of the application in the log of its worker, and events of security. */
#ifndef CHIRP_LOG_H
#define CHIRP_LOG_H

#include "app.h"

KIDA_BEGIN_DECLS

/** One further member of a log line. Any bytes; they are escaped. */
typedef struct chirp_log_field {
    const char *name;
    kida_str value;
} chirp_log_field;

/**
 * Writes a line with the id, method and path of the request, one JSON object or one line of text as
 * config.log_format says. Never blocks. Keep secrets out of it.
 *
 * Limits: 4 KiB a line, the rest is cut; lines that the target does not take are dropped.
 * Thread: owner
 */
CHIRP_API void chirp_log(chirp_request *req, chirp_log_level level, const char *format, ...)
    KIDA_PRINTF(3, 4);

/** As chirp_log, with members of its own before those of the request. Thread: owner */
CHIRP_API void chirp_log_fields(chirp_request *req, chirp_log_level level, kida_str message,
                                const chirp_log_field *fields, size_t count);

/* ---- audit --------------------------------------------------------------------------------- */

/**
 * Something that matters for security. The library's own names: auth.login.success,
 * auth.logout.success, auth.token.invalid, auth.session.version_mismatch,
 * auth.require.unauthenticated, authz.permission.denied, authz.policy.denied, csrf.reject.missing,
 * csrf.reject.invalid, csrf.reject.origin. Texts may hold any bytes of the client.
 */
typedef struct chirp_audit_event {
    const char *name;
    int64_t time;     /* milliseconds since 1970-01-01 UTC */
    kida_str path;
    kida_str method;
    kida_str user_id; /* "": nobody */
    kida_str detail;  /* "": none */
    chirp_request *req;
} chirp_audit_event;

/** Takes an event; called on the worker of its request. Thread: any, as all workers call it */
typedef void chirp_audit_fn(const chirp_audit_event *event, void *user);

/**
 * Sends audit events to sink instead of the log (config.audit_sink "log": a line
 * `security:<name>`; "none": nowhere).
 *
 * Owner:  free_user (NULL: nothing) is called once: with the app, or at once on failure.
 * Errors: KIDA_E_FROZEN; KIDA_E_USAGE for a second sink.
 * Thread: setup
 */
CHIRP_API kida_status chirp_audit_to(chirp_app *app, chirp_audit_fn *sink, void *user,
                                     void (*free_user)(void *));

/** Reports an event of the application's own. user_id, detail: may be empty. Thread: owner */
CHIRP_API void chirp_audit(chirp_request *req, const char *name, kida_str user_id,
                           kida_str detail);

KIDA_END_DECLS

#endif
