/* SPDX-License-Identifier: BSD-2-Clause */
/* From the entry stubs into C: a handler for each vector (trap.c), for each system call
 * (syscall.c), and for what may strike anywhere (emergency.c).  Only entry.S calls what is here.
 *
 * A handler runs on the kernel stack with interrupts off and returns who runs next, the current
 * thread or NULL for idle. */
#pragma once

#include "l4/tcb.h"
#include "system_calls.h"

/* Entry points take their arguments in EAX and EDX. */
#define REGPARM __attribute__((regparm(2)))

/* A call's number is its vector less VECTOR_IPC. */
enum syscall {
#define NUMBER(NAME, name) SYSCALL_##NAME,
    SYSTEM_CALLS(NUMBER)
#undef NUMBER
};

/* Gets the TCB that was running and the vector.  An interrupt that came in the idle loop has no
 * TCB: its handler does not look at the first argument. */
typedef struct tcb *(*vector_handler)(struct tcb *t, word_t vector)REGPARM;
extern const vector_handler vector_handlers[64];

/* Leaves the boot for the first thread; main.c calls it. */
REGPARM void resume_first(struct tcb *t) __attribute__((noreturn));
void double_fault(void) __attribute__((noreturn));
void nmi(void);

/* The system calls, each for the current thread t. */
#define PROTOTYPE(NAME, name) REGPARM struct tcb *syscall_##name(struct tcb *t, word_t vector);
SYSTEM_CALLS(PROTOTYPE)
#undef PROTOTYPE
