/* SPDX-License-Identifier: MIT */
/* inspect.h - what an application consists of, and what is wrong with it: for tools. */
#ifndef CHIRP_INSPECT_H
#define CHIRP_INSPECT_H

#include "app.h"

KIDA_BEGIN_DECLS

/* ---- settings ------------------------------------------------------------------------------ */

/** One setting, as text. Valid during the call that shows it. */
typedef struct chirp_setting {
    const char *name;     /* of the field: "max_body" */
    const char *variable; /* after the prefix: "MAX_BODY"; NULL: not read from the environment */
    const char *value;    /* numbers and lists too: "a, b" */
    bool is_secret;       /* show whether it is set, not what it is */
} chirp_setting;

/** Calls each for every setting, in a fixed order. Thread: any */
CHIRP_API void chirp_config_each(const chirp_config *config,
                                 void (*each)(void *arg, const chirp_setting *setting), void *arg);

/* ---- routes -------------------------------------------------------------------------------- */

/** One route. Texts live as long as the app. */
typedef struct chirp_route_info {
    kida_str path;
    const char *methods;       /* "GET, POST"; valid during the call */
    kida_str name;             /* empty: none */
    kida_str template_name;    /* declared by template_name; empty: none */
    kida_str block;
    bool is_referenced;
} chirp_route_info;

/** Calls each for every route, in the order of registration. Thread: setup, or any after freeze */
CHIRP_API void chirp_app_each_route(const chirp_app *app,
                                    void (*each)(void *arg, const chirp_route_info *route),
                                    void *arg);

/* ---- check --------------------------------------------------------------------------------- */

/** Something that does not fit: routes against templates, templates against each other. */
typedef struct chirp_issue {
    kida_severity severity;
    const char *rule;    /* "target", "method", "hx-target", … docs/checks.md; static */
    kida_str file;       /* of the template; empty: about a route */
    kida_str route;      /* path of the route; empty: about a template */
    uint32_t line;       /* from 1; 0: not known */
    const char *message;
    const char *hint;    /* what to do; may be empty */
} chirp_issue;

/** What was looked at. */
typedef struct chirp_check_counts {
    size_t routes, templates, errors, warnings, infos;
} chirp_check_counts;

/**
 * Compares the routes of an app with its templates and calls each for every issue, template by
 * template. Freezes the app. Values that are worked out when rendering are not judged.
 *
 * Owner:  an issue is valid during its call; counts may be NULL.
 * Errors: those of freeze; KIDA_E_NOMEM. Issues are no failure.
 * Thread: any
 */
CHIRP_API CHIRP_MUST_USE kida_status chirp_check(chirp_app *app,
                                                 void (*each)(void *arg, const chirp_issue *issue),
                                                 void *arg, chirp_check_counts *counts,
                                                 kida_error *err);

KIDA_END_DECLS

#endif
