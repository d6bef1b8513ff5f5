/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine in an emulator is ended by two ports; a real one is halted. */
#include "machine.h"

#include "base/format.h"
#include "l4/syscalls.h"
#include "log.h"

enum { PORT_DEBUG_CONSOLE = 0xe9, PORT_DEBUG_EXIT = 0xf4 };

static void port_out(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

void machine_end(L4_Word_t status)
{
    char text[16];
    (void)format(text, sizeof text, "%u\n", (unsigned)status);
    for (const char *p = text; *p != '\0'; p++) {
        port_out(PORT_DEBUG_CONSOLE, (uint8_t)*p);
    }
    port_out(PORT_DEBUG_EXIT, status & 0x7f);
    log_failure("system halted");
    for (;;) {
        L4_Sleep(L4_Never);
    }
}
