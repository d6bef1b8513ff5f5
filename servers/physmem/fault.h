/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults: parked until the page can be mapped, then answered to the thread that faulted.
 *
 * At most one is parked per thread.  It is answered in the event that makes its page available, or refused:
 * a forwarded one with a note (its pager asks for it) and an empty answer; a last-resort one is not answered,
 * the task server hears of it.  Only living tasks' faults are parked, on living containers. */
#pragma once

#include "platform.h"
#include "protocol/error.h"
#include "types.h"

struct task;
struct container;
struct page;
struct thread;

struct fault_counts {
    uint32_t taken, dropped, depth_max, parked;
};
extern struct fault_counts fault_counts;

void fault_init(void);

/* A fault arrived: *fault says whose (task, id) and what; nothing is kept for that thread.  It is served at once if
 * that is possible, and parked if not. */
void fault_arrive(struct thread *fault);
/* One that is wrong in itself. */
void fault_refuse_arrived(const struct thread *fault, enum error why);
/* What is wrong with the thread's last fault; the note is gone afterwards. */
enum error fault_take_note(struct task *t, L4_ThreadId_t id, L4_Word_t *address);
/* A new message of a thread, or in its name: what was parked for it is over. */
void fault_supersede(L4_ThreadId_t id);
/* Its note goes too. */
void fault_forget_thread(L4_ThreadId_t id);
/* Parked faults of the task in start .. end are answered empty; returns how many. */
uint32_t fault_forget_range(struct task *t, L4_Word_t start, L4_Word_t end);
/* The same for its faults in a container: one of its handles is gone. */
void fault_forget_container(struct task *t, const struct container *c);
void fault_forget_task(struct task *t);
/* The container is about to go. */
void fault_refuse_container(struct container *c, enum error why);

/* Tries every parked fault, oldest first. */
void fault_serve_all(void);
/* Faults that wait for a frame, as of the last fault_serve_all. */
uint32_t fault_waiting_for_frame(void);
/* Nothing will ever free a frame: the oldest that waits for one is refused. */
void fault_refuse_hopeless(void);
/* A fault of a task that is in memory waits for this page. */
bool fault_wants_page(const struct page *p);
/* Every parked fault is well formed; returns the number of violations (check.c). */
uint32_t fault_check(void);
