/* SPDX-License-Identifier: BSD-2-Clause */
/* Records are found by their ids, their parents and their lists: nothing looks at all of them. */
#include "task_table.h"

#include <stddef.h>

#include "base/assertion.h"
#include "table.h"

/* IDS: as many as there are between the first and the last one, but for those that do not exist.
 * SPARE: kept for tasks of the system's own. */
enum { CHAINS = 512, IDS = TASK_ID_LAST - TASK_ID_LAST / 64 - TASK_ID_FIRST + 1, SPARE = 4 };

static struct table table;
/* By their ids, those that exist: of each chain the first record's place, and one more; 0: none. */
static uint16_t chains[CHAINS];
static uint32_t taken_ids[BITMAP_WORDS(TASK_ID_LAST + 1)];
static L4_Word_t next_id = TASK_ID_FIRST;
static struct list living_orphans, ended_orphans; /* those who have ended first stand first */
static uint32_t tasks_most, threads_most;

void task_table_init(char *pages, uint32_t pages_max, uint32_t threads_max)
{
    table_init(&table, pages, sizeof(struct task), pages_max, SPARE);
    list_init(&living_orphans);
    list_init(&ended_orphans);
    tasks_most = table.places_max < IDS ? table.places_max : IDS;
    threads_most = threads_max;
}

/* ---- ids ---- */

static L4_Word_t id_after(L4_Word_t id)
{
    id++;
    if (id > TASK_ID_LAST) {
        id = TASK_ID_FIRST;
    }
    return (id & 0x3f) == 0 ? id + 1 : id; /* it would look like a local thread id */
}

static struct task *at_link(uint16_t link)
{
    return link == 0 ? NULL : table_at(&table, link - 1u);
}

static uint16_t link_to(const struct task *task)
{
    return (uint16_t)(table_place(&table, task) + 1);
}

/* The task gets the next free id. */
static void enter_chain(struct task *task)
{
    while (bitmap_test(taken_ids, next_id)) {
        next_id = id_after(next_id);
    }
    ASSERT(next_id >= TASK_ID_FIRST && next_id <= TASK_ID_LAST && (next_id & 0x3f) != 0);
    task->id = (uint16_t)next_id;
    task->chain = chains[next_id % CHAINS];
    chains[next_id % CHAINS] = link_to(task);
    bitmap_set(taken_ids, next_id);
    next_id = id_after(next_id);
}

static void leave_chain(const struct task *task)
{
    uint16_t *link = &chains[task->id % CHAINS];
    while (*link != link_to(task)) {
        ASSERT(*link != 0);
        link = &at_link(*link)->chain;
    }
    *link = task->chain;
    bitmap_clear(taken_ids, task->id);
}

struct task *task_find(L4_Word_t id)
{
    struct task *t = at_link(chains[id % CHAINS]);
    while (t && t->id != id) {
        t = at_link(t->chain);
    }
    return t;
}

struct task *task_find_next(L4_Word_t id)
{
    while (id <= TASK_ID_LAST && !bitmap_test(taken_ids, id)) {
        /* 32 at a time, where none of them is taken */
        id = taken_ids[id / 32] >> id % 32 == 0 ? (id / 32 + 1) * 32 : id + 1;
    }
    return id <= TASK_ID_LAST ? task_find(id) : NULL;
}

/* ---- who pays ---- */

static uint32_t part_below(uint32_t most)
{
    return most / 4 * 3;
}

/* null: nobody. */
static struct task *parent_of(const struct task *task)
{
    struct task *parent = task->parent == TASK_ID_SYSTEM ? NULL : task_find(task->parent);
    ASSERT(parent || task->parent == TASK_ID_SYSTEM);
    return parent;
}

bool task_has_rights(const struct task *who, const struct task *over)
{
    /* A parent is older than its child, so the walk ends; and it is short, since each one may have
     * fewer tasks below it than its parent. */
    while (over && over != who) {
        over = parent_of(over);
    }
    return over == who;
}

/* The end of an orphan that is charged to the payer (null: to anybody) is forgotten.  false: there
 * is none. */
static bool forget_an_orphan(const struct task *payer)
{
    struct list *i = ended_orphans.next;
    if (payer && payer->tree_orphans == 0) {
        return false;
    }
    while (i != &ended_orphans && payer && !task_has_rights(payer, LIST_ENTRY(i, struct task, of_orphans))) {
        i = i->next;
    }
    if (i == &ended_orphans) {
        return false;
    }
    task_free(LIST_ENTRY(i, struct task, of_orphans));
    return true;
}

/* Is there room for one more below the parent?  Makes it, if it can. */
static enum error make_room(L4_Word_t parent)
{
    for (const struct task *t = task_find(parent); t; t = parent_of(t)) {
        if (t->tree_tasks >= t->tasks_max && !forget_an_orphan(t)) {
            return ERR_QUOTA;
        }
    }
    return table.taken < tasks_most || forget_an_orphan(NULL) ? OK : ERR_NO_MEMORY;
}

static enum error take_record(bool system, void **record)
{
    enum error e = table_take(&table, system, record);
    while (e != OK && forget_an_orphan(NULL)) {
        e = table_take(&table, system, record);
    }
    return e;
}

static void set_bounds(struct task *task, const struct task *parent)
{
    task->tasks_max = (uint16_t)part_below(parent ? parent->tasks_max : tasks_most);
    task->threads_max = part_below(parent ? parent->threads_max : threads_most);
}

enum error task_alloc(L4_Word_t parent, const char *name, struct task **made)
{
    ASSERT(parent == TASK_ID_SYSTEM || task_find(parent));
    void *record;
    enum error e = make_room(parent);
    e = e == OK ? take_record(parent == TASK_ID_SYSTEM, &record) : e;
    if (e != OK) {
        return e;
    }
    struct task *task = record;
    task->parent = (uint16_t)parent;
    enter_chain(task);
    list_init(&task->children);
    list_init(&task->of_parent);
    list_init(&task->of_orphans);
    struct task *above = parent_of(task);
    set_bounds(task, above);
    if (above) {
        list_append(&above->children, &task->of_parent);
    }
    for (struct task *t = above; t; t = parent_of(t)) {
        t->tree_tasks++;
    }
    for (unsigned i = 0; i < TASK_NAME_BYTES && name[i] != '\0'; i++) {
        task->name[i] = name[i];
    }
    *made = task;
    return OK;
}

void task_free(struct task *task)
{
    bool ended_orphan = task->orphan && task->state == TASK_ENDED;
    ASSERT(task->id != 0 && task->threads == 0 && list_is_empty(&task->children));
    for (struct task *t = parent_of(task); t; t = parent_of(t)) {
        ASSERT(t->tree_tasks > 0 && (t->tree_orphans > 0 || !ended_orphan));
        t->tree_tasks--;
        t->tree_orphans -= ended_orphan;
    }
    list_remove(&task->of_parent);
    list_remove(&task->of_orphans);
    leave_chain(task);
    table_give(&table, task);
}

enum error task_thread_allowed(const struct task *task)
{
    for (const struct task *t = task; t; t = parent_of(t)) {
        if (t->tree_threads >= t->threads_max) {
            return ERR_QUOTA;
        }
    }
    return OK;
}

void task_thread_added(struct task *task)
{
    task->threads++;
    for (struct task *t = task; t; t = parent_of(t)) {
        t->tree_threads++;
    }
}

void task_thread_removed(struct task *task)
{
    ASSERT(task->threads > 0);
    task->threads--;
    for (struct task *t = task; t; t = parent_of(t)) {
        ASSERT(t->tree_threads > 0);
        t->tree_threads--;
    }
}

/* ---- ends ---- */

/* It is counted above it already. */
static void orphan(struct task *child, struct task *parent)
{
    child->waiter = L4_nilthread; /* it was a thread of the parent that has ended */
    list_remove(&child->of_parent);
    child->parent = parent ? parent->id : TASK_ID_SYSTEM;
    if (parent) {
        list_append(&parent->children, &child->of_parent);
    }
    if (!child->orphan) {
        child->orphan = true;
        list_append(&living_orphans, &child->of_orphans);
    }
}

void task_leave_children(struct task *task)
{
    struct task *parent = parent_of(task);
    ASSERT(task->threads == 0);
    while (!list_is_empty(&task->children)) {
        struct task *child = LIST_ENTRY(task->children.next, struct task, of_parent);
        if (child->state == TASK_ENDED) {
            task_free(child);
        } else {
            orphan(child, parent);
        }
    }
    task->tree_tasks = 0;
    task->tree_threads = 0;
}

void task_has_ended(struct task *task)
{
    ASSERT(task->state == TASK_RUNNING && task->threads == 0);
    task->state = TASK_ENDED;
    if (task->orphan) {
        list_remove(&task->of_orphans);
        list_append(&ended_orphans, &task->of_orphans);
        for (struct task *t = parent_of(task); t; t = parent_of(t)) {
            t->tree_orphans++;
        }
    }
}

struct task *task_living_orphan(void)
{
    return list_is_empty(&living_orphans) ? NULL : LIST_ENTRY(living_orphans.next, struct task, of_orphans);
}
