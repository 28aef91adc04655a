/* SPDX-License-Identifier: MIT */
/* new.c - `chirp new`: writes a project from the files that come inside the command. */
#include "chirp_cli.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "scaffold.h"

static const char mark[] = "@NAME@";

/* Letters, digits, - and _, beginning with a letter: fit for CMake, folders and titles. */
static bool
is_name(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
    bool letter = (name[0] >= 'a' && name[0] <= 'z') || (name[0] >= 'A' && name[0] <= 'Z');
    return letter && name[len] == '\0' && len <= 64;
}

/* The bytes of a file with the name of the project in place of the mark. */
static kida_str
fill_in(cli *c, const scaffold_file *file, const char *name)
{
    size_t name_len = strlen(name), mark_len = sizeof(mark) - 1, room = file->len, len = 0;
    for (size_t at = 0; at + mark_len <= file->len; at++)
        room += memcmp(file->bytes + at, mark, mark_len) == 0 ? name_len : 0;
    char *text = cli_alloc(c, room);
    for (size_t at = 0; at < file->len;) {
        if (file->len - at >= mark_len && memcmp(file->bytes + at, mark, mark_len) == 0) {
            memcpy(text + len, name, name_len);
            len += name_len;
            at += mark_len;
        } else {
            text[len++] = (char)file->bytes[at++];
        }
    }
    return (kida_str){ text, len };
}

/* Every folder above path, as far as it is inside of the project. */
static bool
make_folders(cli *c, const char *path)
{
    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        const char *folder = cli_format(c, "%.*s", (int)(slash - path), path);
        if (folder[0] != '\0' && mkdir(folder, 0777) != 0 && errno != EEXIST) {
            cli_say(c, "can't make %s: %s", folder, strerror(errno));
            return false;
        }
    }
    return true;
}

static bool
write_part(cli *c, const char *part, const char *folder, const char *name)
{
    size_t len = strlen(part);
    for (const scaffold_file *file = scaffold_files; file->name != NULL; file++) {
        if (strncmp(file->name, part, len) != 0 || file->name[len] != '/')
            continue;
        const char *rest = file->name + len + 1;
        if (strcmp(rest, "gitignore") == 0)
            rest = ".gitignore";
        else if (strcmp(rest, "migrations/gitkeep") == 0)
            rest = "migrations/.gitkeep";
        const char *path = cli_join(c, folder, rest);
        if (!make_folders(c, path) || !cli_write(c, path, fill_in(c, file, name)))
            return false;
    }
    return true;
}

int
chirp_cli_new(cli *c, int argc, char **argv)
{
    static const cli_usage usage = {
        "NAME", 1, 1,
        "Makes the folder NAME with an application that builds and runs: a public page, a login,\n"
        "a dashboard for those who are logged in, and tests; or one of those below.\n",
        "  chirp new notes && cd notes && chirp dev\n"
        "  chirp new ticker --sse\n",
    };
    bool minimal = false, sse = false, shell = false;
    int code;
    cli_list arguments = { NULL, 0 };
    const cli_option options[] = {
        { "minimal", 0, CLI_FLAG, &minimal, "", "one route and one template", 0, 0 },
        { "sse", 0, CLI_FLAG, &sse, "", "a page that an event stream keeps up to date", 0, 0 },
        { "shell", 0, CLI_FLAG, &shell, "", "a folder of pages in nested layouts", 0, 0 },
        { NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0 },
    };
    if (!cli_parse(c, &usage, options, argc, argv, &arguments, &code))
        return code;
    const char *path = arguments.items[0], *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    const char *kind = minimal ? "minimal" : sse ? "sse" : shell ? "shell" : "app";
    struct stat info;
    if (!is_name(name))
        return cli_misuse(c, "'%s' is no name: use letters, digits, - and _", name);
    if (stat(path, &info) == 0) {
        fprintf(stderr, "Error: directory '%s' already exists\n", path);
        return CLI_FAILED;
    }
    if (!write_part(c, "common", path, name) || !write_part(c, kind, path, name))
        return CLI_FAILED;
    printf("Created project '%s'\n\n  cd %s && chirp dev\n", name, path);
    if (strcmp(kind, "app") == 0)
        puts("\n  Login: admin / password\n  Dashboard: http://localhost:8000/dashboard");
    return CLI_DONE;
}
