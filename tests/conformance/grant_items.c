/* SPDX-License-Identifier: BSD-2-Clause */
/* Grant items (interface.md 5.4). */
#include "harness.h"

/* `giver' has FRAME(1) at WINDOW, with the word 0xf00d in it. */
static bool prepare(struct remote *giver, struct remote *taker)
{
    poke(FRAME(1), 0xf00d);
    return remote_new(giver, true) && remote_new(taker, true) && remote_map(giver, FRAME(1), WINDOW, 7);
}

TEST(moves, "a granted page is at the receiver and no longer at the granter")
{
    struct remote a, b;
    L4_Word_t value = 0;
    REQUIRE(prepare(&a, &b));
    EXPECT(remote_pass(&a, &b, L4_ITEM_GRANT, page_rwx(WINDOW), WINDOW + 0x1000));
    EXPECT(!remote_has(&a, WINDOW));
    EXPECT(remote_read(&b, WINDOW + 0x1000, &value));
    EXPECT_EQ(value, 0xf00d);
}

TEST(place_in_tree, "the receiver takes the granter's place: the first mapper's unmap reaches it")
{
    struct remote a, b;
    REQUIRE(prepare(&a, &b));
    EXPECT(remote_pass(&a, &b, L4_ITEM_GRANT, page_rwx(WINDOW), WINDOW));
    (void)L4_UnmapFpage(page_rwx(FRAME(1)));
    EXPECT(!remote_has(&b, WINDOW));
}

TEST(granter_lost, "the granter's unmap and flush do not reach the granted page")
{
    struct remote a, b;
    REQUIRE(prepare(&a, &b));
    EXPECT(remote_pass(&a, &b, L4_ITEM_GRANT, page_rwx(WINDOW), WINDOW));
    (void)remote_unmap(&a, page_rwx(WINDOW), L4_UNMAP_FLUSH);
    EXPECT(remote_has(&b, WINDOW));
}

TEST(derived_follow, "what the granter had mapped on hangs under the receiver afterwards")
{
    struct remote a, b, c;
    REQUIRE(prepare(&a, &b));
    REQUIRE(remote_new(&c, true));
    EXPECT(remote_pass(&a, &c, L4_ITEM_MAP, page_rwx(WINDOW), WINDOW));
    EXPECT(remote_pass(&a, &b, L4_ITEM_GRANT, page_rwx(WINDOW), WINDOW));
    EXPECT(remote_has(&c, WINDOW));
    (void)remote_unmap(&b, page_rwx(WINDOW), 0);
    EXPECT(!remote_has(&c, WINDOW));
    EXPECT(remote_has(&b, WINDOW));
}

TEST(rights_cut, "a grant may cut rights")
{
    struct remote a, b;
    REQUIRE(prepare(&a, &b));
    L4_Fpage_t page = L4_FpageAddRights(L4_FpageLog2(WINDOW, 12), L4_ReadeXecOnly);
    EXPECT(remote_pass(&a, &b, L4_ITEM_GRANT, page, WINDOW));
    EXPECT(remote_has(&b, WINDOW));
    EXPECT(!remote_write(&b, WINDOW, 1));
}

TEST(status_gone, "the status of a granted page at the granter is 0")
{
    struct remote a, b;
    REQUIRE(prepare(&a, &b));
    EXPECT(remote_write(&a, WINDOW, 1));
    EXPECT(remote_pass(&a, &b, L4_ITEM_GRANT, page_rwx(WINDOW), WINDOW));
    EXPECT_EQ(L4_Rights(remote_unmap(&a, L4_FpageLog2(WINDOW, 12), L4_UNMAP_FLUSH)), 0);
}

TEST(whole_leaves, "of an fpage larger than the window a part arrives, and all of it leaves the granter")
{
    struct remote a, b;
    REQUIRE(prepare(&a, &b));
    EXPECT(remote_map(&a, FRAME(2), WINDOW + 0x1000, 7));
    struct job in, out;
    job_receive(&in, a.id);
    in.br[0] = L4_FpageLog2(WINDOW, 12).raw;
    job_send(&out, b.id, L4_MsgTag(0, 0, 2));
    out.mr[1] = L4_ITEM_GRANT;
    out.mr[2] = L4_FpageAddRights(L4_FpageLog2(WINDOW, 13), 7).raw;
    REQUIRE(remote_start(&b, job_run, &in));
    REQUIRE(remote_start(&a, job_run, &out));
    EXPECT_EQ(remote_wait(&a), DONE);
    EXPECT_EQ(remote_wait(&b), DONE);
    EXPECT(remote_has(&b, WINDOW));
    EXPECT(!remote_has(&b, WINDOW + 0x1000));
    EXPECT(!remote_has(&a, WINDOW));
    EXPECT(!remote_has(&a, WINDOW + 0x1000));
}

TEST(not_accepted, "a grant that is not accepted leaves the page where it was")
{
    struct remote a, b;
    REQUIRE(prepare(&a, &b));
    struct job in, out;
    job_receive(&in, a.id);
    job_send(&out, b.id, L4_MsgTag(0, 0, 2));
    out.mr[1] = WINDOW | L4_ITEM_GRANT;
    out.mr[2] = page_rwx(WINDOW).raw;
    REQUIRE(remote_start(&b, job_run, &in));
    REQUIRE(remote_start(&a, job_run, &out));
    EXPECT_EQ(remote_wait(&a), DONE);
    EXPECT_EQ(remote_wait(&b), DONE);
    EXPECT_EQ(out.error, 8);
    EXPECT_EQ(in.error, 9);
    EXPECT(remote_has(&a, WINDOW));
}

TEST(into_fault, "a grant item answers a page fault")
{
    struct remote a;
    poke(FRAME(3), 0xbeef);
    REQUIRE(remote_new(&a, true));
    REQUIRE(remote_start(&a, read_word, (void *)WINDOW));
    EXPECT_EQ(remote_wait(&a), FAULTED);
    L4_LoadMR(1, WINDOW | L4_ITEM_GRANT);
    L4_LoadMR(2, page_rwx(FRAME(3)).raw);
    EXPECT_EQ(remote_reply(&a, L4_MsgTag(0, 0, 2)), DONE);
    EXPECT(remote_has(&a, WINDOW));
    EXPECT_EQ(peek(FRAME(3)), 0xbeef); /* comes from sigma0 again */
}

TEST(to_self, "a page granted within one's own space moves")
{
    struct remote a;
    REQUIRE(remote_new(&a, false));
    poke(FRAME(4), 0xf00d);
    EXPECT(remote_map(&a, FRAME(4), WINDOW, 7));
    EXPECT(remote_give(&a, L4_ITEM_GRANT, page_rwx(WINDOW), WINDOW + 0x3000, L4_CompleteAddressSpace));
    EXPECT(!remote_has(&a, WINDOW));
    EXPECT(remote_has(&a, WINDOW + 0x3000));
    (void)L4_Flush(page_rwx(WINDOW + 0x3000));
}
