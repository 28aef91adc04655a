/* SPDX-License-Identifier: MIT */
/* test_directory.c - templates as files: what may be read, what may not, and how it is refused. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* mkdtemp, mkfifo, symlink */
#endif
#include "t.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "env/directory.h"

/* A folder that holds the template directory "t" and, beside it, what must stay out of reach. */
typedef struct scene {
    char base[64];
    t_counter counter;
    kida_allocator allocator;
    kd_directory *directory;
    kida_error err;
    kida_source source;
    char listed[4096];
} scene;

static void
put(const scene *s, const char *path, const char *data, size_t len)
{
    char whole[400];
    (void)snprintf(whole, sizeof(whole), "%s/%s", s->base, path);
    FILE *file = fopen(whole, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void
put_text(const scene *s, const char *path, const char *text)
{
    put(s, path, text, strlen(text));
}

static void
make_folder(const scene *s, const char *path)
{
    char whole[400];
    (void)snprintf(whole, sizeof(whole), "%s/%s", s->base, path);
    assert_int_equal(mkdir(whole, 0700), 0);
}

static void
make_link(const scene *s, const char *target, const char *path)
{
    char whole[400];
    (void)snprintf(whole, sizeof(whole), "%s/%s", s->base, path);
    assert_int_equal(symlink(target, whole), 0);
}

static kd_directory *
open_directory(scene *s, const char *path, const char *prefix)
{
    char whole[400];
    (void)snprintf(whole, sizeof(whole), "%s/%s", s->base, path);
    kida_error_init(&s->err);
    return kd_directory_new(&s->allocator, kida_str_from(whole), kida_str_from(prefix), &s->err);
}

static int
set_up(void **state)
{
    scene *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return -1;
    *state = s;
    (void)snprintf(s->base, sizeof(s->base), "/tmp/kida-directory-XX" "XX" "XX");
    if (mkdtemp(s->base) == NULL)
        return -1;
    s->allocator = t_counting_allocator(&s->counter);
    make_folder(s, "t");
    make_folder(s, "t/sub");
    put_text(s, "secret.html", "secret");
    put_text(s, "t/page.html", "page");
    put_text(s, "t/sub/part.html", "part");
    s->directory = open_directory(s, "t", NULL);
    return s->directory != NULL ? 0 : -1;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static void
forget(scene *s)
{
    s->allocator.alloc(s->allocator.user, (void *)(uintptr_t)s->source.text.ptr,
                       s->source.text.len, 0);
    s->allocator.alloc(s->allocator.user, (void *)(uintptr_t)s->source.filename.ptr,
                       s->source.filename.len, 0);
    memset(&s->source, 0, sizeof(s->source));
}

static int
tear_down(void **state)
{
    scene *s = *state;
    kd_directory_free(s->directory);
    (void)nftw(s->base, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    int result = s->counter.live_bytes == 0 && s->counter.live_blocks == 0 ? 0 : -1;
    free(s);
    return result;
}

static kida_status
load_from(scene *s, kd_directory *d, kida_str name)
{
    kida_error_init(&s->err);
    if (s->source.text.ptr != NULL || s->source.filename.ptr != NULL)
        forget(s);
    return kd_directory_load(d, name, &s->allocator, &s->source, &s->err);
}

static void
expect_text(scene *s, const char *name, const char *wanted)
{
    kida_status st = load_from(s, s->directory, kida_str_from(name));
    if (st != KIDA_OK)
        fail_msg("%s: %s", name, s->err.message);
    if (!kida_str_equal(s->source.text, kida_str_from(wanted)))
        fail_msg("%s: got [%.*s], want [%s]", name, (int)s->source.text.len, s->source.text.ptr,
                 wanted);
    forget(s);
}

static void
expect_status(scene *s, kida_str name, kida_status wanted)
{
    kida_status st = load_from(s, s->directory, name);
    if (st != wanted)
        fail_msg("%.*s: got %s, want %s", (int)name.len, name.ptr, kida_status_code(st),
                 kida_status_code(wanted));
    if (s->err.status != wanted || s->err.message[0] == '\0')
        fail_msg("%.*s: the error says nothing", (int)name.len, name.ptr);
    assert_null(s->source.text.ptr);
}

static void
expect_missing(scene *s, const char *name)
{
    expect_status(s, kida_str_from(name), KIDA_E_NOT_FOUND);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Holds: a file's text comes with its name and a version. */
static void
a_file_is_read(void **state)
{
    scene *s = *state;
    char filename[128];
    (void)snprintf(filename, sizeof(filename), "%s/t/sub/part.html", s->base);
    assert_int_equal(load_from(s, s->directory, KIDA_S("sub/part.html")), KIDA_OK);
    assert_true(kida_str_equal(s->source.text, KIDA_S("part")));
    assert_true(kida_str_equal(s->source.filename, kida_str_from(filename)));
    assert_true(s->source.version != 0);
    forget(s);
}

/* Holds: the version tells a replaced file from the one before, also of the same size. */
static void
a_changed_file_has_another_version(void **state)
{
    scene *s = *state;
    uint64_t first = 0, second = 0;
    assert_int_equal(kd_directory_version(s->directory, KIDA_S("page.html"), &first), KIDA_OK);
    put_text(s, "t/new", "gape");
    char from[128], to[128];
    (void)snprintf(from, sizeof(from), "%s/t/new", s->base);
    (void)snprintf(to, sizeof(to), "%s/t/page.html", s->base);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(kd_directory_version(s->directory, KIDA_S("page.html"), &second), KIDA_OK);
    assert_true(first != second && first != 0 && second != 0);
    assert_int_equal(load_from(s, s->directory, KIDA_S("page.html")), KIDA_OK);
    assert_true(s->source.version == second);
    forget(s);
    assert_int_equal(kd_directory_version(s->directory, KIDA_S("none"), &first), KIDA_E_NOT_FOUND);
}

/* Holds: empty files, names beyond ASCII, and the odd spellings that name the same file. */
static void
unusual_files_are_read(void **state)
{
    scene *s = *state;
    put_text(s, "t/empty.html", "");
    put_text(s, "t/größe — 大.html", "unicode");
    put_text(s, "t/sp ace.html", "blank");
    expect_text(s, "empty.html", "");
    expect_text(s, "größe — 大.html", "unicode");
    expect_text(s, "sp ace.html", "blank");
    expect_text(s, "sub/./part.html", "part");
    expect_text(s, "sub//part.html", "part");
}

/* ---- what stays out of reach ----------------------------------------------------------------- */

/* Holds: no name leaves the directory, whatever it holds. */
static void
names_that_leave_are_not_found(void **state)
{
    scene *s = *state;
    static const char *const names[] = {
        "../secret.html", "sub/../../secret.html", "sub/../page.html", "..", "sub/..", "../",
        "./../secret.html", "/etc/passwd", "//etc/passwd", "sub\\..\\page.html", "\\etc", "",
        "....//secret.html", "page.html/", "page.html/x", "sub", "sub/", ".", "/",
    };
    for (size_t i = 0; i < T_COUNT(names); i++)
        expect_missing(s, names[i]);
}

/* Holds: a NUL does not end a name early; long names and paths are just not there. */
static void
strange_names_are_not_found(void **state)
{
    scene *s = *state;
    char text[9000];
    expect_status(s, KIDA_S("page.html\0.txt"), KIDA_E_NOT_FOUND);
    expect_status(s, KIDA_S("\0"), KIDA_E_NOT_FOUND);
    expect_status(s, KIDA_S("page.html\0"), KIDA_E_NOT_FOUND);

    memset(text, 'a', sizeof(text));
    expect_status(s, (kida_str){ text, 300 }, KIDA_E_NOT_FOUND);
    expect_status(s, (kida_str){ text, sizeof(text) }, KIDA_E_NOT_FOUND);
    for (size_t i = 1; i < sizeof(text); i += 2)
        text[i] = '/';
    expect_status(s, (kida_str){ text, 4001 }, KIDA_E_NOT_FOUND);
    expect_status(s, KIDA_S("\xff\xfe"), KIDA_E_NOT_FOUND);
}

/* Holds: links are followed inside and refused outside, in the one call and in the walk. */
static void
links_stay_inside(void **state)
{
    scene *s = *state;
    make_link(s, "page.html", "t/near.html");
    make_link(s, "../page.html", "t/sub/up.html");
    make_link(s, "sub", "t/folder");
    make_link(s, "../secret.html", "t/out.html");
    make_link(s, "..", "t/outer");
    make_link(s, "../../secret.html", "t/sub/out.html");
    make_link(s, "/etc/passwd", "t/absolute.html");
    make_link(s, "/etc", "t/etc");
    make_link(s, "loop-b", "t/loop-a");
    make_link(s, "loop-a", "t/loop-b");
    make_link(s, "nothing", "t/dangling.html");
    make_link(s, "../t/page.html", "t/round.html"); /* out and in again: still out */

    expect_text(s, "near.html", "page");
    expect_text(s, "sub/up.html", "page");
    expect_text(s, "folder/part.html", "part");
    expect_text(s, "folder/up.html", "page");
    static const char *const refused[] = { "out.html", "outer/secret.html", "sub/out.html",
                                           "absolute.html", "etc/passwd", "loop-a",
                                           "dangling.html", "round.html", "folder/out.html" };
    for (size_t i = 0; i < T_COUNT(refused); i++)
        expect_missing(s, refused[i]);
    (void)load_from(s, s->directory, KIDA_S("out.html"));
    assert_non_null(strstr(s->err.hint, "leads out"));
}

/* Holds: the walk of systems without the one call decides as the call does. */
static void
walk_decides_as_the_kernel_does(void **state)
{
    scene *s = *state;
    make_link(s, "page.html", "t/near.html");
    make_link(s, "../page.html", "t/sub/up.html");
    make_link(s, "./sub/.", "t/folder");
    make_link(s, "../secret.html", "t/out.html");
    make_link(s, "..", "t/outer");
    make_link(s, "/etc", "t/etc");
    make_link(s, "loop-b", "t/loop-a");
    make_link(s, "loop-a", "t/loop-b");
    static const char *const paths[] = {
        "page.html", "sub/part.html", "near.html", "sub/up.html", "folder/part.html",
        "folder/up.html", "out.html", "outer/secret.html", "outer", "etc/passwd", "loop-a", "none",
        "sub/none", "page.html/x", "page.html/", "sub/../page.html", "../secret.html",
        "/etc/passwd", "sub/../../secret.html", ".", "..", "sub", "sub/", "sub/.", "sub/..", "",
        "folder/../page.html", "none/../page.html", "sub//part.html",
    };
    char base[128];
    (void)snprintf(base, sizeof(base), "%s/t", s->base);
    int root = open(base, O_RDONLY | O_DIRECTORY);
    assert_true(root >= 0);
    for (size_t i = 0; i < T_COUNT(paths); i++) {
        int one = kida_open_beneath(root, paths[i], 0);
        int two = kida_open_beneath(root, paths[i], KIDA_BENEATH_WALK);
        if ((one < 0) != (two < 0) || (one < 0 && one != two && one != -EISDIR))
            fail_msg("%s: %d and %d", paths[i], one, two);
        if (one >= 0 && two >= 0) {
            struct stat a, b;
            assert_int_equal(fstat(one, &a), 0);
            assert_int_equal(fstat(two, &b), 0);
            if (a.st_ino != b.st_ino)
                fail_msg("%s: two files", paths[i]);
            (void)close(one);
            (void)close(two);
        }
    }
    (void)close(root);
}

/* Holds: the walk ends on long, deep and endless paths, and leaves no handle open. */
static void
walk_has_bounds(void **state)
{
    scene *s = *state;
    char base[128], path[5000];
    (void)snprintf(base, sizeof(base), "%s/t", s->base);
    int root = open(base, O_RDONLY | O_DIRECTORY);
    assert_true(root >= 0);
    make_link(s, ".", "t/me");
    memset(path, 'x', sizeof(path));
    path[300] = '\0';
    assert_int_equal(kida_open_beneath(root, path, KIDA_BENEATH_WALK), -ENAMETOOLONG);
    memset(path, 'x', 300);
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(kida_open_beneath(root, path, KIDA_BENEATH_WALK), -ENAMETOOLONG);
    for (size_t i = 0; i + 3 <= 3999; i += 3)
        memcpy(path + i, "me/", 4);
    assert_int_equal(kida_open_beneath(root, path, KIDA_BENEATH_WALK), -ELOOP);
    for (size_t i = 0; i + 7 <= 3997; i += 7)
        memcpy(path + i, "sub/../", 8);
    int fd = kida_open_beneath(root, path, KIDA_BENEATH_WALK | KIDA_BENEATH_DIRECTORY);
    assert_true(fd >= 0);
    (void)close(fd);
    int next = dup(root); /* the lowest free descriptor: nothing leaked in between */
    assert_int_equal(next, fd);
    (void)close(next);
    (void)close(root);
}

/* ---- what is no template --------------------------------------------------------------------- */

/* Holds: pipes, sockets, devices and directories are not found, without waiting for anything. */
static void
special_files_are_not_found(void **state)
{
    scene *s = *state;
    char path[128];
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    (void)snprintf(path, sizeof(path), "%s/t/pipe.html", s->base);
    assert_int_equal(mkfifo(path, 0600), 0);
    make_folder(s, "t/folder.html");
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/t/socket.html", s->base);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);

    expect_missing(s, "pipe.html");
    assert_non_null(strstr(s->err.hint, "not a regular file"));
    expect_missing(s, "folder.html");
    assert_non_null(strstr(s->err.hint, "directory"));
    expect_missing(s, "socket.html");
    (void)close(fd);
}

/* Holds: TP-9. A file that vanished, and a directory that did. */
static void
vanished_files_are_not_found(void **state)
{
    scene *s = *state;
    char path[128];
    expect_text(s, "page.html", "page");
    (void)snprintf(path, sizeof(path), "%s/t/page.html", s->base);
    assert_int_equal(unlink(path), 0);
    expect_missing(s, "page.html");
    (void)snprintf(path, sizeof(path), "%s/t", s->base);
    assert_int_equal(nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    expect_missing(s, "sub/part.html");
}

/* Holds: a file without read permission is an error of its own, not a missing template. */
static void
unreadable_files_say_why(void **state)
{
    scene *s = *state;
    char path[128];
    if (geteuid() == 0)
        skip(); /* nothing is unreadable to root */
    (void)snprintf(path, sizeof(path), "%s/t/page.html", s->base);
    assert_int_equal(chmod(path, 0), 0);
    expect_status(s, KIDA_S("page.html"), KIDA_E_IO);
    assert_non_null(strstr(s->err.message, "permission denied"));
}

/* Holds: size is bounded before a byte is read (the big file has no bytes on the disk). */
static void
large_files_are_refused(void **state)
{
    scene *s = *state;
    char path[128];
    static char text[(1u << 20) + 1];
    memset(text, 'x', sizeof(text));
    put(s, "t/fits.html", text, sizeof(text) - 1);
    put(s, "t/over.html", text, sizeof(text));
    assert_int_equal(load_from(s, s->directory, KIDA_S("fits.html")), KIDA_OK);
    assert_int_equal(s->source.text.len, sizeof(text) - 1);
    expect_status(s, KIDA_S("over.html"), KIDA_E_LEX_TOKENS);

    (void)snprintf(path, sizeof(path), "%s/t/page.html", s->base);
    assert_int_equal(truncate(path, (off_t)1 << 33), 0);
    expect_status(s, KIDA_S("page.html"), KIDA_E_LEX_TOKENS);
    assert_non_null(strstr(s->err.message, "8589934592"));
}

/* Holds: text that is no UTF-8 is refused with the line of the first bad byte. */
static void
bad_encoding_is_refused(void **state)
{
    static const struct {
        const char *text;
        size_t len;
        uint32_t line;
    } cases[] = {
        { "\xff", 1, 1 },
        { "ok\n\xc3\xa4\n\xe4\nok", 9, 3 },
        { "ok\n\xed\xa0\x80", 6, 2 },
        { "cut \xe2\x82", 6, 1 },
        { "a\n\n\xc0\xaf", 5, 3 },
    };
    scene *s = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        put(s, "t/bad.html", cases[i].text, cases[i].len);
        expect_status(s, KIDA_S("bad.html"), KIDA_E_UTF8);
        assert_int_equal(s->err.line, cases[i].line);
        assert_string_equal(s->err.template_name, "bad.html");
        assert_true(s->err.hint[0] != '\0');
    }
}

/* Holds: running out of memory at any request leaves nothing behind and says so. */
static void
out_of_memory_is_reported(void **state)
{
    scene *s = *state;
    for (size_t n = 1;; n++) {
        s->counter.requests = 0;
        s->counter.fail_at = n;
        kd_directory *d = open_directory(s, "t", "p");
        kida_status st = d != NULL ? load_from(s, d, KIDA_S("p/page.html")) : s->err.status;
        s->counter.fail_at = 0;
        forget(s);
        kd_directory_free(d);
        if (st == KIDA_OK)
            break;
        assert_int_equal(st, KIDA_E_NOMEM);
        assert_true(n < 20);
    }
}

/* ---- listing, prefixes ----------------------------------------------------------------------- */

static kida_status
note_name(void *arg, kida_str name)
{
    char *listed = arg;
    size_t len = strlen(listed);
    (void)snprintf(listed + len, sizeof(((scene *)0)->listed) - len, "%.*s ", (int)name.len,
                   name.ptr);
    return KIDA_OK;
}

static kida_status
refuse_name(void *arg, kida_str name)
{
    (void)name;
    return ++*(int *)arg == 2 ? KIDA_E_STOPPED : KIDA_OK;
}

/* Holds: pages at any depth, in order; nothing from outside, nothing that can't be loaded. */
static void
listing_is_sorted_and_inside(void **state)
{
    scene *s = *state;
    int count = 0;
    put_text(s, "t/a.xml", "x");
    put_text(s, "t/a.txt", "x");
    put_text(s, "t/b.html.kida", "x");
    put_text(s, "t/Z.html", "x");
    put_text(s, "t/sub-x.html", "x");
    put_text(s, "t/ä.html", "x");
    put_text(s, "t/\xff.html", "x");
    make_folder(s, "t/folder.html");
    make_folder(s, "t/sub/deep");
    put_text(s, "t/sub/deep/d.html", "x");
    make_link(s, "page.html", "t/link.html");
    make_link(s, "../secret.html", "t/out.html");
    make_link(s, ".", "t/me");
    make_link(s, "nothing", "t/dangling.html");

    assert_int_equal(kd_directory_list(s->directory, note_name, s->listed), KIDA_OK);
    assert_string_equal(s->listed, "Z.html a.xml link.html page.html sub-x.html sub/deep/d.html "
                                   "sub/part.html ä.html ");
    assert_int_equal(kd_directory_list(s->directory, refuse_name, &count), KIDA_E_STOPPED);
    assert_int_equal(count, 2);
}

/* Holds: with a prefix, templates are known under it and under nothing else. */
static void
prefix_is_part_of_the_name(void **state)
{
    scene *s = *state;
    kd_directory *d = open_directory(s, "t", "/admin/");
    assert_non_null(d);
    assert_int_equal(load_from(s, d, KIDA_S("admin/sub/part.html")), KIDA_OK);
    assert_true(kida_str_equal(s->source.text, KIDA_S("part")));
    static const char *const names[] = { "page.html", "admin", "admin/", "adminx/page.html",
                                         "admin//page.html/x", "admin/../page.html",
                                         "admin//etc/passwd", "Admin/page.html" };
    for (size_t i = 0; i < T_COUNT(names); i++) {
        if (load_from(s, d, kida_str_from(names[i])) != KIDA_E_NOT_FOUND)
            fail_msg("%s is found", names[i]);
    }
    assert_int_equal(kd_directory_list(d, note_name, s->listed), KIDA_OK);
    assert_string_equal(s->listed, "admin/page.html admin/sub/part.html ");
    kd_directory_free(d);
}

/* Holds: a directory that can't be used is refused when it is added, with the reason. */
static void
bad_directories_are_refused(void **state)
{
    static const struct {
        const char *path, *prefix;
        kida_status status;
    } cases[] = {
        { "none", NULL, KIDA_E_IO },
        { "t/page.html", NULL, KIDA_E_IO },
        { "t", "a/../b", KIDA_E_USAGE },
        { "t", "\xff", KIDA_E_USAGE },
    };
    scene *s = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        assert_null(open_directory(s, cases[i].path, cases[i].prefix));
        assert_int_equal(s->err.status, cases[i].status);
    }
    assert_null(kd_directory_new(NULL, KIDA_S(""), KIDA_S(""), &s->err));
    assert_int_equal(s->err.status, KIDA_E_USAGE);
}

#define scene_test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(a_file_is_read),
        scene_test(a_changed_file_has_another_version),
        scene_test(unusual_files_are_read),
        scene_test(names_that_leave_are_not_found),
        scene_test(strange_names_are_not_found),
        scene_test(links_stay_inside),
        scene_test(walk_decides_as_the_kernel_does),
        scene_test(walk_has_bounds),
        scene_test(special_files_are_not_found),
        scene_test(vanished_files_are_not_found),
        scene_test(unreadable_files_say_why),
        scene_test(large_files_are_refused),
        scene_test(bad_encoding_is_refused),
        scene_test(out_of_memory_is_reported),
        scene_test(listing_is_sorted_and_inside),
        scene_test(prefix_is_part_of_the_name),
        scene_test(bad_directories_are_refused),
    };
    return cmocka_run_group_tests_name("env/directory", tests, NULL, NULL);
}
