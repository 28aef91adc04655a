/* SPDX-License-Identifier: MIT */
/* tree.c - the tree of routes. Built in an arena that is never written again after the build. */
#include "router/tree.h"

#include <string.h>

#include "config/alloc.h"
#include "config/fail.h"
#include "config/text.h"

#define ROUTER_BLOCK 16384
#define ROUTER_MAX ((size_t)256 << 20)

typedef struct node node;

/* Static child. */
typedef struct edge {
    kida_str text;
    node *to;
} edge;

/* Routes that end in a node, by method. */
typedef struct leaf {
    struct leaf *next;
    ch_method_set methods;
    const ch_route_def *route;
} leaf;

struct node {
    edge *edges; /* sorted by text */
    size_t edge_count;
    size_t edge_room;
    node *params[CH_CONVERT_COUNT]; /* INT to PATH, tried in that order */
    kida_str param_name;            /* of the parameter that leads here */
    leaf *leaves;
    ch_method_set served;  /* methods of all leaves */
    ch_method_set allowed; /* with the automatic ones */
    const kida_str *names; /* of all parameters on the way here */
    size_t name_count;
    const ch_pattern *pattern; /* of the first route here, for its URL */
};

/* A name and where it leads, sorted by name. */
typedef struct name_entry {
    kida_str name;
    const node *to;
} name_entry;

struct ch_router {
    ch_arena arena;
    kida_allocator allocator;
    ch_router_options options;
    node root;
    ch_route_def *routes; /* copies, in the order given */
    size_t count;
    name_entry *names;
    size_t name_count;
};

static int
shown(kida_str text)
{
    return (int)(text.len < 100 ? text.len : 100);
}

/* ---- edges ----------------------------------------------------------------------------------- */

static int
compare(kida_str a, kida_str b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1; /* any total order will do; lengths are cheapest */
    return a.len == 0 ? 0 : memcmp(a.ptr, b.ptr, a.len);
}

/* Index of the edge with that text, or where it belongs. */
static size_t
edge_index(const node *from, kida_str text, bool *found)
{
    size_t low = 0, high = from->edge_count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(from->edges[middle].text, text);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static node *
static_child(ch_arena *arena, node *from, kida_str text)
{
    bool found;
    size_t at = edge_index(from, text, &found);
    if (found)
        return from->edges[at].to;
    if (from->edge_count == from->edge_room) {
        size_t room = from->edge_room == 0 ? 4 : from->edge_room * 2;
        edge *edges = ch_arena_grow(arena, from->edges, from->edge_room * sizeof(edge),
                                    room * sizeof(edge));
        if (edges == NULL)
            return NULL;
        from->edges = edges;
        from->edge_room = room;
    }
    node *child = ch_arena_array(arena, 1, sizeof(*child));
    if (child == NULL)
        return NULL;
    memmove(&from->edges[at + 1], &from->edges[at], (from->edge_count - at) * sizeof(edge));
    from->edges[at].text = text;
    from->edges[at].to = child;
    from->edge_count++;
    return child;
}

/* ---- building -------------------------------------------------------------------------------- */

/* The child that a segment leads to, made if missing. Two names for one place are refused. */
static kida_status
child_of(ch_arena *arena, node *from, const ch_segment *segment, const ch_route_def *route,
         node **out, kida_error *err)
{
    if (segment->convert == CH_CONVERT_STATIC) {
        *out = static_child(arena, from, segment->text);
    } else {
        node **place = &from->params[segment->convert];
        if (*place == NULL) {
            *place = ch_arena_array(arena, 1, sizeof(**place));
            if (*place != NULL)
                (*place)->param_name = segment->text;
        } else if (!kida_str_equal((*place)->param_name, segment->text)) {
            kida_str other = (*place)->param_name;
            return ch_fail(err, KIDA_E_USAGE,
                           "parameter '%.*s' of path '%.*s' is called '%.*s' in another route",
                           shown(segment->text), segment->text.ptr, shown(route->path),
                           route->path.ptr, shown(other), other.ptr);
        }
        *out = *place;
    }
    return *out == NULL ? ch_fail(err, KIDA_E_NOMEM, "no memory for the routes") : KIDA_OK;
}

/* Gives a node the names of its parameters and its pattern, once. */
static bool
describe(ch_arena *arena, node *at, const ch_pattern *pattern)
{
    if (at->pattern != NULL)
        return true;
    ch_pattern *kept = ch_arena_alloc(arena, sizeof(*kept));
    kida_str *names = ch_arena_array(arena, pattern->param_count, sizeof(*names));
    if (kept == NULL || names == NULL)
        return false;
    *kept = *pattern;
    size_t count = 0;
    for (size_t i = 0; i < pattern->count; i++) {
        if (pattern->segments[i].convert != CH_CONVERT_STATIC)
            names[count++] = pattern->segments[i].text;
    }
    at->pattern = kept;
    at->names = names;
    at->name_count = count;
    return true;
}

static kida_status
add_leaf(ch_router *router, node *at, const ch_route_def *route, kida_error *err)
{
    ch_method_set both = at->served & route->methods;
    if (both != 0) {
        char text[CH_ALLOW_MAX];
        size_t len = ch_method_set_text(both, text);
        return ch_fail(err, KIDA_E_USAGE, "two routes for %.*s '%.*s'", (int)len, text,
                       shown(route->path), route->path.ptr);
    }
    leaf *made = ch_arena_alloc(&router->arena, sizeof(*made));
    if (made == NULL)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for the routes");
    made->methods = route->methods;
    made->route = route;
    made->next = at->leaves;
    at->leaves = made;
    at->served |= route->methods;
    at->allowed = at->served;
    if (router->options.auto_head && (at->served & ch_method_bit(CH_METHOD_GET)) != 0)
        at->allowed |= ch_method_bit(CH_METHOD_HEAD);
    if (router->options.auto_options)
        at->allowed |= ch_method_bit(CH_METHOD_OPTIONS);
    return KIDA_OK;
}

/* Position of a name among the sorted ones. */
static size_t
name_index(const ch_router *router, kida_str name, bool *found)
{
    size_t low = 0, high = router->name_count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(router->names[middle].name, name);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static kida_status
add_name(ch_router *router, const node *at, const ch_route_def *route, kida_error *err)
{
    bool found;
    size_t place = name_index(router, route->name, &found);
    if (found && router->names[place].to == at)
        return KIDA_OK;
    if (found)
        return ch_fail(err, KIDA_E_USAGE, "two paths are named '%.*s', one is '%.*s'",
                       shown(route->name), route->name.ptr, shown(route->path), route->path.ptr);
    memmove(&router->names[place + 1], &router->names[place],
            (router->name_count - place) * sizeof(name_entry));
    router->names[place].name = route->name;
    router->names[place].to = at;
    router->name_count++;
    return KIDA_OK;
}

static kida_status
add_route(ch_router *router, const ch_route_def *route, kida_error *err)
{
    ch_pattern pattern;
    kida_status st = ch_pattern_parse(route->path, &pattern, err);
    if (st == KIDA_OK && route->methods == 0)
        st = ch_fail(err, KIDA_E_USAGE, "path '%.*s' has no method", shown(route->path),
                     route->path.ptr);
    node *at = &router->root;
    for (size_t i = 0; st == KIDA_OK && i < pattern.count; i++)
        st = child_of(&router->arena, at, &pattern.segments[i], route, &at, err);
    if (st == KIDA_OK && !describe(&router->arena, at, &pattern))
        st = ch_fail(err, KIDA_E_NOMEM, "no memory for the routes");
    if (st == KIDA_OK)
        st = add_leaf(router, at, route, err);
    if (st == KIDA_OK && route->name.len > 0)
        st = add_name(router, at, route, err);
    return st;
}

/* Copies the routes, so that every slice of the tree lives in its arena. */
static bool
copy_routes(ch_router *router, const ch_route_def *routes, size_t count)
{
    router->routes = ch_arena_array(&router->arena, count, sizeof(*routes));
    router->names = ch_arena_array(&router->arena, count, sizeof(*router->names));
    if (router->routes == NULL || router->names == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        router->routes[i] = routes[i];
        router->routes[i].path = ch_arena_copy(&router->arena, routes[i].path);
        router->routes[i].name = ch_arena_copy(&router->arena, routes[i].name);
        if (router->routes[i].path.ptr == NULL || router->routes[i].name.ptr == NULL)
            return false;
    }
    router->count = count;
    return true;
}

kida_status
ch_router_build(const ch_route_def *routes, size_t count, ch_router_options options,
                const kida_allocator *allocator, ch_router **out, kida_error *err)
{
    ch_router *router = ch_calloc(allocator, sizeof(*router));
    if (router == NULL)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for the routes");
    if (allocator != NULL)
        router->allocator = *allocator;
    router->options = options;
    ch_arena_init(&router->arena, allocator, ROUTER_BLOCK, ROUTER_MAX);

    kida_status st = KIDA_OK;
    if (!copy_routes(router, routes, count))
        st = ch_fail(err, KIDA_E_NOMEM, "no memory for the routes");
    for (size_t i = 0; st == KIDA_OK && i < count; i++)
        st = add_route(router, &router->routes[i], err);
    if (st != KIDA_OK) {
        ch_router_free(router);
        return st;
    }
    *out = router;
    return KIDA_OK;
}

void
ch_router_free(ch_router *router)
{
    if (router == NULL)
        return;
    kida_allocator allocator = router->allocator;
    ch_arena_clear(&router->arena);
    ch_free(&allocator, router, sizeof(*router));
}

/* ---- matching -------------------------------------------------------------------------------- */

/* All segments from index on as one slice; they lie behind each other, joined by slashes. */
static kida_str
rest_of(const ch_path *path, size_t index)
{
    const kida_str *last = &path->segments[path->count - 1];
    kida_str out = path->segments[index];
    out.len = (size_t)(last->ptr + last->len - out.ptr);
    return out;
}

/* Node for the segments from index on. Recursion ends with the tree: a pattern has at most
 * CH_PATTERN_SEGMENTS_MAX segments, and every node is looked at once at most. */
static const node *
find(const node *at, const ch_path *path, size_t index, size_t params, ch_match *out)
{
    if (index == path->count)
        return at->leaves != NULL ? at : NULL;
    kida_str segment = path->segments[index];
    bool found;
    size_t edge_at = edge_index(at, segment, &found);
    if (found) {
        const node *hit = find(at->edges[edge_at].to, path, index + 1, params, out);
        if (hit != NULL)
            return hit;
    }
    for (size_t i = CH_CONVERT_INT; i <= CH_CONVERT_STR; i++) {
        const node *child = at->params[i];
        if (child == NULL || !ch_convert_accepts((ch_convert)i, segment))
            continue;
        const node *hit = find(child, path, index + 1, params + 1, out);
        if (hit != NULL) {
            out->values[params] = segment;
            return hit;
        }
    }
    const node *rest = at->params[CH_CONVERT_PATH];
    if (rest != NULL && rest->leaves != NULL) {
        out->values[params] = rest_of(path, index);
        return rest;
    }
    return NULL;
}

/* Target that serves a method in a node, or NULL. */
static const leaf *
leaf_for(const node *at, ch_method method)
{
    for (const leaf *one = at->leaves; one != NULL; one = one->next) {
        if ((one->methods & ch_method_bit(method)) != 0)
            return one;
    }
    return NULL;
}

void
ch_router_match(const ch_router *router, ch_method method, const ch_path *path, ch_match *out)
{
    out->kind = CH_MATCH_NONE;
    out->target = NULL;
    out->allowed = 0;
    out->param_count = 0;
    out->names = NULL;
    const node *at = find(&router->root, path, 0, 0, out);
    if (at == NULL)
        return;
    out->allowed = at->allowed;
    out->param_count = at->name_count;
    out->names = at->names;
    const leaf *hit = leaf_for(at, method);
    if (hit == NULL && method == CH_METHOD_HEAD && router->options.auto_head)
        hit = leaf_for(at, CH_METHOD_GET);
    if (hit != NULL) {
        out->kind = CH_MATCH_ROUTE;
        out->target = hit->route->target;
    } else if (method == CH_METHOD_OPTIONS && router->options.auto_options) {
        out->kind = CH_MATCH_OPTIONS;
    } else {
        out->kind = CH_MATCH_METHOD;
    }
}

/* ---- URLs ------------------------------------------------------------------------------------ */

/* Names the known routes in the hint, as many as fit. */
static kida_status
fail_unknown(const ch_router *router, kida_str name, kida_error *err)
{
    ch_fail(err, KIDA_E_NOT_FOUND, "no route is named '%.*s'", shown(name), name.ptr);
    char text[300];
    size_t len = 0;
    for (size_t i = 0; i < router->name_count; i++) {
        kida_str known = router->names[i].name;
        if (known.len + 2 > sizeof(text) - len)
            break;
        if (len > 0) {
            text[len++] = ',';
            text[len++] = ' ';
        }
        memcpy(text + len, known.ptr, known.len);
        len += known.len;
    }
    return ch_fail_hint(err, KIDA_E_NOT_FOUND, "known names: %.*s", (int)len, text);
}

static const ch_pair *
find_param(const ch_pair *params, size_t count, kida_str name)
{
    for (size_t i = 0; i < count; i++) {
        if (kida_str_equal(params[i].name, name))
            return &params[i];
    }
    return NULL;
}

/* Looks whether a value, also one of several segments, would be routed back to its parameter. */
static bool
value_fits(const ch_segment *segment, kida_str value)
{
    if (segment->convert != CH_CONVERT_PATH)
        return ch_convert_accepts(segment->convert, value) &&
               !kida_str_equal(value, KIDA_S(".")) && !kida_str_equal(value, KIDA_S("..")) &&
               ch_str_find(value, '\0', 0) == value.len;
    size_t parts = 0;
    for (size_t at = 0, end; at <= value.len; at = end + 1) {
        end = ch_str_find(value, '/', at);
        kida_str part = ch_str_slice(value, at, end);
        if (kida_str_equal(part, KIDA_S(".")) || kida_str_equal(part, KIDA_S("..")))
            return false;
        parts += part.len > 0;
    }
    return parts > 0 && ch_str_find(value, '\0', 0) == value.len;
}

static kida_status
check_params(const ch_pattern *pattern, kida_str name, const ch_pair *params, size_t count,
             kida_error *err)
{
    for (size_t i = 0; i < pattern->count; i++) {
        const ch_segment *segment = &pattern->segments[i];
        if (segment->convert == CH_CONVERT_STATIC)
            continue;
        const ch_pair *given = find_param(params, count, segment->text);
        if (given == NULL)
            return ch_fail(err, KIDA_E_KEY, "the URL of '%.*s' needs parameter '%.*s'", shown(name),
                           name.ptr, shown(segment->text), segment->text.ptr);
        kida_str type = ch_convert_name(segment->convert);
        if (!value_fits(segment, given->value))
            return ch_fail(err, KIDA_E_TYPE, "parameter '%.*s' of '%.*s' is no %.*s",
                           shown(segment->text), segment->text.ptr, shown(name), name.ptr,
                           (int)type.len, type.ptr);
    }
    return KIDA_OK;
}

static bool
is_path_param(const ch_pattern *pattern, kida_str name)
{
    for (size_t i = 0; i < pattern->count; i++) {
        if (pattern->segments[i].convert != CH_CONVERT_STATIC &&
            kida_str_equal(pattern->segments[i].text, name))
            return true;
    }
    return false;
}

kida_status
ch_router_url(const ch_router *router, kida_str name, const ch_pair *params, size_t count,
              kida_buf *out, kida_error *err)
{
    bool found;
    size_t place = name_index(router, name, &found);
    if (!found)
        return fail_unknown(router, name, err);
    const ch_pattern *pattern = router->names[place].to->pattern;
    kida_status st = check_params(pattern, name, params, count, err);
    if (st != KIDA_OK)
        return st;

    for (size_t i = 0; i < pattern->count; i++) {
        const ch_segment *segment = &pattern->segments[i];
        kida_buf_byte(out, '/');
        const ch_pair *given = segment->convert == CH_CONVERT_STATIC
                                   ? NULL
                                   : find_param(params, count, segment->text);
        ch_percent_encode(out, given == NULL ? segment->text : given->value,
                          segment->convert == CH_CONVERT_PATH);
    }
    if (pattern->count == 0)
        kida_buf_byte(out, '/');
    char mark = '?';
    for (size_t i = 0; i < count; i++) {
        if (is_path_param(pattern, params[i].name) || params[i].value.ptr == NULL)
            continue;
        kida_buf_byte(out, mark);
        ch_percent_encode(out, params[i].name, false);
        kida_buf_byte(out, '=');
        ch_percent_encode(out, params[i].value, false);
        mark = '&';
    }
    st = kida_buf_status(out);
    return st == KIDA_OK ? st : ch_fail(err, st, "no memory for a URL");
}

/* ---- listing --------------------------------------------------------------------------------- */

size_t
ch_router_count(const ch_router *router)
{
    return router->count;
}

const ch_route_def *
ch_router_at(const ch_router *router, size_t index)
{
    return index < router->count ? &router->routes[index] : NULL;
}
