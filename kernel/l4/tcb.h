/* SPDX-License-Identifier: BSD-2-Clause */
/* Thread control blocks.  A blocked thread is its TCB and nothing else: it has no kernel stack.
 *
 *     INACTIVE --activate--> RECEIVING (its start message) --> READY
 *     READY <--> SENDING, RECEIVING, TRANSFER
 *
 * ipc.h says what the blocked states mean and who stands in which send queue, schedule.h where a
 * READY thread is.  Only the files of IPC, thread.c and interrupt_ipc.c change a state.  Everything
 * here is touched by the kernel alone, with interrupts off, on one processor. */
#pragma once

#include "arch_regs.h"
#include "progress.h"

struct space;

enum thread_state {
    THREAD_RECEIVING, /* first, for the limits of schedule.h */
    THREAD_READY,
    THREAD_INACTIVE,
    THREAD_SENDING,
    THREAD_TRANSFER, /* in the middle of a transfer that has stopped */
};

/* What the IPC of a thread is made of: where its message comes from, and where the reply goes. */
enum ipc_kind {
    IPC_USER,       /* message registers, both ways */
    IPC_FAULT,      /* a page-fault message; the reply's map items go into the complete space */
    IPC_PREEMPTION, /* the clock; any reply will do */
    IPC_EXCEPTION,  /* 12 words of registers, both ways */
    IPC_START,      /* receives only: IP and SP */
    IPC_INTERRUPT,  /* sends only; the TCB is that of an interrupt line */
};

/* The send queues of a receiver: for senders of its own space, and for all others. */
enum sender_kind { SENDERS_FOREIGN, SENDERS_LOCAL, SENDER_KINDS };
enum queue_flags {
    QUEUE_FILLED = 0x8000,
    QUEUE_PROPAGATED = 0x4000, /* since it was empty, a message in another's name has been in it */
    QUEUE_MIXED = 0x2000,      /* the same: the receiver or a sender has come from another space */
};

/* A walk over both queues: whom to look at next in each. */
struct queue_walk {
    struct tcb *next[SENDER_KINDS];
};

/* How far the transfer of a message is; the sender keeps it.  Indices are those of message and
 * buffer registers. */
struct transfer {
    uint8_t item;       /* first word of the typed item that is worked on */
    uint8_t string_end; /* word behind the string item; 0: no string is under way */
    uint8_t source, source_piece;
    uint8_t buffer; /* first BR of the buffer string in use; 0: none is left */
    uint8_t target, target_piece;
    uint8_t error, receiver_error; /* L4_Ipc... codes for the two sides */
    bool buffers_begun;
    bool timed;            /* a fault has happened: the transfer time-out runs, if there is one */
    bool receiver_shorter; /* whose transfer time-out it is */
    word_t bytes;          /* copied, over all strings of the message */
    union {
        struct {
            word_t source_offset, target_offset; /* of a string */
        };
        struct map_progress map; /* of a map item: zero when it begins */
    };
};

struct tcb {
    struct arch_regs regs; /* must be first: the processor pushes right here */
    word_t global_id;
    word_t *utcb;    /* kernel address of MR0; NULL while inactive */
    word_t local_id; /* user address of MR0; 0 until it is known */
    struct space *space;
    struct tcb *next, *prev;
    struct tcb *senders[SENDER_KINDS]; /* the firsts of the send queues (send_queue.h) */

    union { /* the short ways (ipc_plain.c, ia32/ipc_fast.S) take all four bytes at once */
        struct {
            uint8_t rank;            /* 255 - priority */
            uint8_t halted      : 1; /* does not run at user level; an IPC under way completes */
            uint8_t redirected  : 1; /* its space has a redirector, or is stripped */
            uint8_t nested      : 1; /* asks its pager in the middle of a string transfer */
            uint8_t timer_armed : 1;
            uint8_t turn_over   : 1; /* its slice has ended and it has not been chosen since */
            /* Nested: the thread's own IPC has a receive phase (see outer). */
            uint8_t outer_has_receive : 1;
            uint8_t ipc_kind; /* enum ipc_kind */
            uint8_t state;    /* enum thread_state */
        };
        uint32_t status;
    };

    uint8_t fault_vector; /* IPC_EXCEPTION */
    uint8_t priority;     /* tcb_set_priority changes it */
    bool queued;          /* stands in a ready queue */
    bool has_receive;     /* a receive phase follows the send phase */

    struct tcb *partner; /* SENDING: the receiver */
    /* Of the receive phase: the FromSpecifier as it was given, nilthread for none.  RECEIVING: a
     * global id, anythread or anylocalthread. */
    word_t from_spec;
    word_t cr3;      /* arch_space_root() of its space */
    word_t timeouts; /* send << 16 | receive */
    word_t tag;      /* of the message being sent */
    union {
        struct {                /* of the message being sent */
            word_t virtual_id;  /* propagation: in whose name it is; 0: the thread's own */
            word_t intended_id; /* redirection: whom it was for; 0: not redirected */
        };
        struct queue_walk search; /* of the receive phase: where in its queue it looks next */
    };

    ticks_t deadline; /* of the time-out that runs */
    struct tcb *timer_next, *timer_prev;

    word_t scheduler;                     /* global id */
    uint32_t slice_ticks, slice_left;     /* slice_ticks 0: peers never preempt it */
    uint32_t quantum_left;                /* ticks; 0: without end */
    uint16_t max_delay_ticks, delay_left; /* delay_left > 0: it runs on although it is preempted */
    uint16_t used_us;                     /* less than a tick: not yet taken from the slice */
    uint8_t sensitive_priority;
    uint8_t delay_over         : 1; /* no more delay until it has been preempted */
    uint8_t handles_interrupts : 1; /* it has been the handler of a line */
    word_t payer;                   /* global id of the thread whose slice its time is */

    /* IPC_FAULT: [1] address, [2] ip (all ones in the receiver's part of a transfer);
     * IPC_PREEMPTION: [1], [2] the clock. */
    word_t fault_words[3];
    word_t awaiter;     /* see tcb_await */
    word_t fault_error; /* IPC_EXCEPTION */

    struct tcb *peer;     /* the other side of a transfer that has stopped, or NULL */
    bool transfer_sender; /* which side this is */
    uint8_t continuing;   /* enum continuing; not 0 only while READY */
    uint16_t queue;       /* enum queue_flags: what stands in the send queues */
    word_t queue_stamp;   /* SENDING: when it queued up; it wraps */
    union {
        struct transfer transfer;
        struct unmap_call unmap;  /* CONTINUES_UNMAP */
        struct printing printing; /* CONTINUES_PRINTING */
    };
    struct { /* the thread's own IPC while it asks its pager in the middle of a transfer */
        word_t tag, timeouts, from_spec, virtual_id, intended_id;
    } outer;

    struct tcb *space_next, *space_prev;
    void *fpu; /* saved FPU state, or NULL: not used yet */
};

_Static_assert(sizeof(struct tcb) <= 512, "a TCB is at most 512 bytes");

/* tcb.status: what is not zero in it beside the rank and the state keeps a thread off the short
 * ways, or, as the kind of its IPC and its timer, off the shortest. */
#define TCB_STATUS_RANK  0x000000ffu
#define TCB_STATUS_KIND  0x00ff0000u
#define TCB_STATUS_TIMER 0x00000800u
#define TCB_STATUS_OVER  0x00001000u /* turn_over */

extern struct tcb
    *current; /* the thread whose event this is, or that runs; NULL: none, the processor idles */

static inline word_t tcb_number(const struct tcb *t)
{
    return t->global_id >> L4_VERSION_BITS;
}

/* Local ids are addresses of UTCBs: their low bits, which hold a global id's version, are zero. */
static inline bool tcb_id_is_local(word_t id)
{
    return (id & 0x3f) == 0;
}

/* Does the FromSpecifier admit more than one thread, as that of a server does? */
static inline bool tcb_spec_is_open(word_t from_spec)
{
    return from_spec == L4_anythread.raw || from_spec == L4_anylocalthread.raw;
}

static inline bool tcb_is_open(const struct tcb *t)
{
    return tcb_spec_is_open(t->from_spec);
}

/* Who waits, or has waited, for t alone: the global id of a thread, which may have another
 * version by now, 0 for nobody, or AWAITED_BY_MANY.  Whoever waits for t is that one, unless
 * there are many; so only then all threads have to be looked at for those who do. */
#define AWAITED_BY_MANY 0xffffffffu

/* awaiter waits for t alone from now on. */
static inline void tcb_await(struct tcb *t, word_t awaiter)
{
    if (__builtin_expect(t->awaiter != awaiter && t->awaiter != AWAITED_BY_MANY, 0)) {
        t->awaiter = t->awaiter == 0 ? awaiter : AWAITED_BY_MANY;
    }
}

static inline bool tcb_active(const struct tcb *t)
{
    return t->state != THREAD_INACTIVE;
}

/* It waits, but has not yet looked through all of its queue: READY to go on with that. */
static inline bool tcb_searches(const struct tcb *t)
{
    return t->continuing == CONTINUES_RECEIVING;
}

static inline bool tcb_waits(const struct tcb *t)
{
    return t->state == THREAD_RECEIVING || tcb_searches(t);
}

/* A thread control register of an active thread. */
static inline word_t *tcb_tcr(struct tcb *t, int index)
{
    return &t->utcb[index];
}

static inline void tcb_set_priority(struct tcb *t, uint8_t priority)
{
    t->priority = priority;
    t->rank = (uint8_t)(UINT8_MAX - priority);
}

static inline void tcb_set_error(struct tcb *t, word_t code)
{
    t->utcb[UTCB_ERROR_CODE] = code;
}
