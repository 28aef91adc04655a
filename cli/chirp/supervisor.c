/* SPDX-License-Identifier: MIT */
/* supervisor.c - development: holds the listening socket, watches files, builds, and lets a new
 * process take over when it is ready. It loads no app and makes no thread. */
#define _GNU_SOURCE
#include "chirp_cli.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define POLL_MS 150
#define READY_MS 30000
#define HANDOVER_MS 60

typedef struct supervisor {
    cli *c;
    chirp_config *config;
    const dev_options *options;
    watch *watch;
    unsigned *generation; /* shared with the children */
    pid_t child;          /* that serves; 0: none */
} supervisor;

static volatile sig_atomic_t is_stopping;

static void
on_stop(int number)
{
    (void)number;
    is_stopping = 1;
}

static void
say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("chirp: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

/* ---- the socket ------------------------------------------------------------------------------ */

static int
open_socket(const struct addrinfo *at)
{
    int one = 1;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
        bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, 1024) == 0)
        return fd;
    int reason = errno;
    close(fd);
    errno = reason;
    return -1;
}

static bool
bind_socket(supervisor *s)
{
    const char *port = cli_format(s->c, "%u", (unsigned)s->config->port);
    struct addrinfo hints, *found = NULL;
    memset(&hints, 0, sizeof(hints));
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV | AI_PASSIVE;
    int status = getaddrinfo(s->config->host, port, &hints, &found);
    if (status != 0) {
        cli_say(s->c, "'%s' is no address: %s", s->config->host, gai_strerror(status));
        return false;
    }
    s->config->listen_fd = open_socket(found);
    int reason = errno;
    freeaddrinfo(found);
    if (s->config->listen_fd >= 0)
        return true;
    fprintf(stderr, "Error: can't listen on %s:%s: %s\n", s->config->host, port, strerror(reason));
    if (reason == EADDRINUSE)
        fprintf(stderr, "  Hint: end the other process, or add --port %u\n",
                (unsigned)s->config->port + 1);
    return false;
}

/* ---- the process that serves ----------------------------------------------------------------- */

static kida_status
on_ready(chirp_app *app, void *user, kida_error *err)
{
    const int *pipe_end = user;
    ssize_t done = write(*pipe_end, "r", 1);
    (void)app;
    (void)err;
    (void)done;
    return KIDA_OK;
}

static void
on_issue(void *arg, const chirp_issue *issue)
{
    (void)arg;
    if (issue->severity == KIDA_SEVERITY_INFO)
        return;
    fprintf(stderr, "  %s %s: %s", issue->severity == KIDA_SEVERITY_ERROR ? "✗" : "▲", issue->rule,
            issue->message);
    if (issue->file.len > 0)
        fprintf(stderr, " (%.*s:%u)", (int)issue->file.len, issue->file.ptr,
                (unsigned)issue->line);
    fputc('\n', stderr);
}

static int
child_main(supervisor *s, int pipe_end)
{
    kida_error err;
    kida_error_init(&err);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    chirp_config config = *s->config;
    config.skip_contract_checks = true; /* they are told below, and don't keep it from serving */
    chirp_app *app = app_load(s->c, s->options->module, &config);
    if (app == NULL)
        return CLI_FAILED;
    (void)chirp_on_ready(app, on_ready, &pipe_end);
    kida_status st = KIDA_E_USAGE;
    if (dev_attach(s->c, app, s->generation)) {
        st = chirp_app_freeze(app, &err);
        if (st == KIDA_OK && !s->config->skip_contract_checks)
            st = chirp_check(app, on_issue, NULL, NULL, &err);
        if (st == KIDA_OK)
            st = chirp_run(app, &err);
        if (st != KIDA_OK)
            cli_show(&err);
    }
    chirp_app_free(app);
    return st == KIDA_OK ? CLI_DONE : CLI_FAILED;
}

static pid_t
spawn(supervisor *s, int *ready)
{
    int ends[2];
    fflush(NULL);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        _exit(child_main(s, ends[1]));
    }
    close(ends[1]);
    *ready = ends[0];
    if (child < 0)
        close(ends[0]);
    return child;
}

/* Starts a new process and lets it take over; the old one finishes what it has begun. A process
 * that does not become ready changes nothing. */
static bool
take_over(supervisor *s)
{
    int ready;
    pid_t next = spawn(s, &ready);
    if (next < 0) {
        say("can't start a process: %s", strerror(errno));
        return false;
    }
    struct pollfd waiting = { ready, POLLIN, 0 };
    char byte;
    int got;
    do {
        got = poll(&waiting, 1, READY_MS);
    } while (got < 0 && errno == EINTR && !is_stopping);
    bool is_ready = got > 0 && read(ready, &byte, 1) == 1;
    close(ready);
    if (!is_ready) {
        kill(next, SIGTERM);
        say(s->child > 0 ? "the new app did not start: the old one goes on"
                         : "the app did not start: mend it, and it is tried again");
        return false;
    }
    if (s->child > 0) {
        kill(s->child, SIGTERM);
        /* Pages are told when the old one accepts no more. */
        poll(NULL, 0, HANDOVER_MS);
    }
    s->child = next;
    __atomic_add_fetch(s->generation, 1, __ATOMIC_RELEASE);
    return true;
}

/* ---- the loop -------------------------------------------------------------------------------- */

static bool
build(const supervisor *s)
{
    if (s->options->build == NULL)
        return true;
    int status = system(s->options->build);
    if (status == 0)
        return true;
    say("the build failed: %s", s->options->build);
    return false;
}

static void
reap(supervisor *s)
{
    int status;
    for (pid_t ended; (ended = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (ended != s->child)
            continue;
        s->child = 0;
        if (WIFSIGNALED(status))
            say("the app was ended by signal %d (%s); it starts anew with the next change",
                WTERMSIG(status), strsignal(WTERMSIG(status)));
        else
            say("the app has ended with %d; it starts anew with the next change",
                WEXITSTATUS(status));
    }
}

static void
react(supervisor *s, int changed)
{
    if ((changed & WATCH_CODE) != 0 && s->options->build != NULL) {
        say("sources have changed: building");
        if (!build(s))
            return;
        changed |= watch_poll(s->watch);
    }
    bool has_died = s->child == 0;
    if ((changed & WATCH_MODULE) != 0 || (has_died && changed != WATCH_NONE)) {
        if (take_over(s))
            say("reloaded");
    } else if ((changed & WATCH_PAGES) != 0) {
        __atomic_add_fetch(s->generation, 1, __ATOMIC_RELEASE);
    }
}

static void
watch_all(supervisor *s)
{
    watch_add(s->watch, s->options->module, WATCH_MODULE);
    watch_add(s->watch, ".", WATCH_CODE);
    for (size_t i = 0; i < s->options->watch.count; i++)
        watch_add(s->watch, s->options->watch.items[i], WATCH_CODE);
    watch_add(s->watch, s->config->template_dir, WATCH_PAGES);
    watch_add(s->watch, s->config->static_dir, WATCH_PAGES);
    watch_add(s->watch, "pages", WATCH_PAGES);
    const char *const *dir = s->config->component_dirs;
    for (; dir != NULL && *dir != NULL; dir++)
        watch_add(s->watch, *dir, WATCH_PAGES);
}

static void
stop_child(supervisor *s)
{
    if (s->child > 0)
        kill(s->child, SIGTERM);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
        continue;
}

int
dev_serve(cli *c, chirp_config *config, const dev_options *options)
{
    supervisor s = { c, config, options, watch_new(c), NULL, 0 };
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = on_stop;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    void *shared = mmap(NULL, sizeof(unsigned), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                        -1, 0);
    if (shared == MAP_FAILED) {
        cli_say(c, "no shared memory: %s", strerror(errno));
        return CLI_FAILED;
    }
    s.generation = shared;
    if (!bind_socket(&s))
        return CLI_FAILED;
    bool built = build(&s);
    watch_all(&s);
    if (built && !is_stopping)
        (void)take_over(&s);
    int pending = WATCH_NONE;
    while (!is_stopping) {
        poll(NULL, 0, POLL_MS);
        reap(&s);
        /* A file that is still being written shows another change at the next look. */
        int changed = watch_poll(s.watch);
        if (changed == WATCH_NONE && pending != WATCH_NONE)
            react(&s, pending);
        pending = changed == WATCH_NONE ? WATCH_NONE : pending | changed;
    }
    stop_child(&s);
    close(config->listen_fd);
    return CLI_DONE;
}
