/* SPDX-License-Identifier: MIT */
/* emit.c - instructions, labels, pending text and the tables that instructions index. */
#include "compiler/unit.h"
#include "value/methods.h"

#include <string.h>

void *
kd_vec_add(kd_compiler *c, kd_vec *v, size_t item_size)
{
    if (v->count == v->room) {
        size_t room = v->room ? v->room * 2 : 8;
        void *items = kd_arena_resize(c->scratch, v->items, v->room * item_size, room * item_size);
        if (!items) {
            if (c->status == KIDA_OK)
                c->status = kd_error_set(c->err, KIDA_E_NOMEM, "out of memory while compiling");
            return NULL;
        }
        v->items = items;
        v->room = room;
    }
    void *item = (char *)v->items + v->count++ * item_size;
    memset(item, 0, item_size);
    return item;
}

void
kd_compile_fail(kd_compiler *c, kida_status status, const kd_node *at, const char *format, ...)
{
    if (c->status != KIDA_OK)
        return;
    va_list args;
    va_start(args, format);
    c->status = kd_error_setv(c->err, status, format, args);
    va_end(args);
    if (at)
        kd_error_place(c->err, c->tpl->name, c->tpl->source, at->place);
}

static void
no_memory(kd_compiler *c)
{
    if (c->status == KIDA_OK)
        c->status = kd_error_set(c->err, KIDA_E_NOMEM, "out of memory while compiling");
}

void *
kd_copy_items(kd_compiler *c, const void *items, size_t count, size_t item_size)
{
    if (count == 0)
        return NULL;
    void *kept = kd_arena_array(&c->tpl->pool, count, item_size);
    if (!kept) {
        no_memory(c);
        return NULL;
    }
    memcpy(kept, items, count * item_size);
    return kept;
}

kida_str
kd_copy_str(kd_compiler *c, kida_str text)
{
    kida_str kept = kd_arena_str(&c->tpl->pool, text);
    if (!kept.ptr) {
        no_memory(c);
        return KIDA_S("");
    }
    return kept;
}

/* ---- tables ---------------------------------------------------------------------------------- */

/* Number of text in an index, or the number it gets: *fresh tells which. */
static uint32_t
indexed(kd_compiler *c, kd_dict *index, kida_str text, size_t next, bool *fresh)
{
    kd_entry *found = kd_dict_find_hashed(index, text, kd_hash_str(text));
    *fresh = !found;
    if (found)
        return (uint32_t)found->item.u_.i;
    if (!kd_dict_put_str(index, text, kida_int((int64_t)next)))
        no_memory(c);
    return (uint32_t)next;
}

/* Texts may be read KD_TEXT_PADDING bytes past their end: the vm copies them in whole steps. */
static kida_str
padded_str(kd_compiler *c, kida_str text)
{
    char *kept = kd_arena_alloc(&c->tpl->pool, text.len + KD_TEXT_PADDING);
    if (!kept) {
        no_memory(c);
        return KIDA_S("");
    }
    memcpy(kept, text.ptr, text.len);
    memset(kept + text.len, 0, KD_TEXT_PADDING);
    kida_str out = { kept, text.len };
    return out;
}

uint32_t
kd_text_number(kd_compiler *c, kida_str text)
{
    bool fresh;
    kida_str kept = padded_str(c, text);
    uint32_t number = indexed(c, c->text_index, kept, c->texts.count, &fresh);
    if (fresh) {
        kida_str *slot = kd_vec_add(c, &c->texts, sizeof *slot);
        if (slot)
            *slot = kept;
    }
    return number;
}

static uint32_t
named(kd_compiler *c, kd_dict *index, kd_vec *table, kida_str name)
{
    bool fresh;
    uint32_t number = indexed(c, index, name, table->count, &fresh);
    if (fresh) {
        kd_name *slot = kd_vec_add(c, table, sizeof *slot);
        if (slot) {
            slot->text = kd_copy_str(c, name);
            slot->hash = kd_hash_str(name);
        }
    }
    return number;
}

uint32_t
kd_name_number(kd_compiler *c, kida_str name)
{
    return named(c, c->name_index, &c->names, name);
}

uint32_t
kd_attr_number(kd_compiler *c, kida_str name)
{
    return named(c, c->attr_index, &c->attrs, name);
}

uint32_t
kd_const_number(kd_compiler *c, kida_value v)
{
    kida_value *slot = kd_vec_add(c, &c->constants, sizeof *slot);
    if (!slot)
        return 0;
    kida_call call = { .rt = &c->rt };
    if (kd_keep(&call, &c->tpl->pool, &v) != KIDA_OK) /* it may be in the source or in scratch */
        no_memory(c);
    *slot = v;
    return (uint32_t)(c->constants.count - 1);
}

/* ---- instructions ---------------------------------------------------------------------------- */

static void
note_place(kd_unit *u, uint32_t pc)
{
    const kd_node *n = u->place;
    kd_line line = { .pc = pc };
    if (n) {
        line.line = n->tag_line ? n->tag_line : n->place.line;
        bool same = n->place.line == line.line;
        line.column = same ? n->place.column : 0;
        line.end = same ? n->place.end : 0;
    }
    if (u->lines.count) {
        kd_line *last = KD_VEC_AT(kd_line, u->lines, u->lines.count - 1);
        if (last->line == line.line && last->column == line.column && last->end == line.end)
            return;
    }
    kd_line *slot = kd_vec_add(u->c, &u->lines, sizeof *slot);
    if (slot)
        *slot = line;
}

static uint32_t
put(kd_unit *u, kd_op op, unsigned c, uint32_t b, uint32_t a)
{
    uint32_t pc = (uint32_t)u->insns.count;
    kd_insn *in = kd_vec_add(u->c, &u->insns, sizeof *in);
    if (!in)
        return 0;
    if (b > UINT16_MAX)
        kd_compile_fail(u->c, KIDA_E_PARSE, u->place, "the template is too large to compile");
    in->op = (uint8_t)op;
    in->c = (uint8_t)c;
    in->b = (uint16_t)b;
    in->a = a;
    note_place(u, pc);
    return pc;
}

static void
flush_text(kd_unit *u)
{
    if (u->text.len == 0)
        return;
    kida_str text = u->text;
    u->text.len = 0;
    put(u, KD_OP_EMIT_TEXT, 0, 0, kd_text_number(u->c, text));
}

/* The instruction that puts out a text and then does what op does, or NOP. Nothing can jump in
 * between: where a label is placed, pending text is put out first. */
static kd_op
with_text(const kd_unit *u, kd_op op)
{
    if (u->text.len == 0 || !u->c->resolver->optimize)
        return KD_OP_NOP;
    return op == KD_OP_EMIT_LOCAL ? KD_OP_EMIT_TEXT_LOCAL
           : op == KD_OP_RETURN   ? KD_OP_RETURN_TEXT
                                  : KD_OP_NOP;
}

uint32_t
kd_emit(kd_unit *u, kd_op op, unsigned c, uint32_t b, uint32_t a)
{
    kd_op joined = with_text(u, op);
    if (joined != KD_OP_NOP) {
        kida_str text = u->text;
        u->text.len = 0;
        return put(u, joined, c, b, kd_text_number(u->c, text));
    }
    flush_text(u);
    return put(u, op, c, b, a);
}

uint32_t
kd_here(kd_unit *u)
{
    flush_text(u);
    return (uint32_t)u->insns.count;
}

void
kd_emit_text(kd_unit *u, kida_str text)
{
    if (text.len == 0)
        return;
    if (u->text.len == 0 || !u->c->resolver->optimize) {
        flush_text(u);
        u->text = text;
        return;
    }
    char *joined = kd_arena_alloc(u->c->scratch, u->text.len + text.len);
    if (!joined) {
        no_memory(u->c);
        return;
    }
    memcpy(joined, u->text.ptr, u->text.len);
    memcpy(joined + u->text.len, text.ptr, text.len);
    u->text.ptr = joined;
    u->text.len += text.len;
}

void
kd_emit_const(kd_unit *u, kida_value v)
{
    kd_emit(u, KD_OP_CONST, 0, 0, kd_const_number(u->c, v));
}

void
kd_label_init(kd_label *l)
{
    memset(l, 0, sizeof *l);
    l->at = UINT32_MAX;
}

void
kd_jump(kd_unit *u, kd_op op, unsigned c, uint32_t b, kd_label *l)
{
    uint32_t pc = kd_emit(u, op, c, b, l->at);
    if (l->at != UINT32_MAX)
        return;
    kd_vec uses = { l->uses, l->count, l->room };
    uint32_t *slot = kd_vec_add(u->c, &uses, sizeof *slot);
    if (slot)
        *slot = pc;
    l->uses = uses.items;
    l->count = uses.count;
    l->room = uses.room;
}

void
kd_place_label(kd_unit *u, kd_label *l)
{
    l->at = kd_here(u);
    for (size_t i = 0; i < l->count; i++)
        KD_VEC_AT(kd_insn, u->insns, l->uses[i])->a = l->at;
}

/* ---- units ----------------------------------------------------------------------------------- */

uint32_t
kd_reserve_code(kd_compiler *c)
{
    kd_vec_add(c, &c->codes, sizeof(kd_code));
    return (uint32_t)(c->codes.count - 1);
}

void
kd_unit_init(kd_unit *u, kd_compiler *c, kd_fn *fn, kd_unit *outer)
{
    memset(u, 0, sizeof *u);
    u->c = c;
    u->fn = fn;
    u->outer = outer;
    u->binding_base = fn->locals.count;
    if (outer) {
        u->place = outer->place;
        u->embed = outer->embed;
    }
}

void
kd_unit_finish(kd_unit *u, uint32_t number, kd_code_kind kind, kida_str name)
{
    kd_compiler *c = u->c;
    kd_emit(u, KD_OP_RETURN, 0, 0, 0);
    if (c->status != KIDA_OK)
        return;
    kd_code *code = KD_VEC_AT(kd_code, c->codes, number);
    code->kind = kind;
    code->name = kd_copy_str(c, name);
    code->insns = kd_copy_items(c, u->insns.items, u->insns.count, sizeof(kd_insn));
    code->insn_count = (uint32_t)u->insns.count;
    code->lines = kd_copy_items(c, u->lines.items, u->lines.count, sizeof(kd_line));
    code->line_count = (uint32_t)u->lines.count;
    if (u->fn->next_local > UINT16_MAX)
        kd_compile_fail(c, KIDA_E_PARSE, NULL, "the template has too many variables");
    code->local_count = (uint16_t)u->fn->next_local;
    code->own_context = u->fn->own_context;
    code->has_slots = u->fn->has_slots;
}
