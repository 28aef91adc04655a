/* SPDX-License-Identifier: MIT */
/*
 * fuzz_render_random.c - templates over contexts of every kind of value: within the limits, the
 * same a second time, and text of the context never comes out unescaped.
 *
 * Input: a byte of options, the source up to a byte 0xfe, bytes for the context.
 */
#include "values.h"

/* Text of the context that is looked for in the output: it is nowhere in the sources. */
#define MARK "<mK>"

/* Whether nothing in the source can make markup of text: judged by words, so that what is in doubt
 * is left out. */
static bool
only_escapes(kida_str source)
{
    static const char *const doubtful[] = { "|",     ".", "safe",       "filter", "mK",
                                            "trans", "_", "autoescape", "raw",    "Markup" };
    for (size_t i = 0; i < sizeof(doubtful) / sizeof(doubtful[0]); i++) {
        if (fuzz_holds(source, doubtful[i]))
            return false;
    }
    return true;
}

static void
look_for_mark(kida_env *env)
{
    kida_error err;
    kida_value context, mark = kida_string(KIDA_S(MARK));
    kida_buf text;
    kida_error_init(&err);
    kida_pool *pool = kida_pool_new(NULL, 0);
    kida_renderer *renderer = kida_renderer_new(env);
    kida_template *tpl = kida_env_get(env, KIDA_S("fuzz.html"), &err);
    FUZZ_CHECK(pool != NULL && renderer != NULL);
    FUZZ_CHECK(kida_context(pool, &context, "x", mark, "s", mark, "n", mark, "f", mark, NULL) ==
               KIDA_OK);
    kida_buf_init_heap(&text, NULL, 2u * FUZZ_OUT_MAX);
    if (tpl != NULL) {
        kida_status st = kida_render_buf(renderer, tpl, context, NULL, &text, &err);
        FUZZ_CHECK(st == err.status);
        FUZZ_CHECK(!fuzz_holds(kida_buf_str(&text), MARK));
    }
    kida_buf_free(&text);
    kida_template_drop(tpl);
    kida_renderer_free(renderer);
    kida_pool_free(pool);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = { data, size };
    uint8_t bits = fuzz_byte(&in);
    kida_config cfg;
    fuzz_config(&cfg);
    cfg.autoescape = (kida_autoescape)(bits & 3);
    cfg.strict_undefined = (bits & 4) == 0;
    cfg.strict_none = (bits & 8) != 0;
    cfg.trim_blocks = (bits & 16) != 0;
    kida_str source = fuzz_until(&in, 0xfe);
    kida_env *env = fuzz_env(&cfg, source);
    if (env == NULL)
        return 0;

    fuzz_outcome a, b;
    fuzz_render(env, in, NULL, &a);
    kida_env_clear_fragments(env); /* a cached text may differ from a fresh one */
    fuzz_render(env, in, NULL, &b);
    FUZZ_CHECK(a.status == b.status && a.line == b.line && a.total == b.total && a.hash == b.hash);
    if ((bits & 3) == 0 && only_escapes(source))
        look_for_mark(env);
    kida_env_free(env);
    return 0;
}
