// sources: kernel/l4/*.c kernel/kdb/counters.c kernel/kdb/trace.c tests/unit/kernel_mock/mock.c lib/ktap/ktap.c lib/base/format.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel memory against a naive model: pages and objects for payers with quotas, some of them for
 * mappings, from pages that are lent and reclaimed meanwhile. */
#include "ktap/ktap.h"
#include "mock.h"

#include <string.h>

enum {
    POOL = 24,
    LENT_MAX = 24,
    LOAN = 10, /* of these, from the boot on */
    PAYERS = 4,
    SLABS = 3, /* of these, the first is for mappings */
    TABLE = SLABS + 1,
    HELD_MAX = 4000,
    ROUNDS = 60000,
    CHECK_EVERY = 128,
};

static struct space payers[PAYERS];
static struct kslab slabs[SLABS] = {
    {.object_bytes = 16, .per_page = PAGE_BYTES / 16, .uncleared = true, .for_mappings = true},
    {.object_bytes = 248, .per_page = PAGE_BYTES / 248},
    {.object_bytes = 512, .per_page = PAGE_BYTES / 512},
};

/* What is allocated: slab < SLABS, SLABS = a page, or TABLE = one for mappings. */
static struct held {
    unsigned char *bytes;
    unsigned slab, payer, size;
    unsigned char mark;
} held[HELD_MAX];
static unsigned held_count, charged[PAYERS], tables;
static struct kpage descriptors[POOL + LENT_MAX];
static char memory[POOL + LENT_MAX][PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)));
static bool lent[LENT_MAX];
static unsigned lent_count, refused_quota, refused_empty, refused_kept, reclaimed, busy;

static struct space *payer_of(unsigned i)
{
    return i ? &payers[i] : NULL; /* the kernel itself is one */
}

static size_t cache_pages(void)
{
    return slabs[0].pages + tables;
}

static void *alloc(unsigned slab, struct space *payer)
{
    return slab < SLABS    ? kslab_alloc(&slabs[slab], payer)
           : slab == TABLE ? kmem_alloc(payer, true)
                           : kmem_alloc_page(payer);
}

static void allocate(bool mappings_too)
{
    unsigned slab = mappings_too ? mock_random(TABLE + 1) : 1 + mock_random(SLABS),
             payer = mock_random(PAYERS);
    unsigned size = slab < SLABS ? slabs[slab].object_bytes : PAGE_BYTES;
    if (held_count == HELD_MAX) {
        return;
    }
    bool for_mappings = slab == 0 || slab == TABLE;
    unsigned char *p = alloc(slab, payer_of(payer));
    bool affordable = payer == 0 || charged[payer] + size <= payers[payer].kmem_quota;
    if (!p) { /* nothing is refused without a reason */
        bool room = slab < SLABS && slabs[slab].partial;
        size_t free = for_mappings ? kmem_pages_for_mappings() : kmem_pages_free();
        EXPECT(!affordable || (free == 0 && !room));
        refused_quota += !affordable;
        refused_empty += affordable;
        refused_kept += affordable && kmem_pages_for_mappings() > 0;
        return;
    }
    EXPECT(affordable);
    for (unsigned i = 0; slab != 0 && i < size; i++) {
        EXPECT(p[i] == 0);
    }
    charged[payer] += size;
    tables += slab == TABLE;
    held[held_count] = (struct held){p, slab, payer, size, (unsigned char)(1 + mock_random(255))};
    memset(p, held[held_count].mark, size);
    held_count++;
}

static void release(unsigned i)
{
    struct held h = held[i];
    for (unsigned k = 0; k < h.size; k++) { /* nobody else had it */
        EXPECT(h.bytes[k] == h.mark);
    }
    if (h.slab < SLABS) {
        kslab_free(&slabs[h.slab], h.bytes, payer_of(h.payer));
    } else {
        kmem_free_page(h.bytes, payer_of(h.payer));
    }
    charged[h.payer] -= h.size;
    tables -= h.slab == TABLE;
    held[i] = held[--held_count];
}

/* A page table gets an entry that lasts. */
static void keep(struct held *h)
{
    if (h->slab < SLABS) {
        return;
    }
    bool may = h->slab == SLABS || kmem_pages_for_mappings() + cache_pages() > KMEM_FOR_MAPPINGS;
    EXPECT(kmem_keep(h->bytes) == may);
    tables -= h->slab == TABLE && may;
    h->slab = may ? SLABS : h->slab;
}

static void lend_or_reclaim(void)
{
    unsigned i = mock_random(LENT_MAX);
    void *page = memory[POOL + i];
    if (mock_random(3) == 0) {
        EXPECT(kmem_lend(page) == !lent[i]);
        lent_count += !lent[i];
        lent[i] = true;
        EXPECT(!kmem_lend(page));
    } else if (kmem_reclaim(page)) {
        EXPECT(lent[i] && !kmem_owned(page));
        lent[i] = false;
        lent_count--;
        reclaimed++;
        for (unsigned k = 0; k < PAGE_BYTES; k++) {
            EXPECT(memory[POOL + i][k] == 0);
        }
    } else {
        busy += lent[i];
        refused_kept += lent[i] && kmem_page(page)->state == KPAGE_FREE;
        EXPECT(kmem_owned(page) == lent[i]);
    }
    EXPECT(!kmem_lend(memory[mock_random(POOL)]) && !kmem_reclaim(memory[mock_random(POOL)]));
}

static void move(void)
{
    unsigned to = mock_random(PAYERS);
    if (held_count == 0) {
        return;
    }
    struct held *h = &held[mock_random(held_count)];
    bool affordable = kmem_affordable(payer_of(to), h->size);
    EXPECT(affordable == (to == 0 || charged[to] + h->size <= payers[to].kmem_quota));
    if (affordable) {
        kmem_move_charge(payer_of(h->payer), payer_of(to), h->size);
        charged[h->payer] -= h->size;
        charged[to] += h->size;
        h->payer = to;
    }
}

static void check(void)
{
    EXPECT(kmem_check());
    EXPECT_EQ(kmem_pages_total(), POOL + lent_count);
    EXPECT_EQ(kmem_pages_lent(), lent_count);
    for (unsigned i = 1; i < PAYERS; i++) {
        EXPECT_EQ(payers[i].kmem_bytes, charged[i]);
    }
}

/* Phases that allocate more than they free, and others; and twice as long ones without mappings. */
static void step(unsigned round)
{
    unsigned grow = round / 4000 % 2 ? 45 : 30, what = mock_random(100);
    if (what < grow) {
        allocate(round / 8000 % 2 != 0);
    } else if (what < 80 && held_count > 0) {
        release(mock_random(held_count));
    } else if (what < 82 && held_count > 0) {
        keep(&held[mock_random(held_count)]);
    } else if (what < 90) {
        lend_or_reclaim();
    } else if (what < 97) {
        move();
    } else {
        payers[1 + mock_random(PAYERS - 1)].kmem_quota =
            mock_random(3) ? mock_random(100 * 1024) : KMEM_NO_QUOTA;
    }
}

static void test_random(uint32_t seed)
{
    ktap_begin("pages, objects, quotas and lent pages against a model");
    ktap_diagnostic("seed %u", (unsigned)seed);
    mock_seed = seed;
    refused_quota = refused_empty = refused_kept = reclaimed = busy = 0;
    for (unsigned round = 0; round < ROUNDS && !ktap_failing(); round++) {
        step(round);
        EXPECT_LE(KMEM_FOR_MAPPINGS, kmem_pages_for_mappings() + cache_pages());
        if (round % CHECK_EVERY == 0) {
            check();
        }
    }
    ktap_diagnostic("refused by quota %u, for want of pages %u, kept for mappings %u; reclaimed %u, busy %u",
                    refused_quota, refused_empty, refused_kept, reclaimed, busy);
    EXPECT(refused_quota > 100 && refused_empty > 100 && refused_kept > 100 && reclaimed > 100 && busy > 100);
    while (held_count > 0) {
        release(held_count - 1);
    }
    check();
    EXPECT_EQ(kmem_pages_for_mappings(), kmem_pages_total());
    EXPECT_EQ(kmem_pages_free(), kmem_pages_total() - KMEM_FOR_MAPPINGS);
    (void)ktap_end();
}

int main(void)
{
    static const uint32_t seeds[] = {1, 42, 0x2545f491};
    enum { SEEDS = sizeof seeds / sizeof seeds[0] };
    kmem_init(descriptors, memory[0], POOL + LENT_MAX);
    kmem_add(memory[0], memory[POOL]);
    kmem_add_loan(memory[POOL], memory[POOL + LOAN]);
    for (; lent_count < LOAN; lent_count++) {
        lent[lent_count] = true;
    }
    for (unsigned i = 0; i < PAYERS; i++) {
        payers[i].kmem_quota = KMEM_NO_QUOTA;
    }
    ktap_start(mock_write, SEEDS);
    for (unsigned i = 0; i < SEEDS; i++) {
        test_random(seeds[i]);
    }
    return ktap_finish();
}
