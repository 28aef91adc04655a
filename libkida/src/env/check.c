/* SPDX-License-Identifier: MIT */
/* check.c - checks on request: a template's source is parsed anew and looked over. */
#include "env/env.h"

#include "analysis/report.h"
#include "parser/parser.h"

#define FINDINGS_MAX 5000

/* Resolves, loads and parses; *source must be given back. */
static kida_status
parse(kida_env *env, kida_str name, const kida_template *referrer, kida_pool *pool, kd_tree *tree,
      kida_source *source, kida_error *err)
{
    kida_str resolved, logical;
    kida_status st = kd_resolve_name(env, name, referrer, pool, &resolved, &logical, err);
    if (st == KIDA_OK)
        st = kd_env_load(env, resolved, source, err);
    if (st == KIDA_OK && !kida_utf8_valid(source->text))
        st = kd_error_set(err, KIDA_E_UTF8, "template '%.*s' is not valid UTF-8", (int)name.len,
                          name.ptr);
    if (st == KIDA_OK)
        st = kd_parse(&env->resolver.lexer, logical, source->text, pool, tree, err);
    return st;
}

const kd_tree *
kd_env_tree(void *env, kida_str name, kida_str referrer, kida_pool *pool)
{
    kida_template from = { .name = referrer };
    kida_source source = { .version = 0 };
    kida_error err;
    kd_tree *tree = kd_arena_zero(pool, sizeof *tree);
    kida_error_init(&err);
    bool done = tree && parse(env, name, &from, pool, tree, &source, &err) == KIDA_OK;
    if (done) { /* the tree points into the source: parse a copy that stays */
        kida_str name_copy = kd_arena_str(pool, tree->name);
        kida_str text = kd_arena_str(pool, source.text);
        done = name_copy.ptr && text.ptr &&
               kd_parse(&((kida_env *)env)->resolver.lexer, name_copy, text, pool, tree, &err) ==
                   KIDA_OK;
    }
    kd_env_free_source(env, &source);
    return done ? tree : NULL;
}

static const struct {
    unsigned bit;
    void (*run)(kd_report *r);
} checks_table[] = {
    { KIDA_CHECK_WARNINGS, kd_check_coalesce }, { KIDA_CHECK_WARNINGS, kd_check_branch_set },
    { KIDA_CHECK_STRICT, kd_check_strict },     { KIDA_CHECK_CALLS, kd_check_calls },
    { KIDA_CHECK_TYPED, kd_check_typed },       { KIDA_CHECK_PATHS, kd_check_fragile },
    { KIDA_CHECK_A11Y, kd_check_a11y },         { KIDA_CHECK_ESCAPES, kd_check_escapes },
    { KIDA_CHECK_PRIVACY, kd_check_privacy },
};

static kida_status
run_checks(kd_report *r, unsigned checks, kida_error *err)
{
    for (size_t i = 0; i < KD_COUNT(checks_table) && !r->failed; i++) {
        size_t from = r->notes.count;
        if (checks & checks_table[i].bit)
            checks_table[i].run(r);
        kd_report_sort(r, from);
    }
    return r->failed ? kd_error_set(err, KIDA_E_NOMEM, "out of memory while checking") : KIDA_OK;
}

static void
tell(const kd_report *r, void (*each)(void *arg, const kida_finding *finding), void *arg)
{
    for (size_t i = 0; i < r->notes.count; i++) {
        const kd_note *note = &((const kd_note *)r->notes.items)[i];
        kida_finding finding = { .severity = note->severity, .rule = note->rule };
        kd_note_fill(note, r->tree->name, r->tree->source, &finding.error);
        each(arg, &finding);
    }
}

kida_status
kida_check(kida_env *env, kida_str name, unsigned checks,
           void (*each)(void *arg, const kida_finding *finding), void *arg, kida_error *err)
{
    kida_error own;
    kida_pool pool;
    kd_tree tree;
    kida_source source = { .version = 0 };
    err = err ? err : &own;
    kida_error_init(err);
    kida_status st = kida_env_freeze(env, err);
    if (st != KIDA_OK)
        return st;
    kd_arena_init(&pool, &env->allocator, 0);
    st = parse(env, name, NULL, &pool, &tree, &source, err);
    kd_report r = { .tree = &tree, .known = &env->resolver.known, .scratch = &pool, .pool = &pool,
                    .max = FINDINGS_MAX };
    if (st == KIDA_OK) {
        r.escape = kd_env_escape_of(env, tree.name);
        st = run_checks(&r, checks, err);
    }
    if (st == KIDA_OK)
        tell(&r, each, arg);
    kd_env_free_source(env, &source);
    kd_arena_clear(&pool);
    return st;
}
