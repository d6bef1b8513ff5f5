/* SPDX-License-Identifier: BSD-2-Clause */
/* A22: the designated container of a task is made by the task's creator, which may be any task.
 * What a task has made does not outlive it. */
#include "children.h"
#include "rows.h"

enum { LIMIT_MS = 20 * 1000, STATUS_ORPHAN = 129, MANY = 12 };

static unsigned tasks_now(void)
{
    struct task_info info = {0};
    unsigned count = 0;
    for (L4_Word_t next = 0; task_info(next, &info) == OK; next = info.task + 1) {
        count++;
    }
    return count;
}

/* A copy of the runner's container, which is a program that is ready to start, becomes a container
 * of the maker's own, and a task. */
static bool make_from(const struct child *maker, const struct load_result *program, struct child *made)
{
    L4_Word_t theirs = test_share(program->container, maker, RIGHT_READ), out[2] = {0};
    L4_Word_t create[] = {program->pages, 0}, close[] = {theirs};
    EXPECT_EQ(child_physmem(maker, PHYSMEM_CREATE, create, 2, out, 1), OK);
    L4_Word_t copy[] = {theirs, 0, out[0], 0, program->pages}, make[] = {out[0], program->ip, program->sp};
    EXPECT_EQ(child_copy(maker, copy), OK);
    EXPECT_EQ(child_physmem(maker, PHYSMEM_CLOSE, close, 1, NULL, 0), OK);
    EXPECT_EQ(child_command(maker->thread, SERVANT_MAKE_TASK, make, 3, out, 2), OK);
    *made = (struct child){.task = out[0], .thread = {out[1]}};
    return !ktap_failing();
}

static bool make(const struct child *maker, struct child *made)
{
    struct load_result program;
    struct child_options options = {0};
    EXPECT_EQ(child_load("simple", &options, &program), OK);
    bool good = !ktap_failing() && make_from(maker, &program, made);
    EXPECT_EQ(physmem_destroy(program.container), OK);
    return good;
}

static void made_by_a_child(void)
{
    struct child c, made;
    struct task_info info = {0};
    struct task_status status = {0};
    REQUIRE(child_start(&c, "simple") && make(&c, &made));
    (void)child_do(&made, SERVANT_NOTHING, 0, 0, 0);
    EXPECT_EQ(task_info(made.task, &info), OK);
    EXPECT_EQ(info.parent, c.task);
    EXPECT_EQ(task_wait(made.task, &status), ERR_PERMISSION); /* its parent lives */
    EXPECT_EQ(task_kill(made.task, 5), OK);                   /* an ancestor may */
    child_kill(&c);
}

/* The grandparent hears of it; the ends of those it has not waited for are no burden. */
static void ends_with_its_parent(void)
{
    struct child c, made, below;
    struct task_status status = {0};
    unsigned before = tasks_now();
    REQUIRE(child_start(&c, "simple") && make(&c, &made) && make(&made, &below));
    EXPECT_EQ(tasks_now(), before + 3);
    child_kill(&c);
    REQUIRE(child_wait_end(&made, &status, LIMIT_MS));
    EXPECT_EQ(status.end, TASK_END_ORPHAN);
    EXPECT_EQ(status.status, STATUS_ORPHAN);
    REQUIRE(child_wait_end(&below, &status, LIMIT_MS));
    EXPECT_EQ(status.end, TASK_END_ORPHAN);
    EXPECT_EQ(tasks_now(), before);
}

/* By its own exit too, and many at once. */
static void all_that_it_has_made(void)
{
    struct child c, made[MANY];
    struct task_status status = {0};
    unsigned before = tasks_now();
    REQUIRE(child_start(&c, "simple"));
    for (unsigned i = 0; i < MANY; i++) {
        REQUIRE(make(&c, &made[i]));
    }
    REQUIRE(child_post(c.thread, SERVANT_EXIT, 3, 0, 0));
    REQUIRE(child_wait_end(&c, &status, LIMIT_MS));
    EXPECT_EQ(status.end, TASK_END_EXIT);
    for (unsigned i = 0; i < MANY; i++) {
        REQUIRE(child_wait_end(&made[i], &status, LIMIT_MS));
        EXPECT_EQ(status.end, TASK_END_ORPHAN);
    }
    EXPECT_EQ(tasks_now(), before);
}

static const struct test_case cases[] = {
    {"made_by_a_child", made_by_a_child},
    {"ends_with_its_parent", ends_with_its_parent},
    {"all_that_it_has_made", all_that_it_has_made},
};
const struct row row_A22 = ROW("A22_made_by_its_creator", cases);
