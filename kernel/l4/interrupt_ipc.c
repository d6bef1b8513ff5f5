/* SPDX-License-Identifier: BSD-2-Clause */
#include "interrupt_ipc.h"

#include "arch.h"
#include "ipc.h"
#include "reaper.h"
#include "thread.h"

static struct tcb lines[SYSTEM_BASE];
static struct tcb *handlers[SYSTEM_BASE]; /* NULL: not associated */

static word_t line_id(word_t line)
{
    return line << L4_VERSION_BITS | 1;
}

struct tcb *interrupt_find(word_t global_id)
{
    word_t line = global_id >> L4_VERSION_BITS;
    return line < SYSTEM_BASE && global_id == line_id(line) ? &lines[line] : NULL;
}

bool interrupt_associated(const struct tcb *line)
{
    return handlers[line - lines] != NULL;
}

void interrupt_init(void)
{
    for (word_t i = 0; i < SYSTEM_BASE; i++) {
        lines[i].global_id = line_id(i);
        lines[i].ipc_kind = IPC_INTERRUPT;
        lines[i].state = THREAD_INACTIVE;
    }
}

static void dissociate(word_t line)
{
    assert(line < SYSTEM_BASE);
    arch_interrupt_disable(line);
    if (handlers[line]) {
        if (lines[line].state == THREAD_SENDING) {
            ipc_abort(&lines[line], L4_IpcCanceled);
        }
        assert(lines[line].state == THREAD_INACTIVE && !lines[line].queue);
        handlers[line] = NULL;
        if (lines[line].awaiter) {
            reaper_add_thread(&lines[line]);
        }
    }
}

RARE word_t interrupt_control(struct tcb *caller, word_t dest, word_t pager)
{
    word_t line = dest >> L4_VERSION_BITS;
    if (dest != line_id(line) || arch_interrupt_reserved(line)) {
        return L4_ErrInvalidThread;
    }
    if (pager == dest) {
        dissociate(line);
        return 0;
    }
    struct tcb *handler = thread_find_any(caller, pager);
    if (!handler || !tcb_active(handler)) {
        return L4_ErrInvalidThread;
    }
    dissociate(line);
    assert(!handlers[line]);
    handlers[line] = handler;
    handler->handles_interrupts = true;
    arch_interrupt_enable(line);
    return 0;
}

bool interrupt_acknowledge(struct tcb *line, struct tcb *t)
{
    word_t number = tcb_number(line);
    debug_assert(line == &lines[number]);
    if (handlers[number] != t) { /* also: nobody's */
        return false;
    }
    if (line->state != THREAD_SENDING) {
        arch_interrupt_enable(number);
    }
    return true;
}

void interrupt_occurred(word_t line)
{
    debug_assert(line < SYSTEM_BASE && (handlers[line] || lines[line].state == THREAD_INACTIVE));
    if (handlers[line] && lines[line].state == THREAD_INACTIVE) {
        lines[line].state = THREAD_READY;
        ipc_interrupt(&lines[line], handlers[line]);
    }
}

void interrupt_forget_handler(struct tcb *t)
{
    for (word_t line = 0; line < SYSTEM_BASE; line++) {
        if (handlers[line] == t) {
            dissociate(line);
        }
    }
}
