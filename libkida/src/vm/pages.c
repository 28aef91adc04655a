/* SPDX-License-Identifier: MIT */
/* pages.c - templates that use each other: extends chains, blocks, includes, embeds, imports. */
#include "vm/vm.h"
#include "error/suggest.h"

#include <string.h>

#define FETCHED_MAX 512

/* ---- fetching -------------------------------------------------------------------------------- */

static bool
is_relative(kida_str name)
{
    kida_str bare = kd_str_strip(name, true, true);
    return bare.len > 0 && bare.ptr[0] == '.';
}

static kida_template *
find_fetched(const kd_vm *vm, kida_str name, uint32_t hash)
{
    const kd_fetched *f = vm->fetched.items;
    for (size_t i = 0; i < vm->fetched.count; i++)
        if (f[i].hash == hash && f[i].lasting && kd_str_equal(f[i].name, name))
            return f[i].tpl;
    return NULL;
}

/* Templates are held by the renderer, so that a render touches no shared count. */
static kida_status
keep_fetched(kd_vm *vm, kida_str name, uint32_t hash, kida_template *tpl, bool lasting)
{
    kd_fetched *f = kd_array_add(vm, &vm->fetched, sizeof *f);
    if (!f) {
        kida_template_drop(tpl);
        return KIDA_E_NOMEM;
    }
    f->tpl = tpl;
    f->lasting = lasting && vm->fetched.count < FETCHED_MAX;
    if (f->lasting) { /* the name must outlive this render: that of the template does */
        f->lasting = kd_str_equal(name, tpl->name);
        f->name = tpl->name;
        f->hash = hash;
    }
    return KIDA_OK;
}

/* Looking for the name that was meant takes time: not where a template may be missing. */
static kida_status
fetch(kd_vm *vm, kida_value name, const kida_template *referrer, kida_template **out)
{
    if (!kd_is(name, KIDA_STRING)) {
        kida_fail(&vm->call, KIDA_E_ATTRIBUTE, "a template name must be a text, not %s",
                  kida_kind_name(name));
        return kida_fail_hint(&vm->call, "check the expression that names the template");
    }
    kida_str text = kida_as_str(name);
    uint32_t hash = kd_hash_str(text);
    *out = find_fetched(vm, text, hash);
    if (*out)
        return KIDA_OK;
    kida_status st = vm->host->fetch(vm->host->env, text, referrer, out, vm->rt.err);
    return st == KIDA_OK ? keep_fetched(vm, text, hash, *out, !is_relative(text)) : st;
}

kida_status
kd_vm_fetch(kd_vm *vm, kida_value name, const kida_template *referrer, kida_template **out)
{
    kida_status st = fetch(vm, name, referrer, out);
    if (st == KIDA_E_NOT_FOUND && vm->rt.err)
        vm->host->suggest_template(vm->host->env, kida_as_str(name), vm->rt.err);
    return st;
}

/* ---- pages ----------------------------------------------------------------------------------- */

void
kd_page_init(kd_page *page)
{
    page->chain = page->first;
    page->count = 0;
    page->room = KD_PAGE_FIRST;
    page->next = NULL;
    page->overrides = NULL;
    page->derived = NULL;
    page->derived_count = 0;
    page->given = NULL;
    page->given_count = 0;
}

/* A page of its own: defs made while it runs refer to it. */
static kd_page *
page_new(kd_vm *vm)
{
    kd_page *page = kd_arena_alloc(&vm->pool, sizeof *page);
    if (page)
        kd_page_init(page);
    else
        kd_fail_memory(&vm->call);
    return page;
}

static bool
page_grow(kd_vm *vm, kd_page *page)
{
    const kida_template **grown = kd_arena_array(&vm->pool, page->room * (size_t)2,
                                                 sizeof *grown);
    if (!grown)
        return false;
    memcpy(grown, page->chain, page->count * sizeof *grown);
    page->chain = grown;
    page->room *= 2;
    return true;
}

kida_status
kd_page_add(kd_vm *vm, kd_page *page, const kida_template *tpl)
{
    for (uint32_t i = 0; i < page->count; i++)
        if (page->chain[i] == tpl)
            return kida_fail(&vm->call, KIDA_E_CIRCULAR, "template '%.*s' extends itself",
                             (int)tpl->name.len, tpl->name.ptr);
    if (page->count > vm->limits.extends_depth)
        return kida_fail(&vm->call, KIDA_E_RUNTIME, "templates extend each other more than %u deep",
                         vm->limits.extends_depth);
    if (page->count == page->room && !page_grow(vm, page))
        return kd_fail_memory(&vm->call);
    page->chain[page->count++] = tpl;
    return KIDA_OK;
}

kida_status
kd_run_code(kd_vm *vm, const kida_template *tpl, uint32_t code, kd_ctx *ctx, kd_page *page,
            uint32_t pc)
{
    kida_status st = kd_vm_step(vm); /* a template or block is as much as a call */
    kd_frame *f = st == KIDA_OK ? kd_frame_push(vm, tpl, &tpl->codes[code], NULL) : NULL;
    if (!f)
        return vm->rt.err->status;
    f->ctx = ctx;
    f->page = page;
    f->cells = kd_links_of(vm, ctx, tpl);
    st = f->cells ? kd_run(vm, f, pc) : vm->rt.err->status;
    kd_frame_pop(vm, f);
    return st;
}

kida_status
kd_run_page(kd_vm *vm, kida_template *leaf, kd_ctx *ctx, kd_page *page)
{
    uint32_t level = 0;
    kida_status st = kd_page_add(vm, page, leaf);
    for (const kida_template *tpl = leaf; tpl && st == KIDA_OK; tpl = page->next) {
        page->next = NULL;
        st = kd_run_code(vm, tpl, tpl->body, ctx, page, 0);
        level++;
    }
    while (st != KIDA_OK && level > 1) { /* through which tags the page came there */
        const kida_template *child = page->chain[--level - 1];
        kd_error_push(vm->rt.err, "extends", KIDA_S(""), child->name,
                      kd_extends_place(child).line);
    }
    return st;
}

kida_status
kd_vm_extends(kd_vm *vm, kida_value name)
{
    kd_page *page = vm->frame->page;
    kida_status st = kd_vm_fetch(vm, name, vm->frame->tpl, &page->next);
    return st == KIDA_OK ? kd_page_add(vm, page, page->next) : st; /* here it has a line */
}

/* ---- blocks ---------------------------------------------------------------------------------- */

/* Adds to an error through which tag it came. */
static void
note(kd_vm *vm, const char *what, kida_str name)
{
    const kd_frame *f = vm->frame;
    kd_error_push(vm->rt.err, what, name, f->tpl->name,
                  kd_code_place(f->code, kd_frame_pc(f)).line);
}

kida_status
kd_run_region(kd_vm *vm, const kida_template *tpl, const kd_code *code, kd_ctx *ctx, kd_page *page)
{
    kd_ctx *inner = kd_ctx_push(vm, ctx, KD_CTX_COPY);
    kd_frame *f = inner ? kd_frame_push(vm, tpl, code, NULL) : NULL;
    if (!f)
        return vm->rt.err->status;
    kida_status st = KIDA_OK;
    for (uint16_t i = 0; i < code->param_count && st == KIDA_OK; i++) {
        const kd_def_param *p = &code->params[i];
        kd_cell *cell = kd_ctx_cell(vm, ctx, p->name.text, p->name.hash);
        if (!cell)
            st = vm->rt.err->status;
        else if (!kd_is_absent(cell->v))
            f->locals[p->local] = cell->v;
        else if (p->default_at < 0)
            st = kida_fail(&vm->call, KIDA_E_UNDEFINED, "region '%.*s' needs the variable '%.*s'",
                           (int)code->name.len, code->name.ptr, (int)p->name.text.len,
                           p->name.text.ptr);
    }
    f->ctx = inner;
    f->page = page;
    f->cells = kd_links_of(vm, inner, tpl);
    if (st == KIDA_OK)
        st = f->cells ? kd_run(vm, f, 0) : vm->rt.err->status;
    kd_frame_pop(vm, f);
    kd_ctx_pop(inner);
    return st;
}

static kida_status
run_block(kd_vm *vm, const kida_template *tpl, const kd_block *block, bool at_home)
{
    kd_frame *f = vm->frame;
    const kd_code *code = &tpl->codes[block->code];
    kida_status st;
    if (block->is_region)
        st = kd_run_region(vm, tpl, code, f->ctx, f->page);
    else
        st = kd_run_code(vm, tpl, block->code, f->ctx, f->page, at_home ? code->body_at : 0);
    if (st != KIDA_OK)
        note(vm, "block", block->name.text);
    return st;
}

kida_status
kd_vm_block(kd_vm *vm, const kd_block_site *site)
{
    kd_frame *f = vm->frame;
    kd_page *page = f->page;
    kida_str name = site->name.text;
    for (size_t i = 0; i < page->given_count; i++)
        if (kd_str_equal(page->given[i].name, name))
            return kd_out_put(vm, page->given[i].html);
    if (page->overrides) {
        for (uint32_t i = page->overrides->count; i > 0; i--) /* of several the last counts */
            if (kd_str_equal(page->overrides->slots[i - 1].name, name))
                return kd_run_override(vm, page->overrides, &page->overrides->slots[i - 1]);
    }
    for (uint32_t i = 0; i < page->derived_count; i++) { /* of the page that holds the embed */
        const kida_template *tpl = page->derived[i];
        const kd_block *block = kd_template_block(tpl, name, site->name.hash);
        if (block)
            return run_block(vm, tpl, block, false);
    }
    for (uint32_t i = 0; i < page->count; i++) {
        const kida_template *tpl = page->chain[i];
        const kd_block *block = kd_template_block(tpl, name, site->name.hash);
        if (block)
            return run_block(vm, tpl, block, tpl == f->tpl);
    }
    if (site->own == UINT32_MAX)
        return KIDA_OK;
    return run_block(vm, f->tpl, &f->tpl->blocks[site->own], true);
}

/* ---- include, embed -------------------------------------------------------------------------- */

/* Value of a name of the code around an include, or absent. */
static kida_value
visible_value(kd_vm *vm, const kd_visible *v)
{
    kd_frame *f = vm->frame->home;
    for (uint8_t up = 0; up < v->up; up++) {
        if (!f->outer || f->outer->serial != f->outer_serial)
            return kd_absent();
        f = f->outer;
    }
    kida_value value = f->locals[v->local];
    if (!v->is_loop || kd_is_absent(value))
        return value;
    kd_loop *loop = value.u_.p;
    loop->escaped = true;
    return kida_object(&kd_loop_type, loop);
}

static kida_status
include_context(kd_vm *vm, const kd_include_site *site, kd_ctx **out)
{
    kd_ctx *ctx = vm->frame->ctx;
    *out = ctx;
    const kd_bindings *bindings = vm->frame->bindings;
    kd_caller *caller = vm->frame->caller;
    if (site->without_context) {
        *out = kd_ctx_root(vm);
        return *out ? KIDA_OK : vm->rt.err->status;
    }
    if (site->visible_count == 0 && !bindings && !caller)
        return KIDA_OK;
    bool copies = site->copies || bindings || caller;
    ctx = kd_ctx_push(vm, ctx, copies ? KD_CTX_COPY : KD_CTX_THROUGH);
    if (!ctx)
        return vm->rt.err->status;
    *out = ctx;
    if (caller) {
        kd_caller_escapes(caller);
        kida_str name = KIDA_S("caller");
        kida_status st = kd_ctx_shadow(vm, ctx, name, kd_hash_str(name),
                                       kd_pointer(KIDA_CALLABLE, caller, 0, 0));
        if (st != KIDA_OK)
            return st;
    }
    for (uint32_t i = site->visible_count; i > 0; i--) {
        const kd_visible *v = &site->visible[i - 1];
        kida_value value = visible_value(vm, v);
        if (kd_is_absent(value))
            continue;
        kida_status st = kd_ctx_shadow(vm, ctx, v->name.text, v->name.hash, value);
        if (st != KIDA_OK)
            return st;
    }
    for (; bindings; bindings = bindings->outer) {
        for (uint32_t i = 0; i < bindings->count; i++) {
            kida_status st = kd_ctx_shadow(vm, ctx, bindings->names[i],
                                           kd_hash_str(bindings->names[i]), bindings->values[i]);
            if (st != KIDA_OK)
                return st;
        }
    }
    return KIDA_OK;
}

static kida_status
enter_include(kd_vm *vm)
{
    if (vm->include_depth >= vm->limits.include_depth)
        return kida_fail(&vm->call, KIDA_E_INCLUDE_DEPTH, "templates include each other more than "
                         "%u deep", vm->limits.include_depth);
    vm->include_depth++;
    return KIDA_OK;
}

/* A failure of the host's kind that leaves an include or an imported def is a template error from
 * there on (kida-language 10.3). */
static void
convert_error(kd_vm *vm)
{
    kida_error *err = vm->rt.err;
    if (kida_status_class(err->status) == KIDA_CLASS_RUNTIME && err->status != KIDA_E_REQUIRED)
        kd_error_kind(err, "TemplateRuntimeError");
}

static kida_status
run_included(kd_vm *vm, const kd_include_site *site, kida_template *tpl, kd_caller *overrides,
             const char *what)
{
    kd_ctx *ctx;
    kida_status st = include_context(vm, site, &ctx);
    if (st == KIDA_OK)
        st = enter_include(vm);
    if (st != KIDA_OK)
        return st;
    kd_page *page = page_new(vm);
    if (!page)
        return vm->rt.err->status;
    page->overrides = overrides;
    if (overrides && overrides->page) {
        const kd_page *around = overrides->page;
        page->derived = around->chain;
        while (page->derived_count < around->count &&
               around->chain[page->derived_count] != vm->frame->tpl)
            page->derived_count++;
    }
    st = kd_run_page(vm, tpl, ctx, page);
    vm->include_depth--;
    if (ctx != vm->frame->ctx && ctx->base)
        kd_ctx_pop(ctx);
    if (st != KIDA_OK) {
        convert_error(vm);
        note(vm, what, KIDA_S(""));
    }
    return st;
}

/* The first of several names that exists. */
static kida_status
fetch_first(kd_vm *vm, kida_value names, kida_template **out)
{
    kida_status st = KIDA_E_NOT_FOUND;
    size_t count = kida_length(names);
    for (size_t i = 0; i < count && st == KIDA_E_NOT_FOUND; i++) {
        vm->rt.err->status = KIDA_OK;
        st = fetch(vm, kida_item_at(names, i), vm->frame->tpl, out);
    }
    if (count == 0)
        kida_fail(&vm->call, st, "the list of templates to include is empty");
    return st;
}

kida_status
kd_vm_include(kd_vm *vm, const kd_include_site *site, kida_value name)
{
    kida_template *tpl = NULL;
    kida_status st;
    if (kd_is(name, KIDA_LIST) || kd_is(name, KIDA_TUPLE))
        st = fetch_first(vm, name, &tpl);
    else if (site->ignore_missing)
        st = fetch(vm, name, vm->frame->tpl, &tpl);
    else
        st = kd_vm_fetch(vm, name, vm->frame->tpl, &tpl);
    if (st == KIDA_E_NOT_FOUND && site->ignore_missing) {
        vm->rt.err->status = KIDA_OK;
        return KIDA_OK;
    }
    return st == KIDA_OK ? run_included(vm, site, tpl, NULL, "include") : st;
}

kida_status
kd_vm_embed(kd_vm *vm, const kd_include_site *site, kida_value name)
{
    kida_template *tpl = NULL;
    kida_status st = kd_vm_fetch(vm, name, vm->frame->tpl, &tpl);
    if (st != KIDA_OK)
        return st;
    kd_frame *f = vm->frame;
    kd_caller *overrides = kd_arena_zero(&vm->pool, sizeof *overrides);
    if (!overrides)
        return kd_fail_memory(&vm->call);
    overrides->head.kind = KD_CALL_OTHER;
    overrides->tpl = f->tpl;
    overrides->slots = site->overrides;
    overrides->count = site->override_count;
    overrides->site = f->home;
    overrides->serial = f->home->serial;
    overrides->ctx = f->ctx;
    overrides->page = f->page;
    overrides->outer = f->caller;
    kd_caller_escapes(f->caller);
    overrides->bindings = f->bindings;
    overrides->binder = f;
    overrides->binder_serial = f->serial;
    return run_included(vm, site, tpl, overrides, "embed");
}

/* ---- import ---------------------------------------------------------------------------------- */

static kida_status
run_import(kd_vm *vm, kida_template *tpl, kd_ctx *ctx)
{
    kida_str *names = vm->importing.items;
    for (size_t i = 0; i < vm->importing.count; i++)
        if (kd_str_equal(names[i], tpl->name))
            return kida_fail(&vm->call, KIDA_E_CIRCULAR, "template '%.*s' imports itself",
                             (int)tpl->name.len, tpl->name.ptr);
    kida_str *slot = kd_array_add(vm, &vm->importing, sizeof *slot);
    kd_page *page = page_new(vm);
    if (!slot || !page)
        return vm->rt.err->status;
    *slot = tpl->name;
    size_t mark = kd_capture_begin(vm);
    vm->include_depth++; /* includes inside count it; imports alone are bounded by their circles */
    kida_status st = kd_run_page(vm, tpl, ctx, page);
    vm->include_depth--;
    vm->out.at = vm->out.base + mark;
    vm->out.held--;
    vm->out.valued--;
    vm->importing.count--;
    if (st != KIDA_OK)
        note(vm, "import", KIDA_S(""));
    return st;
}

kida_status
kd_vm_import(kd_vm *vm, kida_value name, bool with_context, kd_ctx **out)
{
    kida_template *tpl = NULL;
    kida_status st = kd_vm_fetch(vm, name, vm->frame->tpl, &tpl);
    if (st != KIDA_OK)
        return st;
    /* The layer stays for the whole render: defs of the module go on seeing it. */
    kd_ctx *ctx = with_context ? kd_ctx_push(vm, vm->frame->ctx, KD_CTX_COPY)
                               : kd_ctx_root(vm);
    if (!ctx)
        return vm->rt.err->status;
    *out = ctx;
    return run_import(vm, tpl, ctx);
}

static void
offer(void *arg, kida_str name)
{
    kd_suggest_offer(arg, name);
}

static kida_status
fail_import(kd_vm *vm, kd_ctx *ctx, kida_str name, kida_str wanted)
{
    kida_status st = kida_fail(&vm->call, KIDA_E_IMPORT_NAME,
                               "the template '%.*s' has no def '%.*s'", (int)name.len, name.ptr,
                               (int)wanted.len, wanted.ptr);
    kd_suggest s;
    kd_suggest_init(&s, wanted);
    kd_ctx_each(ctx, vm->host, offer, &s);
    if (s.best.len)
        (void)kida_fail_hint(&vm->call, "did you mean '%.*s'?", (int)s.best.len, s.best.ptr);
    return st;
}

kida_status
kd_vm_from(kd_vm *vm, const kd_from_site *site, kida_value name, bool with_context,
           kida_value *out)
{
    kd_ctx *ctx;
    kida_status st = kd_vm_import(vm, name, with_context, &ctx);
    if (st != KIDA_OK)
        return st;
    for (uint32_t i = 0; i < site->count; i++) {
        kida_str wanted = site->names[i];
        kd_cell *cell = kd_ctx_cell(vm, ctx, wanted, kd_hash_str(wanted));
        if (!cell)
            return vm->rt.err->status;
        bool callable = kd_is(cell->v, KIDA_CALLABLE) || kd_is(cell->v, KIDA_OBJECT);
        if (!callable)
            return fail_import(vm, ctx, kida_as_str(name), wanted);
        out[site->count - 1 - i] = cell->v; /* the first one on top */
    }
    return KIDA_OK;
}
