/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel memory, fpage arithmetic, mapping database. */
#include "ktest.h"

#include "base/xorshift.h"
#include "ia32/paging.h"
#include "l4/strip.h"

enum { RWX = L4_FullyAccessible, RX = L4_ReadeXecOnly, W = L4_Writable };

static struct map_range ranges(word_t base, word_t from, unsigned from_log2, word_t window,
                               unsigned window_log2)
{
    struct map_range r = {0};
    (void)map_range(base | L4_ITEM_MAP, L4_FpageLog2(from, from_log2), L4_FpageLog2(window, window_log2), &r);
    return r;
}

void test_map_range(void)
{
    /* Complete window: base is the address. */
    struct map_range r = ranges(0x5000, 0x40000, 12, 0, 1);
    EXPECT_EQ(r.source, 0x40000);
    EXPECT_EQ(r.destination, 0x5000);
    EXPECT_EQ(r.bytes, 0x1000);
    r = ranges(0x2000, 0x10000, 14, 0x80000, 12); /* 16 KiB into 4 KiB: the third page */
    EXPECT_EQ(r.source, 0x12000);
    EXPECT_EQ(r.destination, 0x80000);
    EXPECT_EQ(r.bytes, 0x1000);
    r = ranges(0x7c00, 0x10000, 12, 0x80000, 14); /* base bits below the fpage are ignored */
    EXPECT_EQ(r.destination, 0x83000);
    r = ranges(0, 0x10c08, 12, 0, 1); /* junk below the size in the fpage */
    EXPECT_EQ(r.source, 0x10000);
    struct map_range none;
    EXPECT(!map_range(0, L4_Nilpage, L4_CompleteAddressSpace, &none));
    EXPECT(!map_range(0, L4_FpageLog2(0, 10), L4_CompleteAddressSpace, &none));
    EXPECT(!map_range(0, L4_FpageLog2(0, 12), L4_FpageLog2(0, 33), &none));
}

void test_kmem(void)
{
    static struct {
        char bytes[100];
    } * objects[200];
    struct kslab slab = {.object_bytes = 100, .per_page = PAGE_BYTES / 100};
    size_t before = kmem_pages_free();
    for (unsigned i = 0; i < 200; i++) {
        objects[i] = kslab_alloc(&slab, NULL);
        REQUIRE(objects[i] != NULL);
        EXPECT_EQ(objects[i]->bytes[99], 0);
        objects[i]->bytes[99] = 1;
    }
    EXPECT_EQ(slab.pages, 5);
    /* An odd order, so that pages go from full to partial to empty. */
    for (unsigned i = 0; i < 200; i++) {
        kslab_free(&slab, objects[i * 77 % 200], NULL);
    }
    EXPECT_EQ(slab.objects, 0);
    EXPECT_EQ(slab.pages, 0);
    EXPECT_EQ(kmem_pages_free(), before);
}

static bool mapped(const struct tcb *t, vaddr_t address)
{
    const pte_t *pte = arch_pte_find(t->space, address);
    return pte && arch_pte_present(*pte);
}

static word_t rights_at(const struct tcb *t, vaddr_t address)
{
    const pte_t *pte = arch_pte_find(t->space, address);
    return pte && arch_pte_present(*pte) ? arch_pte_rights(*pte) : 0;
}

/* What the processor does on an access. */
static void touch(const struct tcb *t, vaddr_t address, bool write)
{
    enum { ACCESSED = 0x20, DIRTY = 0x40 };
    pte_t *pte = arch_pte_find(t->space, address);
    *pte |= (pte_t)(write ? ACCESSED | DIRTY : ACCESSED);
}

void test_mapping_basic(void)
{
    struct tcb *a = ktest_thread(60), *b = ktest_thread(61);
    REQUIRE(a && b);
    EXPECT_EQ(map_page_whole(sigma0_space, KTEST_FRAME, a->space, 0x5000, RWX, false), MAP_OK);
    EXPECT_EQ(map_page_whole(a->space, 0x5000, b->space, 0x800000, RX, false), MAP_OK);
    EXPECT_EQ(rights_at(a, 0x5000), RWX);
    EXPECT_EQ(rights_at(b, 0x800000), RX);
    /* the same frame again extends, but never beyond the source's rights */
    EXPECT_EQ(map_page_whole(a->space, 0x5000, b->space, 0x800000, RWX, false), MAP_OK);
    EXPECT_EQ(rights_at(b, 0x800000), RWX);
    (void)unmap_page_whole(a->space, 0x5000, W, false);
    EXPECT_EQ(rights_at(b, 0x800000), RX);
    EXPECT_EQ(rights_at(a, 0x5000), RWX);
    (void)unmap_page_whole(a->space, 0x5000, RWX, false);
    EXPECT(!mapped(b, 0x800000) && mapped(a, 0x5000));
    /* another frame at a used address: the old one goes first */
    EXPECT_EQ(map_page_whole(sigma0_space, KTEST_FRAME + 0x1000, a->space, 0x5000, RWX, false), MAP_OK);
    EXPECT_EQ(arch_pte_frame(*arch_pte_find(a->space, 0x5000)), KTEST_FRAME + 0x1000);
    /* grant: the receiver takes the granter's place */
    EXPECT_EQ(map_page_whole(a->space, 0x5000, b->space, 0x6000, RWX, true), MAP_OK);
    EXPECT(!mapped(a, 0x5000) && mapped(b, 0x6000));
    (void)unmap_page_whole(sigma0_space, KTEST_FRAME + 0x1000, RWX, false);
    EXPECT(!mapped(b, 0x6000));
    /* absent sources, KIP and UTCB destinations, kernel frames: skipped */
    EXPECT_EQ(map_page_whole(a->space, 0x77000, b->space, 0x6000, RWX, false), MAP_OK);
    EXPECT_EQ(map_page_whole(sigma0_space, KTEST_FRAME, a->space, 0x10100000, RWX, false), MAP_OK);
    EXPECT_EQ(map_page_whole(sigma0_space, arch_paddr(kip_page()), a->space, 0x6000, RWX, false), MAP_OK);
    EXPECT(!mapped(b, 0x6000) && !mapped(a, 0x6000));
    EXPECT_EQ(rights_at(a, 0x10100000), RX);
    ktest_delete(a);
    ktest_delete(b);
}

void test_mapping_status(void)
{
    struct tcb *a = ktest_thread(60), *b = ktest_thread(61), *c = ktest_thread(62);
    REQUIRE(a && b && c);
    (void)map_page_whole(sigma0_space, KTEST_FRAME, a->space, 0x1000, RWX, false);
    (void)map_page_whole(a->space, 0x1000, b->space, 0x2000, RWX, false);
    (void)map_page_whole(b->space, 0x2000, c->space, 0x3000, RWX, false);
    EXPECT_EQ(unmap_page_whole(sigma0_space, KTEST_FRAME, 0, false), 0);
    touch(c, 0x3000, true);
    EXPECT_EQ(unmap_page_whole(b->space, 0x2000, 0, false), RWX);
    EXPECT_EQ(unmap_page_whole(b->space, 0x2000, 0, false), 0);   /* seen by b */
    EXPECT_EQ(unmap_page_whole(a->space, 0x1000, 0, false), RWX); /* not yet by a */
    EXPECT_EQ(unmap_page_whole(a->space, 0x1000, 0, false), 0);
    EXPECT_EQ(unmap_page_whole(sigma0_space, KTEST_FRAME, 0, false), RWX);
    EXPECT_EQ(unmap_page_whole(sigma0_space, KTEST_FRAME, 0, false), 0);
    /* a space that reads and clears its own bits (flush query) hides nothing */
    touch(b, 0x2000, false);
    EXPECT_EQ(unmap_page_whole(b->space, 0x2000, 0, false), 0); /* own bits: only with flush */
    EXPECT_EQ(unmap_page_whole(b->space, 0x2000, 0, true), RX);
    EXPECT_EQ(unmap_page_whole(sigma0_space, KTEST_FRAME, 0, false), RX);
    /* The answer to sigma0 included a's share. */
    EXPECT_EQ(unmap_page_whole(a->space, 0x1000, 0, false), 0);
    /* a dirty page that its holder throws away is still dirty for those above */
    touch(c, 0x3000, true);
    EXPECT_EQ(unmap_page_whole(c->space, 0x3000, RWX, true), RWX);
    EXPECT_EQ(unmap_page_whole(b->space, 0x2000, 0, false), RWX);
    touch(b, 0x2000, true);
    (void)unmap_page_whole(b->space, 0x2000, RWX, true);
    (void)unmap_page_whole(a->space, 0x1000, RWX, true);
    EXPECT_EQ(unmap_page_whole(sigma0_space, KTEST_FRAME, RWX, false), RWX);
    /* and so is one whose space is deleted */
    (void)map_page_whole(sigma0_space, KTEST_FRAME, c->space, 0x3000, RWX, false);
    touch(c, 0x3000, true);
    ktest_delete(c);
    EXPECT_EQ(unmap_page_whole(sigma0_space, KTEST_FRAME, RWX, false), RWX);
    ktest_delete(a);
    ktest_delete(b);
}

static uint32_t seed;

static uint32_t random_below(uint32_t n)
{
    return xorshift(&seed) % n;
}

/* Random maps, grants and unmaps between four spaces; the checker looks at every list now and
 * then. */
void test_mapping_tree(void)
{
    enum { SPACES = 4, PAGES = 6, ROUNDS = 20000 };
    struct tcb *t[SPACES];
    seed = 0x2545f491;
    ktap_diagnostic("seed %x", (unsigned)seed);
    for (word_t i = 0; i < SPACES; i++) {
        t[i] = ktest_thread(60 + i);
        REQUIRE(t[i] != NULL);
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct space *from = t[random_below(SPACES)]->space, *to = t[random_below(SPACES)]->space;
        vaddr_t a = 0x1000 * (1 + random_below(PAGES)), b = 0x1000 * (1 + random_below(PAGES));
        switch (random_below(5)) {
        case 0:
            EXPECT_EQ(map_page_whole(sigma0_space, KTEST_FRAME + a, to, b, RWX, false), MAP_OK);
            break;
        case 1:
        case 2:
            EXPECT_EQ(map_page_whole(from, a, to, b, random_below(2) ? RWX : RX, random_below(4) == 0),
                      MAP_OK);
            break;
        case 3:
            (void)unmap_page_whole(from, a, random_below(2) ? RWX : W, random_below(2) != 0);
            break;
        case 4:
            (void)unmap_page_whole(sigma0_space, KTEST_FRAME + a, random_below(3) == 0 ? RWX : 0, false);
            break;
        }
        if (round % 100 == 0) {
            REQUIRE_EQ(mapping_db_check(), 0);
        }
    }
    for (word_t i = 0; i < SPACES; i++) {
        ktest_delete(t[i]);
    }
    EXPECT_EQ(mapping_count(), 0);
}

void test_mapping_no_memory(void)
{
    static void *taken[8192];
    unsigned n = 0;
    struct tcb *a = ktest_thread(60);
    REQUIRE(a != NULL);
    while (n < 8192 && (taken[n] = kmem_alloc(NULL, true))) { /* as others' mappings */
        n++;
    }
    EXPECT_EQ(kmem_pages_for_mappings(), 0);
    EXPECT_EQ(map_page_whole(sigma0_space, KTEST_FRAME, a->space, 0x40000000, RWX, false), MAP_NO_MEMORY);
    EXPECT(!mapped(a, 0x40000000));
    EXPECT_EQ(control_whole(ktest_root, ktest_id(61, 1), ktest_id(61, 1), ktest_root->global_id, 0, ~0u),
              L4_ErrNoMem);
    kmem_free_page(taken[--n], NULL); /* enough for the page table, not for the node */
    EXPECT_EQ(map_page_whole(sigma0_space, KTEST_FRAME, a->space, 0x40000000, RWX, false), MAP_NO_MEMORY);
    EXPECT_EQ(kmem_pages_for_mappings(), 1);
    kmem_free_page(taken[--n], NULL);
    EXPECT_EQ(map_page_whole(sigma0_space, KTEST_FRAME, a->space, 0x40000000, RWX, false), MAP_OK);
    while (n > 0) {
        kmem_free_page(taken[--n], NULL);
    }
    ktest_delete(a);
}

/* The pool is full of spaces, and then of whatever else lasts.  Then an instruction that lies
 * across the border of two page tables reads a word that does and writes another. */
void test_instruction_finishes(void)
{
    enum { SPACES = 200, PLACES = 3 };
    static void *taken[8192];
    static struct tcb *others[SPACES];
    unsigned n = 0, spaces = 0;
    struct tcb *a = ktest_thread(60);
    REQUIRE(a != NULL);
    EXPECT_EQ(mapping_count(), 0);
    while (n < 8192 && kmem_pages_free() > SPACES && (taken[n] = kmem_alloc_page(NULL))) {
        n++;
    }
    do {
        work_begin();
        others[spaces] = ktest_thread(61 + spaces);
    } while (others[spaces] && ++spaces < SPACES);
    while (n < 8192 && (taken[n] = kmem_alloc_page(NULL))) {
        n++;
    }
    EXPECT(spaces > 10 && spaces < SPACES && kmem_pages_free() == 0);
    for (unsigned i = 0; i < PLACES; i++) {
        vaddr_t border = 0x40000000 + i * 0x10000000;
        EXPECT_EQ(map_page_whole(sigma0_space, KTEST_FRAME, a->space, border - PAGE_BYTES, RWX, false),
                  MAP_OK);
        EXPECT_EQ(map_page_whole(sigma0_space, KTEST_FRAME, a->space, border, RWX, false), MAP_OK);
        EXPECT(mapped(a, border - PAGE_BYTES) && mapped(a, border));
    }
    EXPECT(kmem_check());
    while (n > 0) {
        kmem_free_page(taken[--n], NULL);
    }
    while (spaces > 0) {
        ktest_delete(others[--spaces]);
    }
    ktest_delete(a);
}

void test_sizes(void)
{
    struct tcb *a = ktest_thread(60);
    REQUIRE(a != NULL);
    word_t space_bytes = a->space->kmem_bytes;
    struct tcb *b = ktest_thread_in(a, 61, 1);
    REQUIRE(b != NULL);
    word_t thread_bytes = a->space->kmem_bytes - space_bytes;
    word_t before = a->space->kmem_bytes;
    (void)map_page_whole(sigma0_space, KTEST_FRAME, a->space, 0x40000000, RWX, false);
    word_t area_bytes = a->space->kmem_bytes - before;
    print("bench thread_bytes %u bytes\n", (unsigned)thread_bytes + UTCB_SIZE);
    print("bench space_bytes %u bytes\n", (unsigned)space_bytes);
    print("bench touched_4m_bytes %u bytes\n", (unsigned)area_bytes);
    EXPECT_LE(thread_bytes, 512);
    EXPECT_EQ(area_bytes, PAGE_BYTES + sizeof(struct mapping));
    (void)unmap_page_whole(a->space, 0x40000000, RWX, true);
    EXPECT_EQ(a->space->kmem_bytes, before); /* the page table went with its last mapping */
    ktest_delete(b);
    ktest_delete(a);
}

static bool user_half_empty(const struct space *space)
{
    unsigned d = 0;
    while (d < USER_END >> 22 && !space->directory[d]) {
        d++;
    }
    return d == USER_END >> 22;
}

/* All stripped spaces run on one directory, in which nothing of a user's is. */
void test_stripped(void)
{
    struct tcb *a = ktest_thread(60), *b = a ? ktest_thread_in(a, 61, 1) : NULL;
    REQUIRE(b != NULL);
    struct space *space = a->space;
    word_t whole = space->kmem_bytes, root = a->cr3;
    thread_set_halted(a, true);
    EXPECT_EQ(space_strip(space), L4_ErrInvalidParam); /* b is ready */
    thread_set_halted(b, true);
    EXPECT_EQ(space_strip(space), 0);
    print("bench stripped_bytes %u bytes\n", (unsigned)space->kmem_bytes);
    EXPECT(a->cr3 == arch_space_root(space) && b->cr3 == a->cr3 && a->cr3 != root);
    EXPECT(user_half_empty(space));
    EXPECT(!arch_user_access(space, space->utcb_base, false) && !arch_pte_find(space, space->kip_base));
    EXPECT_EQ(map_page_whole(sigma0_space, KTEST_FRAME, space, 0x40000000, RWX, false), MAP_OK);
    EXPECT(a->cr3 == arch_space_root(space) && b->cr3 == a->cr3);
    EXPECT(arch_user_access(space, space->utcb_base, false) && arch_pte_find(space, space->kip_base));
    EXPECT_EQ(space->kmem_bytes, whole + PAGE_BYTES + sizeof(struct mapping));
    (void)unmap_page_whole(space, 0x40000000, RWX, true);
    EXPECT_EQ(space_strip(space), 0);
    EXPECT(user_half_empty(space));
    ktest_delete(a);
    ktest_delete(b);
}
