/* SPDX-License-Identifier: MIT */
/* responder.h - what a worker asks of reply/, which stands further right: a table of functions
 * that reply/serve.c defines, so that no include goes against the order of the folders. */
#ifndef CH_APP_RESPONDER_H
#define CH_APP_RESPONDER_H

#include "http/reject.h"
#include "http/request.h"
#include "middleware/chain.h"

typedef struct ch_responder {
    /* Answers a request, down to the last byte handed to its connection; on a coroutine. */
    void (*serve)(chirp_request *req);

    /* Appends the whole answer to a request that no handler will see; text (ptr NULL: that of the
     * status) is its body. */
    kida_status (*refuse)(const chirp_config *config, unsigned status, kida_str text,
                          kida_str date, bool is_http10, kida_buf *out);

    /* Ends of the middleware chain. */
    ch_chain_end chain_end;
} ch_responder;

extern const ch_responder ch_respond;

#endif
