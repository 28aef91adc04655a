/* SPDX-License-Identifier: MIT */
/* check.c - routes against templates, templates against each other: the run as a whole. */
#define _GNU_SOURCE
#include "check.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/fail.h"
#include "config/text.h"
#include "share.h"

#define CHECK_MEMORY ((size_t)256 << 20)
#define SOURCE_MAX ((off_t)16 << 20)
#define WORD_MAX 48

/* ---- reports ------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    kida_severity severity;
    const char *fix;
} rules[CH_RULE_COUNT] = {
#define CH_RULE(id, name, severity, finds, example, fix) \
    [CH_RULE_##id] = { name, KIDA_SEVERITY_##severity, fix },
#include "check_rules.def"
#undef CH_RULE
};

/* What to do in general, as the documentation says it but for its marks of code. */
static const char *
usual_fix(ch_rule rule, char out[200])
{
    size_t len = 0;
    for (const char *from = rules[rule].fix; *from && len + 1 < 200; from++) {
        if (*from != '`')
            out[len++] = *from;
    }
    out[len] = '\0';
    return out;
}

static void
report(ch_check *check, ch_rule rule, kida_severity severity, const ch_place *place,
       const char *hint, const char *message)
{
    char fix[200];
    chirp_issue issue = { .severity = severity, .rule = rules[rule].name, .route = place->route,
                          .line = place->line, .message = message,
                          .hint = hint && hint[0] ? hint : usual_fix(rule, fix) };
    if (place->source)
        issue.file = place->source->file;
    check->counts.errors += severity == KIDA_SEVERITY_ERROR ? 1 : 0;
    check->counts.warnings += severity == KIDA_SEVERITY_WARNING ? 1 : 0;
    check->counts.infos += severity == KIDA_SEVERITY_INFO ? 1 : 0;
    check->each(check->arg, &issue);
}

void
ch_check_say(ch_check *check, ch_rule rule, const ch_place *place, const char *hint,
             const char *format, ...)
{
    char message[600];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    report(check, rule, rules[rule].severity, place, hint, message);
}

/* ---- words --------------------------------------------------------------------------------- */

bool
ch_words_have(const ch_word *words, kida_str text)
{
    while (words && !kida_str_equal(words->text, text))
        words = words->next;
    return words != NULL;
}

void
ch_words_add(ch_check *check, ch_word **words, kida_str text)
{
    if (ch_words_have(*words, text))
        return;
    ch_word *word = ch_arena_array(&check->arena, 1, sizeof(*word));
    kida_str copy = ch_arena_copy(&check->arena, text);
    if (!word || !copy.ptr) {
        check->no_memory = true;
        return;
    }
    *word = (ch_word){ *words, copy };
    *words = word;
}

static size_t
least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Letters to add, drop, change or swap with their neighbour. */
static size_t
distance(kida_str a, kida_str b)
{
    size_t rows[3][WORD_MAX + 1];
    if (a.len > WORD_MAX || b.len > WORD_MAX)
        return WORD_MAX;
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        const size_t *last = rows[(i - 1) % 3], *before = rows[(i + 1) % 3];
        size_t *now = rows[i % 3];
        now[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            now[j] = least_of(least_of(last[j], now[j - 1]) + 1,
                              last[j - 1] + (a.ptr[i - 1] == b.ptr[j - 1] ? 0 : 1));
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1])
                now[j] = least_of(now[j], before[j - 2] + 1);
        }
    }
    return rows[a.len % 3][b.len];
}

kida_str
ch_words_near(const ch_word *words, kida_str text)
{
    kida_str best = KIDA_S("");
    size_t least = text.len < 4 ? 2 : text.len < 8 ? 3 : 4; /* found: at most one less */
    for (; words; words = words->next) {
        size_t far = distance(words->text, text);
        if (far < least) {
            least = far;
            best = words->text;
        }
    }
    return best;
}

/* ---- sources ------------------------------------------------------------------------------- */

ch_source *
ch_check_source(const ch_check *check, kida_str name)
{
    ch_source *source = check->sources;
    while (source && !kida_str_equal(source->name, name))
        source = source->next;
    return source;
}

static bool
is_template(kida_str name)
{
    static const kida_str endings[] = { KIDA_S_INIT(".html"), KIDA_S_INIT(".htm"),
                                        KIDA_S_INIT(".kida") };
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        if (name.len > endings[i].len &&
            kida_str_equal(ch_str_slice(name, name.len - endings[i].len, name.len), endings[i]))
            return true;
    }
    return false;
}

static kida_status
add_source(void *arg, kida_str name)
{
    ch_check *check = arg;
    if (!is_template(name) || ch_check_source(check, name))
        return KIDA_OK;
    ch_source *source = ch_arena_array(&check->arena, 1, sizeof(*source));
    if (!source)
        return KIDA_E_NOMEM;
    source->name = source->file = ch_arena_copy(&check->arena, name);
    if (!source->name.ptr)
        return KIDA_E_NOMEM;
    for (const ch_shared_template *at = ch_shared_templates; at->name; at++)
        source->is_shared |= kida_str_equal(kida_str_from(at->name), name);
    *check->sources_end = source;
    check->sources_end = &source->next;
    check->counts.templates += source->is_shared ? 0 : 1;
    return KIDA_OK;
}

static kida_str
shared_text(kida_str name)
{
    for (const ch_shared_template *at = ch_shared_templates; at->name; at++) {
        if (kida_str_equal(kida_str_from(at->name), name))
            return (kida_str){ (const char *)at->bytes, at->len };
    }
    return (kida_str){ NULL, 0 };
}

/* Leaves text as it is if the file can't be read: the template came from elsewhere. */
static void
read_source(ch_check *check, ch_source *source)
{
    struct stat info;
    int fd = open(source->file.ptr, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size <= SOURCE_MAX) {
        size_t size = (size_t)info.st_size, have = 0;
        char *text = ch_arena_alloc(&check->arena, size);
        ssize_t more = 1;
        while (text && have < size && (more = read(fd, text + have, size - have)) > 0)
            have += (size_t)more;
        check->no_memory |= !text;
        if (text)
            source->text = (kida_str){ text, have };
    }
    close(fd);
}

/* ---- one template -------------------------------------------------------------------------- */

static void
say_error(ch_check *check, const ch_source *source, ch_rule rule, kida_severity severity,
          const kida_error *err)
{
    ch_place place = { source, KIDA_S(""), err->line };
    report(check, rule, severity, &place, err->hint, err->message);
}

/* Names in tags must be there, and count as used. */
static void
check_names(ch_check *check, const ch_source *source, const kida_names *names, ch_rule rule)
{
    for (size_t i = 0; i < names->count; i++) {
        ch_source *named = ch_check_source(check, names->items[i]);
        ch_place place = { source, KIDA_S(""), 0 };
        if (named) {
            named->is_used = true;
            continue;
        }
        kida_str name = names->items[i];
        if (name.len > 0 && (name.ptr[0] == '.' || name.ptr[0] == '@'))
            continue; /* relative: found out when it is loaded */
        size_t at = 0;
        for (; source->text.ptr && at + name.len <= source->text.len; at++) {
            if (kida_str_equal(ch_str_slice(source->text, at, at + name.len), name))
                break;
        }
        if (source->text.ptr && at + name.len <= source->text.len)
            place.line = (uint32_t)ch_str_count(ch_str_slice(source->text, 0, at), '\n') + 1;
        ch_word *known = NULL;
        for (const ch_source *other = check->sources; other; other = other->next)
            ch_words_add(check, &known, other->name);
        kida_str near = ch_words_near(known, name);
        char hint[200] = "";
        if (near.len > 0)
            snprintf(hint, sizeof(hint), "did you mean \"%.*s\"?", (int)near.len, near.ptr);
        ch_check_say(check, rule, &place, hint, "no template \"%.*s\"",
                     (int)name.len, name.ptr);
    }
}

/* The file of a template that does not compile: no more than a guess, for the report. */
static void
find_file(ch_check *check, ch_source *source)
{
    const char *const own[] = { check->app->config.template_dir, NULL };
    const char *const *lists[] = { own, check->app->config.component_dirs };
    struct stat info;
    for (size_t i = 0; i < 2; i++) {
        for (const char *const *dir = lists[i]; dir && *dir; dir++) {
            char path[4096];
            int len = snprintf(path, sizeof(path), "%s/%.*s", *dir, (int)source->name.len,
                               source->name.ptr);
            if (len < 0 || (size_t)len >= sizeof(path) || stat(path, &info) != 0)
                continue;
            kida_str copy = ch_arena_copy(&check->arena, (kida_str){ path, (size_t)len });
            source->file = copy.ptr ? copy : source->file;
            return;
        }
    }
}

typedef struct finding_place {
    ch_check *check;
    const ch_source *source;
} finding_place;

static void
on_finding(void *arg, const kida_finding *found)
{
    const finding_place *at = arg;
    const char *code = found->error.code ? found->error.code : "";
    ch_rule rule = strncmp(code, "K-CMP", 5) == 0    ? CH_RULE_COMPONENT
                   : strncmp(code, "K-A11Y", 6) == 0 ? CH_RULE_A11Y
                                                     : CH_RULE_LANGUAGE;
    char message[600];
    ch_place place = { at->source, KIDA_S(""), found->error.line };
    snprintf(message, sizeof(message), "%s: %s", code, found->error.message);
    report(at->check, rule, found->severity, &place, found->error.hint, message);
}

static void
check_template(ch_check *check, ch_source *source)
{
    kida_error err;
    kida_error_init(&err);
    kida_template *tpl = kida_env_get(check->app->env, source->name, &err);
    if (!tpl) {
        check->is_partial = true;
        check->no_memory |= err.status == KIDA_E_NOMEM;
        if (check->no_memory)
            return;
        find_file(check, source);
        say_error(check, source, CH_RULE_SYNTAX, KIDA_SEVERITY_ERROR, &err);
        return;
    }
    kida_str file = kida_template_filename(tpl);
    if (file.len > 0) {
        source->file = ch_arena_copy(&check->arena, file);
        check->no_memory |= !source->file.ptr;
    }
    if (!source->is_shared && source->file.ptr)
        read_source(check, source);
    if (source->is_shared)
        source->text = shared_text(source->name);
    const kida_template_info *info = kida_template_describe(tpl);
    source->parent = ch_check_source(check, info->extends);
    check_names(check, source, &info->extended, CH_RULE_EXTENDS);
    check_names(check, source, &info->includes, CH_RULE_INCLUDE);
    check_names(check, source, &info->embeds, CH_RULE_INCLUDE);
    check_names(check, source, &info->imports, CH_RULE_IMPORT);
    kida_template_drop(tpl);
    finding_place place = { check, source };
    unsigned checks = KIDA_CHECK_A11Y | KIDA_CHECK_CALLS | KIDA_CHECK_WARNINGS;
    kida_status st = source->is_shared ? KIDA_OK
                                       : kida_check(check->app->env, source->name, checks,
                                                    on_finding, &place, &err);
    check->no_memory |= st == KIDA_E_NOMEM;
    if (st != KIDA_OK && !check->no_memory)
        say_error(check, source, CH_RULE_SYNTAX, KIDA_SEVERITY_ERROR, &err);
}

static void
check_dead(ch_check *check)
{
    bool declares = false;
    for (const ch_route *route = check->app->routes; route; route = route->next)
        declares |= route->template_name.len > 0;
    declares &= !check->is_partial;
    for (const ch_source *source = check->sources; declares && source; source = source->next) {
        ch_place place = { source, KIDA_S(""), 0 };
        if (!source->is_used && !source->is_shared)
            ch_check_say(check, CH_RULE_DEAD, &place, NULL,
                         "no route and no template names this template");
    }
}

/* ---- the run ------------------------------------------------------------------------------- */

static kida_status
run(ch_check *check, kida_error *err)
{
    kida_status st = kida_env_list(check->app->env, add_source, check);
    if (st != KIDA_OK)
        return ch_fail(err, st, "the templates can't be listed");
    for (ch_source *source = check->sources; source && !check->no_memory; source = source->next)
        check_template(check, source);
    if (check->no_memory)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for the check");
    for (ch_source *source = check->sources; source; source = source->next) {
        ch_check_gather(check, source);
        ch_check_gather_scope(check, source);
    }
    for (ch_source *source = check->sources; source; source = source->next) {
        ch_check_tags(check, source);
        ch_check_scope(check, source);
        ch_check_islands(check, source);
        ch_check_outputs(check, source);
    }
    for (const ch_route *route = check->app->routes; route; route = route->next) {
        check->counts.routes++;
        ch_check_route(check, route);
    }
    if (check->app->check_pages)
        check->app->check_pages(check);
    check_dead(check);
    return check->no_memory ? ch_fail(err, KIDA_E_NOMEM, "no memory for the check") : KIDA_OK;
}

static kida_status
check_frozen(chirp_app *app, void (*each)(void *arg, const chirp_issue *issue), void *arg,
             chirp_check_counts *counts, kida_error *err)
{
    ch_check check = { .app = app, .each = each, .arg = arg };
    ch_arena_init(&check.arena, &app->allocator, (size_t)16 << 10, CHECK_MEMORY);
    check.sources_end = &check.sources;
    kida_status st = run(&check, err);
    if (counts)
        *counts = check.counts;
    ch_arena_clear(&check.arena);
    return st;
}

kida_status
chirp_check(chirp_app *app, void (*each)(void *arg, const chirp_issue *issue), void *arg,
            chirp_check_counts *counts, kida_error *err)
{
    kida_status st = chirp_app_freeze(app, err);
    return st == KIDA_OK ? check_frozen(app, each, arg, counts, err) : st;
}

/* ---- in debug mode, at freeze --------------------------------------------------------------- */

static void
print_issue(void *arg, const chirp_issue *issue)
{
    static const char *const names[] = { [KIDA_SEVERITY_ERROR] = "error",
                                         [KIDA_SEVERITY_WARNING] = "warning",
                                         [KIDA_SEVERITY_INFO] = "info" };
    (void)arg;
    if (issue->severity == KIDA_SEVERITY_INFO)
        return;
    kida_str place = issue->file.len > 0 ? issue->file : issue->route;
    fprintf(stderr, "chirp: %s [%s] %.*s", names[issue->severity], issue->rule, (int)place.len,
            place.ptr ? place.ptr : "");
    if (issue->line > 0)
        fprintf(stderr, ":%u", (unsigned)issue->line);
    fprintf(stderr, ": %s%s%s%s\n", issue->message, issue->hint[0] ? " (" : "", issue->hint,
            issue->hint[0] ? ")" : "");
}

kida_status
ch_app_check_at_freeze(chirp_app *app, kida_error *err)
{
    chirp_check_counts counts = { 0, 0, 0, 0, 0 };
    if (!app->config.debug || app->config.skip_contract_checks)
        return KIDA_OK;
    kida_status st = check_frozen(app, print_issue, NULL, &counts, err);
    if (st != KIDA_OK || counts.errors == 0)
        return st;
    ch_fail(err, KIDA_E_USAGE, "the routes and templates of the app have %zu error%s",
            counts.errors, counts.errors == 1 ? "" : "s");
    return ch_fail_hint(err, KIDA_E_USAGE, "the list is on stderr; skip_contract_checks serves all "
                                           "the same");
}
