/* SPDX-License-Identifier: MIT */
/* code.h - compiled templates: instructions, constants, sites, tables. Immutable once made. */
#ifndef KD_CODE_H
#define KD_CODE_H

#include <kida/env.h>

#include "analysis/facts.h"
#include "error/fail.h"
#include "memory/sync.h"
#include "value/call.h"

typedef enum kd_op {
#define KD_OP(name, a, b, pops, pushes, effect) KD_OP_##name,
#include "code/opcodes.def"
#undef KD_OP
    KD_OP_COUNT
} kd_op;

_Static_assert(KD_OP_COUNT <= 256, "an opcode is one byte");

/* Flags in operand c. Several share a bit: they belong to different instructions. */
enum {
    KD_C_QUIET = 1,     /* EMIT*: none prints nothing */
    KD_C_GUARDED = 1,   /* ITEM */
    KD_C_NOT = 1,       /* TEST, DEFINED */
    KD_C_INCLUSIVE = 1, /* RANGE */
    KD_C_MATERIAL = 1,  /* FOR_BEGIN */
    KD_C_ASYNC = 2,     /* FOR_BEGIN */
    KD_C_LEFT = 1,      /* CACHE_END */
    KD_C_CONTEXT = 1    /* IMPORT, FROM */
};

#define KD_TEXT_PADDING 32 /* bytes readable behind each of a template's texts */

typedef struct kd_insn {
    uint8_t op;
    uint8_t c;
    uint16_t b;
    uint32_t a;
} kd_insn;

/* A name with the hash that dicts use. */
typedef struct kd_name {
    kida_str text;
    uint32_t hash;
} kd_name;

/* A filter or test as it was registered when the template was compiled. */
typedef struct kd_filter_entry {
    const kida_filter *row;
    kd_signature signature;
    void *user;
} kd_filter_entry;

typedef struct kd_test_entry {
    const kida_test *row;
    kd_signature signature;
    void *user;
} kd_test_entry;

/* Shape of one call: positional count, then named ones. */
typedef struct kd_call_site {
    uint32_t positional;
    uint32_t named;
    const kida_str *names;
    const struct kd_slot_body *slots; /* CALL_SLOTS: the default one first */
    uint32_t slot_count;
} kd_call_site;

/* One slot that a call gives: code that runs in the frame of the call. */
typedef struct kd_slot_body {
    kida_str name;    /* "default" for the unnamed one */
    uint32_t code;
    uint32_t first_local; /* locals that the body uses: saved when it runs inside itself */
    uint32_t local_count;
} kd_slot_body;

typedef struct kd_slot_site {
    kida_str name;
    const kida_str *bindings; /* names of the let: values on the stack */
    uint32_t binding_count;
    bool is_default;
} kd_slot_site;

/* A place where a block shows. */
typedef struct kd_block_site {
    kd_name name;
    uint32_t own; /* index of the template's own block, UINT32_MAX: in an embed override */
} kd_block_site;

/* A name that an included template sees although it is not in the context. */
typedef struct kd_visible {
    kd_name name;
    uint16_t local;
    uint8_t up;       /* frames out */
    bool is_loop;     /* the loop object of loop `local` */
} kd_visible;

typedef struct kd_include_site {
    bool ignore_missing;
    bool without_context;
    bool copies;             /* a loop variable or parameter is around: assignments go to a copy */
    const kd_visible *visible; /* innermost first, each name once */
    uint32_t visible_count;
    const kd_slot_body *overrides; /* EMBED */
    uint32_t override_count;
} kd_include_site;

typedef struct kd_from_site {
    const kida_str *names;
    uint32_t count;
} kd_from_site;

typedef struct kd_trans_site {
    kida_str singular;
    kida_str plural;         /* len 0 and has_plural false: none */
    bool has_plural;
    const kida_str *names;   /* of the values on the stack */
    uint32_t count;
    uint32_t count_at;       /* which value is `count` */
} kd_trans_site;

/* One parameter of a def or region. */
typedef struct kd_def_param {
    kd_name name;
    uint16_t local;
    int16_t default_at;  /* number of its default on the stack of DEF; -1: required */
    kida_str annotation;
} kd_def_param;

typedef enum kd_code_kind {
    KD_CODE_BODY, KD_CODE_SETUP, KD_CODE_BLOCK, KD_CODE_DEF, KD_CODE_REGION, KD_CODE_SLOT
} kd_code_kind;

/* Where an instruction comes from; one entry where the place changes. */
typedef struct kd_line {
    uint32_t pc;
    uint32_t line;
    uint32_t column;
    uint32_t end;
} kd_line;

typedef struct kd_code {
    kd_code_kind kind;
    kida_str name;
    const kd_insn *insns;
    uint32_t insn_count;
    uint32_t body_at;        /* BLOCK: behind its own condition */
    uint16_t local_count;    /* SLOT: those of the function around it */
    uint16_t stack_size;
    const kd_line *lines;
    uint32_t line_count;
    /* DEF, REGION */
    const kd_def_param *params;
    uint16_t param_count;
    uint16_t required;       /* leading parameters without a default */
    uint16_t default_count;
    int32_t rest_local;      /* -1: no *name */
    int32_t keywords_local;  /* -1: no **name */
    bool own_context;        /* may change the context: runs in a copy */
    bool is_plain;           /* DEF without own context whose parameters are its first locals */
    bool has_slots;          /* has placeholders */
    uint32_t tag_line;
} kd_code;

typedef struct kd_block {
    kd_name name;
    uint32_t code;
    bool is_fragment;
    bool is_region;
    bool has_condition;
} kd_block;

/* A compiled template. All it points to lives in its pool. */
struct kida_template {
    kd_count count;
    kida_pool pool;
    kida_env *env;          /* counted: held while the template lives */
    kida_str name;          /* logical: what messages say and relative names start from */
    kida_str filename;
    kida_str source;
    uint64_t version;       /* of the source, for auto-reload */
    kida_autoescape escape;
    bool is_async;
    bool has_extends;
    kida_str extends_literal; /* name in the tag if it is a literal; else empty */
    const kd_code *codes;
    uint32_t code_count;
    uint32_t body;          /* code numbers */
    uint32_t setup;
    const kida_str *texts;
    uint32_t text_count;
    const kida_value *constants;
    uint32_t constant_count;
    const kd_name *names;   /* free names, looked up once per context */
    uint32_t name_count;
    const kd_name *attrs;
    uint32_t attr_count;
    const kd_filter_entry **filters;
    uint32_t filter_count;
    const kd_test_entry **tests;
    uint32_t test_count;
    const kd_call_site *calls;
    uint32_t call_count;
    const kd_slot_site *slots;
    uint32_t slot_count;
    const kd_block_site *places;
    uint32_t place_count;
    const kd_include_site *includes;
    uint32_t include_count;
    const kd_from_site *froms;
    uint32_t from_count;
    const kd_trans_site *transs;
    uint32_t trans_count;
    const kd_block *blocks; /* in source order; regions and fragments too */
    uint32_t block_count;
    kd_facts facts;         /* for introspection */
    uint32_t error_marks;   /* how many places were recorded, for tests */
};

const char *kd_op_name(kd_op op);

/* Place of instruction pc: code/lines.c */
kd_place kd_code_place(const kd_code *code, uint32_t pc);

/* Place of the tag by which a template extends another. */
kd_place kd_extends_place(const kida_template *tpl);

/* The template's own block of that name, or NULL. */
const kd_block *kd_template_block(const kida_template *tpl, kida_str name, uint32_t hash);

/* Checks operand ranges, jump targets and stack heights of every code: code/verify.c. False with
 * *why left alone: out of memory. */
bool kd_verify(const kida_template *tpl, const char **why);

/* Readable listing: code/dump.c */
void kd_dump(const kida_template *tpl, kida_buf *out);

#endif
