/* SPDX-License-Identifier: MIT */
/* terminal.c - the terminal surface: all that an environment with it has beside the standard
 * things. */
#include <unistd.h>

#include "builtins.h"
#include "components.h"
#include "terminal.h"

#define DEFAULT_COLUMNS 80
#define DEFAULT_ROWS 24

static kd_terminal
terminal_of(const kida_config *config)
{
    int depth = config->terminal_color;

    return (kd_terminal){
        .depth = depth < 0 ? KD_MONO : depth > 3 ? KD_TRUECOLOR : (kd_depth)depth,
        .unicode = config->terminal_unicode,
        .ambiguous = config->terminal_ambiguous_width == 2 ? 2 : 1,
        .columns = config->terminal_width > 0 ? config->terminal_width : DEFAULT_COLUMNS,
        .rows = config->terminal_height > 0 ? config->terminal_height : DEFAULT_ROWS,
        .tty = isatty(STDOUT_FILENO) != 0,
    };
}

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
    kd_terminal *terminal = kd_new_for_env(env, sizeof(*terminal), err);
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
