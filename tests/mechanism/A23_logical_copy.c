/* SPDX-License-Identifier: BSD-2-Clause */
/* A23: tasks are made by logical copies: pages are shared until somebody writes. */
#include "fixture.h"
#include "rows.h"

enum { CHILDREN = 20, CHAIN = 100, PAGES = 50, SEED = 0xa23, READ_WRITE = RIGHT_READ | RIGHT_WRITE };

static void text_of_many_tasks_is_one(void)
{
    struct child c[CHILDREN];
    struct memory_info first = {0};
    for (unsigned i = 0; i < CHILDREN; i++) {
        REQUIRE(child_start(&c[i], "simple"));
        (void)child_do(&c[i], SERVANT_NOTHING, 0, 0, 0);
        first = i == 0 ? memory() : first;
    }
    struct memory_info all = memory();
    struct child_layout at = child_layout(&c[0]);
    L4_Word_t text_pages = (at.image_end - at.text) >> PAGE_SHIFT;
    struct task_memory used = task_memory(c[CHILDREN - 1].task);
    ktap_diagnostic(
        "image %u pages; the 2nd to 20th task: %u pages each; of the last one %u frames, %u shared",
        (unsigned)text_pages, (unsigned)((all.pages_promised - first.pages_promised) / (CHILDREN - 1)),
        (unsigned)used.frames, (unsigned)used.shared);
    EXPECT_LT(0, used.shared);
    /* What a task costs by itself is less than what it refers to. */
    EXPECT_LT((all.pages_promised - first.pages_promised) / (CHILDREN - 1), used.promised);
}

static void a_write_makes_a_private_copy(void)
{
    handle_t source = test_container(PAGES), copy = test_container(PAGES);
    volatile L4_Word_t *a = test_map(source, PAGES, READ_WRITE), *b = test_map(copy, PAGES, READ_WRITE);
    uint32_t done = 0;
    REQUIRE(a && b);
    for (L4_Word_t page = 0; page < PAGES; page++) {
        a[page * 1024] = page + 1;
    }
    struct memory_info before = memory();
    REQUIRE_EQ(physmem_copy(source, 0, copy, 0, PAGES, &done), OK);
    EXPECT_EQ(done, PAGES);
    EXPECT_EQ(memory().pages_promised, before.pages_promised);
    for (L4_Word_t page = 0; page < PAGES; page++) {
        EXPECT_EQ(b[page * 1024], page + 1);
    }
    EXPECT_EQ(memory().pages_promised, before.pages_promised);
    for (L4_Word_t page = 0; page < PAGES; page += 2) { /* the copy writes, or the source */
        (page % 4 == 0 ? a : b)[page * 1024] = 1000 + page;
    }
    for (L4_Word_t page = 0; page < PAGES; page++) {
        EXPECT_EQ(a[page * 1024], page % 4 == 0 ? 1000 + page : page + 1);
        EXPECT_EQ(b[page * 1024], page % 4 == 2 ? 1000 + page : page + 1);
    }
    struct memory_info after = memory();
    EXPECT_EQ(after.pages_promised, before.pages_promised + (PAGES + 1) / 2);
    EXPECT_LE(before.copies + (PAGES + 1) / 2, after.copies);
}

static void holes_and_zeros_stay(void)
{
    handle_t source = test_container(4), copy = test_container(4);
    volatile L4_Word_t *a = test_map(source, 4, READ_WRITE), *b = test_map(copy, 4, READ_WRITE);
    struct container_stat stat;
    REQUIRE(a && b);
    a[0] = 1;
    b[1024] = 2;
    b[2 * 1024] = 3;
    EXPECT_EQ(physmem_punch(source, 2, 1), OK);
    EXPECT_EQ(physmem_copy(source, 0, copy, 0, 4, NULL), OK);
    EXPECT_EQ(physmem_stat(copy, &stat), OK);
    EXPECT_EQ(stat.in_memory + stat.on_swap, 1);
    EXPECT_EQ(b[0], 1);
    EXPECT_EQ(b[1024], 0);
    EXPECT_EQ(physmem_zero(copy, 2, 1), OK);
    EXPECT_EQ(b[2 * 1024], 0);
}

static void chain_of_copies(void)
{
    handle_t chain[CHAIN + 1];
    for (unsigned i = 0; i <= CHAIN; i++) {
        chain[i] = test_container(1);
        if (i == 0) {
            volatile L4_Word_t *first = test_map(chain[0], 1, READ_WRITE);
            REQUIRE(first != NULL);
            first[5] = 0xc4a1;
        } else {
            REQUIRE_EQ(physmem_copy(chain[i - 1], 0, chain[i], 0, 1, NULL), OK);
        }
    }
    struct memory_info before = memory();
    volatile L4_Word_t *middle = test_map(chain[CHAIN / 2], 1, READ_WRITE);
    volatile L4_Word_t *last = test_map(chain[CHAIN], 1, READ_WRITE);
    REQUIRE(middle && last);
    EXPECT_EQ(last[5], 0xc4a1);
    middle[5] = 1;
    EXPECT_EQ(last[5], 0xc4a1);
    EXPECT_EQ(memory().pages_promised, before.pages_promised + 1);
    /* The source goes, and most of the chain with it. */
    for (unsigned i = 0; i < CHAIN; i++) {
        EXPECT_EQ(physmem_destroy(chain[i]), OK);
    }
    EXPECT_EQ(last[5], 0xc4a1);
    last[5] = 2;
    EXPECT_EQ(last[5], 2);
}

/* Pages of its own container that a child copies within it, while it goes in and out. */
static void source_swapped_out(void)
{
    struct child c;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "simple"));
    L4_Word_t from = child_layout(&c).free_start, to = from + PAGES * PAGE_SIZE;
    L4_Word_t copy[] = {HANDLE_DC, from >> PAGE_SHIFT, HANDLE_DC, to >> PAGE_SHIFT, PAGES};
    (void)child_do(&c, SERVANT_FILL, from, PAGES, SEED);
    REQUIRE(child_outswap(&c, 0));
    EXPECT_EQ(child_copy(&c, copy), OK);
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, to, PAGES, SEED), 0);
    REQUIRE(child_outswap(&c, 0));
    (void)child_do(&c, SERVANT_FILL, to, PAGES / 2, SEED + 1);
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, from, PAGES, SEED), 0);
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, to, PAGES / 2, SEED + 1), 0);
}

static void a_shared_page_is_written_once(void)
{
    struct child c;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "simple"));
    L4_Word_t from = child_layout(&c).free_start;
    (void)child_do(&c, SERVANT_FILL, from, PAGES, SEED);
    for (L4_Word_t i = 1; i <= 5; i++) {
        L4_Word_t copy[] = {HANDLE_DC, from >> PAGE_SHIFT, HANDLE_DC, (from >> PAGE_SHIFT) + i * PAGES,
                            PAGES};
        EXPECT_EQ(child_copy(&c, copy), OK);
    }
    struct memory_info before = memory();
    REQUIRE(child_outswap(&c, OUTSWAP_HOLD));
    struct memory_info after = memory();
    ktap_diagnostic("6 x %u pages, %u written", (unsigned)PAGES,
                    (unsigned)(after.pages_written - before.pages_written));
    EXPECT_LT(after.pages_written - before.pages_written, 3 * PAGES);
    EXPECT_LT(after.slots_used - before.slots_used, 3 * PAGES);
    REQUIRE(child_inswap(&c));
    for (L4_Word_t i = 0; i <= 5; i++) {
        EXPECT_EQ(child_do(&c, SERVANT_WRONG, from + i * PAGES * PAGE_SIZE, PAGES, SEED), 0);
    }
}

static void overlap_is_refused(void)
{
    handle_t handle = test_container(10), other = test_container(10);
    EXPECT(physmem_copy(handle, 0, handle, 1, 2, NULL) != OK);
    EXPECT(physmem_copy(handle, 1, handle, 0, 2, NULL) != OK);
    EXPECT(physmem_copy(handle, 3, handle, 3, 1, NULL) != OK);
    EXPECT_EQ(physmem_copy(handle, 0, handle, 2, 2, NULL), OK);
    EXPECT_EQ(physmem_copy(handle, 8, other, 0, 3, NULL), ERR_RANGE);
    EXPECT_EQ(physmem_copy(handle, 0, other, 8, 3, NULL), ERR_RANGE);
    EXPECT_EQ(physmem_copy(handle, ~0u, other, 0, 2, NULL), ERR_RANGE);
    EXPECT_EQ(physmem_copy(handle, 0, other, 0, ~0u, NULL), ERR_RANGE);
    EXPECT_EQ(physmem_copy(handle, 0, 4711, 0, 1, NULL), ERR_NO_HANDLE);
}

/* More pages than frames: each copy is broken while every frame is in use. */
static void copies_broken_without_a_free_frame(void)
{
    struct child c;
    struct memory_info info = memory();
    L4_Word_t pages = info.frames_total * 3 / 4;
    if (!have_swap() || info.pages_limit - info.pages_promised < 2 * pages + 200) {
        ktap_skip_rest("machine: too little swap");
        return;
    }
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t out[2] = {0}, in[] = {2 * pages, 0};
    REQUIRE_EQ(child_physmem(&c, PHYSMEM_CREATE, in, 2, out, 1), OK);
    L4_Word_t map[] = {out[0], 0, 2 * pages, READ_WRITE}, address = 0;
    REQUIRE_EQ(child_command(c.thread, SERVANT_MAP_CONTAINER, map, 4, &address, 1), OK);
    (void)child_do(&c, SERVANT_FILL, address, pages, SEED);
    for (L4_Word_t done = 0; done < pages;) {
        L4_Word_t copy[] = {out[0], done, out[0], pages + done, pages - done};
        REQUIRE_EQ(child_physmem(&c, PHYSMEM_COPY, copy, 5, &out[1], 1), OK);
        REQUIRE(out[1] != 0);
        done += out[1];
    }
    L4_Word_t to = address + (pages << PAGE_SHIFT);
    for (L4_Word_t i = 0; i < pages; i++) {
        (void)child_do(&c, SERVANT_POKE, to + (i << PAGE_SHIFT), i, 0);
    }
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, address, pages, SEED), 0);
    EXPECT_LE(child_do(&c, SERVANT_WRONG, to, pages, SEED), pages);
    EXPECT_EQ(child_do(&c, SERVANT_PEEK, to + ((pages - 1) << PAGE_SHIFT), 0, 0), pages - 1);
}

static const struct test_case cases[] = {
    {"text_of_many_tasks_is_one", text_of_many_tasks_is_one},
    {"a_write_makes_a_private_copy", a_write_makes_a_private_copy},
    {"holes_and_zeros_stay", holes_and_zeros_stay},
    {"chain_of_copies", chain_of_copies},
    {"source_swapped_out", source_swapped_out},
    {"a_shared_page_is_written_once", a_shared_page_is_written_once},
    {"overlap_is_refused", overlap_is_refused},
    {"copies_broken_without_a_free_frame", copies_broken_without_a_free_frame},
};
const struct row row_A23 = ROW("A23_logical_copy", cases);
