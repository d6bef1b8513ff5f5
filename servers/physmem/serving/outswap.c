/* SPDX-License-Identifier: BSD-2-Clause */
#include "serving/outswap.h"

#include "contents/away.h"
#include "contents/container.h"
#include "contents/handle.h"
#include "contents/page.h"
#include "contents/sweep.h"
#include "base/assertion.h"
#include "ground/budget.h"
#include "ground/clock.h"
#include "ground/least.h"
#include "ground/platform.h"
#include "ground/progress.h"
#include "policy/may_go.h"
#include "policy/shield.h"
#include "room/frame.h"
#include "room/set_aside.h"
#include "room/slot.h"
#include "serving/parking.h"
#include "swap/swap_area.h"
#include "swap/swap_in.h"
#include "swap/swap_out.h"
#include "swap/transfer.h"
#include "tasks/notice.h"
#include "tasks/recency.h"
#include "tasks/presence.h"
#include "tasks/task.h"

enum {
    WRITE_ERRORS_MAX = 8,
    BUDGET_SLACK = 64,
    SWEEP_AGAIN_TICKS = 16, /* of clock_now */
    LOOKS_MAX = 48,         /* at pages, for one run */
};

static struct list moving; /* presences of tasks that may be on their way out or in */

void outswap_init(void)
{
    list_init(&moving);
}

static void set_out(struct task *t)
{
    t->presence->task = t;
    if (list_is_empty(&t->presence->moving)) {
        list_append(&moving, &t->presence->moving);
    }
    progress_made();
}

/* Pages gathered for one swap_out, in the order of their containers; and those of others, which are
 * only unmapped. */
struct gathered {
    frame_t frames[SWAP_RUN_MAX];
    uint32_t count;
    struct unmap_batch foreign;
};

/* Clean pages whose slots lie scattered would have to be read back one by one: then all are written
 * anew, together. */
static void make_consecutive(struct gathered *g)
{
    uint32_t runs = 0;
    for (uint32_t i = 0; i < g->count; i++) {
        slot_t slot = frame_table[g->frames[i]].slot;
        runs += slot != SLOT_NONE && (i == 0 || slot != frame_table[g->frames[i - 1]].slot + 1u);
    }
    if (runs <= 1 + g->count / 8 || slot_usable() < slot_counts.used + g->count) {
        return;
    }
    for (uint32_t i = 0; i < g->count; i++) {
        if (frame_table[g->frames[i]].slot != SLOT_NONE) {
            page_give_slot_up(g->frames[i]);
        }
    }
}

static void gather_nothing(struct gathered *g)
{
    g->count = 0;
    unmap_batch_init(&g->foreign, L4_FullyAccessible);
}

/* If not, the sweep goes on with the next event. */
static bool may_begin_run(void)
{
    swap_out_find_slots();
    return budget_allows(BUDGET_RUN);
}

static enum error flush(struct task *t, struct gathered *g)
{
    enum error e = unmap_batch_flush(&g->foreign) ? OK : ERR_BUSY;
    t->presence->outswap_at = clock_now();
    if (e == OK && g->count > 0) {
        make_consecutive(g);
        e = swap_out(g->frames, g->count, t);
    }
    if (e == OK) {
        t->presence->outswap_budget -= least(g->count, t->presence->outswap_budget);
    }
    g->count = 0;
    return e;
}

static bool is_gathered(const struct gathered *g, frame_t f)
{
    for (uint32_t i = 0; i < g->count; i++) {
        if (g->frames[i] == f) {
            return true;
        }
    }
    return false;
}

/* Gathers the page if it must go and can; remembers that it belongs to the working set. */
static void gather(struct task *t, struct container *c, uint32_t page, struct gathered *g)
{
    frame_t f = container_frame(c, page);
    if (f == FRAME_NONE) {
        return;
    }
    if (!frame_table[f].home) {
        page_take_home(f, &c->home, page);
    }
    if (!page_must_go(f, t)) {
        unmap_batch_add(&g->foreign, f); /* somebody else's, who may keep it */
        return;
    }
    container_set_working(c, page, true);
    if (page_may_go(f, t) && !is_gathered(g, f)) {
        ASSERT(g->count < SWAP_RUN_MAX);
        g->frames[g->count++] = f;
    }
}

/* ---- out ---- */

/* Goes on unmapping the containers of others that it has handles to; its own are unmapped page by
 * page as they go.  True: it is done, for nothing is mapped for the task meanwhile. */
static bool unmap_foreign(struct task *t)
{
    struct handle_walk *walk = &t->presence->foreign;
    while (walk->handle && budget_left()) {
        const struct handle *h = walk->handle;
        struct container *c = h->container;
        budget_spend(BUDGET_LOOK);
        if (c && c->owner != t && h->used &&
            !container_unmap_some(c, &walk->page, container_size(c), L4_FullyAccessible)) {
            break;
        }
        handle_walk_on(t);
    }
    return !walk->handle;
}

static enum error may_start(const struct task *t)
{
    if (t->id == TASK_ID_SYSTEM) {
        return ERR_PERMISSION;
    }
    if (t->wired) {
        return ERR_WIRED;
    }
    if (!swap_area_ready() && !swap_area_awaited()) {
        return ERR_NO_SWAP;
    }
    return t->state == TASK_MEMORY_IN ? OK : ERR_ALREADY;
}

static void start_sweep_out(struct task *t)
{
    sweep_start(t);
    t->presence->sweep_ended = transfer_ended();
    t->presence->sweep_since = clock_now();
}

enum error outswap_start(struct task *t, bool hold)
{
    enum error e = may_start(t);
    if (e != OK) {
        return e;
    }
    ASSERT(t->state == TASK_MEMORY_IN && !t->wired);
    t->state = TASK_MEMORY_GOING_OUT;
    t->hold = hold;
    t->inswapping = false;
    t->presence->outswap_errors = 0;
    t->presence->outswap_budget = 4 * t->promised + BUDGET_SLACK;
    handle_walk_start(t);
    start_sweep_out(t);
    set_out(t);
    return OK;
}

static void end_outswap(struct task *t, enum error e)
{
    ASSERT(t->state == TASK_MEMORY_GOING_OUT && !t->inswapping);
    t->state = e == OK ? TASK_MEMORY_OUT : TASK_MEMORY_IN;
    if (e == OK) {
        recency_leave(t);
        shield_drop_all(t);
    } else {
        recency_use(t); /* others are tried before it is again */
    }
    notice_moved(t, NOTICE_OUT, e);
    if (e == OK && !L4_IsNilThread(t->thread)) {
        platform_strip(t->thread);
    }
    parking_task_moved(t);
    progress_made(); /* faults that were parked meanwhile wake it, unless it is held */
}

/* Goes on with the sweep, a run of pages at a time.  ERR_BUSY: there is no room for a request, or
 * the rest of the run goes with the next event; it is gathered again. */
static enum error sweep_out(struct task *t)
{
    struct gathered g;
    struct container *c;
    uint32_t page;
    enum swept swept = SWEPT_MORE;
    enum error e = OK;
    gather_nothing(&g);
    while (e == OK && swept != SWEPT_ALL && may_begin_run()) {
        struct sweep start = t->presence->sweep;
        for (int i = 0; i < LOOKS_MAX && g.count < SWAP_RUN_MAX; i++) {
            swept = sweep_next(t, &c, &page);
            if (swept != SWEPT_PAGE) {
                break;
            }
            gather(t, c, page, &g);
        }
        e = flush(t, &g);
        if (e != OK) {
            t->presence->sweep = start;
        }
    }
    if (e == OK ? swept != SWEPT_ALL : !budget_left()) {
        progress_made();
    }
    return e;
}

/* What the last sweep could not take, because it was in transit, may have arrived; others may have
 * brought something back. */
static void sweep_again(struct task *t)
{
    const struct presence *p = t->presence;
    bool changed = p->sweep_ended != transfer_ended() || clock_now() - p->sweep_since > SWEEP_AGAIN_TICKS;
    if (!p->sweep.container && transfer_outswap(t) == 0 && changed) {
        start_sweep_out(t);
    }
}

static void step_out(struct task *t)
{
    if (!transfer_has_room(SWAP_WRITE)) {
        return;
    }
    if (!unmap_foreign(t)) {
        progress_made();
        return;
    }
    sweep_again(t);
    enum error e = sweep_out(t);
    if (!t->presence->sweep.container && t->pages.resident == 0) {
        end_outswap(t, OK);
    } else if (t->presence->outswap_errors > WRITE_ERRORS_MAX) {
        end_outswap(t, ERR_IO);
    } else if (t->presence->outswap_budget == 0) {
        end_outswap(t, ERR_BUSY); /* others that share its containers keep bringing them back */
    } else if (e != OK && e != ERR_BUSY) {
        end_outswap(t, e);
    }
    /* Else some are being read or written, or the request table is full, or the event's budget is
     * spent. */
}

enum error outswap_designated(struct task *t)
{
    enum error e = may_start(t);
    if (e != OK || !t->dc) {
        return e != OK ? e : ERR_DEAD;
    }
    t->presence->outswap_errors = 0;
    t->presence->outswap_budget = 4 * t->promised + BUDGET_SLACK;
    t->presence->designated_left = container_size(t->dc);
    set_out(t);
    return OK;
}

/* Gathers the next pages of the designated container that may go, from *page on. */
static void gather_designated(struct task *t, uint32_t *page, struct gathered *g)
{
    while (g->count < SWAP_RUN_MAX && container_find_real(t->dc, page, container_size(t->dc))) {
        frame_t f = container_frame(t->dc, *page);
        if (f != FRAME_NONE && page_may_go(f, t) && !is_gathered(g, f)) {
            g->frames[g->count++] = f;
        }
        ++*page;
    }
}

/* One sweep: the task runs on and may fetch pages back behind it. */
static void step_designated(struct task *t)
{
    struct gathered g;
    uint32_t *left = &t->presence->designated_left;
    enum error e = OK;
    gather_nothing(&g);
    if (!transfer_has_room(SWAP_WRITE)) {
        return; /* the end of a transfer brings it here again */
    }
    while (t->dc && *left > 0 && e == OK && may_begin_run()) {
        uint32_t page = container_size(t->dc) - *left;
        gather_designated(t, &page, &g);
        e = flush(t, &g);
        if (e == OK) {
            *left = container_size(t->dc) - page;
        }
    }
    if (!t->dc || (e != OK && e != ERR_BUSY)) {
        *left = 0;
    } else if (*left > 0 && (e == OK || !budget_left())) {
        progress_made();
    }
}

/* ---- in ---- */

enum error outswap_wake(struct task *t)
{
    if (t->state != TASK_MEMORY_OUT) {
        return t->state == TASK_MEMORY_IN ? ERR_ALREADY : ERR_BUSY;
    }
    ASSERT(!t->inswapping && !t->wired);
    enum error e = presence_make(&t->presence);
    if (e != OK) {
        return e;
    }
    list_remove(&t->order); /* it need not stand at the door */
    t->presence->outswap_at = clock_now();
    t->state = TASK_MEMORY_IN;
    t->inswapping = t->presence->windows_first = true;
    sweep_start(t);
    set_out(t);
    notice_moved(t, NOTICE_IN, OK);
    parking_task_moved(t);
    return OK;
}

/* Places whose pages are of the working set, and out, in slots one behind the other. */
struct run_back {
    struct place places[SWAP_RUN_MAX];
    slot_t first;
    uint32_t count;
};

static enum error read_back(struct run_back *r)
{
    uint32_t got;
    enum error e = r->count == 0 ? OK : swap_in_pages(r->places, r->count, frame_low_mark(), &got);
    if (r->count == 0 || e == ERR_BUSY) {
        return e;
    }
    uint32_t done = e == OK ? got : r->count;
    ASSERT(done >= 1 && done <= r->count);
    for (uint32_t i = 0; i < done; i++) {
        container_set_working(r->places[i].container, r->places[i].page, false);
    }
    if (done < r->count) { /* the first one that is left stands for all of them */
        r->places[0] = r->places[done];
        r->count = 1;
        return ERR_BUSY;
    }
    r->count = 0;
    return OK;
}

static bool goes_on(const struct run_back *r, slot_t slot)
{
    return r->count == 0 || (r->count < SWAP_RUN_MAX && slot == r->first + r->count);
}

/* A place of the working set: its page joins the run, after the run has been read if it does not go
 * on there. */
static enum error bring_back(struct run_back *r, struct container *c, uint32_t page)
{
    slot_t slot = entry_slot(container_page(c, page));
    if (!container_working(c, page)) {
        return OK;
    }
    if (slot != SLOT_NONE && !goes_on(r, slot)) {
        enum error e = read_back(r);
        if (e != OK) {
            return e;
        }
        slot = entry_slot(container_page(c, page)); /* it may be one of those just asked for */
    }
    if (slot == SLOT_NONE) {
        container_set_working(c, page, false);
        return OK;
    }
    ASSERT(r->count < SWAP_RUN_MAX);
    r->first = r->count == 0 ? slot : r->first;
    r->places[r->count++] = (struct place){c, page};
    return OK;
}

/* The sweep goes on at the first place of the run, which was not read. */
static void sweep_back_to(struct task *t, const struct run_back *r, struct container *c, uint32_t page)
{
    t->presence->sweep =
        r->count > 0 ? (struct sweep){r->places[0].container, r->places[0].page} : (struct sweep){c, page};
}

/* Without a frame for it a run is not even gathered: what that costs would be spent at once again,
 * for ever, and the driver that is to bring frames would not get the processor. */
static bool can_read(void)
{
    return transfer_has_room(SWAP_READ) && frame_counts.free > set_aside_leave(frame_low_mark());
}

/* The page of the container from which on windows of the working set are away; its size if there is
 * none, and the event's budget is not spent. */
static uint32_t next_expected(const struct container *c, uint32_t page)
{
    while (page < container_size(c) && c->home.away > 0 && budget_left()) {
        uint32_t end = group_end(&c->home, page), next = window_next_marked(&c->home, page);
        if (next < end) {
            return next; /* for nothing: many tasks may wait, and all are asked in each event */
        }
        budget_spend(BUDGET_LOOK);
        page = end;
    }
    return c->home.away > 0 ? page : container_size(c);
}

/* Without segmap faults have to wait for windows, and nobody else. */
static bool windows_are_back(struct task *t)
{
    struct sweep *s = &t->presence->sweep;
    for (; s->container; sweep_to_next(t)) {
        /* To look what else is away would spend the event's budget for nothing, again and again:
         * segmap would not get the processor. */
        if (s->container->home.away > 0 && away_is_busy()) {
            return false;
        }
        s->page = next_expected(s->container, s->page);
        if (s->page == container_size(s->container)) {
            continue;
        }
        if (budget_left()) {
            return !away_expect(s->container, s->page);
        }
        progress_made();
        return false;
    }
    return true;
}

static void step_in(struct task *t)
{
    struct run_back r;
    struct container *c = NULL;
    uint32_t page = 0;
    enum swept swept;
    r.count = 0;
    ASSERT(t->state == TASK_MEMORY_IN);
    if (!can_read()) {
        return;
    }
    if (t->presence->windows_first) {
        if (!windows_are_back(t)) {
            return;
        }
        t->presence->windows_first = false;
        sweep_start(t);
    }
    while ((swept = sweep_next(t, &c, &page)) == SWEPT_PAGE) {
        if (bring_back(&r, c, page) != OK) {
            sweep_back_to(t, &r, c, page);
            return;
        }
    }
    if (read_back(&r) != OK) {
        sweep_back_to(t, &r, c, page);
    } else if (swept == SWEPT_ALL) {
        t->inswapping = false;
    } else {
        progress_made();
    }
}

static bool has_designated(const struct task *t)
{
    return t->presence && t->presence->designated_left > 0;
}

static void step_towards_disk(struct task *t)
{
    if (t->state == TASK_MEMORY_GOING_OUT) {
        step_out(t);
    }
    if (has_designated(t)) {
        step_designated(t);
    }
}

static void step_towards_memory(struct task *t)
{
    if (t->inswapping) {
        step_in(t);
    }
}

static bool is_under_way(const struct task *t)
{
    return !t->ending && (t->state == TASK_MEMORY_GOING_OUT || t->inswapping || has_designated(t));
}

static void step_all(void (*step)(struct task *t))
{
    for (struct list *i = moving.next, *next; i != &moving; i = next) {
        struct task *t = LIST_ENTRY(i, struct presence, moving)->task;
        next = i->next;
        if (is_under_way(t)) {
            step(t);
        } else {
            list_remove(i);
        }
    }
}

void outswap_step_all(void)
{
    if (!outswap_under_way() || swap_area_awaited()) {
        return; /* a sweep would spend the event's budget to find that nothing can be moved */
    }
    /* Inswaps wait for frames, and look again and again whether there are some: what gives frames
     * comes before them, and finds the event's budget. */
    step_all(step_towards_disk);
    step_all(step_towards_memory);
}

bool outswap_under_way(void)
{
    return !list_is_empty(&moving);
}
