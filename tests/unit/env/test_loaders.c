/* SPDX-License-Identifier: MIT */
/* test_loaders.c - loaders as an environment uses them: memory, directories, their order. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* mkdtemp */
#endif
#include "t.h"

#include <stdlib.h>
#include <unistd.h>

/* Fetches and renders a template that needs no context; gives its text or a code. */
static const char *
page(t_fixture *fx, const char *name)
{
    return t_render_named(fx, name, kida_none());
}

/* Holds: sources are copied, and the last one of a name counts. */
static void
sources_are_copied_and_replaced(void **state)
{
    t_fixture *fx = *state;
    char name[] = "a.html", text[] = "first";
    t_add(fx, name, text);
    t_add(fx, "b.html", "other");
    memset(name, 'x', sizeof(name) - 1);
    memset(text, 'x', sizeof(text) - 1);
    t_add(fx, "empty", "");
    t_add(fx, "b.html", "newer");
    assert_string_equal(page(fx, "a.html"), "first");
    assert_string_equal(page(fx, "b.html"), "newer");
    assert_string_equal(page(fx, "empty"), "");
    assert_string_equal(page(fx, "xxxxxx"), "K-TPL-001");
}

/* Holds: any order of adding gives the same look-up (entries are kept sorted). */
static void
many_sources_are_found(void **state)
{
    t_fixture *fx = *state;
    char name[16], text[16];
    for (unsigned i = 0; i < 500; i++) {
        (void)snprintf(name, sizeof(name), "n%u", i * 7919 % 500);
        (void)snprintf(text, sizeof(text), "t%u", i * 7919 % 500);
        t_add(fx, name, text);
    }
    for (unsigned i = 0; i < 500; i += 13) {
        (void)snprintf(name, sizeof(name), "n%u", i);
        (void)snprintf(text, sizeof(text), "t%u", i);
        assert_string_equal(page(fx, name), text);
    }
}

/* Holds: a name that is nearly there is named in the error. */
static void
a_near_name_is_suggested(void **state)
{
    t_fixture *fx = *state;
    t_add(fx, "pages/index.html", "x");
    t_add(fx, "pages/about.html", "x");
    assert_string_equal(page(fx, "pages/indx.html"), "K-TPL-001");
    assert_non_null(strstr(fx->err.message, "pages/indx.html"));
    assert_non_null(strstr(fx->err.hint, "pages/index.html"));
}

/* Holds: what can't be a template is refused when added, and set-up ends at the freeze. */
static void
bad_sources_are_refused(void **state)
{
    t_fixture *fx = *state;
    kida_env *env = t_env(fx);
    assert_int_equal(kida_env_add_source(env, KIDA_S(""), KIDA_S("x"), &fx->err), KIDA_E_USAGE);
    assert_int_equal(kida_env_add_source(env, KIDA_S("\xff"), KIDA_S("x"), NULL), KIDA_E_UTF8);
    assert_int_equal(kida_env_add_source(env, KIDA_S("a"), KIDA_S("\xff"), &fx->err), KIDA_E_UTF8);
    assert_int_equal(kida_env_add_directory(env, "/does/not/exist", NULL, &fx->err), KIDA_E_IO);
    assert_int_equal(kida_env_add_directory(env, NULL, NULL, NULL), KIDA_E_USAGE);
    assert_int_equal(kida_env_freeze(env, &fx->err), KIDA_OK);
    assert_int_equal(kida_env_add_source(env, KIDA_S("a"), KIDA_S("x"), &fx->err), KIDA_E_FROZEN);
    assert_int_equal(kida_env_add_directory(env, "/", NULL, &fx->err), KIDA_E_FROZEN);
}

static void
write_file(const char *folder, const char *name, const char *text)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void
remove_file(const char *folder, const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    (void)unlink(path);
}

static kida_status
count_name(void *arg, kida_str name)
{
    char *names = arg;
    size_t len = strlen(names);
    (void)snprintf(names + len, 200 - len, "%.*s ", (int)name.len, name.ptr);
    return KIDA_OK;
}

/* Holds: loaders are asked in the order in which they came; a directory may have a prefix. */
static void
the_first_loader_that_knows_wins(void **state)
{
    t_fixture *fx = *state;
    char folder[] = "/tmp/kida-loaders-XX" "XX" "XX";
    char names[200] = "";
    assert_non_null(mkdtemp(folder));
    write_file(folder, "a.html", "file a");
    write_file(folder, "b.html", "file b, {% include './a.html' %}");

    kida_env *env = t_env(fx);
    t_add(fx, "a.html", "memory a");
    assert_int_equal(kida_env_add_directory(env, folder, NULL, &fx->err), KIDA_OK);
    assert_int_equal(kida_env_add_directory(env, folder, "p", &fx->err), KIDA_OK);
    t_add(fx, "b.html", "memory b"); /* sources stand together, in the place of the first */
    assert_string_equal(page(fx, "a.html"), "memory a");
    assert_string_equal(page(fx, "b.html"), "memory b");
    assert_string_equal(page(fx, "p/a.html"), "file a");
    assert_string_equal(page(fx, "p/b.html"), "file b, file a");
    assert_string_equal(page(fx, "p/../a.html"), "K-TPL-001");
    assert_string_equal(page(fx, "c.html"), "K-TPL-001");
    assert_int_equal(kida_env_list(env, count_name, names), KIDA_OK);
    assert_non_null(strstr(names, "p/b.html"));

    remove_file(folder, "a.html");
    remove_file(folder, "b.html");
    assert_string_equal(page(fx, "p/a.html"), "file a"); /* what is compiled keeps serving */
    assert_int_equal(rmdir(folder), 0);
}

/* Holds: running out of memory at any request changes nothing and leaves nothing. */
static void
out_of_memory_leaves_the_loader_whole(void **state)
{
    t_fixture *fx = *state;
    kida_env *env = t_env(fx);
    for (size_t n = 1;; n++) {
        fx->counter.requests = 0;
        fx->counter.fail_at = n;
        kida_status st = kida_env_add_source(env, KIDA_S("name"), KIDA_S("text"), &fx->err);
        fx->counter.fail_at = 0;
        if (st == KIDA_OK)
            break;
        assert_int_equal(st, KIDA_E_NOMEM);
        assert_true(n < 20);
    }
    assert_string_equal(page(fx, "name"), "text");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        t_test(sources_are_copied_and_replaced),
        t_test(many_sources_are_found),
        t_test(a_near_name_is_suggested),
        t_test(bad_sources_are_refused),
        t_test(the_first_loader_that_knows_wins),
        t_test(out_of_memory_leaves_the_loader_whole),
    };
    return cmocka_run_group_tests_name("env/loaders", tests, NULL, NULL);
}
