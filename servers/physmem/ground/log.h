/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines for whoever reads the serial console: boot, swap disk, damage.  Never in an ordinary
 * fault. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* One line without its newline; "physmem: " is put in front. */
__attribute__((format(printf, 1, 2))) void log_line(const char *fmt, ...);
/* The same for what is only good to know: not printed on a quiet machine. */
__attribute__((format(printf, 1, 2))) void log_info(const char *fmt, ...);

/* What may happen often is said at most once a second. */
struct log_limit {
    bool said;
    uint32_t at, missed;
};
/* May the line be said now?  Then *missed is how often it could not since it was said last. */
bool log_may(struct log_limit *limit, uint32_t *missed);

void log_set_quiet(bool quiet);
