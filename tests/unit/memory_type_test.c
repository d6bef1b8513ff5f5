// sources: kernel/l4/*.c kernel/kdb/counters.c kernel/kdb/trace.c tests/unit/kernel_mock/mock.c lib/ktap/ktap.c lib/base/format.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* The ranges of memory types against an array with the type of every page. */
#include "l4/memory_type.h"

#include "ktap/ktap.h"
#include "l4/space.h"
#include "mock.h"

enum { PAGES = 96, ROUNDS = 200000 };

/* Pages of three places: at the bottom, around 2 GiB and at the top of the address space. */
static const paddr_t starts[] = {0, 0x80000000u - 16 * PAGE_BYTES, 0u - 32 * PAGE_BYTES};
static word_t types[PAGES];

static paddr_t address_of(unsigned page)
{
    return starts[page / 32] + page % 32 * PAGE_BYTES;
}

static unsigned model_ranges(void)
{
    unsigned n = 0;
    for (unsigned i = 0; i < PAGES; i++) {
        n += types[i] && (i % 32 == 0 || types[i - 1] != types[i]);
    }
    return n;
}

static bool set_whole(paddr_t first, paddr_t last, word_t type)
{
    struct type_progress p = {0};
    enum map_result result;
    do {
        whole_begin();
        result = memory_type_set(first, last, type, &p);
    } while (result == MAP_MORE);
    return result == MAP_OK;
}

static void step(void)
{
    static const word_t some[] = {0, 0x08, 0x10, 0x18};
    word_t old[PAGES], type = some[mock_random(4)];
    unsigned first = mock_random(PAGES), count = mock_random(3) ? 1 : 1 + mock_random(32 - first % 32);
    for (unsigned i = 0; i < PAGES; i++) {
        old[i] = types[i];
    }
    for (unsigned i = first; i < first + count; i++) {
        types[i] = type;
    }
    bool fits = model_ranges() <= MEMORY_RANGES;
    bool set = set_whole(address_of(first), address_of(first + count - 1) + (PAGE_BYTES - 1), type);
    /* Neighbours that would become one range are counted as two. */
    EXPECT(set || model_ranges() + 1 >= MEMORY_RANGES);
    EXPECT(fits || !set);
    for (unsigned i = 0; i < PAGES && !set; i++) {
        types[i] = old[i];
    }
}

static void compare(void)
{
    EXPECT_EQ(memory_ranges, model_ranges());
    for (unsigned i = 0; i < PAGES; i++) {
        EXPECT_EQ(memory_type(address_of(i)), types[i]);
        EXPECT_EQ(memory_type(address_of(i) + 0xfff), types[i]);
        EXPECT_EQ(memory_typed(address_of(i), address_of(i) + 0xfff), types[i] != 0);
    }
    EXPECT_EQ(memory_type(0x40000000), 0);
}

int main(void)
{
    mock_init(16);
    sigma0_space = space_create();
    ktap_start(mock_write, 2);
    ktap_begin("ranges hold what the pages were given");
    for (unsigned round = 0; round < ROUNDS && !ktap_failing(); round++) {
        step();
        compare();
        if (ktap_failing()) {
            ktap_diagnostic("round %u", round);
        }
    }
    (void)ktap_end();
    ktap_begin("the default type takes no room");
    EXPECT(set_whole(0, ~0u, 0));
    EXPECT_EQ(memory_ranges, 0);
    (void)ktap_end();
    return ktap_finish();
}
