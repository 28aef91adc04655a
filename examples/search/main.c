/* SPDX-License-Identifier: MIT */
/* main.c - search: results while one types, and an address for each of them.
 *
 * Shows: a plain GET form that htmx makes faster (a short wait after each key, the last search
 * wins), one template for page and results, addresses in the browser's history: going back asks
 * for the page as it was.
 *
 * Build and run, in this folder: cmake -B build && cmake --build build && build/search
 */
#include <chirp/chirp.h>

#include <stdio.h>

#include "elements.h"

#define QUERY_MAX 60

/* An element with its name in three parts, the middle one being what was searched for. */
typedef struct found {
    int64_t number;
    const char *symbol;
    kida_str before, hit, after;
} found;

static const kida_field found_fields[] = {
    KIDA_INT_FIELD(found, number), KIDA_CSTRING_FIELD(found, symbol),
    KIDA_STR_FIELD(found, before), KIDA_STR_FIELD(found, hit),
    KIDA_STR_FIELD(found, after),  KIDA_FIELDS_END,
};
static const kida_struct found_type = { "element", sizeof(found), found_fields, NULL };

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool
begins(kida_str text, size_t at, kida_str what)
{
    if (what.len > text.len - at)
        return false;
    for (size_t i = 0; i < what.len; i++) {
        if (lower(text.ptr[at + i]) != lower(what.ptr[i]))
            return false;
    }
    return true;
}

/* Whether an element has what is searched for: in its name, or as its symbol or number. */
static bool
match(size_t index, kida_str q, found *out)
{
    char number[8];
    kida_str name = kida_str_from(elements[index].name);
    kida_str symbol = kida_str_from(elements[index].symbol);
    snprintf(number, sizeof(number), "%zu", index + 1);
    *out = (found){ (int64_t)index + 1, symbol.ptr, name, KIDA_S(""), KIDA_S("") };
    for (size_t at = 0; q.len > 0 && at + q.len <= name.len; at++) {
        if (begins(name, at, q)) {
            out->before = (kida_str){ name.ptr, at };
            out->hit = (kida_str){ name.ptr + at, q.len };
            out->after = (kida_str){ name.ptr + at + q.len, name.len - at - q.len };
            return true;
        }
    }
    return q.len == 0 || (symbol.len == q.len && begins(symbol, 0, q)) ||
           kida_str_equal(q, kida_str_from(number));
}

static chirp_reply *
search(chirp_request *req, void *user)
{
    (void)user;
    kida_str q = chirp_query(req, "q");
    if (!chirp_given(q))
        q = KIDA_S("");
    if (q.len > QUERY_MAX)
        return chirp_reply_fail(req, 400, "No element has a name as long as that");
    found *list = chirp_alloc(req, ELEMENT_COUNT * sizeof(*list));
    chirp_rows rows = { &found_type, list, 0 };
    for (size_t i = 0; list && i < ELEMENT_COUNT; i++)
        rows.count += match(i, q, &list[rows.count]);
    kida_value values, context;
    if (!list || chirp_rows_value(chirp_pool(req), &rows, &values) != KIDA_OK ||
        kida_context(chirp_pool(req), &context, "q", kida_string(q), "found", values, "all",
                     kida_int(ELEMENT_COUNT), NULL) != KIDA_OK)
        return NULL;
    return chirp_reply_page(req, "index.html", "results", context);
}

int
main(void)
{
    kida_error err;
    chirp_config config;
    chirp_app *app = NULL;
    kida_error_init(&err);
    chirp_config_init(&config);
    if (chirp_config_from_env(&config, NULL, &err) == KIDA_OK)
        app = chirp_app_new(&config, &err);
    if (app)
        chirp_route(app, "GET", "/", search, NULL);
    if (!app || chirp_run(app, &err) != KIDA_OK)
        fprintf(stderr, "search: %s\n", err.message);
    chirp_app_free(app);
    return err.status == KIDA_OK ? 0 : 1;
}
