/* SPDX-License-Identifier: MIT */
/* makemigrations.c - `chirp makemigrations`: writes the migration that leads from a database to
 * what a file of CREATE statements describes. The comparison itself is in schema.c. */
#include "chirp_cli.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "schema.h"

#define NUMBER_MAX 999999

static chirp_db *
open_db(const char *url, kida_error *err)
{
    chirp_db_config config;
    chirp_db_config_init(&config);
    config.url = url;
    chirp_db *db = chirp_db_new(&config, err);
    if (db != NULL && chirp_db_open(db, err) != KIDA_OK) {
        chirp_db_free(db);
        db = NULL;
    }
    return db;
}

/* One more than the highest number in the folder; 0, with a message, if there is none. */
static unsigned
next_number(cli *c, const char *folder)
{
    unsigned highest = 0;
    DIR *dir = opendir(folder);
    if (dir == NULL && errno == ENOENT)
        return 1;
    if (dir == NULL) {
        cli_say(c, "can't read %s: %s", folder, strerror(errno));
        return 0;
    }
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        unsigned number = 0;
        const char *at = entry->d_name;
        while (*at >= '0' && *at <= '9' && number <= NUMBER_MAX)
            number = number * 10 + (unsigned)(*at++ - '0');
        if (*at == '_' && number > highest)
            highest = number;
    }
    closedir(dir);
    if (highest < NUMBER_MAX)
        return highest + 1;
    cli_say(c, "the migrations in %s have no number left", folder);
    return 0;
}

/* Each line of the statements, indented. */
static void
print_lines(const char *text)
{
    for (const char *line = text; *line != '\0';) {
        size_t len = strcspn(line, "\n");
        printf("  %.*s\n", (int)len, line);
        line += len + (line[len] == '\n' ? 1 : 0);
    }
}

static int
write_migration(cli *c, const char *folder, const schema_changes *changes)
{
    unsigned number = next_number(c, folder);
    if (number == 0)
        return CLI_FAILED;
    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        cli_say(c, "can't make %s: %s", folder, strerror(errno));
        return CLI_FAILED;
    }
    const char *path =
        cli_join(c, folder, cli_format(c, "%03u_%s.sql", number, changes->slug));
    const char *text = cli_format(c, "-- Migration %03u: %s\n--\n%s", number, changes->slug,
                                  changes->sql);
    if (!cli_write(c, path, kida_str_from(text)))
        return CLI_FAILED;
    printf("Generated: %s\n", path);
    print_lines(changes->sql);
    return CLI_DONE;
}

static bool
is_blank(kida_str text)
{
    size_t at = 0;
    while (at < text.len && strchr(" \t\r\n", text.ptr[at]) != NULL)
        at++;
    return at == text.len;
}

static int
compare(cli *c, const char *url, const char *schema, const char *folder)
{
    kida_str text;
    kida_error err;
    schema_changes changes = { NULL, NULL, 0 };
    int code = CLI_FAILED;
    kida_error_init(&err);
    if (!cli_is_file(schema)) {
        fprintf(stderr, "Schema file not found: %s\n", schema);
        return CLI_FAILED;
    }
    if (!cli_read(c, schema, &text))
        return CLI_FAILED;
    if (is_blank(text)) {
        fputs("Schema file is empty\n", stderr);
        return CLI_FAILED;
    }
    chirp_db *now = open_db(url, &err);
    chirp_db *wanted = now != NULL ? open_db("sqlite:///:memory:", &err) : NULL;
    chirp_db *trial = wanted != NULL ? open_db("sqlite:///:memory:", &err) : NULL;
    if (trial == NULL || chirp_db_script(wanted, text.ptr, &err) != KIDA_OK)
        cli_show(&err);
    else if (!schema_compare(c, now, wanted, &changes) ||
             !schema_try(c, now, trial, &changes))
        code = CLI_FAILED;
    else if (changes.count > 0)
        code = write_migration(c, folder, &changes);
    else
        code = puts("No changes detected.") >= 0 ? CLI_DONE : CLI_FAILED;
    chirp_db_free(trial);
    chirp_db_free(wanted);
    chirp_db_free(now);
    return code;
}

int
chirp_cli_makemigrations(cli *c, int argc, char **argv)
{
    static const cli_usage usage = {
        "", 0, 0,
        "Compares a database with the CREATE TABLE and CREATE INDEX statements of a file and\n"
        "writes the migration that leads from one to the other. It is not applied.\n",
        "  chirp makemigrations --db sqlite:///app.db --schema schema.sql\n",
    };
    const char *url = NULL, *schema = NULL, *folder = "migrations";
    cli_list arguments = { NULL, 0 };
    int code;
    const cli_option options[] = {
        { "db", 0, CLI_TEXT, &url, "URL", "the database, sqlite:///app.db", 0, 0 },
        { "schema", 0, CLI_TEXT, &schema, "FILE", "what it should be, in SQL", 0, 0 },
        { "migrations-dir", 0, CLI_TEXT, &folder, "DIR", "its migrations (migrations)", 0, 0 },
        { NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0 },
    };
    if (!cli_parse(c, &usage, options, argc, argv, &arguments, &code))
        return code;
    if (url == NULL || schema == NULL)
        return cli_misuse(c, "it needs --db and --schema");
    if (arguments.count > 0)
        return cli_misuse(c, "there is one argument too many, '%s'", arguments.items[0]);
    return compare(c, url, schema, folder);
}
