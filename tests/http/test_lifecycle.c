/* SPDX-License-Identifier: MIT */
/* test_lifecycle.c - start and end of a server with several workers: hooks, their threads and their
 * failures, and what a signal does under load (acceptance scenarios 6 to 9 and 15). */
#define _GNU_SOURCE
#include "served.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { WORKERS = 4, CLIENTS = 8 };

/* ---- hooks ----------------------------------------------------------------------------------- */

static pthread_mutex_t note_lock = PTHREAD_MUTEX_INITIALIZER;
static char order[200];                  /* guarded by note_lock */
static pthread_t begun[WORKERS];         /* thread of each worker, by index; guarded by note_lock */
static unsigned worker_starts, worker_ends, wrong_threads, values_freed;

static void
note(const char *what)
{
    size_t used = strnlen(order, sizeof(order));
    snprintf(order + used, sizeof(order) - used, "%s ", what);
}

static kida_status
app_hook(chirp_app *app, void *user, kida_error *err)
{
    (void)app;
    (void)err;
    pthread_mutex_lock(&note_lock);
    note(user);
    pthread_mutex_unlock(&note_lock);
    return KIDA_OK;
}

static void
free_value(void *ptr)
{
    const pthread_t *thread = ptr;
    pthread_mutex_lock(&note_lock);
    values_freed++;
    wrong_threads += !pthread_equal(*thread, pthread_self());
    pthread_mutex_unlock(&note_lock);
}

/* First of two: remembers the thread, and keeps a value of it. */
static kida_status
first_worker_hook(chirp_worker *worker, void *user, kida_error *err)
{
    (void)user;
    (void)err;
    uint32_t index = chirp_worker_index(worker);
    pthread_mutex_lock(&note_lock);
    begun[index] = pthread_self();
    worker_starts++;
    pthread_mutex_unlock(&note_lock);
    return chirp_worker_set(worker, "thread", &begun[index], free_value);
}

/* Second: the first has run, on the same thread. Waiting is allowed. */
static kida_status
second_worker_hook(chirp_worker *worker, void *user, kida_error *err)
{
    (void)user;
    (void)err;
    kida_status st = chirp_sleep(NULL, 1);
    const pthread_t *thread = chirp_worker_get(worker, "thread");
    pthread_mutex_lock(&note_lock);
    wrong_threads += !thread || !pthread_equal(*thread, pthread_self());
    worker_starts++;
    pthread_mutex_unlock(&note_lock);
    return st;
}

static kida_status
worker_end_hook(chirp_worker *worker, void *user, kida_error *err)
{
    (void)err;
    const pthread_t *thread = chirp_worker_get(worker, "thread");
    pthread_mutex_lock(&note_lock);
    wrong_threads += !thread || !pthread_equal(*thread, pthread_self());
    worker_ends++;
    if (worker_ends == 2 * WORKERS)
        note(user);
    pthread_mutex_unlock(&note_lock);
    return KIDA_OK;
}

/* "index same": whether the value is that of the thread that answers. */
static chirp_reply *
whose(chirp_request *req, void *user)
{
    (void)user;
    const chirp_worker *worker = chirp_worker_of(req);
    const pthread_t *thread = chirp_worker_get(worker, "thread");
    bool same = thread == &begun[chirp_worker_index(worker)] &&
                pthread_equal(*thread, pthread_self());
    return chirp_reply_textf(req, "worker %u %s\n", (unsigned)chirp_worker_index(worker),
                             same ? "own" : "foreign");
}

static void
open_served(t_served *served)
{
    memset(served, 0, sizeof(*served));
    t_app_init(&served->base);
    served->base.config.port = 0;
    served->base.config.workers = WORKERS;
    t_app_open(&served->base);
    chirp_route(served->base.app, "GET", "/", whose, NULL);
    order[0] = '\0';
    worker_starts = worker_ends = wrong_threads = values_freed = 0;
}

/* Holds: each hook as often, in the order and on the thread that 1.4 and 1.5 say; each request sees
 * the value of its own worker, and values end on that thread. */
static void
scenario_6_and_7_hooks_and_their_workers(void **state)
{
    (void)state;
    static t_served served;
    static char s1[] = "s1", s2[] = "s2", e1[] = "e1", e2[] = "e2", workers[] = "workers";
    open_served(&served);
    chirp_app *app = served.base.app;
    chirp_on_startup(app, app_hook, s1);
    chirp_on_startup(app, app_hook, s2);
    chirp_on_worker_startup(app, first_worker_hook, NULL);
    chirp_on_worker_startup(app, second_worker_hook, NULL);
    chirp_on_worker_shutdown(app, worker_end_hook, workers);
    chirp_on_worker_shutdown(app, worker_end_hook, workers);
    chirp_on_shutdown(app, app_hook, e1);
    chirp_on_shutdown(app, app_hook, e2);
    t_serve(&served);
    assert_int_equal(worker_starts, 2 * WORKERS);
    for (int i = 0; i < 40; i++) {
        char text[1000];
        int fd = t_connect(&served, 0);
        t_send(fd, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        t_read(fd, NULL, text, sizeof(text));
        close(fd);
        if (!strstr(text, " own\n"))
            fail_msg("got [%s]", text);
    }
    t_serve_end(&served);
    assert_string_equal(order, "s1 s2 workers e1 e2 ");
    assert_int_equal(worker_ends, 2 * WORKERS);
    assert_int_equal(values_freed, WORKERS);
    assert_int_equal(wrong_threads, 0);
}

/* ---- hooks that fail ------------------------------------------------------------------------ */

static kida_status
failing_worker_hook(chirp_worker *worker, void *user, kida_error *err)
{
    (void)user;
    if (chirp_worker_index(worker) != 1)
        return KIDA_OK;
    snprintf(err->message, sizeof(err->message), "no resolver");
    return KIDA_E_IO;
}

/* Sends what goes to stderr into a file; the end gives it back. */
typedef struct caught {
    FILE *file;
    int old;
} caught;

static void
catch_stderr(caught *self)
{
    fflush(stderr);
    self->file = tmpfile();
    assert_non_null(self->file);
    self->old = dup(STDERR_FILENO);
    dup2(fileno(self->file), STDERR_FILENO);
}

static void
release_stderr(caught *self, char *text, size_t room)
{
    fflush(stderr);
    dup2(self->old, STDERR_FILENO);
    close(self->old);
    rewind(self->file);
    size_t len = fread(text, 1, room - 1, self->file);
    text[len] = '\0';
    fclose(self->file);
}

/* Holds: a failing worker hook is logged and the worker serves; with the policy nothing does. */
static void
scenario_8_a_worker_hook_fails(void **state)
{
    (void)state;
    static t_served served;
    caught errors;
    char text[4000];
    catch_stderr(&errors);
    open_served(&served);
    chirp_on_worker_startup(served.base.app, first_worker_hook, NULL);
    chirp_on_worker_startup(served.base.app, failing_worker_hook, NULL);
    t_serve(&served);
    int fd = t_connect(&served, 0);
    t_send(fd, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    t_read(fd, NULL, text, sizeof(text));
    close(fd);
    bool answered = strstr(text, " own\n") != NULL;
    t_serve_end(&served);
    release_stderr(&errors, text, sizeof(text));
    assert_true(answered);
    if (!strstr(text, "hook of worker 1 failed: no resolver"))
        fail_msg("logged [%s]", text);

    catch_stderr(&errors);
    open_served(&served);
    chirp_app_free(served.base.app);
    served.base.config.worker_failure_stops = true;
    t_app_open(&served.base);
    chirp_on_worker_startup(served.base.app, failing_worker_hook, NULL);
    kida_error err;
    kida_status st = chirp_run(served.base.app, &err);
    release_stderr(&errors, text, sizeof(text));
    assert_int_equal(st, KIDA_E_IO);
    assert_string_equal(err.message, "no resolver");
    assert_null(strstr(text, "listening"));
    t_app_close(&served.base);
}

/* A hook that waits for something that never comes. */
static kida_status
endless_worker_hook(chirp_worker *worker, void *user, kida_error *err)
{
    (void)worker;
    (void)user;
    (void)err;
    return chirp_sleep(NULL, 600000);
}

/* Holds: startup_timeout ends a hook that waits too long, as a failure. */
static void
row_1_5_a_late_worker_hook_fails(void **state)
{
    (void)state;
    static t_served served;
    memset(&served, 0, sizeof(served));
    t_app_init(&served.base);
    served.base.config.port = 0;
    served.base.config.workers = 1;
    served.base.config.startup_timeout = 20;
    served.base.config.worker_failure_stops = true;
    served.base.config.log_level = CHIRP_LEVEL_ERROR;
    t_app_open(&served.base);
    chirp_on_worker_startup(served.base.app, endless_worker_hook, NULL);
    kida_error err;
    assert_int_equal(chirp_run(served.base.app, &err), KIDA_E_LIMIT_TIME);
    assert_string_equal(err.message, "it took more than 20 ms");
    t_app_close(&served.base);
}

static kida_status
slow_app_hook(chirp_app *app, void *user, kida_error *err)
{
    const struct timespec nap = { 0, 50000000 };
    (void)app;
    (void)user;
    (void)err;
    nanosleep(&nap, NULL);
    return KIDA_OK;
}

static kida_status
failing_app_hook(chirp_app *app, void *user, kida_error *err)
{
    (void)app;
    snprintf(err->message, sizeof(err->message), "%s", (const char *)user);
    return KIDA_E_IO;
}

/* Holds: nothing begins behind a start-up hook that failed, and its cause is told. */
static void
scenario_9_a_start_up_hook_fails(void **state)
{
    (void)state;
    static t_served served;
    static char cause[] = "no database", never[] = "never";
    kida_error err;
    open_served(&served);
    chirp_on_startup(served.base.app, failing_app_hook, cause);
    chirp_on_startup(served.base.app, app_hook, never);
    chirp_on_worker_startup(served.base.app, first_worker_hook, NULL);
    chirp_on_ready(served.base.app, app_hook, never);
    assert_int_equal(chirp_run(served.base.app, &err), KIDA_E_IO);
    assert_string_equal(err.message, "no database");
    assert_int_equal(chirp_port(served.base.app), 0);
    assert_string_equal(order, "");
    assert_int_equal(worker_starts, 0);
    t_app_close(&served.base);

    memset(&served, 0, sizeof(served));
    t_app_init(&served.base);
    served.base.config.startup_timeout = 10;
    t_app_open(&served.base);
    chirp_on_startup(served.base.app, slow_app_hook, NULL);
    assert_int_equal(chirp_run(served.base.app, &err), KIDA_E_LIMIT_TIME);
    assert_string_equal(err.message, "a start-up hook took more than 10 ms");
    t_app_close(&served.base);
}

/* Holds: a port that is taken refuses the start before any hook of a worker runs. */
static void
row_1_7_an_address_in_use(void **state)
{
    (void)state;
    static t_served served, other;
    kida_error err;
    open_served(&served);
    t_serve(&served);
    memset(&other, 0, sizeof(other));
    t_app_init(&other.base);
    other.base.config.port = chirp_port(served.base.app);
    other.base.config.workers = 1;
    t_app_open(&other.base);
    chirp_on_worker_startup(other.base.app, failing_worker_hook, NULL);
    kida_status st = chirp_run(other.base.app, &err);
    t_app_close(&other.base);
    t_serve_end(&served);
    assert_int_equal(st, KIDA_E_IO);
    assert_non_null(strstr(err.message, "in use"));
    print_message("%s (%s)\n", err.message, err.hint);
}

/* ---- a signal under load -------------------------------------------------------------------- */

/* Shared with the process that serves. */
typedef struct shared {
    atomic_uint port;
    atomic_uint handled;    /* requests that reached a handler */
    atomic_uint shut;       /* shutdown hooks that ran */
    atomic_uint answered;   /* whole answers that clients have got */
    atomic_uint broken;     /* parts of answers */
    atomic_bool is_over;    /* clients give up */
} shared;

static shared *both;
static uint32_t child_workers = 2; /* of the next one */

static void
nothing_much(void *arg)
{
    *(int *)arg = 1;
}

static chirp_reply *
load_plain(chirp_request *req, void *user)
{
    (void)user;
    atomic_fetch_add(&both->handled, 1);
    return chirp_reply_text(req, KIDA_S("0123456789"));
}

static chirp_reply *
load_sleep(chirp_request *req, void *user)
{
    (void)user;
    atomic_fetch_add(&both->handled, 1);
    (void)chirp_sleep(req, 3);
    return chirp_reply_text(req, KIDA_S("0123456789"));
}

static chirp_reply *
load_offload(chirp_request *req, void *user)
{
    int done = 0;
    (void)user;
    atomic_fetch_add(&both->handled, 1);
    (void)chirp_offload(req, nothing_much, &done);
    return chirp_reply_text(req, KIDA_S("0123456789"));
}

static chirp_reply *
load_endless(chirp_request *req, void *user)
{
    (void)user;
    atomic_fetch_add(&both->handled, 1);
    (void)chirp_sleep(req, 600000);
    return chirp_reply_text(req, KIDA_S("late"));
}

/* Holds the worker's thread, as bad handlers do, until the server has been told to stop. */
static chirp_reply *
hold_until_stop(chirp_request *req, void *user)
{
    const struct timespec nap = { 0, 2000000 };
    (void)user;
    atomic_fetch_add(&both->handled, 1);
    while (chirp_port(chirp_app_of(req)) != 0)
        nanosleep(&nap, NULL);
    for (int i = 0; i < 10; i++) /* the word goes to the worker right behind that */
        nanosleep(&nap, NULL);
    return chirp_reply_text(req, KIDA_S("0123456789"));
}

/* Holds it for longer than idle connections get when a worker stops. */
static chirp_reply *
hold_a_while(chirp_request *req, void *user)
{
    const struct timespec nap = { 0, 150000000 };
    (void)user;
    atomic_fetch_add(&both->handled, 1);
    nanosleep(&nap, NULL);
    return chirp_reply_text(req, KIDA_S("0123456789"));
}

static kida_status
tell_port(chirp_app *app, void *user, kida_error *err)
{
    (void)user;
    (void)err;
    atomic_store(&both->port, chirp_port(app));
    return KIDA_OK;
}

static kida_status
tell_shutdown(chirp_app *app, void *user, kida_error *err)
{
    (void)app;
    (void)user;
    (void)err;
    atomic_fetch_add(&both->shut, 1);
    return KIDA_OK;
}

/* The serving process; its exit code is that of a program that ends as chirp_run does. */
static int
child(void)
{
    chirp_config config;
    kida_error err;
    chirp_config_init(&config);
    config.port = 0;
    config.workers = child_workers;
    config.access_log = false;
    config.template_dir = "";
    config.handler_timeout = 3600000;
    config.keep_alive_timeout = 3600000;
    chirp_app *app = chirp_app_new(&config, &err);
    if (!app)
        return 2;
    chirp_route(app, "GET", "/plain", load_plain, NULL);
    chirp_route(app, "GET", "/sleep", load_sleep, NULL);
    chirp_route(app, "GET", "/offload", load_offload, NULL);
    chirp_route(app, "GET", "/endless", load_endless, NULL);
    chirp_route(app, "GET", "/hold", hold_until_stop, NULL);
    chirp_route(app, "GET", "/while", hold_a_while, NULL);
    chirp_on_ready(app, tell_port, NULL);
    chirp_on_shutdown(app, tell_shutdown, NULL);
    kida_status st = chirp_run(app, &err);
    chirp_app_free(app);
    return st == KIDA_OK ? 0 : 3;
}

static bool
reaches(atomic_uint *number, unsigned want)
{
    const struct timespec nap = { 0, 1000000 };
    for (int i = 0; i < 30000 && atomic_load(number) < want; i++)
        nanosleep(&nap, NULL);
    return atomic_load(number) >= want;
}

static pid_t
start_child(void)
{
    both = mmap(NULL, sizeof(*both), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(both != MAP_FAILED);
    fflush(stdout);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(child());
    assert_true(reaches(&both->port, 1));
    return pid;
}

/* -1 when nobody listens any more. */
static int
try_connect(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)atomic_load(&both->port)) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* One request and its answer; false when the connection has ended. */
static bool
exchange(int fd, const char *request, bool *closes)
{
    char text[1000];
    if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
        return false;
    size_t len = t_read(fd, "\r\n\r\n0123456789", text, sizeof(text));
    if (strstr(text, "\r\n\r\n0123456789"))
        atomic_fetch_add(&both->answered, 1);
    else if (len > 0)
        atomic_fetch_add(&both->broken, 1);
    *closes = strstr(text, "connection: close") != NULL;
    return strstr(text, "\r\n\r\n0123456789") != NULL;
}

static void *
load(void *arg)
{
    static const char *const requests[] = { "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n",
                                            "GET /sleep HTTP/1.1\r\nHost: a\r\n\r\n",
                                            "GET /offload HTTP/1.1\r\nHost: a\r\n\r\n" };
    size_t turn = (size_t)(uintptr_t)arg;
    while (!atomic_load(&both->is_over)) {
        int fd = try_connect();
        if (fd < 0)
            break;
        bool closes = false;
        for (int i = 0; i < 50 && !closes; i++) {
            if (!exchange(fd, requests[turn++ % T_COUNT(requests)], &closes))
                break;
        }
        close(fd);
    }
    return NULL;
}

static int
exit_code(pid_t pid)
{
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* Holds: every request that reached a handler is answered whole, though SIGTERM comes in between;
 * the hooks run; exit 0. */
static void
scenario_15_no_accepted_request_is_lost(void **state)
{
    (void)state;
    pthread_t threads[CLIENTS];
    pid_t pid = start_child();
    for (uintptr_t i = 0; i < CLIENTS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, load, (void *)i), 0);
    assert_true(reaches(&both->answered, 400));
    assert_int_equal(kill(pid, SIGTERM), 0);
    int code = exit_code(pid);
    atomic_store(&both->is_over, true);
    for (size_t i = 0; i < CLIENTS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(code, 0);
    assert_int_equal(atomic_load(&both->broken), 0);
    assert_int_equal(atomic_load(&both->answered), atomic_load(&both->handled));
    assert_int_equal(atomic_load(&both->shut), 1);
    munmap(both, sizeof(*both));
}

/* Holds: LC-1: a client that has connected and written before the signal gets a whole answer: on a
 * new connection that the worker had no time to accept, and on one that was idle. Could break: the
 * worker looks for idle connections before it reads what came while a handler held its thread. */
static void
scenario_15_what_was_sent_before_the_signal_is_answered(void **state)
{
    enum { EACH = 30 };
    static const char plain[] = "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n";
    int fds[2 * EACH], holder, slow;
    bool closes;
    (void)state;
    child_workers = 1;
    pid_t pid = start_child();
    child_workers = 2;
    holder = try_connect();
    slow = try_connect();
    assert_true(holder >= 0 && slow >= 0);
    assert_true(exchange(slow, plain, &closes));
    for (int i = 0; i < EACH; i++) { /* idle ones, known to the worker */
        fds[i] = try_connect();
        assert_true(fds[i] >= 0 && exchange(fds[i], plain, &closes) && !closes);
    }
    t_send(holder, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(reaches(&both->handled, EACH + 2));
    t_send(slow, "GET /while HTTP/1.1\r\nHost: a\r\n\r\n");
    for (int i = EACH; i < 2 * EACH; i++)
        assert_true((fds[i] = try_connect()) >= 0);
    for (int i = 0; i < 2 * EACH; i++)
        t_send(fds[i], plain);
    assert_int_equal(kill(pid, SIGTERM), 0);
    for (int i = 0; i < 2 * EACH; i++) {
        char text[1000];
        t_read(fds[i], "\r\n\r\n0123456789", text, sizeof(text));
        if (!strstr(text, "\r\n\r\n0123456789"))
            fail_msg("%s connection %d got [%s]", i < EACH ? "idle" : "new", i, text);
        close(fds[i]);
    }
    close(holder);
    close(slow);
    assert_int_equal(exit_code(pid), 0);
    munmap(both, sizeof(*both));
}

/* Holds: LC-1: who asks twice is obeyed at once. */
static void
scenario_15_a_second_signal_ends_at_once(void **state)
{
    (void)state;
    const struct timespec nap = { 0, 1000000 };
    pid_t pid = start_child();
    int fd = try_connect(), other;
    assert_true(fd >= 0);
    t_send(fd, "GET /endless HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(reaches(&both->handled, 1));
    assert_int_equal(kill(pid, SIGTERM), 0);
    /* It has seen the first one when it refuses connections. */
    for (int i = 0; i < 30000 && (other = try_connect()) >= 0; i++) {
        close(other);
        nanosleep(&nap, NULL);
    }
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(exit_code(pid), 1);
    close(fd);
    munmap(both, sizeof(*both));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenario_15_no_accepted_request_is_lost),
        cmocka_unit_test(scenario_15_what_was_sent_before_the_signal_is_answered),
        cmocka_unit_test(scenario_15_a_second_signal_ends_at_once),
        cmocka_unit_test(scenario_6_and_7_hooks_and_their_workers),
        cmocka_unit_test(scenario_8_a_worker_hook_fails),
        cmocka_unit_test(row_1_5_a_late_worker_hook_fails),
        cmocka_unit_test(scenario_9_a_start_up_hook_fails),
        cmocka_unit_test(row_1_7_an_address_in_use),
    };
    return cmocka_run_group_tests_name("http/lifecycle", tests, NULL, NULL);
}
