/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel memory from outside, as root task: 10 000 threads in 1 000 spaces, made and deleted three
 * times; a space at its quota, whose faults go on when it is raised; a pool that is used up. */
#include "end_machine.h"
#include "ktap/ktap.h"
#include "l4/kdb.h"
#include "l4/kernel_memory.h"
#include "l4/syscalls.h"

enum {
    SPACES = 1000,
    THREADS = 10, /* of each space */
    ROUNDS = 3,
    FIRST_NUMBER = 1024,
    PAGE_LOG2 = 12,
    UTCB_LOG2 = 15,
    PAGE_KIB = 4,
    AREAS = 8, /* of 4 MiB, that a visitor touches */
    PATIENCE = 3,
    MANY = 50,
    VISITORS = 2,
    QUOTA_KIB = 24, /* more than a visitor takes at first, less than it wants */
    PAGE_WORD = 7,
    STACK_BYTES = 4096,
    LABEL_DONE = 0x77,
};
#define UTCB_AREA 0xbf000000u
#define KIP_AREA  0xbf300000u /* where root has it: the addresses of system calls are the same */
#define VISITED   0x40000000u

int main(void);

extern char __executable_start[], _end[];

static L4_ThreadId_t root;
static char page[4096] __attribute__((aligned(4096)));
static char stacks[VISITORS][STACK_BYTES] __attribute__((aligned(4096)));
static unsigned refusals[VISITORS], wrong;

static void write_text(const char *text)
{
    L4_KDB_PrintString(text);
}

static L4_ThreadId_t id_of(unsigned i)
{
    return L4_GlobalId(FIRST_NUMBER + i, 1);
}

static bool set_quota(L4_ThreadId_t t, L4_Word_t kib)
{
    return L4_SpaceControl(t, KERNEL_QUOTA | kib, L4_Nilpage, L4_Nilpage, L4_nilthread) == 1;
}

/* A space with its first thread, active and waiting to be started; root is its pager. */
static bool make_space(L4_ThreadId_t t)
{
    return L4_ThreadControl(t, t, root, L4_nilthread, UTCB_AREA) &&
           L4_SpaceControl(t, 0, L4_FpageLog2(KIP_AREA, PAGE_LOG2), L4_FpageLog2(UTCB_AREA, UTCB_LOG2),
                           L4_nilthread) &&
           L4_ThreadControl(t, t, L4_nilthread, root, ~0u);
}

static bool make_thread(L4_ThreadId_t t, L4_ThreadId_t first, unsigned slot)
{
    return L4_ThreadControl(t, first, root, root, UTCB_AREA + slot * UTCB_SIZE) == 1;
}

static bool make_threads(unsigned i, unsigned first, unsigned count)
{
    for (unsigned slot = 1; slot <= count; slot++, i++) {
        if (!make_thread(id_of(i), id_of(first), slot)) {
            return false;
        }
    }
    return true;
}

static bool delete_thread(L4_ThreadId_t t)
{
    return L4_ThreadControl(t, L4_nilthread, L4_nilthread, L4_nilthread, ~0u) == 1;
}

/* ---- many ---- */

static bool make_many(void)
{
    for (unsigned i = 0; i < SPACES * THREADS; i++) {
        unsigned slot = i % THREADS;
        if (!(slot ? make_thread(id_of(i), id_of(i - slot), slot) : make_space(id_of(i)))) {
            ktap_diagnostic("thread %u: error %u, %u pages free", i, (unsigned)L4_ErrorCode(),
                            (unsigned)L4_KDB_KernelMemory());
            return false;
        }
    }
    return true;
}

static bool delete_threads(unsigned count)
{
    bool good = true;
    for (unsigned i = 0; i < count; i++) {
        good &= delete_thread(id_of(i));
    }
    return good;
}

/* The leaves of the thread table stay: they are there after the first round. */
static void test_many(void)
{
    L4_Word_t start = L4_KDB_KernelMemory(), before = 0, least = start;
    ktap_begin("10000_threads_in_1000_spaces_three_times");
    for (unsigned i = 0; i < ROUNDS; i++) {
        EXPECT(make_many());
        least = L4_KDB_KernelMemory() < least ? L4_KDB_KernelMemory() : least;
        EXPECT_EQ(L4_KDB_Check(), 0);
        EXPECT(delete_threads(SPACES * THREADS));
        L4_Word_t after = L4_KDB_KernelMemory();
        EXPECT(i == 0 || after == before);
        EXPECT_LE(start - after, 1 + SPACES * THREADS / 1024);
        before = after;
    }
    EXPECT_EQ(L4_KDB_Check(), 0);
    ktap_diagnostic("bench threads_10000_kib %u KiB", (unsigned)(start - least) * PAGE_KIB);
    (void)ktap_end();
}

/* ---- visitors: threads of spaces of their own that touch AREAS areas of 4 MiB ---- */

static void visit(void)
{
    L4_Word_t sum = 0;
    for (L4_Word_t i = 0; i < AREAS; i++) {
        sum += *(volatile L4_Word_t *)(VISITED + (i << 22));
    }
    for (;;) {
        L4_LoadMR(1, sum);
        (void)L4_Call(root, L4_MsgTag(LABEL_DONE, 1, 0));
    }
}

static bool start_visitor(unsigned i)
{
    L4_LoadMR(1, (L4_Word_t)visit);
    L4_LoadMR(2, (L4_Word_t)stacks[i] + STACK_BYTES - 16);
    return L4_IpcSucceeded(L4_Send(id_of(i), L4_MsgTag(0, 2, 0)));
}

/* The page for a fault: this program one to one, and `page' all over the visited areas. */
static void load_map_item(L4_Word_t address)
{
    bool own = address >= (L4_Word_t)__executable_start && address < (L4_Word_t)_end;
    L4_Word_t from = own ? address : (L4_Word_t)page;
    L4_LoadMR(1, (address & ~0xfffu) | L4_ITEM_MAP);
    L4_LoadMR(2, L4_FpageAddRights(L4_FpageLog2(from & ~0xfffu, PAGE_LOG2), L4_FullyAccessible).raw);
}

/* One message of a visitor's.  true: it is done. */
static bool serve_one(unsigned *who)
{
    L4_ThreadId_t from;
    L4_MsgTag_t tag = L4_Wait(&from);
    *who = L4_ThreadNo(from) - FIRST_NUMBER;
    if (L4_IpcFailed(tag) || *who >= VISITORS) {
        wrong++;
        return false;
    }
    if (L4_Label(tag) == LABEL_DONE) {
        wrong += L4_StoreMR(1) != AREAS * PAGE_WORD;
        return true;
    }
    load_map_item(L4_StoreMR(1));
    if (L4_IpcFailed(L4_Reply(from, L4_MsgTag(0, 0, 2)))) {
        wrong += L4_ErrorCode() != (L4_IpcMsgOverflow << 1 | L4_IpcNoMemory);
        refusals[*who]++;
    }
    return false;
}

/* Until visitor i is done: true; or until so many faults of its have been refused. */
static bool serve(unsigned i, unsigned patience)
{
    unsigned who;
    refusals[i] = 0;
    while (refusals[i] < patience) {
        if (serve_one(&who) && who == i) {
            return true;
        }
    }
    return false;
}

static void test_quota(void)
{
    ktap_begin("a_space_at_its_quota_waits_and_disturbs_nobody");
    L4_Word_t before = L4_KDB_KernelMemory();
    REQUIRE(make_space(id_of(0)) && make_space(id_of(1)));
    EXPECT(set_quota(id_of(0), QUOTA_KIB) && start_visitor(0));
    EXPECT(!serve(0, PATIENCE));
    /* it has no thread more, and its faults are refused while its neighbour goes on */
    EXPECT(!make_threads(2, 0, MANY));
    EXPECT_EQ(L4_ErrorCode(), 8);
    EXPECT(make_threads(2 + MANY, 1, MANY));
    EXPECT(start_visitor(1) && serve(1, 1));
    EXPECT_LE(PATIENCE + 1, refusals[0]);
    /* the fault that was refused is only late */
    unsigned kib = QUOTA_KIB;
    while (kib < 1024 && !serve(0, PATIENCE)) {
        EXPECT(set_quota(id_of(0), kib += PAGE_KIB));
    }
    EXPECT_LT(kib, QUOTA_KIB + (AREAS + 2) * PAGE_KIB);
    EXPECT_EQ(wrong, 0);
    (void)delete_threads(2 + 2 * MANY);
    EXPECT_EQ(L4_KDB_Check(), 0);
    EXPECT_EQ(L4_KDB_KernelMemory(), before);
    (void)ktap_end();
}

/* Whoever is there before goes on when nothing is left. */
static void test_exhausted(void)
{
    ktap_begin("an_empty_pool_is_error_8_and_no_more");
    unsigned n = 1, who;
    L4_Word_t before = L4_KDB_KernelMemory();
    REQUIRE(make_space(id_of(0)) && start_visitor(0) && serve(0, 1));
    while (n < SPACES * THREADS && make_space(id_of(n))) {
        n++;
    }
    EXPECT_EQ(L4_ErrorCode(), 8);
    EXPECT_LT(n, SPACES * THREADS);
    EXPECT_LE(L4_KDB_KernelMemory(), 2);
    EXPECT_EQ(L4_KDB_Check(), 0);
    for (unsigned i = 0; i < MANY; i++) {
        EXPECT(L4_IpcSucceeded(L4_Reply(id_of(0), L4_MsgTag(0, 0, 0))) && serve_one(&who) && who == 0);
    }
    EXPECT_EQ(wrong, 0);
    ktap_diagnostic("%u spaces", n);
    (void)delete_threads(n + 1);
    EXPECT_EQ(L4_KDB_Check(), 0);
    EXPECT_LE(before - L4_KDB_KernelMemory(), SPACES * THREADS / 1024);
    (void)ktap_end();
}

int main(void)
{
    root = L4_Myself();
    *(L4_Word_t *)(void *)page = PAGE_WORD;
    stacks[0][0] = stacks[1][0] = 1;
    for (L4_Word_t a = (L4_Word_t)__executable_start; a < (L4_Word_t)_end; a += sizeof(page)) {
        (void)*(volatile char *)a;
    }
    ktap_start(write_text, 3);
    test_many();
    test_quota();
    test_exhausted();
    end_machine(ktap_finish());
    return 0;
}
