/* SPDX-License-Identifier: BSD-2-Clause */
/* Records are found by their ids.  Whatever else is looked for, the table is searched from end to
 * end: it has some hundred records, and nothing on a task's fault path looks here. */
#include "task_table.h"

#include <stddef.h>

#include "base/assertion.h"

enum { CHAINS_LOG2 = 9 };
static struct task tasks[TASKS_MAX];
/* By their ids, those that exist: of each chain the first record's place, and one more; 0: none. */
static uint16_t chains[1 << CHAINS_LOG2];
static unsigned used_end; /* what lies behind this place was never used, and is not touched */
static L4_Word_t next_id = TASK_ID_FIRST;

static L4_Word_t id_after(L4_Word_t id)
{
    id++;
    if (id > TASK_ID_LAST) {
        id = TASK_ID_FIRST;
    }
    return (id & 0x3f) == 0 ? id + 1 : id; /* it would look like a local thread id */
}

static unsigned part_below(unsigned most)
{
    return most / 4 * 3;
}

static uint16_t *chain_of(L4_Word_t id)
{
    return &chains[id % (1 << CHAINS_LOG2)];
}

static void leave_chain(const struct task *task)
{
    uint16_t *link = chain_of(task->id);
    for (unsigned place = task_index(task) + 1; *link != place;) {
        ASSERT(*link != 0);
        link = &tasks[*link - 1].chain;
    }
    *link = task->chain;
}

/* Whom a task is charged to; null: nobody. */
static struct task *payer_of(const struct task *task)
{
    return task->payer == TASK_ID_SYSTEM ? NULL : task_find(task->payer);
}

static struct task *find_free(void)
{
    for (unsigned i = 0; i < used_end; i++) {
        if (tasks[i].id == 0) {
            return &tasks[i];
        }
    }
    return used_end < TASKS_MAX ? &tasks[used_end] : NULL;
}

static bool is_charged_to(const struct task *task, const struct task *payer)
{
    while (task && task != payer) {
        task = payer_of(task);
    }
    return task == payer;
}

/* An orphan's end that is charged to the payer (null: to anybody) is forgotten.  false: there is
 * none. */
static bool forget_an_orphan(const struct task *payer)
{
    for (unsigned i = 0; i < used_end; i++) {
        struct task *t = &tasks[i];
        if (t->id != 0 && t->orphan && t->state == TASK_ENDED && (!payer || is_charged_to(t, payer))) {
            task_free(t);
            return true;
        }
    }
    return false;
}

enum error task_allowed(L4_Word_t parent)
{
    for (const struct task *t = task_find(parent); t; t = payer_of(t)) {
        if (t->tree_tasks >= t->tasks_max && !forget_an_orphan(t)) {
            return ERR_QUOTA;
        }
    }
    return find_free() || forget_an_orphan(NULL) ? OK : ERR_NO_MEMORY;
}

static void set_bounds(struct task *task)
{
    const struct task *payer = payer_of(task);
    task->tasks_max = part_below(payer ? payer->tasks_max : TASKS_MAX);
    task->threads_max = payer ? part_below(payer->threads_max) : TREE_THREADS_MAX;
}

struct task *task_alloc(L4_Word_t parent, const char *name)
{
    ASSERT(parent == TASK_ID_SYSTEM || task_find(parent));
    if (task_allowed(parent) != OK) {
        return NULL;
    }
    struct task *task = find_free();
    while (task_find(next_id)) {
        next_id = id_after(next_id);
    }
    ASSERT(next_id >= TASK_ID_FIRST && next_id <= TASK_ID_LAST && (next_id & 0x3f) != 0);
    if (task_index(task) == used_end) {
        used_end++;
    }
    uint16_t *chain = chain_of(next_id);
    *task = (struct task){.id = next_id, .parent = parent, .payer = parent, .chain = *chain};
    *chain = (uint16_t)(task_index(task) + 1);
    set_bounds(task);
    for (struct task *t = payer_of(task); t; t = payer_of(t)) {
        t->tree_tasks++;
    }
    next_id = id_after(next_id);
    for (unsigned i = 0; i < TASK_NAME_BYTES && name[i] != '\0'; i++) {
        task->name[i] = name[i];
    }
    return task;
}

void task_free(struct task *task)
{
    ASSERT(task->id != 0 && task_at(task_index(task)) == task);
    ASSERT(task->threads == 0);
    for (struct task *t = payer_of(task); t; t = payer_of(t)) {
        ASSERT(t->tree_tasks > 0);
        t->tree_tasks--;
    }
    for (unsigned i = 0; task->tree_tasks > 0 && i < used_end; i++) {
        if (tasks[i].id != 0 && tasks[i].payer == task->id) {
            tasks[i].payer = task->payer;
        }
    }
    leave_chain(task);
    task->id = 0;
}

enum error task_thread_allowed(const struct task *task)
{
    for (const struct task *t = task; t; t = payer_of(t)) {
        if (t->tree_threads >= t->threads_max) {
            return ERR_QUOTA;
        }
    }
    return OK;
}

void task_thread_added(struct task *task)
{
    task->threads++;
    for (struct task *t = task; t; t = payer_of(t)) {
        t->tree_threads++;
    }
}

void task_thread_removed(struct task *task)
{
    ASSERT(task->threads > 0);
    task->threads--;
    for (struct task *t = task; t; t = payer_of(t)) {
        ASSERT(t->tree_threads > 0);
        t->tree_threads--;
    }
}

struct task *task_find(L4_Word_t id)
{
    for (unsigned place = *chain_of(id); place != 0; place = tasks[place - 1].chain) {
        if (tasks[place - 1].id == id) {
            return &tasks[place - 1];
        }
    }
    return NULL;
}

struct task *task_find_next(L4_Word_t id)
{
    struct task *best = NULL;
    for (unsigned i = 0; i < used_end; i++) {
        struct task *t = &tasks[i];
        if (t->id != 0 && t->id >= id && (!best || t->id < best->id)) {
            best = t;
        }
    }
    return best;
}

struct task *task_at(unsigned index)
{
    ASSERT(index < TASKS_MAX);
    return index < used_end && tasks[index].id != 0 ? &tasks[index] : NULL;
}

unsigned task_index(const struct task *task)
{
    ASSERT(task >= tasks && task < tasks + TASKS_MAX);
    return (unsigned)(task - tasks);
}

bool task_has_rights(const struct task *who, const struct task *over)
{
    /* Nobody is his own ancestor, for a parent is older than its child, so the walk ends. */
    for (unsigned i = 0; over && i < TASKS_MAX; i++) {
        if (over == who) {
            return true;
        }
        over = task_find(over->parent);
    }
    ASSERT(!over);
    return false;
}
