/* SPDX-License-Identifier: BSD-2-Clause */
/* A program seen as a process: its end, its identity, and what does not exist here. */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "client/task.h"
#include "port.h"

void _exit(int status)
{
    task_exit((L4_Word_t)status & 0xff);
}

int _getpid_r(struct _reent *r)
{
    (void)r;
    return (int)L4_Version(L4_Myself());
}

int _kill_r(struct _reent *r, int task, int signal_number)
{
    if (task == _getpid_r(r)) {
        return raise(signal_number);
    }
    return port_result(r, task_kill((L4_Word_t)task, (L4_Word_t)(128 + signal_number) & 0xff));
}

void __assert_func(const char *file, int line, const char *function, const char *expression)
{
    fprintf(stderr, "%s:%d: %s%sassertion failed: %s\n", file, line, function ? function : "",
            function ? ": " : "", expression);
    abort();
}

static int not_here(struct _reent *r)
{
    r->_errno = ENOSYS;
    return -1;
}

int _fork_r(struct _reent *r)
{
    return not_here(r);
}

// NOLINTNEXTLINE(readability-non-const-parameter): newlib declares it
int _wait_r(struct _reent *r, int *status)
{
    (void)status;
    r->_errno = ECHILD;
    return -1;
}

int _execve_r(struct _reent *r, const char *path, char *const *argv, char *const *env)
{
    (void)path;
    (void)argv;
    (void)env;
    return not_here(r);
}

int _execve(const char *path, char *const *argv, char *const *env);
int _execve(const char *path, char *const *argv, char *const *env)
{
    return _execve_r(_REENT, path, argv, env);
}

/* There is no command processor: the answer to the question whether there is one is 0. */
int _system(const char *command);
int _system(const char *command)
{
    return command ? not_here(_REENT) : 0;
}

/* There is no source of randomness. */
int getentropy(void *buffer, size_t bytes)
{
    (void)buffer;
    (void)bytes;
    return not_here(_REENT);
}

uid_t getuid(void)
{
    return 0;
}

gid_t getgid(void)
{
    return 0;
}

uid_t geteuid(void)
{
    return 0;
}

gid_t getegid(void)
{
    return 0;
}

int issetugid(void)
{
    return 0;
}
