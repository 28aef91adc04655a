/* SPDX-License-Identifier: MIT */
/* Bytes to messages: the tables of the robustness rules, each at every split. */
#include "wire.h"

#define H "Host: h\r\n"
#define GET "GET / HTTP/1.1\r\n" H
#define POST "POST /p HTTP/1.1\r\n" H
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define OK "GET / h 1.1 K\nidle"
#define W(text) text, sizeof(text) - 1

typedef struct fixture {
    const char *label;
    const char *bytes;
    size_t len;
    const char *expect;
} fixture;

static wire w;

static void
check(const fixture *one, const char *how, size_t cut)
{
    if (strcmp(w.trace, one->expect) != 0)
        fail_msg("%s (%s %zu): got [%s], want [%s]", one->label, how, cut, w.trace, one->expect);
}

/* Whole, in pieces of 1, 2, 3 and 7 bytes, and cut in two at every place (PA-6). */
static void
run(const fixture *one, const chirp_config *config)
{
    static const size_t sizes[] = { 0, 1, 2, 3, 7 };
    for (size_t k = 0; k < T_COUNT(sizes); k++) {
        size_t size = sizes[k] == 0 ? one->len : sizes[k];
        wire_open(&w, config);
        for (size_t at = 0; at < one->len; at += size)
            wire_piece(&w, one->bytes + at, one->len - at < size ? one->len - at : size);
        wire_end(&w);
        wire_close(&w);
        check(one, "pieces of", size);
    }
    for (size_t cut = 1; cut < one->len; cut++) {
        wire_open(&w, config);
        wire_piece(&w, one->bytes, cut);
        wire_piece(&w, one->bytes + cut, one->len - cut);
        wire_end(&w);
        wire_close(&w);
        check(one, "cut at", cut);
    }
}

static void
run_all(const fixture *table, size_t count)
{
    chirp_config config;
    chirp_config_init(&config);
    for (size_t i = 0; i < count; i++)
        run(&table[i], &config);
}

/* Holds: section 2. Could break: llhttp 8.1.0 tolerates most of these. */
static void
request_lines(void **state)
{
    (void)state;
    static const fixture table[] = {
        { "RL-1 one empty line", W("\r\n" GET "\r\n"), OK },
        { "RL-1 eight empty lines", W("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n" GET "\r\n"), OK },
        { "RL-1 nine", W("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n" GET "\r\n"), "400 empty_lines" },
        { "RL-2 leading space", W(" " GET "\r\n"), "400 request_line" },
        { "RL-2 tab", W("GET\t/\tHTTP/1.1\r\n" H "\r\n"), "400 request_line" },
        { "RL-2 two spaces", W("GET  / HTTP/1.1\r\n" H "\r\n"), "400 request_line" },
        { "RL-2 two spaces behind", W("GET /  HTTP/1.1\r\n" H "\r\n"), "400 request_line" },
        { "RL-2 space behind", W("GET / HTTP/1.1 \r\n" H "\r\n"), "400 request_line" },
        { "RL-2 word behind", W("GET / HTTP/1.1 x\r\n" H "\r\n"), "400 request_line" },
        { "RL-2 no target", W("GET HTTP/1.1\r\n" H "\r\n"), "505 version" },
        { "RL-2 no target but spaces", W("GET  HTTP/1.1\r\n" H "\r\n"), "400 request_line" },
        { "RL-3 lone LF", W("GET / HTTP/1.1\n" H "\r\n"), "400 line_end" },
        { "RL-3 lone CR", W("GET / HTTP/1.1\r" H "\r\n"), "400 line_end" },
        { "RL-3 CR CR LF", W("GET / HTTP/1.1\r\r\n" H "\r\n"), "400 line_end" },
        { "RL-3 LF before", W("\nGET / HTTP/1.1\r\n" H "\r\n"), "400 line_end" },
        { "RL-3 CR before", W("\rGET / HTTP/1.1\r\n" H "\r\n"), "400 line_end" },
        { "RL-4 no version", W("GET /\r\n\r\n"), "505 version" },
        { "RL-4 0.9", W("GET / HTTP/0.9\r\n\r\n"), "505 version" },
        { "RL-5 1.2", W("GET / HTTP/1.2\r\n" H "\r\n"), "505 version" },
        { "RL-5 1.10", W("GET / HTTP/1.10\r\n" H "\r\n"), "505 version" },
        { "RL-5 01.1", W("GET / HTTP/01.1\r\n" H "\r\n"), "505 version" },
        { "RL-5 2.0", W("GET / HTTP/2.0\r\n" H "\r\n"), "505 version" },
        { "RL-5 1", W("GET / HTTP/1\r\n" H "\r\n"), "505 version" },
        { "RL-5 1.", W("GET / HTTP/1.\r\n" H "\r\n"), "505 version" },
        { "RL-5 1,1", W("GET / HTTP/1,1\r\n" H "\r\n"), "505 version" },
        { "RL-5 lower case", W("GET / http/1.1\r\n" H "\r\n"), "505 version" },
        { "RL-5 HTTPS", W("GET / HTTPS/1.1\r\n" H "\r\n"), "505 version" },
        { "RL-5 RTSP", W("GET / RTSP/1.0\r\n" H "\r\n"), "505 version" },
        { "RL-5 ICE", W("SOURCE / ICE/1.0\r\n" H "\r\n"), "501 method" },
        { "RL-6 FROB", W("FROB / HTTP/1.1\r\n" H "\r\n"), "501 method" },
        { "RL-6 lower case", W("get / HTTP/1.1\r\n" H "\r\n"), "501 method" },
        { "RL-6 letter more", W("GETX / HTTP/1.1\r\n" H "\r\n"), "501 method" },
        { "RL-6 33 letters", W("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), "501 method" },
        { "CN-14 CONNECT", W("CONNECT h:80 HTTP/1.1\r\n" H "\r\n" GET "\r\n"), "501 method" },
        { "CN-15 TRACE", W("TRACE / HTTP/1.1\r\n" H "\r\n"), "501 method" },
        { "CN-13 HTTP/2 preface", W("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "501 method" },
        { "CN-13 TLS", W("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), "400 request_line" },
        { "CN-13 SSH", W("SSH-2.0-OpenSSH_9.2\r\n"), "400 request_line" },
        { "CN-13 SMTP", W("EHLO there\r\n"), "400 request_line" },
        { "CN-13 PROXY", W("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n"), "400 request_line" },
        { "CN-13 NUL", W("\0\0\0\0"), "400 request_line" },
        { "all methods go through",
          W("PROPFIND / HTTP/1.1\r\n" H "\r\nPATCH / HTTP/1.1\r\n" H "\r\n"),
          "PROPFIND / h 1.1 K\nPATCH / h 1.1 K\nidle" },
    };
    run_all(table, T_COUNT(table));
}

/* Holds: targets of section 2. */
static void
targets(void **state)
{
    (void)state;
#define T(target) "GET " target " HTTP/1.1\r\n" H "\r\n"
    static const fixture table[] = {
        { "RL-8 NUL", W(T("/a\0b")), "400 target" },
        { "RL-8 tab", W(T("/a\tb")), "400 target" },
        { "RL-8 DEL", W(T("/a\x7f")), "400 target" },
        { "RL-8 high byte", W(T("/\xc3\xa4")), "400 target" },
        { "RL-9 quote", W(T("/a\"b")), "400 target" },
        { "RL-9 less", W(T("/<b")), "400 target" },
        { "RL-9 greater in query", W(T("/?a>b")), "400 target" },
        { "RL-9 fragment", W(T("/a#b")), "400 target" },
        { "RL-9 backslash", W(T("/a\\b")), "400 target" },
        { "RL-10", W(T("/?a={}|^`[]'")), "GET /?a={}|^`[]' h 1.1 K\nidle" },
        { "RL-11 short escape", W(T("/%4")), "400 escape" },
        { "RL-11 no hex", W(T("/%zz")), "400 escape" },
        { "RL-11 in query", W(T("/?a=%")), "400 escape" },
        { "RL-11 NUL", W(T("/a%00b")), "400 escape" },
        { "SF-10 no UTF-8", W(T("/%ff")), "400 escape" },
        { "RL-12 word", W(T("hello")), "400 target" },
        { "RL-12 authority", W(T("localhost:80")), "400 target" },
        { "RL-12 asterisk", W(T("*")), "400 target" },
        { "RL-12 asterisk and more", W("OPTIONS */x HTTP/1.1\r\n" H "\r\n"), "400 target" },
        { "RL-12 no authority", W(T("http:///x")), "400 target" },
        { "RL-12 javascript", W(T("javascript:x")), "400 target" },
        { "RL-12 ftp", W(T("ftp://h/")), "400 target" },
        { "RL-12 userinfo", W(T("http://u@h/")), "400 target" },
        { "RL-13", W("OPTIONS * HTTP/1.1\r\n" H "\r\n"), "OPTIONS * h 1.1 K\nidle" },
        { "RL-14", W(T("http://Other:81/x?y")), "GET /x?y other 1.1 K\nidle" },
        { "RL-14 no path", W(T("http://other")), "GET / other 1.1 K\nidle" },
        { "RL-14 query only", W(T("http://other?q")), "GET /?q other 1.1 K\nidle" },
        { "RL-14 bad authority", W(T("http://a,b/")), "400 host" },
        { "RL-16 dots", W(T("/a/../b")), "400 target" },
        { "RL-16 one dot", W(T("/./b")), "400 target" },
        { "RL-16 escaped dots", W(T("/a/%2e%2E/b")), "400 target" },
        { "RL-16 dots behind an escaped slash", W(T("/a/x%2f..%2fb")), "400 target" },
        { "RL-16 three dots are a name", W(T("/...")), "GET /... h 1.1 K\nidle" },
    };
    run_all(table, T_COUNT(table));
}

/* Holds: section 3. Could break: folding and odd names pass llhttp 8.1.0. */
static void
fields(void **state)
{
    (void)state;
#define F(lines) GET lines "\r\n\r\n"
    static const fixture table[] = {
        { "HD-1 space before colon", W(F("A : b")), "400 field_name" },
        { "HD-1 tab before colon", W(F("A\t: b")), "400 field_name" },
        { "HD-2 before the first", W("GET / HTTP/1.1\r\n A: b\r\n" H "\r\n"), "400 fold" },
        { "HD-2 white line", W(F("A: b\r\n \t")), "400 fold" },
        { "HD-3 folded", W(F("A: b\r\n c")), "400 fold" },
        { "HD-3 folded by tab", W(F("Content-Length: 1\r\n\t0")), "400 fold" },
        { "HD-4 no colon", W(F("abc")), "400 field_name" },
        { "HD-4 empty name", W(F(": v")), "400 field_name" },
        { "HD-4 quote", W(F("a\"b: v")), "400 field_name" },
        { "HD-4 high byte", W(F("\xc3\xa4: v")), "400 field_name" },
        { "HD-4 NUL in name", W(F("a\0b: v")), "400 field_name" },
        { "HD-5 NUL", W(F("a: \0")), "400 field_value" },
        { "HD-5 ESC", W(F("a: b\x1b[1m")), "400 field_value" },
        { "HD-5 DEL", W(F("a: \x7f")), "400 field_value" },
        { "HD-5 VT", W(F("a: \x0b")), "400 field_value" },
        { "HD-6 lone CR", W(F("a: b\rTransfer-Encoding: chunked")), "400 line_end" },
        { "HD-6 CR first", W(F("a: \rb")), "400 line_end" },
        { "HD-6 lone LF", W("GET / HTTP/1.1\r\nHost: h\n\r\n"), "400 line_end" },
        { "HD-6 LF as empty line", W(GET "\n"), "400 line_end" },
        { "HD-6 CR X at the end", W(GET "\rX"), "400 line_end" },
        { "HD-6 CR CR LF", W(F("a: b\r")), "400 line_end" },
        { "HD-7 empty, trimmed, high", W(F("a:\r\nB:\t x \t\r\nc: \xe4")), OK },
        { "HD-8 underscores", W(POST "Content_Length: 5\r\nTransfer_Encoding: chunked\r\n\r\n"),
          "POST /p h 1.1 K\nidle" },
        { "HD-10", W(POST "Connection: Content-Length\r\nContent-Length: 2\r\n\r\nab"),
          "POST /p h 1.1 K [ab]\nidle" },
        { "HO-1 missing", W("GET / HTTP/1.1\r\n\r\n"), "400 host" },
        { "HO-1 absolute", W("GET http://h/ HTTP/1.1\r\n\r\n"), "400 host" },
        { "HO-2", W("GET / HTTP/1.0\r\n\r\n"), "GET / localhost 1.0 C\nidle" },
        { "HO-3", W(F("Host: h")), "400 host" },
    };
    run_all(table, T_COUNT(table));
}

/* Holds: HO-4 and HO-5. */
static void
hosts(void **state)
{
    (void)state;
    static const struct { const char *value, *expect; } cases[] = {
        { "", NULL }, { " ", NULL }, { "a b", NULL }, { "a,b", NULL }, { "a/b", NULL },
        { "a?b", NULL }, { "a#b", NULL }, { "u@a", NULL }, { "a\\b", NULL }, { "a<b", NULL },
        { "a:x", NULL }, { "a:65536", NULL }, { "a:80:80", NULL }, { "a:-1", NULL },
        { "[::1", NULL }, { "[::1]x", NULL }, { "[]", NULL }, { "[g::1]", NULL },
        { "a..b", NULL }, { ".", NULL }, { ".a", NULL }, { ":80", NULL },
        { "host:", "host" }, { "HOST", "host" }, { "host.", "host" }, { "[::1]:80", "[::1]" },
        { "a_b.example:8080", "a_b.example" }, { "127.0.0.1", "127.0.0.1" },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        char bytes[200], expect[100];
        int len = snprintf(bytes, sizeof(bytes), "GET / HTTP/1.1\r\nHost: %s\r\n\r\n",
                           cases[i].value);
        if (cases[i].expect == NULL)
            snprintf(expect, sizeof(expect), "400 host");
        else
            snprintf(expect, sizeof(expect), "GET / %s 1.1 K\nidle", cases[i].expect);
        fixture one = { cases[i].value, bytes, (size_t)len, expect };
        run_all(&one, 1);
    }
}

/* Holds: CL-1 to CL-5. */
static void
content_lengths(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "+5", "-5", "-0", "0x5", "5.0", "5e0", "1_0", "5x", "5 5", "\"5\"", "", "five",
        "\xd9\xa5", ("\xc2\xa0" "5"), "5, 5", "5, 6", "5,", "9223372036854775808",
        "18446744073709551615", "18446744073709551616", "18446744073709551621",
        "1111111111111111111111111111111111111111",
    };
    for (size_t i = 0; i < T_COUNT(bad); i++) {
        char bytes[200];
        int len = snprintf(bytes, sizeof(bytes), POST "Content-Length: %s\r\n\r\nhello" GET "\r\n",
                           bad[i]);
        fixture one = { bad[i], bytes, (size_t)len, "400 content_length" };
        run_all(&one, 1);
    }
    static const fixture table[] = {
        { "CL-1 VT", W(POST "Content-Length: \x0b" "5\r\n\r\n"), "400 field_value" },
        { "CL-3 equal", W(POST "Content-Length: 5\r\ncontent-length: 5\r\n\r\nhello"),
          "400 content_length" },
        { "CL-3 one empty", W(POST "Content-Length:\r\nContent-Length: 5\r\n\r\nhello"),
          "400 content_length" },
        { "CL-5", W(POST "Content-Length: 0000010\r\n\r\n0123456789" GET "\r\n"),
          "POST /p h 1.1 K [0123456789]\n" OK },
        { "zero", W(POST "Content-Length: 0\r\n\r\n" GET "\r\n"), "POST /p h 1.1 K\n" OK },
        { "CL-6", W(POST "Content-Length: 99999999\r\n\r\n"),
          "POST /p h 1.1 K 413 body_size" },
        { "CL-4 under 2^63", W(POST "Content-Length: 9223372036854775807\r\n\r\n"),
          "POST /p h 1.1 K 413 body_size" },
    };
    run_all(table, T_COUNT(table));
}

/* Holds: TE-1 to TE-5. Each bad one is followed by a canary that must not be seen. */
static void
transfer_codings(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "identity", "gzip", "chunked, gzip", "chunked, identity", "chunkedx", "xchunked",
        "\"chunked\"", "chunked;q=1", "chunked x", "gzip, chunked", "x, chunked",
        "identity, chunked", "chunked, chunked", ",chunked", "chunked,", "",
        "chunked\r\nTransfer-Encoding: chunked", ("\xc2\xa0" "chunked"),
    };
    for (size_t i = 0; i < T_COUNT(bad); i++) {
        char bytes[200];
        int len = snprintf(bytes, sizeof(bytes),
                           POST "Transfer-Encoding: %s\r\n\r\n0\r\n\r\n" GET "\r\n", bad[i]);
        fixture one = { bad[i], bytes, (size_t)len, "400 transfer_encoding" };
        run_all(&one, 1);
    }
#define CANARY "\r\n\r\n0\r\n\r\n" GET "\r\n"
    static const fixture table[] = {
        { "TE-1", W(POST "Content-Length: 5\r\nTransfer-Encoding: chunked" CANARY), "400 cl_te" },
        { "TE-1 other order", W(POST "Transfer-Encoding: chunked\r\nContent-Length: 5" CANARY),
          "400 cl_te" },
        { "TE-1 empty", W(POST "Content-Length: 5\r\nTransfer-Encoding:" CANARY), "400 cl_te" },
        { "TE-1 unknown", W(POST "Content-Length: 5\r\nTransfer-Encoding: x" CANARY), "400 cl_te" },
        { "TE-1 on GET", W(GET "Content-Length: 5\r\nTransfer-Encoding: chunked" CANARY),
          "400 cl_te" },
        { "TE-3 folded", W(POST "Transfer-Encoding:\r\n chunked" CANARY), "400 fold" },
        { "TE-3 VT", W(POST "Transfer-Encoding: \x0b" "chunked" CANARY), "400 field_value" },
        { "TE-4", W(POST "Transfer-Encoding: \t ChUnKeD \t\r\n\r\n0\r\n\r\n"),
          "POST /p h 1.1 K\nidle" },
        { "TE-5", W("POST /p HTTP/1.0\r\nTransfer-Encoding: chunked" CANARY),
          "400 transfer_encoding" },
        { "TE-5 keep-alive",
          W("POST /p HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked" CANARY),
          "400 transfer_encoding" },
    };
    run_all(table, T_COUNT(table));
}

/* Holds: CK-1 to CK-9. */
static void
chunks(void **state)
{
    (void)state;
#define HEAD "POST /p h 1.1 K"
#define BAD HEAD " 400 chunk"
#define C(size) CHUNKED size "\r\nhello\r\n0\r\n\r\n"
    static const fixture table[] = {
        { "plain", W(C("5") GET "\r\n"), HEAD " [hello]\n" OK },
        { "two", W(CHUNKED "2\r\nab\r\nA\r\n0123456789\r\n0\r\n\r\n"),
          HEAD " [ab0123456789]\nidle" },
        { "CK-1 0x5", W(C("0x5")), BAD }, { "CK-1 +5", W(C("+5")), BAD },
        { "CK-1 -5", W(C("-5")), BAD },   { "CK-1 -0", W(CHUNKED "-0\r\n\r\n"), BAD },
        { "CK-1 space before", W(C(" 5")), BAD }, { "CK-1 space behind", W(C("5 ")), BAD },
        { "CK-1 tab behind", W(C("5\t")), BAD },  { "CK-1 empty", W(C("")), BAD },
        { "CK-1 0_5", W(C("0_5")), BAD }, { "CK-1 5.0", W(C("5.0")), BAD },
        { "CK-1 g", W(C("g")), BAD },     { "CK-1 NUL", W(C("5\0")), BAD },
        { "CK-2 16 F", W(C("FFFFFFFFFFFFFFFF")), BAD },
        { "CK-2 8000…", W(C("8000000000000000")), BAD },
        { "CK-2 17 digits", W(C("10000000000000005")), BAD },
        { "CK-2 over the limit", W(C("1000001")), HEAD " 413 body_size" },
        { "CK-2 sum over the limit", W(CHUNKED "5\r\nhello\r\nfffffc\r\n"),
          HEAD " 413 body_size" },
        { "CK-3", W(C("00000000000000000000000005")), HEAD " [hello]\nidle" },
        { "CK-4 LF after size", W(CHUNKED "5\nhello\r\n0\r\n\r\n"), BAD },
        { "CK-4 CR after size", W(CHUNKED "5\rhello\r\n0\r\n\r\n"), BAD },
        { "CK-4 LF after data", W(CHUNKED "5\r\nhello\n0\r\n\r\n"), BAD },
        { "CK-4 CR after data", W(CHUNKED "5\r\nhello\r0\r\n\r\n"), BAD },
        { "CK-4 other bytes after data", W(CHUNKED "5\r\nhelloXX0\r\n\r\n"), BAD },
        { "CK-4 data longer", W(CHUNKED "5\r\nhello!\r\n0\r\n\r\n"), BAD },
        { "CK-4 data shorter", W(CHUNKED "5\r\nhell\r\n0\r\n\r\n"), BAD },
        { "CK-4 empty line between", W(CHUNKED "5\r\nhello\r\n\r\n0\r\n\r\n"), BAD },
        { "CK-4 LF at the end", W(CHUNKED "0\r\n\n"), HEAD " 400 line_end" },
        { "CK-4 LF after last", W(CHUNKED "0\n\r\n"), BAD },
        { "CK-5", W(C("5;a=b")), HEAD " [hello]\nidle" },
        { "CK-5 quoted", W(C("5;a=\"b;\\\" c\"")), HEAD " [hello]\nidle" },
        { "CK-5 two", W(C("5;a;b=c")), HEAD " [hello]\nidle" },
        { "CK-5 no name", W(C("5;")), BAD }, { "CK-5 no value", W(C("5;a=")), BAD },
        { "CK-5 blank", W(C("5; a")), BAD },
        { "CK-7 control", W(C("5;a\x01")), BAD }, { "CK-7 lone CR", W(C("5;a=\"\r\"")), BAD },
        { "CK-7 CRLF in quotes", W(C("5;a=\"\r\n\"")), BAD },
        { "CK-8 length", W(CHUNKED "0\r\nContent-Length: 5\r\n\r\n"), HEAD " 400 trailer" },
        { "CK-8 host", W(CHUNKED "0\r\nhost: x\r\n\r\n"), HEAD " 400 trailer" },
        { "PA-4 trailer apart", W(CHUNKED "0\r\nX-Sum: 1\r\nb:\r\n\r\n" GET "\r\n"),
          HEAD " X-Sum=1 b=\n" OK },
        { "CK-9 folded", W(CHUNKED "0\r\na: b\r\n c\r\n\r\n"), HEAD " 400 fold" },
        { "CK-9 no colon", W(CHUNKED "0\r\nabc\r\n\r\n"), HEAD " 400 field_name" },
    };
    run_all(table, T_COUNT(table));
}

/* Holds: connection rules of section 4 that parsing decides. */
static void
connections(void **state)
{
    (void)state;
    static const fixture table[] = {
        { "CN-1", W(GET "Connection: Close\r\n\r\n"), "GET / h 1.1 C\nidle" },
        { "CN-1 list", W(GET "Connection: x, close\r\n\r\n"), "GET / h 1.1 C\nidle" },
        { "CN-1 second line", W(GET "Connection: x\r\nconnection: close\r\n\r\n"),
          "GET / h 1.1 C\nidle" },
        { "CN-1 tab", W(GET "Connection: close\t\r\n\r\n"), "GET / h 1.1 C\nidle" },
        { "CN-2", W("GET / HTTP/1.0\r\n" H "Connection: keep-alive\r\n\r\n"),
          "GET / h 1.0 K\nidle" },
        { "CN-4", W(GET "\r\n" POST "Content-Length: 1\r\n\r\nxget / HTTP/1.1\r\n\r\n" GET "\r\n"),
          "GET / h 1.1 K\nPOST /p h 1.1 K [x]\n501 method" },
        { "CN-5 body is a request", W(GET "Content-Length: 27\r\n\r\n" GET "\r\n" GET "\r\n"),
          "GET / h 1.1 K [GET / HTTP/1.1\r\nHost: h\r\n\r\n]\n" OK },
        { "CN-7 in line", W("GET / HT"), " cut" },
        { "CN-7 in header", W(GET), " cut" },
        { "CN-7 in body", W(POST "Content-Length: 5\r\n\r\nhel"), "POST /p h 1.1 K cut" },
        { "CN-7 in chunk", W(CHUNKED "5\r\nhel"), "POST /p h 1.1 K cut" },
        { "CN-11 nothing but empty lines", W("\r\n\r\n"), "idle" },
        { "CN-12 websocket",
          W(GET "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n" GET "\r\n"),
          "GET / h 1.1 K\n" OK },
        { "CN-12 h2c with body",
          W(POST "Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nab" GET "\r\n"),
          "POST /p h 1.1 K [ab]\n" OK },
        { "EX-1", W(POST "Expect: 100-Continue\r\nContent-Length: 2\r\n\r\nab"),
          "POST /p h 1.1 K expect [ab]\nidle" },
        { "EX-1 nothing to wait for", W(GET "Expect: 100-continue\r\n\r\n"), OK },
        { "EX-2", W("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na"),
          "POST / localhost 1.0 C [a]\nidle" },
        { "EX-4", W(POST "Expect: y 100-continue\r\nContent-Length: 1\r\n\r\na"),
          "POST /p h 1.1 K [a]\nidle" },
    };
    run_all(table, T_COUNT(table));
}

#define B50 "01234567890123456789012345678901234567890123456789"
#define B400 B50 B50 B50 B50 B50 B50 B50 B50

/* Builds head + count times middle + tail; test_free it. */
static char *
repeat(const char *head, const char *middle, size_t count, const char *tail, size_t *len)
{
    size_t h = strlen(head), m = strlen(middle), t = strlen(tail);
    char *out = test_malloc(h + m * count + t + 1);
    memcpy(out, head, h);
    for (size_t i = 0; i < count; i++)
        memcpy(out + h + i * m, middle, m);
    memcpy(out + h + m * count, tail, t + 1);
    *len = h + m * count + t;
    return out;
}

/* Holds: section 5, also while the line is still arriving, and CK-10. Could break: a limit that is
 * looked at only once a line is complete. Bytes come whole, one by one and in sevens. */
static void
limits(void **state)
{
    (void)state;
    static const struct {
        const char *label, *head, *middle;
        size_t count;
        const char *tail, *expect;
    } cases[] = {
        { "LM-1 8192", "GET /", "a", 8191, " HTTP/1.1\r\n" H "\r\n", NULL },
        { "LM-1 8193", "GET /", "a", 8192, "", "414 target_size" },
        { "LM-1 1 MiB", "GET /", "a", 1 << 20, "", "414 target_size" },
        { "LM-2", GET, "a:" B400 "\r\n", 90, "\r\n", "431 header_size" },
        { "LM-3", GET "a:", "b", 16383, "\r\n\r\n", "431 header_size" },
        { "LM-3 at the limit", GET "a:", "b", 16382, "\r\n\r\n", OK },
        { "LM-3 endless name", GET, "n", 1 << 18, "", "431 header_size" },
        { "LM-4 100", GET, "a:\r\n", 99, "\r\n", OK },
        { "LM-4 101", GET, "a:\r\n", 100, "\r\n", "431 header_count" },
        { "LM-4 2000", GET, "a:\r\n", 2000, "\r\n", "431 header_count" },
        { "LM-10 query", "GET /?", "a&", 1000, " HTTP/1.1\r\n" H "\r\n", "400 too_many" },
        { "LM-10 cookies", GET "Cookie: ", "a=b;", 100, "\r\n\r\n", "400 too_many" },
        { "LM-20 empty lines", "", "\r\n", 32768, "", "400 empty_lines" },
        { "CK-6 line", CHUNKED "5;", "a", 1100, "\r\nhello\r\n", "POST /p h 1.1 K 413 chunk_ext" },
        { "CK-6 zeros", CHUNKED, "0", 65536, "", "POST /p h 1.1 K 413 chunk_ext" },
        { "CK-6 sum", CHUNKED, "1;abcdefgh\r\nx\r\n", 1821, "", "POST /p h 1.1 K 413 chunk_ext" },
        { "CK-9 size", CHUNKED "0\r\na:", "b", 8192, "", "POST /p h 1.1 K 431 trailer_size" },
        { "CK-9 count", CHUNKED "0\r\n", "a:\r\n", 33, "", "POST /p h 1.1 K 431 trailer_size" },
        { "CK-10", CHUNKED, "1\r\nx\r\n", 2000, "0\r\n\r\n", NULL },
    };
    static const size_t sizes[] = { 0, 1, 7 };
    chirp_config config;
    chirp_config_init(&config);
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        size_t len;
        char *bytes = repeat(cases[i].head, cases[i].middle, cases[i].count, cases[i].tail, &len);
        for (size_t k = 0; k < T_COUNT(sizes); k++) {
            size_t size = sizes[k] == 0 ? len : sizes[k];
            wire_open(&w, &config);
            for (size_t at = 0; at < len && !w.is_over; at += size)
                wire_piece(&w, bytes + at, len - at < size ? len - at : size);
            wire_end(&w);
            assert_true(w.req.arena.used < 256 * 1024); /* LM-20 */
            wire_close(&w);
            if (cases[i].expect == NULL ? strstr(w.trace, "\nidle") == NULL
                                        : strcmp(w.trace, cases[i].expect) != 0)
                fail_msg("%s: got [%.200s], want [%s]", cases[i].label, w.trace, cases[i].expect);
        }
        test_free(bytes);
    }
}

/* Holds: a route may lower or raise the limit of the body at the head (LM-5). */
static void
body_limit_of_a_route(void **state)
{
    (void)state;
    static const char bytes[] = POST "Content-Length: 5\r\n\r\nhello";
    chirp_config config;
    chirp_config_init(&config);
    size_t used;
    wire_open(&w, &config);
    assert_int_equal(ch_parser_feed(w.parser, bytes, sizeof(bytes) - 1, &used), CH_EVENT_HEAD);
    ch_parser_set_body_limit(w.parser, 4);
    assert_int_equal(ch_parser_feed(w.parser, NULL, 0, &used), CH_EVENT_REJECT);
    assert_int_equal(ch_parser_reason(w.parser), CH_REJECT_BODY_SIZE);
    wire_close(&w);

    config.max_body = 4;
    wire_open(&w, &config);
    assert_int_equal(ch_parser_feed(w.parser, bytes, sizeof(bytes) - 1, &used), CH_EVENT_HEAD);
    ch_parser_set_body_limit(w.parser, 5);
    assert_int_equal(ch_parser_feed(w.parser, bytes + used, 5, &used), CH_EVENT_BODY);
    assert_int_equal(used, 5);
    assert_int_equal(ch_request_add_body(&w.req, ch_parser_body(w.parser)), KIDA_OK);
    assert_int_equal(ch_parser_feed(w.parser, NULL, 0, &used), CH_EVENT_COMPLETE);
    wire_close(&w);
}

/* Holds: 100 requests in one packet, in order (CN-3). */
static void
pipelined_requests_stay_in_order(void **state)
{
    (void)state;
    char bytes[8000], expect[4000];
    size_t len = 0, expect_len = 0;
    for (int i = 0; i < 100; i++) {
        len += (size_t)snprintf(bytes + len, sizeof(bytes) - len,
                                "POST /%d HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n%02d", i, i);
        expect_len += (size_t)snprintf(expect + expect_len, sizeof(expect) - expect_len,
                                       "POST /%d h 1.1 K [%02d]\n", i, i);
    }
    snprintf(expect + expect_len, sizeof(expect) - expect_len, "idle");
    chirp_config config;
    chirp_config_init(&config);
    wire_open(&w, &config);
    wire_piece(&w, bytes, len);
    wire_end(&w);
    wire_close(&w);
    assert_string_equal(w.trace, expect);
}

/* Holds: every allocation may fail; the parser refuses and nothing leaks (ME-3). */
static void
out_of_memory_is_a_refusal(void **state)
{
    (void)state;
    static const char bytes[] = CHUNKED "5;a=b\r\nhello\r\n0\r\nx: y\r\n\r\n";
    t_counter counter = { 0 };
    chirp_config config;
    chirp_config_init(&config);
    config.allocator = t_counting_allocator(&counter);
    chirp_request req;
    bool passed = false;
    for (size_t n = 1; !passed; n++) {
        counter.requests = 0;
        counter.fail_at = n;
        ch_request_init(&req, &config);
        ch_parser *parser = ch_parser_new(&config);
        size_t at = 0, used;
        ch_event event = parser == NULL ? CH_EVENT_REJECT : CH_EVENT_MORE;
        if (parser != NULL)
            ch_parser_begin(parser, &req);
        while (event != CH_EVENT_REJECT && event != CH_EVENT_COMPLETE) {
            event = ch_parser_feed(parser, bytes + at, sizeof(bytes) - 1 - at, &used);
            at += used;
            if (event == CH_EVENT_BODY &&
                ch_request_add_body(&req, ch_parser_body(parser)) != KIDA_OK)
                break;
        }
        if (event == CH_EVENT_REJECT && parser != NULL)
            assert_int_equal(ch_parser_reason(parser), CH_REJECT_MEMORY);
        passed = event == CH_EVENT_COMPLETE;
        ch_parser_free(parser);
        ch_request_clear(&req);
        assert_int_equal(counter.live_bytes, 0);
        assert_true(n < 100);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_lines),
        cmocka_unit_test(targets),
        cmocka_unit_test(fields),
        cmocka_unit_test(hosts),
        cmocka_unit_test(content_lengths),
        cmocka_unit_test(transfer_codings),
        cmocka_unit_test(chunks),
        cmocka_unit_test(connections),
        cmocka_unit_test(limits),
        cmocka_unit_test(body_limit_of_a_route),
        cmocka_unit_test(pipelined_requests_stay_in_order),
        cmocka_unit_test(out_of_memory_is_a_refusal),
    };
    return cmocka_run_group_tests_name("http/parse", tests, NULL, NULL);
}
