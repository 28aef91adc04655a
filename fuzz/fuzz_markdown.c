/* SPDX-License-Identifier: MIT */
/*
 * fuzz_markdown.c - any text as Markdown of a stranger: well-formed tags that nest, no other tags
 * than ours, no address that runs code, within the limits.
 *
 * Input: a byte of options, the text.
 */
#include "fuzz.h"

#include <kida/kida.h>
#include <string.h>
#include <strings.h>

#define OUT_MAX ((size_t)1 << 20)

static const char *const tags[] = {
    "blockquote", "ul", "ol", "li", "hr", "pre", "code", "p", "table", "thead", "tbody", "tr",
    "th", "td", "em", "strong", "a", "img", "del", "h1", "h2", "h3", "h4", "h5", "h6", "br",
    "input", NULL,
};

/* The tag that begins at html.ptr; ends the run if it is not ours. */
static const char *
tag_at(kida_str html)
{
    for (size_t i = 0; tags[i] != NULL; i++) {
        size_t len = strlen(tags[i]);
        if (html.len > len && memcmp(html.ptr, tags[i], len) == 0 &&
            memchr(" >/\n", html.ptr[len], 4) != NULL)
            return tags[i];
    }
    FUZZ_CHECK(tags[0] == NULL); /* a tag that is not ours */
    return "";
}

static bool
is_void(const char *tag)
{
    return strcmp(tag, "hr") == 0 || strcmp(tag, "br") == 0 || strcmp(tag, "img") == 0 ||
           strcmp(tag, "input") == 0;
}

/* An address that was let through has no scheme but those of the list. */
static void
check_address(kida_str value)
{
    static const char *const bad[] = { "javascript:", "data:", "vbscript:", "file:" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        size_t len = strlen(bad[i]);
        FUZZ_CHECK(value.len < len || strncasecmp(value.ptr, bad[i], len) != 0);
    }
}

/* Reads one tag from behind its `<`; returns where it ends. */
static size_t
skip_tag(kida_str html, size_t at)
{
    bool quoted = false;
    for (; at < html.len && (quoted || html.ptr[at] != '>'); at++) {
        if (html.ptr[at] != '"')
            FUZZ_CHECK(html.ptr[at] != '<');
        else if (!quoted && at > 5 && (memcmp(html.ptr + at - 5, "href=", 5) == 0 ||
                                       memcmp(html.ptr + at - 4, "src=", 4) == 0))
            check_address((kida_str){ html.ptr + at + 1, html.len - at - 1 });
        if (html.ptr[at] == '"')
            quoted = !quoted;
    }
    FUZZ_CHECK(at < html.len);
    return at;
}

static void
check_html(kida_str html)
{
    static const char *open[4096];
    size_t depth = 0;
    for (size_t i = 0; i < html.len; i++) {
        if (html.ptr[i] != '<')
            continue;
        bool closes = i + 1 < html.len && html.ptr[i + 1] == '/';
        size_t start = i + (closes ? 2 : 1);
        const char *tag = tag_at((kida_str){ html.ptr + start, html.len - start });
        if (closes) {
            FUZZ_CHECK(depth > 0 && open[depth - 1] == tag);
            depth--;
        } else if (!is_void(tag)) {
            FUZZ_CHECK(depth < sizeof(open) / sizeof(open[0]));
            open[depth++] = tag;
        }
        i = skip_tag(html, start);
    }
    FUZZ_CHECK(depth == 0);
}

static kida_env *
make_env(unsigned bits)
{
    kida_config config;
    kida_config_init(&config);
    config.limits = (kida_limits){ .steps = 200000, .output = OUT_MAX, .arena = 8u << 20 };
    kida_env *env = kida_env_new_std(&config, NULL);
    kida_markdown_options options;
    kida_markdown_options_init(&options);
    options.tables = bits & 1;
    options.strikethrough = bits & 2;
    options.autolinks = bits & 4;
    options.task_lists = bits & 8;
    FUZZ_CHECK(env != NULL && kida_install_markdown(env, &options, NULL) == KIDA_OK);
    return env;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static kida_env *envs[16];
    kida_str text = { (const char *)data + 1, size - 1 };
    if (size < 1 || !kida_has_markdown() || !kida_utf8_valid(text))
        return 0;
    unsigned bits = data[0] & 15u;
    if (envs[bits] == NULL)
        envs[bits] = make_env(bits);

    kida_error err;
    kida_error_init(&err);
    kida_value context;
    kida_buf out;
    kida_template *tpl = kida_env_from_source(envs[bits], KIDA_S("t.html"),
                                              KIDA_S("{{ t | markdown }}"), &err);
    kida_renderer *renderer = kida_renderer_new(envs[bits]);
    FUZZ_CHECK(tpl != NULL && renderer != NULL);
    FUZZ_CHECK(kida_context(kida_renderer_pool(renderer), &context, "t", kida_string(text), NULL) ==
               KIDA_OK);
    kida_buf_init_heap(&out, NULL, OUT_MAX);
    kida_status st = kida_render_buf(renderer, tpl, context, NULL, &out, &err);
    FUZZ_CHECK(st == KIDA_OK || err.code != NULL);
    if (st == KIDA_OK)
        check_html(kida_buf_str(&out));
    kida_buf_free(&out);
    kida_renderer_free(renderer);
    kida_template_drop(tpl);
    return 0;
}
