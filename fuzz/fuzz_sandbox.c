/* SPDX-License-Identifier: MIT */
/*
 * fuzz_sandbox.c - hostile sources in the sandbox: a host object is never asked for a blocked
 * attribute, never called and never changed, whichever way the source takes; a list of the context
 * stays as it is, and what is given as secret does not come out.
 *
 * Input: a byte of options, then the source.
 */
#include "values.h"

static const char *const blocked[] = { "__class__", "__dict__", "__init__", "__globals__",
                                       "__mro__",   "gi_frame", "f_globals", "tb_frame",
                                       "func_code", "mro",      "append",    "secret" };

static kida_status
guard_attribute(kida_call *call, void *self, kida_str name, kida_value *out)
{
    (void)call;
    (void)self;
    for (size_t i = 0; i < sizeof(blocked) / sizeof(blocked[0]); i++)
        FUZZ_CHECK(!kida_str_equal(name, kida_str_from(blocked[i])));
    if (name.len == 1)
        *out = kida_string(KIDA_S("attribute"));
    return KIDA_OK;
}

static kida_status
guard_invoke(kida_call *call, void *self, kida_value *out)
{
    (void)call;
    (void)self;
    (void)out;
    bool is_called = true;
    FUZZ_CHECK(!is_called);
    return KIDA_OK;
}

static const kida_object_type guard_type = { .size = sizeof(kida_object_type),
                                             .name = "guard",
                                             .attribute = guard_attribute,
                                             .invoke = guard_invoke };

typedef struct holder {
    const char *name;
    const char *secret;
} holder;

static const kida_field holder_fields[] = { KIDA_CSTRING_FIELD(holder, name),
                                            KIDA_CSTRING_FIELD(holder, secret), KIDA_FIELDS_END };
static const kida_struct holder_struct = { "holder", sizeof(holder), holder_fields, "name" };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const more[] = { "secret", NULL };
    fuzz_input in = { data, size };
    kida_sandbox sandbox = { .blocked_attributes = more, .max_range = 500, .max_output = 20000 };
    holder struct_memory = { "name", "s3cr3t" };
    kida_value context, list, guard = kida_object(&guard_type, &struct_memory);
    kida_error err;
    kida_buf text;
    kida_config cfg;
    fuzz_config(&cfg);
    cfg.sandbox = &sandbox;
    cfg.strict_undefined = (fuzz_byte(&in) & 1) == 0;
    kida_env *env = fuzz_env(&cfg, (kida_str){ (const char *)in.data, in.size });
    if (env == NULL)
        return 0;
    /* A source may say the secret by itself. */
    bool is_told = fuzz_holds((kida_str){ (const char *)in.data, in.size }, "s3cr3t");

    kida_error_init(&err);
    kida_pool *pool = kida_pool_new(NULL, 0);
    kida_renderer *renderer = kida_renderer_new(env);
    FUZZ_CHECK(pool != NULL && renderer != NULL);
    FUZZ_CHECK(kida_list_new(pool, 2, &list) == KIDA_OK && kida_list_push(list, guard) == KIDA_OK);
    FUZZ_CHECK(kida_context(pool, &context, "x", guard, "xs", list, "s", kida_string(KIDA_S("s")),
                            "user", kida_from_struct(&holder_struct, &struct_memory), NULL) ==
               KIDA_OK);
    kida_buf_init_heap(&text, NULL, 2u * FUZZ_OUT_MAX);
    kida_template *tpl = kida_env_get(env, KIDA_S("fuzz.html"), &err);
    if (tpl != NULL)
        FUZZ_CHECK(kida_render_buf(renderer, tpl, context, NULL, &text, &err) == err.status);
    FUZZ_CHECK(err.status == KIDA_OK || kida_status_class(err.status) != KIDA_CLASS_HOST ||
               err.status == KIDA_E_UTF8);
    FUZZ_CHECK(is_told || !fuzz_holds(kida_buf_str(&text), "s3cr3t"));
    FUZZ_CHECK(kida_length(list) == 1);
    kida_buf_free(&text);
    kida_template_drop(tpl);
    kida_renderer_free(renderer);
    kida_pool_free(pool);
    kida_env_free(env);
    return 0;
}
