/* SPDX-License-Identifier: MIT */
/* calls.c - K-CMP: calls of defs against their parameters, as far as both are known from source. */
#include "analysis/report.h"

#include <stdio.h>
#include <string.h>

/* A def by the name that this template calls it by. */
typedef struct known_def {
    kida_str name;
    const kd_node *def;
} known_def;

typedef struct calls {
    kd_report *r;
    kd_dict *defs; /* name → number in rows */
    kd_rows rows;  /* known_def */
    unsigned depth;
} calls;

/* ---- which defs there are ------------------------------------------------------------------- */

static void
know(calls *c, kida_str name, const kd_node *def)
{
    known_def *row = kd_rows_add(&c->rows, c->r->scratch, sizeof *row);
    if (!row || !kd_dict_put_str(c->defs, name, kida_int((int64_t)c->rows.count - 1))) {
        c->r->failed = true;
        return;
    }
    row->name = name;
    row->def = def;
}

/* Def of that name at the top level or in a block of another template. */
static const kd_node *
find_def(const kd_node *list, kida_str name)
{
    for (const kd_node *n = list; n; n = n->next) {
        if (n->kind == KD_NODE_DEF && kida_str_equal(n->name, name))
            return n;
        const kd_node *body = n->kind == KD_NODE_BLOCK                                   ? n->c
                              : n->kind == KD_NODE_GLOBALS || n->kind == KD_NODE_IMPORTS ? n->a
                                                                                         : NULL;
        const kd_node *inner = body ? find_def(body, name) : NULL;
        if (inner)
            return inner;
    }
    return NULL;
}

static void
import(calls *c, const kd_node *n)
{
    kida_str name;
    const kd_known *known = c->r->known;
    if (!known->tree || !kd_literal(n->a, &name))
        return;
    const kd_tree *tree = known->tree(known->user, name, c->r->tree->name, c->r->scratch);
    for (const kd_node *item = n->b; tree && item; item = item->next) {
        const kd_node *def = find_def(tree->body, item->name);
        if (def)
            know(c, kida_as_str(item->value), def);
    }
}

static bool
find_defs(void *arg, kd_node *n)
{
    calls *c = arg;
    if (n->kind == KD_NODE_DEF)
        know(c, n->name, n);
    else if (n->kind == KD_NODE_FROM)
        import(c, n);
    if (c->r->failed || c->depth >= KD_WALK_MAX)
        return false;
    c->depth++;
    kd_node_children(n, find_defs, c);
    c->depth--;
    return !c->r->failed;
}

/* ---- types ---------------------------------------------------------------------------------- */

static const char *
type_of(kida_value v)
{
    return kd_is(v, KIDA_NONE) ? "None" : kida_kind_name(v);
}

/* Whether a literal fits one member of an annotation. Names that are not known accept all. */
static bool
fits(const kd_node *type, const char *got)
{
    static const char *const checked[] = { "str", "int", "float", "bool", "None" };
    if (type->name.len == 0 || !kd_is_among(type->name, checked, KD_COUNT(checked)))
        return true;
    if (kida_str_equal(type->name, kida_str_from(got)))
        return true;
    return kida_str_equal(type->name, KIDA_S("float")) && strcmp(got, "int") == 0;
}

static void
describe(const kd_node *type, char *out, size_t size)
{
    size_t len = 0;
    out[0] = '\0';
    for (const kd_node *n = type; n && len < size; n = n->next) {
        int more = snprintf(out + len, size - len, "%s%.*s", n != type ? " | " : "",
                            (int)(n->name.len < 40 ? n->name.len : 40), n->name.ptr);
        len += more > 0 ? (size_t)more : 0;
    }
}

/* The literal as it is written in messages: 'x', 3, true. */
static void
show_literal(kida_value v, char out[48])
{
    kida_str text = kida_as_str(v);
    if (kd_is(v, KIDA_STRING)) {
        char cut[40];
        kd_copy_text(cut, sizeof cut, text);
        snprintf(out, 48, "'%s'", cut);
    } else if (kd_is(v, KIDA_INT)) {
        snprintf(out, 48, "%lld", (long long)kida_as_int(v));
    } else if (kd_is(v, KIDA_FLOAT)) {
        snprintf(out, 48, "%g", kida_as_float(v));
    } else {
        snprintf(out, 48, "%s", kd_is(v, KIDA_BOOL) ? kida_as_int(v) ? "True" : "False" : "None");
    }
}

static void
check_type(calls *c, const kd_node *def, const kd_node *param, const kd_node *value)
{
    if (!param->b || !value || value->kind != KD_NODE_CONST || kd_is(value->value, KIDA_BIGINT))
        return;
    const char *got = type_of(value->value);
    for (const kd_node *t = param->b; t; t = t->next)
        if (fits(t, got))
            return;
    char want[100], literal[48];
    describe(param->b, want, sizeof want);
    show_literal(value->value, literal);
    kd_find(c->r, KIDA_E_CALL_TYPES, KIDA_SEVERITY_ERROR, "K-CMP-002", value->place,
            "pass a value of that type, or change the annotation",
            "type: %.*s() param '%.*s' expects %s, got %s (%s)", (int)def->name.len, def->name.ptr,
            (int)param->name.len, param->name.ptr, want, got, literal);
}

/* ---- one call ------------------------------------------------------------------------------- */

static const kd_node *
find_param(const kd_node *def, kida_str name)
{
    for (const kd_node *p = def->a; p; p = p->next)
        if (!(p->flags & (KD_F_STAR | KD_F_STARS)) && kida_str_equal(p->name, name))
            return p;
    return NULL;
}

static const kd_node *
find_keyword(const kd_node *args, kida_str name)
{
    for (; args; args = args->next)
        if (kida_str_equal(args->name, name))
            return args;
    return NULL;
}

/* Adds "name" to a list of names for a message. */
static void
list_name(char *out, size_t size, kida_str name)
{
    size_t len = kida_str_from(out).len;
    if (len + 4 < size)
        snprintf(out + len, size - len, "%s%.*s", len ? ", " : "",
                 (int)(name.len < 60 ? name.len : 60), name.ptr);
}

static void
complain(calls *c, const kd_node *call, const kd_node *def, const char *what, const char *names)
{
    if (names[0])
        kd_find(c->r, KIDA_E_CALL_ARGUMENTS, KIDA_SEVERITY_ERROR, "K-CMP-001", call->place,
                "compare the call with the parameters of the def",
                "Call to '%.*s' \xe2\x80\x94 %s: %s", (int)def->name.len, def->name.ptr, what,
                names);
}

static void
check_call(calls *c, const kd_node *call, const kd_node *def)
{
    char unknown[160] = "", missing[160] = "", twice[160] = "";
    bool has_rest = false, has_keywords = false;
    size_t at = 0, positional = 0;
    for (const kd_node *a = call->b; a; a = a->next) {
        if (a->flags & (KD_F_STAR | KD_F_STARS))
            return; /* what unpacking gives is not known */
        positional += a->name.len == 0;
    }
    for (const kd_node *q = def->a; q; q = q->next) {
        has_rest = has_rest || q->flags & KD_F_STAR;
        has_keywords = has_keywords || q->flags & KD_F_STARS;
    }
    const kd_node *arg = call->b;
    const kd_node *p = def->a;
    for (; p && !(p->flags & (KD_F_STAR | KD_F_STARS)); p = p->next, at++) {
        while (arg && arg->name.len)
            arg = arg->next;
        const kd_node *named = find_keyword(call->b, p->name);
        if (at < positional && named)
            list_name(twice, sizeof twice, p->name);
        else if (at >= positional && !named && !p->a && !has_rest)
            list_name(missing, sizeof missing, p->name);
        const kd_node *value = named ? named->a : at < positional && arg ? arg->a : NULL;
        check_type(c, def, p, value);
        if (at < positional && arg)
            arg = arg->next;
    }
    for (const kd_node *a = call->b; a; a = a->next)
        if (a->name.len && !has_keywords && !find_param(def, a->name))
            list_name(unknown, sizeof unknown, a->name);
    complain(c, call, def, "unknown params", unknown);
    complain(c, call, def, "missing required", missing);
    complain(c, call, def, "given twice", twice);
}

static void
look_at(calls *c, const kd_node *e)
{
    if (!e || e->kind != KD_NODE_CALL || e->a->kind != KD_NODE_NAME)
        return;
    kd_entry *found = kd_dict_find_hashed(c->defs, e->a->name, kd_hash_str(e->a->name));
    if (found)
        check_call(c, e, ((known_def *)c->rows.items)[kida_as_int(found->item)].def);
}

/* The outermost call of an output, a call tag, an assigned value. */
static bool
visit(void *arg, kd_node *n)
{
    calls *c = arg;
    if (n->kind == KD_NODE_OUTPUT || n->kind == KD_NODE_CALL_BLOCK)
        look_at(c, n->a);
    else if (n->kind == KD_NODE_SET)
        for (const kd_node *a = n->a; a; a = a->next)
            look_at(c, a->b);
    if (c->r->failed || c->depth >= KD_WALK_MAX)
        return false;
    c->depth++;
    kd_node_children(n, visit, c);
    c->depth--;
    return !c->r->failed;
}

void
kd_check_calls(kd_report *r)
{
    kida_value defs = kd_dict_make(r->scratch, 0);
    if (!kd_is(defs, KIDA_DICT)) {
        r->failed = true;
        return;
    }
    calls c = { .r = r, .defs = kd_dict_of(defs) };
    for (kd_node *n = r->tree->body; n && !r->failed; n = n->next)
        find_defs(&c, n);
    for (kd_node *n = r->tree->body; n && !r->failed; n = n->next)
        visit(&c, n);
}
