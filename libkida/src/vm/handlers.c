/* SPDX-License-Identifier: MIT */
/* handlers.c - try and guard: what catches a failure, and what is taken back before it goes on. */
#include "vm/vm.h"

static bool
catches(const kd_handler *h, kida_status st)
{
    if (h->kind == KD_HANDLER_GUARD)
        return st == KIDA_E_UNDEFINED;
    kida_error_class class_ = kida_status_class(st);
    return class_ == KIDA_CLASS_UNDEFINED || class_ == KIDA_CLASS_RUNTIME;
}

static void
push_handler(kd_vm *vm, kd_handler *h, kd_handler_kind kind, kd_frame *f, uint32_t pc,
             const kida_value *sp)
{
    h->kind = kind;
    h->frame = f;
    h->pc = pc;
    h->height = (uint32_t)(sp - f->stack);
    h->out_mark = (size_t)(vm->out.at - vm->out.base);
    h->places = vm->out.place_count;
    h->held = vm->out.held;
    h->valued = vm->out.valued;
    h->undo = vm->undo.count;
    h->provided = vm->provided.count;
    h->captures = vm->captures.count;
}

static void
note_place(kd_vm *vm, const kd_frame *f)
{
    kida_error *err = vm->rt.err;
    if (err->line == 0)
        kd_error_place(err, f->tpl->name, f->tpl->source, kd_code_place(f->code, kd_frame_pc(f)));
}

/* Takes back what was begun since the handler was set: output, captures, with, provide. */
static void
unwind(kd_vm *vm, const kd_handler *h)
{
    vm->out.at = vm->out.base + h->out_mark;
    if (vm->out.place_count > h->places)
        vm->out.place_count = h->places;
    vm->out.held = h->held;
    vm->out.valued = h->valued;
    kd_vm_with_pop(vm, vm->undo.count - h->undo);
    vm->provided.count = h->provided;
    vm->captures.count = h->captures;
}

/* Finds the handler of this frame that takes st; drops those that don't. NULL: none. */
const kd_handler *
kd_vm_handle(kd_vm *vm, kd_frame *f, kida_status st)
{
    kd_handler *all = vm->handlers.items;
    while (vm->handlers.count > 0 && all[vm->handlers.count - 1].frame == f) {
        const kd_handler *h = &all[--vm->handlers.count];
        if (!catches(h, st))
            continue;
        if (h->kind == KD_HANDLER_TRY)
            note_place(vm, f);
        unwind(vm, h);
        return h;
    }
    note_place(vm, f);
    return NULL;
}

void
kd_vm_drop_handler(kd_vm *vm)
{
    kd_handler *all = vm->handlers.items;
    if (vm->handlers.count == 0)
        return;
    const kd_handler *h = &all[--vm->handlers.count];
    if (h->kind == KD_HANDLER_TRY)
        vm->out.held--;
}

kida_status
kd_vm_open(kd_vm *vm, kd_frame *f, kd_handler_kind kind, uint32_t pc, const kida_value *sp)
{
    kd_handler *h = kd_array_add(vm, &vm->handlers, sizeof *h);
    if (!h)
        return KIDA_E_NOMEM;
    push_handler(vm, h, kind, f, pc, sp);
    if (kind == KD_HANDLER_TRY)
        vm->out.held++;
    return KIDA_OK;
}
