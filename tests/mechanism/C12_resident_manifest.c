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

static const struct test_case cases[] = {
    {"the_list_does_not_change", the_list_does_not_change},
    {"none_of_it_goes_out", none_of_it_goes_out},
};
const struct row row_C12 = ROW("C12_resident_manifest", cases);
