/* SPDX-License-Identifier: BSD-2-Clause */
/* int3: debugger calls of user programs.  User memory is read through the page tables: an address
 * that is not mapped just ends a string.
 *
 * Without the word `kdb' a call that its space has no right to does nothing: the serial line is for
 * the spaces that may use the console, and all else is for privileged ones.  A string is printed in
 * pieces, between which interrupts come in and other threads may run. */
#include "debugger_calls.h"

#include "arch.h"
#include "console.h"
#include "counters.h"
#include "kdb.h"
#include "l4/io_ports.h"
#include "l4/kmem.h"
#include "l4/mapping_db.h"
#include "l4/schedule.h"
#include "l4/thread.h"
#include "printing.h"
#include "trace.h"

/* PIECE: what a line of 115 200 baud takes in less than a tick. */
enum { STRING_MAX = 4096, NOTE_MAX = 256, PIECE = 8, INT3 = 0xcc, INT_N = 0xcd, VECTOR = 3 };

static bool user_byte(const struct tcb *t, vaddr_t address, uint8_t *c)
{
    const uint8_t *p = arch_user_access(t->space, address, false);
    if (p) {
        *c = *p;
    }
    return p != NULL;
}

/* Prints up to a NUL, at most `most' bytes.  true: there may be more behind them. */
static bool print_user_text(const struct tcb *t, vaddr_t s, word_t most)
{
    uint8_t c;
    for (word_t i = 0; i < most; i++) {
        if (!user_byte(t, s + i, &c)) {
            console_put_text("<unmapped>");
            return false;
        }
        if (c == 0) {
            return false;
        }
        console_put((char)c);
    }
    return true;
}

static void print_piece(struct tcb *t, struct printing p)
{
    word_t count = p.left < PIECE ? p.left : PIECE;
    if (print_user_text(t, p.next, count) && p.left > count) {
        t->printing = (struct printing){.next = p.next + count, .left = p.left - count};
        t->continuing = CONTINUES_PRINTING;
        schedule_look_closely();
    }
}

void kdb_print_continue(struct tcb *t)
{
    assert(t == current && t->continuing == CONTINUES_PRINTING);
    t->continuing = CONTINUES_NOTHING;
    print_piece(t, t->printing);
}

/* How long the instruction was that has just come: one byte, or int $3 in two.  0: it has been
 * changed meanwhile. */
static word_t int3_length(const struct tcb *t)
{
    uint8_t last, first;
    if (!user_byte(t, t->regs.eip - 1, &last)) {
        return 0;
    }
    bool two = last == VECTOR && user_byte(t, t->regs.eip - 2, &first) && first == INT_N;
    return last == INT3 ? 1 : two ? 2 : 0;
}

/* If there is no key, the thread executes its int3 again, and others run in between. */
static void wait_for_key(struct tcb *t)
{
    int c = console_get();
    word_t length = c < 0 ? int3_length(t) : 0;
    if (length == 0) {
        t->regs.eax = (word_t)c;
    }
    t->regs.eip -= length;
}

static void breakpoint(const struct tcb *t, const struct kdb_call *call)
{
    print("--- thread %x at %x: \"", (unsigned)t->global_id, (unsigned)t->regs.eip);
    if (call->request == KDB_MESSAGE) {
        (void)print_user_text(t, call->value, NOTE_MAX);
    } else if (call->request == KDB_INLINE_MESSAGE) {
        (void)print_user_text(t, t->regs.eip + call->value, call->length);
    }
    console_put_text("\" ---\n");
    if (kdb_enabled()) {
        kdb_enter("breakpoint", true);
    }
}

/* Does what the operation of this number says.  false: there is no such operation. */
static bool operation(struct tcb *t, word_t number)
{
    struct arch_regs *r = &t->regs;
    switch (number) {
    case KDB_PRINT_CHAR:
        console_put((char)r->eax);
        return true;
    case KDB_PRINT_STRING:
        print_piece(t, (struct printing){.next = r->eax, .left = STRING_MAX});
        return true;
    case KDB_TOGGLE_BREAKIN:
        kdb_key_enabled = kdb_enabled() && !kdb_key_enabled;
        return true;
    case KDB_READ_CHAR:
        r->eax = (word_t)console_get();
        return true;
    case KDB_READ_CHAR_BLOCKED:
        wait_for_key(t);
        return true;
    case KDB_OPERATION_COUNTER:
        r->eax = r->ecx < KDB_COUNTER_COUNT ? counter_value(r->ecx) : 0;
        return true;
    case KDB_OPERATION_MARK:
        trace(TRACE_MARK, 0, t->global_id, r->eax, r->eip);
        return true;
    case KDB_OPERATION_MEMORY:
        r->eax = (word_t)kmem_pages_for_mappings();
        return true;
    case KDB_OPERATION_CHECK:
        r->eax = (word_t)(mapping_db_check() + io_ports_check() + thread_check() + schedule_check() +
                          !kmem_check());
        return true;
    }
    return false;
}

static bool is_for_console(word_t number)
{
    return number == KDB_PRINT_CHAR || number == KDB_PRINT_STRING || number == KDB_READ_CHAR ||
           number == KDB_READ_CHAR_BLOCKED;
}

static bool allowed(const struct tcb *t, const struct kdb_call *call)
{
    bool console = call->request == KDB_OPERATION && is_for_console(call->value);
    return kdb_enabled() || (console ? t->space->console : t->space->privileged);
}

/* Nothing happens; where a result is expected in EAX, it is all ones: no key. */
static void refuse(struct tcb *t, const struct kdb_call *call)
{
    if (call->request != KDB_OPERATION) {
        return;
    }
    switch (call->value) {
    case KDB_READ_CHAR:
    case KDB_READ_CHAR_BLOCKED:
    case KDB_OPERATION_COUNTER:
    case KDB_OPERATION_MEMORY:
    case KDB_OPERATION_CHECK:
        t->regs.eax = ~(word_t)0;
        break;
    default:
        break;
    }
}

void kdb_trap(struct tcb *t)
{
    uint8_t code[KDB_CODE_BYTES];
    size_t count = 0;
    debug_assert(t == current);
    while (count < KDB_CODE_BYTES && user_byte(t, t->regs.eip + count, &code[count])) {
        count++;
    }
    struct kdb_call call = kdb_decode(code, count);
    if (!allowed(t, &call)) {
        refuse(t, &call);
    } else if (call.request != KDB_OPERATION || !operation(t, call.value)) {
        breakpoint(t, &call);
    }
}
