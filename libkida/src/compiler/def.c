/* SPDX-License-Identifier: MIT */
/* def.c - defs, regions, calls with slots, placeholders. */
#include "compiler/unit.h"

#include <string.h>

void
kd_fn_init(kd_fn *fn, kd_fn *outer, kd_code_kind kind)
{
    memset(fn, 0, sizeof *fn);
    fn->outer = outer;
    fn->kind = kind;
}

/* ---- def, region ----------------------------------------------------------------------------- */

void
kd_st_def(kd_unit *u, kd_node *node)
{
    kd_compiler *c = u->c;
    uint32_t defaults = 0;
    if (node->kind == KD_NODE_DEF) {
        for (kd_node *p = node->a; p; p = p->next) {
            if (!p->a)
                continue;
            kd_expr(u, p->a);
            defaults++;
        }
    }
    /* The code is shared by the body and the set-up of a block render. */
    if (node->mark == 0) {
        node->mark = kd_reserve_code(c) + 1;
        kd_deferred *later = kd_vec_add(c, &u->fn->deferred, sizeof *later);
        if (later) {
            later->node = node;
            later->code = node->mark - 1;
        }
    }
    kd_emit(u, KD_OP_DEF, 0, defaults, node->mark - 1);
    kd_store_context(u, node->name);
}

/* Parameters become the first locals, in the order of the signature. */
static void
declare_params(kd_unit *u, kd_node *node, kd_code *code)
{
    kd_compiler *c = u->c;
    kd_vec params = { 0 };
    bool leading = true;
    code->rest_local = code->keywords_local = -1;
    for (kd_node *p = node->a; p; p = p->next) {
        uint16_t local = kd_new_local(u);
        kd_bind_local(u, p->name, local, KD_BIND_LOCAL);
        if (p->flags & KD_F_STAR) {
            code->rest_local = local;
            continue;
        }
        if (p->flags & KD_F_STARS) {
            code->keywords_local = local;
            continue;
        }
        kd_def_param *slot = kd_vec_add(c, &params, sizeof *slot);
        if (!slot)
            return;
        slot->name.text = kd_copy_str(c, p->name);
        slot->name.hash = kd_hash_str(p->name);
        slot->local = local;
        slot->default_at = -1;
        if (p->b)
            slot->annotation = kd_copy_str(c, p->b->name);
        if (p->a) {
            slot->default_at = (int16_t)code->default_count++;
            leading = false;
        } else if (leading) {
            code->required++;
        }
    }
    code->params = kd_copy_items(c, params.items, params.count, sizeof(kd_def_param));
    code->param_count = (uint16_t)params.count;
}

/* Defaults of a region are worked out at each call, in the context of the caller. */
static void
region_defaults(kd_unit *u, kd_node *node)
{
    kd_vec params = u->fn->locals;
    memset(&u->fn->locals, 0, sizeof u->fn->locals); /* defaults see the context, not each other */
    uint16_t local = 0;
    for (kd_node *p = node->a; p; p = p->next, local++) {
        if (!p->a || p->flags & (KD_F_STAR | KD_F_STARS))
            continue;
        kd_label given;
        kd_label_init(&given);
        kd_jump(u, KD_OP_LOCAL_GIVEN, 0, local, &given);
        kd_expr(u, p->a);
        kd_emit(u, KD_OP_STORE, 0, local, 0);
        kd_place_label(u, &given);
    }
    u->fn->locals = params;
}

static void
compile_def(kd_compiler *c, kd_fn *outer, const kd_deferred *def)
{
    kd_node *node = (kd_node *)(uintptr_t)def->node;
    kd_fn fn;
    kd_unit u;
    bool region = node->kind == KD_NODE_REGION;
    kd_fn_init(&fn, region ? NULL : outer, region ? KD_CODE_REGION : KD_CODE_DEF);
    kd_unit_init(&u, c, &fn, NULL);
    u.place = node;
    kd_code shape = { 0 };
    declare_params(&u, node, &shape);
    if (region)
        region_defaults(&u, node);
    kd_body(&u, node->b);
    kd_compile_deferred(&u);
    kd_unit_finish(&u, def->code, fn.kind, node->name);
    if (c->status != KIDA_OK)
        return;
    kd_code *code = KD_VEC_AT(kd_code, c->codes, def->code);
    code->params = shape.params;
    code->param_count = shape.param_count;
    code->required = shape.required;
    code->default_count = shape.default_count;
    code->rest_local = shape.rest_local;
    code->keywords_local = shape.keywords_local;
    code->tag_line = node->place.line;
    /* A slot body may change the context that the rest of this body reads. */
    code->own_context = fn.own_context || (fn.has_slots && fn.reads_names);
    code->is_plain = !region && !code->own_context && code->rest_local < 0 &&
                     code->keywords_local < 0;
}

void
kd_compile_deferred(kd_unit *u)
{
    for (size_t i = 0; i < u->fn->deferred.count && u->c->status == KIDA_OK; i++) {
        kd_deferred def = *KD_VEC_AT(kd_deferred, u->fn->deferred, i);
        if (++u->c->depth > 150)
            kd_compile_fail(u->c, KIDA_E_PARSE, def.node, "definitions are nested too deeply");
        else
            compile_def(u->c, u->fn, &def);
        u->c->depth--;
    }
}

/* ---- call ------------------------------------------------------------------------------------ */

static bool
is_blank(const kd_node *body)
{
    for (const kd_node *n = body; n; n = n->next) {
        if (n->kind != KD_NODE_TEXT)
            return false;
        kida_str rest = kd_str_strip(kida_as_str(n->value), true, true);
        if (rest.len)
            return false;
    }
    return true;
}

static uint32_t
slot_site(kd_unit *u, kida_str name, const kida_str *bindings, uint32_t count)
{
    kd_compiler *c = u->c;
    kd_slot_site *slot = kd_vec_add(c, &c->slots, sizeof *slot);
    if (slot) {
        slot->name = kd_copy_str(c, name);
        slot->bindings = bindings;
        slot->binding_count = count;
        slot->is_default = kida_str_equal(name, KIDA_S("default"));
    }
    return (uint32_t)(c->slots.count - 1);
}

static bool
in_def(const kd_fn *fn)
{
    return fn->kind == KD_CODE_DEF;
}

/* Compiles the bodies given for one slot (several are joined) as a unit of their own. */
static void
slot_body(kd_unit *u, kida_str name, kd_node **bodies, size_t count, kd_slot_body *out)
{
    kd_compiler *c = u->c;
    kd_unit inner;
    kd_unit_init(&inner, c, u->fn, u);
    inner.is_slot = true;
    size_t mark = kd_locals_mark(u);
    uint32_t first = u->fn->next_local;
    bool blank = true;
    for (size_t i = 0; i < count; i++)
        blank = blank && is_blank(bodies[i]);
    if (blank && in_def(u->fn)) {
        /* Nothing of its own: hands on what this def was given under the same name. */
        u->fn->has_slots = true;
        kd_emit(&inner, KD_OP_SLOT, 0, 0, slot_site(u, name, NULL, 0));
    } else {
        for (size_t i = 0; i < count; i++)
            kd_body(&inner, bodies[i]);
    }
    kd_locals_release(u, mark);
    uint32_t number = kd_reserve_code(c);
    kd_unit_finish(&inner, number, KD_CODE_SLOT, name);
    out->name = kd_copy_str(c, name);
    out->code = number;
    out->first_local = first;
    out->local_count = u->fn->next_local - first;
}

static kida_str
slot_name(const kd_node *slot)
{
    return slot->name.len ? slot->name : KIDA_S("default");
}

static bool
stands_before(const kd_node *a, const kd_node *b)
{
    return a->place.line != b->place.line ? a->place.line < b->place.line
                                          : a->place.column < b->place.column;
}

/* What is no slot block, with the bodies of default slot blocks at their places in between. */
static kd_node *
default_body(kd_node *call)
{
    kd_node *first = call->b;
    for (kd_node *s = call->c; s; s = s->next) {
        if (!kida_str_equal(slot_name(s), KIDA_S("default")) || !s->b)
            continue;
        kd_node **at = &first;
        while (*at && stands_before(*at, s))
            at = &(*at)->next;
        kd_node *last = s->b;
        while (last->next)
            last = last->next;
        last->next = *at;
        *at = s->b;
    }
    return first;
}

/* Every slot that a call gives: the default one first, then the named ones as they come. */
static void
slot_bodies(kd_unit *u, kd_node *node, kd_vec *out)
{
    kd_compiler *c = u->c;
    kd_node *bodies[64];
    size_t count = 1;
    bodies[0] = default_body(node);
    kd_slot_body *slot = kd_vec_add(c, out, sizeof *slot);
    kd_slot_body made = { 0 };
    slot_body(u, KIDA_S("default"), bodies, count, &made);
    if (slot)
        *KD_VEC_AT(kd_slot_body, *out, 0) = made;
    for (kd_node *s = node->c; s && c->status == KIDA_OK; s = s->next) {
        kida_str name = slot_name(s);
        bool seen = kida_str_equal(name, KIDA_S("default"));
        for (kd_node *before = node->c; before != s && !seen; before = before->next)
            seen = kida_str_equal(slot_name(before), name);
        if (seen)
            continue;
        count = 0;
        for (kd_node *same = s; same; same = same->next)
            if (kida_str_equal(slot_name(same), name) && count < KD_COUNT(bodies))
                bodies[count++] = same->b;
        slot_body(u, name, bodies, count, &made);
        slot = kd_vec_add(c, out, sizeof *slot);
        if (slot)
            *slot = made;
    }
}

void
kd_st_call(kd_unit *u, kd_node *node)
{
    kd_compiler *c = u->c;
    kd_node *call = node->a;
    bool is_call = call->kind == KD_NODE_CALL;
    if (is_call) {
        kd_expr(u, call->a);
    } else { /* compiles, and fails when it runs: what is called must be written as a call */
        kd_expr(u, call);
        kd_emit(u, KD_OP_POP, 0, 0, 0);
        kd_emit_const(u, kida_int(0));
    }
    uint32_t site = kd_push_args(u, is_call ? call->b : NULL);
    kd_vec slots = { 0 };
    slot_bodies(u, node, &slots);
    if (c->status != KIDA_OK)
        return;
    kd_call_site *shape = KD_VEC_AT(kd_call_site, c->calls, site);
    shape->slots = kd_copy_items(c, slots.items, slots.count, sizeof(kd_slot_body));
    shape->slot_count = (uint32_t)slots.count;
    u->place = node;
    kd_emit(u, KD_OP_CALL_SLOTS, 0, 0, site);
}

/* ---- slot ------------------------------------------------------------------------------------ */

void
kd_st_slot(kd_unit *u, kd_node *node)
{
    kd_compiler *c = u->c;
    u->fn->has_slots = true;
    kd_label give, end;
    kd_label_init(&give);
    kd_label_init(&end);
    kd_vec names = { 0 };
    if (node->a) {
        kd_jump(u, KD_OP_NO_CALLER, 0, 0, &give);
        kd_body(u, node->b);
        kd_jump(u, KD_OP_JUMP, 0, 0, &end);
        kd_place_label(u, &give);
    }
    for (kd_node *b = node->a; b; b = b->next) {
        kd_expr(u, b->b);
        kida_str *name = kd_vec_add(c, &names, sizeof *name);
        if (name)
            *name = kd_copy_str(c, b->a->name);
    }
    u->place = node;
    const kida_str *kept = kd_copy_items(c, names.items, names.count, sizeof(kida_str));
    uint32_t site = slot_site(u, slot_name(node), kept, (uint32_t)names.count);
    kd_emit(u, KD_OP_SLOT, 0, (uint32_t)names.count, site);
    kd_place_label(u, &end);
}
