/* SPDX-License-Identifier: MIT */
/* faults.h - system calls that fail on purpose (robustness ME-4 and section 14). The calls below
 * stand before those of the C library, for the library under test and libuv alike; a plan says
 * which one fails, at which occurrence, and how. Threads of the test itself are spared. Included by
 * one file. */
#ifndef T_HTTP_FAULTS_H
#define T_HTTP_FAULTS_H

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* Name in plans, and the kind of descriptor that counts: s socket, f file, * any. */
#define T_CALLS(X)                                                                                 \
    X(accept4) X(read_socket) X(write_socket) X(read_file) X(write_file) X(writev) X(shutdown)     \
    X(epoll_ctl) X(epoll_wait) X(open) X(openat) X(fstat) X(pread) X(preadv2) X(getpeername)       \
    X(setsockopt) X(mmap) X(mprotect) X(socket) X(bind) X(listen) X(getsockname)                   \
    X(epoll_create1) X(eventfd) X(pthread_create) X(openat2)

typedef enum t_call {
#define X(name) T_CALL_##name,
    T_CALLS(X)
#undef X
    T_CALL_COUNT
} t_call;

static const char *const t_call_names[T_CALL_COUNT] = {
#define X(name) #name,
    T_CALLS(X)
#undef X
};

static struct {
    int call;     /* -1: none */
    int error;    /* 0: the call takes one byte instead */
    long left;    /* occurrences until it fails */
    bool for_all; /* it goes on failing from then on */
    bool was_hit;
} t_plan = { .call = -1 };

static _Thread_local bool t_is_spared;

static void
t_fault(t_call call, int error, long at, bool for_all)
{
    __atomic_store_n(&t_plan.call, -1, __ATOMIC_SEQ_CST);
    t_plan.error = error;
    t_plan.for_all = for_all;
    __atomic_store_n(&t_plan.left, at, __ATOMIC_SEQ_CST);
    __atomic_store_n(&t_plan.was_hit, false, __ATOMIC_SEQ_CST);
    __atomic_store_n(&t_plan.call, (int)call, __ATOMIC_SEQ_CST);
}

/* Ends the plan; whether the call came to that occurrence. */
static bool
t_fault_end(void)
{
    __atomic_store_n(&t_plan.call, -1, __ATOMIC_SEQ_CST);
    return __atomic_load_n(&t_plan.was_hit, __ATOMIC_SEQ_CST);
}

static bool
t_fails(t_call call)
{
    if (t_is_spared || __atomic_load_n(&t_plan.call, __ATOMIC_SEQ_CST) != (int)call)
        return false;
    long left = __atomic_sub_fetch(&t_plan.left, 1, __ATOMIC_SEQ_CST);
    if (left > 0 || (left < 0 && !t_plan.for_all))
        return false;
    __atomic_store_n(&t_plan.was_hit, true, __ATOMIC_SEQ_CST);
    errno = t_plan.error;
    return true;
}

static void *
t_next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

/* The function behind ours, of the same type. */
#define T_NEXT(name)                                                                               \
    static __typeof__(&name) next;                                                                 \
    __typeof__(&name) real = __atomic_load_n(&next, __ATOMIC_RELAXED);                             \
    if (!real) {                                                                                   \
        *(void **)(void *)&real = t_next(#name);                                                   \
        __atomic_store_n(&next, real, __ATOMIC_RELAXED);                                           \
    }

static bool
t_is_kind(int fd, mode_t kind)
{
    struct stat about;
    return fstatat(fd, "", &about, AT_EMPTY_PATH) == 0 && (about.st_mode & S_IFMT) == kind;
}

/* Which plan a read or write belongs to; T_CALL_COUNT: none. Those of libuv's own events do not
 * fail in any kernel. */
static t_call
t_kind_of(int fd, t_call of_socket, t_call of_file)
{
    int call = __atomic_load_n(&t_plan.call, __ATOMIC_SEQ_CST);
    if (call == (int)of_socket && t_is_kind(fd, S_IFSOCK))
        return of_socket;
    if (call == (int)of_file && t_is_kind(fd, S_IFREG))
        return of_file;
    return T_CALL_COUNT;
}

/* Seen by shared libraries too. */
#pragma GCC visibility push(default)

ssize_t
read(int fd, void *into, size_t len)
{
    T_NEXT(read)
    t_call call = t_kind_of(fd, T_CALL_read_socket, T_CALL_read_file);
    if (call != T_CALL_COUNT && t_fails(call)) {
        if (t_plan.error != 0)
            return -1;
        len = len > 1 ? 1 : len;
    }
    return real(fd, into, len);
}

ssize_t
write(int fd, const void *from, size_t len)
{
    T_NEXT(write)
    t_call call = t_kind_of(fd, T_CALL_write_socket, T_CALL_write_file);
    if (call != T_CALL_COUNT && t_fails(call)) {
        if (t_plan.error != 0)
            return -1;
        len = len > 1 ? 1 : len;
    }
    return real(fd, from, len);
}

ssize_t
writev(int fd, const struct iovec *parts, int count)
{
    T_NEXT(writev)
    if (t_fails(T_CALL_writev)) {
        if (t_plan.error != 0)
            return -1;
        struct iovec first = { parts[0].iov_base, parts[0].iov_len > 1 ? 1 : parts[0].iov_len };
        return real(fd, &first, 1);
    }
    return real(fd, parts, count);
}

ssize_t
pread(int fd, void *into, size_t len, off_t at)
{
    T_NEXT(pread)
    if (t_fails(T_CALL_pread)) {
        if (t_plan.error != 0)
            return -1;
        len = len > 1 ? 1 : len;
    }
    return real(fd, into, len, at);
}

ssize_t
preadv2(int fd, const struct iovec *parts, int count, off_t at, int flags)
{
    T_NEXT(preadv2)
    if (t_fails(T_CALL_preadv2)) {
        if (t_plan.error != 0)
            return -1;
        struct iovec first = { parts[0].iov_base, parts[0].iov_len > 1 ? 1 : parts[0].iov_len };
        return real(fd, &first, 1, at, flags);
    }
    return real(fd, parts, count, at, flags);
}

/* Calls without anything to shorten. */
#define T_WRAP(type, failure, name, parameters, arguments)                                         \
    type name parameters                                                                           \
    {                                                                                              \
        T_NEXT(name)                                                                               \
        return t_fails(T_CALL_##name) ? failure : real arguments;                                  \
    }

T_WRAP(int, -1, accept4, (int fd, __SOCKADDR_ARG address, socklen_t *len, int flags),
       (fd, address, len, flags))
T_WRAP(int, -1, shutdown, (int fd, int how), (fd, how))
T_WRAP(int, -1, fstat, (int fd, struct stat *about), (fd, about))
T_WRAP(int, -1, getpeername, (int fd, __SOCKADDR_ARG address, socklen_t *len), (fd, address, len))
T_WRAP(int, -1, getsockname, (int fd, __SOCKADDR_ARG address, socklen_t *len), (fd, address, len))
T_WRAP(int, -1, setsockopt, (int fd, int level, int name, const void *value, socklen_t len),
       (fd, level, name, value, len))
T_WRAP(int, -1, mprotect, (void *at, size_t len, int access), (at, len, access))
T_WRAP(int, -1, socket, (int family, int type, int protocol), (family, type, protocol))
T_WRAP(int, -1, bind, (int fd, __CONST_SOCKADDR_ARG address, socklen_t len), (fd, address, len))
T_WRAP(int, -1, listen, (int fd, int backlog), (fd, backlog))
T_WRAP(int, -1, epoll_create1, (int flags), (flags))
T_WRAP(int, -1, eventfd, (unsigned start, int flags), (start, flags))
T_WRAP(int, t_plan.error, pthread_create,
       (pthread_t * thread, const pthread_attr_t *attr, void *(*run)(void *), void *arg),
       (thread, attr, run, arg))

/* Only what is not watched yet can fail for want of room. */
int
epoll_ctl(int set, int op, int fd, struct epoll_event *event)
{
    T_NEXT(epoll_ctl)
    int status = real(set, op, fd, event);
    if (status != 0 || op != EPOLL_CTL_ADD || !t_fails(T_CALL_epoll_ctl))
        return status;
    (void)real(set, EPOLL_CTL_DEL, fd, event);
    errno = t_plan.error;
    return -1;
}

/* libuv waits with epoll_pwait or epoll_wait. */
int
epoll_pwait(int set, struct epoll_event *events, int max, int timeout, const sigset_t *mask)
{
    T_NEXT(epoll_pwait)
    return t_fails(T_CALL_epoll_wait) ? -1 : real(set, events, max, timeout, mask);
}

int
epoll_wait(int set, struct epoll_event *events, int max, int timeout)
{
    T_NEXT(epoll_wait)
    return t_fails(T_CALL_epoll_wait) ? -1 : real(set, events, max, timeout);
}

void *
mmap(void *at, size_t len, int access, int flags, int fd, off_t offset)
{
    T_NEXT(mmap)
    return t_fails(T_CALL_mmap) ? MAP_FAILED : real(at, len, access, flags, fd, offset);
}

static mode_t
t_mode(int flags, va_list rest)
{
    return flags & (O_CREAT | O_TMPFILE) ? (mode_t)va_arg(rest, unsigned) : 0;
}

int
open(const char *path, int flags, ...)
{
    T_NEXT(open)
    va_list rest;
    va_start(rest, flags);
    mode_t mode = t_mode(flags, rest);
    va_end(rest);
    return t_fails(T_CALL_open) ? -1 : real(path, flags, mode);
}

int
openat(int dir, const char *path, int flags, ...)
{
    T_NEXT(openat)
    va_list rest;
    va_start(rest, flags);
    mode_t mode = t_mode(flags, rest);
    va_end(rest);
    return t_fails(T_CALL_openat) ? -1 : real(dir, path, flags, mode);
}

long
syscall(long number, ...)
{
    T_NEXT(syscall)
    va_list rest;
    long arguments[6];
    va_start(rest, number);
    for (size_t i = 0; i < 6; i++)
        arguments[i] = va_arg(rest, long);
    va_end(rest);
    if (number == SYS_openat2 && t_fails(T_CALL_openat2))
        return -1;
    return real(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
                arguments[5]);
}

#pragma GCC visibility pop

#endif
