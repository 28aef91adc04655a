/* SPDX-License-Identifier: MIT */
/* main.c - renders one page with every kind of extension. With arguments, loads those modules and
 * renders their greeting too. */
#include <stdio.h>

#include "extend.h"

static const char page[] =
    "{{ 1 | plural('apple') }}, {{ 3 | plural('apple') }}, {{ 2 | plural('box', many='boxes') }}\n"
    "{{ '<new>' | badge(kind='hot') }} {{ 12 | percent_of(48) }}%\n"
    "{% if 5 is between(1, 9) %}between{% endif %} {{ greet('Ann') }}\n"
    "<p{{ attributes(id='x', title='a \"b\"') }}>\n"
    "{% def card(n) %}<i>{{ n }}</i>{% end %}{{ twice(card) }}\n"
    "{{ count }}: {% for n in count %}{{ n }} {% end %}sum {{ count.sum }}, first {{ count[0] }}, "
    "{{ count | length }} numbers, {{ count(10) }}\n"
    "{{ shop }} in {{ shop.address }} ({{ shop.address.country }})\n"
    "{% for g in shop.best %}{{ g.name }} {{ g.price | decimal(2) }} {{ g.stock }}; {% end %}\n"
    "{% for o in shop.orders %}{{ o.id }} {{ o.state }} {{ o.placed | date('%Y-%m-%d') }} "
    "{{ o.note ?? 'no note' }}, {{ o.item?.name ?? 'nothing' }}\n{% end %}";

static kida_status
print(void *user, const char *data, size_t len)
{
    return fwrite(data, 1, len, user) == len ? KIDA_OK : KIDA_E_SINK;
}

static kida_status
render(kida_env *env, kida_str source, kida_error *err)
{
    counter numbers = { 3, 6 };
    kida_value context;
    kida_pool *pool = kida_pool_new(NULL, 0);
    kida_template *tpl = kida_env_from_source(env, KIDA_S("page.html"), source, err);
    kida_status st = tpl != NULL ? KIDA_OK : err->status;
    if (st == KIDA_OK && pool == NULL)
        st = KIDA_E_NOMEM;
    if (st == KIDA_OK)
        st = kida_context(pool, &context, "count", counter_value(&numbers), "shop",
                          shop_value(the_shop()), NULL);
    if (st == KIDA_OK)
        st = kida_render(tpl, context, NULL, print, stdout, err);
    kida_template_drop(tpl);
    kida_pool_free(pool);
    return st;
}

int
main(int argc, char **argv)
{
    kida_error err;
    char text[4096];
    kida_error_init(&err);
    kida_env *env = kida_env_new_std(NULL, &err);
    kida_status st = env != NULL ? add_filters(env, &err) : err.status;
    if (st == KIDA_OK)
        st = add_functions(env, &err);
    for (int i = 1; i < argc && st == KIDA_OK; i++)
        st = kida_env_load_module(env, argv[i], &err);
    if (st == KIDA_OK)
        st = render(env, kida_str_from(page), &err);
    if (st == KIDA_OK && argc > 1)
        st = render(env, KIDA_S("{{ 'Ann' | shout }} {{ dice(7) }} {{ 9 is square }}\n"), &err);
    if (st != KIDA_OK) {
        kida_error_format(&err, KIDA_FORMAT_PLAIN, text, sizeof(text));
        fputs(text, stderr);
    }
    kida_env_free(env);
    return st == KIDA_OK ? 0 : 1;
}
