/* SPDX-License-Identifier: BSD-2-Clause */
/* Quotas of kernel memory, and frames that sigma0 lends to the kernel. */
#include "ktest.h"

#include "ia32/paging.h"

#include "l4/kernel_memory.h"
#include "l4/memory_control.h"

/* UNMAPPED: a page table of sigma0's, which lasts as long as it has entries; and what is for
 * mappings, a page table and a page of nodes. */
enum { RWX = L4_FullyAccessible, LENT = 4, UNMAPPED = 1, UNMAPPED_CACHE = 2 };

static bool mapped(const struct tcb *t, vaddr_t address)
{
    const pte_t *pte = arch_pte_find(t->space, address);
    return pte && arch_pte_present(*pte);
}

static enum map_result give(const struct tcb *t, vaddr_t address)
{
    return map_page_whole(sigma0_space, KTEST_FRAME + (address & 0xff000), t->space, address, RWX, false);
}

/* Further pages of a's until it can have no more; returns how many. */
static unsigned fill(const struct tcb *a, vaddr_t start)
{
    unsigned n = 0;
    while (n < 1024 && give(a, start + n * PAGE_BYTES) == MAP_OK) {
        n++;
    }
    return n;
}

void test_quota(void)
{
    struct tcb *a = ktest_thread(60), *b = ktest_thread(61);
    REQUIRE(a && b);
    word_t used = a->space->kmem_bytes;
    EXPECT_EQ(memory_quota(a, 0), 0);
    EXPECT_EQ(memory_quota(a, KERNEL_QUOTA | 20), KERNEL_QUOTA | KERNEL_QUOTA_NONE);
    EXPECT_EQ(a->space->kmem_quota, 20 * 1024);
    EXPECT_EQ(fill(a, 0x40000000), (20 * 1024 - used - PAGE_BYTES) / sizeof(struct mapping));
    EXPECT_LE(a->space->kmem_bytes, 20 * 1024);
    EXPECT_EQ(give(a, 0x50000000), MAP_NO_MEMORY); /* a page table */
    EXPECT_EQ(control_whole(ktest_root, ktest_id(62, 1), a->global_id, ktest_root->global_id, 0, ~0u),
              L4_ErrNoMem);
    /* nobody else notices */
    EXPECT_EQ(give(b, 0x40000000), MAP_OK);
    EXPECT_EQ(give(b, 0x50000000), MAP_OK);
    /* a grant costs the receiver a node: refused, and the granter keeps its page */
    EXPECT_EQ(map_page_whole(b->space, 0x50000000, a->space, 0x4f000000, RWX, true), MAP_NO_MEMORY);
    EXPECT(mapped(b, 0x50000000));
    /* a thread that moves takes its charges along: its TCB here */
    struct tcb *c = ktest_thread_in(b, 62, 1);
    REQUIRE(c != NULL);
    word_t before = b->space->kmem_bytes;
    EXPECT_EQ(control_whole(ktest_root, c->global_id, a->global_id, 0, 0, ~0u), L4_ErrNoMem);
    EXPECT(c->space == b->space);
    EXPECT_EQ(memory_quota(a, KERNEL_QUOTA | 24), KERNEL_QUOTA | 20);
    EXPECT_EQ(control_whole(ktest_root, c->global_id, a->global_id, 0, 0, ~0u), 0);
    EXPECT_EQ(b->space->kmem_bytes, before - sizeof(struct tcb));
    EXPECT_EQ(memory_quota(a, KERNEL_QUOTA | KERNEL_QUOTA_NONE), KERNEL_QUOTA | 24);
    EXPECT_EQ(give(a, 0x50000000), MAP_OK);
    ktest_delete(c);
    ktest_delete(b);
    ktest_delete(a);
}

/* Less than what is in use: what is there stays, and what would need memory again is refused. */
void test_quota_lowered(void)
{
    struct tcb *a = ktest_thread(60), *b = ktest_thread(61);
    REQUIRE(a && b);
    EXPECT_EQ(give(a, 0x40000000), MAP_OK);
    EXPECT_EQ(map_page_whole(a->space, 0x40000000, b->space, 0x40000000, RWX, false), MAP_OK);
    (void)memory_quota(b, KERNEL_QUOTA | 1);
    EXPECT(mapped(b, 0x40000000));
    /* the grant of a page to where it is mapped already replaces the mapping, whose page table goes
     * in between */
    EXPECT_EQ(map_page_whole(a->space, 0x40000000, b->space, 0x40000000, RWX, true), MAP_NO_MEMORY);
    EXPECT(mapped(a, 0x40000000) && !mapped(b, 0x40000000));
    EXPECT_EQ(give(b, 0x40000000), MAP_NO_MEMORY);
    (void)memory_quota(b, KERNEL_QUOTA | 64);
    EXPECT_EQ(give(b, 0x40000000), MAP_OK);
    ktest_delete(b);
    ktest_delete(a);
}

static struct memory_control answer;

static word_t control(word_t attribute, word_t address, unsigned log2)
{
    struct tcb *sigma0 = sigma0_space->threads;
    answer = (struct memory_control){.attribute = {attribute}};
    sigma0->utcb[0] = log2 ? L4_FpageLog2(address, log2).raw : 0;
    return memory_control_whole(sigma0, &answer);
}

static bool is_lent_frame(const void *page)
{
    return (arch_paddr(page) & ~(LENT * PAGE_BYTES - 1u)) == KTEST_FRAME;
}

/* All of the page: the first words of one that is free are its links in a list. */
static void write_secrets(word_t *page)
{
    for (unsigned i = 0; i < PAGE_BYTES / sizeof *page; i++) {
        page[i] = 0x5ec4e7;
    }
}

static bool is_zero(const word_t *page)
{
    unsigned i = 0;
    while (i < PAGE_BYTES / sizeof *page && page[i] == 0) {
        i++;
    }
    return i == PAGE_BYTES / sizeof *page;
}

void test_lend(void)
{
    static void *taken[8192];
    unsigned n = 0;
    struct tcb *a = ktest_thread(60);
    REQUIRE(a != NULL);
    EXPECT_EQ(map_page_whole(sigma0_space, KTEST_FRAME, a->space, 0x5000, RWX, false), MAP_OK);
    EXPECT(sigma0_fault(KTEST_FRAME + PAGE_BYTES));
    EXPECT_EQ(control(KERNEL_MEMORY_LEND, 0, 0), 0);
    word_t before = answer.pages_free, loan = answer.pages_lent; /* lent since the boot */
    word_t for_mappings = answer.pages_for_mappings;
    EXPECT_EQ(for_mappings, before + KMEM_FOR_MAPPINGS - UNMAPPED_CACHE);
    EXPECT_EQ(control(KERNEL_MEMORY_LEND, KTEST_FRAME, PAGE_BITS + 2), 0);
    /* out of every space; and nobody gets them again */
    EXPECT_EQ(answer.pages_lent, loan + LENT);
    EXPECT_EQ(answer.pages_free, before + LENT + UNMAPPED);
    EXPECT_EQ(answer.pages_for_mappings, for_mappings + LENT + UNMAPPED + UNMAPPED_CACHE);
    EXPECT(!mapped(a, 0x5000) && !mapped(sigma0_space->threads, KTEST_FRAME + PAGE_BYTES));
    EXPECT_EQ(map_page_whole(sigma0_space, KTEST_FRAME, a->space, 0x5000, RWX, false), MAP_OK);
    EXPECT(!mapped(a, 0x5000) && !sigma0_fault(KTEST_FRAME));
    EXPECT_EQ(control(KERNEL_MEMORY_LEND, KTEST_FRAME, PAGE_BITS), L4_ErrInvalidParam);
    EXPECT(kmem_check());
    /* used last; those in use stay */
    while (n < 8192 && (taken[n] = kmem_alloc_page(NULL))) {
        write_secrets(taken[n++]);
    }
    EXPECT_EQ(n, before + LENT + UNMAPPED);
    while (n < 8192 && (taken[n] = kmem_alloc(NULL, true))) { /* what is left is for mappings */
        write_secrets(taken[n++]);
    }
    EXPECT_EQ(n, before + LENT + UNMAPPED + KMEM_FOR_MAPPINGS);
    unsigned place = n - loan - LENT;
    while (place + 1 < n && !is_lent_frame(taken[place])) {
        place++;
    }
    paddr_t last = arch_paddr(taken[place]);
    EXPECT(is_lent_frame(taken[place]));
    EXPECT_EQ(control(KERNEL_MEMORY_RECLAIM, last, PAGE_BITS), L4_ErrInvalidParam);
    while (n > 0) {
        kmem_free_page(taken[--n], NULL);
    }
    EXPECT_EQ(control(KERNEL_MEMORY_RECLAIM, last, PAGE_BITS), 0);
    EXPECT(is_zero(arch_kernel_address(last)));
    EXPECT_EQ(control(KERNEL_MEMORY_RECLAIM, last, PAGE_BITS), L4_ErrInvalidParam);
    EXPECT_EQ(control(KERNEL_MEMORY_LEND, last, PAGE_BITS), 0);
    EXPECT_EQ(control(KERNEL_MEMORY_RECLAIM, KTEST_FRAME, PAGE_BITS + 2), 0);
    EXPECT_EQ(answer.pages_lent, loan);
    EXPECT_EQ(map_page_whole(sigma0_space, KTEST_FRAME, a->space, 0x5000, RWX, false), MAP_OK);
    EXPECT(mapped(a, 0x5000));
    ktest_delete(a);
}

void test_lend_refused(void)
{
    struct tcb *a = ktest_thread(60);
    size_t before = kmem_pages_lent();
    REQUIRE(a != NULL);
    struct memory_control c = {.attribute = {KERNEL_MEMORY_LEND}};
    ktest_root->utcb[0] = a->utcb[0] = L4_FpageLog2(KTEST_FRAME, PAGE_BITS).raw;
    EXPECT_EQ(memory_control_whole(ktest_root, &c), L4_ErrInvalidParam);
    EXPECT_EQ(memory_control_whole(a, &c), L4_ErrNoPrivilege);
    EXPECT_EQ(c.pages_total, 0);
    /* not RAM, the kernel's, the pool's, too large or too small */
    EXPECT_EQ(control(KERNEL_MEMORY_LEND, 0xb8000, PAGE_BITS), L4_ErrInvalidParam);
    EXPECT_EQ(control(KERNEL_MEMORY_LEND, 0xfee00000, PAGE_BITS), L4_ErrInvalidParam);
    EXPECT_EQ(control(KERNEL_MEMORY_LEND, arch_paddr(kip_page()), PAGE_BITS), L4_ErrInvalidParam);
    EXPECT_EQ(control(KERNEL_MEMORY_LEND, arch_paddr(a->utcb) & PAGE_MASK, PAGE_BITS), L4_ErrInvalidParam);
    /* nor does sigma0 take anything away by their addresses: they have no mappings */
    EXPECT_EQ(unmap_page(sigma0_space, arch_paddr(a->space->directory), RWX, true), 0);
    EXPECT(kmem_page(a->space->directory)->owner == a->space && mapping_db_check() == 0);
    EXPECT_EQ(control(KERNEL_MEMORY_RECLAIM, arch_paddr(a->utcb) & PAGE_MASK, PAGE_BITS), L4_ErrInvalidParam);
    EXPECT_EQ(control(KERNEL_MEMORY_RECLAIM, KTEST_FRAME, PAGE_BITS), L4_ErrInvalidParam);
    EXPECT_EQ(control(KERNEL_MEMORY_LEND, 0, 1), L4_ErrInvalidParam);
    EXPECT_EQ(control(KERNEL_MEMORY_LEND, KTEST_FRAME, 10), L4_ErrInvalidParam);
    EXPECT_EQ(control(KERNEL_MEMORY_LEND, 0x80000000, 31), L4_ErrInvalidParam);
    EXPECT_EQ(control(0x42, KTEST_FRAME, PAGE_BITS), L4_ErrInvalidParam);
    answer.control = UTCB_MR_COUNT;
    EXPECT_EQ(memory_control_whole(sigma0_space->threads, &answer), L4_ErrInvalidParam);
    EXPECT_EQ(kmem_pages_lent(), before);
    ktest_delete(a);
}
