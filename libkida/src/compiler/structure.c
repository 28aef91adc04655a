/* SPDX-License-Identifier: MIT */
/* structure.c - blocks, includes, imports, embeds, extends. */
#include "compiler/unit.h"

#include <string.h>

/* ---- block ----------------------------------------------------------------------------------- */

static uint32_t
block_place(kd_unit *u, kida_str name, uint32_t own)
{
    kd_compiler *c = u->c;
    kd_block_site *site = kd_vec_add(c, &c->places, sizeof *site);
    if (site) {
        site->name.text = kd_copy_str(c, name);
        site->name.hash = kd_hash_str(name);
        site->own = own;
    }
    return (uint32_t)(c->places.count - 1);
}

static uint32_t
own_block(const kd_compiler *c, kida_str name)
{
    for (size_t i = 0; i < c->blocks.count; i++)
        if (kida_str_equal(KD_VEC_AT(kd_block, c->blocks, i)->name.text, name))
            return (uint32_t)i;
    return UINT32_MAX;
}

/* Code of an embed override: runs in the frame of the embed tag. Its place in the list is taken
 * before the blocks inside it take theirs, because of several with one name the last counts. */
static void
override_body(kd_unit *u, kd_embed *embed, kd_node *block, kd_node *condition)
{
    kd_compiler *c = u->c;
    kd_unit inner;
    kd_label end;
    size_t number = embed->overrides.count;
    if (!kd_vec_add(c, &embed->overrides, sizeof(kd_slot_body)))
        return;
    kd_label_init(&end);
    kd_unit_init(&inner, c, u->fn, u);
    inner.embed = embed;
    inner.place = block;
    size_t mark = kd_locals_mark(u);
    kd_slot_body made = { .first_local = u->fn->next_local };
    if (condition) {
        kd_expr(&inner, condition);
        kd_jump(&inner, KD_OP_JUMP_FALSE, 0, 0, &end);
    }
    kd_body(&inner, block->c);
    kd_place_label(&inner, &end);
    kd_locals_release(u, mark);
    made.name = kd_copy_str(c, block->name);
    made.code = kd_reserve_code(c);
    kd_unit_finish(&inner, made.code, KD_CODE_SLOT, block->name);
    made.local_count = u->fn->next_local - made.first_local;
    *KD_VEC_AT(kd_slot_body, embed->overrides, number) = made;
}

void
kd_st_block(kd_unit *u, kd_node *node)
{
    if (node->flags & KD_F_FRAGMENT)
        return; /* silent in a page */
    kd_label end;
    kd_label_init(&end);
    if (node->b) {
        kd_expr(u, node->b);
        kd_jump(u, KD_OP_JUMP_FALSE, 0, 0, &end);
    }
    uint32_t own = UINT32_MAX;
    if (u->embed)
        override_body(u, u->embed, node, NULL); /* a block in an override belongs to the embed */
    else
        own = own_block(u->c, node->name);
    kd_emit(u, KD_OP_BLOCK, 0, 0, block_place(u, node->name, own));
    kd_place_label(u, &end);
}

/* A block is a function of its own; its condition stands in front, for when it overrides. */
void
kd_compile_block(kd_compiler *c, kd_node *node)
{
    kd_fn fn;
    kd_unit u;
    kd_fn_init(&fn, NULL, KD_CODE_BLOCK);
    kd_unit_init(&u, c, &fn, NULL);
    u.place = node;
    kd_label end;
    kd_label_init(&end);
    if (node->b) {
        kd_expr(&u, node->b);
        kd_jump(&u, KD_OP_JUMP_FALSE, 0, 0, &end);
    }
    uint32_t body_at = kd_here(&u);
    kd_body(&u, node->c);
    kd_place_label(&u, &end);
    kd_compile_deferred(&u);
    uint32_t number = KD_VEC_AT(kd_block, c->blocks, own_block(c, node->name))->code;
    kd_unit_finish(&u, number, KD_CODE_BLOCK, node->name);
    if (c->status != KIDA_OK)
        return;
    kd_code *code = KD_VEC_AT(kd_code, c->codes, number);
    code->body_at = body_at;
    code->tag_line = node->place.line;
}

/* ---- include, embed -------------------------------------------------------------------------- */

static uint32_t
add_include(kd_compiler *c, const kd_include_site *site)
{
    kd_include_site *slot = kd_vec_add(c, &c->includes, sizeof *slot);
    if (slot)
        *slot = *site;
    return (uint32_t)(c->includes.count - 1);
}

void
kd_st_include(kd_unit *u, kd_node *node)
{
    kd_expr(u, node->a);
    u->place = node;
    kd_include_site site = { 0 };
    site.ignore_missing = (node->flags & KD_F_IGNORE_MISSING) != 0;
    site.without_context = (node->flags & KD_F_WITHOUT_CONTEXT) != 0;
    if (!site.without_context)
        kd_visible_names(u, &site);
    u->fn->own_context = true; /* what is included may assign */
    kd_emit(u, KD_OP_INCLUDE, 0, 0, add_include(u->c, &site));
}

void
kd_st_embed(kd_unit *u, kd_node *node)
{
    kd_expr(u, node->a);
    u->place = node;
    kd_include_site site = { 0 };
    site.without_context = (node->flags & KD_F_WITHOUT_CONTEXT) != 0;
    if (!site.without_context)
        kd_visible_names(u, &site);
    kd_embed embed = { { 0 } };
    for (kd_node *b = node->b; b; b = b->next)
        override_body(u, &embed, b, b->b);
    site.overrides = kd_copy_items(u->c, embed.overrides.items, embed.overrides.count,
                             sizeof(kd_slot_body));
    site.override_count = (uint32_t)embed.overrides.count;
    u->fn->own_context = true;
    u->place = node;
    kd_emit(u, KD_OP_EMBED, 0, 0, add_include(u->c, &site));
}

/* ---- import, from, extends ------------------------------------------------------------------- */

void
kd_st_import(kd_unit *u, kd_node *node)
{
    kd_expr(u, node->a);
    u->place = node;
    kd_emit(u, KD_OP_IMPORT, node->flags & KD_F_WITH_CONTEXT ? KD_C_CONTEXT : 0, 0, 0);
    kd_store_context(u, node->name);
}

void
kd_st_from(kd_unit *u, kd_node *node)
{
    kd_compiler *c = u->c;
    kd_expr(u, node->a);
    u->place = node;
    kd_vec names = { 0 };
    for (kd_node *n = node->b; n; n = n->next) {
        kida_str *name = kd_vec_add(c, &names, sizeof *name);
        if (name)
            *name = kd_copy_str(c, n->name);
    }
    kd_from_site *site = kd_vec_add(c, &c->froms, sizeof *site);
    if (!site)
        return;
    site->names = kd_copy_items(c, names.items, names.count, sizeof(kida_str));
    site->count = (uint32_t)names.count;
    kd_emit(u, KD_OP_FROM, node->flags & KD_F_WITH_CONTEXT ? KD_C_CONTEXT : 0, 0,
            (uint32_t)(c->froms.count - 1));
    for (kd_node *n = node->b; n; n = n->next) {
        kida_str alias = kida_as_str(n->value);
        kd_store_context(u, alias.len ? alias : n->name);
    }
}

void
kd_st_extends(kd_unit *u, kd_node *node)
{
    kd_expr(u, node->a);
    u->place = node;
    kd_emit(u, KD_OP_EXTENDS, 0, 0, 0);
}
