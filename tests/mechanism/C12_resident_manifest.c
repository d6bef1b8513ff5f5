/* SPDX-License-Identifier: BSD-2-Clause */
/* C12: what is needed to serve faults is never thrown out: physmem, and the swap driver with all
 * its pages. */
#include "fixture.h"
#include "rows.h"

enum { TABLES_SLACK = 8 }; /* physmem's tables: what lives on may have moved to a new one */

static void the_list_does_not_change(void)
{
    L4_Word_t driver = find_task("ata");
    REQUIRE_SWAP();
    REQUIRE(driver != 0);
    struct memory_info before = memory();
    struct task_memory in = task_memory(driver);
    EXPECT_EQ(in.wired, 1);
    EXPECT_EQ(in.swapped, 0);
    EXPECT_EQ(in.wired_frames, in.frames + in.shared); /* counted frame by frame */
    REQUIRE(memory_pressure());
    struct task_memory after = task_memory(driver);
    EXPECT_EQ(after.frames, in.frames);
    EXPECT_EQ(after.swapped, 0);
    EXPECT_EQ(after.faults, in.faults); /* it never had to wait for a page */
    EXPECT_LE(wired(), before.frames_wired - before.frames_lent + TABLES_SLACK);
    ktap_diagnostic("wired: %u frames of %u, of the driver %u", (unsigned)before.frames_wired,
                    (unsigned)before.frames_total, (unsigned)in.frames);
}

static void none_of_it_goes_out(void)
{
    L4_Word_t driver = find_task("ata"), in[] = {driver, OUTSWAP_HOLD}, system[] = {TASK_ID_SYSTEM, 0};
    struct memory_info before = memory();
    if (driver != 0) {
        EXPECT_EQ(task_debug(PHYSMEM_OUTSWAP, in, 2, NULL, 0), ERR_WIRED);
        in[1] = OUTSWAP_DC_ONLY;
        EXPECT_EQ(task_debug(PHYSMEM_OUTSWAP, in, 2, NULL, 0), ERR_WIRED);
        EXPECT(task_outswap(driver, 0) != OK);
        EXPECT(task_kill(driver, 1) != OK);
    }
    EXPECT(task_debug(PHYSMEM_OUTSWAP, system, 2, NULL, 0) != OK);
    EXPECT_EQ(wired(), before.frames_wired - before.frames_lent);
}

/* The last memory descriptor of that type and subtype; NULL: there is none. */
static const struct kip_memdesc *descriptor(L4_Word_t type)
{
    const struct kip *kip = L4_KernelInterface();
    const struct kip_memdesc *d = (const void *)((const char *)kip + (kip->memory_info >> 16)), *found = NULL;
    for (L4_Word_t i = 0; i < (kip->memory_info & 0xffff); i++) {
        found = (d[i].low & 0x2ff) == type ? &d[i] : found;
    }
    return found;
}

static L4_Word_t first_page(const struct kip_memdesc *d)
{
    return d->low / PAGE_SIZE;
}

/* The kernel has no more than it needs: what its pool is beyond that, up to the end of memory, has
 * become frames. */
static void the_kernels_loan_is_taken_back(void)
{
    /* The image with all its tests; what the kernel leaves for mappings (docs/kernel.md). */
    enum { LOW_AND_IMAGE = 112 + 72, FOR_MAPPINGS = 7, IN_USE = 8 };
    const struct kip_memdesc *loan = descriptor(MEMDESC_LOAN), *own = descriptor(MEMDESC_RESERVED);
    if (!loan) {
        ktap_skip_rest("machine: the kernel's pool has no loan");
        return;
    }
    L4_Word_t pages = (loan->high | 0x3ff) / PAGE_SIZE + 1, pool = first_page(loan) - first_page(own);
    EXPECT_LT(first_page(own), first_page(loan));
    EXPECT_LE(pages - pool, memory().frames_total + LOW_AND_IMAGE + FOR_MAPPINGS + IN_USE);
}

static const struct test_case cases[] = {
    {"the_list_does_not_change", the_list_does_not_change},
    {"none_of_it_goes_out", none_of_it_goes_out},
    {"the_kernels_loan_is_taken_back", the_kernels_loan_is_taken_back},
};
const struct row row_C12 = ROW("C12_resident_manifest", cases);
