/* SPDX-License-Identifier: BSD-2-Clause */
/* The protocol of the task server (root task): tasks, threads, exit, death, boot modules.
 *
 * Any thread of any task may make these calls, with L4_Call to TASK_SERVER_THREAD and untyped words
 * only; each is answered with label TASK_REPLY and MR1 = enum error.  Only TASK_WAIT waits, and
 * TASK_EXIT is not answered.  The task itself, its parent, who made it, and the parent's ancestors
 * have rights over a task.  A task does not outlive its parent: it ends with TASK_END_ORPHAN, and
 * the next ancestor that lives is its parent then, and can wait for it; what nobody has waited for
 * is forgotten when its record is needed.  Names and strings travel packed in words, padded with
 * NUL. */
#pragma once

#include "protocol/error.h"
#include "protocol/ids.h"

enum task_label {
    TASK_REPLY = 0x2fe,

    /* MR1 = handle of the designated container (the sender's, OWNER), MR2 = ip, MR3 = sp,
     * MR4 = flags, MR5 = priority (1..MAX of the sender's; 0 = default), MR6 = quota in pages
     * (0 = none), MR7..MR14 = name (32 bytes), MR15 = pages of the first thread's stack below MR3
     * (0 or left out: not told; with it an overflow of the stack is reported as one).  MR4 must be
     * 0.  The task starts at once.
     * -> MR2 = task id, MR3 = first thread.  On an error the container is still the sender's. */
    TASK_CREATE = 0x200,
    /* MR1 = status (0..255), MR2.. = text of at most TASK_LAST_WORDS words, or none: a line that
     * the task server puts on the console behind the task's id and name, with `?' for what
     * cannot be printed.  Ends the sender's task; no reply. */
    TASK_EXIT = 0x201,
    /* MR1 = task id, MR2 = status to report.  Needs rights over it. */
    TASK_KILL = 0x202,
    /* MR1 = task id of a child.  Waits until it has ended -> MR2 = status, MR3 = enum task_end,
     * MR4 = address (of the fault or exception), MR5 = enum error or exception number.  The id is
     * free afterwards.  ERR_BUSY: another thread waits for it already. */
    TASK_WAIT = 0x203,
    /* MR1 = lowest task id: tells of the task with the first id from there on, ended ones included
     * -> MR2 = task id, MR3 = parent, MR4 = threads, MR5 = enum task_state, MR6..MR13 = name.
     * ERR_NO_TASK if there is none.  A walk asks for 0, then for MR2 + 1. */
    TASK_INFO = 0x204,
    /* MR1 = global id of the pager the new thread gets (nilthread: physmem), MR2 = lowest address
     * of its stack, MR3 = pages of its stack (both 0 or left out: not told; for reports of an
     * overflow into the page below) -> MR2 = thread id, MR3 = its local id.  The thread waits for a
     * start message of its pager, or ExchangeRegisters by its task. */
    TASK_THREAD_CREATE = 0x205,
    /* MR1 = thread id of the sender's task, not the sender. */
    TASK_THREAD_DELETE = 0x206,
    /* MR1..MR8 = name of a file or program that was booted -> MR2 = handle (READ|EXEC) for the
     * sender, MR3 = size in bytes.  It begins at the container's first page. */
    TASK_MODULE = 0x207,
    /* MR1 = task id, MR2 = enum physmem_outswap_flag bits.  Needs rights over the task.  See
     * PHYSMEM_OUTSWAP. */
    TASK_OUTSWAP = 0x208,
    /* MR1 = task id.  Needs rights over the task.  See PHYSMEM_INSWAP. */
    TASK_INSWAP = 0x209,
    /* MR1..MR8 = name under which others find the sender's thread.  For tasks of the manifest
     * only. */
    TASK_REGISTER = 0x20a,
    /* MR1..MR8 = name -> MR2 = thread id. */
    TASK_LOOKUP = 0x20b,
    /* MR1 = status: ends the machine.  For the manifest's main program only; if it names none, for
     * any task of the manifest. */
    TASK_SHUTDOWN = 0x20c,
    /* Only with `debug on` in the manifest: MR1 = a label that physmem takes from the task
     * server (PHYSMEM_CHECK, PHYSMEM_OUTSWAP ...), MR2.. = its words (at most 6) -> MR2.. = the
     * words of physmem's reply behind its error.  Or MR1 = TASK_DEBUG -> MR2 = inconsistencies
     * that the kernel finds in its own state (L4_KDB_Check).  Or MR1 = TASK_KILL, MR2 = task id:
     * that task ends, whoever has made it. */
    TASK_DEBUG = 0x20d,
    /* MR1 = page of the sender's designated container -> MR2 = physical address.  For wired tasks
     * only, which are drivers. */
    TASK_PHYS_ADDR = 0x20e,
    /* MR1 = interrupt line, MR2 = handler thread of the sender's task.  For drivers and servers of
     * the manifest only.  ERR_BUSY if another task has the line. */
    TASK_INTERRUPT = 0x20f,
    /* MR1 = first port, aligned, MR2 = log2 of how many (at most 15).  For drivers and servers of
     * the manifest only. -> one map item with the IO fpage, which the caller accepts.
     * ERR_PERMISSION if they are ports of the kernel's own devices, ERR_BUSY if another task has
     * some of them.  A kernel that leaves all ports open ignores the item. */
    TASK_PORTS = 0x210,
    /* MR1.. = name of a file that was booted, 1 .. TASK_FILE_NAME_WORDS words -> MR2 = handle
     * (READ|EXEC) for the sender, MR3 = size in bytes, MR4 = the page of the container at which it
     * begins.  Costs no memory, unlike TASK_MODULE, and longer names can be asked for. */
    TASK_FILE = 0x211,
};

enum task_end {
    TASK_END_EXIT = 0,      /* TASK_EXIT */
    TASK_END_KILLED = 1,    /* TASK_KILL */
    TASK_END_FAULT = 2,     /* last-resort fault that physmem could not serve; status 139 */
    TASK_END_EXCEPTION = 3, /* processor exception nobody handled; status 128 + signal */
    /* A fault in a thread whose pager is nil, itself or no more; status 139. */
    TASK_END_NO_PAGER = 4,
    /* An exception in a thread whose exception handler is so; status 128 + signal. */
    TASK_END_NO_HANDLER = 5,
    TASK_END_ORPHAN = 6, /* its parent has ended; status 129 */
};

enum task_state { TASK_RUNNING = 0, TASK_ENDED = 1 /* waits for its parent's TASK_WAIT */ };

enum {
    TASK_NAME_BYTES = 32,
    TASK_NAME_WORDS = 8,
    TASK_DEBUG_WORDS_MAX = 6,
    TASK_FILE_NAME_WORDS = 63,
    TASK_LAST_WORDS = 60
};
