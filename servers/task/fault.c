/* SPDX-License-Identifier: BSD-2-Clause */
/* Every way by which a task ends from outside prints one line that says which task, why, and what
 * can be done about it. */
#include "fault.h"

#include "base/assertion.h"
#include "base/exception.h"
#include "client/physmem.h"
#include "death.h"
#include "log.h"
#include "segmap.h"
#include "thread.h"

bool on_exception(struct task *task, const L4_Word_t *words)
{
    L4_Word_t ip = words[0], number = words[2], code = words[3];
    ASSERT(task->state == TASK_RUNNING);
    if (number == EXCEPTION_NO_FPU) {
        enum error e = physmem_kernel_memory(task->id);
        if (e == OK || e == ERR_BUSY) {
            return true;
        }
    }
    log_task_failure(task, "%s (exception %u, code 0x%x, ip 0x%x): task ended", exception_name(number),
                     (unsigned)number, (unsigned)code, (unsigned)ip);
    task_end(task, &(struct task_ending){
                       .status = STATUS_SIGNAL + (L4_Word_t)exception_signal(number),
                       .end = TASK_END_EXCEPTION,
                       .address = ip,
                       .cause = number,
                   });
    return false;
}

static void log_fault(const struct task *task, L4_ThreadId_t thread, L4_Word_t address, enum error e,
                      L4_Word_t ip)
{
    L4_Word_t stack_pages = thread_stack_above(thread, address);
    if (e != ERR_HOLE || stack_pages == 0) {
        log_task_failure(task, "cannot reach 0x%x: %s (ip 0x%x): task ended", (unsigned)address,
                         error_text(e), (unsigned)ip);
        return;
    }
    bool first = L4_IsThreadEqual(thread, task->first_thread);
    log_task_failure(task, "cannot reach 0x%x: stack of %u KiB exhausted (ip 0x%x): task ended; %s",
                     (unsigned)address, (unsigned)(stack_pages * (PAGE_SIZE / 1024)), (unsigned)ip,
                     first ? "link it with -Wl,-z,stack-size=BYTES for a larger one"
                           : "the thread was started with too few pages");
}

static void end_faulting(struct task *task, L4_ThreadId_t thread, L4_Word_t address, enum error e,
                         L4_Word_t ip)
{
    log_fault(task, thread, address, e, ip);
    task_end(task, &(struct task_ending){
                       .status = STATUS_SIGNAL + SIGNAL_SEGV,
                       .end = TASK_END_FAULT,
                       .address = address,
                       .cause = (L4_Word_t)e,
                   });
}

void on_page_fault(struct task *task, L4_Word_t address, L4_Word_t ip)
{
    end_faulting(task, L4_nilthread, address, ERR_PERMISSION, ip);
}

static void end_without_pager(struct task *task, const char *what, L4_Word_t address, L4_Word_t ip)
{
    log_task_failure(task, "cannot reach %s0x%x: the thread has no pager (ip 0x%x): task ended", what,
                     (unsigned)address, (unsigned)ip);
    task_end(task, &(struct task_ending){
                       .status = STATUS_SIGNAL + SIGNAL_SEGV,
                       .end = TASK_END_NO_PAGER,
                       .address = address,
                       .cause = ERR_NO_THREAD,
                   });
}

static void end_without_handler(struct task *task, L4_Word_t number, int signal, L4_Word_t ip)
{
    task_end(task, &(struct task_ending){
                       .status = STATUS_SIGNAL + (L4_Word_t)signal,
                       .end = TASK_END_NO_HANDLER,
                       .address = ip,
                       .cause = number,
                   });
}

void on_stopped(struct task *task, enum l4_stopped why, L4_Word_t what, L4_Word_t ip)
{
    switch (why) {
    case STOPPED_NO_PAGER:
        end_without_pager(task, "", what, ip);
        break;
    case STOPPED_NO_PORT_PAGER:
        end_without_pager(task, "port ", what, ip);
        break;
    case STOPPED_NO_HANDLER:
        log_task_failure(task, "%s (exception %u, ip 0x%x), and the thread has no handler: task ended",
                         exception_name(what), (unsigned)what, (unsigned)ip);
        end_without_handler(task, what, exception_signal(what), ip);
        break;
    default:
        log_task_failure(task, "preempted (ip 0x%x), and nobody is there to hear of it: task ended",
                         (unsigned)ip);
        end_without_handler(task, what, SIGNAL_TRAP, ip);
        break;
    }
}

void on_notice(const L4_Word_t *words)
{
    if (words[0] == NOTICE_SEGMAP) {
        segmap_wanted();
        return;
    }
    struct task *task = task_find(words[1]);
    if (!task || task->state == TASK_ENDED) {
        if (words[1] == TASK_ID_SYSTEM) {
            log_failure("the task server itself cannot reach 0x%x: %s; boot again", (unsigned)words[3],
                        error_text((enum error)words[4]));
        }
        return; /* the task has ended meanwhile */
    }
    switch ((enum physmem_notice)words[0]) {
    case NOTICE_BROKEN:
        end_faulting(task, (L4_ThreadId_t){words[2]}, words[3], (enum error)words[4], words[5]);
        break;
    case NOTICE_OUT:
        if (words[4] == OK) {
            log_task_info(task, "is out of memory entirely");
        } else {
            log_task_info(task, "stays in memory: %s", error_text((enum error)words[4]));
        }
        break;
    case NOTICE_IN:
        log_task_info(task, "is back in memory");
        break;
    case NOTICE_SEGMAP:
        break;
    }
}
