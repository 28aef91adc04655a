/* SPDX-License-Identifier: MIT */
/* names.c - which variable a name means: locals, names set in open scopes, names of defs around,
 * let: bindings of a slot, and last the context. */
#include "compiler/unit.h"

#include <string.h>

static kd_binding *
binding_at(const kd_vec *v, size_t i)
{
    return &((kd_binding *)v->items)[i];
}

static const kd_binding *
find_binding(const kd_vec *v, kida_str name)
{
    for (size_t i = v->count; i > 0; i--) {
        kd_binding *b = binding_at(v, i - 1);
        if (kida_str_equal(b->name, name))
            return b;
    }
    return NULL;
}

uint16_t
kd_new_local(kd_unit *u)
{
    uint32_t local = u->fn->next_local++;
    if (local >= UINT16_MAX) {
        kd_compile_fail(u->c, KIDA_E_PARSE, u->place, "the template has too many variables");
        return 0;
    }
    return (uint16_t)local;
}

void
kd_bind_local(kd_unit *u, kida_str name, uint16_t local, kd_binding_kind kind)
{
    kd_binding *b = kd_vec_add(u->c, &u->fn->locals, sizeof *b);
    if (!b)
        return;
    b->name = name;
    b->kind = kind;
    b->local = local;
    b->unit = u;
}

size_t
kd_locals_mark(const kd_unit *u)
{
    return u->fn->locals.count;
}

void
kd_locals_release(kd_unit *u, size_t mark)
{
    u->fn->locals.count = mark;
}

/* ---- scopes ---------------------------------------------------------------------------------- */

void
kd_scope_open(kd_unit *u)
{
    kd_scope *s = kd_vec_add(u->c, &u->fn->scopes, sizeof *s);
    if (!s)
        return;
    s->first_local = (uint16_t)u->fn->next_local;
    s->bindings = u->fn->scoped.count;
}

void
kd_scope_clear(kd_unit *u, uint32_t depth)
{
    /* Not one range: locals of loops may lie between the names of one scope. */
    for (size_t i = 0; i < u->fn->scoped.count; i++) {
        kd_binding *b = binding_at(&u->fn->scoped, i);
        if (b->scope == depth)
            kd_emit(u, KD_OP_CLEAR, 0, b->local, 1);
    }
}

void
kd_scope_close(kd_unit *u)
{
    if (u->fn->scopes.count == 0) /* opening failed */
        return;
    kd_scope_clear(u, (uint32_t)u->fn->scopes.count);
    kd_scope *s = KD_VEC_AT(kd_scope, u->fn->scopes, u->fn->scopes.count - 1);
    u->fn->scoped.count = s->bindings;
    u->fn->scopes.count--;
}

uint16_t
kd_bind_scoped(kd_unit *u, kida_str name)
{
    uint32_t depth = (uint32_t)u->fn->scopes.count;
    uint16_t local = kd_new_local(u);
    kd_binding b = { name, KD_BIND_SCOPE, local, depth, u };
    kd_binding *slot = kd_vec_add(u->c, &u->fn->scoped, sizeof *slot);
    if (slot)
        *slot = b;
    slot = kd_vec_add(u->c, &u->fn->all_scoped, sizeof *slot);
    if (slot)
        *slot = b;
    return local;
}

void
kd_store_context(kd_unit *u, kida_str name)
{
    u->fn->own_context = true;
    kd_emit(u, KD_OP_STORE_NAME, 0, 0, kd_name_number(u->c, name));
}

/* Whether a def reads this name from a scope around it before it looks into its context. */
static bool
is_scoped_outside(const kd_unit *u, kida_str name)
{
    for (const kd_fn *fn = u->fn->outer; fn; fn = fn->outer)
        if (find_binding(&fn->all_scoped, name))
            return true;
    return false;
}

static void
store_scoped(kd_unit *u, kida_str name, uint32_t depth)
{
    for (size_t i = u->fn->scoped.count; i > 0; i--) {
        kd_binding *b = binding_at(&u->fn->scoped, i - 1);
        if (b->scope == depth && kida_str_equal(b->name, name)) {
            kd_emit(u, KD_OP_STORE, 0, b->local, 0);
            return;
        }
    }
    kd_emit(u, KD_OP_STORE, 0, kd_bind_scoped(u, name), 0);
}

void
kd_store_set(kd_unit *u, kida_str name)
{
    uint32_t depth = (uint32_t)u->fn->scopes.count;
    if (depth > 0) {
        store_scoped(u, name, depth);
        return;
    }
    if (is_scoped_outside(u, name)) { /* what a def sets comes before the scopes around it */
        kd_emit(u, KD_OP_DUP, 0, 0, 0);
        store_scoped(u, name, 0);
    }
    kd_store_context(u, name);
}

/* ---- look-up --------------------------------------------------------------------------------- */

/* Whether some unit from u outwards, within its function, is a slot body that a binding could
 * reach before the name's own binding does. */
static bool
may_be_slot_binding(const kd_unit *u, const kd_binding *local)
{
    for (const kd_unit *at = u; at; at = at->outer) {
        if (local && local->unit == at)
            return false;
        if (at->is_slot)
            return true;
    }
    return false;
}

int32_t
kd_sure_local(const kd_unit *u, kida_str name)
{
    const kd_binding *b = find_binding(&u->fn->locals, name);
    if (!b || b->kind != KD_BIND_LOCAL || may_be_slot_binding(u, b))
        return -1;
    return b->local;
}

bool
kd_is_free_name(const kd_unit *u, kida_str name)
{
    if (may_be_slot_binding(u, NULL) || kida_str_equal(name, KIDA_S("caller")))
        return false;
    if (find_binding(&u->fn->locals, name) || find_binding(&u->fn->scoped, name))
        return false;
    for (const kd_fn *fn = u->fn->outer; fn; fn = fn->outer)
        if (find_binding(&fn->locals, name) || find_binding(&fn->all_scoped, name))
            return false;
    return true;
}

/* Names of the functions around a def: their parameters, then what is set in their scopes. */
static void
load_outer(kd_unit *u, kida_str name, kd_label *done)
{
    unsigned level = 0;
    for (const kd_fn *fn = u->fn->outer; fn && level < UINT8_MAX; fn = fn->outer) {
        level++;
        const kd_binding *b = find_binding(&fn->locals, name);
        if (b && b->kind == KD_BIND_LOCAL)
            kd_jump(u, KD_OP_UP_OR, level, b->local, done);
        for (size_t i = fn->all_scoped.count; i > 0; i--) {
            b = binding_at(&fn->all_scoped, i - 1);
            if (kida_str_equal(b->name, name))
                kd_jump(u, KD_OP_UP_OR, level, b->local, done);
        }
    }
}

void
kd_load_name(kd_unit *u, const kd_node *node, bool soft)
{
    kida_str name = node->name;
    kd_label done;
    kd_label_init(&done);
    const kd_binding *local = find_binding(&u->fn->locals, name);
    if (may_be_slot_binding(u, local))
        kd_jump(u, KD_OP_BINDING_OR, 0, kd_name_number(u->c, name), &done);
    if (local) {
        kd_emit(u, local->kind == KD_BIND_LOOP ? KD_OP_LOOP : KD_OP_LOCAL, 0, local->local, 0);
        kd_place_label(u, &done);
        return;
    }
    for (size_t i = u->fn->scoped.count; i > 0; i--) {
        kd_binding *b = binding_at(&u->fn->scoped, i - 1);
        if (kida_str_equal(b->name, name))
            kd_jump(u, KD_OP_LOCAL_OR, 0, b->local, &done);
    }
    load_outer(u, name, &done);
    if (kida_str_equal(name, KIDA_S("caller")))
        kd_jump(u, KD_OP_CALLER, 0, 0, &done);
    u->fn->reads_names = true;
    kd_emit(u, soft ? KD_OP_NAME_SOFT : KD_OP_NAME, 0, 0, kd_name_number(u->c, name));
    kd_place_label(u, &done);
}

/* ---- what an included template sees ---------------------------------------------------------- */

static void
add_visible(kd_compiler *c, kd_vec *out, const kd_binding *b, unsigned up)
{
    for (size_t i = 0; i < out->count; i++)
        if (kida_str_equal(KD_VEC_AT(kd_visible, *out, i)->name.text, b->name))
            return;
    kd_visible *v = kd_vec_add(c, out, sizeof *v);
    if (!v)
        return;
    v->name.text = kd_copy_str(c, b->name);
    v->name.hash = kd_hash_str(b->name);
    v->local = b->local;
    v->up = (uint8_t)up;
    v->is_loop = b->kind == KD_BIND_LOOP;
}

void
kd_visible_names(kd_unit *u, kd_include_site *site)
{
    kd_vec out = { 0 };
    for (size_t i = u->fn->locals.count; i > 0; i--)
        add_visible(u->c, &out, binding_at(&u->fn->locals, i - 1), 0);
    site->copies = out.count > 0;
    unsigned level = 0;
    for (const kd_fn *fn = u->fn->outer; fn && level < UINT8_MAX; fn = fn->outer) {
        level++;
        for (size_t i = fn->locals.count; i > 0; i--)
            if (binding_at(&fn->locals, i - 1)->kind == KD_BIND_LOCAL) {
                add_visible(u->c, &out, binding_at(&fn->locals, i - 1), level);
                site->copies = true;
            }
    }
    for (size_t i = u->fn->scoped.count; i > 0; i--)
        add_visible(u->c, &out, binding_at(&u->fn->scoped, i - 1), 0);
    site->visible = kd_copy_items(u->c, out.items, out.count, sizeof(kd_visible));
    site->visible_count = (uint32_t)out.count;
}
