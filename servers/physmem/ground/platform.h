/* SPDX-License-Identifier: BSD-2-Clause */
/* All that physmem wants from the kernel and the machine.  platform_l4.c is the real one; the host
 * tests bring a simulated memory with simulated mappings.  Nothing else in this folder makes system
 * calls. */
#pragma once

#include "l4/types.h"
#include "ground/types.h"

enum { UNMAP_BATCH_MAX = 60 }; /* fpages in one Unmap */

enum { MESSAGE_WORDS_MAX = 63 }; /* MR1.. of one message */

struct message {
    L4_ThreadId_t from;   /* whom the message is from: the virtual sender, if it was propagated */
    L4_ThreadId_t actual; /* who sent it */
    bool propagated;
    L4_Word_t label, words, typed_words;
    L4_Word_t mr[MESSAGE_WORDS_MAX + 1]; /* mr[1] .. mr[words], then typed words */
};

enum reply_result {
    REPLY_DONE,
    REPLY_GONE,      /* nobody waits there */
    REPLY_NO_MEMORY, /* the kernel could not make the mapping */
    REPLY_REFUSED,   /* the thread waits for a message and accepts no mapping */
};

/* Where a physical address can be read and written. */
void *platform_memory(uint32_t physical);

static inline void *frame_memory(frame_t f)
{
    return platform_memory(f << PAGE_SHIFT);
}

/* Takes the rights (L4_Readable ...; 0 = only asks) to the frames away from everybody; status[i]
 * becomes the access status since the last time (0 = not touched, L4_Writable = written).  count <=
 * UNMAP_BATCH_MAX.
 *
 * A task may have a frame mapped to any number of addresses.  So it takes no more than these steps
 * (BUDGET_STEP each, at least one; UNMAP_STEPS_ALL: as many as needed), and returns how many were
 * used up.  If they were not enough status[i] has UNMAP_MORE: the first such frame is done in part,
 * those behind it not at all.  What was asked or taken of a part is in its status; who takes
 * mappings away goes on there the next time, anybody else begins again. */
enum { UNMAP_MORE = 8, UNMAP_STEPS_ALL = 0 };
uint32_t platform_unmap(const frame_t *frames, uint32_t count, L4_Word_t rights, uint32_t steps,
                        L4_Word_t *status);

/* Sends with a zero time-out.  mr[1] .. are the words. */
enum reply_result platform_reply(L4_ThreadId_t to, const struct message *m);
/* The same with the loop's next wait, one of each event: nobody is told whether it arrives.  The
 * message stays as it is until then. */
void platform_reply_last(L4_ThreadId_t to, const struct message *m);

/* What the ErrorCode of a failed send phase says about the message. */
static inline enum reply_result reply_failure(L4_Word_t code, const struct message *m)
{
    if ((code >> 1 & 7) != L4_IpcMsgOverflow || m->typed_words == 0) {
        return REPLY_GONE;
    }
    return code & L4_IpcNoMemory ? REPLY_NO_MEMORY : REPLY_REFUSED;
}

/* Frames lent to the kernel (l4/kernel_memory.h).  Lend: f is not mapped to anybody, and its
 * contents are lost. Reclaim: false while the kernel uses it. */
bool platform_lend(frame_t f);
bool platform_reclaim(frame_t f);
/* Pages of kernel memory that are free for what lasts; for mappings, which may have more. */
uint32_t platform_kernel_free(void);
uint32_t platform_kernel_for_mappings(void);

/* The kernel gives back what it keeps for the memory of this thread's space, in which nothing is
 * mapped, until something is mapped there again.  If it refuses, or the thread is gone, all stays
 * as it is. */
void platform_strip(L4_ThreadId_t thread);

/* Time since boot in units of 1024 microseconds; goes round. */
uint32_t platform_clock(void);

/* Bytes at the end of physmem's stack that were never used: nothing stops it where it ends. */
uint32_t platform_stack_left(void);

void platform_print(const char *line);
/* Serves nobody any more. */
_Noreturn void platform_halt(void);

/* Objects that are not in use are out of bounds (host tests under the address sanitizer). */
#ifdef __SANITIZE_ADDRESS__
void __asan_poison_memory_region(void const volatile *address, size_t size);
void __asan_unpoison_memory_region(void const volatile *address, size_t size);
#define platform_poison   __asan_poison_memory_region
#define platform_unpoison __asan_unpoison_memory_region
#else
#define platform_poison(address, size)   ((void)(address), (void)(size))
#define platform_unpoison(address, size) ((void)(address), (void)(size))
#endif
