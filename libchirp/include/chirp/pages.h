/* SPDX-License-Identifier: MIT */
/* pages.h - a directory of templates as routes: every folder is a segment, `{name}` folders are
 * parameters, `_layout.html` wraps what is below it. Code joins in by path, from tables:
 *
 *     pages/_layout.html            around everything; {# target: main #} names its element
 *     pages/page.html               /
 *     pages/items/page.html         /items
 *     pages/items/{id}/page.html    /items/{id}
 *     pages/items/new.html          /items/new
 *
 * Names that begin with `_` or `.` are no pages. Templates are known as pages/….
 *
 * Every page sees current_path, tab_items (route_tabs is the same list), breadcrumb_prefix and
 * breadcrumb_items (lists, perhaps empty), shell_actions (perhaps none), and page_title and
 * breadcrumb_label where there is one.
 */
#ifndef CHIRP_PAGES_H
#define CHIRP_PAGES_H

#include "auth.h"
#include "hypermedia.h"

KIDA_BEGIN_DECLS

/**
 * Adds names to the context (a dict) of every page in and below its folder. Runs from the root to
 * the leaf, so what is deeper wins. NULL goes on; a reply (chirp_reply_fail(req, 404, …)) ends the
 * request.
 *
 * The name shell_actions, a dict of zones, is put over that of the folder above: docs/pages.md. It
 * is none when the function begins.
 *
 * Thread: waits
 */
typedef chirp_reply *chirp_page_context_fn(chirp_request *req, kida_value context, void *user);

/** What a form of the page asks for by its field `_action`. */
typedef struct chirp_page_action {
    const char *name;
    chirp_handler_fn *run;
} chirp_page_action;

/** The code of a folder or page. Members that are NULL are left out. */
typedef struct chirp_page_def {
    const char *path;                 /* "/items/{id}" */
    chirp_page_context_fn *context;   /* for this folder and below */
    chirp_page_context_fn *viewmodel; /* for this page alone, after all contexts */
    chirp_handler_fn *get;            /* default: renders the page */
    chirp_handler_fn *post, *put, *patch, *del;
    const chirp_page_action *actions; /* ended by a NULL name */
    const char *name;                 /* for url_for */
    const char *title;                /* page_title in templates */
    const char *breadcrumb;           /* its label in breadcrumb_items */
    const char *section;              /* id of a chirp_section */
    const char *shell_mode;           /* "tabbed": chirp_check asks for page_root, page_content */
    const chirp_guard *guard;         /* who may see this page, asked before its contexts; one that
                                         is all zero: whoever is logged in */
    const char *cache;                /* Cache-Control of its answers, where they have none */
    void *user;                       /* of all these functions */
} chirp_page_def;

/** One tab of a section. */
typedef struct chirp_tab {
    const char *label; /* NULL ends a list */
    const char *href;
    bool below;        /* also active on the pages below href */
    const char *icon;  /* NULL: none */
    const char *badge;
} chirp_tab;

/** Pages that belong together: they see tab_items and begin their breadcrumb_items with it. */
typedef struct chirp_section {
    const char *id;
    const char *label;
    const char *href;      /* of the first breadcrumb; NULL: none */
    const chirp_tab *tabs; /* NULL: none */
    const char *const *prefixes; /* paths of its pages, for chirp_check; NULL: not said */
} chirp_section;

/**
 * Makes routes of a directory; once for an app. Its folders are read at freeze, which checks that
 * every path of chirp_page_add is there. A section that is not is an issue of chirp_check.
 *
 * Errors: KIDA_E_IO without that directory, KIDA_E_USAGE for a second one, KIDA_E_FROZEN.
 * Thread: setup
 */
CHIRP_API kida_status chirp_mount_pages(chirp_app *app, const char *directory, kida_error *err);

/** Adds code to a folder or page, before or after the mount. Owner: page and all that it points to
 *  must outlive the app. Errors: KIDA_E_FROZEN, KIDA_E_NOMEM. Thread: setup */
CHIRP_API kida_status chirp_page_add(chirp_app *app, const chirp_page_def *page, kida_error *err);

/** Adds a section. Owner and errors: as chirp_page_add. Thread: setup */
CHIRP_API kida_status chirp_page_section(chirp_app *app, const chirp_section *section,
                                         kida_error *err);

/** Context of the running page, a dict: handlers add to it. Absent outside of pages.
 *  Thread: owner */
CHIRP_API kida_value chirp_page_context(chirp_request *req);

/**
 * The running page in its layouts. Browsers get its block `page_root`, or all of it, in all
 * layouts; htmx gets `page_content` (else `page_root`, or all of it); a boosted link gets the
 * layouts from the one on whose target it is, and the shell actions. Adds Vary.
 *
 * In the handler of a page chirp_reply_page and chirp_reply_compose get these layouts, too, and the
 * page's context under their own.
 *
 * Thread: waits
 */
CHIRP_API chirp_reply *chirp_reply_here(chirp_request *req);

/** The same as a description, to be changed and given to chirp_reply_compose or
 *  chirp_reply_suspense_page. False outside of pages with a template, and when out of memory.
 *  Owner: the request. Thread: owner */
CHIRP_API CHIRP_MUST_USE bool chirp_page_here(chirp_request *req, chirp_page *out);

KIDA_END_DECLS

#endif
