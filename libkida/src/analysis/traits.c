/* SPDX-License-Identifier: MIT */
/* traits.c - landmarks, roles and hashes of blocks. */
#include "analysis/facts.h"

#include <string.h>

static const char *const landmark_tags[] = { "nav", "main", "header", "footer", "aside", "article",
                                             "section" };

/* ---- landmarks ------------------------------------------------------------------------------ */

typedef struct scan {
    unsigned seen;    /* bit per landmark */
    bool emits;
    unsigned depth;
} scan;

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Whether text goes on with the name of a tag. */
static bool
names_tag(kida_str text, const char *tag)
{
    kida_str name = kida_str_from(tag);
    if (text.len < name.len)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (lower(text.ptr[i]) != name.ptr[i])
            return false;
    if (text.len == name.len)
        return true;
    char next = lower(text.ptr[name.len]);
    return !((next >= 'a' && next <= 'z') || (next >= '0' && next <= '9') || next == '-' ||
             next == '_');
}

static void
scan_text(scan *s, kida_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        s->emits = s->emits || (c != ' ' && c != '\t' && c != '\r' && c != '\n');
        if (c != '<')
            continue;
        kida_str rest = kd_str_sub(text, i + 1, text.len);
        for (size_t k = 0; k < KD_COUNT(landmark_tags); k++)
            if (names_tag(rest, landmark_tags[k]))
                s->seen |= 1u << k;
    }
}

static bool
scan_node(void *arg, kd_node *n)
{
    scan *s = arg;
    if (n->kind == KD_NODE_TEXT)
        scan_text(s, kida_as_str(n->value));
    else if (n->kind == KD_NODE_OUTPUT || n->kind == KD_NODE_TRANS || n->kind == KD_NODE_INCLUDE)
        s->emits = true;
    if (s->depth >= KD_WALK_MAX)
        return true;
    s->depth++;
    kd_node_children(n, scan_node, s);
    s->depth--;
    return true;
}

bool
kd_traits_landmarks(const kd_node *body, kida_pool *pool, kida_names *landmarks, bool *emits)
{
    scan s = { 0, false, 0 };
    for (const kd_node *n = body; n; n = n->next)
        scan_node(&s, (kd_node *)(uintptr_t)n);
    *emits = s.emits;
    landmarks->items = NULL;
    landmarks->count = 0;
    if (s.seen == 0)
        return true;
    kida_str *items = kd_arena_array(pool, KD_COUNT(landmark_tags), sizeof *items);
    if (!items)
        return false;
    for (size_t k = 0; k < KD_COUNT(landmark_tags); k++)
        if (s.seen & 1u << k)
            items[landmarks->count++] = kida_str_from(landmark_tags[k]);
    landmarks->items = items;
    return true;
}

/* ---- roles ---------------------------------------------------------------------------------- */

/* A role, the one landmark that decides for it, and the block names that suggest it. */
static const struct {
    const char *role;
    const char *landmark;
    const char *names[9];
} roles[] = {
    { "navigation", "nav", { "nav", "navigation", "menu", "navbar", "topnav", "sidenav" } },
    { "content", "main", { "content", "main", "body", "article", "post", "entry" } },
    { "sidebar", "aside", { "sidebar", "aside", "toc", "left", "right" } },
    { "header", "header", { "header", "head", "masthead", "banner", "hero" } },
    { "footer", "footer", { "footer", "foot", "colophon", "bottom" } },
};

const char *
kd_traits_role(kida_str name, const kida_names *landmarks)
{
    for (size_t i = 0; landmarks->count == 1 && i < KD_COUNT(roles); i++)
        if (kida_str_equal(landmarks->items[0], kida_str_from(roles[i].landmark)))
            return roles[i].role;
    for (size_t i = 0; i < KD_COUNT(roles); i++)
        for (size_t k = 0; roles[i].names[k]; k++)
            if (kida_str_equal(name, kida_str_from(roles[i].names[k])))
                return roles[i].role;
    return "unknown";
}

/* ---- hashes --------------------------------------------------------------------------------- */

typedef struct digest {
    uint64_t sum;
    unsigned depth;
} digest;

static void
mix(digest *d, const void *data, size_t len)
{
    const unsigned char *p = data;
    for (size_t i = 0; i < len; i++)
        d->sum = (d->sum ^ p[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
    d->sum = (d->sum ^ len) * UINT64_C(0x100000001b3);
}

static bool
mix_node(void *arg, kd_node *n)
{
    digest *d = arg;
    const unsigned char head[] = { n->kind, (unsigned char)n->op, (unsigned char)(n->flags & 0xff),
                                   (unsigned char)(n->flags >> 8 & 0x3f) };
    mix(d, head, sizeof head);
    mix(d, n->name.ptr, n->name.len);
    kida_str text = kida_as_str(n->value);
    if (text.len)
        mix(d, text.ptr, text.len);
    else if (kd_is(n->value, KIDA_FLOAT))
        mix(d, &n->value.u_.d, sizeof n->value.u_.d);
    else
        mix(d, &(int64_t){ kida_as_int(n->value) }, sizeof(int64_t));
    if (d->depth >= KD_WALK_MAX)
        return true;
    d->depth++;
    kd_node *const lists[] = { n->a, n->b, n->c, n->d, n->e };
    for (unsigned char i = 0; i < KD_COUNT(lists); i++) {
        mix(d, &i, 1);
        for (kd_node *child = lists[i]; child; child = child->next)
            mix_node(d, child);
    }
    d->depth--;
    return true;
}

uint64_t
kd_traits_hash(const kd_node *node)
{
    digest d = { UINT64_C(0xcbf29ce484222325), 0 };
    mix_node(&d, (kd_node *)(uintptr_t)node);
    return d.sum;
}
