/* SPDX-License-Identifier: BSD-2-Clause */
/* A page fault of a thread of the task: it is looked up in the region table, then handed to
 * physmem. docs/fault.md follows it all the way. */
#include "base/assertion.h"
#include "client/physmem.h"
#include "pager/pager_priv.h"

/* The kernel names senders of the own space by local id, which is the address of their UTCB. */
static PAGER_TEXT L4_ThreadId_t global_id(L4_ThreadId_t local)
{
    return (L4_ThreadId_t){((volatile L4_Word_t *)local.raw)[UTCB_MY_GLOBAL_ID]};
}

/* Hands the fault on in the name of the faulting thread, which waits for physmem from then on.
 * physmem always comes back to receive, so the send needs no time-out.  If the thread has died
 * meanwhile, the kernel drops flag P, and physmem drops the message. */
static PAGER_TEXT struct pager_next forward(L4_ThreadId_t from, const struct region *r, L4_Word_t access,
                                            L4_Word_t address)
{
    ASSERT(r->handle != HANDLE_NONE);
    pager.stats.forwards++;
    L4_LoadMR(1, address);
    L4_LoadMR(2, r->handle);
    L4_LoadMR(3, r->page + ((address - r->start) >> PAGE_SHIFT));
    L4_LoadMR(4, (access & r->rights) | (L4_Word_t)r->rights << 4);
    L4_Set_VirtualSender(global_id(from));
    L4_MsgTag_t tag = L4_MsgTag(PHYSMEM_FORWARD, 4, 0);
    tag.raw |= L4_TAG_PROPAGATED;
    return (struct pager_next){pager.physmem, tag, L4_Never};
}

static PAGER_TEXT bool allowed(const struct region *r, L4_Word_t access)
{
    return access & L4_Writable ? (r->rights & L4_Writable) != 0 : r->rights != 0;
}

/* Returns the size of what lies above a guard page: the stack that was to end there. */
static L4_Word_t bytes_above(const struct region *guard)
{
    const struct region *stack = region_find(&pager.regions, guard->end);
    return stack ? stack->end - stack->start : 0;
}

static struct pager_next refuse(L4_ThreadId_t from, L4_Word_t access, L4_Word_t address, L4_Word_t ip,
                                enum pager_reason reason, enum error error)
{
    struct pager_trap what = {.kind = TRAP_FAULT, .eip = ip, .address = address, .access = access};
    what.reason = reason;
    what.error = error;
    if (reason == REASON_GUARD) {
        what.stack_bytes = bytes_above(region_find(&pager.regions, address));
    }
    return pager_raise_fault(from, &what);
}

/* The thread faults where it faulted last: either its fault was answered empty because something is
 * wrong, or the page has been evicted again. physmem knows which, and answers from a note alone. */
static enum error ask(L4_ThreadId_t from, L4_Word_t address)
{
    enum error note = OK;
    L4_Word_t noted = 0;
    pager.stats.asks++;
    enum error e = physmem_ask(global_id(from), &note, &noted);
    if (e != OK) {
        return e;
    }
    return (noted ^ address) >> PAGE_SHIFT == 0 ? note : OK;
}

/* The region that holds the address, or NULL.  Faults come in runs, so the last one is tried first:
 * whatever has changed since, a region that holds the address is the right one. */
static PAGER_TEXT const struct region *find_region(L4_Word_t address)
{
    const struct region *r = &pager.regions.entries[pager.last_region];
    if (pager.last_region < pager.regions.count && address >= r->start && address < r->end) {
        return r;
    }
    r = region_find(&pager.regions, address);
    if (r) {
        pager.last_region = (uint32_t)(r - pager.regions.entries);
    }
    return r;
}

PAGER_TEXT struct pager_next pager_on_fault(L4_ThreadId_t from, struct pager_thread *thread,
                                            L4_Word_t address, L4_Word_t ip, L4_Word_t access)
{
    const struct region *r = find_region(address);
    pager.stats.faults[r ? r->kind : REGION_GUARD]++;
    if (!r) {
        return refuse(from, access, address, ip, REASON_NO_REGION, ERR_HOLE);
    }
    if (r->kind == REGION_GUARD) {
        return refuse(from, access, address, ip, REASON_GUARD, ERR_HOLE);
    }
    if (!allowed(r, access)) {
        return refuse(from, access, address, ip, REASON_RIGHTS, ERR_RIGHTS);
    }
    uint32_t here = (address & ~(uint32_t)(PAGE_SIZE - 1)) | access | PAGER_LAST_VALID;
    if (thread->last == here) {
        enum error e = ask(from, address);
        if (e != OK) {
            thread->last = 0;
            return refuse(from, access, address, ip, REASON_BACKING, e);
        }
    }
    thread->last = here;
    return forward(from, r, access, address);
}
