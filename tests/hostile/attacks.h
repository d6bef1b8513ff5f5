/* SPDX-License-Identifier: BSD-2-Clause */
/* The attacks' functions, by the files in which they are.  For the table in attacks.c. */
#pragma once

/* on_physmem.c: calls that would take long */
void copy_zeros(void);
void punch_scattered(void);
void make_windows(void);
void punch_huge(void);
void stat_huge(void);
void ask_about_all(void);
void ask_for_sums(void);
void share_flood(void);
void handles_of_the_dead(void);
void forge_forwards(void);

/* on_memory.c: memory and faults */
void neighbour(void);
void spin(void);
void fill(void);
void full(void);
void scatter(void);
void unmap_halves(void);
void regions(void);
void map_one_page_often(void);
void spread_one_page(void);
void fault_in_crowds(void);

/* on_tasks.c: tasks and threads */
void fork_bomb(void);
void sixty_touchers(void);
void zombies(void);
void kill_full_spaces(void);
void thread_flood(void);
void orphans(void);
void lost_threads(void);

/* on_kernel.c: system calls and time */
void senders_at_the_pager(void);
void unmap_everything(void);
void timeouts_in_one_tick(void);
void sleep_before_ticks(void);
void use_fpu_in_crowds(void);
void call_the_debugger(void);
void strings_that_stop(void);

/* on_console.c */
void console_readers(void);
void console_flood(void);
