/* SPDX-License-Identifier: BSD-2-Clause */
/* The smallest sigma0 for benchmarks of the kernel alone: every page fault gets the frame of the same address. */
#include "l4/syscalls.h"

enum { PAGE_BITS_4K = 12 };

int main(void);

int main(void)
{
    L4_ThreadId_t from;
    L4_MsgTag_t tag = L4_Wait(&from);
    for (;;) {
        L4_Word_t page = L4_StoreMR(1) & ~0xfffu;
        if ((L4_Label(tag) & 0xfff0) != L4_LABEL_PAGE_FAULT) {
            tag = L4_Wait(&from);
            continue;
        }
        L4_LoadMR(1, page | L4_ITEM_MAP);
        L4_LoadMR(2, L4_FpageAddRights(L4_FpageLog2(page, PAGE_BITS_4K), L4_FullyAccessible).raw);
        tag = L4_ReplyWait(from, L4_MsgTag(0, 0, 2), &from);
    }
}
