/* SPDX-License-Identifier: MIT */
/* audit.c - K-ESC: where output is escaped and where not; K-PRI: secrets that a page may show. */
#include "analysis/report.h"

#include "analysis/paths.h"

/* ---- finding a filter in an output ---------------------------------------------------------- */

typedef struct seek {
    const char *const *names;
    size_t count;
    const kd_node *found;
    unsigned depth;
} seek;

static bool
seek_filter(void *arg, kd_node *n)
{
    seek *s = arg;
    if (n->kind == KD_NODE_FILTER && kd_is_among(n->name, s->names, s->count))
        s->found = n;
    if (s->found || s->depth >= KD_WALK_MAX)
        return false;
    s->depth++;
    kd_node_children(n, seek_filter, s);
    s->depth--;
    return !s->found;
}

static const kd_node *
filter_in(const kd_node *e, const char *name)
{
    seek s = { &name, 1, NULL, 0 };
    seek_filter(&s, (kd_node *)(uintptr_t)e);
    return s.found;
}

/* ---- K-ESC ---------------------------------------------------------------------------------- */

static void
look_safe(kd_report *r, const kd_node *safe)
{
    kida_str reason;
    for (const kd_node *arg = safe->b; arg; arg = arg->next) {
        if (kida_str_equal(arg->name, KIDA_S("reason")) && kd_literal(arg->a, &reason)) {
            kd_find(r, KIDA_E_ESCAPE_SAFE, KIDA_SEVERITY_WARNING, "escape/safe", safe->place,
                    "look whether the reason still holds", "'safe' switches escaping off: '%.*s'",
                    (int)(reason.len < 200 ? reason.len : 200), reason.ptr);
            return;
        }
    }
    kd_find(r, KIDA_E_ESCAPE_SAFE, KIDA_SEVERITY_WARNING, "escape/safe", safe->place,
            "say why: safe(reason='\xe2\x80\xa6')", "'safe' switches escaping off");
}

typedef struct auditor {
    kd_report *r;
    void (*look)(kd_report *r, const kd_node *n);
    unsigned depth;
} auditor;

static bool
audit(void *arg, kd_node *n)
{
    auditor *a = arg;
    a->look(a->r, n);
    if (a->r->failed || a->depth >= KD_WALK_MAX)
        return false;
    a->depth++;
    kd_node_children(n, audit, a);
    a->depth--;
    return !a->r->failed;
}

static void
audit_all(kd_report *r, void (*look)(kd_report *r, const kd_node *n))
{
    auditor a = { r, look, 0 };
    for (kd_node *n = r->tree->body; n && !r->failed; n = n->next)
        audit(&a, n);
}

static void
look_output(kd_report *r, const kd_node *n)
{
    if (n->kind != KD_NODE_OUTPUT)
        return;
    const kd_node *safe = filter_in(n->a, "safe"), *json = filter_in(n->a, "tojson"),
                  *attr = filter_in(n->a, "xmlattr");
    if (r->escape == KIDA_ESCAPE_OFF)
        kd_find(r, KIDA_E_ESCAPE_OFF_OUTPUT, KIDA_SEVERITY_WARNING, "escape/off", n->place,
                "escape it here: {{ value | escape }}, or switch escaping on",
                "this output is not escaped: escaping is off");
    else
        kd_find(r, KIDA_E_ESCAPE_ON, KIDA_SEVERITY_INFO, "escape/on", n->place, NULL,
                "this output is escaped");
    if (safe)
        look_safe(r, safe);
    if (json)
        kd_find(r, KIDA_E_ESCAPE_JSON, KIDA_SEVERITY_INFO, "escape/tojson", json->place, NULL,
                "'tojson' gives safe text");
    if (attr)
        kd_find(r, KIDA_E_ESCAPE_ATTR, KIDA_SEVERITY_INFO, "escape/xmlattr", attr->place, NULL,
                "'xmlattr' gives safe text");
}

void
kd_check_escapes(kd_report *r)
{
    audit_all(r, look_output);
}

/* ---- K-PRI ---------------------------------------------------------------------------------- */

static const char *const sensitive[] = { "api_key", "cookie",  "email", "password", "private",
                                         "secret",  "session", "staff", "token" };
static const char *const secrets[] = { "api_key", "api-key", "apikey", "password",
                                       "secret",  "session", "token" };

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Byte behind word in text, any case, at or behind from; 0: not there. */
static size_t
find_word(kida_str text, const char *word, size_t from)
{
    kida_str w = kida_str_from(word);
    for (size_t i = from; i + w.len <= text.len; i++) {
        size_t k = 0;
        while (k < w.len && lower(text.ptr[i + k]) == w.ptr[k])
            k++;
        if (k == w.len)
            return i + k;
    }
    return 0;
}

static bool
is_sensitive(kida_str path)
{
    for (size_t i = 0; i < KD_COUNT(sensitive); i++)
        if (find_word(path, sensitive[i], 0) > 0)
            return true;
    return false;
}

/* word, then : or =, an optional quote, and six characters that are no blank, quote or bracket. */
static bool
holds_secret(kida_str text)
{
    for (size_t i = 0; i < KD_COUNT(secrets); i++) {
        for (size_t at = 0; (at = find_word(text, secrets[i], at)) > 0;) {
            size_t k = at, run = 0;
            while (k < text.len && (text.ptr[k] == ' ' || text.ptr[k] == '\t'))
                k++;
            if (k >= text.len || (text.ptr[k] != ':' && text.ptr[k] != '='))
                continue;
            k++;
            while (k < text.len && (text.ptr[k] == ' ' || text.ptr[k] == '\t'))
                k++;
            k += k < text.len && (text.ptr[k] == '"' || text.ptr[k] == '\'');
            while (k + run < text.len && run < 6 && (unsigned char)text.ptr[k + run] > ' ' &&
                   text.ptr[k + run] != '"' && text.ptr[k + run] != '\'' &&
                   text.ptr[k + run] != '<' && text.ptr[k + run] != '>')
                run++;
            if (run == 6)
                return true;
        }
    }
    return false;
}

static kida_str
path_of(kd_report *r, const kd_node *n)
{
    const kd_node *root;
    return kd_path_of(n, r->scratch, &root);
}

static void
look_private(kd_report *r, const kd_node *n)
{
    static const char *const whole[] = { "context", "ctx", "debug", "request", "session" };
    kida_str text;
    if (kd_literal(n, &text) && holds_secret(text))
        kd_find(r, KIDA_E_PRIVATE_LITERAL, KIDA_SEVERITY_ERROR, "privacy/secret-literal", n->place,
                "keep secrets out of templates", "the text looks like a secret");
    if (n->kind == KD_NODE_FILTER && n->a && kida_str_equal(n->name, KIDA_S("safe")) &&
        is_sensitive(path_of(r, n->a)))
        kd_find(r, KIDA_E_PRIVATE_SAFE, KIDA_SEVERITY_WARNING, "privacy/safe", n->place,
                "leave 'safe' away: such values are escaped",
                "'safe' on something that may be private");
    if (n->kind == KD_NODE_OUTPUT && n->a->kind == KD_NODE_NAME &&
        kd_is_among(n->a->name, whole, KD_COUNT(whole)))
        kd_find(r, KIDA_E_PRIVATE_WHOLE, KIDA_SEVERITY_WARNING, "privacy/whole", n->place,
                "output the fields that the page needs", "the whole '%.*s' is output",
                (int)n->a->name.len, n->a->name.ptr);
    if ((n->kind == KD_NODE_INCLUDE || n->kind == KD_NODE_EXTENDS || n->kind == KD_NODE_EMBED ||
         n->kind == KD_NODE_IMPORT || n->kind == KD_NODE_FROM) &&
        !kd_literal(n->a, &text))
        kd_find(r, KIDA_E_PRIVATE_NAME, KIDA_SEVERITY_WARNING, "privacy/dynamic-name", n->place,
                "choose among literal names", "the template's name is worked out at run time");
}

/* K-PRI-001, once for each path, at the first place that reads it. */
typedef struct reads {
    kd_report *r;
    kd_dict *wanted;
    unsigned depth;
} reads;

static bool
look_path(void *arg, kd_node *n)
{
    reads *s = arg;
    bool chain = n->kind == KD_NODE_NAME || n->kind == KD_NODE_ATTR || n->kind == KD_NODE_ITEM;
    kida_str path = { "", 0 };
    if (chain)
        path = path_of(s->r, n);
    kd_entry *e = path.len ? kd_dict_find_hashed(s->wanted, path, kd_hash_str(path)) : NULL;
    if (e && kd_is(e->item, KIDA_NONE)) {
        e->item = kida_bool(true);
        kd_find(s->r, KIDA_E_PRIVATE_PATH, KIDA_SEVERITY_WARNING, "privacy/path", n->place,
                "look whether every reader of the page may see it", "'%.*s' may be private",
                (int)(path.len < 200 ? path.len : 200), path.ptr);
    }
    if (s->r->failed || s->depth >= KD_WALK_MAX)
        return false;
    s->depth++;
    if (path.len == 0)
        kd_node_children(n, look_path, s);
    s->depth--;
    return !s->r->failed;
}

void
kd_check_privacy(kd_report *r)
{
    kd_paths p;
    kida_value wanted = kd_dict_make(r->scratch, 0);
    kd_paths_init(&p, r->known, r->scratch);
    r->failed = r->failed || p.failed || !kd_is(wanted, KIDA_DICT);
    if (r->failed)
        return;
    kd_paths_list(&p, r->tree->body);
    kida_names paths = kd_paths_finish(&p, r->scratch);
    reads s = { r, kd_dict_of(wanted), 0 };
    for (size_t i = 0; i < paths.count && !r->failed; i++)
        if (is_sensitive(paths.items[i]))
            r->failed = !kd_dict_put_str(s.wanted, paths.items[i], kida_none());
    r->failed = r->failed || p.failed;
    for (kd_node *n = r->tree->body; n && !r->failed; n = n->next)
        look_path(&s, n);
    audit_all(r, look_private);
}
