/* SPDX-License-Identifier: BSD-2-Clause */
#include "log.h"

#include <stdarg.h>

#include "base/format.h"
#include "platform.h"

void log_line(const char *fmt, ...)
{
    char text[120], line[140];
    va_list args;
    va_start(args, fmt);
    (void)vformat(text, sizeof text, fmt, args);
    va_end(args);
    (void)format(line, sizeof line, "physmem: %s\n", text);
    platform_print(line);
}
