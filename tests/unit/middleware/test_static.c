/* SPDX-License-Identifier: MIT */
/* test_static.c - static files: rules SF-1 to SF-21 and row 6.5, without a socket. */
#define _GNU_SOURCE
#include "mw.h"

#include <errno.h>

#include "middleware/types.h"

#define INSIDE "body{color:red}\n"

static char place[64];   /* holds site/ and secret.txt */
static char site[96];

static chirp_reply *
hello(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, KIDA_S("hello"));
}

static void
put(const char *name, const char *text)
{
    mw_write(site, name, text, strlen(text));
}

static void
make_folder(const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", site, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void
make_link(const char *target, const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", site, name);
    assert_int_equal(symlink(target, path), 0);
}

static int
make_site(void **state)
{
    (void)state;
    mw_folder(place);
    snprintf(site, sizeof(site), "%s/site", place);
    assert_int_equal(mkdir(site, 0700), 0);
    mw_write(place, "secret.txt", "SECRET", 6);
    put("style.css", INSIDE);
    put("digits.bin", "0123456789");
    put("empty.txt", "");
    put("a b+c#d%41'\".txt", "odd");
    put("<b>.html", "bold");
    put("\xc3\xa9.txt", "e");
    put(".env", "SECRET");
    put("404.html", "<p>gone</p>");
    make_folder("docs");
    put("docs/index.html", "<p>docs</p>");
    make_folder("bare");
    make_folder(".git");
    put(".git/config", "SECRET");
    make_folder(".well-known");
    put(".well-known/security.txt", "contact");
    make_link("../secret.txt", "out.txt");
    make_link("/etc/passwd", "absolute.txt");
    make_link("loop.txt", "loop.txt");
    make_link("nothing.txt", "dangling.txt");
    make_link("style.css", "alias.css");
    make_link("..", "up");
    char pipe_name[256];
    snprintf(pipe_name, sizeof(pipe_name), "%s/pipe.txt", site);
    assert_int_equal(mkfifo(pipe_name, 0600), 0);
    return 0;
}

static int
drop_site(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", place);
    return system(command);
}

static void
serve(mw *fx, const char *prefix)
{
    chirp_static_options options;
    chirp_static_options_init(&options);
    options.directory = site;
    options.prefix = prefix;
    assert_int_equal(chirp_use_static(mw_app(fx), &options, &fx->err), KIDA_OK);
    assert_int_equal(chirp_route(mw_app(fx), "GET|POST", "/hello", hello, NULL), KIDA_OK);
}

static void
check_status(mw *fx, const char *target, unsigned low, unsigned high)
{
    chirp_answer *got = mw_get(fx, target);
    if (got->status < low || got->status > high)
        fail_msg("%s: %u", target, got->status);
    if (memmem(got->raw.ptr, got->raw.len, "SECRET", 6) ||
        memmem(got->raw.ptr, got->raw.len, "root:", 5))
        fail_msg("%s: bytes from outside", target);
}

static void
row_6_5_serves_a_file(void **state)
{
    mw *fx = *state;
    serve(fx, "/static");
    chirp_answer *got = mw_get(fx, "/static/style.css");
    assert_true(CHIRP_CHECK_STATUS(got, 200));
    assert_true(CHIRP_CHECK_BODY(got, INSIDE));
    assert_true(CHIRP_CHECK_HEADER(got, "content-type", "text/css; charset=utf-8"));
    assert_true(CHIRP_CHECK_HEADER(got, "cache-control", "public, max-age=3600"));
    assert_true(CHIRP_CHECK_HEADER(got, "accept-ranges", "bytes"));
    assert_true(CHIRP_CHECK_HEADER(got, "content-length", "16"));
    assert_int_equal(mw_header_count(fx, "content-length"), 1);
    assert_true(CHIRP_CHECK_BODY(mw_get(fx, "/hello"), "hello"));
}

static void
sf_1_no_spelling_of_a_parent_leaves(void **state)
{
    static const char *const targets[] = {
        "/static/../secret.txt", "/static/%2e%2e/secret.txt", "/static/.%2e/secret.txt",
        "/static/..%2fsecret.txt", "/static/%2e%2e%2fsecret.txt", "/static/..%5csecret.txt",
        "/static/%252e%252e/secret.txt", "/static/%c0%ae%c0%ae/secret.txt",
        "/static/....//secret.txt", "/static/..;/secret.txt", "/static/..%00/secret.txt",
        "/static/style.css/../../secret.txt", "/../static/../secret.txt",
        "http://testserver/static/../secret.txt", "/static/docs/%2e%2e/%2e%2e/secret.txt",
        "/static/up/secret.txt", "/static/up/up/secret.txt",
    };
    mw *fx = *state;
    serve(fx, "/static");
    for (size_t i = 0; i < T_COUNT(targets); i++)
        check_status(fx, targets[i], 400, 404);
}

static void
sf_2_the_prefix_is_whole_segments(void **state)
{
    static const char *const targets[] = {
        "/staticx", "/staticx/style.css", "/static../style.css", "/static//etc/passwd",
        "/static/%2fetc/passwd", "/STATIC/style.css", "/static//style.css", "//static/style.css",
        "/static%2fstyle.css",
    };
    mw *fx = *state;
    serve(fx, "/static");
    for (size_t i = 0; i < T_COUNT(targets); i++)
        check_status(fx, targets[i], 400, 404);
}

static void
sf_3_both_ways_of_opening_agree(void **state)
{
    static const struct { const char *path; bool opens; } cases[] = {
        { "style.css", true }, { "docs/index.html", true }, { "docs/../style.css", true },
        { "alias.css", true }, { "out.txt", false }, { "absolute.txt", false },
        { "../secret.txt", false }, { "/etc/passwd", false }, { "up/secret.txt", false },
        { "loop.txt", false }, { "dangling.txt", false }, { "style.css/x", false },
        { "nothing", false }, { ".", true }, { "docs", true },
    };
    (void)state;
    int root = open(site, O_RDONLY | O_DIRECTORY);
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        int one = kida_open_beneath(root, cases[i].path, 0);
        int two = kida_open_beneath(root, cases[i].path, KIDA_BENEATH_WALK);
        if ((one >= 0) != cases[i].opens || (two >= 0) != cases[i].opens)
            fail_msg("%s: %d and %d", cases[i].path, one, two);
        if (one >= 0)
            close(one);
        if (two >= 0)
            close(two);
    }
    const unsigned no_links = KIDA_BENEATH_NO_LINKS;
    assert_int_equal(kida_open_beneath(root, "alias.css", no_links), -ELOOP);
    assert_int_equal(kida_open_beneath(root, "alias.css", no_links | KIDA_BENEATH_WALK), -ELOOP);
    close(root);
}

static void
sf_4_links_that_leave_are_refused(void **state)
{
    mw *fx = *state;
    serve(fx, "/static");
    check_status(fx, "/static/out.txt", 403, 404);
    check_status(fx, "/static/absolute.txt", 403, 404);
    check_status(fx, "/static/loop.txt", 403, 404);
    check_status(fx, "/static/dangling.txt", 403, 404);
    assert_true(CHIRP_CHECK_BODY(mw_get(fx, "/static/alias.css"), INSIDE));
}

static void
sf_5_pipes_do_not_block(void **state)
{
    mw *fx = *state;
    serve(fx, "/static");
    check_status(fx, "/static/pipe.txt", 403, 404);
}

static void
sf_6_directories(void **state)
{
    mw *fx = *state;
    serve(fx, "/static");
    chirp_answer *got = mw_get(fx, "/static/docs?a=1&b=%20");
    assert_true(CHIRP_CHECK_STATUS(got, 301));
    assert_true(CHIRP_CHECK_HEADER(got, "location", "/static/docs/?a=1&b=%20"));
    assert_true(CHIRP_CHECK_BODY(mw_get(fx, "/static/docs/"), "<p>docs</p>"));
    check_status(fx, "/static/bare", 403, 404);
    check_status(fx, "/static/bare/", 403, 404);
    check_status(fx, "/static/", 404, 404);
    check_status(fx, "/static/style.css/", 404, 404);
}

static void
sf_6_never_redirects_to_another_host(void **state)
{
    mw *fx = *state;
    serve(fx, "/");
    check_status(fx, "//docs", 400, 404);
    assert_true(CHIRP_CHECK_HEADER(mw_get(fx, "/docs"), "location", "/docs/"));
}

static void
sf_7_names_are_decoded_once(void **state)
{
    static const struct { const char *target, *body; } cases[] = {
        { "/static/a%20b+c%23d%2541'%22.txt", "odd" }, { "/static/%3Cb%3E.html", "bold" },
        { "/static/%C3%A9.txt", "e" }, { "/static/style%2Ecss", INSIDE },
    };
    mw *fx = *state;
    serve(fx, "/static");
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        assert_true(CHIRP_CHECK_STATUS(mw_get(fx, cases[i].target), 200));
        assert_true(CHIRP_CHECK_BODY(&fx->answer, cases[i].body));
    }
}

static void
sf_8_a_name_and_more_is_no_file(void **state)
{
    static const char *const ends[] = { "%00", "/", "%20", ".", "~", "::$DATA", ";x", ".bak" };
    mw *fx = *state;
    serve(fx, "/static");
    for (size_t i = 0; i < T_COUNT(ends); i++) {
        char target[100];
        snprintf(target, sizeof(target), "/static/style.css%s", ends[i]);
        check_status(fx, target, 400, 404);
    }
}

static void
sf_9_dot_files_are_hidden(void **state)
{
    mw *fx = *state;
    serve(fx, "/static");
    check_status(fx, "/static/.env", 403, 404);
    check_status(fx, "/static/%2eenv", 403, 404);
    check_status(fx, "/static/.git/config", 403, 404);
    assert_true(CHIRP_CHECK_BODY(mw_get(fx, "/static/.well-known/security.txt"), "contact"));
}

static void
sf_10_long_and_odd_paths(void **state)
{
    mw *fx = *state;
    serve(fx, "/static");
    char target[8100] = "/static/";
    memset(target + 8, 'a', 300);
    check_status(fx, target, 400, 414);
    memset(target + 8, 'a', 5000);
    check_status(fx, target, 400, 414);
    for (size_t i = 0; i < 2000; i++)
        memcpy(target + 7 + i * 2, "/a", 3);
    check_status(fx, target, 400, 414);
    check_status(fx, "/static/%ff%fe", 400, 404);
}

static void
sf_11_other_methods(void **state)
{
    mw *fx = *state;
    serve(fx, "/");
    chirp_answer *got = mw_send(fx, "POST", "/style.css", NULL, "a=1");
    assert_true(CHIRP_CHECK_STATUS(got, 405));
    assert_true(CHIRP_CHECK_HEADER(got, "allow", "GET, HEAD, OPTIONS"));
    assert_true(CHIRP_CHECK_STATUS(mw_send(fx, "DELETE", "/nothing", NULL, ""), 404));
    assert_true(CHIRP_CHECK_BODY(mw_send(fx, "POST", "/hello", NULL, ""), "hello"));
    got = mw_send(fx, "HEAD", "/style.css", NULL, "");
    assert_true(CHIRP_CHECK_STATUS(got, 200));
    assert_true(CHIRP_CHECK_HEADER(got, "content-length", "16"));
    assert_int_equal(got->body.len, 0);
}

static void
sf_12_types(void **state)
{
    static const struct { const char *name, *type; } cases[] = {
        { "a.HTML", "text/html; charset=utf-8" }, { "x.tar.gz", "application/gzip" },
        { "a.7z", "application/x-7z-compressed" }, { "a.zst", "application/zstd" },
        { "a", "application/octet-stream" }, { "a.", "application/octet-stream" },
        { "a.nosuch", "application/octet-stream" }, { "woff2", "application/octet-stream" },
        { "a.woff2", "font/woff2" }, { "a.webmanifest", "application/manifest+json" },
    };
    mw *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++)
        assert_string_equal(ch_type_find(kida_str_from(cases[i].name))->type, cases[i].type);
#define CH_TYPE(extension, type_text, dense) \
    assert_string_equal(ch_type_find(KIDA_S("x." extension))->type, type_text);
#include "middleware/types.def"
#undef CH_TYPE
    serve(fx, "/static");
    assert_true(CHIRP_CHECK_HEADER(mw_get(fx, "/static/style.css"), "x-content-type-options",
                                   "nosniff"));
}

static void
sf_12_uploads_are_attachments(void **state)
{
    mw *fx = *state;
    chirp_static_options options;
    chirp_static_options_init(&options);
    options.directory = site;
    options.download = true;
    assert_int_equal(chirp_use_static(mw_app(fx), &options, NULL), KIDA_OK);
    assert_true(CHIRP_CHECK_HEADER(mw_get(fx, "/static/%3Cb%3E.html"), "content-disposition",
                                   "attachment"));
}

static void
sf_13_ranges(void **state)
{
    static const struct {
        const char *range;
        unsigned status;
        const char *body, *content;
    } cases[] = {
        { "bytes=0-0", 206, "0", "bytes 0-0/10" },
        { "bytes=2-4", 206, "234", "bytes 2-4/10" },
        { "BYTES=7-", 206, "789", "bytes 7-9/10" },
        { "bytes=-3", 206, "789", "bytes 7-9/10" },
        { "bytes=-300", 206, "0123456789", "bytes 0-9/10" },
        { "bytes=5-99", 206, "56789", "bytes 5-9/10" },
        { "bytes=5-99999999999999999999999", 206, "56789", "bytes 5-9/10" },
        { "bytes=10-", 416, NULL, "bytes */10" },
        { "bytes=99999999999999999999-", 416, NULL, "bytes */10" },
        { "bytes=-0", 416, NULL, "bytes */10" },
        { "bytes=4-2", 200, "0123456789", NULL },
        { "bytes=--3", 200, "0123456789", NULL },
        { "bytes=-", 200, "0123456789", NULL },
        { "bytes=", 200, "0123456789", NULL },
        { "bytes=0-0,2-2", 200, "0123456789", NULL },
        { "bytes=0-,0-,0-,0-,0-,0-,0-", 200, "0123456789", NULL },
        { "lines=0-1", 200, "0123456789", NULL },
        { "bytes=a-b", 200, "0123456789", NULL },
    };
    mw *fx = *state;
    serve(fx, "/static");
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        chirp_answer *got = mw_send(fx, "GET", "/static/digits.bin",
                                    MW_HEADERS("Range", cases[i].range), "");
        if (!CHIRP_CHECK_STATUS(got, cases[i].status) ||
            (cases[i].body && !CHIRP_CHECK_BODY(got, cases[i].body)) ||
            !CHIRP_CHECK_HEADER(got, "content-range", cases[i].content))
            fail_msg("%s", cases[i].range);
    }
}

static void
sf_14_conditional_requests(void **state)
{
    mw *fx = *state;
    serve(fx, "/static");
    char tag[200], weak[210], list[260], date[100];
    mw_get(fx, "/static/digits.bin");
    snprintf(tag, sizeof(tag), "%.80s", mw_header(fx, "etag"));
    snprintf(date, sizeof(date), "%.80s", mw_header(fx, "last-modified"));
    snprintf(weak, sizeof(weak), "W/%s", tag);
    snprintf(list, sizeof(list), "\"a,b\", W/\"x\" , %s", tag);
    const struct { const char *name, *value, *name2, *value2; unsigned status; } cases[] = {
        { "If-None-Match", tag, NULL, NULL, 304 },
        { "If-None-Match", weak, NULL, NULL, 304 },
        { "If-None-Match", list, NULL, NULL, 304 },
        { "If-None-Match", "*", NULL, NULL, 304 },
        { "If-None-Match", "\"other\"", NULL, NULL, 200 },
        { "If-None-Match", "junk", NULL, NULL, 200 },
        { "If-None-Match", "\"other\"", "If-Modified-Since", date, 200 },
        { "If-Modified-Since", date, NULL, NULL, 304 },
        { "If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT", NULL, NULL, 200 },
        { "If-Modified-Since", "junk", NULL, NULL, 200 },
        { "Range", "bytes=0-1", "If-Range", tag, 206 },
        { "Range", "bytes=0-1", "If-Range", date, 206 },
        { "Range", "bytes=0-1", "If-Range", weak, 200 },
        { "Range", "bytes=0-1", "If-Range", "\"other\"", 200 },
        { "Range", "bytes=0-1", "If-Range", "Sun, 06 Nov 1994 08:49:37 GMT", 200 },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        chirp_answer *got = mw_send(fx, "GET", "/static/digits.bin",
                                    MW_HEADERS(cases[i].name, cases[i].value, cases[i].name2,
                                               cases[i].value2), "");
        if (!CHIRP_CHECK_STATUS(got, cases[i].status))
            fail_msg("case %zu", i);
        if (got->status == 304) {
            assert_true(CHIRP_CHECK_HEADER(got, "etag", tag));
            assert_true(CHIRP_CHECK_HEADER(got, "content-length", NULL));
        }
    }
}

static void
sf_15_16_a_replaced_file_has_another_tag(void **state)
{
    mw *fx = *state;
    serve(fx, "/static");
    put("swap.txt", "one");
    mw_get(fx, "/static/swap.txt");
    char before[200], from[200], to[200];
    snprintf(before, sizeof(before), "%.80s", mw_header(fx, "etag"));
    put("swap.new", "two");
    snprintf(from, sizeof(from), "%s/swap.new", site);
    snprintf(to, sizeof(to), "%s/swap.txt", site);
    assert_int_equal(rename(from, to), 0);
    assert_true(CHIRP_CHECK_BODY(mw_get(fx, "/static/swap.txt"), "two"));
    assert_string_not_equal(before, mw_header(fx, "etag"));
}

static chirp_reply *
shrinks(chirp_request *req, void *user)
{
    int fd = open(user, O_RDWR);
    chirp_reply *reply = chirp_reply_fd(req, fd, 0, 500000, NULL);
    assert_int_equal(ftruncate(fd, 400000), 0);
    return reply;
}

static void
sf_17_a_file_that_shrinks_cuts_the_connection(void **state)
{
    mw *fx = *state;
    char name[200];
    char *data = calloc(1, 500000);
    mw_write(place, "shrink.bin", data, 500000);
    free(data);
    snprintf(name, sizeof(name), "%s/shrink.bin", place);
    chirp_route(mw_app(fx), "GET", "/", shrinks, name);
    chirp_answer got;
    kida_status st = chirp_test_get(mw_client(fx), "/", &got);
    assert_int_equal(st, KIDA_E_IO);
    assert_true(got.closed);
}

/* Holds: whatever moment a request hits, it gets one file whole or none. */
static void
sf_18_a_file_that_flips(void **state)
{
    mw *fx = *state;
    serve(fx, "/static");
    char name[200];
    snprintf(name, sizeof(name), "%s/flip.txt", site);
    for (size_t i = 0; i < 300; i++) {
        if (i % 3 == 0)
            unlink(name);
        else
            put("flip.txt", i % 3 == 1 ? "short" : "a much longer text");
        chirp_answer *got = mw_get(fx, "/static/flip.txt");
        assert_true(got->status == 200 || got->status == 404);
        if (got->status == 200)
            assert_int_equal(strtoul(mw_header(fx, "content-length"), NULL, 10), got->body.len);
    }
}

static void
sf_19_large_files_are_sent_in_pieces(void **state)
{
    mw *fx = *state;
    char name[200];
    snprintf(name, sizeof(name), "%s/sparse.bin", site);
    int fd = open(name, O_CREAT | O_WRONLY, 0600);
    assert_int_equal(ftruncate(fd, (off_t)5 << 30), 0);
    assert_int_equal(pwrite(fd, "end", 3, ((off_t)5 << 30) - 3), 3);
    close(fd);
    serve(fx, "/static");
    chirp_answer *got = mw_send(fx, "HEAD", "/static/sparse.bin", NULL, "");
    assert_true(CHIRP_CHECK_HEADER(got, "content-length", "5368709120"));
    got = mw_send(fx, "GET", "/static/sparse.bin", MW_HEADERS("Range", "bytes=-3"), "");
    assert_true(CHIRP_CHECK_BODY(got, "end"));
    got = mw_send(fx, "GET", "/static/sparse.bin",
                  MW_HEADERS("Range", "bytes=5000000000-5001000000"), "");
    assert_int_equal(got->body.len, 1000001);
    unlink(name);
}

static void
sf_20_empty_files(void **state)
{
    mw *fx = *state;
    serve(fx, "/static");
    chirp_answer *got = mw_get(fx, "/static/empty.txt");
    assert_true(CHIRP_CHECK_STATUS(got, 200));
    assert_true(CHIRP_CHECK_HEADER(got, "content-length", "0"));
    got = mw_send(fx, "GET", "/static/empty.txt", MW_HEADERS("Range", "bytes=0-"), "");
    assert_true(CHIRP_CHECK_STATUS(got, 416));
}

static void
sf_21_precompressed_variants(void **state)
{
    static const struct { const char *accept, *body, *coding; } cases[] = {
        { "gzip", "GZ", "gzip" }, { "gzip, br", "BR", "br" },
        { "gzip;q=1, br;q=0.5", "GZ", "gzip" },
        { "gzip;q=0", "plain", NULL }, { "*", "BR", "br" }, { "zstd", "plain", NULL },
        { "br;q=0, *", "GZ", "gzip" }, { "", "plain", NULL }, { "identity;q=0", "plain", NULL },
        { "gzip;q=junk", "plain", NULL },
    };
    mw *fx = *state;
    put("app.js", "plain");
    put("app.js.gz", "GZ");
    put("app.js.br", "BR");
    serve(fx, "/static");
    char tags[T_COUNT(cases)][200];
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        chirp_answer *got = mw_send(fx, "GET", "/static/app.js",
                                    MW_HEADERS("Accept-Encoding", cases[i].accept), "");
        if (!CHIRP_CHECK_BODY(got, cases[i].body) ||
            !CHIRP_CHECK_HEADER(got, "content-encoding", cases[i].coding) ||
            !CHIRP_CHECK_HEADER(got, "vary", "Accept-Encoding") ||
            !CHIRP_CHECK_HEADER(got, "content-type", "text/javascript; charset=utf-8"))
            fail_msg("%s", cases[i].accept);
        snprintf(tags[i], sizeof(tags[i]), "%.80s", mw_header(fx, "etag"));
    }
    assert_string_not_equal(tags[0], tags[1]);
    assert_string_not_equal(tags[0], tags[3]);
    /* A variant older than its file is stale. */
    struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
    char name[200];
    snprintf(name, sizeof(name), "%s/app.js.gz", site);
    assert_int_equal(utimensat(AT_FDCWD, name, old, 0), 0);
    mw_send(fx, "GET", "/static/app.js", MW_HEADERS("Accept-Encoding", "gzip"), "");
    assert_true(CHIRP_CHECK_BODY(&fx->answer, "plain"));
}

static void
row_6_5_not_found_page(void **state)
{
    mw *fx = *state;
    chirp_static_options options;
    chirp_static_options_init(&options);
    options.directory = site;
    options.prefix = "/";
    options.not_found_page = "404.html";
    assert_int_equal(chirp_use_static(mw_app(fx), &options, NULL), KIDA_OK);
    chirp_answer *got = mw_get(fx, "/nothing");
    assert_true(CHIRP_CHECK_STATUS(got, 404));
    assert_true(CHIRP_CHECK_BODY(got, "<p>gone</p>"));
    assert_true(CHIRP_CHECK_HEADER(got, "etag", NULL));
}

static void
lc_4_a_missing_directory_fails_the_freeze(void **state)
{
    mw *fx = *state;
    chirp_static_options options;
    chirp_static_options_init(&options);
    options.directory = "/nonexistent";
    assert_int_equal(chirp_use_static(mw_app(fx), &options, NULL), KIDA_E_IO);
    assert_int_equal(chirp_app_freeze(mw_app(fx), &fx->err), KIDA_E_IO);
    assert_non_null(strstr(fx->err.message, "/nonexistent"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        mw_test(row_6_5_serves_a_file),
        mw_test(sf_1_no_spelling_of_a_parent_leaves),
        mw_test(sf_2_the_prefix_is_whole_segments),
        mw_test(sf_3_both_ways_of_opening_agree),
        mw_test(sf_4_links_that_leave_are_refused),
        mw_test(sf_5_pipes_do_not_block),
        mw_test(sf_6_directories),
        mw_test(sf_6_never_redirects_to_another_host),
        mw_test(sf_7_names_are_decoded_once),
        mw_test(sf_8_a_name_and_more_is_no_file),
        mw_test(sf_9_dot_files_are_hidden),
        mw_test(sf_10_long_and_odd_paths),
        mw_test(sf_11_other_methods),
        mw_test(sf_12_types),
        mw_test(sf_12_uploads_are_attachments),
        mw_test(sf_13_ranges),
        mw_test(sf_14_conditional_requests),
        mw_test(sf_15_16_a_replaced_file_has_another_tag),
        mw_test(sf_17_a_file_that_shrinks_cuts_the_connection),
        mw_test(sf_18_a_file_that_flips),
        mw_test(sf_19_large_files_are_sent_in_pieces),
        mw_test(sf_20_empty_files),
        mw_test(sf_21_precompressed_variants),
        mw_test(row_6_5_not_found_page),
        mw_test(lc_4_a_missing_directory_fails_the_freeze),
    };
    return cmocka_run_group_tests_name("middleware/static", tests, make_site, drop_site);
}
