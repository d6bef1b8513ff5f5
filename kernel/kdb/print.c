/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages of the kernel on the serial line. */
#include "console.h"

#include "base/format.h"
#include "ia32/devices.h"

static int held = -1;

void console_put(char c)
{
    if (c == '\n') {
        uart_put('\r');
    }
    uart_put(c);
}

void console_put_text(const char *s)
{
    while (*s) {
        console_put(*s++);
    }
}

int console_get(void)
{
    int c = held;
    held = -1;
    return c >= 0 ? c : uart_get();
}

void console_unget(int c)
{
    held = c;
}

void print(const char *fmt, ...)
{
    char line[256];
    va_list args;
    va_start(args, fmt);
    vformat(line, sizeof(line), fmt, args);
    va_end(args);
    console_put_text(line);
}
