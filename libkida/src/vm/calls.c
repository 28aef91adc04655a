/* SPDX-License-Identifier: MIT */
/* calls.c - defs, regions, slots, filters and tests. A def writes straight to the output; where
 * its text is wanted as a value the output is captured. */
#include "vm/vm.h"
#include "error/suggest.h"

#include <stdio.h>
#include <string.h>

/* ---- frames ---------------------------------------------------------------------------------- */

static bool
chunk_for(kd_vm *vm, size_t need)
{
    kd_chunk *next = vm->chunk ? vm->chunk->next : vm->chunks;
    if (!next || next->room < need) {
        size_t room = need > 4096 ? need : 4096;
        kd_chunk *made = kd_alloc(&vm->allocator, sizeof *made + room * sizeof(kida_value));
        if (!made)
            return false;
        made->room = room;
        made->next = next;
        if (vm->chunk)
            vm->chunk->next = made;
        else
            vm->chunks = made;
        next = made;
    }
    vm->chunk = next;
    vm->top = next->values;
    vm->limit = next->values + next->room;
    return true;
}

/* Storage of the frame above the innermost one; made once per depth. */
static kd_frame *
frame_storage(kd_vm *vm)
{
    kd_frame **at = vm->frame ? &vm->frame->above : &vm->first_frame;
    if (KD_UNLIKELY(!*at))
        *at = kd_alloc_zero(&vm->allocator, sizeof **at);
    return *at;
}

static kd_frame *
refuse_frame(kd_vm *vm, bool too_deep)
{
    if (too_deep)
        kida_fail(&vm->call, KIDA_E_LIMIT_DEPTH, "calls are nested deeper than %u",
                  vm->rt.max_depth);
    else
        kida_fail(&vm->call, KIDA_E_NOMEM, "out of memory");
    return NULL;
}

/* Locals in front of `given` are about to be set by the caller; the others become absent. */
KD_INLINE kd_frame *
push(kd_vm *vm, const kida_template *tpl, const kd_code *code, kd_frame *home, size_t given)
{
    if (KD_UNLIKELY(vm->rt.depth >= vm->rt.max_depth))
        return refuse_frame(vm, true);
    kd_frame *f = frame_storage(vm);
    size_t locals = home ? 0 : code->local_count;
    size_t need = locals + code->stack_size;
    if (KD_UNLIKELY(!f || ((size_t)(vm->limit - vm->top) < need && !chunk_for(vm, need))))
        return refuse_frame(vm, false);
    kida_value *top = vm->top;
    for (size_t i = given; i < locals; i++)
        top[i] = kd_absent();
    f->kind = KD_FRAME_ENTRY;
    f->tpl = tpl;
    f->code = code;
    f->locals = home ? home->locals : top;
    f->stack = top + locals;
    vm->top = top + need;
    f->home = home ? home : f;
    f->outer = NULL;
    f->bindings = NULL;
    f->caller = NULL;
    f->layer = NULL;
    f->serial = ++vm->serial;
    f->ip = NULL;
    f->below = vm->frame;
    vm->frame = f;
    vm->rt.depth++;
    return f;
}

kd_frame *
kd_frame_push(kd_vm *vm, const kida_template *tpl, const kd_code *code, kd_frame *home)
{
    return push(vm, tpl, code, home, 0);
}

/* The innermost frame may end in an earlier chunk than the one in use. */
static void
leave_chunk(kd_vm *vm)
{
    const kd_frame *f = vm->frame;
    kida_value *end = f->stack + f->code->stack_size;
    for (kd_chunk *c = vm->chunks; c; c = c->next) {
        if (end <= c->values || end > c->values + c->room)
            continue;
        vm->chunk = c;
        vm->top = end;
        vm->limit = c->values + c->room;
        return;
    }
}

KD_INLINE void
pop(kd_vm *vm, kd_frame *f)
{
    f->serial = 0;
    vm->top = f->home == f ? f->locals : f->stack;
    vm->frame = f->below;
    vm->rt.depth--;
    if (KD_UNLIKELY(vm->top == vm->chunk->values && vm->frame))
        leave_chunk(vm);
}

void
kd_frame_pop(kd_vm *vm, kd_frame *f)
{
    pop(vm, f);
}

static void
note_call(kd_vm *vm, const char *what, kida_str name)
{
    const kd_frame *at = vm->frame;
    if (at && vm->rt.err)
        kd_error_push(vm->rt.err, what, name, at->tpl->name,
                      kd_code_place(at->code, kd_frame_pc(at)).line);
}

/* ---- arguments of defs ----------------------------------------------------------------------- */

typedef struct kd_args {
    const kida_value *positional;
    size_t count;
    const kida_str *names;
    const kida_value *named;
    size_t named_count;
} kd_args;

static kida_status
fail_arguments(kd_vm *vm, const kd_def *def, const char *what, kida_str name)
{
    return kida_fail(&vm->call, KIDA_E_TYPE, "%.*s() %s%s%.*s%s", (int)def->head.name.len,
                     def->head.name.ptr, what, name.len ? " '" : "", (int)name.len, name.ptr,
                     name.len ? "'" : "");
}

/* What can be given by name, nearest first if one of them was meant. */
static kida_status
fail_keyword(kd_vm *vm, const kd_def *def, kida_str name)
{
    char list[200];
    size_t len = 0;
    kd_suggest s;
    const kd_code *code = def->code;
    kida_status st = fail_arguments(vm, def, "has no parameter", name);
    kd_suggest_init(&s, name);
    for (uint16_t i = 0; i < code->param_count; i++) {
        kida_str text = code->params[i].name.text;
        kd_suggest_offer(&s, text);
        if (len + text.len + 3 > sizeof list)
            continue;
        len += (size_t)snprintf(list + len, sizeof list - len, "%s%.*s", len ? ", " : "",
                                (int)text.len, text.ptr);
    }
    if (s.best.len)
        (void)kida_fail_hint(&vm->call, "did you mean '%.*s'?", (int)s.best.len, s.best.ptr);
    else if (len)
        (void)kida_fail_hint(&vm->call, "its parameters are: %.*s", (int)len, list);
    return st;
}

static kida_status
bind_rest(kd_vm *vm, const kd_def *def, kd_frame *f, const kd_args *args)
{
    const kd_code *code = def->code;
    size_t extra = args->count > code->param_count ? args->count - code->param_count : 0;
    if (code->rest_local < 0) {
        if (extra)
            return fail_arguments(vm, def, "got too many arguments", KIDA_S(""));
        return KIDA_OK;
    }
    kida_value rest = kd_tuple_make(&vm->pool, args->positional + args->count - extra, extra);
    if (!kd_is(rest, KIDA_TUPLE))
        return kd_fail_memory(&vm->call);
    f->locals[code->rest_local] = rest;
    return KIDA_OK;
}

static const kd_def_param *
find_param(const kd_code *code, kida_str name)
{
    for (uint16_t i = 0; i < code->param_count; i++)
        if (kd_str_equal(code->params[i].name.text, name))
            return &code->params[i];
    return NULL;
}

static kida_status
bind_named(kd_vm *vm, const kd_def *def, kd_frame *f, const kd_args *args)
{
    const kd_code *code = def->code;
    kd_dict *extra = NULL;
    if (code->keywords_local >= 0) {
        kida_value dict = kd_dict_make(&vm->pool, args->named_count);
        if (!kd_is(dict, KIDA_DICT))
            return kd_fail_memory(&vm->call);
        f->locals[code->keywords_local] = dict;
        extra = kd_dict_of(dict);
    }
    for (size_t i = 0; i < args->named_count; i++) {
        const kd_def_param *p = find_param(code, args->names[i]);
        if (p) {
            if (!kd_is_absent(f->locals[p->local]))
                return fail_arguments(vm, def, "got several values for", args->names[i]);
            f->locals[p->local] = args->named[i];
        } else if (!extra) {
            return fail_keyword(vm, def, args->names[i]);
        } else if (!kd_dict_put_str(extra, args->names[i], args->named[i])) {
            return kd_fail_memory(&vm->call);
        }
    }
    return KIDA_OK;
}

static kida_status
bind(kd_vm *vm, const kd_def *def, kd_frame *f, const kd_args *args)
{
    const kd_code *code = def->code;
    size_t leading = args->count < code->param_count ? args->count : code->param_count;
    for (size_t i = 0; i < leading; i++)
        f->locals[code->params[i].local] = args->positional[i];
    kida_status st = KIDA_OK;
    if (args->count > code->param_count || code->rest_local >= 0)
        st = bind_rest(vm, def, f, args);
    if (st == KIDA_OK && (args->named_count || code->keywords_local >= 0))
        st = bind_named(vm, def, f, args);
    if (st != KIDA_OK)
        return st;
    for (uint16_t i = 0; i < code->param_count; i++) {
        const kd_def_param *p = &code->params[i];
        if (!kd_is_absent(f->locals[p->local]))
            continue;
        if (p->default_at < 0)
            return fail_arguments(vm, def, "needs the argument", p->name.text);
        if (code->kind == KD_CODE_DEF) /* a region works its defaults out by itself */
            f->locals[p->local] = def->defaults[p->default_at];
    }
    return KIDA_OK;
}

/* ---- calling defs ---------------------------------------------------------------------------- */

/* What every call of a def does but its arguments. */
KD_INLINE kd_frame *
push_def(kd_vm *vm, kd_def *def, kd_ctx *ctx, kd_caller *caller, size_t given)
{
    kd_frame *f = push(vm, def->tpl, def->code, NULL, given);
    if (KD_UNLIKELY(!f))
        return NULL;
    f->kind = KD_FRAME_DEF;
    f->ctx = ctx;
    f->page = def->page;
    f->caller = caller ? caller : def->caller;
    f->running = caller;
    f->outer = def->frame;
    f->outer_serial = def->serial;
    f->cells = kd_links_of(vm, ctx, def->tpl);
    vm->out.valued++;
    return f;
}

static kida_status
enter_any(kd_vm *vm, kd_def *def, const kd_args *args, kd_caller *caller)
{
    const kd_code *code = def->code;
    bool region = code->kind == KD_CODE_REGION;
    const kd_frame *site = vm->frame;
    kd_ctx *base = region && site ? site->ctx : def->ctx;
    kd_ctx *ctx = base;
    if (code->own_context && !(ctx = kd_ctx_push(vm, base, KD_CTX_COPY)))
        return vm->rt.err->status;
    kd_frame *f = push_def(vm, def, ctx, caller, 0);
    if (!f) {
        if (ctx != base)
            kd_ctx_pop(ctx);
        return vm->rt.err->status;
    }
    if (ctx != base)
        f->layer = ctx;
    if (region && site)
        f->page = site->page;
    kida_status st = f->cells ? bind(vm, def, f, args) : vm->rt.err->status;
    if (st != KIDA_OK)
        kd_frame_abandon(vm, f);
    return st;
}

/* Whether each parameter has just its positional argument. */
KD_INLINE bool
is_plain_call(const kd_code *code, const kd_args *args)
{
    if (!code->is_plain || args->named_count > 0 || args->count != code->param_count)
        return false;
    for (size_t i = 0; i < args->count; i++)
        if (KD_UNLIKELY(kd_is_absent(args->positional[i])))
            return false;
    return true;
}

/* Makes the frame of a call; it is the innermost one then. */
KD_INLINE kida_status
enter_def(kd_vm *vm, kd_def *def, const kd_args *args, kd_caller *caller)
{
    if (KD_UNLIKELY(!is_plain_call(def->code, args)))
        return enter_any(vm, def, args, caller);
    kd_frame *f = push_def(vm, def, def->ctx, caller, args->count);
    if (KD_UNLIKELY(!f))
        return vm->rt.err->status;
    for (size_t i = 0; i < args->count; i++)
        f->locals[i] = args->positional[i];
    if (KD_UNLIKELY(!f->cells)) {
        kd_frame_abandon(vm, f);
        return vm->rt.err->status;
    }
    return KIDA_OK;
}

/* Runs the frame that has just been entered to its end. */
static kida_status
run_entered(kd_vm *vm)
{
    kd_frame *f = vm->frame;
    kd_frame_kind kind = f->kind;
    f->kind = KD_FRAME_ENTRY;
    kida_status st = kd_run(vm, f, 0);
    f->kind = kind;
    if (st == KIDA_OK)
        kd_frame_leave(vm, f);
    else
        kd_frame_abandon(vm, f);
    return st;
}

static kd_def *
def_of(kida_value v)
{
    if (!kd_is(v, KIDA_CALLABLE))
        return NULL;
    kd_callable *c = v.u_.p;
    return c->kind == KD_CALL_DEF || c->kind == KD_CALL_REGION ? (kd_def *)(void *)c : NULL;
}

static kd_args
site_args(const kd_call_site *site, const kida_value *values)
{
    kd_args args = { values, site->positional, site->names, values + site->positional,
                     site->named };
    return args;
}

static kida_status
call_captured(kd_vm *vm, kd_def *def, const kd_args *args, kida_value *out)
{
    size_t mark = kd_capture_begin(vm);
    kida_status st = enter_def(vm, def, args, NULL);
    if (st == KIDA_OK)
        st = run_entered(vm);
    kida_status end = kd_capture_end_call(vm, mark, out);
    return st != KIDA_OK ? st : end;
}

kida_status
kd_vm_call(kd_vm *vm, const kd_call_site *site, const kida_value *stack, kida_value *out)
{
    kida_status st = kd_vm_step(vm);
    if (st != KIDA_OK)
        return st;
    kd_args args = site_args(site, stack + 1);
    kd_def *def = def_of(stack[0]);
    if (def)
        return call_captured(vm, def, &args, out);
    return kd_invoke(&vm->call, stack[0], args.positional, args.count, args.names, args.named,
                     args.named_count, out);
}

kida_status
kd_vm_call_method(kd_vm *vm, const kd_call_site *site, const kd_name *attr,
                  const kida_value *stack, kida_value *out)
{
    kd_args args = site_args(site, stack + 1);
    bool found = false;
    if (!kd_is(stack[0], KIDA_DICT) && !kd_is(stack[0], KIDA_NONE)) {
        kida_status st = kd_call_method(&vm->call, stack[0], attr->text, attr->hash,
                                        args.positional, args.count, args.names, args.named,
                                        args.named_count, out, &found);
        if (found || st != KIDA_OK)
            return st;
    }
    kida_value callee;
    kida_status st = kd_vm_attr(vm, stack[0], attr, &callee);
    if (st != KIDA_OK)
        return st;
    kd_def *def = def_of(callee);
    if (def)
        return call_captured(vm, def, &args, out);
    return kd_invoke(&vm->call, callee, args.positional, args.count, args.names, args.named,
                     args.named_count, out);
}

kida_status
kd_vm_call_out(kd_vm *vm, const kd_call_site *site, const kida_value *stack)
{
    kd_def *def = def_of(stack[0]);
    kida_status st;
    if (def && vm->frame->tpl->escape <= KIDA_ESCAPE_OFF) {
        kd_args args = site_args(site, stack + 1);
        st = kd_vm_step(vm);
        return st == KIDA_OK ? enter_def(vm, def, &args, NULL) : st;
    }
    kida_value out;
    st = kd_vm_call(vm, site, stack, &out);
    return st == KIDA_OK ? kd_out_value(vm, vm->frame->tpl, out) : st;
}

kida_status
kd_vm_make_def(kd_vm *vm, uint32_t number, const kida_value *defaults, uint32_t count,
               kida_value *out)
{
    kd_frame *f = vm->frame;
    const kd_code *code = &f->tpl->codes[number];
    kd_def *def = kd_arena_zero(&vm->pool, sizeof *def);
    kida_value *kept = kd_arena_array(&vm->pool, (size_t)count + 1, sizeof *kept);
    if (!def || !kept)
        return kd_fail_memory(&vm->call);
    if (count)
        memcpy(kept, defaults, count * sizeof *kept);
    def->head.kind = code->kind == KD_CODE_REGION ? KD_CALL_REGION : KD_CALL_DEF;
    def->head.name = code->name;
    def->tpl = f->tpl;
    def->code = code;
    def->ctx = f->ctx;
    def->page = f->page;
    def->frame = f->home->code->kind == KD_CODE_SETUP ? NULL : f->home;
    def->serial = f->home->serial;
    def->caller = f->caller;
    kd_caller_escapes(f->caller);
    def->defaults = kept;
    *out = kd_pointer(KIDA_CALLABLE, def, 0, 0);
    return KIDA_OK;
}

/* ---- slots ----------------------------------------------------------------------------------- */

static const kd_slot_body *
find_slot(const kd_caller *caller, kida_str name)
{
    for (uint32_t i = 0; i < caller->count; i++)
        if (kd_str_equal(caller->slots[i].name, name))
            return &caller->slots[i];
    return NULL;
}

/* Makes a frame for a body that runs among the locals of its call site. Locals that it uses are
 * kept when it is already running. */
static kida_status
enter_body(kd_vm *vm, kd_caller *caller, const kd_slot_body *body)
{
    kd_frame *site = caller->site;
    if (site->serial != caller->serial ||
        (caller->bindings && caller->binder->serial != caller->binder_serial))
        return kida_fail(&vm->call, KIDA_E_RUNTIME, "the call that gave this slot has ended");
    kida_value *saved = NULL;
    size_t size = body->local_count * sizeof(kida_value);
    if (caller->active > 0 && size > 0) {
        saved = kd_arena_alloc(&vm->pool, size);
        if (!saved)
            return kd_fail_memory(&vm->call);
        memcpy(saved, site->locals + body->first_local, size);
    }
    kd_cell **cells = kd_links_of(vm, caller->ctx, caller->tpl);
    kd_frame *f = cells ? push(vm, caller->tpl, &caller->tpl->codes[body->code], site, 0) : NULL;
    if (!f)
        return vm->rt.err->status;
    f->kind = KD_FRAME_SLOT;
    f->ctx = caller->ctx;
    f->cells = cells;
    f->page = caller->page;
    f->caller = caller->outer;
    f->outer = site->outer;
    f->outer_serial = site->outer_serial;
    f->bindings = caller->bindings;
    f->running = caller;
    f->body = body;
    f->saved = saved;
    caller->active++;
    return KIDA_OK;
}

/* body NULL: no such slot, and no frame. Values of the bindings must outlive the frame. */
KD_INLINE kida_status
enter_slot(kd_vm *vm, kd_caller *caller, const kd_slot_body *body, const kd_bindings *bindings)
{
    kida_status st = body ? enter_body(vm, caller, body) : KIDA_OK;
    if (KD_UNLIKELY(st != KIDA_OK)) {
        note_call(vm, "slot", body->name);
    } else if (body && bindings->count) {
        kd_frame *f = vm->frame;
        f->own_bindings = *bindings;
        f->own_bindings.outer = caller->bindings;
        f->bindings = &f->own_bindings;
    }
    return st;
}

void
kd_caller_escapes(kd_caller *caller)
{
    for (; caller && !caller->escaped; caller = caller->outer)
        caller->escaped = true;
}

/* The slots of one call are mostly of no use behind it: the next call takes the memory. */
KD_INLINE void
give_back(kd_vm *vm, kd_caller *caller)
{
    if (caller && KD_LIKELY(!caller->escaped)) {
        caller->next_free = vm->free_callers;
        vm->free_callers = caller;
    }
}

/* A def that had a context of its own, a body that ran inside itself. */
static __attribute__((noinline)) void
leave_rare(kd_vm *vm, kd_frame *f)
{
    if (f->kind == KD_FRAME_DEF) {
        kd_ctx_pop(f->layer);
        f->layer = NULL;
    } else {
        memcpy(f->locals + f->body->first_local, f->saved,
               f->body->local_count * sizeof(kida_value));
        f->saved = NULL;
    }
    kd_frame_leave(vm, f);
}

void
kd_frame_leave(kd_vm *vm, kd_frame *f)
{
    if (f->kind == KD_FRAME_DEF && !f->layer) {
        vm->out.valued--;
        give_back(vm, f->running);
    } else if (f->kind != KD_FRAME_DEF && !f->saved) {
        f->running->active--;
    } else {
        leave_rare(vm, f);
        return;
    }
    pop(vm, f);
}

void
kd_frame_abandon(kd_vm *vm, kd_frame *f)
{
    if (f->kind != KD_FRAME_DEF && !f->saved) /* scopes that it left open: defs could see them */
        memset(f->locals + f->body->first_local, 0, f->body->local_count * sizeof(kida_value));
    kd_frame_leave(vm, f);
    if (f->kind != KD_FRAME_OVERRIDE)
        note_call(vm, f->kind == KD_FRAME_DEF ? "call" : "slot", f->code->name);
}

kida_status
kd_run_override(kd_vm *vm, kd_caller *overrides, const kd_slot_body *body)
{
    kd_page *page = overrides->page;
    overrides->page = vm->frame->page; /* blocks inside the override belong to the embed */
    kida_status st = enter_body(vm, overrides, body);
    if (st == KIDA_OK) {
        vm->frame->kind = KD_FRAME_OVERRIDE;
        st = run_entered(vm);
    }
    overrides->page = page;
    return st;
}

static kd_caller *
make_caller(kd_vm *vm, const kd_call_site *site)
{
    kd_frame *f = vm->frame;
    kd_caller *c = vm->free_callers;
    if (c)
        vm->free_callers = c->next_free;
    else if (!(c = kd_arena_alloc(&vm->pool, sizeof *c)))
        return NULL;
    /* Member by member: a whole assignment zeroes first, which takes longer than all of this. */
    c->head.kind = KD_CALL_CALLER;
    c->head.name = KIDA_S("caller");
    c->tpl = f->tpl;
    c->slots = site->slots;
    c->count = site->slot_count;
    c->site = f->home;
    c->serial = f->home->serial;
    c->ctx = f->ctx;
    c->page = f->page;
    c->outer = f->caller;
    c->bindings = f->bindings;
    c->binder = f;
    c->binder_serial = f->serial;
    c->active = 0;
    c->escaped = false;
    return c;
}

kida_status
kd_vm_call_slots(kd_vm *vm, const kd_call_site *site, const kida_value *stack)
{
    kida_status st = kd_vm_step(vm);
    if (st != KIDA_OK)
        return st;
    kd_def *def = def_of(stack[0]);
    if (!def || def->code->kind == KD_CODE_REGION) {
        kida_fail(&vm->call, KIDA_E_TYPE, "call wants a def and its arguments");
        return kida_fail_hint(&vm->call, "write {%% call name(…) %%} with the name of a def");
    }
    kd_caller *caller = make_caller(vm, site);
    if (!caller)
        return kd_fail_memory(&vm->call);
    kd_args args = site_args(site, stack + 1);
    return enter_def(vm, def, &args, caller);
}

/* Outside a def a placeholder asks a variable `caller`, if it is true. */
static kida_status
slot_by_variable(kd_vm *vm, const kd_slot_site *site, const kida_value *values)
{
    kida_str name = KIDA_S("caller");
    kd_cell *cell = kd_ctx_cell(vm, vm->frame->ctx, name, kd_hash_str(name));
    if (!cell)
        return vm->rt.err->status;
    bool truth = false;
    kida_status st = kd_is_absent(cell->v) ? KIDA_OK : kd_truth(&vm->call, cell->v, &truth);
    if (st != KIDA_OK || !truth)
        return st;
    kida_value arg = kida_string(site->name), out;
    bool plain = kd_str_equal(site->name, KIDA_S("default"));
    st = kd_invoke(&vm->call, cell->v, &arg, plain ? 0 : 1, site->bindings, values,
                   site->binding_count, &out);
    return st == KIDA_OK ? kd_out_raw(vm, out) : st;
}

kida_status
kd_vm_slot(kd_vm *vm, const kd_slot_site *site, const kida_value *values)
{
    if (!vm->frame->caller)
        return slot_by_variable(vm, site, values);
    for (uint32_t i = 0; i < site->binding_count; i++)
        if (kd_str_equal(site->bindings[i], KIDA_S("slot")))
            return kida_fail(&vm->call, KIDA_E_TYPE, "a slot can't be given a value named 'slot'");
    kd_caller *caller = vm->frame->caller;
    const kd_slot_body *body = site->is_default && caller->count ? caller->slots
                                                                 : find_slot(caller, site->name);
    kd_bindings bindings = { site->bindings, values, site->binding_count, NULL };
    return enter_slot(vm, caller, body, &bindings);
}

bool
kd_vm_has_caller(kd_vm *vm)
{
    return vm->frame->caller != NULL;
}

kida_status
kd_vm_has_slot(kd_vm *vm, const kida_value *args, uint32_t count, kida_value *out)
{
    kd_caller *caller = vm->frame->caller;
    if (count > 1)
        return kida_fail(&vm->call, KIDA_E_TYPE, "has_slot() takes one name at most");
    bool given = caller != NULL;
    if (count == 1) {
        if (!kd_is(args[0], KIDA_STRING))
            return kida_fail_type(&vm->call, args[0], "has_slot() wants a name");
        given = caller && find_slot(caller, kida_as_str(args[0])) != NULL;
    }
    *out = kida_bool(given);
    return KIDA_OK;
}

/* ---- from C ---------------------------------------------------------------------------------- */

/* Upcall: a callable of ours called from C, or as a value with named arguments. */
kida_status
kd_vm_invoke(kida_call *call, kd_callable *callee, const kida_value *args, size_t arg_count,
             const kida_str *names, const kida_value *named, size_t named_count, kida_value *out)
{
    kd_vm *vm = kd_vm_of(call);
    if (callee->kind == KD_CALL_DEF || callee->kind == KD_CALL_REGION) {
        kd_args all = { args, arg_count, names, named, named_count };
        return call_captured(vm, (kd_def *)(void *)callee, &all, out);
    }
    if (callee->kind != KD_CALL_CALLER)
        return kida_fail(call, KIDA_E_TYPE, "this value can't be called");
    kida_str slot = KIDA_S("default");
    if (arg_count > 0 && kd_is(args[0], KIDA_STRING))
        slot = kida_as_str(args[0]);
    kd_bindings bindings = { names, named, (uint32_t)named_count, NULL };
    size_t mark = kd_capture_begin(vm);
    kd_caller *caller = (kd_caller *)(void *)callee;
    const kd_slot_body *body = find_slot(caller, slot);
    kida_status st = enter_slot(vm, caller, body, &bindings);
    if (st == KIDA_OK && body)
        st = run_entered(vm);
    kida_status end = kd_capture_end_call(vm, mark, out);
    return st != KIDA_OK ? st : end;
}
