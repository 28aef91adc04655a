/* SPDX-License-Identifier: MIT */
/* module.h - an application as a shared object, for the `chirp` command and for hosts of several:
 *
 *     static chirp_app *
 *     create(const chirp_config *config, kida_error *err)
 *     {
 *         chirp_app *app = chirp_app_new(config, err);
 *         if (app)
 *             chirp_route(app, "GET", "/", home, NULL);
 *         return app;
 *     }
 *
 *     CHIRP_MODULE(create)
 */
#ifndef CHIRP_MODULE_H
#define CHIRP_MODULE_H

#include "app.h"

/** Grows with every change of a public struct's layout. */
#define CHIRP_ABI 1

KIDA_BEGIN_DECLS

/**
 * Makes the app of a module. config holds the defaults, the environment and the options of the
 * command: take it as it is, or a copy in which you change what the app insists on.
 *
 * Errors: NULL, with err.
 */
typedef chirp_app *chirp_create_fn(const chirp_config *config, kida_error *err);

/** What a module exports under the name chirp_module_entry. */
typedef struct chirp_module {
    uint32_t abi;       /* CHIRP_ABI; stays the first member for ever */
    uint32_t kida_abi;  /* KIDA_ABI */
    size_t config_size; /* of chirp_config */
    chirp_create_fn *create;
} chirp_module;

/** Makes the shared object an application module. Stands once, at file level. */
#define CHIRP_MODULE(create_function)                                                        \
    KIDA_EXTERN KIDA_API const chirp_module chirp_module_entry;                              \
    const chirp_module chirp_module_entry = { CHIRP_ABI, KIDA_ABI, sizeof(chirp_config),     \
                                              (create_function) };

/**
 * Loads a module and makes its app. The module stays loaded until the process ends. path without a
 * slash is looked for in the current folder.
 *
 * Owner:  free the app with chirp_app_free.
 * Errors: NULL, with err: KIDA_E_MODULE for a file that can't be loaded, is no module or was built
 *         for another version; what the module reported.
 * Thread: any
 */
CHIRP_API CHIRP_MUST_USE chirp_app *chirp_module_load(const char *path, const chirp_config *config,
                                                      kida_error *err);

KIDA_END_DECLS

#endif
