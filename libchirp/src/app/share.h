/* SPDX-License-Identifier: MIT */
/* share.h - the templates that come with libchirp: "chirp/forms.html" and its like. */
#ifndef CH_APP_SHARE_H
#define CH_APP_SHARE_H

#include <kida/kida.h>

/* One file of share/templates, as bytes in the library. */
typedef struct ch_shared_template {
    const char *name;
    const unsigned char *bytes;
    size_t len;
} ch_shared_template;

/* All of them, ended by a NULL name; made by the build. */
extern const ch_shared_template ch_shared_templates[];

/* Adds them behind all other loaders, so that an app can put its own in their place. */
kida_status ch_share_add(kida_env *env, kida_error *err);

#endif
