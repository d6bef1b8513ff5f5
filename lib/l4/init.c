/* SPDX-License-Identifier: BSD-2-Clause */
/* The system calls' entry addresses, from the kernel interface page. */
#include "l4/syscalls.h"

L4_Word_t __L4_ipc, __L4_thread_control, __L4_space_control, __L4_unmap;
L4_Word_t __L4_exchange_registers, __L4_system_clock, __L4_thread_switch, __L4_schedule;
L4_Word_t __L4_memory_control, __L4_processor_control;
const struct kip *__L4_kip;

void L4_Init(void)
{
    L4_Word_t base, version, flags, id;
    __asm__ volatile(".byte 0xf0, 0x90" : "=a"(base), "=c"(version), "=d"(flags), "=S"(id));
    const struct kip *kip = (const struct kip *)base;
    __L4_kip = kip;
    __L4_ipc = base + kip->ipc;
    __L4_thread_control = base + kip->thread_control;
    __L4_space_control = base + kip->space_control;
    __L4_unmap = base + kip->unmap;
    __L4_exchange_registers = base + kip->exchange_registers;
    __L4_system_clock = base + kip->system_clock;
    __L4_thread_switch = base + kip->thread_switch;
    __L4_schedule = base + kip->schedule;
    __L4_memory_control = base + kip->memory_control;
    __L4_processor_control = base + kip->processor_control;
}
