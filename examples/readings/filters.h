/* SPDX-License-Identifier: MIT */
/* filters.h - template filters of the dashboard, written in C. */
#ifndef READINGS_FILTERS_H
#define READINGS_FILTERS_H

#include <chirp/chirp.h>

/** Adds `reading` and `sparkline`. The first failure is reported by the app's freeze. */
void filters_add(chirp_app *app);

#endif
