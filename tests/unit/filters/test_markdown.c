/* SPDX-License-Identifier: MIT */
/* test_markdown.c - Markdown to HTML (row 16.3): what it makes, what it does not let through, and
 * where it ends. */
#define _GNU_SOURCE
#include "t.h"

#include <stdio.h>

typedef struct fixture {
    t_counter counter;
    kida_env *env;
    kida_error err;
} fixture;

static int
setup(void **state)
{
    fixture *fx = test_calloc(1, sizeof(*fx));
    *state = fx;
    return 0;
}

/* An environment with the filter; options NULL: the usual ones. */
static void
open_env(fixture *fx, const kida_markdown_options *options, const kida_limits *limits)
{
    kida_config config;
    kida_config_init(&config);
    config.allocator = t_counting_allocator(&fx->counter);
    if (limits)
        config.limits = *limits;
    fx->env = kida_env_new_std(&config, &fx->err);
    assert_non_null(fx->env);
    kida_status st = kida_install_markdown(fx->env, options, &fx->err);
    if (st != KIDA_OK)
        fail_msg("no Markdown: %s", fx->err.message);
}

static void
close_env(fixture *fx)
{
    kida_env_free(fx->env);
    fx->env = NULL;
}

static int
teardown(void **state)
{
    fixture *fx = *state;
    close_env(fx);
    size_t left = fx->counter.live_bytes;
    test_free(fx);
    return left > 0 ? -1 : 0;
}

/* What a template makes of a text; NULL on failure, with fx->err. */
static const char *
render_value(fixture *fx, const char *source, kida_value text)
{
    static char out[1 << 20];
    kida_value context;
    kida_buf buf;
    kida_template *tpl = kida_env_from_source(fx->env, KIDA_S("t.html"), kida_str_from(source),
                                              &fx->err);
    kida_renderer *renderer = kida_renderer_new(fx->env);
    assert_non_null(tpl);
    assert_non_null(renderer);
    assert_int_equal(kida_context(kida_renderer_pool(renderer), &context, "t", text, NULL),
                     KIDA_OK);
    kida_buf_init_heap(&buf, NULL, sizeof(out) - 1);
    kida_error_init(&fx->err);
    kida_status st = kida_render_buf(renderer, tpl, context, NULL, &buf, &fx->err);
    kida_str got = kida_buf_str(&buf);
    if (got.len > 0)
        memcpy(out, got.ptr, got.len);
    out[got.len] = '\0';
    kida_buf_free(&buf);
    kida_renderer_free(renderer);
    kida_template_drop(tpl);
    return st == KIDA_OK ? out : NULL;
}

static const char *
render(fixture *fx, const char *text)
{
    const char *got = render_value(fx, "{{ t | markdown }}", kida_string(kida_str_from(text)));
    if (!got)
        fail_msg("%s", fx->err.message);
    return got;
}

typedef struct sample {
    const char *label, *text, *html;
} sample;

static void
check(fixture *fx, const sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *got = render(fx, samples[i].text);
        if (strcmp(got, samples[i].html) != 0)
            fail_msg("%s:\n got [%s]\nwant [%s]", samples[i].label, got, samples[i].html);
    }
}

static void
row_16_3_blocks_and_spans(void **state)
{
    static const sample samples[] = {
        { "empty", "", "" },
        { "paragraph", "a *b* **c** `d`",
          "<p>a <em>b</em> <strong>c</strong> <code>d</code></p>\n" },
        { "heading", "## A *b*", "<h2>A <em>b</em></h2>\n" },
        { "breaks", "a  \nb\nc", "<p>a<br />\nb\nc</p>\n" },
        { "rule", "***", "<hr />\n" },
        { "quote", "> a\n>\n> b", "<blockquote>\n<p>a</p>\n<p>b</p>\n</blockquote>\n" },
        { "list", "- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n" },
        { "loose list", "1. a\n\n2. b", "<ol>\n<li><p>a</p>\n</li>\n<li><p>b</p>\n</li>\n</ol>\n" },
        { "list from 3", "3) a", "<ol start=\"3\">\n<li>a</li>\n</ol>\n" },
        { "code", "```c++ x\na < b\n```",
          "<pre><code class=\"language-c++\">a &lt; b\n</code></pre>\n" },
        { "indented code", "    a", "<pre><code>a\n</code></pre>\n" },
        { "link", "[a](/b?c=1&d \"e\")", "<p><a href=\"/b?c=1&amp;d\" title=\"e\">a</a></p>\n" },
        { "reference", "[a]\n\n[a]: /b", "<p><a href=\"/b\">a</a></p>\n" },
        { "image", "![a *b* [c](/d)](e.png 't')",
          "<p><img src=\"e.png\" alt=\"a b c\" title=\"t\" /></p>\n" },
        { "image in an image", "![a ![b](c)](d)", "<p><img src=\"d\" alt=\"a b\" /></p>\n" },
        { "entities", "&copy; &#35; & &nosuch;", "<p>&copy; &#35; &amp; &nosuch;</p>\n" },
        { "text of others", "\xc3\xa9 \xf0\x9f\x98\x80", "<p>\xc3\xa9 \xf0\x9f\x98\x80</p>\n" },
        { "table", "a | b\n:-- | :-:\nc | d",
          "<table>\n<thead>\n<tr>\n<th align=\"left\">a</th>\n<th align=\"center\">b</th>\n</tr>\n"
          "</thead>\n<tbody>\n<tr>\n<td align=\"left\">c</td>\n<td align=\"center\">d</td>\n</tr>\n"
          "</tbody>\n</table>\n" },
        { "strikethrough", "~~a~~", "<p><del>a</del></p>\n" },
        { "bare address", "https://a.test/b www.a.test",
          "<p><a href=\"https://a.test/b\">https://a.test/b</a> "
          "<a href=\"http://www.a.test\">www.a.test</a></p>\n" },
        { "tasks", "- [x] a\n- [ ] b",
          "<ul>\n<li class=\"task-list-item\"><input type=\"checkbox\" disabled checked> a</li>\n"
          "<li class=\"task-list-item\"><input type=\"checkbox\" disabled> b</li>\n</ul>\n" },
    };
    fixture *fx = *state;
    open_env(fx, NULL, NULL);
    check(fx, samples, T_COUNT(samples));
    assert_string_equal(render_value(fx, "[{{ t | markdown }}]", kida_none()), "[]");
    assert_string_equal(render_value(fx, "{{ t | markdown }}", kida_int(7)), "<p>7</p>\n");
    const kida_str nul = { "a\0b", 3 };
    assert_string_equal(render_value(fx, "{{ t | markdown }}", kida_string(nul)),
                        "<p>a\xef\xbf\xbd" "b</p>\n");
}

/* Holds: what a stranger writes runs nothing in the reader's browser. */
static void
xe_1_markdown_of_strangers(void **state)
{
    static const sample samples[] = {
        { "HTML block", "<script>alert(1)</script>",
          "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n" },
        { "HTML span", "a <b onclick=\"x\">c</b>",
          "<p>a &lt;b onclick=&quot;x&quot;&gt;c&lt;/b&gt;</p>\n" },
        { "javascript:", "[a](javascript:alert(1))", "<p><a>a</a></p>\n" },
        { "any case", "[a](JaVaScript:x)", "<p><a>a</a></p>\n" },
        { "autolink", "<javascript:x>", "<p><a>javascript:x</a></p>\n" },
        { "data:", "![a](data:text/html;base64,x)", "<p><img alt=\"a\" /></p>\n" },
        { "vbscript:", "[a](vbscript:x)", "<p><a>a</a></p>\n" },
        { "numeric entity", "[a](&#106;avascript:x)", "<p><a>a</a></p>\n" },
        { "named entity", "[a](javascript&colon;x)", "<p><a>a</a></p>\n" },
        { "tab inside", "[a](<java\tscript:x>)", "<p><a>a</a></p>\n" },
        { "blank before", "[a](< javascript:x>)", "<p><a>a</a></p>\n" },
        { "control byte", "[a](<\x01javascript:x>)", "<p><a>a</a></p>\n" },
        { "reference", "[a]\n\n[a]: javascript:x", "<p><a>a</a></p>\n" },
        { "escape", "[a](javascript\\:x)", "<p><a>a</a></p>\n" },
        { "percent is no escape", "[a](javascript%3Ax)",
          "<p><a href=\"javascript%3Ax\">a</a></p>\n" },
        { "mail", "[a](mailto:b@c.test)", "<p><a href=\"mailto:b@c.test\">a</a></p>\n" },
        { "colon in a path", "[a](b/c:d) [e](#f:g)",
          "<p><a href=\"b/c:d\">a</a> <a href=\"#f:g\">e</a></p>\n" },
        { "quotes", "[a](/b\"onx='y' '\"><i>')",
          "<p><a href=\"/b%22onx=&#39;y&#39;\" title=\"&quot;&gt;&lt;i&gt;\">a</a></p>\n" },
        { "quotes in a language", "```a\"><script>\n```",
          "<pre><code class=\"language-a&quot;&gt;&lt;script&gt;\"></code></pre>\n" },
        { "quotes in alt", "![a\"><script>](b)",
          "<p><img src=\"b\" alt=\"a&quot;&gt;&lt;script&gt;\" /></p>\n" },
        { "comment", "<!-- --><img src=x onerror=y>",
          "<p>&lt;!-- --&gt;&lt;img src=x onerror=y&gt;</p>\n" },
    };
    fixture *fx = *state;
    open_env(fx, NULL, NULL);
    check(fx, samples, T_COUNT(samples));
}

static void
row_16_3_options(void **state)
{
    fixture *fx = *state;
    kida_markdown_options options;
    kida_markdown_options_init(&options);
    options.allow_html = true;
    open_env(fx, &options, NULL);
    static const sample raw[] = {
        { "block", "<div>\n*a*\n</div>", "<div>\n*a*\n</div>\n" },
        { "span", "a <b>c</b>", "<p>a <b>c</b></p>\n" },
        { "any address", "[a](data:x)", "<p><a href=\"data:x\">a</a></p>\n" },
        { "in alt", "![<b>](c)", "<p><img src=\"c\" alt=\"&lt;b&gt;\" /></p>\n" },
    };
    check(fx, raw, T_COUNT(raw));
    close_env(fx);

    kida_markdown_options_init(&options);
    options.tables = options.strikethrough = options.autolinks = options.task_lists = false;
    options.name = "md";
    open_env(fx, &options, NULL);
    kida_str text = KIDA_S("- [x] ~~a~~ www.b.test");
    assert_string_equal(render_value(fx, "{{ t | md }}", kida_string(text)),
                        "<ul>\n<li>[x] ~~a~~ www.b.test</li>\n</ul>\n");
    assert_null(kida_env_from_source(fx->env, KIDA_S("x"), KIDA_S("{{ t | markdown }}"), &fx->err));
    assert_int_equal(fx->err.status, KIDA_E_FILTER_NAME);
    assert_int_equal(kida_install_markdown(fx->env, NULL, &fx->err), KIDA_E_FROZEN);
    close_env(fx);

    kida_env *env = kida_env_new_std(NULL, &fx->err);
    options.size = 1;
    assert_int_equal(kida_install_markdown(env, &options, &fx->err), KIDA_E_USAGE);
    options.size = sizeof(options);
    options.name = "";
    assert_int_equal(kida_install_markdown(env, &options, &fx->err), KIDA_E_USAGE);
    kida_env_free(env);
}

/* Holds: deep nesting ends in flat, well-formed HTML; every open tag is closed. */
static void
row_16_3_depth_is_bounded(void **state)
{
    fixture *fx = *state;
    static char text[4000];
    open_env(fx, NULL, NULL);
    memset(text, '>', 2000);
    memcpy(text + 2000, "a", 2);
    const char *got = render(fx, text);
    size_t opened = 0, closed = 0;
    for (const char *at = got; *at; at++) {
        opened += strncmp(at, "<blockquote>", 12) == 0;
        closed += strncmp(at, "</blockquote>", 13) == 0;
    }
    assert_true(opened > 90 && opened <= 100);
    assert_int_equal(opened, closed);
    assert_non_null(strstr(got, "a"));
}

static void
row_16_3_sizes_are_bounded(void **state)
{
    fixture *fx = *state;
    kida_markdown_options options;
    kida_markdown_options_init(&options);
    options.max_input = 10;
    open_env(fx, &options, NULL);
    assert_string_equal(render(fx, "0123456789"), "<p>0123456789</p>\n");
    assert_null(render_value(fx, "{{ t | markdown }}", kida_string(KIDA_S("0123456789a"))));
    assert_int_equal(fx->err.status, KIDA_E_LIMIT_MEMORY);
    close_env(fx);

    /* References make much of little: the limits of the render hold. */
    static char text[200000];
    kida_str big = { text, sizeof(text) };
    memset(text, 'x', 8000);
    memcpy(text, "[a]: /", 6);
    memcpy(text + 8000, "\n\n", 2);
    for (size_t i = 8002; i + 3 <= sizeof(text); i += 3)
        memcpy(text + i, "[a]", 3);
    text[sizeof(text) - 1] = text[sizeof(text) - 2] = ' ';
    kida_limits limits = { .arena = 4 << 20 };
    open_env(fx, NULL, &limits);
    assert_null(render_value(fx, "{{ t | markdown }}", kida_string(big)));
    assert_int_equal(fx->err.status, KIDA_E_LIMIT_MEMORY);
    close_env(fx);
    limits = (kida_limits){ .steps = 1000 };
    open_env(fx, NULL, &limits);
    assert_null(render_value(fx, "{{ t | markdown }}", kida_string(big)));
    assert_int_equal(fx->err.status, KIDA_E_LIMIT_STEPS);
}

#define markdown_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        markdown_test(row_16_3_blocks_and_spans),
        markdown_test(xe_1_markdown_of_strangers),
        markdown_test(row_16_3_options),
        markdown_test(row_16_3_depth_is_bounded),
        markdown_test(row_16_3_sizes_are_bounded),
    };
    if (!kida_has_markdown()) {
        printf("built without Markdown\n");
        return 0;
    }
    return cmocka_run_group_tests_name("filters/markdown", tests, NULL, NULL);
}
