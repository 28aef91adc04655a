/* SPDX-License-Identifier: MIT */
/* fetch.h - transfers by libcurl on a worker's loop. */
#ifndef CH_WORKER_FETCH_H
#define CH_WORKER_FETCH_H

#include <chirp/http_client.h>

typedef struct ch_fetcher ch_fetcher;

/* One transfer: the caller's to fill, up to the results. */
typedef struct ch_transfer {
    const char *method;
    const char *url;
    const char *const *headers; /* pairs, checked by the caller; NULL: none */
    const char *content_type;   /* NULL: none is sent */
    kida_str body;
    bool has_body;
    uint32_t timeout;

    unsigned status;  /* 0: no answer */
    kida_buf head;    /* on the heap, to be freed by the caller in every case */
    kida_buf answer;
    bool can_retry;   /* of a failure: the server may never have seen the request */
} ch_transfer;

/* Whether this build has libcurl. */
extern const bool ch_fetch_is_built;

/* Makes the fetcher of a worker; config must outlive it. Errors: NULL. Thread: owner */
ch_fetcher *ch_fetcher_new(chirp_worker *worker, const chirp_http_config *config);

/* Closes connections; the memory goes with the last handle on the loop. Nothing is under way.
 * Thread: owner */
void ch_fetcher_close(ch_fetcher *fetcher);

/* Runs a transfer on the running task. Errors: as chirp_http_send. Thread: waits */
kida_status ch_fetch(ch_fetcher *fetcher, ch_transfer *transfer, kida_error *err);

#endif
