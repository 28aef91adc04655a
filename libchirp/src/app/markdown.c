/* SPDX-License-Identifier: MIT */
/* markdown.c - the Markdown of libkida for the templates of an app (row 16.3). */
#include <chirp/markdown.h>

#include "config/fail.h"

kida_status
chirp_use_markdown(chirp_app *app, const kida_markdown_options *options, kida_error *err)
{
    kida_error local;
    if (!err)
        err = &local;
    kida_error_init(err);
    if (chirp_app_is_frozen(app))
        return ch_fail(err, KIDA_E_FROZEN, "the app is frozen: register before the first request");
    kida_status st = kida_install_markdown(chirp_app_templates(app), options, err);
    if (st != KIDA_OK) {
        err->status = st;
        chirp_app_fail(app, err);
    }
    return st;
}
