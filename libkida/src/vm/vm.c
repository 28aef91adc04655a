/* SPDX-License-Identifier: MIT */
/* vm.c - the loop that runs bytecode. A case is short; what is longer lives in the files beside.
 * Built as a jump table, or as a switch with KD_SWITCH_VM. */
#include "vm/vm.h"

#include <string.h>

/* ---- small helpers --------------------------------------------------------------------------- */

static kd_cell *
resolve(kd_vm *vm, kd_frame *f, uint32_t name)
{
    const kd_name *n = &f->tpl->names[name];
    kd_cell *cell = kd_ctx_cell(vm, f->ctx, n->text, n->hash);
    f->cells[name] = cell;
    return cell;
}

KD_INLINE kd_cell *
cell_of(kd_vm *vm, kd_frame *f, uint32_t name)
{
    kd_cell *cell = f->cells[name];
    return KD_LIKELY(cell != NULL) ? cell : resolve(vm, f, name);
}

/* Value of a free name: K-RUN-001 if there is none. */
KD_INLINE kida_status
load_name(kd_vm *vm, kd_frame *f, uint32_t name, kida_value *out)
{
    kd_cell *cell = cell_of(vm, f, name);
    if (KD_UNLIKELY(!cell))
        return vm->rt.err->status;
    *out = cell->v;
    if (KD_UNLIKELY(kd_is_absent(*out)))
        return kd_fail_undefined(vm, f->tpl->names[name].text);
    return KIDA_OK;
}

static kida_status
store_name(kd_vm *vm, kd_frame *f, uint32_t name, kida_value v)
{
    kd_cell *cell = f->cells[name];
    if (cell && f->ctx->kind == KD_CTX_ROOT && !f->ctx->children) {
        cell->v = v;
        return KIDA_OK;
    }
    const kd_name *n = &f->tpl->names[name];
    return kd_ctx_store(vm, f->ctx, n->text, n->hash, v);
}

static const kida_value *
outer_local(const kd_frame *f, unsigned up, uint32_t local)
{
    const kd_frame *at = f->home;
    for (; up > 0; up--) {
        if (!at->outer || at->outer->serial != at->outer_serial)
            return NULL;
        at = at->outer;
    }
    return &at->locals[local];
}

static const kida_value *
find_given(const kd_bindings *b, kida_str name)
{
    for (; b; b = b->outer)
        for (uint32_t i = 0; i < b->count; i++)
            if (kida_str_equal(b->names[i], name))
                return &b->values[i];
    return NULL;
}

KD_INLINE kida_status
truth(kd_vm *vm, kida_value v, bool *out)
{
    if (KD_LIKELY(kd_is(v, KIDA_BOOL))) {
        *out = v.u_.i != 0;
        return KIDA_OK;
    }
    if (kd_is(v, KIDA_STRING)) {
        *out = (v.head_ >> 16) != 0;
        return KIDA_OK;
    }
    return kd_truth(&vm->call, v, out);
}

KD_INLINE bool
small_compare(char op, int64_t a, int64_t b, bool *out)
{
    switch (op) {
    case '=': *out = a == b; return true;
    case '!': *out = a != b; return true;
    case '<': *out = a < b; return true;
    case '>': *out = a > b; return true;
    case 'l': *out = a <= b; return true;
    case 'g': *out = a >= b; return true;
    default: return false;
    }
}

KD_INLINE kida_status
compare(kd_vm *vm, char op, kida_value a, kida_value b, bool *out)
{
    if (kd_is(a, KIDA_INT) && kd_is(b, KIDA_INT) && small_compare(op, a.u_.i, b.u_.i, out))
        return KIDA_OK;
    return kd_vm_compare(vm, op, a, b, out);
}

static kida_status
binary(kd_vm *vm, char op, kida_value a, kida_value b, kida_value *out)
{
    int64_t r;
    if (kd_is(a, KIDA_INT) && kd_is(b, KIDA_INT) &&
        ((op == '+' && !__builtin_add_overflow(a.u_.i, b.u_.i, &r)) ||
         (op == '-' && !__builtin_sub_overflow(a.u_.i, b.u_.i, &r)) ||
         (op == '*' && !__builtin_mul_overflow(a.u_.i, b.u_.i, &r)))) {
        *out = kida_int(r);
        return KIDA_OK;
    }
    return kd_vm_binary(vm, op, a, b, out);
}

static __attribute__((noinline)) kida_status
emit_found(kd_vm *vm, const kd_frame *f, kida_value v, const kd_name *attr)
{
    kida_value out;
    kida_status st = kd_vm_attr_search(vm, f->ip, v, attr, &out);
    return st == KIDA_OK ? kd_out_value(vm, f->tpl, out) : st;
}

/* Nothing but ends that are calls, and so without registers to save. */
static __attribute__((noinline)) kida_status
emit_attr(kd_vm *vm, const kd_frame *f, kida_value v, const kd_name *attr)
{
    const kida_value *found = kd_vm_attr_hinted(vm, f->ip, v, attr);
    return KD_LIKELY(found != NULL) ? kd_out_value(vm, f->tpl, *found)
                                    : emit_found(vm, f, v, attr);
}

/* The next item of a loop over an array. False: the end, or another kind of loop. */
KD_INLINE bool
take_item(kd_loop *loop, kida_value *out)
{
    size_t count = loop->list ? loop->list->count : loop->count;
    if (KD_UNLIKELY(loop->index >= count))
        return false;
    *out = (loop->list ? loop->list->items : loop->items)[loop->index++];
    return true;
}

/* ---- the loop -------------------------------------------------------------------------------- */

#if defined(KD_SWITCH_VM)
#define CASE(name) case KD_OP_##name:
#define NEXT() goto dispatch
#else
#define CASE(name) op_##name:
#define NEXT()               \
    do {                     \
        f->ip = ++ip;        \
        goto *table[in->op]; \
    } while (0)
#endif
#define in (ip - 1) /* the instruction that runs: read operands before changing ip */
#define JUMP_TO(pc) (ip = f->code->insns + (pc))
#define TRY(call)           \
    do {                    \
        st = (call);        \
        if (KD_UNLIKELY(st != KIDA_OK)) \
            goto fail;      \
    } while (0)

/* Long: the dispatch loop. */
kida_status
kd_run(kd_vm *vm, kd_frame *f, uint32_t start)
{
    const kida_template *tpl = f->tpl;
    const kd_insn *ip = f->code->insns + start;
    kida_value *sp = f->stack;
    kida_value *locals = f->locals;
    kida_status st = KIDA_OK;
    kida_value v;
    bool flag;

    if (KD_UNLIKELY(kd_stack_is_full(vm)))
        return kida_fail(&vm->call, KIDA_E_LIMIT_DEPTH, "calls are nested too deeply for the "
                         "stack");
#if defined(KD_SWITCH_VM)
dispatch:
    f->ip = ++ip;
    switch ((kd_op)in->op) {
#else
    static const void *const table[KD_OP_COUNT] = {
#define KD_OP(name, a, b, pops, pushes, effect) &&op_##name,
#include "code/opcodes.def"
#undef KD_OP
    };
    NEXT();
#endif

    CASE(NOP) NEXT();
    CASE(RETURN_TEXT) {
        TRY(kd_out_padded(vm, tpl->texts[in->a]));
        goto leave;
    }
    CASE(RETURN) {
    leave:
        if (f->kind == KD_FRAME_ENTRY)
            return KIDA_OK;
        kd_frame_leave(vm, f);
        f = vm->frame;
        tpl = f->tpl;
        ip = f->ip;
        sp = f->sp;
        locals = f->locals;
        NEXT();
    }

    /* output */
    CASE(EMIT_TEXT) {
        TRY(kd_out_padded(vm, tpl->texts[in->a]));
        NEXT();
    }
    CASE(EMIT) {
        v = *--sp;
        if (!(in->c & KD_C_QUIET) || !kd_is(v, KIDA_NONE))
            TRY(kd_out_value(vm, tpl, v));
        NEXT();
    }
    CASE(EMIT_LOCAL) {
        TRY(kd_out_value(vm, tpl, locals[in->b]));
        NEXT();
    }
    CASE(EMIT_TEXT_LOCAL) {
        TRY(kd_out_padded(vm, tpl->texts[in->a]));
        TRY(kd_out_value(vm, tpl, locals[in->b]));
        NEXT();
    }
    CASE(EMIT_NAME) {
        TRY(load_name(vm, f, in->a, &v));
        TRY(kd_out_value(vm, tpl, v));
        NEXT();
    }
    CASE(EMIT_LOCAL_ATTR) {
        TRY(emit_attr(vm, f, locals[in->b], &tpl->attrs[in->a]));
        NEXT();
    }
    CASE(EMIT_NAME_ATTR) {
        TRY(load_name(vm, f, in->b, &v));
        TRY(emit_attr(vm, f, v, &tpl->attrs[in->a]));
        NEXT();
    }
    CASE(EMIT_RAW) {
        TRY(kd_out_raw(vm, *--sp));
        NEXT();
    }
    CASE(EMIT_CALL) {
        const kd_call_site *site = &tpl->calls[in->a];
        sp -= 1 + site->positional + site->named;
        f->sp = sp;
        TRY(kd_vm_call_out(vm, site, sp));
        goto enter;
    }
    CASE(EMIT_FILTER) {
        sp -= 1 + in->b;
        TRY(kd_vm_filter(vm, tpl->filters[in->a], sp, in->b, NULL, &v));
        TRY(kd_out_value(vm, tpl, v));
        NEXT();
    }

    /* loading and storing */
    CASE(CONST) {
        *sp++ = tpl->constants[in->a];
        NEXT();
    }
    CASE(LOCAL) {
        *sp++ = locals[in->b];
        NEXT();
    }
    CASE(LOCAL_OR) {
        if (!kd_is_absent(locals[in->b])) {
            *sp++ = locals[in->b];
            JUMP_TO(in->a);
        }
        NEXT();
    }
    CASE(LOCAL_GIVEN) {
        if (!kd_is_absent(locals[in->b]))
            JUMP_TO(in->a);
        NEXT();
    }
    CASE(UP_OR) {
        const kida_value *up = outer_local(f, in->c, in->b);
        if (up && !kd_is_absent(*up)) {
            *sp++ = *up;
            JUMP_TO(in->a);
        }
        NEXT();
    }
    CASE(BINDING_OR) {
        const kida_value *given = find_given(f->bindings, tpl->names[in->b].text);
        if (given) {
            *sp++ = *given;
            JUMP_TO(in->a);
        }
        NEXT();
    }
    CASE(NAME) {
        TRY(load_name(vm, f, in->a, sp));
        sp++;
        NEXT();
    }
    CASE(NAME_SOFT) {
        kd_cell *cell = cell_of(vm, f, in->a);
        TRY(cell ? KIDA_OK : vm->rt.err->status);
        *sp++ = cell->v;
        NEXT();
    }
    CASE(LOOP) {
        kd_loop *loop = locals[in->b].u_.p;
        loop->escaped = true;
        *sp++ = kida_object(&kd_loop_type, loop);
        NEXT();
    }
    CASE(LOOP_ATTR) {
        kida_value loop = kida_object(&kd_loop_type, locals[in->b].u_.p);
        ((kd_loop *)loop.u_.p)->escaped = true;
        TRY(kd_vm_attr(vm, loop, &tpl->attrs[in->a], sp));
        sp++;
        NEXT();
    }
    CASE(STORE) {
        locals[in->b] = *--sp;
        NEXT();
    }
    CASE(STORE_NAME) {
        TRY(store_name(vm, f, in->a, *--sp));
        NEXT();
    }
    CASE(CLEAR) {
        memset(&locals[in->b], 0, in->a * sizeof(kida_value));
        NEXT();
    }
    CASE(POP) {
        sp--;
        NEXT();
    }
    CASE(DUP) {
        sp[0] = sp[-1];
        sp++;
        NEXT();
    }
    CASE(LIST) {
        sp -= in->a;
        TRY(kd_vm_list(vm, sp, in->a, &v));
        *sp++ = v;
        NEXT();
    }
    CASE(TUPLE) {
        sp -= in->a;
        v = kd_tuple_make(&vm->pool, sp, in->a);
        TRY(kd_is(v, KIDA_TUPLE) ? KIDA_OK : kd_fail_memory(&vm->call));
        *sp++ = v;
        NEXT();
    }
    CASE(DICT) {
        sp -= 2 * (size_t)in->a;
        TRY(kd_vm_dict(vm, sp, in->a, &v));
        *sp++ = v;
        NEXT();
    }
    CASE(RANGE) {
        sp -= 2;
        TRY(kd_make_range(&vm->call, sp[-1], sp[0], sp[1], in->c & KD_C_INCLUSIVE, &v));
        sp[-1] = v;
        NEXT();
    }
    CASE(APPEND) {
        TRY(kd_list_push(kd_list_of(locals[in->b]), *--sp) ? KIDA_OK : kd_fail_memory(&vm->call));
        NEXT();
    }

    /* access */
    CASE(ATTR) {
        TRY(kd_vm_attr_at(vm, ip, sp[-1], &tpl->attrs[in->a], &v));
        sp[-1] = v;
        NEXT();
    }
    CASE(ATTR_SAFE) {
        TRY(kd_vm_attr_safe(vm, sp[-1], &tpl->attrs[in->a], &v));
        sp[-1] = v;
        NEXT();
    }
    CASE(ATTR_SOFT) {
        TRY(kd_vm_attr_soft(vm, sp[-1], &tpl->attrs[in->a], &v));
        sp[-1] = v;
        NEXT();
    }
    CASE(LOCAL_ATTR) {
        TRY(kd_vm_attr_at(vm, ip, locals[in->b], &tpl->attrs[in->a], sp));
        sp++;
        NEXT();
    }
    CASE(ITEM) {
        sp--;
        TRY(kd_vm_item(vm, sp[-1], sp[0], in->c & KD_C_GUARDED, &v));
        sp[-1] = v;
        NEXT();
    }
    CASE(ITEM_SAFE) {
        sp--;
        TRY(kd_vm_item_safe(vm, sp[-1], sp[0], &v));
        sp[-1] = v;
        NEXT();
    }
    CASE(ITEM_SOFT) {
        sp--;
        TRY(kd_vm_item_soft(vm, sp[-1], sp[0], &v));
        sp[-1] = v;
        NEXT();
    }
    CASE(SLICE) {
        sp -= 3;
        TRY(kd_slice(&vm->call, sp[-1], sp[0], sp[1], sp[2], &v));
        sp[-1] = v;
        NEXT();
    }

    /* operators */
    CASE(BINARY) {
        sp--;
        TRY(binary(vm, (char)in->a, sp[-1], sp[0], &v));
        sp[-1] = v;
        NEXT();
    }
    CASE(COMPARE) {
        sp--;
        TRY(compare(vm, (char)in->a, sp[-1], sp[0], &flag));
        sp[-1] = kida_bool(flag);
        NEXT();
    }
    CASE(COMPARE_CHAIN) {
        sp--;
        TRY(compare(vm, (char)in->b, sp[-1], sp[0], &flag));
        sp[-1] = flag ? sp[0] : kida_bool(false);
        if (!flag)
            JUMP_TO(in->a);
        NEXT();
    }
    CASE(NEGATE) {
        TRY(kd_neg(&vm->call, sp[-1], &v));
        sp[-1] = v;
        NEXT();
    }
    CASE(PLUS) {
        TRY(kd_pos(&vm->call, sp[-1], &v));
        sp[-1] = v;
        NEXT();
    }
    CASE(NOT) {
        TRY(truth(vm, sp[-1], &flag));
        sp[-1] = kida_bool(!flag);
        NEXT();
    }
    CASE(COERCE) {
        TRY(kd_coerce(&vm->call, sp[-1], &v));
        sp[-1] = v;
        NEXT();
    }
    CASE(DEFINED) {
        flag = !kd_is_nothing(sp[-1]);
        sp[-1] = kida_bool(in->c & KD_C_NOT ? !flag : flag);
        NEXT();
    }
    CASE(AWAIT) {
        TRY(kd_vm_await(vm, &sp[-1]));
        NEXT();
    }

    /* jumps */
    CASE(JUMP) {
        JUMP_TO(in->a);
        NEXT();
    }
    CASE(LOOP_BACK) {
        TRY(kd_vm_step(vm));
        JUMP_TO(in->a);
        NEXT();
    }
    CASE(JUMP_FALSE) {
        TRY(truth(vm, *--sp, &flag));
        if (!flag)
            JUMP_TO(in->a);
        NEXT();
    }
    CASE(JUMP_TRUE) {
        TRY(truth(vm, *--sp, &flag));
        if (flag)
            JUMP_TO(in->a);
        NEXT();
    }
    CASE(AND) {
        TRY(truth(vm, sp[-1], &flag));
        if (!flag)
            JUMP_TO(in->a);
        else
            sp--;
        NEXT();
    }
    CASE(OR) {
        TRY(truth(vm, sp[-1], &flag));
        if (flag)
            JUMP_TO(in->a);
        else
            sp--;
        NEXT();
    }
    CASE(COALESCE) {
        if (!kd_is_nothing(sp[-1]))
            JUMP_TO(in->a);
        else
            sp--;
        NEXT();
    }
    CASE(NONE_SKIP) {
        if (kd_is(sp[-1], KIDA_NONE))
            JUMP_TO(in->a);
        NEXT();
    }
    CASE(METHOD_SAFE) {
        TRY(kd_vm_safe_method(vm, &sp[-1], &tpl->attrs[in->b], &flag));
        if (!flag)
            JUMP_TO(in->a);
        NEXT();
    }

    /* calls */
    CASE(CALL) {
        const kd_call_site *site = &tpl->calls[in->a];
        sp -= site->positional + site->named;
        TRY(kd_vm_call(vm, site, sp - 1, &v));
        sp[-1] = v;
        NEXT();
    }
    CASE(CALL_METHOD) {
        const kd_call_site *site = &tpl->calls[in->a];
        sp -= site->positional + site->named;
        TRY(kd_vm_call_method(vm, site, &tpl->attrs[in->b], sp - 1, &v));
        sp[-1] = v;
        NEXT();
    }
    CASE(FILTER) {
        sp -= in->b;
        TRY(kd_vm_filter(vm, tpl->filters[in->a], sp - 1, in->b, NULL, &v));
        sp[-1] = v;
        NEXT();
    }
    CASE(FILTER_NAMED) {
        const kd_call_site *site = &tpl->calls[in->a];
        sp -= site->positional + site->named;
        TRY(kd_vm_filter(vm, tpl->filters[in->b], sp - 1, site->positional, site, &v));
        sp[-1] = v;
        NEXT();
    }
    CASE(TEST) {
        sp -= in->b;
        TRY(kd_vm_test(vm, tpl->tests[in->a], sp - 1, in->b, NULL, &flag));
        sp[-1] = kida_bool(in->c & KD_C_NOT ? !flag : flag);
        NEXT();
    }
    CASE(TEST_NAMED) {
        const kd_call_site *site = &tpl->calls[in->a];
        sp -= site->positional + site->named;
        TRY(kd_vm_test(vm, tpl->tests[in->b], sp - 1, site->positional, site, &flag));
        sp[-1] = kida_bool(in->c & KD_C_NOT ? !flag : flag);
        NEXT();
    }
    CASE(HAS_SLOT) {
        sp -= in->a;
        TRY(kd_vm_has_slot(vm, sp, in->a, &v));
        *sp++ = v;
        NEXT();
    }
    CASE(CALLER) {
        if (f->caller) {
            kd_caller_escapes(f->caller);
            *sp++ = kd_pointer(KIDA_CALLABLE, f->caller, 0, 0);
            JUMP_TO(in->a);
        }
        NEXT();
    }

    /* loops */
    CASE(FOR_BEGIN) {
        kd_loop *loop;
        TRY(kd_loop_begin(vm, *--sp, in->c, &loop));
        locals[in->b] = kd_pointer(KIDA_OBJECT, loop, 0, 0);
        NEXT();
    }
    CASE(FOR_NEXT_LOCAL) {
        kd_loop *loop = locals[in->b].u_.p;
        if (!take_item(loop, &locals[in->b + 1])) {
            TRY(kd_loop_next_slow(vm, loop, &v));
            locals[in->b + 1] = v;
            if (kd_is_absent(v))
                JUMP_TO(in->a);
        }
        NEXT();
    }
    CASE(FOR_AGAIN) {
        kd_loop *loop = locals[in->b].u_.p;
        TRY(kd_vm_step(vm));
        if (!take_item(loop, &locals[in->b + 1])) {
            TRY(kd_loop_next_slow(vm, loop, &v));
            locals[in->b + 1] = v;
            if (kd_is_absent(v))
                NEXT();
        }
        JUMP_TO(in->a);
        NEXT();
    }
    CASE(FOR_NEXT) {
        kd_loop *loop = locals[in->b].u_.p;
        if (!take_item(loop, &v))
            TRY(kd_loop_next_slow(vm, loop, &v));
        if (kd_is_absent(v))
            JUMP_TO(in->a);
        else
            *sp++ = v;
        NEXT();
    }
    CASE(FOR_ELSE) {
        if (((kd_loop *)locals[in->b].u_.p)->index > 0)
            JUMP_TO(in->a);
        kd_loop_end(vm, &locals[in->b]);
        NEXT();
    }
    CASE(FOR_END) {
        kd_loop_end(vm, &locals[in->b]);
        NEXT();
    }
    CASE(UNPACK) {
        v = *--sp;
        TRY(kd_vm_unpack(vm, v, in->a, sp));
        sp += in->a;
        NEXT();
    }
    CASE(UNPACK_INDEX) {
        v = *--sp;
        TRY(kd_vm_unpack_index(vm, v, in->a, sp));
        sp += in->a;
        NEXT();
    }

    /* statements */
    CASE(WITH_PUSH) {
        TRY(kd_vm_with_push(vm, f->ctx, &tpl->names[in->a], *--sp));
        NEXT();
    }
    CASE(WITH_POP) {
        kd_vm_with_pop(vm, in->a);
        NEXT();
    }
    CASE(CAPTURE) {
        TRY(kd_vm_capture(vm));
        NEXT();
    }
    CASE(CAPTURE_END) {
        TRY(kd_vm_capture_end(vm, sp));
        sp++;
        NEXT();
    }
    CASE(SPACELESS) {
        TRY(kd_spaceless(vm, &sp[-1]));
        NEXT();
    }
    CASE(PUSH_STACK) {
        sp--;
        TRY(kd_stack_push(vm, kida_as_str(tpl->constants[in->a]), kida_as_str(*sp)));
        NEXT();
    }
    CASE(STACK) {
        TRY(kd_stack_out(vm, kida_as_str(tpl->constants[in->a])));
        NEXT();
    }
    CASE(CACHE_BEGIN) {
        sp -= 2;
        TRY(kd_vm_cache_begin(vm, sp[0], sp[1], &flag));
        if (flag)
            JUMP_TO(in->a);
        NEXT();
    }
    CASE(CACHE_END) {
        TRY(kd_vm_cache_end(vm, !(in->c & KD_C_LEFT)));
        NEXT();
    }
    CASE(PROVIDE) {
        TRY(kd_vm_provide(vm, tpl->constants[in->a], *--sp));
        NEXT();
    }
    CASE(PROVIDE_END) {
        vm->provided.count--;
        NEXT();
    }
    CASE(TRY) {
        TRY(kd_vm_open(vm, f, KD_HANDLER_TRY, in->a, sp));
        NEXT();
    }
    CASE(GUARD) {
        TRY(kd_vm_open(vm, f, KD_HANDLER_GUARD, in->a, sp));
        NEXT();
    }
    CASE(TRY_END)
    CASE(GUARD_END) {
        kd_vm_drop_handler(vm);
        NEXT();
    }
    CASE(TRY_ERROR) {
        *sp++ = vm->caught;
        NEXT();
    }
    CASE(MATCH_SEQ) {
        v = *--sp;
        TRY(kd_vm_match(v, in->b, sp, &flag));
        if (flag)
            sp += in->b;
        else
            JUMP_TO(in->a);
        NEXT();
    }
    CASE(DEF) {
        sp -= in->b;
        TRY(kd_vm_make_def(vm, in->a, sp, in->b, &v));
        *sp++ = v;
        NEXT();
    }
    CASE(CALL_SLOTS) {
        const kd_call_site *site = &tpl->calls[in->a];
        sp -= 1 + site->positional + site->named;
        f->sp = sp;
        TRY(kd_vm_call_slots(vm, site, sp));
        goto enter;
    }
    CASE(SLOT) {
        sp -= in->b;
        f->sp = sp;
        TRY(kd_vm_slot(vm, &tpl->slots[in->a], sp));
        goto enter;
    }
    CASE(NO_CALLER) {
        if (kd_vm_has_caller(vm))
            JUMP_TO(in->a);
        NEXT();
    }
    CASE(BLOCK) {
        TRY(kd_vm_block(vm, &tpl->places[in->a]));
        NEXT();
    }
    CASE(INCLUDE) {
        TRY(kd_vm_include(vm, &tpl->includes[in->a], *--sp));
        NEXT();
    }
    CASE(EMBED) {
        TRY(kd_vm_embed(vm, &tpl->includes[in->a], *--sp));
        NEXT();
    }
    CASE(IMPORT) {
        TRY(kd_vm_import_dict(vm, sp[-1], in->c & KD_C_CONTEXT, &v));
        sp[-1] = v;
        NEXT();
    }
    CASE(FROM) {
        v = *--sp;
        TRY(kd_vm_from(vm, &tpl->froms[in->a], v, in->c & KD_C_CONTEXT, sp));
        sp += tpl->froms[in->a].count;
        NEXT();
    }
    CASE(EXTENDS) {
        TRY(kd_vm_extends(vm, *--sp));
        NEXT();
    }
    CASE(DISCARD) {
        TRY(kd_vm_capture(vm));
        NEXT();
    }
    CASE(DISCARD_END) {
        kd_vm_discard_end(vm);
        NEXT();
    }
    CASE(FLUSH) {
        TRY(kd_vm_flush(vm));
        NEXT();
    }
    CASE(TRANS) {
        sp -= in->b;
        TRY(kd_vm_trans(vm, &tpl->transs[in->a], sp));
        NEXT();
    }
#if defined(KD_SWITCH_VM)
    case KD_OP_COUNT:
        break;
    }
#endif

enter: /* goes on with the innermost frame: a new one, or the one that was */
    if (vm->frame != f) {
        f = vm->frame;
        tpl = f->tpl;
        ip = f->code->insns;
        sp = f->stack;
        locals = f->locals;
    }
    NEXT();

fail: {
    const kd_handler *h = kd_vm_handle(vm, f, st);
    for (; !h; h = kd_vm_handle(vm, f, st)) {
        if (f->kind == KD_FRAME_ENTRY)
            return st;
        kd_frame_abandon(vm, f);
        f = vm->frame;
    }
    tpl = f->tpl;
    locals = f->locals;
    sp = f->stack + h->height;
    JUMP_TO(h->pc);
    if (h->kind == KD_HANDLER_GUARD) {
        vm->rt.err->status = KIDA_OK;
        vm->rt.err->line = 0;
        *sp++ = kd_absent();
    } else {
        st = kd_vm_error_record(vm);
        if (st != KIDA_OK)
            goto fail;
    }
    NEXT();
}
}

#undef CASE
#undef NEXT
#undef TRY
#undef in
#undef JUMP_TO
