/* SPDX-License-Identifier: MIT */
/* plural.h - which form of a message belongs to a count: the rule of a gettext catalog. */
#ifndef CH_MIDDLEWARE_PLURAL_H
#define CH_MIDDLEWARE_PLURAL_H

#include <kida/kida.h>

#define CH_PLURAL_FORMS_MAX 16
#define CH_PLURAL_NODES_MAX 256

typedef struct ch_plural_node {
    uint8_t op;
    uint16_t a, b, c; /* operands: other nodes */
    uint64_t number;
} ch_plural_node;

/* A rule; zeroed: two forms, the first for 1. */
typedef struct ch_plural {
    uint32_t forms;
    uint16_t root;
    uint16_t count;
    ch_plural_node nodes[CH_PLURAL_NODES_MAX];
} ch_plural;

/* Reads "nplurals=2; plural=(n != 1);". Errors: KIDA_E_PARSE for anything that is no such rule, has
 * more forms, or is larger or deeper than a rule of people needs; *out is then not to be used. */
kida_status ch_plural_parse(kida_str text, ch_plural *out, kida_error *err);

/* Number of the form for a count; always below the number of forms. */
uint32_t ch_plural_form(const ch_plural *rule, int64_t count);

#endif
