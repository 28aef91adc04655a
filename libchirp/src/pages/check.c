/* SPDX-License-Identifier: MIT */
/* check.c - what chirp_check holds against pages: chains of layouts, sections, the blocks that the
 * shell needs. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "app/check.h"
#include "config/text.h"
#include "pages.h"

#define PRINTABLE(text) (int)((text).len < 120 ? (text).len : 120), (text).ptr

/* ---- layouts ------------------------------------------------------------------------------- */

static void
find_disinherit(void *arg, const ch_tag *tag)
{
    uint32_t *line = arg;
    const ch_attr *attr = tag->kind == CH_TAG_START ? ch_tag_attr(tag, "hx-disinherit") : NULL;
    if (attr && *line == 0)
        *line = attr->line;
}

/* Line of the comment that names the target, or 1. */
static uint32_t
target_line(kida_str text)
{
    const char *at = text.ptr ? memmem(text.ptr, text.len, "{# target:", 10) : NULL;
    kida_str before = { text.ptr, at ? (size_t)(at - text.ptr) : 0 };
    return (uint32_t)ch_str_count(before, '\n') + 1;
}

static const ch_folder *
with_layout(const ch_folder *folder)
{
    while (folder && folder->layout.len == 0)
        folder = folder->parent;
    return folder;
}

static void
check_layout(ch_check *check, const ch_folder *folder)
{
    ch_source *source = ch_check_source(check, folder->layout);
    const ch_folder *outer = with_layout(folder->parent);
    uint32_t cut = 0;
    if (!source)
        return;
    source->is_used = true;
    ch_place place = { source, KIDA_S(""), target_line(source->text) };
    if (outer && kida_str_equal(folder->target, KIDA_S("body")))
        ch_check_say(check, CH_RULE_LAYOUT_TARGET, &place,
                     "add {# target: ID #} with the id of the element that it fills",
                     "this layout stands inside of another, but fills \"body\"");
    for (; outer && !kida_str_equal(folder->target, KIDA_S("body"));
         outer = with_layout(outer->parent)) {
        if (kida_str_equal(outer->target, folder->target))
            ch_check_say(check, CH_RULE_LAYOUT_TARGET, &place, NULL,
                         "this layout and %.*s have one target, \"%.*s\"",
                         PRINTABLE(outer->layout), PRINTABLE(folder->target));
    }
    place.line = 1;
    if (with_layout(folder->parent) && source->parent)
        ch_check_say(check, CH_RULE_LAYOUT_EXTENDS, &place, NULL,
                     "this layout stands inside of another, but extends %.*s: a page in a page",
                     PRINTABLE(source->parent->name));
    if (source->text.ptr)
        ch_html_scan(source->text, find_disinherit, &cut);
    place.line = cut;
    if (cut > 0)
        ch_check_say(check, CH_RULE_LAYOUT_DISINHERIT, &place, NULL,
                     "hx-disinherit in a layout cuts what its links and forms inherit");
}

/* ---- sections ------------------------------------------------------------------------------ */

static bool
is_below(kida_str path, const char *prefix)
{
    kida_str start = kida_str_from(prefix);
    if (kida_str_equal(path, start))
        return true;
    return start.len > 1 && path.len > start.len && path.ptr[start.len] == '/' &&
           kida_str_equal(ch_str_slice(path, 0, start.len), start);
}

static bool
is_in(kida_str path, const chirp_section *section)
{
    const char *const *prefix = section->prefixes;
    while (prefix && *prefix && !is_below(path, *prefix))
        prefix++;
    return prefix && *prefix;
}

/* A tab that also stands for the pages below may have none of its own. */
static bool
leads_somewhere(ch_check *check, const chirp_tab *tab)
{
    ch_path path;
    ch_match match;
    kida_str href = kida_str_from(tab->href);
    href = ch_str_slice(href, 0, ch_str_find(href, '?', 0));
    if (href.len == 0 || href.ptr[0] != '/')
        return true;
    if (ch_path_parse(&check->arena, href, &path) == CH_REJECT_NONE) {
        ch_router_match(check->app->frozen.router, CH_METHOD_GET, &path, &match);
        if (match.kind == CH_MATCH_ROUTE)
            ch_words_add(check, &check->linked, ((const ch_route *)match.target)->path);
        if (match.kind == CH_MATCH_ROUTE)
            return true;
    }
    for (const ch_route *route = check->app->routes; tab->below && route; route = route->next) {
        if (is_below(route->path, tab->href))
            return true;
    }
    return false;
}

static void
check_section(ch_check *check, const chirp_section *section)
{
    ch_place place = { NULL, KIDA_S(""), 0 };
    for (const chirp_tab *tab = section->tabs; tab && tab->label; tab++) {
        bool twice = false;
        for (const chirp_tab *other = section->tabs; other < tab; other++)
            twice |= strcmp(other->href, tab->href) == 0;
        place.route = kida_str_from(tab->href);
        if (twice)
            ch_check_say(check, CH_RULE_SECTION_TAB, &place, "give each tab an address of its own",
                         "section \"%s\" has two tabs for \"%s\"", section->id, tab->href);
        else if (!leads_somewhere(check, tab))
            ch_check_say(check, CH_RULE_SECTION_TAB, &place, NULL,
                         "tab \"%s\" of section \"%s\" leads to no route", tab->label, section->id);
    }
}

static void
check_membership(ch_check *check, const struct ch_pages *pages, const ch_page *page)
{
    ch_place place = { NULL, page->path, 0 };
    const char *wanted = page->def ? page->def->section : NULL;
    bool has_sections = false;
    const chirp_section *around = NULL;
    for (const ch_page_entry *entry = pages->entries; entry; entry = entry->next) {
        has_sections |= entry->section != NULL;
        if (entry->section && is_in(page->path, entry->section))
            around = entry->section;
    }
    if (wanted && !page->section)
        ch_check_say(check, CH_RULE_SECTION_UNKNOWN, &place, NULL,
                     "the page is in section \"%s\", which is not registered", wanted);
    else if (page->section && page->section->prefixes && !is_in(page->path, page->section))
        ch_check_say(check, CH_RULE_SECTION_PATH, &place, NULL,
                     "the page is outside of the prefixes of its section \"%s\"", wanted);
    else if (!wanted && page->def && around)
        ch_check_say(check, CH_RULE_SECTION_MISSING, &place, NULL,
                     "the path is one of section \"%s\", but the page is in none", around->id);
    else if (!page->def && has_sections && page->template_name.len > 0)
        ch_check_say(check, CH_RULE_PAGE_BARE, &place, NULL,
                     "nothing is said about this page: it has no title and no section");
}

/* ---- blocks -------------------------------------------------------------------------------- */

static bool
has_block(ch_check *check, kida_str name, const char *block)
{
    kida_error err;
    kida_error_init(&err);
    kida_template *tpl = kida_env_get(check->app->env, name, &err);
    bool found = !tpl || kida_template_has_block(tpl, kida_str_from(block)); /* said elsewhere */
    kida_template_drop(tpl);
    return found;
}

static void
check_blocks(ch_check *check, const ch_page *page)
{
    static const char *const tabbed[] = { "page_root", "page_content" };
    ch_place place = { ch_check_source(check, page->template_name), page->path, 0 };
    const char *mode = page->def ? page->def->shell_mode : NULL;
    if (page->template_name.len == 0)
        return;
    for (const ch_fragment_entry *at = check->app->targets; at; at = at->next) {
        if (at->target.required && !has_block(check, page->template_name, at->target.block))
            ch_check_say(check, CH_RULE_PAGE_SHELL, &place, NULL,
                         "the page has no block \"%s\", which the shell puts into #%s",
                         at->target.block, at->target.id);
    }
    for (size_t i = 0; mode && strcmp(mode, "tabbed") == 0 && i < 2; i++) {
        if (!has_block(check, page->template_name, tabbed[i]))
            ch_check_say(check, CH_RULE_PAGE_TABBED, &place, NULL,
                         "the page is tabbed, but has no block \"%s\"", tabbed[i]);
    }
}

void
ch_pages_check(ch_check *check)
{
    const struct ch_pages *pages = check->app->pages;
    for (const ch_folder *folder = pages->folders; folder; folder = folder->next)
        check_layout(check, folder);
    for (const ch_page_entry *entry = pages->entries; entry; entry = entry->next) {
        if (entry->section)
            check_section(check, entry->section);
    }
    for (const ch_page *page = pages->pages; page; page = page->next) {
        check_membership(check, pages, page);
        check_blocks(check, page);
    }
}
