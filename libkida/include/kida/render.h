/* SPDX-License-Identifier: MIT */
/* render.h - rendering: whole pages, single blocks, streams; to a sink, a buffer, a descriptor. */
#ifndef KIDA_RENDER_H
#define KIDA_RENDER_H

#include "env.h"

KIDA_BEGIN_DECLS

/**
 * Takes output. May wait (park its coroutine); returning anything but KIDA_OK ends the render with
 * that status. The bytes are valid during the call only.
 */
typedef kida_status kida_sink_fn(void *user, const char *data, size_t len);

/** Ready HTML that replaces a block: see kida_render_options.blocks. */
typedef struct kida_block_html {
    kida_str name;
    kida_str html;
} kida_block_html;

/** What a render does beyond a plain page; fill with kida_render_options_init. */
typedef struct kida_render_options {
    size_t size;
    kida_str block;                /* render only this block; empty: the page */
    const kida_block_html *blocks; /* blocks given as ready HTML, inserted as they stand */
    size_t block_count;
    const kida_str *parts;     /* render only these blocks, one after another, set up once */
    size_t part_count;
    /* called before the output of each part, numbered from 0; NULL: parts follow each other */
    kida_status (*begin_part)(void *user, size_t part);
    bool stream;               /* hand chunks to the sink at the boundaries of the language */
    kida_value meta;           /* dict for hx_request() and friends: see docs */
    void *host;                /* kida_call_host */
    const kida_limits *limits; /* NULL: those of the environment */
    const volatile bool *stop; /* becomes true: the render ends with KIDA_E_STOPPED */
    /* called at each `flush`; NULL: nothing. May wait. */
    kida_status (*flush)(void *user);
} kida_render_options;

KIDA_API void kida_render_options_init(kida_render_options *options);

/**
 * Memory and stacks that renders reuse. One per thread makes renders free of allocation; without
 * one, kida_render makes its own each time.
 */
typedef struct kida_renderer kida_renderer;

/** Owner: free it with kida_renderer_free. Errors: NULL when out of memory. Thread: any */
KIDA_API KIDA_MUST_USE kida_renderer *kida_renderer_new(kida_env *env);
KIDA_API void kida_renderer_free(kida_renderer *renderer);

/** Pool of the next render: build its context here; emptied when that render has ended. Thread:
 * owner */
KIDA_API kida_pool *kida_renderer_pool(kida_renderer *renderer);

/**
 * Renders with a renderer. context is a dict, a struct or an object whose attributes are the
 * variables; kida_none() for no variables.
 *
 * Owner:  options and err may be NULL. Output reaches the sink in spans.
 * Errors: the first failure; the sink may have got a part of the page by then.
 * Thread: owner of the renderer
 */
KIDA_API KIDA_MUST_USE kida_status kida_render_with(kida_renderer *renderer, kida_template *tpl,
                                                    kida_value context,
                                                    const kida_render_options *options,
                                                    kida_sink_fn *sink, void *user,
                                                    kida_error *err);

/**
 * The same for the template of that name, as kida_env_get finds it. The renderer keeps what it has
 * found, so that rendering a name again takes no lock and touches no shared count: that is how a
 * server renders.
 *
 * Errors: as kida_env_get and kida_render_with.
 * Thread: owner of the renderer
 */
KIDA_API KIDA_MUST_USE kida_status kida_render_named(kida_renderer *renderer, kida_str name,
                                                     kida_value context,
                                                     const kida_render_options *options,
                                                     kida_sink_fn *sink, void *user,
                                                     kida_error *err);

/** As kida_render_with, with a renderer of its own. Thread: any */
KIDA_API KIDA_MUST_USE kida_status kida_render(kida_template *tpl, kida_value context,
                                               const kida_render_options *options,
                                               kida_sink_fn *sink, void *user, kida_error *err);

/** Renders into a buffer (kida_buf_init_heap), appended. Thread: owner of the renderer */
KIDA_API KIDA_MUST_USE kida_status kida_render_buf(kida_renderer *renderer, kida_template *tpl,
                                                   kida_value context,
                                                   const kida_render_options *options,
                                                   kida_buf *out, kida_error *err);

/** Renders with a context given as JSON text (an object). Thread: any */
KIDA_API KIDA_MUST_USE kida_status kida_render_json(kida_template *tpl, kida_str json,
                                                    kida_sink_fn *sink, void *user,
                                                    kida_error *err);

/** A sink for descriptors: user is a pointer to an int. Handles short writes. Thread: owner */
KIDA_API kida_status kida_sink_fd(void *user, const char *data, size_t len);

KIDA_END_DECLS

#endif
