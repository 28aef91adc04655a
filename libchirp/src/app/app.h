/* SPDX-License-Identifier: MIT */
/* app.h - the application behind its handle: lists in set-up, one immutable record afterwards. */
#ifndef CH_APP_APP_H
#define CH_APP_APP_H

#include <chirp/app.h>
#include <chirp/cache.h>
#include <chirp/hypermedia.h>
#include <chirp/log.h>
#include <pthread.h>
#include <stdatomic.h>

#include "config/config.h"
#include "middleware/chain.h"
#include "middleware/metrics.h"
#include "middleware/proxies.h"
#include "router/tree.h"

struct ch_check;

typedef enum ch_hook_kind {
    CH_HOOK_STARTUP,
    CH_HOOK_SHUTDOWN,
    CH_HOOK_READY,
    CH_HOOK_FREEZE,
    CH_HOOK_WORKER_STARTUP,
    CH_HOOK_WORKER_SHUTDOWN,
    CH_HOOK_COUNT
} ch_hook_kind;

/* One registered hook; which member is set depends on the kind. */
typedef struct ch_hook {
    struct ch_hook *next;
    chirp_hook_fn *app;
    chirp_worker_hook_fn *worker;
    void *user;
} ch_hook;

/* One registered route: target of the router's entry. */
typedef struct ch_route {
    struct ch_route *next;
    kida_str path;
    kida_str name;
    ch_method_set methods;
    chirp_handler_fn *handler;
    void *user;
    void (*free_user)(void *);
    size_t max_body; /* 0: that of the config */
    bool stream_body;
    kida_str template_name; /* these and below: for chirp_check */
    kida_str block;
    const kida_str *events;
    size_t event_count;
    const kida_str *fragments; /* "template#block" */
    size_t fragment_count;
    const struct chirp_form_type *form;
    bool is_referenced;
} ch_route;

typedef struct ch_layer {
    struct ch_layer *next;
    ch_link link;
    void (*free_user)(void *);
} ch_layer;

typedef struct ch_error_handler {
    struct ch_error_handler *next;
    unsigned status;  /* 0: for a code */
    kida_status code; /* KIDA_OK: for a status */
    chirp_error_fn *handler;
    void *user;
} ch_error_handler;

/* What makes a service for a request. */
typedef struct ch_provider {
    struct ch_provider *next;
    kida_str name;
    chirp_factory_fn *factory;
    void *user;
    void (*destroy)(void *service);
} ch_provider;

/* What set-up says of a block's place, and of an id's block. */
typedef struct ch_region {
    struct ch_region *next;
    chirp_region region;
} ch_region;

typedef struct ch_fragment_entry {
    struct ch_fragment_entry *next;
    chirp_fragment_target target;
} ch_fragment_entry;

/* All that requests read; made by freeze, never changed. */
typedef struct ch_frozen {
    const chirp_config *config;
    ch_router *router;
    ch_chain chain;
    ch_proxies proxies;
    kida_env *env;
    const ch_error_handler *error_handlers; /* newest first */
    const ch_region *regions;               /* newest first, as are targets */
    const ch_provider *providers;
    const ch_fragment_entry *targets;
} ch_frozen;

typedef enum ch_app_state { CH_APP_SETUP, CH_APP_FROZEN, CH_APP_FAILED } ch_app_state;

/* A list in the order of registration. */
typedef struct ch_hook_list {
    ch_hook *first;
    ch_hook **end;
} ch_hook_list;

struct chirp_app {
    kida_allocator allocator;
    chirp_config config;          /* fixed by chirp_app_new */
    ch_arena arena;               /* guarded by lock */
    kida_env *env;

    pthread_mutex_t lock;         /* set-up, freeze, the counts below */
    atomic_int state;             /* release store in freeze, pairs with acquire in ch_app_state */
    kida_error failure;           /* first failed registration, then that of freeze; guarded by
                                     lock, fixed once state is FAILED */
    ch_route *routes;             /* set-up lists: guarded by lock, fixed at freeze */
    ch_route **routes_end;
    size_t route_count;
    ch_layer *layers;
    ch_layer **layers_end;
    size_t layer_count;
    ch_hook_list hooks[CH_HOOK_COUNT];
    ch_error_handler *error_handlers;
    ch_region *regions;
    ch_fragment_entry *targets;
    ch_provider *providers;

    struct {                      /* of chirp_audit_to; fixed at freeze */
        chirp_audit_fn *sink;     /* NULL: the log, or nothing */
        void *user;
        void (*free_user)(void *);
    } audit;

    ch_frozen frozen;             /* readable once state is FROZEN */

    struct ch_pages *pages;       /* of pages/; NULL: none; fixed at freeze */
    kida_status (*compile_pages)(chirp_app *app, kida_error *err); /* adds their routes */
    void (*check_pages)(struct ch_check *check);
    ch_metrics_list metrics;
    chirp_cache *cache;           /* of the config's cache layer; NULL: none */
    struct chirp_db *db;          /* of data/; NULL: none; fixed at freeze */

    int stop_pipe[2];             /* a byte asks chirp_run to stop; open as long as the app */
    atomic_uint port;             /* set when all workers accept, else 0 */
    unsigned started;             /* runs and test clients that use the app; guarded by lock */
};

/* Adds the layers that the config asks for around and inside those of the user; by freeze, with the
 * lock held. */
kida_status ch_app_add_builtins(chirp_app *app, kida_error *err);

/* The scripts that the config wants in pages, as one or two layers. */
kida_status ch_app_add_snippets(chirp_app *app, kida_error *err);

/* Functions that templates of every app have. */
kida_status ch_app_add_functions(chirp_app *app, kida_error *err);

/* The frozen record; freezes if nobody has yet. NULL if that failed, with err. */
const ch_frozen *ch_app_frozen(chirp_app *app, kida_error *err);

/* In debug mode: what chirp_check finds goes to stderr, and errors are a failure. By freeze, when
 * all is compiled; with the lock held. */
kida_status ch_app_check_at_freeze(chirp_app *app, kida_error *err);

/* Compiles the set-up lists; called once, with the lock held. */
kida_status ch_app_compile(chirp_app *app, kida_error *err);

/* Whether path names a directory. */
bool ch_is_directory(const char *path);

/* Start-up hooks for the first user of the app; shutdown hooks for the last. */
kida_status ch_app_start(chirp_app *app, kida_error *err);
void ch_app_stop(chirp_app *app);

/* Runs hooks in order on the calling thread: all if keep_going, else up to the first failure. */
kida_status ch_app_run_hooks(chirp_app *app, ch_hook_kind kind, bool keep_going, kida_error *err);

#endif
