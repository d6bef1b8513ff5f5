/* SPDX-License-Identifier: BSD-2-Clause */
/* The depth of faults (law 1), measured: how many rounds at physmem one fault takes.
 *
 * A fault that is put to physmem is in its first round.  The answered page stays for its asker
 * until that one has got on, or until SHIELD_TICKS have passed (policy/shield.h).  If it is taken
 * for its frame before that time, and the asker comes again, the fault is in its next round.  It is
 * a fault of its own, and in its first round, if
 *   - the page is still in memory: then the task itself has dropped the mapping, or wants more
 *     rights;
 *   - the time is over;
 *   - an outswap of the page's owner took it: that was asked for, and passes over shields.
 * A pager may have had faults of its own on the way to the forward, served as last resort: then the
 * depth of what it forwards is the most rounds that one of these took, and the rounds of the
 * forwarded fault on top.  So the depth is 1 for an ordinary fault, and 2 where a page of the pager
 * was out.  Nothing but the shields keeps it there: what is counted here has no bound, and decides
 * nothing. */
#pragma once

#include "contents/entry.h"
#include "l4/types.h"

struct container;
struct fault_record;
struct task;

/* A fault arrived: sets fault->round, and counts its depth.  page: what container_page says of its
 * place; HOLE: it has no container.  A forwarded one has fault->below set already. */
void rounds_arrived(struct fault_record *fault, entry_t page);
/* The pager forwards a fault: the most rounds that a last-resort fault of its own took since its
 * last forward, 0 = it had none. */
uint32_t rounds_below(struct task *t, L4_ThreadId_t pager);
/* The page of that place is about to be mapped for the task, and is shielded: nobody's fault is
 * answered with it, */
void rounds_mapped(struct task *t, const struct container *c, uint32_t page);
/* or this one. */
void rounds_answered(const struct fault_record *fault);
/* That answer could not be sent. */
void rounds_unanswered(struct task *t);
/* Is the page one of those that the task was answered with last, for the same thread? */
bool rounds_comes_again(const struct fault_record *fault);
