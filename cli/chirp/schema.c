/* SPDX-License-Identifier: MIT */
/* schema.c - compares tables, columns and indexes of two databases by what SQLite says of them. */
#include "schema.h"

#include <string.h>

#define SQL_MAX ((size_t)16 << 20)
#define NAMES_MAX 160 /* bytes of a slug */

typedef struct diff {
    cli *c;
    chirp_db *now, *wanted;
    kida_value old_tables, new_tables, old_indexes, new_indexes; /* lists of dicts */
    kida_buf sql, slug;
    size_t count;
    bool failed;
} diff;

/* Without those that belong to SQLite, to virtual tables, and to the record of migrations. */
static const char tables_sql[] =
    "SELECT s.name, s.sql FROM sqlite_schema s JOIN pragma_table_list l ON l.name = s.name AND "
    "l.schema = 'main' WHERE s.type = 'table' AND l.type IN ('table', 'virtual') AND s.name NOT "
    "LIKE 'sqlite!_%' ESCAPE '!' AND s.name <> '_chirp_migrations' ORDER BY s.rowid";
static const char indexes_sql[] =
    "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND "
    "tbl_name <> '_chirp_migrations' ORDER BY rowid";
static const char columns_sql[] =
    "SELECT name, type, \"notnull\", dflt_value, pk, hidden, (SELECT count(*) FROM "
    "pragma_index_list(?1) l JOIN pragma_index_info(l.name) i WHERE l.origin = 'u' AND i.name = "
    "x.name) AS is_unique FROM pragma_table_xinfo(?1) x ORDER BY cid";
static const char references_sql[] =
    "SELECT \"table\", \"to\", on_update, on_delete FROM pragma_foreign_key_list(?1) f WHERE "
    "\"from\" = ?2 COLLATE NOCASE AND (SELECT count(*) FROM pragma_foreign_key_list(?1) g WHERE "
    "g.id = f.id) = 1";
/* All that a database has, in the order in which it was made. */
static const char whole_sql[] =
    "SELECT s.sql FROM sqlite_schema s LEFT JOIN pragma_table_list l ON l.name = s.name AND "
    "l.schema = 'main' WHERE s.sql IS NOT NULL AND s.name NOT LIKE 'sqlite!_%' ESCAPE '!' AND "
    "coalesce(l.type, '') <> 'shadow' ORDER BY s.rowid";

/* ---- rows ------------------------------------------------------------------------------------ */

static kida_value
query(diff *d, chirp_db *db, const char *sql, chirp_args args)
{
    kida_error err;
    kida_value rows = kida_none();
    kida_error_init(&err);
    if (chirp_db_list(db, d->c->pool, sql, args, &rows, &err) != KIDA_OK) {
        cli_show(&err);
        d->failed = true;
        rows = kida_none();
    }
    return rows;
}

static size_t
count_of(kida_value rows)
{
    return kida_kind_of(rows) == KIDA_LIST ? kida_length(rows) : 0;
}

static kida_value
cell(kida_value row, const char *name)
{
    return kida_dict_get(row, kida_str_from(name));
}

/* The text of a cell with a NUL; "" for NULL. */
static const char *
text_of(diff *d, kida_value row, const char *name)
{
    kida_str text = kida_as_str(cell(row, name));
    return cli_format(d->c, "%.*s", (int)text.len, text.ptr != NULL ? text.ptr : "");
}

static bool
is_set(kida_value row, const char *name)
{
    return kida_as_int(cell(row, name)) > 0;
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Names are the same whatever their case, as SQLite has it. */
static bool
is_same(kida_str a, kida_str b)
{
    bool same = a.len == b.len;
    for (size_t i = 0; same && i < a.len; i++)
        same = lower(a.ptr[i]) == lower(b.ptr[i]);
    return same;
}

/* The row in which column is that name; none if there is none. */
static kida_value
find(kida_value rows, const char *column, kida_str name)
{
    for (size_t i = 0; i < count_of(rows); i++) {
        kida_value row = kida_item_at(rows, i);
        if (is_same(kida_as_str(cell(row, column)), name))
            return row;
    }
    return kida_none();
}

static bool
is_there(kida_value rows, const char *column, kida_str name)
{
    return kida_kind_of(find(rows, column, name)) != KIDA_NONE;
}

/* ---- text ------------------------------------------------------------------------------------ */

static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

/* A name as it stands in a statement: in quotes where it is no plain word, or a word of SQL. */
static const char *
quoted(diff *d, const char *name)
{
    kida_error err;
    size_t len = strlen(name);
    kida_error_init(&err);
    if (!(name[0] >= '0' && name[0] <= '9') && len > 0 && strspn(name, plain) == len &&
        chirp_db_exec(d->wanted, cli_format(d->c, "SELECT 1 AS %s", name), CHIRP_NO_ARGS, NULL,
                      &err) == KIDA_OK)
        return name;
    char *text = cli_alloc(d->c, 2 * len + 3), *at = text;
    *at++ = '"';
    for (size_t i = 0; i < len; i++) {
        if (name[i] == '"')
            *at++ = '"';
        *at++ = name[i];
    }
    *at++ = '"';
    *at = '\0';
    return text;
}

/* One statement without its semicolon, and what it is called in the name of the file. */
static void
add(diff *d, const char *label, const char *statement)
{
    d->count++;
    kida_buf_put(&d->sql, kida_str_from(statement));
    kida_buf_put(&d->sql, KIDA_S(";\n"));
    if (d->count == 4)
        kida_buf_put(&d->slug, KIDA_S("_and_more"));
    if (d->count > 3)
        return;
    if (d->count > 1)
        kida_buf_put(&d->slug, KIDA_S("_"));
    for (const char *at = label; *at != '\0' && at - label < NAMES_MAX / 4; at++) {
        char c = lower(*at);
        bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        kida_buf_put(&d->slug, (kida_str){ fits ? &c : "_", 1 });
    }
}

static void
refuse(diff *d, const char *table, const char *column, const char *why)
{
    cli_say(d->c, "%s.%s can't be added: %s; write this migration by hand", table, column, why);
    d->failed = true;
}

/* ---- columns --------------------------------------------------------------------------------- */

/* Whether a default is a number, a text or a word that stands for a value: others are worked out
 * for each row, which SQLite does not do for the rows that are there. */
static bool
is_constant(const char *value)
{
    static const char *const words[] = { "NULL", "TRUE", "FALSE" };
    const char *at = value + ((value[0] == 'x' || value[0] == 'X') && value[1] == '\'' ? 1 : 0);
    if (*at == '\'') {
        while (*at == '\'') { /* two quotes are one inside */
            at += 1 + strcspn(at + 1, "'");
            at += *at != '\0' ? 1 : 0;
        }
        return *at == '\0';
    }
    for (size_t i = 0; i < CLI_COUNT(words); i++) {
        if (is_same(kida_str_from(value), kida_str_from(words[i])))
            return true;
    }
    at += strspn(at, "+-");
    return *at != '\0' && strchr(".0123456789", *at) != NULL &&
           at[strspn(at, "0123456789abcdefxABCDEFX_.+-")] == '\0';
}

static const char *
references(diff *d, const char *table, const char *column)
{
    kida_value rows = query(d, d->wanted, references_sql,
                            CHIRP_ARGS(kida_string(kida_str_from(table)),
                                       kida_string(kida_str_from(column))));
    if (count_of(rows) == 0)
        return "";
    kida_value row = kida_item_at(rows, 0);
    const char *to = text_of(d, row, "to"), *update = text_of(d, row, "on_update"),
               *remove = text_of(d, row, "on_delete");
    bool updates = strcmp(update, "NO ACTION") != 0, removes = strcmp(remove, "NO ACTION") != 0;
    const char *key = to[0] != '\0' ? cli_format(d->c, "(%s)", quoted(d, to)) : "";
    return cli_format(d->c, " REFERENCES %s%s%s%s%s%s", quoted(d, text_of(d, row, "table")), key,
                      updates ? " ON UPDATE " : "", updates ? update : "",
                      removes ? " ON DELETE " : "", removes ? remove : "");
}

static void
add_column(diff *d, const char *table, kida_value column)
{
    const char *name = text_of(d, column, "name"), *type = text_of(d, column, "type");
    const char *value = text_of(d, column, "dflt_value");
    const char *key = references(d, table, name);
    bool is_needed = is_set(column, "notnull");
    if (is_set(column, "pk"))
        refuse(d, table, name, "it is part of the primary key");
    else if (is_set(column, "is_unique"))
        refuse(d, table, name, "it is UNIQUE; a CREATE UNIQUE INDEX could be");
    else if (is_set(column, "hidden"))
        refuse(d, table, name, "it is generated");
    else if (is_needed && value[0] == '\0')
        refuse(d, table, name, "it is NOT NULL and has no DEFAULT for the rows that are there");
    else if (value[0] != '\0' && !is_constant(value))
        refuse(d, table, name, "its DEFAULT is not constant");
    else if (value[0] != '\0' && key[0] != '\0')
        refuse(d, table, name, "it is REFERENCES and has a DEFAULT");
    else
        add(d, cli_format(d->c, "add_%s_%s", table, name),
            cli_format(d->c, "ALTER TABLE %s ADD COLUMN %s%s%s%s%s%s%s", quoted(d, table),
                       quoted(d, name), type[0] != '\0' ? " " : "", type,
                       is_needed ? " NOT NULL" : "", value[0] != '\0' ? " DEFAULT " : "",
                       value, key));
}

/* A column that is in both: what no statement changes is told, for whoever writes it. */
static void
tell_difference(diff *d, const char *table, kida_value old, kida_value column)
{
    static const char *const parts[][2] = { { "type", "type" }, { "dflt_value", "default" } };
    const char *name = text_of(d, column, "name"), *what = NULL;
    for (size_t i = 0; i < CLI_COUNT(parts); i++) {
        if (!is_same(kida_as_str(cell(old, parts[i][0])), kida_as_str(cell(column, parts[i][0]))))
            what = parts[i][1];
    }
    if (is_set(old, "notnull") != is_set(column, "notnull"))
        what = "NOT NULL";
    if (is_set(old, "pk") != is_set(column, "pk"))
        what = "PRIMARY KEY";
    if (what != NULL)
        cli_say(d->c, "%s.%s has another %s now, which is left to you", table, name, what);
}

static void
compare_columns(diff *d, const char *table)
{
    chirp_args name = CHIRP_ARGS(kida_string(kida_str_from(table)));
    kida_value old = query(d, d->now, columns_sql, name);
    kida_value columns = query(d, d->wanted, columns_sql, name);
    for (size_t i = 0; i < count_of(old); i++) {
        kida_value column = kida_item_at(old, i);
        const char *gone = text_of(d, column, "name");
        if (!is_there(columns, "name", kida_str_from(gone)))
            add(d, cli_format(d->c, "drop_%s_%s", table, gone),
                cli_format(d->c, "ALTER TABLE %s DROP COLUMN %s", quoted(d, table),
                           quoted(d, gone)));
    }
    for (size_t i = 0; i < count_of(columns); i++) {
        kida_value column = kida_item_at(columns, i);
        kida_value before = find(old, "name", kida_as_str(cell(column, "name")));
        if (kida_kind_of(before) == KIDA_NONE)
            add_column(d, table, column);
        else
            tell_difference(d, table, before, column);
    }
}

/* ---- tables and indexes ---------------------------------------------------------------------- */

static void
drop_tables(diff *d)
{
    for (size_t i = 0; i < count_of(d->old_tables); i++) {
        const char *name = text_of(d, kida_item_at(d->old_tables, i), "name");
        if (!is_there(d->new_tables, "name", kida_str_from(name)))
            add(d, cli_format(d->c, "drop_%s", name),
                cli_format(d->c, "DROP TABLE %s", quoted(d, name)));
    }
}

static void
create_all(diff *d, kida_value before, kida_value after)
{
    for (size_t i = 0; i < count_of(after); i++) {
        kida_value row = kida_item_at(after, i);
        const char *name = text_of(d, row, "name");
        if (!is_there(before, "name", kida_str_from(name)))
            add(d, cli_format(d->c, "create_%s", name), text_of(d, row, "sql"));
    }
}

/* Those of a table that goes are gone with it. */
static void
drop_indexes(diff *d)
{
    for (size_t i = 0; i < count_of(d->old_indexes); i++) {
        kida_value row = kida_item_at(d->old_indexes, i);
        const char *name = text_of(d, row, "name");
        if (!is_there(d->new_indexes, "name", kida_str_from(name)) &&
            is_there(d->new_tables, "name", kida_as_str(cell(row, "tbl_name"))))
            add(d, cli_format(d->c, "drop_%s", name),
                cli_format(d->c, "DROP INDEX %s", quoted(d, name)));
    }
}

bool
schema_compare(cli *c, chirp_db *now, chirp_db *wanted, schema_changes *out)
{
    diff d = { .c = c, .now = now, .wanted = wanted };
    kida_buf_init_heap(&d.sql, NULL, SQL_MAX);
    kida_buf_init_heap(&d.slug, NULL, SQL_MAX);
    d.old_tables = query(&d, now, tables_sql, CHIRP_NO_ARGS);
    d.new_tables = query(&d, wanted, tables_sql, CHIRP_NO_ARGS);
    d.old_indexes = query(&d, now, indexes_sql, CHIRP_NO_ARGS);
    d.new_indexes = query(&d, wanted, indexes_sql, CHIRP_NO_ARGS);
    drop_tables(&d);
    create_all(&d, d.old_tables, d.new_tables);
    drop_indexes(&d); /* before the columns: a column that has one can't go */
    for (size_t i = 0; i < count_of(d.new_tables); i++) {
        kida_value row = kida_item_at(d.new_tables, i);
        if (is_there(d.old_tables, "name", kida_as_str(cell(row, "name"))))
            compare_columns(&d, text_of(&d, row, "name"));
    }
    create_all(&d, d.old_indexes, d.new_indexes);
    bool good = !d.failed && kida_buf_status(&d.sql) == KIDA_OK &&
                kida_buf_status(&d.slug) == KIDA_OK;
    if (good) {
        kida_str sql = kida_buf_str(&d.sql), slug = kida_buf_str(&d.slug);
        out->sql = cli_format(c, "%.*s", (int)sql.len, sql.len > 0 ? sql.ptr : "");
        out->slug = cli_format(c, "%.*s", (int)slug.len, slug.len > 0 ? slug.ptr : "");
        out->count = d.count;
    } else if (!d.failed) {
        cli_say(c, "the schema is too large");
    }
    kida_buf_free(&d.sql);
    kida_buf_free(&d.slug);
    return good;
}

bool
schema_try(cli *c, chirp_db *now, chirp_db *trial, const schema_changes *changes)
{
    diff d = { .c = c, .now = now, .wanted = trial };
    kida_error err;
    kida_status st = KIDA_OK;
    kida_error_init(&err);
    kida_value rows = query(&d, now, whole_sql, CHIRP_NO_ARGS);
    for (size_t i = 0; st == KIDA_OK && i < count_of(rows); i++)
        st = chirp_db_exec(trial, text_of(&d, kida_item_at(rows, i), "sql"), CHIRP_NO_ARGS, NULL,
                           &err);
    if (st == KIDA_OK && changes->count > 0)
        st = chirp_db_script(trial, changes->sql, &err);
    if (st != KIDA_OK)
        cli_show(&err);
    return st == KIDA_OK && !d.failed;
}
