/* SPDX-License-Identifier: MIT */
/* check_tags.c - what chirp_check holds against the tags of templates. */
#define _GNU_SOURCE
#include "check.h"

#include <stdio.h>

#include "config/text.h"
#include "middleware/static.h"

#define PRINTABLE(text) (int)((text).len < 120 ? (text).len : 120), (text).ptr

/* One walk over one template. */
typedef struct walk {
    ch_check *check;
    const ch_source *source;
    ch_word *own_ids;
    unsigned open_forms;
    bool said_vary;
} walk;

static ch_place
place_at(const walk *w, uint32_t line)
{
    return (ch_place){ w->source, KIDA_S(""), line };
}

static const char *
did_you_mean(const ch_word *words, kida_str text, const char *lead, char out[160])
{
    kida_str near = ch_words_near(words, text);
    out[0] = '\0';
    if (near.len > 0 && near.len < 100)
        snprintf(out, 160, "did you mean \"%s%.*s\"?", lead, (int)near.len, near.ptr);
    return out;
}

static bool
begins(kida_str text, kida_str with)
{
    return text.len >= with.len && ch_str_iequal(ch_str_slice(text, 0, with.len), with);
}

/* ---- URLs ---------------------------------------------------------------------------------- */

static kida_str
path_of(kida_str url)
{
    size_t end = ch_str_find(url, '?', 0), hash = ch_str_find(url, '#', 0);
    return ch_str_slice(url, 0, end < hash ? end : hash);
}

/* What the layers of static files say to a path. */
static ch_static_look
look_for_file(const ch_check *check, const ch_path *path)
{
    const ch_chain *chain = &check->app->frozen.chain;
    ch_static_look found = CH_STATIC_ELSEWHERE;
    for (size_t i = 0; i < chain->count && found != CH_STATIC_FILE; i++) {
        ch_static_look here = ch_static_find(&chain->links[i], path);
        found = here != CH_STATIC_ELSEWHERE ? here : found;
    }
    return found;
}

/* A URL of this site that is written out. */
static bool
is_own(const ch_attr *attr)
{
    return attr && attr->has_value && !attr->is_dynamic && attr->value.len > 0 &&
           attr->value.ptr[0] == '/' && !(attr->value.len > 1 && attr->value.ptr[1] == '/');
}

static void
route_words(ch_check *check, ch_word **words)
{
    for (const ch_route *route = check->app->routes; route; route = route->next)
        ch_words_add(check, words, route->path);
}

/* The route that a URL leads to; reports one that leads nowhere. */
static void
check_url(walk *w, const ch_attr *attr, ch_method method, ch_rule rule)
{
    ch_check *check = w->check;
    ch_path path;
    ch_match match;
    char hint[160], allow[CH_ALLOW_MAX + 1];
    ch_place place = place_at(w, attr->line);
    kida_str raw = path_of(attr->value);
    ch_static_look file = CH_STATIC_ELSEWHERE;
    match.kind = CH_MATCH_NONE;
    if (ch_path_parse(&check->arena, raw, &path) == CH_REJECT_NONE) {
        file = look_for_file(check, &path);
        ch_router_match(check->app->frozen.router, method, &path, &match);
    }
    if (file == CH_STATIC_FILE && method == CH_METHOD_GET)
        return;
    if (file == CH_STATIC_MISSING && match.kind == CH_MATCH_NONE) {
        ch_check_say(check, CH_RULE_STATIC, &place, NULL,
                     "%.*s=\"%.*s\": there is no such file", PRINTABLE(attr->name),
                     PRINTABLE(attr->value));
        return;
    }
    if (match.kind == CH_MATCH_ROUTE) {
        ch_words_add(check, &check->linked, ((const ch_route *)match.target)->path);
    } else if (match.kind == CH_MATCH_METHOD) {
        kida_str sent = ch_method_text(method);
        ch_words_add(check, &check->linked, raw);
        allow[ch_method_set_text(match.allowed, allow)] = '\0';
        ch_check_say(check, CH_RULE_METHOD, &place, NULL,
                     "%.*s=\"%.*s\" sends %.*s, but the route takes %s", PRINTABLE(attr->name),
                     PRINTABLE(attr->value), PRINTABLE(sent), allow);
    } else {
        ch_word *known = NULL;
        route_words(check, &known);
        ch_check_say(check, rule, &place, did_you_mean(known, raw, "", hint),
                     "%.*s=\"%.*s\" leads to no route", PRINTABLE(attr->name),
                     PRINTABLE(attr->value));
    }
}

static const struct {
    const char *name;
    ch_method method;
} request_attrs[] = {
    { "hx-get", CH_METHOD_GET },     { "hx-post", CH_METHOD_POST },
    { "hx-put", CH_METHOD_PUT },     { "hx-patch", CH_METHOD_PATCH },
    { "hx-delete", CH_METHOD_DELETE },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const ch_attr *
request_attr(const ch_tag *tag, ch_method *method)
{
    for (size_t i = 0; i < COUNT(request_attrs); i++) {
        const ch_attr *attr = ch_tag_attr(tag, request_attrs[i].name);
        if (attr) {
            *method = request_attrs[i].method;
            return attr;
        }
    }
    return NULL;
}

/* Of a component that asks before it sends: POST unless it says otherwise. */
static ch_method
confirm_method(const ch_tag *tag)
{
    const ch_attr *attr = ch_tag_attr(tag, "confirm_method");
    static const ch_method methods[] = { CH_METHOD_GET, CH_METHOD_PUT, CH_METHOD_PATCH,
                                         CH_METHOD_DELETE };
    for (size_t i = 0; attr && i < COUNT(methods); i++) {
        if (ch_str_iequal(attr->value, ch_method_text(methods[i])))
            return methods[i];
    }
    return CH_METHOD_POST;
}

static void
check_links(walk *w, const ch_tag *tag)
{
    static const char *const links[] = { "href", "src" };
    ch_method method = CH_METHOD_GET;
    const ch_attr *attr = request_attr(tag, &method);
    if (is_own(attr))
        check_url(w, attr, method, CH_RULE_TARGET);
    attr = ch_tag_attr(tag, "sse-connect");
    if (is_own(attr))
        check_url(w, attr, CH_METHOD_GET, CH_RULE_SSE);
    attr = ch_tag_attr(tag, "confirm_url");
    if (is_own(attr))
        check_url(w, attr, confirm_method(tag), CH_RULE_TARGET);
    attr = ch_tag_is(tag, "htmx-partial") ? ch_tag_attr(tag, "src") : NULL;
    if (is_own(attr)) {
        check_url(w, attr, CH_METHOD_GET, CH_RULE_HTMX_PARTIAL);
        return;
    }
    for (size_t i = 0; i < COUNT(links); i++) {
        attr = ch_tag_attr(tag, links[i]);
        if (is_own(attr))
            check_url(w, attr, CH_METHOD_GET, CH_RULE_LINK);
    }
    attr = ch_tag_attr(tag, "href");
    if (attr && attr->value.len >= 11 &&
        ch_str_iequal(ch_str_slice(attr->value, 0, 11), KIDA_S("javascript:"))) {
        ch_place place = place_at(w, attr->line);
        ch_check_say(w->check, CH_RULE_SCRIPT_URL, &place, NULL,
                     "a javascript: link works for few and is stopped by a content policy");
    }
}

/* ---- forms --------------------------------------------------------------------------------- */

static void
check_form(walk *w, const ch_tag *tag)
{
    const ch_attr *method = ch_tag_attr(tag, "method"), *action = ch_tag_attr(tag, "action");
    ch_place place = place_at(w, tag->line);
    if (tag->kind == CH_TAG_END) {
        w->open_forms -= w->open_forms > 0 ? 1 : 0;
        return;
    }
    if (w->open_forms++ > 0)
        ch_check_say(w->check, CH_RULE_NESTED_FORM, &place, NULL,
                     "a form inside a form: browsers drop the inner one");
    bool is_post = method && ch_str_iequal(method->value, KIDA_S("post"));
    if (method && method->has_value && !method->is_dynamic && !is_post &&
        !ch_str_iequal(method->value, KIDA_S("get")) &&
        !ch_str_iequal(method->value, KIDA_S("dialog")))
        ch_check_say(w->check, CH_RULE_FORM_METHOD, &place, NULL,
                     "method=\"%.*s\": browsers send forms by get and post only",
                     PRINTABLE(method->value));
    else if (is_own(action) && (!method || !method->is_dynamic))
        check_url(w, action, is_post ? CH_METHOD_POST : CH_METHOD_GET, CH_RULE_TARGET);
    if (action && action->has_value && !action->is_dynamic && action->value.len > 0 &&
        ch_str_find(action->value, '/', 0) == action->value.len && action->value.ptr[0] != '?' &&
        action->value.ptr[0] != '#')
        ch_check_say(w->check, CH_RULE_TEMPLATE_CONTRACT, &place, NULL,
                     "action=\"%.*s\" depends on the page that it stands in",
                     PRINTABLE(action->value));
}

static void
check_control(walk *w, const ch_tag *tag)
{
    static const char *const unsent[] = { "submit", "button", "reset", "image" };
    const ch_attr *type = ch_tag_attr(tag, "type");
    ch_place place = place_at(w, tag->line);
    for (size_t i = 0; type && i < COUNT(unsent); i++) {
        if (type->is_dynamic || ch_str_iequal(type->value, kida_str_from(unsent[i])))
            return;
    }
    if (w->open_forms > 0 && !ch_tag_attr(tag, "name"))
        ch_check_say(w->check, CH_RULE_CONTROL_NAME, &place, NULL,
                     "<%.*s> inside a form has no name: its value is not sent",
                     PRINTABLE(tag->name));
}

/* ---- ids and selectors --------------------------------------------------------------------- */

/* "#name" and nothing else. */
static bool
is_id_selector(kida_str text)
{
    for (size_t i = 1; i < text.len; i++) {
        char c = ch_lower(text.ptr[i]);
        if (!((c >= 'a' && c <= 'z') || ch_is_digit(c) || c == '-' || c == '_'))
            return false;
    }
    return text.len > 1 && text.ptr[0] == '#';
}

static void
check_id(walk *w, const ch_attr *attr, kida_str id, ch_rule rule, const char *lead)
{
    char hint[160];
    ch_place place = place_at(w, attr->line);
    if (ch_words_have(w->check->ids, id))
        return;
    for (const ch_word *start = w->check->id_starts; start; start = start->next) {
        if (begins(id, start->text))
            return;
    }
    ch_check_say(w->check, rule, &place, did_you_mean(w->check->ids, id, lead, hint),
                 "%.*s=\"%.*s\": no template has an element with id \"%.*s\"",
                 PRINTABLE(attr->name), PRINTABLE(attr->value), PRINTABLE(id));
}

/* What is wrong with a selector; NULL: nothing. */
static const char *
selector_fault(kida_str text)
{
    unsigned round = 0, square = 0;
    text = ch_str_trim(text);
    if (text.len == 0)
        return "is empty";
    char first = text.ptr[0], last = text.ptr[text.len - 1];
    if (first == '"' || first == '\'')
        return "is quoted twice";
    if (first == '>' || first == '+' || first == '~')
        return "starts with a combinator and has no subject";
    if (first == ',' || last == ',')
        return "has an empty entry";
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if ((c == ')' && round == 0) || (c == ']' && square == 0))
            return "closes a bracket that is not open";
        round += c == '(' ? 1 : 0;
        round -= c == ')' ? 1 : 0;
        square += c == '[' ? 1 : 0;
        square -= c == ']' ? 1 : 0;
    }
    return round + square > 0 ? "leaves a bracket open" : NULL;
}

static void
check_selectors(walk *w, const ch_tag *tag)
{
    static const char *const names[] = { "hx-target", "hx-indicator", "hx-select", "hx-select-oob",
                                         "hx-include", "hx-disabled-elt" };
    static const ch_rule rules[] = { CH_RULE_HX_TARGET, CH_RULE_HX_INDICATOR, CH_RULE_HX_SELECT };
    for (size_t i = 0; i < COUNT(names); i++) {
        const ch_attr *attr = ch_tag_attr(tag, names[i]);
        if (!attr || attr->is_dynamic)
            continue;
        const char *fault = selector_fault(attr->value);
        ch_place place = place_at(w, attr->line);
        if (fault)
            ch_check_say(w->check, CH_RULE_SELECTOR_SYNTAX, &place, NULL,
                         "%s=\"%.*s\" %s", names[i], PRINTABLE(attr->value), fault);
        else if (i < 3 && is_id_selector(attr->value))
            check_id(w, attr, ch_str_slice(attr->value, 1, attr->value.len), rules[i], "#");
    }
}

static void
check_references(walk *w, const ch_tag *tag)
{
    static const char *const names[] = { "commandfor", "for", "popovertarget", "aria-labelledby",
                                         "aria-describedby", "aria-controls", "list" };
    for (size_t i = 0; i < COUNT(names); i++) {
        const ch_attr *attr = ch_tag_attr(tag, names[i]);
        if (attr && !attr->is_dynamic && attr->value.len > 0 &&
            ch_str_find(attr->value, ' ', 0) == attr->value.len)
            check_id(w, attr, attr->value, i == 0 ? CH_RULE_COMMANDFOR : CH_RULE_REFERENCE, "");
    }
    const ch_attr *href = ch_tag_attr(tag, "href");
    if (href && !href->is_dynamic && is_id_selector(href->value) &&
        !kida_str_equal(href->value, KIDA_S("#top")))
        check_id(w, href, ch_str_slice(href->value, 1, href->value.len), CH_RULE_ANCHOR, "#");
}

static void
check_own_id(walk *w, const ch_tag *tag)
{
    const ch_attr *id = ch_tag_attr(tag, "id");
    if (!id || id->is_dynamic)
        return;
    ch_place place = place_at(w, id->line);
    if (ch_words_have(w->own_ids, id->value))
        ch_check_say(w->check, CH_RULE_DUPLICATE_ID, &place, NULL,
                     "id=\"%.*s\" stands twice in this template", PRINTABLE(id->value));
    ch_words_add(w->check, &w->own_ids, id->value);
}

/* ---- values and names of attributes -------------------------------------------------------- */

/* Attributes whose first word must be one of a list. */
static const struct {
    const char *name;
    ch_rule rule;
    const char *words; /* split at blanks */
} choices[] = {
    { "hx-boost", CH_RULE_HX_BOOST, "true false" },
    { "hx-swap", CH_RULE_HX_SWAP,
      "innerHTML outerHTML textContent beforebegin afterbegin beforeend afterend delete none "
      "innerMorph outerMorph morph morph:innerHTML morph:outerHTML" },
    { "hx-encoding", CH_RULE_HX_ENCODING, "multipart/form-data" },
    { "command", CH_RULE_COMMAND,
      "show-modal close request-close toggle-popover show-popover hide-popover request-fullscreen "
      "copy cut paste" },
};

static void
check_choices(walk *w, const ch_tag *tag)
{
    for (size_t i = 0; i < COUNT(choices); i++) {
        const ch_attr *attr = ch_tag_attr(tag, choices[i].name);
        if (!attr || attr->is_dynamic)
            continue;
        kida_str value = ch_str_trim(attr->value), word;
        kida_str first = ch_str_slice(value, 0, ch_str_find(value, ' ', 0));
        bool custom = first.len > 2 && first.ptr[0] == '-' && first.ptr[1] == '-';
        /* hx-swap may begin with a modifier: "transition:true" */
        bool modifier = first.len > 0 && ch_str_find(first, ':', 0) < first.len;
        bool fits = custom || modifier;
        size_t at = 0;
        ch_word *known = NULL;
        while (!fits && ch_str_next(kida_str_from(choices[i].words), ' ', &at, &word)) {
            fits = kida_str_equal(word, first);
            ch_words_add(w->check, &known, word);
        }
        char hint[160];
        ch_place place = place_at(w, attr->line);
        if (!fits)
            ch_check_say(w->check, choices[i].rule, &place,
                         did_you_mean(known, first, "", hint),
                         "%s=\"%.*s\" is none of: %s", choices[i].name, PRINTABLE(attr->value),
                         choices[i].words);
    }
}

static const char known_htmx[] =
    "hx-get hx-post hx-put hx-patch hx-delete hx-target hx-swap hx-swap-oob hx-select "
    "hx-select-oob hx-trigger hx-vals hx-vars hx-boost hx-confirm hx-disable hx-disabled-elt "
    "hx-disinherit hx-inherit hx-encoding hx-ext hx-headers hx-history hx-history-elt hx-include "
    "hx-indicator hx-on hx-params hx-preserve hx-prompt hx-push-url hx-replace-url hx-request "
    "hx-sync hx-validate sse-connect sse-swap sse-close";

static void
check_attr_names(walk *w, const ch_tag *tag)
{
    for (size_t i = 0; i < tag->attr_count; i++) {
        const ch_attr *attr = &tag->attrs[i];
        bool is_htmx = begins(attr->name, KIDA_S("hx-")) || begins(attr->name, KIDA_S("sse-"));
        if (!is_htmx || begins(attr->name, KIDA_S("hx-on:")) ||
            begins(attr->name, KIDA_S("hx-on-")))
            continue;
        ch_word *known = NULL;
        kida_str word;
        size_t at = 0;
        while (ch_str_next(kida_str_from(known_htmx), ' ', &at, &word))
            ch_words_add(w->check, &known, word);
        char hint[160];
        ch_place place = place_at(w, attr->line);
        if (!ch_words_have(known, attr->name))
            ch_check_say(w->check, CH_RULE_HX_ATTRIBUTE, &place,
                         did_you_mean(known, attr->name, "", hint),
                         "%.*s is no attribute of htmx", PRINTABLE(attr->name));
    }
}

static void
check_json(walk *w, const ch_tag *tag)
{
    static const char *const names[] = { "hx-vals", "hx-headers", "hx-request" };
    for (size_t i = 0; i < COUNT(names); i++) {
        const ch_attr *attr = ch_tag_attr(tag, names[i]);
        if (!attr || attr->is_dynamic || begins(attr->value, KIDA_S("js:")) ||
            begins(attr->value, KIDA_S("javascript:")))
            continue;
        kida_pool *pool = kida_pool_new(&w->check->app->allocator, 0);
        kida_value value;
        kida_error err;
        kida_error_init(&err);
        ch_place place = place_at(w, attr->line);
        if (pool && kida_json_parse(pool, attr->value, &value, &err) != KIDA_OK)
            ch_check_say(w->check, CH_RULE_HX_JSON, &place, NULL, "%s is no JSON: %s",
                         names[i], err.message);
        kida_pool_free(pool);
    }
}

/* ---- behaviour ----------------------------------------------------------------------------- */

static void
check_reach(walk *w, const ch_tag *tag)
{
    static const char *const focusable[] = { "a", "button", "input", "select", "textarea", "form",
                                             "details", "summary", "body", "label" };
    ch_method method;
    const ch_attr *attr = request_attr(tag, &method), *trigger = ch_tag_attr(tag, "hx-trigger");
    ch_place place = place_at(w, tag->line);
    if (!attr || (ch_tag_attr(tag, "role") && ch_tag_attr(tag, "tabindex")))
        return;
    for (size_t i = 0; i < COUNT(focusable); i++) {
        if (ch_tag_is(tag, focusable[i]))
            return;
    }
    /* What loads by itself needs no hand. */
    if (trigger && !begins(trigger->value, KIDA_S("click")))
        return;
    ch_check_say(w->check, CH_RULE_ACCESSIBILITY, &place,
                 "use <button> or <a>, or add role=\"button\" tabindex=\"0\"",
                 "%.*s on <%.*s>, which no keyboard reaches", PRINTABLE(attr->name),
                 PRINTABLE(tag->name));
}

static void
check_upload(walk *w, const ch_tag *tag)
{
    ch_place place = place_at(w, tag->line);
    bool has_file = ch_tag_is(tag, "input") && ch_tag_attr(tag, "type") &&
                    ch_str_iequal(ch_tag_attr(tag, "type")->value, KIDA_S("file"));
    if (has_file && w->open_forms > 0 && !ch_tag_attr(tag, "form")) {
        kida_str text = w->source->text;
        bool found = false;
        for (size_t i = 0; !found && i + 19 <= text.len; i++)
            found = begins(ch_str_slice(text, i, text.len), KIDA_S("multipart/form-data"));
        if (!found)
            ch_check_say(w->check, CH_RULE_UPLOAD, &place, NULL,
                         "a file in a form that sends no files");
    }
}

/* ---- links to named routes ----------------------------------------------------------------- */

static void
check_url_for(walk *w, const ch_tag *code)
{
    kida_str text = code->name, call = KIDA_S("url_for(");
    for (size_t i = 0; i + call.len < text.len; i++) {
        if (!begins(ch_str_slice(text, i, text.len), call))
            continue;
        char quote = text.ptr[i + call.len];
        size_t start = i + call.len + 1;
        if (quote != '"' && quote != '\'')
            continue;
        kida_str name = ch_str_slice(text, start, ch_str_find(text, quote, start));
        ch_word *known = NULL;
        bool found = false;
        for (const ch_route *route = w->check->app->routes; route; route = route->next) {
            if (route->name.len == 0)
                continue;
            ch_words_add(w->check, &known, route->name);
            if (kida_str_equal(route->name, name)) {
                found = true;
                ch_words_add(w->check, &w->check->linked, route->path);
            }
        }
        char hint[160];
        ch_place place = place_at(w, code->line);
        if (!found)
            ch_check_say(w->check, CH_RULE_ROUTE_NAME, &place,
                         did_you_mean(known, name, "", hint), "url_for: no route is named \"%.*s\"",
                         PRINTABLE(name));
    }
}

/* ---- pages that differ --------------------------------------------------------------------- */

/* Caches between here and the browser would give one client's answer to the other. */
static void
check_vary(walk *w, const ch_tag *code)
{
    static const kida_str names[] = { KIDA_S_INIT("is_fragment"), KIDA_S_INIT("request.htmx") };
    ch_place place = place_at(w, code->line);
    for (size_t i = 0; !w->said_vary && i < COUNT(names); i++) {
        for (size_t at = 0; !w->said_vary && at + names[i].len <= code->name.len; at++)
            w->said_vary = kida_str_equal(ch_str_slice(code->name, at, at + names[i].len),
                                          names[i]);
        if (w->said_vary)
            ch_check_say(w->check, CH_RULE_VARY, &place, NULL,
                         "this template branches on %s, but its answer does not say so to caches",
                         names[i].ptr);
    }
}

/* ---- walks --------------------------------------------------------------------------------- */

static void
gather(void *arg, const ch_tag *tag)
{
    walk *w = arg;
    if (tag->kind != CH_TAG_START)
        return;
    const ch_attr *id = ch_tag_attr(tag, "id"), *swap = ch_tag_attr(tag, "sse-swap");
    const ch_attr *trigger = ch_tag_attr(tag, "hx-trigger");
    const ch_attr *closer = ch_tag_attr(tag, "sse-close");
    if (id && !id->is_dynamic)
        ch_words_add(w->check, &w->check->ids, id->value);
    size_t fixed = id && id->is_dynamic ? ch_str_find(id->value, '{', 0) : 0;
    if (fixed > 0)
        ch_words_add(w->check, &w->check->id_starts, ch_str_slice(id->value, 0, fixed));
    kida_str word;
    size_t at = 0;
    while (swap && ch_str_next(swap->value, ',', &at, &word))
        ch_words_add(w->check, &w->check->heard, word);
    if (closer)
        ch_words_add(w->check, &w->check->heard, closer->value);
    at = 0;
    while (trigger && ch_str_next(trigger->value, ',', &at, &word)) {
        if (begins(word, KIDA_S("sse:"))) {
            word = ch_str_slice(word, 4, word.len);
            ch_words_add(w->check, &w->check->heard,
                         ch_str_slice(word, 0, ch_str_find(word, ' ', 0)));
        }
    }
}

void
ch_check_gather(ch_check *check, const ch_source *source)
{
    walk w = { .check = check, .source = source };
    if (source->text.ptr)
        ch_html_scan(source->text, gather, &w);
}

static void
judge(void *arg, const ch_tag *tag)
{
    typedef void rule_fn(walk *w, const ch_tag *tag);
    static rule_fn *const rules[] = {
        check_links,   check_selectors,  check_references, check_own_id, check_choices,
        check_attr_names, check_json,    check_reach,      check_upload,
    };
    walk *w = arg;
    if (tag->kind == CH_TAG_CODE) {
        check_url_for(w, tag);
        check_vary(w, tag);
        return;
    }
    if (ch_tag_is(tag, "form"))
        check_form(w, tag);
    if (tag->kind == CH_TAG_END)
        return;
    if (ch_tag_is(tag, "input") || ch_tag_is(tag, "select") || ch_tag_is(tag, "textarea"))
        check_control(w, tag);
    for (size_t i = 0; i < COUNT(rules); i++)
        rules[i](w, tag);
}

void
ch_check_tags(ch_check *check, const ch_source *source)
{
    walk w = { .check = check, .source = source };
    if (source->text.ptr && !source->is_shared)
        ch_html_scan(source->text, judge, &w);
}
