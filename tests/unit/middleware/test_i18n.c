/* SPDX-License-Identifier: MIT */
/* test_i18n.c - languages of requests, catalogs, plural rules (row 16.4). */
#define _GNU_SOURCE
#include "mw.h"

#include "config/arena.h"
#include "middleware/catalog.h"

/* ---- a catalog as msgfmt writes it ----------------------------------------------------------- */

#define MO_MAX 4096

typedef struct mo_entry {
    kida_str id;
    kida_str text;
} mo_entry;

static char mo_bytes[MO_MAX];

static void
put_number(size_t at, uint32_t number, bool swapped)
{
    number = swapped ? __builtin_bswap32(number) : number;
    memcpy(mo_bytes + at, &number, sizeof(number));
}

static size_t
put_text(size_t entry, size_t end, kida_str text, bool swapped)
{
    put_number(entry, (uint32_t)text.len, swapped);
    put_number(entry + 4, (uint32_t)end, swapped);
    if (text.len > 0)
        memcpy(mo_bytes + end, text.ptr, text.len);
    mo_bytes[end + text.len] = '\0';
    return end + text.len + 1;
}

static kida_str
make_mo(const mo_entry *entries, size_t count, bool swapped)
{
    size_t ids = 28, texts = ids + count * 8, end = texts + count * 8;
    memset(mo_bytes, 0, sizeof(mo_bytes));
    const uint32_t head[7] = { 0x950412de, 0, (uint32_t)count, (uint32_t)ids, (uint32_t)texts, 0,
                               (uint32_t)end };
    for (size_t i = 0; i < 7; i++)
        put_number(i * 4, head[i], swapped);
    for (size_t i = 0; i < count; i++)
        end = put_text(ids + i * 8, end, entries[i].id, swapped);
    for (size_t i = 0; i < count; i++)
        end = put_text(texts + i * 8, end, entries[i].text, swapped);
    assert_true(end <= MO_MAX);
    return (kida_str){ mo_bytes, end };
}

#define POLISH                                                                                     \
    "Content-Type: text/plain; charset=UTF-8\n"                                                    \
    "Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) "  \
    "? 1 : 2);\n"

static const mo_entry polish[] = {
    { KIDA_S_INIT(""), KIDA_S_INIT(POLISH) },
    { KIDA_S_INIT("Hello"), KIDA_S_INIT("Cze\xc5\x9b\xc4\x87") },
    { KIDA_S_INIT("file\0files"), KIDA_S_INIT("plik\0pliki\0plik\xc3\xb3w") },
    { KIDA_S_INIT("not yet"), KIDA_S_INIT("") },
    { KIDA_S_INIT("%(count)s letter\0%(count)s letters"),
      KIDA_S_INIT("%(count)s list\0%(count)s listy\0%(count)s list\xc3\xb3w") },
};

/* ---- catalogs -------------------------------------------------------------------------------- */

typedef struct book {
    ch_arena arena;
    ch_catalog catalog;
    kida_error err;
} book;

static void
open_book(book *b)
{
    kida_error_init(&b->err);
    ch_arena_init(&b->arena, NULL, 1024, (size_t)64 << 20);
    ch_catalog_init(&b->catalog, &b->arena);
}

static bool
says(kida_str got, const char *want)
{
    return want ? kida_str_equal(got, kida_str_from(want)) && got.ptr : got.ptr == NULL;
}

static void
row_16_4_a_catalog_of_msgfmt(void **state)
{
    (void)state;
    for (size_t swapped = 0; swapped < 2; swapped++) {
        book b;
        open_book(&b);
        kida_str bytes = make_mo(polish, T_COUNT(polish), swapped == 1);
        if (ch_catalog_add_mo(&b.catalog, bytes, &b.err) != KIDA_OK)
            fail_msg("%s", b.err.message);
        assert_true(says(ch_catalog_text(&b.catalog, KIDA_S("Hello")), "Cze\xc5\x9b\xc4\x87"));
        assert_true(says(ch_catalog_text(&b.catalog, KIDA_S("Hell")), NULL));
        assert_true(says(ch_catalog_text(&b.catalog, KIDA_S("not yet")), NULL));
        assert_true(says(ch_catalog_text(&b.catalog, KIDA_S("")), NULL));
        static const struct {
            int64_t count;
            const char *want;
        } cases[] = {
            { 1, "plik" },   { 2, "pliki" },  { 4, "pliki" },  { 5, "plik\xc3\xb3w" },
            { 12, "plik\xc3\xb3w" }, { 22, "pliki" }, { 0, "plik\xc3\xb3w" }, { -1, "plik" },
            { INT64_MIN, "plik\xc3\xb3w" },
        };
        for (size_t i = 0; i < T_COUNT(cases); i++) {
            if (!says(ch_catalog_plural(&b.catalog, KIDA_S("file"), cases[i].count), cases[i].want))
                fail_msg("%lld", (long long)cases[i].count);
        }
        ch_arena_clear(&b.arena);
    }
}

/* Holds: no cut and no changed byte makes the reader look outside of the file; what it says then
 * is an error, or other text. */
static void
row_16_4_broken_catalogs(void **state)
{
    (void)state;
    kida_str whole = make_mo(polish, T_COUNT(polish), false);
    char copy[MO_MAX];
    memcpy(copy, whole.ptr, whole.len);
    for (size_t len = 0; len < whole.len; len++) {
        book b;
        open_book(&b);
        char *exact = test_malloc(len + 1);
        memcpy(exact, copy, len);
        kida_status st = ch_catalog_add_mo(&b.catalog, (kida_str){ exact, len }, &b.err);
        assert_true(st != KIDA_OK && b.err.message[0] != '\0');
        test_free(exact);
        ch_arena_clear(&b.arena);
    }
    for (size_t at = 0; at < whole.len; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            book b;
            open_book(&b);
            char *exact = test_malloc(whole.len);
            memcpy(exact, copy, whole.len);
            exact[at] = (char)(exact[at] ^ (1 << bit));
            kida_status st = ch_catalog_add_mo(&b.catalog, (kida_str){ exact, whole.len }, &b.err);
            assert_true(st == KIDA_OK || b.err.message[0] != '\0');
            (void)ch_catalog_plural(&b.catalog, KIDA_S("file"), 7);
            test_free(exact);
            ch_arena_clear(&b.arena);
        }
    }
}

static void
row_16_4_what_is_wrong_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        mo_entry entry;
        const char *want;
    } cases[] = {
        { "charset", { KIDA_S_INIT(""), KIDA_S_INIT("Content-Type: text/plain; charset=latin2") },
          "charset is not UTF-8" },
        { "rule", { KIDA_S_INIT(""), KIDA_S_INIT("Plural-Forms: nplurals=2; plural=(n !!= 1);") },
          "rule of plural forms" },
        { "text", { KIDA_S_INIT("a"), KIDA_S_INIT("\xff") }, "not UTF-8" },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        book b;
        open_book(&b);
        kida_str bytes = make_mo(&cases[i].entry, 1, false);
        assert_int_not_equal(ch_catalog_add_mo(&b.catalog, bytes, &b.err), KIDA_OK);
        if (!strstr(b.err.message, cases[i].want))
            fail_msg("%s: %s", cases[i].label, b.err.message);
        ch_arena_clear(&b.arena);
    }
}

static void
row_16_4_catalogs_in_json(void **state)
{
    (void)state;
    book b;
    open_book(&b);
    kida_str first = KIDA_S("{\"a\": \"1\", \"b\": \"2\"}");
    assert_int_equal(ch_catalog_add_json(&b.catalog, first, &b.err), KIDA_OK);
    assert_int_equal(ch_catalog_add_json(&b.catalog, KIDA_S("{\"b\": \"3\"}"), &b.err), KIDA_OK);
    assert_true(says(ch_catalog_text(&b.catalog, KIDA_S("a")), "1"));
    assert_true(says(ch_catalog_text(&b.catalog, KIDA_S("b")), "3"));
    assert_true(says(ch_catalog_plural(&b.catalog, KIDA_S("b"), 5), "3"));
    assert_int_equal(ch_catalog_add_json(&b.catalog, KIDA_S("[1]"), &b.err), KIDA_E_PARSE);
    assert_int_equal(ch_catalog_add_json(&b.catalog, KIDA_S("{\"a\": {}}"), &b.err), KIDA_E_PARSE);
    assert_int_equal(ch_catalog_add_json(&b.catalog, KIDA_S("{"), &b.err), KIDA_E_JSON);
    ch_arena_clear(&b.arena);
}

static void
row_16_4_many_messages(void **state)
{
    (void)state;
    book b;
    open_book(&b);
    for (unsigned i = 0; i < 3000; i++) {
        char text[64];
        snprintf(text, sizeof(text), "{\"key %u\": \"text %u\"}", i, i);
        b.catalog.rule_count = 0; /* one file would have them all */
        assert_int_equal(ch_catalog_add_json(&b.catalog, kida_str_from(text), &b.err), KIDA_OK);
    }
    assert_int_equal(b.catalog.count, 3000);
    assert_true(says(ch_catalog_text(&b.catalog, KIDA_S("key 2999")), "text 2999"));
    assert_true(says(ch_catalog_text(&b.catalog, KIDA_S("key 0")), "text 0"));
    ch_arena_clear(&b.arena);
}

/* ---- plural rules ---------------------------------------------------------------------------- */

static void
row_16_4_plural_rules(void **state)
{
    (void)state;
    static const struct {
        const char *rule;
        int64_t counts[6];
        uint32_t forms[6];
    } cases[] = {
        { "nplurals=1; plural=0;", { 0, 1, 2, 5, 9, 100 }, { 0, 0, 0, 0, 0, 0 } },
        { "nplurals=2; plural=n != 1", { 0, 1, 2, 5, 9, 100 }, { 1, 0, 1, 1, 1, 1 } },
        { "nplurals=2; plural=n>1;", { 0, 1, 2, 5, 9, 100 }, { 0, 0, 1, 1, 1, 1 } },
        { " nplurals = 2 ; plural = ! ( n == 1 ) ; ",
          { 0, 1, 2, 5, 9, 100 }, { 1, 0, 1, 1, 1, 1 } },
        { "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n != 0 ? 1 : 2);",
          { 0, 1, 2, 11, 21, 100 }, { 2, 0, 1, 1, 0, 1 } },
        { "nplurals=6; plural=n==0?0:n==1?1:n==2?2:n%100>=3&&n%100<=10?3:n%100>=11?4:5;",
          { 0, 1, 2, 5, 11, 100 }, { 0, 1, 2, 3, 4, 5 } },
        { "nplurals=9; plural=2+3*2-4/2%3;", { 0, 1, 2, 5, 9, 100 }, { 6, 6, 6, 6, 6, 6 } },
        { "nplurals=2; plural=n/0 + n%0 + (n < 2) * (n >= 1);", { 0, 1, 2, 5, 9, 100 },
          { 0, 1, 0, 0, 0, 0 } },
        /* A form that does not exist is the first. */
        { "nplurals=2; plural=n;", { 0, 1, 2, 5, 9, 100 }, { 0, 1, 0, 0, 0, 0 } },
    };
    static ch_plural rule;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        assert_int_equal(ch_plural_parse(kida_str_from(cases[i].rule), &rule, NULL), KIDA_OK);
        for (size_t k = 0; k < 6; k++) {
            if (ch_plural_form(&rule, cases[i].counts[k]) != cases[i].forms[k])
                fail_msg("%s for %lld", cases[i].rule, (long long)cases[i].counts[k]);
        }
    }
    memset(&rule, 0, sizeof(rule));
    assert_int_equal(ch_plural_form(&rule, 1), 0);
    assert_int_equal(ch_plural_form(&rule, 2), 1);
}

static void
row_16_4_no_plural_rules(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "", "plural=n;", "nplurals=2;", "nplurals=0; plural=0;", "nplurals=17; plural=0;",
        "nplurals=99999999999; plural=0;", "nplurals=2; plural=;", "nplurals=2; plural=(n;",
        "nplurals=2; plural=n);", "nplurals=2; plural=n ? 1;", "nplurals=2; plural=m;",
        "nplurals=2; plural=n n;", "nplurals=2; plural=1 +;", "nplurals=2; plural=n = 1;",
        "nplurals=2; plural=99999999999;", "nplurals=2; plural=n; x", "nplurals=2; plural=-1;",
    };
    static ch_plural rule;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        if (ch_plural_parse(kida_str_from(cases[i]), &rule, NULL) != KIDA_E_PARSE)
            fail_msg("[%s] is taken", cases[i]);
    }
    /* Deep and long ones. */
    char text[4096] = "nplurals=2; plural=";
    size_t start = strlen(text);
    static const char *const pieces[] = { "(", "!", "n?", "n+", "n?n:" };
    for (size_t i = 0; i < T_COUNT(pieces); i++) {
        size_t at = start, len = strlen(pieces[i]);
        for (; at + len + 2 < sizeof(text); at += len)
            memcpy(text + at, pieces[i], len);
        memcpy(text + at, "n", 2);
        assert_int_equal(ch_plural_parse(kida_str_from(text), &rule, NULL), KIDA_E_PARSE);
    }
}

/* ---- the layer ------------------------------------------------------------------------------- */

static const char *const locales[] = { "en", "de", "pt-BR", "pl", NULL };

static chirp_reply *
locale(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, chirp_locale(req));
}

static chirp_reply *
plain(chirp_request *req, void *user)
{
    (void)user;
    return chirp_reply_text(req, KIDA_S("plain"));
}

static chirp_reply *
page(chirp_request *req, void *user)
{
    (void)user;
    kida_str chosen = chirp_query(req, "locale");
    if (chosen.len > 0 && !chirp_set_locale(req, chosen))
        return chirp_reply_fail(req, 400, "no such locale");
    return chirp_reply_template(req, "page.html", kida_none());
}

static chirp_reply *
handler_text(chirp_request *req, void *user)
{
    (void)user;
    kida_str one = chirp_translate(req, "Hello"), none = chirp_translate(req, "missing");
    kida_str few = chirp_translate_plural(req, "file", "files", 3);
    kida_str other = chirp_translate_plural(req, "day", "days", 1);
    return chirp_reply_textf(req, "%.*s %.*s %.*s %.*s", (int)one.len, one.ptr, (int)none.len,
                             none.ptr, (int)few.len, few.ptr, (int)other.len, other.ptr);
}

/* An app with catalogs in a folder of its own. */
static void
use_i18n(mw *fx, chirp_i18n_options *options, char folder[64])
{
    static const char *directories[] = { NULL, NULL };
    char path[512];
    static const char german[] = "{\"Hello\": \"Hallo\", \"welcome\": \"Hallo, {name}!\", "
                                 "\"odd\": \"{a} {name\", \"tags\": \"<b>\"}";
    mw_folder(folder);
    mw_write(folder, "de.json", german, sizeof(german) - 1);
    kida_str mo = make_mo(polish, T_COUNT(polish), false);
    snprintf(path, sizeof(path), "%s/pl", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/pl/LC_MESSAGES", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    mw_write(path, "messages.mo", mo.ptr, mo.len);
    mw_write(folder, "pt_BR.json", "{\"Hello\": \"Ol\xc3\xa1\"}", 17);
    directories[0] = folder;
    options->directories = directories;
    options->locales = locales;
    assert_int_equal(chirp_use_i18n(mw_app(fx), options, &fx->err), KIDA_OK);
    chirp_route(mw_app(fx), "GET", "/locale", locale, NULL);
    chirp_route(mw_app(fx), "GET", "/de/locale", locale, NULL);
    chirp_route(mw_app(fx), "GET", "/xx/locale", locale, NULL);
    chirp_route(mw_app(fx), "GET", "/page", page, NULL);
    chirp_route(mw_app(fx), "GET", "/plain", plain, NULL);
    chirp_route(mw_app(fx), "GET", "/text", handler_text, NULL);
}

static const char *
body_of(mw *fx, const char *target, const char *name, const char *value)
{
    static char body[1024];
    const char *headers[] = { name, value, NULL };
    chirp_answer *got = mw_send(fx, "GET", target, name ? headers : NULL, "");
    snprintf(body, sizeof(body), "%.*s", (int)got->body.len, got->body.len ? got->body.ptr : "");
    return body;
}

static void
row_16_4_which_language(void **state)
{
    static const struct {
        const char *label, *target, *name, *value, *want;
    } cases[] = {
        { "nothing", "/locale", "X-A", "b", "en" },
        { "exact", "/locale", "Accept-Language", "de", "de" },
        { "first part", "/locale", "Accept-Language", "de-AT", "de" },
        { "any case", "/locale", "Accept-Language", "PT-br", "pt-BR" },
        { "weights", "/locale", "Accept-Language", "pl;q=0.5, de;q=0.8, fr", "de" },
        { "the first of equal ones", "/locale", "Accept-Language", "pl, de", "pl" },
        { "weight 0", "/locale", "Accept-Language", "de;q=0", "en" },
        { "weights that are none", "/locale", "Accept-Language", "de;q=x, pl;q=2", "en" },
        { "others only", "/locale", "Accept-Language", "fr, *", "en" },
        { "rubbish", "/locale", "Accept-Language", ",;=,,;q=1,-", "en" },
        { "cookie", "/locale", "Cookie", "chirp_locale=pl", "pl" },
        { "cookie, not supported", "/locale", "Cookie", "chirp_locale=../x", "en" },
        { "path", "/de/locale", "Cookie", "chirp_locale=pl", "de" },
        { "path, not supported", "/xx/locale", "Cookie", "chirp_locale=pl", "pl" },
    };
    mw *fx = *state;
    char folder[64];
    chirp_i18n_options options;
    chirp_i18n_options_init(&options);
    options.url_prefix = true;
    use_i18n(fx, &options, folder);
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        const char *got = body_of(fx, cases[i].target, cases[i].name, cases[i].value);
        if (strcmp(got, cases[i].want) != 0)
            fail_msg("%s: %s", cases[i].label, got);
    }
    (void)mw_send(fx, "GET", "/locale",
                  MW_HEADERS("Cookie", "chirp_locale=de", "Accept-Language", "pl"), "");
    assert_true(CHIRP_CHECK_BODY(&fx->answer, "de"));
    assert_string_equal(mw_header(fx, "vary"), "Cookie");
    (void)body_of(fx, "/locale", "Accept-Language", "pl");
    assert_string_equal(mw_header(fx, "vary"), "Accept-Language, Cookie");
    (void)body_of(fx, "/de/locale", "Accept-Language", "pl");
    assert_string_equal(mw_header(fx, "vary"), "");
    (void)body_of(fx, "/plain", "Accept-Language", "pl");
    assert_string_equal(mw_header(fx, "vary"), "");
}

static void
row_16_4_templates_speak_it(void **state)
{
    static const struct {
        const char *label, *source, *locale, *want;
    } cases[] = {
        { "t", "{{ t('Hello') }}", "de", "Hallo" },
        { "t, missing", "{{ t('a.b') }}", "de", "a.b" },
        { "t, a value, escaped", "{{ t('welcome', name='<i>') }}", "de", "Hallo, &lt;i&gt;!" },
        { "t, escaped", "{{ t('tags') }}", "de", "&lt;b&gt;" },
        { "t, no such value", "{{ t('welcome', nam=1) }}", "de", "Hallo, {name}!" },
        { "t, braces that don't close", "{{ t('odd', a=1) }}", "de", "1 {name" },
        { "t, no values", "{{ t('welcome') }}", "de", "Hallo, {name}!" },
        { "_", "{{ _('Hello') }}{{ gettext('Hello') }}", "pl",
          "Cze\xc5\x9b\xc4\x87" "Cze\xc5\x9b\xc4\x87" },
        { "_n", "{{ _n('file', 'files', 5) }} {{ ngettext('file', 'files', 22) }}", "pl",
          "plik\xc3\xb3w pliki" },
        { "_n without a catalog", "{{ ngettext('file', 'files', 1) }}/{{ ngettext('file', 'files', "
                                  "0) }}", "en", "file/files" },
        { "trans", "{% trans %}Hello{% endtrans %}|{% trans count=n %}{{ count }} letter{% plural "
                   "%}{{ count }} letters{% endtrans %}", "pl",
          "Cze\xc5\x9b\xc4\x87|3 listy" },
        { "locale", "{{ get_locale() }}", "pt-br", "pt-BR" },
        { "a file with another name", "{{ t('Hello') }}", "pt-BR", "Ol\xc3\xa1" },
        { "numbers", "{{ format_number(1234567) }} {{ format_number(1234.5) }}", "en",
          "1,234,567 1,234.50" },
        { "numbers with commas", "{{ format_number(-1234567) }} {{ format_number(1234.567) }}",
          "pt-BR", "-1.234.567 1.234,57" },
        { "large", "{{ format_number(9007199254740993) }}", "pl", "9,007,199,254,740,993" },
        { "dates", "{{ format_date(1710460800, 'short') }}|{{ format_date(1710460800) }}|{{ "
                   "format_date(1710460800, 'long') }}", "de",
          "2024-03-15|Mar 15, 2024|March 15, 2024" },
    };
    mw *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        char folder[64], target[64], source[512];
        chirp_i18n_options options;
        chirp_i18n_options_init(&options);
        use_i18n(fx, &options, folder);
        snprintf(source, sizeof(source), "{%% set n = 3 %%}%s", cases[i].source);
        assert_int_equal(kida_env_add_source(chirp_app_templates(mw_app(fx)), KIDA_S("page.html"),
                                             kida_str_from(source), &fx->err),
                         KIDA_OK);
        snprintf(target, sizeof(target), "/page?locale=%s", cases[i].locale);
        const char *got = body_of(fx, target, NULL, NULL);
        if (strcmp(got, cases[i].want) != 0)
            fail_msg("%s: %s", cases[i].label, got);
        mw_close(fx);
    }
}

static void
row_16_4_handlers_speak_it(void **state)
{
    mw *fx = *state;
    char folder[64];
    chirp_i18n_options options;
    chirp_i18n_options_init(&options);
    use_i18n(fx, &options, folder);
    assert_string_equal(body_of(fx, "/text", "Accept-Language", "pl"),
                        "Cze\xc5\x9b\xc4\x87 missing pliki day");
    assert_string_equal(body_of(fx, "/text", "Accept-Language", "de"), "Hallo missing files day");
    mw_close(fx);
    /* Without the layer. */
    chirp_route(mw_app(fx), "GET", "/text", handler_text, NULL);
    chirp_route(mw_app(fx), "GET", "/locale", locale, NULL);
    assert_string_equal(body_of(fx, "/text", NULL, NULL), "Hello missing files day");
    assert_string_equal(body_of(fx, "/locale", "Accept-Language", "de"), "en");
}

static void
row_16_4_set_up(void **state)
{
    mw *fx = *state;
    static const char *const bad[] = { "../etc", "", "de/x", "de.x" };
    static const char *directories[] = { NULL, NULL };
    char folder[64];
    chirp_i18n_options options;
    for (size_t i = 0; i < T_COUNT(bad); i++) {
        chirp_i18n_options_init(&options);
        options.default_locale = bad[i];
        assert_int_equal(chirp_use_i18n(mw_app(fx), &options, &fx->err), KIDA_E_USAGE);
        mw_close(fx);
    }
    mw_folder(folder);
    directories[0] = folder;
    chirp_i18n_options_init(&options);
    options.directories = directories;
    mw_write(folder, "en.json", "{\n\"a\":,}", 8);
    assert_int_equal(chirp_use_i18n(mw_app(fx), &options, &fx->err), KIDA_E_JSON);
    assert_non_null(strstr(fx->err.message, "en.json, line 2"));
    assert_int_equal(chirp_app_freeze(mw_app(fx), &fx->err), KIDA_E_JSON);
    mw_close(fx);
    mw_write(folder, "en.json", "{}", 2);
    mw_write(folder, "en.mo", "rubbish, and long enough", 24);
    assert_int_equal(chirp_use_i18n(mw_app(fx), &options, &fx->err), KIDA_E_PARSE);
    assert_non_null(strstr(fx->err.message, "en.mo: the catalog is broken"));
    mw_close(fx);
    options.locales = locales; /* none of the others has a catalog: keys are shown */
    options.default_locale = "de";
    mw_write(folder, "en.mo", "", 0);
    assert_int_equal(chirp_use_i18n(mw_app(fx), &options, &fx->err), KIDA_E_PARSE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_16_4_a_catalog_of_msgfmt),
        cmocka_unit_test(row_16_4_broken_catalogs),
        cmocka_unit_test(row_16_4_what_is_wrong_is_said),
        cmocka_unit_test(row_16_4_catalogs_in_json),
        cmocka_unit_test(row_16_4_many_messages),
        cmocka_unit_test(row_16_4_plural_rules),
        cmocka_unit_test(row_16_4_no_plural_rules),
        mw_test(row_16_4_which_language),
        mw_test(row_16_4_templates_speak_it),
        mw_test(row_16_4_handlers_speak_it),
        mw_test(row_16_4_set_up),
    };
    return cmocka_run_group_tests_name("middleware/i18n", tests, NULL, NULL);
}
