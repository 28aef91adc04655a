/* SPDX-License-Identifier: MIT */
/* suggest.h - the name somebody probably meant. */
#ifndef KD_SUGGEST_H
#define KD_SUGGEST_H

#include <kida/base.h>

/* Offers names one by one; keeps the nearest (Ratcliff/Obershelp ratio of at least 0.6). */
typedef struct kd_suggest {
    kida_str wanted;
    kida_str best;  /* len 0: none yet */
    double ratio;
} kd_suggest;

void kd_suggest_init(kd_suggest *s, kida_str wanted);
void kd_suggest_offer(kd_suggest *s, kida_str name);

#endif
