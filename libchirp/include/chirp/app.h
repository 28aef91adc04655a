/* SPDX-License-Identifier: MIT */
/* app.h - an application: set up by one thread, frozen once, then shared by all.
 *
 * Registration calls return their status, but need not be checked one by one: the first failure is
 * kept and chirp_app_freeze (or chirp_run) reports it. After freeze they answer KIDA_E_FROZEN and
 * change nothing.
 */
#ifndef CHIRP_APP_H
#define CHIRP_APP_H

#include "middleware.h"
#include "reply.h"

KIDA_BEGIN_DECLS

/** Routes, middleware, templates and settings of one application. */
typedef struct chirp_app chirp_app;

/** One thread with its own event loop, listener and connections. */
typedef struct chirp_worker chirp_worker;

/** Answers a request. Runs on a coroutine, so `waits` calls park the request. Thread: waits */
typedef chirp_reply *chirp_handler_fn(chirp_request *req, void *user);

/** Answers a failed request. A result of status 200 gets the failure's status. Thread: waits */
typedef chirp_reply *chirp_error_fn(chirp_request *req, const chirp_failure *failure, void *user);

/**
 * Runs once per process, on the thread of chirp_run.
 *
 * Errors: fill err in. One of start-up refuses the start, as does one that took longer than
 *         config.startup_timeout; one of shutdown is logged.
 */
typedef kida_status chirp_hook_fn(chirp_app *app, void *user, kida_error *err);

/**
 * Runs once per worker, on its thread.
 *
 * Errors: fill err in. They are logged, and the worker serves all the same unless
 *         config.worker_failure_stops is set.
 * Limits: config.startup_timeout, at the end 10 s; then what it waits for ends with KIDA_E_STOPPED,
 *         and it counts as failed.
 * Thread: waits
 */
typedef kida_status chirp_worker_hook_fn(chirp_worker *worker, void *user, kida_error *err);

/**
 * Makes an application.
 *
 * Owner:  free it with chirp_app_free; config (NULL: defaults) is copied.
 * Errors: NULL, with err: KIDA_E_USAGE for settings out of range, KIDA_E_NOMEM, KIDA_E_IO.
 * Thread: any
 */
CHIRP_API CHIRP_MUST_USE chirp_app *chirp_app_new(const chirp_config *config, kida_error *err);

/** Frees an app that does not run; NULL is fine. Thread: owner */
CHIRP_API void chirp_app_free(chirp_app *app);

/** Settings of the app. Thread: any */
CHIRP_API const chirp_config *chirp_app_config(const chirp_app *app);

/** Template environment of the app; add loaders, tests and functions to it. Thread: setup */
CHIRP_API kida_env *chirp_app_templates(chirp_app *app);

/* ---- set-up -------------------------------------------------------------------------------- */

struct chirp_form_type;

/** Everything that can be said of a route. */
typedef struct chirp_route_def {
    const char *methods; /* "GET", "GET|POST"; NULL: GET */
    const char *path;    /* "/users/{id:int}" */
    chirp_handler_fn *handler;
    void *user;
    void (*free_user)(void *); /* called once: with the app, or at once on failure */
    const char *name;    /* for chirp_url_for; NULL: none */
    size_t max_body;     /* 0: as in the config */
    bool stream_body;    /* called when the head is there: the body comes by chirp_body_read */
    /* what chirp_check compares with the templates; NULL: not said */
    const char *template_name;
    const char *block;         /* that the route renders for htmx */
    const char *const *events; /* of an event stream, ended by NULL */
    const char *const *fragments;       /* that it sends: "card.html#card", ended by NULL */
    const struct chirp_form_type *form; /* that template_name shows; outlives the app */
    bool is_referenced;        /* reached from outside the templates: no orphan */
} chirp_route_def;

/** Adds a route; user must outlive the app. Errors: KIDA_E_FROZEN, KIDA_E_USAGE. Thread: setup */
CHIRP_API kida_status chirp_route(chirp_app *app, const char *methods, const char *path,
                                  chirp_handler_fn *handler, void *user);

/** Adds a route with all options; texts are copied. Errors: as chirp_route. Thread: setup */
CHIRP_API kida_status chirp_route_add(chirp_app *app, const chirp_route_def *route,
                                      kida_error *err);

/** Adds a template filter written in C; the row is kept by pointer. Thread: setup */
CHIRP_API kida_status chirp_template_filter(chirp_app *app, const kida_filter *row, void *user,
                                            void (*free_user)(void *));

/** Adds a value that every template sees. Thread: setup */
CHIRP_API kida_status chirp_template_global(chirp_app *app, const char *name, kida_value value);

/**
 * Makes a service for a request: called when the request asks for it first.
 *
 * Errors: fill err in; the request gets it from chirp_service.
 * Thread: waits
 */
typedef kida_status chirp_factory_fn(chirp_request *req, void *user, void **out, kida_error *err);

/**
 * Gives every request a service under a name. destroy (NULL: nothing) gets what the factory made
 * when the response has ended, newest first.
 *
 * Owner:  user must outlive the app; name is copied.
 * Errors: KIDA_E_USAGE for a name that has a factory already, KIDA_E_FROZEN, KIDA_E_NOMEM.
 * Thread: setup
 */
CHIRP_API kida_status chirp_provide(chirp_app *app, const char *name, chirp_factory_fn *factory,
                                    void *user, void (*destroy)(void *service));

/**
 * The service of a request; the same for all that ask during one request.
 *
 * Errors: NULL, with err (may be NULL): KIDA_E_KEY for a name without a factory, what the factory
 *         said, KIDA_E_NOMEM.
 * Thread: waits
 */
CHIRP_API CHIRP_MUST_USE void *chirp_service(chirp_request *req, const char *name, kida_error *err);

/* Hooks, run in the order added; user must outlive the app.  Thread: setup */
CHIRP_API kida_status chirp_on_startup(chirp_app *app, chirp_hook_fn *hook, void *user);
CHIRP_API kida_status chirp_on_shutdown(chirp_app *app, chirp_hook_fn *hook, void *user);
CHIRP_API kida_status chirp_on_worker_startup(chirp_app *app, chirp_worker_hook_fn *hook,
                                              void *user);
CHIRP_API kida_status chirp_on_worker_shutdown(chirp_app *app, chirp_worker_hook_fn *hook,
                                               void *user);

/** Registers parts of an app: routes, middleware, filters, loaders. Thread: setup */
typedef kida_status chirp_plugin_fn(chirp_app *app, const char *prefix, void *user,
                                    kida_error *err);

/**
 * Has a plugin register itself, at once. prefix ("/admin") is handed over: routes get
 * it only if the plugin puts it before them.
 *
 * Errors: what the plugin said, which freeze reports too; KIDA_E_USAGE, KIDA_E_FROZEN.
 * Thread: setup
 */
CHIRP_API kida_status chirp_mount(chirp_app *app, const char *prefix, chirp_plugin_fn *plugin,
                                  void *user, kida_error *err);

/** Has something registered by freeze itself, before it compiles anything; in the order added. Its
 *  failure is that of freeze. Errors: KIDA_E_FROZEN, KIDA_E_NOMEM. Thread: setup */
CHIRP_API kida_status chirp_on_freeze(chirp_app *app, chirp_hook_fn *hook, void *user);

/** Called on the thread of chirp_run when every worker accepts connections. Thread: setup */
CHIRP_API kida_status chirp_on_ready(chirp_app *app, chirp_hook_fn *hook, void *user);

/** Answers failures of one status, 400 to 599. Thread: setup */
CHIRP_API kida_status chirp_on_error(chirp_app *app, unsigned status, chirp_error_fn *handler,
                                     void *user);

/**
 * Answers internal failures of one code, whatever status they have: a template that misses a name
 * is KIDA_E_UNDEFINED, a database that is busy KIDA_E_BUSY. It goes before the handler of the
 * status.
 *
 * Errors: KIDA_E_USAGE for KIDA_OK, KIDA_E_FROZEN, KIDA_E_NOMEM.
 * Thread: setup
 */
CHIRP_API kida_status chirp_on_error_code(chirp_app *app, kida_status code, chirp_error_fn *handler,
                                          void *user);

/** Reports a failure of set-up, so that chirp_app_freeze fails with it: for plugins whose own calls
 *  may go unchecked. The first one counts. error is copied. Thread: setup */
CHIRP_API void chirp_app_fail(chirp_app *app, const kida_error *error);

/* ---- freeze and run ------------------------------------------------------------------------ */

/**
 * Ends set-up. Exactly one thread does the work, others wait for it; done by the first request or
 * chirp_run at the latest.
 *
 * Errors: sticky: every later call reports the same.
 * Thread: any
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_app_freeze(chirp_app *app, kida_error *err);

/** Whether set-up has ended well. Thread: any */
CHIRP_API bool chirp_app_is_frozen(const chirp_app *app);

/**
 * Serves until SIGINT, SIGTERM or chirp_stop, then drains and returns.
 *
 * Errors: nothing has been served when freeze, a start-up hook, the address or a thread fails.
 * Thread: owner
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_run(chirp_app *app, kida_error *err);

/** Asks a running app to stop; safe in a signal handler. Thread: wake */
CHIRP_API void chirp_stop(chirp_app *app);

/** Port that is listened on once every worker accepts; 0 before and after. Thread: any */
CHIRP_API uint32_t chirp_port(const chirp_app *app);

/**
 * Appends the URL of a named route; parameters are "name", "value" pairs ended by NULL, those that
 * the path does not use become the query.
 *
 * Errors: KIDA_E_NOT_FOUND, KIDA_E_KEY, KIDA_E_TYPE; KIDA_E_USAGE before freeze.
 * Thread: any
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_url_for(const chirp_app *app, const char *name,
                                                   const char *const *params, kida_buf *out,
                                                   kida_error *err);

/* ---- inside handlers and hooks ------------------------------------------------------------- */

/** Request whose handler is running on this thread; NULL outside of one. It is the same from the
 *  first middleware to the end of the response, also after waiting. Thread: any */
CHIRP_API chirp_request *chirp_current_request(void);

/** App and worker of a request. Thread: owner */
CHIRP_API chirp_app *chirp_app_of(const chirp_request *req);
CHIRP_API chirp_worker *chirp_worker_of(const chirp_request *req);

/** Number of a worker, from 0, and its app. Thread: any */
CHIRP_API uint32_t chirp_worker_index(const chirp_worker *worker);
CHIRP_API chirp_app *chirp_worker_app(const chirp_worker *worker);

/**
 * Keeps a pointer under a name until the worker ends; one already there is destroyed.
 *
 * Owner:  destroy (NULL: nothing) is called once, on the worker's thread, also on failure here.
 * Errors: KIDA_E_NOMEM
 * Thread: owner
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_worker_set(chirp_worker *worker, const char *name,
                                                      void *ptr, void (*destroy)(void *));

/** Pointer kept under a name, or NULL. Thread: owner */
CHIRP_API void *chirp_worker_get(const chirp_worker *worker, const char *name);

/** Waits. Errors: KIDA_E_STOPPED at once when the client has gone or time is up. Thread: waits */
CHIRP_API kida_status chirp_sleep(chirp_request *req, uint32_t milliseconds);

/**
 * Runs work(arg) on a helper thread and waits for it; arg may live on the handler's stack.
 *
 * Errors: KIDA_E_STOPPED when the client has gone meanwhile (work may have run), KIDA_E_LIMIT_TIME
 *         when too much is queued (answer 503).
 * Thread: waits
 */
CHIRP_API kida_status chirp_offload(chirp_request *req, void (*work)(void *arg), void *arg);

/** Whether the server is about to stop: answers are the last of their connections. Thread: owner */
CHIRP_API bool chirp_is_stopping(const chirp_request *req);

/** Whether nobody will read the answer any more. Thread: owner */
CHIRP_API bool chirp_is_gone(const chirp_request *req);

KIDA_END_DECLS

#endif
