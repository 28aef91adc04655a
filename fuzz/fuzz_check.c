/* SPDX-License-Identifier: MIT */
/*
 * fuzz_check.c - introspection and checks of any source: lists are sorted and without repetition,
 * roots are those of the paths, findings have a code, a message and a line of the source.
 */
#include "fuzz.h"

#include <string.h>

#include <kida/kida.h>

static void
look_at_finding(void *arg, const kida_finding *f)
{
    const kida_str *source = arg;
    size_t lines = 1;
    for (size_t i = 0; i < source->len; i++)
        lines += source->ptr[i] == '\n';
    FUZZ_CHECK(f->error.code != NULL && f->error.message[0] != '\0' && f->rule != NULL);
    FUZZ_CHECK(f->error.line >= 1 && f->error.line <= lines);
    FUZZ_CHECK(kida_utf8_valid(kida_str_from(f->error.message)));
}

static kida_status
look_at_block(void *arg, const kida_block_info *b)
{
    (void)arg;
    FUZZ_CHECK(b->name.len > 0 && b->line > 0 && b->role != NULL && b->hash[15] != '\0');
    return KIDA_OK;
}

/* Whether one list is strictly ascending. */
static void
check_sorted(kida_value list)
{
    for (size_t i = 1; i < kida_length(list); i++) {
        kida_str a = kida_as_str(kida_item_at(list, i - 1)), b = kida_as_str(kida_item_at(list, i));
        int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
        FUZZ_CHECK(order < 0 || (order == 0 && a.len < b.len));
    }
}

static void
inspect(kida_template *tpl)
{
    kida_error err;
    kida_value paths, roots;
    kida_pool *pool = kida_pool_new(NULL, 0);
    FUZZ_CHECK(pool != NULL);
    kida_error_init(&err);
    kida_status st = kida_template_each_block(tpl, look_at_block, NULL, &err);
    FUZZ_CHECK(st == err.status);
    st = kida_template_depends_on(tpl, pool, &paths, &err);
    FUZZ_CHECK(st == err.status);
    if (st == KIDA_OK) {
        FUZZ_CHECK(kida_template_required(tpl, pool, &roots, &err) == KIDA_OK);
        FUZZ_CHECK(kida_length(roots) <= kida_length(paths));
        check_sorted(paths);
        check_sorted(roots);
    }
    for (size_t i = 0; i < kida_template_def_count(tpl); i++)
        FUZZ_CHECK(kida_template_def(tpl, i)->name.len > 0);
    kida_pool_free(pool);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    kida_error err;
    kida_config config;
    kida_config_init(&config);
    config.validate_calls = true;
    kida_error_init(&err);
    kida_env *env = kida_env_new_std(&config, &err);
    kida_str source = { (const char *)data + 1, size - 1 };
    FUZZ_CHECK(env != NULL);
    if (kida_env_add_source(env, KIDA_S("a/x.html"), source, &err) == KIDA_OK) {
        kida_template *tpl = kida_env_get(env, KIDA_S("a/x.html"), &err);
        if (tpl != NULL)
            inspect(tpl);
        kida_template_drop(tpl);
        kida_status st = kida_check(env, KIDA_S("a/x.html"), ~0u, look_at_finding, &source, &err);
        FUZZ_CHECK(st == err.status);
    }
    kida_env_free(env);
    return 0;
}
