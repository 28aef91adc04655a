/* SPDX-License-Identifier: MIT */
/* filters.h - filters and functions beside kida's own: bem, qs, url, … */
#ifndef CH_APP_FILTERS_H
#define CH_APP_FILTERS_H

#include <kida/kida.h>

/* Adds them all; those of kida with the same names are replaced. */
kida_status ch_filters_add(kida_env *env, kida_error *err);

/* Whether a link may lead there: http, https, mailto, tel or no scheme, as browsers read it. */
bool ch_url_is_safe(kida_str url);

#endif
