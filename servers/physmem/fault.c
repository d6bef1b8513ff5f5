/* SPDX-License-Identifier: BSD-2-Clause */
#include "fault.h"

#include "container.h"
#include "event.h"
#include "frame.h"
#include "invariant.h"
#include "kernel_memory.h"
#include "notice.h"
#include "outswap.h"
#include "shield.h"
#include "swap.h"
#include "task.h"
#include "thread.h"
#include "transfer.h"

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

/* A fresh record gets the fault, in the state it has reached. */
static void park(struct thread *th, const struct thread *fault)
{
    INVARIANT(th->waits == WAIT_NOTHING && th->note == OK && fault->waits != WAIT_NOTHING);
    th->last_resort = fault->last_resort;
    th->container = fault->container;
    th->page = fault->page;
    th->address = fault->address;
    th->ip = fault->ip;
    th->access = fault->access;
    th->rights = fault->rights;
    th->waits = fault->waits;
    list_append(&parked, &th->parked);
    fault_counts.parked++;
}

static void answer_empty(L4_ThreadId_t id)
{
    static const struct message empty = {.label = PHYSMEM_ANSWER};
    if (platform_reply(id, &empty) == REPLY_GONE) {
        fault_counts.dropped++;
    }
}

/* ---- what is wrong ---- */

/* One note per thread; where there is no memory for it, at least one per task. */
static void keep_note(struct task *t, L4_ThreadId_t id, L4_Word_t address, enum error why)
{
    struct thread *th;
    if (thread_get(t, id, &th) == OK) {
        th->note = why;
        th->note_address = address;
    } else {
        t->spare_note = (struct spare_note){id.raw, address, why};
    }
}

enum error fault_take_note(struct task *t, L4_ThreadId_t id, L4_Word_t *address)
{
    struct thread *th = thread_find(id);
    enum error note = OK;
    *address = 0;
    if (th && th->note != OK) {
        note = th->note;
        *address = th->note_address;
        th->note = OK;
        thread_trim(th);
    } else if (t->spare_note.thread == id.raw) {
        note = t->spare_note.error;
        *address = t->spare_note.address;
        t->spare_note = (struct spare_note){0, 0, OK};
    }
    return note;
}

/* Refuses a fault that has no record yet. */
static void refuse_new(const struct thread *fault, enum error why)
{
    struct thread *th;
    if (!fault->last_resort) {
        keep_note(fault->task, fault->id, fault->address, why);
        answer_empty(fault->id);
        return;
    }
    notice_broken(fault->task, fault->id, fault->address, why, fault->ip);
    if (thread_get(fault->task, fault->id, &th) == OK) {
        park(th, fault);
        th->waits = WAIT_END;
        th->container = NULL;
    }
}

/* Unparks the fault, unless nobody above could ask what is wrong: then the task's end is on its way. */
static void refuse(struct thread *th, enum error why)
{
    INVARIANT(th->waits != WAIT_NOTHING);
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

/* ---- serving ---- */

static enum reply_result send_answer(const struct thread *th, const struct page *p, L4_Word_t rights)
{
    struct message m;
    m.label = PHYSMEM_ANSWER;
    m.words = 0;
    m.typed_words = 2;
    m.mr[1] = (th->address & ~(L4_Word_t)(PAGE_SIZE - 1)) | L4_ITEM_MAP;
    m.mr[2] = L4_FpageAddRights(L4_FpageLog2(p->frame << PAGE_SHIFT, PAGE_SHIFT), rights).raw;
    return platform_reply(th->id, &m);
}

static enum error answer(const struct thread *th, const struct page *p)
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
    enum reply_result r = send_answer(th, p, rights);
    fault_counts.dropped += r == REPLY_GONE;
    if (r == REPLY_NO_MEMORY && kernel_memory_relieve() == ERR_KERNEL_MEMORY) {
        return ERR_KERNEL_MEMORY;
    }
    if (r == REPLY_NO_MEMORY) {
        answer_empty(th->id); /* it faults again */
    }
    return OK;
}

/* Goes as far as it can with the fault: BRING_DONE means answered.  If it has to wait, th->waits says for what. */
static enum bring attempt(struct thread *th, enum error *why)
{
    struct page *p = NULL;
    if (th->task->state == TASK_MEMORY_OUT && !th->task->hold) {
        outswap_wake(th->task);
    }
    if (th->task->state != TASK_MEMORY_IN) {
        th->waits = WAIT_TASK;
        return BRING_WAIT_FRAME;
    }
    enum bring b = page_bring(th->container, th->page, (th->access & L4_Writable) != 0, &p, why);
    if (b == BRING_DONE) {
        *why = answer(th, p);
        return *why == OK ? BRING_DONE : BRING_REFUSED;
    }
    th->waits = b == BRING_WAIT_DISK ? WAIT_DISK : WAIT_FRAME;
    return b;
}

/* Serves a parked fault as far as it goes now.  th may be gone afterwards; false then or if it is refused. */
static bool serve(struct thread *th)
{
    enum error why = OK;
    switch (attempt(th, &why)) {
    case BRING_DONE:
        unpark(th);
        thread_trim(th);
        return false;
    case BRING_REFUSED:
        refuse(th, why);
        return false;
    case BRING_WAIT_DISK:
    case BRING_WAIT_FRAME:
        break;
    }
    return true;
}

/* The fault has to wait and gets a record.  Without memory for one it is tried again, if memory is short just now. */
static void park_new(const struct thread *fault)
{
    struct thread *th;
    enum error e = thread_get(fault->task, fault->id, &th);
    if (e == OK) {
        park(th, fault);
        waiting_for_frame += th->waits == WAIT_FRAME;
    } else if (e == ERR_BUSY) {
        answer_empty(fault->id);
    } else {
        refuse_new(fault, e);
    }
}

static void count_fault(void)
{
    fault_counts.taken++;
    if (fault_counts.depth_max == 0) {
        fault_counts.depth_max = 1;
    }
}

void fault_arrive(struct thread *fault)
{
    enum error why = ERR_DEAD;
    enum bring b = BRING_REFUSED;
    count_fault();
    fault->waits = WAIT_FRAME;
    if (fault->container) {
        /* If others wait for frames they come first. */
        b = waiting_for_frame == 0 ? attempt(fault, &why) : BRING_WAIT_FRAME;
    }
    switch (b) {
    case BRING_DONE:
        break;
    case BRING_REFUSED:
        refuse_new(fault, why);
        break;
    case BRING_WAIT_DISK:
    case BRING_WAIT_FRAME:
        park_new(fault);
        break;
    }
}

void fault_refuse_arrived(const struct thread *fault, enum error why)
{
    count_fault();
    refuse_new(fault, why);
}

/* ---- forgetting ---- */

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
    struct task *t = task_find(L4_Version(id));
    if (t && t->spare_note.thread == id.raw) {
        t->spare_note = (struct spare_note){0, 0, OK};
    }
    if (!th) {
        return;
    }
    if (th->waits != WAIT_NOTHING) {
        unpark(th);
    }
    thread_free(th);
}

/* Answers it empty, if it can be answered at all: the thread faults again. */
static bool send_back(struct thread *th)
{
    if (th->waits == WAIT_NOTHING || th->waits == WAIT_END) {
        return false;
    }
    unpark(th);
    answer_empty(th->id);
    thread_trim(th);
    return true;
}

uint32_t fault_forget_range(struct task *t, L4_Word_t start, L4_Word_t end)
{
    uint32_t count = 0;
    for (struct list *i = t->threads.next, *next; i != &t->threads; i = next) {
        next = i->next;
        struct thread *th = LIST_ENTRY(i, struct thread, of_task);
        if (th->address >= start && th->address < end) {
            count += send_back(th);
        }
    }
    return count;
}

void fault_forget_container(struct task *t, const struct container *c)
{
    for (struct list *i = t->threads.next, *next; i != &t->threads; i = next) {
        next = i->next;
        struct thread *th = LIST_ENTRY(i, struct thread, of_task);
        if (th->container == c && !th->last_resort) {
            (void)send_back(th);
        }
    }
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
        if (serve(th) && th->waits == WAIT_FRAME) {
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
        if (th->container && th->task->state == TASK_MEMORY_IN &&
            container_page(th->container, th->page) == p) {
            return true;
        }
    }
    return false;
}

/* Also: nothing that would let it go on has been missed. */
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
    if (th->waits == WAIT_TASK) {
        return th->task->state != TASK_MEMORY_IN;
    }
    return frame_counts.free <= frame_low_mark() || !transfer_has_room(SWAP_READ);
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
