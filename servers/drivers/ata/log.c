/* SPDX-License-Identifier: BSD-2-Clause */
#include "log.h"

#include <stdarg.h>

#include "base/format.h"
#include "l4/syscalls.h"

enum { LINE_BYTES = 160 };

void log_event(const char *text, ...)
{
    static const char prefix[] = "ata: ";
    char line[LINE_BYTES] = "ata: ";
    va_list args;
    va_start(args, text);
    int length = vformat(line + sizeof prefix - 1, sizeof line - sizeof prefix, text, args);
    va_end(args);
    uint32_t end = (uint32_t)length + sizeof prefix - 1;
    end = end < sizeof line - 2 ? end : sizeof line - 2;
    line[end] = '\n';
    line[end + 1] = '\0';
    L4_KDB_PrintString(line);
}
