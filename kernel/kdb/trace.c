/* SPDX-License-Identifier: BSD-2-Clause */
/* The ring, and an event as text.  Written events are never changed; an event is found by its
 * number as long as the ring still has it. */
#include "trace.h"

#include "base/format.h"
#include "ia32/clock.h"
#include "ia32/system_calls.h"
#include "l4/map_item.h"
#include "l4/space.h"
#include "l4/tcb.h"

_Static_assert((TRACE_EVENTS & (TRACE_EVENTS - 1)) == 0, "the ring's index is masked");

bool tracing;
static struct trace_event *ring; /* TRACE_EVENTS of them; NULL: tracing has never been on */
static uint64_t start_stamp;
static uint32_t written; /* wraps after 2^32 events */

void trace_start(struct trace_event *room)
{
    written = 0;
    start_stamp = arch_time_stamp();
    ring = room;
    tracing = room != NULL;
}

TRACE_CALL void trace_record(word_t kind, word_t detail, word_t thread, word_t a, word_t b)
{
    uint64_t now = arch_time_stamp();
    debug_assert(ring && kind > TRACE_NONE && kind < TRACE_KINDS && detail < 16);
    ring[written++ & (TRACE_EVENTS - 1)] = (struct trace_event){.time_low = (uint32_t)now,
                                                                .time_high = (uint16_t)(now >> 32),
                                                                .kind = (uint8_t)kind,
                                                                .detail = (uint8_t)(detail & 0xf),
                                                                .thread = thread,
                                                                .a = a,
                                                                .b = b};
}

/* Whom t waits for, alone; 0: nobody. */
static word_t awaited_by(const struct tcb *t)
{
    if (t->state == THREAD_SENDING) {
        return t->partner->global_id;
    }
    return t->state == THREAD_RECEIVING && !tcb_is_open(t) ? t->from_spec : 0;
}

TRACE_CALL void trace_switch_record(const struct tcb *from, const struct tcb *to)
{
    trace_record(TRACE_SWITCH, from ? from->state : (word_t)THREAD_INACTIVE, from ? from->global_id : 0,
                 to ? to->global_id : 0, from ? awaited_by(from) : 0);
}

/* The range has a power of two as its size, unless it was cut at the end of user memory. */
TRACE_CALL void trace_map_record(const struct space *to, const struct map_range *range, word_t rights,
                                 word_t grant)
{
    word_t log2 = 0;
    while (log2 < 32 && 2ull << log2 <= range->bytes) {
        log2++;
    }
    trace_record(TRACE_MAP, rights | (grant ? TRACE_GRANT : 0u), to->threads ? to->threads->global_id : 0,
                 ((word_t)range->destination & PAGE_MASK) | log2, (word_t)range->source);
}

uint64_t trace_start_stamp(void)
{
    return start_stamp;
}

uint32_t trace_count(void)
{
    return written;
}

const struct trace_event *trace_find(uint32_t n)
{
    uint32_t age = written - n;
    return ring && age >= 1 && age <= TRACE_EVENTS ? &ring[n & (TRACE_EVENTS - 1)] : NULL;
}

/* ---- text ---- */

struct field_names { /* of an event: its kind, and what its words are called; NULL = not used */
    const char *kind, *detail, *thread, *a, *b;
};

static const struct field_names names[TRACE_KINDS] = {
    [TRACE_NONE] = {"none", NULL, NULL, NULL, NULL},
    [TRACE_SWITCH] = {"switch", "state", "from", "to", "partner"},
    [TRACE_IPC] = {"ipc", "what", "from", "to", "tag"},
    [TRACE_SEND_WAIT] = {"send-wait", "what", "from", "to", "tag"},
    [TRACE_IPC_ERROR] = {"ipc-error", "what", "thread", "error", NULL},
    [TRACE_FAULT] = {"fault", "access", "thread", "address", "ip"},
    [TRACE_EXCEPTION] = {"exception", NULL, "thread", "vector", "ip"},
    [TRACE_MAP] = {"map", "rights", "thread", "to", "from"},
    [TRACE_UNMAP] = {"unmap", "flush", "thread", "fpage", "status"},
    [TRACE_INTERRUPT] = {"interrupt", NULL, "thread", "line", NULL},
    [TRACE_CONTROL] = {"call", "what", "thread", "argument", "result"},
    [TRACE_MARK] = {"mark", NULL, "thread", "word", "ip"},
};

static const char *const states[] = {[THREAD_INACTIVE] = "inactive",
                                     [THREAD_READY] = "ready",
                                     [THREAD_SENDING] = "sending",
                                     [THREAD_RECEIVING] = "receiving",
                                     [THREAD_TRANSFER] = "transfer"};
static const char *const ipc_kinds[] = {"user", "fault", "preemption", "exception", "start", "interrupt"};
static const char *const calls[] = {
#define CALL_NAME(NAME, name) #name,
    SYSTEM_CALLS(CALL_NAME)
#undef CALL_NAME
};

#define NAME_OF(table, index) ((index) < sizeof(table) / sizeof((table)[0]) ? (table)[index] : "?")

/* The detail in words. */
static const char *detail_text(const struct trace_event *e)
{
    switch ((enum trace_kind)e->kind) {
    case TRACE_SWITCH:
        return e->thread ? NAME_OF(states, e->detail) : "idle";
    case TRACE_IPC:
    case TRACE_SEND_WAIT:
    case TRACE_IPC_ERROR:
        return NAME_OF(ipc_kinds, e->detail);
    case TRACE_FAULT:
        return e->detail & L4_Writable ? "write" : "read";
    case TRACE_MAP:
        return e->detail & TRACE_GRANT ? (e->detail & L4_Writable ? "grant-rwx" : "grant-rx")
                                       : (e->detail & L4_Writable ? "rwx" : "rx");
    case TRACE_UNMAP:
        return e->detail & TRACE_FLUSH ? "yes" : "no";
    case TRACE_CONTROL:
        return NAME_OF(calls, e->detail);
    case TRACE_NONE:
    case TRACE_EXCEPTION:
    case TRACE_INTERRUPT:
    case TRACE_MARK:
    case TRACE_KINDS:
        break;
    }
    return "";
}

int trace_format(char *line, size_t size, uint32_t n, const struct trace_event *e)
{
    const struct field_names *f = &names[e->kind < TRACE_KINDS ? e->kind : TRACE_NONE];
    const struct {
        const char *name;
        word_t value;
    } words[3] = {{f->thread, e->thread}, {f->a, e->a}, {f->b, e->b}};
    int length = format(line, size, "trace %u %x%08x %u %s", (unsigned)n, (unsigned)e->time_high,
                        (unsigned)e->time_low, (unsigned)e->cpu, f->kind);
    for (unsigned i = 0; i < 3; i++) {
        size_t at = (size_t)length < size ? (size_t)length : size;
        if (words[i].name) {
            length += format(line + at, size - at, " %s=%x", words[i].name, (unsigned)words[i].value);
        }
    }
    size_t at = (size_t)length < size ? (size_t)length : size;
    return f->detail ? length + format(line + at, size - at, " %s=%s", f->detail, detail_text(e)) : length;
}
