// sources: servers/segmap/record.c servers/segmap/node.c servers/segmap/pages.c servers/segmap/tree.c servers/segmap/map.c tests/unit/assertion.c lib/ktap/ktap.c lib/base/format.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* B30: a million windows in the Segment Map: how many levels, how many pages a look-up reads. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "ktap/ktap.h"
#include "map.h"

static struct map map;

static void write_text(const char *text)
{
    (void)fputs(text, stdout);
}

static void test_million(void)
{
    /* STEP is prime to a million: the keys come in no order. */
    enum { MILLION = 1000000, CHANGED = 100000, PAGES = 24000, STEP = 7919 };
    ktap_begin("a million windows are stored, found, changed and dropped");
    void *pages =
        mmap(NULL, (size_t)PAGES * NODE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint32_t *bits = calloc(PAGES / 32 + 1, sizeof *bits);
    REQUIRE(pages != MAP_FAILED && bits);
    EXPECT_EQ(map_open(&map, pages, PAGES, bits), MAP_OK);
    struct window_record r = {.entries = {[3] = 1}}, back;
    for (uint32_t i = 0; i < MILLION + CHANGED && !ktap_failing(); i++) {
        uint32_t n = (uint32_t)((uint64_t)i * STEP % MILLION);
        r.key = (struct window_key){.container = 1 + n / 10000, .window = n % 10000};
        r.entries[3] = n + 1 + i / MILLION;
        EXPECT_EQ(map_store(&map, &r), MAP_OK);
    }
    for (uint32_t i = 0; i < MILLION && !ktap_failing(); i++) {
        uint32_t n = (uint32_t)((uint64_t)i * STEP % MILLION);
        struct window_key key = {.container = 1 + n / 10000, .window = n % 10000};
        EXPECT_EQ(map_look_up(&map, key, &back), MAP_OK);
        EXPECT_EQ(back.entries[3], n + 1 + (i < CHANGED));
    }
    EXPECT_EQ(map.state->records, MILLION);
    EXPECT_LE(map.state->tree.levels, 4);
    ktap_diagnostic("%lu levels, so as many pages for a look-up; %lu pages in use",
                    (unsigned long)map.state->tree.levels, (unsigned long)(PAGES - map.pages.free));
    EXPECT_EQ(map_open(&map, pages, PAGES, bits), MAP_OK);
    for (uint32_t c = 1; c <= 100; c++) {
        while (map_drop(&map, c, 0, UINT32_MAX) == MAP_OK) {
            map_batch_counted(&map);
        }
    }
    EXPECT_EQ(map.state->records, 0);
    EXPECT_EQ(map.pages.free, PAGES - 3);
    free(bits);
    munmap(pages, (size_t)PAGES * NODE_BYTES);
    (void)ktap_end();
}

int main(void)
{
    ktap_start(write_text, 1);
    test_million();
    return ktap_finish();
}
