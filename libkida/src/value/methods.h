/* SPDX-License-Identifier: MIT */
/* methods.h - the tables of methods of built-in kinds, and what their bodies share. */
#ifndef KD_METHODS_H
#define KD_METHODS_H

#include "value/host.h"
#include "value/ops.h"

enum { KD_METHOD_MARKUP = 1 << 2 }; /* only safe texts have it */

/* One kind's methods: rows in any order. */
typedef struct kd_method_table {
    const kd_method *rows;
    size_t count;
} kd_method_table;

extern const kd_method_table kd_str_case_methods;   /* methods_case.c */
extern const kd_method_table kd_str_is_methods;     /* methods_is.c */
extern const kd_method_table kd_str_search_methods; /* methods_search.c */
extern const kd_method_table kd_str_split_methods;  /* methods_split.c */
extern const kd_method_table kd_str_make_methods;   /* methods_text.c */
extern const kd_method_table kd_str_markup_methods; /* methods_markup.c */
extern const kd_method_table kd_container_methods;  /* of every group of containers, texts too */
extern const kd_method_table kd_str_bytes_methods;  /* bytes.c */
extern const kd_method_table kd_int_bytes_methods;
extern const kd_method_table kd_list_methods;
extern const kd_method_table kd_tuple_methods;
extern const kd_method_table kd_range_methods;
extern const kd_method_table kd_dict_methods;
extern const kd_method_table kd_undefined_methods;
extern const kd_method_table kd_set_methods;
extern const kd_method_table kd_frozenset_methods;
extern const kd_method_table kd_view_methods;
extern const kd_method_table kd_int_methods;
extern const kd_method_table kd_float_methods;

/* Prepares the tables: call it when an environment is made. Safe from any thread, any number of
 * times; later calls only read. Look-ups call it themselves if nobody has. */
void kd_methods_prepare(void);

/* Checks that the receiver may change, binds the arguments and runs the body. */
kida_status kd_method_run(kida_call *call, kida_value self, const kd_method *method,
                          const kd_signature *signature, const kida_value *args, size_t arg_count,
                          const kida_str *names, const kida_value *named, size_t named_count,
                          kida_value *out);

/* Attribute of a type among the globals: str.upper, dict.fromkeys; absent: none. */
kida_status kd_type_attribute(kida_call *call, kida_str type, kida_str name, kida_value *out);

/* Makes v fit to be stored in a container of pool: as it is in the render's own pool, else copied,
 * so that a container of the host never points into a render that has ended. */
kida_status kd_keep(kida_call *call, kida_pool *pool, kida_value *v);

/* Whether an element counts as the one sought: itself, or equal to it. */
kida_status kd_same(kida_call *call, kida_value a, kida_value b, bool *out);

/* Sorts in place, stable, by `<`; key: a callable or none. Fails if an item can't be compared. */
kida_status kd_sort(kida_call *call, kida_value *items, size_t count, kida_value key, bool reverse);

/* What dict(), update() and | take: a mapping or an iterable of pairs, put into dict. */
kida_status kd_dict_update(kida_call *call, kd_dict *dict, kida_value from);

/* Puts every item of an iterable into a set. */
kida_status kd_set_update(kida_call *call, kd_dict *set, kida_value from);

/* Index arguments: bool and int as they are, big ones clamped. Errors: K-RUN-012, -005. */
kida_status kd_index_arg(kida_call *call, kida_value v, const char *what, int64_t *out);

/* Bounds of a slice by Python's rules for a step of 1: *from <= *to <= count. none: the ends. */
kida_status kd_bounds(kida_call *call, size_t count, kida_value from, kida_value to,
                      const char *what, size_t *out_from, size_t *out_to);

/* Ends a text in the making; it is safe where the receiver was. */
kida_status kd_finish_like(kida_buf *buf, kida_value self, kida_value *out);

/* A text argument; null_is_plain: null is K-RUN-012 like any other kind, not K-RUN-005. */
kida_status kd_text_arg(kida_call *call, kida_value v, const char *what, bool null_is_plain,
                        kida_str *out);

/* Part of a text from code point number from to number to, without a copy. */
kida_str kd_text_part(kida_value text, size_t from, size_t to);

#endif
