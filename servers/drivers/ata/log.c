/* SPDX-License-Identifier: BSD-2-Clause */
#include "log.h"

#include <stdarg.h>
#include <stddef.h>

#include "l4/syscalls.h"

struct line {
    size_t length;
    char text[LOG_LINE_BYTES];
};

static void put(struct line *line, char c)
{
    if (line->length < LOG_LINE_BYTES - 2) { /* room for the newline and the terminator */
        line->text[line->length++] = c;
    }
}

static void put_string(struct line *line, const char *s)
{
    while (*s != '\0') {
        put(line, *s++);
    }
}

static void put_number(struct line *line, uint32_t n, unsigned base)
{
    char digits[10];
    unsigned count = 0;
    do {
        digits[count++] = "0123456789abcdef"[n % base];
        n /= base;
    } while (n != 0);
    while (count > 0) {
        put(line, digits[--count]);
    }
}

void log_event(const char *format, ...)
{
    struct line line = {.length = 0};
    va_list args;
    va_start(args, format);
    put_string(&line, "ata: ");
    for (; *format != '\0'; format++) {
        if (*format != '%') {
            put(&line, *format);
        } else if (*++format == 's') {
            put_string(&line, va_arg(args, const char *));
        } else {
            put_number(&line, va_arg(args, unsigned), *format == 'x' ? 16 : 10);
        }
    }
    va_end(args);
    line.text[line.length] = '\n';
    line.text[line.length + 1] = '\0';
    L4_KDB_PrintString(line.text);
}
