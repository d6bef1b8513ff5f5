/* SPDX-License-Identifier: BSD-2-Clause */
/* Formatting text into a buffer: a small part of snprintf.  Pure and without a lock, so kernel,
 * servers and programs may call it at any time.
 *
 * It knows %s %c %d %u %x %p and %%, the flags '-' and '0', a width in digits, a precision ".N" or
 * ".*" for %s, and the modifier 'l'.  A null pointer for %s prints "(null)".  A conversion that it
 * does not know is copied as it stands. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

/* Writes at most size bytes, the terminating NUL included; none if size is 0.  Returns the length
 * of the whole text, which is size or more if it was cut off. */
__attribute__((format(printf, 3, 4))) int format(char *buf, size_t size, const char *fmt, ...);
__attribute__((format(printf, 3, 0))) int vformat(char *buf, size_t size, const char *fmt, va_list args);
