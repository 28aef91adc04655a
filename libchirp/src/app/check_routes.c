/* SPDX-License-Identifier: MIT */
/* check_routes.c - what routes declare against the templates: blocks, events, forms. */
#include "check.h"

#include <chirp/forms.h>
#include <stdio.h>

#include "config/text.h"

#define INCLUDES_DEPTH 8
#define PRINTABLE(text) (int)((text).len < 120 ? (text).len : 120), (text).ptr

/* ---- routes -------------------------------------------------------------------------------- */

typedef struct block_search {
    kida_str wanted;
    bool found;
    ch_check *check;
    ch_word *names;
} block_search;

static kida_status
on_block(void *arg, const kida_block_info *info)
{
    block_search *search = arg;
    search->found |= kida_str_equal(info->name, search->wanted);
    ch_words_add(search->check, &search->names, info->name);
    return KIDA_OK;
}

/* The template that a route or a stream names, with its block (empty: none). */
static void
check_block(ch_check *check, const ch_route *route, kida_str name, kida_str block, ch_rule rule)
{
    ch_place place = { NULL, route->path, 0 };
    ch_source *source = ch_check_source(check, name);
    kida_error err;
    kida_error_init(&err);
    if (!source) {
        ch_check_say(check, rule, &place, "write the template, or mend its name at the route",
                     "the route declares template \"%.*s\", which does not exist",
                     PRINTABLE(name));
        return;
    }
    source->is_used = true;
    kida_template *tpl = kida_env_get(check->app->env, name, &err);
    block_search search = { block, block.len == 0, check, NULL };
    kida_status st = tpl ? kida_template_each_block(tpl, on_block, &search, &err) : KIDA_E_SYNTAX;
    kida_template_drop(tpl);
    if (st != KIDA_OK || search.found)
        return;
    kida_str near = ch_words_near(search.names, block);
    char hint[200] = "";
    if (near.len > 0)
        snprintf(hint, sizeof(hint), "did you mean \"%.*s\"?", (int)near.len, near.ptr);
    ch_check_say(check, rule, &place, hint,
                 "\"%.*s\" has no block \"%.*s\", which the route declares", PRINTABLE(name),
                 PRINTABLE(block));
}

static void
check_declared(ch_check *check, const ch_route *route)
{
    if (route->template_name.len > 0)
        check_block(check, route, route->template_name, route->block, CH_RULE_FRAGMENT);
    for (size_t i = 0; i < route->fragment_count; i++) {
        kida_str sent = route->fragments[i];
        size_t hash = ch_str_find(sent, '#', 0);
        check_block(check, route, ch_str_slice(sent, 0, hash),
                    ch_str_slice(sent, hash < sent.len ? hash + 1 : hash, sent.len), CH_RULE_SSE);
    }
}

/* ---- forms --------------------------------------------------------------------------------- */

/* The controls of the forms that go to one route, in a template and what it includes. */
typedef struct form_walk {
    ch_check *check;
    const ch_route *route;
    const ch_source *source;
    ch_word *fields;   /* of the type */
    ch_word *controls;
    bool in_form;      /* of this route */
    bool any_form;
    bool is_open;      /* a name is worked out, so that nothing can be said to be missing */
} form_walk;

static bool
leads_here(const form_walk *w, const ch_tag *tag)
{
    static const char *const names[] = { "action", "hx-post", "hx-put", "hx-patch" };
    bool any = false;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const ch_attr *attr = ch_tag_attr(tag, names[i]);
        ch_path path;
        ch_match match;
        if (!attr || attr->value.len == 0)
            continue;
        any = true;
        if (attr->is_dynamic)
            return true;
        kida_str raw = ch_str_slice(attr->value, 0, ch_str_find(attr->value, '?', 0));
        if (ch_path_parse(&w->check->arena, raw, &path) != CH_REJECT_NONE)
            continue;
        ch_router_match(w->check->app->frozen.router, CH_METHOD_POST, &path, &match);
        if (match.kind == CH_MATCH_ROUTE && match.target == w->route)
            return true;
    }
    return !any;
}

static void
take_control(form_walk *w, const ch_tag *tag)
{
    static const char *const own[] = { "_csrf_token", "csrf_token", "_method", "_action" };
    const ch_attr *name = ch_tag_attr(tag, "name"), *type = ch_tag_attr(tag, "type");
    ch_place place = { w->source, w->route->path, tag->line };
    if (!name || name->value.len == 0)
        return;
    if (name->is_dynamic) {
        w->is_open = true;
        return;
    }
    ch_words_add(w->check, &w->controls, name->value);
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (kida_str_equal(name->value, kida_str_from(own[i])))
            return;
    }
    if (ch_words_have(w->fields, name->value) ||
        (type && ch_str_iequal(type->value, KIDA_S("submit"))))
        return;
    kida_str near = ch_words_near(w->fields, name->value);
    char hint[200] = "";
    if (near.len > 0)
        snprintf(hint, sizeof(hint), "did you mean \"%.*s\"?", (int)near.len, near.ptr);
    ch_check_say(w->check, CH_RULE_FORM_CONTROL, &place, hint,
                 "name=\"%.*s\" is no field of the form of route %.*s", PRINTABLE(name->value),
                 PRINTABLE(w->route->path));
}

/* Calls such as text_field("name", …) make controls, too. */
static void
take_calls(form_walk *w, kida_str code)
{
    kida_str call = KIDA_S("_field(");
    for (size_t i = 0; i + call.len < code.len; i++) {
        if (!kida_str_equal(ch_str_slice(code, i, i + call.len), call))
            continue;
        char quote = code.ptr[i + call.len];
        size_t start = i + call.len + 1;
        if (quote == '"' || quote == '\'')
            ch_words_add(w->check, &w->controls,
                         ch_str_slice(code, start, ch_str_find(code, quote, start)));
        else
            w->is_open = true;
    }
}

static void
walk_form(void *arg, const ch_tag *tag)
{
    form_walk *w = arg;
    if (tag->kind == CH_TAG_CODE) {
        if (w->in_form)
            take_calls(w, tag->name);
    } else if (ch_tag_is(tag, "form")) {
        w->in_form = tag->kind == CH_TAG_START && leads_here(w, tag);
        w->any_form |= w->in_form;
    } else if (tag->kind == CH_TAG_START && w->in_form &&
               (ch_tag_is(tag, "input") || ch_tag_is(tag, "select") ||
                ch_tag_is(tag, "textarea") || ch_tag_is(tag, "button"))) {
        take_control(w, tag);
    }
}

/* Templates that are included have a share in the form. Bounded by depth. */
static void
walk_source(form_walk *w, const ch_source *source, unsigned depth)
{
    kida_error err;
    kida_error_init(&err);
    if (!source || depth > INCLUDES_DEPTH)
        return;
    w->source = source;
    if (source->text.ptr)
        ch_html_scan(source->text, walk_form, w);
    kida_template *tpl = kida_env_get(w->check->app->env, source->name, &err);
    const kida_template_info *info = tpl ? kida_template_describe(tpl) : NULL;
    for (size_t i = 0; info && i < info->includes.count; i++)
        walk_source(w, ch_check_source(w->check, info->includes.items[i]), depth + 1);
    kida_template_drop(tpl);
}

static void
check_form(ch_check *check, const ch_route *route)
{
    form_walk w = { .check = check, .route = route };
    ch_place place = { NULL, route->path, 0 };
    const ch_source *source = ch_check_source(check, route->template_name);
    if (!route->form || !source || !source->text.ptr)
        return;
    for (const chirp_rule *rule = route->form->rules; rule && rule->field; rule++)
        ch_words_add(check, &w.fields, kida_str_from(rule->field));
    for (unsigned depth = 0; source && depth <= INCLUDES_DEPTH; depth++) {
        walk_source(&w, source, 0);
        source = source->parent;
    }
    for (const ch_word *field = w.fields; field && w.any_form && !w.is_open; field = field->next) {
        if (!ch_words_have(w.controls, field->text))
            ch_check_say(check, CH_RULE_FORM_FIELD, &place, NULL,
                         "the form has a field \"%.*s\", but \"%.*s\" has no control of that name",
                         PRINTABLE(field->text), PRINTABLE(route->template_name));
    }
}

/* ---- events and links ---------------------------------------------------------------------- */

static void
check_events(ch_check *check, const ch_route *route)
{
    ch_place place = { NULL, route->path, 0 };
    for (size_t i = 0; i < route->event_count; i++) {
        bool usual = kida_str_equal(route->events[i], KIDA_S("fragment"));
        if (!usual && !ch_words_have(check->heard, route->events[i]))
            ch_check_say(check, CH_RULE_SSE_UNHEARD, &place, NULL,
                         "no template listens to event \"%.*s\"", (int)route->events[i].len,
                         route->events[i].ptr);
    }
}

static void
check_orphan(ch_check *check, const ch_route *route)
{
    ch_place place = { NULL, route->path, 0 };
    bool has_params = ch_str_find(route->path, '{', 0) < route->path.len;
    bool internal = route->path.len > 2 && route->path.ptr[1] == '_' && route->path.ptr[2] == '_';
    if (route->is_referenced || has_params || internal || route->path.len <= 1 ||
        ch_words_have(check->linked, route->path))
        return;
    ch_check_say(check, CH_RULE_ORPHAN, &place, NULL,
                 "no template leads to this route");
}

void
ch_check_route(ch_check *check, const ch_route *route)
{
    check_declared(check, route);
    check_form(check, route);
    if (check->is_partial)
        return;
    check_events(check, route);
    check_orphan(check, route);
}
