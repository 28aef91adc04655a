/* SPDX-License-Identifier: MIT */
/* env.h - environments: settings, loaders, registration; frozen by the first template. */
#ifndef KIDA_ENV_H
#define KIDA_ENV_H

#include "error.h"
#include "filter.h"
#include "value.h"

KIDA_BEGIN_DECLS

/** Settings, filters, loaders and compiled templates. Mutable in set-up, then shared by all
 * threads. */
typedef struct kida_env kida_env;

/** A compiled template: immutable, counted. */
typedef struct kida_template kida_template;

/** Bounds of one render. 0 means the default, which kida_config_init fills in. */
typedef struct kida_limits {
    uint64_t steps;  /* instructions that jump back or call, and items walked; default 50 million */
    uint64_t output; /* bytes; default 64 MiB; captured text counts too */
    size_t arena;    /* bytes of values and text being built; default 256 MiB */
    uint32_t depth;  /* nested calls of defs, slots and blocks; default 200 */
    uint32_t include_depth; /* default 50 */
    uint32_t extends_depth; /* default 50 */
    uint64_t time_ms;       /* wall clock; default none */
} kida_limits;

/** How output is escaped. */
typedef enum kida_autoescape {
    KIDA_ESCAPE_HTML = 0, /* default; names that end in .kida are judged by the ending before it */
    KIDA_ESCAPE_OFF,
    KIDA_ESCAPE_MARKDOWN,
    KIDA_ESCAPE_TERMINAL
} kida_autoescape;

/** What the sandbox permits; see docs. All lists are arrays of names ended by NULL, or NULL. */
typedef struct kida_sandbox {
    const char *const *allowed_attributes; /* NULL: all that is not blocked */
    const char *const *blocked_attributes;
    const char *const *blocked_kinds;
    const char *const *allowed_calls; /* NULL: all trusted ones */
    bool allow_mutation;
    uint64_t max_output; /* code points; 0: no bound of its own */
    uint64_t max_range;  /* default 10000 */
} kida_sandbox;

/** One name of kida_config.aliases: `@name/rest` is read as root/rest. */
typedef struct kida_alias {
    const char *name;
    const char *root;
} kida_alias;

/** Settings of an environment; fill with kida_config_init, then change what differs. */
typedef struct kida_config {
    size_t size; /* set by kida_config_init */
    kida_allocator allocator;
    kida_autoescape autoescape;
    /* decides per template name; overrides autoescape when set */
    bool (*autoescape_for)(void *user, kida_str name);
    void *autoescape_user;
    bool strict_undefined; /* default true */
    bool strict_none;
    bool trim_blocks;
    bool lstrip_blocks;
    kida_str variable_start, variable_end; /* {{ }} */
    kida_str block_start, block_end;       /* {% %} */
    kida_str comment_start, comment_end;   /* {# #} */
    kida_limits limits;
    const kida_alias *aliases; /* ended by a NULL name; copied */
    bool auto_reload;          /* look for changed sources at each fetch; default false */
    bool htmx_helpers;         /* hx_request() and friends; default true */
    bool jinja_warnings;       /* K-WARN-002; default true */
    bool validate_calls;       /* K-CMP warnings when compiling */
    bool optimize;             /* fold, merge and fuse; default true; off only for tests */
    bool inline_components;
    const kida_sandbox *sandbox;  /* NULL: no sandbox; copied */
    uint32_t cache_size;          /* compiled templates kept; default 400 */
    uint32_t fragment_cache_size; /* `cache` entries kept; default 1000 */
    double fragment_ttl;          /* seconds; default 300 */
    uint64_t hash_seed;           /* 0: drawn at random; tests fix it (random, too) */
    /* called for each warning while compiling; from the thread that compiles */
    void (*warn)(void *user, const kida_error *warning);
    void *warn_user;
    /* terminal surface */
    int terminal_color;    /* 0 none, 1 basic, 2 256, 3 true colour */
    int terminal_width;    /* columns; default 80 */
    int terminal_height;   /* rows; default 24 */
    bool terminal_unicode; /* default true */
    int terminal_ambiguous_width; /* columns of what some fonts draw wide: 1 (default) or 2 */
} kida_config;

/** Fills in the defaults. Thread: any */
KIDA_API void kida_config_init(kida_config *config);

/**
 * Fills in the settings of the terminal surface by standard output and the variables NO_COLOR,
 * FORCE_COLOR, COLORTERM, TERM, LANG and LC_ALL, as command line programs do. Thread: any
 */
KIDA_API void kida_config_detect_terminal(kida_config *config);

/**
 * Makes a bare environment: no filter, test or function but what the language itself needs.
 *
 * Owner:  free it with kida_env_free; config (NULL: defaults) and what it points to is copied.
 * Errors: NULL, with err filled in: KIDA_E_NOMEM, KIDA_E_USAGE for settings that make no sense.
 * Thread: any
 */
KIDA_API KIDA_MUST_USE kida_env *kida_env_new(const kida_config *config, kida_error *err);

/** As kida_env_new, with the standard filters, tests and functions installed. */
KIDA_API KIDA_MUST_USE kida_env *kida_env_new_std(const kida_config *config, kida_error *err);

/** Installs the standard filters, tests and functions. Errors: KIDA_E_FROZEN, KIDA_E_NOMEM. Thread:
 * setup */
KIDA_API KIDA_MUST_USE kida_status kida_install_std(kida_env *env, kida_error *err);

/** Frees the environment; templates still held stay usable until dropped. NULL is fine. Thread:
 * owner */
KIDA_API void kida_env_free(kida_env *env);

/** Settings in force, defaults filled in. Owner: the environment. Thread: any */
KIDA_API const kida_config *kida_env_config(const kida_env *env);

/* ---- set-up -------------------------------------------------------------------------------- */

/**
 * Adds count filters; a name already present is replaced.
 *
 * Owner:  table is kept by pointer and must outlive env; err may be NULL.
 * Errors: KIDA_E_FROZEN after freeze, KIDA_E_PARSE for a fallback that is no literal,
 *         KIDA_E_NOMEM. On failure no entry has been added.
 * Thread: setup
 */
KIDA_API KIDA_MUST_USE kida_status kida_env_add_filters(kida_env *env, const kida_filter *table,
                                                        size_t count, kida_error *err);
KIDA_API KIDA_MUST_USE kida_status kida_env_add_tests(kida_env *env, const kida_test *table,
                                                      size_t count, kida_error *err);
KIDA_API KIDA_MUST_USE kida_status kida_env_add_functions(kida_env *env, const kida_function *table,
                                                          size_t count, kida_error *err);

/**
 * As the plural forms, for one entry with a user pointer (kida_call_user). free_user is called
 * exactly once: when the environment goes, when the entry is replaced, or at once on failure.
 */
KIDA_API KIDA_MUST_USE kida_status kida_env_add_filter(kida_env *env, const kida_filter *row,
                                                       void *user, void (*free_user)(void *),
                                                       kida_error *err);
KIDA_API KIDA_MUST_USE kida_status kida_env_add_test(kida_env *env, const kida_test *row,
                                                     void *user, void (*free_user)(void *),
                                                     kida_error *err);
KIDA_API KIDA_MUST_USE kida_status kida_env_add_function(kida_env *env, const kida_function *row,
                                                         void *user, void (*free_user)(void *),
                                                         kida_error *err);

/**
 * Adds a global variable that every template sees; render contexts and assignments shadow it.
 *
 * Owner:  name is copied; what value points to must outlive env. Build it in kida_env_pool.
 * Thread: setup
 */
KIDA_API KIDA_MUST_USE kida_status kida_env_add_global(kida_env *env, kida_str name,
                                                       kida_value value, kida_error *err);

/** A static value: wins over a render's value of that name; may be folded. Thread: setup */
KIDA_API KIDA_MUST_USE kida_status kida_env_add_static(kida_env *env, kida_str name,
                                                       kida_value value, kida_error *err);

/** Pool that lives as long as the environment; sealed at freeze. Thread: setup */
KIDA_API kida_pool *kida_env_pool(kida_env *env);

/** Loads a filter module (shared object) and lets it install itself. Errors: KIDA_E_MODULE. Thread:
 * setup */
KIDA_API KIDA_MUST_USE kida_status kida_env_load_module(kida_env *env, const char *path,
                                                        kida_error *err);

/** Message functions for `trans`, `_` and `_n`: return the translation, or an empty slice for
 * "none". */
typedef struct kida_catalog {
    void *user;
    kida_str (*text)(void *user, kida_call *call, kida_str message);
    kida_str (*plural)(void *user, kida_call *call, kida_str one, kida_str many, int64_t count);
} kida_catalog;

/** Installs message functions; copied. Thread: setup */
KIDA_API KIDA_MUST_USE kida_status kida_env_set_catalog(kida_env *env, const kida_catalog *catalog,
                                                        kida_error *err);

/* ---- loaders ------------------------------------------------------------------------------- */

/** What a loader found: the text and where it came from. */
typedef struct kida_source {
    kida_str text;     /* allocated with the allocator given, freed by the environment */
    kida_str filename; /* for messages; likewise; may be empty */
    uint64_t version;  /* differs when the source has changed; 0: not known */
} kida_source;

/**
 * Finds sources by name. Loaders are asked in the order in which they were added.
 *
 * load:    KIDA_OK and *out, KIDA_E_NOT_FOUND to let the next loader try, or another failure.
 * list:    calls each for every name that it knows; may be NULL.
 * version: cheap look whether a source has changed (auto_reload); may be NULL.
 * Thread: any; several threads may ask at once.
 */
typedef struct kida_loader {
    kida_status (*load)(void *user, kida_str name, const kida_allocator *allocator,
                        kida_source *out, kida_error *err);
    kida_status (*list)(void *user, kida_status (*each)(void *arg, kida_str name), void *arg);
    kida_status (*version)(void *user, kida_str name, uint64_t *out);
    void (*free_user)(void *user);
    void *user;
} kida_loader;

/** Adds a loader; copied. free_user is called exactly once, also on failure. Thread: setup */
KIDA_API KIDA_MUST_USE kida_status kida_env_add_loader(kida_env *env, const kida_loader *loader,
                                                       kida_error *err);

/** As kida_env_add_loader, but asked behind all that are added so, be it before or after this one:
 *  for templates that come with a library. Thread: setup */
KIDA_API KIDA_MUST_USE kida_status kida_env_add_last_loader(kida_env *env,
                                                            const kida_loader *loader,
                                                            kida_error *err);

/**
 * Adds a directory. Names that leave it, also through symbolic links, are not found (K-TPL-001).
 * A prefix ("admin") makes its templates known as admin/…; NULL: none. Thread: setup
 */
KIDA_API KIDA_MUST_USE kida_status kida_env_add_directory(kida_env *env, const char *path,
                                                          const char *prefix, kida_error *err);

/** How kida_open_beneath opens: any of them together, or 0. */
typedef enum kida_beneath {
    KIDA_BENEATH_DIRECTORY = 1 << 0, /* nothing but a directory */
    KIDA_BENEATH_NO_LINKS = 1 << 1,  /* no symbolic link at all, not even one that stays below */
    KIDA_BENEATH_WALK = 1 << 2       /* component by component, as where the kernel can't do it */
} kida_beneath;

/**
 * Opens path below the directory handle root for reading, as directory loaders do; for loaders and
 * file servers of your own. Links are followed while they stay below; absolute links and those that
 * climb out are refused, and nothing is looked at by name and opened by name later. Waits for
 * nothing: a pipe without a writer opens at once.
 *
 * Returns a descriptor that the caller closes, or a negative errno: -EXDEV for a path that leaves
 * the directory, -ELOOP for a link that is not followed.
 *
 * Thread: any
 */
KIDA_API int kida_open_beneath(int root, const char *path, unsigned flags);


/** Adds one template from memory; name and source are copied. Thread: setup */
KIDA_API KIDA_MUST_USE kida_status kida_env_add_source(kida_env *env, kida_str name,
                                                       kida_str source, kida_error *err);

/* ---- templates ----------------------------------------------------------------------------- */

/**
 * Ends set-up: from here on every thread may use the environment and set-up calls answer
 * KIDA_E_FROZEN. Called by the first fetch at the latest; exactly one thread does the work.
 *
 * Errors: sticky: every later call reports the same. Thread: any
 */
KIDA_API KIDA_MUST_USE kida_status kida_env_freeze(kida_env *env, kida_error *err);

/**
 * The template of that name, compiled if it was not yet; freezes the environment.
 *
 * Owner:  give it back with kida_template_drop.
 * Errors: NULL, with err: K-TPL-001, syntax errors with place, KIDA_E_NOMEM, K-RUN-016.
 * Thread: any
 */
KIDA_API KIDA_MUST_USE kida_template *kida_env_get(kida_env *env, kida_str name, kida_error *err);

/** Compiles a source that no loader knows. name may be empty ("<template>" in messages). Thread:
 * any */
KIDA_API KIDA_MUST_USE kida_template *kida_env_from_source(kida_env *env, kida_str name,
                                                           kida_str source, kida_error *err);

/** Counts one more user. Thread: any */
KIDA_API kida_template *kida_template_hold(kida_template *tpl);

/** Counts one user less; the last one frees it. NULL is fine. Thread: any */
KIDA_API void kida_template_drop(kida_template *tpl);

/** Forgets compiled templates that nobody holds, or all cached fragments. Thread: any */
KIDA_API void kida_env_clear_templates(kida_env *env);
KIDA_API void kida_env_clear_fragments(kida_env *env);

KIDA_END_DECLS

#endif
