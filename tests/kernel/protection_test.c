/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel against itself: rights of its pages, gates, spurious interrupts; and what must end the
 * machine, which tests/system/deaths.sh asks for. */
#include "ktest.h"

#include "ia32/cpu.h"
#include "ia32/devices.h"
#include "ia32/entry.h"
#include "ia32/io.h"
#include "ia32/protection.h"
#include "ia32/trap.h"
#include "kdb/counters.h"

extern char text_start[], sealed_end[], kernel_stack_top[];

enum { GATES = 256 };

static uint64_t *idt(void)
{
    struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed)) table;
    __asm__ volatile("sidt %0" : "=m"(table));
    return (uint64_t *)table.base;
}

static pte_t *kernel_pte(const void *address)
{
    pte_t *table = arch_kernel_address(sigma0_space->directory[(word_t)address >> 22] & PAGE_MASK);
    return &table[(word_t)address >> PAGE_BITS & 1023];
}

static bool writable(word_t address)
{
    return (protection_page(sigma0_space->directory, address).bits & PTE_WRITE) != 0;
}

void test_protection(void)
{
    EXPECT_EQ(protection_check(sigma0_space->directory), 0);
    const word_t stack = (word_t)kernel_stack_top - PAGE_BYTES;
    EXPECT(!writable((word_t)text_start) && !writable((word_t)test_protection));
    EXPECT(!writable((word_t)vector_handlers) && !writable((word_t)idt()));
    EXPECT(!writable((word_t)kip_page()) && !writable((word_t)&cpu));
    EXPECT(writable((word_t)&counters) && writable(stack) && !writable(stack - 1));
    /* the checker sees what it is there for */
    pte_t *pte = kernel_pte(text_start), saved = *pte;
    *pte |= PTE_WRITE;
    EXPECT_EQ(protection_check(sigma0_space->directory), 1);
    *pte = saved | PTE_USER;
    EXPECT_EQ(protection_check(sigma0_space->directory), 1);
    *pte = saved;
    /* what ran before paging is memory like any other; the kernel is not */
    EXPECT(arch_frame_allowed(0x100000));
    for (paddr_t frame = arch_paddr(text_start); frame < arch_paddr(kernel_stack_top); frame += PAGE_BYTES) {
        EXPECT(!arch_frame_allowed(frame));
    }
}

/* Each stub begins with clac, and its gate leads there if the processor knows it. */
void test_gates(void)
{
    for (unsigned v = 0; v < VECTOR_IPC + SYSCALL_COUNT; v++) {
        uint64_t gate = idt()[v];
        bool task = (gate >> 40 & 0x1f) == 5;
        const unsigned char *entry =
            (const unsigned char *)(word_t)((gate >> 32 & 0xffff0000) | (gate & 0xffff));
        EXPECT_EQ(task, v == 2 || v == 8);
        if (!task) {
            entry -= cpu.smap ? 0 : CLAC_BYTES;
            EXPECT(entry[0] == 0x0f && entry[1] == 0x01 && entry[2] == 0xca);
        }
    }
}

/* Lines 7 and 15 with nothing in service: counted nowhere, left open, and the machine goes on. */
void test_spurious(void)
{
    enum { MASK1 = 0x21, MASK2 = 0xa1 };
    struct counters before = counters;
    pic_unmask(7);
    pic_unmask(15);
    EXPECT(pic_spurious(7) && pic_spurious(15) && !pic_spurious(6));
    (void)vector_handlers[VECTOR_IRQ_BASE + 7](ktest_root, VECTOR_IRQ_BASE + 7);
    (void)vector_handlers[VECTOR_IRQ_BASE + 15](ktest_root, VECTOR_IRQ_BASE + 15);
    struct tcb *chosen = current;
    arch_switch_to(NULL);
    schedule_wake(chosen);
    ktest_delete(ktest_thread(60)); /* the next one woken puts it into its queue */
    EXPECT_EQ(counters.interrupts, before.interrupts);
    EXPECT(!(inb(MASK1) & 0x80) && !(inb(MASK2) & 0x80));
    pic_mask(7);
    pic_mask(15);
}

/* ---- deaths ---- */

static void write_text(void)
{
    *(volatile char *)text_start = 0;
}

static void write_sealed(void)
{
    *(volatile uint64_t *)idt() = 0;
}

/* Not a tail call, nor a loop. */
static unsigned deeper(unsigned n)
{
    volatile char room[64];
    room[n & 63] = (char)n;
    return n == ~0u ? 0 : deeper(n + 1) + (unsigned)room[n & 63];
}

static void overflow(void)
{
    (void)deeper(0);
}

/* A page of a user space, with a ret in it. */
static const volatile char *user_page(void)
{
    struct tcb *t = ktest_thread(60);
    assert(t &&
           map_page_whole(sigma0_space, KTEST_FRAME, t->space, 0x5000, L4_FullyAccessible, false) == MAP_OK);
    *(char *)arch_kernel_address(KTEST_FRAME) = (char)0xc3;
    arch_switch_to(t);
    return (const volatile char *)0x5000;
}

static void read_user(void)
{
    (void)*user_page();
}

static void execute_user(void)
{
    ((void (*)(void))(word_t)user_page())();
}

static void panic_early(void)
{
    panic("as the word panic says");
}

/* A thread that stands in a queue, and is said to stand in none. */
static void miscount(void)
{
    struct tcb *a = ktest_thread(60), *b = ktest_thread(61);
    assert(a && b);
    ktest_ipc(a, b->global_id, 0, L4_Never.raw, 0);
    a->partner = NULL;
    ipc_abort(a, L4_IpcCanceled);
}

/* A string transfer that is said to go on, of a thread that is in none. */
static void no_transfer(void)
{
    struct tcb *a = ktest_thread(60), *b = ktest_thread(61);
    assert(a && b);
    a->peer = b;
    ipc_continue(a);
}

static const struct {
    const char *word;
    void (*run)(void);
    bool early; /* before there is a space or a thread */
} deaths[] = {
    {"panic", panic_early, true},  {"write-text", write_text, false},   {"write-sealed", write_sealed, false},
    {"overflow", overflow, false}, {"read-user", read_user, false},     {"execute-user", execute_user, false},
    {"miscount", miscount, false}, {"no-transfer", no_transfer, false},
};

void ktest_deaths(bool (*has_word)(const char *word))
{
    for (unsigned i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++) {
        if (has_word(deaths[i].word)) {
            (void)(deaths[i].early ? 0 : ktest_footprint()); /* which makes the initial spaces */
            deaths[i].run();
            panic("still alive");
        }
    }
}
