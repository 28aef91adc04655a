/* SPDX-License-Identifier: MIT */
/* test_db.c - queries, rows, transactions and the pool, over a real SQLite file. */
#define _GNU_SOURCE
#include "t.h"

#include <chirp/chirp.h>
#include <stdlib.h>
#include <unistd.h>

typedef enum mood { MOOD_CALM, MOOD_LOUD } mood;
static const char *const moods[] = { "calm", "loud", NULL };

typedef struct note {
    int64_t id;
    kida_str title;
    const char *body;
    char tag[8];
    int8_t stars;
    uint16_t views;
    double weight;
    bool pinned;
    bool has_due;
    int64_t due;
    int mood;
    kida_value extra;
} note;

static const kida_field note_fields[] = {
    KIDA_INT_FIELD(note, id),
    KIDA_STR_FIELD(note, title),
    KIDA_CSTRING_FIELD(note, body),
    KIDA_CHARS_FIELD(note, tag),
    KIDA_INT_FIELD(note, stars),
    KIDA_UINT_FIELD(note, views),
    KIDA_DOUBLE_FIELD(note, weight),
    KIDA_BOOL_FIELD(note, pinned),
    { "due", KIDA_FIELD_TIME, offsetof(note, due), sizeof(int64_t), NULL, KIDA_NOWHERE,
      offsetof(note, has_due), NULL },
    KIDA_ENUM_FIELD(note, mood, moods),
    KIDA_VALUE_FIELD(note, extra),
    KIDA_FIELDS_END,
};
static const kida_struct note_type = { "note", sizeof(note), note_fields, NULL };

static const char schema[] =
    "CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT NOT NULL UNIQUE, body TEXT, tag TEXT,"
    " stars INTEGER CHECK (stars < 1000), views INTEGER, weight REAL, pinned INTEGER, due,"
    " mood, extra);"
    "CREATE TABLE marks (note INTEGER REFERENCES notes(id));";

typedef struct fixture {
    char folder[64];
    char url[128];
    t_counter counter;
    chirp_db_config config;
    chirp_db *db;
    kida_pool *pool;
    kida_error err;
} fixture;

static int
setup(void **state)
{
    fixture *fx = test_calloc(1, sizeof(*fx));
    snprintf(fx->folder, sizeof(fx->folder), "/tmp/chirp-db-XXXXXX");
    if (!mkdtemp(fx->folder))
        return -1;
    snprintf(fx->url, sizeof(fx->url), "sqlite:///%s/test.db", fx->folder);
    chirp_db_config_init(&fx->config);
    fx->config.url = fx->url;
    fx->config.allocator = t_counting_allocator(&fx->counter);
    fx->db = chirp_db_new(&fx->config, &fx->err);
    fx->pool = kida_pool_new(NULL, 0);
    *state = fx;
    return fx->db && fx->pool && chirp_db_open(fx->db, &fx->err) == KIDA_OK &&
                   chirp_db_script(fx->db, schema, &fx->err) == KIDA_OK
               ? 0
               : -1;
}

static int
teardown(void **state)
{
    fixture *fx = *state;
    char command[128];
    chirp_db_free(fx->db);
    kida_pool_free(fx->pool);
    snprintf(command, sizeof(command), "rm -r %s", fx->folder);
    int status = system(command);
    size_t left = fx->counter.live_bytes;
    test_free(fx);
    return status == 0 && left == 0 ? 0 : -1;
}

static void
add(fixture *fx, const char *title)
{
    assert_int_equal(chirp_db_exec(fx->db, "INSERT INTO notes (title) VALUES (?)",
                                   CHIRP_ARGS(kida_string(kida_str_from(title))), NULL, &fx->err),
                     KIDA_OK);
}

static int64_t
count_notes(fixture *fx)
{
    int64_t count = -1;
    kida_status st = chirp_db_int(fx->db, "SELECT count(*) FROM notes", CHIRP_NO_ARGS, &count,
                                  &fx->err);
    if (st != KIDA_OK)
        fail_msg("%s", fx->err.message);
    return count;
}

/* Holds: parameters of every kind come back, unknown columns are ignored. */
static void
rows_fill_structs(void **state)
{
    fixture *fx = *state;
    kida_str nasty = KIDA_S("'); DROP TABLE notes; --\0\xc3\xa9");
    chirp_db_done done;
    assert_int_equal(
        chirp_db_exec(fx->db,
                      "INSERT INTO notes (title, body, tag, stars, views, weight, pinned, due,"
                      " mood, extra) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                      CHIRP_ARGS(kida_string(nasty), kida_string(KIDA_S("text")),
                                 kida_string(KIDA_S("12345678")), kida_int(-128), kida_int(65535),
                                 kida_float(1.5), kida_bool(true),
                                 kida_string(KIDA_S("2026-02-28 23:59:59")),
                                 kida_string(KIDA_S("loud")), kida_int(7)),
                      &done, &fx->err),
        KIDA_OK);
    assert_int_equal(done.changed, 1);
    assert_int_equal(done.last_id, 1);
    add(fx, "second");

    chirp_rows rows;
    assert_int_equal(chirp_db_select(fx->db, fx->pool, &note_type,
                                     "SELECT *, 1 AS nobody FROM notes ORDER BY id", CHIRP_NO_ARGS,
                                     &rows, &fx->err),
                     KIDA_OK);
    assert_int_equal(rows.count, 2);
    const note *first = rows.first;
    assert_true(kida_str_equal(first->title, nasty));
    assert_string_equal(first->body, "text");
    assert_memory_equal(first->tag, "12345678", 8);
    assert_int_equal(first->stars, -128);
    assert_int_equal(first->views, 65535);
    assert_true(first->weight == 1.5 && first->pinned && first->has_due);
    assert_int_equal(first->due, 1772323199);
    assert_int_equal(first->mood, MOOD_LOUD);
    assert_int_equal(kida_as_int(first->extra), 7);

    const note *second = first + 1;
    assert_null(second->body);
    assert_true(second->tag[0] == '\0' && !second->pinned && !second->has_due);
    assert_int_equal(second->mood, MOOD_CALM);
    assert_int_equal(kida_kind_of(second->extra), KIDA_NONE);

    note one = { .id = 99 };
    assert_int_equal(chirp_db_select_one(fx->db, fx->pool, &note_type,
                                         "SELECT id, title FROM notes WHERE id = ?",
                                         CHIRP_ARGS(kida_int(2)), &one, &fx->err),
                     KIDA_OK);
    assert_int_equal(one.id, 2);
    assert_int_equal(chirp_db_select_one(fx->db, fx->pool, &note_type,
                                         "SELECT * FROM notes WHERE id = 3", CHIRP_NO_ARGS, &one,
                                         &fx->err),
                     KIDA_E_NOT_FOUND);
    assert_int_equal(one.id, 2);
}

/* Holds: what does not fit a field is an error that names the column, never a cut or a wrap. */
static void
columns_must_fit(void **state)
{
    fixture *fx = *state;
    static const struct {
        const char *label, *sql, *names;
    } cases[] = {
        { "too large", "SELECT 128 AS stars", "stars" },
        { "negative", "SELECT -1 AS views", "views" },
        { "too long", "SELECT '123456789' AS tag", "tag" },
        { "text for a number", "SELECT 'many' AS id", "id" },
        { "text for a float", "SELECT 'x' AS weight", "weight" },
        { "no such choice", "SELECT 'glad' AS mood", "mood" },
        { "no date", "SELECT '2026-13-01' AS due", "due" },
        { "fraction", "SELECT 1.5 AS id", "id" },
        { "NUL", "SELECT 'a' || char(0) || 'b' AS body", "body" },
        { "bytes for a value", "SELECT x'ff' AS extra", "extra" },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        chirp_rows rows;
        kida_status st = chirp_db_select(fx->db, fx->pool, &note_type, cases[i].sql, CHIRP_NO_ARGS,
                                         &rows, &fx->err);
        if (st != KIDA_E_TYPE || !strstr(fx->err.message, cases[i].names))
            fail_msg("%s: status %d, [%s]", cases[i].label, st, fx->err.message);
    }
}

/* Holds: lists of dicts, one dict, one value; blobs there and back. */
static void
rows_fill_values(void **state)
{
    fixture *fx = *state;
    kida_value got;
    add(fx, "a");
    add(fx, "b");
    assert_int_equal(chirp_db_list(fx->db, fx->pool, "SELECT id, title FROM notes", CHIRP_NO_ARGS,
                                   &got, &fx->err),
                     KIDA_OK);
    assert_int_equal(kida_length(got), 2);
    kida_value row = kida_item_at(got, 1);
    assert_int_equal(kida_as_int(kida_dict_get(row, KIDA_S("id"))), 2);
    assert_true(kida_str_equal(kida_as_str(kida_dict_get(row, KIDA_S("title"))), KIDA_S("b")));

    assert_int_equal(chirp_db_row(fx->db, fx->pool, "SELECT 1.5 AS x, NULL AS y", CHIRP_NO_ARGS,
                                  &got, &fx->err),
                     KIDA_OK);
    assert_true(kida_as_float(kida_dict_get(got, KIDA_S("x"))) == 1.5);
    assert_int_equal(kida_kind_of(kida_dict_get(got, KIDA_S("y"))), KIDA_NONE);
    assert_int_equal(chirp_db_row(fx->db, fx->pool, "SELECT 1 WHERE 0", CHIRP_NO_ARGS, &got,
                                  &fx->err),
                     KIDA_OK);
    assert_int_equal(kida_kind_of(got), KIDA_NONE);
    assert_int_equal(chirp_db_value(fx->db, fx->pool, "SELECT max(title) FROM notes",
                                    CHIRP_NO_ARGS, &got, &fx->err),
                     KIDA_OK);
    assert_true(kida_str_equal(kida_as_str(got), KIDA_S("b")));

    kida_str bytes = KIDA_S("\xff\x00\x01");
    int64_t len = 0;
    assert_int_equal(chirp_db_int(fx->db, "SELECT length(?)", CHIRP_ARGS(chirp_blob(&bytes)), &len,
                                  &fx->err),
                     KIDA_OK);
    assert_int_equal(len, 3);
}

/* Holds: errors say what, and where in the statement. */
static void
errors_have_a_place(void **state)
{
    fixture *fx = *state;
    add(fx, "taken");
    const struct {
        const char *label, *sql;
        chirp_args args;
        kida_status want;
        const char *message;
        uint32_t line, column;
    } cases[] = {
        { "syntax", "SELEC 1", CHIRP_NO_ARGS, KIDA_E_SQL, "syntax error", 1, 0 },
        { "no column", "SELECT id,\n  titel FROM notes", CHIRP_NO_ARGS, KIDA_E_SQL, "titel", 2,
          2 },
        { "unique", "INSERT INTO notes (title) VALUES ('taken')", CHIRP_NO_ARGS, KIDA_E_CONSTRAINT,
          "notes.title", 0, 0 },
        { "not null", "INSERT INTO notes (title) VALUES (?)", CHIRP_ARGS(kida_none()),
          KIDA_E_CONSTRAINT, "notes.title", 0, 0 },
        { "foreign key", "INSERT INTO marks VALUES (77)", CHIRP_NO_ARGS, KIDA_E_CONSTRAINT,
          "FOREIGN KEY", 0, 0 },
        { "double quotes are names", "SELECT \"taken\"", CHIRP_NO_ARGS, KIDA_E_SQL, "taken", 1, 7 },
        { "too few", "SELECT ?, ?", CHIRP_ARGS(kida_int(1)), KIDA_E_USAGE, "2 parameters", 0, 0 },
        { "too many", "SELECT 1", CHIRP_ARGS(kida_int(1)), KIDA_E_USAGE, "0 parameters", 0, 0 },
        { "two", "SELECT 1; DELETE FROM notes", CHIRP_NO_ARGS, KIDA_E_USAGE, "more than one", 1,
          9 },
        { "none", "  -- nothing", CHIRP_NO_ARGS, KIDA_E_USAGE, "empty", 0, 0 },
        { "by hand", "BEGIN", CHIRP_NO_ARGS, KIDA_E_USAGE, "chirp_db_begin", 0, 0 },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        kida_status st = chirp_db_exec(fx->db, cases[i].sql, cases[i].args, NULL, &fx->err);
        if (st != cases[i].want || !strstr(fx->err.message, cases[i].message) ||
            fx->err.line != cases[i].line || fx->err.column != cases[i].column)
            fail_msg("%s: status %d, %u:%u [%s]", cases[i].label, st, fx->err.line, fx->err.column,
                     fx->err.message);
    }
    kida_value list;
    assert_int_equal(kida_list_new(fx->pool, 1, &list), KIDA_OK);
    assert_int_equal(chirp_db_exec(fx->db, "SELECT ?", CHIRP_ARGS(list), NULL, &fx->err),
                     KIDA_E_TYPE);
    assert_int_equal(chirp_db_exec(fx->db, "SELECT 1; -- that was all", CHIRP_NO_ARGS, NULL,
                                   &fx->err),
                     KIDA_OK);
    assert_int_equal(count_notes(fx), 1);
}

/* Holds: no result grows without bound, no statement runs for ever. */
static void
results_are_bounded(void **state)
{
    fixture *fx = *state;
    static const char endless[] =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id FROM n";
    chirp_rows rows;
    kida_value list;
    assert_int_equal(chirp_db_select(fx->db, fx->pool, &note_type, endless, CHIRP_NO_ARGS, &rows,
                                     &fx->err),
                     KIDA_E_LIMIT_MEMORY);
    assert_int_equal(chirp_db_list(fx->db, fx->pool, endless, CHIRP_NO_ARGS, &list, &fx->err),
                     KIDA_E_LIMIT_MEMORY);
    assert_int_equal(chirp_db_list(fx->db, fx->pool, "SELECT zeroblob(20000000) AS big",
                                   CHIRP_NO_ARGS, &list, &fx->err),
                     KIDA_E_LIMIT_MEMORY);

    chirp_db_config config = fx->config;
    config.query_timeout = 30;
    config.url = "sqlite:///:memory:";
    chirp_db *db = chirp_db_new(&config, &fx->err);
    assert_int_equal(chirp_db_open(db, &fx->err), KIDA_OK);
    int64_t number;
    assert_int_equal(chirp_db_int(db,
                                  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
                                  " SELECT count(*) FROM n",
                                  CHIRP_NO_ARGS, &number, &fx->err),
                     KIDA_E_LIMIT_TIME);
    assert_int_equal(chirp_db_int(db, "SELECT 1", CHIRP_NO_ARGS, &number, &fx->err), KIDA_OK);
    chirp_db_free(db);
}

static kida_status
add_two(chirp_db *db, void *user, kida_error *err)
{
    const char *const *titles = user;
    for (size_t i = 0; i < 2; i++) {
        kida_status st = chirp_db_exec(db, "INSERT INTO notes (title) VALUES (?)",
                                       CHIRP_ARGS(kida_string(kida_str_from(titles[i]))), NULL,
                                       err);
        if (st != KIDA_OK)
            return st;
    }
    return KIDA_OK;
}

/* Holds: all or nothing, inner transactions join, an inner rollback sticks. */
static void
transactions_are_whole(void **state)
{
    fixture *fx = *state;
    const char *good[] = { "a", "b" };
    const char *bad[] = { "c", "a" };
    assert_int_equal(chirp_db_transaction(fx->db, add_two, good, &fx->err), KIDA_OK);
    assert_int_equal(chirp_db_transaction(fx->db, add_two, bad, &fx->err), KIDA_E_CONSTRAINT);
    assert_int_equal(count_notes(fx), 2);

    assert_int_equal(chirp_db_begin(fx->db, &fx->err), KIDA_OK);
    add(fx, "d");
    assert_int_equal(chirp_db_transaction(fx->db, add_two, bad, &fx->err), KIDA_E_CONSTRAINT);
    assert_int_equal(chirp_db_exec(fx->db, "DELETE FROM notes", CHIRP_NO_ARGS, NULL, &fx->err),
                     KIDA_E_SQL);
    assert_int_equal(chirp_db_commit(fx->db, &fx->err), KIDA_E_SQL);
    assert_int_equal(count_notes(fx), 2);
    assert_int_equal(chirp_db_commit(fx->db, &fx->err), KIDA_E_USAGE);
    chirp_db_rollback(fx->db);

    kida_value one = kida_string(KIDA_S("x")), two = kida_string(KIDA_S("y"));
    chirp_args sets[] = { { &one, 1 }, { &two, 1 }, { &one, 1 } };
    chirp_db_done done;
    assert_int_equal(chirp_db_exec_many(fx->db, "INSERT INTO notes (title) VALUES (?)", sets, 2,
                                        &done, &fx->err),
                     KIDA_OK);
    assert_int_equal(done.changed, 2);
    assert_int_equal(chirp_db_exec_many(fx->db, "INSERT INTO notes (title) VALUES (?)", sets, 3,
                                        &done, &fx->err),
                     KIDA_E_CONSTRAINT);
    assert_int_equal(count_notes(fx), 4);
}

/* Holds: the cache drops the oldest statements and stays right when the schema changes. */
static void
statement_cache_turns_over(void **state)
{
    fixture *fx = *state;
    char sql[64];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 100; i++) {
            int64_t got = -1;
            snprintf(sql, sizeof(sql), "SELECT %d + ?", i);
            assert_int_equal(chirp_db_int(fx->db, sql, CHIRP_ARGS(kida_int(round)), &got, &fx->err),
                             KIDA_OK);
            assert_int_equal(got, i + round);
        }
    }
    kida_value row;
    static const char all[] = "SELECT * FROM marks";
    assert_int_equal(chirp_db_script(fx->db, "INSERT INTO notes (id, title) VALUES (1, 'x');"
                                             "INSERT INTO marks VALUES (1)",
                                     &fx->err),
                     KIDA_OK);
    assert_int_equal(chirp_db_row(fx->db, fx->pool, all, CHIRP_NO_ARGS, &row, &fx->err), KIDA_OK);
    assert_int_equal(kida_length(row), 1);
    assert_int_equal(chirp_db_exec(fx->db, "ALTER TABLE marks ADD COLUMN extra", CHIRP_NO_ARGS,
                                   NULL, &fx->err),
                     KIDA_OK);
    assert_int_equal(chirp_db_row(fx->db, fx->pool, all, CHIRP_NO_ARGS, &row, &fx->err), KIDA_OK);
    assert_int_equal(kida_length(row), 2);
}

static void
settings_are_checked(void **state)
{
    fixture *fx = *state;
    static const struct {
        const char *url;
        kida_status want;
    } urls[] = {
        { "", KIDA_E_USAGE },
        { "sqlite:", KIDA_E_USAGE },
        { "sqlite:///", KIDA_E_USAGE },
        { "sqlite://host/x.db", KIDA_E_USAGE },
        { "postgresql://localhost/x", KIDA_E_UNSUPPORTED },
        { "nonsense", KIDA_E_UNSUPPORTED },
    };
    for (size_t i = 0; i < T_COUNT(urls); i++) {
        chirp_db_config config = fx->config;
        config.url = urls[i].url;
        assert_null(chirp_db_new(&config, &fx->err));
        assert_int_equal(fx->err.status, urls[i].want);
    }
    chirp_db_config config = fx->config;
    config.pool_size = 65;
    assert_null(chirp_db_new(&config, &fx->err));
    config = fx->config;
    config.url = "sqlite:////no/such/folder/x.db";
    chirp_db *db = chirp_db_new(&config, &fx->err);
    assert_int_equal(chirp_db_exec(db, "SELECT 1", CHIRP_NO_ARGS, NULL, &fx->err), KIDA_E_USAGE);
    assert_int_equal(chirp_db_open(db, &fx->err), KIDA_E_IO);
    assert_non_null(strstr(fx->err.message, "/no/such/folder/x.db"));
    chirp_db_free(db);
    assert_int_equal(chirp_db_exec(NULL, "SELECT 1", CHIRP_NO_ARGS, NULL, &fx->err), KIDA_E_USAGE);
}

/* ---- inside an app ------------------------------------------------------------------------- */

static chirp_reply *
list_page(chirp_request *req, void *user)
{
    (void)user;
    kida_error err;
    chirp_rows rows;
    kida_value list;
    kida_status st = chirp_db_select(chirp_db_of(req), NULL, &note_type,
                                     "SELECT id, title FROM notes WHERE title <> ? ORDER BY id",
                                     CHIRP_ARGS(kida_string(chirp_query(req, "not"))), &rows, &err);
    if (st != KIDA_OK)
        return chirp_reply_error(req, &err);
    if (chirp_rows_value(chirp_pool(req), &rows, &list) != KIDA_OK)
        return NULL;
    return kida_kind_of(list) == KIDA_OBJECT ? chirp_reply_textf(req, "%zu", rows.count) : NULL;
}

/* Begins, inserts, and then does what the path says. */
static chirp_reply *
half_done(chirp_request *req, void *user)
{
    (void)user;
    kida_error err;
    chirp_db *db = chirp_db_of(req);
    kida_status st = chirp_db_begin(db, &err);
    if (st == KIDA_OK)
        st = chirp_db_exec(db, "INSERT INTO notes (title) VALUES (?)",
                           CHIRP_ARGS(kida_string(chirp_param(req, "title"))), NULL, &err);
    if (st == KIDA_OK && kida_str_equal(chirp_param(req, "how"), KIDA_S("commit")))
        st = chirp_db_commit(db, &err);
    return st == KIDA_OK ? chirp_reply_text(req, KIDA_S("done")) : chirp_reply_error(req, &err);
}

/* Holds: opened with the app, usable in handlers; what a handler leaves open is rolled back. */
static void
app_has_a_database(void **state)
{
    fixture *fx = *state;
    chirp_config config;
    chirp_answer answer;
    chirp_config_init(&config);
    config.access_log = false;
    config.database_url = fx->url;
    config.template_dir = "";
    chirp_app *app = chirp_app_new(&config, &fx->err);
    assert_int_equal(chirp_use_db(app, NULL, &fx->err), KIDA_OK);
    chirp_route(app, "GET", "/", list_page, NULL);
    chirp_route(app, "POST", "/{how}/{title}", half_done, NULL);
    chirp_test_client *client = chirp_test_new(app, &fx->err);
    assert_non_null(client);
    assert_int_equal(chirp_use_db(app, NULL, &fx->err), KIDA_E_FROZEN);

    assert_int_equal(chirp_test_post(client, "/forget/a", "", &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 200));
    assert_int_equal(chirp_test_get(client, "/?not=x", &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_BODY(&answer, "0"));
    assert_int_equal(chirp_test_post(client, "/commit/a", "", &answer), KIDA_OK);
    assert_int_equal(chirp_test_post(client, "/commit/b", "", &answer), KIDA_OK);
    assert_int_equal(chirp_test_get(client, "/?not=b", &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_BODY(&answer, "1"));
    assert_int_equal(chirp_test_post(client, "/commit/b", "", &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 500));
    assert_int_equal(count_notes(fx), 2);
    chirp_test_free(client);
    chirp_app_free(app);
}

/* Holds: a database that can't be opened stops the start; one that makes no sense stops freeze. */
static void
start_fails_without_it(void **state)
{
    fixture *fx = *state;
    static const char *const urls[] = { "sqlite:////no/such/folder/x.db", "mysql://x", "" };
    for (size_t i = 0; i < T_COUNT(urls); i++) {
        chirp_config config;
        chirp_config_init(&config);
        config.database_url = urls[i];
        config.template_dir = "";
        chirp_app *app = chirp_app_new(&config, &fx->err);
        (void)chirp_use_db(app, NULL, NULL);
        assert_null(chirp_test_new(app, &fx->err));
        assert_true(fx->err.status != KIDA_OK);
        chirp_app_free(app);
    }
}

int
main(void)
{
#define with_db(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        with_db(rows_fill_structs),
        with_db(columns_must_fit),
        with_db(rows_fill_values),
        with_db(errors_have_a_place),
        with_db(results_are_bounded),
        with_db(transactions_are_whole),
        with_db(statement_cache_turns_over),
        with_db(settings_are_checked),
        with_db(app_has_a_database),
        with_db(start_fails_without_it),
    };
    return cmocka_run_group_tests_name("data/db", tests, NULL, NULL);
}
