/* SPDX-License-Identifier: BSD-2-Clause */
/* MemoryControl (interface.md 4.8): sigma0 chooses how frames are cached, and lends frames to the
 * kernel (docs/x2.md).  It goes on in steps.  Called for the system call alone. */
#pragma once

#include "word.h"

struct tcb;

struct memory_control {
    word_t control;      /* fpages - 1; they are in the message registers */
    word_t attribute[4]; /* an fpage's rights say which one applies */
    /* out: of kernel memory, if sigma0 asks; free for what lasts, and for mappings */
    word_t pages_free, pages_total, pages_lent, pages_for_mappings;
    bool types_changed; /* out: the caches must be written back */
};

/* The step is over: the caller makes the same call again, behind a window for interrupts, and that
 * goes on. */
enum { MEMORY_MORE = 0x100 };

/* 0, or an X.2 error code: then it has stopped at the first page that cannot be done, and those
 * before it are done; or MEMORY_MORE. */
word_t memory_control(struct tcb *caller, struct memory_control *c);

/* SpaceControl's extension: the quota of a space in KiB and whether it is watched, for control
 * words that carry them.  Returns the old ones in the same form; 0 if nothing was asked. */
word_t memory_quota(struct tcb *of, word_t control);
