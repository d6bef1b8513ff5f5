/* SPDX-License-Identifier: BSD-2-Clause */
/* Thread control blocks.  A blocked thread is its TCB and nothing else: no kernel stack.
 *
 * States:   INACTIVE --activate--> RECEIVING (start message) --> READY <--> SENDING, RECEIVING
 * A READY thread is the current one or stands in a ready queue, unless it is halted.
 * A SENDING thread stands in its receiver's send queue; a RECEIVING one in no queue.  next/prev serve
 * whichever queue it is.  Everything here is touched by the kernel with interrupts off, on one CPU. */
#pragma once

#include "arch_regs.h"
#include "word.h"

struct space;

enum thread_state {
    THREAD_INACTIVE,
    THREAD_READY,
    THREAD_SENDING,
    THREAD_RECEIVING,
    THREAD_TRANSFER, /* in the middle of a string transfer, waiting for its peer */
};

/* What the IPC of a thread is made of: where its message comes from and where the reply goes. */
enum ipc_kind {
    IPC_USER,       /* message registers, both ways */
    IPC_FAULT,      /* page-fault message; reply: map items into the complete space */
    IPC_PREEMPTION, /* the clock, to the scheduler or the exception handler; any reply */
    IPC_EXCEPTION,  /* 12 words of registers, both ways */
    IPC_START,      /* receive only: IP and SP */
    IPC_INTERRUPT,  /* send only; the TCB is that of an interrupt line */
};

/* How far a string transfer is: kept by the sender.  Indices are of message and buffer registers. */
struct transfer {
    uint8_t item;       /* first word of the typed item that is worked on */
    uint8_t string_end; /* word behind the string item; 0 = no string is under way */
    uint8_t source, source_piece;
    uint8_t buffer; /* first BR of the buffer string in use; 0 = none is left */
    uint8_t target, target_piece;
    uint8_t error, receiver_error; /* L4_Ipc... codes for the two sides */
    bool buffers_begun;
    bool timed;            /* a fault has happened: the transfer time-out runs, if there is one */
    bool receiver_shorter; /* whose transfer time-out it is */
    word_t source_offset, target_offset;
    word_t bytes; /* copied, over all strings of the message */
};

struct tcb {
    struct arch_regs regs; /* must be first: the processor pushes right here */
    word_t global_id;
    word_t *utcb;    /* kernel address of MR0; NULL while inactive */
    word_t local_id; /* user address of MR0; 0 until known */
    struct space *space;
    struct tcb *next, *prev;
    struct tcb *senders; /* FIFO send queue: first; its prev is the last */

    union { /* the plain paths (ipc_plain.c, ia32/ipc_fast.S) take all four bytes at once */
        struct {
            uint8_t state;          /* enum thread_state */
            uint8_t ipc_kind;       /* enum ipc_kind */
            uint8_t halted     : 1; /* does not run at user level; an ongoing IPC completes first */
            uint8_t redirected : 1; /* its space has a redirector */
            uint8_t nested     : 1; /* asks its pager in the middle of a string transfer */
            bool timer_armed;
        };
        uint32_t status;
    };

    uint8_t priority;
    bool queued;      /* stands in a ready queue */
    bool has_receive; /* a receive phase follows the send phase */
    uint8_t sensitive_priority;

    struct tcb *partner; /* SENDING: the receiver; RECEIVING: the one awaited, NULL = anybody */
    word_t from_spec;    /* receive phase wanted: raw FromSpecifier */
    word_t timeouts;     /* send << 16 | receive */
    word_t tag;          /* of the message being sent */
    word_t virtual_id;   /* propagation: in whose name the message being sent is; 0 = own */
    uint32_t awaited;    /* threads in a closed receive from this one */
    word_t intended_id;  /* redirection: whom the message being sent was for; 0 = not redirected */

    ticks_t deadline; /* of the timeout that runs */
    struct tcb *timer_next, *timer_prev;

    word_t scheduler;                     /* global id */
    uint32_t slice_ticks, slice_left;     /* 0 = never preempted by peers */
    uint32_t quantum_left;                /* ticks; 0 = without end */
    uint16_t max_delay_ticks, delay_left; /* of preemption; delay_left > 0: runs on although preempted */
    bool delay_over;                      /* no more of it until it has been preempted */
    bool handles_interrupts;              /* has been the handler of a line */

    union {
        word_t fault_words
            [3]; /* IPC_FAULT: [1] address, [2] ip (all ones inside a transfer); PREEMPTION: clock */
        struct tcb *rematch_next; /* in [0]; ipc_propagation.c */
    };
    word_t fault_vector, fault_error; /* IPC_EXCEPTION */

    struct tcb *peer;     /* the other side of a string transfer; NULL = none */
    bool transfer_sender; /* which side this is */
    bool continuing;      /* READY, with a transfer to go on with before anything at user level */
    struct transfer transfer;
    struct { /* the sender's own IPC while it asks its pager in the middle of a transfer */
        word_t tag, timeouts, from_spec, virtual_id, intended_id;
        bool has_receive;
    } outer;

    struct tcb *space_next, *space_prev;
    void *fpu; /* saved FPU state, or NULL: not used yet */
};

_Static_assert(sizeof(struct tcb) <= 512, "a TCB is at most 512 bytes");

/* tcb.status of a thread that is neither halted nor redirected nor nested, with no timer running. */
#define TCB_STATUS(state, ipc_kind) ((uint32_t)(state) | (uint32_t)(ipc_kind) << 8)
#define TCB_STATUS_KIND             0xff00u

extern struct tcb *current; /* NULL while idle */

static inline word_t tcb_number(const struct tcb *t)
{
    return t->global_id >> L4_VERSION_BITS;
}

/* Local ids are addresses of UTCBs: their low bits, which hold a global id's version, are zero. */
static inline bool tcb_id_is_local(word_t id)
{
    return (id & 0x3f) == 0;
}

static inline bool tcb_active(const struct tcb *t)
{
    return t->state != THREAD_INACTIVE;
}

/* Active threads only. */
static inline word_t *tcb_tcr(struct tcb *t, int index)
{
    return &t->utcb[index];
}

static inline void tcb_set_error(struct tcb *t, word_t code)
{
    t->utcb[UTCB_ERROR_CODE] = code;
}
