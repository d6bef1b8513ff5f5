/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the files of lib/newlib only.  Any thread of the program may call what it declares,
 * unless the line says otherwise. */
#pragma once

#include <reent.h>
#include <stdint.h>

#include "l4/syscalls.h"
#include "protocol/error.h"
#include "protocol/startup.h"

/* ---- start.c ---- */

extern const struct startup *port_startup;
void __pilotfish_start(const struct startup *startup);
bool port_has_pager(void);

/* ---- errno.c ---- */

int port_errno(enum error e);
/* Sets errno unless e is OK.  Returns 0 or -1. */
int port_result(struct _reent *r, enum error e);

/* ---- thread.c: a thread's UserDefinedHandle points to its struct thread; the first one's is 0
 * ---- */

struct thread {
    struct _reent *reent;
    L4_ThreadId_t id, local;
    volatile L4_Word_t done;   /* set by the thread itself, which does not run on then */
    volatile L4_Word_t joiner; /* id of the thread that waits in thread_join, or 0 */
    void (*entry)(void *);
    void *argument;
    void *stack;
    uint32_t stack_bytes;
    struct _reent own_reent;
};

/* ---- lock.c ---- */

/* A lock is free (owner 0) or belongs to the thread with that local id. */
struct __lock {
    volatile L4_Word_t owner;
    L4_Word_t depth; /* of a recursive lock; the owner alone writes it */
};

void port_lock(struct __lock *lock);
void port_unlock(struct __lock *lock);

/* ---- terminal.c ---- */

/* Writes all of it, a line in each message where lines fit; without a console server, to the
 * kernel's debug output. */
enum error port_console_write(const char *bytes, uint32_t count);
enum error port_console_read(char *bytes, uint32_t count, uint32_t *got);

/* ---- memory.c: pages of the designated container, in programs without a pager ---- */

void port_memory_init(void);
/* Returns 0 if so many pages are not left in one piece. */
uint32_t port_dc_alloc(uint32_t pages);
void port_dc_free(uint32_t address, uint32_t pages);

/* ---- signal.c ---- */

void port_signal_init(void);
