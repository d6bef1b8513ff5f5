/* SPDX-License-Identifier: BSD-2-Clause */
/* One line for each error of lib/protocol/error.h, in its order. */
#include "protocol/error.h"

static const char *const texts[ERROR_COUNT] = {
    [OK] = "no error",
    [ERR_ARGUMENT] = "an argument is out of its range",
    [ERR_PERMISSION] = "not permitted to this task",
    [ERR_NO_HANDLE] = "the task has no such handle",
    [ERR_DEAD] = "the container has been destroyed; close the handle",
    [ERR_RIGHTS] = "the handle lacks the right; ask its owner for one with more rights",
    [ERR_RANGE] = "past the end of the container",
    [ERR_HOLE] = "no page there",
    [ERR_NO_ROOM] = "neither memory nor swap left; give the machine more memory or a larger swap disk",
    [ERR_QUOTA] = "the task has used up what it may have; whoever starts it can give it more",
    [ERR_NO_MEMORY] = "the server's tables are full; end tasks or threads, or close containers",
    [ERR_KERNEL_MEMORY] = "out of kernel memory; end tasks or threads, or boot with a larger kmem=KIB",
    [ERR_IO] = "disk error; check the disk",
    [ERR_CHECKSUM] = "the page came back damaged from the disk; check the disk",
    [ERR_NO_TASK] = "no such task; it may have ended",
    [ERR_NO_THREAD] = "no such thread; it may have ended",
    [ERR_NOT_FOUND] = "not found; no boot module and no server has that name",
    [ERR_ALREADY] = "it is so already; nothing was done",
    [ERR_BUSY] = "busy; try again",
    [ERR_NO_SWAP] = "there is no swap disk; tools/mkswap makes one",
    [ERR_WIRED] = "the task is wired: its memory must stay",
    [ERR_SELF] = "a task cannot ask this of itself; another task can",
    [ERR_FORMAT] = "not a program for this machine; build it with tools/pilotfish-cc",
    [ERR_TOO_LARGE] = "too large for a task; take less data, stack or arguments",
    [ERR_UNKNOWN] = "unknown request; build program and system from the same tree",
    [ERR_NOT_ACCEPTED] = "the thread accepts no page; it must open its receive window",
    [ERR_IPC] = "the server could not be reached; it may have ended",
};

const char *error_text(enum error e)
{
    return (unsigned)e < ERROR_COUNT && texts[e] ? texts[e] : "unknown error";
}
