/* SPDX-License-Identifier: MIT */
/* middleware.h - layers around every handler. */
#ifndef CHIRP_MIDDLEWARE_H
#define CHIRP_MIDDLEWARE_H

#include "reply.h"

KIDA_BEGIN_DECLS

struct chirp_app;

/** The rest of the chain, as one layer sees it; lives during that layer's call. */
typedef struct chirp_next chirp_next;

/**
 * One layer: answers by itself, or returns what chirp_proceed gave it, perhaps changed.
 *
 * Owner:  user as given to chirp_use; one layer runs on all workers at once.
 * Thread: waits
 */
typedef chirp_reply *chirp_middleware_fn(chirp_request *req, chirp_next *next, void *user);

/**
 * Runs the layers further in and the handler. Failures come back as replies too.
 *
 * Errors: a second call from the same layer returns a reply with status 500.
 * Thread: waits
 */
CHIRP_API chirp_reply *chirp_proceed(chirp_next *next, chirp_request *req);

/**
 * Adds a layer inside those added before.
 *
 * Owner:  free_user (NULL: nothing) is called once: with the app, or at once on failure.
 * Errors: KIDA_E_FROZEN after freeze; others are also reported by chirp_app_freeze.
 * Thread: setup
 */
CHIRP_API kida_status chirp_use(struct chirp_app *app, chirp_middleware_fn *layer, void *user,
                                void (*free_user)(void *));

/** Whether a layer was added already, for those that need another. Thread: setup */
CHIRP_API bool chirp_uses(struct chirp_app *app, chirp_middleware_fn *layer);

/*
 * The layers that come with the library. Each has an option struct, filled by its init function and
 * then changed where it differs; texts and lists in it are copied. A function that adds a layer
 * answers KIDA_E_FROZEN after freeze, KIDA_E_USAGE for options out of range, KIDA_E_NOMEM; with err
 * (may be NULL), and the failure is also reported by chirp_app_freeze.  Thread: setup
 */

/* ---- static files -------------------------------------------------------------------------- */

/** Files of a directory under a path. */
typedef struct chirp_static_options {
    size_t size;                /* of this struct */
    const char *directory;      /* must exist */
    const char *prefix;         /* "/static"; "/": every path that is a file */
    const char *index;          /* file that stands for its directory, "index.html"; "": none */
    const char *not_found_page; /* file for 404s of the inner layers; NULL: none */
    const char *cache_control;  /* "public, max-age=3600"; "": not sent */
    bool follow_links;          /* symbolic links that stay inside, true */
    bool precompressed;         /* file.br, file.zst, file.gz beside file, true */
    bool download;              /* all as attachments: for what users have uploaded */
} chirp_static_options;

CHIRP_API void chirp_static_options_init(chirp_static_options *options);

/**
 * Serves files by GET and HEAD, with entity tags, dates, conditional requests, one range,
 * precompressed variants and types by name. What is no file goes on to the inner layers. Files
 * whose name or directory begins with a dot are not served, except below `.well-known`.
 *
 * Errors: also KIDA_E_IO if the directory can't be opened.
 */
CHIRP_API kida_status chirp_use_static(struct chirp_app *app, const chirp_static_options *options,
                                       kida_error *err);

/* ---- rate limits --------------------------------------------------------------------------- */

/** So many requests a second from one client, with bursts. A client is an IPv4 address or an IPv6
 *  network of 64 bits, as chirp_client tells it. */
typedef struct chirp_limit_options {
    size_t size;                   /* of this struct */
    uint32_t requests_per_second;  /* 100 */
    uint32_t burst;                /* 200 */
    uint32_t max_clients;          /* remembered at once, 100 000; the most idle go first */
} chirp_limit_options;

CHIRP_API void chirp_limit_options_init(chirp_limit_options *options);

/** Answers 429 with Retry-After to what is too much. Added by itself where the config says
 *  rate_limit_enabled. */
CHIRP_API kida_status chirp_use_limit(struct chirp_app *app, const chirp_limit_options *options,
                                      kida_error *err);

/** So many tries in a window of time, then a block: for logins. Lists end with NULL. */
typedef struct chirp_auth_limit_options {
    size_t size;                /* of this struct */
    uint32_t requests;          /* 10 */
    uint32_t window;            /* seconds, 60 */
    uint32_t block;             /* seconds, 300 */
    const char *const *methods; /* POST */
    const char *const *paths;   /* and all below: /login, /signup, /register, /password-reset */
    uint32_t max_clients;       /* 100 000 */
} chirp_auth_limit_options;

CHIRP_API void chirp_auth_limit_options_init(chirp_auth_limit_options *options);
CHIRP_API kida_status chirp_use_auth_limit(struct chirp_app *app,
                                           const chirp_auth_limit_options *options,
                                           kida_error *err);

/* ---- compression --------------------------------------------------------------------------- */

/** Which answers are compressed, and how hard; a level of 0 switches a coding off. */
typedef struct chirp_compress_options {
    size_t size;          /* of this struct */
    size_t min_size;      /* shorter bodies are left, 500 bytes */
    size_t max_size;      /* longer ones too, 8 MiB */
    uint32_t gzip_level;  /* 1 to 9, 5 */
    uint32_t brotli_level; /* 1 to 11, 4 */
    uint32_t zstd_level;  /* 1 to 19, 3 */
} chirp_compress_options;

CHIRP_API void chirp_compress_options_init(chirp_compress_options *options);

/**
 * Compresses text-like bodies as the client likes best; streams of any length piece by piece, all
 * of it at each flush point and whenever their function waits. Left alone: files, event streams,
 * HEAD, what has a Content-Encoding or says no-transform; and answers to requests of other sites
 * that carry cookies, as their length could tell a secret in them to who sends many (BREACH).
 * Added by itself unless the config says otherwise.
 */
CHIRP_API kida_status chirp_use_compression(struct chirp_app *app,
                                            const chirp_compress_options *options,
                                            kida_error *err);

/* ---- injection ----------------------------------------------------------------------------- */

/** Markup put into every page. */
typedef struct chirp_inject_options {
    size_t size;          /* of this struct */
    const char *snippet;  /* its `<script` get the nonce of the answer */
    const char *before;   /* "</body>", the first one */
    bool full_page_only;  /* nothing is done where `before` is missing; else it goes to the end */
} chirp_inject_options;

CHIRP_API void chirp_inject_options_init(chirp_inject_options *options);

/** Changes whole HTML answers; not fragments, streams, failures, or what htmx asked for. */
CHIRP_API kida_status chirp_use_inject(struct chirp_app *app, const chirp_inject_options *options,
                                       kida_error *err);

/* ---- health and metrics -------------------------------------------------------------------- */

/** One thing that must work before requests can be served. Thread: any, and waits */
typedef bool chirp_health_fn(chirp_request *req, void *user);

typedef struct chirp_health_check {
    const char *name;
    chirp_health_fn *check;
    void *user;
} chirp_health_check;

/** Where the state is told. Lists end with NULL. */
typedef struct chirp_health_options {
    size_t size;                       /* of this struct */
    const char *path;                  /* "/health" */
    const chirp_health_check *checks;  /* ended by a name of NULL; NULL: none */
    const char *const *clients;        /* addresses and networks that see more than the status;
                                          NULL: all in development, loopback in production */
} chirp_health_options;

CHIRP_API void chirp_health_options_init(chirp_health_options *options);

/** `<path>/live` says 200 as long as the process answers; `<path>` and `<path>/ready` say 503 while
 *  it stops or a check fails. Not in the access log. */
CHIRP_API kida_status chirp_use_health(struct chirp_app *app, const chirp_health_options *options,
                                       kida_error *err);

/** Where counters are told, as text for Prometheus, summed over the workers. */
typedef struct chirp_metrics_options {
    size_t size;                /* of this struct */
    const char *path;           /* "/metrics" */
    const char *const *clients; /* as above, for the whole page; others get 404 */
} chirp_metrics_options;

CHIRP_API void chirp_metrics_options_init(chirp_metrics_options *options);
CHIRP_API kida_status chirp_use_metrics(struct chirp_app *app,
                                        const chirp_metrics_options *options, kida_error *err);

KIDA_END_DECLS

#endif
