/* SPDX-License-Identifier: BSD-2-Clause */
/* Unmap: revoking, flushing, access status (interface.md 5.4). */
#include "harness.h"

enum { READ = 5, WRITTEN = 7, LIST = 64 };

static L4_Fpage_t page(L4_Word_t address, L4_Word_t rights)
{
    return L4_FpageAddRights(L4_FpageLog2(address, PAGE_BITS), rights);
}

/* The status since the last query of what was mapped on from FRAME(i). */
static L4_Word_t status(unsigned i)
{
    return L4_Rights(L4_UnmapFpage(page(FRAME(i), 0)));
}

/* A remote with FRAME(0) at WINDOW. */
static bool prepare(struct remote *r)
{
    poke(FRAME(0), 0xf00d);
    bool ok = remote_new(r, true) && remote_map(r, FRAME(0), WINDOW, 7);
    (void)status(0);
    return ok;
}

TEST(removes, "unmap with all rights removes derived mappings")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_has(&r, WINDOW));
    (void)L4_UnmapFpage(page_rwx(FRAME(0)));
    EXPECT(!remote_has(&r, WINDOW));
}

TEST(own_kept, "unmap without flush leaves the caller's own mapping")
{
    struct remote a, b;
    REQUIRE(prepare(&a));
    REQUIRE(remote_new(&b, true));
    EXPECT(remote_pass(&a, &b, L4_ITEM_MAP, page_rwx(WINDOW), WINDOW));
    (void)remote_unmap(&a, page_rwx(WINDOW), 0);
    EXPECT(remote_has(&a, WINDOW));
    EXPECT(!remote_has(&b, WINDOW));
}

TEST(flush_own, "flush removes the caller's own mapping too, and not its mapper's")
{
    struct remote a, b;
    REQUIRE(prepare(&a));
    REQUIRE(remote_new(&b, true));
    EXPECT(remote_pass(&a, &b, L4_ITEM_MAP, page_rwx(WINDOW), WINDOW));
    (void)remote_unmap(&a, page_rwx(WINDOW), L4_UNMAP_FLUSH);
    EXPECT(!remote_has(&a, WINDOW));
    EXPECT(!remote_has(&b, WINDOW));
    EXPECT_EQ(peek(FRAME(0)), 0xf00d);
}

TEST(control_bits, "bits of the control word beyond the flush bit mean nothing")
{
    enum { MANY = 200, ONE_STEP = 1 << 8 };
    struct remote r;
    REQUIRE(prepare(&r));
    for (L4_Word_t i = 1; i < MANY; i++) {
        REQUIRE(remote_map(&r, FRAME(0), WINDOW + i * PAGE_BYTES, 7));
    }
    L4_LoadMR(0, page_rwx(FRAME(0)).raw);
    L4_Unmap(ONE_STEP);
    EXPECT_EQ(L4_StoreMR(0) & 8, 0);
    EXPECT(!remote_has(&r, WINDOW) && !remote_has(&r, WINDOW + (MANY - 1) * PAGE_BYTES));
}

TEST(whole_subtree, "unmap reaches every level: four spaces in a row")
{
    struct remote r[4];
    REQUIRE(prepare(&r[0]));
    for (unsigned i = 1; i < 4; i++) {
        REQUIRE(remote_new(&r[i], true));
        REQUIRE(remote_pass(&r[i - 1], &r[i], L4_ITEM_MAP, page_rwx(WINDOW), WINDOW));
    }
    EXPECT(remote_has(&r[3], WINDOW));
    (void)L4_UnmapFpage(page_rwx(FRAME(0)));
    for (unsigned i = 0; i < 4; i++) {
        EXPECT(!remote_has(&r[i], WINDOW));
    }
}

/* For a remote to run, with no other space in between: what the processor keeps of page tables must
 * not outlive the flush. */
static void read_flush_read(void *at)
{
    (void)peek((L4_Word_t)at);
    (void)L4_Flush(page_rwx((L4_Word_t)at));
    (void)peek((L4_Word_t)at);
}

static void write_flush_write(void *at)
{
    poke((L4_Word_t)at, 1);
    (void)L4_Flush(page((L4_Word_t)at, L4_Writable));
    poke((L4_Word_t)at, 2);
}

TEST(flush_at_once, "what a space flushes of itself is gone at its next instruction")
{
    enum { AT = WINDOW + PAGE_BYTES }; /* beside another page, so that the page table stays */
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_map(&r, FRAME(1), AT, 7));
    EXPECT_EQ(remote_run(&r, read_flush_read, (void *)AT), FAULTED);
    EXPECT_EQ(r.mr[1], AT);
    remote_reset(&r);
    EXPECT(remote_map(&r, FRAME(1), AT, 7));
    EXPECT_EQ(remote_run(&r, write_flush_write, (void *)AT), FAULTED);
    EXPECT_EQ(r.mr[1], AT);
    EXPECT_EQ(peek(FRAME(1)), 1);
    remote_reset(&r);
}

static L4_Word_t own_status;

static void write_query_write_query(void *at)
{
    for (unsigned i = 0; i < 2; i++) {
        poke((L4_Word_t)at, i);
        own_status = own_status << 4 | L4_Rights(L4_Flush(page((L4_Word_t)at, 0)));
    }
}

TEST(query_at_once, "what a space does right after a query of its own page shows in its next one")
{
    struct remote r;
    REQUIRE(prepare(&r));
    own_status = 0;
    EXPECT_EQ(remote_run(&r, write_query_write_query, (void *)WINDOW), DONE);
    EXPECT_EQ(own_status, WRITTEN << 4 | WRITTEN);
}

TEST(siblings, "one space's unmap does not reach its siblings")
{
    struct remote a, b;
    REQUIRE(prepare(&a));
    REQUIRE(remote_new(&b, true));
    EXPECT(remote_map(&b, FRAME(0), WINDOW, 7));
    (void)remote_unmap(&a, page_rwx(WINDOW), L4_UNMAP_FLUSH);
    EXPECT(remote_has(&b, WINDOW));
}

TEST(other_pages, "unmap does not reach other pages")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_map(&r, FRAME(1), WINDOW + PAGE_BYTES, 7));
    (void)L4_UnmapFpage(page_rwx(FRAME(0)));
    EXPECT(remote_has(&r, WINDOW + PAGE_BYTES));
}

TEST(revoke_write, "revoking w leaves the page readable")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_write(&r, WINDOW, 5));
    (void)L4_UnmapFpage(page(FRAME(0), L4_Writable));
    EXPECT(remote_has(&r, WINDOW));
    EXPECT(!remote_write(&r, WINDOW, 6));
    EXPECT_EQ(peek(FRAME(0)), 5);
}

TEST(revoke_write_deep, "revoking w reaches every level")
{
    struct remote a, b;
    REQUIRE(prepare(&a));
    REQUIRE(remote_new(&b, true));
    EXPECT(remote_pass(&a, &b, L4_ITEM_MAP, page_rwx(WINDOW), WINDOW));
    (void)L4_UnmapFpage(page(FRAME(0), L4_Writable));
    EXPECT(remote_has(&b, WINDOW));
    EXPECT(!remote_write(&b, WINDOW, 6));
}

TEST(flush_write, "flush of w alone makes the caller's own mapping read-only")
{
    struct remote r;
    REQUIRE(prepare(&r));
    (void)remote_unmap(&r, page(WINDOW, L4_Writable), L4_UNMAP_FLUSH);
    EXPECT(remote_has(&r, WINDOW));
    EXPECT(!remote_write(&r, WINDOW, 6));
}

TEST(revoke_read, "revoking r, x or both, without w, has no effect: they come with every mapping")
{
    static const L4_Word_t rights[] = {L4_Readable, L4_eXecutable, L4_Readable | L4_eXecutable};
    struct remote r;
    REQUIRE(prepare(&r));
    for (unsigned i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
        (void)L4_UnmapFpage(page(FRAME(0), rights[i]));
        EXPECT(remote_has(&r, WINDOW));
        EXPECT(remote_write(&r, WINDOW, i));
    }
}

TEST(flush_read, "nor has flushing them")
{
    static const L4_Word_t rights[] = {L4_Readable, L4_eXecutable, L4_Readable | L4_eXecutable};
    struct remote r;
    REQUIRE(prepare(&r));
    for (unsigned i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
        (void)remote_unmap(&r, page(WINDOW, rights[i]), L4_UNMAP_FLUSH);
        EXPECT(remote_has(&r, WINDOW));
        EXPECT(remote_write(&r, WINDOW, i));
    }
}

TEST(query_changes_nothing, "with rights 0 nothing is revoked")
{
    struct remote r;
    REQUIRE(prepare(&r));
    (void)status(0);
    EXPECT(remote_write(&r, WINDOW, 6));
}

TEST(status_untouched, "the status of a page never touched is 0")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT_EQ(status(0), 0);
}

TEST(status_read, "after a read it is 5")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_has(&r, WINDOW));
    EXPECT_EQ(status(0), READ);
}

TEST(status_written, "after a write it is 7")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_write(&r, WINDOW, 1));
    EXPECT_EQ(status(0), WRITTEN);
}

TEST(status_reset, "asking again at once gives 0")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_write(&r, WINDOW, 1));
    EXPECT_EQ(status(0), WRITTEN);
    EXPECT_EQ(status(0), 0);
}

TEST(status_again, "an access after a query shows in the next one")
{
    struct remote r;
    REQUIRE(prepare(&r));
    for (unsigned i = 0; i < 5; i++) {
        EXPECT(remote_has(&r, WINDOW));
        EXPECT_EQ(status(0), READ);
        EXPECT(remote_write(&r, WINDOW, i));
        EXPECT_EQ(status(0), WRITTEN);
    }
}

TEST(status_own, "a plain unmap's status is that of derived mappings, not of the caller's own")
{
    struct remote a;
    REQUIRE(prepare(&a));
    poke(FRAME(0), 1);
    EXPECT_EQ(status(0), 0);
}

TEST(status_flush, "a flush's status includes the caller's own mapping")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_write(&r, WINDOW, 1));
    EXPECT_EQ(L4_Rights(remote_unmap(&r, page(WINDOW, 0), L4_UNMAP_FLUSH)), WRITTEN);
    EXPECT_EQ(L4_Rights(remote_unmap(&r, page(WINDOW, 0), L4_UNMAP_FLUSH)), 0);
}

TEST(status_deep, "an access at any depth shows in the first mapper's status")
{
    struct remote a, b;
    REQUIRE(prepare(&a));
    REQUIRE(remote_new(&b, true));
    EXPECT(remote_pass(&a, &b, L4_ITEM_MAP, page_rwx(WINDOW), WINDOW));
    (void)status(0);
    EXPECT(remote_write(&b, WINDOW, 1));
    EXPECT_EQ(status(0), WRITTEN);
}

TEST(status_kept_for_ancestor, "what a child's query clears, its ancestor's query still sees")
{
    struct remote a, b;
    REQUIRE(prepare(&a));
    REQUIRE(remote_new(&b, true));
    EXPECT(remote_pass(&a, &b, L4_ITEM_MAP, page_rwx(WINDOW), WINDOW));
    (void)status(0);
    EXPECT(remote_write(&b, WINDOW, 1));
    EXPECT_EQ(L4_Rights(remote_unmap(&a, page(WINDOW, 0), 0)), WRITTEN);
    EXPECT_EQ(L4_Rights(remote_unmap(&a, page(WINDOW, 0), 0)), 0);
    EXPECT_EQ(status(0), WRITTEN);
    EXPECT_EQ(status(0), 0);
}

TEST(status_for_every_ancestor, "every ancestor on the way up sees it once")
{
    struct remote r[3];
    REQUIRE(prepare(&r[0]));
    for (unsigned i = 1; i < 3; i++) {
        REQUIRE(remote_new(&r[i], true));
        REQUIRE(remote_pass(&r[i - 1], &r[i], L4_ITEM_MAP, page_rwx(WINDOW), WINDOW));
    }
    (void)status(0);
    EXPECT(remote_has(&r[2], WINDOW));
    EXPECT_EQ(L4_Rights(remote_unmap(&r[1], page(WINDOW, 0), 0)), READ);
    EXPECT_EQ(L4_Rights(remote_unmap(&r[0], page(WINDOW, 0), 0)), READ);
    EXPECT_EQ(status(0), READ);
    EXPECT_EQ(L4_Rights(remote_unmap(&r[0], page(WINDOW, 0), 0)), 0);
}

TEST(status_of_removed, "the status of a mapping that a child flushed is not lost for the ancestor")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_write(&r, WINDOW, 1));
    (void)remote_unmap(&r, page_rwx(WINDOW), L4_UNMAP_FLUSH);
    EXPECT_EQ(status(0), WRITTEN);
}

TEST(status_of_deleted, "nor is that of a space that was deleted")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_write(&r, WINDOW, 1));
    EXPECT_EQ(delete_thread(r.id), 1);
    EXPECT_EQ(status(0), WRITTEN);
}

TEST(status_at_revoke, "a revoking unmap reports the status as well")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_write(&r, WINDOW, 1));
    EXPECT_EQ(L4_Rights(L4_UnmapFpage(page_rwx(FRAME(0)))), WRITTEN);
}

TEST(fpage_returned, "the fpage comes back with its base and size")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT_EQ(L4_UnmapFpage(page_rwx(FRAME(0))).raw & ~7u, page(FRAME(0), 0).raw);
}

TEST(status_union, "the status of a larger fpage is that of all its pages together")
{
    struct remote r;
    REQUIRE(prepare(&r));
    EXPECT(remote_map(&r, FRAME(3), WINDOW + PAGE_BYTES, 7));
    EXPECT(remote_has(&r, WINDOW));
    EXPECT(remote_write(&r, WINDOW + PAGE_BYTES, 1));
    EXPECT_EQ(L4_Rights(L4_UnmapFpage(L4_FpageLog2(FRAME(0), 14))), WRITTEN);
}

static void unmap_list(L4_Word_t rights)
{
    for (unsigned i = 0; i < LIST; i++) {
        L4_LoadMR(i, page(FRAME(i), rights).raw);
    }
    L4_Unmap(LIST - 1);
}

static bool map_list(struct remote *r)
{
    L4_Fpage_t all = L4_FpageAddRights(L4_FpageLog2(FRAME(0), 18), 7);
    for (unsigned i = 0; i < LIST; i++) {
        poke(FRAME(i), i);
    }
    bool ok = remote_new(r, true) && remote_give(r, L4_ITEM_MAP, all, WINDOW, L4_CompleteAddressSpace);
    unmap_list(0);
    return ok;
}

TEST(list_status, "a list of 64 fpages: each has its own status")
{
    struct remote r;
    REQUIRE(map_list(&r));
    EXPECT(remote_has(&r, WINDOW));
    EXPECT(remote_write(&r, WINDOW + 5 * PAGE_BYTES, 1));
    EXPECT(remote_has(&r, WINDOW + 63 * PAGE_BYTES));
    unmap_list(0);
    for (unsigned i = 0; i < LIST; i++) {
        EXPECT_EQ(L4_StoreMR(i) & 7, i == 5 ? WRITTEN : i == 0 || i == 63 ? READ : 0);
    }
}

TEST(list_revokes, "a list of 64 fpages: all are unmapped")
{
    struct remote r;
    REQUIRE(map_list(&r));
    unmap_list(7);
    EXPECT(!remote_has(&r, WINDOW));
    EXPECT(!remote_has(&r, WINDOW + 31 * PAGE_BYTES));
    EXPECT(!remote_has(&r, WINDOW + 63 * PAGE_BYTES));
}

TEST(list_short, "only MR0 to MRk are taken")
{
    struct remote r;
    REQUIRE(map_list(&r));
    for (unsigned i = 0; i < 4; i++) {
        L4_LoadMR(i, page_rwx(FRAME(i)).raw);
    }
    L4_Unmap(1);
    EXPECT_EQ(L4_StoreMR(2), page_rwx(FRAME(2)).raw);
    EXPECT(!remote_has(&r, WINDOW + PAGE_BYTES));
    EXPECT(remote_has(&r, WINDOW + 2 * PAGE_BYTES));
}

static void flush_all(void *arg)
{
    (void)arg;
    L4_LoadMR(0, L4_CompleteAddressSpace.raw | 7);
    L4_Unmap(L4_UNMAP_FLUSH);
}

TEST(complete, "an fpage of the complete size flushes everything but KIP and UTCBs")
{
    struct remote r;
    REQUIRE(map_list(&r));
    /* Code and stack come back. */
    REQUIRE(L4_ThreadControl(r.id, r.id, L4_nilthread, pager_thread, ~0u));
    settle();
    EXPECT_EQ(remote_run(&r, flush_all, 0), DONE);
    unmap_list(0);
    REQUIRE(L4_ThreadControl(r.id, r.id, L4_nilthread, L4_Myself(), ~0u));
    EXPECT(!remote_has(&r, WINDOW));
}

TEST(complete_keeps_kip, "after it, the KIP is still there")
{
    struct remote r;
    L4_Word_t value = 0;
    REQUIRE(remote_new(&r, true));
    settle();
    REQUIRE(L4_ThreadControl(r.id, r.id, L4_nilthread, pager_thread, ~0u));
    EXPECT_EQ(remote_run(&r, flush_all, 0), DONE);
    EXPECT(remote_read(&r, KIP_AREA, &value));
    EXPECT_EQ(value, KIP_MAGIC);
}

TEST(nothing_there, "unmapping where nothing is does nothing and reports 0")
{
    EXPECT_EQ(L4_Rights(L4_Flush(page_rwx(WINDOW + 0x800000))), 0);
    EXPECT_EQ(L4_Rights(L4_Flush(page_rwx(0xc0100000))), 0);
    EXPECT_EQ(L4_Rights(L4_Flush(L4_Nilpage)), 0);
}

TEST(remap, "a page can be unmapped and mapped again any number of times")
{
    struct remote r;
    REQUIRE(prepare(&r));
    for (unsigned i = 0; i < 50; i++) {
        (void)L4_UnmapFpage(page_rwx(FRAME(0)));
        REQUIRE(!remote_has(&r, WINDOW));
        REQUIRE(remote_map(&r, FRAME(0), WINDOW, 7));
        REQUIRE(remote_write(&r, WINDOW, i));
    }
    EXPECT_EQ(peek(FRAME(0)), 49);
}
