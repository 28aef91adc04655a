/* SPDX-License-Identifier: MIT */
/* hypermedia.h - what one answer says to htmx beyond its HTML: swaps out of band, what follows a
 * change, pages put together from layouts and blocks, the HX-* headers; and answers that a client
 * may have already. */
#ifndef CHIRP_HYPERMEDIA_H
#define CHIRP_HYPERMEDIA_H

#include "app.h"

KIDA_BEGIN_DECLS

/* ---- set-up: where blocks go ---------------------------------------------------------------- */

/** Where a block is put out of band. Texts are copied. */
typedef struct chirp_region {
    const char *block;  /* name in templates */
    const char *target; /* id of its element; NULL: the name without `_oob` */
    const char *swap;   /* NULL: "true" */
    bool bare;          /* the block brings its own element with hx-swap-oob */
} chirp_region;

/** Says where a block is put. Errors: KIDA_E_FROZEN, KIDA_E_NOMEM. Thread: setup */
CHIRP_API kida_status chirp_add_region(chirp_app *app, const chirp_region *region);

/** Which block htmx gets when HX-Target is this id. Texts are copied. */
typedef struct chirp_fragment_target {
    const char *id;
    const char *block;
    bool updates_shell; /* answers bring the shell actions and the regions of the layout */
    bool required;      /* chirp_check: every page of a directory must have the block */
} chirp_fragment_target;

/** Says which block belongs to a target. Errors: KIDA_E_FROZEN, KIDA_E_NOMEM. Thread: setup */
CHIRP_API kida_status chirp_add_fragment_target(chirp_app *app,
                                                const chirp_fragment_target *target);

/* ---- out-of-band swaps ---------------------------------------------------------------------- */

/** One block that goes along. Texts are borrowed. */
typedef struct chirp_fragment {
    const char *name;     /* of the template */
    const char *block;
    kida_value context;
    const char *target;   /* NULL: as said by chirp_add_region, else the block's name */
    const char *swap;     /* NULL: the same, else "true" */
} chirp_fragment;

/**
 * main with further blocks behind it, each wrapped for its own place. Status and headers of main
 * stay.
 *
 * Errors: main that fails is answered alone; a block that fails answers 500.
 * Thread: waits
 */
CHIRP_API chirp_reply *chirp_reply_oob(chirp_request *req, chirp_reply *main,
                                       const chirp_fragment *fragments, size_t count);

/**
 * After a change: browsers are sent to url by 303. htmx gets the first block as it is, the others
 * out of band, and the event trigger (may be NULL); without blocks HX-Redirect.
 *
 * Errors: as chirp_reply_oob. Thread: waits
 */
CHIRP_API chirp_reply *chirp_reply_mutation(chirp_request *req, const char *url,
                                            const char *trigger, const chirp_fragment *fragments,
                                            size_t count);

/** 204 with an event for htmx (may be NULL), and HX-Refresh if asked. Thread: owner */
CHIRP_API chirp_reply *chirp_reply_action(chirp_request *req, const char *trigger, bool refresh);

/* ---- pages of layouts ----------------------------------------------------------------------- */

/** One layout, a template with a block `content`. Texts are borrowed. */
typedef struct chirp_layout {
    const char *name;
    const char *target; /* id of the element that its content fills */
} chirp_layout;

/** A page and what may surround it; zeroed members are left out. Everything is borrowed. */
typedef struct chirp_page {
    const char *name;           /* of the template */
    const char *block;          /* for htmx */
    const char *page_block;     /* for navigation, and inside of layouts; "": all of it */
    kida_value context;
    const chirp_layout *layouts; /* outermost first */
    size_t layout_count;
    const chirp_fragment *regions; /* go along out of band */
    size_t region_count;
    const char *shell_actions;  /* HTML for `chirp-shell-actions`, safe already */
} chirp_page;

/** What became of a page: for middleware, after the handler. */
typedef enum chirp_plan {
    CHIRP_PLAN_NONE = 0,
    CHIRP_PLAN_FULL_PAGE,
    CHIRP_PLAN_PAGE_FRAGMENT, /* boosted navigation */
    CHIRP_PLAN_LOCAL_FRAGMENT
} chirp_plan;

/**
 * The page in the form that this client wants: all of it in its layouts for browsers and history,
 * for boosted links the part that changes, for other requests of htmx one block. Adds Vary.
 *
 * Errors: templates and blocks that are missing or fail answer 500; a region of a layout that fails
 *         is left empty.
 * Thread: waits
 */
CHIRP_API chirp_reply *chirp_reply_compose(chirp_request *req, const chirp_page *page);

/** How chirp_reply_compose or chirp_reply_page has read the request. Thread: owner */
CHIRP_API chirp_plan chirp_plan_of(const chirp_request *req);

/* ---- headers for htmx ----------------------------------------------------------------------- */

/** Whether a URL stays on this site: a path that begins with one slash, also as browsers read it,
 *  without control bytes. For redirects to what a client has named. Thread: any */
CHIRP_API bool chirp_url_is_local(kida_str url);

/** As chirp_reply_redirect, for a URL that came from data: 400 unless it is local. Thread: owner */
CHIRP_API chirp_reply *chirp_reply_redirect_local(chirp_request *req, kida_str url);

/* All return the reply. URLs must be local (chirp_url_is_local), others turn it into a 500: set the
 * header by its name for those that are not data.  Thread: owner */
CHIRP_API chirp_reply *chirp_reply_hx_redirect(chirp_reply *reply, const char *url);
CHIRP_API chirp_reply *chirp_reply_hx_push_url(chirp_reply *reply, const char *url); /* "false" */
CHIRP_API chirp_reply *chirp_reply_hx_replace_url(chirp_reply *reply, const char *url);
CHIRP_API chirp_reply *chirp_reply_hx_reswap(chirp_reply *reply, const char *swap);
CHIRP_API chirp_reply *chirp_reply_hx_reselect(chirp_reply *reply, const char *selector);
CHIRP_API chirp_reply *chirp_reply_hx_refresh(chirp_reply *reply);
CHIRP_API chirp_reply *chirp_reply_hx_stop_polling(chirp_reply *reply); /* status 286 */

/** Members of HX-Location; NULL ones are left out. */
typedef struct chirp_hx_location {
    const char *path;
    const char *target, *swap, *source, *event, *select;
    kida_value values;  /* to be sent along, a dict */
    kida_value headers; /* of the request that htmx makes, a dict */
} chirp_hx_location;

/** HX-Location: the plain path, or JSON where more is said. Thread: owner */
CHIRP_API chirp_reply *chirp_reply_hx_location(chirp_reply *reply,
                                               const chirp_hx_location *location);

/** When htmx fires an event of the answer. */
typedef enum chirp_hx_when {
    CHIRP_HX_NOW = 0,
    CHIRP_HX_AFTER_SWAP,
    CHIRP_HX_AFTER_SETTLE
} chirp_hx_when;

/**
 * Adds an event to HX-Trigger, HX-Trigger-After-Swap or -After-Settle. One event without a detail
 * stays plain text; more, or a detail (none: true), make it JSON, ASCII only.
 *
 * Errors: over 4 KiB turn the reply into a 500. Thread: owner
 */
CHIRP_API chirp_reply *chirp_reply_hx_trigger(chirp_reply *reply, chirp_hx_when when,
                                              const char *event, kida_value detail);

/* ---- what a client has already -------------------------------------------------------------- */

/**
 * Renders the reply, adds an entity tag made of its body, and answers 304 to a GET or HEAD of a
 * client that has it. Other statuses than 200 stay as they are. Thread: waits
 */
CHIRP_API chirp_reply *chirp_reply_fresh(chirp_reply *reply);

/**
 * A regular file by its path, with entity tag, date, conditional answers and one range;
 * content_type NULL: application/octet-stream.
 *
 * Owner:  path is no text of a client: chirp_use_static is for those.
 * Errors: 404 for what is no regular file or not there.
 * Thread: owner
 */
CHIRP_API chirp_reply *chirp_reply_file(chirp_request *req, const char *path,
                                        const char *content_type);

KIDA_END_DECLS

#endif
