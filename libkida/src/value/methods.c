/* SPDX-License-Identifier: MIT */
/* methods.c - finding and calling the methods of built-in kinds. The tables of methods_*.c are
 * prepared once in static storage: signatures, and an index by the hash of the name. */
#include "value/methods.h"

#include <string.h>

#include "memory/alloc.h"
#include "memory/sync.h"

typedef enum group {
    IN_STR, IN_LIST, IN_TUPLE, IN_DICT, IN_SET, IN_FROZENSET, IN_RANGE, IN_VIEW, IN_INT, IN_FLOAT,
    IN_UNDEFINED, GROUPS,
    IN_NONE = GROUPS
} group;

/* Which table belongs to which group; texts have several. */
static const struct {
    group to;
    const kd_method_table *table;
} sources[] = {
    { IN_STR, &kd_str_case_methods },        { IN_STR, &kd_str_is_methods },
    { IN_STR, &kd_str_search_methods },      { IN_STR, &kd_str_split_methods },
    { IN_STR, &kd_str_make_methods },        { IN_LIST, &kd_list_methods },
    { IN_TUPLE, &kd_tuple_methods },         { IN_DICT, &kd_dict_methods },
    { IN_SET, &kd_set_methods },             { IN_FROZENSET, &kd_frozenset_methods },
    { IN_RANGE, &kd_range_methods },         { IN_VIEW, &kd_view_methods },
    { IN_INT, &kd_int_methods },             { IN_FLOAT, &kd_float_methods },
    { IN_UNDEFINED, &kd_undefined_methods }, { IN_STR, &kd_str_markup_methods },
    { IN_STR, &kd_str_bytes_methods },       { IN_INT, &kd_int_bytes_methods },
    { IN_STR, &kd_container_methods },       { IN_LIST, &kd_container_methods },
    { IN_TUPLE, &kd_container_methods },     { IN_DICT, &kd_container_methods },
    { IN_SET, &kd_container_methods },       { IN_FROZENSET, &kd_container_methods },
    { IN_RANGE, &kd_container_methods },     { IN_VIEW, &kd_container_methods },
};

typedef struct prepared {
    const kd_method *method;
    kd_signature signature;
    kida_str name;
    uint32_t hash;
} prepared;

#define MAX_METHODS 250 /* an index byte holds the number + 1 */
#define INDEX_SIZE 128  /* over twice the largest group */
#define STORE_SIZE 16384

/* Written by prepare() only, which pthread_once runs before anybody reads. */
static prepared methods[MAX_METHODS];
static uint8_t index_of[GROUPS][INDEX_SIZE];
static _Alignas(16) char store[STORE_SIZE];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Atomic bool ready; /* release store at the end of prepare, acquire load in find */

static void
add_method(group g, const kd_method *method, size_t number, kida_pool *pool)
{
    prepared *p = &methods[number];
    p->method = method;
    p->name = kida_str_from(method->name);
    p->hash = kd_hash_str(p->name);
    kida_status st = kd_signature_init(&p->signature, method->params, pool, NULL);
    KD_ASSERT(st == KIDA_OK);
    (void)st;
    size_t at = p->hash % INDEX_SIZE;
    while (index_of[g][at] != 0)
        at = (at + 1) % INDEX_SIZE;
    index_of[g][at] = (uint8_t)(number + 1);
}

static void
prepare(void)
{
    /* a pool over static memory: never grows, never freed */
    kida_pool pool = { .at = store, .end = store + STORE_SIZE, .max = 1 };
    pool.allocator = kd_allocator_or_default(NULL);
    pool.used = 1;
    size_t count = 0;
    for (size_t s = 0; s < KD_COUNT(sources); s++) {
        for (size_t i = 0; i < sources[s].table->count; i++) {
            KD_ASSERT(count < MAX_METHODS);
            add_method(sources[s].to, &sources[s].table->rows[i], count++, &pool);
        }
    }
    atomic_store_explicit(&ready, true, memory_order_release);
}

void
kd_methods_prepare(void)
{
    (void)pthread_once(&once, prepare);
}

/* ---- finding --------------------------------------------------------------------------------- */

static group
group_of(kida_value v)
{
    switch (kida_kind_of(v)) {
    case KIDA_STRING:
        return IN_STR;
    case KIDA_LIST:
        return IN_LIST;
    case KIDA_TUPLE:
        return IN_TUPLE;
    case KIDA_DICT:
        return IN_DICT;
    case KIDA_SET:
        return v.head_ & KIDA_FLAG_FROZEN_ ? IN_FROZENSET : IN_SET;
    case KIDA_RANGE:
        return IN_RANGE;
    case KIDA_VIEW:
        return ((kd_view *)v.u_.p)->kind == KD_VIEW_VALUES ? IN_NONE : IN_VIEW;
    case KIDA_BOOL:
    case KIDA_INT:
    case KIDA_BIGINT:
        return IN_INT;
    case KIDA_FLOAT:
        return IN_FLOAT;
    case KIDA_UNDEFINED:
        return IN_UNDEFINED;
    case KIDA_ABSENT:
    case KIDA_NONE:
    case KIDA_ITERATOR:
    case KIDA_CALLABLE:
    case KIDA_OBJECT:
        break;
    }
    return IN_NONE;
}

static const prepared *
find(group g, kida_str name, uint32_t hash)
{
    if (KD_UNLIKELY(!atomic_load_explicit(&ready, memory_order_acquire)))
        kd_methods_prepare();
    if (g == IN_NONE || name.len == 0)
        return NULL;
    for (size_t at = hash % INDEX_SIZE; index_of[g][at] != 0; at = (at + 1) % INDEX_SIZE) {
        const prepared *p = &methods[index_of[g][at] - 1];
        if (p->hash == hash && kd_str_equal(p->name, name))
            return p;
    }
    return NULL;
}

static const prepared *
find_for(kida_value v, kida_str name, uint32_t hash)
{
    const prepared *p = find(group_of(v), name, hash);
    if (p != NULL && (p->method->flags & KD_METHOD_MARKUP) && !kida_is_safe(v))
        return NULL;
    return p;
}

const kd_method *
kd_method_find(kida_value v, kida_str name, const kd_signature **signature)
{
    const prepared *p = find_for(v, name, kd_hash_str(name));
    if (p == NULL)
        return NULL;
    *signature = &p->signature;
    return p->method;
}

/* ---- calling --------------------------------------------------------------------------------- */

kida_status
kd_bind_method(kida_call *call, kida_value self, const kd_method *method,
               const kd_signature *signature, kida_value *out)
{
    kd_bound *bound = kd_arena_alloc(call->rt->pool, sizeof(*bound));
    if (bound == NULL)
        return kd_fail_memory(call);
    bound->head.kind = KD_CALL_METHOD;
    bound->head.name = kida_str_from(method->name);
    bound->method = method;
    bound->signature = signature;
    bound->self = self;
    *out = kd_pointer(KIDA_CALLABLE, bound, 0, 0);
    return KIDA_OK;
}

static const kida_pool *
pool_of(kida_value v)
{
    return kd_is(v, KIDA_LIST) ? kd_list_of(v)->pool : kd_dict_of(v)->pool;
}

kida_status
kd_method_run(kida_call *call, kida_value self, const kd_method *method,
              const kd_signature *signature, const kida_value *args, size_t arg_count,
              const kida_str *names, const kida_value *named, size_t named_count, kida_value *out)
{
    kida_call inner = { .rt = call->rt };
    kida_status st = KIDA_OK;
    if (method->flags & KD_METHOD_MUTATES)
        st = kd_check_mutable(call, pool_of(self), method->name);
    if (KD_LIKELY(st == KIDA_OK))
        st = kd_bind(&inner, signature, method->name, args, arg_count, names, named, named_count);
    if (KD_UNLIKELY(st != KIDA_OK))
        return st;
    kida_value result = kida_none();
    st = method->body(&inner, self, &result);
    if (KD_LIKELY(st == KIDA_OK))
        *out = result;
    return st;
}

kida_status
kd_call_method(kida_call *call, kida_value self, kida_str name, uint32_t hash,
               const kida_value *args, size_t arg_count, const kida_str *names,
               const kida_value *named, size_t named_count, kida_value *out, bool *found)
{
    const kd_upcalls *up = call->rt->up;
    *found = false;
    if (hash == 0)
        hash = kd_hash_str(name);
    /* a sandbox wants to see the callee, so it goes the general way */
    if (KD_UNLIKELY(up != NULL && (up->check_call != NULL || up->check_attribute != NULL)))
        return KIDA_OK;
    /* a key of that name hides the method */
    if (kd_is(self, KIDA_DICT) && kd_dict_find_hashed(kd_dict_of(self), name, hash) != NULL)
        return KIDA_OK;
    const prepared *p = find_for(self, name, hash);
    if (p == NULL || (p->method->flags & KD_METHOD_VALUE))
        return KIDA_OK;
    *found = true;
    return kd_method_run(call, self, p->method, &p->signature, args, arg_count, names, named,
                         named_count, out);
}

/* ---- methods of types ------------------------------------------------------------------------ */

/* A method taken from its type, str.upper: the first argument is the receiver. */
static kida_status
call_unbound(kida_call *call, kida_value *out)
{
    static const kida_str needs_none[] = { KIDA_S_INIT("fromkeys"), KIDA_S_INIT("maketrans"),
                                          KIDA_S_INIT("from_bytes"),
                                          KIDA_S_INIT("fromhex") };
    const prepared *p = call->user;
    kida_value self = kida_rest(call, 0);
    size_t skip = 1;
    for (size_t i = 0; i < KD_COUNT(needs_none); i++) {
        if (kd_str_equal(p->name, needs_none[i])) {
            self = kida_none();
            skip = 0;
        }
    }
    if (skip == 1 && kd_is_absent(self))
        return kida_fail(call, KIDA_E_TYPE, "%s() misses its value", p->method->name);
    if (skip == 1 && find_for(self, p->name, p->hash) != p)
        return kida_fail_type(call, self, "the method belongs to another type");
    return kd_method_run(call, self, p->method, &p->signature, call->rest + skip,
                         call->rest_count - skip, call->keyword_names, call->keywords,
                         call->keyword_count, out);
}

kida_status
kd_type_attribute(kida_call *call, kida_str type, kida_str name, kida_value *out)
{
    static const struct {
        kida_str type;
        group in;
    } types[] = {
        { KIDA_S_INIT("str"), IN_STR },     { KIDA_S_INIT("list"), IN_LIST },
        { KIDA_S_INIT("tuple"), IN_TUPLE }, { KIDA_S_INIT("dict"), IN_DICT },
        { KIDA_S_INIT("set"), IN_SET },     { KIDA_S_INIT("range"), IN_RANGE },
        { KIDA_S_INIT("int"), IN_INT },     { KIDA_S_INIT("bool"), IN_INT },
        { KIDA_S_INIT("float"), IN_FLOAT },
    };
    static const kida_param any[] = { { "*args", 0, NULL }, { "**keywords", 0, NULL }, { 0 } };
    static const kida_function row = { "method", call_unbound, any, 0, "a method of a type" };
    *out = kd_absent();
    for (size_t i = 0; i < KD_COUNT(types); i++) {
        if (!kd_str_equal(types[i].type, type))
            continue;
        const prepared *p = find(types[i].in, name, kd_hash_str(name));
        if (p == NULL || (p->method->flags & (KD_METHOD_VALUE | KD_METHOD_MARKUP)))
            return KIDA_OK;
        kida_value fn;
        if (kida_function_value(call->rt->pool, &row, (void *)(uintptr_t)p, &fn) != KIDA_OK)
            return kd_fail_memory(call);
        ((kd_function *)fn.u_.p)->trusted = true;
        ((kd_function *)fn.u_.p)->head.name = p->name;
        *out = fn;
    }
    return KIDA_OK;
}
