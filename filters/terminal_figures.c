/* SPDX-License-Identifier: MIT */
/* terminal_figures.c - table and tree: figures of many lines drawn with the pieces of a border. */
#include "build.h"
#include "grid.h"
#include "terminal.h"
#include "text.h"

#define TREE_DEPTH_MAX 100

/* ---- table ----------------------------------------------------------------------------------- */

typedef struct column {
    int64_t width;
    kd_align align;
} column;

typedef struct drawing {
    const kd_terminal *terminal;
    const kd_border *border;
    column *columns;
    size_t count;
    kida_buf *out;
} drawing;

static void
put_piece(const drawing *d, int piece)
{
    kida_buf_put(d->out, kida_str_from(d->border->pieces[piece]));
}

static void
put_rule(const drawing *d, int left, int between, int right)
{
    put_piece(d, left);
    for (size_t i = 0; i < d->count; i++) {
        if (i > 0)
            put_piece(d, between);
        kd_put_times(d->out, kida_str_from(d->border->pieces[KD_H]), d->columns[i].width + 2);
    }
    put_piece(d, right);
}

static void
put_cells(const drawing *d, const kida_value *cells, size_t count)
{
    for (size_t i = 0; i < d->count; i++) {
        kida_str text = i < count ? kida_as_str(cells[i]) : KIDA_S("");
        put_piece(d, KD_V);
        kida_buf_byte(d->out, ' ');
        kd_put_padded(d->terminal, d->out, text, d->columns[i].width, d->columns[i].align,
                      KIDA_S(" "));
        kida_buf_byte(d->out, ' ');
    }
    put_piece(d, KD_V);
    kida_buf_byte(d->out, '\n');
}

/* Turns cells into their texts and widens the columns for them. */
static kida_status
measure(kida_call *call, drawing *d, kida_value *cells, size_t count)
{
    kida_status st = kida_spend(call, count);

    for (size_t i = 0; i < count && i < d->count && st == KIDA_OK; i++) {
        kida_str text;
        st = kd_shown(call, cells[i], &text);
        if (st != KIDA_OK)
            break;
        cells[i] = kida_string(text);
        int64_t width = (int64_t)kd_display_width(d->terminal, text);
        if (width > d->columns[i].width)
            d->columns[i].width = width;
    }
    return st;
}

/* Narrows all columns by the same share if together they are too wide. */
static void
fit(drawing *d, int64_t max_width)
{
    int64_t total = 0;
    int64_t frame = 3 * (int64_t)d->count + 1;
    int64_t available = max_width > INT64_MIN + frame ? max_width - frame : INT64_MIN;

    for (size_t i = 0; i < d->count; i++)
        total += d->columns[i].width;
    if (total <= available)
        return;
    for (size_t i = 0; i < d->count; i++) {
        double share = (double)d->columns[i].width * (double)available / (double)total;
        d->columns[i].width = share < 1.0 ? 1 : (int64_t)share;
    }
}

static kida_status
set_up_columns(kida_call *call, drawing *d, const kd_grid *grid)
{
    kida_value align = kida_arg(call, 2);
    kida_value wish = kd_nothing();
    kida_status st = KIDA_OK;

    d->columns = kd_new_array(call, grid->column_count, sizeof(*d->columns));
    if (d->columns == NULL)
        return KIDA_E_LIMIT_MEMORY;
    d->count = grid->column_count;
    for (size_t i = 0; i < d->count && st == KIDA_OK; i++) {
        d->columns[i] = (column){ 0, KD_LEFT };
        if (kida_kind_of(align) == KIDA_DICT) {
            st = kida_dict_find(call, align, grid->columns[i], &wish);
            if (!kd_is_end(wish))
                d->columns[i].align = kd_align_of(wish);
        }
    }
    if (st == KIDA_OK)
        st = measure(call, d, grid->columns, grid->column_count);
    for (size_t i = 0; i < grid->row_count && st == KIDA_OK; i++)
        st = measure(call, d, grid->rows[i].cells, grid->rows[i].count);
    if (st == KIDA_OK && kida_kind_of(kida_arg(call, 3)) != KIDA_NONE)
        fit(d, kida_arg_int(call, 3));
    return st;
}

static kida_status
f_table(kida_call *call, kida_value self, kida_value *out)
{
    kd_grid grid;
    kida_buf buf;
    drawing d = { .terminal = kd_terminal_of(call), .out = &buf };
    kida_status st = kd_grid_make(call, self, kida_arg(call, 0), &grid);

    kida_buf_init(&buf, call);
    if (st != KIDA_OK || grid.row_count == 0)
        return kd_finish_styled(st, &buf, out);
    d.border = kd_border_of(d.terminal, kida_as_str(kida_arg(call, 1)));
    if (d.border == NULL)
        d.border = kd_border_of(d.terminal, KIDA_S("light"));
    st = set_up_columns(call, &d, &grid);
    if (st != KIDA_OK)
        return st;

    put_rule(&d, KD_TL, KD_TJ, KD_TR);
    kida_buf_byte(&buf, '\n');
    put_cells(&d, grid.columns, grid.column_count);
    put_rule(&d, KD_LJ, KD_CROSS, KD_RJ);
    kida_buf_byte(&buf, '\n');
    for (size_t i = 0; i < grid.row_count && kida_buf_status(&buf) == KIDA_OK; i++)
        put_cells(&d, grid.rows[i].cells, grid.rows[i].count);
    put_rule(&d, KD_BL, KD_BJ, KD_BR);
    return kd_finish_styled(KIDA_OK, &buf, out);
}

static const kida_param table_params[] = {
    { "headers", KIDA_IN_ANY, "none" },
    { "border", KIDA_IN_ANY, "'light'" },
    { "align", KIDA_IN_ANY, "none" },
    { "max_width", KIDA_IN_INT | KIDA_IN_NONE, "none" },
    { 0 },
};

/* ---- tree ------------------------------------------------------------------------------------ */

typedef struct tree {
    kida_call *call;
    kida_buf *out;
    bool unicode;
    int64_t indent;
    bool ended[TREE_DEPTH_MAX]; /* by level: whether the branch that leads down is the last one */
} tree;

static void
put_branch(tree *t, size_t depth, bool last)
{
    for (size_t i = 0; i < depth; i++) {
        if (t->ended[i])
            kida_buf_byte(t->out, ' ');
        else
            kida_buf_put(t->out, t->unicode ? KIDA_S("│") : KIDA_S("|"));
        kd_put_times(t->out, KIDA_S(" "), t->indent);
    }
    if (t->unicode)
        kida_buf_put(t->out, last ? KIDA_S("└") : KIDA_S("├"));
    else
        kida_buf_byte(t->out, last ? '\\' : '|');
    kd_put_times(t->out, t->unicode ? KIDA_S("─") : KIDA_S("-"), t->indent - 1);
    kida_buf_byte(t->out, ' ');
}

/* Dicts may hold themselves: the depth is bounded. */
static kida_status
put_level(tree *t, kida_value dict, size_t depth)
{
    size_t count = kida_length(dict);
    kida_value key, item;
    kida_status st = kida_spend(t->call, count);

    if (depth == TREE_DEPTH_MAX)
        return kida_fail(t->call, KIDA_E_LIMIT_DEPTH, "tree() goes at most %d levels down",
                         TREE_DEPTH_MAX);
    for (size_t i = 0; st == KIDA_OK && kida_dict_entry(dict, i, &key, &item); i++) {
        bool last = i + 1 == count;
        if (kida_buf_str(t->out).len > 0)
            kida_buf_byte(t->out, '\n');
        put_branch(t, depth, last);
        st = kd_put_shown(t->call, t->out, key);
        t->ended[depth] = last;
        if (st == KIDA_OK && kida_kind_of(item) == KIDA_DICT && kida_length(item) > 0)
            st = put_level(t, item, depth + 1);
    }
    return st;
}

static kida_status
f_tree(kida_call *call, kida_value self, kida_value *out)
{
    kida_buf buf;
    tree t = { .call = call, .out = &buf, .unicode = kd_terminal_of(call)->unicode,
               .indent = kida_arg_int(call, 0) };

    kida_buf_init(&buf, call);
    if (kida_kind_of(self) != KIDA_DICT)
        return kd_finish_styled(kd_put_shown(call, &buf, self), &buf, out);
    return kd_finish_styled(put_level(&t, self, 0), &buf, out);
}

static const kida_param tree_params[] = { { "indent", KIDA_IN_INT, "2" }, { 0 } };

const kida_filter kd_filters_figures[] = {
    { "table", f_table, table_params, 0, "a table of dicts or of sequences" },
    { "tree", f_tree, tree_params, 0, "the keys of nested dicts as a tree" },
};
const size_t kd_filters_figures_count = sizeof(kd_filters_figures) / sizeof(kd_filters_figures[0]);
