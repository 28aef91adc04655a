/* SPDX-License-Identifier: MIT */
/* debug_page.c - what a developer sees when a request has failed (9.4): the line of the template,
 * how it came to run, the values it had, the route and the request. Everything is escaped. */
#define _GNU_SOURCE
#include "reply.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "config/text.h"
#include "http/method.h"
#include "worker/conn.h"

#define VALUES_MAX 48    /* names of a context */
#define VALUE_BYTES 120  /* shown of one value */
#define HEADERS_MAX 64

static const kida_str style = KIDA_S_INIT(
    "<style>.error-page{font:16px/1.55 system-ui,sans-serif;max-width:62rem;margin:2rem auto;"
    "padding:0 1.25rem;color:#1c1917;text-align:left}.error-page h1{font-size:1.5rem;"
    "margin:.4rem 0;"
    "color:#b91c1c}.error-page h2{font-size:.8rem;text-transform:uppercase;letter-spacing:.06em;"
    "color:#78716c;margin:2rem 0 .5rem}.error-page .exc-message{font-size:1.15rem;margin:.2rem 0 "
    "1rem}.error-page .code-badge{background:#b91c1c;color:#fff;border-radius:6px;padding:.1rem "
    ".5rem;font:600 .8rem ui-monospace,monospace}.error-page .place{color:#78716c;font-family:"
    "ui-monospace,monospace}.error-page .source{background:#1c1917;color:#d6d3d1;"
    "border-radius:10px;"
    "padding:.75rem 0;overflow:auto;font:.875rem/1.7 ui-monospace,monospace;margin:0;list-style:"
    "none}.error-page .source li{padding:0 1rem;white-space:pre}.error-page .source b{display:"
    "inline-block;width:3.5em;color:#78716c;font-weight:400}.error-page .source .bad{background:"
    "#7f1d1d;color:#fff}.error-page .hint{background:#fef3c7;border-radius:10px;padding:.6rem "
    "1rem}.error-page table{border-collapse:collapse;width:100%;font-size:.9rem}.error-page "
    "th{text-align:left;font-weight:600;vertical-align:top;width:14rem}.error-page th,.error-page "
    "td{border-top:1px solid #e7e5e4;padding:.3rem .8rem .3rem 0;"
    "overflow-wrap:anywhere}.error-page "
    "code{font-family:ui-monospace,monospace}</style>");

/* ---- pieces -------------------------------------------------------------------------------- */

static void
put_title(kida_buf *out, const char *title)
{
    kida_buf_put(out, KIDA_S("<h2>"));
    kida_buf_html(out, kida_str_from(title));
    kida_buf_put(out, KIDA_S("</h2>"));
}

static void
put_row(kida_buf *out, kida_str name, kida_str value)
{
    kida_buf_put(out, KIDA_S("<tr><th>"));
    kida_buf_html(out, name);
    kida_buf_put(out, KIDA_S("</th><td><code>"));
    kida_buf_html(out, value);
    kida_buf_put(out, KIDA_S("</code></td></tr>"));
}

static void
put_named(kida_buf *out, const char *name, kida_str value)
{
    if (value.len > 0)
        put_row(out, kida_str_from(name), value);
}

/* ---- the template -------------------------------------------------------------------------- */

/* URL that opens a file in the editor of the config; NULL: none. */
static const char *
editor_pattern(const chirp_config *config)
{
    static const char *const known[][2] = {
        { "vscode", "vscode://file/__FILE__:__LINE__" },
        { "cursor", "cursor://file/__FILE__:__LINE__" },
        { "sublime", "subl://open?url=file://__FILE__&line=__LINE__" },
        { "textmate", "txmt://open?url=file://__FILE__&line=__LINE__" },
        { "idea", "idea://open?file=__FILE__&line=__LINE__" },
        { "pycharm", "pycharm://open?file=__FILE__&line=__LINE__" },
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(known[i][0], config->editor) == 0)
            return known[i][1];
    }
    return strstr(config->editor, "__FILE__") ? config->editor : NULL;
}

/* The file of a template, if it is one of the config's directories. */
static bool
find_file(const chirp_config *config, const char *name, char out[PATH_MAX])
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof(path), "%s/%s", config->template_dir, name);
    if (len > 0 && (size_t)len < sizeof(path) && realpath(path, out))
        return true;
    for (const char *const *dir = config->component_dirs; dir && *dir; dir++) {
        len = snprintf(path, sizeof(path), "%s/%s", *dir, name);
        if (len > 0 && (size_t)len < sizeof(path) && realpath(path, out))
            return true;
    }
    return false;
}

/* The pattern with its two words replaced. */
static void
put_link(kida_buf *out, const char *pattern, const char *file, uint32_t line)
{
    while (*pattern) {
        if (strncmp(pattern, "__FILE__", 8) == 0) {
            kida_buf_html(out, kida_str_from(file));
            pattern += 8;
        } else if (strncmp(pattern, "__LINE__", 8) == 0) {
            kida_buf_format(out, "%u", line);
            pattern += 8;
        } else {
            kida_buf_html(out, (kida_str){ pattern++, 1 });
        }
    }
}

static void
put_place(kida_buf *out, const chirp_config *config, const char *name, uint32_t line)
{
    char file[PATH_MAX];
    const char *pattern = editor_pattern(config);
    bool is_link = pattern && find_file(config, name, file);
    if (is_link) {
        kida_buf_put(out, KIDA_S("<a href=\""));
        put_link(out, pattern, file, line);
        kida_buf_put(out, KIDA_S("\">"));
    }
    kida_buf_html(out, kida_str_from(name));
    kida_buf_format(out, ":%u%s", line, is_link ? "</a>" : "");
}

static void
put_source(kida_buf *out, const chirp_config *config, const kida_error *error)
{
    if (error->template_name[0]) {
        kida_buf_put(out, KIDA_S("<p class=\"place\">Template "));
        put_place(out, config, error->template_name, error->line);
        kida_buf_put(out, KIDA_S("</p>"));
    }
    if (error->excerpt_count == 0)
        return;
    kida_buf_put(out, KIDA_S("<ol class=\"source\">"));
    for (uint32_t i = 0; i < error->excerpt_count && i < KIDA_ERROR_EXCERPT_LINES; i++) {
        uint32_t line = error->excerpt_first + i;
        kida_buf_format(out, "<li%s><b>%u</b>", line == error->line ? " class=\"bad\"" : "", line);
        kida_buf_html(out, kida_str_from(error->excerpt[i]));
        kida_buf_put(out, KIDA_S("</li>"));
    }
    kida_buf_put(out, KIDA_S("</ol>"));
}

static void
put_stack(kida_buf *out, const chirp_config *config, const kida_error *error)
{
    if (error->stack_count == 0)
        return;
    put_title(out, "Template stack");
    kida_buf_put(out, KIDA_S("<table>"));
    for (uint32_t i = 0; i < error->stack_count && i < KIDA_ERROR_STACK_MAX; i++) {
        const kida_error_frame *frame = &error->stack[i];
        kida_buf_put(out, KIDA_S("<tr><th>"));
        put_place(out, config, frame->template_name, frame->line);
        kida_buf_put(out, KIDA_S("</th><td><code>"));
        kida_buf_html(out, kida_str_from(frame->what));
        kida_buf_byte(out, ' ');
        kida_buf_html(out, kida_str_from(frame->name));
        kida_buf_put(out, KIDA_S("</code></td></tr>"));
    }
    if (error->stack_total > error->stack_count)
        kida_buf_format(out, "<tr><th>…</th><td>%u more</td></tr>",
                        error->stack_total - error->stack_count);
    kida_buf_put(out, KIDA_S("</table>"));
}

static void
put_value(kida_buf *out, chirp_request *req, kida_value name, kida_value value)
{
    kida_buf text;
    kida_buf_init_heap(&text, &req->config->allocator, (size_t)1 << 16);
    /* A value too large or too deep to be written is shown by its kind alone. */
    bool written = ch_json_write(&text, value) == KIDA_OK;
    kida_str shown = written ? kida_buf_str(&text) : KIDA_S("…");
    kida_buf_put(out, KIDA_S("<tr><th>"));
    kida_buf_html(out, kida_as_str(name));
    kida_buf_put(out, KIDA_S("</th><td><code>"));
    kida_buf_html(out, (kida_str){ shown.ptr, shown.len < VALUE_BYTES ? shown.len : VALUE_BYTES });
    kida_buf_put(out, shown.len > VALUE_BYTES ? KIDA_S("…</code> ") : KIDA_S("</code> "));
    kida_buf_html(out, kida_str_from(kida_kind_name(value)));
    kida_buf_put(out, KIDA_S("</td></tr>"));
    kida_buf_free(&text);
}

static void
put_context(kida_buf *out, chirp_request *req, const chirp_reply *reply)
{
    kida_value name, value;
    if (reply->name.len == 0)
        return;
    put_title(out, "Render");
    kida_buf_put(out, KIDA_S("<table>"));
    put_named(out, "template", reply->name);
    put_named(out, "block", reply->block);
    if (kida_kind_of(reply->context) == KIDA_DICT) {
        size_t count = kida_length(reply->context);
        for (size_t i = 0; i < count && i < VALUES_MAX; i++) {
            if (kida_dict_entry(reply->context, i, &name, &value))
                put_value(out, req, name, value);
        }
        if (count > VALUES_MAX)
            kida_buf_format(out, "<tr><th>…</th><td>%zu more</td></tr>", count - VALUES_MAX);
    }
    kida_buf_put(out, KIDA_S("</table>"));
}

/* ---- the request --------------------------------------------------------------------------- */

static bool
is_secret(kida_str name)
{
    static const kida_str secrets[] = {
        KIDA_S_INIT("authorization"), KIDA_S_INIT("cookie"), KIDA_S_INIT("set-cookie"),
        KIDA_S_INIT("x-api-key"), KIDA_S_INIT("x-auth-token"), KIDA_S_INIT("x-csrf-token"),
        KIDA_S_INIT("proxy-authorization"),
    };
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        if (ch_str_iequal(name, secrets[i]))
            return true;
    }
    return false;
}

static void
put_route(kida_buf *out, chirp_request *req)
{
    const ch_match *match = ch_conn_match(req->conn);
    kida_str name, value;
    if (match->kind != CH_MATCH_ROUTE)
        return;
    const ch_route *route = match->target;
    put_title(out, "Route");
    kida_buf_put(out, KIDA_S("<table>"));
    put_named(out, "path", route->path);
    put_named(out, "name", route->name);
    for (size_t i = 0; chirp_param_at(req, i, &name, &value); i++)
        put_row(out, name, value);
    kida_buf_put(out, KIDA_S("</table>"));
}

static void
put_request(kida_buf *out, chirp_request *req)
{
    kida_str name, value;
    put_title(out, "Request");
    kida_buf_put(out, KIDA_S("<table>"));
    put_named(out, "method", chirp_method(req));
    put_named(out, "URL", chirp_url(req));
    put_named(out, "version", chirp_http_version(req));
    put_named(out, "client", chirp_client(req));
    put_named(out, "request id", chirp_request_id(req));
    for (size_t i = 0; i < HEADERS_MAX && chirp_header_at(req, i, &name, &value); i++)
        put_row(out, name, is_secret(name) ? KIDA_S("••••••••") : value);
    kida_buf_put(out, KIDA_S("</table>"));
}

/* ---- the whole ----------------------------------------------------------------------------- */

void
ch_debug_panel(kida_buf *out, chirp_request *req, const chirp_reply *reply)
{
    const kida_error *error = reply->error;
    kida_buf_put(out, style);
    kida_buf_put(out, KIDA_S("<div class=\"error-page\">"));
    if (error && error->code) {
        kida_buf_put(out, KIDA_S("<span class=\"code-badge\">"));
        kida_buf_html(out, kida_str_from(error->code));
        kida_buf_put(out, KIDA_S("</span>"));
    }
    kida_buf_put(out, KIDA_S("<h1>"));
    kida_buf_html(out, kida_str_from(error && error->kind ? error->kind : "Error"));
    kida_buf_put(out, KIDA_S("</h1><p class=\"exc-message\">"));
    kida_buf_html(out, error ? kida_str_from(error->message[0] ? error->message
                                                               : kida_status_text(error->status))
                             : KIDA_S("out of memory"));
    kida_buf_put(out, KIDA_S("</p>"));
    if (error) {
        put_source(out, req->config, error);
        if (error->hint[0]) {
            kida_buf_put(out, KIDA_S("<p class=\"hint\">"));
            kida_buf_html(out, kida_str_from(error->hint));
            kida_buf_put(out, KIDA_S("</p>"));
        }
        put_stack(out, req->config, error);
    }
    put_context(out, req, reply);
    put_route(out, req);
    put_request(out, req);
    put_title(out, "Environment");
    kida_buf_put(out, KIDA_S("<p>libchirp and libkida "));
    kida_buf_html(out, kida_str_from(kida_version()));
    kida_buf_put(out, KIDA_S(" · shown because <code>debug</code> is on</p></div>"));
}

void
ch_debug_page(kida_buf *out, chirp_request *req, const chirp_reply *reply)
{
    const kida_error *error = reply->error;
    kida_str message = error ? kida_str_from(error->message) : KIDA_S("");
    size_t len = message.len < 80 ? message.len : 80;
    while (len > 0 && len < message.len && ((unsigned char)message.ptr[len] & 0xc0) == 0x80)
        len--; /* not in the middle of a code point */
    kida_buf_put(out, KIDA_S("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
                             "<meta name=\"viewport\" content=\"width=device-width\"><title>"));
    kida_buf_html(out, kida_str_from(error && error->kind ? error->kind : "Error"));
    kida_buf_put(out, KIDA_S(": "));
    kida_buf_html(out, (kida_str){ message.ptr, len });
    kida_buf_put(out, KIDA_S("</title></head><body>"));
    ch_debug_panel(out, req, reply);
    kida_buf_put(out, KIDA_S("</body></html>"));
}
