/* SPDX-License-Identifier: BSD-2-Clause */
/* What the task server alone may ask: tasks, wiring, outswaps, notices, boot modules, ports, and
 * the whole-state check of the tests. */
#include "calls/dispatch.h"

#include "calls/check.h"
#include "contents/container.h"
#include "contents/handle.h"
#include "contents/kept.h"
#include "contents/module.h"
#include "contents/page.h"
#include "ground/mem.h"
#include "ground/platform.h"
#include "policy/replacement.h"
#include "protocol/physmem.h"
#include "room/frame.h"
#include "room/slot.h"
#include "serving/ending.h"
#include "serving/outswap.h"
#include "serving/provide.h"
#include "swap/driver.h"
#include "swap/swap_area.h"
#include "swap/transfer.h"
#include "tasks/notice.h"
#include "tasks/task.h"

static enum error named_task(struct call *c, struct task **result)
{
    *result = task_find(c->in->mr[1]);
    return *result && !(*result)->ending ? OK : ERR_NO_TASK;
}

/* ---- making ---- */

static enum error check_new_task(const L4_Word_t *mr, struct handle **h)
{
    if (mr[1] < TASK_ID_FIRST || mr[1] > TASK_ID_LAST || (mr[1] & 0x3f) == 0) {
        return ERR_ARGUMENT;
    }
    if (task_find(mr[1])) {
        return ERR_ALREADY;
    }
    const struct task *holder = task_find(mr[2]);
    if (!holder) {
        return ERR_NO_TASK;
    }
    enum error e = handle_find(holder, mr[3], RIGHT_OWNER, h);
    bool goes_on = e == ERR_DEAD && (*h)->closing && (*h)->container && !(*h)->container->ending &&
                   ((*h)->rights & RIGHT_OWNER);
    if (e != OK && !goes_on) {
        return e;
    }
    if ((*h)->container->designated) {
        return ERR_ALREADY;
    }
    return (*h)->container->module ? ERR_PERMISSION : OK;
}

static enum error create_task(const L4_Word_t *mr, struct container *dc, struct task **t)
{
    enum error e = task_create(mr[1], task_find(mr[2]), mr[4],
                               dc->real + task_table_frames(container_table_bytes(dc)), t);
    if (e == OK) {
        e = handle_create_designated(*t, dc);
        if (e != OK) {
            task_leave(*t);
            task_free(*t);
        }
    }
    return e;
}

enum error call_task_new(struct call *c)
{
    const L4_Word_t *mr = c->in->mr;
    struct handle *h;
    struct task *t;
    enum error e = check_new_task(mr, &h);
    if (e != OK) {
        return e;
    }
    struct container *dc = h->container;
    if (container_size(dc) <= TASK_IMAGE_BASE >> PAGE_SHIFT) {
        return ERR_RANGE; /* no room for a program */
    }
    /* Nothing of the holder's stays mapped, and none of its faults parked. */
    if (h->used && !handle_give_up(h)) {
        return ERR_BUSY;
    }
    e = create_task(mr, dc, &t);
    if (e != OK) {
        if (h->closing) {
            handle_keep(h);
        }
        c->wants_frame = e == ERR_BUSY;
        return e;
    }
    handle_free(h);
    container_move(dc, t);
    dc->designated = true;
    t->dc = dc;
    return OK;
}

/* ---- ending ---- */

enum error call_task_delete(struct call *c)
{
    struct task *t = task_find(c->in->mr[1]);
    if (!t || t->id == TASK_ID_SYSTEM) {
        return t ? ERR_SELF : ERR_NO_TASK;
    }
    uint32_t frames = frame_counts.free, slots = slot_counts.used, containers = 0;
    bool ended = task_end(t, &containers);
    call_result(c, frame_counts.free - frames);
    call_result(c, slots - slot_counts.used);
    call_result(c, containers);
    return ended ? OK : ERR_BUSY;
}

/* ---- wired tasks ---- */

/* Starts reading what is out, and makes what is implied.  ERR_BUSY: it is on its way. */
static enum error bring_page(struct container *container, uint32_t page, frame_t *result)
{
    enum error why = OK;
    switch (page_provide(container, page, container_page(container, page), false, result, &why)) {
    case PROVIDE_DONE:
        return OK;
    case PROVIDE_WAIT_DISK:
    case PROVIDE_WAIT_FRAME:
    case PROVIDE_WAIT_SWAP:
    case PROVIDE_WAIT_WINDOW:
        return ERR_BUSY;
    case PROVIDE_REFUSED:
        break;
    }
    return why;
}

/* OK: every page is in memory. */
static enum error bring_in(struct container *container)
{
    enum error result = OK;
    for (uint32_t i = 0; i < container_size(container); i++) {
        if (container_entry(container, i) == ENTRY_HOLE) {
            continue;
        }
        frame_t f;
        enum error e = bring_page(container, i, &f);
        if (e != OK && e != ERR_BUSY) {
            return e;
        }
        result = e == OK ? result : e;
    }
    return result;
}

enum error call_wire(struct call *c)
{
    struct task *t;
    enum error e = named_task(c, &t);
    if (e != OK) {
        return e;
    }
    if (t->state != TASK_MEMORY_IN || t->id == TASK_ID_SYSTEM) {
        return t->id == TASK_ID_SYSTEM ? ERR_PERMISSION : ERR_BUSY;
    }
    t->wired = true; /* page_provide keeps what it brings from now on */
    for (struct list *i = t->containers.next; i != &t->containers; i = i->next) {
        struct container *container = LIST_ENTRY(i, struct container, of_task);
        container->stays = true;
        enum error one = bring_in(container);
        e = one == OK ? e : one;
    }
    return e;
}

enum error call_keep(struct call *c)
{
    const L4_Word_t *mr = c->in->mr;
    struct handle *h;
    enum error result = handle_find(c->task, mr[1], RIGHT_READ, &h);
    if (result != OK) {
        return result;
    }
    struct container *container = h->container;
    if (mr[2] > container_size(container) || mr[3] > container_size(container) - mr[2]) {
        return ERR_RANGE;
    }
    uint32_t end = mr[2] + mr[3];
    result = kept_add(container, mr[2], end);
    if (result != OK) {
        return result;
    }
    container->stays = true;
    for (uint32_t i = mr[2]; i < end && (i = container_next_real(container, i)) < end; i++) {
        frame_t f;
        enum error e = bring_page(container, i, &f);
        if (e != OK && e != ERR_BUSY) {
            return e;
        }
        result = e == OK ? result : e;
    }
    return result;
}

enum error call_phys_addr(struct call *c)
{
    struct task *t;
    frame_t f;
    L4_Word_t page = c->in->mr[2];
    enum error e = named_task(c, &t);
    if (e != OK) {
        return e;
    }
    if (!t->wired) {
        return ERR_PERMISSION;
    }
    if (!t->dc || page >= container_size(t->dc)) {
        return t->dc ? ERR_RANGE : ERR_DEAD;
    }
    /* For a device to write to: the page has to be this task's alone. */
    switch (page_provide(t->dc, page, container_page(t->dc, page), true, &f, &e)) {
    case PROVIDE_DONE:
        frame_table[f].dirty = true; /* what a device writes sets no dirty bit */
        frame_table[f].device = true;
        call_result(c, f << PAGE_SHIFT);
        return OK;
    case PROVIDE_REFUSED:
        return e;
    case PROVIDE_WAIT_DISK:
    case PROVIDE_WAIT_FRAME:
    case PROVIDE_WAIT_SWAP:
    case PROVIDE_WAIT_WINDOW:
        break;
    }
    return ERR_BUSY;
}

/* ---- swapping ---- */

enum error call_set_driver(struct call *c)
{
    struct task *t;
    if (c->in->mr[1] == 0) {
        driver_gone();
        return swap_area_give_up();
    }
    enum error e = named_task(c, &t);
    if (e == OK) {
        driver_set(t);
    }
    return e;
}

enum error call_outswap(struct call *c)
{
    struct task *t;
    L4_Word_t flags = c->in->mr[2];
    enum error e = named_task(c, &t);
    if (e != OK) {
        return e;
    }
    if (flags & ~(L4_Word_t)(OUTSWAP_HOLD | OUTSWAP_DC_ONLY)) {
        return ERR_ARGUMENT;
    }
    return flags & OUTSWAP_DC_ONLY ? outswap_designated(t) : outswap_start(t, (flags & OUTSWAP_HOLD) != 0);
}

enum error call_inswap(struct call *c)
{
    struct task *t;
    enum error e = named_task(c, &t);
    if (e != OK) {
        return e;
    }
    e = outswap_wake(t);
    c->wants_frame = e == ERR_BUSY && t->state == TASK_MEMORY_OUT;
    return e;
}

/* ---- the rest ---- */

enum error call_module(struct call *c)
{
    const struct module *m = module_find(c->in->mr[1]);
    handle_t number;
    if (!m) {
        return ERR_NOT_FOUND;
    }
    if (!m->container) {
        return ERR_DEAD;
    }
    enum error e =
        handle_create(c->task, m->container, RIGHT_READ | RIGHT_EXEC | RIGHT_OWNER, c->task, &number);
    if (e != OK) {
        return e;
    }
    uint32_t most = (MESSAGE_WORDS_MAX - 4) * (uint32_t)sizeof(L4_Word_t), bytes = 0;
    while (bytes < most && m->cmdline[bytes]) {
        bytes++;
    }
    call_result(c, number);
    call_result(c, m->size_bytes);
    call_result(c, bytes);
    uint32_t words = (bytes + 3) / 4;
    if (words > 0) {
        c->reply->mr[c->reply->words + words] = 0;
    }
    memcpy(&c->reply->mr[c->reply->words + 1], m->cmdline, bytes);
    c->reply->words += words;
    return OK;
}

enum error call_notice_pull(struct call *c)
{
    driver_look();
    notice_pull(c->in->from);
    c->parked = true;
    return OK;
}

enum error call_check(struct call *c)
{
    struct check_result r = check_everything();
    call_result(c, r.violations);
    call_result(c, r.line);
    return OK;
}

enum error call_damage(struct call *c)
{
    struct task *t;
    L4_Word_t page = c->in->mr[2];
    enum error e = named_task(c, &t);
    if (e != OK) {
        return e;
    }
    if (!t->dc || page >= container_size(t->dc)) {
        return t->dc ? ERR_RANGE : ERR_DEAD;
    }
    if (entry_slot(container_page(t->dc, page)) == SLOT_NONE) {
        return ERR_NOT_FOUND;
    }
    *page_spot(&t->dc->home, page).checksum ^= 1;
    return OK;
}

enum error call_evict(struct call *c)
{
    struct task *t;
    L4_Word_t flags = c->in->mr[2];
    uint32_t count = 0;
    enum error e = named_task(c, &t);
    if (e == OK && (flags & ~(L4_Word_t)EVICT_KEEP_DC)) {
        e = ERR_ARGUMENT;
    }
    if (e == OK) {
        e = replacement_evict(t, flags & EVICT_KEEP_DC ? t->dc : NULL, &count);
    }
    call_result(c, count);
    return e == ERR_BUSY ? ERR_NO_MEMORY : e; /* it was begun, and does not wait */
}

enum error call_hold(struct call *c)
{
    if (c->in->mr[1] > PHYSMEM_HOLD_MAX) {
        return ERR_ARGUMENT;
    }
    call_result(c, transfer_is_held());
    transfer_hold(c->in->mr[1]);
    return OK;
}

enum error call_ports(struct call *c)
{
    struct message *m = c->reply;
    m->mr[2] = L4_ITEM_MAP;
    m->mr[3] = L4_FpageAddRights(L4_IoFpage(0, 16), L4_FullyAccessible).raw;
    m->typed_words = 2;
    return OK;
}
