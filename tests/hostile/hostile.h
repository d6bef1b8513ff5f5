/* SPDX-License-Identifier: BSD-2-Clause */
/* What the roles of the program have in common: runner, victim, attack, fuzzer, and what attacks
 * start.  Each is a task of its own, started by spawn() with its role as first argument. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "l4/types.h"
#include "protocol/error.h"

/* Messages between the runner and the others.  All of the runner's are sent to the first thread of
 * the task, which receives from the runner alone. */
enum hostile_label {
    HOSTILE_READY = 0x7001,  /* the task is set up; MR1 = the victim's pager */
    HOSTILE_WORK = 0x7002,   /* to the victim: MR1.. = struct work */
    HOSTILE_REPORT = 0x7003, /* from the victim: MR1.. = struct report */
    HOSTILE_STOP = 0x7004,   /* to an attack: no more */
    HOSTILE_END = 0x7005,    /* from an attack: MR1.. = struct outcome */
    HOSTILE_AT = 0x7006,     /* from a fuzzer: MR1 = messages sent */
};

/* How much the victim is to do, of each kind. */
struct work {
    L4_Word_t computing; /* rounds of 1 000 steps */
    L4_Word_t touches;   /* first touches of pages that are given back at once */
    L4_Word_t visits;    /* pages of its memory read, hashed and written */
    L4_Word_t again;     /* faults at a page that it has, and whose mapping it has given back */
};

/* How long each kind took, in microseconds of the machine, and what came out. */
struct report {
    L4_Word_t computing_us, touches_us, visits_us, again_us;
    L4_Word_t hash;  /* of all that was ever read */
    L4_Word_t error; /* enum error: the first thing that was refused */
};

struct outcome {
    L4_Word_t rounds;   /* how often it did what it does */
    L4_Word_t refusals; /* how often something was refused */
    L4_Word_t error;    /* enum error: the last one */
    L4_Word_t crowd;    /* how many threads or tasks it has got, if that is what it is about */
};

enum { WORDS_PER_REPORT = 6, WORDS_PER_OUTCOME = 4, WORDS_PER_WORK = 4 };

/* Whom an attack can aim at. */
struct target {
    L4_ThreadId_t runner, victim, victim_pager;
};
extern struct target target;

/* Starts this program once more, with those arguments.  Quota in pages; 0: at the caller's cost.
 * One thread of a task may call it. */
enum error spawn(const char *const *words, unsigned count, L4_Word_t quota, L4_Word_t *task,
                 L4_ThreadId_t *thread);

/* The roles; they return the task's status. */
int run_attacks(int count, char **names);
int run_fuzzer(L4_Word_t seed, L4_Word_t messages);
int be_victim(L4_Word_t pages);
int be_attack(const char *name);
int be_fuzzer(L4_Word_t seed, L4_Word_t first, L4_Word_t count);
/* Writes a word into each of so many pages, and then does nothing. */
int be_toucher(L4_Word_t pages);
/* Has as many threads as it can stand in the queue of the target's pager, and tells its parent. */
int be_senders(L4_ThreadId_t parent);
/* Gives others handles of a container of its own, tells its parent how many, and ends. */
int be_sharer(L4_ThreadId_t parent);
/* Has tasks that wait for ever, and ends. */
int be_breeder(void);
/* Gives itself a pager or an exception handler that is nil, itself or gone, and needs it. */
int be_lost(L4_Word_t kind);
