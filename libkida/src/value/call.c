/* SPDX-License-Identifier: MIT */
/* call.c - calling values: C functions, methods and host objects from here, all else through the
 * vm. Binding of arguments is in bind.c. */
#include "value/call.h"

#include "value/methods.h"
#include "value/ops.h"

/* Every call made from C goes one level down on the C stack, too. */
static kida_status
enter(kida_call *call)
{
    kd_runtime *rt = call->rt;
    if (KD_UNLIKELY(rt->depth >= rt->max_depth))
        return kida_fail(call, KIDA_E_LIMIT_DEPTH, "calls are nested more than %u deep",
                         (unsigned)rt->max_depth);
    rt->depth++;
    return KIDA_OK;
}

/* Arguments of one call, kept together. */
typedef struct arguments {
    const kida_value *args;
    size_t arg_count;
    const kida_str *names;
    const kida_value *named;
    size_t named_count;
} arguments;

static kida_status
call_function(kida_call *call, const kd_function *fn, const arguments *a, kida_value *out)
{
    kida_call inner = { .rt = call->rt, .user = fn->user };
    kida_status st = kd_bind(&inner, &fn->signature, fn->row->name, a->args, a->arg_count,
                             a->names, a->named, a->named_count);
    if (st != KIDA_OK)
        return st;
    kida_value result = kd_absent();
    st = fn->row->body(&inner, &result);
    if (st == KIDA_OK)
        *out = kd_is_absent(result) ? kida_none() : result;
    return st;
}

static kida_status
call_bound(kida_call *call, const kd_bound *bound, const arguments *a, kida_value *out)
{
    return kd_method_run(call, bound->self, bound->method, bound->signature, a->args, a->arg_count,
                         a->names, a->named, a->named_count, out);
}

static kida_status
call_object(kida_call *call, kida_value v, const arguments *a, kida_value *out)
{
    static const kida_param any[] = { { "*args", 0, NULL }, { "**keywords", 0, NULL }, { 0 } };
    static const kd_signature takes_all = { .params = any, .has_rest = true, .has_keywords = true };
    const kida_object_type *type = kd_host_type(v);
    if (type == NULL || type->invoke == NULL)
        return kida_fail(call, KIDA_E_TYPE, "a %s can't be called", kida_kind_name(v));
    kida_call inner = { .rt = call->rt };
    kida_status st = kd_bind(&inner, &takes_all, type->name, a->args, a->arg_count, a->names,
                             a->named, a->named_count);
    if (st != KIDA_OK)
        return st;
    kida_value result = kd_absent();
    st = type->invoke(&inner, v.u_.p, &result);
    if (st == KIDA_OK)
        *out = kd_is_absent(result) ? kida_none() : result;
    return st;
}

static kida_status
dispatch(kida_call *call, kida_value callee, const arguments *a, kida_value *out)
{
    if (kd_is(callee, KIDA_OBJECT))
        return call_object(call, callee, a, out);
    const kd_callable *head = callee.u_.p;
    if (head->kind == KD_CALL_METHOD)
        return call_bound(call, (const kd_bound *)callee.u_.p, a, out);
    return call_function(call, (const kd_function *)callee.u_.p, a, out);
}

static kida_status
invoke(kida_call *call, kida_value callee, const arguments *a, kida_value *out)
{
    kd_runtime *rt = call->rt;
    if (!kd_is(callee, KIDA_CALLABLE) && !kd_is(callee, KIDA_OBJECT)) {
        if (kd_is(callee, KIDA_NONE))
            return kida_fail(call, KIDA_E_NONE, "none can't be called");
        return kida_fail(call, KIDA_E_TYPE, "a value of type %s can't be called",
                         kida_kind_name(callee));
    }
    if (rt->up != NULL && rt->up->check_call != NULL) {
        kida_status st = rt->up->check_call(call, callee);
        if (st != KIDA_OK)
            return st;
    }
    if (kd_is(callee, KIDA_CALLABLE) && ((kd_callable *)callee.u_.p)->kind >= KD_CALL_DEF) {
        if (rt->up == NULL || rt->up->invoke == NULL)
            return kida_fail(call, KIDA_E_NO_RENDER, "a def can only be called during a render");
        return rt->up->invoke(call, callee.u_.p, a->args, a->arg_count, a->names, a->named,
                              a->named_count, out);
    }
    kida_status st = enter(call);
    if (st != KIDA_OK)
        return st;
    st = dispatch(call, callee, a, out);
    rt->depth--;
    return st;
}

kida_status
kd_invoke(kida_call *call, kida_value callee, const kida_value *args, size_t arg_count,
          const kida_str *names, const kida_value *named, size_t named_count, kida_value *out)
{
    arguments a = { args, arg_count, names, named, named_count };
    return invoke(call, callee, &a, out);
}

/* ---- public ---------------------------------------------------------------------------------- */

kida_status
kida_invoke(kida_call *call, kida_value callee, const kida_value *args, size_t count,
            kida_value *out)
{
    return kd_invoke(call, callee, args, count, NULL, NULL, 0, out);
}

/* The value to call for self.name; keys of a dict do not hide its methods here. */
static kida_status
find_callee(kida_call *call, kida_value self, kida_str name, kida_value *out)
{
    const kd_signature *signature;
    const kd_method *method = kd_method_find(self, name, &signature);
    if (method != NULL && (method->flags & KD_METHOD_VALUE) == 0)
        return kd_bind_method(call, self, method, signature, out);
    if (kd_is(self, KIDA_DICT)) /* keys are no attributes here */
        return KIDA_OK;
    return kd_get_attr(call, self, name, 0, out);
}

kida_status
kida_invoke_method(kida_call *call, kida_value self, kida_str name, const kida_value *args,
                   size_t count, kida_value *out)
{
    kida_value callee = kd_absent();
    kida_status st = kida_check_attr(call, self, name);
    if (st == KIDA_OK)
        st = find_callee(call, self, name, &callee);
    if (st != KIDA_OK)
        return st;
    if (kd_is_absent(callee))
        return kida_fail(call, KIDA_E_ATTRIBUTE, "a %s has no attribute '%.*s'",
                         kida_kind_name(self), (int)(name.len < 60 ? name.len : 60), name.ptr);
    return kida_invoke(call, callee, args, count, out);
}

kida_status
kida_apply_filter(kida_call *call, kida_str name, kida_value self, const kida_value *args,
                  size_t count, kida_value *out)
{
    const kd_upcalls *up = call->rt->up;
    if (up == NULL || up->apply_filter == NULL)
        return kida_fail(call, KIDA_E_NO_RENDER, "filters can only be applied during a render");
    return up->apply_filter(call, name, self, args, count, out);
}

kida_status
kida_apply_test(kida_call *call, kida_str name, kida_value self, const kida_value *args,
                size_t count, bool *out)
{
    const kd_upcalls *up = call->rt->up;
    if (up == NULL || up->apply_test == NULL)
        return kida_fail(call, KIDA_E_NO_RENDER, "tests can only be applied during a render");
    return up->apply_test(call, name, self, args, count, out);
}

kida_status
kida_spend(kida_call *call, uint64_t count)
{
    kd_runtime *rt = call->rt;
    if (KD_LIKELY(rt->steps_left >= count)) {
        rt->steps_left -= count;
        return KIDA_OK;
    }
    if (rt->up && rt->up->more_steps)
        return rt->up->more_steps(call, count);
    rt->steps_left = 0;
    return kida_fail(call, KIDA_E_LIMIT_STEPS, "the render took too many steps");
}

kida_status
kida_function_value(kida_pool *pool, const kida_function *row, void *user, kida_value *out)
{
    if (pool == NULL)
        return KIDA_E_NOMEM;
    kd_function *fn = kd_arena_zero(pool, sizeof(*fn));
    if (fn == NULL)
        return KIDA_E_NOMEM;
    kida_status st = kd_signature_init(&fn->signature, row->params, pool, NULL);
    if (st != KIDA_OK)
        return st;
    fn->head.kind = row->flags & KIDA_TYPE ? KD_CALL_TYPE : KD_CALL_FUNCTION;
    fn->head.name = kida_str_from(row->name);
    fn->trusted = true; /* made by registered code */
    fn->row = row;
    fn->user = user; /* not trusted: a sandbox knows registered functions only */
    *out = kd_pointer(KIDA_CALLABLE, fn, 0, 0);
    return KIDA_OK;
}
