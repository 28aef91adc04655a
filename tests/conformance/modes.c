/* SPDX-License-Identifier: MIT */
/*
 * modes.c - every way of rendering a case must give the same: as a page and as a stream, optimised
 * and not; and where nothing outside a block changes what it shows, the block rendered alone must
 * be its part of the page.
 */
#include "runner.h"

#include <string.h>

#define OUT_MAX (64u << 20)

/* Text that no case has, given instead of a block to find its places in the page. */
#define MARK "\x01\x02mark\x02\x01"

/* One way of rendering, and what came of it. */
typedef struct outcome {
    const char *label;
    kida_status status;
    kida_error err;
    kida_buf out;
} outcome;

/* Each render has an environment of its own: the fragment cache must not help. */
static bool
render(const conf_case *item, const conf_request *req, bool optimize, conf_result *result,
       outcome *to)
{
    conf_options options = { .no_optimize = !optimize };

    kida_error_init(&to->err);
    kida_buf_init_heap(&to->out, NULL, OUT_MAX);
    kida_env *env = conf_env(item, &options, result, &to->err);
    if (env == NULL)
        return false;
    to->status = conf_render(item, req, env, &to->out, &to->err);
    kida_env_free(env);
    return true;
}

static bool
same(const outcome *a, const outcome *b)
{
    if (a->status != b->status)
        return false;
    if (a->status != KIDA_OK)
        return a->err.line == b->err.line &&
               strcmp(a->err.template_name, b->err.template_name) == 0;
    return kida_str_equal(kida_buf_str(&a->out), kida_buf_str(&b->out));
}

static void
note_outcome(conf_result *result, const outcome *o)
{
    conf_note(result, "    %-22s", o->label);
    if (o->status == KIDA_OK) {
        conf_note(result, "[");
        conf_note_text(result, kida_buf_str(&o->out), 200);
        conf_note(result, "]\n");
    } else {
        conf_note(result, "%s in %s at line %u: %s\n", kida_status_code(o->status),
                  o->err.template_name, (unsigned)o->err.line, o->err.message);
    }
}

/* ---- blocks as parts of a page -------------------------------------------------------- */

static bool
find(kida_str text, const char *word, size_t *at)
{
    size_t len = strlen(word);
    for (size_t i = *at; i + len <= text.len; i++) {
        if (memcmp(text.ptr + i, word, len) == 0) {
            *at = i;
            return true;
        }
    }
    return false;
}

static bool
contains(kida_str text, const char *word)
{
    size_t at = 0;
    return find(text, word, &at);
}

/* Whether no text outside a block can change what the block shows. Judged by words, so that what
 * is in doubt is left out: a block render runs `let`, def and imports first, and nothing else. */
static bool
stands_alone(kida_str source)
{
    static const char *const changing[] = {
        "set ", "export", "promote", "capture", "with ", "push", "stack", "cache", "provide",
        "include", "embed", "async", "\?\?=", "globals", "imports", "fragment", "region", "raw",
        "append", "pop", "update", "insert", "extend(", "random", "shuffle", "loop",
        "for ",  "while",  "try",   " if ",
    };
    static const char *const set_up[] = { "let ", "def ", "import ", "from ", "extends" };
    size_t first = 0;

    for (size_t i = 0; i < sizeof(changing) / sizeof(changing[0]); i++)
        if (contains(source, changing[i]))
            return false;
    if (!find(source, "block ", &first))
        return true;
    for (size_t i = 0; i < sizeof(set_up) / sizeof(set_up[0]); i++) {
        size_t at = first;
        if (find(source, set_up[i], &at))
            return false;
    }
    return true;
}

static bool
is_checkable(const conf_case *item)
{
    json_t *templates = NULL;
    kida_str raw = conf_member(item->text, "templates");
    const char *name;
    json_t *source;
    bool ok = conf_member(item->text, "env").ptr == NULL;

    if (ok)
        templates = json_loadb(raw.ptr, raw.len, JSON_ALLOW_NUL, NULL);
    json_object_foreach(templates, name, source)
    {
        kida_str text = { json_string_value(source), json_string_length(source) };
        ok = ok && stands_alone(text);
    }
    json_decref(templates);
    return ok;
}

/* page, with every MARK replaced by part. */
static void
fill(kida_str page, kida_str part, kida_buf *out)
{
    size_t from = 0, at = 0;
    while (find(page, MARK, &at)) {
        kida_str before = { page.ptr + from, at - from };
        kida_buf_put(out, before);
        kida_buf_put(out, part);
        at += sizeof(MARK) - 1;
        from = at;
    }
    kida_str rest = { page.ptr + from, page.len - from };
    kida_buf_put(out, rest);
}

/* The block alone, put into the page that was rendered without it, must give the page. */
static bool
check_block(const conf_case *item, conf_request *req, kida_str name, const outcome *page,
            conf_result *result)
{
    kida_block_html mark = { name, kida_str_from(MARK) };
    outcome whole = { .label = "page without block" }, part = { .label = "block" };
    outcome filled = { .label = "page filled in" };
    bool ok = true;

    kida_buf_init_heap(&filled.out, NULL, OUT_MAX);
    kida_buf_init_heap(&part.out, NULL, OUT_MAX);
    req->render.blocks = &mark;
    req->render.block_count = 1;
    bool ran = render(item, req, true, result, &whole);
    req->render.block_count = 0;
    if (!ran || whole.status != KIDA_OK || !contains(kida_buf_str(&whole.out), MARK))
        goto done;
    kida_buf_free(&part.out);
    req->render.block = name;
    ran = render(item, req, true, result, &part);
    req->render.block.len = 0;
    ok = ran && part.status == KIDA_OK;
    if (ok)
        fill(kida_buf_str(&whole.out), kida_buf_str(&part.out), &filled.out);
    ok = ok && kida_str_equal(kida_buf_str(&filled.out), kida_buf_str(&page->out));
    if (!ok) {
        conf_note(result, "    block '%.*s'\n", (int)name.len, name.ptr);
        note_outcome(result, page);
        note_outcome(result, &whole);
        note_outcome(result, &part);
    }
done:
    kida_buf_free(&whole.out);
    kida_buf_free(&part.out);
    kida_buf_free(&filled.out);
    return ok;
}

static bool
check_blocks(const conf_case *item, conf_request *req, const outcome *page, conf_result *result)
{
    conf_options options = { .only = NULL };
    kida_error err;
    bool ok = true;

    kida_error_init(&err);
    kida_env *env = conf_env(item, &options, result, &err);
    kida_str entry = { json_string_value(req->entry), json_string_length(req->entry) };
    kida_template *tpl = env != NULL ? kida_env_get(env, entry, &err) : NULL;
    for (size_t i = 0; tpl != NULL && ok && i < kida_template_block_count(tpl); i++)
        ok = check_block(item, req, kida_template_block_name(tpl, i), page, result);
    kida_template_drop(tpl);
    kida_env_free(env);
    return ok;
}

/* ---- a case -------------------------------------------------------- */

void
conf_run_modes(const conf_case *item, const conf_options *options, conf_result *result)
{
    conf_request req;
    outcome all[4] = {
        { .label = "optimised" },
        { .label = "optimised, stream" },
        { .label = "not optimised" },
        { .label = "not optimised, stream" },
    };
    size_t count = 0;

    (void)options;
    if (!conf_request_read(&req, item)) {
        conf_note(result, "    the runner does not know the mode\n");
        goto done;
    }
    result->passed = true;
    for (; count < 4 && result->passed; count++) {
        req.render.stream = (count & 1) != 0;
        result->passed = render(item, &req, count < 2, result, &all[count]);
    }
    for (size_t i = 1; i < count; i++)
        result->passed = result->passed && same(&all[0], &all[i]);
    for (size_t i = 0; i < count && !result->passed; i++)
        note_outcome(result, &all[i]);
    req.render.stream = false;
    if (result->passed && all[0].status == KIDA_OK && req.render.block.len == 0 &&
        req.render.block_count == 0 && is_checkable(item))
        result->passed = check_blocks(item, &req, &all[0], result);
done:
    for (size_t i = 0; i < count; i++)
        kida_buf_free(&all[i].out);
    conf_request_free(&req);
}
