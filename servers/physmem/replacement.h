/* SPDX-License-Identifier: BSD-2-Clause */
/* Replacement: a clock with ages over all frames.  Keeps free frames (and those being written) between the two
 * marks.  Wired and shielded pages are passed over; the accessed bits come from Unmap. */
#pragma once

#include "types.h"

void replacement_init(void);
/* Evicts if frames are short. */
void replacement_run(void);
/* A transfer has ended: what could not be evicted before may be now.  (So it may when time has passed.) */
void replacement_retry(void);
