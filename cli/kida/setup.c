/* SPDX-License-Identifier: MIT */
/* setup.c - which folder a template is looked up in, and the environment that looks. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* realpath */
#endif
#include "cli.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

/* Says that FILE is not there, and which file of its folder may be meant. */
static void
say_missing(cli *c, const char *file, const char *folder, const char *name)
{
    cli_nearest near = { name, NULL, 0 };
    DIR *handle = opendir(folder);
    const struct dirent *entry;
    while (handle != NULL && (entry = readdir(handle)) != NULL) {
        if (entry->d_name[0] != '.')
            cli_nearest_offer(&near, cli_format(c, "%s", entry->d_name));
    }
    if (handle != NULL)
        (void)closedir(handle);
    if (near.best != NULL)
        cli_say(c, "there is no file '%s'; did you mean '%s'?", file, near.best);
    else
        cli_say(c, "there is no file '%s'", file);
}

/* The path of file below folder, if it is there; both are resolved first. */
static const char *
path_below(cli *c, const char *file, const char *folder)
{
    char *real_file = realpath(file, NULL), *real_folder = realpath(folder, NULL);
    const char *below = NULL;
    if (real_file != NULL && real_folder != NULL) {
        size_t len = strlen(real_folder);
        while (len > 0 && real_folder[len - 1] == '/')
            len--; /* the root of the file system */
        if (memcmp(real_file, real_folder, len < strlen(real_file) ? len : 0) == 0 &&
            strlen(real_file) > len + 1 && real_file[len] == '/')
            below = cli_format(c, "%s", real_file + len + 1);
    }
    free(real_file);
    free(real_folder);
    return below;
}

static bool
locate_in(cli *c, const char *file, cli_place *out)
{
    for (size_t i = 0; i < out->folders.count; i++) {
        const char *folder = out->folders.items[i];
        if (!cli_is_folder(folder)) {
            cli_say(c, "there is no folder '%s'", folder);
            return false;
        }
    }
    for (size_t i = 0; i < out->folders.count; i++) {
        const char *folder = out->folders.items[i];
        if (file[0] != '/' && cli_is_file(cli_join(c, folder, file))) {
            out->name = file;
            return true;
        }
        if (cli_is_file(file) && (out->name = path_below(c, file, folder)) != NULL)
            return true;
    }
    if (cli_is_file(file))
        cli_say(c, "'%s' is in none of the template folders", file);
    else
        say_missing(c, file, out->folders.items[0], file);
    return false;
}

bool
cli_locate(cli *c, const char *file, cli_list folders, cli_place *out)
{
    out->folders = folders;
    if (folders.count > 0)
        return locate_in(c, file, out);

    const char *slash = strrchr(file, '/');
    const char *folder = slash == NULL   ? "."
                         : slash == file ? "/"
                                         : cli_format(c, "%.*s", (int)(slash - file), file);
    out->name = slash != NULL ? slash + 1 : file;
    if (cli_is_folder(file)) {
        cli_say(c, "'%s' is a folder, not a template", file);
        return false;
    }
    if (!cli_is_file(file)) {
        say_missing(c, file, folder, out->name);
        return false;
    }
    out->folders.items = cli_alloc(c, sizeof(*out->folders.items));
    out->folders.items[0] = folder;
    out->folders.count = 1;
    return true;
}

static void
show_warning(void *user, const kida_error *warning)
{
    (void)user;
    cli_show(warning);
}

/* `markdown` is the optional part of the library; all others are files. */
static kida_status
load_module(cli *c, kida_env *env, const char *path, kida_error *err)
{
    if (strcmp(path, "markdown") == 0)
        return kida_install_markdown(env, NULL, err);
    /* Without a slash the system would search its library folders instead. */
    if (strchr(path, '/') == NULL)
        path = cli_format(c, "./%s", path);
    return kida_env_load_module(env, path, err);
}

kida_env *
cli_env(cli *c, kida_config *config, cli_list folders, cli_list modules)
{
    kida_error err;
    kida_error_init(&err);
    if (config->warn == NULL)
        config->warn = show_warning;
    kida_env *env = kida_env_new_std(config, &err);
    if (env == NULL) {
        cli_show(&err);
        return NULL;
    }
    for (size_t i = 0; i < modules.count; i++) {
        if (load_module(c, env, modules.items[i], &err) != KIDA_OK)
            goto failed;
    }
    for (size_t i = 0; i < folders.count; i++) {
        if (kida_env_add_directory(env, folders.items[i], NULL, &err) != KIDA_OK)
            goto failed;
    }
    return env;
failed:
    cli_show(&err);
    kida_env_free(env);
    return NULL;
}
