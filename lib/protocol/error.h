/* SPDX-License-Identifier: BSD-2-Clause */
/* The errors of every protocol: MR1 of each reply is one of them.  For servers and their clients.
 *
 * Calls of physmem wait for a frame that is on its way; where they cannot, it is ERR_NO_MEMORY, or
 * ERR_BUSY (protocol/physmem.h). */
#pragma once

enum error {
    OK = 0,
    ERR_ARGUMENT,      /* a word of the message is out of its range */
    ERR_PERMISSION,    /* the sender's task may not ask for this */
    ERR_NO_HANDLE,     /* the sender's task has no handle of that number */
    ERR_DEAD,          /* the handle's container has been destroyed */
    ERR_RIGHTS,        /* the handle does not carry the right */
    ERR_RANGE,         /* the range goes past the end of the container, or wraps */
    ERR_HOLE,          /* there is no page at that place */
    ERR_NO_ROOM,       /* neither a swap slot nor a frame is left to promise for the page */
    ERR_QUOTA,         /* the task has all the memory, tasks or threads that it may have */
    ERR_NO_MEMORY,     /* the server has no room for one more record or table */
    ERR_KERNEL_MEMORY, /* the kernel has no memory for a thread, space or mapping */
    ERR_IO,            /* the disk could not read or write the page */
    ERR_CHECKSUM,      /* the page came back from the disk damaged */
    ERR_NO_TASK,       /* there is no task with that id */
    ERR_NO_THREAD,     /* there is no such thread in that task */
    ERR_NOT_FOUND,     /* no module, program, file or server has that name */
    ERR_ALREADY,       /* it is so already, and nothing was done */
    ERR_BUSY,          /* something else is under way: the caller asks again */
    ERR_NO_SWAP,       /* there is no swap disk */
    ERR_WIRED,         /* the task is wired: physmem, or a swap driver */
    ERR_SELF,          /* a task cannot ask this of itself */
    ERR_FORMAT,        /* it is not an ELF program for this machine, or is damaged */
    ERR_TOO_LARGE,     /* it does not fit */
    ERR_UNKNOWN,       /* the server knows no such request */
    ERR_NOT_ACCEPTED,  /* the thread that asked for a page accepts no map item */
    ERR_IPC,           /* the IPC itself failed: only client stubs make this one */
    ERROR_COUNT
};

/* Returns what is wrong and, behind a semicolon, what can be done about it where something can:
 * English without a full stop, at most 90 characters; never NULL.  Anybody may call it. */
const char *error_text(enum error e);
