// sources: kernel/l4/*.c kernel/kdb/counters.c kernel/kdb/trace.c tests/unit/kernel_mock/mock.c tests/unit/kernel_mock/mapping_model.c lib/ktap/ktap.c lib/base/format.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Superpages in the mapping database against the naive model, which has none: it looks at some
 * pages of each 4 MiB.
 *
 * Mappings and rights must be the model's.  An access to a superpage may be reported for all of it,
 * so each answer lies between what the model knows and what it must suppose.  Without memory a
 * superpage may go entirely where a part should: the model follows then, but still knows who has
 * not been told of which access. */
#include "ktap/ktap.h"
#include "l4/kip_page.h"
#include "l4/mapping_index.h"
#include "l4/superpage.h"
#include "mapping_model.h"

#include <string.h>

enum {
    SPACES = 4,
    AREAS = 3,
    SAMPLES = 4, /* pages of an area, frames of a superframe */
    REST = 3,    /* the sample that stands for all that are never mapped or unmapped alone */
    SUPERFRAMES = 2,
    PAGES = AREAS * SAMPLES,
    FRAMES = SUPERFRAMES * SAMPLES,
    FIRST_AREA = 2,
    FIRST_SUPERFRAME = 1, /* the kernel has frames of the one before */
};

_Static_assert(SPACES *PAGES <= (int)ROOT && FRAMES <= (int)ROOTS, "the model has room");

static const word_t samples[SAMPLES] = {0, 700, 1023, 5};
static struct space *spaces[SPACES];
static bool short_of_memory;
static unsigned super_maps, splits, losses;
static unsigned small_only; /* steps: what a split has left is looked at */

static vaddr_t address_of(int page)
{
    return (vaddr_t)(FIRST_AREA + page / SAMPLES) << SUPERPAGE_BITS | samples[page % SAMPLES] << PAGE_BITS;
}

static paddr_t frame_address(int frame)
{
    return (paddr_t)(FIRST_SUPERFRAME + frame / SAMPLES) << SUPERPAGE_BITS | samples[frame % SAMPLES]
                                                                                 << PAGE_BITS;
}

static word_t kernel_rights(int space, int page, int *frame)
{
    paddr_t address = 0;
    word_t rights = mock_rights(spaces[space], address_of(page), &address);
    *frame = -1;
    for (int i = 0; i < FRAMES; i++) {
        *frame = frame_address(i) == address ? i : *frame;
    }
    return rights;
}

/* What has gone for want of memory goes from the model, too. */
static void follow(void)
{
    int frame;
    for (int i = 0; i < ROOT; i++) {
        if (!nodes[i].used) {
            continue;
        }
        word_t rights = kernel_rights(nodes[i].space, nodes[i].page, &frame);
        if (rights == 0) {
            losses++;
            model_delete(i);
        } else if (!(rights & W)) {
            nodes[i].writable = false;
        }
    }
}

/* SUPERPAGE_BITS, for all samples of an area, or PAGE_BITS. */
static unsigned random_size(void)
{
    if (small_only > 0) {
        small_only--;
        return PAGE_BITS;
    }
    return mock_random(short_of_memory ? 2 : 12) ? SUPERPAGE_BITS : PAGE_BITS;
}

/* The first sample of an area (superframe) or, with PAGE_BITS, a sample that is not REST. */
static int random_place(unsigned count, unsigned log2)
{
    int place = (int)mock_random(count);
    return log2 != PAGE_BITS ? place & -SAMPLES : place % SAMPLES == REST ? place - 1 : place;
}

static void count_splits(size_t before)
{
    if (big_superframes < before) {
        splits++;
        small_only = 16;
    }
}

static word_t random_rights(void)
{
    static const word_t some[] = {RWX, RWX, RWX, RX, W};
    return some[mock_random(sizeof some / sizeof some[0])];
}

/* After an incomplete map: did this page come? */
static bool has_come(int source, int space, int page, bool grant)
{
    int frame;
    word_t rights = kernel_rights(space, page, &frame);
    if (!rights || frame != nodes[source].frame) {
        return false;
    }
    return !grant || source >= ROOT || kernel_rights(nodes[source].space, nodes[source].page, &frame) == 0;
}

static void do_map(void)
{
    unsigned log2 = random_size();
    int count = log2 == PAGE_BITS ? 1 : SAMPLES;
    int from = (int)mock_random(SPACES + 2), to = (int)mock_random(SPACES);
    bool root = from >= SPACES, grant = mock_random(5) == 0;
    int source = random_place(root ? FRAMES : PAGES, log2), target = random_place(PAGES, log2);
    word_t rights = random_rights(), start = root ? frame_address(source) : address_of(source);
    size_t big = big_superframes;
    enum map_result result =
        map_whole(root ? sigma0_space : spaces[from], spaces[to],
                  address_of(target) | (grant ? L4_ITEM_GRANT : L4_ITEM_MAP),
                  L4_FpageAddRights(L4_FpageLog2(start, log2), rights), L4_CompleteAddressSpace);
    EXPECT(result == MAP_OK || short_of_memory);
    /* One head for all from now on. */
    for (int i = 1; root && big_superframes > big && i < SAMPLES; i++) {
        model_surmise(ROOT + source, ROOT + source + i);
    }
    super_maps += arch_pte_super(spaces[to], address_of(target), false) != NULL;
    count_splits(big);
    for (int i = 0; i < count; i++) {
        int node = root ? ROOT + source + i : model_find(from, source + i);
        if (node >= 0 && (result == MAP_OK || has_come(node, to, target + i, grant))) {
            model_map(node, to, target + i, rights, grant);
        }
    }
}

static void expect_answer(word_t status, struct answer expected)
{
    EXPECT_EQ(status & expected.at_least, expected.at_least);
    EXPECT(short_of_memory || (status & ~expected.at_most) == 0);
}

static struct answer both(struct answer a, struct answer b)
{
    return (struct answer){a.at_least | b.at_least, a.at_most | b.at_most};
}

static void do_unmap(void)
{
    unsigned log2 = random_size();
    int count = log2 == PAGE_BITS ? 1 : SAMPLES;
    int space = (int)mock_random(SPACES), page = random_place(PAGES, log2);
    bool all = mock_random(50) == 0, flush = mock_random(2) != 0;
    word_t rights = mock_random(3) ? 0 : random_rights();
    size_t big = big_superframes;
    struct answer expected = {0, 0};
    for (int i = all ? 0 : page; i < (all ? PAGES : page + count); i++) {
        int node = model_find(space, i);
        if (node >= 0) {
            expected = both(expected, model_unmap(node, rights, flush));
        }
    }
    L4_Fpage_t f = all ? L4_CompleteAddressSpace : L4_FpageLog2(address_of(page), log2);
    word_t status = unmap_fpage(spaces[space], L4_FpageAddRights(f, rights), flush);
    expect_answer(status, expected);
    for (int i = all ? 0 : page; short_of_memory && i < (all ? PAGES : page + count); i++) {
        if (model_find(space, i) >= 0) {
            model_told(model_find(space, i), status);
        }
    }
    count_splits(big);
}

static void do_unmap_root(void)
{
    unsigned log2 = random_size();
    int count = log2 == PAGE_BITS ? 1 : SAMPLES, frame = random_place(FRAMES, log2);
    word_t rights = mock_random(3) ? 0 : random_rights();
    struct answer expected = {0, 0};
    for (int i = frame; i < frame + count; i++) {
        expected = both(expected, model_unmap(ROOT + i, rights, false));
    }
    L4_Fpage_t f = L4_FpageAddRights(L4_FpageLog2(frame_address(frame), log2), rights);
    expect_answer(unmap_fpage(sigma0_space, f, mock_random(2) != 0), expected);
}

/* Is this page mapped as a superpage that begins with its area would map it? */
static bool in_place(int node, int superframe)
{
    return node >= 0 && nodes[node].frame % SAMPLES == nodes[node].page % SAMPLES &&
           nodes[node].frame / SAMPLES == superframe;
}

static void do_access(void)
{
    int space = (int)mock_random(SPACES), page = (int)mock_random(PAGES);
    bool write = mock_random(3) == 0;
    int node = model_find(space, page);
    bool possible = node >= 0 && (!write || nodes[node].writable);
    EXPECT_EQ(mock_access(spaces[space], address_of(page) + 0x123, write), possible);
    if (!possible) {
        return;
    }
    model_access(node, write, false);
    int superframe = nodes[node].frame / SAMPLES, area = page / SAMPLES * SAMPLES;
    for (int i = 0; in_place(node, superframe) && i < SAMPLES; i++) {
        int other = model_find(space, area + i);
        if (in_place(other, superframe)) {
            model_access(other, write, true);
        }
    }
}

static void delete_space(int space)
{
    model_delete_space(space, PAGES);
    space_destroy(spaces[space]);
}

/* Charged are: the space, its directory, page tables, nodes, and for each superpage what a split
 * will take. */
static void compare_charge(struct space *space)
{
    size_t small = 0, super = 0;
    for (vaddr_t a = 0; (a = arch_pte_next(space, a, false)) < USER_END; a += PAGE_BYTES) {
        if (arch_pte_super(space, a, false)) {
            super++;
            a |= SUPERPAGE_BYTES - PAGE_BYTES;
        } else {
            const pte_t *pte = arch_pte_find(space, a);
            small += pte && arch_pte_present(*pte);
        }
    }
    EXPECT_EQ(space->kmem_bytes, sizeof *space + (mock_table_pages(space) - super) * PAGE_BYTES +
                                     (small + super) * sizeof(struct mapping) + super * SUPERPAGE_RESERVE +
                                     indexed_mappings(space) * sizeof(struct index_entry));
}

static void compare(void)
{
    int frame;
    for (int i = 0; i < SPACES; i++) {
        compare_charge(spaces[i]);
    }
    for (int i = 0; i < SPACES * PAGES; i++) {
        int node = model_find(i / PAGES, i % PAGES);
        word_t rights = kernel_rights(i / PAGES, i % PAGES, &frame);
        EXPECT_EQ(rights, node < 0 ? 0u : nodes[node].writable ? RWX : RX);
        EXPECT(node < 0 || frame == nodes[node].frame);
    }
    EXPECT_EQ(mapping_db_check(), 0);
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
    } else if (what < 198) {
        do_unmap_root();
    } else {
        int space = (int)mock_random(SPACES);
        delete_space(space);
        spaces[space] = space_create();
    }
}

static void begin(uint32_t seed)
{
    mock_seed = seed;
    super_maps = splits = 0;
    for (int i = 0; i < SPACES; i++) {
        spaces[i] = space_create();
    }
    model_begin(FRAMES);
}

/* What is left is still told to sigma0, once, and nothing remains. */
static void finish(void)
{
    for (int i = 0; i < SPACES; i++) {
        delete_space(i);
    }
    EXPECT_EQ(mapping_count(), 0);
    for (int i = 0; i < FRAMES; i++) {
        struct answer expected = model_query(ROOT + i, false);
        expect_answer(unmap_page_whole(sigma0_space, frame_address(i), 0, false), expected);
        EXPECT_EQ(unmap_page_whole(sigma0_space, frame_address(i), 0, false), 0);
    }
    EXPECT_EQ(model_events(), 0);
    for (word_t i = 0; i < SUPERFRAMES; i++) { /* what is left at frames that are no samples */
        (void)unmap_fpage(sigma0_space,
                          L4_FpageLog2((FIRST_SUPERFRAME + i) << SUPERPAGE_BITS, SUPERPAGE_BITS), false);
    }
    EXPECT_EQ(big_superframes, 0);
    EXPECT_EQ(mapping_db_check(), 0);
    EXPECT(kmem_check());
}

static bool test_random(uint32_t seed, unsigned rounds)
{
    ktap_begin("random maps, grants, unmaps, queries of superpages and of parts");
    begin(seed);
    for (unsigned round = 0; round < rounds && mock_goes_on() && !ktap_failing(); round++) {
        step();
        compare();
        if (ktap_failing()) {
            ktap_diagnostic("seed %u, round %u", (unsigned)seed, round);
            return ktap_end();
        }
    }
    finish();
    EXPECT(super_maps > rounds / 40 || mock_fuzzing());
    EXPECT(splits > rounds / 200 || mock_fuzzing());
    ktap_diagnostic("seed %u: %u superpages mapped, %u superframes split", (unsigned)seed, super_maps,
                    splits);
    return ktap_end();
}

/* The pool has some pages, then others, never enough for all. */
static bool test_no_memory(uint32_t seed, unsigned rounds)
{
    static void *taken[MOCK_POOL_PAGES];
    unsigned n = 0;
    ktap_begin("no memory to split");
    begin(seed);
    short_of_memory = true;
    for (unsigned round = 0; round < rounds && !ktap_failing(); round++) {
        if (round % 16 == 0) {
            while (n > 0) {
                kmem_free_page(taken[--n], NULL);
            }
            for (size_t keep = mock_random(mock_random(2) ? 12 : 64); kmem_pages_free() > keep;) {
                taken[n++] = kmem_alloc_page(NULL);
            }
            while (n > 0 && kmem_pages_free() < 3) { /* so that a space can be created */
                kmem_free_page(taken[--n], NULL);
            }
        }
        step();
        follow();
        compare();
        if (ktap_failing()) {
            ktap_diagnostic("seed %u, round %u", (unsigned)seed, round);
            return ktap_end();
        }
    }
    while (n > 0) {
        kmem_free_page(taken[--n], NULL);
    }
    finish();
    short_of_memory = false;
    EXPECT_LT(10, splits);
    ktap_diagnostic("seed %u: %u superpages mapped, %u superframes split, %u pages lost so far",
                    (unsigned)seed, super_maps, splits, losses);
    return ktap_end();
}

/* ---- others, while a superframe is being split ---- */

enum {
    SPLIT_SPACES = 3,
    BIG = 1 << SUPERPAGE_BITS,
    OWN_FRAME = 16 << PAGE_BITS, /* of another superframe */
    OWN_AT = 0x30000000,
};

static struct space *split_spaces[SPLIT_SPACES];
static bool taken_away[SPLIT_SPACES][SAMPLES];
static unsigned came_between;
static void *all_pages; /* linked through their first words */

/* Somebody maps a page that has nothing to do with it, or takes one of the 4 MiB away, as far as he
 * gets in a step. */
static void others_between(void)
{
    unsigned space = mock_random(SPLIT_SPACES), sample = mock_random(SAMPLES);
    vaddr_t at = BIG + (samples[sample] << PAGE_BITS), own = OWN_AT + (mock_random(64) << PAGE_BITS);
    void **page;
    came_between++;
    while ((page = all_pages) != NULL) {
        all_pages = *page;
        kmem_free_page(page, NULL);
    }
    work_left = (int32_t)mock_random(2000);
    switch (mock_random(4)) {
    case 0:
        EXPECT(map_page(sigma0_space, OWN_FRAME, split_spaces[space], own, RWX, false) != MAP_NO_MEMORY);
        break;
    case 1:
        (void)unmap_page(split_spaces[space], own, RWX, true);
        break;
    case 2:
        if (space > 0 && kmem_pages_set_aside() > 0 && mock_random(20) == 0) {
            taken_away[space][sample] |= !(unmap_page(split_spaces[space], at, RWX, true) & UNMAP_MORE);
        }
        break;
    default: /* all memory is taken, until somebody comes again */
        while (kmem_pages_set_aside() > 0 && (page = kmem_alloc_page(NULL)) != NULL) {
            *page = all_pages;
            all_pages = page;
        }
        break;
    }
}

/* The first space has the 4 MiB from sigma0, the others from it; who asks about a page of them
 * meets others in every step. */
static void test_others(void)
{
    enum { ROUNDS = 20 };
    ktap_begin("others come in between while 4 MiB are split");
    L4_Fpage_t all = L4_FpageAddRights(L4_FpageLog2(BIG, SUPERPAGE_BITS), RWX);
    for (unsigned round = 0; round < ROUNDS && !ktap_failing(); round++) {
        for (int i = 0; i < SPLIT_SPACES; i++) {
            split_spaces[i] = space_create();
            EXPECT_EQ(map_whole(i ? split_spaces[0] : sigma0_space, split_spaces[i], BIG | L4_ITEM_MAP, all,
                                L4_CompleteAddressSpace),
                      MAP_OK);
            EXPECT(arch_pte_super(split_spaces[i], BIG, false));
        }
        EXPECT(mock_access(split_spaces[1], BIG, true));
        memset(taken_away, 0, sizeof taken_away);
        whole_between = others_between;
        (void)unmap_page_whole(split_spaces[1], BIG, 0, false);
        whole_between = NULL;
        while (all_pages) {
            others_between();
        }
        EXPECT_EQ(kmem_pages_set_aside(), 0);
        EXPECT_EQ(mapping_db_check(), 0);
        for (int i = 0; i < SPLIT_SPACES * SAMPLES; i++) {
            paddr_t frame;
            vaddr_t at = BIG + (samples[i % SAMPLES] << PAGE_BITS);
            EXPECT(!arch_pte_super(split_spaces[i / SAMPLES], BIG, false));
            EXPECT_EQ(mock_rights(split_spaces[i / SAMPLES], at, &frame),
                      taken_away[i / SAMPLES][i % SAMPLES] ? 0 : RWX);
        }
        /* the second one has written */
        EXPECT_EQ(unmap_page_whole(split_spaces[0], BIG, 0, false) & W, W);
        for (int i = SPLIT_SPACES - 1; i >= 0; i--) {
            space_destroy(split_spaces[i]);
        }
        (void)unmap_page_whole(sigma0_space, OWN_FRAME, RWX, false);
        EXPECT_EQ(mapping_count(), 0);
    }
    EXPECT_LT(20 * ROUNDS, came_between);
    (void)ktap_end();
}

int main(void)
{
    static const uint32_t seeds[] = {1, 4711, 0x2545f491, 20261121};
    enum { SEEDS = sizeof seeds / sizeof seeds[0] };
    mock_init(MOCK_POOL_PAGES);
    kip_page()->page_info |= SUPERPAGE_BYTES;
    sigma0_space = space_create();
    size_t spare = kmem_pages_free() - 1; /* the slab of spaces has one page */
    ktap_start(mock_write, 2 * SEEDS + 3);
    for (unsigned i = 0; i < SEEDS; i++) {
        if (!test_random(seeds[i], 6000) || !test_no_memory(seeds[i], 6000)) {
            return 1; /* kernel and model are in different states */
        }
    }
    test_others();
    (void)ktap_ok(losses > 0, "some superpages went for want of memory");
    (void)ktap_ok(kmem_pages_free() >= spare, "all kernel memory is back");
    return ktap_finish();
}
