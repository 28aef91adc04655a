/* SPDX-License-Identifier: MIT */
/* pages.h - a mounted directory: found at freeze, then only read. */
#ifndef CH_PAGES_PAGES_H
#define CH_PAGES_PAGES_H

#include <chirp/pages.h>

#include "app/app.h"

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
    unsigned depth;
    kida_str path;              /* of its route: "/items"; "/" for the root */
    kida_str layout;            /* template; empty: none */
    kida_str target;            /* element that the layout fills; "body" */
    const chirp_page_def *def;  /* NULL: none */
} ch_folder;

/* One page: user pointer of its routes. */
typedef struct ch_page {
    const ch_folder *folder;
    const chirp_page_def *def;   /* NULL: none */
    const chirp_section *section;
    kida_str path;
    kida_str template_name;      /* empty: no template */
    kida_str root_block;         /* for full pages; empty: the whole */
    kida_str content_block;      /* for htmx; empty: the whole */
    bool looked;
} ch_page;

struct ch_pages {
    char *directory;
    ch_page_entry *entries; /* newest first */
};

/* here.c: under which a request keeps its page. */
extern const char ch_page_key[];

/* here.c: whether layouts are put around the page, and the element that a boosted link fills:
 * layouts from its own inwards are. */
bool ch_page_wants_layout(chirp_request *req, const ch_folder *folder);
kida_str ch_page_layout_target(chirp_request *req);

/* answer.c: the handler of every page. */
chirp_reply *ch_page_answer(chirp_request *req, void *user);

#endif
