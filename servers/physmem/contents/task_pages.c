/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/task_pages.h"

#include "contents/container.h"
#include "contents/page.h"
#include "base/assertion.h"
#include "tasks/fault_record.h"
#include "tasks/task.h"

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
        ASSERT(set || p->mark <= p->refs);
        p->mark = set ? (uint16_t)(p->mark + 1) : 0;
    }
}

static void mark_task(struct task *t, bool set)
{
    for (struct list *i = t->containers.next; i != &t->containers; i = i->next) {
        mark_container(LIST_ENTRY(i, struct container, of_task), set);
    }
}

/* Only this task's containers refer to the page, which is marked. */
static bool page_is_own(const struct page *p)
{
    ASSERT(p->mark <= p->refs);
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
    m->wired_frames += page_has_frame(p) && p->wired;
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
    m->stub_bytes += c->tables * PAGE_SIZE;
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
    m->charged = task_charged(t);
    m->stub_bytes = sizeof *t + t->record_count * (L4_Word_t)sizeof(struct fault_record) + t->record_bytes;
    mark_task(t, true);
    for (struct list *i = t->containers.next; i != &t->containers; i = i->next) {
        struct container *c = LIST_ENTRY(i, struct container, of_task);
        measure_container(c, c == t->dc, m);
    }
    mark_task(t, false);
}
