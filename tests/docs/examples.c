/* SPDX-License-Identifier: MIT */
/*
 * examples.c - renders every example of the pages named as arguments and compares.
 *
 * docs/README.md describes the form. Each example is rendered three times (plain, as a stream,
 * without optimisation), and all three must give the text that the page shows.
 */
#include <kida/kida.h>

#include <stdio.h>
#include <string.h>

enum { FILES_MAX = 16, PAGE_MAX = 1 << 20, OUTPUT_MAX = 1 << 20, ALIASES_MAX = 4 };

/* One fenced block: its word, what stands behind it, and its content without the last break. */
typedef struct fence {
    kida_str word;
    kida_str info;
    kida_str text;
    size_t line; /* of the opening fence */
} fence;

/* An example while it is being read. */
typedef struct example {
    fence files[FILES_MAX]; /* the last one is rendered */
    size_t file_count;
    kida_str data, meta, messages;
    bool finished; /* a result has been seen: the next template begins a new example */
} example;

/* A way of rendering. */
typedef struct mode {
    const char *name;
    bool stream;
    bool optimize;
} mode;

static const mode modes[] = {
    { "plain", false, true },
    { "stream", true, true },
    { "without optimisation", false, false },
};

static size_t passed, failed;

/* ---- words of an info string ----------------------------------------------------------------- */

static bool
next_word(kida_str *rest, kida_str *word)
{
    while (rest->len > 0 && rest->ptr[0] == ' ') {
        rest->ptr++;
        rest->len--;
    }
    word->ptr = rest->ptr;
    word->len = 0;
    while (word->len < rest->len && word->ptr[word->len] != ' ')
        word->len++;
    rest->ptr += word->len;
    rest->len -= word->len;
    return word->len > 0;
}

static bool
is_word(kida_str text, const char *word)
{
    return kida_str_equal(text, kida_str_from(word));
}

/* The value of `name=value`; false for any other word. */
static bool
has_value(kida_str word, const char *name, kida_str *value)
{
    size_t len = strlen(name);
    if (word.len <= len || memcmp(word.ptr, name, len) != 0 || word.ptr[len] != '=')
        return false;
    value->ptr = word.ptr + len + 1;
    value->len = word.len - len - 1;
    return true;
}

static uint64_t
as_number(kida_str text)
{
    uint64_t n = 0;
    for (size_t i = 0; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++)
        n = n * 10 + (uint64_t)(text.ptr[i] - '0');
    return n;
}

/* ---- settings -------------------------------------------------------------------------------- */

/* What a config and options point to. */
typedef struct settings {
    kida_config config;
    kida_sandbox sandbox;
    kida_str block;
    kida_str file; /* name of the template, empty if it has none */
    char alias_texts[ALIASES_MAX][2][64];
    kida_alias aliases[ALIASES_MAX + 1];
    size_t alias_count;
} settings;

static bool
set_flag(settings *set, kida_str word)
{
    kida_config *config = &set->config;
    if (is_word(word, "trim_blocks"))
        config->trim_blocks = true;
    else if (is_word(word, "lstrip_blocks"))
        config->lstrip_blocks = true;
    else if (is_word(word, "lenient"))
        config->strict_undefined = false;
    else if (is_word(word, "strict_none"))
        config->strict_none = true;
    else if (is_word(word, "sandbox"))
        config->sandbox = &set->sandbox;
    else
        return false;
    return true;
}

static bool
set_escape(settings *set, kida_str value)
{
    if (is_word(value, "off"))
        set->config.autoescape = KIDA_ESCAPE_OFF;
    else if (is_word(value, "markdown"))
        set->config.autoescape = KIDA_ESCAPE_MARKDOWN;
    else if (is_word(value, "terminal"))
        set->config.autoescape = KIDA_ESCAPE_TERMINAL;
    else
        return false;
    return true;
}

/* alias=name:root */
static bool
set_alias(settings *set, kida_str value)
{
    const char *colon = memchr(value.ptr, ':', value.len);
    if (colon == NULL || set->alias_count == ALIASES_MAX || value.len > 60)
        return false;
    char (*texts)[64] = set->alias_texts[set->alias_count];
    (void)snprintf(texts[0], 64, "%.*s", (int)(colon - value.ptr), value.ptr);
    (void)snprintf(texts[1], 64, "%.*s", (int)(value.ptr + value.len - colon - 1), colon + 1);
    set->aliases[set->alias_count].name = texts[0];
    set->aliases[set->alias_count].root = texts[1];
    set->alias_count++;
    set->config.aliases = set->aliases;
    return true;
}

/* A word with a value. */
static bool
set_option(settings *set, kida_str word)
{
    kida_config *config = &set->config;
    kida_str value;
    if (has_value(word, "escape", &value))
        return set_escape(set, value);
    if (has_value(word, "alias", &value))
        return set_alias(set, value);
    if (has_value(word, "block", &value))
        set->block = value;
    else if (has_value(word, "steps", &value))
        config->limits.steps = as_number(value);
    else if (has_value(word, "depth", &value))
        config->limits.depth = (uint32_t)as_number(value);
    else if (has_value(word, "output", &value))
        config->limits.output = as_number(value);
    else if (has_value(word, "max_range", &value))
        set->sandbox.max_range = as_number(value);
    else if (has_value(word, "delimiters", &value) && is_word(value, "erb")) {
        config->variable_start = KIDA_S("<%=");
        config->variable_end = config->block_end = config->comment_end = KIDA_S("%>");
        config->block_start = KIDA_S("<%");
        config->comment_start = KIDA_S("<%#");
    } else {
        return false;
    }
    return true;
}

static bool
set_up(settings *set, const fence *main_file)
{
    kida_str rest = main_file->info, word;
    memset(set, 0, sizeof(*set));
    kida_config_init(&set->config);
    while (next_word(&rest, &word)) {
        if (set_flag(set, word) || set_option(set, word))
            continue;
        if (memchr(word.ptr, '.', word.len) == NULL || set->file.len > 0) {
            printf("unknown word '%.*s'\n", (int)word.len, word.ptr);
            return false;
        }
        set->file = word;
    }
    return true;
}

/* ---- translations ---------------------------------------------------------------------------- */

static kida_str
translate(void *user, kida_call *call, kida_str message)
{
    kida_value found = kida_dict_get(*(kida_value *)user, message);
    (void)call;
    return kida_as_str(found);
}

/* The entry of the singular is a list of the forms for one and for many. */
static kida_str
translate_plural(void *user, kida_call *call, kida_str one, kida_str many, int64_t count)
{
    kida_value forms = kida_dict_get(*(kida_value *)user, one);
    (void)call;
    (void)many;
    return kida_as_str(kida_item_at(forms, count == 1 ? 0 : 1));
}

/* ---- rendering ------------------------------------------------------------------------------- */

static kida_status
to_buffer(void *user, const char *data, size_t len)
{
    kida_str text = { data, len };
    kida_buf_put(user, text);
    return kida_buf_status(user);
}

static kida_status
parse(kida_pool *pool, kida_str json, kida_value *out, kida_error *err)
{
    if (json.len == 0)
        return kida_dict_new(pool, 0, out);
    return kida_json_parse(pool, json, out, err);
}

static kida_template *
load(kida_env *env, const example *ex, const settings *set, kida_error *err)
{
    const fence *main_file = &ex->files[ex->file_count - 1];
    for (size_t i = 0; i < ex->file_count; i++) {
        kida_str rest = ex->files[i].info, name;
        bool named = next_word(&rest, &name) && memchr(name.ptr, '.', name.len) != NULL;
        if (!named && i + 1 < ex->file_count) {
            printf("a template that others use has no name\n");
            return NULL;
        }
        if (named && kida_env_add_source(env, name, ex->files[i].text, err) != KIDA_OK)
            return NULL;
    }
    if (set->file.len > 0)
        return kida_env_get(env, set->file, err);
    return kida_env_from_source(env, KIDA_S("page.html"), main_file->text, err);
}

/* Renders once; out gets the text, or the message if it fails. */
static void
render(const example *ex, const mode *how, kida_buf *out)
{
    settings set;
    kida_error err;
    kida_value context, meta, messages;
    kida_template *tpl = NULL;
    kida_env *env = NULL;
    kida_pool *pool = kida_pool_new(NULL, 0);
    kida_error_init(&err);
    if (pool == NULL || !set_up(&set, &ex->files[ex->file_count - 1])) {
        kida_pool_free(pool);
        return;
    }
    set.config.optimize = how->optimize;
    kida_catalog catalog = { &messages, translate, translate_plural };
    if (parse(pool, ex->data, &context, &err) == KIDA_OK &&
        parse(pool, ex->meta, &meta, &err) == KIDA_OK &&
        parse(pool, ex->messages, &messages, &err) == KIDA_OK)
        env = kida_env_new_std(&set.config, &err);
    if (env != NULL && (ex->messages.len == 0 ||
                        kida_env_set_catalog(env, &catalog, &err) == KIDA_OK))
        tpl = load(env, ex, &set, &err);
    if (tpl != NULL) {
        kida_render_options options;
        kida_render_options_init(&options);
        options.block = set.block;
        options.stream = how->stream;
        options.meta = meta;
        if (kida_render(tpl, context, &options, to_buffer, out, &err) == KIDA_OK)
            err.status = KIDA_OK;
    }
    if (err.status != KIDA_OK) {
        char text[4000];
        kida_error_format(&err, KIDA_FORMAT_PLAIN, text, sizeof(text));
        kida_buf_free(out);
        kida_buf_init_heap(out, NULL, OUTPUT_MAX);
        kida_buf_put(out, kida_str_from(text));
    }
    kida_template_drop(tpl);
    kida_env_free(env);
    kida_pool_free(pool);
}

/* Output is compared as a whole; of a message the lines that the page shows. */
static bool
fits(kida_str got, const fence *result)
{
    if (is_word(result->word, "code"))
        return got.len > result->text.len + 6 && memcmp(got.ptr, "error[", 6) == 0 &&
               memcmp(got.ptr + 6, result->text.ptr, result->text.len) == 0;
    if (!is_word(result->word, "error"))
        return kida_str_equal(got, result->text);
    return got.len >= result->text.len &&
           memcmp(got.ptr, result->text.ptr, result->text.len) == 0 &&
           (got.len == result->text.len || got.ptr[result->text.len] == '\n');
}

static void
check(const char *page, const example *ex, const fence *result)
{
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        kida_buf out;
        kida_buf_init_heap(&out, NULL, OUTPUT_MAX);
        render(ex, &modes[i], &out);
        kida_str got = kida_buf_str(&out);
        if (!fits(got, result)) {
            printf("[  FAILED  ] %s:%zu (%s)\n", page, result->line, modes[i].name);
            printf("wanted: [%.*s]\n", (int)result->text.len, result->text.ptr);
            printf("got:    [%.*s]\n", (int)got.len, got.ptr);
            failed++;
            kida_buf_free(&out);
            return;
        }
        kida_buf_free(&out);
    }
    passed++;
}

/* ---- tables ---------------------------------------------------------------------------------- */

/* A table with the columns "template" and "prints" at its end: a row is an example. */
typedef struct table {
    bool active;
    kida_str data; /* of the last fence `json table` */
} table;

/* The last two cells of a row, without the blanks around them; false if there are fewer. */
static bool
last_cells(kida_str row, kida_str cells[2])
{
    size_t bars[3] = { 0, 0, 0 }, count = 0;
    for (size_t i = 0; i < row.len; i++) {
        if (row.ptr[i] != '|' || (i > 0 && row.ptr[i - 1] == '\\'))
            continue;
        bars[0] = bars[1];
        bars[1] = bars[2];
        bars[2] = i;
        count++;
    }
    if (count < 3)
        return false;
    for (size_t i = 0; i < 2; i++) {
        cells[i].ptr = row.ptr + bars[i] + 1;
        cells[i].len = bars[i + 1] - bars[i] - 1;
        while (cells[i].len > 0 && cells[i].ptr[0] == ' ') {
            cells[i].ptr++;
            cells[i].len--;
        }
        while (cells[i].len > 0 && cells[i].ptr[cells[i].len - 1] == ' ')
            cells[i].len--;
    }
    return true;
}

/* What a code span holds: `\|` is a bar, and the sign for a line break is one. */
static bool
read_span(kida_str cell, char *out, size_t size, kida_str *text)
{
    static const char line_break[] = "\xe2\x8f\x8e";
    size_t ticks = 0, n = 0;
    while (ticks < cell.len && cell.ptr[ticks] == '`')
        ticks++;
    if (ticks == 0 || cell.len < 2 * ticks)
        return false;
    const char *end = cell.ptr + cell.len - ticks;
    for (const char *at = cell.ptr + ticks; at < end && n + 1 < size; at++) {
        if (at[0] == '\\' && at[1] == '|')
            continue;
        if (end - at >= 3 && memcmp(at, line_break, 3) == 0) {
            out[n++] = '\n';
            at += 2;
        } else {
            out[n++] = *at;
        }
    }
    /* Blanks on both sides only keep a tick from the span's own. */
    if (n > 1 && out[0] == ' ' && out[n - 1] == ' ' && ticks > 1) {
        out++;
        n -= 2;
    }
    text->ptr = out;
    text->len = n;
    return true;
}

static void
take_row(const char *page, table *state, kida_str row, size_t line)
{
    char source[2000], wanted[2000];
    kida_str cells[2];
    example ex = { 0 };
    fence result = { 0 };
    if (!last_cells(row, cells))
        return;
    if (is_word(cells[0], "template") && is_word(cells[1], "prints")) {
        state->active = true;
        return;
    }
    if (!state->active || !read_span(cells[0], source, sizeof(source), &ex.files[0].text))
        return;
    ex.file_count = 1;
    ex.files[0].info = KIDA_S("");
    ex.data = state->data;
    result.line = line;
    if (!read_span(cells[1], wanted, sizeof(wanted), &result.text)) {
        result.word = KIDA_S("code"); /* or nothing at all */
        result.text = cells[1];
        if (is_word(cells[1], "nothing"))
            result = (fence){ .line = line };
    }
    check(page, &ex, &result);
}

/* ---- pages ----------------------------------------------------------------------------------- */

/* A page that says things without showing that they hold is a mistake too. */
static void
complain(const char *page, size_t line, const char *what)
{
    printf("[  FAILED  ] %s:%zu: %s\n", page, line, what);
    failed++;
}

static void
take_fence(const char *page, example *ex, table *rows, const fence *block)
{
    if (is_word(block->word, "kida")) {
        if (ex->finished || ex->file_count == FILES_MAX)
            memset(ex, 0, sizeof(*ex));
        ex->files[ex->file_count++] = *block;
    } else if (is_word(block->word, "json")) {
        if (is_word(block->info, "meta"))
            ex->meta = block->text;
        else if (is_word(block->info, "messages"))
            ex->messages = block->text;
        else if (is_word(block->info, "table"))
            rows->data = block->text;
        else
            ex->data = block->text;
    } else if (is_word(block->word, "html") || is_word(block->word, "error")) {
        if (ex->file_count == 0)
            complain(page, block->line, "a result without a template");
        else
            check(page, ex, block);
        ex->finished = true;
    }
}

static bool
next_line(kida_str *rest, kida_str *line)
{
    if (rest->len == 0)
        return false;
    const char *end = memchr(rest->ptr, '\n', rest->len);
    line->ptr = rest->ptr;
    line->len = end ? (size_t)(end - rest->ptr) : rest->len;
    size_t used = line->len + (end ? 1 : 0);
    rest->ptr += used;
    rest->len -= used;
    return true;
}

static bool
is_fence(kida_str line)
{
    return line.len >= 3 && memcmp(line.ptr, "```", 3) == 0;
}

static void
read_page(const char *page, kida_str rest)
{
    example ex = { 0 };
    fence block = { 0 };
    table rows = { 0 };
    kida_str line;
    bool inside = false;
    size_t number = 0;
    while (next_line(&rest, &line)) {
        number++;
        if (!is_fence(line)) {
            if (inside)
                continue;
            if (line.len > 0 && line.ptr[0] == '|')
                take_row(page, &rows, line, number);
            else
                rows.active = false;
            continue;
        }
        if (!inside) {
            kida_str info = { line.ptr + 3, line.len - 3 };
            (void)next_word(&info, &block.word);
            while (info.len > 0 && info.ptr[0] == ' ') {
                info.ptr++;
                info.len--;
            }
            block.info = info;
            block.text.ptr = rest.ptr;
            block.line = number;
        } else {
            block.text.len = (size_t)(line.ptr - block.text.ptr);
            if (block.text.len > 0)
                block.text.len--;
            take_fence(page, &ex, &rows, &block);
        }
        inside = !inside;
    }
    if (inside)
        complain(page, block.line, "a fence is never closed");
    if (ex.file_count > 0 && !ex.finished)
        complain(page, ex.files[0].line, "an example without a result");
}

static bool
read_file(const char *path)
{
    static char text[PAGE_MAX];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        complain(path, 0, "can't be opened");
        return false;
    }
    kida_str page = { text, fread(text, 1, sizeof(text), file) };
    (void)fclose(file);
    read_page(path, page);
    return true;
}

int
main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        (void)read_file(argv[i]);
    printf("[  PASSED  ] %zu test(s).\n", passed);
    if (failed > 0)
        printf(" %zu FAILED TEST(S)\n", failed);
    return failed > 0 || passed == 0;
}
