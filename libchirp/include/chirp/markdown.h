/* SPDX-License-Identifier: MIT */
/* markdown.h - Markdown in the templates of an app. */
#ifndef CHIRP_MARKDOWN_H
#define CHIRP_MARKDOWN_H

#include "app.h"

KIDA_BEGIN_DECLS

/**
 * Adds the filter `markdown` to the templates of an app: kida_install_markdown, whose failure is
 * also reported by chirp_app_freeze.
 *
 * Owner:  options (NULL: the defaults) are copied; err may be NULL.
 * Errors: those of kida_install_markdown; KIDA_E_FROZEN.
 * Thread: setup
 */
CHIRP_API kida_status chirp_use_markdown(chirp_app *app, const kida_markdown_options *options,
                                         kida_error *err);

KIDA_END_DECLS

#endif
