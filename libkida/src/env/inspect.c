/* SPDX-License-Identifier: MIT */
/* inspect.c - what templates and environments consist of. */
#include <kida/inspect.h>

#include "env/env.h"

kida_str
kida_template_name(const kida_template *tpl)
{
    return tpl->name;
}

kida_str
kida_template_filename(const kida_template *tpl)
{
    return tpl->filename;
}

size_t
kida_template_block_count(const kida_template *tpl)
{
    return tpl->block_count;
}

kida_str
kida_template_block_name(const kida_template *tpl, size_t index)
{
    return index < tpl->block_count ? tpl->blocks[index].name.text : KIDA_S("");
}

bool
kida_template_has_block(const kida_template *tpl, kida_str name)
{
    return kd_template_block(tpl, name, kd_hash_str(name)) != NULL;
}

const kida_template_info *
kida_template_describe(const kida_template *tpl)
{
    return &tpl->facts.info;
}

const kida_block_info *
kida_template_block(const kida_template *tpl, size_t index)
{
    return index < tpl->facts.block_count ? &tpl->facts.blocks[index] : NULL;
}

size_t
kida_template_def_count(const kida_template *tpl)
{
    return tpl->facts.def_count;
}

const kida_def_info *
kida_template_def(const kida_template *tpl, size_t index)
{
    return index < tpl->facts.def_count ? &tpl->facts.defs[index] : NULL;
}

size_t
kida_template_warning_count(const kida_template *tpl)
{
    return tpl->facts.warning_count;
}

void
kida_template_warning(const kida_template *tpl, size_t index, kida_error *out)
{
    kida_error_init(out);
    if (index < tpl->facts.warning_count)
        kd_note_fill(&tpl->facts.warnings[index], tpl->name, tpl->source, out);
}

kida_status
kida_template_dump(const kida_template *tpl, kida_buf *out)
{
    kd_dump(tpl, out);
    return kida_buf_status(out);
}

/* Whether entry number i is the one in force under its name. */
static bool
in_force(const kd_registry *r, size_t i)
{
    kida_str name = r->items[i].name;
    kd_entry *e = kd_dict_find_hashed(r->index, name, kd_hash_str(name));
    return e && (size_t)e->item.u_.i == i;
}

void
kida_env_each_filter(const kida_env *env, void (*each)(void *arg, const kida_filter *row),
                     void *arg)
{
    for (size_t i = 0; i < env->filters.count; i++)
        if (in_force(&env->filters, i) && env->filters.items[i].name.ptr[0] != '|')
            each(arg, ((const kd_filter_entry *)env->filters.items[i].entry)->row);
}

void
kida_env_each_test(const kida_env *env, void (*each)(void *arg, const kida_test *row), void *arg)
{
    for (size_t i = 0; i < env->tests.count; i++)
        if (in_force(&env->tests, i))
            each(arg, ((const kd_test_entry *)env->tests.items[i].entry)->row);
}

void
kida_env_each_function(const kida_env *env, void (*each)(void *arg, const kida_function *row),
                       void *arg)
{
    for (size_t i = 0; i < env->functions.count; i++)
        if (in_force(&env->functions, i))
            each(arg, ((const kd_function *)env->functions.items[i].entry)->row);
}

kida_status
kida_env_list(kida_env *env, kida_status (*each)(void *arg, kida_str name), void *arg)
{
    for (size_t i = 0; i < env->loader_count; i++) {
        kida_loader *l = &env->loaders[i];
        kida_status st = l->list ? l->list(l->user, each, arg) : KIDA_OK;
        if (st != KIDA_OK)
            return st;
    }
    return KIDA_OK;
}
