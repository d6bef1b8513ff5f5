/* SPDX-License-Identifier: BSD-2-Clause */
/* What an attack is, and what all of them use.  An attack's function runs in a task of its own
 * beside the victim, and goes on until attack_goes_on says no. */
#pragma once

#include <stdbool.h>

#include "hostile.h"
#include "protocol/ids.h"

enum attack_flag {
    ATTACK_REFUSED = 1,  /* must meet its bound */
    ATTACK_NO_TOUCH = 2, /* leaves nothing for new pages, of which the victim gets none */
    ATTACK_NO_QUOTA = 4, /* has no bound of its own */
    ATTACK_MAY_DIE = 8,  /* may be ended for what it does */
    ATTACK_SETS_UP = 16, /* says itself when it begins */
    ATTACK_DISK = 32,    /* makes the disk work, which nobody pays for */
};

struct attack {
    const char *name;
    void (*run)(void);
    unsigned flags; /* enum attack_flag */
    unsigned ready; /* threads of it that want the processor all the time */
    unsigned quota; /* in pages; 0: twice the machine's memory, but half of all there is at most */
    unsigned crowd; /* threads or tasks that it must have got; half of it on the smallest machine */
};

extern const struct attack attacks[];
extern const unsigned attack_count;
/* Returns null if there is none of that name. */
const struct attack *attack_find(const char *name);

/* For those that set something up first: from now on the victim is watched. */
void attack_begins(void);
/* Once for each round, by the first thread. */
bool attack_goes_on(void);
/* Counts a refusal, if it is one; returns whether it is none. */
bool attack_got(enum error e);
/* Threads that run function(number), as many as the attack asks for and gets.  It may be called
 * again for more. */
unsigned attack_threads(void (*function)(void *), unsigned count);
/* So many threads or tasks more are there. */
void attack_has(unsigned count);
/* Waits for rounds to end while the attack's threads do the work. */
void attack_waits(void);
/* A call to physmem without the repeats of its stubs. */
enum error attack_call(L4_Word_t label, const L4_Word_t *in, unsigned count, L4_Word_t *out);
uint32_t attack_random(uint32_t bound);
/* Memory whose pages come by faults; null if it is refused. */
char *attack_memory(L4_Word_t pages);
/* Writes to the page at that address; false if it is refused. */
bool attack_touch(volatile char *page);
