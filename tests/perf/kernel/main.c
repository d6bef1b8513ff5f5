/* SPDX-License-Identifier: BSD-2-Clause */
/* The order of the figures; those of calls and of the clock. */
#include "bench.h"

int main(void);

char frames[PAGES][PAGE_BYTES] __attribute__((aligned(4096)));

static void bench_call(const char *name, L4_ThreadId_t to, unsigned words, L4_Time_t receive)
{
    L4_Word_t timeouts = L4_Timeouts(L4_Never, receive);
    L4_MsgTag_t tag = L4_MsgTag(COMMAND_ECHO, words, 0);
    for (unsigned i = 0; i < 10; i++) {
        (void)L4_Ipc(to, to, timeouts, tag, 0);
    }
    watch_start();
    for (unsigned i = 0; i < ROUNDS; i++) {
        (void)L4_Ipc(to, to, timeouts, tag, 0);
    }
    watch_stop();
    watch_report(name, ROUNDS);
}

static void bench_threads(void)
{
    L4_ThreadId_t t = thread(10);
    watch_start();
    for (unsigned i = 0; i < ROUNDS; i++) {
        (void)L4_ThreadControl(t, root, root, root, UTCB_AREA + 8 * UTCB_SIZE);
        (void)L4_ThreadControl(t, L4_nilthread, L4_nilthread, L4_nilthread, ~0u);
    }
    watch_stop();
    watch_report("thread_create_delete", ROUNDS);
    watch_start();
    for (unsigned i = 0; i < ROUNDS; i++) {
        make_space(t);
        (void)L4_ThreadControl(t, L4_nilthread, L4_nilthread, L4_nilthread, ~0u);
    }
    watch_stop();
    watch_report("space_create_delete", ROUNDS);
}

static void bench_clock(void)
{
    watch_start();
    for (unsigned i = 0; i < ROUNDS; i++) {
        (void)L4_SystemClock();
    }
    watch_stop();
    watch_report("system_clock", ROUNDS);
}

int main(void)
{
    for (unsigned i = 0; i < PAGES; i++) { /* so that this space has them to give */
        frames[i][0] = 1;
    }
    start_threads();
    bench_call("ipc_call_inter_0", partner, 0, L4_Never);
    bench_call("ipc_call_inter_60", partner, 60, L4_Never);
    bench_call("ipc_call_intra_0", peer, 0, L4_Never);
    bench_call("ipc_call_timeout", partner, 0, L4_TimePeriod(1000000));
    bench_shares();
    bench_faults();
    bench_interrupt();
    bench_threads();
    bench_clock();
    bench_mappings();
    end_machine(0);
}
