/* SPDX-License-Identifier: MIT */
/* render.c - from the public calls to a run of the vm: options, memory, page or block, the end. */
#define _GNU_SOURCE
#include "render/render.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- upcalls --------------------------------------------------------------------------------- */

static kida_value
meta(kida_call *call, kida_str name)
{
    kida_value m = kd_vm_of(call)->meta;
    if (!kd_is(m, KIDA_DICT))
        return kd_absent();
    return kida_dict_get(m, name);
}

static kida_status
apply_filter(kida_call *call, kida_str name, kida_value self, const kida_value *args, size_t count,
             kida_value *out)
{
    kd_vm *vm = kd_vm_of(call);
    const kd_filter_entry *entry = vm->host->filter(vm->host->env, name);
    if (!entry)
        return kida_fail(call, KIDA_E_FILTER_NAME, "unknown filter '%.*s'", (int)name.len,
                         name.ptr);
    kida_call inner = { .rt = call->rt };
    kida_status st = kd_bind(&inner, &entry->signature, entry->row->name, args, count, NULL, NULL,
                             0);
    if (st == KIDA_OK)
        st = kd_filter_self(vm, entry->row->flags, &self);
    if (st != KIDA_OK)
        return st;
    inner.user = entry->user;
    *out = kida_none();
    return entry->row->body(&inner, self, out);
}

static kida_status
apply_test(kida_call *call, kida_str name, kida_value self, const kida_value *args, size_t count,
           bool *out)
{
    kd_vm *vm = kd_vm_of(call);
    const kd_test_entry *entry = vm->host->test(vm->host->env, name);
    if (!entry)
        return kida_fail(call, KIDA_E_TEST_NAME, "unknown test '%.*s'", (int)name.len, name.ptr);
    kida_call inner = { .rt = call->rt };
    kida_status st = kd_bind(&inner, &entry->signature, entry->row->name, args, count, NULL, NULL,
                             0);
    if (st != KIDA_OK)
        return st;
    inner.user = entry->user;
    *out = false;
    return entry->row->body(&inner, self, out);
}

const kd_upcalls kd_render_upcalls = {
    .invoke = kd_vm_invoke,
    .apply_filter = apply_filter,
    .apply_test = apply_test,
    .meta = meta,
    .more_steps = kd_vm_more_steps,
};

const kd_upcalls kd_sandbox_upcalls = {
    .invoke = kd_vm_invoke,
    .apply_filter = apply_filter,
    .apply_test = apply_test,
    .check_attribute = kd_sandbox_attribute,
    .check_call = kd_sandbox_call,
    .meta = meta,
    .more_steps = kd_vm_more_steps,
};

/* ---- renderers ------------------------------------------------------------------------------- */

static void
drop_fetched(kd_vm *vm, bool all)
{
    kd_fetched *f = vm->fetched.items;
    size_t kept = 0;
    for (size_t i = 0; i < vm->fetched.count; i++) {
        if (!all && f[i].lasting)
            f[kept++] = f[i];
        else
            kida_template_drop(f[i].tpl);
    }
    vm->fetched.count = kept;
}

kd_vm *
kd_vm_new(const kd_host *host, const kida_allocator *allocator)
{
    kd_vm *vm = kd_alloc_zero(allocator, sizeof *vm);
    if (!vm)
        return NULL;
    vm->allocator = *allocator;
    vm->host = host;
    vm->call.rt = &vm->rt;
    kd_arena_init(&vm->pool, allocator, host->limits->arena);
    vm->out.base = kd_alloc(allocator, KD_OUT_ROOM);
    if (!vm->out.base) {
        kd_vm_free(vm);
        return NULL;
    }
    vm->out.at = vm->out.base;
    vm->out.end = vm->out.base + KD_OUT_ROOM;
    vm->rt.pool = &vm->pool;
    vm->rt.up = host->upcalls;
    vm->rt.strict_undefined = host->strict_undefined;
    vm->rt.strict_none = host->strict_none;
    vm->rt.sandbox = host->sandbox != NULL;
    vm->rt.random = host->random_seed;
    if (vm->rt.random == 0 && getentropy(&vm->rt.random, sizeof vm->rt.random) != 0)
        vm->rt.random = (uint64_t)(uintptr_t)vm; /* no entropy yet: differs at least per vm */
    return vm;
}

static void
free_array(kd_vm *vm, kd_array *a, size_t item_size)
{
    kd_free(&vm->allocator, a->items, a->room * item_size);
}

void
kd_vm_free(kd_vm *vm)
{
    drop_fetched(vm, true);
    for (kd_frame *f = vm->first_frame, *above; f; f = above) {
        above = f->above;
        kd_free(&vm->allocator, f, sizeof *f);
    }
    for (kd_chunk *c = vm->chunks, *next; c; c = next) {
        next = c->next;
        kd_free(&vm->allocator, c, sizeof *c + c->room * sizeof(kida_value));
    }
    free_array(vm, &vm->handlers, sizeof(kd_handler));
    free_array(vm, &vm->undo, sizeof(kd_undo));
    free_array(vm, &vm->provided, sizeof(kd_provided));
    free_array(vm, &vm->captures, sizeof(kd_capture));
    free_array(vm, &vm->stacks, sizeof(kd_stack_entry));
    free_array(vm, &vm->fetched, sizeof(kd_fetched));
    free_array(vm, &vm->importing, sizeof(kida_str));
    kd_free(&vm->allocator, vm->out.places, vm->out.place_room * sizeof *vm->out.places);
    kd_free(&vm->allocator, vm->out.base, (size_t)(vm->out.end - vm->out.base));
    kd_arena_clear(&vm->pool);
    kida_allocator a = vm->allocator;
    kd_free(&a, vm, sizeof *vm);
}

/* ---- one render ------------------------------------------------------------------------------ */

/* The limits of this render: what the options leave at 0 is the environment's. */
KD_INLINE void
set_limits(kd_vm *vm, const kida_limits *own)
{
    kida_limits *l = &vm->limits;
    *l = *vm->host->limits;
    if (own) {
        l->steps = own->steps ? own->steps : l->steps;
        l->output = own->output ? own->output : l->output;
        l->arena = own->arena ? own->arena : l->arena;
        l->depth = own->depth ? own->depth : l->depth;
        l->include_depth = own->include_depth ? own->include_depth : l->include_depth;
        l->extends_depth = own->extends_depth ? own->extends_depth : l->extends_depth;
        l->time_ms = own->time_ms ? own->time_ms : l->time_ms;
    }
    vm->pool.max = l->arena;
    vm->rt.max_text = l->arena;
    vm->rt.max_depth = l->depth;
    vm->rt.steps_left = 0;
    vm->budget = l->steps;
    vm->out.limit = l->output;
    vm->deadline = 0;
    if (l->time_ms) {
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        vm->deadline = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec +
                       l->time_ms * 1000000u;
    }
}

KD_INLINE void
begin(kd_vm *vm, const kida_render_options *options, kida_sink_fn *sink, void *user,
      kida_error *err)
{
    uint64_t generation = vm->host->generation(vm->host->env);
    if (generation != vm->generation || vm->host->auto_reload)
        drop_fetched(vm, true);
    vm->generation = generation;
    vm->rt.err = err ? err : &vm->own_error;
    if (vm->rt.err->status != KIDA_OK) /* of an earlier failure */
        kida_error_init(vm->rt.err);
    vm->rt.err->line = 0;
    vm->rt.host = options ? options->host : NULL;
    vm->rt.depth = 0;
    set_limits(vm, options ? options->limits : NULL);
    vm->rt.max_range = vm->host->sandbox ? vm->host->sandbox->max_range : 0;
    kd_out *o = &vm->out;
    o->at = o->base;
    o->sink = sink;
    o->user = user;
    o->flushed = o->collected = o->points = 0;
    o->max_points = vm->host->sandbox ? vm->host->sandbox->max_output : 0;
    o->held = o->valued = 0;
    o->place_count = 0;
    o->stream = options && options->stream;
    vm->stack_from = kd_c_stack();
    vm->frame = NULL;
    vm->chunk = vm->chunks;
    vm->top = vm->chunk ? vm->chunk->values : NULL;
    vm->limit = vm->chunk ? vm->chunk->values + vm->chunk->room : NULL;
    vm->handlers.count = vm->undo.count = vm->provided.count = vm->captures.count = 0;
    vm->stacks.count = vm->importing.count = 0;
    vm->free_loops = NULL;
    vm->free_callers = NULL;
    vm->include_depth = 0;
    vm->options = options;
    vm->meta = options ? options->meta : kd_absent();
    if (vm->has_struct_hints)
        memset(vm->struct_hints, 0, sizeof vm->struct_hints);
    vm->has_struct_hints = false;
    vm->busy = true;
}

/* Chain by literal extends, leaf first; set-up code of each runs. */
static kida_status
set_up_blocks(kd_vm *vm, kida_template *leaf, kd_ctx *ctx, kd_page *page)
{
    kida_template *tpl = leaf;
    kida_status st = kd_page_add(vm, page, leaf);
    while (st == KIDA_OK && tpl->extends_literal.len > 0) {
        kida_template *parent = NULL;
        st = kd_vm_fetch(vm, kida_string(tpl->extends_literal), tpl, &parent);
        if (st == KIDA_OK)
            st = kd_page_add(vm, page, parent);
        if (st != KIDA_OK)
            kd_error_place(vm->rt.err, tpl->name, tpl->source, kd_extends_place(tpl));
        tpl = parent;
    }
    for (uint32_t i = 0; i < page->count && st == KIDA_OK; i++)
        st = kd_run_code(vm, page->chain[i], page->chain[i]->setup, ctx, page, 0);
    return st;
}

static kida_status
unknown_block(kd_vm *vm, kida_str name, const kida_template *tpl)
{
    return kida_fail(&vm->call, KIDA_E_RUNTIME, "template '%.*s' has no block '%.*s'",
                     (int)tpl->name.len, tpl->name.ptr, (int)name.len, name.ptr);
}

static const kd_block *
find_block(const kd_page *page, kida_str name, const kida_template **tpl)
{
    for (uint32_t i = 0; i < page->count; i++) {
        const kd_block *b = kd_template_block(page->chain[i], name, kd_hash_str(name));
        *tpl = page->chain[i];
        if (b)
            return b;
    }
    return NULL;
}

static kida_status
render_block(kd_vm *vm, kida_template *tpl, kd_ctx *ctx, kd_page *page, kida_str name)
{
    const kida_template *owner;
    const kd_block *block = find_block(page, name, &owner);
    if (!block)
        return unknown_block(vm, name, tpl);
    const kd_code *code = &owner->codes[block->code];
    if (block->is_region)
        return kd_run_region(vm, owner, code, ctx, page);
    return kd_run_code(vm, owner, block->code, ctx, page, code->body_at);
}

/* Several blocks in one render: what they share is set up once. */
static kida_status
render_parts(kd_vm *vm, kida_template *tpl, kd_ctx *ctx, kd_page *page,
             const kida_render_options *options)
{
    kida_status st = KIDA_OK;
    for (size_t i = 0; i < options->part_count && st == KIDA_OK; i++) {
        if (options->begin_part)
            st = options->begin_part(vm->out.user, i);
        if (st == KIDA_OK)
            st = render_block(vm, tpl, ctx, page, options->parts[i]);
        if (st == KIDA_OK)
            st = kd_out_finish(vm);
    }
    return st;
}

static kida_status
render_blocks(kd_vm *vm, kida_template *tpl, kd_ctx *ctx, kd_page *page,
              const kida_render_options *options)
{
    kida_status st = set_up_blocks(vm, tpl, ctx, page);
    if (st != KIDA_OK)
        return st;
    return options->part_count ? render_parts(vm, tpl, ctx, page, options)
                               : render_block(vm, tpl, ctx, page, options->block);
}

KD_INLINE kida_status
render_page(kd_vm *vm, kida_template *tpl, kd_ctx *ctx, kd_page *page,
            const kida_render_options *options)
{
    if (options && options->block_count) {
        kida_status st = set_up_blocks(vm, tpl, ctx, page);
        for (size_t i = 0; i < options->block_count && st == KIDA_OK; i++) {
            const kida_template *owner;
            if (!find_block(page, options->blocks[i].name, &owner))
                st = unknown_block(vm, options->blocks[i].name, tpl);
        }
        if (st != KIDA_OK)
            return st;
        page->count = 0;
        page->given = options->blocks;
        page->given_count = options->block_count;
    }
    return kd_run_page(vm, tpl, ctx, page);
}

KD_INLINE kida_status
render_template(kd_vm *vm, kida_template *tpl, kida_value context,
                const kida_render_options *options)
{
    kd_ctx *ctx = kd_ctx_first(vm, context);
    kd_page *page = &vm->page;
    kida_status st;
    kd_page_init(page);
    if (options && (options->block.len || options->part_count))
        st = render_blocks(vm, tpl, ctx, page, options);
    else
        st = render_page(vm, tpl, ctx, page, options);
    return st == KIDA_OK ? kd_out_finish(vm) : st;
}

/* tpl is NULL where it was not found. */
static __attribute__((noinline)) kida_status
complete_error(kd_vm *vm, const kida_template *tpl, kida_status st)
{
    kida_error *err = vm->rt.err;
    if (st == KIDA_E_LIMIT_MEMORY && vm->pool.starved) { /* not the limit: there was none to have */
        err->status = KIDA_OK;
        st = kd_error_set(err, KIDA_E_NOMEM, "out of memory");
    }
    kd_error_default_hint(err);
    if (tpl && err->template_name[0] == '\0')
        kd_copy_text(err->template_name, sizeof err->template_name, tpl->name);
    return st;
}

KD_INLINE kida_status
end(kd_vm *vm, const kida_template *tpl, kida_status st)
{
    if (KD_UNLIKELY(st != KIDA_OK))
        st = complete_error(vm, tpl, st);
    drop_fetched(vm, false);
    kd_arena_reset(&vm->pool);
    vm->busy = false;
    return st;
}

kida_status
kd_render(kd_vm *vm, kida_template *tpl, kida_value context, const kida_render_options *options,
          kida_sink_fn *sink, void *user, kida_error *err)
{
    if (vm->busy)
        return kd_error_set(err, KIDA_E_USAGE, "the renderer is in use");
    begin(vm, options, sink, user, err);
    return end(vm, tpl, render_template(vm, tpl, context, options));
}

kida_status
kd_render_named(kd_vm *vm, kida_str name, kida_value context, const kida_render_options *options,
                kida_sink_fn *sink, void *user, kida_error *err)
{
    if (vm->busy)
        return kd_error_set(err, KIDA_E_USAGE, "the renderer is in use");
    begin(vm, options, sink, user, err);
    kida_template *tpl = NULL;
    kida_status st = kd_vm_fetch(vm, kida_string(name), NULL, &tpl);
    return end(vm, tpl, st == KIDA_OK ? render_template(vm, tpl, context, options) : st);
}

/* ---- sinks ----------------------------------------------------------------------------------- */

kida_status
kida_sink_fd(void *user, const char *data, size_t len)
{
    int fd = *(const int *)user;
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return KIDA_E_SINK;
        data += n;
        len -= (size_t)n;
    }
    return KIDA_OK;
}

void
kida_render_options_init(kida_render_options *options)
{
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
}
