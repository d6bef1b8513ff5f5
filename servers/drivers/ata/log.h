/* SPDX-License-Identifier: BSD-2-Clause */
/* One line "ata: ..." on the kernel's console.  For events only; never on the path of an ordinary request. */
#pragma once

/* Knows %s, %u (uint32_t) and %x (uint32_t).  Lines are cut at LOG_LINE_BYTES. */
void log_event(const char *format, ...) __attribute__((format(printf, 1, 2)));

enum { LOG_LINE_BYTES = 160 };
