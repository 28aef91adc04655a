/* SPDX-License-Identifier: MIT */
/* check_islands.c - islands in templates: their names, sources, versions and props. */
#include "check.h"

#include "config/text.h"
#include "filters.h"

#define PRINTABLE(text) (int)((text).len < 120 ? (text).len : 120), (text).ptr

typedef struct walk {
    ch_check *check;
    const ch_source *source;
} walk;

/* What the props of a primitive must hold. */
static const struct {
    const char *primitive;
    const char *props; /* split at blanks */
} needs[] = {
    { "state_sync", "stateKey" },          { "action_queue", "actionId" },
    { "draft_store", "draftKey" },         { "grid_state", "stateKey columns" },
    { "wizard_state", "stateKey steps" },  { "upload_state", "stateKey endpoint" },
};

static bool
is_word(kida_str text)
{
    bool good = text.len > 0;
    for (size_t i = 0; good && i < text.len; i++) {
        char c = ch_lower(text.ptr[i]);
        good = (c >= 'a' && c <= 'z') || ch_is_digit(c) || c == '.' || c == '_' || c == '-';
    }
    return good;
}

static void
check_needs(const walk *w, const ch_attr *primitive, kida_value props, const ch_place *place)
{
    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
        kida_str word;
        size_t at = 0;
        if (!kida_str_equal(primitive->value, kida_str_from(needs[i].primitive)))
            continue;
        while (ch_str_next(kida_str_from(needs[i].props), ' ', &at, &word)) {
            if (kida_kind_of(props) != KIDA_DICT ||
                kida_kind_of(kida_dict_get(props, word)) == KIDA_ABSENT)
                ch_check_say(w->check, CH_RULE_ISLAND_PROPS, place, NULL,
                             "primitive \"%s\" needs \"%.*s\" in its props", needs[i].primitive,
                             PRINTABLE(word));
        }
    }
}

/* Text of attributes is escaped: " as &quot;, & as &amp;. */
static kida_str
unescape(ch_check *check, kida_str text)
{
    static const struct {
        const char *from;
        char to;
    } known[] = { { "&quot;", '"' }, { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' },
                  { "&#39;", '\'' } };
    char *out = ch_arena_alloc(&check->arena, text.len + 1);
    size_t len = 0;
    check->no_memory |= !out;
    for (size_t i = 0; out && i < text.len;) {
        size_t taken = 1;
        out[len] = text.ptr[i];
        for (size_t k = 0; text.ptr[i] == '&' && k < sizeof(known) / sizeof(known[0]); k++) {
            kida_str from = kida_str_from(known[k].from);
            if (from.len <= text.len - i &&
                kida_str_equal(ch_str_slice(text, i, i + from.len), from)) {
                out[len] = known[k].to;
                taken = from.len;
            }
        }
        len++;
        i += taken;
    }
    return (kida_str){ out, len };
}

static void
check_props(const walk *w, const ch_tag *tag)
{
    const ch_attr *attr = ch_tag_attr(tag, "data-island-props");
    const ch_attr *primitive = ch_tag_attr(tag, "data-island-primitive");
    ch_place place = { w->source, KIDA_S(""), attr ? attr->line : tag->line };
    if (attr && attr->is_dynamic)
        return;
    kida_pool *pool = kida_pool_new(&w->check->app->allocator, 0);
    kida_value props = kida_none();
    kida_error err;
    kida_error_init(&err);
    w->check->no_memory |= !pool;
    if (attr && pool &&
        kida_json_parse(pool, unescape(w->check, attr->value), &props, &err) != KIDA_OK)
        ch_check_say(w->check, CH_RULE_ISLAND_PROPS, &place, NULL,
                     "data-island-props is no JSON: %s", err.message);
    else if (primitive && !primitive->is_dynamic)
        check_needs(w, primitive, props, &place);
    kida_pool_free(pool);
}

static void
judge(void *arg, const ch_tag *tag)
{
    const walk *w = arg;
    const ch_attr *island = tag->kind == CH_TAG_START ? ch_tag_attr(tag, "data-island") : NULL;
    if (!island)
        return;
    const ch_attr *version = ch_tag_attr(tag, "data-island-version");
    const ch_attr *src = ch_tag_attr(tag, "data-island-src");
    ch_place place = { w->source, KIDA_S(""), island->line };
    if (!island->is_dynamic && !is_word(island->value))
        ch_check_say(w->check, CH_RULE_ISLAND_NAME, &place, NULL,
                     island->value.len > 0 ? "data-island=\"%.*s\" is no name"
                                           : "data-island without a name%.*s",
                     PRINTABLE(island->value));
    if (version && !version->is_dynamic && !is_word(version->value))
        ch_check_say(w->check, CH_RULE_ISLAND_SRC, &place,
                     "write letters, digits, . _ - only",
                     "data-island-version=\"%.*s\" is no version",
                     PRINTABLE(version->value));
    if (src && !src->is_dynamic && !ch_url_is_safe(src->value))
        ch_check_say(w->check, CH_RULE_ISLAND_SRC, &place, "name a module of JavaScript by its URL",
                     "data-island-src=\"%.*s\" is no source", PRINTABLE(src->value));
    check_props(w, tag);
}

void
ch_check_islands(ch_check *check, const ch_source *source)
{
    walk w = { check, source };
    if (source->text.ptr && !source->is_shared)
        ch_html_scan(source->text, judge, &w);
}
