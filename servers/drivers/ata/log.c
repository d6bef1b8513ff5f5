/* SPDX-License-Identifier: BSD-2-Clause */
/* A line is put together on the stack and goes to the kernel's debug output. */
#include "log.h"

#include <pilotfish/startup.h>
#include <stdarg.h>

#include "l4/syscalls.h"

enum { LINE_BYTES = 160 };

__attribute__((format(printf, 1, 0))) static void print(const char *text, va_list args)
{
    static const char prefix[] = "ata: ";
    char line[LINE_BYTES] = "ata: ";
    int length = vformat(line + sizeof prefix - 1, sizeof line - sizeof prefix, text, args);
    uint32_t end = (uint32_t)length + sizeof prefix - 1;
    end = end < sizeof line - 2 ? end : sizeof line - 2;
    line[end] = '\n';
    line[end + 1] = '\0';
    L4_KDB_PrintString(line);
}

void log_event(const char *text, ...)
{
    va_list args;
    va_start(args, text);
    print(text, args);
    va_end(args);
}

void log_info(const char *text, ...)
{
    va_list args;
    va_start(args, text);
    if (!(pilotfish_startup()->flags & STARTUP_QUIET)) {
        print(text, args);
    }
    va_end(args);
}
