/* SPDX-License-Identifier: MIT */
/*
 * fuzz_json.c - JSON text is refused with a place, or becomes a value whose own JSON, by `tojson`
 * and by the writer of replies, is read as the same value again.
 */
#include "values.h"

#include <chirp/chirp.h>

/* {{ v | tojson }} of a value, appended. */
static kida_status
print(kida_env *env, kida_value v, kida_buf *out)
{
    kida_error err;
    kida_value context;
    kida_error_init(&err);
    kida_renderer *renderer = kida_renderer_new(env);
    FUZZ_CHECK(renderer != NULL);
    kida_template *tpl = kida_env_get(env, KIDA_S("fuzz.html"), &err);
    FUZZ_CHECK(tpl != NULL);
    FUZZ_CHECK(kida_context(kida_renderer_pool(renderer), &context, "v", v, NULL) == KIDA_OK);
    kida_status st = kida_render_buf(renderer, tpl, context, NULL, out, &err);
    kida_template_drop(tpl);
    kida_renderer_free(renderer);
    return st;
}

/* Reads text back and looks whether it prints as before. */
static void
round_trip(kida_env *env, kida_str text, bool is_whole)
{
    kida_error err;
    kida_value v;
    kida_buf again;
    kida_error_init(&err);
    kida_pool *pool = kida_pool_new(NULL, 0);
    FUZZ_CHECK(pool != NULL && kida_json_parse(pool, text, &v, &err) == KIDA_OK);
    kida_buf_init_heap(&again, NULL, 4u * FUZZ_OUT_MAX);
    FUZZ_CHECK(print(env, v, &again) == KIDA_OK);
    FUZZ_CHECK(!is_whole || kida_str_equal(kida_buf_str(&again), text));
    kida_buf_free(&again);
    kida_pool_free(pool);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    kida_error err;
    kida_value v;
    kida_buf a, b;
    kida_config cfg;
    kida_str text = { (const char *)data, size };
    kida_error_init(&err);
    fuzz_config(&cfg);
    cfg.limits.steps = 1u << 20;
    kida_env *env = fuzz_env(&cfg, KIDA_S("{{ v | tojson }}"));
    kida_pool *pool = kida_pool_new(NULL, 8u << 20);
    FUZZ_CHECK(env != NULL && pool != NULL);
    kida_status st = kida_json_parse(pool, text, &v, &err);
    FUZZ_CHECK(st == err.status && (st != KIDA_E_JSON || err.line > 0));
    kida_buf_init_heap(&a, NULL, FUZZ_OUT_MAX);
    kida_buf_init_heap(&b, NULL, FUZZ_OUT_MAX);
    if (st == KIDA_OK && print(env, v, &a) == KIDA_OK)
        round_trip(env, kida_buf_str(&a), true);
    if (st == KIDA_OK && chirp_json_write(&b, v) == KIDA_OK)
        round_trip(env, kida_buf_str(&b), false);
    kida_buf_free(&a);
    kida_buf_free(&b);
    kida_env_free(env);
    kida_pool_free(pool);
    return 0;
}
