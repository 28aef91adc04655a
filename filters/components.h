/* SPDX-License-Identifier: MIT */
/* components.h - templates that come with a surface, to import from. */
#ifndef KD_FILTERS_COMPONENTS_H
#define KD_FILTERS_COMPONENTS_H

#include <kida/env.h>

typedef struct kd_components {
    kida_str name;           /* of the template */
    const char *const *parts; /* its text, ended by NULL; with the default delimiters */
} kd_components;

extern const kd_components kd_terminal_components;
extern const kd_components kd_markdown_components;

/* Lets templates import them, unless a loader of the host has one of that name. */
kida_status kd_add_components(kida_env *env, const kd_components *components, kida_error *err);

#endif
