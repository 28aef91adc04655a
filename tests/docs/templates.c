/* SPDX-License-Identifier: MIT */
/* templates.c - docs/templates.md: every example is rendered by an app and compared, every filter
 * has its row, and the C compiles. */
#define _GNU_SOURCE
#include "app.h"

#include <ctype.h>
#include <stdio.h>

#include "templates_blocks.c"

enum { PAGE_MAX = 1 << 18 };

typedef struct page {
    char text[PAGE_MAX];
    size_t len;
    size_t examples;
} page;

static page doc;

/* ---- rendering ------------------------------------------------------------------------------ */

static bool
render(t_app *fx, kida_str source, kida_str data, kida_buf *out)
{
    kida_env *env = chirp_app_templates(fx->app);
    kida_error err;
    kida_error_init(&err);
    kida_template *tpl = kida_env_from_source(env, KIDA_S("example.html"), source, &err);
    kida_renderer *renderer = kida_renderer_new(env);
    kida_value context = kida_none();
    kida_status st = tpl && renderer ? KIDA_OK : KIDA_E_SYNTAX;
    if (st == KIDA_OK && data.len > 0)
        st = kida_json_parse(kida_renderer_pool(renderer), data, &context, &err);
    if (st == KIDA_OK)
        st = kida_render_buf(renderer, tpl, context, NULL, out, &err);
    if (st != KIDA_OK)
        print_error("%s (line %u)\n", err.message, (unsigned)err.line);
    kida_renderer_free(renderer);
    kida_template_drop(tpl);
    return st == KIDA_OK;
}

static void
compare(t_app *fx, unsigned line, kida_str source, kida_str data, kida_str want)
{
    kida_buf out;
    kida_buf_init_heap(&out, &fx->config.allocator, 1 << 20);
    bool rendered = render(fx, source, data, &out);
    kida_str got = kida_buf_str(&out);
    if (!rendered || !kida_str_equal(got, want)) {
        print_error("docs/templates.md:%u: %.*s\n--- printed:\n%.*s\n--- instead of:\n%.*s\n", line,
                    (int)source.len, source.ptr, (int)got.len, got.ptr, (int)want.len, want.ptr);
        kida_buf_free(&out);
        fail();
    }
    kida_buf_free(&out);
    doc.examples++;
}

/* ---- the page ------------------------------------------------------------------------------- */

static kida_str
next_line(size_t *at)
{
    size_t start = *at;
    while (*at < doc.len && doc.text[*at] != '\n')
        ++*at;
    kida_str line = { doc.text + start, *at - start };
    *at += *at < doc.len ? 1 : 0;
    return line;
}

static bool
is_line(kida_str line, const char *text)
{
    return kida_str_equal(line, kida_str_from(text));
}

/* The lines up to the end of a fence, without the last break. */
static kida_str
read_fence(size_t *at, unsigned *number)
{
    size_t start = *at, end = *at;
    for (;;) {
        end = *at;
        kida_str line = next_line(at);
        ++*number;
        if (is_line(line, "```") || *at >= doc.len)
            break;
    }
    return (kida_str){ doc.text + start, end > start ? end - start - 1 : 0 };
}

/* The last two cells of a row if both are code spans; \| stands for a bar. */
static bool
last_cells(kida_str line, char cells[2][512])
{
    size_t end = line.len;
    while (end > 0 && line.ptr[end - 1] == ' ')
        end--;
    if (end < 2 || line.ptr[0] != '|' || line.ptr[end - 1] != '|')
        return false;
    for (size_t i = 2; i-- > 0;) {
        size_t start = --end; /* at the bar behind the cell */
        while (start > 1 && !(line.ptr[start - 1] == '|' && line.ptr[start - 2] != '\\'))
            start--;
        size_t from = start, to = end, len = 0;
        while (from < to && line.ptr[from] == ' ')
            from++;
        while (to > from && line.ptr[to - 1] == ' ')
            to--;
        bool is_nothing = to - from == 7 && memcmp(line.ptr + from, "nothing", 7) == 0;
        if (!is_nothing && (to - from < 2 || line.ptr[from] != '`' || line.ptr[to - 1] != '`'))
            return false;
        for (size_t k = from + 1; !is_nothing && k + 1 < to && len + 1 < sizeof(cells[i]); k++) {
            if (!(line.ptr[k] == '\\' && line.ptr[k + 1] == '|'))
                cells[i][len++] = line.ptr[k];
        }
        cells[i][len] = '\0';
        end = start;
    }
    return true;
}

static void
examples_print_what_the_page_shows(void **state)
{
    t_app *fx = *state;
    kida_str source = { NULL, 0 }, data = { NULL, 0 }, table_data = { NULL, 0 };
    bool in_table = false;
    unsigned number = 0, source_line = 0;
    for (size_t at = 0; at < doc.len;) {
        kida_str line = next_line(&at);
        char cells[2][512];
        number++;
        if (is_line(line, "```json table")) {
            table_data = read_fence(&at, &number);
        } else if (is_line(line, "```json")) {
            data = read_fence(&at, &number);
        } else if (is_line(line, "```kida")) {
            source_line = number;
            source = read_fence(&at, &number);
            data.len = 0;
        } else if (is_line(line, "```html")) {
            compare(fx, source_line, source, data, read_fence(&at, &number));
        } else if (line.len > 20 && line.ptr[0] == '|' &&
                   t_holds(line, "| template | prints |")) {
            in_table = true;
        } else if (line.len == 0) {
            in_table = false;
        } else if (in_table && last_cells(line, cells)) {
            compare(fx, number, kida_str_from(cells[0]), table_data, kida_str_from(cells[1]));
        }
    }
    if (doc.examples < 30)
        fail_msg("only %zu examples", doc.examples);
}

/* Holds: what libchirp adds to templates is on the page. */
static void
every_filter_has_its_row(void **state)
{
    static const char *const names[] = {
        "attr", "bem", "field_errors", "format_time", "html_attrs", "island_props", "pluralize",
        "qs", "timeago", "url", "island_attrs", "primitive_attrs", "shell_actions", "url_for",
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(names); i++) {
        char mark[64];
        snprintf(mark, sizeof(mark), "\n| `%s", names[i]);
        if (!t_holds((kida_str){ doc.text, doc.len }, mark))
            fail_msg("docs/templates.md has no row for %s", names[i]);
    }
}

/* Holds: filters and globals of an app, as the page adds them. */
static void
the_filter_of_the_page_works(void **state)
{
    t_app *fx = *state;
    chirp_answer got;
    assert_int_equal(chirp_test_get(t_client(fx), "/price", &got), KIDA_OK);
    T_BODY(&got, "Corner shop: 12.50 €");
}

static chirp_reply *
price(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_template(req, "price.html", kida_none());
}

static int
setup(void **state)
{
    static t_app fx;
    t_app_init(&fx);
    t_app_open(&fx);
    add_to_templates(fx.app);
    t_app_template(&fx, "price.html", "{{ shop }}: {{ 1250 | euros }}");
    chirp_route(fx.app, "GET", "/price", price, NULL);
    chirp_route_def route = { .path = "/items/{id:int}", .handler = price, .name = "item" };
    if (chirp_route_add(fx.app, &route, &fx.err) != KIDA_OK ||
        chirp_app_freeze(fx.app, &fx.err) != KIDA_OK)
        return -1;
    *state = &fx;
    FILE *file = fopen(T_SOURCE_DIR "/docs/templates.md", "r");
    if (!file)
        return -1;
    doc.len = fread(doc.text, 1, sizeof(doc.text), file);
    return fclose(file);
}

static int
teardown(void **state)
{
    t_app_close(*state);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_print_what_the_page_shows),
        cmocka_unit_test(every_filter_has_its_row),
        cmocka_unit_test(the_filter_of_the_page_works),
    };
    return cmocka_run_group_tests_name("docs/templates", tests, setup, teardown);
}
