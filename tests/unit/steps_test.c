// sources: kernel/l4/*.c kernel/kdb/counters.c kernel/kdb/trace.c tests/unit/kernel_mock/mock.c lib/ktap/ktap.c lib/base/format.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* What takes many steps, while others map, flush, ask and write between any two of them. */
#include "ktap/ktap.h"
#include "l4/kernel_memory.h"
#include "l4/mapping_db_priv.h"
#include "l4/unmap_call.h"
#include "mock.h"

enum {
    SPACES = 6, /* the first one has the page from sigma0 */
    PAGES = 10,
    ROUNDS = 1500,
    NODES = 30,
    FRAME = 16 << PAGE_BITS,
    RWX = L4_FullyAccessible,
    W = L4_Writable,
};

static struct space *spaces[SPACES];
static struct tcb caller, other;
static bool revoking; /* nobody maps from the first space: it has the right, and gives it on */
static int dying;     /* a space that nobody names any more; 0: none */
static unsigned between;

static vaddr_t address(unsigned page)
{
    return (0x3fcu + page) << PAGE_BITS; /* in two page tables */
}

static bool present(unsigned space, unsigned page)
{
    paddr_t frame;
    return mock_rights(spaces[space], address(page), &frame) != 0;
}

static bool writable(unsigned space, unsigned page)
{
    paddr_t frame;
    return (mock_rights(spaces[space], address(page), &frame) & W) != 0;
}

/* Any place but that of the first space: it keeps its page. */
static bool any_place(unsigned *space, unsigned *page)
{
    *space = 1 + mock_random(SPACES - 1);
    *page = mock_random(PAGES);
    return (int)*space != dying;
}

/* From where it is to where it is not, so that nothing is mapped twice. */
static void map_somewhere(void)
{
    unsigned from, page, to, at;
    if (!any_place(&from, &page) || !any_place(&to, &at) || present(to, at)) {
        return;
    }
    if (mock_random(3) == 0 || !present(from, page)) {
        if (revoking) {
            return;
        }
        from = page = 0;
    }
    EXPECT_EQ(map_page_whole(spaces[from], address(page), spaces[to], address(at), RWX,
                             from != 0 && mock_random(8) == 0),
              MAP_OK);
}

static void others(void)
{
    unsigned space, page;
    between++;
    current = &other;
    switch (mock_random(4)) {
    case 0:
        map_somewhere();
        break;
    case 1:
        if (any_place(&space, &page)) {
            (void)unmap_page_whole(spaces[space], address(page), RWX, true);
        }
        break;
    case 2:
        (void)unmap_page_whole(spaces[0], address(0), 0, false);
        break;
    default:
        if (any_place(&space, &page)) {
            (void)mock_access(spaces[space], address(page), true);
        }
        break;
    }
    current = &caller;
    EXPECT_EQ(mapping_db_check(), 0);
}

static unsigned places(bool (*are)(unsigned space, unsigned page))
{
    unsigned n = 0;
    for (unsigned space = 1; space < SPACES; space++) {
        for (unsigned page = 0; page < PAGES && (int)space != dying; page++) {
            n += are(space, page);
        }
    }
    return n;
}

static void begin_round(void)
{
    if (!present(0, 0)) {
        EXPECT_EQ(map_page_whole(sigma0_space, FRAME, spaces[0], address(0), RWX, false), MAP_OK);
    }
    whole_between = NULL;
    for (unsigned i = 0; i < NODES; i++) {
        map_somewhere();
    }
    whole_between = others;
}

static void test_revoke(void)
{
    ktap_begin("the right to write is revoked everywhere");
    for (unsigned round = 0; round < ROUNDS && !ktap_failing(); round++) {
        begin_round();
        revoking = true;
        (void)unmap_page_whole(spaces[0], address(0), W, false);
        revoking = false;
        EXPECT_EQ(places(writable), 0);
        (void)unmap_page_whole(spaces[0], address(0), RWX, true);
    }
    (void)ktap_end();
}

static void test_unmap(void)
{
    ktap_begin("all that is derived goes");
    for (unsigned round = 0; round < ROUNDS && !ktap_failing(); round++) {
        begin_round();
        (void)unmap_page_whole(spaces[0], address(0), RWX, mock_random(2));
        EXPECT_EQ(places(present), 0);
    }
    (void)ktap_end();
}

static bool asked(void)
{
    return (unmap_page_whole(sigma0_space, FRAME, 0, false) & W) != 0;
}

/* A call that ends after some steps, because its thread disappears: what was written is told to
 * sigma0 all the same. */
static void test_cut(void)
{
    ktap_begin("a write is told to sigma0, whoever disappears");
    for (unsigned round = 0; round < ROUNDS && !ktap_failing(); round++) {
        begin_round();
        whole_between = NULL;
        (void)asked();
        unsigned space, page;
        bool wrote = any_place(&space, &page) && mock_access(spaces[space], address(page), true);
        for (unsigned steps = mock_random(6); steps > 0; steps--) {
            work_left = 0;
            (void)unmap_page(spaces[0], address(0), mock_random(2) ? RWX : W, false);
            EXPECT_EQ(mapping_db_check(), 0);
        }
        EXPECT_EQ(asked(), wrote);
        (void)unmap_page_whole(spaces[0], address(0), RWX, true);
    }
    (void)ktap_end();
}

static void test_space(void)
{
    ktap_begin("a space goes");
    for (unsigned round = 0; round < ROUNDS && !ktap_failing(); round++) {
        begin_round();
        dying = 1 + (int)mock_random(SPACES - 1);
        space_destroy(spaces[dying]);
        EXPECT(!reaper_spaces);
        EXPECT_EQ(mapping_db_check(), 0);
        spaces[dying] = space_create();
        dying = 0;
    }
    whole_between = NULL;
    (void)ktap_end();
}

/* ---- Unmap in no more than some steps ---- */

enum { MANY = 400, MANY_START = 0x800, STEPS = 2 };

/* Two frames: one is mapped to very many addresses from the first space. */
static void map_many(void)
{
    EXPECT_EQ(map_page_whole(sigma0_space, FRAME, spaces[0], address(0), RWX, false), MAP_OK);
    EXPECT_EQ(map_page_whole(sigma0_space, FRAME + PAGE_BYTES, spaces[0], address(1), RWX, false), MAP_OK);
    for (unsigned i = 0; i < MANY; i++) {
        EXPECT_EQ(map_page_whole(spaces[0], address(0), spaces[1], (MANY_START + i) << PAGE_BITS, RWX, false),
                  MAP_OK);
    }
}

/* Unmap of two pages, from a thread of that space.  Returns the word that comes back. */
static word_t unmap_two(struct space *space, vaddr_t first, vaddr_t second, word_t rights, word_t steps)
{
    static word_t utcb[UTCB_MR_COUNT + 1];
    current = &caller;
    caller.space = space;
    caller.utcb = utcb;
    utcb[0] = L4_FpageAddRights(L4_FpageLog2(first, PAGE_BITS), rights).raw;
    utcb[1] = L4_FpageAddRights(L4_FpageLog2(second, PAGE_BITS), rights).raw;
    word_t control = 1 | steps * KERNEL_UNMAP_STEP;
    caller.regs.from = control;
    if (!unmap_system_call(&caller, control)) {
        while (caller.continuing) {
            EXPECT_EQ(mapping_db_check(), 0);
            work_begin();
            unmap_continue(&caller);
        }
    }
    return caller.regs.from;
}

static bool is_left(unsigned item)
{
    return (caller.utcb[item] & KERNEL_UNMAP_MORE) != 0;
}

static unsigned many_left(void)
{
    unsigned count = 0;
    paddr_t frame;
    for (unsigned i = 0; i < MANY; i++) {
        count += mock_rights(spaces[1], (MANY_START + i) << PAGE_BITS, &frame) != 0;
    }
    return count;
}

static void test_bounded(void)
{
    unsigned calls = 1, left = MANY;
    bool wrote = false;
    ktap_begin("sigma0's Unmap ends after as many steps as it may take");
    map_many();
    (void)mock_access(spaces[1], (MANY_START + MANY / 2) << PAGE_BITS, true);
    for (; !ktap_failing(); calls++) {
        word_t control = unmap_two(sigma0_space, FRAME, FRAME + PAGE_BYTES, RWX, STEPS);
        wrote = wrote || (caller.utcb[0] & W);
        if (!is_left(0)) {
            EXPECT(control & KERNEL_UNMAP_STEPS);
            break;
        }
        EXPECT(is_left(1) && present(0, 1)); /* it has not come to that */
        EXPECT_EQ(control, 1);
        EXPECT(many_left() < left);
        left = many_left();
    }
    EXPECT(calls > 2 && wrote && many_left() == 0 && !present(0, 0));
    (void)unmap_two(sigma0_space, FRAME, FRAME + PAGE_BYTES, RWX, 0);
    EXPECT(!is_left(0) && !is_left(1) && mapping_count() == 0);
    (void)ktap_end();
}

static void test_bounded_asking(void)
{
    ktap_begin("who asks for status in some steps leaves nothing behind");
    map_many();
    word_t noted = removals_noted;
    EXPECT_EQ(unmap_two(sigma0_space, FRAME, FRAME + PAGE_BYTES, 0, 1), 1);
    EXPECT(is_left(0) && is_left(1));
    EXPECT_EQ(removals_noted, noted);
    EXPECT_EQ(many_left(), MANY);
    (void)ktap_end();
}

static void test_unbounded(void)
{
    ktap_begin("for others the same bits mean nothing");
    word_t control = unmap_two(spaces[0], address(0), address(1), RWX, 1);
    EXPECT_EQ(control, 1 | KERNEL_UNMAP_STEP);
    EXPECT(!is_left(0) && !is_left(1) && many_left() == 0 && present(0, 0));
    (void)unmap_two(sigma0_space, FRAME, FRAME + PAGE_BYTES, RWX, 0);
    (void)ktap_end();
}

int main(void)
{
    mock_init(MOCK_POOL_PAGES);
    sigma0_space = space_create();
    for (int i = 0; i < SPACES; i++) {
        spaces[i] = space_create();
    }
    current = &caller;
    ktap_start(mock_write, 8);
    test_revoke();
    test_unmap();
    test_cut();
    test_space();
    test_bounded();
    test_bounded_asking();
    test_unbounded();
    ktap_diagnostic("others came in between %u times", between);
    for (int i = 0; i < SPACES; i++) {
        space_destroy(spaces[i]);
    }
    (void)ktap_ok(mapping_count() == 0 && kmem_check() && between > ROUNDS, "nothing is left");
    return ktap_finish();
}
