// sources: kernel/l4/*.c kernel/kdb/counters.c kernel/kdb/trace.c tests/unit/kernel_mock/mock.c tests/unit/kernel_mock/mapping_model.c lib/ktap/ktap.c lib/base/format.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* The mapping database against a naive model (kernel_mock/mapping_model.h). */
#include "ktap/ktap.h"
#include "l4/mapping_index.h"
#include "mapping_model.h"

enum {
    SPACES = 6,
    PAGES = 8, /* 0x3fc000 .. 0x403fff: in two page tables */
    FRAMES = 6,
    FIRST_PAGE = 0x3fc,
    FIRST_FRAME = 16,
};

_Static_assert(SPACES *PAGES <= (int)ROOT && FRAMES <= (int)ROOTS, "the model has room");

static struct space *spaces[SPACES];

/* ---- the same to both ---- */

static vaddr_t address_of(int page)
{
    return (vaddr_t)(FIRST_PAGE + page) << PAGE_BITS;
}

static paddr_t frame_address(int frame)
{
    return (paddr_t)(FIRST_FRAME + frame) << PAGE_BITS;
}

static word_t random_rights(void)
{
    static const word_t some[] = {RWX, RWX, RWX, RX, W, L4_ReadWriteOnly, 0};
    return some[mock_random(sizeof some / sizeof some[0])];
}

static void do_map(void)
{
    int log2 = mock_random(6) == 0 ? (int)mock_random(3) : 0, count = 1 << log2;
    int from = (int)mock_random(SPACES + 1), to = (int)mock_random(SPACES);
    int source = (int)mock_random(PAGES) & -count, target = (int)mock_random(PAGES) & -count;
    word_t rights = random_rights();
    bool grant = mock_random(5) == 0;
    struct space *giver = from == SPACES ? sigma0_space : spaces[from];
    if (from == SPACES) {
        log2 = 0;
        count = 1;
        source = (int)mock_random(FRAMES);
    }
    vaddr_t start = from == SPACES ? frame_address(source) : address_of(source);
    L4_Fpage_t f = L4_FpageAddRights(L4_FpageLog2(start, (unsigned)(PAGE_BITS + log2)), rights);
    EXPECT_EQ(map_whole(giver, spaces[to], address_of(target) | (grant ? L4_ITEM_GRANT : L4_ITEM_MAP), f,
                        L4_CompleteAddressSpace),
              MAP_OK);
    for (int i = 0; i < count; i++) {
        int node = from == SPACES ? ROOT + source : model_find(from, source + i);
        if (node >= 0) {
            model_map(node, to, target + i, rights, grant);
        }
    }
}

static void do_unmap(void)
{
    int log2 = mock_random(3) == 0 ? (int)mock_random(3) : 0, count = 1 << log2;
    int space = (int)mock_random(SPACES), page = (int)mock_random(PAGES) & -count;
    bool all = mock_random(50) == 0, flush = mock_random(2) != 0;
    word_t rights = mock_random(2) ? 0 : random_rights(), expected = 0;
    if (rights == RWX && (all || log2 > 1) && mock_random(4)) {
        rights = 0; /* so that something remains */
    }
    L4_Fpage_t f =
        all ? L4_CompleteAddressSpace : L4_FpageLog2(address_of(page), (unsigned)(PAGE_BITS + log2));
    for (int i = all ? 0 : page; i < (all ? PAGES : page + count); i++) {
        int node = model_find(space, i);
        if (node >= 0) {
            expected |= model_unmap(node, rights, flush).at_least;
        }
    }
    EXPECT_EQ(unmap_fpage(spaces[space], L4_FpageAddRights(f, rights), flush), expected);
}

static void do_unmap_root(void)
{
    int frame = (int)mock_random(FRAMES);
    word_t rights = mock_random(3) ? 0 : random_rights();
    word_t expected = model_unmap(ROOT + frame, rights, false).at_least;
    L4_Fpage_t f = L4_FpageAddRights(L4_FpageLog2(frame_address(frame), PAGE_BITS), rights);
    EXPECT_EQ(unmap_fpage(sigma0_space, f, mock_random(2) != 0), expected);
}

static void do_access(void)
{
    int space = (int)mock_random(SPACES), page = (int)mock_random(PAGES);
    bool write = mock_random(3) == 0;
    int node = model_find(space, page);
    bool possible = node >= 0 && (!write || nodes[node].writable);
    EXPECT_EQ(mock_access(spaces[space], address_of(page) + 0x123, write), possible);
    if (possible) {
        model_access(node, write, false);
    }
}

static void delete_space(int space)
{
    model_delete_space(space, PAGES);
    space_destroy(spaces[space]);
}

/* ---- comparison ---- */

static void compare_space(int space)
{
    size_t tables = 1, own = 0;
    int table_of_last = -1;
    for (int page = 0; page < PAGES; page++) {
        int node = model_find(space, page);
        paddr_t frame = 0;
        word_t rights = mock_rights(spaces[space], address_of(page), &frame);
        EXPECT_EQ(rights, node < 0 ? 0u : nodes[node].writable ? RWX : RX);
        if (node < 0) {
            continue;
        }
        EXPECT_EQ(frame, frame_address(nodes[node].frame));
        own++;
        int table = (FIRST_PAGE + page) >> 10;
        tables += table != table_of_last;
        table_of_last = table;
    }
    EXPECT_EQ(mock_table_pages(spaces[space]), tables);
    EXPECT_EQ(spaces[space]->kmem_bytes, sizeof(struct space) + tables * PAGE_BYTES +
                                             own * sizeof(struct mapping) +
                                             indexed_mappings(spaces[space]) * sizeof(struct index_entry));
}

static void step(void)
{
    unsigned what = mock_random(200);
    if (what < 70) {
        do_map();
    } else if (what < 130) {
        do_access();
    } else if (what < 180) {
        do_unmap();
    } else if (what < 199) {
        do_unmap_root();
    } else if (mock_random(4) == 0) {
        int space = (int)mock_random(SPACES);
        delete_space(space);
        spaces[space] = space_create();
    }
}

static bool test_random(uint32_t seed, unsigned rounds)
{
    unsigned levels = 0;
    ktap_begin("random maps, grants, unmaps, queries against the model");
    mock_seed = seed;
    for (int i = 0; i < SPACES; i++) {
        spaces[i] = space_create();
    }
    model_begin(FRAMES);
    for (unsigned round = 0; round < rounds && mock_goes_on() && !ktap_failing(); round++) {
        step();
        for (int i = 0; i < SPACES; i++) {
            compare_space(i);
        }
        EXPECT_EQ(mapping_db_check(), 0);
        unsigned deep = 0;
        for (int i = (int)mock_random(ROOT); nodes[i].used && i >= 0 && i < ROOT; i = nodes[i].parent) {
            deep++;
        }
        levels = deep > levels ? deep : levels;
        if (ktap_failing()) {
            ktap_diagnostic("seed %u, round %u", (unsigned)seed, round);
        }
    }
    if (!ktap_failing()) { /* what is left, and that nothing remains */
        for (int i = 0; i < SPACES; i++) {
            delete_space(i);
        }
        EXPECT_EQ(mapping_count(), 0);
        for (int i = 0; i < FRAMES; i++) {
            word_t expected = model_query(ROOT + i, false).at_least;
            EXPECT_EQ(unmap_page_whole(sigma0_space, frame_address(i), 0, false), expected);
            EXPECT_EQ(unmap_page_whole(sigma0_space, frame_address(i), 0, false), 0);
        }
        EXPECT_EQ(model_events(), 0);
        EXPECT(kmem_check());
    }
    EXPECT(levels > 3 || mock_fuzzing());
    ktap_diagnostic("seed %u: %u rounds, trees of up to %u levels", (unsigned)seed, rounds, levels);
    return ktap_end();
}

/* Frames beyond those with a list of their own share some: none may be taken for another. */
static void test_device_frames(void)
{
    enum { COUNT = 40, BASE = 0xe0000000 };
    ktap_begin("device frames share lists");
    struct space *a = space_create(), *b = space_create();
    paddr_t frame;
    for (word_t i = 0; i < COUNT; i++) {
        vaddr_t at = i << PAGE_BITS;
        EXPECT_EQ(map_page_whole(sigma0_space, BASE + at, a, at, RWX, false), MAP_OK);
        EXPECT_EQ(map_page_whole(a, at, b, at, RWX, false), MAP_OK);
    }
    EXPECT_EQ(mapping_db_check(), 0);
    for (word_t i = 0; i < COUNT; i += 2) {
        (void)unmap_page_whole(sigma0_space, BASE + (i << PAGE_BITS), RWX, false);
        (void)unmap_page_whole(a, (i + 1) << PAGE_BITS, W, false);
    }
    EXPECT_EQ(mapping_db_check(), 0);
    for (word_t i = 0; i < COUNT; i++) {
        EXPECT_EQ(mock_rights(a, i << PAGE_BITS, &frame), i % 2 ? RWX : 0);
        EXPECT_EQ(mock_rights(b, i << PAGE_BITS, &frame), i % 2 ? RX : 0);
    }
    space_destroy(a);
    EXPECT_EQ(mapping_count(), 0);
    space_destroy(b);
    (void)ktap_end();
}

/* ---- very many mappings of one frame ---- */

enum {
    MANY = 5000,
    MANY_SPACES = 40,
    MANY_AT = 0x20000000, /* where no thread has its UTCB yet */
};

static struct space *many_spaces[MANY_SPACES];
static int many_parent[MANY]; /* less than its own number; -1: sigma0; -2: it is not there */

static struct space *many_space(int i)
{
    return many_spaces[i % MANY_SPACES];
}

static vaddr_t many_address(int i)
{
    return MANY_AT + (vaddr_t)(i / MANY_SPACES) * PAGE_BYTES;
}

static enum map_result many_map(int i, int parent, paddr_t frame)
{
    many_parent[i] = parent;
    return parent < 0 ? map_page_whole(sigma0_space, frame, many_space(i), many_address(i), RWX, false)
                      : map_page_whole(many_space(parent), many_address(parent), many_space(i),
                                       many_address(i), RWX, false);
}

/* As the model says, those below i go, and i. */
static void many_unmap(int i)
{
    bool gone[MANY];
    for (int k = 0; k < MANY; k++) {
        gone[k] = k == i || (many_parent[k] >= 0 && gone[many_parent[k]]);
    }
    (void)unmap_page_whole(many_space(i), many_address(i), RWX, true);
    for (int k = 0; k < MANY; k++) {
        many_parent[k] = gone[k] ? -2 : many_parent[k];
    }
}

static void many_compare(void)
{
    paddr_t frame;
    size_t count = 0;
    for (int i = 0; i < MANY; i++) {
        EXPECT_EQ(mock_rights(many_space(i), many_address(i), &frame), many_parent[i] == -2 ? 0 : RWX);
        count += many_parent[i] != -2;
    }
    EXPECT_EQ(mapping_count(), count);
    EXPECT_EQ(mapping_db_check(), 0);
}

/* shape: how far back the one lies from which a mapping comes; 0: all come from the first one. */
static void many_test(const char *name, paddr_t frame, int shape)
{
    ktap_begin(name);
    for (int i = 0; i < MANY_SPACES; i++) {
        many_spaces[i] = space_create();
    }
    for (int i = 0; i < MANY; i++) {
        int back = i == 0 ? -1 : shape == 0 ? 0 : i - 1 - (int)mock_random((uint32_t)shape);
        EXPECT_EQ(many_map(i, back < -1 ? -1 : back, frame), MAP_OK);
    }
    many_compare();
    for (int round = 0; round < 20; round++) {
        for (int n = 0; n < 20; n++) {
            many_unmap(1 + MANY / 2 + (int)mock_random(MANY / 2 - 1));
        }
        int writer = (int)mock_random(MANY / 2);
        bool there = mock_access(many_space(writer), many_address(writer), true);
        EXPECT_EQ(there, many_parent[writer] != -2);
        if (writer > 0 && many_parent[writer] >= 0) {
            many_unmap(writer); /* and tells those above that it has written */
            EXPECT_EQ(unmap_page_whole(sigma0_space, frame, 0, false) & W, W);
        }
        for (int i = 0; i < MANY; i++) {
            if (many_parent[i] == -2 && mock_random(2)) {
                EXPECT_EQ(many_map(i, (int)mock_random(2) - 1, frame), MAP_OK);
            }
        }
        many_compare();
    }
    for (int i = 1; i < MANY_SPACES; i += 2) {
        space_destroy(many_spaces[i]);
        EXPECT_EQ(mapping_db_check(), 0);
    }
    (void)unmap_page_whole(sigma0_space, frame, RWX, false);
    EXPECT_EQ(mapping_count(), 0);
    for (int i = 0; i < MANY_SPACES; i += 2) {
        space_destroy(many_spaces[i]);
    }
    EXPECT(kmem_check());
    (void)ktap_end();
}

static void test_many(void)
{
    enum { FRAME = 5 << PAGE_BITS };
    many_test("5 000 mappings of a frame, all from one", FRAME, 0);
    many_test("5 000 mappings of a frame, from hand to hand", FRAME, 1);
    many_test("5 000 mappings of a frame, any tree", FRAME, 50);
    many_test("5 000 mappings of a device's page", (paddr_t)0xe0000000, 3);
}

/* Space 1 has the page from space 0, and grants it to where it has it from itself: that mapping
 * rises, however many others there are. */
static void test_grant_among_many(void)
{
    enum { FRAME = 5 << PAGE_BITS, A = MANY_AT, B = MANY_AT + PAGE_BYTES };
    ktap_begin("a page is granted to one that was mapped from it, among 1 000 others");
    struct space *space = space_create();
    paddr_t frame;
    EXPECT_EQ(map_page_whole(sigma0_space, FRAME, space, A, RWX, false), MAP_OK);
    EXPECT_EQ(map_page_whole(space, A, space, B, RWX, false), MAP_OK);
    for (vaddr_t i = 2; i < 1000; i++) {
        EXPECT_EQ(map_page_whole(space, A, space, A + i * PAGE_BYTES, RWX, false), MAP_OK);
    }
    EXPECT_EQ(map_page_whole(space, A, space, B, RWX, true), MAP_OK);
    EXPECT_EQ(mock_rights(space, A, &frame), 0);
    EXPECT_EQ(mock_rights(space, B, &frame), RWX);
    EXPECT_EQ(mapping_db_check(), 0);
    (void)unmap_page_whole(space, B, RWX, false);
    EXPECT_EQ(mapping_count(), 1);
    space_destroy(space);
    EXPECT_EQ(mapping_count(), 0);
    (void)ktap_end();
}

static void test_utcb_area(void)
{
    ktap_begin("a user's page in the UTCB area stays a user's");
    vaddr_t at = MOCK_UTCB_BASE + PAGE_BYTES;
    struct space *space = space_create();
    EXPECT_EQ(
        space_set_areas(space, L4_FpageLog2(MOCK_KIP_BASE, PAGE_BITS), L4_FpageLog2(MOCK_UTCB_BASE, 16)), 0);
    EXPECT_EQ(map_page_whole(sigma0_space, frame_address(0), space, at, RWX, false), MAP_OK);
    EXPECT(!space_utcb_find(space, at + UTCB_MR0_OFFSET));
    space_destroy(space);
    EXPECT_EQ(mapping_count(), 0);
    EXPECT(kmem_check());
    (void)ktap_end();
}

/* A pool that runs out again and again: operations fail, nothing is lost. */
static void test_no_memory(uint32_t seed)
{
    enum { ROUNDS = 20000 };
    static void *taken[MOCK_POOL_PAGES];
    unsigned n = 0, failed = 0;
    ktap_begin("no kernel memory");
    ktap_diagnostic("seed %u", (unsigned)seed);
    mock_seed = seed;
    for (int i = 0; i < SPACES; i++) {
        spaces[i] = space_create();
    }
    while (kmem_pages_free() > 0) {
        taken[n++] = kmem_alloc_page(NULL);
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct space *from = spaces[mock_random(SPACES)], *to = spaces[mock_random(SPACES)];
        vaddr_t a = mock_random(8) << 22 | mock_random(64) << PAGE_BITS,
                b = mock_random(8) << 22 | mock_random(64) << PAGE_BITS;
        enum map_result result = MAP_OK;
        switch (mock_random(12)) {
        default:
            result = map_page_whole(sigma0_space, mock_random(40) << PAGE_BITS, to, b, RWX, false);
            break;
        case 0:
        case 1:
        case 2:
            result = map_page_whole(from, a, to, b, RWX, mock_random(2) != 0);
            break;
        case 3:
            (void)unmap_page_whole(sigma0_space, mock_random(40) << PAGE_BITS, RWX, false);
            break;
        case 4:
            (void)unmap_page_whole(to, b, RWX, mock_random(2) != 0);
            break;
        }
        failed += result == MAP_NO_MEMORY;
        if (round % 64 == 0) {
            EXPECT_EQ(mapping_db_check(), 0);
        }
    }
    EXPECT_LT(ROUNDS / 100, failed);
    EXPECT_LT(failed, ROUNDS - ROUNDS / 100);
    while (n > 0) {
        kmem_free_page(taken[--n], NULL);
    }
    for (int i = 0; i < SPACES; i++) {
        space_destroy(spaces[i]);
    }
    EXPECT_EQ(mapping_count(), 0);
    EXPECT(kmem_check());
    (void)ktap_end();
}

int main(void)
{
    static const uint32_t seeds[] = {1, 4711, 0x2545f491, 99999989, 20260728};
    enum { SEEDS = sizeof seeds / sizeof seeds[0] };
    mock_init(MOCK_POOL_PAGES);
    sigma0_space = space_create();
    size_t spare = kmem_pages_free() - 1; /* the slab of spaces has one page */
    ktap_start(mock_write, SEEDS + 9);
    for (unsigned i = 0; i < SEEDS; i++) {
        if (!test_random(seeds[i], 25000)) {
            return 1; /* kernel and model are in different states */
        }
    }
    test_device_frames();
    test_utcb_area();
    test_many();
    test_grant_among_many();
    test_no_memory(3);
    (void)ktap_ok(kmem_pages_free() >= spare, "all kernel memory is back");
    return ktap_finish();
}
