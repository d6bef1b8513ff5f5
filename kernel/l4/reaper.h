/* SPDX-License-Identifier: BSD-2-Clause */
/* The rest of spaces that have lost their last thread.
 *
 * Such a space is taken out of the list of spaces at once, and stands in the reaper's list until
 * its mappings, with all that is derived from them, its ports and its pages are gone.  Nobody can
 * name it, map to it or run in it; its mappings can still be unmapped by those above.
 *
 * The thread whose ThreadControl has left it there goes on with it before it returns.  If that
 * thread disappears meanwhile, then by a ThreadControl of another one, which goes on with whatever
 * is in the list.  So nothing stays there that nobody works on. */
#pragma once

#include "tcb.h"

/* The spaces that are to go, linked by next.  Only reaper.c changes it. */
extern struct space *reaper_spaces;

/* The space has no thread and is not current. */
void reaper_add(struct space *space);

/* Goes on.  true: nothing is left. */
RARE bool reaper_step(void);
