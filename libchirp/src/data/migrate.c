/* SPDX-License-Identifier: MIT */
/* migrate.c - numbered SQL files, each applied once, in a transaction with its record. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "config/alloc.h"
#include "config/fail.h"
#include "config/text.h"
#include "db.h"

#define FILES_MAX 9999
#define FILE_MAX ((size_t)16 << 20)
#define POOL_MAX ((size_t)64 << 20)

#define TABLE "_chirp_migrations"

typedef struct migration {
    int64_t version;
    kida_str name; /* of the file */
    kida_str text;
    char checksum[17];
    bool is_applied;
} migration;

typedef struct migrator {
    chirp_db *db;
    const char *folder;
    kida_pool *pool;
    migration *files; /* by version, from 1 on */
    size_t count;
    size_t room;
    chirp_migrations report;
} migrator;

/* A row of the table. */
typedef struct record {
    int64_t version;
    kida_str name;
    kida_str checksum; /* empty: not known */
} record;

static const kida_field record_fields[] = {
    KIDA_INT_FIELD(record, version),
    KIDA_STR_FIELD(record, name),
    KIDA_STR_FIELD(record, checksum),
    KIDA_FIELDS_END,
};
static const kida_struct record_type = { "migration", sizeof(record), record_fields, NULL };

/* ---- files --------------------------------------------------------------------------------- */

static kida_status
no_memory(kida_error *err)
{
    return ch_fail(err, KIDA_E_NOMEM, "no memory for migrations");
}

/* FNV-1a: it shall notice edits, not attacks. Line endings are no edit. */
static void
checksum(kida_str text, char out[17])
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\r')
            hash = (hash ^ (unsigned char)text.ptr[i]) * 0x100000001b3u;
    }
    snprintf(out, 17, "%016llx", (unsigned long long)hash);
}

/* NNN_name.sql */
static bool
parse_name(kida_str name, int64_t *version)
{
    size_t digits = 0;
    while (digits < name.len && ch_is_digit(name.ptr[digits]))
        digits++;
    uint64_t number;
    if (digits == 0 || name.len < digits + 6 || name.ptr[digits] != '_' ||
        !ch_parse_uint(ch_str_slice(name, 0, digits), FILES_MAX, &number) || number == 0)
        return false;
    for (size_t i = digits + 1; i < name.len - 4; i++) {
        char c = ch_lower(name.ptr[i]);
        if (!(c >= 'a' && c <= 'z') && !ch_is_digit(c) && c != '_' && c != '-')
            return false;
    }
    *version = (int64_t)number;
    return true;
}

static bool
is_sql(kida_str name)
{
    return name.len > 4 &&
           kida_str_equal(ch_str_slice(name, name.len - 4, name.len), KIDA_S(".sql"));
}

static kida_status
read_text(migrator *self, kida_str name, kida_str *out, kida_error *err)
{
    char path[1024];
    int len = snprintf(path, sizeof(path), "%s/%.*s", self->folder, (int)name.len, name.ptr);
    FILE *file = len > 0 && (size_t)len < sizeof(path) ? fopen(path, "rb") : NULL;
    if (!file)
        return ch_fail(err, KIDA_E_IO, "can't read the migration '%.*s'", (int)name.len, name.ptr);
    long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    char *text = NULL;
    if (size >= 0 && (size_t)size <= FILE_MAX && fseek(file, 0, SEEK_SET) == 0)
        text = kida_pool_alloc(self->pool, (size_t)size + 1);
    size_t got = text ? fread(text, 1, (size_t)size, file) : 0;
    fclose(file);
    if (!text || got != (size_t)size)
        return ch_fail(err, KIDA_E_IO, "can't read the migration '%.*s'", (int)name.len, name.ptr);
    *out = (kida_str){ text, got };
    bool is_empty = true;
    for (size_t i = 0; i < got; i++)
        is_empty = is_empty && (unsigned char)text[i] <= ' ';
    if (is_empty)
        return ch_fail(err, KIDA_E_USAGE, "the migration '%.*s' is empty", (int)name.len,
                       name.ptr);
    if (!kida_utf8_valid(*out) || ch_str_find(*out, '\0', 0) < got)
        return ch_fail(err, KIDA_E_UTF8, "the migration '%.*s' is no UTF-8 text", (int)name.len,
                       name.ptr);
    return KIDA_OK;
}

static kida_status
add_file(migrator *self, kida_str name, kida_error *err)
{
    int64_t version;
    if (!parse_name(name, &version)) {
        ch_fail(err, KIDA_E_USAGE, "'%.*s' is no name of a migration", (int)name.len, name.ptr);
        return ch_fail_hint(err, KIDA_E_USAGE, "name it like 001_create_notes.sql");
    }
    if (self->count == self->room) {
        size_t room = self->room ? self->room * 2 : 16;
        migration *more = kida_pool_alloc(self->pool, room * sizeof(*more));
        if (!more)
            return no_memory(err);
        if (self->count > 0)
            memcpy(more, self->files, self->count * sizeof(*more));
        self->files = more;
        self->room = room;
    }
    kida_value kept;
    if (kida_string_copy(self->pool, name, &kept) != KIDA_OK)
        return no_memory(err);
    migration file = { .version = version, .name = kida_as_str(kept) };
    size_t at = self->count++;
    for (; at > 0 && self->files[at - 1].version > version; at--)
        self->files[at] = self->files[at - 1];
    self->files[at] = file;
    return KIDA_OK;
}

static kida_status
list_files(migrator *self, kida_error *err)
{
    DIR *dir = opendir(self->folder);
    if (!dir)
        return ch_fail(err, KIDA_E_NOT_FOUND, "there is no folder of migrations '%.200s'",
                       self->folder);
    kida_status st = KIDA_OK;
    for (struct dirent *entry; st == KIDA_OK && (entry = readdir(dir)) != NULL;) {
        kida_str name = kida_str_from(entry->d_name);
        if (is_sql(name))
            st = add_file(self, name, err);
    }
    closedir(dir);
    return st;
}

/* Numbers run from 1 on without gap; then the texts are read. */
static kida_status
read_files(migrator *self, kida_error *err)
{
    kida_status st = list_files(self, err);
    for (size_t i = 0; st == KIDA_OK && i < self->count; i++) {
        migration *file = &self->files[i];
        int64_t wanted = (int64_t)i + 1;
        if (file->version < wanted)
            return ch_fail(err, KIDA_E_USAGE, "two migrations have the number %lld",
                           (long long)file->version);
        if (file->version > wanted)
            return ch_fail(err, KIDA_E_USAGE, "there is no migration number %lld, but '%.*s'",
                           (long long)wanted, (int)file->name.len, file->name.ptr);
        st = read_text(self, file->name, &file->text, err);
        if (st == KIDA_OK)
            checksum(file->text, file->checksum);
    }
    self->report.total = (uint32_t)self->count;
    self->report.version = (int64_t)self->count;
    return st;
}

/* ---- records ------------------------------------------------------------------------------- */

static kida_status
make_table(migrator *self, kida_error *err)
{
    kida_value any;
    kida_status st = chirp_db_exec(self->db,
                                   "CREATE TABLE IF NOT EXISTS " TABLE
                                   " (version INTEGER PRIMARY KEY, name TEXT NOT NULL,"
                                   " applied_at TEXT NOT NULL, checksum TEXT)",
                                   CHIRP_NO_ARGS, NULL, err);
    if (st != KIDA_OK)
        return st;
    st = chirp_db_value(self->db, self->pool, "SELECT checksum FROM " TABLE " LIMIT 1",
                        CHIRP_NO_ARGS, &any, err);
    if (st == KIDA_E_SQL) /* a table made by Chirp, which keeps none */
        st = chirp_db_exec(self->db, "ALTER TABLE " TABLE " ADD COLUMN checksum TEXT",
                           CHIRP_NO_ARGS, NULL, err);
    return st;
}

static kida_status
compare(migrator *self, const record *row, kida_error *err)
{
    int name_len = (int)(row->name.len < 80 ? row->name.len : 80);
    if (row->version < 1 || row->version > (int64_t)self->count)
        return ch_fail(err, KIDA_E_USAGE,
                       "migration %lld ('%.*s') was applied, but its file is gone",
                       (long long)row->version, name_len, row->name.ptr);
    migration *file = &self->files[row->version - 1];
    if (row->checksum.len > 0 && !kida_str_equal(row->checksum, (kida_str){ file->checksum, 16 })) {
        ch_fail(err, KIDA_E_USAGE, "the migration '%.*s' was changed after it was applied",
                (int)file->name.len, file->name.ptr);
        return ch_fail_hint(err, KIDA_E_USAGE, "put it back as it was, and add a new file");
    }
    file->is_applied = true;
    self->report.before++;
    return KIDA_OK;
}

static kida_status
read_records(migrator *self, kida_error *err)
{
    chirp_rows rows;
    kida_status st = chirp_db_select(self->db, self->pool, &record_type,
                                     "SELECT version, name, checksum FROM " TABLE
                                     " ORDER BY version",
                                     CHIRP_NO_ARGS, &rows, err);
    for (size_t i = 0; st == KIDA_OK && i < rows.count; i++)
        st = compare(self, (const record *)rows.first + i, err);
    for (size_t i = 1; st == KIDA_OK && i < self->count; i++) {
        if (self->files[i].is_applied && !self->files[i - 1].is_applied)
            st = ch_fail(err, KIDA_E_USAGE, "migration %lld was applied without %lld before it",
                         (long long)i + 1, (long long)i);
    }
    return st;
}

/* ---- application --------------------------------------------------------------------------- */

static kida_status
script_work(const ch_driver *driver, void *conn, void *arg, kida_error *err)
{
    const migration *file = arg;
    kida_status st = driver->script(conn, file->text, err);
    if (st == KIDA_OK && !driver->in_transaction(conn))
        st = ch_fail(err, KIDA_E_USAGE, "it ends the transaction that it runs in");
    return st;
}

static kida_status
record_one(migrator *self, const migration *file, kida_error *err)
{
    char now[32] = "";
    time_t seconds = time(NULL);
    struct tm parts;
    if (gmtime_r(&seconds, &parts))
        strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%SZ", &parts);
    kida_str name = ch_str_slice(file->name, 0, file->name.len - 4);
    return chirp_db_exec(self->db,
                         "INSERT INTO " TABLE
                         " (version, name, applied_at, checksum) VALUES (?, ?, ?, ?)",
                         CHIRP_ARGS(kida_int(file->version), kida_string(name),
                                    kida_string(kida_str_from(now)),
                                    kida_string((kida_str){ file->checksum, 16 })),
                         NULL, err);
}

typedef struct step {
    migrator *self;
    migration *file;
} step;

static kida_status
apply_body(chirp_db *db, void *user, kida_error *err)
{
    step *now = user;
    int64_t seen = 0;
    /* Another process may have been faster. */
    kida_status st = chirp_db_int(db, "SELECT count(*) FROM " TABLE " WHERE version = ?",
                                  CHIRP_ARGS(kida_int(now->file->version)), &seen, err);
    if (st != KIDA_OK || seen > 0)
        return st;
    st = ch_db_run(db, script_work, now->file, err);
    if (st == KIDA_OK)
        st = record_one(now->self, now->file, err);
    if (st == KIDA_OK)
        now->self->report.applied++;
    return st;
}

static kida_status
apply(migrator *self, migration *file, kida_error *err)
{
    step now = { self, file };
    kida_error why;
    kida_error_init(&why);
    kida_status st = chirp_db_transaction(self->db, apply_body, &now, &why);
    if (st == KIDA_OK || !err)
        return st;
    *err = why;
    snprintf(err->message, sizeof(err->message), "migration %lld failed: %.300s",
             (long long)file->version, why.message);
    snprintf(err->template_name, sizeof(err->template_name), "%.*s",
             (int)(file->name.len < 120 ? file->name.len : 120), file->name.ptr);
    if (err->line > 0)
        err->hint[0] = '\0'; /* the excerpt says more than the start of the file */
    return st;
}

kida_status
chirp_db_migrate(chirp_db *db, const char *folder, chirp_migrations *out, kida_error *err)
{
    if (!db || !folder)
        return ch_fail(err, KIDA_E_USAGE, "migrations need a database and a folder");
    migrator self = { .db = db, .folder = folder };
    self.pool = kida_pool_new(&db->allocator, POOL_MAX);
    if (!self.pool)
        return no_memory(err);
    kida_status st = read_files(&self, err);
    if (st == KIDA_OK)
        st = make_table(&self, err);
    if (st == KIDA_OK)
        st = read_records(&self, err);
    for (size_t i = 0; st == KIDA_OK && i < self.count; i++) {
        if (!self.files[i].is_applied)
            st = apply(&self, &self.files[i], err);
    }
    kida_pool_free(self.pool);
    if (out)
        *out = self.report;
    return st;
}
