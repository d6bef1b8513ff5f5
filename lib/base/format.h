/* SPDX-License-Identifier: BSD-2-Clause */
/* Formatting text into a buffer: a small part of snprintf, for kernel, servers and programs alike.
 *
 * %s %c %d %u %x %p %%; flags '-' and '0'; a width in digits; a precision ".N" or ".*" for %s;
 * modifier 'l'.  A null %s prints "(null)".  Anything else in a conversion is copied as it
 * stands. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

/* Writes at most size bytes, NUL included (none if size is 0).  Returns the length the whole text
 * has. */
__attribute__((format(printf, 3, 4))) int format(char *buf, size_t size, const char *fmt, ...);
__attribute__((format(printf, 3, 0))) int vformat(char *buf, size_t size, const char *fmt, va_list args);
