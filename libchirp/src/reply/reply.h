/* SPDX-License-Identifier: MIT */
/* reply.h - a reply from inside, and the steps from what is meant to bytes. */
#ifndef CH_REPLY_REPLY_H
#define CH_REPLY_REPLY_H

#include <chirp/reply.h>

#include "http/head.h"
#include "http/headers.h"
#include "http/request.h"

typedef enum ch_reply_kind {
    CH_REPLY_BYTES,    /* body is what is sent */
    CH_REPLY_TEMPLATE, /* to be rendered */
    CH_REPLY_STREAM,   /* sent piece by piece, after all middleware */
    CH_REPLY_FAIL      /* to be answered by an error handler or the default page */
} ch_reply_kind;

typedef enum ch_intent { CH_INTENT_UNKNOWN, CH_INTENT_FULL_PAGE, CH_INTENT_FRAGMENT } ch_intent;

struct chirp_reply {
    chirp_request *req;
    ch_reply_kind kind;
    ch_intent intent;
    unsigned status;
    bool is_failure;
    bool is_internal;       /* FAIL: no fault of the client; logged, details in debug mode only */
    kida_status bad;        /* first setter that failed */
    kida_str content_type;  /* empty: no such header */
    ch_headers headers;
    kida_str body;
    /* BYTES: part of a file instead of body */
    bool has_file;
    int file;
    uint64_t file_at;
    uint64_t file_length;
    /* TEMPLATE; kept when it fails, for the debug page */
    kida_str name;
    kida_str block;         /* empty: the whole */
    kida_value context;
    bool with_path;         /* context gets current_path */
    kida_str inline_text;   /* of a template without a name; ptr NULL: it has one */
    /* STREAM. Sends head and body; or returns another reply to be sent, the head being unsent. */
    struct chirp_reply *(*stream)(chirp_request *req, struct chirp_reply *reply);
    const void *source;     /* what it reads */
    bool without_id;        /* no x-request-id */
    const struct ch_coding *coding; /* of its body; NULL: as it is */
    unsigned coding_level;
    /* FAIL */
    kida_str detail;
    const kida_error *error;
    const struct chirp_reply *cause; /* its handler failed with this one; NULL: none */
};

/* An empty 200; NULL when memory is out. */
chirp_reply *ch_reply_new(chirp_request *req, ch_reply_kind kind, kida_str content_type);

/* A failure that is the server's. */
chirp_reply *ch_reply_internal(chirp_request *req, const kida_error *error);

/* Turns whatever is meant into bytes; NULL stays NULL. */
chirp_reply *ch_reply_settle(chirp_request *req, chirp_reply *reply);

/* bridge.c: renders a TEMPLATE reply in place. Errors: those of the render, body is empty then. */
kida_status ch_reply_render(chirp_request *req, chirp_reply *reply, kida_error *err);

/* bridge.c: what is rendered piece by piece, and where the pieces go. */
typedef struct ch_render {
    kida_str name;
    kida_str source;        /* ptr not NULL: the template's text, compiled for this once */
    kida_str block;         /* empty: the whole */
    kida_value context;
    bool with_path;         /* context gets current_path */
    bool in_pieces;         /* at the boundaries of the language */
    const kida_block_html *blocks; /* given as ready HTML */
    size_t block_count;
    kida_sink_fn *sink;     /* may wait */
    void *user;             /* of sink and flush */
    kida_status (*flush)(void *user);
    const volatile bool *stop;
} ch_render;

/* Renders to a sink. Errors: those of the render; the sink may have got a part. Thread: waits */
kida_status ch_render_to(chirp_request *req, const ch_render *what, kida_error *err);

/* Renders into a buffer that is given back when the response has ended; sink and user are set here.
 * *out is unchanged on failure. Errors: as ch_render_to. */
kida_status ch_render_part(chirp_request *req, ch_render *what, kida_str *out, kida_error *err);

/* The same for one block. */
kida_status ch_render_text(chirp_request *req, kida_str name, kida_str block, kida_value context,
                           kida_str *out, kida_error *err);

/* As ch_render_text, with a block (NULL: none) given as ready HTML. */
kida_status ch_render_page(chirp_request *req, kida_str name, kida_str block,
                           const kida_block_html *content, kida_value context, kida_str *out,
                           kida_error *err);

/* serve.c: appends the head of a reply to the connection's output. Errors: KIDA_E_NOMEM,
 * KIDA_E_USAGE for a head that must not be sent. */
kida_status ch_reply_put_head(chirp_request *req, const chirp_reply *reply, ch_framing framing);

/* settle.c: the answer to a failure of the server, with the headers that middleware has set on the
 * reply that failed. */
chirp_reply *ch_reply_replace(chirp_request *req, const chirp_reply *reply,
                              const kida_error *error);

/* page.c: default answer to a failure, in place. Errors: KIDA_E_NOMEM. */
kida_status ch_reply_default_page(chirp_request *req, chirp_reply *reply);

/* debug_page.c: all that helps a developer, escaped: as a document, or as a panel for htmx. */
void ch_debug_page(kida_buf *out, chirp_request *req, const chirp_reply *reply);
void ch_debug_panel(kida_buf *out, chirp_request *req, const chirp_reply *reply);

/* json.c. Errors: KIDA_E_LIMIT_DEPTH, KIDA_E_LIMIT_OUTPUT, KIDA_E_NOMEM. */
kida_status ch_json_write(kida_buf *out, kida_value value);
kida_status ch_json_write_array(kida_buf *out, const kida_struct *description, const void *first,
                                size_t count);

extern const kida_str ch_type_html;

#endif
