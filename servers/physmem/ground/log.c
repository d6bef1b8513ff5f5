/* SPDX-License-Identifier: BSD-2-Clause */
#include "ground/log.h"

#include <stdarg.h>

#include "base/format.h"
#include "ground/clock.h"
#include "ground/platform.h"

enum { SECOND = 1000000 / 1024 }; /* of clock_now */

static bool is_quiet;

void log_set_quiet(bool quiet)
{
    is_quiet = quiet;
}

bool log_may(struct log_limit *limit, uint32_t *missed)
{
    if (limit->said && clock_now() - limit->at < SECOND) {
        limit->missed++;
        return false;
    }
    *missed = limit->missed;
    *limit = (struct log_limit){.said = true, .at = clock_now()};
    return true;
}

__attribute__((format(printf, 1, 0))) static void print_line(const char *fmt, va_list args)
{
    char text[120], line[140];
    (void)vformat(text, sizeof text, fmt, args);
    (void)format(line, sizeof line, "physmem: %s\n", text);
    platform_print(line);
}

void log_line(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    print_line(fmt, args);
    va_end(args);
}

void log_info(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    if (!is_quiet) {
        print_line(fmt, args);
    }
    va_end(args);
}
