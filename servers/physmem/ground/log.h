/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines for whoever reads the serial console: boot, swap disk, damage.  Never in an ordinary
 * fault. */
#pragma once

#include <stdbool.h>

/* One line without its newline; "physmem: " is put in front. */
__attribute__((format(printf, 1, 2))) void log_line(const char *fmt, ...);
/* The same for what is only good to know: not printed on a quiet machine. */
__attribute__((format(printf, 1, 2))) void log_info(const char *fmt, ...);

void log_set_quiet(bool quiet);
