/* SPDX-License-Identifier: BSD-2-Clause */
/* How the pager sends a thread into its handler.  It writes a record on the thread's alternate
 * stack, which is in the designated container (the thread's own stack may be what faults), moves
 * the thread to the handler's entry and answers the fault empty.  The handler's way back is a hlt,
 * an exception that the pager answers with all the registers of the record.  A fault on the
 * alternate stack that cannot be served ends the task, so that nothing goes round for ever. */
#include "base/assertion.h"
#include "base/exception.h"
#include "base/format.h"
#include "client/physmem.h"
#include "client/rpc.h"
#include "client/task.h"
#include "pager/pager_priv.h"

enum { EXREGS_RECEIVING = 1 << 1, EXREGS_SENDING = 1 << 2 };

/* The message that the task is to end: how long the pager tries to send it, and after how many
 * other messages or pauses it tries again. */
enum { TELL_US = 20000, TELL_EVERY = 8 };

/* Why, as the task server is to say it. */
enum { PAGER_LAST_WORDS = 40 };
static L4_Word_t last_words[PAGER_LAST_WORDS];

/* What of the interrupted code's flags a handler must not run with: TF would trap in the handler
 * and end the task; DF, NT and AC are not as compiled code expects them.  They come back with the
 * record's. */
enum { TF = 1 << 8, DF = 1 << 10, NT = 1 << 14, AC = 1 << 18, FLAGS_NOT_FOR_HANDLERS = TF | DF | NT | AC };

#define NO_IP (~(L4_Word_t)0) /* what a fault in the receiver's buffer of a string copy has as IP */

static bool on_alternate_stack(const struct pager_thread *t, L4_Word_t sp)
{
    L4_Word_t top = t->stack_top & ~(L4_Word_t)PAGER_DYING;
    return sp <= top && sp >= top - PAGER_ALTERNATE_PAGES * PAGE_SIZE;
}

/* Returns where the record of a thread lies.  The thread's stack pointer on the handler's entry is
 * behind the registers that the entry saves itself. */
static struct pager_trap *record_of(const struct pager_thread *t)
{
    L4_Word_t top = t->stack_top & ~(L4_Word_t)PAGER_DYING;
    return (struct pager_trap *)(top - sizeof(struct pager_trap));
}

/* The pager itself ends the task when a thread has nowhere to run a handler: the pager was never
 * told of it (pager_add_thread), or it has faulted while it reported a fault.  The task server says
 * why, for the pager talks to no console server. */
static struct pager_next end_task(const struct pager_trap *what)
{
    char text[4 * PAGER_LAST_WORDS];
    if (pager.ending != 0) {
        return (struct pager_next){0};
    }
    (void)format(text, sizeof(text),
                 "%s at ip 0x%lx, address 0x%lx, in a thread without a stack for its handler: task ended",
                 what->kind == TRAP_FAULT ? "fault" : exception_name(what->number), (unsigned long)what->eip,
                 (unsigned long)what->address);
    rpc_pack(last_words, PAGER_LAST_WORDS, text);
    pager.ending = TELL_EVERY;
    return (struct pager_next){0};
}

/* The task server takes messages in their order, so the pager waits for its turn a while; if that
 * was not enough, it serves what has come meanwhile and tries again. */
struct pager_next pager_tell_end(struct pager_next next)
{
    L4_ThreadId_t nobody;
    if (pager.ending++ % TELL_EVERY != 0) {
        return next;
    }
    if (!L4_IsNilThread(next.to)) {
        (void)L4_Ipc(next.to, L4_nilthread, L4_Timeouts(next.timeout, L4_Never), next.tag, &nobody);
    }
    L4_LoadMR(1, STATUS_SIGNAL + SIGNAL_SEGV);
    for (unsigned i = 0; i < PAGER_LAST_WORDS; i++) {
        L4_LoadMR(2 + i, last_words[i]);
    }
    return (struct pager_next){pager.task_server, L4_MsgTag(TASK_EXIT, 1 + PAGER_LAST_WORDS, 0),
                               L4_TimePeriod(TELL_US)};
}

/* What has happened to a thread that was handling a trap is put below the record of that trap, as
 * the argument of pager_die.  Returns the stack pointer to call it with. */
static L4_Word_t prepare_death(const struct pager_thread *t, const struct pager_trap *what)
{
    struct pager_trap *second = record_of(t) - 1;
    L4_Word_t *words = (L4_Word_t *)(((L4_Word_t)second & ~(L4_Word_t)15) - 20);
    *second = *what;
    words[0] = 0; /* it never returns */
    words[1] = (L4_Word_t)second;
    return (L4_Word_t)words;
}

/* Decides where a thread with a trap goes.  Returns false if there is nowhere. */
static bool choose_handler(struct pager_thread *t, L4_Word_t sp, const struct pager_trap *what,
                           L4_Word_t *new_ip, L4_Word_t *new_sp)
{
    ASSERT((t->stack_top & ~(L4_Word_t)PAGER_DYING) % PAGE_SIZE == 0);
    pager.stats.exceptions++;
    if (t->stack_top == 0 || (t->stack_top & PAGER_DYING) != 0) {
        return false;
    }
    if (on_alternate_stack(t, sp)) {
        t->stack_top |= PAGER_DYING;
        *new_ip = (L4_Word_t)pager_die;
        *new_sp = prepare_death(t, what);
    } else {
        *new_ip = (L4_Word_t)pager_handler_entry;
        *new_sp = (L4_Word_t)&record_of(t)->eip;
    }
    return true;
}

static bool is_entry(L4_Word_t ip)
{
    return ip == (L4_Word_t)pager_handler_entry;
}

/* The two threads of a string transfer go on with an error, for there is no instruction to come
 * back to. */
static struct pager_next abort_transfer(L4_ThreadId_t from)
{
    struct l4_registers r = {.control = L4_EXREGS_ABORT_SEND | L4_EXREGS_ABORT_RECEIVE};
    (void)L4_ExchangeRegisters(from, &r);
    return (struct pager_next){0};
}

/* The faulter waits for the pager's answer.  It is moved only if it still waits, and at the place
 * of the fault: another thread may have moved it since (protocol.md 22). */
struct pager_next pager_raise_fault(L4_ThreadId_t from, const struct pager_trap *what)
{
    struct pager_thread *t = pager_find_thread(from);
    ASSERT(t && what->kind <= TRAP_EXCEPTION && what->reason <= REASON_BACKING);
    struct l4_registers r = {.control = L4_EXREGS_DELIVER};
    bool found = !L4_IsNilThread(L4_ExchangeRegisters(from, &r)) && (r.control & EXREGS_RECEIVING) != 0;
    if (found && (what->eip == NO_IP || (r.control & EXREGS_SENDING) != 0)) {
        return abort_transfer(from);
    }
    if (!found || r.ip != what->eip) {
        pager.stats.dropped++;
        return pager_reply_empty(from);
    }
    L4_Word_t ip, sp;
    if (!choose_handler(t, r.sp, what, &ip, &sp)) {
        return end_task(what);
    }
    if (is_entry(ip)) {
        struct pager_trap *record = record_of(t);
        *record = *what;
        record->esp = r.sp;
        record->eflags = r.flags;
    }
    r.control = L4_EXREGS_IP | L4_EXREGS_SP | L4_EXREGS_FLAGS;
    r.ip = ip;
    r.sp = sp;
    r.flags &= ~(L4_Word_t)FLAGS_NOT_FOR_HANDLERS;
    (void)L4_ExchangeRegisters(from, &r);
    return pager_reply_empty(from);
}

/* The words of an exception message and of its reply. */
enum exception_word {
    X_EIP = 1,
    X_EFLAGS,
    X_NUMBER,
    X_CODE,
    X_EDI,
    X_ESI,
    X_EBP,
    X_ESP,
    X_EBX,
    X_EDX,
    X_ECX,
    X_EAX
};

static struct pager_next reply_registers(L4_ThreadId_t to)
{
    return (struct pager_next){to, L4_MsgTag(0, 12, 0), L4_ZeroTime};
}

static void load_registers(const struct pager_trap *r)
{
    L4_LoadMR(X_EIP, r->eip);
    L4_LoadMR(X_EFLAGS, r->eflags);
    L4_LoadMR(X_ESP, r->esp);
    L4_LoadMR(X_EDI, r->edi);
    L4_LoadMR(X_ESI, r->esi);
    L4_LoadMR(X_EBP, r->ebp);
    L4_LoadMR(X_EBX, r->ebx);
    L4_LoadMR(X_EDX, r->edx);
    L4_LoadMR(X_ECX, r->ecx);
    L4_LoadMR(X_EAX, r->eax);
}

/* For the registers of a thread that has begun to use the FPU.  The message registers stay as they
 * are. */
static bool get_kernel_memory(void)
{
    L4_Word_t words[X_EAX];
    for (unsigned i = 0; i < X_EAX; i++) {
        words[i] = L4_StoreMR(1 + i);
    }
    enum error e = physmem_kernel_memory(L4_Version(L4_Myself()));
    for (unsigned i = 0; i < X_EAX; i++) {
        L4_LoadMR(1 + i, words[i]);
    }
    return e == OK || e == ERR_BUSY;
}

/* An exception of the processor, or the end of a handler. */
struct pager_next pager_on_exception(L4_ThreadId_t from)
{
    struct pager_thread *t = pager_find_thread(from);
    ASSERT(t);
    L4_Word_t eip = L4_StoreMR(X_EIP), esp = L4_StoreMR(X_ESP);
    struct pager_trap *record = record_of(t);
    if (eip == (L4_Word_t)pager_handler_return && t->stack_top != 0 && esp == (L4_Word_t)record) {
        load_registers(record);
        return reply_registers(from);
    }
    if (L4_StoreMR(X_NUMBER) == EXCEPTION_NO_FPU && get_kernel_memory()) {
        return reply_registers(from); /* the instruction is tried again */
    }
    L4_Word_t ip, sp;
    struct pager_trap what = {.kind = TRAP_EXCEPTION, .eip = eip, .esp = esp};
    what.eflags = L4_StoreMR(X_EFLAGS);
    what.number = L4_StoreMR(X_NUMBER);
    what.code = L4_StoreMR(X_CODE);
    if (!choose_handler(t, esp, &what, &ip, &sp)) {
        return end_task(&what);
    }
    if (is_entry(ip)) {
        /* The page of the record may fault to physmem, which does not change the pager's message
         * registers. */
        *record = what;
    }
    L4_LoadMR(X_EIP, ip);
    L4_LoadMR(X_EFLAGS, what.eflags & ~(L4_Word_t)FLAGS_NOT_FOR_HANDLERS);
    L4_LoadMR(X_ESP, sp);
    return reply_registers(from);
}

/* The thread has used a port that the task has not got.  Drivers ask for theirs (task_ports); for
 * all others it is what it would be if ports could not be mapped: a general protection
 * exception. */
struct pager_next pager_on_port(L4_ThreadId_t from, L4_Word_t ip)
{
    struct pager_trap what = {.kind = TRAP_EXCEPTION, .eip = ip, .number = 13};
    return pager_raise_fault(from, &what);
}
