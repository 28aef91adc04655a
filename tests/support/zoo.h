/* SPDX-License-Identifier: MIT */
/* zoo.h - one value of every kind, and the awkward ones of each: what a property must hold for. */
#ifndef T_ZOO_H
#define T_ZOO_H

#include <kida/kida.h>

typedef struct t_animal {
    const char *label;
    kida_value value;
} t_animal;

typedef struct t_zoo {
    kida_pool *pool;
    t_animal animals[80];
    size_t count;
} t_zoo;

/** Fills the zoo. Its pool is sealed: templates can't change what is in it. */
void t_zoo_open(t_zoo *zoo);
void t_zoo_close(t_zoo *zoo);

/** Number of kinds that are used up by a walk and so are made for each render. */
size_t t_zoo_fresh_count(void);
kida_value t_zoo_fresh(size_t index, kida_pool *pool, const char **label);

#endif
