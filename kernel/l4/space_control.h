/* SPDX-License-Identifier: BSD-2-Clause */
/* X.2 SpaceControl (interface.md 4.5): areas, redirector and quota of a space.  Called for the
 * system call alone.  Everything is checked before anything changes. */
#pragma once

#include "tcb.h"

struct space_call { /* the arguments as they came, and the result */
    word_t space, control, kip_area, utcb_area, redirector;
    word_t old_control; /* out; 0 with an error */
};

/* 0, or an X.2 error code. */
word_t space_control(struct tcb *caller, struct space_call *c);
