/* SPDX-License-Identifier: BSD-2-Clause */
/* The report under way is one static record. */
#include "ktap/ktap.h"

#include <stdarg.h>

#include "base/format.h"

enum { LINE_BYTES = 240 };

static struct {
    ktap_write_t *write;
    unsigned planned, number, passed, failed, skipped;
    const char *name;        /* of the current test */
    const char *skip_reason; /* of the current test, or NULL */
    bool failing;            /* the current test */
} report;

__attribute__((format(printf, 1, 2))) static void print(const char *text, ...)
{
    char line[LINE_BYTES];
    va_list args;
    va_start(args, text);
    vformat(line, sizeof line, text, args);
    va_end(args);
    report.write(line);
}

void ktap_start(ktap_write_t *write, unsigned count)
{
    report.write = write;
    report.planned = count;
    report.number = report.passed = report.failed = report.skipped = 0;
    report.name = NULL;
    print("KTAP version 1\n1..%u\n", count);
}

int ktap_finish(void)
{
    if (report.number != report.planned) {
        print("# %u tests were planned, %u came\n", report.planned, report.number);
        report.failed++;
    }
    print("# Totals: pass:%u fail:%u skip:%u total:%u\n", report.passed, report.failed, report.skipped,
          report.number);
    return report.failed != 0;
}

bool ktap_ok(bool condition, const char *name)
{
    print("%s %u %s\n", condition ? "ok" : "not ok", ++report.number, name);
    *(condition ? &report.passed : &report.failed) += 1;
    return condition;
}

void ktap_skip(const char *name, const char *reason)
{
    print("ok %u %s # SKIP %s\n", ++report.number, name, reason);
    report.skipped++;
}

void ktap_diagnostic(const char *text, ...)
{
    char line[LINE_BYTES];
    va_list args;
    va_start(args, text);
    vformat(line, sizeof line, text, args);
    va_end(args);
    print("# %s\n", line);
}

void ktap_begin(const char *name)
{
    report.name = name;
    report.failing = false;
    report.skip_reason = NULL;
}

bool ktap_end(void)
{
    const char *name = report.name;
    report.name = NULL;
    if (!report.failing && report.skip_reason) {
        ktap_skip(name, report.skip_reason);
        return true;
    }
    return ktap_ok(!report.failing, name);
}

void ktap_skip_rest(const char *reason)
{
    report.skip_reason = reason;
}

bool ktap_failing(void)
{
    return report.failing;
}

void ktap_failed(const char *file, int line, const char *text)
{
    report.failing = true;
    print("# %s: %s:%d: expected %s\n", report.name ? report.name : "-", file, line, text);
}

void ktap_failed_values(const char *file, int line, const char *text, unsigned long left, unsigned long right)
{
    report.failing = true;
    print("# %s: %s:%d: expected %s, got %lu (0x%lx) and %lu (0x%lx)\n", report.name ? report.name : "-",
          file, line, text, left, left, right, right);
}
