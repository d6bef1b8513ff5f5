/* SPDX-License-Identifier: BSD-2-Clause */
/* The rest of threads that have been deleted, and of spaces that have lost their last thread.
 *
 * A thread that is to go, and to which others send or for which they wait, is inactive and stands
 * in the reaper's list until they have been told.  It keeps its number, and so nobody else gets
 * that: a ThreadControl that finds a thread in the list comes after it.
 *
 * A thread that has got another id, and messages in another's name that may fit by now, stand in
 * this list as well.
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

/* What is to go, linked by next.  Only reaper.c changes it. */
extern struct space *reaper_spaces;
extern struct tcb *reaper_threads;

static inline bool reaper_has_work(void)
{
    return __builtin_expect(((uintptr_t)reaper_spaces | (uintptr_t)reaper_threads) != 0, 0);
}

/* t is inactive, and in no queue; an interrupt line stays when those who wait for it have been
 * told. */
RARE void reaper_add_thread(struct tcb *t);

/* t has had another id before: those who send to it or wait for it by that are told.  The list is
 * empty. */
RARE void reaper_add_renamed(struct tcb *t, word_t old_id);
/* Messages in another's name may fit now, or threads be redirected (ipc_look_again_step): the whole
 * is looked at, again if that is under way. */
RARE void reaper_look_again(void);

/* The space has no thread and is not current. */
void reaper_add(struct space *space);

/* The first step; if something is left, the caller, the current thread, goes on with it. */
RARE void reaper_begin(struct tcb *caller);

/* Goes on.  true: nothing is left. */
RARE bool reaper_step(void);
