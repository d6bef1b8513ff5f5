/* SPDX-License-Identifier: BSD-2-Clause */
/* Port input and output.  Both threads may call it; a port that task_ports has not got ends the
 * task. */
#pragma once

#include <stdint.h>

static inline uint8_t port_in8(uint16_t port)
{
    uint8_t v;
    __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

static inline uint32_t port_in32(uint16_t port)
{
    uint32_t v;
    __asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

static inline void port_out8(uint16_t port, uint8_t v)
{
    __asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static inline void port_out32(uint16_t port, uint32_t v)
{
    __asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}

static inline void port_read16(uint16_t port, void *to, uint32_t words)
{
    __asm__ volatile("cld\n\trep insw" : "+D"(to), "+c"(words) : "d"(port) : "memory", "cc");
}

static inline void port_write16(uint16_t port, const void *from, uint32_t words)
{
    __asm__ volatile("cld\n\trep outsw" : "+S"(from), "+c"(words) : "d"(port) : "memory", "cc");
}
