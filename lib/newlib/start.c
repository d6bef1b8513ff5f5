/* SPDX-License-Identifier: BSD-2-Clause */
/* What the first thread does between the entry point and main. */
#include <stdlib.h>
#include <unistd.h>

#include "base/format.h"
#include "client/task.h"
#include "pager/pager.h"
#include "port.h"

enum { STATUS_BAD_START = 126, STATUS_NO_PAGER = 127 };

/* Defined by pilotfish-cc --no-pager, which also leaves pager_start out. */
extern char __pilotfish_no_pager[] __attribute__((weak));
int main(int argc, char **argv, char **env);
void __libc_init_array(void);
void __libc_fini_array(void);
void _init(void);
void _fini(void);

const struct startup *port_startup;

const struct startup *pilotfish_startup(void);
const struct startup *pilotfish_startup(void)
{
    return port_startup;
}

bool port_has_pager(void)
{
    return !L4_IsNilThread(pager_thread());
}

/* newlib calls these around the arrays of constructors; there is no .init section to run. */
void _init(void)
{
}

void _fini(void)
{
}

/* The record does not even tell where the console is. */
static void fail_without_record(void)
{
    task_exit_saying(STATUS_BAD_START,
                     "its start-up record is of another version; build it again with this tree");
}

static void fail_without_pager(enum error e)
{
    char line[160];
    (void)format(line, sizeof line, "its pager thread cannot be started: %s", error_text(e));
    task_exit_saying(STATUS_NO_PAGER, line);
}

void __pilotfish_start(const struct startup *startup)
{
    L4_Init();
    /* A crash before the hand-over is to be reported too. */
    L4_Set_ExceptionHandler(TASK_SERVER_THREAD);
    if (startup->magic != STARTUP_MAGIC || startup->version != STARTUP_VERSION) {
        fail_without_record();
    }
    port_startup = startup;
    if (__pilotfish_no_pager) {
        port_memory_init();
    } else {
        enum error e = pager_start(startup);
        if (e != OK) {
            fail_without_pager(e);
        }
        port_signal_init();
    }
    atexit(__libc_fini_array);
    __libc_init_array();
    exit(main((int)startup->argc, (char **)startup->argv, environ));
}
