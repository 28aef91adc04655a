/* SPDX-License-Identifier: MIT */
/* test_migrate.c - numbered SQL files: order, records, and all that is refused. */
#define _GNU_SOURCE
#include "t.h"

#include <chirp/chirp.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct fixture {
    char folder[64];
    char migrations[96];
    char url[128];
    chirp_db *db;
    kida_error err;
    chirp_migrations done;
} fixture;

static void
write_file(const fixture *fx, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", fx->migrations, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void
remove_file(const fixture *fx, const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", fx->migrations, name);
    assert_int_equal(unlink(path), 0);
}

static int
setup(void **state)
{
    fixture *fx = test_calloc(1, sizeof(*fx));
    snprintf(fx->folder, sizeof(fx->folder), "/tmp/chirp-migrate-XXXXXX");
    if (!mkdtemp(fx->folder))
        return -1;
    snprintf(fx->migrations, sizeof(fx->migrations), "%s/m", fx->folder);
    snprintf(fx->url, sizeof(fx->url), "sqlite:///%s/test.db", fx->folder);
    char command[128];
    snprintf(command, sizeof(command), "mkdir %s", fx->migrations);
    if (system(command) != 0)
        return -1;
    chirp_db_config config;
    chirp_db_config_init(&config);
    config.url = fx->url;
    fx->db = chirp_db_new(&config, &fx->err);
    *state = fx;
    write_file(fx, "001_notes.sql", "CREATE TABLE notes (id INTEGER PRIMARY KEY);\n"
                                    "INSERT INTO notes VALUES (1);\n");
    write_file(fx, "002_title.sql", "ALTER TABLE notes ADD COLUMN title TEXT;");
    write_file(fx, "README.md", "not SQL");
    return chirp_db_open(fx->db, &fx->err) == KIDA_OK ? 0 : -1;
}

static int
teardown(void **state)
{
    fixture *fx = *state;
    char command[128];
    chirp_db_free(fx->db);
    snprintf(command, sizeof(command), "rm -r %s", fx->folder);
    int status = system(command);
    test_free(fx);
    return status;
}

static kida_status
migrate(fixture *fx)
{
    kida_error_init(&fx->err);
    memset(&fx->done, 0, sizeof(fx->done));
    return chirp_db_migrate(fx->db, fx->migrations, &fx->done, &fx->err);
}

static int64_t
number(fixture *fx, const char *sql)
{
    int64_t got = -1;
    kida_status st = chirp_db_int(fx->db, sql, CHIRP_NO_ARGS, &got, &fx->err);
    return st == KIDA_OK ? got : -1;
}

/* Holds: each file once, later ones on top. */
static void
files_apply_once(void **state)
{
    fixture *fx = *state;
    assert_int_equal(migrate(fx), KIDA_OK);
    assert_int_equal(fx->done.applied, 2);
    assert_int_equal(fx->done.total, 2);
    assert_int_equal(migrate(fx), KIDA_OK);
    assert_int_equal(fx->done.applied, 0);
    assert_int_equal(fx->done.before, 2);
    write_file(fx, "003_more.sql", "INSERT INTO notes (title) VALUES ('x');");
    assert_int_equal(migrate(fx), KIDA_OK);
    assert_int_equal(fx->done.applied, 1);
    assert_int_equal(fx->done.version, 3);
    assert_int_equal(number(fx, "SELECT count(title) FROM notes"), 1);
    assert_int_equal(number(fx, "SELECT count(*) FROM _chirp_migrations WHERE name = '003_more'"
                                " AND length(applied_at) = 20"),
                     1);
}

/* Holds: a file that fails leaves nothing behind, and the error names its place. */
static void
failed_file_leaves_nothing(void **state)
{
    fixture *fx = *state;
    write_file(fx, "003_bad.sql",
               "INSERT INTO notes VALUES (2, 'y');\n\nINSERT INTO nots VALUES (1);");
    assert_int_equal(migrate(fx), KIDA_E_SQL);
    assert_int_equal(fx->done.applied, 2);
    assert_non_null(strstr(fx->err.message, "migration 3 failed: no such table: nots"));
    assert_string_equal(fx->err.template_name, "003_bad.sql");
    assert_int_equal(fx->err.line, 3);
    assert_int_equal(number(fx, "SELECT count(*) FROM notes"), 1);
    assert_int_equal(number(fx, "SELECT max(version) FROM _chirp_migrations"), 2);

    write_file(fx, "003_bad.sql", "INSERT INTO notes VALUES (2, 'y'); COMMIT;");
    assert_int_equal(migrate(fx), KIDA_E_USAGE);
    write_file(fx, "003_bad.sql", "INSERT INTO notes VALUES (1, 'y');");
    assert_int_equal(migrate(fx), KIDA_E_CONSTRAINT);
}

/* Holds: what would make two databases differ is refused, before anything is changed. */
static void
disorder_is_refused(void **state)
{
    fixture *fx = *state;
    static const struct {
        const char *label, *name, *text, *message;
    } cases[] = {
        { "gap", "004_x.sql", "SELECT 1;", "no migration number 3" },
        { "twice", "02_x.sql", "SELECT 1;", "two migrations" },
        { "no number", "x.sql", "SELECT 1;", "no name of a migration" },
        { "zero", "000_x.sql", "SELECT 1;", "no name of a migration" },
        { "no words", "003_.sql", "SELECT 1;", "no name of a migration" },
        { "blank in the name", "003_a b.sql", "SELECT 1;", "no name of a migration" },
        { "huge number", "99999999999999999999_x.sql", "SELECT 1;", "no name of a migration" },
        { "empty", "003_x.sql", " \n", "is empty" },
        { "no text", "003_x.sql", "SELECT '\xff';", "UTF-8" },
    };
    for (size_t i = 0; i < T_COUNT(cases); i++) {
        write_file(fx, cases[i].name, cases[i].text);
        kida_status st = migrate(fx);
        remove_file(fx, cases[i].name);
        if (st == KIDA_OK || !strstr(fx->err.message, cases[i].message))
            fail_msg("%s: status %d [%s]", cases[i].label, st, fx->err.message);
        assert_int_equal(number(fx, "SELECT count(*) FROM notes"), -1);
    }
    assert_int_equal(migrate(fx), KIDA_OK);
    write_file(fx, "002_title.sql", "ALTER TABLE notes ADD COLUMN title TEXT NOT NULL;");
    assert_int_equal(migrate(fx), KIDA_E_USAGE);
    assert_non_null(strstr(fx->err.message, "'002_title.sql' was changed"));
    write_file(fx, "002_title.sql", "ALTER TABLE notes ADD COLUMN title TEXT;");
    assert_int_equal(migrate(fx), KIDA_OK);
    remove_file(fx, "002_title.sql");
    assert_int_equal(migrate(fx), KIDA_E_USAGE);
    assert_non_null(strstr(fx->err.message, "its file is gone"));
    assert_int_equal(chirp_db_migrate(fx->db, "/no/such", NULL, &fx->err), KIDA_E_NOT_FOUND);
}

/* Holds: a table kept by Chirp is taken over. */
static void
records_of_chirp_count(void **state)
{
    fixture *fx = *state;
    assert_int_equal(
        chirp_db_script(fx->db,
                        "CREATE TABLE _chirp_migrations (version INTEGER PRIMARY KEY,"
                        " name TEXT NOT NULL, applied_at TEXT NOT NULL);"
                        "INSERT INTO _chirp_migrations VALUES (1, '001_notes', '2026-01-01');"
                        "CREATE TABLE notes (id INTEGER PRIMARY KEY)",
                        &fx->err),
        KIDA_OK);
    assert_int_equal(migrate(fx), KIDA_OK);
    assert_int_equal(fx->done.before, 1);
    assert_int_equal(fx->done.applied, 1);
}

int
main(void)
{
#define with_files(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        with_files(files_apply_once),
        with_files(failed_file_leaves_nothing),
        with_files(disorder_is_refused),
        with_files(records_of_chirp_count),
    };
    return cmocka_run_group_tests_name("data/migrate", tests, NULL, NULL);
}
