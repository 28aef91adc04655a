/* SPDX-License-Identifier: MIT */
/* steps.c - instructions that are longer than a case of the loop should be. */
#include "vm/vm.h"

#include <string.h>

kida_status
kd_vm_list(kd_vm *vm, const kida_value *items, uint32_t count, kida_value *out)
{
    *out = kd_list_make(&vm->pool, count);
    if (!kd_is(*out, KIDA_LIST))
        return kd_fail_memory(&vm->call);
    kd_list *list = kd_list_of(*out);
    if (count)
        memcpy(list->items, items, count * sizeof *items);
    list->count = count;
    return KIDA_OK;
}

kida_status
kd_vm_dict(kd_vm *vm, const kida_value *pairs, uint32_t count, kida_value *out)
{
    *out = kd_dict_make(&vm->pool, count);
    if (!kd_is(*out, KIDA_DICT))
        return kd_fail_memory(&vm->call);
    kida_status st = KIDA_OK;
    for (uint32_t i = 0; i < count && st == KIDA_OK; i++)
        st = kd_dict_put(&vm->call, kd_dict_of(*out), pairs[2 * i], pairs[2 * i + 1]);
    return st;
}

kida_status
kd_vm_match(kida_value v, uint32_t count, kida_value *out, bool *matched)
{
    *matched = (kd_is(v, KIDA_LIST) || kd_is(v, KIDA_TUPLE)) && kida_length(v) == count;
    for (uint32_t i = 0; *matched && i < count; i++)
        out[count - 1 - i] = kida_item_at(v, i);
    return KIDA_OK;
}

kida_status
kd_vm_await(kd_vm *vm, kida_value *v)
{
    if (!kd_is(*v, KIDA_OBJECT) || v->head_ & KIDA_FLAG_STRUCT_)
        return kida_fail(&vm->call, KIDA_E_RUNTIME, "a value of type %s can't be awaited",
                         kida_kind_name(*v));
    const kida_object_type *type = (const kida_object_type *)(uintptr_t)(v->head_ >> 16);
    if (!type->await_)
        return kida_fail(&vm->call, KIDA_E_RUNTIME, "a value of type %s can't be awaited",
                         type->name);
    return type->await_(&vm->call, v->u_.p, v);
}

/* METHOD_SAFE: the callee of a?.m(…), or false if the call is skipped. */
kida_status
kd_vm_safe_method(kd_vm *vm, kida_value *top, const kd_name *attr, bool *callable)
{
    *callable = false;
    kida_value found = kida_none();
    if (!kd_is(*top, KIDA_NONE)) {
        kida_status st = kd_vm_attr_soft(vm, *top, attr, &found);
        if (st != KIDA_OK)
            return st;
    }
    bool text = kd_is(found, KIDA_STRING) && kida_as_str(found).len == 0; /* none through a dot */
    *callable = !kd_is_nothing(found) && !text;
    *top = *callable ? found : kida_undefined();
    return KIDA_OK;
}

kida_status
kd_vm_capture(kd_vm *vm)
{
    kd_capture *c = kd_array_add(vm, &vm->captures, sizeof *c);
    if (!c)
        return KIDA_E_NOMEM;
    c->mark = kd_capture_begin(vm);
    return KIDA_OK;
}

kida_status
kd_vm_capture_end(kd_vm *vm, kida_value *out)
{
    const kd_capture *all = vm->captures.items;
    return kd_capture_end(vm, all[--vm->captures.count].mark, false, out);
}

void
kd_vm_discard_end(kd_vm *vm)
{
    const kd_capture *all = vm->captures.items;
    vm->out.at = vm->out.base + all[--vm->captures.count].mark;
    vm->out.held--;
    vm->out.valued--;
}

kida_status
kd_vm_provide(kd_vm *vm, kida_value key, kida_value v)
{
    kd_provided *p = kd_array_add(vm, &vm->provided, sizeof *p);
    if (!p)
        return KIDA_E_NOMEM;
    p->key = kida_as_str(key);
    p->v = v;
    return KIDA_OK;
}

kida_status
kd_vm_flush(kd_vm *vm)
{
    if (vm->out.held || !vm->options)
        return KIDA_OK;
    kida_status st = vm->options->stream ? kd_out_flush(vm) : KIDA_OK;
    if (st == KIDA_OK && vm->options->flush)
        st = vm->options->flush(vm->out.user);
    return st;
}

kida_status
kd_vm_import_dict(kd_vm *vm, kida_value name, bool with_context, kida_value *out)
{
    kd_ctx *ctx;
    kida_status st = kd_vm_import(vm, name, with_context, &ctx);
    return st == KIDA_OK ? kd_ctx_dict(vm, ctx, out) : st;
}
