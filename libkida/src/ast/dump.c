/* SPDX-License-Identifier: MIT */
/*
 * dump.c - the tree as indented text: one node a line, with the member that holds it, its name,
 * operator, flags, value and place. Recursive as deep as the tree, which the parser bounds.
 */
#include "ast/node.h"
#include "memory/num.h"

static const char *const members[KD_NODE_COUNT][4] = {
#define KD_NODE(kind, name, a, b, c, d) { a, b, c, d },
#include "ast/node.def"
#undef KD_NODE
};

static const char *const flags[] = {
    "safe",   "arrow",    "paren",          "not",             "inclusive",    "async",
    "??",     "*",        "**",             "yield",           "fragment",     "ignore missing",
    "without context",    "with context",   "unified end",     "let",
};

static void
put_c(kida_buf *out, const char *text)
{
    kida_buf_put(out, kida_str_from(text));
}

static void
put_quoted(kida_buf *out, kida_str text)
{
    kida_buf_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\n') {
            put_c(out, "\\n");
        } else {
            if (c == '"' || c == '\\')
                kida_buf_byte(out, '\\');
            kida_buf_byte(out, c);
        }
    }
    kida_buf_byte(out, '"');
}

static void
put_value(kida_buf *out, kida_value v)
{
    if (kd_is(v, KIDA_STRING)) {
        put_quoted(out, kida_as_str(v));
    } else if (kd_is(v, KIDA_INT)) {
        kida_buf_int(out, kida_as_int(v));
    } else if (kd_is(v, KIDA_FLOAT)) {
        char text[KD_FLOAT_TEXT_MAX];
        kida_str number = { text, kd_float_text(kida_as_float(v), text) };
        kida_buf_put(out, number);
    } else if (kd_is(v, KIDA_BOOL)) {
        put_c(out, kida_as_int(v) != 0 ? "true" : "false");
    } else if (kd_is(v, KIDA_NONE)) {
        put_c(out, "none");
    } else {
        put_c(out, "bigint");
    }
}

static void
put_node_value(kida_buf *out, kida_value v)
{
    kida_buf_byte(out, ' ');
    if (!kd_is(v, KIDA_TUPLE)) {
        put_value(out, v);
        return;
    }
    kida_buf_byte(out, '(');
    for (size_t i = 0; i < kd_tuple_count(v); i++) {
        if (i > 0)
            put_c(out, ", ");
        put_value(out, kd_tuple_items(v)[i]);
    }
    kida_buf_byte(out, ')');
}

static void
put_place(kida_buf *out, kd_place place)
{
    put_c(out, " @");
    kida_buf_int(out, place.line);
    kida_buf_byte(out, ':');
    kida_buf_int(out, place.column);
    if (place.end > 0) {
        kida_buf_byte(out, '-');
        kida_buf_int(out, place.end);
    }
}

static void
put_node(kida_buf *out, const kd_node *node, const char *member, unsigned depth)
{
    kida_buf_fill(out, ' ', depth * 2u);
    if (member != NULL) {
        put_c(out, member);
        kida_buf_byte(out, ' ');
    }
    put_c(out, kd_node_name((kd_node_kind)node->kind));
    if (node->name.len > 0) {
        kida_buf_byte(out, ' ');
        kida_buf_put(out, node->name);
    }
    if (node->op != 0) {
        kida_buf_byte(out, ' ');
        kida_buf_byte(out, node->op);
    }
    for (unsigned bit = 0; bit < sizeof(flags) / sizeof(flags[0]); bit++) {
        if (node->flags & 1u << bit) {
            put_c(out, " [");
            put_c(out, flags[bit]);
            kida_buf_byte(out, ']');
        }
    }
    if (!kd_is_absent(node->value))
        put_node_value(out, node->value);
    put_place(out, node->place);
    kida_buf_byte(out, '\n');

    const kd_node *const lists[] = { node->a, node->b, node->c, node->d, node->e };
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        for (const kd_node *child = lists[i]; child != NULL; child = child->next)
            put_node(out, child, i < 4 ? members[node->kind][i] : "else", depth + 1);
    }
}

void
kd_tree_dump(const kd_tree *tree, kida_buf *out)
{
    for (const kd_node *node = tree->body; node != NULL; node = node->next)
        put_node(out, node, NULL, 0);
}
