/* SPDX-License-Identifier: MIT */
/* unit.h - the compiler's own state: functions, code units, names in scope, pending text.
 *
 * A *function* (kd_fn) is what has locals of its own: the template body, a block, a def. A *unit*
 * (kd_unit) is one code object; slot bodies and embed overrides are units of their own that share
 * the locals of the function around them, because they run in its frame. */
#ifndef KD_UNIT_H
#define KD_UNIT_H

#include "compiler/compiler.h"

typedef struct kd_compiler kd_compiler;
typedef struct kd_unit kd_unit;
typedef struct kd_fn kd_fn;

/* A growing array in the scratch pool. */
typedef struct kd_vec {
    void *items;
    size_t count;
    size_t room;
} kd_vec;

typedef enum kd_binding_kind {
    KD_BIND_LOCAL, /* parameter, loop target, capture, comprehension variable: always there */
    KD_BIND_LOOP,  /* `loop` */
    KD_BIND_SCOPE  /* set in a scope that is open: may be absent */
} kd_binding_kind;

typedef struct kd_binding {
    kida_str name;
    kd_binding_kind kind;
    uint16_t local;
    uint32_t scope; /* KD_BIND_SCOPE: depth of its scope */
    kd_unit *unit;  /* that introduced it: tells slot bindings from outer names */
} kd_binding;

/* A label: instructions that jump to it before it is placed are patched. */
typedef struct kd_label {
    uint32_t at;    /* UINT32_MAX: not placed yet */
    uint32_t *uses;
    size_t count;
    size_t room;
} kd_label;

/* What must be undone when break or continue leave a statement. */
typedef enum kd_leave_kind {
    KD_LEAVE_LOOP, KD_LEAVE_SCOPE, KD_LEAVE_WITH, KD_LEAVE_TRY, KD_LEAVE_PROVIDE,
    KD_LEAVE_CAPTURE, KD_LEAVE_FILTER, KD_LEAVE_SPACELESS, KD_LEAVE_PUSH, KD_LEAVE_CACHE
} kd_leave_kind;

typedef struct kd_leave {
    kd_leave_kind kind;
    uint32_t count;           /* WITH: names; SCOPE: depth */
    const kd_node *node;      /* CAPTURE, FILTER, PUSH */
    kd_label *breaks;         /* LOOP */
    kd_label *continues;
} kd_leave;

typedef struct kd_scope {
    uint16_t first_local; /* locals of this scope's names start here */
    size_t bindings;      /* fn->scoped.count when it opened */
} kd_scope;

struct kd_fn {
    kd_fn *outer;         /* function whose code holds the def */
    kd_code_kind kind;
    kd_vec locals;        /* kd_binding: visible now */
    kd_vec scoped;        /* kd_binding: scope names visible now, outermost first */
    kd_vec all_scoped;    /* kd_binding: every scope name there ever was, for defs inside */
    kd_vec scopes;        /* kd_scope: open ones */
    kd_vec deferred;      /* kd_deferred: defs to compile when this function is complete */
    uint32_t next_local;
    bool own_context;     /* some code may write the context */
    bool has_slots;
    bool reads_names;
};

typedef struct kd_deferred {
    const kd_node *node;
    uint32_t code;
} kd_deferred;

typedef struct kd_embed {
    kd_vec overrides; /* kd_slot_body */
} kd_embed;

struct kd_unit {
    kd_compiler *c;
    kd_fn *fn;
    kd_unit *outer;      /* unit around, for slot bodies and overrides */
    kd_vec insns;        /* kd_insn */
    kd_vec lines;        /* kd_line */
    kd_vec leaves;       /* kd_leave */
    kd_node *place;      /* node that instructions are blamed on */
    kida_str text;       /* literal text not yet emitted */
    bool is_slot;        /* may be given let: bindings */
    kd_embed *embed;     /* override of this embed */
    unsigned guards;     /* inside guarded expressions */
    size_t binding_base; /* fn->locals.count when this unit began */
};

struct kd_compiler {
    const kd_resolver *resolver;
    kida_template *tpl;
    kida_pool *scratch;
    kida_error *err;
    kida_status status;  /* first failure */
    kd_tree tree;
    kd_runtime rt;       /* for folding */
    kida_error fold_error;
    kd_vec codes, texts, constants, names, attrs, filters, tests, calls, slots, places, includes,
        froms, transs, blocks;
    kd_dict *name_index; /* text → number, one dict per table */
    kd_dict *attr_index;
    kd_dict *text_index;
    unsigned depth;
};

/* ---- emit.c ---------------------------------------------------------------------------------- */

void *kd_vec_add(kd_compiler *c, kd_vec *v, size_t item_size); /* zeroed; NULL: failed */
#define KD_VEC_AT(type, v, i) (&((type *)(v).items)[i])

void kd_compile_fail(kd_compiler *c, kida_status status, const kd_node *at, const char *format, ...)
    KIDA_PRINTF(4, 5);
uint32_t kd_emit(kd_unit *u, kd_op op, unsigned c, uint32_t b, uint32_t a);
uint32_t kd_here(kd_unit *u); /* flushes text; number of the next instruction */
void kd_emit_text(kd_unit *u, kida_str text);
void kd_emit_const(kd_unit *u, kida_value v);
void kd_label_init(kd_label *l);
void kd_jump(kd_unit *u, kd_op op, unsigned c, uint32_t b, kd_label *l);
void kd_place_label(kd_unit *u, kd_label *l);
uint32_t kd_name_number(kd_compiler *c, kida_str name);
uint32_t kd_attr_number(kd_compiler *c, kida_str name);
uint32_t kd_text_number(kd_compiler *c, kida_str text);
uint32_t kd_const_number(kd_compiler *c, kida_value v);
uint32_t kd_reserve_code(kd_compiler *c);
void kd_unit_init(kd_unit *u, kd_compiler *c, kd_fn *fn, kd_unit *outer);
void kd_unit_finish(kd_unit *u, uint32_t number, kd_code_kind kind, kida_str name);
kida_str kd_copy_str(kd_compiler *c, kida_str text);  /* copy in the template's pool */
void *kd_copy_items(kd_compiler *c, const void *items, size_t count, size_t item_size);

/* ---- names.c --------------------------------------------------------------------------------- */

uint16_t kd_new_local(kd_unit *u);
void kd_bind_local(kd_unit *u, kida_str name, uint16_t local, kd_binding_kind kind);
size_t kd_locals_mark(const kd_unit *u);
void kd_locals_release(kd_unit *u, size_t mark);
void kd_load_name(kd_unit *u, const kd_node *node, bool soft);
/* A local that is surely there, or -1. */
int32_t kd_sure_local(const kd_unit *u, kida_str name);
/* Whether the name can only come from the context. */
bool kd_is_free_name(const kd_unit *u, kida_str name);
void kd_scope_open(kd_unit *u);
void kd_scope_close(kd_unit *u);
void kd_scope_clear(kd_unit *u, uint32_t depth); /* emits what leaving that scope takes */
void kd_store_set(kd_unit *u, kida_str name);    /* innermost open scope, or the context */
void kd_store_context(kd_unit *u, kida_str name);
/* Name of the error record: lives in a scope of its own until kd_locals_release-like close. */
uint16_t kd_bind_scoped(kd_unit *u, kida_str name);
void kd_visible_names(kd_unit *u, kd_include_site *site);

/* ---- expr.c, call.c -------------------------------------------------------------------------- */

void kd_expr(kd_unit *u, kd_node *node);
void kd_expr_guarded(kd_unit *u, kd_node *node); /* K-RUN-001 inside gives absent */
void kd_output(kd_unit *u, kd_node *expression);
void kd_fold(kd_compiler *c, kd_node *node);     /* node becomes CONST where it is one */
uint32_t kd_call_site_number(kd_unit *u, kd_node *args, uint32_t *positional);
uint32_t kd_push_args(kd_unit *u, kd_node *args); /* call site number; values are on the stack */
void kd_filter_call(kd_unit *u, kd_node *filter); /* value on the stack already */
void kd_test_call(kd_unit *u, kd_node *test);
void kd_call(kd_unit *u, kd_node *node);
void kd_output_call(kd_unit *u, kd_node *node);
bool kd_has_keywords(const kd_node *args);
uint32_t kd_arg_count(const kd_node *args);
void kd_unpack_targets(kd_unit *u, kd_node *target); /* value on the stack → loop targets */

/* ---- statements ------------------------------------------------------------------------------ */

void kd_statement(kd_unit *u, kd_node *node);
void kd_body(kd_unit *u, kd_node *list);
void kd_leave_push(kd_unit *u, kd_leave leave);
void kd_leave_pop(kd_unit *u);

void kd_st_if(kd_unit *u, kd_node *node);
void kd_st_for(kd_unit *u, kd_node *node);
void kd_st_while(kd_unit *u, kd_node *node);
void kd_st_jump(kd_unit *u, kd_node *node); /* break, continue */
void kd_st_match(kd_unit *u, kd_node *node);
void kd_st_try(kd_unit *u, kd_node *node);
void kd_st_set(kd_unit *u, kd_node *node);
void kd_st_with(kd_unit *u, kd_node *node);
void kd_st_with_if(kd_unit *u, kd_node *node);
void kd_st_capture(kd_unit *u, kd_node *node);
void kd_st_filter(kd_unit *u, kd_node *node);
void kd_st_spaceless(kd_unit *u, kd_node *node);
void kd_st_cache(kd_unit *u, kd_node *node);
void kd_st_push(kd_unit *u, kd_node *node);
void kd_st_stack(kd_unit *u, kd_node *node);
void kd_st_provide(kd_unit *u, kd_node *node);
void kd_st_trans(kd_unit *u, kd_node *node);
void kd_st_def(kd_unit *u, kd_node *node);
void kd_st_call(kd_unit *u, kd_node *node);
void kd_st_slot(kd_unit *u, kd_node *node);
void kd_st_block(kd_unit *u, kd_node *node);
void kd_st_include(kd_unit *u, kd_node *node);
void kd_st_import(kd_unit *u, kd_node *node);
void kd_st_from(kd_unit *u, kd_node *node);
void kd_st_embed(kd_unit *u, kd_node *node);
void kd_st_extends(kd_unit *u, kd_node *node);

/* Ends of statements that break may leave: what their closer does. */
void kd_end_capture(kd_unit *u, const kd_node *node);
void kd_end_filter(kd_unit *u, const kd_node *node);
void kd_end_push(kd_unit *u, const kd_node *node);

void kd_compile_deferred(kd_unit *u);
void kd_compile_block(kd_compiler *c, kd_node *node);
void kd_fn_init(kd_fn *fn, kd_fn *outer, kd_code_kind kind);

#endif
