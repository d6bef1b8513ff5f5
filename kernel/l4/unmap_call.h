/* SPDX-License-Identifier: BSD-2-Clause */
/* The system call Unmap, which goes on in steps (interface.md 6.2).
 *
 * It is not atomic over its pages: each page is unmapped for itself, with all that is derived from
 * it, and even of that, others may see a part gone already.  What has been unmapped stays unmapped
 * if the thread disappears meanwhile.  sigma0 can bound a call's steps (l4/kernel_memory.h). */
#pragma once

#include "tcb.h"

/* The call of t, the current thread, with fpages in its message registers from MR0 on.  false: t is
 * `continuing', and schedule_exit says who runs. */
bool unmap_system_call(struct tcb *t, word_t control);

/* The next step.  Called by long_call.c alone. */
RARE void unmap_continue(struct tcb *t);

/* t is about to get other memory: the call ends with what is done. */
RARE void unmap_cut(struct tcb *t);
