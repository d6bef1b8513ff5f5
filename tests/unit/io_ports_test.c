// sources: kernel/l4/*.c kernel/kdb/counters.c kernel/kdb/trace.c tests/unit/kernel_mock/mock.c lib/ktap/ktap.c lib/base/format.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* IO fpages against a naive model: for each port of each space, from whom it has it. */
#include "ktap/ktap.h"
#include "mock.h"

#include <string.h>

enum {
    SPACES = 6,
    PORTS = 64,
    BASE = 0x3c0,
    NONE = -1,
    SIGMA0 = SPACES,
    ROUNDS = 60000,
    RWX = L4_FullyAccessible,
};

static struct space *spaces[SPACES];
static int origin[SPACES][PORTS];

/* ---- the model ---- */

static bool model_below(int space, int above, int port)
{
    while (space != SIGMA0 && space != above) {
        space = origin[space][port];
    }
    return space == above;
}

static void model_unmap(int space, int port, bool flush)
{
    bool below[SPACES];
    for (int i = 0; i < SPACES; i++) {
        below[i] = origin[i][port] != NONE && i != space && model_below(i, space, port);
    }
    for (int i = 0; i < SPACES; i++) {
        if (below[i] || (flush && i == space)) {
            origin[i][port] = NONE;
        }
    }
}

static void model_map(int from, int to, int port)
{
    if ((from == SIGMA0 || origin[from][port] != NONE) && origin[to][port] == NONE) {
        origin[to][port] = from;
    }
}

static void model_grant(int from, int to, int port)
{
    if (origin[from][port] == NONE) {
        return;
    }
    if (origin[to][port] != NONE && model_below(to, from, port)) {
        model_unmap(to, port, true);
    }
    if (origin[to][port] != NONE) {
        return;
    }
    origin[to][port] = origin[from][port];
    origin[from][port] = NONE;
    for (int i = 0; i < SPACES; i++) {
        if (origin[i][port] == from) {
            origin[i][port] = to;
        }
    }
}

/* ---- random operations on both ---- */

struct choice { /* ports first .. last, relative to BASE */
    L4_Fpage_t fpage;
    int first, last;
};

static struct choice any_ports(void)
{
    unsigned log2 = mock_random(7);
    int count = 1 << log2, port = (int)mock_random(PORTS);
    struct choice c = {.first = port & ~(count - 1)};
    c.last = c.first + count - 1;
    /* Its base need not be aligned. */
    c.fpage.raw = L4_IoFpage(BASE + (word_t)port, log2).raw | RWX;
    if (mock_random(20) == 0) {
        c = (struct choice){{L4_IoFpage(mock_random(PORT_COUNT), 16).raw | RWX}, 0, PORTS - 1};
    }
    return c;
}

static struct space *space_of(int i)
{
    return i == SIGMA0 ? sigma0_space : spaces[i];
}

static void do_map(void)
{
    int from = (int)mock_random(SPACES + 1), to = (int)mock_random(SPACES);
    struct choice c = any_ports(), w = {L4_CompleteAddressSpace, 0, PORTS - 1};
    bool grant = mock_random(3) == 0;
    if (mock_random(4) == 0) {
        w = any_ports();
        w.fpage.raw &= ~0xfu; /* as the acceptor has it */
    }
    if (from == SIGMA0 && c.last - c.first == PORTS - 1 && (c.fpage.raw >> 10 & 0x3f) == 16) {
        return; /* ports outside of the model */
    }
    EXPECT_EQ(map_whole(space_of(from), spaces[to],
                        (mock_random(1u << 20) << 10) | (grant ? L4_ITEM_GRANT : L4_ITEM_MAP), c.fpage,
                        w.fpage),
              MAP_OK);
    if (from == to) {
        return;
    }
    for (int port = c.first; port <= c.last; port++) {
        if (port >= w.first && port <= w.last) {
            (grant && from != SIGMA0 ? model_grant : model_map)(from, to, port);
        }
        if (grant && from != SIGMA0) {
            model_unmap(from, port, true);
        }
    }
}

static void do_unmap(void)
{
    int space = (int)mock_random(SPACES + (mock_random(8) == 0));
    struct choice c = any_ports();
    bool flush = mock_random(2);
    bool query = mock_random(8) == 0;
    if (query) {
        c.fpage.raw &= ~(word_t)RWX;
    }
    EXPECT_EQ(unmap_fpage(space_of(space), c.fpage, flush), 0);
    for (int port = c.first; !query && port <= c.last; port++) {
        model_unmap(space, port, flush && space != SIGMA0);
    }
}

static void delete_space(int space)
{
    for (int port = 0; port < PORTS; port++) {
        model_unmap(space, port, true);
    }
    space_destroy(spaces[space]);
}

static void compare(void)
{
    for (int i = 0; i < SPACES; i++) {
        for (int port = 0; port < PORTS; port++) {
            EXPECT_EQ(arch_ports_open(spaces[i], BASE + (word_t)port, BASE + (word_t)port),
                      origin[i][port] != NONE);
        }
    }
}

static word_t fresh; /* what a space without ports is charged */

static void make_spaces(void)
{
    memset(origin, NONE, sizeof origin);
    for (int i = 0; i < SPACES; i++) {
        spaces[i] = space_create();
    }
    fresh = spaces[0]->kmem_bytes;
}

static void test_random(uint32_t seed)
{
    unsigned most = 0;
    ktap_begin("random maps, grants and unmaps of ports against the model");
    mock_seed = seed;
    make_spaces();
    for (unsigned round = 0; round < ROUNDS && !ktap_failing(); round++) {
        unsigned what = mock_random(100);
        if (what < 55) {
            do_map();
        } else if (what < 99) {
            do_unmap();
        } else if (mock_random(4) == 0) {
            int space = (int)mock_random(SPACES);
            delete_space(space);
            spaces[space] = space_create();
        }
        compare();
        if (round % 64 == 0) {
            EXPECT_EQ(io_ports_check(), 0);
        }
        most = port_slab.objects > most ? port_slab.objects : most;
        if (ktap_failing()) {
            ktap_diagnostic("seed %u, round %u", (unsigned)seed, round);
        }
    }
    /* Who had what has paid for it, and nobody pays for what is gone. */
    for (int i = 0; i < SPACES; i++) {
        (void)unmap_fpage(spaces[i], (L4_Fpage_t){L4_IoFpage(0, 16).raw | RWX}, true);
        EXPECT_EQ(spaces[i]->kmem_bytes, fresh);
        delete_space(i);
    }
    EXPECT_EQ(port_slab.objects, 0);
    EXPECT(kmem_check());
    EXPECT_LT(40, most);
    ktap_diagnostic("seed %u: %u rounds, up to %u ranges", (unsigned)seed, (unsigned)ROUNDS, most);
    (void)ktap_end();
}

/* ---- no memory ---- */

static enum map_result map(struct space *from, struct space *to, word_t port, word_t log2, L4_Word_t kind)
{
    return map_whole(from, to, kind, (L4_Fpage_t){L4_IoFpage(port, log2).raw | RWX}, L4_CompleteAddressSpace);
}

static word_t open_ports(int space)
{
    return arch_ports_open(spaces[space], BASE, BASE + PORTS - 1);
}

/* Takes what memory there is: whole pages, and the last objects of the slab. */
static struct port_node *take_all(void)
{
    void *node, *all = NULL;
    while ((node = kslab_alloc(&port_slab, NULL))) {
        *(void **)node = all;
        all = node;
    }
    return all;
}

static void give_all(void *node)
{
    for (void *next; node; node = next) {
        next = *(void **)node;
        kslab_free(&port_slab, node, NULL);
    }
}

static void test_no_memory(void)
{
    ktap_begin("without memory more may be taken away, and nothing is given");
    make_spaces();
    EXPECT_EQ(map(sigma0_space, spaces[0], BASE, 4, L4_ITEM_MAP), MAP_OK);
    EXPECT_EQ(map(spaces[0], spaces[1], BASE, 4, L4_ITEM_MAP), MAP_OK);
    EXPECT_EQ(map(spaces[1], spaces[2], BASE + 4, 2, L4_ITEM_MAP), MAP_OK);
    void *taken = take_all();
    EXPECT_EQ(map(spaces[0], spaces[3], BASE, 4, L4_ITEM_MAP), MAP_NO_MEMORY);
    EXPECT_EQ(map(spaces[1], spaces[3], BASE, 2, L4_ITEM_GRANT), MAP_NO_MEMORY);
    EXPECT_EQ(open_ports(3), 0);
    EXPECT_EQ(open_ports(1), 16);
    (void)unmap_fpage(spaces[0], (L4_Fpage_t){L4_IoFpage(BASE + 12, 1).raw | RWX}, false);
    EXPECT_EQ(open_ports(0), 16);
    EXPECT_EQ(open_ports(1), 0); /* whole, instead of a cut */
    EXPECT_EQ(open_ports(2), 0);
    give_all(taken);
    EXPECT_EQ(io_ports_check(), 0);
    mock_ports_full = true;
    EXPECT_EQ(map(spaces[0], spaces[1], BASE, 4, L4_ITEM_MAP), MAP_NO_MEMORY);
    EXPECT_EQ(map(spaces[0], spaces[1], BASE, 3, L4_ITEM_GRANT), MAP_NO_MEMORY);
    mock_ports_full = false;
    EXPECT_EQ(open_ports(0), 16);
    EXPECT_EQ(port_slab.objects, 1);
    spaces[1]->kmem_quota = spaces[1]->kmem_bytes + 8; /* not even a node */
    EXPECT_EQ(map(spaces[0], spaces[1], BASE, 4, L4_ITEM_MAP), MAP_NO_MEMORY);
    EXPECT_EQ(map(spaces[0], spaces[1], BASE, 4, L4_ITEM_GRANT), MAP_NO_MEMORY);
    EXPECT_EQ(open_ports(1), 0);
    EXPECT_EQ(io_ports_check(), 0);
    for (int i = 0; i < SPACES; i++) {
        space_destroy(spaces[i]);
    }
    EXPECT_EQ(port_slab.objects, 0);
    (void)ktap_end();
}

static void test_ignored(void)
{
    ktap_begin("sizes that are none, other windows, and the default: nothing happens");
    make_spaces();
    EXPECT_EQ(map(sigma0_space, spaces[0], BASE, 17, L4_ITEM_MAP), MAP_OK);
    EXPECT_EQ(map(sigma0_space, spaces[0], BASE, 63, L4_ITEM_MAP), MAP_OK);
    EXPECT_EQ(
        map_whole(sigma0_space, spaces[0], L4_ITEM_MAP, L4_IoFpage(BASE, 3), L4_FpageLog2(0x400000, 22)),
        MAP_OK);
    EXPECT_EQ(open_ports(0), 0);
    io_ports_mapped = false;
    EXPECT_EQ(map(sigma0_space, spaces[0], BASE, 3, L4_ITEM_MAP), MAP_OK);
    EXPECT_EQ(open_ports(0), 0);
    io_ports_mapped = true;
    EXPECT_EQ(port_slab.objects, 0);
    (void)ktap_end();
}

int main(void)
{
    ktap_start(mock_write, 5);
    mock_init(MOCK_POOL_PAGES);
    io_ports_mapped = true;
    sigma0_space = space_create();
    for (uint32_t seed = 1; seed <= 3; seed++) {
        test_random(seed);
    }
    test_no_memory();
    test_ignored();
    return ktap_finish();
}
