/* SPDX-License-Identifier: BSD-2-Clause */
/* B21: SwapIn does not wait for its transfers, so faults overlap.  To be seen, a transfer must last
 * longer than it takes a thread to fault: tests/system/mechanism_slow_disk.sh boots with such a
 * disk.  (The total time is no measure here: one IDE channel carries one command at a time.) */
#include "fixture.h"
#include "rows.h"

enum {
    THREADS = 64,
    FEW = 8,
    STRIDE = 16,
    SEED = 0xb21,
    LIMIT_MS = 60 * 1000,
    TRIES = 100 * 1000,
    PILES_MAX = 20,
    SLOW_DISK_US = 20 * 1000
};

/* A child with many pages, and threads that have run once. */
static L4_Word_t filled(struct child *c, L4_ThreadId_t threads[THREADS])
{
    if (!child_start(c, "servant") || !child_add_threads(c, THREADS)) {
        return 0;
    }
    L4_Word_t address = child_anonymous(c, THREADS * STRIDE);
    (void)child_do(c, SERVANT_FILL, address, THREADS * STRIDE, SEED);
    for (unsigned i = 0; i < THREADS; i++) {
        threads[i] = child_thread(c, i);
        L4_Word_t in[] = {0};
        EXPECT_EQ(child_command(threads[i], SERVANT_NOTHING, in, 1, NULL, 0), OK);
    }
    return ktap_failing() ? 0 : address;
}

/* The same, thrown out by pressure, not outswapped: the pages lie far from each other on the
 * disk. */
static L4_Word_t thrown_out(struct child *c, L4_ThreadId_t threads[THREADS])
{
    L4_Word_t address = filled(c, threads);
    return address != 0 && memory_pressure() ? address : 0;
}

/* count threads fault at the same time; returns the most pages seen in transit. */
static L4_Word_t fault_together(const L4_ThreadId_t *threads, unsigned count, L4_Word_t address)
{
    L4_Word_t most = 0;
    for (unsigned i = 0; i < count; i++) {
        L4_Word_t at = address + i * STRIDE * PAGE_SIZE + 40;
        EXPECT(child_post(threads[i], SERVANT_PEEK, at, 0, 0));
    }
    for (unsigned left = count, tries = 0; left > 0 && tries < TRIES; tries++) {
        L4_ThreadId_t from;
        struct memory_info info = memory();
        most = info.frames_transit > most ? info.frames_transit : most;
        left -= child_collect(&from, NULL, 0) == OK;
        if (tries > 1000) {
            pause_ms(1);
        }
    }
    for (unsigned i = 0; i < count; i++) {
        L4_Word_t in[] = {0};
        EXPECT_EQ(child_command(threads[i], SERVANT_NOTHING, in, 1, NULL, 0), OK);
    }
    return most;
}

static void more_than_one_transfer(void)
{
    struct child c;
    L4_ThreadId_t threads[THREADS];
    REQUIRE_SWAP();
    L4_Word_t address = thrown_out(&c, threads);
    REQUIRE(address != 0);
    /* One fault alone, far from the others: how slow is the disk? */
    L4_Word64_t start = L4_SystemClock();
    L4_Word_t last = address + (THREADS - 1) * STRIDE * PAGE_SIZE;
    EXPECT_EQ(child_do(&c, SERVANT_PEEK, last + 40, 0, 0), servant_word(SEED, (THREADS - 1) * STRIDE, 10));
    uint32_t one_us = (uint32_t)(L4_SystemClock() - start);
    struct memory_info before = memory();
    ktap_diagnostic("%u of %u pages are out", (unsigned)task_memory(c.task).swapped, THREADS * STRIDE);
    L4_Word_t most = fault_together(threads, FEW, address);
    struct memory_info after = memory();
    ktap_diagnostic("%u threads: at most %u pages in transit, %u requests", (unsigned)FEW, (unsigned)most,
                    (unsigned)(after.reads - before.reads));
    if (one_us < SLOW_DISK_US) {
        ktap_skip_rest("machine: the disk is too fast for transfers to overlap");
    } else {
        EXPECT_LT(1, most);
    }
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, address, THREADS * STRIDE, SEED), 0);
}

/* FEW threads want a page each, far from each other, and then the disk goes on.  Adds up how many
 * requests the driver got while it had another; false: the disk did not stand still until then. */
static bool pile_up(const struct child *c, const L4_ThreadId_t *threads, L4_Word_t address, L4_Word_t *beside)
{
    pause_ms(SHIELD_MS);
    if (!child_evict(c, EVICT_KEEP_DC)) {
        return true;
    }
    disk_hold();
    for (unsigned i = 0; i < FEW; i++) {
        L4_Word_t at = address + i * STRIDE * PAGE_SIZE + 40;
        EXPECT(child_post(threads[i], SERVANT_PEEK, at, 0, 0));
    }
    bool parked = wait_parked(FEW);
    struct memory_info before = memory();
    bool held = disk_go_on();
    for (unsigned i = 0; i < FEW; i++) {
        L4_ThreadId_t from;
        EXPECT_EQ(child_collect(&from, NULL, LIMIT_MS), OK);
    }
    *beside += memory().overlaps - before.overlaps;
    return held && parked;
}

/* Requests have piled up: the driver is given the next one while it is still at work on another. */
static void the_driver_has_several(void)
{
    struct child c;
    L4_ThreadId_t threads[THREADS];
    L4_Word_t beside = 0;
    unsigned piles = 0;
    REQUIRE_SWAP();
    L4_Word_t address = filled(&c, threads);
    REQUIRE(address != 0);
    for (unsigned i = 0; i < PILES_MAX && beside < FEW && !ktap_failing(); i++) {
        piles += pile_up(&c, threads, address, &beside);
    }
    ktap_diagnostic("%u times %u requests at once: %u were handed out beside another", piles, (unsigned)FEW,
                    (unsigned)beside);
    EXPECT_LT(0, piles);
    EXPECT_LT(0, beside);
}

/* More faults than transfers that can be under way. */
static void what_is_too_much_is_queued(void)
{
    struct child c;
    L4_ThreadId_t threads[THREADS];
    REQUIRE_SWAP();
    L4_Word_t address = thrown_out(&c, threads);
    REQUIRE(address != 0);
    (void)fault_together(threads, THREADS, address);
    EXPECT_EQ(memory().parked, 0);
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, address, THREADS * STRIDE, SEED), 0);
}

static const struct test_case cases[] = {
    {"more_than_one_transfer", more_than_one_transfer},
    {"the_driver_has_several", the_driver_has_several},
    {"what_is_too_much_is_queued", what_is_too_much_is_queued},
};
const struct row row_B21 = ROW("B21_faults_overlap", cases);
