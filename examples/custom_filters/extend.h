/* SPDX-License-Identifier: MIT */
/* extend.h - the parts of this example: each file shows some kinds of extension. */
#ifndef EXTEND_H
#define EXTEND_H

#include <kida/kida.h>

/* filters.c: filters and a test. */
kida_status add_filters(kida_env *env, kida_error *err);

/* functions.c: global functions. */
kida_status add_functions(kida_env *env, kida_error *err);

/* counter.c: an object whose attributes, items, walk, call and text are functions. */
typedef struct counter {
    int64_t from, to;
} counter;
kida_value counter_value(counter *c);

/* shop.c: C structs that templates read where they lie. */
typedef struct shop shop;
const shop *the_shop(void);
kida_value shop_value(const shop *s);

#endif
