/* SPDX-License-Identifier: MIT */
/* check.c - routes against templates, templates against each other: the run as a whole. */
#define _GNU_SOURCE
#include "check.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/fail.h"
#include "config/text.h"
#include "share.h"

#define CHECK_MEMORY ((size_t)256 << 20)
#define SOURCE_MAX ((off_t)16 << 20)
#define WORD_MAX 48

/* ---- reports ------------------------------------------------------------------------------- */

void
ch_check_say(ch_check *check, kida_severity severity, const char *rule, const ch_place *place,
             const char *hint, const char *format, ...)
{
    char message[600];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    chirp_issue issue = { .severity = severity, .rule = rule, .route = place->route,
                          .line = place->line, .message = message, .hint = hint ? hint : "" };
    if (place->source)
        issue.file = place->source->file;
    check->counts.errors += severity == KIDA_SEVERITY_ERROR ? 1 : 0;
    check->counts.warnings += severity == KIDA_SEVERITY_WARNING ? 1 : 0;
    check->counts.infos += severity == KIDA_SEVERITY_INFO ? 1 : 0;
    check->each(check->arg, &issue);
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
    size_t least = text.len < 4 ? 2 : 4; /* found: at most one less */
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

static ch_source *
find_source(const ch_check *check, kida_str name)
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
    if (!is_template(name) || find_source(check, name))
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
say_error(ch_check *check, const ch_source *source, const char *rule, kida_severity severity,
          const kida_error *err)
{
    ch_place place = { source, KIDA_S(""), err->line };
    ch_check_say(check, severity, rule, &place, err->hint, "%s", err->message);
}

/* Names in tags must be there, and count as used. */
static void
check_names(ch_check *check, const ch_source *source, const kida_names *names, const char *rule)
{
    for (size_t i = 0; i < names->count; i++) {
        ch_source *named = find_source(check, names->items[i]);
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
        ch_check_say(check, KIDA_SEVERITY_ERROR, rule, &place, hint, "no template \"%.*s\"",
                     (int)name.len, name.ptr);
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
    const char *rule = found->rule ? found->rule : "template";
    say_error(at->check, at->source, rule, found->severity, &found->error);
}

static void
check_template(ch_check *check, ch_source *source)
{
    kida_error err;
    kida_error_init(&err);
    kida_template *tpl = kida_env_get(check->app->env, source->name, &err);
    if (!tpl) {
        say_error(check, source, "syntax", KIDA_SEVERITY_ERROR, &err);
        return;
    }
    kida_str file = kida_template_filename(tpl);
    if (file.len > 0) {
        source->file = ch_arena_copy(&check->arena, file);
        check->no_memory |= !source->file.ptr;
    }
    if (!source->is_shared && source->file.ptr)
        read_source(check, source);
    const kida_template_info *info = kida_template_describe(tpl);
    check_names(check, source, &info->extended, "extends");
    check_names(check, source, &info->includes, "include");
    check_names(check, source, &info->embeds, "include");
    check_names(check, source, &info->imports, "import");
    kida_template_drop(tpl);
    finding_place place = { check, source };
    unsigned checks = KIDA_CHECK_A11Y | KIDA_CHECK_CALLS | KIDA_CHECK_WARNINGS;
    if (!source->is_shared &&
        kida_check(check->app->env, source->name, checks, on_finding, &place, &err) != KIDA_OK)
        say_error(check, source, "syntax", KIDA_SEVERITY_ERROR, &err);
}

/* ---- routes -------------------------------------------------------------------------------- */

typedef struct block_search {
    kida_str wanted;
    bool found;
    ch_check *check;
    ch_word *names;
} block_search;

static kida_status
on_block(void *arg, const kida_block_info *info)
{
    block_search *search = arg;
    search->found |= kida_str_equal(info->name, search->wanted);
    ch_words_add(search->check, &search->names, info->name);
    return KIDA_OK;
}

static void
check_declared(ch_check *check, const ch_route *route)
{
    ch_place place = { NULL, route->path, 0 };
    if (route->template_name.len == 0)
        return;
    ch_source *source = find_source(check, route->template_name);
    kida_error err;
    kida_error_init(&err);
    kida_template *tpl = source ? kida_env_get(check->app->env, route->template_name, &err) : NULL;
    if (source)
        source->is_used = true;
    else
        ch_check_say(check, KIDA_SEVERITY_ERROR, "fragment", &place,
                     "write the template, or mend template_name",
                     "the route declares template \"%.*s\", which does not exist",
                     (int)route->template_name.len, route->template_name.ptr);
    if (tpl && route->block.len > 0) {
        block_search search = { route->block, false, check, NULL };
        kida_status st = kida_template_each_block(tpl, on_block, &search, &err);
        if (st == KIDA_OK && !search.found) {
            kida_str near = ch_words_near(search.names, route->block);
            char hint[200] = "";
            if (near.len > 0)
                snprintf(hint, sizeof(hint), "did you mean \"%.*s\"?", (int)near.len, near.ptr);
            ch_check_say(check, KIDA_SEVERITY_ERROR, "fragment", &place, hint,
                         "\"%.*s\" has no block \"%.*s\", which the route declares",
                         (int)route->template_name.len, route->template_name.ptr,
                         (int)route->block.len, route->block.ptr);
        }
    }
    kida_template_drop(tpl);
}

static void
check_events(ch_check *check, const ch_route *route)
{
    ch_place place = { NULL, route->path, 0 };
    for (size_t i = 0; i < route->event_count; i++) {
        bool usual = kida_str_equal(route->events[i], KIDA_S("fragment"));
        if (!usual && !ch_words_have(check->heard, route->events[i]))
            ch_check_say(check, KIDA_SEVERITY_INFO, "sse-events", &place,
                         "listen with sse-swap or hx-trigger=\"sse:…\"",
                         "no template listens to event \"%.*s\"", (int)route->events[i].len,
                         route->events[i].ptr);
    }
}

static void
check_orphan(ch_check *check, const ch_route *route)
{
    ch_place place = { NULL, route->path, 0 };
    bool has_params = ch_str_find(route->path, '{', 0) < route->path.len;
    bool internal = route->path.len > 2 && route->path.ptr[1] == '_' && route->path.ptr[2] == '_';
    if (route->is_referenced || has_params || internal || route->path.len <= 1 ||
        ch_words_have(check->linked, route->path))
        return;
    ch_check_say(check, KIDA_SEVERITY_INFO, "orphan", &place,
                 "link it, or set is_referenced if others call it",
                 "no template leads to this route");
}

static void
check_dead(ch_check *check)
{
    bool declares = false;
    for (const ch_route *route = check->app->routes; route; route = route->next)
        declares |= route->template_name.len > 0;
    for (const ch_source *source = check->sources; declares && source; source = source->next) {
        ch_place place = { source, KIDA_S(""), 0 };
        if (!source->is_used && !source->is_shared)
            ch_check_say(check, KIDA_SEVERITY_INFO, "dead", &place,
                         "name it in template_name of its route, or delete it",
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
    for (ch_source *source = check->sources; source; source = source->next)
        check_template(check, source);
    for (const ch_source *source = check->sources; source; source = source->next)
        ch_check_gather(check, source);
    for (const ch_source *source = check->sources; source; source = source->next)
        ch_check_tags(check, source);
    for (const ch_route *route = check->app->routes; route; route = route->next) {
        check->counts.routes++;
        check_declared(check, route);
        check_events(check, route);
        check_orphan(check, route);
    }
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
