/* SPDX-License-Identifier: BSD-2-Clause */
#include "task.h"

#include "container.h"
#include "handle.h"
#include "invariant.h"
#include "memory.h"
#include "thread.h"

enum { HASH_SIZE = 64 };

struct list task_list;
static struct list hash[HASH_SIZE];
static struct slab tasks;

void task_init(void)
{
    slab_init(&tasks, sizeof(struct task));
    list_init(&task_list);
    for (int i = 0; i < HASH_SIZE; i++) {
        list_init(&hash[i]);
    }
}

enum error task_create(L4_Word_t id, struct task **result)
{
    void *object;
    enum error e = slab_alloc(&tasks, &object);
    if (e != OK) {
        return e;
    }
    struct task *t = object;
    t->id = id;
    t->next_handle = HANDLE_DC + 1;
    list_init(&t->containers);
    list_init(&t->handles);
    list_init(&t->threads);
    list_append(&task_list, &t->all);
    list_append(&hash[id % HASH_SIZE], &t->hash);
    *result = t;
    return OK;
}

void task_free(struct task *t)
{
    INVARIANT(list_is_empty(&t->containers) && list_is_empty(&t->handles) && list_is_empty(&t->threads));
    INVARIANT(t->promised == 0);
    list_remove(&t->all);
    list_remove(&t->hash);
    slab_free(&tasks, t);
}

struct task *task_find(L4_Word_t id)
{
    struct list *head = &hash[id % HASH_SIZE];
    for (struct list *i = head->next; i != head; i = i->next) {
        struct task *t = LIST_ENTRY(i, struct task, hash);
        if (t->id == id) {
            return t;
        }
    }
    return NULL;
}

static void set_wired(struct container *c, bool wired)
{
    for (uint32_t i = container_next_real(c, 0); i < c->size_pages; i = container_next_real(c, i + 1)) {
        struct page *p = container_page(c, i);
        p->wired = wired && p->state == PAGE_IN;
    }
}

void task_set_wired(struct task *t, bool wired)
{
    for (struct list *i = t->containers.next; i != &t->containers; i = i->next) {
        set_wired(LIST_ENTRY(i, struct container, of_task), wired);
    }
}

/* ---- measuring ---- */

static void mark_container(struct container *c, bool set)
{
    for (uint32_t i = container_next_real(c, 0); i < c->size_pages; i = container_next_real(c, i + 1)) {
        struct page *p = container_page(c, i);
        p->mark = set ? (uint16_t)(p->mark + 1) : 0;
    }
}

static void mark_task(struct task *t, bool set)
{
    for (struct list *i = t->containers.next; i != &t->containers; i = i->next) {
        mark_container(LIST_ENTRY(i, struct container, of_task), set);
    }
}

void task_mark_own(struct task *t)
{
    mark_task(t, true);
}

void task_unmark_own(struct task *t)
{
    mark_task(t, false);
}

bool page_is_own(const struct page *p)
{
    INVARIANT(p->mark <= p->refs);
    return p->mark == p->refs;
}

/* Each page once: the mark goes when it has been counted. */
static void measure_page(struct page *p, bool in_dc, struct task_memory *m)
{
    if (p->mark == 0) {
        return;
    }
    bool own = page_is_own(p);
    p->mark = 0;
    if (page_has_frame(p) && !own) {
        m->shared++;
    } else if (page_has_frame(p)) {
        m->frames++;
        m->frames_dc += in_dc;
    } else if (p->slot != SLOT_NONE) {
        m->swapped++;
    }
    m->stub_bytes += own ? sizeof(struct page) : 0;
}

static void measure_container(struct container *c, bool in_dc, struct task_memory *m)
{
    m->containers++;
    m->stub_bytes += (L4_Word_t)sizeof *c + c->tables * PAGE_SIZE;
    for (uint32_t i = container_next_real(c, 0); i < c->size_pages; i = container_next_real(c, i + 1)) {
        measure_page(container_page(c, i), in_dc, m);
    }
}

void task_measure(struct task *t, struct task_memory *m)
{
    *m = (struct task_memory){
        .state = t->state, .promised = t->promised, .quota = t->quota, .wired = t->wired};
    m->faults = t->faults;
    m->faults_dc = t->faults_dc;
    m->stub_bytes = sizeof *t + t->thread_count * (L4_Word_t)sizeof(struct thread) + handle_bytes(t);
    task_mark_own(t);
    for (struct list *i = t->containers.next; i != &t->containers; i = i->next) {
        struct container *c = LIST_ENTRY(i, struct container, of_task);
        measure_container(c, c == t->dc, m);
    }
    task_unmark_own(t);
}
