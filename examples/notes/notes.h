/* SPDX-License-Identifier: MIT */
/* notes.h - the pages of the application. */
#ifndef NOTES_H
#define NOTES_H

#include <chirp/chirp.h>

/* Adds all routes. */
void notes_add(chirp_app *app);

#endif
