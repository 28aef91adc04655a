/* SPDX-License-Identifier: MIT */
/*
 * fuzz_stream.c - as a page, as a stream, and block by block where all blocks are asked for twice:
 * the same bytes; a sink that refuses ends the render with its own status.
 *
 * Input: a byte of options, the source up to a byte 0xfe, bytes for the context.
 */
#include "values.h"

/* Called with what belongs to the sink. */
static kida_status
flushed(void *user)
{
    const fuzz_outcome *out = user;
    return out->total <= FUZZ_OUT_MAX ? KIDA_OK : KIDA_E_USAGE;
}

/* Takes `total` bytes and then nothing more. */
static kida_status
full(void *user, const char *data, size_t len)
{
    size_t *left = user;
    (void)data;
    if (len > *left)
        return KIDA_E_STOPPED;
    *left -= len;
    return KIDA_OK;
}

static void
refuse_at(kida_env *env, fuzz_input values, size_t room, const fuzz_outcome *whole)
{
    kida_render_options options;
    kida_render_options_init(&options);
    options.stream = true;
    kida_error err;
    kida_error_init(&err);
    size_t left = room;
    kida_pool *pool = kida_pool_new(NULL, 0);
    kida_template *tpl = kida_env_get(env, KIDA_S("fuzz.html"), &err);
    FUZZ_CHECK(tpl != NULL && pool != NULL);
    kida_status st = kida_render(tpl, fuzz_context(values, pool), &options, full, &left, &err);
    FUZZ_CHECK(whole->total <= room ? st == whole->status : st != KIDA_OK);
    kida_template_drop(tpl);
    kida_pool_free(pool);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = { data, size };
    uint8_t bits = fuzz_byte(&in);
    kida_config cfg;
    fuzz_config(&cfg);
    cfg.autoescape = bits & 1 ? KIDA_ESCAPE_OFF : KIDA_ESCAPE_HTML;
    cfg.strict_undefined = (bits & 2) == 0;
    cfg.optimize = (bits & 4) == 0;
    kida_env *env = fuzz_env(&cfg, fuzz_until(&in, 0xfe));
    if (env == NULL)
        return 0;

    kida_render_options options;
    kida_render_options_init(&options);
    options.stream = true;
    options.flush = flushed;
    fuzz_outcome page, stream;
    fuzz_render(env, in, NULL, &page);
    kida_env_clear_fragments(env);
    fuzz_render(env, in, &options, &stream);
    FUZZ_CHECK(page.status == stream.status && page.line == stream.line);
    FUZZ_CHECK(page.status != KIDA_OK || (page.total == stream.total && page.hash == stream.hash));
    if (stream.status == KIDA_OK) {
        kida_env_clear_fragments(env);
        refuse_at(env, in, bits, &stream);
    }
    kida_env_free(env);
    return 0;
}
