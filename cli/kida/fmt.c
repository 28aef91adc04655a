/* SPDX-License-Identifier: MIT */
/* fmt.c - `kida fmt`: lays templates out in place, or says which ones need it. */
#include "cli.h"
#include "layout.h"

#include <string.h>

#define OUTPUT_MAX ((size_t)256 << 20)

typedef struct formatter {
    cli *c;
    size_t step;
    bool check_only;
    size_t changed, same, failed;
} formatter;

static bool
equal(kida_str a, kida_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static void
take_result(formatter *f, const char *path, kida_str old, kida_str new)
{
    bool standard = strcmp(path, "-") == 0;
    if (standard && !f->check_only) {
        f->failed += cli_write(f->c, path, new) ? 0 : 1;
        return;
    }
    if (equal(old, new)) {
        f->same++;
        return;
    }
    if (!f->check_only && !cli_write(f->c, path, new)) {
        f->failed++;
        return;
    }
    printf("%s %s\n", f->check_only ? "would reformat" : "reformatted",
           standard ? "<standard input>" : path);
    f->changed++;
}

static void
format_file(formatter *f, const char *path)
{
    kida_str old;
    if (!cli_read(f->c, path, &old)) {
        f->failed++;
        return;
    }
    if (!kida_utf8_valid(old)) {
        cli_say(f->c, "%s is not valid UTF-8", path);
        f->failed++;
        return;
    }
    kida_buf out;
    kida_buf_init_heap(&out, NULL, OUTPUT_MAX);
    if (layout(old, f->step, &out) == KIDA_OK) {
        take_result(f, path, old, kida_buf_str(&out));
    } else {
        cli_say(f->c, "%s is too large", path);
        f->failed++;
    }
    kida_buf_free(&out);
}

static void
format_path(formatter *f, const char *path)
{
    if (strcmp(path, "-") == 0 || cli_is_file(path)) {
        format_file(f, path);
    } else if (cli_is_folder(path)) {
        cli_list found = { NULL, 0 };
        f->failed += cli_find_templates(f->c, path, &found) ? 0 : 1;
        for (size_t i = 0; i < found.count; i++)
            format_file(f, cli_join(f->c, path, found.items[i]));
    } else {
        /* by section 13.3 a missing path does not count */
        cli_say(f->c, "there is no file '%s'", path);
    }
}

static const cli_usage usage = {
    "PATH…",
    1,
    0,
    "Indents templates after their statements and tidies the blanks inside tags. A folder stands\n"
    "for all *.html and *.kida below it, - for standard input.\n",
    "  kida fmt templates\n"
    "  kida fmt --check templates && echo fine\n"
    "  kida fmt - <page.html >tidy.html\n",
};

int
cli_fmt(cli *c, int argc, char **argv)
{
    double step = 2;
    formatter f = { c, 0, false, 0, 0, 0 };
    const cli_option options[] = {
        { "check", 0, CLI_FLAG, &f.check_only, "", "change nothing; exit code 1 if something would",
          0, 0 },
        { "indent", 0, CLI_NUMBER, &step, "N", "blanks for each level (default 2)", 0, 16 },
        { NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0 },
    };
    cli_list paths = { NULL, 0 };
    int code;
    if (!cli_parse(c, &usage, options, argc, argv, &paths, &code))
        return code;
    f.step = (size_t)step;
    for (size_t i = 0; i < paths.count; i++)
        format_path(&f, paths.items[i]);
    if (f.changed + f.same > 0)
        printf("%zu file%s %s, %zu unchanged\n", f.changed, f.changed == 1 ? "" : "s",
               f.check_only ? "would be reformatted" : "reformatted", f.same);
    if (f.failed > 0)
        return CLI_FAILED;
    return f.check_only && f.changed > 0 ? CLI_FAILED : CLI_DONE;
}
