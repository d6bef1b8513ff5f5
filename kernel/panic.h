/* SPDX-License-Identifier: BSD-2-Clause */
/* Broken invariants of the kernel itself: they end the machine, with a message.  Every file of the
 * kernel may use this.
 *
 * An assertion says what the kernel itself guarantees.  What a user, a message, a boot loader or a
 * device says is checked, and refused with an error: nothing that comes from outside may make an
 * assertion fail.
 *
 *   assert        is on in every kernel.  It belongs wherever the state changes, but not on a path
 *                 whose length tests/system/kernel_paths.sh bounds.
 *   debug_assert  is on only in kernels that are tested: kernel-ktest.elf, the host's unit tests
 *                 and its fuzzers.  It belongs on those paths, and where a condition costs more
 *                 than a few instructions.
 *
 * A condition has no side effects.  The kernels that are tested print it; the shipped one prints
 * file and line only, so that an assertion costs it about twenty bytes. */
#pragma once

#include <stdbool.h>

/* Functions that are kept small, and away from the paths of every call. */
#define RARE __attribute__((cold, noinline))

/* Messages on the serial line.  panic does not return; it adds what may help to find out why. */
void panic(const char *format, ...) __attribute__((noreturn, cold, format(printf, 1, 2)));
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#if defined(KTEST) || defined(HOST_TEST)
#define KERNEL_TESTED 1
#else
#define KERNEL_TESTED 0
#endif

/* For the macros below alone.  condition: its text, or NULL where the kernel has no room for it. */
RARE void assertion_failed(const char *file, unsigned line, const char *condition) __attribute__((noreturn));

#define ASSERT_THAT(condition, text)                                                                         \
    do {                                                                                                     \
        if (__builtin_expect(!(condition), 0)) {                                                             \
            assertion_failed(__FILE__, __LINE__, KERNEL_TESTED ? (text) : (const char *)0);                  \
        }                                                                                                    \
    } while (0)

#define assert(condition)       ASSERT_THAT(condition, #condition)
#define debug_assert(condition) ASSERT_THAT(!KERNEL_TESTED || (condition), #condition)
