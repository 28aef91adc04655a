/* SPDX-License-Identifier: MIT */
/* pages.h - a mounted directory: found at freeze, then only read. */
#ifndef CH_PAGES_PAGES_H
#define CH_PAGES_PAGES_H

#include <chirp/pages.h>

#include "app/app.h"
#include "reply/swap.h"

#define CH_PAGES_DEPTH 24

/* A registered page or section. */
typedef struct ch_page_entry {
    struct ch_page_entry *next;
    const chirp_page_def *page;
    const chirp_section *section;
    bool is_used;
} ch_page_entry;

/* One folder. */
typedef struct ch_folder {
    struct ch_folder *parent;
    struct ch_folder *next; /* of ch_pages.folders */
    unsigned depth;
    kida_str path;              /* of its route: "/items"; "/" for the root */
    kida_str layout;            /* template; empty: none */
    kida_str target;            /* element that the layout fills; "body" */
    ch_page_chain chain;        /* the layouts from the root down to here */
    const chirp_page_def *def;  /* NULL: none */
} ch_folder;

/* One page: user pointer of its routes. */
typedef struct ch_page {
    const ch_folder *folder;
    const chirp_page_def *def;   /* NULL: none */
    const chirp_section *section; /* NULL: none, or one that is not registered */
    kida_str path;
    kida_str template_name;      /* empty: no template */
    struct ch_page *next;
} ch_page;

struct ch_pages {
    char *directory;
    ch_page_entry *entries; /* newest first */
    ch_page *pages;         /* likewise; made at freeze */
    ch_folder *folders;     /* with a layout, likewise */
};

/* here.c: under which a request keeps its page. */
extern const char ch_page_key[];

/* here.c: whether layouts are put around the page, and the element that a boosted link fills:
 * layouts from its own inwards are. */
bool ch_page_wants_layout(chirp_request *req, const ch_folder *folder);
kida_str ch_page_layout_target(chirp_request *req);

/* debug.c: headers that tell about the page. */
void ch_page_tell(chirp_request *req, const ch_page *page, chirp_reply *reply);

/* answer.c: the handler of every page. */
chirp_reply *ch_page_answer(chirp_request *req, void *user);

/* shell.c: the shell actions of a folder (below) put over those above; both may be none or absent.
 * Errors: KIDA_E_USAGE for what is no such value, KIDA_E_NOMEM. */
kida_status ch_shell_merge(kida_pool *pool, kida_value above, kida_value below, kida_value *out,
                           kida_error *err);

/* check.c: what chirp_check finds in pages, layouts and sections. */
struct ch_check;
void ch_pages_check(struct ch_check *check);

#endif
