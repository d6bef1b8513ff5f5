/* SPDX-License-Identifier: BSD-2-Clause */
/* Test reports in KTAP, version 1, for the kernel's own tests and for programs.  There is one
 * report at a time, and one thread makes it.
 *
 * The order of calls is ktap_start, then for each test ktap_begin, EXPECT..., ktap_end, and at last
 * ktap_finish.  Where a test is one condition, ktap_ok takes the place of the three. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Where text goes.  It is called with pieces of lines, each terminated by NUL. */
typedef void ktap_write_t(const char *text);

/* count says how many tests will come; ktap_finish fails the report if another number came. */
void ktap_start(ktap_write_t *write, unsigned count);
/* Returns 0 if all went well, 1 otherwise. */
int ktap_finish(void);

/* A test of one condition, which is returned. */
bool ktap_ok(bool condition, const char *name);
/* A test that could not be run, and why. */
void ktap_skip(const char *name, const char *reason);
/* Writes a comment line: "# ...". */
__attribute__((format(printf, 1, 2))) void ktap_diagnostic(const char *text, ...);

/* A test of several conditions.  Its result line comes with ktap_end, which returns whether it
 * passed. */
void ktap_begin(const char *name);
bool ktap_end(void);
/* Ends a test in its middle: it counts as skipped, unless an expectation has failed already. */
void ktap_skip_rest(const char *reason);
bool ktap_failing(void);

/* Called by the macros: reports a failed expectation of the current test. */
void ktap_failed(const char *file, int line, const char *text);
void ktap_failed_values(const char *file, int line, const char *text, unsigned long left,
                        unsigned long right);

#define EXPECT(condition)                                                                                    \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            ktap_failed(__FILE__, __LINE__, #condition);                                                     \
        }                                                                                                    \
    } while (0)

/* Compares words; both values are printed when they differ. */
#define EXPECT_EQ(left, right) KTAP_COMPARE(left, ==, right, (void)0)
#define EXPECT_LE(left, right) KTAP_COMPARE(left, <=, right, (void)0)
#define EXPECT_LT(left, right) KTAP_COMPARE(left, <, right, (void)0)

/* The same, and leaves the function, which returns void: for what the rest of the test builds
 * on. */
#define REQUIRE(condition)                                                                                   \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            ktap_failed(__FILE__, __LINE__, #condition);                                                     \
            return;                                                                                          \
        }                                                                                                    \
    } while (0)
#define REQUIRE_EQ(left, right) KTAP_COMPARE(left, ==, right, return )

#define KTAP_COMPARE(left, operator, right, otherwise)                                                       \
    do {                                                                                                     \
        unsigned long ktap_left = (unsigned long)(left), ktap_right = (unsigned long)(right);                \
        if (!(ktap_left operator ktap_right)) {                                                              \
            ktap_failed_values(__FILE__, __LINE__, #left " " #operator" " #right, ktap_left, ktap_right);    \
            otherwise;                                                                                       \
        }                                                                                                    \
    } while (0)
