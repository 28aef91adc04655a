/* SPDX-License-Identifier: MIT */
/* args.c - options and arguments from a table, and the help text that the same table gives. */
#include "common.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HELP_COLUMN 28

/* ---- help ------------------------------------------------------------------------------------ */

static int
print_option(const cli_option *o)
{
    int width = printf("  ");
    if (o->letter != 0)
        width += printf("-%c, ", o->letter);
    width += printf("--%s", o->name);
    if (o->kind != CLI_FLAG)
        width += printf(" %s", o->value);
    return width;
}

static void
print_help(const cli *c, const cli_usage *usage, const cli_option *options)
{
    printf("usage: %s %s [OPTION…]%s%s\n\n%s", c->program, c->command,
           usage->arguments[0] ? " " : "",
           usage->arguments, usage->help);
    fputs("\nOptions:\n", stdout);
    for (const cli_option *o = options; o->name != NULL; o++) {
        int width = print_option(o);
        if (width + 2 > HELP_COLUMN) {
            putchar('\n');
            width = 0;
        }
        /* a help text of several lines goes on in the same column */
        const char *line = o->help;
        for (;;) {
            const char *stop = strchr(line, '\n');
            size_t len = stop != NULL ? (size_t)(stop - line) : strlen(line);
            printf("%*s%.*s\n", HELP_COLUMN - width, "", (int)len, line);
            if (stop == NULL)
                break;
            line = stop + 1;
            width = 0;
        }
    }
    printf("  %-*sshow this text\n", HELP_COLUMN - 2, "-h, --help");
    if (usage->examples != NULL)
        printf("\nExamples:\n%s", usage->examples);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* What is being read. */
typedef struct reader {
    cli *c;
    const cli_option *options;
    int argc;
    char **argv;
    int at;
} reader;

static void
append(reader *r, cli_list *list, const char *item)
{
    if (list->items == NULL)
        list->items = cli_alloc(r->c, (size_t)r->argc * sizeof(*list->items));
    list->items[list->count++] = item;
}

static bool
read_number(reader *r, const cli_option *o, const char *text)
{
    char *end;
    errno = 0;
    double number = strtod(text, &end);
    if (end == text || *end != '\0' || errno != 0 || !(number >= o->least && number <= o->most)) {
        (void)cli_misuse(r->c, "--%s takes a number from %g to %g, not '%s'", o->name, o->least,
                         o->most, text);
        return false;
    }
    *(double *)o->target = number;
    return true;
}

static bool
read_choice(reader *r, const cli_option *o, const char *text)
{
    size_t len = strlen(text);
    const char *word = o->value;
    for (int number = 0; word != NULL; number++) {
        const char *stop = strchr(word, '|');
        size_t size = stop != NULL ? (size_t)(stop - word) : strlen(word);
        if (size == len && memcmp(word, text, len) == 0) {
            *(int *)o->target = number;
            return true;
        }
        word = stop != NULL ? stop + 1 : NULL;
    }
    (void)cli_misuse(r->c, "--%s takes one of %s, not '%s'", o->name, o->value, text);
    return false;
}

static bool
take(reader *r, const cli_option *o, const char *text)
{
    switch (o->kind) {
    case CLI_FLAG:
        *(bool *)o->target = true;
        return true;
    case CLI_TEXT:
        *(const char **)o->target = text;
        return true;
    case CLI_LIST:
        append(r, o->target, text);
        return true;
    case CLI_NUMBER:
        return read_number(r, o, text);
    case CLI_CHOICE:
        return read_choice(r, o, text);
    }
    return false;
}

/* "--name", "--name=value", "--name value". */
static bool
read_long(reader *r, const char *text)
{
    const char *equals = strchr(text, '=');
    size_t len = equals != NULL ? (size_t)(equals - text) : strlen(text);
    const cli_option *o = r->options;
    while (o->name != NULL && (strlen(o->name) != len || memcmp(o->name, text, len) != 0))
        o++;
    if (o->name == NULL) {
        const char *name = cli_format(r->c, "%.*s", (int)len, text);
        cli_nearest near = { name, NULL, 0 };
        for (o = r->options; o->name != NULL; o++)
            cli_nearest_offer(&near, o->name);
        (void)cli_misuse(r->c, "there is no option '--%s'%s%s%s", name,
                         near.best != NULL ? "; did you mean '--" : "",
                         near.best != NULL ? near.best : "", near.best != NULL ? "'?" : "");
        return false;
    }
    if (o->kind == CLI_FLAG) {
        if (equals != NULL) {
            (void)cli_misuse(r->c, "--%s takes no value", o->name);
            return false;
        }
        return take(r, o, NULL);
    }
    if (equals != NULL)
        return take(r, o, equals + 1);
    if (r->at + 1 >= r->argc) {
        (void)cli_misuse(r->c, "--%s needs a value: %s", o->name, o->value);
        return false;
    }
    return take(r, o, r->argv[++r->at]);
}

/* "-o value", "-ovalue", and flags one by one. */
static bool
read_short(reader *r, const char *text)
{
    const cli_option *o = r->options;
    while (o->name != NULL && (o->letter == 0 || o->letter != text[0]))
        o++;
    if (o->name == NULL || (o->kind == CLI_FLAG && text[1] != '\0')) {
        (void)cli_misuse(r->c, "there is no option '-%s'", text);
        return false;
    }
    if (o->kind == CLI_FLAG)
        return take(r, o, NULL);
    if (text[1] != '\0')
        return take(r, o, text + 1);
    if (r->at + 1 >= r->argc) {
        (void)cli_misuse(r->c, "-%c needs a value: %s", o->letter, o->value);
        return false;
    }
    return take(r, o, r->argv[++r->at]);
}

bool
cli_parse(cli *c, const cli_usage *usage, const cli_option *options, int argc, char **argv,
          cli_list *arguments, int *exit_code)
{
    reader r = { c, options, argc, argv, 1 };
    bool only_arguments = false;

    *exit_code = CLI_USAGE;
    for (; r.at < argc; r.at++) {
        const char *text = argv[r.at];
        if (only_arguments || text[0] != '-' || text[1] == '\0') {
            append(&r, arguments, text);
        } else if (strcmp(text, "--") == 0) {
            only_arguments = true;
        } else if (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0) {
            print_help(c, usage, options);
            *exit_code = CLI_DONE;
            return false;
        } else if (text[1] == '-' ? !read_long(&r, text + 2) : !read_short(&r, text + 1)) {
            return false;
        }
    }
    if (arguments->count < usage->least) {
        (void)cli_misuse(c, "%s is missing", usage->arguments);
        return false;
    }
    if (usage->most > 0 && arguments->count > usage->most) {
        (void)cli_misuse(c, "'%s' is one argument too many", arguments->items[usage->most]);
        return false;
    }
    return true;
}
