/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads, spaces and queues, in words: what each thread waits for is told from its state and the
 * kind of its IPC. */
#include "arch.h"
#include "base/format.h"
#include "l4/schedule.h"
#include "l4/send_queue.h"
#include "l4/timer.h"
#include "l4/thread.h"
#include "show.h"

enum { STATE_BYTES = 96, PRIORITIES = 256 };

/* ---- spaces ---- */

unsigned show_space_number(const struct space *space)
{
    unsigned n = 0;
    for (const struct space *s = all_spaces; s && s != space; s = s->next) {
        n++;
    }
    return n;
}

struct space *show_find_space(word_t number)
{
    struct space *s = all_spaces;
    const struct tcb *t = thread_find(number);
    if (t) {
        return t->space;
    }
    while (s && number--) {
        s = s->next;
    }
    return s;
}

static const char *space_kind(const struct space *s)
{
    return s == sigma0_space ? "sigma0" : s == root_space ? "root" : s->privileged ? "privileged" : "";
}

void show_spaces(void)
{
    print("space threads first     kernel KiB  KIP      UTCBs\n");
    for (const struct space *s = all_spaces; s; s = s->next) {
        print("%5x %7u %-9x %10u  %08x %08x+%x %s\n", show_space_number(s), (unsigned)s->thread_count,
              s->threads ? (unsigned)s->threads->global_id : 0, (unsigned)(s->kmem_bytes + 1023) / 1024,
              (unsigned)s->kip_base, (unsigned)s->utcb_base, s->utcb_log2 ? 1u << s->utcb_log2 : 0,
              space_kind(s));
    }
}

/* ---- a thread's state in words ---- */

static void describe_wait(const struct tcb *t, char *text, size_t size)
{
    unsigned id = (unsigned)t->from_spec;
    switch ((enum ipc_kind)t->ipc_kind) {
    case IPC_FAULT:
        format(text, size, "page fault at %x (%s), asked %x", (unsigned)t->fault_words[1],
               t->tag >> 16 & L4_Writable ? "write" : "read", id);
        return;
    case IPC_PREEMPTION:
        format(text, size, "preemption, told %x", id);
        return;
    case IPC_EXCEPTION:
        format(text, size, "exception %u, told %x", (unsigned)t->fault_vector, id);
        return;
    case IPC_START:
        format(text, size, "waits for its start message from %x", id);
        return;
    case IPC_USER:
    case IPC_INTERRUPT:
        break;
    }
    if (tcb_spec_is_open(id)) {
        format(text, size, "waits for a message from any%s thread",
               id == L4_anylocalthread.raw ? " local" : "");
    } else {
        format(text, size, "waits for a message from %x", id);
    }
}

static void describe_send(const struct tcb *t, char *text, size_t size)
{
    static const char *const what[] = {"a message", "its page fault", "its exception", "", "an interrupt"};
    format(text, size, "stands in the queue of %x with %s", (unsigned)t->partner->global_id,
           what[t->ipc_kind]);
}

static void describe(const struct tcb *t, char *text, size_t size)
{
    switch ((enum thread_state)t->state) {
    case THREAD_INACTIVE:
        format(text, size, "inactive");
        return;
    case THREAD_READY:
        format(text, size, "%s", t == current ? "runs" : t->halted ? "halted" : "ready");
        return;
    case THREAD_SENDING:
        describe_send(t, text, size);
        return;
    case THREAD_RECEIVING:
        describe_wait(t, text, size);
        return;
    case THREAD_TRANSFER:
        format(text, size, "in a string transfer with %x", t->peer ? (unsigned)t->peer->global_id : 0);
        return;
    }
    format(text, size, "state %u, which there is not", t->state);
}

static void print_thread_line(const struct tcb *t)
{
    char state[STATE_BYTES];
    describe(t, state, sizeof(state));
    print("%-9x %6u.%-5u %5x %4u %08x %08x %s%s\n", (unsigned)t->global_id, (unsigned)tcb_number(t),
          (unsigned)(t->global_id & ((1u << L4_VERSION_BITS) - 1)), show_space_number(t->space), t->priority,
          (unsigned)arch_user_ip(t), (unsigned)arch_user_sp(t), state,
          t->halted && t->state != THREAD_READY ? ", halted" : "");
}

static void print_thread_head(void)
{
    print("id        number.task  space prio ip       sp       state\n");
}

void show_threads(const struct space *only)
{
    print_thread_head();
    for (const struct space *s = all_spaces; s; s = s->next) {
        for (const struct tcb *t = !only || s == only ? s->threads : NULL; t; t = t->space_next) {
            print_thread_line(t);
        }
    }
}

/* ---- one thread ---- */

static void print_ipc(const struct tcb *t)
{
    print("last message sent: tag %x (label %x, %u words, %u typed)%s\n", (unsigned)t->tag,
          (unsigned)t->tag >> 16, (unsigned)t->tag & 0x3f, (unsigned)t->tag >> 6 & 0x3f,
          t->virtual_id ? ", in another thread's name" : "");
    print("from %x, timeouts %x; %s has waited for its message\n", (unsigned)t->from_spec,
          (unsigned)t->timeouts, t->awaiter ? "somebody" : "nobody");
    if (t->timer_armed) {
        print("timeout in %d ticks\n", (int)(t->deadline - ticks));
    }
    struct queue_walk walk = queue_walk(t);
    for (const struct tcb *s = queue_step(t, &walk); s; s = queue_step(t, &walk)) {
        print("queued sender: %x\n", (unsigned)s->global_id);
    }
}

void show_thread(const struct tcb *t)
{
    const struct arch_regs *r = &t->regs;
    print_thread_head();
    print_thread_line(t);
    print("eax %08x ebx %08x ecx %08x edx %08x esi %08x edi %08x ebp %08x flags %08x\n", (unsigned)r->eax,
          (unsigned)r->ebx, (unsigned)r->ecx, (unsigned)r->edx, (unsigned)r->esi, (unsigned)r->edi,
          (unsigned)r->ebp, (unsigned)r->eflags);
    print("last entry by vector %u; TCB at %x; FPU state %s\n", (unsigned)r->vector, (unsigned)(word_t)t,
          t->fpu ? "kept" : "none");
    print("scheduler %x, slice %u of %u ticks left\n", (unsigned)t->scheduler, (unsigned)t->slice_left,
          (unsigned)t->slice_ticks);
    if (tcb_active(t)) {
        print("pager %x, exception handler %x, UTCB %x, error code %x\n", (unsigned)t->utcb[UTCB_PAGER],
              (unsigned)t->utcb[UTCB_EXCEPTION_HANDLER], (unsigned)t->local_id,
              (unsigned)t->utcb[UTCB_ERROR_CODE]);
        print_ipc(t);
    }
}

/* ---- queues ---- */

void show_ready(void)
{
    if (current) {
        print("runs: %x, priority %u\n", (unsigned)current->global_id, current->priority);
    } else {
        print("idle\n");
    }
    for (unsigned p = PRIORITIES; p-- > 0;) {
        const struct tcb *first = schedule_queue(p), *t = first;
        if (!t) {
            continue;
        }
        print("priority %3u:", p);
        do {
            print(" %x", (unsigned)t->global_id);
            t = t->next;
        } while (t != first);
        print("\n");
    }
}

void show_timers(void)
{
    print("tick %u\n", (unsigned)ticks);
    for (const struct space *s = all_spaces; s; s = s->next) {
        for (const struct tcb *t = s->threads; t; t = t->space_next) {
            if (t->timer_armed) {
                char state[STATE_BYTES];
                describe(t, state, sizeof(state));
                print("in %6d ticks: %x %s\n", (int)(t->deadline - ticks), (unsigned)t->global_id, state);
            }
        }
    }
}
