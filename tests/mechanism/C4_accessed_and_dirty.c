/* SPDX-License-Identifier: BSD-2-Clause */
/* C4: a pager samples the processor's accessed and dirty bits of its own pages through L4 Unmap;
 * what it reads and clears stays visible to physmem.  (Speculatively set accessed bits cannot be
 * provoked: nothing here relies on a page *not* being marked accessed, but for the processor this
 * runs on, which does not speculate.) */
#include "fixture.h"
#include "rows.h"

enum { ROUNDS = 5, SEED = 0xc4 };

/* Status of a page, which is read and cleared; nothing is revoked. */
static L4_Word_t sample(const struct child *c, L4_Word_t page)
{
    return L4_Rights((L4_Fpage_t){child_do(c, SERVANT_FLUSH, page | PAGE_SHIFT << 4, 0, 0)});
}

static void status_follows_use(void)
{
    struct child c;
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t page = child_anonymous(&c, 1);
    (void)child_do(&c, SERVANT_POKE, page, 1, 0);
    for (unsigned round = 0; round < ROUNDS; round++) {
        (void)child_do(&c, SERVANT_POKE, page, round, 0);
        EXPECT_EQ(sample(&c, page) & L4_ReadWriteOnly, L4_ReadWriteOnly);
        EXPECT_EQ(sample(&c, page), 0);
        EXPECT_EQ(child_do(&c, SERVANT_PEEK, page, 0, 0), round);
        EXPECT_EQ(sample(&c, page) & L4_ReadWriteOnly, L4_Readable);
        EXPECT_EQ(sample(&c, page), 0);
    }
}

/* The pager says "clean" to itself; physmem must not believe it. */
static void a_sampled_page_is_not_lost(void)
{
    struct child c;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t page = child_anonymous(&c, 4);
    for (unsigned round = 0; round < ROUNDS; round++) {
        (void)child_do(&c, SERVANT_FILL, page, 4, SEED + round);
        for (L4_Word_t i = 0; i < 4; i++) {
            EXPECT_EQ(sample(&c, page + i * PAGE_SIZE) & L4_Writable, L4_Writable);
        }
        REQUIRE(child_outswap(&c, OUTSWAP_HOLD));
        REQUIRE(child_inswap(&c));
        EXPECT_EQ(child_do(&c, SERVANT_WRONG, page, 4, SEED + round), 0);
    }
}

/* Taking the write right away makes the next write fault; the status says what was. */
static void rights_taken(void)
{
    struct child c;
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t page = child_anonymous(&c, 1), faults;
    (void)child_do(&c, SERVANT_POKE, page, 1, 0);
    L4_Word_t status = child_do(&c, SERVANT_FLUSH, page | PAGE_SHIFT << 4 | L4_Writable, 0, 0);
    EXPECT_EQ(status & L4_Writable, L4_Writable);
    faults = memory().faults;
    EXPECT_EQ(child_do(&c, SERVANT_PEEK, page, 0, 0), 1);
    (void)child_do(&c, SERVANT_POKE, page, 2, 0);
    EXPECT_LT(faults, memory().faults);
    EXPECT_EQ(child_do(&c, SERVANT_PEEK, page, 0, 0), 2);
}

static const struct test_case cases[] = {
    {"status_follows_use", status_follows_use},
    {"a_sampled_page_is_not_lost", a_sampled_page_is_not_lost},
    {"rights_taken", rights_taken},
};
const struct row row_C4 = ROW("C4_accessed_and_dirty", cases);
