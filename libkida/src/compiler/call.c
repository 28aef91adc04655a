/* SPDX-License-Identifier: MIT */
/* call.c - calls, filters, tests with their arguments; output tags and their short forms. */
#include "compiler/unit.h"
#include "error/suggest.h"

#include <string.h>

bool
kd_has_keywords(const kd_node *args)
{
    for (const kd_node *n = args; n; n = n->next)
        if (n->name.len)
            return true;
    return false;
}

uint32_t
kd_arg_count(const kd_node *args)
{
    uint32_t count = 0;
    for (const kd_node *n = args; n; n = n->next)
        count++;
    return count;
}

/* Pushes the argument values and returns the number of a call site of their shape. */
uint32_t
kd_push_args(kd_unit *u, kd_node *args)
{
    kd_compiler *c = u->c;
    kd_vec names = { 0 };
    kd_call_site site = { 0 };
    for (kd_node *n = args; n; n = n->next) {
        kd_expr(u, n->a);
        if (n->name.len == 0) {
            site.positional++;
            continue;
        }
        kida_str *name = kd_vec_add(c, &names, sizeof *name);
        if (name)
            *name = kd_copy_str(c, n->name);
        site.named++;
    }
    site.names = kd_copy_items(c, names.items, names.count, sizeof(kida_str));
    kd_call_site *slot = kd_vec_add(c, &c->calls, sizeof *slot);
    if (slot)
        *slot = site;
    return (uint32_t)(c->calls.count - 1);
}

/* ---- filters and tests ----------------------------------------------------------------------- */

static void
offer(void *arg, kida_str name)
{
    kd_suggest_offer(arg, name);
}

static void
unknown(kd_unit *u, const kd_node *node, bool is_filter)
{
    kd_compiler *c = u->c;
    kd_suggest s;
    kd_suggest_init(&s, node->name);
    if (is_filter)
        c->resolver->each_filter(c->resolver->user, offer, &s);
    else
        c->resolver->each_test(c->resolver->user, offer, &s);
    kd_compile_fail(c, is_filter ? KIDA_E_FILTER_NAME : KIDA_E_TEST_NAME, node,
                    "unknown %s '%.*s'", is_filter ? "filter" : "test", (int)node->name.len,
                    node->name.ptr);
    if (s.best.len)
        kd_error_hint(c->err, "did you mean '%.*s'?", (int)s.best.len, s.best.ptr);
    else
        kd_error_hint(c->err, "`kida %s` lists those that there are; a program adds its own before "
                      "the first template is loaded", is_filter ? "filters" : "tests");
}

static uint32_t
filter_number(kd_unit *u, const kd_node *node)
{
    kd_compiler *c = u->c;
    const kd_filter_entry *entry = c->resolver->filter(c->resolver->user, node->name);
    if (!entry) {
        unknown(u, node, true);
        return 0;
    }
    for (size_t i = 0; i < c->filters.count; i++)
        if (*KD_VEC_AT(const kd_filter_entry *, c->filters, i) == entry)
            return (uint32_t)i;
    const kd_filter_entry **slot = kd_vec_add(c, &c->filters, sizeof *slot);
    if (slot)
        *slot = entry;
    return (uint32_t)(c->filters.count - 1);
}

static uint32_t
test_number(kd_unit *u, const kd_node *node)
{
    kd_compiler *c = u->c;
    const kd_test_entry *entry = c->resolver->test(c->resolver->user, node->name);
    if (!entry) {
        unknown(u, node, false);
        return 0;
    }
    for (size_t i = 0; i < c->tests.count; i++)
        if (*KD_VEC_AT(const kd_test_entry *, c->tests, i) == entry)
            return (uint32_t)i;
    const kd_test_entry **slot = kd_vec_add(c, &c->tests, sizeof *slot);
    if (slot)
        *slot = entry;
    return (uint32_t)(c->tests.count - 1);
}

static void
push_positional(kd_unit *u, kd_node *args)
{
    for (kd_node *n = args; n; n = n->next)
        kd_expr(u, n->a);
}

void
kd_filter_call(kd_unit *u, kd_node *node)
{
    uint32_t number = filter_number(u, node);
    kd_node *place = u->place;
    if (kd_has_keywords(node->b)) {
        uint32_t site = kd_push_args(u, node->b);
        u->place = place;
        kd_emit(u, KD_OP_FILTER_NAMED, 0, number, site);
        return;
    }
    push_positional(u, node->b);
    u->place = place;
    kd_emit(u, KD_OP_FILTER, 0, kd_arg_count(node->b), number);
}

void
kd_test_call(kd_unit *u, kd_node *node)
{
    uint32_t number = test_number(u, node);
    unsigned negate = node->flags & KD_F_NOT ? KD_C_NOT : 0;
    if (kd_has_keywords(node->b)) {
        uint32_t site = kd_push_args(u, node->b);
        kd_emit(u, KD_OP_TEST_NAMED, negate, number, site);
        return;
    }
    push_positional(u, node->b);
    kd_emit(u, KD_OP_TEST, negate, kd_arg_count(node->b), number);
}

/* ---- calls ----------------------------------------------------------------------------------- */

static bool
is_has_slot(const kd_unit *u, const kd_node *callee)
{
    if (callee->kind != KD_NODE_NAME || !kida_str_equal(callee->name, KIDA_S("has_slot")))
        return false;
    for (const kd_fn *fn = u->fn; fn; fn = fn->outer)
        if (fn->kind == KD_CODE_DEF || fn->kind == KD_CODE_REGION)
            return kd_sure_local(u, callee->name) < 0;
    return false;
}

void
kd_call(kd_unit *u, kd_node *node)
{
    kd_node *callee = node->a;
    if (is_has_slot(u, callee)) {
        push_positional(u, node->b);
        kd_emit(u, KD_OP_HAS_SLOT, 0, 0, kd_arg_count(node->b));
        return;
    }
    if (callee->kind == KD_NODE_ATTR) {
        uint32_t attr = kd_attr_number(u->c, callee->name);
        kd_expr(u, callee->a);
        if (callee->flags & KD_F_SAFE) {
            kd_label end;
            kd_label_init(&end);
            kd_jump(u, KD_OP_METHOD_SAFE, 0, attr, &end);
            kd_emit(u, KD_OP_CALL, 0, 0, kd_push_args(u, node->b));
            kd_place_label(u, &end);
            return;
        }
        uint32_t site = kd_push_args(u, node->b);
        kd_emit(u, KD_OP_CALL_METHOD, 0, attr, site);
        return;
    }
    kd_expr(u, callee);
    uint32_t site = kd_push_args(u, node->b);
    kd_emit(u, KD_OP_CALL, 0, 0, site);
}

/* ---- output ---------------------------------------------------------------------------------- */

static bool
is_quiet(const kd_node *e)
{
    return (e->kind == KD_NODE_ATTR || e->kind == KD_NODE_ITEM || e->kind == KD_NODE_FILTER) &&
           (e->flags & KD_F_SAFE);
}

/* `{{ 'x' }}` and the like become literal text. */
static bool
output_constant(kd_unit *u, const kd_node *e)
{
    kd_compiler *c = u->c;
    if (e->kind != KD_NODE_CONST || !c->resolver->optimize)
        return false;
    if (c->resolver->escape != KIDA_ESCAPE_HTML && c->resolver->escape != KIDA_ESCAPE_OFF)
        return false;
    kida_call call = { .rt = &c->rt };
    kida_value text;
    kida_str plain;
    if (c->resolver->escape == KIDA_ESCAPE_OFF) {
        if (kida_to_str(&call, e->value, &plain) != KIDA_OK)
            return false;
        text = kida_string(plain);
    } else if (kida_to_html(&call, e->value, &text) != KIDA_OK) {
        return false;
    }
    kd_emit_text(u, kida_as_str(text));
    return true;
}

static bool
output_attr(kd_unit *u, const kd_node *e)
{
    if (e->kind != KD_NODE_ATTR || e->flags & KD_F_SAFE || e->a->kind != KD_NODE_NAME)
        return false;
    int32_t local = kd_sure_local(u, e->a->name);
    if (local >= 0) {
        kd_emit(u, KD_OP_EMIT_LOCAL_ATTR, 0, (uint32_t)local, kd_attr_number(u->c, e->name));
        return true;
    }
    if (!kd_is_free_name(u, e->a->name))
        return false;
    uint32_t name = kd_name_number(u->c, e->a->name);
    if (name > UINT16_MAX)
        return false;
    u->fn->reads_names = true;
    kd_emit(u, KD_OP_EMIT_NAME_ATTR, 0, name, kd_attr_number(u->c, e->name));
    return true;
}

static bool
output_name(kd_unit *u, const kd_node *e)
{
    if (e->kind != KD_NODE_NAME)
        return false;
    int32_t local = kd_sure_local(u, e->name);
    if (local >= 0) {
        kd_emit(u, KD_OP_EMIT_LOCAL, 0, (uint32_t)local, 0);
        return true;
    }
    if (!kd_is_free_name(u, e->name))
        return false;
    u->fn->reads_names = true;
    kd_emit(u, KD_OP_EMIT_NAME, 0, 0, kd_name_number(u->c, e->name));
    return true;
}

static bool
output_filter(kd_unit *u, kd_node *e)
{
    if (e->kind != KD_NODE_FILTER || e->flags & KD_F_SAFE || kd_has_keywords(e->b))
        return false;
    kd_expr(u, e); /* ends in FILTER, which becomes EMIT_FILTER */
    if (u->c->status != KIDA_OK)
        return true;
    kd_insn *last = KD_VEC_AT(kd_insn, u->insns, u->insns.count - 1);
    last->op = KD_OP_EMIT_FILTER;
    return true;
}

/* A call straight to the output: a def then needs no string in between. */
static bool
output_call(kd_unit *u, kd_node *e)
{
    if (e->kind != KD_NODE_CALL || e->a->kind == KD_NODE_ATTR || is_has_slot(u, e->a))
        return false;
    kd_expr(u, e->a);
    uint32_t site = kd_push_args(u, e->b);
    u->place = e;
    kd_emit(u, KD_OP_EMIT_CALL, 0, 0, site);
    return true;
}

void
kd_output(kd_unit *u, kd_node *expression)
{
    kd_fold(u->c, expression);
    if (output_constant(u, expression))
        return;
    kd_node *place = u->place;
    u->place = expression;
    bool fused = u->c->resolver->optimize &&
                 (output_name(u, expression) || output_attr(u, expression) ||
                  output_filter(u, expression) || output_call(u, expression));
    if (!fused) {
        kd_expr(u, expression);
        kd_emit(u, KD_OP_EMIT, is_quiet(expression) ? KD_C_QUIET : 0, 0, 0);
    }
    u->place = place;
}
