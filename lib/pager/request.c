/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests of the task's threads, which change the region table. */
#include "base/assertion.h"
#include "client/physmem.h"
#include "pager/pager_priv.h"

static uint32_t round_up(uint32_t bytes)
{
    return (bytes + PAGE_SIZE - 1) & ~(uint32_t)(PAGE_SIZE - 1);
}

static bool user_range(uint32_t start, uint32_t size)
{
    return (start & (PAGE_SIZE - 1)) == 0 && size > 0 && start >= TASK_REGIONS_BASE &&
           start < TASK_REGIONS_END && size <= TASK_REGIONS_END - start;
}

/* Sees to it that the table has room for the next change: a full one is doubled, in pages of the
 * designated container. */
/* Makes pages of the designated container that nobody uses real, all zero.  Pages are promised when
 * they are first touched, and a touch by the pager, or by a thread that has to run its handler,
 * that is refused would end the task: so the error has to come before.  ERR_BUSY: there will be
 * frames; whoever has asked the pager asks again. */
static enum error claim(uint32_t start, uint32_t pages)
{
    uint32_t page = start >> PAGE_SHIFT;
    ASSERT(start % PAGE_SIZE == 0 && pages > 0);
    enum error e = physmem_zero(HANDLE_DC, page, pages);
    while (e == OK && pages > 0) {
        uint32_t done = 0, most = pages < PHYSMEM_MAP_MAX ? pages : PHYSMEM_MAP_MAX;
        e = physmem_map(HANDLE_DC, page, most, RIGHT_READ | RIGHT_WRITE, page << PAGE_SHIFT, &done);
        if (e == OK && done == 0) {
            e = ERR_BUSY;
        }
        page += done;
        pages -= done;
    }
    return e;
}

static enum error make_room(void)
{
    struct region_table *t = &pager.regions;
    if (t->capacity - t->count >= REGION_SPARE + 1) {
        return OK;
    }
    uint32_t old_pages = round_up(t->capacity * sizeof(struct region)) >> PAGE_SHIFT;
    uint32_t pages = old_pages * 2;
    struct region *old = t->entries;
    ASSERT(t->count <= t->capacity);
    uint32_t address = dc_pages_alloc(&pager_dc, pages);
    if (address == 0) {
        return ERR_NO_MEMORY;
    }
    enum error e = claim(address, pages);
    if (e != OK) {
        dc_pages_free(&pager_dc, address, pages);
        return e;
    }
    region_table_move(t, (struct region *)address, pages * PAGE_SIZE / sizeof(struct region));
    if (old != pager.first_regions) {
        dc_pages_free(&pager_dc, (uint32_t)old, old_pages);
    }
    return OK;
}

/* Takes the pages of the range out of the task's page table, in as few fpages as possible and up to
 * 64 of them in a call. */
static void flush_range(uint32_t start, uint32_t end)
{
    unsigned n = 0;
    while (start < end) {
        unsigned log2 = PAGE_SHIFT;
        while (log2 < 31 && (start & (1u << log2)) == 0 && end - start >= 2u << log2) {
            log2++;
        }
        L4_LoadMR(n++, L4_FpageAddRights(L4_FpageLog2(start, log2), L4_FullyAccessible).raw);
        start += 1u << log2;
        if (n == UTCB_MR_COUNT || start >= end) {
            L4_Unmap(L4_UNMAP_FLUSH | (n - 1));
            n = 0;
        }
    }
}

/* ---- mapping ---- */

struct map_request {
    uint32_t size, rights, kind;
    handle_t handle;
    uint32_t page, address, guards;
};

static enum error check_map(const struct map_request *m)
{
    uint32_t whole = m->size + m->guards * PAGE_SIZE;
    if (m->size == 0 || (m->size & (PAGE_SIZE - 1)) != 0 || whole < m->size || m->guards > 1 ||
        (m->rights & ~(uint32_t)L4_FullyAccessible) != 0 ||
        (m->kind != REGION_ANONYMOUS && m->kind != REGION_CONTAINER)) {
        return ERR_ARGUMENT;
    }
    if (m->address != 0 && (!user_range(m->address, whole) || m->guards != 0)) {
        return ERR_ARGUMENT;
    }
    return m->address != 0 && region_overlaps(&pager.regions, m->address, m->address + whole) ? ERR_ALREADY
                                                                                              : OK;
}

static enum error map_region(struct map_request *m, uint32_t *address)
{
    enum error e = check_map(m);
    uint32_t start = m->address, whole = m->size + m->guards * PAGE_SIZE;
    if (e == OK) {
        e = make_room();
    }
    if (e == OK && start == 0) {
        e = region_find_free(&pager.regions, whole, PAGER_HEAP_END, TASK_REGIONS_END, &start);
    }
    if (e == OK && m->kind == REGION_ANONYMOUS) {
        e = physmem_create(m->size >> PAGE_SHIFT, 0, &m->handle);
    }
    if (e != OK) {
        return e;
    }
    /* From here nothing can fail: the range is free and the table has room. */
    if (m->guards) {
        struct region guard = {.start = start, .end = start + PAGE_SIZE, .kind = REGION_GUARD};
        e = region_add(&pager.regions, &guard);
        ASSERT(e == OK);
        start += PAGE_SIZE;
    }
    struct region r = {start, start + m->size, m->page, m->handle, (uint8_t)m->kind, (uint8_t)m->rights};
    e = region_add(&pager.regions, &r);
    ASSERT(e == OK);
    *address = start;
    return OK;
}

/* What is gone from the table is given back: with the last piece of an anonymous region its whole
 * container, before that the pages of the piece. */
static void release(const struct region *piece)
{
    if (piece->kind != REGION_ANONYMOUS) {
        return;
    }
    ASSERT(piece->handle != HANDLE_NONE);
    if (region_uses(&pager.regions, REGION_ANONYMOUS, piece->handle)) {
        (void)physmem_punch(piece->handle, piece->page, (piece->end - piece->start) >> PAGE_SHIFT);
    } else {
        (void)physmem_close(piece->handle);
    }
}

/* The order is: region table, then physmem's parked faults, then the page table.  In any other
 * order an answer that is under way could map the old page after the change. */
static enum error unmap_range(uint32_t start, uint32_t size)
{
    size = round_up(size);
    if (!user_range(start, size)) {
        return ERR_ARGUMENT;
    }
    for (;;) {
        const struct region *r = region_find_from(&pager.regions, start);
        if (!r || r->start >= start + size) {
            return OK;
        }
        struct region piece = *r;
        if (piece.start < start) {
            piece.page += (start - piece.start) >> PAGE_SHIFT;
            piece.start = start;
        }
        piece.end = piece.end > start + size ? start + size : piece.end;
        enum error e = make_room();
        if (e != OK) {
            return e;
        }
        e = region_remove(&pager.regions, piece.start, piece.end);
        ASSERT(e == OK);
        (void)physmem_forget_range(piece.start, piece.end, 0);
        flush_range(piece.start, piece.end);
        release(&piece);
    }
}

static enum error protect_range(uint32_t start, uint32_t size, uint32_t rights)
{
    size = round_up(size);
    if (!user_range(start, size) || (rights & ~(uint32_t)L4_FullyAccessible) != 0) {
        return ERR_ARGUMENT;
    }
    enum error e = make_room();
    if (e == OK) {
        e = region_protect(&pager.regions, start, start + size, (uint8_t)rights);
    }
    if (e == OK) {
        (void)physmem_forget_range(start, start + size, 0);
        flush_range(start, start + size);
    }
    return e;
}

/* ---- threads ---- */

/* A thread that learns that there is no memory left must still have some for its handler.  The
 * lowest page of the alternate stack is its guard.  A local id is given out again as soon as its
 * thread has been deleted, which may be before the pager hears of that: the new thread then takes
 * the old one's stack over. */
enum error pager_thread_prepare(L4_ThreadId_t local, L4_ThreadId_t id)
{
    struct pager_thread *t = pager_find_thread(local);
    if (!t) {
        return ERR_NO_THREAD;
    }
    if (t->stack_top != 0 && t->owner != id.raw) {
        *t = (struct pager_thread){.stack_top = t->stack_top & ~(uint32_t)PAGER_DYING, .owner = id.raw};
        return OK;
    }
    enum error e = t->stack_top ? ERR_ALREADY : make_room();
    if (e != OK) {
        return e;
    }
    uint32_t stack = dc_pages_alloc(&pager_dc, PAGER_ALTERNATE_PAGES);
    if (stack == 0) {
        return ERR_NO_MEMORY;
    }
    e = claim(stack + PAGE_SIZE, PAGER_ALTERNATE_PAGES - 1);
    if (e == OK) {
        e = region_protect(&pager.regions, stack, stack + PAGE_SIZE, 0);
    }
    if (e != OK) { /* no memory, or the start-up record's ranges overlap: its writer was wrong */
        dc_pages_free(&pager_dc, stack, PAGER_ALTERNATE_PAGES);
        return e;
    }
    t->stack_top = stack + PAGER_ALTERNATE_PAGES * PAGE_SIZE;
    t->last = 0;
    t->owner = id.raw;
    return OK;
}

static enum error thread_remove(L4_ThreadId_t local, L4_ThreadId_t id)
{
    struct pager_thread *t = pager_find_thread(local);
    if (!t || t->stack_top == 0) {
        return ERR_NO_THREAD;
    }
    if (t->owner != id.raw) {
        return OK;
    }
    enum error e = make_room();
    if (e != OK) {
        return e;
    }
    uint32_t stack = (t->stack_top & ~(uint32_t)PAGER_DYING) - PAGER_ALTERNATE_PAGES * PAGE_SIZE;
    e = region_protect(&pager.regions, stack, stack + PAGE_SIZE, RIGHT_READ | RIGHT_WRITE);
    ASSERT(e == OK);
    dc_pages_free(&pager_dc, stack, PAGER_ALTERNATE_PAGES);
    *t = (struct pager_thread){0};
    return OK;
}

/* ---- messages ---- */

static struct pager_next reply(L4_ThreadId_t to, enum error e, unsigned words)
{
    pager.stats.regions = pager.regions.count;
    L4_LoadMR(1, e);
    return (struct pager_next){to, L4_MsgTag(PAGER_REPLY, 1 + words, 0), L4_ZeroTime};
}

static struct pager_next on_map(L4_ThreadId_t from)
{
    struct map_request m = {.size = L4_StoreMR(1),
                            .rights = L4_StoreMR(2),
                            .kind = L4_StoreMR(3),
                            .handle = L4_StoreMR(4),
                            .page = L4_StoreMR(5),
                            .address = L4_StoreMR(6),
                            .guards = L4_StoreMR(7)};
    uint32_t address = 0;
    enum error e = map_region(&m, &address);
    L4_LoadMR(2, address);
    return reply(from, e, 1);
}

static struct pager_next on_query(L4_ThreadId_t from)
{
    const struct region *r = region_find(&pager.regions, L4_StoreMR(1));
    if (!r) {
        return reply(from, ERR_HOLE, 0);
    }
    L4_LoadMR(2, r->start);
    L4_LoadMR(3, r->end);
    L4_LoadMR(4, r->page);
    L4_LoadMR(5, r->handle);
    L4_LoadMR(6, r->kind);
    L4_LoadMR(7, r->rights);
    return reply(from, OK, 6);
}

/* Returns how many words a request has; ~0 if there is no such request. */
static unsigned words_of(L4_Word_t label)
{
    switch (label) {
    case PAGER_MAP:
        return 7;
    case PAGER_UNMAP:
        return 2;
    case PAGER_PROTECT:
        return 3;
    case PAGER_THREAD_ADD:
    case PAGER_THREAD_REMOVE:
        return 2;
    case PAGER_QUERY:
        return 1;
    default:
        return ~0u;
    }
}

struct pager_next pager_on_request(L4_ThreadId_t from, L4_MsgTag_t tag)
{
    L4_Word_t label = L4_Label(tag);
    unsigned words = words_of(label);
    pager.stats.requests++;
    if (words != L4_UntypedWords(tag)) {
        pager.stats.dropped++;
        return reply(from, words == ~0u ? ERR_UNKNOWN : ERR_ARGUMENT, 0);
    }
    switch ((enum pager_label)label) {
    case PAGER_MAP:
        return on_map(from);
    case PAGER_UNMAP:
        return reply(from, unmap_range(L4_StoreMR(1), L4_StoreMR(2)), 0);
    case PAGER_PROTECT:
        return reply(from, protect_range(L4_StoreMR(1), L4_StoreMR(2), L4_StoreMR(3)), 0);
    case PAGER_QUERY:
        return on_query(from);
    case PAGER_THREAD_ADD:
        return reply(from,
                     pager_thread_prepare((L4_ThreadId_t){L4_StoreMR(1)}, (L4_ThreadId_t){L4_StoreMR(2)}), 0);
    case PAGER_THREAD_REMOVE:
        return reply(from, thread_remove((L4_ThreadId_t){L4_StoreMR(1)}, (L4_ThreadId_t){L4_StoreMR(2)}), 0);
    case PAGER_REPLY:
        break;
    }
    return reply(from, ERR_UNKNOWN, 0);
}
