/* SPDX-License-Identifier: MIT */
/* page_scripts.c - what the config has put into every page (rows 5.6 and 6.6): scripts before
 * `</body>`; transitions and speculation rules before `</head>`. */
#define _GNU_SOURCE
#include "app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/fail.h"
#include "http/target.h"
#include "middleware/snippets.h"

#define SNIPPET_MAX ((size_t)1 << 20)

/* ---- speculation rules ----------------------------------------------------------------------- */

/* One address of the app: a path, or a pattern in the language of URLPattern. */
typedef struct address {
    kida_str text;
    bool is_pattern;
} address;

/* How eager each list is; NULL: there is none. */
static const struct {
    const char *mode, *prefetch_list, *prefetch_patterns, *prerender_list, *prerender_patterns;
} speculation_modes[] = {
    { "conservative", "moderate", "conservative", NULL, NULL },
    { "moderate", "eager", "moderate", "moderate", NULL },
    { "eager", NULL, NULL, "eager", "moderate" },
};

/* Static text of a pattern: signs that mean something there are escaped. */
static void
put_literal(kida_buf *out, kida_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (memchr("\\*+?:{}()", text.ptr[i], 9))
            kida_buf_byte(out, '\\');
        kida_buf_byte(out, text.ptr[i]);
    }
}

static kida_status
make_address(chirp_app *app, kida_str path, address *out, kida_error *err)
{
    kida_buf scratch;
    ch_pattern pattern;
    kida_status st = ch_pattern_parse(path, &pattern, err);
    if (st != KIDA_OK)
        return st;
    out->is_pattern = pattern.param_count > 0;
    kida_buf_init_heap(&scratch, &app->allocator, SNIPPET_MAX);
    for (size_t i = 0; i < pattern.count; i++) {
        const ch_segment *segment = &pattern.segments[i];
        kida_buf_byte(&scratch, '/');
        if (segment->convert != CH_CONVERT_STATIC)
            kida_buf_byte(&scratch, '*');
        else if (out->is_pattern)
            put_literal(&scratch, segment->text);
        else
            ch_percent_encode(&scratch, segment->text, false);
    }
    if (pattern.count == 0)
        kida_buf_byte(&scratch, '/');
    out->text = ch_arena_copy(&app->arena, kida_buf_str(&scratch));
    st = kida_buf_status(&scratch);
    kida_buf_free(&scratch);
    return st == KIDA_OK && out->text.ptr
               ? KIDA_OK
               : ch_fail(err, KIDA_E_NOMEM, "no memory for speculation rules");
}

static int
compare_addresses(const void *a, const void *b)
{
    kida_str x = ((const address *)a)->text, y = ((const address *)b)->text;
    int order = memcmp(x.ptr, y.ptr, x.len < y.len ? x.len : y.len);
    return order != 0 ? order : (x.len > y.len) - (x.len < y.len);
}

/* Inside of a script: nothing may look like a tag. */
static void
put_json_text(kida_buf *out, kida_str text)
{
    kida_buf_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < 0x20 || c == '<' || c == '&' || c == 0x7f) {
            kida_buf_format(out, "\\u%04x", c);
            continue;
        }
        if (c == '"' || c == '\\')
            kida_buf_byte(out, '\\');
        kida_buf_byte(out, (char)c);
    }
    kida_buf_byte(out, '"');
}

/* Appends the addresses of one kind; the number of them. */
static size_t
put_addresses(kida_buf *out, const address *list, size_t count, bool patterns)
{
    size_t put = 0;
    for (size_t i = 0; i < count; i++) {
        if (list[i].is_pattern != patterns ||
            (i > 0 && kida_str_equal(list[i].text, list[i - 1].text)))
            continue;
        kida_buf_put(out, put > 0 ? KIDA_S(",") : KIDA_S(""));
        kida_buf_put(out, patterns ? KIDA_S("{\"href_matches\":") : KIDA_S(""));
        put_json_text(out, list[i].text);
        kida_buf_put(out, patterns ? KIDA_S("}") : KIDA_S(""));
        put++;
    }
    return put;
}

static bool
has_kind(const address *list, size_t count, bool patterns)
{
    size_t i = 0;
    while (i < count && list[i].is_pattern != patterns)
        i++;
    return i < count;
}

/* `"prefetch":[…]`, with what is there of its two parts. True if anything was written. */
static bool
put_action(kida_buf *out, const char *action, const char *list_eagerness,
           const char *pattern_eagerness, const address *list, size_t count, bool is_first)
{
    bool has_list = list_eagerness && has_kind(list, count, false);
    bool has_patterns = pattern_eagerness && has_kind(list, count, true);
    if (!has_list && !has_patterns)
        return false;
    kida_buf_format(out, "%s\"%s\":[", is_first ? "" : ",", action);
    if (has_list) {
        kida_buf_put(out, KIDA_S("{\"source\":\"list\",\"urls\":["));
        put_addresses(out, list, count, false);
        kida_buf_format(out, "],\"eagerness\":\"%s\"}%s", list_eagerness,
                        has_patterns ? "," : "");
    }
    if (has_patterns) {
        kida_buf_put(out, KIDA_S("{\"source\":\"document\",\"where\":{\"or\":["));
        put_addresses(out, list, count, true);
        kida_buf_format(out, "]},\"eagerness\":\"%s\"}", pattern_eagerness);
    }
    kida_buf_byte(out, ']');
    return true;
}

static bool
is_speculated(const ch_route *route)
{
    return (route->methods & ch_method_bit(CH_METHOD_GET)) != 0 && !route->is_referenced &&
           !route->stream_body && route->event_count == 0;
}

static kida_status
list_addresses(chirp_app *app, address **list, size_t *count, kida_error *err)
{
    *list = ch_arena_array(&app->arena, app->route_count + 1, sizeof(**list));
    *count = 0;
    if (!*list)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for speculation rules");
    kida_status st = KIDA_OK;
    for (const ch_route *route = app->routes; route && st == KIDA_OK; route = route->next) {
        if (!is_speculated(route))
            continue;
        st = make_address(app, route->path, &(*list)[*count], err);
        *count += st == KIDA_OK;
    }
    if (*count > 1)
        qsort(*list, *count, sizeof(**list), compare_addresses);
    return st;
}

static kida_status
put_speculation(chirp_app *app, kida_buf *out, kida_error *err)
{
    size_t mode = 0, count;
    while (mode < 3 && strcmp(speculation_modes[mode].mode, app->config.speculation_rules) != 0)
        mode++;
    if (mode == 3)
        return KIDA_OK; /* off */
    address *list;
    kida_status st = list_addresses(app, &list, &count, err);
    if (st != KIDA_OK || count == 0)
        return st;
    kida_buf_put(out, KIDA_S("<script type=\"speculationrules\" "
                             "data-chirp=\"speculation-rules\">{"));
    bool any = put_action(out, "prefetch", speculation_modes[mode].prefetch_list,
                          speculation_modes[mode].prefetch_patterns, list, count, true);
    put_action(out, "prerender", speculation_modes[mode].prerender_list,
               speculation_modes[mode].prerender_patterns, list, count, !any);
    kida_buf_put(out, KIDA_S("}</script>"));
    return KIDA_OK;
}

/* ---- a look at pages in debug mode ---------------------------------------------------------- */

static chirp_reply *
watch_transitions(chirp_request *req, chirp_next *next, void *user)
{
    chirp_reply *reply = chirp_proceed(next, req);
    kida_str body = chirp_reply_body(reply);
    (void)user;
    if (chirp_reply_is_page(reply) && body.len > 0 &&
        (memmem(body.ptr, body.len, "@view-transition", 16) ||
         memmem(body.ptr, body.len, "::view-transition", 17))) {
        kida_str path = chirp_path(req);
        fprintf(stderr, "chirp: %.*s has styles for view transitions, but "
                        "config.view_transitions is off\n",
                (int)(path.len < 200 ? path.len : 200), path.ptr);
    }
    return reply;
}

/* ---- all of it ------------------------------------------------------------------------------ */

static kida_status
add(chirp_app *app, const kida_buf *snippet, const char *before, kida_error *err)
{
    if (kida_buf_status(snippet) != KIDA_OK)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for scripts");
    if (kida_buf_str(snippet).len == 0)
        return KIDA_OK;
    chirp_inject_options options;
    chirp_inject_options_init(&options);
    options.snippet = ch_arena_copy(&app->arena, kida_buf_str(snippet)).ptr;
    options.before = before;
    options.full_page_only = true;
    return options.snippet ? chirp_use_inject(app, &options, err)
                           : ch_fail(err, KIDA_E_NOMEM, "no memory for scripts");
}

/* One layer for each place, as each copies the page. Their order is that of separate layers, of
 * which the innermost comes first. */
kida_status
ch_app_add_snippets(chirp_app *app, kida_error *err)
{
    const chirp_config *config = &app->config;
    bool full = strcmp(config->view_transitions, "full") == 0;
    bool moves = full || strcmp(config->view_transitions, "htmx") == 0;
    kida_buf head, body;
    kida_buf_init_heap(&head, &app->allocator, SNIPPET_MAX);
    kida_buf_init_heap(&body, &app->allocator, SNIPPET_MAX);

    if (moves)
        kida_buf_put(&body, kida_str_from(ch_snippet_view_transitions));
    if (config->sse_lifecycle)
        kida_buf_put(&body, kida_str_from(ch_snippet_sse_lifecycle));
    if (config->safe_target)
        kida_buf_put(&body, kida_str_from(ch_snippet_safe_target));
    kida_status st = put_speculation(app, &head, err);
    if (full)
        kida_buf_put(&head, kida_str_from(ch_snippet_transition_style));

    if (st == KIDA_OK)
        st = add(app, &body, "</body>", err);
    if (st == KIDA_OK)
        st = add(app, &head, "</head>", err);
    if (st == KIDA_OK && config->debug && !moves)
        st = chirp_use(app, watch_transitions, NULL, NULL);
    kida_buf_free(&body);
    kida_buf_free(&head);
    return st;
}
