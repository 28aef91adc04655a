/* SPDX-License-Identifier: MIT */
/* request.h - what a handler can ask of its request.
 *
 * Every text is a slice that lives until the response has ended. Where a thing can be missing, a
 * missing one has a NULL pointer (chirp_given is false) and an empty one has not. */
#ifndef CHIRP_REQUEST_H
#define CHIRP_REQUEST_H

#include "config.h"

KIDA_BEGIN_DECLS

/** One request, from its dispatch to the end of its response. */
typedef struct chirp_request chirp_request;

/** Whether a text that may be missing is there. */
static inline bool
chirp_given(kida_str text)
{
    return text.ptr != NULL;
}

/* ---- the request line ---------------------------------------------------------------------- */

/** Method in upper case. Thread: owner */
CHIRP_API kida_str chirp_method(const chirp_request *req);

/** Path, percent-decoded once, valid UTF-8, without the query. Thread: owner */
CHIRP_API kida_str chirp_path(const chirp_request *req);

/** Path and, where there is one, `?` and the query, both as sent. Thread: owner */
CHIRP_API kida_str chirp_url(const chirp_request *req);

/** Query as sent, without `?`; missing if there was none. Thread: owner */
CHIRP_API kida_str chirp_query_string(const chirp_request *req);

/** "1.1" or "1.0". Thread: owner */
CHIRP_API kida_str chirp_http_version(const chirp_request *req);

/** Host in lower case, without port and trailing dot; IPv6 in brackets. Thread: owner */
CHIRP_API kida_str chirp_host(const chirp_request *req);

/** "http" or "https". Thread: owner */
CHIRP_API kida_str chirp_scheme(const chirp_request *req);

/** Address of the client, as seen on the socket or told by a trusted proxy. Thread: owner */
CHIRP_API kida_str chirp_client(const chirp_request *req);
CHIRP_API uint32_t chirp_client_port(const chirp_request *req);

/** Id under which this request is logged and answered. Thread: owner */
CHIRP_API kida_str chirp_request_id(const chirp_request *req);

/* ---- headers and cookies ------------------------------------------------------------------- */

/**
 * First value of a header, any case; may be missing. Bytes are as sent: they may be no UTF-8, so
 * look with kida_utf8_valid before a template shows them. Thread: owner
 */
CHIRP_API kida_str chirp_header(const chirp_request *req, const char *name);

/** Value number index of a header that was sent several times; may be missing. Thread: owner */
CHIRP_API kida_str chirp_header_nth(const chirp_request *req, const char *name, size_t index);

/** All header fields in the order sent; false past the end. Thread: owner */
CHIRP_API bool chirp_header_at(const chirp_request *req, size_t index, kida_str *name,
                               kida_str *value);

/** First value of a trailer field; never mixed with headers. Thread: owner */
CHIRP_API kida_str chirp_trailer(const chirp_request *req, const char *name);

/**
 * Value of a cookie; may be missing. Of several with one name the first counts. Bytes as for
 * chirp_header. Thread: owner
 */
CHIRP_API kida_str chirp_cookie(chirp_request *req, const char *name);

/** All cookies in the order sent; false past the end. Thread: owner */
CHIRP_API bool chirp_cookie_at(chirp_request *req, size_t index, kida_str *name, kida_str *value);

/* ---- query --------------------------------------------------------------------------------- */

/** First value of a query parameter, decoded; may be missing. Thread: owner */
CHIRP_API kida_str chirp_query(chirp_request *req, const char *name);

/** Value number index of a parameter that was given several times; may be missing. Thread: owner */
CHIRP_API kida_str chirp_query_nth(chirp_request *req, const char *name, size_t index);

/** All query pairs in order; false past the end. Thread: owner */
CHIRP_API bool chirp_query_at(chirp_request *req, size_t index, kida_str *name, kida_str *value);

/** Query parameter as a whole number; fallback if missing, no number or beyond 64 bits. */
CHIRP_API int64_t chirp_query_int(chirp_request *req, const char *name, int64_t fallback);

/** True for true, 1, yes, on in any case; fallback if missing; else false. Thread: owner */
CHIRP_API bool chirp_query_bool(chirp_request *req, const char *name, bool fallback);

/* ---- path parameters ----------------------------------------------------------------------- */

/** Path parameter as text; missing before routing and for unknown names. Thread: owner */
CHIRP_API kida_str chirp_param(const chirp_request *req, const char *name);

/** Path parameter as a whole number. Errors: KIDA_E_KEY, KIDA_E_TYPE; out untouched. */
CHIRP_API CHIRP_MUST_USE kida_status chirp_param_int(const chirp_request *req, const char *name,
                                                     int64_t *out);

/** Path parameter as a float. Errors: KIDA_E_KEY, KIDA_E_TYPE; out untouched. */
CHIRP_API CHIRP_MUST_USE kida_status chirp_param_float(const chirp_request *req, const char *name,
                                                       double *out);

/** All path parameters in the order of the pattern; false past the end. Thread: owner */
CHIRP_API bool chirp_param_at(const chirp_request *req, size_t index, kida_str *name,
                              kida_str *value);

/* ---- body ---------------------------------------------------------------------------------- */

/** The whole body; empty if there is none. Bytes as sent. Thread: owner */
CHIRP_API kida_str chirp_body(const chirp_request *req);

/**
 * Waits for the next piece of the body; an empty one is its end. On routes with stream_body the
 * pieces come as the client sends them, and it is held up while 64 KiB lie unread; elsewhere the
 * whole body is one piece. A client that waits for `100 Continue` is told by the first call.
 *
 * Owner:  *piece is valid until the next call.
 * Errors: KIDA_E_STOPPED: the client has gone, was too slow (408), sent too much (413) or nonsense
 *         (400). It has got that answer; what the handler replies is dropped.
 * Thread: waits
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_body_read(chirp_request *req, kida_str *piece);

/** What a form says of one of its parts, in chirp_form_stream: as sent, untrusted. */
typedef struct chirp_part {
    kida_str name;
    kida_str filename;     /* missing for fields */
    kida_str content_type; /* may be missing */
} chirp_part;

/** Calls for the parts of a form, in order: begin, data any number of times, end. What is not
 *  KIDA_OK ends the reading. Thread: waits */
typedef struct chirp_part_calls {
    kida_status (*begin)(void *user, const chirp_part *part);
    kida_status (*data)(void *user, kida_str piece);
    kida_status (*end)(void *user);
} chirp_part_calls;

/**
 * Reads a multipart body by chirp_body_read without keeping anything of it.
 *
 * Errors: as chirp_form_read and chirp_body_read; what a call returned.
 * Limits: those of chirp_form_read for heads and numbers; sizes are up to the calls.
 * Thread: waits
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_form_stream(chirp_request *req,
                                                       const chirp_part_calls *calls, void *user,
                                                       kida_error *err);

/** Content-Type as sent; may be missing. Thread: owner */
CHIRP_API kida_str chirp_content_type(const chirp_request *req);

/**
 * Reads the body as a form (application/x-www-form-urlencoded, also without a Content-Type, or
 * multipart/form-data); done once, further calls answer the same. chirp_reply_bad_form answers a
 * failure.
 *
 * Errors: KIDA_E_UNSUPPORTED for another type or a Content-Encoding (415), KIDA_E_PARSE for a
 *         malformed multipart body (400), KIDA_E_LIMIT_MEMORY for too many or too large parts
 *         (400), KIDA_E_NOMEM.
 * Limits: config.max_form_fields, max_form_files, max_form_field; names of 256 bytes, file names of
 *         1 KiB, part headers of 8 KiB and 16 lines.
 * Thread: owner
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_form_read(chirp_request *req, kida_error *err);

/** First value of a form field; missing also when the body is no form. Thread: owner */
CHIRP_API kida_str chirp_form(chirp_request *req, const char *name);

/** Value number index of a repeated field; may be missing. Thread: owner */
CHIRP_API kida_str chirp_form_nth(chirp_request *req, const char *name, size_t index);

/** All form fields in order; false past the end. Thread: owner */
CHIRP_API bool chirp_form_at(chirp_request *req, size_t index, kida_str *name, kida_str *value);

/** One file of a multipart form. Everything but data is untrusted text of the client. */
typedef struct chirp_upload {
    kida_str field;        /* name of the form field */
    kida_str filename;     /* never a path to be used as it is: see chirp_upload_save */
    kida_str content_type; /* application/octet-stream where the client says none */
    kida_str data;         /* large ones lie in a file that is mapped, not in memory */
} chirp_upload;

/** Number of files in the form; fields of type file that were left empty don't count. */
CHIRP_API size_t chirp_upload_count(chirp_request *req);

/** File number index in the order sent; false past the end. Thread: owner */
CHIRP_API bool chirp_upload_at(chirp_request *req, size_t index, chirp_upload *out);

/** First file of a field; false if there is none. Thread: owner */
CHIRP_API bool chirp_upload_get(chirp_request *req, const char *field, chirp_upload *out);

/**
 * The last component of a file name, with control bytes, slashes and leading dots taken out: fit to
 * be a file name of its own; `upload` if nothing is left. Copied. Thread: owner
 */
CHIRP_API kida_str chirp_upload_name(chirp_request *req, const chirp_upload *upload);

/**
 * Writes a file into a directory, under name (NULL: chirp_upload_name). Never overwrites and never
 * follows a link at that place; mode 0600. On a helper thread.
 *
 * Errors: KIDA_E_IO with the reason (a file that exists, a full disk: answer 507), nothing stays
 *         then; KIDA_E_USAGE for a name with a slash; KIDA_E_STOPPED.
 * Thread: waits
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_upload_save(chirp_request *req,
                                                       const chirp_upload *upload,
                                                       const char *directory, const char *name,
                                                       kida_error *err);

/**
 * Reads the body as JSON into the request's pool.
 *
 * NaN, Infinity and -Infinity are read as the reference reads them; of a key that comes twice the
 * last value counts.
 *
 * Errors: KIDA_E_JSON with line and column (answer 400), also for text that is too deep or has too
 *         many nodes; KIDA_E_UNSUPPORTED for a body with a Content-Encoding; KIDA_E_NOMEM.
 * Thread: owner
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_json(chirp_request *req, kida_value *out,
                                                kida_error *err);

/* ---- htmx ---------------------------------------------------------------------------------- */

/** HX-Request: true. The client says so: nothing to trust for security. Thread: owner */
CHIRP_API bool chirp_is_fragment(const chirp_request *req);

/** HX-Boosted: true, HX-History-Restore-Request: true. Thread: owner */
CHIRP_API bool chirp_is_boosted(const chirp_request *req);
CHIRP_API bool chirp_is_history_restore(const chirp_request *req);

/* The other request headers of htmx; decoded where <Name>-URI-AutoEncoded is true; may be missing.
 * Untrusted text.  Thread: owner */
CHIRP_API kida_str chirp_hx_target(chirp_request *req);
CHIRP_API kida_str chirp_hx_trigger(chirp_request *req);
CHIRP_API kida_str chirp_hx_trigger_name(chirp_request *req);
CHIRP_API kida_str chirp_hx_current_url(chirp_request *req);
CHIRP_API kida_str chirp_hx_prompt(chirp_request *req);
CHIRP_API kida_str chirp_hx_partial(chirp_request *req);

/** Path and query of HX-Current-URL if it is of this server, else missing. Thread: owner */
CHIRP_API kida_str chirp_hx_current_path(chirp_request *req);

/* ---- memory and state of the request ------------------------------------------------------- */

/** Bytes that live until the response has ended; NULL at the limit. Thread: owner */
CHIRP_API CHIRP_MUST_USE void *chirp_alloc(chirp_request *req, size_t size);

/** Copy of a text in the request's memory; missing if there is none left. Thread: owner */
CHIRP_API kida_str chirp_copy(chirp_request *req, kida_str text);

/** A growing text that lives until the response has ended, from the worker's pool: for bodies that
 *  a handler or middleware writes itself. NULL when out of memory. Thread: owner */
CHIRP_API CHIRP_MUST_USE kida_buf *chirp_buffer(chirp_request *req);

/** Pool in which a handler builds values for templates and JSON; NULL when out. Thread: owner */
CHIRP_API kida_pool *chirp_pool(chirp_request *req);

/**
 * A second pool, emptied by each call: for what one step of a long stream needs, an event say. What
 * is made in chirp_pool stays until the stream has ended, and adds up.
 *
 * Errors: NULL when out of memory.
 * Limits: config.request_memory
 * Thread: owner
 */
CHIRP_API kida_pool *chirp_scratch(chirp_request *req);

/**
 * Keeps a pointer under a name until the response has ended; one already there is destroyed.
 *
 * Owner:  destroy (NULL: nothing) is called exactly once, also when this call fails.
 * Errors: KIDA_E_NOMEM
 * Thread: owner
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_g_set(chirp_request *req, const char *name, void *ptr,
                                                 void (*destroy)(void *ptr));

/** Pointer kept under a name, or NULL. Thread: owner */
CHIRP_API void *chirp_g_get(const chirp_request *req, const char *name);

/** Keeps a value; what it points to must live in chirp_pool or longer. Thread: owner */
CHIRP_API CHIRP_MUST_USE kida_status chirp_g_set_value(chirp_request *req, const char *name,
                                                       kida_value value);

/** Value kept under a name, or one of kind KIDA_ABSENT. Thread: owner */
CHIRP_API kida_value chirp_g_get_value(const chirp_request *req, const char *name);

/** Whether something is kept under a name; forgetting it. Thread: owner */
CHIRP_API bool chirp_g_has(const chirp_request *req, const char *name);
CHIRP_API void chirp_g_delete(chirp_request *req, const char *name);

KIDA_END_DECLS

#endif
