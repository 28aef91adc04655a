/* SPDX-License-Identifier: MIT */
/* object.h - host memory as template values: C structs by field table, or a table of functions. */
#ifndef KIDA_OBJECT_H
#define KIDA_OBJECT_H

#include "value.h"

KIDA_BEGIN_DECLS

/** One call from a template into C, alive while that function runs; see filter.h. */
typedef struct kida_call kida_call;

/** Walks any value that can be iterated; lives on the caller's stack. Members are private. */
typedef struct kida_iter {
    kida_value over_;
    kida_value extra_;
    uint64_t at_;
    uint64_t end_;
    const void *state_;
} kida_iter;

/* ---- C structs ----------------------------------------------------------------------------- */

/** How a field is stored. */
typedef enum kida_field_kind {
    KIDA_FIELD_END = 0,
    KIDA_FIELD_BOOL,    /* bool */
    KIDA_FIELD_INT,     /* signed, size 1, 2, 4 or 8 */
    KIDA_FIELD_UINT,    /* unsigned, size 1, 2, 4 or 8 */
    KIDA_FIELD_DOUBLE,  /* double */
    KIDA_FIELD_FLOAT,   /* float */
    KIDA_FIELD_CSTRING, /* const char *, NUL-ended; NULL reads as none */
    KIDA_FIELD_CHARS,   /* char[size], NUL-ended or full */
    KIDA_FIELD_STR,     /* kida_str */
    KIDA_FIELD_VALUE,   /* kida_value */
    KIDA_FIELD_STRUCT,  /* a struct inside this one */
    KIDA_FIELD_POINTER, /* pointer to a struct; NULL reads as none */
    KIDA_FIELD_ARRAY, /* structs inside this one: size elements, or as many as the count field says
                       */
    KIDA_FIELD_SLICE, /* pointer to the first of structs, with a count field */
    KIDA_FIELD_POINTERS, /* pointer to an array of pointers to structs, with a count field */
    KIDA_FIELD_ENUM,     /* int; names give the text, otherwise the number */
    KIDA_FIELD_TIME      /* int64_t, seconds since 1970-01-01 UTC */
} kida_field_kind;

struct kida_struct;

/** One field of a C struct; rows with a NULL name end a table. Write them with the macros below. */
typedef struct kida_field {
    const char *name;
    kida_field_kind kind;
    size_t offset;
    size_t size; /* bytes of the member, or its element count for ARRAY */
    const struct kida_struct
        *of;               /* STRUCT, POINTER, ARRAY, SLICE, POINTERS; NULL for SLICE of int64_t */
    size_t count_offset;   /* where the element count (size_t) is; SIZE_MAX: nowhere */
    size_t present_offset; /* a bool that says whether the field is there; SIZE_MAX: always */
    const char *const *names; /* ENUM: texts from 0 on, ended by NULL */
} kida_field;

/**
 * Description of a C struct, made once, usually a static const.
 *
 * Owner:  kept by pointer; must outlive every value made with it.
 */
typedef struct kida_struct {
    const char *name;         /* what templates see as the kind */
    size_t size;              /* sizeof the struct: the step in arrays */
    const kida_field *fields; /* ended by a row whose name is NULL */
    const char *text_field;   /* field that gives the object's own text; NULL: "<name>" */
} kida_struct;

#define KIDA_NOWHERE SIZE_MAX
#if defined(__cplusplus)
#define KIDA_SIZEOF_(type, member) sizeof(static_cast<type *>(nullptr)->member)
#else
#define KIDA_SIZEOF_(type, member) sizeof(((type *)0)->member)
#endif
#define KIDA_FIELD_(type, member, kind)                                                            \
    {                                                                                              \
#member, kind, offsetof(type, member), KIDA_SIZEOF_(type, member), NULL, KIDA_NOWHERE,             \
            KIDA_NOWHERE, NULL                                                                     \
    }
#define KIDA_BOOL_FIELD(type, member) KIDA_FIELD_(type, member, KIDA_FIELD_BOOL)
#define KIDA_INT_FIELD(type, member) KIDA_FIELD_(type, member, KIDA_FIELD_INT)
#define KIDA_UINT_FIELD(type, member) KIDA_FIELD_(type, member, KIDA_FIELD_UINT)
#define KIDA_DOUBLE_FIELD(type, member) KIDA_FIELD_(type, member, KIDA_FIELD_DOUBLE)
#define KIDA_CSTRING_FIELD(type, member) KIDA_FIELD_(type, member, KIDA_FIELD_CSTRING)
#define KIDA_CHARS_FIELD(type, member) KIDA_FIELD_(type, member, KIDA_FIELD_CHARS)
#define KIDA_STR_FIELD(type, member) KIDA_FIELD_(type, member, KIDA_FIELD_STR)
#define KIDA_VALUE_FIELD(type, member) KIDA_FIELD_(type, member, KIDA_FIELD_VALUE)
#define KIDA_TIME_FIELD(type, member) KIDA_FIELD_(type, member, KIDA_FIELD_TIME)
#define KIDA_ENUM_FIELD(type, member, texts)                                                       \
    {                                                                                              \
#member, KIDA_FIELD_ENUM, offsetof(type, member), KIDA_SIZEOF_(type, member), NULL,                \
            KIDA_NOWHERE, KIDA_NOWHERE, texts                                                      \
    }
#define KIDA_STRUCT_FIELD(type, member, description)                                               \
    {                                                                                              \
#member, KIDA_FIELD_STRUCT, offsetof(type, member), KIDA_SIZEOF_(type, member),                    \
            description, KIDA_NOWHERE, KIDA_NOWHERE, NULL                                          \
    }
#define KIDA_POINTER_FIELD(type, member, description)                                              \
    {                                                                                              \
#member, KIDA_FIELD_POINTER, offsetof(type, member), KIDA_SIZEOF_(type, member),                   \
            description, KIDA_NOWHERE, KIDA_NOWHERE, NULL                                          \
    }
#define KIDA_SLICE_FIELD(type, member, count_member, description)                                  \
    {                                                                                              \
#member, KIDA_FIELD_SLICE, offsetof(type, member), KIDA_SIZEOF_(type, member),                     \
            description, offsetof(type, count_member), KIDA_NOWHERE, NULL                          \
    }
#define KIDA_POINTERS_FIELD(type, member, count_member, description)                               \
    {                                                                                              \
#member, KIDA_FIELD_POINTERS, offsetof(type, member), KIDA_SIZEOF_(type, member),                  \
            description, offsetof(type, count_member), KIDA_NOWHERE, NULL                          \
    }
/* An array inside the struct, all of its elements; element type described, NULL: int64_t. */
#define KIDA_ARRAY_FIELD(type, member, description)                                                \
    {                                                                                              \
        #member, KIDA_FIELD_ARRAY, offsetof(type, member),                                         \
            KIDA_SIZEOF_(type, member) / KIDA_SIZEOF_(type, member[0]), description,               \
            KIDA_NOWHERE, KIDA_NOWHERE, NULL                                                       \
    }
/* A plain field of that kind which is there only while the bool member `present` is true. */
#define KIDA_OPTIONAL_FIELD(type, member, kind, present)                                           \
    {                                                                                              \
        #member, kind, offsetof(type, member), KIDA_SIZEOF_(type, member), NULL, KIDA_NOWHERE,     \
            offsetof(type, present), NULL                                                          \
    }
#define KIDA_FIELDS_END                                                                            \
    {                                                                                              \
        NULL, KIDA_FIELD_END, 0, 0, NULL, KIDA_NOWHERE, KIDA_NOWHERE, NULL                         \
    }

/**
 * A C struct as a value: templates read its fields straight from memory, nothing is built.
 *
 * Owner:  description and memory are borrowed and must outlive the render.
 * Thread: any
 */
KIDA_API kida_value kida_from_struct(const kida_struct *description, const void *memory);

/** count structs in a row as a sequence value that can be iterated and indexed. Thread: any */
KIDA_API KIDA_MUST_USE kida_status kida_from_array(kida_pool *pool, const kida_struct *description,
                                                   const void *first, size_t count,
                                                   kida_value *out);

/* ---- host objects -------------------------------------------------------------------------- */

/**
 * What a host object answers; every function may be NULL. All get the call they run in and the
 * object's memory.
 *
 * Errors: return kida_fail(call, …); lookups return KIDA_OK with *out left absent for "missing".
 * Thread: the one that renders; several at once if the object is shared.
 */
typedef struct kida_object_type {
    size_t size;      /* sizeof(kida_object_type): newer fields are then found absent */
    const char *name; /* what templates see as the kind */
    kida_status (*attribute)(kida_call *call, void *self, kida_str name, kida_value *out);
    kida_status (*item)(kida_call *call, void *self, kida_value key, kida_value *out);
    kida_status (*length)(kida_call *call, void *self, size_t *out);
    /* Starts a walk: keep position in iter->state_/at_; NULL next: item() by 0, 1, … until length
     */
    kida_status (*iterate)(kida_call *call, void *self, kida_iter *iter);
    /* Next item; *out left absent at the end. May wait (in a coroutine). */
    kida_status (*next)(kida_call *call, void *self, kida_iter *iter, kida_value *out);
    kida_status (*invoke)(kida_call *call, void *self, kida_value *out);
    kida_status (*text)(kida_call *call, void *self, kida_value *out);
    kida_status (*html)(kida_call *call, void *self, kida_value *out); /* safe text for output */
    kida_status (*repr)(kida_call *call, void *self, kida_value *out);
    kida_status (*truth)(kida_call *call, void *self, bool *out);
    kida_status (*contains)(kida_call *call, void *self, kida_value item, bool *out);
    kida_status (*equal)(kida_call *call, void *self, kida_value other, bool *out);
    kida_status (*compare)(kida_call *call, void *self, kida_value other, int *out);
    /* strftime-like formatting, used by the date filter */
    kida_status (*format)(kida_call *call, void *self, kida_str pattern, kida_value *out);
    /* waits until the value is there: `await` */
    kida_status (*await_)(kida_call *call, void *self, kida_value *out);
    unsigned flags; /* KIDA_OBJECT_* */
} kida_object_type;

enum {
    KIDA_OBJECT_MAPPING = 1 << 0, /* `is mapping`, `?.` and `?[` treat it like a dict */
    KIDA_OBJECT_ASYNC = 1 << 1    /* accepted by `async for` */
};

/**
 * Host memory behind a type as a value.
 *
 * Owner:  type is kept by pointer, memory is borrowed; both outlive the render. Type tables must
 *         lie in the lower 2^48 bytes of the address space, as static tables do.
 * Thread: any
 */
KIDA_API kida_value kida_object(const kida_object_type *type, void *memory);

/** Memory of an object value of just this type; NULL for any other value. Thread: any */
KIDA_API void *kida_object_memory(kida_value v, const kida_object_type *type);

/** A date and time as a value for `date` and friends: seconds since 1970-01-01 UTC. Thread: any */
KIDA_API KIDA_MUST_USE kida_status kida_from_time(kida_pool *pool, int64_t seconds,
                                                  kida_value *out);

KIDA_END_DECLS

#endif
