/* SPDX-License-Identifier: MIT */
/* layer.h - what the layers of the library share: their memory, their options, small texts. */
#ifndef CH_MIDDLEWARE_LAYER_H
#define CH_MIDDLEWARE_LAYER_H

#include <chirp/app.h>

#include "config/arena.h"

/* First member of each layer's own struct: the struct and all its texts live in this arena. */
typedef struct ch_layer_memory {
    ch_arena arena;
} ch_layer_memory;

/* A zeroed struct of size bytes that begins with its memory; NULL when out. Its memory ends with
 * ch_layer_free, which fits chirp_use. */
void *ch_layer_new(const chirp_app *app, size_t size);
void ch_layer_free(void *layer);

/* Copy of a text, NUL-ended; ptr NULL when out of memory. NULL is the empty text. */
kida_str ch_layer_text(void *layer, const char *text);

/* Copy of a list ended by NULL; *count items. False when out of memory. */
bool ch_layer_list(void *layer, const char *const *list, const kida_str **out, size_t *count);

/* Items joined by ", ", NUL-ended; NULL when out of memory. */
const char *ch_layer_join(void *layer, const kida_str *items, size_t count);

/* Whether items hold text, bytes compared. */
bool ch_listed(const kida_str *items, size_t count, kida_str text);

/* Ends the making of a layer that failed: st KIDA_OK means that memory is out. Fills err in, tells
 * the app, returns the status. */
kida_status ch_layer_failed(chirp_app *app, kida_status st, kida_error *err);

/* err, or an empty local where the caller wants none. */
kida_error *ch_error_or(kida_error *err, kida_error *local);

/* Whether an option struct was filled by its init function. */
kida_status ch_options_check(size_t size, size_t want, kida_error *err);

/* Formats into the memory of a request, NUL-ended; NULL when out. */
const char *ch_request_format(chirp_request *req, const char *format, ...) KIDA_PRINTF(2, 3);

/* Copy of a text in the memory of a request, NUL-ended; NULL when out. */
const char *ch_request_text(chirp_request *req, kida_str text);

/* Whether the media type of a reply (without parameters) is this one, any case. */
bool ch_reply_type_is(const chirp_reply *reply, kida_str type);

/* Whether the request is a GET or a HEAD. */
bool ch_is_read(const chirp_request *req);

#endif
