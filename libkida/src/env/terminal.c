/* SPDX-License-Identifier: MIT */
/* terminal.c - what the terminal on standard output can do, for the settings of that surface. */
#define _GNU_SOURCE /* strcasestr */
#include <kida/env.h>

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Values of kida_config.terminal_color. */
enum { NO_COLOURS, BASIC, PALETTE, TRUE_COLOUR };

static bool
says(const char *variable, const char *word)
{
    const char *value = getenv(variable);
    return value != NULL && strstr(value, word) != NULL;
}

static int
detect_depth(void)
{
    const char *kind = getenv("COLORTERM");

    if (getenv("NO_COLOR") != NULL)
        return NO_COLOURS;
    if (getenv("FORCE_COLOR") != NULL)
        return BASIC;
    if (kind != NULL && (strcmp(kind, "truecolor") == 0 || strcmp(kind, "24bit") == 0))
        return TRUE_COLOUR;
    if (says("TERM", "256color"))
        return PALETTE;
    return isatty(STDOUT_FILENO) ? BASIC : NO_COLOURS;
}

/* Whether the first of two variables that is set begins with the tag of a language whose fonts draw
 * ambiguous characters wide. */
static bool
draws_wide(void)
{
    static const char *const tags[] = { "ja", "ko", "zh" };
    const char *lang = getenv("LANG");

    if (lang == NULL || lang[0] == '\0')
        lang = getenv("LC_ALL");
    for (size_t i = 0; lang != NULL && i < sizeof(tags) / sizeof(tags[0]); i++) {
        if (strncmp(lang, tags[i], 2) == 0)
            return true;
    }
    return false;
}

/* Columns and rows of the terminal on standard output; what is not known stays as it is. */
static void
read_size(int *columns, int *rows)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return;
    if (size.ws_col > 0)
        *columns = size.ws_col;
    if (size.ws_row > 0)
        *rows = size.ws_row;
}

void
kida_config_detect_terminal(kida_config *config)
{
    const char *lang = getenv("LANG");

    config->terminal_color = detect_depth();
    config->terminal_width = 80;
    config->terminal_height = 24;
    read_size(&config->terminal_width, &config->terminal_height);
    config->terminal_unicode = lang != NULL && strcasestr(lang, "utf") != NULL;
    config->terminal_ambiguous_width = draws_wide() ? 2 : 1;
}
