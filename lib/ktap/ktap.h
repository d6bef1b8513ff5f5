/* SPDX-License-Identifier: BSD-2-Clause */
/* Test reports in KTAP, version 1, for the kernel's own tests and for programs.  One report at a
 * time.
 *
 * Use: ktap_start, then for each test ktap_begin, EXPECT..., ktap_end; at last ktap_finish.
 * Or, where a test is one condition: ktap_start, ktap_ok..., ktap_finish. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Where text goes: called with pieces of lines, NUL terminated. */
typedef void ktap_write_t(const char *text);

/* count: how many tests will come; ktap_finish fails the report if it were others. */
void ktap_start(ktap_write_t *write, unsigned count);
/* Returns 0 if all went well, 1 otherwise. */
int ktap_finish(void);

/* One condition, one test.  Returns it. */
bool ktap_ok(bool condition, const char *name);
/* A test that could not be run, and why. */
void ktap_skip(const char *name, const char *reason);
/* A comment line: "# ...". */
__attribute__((format(printf, 1, 2))) void ktap_diagnostic(const char *text, ...);

/* A test of several conditions.  Its result line comes with ktap_end.  Returns whether it
 * passed. */
void ktap_begin(const char *name);
bool ktap_end(void);
/* From the middle of a test: it counts as skipped, unless an expectation failed. */
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

/* The same, and leaves the (void) function: for what the rest of the test builds on. */
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
