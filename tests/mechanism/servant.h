/* SPDX-License-Identifier: BSD-2-Clause */
/* What the test runner tells its children to do.  Each thread of a child runs the same loop: it
 * takes a command from anybody, does it, and answers with SERVANT_REPLY, MR1 = enum error, MR2.. =
 * results.  A command that cannot go on because of a fault or exception is answered with
 * SERVANT_TRAPPED by a child with a pager thread; the thread takes commands again.  In a child
 * without one the task ends. */
#pragma once

#include "protocol/error.h"
#include "protocol/ids.h"

/* Behind each command: its words, -> its results (MR2 and up; MR1 is the error). */
enum servant_command {
    SERVANT_REPLY = 0x7fe,
    /* MR1 = enum error, MR2 address, MR3 access, MR4 enum pager_reason, MR5 enum pager_trap_kind,
     * MR6 exception number. */
    SERVANT_TRAPPED = 0x7ff,
    SERVANT_NOTHING = 0x700,  /* answers */
    SERVANT_FILL = 0x701,     /* MR1 address, MR2 pages, MR3 seed: writes every word */
    SERVANT_WRONG = 0x702,    /* the same -> MR2 words that are not as FILL left them */
    SERVANT_HASH = 0x703,     /* MR1 address, MR2 pages -> MR2 hash over every word */
    SERVANT_NOT_ZERO = 0x704, /* MR1 address, MR2 pages -> MR2 words that are not zero */
    SERVANT_PEEK = 0x705,     /* MR1 address -> MR2 the word there */
    SERVANT_POKE = 0x706,     /* MR1 address, MR2 word */
    SERVANT_EXECUTE = 0x707,  /* MR1 address: calls what is there */
    /* MR1 address, MR2 pages, MR3 rounds: reads a word of each page, and drops the pages from its
     * own space after each round, so that the next one faults again. */
    SERVANT_TOUCH = 0x708,
    /* -> MR2 text start, MR3 image end, MR4 stack start, MR5 free start, MR6 end of the designated
     * container, MR7 the thread's pager. */
    SERVANT_LAYOUT = 0x709,
    SERVANT_THREADS = 0x70a,       /* MR1 how many more threads -> MR2 how many there are */
    SERVANT_THREAD_ID = 0x70b,     /* MR1 index (0 = the first of THREADS) -> MR2 global id */
    SERVANT_THREAD_DELETE = 0x70c, /* MR1 index */
    /* MR1 server, MR2 reply label, MR3 label | count << 16, MR4.. so many words, at most 8: makes
     * the call in the child's name -> MR1 its error, MR2..MR5 its results. */
    SERVANT_RELAY = 0x70d,
    SERVANT_FLUSH = 0x70e,     /* MR1 fpage, with the rights to take -> MR2 what Unmap says */
    SERVANT_SET_PAGER = 0x70f, /* MR1 thread id: the thread's pager from now on */
    SERVANT_SLEEP = 0x710,     /* MR1 microseconds */
    SERVANT_EXIT = 0x711,      /* MR1 status; no answer */
    /* MR1 index: that thread of the child, which is no pager, becomes the pager. */
    SERVANT_SET_DEAF_PAGER = 0x712,
    /* MR1 thread, MR2 time-outs word: calls it -> MR1 OK or ERR_IPC, MR2 ErrorCode. */
    SERVANT_PARTNER = 0x713,
    /* -> MR2 words of a bss array that are not zero, MR3 words of a data array that are not as
     * initialised, MR4 a constant (42), MR5 address of the data array. */
    SERVANT_PROBE = 0x714,

    /* MR1 from, MR2 to: moves a word, which may lie across pages, by one instruction. */
    SERVANT_MOVE = 0x715,
    /* MR1 address, MR2 pages, MR3 address of a word: reads a word of each page, over and over,
     * until that word is not zero. */
    SERVANT_USE = 0x716,
    /* MR1 index: that thread is taken out of whatever it does or waits for, and takes commands. */
    SERVANT_RESTART = 0x717,
    /* MR1 server, MR2 label, MR3 microseconds: sends it a call without words, and listens to nobody
     * for so long. */
    SERVANT_ASK_DEAF = 0x718,
    /* MR1 handle of a designated container of its own, MR2 IP, MR3 SP: makes a task of it
     * -> MR2 task id, MR3 first thread. */
    SERVANT_MAKE_TASK = 0x719,
    SERVANT_SET_HANDLER = 0x71a, /* MR1 thread id: the thread's exception handler from now on */
    SERVANT_DIVIDE = 0x71b,      /* by zero */

    /* Children with a pager thread only; the others answer ERR_UNKNOWN. */
    SERVANT_MAP_ANONYMOUS = 0x720, /* MR1 pages, MR2 rights -> MR2 address */
    /* MR1 handle, MR2 first page, MR3 pages, MR4 rights -> MR2 address. */
    SERVANT_MAP_CONTAINER = 0x721,
    SERVANT_UNMAP = 0x722,   /* MR1 address, MR2 pages */
    SERVANT_PROTECT = 0x723, /* MR1 address, MR2 pages, MR3 rights */
    /* -> MR2 the pager thread, MR3 forwards, MR4 asks, MR5 exceptions, MR6 dropped. */
    SERVANT_PAGER = 0x724,
    SERVANT_QUERY = 0x725, /* MR1 address -> MR2 start, MR3 end, MR4 enum region_kind, MR5 rights */
};

enum { SERVANT_WORDS_MAX = 12, SERVANT_RESULTS_MAX = 6, SERVANT_THREADS_MAX = 100 };

/* The word that FILL writes. */
static inline uint32_t servant_word(uint32_t seed, uint32_t page, uint32_t index)
{
    uint32_t x = seed * 0x9e3779b9u ^ page * 0x85ebca6bu ^ index * 0xc2b2ae35u;
    x ^= x >> 15;
    x *= 0x2c1b3c6du;
    return (x ^ x >> 13) | 1; /* never zero */
}
