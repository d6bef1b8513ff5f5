/* SPDX-License-Identifier: BSD-2-Clause */
/* How a root task of the tests ends: its status to tools/run, by the debug console and QEMU's exit
 * device. */
#pragma once

#include "l4/syscalls.h"

static inline _Noreturn void end_machine(int status)
{
    __asm__ volatile("outb %0, %1" : : "a"((char)('0' + status)), "Nd"((short)0xe9));
    __asm__ volatile("outb %0, %1" : : "a"((char)'\n'), "Nd"((short)0xe9));
    __asm__ volatile("outl %0, %1" : : "a"(status), "Nd"((short)0xf4));
    for (;;) {
        L4_Sleep(L4_Never);
    }
}
