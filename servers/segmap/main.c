/* SPDX-License-Identifier: BSD-2-Clause */
/* The Segment Map's server: pulls calls from physmem, does them, brings their results with the next
 * pull.  It has no pager thread, so physmem pages it; it calls nobody else, for all others may wait
 * for it. */
#include <string.h>

#include "client/rpc.h"
#include "l4/syscalls.h"
#include "protocol/error.h"
#include "protocol/ids.h"
#include "protocol/physmem.h"
#include "serve.h"

static struct segmap segmap;
static uint32_t used[SEGMAP_PAGES_MAX / 32];

/* The same message again until it is answered: physmem knows what it has counted.  The wait is an
 * open one, so that whoever physmem works for just then pays for what is to be done; what others
 * send is not read.  Returns the number of words of the answer, 0 if physmem has refused. */
static uint32_t pull(const uint32_t *words, uint32_t count, uint32_t *calls)
{
    L4_MsgTag_t tag;
    L4_ThreadId_t from;
    do {
        memcpy(L4_Utcb() + 1, words, count * sizeof *words);
        tag = L4_Ipc(PHYSMEM_THREAD, L4_anythread, L4_Timeouts(L4_Never, L4_Never),
                     L4_MsgTag(SEGMAP_PULL, count, 0), &from);
    } while (L4_IpcFailed(tag) || from.raw != PHYSMEM_THREAD.raw || L4_Label(tag) == PHYSMEM_ANSWER);
    uint32_t answered = L4_Label(tag) == SEGMAP_CALLS ? L4_UntypedWords(tag) : 0;
    memcpy(calls, L4_Utcb() + 1, answered * sizeof *calls);
    return answered;
}

int main(void)
{
    L4_Word_t place[2];
    enum error e = rpc_call(PHYSMEM_THREAD, PHYSMEM_REPLY, SEGMAP_OPEN, NULL, 0, place, 2);
    if (e != OK || place[1] < MAP_PAGES_MIN || place[1] > SEGMAP_PAGES_MAX) {
        return 1;
    }
    segmap_open(&segmap, (void *)place[0], place[1], used);
    uint32_t calls[SEGMAP_WORDS_MAX], words[SEGMAP_WORDS_MAX];
    uint32_t count = segmap_first_pull(&segmap, words), answered;
    while ((answered = pull(words, count, calls)) != 0) {
        count = segmap_step(&segmap, calls, answered, words);
    }
    return 1;
}
