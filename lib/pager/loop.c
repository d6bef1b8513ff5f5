/* SPDX-License-Identifier: BSD-2-Clause */
/* The pager thread receives from the threads of its task and sends each answer together with the
 * next receive.  It waits for physmem only, and only in calls that physmem answers in the event
 * that gets them. */
#include "pager/pager_priv.h"

enum { PAUSE_US = 2000 }; /* how long the pager waits for messages while the task is to end */

_Static_assert(sizeof(struct pager) <= PAGE_SIZE - 64,
               "leaves room for the system call addresses in one page");

struct pager pager __attribute__((section(".bss.pager"), aligned(PAGE_SIZE)));

/* Returns the record of a thread, whose slot follows from its UTCB's address; NULL if it is not a
 * thread of this task. */
PAGER_TEXT struct pager_thread *pager_find_thread(L4_ThreadId_t local)
{
    L4_Word_t offset = local.raw - UTCB_MR0_OFFSET - TASK_UTCB_BASE;
    if (offset % UTCB_SIZE != 0 || offset / UTCB_SIZE >= TASK_THREADS_MAX) {
        return 0;
    }
    return &pager.threads[offset / UTCB_SIZE];
}

PAGER_TEXT struct pager_next pager_reply_empty(L4_ThreadId_t to)
{
    return (struct pager_next){to, L4_MsgTag(0, 0, 0), L4_ZeroTime};
}

static PAGER_TEXT struct pager_next dispatch(L4_ThreadId_t from, L4_MsgTag_t tag)
{
    L4_Word_t label = L4_Label(tag);
    struct pager_thread *thread = pager_find_thread(from);
    if (!thread || L4_TypedWords(tag) != 0) {
        pager.stats.dropped++;
        return (struct pager_next){0};
    }
    if ((label & 0xfff0) == L4_LABEL_PAGE_FAULT && L4_UntypedWords(tag) == 2) {
        return pager_on_fault(from, thread, L4_StoreMR(1), L4_StoreMR(2), label & 7);
    }
    if ((label & 0xfff0) == L4_LABEL_IO_FAULT && L4_UntypedWords(tag) == 2) {
        return pager_on_port(from, L4_StoreMR(2));
    }
    if (label == L4_LABEL_EXCEPTION && L4_UntypedWords(tag) == 12) {
        return pager_on_exception(from);
    }
    return pager_on_request(from, tag);
}

PAGER_TEXT void pager_main(void)
{
    struct pager_next next = {0};
    L4_Time_t patience = L4_Never;
    L4_Set_ExceptionHandler(pager.task_server);
    for (;;) {
        L4_ThreadId_t from;
        L4_MsgTag_t tag =
            L4_Ipc(next.to, L4_anylocalthread, L4_Timeouts(next.timeout, patience), next.tag, &from);
        if (L4_IpcSucceeded(tag)) {
            next = dispatch(from, tag);
        } else {
            /* A reply or a forward found nobody: its thread has been deleted or moved meanwhile. */
            pager.stats.send_failures++;
            next = (struct pager_next){0};
        }
        if (__builtin_expect(pager.ending != 0, 0)) {
            next = pager_tell_end(next);
            patience = L4_TimePeriod(PAUSE_US);
        }
    }
}
