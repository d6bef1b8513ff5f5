/* SPDX-License-Identifier: BSD-2-Clause */
#include "fault.h"

#include "container.h"
#include "event.h"
#include "frame.h"
#include "invariant.h"
#include "notice.h"
#include "outswap.h"
#include "shield.h"
#include "swap.h"
#include "task.h"
#include "thread.h"

struct fault_counts fault_counts;

static struct list parked; /* struct thread, oldest first */
static uint32_t waiting_for_frame;

void fault_init(void)
{
    list_init(&parked);
    fault_counts = (struct fault_counts){0};
    waiting_for_frame = 0;
}

static struct thread *parked_thread(struct list *i)
{
    return LIST_ENTRY(i, struct thread, parked);
}

static void unpark(struct thread *th)
{
    INVARIANT(th->waits != WAIT_NOTHING && fault_counts.parked > 0);
    list_remove(&th->parked);
    th->waits = WAIT_NOTHING;
    th->container = NULL;
    fault_counts.parked--;
}

static void answer_empty(L4_ThreadId_t id)
{
    static const struct message empty = {.label = PHYSMEM_ANSWER};
    if (platform_reply(id, &empty) == REPLY_GONE) {
        fault_counts.dropped++;
    }
}

/* Unparks the fault, unless nobody above could ask what is wrong: then the task's end is on its way. */
static void refuse(struct thread *th, enum error why)
{
    if (th->last_resort) {
        notice_broken(th->task, th->id, th->address, why, th->ip);
        th->waits = WAIT_END;
        th->container = NULL;
        return;
    }
    unpark(th);
    th->note = why;
    th->note_address = th->address;
    answer_empty(th->id);
}

static void answer(struct thread *th, const struct page *p)
{
    L4_Word_t rights = th->rights & (p->refs > 1 ? L4_ReadeXecOnly : L4_FullyAccessible);
    struct frame *frame = &frame_table[p->frame];
    INVARIANT(p->state == PAGE_IN && frame->page == p);
    frame->mapped = true;
    frame->writable |= (rights & L4_Writable) != 0;
    frame->age = FRAME_AGE_MAX;
    shield_add(th->task, p->frame);
    th->task->faults++;
    th->task->faults_dc += th->last_resort;
    if (th->last_resort) {
        th->task->last_resort_thread = th->id.raw;
    }

    struct message m;
    m.label = PHYSMEM_ANSWER;
    m.words = 0;
    m.typed_words = 2;
    m.mr[1] = (th->address & ~(L4_Word_t)(PAGE_SIZE - 1)) | L4_ITEM_MAP;
    m.mr[2] = L4_FpageAddRights(L4_FpageLog2(p->frame << PAGE_SHIFT, PAGE_SHIFT), rights).raw;
    switch (platform_reply(th->id, &m)) {
    case REPLY_NO_MEMORY:
        refuse(th, ERR_KERNEL_MEMORY);
        return;
    case REPLY_GONE:
        fault_counts.dropped++;
        break;
    case REPLY_DONE:
        break;
    }
    unpark(th);
}

/* Serves the fault as far as it goes now.  th may be gone afterwards. */
static void serve(struct thread *th)
{
    struct page *p = NULL;
    enum error why = OK;
    if (th->task->state == TASK_MEMORY_OUT && !th->task->hold) {
        outswap_wake(th->task);
    }
    if (th->task->state != TASK_MEMORY_IN) {
        th->waits = WAIT_TASK;
        return;
    }
    switch (page_bring(th->container, th->page, (th->access & L4_Writable) != 0, &p, &why)) {
    case BRING_DONE:
        answer(th, p);
        thread_trim(th);
        break;
    case BRING_REFUSED:
        refuse(th, why);
        break;
    case BRING_WAIT_DISK:
        th->waits = WAIT_DISK;
        break;
    case BRING_WAIT_FRAME:
        th->waits = WAIT_FRAME;
        break;
    }
}

/* Makes the record and parks the fault; NULL if there is no memory for it: then the thread faults again, and by
 * then there may be. */
static struct thread *park(struct task *t, const struct thread *fault)
{
    struct thread *th;
    fault_counts.taken++;
    if (fault_counts.depth_max == 0) {
        fault_counts.depth_max = 1;
    }
    if (thread_get(t, fault->id, &th) != OK) {
        answer_empty(fault->id);
        return NULL;
    }
    INVARIANT(th->waits == WAIT_NOTHING && th->note == OK);
    th->last_resort = fault->last_resort;
    th->container = fault->container;
    th->page = fault->page;
    th->address = fault->address;
    th->ip = fault->ip;
    th->access = fault->access;
    th->rights = fault->rights;
    th->waits = WAIT_FRAME;
    list_append(&parked, &th->parked);
    fault_counts.parked++;
    return th;
}

void fault_refuse_last_resort(struct task *t, const struct thread *fault, enum error why)
{
    struct thread *th = park(t, fault);
    if (th) {
        refuse(th, why);
    }
}

void fault_arrive(struct task *t, const struct thread *fault)
{
    struct thread *th = park(t, fault);
    if (!th) {
        return;
    }
    if (!th->container) {
        refuse(th, ERR_DEAD);
    } else if (waiting_for_frame == 0) {
        serve(th);
    } else {
        event_progress(); /* others came first */
    }
}

void fault_refuse_forward(struct task *t, L4_ThreadId_t id, L4_Word_t address, enum error why)
{
    struct thread *th;
    fault_counts.taken++;
    if (thread_get(t, id, &th) == OK) {
        th->note = why;
        th->note_address = address;
    }
    answer_empty(id);
}

void fault_supersede(L4_ThreadId_t id)
{
    struct thread *th = thread_find(id);
    if (th && th->waits != WAIT_NOTHING) {
        unpark(th);
        thread_trim(th);
    }
}

void fault_forget_thread(L4_ThreadId_t id)
{
    struct thread *th = thread_find(id);
    if (!th) {
        return;
    }
    if (th->waits != WAIT_NOTHING) {
        unpark(th);
    }
    thread_free(th);
}

uint32_t fault_forget_range(struct task *t, L4_Word_t start, L4_Word_t end)
{
    uint32_t count = 0;
    for (struct list *i = t->threads.next, *next; i != &t->threads; i = next) {
        next = i->next;
        struct thread *th = LIST_ENTRY(i, struct thread, of_task);
        bool waits = th->waits != WAIT_NOTHING && th->waits != WAIT_END;
        if (waits && th->address >= start && th->address < end) {
            unpark(th);
            answer_empty(th->id);
            thread_trim(th);
            count++;
        }
    }
    return count;
}

void fault_forget_task(struct task *t)
{
    while (!list_is_empty(&t->threads)) {
        fault_forget_thread(LIST_ENTRY(t->threads.next, struct thread, of_task)->id);
    }
}

void fault_refuse_container(struct container *c, enum error why)
{
    for (struct list *i = parked.next, *next; i != &parked; i = next) {
        next = i->next;
        if (parked_thread(i)->container == c) {
            refuse(parked_thread(i), why);
        }
    }
}

void fault_serve_all(void)
{
    waiting_for_frame = 0;
    for (struct list *i = parked.next, *next; i != &parked; i = next) {
        next = i->next;
        struct thread *th = parked_thread(i);
        if (th->waits == WAIT_END) {
            continue;
        }
        th->waits = WAIT_DISK; /* overwritten by serve, if it stays */
        uint32_t before = fault_counts.parked;
        serve(th);
        if (fault_counts.parked == before && th->waits == WAIT_FRAME) {
            waiting_for_frame++;
        }
    }
}

uint32_t fault_waiting_for_frame(void)
{
    return waiting_for_frame;
}

void fault_refuse_hopeless(void)
{
    for (struct list *i = parked.next; i != &parked; i = i->next) {
        if (parked_thread(i)->waits == WAIT_FRAME) {
            refuse(parked_thread(i), ERR_NO_ROOM);
            event_progress();
            return;
        }
    }
}

bool fault_wants_page(const struct page *p)
{
    for (struct list *i = parked.next; i != &parked; i = i->next) {
        const struct thread *th = parked_thread(i);
        if (th->container && th->task->state == TASK_MEMORY_IN && container_page(th->container, th->page) == p) {
            return true;
        }
    }
    return false;
}

bool fault_task_waits(const struct task *t)
{
    for (struct list *i = parked.next; i != &parked; i = i->next) {
        if (parked_thread(i)->task == t && parked_thread(i)->waits != WAIT_END) {
            return true;
        }
    }
    return false;
}

/* A thread that came in first and left its fault parked must be served when its page is there: a page IN with
 * nobody served is a lost wake-up. */
static bool is_well_formed(const struct thread *th)
{
    if (thread_find(th->id) != th || task_find(th->task->id) != th->task || th->note != OK) {
        return false;
    }
    if (th->waits == WAIT_END) {
        return th->last_resort && !th->container;
    }
    if (!th->container || th->page >= th->container->size_pages || th->waits == WAIT_NOTHING) {
        return false;
    }
    if (th->waits == WAIT_DISK) {
        const struct page *p = container_page(th->container, th->page);
        return p && page_in_transit(p);
    }
    return th->waits != WAIT_TASK || th->task->state != TASK_MEMORY_IN;
}

uint32_t fault_check(void)
{
    uint32_t bad = 0, count = 0;
    for (struct list *i = parked.next; i != &parked; i = i->next) {
        bad += !is_well_formed(parked_thread(i));
        count++;
    }
    return bad + (count != fault_counts.parked);
}
