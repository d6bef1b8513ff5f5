/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of the kernel's ways the messages of an event went, for the benchmarks of tests/perf.  The
 * general one's are what all of them are more than the others'. */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "l4/kdb.h"
#include "report.h"

struct messages {
    L4_Word_t all, fast, plain;
};

static inline struct messages messages(void)
{
    L4_Word_t all = L4_KDB_Counter(KDB_IPCS);
    if (all == ~(L4_Word_t)0) {
        fputs("the counters are told on a kernel with the word kdb\n", stderr);
        exit(1);
    }
    return (struct messages){
        .all = all, .fast = L4_KDB_Counter(KDB_FAST_IPCS), .plain = L4_KDB_Counter(KDB_PLAIN_IPCS)};
}

/* How many of them there were for each of `count' events, in thousandths. */
static inline void report_messages(const char *name, const struct messages *before, double count)
{
    struct messages now = messages();
    L4_Word_t fast = now.fast - before->fast, plain = now.plain - before->plain;
    L4_Word_t general = now.all - before->all - fast - plain;
    const struct {
        const char *path;
        L4_Word_t ipcs;
    } paths[] = {{"fast", fast}, {"plain", plain}, {"general", general}};
    for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        char line[64];
        (void)snprintf(line, sizeof(line), "%s_%s_ipcs", name, paths[i].path);
        report(line, 1000 * paths[i].ipcs / count, "thousandths");
    }
}
