/* SPDX-License-Identifier: MIT */
/* vm.h - one render from the inside: frames, contexts, output, handlers. Thread: owner. */
#ifndef KD_VM_H
#define KD_VM_H

#include <kida/render.h>

#include "code/code.h"
#include "memory/alloc.h"
#include "memory/num.h"
#include "value/ops.h"

typedef struct kd_vm kd_vm;
typedef struct kd_frame kd_frame;
typedef struct kd_ctx kd_ctx;
typedef struct kd_page kd_page;
typedef struct kd_caller kd_caller;

/* ---- what the environment offers a render ---------------------------------------------------- */

typedef struct kd_host {
    kida_env *env;
    /* The template of a name as written in a tag of referrer (NULL: none). Held for the caller. */
    kida_status (*fetch)(kida_env *env, kida_str name, const kida_template *referrer,
                         kida_template **out, kida_error *err);
    /* Adds to a "not found" the name that was perhaps meant. */
    void (*suggest_template)(kida_env *env, kida_str name, kida_error *err);
    const kd_filter_entry *(*filter)(void *env, kida_str name);
    const kd_test_entry *(*test)(void *env, kida_str name);
    /* A number that changes whenever a fetch could give another template than before. */
    uint64_t (*generation)(kida_env *env);
    bool (*cache_get)(kida_env *env, kida_str key, kida_pool *pool, kida_str *out);
    void (*cache_put)(kida_env *env, kida_str key, kida_str text, double ttl);
    const kida_catalog *catalog;  /* NULL: messages stand for themselves */
    const kd_dict *globals;
    const kd_dict *statics;       /* NULL: none */
    const kida_sandbox *sandbox;  /* NULL: none */
    const kd_upcalls *upcalls;
    const kida_limits *limits;
    double fragment_ttl;
    uint64_t random_seed;         /* of random and shuffle; 0: drawn for each renderer */
    bool strict_undefined;
    bool strict_none;
    bool auto_reload;             /* what a renderer fetched is looked at anew each render */
} kd_host;

/* ---- contexts: context.c --------------------------------------------------------------------- */

/* One variable of a context. Stays at its address, so that code may keep a link to it. */
typedef struct kd_cell {
    kida_value v;            /* absent: not set */
    kida_str name;
    uint32_t hash;
    struct kd_cell *next;    /* in its bucket */
} kd_cell;

/* Cells of one template's free names in one context, resolved on first use. */
typedef struct kd_links {
    const kida_template *tpl;
    struct kd_links *next;
    kd_cell *cells[];
} kd_links;

typedef enum kd_ctx_kind {
    KD_CTX_ROOT,    /* the values of the render, then globals */
    KD_CTX_COPY,    /* a snapshot of base at its making, as far as one can tell */
    KD_CTX_THROUGH  /* adds names to base; assignments go to base */
} kd_ctx_kind;

struct kd_ctx {
    kd_ctx_kind kind;
    kd_ctx *base;
    kd_cell **buckets;
    uint32_t mask;
    kida_value values;   /* ROOT: what the host gave */
    bool has_values;
    kd_links *links;
    kd_ctx *children;    /* live contexts on top of this one */
    kd_ctx *sibling;
};

#define KD_ROOT_BUCKETS 16 /* powers of two */
#define KD_LAYER_BUCKETS 4

kd_ctx *kd_ctx_first(kd_vm *vm, kida_value values); /* of a render: what the host gave */
kd_ctx *kd_ctx_root(kd_vm *vm);                     /* without values: globals alone */
kd_ctx *kd_ctx_push(kd_vm *vm, kd_ctx *base, kd_ctx_kind kind);
void kd_ctx_pop(kd_ctx *ctx);
kd_cell **kd_ctx_links(kd_vm *vm, kd_ctx *ctx, const kida_template *tpl);
/* The cell that a read of name reaches. NULL: out of memory. */
kd_cell *kd_ctx_cell(kd_vm *vm, kd_ctx *ctx, kida_str name, uint32_t hash);
kida_status kd_ctx_store(kd_vm *vm, kd_ctx *ctx, kida_str name, uint32_t hash, kida_value v);
/* Hides what base says, in this context only (made by kd_ctx_push). */
kida_status kd_ctx_shadow(kd_vm *vm, kd_ctx *ctx, kida_str name, uint32_t hash, kida_value v);
/* Everything the context holds, as a dict. */
kida_status kd_ctx_dict(kd_vm *vm, kd_ctx *ctx, kida_value *out);
/* Offers every name in sight, for suggestions. */
void kd_ctx_each(kd_ctx *ctx, const kd_host *host, void (*offer)(void *arg, kida_str name),
                 void *arg);

/* ---- frames ---------------------------------------------------------------------------------- */

typedef struct kd_bindings {
    const kida_str *names;
    const kida_value *values;
    uint32_t count;
    const struct kd_bindings *outer;
} kd_bindings;

/* Who started a frame: C, through kd_run, or an instruction of the frame below. */
typedef enum kd_frame_kind {
    KD_FRAME_ENTRY, KD_FRAME_DEF, KD_FRAME_SLOT, KD_FRAME_OVERRIDE
} kd_frame_kind;

struct kd_frame {
    kd_frame_kind kind;
    const kida_template *tpl;
    const kd_code *code;
    kida_value *locals;
    kida_value *stack;         /* operands start here */
    kd_ctx *ctx;
    kd_cell **cells;           /* links of tpl in ctx */
    kd_page *page;             /* whose blocks count */
    kd_caller *caller;         /* who gave slots; NULL: nobody */
    kd_frame *home;            /* frame that owns the locals: itself, or that of the call site */
    kd_frame *outer;           /* frame that ran the def tag */
    uint64_t outer_serial;
    uint64_t serial;           /* 0: dead */
    const kd_bindings *bindings;
    const kd_insn *ip;         /* behind the instruction that runs; NULL: none yet */
    kida_value *sp;            /* of operands, while a frame above runs */
    kd_ctx *layer;             /* made for this frame; NULL: none */
    kd_caller *running;        /* SLOT: whose body this is; DEF: made for this call, or NULL */
    const kd_slot_body *body;  /* SLOT */
    kida_value *saved;         /* SLOT: locals of a body that runs inside itself; NULL: none */
    kd_bindings own_bindings;  /* SLOT */
    kd_frame *below;
    kd_frame *above;           /* storage of the next deeper frame; NULL: none yet */
};

/* A def or region as a value. */
typedef struct kd_def {
    kd_callable head;
    const kida_template *tpl;
    const kd_code *code;
    kd_ctx *ctx;
    kd_page *page;
    kd_frame *frame;           /* NULL: made by set-up code */
    uint64_t serial;
    kd_caller *caller;         /* of the def around */
    const kida_value *defaults;
} kd_def;

/* The slots of one call; a value too (`caller`). */
struct kd_caller {
    kd_callable head;
    const kida_template *tpl;
    const kd_slot_body *slots;
    uint32_t count;
    kd_frame *site;            /* frame of the call: its locals are the bodies' */
    uint64_t serial;
    kd_ctx *ctx;
    kd_page *page;
    kd_caller *outer;          /* caller at the call site */
    const kd_bindings *bindings;
    kd_frame *binder;          /* frame that bindings live as long as */
    uint64_t binder_serial;
    uint32_t active;           /* bodies running now */
    bool escaped;              /* something may refer to it after the call */
    kd_caller *next_free;
};

#define KD_PAGE_FIRST 4

/* Which blocks a page shows: overrides of an embed first, then the chain from leaf to root. */
struct kd_page {
    const kida_template **chain;
    uint32_t count;
    uint32_t room;
    const kida_template *first[KD_PAGE_FIRST];
    kida_template *next;       /* set by EXTENDS: where the page goes on */
    kd_caller *overrides;      /* embed */
    const kida_template **derived; /* embed: templates that extend the one with the tag */
    uint32_t derived_count;
    const kida_block_html *given;
    size_t given_count;
};

/* ---- loops: loops.c -------------------------------------------------------------------------- */

typedef struct kd_loop {
    const kida_value *items;   /* tuple or snapshot */
    kd_list *list;             /* live list, or NULL */
    size_t count;              /* of items */
    size_t index;              /* of the next item */
    kida_iter iter;            /* anything else */
    kida_value current;
    kida_value previous;
    bool generic;              /* uses iter */
    bool escaped;              /* a template got hold of it as a value */
    struct kd_loop *next_free;
} kd_loop;

extern const kida_object_type kd_loop_type;

kida_status kd_loop_begin(kd_vm *vm, kida_value over, unsigned flags, kd_loop **out);
kida_status kd_loop_next_slow(kd_vm *vm, kd_loop *loop, kida_value *out);
void kd_loop_end(kd_vm *vm, kida_value *slot);
kida_status kd_loop_attr(kida_call *call, kd_loop *loop, kida_str name, kida_value *out);

/* ---- output: output.c ------------------------------------------------------------------------ */

/* A `stack` tag in page output: filled in when the render ends. */
typedef struct kd_stack_place {
    size_t offset;             /* in the buffer */
    kida_str name;
} kd_stack_place;

typedef struct kd_stack_entry {
    kida_str name;
    kida_str text;
} kd_stack_entry;

typedef struct kd_out {
    char *base, *at, *end;
    size_t floor;              /* keep this much room free before asking the sink */
    kida_sink_fn *sink;
    void *user;
    uint64_t flushed;
    uint64_t collected;        /* bytes of captures that were taken out again */
    uint64_t limit;
    uint64_t points;           /* code points given out, for the sandbox */
    uint64_t max_points;       /* 0: no bound */
    uint32_t held;             /* captures and tries open: nothing may leave */
    uint32_t valued;           /* output is being collected into a value */
    bool stream;
    kd_stack_place *places;
    size_t place_count, place_room;
} kd_out;

#define KD_OUT_ROOM ((size_t)16 << 10)

kida_status kd_out_grow(kd_vm *vm, size_t need);
kida_status kd_out_flush(kd_vm *vm);
kida_status kd_out_finish(kd_vm *vm);

KD_INLINE kida_status kd_out_put(kd_vm *vm, kida_str text);
kida_status kd_out_value(kd_vm *vm, const kida_template *tpl, kida_value v);
kida_status kd_out_raw(kd_vm *vm, kida_value v);
size_t kd_capture_begin(kd_vm *vm);
kida_status kd_capture_end(kd_vm *vm, size_t mark, bool safe, kida_value *out);
kida_status kd_capture_end_call(kd_vm *vm, size_t mark, kida_value *out);
kida_status kd_stack_out(kd_vm *vm, kida_str name);
kida_status kd_stack_push(kd_vm *vm, kida_str name, kida_str text);
kida_status kd_spaceless(kd_vm *vm, kida_value *v);

/* ---- handlers, undo, providers --------------------------------------------------------------- */

typedef enum kd_handler_kind { KD_HANDLER_TRY, KD_HANDLER_GUARD } kd_handler_kind;

typedef struct kd_handler {
    kd_handler_kind kind;
    kd_frame *frame;
    uint32_t pc;
    uint32_t height;           /* of the operand stack */
    size_t out_mark;
    size_t places;
    uint32_t held, valued;
    size_t undo;
    size_t provided;
    size_t captures;
} kd_handler;

/* Value that a `with` replaced. */
typedef struct kd_undo {
    kd_ctx *ctx;
    kida_str name;
    uint32_t hash;
    kida_value old;
} kd_undo;

typedef struct kd_provided {
    kida_str key;
    kida_value v;
} kd_provided;

/* A capture that is open in some frame. */
typedef struct kd_capture {
    size_t mark;
    kida_str cache_key;        /* CACHE_BEGIN */
    double ttl;
} kd_capture;

typedef struct kd_array {
    void *items;
    size_t count, room;
} kd_array;

/* A template that this renderer holds, under the name it was asked for. */
typedef struct kd_fetched {
    kida_str name;
    uint32_t hash;
    kida_template *tpl;
    bool lasting;              /* kept for the next render */
} kd_fetched;

typedef struct kd_chunk {
    struct kd_chunk *next;
    size_t room;
    kida_value values[];
} kd_chunk;

#define KD_HINTS 256
#define KD_STRUCT_HINTS 64

/* Where an attribute of a C struct was found in this render. */
typedef struct kd_struct_hint {
    const kida_struct *of; /* NULL: nothing yet */
    const kd_name *name;
    const kida_field *field;
} kd_struct_hint;

struct kd_vm {
    kd_runtime rt;             /* first: a kida_call's rt is its vm */
    kida_call call;            /* for operations on values: no arguments */
    kida_pool pool;
    kida_error own_error;
    const kd_host *host;
    kida_allocator allocator;
    kd_out out;
    kd_frame *frame;           /* innermost */
    kd_frame *first_frame;     /* storage of the outermost one; the others hang on above */
    uint64_t serial;
    kd_chunk *chunks;
    kd_chunk *chunk;           /* in use */
    kida_value *top;           /* next free value of it */
    kida_value *limit;
    kd_array handlers;         /* kd_handler */
    kd_array undo;             /* kd_undo */
    kd_array provided;         /* kd_provided */
    kd_array captures;         /* kd_capture */
    kd_array stacks;           /* kd_stack_entry */
    kd_array fetched;          /* kd_fetched: kept between renders */
    uint64_t generation;       /* that fetched belongs to */
    kd_loop *free_loops;
    kd_caller *free_callers;
    kida_value caught;         /* record for TRY_ERROR */
    uint32_t include_depth;
    kd_array importing;        /* kida_str: templates being imported, for circles */
    kida_limits limits;        /* of this render */
    uint64_t budget;           /* steps beyond those in rt.steps_left */
    uint64_t deadline;         /* monotonic ns; 0: none */
    uintptr_t stack_from;      /* C stack at the begin of the render */
    const kida_render_options *options;
    kida_value meta;
    bool busy;
    kd_ctx root;               /* the context of the render, and its page */
    kd_cell *root_buckets[KD_ROOT_BUCKETS];
    kd_page page;
    bool has_struct_hints;
    kd_struct_hint struct_hints[KD_STRUCT_HINTS]; /* by instruction, as hints */
    uint8_t hints[KD_HINTS];   /* where attributes were found last: see kd_attr_hint */
};

/* Room for one more in a vm array; NULL: out of memory (reported). Zeroed. */
void *kd_array_add(kd_vm *vm, kd_array *a, size_t item_size);

kd_frame *kd_frame_push(kd_vm *vm, const kida_template *tpl, const kd_code *code, kd_frame *home);
void kd_frame_pop(kd_vm *vm, kd_frame *f);

/* Runs a frame's code from pc; its output goes to vm->out. */
kida_status kd_run(kd_vm *vm, kd_frame *f, uint32_t pc);

/* Bytes of the C stack that kd_run may be nested over: less than a coroutine of 256 KiB or a small
 * thread has, with room for a filter above. Frames are larger in builds for debugging. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KD_STACK_MAX ((size_t)3 << 20)
#elif defined(__OPTIMIZE__)
#define KD_STACK_MAX ((size_t)192 << 10)
#else
#define KD_STACK_MAX ((size_t)1 << 20)
#endif

/* Where the stack is now. */
KD_INLINE uintptr_t
kd_c_stack(void)
{
    return (uintptr_t)__builtin_frame_address(0);
}

KD_INLINE bool
kd_stack_is_full(const kd_vm *vm)
{
    uintptr_t here = kd_c_stack();
    return (here < vm->stack_from ? vm->stack_from - here : here - vm->stack_from) > KD_STACK_MAX;
}

KD_INLINE kd_vm *
kd_vm_of(const kida_call *call)
{
    return (kd_vm *)(void *)call->rt;
}

/* ---- access.c -------------------------------------------------------------------------------- */

kida_status kd_vm_attr(kd_vm *vm, kida_value v, const kd_name *attr, kida_value *out);
/* The same for the instruction at ip, whose hint is set. */
kida_status kd_vm_attr_search(kd_vm *vm, const kd_insn *ip, kida_value v, const kd_name *attr,
                              kida_value *out);
kida_status kd_vm_attr_safe(kd_vm *vm, kida_value v, const kd_name *attr, kida_value *out);
kida_status kd_vm_attr_soft(kd_vm *vm, kida_value v, const kd_name *attr, kida_value *out);
kida_status kd_vm_item(kd_vm *vm, kida_value v, kida_value key, bool guarded, kida_value *out);
kida_status kd_vm_item_safe(kd_vm *vm, kida_value v, kida_value key, kida_value *out);
kida_status kd_vm_item_soft(kd_vm *vm, kida_value v, kida_value key, kida_value *out);
kida_status kd_fail_undefined(kd_vm *vm, kida_str name);
kida_status kd_vm_binary(kd_vm *vm, char op, kida_value a, kida_value b, kida_value *out);
kida_status kd_vm_compare(kd_vm *vm, char op, kida_value a, kida_value b, bool *out);

/* ---- calls.c --------------------------------------------------------------------------------- */

kida_status kd_vm_call(kd_vm *vm, const kd_call_site *site, const kida_value *stack,
                       kida_value *out);
kida_status kd_vm_call_method(kd_vm *vm, const kd_call_site *site, const kd_name *attr,
                              const kida_value *stack, kida_value *out);
/* These may leave a new frame as the innermost one, for the loop to go on with. */
kida_status kd_vm_call_out(kd_vm *vm, const kd_call_site *site, const kida_value *stack);
kida_status kd_vm_call_slots(kd_vm *vm, const kd_call_site *site, const kida_value *stack);
kida_status kd_vm_slot(kd_vm *vm, const kd_slot_site *site, const kida_value *values);
/* Ends a frame that an instruction began. */
void kd_frame_leave(kd_vm *vm, kd_frame *f);
/* The same after a failure, which gains a line of its trace. */
void kd_frame_abandon(kd_vm *vm, kd_frame *f);
/* The caller is handed to something that may outlive its call: it is not used again. */
void kd_caller_escapes(kd_caller *caller);
kida_status kd_vm_make_def(kd_vm *vm, uint32_t code, const kida_value *defaults, uint32_t count,
                           kida_value *out);
bool kd_vm_has_caller(kd_vm *vm);
kida_status kd_vm_has_slot(kd_vm *vm, const kida_value *args, uint32_t count, kida_value *out);
kida_status kd_run_override(kd_vm *vm, kd_caller *overrides, const kd_slot_body *body);
kida_status kd_vm_filter(kd_vm *vm, const kd_filter_entry *entry, const kida_value *stack,
                         uint32_t count, const kd_call_site *site, kida_value *out);
kida_status kd_vm_test(kd_vm *vm, const kd_test_entry *entry, const kida_value *stack,
                       uint32_t count, const kd_call_site *site, bool *out);
/* Self as a row wants it: absent becomes undefined, KIDA_TEXT_IN makes it text. */
kida_status kd_filter_self(kd_vm *vm, unsigned flags, kida_value *self);
kida_status kd_vm_invoke(kida_call *call, kd_callable *callee, const kida_value *args,
                         size_t arg_count, const kida_str *names, const kida_value *named,
                         size_t named_count, kida_value *out);
/* Runs a region as a block: parameters come from the context. */
kida_status kd_run_region(kd_vm *vm, const kida_template *tpl, const kd_code *code, kd_ctx *ctx,
                          kd_page *page);

/* ---- pages.c --------------------------------------------------------------------------------- */

kida_status kd_vm_fetch(kd_vm *vm, kida_value name, const kida_template *referrer,
                        kida_template **out);
kida_status kd_run_code(kd_vm *vm, const kida_template *tpl, uint32_t code, kd_ctx *ctx,
                        kd_page *page, uint32_t pc);
kida_status kd_run_page(kd_vm *vm, kida_template *leaf, kd_ctx *ctx, kd_page *page);
void kd_page_init(kd_page *page);
kida_status kd_page_add(kd_vm *vm, kd_page *page, const kida_template *tpl);
kida_status kd_vm_block(kd_vm *vm, const kd_block_site *site);
kida_status kd_vm_include(kd_vm *vm, const kd_include_site *site, kida_value name);
kida_status kd_vm_embed(kd_vm *vm, const kd_include_site *site, kida_value name);
kida_status kd_vm_import(kd_vm *vm, kida_value name, bool with_context, kd_ctx **out);
kida_status kd_vm_from(kd_vm *vm, const kd_from_site *site, kida_value name, bool with_context,
                       kida_value *out);
kida_status kd_vm_extends(kd_vm *vm, kida_value name);

/* ---- handlers.c, steps.c --------------------------------------------------------------------- */

const kd_handler *kd_vm_handle(kd_vm *vm, kd_frame *f, kida_status st);
void kd_vm_drop_handler(kd_vm *vm);
kida_status kd_vm_open(kd_vm *vm, kd_frame *f, kd_handler_kind kind, uint32_t pc,
                       const kida_value *sp);
kida_status kd_vm_list(kd_vm *vm, const kida_value *items, uint32_t count, kida_value *out);
kida_status kd_vm_dict(kd_vm *vm, const kida_value *pairs, uint32_t count, kida_value *out);
kida_status kd_vm_match(kida_value v, uint32_t count, kida_value *out, bool *matched);
kida_status kd_vm_await(kd_vm *vm, kida_value *v);
kida_status kd_vm_safe_method(kd_vm *vm, kida_value *top, const kd_name *attr, bool *callable);
kida_status kd_vm_capture(kd_vm *vm);
kida_status kd_vm_capture_end(kd_vm *vm, kida_value *out);
void kd_vm_discard_end(kd_vm *vm);
kida_status kd_vm_provide(kd_vm *vm, kida_value key, kida_value v);
kida_status kd_vm_flush(kd_vm *vm);
kida_status kd_vm_import_dict(kd_vm *vm, kida_value name, bool with_context, kida_value *out);

/* ---- statements.c ---------------------------------------------------------------------------- */

kida_status kd_vm_unpack(kd_vm *vm, kida_value v, uint32_t count, kida_value *out);
kida_status kd_vm_unpack_index(kd_vm *vm, kida_value v, uint32_t count, kida_value *out);
kida_status kd_vm_with_push(kd_vm *vm, kd_ctx *ctx, const kd_name *name, kida_value v);
void kd_vm_with_pop(kd_vm *vm, size_t count);
kida_status kd_vm_trans(kd_vm *vm, const kd_trans_site *site, const kida_value *values);
kida_status kd_vm_cache_begin(kd_vm *vm, kida_value key, kida_value ttl, bool *hit);
kida_status kd_vm_cache_end(kd_vm *vm, bool store);
kida_status kd_vm_error_record(kd_vm *vm);
/* count steps are more than are at hand: takes more from the budget and looks at the clock. */
kida_status kd_vm_more_steps(kida_call *call, uint64_t count);

/* Counts one step. */
KD_INLINE kida_status
kd_vm_step(kd_vm *vm)
{
    if (KD_UNLIKELY(vm->rt.steps_left == 0))
        return kd_vm_more_steps(&vm->call, 1);
    vm->rt.steps_left--;
    return KIDA_OK;
}

KD_INLINE uint32_t
kd_frame_pc(const kd_frame *f)
{
    return f->ip ? (uint32_t)(f->ip - f->code->insns) - 1 : 0;
}

/* ---- sandbox.c ------------------------------------------------------------------------------- */

kida_status kd_sandbox_attribute(kida_call *call, kida_value v, kida_str name);
kida_status kd_sandbox_call(kida_call *call, kida_value callee);

/* ---- inline ---------------------------------------------------------------------------------- */

/* Place of the hint for the instruction at ip; that others share it does no harm. */
KD_INLINE uint8_t *
kd_attr_hint(kd_vm *vm, const kd_insn *ip)
{
    return &vm->hints[(uintptr_t)ip / sizeof *ip % KD_HINTS];
}

/* An attribute for the instruction at ip where its hint holds; NULL: kd_vm_attr_search. */
KD_INLINE const kida_value *
kd_vm_attr_hinted(kd_vm *vm, const kd_insn *ip, kida_value v, const kd_name *attr)
{
    if (KD_UNLIKELY(!kd_is(v, KIDA_DICT)) || KD_UNLIKELY(vm->rt.sandbox))
        return NULL;
    const kd_entry *e = kd_dict_hinted(kd_dict_of(v), attr->text, attr->hash,
                                       *kd_attr_hint(vm, ip));
    return KD_LIKELY(e != NULL) && KD_LIKELY(!kd_is(e->item, KIDA_NONE)) ? &e->item : NULL;
}

KD_INLINE kida_status
kd_vm_attr_at(kd_vm *vm, const kd_insn *ip, kida_value v, const kd_name *attr, kida_value *out)
{
    const kida_value *found = kd_vm_attr_hinted(vm, ip, v, attr);
    if (KD_UNLIKELY(!found))
        return kd_vm_attr_search(vm, ip, v, attr, out);
    *out = *found;
    return KIDA_OK;
}

/* Links of tpl in ctx, mostly those used last. */
KD_INLINE kd_cell **
kd_links_of(kd_vm *vm, kd_ctx *ctx, const kida_template *tpl)
{
    if (KD_LIKELY(ctx->links && ctx->links->tpl == tpl))
        return ctx->links->cells;
    return kd_ctx_links(vm, ctx, tpl);
}

KD_INLINE kida_status
kd_out_put(kd_vm *vm, kida_str text)
{
    kd_out *o = &vm->out;
    if (KD_UNLIKELY((size_t)(o->end - o->at) < text.len)) {
        kida_status st = kd_out_grow(vm, text.len);
        if (st != KIDA_OK)
            return st;
    }
    __builtin_memcpy(o->at, text.ptr, text.len);
    o->at += text.len;
    return KIDA_OK;
}

/* As kd_out_put for a text that may be read KD_TEXT_PADDING bytes past its end. */
KD_INLINE kida_status
kd_out_padded(kd_vm *vm, kida_str text)
{
    kd_out *o = &vm->out;
    if (KD_UNLIKELY((size_t)(o->end - o->at) < text.len + KD_TEXT_PADDING)) {
        kida_status st = kd_out_grow(vm, text.len + KD_TEXT_PADDING);
        if (st != KIDA_OK)
            return st;
    }
    char *at = o->at;
    const char *from = text.ptr;
    o->at = at + text.len;
    __builtin_memcpy(at, from, KD_TEXT_PADDING);
    if (KD_LIKELY(text.len <= KD_TEXT_PADDING))
        return KIDA_OK;
    if (text.len > 8 * KD_TEXT_PADDING) {
        __builtin_memcpy(at, from, text.len);
        return KIDA_OK;
    }
    for (size_t i = KD_TEXT_PADDING; i < text.len; i += KD_TEXT_PADDING)
        __builtin_memcpy(at + i, from + i, KD_TEXT_PADDING);
    return KIDA_OK;
}

#endif
