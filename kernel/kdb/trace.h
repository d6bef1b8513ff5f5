/* SPDX-License-Identifier: BSD-2-Clause */
/* The trace: a ring of the last events of the kernel.  It exists if the kernel's command line has
 * the word `trace'; otherwise each hook costs a test and a branch.
 *
 * A hook is one line:  trace(TRACE_FAULT, access, t->global_id, address, ip).  Its arguments are
 * computed only when tracing; trace_record preserves all registers, so that the path around it is
 * compiled as if it were not there. */
#pragma once

#include "l4/word.h"

struct map_range;
struct space;
struct tcb;

/*                    detail           thread    a             b
 *   TRACE_SWITCH     its state        leaving   next          whom it waits for
 *   TRACE_IPC        enum ipc_kind    sender    receiver      tag               a message goes over
 *   TRACE_SEND_WAIT  enum ipc_kind    sender    receiver      tag               the sender queues
 *   TRACE_IPC_ERROR  enum ipc_kind    thread    ErrorCode     -                 an IPC has failed
 *   TRACE_FAULT      rights wanted    thread    address       ip
 *   TRACE_EXCEPTION  -                thread    vector        ip
 *   TRACE_MAP        rights, grant 8  into it   to | log2     from
 *   TRACE_UNMAP      flush 8          caller    fpage         status
 *   TRACE_INTERRUPT  -                running   line          -
 *   TRACE_CONTROL    its number       caller    1st argument  result            another system call
 *   TRACE_MARK       -                thread    word          ip                a debugger call */
enum trace_kind {
    TRACE_NONE, /* never recorded */
    TRACE_SWITCH,
    TRACE_IPC,
    TRACE_SEND_WAIT,
    TRACE_IPC_ERROR,
    TRACE_FAULT,
    TRACE_EXCEPTION,
    TRACE_MAP,
    TRACE_UNMAP,
    TRACE_INTERRUPT,
    TRACE_CONTROL,
    TRACE_MARK,
    TRACE_KINDS,
};

struct trace_event {
    uint32_t time_low;
    uint16_t time_high; /* of arch_time_stamp() */
    uint8_t kind;
    uint8_t cpu : 4, detail : 4;
    word_t thread, a, b;
};

_Static_assert(sizeof(struct trace_event) == 20, "an event is 20 bytes");

enum { TRACE_EVENTS = 2048, TRACE_GRANT = 8, TRACE_FLUSH = 8 };

extern bool tracing;

/* Starts tracing into room for TRACE_EVENTS events; NULL ends it. */
void trace_start(struct trace_event *room);

/* Every register is the callee's to preserve, and arguments go on the stack: a hook leaves no mark
 * on the code around it.  The host's compiler cannot with its floating-point registers. */
#ifdef HOST_TEST
#define TRACE_CALL __attribute__((cold, noinline))
#else
#define TRACE_CALL __attribute__((cold, noinline, no_caller_saved_registers))
#endif

TRACE_CALL void trace_record(word_t kind, word_t detail, word_t thread, word_t a, word_t b);
TRACE_CALL void trace_switch_record(const struct tcb *from, const struct tcb *to);
TRACE_CALL void trace_map_record(const struct space *to, const struct map_range *range, word_t rights,
                                 word_t grant);

static inline void trace(enum trace_kind kind, word_t detail, word_t thread, word_t a, word_t b)
{
    if (__builtin_expect(tracing, 0)) {
        trace_record(kind, detail, thread, a, b);
    }
}

static inline void trace_map(const struct space *to, const struct map_range *range, word_t rights, bool grant)
{
    if (__builtin_expect(tracing, 0)) {
        trace_map_record(to, range, rights, grant);
    }
}

static inline void trace_switch(const struct tcb *from, const struct tcb *to)
{
    if (__builtin_expect(tracing, 0)) {
        trace_switch_record(from, to);
    }
}

/* When that was, the clock being at zero. */
uint64_t trace_start_stamp(void);

/* Events recorded since the start; the ring has the last TRACE_EVENTS of them. */
uint32_t trace_count(void);
/* Event number n, counted from the start; NULL: overwritten, or not there yet. */
const struct trace_event *trace_find(uint32_t n);

/* One event as a line of text without newline: "trace <n> <time> <cpu> <kind> <name>=<value> ...",
 * numbers in hex but n and cpu (docs/debugging.md).  Returns its length. */
int trace_format(char *line, size_t size, uint32_t n, const struct trace_event *e);
