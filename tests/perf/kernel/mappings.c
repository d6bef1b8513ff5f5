/* SPDX-License-Identifier: BSD-2-Clause */
/* Map items and Unmap.  partner has page 0 of the window throughout, so the window's page table is
 * there. */
#include "bench.h"

enum { LIST = 60, LIST_ROUNDS = 16, SPACES = 1000, FIRST_SPACE = 100 };
#define SHARED_AT (UTCB_AREA + 0x100000u) /* in an area of 4 MiB that each space has in use */

static char shared[PAGE_BYTES] __attribute__((aligned(4096)));

L4_Fpage_t page_at(const void *address, L4_Word_t rights)
{
    return L4_FpageAddRights(L4_FpageLog2((L4_Word_t)address, PAGE_LOG2), rights);
}

/* A call that carries the item, an answer without words; each time a page that partner does not
 * have. */
static void bench_map_item(void)
{
    L4_Word_t messages = PAGES;
    command(partner, COMMAND_TAKE, 1, &messages);
    watch_start();
    for (unsigned i = 1; i < PAGES; i++) {
        L4_LoadMR(1, i * PAGE_BYTES | L4_ITEM_MAP);
        L4_LoadMR(2, page_at(frames[i], L4_FullyAccessible).raw);
        (void)L4_Call(partner, L4_MsgTag(0, 0, 2));
    }
    watch_stop();
    watch_report("ipc_map_4k", PAGES - 1);
    (void)L4_Call(partner, L4_MsgTag(0, 0, 0));
}

static void bench_unmap(void)
{
    watch_start();
    for (unsigned i = 1; i < PAGES; i++) {
        (void)L4_UnmapFpage(page_at(frames[i], L4_FullyAccessible));
    }
    watch_stop();
    watch_report("unmap_1", PAGES - 1);
}

/* Each time partner gets and writes LIST pages of frames[], those that it lost; that is not
 * counted. */
static void bench_list(const char *name, L4_Word_t rights)
{
    struct watch sum = {0};
    for (unsigned round = 0; round < LIST_ROUNDS; round++) {
        command(partner, COMMAND_TOUCH, 4, (L4_Word_t[]){WINDOW + PAGE_BYTES, PAGE_BYTES, LIST, 0});
        watch = sum;
        for (unsigned i = 0; i < LIST; i++) {
            L4_LoadMR(i, page_at(frames[1 + i], rights).raw);
        }
        watch_start();
        L4_Unmap(LIST - 1);
        watch_stop();
        sum = watch;
        for (unsigned i = 0; i < LIST; i++) {
            require((L4_StoreMR(i) & L4_ReadWriteOnly) == L4_ReadWriteOnly, "status of a written page");
        }
    }
    watch_report(name, LIST_ROUNDS * LIST);
}

/* A space whose first thread got `shared'.  Fetching its first instruction it faults, and is given
 * the page; the zeros there are an instruction that touches address 0: that fault nobody
 * answers. */
static void share_with(L4_ThreadId_t t)
{
    make_space(t);
    require(L4_ThreadControl(t, t, L4_nilthread, root, ~0u), "activation");
    L4_LoadMR(1, SHARED_AT);
    L4_LoadMR(2, 0);
    require(!L4_IpcFailed(L4_Send(t, L4_MsgTag(0, 2, 0))), "start message");
    L4_MsgTag_t tag = L4_Receive_Timeout(t, L4_Never);
    require(!L4_IpcFailed(tag) && L4_StoreMR(1) == SHARED_AT, "first fault");
    L4_LoadMR(1, SHARED_AT | L4_ITEM_MAP);
    L4_LoadMR(2, page_at(shared, L4_FullyAccessible).raw);
    require(!L4_IpcFailed(L4_Reply(t, L4_MsgTag(0, 0, 2))), "map item");
}

static void bench_unmap_many(void)
{
    *(volatile char *)shared = 0;
    for (unsigned i = 0; i < SPACES; i++) {
        share_with(thread(FIRST_SPACE + i));
    }
    L4_Word_t mapped = L4_KDB_Counter(KDB_UNMAPS);
    watch_start();
    (void)L4_UnmapFpage(page_at(shared, L4_FullyAccessible));
    watch_stop();
    require(L4_KDB_Counter(KDB_UNMAPS) > mapped, "unmap");
    watch_report("unmap_1000_each", SPACES);
}

void bench_mappings(void)
{
    bench_map_item();
    bench_unmap();
    bench_list("unmap_list60_each", L4_FullyAccessible);
    bench_list("status_list60_each", 0);
    bench_unmap_many();
}
