/* SPDX-License-Identifier: MIT */
/* terminal.c - the terminal surface: what the terminal can do, and all that an environment with
 * this surface has beside the standard things. */
#define _GNU_SOURCE /* strcasestr */
#include "components.h"
#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEFAULT_COLUMNS 80
#define DEFAULT_ROWS 24

/* ---- what the terminal can do ------------------------------------------------------------------ */

static bool
says(const char *variable, const char *word)
{
    const char *value = getenv(variable);
    return value != NULL && strstr(value, word) != NULL;
}

static kd_depth
detect_depth(void)
{
    const char *kind = getenv("COLORTERM");

    if (getenv("NO_COLOR") != NULL)
        return KD_MONO;
    if (getenv("FORCE_COLOR") != NULL)
        return KD_BASIC;
    if (kind != NULL && (strcmp(kind, "truecolor") == 0 || strcmp(kind, "24bit") == 0))
        return KD_TRUECOLOR;
    if (says("TERM", "256color"))
        return KD_PALETTE;
    return isatty(STDOUT_FILENO) ? KD_BASIC : KD_MONO;
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
read_size(int64_t *columns, int64_t *rows)
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
    int64_t columns = DEFAULT_COLUMNS, rows = DEFAULT_ROWS;

    read_size(&columns, &rows);
    config->terminal_color = (int)detect_depth();
    config->terminal_width = (int)columns;
    config->terminal_unicode = lang != NULL && strcasestr(lang, "utf") != NULL;
    config->terminal_ambiguous_width = draws_wide() ? 2 : 1;
}

static kd_terminal
terminal_of(const kida_config *config)
{
    int64_t columns = DEFAULT_COLUMNS, rows = DEFAULT_ROWS;
    int depth = config->terminal_color;
    bool tty = isatty(STDOUT_FILENO) != 0;

    if (tty)
        read_size(&columns, &rows);
    return (kd_terminal){
        .depth = depth < 0 ? KD_MONO : depth > 3 ? KD_TRUECOLOR : (kd_depth)depth,
        .unicode = config->terminal_unicode,
        .ambiguous = config->terminal_ambiguous_width == 2 ? 2 : 1,
        .columns = config->terminal_width > 0 ? config->terminal_width : columns,
        .rows = rows,
        .tty = tty,
    };
}

/* ---- installing ------------------------------------------------------------------------------ */

static kida_status
f_output(kida_call *call, kida_value self, kida_value *out)
{
    kida_buf buf;

    if (kida_is_styled(self)) {
        *out = self;
        return KIDA_OK;
    }
    kida_buf_init(&buf, call);
    return kd_finish_styled(kd_put_shown(call, &buf, self), &buf, out);
}

/* What output applies; templates can't write its name. */
static const kida_filter output_filters[] = {
    { "|terminal_escape", f_output, NULL, KIDA_PURE, "as output shows it" },
};
static const size_t output_count = 1;

static const struct {
    const kida_filter *table;
    const size_t *count;
} families[] = {
    { output_filters, &output_count },
    { kd_filters_colour, &kd_filters_colour_count },
    { kd_filters_layout, &kd_filters_layout_count },
    { kd_filters_terminal_wrap, &kd_filters_terminal_wrap_count },
    { kd_filters_figures, &kd_filters_figures_count },
    { kd_filters_diff, &kd_filters_diff_count },
    { kd_filters_syntax, &kd_filters_syntax_count },
};

kida_status
kd_terminal_install(kida_env *env, kida_error *err)
{
    kd_terminal *terminal = kida_pool_alloc(kida_env_pool(env), sizeof(*terminal));
    if (terminal == NULL)
        return KIDA_E_NOMEM;

    *terminal = terminal_of(kida_env_config(env));
    kida_status st = kd_terminal_add_paints(env, terminal, err);
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        for (size_t row = 0; row < *families[i].count && st == KIDA_OK; row++)
            st = kida_env_add_filter(env, &families[i].table[row], terminal, NULL, err);
    }
    if (st == KIDA_OK)
        st = kd_terminal_add_globals(env, terminal, err);
    return st == KIDA_OK ? kd_add_components(env, &kd_terminal_components, err) : st;
}
