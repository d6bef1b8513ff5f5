/* SPDX-License-Identifier: BSD-2-Clause */
/* B22: that there is data must not be expensive in itself: what nobody has touched costs nothing,
 * and a page that is out a sixteenth of its window, if those around it are too. */
#include "fixture.h"
#include "rows.h"

enum {
    GIB_PAGES = 1 << 18,
    PLACES = 16,
    STEP = GIB_PAGES / PLACES,
    WINDOW = 16,       /* pages */
    WINDOW_BYTES = 200 /* at least what a window and its part of a group's record take */
};

static L4_Word_t tables(void)
{
    struct memory_info m = memory();
    return m.frames_tables - m.frames_lent;
}

/* A page here and there costs its window and its group, wherever it is. */
static void a_gib_untouched(void)
{
    L4_Word_t before = tables(), own = task_memory(self_task()).stub_bytes;
    handle_t handle = test_container(GIB_PAGES);
    volatile L4_Word_t *words = test_map(handle, GIB_PAGES, RIGHT_READ | RIGHT_WRITE);
    EXPECT_LE(tables(), before + 1);
    for (L4_Word_t i = 0; i < PLACES; i++) {
        EXPECT_EQ(words[i * STEP * (PAGE_SIZE / sizeof *words)], 0u);
        words[i * STEP * (PAGE_SIZE / sizeof *words)] = i + 1;
    }
    EXPECT_LE(task_memory(self_task()).stub_bytes, own + (PLACES + 2) * WINDOW_BYTES);
    for (L4_Word_t i = 0; i < PLACES; i++) {
        EXPECT_EQ(words[i * STEP * (PAGE_SIZE / sizeof *words)], i + 1);
    }
}

/* From few pages that are out to many, what cannot go out itself grows by windows alone. */
static void pages_that_are_out(void)
{
    REQUIRE_SWAP();
    enum { FEW = WINDOW, MANY = 128 * WINDOW };
    static const L4_Word_t counts[] = {FEW, MANY};
    L4_Word_t bytes[2];
    for (int i = 0; i < 2; i++) {
        struct child c;
        REQUIRE(child_start(&c, "servant"));
        L4_Word_t address = child_anonymous(&c, counts[i]);
        (void)child_do(&c, SERVANT_FILL, address, counts[i], 7);
        children_settle();
        REQUIRE(child_outswap(&c, OUTSWAP_HOLD));
        bytes[i] = task_memory(c.task).stub_bytes;
        EXPECT_LE(counts[i], task_memory(c.task).swapped);
    }
    EXPECT_LE(bytes[1], bytes[0] + (MANY - FEW) / WINDOW * WINDOW_BYTES);
}

static void no_end_of_containers(void)
{
    handle_t handle;
    EXPECT_EQ(physmem_create((1 << 20) + 1, 0, &handle), ERR_ARGUMENT);
    EXPECT_EQ(physmem_create(0, 0, &handle), ERR_ARGUMENT);
}

static const struct test_case cases[] = {
    {"a_gib_untouched", a_gib_untouched},
    {"pages_that_are_out", pages_that_are_out},
    {"no_end_of_containers", no_end_of_containers},
};
const struct row row_B22 = ROW("B22_cold_data_is_cheap", cases);
