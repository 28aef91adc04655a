/* SPDX-License-Identifier: MIT */
/* components.c - templates that come with a surface. They are written with the default delimiters,
 * which are exchanged for those of the environment, and don't depend on how it trims. */
#include "components.h"

#include <string.h>

#include "builtins.h"

/* Lines of the body of a call, without the empty one behind the last break. */
#define BODY_LINES                                                                                \
    "{%- set lines = (caller() | string).split('\\n') -%}"                                        \
    "{%- if lines[-1] == '' -%}{%- set _ = lines.pop() -%}{%- end -%}"

/* The halves of a body, parted by three bars. */
#define BODY_HALVES                                                                               \
    "{%- set halves = (caller() | string).split('|||', 1) -%}"                                    \
    "{%- set left = halves[0].strip() -%}"                                                        \
    "{%- set right = halves[1].strip() if halves | length > 1 else '' -%}"

/* Lines of two lists side by side. */
#define SIDE_BY_SIDE(left, right)                                                                 \
    "{%- for i in range(max(len(ls), len(rs))) -%}"                                               \
    "{{- (ls[i] if i < len(ls) else '')" left " -}}{{- sep -}}"                                   \
    "{{- (rs[i] if i < len(rs) else '')" right " -}}{{- '\\n' -}}"                                \
    "{%- end -%}"

static const char *const terminal_parts[] = {
    "{%- let borders = box -%}\n",

    "{%- def row(content, width, border='│') -%}"
    "{{- border ~ ' ' -}}{{- content | pad(width - 4) -}}{{- ' ' ~ border -}}"
    "{%- end -%}\n",

    "{%- def cols(cells, sep=' ') -%}{%- for cell in cells -%}"
    "{{- '' if loop.first else sep -}}"
    "{{- cell[0] | pad(cell[1], cell[2] if cell | length > 2 else 'left') -}}"
    "{%- end -%}{%- end -%}\n",

    "{%- def rule(width, title='', char='─') -%}{{- hr(width, char, title) -}}{%- end -%}\n",

    "{%- def _edge(b, left, right, width) -%}"
    "{{- b[left] ~ b['h'] * (width - 2) ~ b[right] -}}{%- end -%}\n",

    "{%- def _line(b, text, width, padding) -%}"
    "{%- let room = width - 2 - 2 * padding -%}"
    "{{- b['v'] ~ ' ' * padding -}}{{- text | truncate(room) | pad(room) -}}"
    "{{- ' ' * padding ~ b['v'] -}}{%- end -%}\n",

    "{%- def box(title='', width=0, style='round', padding=1) -%}" BODY_LINES
    "{%- set w = width or columns -%}{%- set b = borders[style] -%}"
    "{{- _edge(b, 'tl', 'tr', w) -}}{{- '\\n' -}}"
    "{%- if title -%}{{- _line(b, title | bold, w, padding) -}}{{- '\\n' -}}"
    "{{- _edge(b, 'lj', 'rj', w) -}}{{- '\\n' -}}{%- end -%}"
    "{%- for line in lines -%}{{- _line(b, line, w, padding) -}}{{- '\\n' -}}{%- end -%}"
    "{{- _edge(b, 'bl', 'br', w) -}}{{- '\\n' -}}{%- end -%}\n",

    "{%- def panel(title='', width=0, style='round', padding=1) -%}" BODY_LINES
    "{%- if lines and not lines[-1].strip() -%}{%- set _ = lines.pop() -%}{%- end -%}"
    "{%- set w = width or columns -%}{%- set b = borders[style] -%}"
    "{%- if title -%}{%- set name = title | string | truncate(max(w - 5, 0)) -%}"
    "{%- set edge = b['tl'] ~ b['h'] ~ ' ' ~ (name | bold | cyan) ~ ' ' -%}"
    "{{- edge | pad(w - 1, fill=b['h']) -}}{{- b['tr'] -}}"
    "{%- else -%}{{- _edge(b, 'tl', 'tr', w) -}}{%- end -%}{{- '\\n' -}}"
    "{%- for line in lines -%}{{- _line(b, line, w, padding) -}}{{- '\\n' -}}{%- end -%}"
    "{{- _edge(b, 'bl', 'br', w) -}}{%- end -%}\n",

    "{%- def _framed(text, width, style) -%}"
    "{%- set lines = text.split('\\n') -%}"
    "{%- if lines[-1] == '' -%}{%- set _ = lines.pop() -%}{%- end -%}"
    "{%- set w = width or columns -%}{%- set b = borders[style] -%}"
    "{{- _edge(b, 'tl', 'tr', w) -}}{{- '\\n' -}}"
    "{%- for line in lines -%}{{- _line(b, line, w, 1) -}}{{- '\\n' -}}{%- end -%}"
    "{{- _edge(b, 'bl', 'br', w) -}}{%- end -%}\n",

    "{%- def header(width=0, style='double') -%}"
    "{{- _framed(caller() | string, width, style) -}}{%- end -%}\n"
    "{%- def footer(width=0, style='heavy') -%}"
    "{{- _framed(caller() | string, width, style) -}}{%- end -%}\n",

    "{%- def connector(indent=2) -%}{{- ' ' * indent ~ borders.light.v -}}{%- end -%}\n",

    "{%- def banner(text, width=0, char='═', padding=1) -%}{%- set w = width or columns -%}"
    "{{- char * w -}}{{- '\\n' ~ char ~ ' ' * padding -}}"
    "{{- text | bold | pad(w - 4 - 2 * padding) -}}"
    "{{- ' ' * padding ~ char ~ '\\n' -}}{{- char * w -}}{{- '\\n' -}}{%- end -%}\n",

    "{%- def two_col(left_width=0, sep=' │ ') -%}" BODY_HALVES
    "{%- set lw = left_width or columns // 2 -%}"
    "{%- set rw = max(columns - lw - len(sep), 1) -%}"
    "{%- set ls = (left | wrap(lw)).split('\\n') -%}"
    "{%- set rs = (right | wrap(rw)).split('\\n') -%}"
    SIDE_BY_SIDE(" | pad(lw)", "") "{%- end -%}\n",

    "{%- def stack(threshold=60, sep=' │ ') -%}" BODY_HALVES
    "{%- if columns >= threshold and right -%}"
    "{%- set lw = columns // 2 -%}{%- set rw = max(columns - lw - len(sep), 0) -%}"
    "{%- set ls = left.split('\\n') -%}{%- set rs = right.split('\\n') -%}"
    SIDE_BY_SIDE(" | truncate(lw) | pad(lw)", " | truncate(rw)")
    "{%- else -%}{{- left -}}{{- '\\n' -}}"
    "{%- if right -%}{{- right -}}{{- '\\n' -}}{%- end -%}{%- end -%}{%- end -%}\n",

    "{%- def _coloured(text, color) -%}"
    "{%- if color == 'dim' -%}{{- text | dim -}}{%- elif color == 'bold' -%}{{- text | bold -}}"
    "{%- elif color in ['red', 'green', 'blue', 'yellow', 'magenta'] -%}{{- text | fg(color) -}}"
    "{%- else -%}{{- text | cyan -}}{%- end -%}{%- end -%}\n",

    "{%- def dl(items, label_width=20, sep=' : ', color='cyan') -%}{{- '\\n' -}}"
    "{%- for label, value in items -%}"
    "{{- _coloured(label, color) | pad(label_width, 'right') -}}"
    "{{- sep -}}{{- value -}}{{- '\\n' -}}{%- end -%}{%- end -%}\n",
    NULL,
};

static const char *const markdown_parts[] = {
    "{%- def section(title, level=2) -%}{{- '\\n' -}}"
    "{%- if level == 1 -%}{{- title | h1 -}}{%- elif level == 2 -%}{{- title | h2 -}}"
    "{%- elif level == 3 -%}{{- title | h3 -}}{%- else -%}{{- title | h4 -}}{%- end -%}"
    "{{- '\\n\\n' -}}{{- caller() -}}{{- '\\n' -}}{%- end -%}\n",

    "{%- def metric(label, value, unit='') -%}{{- '\\n' -}}{{- label | bold -}}{{- ': ' -}}"
    "{{- value -}}{%- if unit -%}{{- ' ' -}}{{- unit -}}{%- end -%}{{- '\\n' -}}{%- end -%}\n",

    "{%- def file_list(files) -%}{{- '\\n' -}}{%- for file in files -%}"
    "- {{ file | code -}}{{- '\\n' -}}{%- end -%}{{- '\\n' -}}{%- end -%}\n",

    "{%- def collapsible(summary='Details') -%}{{- '\\n' -}}"
    "{{- caller() | details(summary) -}}{{- '\\n' -}}{%- end -%}\n",
    NULL,
};

const kd_components kd_terminal_components = { KIDA_S_INIT("components.txt"), terminal_parts };
const kd_components kd_markdown_components = { KIDA_S_INIT("components.md"), markdown_parts };

/* ---- loading --------------------------------------------------------------------------------- */

typedef struct shelf {
    const kida_env *env;
    const kd_components *components;
} shelf;

/* Appends text with the delimiters of the environment. */
static void
put_source(kida_buf *buf, kida_str text, const kida_config *config)
{
    const struct {
        char mark[2];
        kida_str delimiter;
    } marks[] = {
        { { '{', '{' }, config->variable_start },
        { { '}', '}' }, config->variable_end },
        { { '{', '%' }, config->block_start },
        { { '%', '}' }, config->block_end },
    };

    for (size_t i = 0; i < text.len; i++) {
        size_t found = 0;
        while (found < 4 && (text.len - i < 2 || memcmp(text.ptr + i, marks[found].mark, 2) != 0))
            found++;
        if (found < 4) {
            kida_buf_put(buf, marks[found].delimiter);
            i++;
        } else {
            kida_buf_byte(buf, text.ptr[i]);
        }
    }
}

static kida_status
load(void *user, kida_str name, const kida_allocator *allocator, kida_source *out,
     kida_error *err)
{
    const shelf *s = user;
    kida_buf buf;

    (void)err;
    if (!kida_str_equal(name, s->components->name))
        return KIDA_E_NOT_FOUND;
    kida_buf_init_heap(&buf, allocator, SIZE_MAX);
    for (size_t i = 0; s->components->parts[i] != NULL; i++)
        put_source(&buf, kida_str_from(s->components->parts[i]), kida_env_config(s->env));
    kida_str text = kida_buf_str(&buf);
    char *copy = kida_buf_status(&buf) == KIDA_OK
                     ? allocator->alloc(allocator->user, NULL, 0, text.len)
                     : NULL;
    if (copy != NULL) {
        memcpy(copy, text.ptr, text.len);
        out->text = (kida_str){ copy, text.len };
        out->version = 1;
    }
    kida_buf_free(&buf);
    return copy != NULL ? KIDA_OK : KIDA_E_NOMEM;
}

/* They never change. */
static kida_status
version(void *user, kida_str name, uint64_t *out)
{
    const shelf *s = user;
    *out = 1;
    return kida_str_equal(name, s->components->name) ? KIDA_OK : KIDA_E_NOT_FOUND;
}

kida_status
kd_add_components(kida_env *env, const kd_components *components, kida_error *err)
{
    shelf *s = kd_new_for_env(env, sizeof(*s), err);
    if (s == NULL)
        return KIDA_E_NOMEM;

    *s = (shelf){ env, components };
    const kida_loader loader = { .load = load, .version = version, .user = s };
    return kida_env_add_last_loader(env, &loader, err);
}
