/* SPDX-License-Identifier: MIT */
/* tree.h - routes compiled once into an immutable tree; matching allocates nothing.
 *
 * A match goes static segment, then int, float, uuid, str parameter, then catch-all, and back where
 * that fails. The first node with a route wins, also if it lacks the method: that is 405. */
#ifndef CH_ROUTER_TREE_H
#define CH_ROUTER_TREE_H

#include "http/method.h"
#include "http/headers.h"
#include "http/target.h"

#include "pattern.h"

typedef struct ch_router ch_router;

/* One registered route. Texts are borrowed during the build only; target is handed back as is. */
typedef struct ch_route_def {
    kida_str path;
    ch_method_set methods;
    kida_str name;      /* empty: none */
    const void *target;
} ch_route_def;

typedef struct ch_router_options {
    bool auto_head;     /* HEAD is served by GET */
    bool auto_options;  /* OPTIONS is answered by the framework */
} ch_router_options;

typedef enum ch_match_kind {
    CH_MATCH_NONE,      /* 404 */
    CH_MATCH_ROUTE,     /* call target */
    CH_MATCH_OPTIONS,   /* 204 with Allow */
    CH_MATCH_METHOD     /* 405 with Allow */
} ch_match_kind;

typedef struct ch_match {
    ch_match_kind kind;
    const void *target;                /* CH_MATCH_ROUTE */
    ch_method_set allowed;             /* for Allow, automatic ones included; not for NONE */
    size_t param_count;
    const kida_str *names;             /* of the parameters, live as long as the router */
    kida_str values[CH_PATTERN_PARAMS_MAX]; /* slices of the path */
} ch_match;

/* Compiles routes. All patterns, conflicts and names are checked.
 * Errors: KIDA_E_USAGE naming the route; KIDA_E_NOMEM. *out is untouched then.
 * Thread: any; the result is immutable. */
kida_status ch_router_build(const ch_route_def *routes, size_t count, ch_router_options options,
                            const kida_allocator *allocator, ch_router **out, kida_error *err);
void ch_router_free(ch_router *router);

/* Finds the route of a path. Thread: any */
void ch_router_match(const ch_router *router, ch_method method, const ch_path *path,
                     ch_match *out);

/* Appends the URL of a named route; further parameters become the query in order (3.5).
 * Errors: KIDA_E_NOT_FOUND for an unknown name, with the known ones in the hint; KIDA_E_KEY for a
 *         missing parameter; KIDA_E_TYPE for a value that its converter refuses. */

kida_status ch_router_url(const ch_router *router, kida_str name, const ch_pair *params,
                          size_t count, kida_buf *out, kida_error *err);

/* For listings: number of routes, and one of them in the order given. */
size_t ch_router_count(const ch_router *router);
const ch_route_def *ch_router_at(const ch_router *router, size_t index);

#endif
