/* SPDX-License-Identifier: BSD-2-Clause */
/* Errors of every protocol: MR1 of each reply. */
#pragma once

enum error {
    OK = 0,
    ERR_ARGUMENT,      /* a word of the message is out of its stated range              */
    ERR_PERMISSION,    /* the sender's task may not ask this                            */
    ERR_NO_HANDLE,     /* the handle is not one of the sender's task                    */
    ERR_DEAD,          /* the handle's container has been destroyed                     */
    ERR_RIGHTS,        /* the handle does not carry the right                           */
    ERR_RANGE,         /* past the end of the container, or the range wraps             */
    ERR_HOLE,          /* no page there                                                 */
    ERR_NO_ROOM,       /* no swap slot nor frame left to promise for the page           */
    ERR_QUOTA,         /* the task has all the pages its contract allows                */
    ERR_NO_MEMORY,     /* the server's own tables are full                              */
    ERR_KERNEL_MEMORY, /* the kernel has no memory for the mapping                   */
    ERR_IO,            /* the disk could not read or write the page                     */
    ERR_CHECKSUM,      /* the page came back from the disk damaged                      */
    ERR_NO_TASK,       /* no task with that id                                          */
    ERR_NO_THREAD,     /* no such thread in that task                                   */
    ERR_NOT_FOUND,     /* no module, program or file of that name                       */
    ERR_ALREADY,       /* it is so already; nothing was done                            */
    ERR_BUSY,          /* cannot be done while something else is under way; ask again   */
    ERR_NO_SWAP,       /* there is no swap disk                                         */
    ERR_WIRED,         /* the task is wired: physmem, a swap driver                     */
    ERR_SELF,          /* a task cannot ask this of itself                              */
    ERR_FORMAT,        /* not an ELF program for this machine, or damaged               */
    ERR_TOO_LARGE,     /* does not fit                                                  */
    ERR_UNKNOWN,       /* no such request                                               */
    ERR_IPC,           /* made by client stubs only: the IPC itself failed              */
    ERROR_COUNT
};

/* What is wrong and, behind a semicolon, what can be done about it where something can: English without a
 * full stop, at most 90 characters; never NULL.  Anybody may call it. */
const char *error_text(enum error e);
