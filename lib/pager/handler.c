/* SPDX-License-Identifier: BSD-2-Clause */
/* What a thread does on its alternate stack about its own fault or exception. */
#include "base/exception.h"
#include "base/format.h"
#include "client/console.h"
#include "client/task.h"
#include "pager/pager_priv.h"

static pager_trap_handler trap_handler;
static pager_fault_handler fault_handler;
bool pager_has_fxsave;

/* A processor has CPUID if bit ID of its flags can be changed.  Where CPUID tells of fxsave the
 * kernel has turned it on. */
void pager_handler_init(void)
{
    enum { FLAG_ID = 1 << 21, FEATURE_FXSR = 1 << 24 };
    L4_Word_t before, after;
    __asm__ volatile("pushfl\n\tpopl %0\n\tmovl %0, %1\n\txorl %2, %1\n\tpushl %1\n\tpopfl\n\t"
                     "pushfl\n\tpopl %1\n\tpushl %0\n\tpopfl"
                     : "=&r"(before), "=&r"(after)
                     : "i"(FLAG_ID)
                     : "cc");
    if (((before ^ after) & FLAG_ID) == 0) {
        return;
    }
    L4_Word_t a = 1, b, c = 0, d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    pager_has_fxsave = (d & FEATURE_FXSR) != 0;
}

void pager_set_trap_handler(pager_trap_handler handler)
{
    trap_handler = handler;
}

void pager_set_fault_handler(pager_fault_handler handler)
{
    fault_handler = handler;
}

int pager_trap_signal(const struct pager_trap *trap)
{
    if (trap->kind == TRAP_FAULT) {
        bool disk = trap->reason == REASON_BACKING && (trap->error == ERR_IO || trap->error == ERR_CHECKSUM);
        return disk ? SIGNAL_BUS : SIGNAL_SEGV;
    }
    return exception_signal(trap->number);
}

static const char *access_name(const struct pager_trap *t)
{
    if (t->access & L4_Writable) {
        return "write";
    }
    return t->address == t->eip ? "execute" : "read";
}

static const char *reason_text(const struct pager_trap *t)
{
    switch ((enum pager_reason)t->reason) {
    case REASON_NO_REGION:
        return "no region there";
    case REASON_GUARD:
        return "a guard page";
    case REASON_RIGHTS:
        return "the region does not allow it";
    case REASON_BACKING:
        break;
    }
    return error_text((enum error)t->error);
}

/* stdio is of no use here, for the interrupted code may hold its locks.  Where there is no console
 * server, the task server says it. */
static __attribute__((noreturn)) void end_task(const char *what, int signal)
{
    char line[480];
    L4_Word_t status = (L4_Word_t)(STATUS_SIGNAL + signal);
    int length =
        format(line, sizeof line, "task %u (%s): %s\n", (unsigned)L4_Version(L4_Myself()), pager_name, what);
    length = length < (int)sizeof line ? length : (int)sizeof line - 1;
    if (L4_IsNilThread(pager.console) || console_write(pager.console, line, (uint32_t)length, NULL) != OK) {
        task_exit_saying(status, what);
    }
    task_exit(status);
}

/* The first thread's stack lies in the designated container, all others in regions. */
static const char *stack_advice(const struct pager_trap *t)
{
    return t->address < TASK_REGIONS_BASE ? "link it with -Wl,-z,stack-size=BYTES for a larger one"
                                          : "the thread was started with too few pages";
}

/* What has happened, in a few words; returns how many characters. */
static int describe(const struct pager_trap *t, char *text, size_t room)
{
    if (t->kind == TRAP_EXCEPTION) {
        return format(text, room, "%s (exception %lu, code 0x%lx, ip 0x%lx)", exception_name(t->number),
                      (unsigned long)t->number, (unsigned long)t->code, (unsigned long)t->eip);
    }
    if (t->reason == REASON_GUARD && t->stack_bytes != 0) {
        return format(text, room, "cannot %s 0x%lx: stack of %lu KiB exhausted (ip 0x%lx)", access_name(t),
                      (unsigned long)t->address, (unsigned long)t->stack_bytes / 1024, (unsigned long)t->eip);
    }
    return format(text, room, "cannot %s 0x%lx: %s (ip 0x%lx)", access_name(t), (unsigned long)t->address,
                  reason_text(t), (unsigned long)t->eip);
}

static __attribute__((noreturn)) void end_unhandled(const struct pager_trap *t)
{
    char line[240], what[160];
    bool stack = t->kind == TRAP_FAULT && t->reason == REASON_GUARD && t->stack_bytes != 0;
    (void)describe(t, what, sizeof what);
    (void)format(line, sizeof line, "%s: task ended%s%s", what, stack ? "; " : "",
                 stack ? stack_advice(t) : "");
    end_task(line, pager_trap_signal(t));
}

static bool handled(struct pager_trap *t)
{
    if (t->kind == TRAP_FAULT && fault_handler) {
        fault_handler((void *)t->address, (void *)t->eip, t->access, (enum error)t->error);
        return true;
    }
    return trap_handler && trap_handler(t);
}

/* The interrupted code may have been composing a message, so its virtual registers are put back.
 * The words between them are the kernel's, or nobody changes them. */
void pager_handle_trap(struct pager_trap *trap)
{
    L4_Word_t saved[UTCB_MR_COUNT];
    L4_Word_t br0 = L4_Tcr(UTCB_BR0), error = L4_Tcr(UTCB_ERROR_CODE), sender = L4_Tcr(UTCB_VIRTUAL_SENDER);
    for (unsigned i = 0; i < UTCB_MR_COUNT; i++) {
        saved[i] = L4_StoreMR(i);
    }
    L4_Accept(L4_Nilpage);
    if (!handled(trap)) {
        end_unhandled(trap);
    }
    for (unsigned i = 0; i < UTCB_MR_COUNT; i++) {
        L4_LoadMR(i, saved[i]);
    }
    L4_SetTcr(UTCB_BR0, br0);
    L4_SetTcr(UTCB_ERROR_CODE, error);
    L4_SetTcr(UTCB_VIRTUAL_SENDER, sender);
}

/* The thread has trapped again inside its handler.  Nothing is needed here but what is on the
 * alternate stack already. */
void pager_die(const struct pager_trap *second)
{
    char line[400], first[160], then[160];
    L4_Accept(L4_Nilpage);
    (void)describe(second + 1, first, sizeof first);
    (void)describe(second, then, sizeof then);
    (void)format(line, sizeof line, "%s; and while that was handled: %s: task ended", first, then);
    end_task(line, pager_trap_signal(second));
}
