/* SPDX-License-Identifier: MIT */
/* value.h - values from the inside: containers, callables, tests of kind. */
#ifndef KD_VALUE_H
#define KD_VALUE_H

#include <kida/filter.h>
#include <kida/value.h>

#include "memory/arena.h"
#include "memory/str.h"

/* ---- tags ------------------------------------------------------------------------------------ */

KD_INLINE unsigned
kd_tag(kida_value v)
{
    return (unsigned)(v.head_ & 0xff);
}

KD_INLINE bool
kd_is(kida_value v, kida_kind kind)
{
    return kd_tag(v) == (unsigned)kind;
}

KD_INLINE bool
kd_is_absent(kida_value v)
{
    return kd_tag(v) == KIDA_ABSENT;
}

KD_INLINE bool
kd_is_nothing(kida_value v) /* absent, undefined or none */
{
    return kd_tag(v) <= KIDA_NONE;
}

KD_INLINE kida_value
kd_absent(void)
{
    kida_value v = { 0, { 0 } };
    return v;
}

/* A string without the marks that only a string handed on as it is keeps. */
KD_INLINE kida_value
kd_unmarked(kida_value v)
{
    v.head_ &= ~(uint64_t)(KIDA_FLAG_STYLED_ | KIDA_FLAG_MARKED_);
    return v;
}

/* A value of a pointer kind; extra goes into the upper 48 bits: count of a tuple, type of an
 * object. */
KD_INLINE kida_value
kd_pointer(kida_kind kind, const void *p, uint64_t extra, uint64_t flags)
{
    kida_value v = { (uint64_t)kind | flags | extra << 16, { 0 } };
    v.u_.p = (void *)(uintptr_t)p;
    return v;
}

/* ---- containers ------------------------------------------------------------------------------ */

typedef struct kd_list {
    kida_value *items;
    size_t count;
    size_t room;
    kida_pool *pool; /* grows here; sealed: read-only */
} kd_list;

/* Tuples have no head: the value holds the count and points at the items. */
KD_INLINE size_t
kd_tuple_count(kida_value v)
{
    return (size_t)(v.head_ >> 16);
}

KD_INLINE kida_value *
kd_tuple_items(kida_value v)
{
    return (kida_value *)v.u_.p;
}

KD_INLINE kd_list *
kd_list_of(kida_value v)
{
    return (kd_list *)v.u_.p;
}

typedef struct kd_entry {
    kida_value key;  /* absent: deleted */
    kida_value item;
    uint32_t hash;
} kd_entry;

/* Insertion-ordered hash table; sets are dicts whose items are absent. Up to KD_DICT_SMALL entries
 * there is no index: look-ups compare hashes one after another. */
typedef struct kd_dict {
    kd_entry *entries;
    size_t count;    /* live entries */
    size_t used;     /* slots in use, deleted ones included */
    size_t room;
    uint32_t *index; /* NULL while small; open addressing, slot + 1; 0: free */
    size_t mask;
    kida_pool *pool;
    uint64_t seed;
} kd_dict;

#define KD_DICT_SMALL 8

KD_INLINE kd_dict *
kd_dict_of(kida_value v)
{
    return (kd_dict *)v.u_.p;
}

typedef struct kd_range {
    int64_t start;
    int64_t stop;
    int64_t step;  /* never 0 */
    size_t count;
} kd_range;

KD_INLINE kd_range *
kd_range_of(kida_value v)
{
    return (kd_range *)v.u_.p;
}

typedef enum kd_view_kind { KD_VIEW_KEYS, KD_VIEW_VALUES, KD_VIEW_ITEMS } kd_view_kind;

typedef struct kd_view {
    kd_dict *dict;
    kd_view_kind kind;
} kd_view;

/* An object that is walked once: zip, map, enumerate, reversed, filter. */
typedef struct kd_iterator {
    const char *name; /* "zip" */
    kida_status (*next)(kida_call *call, void *state, kida_value *out); /* absent: the end */
    void *state;
    bool done;
} kd_iterator;

/* ---- callables ------------------------------------------------------------------------------- */

/* Parameters of a C function, prepared once at registration. */
typedef struct kd_signature {
    const kida_param *params;  /* may be NULL */
    const kida_value *fallbacks; /* one per parameter; absent: required */
    uint32_t count;            /* named parameters, without *rest and **keywords */
    uint32_t required;         /* leading ones that must be given by position or name */
    uint32_t positional;       /* how many may be given by position */
    uint32_t needed;           /* with as many arguments by position, none can be missing */
    bool has_rest;
    bool has_keywords;
    bool checks;               /* some parameter restricts its kind */
} kd_signature;

typedef enum kd_callable_kind {
    KD_CALL_FUNCTION, /* a kida_function row */
    KD_CALL_METHOD,   /* a method of a built-in kind, bound to its value */
    KD_CALL_TYPE,     /* a global like `dict`, `str`: a function with attributes of its own */
    KD_CALL_DEF,      /* the rest belong to the vm */
    KD_CALL_REGION,
    KD_CALL_CALLER,
    KD_CALL_OTHER
} kd_callable_kind;

/* Head of every callable; u_.p of a KIDA_CALLABLE value points here. */
typedef struct kd_callable {
    kd_callable_kind kind;
    kida_str name;
} kd_callable;

typedef struct kd_function {
    kd_callable head;
    const kida_function *row;
    kd_signature signature;
    void *user;
    bool trusted; /* registered: the sandbox lets it be called */
} kd_function;

/* A method of a built-in kind: a row of the tables in methods_*.c. */
typedef struct kd_method {
    const char *name;
    /* args were bound by the signature; self is the receiver */
    kida_status (*body)(kida_call *call, kida_value self, kida_value *out);
    const kida_param *params;
    unsigned flags; /* KD_METHOD_* */
} kd_method;

enum { KD_METHOD_MUTATES = 1 << 0, KD_METHOD_VALUE = 1 << 1 /* an attribute, no call: (5).real */ };

typedef struct kd_bound {
    kd_callable head;
    const kd_method *method;
    const kd_signature *signature;
    kida_value self;
} kd_bound;

/* ---- containers: value/seq.c, dict.c --------------------------------------------------------- */

/* All fail with KIDA_E_LIMIT_MEMORY through call (or KIDA_E_NOMEM without one: call may be NULL
 * where a pool is given). */
kida_value kd_list_make(kida_pool *pool, size_t room);     /* absent: no memory */
bool kd_list_push(kd_list *list, kida_value item);
bool kd_list_insert(kd_list *list, size_t at, kida_value item);
kida_value kd_tuple_make(kida_pool *pool, const kida_value *items, size_t count);
kida_value kd_dict_make(kida_pool *pool, size_t room);
kida_value kd_set_make(kida_pool *pool, size_t room, bool frozen);
/* absent: failed, and reported */
kida_value kd_range_make(kida_call *call, int64_t start, int64_t stop, int64_t step);
kida_value kd_view_make(kida_pool *pool, kd_dict *dict, kd_view_kind kind);
kida_value kd_iterator_make(kida_pool *pool, const char *name,
                            kida_status (*next)(kida_call *, void *, kida_value *), void *state);

KD_INLINE bool
kd_entry_is(const kd_entry *e, kida_str key, uint32_t hash)
{
    return e->hash == hash && kd_is(e->key, KIDA_STRING) && e->key.head_ >> 16 == key.len &&
           kd_same_bytes(e->key.u_.s, key.ptr, key.len);
}

/* Look-up by text with a hash made by kd_dict_hash_str with the same seed. NULL: not there. */
kd_entry *kd_dict_find_hashed(const kd_dict *dict, kida_str key, uint32_t hash);

/* The entry in the slot where the last look-up from the same place found its own, if it is the one
 * sought; any hint is safe. NULL: search. */
KD_INLINE kd_entry *
kd_dict_hinted(const kd_dict *dict, kida_str key, uint32_t hash, uint8_t hint)
{
    if (KD_UNLIKELY(hint >= dict->used))
        return NULL;
    kd_entry *e = &dict->entries[hint];
    return KD_LIKELY(kd_entry_is(e, key, hash)) ? e : NULL;
}

/* Look-up with a hint, which is set to what it finds. */
KD_INLINE kd_entry *
kd_dict_find_hinted(const kd_dict *dict, kida_str key, uint32_t hash, uint8_t *hint)
{
    kd_entry *e = kd_dict_hinted(dict, key, hash, *hint);
    if (KD_UNLIKELY(!e) && (e = kd_dict_find_hashed(dict, key, hash)) != NULL)
        *hint = (uint8_t)(e - dict->entries);
    return e;
}

/* Look-up by any hashable key. *out NULL: not there. Errors: unhashable key. */
kida_status kd_dict_find(kida_call *call, const kd_dict *dict, kida_value key, kd_entry **out);
kida_status kd_dict_put(kida_call *call, kd_dict *dict, kida_value key, kida_value item);
kida_status kd_dict_delete(kida_call *call, kd_dict *dict, kida_value key, kida_value *old);
bool kd_dict_put_str(kd_dict *dict, kida_str key, kida_value item); /* false: no memory */
kd_entry *kd_dict_entry_at(const kd_dict *dict, size_t *at); /* next live one from *at; NULL: end */
void kd_dict_clear(kd_dict *dict);
/* Hash of any hashable value; equal values hash equal across number kinds. */
kida_status kd_hash(kida_call *call, kida_value v, uint64_t seed, uint32_t *out, unsigned depth);

/* One process-wide seed for string hashes of dicts, drawn once, so that hashes in compiled
 * constants fit dicts of every pool. Tests may fix it before the first use. */
uint64_t kd_hash_seed(void);

KD_INLINE uint32_t
kd_hash_str(kida_str s)
{
    return kd_hash_bytes(s.ptr, s.len, kd_hash_seed());
}

/* Fails if the container may not be changed (sealed pool). what: "append". */
kida_status kd_check_mutable(kida_call *call, const kida_pool *pool, const char *what);

/* ---- strings --------------------------------------------------------------------------------- */

/* Number of code points; kd_is_ascii is remembered nowhere, so it scans. */
size_t kd_text_count(kida_value v);
/* A plain or safe string in the pool. */
kida_status kd_text_copy(kida_call *call, kida_str s, bool safe, kida_value *out);
/* a ~ b with the markup rules: if either is safe the other is escaped and the result is safe. */
kida_status kd_concat(kida_call *call, kida_value a, kida_value b, kida_value *out);
/* Appends the HTML-escaped text; NUL bytes vanish. SIMD on x86-64 with a portable fallback. */
size_t kd_escape_size(kida_str s); /* upper bound */
/* out has room for kd_escape_size bytes and 32 more; returns the length. */
size_t kd_escape_html(char *out, kida_str s);
/* Whether escaping would change s. */
bool kd_needs_escape(kida_str s);

#endif
