/* SPDX-License-Identifier: MIT */
/* filters.c - running filters and tests of the environment. */
#include "vm/vm.h"

/* Self as the row wants it: nothing guarded is undefined, text is what `{{ v }}` would show. */
kida_status
kd_filter_self(kd_vm *vm, unsigned flags, kida_value *self)
{
    if (kd_is_absent(*self))
        *self = kida_undefined();
    if (!(flags & KIDA_TEXT_IN))
        return KIDA_OK;
    if (kd_is(*self, KIDA_STRING)) {
        self->head_ &= ~(uint64_t)KIDA_FLAG_SAFE_;
        return KIDA_OK;
    }
    kida_str text;
    kida_status st = kd_to_str(&vm->call, *self, &text);
    if (st == KIDA_OK)
        *self = kida_string(text);
    return st;
}

static kida_status
bind_site(kd_vm *vm, void *user, kida_call *call, const kd_signature *signature, const char *name,
          const kida_value *args, uint32_t count, const kd_call_site *site)
{
    call->rt = &vm->rt;
    call->user = user;
    if (site)
        return kd_bind(call, signature, name, args, count, site->names, args + count, site->named);
    return kd_bind(call, signature, name, args, count, NULL, NULL, 0);
}

kida_status
kd_vm_filter(kd_vm *vm, const kd_filter_entry *entry, const kida_value *stack, uint32_t count,
             const kd_call_site *site, kida_value *out)
{
    kida_call call;
    kida_value self = stack[0];
    kida_status st = bind_site(vm, entry->user, &call, &entry->signature, entry->row->name,
                               stack + 1, count, site);
    if (st == KIDA_OK)
        st = kd_filter_self(vm, entry->row->flags, &self);
    if (st != KIDA_OK)
        return st;
    *out = kida_none();
    return entry->row->body(&call, self, out);
}

kida_status
kd_vm_test(kd_vm *vm, const kd_test_entry *entry, const kida_value *stack, uint32_t count,
           const kd_call_site *site, bool *out)
{
    kida_call call;
    kida_value self = stack[0];
    kida_status st = bind_site(vm, entry->user, &call, &entry->signature, entry->row->name,
                               stack + 1, count, site);
    if (st == KIDA_OK)
        st = kd_filter_self(vm, entry->row->flags, &self);
    if (st != KIDA_OK)
        return st;
    *out = false;
    return entry->row->body(&call, self, out);
}
