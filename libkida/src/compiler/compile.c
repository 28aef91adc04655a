/* SPDX-License-Identifier: MIT */
/* compile.c - a whole template: parse, check placement, collect blocks, compile every code. */
#include "compiler/unit.h"
#include "analysis/check.h"
#include "analysis/facts.h"
#include "parser/parser.h"

#include <string.h>

/* ---- statements ------------------------------------------------------------------------------ */

static void
st_text(kd_unit *u, kd_node *node)
{
    kd_emit_text(u, kida_as_str(node->value));
}

static void
st_output(kd_unit *u, kd_node *node)
{
    kd_output(u, node->a);
}

static void
st_body(kd_unit *u, kd_node *node) /* globals, imports: in place */
{
    kd_body(u, node->a);
}

static void
st_flush(kd_unit *u, kd_node *node)
{
    (void)node;
    kd_emit(u, KD_OP_FLUSH, 0, 0, 0);
}

static void
st_nothing(kd_unit *u, kd_node *node)
{
    (void)u;
    (void)node;
}

typedef void statement_fn(kd_unit *u, kd_node *node);

static statement_fn *const statement_table[KD_NODE_COUNT] = {
    [KD_NODE_TEXT] = st_text,           [KD_NODE_OUTPUT] = st_output,
    [KD_NODE_IF] = kd_st_if,            [KD_NODE_FOR] = kd_st_for,
    [KD_NODE_WHILE] = kd_st_while,      [KD_NODE_BREAK] = kd_st_jump,
    [KD_NODE_CONTINUE] = kd_st_jump,    [KD_NODE_SET] = kd_st_set,
    [KD_NODE_WITH] = kd_st_with,        [KD_NODE_WITH_IF] = kd_st_with_if,
    [KD_NODE_MATCH] = kd_st_match,      [KD_NODE_TRY] = kd_st_try,
    [KD_NODE_DEF] = kd_st_def,          [KD_NODE_REGION] = kd_st_def,
    [KD_NODE_CALL_BLOCK] = kd_st_call,  [KD_NODE_SLOT] = kd_st_slot,
    [KD_NODE_BLOCK] = kd_st_block,      [KD_NODE_INCLUDE] = kd_st_include,
    [KD_NODE_IMPORT] = kd_st_import,    [KD_NODE_FROM] = kd_st_from,
    [KD_NODE_EMBED] = kd_st_embed,      [KD_NODE_EXTENDS] = st_nothing,
    [KD_NODE_CAPTURE] = kd_st_capture,  [KD_NODE_FILTER_BLOCK] = kd_st_filter,
    [KD_NODE_SPACELESS] = kd_st_spaceless, [KD_NODE_CACHE] = kd_st_cache,
    [KD_NODE_PUSH] = kd_st_push,        [KD_NODE_STACK] = kd_st_stack,
    [KD_NODE_PROVIDE] = kd_st_provide,  [KD_NODE_TRANS] = kd_st_trans,
    [KD_NODE_FLUSH] = st_flush,         [KD_NODE_TEMPLATE_DECL] = st_nothing,
    [KD_NODE_GLOBALS] = st_body,        [KD_NODE_IMPORTS] = st_body,
};

void
kd_statement(kd_unit *u, kd_node *node)
{
    kd_compiler *c = u->c;
    statement_fn *fn = statement_table[node->kind];
    if (c->status != KIDA_OK || !fn)
        return;
    if (++c->depth > 1500) {
        kd_compile_fail(c, KIDA_E_PARSE, node, "statements are nested too deeply");
        return;
    }
    kd_node *place = u->place;
    u->place = node;
    fn(u, node);
    u->place = place;
    c->depth--;
}

void
kd_body(kd_unit *u, kd_node *list)
{
    for (kd_node *n = list; n; n = n->next)
        kd_statement(u, n);
}

/* ---- top level ------------------------------------------------------------------------------- */

/* What a template that extends another executes of its own top level. */
static void
child_statement(kd_unit *u, kd_node *n)
{
    if (n->kind == KD_NODE_GLOBALS || n->kind == KD_NODE_IMPORTS) {
        kd_emit(u, KD_OP_DISCARD, 0, 0, 0);
        kd_statement(u, n);
        kd_emit(u, KD_OP_DISCARD_END, 0, 0, 0);
    } else if (n->kind == KD_NODE_SET || n->kind == KD_NODE_DEF || n->kind == KD_NODE_REGION ||
               n->kind == KD_NODE_FROM || n->kind == KD_NODE_IMPORT) {
        kd_statement(u, n);
    }
}

static void
compile_body(kd_compiler *c)
{
    kd_fn fn;
    kd_unit u;
    kd_fn_init(&fn, NULL, KD_CODE_BODY);
    kd_unit_init(&u, c, &fn, NULL);
    if (c->tree.extends) {
        for (kd_node *n = c->tree.body; n; n = n->next)
            child_statement(&u, n);
        u.place = c->tree.extends;
        kd_st_extends(&u, c->tree.extends);
    } else {
        kd_body(&u, c->tree.body);
    }
    kd_compile_deferred(&u);
    kd_unit_finish(&u, c->tpl->body, KD_CODE_BODY, KIDA_S(""));
}

static void
setup_kind(kd_unit *u, kd_node_kind kind, kd_node_kind other, char op)
{
    for (kd_node *n = u->c->tree.body; n; n = n->next)
        if ((n->kind == kind || n->kind == other) && (op == 0 || n->op == op))
            kd_statement(u, n);
}

/* What runs before a block is rendered alone: imports, let, def, region, globals. */
static void
compile_setup(kd_compiler *c)
{
    kd_fn fn;
    kd_unit u;
    kd_fn_init(&fn, NULL, KD_CODE_SETUP);
    kd_unit_init(&u, c, &fn, NULL);
    kd_emit(&u, KD_OP_DISCARD, 0, 0, 0);
    setup_kind(&u, KD_NODE_FROM, KD_NODE_IMPORT, 0);
    setup_kind(&u, KD_NODE_SET, KD_NODE_SET, 'l');
    setup_kind(&u, KD_NODE_DEF, KD_NODE_DEF, 0);
    setup_kind(&u, KD_NODE_REGION, KD_NODE_REGION, 0);
    setup_kind(&u, KD_NODE_GLOBALS, KD_NODE_IMPORTS, 0);
    kd_emit(&u, KD_OP_DISCARD_END, 0, 0, 0);
    kd_compile_deferred(&u);
    kd_unit_finish(&u, c->tpl->setup, KD_CODE_SETUP, KIDA_S(""));
}

/* Blocks in source order; of two with one name the later body counts. */
static void
add_block(void *arg, kd_node *node)
{
    kd_compiler *c = arg;
    bool region = node->kind == KD_NODE_REGION;
    for (size_t i = 0; i < c->blocks.count; i++) {
        kd_block *b = KD_VEC_AT(kd_block, c->blocks, i);
        if (!kida_str_equal(b->name.text, node->name))
            continue;
        if (region || b->is_region)
            kd_compile_fail(c, KIDA_E_BLOCK_NAME, node, "the name '%.*s' is taken by a block or "
                            "region", (int)node->name.len, node->name.ptr);
        b->is_fragment = (node->flags & KD_F_FRAGMENT) != 0;
        b->has_condition = node->b != NULL;
        return;
    }
    kd_block *b = kd_vec_add(c, &c->blocks, sizeof *b);
    if (!b)
        return;
    b->name.text = kd_copy_str(c, node->name);
    b->name.hash = kd_hash_str(node->name);
    b->is_region = region;
    b->is_fragment = (node->flags & KD_F_FRAGMENT) != 0;
    b->has_condition = !region && node->b != NULL;
    if (region) {
        if (node->mark == 0)
            node->mark = kd_reserve_code(c) + 1;
        b->code = node->mark - 1;
    } else {
        b->code = kd_reserve_code(c);
    }
}

typedef struct kd_block_walk {
    kd_compiler *c;
    kd_vec last; /* kd_node *: the block node that counts, by block number */
} kd_block_walk;

static void
note_last(void *arg, kd_node *node)
{
    kd_block_walk *w = arg;
    if (node->kind == KD_NODE_REGION)
        return;
    for (size_t i = 0; i < w->c->blocks.count; i++)
        if (kida_str_equal(KD_VEC_AT(kd_block, w->c->blocks, i)->name.text, node->name))
            ((kd_node **)w->last.items)[i] = node;
}

static void
compile_blocks(kd_compiler *c)
{
    kd_block_walk w = { .c = c };
    for (size_t i = 0; i < c->blocks.count; i++)
        kd_vec_add(c, &w.last, sizeof(kd_node *));
    if (c->status != KIDA_OK)
        return;
    kd_each_block(c->tree.body, note_last, &w);
    for (size_t i = 0; i < c->blocks.count && c->status == KIDA_OK; i++) {
        kd_node *node = ((kd_node **)w.last.items)[i];
        if (node)
            kd_compile_block(c, node);
    }
}

typedef struct kd_region_walk {
    kd_compiler *c;
    kd_fn fn;
} kd_region_walk;

static void
note_region(void *arg, kd_node *node)
{
    kd_region_walk *w = arg;
    if (node->kind != KD_NODE_REGION || KD_VEC_AT(kd_code, w->c->codes, node->mark - 1)->insns)
        return;
    kd_deferred *later = kd_vec_add(w->c, &w->fn.deferred, sizeof *later);
    if (later) {
        later->node = node;
        later->code = node->mark - 1;
    }
}

/* Regions are blocks, also where no code executes their tag (in an ignored part of a child). */
static void
compile_regions(kd_compiler *c)
{
    kd_region_walk w = { .c = c };
    kd_unit u;
    kd_fn_init(&w.fn, NULL, KD_CODE_SETUP);
    kd_unit_init(&u, c, &w.fn, NULL);
    if (c->status != KIDA_OK)
        return;
    kd_each_block(c->tree.body, note_region, &w);
    kd_compile_deferred(&u);
}

static void
copy_tables(kd_compiler *c)
{
    kida_template *t = c->tpl;
#define KEEP(field, count_field, vec, type)                    \
    t->field = kd_copy_items(c, c->vec.items, c->vec.count, sizeof(type)); \
    t->count_field = (uint32_t)c->vec.count
    KEEP(codes, code_count, codes, kd_code);
    KEEP(texts, text_count, texts, kida_str);
    KEEP(constants, constant_count, constants, kida_value);
    KEEP(names, name_count, names, kd_name);
    KEEP(attrs, attr_count, attrs, kd_name);
    KEEP(filters, filter_count, filters, const kd_filter_entry *);
    KEEP(tests, test_count, tests, const kd_test_entry *);
    KEEP(calls, call_count, calls, kd_call_site);
    KEEP(slots, slot_count, slots, kd_slot_site);
    KEEP(places, place_count, places, kd_block_site);
    KEEP(includes, include_count, includes, kd_include_site);
    KEEP(froms, from_count, froms, kd_from_site);
    KEEP(transs, trans_count, transs, kd_trans_site);
    KEEP(blocks, block_count, blocks, kd_block);
#undef KEEP
}

static kd_dict *
new_index(kd_compiler *c)
{
    kida_value v = kd_dict_make(c->scratch, 16);
    return kd_is(v, KIDA_DICT) ? kd_dict_of(v) : NULL;
}

#define WARNINGS_MAX 200 /* more of one template help nobody */

/* What introspection and warnings say, before folding changes the tree. */
static kida_status
analyse(kd_compiler *c)
{
    const kd_resolver *resolver = c->resolver;
    kd_facts *facts = &c->tpl->facts;
    kd_report r = { .tree = &c->tree, .known = &resolver->known, .scratch = c->scratch,
                    .pool = &c->tpl->pool, .max = WARNINGS_MAX };
    kida_status st = kd_facts_gather(&c->tree, &resolver->known, c->scratch, &c->tpl->pool, facts,
                                     c->err);
    if (st != KIDA_OK)
        return st;
    kd_check_coalesce(&r);
    if (resolver->jinja_warnings)
        kd_check_branch_set(&r);
    if (resolver->validate_calls)
        kd_check_calls(&r);
    kd_report_sort(&r, 0);
    facts->warnings = kd_copy_items(c, r.notes.items, r.notes.count, sizeof(kd_note));
    facts->warning_count = r.notes.count;
    return r.failed ? kd_error_set(c->err, KIDA_E_NOMEM, "out of memory while compiling")
                    : c->status;
}

static void
tell_warnings(const kd_resolver *resolver, const kida_template *tpl)
{
    for (size_t i = 0; resolver->warn && i < tpl->facts.warning_count; i++) {
        kida_error warning;
        kd_note_fill(&tpl->facts.warnings[i], tpl->name, tpl->source, &warning);
        resolver->warn(resolver->warn_user, &warning);
    }
}

kida_status
kd_compile(const kd_resolver *resolver, kida_template *tpl, kida_pool *scratch, kida_error *err)
{
    kida_error local_error;
    if (!err) {
        kida_error_init(&local_error);
        err = &local_error;
    }
    kd_compiler c = { .resolver = resolver, .tpl = tpl, .scratch = scratch, .err = err };
    c.rt.pool = scratch;
    c.rt.err = &c.fold_error;
    c.rt.steps_left = 100000;
    c.rt.max_text = 4096;
    c.rt.max_depth = 50;
    c.name_index = new_index(&c);
    c.attr_index = new_index(&c);
    c.text_index = new_index(&c);
    if (!c.name_index || !c.attr_index || !c.text_index)
        return kd_error_set(err, KIDA_E_NOMEM, "out of memory while compiling");
    kida_status st = kd_parse(&resolver->lexer, tpl->name, tpl->source, scratch, &c.tree, err);
    if (st != KIDA_OK)
        return st;
    st = kd_check_placement(&c.tree, err);
    if (st == KIDA_OK)
        st = analyse(&c);
    if (st != KIDA_OK)
        return st;
    tpl->escape = resolver->escape;
    tpl->is_async = c.tree.is_async;
    tpl->has_extends = c.tree.extends != NULL;
    if (c.tree.extends && c.tree.extends->a->kind == KD_NODE_CONST)
        tpl->extends_literal = kd_copy_str(&c, kida_as_str(c.tree.extends->a->value));
    tpl->body = kd_reserve_code(&c);
    tpl->setup = kd_reserve_code(&c);
    kd_each_block(c.tree.body, add_block, &c);
    compile_body(&c);
    compile_regions(&c);
    compile_setup(&c);
    compile_blocks(&c);
    copy_tables(&c);
    const char *why = NULL;
    if (c.status == KIDA_OK && !kd_verify(tpl, &why))
        c.status = why ? kd_error_set(err, KIDA_E_NO_CODE, "internal: bad code: %s", why)
                       : kd_error_set(err, KIDA_E_NOMEM, "out of memory while compiling");
    if (c.status == KIDA_OK)
        tell_warnings(resolver, tpl);
    return c.status;
}
