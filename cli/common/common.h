/* SPDX-License-Identifier: MIT */
/* common.h - what the commands share: options, messages, files. */
#ifndef CLI_COMMON_H
#define CLI_COMMON_H

#include <stdio.h>

#include <kida/kida.h>

#define CLI_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Exit codes. */
enum {
    CLI_DONE = 0,
    CLI_FAILED = 1, /* the template failed, there are findings, the output can't be written */
    CLI_USAGE = 2   /* the call or what it names is wrong */
};

/* One run of one command. */
typedef struct cli {
    const char *program; /* "kida" */
    const char *command; /* for messages */
    kida_pool *pool;     /* lives until the program ends */
} cli;

/* ---- messages (say.c) ------------------------------------------------------------------------ */

/* "kida render: …" on stderr: program and command. */
void cli_say(const cli *c, const char *format, ...) KIDA_PRINTF(2, 3);
/* As cli_say, with a line that tells where help is; returns CLI_USAGE. */
int cli_misuse(const cli *c, const char *format, ...) KIDA_PRINTF(2, 3);
/* An error in full, with excerpt, on stderr; in colours on a terminal. */
void cli_show(const kida_error *err);
bool cli_is_colored(FILE *file);
/* Text in quotes, as JSON wants it. */
void cli_json_text(FILE *out, const char *text);
/* Formatted text in the pool. */
const char *cli_format(cli *c, const char *format, ...) KIDA_PRINTF(2, 3);
/* Memory in the pool; ends the program when there is none. */
void *cli_alloc(cli *c, size_t size);

/* The nearest of names, if it is near enough to be meant. */
typedef struct cli_nearest {
    const char *wanted;
    const char *best; /* NULL: none */
    size_t distance;
} cli_nearest;

void cli_nearest_offer(cli_nearest *n, const char *name);

/* ---- options (args.c) ------------------------------------------------------------------------ */

typedef struct cli_list {
    const char **items;
    size_t count;
} cli_list;

typedef enum cli_kind {
    CLI_FLAG,   /* target: bool */
    CLI_TEXT,   /* target: const char * */
    CLI_LIST,   /* target: cli_list; may be repeated */
    CLI_NUMBER, /* target: double; between least and most */
    CLI_CHOICE  /* target: int, the number of the word in value: "one|two|three" */
} cli_kind;

typedef struct cli_option {
    const char *name; /* without dashes; NULL ends the list */
    char letter;      /* 0: none */
    cli_kind kind;
    void *target;
    const char *value; /* what stands for the value in the help text */
    const char *help;
    double least, most;
} cli_option;

/* What a command takes beside its options, and what it is for. */
typedef struct cli_usage {
    const char *arguments; /* "FILE", "PATH…" */
    size_t least, most;    /* how many; most 0: any number */
    const char *help;      /* some lines, ended by a line break */
    const char *examples;  /* likewise; may be NULL */
} cli_usage;

/* Reads options and arguments. True: go on; false: end with *exit_code (help, misuse). */
bool cli_parse(cli *c, const cli_usage *usage, const cli_option *options, int argc, char **argv,
               cli_list *arguments, int *exit_code);

/* ---- files (files.c) ------------------------------------------------------------------------- */

/* The whole file, or standard input for "-", in the pool; false, with a message, if it can't be. */
bool cli_read(cli *c, const char *path, kida_str *out);
/* Replaces a file as a whole, keeping its permissions; "-" or NULL is standard output. */
bool cli_write(cli *c, const char *path, kida_str text);
bool cli_is_folder(const char *path);
bool cli_is_file(const char *path);
/* Templates (*.html, *.kida) below a folder, as sorted paths relative to it. */
bool cli_find_templates(cli *c, const char *folder, cli_list *out);
const char *cli_join(cli *c, const char *folder, const char *name);

/* ---- programs (program.c) -------------------------------------------------------------------- */

typedef struct cli_command {
    const char *name;
    int (*run)(cli *c, int argc, char **argv);
    const char *summary;
} cli_command;

/* A program: its commands, ended by a NULL name; help and version are added. */
typedef struct cli_program {
    const char *name;
    const cli_command *commands;
    const char *exit_codes; /* a line for the help text */
    bool help_alone;        /* without a command: help and success, not wrong use */
} cli_program;

int cli_main(const cli_program *program, int argc, char **argv);

#endif
