// sources: kernel/l4/*.c kernel/kdb/counters.c kernel/kdb/trace.c tests/unit/kernel_mock/mock.c lib/ktap/ktap.c lib/base/format.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Fpage arithmetic against the definition (interface.md 5.4), address bit by address bit:
 *
 *   s <= r: destination bit i is the fpage offset's below s, the send base's from s to r, the
 *           window's above r;
 *   s > r:  source bit i is the window offset's below r, the send base's from r to s, the fpage's
 *           above s. */
#include "ktap/ktap.h"
#include "mock.h"

enum { BITS = 32, COMPLETE = 32, SEEDS = 4, ROUNDS = 100000 };

/* log2 of an fpage's size in pages of addresses; 0 = maps nothing. */
static unsigned size_of(word_t fpage)
{
    unsigned field = fpage >> 4 & 0x3f;
    if (field == 1) {
        return COMPLETE;
    }
    return field < 12 || field > 32 ? 0 : field;
}

static unsigned bit(word_t word, unsigned i)
{
    return word >> i & 1;
}

/* A word from three, by bit number: low bits are zero, then those of `middle', then those of
 * `high'. */
static uint64_t compose(unsigned first, word_t middle, unsigned second, word_t high)
{
    uint64_t result = 0;
    for (unsigned i = 0; i < BITS; i++) {
        unsigned b = i < first ? 0 : i < second ? bit(middle, i) : bit(high, i);
        result |= (uint64_t)b << i;
    }
    return result;
}

static bool definition(word_t base, word_t fpage, word_t window, struct map_range *out)
{
    unsigned s = size_of(fpage), r = size_of(window);
    if (s == 0 || r == 0) {
        return false;
    }
    unsigned least = s < r ? s : r;
    out->bytes = 1ull << least;
    out->source = s <= r ? compose(s, 0, s, fpage) : compose(r, base, s, fpage);
    out->destination = s <= r ? compose(s, base, r, window) : compose(r, 0, r, window);
    return true;
}

static bool agree(word_t base, word_t fpage, word_t window)
{
    struct map_range expected = {0}, got = {0};
    bool some = definition(base, fpage, window, &expected);
    bool same = map_range(base, (L4_Fpage_t){fpage}, (L4_Fpage_t){window}, &got) == some;
    if (some) {
        same = same && got.source == expected.source && got.destination == expected.destination &&
               got.bytes == expected.bytes;
        same = same && got.source + got.bytes <= 1ull << 32 && got.destination + got.bytes <= 1ull << 32;
        same = same && got.source % got.bytes == 0 && got.destination % got.bytes == 0;
    }
    if (!same) {
        ktap_diagnostic("base %x fpage %x window %x: %x -> %x, %x bytes; should be %x -> %x, %x",
                        (unsigned)base, (unsigned)fpage, (unsigned)window, (unsigned)got.source,
                        (unsigned)got.destination, (unsigned)got.bytes, (unsigned)expected.source,
                        (unsigned)expected.destination, (unsigned)expected.bytes);
    }
    return same;
}

static void test_edges(void)
{
    static const word_t edges[] = {0,          1,          0x400,      0x1000,     0x3fffff,   0x400000,
                                   0x7fffffff, 0x80000000, 0xbfffefff, 0xbffff000, 0xbfffffff, 0xc0000000,
                                   0xc0001000, 0xffc00000, 0xfffff000, 0xfffffc00, 0xffffffff};
    enum { EDGES = sizeof edges / sizeof edges[0], FIELDS = 64, SOME = 7 };
    ktap_begin("all sizes, edges at 0, 3 GiB, 4 GiB");
    for (unsigned s = 0; s < FIELDS; s++) {
        for (unsigned r = 0; r < FIELDS; r++) {
            for (unsigned i = 0; i < EDGES * SOME; i++) {
                word_t fpage = (edges[i % EDGES] & ~0x3f0u) | s << 4;
                word_t window = (edges[(i * 5 + s) % EDGES] & ~0x3f0u) | r << 4;
                if (!agree(edges[(i * 3 + r + i / EDGES) % EDGES], fpage, window)) {
                    ktap_failed(__FILE__, __LINE__, "an edge");
                    (void)ktap_end();
                    return;
                }
            }
        }
    }
    (void)ktap_end();
}

static void test_random(uint32_t seed)
{
    ktap_begin("random items and windows");
    ktap_diagnostic("seed %u", (unsigned)seed);
    mock_seed = seed;
    for (unsigned round = 0; round < ROUNDS && !ktap_failing(); round++) {
        word_t base = mock_random(~0u), fpage = mock_random(~0u), window = mock_random(~0u);
        fpage = (fpage & ~0x3f0u) | mock_random(36) << 4; /* sizes that exist, mostly */
        window = (window & ~0x3f0u) | mock_random(36) << 4;
        EXPECT(agree(base, fpage, window));
    }
    (void)ktap_end();
}

/* ---- what map_item makes of a range: pages of two spaces, cut at the end of user space ---- */

static void check_item(word_t source, word_t destination, word_t expected_pages)
{
    struct space *from = space_create(), *to = space_create();
    paddr_t frame;
    word_t pages = 0;
    for (word_t i = 0; i < 4; i++) {
        vaddr_t a = source + i * PAGE_BYTES;
        if (a < USER_END) {
            EXPECT_EQ(map_page_whole(sigma0_space, i * PAGE_BYTES, from, a, L4_FullyAccessible, false),
                      MAP_OK);
        }
    }
    EXPECT_EQ(map_whole(from, to, destination | L4_ITEM_MAP,
                        L4_FpageAddRights(L4_FpageLog2(source, 14), L4_FullyAccessible),
                        L4_CompleteAddressSpace),
              MAP_OK);
    for (word_t i = 0; i < 4; i++) {
        vaddr_t a = destination + i * PAGE_BYTES;
        if (a < USER_END && mock_rights(to, a, &frame)) {
            EXPECT_EQ(frame, i * PAGE_BYTES);
            pages++;
        }
    }
    EXPECT_EQ(pages, expected_pages);
    EXPECT_EQ(mapping_db_check(), 0);
    space_destroy(to);
    space_destroy(from);
    EXPECT_EQ(mapping_count(), 0);
}

static void test_items(void)
{
    ktap_begin("map items at the ends of user space");
    check_item(0, 0, 4);
    check_item(0x4000, USER_END - 0x4000, 4);
    check_item(USER_END - 0x4000, 0, 4);
    check_item(0x4000, USER_END, 0);
    check_item(0x4000, 0xffffc000, 0);
    check_item(USER_END, 0x4000, 0);
    check_item(0xffffc000, 0x4000, 0);
    (void)ktap_end();

    ktap_begin("sigma0 maps any physical address");
    struct space *to = space_create();
    static const word_t frames[] = {0, 0x3f000, 0xbffff000, 0xc0000000, 0xfffff000};
    paddr_t frame = 1;
    for (unsigned i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        L4_Fpage_t f = L4_FpageAddRights(L4_FpageLog2(frames[i], PAGE_BITS), L4_FullyAccessible);
        EXPECT_EQ(map_whole(sigma0_space, to, 0x7000 | L4_ITEM_MAP, f, L4_CompleteAddressSpace), MAP_OK);
        EXPECT_EQ(mock_rights(to, 0x7000, &frame), L4_FullyAccessible);
        EXPECT_EQ(frame, frames[i]);
        EXPECT_EQ(mapping_db_check(), 0);
        EXPECT(mock_access(to, 0x7000, true));
        EXPECT_EQ(unmap_fpage(sigma0_space, f, false), L4_FullyAccessible);
        EXPECT_EQ(mapping_count(), 0);
    }
    L4_Fpage_t kernel =
        L4_FpageAddRights(L4_FpageLog2(MOCK_KERNEL_FRAME << PAGE_BITS, PAGE_BITS), L4_FullyAccessible);
    EXPECT_EQ(map_whole(sigma0_space, to, 0x7000 | L4_ITEM_MAP, kernel, L4_CompleteAddressSpace), MAP_OK);
    EXPECT_EQ(mapping_count(), 0);
    space_destroy(to);
    (void)ktap_end();

    ktap_begin("a grant larger than its window leaves the granter entirely");
    struct space *from = space_create();
    to = space_create();
    for (word_t i = 0; i < 4; i++) {
        EXPECT_EQ(
            map_page_whole(sigma0_space, i << PAGE_BITS, from, i << PAGE_BITS, L4_FullyAccessible, false),
            MAP_OK);
    }
    EXPECT_EQ(map_whole(from, to, 0x2000 | L4_ITEM_GRANT,
                        L4_FpageAddRights(L4_FpageLog2(0, 14), L4_FullyAccessible),
                        L4_FpageLog2(0x9000, PAGE_BITS)),
              MAP_OK);
    EXPECT_EQ(mock_rights(to, 0x9000, &frame), L4_FullyAccessible);
    EXPECT_EQ(frame, 0x2000);
    EXPECT_EQ(mapping_count(), 1);
    EXPECT_EQ(mock_table_pages(from), 1); /* nothing is left there */
    space_destroy(to);
    space_destroy(from);
    (void)ktap_end();
}

int main(void)
{
    mock_init(MOCK_POOL_PAGES);
    sigma0_space = space_create();
    ktap_start(mock_write, 1 + SEEDS + 3);
    test_edges();
    for (uint32_t i = 0; i < SEEDS; i++) {
        test_random(0x1234567 + i * 77);
    }
    test_items();
    return ktap_finish();
}
