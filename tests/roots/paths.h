/* SPDX-License-Identifier: BSD-2-Clause */
/* What the root tasks share that run the same IPCs with and without the kernel's word `slowipc'.
 * All their spaces have one-to-one memory, so that whatever is static is common to all threads. */
#pragma once

#include "end_machine.h"
#include "l4/syscalls.h"

enum { UTCB_LOG2 = 17, PAGE_LOG2 = 12, MOST_THREADS = 8 };
#define UTCB_AREA 0xbf000000u
#define KIP_AREA  0xbf300000u

struct registers { /* an IPC's, in and out */
    L4_Word_t eax, ecx, edx, esi, edi, ebx, ebp;
};

extern volatile L4_Word_t hashes[MOST_THREADS];

L4_Word_t random_word(void);
void hash(unsigned who, L4_Word_t w);
void raw_ipc(struct registers *r);

/* The IPC (EDI is set in here), and everything it left in registers and UTCB into the hash of
 * `who'. */
L4_MsgTag_t hashed_ipc(unsigned who, struct registers r, L4_ThreadId_t *sender);

/* Ends the machine with a message if the condition is false. */
void must(L4_Word_t condition);

/* A thread t in the space of `space' (t itself: a new space), with sigma0 as pager for one-to-one
 * memory; it runs. */
void start_thread(L4_ThreadId_t t, L4_ThreadId_t space, L4_Word_t utcb, void (*entry)(void), char *stack_end);

int main(void);
