/* SPDX-License-Identifier: MIT */
/* check_scope.c - what requests and events inherit from the elements around them: targets and
 * selections that are wider than meant, event streams in the wrong place. */
#include "check.h"

#include <stdio.h>

#include "config/text.h"

#define DEPTH_MAX 128
#define CHAIN_MAX 16
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PRINTABLE(text) (int)((text).len < 120 ? (text).len : 120), (text).ptr

/* What holds inside of an element. */
typedef struct scope {
    bool broad_target; /* an answer replaces the page */
    bool broad_select; /* of an answer a part of the page is taken */
    bool in_stream;
    bool stream_cuts;        /* its sse-connect has hx-disinherit */
    const ch_route *stream;  /* NULL: not known */
} scope;

/* One walk over one template. */
typedef struct walk {
    ch_check *check;
    ch_source *source;
    kida_str names[DEPTH_MAX]; /* open elements */
    scope scopes[DEPTH_MAX];
    size_t depth;
    scope base;                /* of the block that is being walked */
    bool said_target, said_select;
    ch_word *said_ids;
} walk;

/* ---- elements ------------------------------------------------------------------------------ */

static bool
is_void(const ch_tag *tag)
{
    static const char *const names[] = { "area", "base", "br", "col", "embed", "hr", "img", "input",
                                         "link", "meta", "source", "track", "wbr", "!doctype" };
    for (size_t i = 0; i < COUNT(names); i++) {
        if (ch_tag_is(tag, names[i]))
            return true;
    }
    return false;
}

static bool
attr_is(const ch_tag *tag, const char *name, const char *value)
{
    const ch_attr *attr = ch_tag_attr(tag, name);
    return attr && ch_str_iequal(ch_str_trim(attr->value), kida_str_from(value));
}

/* Whether hx-disinherit of the element names this attribute. */
static bool
disinherits(const ch_tag *tag, kida_str name)
{
    const ch_attr *attr = ch_tag_attr(tag, "hx-disinherit");
    kida_str word;
    size_t at = 0;
    while (attr && ch_str_next(attr->value, ' ', &at, &word)) {
        if (kida_str_equal(word, name) || kida_str_equal(word, KIDA_S("*")))
            return true;
    }
    return false;
}

/* An element around most of a page. */
static bool
is_wide(const ch_tag *tag)
{
    return ch_tag_is(tag, "body") || ch_tag_is(tag, "main") || attr_is(tag, "hx-boost", "true");
}

static bool
is_mutating(const ch_tag *tag)
{
    static const char *const names[] = { "hx-post", "hx-put", "hx-patch", "hx-delete" };
    for (size_t i = 0; i < COUNT(names); i++) {
        if (ch_tag_attr(tag, names[i]))
            return true;
    }
    return false;
}

static const scope *
around(const walk *w)
{
    return w->depth > 0 ? &w->scopes[w->depth - 1] : &w->base;
}

/* The route of a stream whose address is written out. */
static const ch_route *
stream_of(ch_check *check, const ch_attr *attr)
{
    ch_path path;
    ch_match match;
    if (attr->is_dynamic || attr->value.len == 0 || attr->value.ptr[0] != '/')
        return NULL;
    kida_str raw = ch_str_slice(attr->value, 0, ch_str_find(attr->value, '?', 0));
    if (ch_path_parse(&check->arena, raw, &path) != CH_REJECT_NONE)
        return NULL;
    ch_router_match(check->app->frozen.router, CH_METHOD_GET, &path, &match);
    return match.kind == CH_MATCH_ROUTE ? match.target : NULL;
}

static void
push(walk *w, const ch_tag *tag)
{
    if (is_void(tag) || w->depth == DEPTH_MAX)
        return;
    scope inside = *around(w);
    const ch_attr *connect = ch_tag_attr(tag, "sse-connect");
    if (disinherits(tag, KIDA_S("hx-target")))
        inside.broad_target = false;
    else if (ch_tag_attr(tag, "hx-target"))
        inside.broad_target = is_wide(tag);
    if (disinherits(tag, KIDA_S("hx-select")))
        inside.broad_select = false;
    else if (ch_tag_attr(tag, "hx-select"))
        inside.broad_select = is_wide(tag);
    if (connect) {
        inside.in_stream = true;
        inside.stream = stream_of(w->check, connect);
        inside.stream_cuts = ch_tag_attr(tag, "hx-disinherit") != NULL;
    }
    w->names[w->depth] = tag->name;
    w->scopes[w->depth++] = inside;
}

/* Elements may lack an end tag: those inside end with the one around them. */
static void
pop(walk *w, const ch_tag *tag)
{
    for (size_t i = w->depth; i-- > 0;) {
        if (ch_str_iequal(w->names[i], tag->name)) {
            w->depth = i;
            return;
        }
    }
}

/* ---- blocks of layouts --------------------------------------------------------------------- */

/* The name in `block name` or `region name(…)`; empty for another tag. */
static kida_str
block_of(const ch_tag *code)
{
    kida_str text = ch_str_trim(code->name), word;
    if (text.len > 0 && text.ptr[0] == '-')
        text = ch_str_trim(ch_str_slice(text, 1, text.len));
    size_t at = 0;
    if (!ch_str_next(text, ' ', &at, &word) || !kida_str_equal(word, KIDA_S("block")) ||
        !ch_str_next(text, ' ', &at, &word))
        return KIDA_S("");
    return word;
}

static void
gather(void *arg, const ch_tag *tag)
{
    walk *w = arg;
    if (tag->kind == CH_TAG_END) {
        pop(w, tag);
        return;
    }
    if (tag->kind == CH_TAG_CODE) {
        kida_str block = block_of(tag);
        if (block.len > 0 && around(w)->broad_target)
            ch_words_add(w->check, &w->source->target_blocks, block);
        if (block.len > 0 && around(w)->broad_select)
            ch_words_add(w->check, &w->source->select_blocks, block);
        return;
    }
    const ch_attr *id = ch_tag_attr(tag, "id");
    if (id && !id->is_dynamic && ch_tag_attr(tag, "hx-disinherit"))
        ch_words_add(w->check, &w->check->islands, id->value);
    push(w, tag);
    w->check->has_broad_target |= around(w)->broad_target;
}

void
ch_check_gather_scope(ch_check *check, ch_source *source)
{
    walk w = { .check = check, .source = source };
    if (source->text.ptr)
        ch_html_scan(source->text, gather, &w);
}

/* Whether source is a layout around the page: _layout.html in a folder above it. */
static bool
is_layout_of(const ch_source *source, kida_str page)
{
    static const kida_str tail = KIDA_S_INIT("_layout.html");
    kida_str name = source->name;
    if (name.len < tail.len || kida_str_equal(name, page) ||
        !kida_str_equal(ch_str_slice(name, name.len - tail.len, name.len), tail))
        return false;
    kida_str folder = ch_str_slice(name, 0, name.len - tail.len);
    return page.len > folder.len && kida_str_equal(ch_str_slice(page, 0, folder.len), folder);
}

/* Whether a block stands in something broad in a parent of the template. */
static scope
scope_of_block(const walk *w, kida_str block)
{
    scope found = { false, false, false, false, NULL };
    const ch_source *at = w->source;
    for (size_t i = 0; at && i < CHAIN_MAX; i++) {
        at = at->parent;
        found.broad_target |= at && ch_words_have(at->target_blocks, block);
        found.broad_select |= at && ch_words_have(at->select_blocks, block);
    }
    return found;
}

/* Likewise, the content of a page in the layouts of its folders. */
static scope
scope_of_page(const walk *w)
{
    scope found = { false, false, false, false, NULL };
    kida_str content = KIDA_S("content");
    for (const ch_source *at = w->check->sources; at; at = at->next) {
        if (!is_layout_of(at, w->source->name))
            continue;
        found.broad_target |= ch_words_have(at->target_blocks, content);
        found.broad_select |= ch_words_have(at->select_blocks, content);
    }
    return found;
}

/* ---- requests ------------------------------------------------------------------------------ */

static void
check_request(walk *w, const ch_tag *tag)
{
    ch_place place = { w->source, KIDA_S(""), tag->line };
    const ch_attr *target = ch_tag_attr(tag, "hx-target");
    bool is_apart = target || attr_is(tag, "hx-swap", "none") || attr_is(tag, "hx-boost", "false");
    if (!is_apart && around(w)->broad_target && !w->said_target) {
        w->said_target = true;
        ch_check_say(w->check, CH_RULE_SWAP_SAFETY, &place, NULL,
                     "this request changes something and inherits a target as wide as the page");
    }
    if (!ch_tag_attr(tag, "hx-select") && around(w)->broad_select && !w->said_select) {
        w->said_select = true;
        ch_check_say(w->check, CH_RULE_SELECT_INHERITANCE, &place, NULL,
                     disinherits(tag, KIDA_S("hx-select"))
                         ? "hx-disinherit does not free the element itself of the hx-select around"
                         : "this request inherits an hx-select that its answer may not have");
    }
    kida_str id = target && !target->is_dynamic ? ch_str_trim(target->value) : KIDA_S("");
    if (id.len < 2 || id.ptr[0] != '#' || !w->check->has_broad_target)
        return;
    id = ch_str_slice(id, 1, id.len);
    if (!ch_words_have(w->check->ids, id) || ch_words_have(w->check->islands, id) ||
        ch_words_have(w->said_ids, id))
        return;
    ch_words_add(w->check, &w->said_ids, id);
    ch_check_say(w->check, CH_RULE_FRAGMENT_ISLAND, &place, NULL,
                 "#%.*s is filled by requests that change something, and its content inherits from "
                 "the page", PRINTABLE(id));
}

/* ---- events -------------------------------------------------------------------------------- */

static bool
declares(const ch_route *route, kida_str event)
{
    for (size_t i = 0; i < route->event_count; i++) {
        if (kida_str_equal(route->events[i], event))
            return true;
    }
    return false;
}

static void
check_event(walk *w, kida_str event, const ch_place *place)
{
    const ch_route *stream = around(w)->stream;
    bool any = false, found = kida_str_equal(event, KIDA_S("fragment"));
    for (const ch_route *route = w->check->app->routes; route; route = route->next) {
        if (stream && route != stream)
            continue;
        any |= route->event_count > 0;
        found |= declares(route, event);
    }
    char hint[160] = "";
    ch_word *known = NULL;
    for (const ch_route *route = w->check->app->routes; route; route = route->next) {
        for (size_t i = 0; i < route->event_count; i++)
            ch_words_add(w->check, &known, route->events[i]);
    }
    kida_str near = ch_words_near(known, event);
    if (near.len > 0 && near.len < 100)
        snprintf(hint, sizeof(hint), "did you mean \"%.*s\"? The names are in events of the route",
                 (int)near.len, near.ptr);
    if (any && !found)
        ch_check_say(w->check, CH_RULE_SSE_UNKNOWN, place, hint, "no route declares event \"%.*s\"",
                     PRINTABLE(event));
}

static void
check_events(walk *w, const ch_tag *tag)
{
    const ch_attr *swap = ch_tag_attr(tag, "sse-swap"), *connect = ch_tag_attr(tag, "sse-connect");
    ch_place place = { w->source, KIDA_S(""), tag->line };
    if (swap && connect)
        ch_check_say(w->check, CH_RULE_SSE_SELF_SWAP, &place, NULL,
                     "sse-swap on the element of sse-connect hears nothing once the stream had to "
                     "be connected anew");
    if (connect && around(w)->broad_target && !disinherits(tag, KIDA_S("hx-target")) &&
        !attr_is(tag, "hx-target", "this"))
        ch_check_say(w->check, CH_RULE_SSE_SCOPE, &place, NULL,
                     "the events of this stream inherit a target as wide as the page");
    if (!swap || connect)
        return;
    bool cuts = around(w)->in_stream && around(w)->stream_cuts;
    if (!ch_tag_attr(tag, "hx-target"))
        ch_check_say(w->check, cuts ? CH_RULE_SSE_TARGET_INFO : CH_RULE_SSE_TARGET, &place, NULL,
                     "sse-swap without hx-target: the event goes where an element around says");
    kida_str word;
    size_t at = 0;
    while (!swap->is_dynamic && ch_str_next(swap->value, ',', &at, &word))
        check_event(w, word, &place);
}

static void
judge(void *arg, const ch_tag *tag)
{
    walk *w = arg;
    if (tag->kind == CH_TAG_END) {
        pop(w, tag);
        return;
    }
    if (tag->kind == CH_TAG_CODE) {
        kida_str block = block_of(tag);
        if (block.len > 0 && w->depth == 0 && w->source->parent)
            w->base = scope_of_block(w, block);
        return;
    }
    if (is_mutating(tag))
        check_request(w, tag);
    check_events(w, tag);
    push(w, tag);
}

void
ch_check_scope(ch_check *check, ch_source *source)
{
    walk w = { .check = check, .source = source };
    w.base = scope_of_page(&w);
    if (source->text.ptr && !source->is_shared)
        ch_html_scan(source->text, judge, &w);
}
