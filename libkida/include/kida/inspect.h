/* SPDX-License-Identifier: MIT */
/* inspect.h - what templates consist of, without rendering them; checks that tools run. */
#ifndef KIDA_INSPECT_H
#define KIDA_INSPECT_H

#include "env.h"

KIDA_BEGIN_DECLS

/* ---- templates ---------------------------------------------------------------------------- */

/** Name of the template, as it was asked for. Owner: the template. Thread: any */
KIDA_API kida_str kida_template_name(const kida_template *tpl);

/** File that the source came from; empty if none. Owner: the template. Thread: any */
KIDA_API kida_str kida_template_filename(const kida_template *tpl);

/** Appends the bytecode listing (`kida compile --dump`). Thread: any */
KIDA_API KIDA_MUST_USE kida_status kida_template_dump(const kida_template *tpl, kida_buf *out);

/** An array of texts. Owner: whoever owns the record that it stands in. */
typedef struct kida_names {
    const kida_str *items;
    size_t count;
} kida_names;

/** A template as a whole. Lists are without repetition; paths are sorted. */
typedef struct kida_template_info {
    kida_str name;
    kida_str extends;         /* literal name of the parent; empty: none, or one worked out later */
    bool is_async;
    kida_names depends_on;    /* dotted paths read anywhere in this template: "page.title" */
    kida_names top_depends_on;/* those read outside of blocks */
    /* literal names in the tags; `imports` holds those of import and from */
    kida_names extended, includes, embeds, imports;
} kida_template_info;

/** Owner: the template. Thread: any */
KIDA_API const kida_template_info *kida_template_describe(const kida_template *tpl);

/* ---- blocks ------------------------------------------------------------------------------- */

/** Number of blocks, regions and fragments too, and their names in source order. Thread: any */
KIDA_API size_t kida_template_block_count(const kida_template *tpl);
KIDA_API kida_str kida_template_block_name(const kida_template *tpl, size_t index);
KIDA_API bool kida_template_has_block(const kida_template *tpl, kida_str name);

/** One parameter of a def or region. */
typedef struct kida_param_info {
    kida_str name;
    kida_str annotation;      /* as written: "str | None"; empty: none */
    bool has_default;
    bool is_required;
} kida_param_info;

/** `{% block name key='value' %}` */
typedef struct kida_modifier {
    kida_str name;
    kida_value value;         /* a constant */
    uint32_t line, column;
} kida_modifier;

/** Whether the output of a block depends on what it reads only. */
typedef enum kida_purity {
    KIDA_PURITY_UNKNOWN,      /* calls something that nothing is known about */
    KIDA_PURITY_PURE,
    KIDA_PURITY_IMPURE        /* random, shuffle, trans and what else is marked KIDA_IMPURE */
} kida_purity;

/** One block, region or fragment. */
typedef struct kida_block_info {
    kida_str name;
    kida_str template_name;   /* where it stands: a parent, for inherited ones */
    uint32_t line, column;
    bool is_region;
    bool is_fragment;
    bool has_condition;       /* {% block name if … %} */
    bool is_inherited;        /* set by kida_template_each_block */
    bool emits_html;          /* holds text or outputs */
    const kida_modifier *modifiers;
    size_t modifier_count;
    const kida_param_info *params; /* of a region */
    size_t param_count;
    kida_names landmarks;     /* of nav main header footer aside article section, in text */
    const char *role;         /* navigation content sidebar header footer unknown; static */
    kida_names depends_on;    /* dotted paths, sorted */
    kida_names includes;      /* literal names of includes inside */
    kida_purity purity;
    const char *cache_scope;  /* none unknown site page; static */
    char hash[17];            /* 16 hex digits: changes when the block's own text does */
} kida_block_info;

/**
 * Block number index of the template itself, or NULL. Includes inside count as unknown for its
 * purity. Owner: the template. Thread: any
 */
KIDA_API const kida_block_info *kida_template_block(const kida_template *tpl, size_t index);

/**
 * Calls each for the template's blocks in source order, then for those of its parents (as far as
 * their names are literal) that it does not override. Here includes are followed for the purity.
 *
 * Owner:  info is valid during the call. Stops when each returns something else than KIDA_OK.
 * Errors: K-TPL-001 and syntax errors of a parent, K-TPL-003; what each returned.
 * Thread: any
 */
KIDA_API KIDA_MUST_USE kida_status kida_template_each_block(
    kida_template *tpl, kida_status (*each)(void *arg, const kida_block_info *info), void *arg,
    kida_error *err);

/* ---- defs --------------------------------------------------------------------------------- */

/** One def: a component. */
typedef struct kida_def_info {
    kida_str name;
    kida_str template_name;
    uint32_t line;
    const kida_param_info *params; /* without *rest and **keywords */
    size_t param_count;
    kida_str rest;            /* name of its *parameter; empty: none */
    kida_str keywords;        /* name of its **parameter; empty: none */
    kida_names slots;         /* named placeholders, in source order */
    bool has_default_slot;
    kida_names depends_on;    /* what it reads beside its parameters */
} kida_def_info;

/** Number of defs at the top level and in blocks, not in other defs. Thread: any */
KIDA_API size_t kida_template_def_count(const kida_template *tpl);

/** Def number index in source order, or NULL. Owner: the template. Thread: any */
KIDA_API const kida_def_info *kida_template_def(const kida_template *tpl, size_t index);

/* ---- context ------------------------------------------------------------------------------ */

/**
 * *out = sorted list of the dotted paths that the template reads, those in blocks of its literal
 * parents too. Names bound by loops, with, comprehensions and parameters, and globals are left out.
 *
 * Owner:  the list lives in pool. Errors: as kida_template_each_block. Thread: any; pool: owner
 */
KIDA_API KIDA_MUST_USE kida_status kida_template_depends_on(kida_template *tpl, kida_pool *pool,
                                                            kida_value *out, kida_error *err);

/** *out = sorted list of the root names of those paths: what a render's context should hold. */
KIDA_API KIDA_MUST_USE kida_status kida_template_required(kida_template *tpl, kida_pool *pool,
                                                          kida_value *out, kida_error *err);

/** *out = sorted list of the required names that context, a dict, lacks (validate_context). */
KIDA_API KIDA_MUST_USE kida_status kida_template_missing(kida_template *tpl, kida_value context,
                                                         kida_pool *pool, kida_value *out,
                                                         kida_error *err);

/* ---- warnings and checks ------------------------------------------------------------------ */

/** Number of the warnings of its compilation; one of them, written to *out. Thread: any */
KIDA_API size_t kida_template_warning_count(const kida_template *tpl);
KIDA_API void kida_template_warning(const kida_template *tpl, size_t index, kida_error *out);

typedef enum kida_severity {
    KIDA_SEVERITY_ERROR,
    KIDA_SEVERITY_WARNING,
    KIDA_SEVERITY_INFO
} kida_severity;

/** One finding of a check. */
typedef struct kida_finding {
    kida_error error;         /* code, place, message, hint, excerpt */
    kida_severity severity;
    const char *rule;         /* "a11y/img-alt", "strict", "K-CMP-001"; static */
} kida_finding;

/** What kida_check looks for, in the order of its findings. */
enum {
    KIDA_CHECK_WARNINGS = 1 << 0, /* K-WARN-001 and -002, as compiling reports them */
    KIDA_CHECK_STRICT = 1 << 1,   /* K-PAR-007: {% end %} where an explicit closer exists */
    KIDA_CHECK_CALLS = 1 << 2,    /* K-CMP-001, K-CMP-002: calls against the parameters of defs */
    KIDA_CHECK_TYPED = 1 << 3,    /* K-TYP-*: uses against the {% template %} declaration */
    KIDA_CHECK_PATHS = 1 << 4,    /* K-PATH-001: own folder written from the root */
    KIDA_CHECK_A11Y = 1 << 5,     /* K-A11Y-*: accessibility of the HTML */
    KIDA_CHECK_ESCAPES = 1 << 6,  /* K-ESC-*: where output is escaped, and where it is not */
    KIDA_CHECK_PRIVACY = 1 << 7   /* K-PRI-*: secrets and personal data that a page might show */
};

/**
 * Parses the template of that name anew and calls each for every finding, check by check, each
 * check by line and column. Freezes the environment.
 *
 * Owner:  the finding is valid during the call.
 * Errors: K-TPL-001 and syntax errors; findings are no failure.
 * Thread: any
 */
KIDA_API KIDA_MUST_USE kida_status kida_check(kida_env *env, kida_str name, unsigned checks,
                                              void (*each)(void *arg, const kida_finding *finding),
                                              void *arg, kida_error *err);

/* ---- environments ------------------------------------------------------------------------- */

/** Calls each for every filter, test or function of an environment, by name. Thread: any */
KIDA_API void kida_env_each_filter(const kida_env *env,
                                   void (*each)(void *arg, const kida_filter *row), void *arg);
KIDA_API void kida_env_each_test(const kida_env *env, void (*each)(void *arg, const kida_test *row),
                                 void *arg);
KIDA_API void kida_env_each_function(const kida_env *env,
                                     void (*each)(void *arg, const kida_function *row), void *arg);

/** Calls each for every template name that the loaders list; stops at the first failure. Thread:
 * any */
KIDA_API KIDA_MUST_USE kida_status kida_env_list(kida_env *env,
                                                 kida_status (*each)(void *arg, kida_str name),
                                                 void *arg);

KIDA_END_DECLS

#endif
