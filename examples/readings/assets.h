/* SPDX-License-Identifier: MIT */
/* assets.h - the dashboard's own static files. */
#ifndef READINGS_ASSETS_H
#define READINGS_ASSETS_H

#include <chirp/chirp.h>

typedef struct assets assets;

/** Reads the files of folder/static; htmx is looked for in a few places (NULL: only there).
 *  Errors: NULL when out of memory. */
assets *assets_load(const char *folder, const char *htmx);
void assets_free(assets *files);

/** Handler of /static/{name}; user is the assets. */
chirp_reply *assets_serve(chirp_request *req, void *user);

#endif
