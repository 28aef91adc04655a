/* SPDX-License-Identifier: MIT */
/* inspect.c - what introspection says: blocks, defs, paths, dependencies, warnings. */
#include "t.h"

static const char base[] =
    "<html><body>{% block nav %}<nav>{{ site.title }}</nav>{% end %}"
    "{% block content cache=true weight=3 if page.show %}<main>{{ page.title | upper }}</main>{% "
    "end %}"
    "{% region side(n=1) %}{{ n }}{{ [1, 2] | shuffle }}{% end %}"
    "{% fragment foot %}{% include 'part.html' %}{% end %}{{ top.level }}</body>";
static const char child[] =
    "{% extends 'base.html' %}\n"
    "{% from 'defs.html' import card %}{% import 'other.html' as o %}\n"
    "{% def row(a, b: str | None = 'x', c: list[int | str] = [], *rest, **kw) %}"
    "{% slot head let:item=a %}-{% end %}{% slot %}{{ glob.x }}{{ a.y }}{% enddef %}\n"
    "{% block content %}{% for x in xs %}{{ x.y }}{{ loop.index }}{% end %}{{ d['k'].v[0] }}"
    "{{ [z for z in zs if z.ok] }}{% with k = m.n %}{{ k }}{% end %}{{ u.name.upper() }}"
    "{% embed 'box.html' %}{% block b %}{{ inner }}{% end %}{% end %}{% include 'part.html' %}{% "
    "end %}";

static void
add_all(t_fixture *fx)
{
    t_add(fx, "base.html", base);
    t_add(fx, "child.html", child);
    t_add(fx, "part.html", "{{ 1 | random }}");
    t_add(fx, "defs.html", "{% def card(title: str, n: int = 0) %}{{ title }}{% end %}");
    t_add(fx, "circle.html", "{% extends 'circle.html' %}");
    t_add(fx, "orphan.html", "{% extends 'nope.html' %}");
}

static kida_template *
get(t_fixture *fx, const char *name)
{
    kida_template *tpl = kida_env_get(t_env(fx), kida_str_from(name), &fx->err);
    if (tpl == NULL)
        fail_msg("%s: %s", name, fx->err.message);
    return tpl;
}

static const char *
joined(kida_names names, char out[400])
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < names.count; i++)
        len += (size_t)snprintf(out + len, 400 - len, "%s%.*s", i > 0 ? " " : "",
                                (int)names.items[i].len, names.items[i].ptr);
    return out;
}

static const char *
listed(kida_value list, char out[400])
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < kida_length(list); i++) {
        kida_str s = kida_as_str(kida_item_at(list, i));
        len +=
            (size_t)snprintf(out + len, 400 - len, "%s%.*s", i > 0 ? " " : "", (int)s.len, s.ptr);
    }
    return out;
}

static kida_status
write_block(void *arg, const kida_block_info *b)
{
    kida_buf *out = arg;
    kida_buf_format(out, "%.*s@%.*s:%u %s%s%s%s%s p%d %s;", (int)b->name.len, b->name.ptr,
                    (int)b->template_name.len, b->template_name.ptr, (unsigned)b->line, b->role,
                    b->is_region ? " region" : "", b->is_fragment ? " fragment" : "",
                    b->has_condition ? " if" : "", b->is_inherited ? " inherited" : "",
                    (int)b->purity, b->cache_scope);
    assert_int_equal(kida_str_from(b->hash).len, 16);
    return KIDA_OK;
}

static void
blocks_are_own_first_then_inherited(void **state)
{
    t_fixture *fx = *state;
    kida_buf out;
    add_all(fx);
    kida_template *tpl = get(fx, "child.html");
    kida_buf_init_heap(&out, NULL, 4096);
    assert_int_equal(kida_template_each_block(tpl, write_block, &out, &fx->err), KIDA_OK);
    kida_buf_byte(&out, '\0');
    assert_string_equal(kida_buf_str(&out).ptr,
                        "content@child.html:4 content p2 none;"
                        "nav@base.html:1 navigation inherited p1 site;"
                        "side@base.html:1 unknown region inherited p2 none;"
                        "foot@base.html:1 footer fragment inherited p2 none;");
    kida_buf_free(&out);
    kida_template_drop(tpl);
}

static void
a_block_has_its_modifiers_and_traits(void **state)
{
    t_fixture *fx = *state;
    char text[400];
    add_all(fx);
    kida_template *tpl = get(fx, "base.html");
    const kida_block_info *b = kida_template_block(tpl, 1);
    assert_int_equal(b->modifier_count, 2);
    assert_true(kida_str_equal(b->modifiers[0].name, KIDA_S("cache")));
    assert_int_equal(kida_kind_of(b->modifiers[0].value), KIDA_BOOL);
    assert_int_equal(kida_as_int(b->modifiers[1].value), 3);
    assert_true(b->has_condition && b->emits_html);
    assert_string_equal(joined(b->landmarks, text), "main");
    assert_string_equal(joined(b->depends_on, text), "page.show page.title");
    assert_string_equal(b->cache_scope, "page");
    const kida_block_info *side = kida_template_block(tpl, 2);
    assert_int_equal(side->param_count, 1);
    assert_true(side->params[0].has_default && !side->params[0].is_required);
    assert_int_equal(kida_template_block(tpl, 3)->purity, KIDA_PURITY_UNKNOWN); /* an include */
    assert_null(kida_template_block(tpl, 4));
    kida_template_drop(tpl);
}

static void
a_hash_follows_the_text_of_its_block(void **state)
{
    t_fixture *fx = *state;
    t_add(fx, "a.html", "{% block x %}{{ a + 1 }}{% end %}{% block y %}b{% end %}");
    t_add(fx, "b.html", "\n\n{% block x %}{{ a + 1 }}{% end %}{% block y %}c{% end %}");
    kida_template *a = get(fx, "a.html"), *b = get(fx, "b.html");
    assert_string_equal(kida_template_block(a, 0)->hash, kida_template_block(b, 0)->hash);
    assert_string_not_equal(kida_template_block(a, 1)->hash, kida_template_block(b, 1)->hash);
    kida_template_drop(a);
    kida_template_drop(b);
}

static void
defs_have_parameters_and_slots(void **state)
{
    t_fixture *fx = *state;
    char text[400];
    add_all(fx);
    kida_template *tpl = get(fx, "child.html");
    assert_int_equal(kida_template_def_count(tpl), 1);
    const kida_def_info *d = kida_template_def(tpl, 0);
    assert_true(kida_str_equal(d->name, KIDA_S("row")));
    assert_int_equal(d->line, 3);
    assert_int_equal(d->param_count, 3);
    assert_true(d->params[0].is_required && d->params[0].annotation.len == 0);
    assert_true(kida_str_equal(d->params[1].annotation, KIDA_S("str | None")));
    assert_true(kida_str_equal(d->params[2].annotation, KIDA_S("list[int | str]")));
    assert_true(kida_str_equal(d->rest, KIDA_S("rest")));
    assert_true(kida_str_equal(d->keywords, KIDA_S("kw")));
    assert_string_equal(joined(d->slots, text), "head");
    assert_true(d->has_default_slot);
    assert_string_equal(joined(d->depends_on, text), "glob.x");
    assert_null(kida_template_def(tpl, 1));
    kida_template_drop(tpl);
}

static void
paths_leave_out_what_is_bound(void **state)
{
    t_fixture *fx = *state;
    char text[400];
    kida_value list, context;
    kida_pool *pool = kida_pool_new(NULL, 0);
    add_all(fx);
    kida_template *tpl = get(fx, "child.html");
    const kida_template_info *info = kida_template_describe(tpl);
    assert_string_equal(joined(info->depends_on, text),
                        "d.k.v.0 glob.x inner m.n u.name.upper xs zs");
    assert_string_equal(joined(info->top_depends_on, text), "glob.x");
    assert_string_equal(joined(info->extended, text), "base.html");
    assert_string_equal(joined(info->includes, text), "part.html");
    assert_string_equal(joined(info->embeds, text), "box.html");
    assert_string_equal(joined(info->imports, text), "defs.html other.html");
    assert_int_equal(kida_template_depends_on(tpl, pool, &list, &fx->err), KIDA_OK);
    assert_string_equal(listed(list, text), "d.k.v.0 glob.x inner m.n n page.show page.title "
                                            "site.title u.name.upper xs zs");
    assert_int_equal(kida_template_required(tpl, pool, &list, &fx->err), KIDA_OK);
    assert_string_equal(listed(list, text), "d glob inner m n page site u xs zs");
    assert_int_equal(kida_context(pool, &context, "d", kida_none(), "glob", kida_int(1), "zs",
                                  kida_int(1), "page", kida_int(1), NULL),
                     KIDA_OK);
    assert_int_equal(kida_template_missing(tpl, context, pool, &list, &fx->err), KIDA_OK);
    assert_string_equal(listed(list, text), "inner m n site u xs");
    assert_int_equal(kida_template_missing(tpl, kida_int(1), pool, &list, &fx->err), KIDA_E_USAGE);
    kida_template_drop(tpl);
    kida_pool_free(pool);
}

static void
a_chain_that_fails_is_reported(void **state)
{
    static const struct {
        const char *name;
        kida_status expect;
    } cases[] = { { "circle.html", KIDA_E_CIRCULAR }, { "orphan.html", KIDA_E_NOT_FOUND } };
    t_fixture *fx = *state;
    kida_pool *pool = kida_pool_new(NULL, 0);
    add_all(fx);
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_value list;
        kida_template *tpl = get(fx, cases[i].name);
        assert_int_equal(kida_template_depends_on(tpl, pool, &list, &fx->err), cases[i].expect);
        assert_int_equal(fx->err.status, cases[i].expect);
        kida_template_drop(tpl);
    }
    kida_pool_free(pool);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        t_test(blocks_are_own_first_then_inherited),  t_test(a_block_has_its_modifiers_and_traits),
        t_test(a_hash_follows_the_text_of_its_block), t_test(defs_have_parameters_and_slots),
        t_test(paths_leave_out_what_is_bound),        t_test(a_chain_that_fails_is_reported),
    };
    return cmocka_run_group_tests_name("api/inspect", tests, NULL, NULL);
}
