/* SPDX-License-Identifier: MIT */
/* test_body.c - bodies over sockets: forms, files, bodies as streams; robustness FM-2, FM-5, FM-7
 * to FM-9, LM-5, LM-6, EX-1 to EX-3, CN-5, CN-7, TM-3, CL-6, CK-2. */
#define _GNU_SOURCE
#include "served.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#define SIX "X" "X" "X" "X" "X" "X"

static char directory[64];
static volatile unsigned began;
static volatile unsigned ended;
static kida_status last_status;

/* Tells what the form holds: a=1;f[name,size]; */
static chirp_reply *
form(chirp_request *req, void *user)
{
    (void)user;
    kida_error err;
    if (chirp_form_read(req, &err) != KIDA_OK)
        return chirp_reply_bad_form(req, &err);
    kida_buf *out = chirp_buffer(req);
    kida_str name, value;
    if (!out)
        return NULL;
    for (size_t i = 0; chirp_form_at(req, i, &name, &value); i++)
        kida_buf_format(out, "%.*s=%.*s;", (int)name.len, name.ptr, (int)value.len, value.ptr);
    chirp_upload upload;
    for (size_t i = 0; chirp_upload_at(req, i, &upload); i++)
        kida_buf_format(out, "%.*s[%.*s,%zu,%u];", (int)upload.field.len, upload.field.ptr,
                        (int)upload.filename.len, upload.filename.ptr, upload.data.len,
                        upload.data.len > 0 ? (unsigned char)upload.data.ptr[upload.data.len - 1]
                                            : 0);
    return chirp_reply_text(req, kida_buf_str(out));
}

static chirp_reply *
save(chirp_request *req, void *user)
{
    (void)user;
    kida_error err;
    chirp_upload upload;
    kida_error_init(&err);
    if (!chirp_upload_get(req, "f", &upload))
        return chirp_reply_fail(req, 400, "no file");
    if (chirp_upload_save(req, &upload, directory, NULL, &err) != KIDA_OK)
        return chirp_reply_fail(req, 507, "%s", err.message);
    return chirp_reply_text(req, chirp_upload_name(req, &upload));
}

/* Counts a body as it comes. */
static chirp_reply *
counted(chirp_request *req, void *user)
{
    (void)user;
    kida_str piece;
    size_t total = 0;
    kida_status st;
    __atomic_fetch_add(&began, 1, __ATOMIC_ACQ_REL);
    while ((st = chirp_body_read(req, &piece)) == KIDA_OK && piece.len > 0)
        total += piece.len;
    last_status = st;
    __atomic_fetch_add(&ended, 1, __ATOMIC_ACQ_REL);
    return st == KIDA_OK ? chirp_reply_textf(req, "%zu bytes", total) : NULL;
}

static chirp_reply *
refuses(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_fail(req, 403, "not you");
}

static kida_status
add_size(void *user, kida_str piece)
{
    *(size_t *)user += piece.len;
    return KIDA_OK;
}

static chirp_reply *
streamed_form(chirp_request *req, void *user)
{
    static const chirp_part_calls calls = { .data = add_size };
    (void)user;
    size_t total = 0;
    kida_error err;
    if (chirp_form_stream(req, &calls, &total, &err) != KIDA_OK)
        return chirp_reply_bad_form(req, &err);
    return chirp_reply_textf(req, "%zu in parts", total);
}

static t_served served;

static void
add_stream(const char *path, chirp_handler_fn *handler)
{
    const chirp_route_def def = { .methods = "POST", .path = path, .handler = handler,
                                  .stream_body = true };
    assert_int_equal(chirp_route_add(served.base.app, &def, NULL), KIDA_OK);
}

static int
setup(void **state)
{
    (void)state;
    snprintf(directory, sizeof(directory), "/tmp/chirp-test-%s", SIX);
    if (!mkdtemp(directory))
        return -1;
    t_app_init(&served.base);
    served.base.config.port = 0;
    served.base.config.workers = 1;
    served.base.config.body_timeout = 300;
    served.base.config.max_body = 8 << 20;
    served.base.config.spool_dir = directory;
    t_app_open(&served.base);
    chirp_route(served.base.app, "POST", "/form", form, NULL);
    chirp_route(served.base.app, "POST", "/save", save, NULL);
    add_stream("/count", counted);
    add_stream("/refuse", refuses);
    add_stream("/parts", streamed_form);
    began = ended = 0;
    t_serve(&served);
    return 0;
}

static unsigned
entries(void)
{
    unsigned count = 0;
    DIR *dir = opendir(directory);
    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count - 2;
}

static int
teardown(void **state)
{
    char path[512];
    (void)state;
    t_serve_end(&served);
    DIR *dir = opendir(directory);
    const struct dirent *entry;
    while (dir && (entry = readdir(dir)) != NULL) {
        snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
        (void)unlink(path);
    }
    if (dir)
        closedir(dir);
    return rmdir(directory);
}

/* One request on a connection of its own; the answer, whole. */
static const char *
ask(const char *path, const char *type, const char *body, size_t len)
{
    static char text[8192];
    char head[512];
    int fd = t_connect(&served, 0);
    snprintf(head, sizeof(head),
             "POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
             "Connection: close\r\n\r\n",
             path, type, len);
    t_send(fd, head);
    while (len > 0) {
        ssize_t done = send(fd, body, len, MSG_NOSIGNAL);
        if (done <= 0)
            break;
        body += done;
        len -= (size_t)done;
    }
    t_read(fd, NULL, text, sizeof(text));
    close(fd);
    return text;
}

static void
expect(const char *answer, const char *part)
{
    if (!strstr(answer, part))
        fail_msg("no [%s] in [%s]", part, answer);
}

#define MULTIPART "multipart/form-data; boundary=b"
#define FIELD(name, value) \
    "--b\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define FILE_PART(name, file, value)                                                  \
    "--b\r\nContent-Disposition: form-data; name=\"" name "\"; filename=\"" file        \
    "\"\r\n\r\n" value "\r\n"

static const char *
ask_text(const char *path, const char *type, const char *body)
{
    return ask(path, type, body, strlen(body));
}

/* Holds: 4.5: fields and files of both kinds of forms; each failure has its status. */
static void
row_4_5_forms(void **state)
{
    (void)state;
    expect(ask_text("/form", "application/x-www-form-urlencoded", "a=1&a=2"), "a=1;a=2;");
    expect(ask_text("/form", MULTIPART,
                    FIELD("a", "1") FILE_PART("f", "x.txt", "abc") FILE_PART("f", "y", "")
                        FILE_PART("e", "", "") FIELD("a", "\xff") "--b--\r\n"),
           "a=1;a=\xef\xbf\xbd;f[x.txt,3,99];f[y,0,0];");
    expect(ask_text("/form", "text/plain", "a=1"), " 415 ");
    expect(ask_text("/form", "multipart/form-data", "a=1"), " 400 "); /* FM-3 */
    expect(ask_text("/form", MULTIPART, FIELD("a", "1")), " 400 ");   /* FM-6 */
    expect(ask_text("/form", "application/x-www-form-urlencoded; charset=utf-7", "a=1"),
           " 415 "); /* FM-2 */
}

/* Holds: FM-5: numbers and sizes of parts. */
static void
fm_5_numbers_and_sizes(void **state)
{
    static char body[300000];
    (void)state;
    for (int count = 100; count < 102; count++) {
        size_t len = 0;
        for (int i = 0; i < count; i++)
            len += (size_t)snprintf(body + len, sizeof(body) - len, FILE_PART("f", "x", "1"));
        len += (size_t)snprintf(body + len, sizeof(body) - len, "--b--");
        expect(ask("/form", MULTIPART, body, len), count == 100 ? " 200 " : " 400 ");
    }
    for (int size = 65536; size < 65538; size++) {
        size_t len = (size_t)snprintf(body, sizeof(body), FIELD("a", "%0*d") "--b--", size, 1);
        expect(ask("/form", MULTIPART, body, len), size == 65536 ? " 200 " : " 400 ");
    }
}

/* Holds: LM-5, LM-6, FM-9: a large body goes to a file without a name, a too large one nowhere. */
static void
lm_6_large_bodies_are_spooled(void **state)
{
    enum { SIZE = 6 << 20 };
    static const char head[] = "--b\r\nContent-Disposition: form-data; name=\"f\"; "
                               "filename=\"big\"\r\n\r\n";
    (void)state;
    char *body = test_malloc(SIZE);
    memset(body, 'q', SIZE);
    memcpy(body, head, sizeof(head) - 1);
    memcpy(body + SIZE - 9, "\r\n--b--\r\n", 9);
    char want[64];
    snprintf(want, sizeof(want), "f[big,%zu,113];", SIZE - sizeof(head) + 1 - 9);
    expect(ask("/form", MULTIPART, body, SIZE), want);
    assert_int_equal(entries(), 0);

    int fd = t_connect(&served, 0); /* leaves in the middle */
    t_send(fd, "POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 6000000\r\n\r\n");
    assert_true(send(fd, body, 3000000, MSG_NOSIGNAL) > 0);
    close(fd);
    expect(ask_text("/form", MULTIPART, FIELD("a", "1") "--b--"), "a=1;");
    assert_int_equal(entries(), 0);
    expect(ask("/form", MULTIPART, body, (8 << 20) + 1), " 413 ");
    test_free(body);
}

/* Holds: FM-7: only the last component, never over another file, mode 0600. */
static void
fm_7_saved_files(void **state)
{
    char path[256];
    struct stat info;
    (void)state;
    expect(ask_text("/save", MULTIPART, FILE_PART("f", "../../..\\x\\.evil", "1") "--b--"),
           "\r\n\r\nevil");
    snprintf(path, sizeof(path), "%s/evil", directory);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(info.st_size, 1);
    expect(ask_text("/save", MULTIPART, FILE_PART("f", "evil", "22") "--b--"), " 507 ");
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_size, 1);
    snprintf(path, sizeof(path), "%s/link", directory);
    assert_int_equal(symlink("/tmp/chirp-test-elsewhere", path), 0);
    expect(ask_text("/save", MULTIPART, FILE_PART("f", "link", "22") "--b--"), " 507 ");
    assert_int_not_equal(access("/tmp/chirp-test-elsewhere", F_OK), 0);
    expect(ask_text("/save", MULTIPART, FILE_PART("f", "..", "3") "--b--"), "\r\n\r\nupload");
}

/* Holds: FM-8: where the body can't be kept the answer is 507, and the next request is fine. */
static void
fm_8_no_room_for_a_body(void **state)
{
    static char body[2 << 20];
    (void)state;
    assert_int_equal(chmod(directory, 0500), 0);
    char moved[80];
    snprintf(moved, sizeof(moved), "%s-moved", directory);
    assert_int_equal(rename(directory, moved), 0);
    expect(ask("/form", "application/octet-stream", body, sizeof(body)), " 507 ");
    assert_int_equal(rename(moved, directory), 0);
    assert_int_equal(chmod(directory, 0700), 0);
    expect(ask_text("/form", "application/x-www-form-urlencoded", "a=1"), "a=1;");
}

/* Holds: 4.4: a body read while it comes; the client is held up, not the memory. */
static void
row_4_4_body_as_a_stream(void **state)
{
    enum { SIZE = 4 << 20 };
    (void)state;
    char text[512];
    char *body = test_calloc(1, SIZE);
    expect(ask("/count", "x/y", body, SIZE), "4194304 bytes");
    expect(ask("/count", "x/y", body, 0), "\r\n\r\n0 bytes");

    int fd = t_connect(&served, 0); /* two pieces, chunked; then another request */
    t_send(fd, "POST /count HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    assert_true(t_becomes(&began, 3));
    usleep(20000);
    t_send(fd, "2\r\nde\r\n0\r\n\r\n");
    t_read(fd, "bytes", text, sizeof(text));
    expect(text, "\r\n\r\n5 bytes");
    t_send(fd, "POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
    t_read(fd, "bytes", text, sizeof(text));
    expect(text, "\r\n\r\n1 bytes");
    close(fd);
    test_free(body);
}

/* Holds: 4.5: a multipart form of any size without keeping it. */
static void
row_4_5_form_as_a_stream(void **state)
{
    (void)state;
    expect(ask_text("/parts", MULTIPART, FIELD("a", "12") FILE_PART("f", "x", "345") "--b--"),
           "5 in parts");
    expect(ask_text("/parts", MULTIPART, FIELD("a", "12")), " 400 ");
    expect(ask_text("/parts", "text/plain", "x"), " 415 ");
}

/* Holds: CN-7, TM-3, CL-6, CK-1: a body that breaks off: handler and client are told. */
static void
cn_7_broken_bodies(void **state)
{
    static const struct {
        const char *label, *text, *answer;
        bool shut;
    } cases[] = {
        { "slow", "POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx", " 408 ", false },
        { "cut", "POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx", " 400 ", true },
        { "bad chunk",
          "POST /count HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\nzz\r\n",
          " 400 ", false },
        { "large chunk",
          "POST /count HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"
          "ffffff0\r\n",
          " 413 ", false },
    };
    (void)state;
    char text[1024];
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        int fd = t_connect(&served, 0);
        t_send(fd, cases[i].text);
        if (cases[i].shut)
            shutdown(fd, SHUT_WR);
        t_read(fd, NULL, text, sizeof(text));
        if (!strstr(text, cases[i].answer))
            fail_msg("%s: [%s]", cases[i].label, text);
        close(fd);
        assert_true(t_becomes(&ended, (unsigned)i + 1));
        assert_int_equal(last_status, KIDA_E_STOPPED);
    }
    int fd = t_connect(&served, 0); /* announced too large: no handler */
    t_send(fd, "POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\nx");
    t_read(fd, NULL, text, sizeof(text));
    expect(text, " 413 ");
    close(fd);
    assert_int_equal(ended, T_COUNT(cases));
}

/* Holds: EX-1 to EX-3, CN-5: 100 only when the handler wants the body; refused at once else. */
static void
ex_1_continue_when_the_body_is_wanted(void **state)
{
    (void)state;
    char text[1024];
    int fd = t_connect(&served, 0);
    t_send(fd, "POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
               "Expect: 100-continue\r\n\r\n");
    t_read(fd, "100 Continue\r\n\r\n", text, sizeof(text));
    expect(text, "HTTP/1.1 100 Continue\r\n\r\n");
    t_send(fd, "x");
    t_read(fd, "bytes", text, sizeof(text));
    expect(text, "1 bytes");
    close(fd);
    fd = t_connect(&served, 0);
    t_send(fd, "POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
               "Expect: 100-continue\r\n\r\n");
    t_read(fd, NULL, text, sizeof(text));
    expect(text, "HTTP/1.1 403 ");
    expect(text, "connection: close\r\n");
    close(fd);
    fd = t_connect(&served, 0); /* a body nobody reads, itself a request */
    t_send(fd, "POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\n"
               "POST /count HTTP/1.1\r\nHost: a\r\n\r\n");
    t_read(fd, NULL, text, sizeof(text));
    expect(text, "HTTP/1.1 403 ");
    assert_null(strstr(text, "bytes"));
    close(fd);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(row_4_5_forms, setup, teardown),
        cmocka_unit_test_setup_teardown(fm_5_numbers_and_sizes, setup, teardown),
        cmocka_unit_test_setup_teardown(lm_6_large_bodies_are_spooled, setup, teardown),
        cmocka_unit_test_setup_teardown(fm_7_saved_files, setup, teardown),
        cmocka_unit_test_setup_teardown(fm_8_no_room_for_a_body, setup, teardown),
        cmocka_unit_test_setup_teardown(row_4_4_body_as_a_stream, setup, teardown),
        cmocka_unit_test_setup_teardown(row_4_5_form_as_a_stream, setup, teardown),
        cmocka_unit_test_setup_teardown(cn_7_broken_bodies, setup, teardown),
        cmocka_unit_test_setup_teardown(ex_1_continue_when_the_body_is_wanted, setup, teardown),
    };
    return cmocka_run_group_tests_name("http/body", tests, NULL, NULL);
}
