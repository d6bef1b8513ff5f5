/* SPDX-License-Identifier: BSD-2-Clause */
#include "serving/outswap.h"

#include "contents/container.h"
#include "contents/handle.h"
#include "contents/page.h"
#include "contents/task_pages.h"
#include "base/assertion.h"
#include "ground/clock.h"
#include "ground/progress.h"
#include "policy/may_go.h"
#include "room/frame.h"
#include "room/slot.h"
#include "serving/parking.h"
#include "swap/swap_area.h"
#include "swap/swap_in.h"
#include "swap/swap_out.h"
#include "swap/transfer.h"
#include "tasks/notice.h"
#include "tasks/task.h"

enum {
    WRITE_ERRORS_MAX = 8,
    BUDGET_SLACK = 64,
    /* With more requests of a task under way the next step, over all its pages, can wait. */
    STEP_AGAIN = 10,
};

static bool under_way; /* some task may be on its way out or in */

/* Pages gathered for one swap_out, in the order of their containers. */
struct gathered {
    struct page *pages[SWAP_RUN_MAX];
    uint32_t count;
};

typedef enum error (*visit_fn)(struct task *t, struct container *c, uint32_t page, void *context);

/* Visits every page reference of the task, until one visit fails. */
static enum error visit_pages(struct task *t, visit_fn visit, void *context)
{
    for (struct list *i = t->containers.next; i != &t->containers; i = i->next) {
        struct container *c = LIST_ENTRY(i, struct container, of_task);
        for (uint32_t n = container_next_real(c, 0); n < c->size_pages; n = container_next_real(c, n + 1)) {
            enum error e = visit(t, c, n, context);
            if (e != OK) {
                return e;
            }
        }
    }
    return OK;
}

/* Clean pages whose slots lie scattered would have to be read back one by one: then all are written
 * anew, together. */
static void make_consecutive(struct gathered *g)
{
    uint32_t runs = 0;
    for (uint32_t i = 0; i < g->count; i++) {
        slot_t slot = g->pages[i]->slot;
        runs += slot != SLOT_NONE && (i == 0 || slot != g->pages[i - 1]->slot + 1);
    }
    if (runs <= 1 + g->count / 8 || slot_usable() < slot_counts.used + g->count) {
        return;
    }
    for (uint32_t i = 0; i < g->count; i++) {
        if (g->pages[i]->slot != SLOT_NONE) {
            page_give_slot_up(g->pages[i]);
        }
    }
}

static enum error flush(struct task *t, struct gathered *g)
{
    make_consecutive(g);
    t->outswap_at = clock_now();
    enum error e = g->count == 0 ? OK : swap_out(g->pages, g->count, t);
    if (e == OK) {
        t->outswap_budget -= g->count < t->outswap_budget ? g->count : t->outswap_budget;
    }
    g->count = 0;
    return e;
}

static bool is_gathered(const struct gathered *g, const struct page *p)
{
    for (uint32_t i = 0; i < g->count; i++) {
        if (g->pages[i] == p) {
            return true;
        }
    }
    return false;
}

static enum error gather(struct task *t, struct container *c, uint32_t page, void *context)
{
    struct gathered *g = context;
    struct page *p = container_page(c, page);
    if (!page_must_go(p)) {
        return OK;
    }
    container_set_working(c, page, true);
    if (!page_may_go(p, GO_FOR_OUTSWAP) || is_gathered(g, p)) {
        return OK;
    }
    ASSERT(g->count < SWAP_RUN_MAX);
    g->pages[g->count++] = p;
    return g->count == SWAP_RUN_MAX ? flush(t, g) : OK;
}

static enum error count_left(struct task *t, struct container *c, uint32_t page, void *context)
{
    const struct page *p = container_page(c, page);
    (void)t;
    *(uint32_t *)context += page_must_go(p);
    return OK;
}

/* ---- out ---- */

/* Its own containers, and those of others that it has handles to. */
static void unmap_everything(struct task *t)
{
    for (struct list *i = t->containers.next; i != &t->containers; i = i->next) {
        struct container *c = LIST_ENTRY(i, struct container, of_task);
        container_unmap(c, 0, c->size_pages, L4_FullyAccessible);
    }
    for (struct list *i = t->handles.next; i != &t->handles; i = i->next) {
        const struct handle *h = LIST_ENTRY(i, struct handle, of_task);
        if (h->container && h->container->owner != t && h->used) {
            container_unmap(h->container, 0, h->container->size_pages, L4_FullyAccessible);
        }
    }
}

static enum error may_start(const struct task *t)
{
    if (t->id == TASK_ID_SYSTEM) {
        return ERR_PERMISSION;
    }
    if (t->wired) {
        return ERR_WIRED;
    }
    if (!swap_area_ready()) {
        return ERR_NO_SWAP;
    }
    return t->state == TASK_MEMORY_IN ? OK : ERR_ALREADY;
}

enum error outswap_start(struct task *t, bool hold)
{
    enum error e = may_start(t);
    if (e != OK) {
        return e;
    }
    ASSERT(t->state == TASK_MEMORY_IN && !t->wired);
    t->state = TASK_MEMORY_GOING_OUT;
    under_way = true;
    t->hold = hold;
    t->inswapping = false;
    t->outswap_errors = 0;
    t->outswap_budget = 4 * t->promised + BUDGET_SLACK;
    unmap_everything(t);
    progress_made();
    return OK;
}

static void end_outswap(struct task *t, enum error e)
{
    ASSERT(t->state == TASK_MEMORY_GOING_OUT && !t->inswapping);
    t->state = e == OK ? TASK_MEMORY_OUT : TASK_MEMORY_IN;
    notice_moved(t, NOTICE_OUT, e);
    parking_task_moved(t);
    progress_made(); /* faults that were parked meanwhile wake it, unless it is held */
}

static void step_out(struct task *t)
{
    struct gathered g = {.count = 0};
    uint32_t left = 0;
    if (!transfer_has_room(SWAP_WRITE) || transfer_outswap(t) > STEP_AGAIN) {
        return;
    }
    task_mark_own(t);
    enum error e = visit_pages(t, gather, &g);
    if (e == OK) {
        e = flush(t, &g);
    }
    (void)visit_pages(t, count_left, &left);
    task_unmark_own(t);

    if (left == 0) {
        end_outswap(t, OK);
    } else if (t->outswap_errors > WRITE_ERRORS_MAX) {
        end_outswap(t, ERR_IO);
    } else if (t->outswap_budget == 0) {
        end_outswap(t, ERR_BUSY); /* others that share its containers keep bringing them back */
    } else if (e != OK && e != ERR_BUSY) {
        end_outswap(t, e);
    }
    /* Else some are being read or written, or the request table is full; a completion brings us
     * back. */
}

enum error outswap_designated(struct task *t)
{
    enum error e = may_start(t);
    if (e != OK || !t->dc) {
        return e != OK ? e : ERR_DEAD;
    }
    t->outswap_errors = 0;
    t->outswap_budget = 4 * t->promised + BUDGET_SLACK;
    t->designated_left = t->dc->size_pages;
    under_way = true;
    progress_made();
    return OK;
}

/* One sweep, from the end of the container: the task runs on and may fetch pages back behind it. */
static void step_designated(struct task *t)
{
    struct gathered g = {.count = 0};
    enum error e = OK;
    if (!t->dc) {
        t->designated_left = 0;
        return;
    }
    uint32_t start = t->dc->size_pages - t->designated_left;
    task_mark_own(t);
    for (uint32_t n = container_next_real(t->dc, start); n < t->dc->size_pages && e == OK;
         n = container_next_real(t->dc, n + 1)) {
        struct page *p = container_page(t->dc, n);
        if (page_may_go(p, GO_FOR_OUTSWAP) && !is_gathered(&g, p)) {
            g.pages[g.count++] = p;
        }
        if (g.count == SWAP_RUN_MAX) {
            e = flush(t, &g);
            t->designated_left = e == ERR_BUSY ? t->designated_left : t->dc->size_pages - n - 1;
        }
    }
    e = e == OK ? flush(t, &g) : e;
    task_unmark_own(t);
    if (e != ERR_BUSY) {
        t->designated_left = 0;
    }
}

/* ---- in ---- */

enum error outswap_wake(struct task *t)
{
    if (t->state != TASK_MEMORY_OUT) {
        return t->state == TASK_MEMORY_IN ? ERR_ALREADY : ERR_BUSY;
    }
    ASSERT(!t->inswapping && !t->wired);
    t->state = TASK_MEMORY_IN;
    t->inswapping = true;
    under_way = true;
    notice_moved(t, NOTICE_IN, OK);
    parking_task_moved(t);
    progress_made();
    return OK;
}

/* Pages of the working set, out, in slots one behind the other; and where they are referred to. */
struct run_back {
    struct page *pages[SWAP_RUN_MAX];
    struct container *containers[SWAP_RUN_MAX];
    uint32_t numbers[SWAP_RUN_MAX], count;
};

static enum error read_back(struct run_back *r)
{
    uint32_t got;
    enum error e = r->count == 0 ? OK : swap_in_pages(r->pages, r->count, frame_low_mark(), &got);
    if (r->count == 0 || e == ERR_BUSY) {
        return e;
    }
    uint32_t done = e == OK ? got : r->count;
    ASSERT(done >= 1 && done <= r->count);
    for (uint32_t i = 0; i < done; i++) {
        container_set_working(r->containers[i], r->numbers[i], false);
    }
    e = done < r->count ? ERR_BUSY : OK;
    r->count = 0;
    return e;
}

static bool goes_on(const struct run_back *r, const struct page *p)
{
    return r->count == 0 || (r->count < SWAP_RUN_MAX && p->slot == r->pages[0]->slot + r->count);
}

static enum error bring_back(struct task *t, struct container *c, uint32_t page, void *context)
{
    struct run_back *r = context;
    struct page *p = container_page(c, page);
    (void)t;
    if (!container_working(c, page)) {
        return OK;
    }
    if (p->state == PAGE_OUT && p->slot != SLOT_NONE && !goes_on(r, p)) {
        enum error e = read_back(r);
        if (e != OK) {
            return e;
        }
    }
    if (p->state != PAGE_OUT || p->slot == SLOT_NONE) { /* it may be one of those just asked for */
        container_set_working(c, page, false);
        return OK;
    }
    ASSERT(r->count < SWAP_RUN_MAX);
    r->pages[r->count] = p;
    r->containers[r->count] = c;
    r->numbers[r->count++] = page;
    return OK;
}

static void step_in(struct task *t)
{
    struct run_back r;
    r.count = 0;
    ASSERT(t->state == TASK_MEMORY_IN);
    if (!transfer_has_room(SWAP_READ)) {
        return;
    }
    if (visit_pages(t, bring_back, &r) == OK && read_back(&r) == OK) {
        t->inswapping = false;
    }
}

static void step(struct task *t)
{
    if (t->state == TASK_MEMORY_GOING_OUT) {
        step_out(t);
    } else if (t->inswapping) {
        step_in(t);
    }
    if (t->designated_left > 0) {
        step_designated(t);
    }
}

static bool is_under_way(const struct task *t)
{
    return t->state == TASK_MEMORY_GOING_OUT || t->inswapping || t->designated_left > 0;
}

void outswap_step_all(void)
{
    if (!under_way) {
        return;
    }
    under_way = false;
    for (struct list *i = task_list.next; i != &task_list; i = i->next) {
        struct task *t = LIST_ENTRY(i, struct task, all);
        if (is_under_way(t)) {
            step(t);
            under_way = under_way || is_under_way(t);
        }
    }
}

bool outswap_under_way(void)
{
    return under_way;
}
