/* SPDX-License-Identifier: MIT */
/* main.c - a program outside the tree: a filter of its own, a struct, a template from memory. */
#include <kida/kida.h>

#include <stdio.h>

struct user {
    const char *name;
    int age;
};

static const kida_field user_fields[] = {
    KIDA_CSTRING_FIELD(struct user, name),
    KIDA_INT_FIELD(struct user, age),
    KIDA_FIELDS_END,
};
static const kida_struct user_struct = { "user", sizeof(struct user), user_fields, NULL };

/* stars: the text between asterisks. */
static kida_status
stars(kida_call *call, kida_value self, kida_value *out)
{
    kida_buf buf;
    kida_str text;

    kida_status st = kida_to_str(call, self, &text);
    if (st != KIDA_OK)
        return st;
    kida_buf_init(&buf, call);
    kida_buf_put(&buf, KIDA_S("**"));
    kida_buf_put(&buf, text);
    kida_buf_put(&buf, KIDA_S("**"));
    return kida_buf_finish(&buf, out);
}

static const kida_filter filters[] = { { "stars", stars, NULL, KIDA_PURE, "between asterisks" } };

static kida_status
print(void *user, const char *data, size_t len)
{
    return fwrite(data, 1, len, user) == len ? KIDA_OK : KIDA_E_SINK;
}

int
main(void)
{
    static const struct user ann = { "Ann <3", 41 };
    char text[2048];
    kida_error err;
    kida_template *tpl = NULL;

    kida_error_init(&err);
    kida_env *env = kida_env_new_std(NULL, &err);
    if (env == NULL || kida_env_add_filters(env, filters, 1, &err) != KIDA_OK)
        goto done;
    tpl = kida_env_from_source(env, KIDA_S("hello.html"),
                               KIDA_S("{{ name | stars }} is {{ age + 1 }} soon\n"), &err);
    if (tpl != NULL)
        (void)!kida_render(tpl, kida_from_struct(&user_struct, &ann), NULL, print, stdout, &err);
done:
    if (err.status != KIDA_OK) {
        kida_error_format(&err, KIDA_FORMAT_PLAIN, text, sizeof(text));
        fprintf(stderr, "%s\n", text);
    }
    kida_template_drop(tpl);
    kida_env_free(env);
    return err.status == KIDA_OK ? 0 : 1;
}
