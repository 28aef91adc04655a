/* SPDX-License-Identifier: MIT */
/* news.h - the pages of the reader, and a made-up upstream to try it with. */
#ifndef NEWS_H
#define NEWS_H

#include <chirp/chirp.h>

/* Where stories come from. */
typedef struct news_source {
    const char *upstream; /* "https://hn.algolia.com/api/v1"; NULL: the app itself, see demo.c */
    uint32_t fresh;       /* seconds for which the front page is kept */
} news_source;

/* Adds the pages; source must outlive the app. */
void news_add(chirp_app *app, news_source *source);

/* Adds the filter `plain`. */
void plain_add(chirp_app *app);

/* Adds a small upstream below /demo. */
void demo_add(chirp_app *app);

#endif
