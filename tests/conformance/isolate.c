/* SPDX-License-Identifier: MIT */
/* isolate.c - a process per case: a crash or a hang is the failure of that case alone. */
#define _GNU_SOURCE
#include "runner.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS_MAX = 20 };

static const conf_case *current; /* for the reports of crashes */

static void
send_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t sent = write(fd, data, len);
        if (sent < 0 && errno != EINTR)
            return;
        if (sent > 0) {
            data += sent;
            len -= (size_t)sent;
        }
    }
}

static void
receive_all(int fd, conf_result *result)
{
    size_t room = sizeof(result->detail) - 1;

    result->len = 0;
    while (result->len < room) {
        ssize_t got = read(fd, result->detail + result->len, room - result->len);
        if (got == 0 || (got < 0 && errno != EINTR))
            break;
        if (got > 0)
            result->len += (size_t)got;
    }
    result->detail[result->len] = '\0';
}

void
conf_run_isolated(const conf_case *item, const conf_options *options, conf_result *result)
{
    int ends[2];
    int status = 0;

    fflush(stdout);
    if (pipe(ends) != 0) {
        conf_run(item, options, result);
        return;
    }
    pid_t child = fork();
    if (child == 0) {
        current = NULL; /* the parent tells */
        close(ends[0]);
        alarm(SECONDS_MAX);
        conf_run(item, options, result);
        send_all(ends[1], result->detail, result->len);
        _exit(result->passed ? 0 : 1);
    }
    close(ends[1]);
    result->passed = false;
    receive_all(ends[0], result);
    close(ends[0]);
    if (child < 0) {
        conf_note(result, "    no process: %s\n", strerror(errno));
        return;
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        conf_note(result, "    still running after %d seconds\n", SECONDS_MAX);
    else if (WIFSIGNALED(status))
        conf_note(result, "    crashed: SIG%s\n", sigabbrev_np(WTERMSIG(status)));
    else
        result->passed = WEXITSTATUS(status) == 0;
}

/* Defined by the sanitizers' run-time libraries, otherwise absent. */
extern void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void
name_current(void)
{
    if (current != NULL)
        fprintf(stderr, "\nthe case was %.*s\n", (int)current->id.len, current->id.ptr);
}

/* Without a sanitizer nobody else says anything. */
static void
name_and_die(int number)
{
    name_current(); /* not safe in a handler, but all is lost anyway */
    signal(number, SIG_DFL);
    raise(number);
}

void
conf_announce(const conf_case *item)
{
    if (current == NULL && __sanitizer_set_death_callback != NULL) {
        __sanitizer_set_death_callback(name_current);
    } else if (current == NULL) {
        signal(SIGSEGV, name_and_die);
        signal(SIGBUS, name_and_die);
        signal(SIGFPE, name_and_die);
        signal(SIGABRT, name_and_die);
    }
    current = item;
}
