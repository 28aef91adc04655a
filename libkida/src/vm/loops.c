/* SPDX-License-Identifier: MIT */
/* loops.c - what a for loop walks, and the `loop` variable. */
#include "vm/vm.h"

#include <string.h>

static kida_status
set_items(kd_vm *vm, kd_loop *loop, kida_value over)
{
    if (kd_is(over, KIDA_LIST)) {
        loop->list = kd_list_of(over);
        return KIDA_OK;
    }
    if (kd_is(over, KIDA_TUPLE)) {
        loop->items = kd_tuple_items(over);
        loop->count = kd_tuple_count(over);
        return KIDA_OK;
    }
    if (kd_is(over, KIDA_NONE) || kd_is(over, KIDA_UNDEFINED))
        return KIDA_OK;
    loop->generic = true;
    return kd_iter_init(&vm->call, &loop->iter, over);
}

/* Takes the rest of a walk into an array, so that length and the next item are known. */
static kida_status
materialise(kida_call *call, kd_loop *loop)
{
    kida_value rest;
    if (loop->list) {
        kd_list *from = loop->list;
        kida_value copy = kd_tuple_make(call->rt->pool, from->items, from->count);
        if (!kd_is(copy, KIDA_TUPLE))
            return kd_fail_memory(call);
        loop->items = kd_tuple_items(copy);
        loop->count = from->count;
        loop->list = NULL;
        return KIDA_OK;
    }
    if (!loop->generic)
        return KIDA_OK;
    rest = kd_list_make(call->rt->pool, loop->index + 8);
    if (!kd_is(rest, KIDA_LIST))
        return kd_fail_memory(call);
    kd_list *list = kd_list_of(rest);
    for (size_t i = 0; i + 2 < loop->index; i++) /* items gone by: only two are ever asked for */
        if (!kd_list_push(list, kida_none()))
            return kd_fail_memory(call);
    if (loop->index > 1 && !kd_list_push(list, loop->previous))
        return kd_fail_memory(call);
    if (loop->index > 0 && !kd_list_push(list, loop->current))
        return kd_fail_memory(call);
    for (;;) {
        kida_value item;
        kida_status st = kida_iter_next(call, &loop->iter, &item);
        if (st != KIDA_OK)
            return st;
        if (kd_is_absent(item))
            break;
        if (!kd_list_push(list, item))
            return kd_fail_memory(call);
    }
    loop->generic = false;
    loop->items = list->items;
    loop->count = list->count;
    return KIDA_OK;
}

kida_status
kd_loop_begin(kd_vm *vm, kida_value over, unsigned flags, kd_loop **out)
{
    kd_loop *loop = vm->free_loops;
    if (loop)
        vm->free_loops = loop->next_free;
    else
        loop = kd_arena_alloc(&vm->pool, sizeof *loop);
    if (!loop)
        return kd_fail_memory(&vm->call);
    memset(loop, 0, sizeof *loop);
    if (flags & KD_C_ASYNC) {
        const kida_object_type *type = NULL;
        if (kd_is(over, KIDA_OBJECT) && !(over.head_ & KIDA_FLAG_STRUCT_))
            type = (const kida_object_type *)(uintptr_t)(over.head_ >> 16);
        if (!type || !(type->flags & KIDA_OBJECT_ASYNC))
            return kida_fail(&vm->call, KIDA_E_RUNTIME, "async for wants an asynchronous iterable, "
                             "not %s", kida_kind_name(over));
    }
    kida_status st = set_items(vm, loop, over);
    if (st != KIDA_OK && kd_is(over, KIDA_INT))
        (void)kida_fail_hint(&vm->call, "to count, write a range: 1..n");
    if (st == KIDA_OK && flags & KD_C_MATERIAL && !(flags & KD_C_ASYNC))
        st = materialise(&vm->call, loop);
    *out = loop;
    return st;
}

kida_status
kd_loop_next_slow(kd_vm *vm, kd_loop *loop, kida_value *out)
{
    if (!loop->generic) {
        *out = kd_absent();
        return KIDA_OK;
    }
    kida_status st = kd_iter_next(&vm->call, &loop->iter, out);
    if (st == KIDA_OK && !kd_is_absent(*out)) {
        loop->index++;
        loop->previous = loop->current;
        loop->current = *out;
    }
    return st;
}

void
kd_loop_end(kd_vm *vm, kida_value *slot)
{
    kd_loop *loop = slot->u_.p;
    *slot = kd_absent();
    if (!loop || loop->escaped)
        return;
    loop->next_free = vm->free_loops;
    vm->free_loops = loop;
}

/* ---- the loop variable ----------------------------------------------------------------------- */

static size_t
loop_length(const kd_loop *loop)
{
    return loop->list ? loop->list->count : loop->count;
}

static kida_value
loop_item(const kd_loop *loop, size_t index)
{
    size_t count = loop_length(loop);
    const kida_value *items = loop->list ? loop->list->items : loop->items;
    return index < count ? items[index] : kida_none();
}

static kida_status
cycle(kida_call *call, kida_value *out)
{
    kd_loop *loop = kida_call_user(call);
    size_t count = kida_rest_count(call);
    *out = count ? kida_rest(call, (loop->index - 1) % count) : kida_none();
    return KIDA_OK;
}

static const kida_param cycle_params[] = { { "*values", KIDA_IN_ANY, NULL }, { NULL, 0, NULL } };
static const kida_function cycle_row = { "cycle", cycle, cycle_params, 0, "the values in turn" };

static bool
is(kida_str name, const char *text)
{
    return kida_str_equal(name, kida_str_from(text));
}

kida_status
kd_loop_attr(kida_call *call, kd_loop *loop, kida_str name, kida_value *out)
{
    size_t at = loop->index ? loop->index - 1 : 0;
    *out = kd_absent();
    if (is(name, "index"))
        *out = kida_int((int64_t)at + 1);
    else if (is(name, "index0"))
        *out = kida_int((int64_t)at);
    else if (is(name, "first"))
        *out = kida_bool(at == 0);
    else if (is(name, "cycle"))
        return kida_function_value(call->rt->pool, &cycle_row, loop, out);
    if (!kd_is_absent(*out))
        return KIDA_OK;
    static const char *const known[] = { "last", "length", "revindex", "revindex0", "previtem",
                                         "nextitem" };
    size_t which = 0;
    while (which < KD_COUNT(known) && !is(name, known[which]))
        which++;
    if (which == KD_COUNT(known))
        return KIDA_OK;
    if (loop->generic) {
        kida_status st = materialise(call, loop);
        if (st != KIDA_OK)
            return st;
    }
    size_t count = loop_length(loop);
    size_t rest = count > at ? count - at : 0;
    switch (which) {
    case 0: *out = kida_bool(rest <= 1); break;
    case 1: *out = kida_int((int64_t)count); break;
    case 2: *out = kida_int((int64_t)rest); break;
    case 3: *out = kida_int((int64_t)rest - 1); break;
    case 4: *out = at ? loop_item(loop, at - 1) : kida_none(); break;
    default: *out = loop_item(loop, at + 1); break;
    }
    return KIDA_OK;
}

static kida_status
loop_attribute(kida_call *call, void *self, kida_str name, kida_value *out)
{
    return kd_loop_attr(call, self, name, out);
}

const kida_object_type kd_loop_type = {
    .size = sizeof(kida_object_type),
    .name = "LoopContext",
    .attribute = loop_attribute,
};
