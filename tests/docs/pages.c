/* SPDX-License-Identifier: MIT */
/* pages.c - docs/pages.md: its templates are written to a directory and mounted with its C. */
#define _GNU_SOURCE
#include "app.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pages_blocks.c"

#define FILES_MAX 16

static char root[64], made[FILES_MAX][256];
static size_t made_count;

static void
make_folders(char *path)
{
    for (char *at = strchr(path + sizeof("/tmp/"), '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        if (mkdir(path, 0700) == 0 && made_count < FILES_MAX)
            snprintf(made[made_count++], sizeof(made[0]), "%s", path);
        else if (errno != EEXIST)
            fail_msg("mkdir %s", path);
        *at = '/';
    }
}

/* Every block of the page that has a file name. */
static void
write_templates(void)
{
    static const char fence[] = "```kida ";
    char line[1024], path[256];
    FILE *page = fopen(T_SOURCE_DIR "/docs/pages.md", "r"), *out = NULL;
    assert_non_null(page);
    while (fgets(line, sizeof(line), page)) {
        if (strncmp(line, fence, sizeof(fence) - 1) == 0) {
            line[strcspn(line, "\n")] = '\0';
            snprintf(path, sizeof(path), "%s/%.150s", root, line + sizeof(fence) - 1);
            make_folders(path);
            out = fopen(path, "w");
            assert_non_null(out);
            snprintf(made[made_count++], sizeof(made[0]), "%s", path);
        } else if (out && strcmp(line, "```\n") == 0) {
            assert_int_equal(fclose(out), 0);
            out = NULL;
        } else if (out) {
            assert_true(fputs(line, out) >= 0);
        }
    }
    assert_int_equal(fclose(page), 0);
}

static int
setup(void **state)
{
    static t_app fx;
    char pages_dir[80];
    strncpy(root, "/tmp/chirp-docs-XXXXXX", sizeof(root) - 1);
    if (!mkdtemp(root))
        return -1;
    write_templates();
    t_app_init(&fx);
    t_app_open(&fx);
    snprintf(pages_dir, sizeof(pages_dir), "%s/pages", root);
    add_pages(fx.app, pages_dir);
    *state = &fx;
    return 0;
}

static int
teardown(void **state)
{
    t_app_close(*state);
    while (made_count > 0)
        remove(made[--made_count]);
    return rmdir(root);
}

static void
note(void *arg, const chirp_issue *issue)
{
    (void)arg;
    if (issue->severity != KIDA_SEVERITY_INFO)
        print_error("%s: %s\n", issue->rule, issue->message);
}

static void
pages_answer_as_the_page_says(void **state)
{
    t_app *fx = *state;
    chirp_answer got;
    const char *const boosted[] = { "HX-Request", "true", "HX-Boosted", "true", "HX-Target", "main",
                                    NULL };
    assert_int_equal(chirp_test_get(t_client(fx), "/items", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_CONTAINS(&got, "<title>Items</title>"));
    assert_true(CHIRP_CHECK_CONTAINS(&got, "<section id=\"items\"><h1>Items</h1>\n"
                                           "<p>Ann has 3.</p></section>"));
    assert_true(CHIRP_CHECK_CONTAINS(&got, "<a href=\"/items\" aria-current=\"page\">All</a>"));
    assert_int_equal(chirp_test_fragment(fx->client, "/items", &got), KIDA_OK);
    T_BODY(&got, "<p>Ann has 3.</p>");
    assert_int_equal(chirp_test_request(fx->client, "GET", "/items/7", boosted,
                                        (kida_str){ NULL, 0 }, &got), KIDA_OK);
    assert_true(CHIRP_CHECK_CONTAINS(&got, "<section id=\"items\"><h2>Item 7 of Ann</h2>"));
    assert_true(CHIRP_CHECK_CONTAINS(&got, "hx-swap-oob=\"innerHTML\"><div class="));
    assert_true(CHIRP_CHECK_CONTAINS(&got, ">New item</a>"));
    assert_int_equal(chirp_test_get(fx->client, "/items/13", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&got, 404));
    assert_int_equal(chirp_test_post(fx->client, "/items/7", "_action=remove", &got), KIDA_OK);
    assert_true(CHIRP_CHECK_HEADER(&got, "Location", "/items"));
}

static void
the_check_finds_no_mistake(void **state)
{
    t_app *fx = *state;
    chirp_check_counts counts;
    assert_int_equal(chirp_check(fx->app, note, NULL, &counts, &fx->err), KIDA_OK);
    assert_int_equal(counts.errors + counts.warnings, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_answer_as_the_page_says),
        cmocka_unit_test(the_check_finds_no_mistake),
    };
    return cmocka_run_group_tests_name("docs/pages", tests, setup, teardown);
}
