/* SPDX-License-Identifier: BSD-2-Clause */
/* Names and signals of the processor's exceptions.  Pure; anybody may call it. */
#pragma once

/* The signals that faults and exceptions become, in newlib's numbers.  The status of a task that
 * one of them has ended is STATUS_SIGNAL more. */
enum {
    SIGNAL_HUP = 1, /* no exception: the end of an orphan */
    SIGNAL_ILL = 4,
    SIGNAL_TRAP = 5,
    SIGNAL_FPE = 8,
    SIGNAL_BUS = 10,
    SIGNAL_SEGV = 11,
    STATUS_SIGNAL = 128
};

/* The exception of a thread that uses the FPU while the kernel has no memory for its registers. */
enum { EXCEPTION_NO_FPU = 7 };

/* Returns the signal of an exception, whoever reports it: the task's own pager, or the task server
 * for a task that has none. */
int exception_signal(unsigned long number);
/* Returns "exception" for a number that has no name; never NULL. */
const char *exception_name(unsigned long number);
