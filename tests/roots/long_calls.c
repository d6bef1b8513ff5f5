/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that give the kernel as much to do as they can, as root task: ranges, pages with very many
 * mappings, spaces with full and with sparse page tables, all ports, very many senders, strings to
 * be printed.  It checks
 * what they do; tests/system/long_calls.sh runs it on build/kernel-irqoff.elf, which tells how long
 * interrupts were off.
 *
 * The visitor is a space whose one thread faults again and again: root, its pager, answers with the
 * mappings that it wants the visitor to have, and never with the page that is missing. */
#include "end_machine.h"
#include "ktap/ktap.h"
#include "l4/kdb.h"
#include "l4/kernel_memory.h"
#include "l4/syscalls.h"

enum {
    FIRST_NUMBER = 1024,
    PAGE_LOG2 = 12,
    PAGE = 1 << PAGE_LOG2,
    SUPER_LOG2 = 22,
    SUPER = 1 << SUPER_LOG2,
    UTCB_LOG2 = 17,
    COPIES = 5000, /* of one page */
    TABLES = 400,  /* with a page each */
    AREAS = 8,     /* of 4 MiB, full */
    SENDERS = 240,
    STACK_WORDS = 64,
    PATIENCE_US = 20000,
    PORTS_LOG2 = 16,
    TEXT_BYTES = 5000, /* more than the kernel prints */
};
#define UTCB_AREA  0xbfc00000u
#define KIP_AREA   0xbf300000u
#define ROOT_UTCBS 0xbf000000u
#define NOWHERE    0x3000u /* where the visitor has nothing */
#define COPIES_AT  0x40000000u
#define AREAS_AT   0x60000000u
#define SPARSE_AT  0x10000000u

int main(void);

extern char __executable_start[], _end[];

static L4_ThreadId_t root;
static char pages[SUPER] __attribute__((aligned(SUPER)));
static L4_Word_t stacks[SENDERS + 1][STACK_WORDS];
static volatile unsigned ended, woken;
static L4_Word64_t alarm; /* when all wake up at once */

static void write_text(const char *text)
{
    L4_KDB_PrintString(text);
}

static L4_ThreadId_t id_of(unsigned i)
{
    return L4_GlobalId(FIRST_NUMBER + i, 1);
}

static L4_Fpage_t fpage(const void *at, unsigned log2, L4_Word_t rights)
{
    return L4_FpageAddRights(L4_FpageLog2((L4_Word_t)at, log2), rights);
}

/* ---- the visitor ---- */

static bool visitor_make(L4_ThreadId_t t)
{
    bool made = L4_ThreadControl(t, t, root, L4_nilthread, UTCB_AREA) &&
                L4_SpaceControl(t, 0, L4_FpageLog2(KIP_AREA, PAGE_LOG2), L4_FpageLog2(UTCB_AREA, UTCB_LOG2),
                                L4_nilthread) &&
                L4_ThreadControl(t, t, L4_nilthread, root, ~0u);
    L4_LoadMR(1, NOWHERE);
    L4_LoadMR(2, 0);
    return made && L4_IpcSucceeded(L4_Send(t, L4_MsgTag(0, 2, 0)));
}

/* Its next fault is answered with this item.  false: it did not fault, or the item did not go
 * through. */
static bool give(L4_ThreadId_t t, L4_Word_t to, L4_Word_t kind, L4_Fpage_t f)
{
    L4_MsgTag_t tag = L4_Receive_Timeout(t, L4_Never);
    if (L4_IpcFailed(tag) || L4_StoreMR(1) != NOWHERE) {
        return false;
    }
    L4_LoadMR(1, to | kind);
    L4_LoadMR(2, f.raw);
    return L4_IpcSucceeded(L4_Reply(t, L4_MsgTag(0, 0, 2)));
}

static bool delete_thread(L4_ThreadId_t t)
{
    return L4_ThreadControl(t, L4_nilthread, L4_nilthread, L4_nilthread, ~0u) == 1;
}

/* ---- threads of root's own space ---- */

/* Thread i waits for its start. */
static bool thread_make(unsigned i)
{
    return L4_ThreadControl(id_of(i), root, root, root, ROOT_UTCBS + (1 + i) * UTCB_SIZE);
}

/* Thread i, at most SENDERS, begins. */
static bool thread_start(unsigned i, void (*code)(void))
{
    L4_LoadMR(1, (L4_Word_t)code);
    L4_LoadMR(2, (L4_Word_t)&stacks[i][STACK_WORDS]);
    return L4_IpcSucceeded(L4_Send(id_of(i), L4_MsgTag(0, 2, 0)));
}

/* Thread 0 waits for its start for ever, and SENDERS others do something about it. */
static bool start_senders(void (*code)(void))
{
    bool all = thread_make(0);
    ended = woken = 0;
    for (unsigned i = 1; i <= SENDERS && all; i++) {
        all = thread_make(i) && thread_start(i, code);
    }
    L4_Sleep(L4_TimePeriod(PATIENCE_US));
    return all;
}

static void delete_threads(unsigned first, unsigned count)
{
    for (unsigned i = first; i < first + count; i++) {
        EXPECT(delete_thread(id_of(i)));
    }
}

/* ---- tests ---- */

static void test_range(void)
{
    ktap_begin("4_MiB_mapped_asked_about_and_unmapped");
    L4_Word_t before = L4_KDB_KernelMemory(), gone = L4_KDB_Counter(KDB_UNMAPS);
    REQUIRE(visitor_make(id_of(0)));
    EXPECT(give(id_of(0), AREAS_AT, L4_ITEM_MAP, fpage(pages, SUPER_LOG2, L4_FullyAccessible)));
    L4_LoadMR(0, fpage(pages, SUPER_LOG2, 0).raw);
    L4_Unmap(0);
    EXPECT_EQ(L4_StoreMR(0) & L4_FullyAccessible, 0); /* the visitor has touched nothing */
    EXPECT_EQ(L4_KDB_Counter(KDB_UNMAPS), gone);
    (void)L4_UnmapFpage(fpage(pages, SUPER_LOG2, L4_Writable));
    (void)L4_UnmapFpage(fpage(pages, SUPER_LOG2, L4_FullyAccessible));
    EXPECT_EQ(L4_KDB_Counter(KDB_UNMAPS) - gone, SUPER / PAGE);
    EXPECT(delete_thread(id_of(0)));
    EXPECT_EQ(L4_KDB_Check(), 0);
    EXPECT_EQ(L4_KDB_KernelMemory(), before);
    (void)ktap_end();
}

static void test_copies(void)
{
    ktap_begin("a_page_with_very_many_mappings");
    L4_Word_t before = L4_KDB_KernelMemory();
    REQUIRE(visitor_make(id_of(0)));
    for (L4_Word_t i = 0; i < COPIES; i++) {
        EXPECT(
            give(id_of(0), COPIES_AT + i * PAGE, L4_ITEM_MAP, fpage(pages, PAGE_LOG2, L4_FullyAccessible)));
    }
    for (unsigned i = 0; i < 64; i++) {
        L4_LoadMR(i, fpage(pages, PAGE_LOG2, i % 2 ? L4_Writable : 0u).raw);
    }
    L4_Unmap(63);
    L4_Word_t gone = L4_KDB_Counter(KDB_UNMAPS);
    (void)L4_UnmapFpage(fpage(pages, PAGE_LOG2, L4_FullyAccessible));
    EXPECT_EQ(L4_KDB_Counter(KDB_UNMAPS) - gone, COPIES);
    for (L4_Word_t i = 0; i < COPIES; i++) {
        EXPECT(give(id_of(0), COPIES_AT + i * PAGE, L4_ITEM_MAP, fpage(pages, PAGE_LOG2, L4_ReadeXecOnly)));
        if (i == COPIES / 2) { /* another page in its place */
            EXPECT(give(id_of(0), COPIES_AT, L4_ITEM_MAP, fpage(pages + PAGE, PAGE_LOG2, L4_ReadeXecOnly)));
        }
    }
    gone = L4_KDB_Counter(KDB_UNMAPS);
    EXPECT(delete_thread(id_of(0))); /* with all of them */
    EXPECT_EQ(L4_KDB_Counter(KDB_UNMAPS) - gone, COPIES);
    EXPECT_EQ(L4_KDB_Check(), 0);
    EXPECT_EQ(L4_KDB_KernelMemory(), before);
    (void)ktap_end();
}

static void accept_for_ever(void)
{
    L4_MsgTag_t tag;
    do {
        L4_Accept(L4_CompleteAddressSpace);
        tag = L4_Receive_Timeout(root, L4_Never);
    } while (L4_IpcSucceeded(tag));
    for (;;) {
        L4_Sleep(L4_Never);
    }
}

/* Thread 0 gets this fpage there. */
static bool hand_over(L4_Word_t to, L4_Word_t kind, L4_Fpage_t f)
{
    L4_LoadMR(1, to | kind);
    L4_LoadMR(2, f.raw);
    return L4_IpcSucceeded(L4_Send(id_of(0), L4_MsgTag(0, 0, 2)));
}

/* The page goes from hand to hand: each mapping comes from the one before, all in this space. */
static void hand_on(void)
{
    L4_Fpage_t now = fpage(pages, PAGE_LOG2, L4_FullyAccessible);
    for (L4_Word_t i = 0; i < COPIES; i++) {
        EXPECT(hand_over(COPIES_AT + i * PAGE, L4_ITEM_MAP, now));
        now = fpage((void *)(COPIES_AT + i * PAGE), PAGE_LOG2, L4_FullyAccessible);
    }
}

/* The first hand's is granted to where the last one's is. */
static void test_hands(void)
{
    ktap_begin("a_page_that_goes_from_hand_to_hand");
    REQUIRE(thread_make(0) && thread_start(0, accept_for_ever));
    hand_on();
    EXPECT_EQ(L4_KDB_Check(), 0);
    EXPECT(hand_over(COPIES_AT + (COPIES - 1) * PAGE, L4_ITEM_GRANT,
                     fpage((void *)COPIES_AT, PAGE_LOG2, L4_FullyAccessible)));
    EXPECT_EQ(L4_KDB_Check(), 0);
    L4_Word_t gone = L4_KDB_Counter(KDB_UNMAPS);
    (void)L4_UnmapFpage(fpage(pages, PAGE_LOG2, L4_FullyAccessible));
    EXPECT_EQ(L4_KDB_Counter(KDB_UNMAPS) - gone, COPIES - 1);
    hand_on();
    gone = L4_KDB_Counter(KDB_UNMAPS);
    (void)L4_UnmapFpage(fpage(pages, PAGE_LOG2, L4_FullyAccessible));
    EXPECT_EQ(L4_KDB_Counter(KDB_UNMAPS) - gone, COPIES);
    EXPECT(delete_thread(id_of(0)));
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

static void test_full_space(void)
{
    ktap_begin("a_space_with_full_tables_goes");
    L4_Word_t before = L4_KDB_KernelMemory();
    REQUIRE(visitor_make(id_of(0)));
    for (L4_Word_t i = 0; i < AREAS; i++) {
        EXPECT(
            give(id_of(0), AREAS_AT + i * SUPER, L4_ITEM_MAP, fpage(pages, SUPER_LOG2, L4_FullyAccessible)));
    }
    /* other pages over them: what was there goes first */
    EXPECT(
        give(id_of(0), AREAS_AT, L4_ITEM_MAP, fpage(pages + SUPER / 2, SUPER_LOG2 - 1, L4_FullyAccessible)));
    EXPECT_EQ(L4_KDB_Check(), 0);
    EXPECT(delete_thread(id_of(0)));
    EXPECT_EQ(L4_KDB_Check(), 0);
    EXPECT_EQ(L4_KDB_KernelMemory(), before);
    (void)ktap_end();
}

static bool ask_sigma0(L4_Fpage_t f, L4_Word_t attribute)
{
    L4_LoadMR(1, f.raw);
    L4_LoadMR(2, attribute);
    L4_Accept(L4_CompleteAddressSpace);
    L4_MsgTag_t tag = L4_Call(L4_Pager(), L4_MsgTag(L4_LABEL_SIGMA0, 2, 0));
    L4_Accept(L4_Nilpage);
    return L4_IpcSucceeded(tag);
}

/* Of 1 024 frames, the first of which has very many mappings. */
static void test_types(void)
{
    ktap_begin("memory_types_of_very_many_mappings");
    REQUIRE(visitor_make(id_of(0)));
    for (L4_Word_t i = 0; i < COPIES; i++) {
        EXPECT(give(id_of(0), COPIES_AT + i * PAGE, L4_ITEM_MAP, fpage(pages, PAGE_LOG2, L4_ReadeXecOnly)));
    }
    EXPECT(ask_sigma0(L4_FpageLog2((L4_Word_t)pages, SUPER_LOG2), L4_WriteThroughMemory));
    EXPECT(ask_sigma0(L4_FpageLog2((L4_Word_t)pages, SUPER_LOG2), L4_WriteBackMemory));
    EXPECT(delete_thread(id_of(0)));
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

/* Root and the visitor have the same 4 MiB as superpages, the visitor very often; then root asks
 * about a page of them. */
static void test_superpages(void)
{
    enum { BIG = 0x2400000, TIMES = 40, PIECES = TIMES + 1 };
    ktap_begin("superpages_that_are_split");
    REQUIRE(ask_sigma0(L4_FpageLog2(BIG, SUPER_LOG2), L4_DefaultMemory));
    REQUIRE(visitor_make(id_of(0)));
    L4_Word_t gone = L4_KDB_Counter(KDB_UNMAPS);
    for (L4_Word_t i = 0; i < TIMES; i++) {
        EXPECT(give(id_of(0), COPIES_AT + i * SUPER, L4_ITEM_MAP,
                    fpage((void *)BIG, SUPER_LOG2, L4_FullyAccessible)));
    }
    (void)L4_UnmapFpage(fpage((void *)(BIG + PAGE), PAGE_LOG2, L4_FullyAccessible));
    EXPECT_EQ(L4_KDB_Counter(KDB_UNMAPS) - gone, TIMES);
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)L4_Flush(fpage((void *)BIG, SUPER_LOG2, L4_FullyAccessible));
    EXPECT_EQ(L4_KDB_Counter(KDB_UNMAPS) - gone, PIECES * (SUPER / PAGE));
    EXPECT(delete_thread(id_of(0)));
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

static void test_sparse_space(void)
{
    ktap_begin("a_space_with_sparse_tables_goes");
    L4_Word_t before = L4_KDB_KernelMemory();
    REQUIRE(visitor_make(id_of(0)));
    for (L4_Word_t i = 0; i < TABLES; i++) {
        EXPECT(give(id_of(0), SPARSE_AT + (i << SUPER_LOG2) + SUPER - PAGE, L4_ITEM_MAP,
                    fpage(pages + i * PAGE, PAGE_LOG2, L4_FullyAccessible)));
    }
    EXPECT_LE(L4_KDB_KernelMemory(), before - TABLES);
    EXPECT(delete_thread(id_of(0)));
    EXPECT_EQ(L4_KDB_KernelMemory(), before);
    (void)L4_UnmapFpage(L4_CompleteAddressSpace); /* no rights: all of its space is asked about */
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

/* Without ports that are mapped, nothing happens. */
static void test_ports(void)
{
    ktap_begin("all_ports");
    REQUIRE(visitor_make(id_of(0)));
    L4_Fpage_t all = {L4_IoFpage(0, PORTS_LOG2).raw | L4_FullyAccessible};
    EXPECT(give(id_of(0), 0, L4_ITEM_MAP, all));
    (void)L4_UnmapFpage(all);
    EXPECT(give(id_of(0), 0, L4_ITEM_MAP, all));
    EXPECT(delete_thread(id_of(0)));
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

static void send_for_ever(void)
{
    L4_MsgTag_t tag;
    do {
        tag = L4_Send(id_of(0), L4_MsgTag(0, 0, 0));
    } while (L4_IpcSucceeded(tag));
    ended++;
    L4_Sleep(L4_TimePeriod(alarm - L4_SystemClock()));
    woken++;
    for (;;) {
        L4_Sleep(L4_Never);
    }
}

static void test_senders(void)
{
    ktap_begin("very_many_senders_are_told_and_wake_at_once");
    REQUIRE(start_senders(send_for_ever));
    alarm = L4_SystemClock() + 3 * PATIENCE_US;
    EXPECT(delete_thread(id_of(0)));
    L4_Sleep(L4_TimePeriod(PATIENCE_US));
    EXPECT_EQ(ended, SENDERS);
    EXPECT_EQ(woken, 0);
    L4_Sleep(L4_TimePeriod(3 * PATIENCE_US));
    EXPECT_EQ(woken, SENDERS);
    delete_threads(1, SENDERS);
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

/* The thread to which they send gets another id. */
static void test_renamed(void)
{
    ktap_begin("a_thread_with_very_many_senders_gets_another_id");
    REQUIRE(start_senders(send_for_ever));
    EXPECT_EQ(ended, 0);
    alarm = L4_SystemClock() + PATIENCE_US;
    EXPECT(L4_ThreadControl(L4_GlobalId(FIRST_NUMBER, 2), root, L4_nilthread, L4_nilthread, ~0u));
    L4_Sleep(L4_TimePeriod(3 * PATIENCE_US));
    EXPECT_EQ(ended, SENDERS);
    delete_threads(0, SENDERS + 1);
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

/* Sends in another's name, to one that waits for its start message from root. */
static void send_as_another(void)
{
    L4_Set_VirtualSender(id_of(1));
    (void)L4_Send(id_of(2), (L4_MsgTag_t){L4_MsgTag(0, 0, 0).raw | L4_TAG_PROPAGATED});
    for (;;) {
        L4_Sleep(L4_Never);
    }
}

/* While such a message is queued, whoever goes makes the kernel look at all threads. */
static void test_crowd(void)
{
    enum { CROWD = 5000 };
    ktap_begin("a_thread_goes_among_very_many");
    REQUIRE(thread_make(0) && thread_make(1) && thread_make(2));
    for (unsigned i = 3; i < CROWD; i++) {
        EXPECT(L4_ThreadControl(id_of(i), root, root, L4_nilthread, ~0u));
    }
    EXPECT(thread_start(0, send_as_another));
    L4_Sleep(L4_TimePeriod(PATIENCE_US));
    for (unsigned i = CROWD; i-- > 0;) {
        EXPECT(delete_thread(id_of(i)));
    }
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

/* Sends to the thread before, and receives from anybody. */
static void pass_on(void)
{
    L4_ThreadId_t me = L4_Myself(), from;
    L4_ThreadId_t before = L4_ThreadNo(me) == FIRST_NUMBER ? root : id_of(L4_ThreadNo(me) - FIRST_NUMBER - 1);
    (void)L4_Ipc(before, L4_anythread, L4_Timeouts(L4_Never, L4_Never), L4_MsgTag(0, 0, 0), &from);
    ended++;
    for (;;) {
        L4_Sleep(L4_Never);
    }
}

/* Root's receive lets the first one go on, whose receive lets the second one go on, and so
 * forth. */
static void test_chain(void)
{
    ktap_begin("a_chain_of_very_many_senders");
    ended = 0;
    for (unsigned i = 0; i < SENDERS; i++) {
        REQUIRE(thread_make(i) && thread_start(i, pass_on));
    }
    L4_Sleep(L4_TimePeriod(PATIENCE_US));
    EXPECT_EQ(ended, 0);
    EXPECT(L4_IpcSucceeded(L4_Receive_Timeout(id_of(0), L4_Never)));
    L4_Sleep(L4_TimePeriod(PATIENCE_US));
    EXPECT_EQ(ended, SENDERS - 1); /* nobody sends to the last one */
    delete_threads(0, SENDERS);
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

/* ---- a long string ---- */

static char string[TEXT_BYTES];

static void print_for_ever(void)
{
    for (;;) {
        L4_KDB_PrintString(string);
    }
}

/* A string that ends, one that does not and of which the kernel prints a part, and one whose
 * printer goes in its middle. */
static void test_strings(void)
{
    ktap_begin("very_long_strings");
    for (unsigned i = 0; i < TEXT_BYTES; i++) {
        string[i] = '.';
    }
    write_text("# ");
    L4_KDB_PrintString(string);
    write_text("\n# ");
    string[TEXT_BYTES / 2] = '\0';
    L4_KDB_PrintString(string);
    write_text("\n# ");
    REQUIRE(thread_make(0) && thread_start(0, print_for_ever));
    L4_Sleep(L4_TimePeriod(1000));
    EXPECT(delete_thread(id_of(0)));
    write_text("\n");
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

/* ---- a space that is out ---- */

/* As many threads as such a space may have, in as many pages of UTCBs, and two page tables. */
static void test_stripped(void)
{
    enum { THREADS = 32 };
    ktap_begin("the_largest_space_that_can_be_stripped");
    L4_Word_t before = L4_KDB_KernelMemory();
    REQUIRE(visitor_make(id_of(0)));
    for (unsigned i = 1; i < THREADS; i++) {
        REQUIRE(L4_ThreadControl(id_of(i), id_of(0), root, root, UTCB_AREA + i * UTCB_SIZE));
    }
    L4_Sleep(L4_TimePeriod(PATIENCE_US)); /* the visitor faults */
    EXPECT_EQ(L4_SpaceControl(id_of(0), KERNEL_STRIP, L4_Nilpage, L4_Nilpage, L4_nilthread), 1);
    EXPECT(give(id_of(0), AREAS_AT, L4_ITEM_MAP, fpage(pages, PAGE_LOG2 + 4, L4_FullyAccessible)));
    EXPECT_EQ(L4_SpaceControl(id_of(0), KERNEL_STRIP, L4_Nilpage, L4_Nilpage, L4_nilthread), 0);
    (void)L4_UnmapFpage(fpage(pages, SUPER_LOG2, L4_FullyAccessible));
    L4_Sleep(L4_TimePeriod(PATIENCE_US));
    EXPECT_EQ(L4_SpaceControl(id_of(0), KERNEL_STRIP, L4_Nilpage, L4_Nilpage, L4_nilthread), 1);
    delete_threads(0, THREADS);
    EXPECT_EQ(L4_KDB_KernelMemory(), before);
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

int main(void)
{
    root = L4_Myself();
    for (L4_Word_t a = (L4_Word_t)__executable_start; a < (L4_Word_t)_end; a += PAGE) {
        volatile char *at = (volatile char *)a;
        char c = *at;
        *at = c;
    }
    ktap_start(write_text, 14);
    test_range();
    test_copies();
    test_hands();
    test_full_space();
    test_superpages();
    test_types();
    test_sparse_space();
    test_ports();
    test_strings();
    test_senders();
    test_renamed();
    test_crowd();
    test_chain();
    test_stripped();
    end_machine(ktap_finish());
    return 0;
}
