/* SPDX-License-Identifier: BSD-2-Clause */
#include "protocol/error.h"

static const char *const texts[ERROR_COUNT] = {
    [OK] = "no error",
    [ERR_ARGUMENT] = "an argument is out of its range",
    [ERR_PERMISSION] = "not permitted",
    [ERR_NO_HANDLE] = "no such handle",
    [ERR_DEAD] = "the container has been destroyed",
    [ERR_RIGHTS] = "the handle lacks the right",
    [ERR_RANGE] = "past the end of the container",
    [ERR_HOLE] = "no page there",
    [ERR_NO_ROOM] = "neither memory nor swap left",
    [ERR_QUOTA] = "the task's quota of pages is used up",
    [ERR_NO_MEMORY] = "the server's tables are full",
    [ERR_KERNEL_MEMORY] = "out of kernel memory",
    [ERR_IO] = "disk error",
    [ERR_CHECKSUM] = "the page came back damaged from the disk",
    [ERR_NO_TASK] = "no such task",
    [ERR_NO_THREAD] = "no such thread",
    [ERR_NOT_FOUND] = "not found",
    [ERR_ALREADY] = "it is so already",
    [ERR_BUSY] = "busy, try again",
    [ERR_NO_SWAP] = "there is no swap disk",
    [ERR_WIRED] = "the task is wired",
    [ERR_SELF] = "a task cannot ask this of itself",
    [ERR_FORMAT] = "not a program for this machine",
    [ERR_TOO_LARGE] = "too large",
    [ERR_UNKNOWN] = "unknown request",
    [ERR_IPC] = "the server could not be reached",
};

const char *error_text(enum error e)
{
    return (unsigned)e < ERROR_COUNT && texts[e] ? texts[e] : "unknown error";
}
