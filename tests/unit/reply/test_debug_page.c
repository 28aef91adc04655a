/* SPDX-License-Identifier: MIT */
/* test_debug_page.c - what debug mode shows of a failure (row 9.4). */
#define _GNU_SOURCE
#include "app.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static t_app fx;
static char folder[64];

static chirp_reply *
broken(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_template(req, "a b\"<.html", kida_none());
}

static chirp_reply *
not_found(chirp_request *req, const chirp_failure *failure, void *user)
{
    (void)failure;
    (void)user;
    return chirp_reply_template(req, "gone.html", kida_none());
}

static chirp_reply *
failing(chirp_request *req, const chirp_failure *failure, void *user)
{
    (void)failure;
    (void)user;
    return chirp_reply_template(req, "other.html", kida_none());
}

static int
setup(void **state)
{
    char path[128];
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/chirp-debug-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/a b\"<.html", folder);
    FILE *file = fopen(path, "w");
    if (!file)
        return -1;
    fputs("one\n{{ missing.thing }}\n", file);
    return fclose(file);
}

static int
teardown(void **state)
{
    char path[128];
    (void)state;
    snprintf(path, sizeof(path), "%s/a b\"<.html", folder);
    unlink(path);
    return rmdir(folder);
}

static void
open_with(const char *editor, bool debug)
{
    memset(&fx, 0, sizeof(fx));
    t_app_init(&fx);
    fx.config.debug = debug;
    fx.config.editor = editor;
    fx.config.template_dir = folder;
    fx.config.skip_contract_checks = true;
    fx.config.log_level = CHIRP_LEVEL_ERROR;
    t_app_open(&fx);
    chirp_route(fx.app, "GET", "/broken", broken, NULL);
}

/* Holds: 9.4: the place of a failure is a link for the editor of the config; a file's name ends
 * neither the URL nor the attribute. */
static void
row_9_4_links_to_an_editor(void **state)
{
    static const struct {
        const char *editor, *before, *behind;
    } cases[] = {
        { "vscode", "<a href=\"vscode://file/", ":2\">" },
        { "cursor", "<a href=\"cursor://file/", ":2\">" },
        { "sublime", "<a href=\"subl://open?url=file:///", "&amp;line=2\">" },
        { "textmate", "<a href=\"txmt://open?url=file:///", "&amp;line=2\">" },
        { "idea", "<a href=\"idea://open?file=/", "&amp;line=2\">" },
        { "pycharm", "<a href=\"pycharm://open?file=/", "&amp;line=2\">" },
        { "x-own:__LINE__@__FILE__", "<a href=\"x-own:2@/", "\">" },
        { "", NULL, NULL },
        { "ed", NULL, NULL },
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        chirp_answer got;
        char want[200];
        open_with(cases[i].editor, true);
        assert_int_equal(chirp_test_get(t_client(&fx), "/broken", &got), KIDA_OK);
        assert_true(t_holds(got.body, "a b&#34;&lt;.html:2") ||
                    t_holds(got.body, "a b&quot;&lt;.html:2"));
        snprintf(want, sizeof(want), "/a%%20b%%22%%3C.html%s",
                 cases[i].behind ? cases[i].behind : "");
        bool has_link = t_holds(got.body, want);
        if (cases[i].before ? !has_link || !t_holds(got.body, cases[i].before) : has_link)
            fail_msg("'%s': %.*s", cases[i].editor, (int)got.body.len, got.body.ptr);
        t_app_close(&fx);
    }
}

/* Holds: 9.4: a failed handler of failures is shown with what it was to answer; the code says where
 * it is explained; production shows neither. */
static void
row_9_4_the_cause(void **state)
{
    (void)state;
    for (int debug = 0; debug < 2; debug++) {
        chirp_answer got;
        open_with("", debug == 1);
        t_app_template(&fx, "gone.html", "{{ nothing.at.all }}");
        t_app_template(&fx, "other.html", "{{ 1 + [] }}");
        chirp_on_error(fx.app, 404, not_found, NULL);
        chirp_on_error(fx.app, 500, failing, NULL);
        assert_int_equal(chirp_test_get(t_client(&fx), "/<b>", &got), KIDA_OK);
        assert_int_equal(chirp_test_get(fx.client, "/none", &got), KIDA_OK);
        assert_true(CHIRP_CHECK_STATUS(&got, 500));
        assert_int_equal(t_holds(got.body, "Caused by: the handler of status 404 failed while it "
                                           "answered No route matches GET &#39;/none&#39;"), debug);
        assert_int_equal(t_holds(got.body, "is explained in <code>docs/errors.md</code>"), debug);
        assert_int_equal(t_holds(got.body, "gone.html"), debug);
        assert_int_equal(chirp_test_get(fx.client, "/broken", &got), KIDA_OK);
        assert_true(CHIRP_CHECK_STATUS(&got, 500));
        assert_int_equal(t_holds(got.body, "Caused by: the handler of status 500"), debug);
        assert_int_equal(t_holds(got.body, ".html:2</p>"), debug);
        t_app_close(&fx);
    }
}

/* Holds: 9.4: fields that hold secrets are masked, all others escaped. */
static void
row_9_4_secrets_are_masked(void **state)
{
    static const char *const headers[] = {
        "Authorization", "Bearer secret-1", "Cookie", "a=secret-2", "X-Api-Key", "secret-3",
        "X-Auth-Token", "secret-4", "Proxy-Authorization", "secret-5", "Set-Cookie", "secret-6",
        "X-Plain", "<i>shown</i>", NULL,
    };
    chirp_answer got;
    (void)state;
    open_with("", true);
    assert_int_equal(chirp_test_request(t_client(&fx), "GET", "/broken", headers, KIDA_S(""), &got),
                     KIDA_OK);
    assert_false(t_holds(got.body, "secret-"));
    assert_true(t_holds(got.body, "&lt;i&gt;shown&lt;/i&gt;"));
    t_app_close(&fx);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_9_4_links_to_an_editor),
        cmocka_unit_test(row_9_4_the_cause),
        cmocka_unit_test(row_9_4_secrets_are_masked),
    };
    return cmocka_run_group_tests_name("reply/debug_page", tests, setup, teardown);
}
