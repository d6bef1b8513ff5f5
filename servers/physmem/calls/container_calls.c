/* SPDX-License-Identifier: BSD-2-Clause */
/* What any task may ask of its containers: the calls PHYSMEM_CREATE to PHYSMEM_MAP of
 * lib/protocol/physmem.h.  Each first checks all words of the message, which are hostile, and only
 * then changes anything. */
#include "calls/dispatch.h"

#include "contents/away.h"
#include "contents/container.h"
#include "contents/fill.h"
#include "contents/handle.h"
#include "contents/logical_copy.h"
#include "contents/page.h"
#include "ground/budget.h"
#include "ground/platform.h"
#include "l4/kernel_memory.h"
#include "protocol/physmem.h"
#include "serving/ending.h"
#include "serving/provide.h"
#include "serving/rounds.h"
#include "tasks/task.h"

/* first .. first + count lies in the container; does not wrap. */
static enum error check_range(const struct container *c, L4_Word_t first, L4_Word_t count)
{
    return count <= container_size(c) && first <= container_size(c) - count ? OK : ERR_RANGE;
}

/* The handle in a word of the message, and optionally a range of its container in two more. */
static enum error find_range(struct call *c, L4_Word_t rights, struct container **result)
{
    struct handle *h;
    enum error e = handle_find(c->task, c->in->mr[1], rights, &h);
    if (e == OK) {
        *result = h->container;
        e = check_range(h->container, c->in->mr[2], c->in->mr[3]);
    }
    return e;
}

enum error call_create(struct call *c)
{
    L4_Word_t pages = c->in->mr[1], flags = c->in->mr[2];
    struct container *container;
    handle_t number;
    if (pages < 1 || pages > CONTAINER_PAGES_MAX || (flags & ~(L4_Word_t)PHYSMEM_CREATE_HOLES)) {
        return ERR_ARGUMENT;
    }
    entry_t missing = flags & PHYSMEM_CREATE_HOLES ? ENTRY_HOLE : ENTRY_ZERO;
    enum error e = container_create(c->task, pages, missing, &container);
    if (e != OK) {
        return e;
    }
    e = handle_create(c->task, container, RIGHT_ALL, c->task, &number);
    if (e != OK) {
        container_destroy(container);
        return e;
    }
    call_result(c, number);
    return OK;
}

enum error call_destroy(struct call *c)
{
    struct handle *h;
    enum error e = handle_find(c->task, c->in->mr[1], RIGHT_OWNER, &h);
    bool goes_on = e == ERR_DEAD && h->container && !h->closing && (h->rights & RIGHT_OWNER);
    if (e != OK && !goes_on) {
        return e;
    }
    if (!container_end(h->container, h)) {
        return ERR_BUSY;
    }
    handle_free(h);
    return OK;
}

enum error call_close(struct call *c)
{
    struct handle *h;
    enum error e = handle_find(c->task, c->in->mr[1], 0, &h);
    if (e != OK && e != ERR_DEAD) {
        return e;
    }
    if (h->number == HANDLE_DC) {
        return ERR_PERMISSION;
    }
    return handle_close(h) ? OK : ERR_BUSY;
}

enum error call_share(struct call *c)
{
    struct handle *h;
    handle_t number;
    L4_Word_t rights = c->in->mr[3];
    enum error e = handle_find(c->task, c->in->mr[1], 0, &h);
    if (e != OK) {
        return e;
    }
    if (rights & ~(L4_Word_t)(RIGHT_READ | RIGHT_WRITE | RIGHT_EXEC)) {
        return ERR_ARGUMENT;
    }
    if ((h->rights & rights) != rights) {
        return ERR_RIGHTS;
    }
    struct task *to = task_find(c->in->mr[2]);
    if (!to || to->ending) {
        return ERR_NO_TASK;
    }
    e = handle_create(to, h->container, rights, c->task, &number);
    if (e == OK) {
        call_result(c, number);
    }
    return e;
}

enum error call_copy(struct call *c)
{
    const L4_Word_t *mr = c->in->mr;
    struct handle *from, *to;
    uint32_t done = 0;
    enum error e = handle_find(c->task, mr[1], RIGHT_READ, &from);
    if (e == OK) {
        e = handle_find(c->task, mr[3], RIGHT_WRITE, &to);
    }
    if (e == OK) {
        e = check_range(from->container, mr[2], mr[5]);
    }
    if (e == OK) {
        e = check_range(to->container, mr[4], mr[5]);
    }
    if (e != OK) {
        return e;
    }
    if (from->container == to->container && mr[2] < mr[4] + mr[5] && mr[4] < mr[2] + mr[5]) {
        return ERR_ARGUMENT;
    }
    e = logical_copy((struct place){from->container, mr[2]}, (struct place){to->container, mr[4]}, mr[5],
                     &done);
    call_result(c, done);
    return e == ERR_BUSY && done > 0 ? OK : e; /* the caller goes on, and waits then */
}

static enum error fill(struct call *c, L4_Word_t rights, entry_t entry)
{
    struct container *container;
    uint32_t first = c->in->mr[2], page = first;
    enum error e = find_range(c, rights, &container);
    if (e == OK) {
        e = container_fill_some(container, &page, first + c->in->mr[3], entry);
        e = e == ERR_BUSY ? away_miss(container, page) : e;
    }
    call_result(c, page - first);
    return e == ERR_BUSY && page > first ? OK : e;
}

enum error call_zero(struct call *c)
{
    return fill(c, RIGHT_WRITE, ENTRY_ZERO);
}

enum error call_punch(struct call *c)
{
    return fill(c, RIGHT_OWNER, ENTRY_HOLE);
}

enum error call_stat(struct call *c)
{
    struct handle *h;
    uint32_t page = c->in->mr[2];
    enum error e = handle_find(c->task, c->in->mr[1], 0, &h);
    if (e != OK) {
        return e;
    }
    const struct container *container = h->container;
    L4_Word_t in_memory = 0, on_swap = 0;
    if (page > container_size(container)) {
        return ERR_RANGE;
    }
    while (container_find_real(container, &page, container_size(container))) {
        entry_t entry = container_page(container, page);
        in_memory += entry_kind(entry) == KIND_FRAME;
        on_swap += entry_slot(entry) != SLOT_NONE;
        page++;
        budget_spend(BUDGET_PLACE);
    }
    if (c->in->mr[2] == 0) { /* shared pages count as they were when their windows left */
        on_swap += container->away.swapped + (container->away.real - container->away.pages);
    }
    call_result(c, container_size(container));
    call_result(c, h->rights);
    call_result(c, in_memory);
    call_result(c, on_swap);
    call_result(c, page);
    return OK;
}

/* Can the page be mapped at once?  Then *result is it.  If it is refused, *why says so. */
static bool bring_at_once(struct container *container, uint32_t page, frame_t *result, enum error *why)
{
    entry_t entry = container_page(container, page);
    frame_t f = entry_frame(entry);
    if (f != FRAME_NONE ? frame_table[f].state != PAGE_IN : entry != ENTRY_ZERO) {
        return false;
    }
    /* A shared page goes without the write right: its first write breaks the sharing. */
    return page_provide(container, page, entry, false, result, why) == PROVIDE_DONE;
}

static void add_map_item(struct call *c, L4_Word_t address, const struct place *at, frame_t f,
                         L4_Word_t rights)
{
    struct message *m = c->reply;
    m->mr[3 + m->typed_words] = address | L4_ITEM_MAP | KERNEL_MAP_STEP;
    m->mr[4 + m->typed_words] = page_map_item(c->task, f, rights);
    rounds_mapped(c->task, at->container, at->page);
    m->typed_words += 2;
}

enum error call_map(struct call *c)
{
    const L4_Word_t *mr = c->in->mr;
    struct container *container;
    struct handle *h;
    enum error e = find_range(c, 0, &container);
    if (e == OK) {
        e = handle_find(c->task, mr[1], 0, &h);
    }
    if (e != OK) {
        return e;
    }
    L4_Word_t bytes = mr[3] << PAGE_SHIFT;
    if (mr[3] < 1 || mr[3] > PHYSMEM_MAP_MAX || mr[5] % PAGE_SIZE != 0 || mr[4] == 0 ||
        mr[4] > L4_FullyAccessible) {
        return ERR_ARGUMENT;
    }
    if ((h->rights & mr[4]) != mr[4]) {
        return ERR_RIGHTS;
    }
    if (mr[5] < PAGE_SIZE || mr[5] >= TASK_REGIONS_END || bytes > TASK_REGIONS_END - mr[5]) {
        return ERR_RANGE;
    }
    frame_t f;
    uint32_t done = 0;
    handle_use(h);
    while (c->task->state == TASK_MEMORY_IN && done < mr[3] &&
           bring_at_once(container, mr[2] + done, &f, &e)) {
        struct place at = {container, mr[2] + done};
        add_map_item(c, mr[5] + (done << PAGE_SHIFT), &at, f, mr[4]);
        done++;
    }
    call_result(c, done);
    return done == 0 ? e : OK;
}
