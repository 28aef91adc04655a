/* SPDX-License-Identifier: MIT */
/* reply.h - what a handler answers: a value that says what is meant, turned into bytes for this
 * client (a browser or htmx) by the framework.
 *
 * Every function that makes a reply may return NULL when memory is out, and every function that
 * takes one accepts NULL, so that calls can be chained and checked nowhere: NULL becomes a plain
 * 500. Replies live in the memory of their request; nothing is freed.
 */
#ifndef CHIRP_REPLY_H
#define CHIRP_REPLY_H

#include "request.h"

KIDA_BEGIN_DECLS

/** An answer in the making. */
typedef struct chirp_reply chirp_reply;

/** What went wrong, for error handlers. Lives as long as its request. */
typedef struct chirp_failure {
    unsigned status;         /* that will be answered unless the handler sets another */
    kida_str detail;         /* as given to chirp_reply_fail; plain text, not escaped */
    const kida_error *error; /* of a template or of chirp_reply_error; NULL: none */
} chirp_failure;

/* ---- plain replies ------------------------------------------------------------------------- */

/** 200 text/plain. Owner: text is borrowed until the response has ended. Thread: owner */
CHIRP_API chirp_reply *chirp_reply_text(chirp_request *req, kida_str text);

/** 200 text/plain with formatted text, copied. Thread: owner */
CHIRP_API chirp_reply *chirp_reply_textf(chirp_request *req, const char *format, ...)
    KIDA_PRINTF(2, 3);

/** 200 text/html with HTML that is safe already. Owner: html is borrowed. Thread: owner */
CHIRP_API chirp_reply *chirp_reply_html(chirp_request *req, kida_str html);

/** 200 with any bytes; content_type NULL: application/octet-stream. Owner: both borrowed. */
CHIRP_API chirp_reply *chirp_reply_bytes(chirp_request *req, kida_str bytes,
                                         const char *content_type);

/**
 * 200 with part of an open file, sent piece by piece as the client takes it. A file that turns out
 * shorter than offset and length say cuts the connection.
 *
 * Owner:  fd is closed when the response has ended, also on failure here; content_type is borrowed,
 *         NULL: application/octet-stream.
 * Thread: owner
 */
CHIRP_API chirp_reply *chirp_reply_fd(chirp_request *req, int fd, uint64_t offset, uint64_t length,
                                      const char *content_type);

/**
 * 200 application/json: compact, ASCII only. Structs become objects by their field tables; what
 * JSON has no form for (and numbers that are not finite) becomes null.
 *
 * Limits: containers nested deeper than 64 answer 500.
 * Thread: owner
 */
CHIRP_API chirp_reply *chirp_reply_json(chirp_request *req, kida_value value);

/** As chirp_reply_json, for count C structs in a row: an array of objects. Owner: borrowed. */
CHIRP_API chirp_reply *chirp_reply_json_array(chirp_request *req, const kida_struct *description,
                                              const void *first, size_t count);

/** A status without a body. Thread: owner */
CHIRP_API chirp_reply *chirp_reply_empty(chirp_request *req, unsigned status);

/** Everything as given; content_type NULL: no such header. Owner: both borrowed. Thread: owner */
CHIRP_API chirp_reply *chirp_reply_raw(chirp_request *req, unsigned status,
                                       const char *content_type, kida_str body);

/** 302 (another status by chirp_reply_set_status) to url, which is copied. Thread: owner */
CHIRP_API chirp_reply *chirp_reply_redirect(chirp_request *req, const char *url);

/** After a form post: 303 for browsers, HX-Redirect for htmx. Thread: owner */
CHIRP_API chirp_reply *chirp_reply_done(chirp_request *req, const char *url);

/* ---- templates ----------------------------------------------------------------------------- */

/**
 * The whole template; context is a dict, a struct or none. A dict without `current_path` gets the
 * path of the request under that name.
 *
 * Owner:  name and context are borrowed. The template renders after the handler has returned, so
 *         what they point to comes from chirp_pool or chirp_alloc, never from the handler's stack.
 * Errors: a template that fails answers 500; with config.debug the page shows where and why.
 * Thread: owner
 */
CHIRP_API chirp_reply *chirp_reply_template(chirp_request *req, const char *name,
                                            kida_value context);

/** A template that is its own text, compiled each time: for a few lines, and for trying things out.
 *  Owner: source and context are borrowed, as above; source never comes from a client.
 *  Errors: as chirp_reply_template. Thread: owner */
CHIRP_API chirp_reply *chirp_reply_inline(chirp_request *req, kida_str source, kida_value context);

/** One block of a template, for any client. Thread: owner */
CHIRP_API chirp_reply *chirp_reply_fragment(chirp_request *req, const char *name,
                                            const char *block, kida_value context);

/** The block for htmx (boosted links too), the whole template for browsers and history: the simple
 *  case of chirp_reply_compose. Adds Vary. Thread: waits */
CHIRP_API chirp_reply *chirp_reply_page(chirp_request *req, const char *name, const char *block,
                                        kida_value context);

/** 422 with a block that shows what is wrong with a form; retarget may be NULL. */
CHIRP_API chirp_reply *chirp_reply_invalid(chirp_request *req, const char *name, const char *block,
                                           const char *retarget, kida_value context);

/**
 * A template (block NULL), or one block of it, as text: for events, mails, and whatever else is no
 * reply.
 *
 * Owner:  *out lives until the response has ended; it is untouched on failure. Event streams, which
 *         last, send blocks by chirp_sse_fragment instead.
 * Errors: those of the template, KIDA_E_NOMEM; err may not be NULL.
 * Thread: waits
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_render(chirp_request *req, const char *name,
                                                  const char *block, kida_value context,
                                                  kida_str *out, kida_error *err);

/* ---- failures ------------------------------------------------------------------------------ */

/** Fails with a status and a text for the reader; the error handler of that status answers. */
CHIRP_API chirp_reply *chirp_reply_fail(chirp_request *req, unsigned status, const char *format,
                                        ...) KIDA_PRINTF(3, 4);

/** Answers a form, JSON text or body that can't be read, by err->status: 415 for another type, 507
 *  for a full disk, 500 for lack of memory, else 400; the text says what is wrong. Thread: owner */
CHIRP_API chirp_reply *chirp_reply_bad_form(chirp_request *req, const kida_error *err);

/** Fails with 500 (503: the client has gone, a database is busy) and an error record, which is
 *  copied. */
CHIRP_API chirp_reply *chirp_reply_error(chirp_request *req, const kida_error *error);

/* ---- changing a reply ---------------------------------------------------------------------- */

/*
 * All return the reply. A header or cookie that must not be sent (control bytes, bad names) turns
 * the whole reply into a 500 and is logged.  Thread: owner
 */
CHIRP_API chirp_reply *chirp_reply_set_status(chirp_reply *reply, unsigned status);
CHIRP_API chirp_reply *chirp_reply_set_type(chirp_reply *reply, const char *content_type);
CHIRP_API chirp_reply *chirp_reply_add_header(chirp_reply *reply, const char *name,
                                              const char *value);
CHIRP_API chirp_reply *chirp_reply_set_header(chirp_reply *reply, const char *name,
                                              const char *value);
CHIRP_API chirp_reply *chirp_reply_remove_header(chirp_reply *reply, const char *name);

/** Adds a field name to Vary, once. */
CHIRP_API chirp_reply *chirp_reply_vary(chirp_reply *reply, const char *field);

/** Which sites may cause a cookie to be sent. */
typedef enum chirp_same_site {
    CHIRP_SAME_SITE_LAX = 0,
    CHIRP_SAME_SITE_STRICT,
    CHIRP_SAME_SITE_NONE /* wants secure */
} chirp_same_site;

/** How a cookie is set; zeroed: a session cookie for "/", HttpOnly, Lax. */
typedef struct chirp_cookie_options {
    const char *path;    /* NULL: "/" */
    const char *domain;  /* NULL: none */
    bool has_max_age;
    int64_t max_age;     /* seconds */
    bool secure;
    bool script_visible; /* without HttpOnly */
    chirp_same_site same_site;
} chirp_cookie_options;

/** Sets a cookie; options NULL: the defaults. */
CHIRP_API chirp_reply *chirp_reply_set_cookie(chirp_reply *reply, const char *name,
                                              const char *value,
                                              const chirp_cookie_options *options);

/** Tells the client to forget a cookie of that path (NULL: "/"). */
CHIRP_API chirp_reply *chirp_reply_delete_cookie(chirp_reply *reply, const char *name,
                                                 const char *path);

/** Header HX-Trigger with one event name, and HX-Retarget; more in hypermedia.h. */
CHIRP_API chirp_reply *chirp_reply_trigger(chirp_reply *reply, const char *event);
CHIRP_API chirp_reply *chirp_reply_retarget(chirp_reply *reply, const char *selector);

/* ---- looking at a reply: for middleware ---------------------------------------------------- */

/** Status; 500 for NULL. Thread: owner */
CHIRP_API unsigned chirp_reply_status(const chirp_reply *reply);

/** Body as it stands; replies that come back through a chain are rendered already. */
CHIRP_API kida_str chirp_reply_body(const chirp_reply *reply);

/** First value of an own header; may be missing. */
CHIRP_API kida_str chirp_reply_header(const chirp_reply *reply, const char *name);

/** Whether the reply stands for a failure: middleware that injects leaves it alone. */
CHIRP_API bool chirp_reply_is_failure(const chirp_reply *reply);

/** Appends a value as compact JSON, ASCII only. Errors: KIDA_E_LIMIT_DEPTH, KIDA_E_LIMIT_OUTPUT,
 *  KIDA_E_NOMEM. Thread: owner of out */
CHIRP_API CHIRP_MUST_USE kida_status chirp_json_write(kida_buf *out, kida_value value);

/** Own header fields in the order they were added, Content-Type not among them; false past the
 *  end. Thread: owner */
CHIRP_API bool chirp_reply_header_at(const chirp_reply *reply, size_t index, kida_str *name,
                                     kida_str *value);

/** Whether chirp_reply_body is all of the body: false for files and streams. Thread: owner */
CHIRP_API bool chirp_reply_is_whole(const chirp_reply *reply);

/** Whether a whole template was rendered, or one block of it. Thread: owner */
CHIRP_API bool chirp_reply_is_page(const chirp_reply *reply);
CHIRP_API bool chirp_reply_is_partial(const chirp_reply *reply);

/** Replaces the body, which is borrowed until the response has ended. */
CHIRP_API chirp_reply *chirp_reply_set_body(chirp_reply *reply, kida_str body);

KIDA_END_DECLS

#endif
