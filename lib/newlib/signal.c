/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals that a thread raises itself, by raise() and abort(), and the faults and exceptions that
 * the pager sends it (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP).  Handlers stay installed.  A
 * handler for a fault runs on the thread's alternate stack; it may leave with longjmp, end the
 * program, or return to try the instruction again. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "base/format.h"
#include "client/task.h"
#include "pager/pager.h"
#include "port.h"

static _sig_func_ptr handlers[NSIG];

_sig_func_ptr signal(int number, _sig_func_ptr handler)
{
    if (number <= 0 || number >= NSIG || number == SIGKILL) {
        errno = EINVAL;
        return SIG_ERR;
    }
    _sig_func_ptr old = handlers[number];
    handlers[number] = handler;
    return old;
}

static bool ignored_by_default(int number)
{
    return number == SIGCHLD || number == SIGURG || number == SIGWINCH || number == SIGCONT;
}

static void end_by(int number)
{
    char line[80];
    const char *name = port_startup->argc > 0 ? *(const char *const *)port_startup->argv : "?";
    int n = format(line, sizeof(line), "task %u (%.31s): ended by signal %d%s\n",
                   (unsigned)L4_Version(L4_Myself()), name, number, number == SIGABRT ? " (aborted)" : "");
    (void)port_console_write(line, (uint32_t)n);
    task_exit((L4_Word_t)(128 + number));
}

int raise(int number)
{
    if (number <= 0 || number >= NSIG) {
        errno = EINVAL;
        return -1;
    }
    _sig_func_ptr handler = handlers[number];
    if (handler == SIG_IGN || (handler == SIG_DFL && ignored_by_default(number))) {
        return 0;
    }
    if (handler == SIG_DFL) {
        end_by(number);
    }
    handler(number);
    return 0;
}

/* signal.h declares it; newlib's own stands in one object with another raise. */
int _raise_r(struct _reent *r, int number)
{
    (void)r;
    return raise(number);
}

/* Returns true if the instruction is to be tried again. */
static bool on_trap(struct pager_trap *trap)
{
    int number = pager_trap_signal(trap);
    _sig_func_ptr handler = handlers[number];
    if (handler == SIG_DFL || handler == SIG_IGN) {
        return false;
    }
    int saved = errno;
    handler(number);
    errno = saved;
    return true;
}

void port_signal_init(void)
{
    pager_set_trap_handler(on_trap);
}

int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
    (void)how;
    (void)set;
    if (old) {
        *old = 0;
    }
    return 0;
}
