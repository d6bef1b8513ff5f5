/* SPDX-License-Identifier: BSD-2-Clause */
/* Replacement keeps free frames (and those being written) between the two marks of frame.h.  It
 * samples accessed bits, by Unmap, of the frames that the policy names, sends out those that the
 * policy calls victims, each with its old neighbours, and gives up for a while when nothing can be
 * written.  The event loop alone calls it. */
#pragma once

void replacement_init(void);
/* Evicts if frames are short. */
void replacement_run(void);
