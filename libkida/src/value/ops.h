/* SPDX-License-Identifier: MIT */
/* ops.h - operations on values that the vm and the filters share. */
#ifndef KD_OPS_H
#define KD_OPS_H

#include "value/call.h"

/* ---- access: value/access.c ------------------------------------------------------------------
 * Results are absent where nothing was found; the vm makes that K-RUN-001, undefined or none. */

/* x.name without the none-to-empty rule: dict key, else method; object attribute, else item. */
kida_status kd_get_attr(kida_call *call, kida_value v, kida_str name, uint32_t hash,
                        kida_value *out);
/* x[key]; a miss is an error (K-RUN-009, -007, -012), as is a wrong kind. */
kida_status kd_get_item(kida_call *call, kida_value v, kida_value key, kida_value *out);
/* x[a:b:c]; parts may be none. */
kida_status kd_slice(kida_call *call, kida_value v, kida_value from, kida_value to, kida_value step,
                     kida_value *out);
/* Method table of a built-in kind: value/methods.c */
const kd_method *kd_method_find(kida_value v, kida_str name, const kd_signature **signature);
kida_status kd_bind_method(kida_call *call, kida_value self, const kd_method *method,
                           const kd_signature *signature, kida_value *out);
/* Fast path of x.name(args): finds and runs a built-in method without making a bound value.
 * *found false: not a built-in method; the caller goes the general way. */
kida_status kd_call_method(kida_call *call, kida_value self, kida_str name, uint32_t hash,
                           const kida_value *args, size_t arg_count, const kida_str *names,
                           const kida_value *named, size_t named_count, kida_value *out,
                           bool *found);

/* ---- arithmetic: value/arith.c, big.c -------------------------------------------------------- */

kida_status kd_add(kida_call *call, kida_value a, kida_value b, kida_value *out);
kida_status kd_sub(kida_call *call, kida_value a, kida_value b, kida_value *out);
kida_status kd_mul(kida_call *call, kida_value a, kida_value b, kida_value *out);
kida_status kd_div(kida_call *call, kida_value a, kida_value b, kida_value *out);
kida_status kd_floordiv(kida_call *call, kida_value a, kida_value b, kida_value *out);
kida_status kd_mod(kida_call *call, kida_value a, kida_value b, kida_value *out);
kida_status kd_pow(kida_call *call, kida_value a, kida_value b, kida_value *out);
kida_status kd_neg(kida_call *call, kida_value a, kida_value *out);
kida_status kd_pos(kida_call *call, kida_value a, kida_value *out);
/* The numeric coercion of - * / // % ** for operands that are calls or filters. */
kida_status kd_coerce(kida_call *call, kida_value a, kida_value *out);
/* a..b, a...b by step; inclusive counts the end whatever the sign of step. */
kida_status kd_make_range(kida_call *call, kida_value a, kida_value b, kida_value step,
                          bool inclusive, kida_value *out);

/* ---- comparison: value/compare.c ------------------------------------------------------------- */

kida_status kd_equal(kida_call *call, kida_value a, kida_value b, bool *out);
/* op: '<' '>' 'l' (<=) 'g' (>=) */
kida_status kd_order(kida_call *call, char op, kida_value a, kida_value b, bool *out);
kida_status kd_contains(kida_call *call, kida_value container, kida_value item, bool *out);
bool kd_identical(kida_value a, kida_value b); /* `is` */

/* ---- conversion: value/convert.c ------------------------------------------------------------- */

kida_status kd_truth(kida_call *call, kida_value v, bool *out);
/* Text form; strings are returned as they are (no copy). */
kida_status kd_to_str(kida_call *call, kida_value v, kida_str *out);
kida_status kd_append_str(kida_call *call, kida_buf *buf, kida_value v);
kida_status kd_append_repr(kida_call *call, kida_buf *buf, kida_value v, unsigned depth);
/* int(x), float(x) of text by the rules of 1.6; *ok false: not a number. */
kida_status kd_text_to_int(kida_call *call, kida_str text, kida_value *out, bool *ok);
bool kd_text_to_float(kida_str text, double *out);
/* An int value from decimal digits of any length. */
kida_status kd_int_from_digits(kida_call *call, kida_pool *pool, kida_str digits, bool negative,
                               kida_value *out);

/* ---- text being built: value/buf.c ----------------------------------------------------------- */

/* Place for len more bytes, which count at once; NULL: no room, as the buffer's status says. */
char *kd_buf_extend(kida_buf *buf, size_t len);

/* ---- iteration: value/iter.c ----------------------------------------------------------------- */

kida_status kd_iter_init(kida_call *call, kida_iter *iter, kida_value over);
kida_status kd_iter_next(kida_call *call, kida_iter *iter, kida_value *out); /* absent: the end */
kida_status kd_to_list(kida_call *call, kida_value over, kida_value *out);
kida_status kd_measure(kida_call *call, kida_value v, size_t *out, bool *known);

/* ---- regular expressions: value/regex.c ------------------------------------------------------ */

/* Matches at the start of text. Errors: K-RUN-007 (PatternError) for a bad pattern or a limit. */
kida_status kd_regex_match(kida_call *call, kida_str pattern, kida_str text, bool *out);

#endif
