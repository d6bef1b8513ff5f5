/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of the system calls, in the order of their vectors: all that the kernel knows of a call
 * but what it does.  A line gives a call its vector, its entry stub and its stub in the kernel
 * interface page, its link there (struct kip), its entry in C (syscall_NAME in syscall.c), and its
 * name in the trace.  docs/how-to-change.md says what else a new call needs.  For assembly, C and
 * kdb. */
#pragma once

#define SYSTEM_CALLS(CALL)                                                                                   \
    CALL(IPC, ipc)                                                                                           \
    CALL(UNMAP, unmap)                                                                                       \
    CALL(EXCHANGE_REGISTERS, exchange_registers)                                                             \
    CALL(THREAD_CONTROL, thread_control)                                                                     \
    CALL(SPACE_CONTROL, space_control)                                                                       \
    CALL(SCHEDULE, schedule)                                                                                 \
    CALL(THREAD_SWITCH, thread_switch)                                                                       \
    CALL(SYSTEM_CLOCK, system_clock)                                                                         \
    CALL(MEMORY_CONTROL, memory_control)                                                                     \
    CALL(PROCESSOR_CONTROL, processor_control)

#define SYSCALL_ONE(NAME, name) +1
#define SYSCALL_COUNT           (0 SYSTEM_CALLS(SYSCALL_ONE))
