/* SPDX-License-Identifier: MIT */
/* base.h - export marks, text slices and the allocator that every part of the interface uses. */
#ifndef KIDA_BASE_H
#define KIDA_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
#define KIDA_EXTERN extern "C"
#define KIDA_BEGIN_DECLS extern "C" {
#define KIDA_END_DECLS }
#else
#define KIDA_EXTERN extern
#define KIDA_BEGIN_DECLS
#define KIDA_END_DECLS
#endif

#if defined(__GNUC__)
#define KIDA_API __attribute__((visibility("default")))
#define KIDA_MUST_USE __attribute__((warn_unused_result))
#define KIDA_PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))
#else
#define KIDA_API
#define KIDA_MUST_USE
#define KIDA_PRINTF(format_at, args_at)
#endif

/* A conversion of numbers that is clean in C and in C++. */
#if defined(__cplusplus)
#define KIDA_CAST_(type, value) static_cast<type>(value)
#else
#define KIDA_CAST_(type, value) ((type)(value))
#endif

#define KIDA_VERSION_MAJOR 0
#define KIDA_VERSION_MINOR 1
#define KIDA_VERSION_PATCH 0
#define KIDA_VERSION "0.1.0"

/** Grows with every change of a public struct's layout; filter modules carry it. */
#define KIDA_ABI 1

KIDA_BEGIN_DECLS

/**
 * A slice of UTF-8 text: pointer and length in bytes, not NUL-ended. Passed by value.
 *
 * Owner: whoever owns the bytes; a slice never does. An empty slice may have any pointer.
 */
typedef struct kida_str {
    const char *ptr;
    size_t len;
} kida_str;

/** The slice of a string literal, also in static initialisers. */
#if defined(__cplusplus)
#define KIDA_S(literal) (kida_str{ (literal), sizeof(literal) - 1 })
#else
#define KIDA_S(literal) ((kida_str){ (literal), sizeof(literal) - 1 })
#endif
#define KIDA_S_INIT(literal) { (literal), sizeof(literal) - 1 }

/**
 * The one memory function: size 0 frees, ptr NULL allocates, else resizes.
 *
 * Errors: NULL when there is no memory; the old block is then untouched.
 * Thread: any; the function must lock by itself if its memory is shared.
 */
typedef void *kida_alloc_fn(void *user, void *ptr, size_t old_size, size_t new_size);

typedef struct kida_allocator {
    kida_alloc_fn *alloc; /* NULL: the C library's */
    void *user;
} kida_allocator;

/** Version text of the library in use, "major.minor.patch". Thread: any */
KIDA_API const char *kida_version(void);

/** Number of code points of valid UTF-8 text. Thread: any */
KIDA_API size_t kida_utf8_count(kida_str text);

/** Whether the text is valid UTF-8; lone surrogates are refused. Thread: any */
KIDA_API bool kida_utf8_valid(kida_str text);

/** Whether two slices hold the same bytes. Thread: any */
KIDA_API bool kida_str_equal(kida_str a, kida_str b);

/** Slice of a NUL-ended string; NULL gives the empty slice. Thread: any */
KIDA_API kida_str kida_str_from(const char *text);

KIDA_END_DECLS

#endif
