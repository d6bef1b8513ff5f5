/* SPDX-License-Identifier: BSD-2-Clause */
/* A17: each task has exactly one designated container. */
#include "children.h"
#include "fixture.h"
#include "rows.h"

enum { ANY_IP = TASK_IMAGE_BASE, ANY_SP = TASK_IMAGE_BASE + 0x1000 };

static enum error create(handle_t container, L4_Word_t ip, L4_Word_t sp)
{
    struct task_request request = {.container = container, .ip = ip, .sp = sp, .name = "refused"};
    L4_Word_t task = 0;
    enum error e = task_create(&request, &task, NULL);
    if (e == OK) { /* it should not be: end it, so that the next test starts clean */
        struct task_status status;
        (void)task_kill(task, 1);
        (void)task_wait(task, &status);
    }
    return e;
}

static void one_for_each_task(void)
{
    struct child a, b;
    L4_Word_t dc = HANDLE_DC, stat[] = {HANDLE_DC, 0}, out[4];
    REQUIRE(child_start(&a, "servant") && child_start(&b, "simple"));
    struct child_layout at = child_layout(&a);
    REQUIRE_EQ(child_physmem(&a, PHYSMEM_STAT, stat, 2, out, 4), OK);
    EXPECT_EQ(out[0], at.dc_end >> PAGE_SHIFT);
    EXPECT_EQ(out[1], RIGHT_ALL);
    REQUIRE_EQ(child_physmem(&b, PHYSMEM_STAT, stat, 2, out, 4), OK);
    EXPECT_EQ(task_memory(b.task).containers, 1);
    /* It cannot be given away, and lasts as long as the task. */
    EXPECT(child_physmem(&b, PHYSMEM_CLOSE, &dc, 1, NULL, 0) != OK);
    EXPECT(child_lives(&b));
    (void)child_do(&b, SERVANT_NOTHING, 0, 0, 0);
}

static void none(void)
{
    EXPECT_EQ(create(HANDLE_NONE, ANY_IP, ANY_SP), ERR_NO_HANDLE);
    EXPECT_EQ(create(12345, ANY_IP, ANY_SP), ERR_NO_HANDLE);
}

static void too_small(void)
{
    EXPECT(create(test_container(1), ANY_IP, ANY_SP) != OK);
    EXPECT(create(test_container(TASK_IMAGE_BASE >> PAGE_SHIFT), ANY_IP, ANY_SP) != OK);
}

static void somebody_elses(void)
{
    struct child c;
    REQUIRE(child_start(&c, "servant"));
    /* The child lends one of its containers, without the owner's right. */
    L4_Word_t in[] = {64, 0}, theirs = 0, mine = 0;
    REQUIRE_EQ(child_physmem(&c, PHYSMEM_CREATE, in, 2, &theirs, 1), OK);
    L4_Word_t share[] = {theirs, self_task(), RIGHT_READ | RIGHT_WRITE | RIGHT_EXEC};
    REQUIRE_EQ(child_physmem(&c, PHYSMEM_SHARE, share, 3, &mine, 1), OK);
    EXPECT_EQ(create(mine, ANY_IP, ANY_SP), ERR_RIGHTS);
    EXPECT_EQ(physmem_close(mine), OK);
    /* One that is a designated container already. */
    EXPECT_EQ(create(HANDLE_DC, ANY_IP, ANY_SP), ERR_ALREADY);
    L4_Word_t dc[] = {HANDLE_DC, self_task(), RIGHT_READ | RIGHT_WRITE};
    if (child_physmem(&c, PHYSMEM_SHARE, dc, 3, &mine, 1) == OK) {
        EXPECT(create(mine, ANY_IP, ANY_SP) != OK);
        EXPECT_EQ(physmem_close(mine), OK);
    }
    EXPECT(child_lives(&c));
}

/* What TASK_CREATE takes as instruction and stack pointer must lie in the container. */
static void start_outside(void)
{
    struct load_result loaded;
    struct child_options options = {0};
    static const L4_Word_t bad[] = {0, TASK_KIP_BASE, TASK_UTCB_BASE, 0xc0000000, ~0u};
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        REQUIRE_EQ(child_load("simple", &options, &loaded), OK);
        EXPECT(create(loaded.container, bad[i], loaded.sp) != OK);
        (void)physmem_destroy(loaded.container);
    }
}

/* Stacks are told for messages alone, but what is told is checked. */
static void stacks_outside(void)
{
    struct load_result loaded;
    struct child_options options = {0};
    REQUIRE_EQ(child_load("simple", &options, &loaded), OK);
    struct task_request request = {.container = loaded.container, .ip = loaded.ip, .sp = loaded.sp};
    request.name = "refused";
    request.stack_pages = (loaded.sp >> PAGE_SHIFT) + 1;
    EXPECT_EQ(task_create(&request, NULL, NULL), ERR_ARGUMENT);
    request.stack_pages = ~0u;
    EXPECT_EQ(task_create(&request, NULL, NULL), ERR_ARGUMENT);
    (void)physmem_destroy(loaded.container);

    static const struct {
        L4_Word_t start;
        uint32_t pages;
    } bad[] = {{TASK_REGIONS_BASE, 0}, {TASK_IMAGE_BASE, ~0u}, {~0u, 1}, {TASK_REGIONS_BASE - PAGE_SIZE, 2}};
    L4_ThreadId_t thread;
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        EXPECT_EQ(
            task_thread_create_on(L4_nilthread, (const void *)bad[i].start, bad[i].pages, &thread, NULL),
            ERR_ARGUMENT);
    }
    const void *last = (const void *)(TASK_REGIONS_BASE - PAGE_SIZE);
    REQUIRE_EQ(task_thread_create_on(L4_nilthread, last, 1, &thread, NULL), OK);
    EXPECT_EQ(task_thread_delete(thread), OK);
}

static const struct test_case cases[] = {
    {"one_for_each_task", one_for_each_task},
    {"none", none},
    {"too_small", too_small},
    {"somebody_elses", somebody_elses},
    {"start_outside", start_outside},
    {"stacks_outside", stacks_outside},
};
const struct row row_A17 = ROW("A17_designated_container", cases);
