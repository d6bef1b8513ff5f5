/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's paths in instructions: a root task of its own, under -icount shift=0 one TSC tick is one instruction.
 * Each figure is the mean over ROUNDS after a warm-up; loops and stubs of the user side are included.
 *
 * main (root task's first thread) drives; `pager' serves faults of all other threads one-to-one from this space;
 * `partner' runs in a second space, `peer' in this one. */
#include "base/format.h"
#include "l4/kdb.h"
#include "l4/syscalls.h"

enum {
    ROUNDS = 1000,
    PAGES = 64,
    STACK_BYTES = 4096,
    UTCB_LOG2 = 17,
    PAGE_LOG2 = 12,
    LABEL_TOUCH = 1, /* to the partner: touch PAGES pages at `window', one fault each, then answer */
};
#define UTCB_AREA 0xbf000000u
#define KIP_AREA  0xbff00000u
#define WINDOW    0x20000000u /* where the partner touches */

int main(void);

static L4_ThreadId_t root, pager, partner, peer;
static char stacks[3][STACK_BYTES] __attribute__((aligned(4096)));
static char frames[PAGES][4096] __attribute__((aligned(4096)));

static L4_Word64_t tsc(void)
{
    L4_Word_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (L4_Word64_t)high << 32 | low;
}

/* What the kernel did meanwhile; each read of a counter is one entry itself. */
static L4_Word_t entries, switches, flushes;

static L4_Word_t flush_count(void)
{
    return L4_KDB_Counter(KDB_SPACE_SWITCHES) + L4_KDB_Counter(KDB_FULL_FLUSHES) +
           L4_KDB_Counter(KDB_PAGE_FLUSHES);
}

static L4_Word64_t begin(void)
{
    flushes = flush_count();
    switches = L4_KDB_Counter(KDB_SPACE_SWITCHES);
    entries = L4_KDB_Counter(KDB_ENTRIES);
    return tsc();
}

static void print_figure(const char *name, const char *what, unsigned value, const char *unit)
{
    char line[80];
    format(line, sizeof(line), "bench %s%s %u %s\n", name, what, value, unit);
    L4_KDB_PrintString(line);
}

/* Since begin(); a timer tick now and then does not show in the mean. */
static void report(const char *name, L4_Word64_t instructions, unsigned rounds)
{
    entries = L4_KDB_Counter(KDB_ENTRIES) - entries - 1;
    switches = L4_KDB_Counter(KDB_SPACE_SWITCHES) - switches;
    flushes = flush_count() - flushes;
    print_figure(name, "", (unsigned)instructions / rounds, "instructions");
    print_figure(name, "_entries", (unsigned)entries / rounds, "entries");
    print_figure(name, "_switches", (unsigned)switches / rounds, "switches");
    print_figure(name, "_flushes", (unsigned)flushes / rounds, "flushes");
}

static void end_machine(unsigned status)
{
    __asm__ volatile("outb %0, %1" : : "a"((char)('0' + status)), "Nd"((short)0xe9));
    __asm__ volatile("outb %0, %1" : : "a"((char)'\n'), "Nd"((short)0xe9));
    __asm__ volatile("outl %0, %1" : : "a"(status), "Nd"((short)0xf4));
}

static void require(L4_Word_t condition, const char *what)
{
    if (!condition) {
        char line[80];
        format(line, sizeof(line), "bench-kernel: %s failed, error %u\n", what, (unsigned)L4_ErrorCode());
        L4_KDB_PrintString(line);
        end_machine(1);
        for (;;) {
        }
    }
}

/* ---- the other threads ---- */

static void pager_main(void)
{
    L4_ThreadId_t from;
    (void)L4_Wait(&from);
    for (;;) {
        L4_Word_t address = L4_StoreMR(1), page = address & ~0xfffu;
        if (page - WINDOW < sizeof(frames)) {
            page = (L4_Word_t)frames + (page - WINDOW);
        }
        L4_LoadMR(1, (address & ~0xfffu) | L4_ITEM_MAP);
        L4_LoadMR(2, L4_FpageAddRights(L4_FpageLog2(page, PAGE_LOG2), L4_FullyAccessible).raw);
        (void)L4_ReplyWait(from, L4_MsgTag(0, 0, 2), &from);
    }
}

static void echo_main(void)
{
    L4_ThreadId_t from;
    L4_MsgTag_t tag = L4_Wait(&from);
    for (;;) {
        if (L4_Label(tag) == LABEL_TOUCH) {
            L4_Word64_t start = tsc();
            for (unsigned i = 0; i < PAGES; i++) {
                *(volatile char *)(WINDOW + i * 4096) = 1;
            }
            L4_LoadMR(1, (L4_Word_t)(tsc() - start));
            tag = L4_MsgTag(0, 1, 0);
        }
        tag = L4_ReplyWait(from, tag, &from);
    }
}

static L4_ThreadId_t thread(unsigned number)
{
    return L4_GlobalId(64 + number, 1);
}

static void start_here(L4_ThreadId_t t, unsigned slot, void (*entry)(void), L4_ThreadId_t its_pager)
{
    require(L4_ThreadControl(t, root, root, its_pager, UTCB_AREA + slot * UTCB_SIZE), "thread creation");
    struct l4_registers r = {.control = L4_EXREGS_START,
                             .sp = (L4_Word_t)stacks[slot - 1] + STACK_BYTES - 16,
                             .ip = (L4_Word_t)entry};
    require(L4_ExchangeRegisters(t, &r).raw, "thread start");
}

static void make_space(L4_ThreadId_t t)
{
    require(L4_ThreadControl(t, t, root, L4_nilthread, UTCB_AREA), "space creation");
    require(L4_SpaceControl(t, 0, L4_FpageLog2(KIP_AREA, PAGE_LOG2), L4_FpageLog2(UTCB_AREA, UTCB_LOG2),
                            L4_nilthread),
            "SpaceControl");
}

/* Activated with this thread as pager, for the start message; then `pager' takes over. */
static void start_elsewhere(L4_ThreadId_t t, void (*entry)(void), char *stack)
{
    make_space(t);
    require(L4_ThreadControl(t, t, L4_nilthread, root, ~0u), "activation");
    require(L4_ThreadControl(t, t, L4_nilthread, pager, ~0u), "change of pager");
    L4_LoadMR(1, (L4_Word_t)entry);
    L4_LoadMR(2, (L4_Word_t)stack + STACK_BYTES - 16);
    require(!L4_IpcFailed(L4_Send(t, L4_MsgTag(0, 2, 0))), "start message");
}

/* ---- the figures ---- */

static void bench_call(const char *name, L4_ThreadId_t to, unsigned words)
{
    L4_MsgTag_t tag = L4_MsgTag(0, words, 0);
    for (unsigned i = 0; i < 10; i++) {
        (void)L4_Call(to, tag);
    }
    L4_Word64_t start = begin();
    for (unsigned i = 0; i < ROUNDS; i++) {
        (void)L4_Call(to, tag);
    }
    report(name, tsc() - start, ROUNDS);
}

static void bench_fault(void)
{
    (void)L4_Call(partner, L4_MsgTag(LABEL_TOUCH, 0, 0)); /* warm-up: page tables are there afterwards */
    for (unsigned i = 1; i < PAGES; i++) {
        (void)L4_UnmapFpage(
            L4_FpageAddRights(L4_FpageLog2((L4_Word_t)frames[i], PAGE_LOG2), L4_FullyAccessible));
    }
    (void)begin();
    (void)L4_Call(partner, L4_MsgTag(LABEL_TOUCH, 0, 0));
    report("fault_map_inter", L4_StoreMR(1), PAGES - 1);
}

static void bench_unmap(void)
{
    L4_Word64_t start = begin();
    for (unsigned i = 1; i < PAGES; i++) {
        (void)L4_UnmapFpage(
            L4_FpageAddRights(L4_FpageLog2((L4_Word_t)frames[i], PAGE_LOG2), L4_FullyAccessible));
    }
    report("unmap_1", tsc() - start, PAGES - 1);
}

static void bench_threads(void)
{
    L4_ThreadId_t t = thread(10);
    L4_Word64_t start = begin();
    for (unsigned i = 0; i < ROUNDS; i++) {
        (void)L4_ThreadControl(t, root, root, root, UTCB_AREA + 8 * UTCB_SIZE);
        (void)L4_ThreadControl(t, L4_nilthread, L4_nilthread, L4_nilthread, ~0u);
    }
    report("thread_create_delete", tsc() - start, ROUNDS);
    start = begin();
    for (unsigned i = 0; i < ROUNDS; i++) {
        make_space(t);
        (void)L4_ThreadControl(t, L4_nilthread, L4_nilthread, L4_nilthread, ~0u);
    }
    report("space_create_delete", tsc() - start, ROUNDS);
}

int main(void)
{
    root = L4_Myself();
    pager = thread(0);
    partner = thread(1);
    peer = thread(2);
    for (unsigned i = 0; i < PAGES; i++) { /* so that this space has them to give */
        frames[i][0] = 1;
    }
    for (unsigned i = 0; i < 3; i++) {
        stacks[i][0] = 1;
    }
    L4_ThreadId_t sigma0 = L4_Pager();
    start_here(pager, 1, pager_main, sigma0);
    start_elsewhere(partner, echo_main, stacks[1]);
    start_here(peer, 3, echo_main, sigma0);
    bench_call("ipc_call_inter_0", partner, 0);
    bench_call("ipc_call_inter_60", partner, 60);
    bench_call("ipc_call_intra_0", peer, 0);
    bench_fault();
    bench_unmap();
    bench_threads();
    end_machine(0);
    for (;;) {
    }
}
