/* SPDX-License-Identifier: MIT */
/*
 * fuzz_render.c - what compiles renders within its limits: the output obeys its bound, a failure
 * has a code, and a second render gives the same bytes and the same outcome.
 */
#include "fuzz.h"

#include <kida/kida.h>

#define OUT_MAX (1u << 20)

/* Length and hash (FNV-1a) of an output. */
typedef struct digest {
    size_t total;
    uint64_t hash;
} digest;

static kida_status
take(void *user, const char *data, size_t len)
{
    digest *sum = user;

    sum->total += len;
    for (size_t i = 0; i < len; i++)
        sum->hash = (sum->hash ^ (unsigned char)data[i]) * 0x100000001b3u;
    return KIDA_OK;
}

static const char context[] =
    "{\"x\":[1,\"<b>\",null,2.5,true],\"s\":\"a & b\",\"n\":7,\"d\":{\"k\":\"v\",\"e\":{}},"
    "\"big\":123456789012345678901234567890,\"none\":null,\"rows\":[{\"id\":1},{\"id\":2}]}";

static void
render_twice(kida_env *env, kida_template *tpl)
{
    kida_str json = { context, sizeof(context) - 1 };
    digest sum[2] = { { 0, 0xcbf29ce484222325u }, { 0, 0xcbf29ce484222325u } };
    kida_status st[2];

    for (size_t i = 0; i < 2; i++) {
        kida_error err;
        kida_error_init(&err);
        kida_env_clear_fragments(env); /* a cached text may differ from a fresh one */
        st[i] = kida_render_json(tpl, json, take, &sum[i], &err);
        FUZZ_CHECK(sum[i].total <= OUT_MAX);
        FUZZ_CHECK(st[i] == KIDA_OK || (err.status == st[i] && err.code != NULL));
    }
    FUZZ_CHECK(st[0] == st[1] && sum[0].total == sum[1].total && sum[0].hash == sum[1].hash);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    kida_sandbox sandbox = { .max_range = 1000 };
    kida_config cfg;
    kida_config_init(&cfg);
    cfg.hash_seed = 1;
    cfg.autoescape = data[0] & 1 ? KIDA_ESCAPE_OFF : KIDA_ESCAPE_HTML; /* byte 0 picks */
    cfg.strict_undefined = (data[0] & 2) == 0;
    cfg.optimize = (data[0] & 4) == 0;
    cfg.sandbox = data[0] & 8 ? &sandbox : NULL;
    cfg.limits.steps = 20000;
    cfg.limits.arena = 8u << 20;
    cfg.limits.output = OUT_MAX;
    cfg.limits.depth = 50;

    kida_error err;
    kida_error_init(&err);
    kida_env *env = kida_env_new_std(&cfg, &err);
    FUZZ_CHECK(env != NULL);
    FUZZ_CHECK(kida_env_add_source(env, KIDA_S("part.html"), KIDA_S("[{{ x }}]"), &err) == KIDA_OK);
    FUZZ_CHECK(kida_env_add_source(env, KIDA_S("base.html"),
                                   KIDA_S("<{% block b %}{{ s }}{% end %}>"), &err) == KIDA_OK);
    kida_str src = { (const char *)data + 1, size - 1 };
    kida_template *tpl = kida_env_from_source(env, KIDA_S("fuzz.html"), src, &err);
    FUZZ_CHECK(tpl != NULL || err.status != KIDA_OK);
    if (tpl != NULL)
        render_twice(env, tpl);
    kida_template_drop(tpl);
    kida_env_free(env);
    return 0;
}
