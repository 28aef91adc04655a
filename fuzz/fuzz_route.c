/* SPDX-License-Identifier: MIT */
/*
 * fuzz_route.c - any patterns are refused with a message or compiled; then a path finds a route
 * just where trying every pattern by itself finds one, and a route's own URL leads back to it or to
 * one that is tried before it.
 *
 * Input: up to eight patterns, one a line; after an empty line, paths, one a line.
 */
#include "values.h"

#include <string.h>

#include "router/tree.h"

enum { ROUTES_MAX = 8 };

static bool
accepts(const ch_pattern *pattern, const ch_path *path)
{
    size_t i = 0;
    for (; i < pattern->count; i++) {
        const ch_segment *segment = &pattern->segments[i];
        if (segment->convert == CH_CONVERT_PATH)
            return path->count > i;
        if (i >= path->count)
            return false;
        if (segment->convert == CH_CONVERT_STATIC
                ? !kida_str_equal(segment->text, path->segments[i])
                : !ch_convert_accepts(segment->convert, path->segments[i]))
            return false;
    }
    return i == path->count;
}

/* The URL of what was matched is a path that matches. An escaped slash inside of a catch-all can't
 * be told from one between segments. */
static void
go_back(const ch_router *router, const ch_match *match, ch_arena *arena)
{
    kida_error err;
    kida_buf url;
    ch_pair params[CH_PATTERN_PARAMS_MAX];
    ch_path path;
    ch_match again;
    const ch_route_def *route = match->target;
    kida_error_init(&err);
    for (size_t i = 0; i < match->param_count; i++)
        params[i] = (ch_pair){ match->names[i], match->values[i] };
    kida_buf_init_heap(&url, NULL, FUZZ_OUT_MAX);
    FUZZ_CHECK(ch_router_url(router, route->name, params, match->param_count, &url, &err) ==
               KIDA_OK);
    FUZZ_CHECK(ch_path_parse(arena, kida_buf_str(&url), &path) == CH_REJECT_NONE);
    ch_router_match(router, CH_METHOD_GET, &path, &again);
    FUZZ_CHECK(again.kind == CH_MATCH_ROUTE && again.target == match->target);
    kida_buf_free(&url);
}

static void
try_path(const ch_router *router, const ch_route_def *routes, size_t count, kida_str raw)
{
    ch_path path;
    ch_match match;
    ch_arena arena;
    ch_arena_init(&arena, NULL, 1024, 1u << 20);
    if (raw.len > 0 && raw.ptr[0] == '/' && ch_path_parse(&arena, raw, &path) == CH_REJECT_NONE) {
        ch_router_match(router, CH_METHOD_GET, &path, &match);
        FUZZ_CHECK(match.kind == CH_MATCH_ROUTE || match.kind == CH_MATCH_NONE);
        bool found = false;
        for (size_t i = 0; i < count; i++) {
            ch_pattern pattern;
            kida_error err;
            FUZZ_CHECK(ch_pattern_parse(routes[i].path, &pattern, &err) == KIDA_OK);
            bool fits = accepts(&pattern, &path);
            found = found || fits;
            FUZZ_CHECK(match.kind != CH_MATCH_ROUTE || match.target != &routes[i] || fits);
        }
        FUZZ_CHECK(found == (match.kind == CH_MATCH_ROUTE));
        if (found && !fuzz_holds(raw, "%2f") && !fuzz_holds(raw, "%2F"))
            go_back(router, &match, &arena);
    }
    ch_arena_clear(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h" };
    ch_route_def routes[ROUTES_MAX];
    ch_router *router = NULL;
    kida_error err;
    fuzz_input in = { data, size };
    kida_str line = fuzz_until(&in, '\n');
    size_t count = 0;
    for (; line.len > 0 && count < ROUTES_MAX; line = fuzz_until(&in, '\n'), count++)
        routes[count] = (ch_route_def){ .path = line, .methods = ch_method_bit(CH_METHOD_GET),
                                        .name = kida_str_from(names[count]) };
    for (size_t i = 0; i < count; i++)
        routes[i].target = &routes[i];
    kida_error_init(&err);
    kida_status st = ch_router_build(routes, count, (ch_router_options){ 0 }, NULL, &router, &err);
    FUZZ_CHECK(st == KIDA_OK || (st == err.status && err.message[0] != '\0'));
    for (size_t paths = 0; st == KIDA_OK && in.size > 0 && paths < 16; paths++)
        try_path(router, routes, count, fuzz_until(&in, '\n'));
    ch_router_free(router);
    return 0;
}
