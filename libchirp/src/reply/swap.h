/* SPDX-License-Identifier: MIT */
/* swap.h - out-of-band swaps and the registries behind them, inside of reply/. */
#ifndef CH_REPLY_SWAP_H
#define CH_REPLY_SWAP_H

#include <chirp/hypermedia.h>

#include "reply.h"

/* Under these names a request keeps what filesystem pages put around their replies: layouts, and
 * the context of the folders (a dict). */
#define CH_KEY_PAGE_CHAIN "chirp.page.chain"
#define CH_KEY_PAGE_CONTEXT "chirp.page.context"

typedef struct ch_page_chain {
    const chirp_layout *layouts; /* outermost first */
    size_t count;
} ch_page_chain;

/* What set-up has said of a block, of a target (a leading # is dropped); NULL: nothing. */
const chirp_region *ch_region_find(const chirp_request *req, kida_str block);
const chirp_fragment_target *ch_fragment_find(const chirp_request *req, kida_str id);

/* The name without its end `_oob`. */
kida_str ch_without_oob(kida_str block);

/* Appends html for its place; target and swap NULL: as registered. */
void ch_swap_put(kida_buf *out, const chirp_request *req, kida_str block, const char *target,
                 const char *swap, kida_str html);

/* Renders a block and appends it on a line of its own. Errors: those of the render. */
kida_status ch_swap_add(kida_buf *out, chirp_request *req, const chirp_fragment *fragment,
                        kida_error *err);

/* compose.c: appends what this client gets of a page, and says which part that is. Errors: those of
 * the render. Thread: waits */
kida_status ch_page_text(chirp_request *req, const chirp_page *page, kida_buf *out,
                         chirp_plan *plan, kida_error *err);

#endif
