/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps a page of the program's to many addresses of its own, which physmem does not hear of: one
 * thread sends what there is already to another one, which takes it in behind that. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "client/physmem.h"
#include "l4/syscalls.h"
#include "pilotfish/thread.h"

enum { SPREAD_START = 0x80000000, SPREAD_LOG2_MAX = 27 }; /* no region lies there */

static L4_ThreadId_t spread_taker;

static inline void spread_take(void *argument)
{
    L4_ThreadId_t from;
    (void)argument;
    L4_Accept(L4_CompleteAddressSpace);
    spread_taker = L4_Myself();
    for (;;) {
        (void)L4_Wait(&from);
    }
}

/* Maps 2^log2 bytes to that address, again and again as long as the kernel gets more memory. */
static inline bool spread_map(L4_Word_t from, unsigned log2, L4_Word_t to)
{
    L4_MsgTag_t tag;
    do {
        L4_LoadMR(1, to | L4_ITEM_MAP);
        L4_LoadMR(2, L4_FpageAddRights(L4_FpageLog2(from, log2), L4_FullyAccessible).raw);
        tag = L4_Send(spread_taker, L4_MsgTag(0, 0, 2));
    } while (L4_IpcFailed(tag) && physmem_kernel_memory(L4_Version(L4_Myself())) == OK);
    return L4_IpcSucceeded(tag);
}

/* The page is mapped to so many addresses more, a power of 2, if the quota of kernel memory goes so
 * far. */
static inline bool spread_page(volatile void *page, unsigned count)
{
    while (L4_IsNilThread(spread_taker)) {
        if (thread_start(spread_take, NULL, 2, NULL) != OK) {
            return false;
        }
        while (L4_IsNilThread(*(volatile L4_ThreadId_t *)&spread_taker)) {
            L4_Sleep(L4_TimePeriod(1000));
        }
    }
    bool done = spread_map((L4_Word_t)page, 12, SPREAD_START);
    for (unsigned log2 = 12; done && 1u << (log2 - 12) < count; log2++) {
        done = spread_map(SPREAD_START, log2, SPREAD_START + (1u << log2));
    }
    return done;
}
