/* SPDX-License-Identifier: BSD-2-Clause */
/* bench-paging instructions|faults|tasks|time|wired: what paging costs, a line each: `bench NAME
 * VALUE UNIT`.
 *
 * instructions   for `tools/run --icount`, where a tick of the TSC is one instruction: what faults
 * and page-ins cost faults         of these, the faults that need no disk tasks          the same
 * for whole tasks out and in, and for what may grow with their number time           for a machine
 * in real time: outswap and inswap, and what stays in memory wired          what is never paged, on
 * any machine
 *
 * Page-ins are counted everything included: a child of the lowest priority counts turns of a
 * loop of three instructions, so that the machine never halts; what it did not get has been
 * spent.  It is wired, where the manifest has `debug on`: a page of it that is out would make
 * its clock jump. The patterns and the contents of the pages are those of apps/hog/hog_model.h.
 * Lines with a # say more. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../apps/hog/hog_model.h"
#include "counter.h"
#include "client/physmem.h"
#include "client/task.h"
#include "l4/kdb.h"
#include "l4/kip.h"
#include "l4/syscalls.h"
#include "messages.h"
#include "report.h"

enum {
    FAULT_PAGES = 1000,
    OUTSWAP_PAGES = 1024,
    OUTSWAP_ROUNDS = 5,
    PARKED_TASKS = 4,
    PARKED_THREADS = 100,
    PARKED_ACCESSES = 3000,
    NAP_US = 300 * 1000,
    NAP_STACK_BYTES = 512,
    REGIONS = 2000,
    ALIVE = 200,
    CALIBRATE_US = 400 * 1000,
    LEAD_US = 50 * 1000,
    POLL_US = 1000,
    POLLS_MAX = 30 * 1000,
    PRIORITY_LOWEST = 1,
};

const char program_name[] = "bench-paging";

static void pause_us(unsigned us)
{
    L4_Sleep(L4_TimePeriod(us));
}

/* MR1 = how many pages to write to, each time it is asked. */
static _Noreturn void be_holder(void)
{
    static char *pages;
    for (L4_Word_t turn = 0;; turn++) {
        L4_ThreadId_t from;
        (void)L4_Wait(&from);
        L4_Word_t count = L4_StoreMR(1);
        if (!pages && count > 0) {
            require(pager_map_anonymous(count * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, (void **)&pages),
                    "pages");
        }
        for (L4_Word_t i = 0; i < count; i++) {
            *(volatile L4_Word_t *)(pages + i * PAGE_SIZE) = turn + 1;
        }
        (void)L4_Reply(from, L4_MsgTag(LABEL_ORDER, 0, 0));
    }
}

static _Noreturn void nap(void)
{
    for (;;) {
        pause_us(NAP_US);
    }
}

/* MR1 = how many threads to start, which sleep most of the time.  physmem is their pager, so that
 * each one's faults wait there; the task's own pager lets one fault after the other through. */
static _Noreturn void be_napper(void)
{
    static char stacks[PARKED_THREADS][NAP_STACK_BYTES] __attribute__((aligned(16)));
    for (;;) {
        L4_ThreadId_t from, thread, local;
        (void)L4_Wait(&from);
        for (L4_Word_t count = L4_StoreMR(1), i = 0; i < count && i < PARKED_THREADS; i++) {
            require(task_thread_create(PHYSMEM_THREAD, &thread, &local), "thread");
            struct l4_registers r = {.control = L4_EXREGS_START,
                                     .sp = (L4_Word_t)stacks[i] + NAP_STACK_BYTES,
                                     .ip = (L4_Word_t)nap};
            if (L4_IsNilThread(L4_ExchangeRegisters(thread, &r))) {
                fail("thread", ERR_NO_THREAD);
            }
        }
        (void)L4_Reply(from, L4_MsgTag(LABEL_ORDER, 0, 0));
    }
}

/* ---- instructions, everything included ---- */

static struct {
    struct counter counter;
    double per_turn; /* instructions, the timer's included */
} soak;

static double soaked(void)
{
    return turns_so_far(&soak.counter) * soak.per_turn;
}

static void wire(L4_Word_t task)
{
    enum error e;
    while ((e = task_debug(PHYSMEM_WIRE, &task, 1, NULL, 0)) == ERR_BUSY) {
        pause_us(POLL_US);
    }
    if (e != OK) {
        printf("# the counting task is not wired: %s\n", error_text(e));
    }
}

static void start_soak(void)
{
    soak.counter = start_counter("soak", PRIORITY_LOWEST);
    soak.per_turn = 1;
    wire(soak.counter.child.task);
    pause_us(LEAD_US);
    instructions_t start = tsc();
    double turns = soaked();
    pause_us(CALIBRATE_US);
    instructions_t elapsed = tsc() - start;
    turns = soaked() - turns;
    soak.per_turn = (double)elapsed / turns;
    printf("# soak: %.5f instructions a turn\n", soak.per_turn);
}

struct snapshot {
    struct memory_info memory;
    L4_Word_t soak_faults;
    instructions_t time;
    double soaked;
};

static struct snapshot take_snapshot(void)
{
    struct snapshot s = {.memory = memory(), .soak_faults = memory_of(soak.counter.child.task).faults};
    s.soaked = soaked();
    s.time = tsc();
    return s;
}

struct phase {
    double spent; /* instructions */
    L4_Word_t requests, pages_read;
};

/* Prints a remark with all of it. */
static struct phase end_phase(const char *name, const struct snapshot *before, uint32_t accesses)
{
    struct snapshot now = take_snapshot();
    struct phase p = {
        .spent = (double)(now.time - before->time) - (now.soaked - before->soaked),
        .requests = now.memory.reads - before->memory.reads,
        .pages_read = now.memory.pages_read - before->memory.pages_read,
    };
    printf("# %s: %lu accesses, %.0f instructions each; %lu pages read in %lu requests, %lu written in %lu; "
           "%lu faults of the counting task\n",
           name, (unsigned long)accesses, p.spent / accesses, (unsigned long)p.pages_read,
           (unsigned long)p.requests,
           (unsigned long)(now.memory.pages_written - before->memory.pages_written),
           (unsigned long)(now.memory.writes - before->memory.writes),
           (unsigned long)(now.soak_faults - before->soak_faults));
    return p;
}

static uint32_t wrong_words;

static void access_page(struct hog *h, uint32_t page, bool write)
{
    volatile uint32_t *words = (volatile uint32_t *)h->context + (size_t)page * HOG_PAGE_WORDS;
    for (uint32_t k = 0; k < HOG_PAGE_WORDS; k += HOG_STRIDE) {
        uint32_t value = (page * 2654435761u) ^ k;
        if (write) {
            words[k] = value;
        } else {
            wrong_words += words[k] != value;
        }
    }
}

static void *anonymous(uint32_t pages)
{
    void *area;
    require(pager_map_anonymous((size_t)pages * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &area), "memory");
    return area;
}

static void bench_anonymous_fault(void)
{
    /* The first one brings in the pager and all it needs. */
    for (int round = 0; round < 2; round++) {
        char *area = anonymous(FAULT_PAGES);
        struct messages before = messages();
        instructions_t start = tsc();
        for (uint32_t i = 0; i < FAULT_PAGES; i++) {
            *(volatile char *)(area + i * PAGE_SIZE) = 1;
        }
        double spent = (double)(tsc() - start);
        if (round > 0) {
            report("anon_fault", spent / FAULT_PAGES, "instructions");
            report_messages("anon_fault", &before, FAULT_PAGES);
        }
        require(pager_unmap(area, FAULT_PAGES * PAGE_SIZE), "unmapping");
    }
}

static void bench_parked(struct hog *h, uint32_t pages);

static void bench_page_in(void)
{
    struct hog h;
    uint32_t pages = 2 * memory().frames_free;
    hog_init(&h, pages, 0, false, NULL);
    h.access = access_page;
    h.context = anonymous(pages);
    struct snapshot s = take_snapshot();
    for (uint32_t i = 0; i < pages; i++) {
        access_page(&h, i, true);
    }
    report("fill_evict", end_phase("fill", &s, pages).spent / pages, "instructions");
    struct phase p = {0};
    for (int round = 0; round < 2; round++) { /* the first one still writes what the fill left */
        s = take_snapshot();
        for (uint32_t i = 0; i < pages; i++) {
            access_page(&h, i, false);
        }
        p = end_phase("sequential", &s, pages);
    }
    report("pagein_sequential", p.spent / p.pages_read, "instructions");
    struct messages before = messages();
    s = take_snapshot();
    for (uint32_t i = 0; i < pages; i++) {
        access_page(&h, hog_perm(&h, i, 77), false);
    }
    p = end_phase("random", &s, pages);
    report("pagein_random", p.spent / p.requests, "instructions");
    report_messages("pagein_random", &before, p.requests);
    bench_parked(&h, pages);
    if (wrong_words) {
        fail("pages came back damaged", ERR_CHECKSUM);
    }
}

/* ---- what may grow ---- */

static void bench_regions(void)
{
    char *regions[REGIONS];
    instructions_t spent = 0;
    enum { MEASURED = 20 };
    for (uint32_t i = 0; i < REGIONS + MEASURED; i++) {
        void *area;
        instructions_t start = tsc();
        require(pager_map_anonymous(PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &area), "region");
        if (i < REGIONS) {
            regions[i] = area;
        } else {
            spent += tsc() - start;
            require(pager_unmap(area, PAGE_SIZE), "region");
        }
    }
    report("map_region_2000", (double)spent / MEASURED, "instructions");
    for (uint32_t i = 0; i < REGIONS; i++) {
        require(pager_unmap(regions[i], PAGE_SIZE), "region");
    }
}

static double cost_of_kill(void)
{
    enum { KILLED = 5 };
    instructions_t spent = 0;
    for (int i = 0; i < KILLED; i++) {
        struct child child = start_child("holder", 0);
        order(&child, 0);
        instructions_t start = tsc();
        end_child(&child);
        spent += tsc() - start;
    }
    return (double)spent / KILLED;
}

/* All of the tasks run the same program, so that they share its text; each has run since the last
 * one was started. */
static void bench_kill(void)
{
    static struct child alive[ALIVE];
    double alone = cost_of_kill();
    for (int i = 0; i < ALIVE; i++) {
        alive[i] = start_child("holder", 0);
    }
    for (int i = 0; i < ALIVE; i++) {
        order(&alive[i], 0);
    }
    double among = cost_of_kill();
    printf("# a task is killed at %.0f instructions, among %d others at %.0f\n", alone, ALIVE, among);
    report("task_kill_200", 100 * among / alone, "percent");
    for (int i = 0; i < ALIVE; i++) {
        end_child(&alive[i]);
    }
}

/* ---- whole tasks ---- */

static void wait_until_out(L4_Word_t task)
{
    for (int i = 0; i < POLLS_MAX; i++) {
        struct task_memory m = memory_of(task);
        if (m.state == TASK_MEMORY_OUT && m.frames == 0) {
            return;
        }
        pause_us(POLL_US);
    }
    fail("outswap", ERR_BUSY);
}

/* What was never written needs no slot, and is not read back: a few pages of the program that it
 * has only read.  That all others come back is shown by tests/unit/physmem_disk_test.c. */
static void wait_until_in(L4_Word_t task, L4_Word_t frames)
{
    enum { NEVER_WRITTEN = 8 };
    for (int i = 0; i < POLLS_MAX; i++) {
        struct task_memory m = memory_of(task);
        if (m.state == TASK_MEMORY_IN && m.frames + NEVER_WRITTEN >= frames && memory().frames_transit == 0) {
            return;
        }
        pause_us(POLL_US);
    }
    fail("inswap", ERR_BUSY);
}

static int by_size(const void *a, const void *b)
{
    const L4_Word_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static L4_Word_t since_us(L4_Word64_t start)
{
    return (L4_Word_t)(L4_SystemClock() - start);
}

static double median_ms(L4_Word_t *us)
{
    qsort(us, OUTSWAP_ROUNDS, sizeof *us, by_size);
    enum { MIDDLE = OUTSWAP_ROUNDS / 2 };
    return us[MIDDLE] / 1000.0;
}

/* A task that has written to so many pages.  stub_name: for what physmem keeps of it while it is
 * out. */
static void bench_outswap(L4_Word_t pages, const char *stub_name, const char *out_name, const char *in_name)
{
    L4_Word_t out_us[OUTSWAP_ROUNDS], in_us[OUTSWAP_ROUNDS];
    struct child child = start_child("holder", 0);
    struct task_memory before, out = {0};
    for (int i = 0; i < OUTSWAP_ROUNDS; i++) {
        order(&child, pages);
        before = memory_of(child.task);
        L4_Word64_t start = L4_SystemClock();
        require(task_outswap(child.task, OUTSWAP_HOLD), "outswap");
        wait_until_out(child.task);
        out_us[i] = since_us(start);
        out = memory_of(child.task);
        start = L4_SystemClock();
        require(task_inswap(child.task), "inswap");
        wait_until_in(child.task, before.frames);
        in_us[i] = since_us(start);
    }
    printf("# a task of %lu frames was out with %lu pages on swap\n", (unsigned long)before.frames,
           (unsigned long)out.swapped);
    end_child(&child);
    report(stub_name, out.stub_bytes, "bytes");
    if (out_name && in_name) {
        report(out_name, median_ms(out_us), "ms");
        report(in_name, median_ms(in_us), "ms");
    }
}

/* The same, in instructions a page. */
static void bench_outswap_pages(L4_Word_t pages, const char *out_name, const char *in_name)
{
    double out = 0, in = 0;
    struct child child = start_child("holder", 0);
    for (int i = 0; i < OUTSWAP_ROUNDS; i++) {
        order(&child, pages);
        struct task_memory before = memory_of(child.task);
        struct snapshot s = take_snapshot();
        require(task_outswap(child.task, OUTSWAP_HOLD), "outswap");
        wait_until_out(child.task);
        out += end_phase(out_name, &s, before.frames).spent / before.frames;
        s = take_snapshot();
        require(task_inswap(child.task), "inswap");
        wait_until_in(child.task, before.frames);
        in += end_phase(in_name, &s, before.frames).spent / before.frames;
    }
    end_child(&child);
    report(out_name, out / OUTSWAP_ROUNDS, "instructions");
    report(in_name, in / OUTSWAP_ROUNDS, "instructions");
}

/* Page-ins while many faults wait for something else: for tasks that are held out of memory. */
static void bench_parked(struct hog *h, uint32_t pages)
{
    struct child nappers[PARKED_TASKS];
    for (int i = 0; i < PARKED_TASKS; i++) {
        nappers[i] = start_child("napper", 0);
        order(&nappers[i], PARKED_THREADS);
    }
    for (int i = 0; i < PARKED_TASKS; i++) {
        require(task_outswap(nappers[i].task, OUTSWAP_HOLD), "outswap");
        wait_until_out(nappers[i].task);
    }
    pause_us(2 * NAP_US);
    L4_Word_t parked = memory().parked;
    struct snapshot s = take_snapshot();
    for (uint32_t i = 0; i < PARKED_ACCESSES; i++) {
        access_page(h, hog_perm(h, i % pages, 78), false);
    }
    struct phase p = end_phase("random, with others parked", &s, PARKED_ACCESSES);
    printf("# %lu faults were parked\n", (unsigned long)parked);
    if (parked < PARKED_TASKS * PARKED_THREADS) {
        fail("parking faults", ERR_BUSY);
    }
    report("pagein_400_parked", p.spent / p.requests, "instructions");
    for (int i = 0; i < PARKED_TASKS; i++) {
        end_child(&nappers[i]);
    }
}

/* ---- what is never paged ---- */

/* The kernel's image and pool, from the memory descriptors. */
static L4_Word_t kernel_bytes(void)
{
    const struct kip *kip = L4_KernelInterface();
    const struct kip_memdesc *d = (const void *)((const char *)kip + (kip->memory_info >> 16));
    L4_Word_t bytes = 0;
    for (L4_Word_t i = 0; i < (kip->memory_info & 0xffff); i++) {
        if ((d[i].low & 0x2ff) == MEMDESC_RESERVED) {
            bytes += ((d[i].high | 0x3ff) + 1) - (d[i].low & ~0x3ffu);
        }
    }
    return bytes;
}

static void bench_wired(void)
{
    struct memory_info info = memory();
    L4_Word_t kernel = kernel_bytes() >> 10, above = info.frames_wired * (PAGE_SIZE >> 10);
    printf("# frames: %lu of physmem's image and frame table, %lu of its tables, %lu lent to the kernel\n",
           (unsigned long)info.frames_image, (unsigned long)(info.frames_tables - info.frames_lent),
           (unsigned long)info.frames_lent);
    printf("# KiB: %lu of the kernel, %lu of physmem and the swap driver\n", (unsigned long)kernel,
           (unsigned long)above);
    report("wired_kib", kernel + above, "KiB");
}

static void wait_for_swap(void)
{
    for (int i = 0; i < POLLS_MAX && memory().slots_total == 0; i++) {
        pause_us(POLL_US);
    }
}

int main(int argc, char **argv)
{
    const char *role = argc > 1 ? argv[1] : "";
    child_program = argv[0];
    if (strcmp(role, "soak") == 0) {
        be_counter();
    }
    if (strcmp(role, "holder") == 0) {
        be_holder();
    }
    if (strcmp(role, "napper") == 0) {
        be_napper();
    }
    wait_for_swap();
    if (strcmp(role, "faults") == 0) {
        bench_anonymous_fault();
    } else if (strcmp(role, "instructions") == 0) {
        bench_anonymous_fault();
        start_soak();
        bench_page_in();
    } else if (strcmp(role, "tasks") == 0) {
        bench_regions();
        bench_kill();
        start_soak();
        bench_outswap_pages(OUTSWAP_PAGES, "outswap_page_4m", "inswap_page_4m");
        bench_outswap_pages(16 * OUTSWAP_PAGES, "outswap_page_64m", "inswap_page_64m");
    } else if (strcmp(role, "wired") == 0) {
        bench_wired();
    } else if (strcmp(role, "time") == 0) {
        bench_wired();
        bench_outswap(0, "outswapped_stub_bytes", NULL, NULL);
        bench_outswap(OUTSWAP_PAGES, "outswapped_stub_4m_bytes", "outswap_4m", "inswap_4m");
        bench_outswap(4 * OUTSWAP_PAGES, "outswapped_stub_16m_bytes", "outswap_16m", "inswap_16m");
    } else {
        puts("usage: bench-paging instructions|faults|tasks|time|wired");
        return 2;
    }
    return 0;
}
