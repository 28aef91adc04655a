/* SPDX-License-Identifier: MIT */
/*
 * fuzz_compile.c - any source loads, or is refused with a code and a line; the same source gives
 * the same listing, with and without optimisation. Nothing is rendered here.
 */
#include "fuzz.h"

#include <kida/kida.h>

#define LISTING_MAX (32u << 20)

/* Byte 0 picks the settings. */
static void
choose(kida_config *cfg, uint8_t bits)
{
    kida_config_init(cfg);
    cfg->hash_seed = 1;
    cfg->autoescape = bits & 1 ? KIDA_ESCAPE_OFF : KIDA_ESCAPE_HTML;
    cfg->trim_blocks = (bits & 2) != 0;
    cfg->lstrip_blocks = (bits & 4) != 0;
    cfg->optimize = (bits & 8) == 0;
    cfg->validate_calls = (bits & 16) != 0;
    if (bits & 32) {
        cfg->block_start = KIDA_S("<%");
        cfg->block_end = KIDA_S("%>");
        cfg->variable_start = KIDA_S("<%=");
        cfg->variable_end = KIDA_S("%>");
        cfg->comment_start = KIDA_S("<%#");
        cfg->comment_end = KIDA_S("%>");
    }
}

/* The listing of a template that compiles; appended. */
static void
dump(const kida_template *tpl, kida_buf *out)
{
    kida_buf_init_heap(out, NULL, LISTING_MAX);
    kida_status st = kida_template_dump(tpl, out);
    FUZZ_CHECK(st == KIDA_OK || st == KIDA_E_NOMEM);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    kida_config cfg;
    choose(&cfg, data[0]);

    kida_error err;
    kida_error_init(&err);
    kida_env *env = kida_env_new_std(&cfg, &err);
    FUZZ_CHECK(env != NULL);

    kida_str src = { (const char *)data + 1, size - 1 };
    kida_template *first = kida_env_from_source(env, KIDA_S("fuzz.html"), src, &err);
    FUZZ_CHECK(first != NULL || (err.status != KIDA_OK && err.code != NULL));
    FUZZ_CHECK(first != NULL || err.line > 0 || kida_status_class(err.status) == KIDA_CLASS_HOST);

    kida_template *second = kida_env_from_source(env, KIDA_S("fuzz.html"), src, &err);
    FUZZ_CHECK((first == NULL) == (second == NULL));
    if (first != NULL) {
        kida_buf a;
        kida_buf b;
        dump(first, &a);
        dump(second, &b);
        FUZZ_CHECK(kida_str_equal(kida_buf_str(&a), kida_buf_str(&b)));
        kida_buf_free(&a);
        kida_buf_free(&b);
    }
    kida_template_drop(first);
    kida_template_drop(second);
    kida_env_free(env);
    return 0;
}
