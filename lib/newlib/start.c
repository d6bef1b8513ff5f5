/* SPDX-License-Identifier: BSD-2-Clause */
/* From the entry point to main. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/task.h"
#include "pager/pager.h"
#include "port.h"

enum { STATUS_BAD_START = 126, STATUS_NO_PAGER = 127 };

extern char __pilotfish_no_pager[] __attribute__((weak)); /* defined by pilotfish-cc --no-pager */
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

/* newlib calls these around the arrays of constructors; we have no .init section to run. */
void _init(void)
{
}

void _fini(void)
{
}

static void fail(const char *why, int status)
{
    (void)port_console_write(why, (uint32_t)strlen(why));
    task_exit((L4_Word_t)status);
}

void __pilotfish_start(const struct startup *startup)
{
    L4_Init();
    /* A crash before the hand-over is to be reported too. */
    L4_Set_ExceptionHandler(TASK_SERVER_THREAD);
    if (startup->magic != STARTUP_MAGIC || startup->version != STARTUP_VERSION) {
        task_exit(STATUS_BAD_START);
    }
    port_startup = startup;
    if (__pilotfish_no_pager) {
        port_memory_init();
    } else if (pager_start(startup) == OK) {
        port_signal_init();
    } else {
        fail("start-up: the pager thread could not be started\n", STATUS_NO_PAGER);
    }
    atexit(__libc_fini_array);
    __libc_init_array();
    exit(main((int)startup->argc, (char **)startup->argv, environ));
}
