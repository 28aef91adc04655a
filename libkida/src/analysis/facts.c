/* SPDX-License-Identifier: MIT */
/* facts.c - blocks, defs and dependencies of a tree, gathered for introspection. */
#include "analysis/facts.h"

#include <stdio.h>
#include <string.h>

#include "analysis/check.h"
#include "analysis/paths.h"

typedef struct gather {
    const kd_tree *tree;
    const kd_known *known;
    kida_pool *scratch, *pool;
    kd_purity_walk purity;
    kd_rows blocks, defs;
    kd_rows purities;     /* kida_purity of each block, its includes left out */
    kd_dict *names[4];    /* extends, includes, embeds, imports: sets in source order */
    kd_dict *inner;       /* literal includes of the block being described */
    kd_dict *slots;       /* of the def being described */
    bool default_slot;
    unsigned depth, in_def;
    bool failed;
} gather;

/* ---- lists ---------------------------------------------------------------------------------- */

static kd_dict *
new_set(gather *g)
{
    kida_value v = kd_dict_make(g->scratch, 0);
    g->failed = g->failed || !kd_is(v, KIDA_DICT);
    return g->failed ? NULL : kd_dict_of(v);
}

static void
add_name(gather *g, kd_dict *set, kida_str name)
{
    g->failed = g->failed || !kd_dict_put_str(set, name, kida_none());
}

/* A copy of the rows in the template's pool. */
static void *
keep(gather *g, const kd_rows *rows, size_t item_size)
{
    if (rows->count == 0 || g->failed)
        return NULL;
    void *items = kd_arena_array(g->pool, rows->count, item_size);
    g->failed = !items;
    if (items)
        memcpy(items, rows->items, rows->count * item_size);
    return items;
}

/* The set as a list in the template's pool. */
static kida_names
keep_names(gather *g, const kd_dict *set)
{
    kida_names names = { NULL, 0 };
    if (g->failed || set->count == 0)
        return names;
    kida_str *items = kd_arena_array(g->pool, set->count, sizeof *items);
    g->failed = !items;
    size_t at = 0;
    for (kd_entry *e; !g->failed && (e = kd_dict_entry_at(set, &at)) != NULL;) {
        items[names.count] = kd_arena_str(g->pool, kida_as_str(e->key));
        g->failed = !items[names.count++].ptr;
    }
    names.items = items;
    return names;
}

static kida_names
paths_of(gather *g, const kd_node *first, const kd_node *list, const kd_node *hidden, bool skip)
{
    kd_paths p;
    kida_names names = { NULL, 0 };
    kd_mark mark = kd_arena_mark(g->scratch);
    kd_paths_init(&p, g->known, g->scratch);
    if (!p.failed) {
        p.skip_blocks = skip;
        kd_paths_hide(&p, hidden);
        if (first)
            kd_paths_node(&p, first);
        kd_paths_list(&p, list);
        names = kd_paths_finish(&p, g->pool);
    }
    g->failed = g->failed || p.failed;
    kd_arena_release(g->scratch, mark);
    return names;
}

/* ---- parameters ----------------------------------------------------------------------------- */

static void
put_annotation(kida_buf *buf, const kd_node *type, unsigned depth)
{
    for (const kd_node *n = type; n && depth < 100; n = n->next) {
        if (n != type)
            kida_buf_put(buf, KIDA_S(" | "));
        kida_buf_put(buf, n->name);
        if (!n->a)
            continue;
        bool named = n->name.len > 0; /* a union inside brackets has no name */
        if (named)
            kida_buf_byte(buf, '[');
        for (const kd_node *arg = n->a; arg; arg = arg->next) {
            kd_node one = *arg;
            one.next = NULL;
            if (arg != n->a)
                kida_buf_put(buf, named ? KIDA_S(", ") : KIDA_S(" | "));
            put_annotation(buf, &one, depth + 1);
        }
        if (named)
            kida_buf_byte(buf, ']');
    }
}

static kida_str
annotation(gather *g, const kd_node *type)
{
    kida_str text = { "", 0 };
    if (!type)
        return text;
    kida_buf buf;
    kida_buf_init_heap(&buf, &g->pool->allocator, 1 << 20);
    put_annotation(&buf, type, 0);
    if (kida_buf_status(&buf) == KIDA_OK)
        text = kd_arena_str(g->pool, kida_buf_str(&buf));
    g->failed = g->failed || kida_buf_status(&buf) != KIDA_OK || !text.ptr;
    kida_buf_free(&buf);
    return text;
}

static const kida_param_info *
params_of(gather *g, const kd_node *list, size_t *count, kida_str *rest, kida_str *keywords)
{
    kd_rows rows = { NULL, 0, 0 };
    for (const kd_node *p = list; p && !g->failed; p = p->next) {
        if (p->flags & (KD_F_STAR | KD_F_STARS)) {
            *(p->flags & KD_F_STAR ? rest : keywords) = p->name;
            continue;
        }
        kida_param_info *slot = kd_rows_add(&rows, g->scratch, sizeof *slot);
        g->failed = !slot;
        if (!slot)
            break;
        slot->name = p->name;
        slot->annotation = annotation(g, p->b);
        slot->has_default = p->a != NULL;
        slot->is_required = p->a == NULL;
    }
    *count = rows.count;
    return keep(g, &rows, sizeof(kida_param_info));
}

/* ---- blocks --------------------------------------------------------------------------------- */

static bool
find_includes(void *arg, kd_node *n)
{
    gather *g = arg;
    kida_str literal;
    if (n->kind == KD_NODE_INCLUDE && kd_literal(n->a, &literal))
        add_name(g, g->inner, literal);
    if (g->failed || g->depth >= KD_WALK_MAX)
        return false;
    g->depth++;
    kd_node_children(n, find_includes, g);
    g->depth--;
    return !g->failed;
}

const char *
kd_cache_scope(kida_purity purity, const kida_names *paths)
{
    static const char *const page_roots[] = { "page", "post", "item", "doc", "entry" };
    if (purity != KIDA_PURITY_PURE)
        return purity == KIDA_PURITY_IMPURE ? "none" : "unknown";
    for (size_t i = 0; i < paths->count; i++) {
        kida_str path = paths->items[i];
        size_t dot = kd_str_find(path, KIDA_S("."), 0);
        if (dot != SIZE_MAX)
            path.len = dot;
        if (kd_is_among(path, page_roots, KD_COUNT(page_roots)))
            return "page";
    }
    return "site";
}

static void
describe_modifiers(gather *g, const kd_node *list, kida_block_info *b)
{
    kd_rows rows = { NULL, 0, 0 };
    for (const kd_node *arg = list; arg && !g->failed; arg = arg->next) {
        kida_modifier *m = kd_rows_add(&rows, g->scratch, sizeof *m);
        g->failed = !m;
        if (!m)
            return;
        m->name = arg->name;
        m->value = arg->a->value;
        m->line = arg->place.line;
        m->column = arg->place.column;
        if (kd_is(m->value, KIDA_STRING)) {
            kida_str text = kd_arena_str(g->pool, kida_as_str(m->value));
            g->failed = !text.ptr;
            m->value = kida_string(text);
        } else if (!kd_is(m->value, KIDA_BOOL) && !kd_is(m->value, KIDA_INT) &&
                   !kd_is(m->value, KIDA_FLOAT)) {
            m->value = kida_none(); /* a big integer lives in the scratch pool */
        }
    }
    b->modifiers = keep(g, &rows, sizeof(kida_modifier));
    b->modifier_count = rows.count;
}

static void
describe_block(gather *g, const kd_node *n, kida_block_info *b)
{
    bool region = n->kind == KD_NODE_REGION;
    const kd_node *body = region ? n->b : n->c;
    kida_str rest = { "", 0 }, keywords = { "", 0 };
    memset(b, 0, sizeof *b);
    b->name = n->name;
    b->template_name = g->tree->name;
    b->line = n->place.line;
    b->column = n->place.column;
    b->is_region = region;
    b->is_fragment = (n->flags & KD_F_FRAGMENT) != 0;
    b->has_condition = !region && n->b != NULL;
    if (region)
        b->params = params_of(g, n->a, &b->param_count, &rest, &keywords);
    else
        describe_modifiers(g, n->a, b);
    g->failed = g->failed || !kd_traits_landmarks(body, g->pool, &b->landmarks, &b->emits_html);
    b->role = kd_traits_role(n->name, &b->landmarks);
    b->depends_on = region ? paths_of(g, n, NULL, NULL, false)
                           : paths_of(g, b->has_condition ? n->b : NULL, body, NULL, false);
    g->inner = new_set(g);
    for (const kd_node *k = body; k && !g->failed; k = k->next)
        find_includes(g, (kd_node *)(uintptr_t)k);
    b->includes = keep_names(g, g->inner);
    b->purity = kd_purity_of(&g->purity, body);
    if (b->has_condition)
        b->purity = kd_purity_both(b->purity, kd_purity_of(&g->purity, n->b));
    snprintf(b->hash, sizeof b->hash, "%016llx", (unsigned long long)kd_traits_hash(n));
}

/* As the compiler numbers them: of two with one name, the later text in the earlier place. */
static void
add_block(void *arg, kd_node *n)
{
    gather *g = arg;
    size_t at = 0;
    while (at < g->blocks.count &&
           !kida_str_equal(((kida_block_info *)g->blocks.items)[at].name, n->name))
        at++;
    if (at == g->blocks.count && (!kd_rows_add(&g->blocks, g->scratch, sizeof(kida_block_info)) ||
                                  !kd_rows_add(&g->purities, g->scratch, sizeof(kida_purity))))
        g->failed = true;
    if (g->failed)
        return;
    kida_block_info made;
    describe_block(g, n, &made);
    ((kida_purity *)g->purities.items)[at] = made.purity;
    if (made.includes.count)
        made.purity = kd_purity_both(made.purity, KIDA_PURITY_UNKNOWN);
    made.cache_scope = kd_cache_scope(made.purity, &made.depends_on);
    ((kida_block_info *)g->blocks.items)[at] = made;
}

/* ---- defs ----------------------------------------------------------------------------------- */

static bool
find_slots(void *arg, kd_node *n)
{
    gather *g = arg;
    if (n->kind == KD_NODE_DEF)
        return true; /* has slots of its own */
    if (n->kind == KD_NODE_SLOT && n->name.len)
        add_name(g, g->slots, n->name);
    else if (n->kind == KD_NODE_SLOT)
        g->default_slot = true;
    else if (n->kind == KD_NODE_CALL && n->a->kind == KD_NODE_NAME &&
             kida_str_equal(n->a->name, KIDA_S("caller")) && !n->b)
        g->default_slot = true;
    if (g->failed || g->depth >= KD_WALK_MAX)
        return false;
    g->depth++;
    kd_node_children(n, find_slots, g);
    g->depth--;
    return !g->failed;
}

static void
add_def(gather *g, const kd_node *n)
{
    kida_def_info *d = kd_rows_add(&g->defs, g->scratch, sizeof *d);
    g->failed = g->failed || !d;
    if (g->failed)
        return;
    kida_str none = { "", 0 };
    d->name = n->name;
    d->template_name = g->tree->name;
    d->line = n->place.line;
    d->rest = d->keywords = none;
    d->params = params_of(g, n->a, &d->param_count, &d->rest, &d->keywords);
    g->slots = new_set(g);
    g->default_slot = false;
    for (const kd_node *k = n->b; k && !g->failed; k = k->next)
        find_slots(g, (kd_node *)(uintptr_t)k);
    d->slots = keep_names(g, g->slots);
    d->has_default_slot = g->default_slot;
    d->depends_on = paths_of(g, n, NULL, NULL, false);
}

/* ---- the whole template --------------------------------------------------------------------- */

static void
note_use(gather *g, const kd_node *n)
{
    kida_str literal;
    int at = n->kind == KD_NODE_EXTENDS                              ? 0
             : n->kind == KD_NODE_INCLUDE                            ? 1
             : n->kind == KD_NODE_EMBED                              ? 2
             : n->kind == KD_NODE_IMPORT || n->kind == KD_NODE_FROM ? 3
                                                                     : -1;
    if (at >= 0 && kd_literal(n->a, &literal))
        add_name(g, g->names[at], literal);
}

static bool
walk(void *arg, kd_node *n)
{
    gather *g = arg;
    note_use(g, n);
    bool is_def = n->kind == KD_NODE_DEF;
    if (is_def && g->in_def == 0) /* those inside of a def are its own business */
        add_def(g, n);
    if (g->failed || g->depth >= KD_WALK_MAX)
        return false;
    g->in_def += is_def ? 1 : 0;
    g->depth++;
    kd_node_children(n, walk, g);
    g->depth--;
    g->in_def -= is_def ? 1 : 0;
    return !g->failed;
}

static void
describe_template(gather *g, kd_facts *facts)
{
    const kd_tree *tree = g->tree;
    kida_template_info *info = &facts->info;
    kida_str none = { "", 0 };
    info->name = tree->name;
    info->extends = none;
    kida_str literal;
    if (tree->extends && kd_literal(tree->extends->a, &literal))
        info->extends = kd_arena_str(g->pool, literal);
    info->is_async = tree->is_async;
    info->depends_on = paths_of(g, NULL, tree->body, NULL, false);
    info->top_depends_on = paths_of(g, NULL, tree->body, NULL, true);
    info->extended = keep_names(g, g->names[0]);
    info->includes = keep_names(g, g->names[1]);
    info->embeds = keep_names(g, g->names[2]);
    info->imports = keep_names(g, g->names[3]);
}

kida_status
kd_facts_gather(const kd_tree *tree, const kd_known *known, kida_pool *scratch, kida_pool *pool,
                kd_facts *facts, kida_error *err)
{
    gather g = { .tree = tree, .known = known, .scratch = scratch, .pool = pool };
    g.failed = !kd_purity_init(&g.purity, tree, known, scratch);
    for (size_t i = 0; i < KD_COUNT(g.names); i++)
        g.names[i] = new_set(&g);
    for (kd_node *n = tree->body; n && !g.failed; n = n->next)
        walk(&g, n);
    if (!g.failed)
        kd_each_block(tree->body, add_block, &g);
    if (!g.failed)
        describe_template(&g, facts);
    facts->blocks = keep(&g, &g.blocks, sizeof(kida_block_info));
    facts->block_purity = keep(&g, &g.purities, sizeof(kida_purity));
    facts->block_count = g.blocks.count;
    facts->purity = g.failed ? KIDA_PURITY_UNKNOWN : kd_purity_of(&g.purity, tree->body);
    facts->defs = keep(&g, &g.defs, sizeof(kida_def_info));
    facts->def_count = g.defs.count;
    if (g.failed)
        return kd_error_set(err, KIDA_E_NOMEM, "out of memory while compiling");
    return KIDA_OK;
}
