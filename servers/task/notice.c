/* SPDX-License-Identifier: BSD-2-Clause */
/* The loop of the notice thread, and how the thread is made. */
#include "notice.h"

#include "client/physmem.h"
#include "l4/syscalls.h"
#include "log.h"

enum { STACK_WORDS = 1024, PAUSE_US = 10 * 1000 };

/* The root task's, by the kernel's rule (interface.md 6.8); slot 0 is the main loop's. */
#define UTCB_AREA 0xbf000000u

static L4_Word_t stack[STACK_WORDS] __attribute__((aligned(16)));
static const L4_ThreadId_t main_thread = {(USER_BASE + 2) << L4_VERSION_BITS | TASK_ID_SYSTEM};
static const L4_ThreadId_t notice_thread = {(USER_BASE + 3) << L4_VERSION_BITS | TASK_ID_SYSTEM};

static void notice_loop(void)
{
    for (;;) {
        struct physmem_notice_info n;
        if (physmem_notice_pull(&n) != OK) {
            L4_Sleep(L4_TimePeriod(PAUSE_US));
            continue;
        }
        L4_LoadMR(1, n.kind);
        L4_LoadMR(2, n.task);
        L4_LoadMR(3, n.thread.raw);
        L4_LoadMR(4, n.address);
        L4_LoadMR(5, n.error);
        L4_LoadMR(6, n.ip);
        (void)L4_Send(main_thread, L4_MsgTag(NOTICE_LABEL, NOTICE_WORDS, 0));
    }
}

enum error notice_start(void)
{
    if (!L4_ThreadControl(notice_thread, main_thread, main_thread, PHYSMEM_THREAD, UTCB_AREA + UTCB_SIZE)) {
        return ERR_KERNEL_MEMORY;
    }
    struct l4_registers r = {
        .control = L4_EXREGS_START,
        .sp = (L4_Word_t)&stack[STACK_WORDS - 1], /* as it is behind a call */
        .ip = (L4_Word_t)notice_loop,
    };
    return L4_IsNilThread(L4_ExchangeRegisters(notice_thread, &r)) ? ERR_NO_THREAD : OK;
}

bool notice_is_sender(L4_ThreadId_t from)
{
    /* The kernel names a thread of the receiver's own space by its local id. */
    return from.raw == UTCB_AREA + UTCB_SIZE + UTCB_MR0_OFFSET || L4_IsThreadEqual(from, notice_thread);
}
