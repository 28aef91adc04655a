/* SPDX-License-Identifier: MIT */
/* renderer.c - the public ways to render: with a renderer, without, into a buffer, from JSON. */
#include "env/env.h"

#include <string.h>

struct kida_renderer {
    kida_env *env; /* held */
    kd_vm *vm;
};

kida_renderer *
kida_renderer_new(kida_env *env)
{
    if (kida_env_freeze(env, NULL) != KIDA_OK)
        return NULL;
    kida_renderer *r = kd_alloc_zero(&env->allocator, sizeof *r);
    if (!r)
        return NULL;
    r->vm = kd_vm_new(&env->host, &env->allocator);
    if (!r->vm) {
        kd_free(&env->allocator, r, sizeof *r);
        return NULL;
    }
    r->env = env;
    kd_env_hold(env);
    return r;
}

void
kida_renderer_free(kida_renderer *r)
{
    if (!r)
        return;
    kida_env *env = r->env;
    kida_allocator a = env->allocator;
    kd_vm_free(r->vm);
    kd_free(&a, r, sizeof *r);
    kd_env_drop(env);
}

kida_pool *
kida_renderer_pool(kida_renderer *r)
{
    return &r->vm->pool;
}

static kida_status
usage(kida_error *err, const char *why)
{
    return kd_error_set(err, KIDA_E_USAGE, "%s", why);
}

KD_INLINE kida_status
check_call(const kida_render_options *options, kida_value context, kida_error *err)
{
    if (options && options->size != sizeof *options)
        return usage(err, "the options were not filled in by kida_render_options_init");
    unsigned kind = kd_tag(context);
    if (kind != KIDA_NONE && kind != KIDA_DICT && kind != KIDA_OBJECT && kind != KIDA_ABSENT)
        return kd_error_set(err, KIDA_E_TYPE, "a render context must be a dict or an object, "
                            "not %s", kida_kind_name(context));
    return KIDA_OK;
}

kida_status
kida_render_with(kida_renderer *r, kida_template *tpl, kida_value context,
                 const kida_render_options *options, kida_sink_fn *sink, void *user,
                 kida_error *err)
{
    if (!tpl || !sink || tpl->env != r->env)
        return usage(err, "a renderer renders templates of its own environment, to a sink");
    kida_status st = check_call(options, context, err);
    return st == KIDA_OK ? kd_render(r->vm, tpl, context, options, sink, user, err) : st;
}

kida_status
kida_render_named(kida_renderer *r, kida_str name, kida_value context,
                  const kida_render_options *options, kida_sink_fn *sink, void *user,
                  kida_error *err)
{
    if (!sink)
        return usage(err, "a render needs a sink");
    kida_status st = check_call(options, context, err);
    return st == KIDA_OK ? kd_render_named(r->vm, name, context, options, sink, user, err) : st;
}

kida_status
kida_render(kida_template *tpl, kida_value context, const kida_render_options *options,
            kida_sink_fn *sink, void *user, kida_error *err)
{
    if (!tpl)
        return usage(err, "there is no template to render");
    kida_renderer *r = kida_renderer_new(tpl->env);
    if (!r)
        return kd_error_set(err, KIDA_E_NOMEM, "out of memory");
    kida_status st = kida_render_with(r, tpl, context, options, sink, user, err);
    kida_renderer_free(r);
    return st;
}

static kida_status
put_into_buf(void *user, const char *data, size_t len)
{
    kida_str text = { data, len };
    kida_buf_put(user, text);
    return kida_buf_status(user);
}

kida_status
kida_render_buf(kida_renderer *r, kida_template *tpl, kida_value context,
                const kida_render_options *options, kida_buf *out, kida_error *err)
{
    return kida_render_with(r, tpl, context, options, put_into_buf, out, err);
}

kida_status
kida_render_json(kida_template *tpl, kida_str json, kida_sink_fn *sink, void *user,
                 kida_error *err)
{
    if (!tpl)
        return usage(err, "there is no template to render");
    kida_renderer *r = kida_renderer_new(tpl->env);
    if (!r)
        return kd_error_set(err, KIDA_E_NOMEM, "out of memory");
    kida_value context;
    kida_status st = kida_json_parse(&r->vm->pool, json, &context, err);
    if (st == KIDA_OK)
        st = kida_render_with(r, tpl, context, NULL, sink, user, err);
    kida_renderer_free(r);
    return st;
}
