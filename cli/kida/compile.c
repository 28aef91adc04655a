/* SPDX-License-Identifier: MIT */
/* compile.c - `kida compile`: whether a template compiles, and to what. */
#include "cli.h"

#define DUMP_MAX ((size_t)256 << 20)

static const cli_usage usage = {
    "FILE",
    1,
    1,
    "Compiles the template FILE. Says nothing when all is well; with --dump, prints the\n"
    "bytecode.\n",
    "  kida compile page.html\n"
    "  kida compile page.html --dump\n"
    "  kida compile page.html --dump --no-optimize\n",
};

static int
dump(cli *c, const kida_template *tpl, const char *output)
{
    kida_buf out;
    int code = CLI_FAILED;
    kida_buf_init_heap(&out, NULL, DUMP_MAX);
    if (kida_template_dump(tpl, &out) != KIDA_OK)
        cli_say(c, "out of memory");
    else if (cli_write(c, output, kida_buf_str(&out)))
        code = CLI_DONE;
    kida_buf_free(&out);
    return code;
}

int
cli_compile(cli *c, int argc, char **argv)
{
    bool show = false, plain = false;
    const char *output = NULL;
    cli_list folders = { NULL, 0 }, modules = { NULL, 0 }, files = { NULL, 0 };
    const cli_option options[] = {
        { "dump", 0, CLI_FLAG, &show, "", "print the bytecode listing", 0, 0 },
        { "no-optimize", 0, CLI_FLAG, &plain, "", "leave folding, merging and fusing out", 0, 0 },
        { "template-dir", 't', CLI_LIST, &folders, "DIR",
          "look FILE up in DIR (may be repeated)", 0, 0 },
        { "module", 'm', CLI_LIST, &modules, "M.so",
          "load filters from a module, or `markdown` (repeatable)", 0, 0 },
        { "output", 'o', CLI_TEXT, &output, "FILE", "write to FILE instead of standard output", 0,
          0 },
        { NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0 },
    };
    cli_place place;
    kida_config config;
    kida_error err;
    int code;

    if (!cli_parse(c, &usage, options, argc, argv, &files, &code))
        return code;
    if (!cli_locate(c, files.items[0], folders, &place))
        return CLI_USAGE;
    kida_config_init(&config);
    config.optimize = !plain;
    kida_env *env = cli_env(c, &config, place.folders, modules);
    if (env == NULL)
        return CLI_USAGE;

    kida_error_init(&err);
    kida_template *tpl = kida_env_get(env, kida_str_from(place.name), &err);
    if (tpl == NULL) {
        cli_show(&err);
        code = CLI_FAILED;
    } else {
        code = show ? dump(c, tpl, output) : CLI_DONE;
    }
    kida_template_drop(tpl);
    kida_env_free(env);
    return code;
}
