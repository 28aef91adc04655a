/* SPDX-License-Identifier: MIT */
/* markdown.h - a filter that turns Markdown into HTML; an optional part of the library. */
#ifndef KIDA_MARKDOWN_H
#define KIDA_MARKDOWN_H

#include "env.h"

KIDA_BEGIN_DECLS

/** What the filter understands, and what it lets through. */
typedef struct kida_markdown_options {
    size_t size;        /* set by kida_markdown_options_init */
    const char *name;   /* of the filter, "markdown"; copied */
    bool allow_html;    /* raw HTML and every kind of URL pass as they are: only for authors whom
                           you trust with your pages; default false: raw HTML is shown as text,
                           links go to http, https, mailto, tel and relative addresses only */
    bool tables;        /* true, as those below */
    bool strikethrough; /* ~~text~~ */
    bool autolinks;     /* bare http:, https:, www. and mail addresses become links */
    bool task_lists;    /* - [x] done */
    size_t max_input;   /* longer texts are K-LIM-004, 256 KiB */
} kida_markdown_options;

/** Fills in the defaults. Thread: any */
KIDA_API void kida_markdown_options_init(kida_markdown_options *options);

/** Whether the library was built with the part. Thread: any */
KIDA_API bool kida_has_markdown(void);

/**
 * Adds the filter: `{{ text | markdown }}` is safe HTML by CommonMark and the extensions above;
 * none and empty text give nothing. Tags that are nested deeper than 100 are left out, their text
 * stays.
 *
 * Owner:  options (NULL: the defaults) are copied.
 * Errors: KIDA_E_MODULE where the library was built without md4c; KIDA_E_USAGE for options that
 *         were not filled by their init function; KIDA_E_FROZEN, KIDA_E_NOMEM.
 * Thread: setup
 */
KIDA_API KIDA_MUST_USE kida_status kida_install_markdown(kida_env *env,
                                                         const kida_markdown_options *options,
                                                         kida_error *err);

KIDA_END_DECLS

#endif
