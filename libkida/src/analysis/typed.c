/* SPDX-License-Identifier: MIT */
/* typed.c - K-TYP: the names a template uses against those that its {% template %} tag declares. */
#include "analysis/report.h"

enum { IS_DECLARED = 1, IS_LOCAL = 2, IS_USED = 4 };

typedef struct typed {
    kd_report *r;
    kd_dict *names; /* name → IS_* bits */
    bool binding;   /* first round: what binds names */
    unsigned depth;
} typed;

static const char *const always[] = {
    "loop", "caller",     "super",     "true",       "True",       "false",      "False",
    "none", "None",       "range",     "len",        "str",        "int",        "float",
    "bool", "list",       "dict",      "set",        "tuple",      "min",        "max",
    "sum",  "abs",        "round",     "sorted",     "reversed",   "enumerate",  "zip",
    "map",  "filter",     "any",       "all",        "hasattr",    "getattr",    "isinstance",
    "type", "hx_request", "hx_target", "hx_trigger", "hx_boosted", "csrf_token", "csp_nonce",
    "it",   "_",
};

static int64_t
bits_of(const typed *t, kida_str name)
{
    kd_entry *e = kd_dict_find_hashed(t->names, name, kd_hash_str(name));
    return e ? kida_as_int(e->item) : 0;
}

static void
mark(typed *t, kida_str name, int64_t bits)
{
    if (!kd_dict_put_str(t->names, name, kida_int(bits_of(t, name) | bits)))
        t->r->failed = true;
}

static void
bind(typed *t, const kd_node *target)
{
    for (; target; target = target->next) {
        if (target->kind == KD_NODE_TUPLE || target->kind == KD_NODE_ASSIGN)
            bind(t, target->a);
        else if (target->kind == KD_NODE_NAME || target->kind == KD_NODE_PARAM)
            mark(t, target->name, IS_LOCAL);
    }
}

static void
bind_names(typed *t, const kd_node *n)
{
    if (n->kind == KD_NODE_SET || n->kind == KD_NODE_WITH || n->kind == KD_NODE_FOR ||
        n->kind == KD_NODE_SLOT_BODY || n->kind == KD_NODE_TRANS || n->kind == KD_NODE_SLOT) {
        bind(t, n->a);
    } else if (n->kind == KD_NODE_COMPREHENSION || n->kind == KD_NODE_WITH_IF) {
        bind(t, n->b);
    } else if (n->kind == KD_NODE_DEF || n->kind == KD_NODE_REGION) {
        mark(t, n->name, IS_LOCAL);
        bind(t, n->a);
    } else if (n->kind == KD_NODE_CAPTURE || n->kind == KD_NODE_IMPORT ||
               (n->kind == KD_NODE_TRY && n->name.len)) {
        mark(t, n->name, IS_LOCAL);
    } else if (n->kind == KD_NODE_IMPORT_NAME) {
        mark(t, kida_as_str(n->value), IS_LOCAL);
    } else if (n->kind == KD_NODE_CASE) {
        bind(t, n->a);
    }
}

/* ---- typing errors -------------------------------------------------------------------------- */

/* Whether one letter added, left out or changed turns a into b. */
static bool
one_edit(kida_str a, kida_str b)
{
    if (a.len > b.len) {
        kida_str swap = a;
        a = b;
        b = swap;
    }
    if (b.len - a.len > 1)
        return false;
    size_t head = 0, tail = 0;
    while (head < a.len && a.ptr[head] == b.ptr[head])
        head++;
    while (tail < a.len - head && a.ptr[a.len - 1 - tail] == b.ptr[b.len - 1 - tail])
        tail++;
    return b.len - head - tail <= 1;
}

static bool
is_close(kida_str used, kida_str declared)
{
    size_t longer = used.len > declared.len ? used.len : declared.len;
    size_t shorter = used.len > declared.len ? declared.len : used.len;
    if (longer - shorter > 2)
        return false;
    kida_str head = { declared.ptr, 3 };
    return (shorter >= 3 && kd_str_starts(used, head)) || one_edit(used, declared);
}

/* First declared name, in alphabetical order, that used may stand for. */
static kida_str
meant(const typed *t, kida_str used)
{
    kida_str best = { "", 0 };
    for (const kd_node *p = t->r->tree->declaration->a; p; p = p->next)
        if (is_close(used, p->name) && (best.len == 0 || kd_str_compare(p->name, best) < 0))
            best = p->name;
    return best;
}

static void
use(typed *t, const kd_node *n)
{
    int64_t bits = bits_of(t, n->name);
    unsigned flags;
    mark(t, n->name, IS_USED);
    if (bits & (IS_DECLARED | IS_LOCAL) || kd_is_among(n->name, always, KD_COUNT(always)) ||
        t->r->known->global(t->r->known->user, n->name, &flags))
        return;
    kida_str other = meant(t, n->name);
    if (other.len)
        kd_find(t->r, KIDA_E_TYPE_TYPO, KIDA_SEVERITY_WARNING, "type/typo-suggestion", n->place,
                "correct the name, or declare it in the {% template %} tag",
                "'%.*s' is not declared. Did you mean '%.*s'?", (int)n->name.len, n->name.ptr,
                (int)other.len, other.ptr);
    else
        kd_find(t->r, KIDA_E_TYPE_UNDECLARED, KIDA_SEVERITY_WARNING, "type/undeclared-var",
                n->place, "add it to the {% template %} tag", "'%.*s' is used but not declared",
                (int)n->name.len, n->name.ptr);
}

/* ---- the walk ------------------------------------------------------------------------------- */

static bool visit(void *arg, kd_node *n);

static void
visit_list(typed *t, kd_node *list)
{
    for (; list && !t->r->failed; list = list->next)
        visit(t, list);
}

static bool
visit(void *arg, kd_node *n)
{
    typed *t = arg;
    if (n->kind == KD_NODE_TEMPLATE_DECL || n->kind == KD_NODE_ANNOTATION)
        return true;
    if (t->binding)
        bind_names(t, n);
    else if (n->kind == KD_NODE_NAME)
        use(t, n);
    if (t->r->failed || t->depth >= KD_WALK_MAX)
        return false;
    t->depth++;
    if (n->kind == KD_NODE_ASSIGN)
        visit_list(t, n->b);
    else
        kd_node_children(n, visit, t);
    t->depth--;
    return !t->r->failed;
}

void
kd_check_typed(kd_report *r)
{
    kida_value names = kd_dict_make(r->scratch, 0);
    const kd_node *declaration = r->tree->declaration;
    if (!kd_is(names, KIDA_DICT)) {
        r->failed = true;
        return;
    }
    if (!declaration)
        return;
    typed t = { .r = r, .names = kd_dict_of(names), .binding = true };
    for (const kd_node *p = declaration->a; p; p = p->next)
        mark(&t, p->name, IS_DECLARED);
    visit_list(&t, r->tree->body);
    t.binding = false;
    visit_list(&t, r->tree->body);
    for (const kd_node *p = declaration->a; p; p = p->next)
        if (!(bits_of(&t, p->name) & IS_USED))
            kd_find(r, KIDA_E_TYPE_UNUSED, KIDA_SEVERITY_WARNING, "type/unused-declared",
                    declaration->place, "take it out of the {% template %} tag",
                    "'%.*s' is declared but never used", (int)p->name.len, p->name.ptr);
}
