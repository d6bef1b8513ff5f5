// sources: servers/task/task_table.c servers/task/table.c tests/unit/assertion.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* The task server's table: ids that come back late, parents, who has rights over whom. */
#include "task_table.h"

#include <stdio.h>
#include <string.h>

#include "table.h"
#include "result.h"

enum { PAGES = 10, TASKS = PAGES * (PAGE_SIZE / sizeof(struct task)), THREADS = 2048 };

static char pages[PAGES][PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
enum error page_make(char *page)
{
    memset(page, 0, PAGE_SIZE);
    return OK;
}

void page_give_back(char *page)
{
    memset(page, 0xaa, PAGE_SIZE);
}

static struct task *alloc(L4_Word_t parent, const char *name)
{
    struct task *task;
    return task_alloc(parent, name, &task) == OK ? task : NULL;
}

static void test_ids(void)
{
    static unsigned char given[TASK_ID_LAST + 1];
    int good = 1;
    unsigned distinct = 0;
    struct task *keep = alloc(TASK_ID_SYSTEM, "keep");
    check(keep && keep->id == TASK_ID_FIRST, "the first id");
    for (;;) {
        struct task *t = alloc(TASK_ID_SYSTEM, "x");
        if (!t) {
            good = 0;
            break;
        }
        L4_Word_t id = t->id;
        good = good && id >= TASK_ID_FIRST && id <= TASK_ID_LAST && (id & 0x3f) != 0 && id != keep->id;
        task_free(t);
        if (!good || given[id]) {
            break;
        }
        given[id] = 1;
        distinct++;
    }
    check(good, "ids are in their range, and never that of a living task");
    check(distinct == TASK_ID_LAST - TASK_ID_FIRST + 1 - TASK_ID_LAST / 64 - 1,
          "every id has its turn before one comes back");
    task_free(keep);
}

static void test_table(void)
{
    struct task *all[TASKS];
    int good = 1;
    for (int i = 0; i < (int)TASKS; i++) {
        all[i] = alloc(TASK_ID_SYSTEM, "x");
        good = good && all[i];
    }
    check(good && !alloc(TASK_ID_SYSTEM, "x"), "the table is bounded");
    L4_Word_t id = 0;
    int seen = 0;
    for (struct task *t; (t = task_find_next(id + 1)) != NULL; id = t->id) {
        good = good && t->id > id;
        seen++;
    }
    check(good && seen == (int)TASKS, "a walk by id meets each one once");
    id = all[0]->id;
    for (int i = 0; i < (int)TASKS; i++) {
        task_free(all[i]);
    }
    check(!task_find_next(0) && !task_find(0) && !task_find(id), "freed ones are not found");
}

static void test_rights(void)
{
    struct task *a = alloc(TASK_ID_SYSTEM, "a");
    struct task *b = alloc(a->id, "b");
    struct task *c = alloc(b->id, "a name of just about exactly forty letters");
    check(task_has_rights(a, a) && task_has_rights(a, b) && task_has_rights(a, c) && task_has_rights(b, c),
          "self, parent and ancestors have rights");
    check(!task_has_rights(c, b) && !task_has_rights(b, a), "children have none");
    check(strlen(c->name) == TASK_NAME_BYTES, "a long name is cut off");
    task_leave_children(a);
    check(!task_has_rights(a, c), "nor has a former ancestor");
}

/* Children of one task until it is refused; returns how many. */
static unsigned make_children(L4_Word_t parent, enum error *e)
{
    unsigned made = 0;
    struct task *child;
    while ((*e = task_alloc(parent, "child", &child)) == OK) {
        made++;
    }
    return made;
}

/* What a task of the parent has left behind, when that one ended. */
static struct task *make_orphan(L4_Word_t parent)
{
    struct task *ended = alloc(parent, "ended"), *orphan = alloc(ended->id, "orphan");
    task_leave_children(ended);
    task_free(ended);
    return orphan;
}

static void free_all(void)
{
    for (struct task *t; (t = task_find_next(0)) != NULL;) {
        while (t->threads > 0) {
            task_thread_removed(t);
        }
        task_leave_children(t);
        task_free(t);
    }
}

static void test_tasks_are_charged(void)
{
    enum error e;
    struct task *a = alloc(TASK_ID_SYSTEM, "a"), *b = alloc(TASK_ID_SYSTEM, "b");
    unsigned most = make_children(a->id, &e);
    check(e == ERR_QUOTA && most >= 200 && most < TASKS, "one task's children are bounded");
    check(alloc(b->id, "c") && alloc(TASK_ID_SYSTEM, "d"), "others still make some");
    check(!alloc(task_find_next(b->id + 1)->id, "x"), "nor can its children make any");
    free_all();

    a = alloc(TASK_ID_SYSTEM, "a");
    struct task *middle = alloc(a->id, "middle");
    unsigned below = make_children(middle->id, &e);
    struct task *orphan = task_find_next(middle->id + 1);
    check(e == ERR_QUOTA && below < most, "a child may have fewer than its creator");
    task_leave_children(middle); /* they are a's now */
    task_free(middle);
    check(orphan->parent == a->id && task_living_orphan() == orphan,
          "its children are orphans of its parent");
    check(make_children(a->id, &e) == most - below && e == ERR_QUOTA,
          "what a task leaves behind is charged to its creator");
    task_free(orphan);
    check(alloc(a->id, "x"), "until it goes");
    free_all();
    check(!task_living_orphan(), "no orphan is left");
    a = alloc(TASK_ID_SYSTEM, "a");
    check(make_children(a->id, &e) == most, "and all of it comes back");
    free_all();
}

/* An orphan's end makes room where its place is needed, and nowhere else. */
static void test_orphans_make_room(void)
{
    enum error e;
    struct task *a = alloc(TASK_ID_SYSTEM, "a"), *b = alloc(TASK_ID_SYSTEM, "b");
    struct task *orphan = make_orphan(a->id), *child = alloc(a->id, "child");
    L4_Word_t id = orphan->id, bystander = child->id;
    task_has_ended(orphan);
    task_has_ended(child);
    (void)make_children(b->id, &e);
    check(e == ERR_QUOTA && task_find(id), "an orphan's end stays while a stranger is at its bound");
    (void)make_children(a->id, &e);
    check(e == ERR_NO_MEMORY && !task_find(id) && task_find(bystander), "it goes when the table is full");
    check(alloc(TASK_ID_SYSTEM, "system"), "the system's own tasks find a place then");
    free_all();

    a = alloc(TASK_ID_SYSTEM, "a");
    orphan = make_orphan(alloc(a->id, "b")->id);
    id = orphan->id;
    (void)make_children(a->id, &e);
    check(e == ERR_QUOTA && task_find(id), "while it lives it has its place");
    task_has_ended(orphan);
    check(!task_living_orphan(), "it lives no more");
    check(make_children(a->id, &e) == 1 && e == ERR_QUOTA && !task_find(id),
          "once it has ended those who pay for it get that");
    free_all();
}

static void test_threads_are_charged(void)
{
    struct task *a = alloc(TASK_ID_SYSTEM, "a"), *b = alloc(TASK_ID_SYSTEM, "b");
    struct task *child = alloc(a->id, "child");
    unsigned many = 0, more = 0;
    for (; task_thread_allowed(child) == OK; many++) {
        task_thread_added(child);
    }
    for (; task_thread_allowed(a) == OK; more++) {
        task_thread_added(a);
    }
    check(many < THREADS * 3 / 4 && many + more == THREADS * 3 / 4, "threads count up the tree");
    check(task_thread_allowed(child) == ERR_QUOTA && task_thread_allowed(b) == OK, "others have theirs");
    task_thread_removed(child);
    check(task_thread_allowed(a) == OK, "a thread that goes makes room");
    free_all();
}

int main(void)
{
    task_table_init(pages[0], PAGES, THREADS);
    test_ids();
    test_table();
    test_rights();
    free_all();
    test_tasks_are_charged();
    test_orphans_make_room();
    test_threads_are_charged();
    printf("1..%d\n", count);
    return failures != 0;
}
