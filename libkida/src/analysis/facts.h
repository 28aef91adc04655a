/* SPDX-License-Identifier: MIT */
/* facts.h - what introspection says about a template: gathered once, when it is compiled. */
#ifndef KD_FACTS_H
#define KD_FACTS_H

#include <kida/inspect.h>

#include "analysis/report.h"

/* All of it lives in the template's pool. */
typedef struct kd_facts {
    kida_template_info info;
    const kida_block_info *blocks;  /* as kida_template.blocks: same order, same number */
    const kida_purity *block_purity; /* of each, its includes left out */
    size_t block_count;
    kida_purity purity;             /* of the whole text, likewise */
    const kida_def_info *defs;
    size_t def_count;
    const kd_note *warnings;
    size_t warning_count;
} kd_facts;

/* Fills in facts but for the warnings. Errors: KIDA_E_NOMEM, reported. */
kida_status kd_facts_gather(const kd_tree *tree, const kd_known *known, kida_pool *scratch,
                            kida_pool *pool, kd_facts *facts, kida_error *err);

/* Cache scope that follows from purity and paths: section 8.4. */
const char *kd_cache_scope(kida_purity purity, const kida_names *paths);

/* ---- traits.c: what a block looks like from outside ---- */

/* Landmarks in the texts of a body, whether there is text or output at all. */
bool kd_traits_landmarks(const kd_node *body, kida_pool *pool, kida_names *landmarks, bool *emits);
const char *kd_traits_role(kida_str name, const kida_names *landmarks);
/* 64 bits over the shape and words of a node. */
uint64_t kd_traits_hash(const kd_node *node);

/* ---- purity.c ---- */

typedef struct kd_purity_walk {
    const kd_known *known;
    const kd_tree *tree;
    const kd_node **defs; /* DEF and REGION nodes of the template */
    kd_dict *by_name;     /* def → its number, the last of a name */
    uint8_t *states;      /* 0 not looked at, else 1 + kida_purity */
    size_t def_count;
    kida_purity worst;
    unsigned depth;
} kd_purity_walk;

bool kd_purity_init(kd_purity_walk *w, const kd_tree *tree, const kd_known *known,
                    kida_pool *scratch);
/* Includes count as pure here: they are listed apart. */
kida_purity kd_purity_of(kd_purity_walk *w, const kd_node *body);
kida_purity kd_purity_both(kida_purity a, kida_purity b);

#endif
