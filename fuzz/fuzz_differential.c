/* SPDX-License-Identifier: MIT */
/*
 * fuzz_differential.c - with and without optimisation: the same bytes, or the same code and line.
 *
 * Input: a byte of options, the source up to a byte 0xfe, bytes for the context.
 */
#include "values.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = { data, size };
    uint8_t bits = fuzz_byte(&in);
    kida_str source = fuzz_until(&in, 0xfe);
    fuzz_outcome found[2];

    for (int i = 0; i < 2; i++) {
        kida_config cfg;
        fuzz_config(&cfg);
        cfg.autoescape = bits & 1 ? KIDA_ESCAPE_OFF : KIDA_ESCAPE_HTML;
        cfg.strict_undefined = (bits & 2) == 0;
        cfg.strict_none = (bits & 4) != 0;
        cfg.lstrip_blocks = (bits & 8) != 0;
        cfg.inline_components = (bits & 16) != 0 && i == 0;
        cfg.optimize = i == 0;
        kida_env *env = fuzz_env(&cfg, source);
        if (env == NULL)
            return 0;
        fuzz_render(env, in, NULL, &found[i]);
        kida_env_free(env);
    }
    /* Fewer steps and less memory are the point of it. */
    if (fuzz_is_limit(found[0].status) || fuzz_is_limit(found[1].status))
        return 0;
    FUZZ_CHECK(found[0].status == found[1].status && found[0].line == found[1].line);
    FUZZ_CHECK(found[0].status != KIDA_OK ||
               (found[0].total == found[1].total && found[0].hash == found[1].hash));
    return 0;
}
