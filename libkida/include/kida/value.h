/* SPDX-License-Identifier: MIT */
/* value.h - values: 16 bytes, passed by value, never freed one by one. */
#ifndef KIDA_VALUE_H
#define KIDA_VALUE_H

#include "base.h"
#include "error.h"

KIDA_BEGIN_DECLS

/** What a value is. The numbers are part of the interface. */
typedef enum kida_kind {
    KIDA_ABSENT = 0,    /* no value at all; a zeroed kida_value. Never seen by templates */
    KIDA_UNDEFINED = 1, /* the missing attribute in lenient mode: prints nothing */
    KIDA_NONE = 2,
    KIDA_BOOL = 3,
    KIDA_INT = 4,    /* fits 64 bits */
    KIDA_BIGINT = 5, /* does not; templates see no difference */
    KIDA_FLOAT = 6,
    KIDA_STRING = 7, /* also safe markup: see kida_is_safe */
    KIDA_LIST = 8,
    KIDA_TUPLE = 9,
    KIDA_DICT = 10, /* keeps insertion order */
    KIDA_SET = 11,
    KIDA_RANGE = 12,
    KIDA_VIEW = 13,     /* keys, values or items of a dict */
    KIDA_ITERATOR = 14, /* can be walked once */
    KIDA_CALLABLE = 15, /* def, region, global function, bound method */
    KIDA_OBJECT = 16    /* memory of the host behind a table of functions or of fields */
} kida_kind;

struct kida_object_type;

/**
 * One value. The members are private: use the functions below.
 *
 * Owner: nobody; it is copied freely. What it points to lives in the pool it was made in, or in
 *        the host's memory, and must outlive every use.
 */
typedef struct kida_value {
    uint64_t head_; /* bits 0-7 kind, 8-15 flags, 16-63 length or type */
    union {
        int64_t i;
        double d;
        const char *s;
        void *p;
    } u_;
} kida_value;

enum {
    KIDA_FLAG_SAFE_ = 1 << 8,    /* string: markup that output does not escape */
    KIDA_FLAG_ASCII_ = 1 << 9,   /* string: known to have no byte above 127 */
    KIDA_FLAG_STYLED_ = 1 << 10, /* string: the terminal surface gives it out as it stands */
    KIDA_FLAG_MARKED_ = 1 << 11, /* string: so does the Markdown surface */
    KIDA_FLAG_FROZEN_ = 1 << 8, /* set: a frozenset */
    KIDA_FLAG_STRUCT_ = 1 << 8  /* object: described by a kida_struct, not a kida_object_type */
};

static inline kida_kind
kida_kind_of(kida_value v)
{
    return KIDA_CAST_(kida_kind, v.head_ & 0xff);
}

static inline kida_value
kida_undefined(void)
{
    kida_value v = { KIDA_UNDEFINED, { 0 } };
    return v;
}

static inline kida_value
kida_none(void)
{
    kida_value v = { KIDA_NONE, { 0 } };
    return v;
}

static inline kida_value
kida_bool(bool b)
{
    kida_value v = { KIDA_BOOL, { 0 } };
    v.u_.i = b ? 1 : 0;
    return v;
}

static inline kida_value
kida_int(int64_t i)
{
    kida_value v = { KIDA_INT, { 0 } };
    v.u_.i = i;
    return v;
}

static inline kida_value
kida_float(double d)
{
    kida_value v = { KIDA_FLOAT, { 0 } };
    v.u_.d = d;
    return v;
}

/** A string over borrowed bytes, which must be valid UTF-8 and shorter than 2^48. */
static inline kida_value
kida_string(kida_str text)
{
    kida_value v = { KIDA_STRING, { 0 } };
    v.head_ |= KIDA_CAST_(uint64_t, text.len) << 16;
    v.u_.s = text.ptr;
    return v;
}

/** A string marked as safe HTML: output does not escape it. Bytes are borrowed. */
static inline kida_value
kida_safe(kida_str text)
{
    kida_value v = kida_string(text);
    v.head_ |= KIDA_FLAG_SAFE_;
    return v;
}

/**
 * A string that is ready for a terminal: output does not take escape sequences out of it. Bytes are
 * borrowed. All that is made from it is plain again.
 */
static inline kida_value
kida_styled(kida_str text)
{
    kida_value v = kida_string(text);
    v.head_ |= KIDA_FLAG_STYLED_;
    return v;
}

/** A string that is Markdown: output does not escape it. Otherwise as kida_styled. */
static inline kida_value
kida_marked(kida_str text)
{
    kida_value v = kida_string(text);
    v.head_ |= KIDA_FLAG_MARKED_;
    return v;
}

/** Whether v is a string made by kida_styled. */
static inline bool
kida_is_styled(kida_value v)
{
    return (v.head_ & (0xffu | KIDA_FLAG_STYLED_)) == (KIDA_STRING | KIDA_FLAG_STYLED_);
}

/** Whether v is a string made by kida_marked. */
static inline bool
kida_is_marked(kida_value v)
{
    return (v.head_ & (0xffu | KIDA_FLAG_MARKED_)) == (KIDA_STRING | KIDA_FLAG_MARKED_);
}

/** Whether v is a string marked as safe markup. */
static inline bool
kida_is_safe(kida_value v)
{
    return (v.head_ & (0xffu | KIDA_FLAG_SAFE_)) == (KIDA_STRING | KIDA_FLAG_SAFE_);
}

/** Bytes of a string value; the empty slice for any other kind. */
static inline kida_str
kida_as_str(kida_value v)
{
    kida_str text = { "", 0 };
    if (kida_kind_of(v) == KIDA_STRING) {
        text.ptr = v.u_.s;
        text.len = KIDA_CAST_(size_t, v.head_ >> 16);
    }
    return text;
}

/** Number of a bool or int value; 0 for any other kind. */
static inline int64_t
kida_as_int(kida_value v)
{
    return kida_kind_of(v) == KIDA_INT || kida_kind_of(v) == KIDA_BOOL ? v.u_.i : 0;
}

/** Number of a bool, int or float value; 0 for any other kind. */
static inline double
kida_as_float(kida_value v)
{
    return kida_kind_of(v) == KIDA_FLOAT ? v.u_.d : KIDA_CAST_(double, kida_as_int(v));
}

/** Name of a value's kind as templates see it: "int", "str", "dict", … Owner: static. Thread: any
 */
KIDA_API const char *kida_kind_name(kida_value v);

/* ---- pools: where built values live -------------------------------------------------------- */

/**
 * Memory of values: grows by bumping a pointer, is given back all at once. Every render has one
 * of its own; hosts make one to build contexts ahead of time. Whatever takes a pool takes NULL for
 * one that could not be made, too, and answers KIDA_E_NOMEM.
 *
 * Thread: owner. A sealed pool may be read by any thread.
 */
typedef struct kida_pool kida_pool;

/**
 * Makes a pool that never holds more than max bytes (0: no bound of its own).
 *
 * Owner:  free it with kida_pool_free; allocator is copied, NULL means the C library's.
 * Errors: NULL when out of memory.
 * Thread: any
 */
KIDA_API KIDA_MUST_USE kida_pool *kida_pool_new(const kida_allocator *allocator, size_t max);

/** Forgets all that was made in the pool and keeps its memory for the next use. Thread: owner */
KIDA_API void kida_pool_reset(kida_pool *pool);

/** Frees the pool and all in it; NULL is fine. Thread: owner */
KIDA_API void kida_pool_free(kida_pool *pool);

/**
 * Makes what is in the pool read-only: templates that try to change a list or dict of it fail with
 * K-RUN-012. Seal a context before several threads render from it at once. Thread: owner
 */
KIDA_API void kida_pool_seal(kida_pool *pool);

/** Bytes that live as long as the pool, aligned for any type; NULL when out. Thread: owner */
KIDA_API KIDA_MUST_USE void *kida_pool_alloc(kida_pool *pool, size_t size);

/* ---- building ------------------------------------------------------------------------------ */

/** A string value whose bytes are copied into the pool. Errors: KIDA_E_NOMEM. Thread: owner */
KIDA_API KIDA_MUST_USE kida_status kida_string_copy(kida_pool *pool, kida_str text,
                                                    kida_value *out);

/** An empty list with room for capacity items. Errors: KIDA_E_NOMEM. Thread: owner */
KIDA_API KIDA_MUST_USE kida_status kida_list_new(kida_pool *pool, size_t capacity, kida_value *out);

/** Appends to a list. Errors: KIDA_E_NOMEM, KIDA_E_USAGE if no list or sealed. Thread: owner */
KIDA_API KIDA_MUST_USE kida_status kida_list_push(kida_value list, kida_value item);

/** A tuple of count items, copied. Errors: KIDA_E_NOMEM. Thread: owner */
KIDA_API KIDA_MUST_USE kida_status kida_tuple_new(kida_pool *pool, const kida_value *items,
                                                  size_t count, kida_value *out);

/** An empty dict with room for capacity entries. Errors: KIDA_E_NOMEM. Thread: owner */
KIDA_API KIDA_MUST_USE kida_status kida_dict_new(kida_pool *pool, size_t capacity, kida_value *out);

/**
 * Sets an entry; a key that is present keeps its place. The key's bytes are borrowed.
 *
 * Errors: KIDA_E_NOMEM; KIDA_E_TYPE for a key that can't be hashed; KIDA_E_USAGE if no dict or
 * sealed. Thread: owner
 */
KIDA_API KIDA_MUST_USE kida_status kida_dict_set(kida_value dict, kida_value key, kida_value item);

/** An empty set with room for capacity members. Errors: KIDA_E_NOMEM. Thread: owner */
KIDA_API KIDA_MUST_USE kida_status kida_set_new(kida_pool *pool, size_t capacity, kida_value *out);

/** The entry of a string key, or a value of kind KIDA_ABSENT. Thread: any */
KIDA_API kida_value kida_dict_get(kida_value dict, kida_str key);

/** Number of items of a list, tuple, dict, set, range or view; 0 for others. Thread: any */
KIDA_API size_t kida_length(kida_value v);

/** Item of a list or tuple, or a value of kind KIDA_ABSENT. Thread: any */
KIDA_API kida_value kida_item_at(kida_value v, size_t index);

/** Entry number index of a dict in order; false past the end. Thread: any */
KIDA_API bool kida_dict_entry(kida_value dict, size_t index, kida_value *key, kida_value *item);

/**
 * Builds a value from JSON text: integers of any size, floats kept apart from integers, objects as
 * dicts in the order of the text.
 *
 * Owner:  the result lives in the pool and does not point into the text.
 * Errors: KIDA_E_JSON with line and column, KIDA_E_NOMEM.
 * Thread: owner
 */
KIDA_API KIDA_MUST_USE kida_status kida_json_parse(kida_pool *pool, kida_str text, kida_value *out,
                                                   kida_error *err);

/**
 * Builds a dict in one call from pairs "name", kida_value, …, ended by NULL:
 *
 *     kida_context(pool, &ctx, "name", kida_string(name), "age", kida_int(age), NULL);
 *
 * Owner:  names are borrowed. Errors: KIDA_E_NOMEM. Thread: owner
 */
KIDA_API KIDA_MUST_USE kida_status kida_context(kida_pool *pool, kida_value *out, ...);

KIDA_END_DECLS

#endif
