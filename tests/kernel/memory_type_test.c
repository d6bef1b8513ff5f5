/* SPDX-License-Identifier: BSD-2-Clause */
/* MemoryControl's attributes, in page tables. */
#include "ktest.h"
#include "ia32/cpu.h"
#include "l4/memory_control.h"
#include "l4/memory_type.h"
#include "l4/superpage.h"

enum {
    RWX = L4_FullyAccessible,
    RX = L4_ReadeXecOnly,
    THROUGH = 0x08,
    COMBINING = 0x10,
    UNCACHEABLE = 0x18,
    ABSENT = ~0u,
    DEVICE = 0xfd000000, /* no RAM, and nothing that sigma0 could have at this address */
    BIG_FRAME = SUPERPAGE_BYTES,
};

static word_t control(word_t attribute, word_t address, unsigned log2)
{
    struct tcb *sigma0 = sigma0_space->threads;
    struct memory_control c = {.attribute = {L4_DefaultMemory, attribute}};
    sigma0->utcb[0] = L4_FpageAddRights(L4_FpageLog2(address, log2), 1).raw;
    word_t error = memory_control_whole(sigma0, &c);
    EXPECT_EQ(c.types_changed, error == 0);
    return error;
}

/* Of the page at address, in whatever size it is mapped. */
static word_t type_at(struct space *space, vaddr_t address)
{
    const pte_t *pte = arch_pte_find(space, address);
    pte = pte ? pte : arch_pte_super(space, address, false);
    return pte && arch_pte_present(*pte) ? *pte & ARCH_MEMORY_TYPE : ABSENT;
}

void test_memory_types(void)
{
    struct tcb *a = ktest_thread(60), *b = ktest_thread(61);
    REQUIRE(a && b);
    /* what is mapped already, sigma0's own page too, and not the page behind */
    EXPECT(sigma0_fault(KTEST_FRAME));
    (void)map_page_whole(sigma0_space, KTEST_FRAME, a->space, 0x5000, RWX, false);
    (void)map_page_whole(a->space, 0x5000, b->space, 0x6000, RX, false);
    (void)map_page_whole(sigma0_space, KTEST_FRAME + PAGE_BYTES, a->space, 0x7000, RWX, false);
    EXPECT_EQ(control(L4_UncacheableMemory, KTEST_FRAME, PAGE_BITS), 0);
    EXPECT_EQ(type_at(sigma0_space, KTEST_FRAME), UNCACHEABLE);
    EXPECT_EQ(type_at(a->space, 0x5000), UNCACHEABLE);
    EXPECT_EQ(type_at(b->space, 0x6000), UNCACHEABLE);
    EXPECT_EQ(type_at(a->space, 0x7000), 0);
    EXPECT_EQ(arch_pte_rights(*arch_pte_find(b->space, 0x6000)), RX);
    /* what is mapped and granted from now on; rights that are added leave it */
    (void)map_page_whole(a->space, 0x5000, b->space, 0x8000, RWX, false);
    EXPECT_EQ(type_at(b->space, 0x8000), UNCACHEABLE);
    (void)map_page_whole(a->space, 0x5000, b->space, 0x6000, RWX, false);
    EXPECT_EQ(type_at(b->space, 0x6000), UNCACHEABLE);
    (void)map_page_whole(b->space, 0x8000, a->space, 0x9000, RWX, true);
    EXPECT_EQ(type_at(a->space, 0x9000), UNCACHEABLE);
    (void)map_page_whole(sigma0_space, KTEST_FRAME, b->space, 0xa000, RWX, false);
    EXPECT_EQ(type_at(b->space, 0xa000), UNCACHEABLE);
    (void)unmap_page_whole(sigma0_space, KTEST_FRAME, RWX, true);
    EXPECT(sigma0_fault(KTEST_FRAME));
    EXPECT_EQ(type_at(sigma0_space, KTEST_FRAME), UNCACHEABLE);
    /* others, and back */
    (void)map_page_whole(sigma0_space, KTEST_FRAME, a->space, 0x5000, RWX, false);
    EXPECT_EQ(control(L4_WriteThroughMemory, KTEST_FRAME, PAGE_BITS), 0);
    EXPECT_EQ(type_at(a->space, 0x5000), THROUGH);
    EXPECT_EQ(control(L4_WriteBackMemory, KTEST_FRAME, PAGE_BITS), 0);
    EXPECT_EQ(type_at(a->space, 0x5000), 0);
    EXPECT_EQ(memory_ranges, 0);
    EXPECT_EQ(mapping_db_check(), 0);
    (void)unmap_page_whole(sigma0_space, KTEST_FRAME, RWX, true);
    ktest_delete(a);
    ktest_delete(b);
}

/* So many that it takes several steps. */
void test_memory_types_many(void)
{
    enum { MANY = 400, AT = 0x40000000 };
    struct tcb *a = ktest_thread(60);
    REQUIRE(a != NULL);
    for (vaddr_t i = 0; i < MANY; i++) {
        (void)map_page_whole(sigma0_space, KTEST_FRAME, a->space, AT + i * PAGE_BYTES, RWX, false);
    }
    EXPECT_EQ(control(L4_UncacheableMemory, KTEST_FRAME, PAGE_BITS), 0);
    for (vaddr_t i = 0; i < MANY; i++) {
        EXPECT_EQ(type_at(a->space, AT + i * PAGE_BYTES), UNCACHEABLE);
    }
    EXPECT_EQ(control(L4_WriteBackMemory, KTEST_FRAME, PAGE_BITS), 0);
    EXPECT_EQ(type_at(a->space, AT), 0);
    EXPECT_EQ(type_at(a->space, AT + (MANY - 1) * PAGE_BYTES), 0);
    ktest_delete(a);
}

void test_memory_types_super(void)
{
    struct tcb *a = ktest_thread(60);
    enum map_result result;
    REQUIRE(a != NULL);
    if (!(kip_page()->page_info & SUPERPAGE_BYTES) || !superframe_usable(BIG_FRAME)) {
        ktest_delete(a);
        ktap_skip_rest("machine: no 4 MiB pages, or none of its memory");
        return;
    }
    EXPECT(map_superpage(sigma0_space, BIG_FRAME, a->space, BIG_FRAME, RWX, false, &result));
    EXPECT_EQ(control(L4_UncacheableMemory, BIG_FRAME + PAGE_BYTES, PAGE_BITS), 0);
    EXPECT_EQ(big_superframes, 0);
    EXPECT_EQ(type_at(a->space, BIG_FRAME), 0);
    EXPECT_EQ(type_at(a->space, BIG_FRAME + PAGE_BYTES), UNCACHEABLE);
    EXPECT_EQ(type_at(a->space, BIG_FRAME + 2 * PAGE_BYTES), 0);
    (void)unmap_fpage(sigma0_space, L4_FpageAddRights(L4_FpageLog2(BIG_FRAME, SUPERPAGE_BITS), RWX), false);
    EXPECT(!map_superpage(sigma0_space, BIG_FRAME, a->space, BIG_FRAME, RWX, false, &result));
    /* everything is the default's again */
    struct memory_control c = {.attribute = {L4_DefaultMemory}};
    sigma0_space->threads->utcb[0] = L4_CompleteAddressSpace.raw;
    EXPECT_EQ(memory_control_whole(sigma0_space->threads, &c), 0);
    EXPECT_EQ(memory_ranges, 0);
    EXPECT(map_superpage(sigma0_space, BIG_FRAME, a->space, BIG_FRAME, RWX, false, &result));
    EXPECT_EQ(type_at(a->space, BIG_FRAME + PAGE_BYTES), 0);
    EXPECT_EQ(mapping_db_check(), 0);
    ktest_delete(a);
}

void test_memory_types_refused(void)
{
    struct tcb *a = ktest_thread(60);
    REQUIRE(a != NULL);
    EXPECT_EQ(control(L4_WriteCombiningMemory, DEVICE, PAGE_BITS), cpu.pat ? 0 : L4_ErrInvalidParam);
    (void)map_page_whole(sigma0_space, DEVICE, a->space, 0x5000, RWX, false);
    EXPECT_EQ(type_at(a->space, 0x5000), cpu.pat ? COMBINING : 0);
    EXPECT_EQ(control(L4_UncacheableMemory, DEVICE, PAGE_BITS), 0);
    EXPECT_EQ(type_at(a->space, 0x5000), UNCACHEABLE);
    EXPECT_EQ(control(3, DEVICE, PAGE_BITS), L4_ErrInvalidParam);
    EXPECT_EQ(control(L4_WriteProtectedMemory, DEVICE, PAGE_BITS), L4_ErrInvalidParam);
    EXPECT_EQ(control(L4_UncacheableMemory, DEVICE, 10), L4_ErrInvalidParam);
    EXPECT_EQ(control(L4_UncacheableMemory, 0, 32), L4_ErrInvalidParam);
    /* as many ranges as there is room for: then an error, and nothing has changed */
    word_t address = KTEST_FRAME, error = 0;
    for (unsigned i = 0; i < MEMORY_RANGES && !error; i++) {
        address += 2 * PAGE_BYTES;
        error = control(L4_UncacheableMemory, address, PAGE_BITS);
    }
    EXPECT_EQ(error, L4_ErrNoMem);
    EXPECT_EQ(memory_type(address), 0);
    EXPECT_EQ(memory_type(address - 2 * PAGE_BYTES), UNCACHEABLE);
    EXPECT_EQ(memory_type(address - PAGE_BYTES), 0);
    /* what needs no more room can still be done */
    EXPECT_EQ(control(L4_WriteThroughMemory, DEVICE, PAGE_BITS), 0);
    struct memory_control c = {.attribute = {L4_DefaultMemory}};
    sigma0_space->threads->utcb[0] = L4_CompleteAddressSpace.raw;
    EXPECT_EQ(memory_control_whole(sigma0_space->threads, &c), 0);
    EXPECT_EQ(memory_ranges, 0);
    EXPECT_EQ(type_at(a->space, 0x5000), 0);
    ktest_delete(a);
}
