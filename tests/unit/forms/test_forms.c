/* SPDX-License-Identifier: MIT */
/* test_forms.c - rules, binding to structs, and forms shown again. */
#define _GNU_SOURCE
#include "t.h"

#include <chirp/chirp.h>

#include "forms/regex.h"

/* ---- rules --------------------------------------------------------------------------------- */

static const char *
shout(kida_str value, void *user)
{
    (void)user;
    return value.len > 0 && value.ptr[value.len - 1] == '!' ? "Don't shout" : NULL;
}

/* First message for one value and one rule; "" if it passes. */
static const char *
judge(kida_pool *pool, const chirp_rule *rule, kida_str value)
{
    static char first[512];
    chirp_rule rules[] = { *rule, CHIRP_RULES_END };
    chirp_form_data form;
    kida_value mapping;
    rules[0].field = "f";
    assert_int_equal(kida_context(pool, &mapping, "f", kida_string(value), NULL), KIDA_OK);
    bool ok = chirp_validate(pool, rules, mapping, &form);
    if (form.status != KIDA_OK)
        return "status";
    kida_value list = kida_dict_get(form.errors, KIDA_S("f"));
    assert_true(ok == (kida_length(list) == 0));
    assert_int_equal(kida_length(form.values), ok);
    kida_str text = ok ? KIDA_S("") : kida_as_str(kida_item_at(list, 0));
    snprintf(first, sizeof(first), "%.*s", (int)text.len, text.ptr);
    return first;
}

/* Holds: each rule and its message. */
static void
rules_have_their_messages(void **state)
{
    (void)state;
    static const char *const sizes[] = { "s", "l", "m", NULL };
    static const struct {
        chirp_rule rule;
        const char *value, *want;
    } cases[] = {
#define RULE(...) CHIRP_RULE("f", __VA_ARGS__)
        { RULE(CHIRP_REQUIRED), "a", "" },
        { RULE(CHIRP_REQUIRED), "", "This field is required" },
        { RULE(CHIRP_REQUIRED), " \t\n", "This field is required" },
        { RULE(CHIRP_REQUIRED, .message = "Say it"), "", "Say it" },
        { RULE(CHIRP_MIN_LENGTH, .number = 2), "\xc3\xa9", "Must be at least 2 characters" },
        { RULE(CHIRP_MIN_LENGTH, .number = 2), "\xc3\xa9\xc3\xa9", "" },
        { RULE(CHIRP_MAX_LENGTH, .number = 2), "\xc3\xa9\xc3\xa9", "" },
        { RULE(CHIRP_MAX_LENGTH, .number = 2), "abc", "Must be at most 2 characters" },
        { RULE(CHIRP_EMAIL), "a.b+c@x-y.example", "" },
        { RULE(CHIRP_EMAIL), "", "Must be a valid email address" },
        { RULE(CHIRP_EMAIL), "a@b", "Must be a valid email address" },
        { RULE(CHIRP_EMAIL), "a@.de", "Must be a valid email address" },
        { RULE(CHIRP_EMAIL), "a@b.d", "Must be a valid email address" },
        { RULE(CHIRP_EMAIL), "a@b.d1", "Must be a valid email address" },
        { RULE(CHIRP_EMAIL), "@b.de", "Must be a valid email address" },
        { RULE(CHIRP_EMAIL), "a@b@c.de", "Must be a valid email address" },
        { RULE(CHIRP_EMAIL), "a b@c.de", "Must be a valid email address" },
        { RULE(CHIRP_EMAIL), "a@b+c.de", "Must be a valid email address" },
        { RULE(CHIRP_WEB_URL), "http://a.de/x?y#z", "" },
        { RULE(CHIRP_WEB_URL), "HTTPS://ab", "" },
        { RULE(CHIRP_WEB_URL), "https://a", "Must be a valid URL" },
        { RULE(CHIRP_WEB_URL), "https://", "Must be a valid URL" },
        { RULE(CHIRP_WEB_URL), "ftp://a.de", "Must be a valid URL" },
        { RULE(CHIRP_WEB_URL), "http:///a", "Must be a valid URL" },
        { RULE(CHIRP_WEB_URL), "http://ab c", "Must be a valid URL" },
        { RULE(CHIRP_WEB_URL), "javascript:alert(1)//http://ab", "Must be a valid URL" },
        { RULE(CHIRP_MATCHES, .text = "[a-z]+"), "abc1", "" },
        { RULE(CHIRP_MATCHES, .text = "[a-z]+$"), "abc1", "Must match pattern: [a-z]+$" },
        { RULE(CHIRP_MATCHES, .text = "b"), "ab", "Must match pattern: b" },
        { RULE(CHIRP_MATCHES, .text = "\\w+$"), "\xc3\xa9t\xc3\xa9", "" },
        { RULE(CHIRP_MATCHES, .text = "b", .message = "No"), "ab", "No" },
        { RULE(CHIRP_MATCHES, .text = "("), "ab", "status" },
        { RULE(CHIRP_MATCHES), "ab", "status" },
        { RULE(CHIRP_ONE_OF, .choices = sizes), "m", "" },
        { RULE(CHIRP_ONE_OF, .choices = sizes), "xl", "Must be one of: l, m, s" },
        { RULE(CHIRP_ONE_OF), "xl", "status" },
        { RULE(CHIRP_INTEGER), "-12", "" },
        { RULE(CHIRP_INTEGER), "1.0", "Must be a whole number" },
        { RULE(CHIRP_INTEGER), "99999999999999999999", "Must be a whole number" },
        { RULE(CHIRP_NUMBER), "-1.5", "" },
        { RULE(CHIRP_NUMBER), "1.", "Must be a number" },
        { RULE(CHIRP_NUMBER), "nan", "Must be a number" },
        { RULE(CHIRP_NUMBER), "-", "Must be a number" },
        { RULE(CHIRP_MIN, .number = 1.5), "1.4", "Must be at least 1.5" },
        { RULE(CHIRP_MIN, .number = 1), "1", "" },
        { RULE(CHIRP_MAX, .number = 5), "6", "Must be at most 5" },
        { RULE(CHIRP_CHECK, .check = shout), "hey!", "Don't shout" },
        { RULE(CHIRP_CHECK, .check = shout), "hey", "" },
        { RULE(CHIRP_OPTIONAL), "", "" },
#undef RULE
    };
    kida_pool *pool = kida_pool_new(NULL, 0);
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        const char *got = judge(pool, &cases[i].rule, kida_str_from(cases[i].value));
        if (strcmp(got, cases[i].want) != 0)
            fail_msg("rule %d, '%s': got [%s], want [%s]", (int)cases[i].rule.kind, cases[i].value,
                     got, cases[i].want);
    }
    kida_pool_free(pool);
}

/* Holds: all rules of a field speak, but nothing after a failed `required`; optional blank fields
 * pass. A pattern that backtracks without end counts as no match. */
static void
rules_work_together(void **state)
{
    (void)state;
    static const chirp_rule rules[] = {
        CHIRP_RULE("a", CHIRP_REQUIRED),
        CHIRP_RULE("a", CHIRP_EMAIL),
        CHIRP_RULE("b", CHIRP_EMAIL),
        CHIRP_RULE("b", CHIRP_MIN_LENGTH, .number = 4),
        CHIRP_RULE("c", CHIRP_OPTIONAL),
        CHIRP_RULE("c", CHIRP_EMAIL),
        CHIRP_RULE("a", CHIRP_MAX_LENGTH, .number = 1),
        CHIRP_RULES_END,
    };
    chirp_form_data form;
    kida_value mapping;
    kida_pool *pool = kida_pool_new(NULL, 0);
    assert_int_equal(kida_dict_new(pool, 0, &mapping), KIDA_OK);
    assert_false(chirp_validate(pool, rules, mapping, &form));
    assert_int_equal(kida_length(kida_dict_get(form.errors, KIDA_S("a"))), 1);
    assert_int_equal(kida_length(kida_dict_get(form.errors, KIDA_S("b"))), 2);
    assert_int_equal(kida_length(form.errors), 2);
    assert_int_equal(kida_length(form.values), 1);
    chirp_form_error(&form, "c", "Is taken");
    assert_int_equal(kida_length(form.errors), 3);

    bool matches = true;
    kida_str slow = KIDA_S("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
    assert_int_equal(ch_regex_match(KIDA_S("(a+)+$"), slow, &matches, NULL), KIDA_OK);
    assert_false(matches);
    kida_pool_free(pool);
}

/* ---- binding ------------------------------------------------------------------------------- */

static const char *const sizes[] = { "small", "large", NULL };

typedef struct order {
    int64_t id;
    kida_str title;
    const char *note;
    char code[4];
    int16_t count;
    bool has_count;
    double price;
    bool gift;
    int size;
    int64_t due;
    kida_value tags;
} order;

static const kida_field order_fields[] = {
    KIDA_INT_FIELD(order, id),
    KIDA_STR_FIELD(order, title),
    KIDA_CSTRING_FIELD(order, note),
    KIDA_CHARS_FIELD(order, code),
    { "count", KIDA_FIELD_INT, offsetof(order, count), sizeof(int16_t), NULL, KIDA_NOWHERE,
      offsetof(order, has_count), NULL },
    KIDA_DOUBLE_FIELD(order, price),
    KIDA_BOOL_FIELD(order, gift),
    KIDA_ENUM_FIELD(order, size, sizes),
    KIDA_TIME_FIELD(order, due),
    KIDA_VALUE_FIELD(order, tags),
    KIDA_FIELDS_END,
};
static const kida_struct order_type = { "order", sizeof(order), order_fields, NULL };

static const chirp_rule order_rules[] = {
    CHIRP_RULE("title", CHIRP_REQUIRED, .message = "A title, please"),
    CHIRP_RULE("title", CHIRP_MAX_LENGTH, .number = 20),
    CHIRP_RULE("note", CHIRP_OPTIONAL),
    CHIRP_RULE("note", CHIRP_KEEP_SPACE),
    CHIRP_RULE("code", CHIRP_OPTIONAL),
    CHIRP_RULE("count", CHIRP_OPTIONAL),
    CHIRP_RULE("count", CHIRP_MIN, .number = 1),
    CHIRP_RULE("price", CHIRP_OPTIONAL),
    CHIRP_RULE("gift", CHIRP_OPTIONAL),
    CHIRP_RULE("size", CHIRP_OPTIONAL),
    CHIRP_RULE("due", CHIRP_OPTIONAL),
    CHIRP_RULE("tags", CHIRP_OPTIONAL),
    CHIRP_RULE("tags", CHIRP_MAX_LENGTH, .number = 5),
    CHIRP_RULES_END,
};
static const chirp_form_type order_form = { &order_type, order_rules };

static order bound;

static chirp_reply *
take_order(chirp_request *req, void *user)
{
    (void)user;
    chirp_form_data form;
    memset(&bound, 0, sizeof(bound));
    bound.id = 7;
    bound.price = 1;
    if (!chirp_form_bind(req, &order_form, &bound, &form))
        return chirp_reply_form(req, "order.html", "form", &form, kida_none());
    return chirp_reply_textf(req, "%.*s|%s|%.4s|%d|%d|%g|%d|%d|%lld|%zu|%lld",
                             (int)bound.title.len, bound.title.ptr, bound.note ? bound.note : "-",
                             bound.code, bound.count, bound.has_count, bound.price, bound.gift,
                             bound.size, (long long)bound.due, kida_length(bound.tags),
                             (long long)bound.id);
}

static chirp_reply *
show_order(chirp_request *req, void *user)
{
    (void)user;
    chirp_form_data form;
    kida_value context = kida_none();
    order draft = { .title = KIDA_S("<b>"), .count = -3, .has_count = true, .price = 2.5,
                    .gift = true, .size = 1, .due = 1772323200 - 60, .tags = kida_none() };
    if (chirp_form_fill(req, &order_form, &draft, &form) != KIDA_OK ||
        chirp_form_context(&form, &context) != KIDA_OK)
        return NULL;
    return chirp_reply_page(req, "order.html", "form", context);
}

static const char order_html[] =
    "<!doctype html>\n"
    "{% from 'chirp/forms.html' import text_field, textarea_field, select_field, checkbox_field,"
    " hidden_field %}\n"
    "{% block form %}\n"
    "{{ text_field('title', form.title, label='Title', errors=errors, required=true) }}\n"
    "{{ textarea_field('note', form.note, errors=errors) }}\n"
    "{{ text_field('count', form.count, errors=errors, type='number', attrs='min=\"1\"') }}\n"
    "{{ text_field('price', form.price, errors=errors) }}\n"
    "{{ text_field('due', form.due, errors=errors, type='datetime-local') }}\n"
    "{{ checkbox_field('gift', form.gift, label='Gift') }}\n"
    "{{ select_field('size', [{'value': 'small', 'label': 'S'}, {'value': 'large', 'label': 'L'}],"
    " form.size, errors=errors) }}\n"
    "{{ hidden_field('code', form.code) }}\n"
    "{% end %}\n";

/* ---- whatever the request carries ----------------------------------------------------------- */

typedef struct filter {
    kida_str name;
    int64_t count;
    bool active;
    kida_value tags;
} filter;

static const kida_field filter_fields[] = {
    KIDA_STR_FIELD(filter, name),    KIDA_INT_FIELD(filter, count), KIDA_BOOL_FIELD(filter, active),
    KIDA_VALUE_FIELD(filter, tags), KIDA_FIELDS_END,
};
static const kida_struct filter_struct = { "filter", sizeof(filter), filter_fields, NULL };
static const chirp_rule filter_rules[] = {
    CHIRP_RULE("name", CHIRP_REQUIRED),
    CHIRP_RULE("count", CHIRP_OPTIONAL),
    CHIRP_RULE("count", CHIRP_MAX, .number = 10),
    CHIRP_RULE("active", CHIRP_OPTIONAL),
    CHIRP_RULE("tags", CHIRP_OPTIONAL),
    CHIRP_RULES_END,
};
static const chirp_form_type filter_type = { &filter_struct, filter_rules };

static chirp_reply *
bind_any(chirp_request *req, void *user)
{
    (void)user;
    chirp_form_data form;
    filter got = { .count = 3 };
    if (chirp_bind(req, &filter_type, &got, &form))
        return chirp_reply_textf(req, "%.*s %lld %d %zu", (int)got.name.len, got.name.ptr,
                                 (long long)got.count, got.active, kida_length(got.tags));
    if (form.status != KIDA_OK)
        return chirp_reply_fail(req, 400, "%s", form.detail);
    return chirp_reply_set_status(chirp_reply_json(req, form.errors), 400);
}

typedef struct fixture {
    chirp_app *app;
    chirp_test_client *client;
} fixture;

static int
setup(void **state)
{
    fixture *fx = test_calloc(1, sizeof(*fx));
    chirp_config config;
    kida_error err;
    chirp_config_init(&config);
    config.access_log = false;
    config.template_dir = "";
    config.max_form_fields = 20;
    fx->app = chirp_app_new(&config, &err);
    if (kida_env_add_source(chirp_app_templates(fx->app), KIDA_S("order.html"),
                            kida_str_from(order_html), &err) != KIDA_OK)
        return -1;
    chirp_route(fx->app, "POST", "/", take_order, NULL);
    chirp_route(fx->app, "GET|POST", "/any", bind_any, NULL);
    chirp_route(fx->app, "GET", "/", show_order, NULL);
    fx->client = chirp_test_new(fx->app, &err);
    *state = fx;
    return fx->client ? 0 : -1;
}

static int
teardown(void **state)
{
    fixture *fx = *state;
    chirp_test_free(fx->client);
    chirp_app_free(fx->app);
    test_free(fx);
    return 0;
}

/* Holds: fields of all kinds are read; what no rule names is not. */
static void
forms_fill_structs(void **state)
{
    fixture *fx = *state;
    static const struct {
        const char *label, *body, *want;
    } cases[] = {
        { "all",
          "title=+T%C3%A9+&note=+n+&code=abcd&count=12&price=-2.50&gift=on&size=large"
          "&due=2026-02-28T23:59&tags=a&tags=b&id=99",
          "T\xc3\xa9| n |abcd|12|1|-2.5|1|1|1772323140|2|7" },
        { "least", "title=x", "x||" "|0|0|1|0|0|0|0|7" },
        { "blank is kept", "title=x&count=+&price=&size=", "x|||0|0|1|0|0|0|0|7" },
        { "date alone", "title=x&due=1970-01-02", "x|||0|0|1|0|0|86400|0|7" },
        { "first of several", "title=x&title=y", "x|||0|0|1|0|0|0|0|7" },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        chirp_answer answer;
        assert_int_equal(chirp_test_post(fx->client, "/", cases[i].body, &answer), KIDA_OK);
        if (!CHIRP_CHECK_STATUS(&answer, 200) || !CHIRP_CHECK_BODY(&answer, cases[i].want))
            fail_msg("%s", cases[i].label);
    }
}

/* Holds: errors come back beside their controls, with what was sent, escaped. */
static void
forms_are_shown_again(void **state)
{
    fixture *fx = *state;
    static const struct {
        const char *label, *body, *part;
    } cases[] = {
        { "required", "title=", "<span class=\"field-error\" id=\"title-error\">A title, please" },
        { "marked", "title=", "<div class=\"field field--error\">  <label for=\"title\">Title" },
        { "aria", "title=", " required aria-invalid=\"true\" aria-describedby=\"title-error\">" },
        { "escaped", "title=&note=%3C/textarea%3E", "&lt;/textarea&gt;</textarea>" },
        { "in an attribute", "title=&count=%22%3E", "value=\"&quot;&gt;\"" },
        { "whole number", "title=x&count=1.5", "Must be a whole number" },
        { "range of the type", "title=x&count=40000", "Is out of range" },
        { "range of the rule", "title=x&count=0", "Must be at least 1" },
        { "number", "title=x&price=1e5", "Must be a number" },
        { "choice", "title=x&size=huge", "Must be one of: large, small" },
        { "date", "title=x&due=tomorrow", "Must be a date" },
        { "bytes", "title=%ff", "value=\"\xef\xbf\xbd" },
        { "kept", "title=x&count=no&gift=on&size=large", "value=\"large\" selected>L" },
        { "ticked", "title=&gift=yes", "value=\"true\" checked>" },
        { "attrs", "title=", " min=\"1\">" },
        { "hidden", "title=&code=q", "<input type=\"hidden\" name=\"code\" value=\"q\">" },
    };
    chirp_answer answer;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        assert_int_equal(chirp_test_post(fx->client, "/", cases[i].body, &answer), KIDA_OK);
        if (strcmp(cases[i].label, "bytes") == 0 && answer.status == 200)
            continue; /* the form's decoder replaces what is no UTF-8 */
        if (!CHIRP_CHECK_STATUS(&answer, 422) || !CHIRP_CHECK_CONTAINS(&answer, cases[i].part))
            fail_msg("%s", cases[i].label);
    }
    assert_true(CHIRP_CHECK_CONTAINS(&answer, "<!doctype html>"));

    static const char *const htmx[] = { "HX-Request", "true", "Content-Type",
                                        "application/x-www-form-urlencoded", NULL };
    assert_int_equal(chirp_test_request(fx->client, "POST", "/", htmx, KIDA_S("title="), &answer),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 422));
    assert_true(CHIRP_CHECK_HEADER(&answer, "x-chirp-render-intent", "fragment"));
    assert_true(answer.body.len > 0 &&
                !memmem(answer.body.ptr, answer.body.len, "<!doctype", 9));
}

/* Holds: a body that is no form is the client's fault, and told as such. */
static void
bodies_that_are_no_form(void **state)
{
    fixture *fx = *state;
    chirp_answer answer;
    static const char *const json[] = { "Content-Type", "application/json", NULL };
    assert_int_equal(chirp_test_request(fx->client, "POST", "/", json, KIDA_S("{}"), &answer),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 415));
    assert_int_equal(chirp_test_post(fx->client, "/",
                                     "a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1"
                                     "&a=1&a=1&a=1&a=1&a=1&a=1",
                                     &answer),
                     KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 400));
}

/* Holds: fields of a multipart body count as those of an urlencoded one. */
static void
multipart_fills_structs(void **state)
{
    fixture *fx = *state;
    chirp_answer answer;
    static const char *const type[] = { "Content-Type", "multipart/form-data; boundary=b", NULL };
    kida_str body = KIDA_S("--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nx\r\n"
                           "--b\r\nContent-Disposition: form-data; name=\"count\"\r\n\r\n5\r\n"
                           "--b--\r\n");
    assert_int_equal(chirp_test_request(fx->client, "POST", "/", type, body, &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 200));
    assert_true(CHIRP_CHECK_BODY(&answer, "x|||5|1|1|0|0|0|0|7"));
}

/* Holds: a struct fills a form, each kind as its control wants it. */
static void
structs_fill_forms(void **state)
{
    fixture *fx = *state;
    chirp_answer answer;
    static const char *const parts[] = {
        "value=\"&lt;b&gt;\"", "value=\"-3\"", "value=\"2.5\"", "value=\"2026-02-28T23:59\"",
        " checked>", "value=\"large\" selected>L",
    };
    assert_int_equal(chirp_test_get(fx->client, "/", &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 200));
    for (size_t i = 0; i < T_COUNT(parts); i++)
        assert_true(CHIRP_CHECK_CONTAINS(&answer, parts[i]));
}

/* Holds: query, form and JSON fill the same struct; what does not fit is a 400 that names the
 * field. */
static void
row_4_8_records_from_query_form_and_json(void **state)
{
    static const struct {
        chirp_test_call call;
        unsigned status;
        const char *body;
    } cases[] = {
        { { .target = "/any?name=a&count=5&active=yes&tags=x&tags=y" }, 200, "a 5 1 2" },
        { { .target = "/any?name=a" }, 200, "a 3 0 0" },
        { { .target = "/any", .form = "name=b&count=7" }, 200, "b 7 0 0" },
        { { .target = "/any", .json = "{\"name\":\"c\",\"count\":9,\"active\":true,"
                                      "\"tags\":[\"x\",2,true]}" }, 200, "c 9 1 3" },
        { { .target = "/any", .json = "{\"name\":\"c\",\"count\":null}" }, 200, "c 3 0 0" },
        { { .target = "/any?name=a&count=11" }, 400,
          "{\"count\":[\"Must be at most 10\"]}" },
        { { .target = "/any", .json = "{\"count\":\"many\"}" }, 400,
          "{\"name\":[\"This field is required\"],\"count\":[\"Must be at most 10\"]}" },
        { { .target = "/any", .json = "{\"name\":{}}" }, 400,
          "{\"name\":[\"Must be text or a number\"]}" },
        { { .target = "/any", .json = "{\"name\":\"c\",\"count\":99999999999999999999}" }, 400,
          "{\"count\":[\"Must be text or a number\"]}" },
        { { .target = "/any", .json = "[]" }, 400, "the JSON text must be an object" },
    };
    fixture *fx = *state;
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        chirp_answer answer;
        assert_int_equal(chirp_test_send(fx->client, &cases[i].call, &answer), KIDA_OK);
        assert_true(CHIRP_CHECK_STATUS(&answer, cases[i].status));
        assert_true(CHIRP_CHECK_BODY(&answer, cases[i].body));
    }
}

int
main(void)
{
#define with_app(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_have_their_messages),
        cmocka_unit_test(rules_work_together),
        with_app(forms_fill_structs),
        with_app(forms_are_shown_again),
        with_app(bodies_that_are_no_form),
        with_app(multipart_fills_structs),
        with_app(structs_fill_forms),
        with_app(row_4_8_records_from_query_form_and_json),
    };
    return cmocka_run_group_tests_name("forms/forms", tests, NULL, NULL);
}
