/* SPDX-License-Identifier: MIT */
/* run.c - renders one case in the mode it names and compares output, or code and line. */
#include "runner.h"

#include <string.h>

enum { SHOWN_MAX = 2000 };

#define OUT_MAX (64u << 20)

static json_t *
parse_member(const conf_case *item, const char *name)
{
    kida_str raw = conf_member(item->text, name);
    return raw.ptr != NULL
               ? json_loadb(raw.ptr, raw.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL)
               : NULL;
}

static kida_str
slice(const json_t *text)
{
    kida_str result = { json_string_value(text), json_string_length(text) };
    return result;
}

static bool
mode_is(const conf_request *req, const char *name)
{
    const char *mode = req->mode != NULL ? json_string_value(req->mode) : "render";
    return mode != NULL && strcmp(mode, name) == 0;
}

static kida_status
collect(void *user, const char *data, size_t len)
{
    kida_buf *out = user;
    kida_str span = { data, len };
    kida_buf_put(out, span);
    return kida_buf_status(out);
}

/* Fills in what the mode asks for; false for a mode that is not known. */
static bool
set_mode(conf_request *req)
{
    kida_render_options *options = &req->render;
    const char *name;
    json_t *html;

    kida_render_options_init(options);
    if (mode_is(req, "render"))
        return true;
    if (mode_is(req, "stream")) {
        options->stream = true;
        return true;
    }
    if (mode_is(req, "block")) {
        options->block = slice(req->block);
        return json_is_string(req->block);
    }
    if (!mode_is(req, "with_blocks"))
        return false;
    json_object_foreach(req->blocks, name, html)
    {
        if (options->block_count == CONF_BLOCKS_MAX)
            return false;
        req->given[options->block_count].name = kida_str_from(name);
        req->given[options->block_count].html = slice(html);
        options->block_count++;
    }
    options->blocks = req->given;
    return true;
}

bool
conf_request_read(conf_request *req, const conf_case *item)
{
    req->entry = parse_member(item, "entry");
    req->mode = parse_member(item, "mode");
    req->block = parse_member(item, "block");
    req->blocks = parse_member(item, "blocks");
    req->expect = parse_member(item, "expect");
    return set_mode(req);
}

void
conf_request_free(conf_request *req)
{
    json_decref(req->entry);
    json_decref(req->mode);
    json_decref(req->block);
    json_decref(req->blocks);
    json_decref(req->expect);
}

kida_status
conf_render(const conf_case *item, const conf_request *req, kida_env *env, kida_buf *out,
            kida_error *err)
{
    kida_pool *pool = kida_pool_new(NULL, 0);
    kida_template *tpl = NULL;
    kida_value context;

    kida_status st = KIDA_E_NOMEM;
    if (pool == NULL)
        goto done;
    st = kida_json_parse(pool, conf_member(item->text, "context"), &context, err);
    if (st != KIDA_OK)
        goto done;
    tpl = kida_env_get(env, slice(req->entry), err);
    st = err->status;
    if (tpl != NULL)
        st = kida_render(tpl, context, &req->render, collect, out, err);
done:
    kida_template_drop(tpl);
    kida_pool_free(pool);
    return st;
}

static void
note_error(conf_result *result, kida_status st, const kida_error *err)
{
    conf_note(result, "%s at line %u: %s", kida_status_code(st), (unsigned)err->line, err->message);
}

static void
compare_error(const json_t *want, kida_status st, kida_str got, const kida_error *err,
              conf_result *result)
{
    const json_t *code = json_object_get(want, "code");
    const json_t *line = json_object_get(want, "line");
    bool same_code = !json_is_string(code) ||
                     strcmp(json_string_value(code), kida_status_code(st)) == 0;
    bool same_line = !json_is_integer(line) || json_integer_value(line) == err->line;

    if (st != KIDA_OK && same_code && same_line) {
        result->passed = true;
        return;
    }
    conf_note(result, "    want error %s",
              json_is_string(code) ? json_string_value(code) : "(any code)");
    if (json_is_integer(line))
        conf_note(result, " at line %d", (int)json_integer_value(line));
    conf_note(result, "\n    got  ");
    if (st == KIDA_OK) {
        conf_note(result, "output [");
        conf_note_text(result, got, 80);
        conf_note(result, "]");
    } else {
        note_error(result, st, err);
    }
    conf_note(result, "\n");
}

static void
compare_output(kida_str want, kida_status st, kida_str got, const kida_error *err,
               conf_result *result)
{
    if (st == KIDA_OK && kida_str_equal(want, got)) {
        result->passed = true;
    } else if (st == KIDA_OK) {
        conf_note_difference(result, want, got);
    } else {
        conf_note(result, "    want [");
        conf_note_text(result, want, 80);
        conf_note(result, "]\n    got  ");
        note_error(result, st, err);
        conf_note(result, "\n");
    }
}

/* --verbose: everything there is to know about a failure. */
static void
note_case(conf_result *result, const conf_case *item, kida_str got)
{
    static const char *const members[] = { "env", "templates", "mode", "block", "blocks", "context",
                                           "expect" };
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        kida_str raw = conf_member(item->text, members[i]);
        if (raw.ptr == NULL)
            continue;
        conf_note(result, "    %s: ", members[i]);
        conf_note_text(result, raw, SHOWN_MAX);
        conf_note(result, "\n");
    }
    conf_note(result, "    output: [");
    conf_note_text(result, got, SHOWN_MAX);
    conf_note(result, "]\n");
}

static void
compare(const conf_request *req, kida_status st, kida_str got, const kida_error *err,
        conf_result *result)
{
    const json_t *want = json_object_get(req->expect, "error");
    if (want != NULL)
        compare_error(want, st, got, err, result);
    else
        compare_output(slice(json_object_get(req->expect, "output")), st, got, err, result);
}

void
conf_run(const conf_case *item, const conf_options *options, conf_result *result)
{
    conf_request req;
    kida_error err;
    kida_buf out;
    kida_env *env = NULL;

    result->passed = false;
    result->len = 0;
    result->detail[0] = '\0';
    if (options->modes) {
        conf_run_modes(item, options, result);
        return;
    }
    kida_error_init(&err);
    kida_buf_init_heap(&out, NULL, OUT_MAX);
    if (!conf_request_read(&req, item)) {
        conf_note(result, "    the runner does not know the mode\n");
        goto done;
    }
    env = conf_env(item, options, result, &err);
    if (env == NULL)
        goto done;
    kida_status st = conf_render(item, &req, env, &out, &err);
    compare(&req, st, kida_buf_str(&out), &err, result);
    if (!result->passed && options->verbose)
        note_case(result, item, kida_buf_str(&out));
done:
    kida_env_free(env);
    kida_buf_free(&out);
    conf_request_free(&req);
}
