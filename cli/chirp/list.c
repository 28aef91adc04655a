/* SPDX-License-Identifier: MIT */
/* list.c - `chirp routes` and `chirp config`. */
#include "chirp_cli.h"

#include <stdlib.h>
#include <string.h>

static const char *const forms = "text|json";

enum { FORM_TEXT, FORM_JSON };

static const char *
text_of(cli *c, kida_str text)
{
    return cli_format(c, "%.*s", (int)text.len, text.ptr != NULL ? text.ptr : "");
}

/* ---- routes ---------------------------------------------------------------------------------- */

typedef struct table {
    cli *c;
    int form;
    size_t count;
    int widths[3];
} table;

static int
wider(int width, const char *text)
{
    int len = (int)kida_utf8_count(kida_str_from(text));
    return len > width ? len : width;
}

static void
measure_route(void *arg, const chirp_route_info *route)
{
    table *t = arg;
    t->count++;
    t->widths[0] = wider(t->widths[0], route->methods);
    t->widths[1] = wider(t->widths[1], text_of(t->c, route->path));
    t->widths[2] = wider(t->widths[2], text_of(t->c, route->name));
}

static const char *
renders(cli *c, const chirp_route_info *route)
{
    if (route->block.len == 0)
        return text_of(c, route->template_name);
    return cli_format(c, "%s#%s", text_of(c, route->template_name), text_of(c, route->block));
}

static void
print_route(void *arg, const chirp_route_info *route)
{
    table *t = arg;
    if (t->form == FORM_TEXT) {
        printf("%-*s  %-*s  %-*s  %s\n", t->widths[0], route->methods, t->widths[1],
               text_of(t->c, route->path), t->widths[2], text_of(t->c, route->name),
               renders(t->c, route));
        return;
    }
    fputs(t->count++ > 0 ? ",\n  {\"methods\": " : "\n  {\"methods\": ", stdout);
    cli_json_text(stdout, route->methods);
    fputs(", \"path\": ", stdout);
    cli_json_text(stdout, text_of(t->c, route->path));
    fputs(", \"name\": ", stdout);
    cli_json_text(stdout, text_of(t->c, route->name));
    fputs(", \"template\": ", stdout);
    cli_json_text(stdout, text_of(t->c, route->template_name));
    fputs(", \"block\": ", stdout);
    cli_json_text(stdout, text_of(t->c, route->block));
    putchar('}');
}

static void
print_routes(table *t, const chirp_app *app)
{
    chirp_app_each_route(app, measure_route, t);
    if (t->form == FORM_JSON) {
        t->count = 0;
        putchar('[');
        chirp_app_each_route(app, print_route, t);
        fputs(t->count > 0 ? "\n]\n" : "]\n", stdout);
        return;
    }
    if (t->count == 0) {
        puts("No routes registered.");
        return;
    }
    int width = printf("%-*s  %-*s  %-*s  RENDERS\n", t->widths[0], "METHOD", t->widths[1], "PATH",
                       t->widths[2], "NAME");
    for (int i = 1; i < width && i <= 80; i++)
        putchar('-');
    putchar('\n');
    chirp_app_each_route(app, print_route, t);
}

int
chirp_cli_routes(cli *c, int argc, char **argv)
{
    static const cli_usage usage = {
        "APP.so", 1, 1,
        "Loads the application and lists its routes in the order in which they were added.\n",
        "  chirp routes build/app.so\n  chirp routes build/app.so --format json | jq '.[].path'\n",
    };
    table t = { c, FORM_TEXT, 0, { 6, 4, 4 } };
    app_options app_opts = APP_OPTIONS_INIT;
    cli_list arguments = { NULL, 0 };
    int code;
    const cli_option options[] = {
        { "format", 'f', CLI_CHOICE, &t.form, forms, "form of the list (default text)", 0, 0 },
        { NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0 },
    };
    chirp_config config;
    kida_error err;
    kida_error_init(&err);
    if (!cli_parse(c, &usage, options, argc, argv, &arguments, &code))
        return code;
    if (!app_config(c, &app_opts, &config))
        return CLI_FAILED;
    chirp_app *app = app_load(c, arguments.items[0], &config);
    if (app == NULL)
        return CLI_FAILED;
    code = CLI_DONE;
    if (chirp_app_freeze(app, &err) == KIDA_OK) {
        print_routes(&t, app);
    } else {
        cli_show(&err);
        code = CLI_FAILED;
    }
    chirp_app_free(app);
    return code;
}

/* ---- config ---------------------------------------------------------------------------------- */

#define SETTINGS_MAX 128

typedef struct settings {
    cli *c;
    int form;
    const app_options *options;
    const char *plain[SETTINGS_MAX]; /* defaults */
    const char *base[SETTINGS_MAX]; /* before the app changed them */
    size_t at;
    bool has_app;
    int name_width, value_width;
} settings;

static const char *
shown(const chirp_setting *setting)
{
    if (!setting->is_secret)
        return setting->value;
    return setting->value[0] != '\0' ? "(set)" : "";
}

static void
keep_setting(void *arg, const chirp_setting *setting)
{
    settings *s = arg;
    s->name_width = wider(s->name_width, setting->name);
    s->value_width = wider(s->value_width, shown(setting));
    if (s->at < SETTINGS_MAX)
        s->base[s->at++] = cli_format(s->c, "%s", setting->value);
}

static void
keep_default(void *arg, const chirp_setting *setting)
{
    settings *s = arg;
    if (s->at < SETTINGS_MAX)
        s->plain[s->at++] = cli_format(s->c, "%s", setting->value);
}

static const char *
source_of(settings *s, const chirp_setting *setting)
{
    size_t at = s->at++;
    if (s->has_app && at < SETTINGS_MAX && strcmp(s->base[at], setting->value) != 0)
        return "app";
    if (app_option_gave(s->options, setting->name))
        return "option";
    if (setting->variable != NULL) {
        const char *variable = cli_format(s->c, "CHIRP_%s", setting->variable);
        if (getenv(variable) != NULL)
            return cli_format(s->c, "env %s", variable);
        if (at < SETTINGS_MAX && strcmp(s->plain[at], s->base[at]) != 0)
            return cli_format(s->c, ".env %s", variable);
    }
    return "default";
}

static void
print_setting(void *arg, const chirp_setting *setting)
{
    settings *s = arg;
    bool first = s->at == 0;
    const char *source = source_of(s, setting);
    if (s->form == FORM_TEXT) {
        printf("%-*s  %-*s  %s\n", s->name_width, setting->name, s->value_width, shown(setting),
               source);
        return;
    }
    fputs(first ? "\n  " : ",\n  ", stdout);
    cli_json_text(stdout, setting->name);
    fputs(": {\"value\": ", stdout);
    cli_json_text(stdout, shown(setting));
    fputs(", \"source\": ", stdout);
    cli_json_text(stdout, source);
    putchar('}');
}

static void
print_settings(settings *s, const chirp_config *config)
{
    s->at = 0;
    if (s->form == FORM_JSON)
        putchar('{');
    chirp_config_each(config, print_setting, s);
    if (s->form == FORM_JSON)
        fputs("\n}\n", stdout);
}

int
chirp_cli_config(cli *c, int argc, char **argv)
{
    static const cli_usage usage = {
        "[APP.so]", 0, 1,
        "Lists every setting, its value and its source: default, .env or env VARIABLE,\n"
        "option, or app where an application is named and changed it. Secrets are shown as\n"
        "(set).\n",
        "  chirp config\n  CHIRP_PORT=80 chirp config build/app.so --format json\n",
    };
    app_options app_opts = APP_OPTIONS_INIT;
    settings s = { .c = c, .form = FORM_TEXT, .options = &app_opts };
    cli_list arguments = { NULL, 0 };
    int code;
    const cli_option options[] = {
        { "format", 'f', CLI_CHOICE, &s.form, forms, "form of the list (default text)", 0, 0 },
        APP_OPTIONS(app_opts),
        { NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0 },
    };
    chirp_config config;
    kida_error err;
    kida_error_init(&err);
    if (!cli_parse(c, &usage, options, argc, argv, &arguments, &code))
        return code;
    chirp_config_init(&config);
    chirp_config_each(&config, keep_default, &s);
    s.at = 0;
    if (!app_config(c, &app_opts, &config))
        return CLI_FAILED;
    chirp_config_each(&config, keep_setting, &s);
    if (arguments.count == 0) {
        print_settings(&s, &config);
        return CLI_DONE;
    }
    chirp_app *app = app_load(c, arguments.items[0], &config);
    if (app == NULL)
        return CLI_FAILED;
    s.has_app = true;
    print_settings(&s, chirp_app_config(app));
    chirp_app_free(app);
    return CLI_DONE;
}
