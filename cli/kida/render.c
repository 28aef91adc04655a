/* SPDX-License-Identifier: MIT */
/* render.c - `kida render`: a template and JSON to text. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* nanosleep, window size */
#endif
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define OUTPUT_MAX ((size_t)1 << 30)

enum { MODE_HTML, MODE_TERMINAL, MODE_MARKDOWN };
enum { COLOR_AUTO, COLOR_NONE, COLOR_BASIC, COLOR_256, COLOR_TRUE };

/* What the command line says. */
typedef struct settings {
    const char *data, *data_text, *output, *block;
    cli_list sets, folders, modules;
    int mode, color;
    double width, delay;
    bool stream;
} settings;

/* ---- data ------------------------------------------------------------------------------------ */

static bool
set_value(cli *c, kida_value context, kida_str key, kida_value item)
{
    if (kida_dict_set(context, kida_string(key), item) == KIDA_OK)
        return true;
    cli_say(c, "out of memory");
    return false;
}

/* Adds the entries of a JSON object; anything else becomes the variable `data`. */
static bool
add_json(cli *c, kida_value context, kida_str text, const char *shown)
{
    kida_value value, key, item;
    kida_error err;
    kida_error_init(&err);
    if (kida_json_parse(c->pool, text, &value, &err) != KIDA_OK) {
        if (err.template_name[0] == '\0')
            (void)snprintf(err.template_name, sizeof(err.template_name), "%s", shown);
        cli_show(&err);
        return false;
    }
    if (kida_kind_of(value) != KIDA_DICT)
        return set_value(c, context, KIDA_S("data"), value);
    for (size_t i = 0; kida_dict_entry(value, i, &key, &item); i++) {
        if (!set_value(c, context, kida_as_str(key), item))
            return false;
    }
    return true;
}

/* KEY=VALUE: the value as JSON, or as text if it is none. */
static bool
add_setting(cli *c, kida_value context, const char *setting)
{
    const char *equals = strchr(setting, '=');
    if (equals == NULL || equals == setting) {
        (void)cli_misuse(c, "--set takes KEY=VALUE, not '%s'", setting);
        return false;
    }
    kida_str key = { setting, (size_t)(equals - setting) };
    kida_str text = kida_str_from(equals + 1);
    if (!kida_utf8_valid(key) || !kida_utf8_valid(text)) {
        cli_say(c, "--set %s is not UTF-8", setting);
        return false;
    }
    kida_value value;
    kida_error err;
    kida_error_init(&err);
    if (kida_json_parse(c->pool, text, &value, &err) != KIDA_OK)
        value = kida_string(text);
    return set_value(c, context, key, value);
}

/* Later sources win: file, text, single settings. */
static bool
build_context(cli *c, const settings *s, kida_value *context)
{
    kida_str text;
    if (kida_dict_new(c->pool, 16, context) != KIDA_OK) {
        cli_say(c, "out of memory");
        return false;
    }
    if (s->data != NULL) {
        bool standard = strcmp(s->data, "-") == 0;
        if (!cli_read(c, s->data, &text) ||
            !add_json(c, *context, text, standard ? "<standard input>" : s->data))
            return false;
    }
    if (s->data_text != NULL &&
        !add_json(c, *context, kida_str_from(s->data_text), "<--data-str>"))
        return false;
    for (size_t i = 0; i < s->sets.count; i++) {
        if (!add_setting(c, *context, s->sets.items[i]))
            return false;
    }
    return true;
}

/* ---- the terminal ---------------------------------------------------------------------------- */

/* Colours that standard output can show: 0 none, 1 basic, 2 256, 3 true colour. */
static int
colors_of_terminal(const settings *s)
{
    if (s->color != COLOR_AUTO)
        return s->color - COLOR_NONE;
    if (s->output != NULL || !cli_is_colored(stdout))
        return 0;
    const char *more = getenv("COLORTERM"), *term = getenv("TERM");
    if (more != NULL && (strstr(more, "truecolor") != NULL || strstr(more, "24bit") != NULL))
        return 3;
    return term != NULL && strstr(term, "256color") != NULL ? 2 : 1;
}

static int
width_of_terminal(const settings *s)
{
    struct winsize size;
    if (s->width > 0)
        return (int)s->width;
    if (s->output == NULL && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const char *columns = getenv("COLUMNS");
    long wide = columns != NULL ? strtol(columns, NULL, 10) : 0;
    return wide > 0 && wide <= 10000 ? (int)wide : 80;
}

/* ---- output ---------------------------------------------------------------------------------- */

/* Where a stream goes. */
typedef struct stream {
    FILE *file;
    struct timespec delay;
    bool is_open; /* the last line has no break yet */
} stream;

static kida_status
put_chunk(void *user, const char *data, size_t len)
{
    stream *out = user;
    if (len == 0)
        return KIDA_OK;
    if (fwrite(data, 1, len, out->file) != len || fflush(out->file) != 0)
        return KIDA_E_SINK;
    out->is_open = data[len - 1] != '\n';
    if (out->delay.tv_sec > 0 || out->delay.tv_nsec > 0)
        (void)nanosleep(&out->delay, NULL);
    return KIDA_OK;
}

static int
render_stream(cli *c, const settings *s, kida_template *tpl, kida_value context,
              const kida_render_options *options)
{
    kida_error err;
    kida_error_init(&err);
    bool to_file = s->output != NULL && strcmp(s->output, "-") != 0;
    stream out = { to_file ? fopen(s->output, "wb") : stdout, { 0, 0 }, true };
    if (out.file == NULL) {
        cli_say(c, "%s can't be written", s->output);
        return CLI_FAILED;
    }
    out.delay.tv_sec = (time_t)s->delay;
    out.delay.tv_nsec = (long)((s->delay - (double)out.delay.tv_sec) * 1e9);
    kida_status st = kida_render(tpl, context, options, put_chunk, &out, &err);
    if (out.is_open)
        fputc('\n', out.file);
    if (to_file && fclose(out.file) != 0 && st == KIDA_OK) {
        cli_say(c, "%s can't be written", s->output);
        return CLI_FAILED;
    }
    if (st != KIDA_OK)
        cli_show(&err);
    return st == KIDA_OK ? CLI_DONE : CLI_FAILED;
}

static kida_status
collect(void *user, const char *data, size_t len)
{
    kida_buf *out = user;
    kida_buf_put(out, (kida_str){ data, len });
    return kida_buf_status(out);
}

/* Nothing is written unless the render succeeds. */
static int
render_whole(cli *c, const settings *s, kida_template *tpl, kida_value context,
             const kida_render_options *options)
{
    kida_error err;
    kida_buf out;
    int code = CLI_FAILED;

    kida_error_init(&err);
    kida_buf_init_heap(&out, NULL, OUTPUT_MAX);
    if (kida_render(tpl, context, options, collect, &out, &err) == KIDA_OK) {
        kida_str text = kida_buf_str(&out);
        if (text.len == 0 || text.ptr[text.len - 1] != '\n')
            kida_buf_byte(&out, '\n');
        if (kida_buf_status(&out) != KIDA_OK)
            cli_say(c, "out of memory");
        else if (cli_write(c, s->output, kida_buf_str(&out)))
            code = CLI_DONE;
    } else {
        cli_show(&err);
    }
    kida_buf_free(&out);
    return code;
}

/* ---- the command ----------------------------------------------------------------------------- */

static int
render_template(cli *c, const settings *s, const cli_place *place, kida_value context)
{
    static const kida_autoescape escapes[] = { KIDA_ESCAPE_HTML, KIDA_ESCAPE_TERMINAL,
                                               KIDA_ESCAPE_MARKDOWN };
    kida_config config;
    kida_error err;
    kida_render_options options;
    int code = CLI_FAILED;

    kida_config_init(&config);
    config.autoescape = escapes[s->mode];
    config.terminal_color = colors_of_terminal(s);
    config.terminal_width = width_of_terminal(s);
    kida_env *env = cli_env(c, &config, place->folders, s->modules);
    if (env == NULL)
        return CLI_USAGE;

    kida_error_init(&err);
    kida_template *tpl = kida_env_get(env, kida_str_from(place->name), &err);
    if (tpl == NULL) {
        cli_show(&err);
    } else {
        kida_render_options_init(&options);
        options.stream = s->stream;
        if (s->block != NULL)
            options.block = kida_str_from(s->block);
        code = s->stream ? render_stream(c, s, tpl, context, &options)
                         : render_whole(c, s, tpl, context, &options);
    }
    kida_template_drop(tpl);
    kida_env_free(env);
    return code;
}

static const cli_usage usage = {
    "FILE",
    1,
    1,
    "Renders the template FILE and prints the result, with a line break at its end. Templates\n"
    "that it names are looked up in its folder. Nothing is printed when the render fails.\n",
    "  kida render page.html --data page.json\n"
    "  curl -s https://example.org/data.json | kida render page.html --data -\n"
    "  kida render mail/welcome.html --template-dir mail --set name=Ann --set 'tags=[\"a\"]'\n",
};

int
cli_render(cli *c, int argc, char **argv)
{
    settings s = { .delay = 0.02 };
    const cli_option options[] = {
        { "data", 'd', CLI_TEXT, &s.data, "FILE",
          "variables from a JSON object in FILE (- is standard\n"
          "input); any other JSON becomes the variable `data`", 0, 0 },
        { "data-str", 0, CLI_TEXT, &s.data_text, "JSON", "likewise, from the command line", 0, 0 },
        { "set", 's', CLI_LIST, &s.sets, "KEY=VALUE",
          "one variable: JSON, or else a text (may be repeated);\n"
          "--set wins over --data-str, and that over --data", 0, 0 },
        { "template-dir", 't', CLI_LIST, &s.folders, "DIR",
          "look templates up in DIR, not in FILE's folder (may be\nrepeated)", 0, 0 },
        { "block", 'b', CLI_TEXT, &s.block, "NAME", "render only this block", 0, 0 },
        { "mode", 0, CLI_CHOICE, &s.mode, "html|terminal|markdown",
          "what output is escaped for (default html)", 0, 0 },
        { "width", 0, CLI_NUMBER, &s.width, "N", "columns of the terminal", 1, 10000 },
        { "color", 0, CLI_CHOICE, &s.color, "auto|none|basic|256|truecolor",
          "colours of the terminal (default auto)", 0, 0 },
        { "stream", 0, CLI_FLAG, &s.stream, "", "print chunk by chunk, as a server would send it",
          0, 0 },
        { "stream-delay", 0, CLI_NUMBER, &s.delay, "S", "seconds between chunks (default 0.02)", 0,
          60 },
        { "module", 'm', CLI_LIST, &s.modules, "M.so",
          "load filters from a module, or `markdown` (repeatable)", 0, 0 },
        { "output", 'o', CLI_TEXT, &s.output, "FILE", "write to FILE instead of standard output",
          0, 0 },
        { NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0 },
    };
    cli_list files = { NULL, 0 };
    cli_place place;
    kida_value context;
    int code;

    if (!cli_parse(c, &usage, options, argc, argv, &files, &code))
        return code;
    if (!cli_locate(c, files.items[0], s.folders, &place) || !build_context(c, &s, &context))
        return CLI_USAGE;
    return render_template(c, &s, &place, context);
}
