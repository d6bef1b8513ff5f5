/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls of the task's threads to their pager. */
#include "client/rpc.h"
#include "l4/syscalls.h"
#include "pager/pager_priv.h"

static enum error call(L4_Word_t label, const L4_Word_t *in, unsigned in_count, L4_Word_t *out,
                       unsigned out_count)
{
    if (L4_IsNilThread(pager.thread)) {
        return ERR_UNKNOWN;
    }
    enum error e = ERR_BUSY;
    for (unsigned tries = 0; e == ERR_BUSY && tries < PAGER_BUSY_TRIES; tries++) {
        if (tries > 0) {
            L4_Sleep(L4_TimePeriod(PAGER_BUSY_PAUSE_US));
        }
        e = rpc_call(pager.thread, PAGER_REPLY, label, in, in_count, out, out_count);
    }
    return e == ERR_BUSY ? ERR_NO_MEMORY : e;
}

/* Returns false for a size so large that rounding up wraps. */
static bool round_pages(size_t size, L4_Word_t *rounded)
{
    *rounded = (L4_Word_t)((size + PAGE_SIZE - 1) & ~(size_t)(PAGE_SIZE - 1));
    return *rounded >= size;
}

static enum error map(size_t size, unsigned rights, enum region_kind kind, handle_t handle, uint32_t page,
                      void *fixed, L4_Word_t guards, void **address)
{
    L4_Word_t in[7] = {0, rights, kind, handle, page, (L4_Word_t)fixed, guards}, out[1];
    if (!round_pages(size, &in[0])) {
        return ERR_ARGUMENT;
    }
    enum error e = call(PAGER_MAP, in, 7, out, 1);
    if (e == OK && address) {
        *address = (void *)out[0];
    }
    return e;
}

enum error pager_map_anonymous(size_t size, unsigned rights, void **address)
{
    return map(size, rights, REGION_ANONYMOUS, HANDLE_NONE, 0, 0, 0, address);
}

enum error pager_map_anonymous_at(void *address, size_t size, unsigned rights)
{
    return map(size, rights, REGION_ANONYMOUS, HANDLE_NONE, 0, address, 0, 0);
}

enum error pager_map_stack(size_t size, void **address)
{
    return map(size, RIGHT_READ | RIGHT_WRITE, REGION_ANONYMOUS, HANDLE_NONE, 0, 0, 1, address);
}

enum error pager_map_container(handle_t handle, uint32_t page, size_t size, unsigned rights, void **address)
{
    return map(size, rights, REGION_CONTAINER, handle, page, 0, 0, address);
}

enum error pager_unmap(void *address, size_t size)
{
    L4_Word_t in[2] = {(L4_Word_t)address, (L4_Word_t)size};
    return call(PAGER_UNMAP, in, 2, 0, 0);
}

enum error pager_protect(void *address, size_t size, unsigned rights)
{
    L4_Word_t in[3] = {(L4_Word_t)address, (L4_Word_t)size, rights};
    return call(PAGER_PROTECT, in, 3, 0, 0);
}

enum error pager_query(const void *address, struct region *region)
{
    L4_Word_t in[1] = {(L4_Word_t)address}, out[6];
    enum error e = call(PAGER_QUERY, in, 1, out, 6);
    if (e == OK && region) {
        *region = (struct region){out[0], out[1], out[2], out[3], (uint8_t)out[4], (uint8_t)out[5]};
    }
    return e;
}

enum error pager_add_thread(L4_ThreadId_t local, L4_ThreadId_t id)
{
    L4_Word_t in[2] = {local.raw, id.raw};
    return call(PAGER_THREAD_ADD, in, 2, 0, 0);
}

enum error pager_remove_thread(L4_ThreadId_t local, L4_ThreadId_t id)
{
    L4_Word_t in[2] = {local.raw, id.raw};
    return call(PAGER_THREAD_REMOVE, in, 2, 0, 0);
}

L4_ThreadId_t pager_thread(void)
{
    return pager.thread;
}

void pager_get_stats(struct pager_stats *stats)
{
    *stats = pager.stats;
}
